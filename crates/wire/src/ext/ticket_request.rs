//! `ticket_request` (RFC 9149 section 3). The client sends two numbers, the server one.

use crate::codec::{Decode, Encode};
use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// The number of tickets that the client wants (RFC 9149 section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientTicketRequest {
    /// For a new session.
    pub new_session_count: u8,
    /// For a session that is resumed with a ticket of this ClientHello.
    pub resumption_count: u8,
}

impl<'a> Decode<'a> for ClientTicketRequest {
    const SIZE: Option<usize> = Some(2);

    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            new_session_count: r.u8("ClientTicketRequest.new_session_count")?,
            resumption_count: r.u8("ClientTicketRequest.resumption_count")?,
        })
    }
}

impl Encode for ClientTicketRequest {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.u8(self.new_session_count)?;
        w.u8(self.resumption_count)
    }
}
