//! Extensions without content.

use crate::codec::{Decode, Encode};
use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// The content of an extension whose presence says everything: `struct {} Empty` (RFC 9846 section 4.3.10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Empty;

impl<'a> Decode<'a> for Empty {
    const SIZE: Option<usize> = Some(0);

    fn decode(_: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl Encode for Empty {
    fn encode(&self, _: &mut Writer<'_>) -> Result<(), EncodeError> {
        Ok(())
    }
}
