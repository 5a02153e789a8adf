//! The messages with an empty body: HelloRequest, ServerHelloDone and EndOfEarlyData.

use super::HandshakeBody;
use crate::codec::{Decode, Encode};
use crate::codes::HandshakeType;
use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// The server's request that the client start a handshake (RFC 5246 section 7.4.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HelloRequest;

/// The end of the ServerHello and associated messages (RFC 5246 section 7.4.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerHelloDone;

/// The end of the client's early data in TLS 1.3 (RFC 9846 section 4.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndOfEarlyData;

macro_rules! empty_message {
    ($type:ident, $code:ident) => {
        impl<'a> Decode<'a> for $type {
            const SIZE: Option<usize> = Some(0);

            fn decode(_: &mut Reader<'a>) -> Result<Self, DecodeError> {
                Ok(Self)
            }
        }

        impl Encode for $type {
            fn encode(&self, _: &mut Writer<'_>) -> Result<(), EncodeError> {
                Ok(())
            }
        }

        impl HandshakeBody for $type {
            const TYPE: HandshakeType = HandshakeType::$code;
        }
    };
}

empty_message!(HelloRequest, HELLO_REQUEST);
empty_message!(ServerHelloDone, SERVER_HELLO_DONE);
empty_message!(EndOfEarlyData, END_OF_EARLY_DATA);
