//! The NewSessionTicket message.

use super::HandshakeBody;
use crate::bounds::MAX_16;
use crate::codec::{Decode, Encode};
use crate::codes::HandshakeType;
use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// A ticket with which the client can resume the session (RFC 5077 section 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewSessionTicket<'a> {
    /// The time for which the server expects to accept the ticket, in seconds; 0 means unspecified.
    pub ticket_lifetime_hint: u32,
    /// The ticket: `<0..2^16-1>` bytes. Empty if the server decided not to issue one.
    pub ticket: &'a [u8],
}

impl<'a> Decode<'a> for NewSessionTicket<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            ticket_lifetime_hint: r.u32("NewSessionTicket.ticket_lifetime_hint")?,
            ticket: r.vec16(0, MAX_16, "NewSessionTicket.ticket")?.rest(),
        })
    }
}

impl Encode for NewSessionTicket<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.u32(self.ticket_lifetime_hint)?;
        w.vec16(0, MAX_16, "NewSessionTicket.ticket", |w| w.bytes(self.ticket))
    }
}

impl HandshakeBody for NewSessionTicket<'_> {
    const TYPE: HandshakeType = HandshakeType::NEW_SESSION_TICKET;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetime_has_four_bytes_and_ticket_any_length() {
        let ticket = [7; 0xffff];
        for length in [0, 1, 0xffff] {
            let message = NewSessionTicket { ticket_lifetime_hint: 0x0102_0304, ticket: &ticket[..length] };
            let bytes = message.to_vec().unwrap();
            let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
            assert_eq!(bytes, [&[1, 2, 3, 4, high, low], &ticket[..length]].concat());
            assert_eq!(NewSessionTicket::decode_exact(&bytes), Ok(message));
        }
        let long = NewSessionTicket { ticket_lifetime_hint: 0, ticket: &[7; 0x1_0000] };
        assert!(long.to_vec().is_err());
    }
}
