//! The errors of issuing.

use crate::{error::CertificateError, name::NameError};
use cairn_crypto::CryptoError;
use core::fmt;
use x509_cert::builder;

/// The reason why a certificate could not be issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IssueError {
    /// The provider could not generate or load a key, or could not sign.
    Crypto(CryptoError),
    /// A DNS name is malformed.
    Name(NameError),
    /// An e-mail address or a URI is malformed, or contains non-ASCII characters.
    Address,
    /// The subject's distinguished name cannot be read.
    Subject,
    /// A certificate request cannot be read.
    Request,
    /// The key of a certificate request cannot be used.
    RequestKey(CertificateError),
    /// A common name is longer than RFC 5280 appendix A.1 permits.
    CommonName,
    /// The signature of a certificate request is not that of its key.
    RequestSignature,
    /// A date is after the year 9999.
    Date,
    /// The issuer's certificate cannot be read, or does not match its private key.
    Issuer,
    /// The issuer's key cannot sign with the requested scheme, or X.509 has no identifier for it.
    Scheme,
    /// The certificate or the response cannot be encoded.
    Encoding,
}

impl fmt::Display for IssueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crypto(error) => error.fmt(f),
            Self::Name(error) => error.fmt(f),
            Self::Address => f.write_str("an e-mail address or a URI is malformed, or not in ASCII"),
            Self::Subject => f.write_str(
                "the subject cannot be read: expected attributes between commas, as in C=DE, O=Example, \
                CN=example.com",
            ),
            Self::Request => f.write_str("the certificate request is malformed"),
            Self::RequestKey(error) => write!(f, "the key of the certificate request is refused: {error}"),
            Self::CommonName => f.write_str(
                "a common name has more than 64 characters, the most that RFC 5280 appendix A.1 permits",
            ),
            Self::RequestSignature => {
                f.write_str("the signature of the certificate request is not that of its key")
            }
            Self::Date => f.write_str("a date is after the year 9999"),
            Self::Issuer => f.write_str("the issuer's certificate and key do not belong together"),
            Self::Scheme => f.write_str("the issuer's key cannot sign a certificate with this scheme"),
            Self::Encoding => f.write_str("the certificate cannot be encoded"),
        }
    }
}

impl core::error::Error for IssueError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Crypto(error) => Some(error),
            Self::Name(error) => Some(error),
            Self::RequestKey(error) => Some(error),
            _ => None,
        }
    }
}

impl From<CryptoError> for IssueError {
    fn from(error: CryptoError) -> Self {
        Self::Crypto(error)
    }
}

impl From<der::Error> for IssueError {
    fn from(_: der::Error) -> Self {
        Self::Encoding
    }
}

impl From<builder::Error> for IssueError {
    fn from(_: builder::Error) -> Self {
        Self::Encoding
    }
}
