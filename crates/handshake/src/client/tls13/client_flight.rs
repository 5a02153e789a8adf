//! The client's flight: Certificate, CertificateVerify and Finished (RFC 9846 section 4.5).
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::super::context::Cx;
use super::post_handshake::established;
use super::states::{Answer, ChoosingCredential, Signing, State};
use crate::credential::Credential;
use crate::error::HandshakeErrorKind;
use crate::ext::compress_certificate;
use crate::policy::ResumptionPolicy;
use crate::tls13::certificate::{self, Statements};
use crate::tls13::tickets::ClientTickets;
use crate::tls13::verify::{proof_of, signed_content};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use cairn_schedule::{Direction, Side};
use cairn_wire::{CertificateVerify, DigitallySigned};

impl ChoosingCredential {
    pub(super) fn on_credential_chosen(
        self,
        chosen: Option<Arc<Credential>>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let Self { mut answer, request, policy } = self;
        let shown = answer.negotiated.common.client_certificate_type;
        let with_scheme = chosen.and_then(|credential| {
            let scheme = request.scheme_for(&credential, shown, &policy.signature_schemes).ok()?;
            Some((credential, scheme))
        });
        // RFC 9846 section 4.5.1: "If the server requests certificate-based client authentication but no
        // suitable certificate is available, the client MUST send a Certificate message containing no
        // certificates".
        let credential = with_scheme.as_ref().map(|(credential, _)| &**credential);
        let transcript = &mut answer.negotiated.transcript;
        let accepted = request.compression_algorithms();
        let ours = &policy.tls13.certificate_compression;
        let compression = compress_certificate::choose(ours, |algorithm| accepted.contains(&algorithm));
        answer.negotiated.compression.client = certificate::send(
            transcript,
            &[],
            credential,
            Statements::default(),
            compression.map(|compression| &**compression),
            &mut cx.out,
        )?;
        match with_scheme {
            Some((credential, scheme)) => {
                let message = signed_content(Side::Client, &answer.negotiated.transcript.hash()?);
                Ok(Signing { answer, credential, scheme, message }.into())
            }
            None => finish(answer, cx),
        }
    }
}

impl Signing {
    pub(super) fn on_signed(self, signature: Vec<u8>, cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        let Self { mut answer, credential, scheme, .. } = self;
        let signed = DigitallySigned { algorithm: scheme, signature: &signature };
        cx.out.send(&mut answer.negotiated.transcript, &CertificateVerify { signed })?;
        answer.negotiated.common.evidence.client_proof = Some(proof_of(&credential, scheme, signature.len()));
        finish(answer, cx)
    }
}

/// Sends Finished, which completes the handshake.
pub(super) fn finish(answer: Box<Answer>, cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
    let Answer { mut negotiated, secrets } = *answer;
    secrets.send_client_finished(&mut negotiated, &mut cx.out)?;
    secrets.change_keys(Direction::Write, &negotiated, &mut cx.out)?;
    let (secrets, tickets) = match cx.policy.resumption {
        Some(ResumptionPolicy { tickets: true, .. }) if negotiated.certificate_with_psk.is_none() => {
            let (secrets, resumption) = secrets.with_resumption(&negotiated)?;
            let (quic, limit) = (cx.connection.quic.as_deref(), cx.policy.limits.max_tickets);
            let tickets = ClientTickets::new(resumption, &negotiated, quic, limit);
            (secrets, Some(Box::new(tickets)))
        }
        _ => (secrets.without_resumption(), None),
    };
    cx.out.pad_records(cx.policy.tls13.record_padding);
    let (connection, main) = secrets.complete(negotiated, tickets, &mut cx.out);
    cx.connection.complete_tls13(connection);
    Ok(established(main))
}
