//! The Certificate message.

use super::HandshakeBody;
use crate::bounds::MAX_24;
use crate::codec::opaque_vector;
use crate::codec::{Decode, Encode};
use crate::codes::HandshakeType;
use crate::error::{DecodeError, EncodeError};
use crate::list::List;
use crate::reader::Reader;
use crate::writer::Writer;

opaque_vector! {
    /// A certificate in DER: `opaque ASN.1Cert<1..2^24-1>` (RFC 5246 section 7.4.2).
    pub struct Asn1Cert, vec24, 1, MAX_24, "ASN.1Cert"
}

/// A certificate chain, starting with the sender's certificate (RFC 5246 section 7.4.2).
///
/// A client without a suitable certificate sends an empty list (RFC 5246 section 7.4.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Certificate<'a> {
    /// The certificates: `<0..2^24-1>` bytes.
    pub certificate_list: List<'a, Asn1Cert<'a>>,
}

impl<'a> Decode<'a> for Certificate<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut list = r.vec24(0, MAX_24, "Certificate.certificate_list")?;
        Ok(Self { certificate_list: List::decode(&mut list)? })
    }
}

impl Encode for Certificate<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.vec24(0, MAX_24, "Certificate.certificate_list", |w| self.certificate_list.encode(w))
    }
}

impl HandshakeBody for Certificate<'_> {
    const TYPE: HandshakeType = HandshakeType::CERTIFICATE;
}
