//! The Certificate message of TLS 1.3.

use crate::bounds::{MAX_8, MAX_24};
use crate::codec::{Decode, Encode};
use crate::codes::HandshakeType;
use crate::error::{DecodeError, EncodeError};
use crate::ext::{CertificateEntryExtension, Extensions};
use crate::handshake::HandshakeBody;
use crate::list::List;
use crate::reader::Reader;
use crate::writer::Writer;

/// A certificate and its extensions (RFC 9846 section 4.5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateEntry<'a> {
    /// The certificate in DER or, if the type RawPublicKey was negotiated, an `ASN1_subjectPublicKeyInfo`:
    /// `<1..2^24-1>` bytes.
    pub cert_data: &'a [u8],
    /// The extensions of this certificate.
    pub extensions: Extensions<'a, CertificateEntryExtension<'a>>,
}

const CERT_DATA: &str = "CertificateEntry.cert_data";

impl<'a> Decode<'a> for CertificateEntry<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self { cert_data: r.vec24(1, MAX_24, CERT_DATA)?.rest(), extensions: Extensions::decode(r)? })
    }
}

impl Encode for CertificateEntry<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.vec24(1, MAX_24, CERT_DATA, |w| w.bytes(self.cert_data))?;
        self.extensions.encode(w)
    }
}

/// A certificate chain, starting with the sender's certificate (RFC 9846 section 4.5.1).
///
/// A client without a suitable certificate sends an empty list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tls13Certificate<'a> {
    /// The context of the CertificateRequest that this message answers: `<0..2^8-1>` bytes; empty for a
    /// server's certificate.
    pub certificate_request_context: &'a [u8],
    /// The certificates: `<0..2^24-1>` bytes.
    pub certificate_list: List<'a, CertificateEntry<'a>>,
}

const CONTEXT: &str = "Certificate.certificate_request_context";
const LIST: &str = "Certificate.certificate_list";

impl<'a> Decode<'a> for Tls13Certificate<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            certificate_request_context: r.vec8(0, MAX_8, CONTEXT)?.rest(),
            certificate_list: List::decode(&mut r.vec24(0, MAX_24, LIST)?)?,
        })
    }
}

impl Encode for Tls13Certificate<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.vec8(0, MAX_8, CONTEXT, |w| w.bytes(self.certificate_request_context))?;
        w.vec24(0, MAX_24, LIST, |w| self.certificate_list.encode(w))
    }
}

impl HandshakeBody for Tls13Certificate<'_> {
    const TYPE: HandshakeType = HandshakeType::CERTIFICATE;
}
