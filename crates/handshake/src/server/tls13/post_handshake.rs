//! Authentication of the client after the handshake (RFC 9846 section 4.7.2), as the server requests and
//! verifies it.
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::super::context::Cx;
use super::requests::{Request, Requests};
use super::states::{
    Authenticable, AwaitLaterCertificateVerify, AwaitLaterFinished, CertificateRequested, Established, Later,
    State, VerifyingLater,
};
use crate::error::HandshakeErrorKind;
use crate::flight::Event;
use crate::policy::ClientAuthentication;
use crate::post_handshake_authentication::{ClientIdentity, PostHandshakeAuthentication};
use crate::raw_message::{self, RawMessage};
use crate::tls13::certificate::{self, Statements};
use crate::tls13::compressed_certificate::Decompressed;
use crate::tls13::verify::{check_delegation, receive_certificate_verify};
use crate::trigger::CheckedKey;
use alloc::boxed::Box;
use cairn_schedule::{Direction, Side};
use cairn_wire::{CertificateCompressionAlgorithm, CertificateType, KeyUpdateRequest, Tls13Certificate};

/// The common part of these states and [`Established`].
pub(super) trait AsEstablished: Into<State> {
    fn on_update_keys(
        self,
        request_update: KeyUpdateRequest,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        Established.on_update_keys(request_update, cx).map(|_| self.into())
    }
}

impl AsEstablished for Authenticable {}
impl AsEstablished for CertificateRequested {}
impl AsEstablished for VerifyingLater {}
impl AsEstablished for AwaitLaterCertificateVerify {}
impl AsEstablished for AwaitLaterFinished {}

/// Those of them in which the client has not begun a response.
pub(super) trait BetweenResponses: Into<State> {
    fn on_key_update(self, message: RawMessage<'_>, cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        Established.on_key_update(message, cx).map(|_| self.into())
    }
}

impl BetweenResponses for Authenticable {}
impl BetweenResponses for CertificateRequested {}

/// The states on a connection that permits requests after the handshake. In each of them there may be another
/// one.
pub(super) trait WithRequests: Into<State> {
    fn requests(&mut self) -> &mut Requests;

    fn on_request_certificate(mut self, (): (), cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        self.requests().send(cx)?;
        Ok(self.into())
    }
}

impl WithRequests for CertificateRequested {
    fn requests(&mut self) -> &mut Requests {
        &mut self.requests
    }
}

impl WithRequests for VerifyingLater {
    fn requests(&mut self) -> &mut Requests {
        &mut self.later.requests
    }
}

impl WithRequests for AwaitLaterCertificateVerify {
    fn requests(&mut self) -> &mut Requests {
        &mut self.later.requests
    }
}

impl WithRequests for AwaitLaterFinished {
    fn requests(&mut self) -> &mut Requests {
        &mut self.later.requests
    }
}

impl Authenticable {
    pub(super) fn on_request_certificate(self, (): (), cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        CertificateRequested { requests: self.requests }.on_request_certificate((), cx)
    }
}

impl CertificateRequested {
    /// The first message of a response. "All of the client's messages for a given response MUST appear
    /// consecutively on the wire with no intervening messages of other type or from other responses", so no
    /// application data passes up to Finished.
    pub(super) fn on_certificate(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        self.take(message, None, message, cx)
    }

    /// As [`Self::on_certificate`]. The context, which tells the request, is in the compressed message.
    pub(super) fn on_compressed_certificate(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let ours = self.requests.compressions();
        let decompressed = Decompressed::read(message, ours, &cx.policy.limits)?;
        self.take(decompressed.certificate(), Some(decompressed.algorithm), message, cx)
    }

    /// Takes the client's certificate. The transcript contains it as received.
    fn take(
        self,
        certificate: RawMessage<'_>,
        compression: Option<CertificateCompressionAlgorithm>,
        received: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let mut requests = self.requests;
        let Tls13Certificate { certificate_request_context, .. } = raw_message::read(certificate)?;
        let mut request = requests.take(certificate_request_context)?;
        compression.map_or(Ok(()), |algorithm| request.check_compression(algorithm))?;
        let asked = requests.main.client_certificate_type.unwrap_or(CertificateType::X509);
        let delegated = !request.policy.tls13.delegated_credential_schemes.is_empty();
        let requested = Statements { delegated, ..Statements::default() };
        let presented = certificate::read(certificate, &request.context, asked, requested)?;
        request.transcript.add(received.bytes)?;
        cx.out.close_gate(Direction::Read);
        let Request { policy, .. } = &request;
        let authentication = &policy.tls13.post_handshake_authentication;
        let is_required = matches!(authentication, ClientAuthentication::Require { .. });
        let later = Box::new(Later { requests, request, compression });
        match presented {
            Some(presented) => Ok(VerifyingLater { later, presented: Box::new(presented) }.into()),
            None if is_required => Err(HandshakeErrorKind::ClientCertificateMissing),
            None => Ok(AwaitLaterFinished { later, identity: None }.into()),
        }
    }
}

impl VerifyingLater {
    pub(super) fn on_peer_verified(
        self,
        checked: CheckedKey,
        _cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let Self { later, presented } = self;
        let policy = &later.request.policy;
        let (schemes, delegated) = (&policy.signature_schemes, &policy.tls13.delegated_credential_schemes);
        check_delegation(presented.delegated.as_deref(), checked.key(), schemes, delegated)?;
        Ok(AwaitLaterCertificateVerify { later, presented, checked: Box::new(checked) }.into())
    }
}

impl AwaitLaterCertificateVerify {
    pub(super) fn on_certificate_verify(
        self,
        message: RawMessage<'_>,
        _cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let Self { mut later, presented, checked } = self;
        let Request { transcript, policy, .. } = &mut later.request;
        let (key, verified, not_after) = checked.into_parts();
        let (schemes, provider) = (&policy.signature_schemes, &policy.provider);
        let key = (&key, presented.delegated.as_deref());
        let proof = receive_certificate_verify(message, key, Side::Client, transcript, schemes, provider)?;
        let (chain, compression) = (presented.chain, later.compression);
        let identity = ClientIdentity { chain, proof, verified, not_after, compression };
        Ok(AwaitLaterFinished { later, identity: Some(Box::new(identity)) }.into())
    }
}

impl AwaitLaterFinished {
    pub(super) fn on_finished(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let Later { mut requests, mut request, .. } = *self.later;
        cx.connection.check_finished(message, &mut request.transcript)?;
        if let Some(identity) = &self.identity {
            requests.identify(identity, &request.policy)?;
        }
        cx.out.open_gate(Direction::Read);
        let identity = self.identity.map(|identity| *identity);
        let authentication = PostHandshakeAuthentication { request: request.number, identity };
        cx.out.event(Event::ClientAuthentication(Box::new(authentication)));
        Ok(match requests.outstanding() {
            0 => Authenticable { requests }.into(),
            _ => CertificateRequested { requests }.into(),
        })
    }
}
