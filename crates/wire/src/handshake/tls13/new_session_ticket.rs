//! The NewSessionTicket message of TLS 1.3.

use crate::bounds::{MAX_8, MAX_16};
use crate::codec::{Decode, Encode};
use crate::codes::HandshakeType;
use crate::error::{DecodeError, EncodeError};
use crate::ext::{Extensions, NewSessionTicketExtension};
use crate::handshake::HandshakeBody;
use crate::reader::Reader;
use crate::writer::Writer;

/// A ticket with which the client can resume the session (RFC 9846 section 4.7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tls13NewSessionTicket<'a> {
    /// The time for which the client may use the ticket, in seconds; 0 to discard it immediately. More than
    /// 604,800 (7 days) is illegal but decodes.
    pub ticket_lifetime: u32,
    /// The number that the client adds to the age of the ticket to obscure it, in milliseconds modulo 2^32.
    pub ticket_age_add: u32,
    /// A value that differs for each ticket of the connection: `<0..255>` bytes.
    pub ticket_nonce: &'a [u8],
    /// The ticket: `<1..2^16-1>` bytes.
    pub ticket: &'a [u8],
    /// The extensions.
    pub extensions: Extensions<'a, NewSessionTicketExtension<'a>>,
}

const NONCE: &str = "NewSessionTicket.ticket_nonce";
const TICKET: &str = "NewSessionTicket.ticket";

impl<'a> Tls13NewSessionTicket<'a> {
    /// Decodes the message and passes each extension to `each`, as [`Extensions::decode_each`].
    ///
    /// # Errors
    ///
    /// As [`Decode::decode`].
    pub fn decode_each(
        r: &mut Reader<'a>,
        each: impl FnMut(NewSessionTicketExtension<'a>),
    ) -> Result<Self, DecodeError> {
        Ok(Self {
            ticket_lifetime: r.u32("NewSessionTicket.ticket_lifetime")?,
            ticket_age_add: r.u32("NewSessionTicket.ticket_age_add")?,
            ticket_nonce: r.vec8(0, MAX_8, NONCE)?.rest(),
            ticket: r.vec16(1, MAX_16, TICKET)?.rest(),
            extensions: Extensions::decode_each(r, each)?,
        })
    }
}

impl<'a> Decode<'a> for Tls13NewSessionTicket<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Self::decode_each(r, drop)
    }
}

impl Encode for Tls13NewSessionTicket<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.u32(self.ticket_lifetime)?;
        w.u32(self.ticket_age_add)?;
        w.vec8(0, MAX_8, NONCE, |w| w.bytes(self.ticket_nonce))?;
        w.vec16(1, MAX_16, TICKET, |w| w.bytes(self.ticket))?;
        self.extensions.encode(w)
    }
}

impl HandshakeBody for Tls13NewSessionTicket<'_> {
    const TYPE: HandshakeType = HandshakeType::NEW_SESSION_TICKET;
}
