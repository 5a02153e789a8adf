//! The conditions for resuming a session: a full handshake would have the same result, as far as this can be
//! known without one.
//!
//! A resumption verifies no certificate, no signature and no pre-shared key (RFC 5246 section 7.3). It
//! relies on the result of the session's full handshake. A session therefore stores everything that this
//! result depends on. This module compares it with the current policy: for both roles, for session IDs and
//! tickets, and for every session store.

use crate::{
    policy::ResumptionPolicy,
    security::{Basis, Floor, SuiteFacts},
    session::Session,
    time::UnixTime,
};
use cairn_schedule::Side;
use core::fmt;

/// Whether a handshake resumed a session, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resumption {
    /// It was a full handshake. The reason is present if a session was available but was not resumed.
    Full(Option<NotResumed>),
    /// A session was resumed by its session ID (RFC 5246 section 7.3).
    ById,
    /// A session was resumed with a ticket (RFC 5077).
    ByTicket,
    /// A TLS 1.3 session was resumed with the PSK of its ticket (RFC 9846 section 2.2).
    ByPsk,
}

impl Resumption {
    /// Whether a session was resumed.
    #[must_use]
    pub const fn is_resumed(self) -> bool {
        matches!(self, Self::ById | Self::ByTicket | Self::ByPsk)
    }

    /// The reason why an available session was not resumed. `None` if a session was resumed, and if none was
    /// available.
    #[must_use]
    pub const fn not_resumed(self) -> Option<NotResumed> {
        match self {
            Self::Full(reason) => reason,
            Self::ById | Self::ByTicket | Self::ByPsk => None,
        }
    }
}

/// The reason why an available session was not resumed and a full handshake took place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotResumed {
    /// A server does not know the session ID, or cannot open the ticket.
    NotFound,
    /// The server chose a full handshake, without a reason.
    DeclinedByServer,
    /// The session was stored by the other side: a server's session in a client, or the reverse.
    OtherSide,
    /// The session is one of another version of TLS: a TLS 1.3 ticket never resumes in TLS 1.2, nor the
    /// reverse.
    OtherVersion,
    /// The session is one of TCP or of another version of QUIC, and the connection is not, or the reverse.
    OtherTransport,
    /// The ticket was used before, and may be used only once.
    AlreadyUsed,
    /// The policy uses external PSKs only together with certificates, which the client does not offer (RFC
    /// 8773).
    PskWithoutCertificate,
    /// The client does not offer a PSK key exchange mode that the policy permits (RFC 9846 section 4.3.9).
    PskMode,
    /// The client did not refer to the session in this way: the session has no ID, or a server's session
    /// store returned one with another ID, or one with an ID for a ticket.
    OtherId,
    /// The session is older than the policy permits, or its time is in the future (RFC 5246 appendix F.1.4).
    TooOld,
    /// The lifetime of the session's ticket has passed (RFC 5077 section 3.3, RFC 9846 section 4.7.1).
    TicketTooOld,
    /// A certificate of the peer's verified chain has expired.
    CertificateExpired,
    /// The session belongs to another context: see [`Binding::context`](crate::binding::Binding::context).
    OtherContext,
    /// The peer was verified with other trust anchors or another verification policy: see
    /// [`Binding::verification`](crate::binding::Binding::verification).
    OtherVerification,
    /// The peer was authenticated with another set of pre-shared keys: see
    /// [`Binding::psks`](crate::binding::Binding::psks).
    OtherPsks,
    /// The peer's certificate was not verified, and the policy does not permit that.
    PeerNotVerified,
    /// The session is with another host, address or port.
    OtherEndpoint,
    /// The session is for another server_name (RFC 6066 section 3).
    OtherServerName,
    /// The policy does not permit the session's cipher suite, or the client does not offer it.
    Suite,
    /// The policy does not permit the group of the session's key exchange, or its finite field is too small.
    Group,
    /// The policy does not permit the signature scheme that authenticated the peer.
    SignatureScheme,
    /// The policy does not permit the type of the peer's certificate, X.509 or raw public key (RFC 7250).
    CertificateType,
    /// The session has no extended master secret (RFC 7627 section 5.3).
    NoExtendedMasterSecret,
    /// The session used encrypt-then-MAC, which is not available now (RFC 7366 section 3.1).
    EncryptThenMac,
    /// The session has another max_fragment_length (RFC 6066 section 4).
    MaxFragmentLength,
    /// The session is below the policy's [`Floor`].
    BelowFloor,
    /// Client authentication is required, and the session's client was not authenticated.
    ClientNotAuthenticated,
    /// The session's client was authenticated, and the policy does not request client certificates.
    ClientNotAsked,
    /// The session has a ticket, and the policy does not use tickets.
    NoTickets,
    /// The session's ticket is too long for a ClientHello.
    TicketTooLong,
}

