//! The record header.

use crate::codec::{Decode, Encode};
use crate::codes::{ContentType, ProtocolVersion};
use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// The header of a record: the fields of `TLSPlaintext`, `TLSCompressed` and `TLSCiphertext` that precede the
/// fragment (RFC 5246 section 6.2).
///
/// Any content type, version and length decodes. The record layer checks which are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeader {
    /// The content type of the fragment.
    pub content_type: ContentType,
    /// The protocol version in the header.
    pub version: ProtocolVersion,
    /// The length of the fragment that follows, in bytes.
    pub length: u16,
}

impl RecordHeader {
    /// The size of the header, in bytes.
    pub const LEN: usize = 5;
}

impl<'a> Decode<'a> for RecordHeader {
    const SIZE: Option<usize> = Some(Self::LEN);

    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            content_type: ContentType(r.u8("TLSPlaintext.type")?),
            version: ProtocolVersion(r.u16("TLSPlaintext.version")?),
            length: r.u16("TLSPlaintext.length")?,
        })
    }
}

impl Encode for RecordHeader {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.content_type.encode(w)?;
        self.version.encode(w)?;
        w.u16(self.length)
    }
}
