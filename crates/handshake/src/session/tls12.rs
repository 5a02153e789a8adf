//! The part of a session that only TLS 1.2 has.

use crate::{ext::max_fragment_length::MaxFragmentLength, time::UnixTime};
use alloc::vec::Vec;
use cairn_schedule::{MasterSecret, Protection, Tls12Suite};
use cairn_wire::SessionId;

/// The state of a TLS 1.2 session (RFC 5246 section 7 and appendix F.1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls12Session {
    /// A client's reference to the session in ClientHello.
    pub reference: Tls12Reference,
    /// The cipher suite. A resumption uses the same one (RFC 5246 section 7.4.1.3).
    pub suite: &'static Tls12Suite,
    /// The record protection: that of the suite, with the negotiated order of MAC and encryption (RFC 7366
    /// section 3.1).
    pub protection: Protection,
    /// The master secret.
    pub master_secret: MasterSecret,
    /// Whether it is the extended master secret. A resumption must agree (RFC 7627 section 5.3).
    pub extended_master_secret: bool,
    /// max_fragment_length, if it was negotiated (RFC 6066 section 4).
    pub max_fragment_length: Option<MaxFragmentLength>,
}

/// A client's reference to a TLS 1.2 session in ClientHello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls12Reference {
    /// By the session ID that the server chose (RFC 5246 section 7.3). A session with an empty ID cannot be
    /// resumed.
    SessionId(SessionId),
    /// On the client's side: by the ticket that the server issued (RFC 5077).
    Ticket(Tls12Ticket),
    /// On the server's side: by the ticket that contains this session. The session has no ID (RFC 5077
    /// section 3.4).
    InTicket,
}

impl Tls12Session {
    /// The session ID of a ClientHello that offers the session: the one that the server chose, or the
    /// client's own if it has a ticket. Empty if the session is inside a server's ticket.
    #[must_use]
    pub const fn session_id(&self) -> &SessionId {
        match &self.reference {
            Tls12Reference::SessionId(id) => id,
            Tls12Reference::Ticket(ticket) => &ticket.session_id,
            Tls12Reference::InTicket => &SessionId::EMPTY,
        }
    }

    /// The client's ticket, if the server issued one.
    #[must_use]
    pub const fn ticket(&self) -> Option<&Tls12Ticket> {
        match &self.reference {
            Tls12Reference::Ticket(ticket) => Some(ticket),
            Tls12Reference::SessionId(_) | Tls12Reference::InTicket => None,
        }
    }
}

/// A client's ticket: the session, encrypted by the server (RFC 5077 section 3.3).
#[derive(Clone, PartialEq, Eq)]
pub struct Tls12Ticket {
    /// The ticket. It is opaque to the client.
    pub ticket: Vec<u8>,
    /// The session ID that the client sends with the ticket. The client has chosen it; the server repeats it
    /// to accept the ticket (RFC 5077 section 3.4).
    pub session_id: SessionId,
    /// The time after which the client must not send it, from the server's lifetime hint.
    pub expires: Option<UnixTime>,
}

impl core::fmt::Debug for Tls12Ticket {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Tls12Ticket([{} bytes])", self.ticket.len())
    }
}
