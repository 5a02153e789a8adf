//! Tickets for a server: a provider combined with ticket keys.

use crate::key_ring::TicketKeys;
use crate::ticket::{open_ticket, seal_ticket, ticket_key_name};
use alloc::sync::Arc;
use cairn_crypto::Provider;
use cairn_handshake::{NewTicket, Session, UnixTime};

/// Seals and opens the tickets of a server, with keys from a [`TicketKeys`]. Clones share the provider and
/// the keys.
///
/// A ticket lives as long as its session, counted from the original handshake. Neither a resumption nor a new
/// ticket extends it (RFC 5246 appendix F.1.4).
#[derive(Clone, Debug)]
pub struct Tickets {
    provider: Arc<Provider>,
    keys: Arc<dyn TicketKeys>,
    lifetime: u32,
}

/// An opened ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The session. Its ID is empty: the resumption uses the one in the ClientHello (RFC 5077 section 3.4).
    pub session: Arc<Session>,
    /// Whether the ticket was sealed with another key than the current one. The client should then get a new
    /// ticket before the old key is discarded (RFC 5077 section 3.3).
    pub renew: bool,
}

impl Tickets {
    /// 24 hours in seconds, the upper limit for the lifetime of a session that RFC 5246 appendix F.1.4
    /// suggests.
    pub const LIFETIME: u32 = 24 * 60 * 60;

    /// Creates tickets with these keys, for sessions that live for 24 hours.
    pub fn new(provider: Arc<Provider>, keys: Arc<dyn TicketKeys>) -> Self {
        Self { provider, keys, lifetime: Self::LIFETIME }
    }

    /// Sets another lifetime, in seconds. The handshake policy has its own, and the shorter one applies. With
    /// 0 no tickets are issued.
    #[must_use]
    pub fn with_lifetime(self, lifetime: u32) -> Self {
        Self { lifetime, ..self }
    }

    /// Creates a ticket for this session. The lifetime hint is the number of seconds that remain to the
    /// session. It is never 0, which would mean an unspecified lifetime. The result is `None` if the session
    /// has expired, if there is no key to seal with, or if the session cannot be sealed (see [`seal_ticket`],
    /// which returns the reason). A server that has promised a ticket then sends an empty one (RFC 5077
    /// section 3.3).
    #[must_use]
    pub fn seal(&self, session: &Session, now: UnixTime) -> Option<NewTicket> {
        if session.is_expired(now, self.lifetime) {
            return None;
        }
        let age = now.checked_secs_since(session.authenticated_at)?;
        let left = self.lifetime.checked_sub(u32::try_from(age).ok()?)?;
        // Nor longer than the peer's certificates are valid, whose last second is included.
        let proof_holds = session
            .not_after
            .map_or(u64::MAX, |last| last.checked_secs_since(now).unwrap_or(0).saturating_add(1));
        let lifetime_hint = left.min(u32::try_from(proof_holds).unwrap_or(u32::MAX));
        let key = self.keys.sealing_key(now)?;
        let ticket = seal_ticket(&self.provider, &key, session).ok()?;
        Some(NewTicket { ticket, lifetime_hint })
    }

    /// Opens this ticket. Returns `None` if it does not open, whatever the reason, or if the session has
    /// expired. A full handshake follows then (RFC 5077 section 3.1).
    #[must_use]
    pub fn open(&self, ticket: &[u8], now: UnixTime) -> Option<Opened> {
        let name = ticket_key_name(ticket)?;
        let key = self.keys.opening_key(&name, now)?;
        let session = open_ticket(&self.provider, &key, ticket)?;
        if session.is_expired(now, self.lifetime) {
            return None;
        }
        let renew = self.keys.sealing_key(now).is_some_and(|sealing| *sealing.name() != name);
        Some(Opened { session: Arc::new(session), renew })
    }
}

#[cfg(test)]
mod tests;
