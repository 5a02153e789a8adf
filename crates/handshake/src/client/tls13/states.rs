//! The states of the client in TLS 1.3.

use crate::credential::Credential;
use crate::ext::ExtensionSet;
use crate::flight::Flight;
use crate::input::PeerKey;
use crate::policy::ClientPolicy;
use crate::requested_certificate::RequestedCertificate;
use crate::session::Session;
use crate::table::states;
use crate::tls13::negotiated::Tls13Negotiated;
use crate::tls13::post_handshake::MainHandshake;
use crate::tls13::secrets::{ApplicationSecrets, HandshakeSecrets};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use cairn_schedule::tls13::{Kdf, Tls13Suite, Transcript};
use cairn_wire::{CertificateCompressionAlgorithm, SignatureScheme};

use super::super::hello::offer::SentHello;

states!(
    AwaitSecondServerHello,
    AwaitEncryptedExtensions,
    AwaitCertificateOrRequest,
    AwaitCertificate,
    VerifyingPeer,
    AwaitCertificateVerify,
    AwaitFinished,
    ChoosingCredential,
    Signing,
    Established,
    Authenticable,
    ChoosingLaterCredential,
    SigningLater,
);

/// The second ClientHello has been sent.
pub(crate) struct AwaitSecondServerHello {
    pub(super) waiting: Box<(SentHello, Retried)>,
}

/// The parameters that HelloRetryRequest has fixed.
pub(crate) struct Retried {
    pub(super) suite: &'static Tls13Suite,
    pub(super) kdf: Kdf,
    /// It ends with the second ClientHello.
    pub(super) transcript: Transcript,
    /// Whether the first ClientHello offered early data, which HelloRetryRequest rejects.
    pub(super) was_early: bool,
}

/// Early data that has been offered, and may have been sent. The session if the server can accept it: its PSK
/// is the first, and the suite is the same.
pub(crate) struct Early(pub(super) Option<Arc<Session>>);

/// A handshake between ServerHello and the server's Finished.
pub(crate) struct Handshake {
    pub(super) negotiated: Tls13Negotiated,
    pub(super) secrets: HandshakeSecrets,
    /// The extensions of ClientHello.
    pub(super) offered: ExtensionSet,
    pub(super) early: Option<Early>,
    /// The server's CertificateRequest.
    pub(super) request: Option<Box<RequestedCertificate>>,
}

pub(crate) struct AwaitEncryptedExtensions {
    pub(super) handshake: Box<Handshake>,
}

pub(crate) struct AwaitCertificateOrRequest {
    pub(super) handshake: Box<Handshake>,
}

pub(crate) struct AwaitCertificate {
    pub(super) handshake: Box<Handshake>,
}

pub(crate) struct VerifyingPeer {
    pub(super) handshake: Box<Handshake>,
}

pub(crate) struct AwaitCertificateVerify {
    pub(super) handshake: Box<Handshake>,
    pub(super) key: Box<PeerKey>,
}

pub(crate) struct AwaitFinished {
    pub(super) handshake: Box<Handshake>,
}

/// A handshake between the server's Finished and ours.
pub(crate) struct Answer {
    pub(super) negotiated: Tls13Negotiated,
    pub(super) secrets: ApplicationSecrets,
}

pub(crate) struct ChoosingCredential {
    pub(super) answer: Box<Answer>,
    pub(super) request: Box<RequestedCertificate>,
    pub(super) policy: Arc<ClientPolicy>,
}

pub(crate) struct Signing {
    pub(super) answer: Box<Answer>,
    pub(super) credential: Arc<Credential>,
    pub(super) scheme: SignatureScheme,
    pub(super) message: Vec<u8>,
}

/// The handshake is complete.
pub(crate) struct Established;

/// The handshake is complete, and the server may request a certificate (RFC 9846 section 4.7.2).
pub(crate) struct Authenticable {
    pub(super) requests: Box<Requests>,
}

/// The requests for a certificate after the handshake.
pub(crate) struct Requests {
    pub(super) main: MainHandshake,
    /// The number of requests so far.
    pub(super) count: u32,
    /// certificate_request_context of the latest requests. Each must differ from the others.
    pub(super) contexts: VecDeque<Vec<u8>>,
}

/// A request for a certificate that is not answered yet.
pub(crate) struct LaterRequest {
    /// Its number on this connection, from 0.
    pub(super) number: u32,
    pub(super) context: Vec<u8>,
    pub(super) certificate: RequestedCertificate,
    /// The messages of the handshake, CertificateRequest, and those of the response so far.
    pub(super) transcript: Transcript,
    /// The messages of the response so far, which are not sent yet.
    pub(super) prepared: Flight,
    pub(super) policy: Arc<ClientPolicy>,
}

/// Asks for the credential for a request after the handshake.
pub(crate) struct ChoosingLaterCredential {
    pub(super) requests: Box<Requests>,
    pub(super) request: Box<LaterRequest>,
}

/// Asks for the signature of the response to such a request.
pub(crate) struct SigningLater {
    pub(super) requests: Box<Requests>,
    pub(super) request: Box<LaterRequest>,
    pub(super) credential: Arc<Credential>,
    /// The algorithm in which the prepared Certificate is compressed.
    pub(super) compression: Option<CertificateCompressionAlgorithm>,
    pub(super) scheme: SignatureScheme,
    pub(super) message: Vec<u8>,
}
