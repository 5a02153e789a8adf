//! The server's flight: from Certificate to ServerHelloDone (RFC 5246 sections 7.4.2 to 7.4.5).
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::super::context::Cx;
use super::client_flight::go_on;
use super::states::{
    AwaitCertificate, AwaitCertificateRequest, AwaitIdentityHint, AwaitServerHelloDone,
    AwaitServerKeyExchange, AwaitStatusOr, State, VerifyingPeer,
};
use crate::certificate_chain::CertificateChain;
use crate::error::HandshakeErrorKind;
use crate::ext::status_request;
use crate::kx::Presence;
use crate::kx::client::ServerShare;
use crate::raw_message::{self, RawMessage};
use crate::requested_certificate::RequestedCertificate;
use crate::tls12::negotiated::Tls12Negotiated;
use alloc::boxed::Box;
use alloc::sync::Arc;
use cairn_wire::{CertificateStatus, ServerHelloDone};

impl AwaitCertificate {
    pub(super) fn on_certificate(
        mut self,
        message: RawMessage<'_>,
        _cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let chain = CertificateChain::read_tls12(self.negotiated.common.server_certificate_type, message)?;
        self.negotiated.common.peer_chain =
            Some(Arc::new(chain.ok_or(HandshakeErrorKind::EmptyCertificateList)?));
        self.negotiated.transcript.add(message.bytes)?;
        let negotiated = self.negotiated;
        if !self.status_may_come {
            return Ok(after_server_certificate(negotiated));
        }
        Ok(match negotiated.kx.server_key_exchange {
            Presence::Always => AwaitStatusOr { next: AwaitServerKeyExchange { negotiated } }.into(),
            Presence::WithHint => AwaitStatusOr { next: AwaitIdentityHint { negotiated } }.into(),
            Presence::Never => {
                AwaitStatusOr { next: AwaitCertificateRequest { negotiated, server_share: Box::default() } }
                    .into()
            }
        })
    }
}

impl<Next: AsMut<Tls12Negotiated> + Into<State>> AwaitStatusOr<Next> {
    pub(super) fn on_certificate_status(
        mut self,
        message: RawMessage<'_>,
        _cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let status: CertificateStatus<'_> = raw_message::read(message)?;
        let negotiated = self.next.as_mut();
        negotiated.common.stapled.ocsp_response = Some(status_request::ocsp_response(&status)?.to_vec());
        negotiated.transcript.add(message.bytes)?;
        Ok(self.next.into())
    }
}

/// The next state after Certificate, or after ServerHello if the key exchange has no Certificate.
pub(crate) fn after_server_certificate(negotiated: Box<Tls12Negotiated>) -> State {
    match negotiated.kx.server_key_exchange {
        Presence::Always => AwaitServerKeyExchange { negotiated }.into(),
        Presence::WithHint => AwaitIdentityHint { negotiated }.into(),
        Presence::Never => AwaitCertificateRequest { negotiated, server_share: Box::default() }.into(),
    }
}

impl AwaitServerKeyExchange {
    pub(super) fn on_server_key_exchange(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
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

impl AwaitIdentityHint {
    pub(super) fn on_server_key_exchange(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        AwaitServerKeyExchange { negotiated: self.negotiated }.on_server_key_exchange(message, cx)
    }

    pub(super) fn on_server_hello_done(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        AwaitServerHelloDone { negotiated: self.negotiated, server_share: Box::default(), request: None }
            .on_server_hello_done(message, cx)
    }
}

impl AwaitCertificateRequest {
    pub(super) fn on_certificate_request(
        mut self,
        message: RawMessage<'_>,
        _cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let request = Box::new(RequestedCertificate::read(message)?);
        self.negotiated.transcript.add(message.bytes)?;
        Ok(AwaitServerHelloDone {
            negotiated: self.negotiated,
            server_share: self.server_share,
            request: Some(request),
        }
        .into())
    }

    pub(super) fn on_server_hello_done(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        AwaitServerHelloDone { negotiated: self.negotiated, server_share: self.server_share, request: None }
            .on_server_hello_done(message, cx)
    }
}

impl AwaitServerHelloDone {
    pub(super) fn refuse_certificate_request(
        self,
        _message: RawMessage<'_>,
        _cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
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

    pub(super) fn on_server_hello_done(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
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
