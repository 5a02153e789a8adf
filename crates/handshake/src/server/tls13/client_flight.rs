//! The client's flight: from Certificate to Finished (RFC 9846 section 4.5).
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::super::context::Cx;
use super::states::{
    Answered, AwaitCertificate, AwaitCertificateVerify, AwaitFinished, State, VerifyingPeer,
};
use super::tickets;
use crate::error::HandshakeErrorKind;
use crate::flight::PeerChangeCipherSpec;
use crate::policy::ClientAuthentication;
use crate::raw_message::RawMessage;
use crate::tls13::certificate::{self, Presented, Statements};
use crate::tls13::compressed_certificate::Decompressed;
use crate::tls13::verify::{check_delegation, receive_in_handshake};
use crate::trigger::CheckedKey;
use alloc::boxed::Box;
use cairn_schedule::{Direction, Epoch};
use cairn_wire::CertificateType;

impl AwaitCertificate {
    pub(super) fn on_certificate(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        self.take(message, message, cx)
    }

    pub(super) fn on_compressed_certificate(
        mut self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let ours = &cx.policy.tls13.certificate_compression;
        let decompressed = Decompressed::read(message, ours, &cx.policy.limits)?;
        self.answered.negotiated.compression.client = Some(decompressed.algorithm);
        self.take(decompressed.certificate(), message, cx)
    }

    /// Takes the client's certificate. The transcript contains it as received.
    fn take(
        self,
        certificate: RawMessage<'_>,
        received: RawMessage<'_>,
        cx: &Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let mut answered = self.answered;
        let negotiated = &mut answered.negotiated;
        let asked = negotiated.common.client_certificate_type.unwrap_or(CertificateType::X509);
        let delegated = !cx.policy.tls13.delegated_credential_schemes.is_empty();
        let requested = Statements { delegated, ..Statements::default() };
        let certificate = certificate::read(certificate, &[], asked, requested)?;
        negotiated.transcript.add(received.bytes)?;
        match certificate {
            Some(Presented { chain, stapled: _, delegated }) => {
                negotiated.common.peer_chain = Some(chain);
                negotiated.peer_delegation = delegated;
                Ok(VerifyingPeer { answered }.into())
            }
            // RFC 9846 section 4.5.1.3: "If the client does not send any certificates (i.e., it sends an
            // empty Certificate message), the server MAY at its discretion either continue the handshake
            // without client authentication or abort the handshake with a "certificate_required" alert."
            None => match cx.policy.client_authentication {
                ClientAuthentication::Require { .. } => Err(HandshakeErrorKind::ClientCertificateMissing),
                _ => Ok(AwaitFinished { answered }.into()),
            },
        }
    }
}

impl VerifyingPeer {
    pub(super) fn on_peer_verified(
        self,
        checked: CheckedKey,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let mut answered = self.answered;
        let key = Box::new(answered.negotiated.common.take_checked_key(checked));
        let (schemes, delegated) =
            (&cx.policy.signature_schemes, &cx.policy.tls13.delegated_credential_schemes);
        check_delegation(answered.negotiated.peer_delegation.as_deref(), &key, schemes, delegated)?;
        Ok(AwaitCertificateVerify { answered, key }.into())
    }
}

impl AwaitCertificateVerify {
    pub(super) fn on_certificate_verify(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let mut answered = self.answered;
        let (schemes, provider) = (&cx.policy.signature_schemes, &cx.policy.provider);
        receive_in_handshake(message, &self.key, &mut answered.negotiated, schemes, provider)?;
        Ok(AwaitFinished { answered }.into())
    }
}

impl AwaitFinished {
    pub(super) fn on_finished(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let Answered { mut negotiated, secrets, tickets } = *self.answered;
        secrets.check_client_finished(message, &mut negotiated)?;
        cx.out.peer_change_cipher_spec(PeerChangeCipherSpec::Unexpected);
        negotiated.check_floor(&cx.policy.floor)?;
        match cx.connection.quic {
            None => secrets.change_keys(Direction::Read, &negotiated, &mut cx.out)?,
            Some(_) => cx.out.use_given_keys(Direction::Read, Epoch::Application(0)),
        }
        tickets::issue(negotiated, secrets, tickets, cx)
    }
}
