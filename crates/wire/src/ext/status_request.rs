//! `status_request` (RFC 6066 section 8).

use crate::bounds::MAX_16;
use crate::codec::opaque_vector;
use crate::codec::{Decode, Encode};
use crate::codes::CertificateStatusType;
use crate::error::{DecodeError, EncodeError};
use crate::list::List;
use crate::reader::Reader;
use crate::writer::Writer;

opaque_vector! {
    /// An OCSP responder that the client trusts, in DER: `opaque ResponderID<1..2^16-1>` (RFC 6066 section
    /// 8).
    pub struct ResponderId, vec16, 1, MAX_16, "ResponderID"
}

/// The type of certificate status that the client requests (RFC 6066 section 8).
///
/// Decoding a type other than `ocsp` consumes the whole reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateStatusRequest<'a> {
    /// An OCSP response.
    Ocsp(OcspStatusRequest<'a>),
    /// Another type.
    Unknown {
        /// The type.
        status_type: CertificateStatusType,
        /// All bytes that follow the type.
        request: &'a [u8],
    },
}

impl CertificateStatusRequest<'_> {
    /// A request for an OCSP response from any responder, without extensions. Most clients send this.
    pub const OCSP: Self =
        Self::Ocsp(OcspStatusRequest { responder_id_list: List::from_items(&[]), request_extensions: &[] });

    /// The type of status.
    #[must_use]
    pub const fn status_type(&self) -> CertificateStatusType {
        match self {
            Self::Ocsp(_) => CertificateStatusType::OCSP,
            Self::Unknown { status_type, .. } => *status_type,
        }
    }
}

impl<'a> Decode<'a> for CertificateStatusRequest<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(match CertificateStatusType(r.u8("CertificateStatusRequest.status_type")?) {
            CertificateStatusType::OCSP => Self::Ocsp(OcspStatusRequest::decode(r)?),
            status_type => Self::Unknown { status_type, request: r.rest() },
        })
    }
}

impl Encode for CertificateStatusRequest<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.status_type().encode(w)?;
        match self {
            Self::Ocsp(request) => request.encode(w),
            Self::Unknown { request, .. } => w.bytes(request),
        }
    }
}

/// The parameters of a request for an OCSP response (RFC 6066 section 8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OcspStatusRequest<'a> {
    /// The responders that the client trusts: `<0..2^16-1>` bytes; empty if the server knows them.
    pub responder_id_list: List<'a, ResponderId<'a>>,
    /// OCSP request extensions in DER: `<0..2^16-1>` bytes; empty for none.
    pub request_extensions: &'a [u8],
}

const RESPONDERS: &str = "OCSPStatusRequest.responder_id_list";
const EXTENSIONS: &str = "OCSPStatusRequest.request_extensions";

impl<'a> Decode<'a> for OcspStatusRequest<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            responder_id_list: List::decode(&mut r.vec16(0, MAX_16, RESPONDERS)?)?,
            request_extensions: r.vec16(0, MAX_16, EXTENSIONS)?.rest(),
        })
    }
}

impl Encode for OcspStatusRequest<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.vec16(0, MAX_16, RESPONDERS, |w| self.responder_id_list.encode(w))?;
        w.vec16(0, MAX_16, EXTENSIONS, |w| w.bytes(self.request_extensions))
    }
}
