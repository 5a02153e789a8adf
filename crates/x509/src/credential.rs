//! Checks that a private key belongs to a certificate.

use crate::{error::CertificateError, facts::CertificateFacts};
use cairn_crypto::SigningKey;
use core::fmt;

/// A private key and a certificate that cannot be used together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialError {
    /// The certificate cannot be read, or TLS cannot use its key.
    BadCertificate(CertificateError),
    /// The certificate holds another public key.
    KeyMismatch,
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadCertificate(error) => error.fmt(f),
            Self::KeyMismatch => f.write_str("the private key does not belong to the certificate"),
        }
    }
}

impl core::error::Error for CredentialError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::BadCertificate(error) => Some(error),
            Self::KeyMismatch => None,
        }
    }
}

/// Checks that `key` is the private half of the key in `certificate` (DER), and returns the facts of the
/// certificate.
///
/// # Errors
/// A [`CredentialError`] if they do not belong together or the certificate cannot be used.
pub fn check_key(certificate: &[u8], key: &dyn SigningKey) -> Result<CertificateFacts, CredentialError> {
    let facts = CertificateFacts::from_der(certificate).map_err(CredentialError::BadCertificate)?;
    match &facts.public_key {
        Some(public) if public == key.public_key() => Ok(facts),
        Some(_) => Err(CredentialError::KeyMismatch),
        None => Err(CredentialError::BadCertificate(CertificateError::UnsupportedAlgorithm)),
    }
}
