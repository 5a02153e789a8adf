//! The tickets that a client receives (RFC 9846 section 4.7.1).

use super::negotiated::Tls13Negotiated;
use crate::{
    error::HandshakeErrorKind,
    negotiated::Negotiated,
    quic::{MAX_EARLY_DATA, Quic},
    raw_message::{self, RawMessage},
    session::{QuicSession, Session, SessionState, Tls13Reference, Tls13Session},
    time::UnixTime,
};
use alloc::vec::Vec;
use cairn_schedule::tls13::{ResumptionSecret, Tls13Suite};
use cairn_wire::{ExtensionMessage, NewSessionTicketExtension, Tls13NewSessionTicket};
use core::time::Duration;

/// The data with which a client makes sessions of the server's tickets. Every idle connection of a client
/// that resumes sessions holds it.
pub(crate) struct ClientTickets {
    resumption: ResumptionSecret,
    suite: &'static Tls13Suite,
    negotiated: Negotiated,
    psk_identity: Option<Vec<u8>>,
    quic: Option<QuicSession>,
    /// The number of tickets that are still accepted.
    left: u8,
}

impl ClientTickets {
    pub(crate) fn new(
        resumption: ResumptionSecret,
        negotiated: &Tls13Negotiated,
        quic: Option<&Quic>,
        max_tickets: u8,
    ) -> Self {
        Self {
            quic: quic.map(Quic::client_session),
            resumption,
            suite: negotiated.suite,
            negotiated: negotiated.common.for_sessions(),
            psk_identity: negotiated.psk_identity.clone(),
            left: max_tickets,
        }
    }

    /// The session of a ticket. `None` if the ticket must be discarded, or if the client has enough of them.
    pub(crate) fn session(
        &mut self,
        ticket: &NewTicket<'_>,
        now: UnixTime,
    ) -> Result<Option<Session>, HandshakeErrorKind> {
        // "The value of zero indicates that the ticket should be discarded immediately."
        if self.left == 0 || ticket.message.ticket_lifetime == 0 {
            return Ok(None);
        }
        self.left = self.left.saturating_sub(1);
        // "Clients MUST NOT use tickets for longer than 7 days after issuance, regardless of the
        // ticket_lifetime".
        let lifetime = ticket.message.ticket_lifetime.min(Tls13Session::MAX_LIFETIME);
        let psk = self.resumption.psk(ticket.message.ticket_nonce)?.into_secret();
        let state = SessionState::Tls13(Tls13Session {
            reference: Tls13Reference::Ticket(ticket.message.ticket.to_vec()),
            suite: self.suite,
            psk,
            issued_at: now,
            expires: now.saturating_add(Duration::from_secs(lifetime.into())),
            age_add: ticket.message.ticket_age_add,
            max_early_data: ticket.max_early_data.unwrap_or(0),
            quic: self.quic.clone(),
        });
        Ok(Some(self.negotiated.session(self.psk_identity.clone(), state)))
    }
}

/// A NewSessionTicket with the extension that is known.
pub(crate) struct NewTicket<'a> {
    message: Tls13NewSessionTicket<'a>,
    /// max_early_data_size.
    max_early_data: Option<u32>,
}

impl NewTicket<'_> {
    /// RFC 9001 section 4.6.1: "A client MUST treat receipt of a NewSessionTicket that contains an early_data
    /// extension with any other value as a connection error of type PROTOCOL_VIOLATION."
    pub(crate) const fn check_quic(&self) -> Result<(), HandshakeErrorKind> {
        match self.max_early_data {
            None | Some(MAX_EARLY_DATA) => Ok(()),
            Some(size) => Err(HandshakeErrorKind::EarlyDataSizeInQuic(size)),
        }
    }
}

/// Reads NewSessionTicket. RFC 9846 section 4.7.1: "Clients which receive a NewSessionTicket message but do
/// not support resumption MUST silently ignore this message."
pub(crate) fn read(message: RawMessage<'_>) -> Result<NewTicket<'_>, HandshakeErrorKind> {
    let (mut max_early_data, mut fault) = (None, None);
    let message = raw_message::read_with(message, |reader| {
        Tls13NewSessionTicket::decode_each(reader, |extension| {
            // "Clients MUST ignore unrecognized extensions."
            let judged = ExtensionMessage::NewSessionTicket.judge(extension.extension_type(), true);
            fault = fault.or(judged.err());
            if let NewSessionTicketExtension::EarlyData(size) = extension {
                max_early_data = Some(size);
            }
        })
    })?;
    fault.map_or(Ok(()), Err)?;
    Ok(NewTicket { message, max_early_data })
}
