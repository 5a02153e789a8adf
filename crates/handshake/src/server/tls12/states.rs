//! The states of the server after the choice of TLS 1.2.

use super::hello::judge::Hello;
use crate::credential::Credential;
use crate::input::PeerKey;
use crate::kx::server::{ClientSecret, ServerSecret};
use crate::policy::ResumptionPolicy;
use crate::raw_message::RawMessage;
use crate::server::offer::Offer;
use crate::session::Session;
use crate::table::states;
use crate::tls12::negotiated::Tls12Negotiated;
use crate::tls12::secured::{Either, InUse, Pending, Secured};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use cairn_crypto::{Secret, SecretBytes};
use cairn_wire::SignatureScheme;

states!(
    FindingSession,
    ChoosingCredential,
    Signing,
    AwaitCertificate,
    VerifyingPeer,
    AwaitClientKeyExchange,
    FindingPsk,
    DecryptingPremaster,
    AwaitCertificateVerify,
    AwaitChangeCipherSpec,
    AwaitFinished,
    SealingTicket,
    Established,
    RenegotiationRequested,
);

/// Asks for the session of the client's session ID or ticket.
pub(crate) struct FindingSession {
    pub(super) hello: Box<Hello>,
    pub(super) policy: ResumptionPolicy,
}

/// Asks for the credential for this client.
pub(crate) struct ChoosingCredential {
    pub(super) hello: Box<Hello>,
    pub(super) offer: Box<Offer>,
}

/// A key exchange for which the server has generated its share.
pub(super) struct Exchange {
    pub(super) negotiated: Box<Tls12Negotiated>,
    pub(super) server_secret: ServerSecret,
}

/// Asks for the signature of ServerKeyExchange.
pub(crate) struct Signing {
    pub(super) exchange: Exchange,
    pub(super) credential: Arc<Credential>,
    pub(super) scheme: SignatureScheme,
    /// Both randoms and the parameters (RFC 8422 section 5.4).
    pub(super) message: Vec<u8>,
}

pub(crate) struct AwaitCertificate {
    pub(super) exchange: Exchange,
}

/// Asks for the verification of the client's chain.
pub(crate) struct VerifyingPeer {
    pub(super) exchange: Exchange,
}

pub(crate) struct AwaitClientKeyExchange {
    pub(super) exchange: Exchange,
    /// The key for the signature of CertificateVerify.
    pub(super) key: Option<PeerKey>,
}

/// ClientKeyExchange has been received.
pub(super) struct Agreed {
    pub(super) negotiated: Box<Tls12Negotiated>,
    /// The key for the signature of CertificateVerify.
    pub(super) key: Option<PeerKey>,
    /// The PSK identity that the client sent.
    pub(super) identity: Option<Vec<u8>>,
    pub(super) psk: Option<SecretBytes>,
}

/// Asks for the pre-shared key with the client's identity.
pub(crate) struct FindingPsk {
    pub(super) agreed: Box<Agreed>,
    pub(super) secret: ClientSecret,
}

/// Asks for the decryption of the premaster secret. The visible behaviour does not depend on the result: an
/// invalid premaster secret is detected when the client's Finished cannot be decrypted (RFC 5246 section
/// 7.4.7.1).
pub(crate) struct DecryptingPremaster {
    pub(super) agreed: Box<Agreed>,
    pub(super) credential: Arc<Credential>,
    pub(super) ciphertext: Vec<u8>,
    pub(super) fallback: Secret<48>,
}

pub(crate) struct AwaitCertificateVerify {
    pub(super) secured: Secured<Pending, Pending>,
    pub(super) key: Box<PeerKey>,
}

pub(crate) struct AwaitChangeCipherSpec {
    pub(crate) secured: Secured<Pending, Either>,
}

pub(crate) struct AwaitFinished {
    pub(super) secured: Secured<InUse, Either>,
}

/// Asks for the ticket that ServerHello announced.
pub(crate) struct SealingTicket {
    pub(super) secured: Secured<Either, Pending>,
    pub(super) session: Box<Session>,
}

/// A renegotiation starts: the hello stage continues with this ClientHello.
pub(crate) struct StartRenegotiation<'a> {
    pub(crate) message: RawMessage<'a>,
    /// The name of the state in which it came.
    pub(crate) state: &'static str,
}

/// The handshake is complete and no other is in progress or requested.
pub(crate) struct Established;

/// HelloRequest has been sent, and the client has not answered yet.
pub(crate) struct RenegotiationRequested;
