//! When a session may be resumed: only where a full handshake would still come to the same verdict, as far as
//! that can be known without doing one.
//!
//! A resumption checks no certificate, no signature and no pre-shared key (RFC 5246 section 7.3): it rests on
//! what the session's first handshake found. So a session carries what that verdict rested on, and what it
//! carries is compared here, for both roles, for session IDs and tickets, and whoever keeps the session.

use crate::{Floor, Session, UnixTime};
use cairn_schedule::Side;
use core::fmt;

/// A digest of the settings that a session is bound to. The first 16 bytes of SHA-256 are enough, because an
/// attacker would need a second preimage. It is not printed: a digest of pre-shared keys helps to guess keys that
/// are not random.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; Self::LEN]);

impl Digest {
    /// Its length in bytes.
    pub const LEN: usize = 16;
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

/// What the sessions of a policy are bound to: digests of the configuration that a verdict over the peer
/// rests on. A session is resumed only under a policy with the same digests.
///
/// The machine compares the digests and does not know what is in them. Servers that shall resume each other's
/// sessions, and a client that resumes after a restart, need equal ones: derive them from the configuration.
///
/// The default is all zero: policies with the default binding share sessions as far as the other rules allow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Binding {
    /// Which context the session belongs to: what this end shows of itself, and what the caller calls the
    /// context.
    pub context: Digest,
    /// What judges the peer's certificate or raw public key: trust anchors and verification policy.
    pub verification: Digest,
    /// The same, together with the set of pre-shared keys; it counts for sessions that a pre-shared key
    /// authenticated.
    pub psks: Digest,
}

impl Binding {
    /// What judges the peer of a session: with a pre-shared key or without.
    pub(crate) const fn judge(&self, by_psk: bool) -> Digest {
        if by_psk { self.psks } else { self.verification }
    }
}

/// Why a session that was found, or named by the client, was not resumed: a full handshake took its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotResumed {
    /// A server does not know the session ID, or cannot open the ticket.
    NotFound,
    /// The server chose a full handshake, and does not say why.
    DeclinedByServer,
    /// The session has no ID by which it could be offered, or a server's store found one with another ID.
    OtherId,
    /// The session is older than the policy lets sessions be, or it is from the future (RFC 5246 appendix
    /// F.1.4).
    TooOld,
    /// The session's ticket has passed its lifetime hint (RFC 5077 section 3.3).
    TicketTooOld,
    /// A certificate of the peer's verified chain has expired since.
    CertificateExpired,
    /// The session is of another context: see [`Binding::context`].
    OtherContext,
    /// Other trust anchors or another verification policy judged the peer: see [`Binding::verification`].
    OtherVerification,
    /// The peer was known by a pre-shared key of another set: see [`Binding::psks`].
    OtherPsks,
    /// Nobody has verified the peer's certificate, and the policy does not take such peers.
    PeerNotVerified,
    /// The session is with another host, address or port.
    OtherEndpoint,
    /// The session is for another server_name (RFC 6066 section 3).
    OtherServerName,
    /// The session's suite is not taken any more, or the client does not offer it.
    Suite,
    /// The group of the session's key exchange is not taken any more, or its finite field is too small.
    Group,
    /// The signature scheme that the peer proved itself with is not taken any more.
    SignatureScheme,
    /// What the peer showed, a certificate or a raw public key, is not taken any more (RFC 7250).
    CertificateType,
    /// The session has no extended master secret (RFC 7627 section 5.3).
    NoExtendedMasterSecret,
    /// The session used encrypt-then-MAC, which is not to be had any more (RFC 7366 section 3.1).
    EncryptThenMac,
    /// The session has another max_fragment_length (RFC 6066 section 4).
    MaxFragmentLength,
    /// The session is below the policy's [`Floor`].
    BelowFloor,
    /// Clients must show a certificate, and the session's client showed none.
    ClientNotAuthenticated,
    /// The session's client showed a certificate, and clients are not asked for one here.
    ClientNotAsked,
    /// The policy offers no tickets, and the session has one.
    NoTickets,
    /// No ClientHello has room for the session's ticket.
    TicketTooLong,
}

impl fmt::Display for NotResumed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "the session is not known, or its ticket does not open",
            Self::DeclinedByServer => "the server chose a full handshake",
            Self::OtherId => "the session's ID is missing, or not the one that was asked for",
            Self::TooOld => "the session is too old, or from the future",
            Self::TicketTooOld => "the session's ticket is too old",
            Self::CertificateExpired => "a certificate of the peer has expired since the session was made",
            Self::OtherContext => "the session belongs to another context",
            Self::OtherVerification => "other roots or another verification policy judged the peer",
            Self::OtherPsks => "the pre-shared keys are not those that the session was made under",
            Self::PeerNotVerified => "nobody has verified the peer of the session",
            Self::OtherEndpoint => "the session is with another host or port",
            Self::OtherServerName => "the session is for another server name",
            Self::Suite => "the session's cipher suite is not taken",
            Self::Group => "the group of the session's key exchange is not taken",
            Self::SignatureScheme => "the peer proved itself with a signature scheme that is not taken",
            Self::CertificateType => "what the peer showed, certificate or raw public key, is not taken",
            Self::NoExtendedMasterSecret => "the session has no extended master secret",
            Self::EncryptThenMac => "the session needs encrypt-then-MAC",
            Self::MaxFragmentLength => "the session has another maximum fragment length",
            Self::BelowFloor => "the session is below the required security",
            Self::ClientNotAuthenticated => "the client of the session showed no certificate",
            Self::ClientNotAsked => "the client of the session showed a certificate, and none is asked for",
            Self::NoTickets => "the session has a ticket, and tickets are off",
            Self::TicketTooLong => "the session's ticket is too long for a ClientHello",
        })
    }
}

/// What both roles compare a session with.
pub(crate) struct Rule<'a> {
    pub(crate) side: Side,
    pub(crate) now: UnixTime,
    /// In seconds.
    pub(crate) lifetime: u32,
    pub(crate) binding: &'a Binding,
    pub(crate) resumes_unverified_peers: bool,
    pub(crate) floor: &'a Floor,
}

impl Rule<'_> {
    /// Whether a full handshake would still come to the session's verdict over the peer.
    pub(crate) fn check(&self, session: &Session) -> Result<(), NotResumed> {
        let by_psk = session.psk_identity.is_some();
        if session.is_out_of_age(self.now, self.lifetime) {
            return Err(NotResumed::TooOld);
        }
        if session.has_expired_certificate(self.now) {
            return Err(NotResumed::CertificateExpired);
        }
        if session.context != self.binding.context {
            return Err(NotResumed::OtherContext);
        }
        if session.judge != self.binding.judge(by_psk) {
            return Err(if by_psk { NotResumed::OtherPsks } else { NotResumed::OtherVerification });
        }
        if session.peer_chain.is_some() && !session.origin.peer_verified && !self.resumes_unverified_peers {
            return Err(NotResumed::PeerNotVerified);
        }
        if !self.floor.takes_session(self.side, session) {
            return Err(NotResumed::BelowFloor);
        }
        Ok(())
    }
}

/// `reason`, unless this is so.
pub(crate) const fn unless(so: bool, reason: NotResumed) -> Result<(), NotResumed> {
    if so { Ok(()) } else { Err(reason) }
}
