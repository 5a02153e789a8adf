//! Trusted raw public keys (RFC 7250).

use crate::error::ConfigError;
use alloc::{string::ToString, vec::Vec};
use cairn_handshake::PeerKey;
use cairn_wire::CertificateType;
use cairn_x509::{CertificateError, ServerName, pem, raw_key};

/// The `SubjectPublicKeyInfo`s that a peer may present, in DER.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawKeys {
    trusted: Vec<RawKey>,
}

#[derive(Clone, Debug)]
struct RawKey {
    spki: Vec<u8>,
    /// The only peer that the key is trusted for; `None` for any peer.
    name: Option<ServerName>,
}

impl RawKeys {
    pub(crate) fn add(&mut self, spki: &[u8], name: Option<&ServerName>) -> Result<(), ConfigError> {
        raw_key::decode(spki).map_err(ConfigError::Certificate)?;
        self.trusted.push(RawKey { spki: spki.to_vec(), name: name.cloned() });
        Ok(())
    }

    pub(crate) fn add_pem(&mut self, file: &[u8], name: Option<&ServerName>) -> Result<(), ConfigError> {
        pem::public_keys(file)?.iter().try_for_each(|spki| self.add(spki, name))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.trusted.is_empty()
    }

    /// The trusted keys with their peers, sorted, so that the order of insertion does not matter.
    pub(crate) fn sorted(&self) -> Vec<Vec<u8>> {
        let encoded = |key: &RawKey| {
            let name = key.name.as_ref().map(ToString::to_string).unwrap_or_default();
            // A `SubjectPublicKeyInfo` has a length, so the name after it is unambiguous.
            [key.spki.as_slice(), name.as_bytes()].concat()
        };
        let mut keys: Vec<_> = self.trusted.iter().map(encoded).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The peer's key, if it is trusted for `peer`. DER has a unique encoding of each key, so the bytes are
    /// compared; they are public.
    pub(crate) fn check(&self, spki: &[u8], peer: Option<&ServerName>) -> Result<PeerKey, CertificateError> {
        let is_trusted = |trusted: &RawKey| {
            trusted.spki == spki && (trusted.name.is_none() || trusted.name.as_ref() == peer)
        };
        if !self.trusted.iter().any(is_trusted) {
            return Err(CertificateError::UnknownKey);
        }
        unchecked(spki)
    }
}

/// The peer's key, without a check. It may be used for everything that its kind permits.
pub(crate) fn unchecked(spki: &[u8]) -> Result<PeerKey, CertificateError> {
    let (public_key, only_scheme) = raw_key::decode_restricted(spki)?;
    Ok(PeerKey { public_key, may_sign: true, may_encrypt: true, only_scheme })
}

/// The certificate types to accept from a peer. Raw public keys come first: a caller that lists some prefers
/// them.
pub(crate) fn types(raw: bool, x509: bool) -> Vec<CertificateType> {
    let raw = raw.then_some(CertificateType::RAW_PUBLIC_KEY);
    let x509 = (x509 || raw.is_none()).then_some(CertificateType::X509);
    raw.into_iter().chain(x509).collect()
}
