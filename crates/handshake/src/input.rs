//! The input of the machine.

use crate::{
    credential::Credential, error::HandshakeErrorKind, raw_message::RawMessage, session::Session,
    time::UnixTime,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{PublicKey, Secret, SecretBytes};
use cairn_schedule::{Epoch, tls13};
use cairn_wire::{Alert, AlertDescription, KeyUpdateRequest, SignatureScheme};

/// The input of one step.
#[derive(Debug)]
pub enum Input<'a> {
    /// Start. A client sends ClientHello, and a server waits for one.
    Start {
        /// The current time, which determines the age of sessions.
        now: UnixTime,
    },
    /// Request a renegotiation: a client sends ClientHello, a server sends HelloRequest (RFC 5246 section
    /// 7.4.1.1).
    Renegotiate {
        /// The current time, which determines the age of sessions.
        now: UnixTime,
    },
    /// Update the keys for writing, and request that the peer updates its own if `request_update` says so
    /// (RFC 9846 section 4.7.3). While the peer has not answered an earlier request, no other is made.
    UpdateKeys {
        /// Whether the peer shall update its keys too.
        request_update: KeyUpdateRequest,
    },
    /// Request a certificate from the client after the handshake, as a server of TLS 1.3 (RFC 9846 section
    /// 4.7.2). The answer is [`crate::Event::ClientAuthentication`].
    RequestCertificate,
    /// Report the time. This ends a renegotiation that takes longer than
    /// [`crate::RenegotiationLimits::max_duration`] and has no other effect.
    Time {
        /// The current time.
        now: UnixTime,
    },
    /// The peer sent a handshake message.
    Message {
        /// The epoch of the keys that protected the message.
        epoch: Epoch,
        /// The message, reassembled from its fragments.
        message: RawMessage<'a>,
    },
    /// The peer sent ChangeCipherSpec (RFC 5246 section 7.1).
    ChangeCipherSpec,
    /// The peer sent an alert (RFC 5246 section 7.2).
    Alert(Alert),
    /// The answer to the pending question.
    Answer(QuestionId, Answer),
    /// Another layer detected an error that ends the connection, for example a record that cannot be
    /// decrypted. The machine drops its secrets and invalidates the session (RFC 5246 section 7.2.2).
    Abort(AlertDescription),
    /// The error that [`crate::Joiner::next`] returned.
    NotJoined(HandshakeErrorKind),
}

/// Identifies one question of one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuestionId(pub(crate) u64);

/// The answer to a [`crate::Question`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Answer {
    /// To [`crate::Question::ChooseConfiguration`]: use the current policy.
    Configured,
    /// To [`crate::Question::FindSession`].
    Session(SessionAnswer),
    /// To [`crate::Question::FindSession`]: the ticket is valid but should be replaced, for example because
    /// its key will expire soon.
    SessionWithOldTicket(SessionAnswer),
    /// To [`crate::Question::SealTicket`]; `None` to issue no ticket.
    Ticket(Option<NewTicket>),
    /// To [`crate::Question::ChooseServerCredential`] and [`crate::Question::ChooseClientCredential`]; `None`
    /// if no credential is suitable.
    Credential(Option<Arc<Credential>>),
    /// To [`crate::Question::Sign`]: the signature in the encoding of TLS.
    Signature(Vec<u8>),
    /// To [`crate::Question::VerifyPeer`]: the chain is valid, and this is its key. A [`PeerKey`] converts
    /// with `into` if it is not known how long the verification is valid.
    PeerVerified(Verified),
    /// To [`crate::Question::VerifyPeer`]: the chain was not verified and the handshake continues. The peer
    /// must still prove that it has the private key, but its identity is unknown:
    /// [`crate::PeerProof::Unchecked`].
    PeerNotChecked(PeerKey),
    /// To [`crate::Question::VerifyPeer`]: the chain is not valid.
    PeerRejected {
        /// The alert that tells the reason (RFC 5246 section 7.2.2): `bad_certificate`, `unknown_ca`, …
        alert: AlertDescription,
    },
    /// To [`crate::Question::DecryptPremaster`].
    Premaster(Secret<48>),
    /// To [`crate::Question::FindPsk`]; `None` if there is none.
    Psk(Option<Psk>),
    /// To [`crate::Question::ChoosePsk`].
    PskChoice(PskChoice),
    /// To [`crate::Question::ConsumePsk`].
    PskUse(PskUse),
    /// To any question: it could not be answered. The handshake ends with `internal_error`, except for
    /// [`crate::Question::DecryptPremaster`]: the handshake then continues with the fallback, so that the
    /// failure is not observable.
    Failed,
}

