//! The CertificateRequest message.

use super::HandshakeBody;
use crate::bounds::{MAX_8, MAX_16};
use crate::codec::opaque_vector;
use crate::codec::{Decode, Encode};
use crate::codes::{ClientCertificateType, HandshakeType, SignatureScheme};
use crate::error::{DecodeError, EncodeError};
use crate::list::List;
use crate::reader::Reader;
use crate::writer::Writer;

opaque_vector! {
    /// The name of a certificate authority in DER: `opaque DistinguishedName<1..2^16-1>` (RFC 5246 section
    /// 7.4.4).
    pub struct DistinguishedName, vec16, 1, MAX_16, "DistinguishedName"
}

/// The server's request for a client certificate (RFC 5246 section 7.4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateRequest<'a> {
    /// The certificate types that the client may send: `<1..2^8-1>` bytes.
    pub certificate_types: List<'a, ClientCertificateType>,
    /// The signature schemes allowed for the client's certificates and CertificateVerify: `<2..2^16-2>`
    /// bytes, as in the extension `signature_algorithms`. The upper bound `2^16-1` in RFC 5246 section 7.4.4
    /// is a mistake, because two-byte elements cannot fill an odd number of bytes.
    pub supported_signature_algorithms: List<'a, SignatureScheme>,
    /// The certificate authorities that the server accepts: `<0..2^16-1>` bytes; empty for any authority.
    pub certificate_authorities: List<'a, DistinguishedName<'a>>,
}

const CERTIFICATE_TYPES: &str = "CertificateRequest.certificate_types";
const SIGNATURE_ALGORITHMS: &str = "CertificateRequest.supported_signature_algorithms";
const CERTIFICATE_AUTHORITIES: &str = "CertificateRequest.certificate_authorities";

impl<'a> Decode<'a> for CertificateRequest<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            certificate_types: List::decode(&mut r.vec8(1, MAX_8, CERTIFICATE_TYPES)?)?,
            supported_signature_algorithms: List::decode(&mut r.vec16(
                2,
                MAX_16 - 1,
                SIGNATURE_ALGORITHMS,
            )?)?,
            certificate_authorities: List::decode(&mut r.vec16(0, MAX_16, CERTIFICATE_AUTHORITIES)?)?,
        })
    }
}

impl Encode for CertificateRequest<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.vec8(1, MAX_8, CERTIFICATE_TYPES, |w| self.certificate_types.encode(w))?;
        w.vec16(2, MAX_16 - 1, SIGNATURE_ALGORITHMS, |w| self.supported_signature_algorithms.encode(w))?;
        w.vec16(0, MAX_16, CERTIFICATE_AUTHORITIES, |w| self.certificate_authorities.encode(w))
    }
}

impl HandshakeBody for CertificateRequest<'_> {
    const TYPE: HandshakeType = HandshakeType::CERTIFICATE_REQUEST;
}
