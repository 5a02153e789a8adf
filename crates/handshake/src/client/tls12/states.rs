//! The states of the client after ServerHello.

use crate::credential::Credential;
use crate::kx::client::ServerShare;
use crate::policy::ClientPolicy;
use crate::requested_certificate::RequestedCertificate;
use crate::table::states;
use crate::tls12::negotiated::Tls12Negotiated;
use crate::tls12::secured::{Either, InUse, Pending, Secured};
use alloc::boxed::Box;
use alloc::sync::Arc;
use cairn_wire::SignatureScheme;

states!(
    AwaitCertificate,
    AwaitStatusOrKeyExchange,
    AwaitStatusOrHint,
    AwaitStatusOrRequest,
    AwaitServerKeyExchange,
    AwaitIdentityHint,
    AwaitCertificateRequest,
    AwaitServerHelloDone,
    VerifyingPeer,
    FindingPsk,
    ChoosingCredential,
    Signing,
    AwaitNewSessionTicket,
    AwaitChangeCipherSpec,
    AwaitFinished,
    Established,
);

pub(crate) struct AwaitCertificate {
    pub(crate) negotiated: Box<Tls12Negotiated>,
    /// Whether the server sent status_request, so that CertificateStatus may follow (RFC 6066 section 8).
    pub(crate) status_may_come: bool,
}

/// CertificateStatus may come, but the server may omit it (RFC 6066 section 8): "a server MAY also choose not
/// to send a 'CertificateStatus' message, even if has received a 'status_request' extension in the client
/// hello message and has sent a 'status_request' extension in the server hello message". The message after it
/// is then accepted as the next state accepts it.
pub(crate) struct AwaitStatusOr<Next> {
    pub(super) next: Next,
}

pub(crate) type AwaitStatusOrKeyExchange = AwaitStatusOr<AwaitServerKeyExchange>;

pub(crate) type AwaitStatusOrHint = AwaitStatusOr<AwaitIdentityHint>;

pub(crate) type AwaitStatusOrRequest = AwaitStatusOr<AwaitCertificateRequest>;

pub(crate) struct AwaitServerKeyExchange {
    pub(super) negotiated: Box<Tls12Negotiated>,
}

/// The server omits ServerKeyExchange if it has no PSK identity hint (RFC 4279 section 2).
pub(crate) struct AwaitIdentityHint {
    pub(super) negotiated: Box<Tls12Negotiated>,
}

pub(crate) struct AwaitCertificateRequest {
    pub(super) negotiated: Box<Tls12Negotiated>,
    pub(super) server_share: Box<ServerShare>,
}

pub(crate) struct AwaitServerHelloDone {
    pub(super) negotiated: Box<Tls12Negotiated>,
    pub(super) server_share: Box<ServerShare>,
    pub(super) request: Option<Box<RequestedCertificate>>,
}

/// Asks for the verification of the server's chain. The signature is checked afterwards with its key.
pub(crate) struct VerifyingPeer {
    pub(super) negotiated: Box<Tls12Negotiated>,
    pub(super) server_share: Box<ServerShare>,
    pub(super) request: Option<Box<RequestedCertificate>>,
}

/// Asks for the pre-shared key.
pub(crate) struct FindingPsk {
    pub(super) negotiated: Box<Tls12Negotiated>,
    pub(super) server_share: Box<ServerShare>,
}

/// Asks for a credential that satisfies CertificateRequest.
pub(crate) struct ChoosingCredential {
    pub(super) negotiated: Box<Tls12Negotiated>,
    pub(super) server_share: Box<ServerShare>,
    pub(super) request: Box<RequestedCertificate>,
    pub(super) policy: Arc<ClientPolicy>,
}

/// Asks for the signature of CertificateVerify.
pub(crate) struct Signing {
    pub(super) secured: Secured<Pending, Pending>,
    pub(super) credential: Arc<Credential>,
    pub(super) scheme: SignatureScheme,
}

pub(crate) struct AwaitNewSessionTicket {
    pub(super) secured: Secured<Pending, Either>,
    /// The maximum length in bytes of a ticket that a later ClientHello can hold.
    pub(super) room: usize,
}

pub(crate) struct AwaitChangeCipherSpec {
    pub(super) secured: Secured<Pending, Either>,
}

pub(crate) struct AwaitFinished {
    pub(super) secured: Secured<InUse, Either>,
}

/// A renegotiation starts: the hello stage sends ClientHello.
pub(crate) struct StartRenegotiation;

/// The handshake is complete and no other is in progress.
pub(crate) struct Established;

impl AsMut<Tls12Negotiated> for AwaitServerKeyExchange {
    fn as_mut(&mut self) -> &mut Tls12Negotiated {
        &mut self.negotiated
    }
}

impl AsMut<Tls12Negotiated> for AwaitIdentityHint {
    fn as_mut(&mut self) -> &mut Tls12Negotiated {
        &mut self.negotiated
    }
}

impl AsMut<Tls12Negotiated> for AwaitCertificateRequest {
    fn as_mut(&mut self) -> &mut Tls12Negotiated {
        &mut self.negotiated
    }
}
