//! Issuing delegated credentials.

use super::{
    error::DelegationError,
    verify::{
        Holder, check_algorithm, check_scheme, check_times, delegating_key, read, signed_content, validity,
    },
};
use crate::{error::CertificateError, raw_key, time::Time};
use alloc::vec::Vec;
use cairn_crypto::{CryptoError, KeyKind, Provider, PublicKey, SigningKey};
use cairn_wire::{DelegatedCredential, Encode, SignatureScheme, Writer};
use core::fmt;

/// A delegated credential to issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    holder: Holder,
    public_key: PublicKey,
    scheme: SignatureScheme,
    valid_until: u64,
}

impl Delegation {
    /// A credential for this key, which signs with the first of its schemes that is allowed. `valid_until` is
    /// the last second of its validity, since 1970. Peers whose clocks are wrong may reject a credential near
    /// its end (RFC 9345 section 5.1).
    ///
    /// # Errors
    /// [`DelegationError::BadPublicKey`] if no scheme of the key is allowed, as for keys of the kind
    /// [`KeyKind::Rsa`].
    pub fn for_key(holder: Holder, key: &dyn SigningKey, valid_until: u64) -> Result<Self, DelegationError> {
        let public_key = key.public_key().clone();
        let fits =
            |scheme: &SignatureScheme| KeyKind::for_delegated_credential(*scheme) == Some(public_key.kind);
        let scheme = key.schemes().iter().copied().find(fits).ok_or(DelegationError::BadPublicKey)?;
        Ok(Self { holder, public_key, scheme, valid_until })
    }

    /// Sets `dc_cert_verify_algorithm`, the scheme of CertificateVerify.
    #[must_use]
    pub const fn scheme(mut self, scheme: SignatureScheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// Issues the credential: signs it with `key`, which belongs to the end-entity certificate, at the time
    /// `now` in seconds since 1970. Returns the encoded `DelegatedCredential`. Only the random source of
    /// `provider` is used.
    ///
    /// # Errors
    /// [`DelegateError`], also if peers would not accept the credential.
    pub fn issue(
        &self,
        certificate: &[u8],
        key: &dyn SigningKey,
        provider: &Provider,
        now: u64,
    ) -> Result<Vec<u8>, DelegateError> {
        let read = read(certificate)?;
        let (not_before, not_after) = validity(&read)?;
        let delegating = delegating_key(&read)?;
        if delegating.public != *key.public_key() {
            return Err(DelegateError::KeyMismatch);
        }
        // RFC 9345 section 3: "Peers MUST NOT issue credentials with a validity period longer than the
        // maximum validity period or that extends beyond the validity period of the delegation
        // certificate."
        check_times(self.valid_until, now)?;
        if self.valid_until > not_after {
            return Err(DelegateError::BeyondCertificate { not_after });
        }
        if not_before == 0 {
            return Err(DelegationError::BadNotBefore.into());
        }
        let valid_time = self.valid_until.checked_sub(not_before).and_then(|time| u32::try_from(time).ok());
        let spki = raw_key::encode(&self.public_key).ok_or(DelegateError::Encoding)?;
        check_scheme(self.scheme, &spki, &self.public_key)?;
        let is_allowed = |scheme: &SignatureScheme| check_algorithm(*scheme, delegating).is_ok();
        let algorithm = key.schemes().iter().copied().find(is_allowed);
        let algorithm = algorithm.ok_or(CryptoError::Unsupported)?;
        let unsigned = DelegatedCredential {
            valid_time: valid_time.ok_or(DelegateError::Encoding)?,
            dc_cert_verify_algorithm: self.scheme,
            asn1_subject_public_key_info: &spki,
            algorithm,
            signature: &[],
        };
        let content = signed_content(&unsigned, certificate, self.holder).ok_or(DelegateError::Encoding)?;
        let signature = key.sign(algorithm, &content, &mut provider.rng())?;
        let mut issued = Vec::new();
        let signed = DelegatedCredential { signature: &signature, ..unsigned };
        signed.encode(&mut Writer::vec(&mut issued)).map_err(|_| DelegateError::Encoding)?;
        Ok(issued)
    }
}

/// The reason why a delegated credential could not be issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DelegateError {
    /// The certificate cannot be read, or TLS cannot use its key.
    Certificate(CertificateError),
    /// Peers would not accept the credential.
    Invalid(DelegationError),
    /// The certificate holds another public key than that of the signer.
    KeyMismatch,
    /// The credential would be valid for longer than the certificate (RFC 9345 section 3).
    BeyondCertificate {
        /// The last second of the certificate's validity, since 1970.
        not_after: u64,
    },
    /// The expiry is too far from the `notBefore` of the certificate, or the public key is too long, to be
    /// encoded.
    Encoding,
    /// The signer failed.
    Crypto(CryptoError),
}

impl fmt::Display for DelegateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate(error) => error.fmt(f),
            Self::Invalid(error) => error.fmt(f),
            Self::KeyMismatch => f.write_str("the private key does not belong to the certificate"),
            Self::BeyondCertificate { not_after } => {
                write!(f, "the certificate expires before the delegated credential, at {}", Time(*not_after))
            }
            Self::Encoding => f.write_str("the delegated credential cannot be encoded"),
            Self::Crypto(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for DelegateError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Certificate(error) => Some(error),
            Self::Invalid(error) => Some(error),
            Self::Crypto(error) => Some(error),
            _ => None,
        }
    }
}

impl From<CertificateError> for DelegateError {
    fn from(error: CertificateError) -> Self {
        Self::Certificate(error)
    }
}

impl From<DelegationError> for DelegateError {
    fn from(error: DelegationError) -> Self {
        Self::Invalid(error)
    }
}

impl From<CryptoError> for DelegateError {
    fn from(error: CryptoError) -> Self {
        Self::Crypto(error)
    }
}