impl fmt::Display for NotResumed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "the session is unknown, or its ticket cannot be opened",
            Self::DeclinedByServer => "the server chose a full handshake",
            Self::OtherSide => "the session was stored by the other side, a server or a client",
            Self::OtherVersion => "the session is one of another version of TLS",
            Self::OtherTransport => {
                "the session is one of another transport: TCP, or another version of QUIC"
            }
            Self::AlreadyUsed => "the ticket was used before",
            Self::PskWithoutCertificate => {
                "the client does not offer to use its external PSK together with certificates"
            }
            Self::PskMode => "the client offers no PSK key exchange mode that is accepted",
            Self::OtherId => "the session has no ID, or another one than was looked up",
            Self::TooOld => "the session is too old, or its time is in the future",
            Self::TicketTooOld => "the session's ticket is too old",
            Self::CertificateExpired => "a certificate of the peer has expired since the full handshake",
            Self::OtherContext => "the session belongs to another context",
            Self::OtherVerification => {
                "the peer was verified with other trust anchors or another verification policy"
            }
            Self::OtherPsks => "the peer was authenticated with another set of pre-shared keys",
            Self::PeerNotVerified => "the peer of the session was not verified",
            Self::OtherEndpoint => "the session is with another host or port",
            Self::OtherServerName => "the session is for another server name",
            Self::Suite => "the session's cipher suite is not accepted",
            Self::Group => "the group of the session's key exchange is not accepted",
            Self::SignatureScheme => "the signature scheme that authenticated the peer is not accepted",
            Self::CertificateType => "the type of the peer's certificate is not accepted",
            Self::NoExtendedMasterSecret => "the session has no extended master secret",
            Self::EncryptThenMac => "the session requires encrypt-then-MAC",
            Self::MaxFragmentLength => "the session has another maximum fragment length",
            Self::BelowFloor => "the session is below the required security",
            Self::ClientNotAuthenticated => "the client of the session was not authenticated",
            Self::ClientNotAsked => {
                "the client of the session was authenticated, but no certificate is requested"
            }
            Self::NoTickets => "the session has a ticket, but tickets are disabled",
            Self::TicketTooLong => "the session's ticket is too long for a ClientHello",
        })
    }
}

/// The current parameters to compare a session with.
pub(crate) struct Rule<'a> {
    pub(crate) side: Side,
    pub(crate) now: UnixTime,
    pub(crate) policy: &'a ResumptionPolicy,
    pub(crate) floor: &'a Floor,
}

impl Rule<'_> {
    /// Whether a full handshake would still authenticate the peer in the same way.
    pub(crate) fn check(&self, session: &Session) -> Result<(), NotResumed> {
        let by_psk = session.psk_identity.is_some();
        // RFC 5246 appendix F.1.4: "An upper limit of 24 hours is suggested for session ID lifetimes". The
        // policy sets the limit.
        if session.is_out_of_age(self.now, self.policy.lifetime) {
            return Err(NotResumed::TooOld);
        }
        // "If either party suspects [...] that certificates may have expired or been revoked, it should force
        // a full handshake" (RFC 5246 appendix F.1.4).
        if session.has_expired_certificate(self.now) {
            return Err(NotResumed::CertificateExpired);
        }
        // The rest are no rules of an RFC: under the configuration of now, a full handshake might not
        // authenticate the peer, or not well enough.
        if session.context != self.policy.binding.context {
            return Err(NotResumed::OtherContext);
        }
        if session.verified_with != self.policy.binding.of_peer(by_psk) {
            return Err(if by_psk { NotResumed::OtherPsks } else { NotResumed::OtherVerification });
        }
        if session.peer_chain.is_some() && !session.evidence.peer_verified && !self.policy.unverified_peers {
            return Err(NotResumed::PeerNotVerified);
        }
        let basis = Basis {
            side: self.side,
            suite: SuiteFacts::of(session.suite()),
            evidence: &session.evidence,
            chain: session.peer_chain.as_deref(),
        };
        self.floor.check(&basis).map_err(|_| NotResumed::BelowFloor)
    }
}

/// Returns `reason` as an error if the condition is false.
pub(crate) const fn unless(so: bool, reason: NotResumed) -> Result<(), NotResumed> {
    if so { Ok(()) } else { Err(reason) }
}
