//! Resumable sessions, with the data that determines whether they may be resumed.

use crate::{
    binding::Digest, certificate_chain::CertificateChain, ext::max_fragment_length::MaxFragmentLength,
    security::evidence::KeyExchangeEvidence, time::UnixTime,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_schedule::{MasterSecret, Protection, Side, Suite, Tls12Suite};
use cairn_wire::{ProtocolVersion, SessionId};
use core::num::NonZeroU16;

/// A resumable session: what a full handshake established, and what determines whether it may be resumed.
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
    /// The digest of what authenticated the peer: [`crate::Binding::psks`] if a pre-shared key was used, else
    /// [`crate::Binding::verification`].
    pub verified_with: Digest,
    /// The side that stores the session, with what only this side needs.
    pub side: SessionSide,
    /// What the session's version of TLS needs to resume it.
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
}

/// The state of a TLS 1.2 session (RFC 5246 section 7 and appendix F.1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls12Session {
    /// How a client refers to the session in ClientHello.
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

/// How a client refers to a TLS 1.2 session in ClientHello.
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

/// The server that a client connects to. A session is offered to the same endpoint only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// The host: a name in lower case, or an address as text. At most 255 bytes.
    pub host: Arc<[u8]>,
    /// The port, if it is known.
    pub port: Option<NonZeroU16>,
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

impl Session {
    /// The version of TLS.
    #[must_use]
    pub const fn version(&self) -> ProtocolVersion {
        match self.state {
            SessionState::Tls12(_) => ProtocolVersion::TLS_1_2,
        }
    }

    /// The cipher suite.
    #[must_use]
    pub const fn suite(&self) -> Suite {
        match &self.state {
            SessionState::Tls12(session) => Suite::Tls12(session.suite),
        }
    }

    /// The part for TLS 1.2; `None` for a session of another version.
    #[must_use]
    pub const fn tls12(&self) -> Option<&Tls12Session> {
        match &self.state {
            SessionState::Tls12(session) => Some(session),
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
