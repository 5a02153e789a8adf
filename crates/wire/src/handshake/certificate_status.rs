//! The CertificateStatus message.

use super::HandshakeBody;
use crate::bounds::MAX_24;
use crate::codec::{Decode, Encode};
use crate::codes::{CertificateStatusType, HandshakeType};
use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// The status of the server's certificate (RFC 6066 section 8).
///
/// Decoding a type other than `ocsp` consumes the whole reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateStatus<'a> {
    /// The type of the status.
    pub status_type: CertificateStatusType,
    /// For `ocsp` the content of `opaque OCSPResponse<1..2^24-1>` in DER; for other types all bytes that
    /// follow the type.
    pub response: &'a [u8],
}

const RESPONSE: &str = "CertificateStatus.response";

impl<'a> Decode<'a> for CertificateStatus<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let status_type = CertificateStatusType(r.u8("CertificateStatus.status_type")?);
        let response = match status_type {
            CertificateStatusType::OCSP => r.vec24(1, MAX_24, RESPONSE)?.rest(),
            _ => r.rest(),
        };
        Ok(Self { status_type, response })
    }
}

impl Encode for CertificateStatus<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.status_type.encode(w)?;
        match self.status_type {
            CertificateStatusType::OCSP => w.vec24(1, MAX_24, RESPONSE, |w| w.bytes(self.response)),
            _ => w.bytes(self.response),
        }
    }
}

impl HandshakeBody for CertificateStatus<'_> {
    const TYPE: HandshakeType = HandshakeType::CERTIFICATE_STATUS;
}
