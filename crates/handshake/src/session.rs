//! Resumable sessions, with the data that determines whether they may be resumed.

mod tls12;
mod tls13;

pub use tls12::{Tls12Reference, Tls12Session, Tls12Ticket};
pub use tls13::{QuicSession, Tls13Reference, Tls13Session};

use crate::{
    binding::Digest, certificate_chain::CertificateChain, security::evidence::KeyExchangeEvidence,
    time::UnixTime,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_schedule::{Side, Suite};
use cairn_wire::{ProtocolVersion, SessionId};
use core::num::NonZeroU16;

/// A resumable session: the results of a full handshake, and the data that determines whether it may be
/// resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The host name of server_name. A server resumes only for the same name (RFC 6066 section 3).
    pub server_name: Option<Arc<[u8]>>,
    /// The application protocol of the full handshake. Each resumption negotiates its own (RFC 7301 section
    /// 3.1).
    pub alpn: Option<Arc<[u8]>>,
    /// The chain that authenticated the peer in the full handshake.
    pub peer_chain: Option<Arc<CertificateChain>>,
    /// The PSK identity of the full handshake (RFC 4279).
    pub psk_identity: Option<Vec<u8>>,
    /// The evidence of the full handshake.
    pub evidence: KeyExchangeEvidence,
    /// The time of the full handshake. A resumption does not change it (RFC 5246 appendix F.1.4).
    pub authenticated_at: UnixTime,
    /// The last second in which the verification of the peer is valid: the first expiry of a certificate in
    /// the verified chain, or an earlier limit. `None` if it is not known, as with a pre-shared key.
    pub not_after: Option<UnixTime>,
    /// The context of the policy: [`crate::Binding::context`].
    pub context: Digest,
    /// The digest of the settings that authenticated the peer: [`crate::Binding::psks`] if a pre-shared key
    /// was used, else [`crate::Binding::verification`].
    pub verified_with: Digest,
    /// The side that stores the session, with the data that only this side needs.
    pub side: SessionSide,
    /// The part that the session's version of TLS needs to resume it.
    pub state: SessionState,
}

/// The side that stores a session, and the part of the session that only this side has. A session is resumed
/// on its own side only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionSide {
    /// A client stores the session.
    Client {
        /// The server that the session is with, if it is known.
        endpoint: Option<Endpoint>,
    },
    /// A server stores the session, itself or in a ticket.
    Server {
        /// The channel binding `tls-server-end-point` of the server's own certificate, if it is known: see
        /// [`crate::Credential::tls_server_end_point`]. A client computes it from the certificate.
        tls_server_end_point: Option<Arc<[u8]>>,
    },
}

impl SessionSide {
    /// The side alone.
    #[must_use]
    pub const fn side(&self) -> Side {
        match self {
            Self::Client { .. } => Side::Client,
            Self::Server { .. } => Side::Server,
        }
    }
}

/// The part of a session that depends on the version of TLS. A session is resumed with its own version only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// A TLS 1.2 session.
    Tls12(Tls12Session),
    /// A TLS 1.3 session.
    Tls13(Tls13Session),
}

/// The server that a client connects to. A session is offered to the same endpoint only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// The host: a name in lower case, or an address as text. At most 255 bytes.
    pub host: Arc<[u8]>,
    /// The port, if it is known.
    pub port: Option<NonZeroU16>,
}

impl Session {
    /// The version of TLS.
    #[must_use]
    pub const fn version(&self) -> ProtocolVersion {
        match self.state {
            SessionState::Tls12(_) => ProtocolVersion::TLS_1_2,
            SessionState::Tls13(_) => ProtocolVersion::TLS_1_3,
        }
    }

    /// The cipher suite.
    #[must_use]
    pub const fn suite(&self) -> Suite {
        match &self.state {
            SessionState::Tls12(session) => Suite::Tls12(session.suite),
            SessionState::Tls13(session) => Suite::Tls13(session.suite),
        }
    }

    /// The part for TLS 1.2; `None` for a session of another version.
    #[must_use]
    pub const fn tls12(&self) -> Option<&Tls12Session> {
        match &self.state {
            SessionState::Tls12(session) => Some(session),
            SessionState::Tls13(_) => None,
        }
    }

    /// The part for TLS 1.3; `None` for a session of another version.
    #[must_use]
    pub const fn tls13(&self) -> Option<&Tls13Session> {
        match &self.state {
            SessionState::Tls12(_) => None,
            SessionState::Tls13(session) => Some(session),
        }
    }

    /// The ID under which a server stores the session, or with which a client offers one of TLS 1.2. Empty if
    /// the session is inside a ticket of a server, or is a client's of TLS 1.3.
    #[must_use]
    pub const fn id(&self) -> &SessionId {
        match &self.state {
            SessionState::Tls12(tls12) => tls12.session_id(),
            SessionState::Tls13(Tls13Session { reference: Tls13Reference::Stored(id), .. }) => id,
            SessionState::Tls13(_) => &SessionId::EMPTY,
        }
    }

    /// The client's ticket, of any version.
    #[must_use]
    pub fn ticket(&self) -> Option<&[u8]> {
        match &self.state {
            SessionState::Tls12(session) => session.ticket().map(|ticket| ticket.ticket.as_slice()),
            SessionState::Tls13(session) => session.ticket(),
        }
    }

    /// The time after which the ticket must not be used, if there is one.
    #[must_use]
    pub fn ticket_expires(&self) -> Option<UnixTime> {
        match &self.state {
            SessionState::Tls12(session) => session.ticket().and_then(|ticket| ticket.expires),
            SessionState::Tls13(session) => Some(session.expires),
        }
    }

    /// Whether the session must not be resumed: it is older than `lifetime` seconds, its time is in the
    /// future, or a certificate of the peer has expired.
    #[must_use]
    pub const fn is_expired(&self, now: UnixTime, lifetime: u32) -> bool {
        self.is_out_of_age(now, lifetime) || self.has_expired_certificate(now)
    }

    /// Whether a certificate of the peer has expired. A certificate is still valid in the second of
    /// `notAfter` (RFC 5280 section 4.1.2.5).
    pub(crate) const fn has_expired_certificate(&self, now: UnixTime) -> bool {
        match self.not_after {
            Some(not_after) => now.as_secs() > not_after.as_secs(),
            None => false,
        }
    }

    /// Whether the session is older than `lifetime` seconds, or its time is in the future.
    pub(crate) const fn is_out_of_age(&self, now: UnixTime, lifetime: u32) -> bool {
        match now.checked_secs_since(self.authenticated_at) {
            #[allow(clippy::as_conversions, reason = "widening; From is not const")]
            Some(age) => age >= lifetime as u64,
            None => true,
        }
    }
}
