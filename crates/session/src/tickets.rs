//! Tickets as a server uses them: a provider and keys, joined.

use crate::{TicketKeys, open_ticket, seal_ticket, ticket_key_name};
use alloc::sync::Arc;
use cairn_crypto::Provider;
use cairn_handshake::{NewTicket, Session, UnixTime};

/// Seals and opens a server's tickets, with keys that it asks for. A clone shares provider and keys.
///
/// A ticket lives as long as its session may, which is counted from the original handshake: neither resumption nor a
/// new ticket makes a session younger (RFC 5246 appendix F.1.4).
#[derive(Clone, Debug)]
pub struct Tickets {
    provider: Arc<Provider>,
    keys: Arc<dyn TicketKeys>,
    lifetime: u32,
}

/// A ticket that opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The session. Its ID is empty: the resumption has the one that ClientHello brings (RFC 5077 section 3.4).
    pub session: Arc<Session>,
    /// Whether the ticket was sealed with another key than is used now, and the client should have a new one while its
    /// key is still there (RFC 5077 section 3.3).
    pub renew: bool,
}

impl Tickets {
    /// 24 hours in seconds, the upper limit for a session's lifetime that RFC 5246 appendix F.1.4 suggests.
    pub const LIFETIME: u32 = 24 * 60 * 60;

    /// Tickets under these keys, for sessions that live for 24 hours.
    pub fn new(provider: Arc<Provider>, keys: Arc<dyn TicketKeys>) -> Self {
        Self { provider, keys, lifetime: Self::LIFETIME }
    }

    /// The same with another lifetime, in seconds. The handshake's policy has one of its own; the shorter one rules.
    /// With 0 there are no tickets.
    #[must_use]
    pub fn with_lifetime(self, lifetime: u32) -> Self {
        Self { lifetime, ..self }
    }

    /// A ticket for this session, with the seconds that the session has still to live as its hint (never 0, which would
    /// mean that the lifetime is not specified); none when it has expired, when there is no key to seal with, or when it cannot be
    /// sealed (see [`seal_ticket`], which says why). A server that has promised a ticket sends an empty one then
    /// (RFC 5077 section 3.3).
    #[must_use]
    pub fn seal(&self, session: &Session, now: UnixTime) -> Option<NewTicket> {
        if session.is_expired(now, self.lifetime) {
            return None;
        }
        let age = now.0.checked_sub(session.authenticated_at.0)?;
        let left = self.lifetime.checked_sub(u32::try_from(age).ok()?)?;
        // Nor longer than the peer's certificates hold, whose last second counts.
        let proof_holds =
            session.not_after.map_or(u64::MAX, |last| last.0.saturating_sub(now.0)).saturating_add(1);
        let lifetime_hint = left.min(u32::try_from(proof_holds).unwrap_or(u32::MAX));
        let key = self.keys.sealing_key(now)?;
        let ticket = seal_ticket(&self.provider, &key, session).ok()?;
        Some(NewTicket { ticket, lifetime_hint })
    }

    /// The session in this ticket; none when it does not open, whatever the reason, or when the session has expired.
    /// A full handshake follows then (RFC 5077 section 3.1).
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
