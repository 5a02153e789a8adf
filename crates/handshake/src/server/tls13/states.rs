//! The states of the server in TLS 1.3.

use super::judged::{BoundPsk, Candidates, FirstHello, Hello};
use super::requests::{Request, Requests};
use super::ticket_plan::TicketPlan;
use crate::credential::Credential;
use crate::input::PeerKey;
use crate::post_handshake_authentication::ClientIdentity;
use crate::session::Session;
use crate::table::states;
use crate::tls13::certificate::Presented;
use crate::tls13::negotiated::Tls13Negotiated;
use crate::tls13::secrets::{ApplicationSecrets, FinalSecrets, HandshakeSecrets};
use crate::trigger::CheckedKey;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use cairn_schedule::tls13::ResumptionSecret;
use cairn_wire::{CertificateCompressionAlgorithm, SignatureScheme};

states!(
    AwaitSecondClientHello,
    ChoosingPsk,
    ConsumingPsk,
    ChoosingCredential,
    Signing,
    AwaitEndOfEarlyData,
    AwaitCertificate,
    VerifyingPeer,
    AwaitCertificateVerify,
    AwaitFinished,
    SealingTicket,
    Established,
    Authenticable,
    CertificateRequested,
    VerifyingLater,
    AwaitLaterCertificateVerify,
    AwaitLaterFinished,
);

/// HelloRetryRequest has been sent.
pub(crate) struct AwaitSecondClientHello {
    pub(super) first: Box<FirstHello>,
}

/// Asks which of the client's PSKs is known.
pub(crate) struct ChoosingPsk {
    pub(super) candidates: Box<Candidates>,
}

/// Asks to use up the PSK, whose binder is valid.
pub(crate) struct ConsumingPsk {
    pub(super) hello: Box<Hello>,
    pub(super) psk: Box<BoundPsk>,
    pub(super) session: Arc<Session>,
    /// The maximum early data in bytes, if it would be accepted.
    pub(super) early_data: Option<u32>,
}

/// Asks for the credential for this client.
pub(crate) struct ChoosingCredential {
    pub(super) hello: Box<Hello>,
    /// The external PSK to use together with the certificate (RFC 8773).
    pub(super) psk: Option<Box<BoundPsk>>,
}

/// A handshake between ServerHello and our Finished.
pub(crate) struct Handshake {
    pub(super) negotiated: Tls13Negotiated,
    pub(super) secrets: HandshakeSecrets,
    pub(super) tickets: TicketPlan,
}

pub(crate) struct Signing {
    pub(super) handshake: Box<Handshake>,
    pub(super) credential: Arc<Credential>,
    pub(super) scheme: SignatureScheme,
    pub(super) message: Vec<u8>,
}

/// A handshake between our Finished and the client's.
pub(crate) struct Answered {
    pub(super) negotiated: Tls13Negotiated,
    pub(super) secrets: ApplicationSecrets,
    pub(super) tickets: TicketPlan,
}

/// The client sends early data.
pub(crate) struct AwaitEndOfEarlyData {
    pub(super) answered: Box<Answered>,
}

pub(crate) struct AwaitCertificate {
    pub(super) answered: Box<Answered>,
}

pub(crate) struct VerifyingPeer {
    pub(super) answered: Box<Answered>,
}

pub(crate) struct AwaitCertificateVerify {
    pub(super) answered: Box<Answered>,
    pub(super) key: Box<PeerKey>,
}

pub(crate) struct AwaitFinished {
    pub(super) answered: Box<Answered>,
}

/// A server after the client's Finished, which still has to send tickets.
pub(crate) struct Issuing {
    pub(super) negotiated: Tls13Negotiated,
    pub(super) secrets: FinalSecrets,
    pub(super) resumption: ResumptionSecret,
    /// The number of tickets to send, and that of tickets sent, which is the next nonce.
    pub(super) count: u8,
    pub(super) sent: u8,
}

/// The client's Finished has been received. Asks for a ticket.
pub(crate) struct SealingTicket {
    pub(super) issuing: Box<Issuing>,
    /// The session that the ticket is to contain.
    pub(super) session: Box<Session>,
}

/// The handshake is complete.
pub(crate) struct Established;

/// The handshake is complete, and a certificate may be requested (RFC 9846 section 4.7.2).
pub(crate) struct Authenticable {
    pub(super) requests: Box<Requests>,
}

/// A certificate has been requested after the handshake.
pub(crate) struct CertificateRequested {
    pub(super) requests: Box<Requests>,
}

/// The client is responding to a request after the handshake.
pub(crate) struct Later {
    /// The other requests.
    pub(super) requests: Box<Requests>,
    pub(super) request: Request,
    /// The algorithm in which the client has compressed its Certificate message.
    pub(super) compression: Option<CertificateCompressionAlgorithm>,
}

pub(crate) struct VerifyingLater {
    pub(super) later: Box<Later>,
    pub(super) presented: Box<Presented>,
}

pub(crate) struct AwaitLaterCertificateVerify {
    pub(super) later: Box<Later>,
    pub(super) presented: Box<Presented>,
    pub(super) checked: Box<CheckedKey>,
}

pub(crate) struct AwaitLaterFinished {
    pub(super) later: Box<Later>,
    /// The identity that the client has proved. `None` if its Certificate message is empty.
    pub(super) identity: Option<Box<ClientIdentity>>,
}
