//! Whether a private key and a certificate belong together.

use crate::{CertificateError, CertificateFacts};
use cairn_crypto::SigningKey;
use core::fmt;

/// Why a private key and a certificate cannot be used together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialError {
    /// The certificate cannot be read, or its key is not one of TLS.
    BadCertificate(CertificateError),
    /// The certificate holds another public key than that of the private key.
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

/// Checks that `key` is the private half of the key in `certificate` (DER), and returns what the certificate says.
///
/// # Errors
/// A [`CredentialError`] when they do not belong together, or the certificate cannot be used at all.
pub fn check_key(certificate: &[u8], key: &dyn SigningKey) -> Result<CertificateFacts, CredentialError> {
    let facts = CertificateFacts::from_der(certificate).map_err(CredentialError::BadCertificate)?;
    match &facts.public_key {
        Some(public) if public == key.public_key() => Ok(facts),
        Some(_) => Err(CredentialError::KeyMismatch),
        None => Err(CredentialError::BadCertificate(CertificateError::UnsupportedAlgorithm)),
    }
}
