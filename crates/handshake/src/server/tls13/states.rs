//! The states of the server in TLS 1.3.

use super::judged::{FirstHello, Hello};
use crate::credential::Credential;
use crate::input::PeerKey;
use crate::table::states;
use crate::tls13::negotiated::Tls13Negotiated;
use crate::tls13::secrets::{ApplicationSecrets, HandshakeSecrets};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use cairn_wire::SignatureScheme;

states!(
    AwaitSecondClientHello,
    ChoosingCredential,
    Signing,
    AwaitCertificate,
    VerifyingPeer,
    AwaitCertificateVerify,
    AwaitFinished,
    Established,
);

/// HelloRetryRequest has been sent.
pub(crate) struct AwaitSecondClientHello {
    pub(super) first: Box<FirstHello>,
}

/// Asks for the credential for this client.
pub(crate) struct ChoosingCredential {
    pub(super) hello: Box<Hello>,
}

/// A handshake between ServerHello and our Finished.
pub(crate) struct Handshake {
    pub(super) negotiated: Tls13Negotiated,
    pub(super) secrets: HandshakeSecrets,
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

pub(crate) struct Established;