/// The answer to [`crate::Question::FindSession`].
#[derive(Debug)]
pub struct SessionAnswer {
    /// The session, if one was found. It is shared with the session store.
    pub session: Option<Arc<Session>>,
    /// The current time.
    pub now: UnixTime,
}

/// The answer to [`crate::Question::ChoosePsk`].
#[derive(Debug)]
pub struct PskChoice {
    /// The place of the identity in the client's list, as the question numbers them, and the PSK. `None` if
    /// none of them is known.
    pub psk: Option<(u16, KnownPsk)>,
    /// The current time.
    pub now: UnixTime,
}

/// A PSK of a TLS 1.3 client that a server knows (RFC 9846 section 4.3.11).
#[derive(Clone, Debug)]
pub enum KnownPsk {
    /// The session of a ticket.
    Session(Arc<Session>),
    /// An external PSK, plain or imported (RFC 9258).
    External(tls13::Psk),
}

/// The answer to [`crate::Question::ConsumePsk`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PskUse {
    /// The ticket may be used, and is marked as used if it may be used only once. If the question is about
    /// early data too, this ClientHello has been recorded, and early data is accepted.
    Permitted,
    /// As [`PskUse::Permitted`], but early data is not accepted. A full handshake is not necessary.
    WithoutEarlyData,
    /// The ticket was used before, and may be used only once. A full handshake follows.
    AlreadyUsed,
}

/// A new ticket for the client (RFC 5077 section 3.3, RFC 9846 section 4.7.1).
#[derive(Clone, PartialEq, Eq)]
pub struct NewTicket {
    /// The sealed session; not empty.
    pub ticket: Vec<u8>,
    /// The lifetime hint in seconds; 0 leaves the lifetime to the client. TLS 1.3 ignores it: the machine
    /// states the lifetime of the session.
    pub lifetime_hint: u32,
}

impl core::fmt::Debug for NewTicket {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "NewTicket([{} bytes], {} s)", self.ticket.len(), self.lifetime_hint)
    }
}

/// The public key of a verified chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerKey {
    /// The public key of the end-entity certificate, or of the delegated credential if the peer presents one
    /// ([`crate::VerifyPeer::delegated`]).
    pub public_key: PublicKey,
    /// Whether the key usage permits signatures (RFC 5280 section 4.2.1.3, `digitalSignature`). `true` if the
    /// certificate has no key usage extension.
    pub may_sign: bool,
    /// Whether the key usage permits encryption (RFC 5280 section 4.2.1.3, `keyEncipherment`). `true` if the
    /// certificate has no key usage extension.
    pub may_encrypt: bool,
    /// The only signature scheme of the key, if the certificate restricts it, as an RSASSA-PSS key can (RFC
    /// 4055 section 3.1).
    pub only_scheme: Option<SignatureScheme>,
}

/// The result of a successful verification of the peer's chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The public key of the peer.
    pub key: PeerKey,
    /// The last second in which the verification is valid: the earliest `notAfter` of the verified path (RFC
    /// 5280 section 4.1.2.5), or an earlier limit. The session is not resumed after that. `None` if only the
    /// session's lifetime limits it.
    pub not_after: Option<UnixTime>,
}

impl From<PeerKey> for Verified {
    fn from(key: PeerKey) -> Self {
        Self { key, not_after: None }
    }
}

/// A pre-shared key and its identity (RFC 4279).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Psk {
    /// The identity, at most 65,535 bytes. It is sent unencrypted.
    pub identity: Vec<u8>,
    /// The key, 1 to 65,535 bytes. It must be random and not a password: an eavesdropper on a handshake with
    /// PSK key exchange can test keys offline (RFC 4279 section 7.2).
    pub key: SecretBytes,
}
