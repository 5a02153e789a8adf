//! The reasons for an empty client Certificate message.

use cairn_handshake::RequestMismatch;
use core::fmt;

/// The reason why a client answered CertificateRequest with an empty list (RFC 5246 section 7.4.6).
/// With several credentials, it is the reason for the
/// one that came closest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CertificateWithheld {
    /// The configuration has no credential.
    NoCredential,
    /// The server requests a certificate and there is only a raw public key, or the reverse (RFC 7250).
    CertificateType,
    /// There is only a delegated credential, and the server accepts none (RFC 9345).
    DelegatedCredential,
    /// The delegated credential has expired (RFC 9345).
    DelegationExpired,
    /// The key usage of the certificate does not permit signatures, which CertificateVerify needs.
    KeyCannotSign,
    /// The server does not accept this kind of key (`certificate_types`, RFC 5246 section 7.4.4).
    KeyKind,
    /// The key has none of the server's signature schemes (`supported_signature_algorithms`).
    SignatureSchemes,
    /// None of the server's acceptable authorities issued it (`certificate_authorities`, RFC 5246 section
    /// 7.4.4).
    Authorities,
}

impl From<RequestMismatch> for CertificateWithheld {
    fn from(mismatch: RequestMismatch) -> Self {
        match mismatch {
            RequestMismatch::CertificateType => Self::CertificateType,
            RequestMismatch::DelegatedCredential => Self::DelegatedCredential,
            RequestMismatch::KeyCannotSign => Self::KeyCannotSign,
            RequestMismatch::KeyKind => Self::KeyKind,
            RequestMismatch::SignatureSchemes => Self::SignatureSchemes,
        }
    }
}

impl fmt::Display for CertificateWithheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self {
            Self::NoCredential => {
                return f.write_str("the server requests a client certificate, but none is configured");
            }
            Self::CertificateType => "the server requests a raw public key instead, or the reverse",
            Self::DelegatedCredential => "the server does not accept delegated credentials",
            Self::DelegationExpired => "its delegated credential has expired",
            Self::KeyCannotSign => "its key usage does not permit signatures (digitalSignature)",
            Self::KeyKind => "the server does not accept its kind of key",
            Self::SignatureSchemes => "its key has none of the server's signature schemes",
            Self::Authorities => "none of the server's acceptable authorities issued it",
        };
        write!(f, "the client certificate was not sent: {reason}")
    }
}
