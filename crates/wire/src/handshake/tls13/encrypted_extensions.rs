//! The EncryptedExtensions message.

use crate::codec::{Decode, Encode};
use crate::codes::HandshakeType;
use crate::error::{DecodeError, EncodeError};
use crate::ext::{EncryptedExtension, Extensions};
use crate::handshake::HandshakeBody;
use crate::reader::Reader;
use crate::writer::Writer;

/// The server's answers to the extensions of the ClientHello that the key exchange does not need (RFC 9846
/// section 4.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EncryptedExtensions<'a> {
    /// The extensions.
    pub extensions: Extensions<'a, EncryptedExtension<'a>>,
}

impl<'a> EncryptedExtensions<'a> {
    /// Decodes the message and passes each extension to `each`, as [`Extensions::decode_each`].
    ///
    /// # Errors
    ///
    /// As [`Decode::decode`].
    pub fn decode_each(
        r: &mut Reader<'a>,
        each: impl FnMut(EncryptedExtension<'a>),
    ) -> Result<Self, DecodeError> {
        Ok(Self { extensions: Extensions::decode_each(r, each)? })
    }
}

impl<'a> Decode<'a> for EncryptedExtensions<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Self::decode_each(r, drop)
    }
}

impl Encode for EncryptedExtensions<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.extensions.encode(w)
    }
}

impl HandshakeBody for EncryptedExtensions<'_> {
    const TYPE: HandshakeType = HandshakeType::ENCRYPTED_EXTENSIONS;
}
