//! The server's flight: from EncryptedExtensions to Finished (RFC 9846 sections 4.4 and 4.5).
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::super::context::Cx;
use super::client_flight;
use super::states::{
    Answer, AwaitCertificate, AwaitCertificateOrRequest, AwaitCertificateVerify, AwaitEncryptedExtensions,
    AwaitFinished, ChoosingCredential, Early, Handshake, State, VerifyingPeer,
};
use crate::error::HandshakeErrorKind;
use crate::ext::{self, ServerExtensions};
use crate::flight::PeerChangeCipherSpec;
use crate::quic;
use crate::raw_message::{self, RawMessage};
use crate::record_sizes;
use crate::requested_certificate::RequestedCertificate;
use crate::summary::EarlyData;
use crate::tls13::certificate::{self, Presented, Statements};
use crate::tls13::compressed_certificate::Decompressed;
use crate::tls13::verify::{check_delegation, receive_in_handshake};
use crate::trigger::CheckedKey;
use alloc::boxed::Box;
use alloc::sync::Arc;
use cairn_schedule::Direction;
use cairn_wire::{EncryptedExtension, EncryptedExtensions, EndOfEarlyData, ExtensionMessage, ExtensionType};

impl AwaitEncryptedExtensions {
    pub(super) fn on_encrypted_extensions(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let mut handshake = self.handshake;
        let Handshake { negotiated, offered, early, secrets, .. } = &mut *handshake;
        let mut extensions = ServerExtensions::default();
        let (mut fault, mut accepts_early, mut parameters) = (None, false, None);
        raw_message::read_with(message, |reader| {
            EncryptedExtensions::decode_each(reader, |extension| {
                let extension_type = extension.extension_type();
                let is_requested = offered.contains(extension_type);
                let judged = ExtensionMessage::EncryptedExtensions.judge(extension_type, is_requested);
                fault = fault.or(judged.err());
                match extension {
                    EncryptedExtension::EarlyData => accepts_early = true,
                    EncryptedExtension::QuicTransportParameters(theirs) => parameters = Some(theirs),
                    _ => {}
                }
                extensions.take_encrypted(extension);
            })
        })?;
        fault.map_or(Ok(()), Err)?;
        negotiated.transcript.add(message.bytes)?;
        let (policy, has_psk) = (cx.policy, negotiated.psk.is_some());
        let common = &mut negotiated.common;
        let alpn = ext::alpn::accept(&policy.alpn_protocols, &extensions);
        common.alpn = match cx.connection.quic.as_deref_mut() {
            Some(quic) => {
                quic.take_parameters(parameters, &mut cx.out)?;
                Some(quic::check_protocol(alpn)?)
            }
            None => alpn?,
        };
        let is_quic = cx.connection.quic.is_some();
        let ours = record_sizes::announced(policy.record_size_limit, true);
        common.record_size_limits = ext::record_size_limit::accepted(ours, &extensions)?;
        // With a PSK there is no certificate, and the server states no type.
        if !has_psk {
            common.server_certificate_type =
                ext::certificate_type::accept_server(&policy.server_certificate_types, &extensions)?;
        }
        common.client_certificate_type =
            ext::certificate_type::accept_client(&policy.client_certificate_types, &extensions)?;
        match early {
            Some(early) if accepts_early => {
                early.check_accepted(common.alpn.as_ref())?;
                negotiated.early_data = EarlyData::Accepted;
            }
            Some(_) => {
                cx.connection.early_exporter = None;
                if !is_quic {
                    secrets.change_keys(Direction::Write, negotiated, &mut cx.out)?;
                }
            }
            None => {}
        }
        negotiated.limit_records(Direction::Read, &mut cx.out);
        negotiated.limit_records(Direction::Write, &mut cx.out);
        let length = ext::max_fragment_length::accepted(policy.tls12.max_fragment_length, None, &extensions)?;
        if let Some(length) = length {
            cx.out.limit_records(Direction::Read, length.bytes());
            cx.out.limit_records(Direction::Write, length.bytes());
        }
        // RFC 9846 section 2.2: "Since the server is authenticating via a PSK, it does not send a Certificate
        // or a CertificateVerify message."
        // RFC 8773 section 5.2: with tls_cert_with_extern_psk it does.
        Ok(match handshake.negotiated.psk {
            Some(_) if handshake.negotiated.certificate_with_psk.is_none() => {
                AwaitFinished { handshake }.into()
            }
            _ => AwaitCertificateOrRequest { handshake }.into(),
        })
    }
}

impl Early {
    /// Checks that the server may accept the early data. RFC 9846 section 4.3.11: "If the server supplies an
    /// "early_data" extension, the client MUST verify that the server's selected_identity is 0." The suite
    /// and the application protocol are those of the session (section 4.3.10).
    fn check_accepted(&self, alpn: Option<&Arc<[u8]>>) -> Result<(), HandshakeErrorKind> {
        match &self.0 {
            Some(session) if session.alpn.as_ref() == alpn => Ok(()),
            _ => Err(HandshakeErrorKind::EarlyDataNotAcceptable),
        }
    }
}

