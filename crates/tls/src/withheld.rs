//! Why a client answered a request for its certificate without one.

use cairn_handshake::RequestMismatch;
use core::fmt;

/// Why a client with no certificate to show answered a CertificateRequest with an empty list (RFC 5246 section 7.4.6):
/// what [`crate::Reader::certificate_withheld`] tells. Where there are several credentials it is the reason for the
/// one that came closest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CertificateWithheld {
    /// The configuration has no credential.
    NoCredential,
    /// The server asks for a certificate and there is only a raw public key, or the reverse (RFC 7250).
    CertificateType,
    /// The key usage of the certificate does not allow signatures, which would prove that the key is ours.
    KeyCannotSign,
    /// The server does not take keys of this kind (`certificate_types`, RFC 5246 section 7.4.4).
    KeyKind,
    /// The key signs with none of the schemes that the server takes (`supported_signature_algorithms`).
    SignatureSchemes,
    /// None of the authorities that the server names issued it (`certificate_authorities`, RFC 5246 section 7.4.4).
    Authorities,
}

impl From<RequestMismatch> for CertificateWithheld {
    fn from(mismatch: RequestMismatch) -> Self {
        match mismatch {
            RequestMismatch::CertificateType => Self::CertificateType,
            RequestMismatch::KeyCannotSign => Self::KeyCannotSign,
            RequestMismatch::KeyKind => Self::KeyKind,
            RequestMismatch::SignatureSchemes => Self::SignatureSchemes,
        }
    }
}

impl fmt::Display for CertificateWithheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCredential => "the server asks for a client certificate, and none is configured",
            Self::CertificateType => {
                "the client certificate was not sent: the server asks for a raw public key in its place, or the reverse"
            }
            Self::KeyCannotSign => {
                "the client certificate was not sent: its key usage does not allow signatures (digitalSignature)"
            }
            Self::KeyKind => "the client certificate was not sent: the server does not take keys of its kind",
            Self::SignatureSchemes => {
                "the client certificate was not sent: its key signs with none of the server's signature schemes"
            }
            Self::Authorities => {
                "the client certificate was not sent: none of the authorities that the server names issued it"
            }
        })
    }
}
