//! The KeyUpdate message.

use crate::codec::{Decode, Encode};
use crate::codes::HandshakeType;
use crate::error::{DecodeError, DecodeErrorKind, EncodeError};
use crate::handshake::HandshakeBody;
use crate::reader::Reader;
use crate::writer::Writer;

/// Whether the receiver of a KeyUpdate answers with its own (RFC 9846 section 4.7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUpdateRequest {
    /// `update_not_requested` (0).
    UpdateNotRequested,
    /// `update_requested` (1).
    UpdateRequested,
}

const REQUEST: &str = "KeyUpdate.request_update";

impl<'a> Decode<'a> for KeyUpdateRequest {
    const SIZE: Option<usize> = Some(1);

    /// "If an implementation receives any other value, it MUST terminate the connection with an
    /// "illegal_parameter" alert" (RFC 9846 section 4.7.3).
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let place = r.clone();
        match r.u8(REQUEST)? {
            0 => Ok(Self::UpdateNotRequested),
            1 => Ok(Self::UpdateRequested),
            value => Err(place.error(DecodeErrorKind::IllegalValue { value: value.into() }, REQUEST)),
        }
    }
}

impl Encode for KeyUpdateRequest {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.u8(match self {
            Self::UpdateNotRequested => 0,
            Self::UpdateRequested => 1,
        })
    }
}

/// The sender's change to its next keys (RFC 9846 section 4.7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUpdate {
    /// Whether the receiver answers with its own KeyUpdate.
    pub request_update: KeyUpdateRequest,
}

impl<'a> Decode<'a> for KeyUpdate {
    const SIZE: Option<usize> = Some(1);

    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self { request_update: Decode::decode(r)? })
    }
}

impl Encode for KeyUpdate {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.request_update.encode(w)
    }
}

impl HandshakeBody for KeyUpdate {
    const TYPE: HandshakeType = HandshakeType::KEY_UPDATE;
}