impl AwaitCertificateOrRequest {
    pub(super) fn on_certificate_request(
        self,
        message: RawMessage<'_>,
        _cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let mut handshake = self.handshake;
        let (request, context) = RequestedCertificate::read_tls13(message)?;
        // RFC 9846 section 4.4.2: "This field SHALL be zero length unless used for the post-handshake
        // authentication exchanges described in section 4.7.2."
        if !context.is_empty() {
            return Err(HandshakeErrorKind::WrongRequestContext);
        }
        handshake.negotiated.transcript.add(message.bytes)?;
        handshake.request = Some(Box::new(request));
        Ok(AwaitCertificate { handshake }.into())
    }

    pub(super) fn on_certificate(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        AwaitCertificate { handshake: self.handshake }.on_certificate(message, cx)
    }

    pub(super) fn on_compressed_certificate(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        AwaitCertificate { handshake: self.handshake }.on_compressed_certificate(message, cx)
    }
}

impl AwaitCertificate {
    pub(super) fn on_certificate(
        self,
        message: RawMessage<'_>,
        _cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        self.take(message, message)
    }

    pub(super) fn on_compressed_certificate(
        mut self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let ours = &cx.policy.tls13.certificate_compression;
        let decompressed = Decompressed::read(message, ours, &cx.policy.limits)?;
        self.handshake.negotiated.compression.server = Some(decompressed.algorithm);
        self.take(decompressed.certificate(), message)
    }

    /// Takes the server's certificate. The transcript contains it as received.
    fn take(
        self,
        certificate: RawMessage<'_>,
        received: RawMessage<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let mut handshake = self.handshake;
        let Handshake { negotiated, offered, .. } = &mut *handshake;
        let requested = Statements {
            status: offered.contains(ExtensionType::STATUS_REQUEST),
            timestamps: offered.contains(ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP),
            delegated: offered.contains(ExtensionType::DELEGATED_CREDENTIAL),
        };
        let certificate_type = negotiated.common.server_certificate_type;
        // RFC 9846 section 4.5.1.3: "If the server supplies an empty Certificate message, the client MUST
        // abort the handshake with a "decode_error" alert."
        let Presented { chain, stapled, delegated } =
            certificate::read(certificate, &[], certificate_type, requested)?
                .ok_or(HandshakeErrorKind::EmptyCertificateList)?;
        negotiated.transcript.add(received.bytes)?;
        negotiated.common.peer_chain = Some(chain);
        negotiated.common.stapled = stapled;
        negotiated.peer_delegation = delegated;
        Ok(VerifyingPeer { handshake }.into())
    }
}

impl VerifyingPeer {
    pub(super) fn on_peer_verified(
        self,
        checked: CheckedKey,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let mut handshake = self.handshake;
        let key = Box::new(handshake.negotiated.common.take_checked_key(checked));
        let (schemes, delegated) =
            (&cx.policy.signature_schemes, &cx.policy.tls13.delegated_credential_schemes);
        check_delegation(handshake.negotiated.peer_delegation.as_deref(), &key, schemes, delegated)?;
        Ok(AwaitCertificateVerify { handshake, key }.into())
    }
}

impl AwaitCertificateVerify {
    pub(super) fn on_certificate_verify(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let mut handshake = self.handshake;
        let (schemes, provider) = (&cx.policy.signature_schemes, &cx.policy.provider);
        receive_in_handshake(message, &self.key, &mut handshake.negotiated, schemes, provider)?;
        Ok(AwaitFinished { handshake }.into())
    }
}

impl AwaitFinished {
    pub(super) fn on_finished(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let Handshake { mut negotiated, secrets, request, .. } = *self.handshake;
        let secrets =
            secrets.check_server_finished(message, &mut negotiated, cx.policy.key_log, &mut cx.out)?;
        cx.out.peer_change_cipher_spec(PeerChangeCipherSpec::Unexpected);
        negotiated.check_floor(&cx.policy.floor)?;
        secrets.change_keys(Direction::Read, &negotiated, &mut cx.out)?;
        // RFC 9001 section 8.3: "Clients MUST NOT send the EndOfEarlyData message."
        if negotiated.early_data == EarlyData::Accepted && cx.connection.quic.is_none() {
            // RFC 9846 section 4.6: "If the server sent an "early_data" extension in EncryptedExtensions, the
            // client MUST send an EndOfEarlyData message after receiving the server Finished."
            cx.out.close_gate(Direction::Write);
            cx.out.send(&mut negotiated.transcript, &EndOfEarlyData)?;
            secrets.end_early_data(Direction::Write, &negotiated, &mut cx.out)?;
        }
        let answer = Box::new(Answer { negotiated, secrets });
        match request {
            Some(request) => Ok(ChoosingCredential { answer, request, policy: Arc::clone(cx.policy) }.into()),
            None => client_flight::finish(answer, cx),
        }
    }
}
