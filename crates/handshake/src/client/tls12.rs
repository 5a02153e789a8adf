//! The client's TLS 1.2 handshake after ServerHello (RFC 5246 section 7.3, figures 1 and 2).
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::{Cx, hello::send_client_hello};
use crate::{
    ChooseClientCredential, ClientPolicy, Credential, FindPsk, HandshakeErrorKind, Proof, Psk, Question,
    RawMessage, Renegotiation, Sign, Ticket, VerifyPeer,
    certificate_chain::CertificateChain,
    ext::{status_request, supported_groups::curve_of_key},
    kx::{
        Said,
        client::{Params, ServerShare, client_key_exchange},
    },
    raw_message,
    requested_certificate::RequestedCertificate,
    table::{states, transition_table},
    tls12::negotiated::{SessionStorage, Tls12Negotiated},
    tls12::secured::{Either, InUse, Order, Pending, Secured},
    trigger::CheckedKey,
    verify::check_signature,
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_schedule::Side;
use cairn_wire::{
    Certificate, CertificateStatus, CertificateVerify, DigitallySigned, HelloRequest, KeyAgreement, List,
    NewSessionTicket, ServerHelloDone, SessionId, SignatureScheme,
};
use core::time::Duration;

transition_table! {
    /// The client's states after ServerHello.
    "client, TLS 1.2" for Cx, leading to super::State:
    AwaitCertificate,         Certificate        => on_certificate          -> [AwaitStatusOrKeyExchange, AwaitStatusOrHint, AwaitStatusOrRequest, AwaitServerKeyExchange, AwaitIdentityHint, AwaitCertificateRequest];
    AwaitStatusOrKeyExchange, CertificateStatus  => on_certificate_status   -> [AwaitServerKeyExchange];
    AwaitStatusOrKeyExchange, ServerKeyExchange  => on_server_key_exchange  -> [AwaitCertificateRequest];
    AwaitStatusOrHint,        CertificateStatus  => on_certificate_status   -> [AwaitIdentityHint];
    AwaitStatusOrHint,        ServerKeyExchange  => on_server_key_exchange  -> [AwaitServerHelloDone];
    AwaitStatusOrHint,        ServerHelloDone    => on_server_hello_done    -> [VerifyingPeer];
    AwaitStatusOrRequest,     CertificateStatus  => on_certificate_status   -> [AwaitCertificateRequest];
    AwaitStatusOrRequest,     CertificateRequest => on_certificate_request  -> [AwaitServerHelloDone];
    AwaitStatusOrRequest,     ServerHelloDone    => on_server_hello_done    -> [VerifyingPeer];
    AwaitServerKeyExchange,   ServerKeyExchange  => on_server_key_exchange  -> [AwaitCertificateRequest, AwaitServerHelloDone];
    AwaitIdentityHint,        ServerKeyExchange  => on_server_key_exchange  -> [AwaitServerHelloDone];
    AwaitIdentityHint,        ServerHelloDone    => on_server_hello_done    -> [VerifyingPeer, FindingPsk];
    AwaitCertificateRequest,  CertificateRequest => on_certificate_request  -> [AwaitServerHelloDone];
    AwaitCertificateRequest,  ServerHelloDone    => on_server_hello_done    -> [VerifyingPeer];
    AwaitServerHelloDone,     ServerHelloDone    => on_server_hello_done    -> [VerifyingPeer, FindingPsk, AwaitNewSessionTicket, AwaitChangeCipherSpec];
    AwaitServerHelloDone,     CertificateRequest => on_certificate_request  -> [];
    VerifyingPeer,            PeerVerified       => on_peer_verified        -> [ChoosingCredential, FindingPsk, AwaitNewSessionTicket, AwaitChangeCipherSpec];
    FindingPsk,               PskFound           => on_psk_found            -> [AwaitNewSessionTicket, AwaitChangeCipherSpec];
    ChoosingCredential,       CredentialChosen   => on_credential_chosen    -> [Signing, AwaitNewSessionTicket, AwaitChangeCipherSpec];
    Signing,                  Signed             => on_signed               -> [AwaitNewSessionTicket, AwaitChangeCipherSpec];
    AwaitNewSessionTicket,    NewSessionTicket   => on_new_session_ticket   -> [AwaitChangeCipherSpec];
    AwaitChangeCipherSpec,    ChangeCipherSpec   => on_change_cipher_spec   -> [AwaitFinished];
    AwaitFinished,            Finished           => on_finished             -> [Established];
    Established,              HelloRequest       => on_hello_request        -> [Established, AwaitServerHello];
    Established,              Renegotiate        => on_renegotiate          -> [AwaitServerHello];
}

states!(Tls12 of super::State:
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

impl State {
    pub(super) fn question(&self) -> Option<Question<'_>> {
        Some(match self {
            Self::VerifyingPeer(state) => Question::VerifyPeer(VerifyPeer {
                peer: Side::Server,
                chain: state.negotiated.common.peer_chain.as_ref()?,
                stapled: &state.negotiated.common.stapled,
            }),
            Self::FindingPsk(state) => Question::FindPsk(FindPsk::ByHint {
                server_name: state.negotiated.common.server_name.as_deref(),
                hint: state.server_share.hint.as_deref(),
            }),
            Self::ChoosingCredential(state) => Question::ChooseClientCredential(ChooseClientCredential {
                request: &state.request,
                certificate_type: state.negotiated.common.client_certificate_type,
                ours: &state.policy.signature_schemes,
            }),
            Self::Signing(state) => Question::Sign(Sign {
                credential: &state.credential,
                scheme: state.scheme,
                message: state.secured.negotiated.transcript.messages().ok()?,
            }),
            _ => return None,
        })
    }
}

pub(crate) struct AwaitCertificate {
    pub(super) negotiated: Box<Tls12Negotiated>,
    /// Whether the server sent status_request, so that CertificateStatus may follow (RFC 6066 section 8).
    pub(super) status_may_come: bool,
}

impl AwaitCertificate {
    fn on_certificate(
        mut self,
        message: RawMessage<'_>,
        _cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let chain = CertificateChain::read_tls12(self.negotiated.common.server_certificate_type, message)?;
        self.negotiated.common.peer_chain =
            Some(Arc::new(chain.ok_or(HandshakeErrorKind::EmptyCertificateList)?));
        self.negotiated.transcript.add(message.bytes)?;
        let negotiated = self.negotiated;
        if !self.status_may_come {
            return Ok(await_the_servers_half(negotiated));
        }
        Ok(match negotiated.kx.server_key_exchange {
            Said::Always => AwaitStatusOrKeyExchange(AwaitServerKeyExchange { negotiated }).into(),
            Said::WithHint => AwaitStatusOrHint(AwaitIdentityHint { negotiated }).into(),
            Said::Never => {
                AwaitStatusOrRequest(AwaitCertificateRequest { negotiated, server_share: Box::default() })
                    .into()
            }
        })
    }
}

/// CertificateStatus may come, but the server may omit it (RFC 6066 section 8). The message after it is then
/// accepted directly.
pub(crate) struct AwaitStatusOrKeyExchange(AwaitServerKeyExchange);

/// As [`AwaitStatusOrKeyExchange`], with an optional ServerKeyExchange.
pub(crate) struct AwaitStatusOrHint(AwaitIdentityHint);

/// As [`AwaitStatusOrKeyExchange`], without ServerKeyExchange.
pub(crate) struct AwaitStatusOrRequest(AwaitCertificateRequest);

fn take_status(negotiated: &mut Tls12Negotiated, message: RawMessage<'_>) -> Result<(), HandshakeErrorKind> {
    let status: CertificateStatus<'_> = raw_message::read(message)?;
    negotiated.common.stapled.ocsp_response = Some(status_request::ocsp_response(&status)?.to_vec());
    Ok(negotiated.transcript.add(message.bytes)?)
}

impl AwaitStatusOrKeyExchange {
    fn on_certificate_status(
        mut self,
        message: RawMessage<'_>,
        _cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        take_status(&mut self.0.negotiated, message)?;
        Ok(self.0.into())
    }

    fn on_server_key_exchange(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        self.0.on_server_key_exchange(message, cx)
    }
}

impl AwaitStatusOrHint {
    fn on_certificate_status(
        mut self,
        message: RawMessage<'_>,
        _cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        take_status(&mut self.0.negotiated, message)?;
        Ok(self.0.into())
    }

    fn on_server_key_exchange(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        self.0.on_server_key_exchange(message, cx)
    }

    fn on_server_hello_done(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        self.0.on_server_hello_done(message, cx)
    }
}

impl AwaitStatusOrRequest {
    fn on_certificate_status(
        mut self,
        message: RawMessage<'_>,
        _cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        take_status(&mut self.0.negotiated, message)?;
        Ok(self.0.into())
    }

    fn on_certificate_request(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        self.0.on_certificate_request(message, cx)
    }

    fn on_server_hello_done(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        self.0.on_server_hello_done(message, cx)
    }
}

/// The next state after Certificate, or if there is none.
pub(super) fn await_the_servers_half(negotiated: Box<Tls12Negotiated>) -> super::State {
    match negotiated.kx.server_key_exchange {
        Said::Always => AwaitServerKeyExchange { negotiated }.into(),
        Said::WithHint => AwaitIdentityHint { negotiated }.into(),
        Said::Never => AwaitCertificateRequest { negotiated, server_share: Box::default() }.into(),
    }
}

pub(crate) struct AwaitServerKeyExchange {
    negotiated: Box<Tls12Negotiated>,
}

impl AwaitServerKeyExchange {
    fn on_server_key_exchange(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let mut negotiated = self.negotiated;
        let server_share = ServerShare::read(&negotiated.kx, message, cx.policy, &negotiated.randoms)?;
        negotiated.common.evidence.group = server_share.group();
        negotiated.transcript.add(message.bytes)?;
        let server_share = Box::new(server_share);
        Ok(if negotiated.kx.may_ask_client() {
            AwaitCertificateRequest { negotiated, server_share }.into()
        } else {
            AwaitServerHelloDone { negotiated, server_share, request: None }.into()
        })
    }
}

/// The server omits ServerKeyExchange if it has no PSK identity hint (RFC 4279 section 2).
pub(crate) struct AwaitIdentityHint {
    negotiated: Box<Tls12Negotiated>,
}

impl AwaitIdentityHint {
    fn on_server_key_exchange(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        AwaitServerKeyExchange { negotiated: self.negotiated }.on_server_key_exchange(message, cx)
    }

    fn on_server_hello_done(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        AwaitServerHelloDone { negotiated: self.negotiated, server_share: Box::default(), request: None }
            .on_server_hello_done(message, cx)
    }
}

pub(crate) struct AwaitCertificateRequest {
    negotiated: Box<Tls12Negotiated>,
    server_share: Box<ServerShare>,
}

impl AwaitCertificateRequest {
    fn on_certificate_request(
        mut self,
        message: RawMessage<'_>,
        _cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let request = Box::new(RequestedCertificate::read(message)?);
        self.negotiated.transcript.add(message.bytes)?;
        Ok(AwaitServerHelloDone {
            negotiated: self.negotiated,
            server_share: self.server_share,
            request: Some(request),
        }
        .into())
    }

    fn on_server_hello_done(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        AwaitServerHelloDone { negotiated: self.negotiated, server_share: self.server_share, request: None }
            .on_server_hello_done(message, cx)
    }
}

pub(crate) struct AwaitServerHelloDone {
    negotiated: Box<Tls12Negotiated>,
    server_share: Box<ServerShare>,
    request: Option<Box<RequestedCertificate>>,
}

impl AwaitServerHelloDone {
    fn on_certificate_request(
        self,
        _message: RawMessage<'_>,
        _cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        Err(self.refuse_request())
    }

    /// The error for an unexpected CertificateRequest. An anonymous server must not send it (RFC 5246 section
    /// 7.4.4, `handshake_failure`). A second CertificateRequest is `unexpected_message`.
    pub(crate) const fn refuse_request(&self) -> HandshakeErrorKind {
        let kx = self.negotiated.kx;
        if kx.certificate || kx.psk {
            HandshakeErrorKind::UnexpectedMessage { got: "CertificateRequest" }
        } else {
            HandshakeErrorKind::RequestByAnonymousServer
        }
    }

    fn on_server_hello_done(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let _checked: ServerHelloDone = raw_message::read(message)?;
        let Self { mut negotiated, server_share, request } = self;
        negotiated.transcript.add(message.bytes)?;
        if request.is_none() {
            negotiated.transcript.discard_messages();
        }
        if negotiated.kx.certificate {
            Ok(VerifyingPeer { negotiated, server_share, request }.into())
        } else {
            go_on(negotiated, server_share, None, cx)
        }
    }
}

/// Asks for the verification of the server's chain. The signature is checked afterwards with its key.
pub(crate) struct VerifyingPeer {
    negotiated: Box<Tls12Negotiated>,
    server_share: Box<ServerShare>,
    request: Option<Box<RequestedCertificate>>,
}

impl VerifyingPeer {
    fn on_peer_verified(
        self,
        checked: CheckedKey,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let Self { mut negotiated, mut server_share, request } = self;
        let CheckedKey { key, verified, not_after } = checked;
        negotiated.common.evidence.peer_verified = verified;
        negotiated.common.not_after = not_after;
        if !negotiated.kx.takes_key(negotiated.suite, key.public_key.kind) {
            return Err(HandshakeErrorKind::WrongKeyForSuite(key.public_key.kind));
        }
        // supported_groups also applies to the curve of the certificate's key (RFC 8422 section 5.3).
        if let Some(curve) =
            curve_of_key(key.public_key.kind).filter(|curve| !cx.policy.groups.contains(curve))
        {
            return Err(HandshakeErrorKind::GroupNotOffered(curve));
        }
        if let Some(signed) = server_share.signed.take() {
            check_signature(
                &cx.policy.provider,
                &cx.policy.signature_schemes,
                &key,
                &signed.message,
                &DigitallySigned { algorithm: signed.scheme, signature: &signed.signature },
            )?;
            let kind = key.public_key.kind;
            negotiated.common.evidence.server_proof =
                Some(Proof::signed(kind, signed.scheme, signed.signature.len()));
        }
        if negotiated.kx.agreement == KeyAgreement::Rsa {
            if !key.may_encrypt {
                return Err(HandshakeErrorKind::KeyMayNotEncrypt);
            }
            server_share.params = Params::Key(key.public_key.bits);
        }
        go_on(negotiated, server_share, request, cx)
    }
}

/// The server is authenticated if the suite requires it. Asks for a pre-shared key or a credential if
/// ClientKeyExchange needs one.
fn go_on(
    negotiated: Box<Tls12Negotiated>,
    server_share: Box<ServerShare>,
    request: Option<Box<RequestedCertificate>>,
    cx: &mut Cx<'_>,
) -> Result<super::State, HandshakeErrorKind> {
    match request {
        Some(request) => {
            Ok(ChoosingCredential { negotiated, server_share, request, policy: Arc::clone(cx.policy) }.into())
        }
        None if negotiated.kx.psk => Ok(FindingPsk { negotiated, server_share }.into()),
        None => send_key_exchange(negotiated, &server_share.params, None, None, cx),
    }
}

/// Asks for the pre-shared key.
pub(crate) struct FindingPsk {
    negotiated: Box<Tls12Negotiated>,
    server_share: Box<ServerShare>,
}

impl FindingPsk {
    fn on_psk_found(self, psk: Option<Psk>, cx: &mut Cx<'_>) -> Result<super::State, HandshakeErrorKind> {
        let psk = psk.filter(|psk| !psk.key.is_empty()).ok_or(HandshakeErrorKind::NoPsk)?;
        send_key_exchange(self.negotiated, &self.server_share.params, Some(psk), None, cx)
    }
}

/// Asks for a credential that satisfies CertificateRequest.
pub(crate) struct ChoosingCredential {
    negotiated: Box<Tls12Negotiated>,
    server_share: Box<ServerShare>,
    request: Box<RequestedCertificate>,
    policy: Arc<ClientPolicy>,
}

impl ChoosingCredential {
    fn on_credential_chosen(
        mut self,
        chosen: Option<Arc<Credential>>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let shown = self.negotiated.common.client_certificate_type;
        let with_scheme = chosen.and_then(|credential| {
            let ours = &self.policy.signature_schemes;
            let scheme = self.request.scheme_for(&credential, shown, ours).ok()?;
            Some((credential, scheme))
        });
        let transcript = &mut self.negotiated.transcript;
        match &with_scheme {
            Some((credential, _)) => cx.out.send_certificate(transcript, &credential.chain)?,
            // A client without a suitable certificate sends an empty list (RFC 5246 section 7.4.6). A client
            // that negotiated a raw public key and has none does the same.
            None => cx.out.send(transcript, &Certificate { certificate_list: List::default() })?,
        }
        send_key_exchange(self.negotiated, &self.server_share.params, None, with_scheme, cx)
    }
}

fn send_key_exchange(
    mut negotiated: Box<Tls12Negotiated>,
    params: &Params,
    psk: Option<Psk>,
    credential: Option<(Arc<Credential>, SignatureScheme)>,
    cx: &mut Cx<'_>,
) -> Result<super::State, HandshakeErrorKind> {
    let kx = negotiated.kx;
    let policy = cx.policy;
    let evidence = &mut negotiated.common.evidence;
    let premaster = client_key_exchange(
        &kx,
        params,
        psk.as_ref(),
        policy,
        evidence,
        &mut negotiated.transcript,
        &mut cx.out,
    )?;
    negotiated.psk_identity = psk.map(|psk| psk.identity);
    let provider = &policy.provider;
    let secured = Secured::from_premaster(negotiated, provider, premaster.expose(), cx.connection)?;
    if cx.policy.key_log {
        secured.log_key(&mut cx.out);
    }
    match credential {
        Some((credential, scheme)) => Ok(Signing { secured, credential, scheme }.into()),
        None => finish(secured, cx),
    }
}

/// Asks for the signature of CertificateVerify.
pub(crate) struct Signing {
    secured: Secured<Pending, Pending>,
    credential: Arc<Credential>,
    scheme: SignatureScheme,
}

impl Signing {
    fn on_signed(mut self, signature: Vec<u8>, cx: &mut Cx<'_>) -> Result<super::State, HandshakeErrorKind> {
        let negotiated = &mut self.secured.negotiated;
        let signed = DigitallySigned { algorithm: self.scheme, signature: &signature };
        cx.out.send(&mut negotiated.transcript, &CertificateVerify { signed })?;
        negotiated.common.evidence.client_proof =
            Some(Proof::signed(self.credential.key_kind, self.scheme, signature.len()));
        finish(self.secured, cx)
    }
}

fn finish(
    mut secured: Secured<Pending, Pending>,
    cx: &mut Cx<'_>,
) -> Result<super::State, HandshakeErrorKind> {
    secured.negotiated.transcript.discard_messages();
    let secured = secured.send_finished(&cx.policy.floor, &mut cx.out)?;
    Ok(await_finished(secured.after_ours()))
}

/// NewSessionTicket comes if and only if ServerHello announced it (RFC 5077 section 3.3).
pub(super) fn await_finished(secured: Secured<Pending, Either>) -> super::State {
    match secured.negotiated.storage {
        SessionStorage::AwaitTicket { room } => AwaitNewSessionTicket { secured, room }.into(),
        _ => AwaitChangeCipherSpec { secured }.into(),
    }
}

pub(crate) struct AwaitNewSessionTicket {
    secured: Secured<Pending, Either>,
    /// The maximum length in bytes of a ticket that a later ClientHello can hold.
    room: usize,
}

impl AwaitNewSessionTicket {
    fn on_new_session_ticket(
        mut self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let new: NewSessionTicket<'_> = raw_message::read(message)?;
        let negotiated = &mut *self.secured.negotiated;
        negotiated.transcript.add(message.bytes)?;
        negotiated.storage = if new.ticket.len() > self.room || !negotiated.extended_master_secret {
            // Either no later hello has room for this ticket, and the session ID beside a ticket must not be
            // used (RFC 5077 section 3.4). Or the session must not be resumed (RFC 7627 section 5.3).
            SessionStorage::NotStored
        } else if new.ticket.is_empty() && negotiated.common.resumption.is_resumed() {
            // It is in the store already.
            SessionStorage::NotStored
        } else if new.ticket.is_empty() {
            // "If the server determines that it does not want to include a ticket after it has included the
            // SessionTicket extension in the ServerHello, then it sends a zero-length ticket" (RFC 5077
            // section 3.3).
            SessionStorage::by_id(&negotiated.session_id)
        } else {
            // A resumed session is stored again with its new ticket.
            let hint = u64::from(new.ticket_lifetime_hint);
            let expires = (hint > 0).then(|| cx.connection.now.saturating_add(Duration::from_secs(hint)));
            let mut own_id = [0; SessionId::MAX];
            cx.policy.provider.random.fill(&mut own_id)?;
            SessionStorage::WithTicket {
                ticket: Ticket { ticket: new.ticket.to_vec(), expires },
                own_id: SessionId::new(&own_id)?,
            }
        };
        Ok(AwaitChangeCipherSpec { secured: self.secured }.into())
    }
}

pub(crate) struct AwaitChangeCipherSpec {
    pub(super) secured: Secured<Pending, Either>,
}

impl AwaitChangeCipherSpec {
    fn on_change_cipher_spec(self, (): (), cx: &mut Cx<'_>) -> Result<super::State, HandshakeErrorKind> {
        Ok(AwaitFinished { secured: self.secured.change_read_keys(&mut cx.out) }.into())
    }
}

pub(crate) struct AwaitFinished {
    secured: Secured<InUse, Either>,
}

impl AwaitFinished {
    fn on_finished(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let policy = cx.policy;
        let secured = match self.secured.check_finished(message)?.ours() {
            // In an abbreviated handshake the server sends Finished first (RFC 5246 section 7.3, figure 2).
            Order::Pending(secured) => secured.send_finished(&policy.floor, &mut cx.out)?,
            Order::Confirmed(secured) => secured,
        };
        cx.connection.session_in_use = secured.negotiated.name();
        secured.complete(&mut cx.out, cx.connection, &policy.provider, policy.tls12.renegotiation)?;
        Ok(Established.into())
    }
}

/// The handshake is complete and no other is in progress.
pub(crate) struct Established;

impl Established {
    /// The server requests a renegotiation (RFC 5246 section 7.4.1.1).
    fn on_hello_request(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let _checked: HelloRequest = raw_message::read(message)?;
        let limits = &cx.policy.tls12.renegotiation_limits;
        let willing = cx.policy.tls12.renegotiation == Renegotiation::Allowed
            && cx.connection.check_renegotiation(limits.max_renegotiations).is_ok();
        if willing {
            return self.on_renegotiate((), cx);
        }
        cx.connection.refuse_renegotiation(limits.max_hello_requests, &mut cx.out)?;
        Ok(self.into())
    }

    /// Starts a full handshake. A resumption would skip what the renegotiation may be for, such as client
    /// authentication.
    fn on_renegotiate(self, (): (), cx: &mut Cx<'_>) -> Result<super::State, HandshakeErrorKind> {
        cx.connection.renegotiations.start();
        send_client_hello(None, None, cx)
    }
}
