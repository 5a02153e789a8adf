//! What goes into the machine.

use crate::{Credential, Session};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{PublicKey, Secret, SecretBytes};
use cairn_schedule::Epoch;
use cairn_wire::{Alert, AlertDescription, HandshakeType};

/// Seconds since 1970-01-01 00:00 UTC, leap seconds left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(pub u64);

/// One whole handshake message as it came, header included.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RawMessage<'a> {
    /// `Handshake.msg_type` (RFC 5246 section 7.4).
    pub msg_type: HandshakeType,
    /// Header and body: what the transcript takes.
    pub bytes: &'a [u8],
}

impl<'a> RawMessage<'a> {
    /// Length of the header in bytes: type and uint24 length.
    pub const HEADER_LEN: usize = 4;

    /// The bytes after the header.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.bytes.get(Self::HEADER_LEN..).unwrap_or_default()
    }
}

impl core::fmt::Debug for RawMessage<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}([{} bytes])", self.msg_type, self.bytes.len())
    }
}

/// One step's input.
#[derive(Debug)]
pub enum Input<'a> {
    /// Begin. A client says hello now, a server begins to wait for one.
    Start {
        /// The time, for the age of sessions.
        now: UnixTime,
    },
    /// Ask for another handshake: a client says hello, a server sends HelloRequest (RFC 5246 section 7.4.1.1).
    Renegotiate {
        /// The time, for the age of sessions.
        now: UnixTime,
    },
    /// Time has passed. Ends a renegotiation that lasts longer than [`crate::Limits::max_renegotiation_time`]; nothing else
    /// comes of it.
    Time {
        /// The time.
        now: UnixTime,
    },
    /// The peer sent a handshake message.
    Message {
        /// The keys it came under.
        epoch: Epoch,
        /// The message, joined of its fragments.
        message: RawMessage<'a>,
    },
    /// The peer sent ChangeCipherSpec (RFC 5246 section 7.1).
    ChangeCipherSpec,
    /// The peer sent an alert (RFC 5246 section 7.2).
    Alert(Alert),
    /// The answer to the pending question.
    Answer(QuestionId, Answer),
    /// Another layer found a fault that ends the connection: a record that does not open, say. The machine lets go
    /// of its secrets, and of the session as RFC 5246 section 7.2.2 demands.
    Abort(AlertDescription),
    /// [`crate::Joiner::next`] found a fault in what the peer sent.
    NotJoined(crate::ErrorKind),
}

/// Names one question of one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuestionId(pub(crate) u64);

/// The answer to a [`crate::Question`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Answer {
    /// To [`crate::Question::ChooseConfiguration`]: the policy that is set now is the one.
    Configured,
    /// To [`crate::Question::FindSession`].
    Session(SessionAnswer),
    /// To [`crate::Question::FindSession`] by a ticket that was good but should be replaced: sealed under a key that
    /// is about to go, say.
    SessionWithOldTicket(SessionAnswer),
    /// To [`crate::Question::SealTicket`]; `None` when there is none to give.
    Ticket(Option<NewTicket>),
    /// To [`crate::Question::ChooseServerCredential`] and [`crate::Question::ChooseClientCredential`]; `None` when
    /// there is none to offer.
    Credential(Option<Arc<Credential>>),
    /// To [`crate::Question::Sign`]: the signature as TLS sends it.
    Signature(Vec<u8>),
    /// To [`crate::Question::VerifyPeer`]: the chain is good, and this is the key it vouches for. A [`PeerKey`] becomes one
    /// with `into` where nothing is known of how long that holds.
    PeerVerified(Verified),
    /// To [`crate::Question::VerifyPeer`]: nobody has checked the chain, and the handshake shall go on all the same. The
    /// peer must prove to have the key; whose it is, nobody knows: [`crate::PeerProof::Unchecked`].
    PeerNotChecked(PeerKey),
    /// To [`crate::Question::VerifyPeer`]: the chain is not good.
    PeerRejected {
        /// The alert that says why (RFC 5246 section 7.2.2): `bad_certificate`, `unknown_ca`, …
        alert: AlertDescription,
    },
    /// To [`crate::Question::DecryptPremaster`].
    Premaster(Secret<48>),
    /// To [`crate::Question::FindPsk`]; `None` when there is none.
    Psk(Option<Psk>),
    /// To any question: it could not be answered. The handshake ends with `internal_error`; but for
    /// [`crate::Question::DecryptPremaster`], where nobody shall see that, it goes on with the fallback.
    Failed,
}

/// The answer to [`crate::Question::FindSession`].
#[derive(Debug)]
pub struct SessionAnswer {
    /// The session, if one was found. Whoever keeps it and the handshake share it.
    pub session: Option<Arc<Session>>,
    /// The time of the answer.
    pub now: UnixTime,
}

/// A new ticket for the client (RFC 5077 section 3.3).
#[derive(Clone, PartialEq, Eq)]
pub struct NewTicket {
    /// The session, sealed; not empty.
    pub ticket: Vec<u8>,
    /// For how many seconds the client should keep it; 0 leaves it to the client.
    pub lifetime_hint: u32,
}

impl core::fmt::Debug for NewTicket {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "NewTicket([{} bytes], {} s)", self.ticket.len(), self.lifetime_hint)
    }
}

/// The public key that a verified chain vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerKey {
    /// The key of the end-entity certificate.
    pub public_key: PublicKey,
    /// Whether its key usage lets it sign (RFC 5280 section 4.2.1.3, `digitalSignature`); true when the certificate
    /// says nothing of key usage.
    pub may_sign: bool,
    /// Whether its key usage lets others encrypt under it (RFC 5280 section 4.2.1.3, `keyEncipherment`); true when the
    /// certificate says nothing of key usage.
    pub may_encrypt: bool,
}

/// The verdict that a peer's chain is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The key that the chain vouches for.
    pub key: PeerKey,
    /// The last second in which the verdict holds: the earliest `notAfter` of the verified path (RFC 5280 section 4.1.2.5),
    /// or whatever ends sooner. The session is not resumed later. `None` leaves it to the session's lifetime.
    pub not_after: Option<UnixTime>,
}

impl From<PeerKey> for Verified {
    fn from(key: PeerKey) -> Self {
        Self { key, not_after: None }
    }
}

/// A key that both sides have, and what it is called (RFC 4279).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Psk {
    /// Its identity; at most 65,535 bytes. It is sent in the clear.
    pub identity: Vec<u8>,
    /// The key; 1 to 65,535 bytes. Whoever hears a handshake with the plain PSK key exchange can try keys at leisure, so
    /// it must be random, and not a password (RFC 4279 section 7.2).
    pub key: SecretBytes,
}
