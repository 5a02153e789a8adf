//! The part of a session that only TLS 1.3 has.

use crate::time::UnixTime;
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{HashAlgorithm, SecretBytes};
use cairn_schedule::tls13::Tls13Suite;
use cairn_wire::SessionId;
use core::num::NonZeroU32;

/// The state of a TLS 1.3 session: the PSK of one ticket (RFC 9846 section 4.7.1). Each ticket of a
/// connection is a session of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls13Session {
    /// A client's reference to the session in ClientHello.
    pub reference: Tls13Reference,
    /// The cipher suite of the connection that issued the ticket. RFC 9846 section 4.7.1: "Any ticket MUST
    /// only be resumed with a cipher suite that has the same KDF hash algorithm as that used to establish the
    /// original connection." Early data uses the same suite.
    pub suite: &'static Tls13Suite,
    /// The PSK, as long as the hash of the suite.
    pub psk: SecretBytes,
    /// The time when the server sent the ticket, or when the client received it. It is the start of the
    /// ticket's age.
    pub issued_at: UnixTime,
    /// The end of the ticket's lifetime, at most 7 days after `issued_at`.
    pub expires: UnixTime,
    /// ticket_age_add: the number that the client adds to the age of the ticket, in milliseconds modulo
    /// 2^32.
    pub age_add: u32,
    /// max_early_data_size: the maximum length of early data with this ticket, in bytes; 0 if there may be
    /// none.
    pub max_early_data: u32,
    /// The part for QUIC; `None` if the transport was not QUIC. A session is resumed over its own transport
    /// only.
    pub quic: Option<QuicSession>,
}

/// The part of a session that only QUIC has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuicSession {
    /// The version of QUIC; not 0. RFC 9369 section 5: "Clients MUST NOT use a session ticket or token from a
    /// QUIC version 1 connection to initiate a QUIC version 2 connection, and vice versa."
    pub version: NonZeroU32,
    /// The settings on which early data depends. On the client's side they are the transport parameters of
    /// the server (RFC 9000 section 7.4.1), on the server's side
    /// [`QuicParameters::early_data_context`](crate::QuicParameters::early_data_context).
    pub settings: Arc<[u8]>,
}

/// A client's reference to a TLS 1.3 session in ClientHello.
#[derive(Clone, PartialEq, Eq)]
pub enum Tls13Reference {
    /// On the client's side: by the ticket that the server issued. It is opaque to the client, 1 to 65,535
    /// bytes.
    Ticket(Vec<u8>),
    /// On the server's side: by a ticket that is the key of the session in the server's store.
    Stored(SessionId),
    /// On the server's side: by the ticket that contains this session.
    InTicket,
}

impl Tls13Session {
    /// The maximum lifetime of a ticket in seconds. RFC 9846 section 4.7.1: "Servers MUST NOT use any value
    /// greater than 604800 seconds (7 days)."
    pub const MAX_LIFETIME: u32 = 604_800;

    /// The hash of the PSK.
    #[must_use]
    pub const fn hash(&self) -> HashAlgorithm {
        self.suite.hash
    }

    /// The client's ticket; `None` on the server's side.
    #[must_use]
    pub fn ticket(&self) -> Option<&[u8]> {
        match &self.reference {
            Tls13Reference::Ticket(ticket) => Some(ticket),
            Tls13Reference::Stored(_) | Tls13Reference::InTicket => None,
        }
    }

    /// obfuscated_ticket_age of a ClientHello that offers the ticket now (RFC 9846 section 4.3.11.1), in
    /// milliseconds.
    #[must_use]
    pub fn obfuscated_age(&self, now: UnixTime) -> u32 {
        let age = now.as_millis().saturating_sub(self.issued_at.as_millis());
        // No ticket lives as long as 2^32 milliseconds.
        u32::try_from(age).unwrap_or(u32::MAX).wrapping_add(self.age_add)
    }
}

impl core::fmt::Debug for Tls13Reference {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Ticket(ticket) => write!(f, "Ticket([{} bytes])", ticket.len()),
            Self::Stored(id) => f.debug_tuple("Stored").field(id).finish(),
            Self::InTicket => f.write_str("InTicket"),
        }
    }
}
