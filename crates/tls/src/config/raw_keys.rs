//! Raw public keys that are trusted (RFC 7250).

use crate::ConfigError;
use alloc::vec::Vec;
use cairn_handshake::PeerKey;
use cairn_wire::CertificateType;
use cairn_x509::{CertificateError, pem, raw_key};

/// The `SubjectPublicKeyInfo`s that a peer may show, in DER.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawKeys {
    trusted: Vec<Vec<u8>>,
}

impl RawKeys {
    pub(crate) fn add(&mut self, spki: &[u8]) -> Result<(), ConfigError> {
        raw_key::decode(spki).map_err(ConfigError::Certificate)?;
        self.trusted.push(spki.to_vec());
        Ok(())
    }

    pub(crate) fn add_pem(&mut self, file: &[u8]) -> Result<(), ConfigError> {
        pem::public_keys(file)?.iter().try_for_each(|spki| self.add(spki))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.trusted.is_empty()
    }

    /// What is trusted, in an order of its own.
    pub(crate) fn sorted(&self) -> Vec<&[u8]> {
        let mut keys: Vec<_> = self.trusted.iter().map(Vec::as_slice).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The key that a peer shows, if it is one of these. DER has one form for each key, so the bytes are compared; they are
    /// public.
    pub(crate) fn check(&self, spki: &[u8]) -> Result<PeerKey, CertificateError> {
        if !self.trusted.iter().any(|trusted| trusted == spki) {
            return Err(CertificateError::UnknownKey);
        }
        unchecked(spki)
    }
}

/// The key that a peer shows, whoever it is. It may do all that its kind can: nothing else is said of it.
pub(crate) fn unchecked(spki: &[u8]) -> Result<PeerKey, CertificateError> {
    Ok(PeerKey { public_key: raw_key::decode(spki)?, may_sign: true, may_encrypt: true })
}

/// What to take from a peer: raw public keys first, for who names some means them.
pub(crate) fn types(raw: bool, x509: bool) -> Vec<CertificateType> {
    let raw = raw.then_some(CertificateType::RAW_PUBLIC_KEY);
    let x509 = (x509 || raw.is_none()).then_some(CertificateType::X509);
    raw.into_iter().chain(x509).collect()
}
