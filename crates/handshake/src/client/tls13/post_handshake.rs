//! Authentication of the client after the handshake (RFC 9846 section 4.7.2), as the client performs it.
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::super::context::Cx;
use super::states::{
    Authenticable, ChoosingLaterCredential, Established, LaterRequest, Requests, SigningLater, State,
};
use crate::credential::Credential;
use crate::error::HandshakeErrorKind;
use crate::ext::compress_certificate;
use crate::flight::{Event, Flight};
use crate::out::Out;
use crate::post_handshake_authentication::{ClientIdentity, PostHandshakeAuthentication};
use crate::raw_message::RawMessage;
use crate::requested_certificate::RequestedCertificate;
use crate::tls13::certificate::{self, Statements};
use crate::tls13::post_handshake::MainHandshake;
use crate::tls13::verify::{proof_of, signed_content};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use cairn_schedule::Side;
use cairn_schedule::tls13::Transcript;
use cairn_wire::{CertificateCompressionAlgorithm, CertificateVerify, DigitallySigned, KeyUpdateRequest};

/// The number of earlier contexts that a new one is compared with. It bounds the memory of a connection on
/// which there are many requests.
const MAX_CONTEXTS: usize = 16;

/// The handshake is complete. `main` is the part of it that later authentications need.
pub(super) fn established(main: Option<MainHandshake>) -> State {
    match main {
        Some(main) => {
            let requests = Requests { main, count: 0, contexts: VecDeque::new() };
            Authenticable { requests: Box::new(requests) }.into()
        }
        None => Established.into(),
    }
}

/// The common part of these states and [`Established`].
pub(super) trait AsEstablished: Into<State> {
    fn on_new_session_ticket(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        Established.on_new_session_ticket(message, cx).map(|_| self.into())
    }

    fn on_key_update(self, message: RawMessage<'_>, cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        Established.on_key_update(message, cx).map(|_| self.into())
    }

    fn on_update_keys(
        self,
        request_update: KeyUpdateRequest,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        Established.on_update_keys(request_update, cx).map(|_| self.into())
    }
}

impl AsEstablished for Authenticable {}
impl AsEstablished for ChoosingLaterCredential {}
impl AsEstablished for SigningLater {}

impl Authenticable {
    pub(super) fn on_certificate_request(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let mut requests = self.requests;
        let (certificate, context) = RequestedCertificate::read_tls13(message)?;
        // RFC 9846 section 4.4.2: "The certificate_request_context MUST be unique within the scope of this
        // connection". It is empty in the handshake only.
        if context.is_empty() || requests.contexts.iter().any(|earlier| earlier == context) {
            return Err(HandshakeErrorKind::RequestContextNotUnique);
        }
        // No limit on those that are outstanding: each is answered before the next message is taken.
        let limit = cx.policy.limits.max_certificate_requests;
        cx.connection.requests_since_data.count_certificate_request(limit)?;
        let number = requests.count;
        requests.count = number.saturating_add(1);
        if requests.contexts.len() >= MAX_CONTEXTS {
            requests.contexts.pop_front();
        }
        requests.contexts.push_back(context.to_vec());
        let mut transcript = requests.main.transcript()?;
        transcript.add(message.bytes)?;
        let request = LaterRequest {
            number,
            context: context.to_vec(),
            certificate,
            transcript,
            prepared: Flight::new(),
            policy: Arc::clone(cx.policy),
        };
        Ok(ChoosingLaterCredential { requests, request: Box::new(request) }.into())
    }
}

impl ChoosingLaterCredential {
    pub(super) fn on_credential_chosen(
        self,
        chosen: Option<Arc<Credential>>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let Self { requests, mut request } = self;
        let shown = requests.main.client_certificate_type;
        let with_scheme = chosen.and_then(|credential| {
            let ours = &request.policy.signature_schemes;
            let scheme = request.certificate.scheme_for(&credential, shown, ours).ok()?;
            Some((credential, scheme))
        });
        match with_scheme {
            Some((credential, scheme)) => {
                let compression = request.prepare_certificate(Some(&credential), cx)?;
                let message = signed_content(Side::Client, &request.transcript.hash()?);
                Ok(SigningLater { requests, request, credential, compression, scheme, message }.into())
            }
            // "If it declines, it MUST send a Certificate message containing no certificates followed by
            // Finished."
            None => {
                request.prepare_certificate(None, cx)?;
                request.finish(requests, None, cx)
            }
        }
    }
}

impl SigningLater {
    pub(super) fn on_signed(self, signature: Vec<u8>, cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        let Self { mut requests, mut request, credential, compression, scheme, message: _ } = self;
        let signed = DigitallySigned { algorithm: scheme, signature: &signature };
        let (transcript, mut out) = request.aside(cx);
        out.send(transcript, &CertificateVerify { signed })?;
        let proof = proof_of(&credential, scheme, signature.len());
        requests.main.evidence.client_proof = Some(proof);
        let chain = Arc::new(credential.chain.clone());
        let identity = ClientIdentity { chain, proof, verified: false, not_after: None, compression };
        request.finish(requests, Some(identity), cx)
    }
}

impl LaterRequest {
    /// The place of the messages that are not sent yet, and their transcript.
    fn aside<'a>(&'a mut self, cx: &'a mut Cx<'_>) -> (&'a mut Transcript, Out<'a>) {
        (&mut self.transcript, Out { flight: &mut self.prepared, epochs: cx.out.epochs })
    }

    /// Writes Certificate, and keeps it until the whole response can be sent. RFC 9846 section 4.7.2: "All of
    /// the client's messages for a given response MUST appear consecutively on the wire with no intervening
    /// messages of other type or from other responses." While the signature is awaited, there may be a
    /// KeyUpdate. Returns the algorithm in which it is compressed.
    fn prepare_certificate(
        &mut self,
        credential: Option<&Credential>,
        cx: &mut Cx<'_>,
    ) -> Result<Option<CertificateCompressionAlgorithm>, HandshakeErrorKind> {
        let context = core::mem::take(&mut self.context);
        let policy = Arc::clone(&self.policy);
        let accepted = self.certificate.compression_algorithms();
        let ours = &policy.tls13.certificate_compression;
        let compression = compress_certificate::choose(ours, |algorithm| accepted.contains(&algorithm));
        let compression = compression.map(|compression| &**compression);
        let (transcript, mut out) = self.aside(cx);
        certificate::send(transcript, &context, credential, Statements::default(), compression, &mut out)
    }

    /// Sends the response, with Finished at its end.
    fn finish(
        self,
        requests: Box<Requests>,
        identity: Option<ClientIdentity>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        cx.out.send_prepared(self.prepared);
        cx.out.send_finished(self.transcript.hash()?);
        let authentication = PostHandshakeAuthentication { request: self.number, identity };
        cx.out.event(Event::ClientAuthentication(Box::new(authentication)));
        Ok(Authenticable { requests }.into())
    }
}
