//! The server's flight: from ServerHello to Finished (RFC 9846 sections 4.2.3, 4.4 and 4.5).
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::super::context::Cx;
use super::certificate_request::send_certificate_request;
use super::judged::{BoundPsk, Hello, Share, usable_groups};
use super::states::{
    Answered, AwaitCertificate, AwaitEndOfEarlyData, AwaitFinished, ChoosingCredential, Handshake, Signing,
    State,
};
use super::ticket_plan::TicketPlan;
use crate::credential::Credential;
use crate::error::HandshakeErrorKind;
use crate::ext::{self, Codes};
use crate::negotiated::Negotiated;
use crate::policy::{ClientAuthentication, ServerPolicy};
use crate::resumption::Resumption;
use crate::session::SessionSide;
use crate::summary::EarlyData;
use crate::tls13::certificate;
use crate::tls13::negotiated::{Compression, Tls13Negotiated};
use crate::tls13::secrets::{ApplicationSecrets, EarlyParameters, HandshakeSecrets, start_early_data};
use crate::tls13::verify::{proof_of, signed_content};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use cairn_schedule::tls13::{ClientHelloTranscript, EarlySecret};
use cairn_schedule::{Direction, Side};
use cairn_wire::{
    CertificateType, CertificateVerify, CompressionMethod, DigitallySigned, EncryptedExtension,
    EncryptedExtensions, Extensions, KeyShareEntry, List, NamedGroup, ProtocolName, ProtocolVersion, Random,
    Tls13ServerExtension, Tls13ServerHello,
};
use smallvec::SmallVec;

impl ChoosingCredential {
    pub(super) fn on_credential_chosen(
        self,
        chosen: Option<Arc<Credential>>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let hello = *self.hello;
        let (policy, offer) = (cx.policy, &hello.offer);
        let credential = chosen.ok_or(HandshakeErrorKind::NoCredential)?;
        if !offer.server_types.contain(credential.chain.certificate_type()) {
            return Err(HandshakeErrorKind::NoSharedCertificateType);
        }
        let scheme = offer.scheme_for(&credential).ok_or(HandshakeErrorKind::NoSharedSignatureScheme)?;
        let asked = match &policy.client_authentication {
            ClientAuthentication::None => None,
            ClientAuthentication::Request { .. } => {
                offer.client_types.choose(&policy.client_certificate_types, false)?
            }
            ClientAuthentication::Require { .. } => {
                offer.client_types.choose(&policy.client_certificate_types, true)?
            }
        };
        let certificate_type = credential.chain.certificate_type();
        let server_type = offer.server_types.is_answered().then_some(certificate_type);
        let client_type = asked.filter(|_| offer.client_types.is_answered());
        let (requested, compression) = (hello.requested, hello.compression.clone());
        let psk = self.psk.map(|psk| (*psk, None));
        let mut handshake = Box::new(send_server_hello(hello, psk, cx)?);
        let negotiated = &mut handshake.negotiated;
        let common = &mut negotiated.common;
        common.client_certificate_type = asked;
        common.server_certificate_type = certificate_type;
        let tls_server_end_point = credential.tls_server_end_point.clone();
        common.side = SessionSide::Server { tls_server_end_point };
        send_encrypted_extensions(&mut handshake, server_type, client_type, cx)?;
        let negotiated = &mut handshake.negotiated;
        if asked.is_some() {
            let (transcript, authentication) = (&mut negotiated.transcript, &policy.client_authentication);
            send_certificate_request(transcript, &[], authentication, policy, &mut cx.out)?;
        }
        negotiated.compression.server = certificate::send(
            &mut negotiated.transcript,
            &[],
            Some(&credential),
            requested,
            compression.as_deref(),
            &mut cx.out,
        )?;
        let message = signed_content(Side::Server, &negotiated.transcript.hash()?);
        Ok(Signing { handshake, credential, scheme, message }.into())
    }
}

/// A handshake with a PSK, which takes the place of the certificate: the whole flight of the server.
/// `early_data` is its maximum in bytes, if it is accepted.
pub(super) fn with_psk(
    hello: Hello,
    psk: BoundPsk,
    early_data: Option<u32>,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    let mut handshake = send_server_hello(hello, Some((psk, early_data)), cx)?;
    send_encrypted_extensions(&mut handshake, None, None, cx)?;
    let Handshake { mut negotiated, secrets, tickets } = handshake;
    let secrets = send_finished(secrets, &mut negotiated, cx)?;
    // RFC 9001 section 8.3: "the TLS EndOfEarlyData message is not used with QUIC."
    let is_early = negotiated.early_data == EarlyData::Accepted && cx.connection.quic.is_none();
    let answered = Box::new(Answered { negotiated, secrets, tickets });
    Ok(if is_early { AwaitEndOfEarlyData { answered }.into() } else { AwaitFinished { answered }.into() })
}

/// Sends Finished, and uses the keys of application data.
fn send_finished(
    secrets: HandshakeSecrets,
    negotiated: &mut Tls13Negotiated,
    cx: &mut Cx<'_>,
) -> Result<ApplicationSecrets, HandshakeErrorKind> {
    let secrets = secrets.send_server_finished(negotiated, cx.policy.key_log, &mut cx.out)?;
    secrets.change_keys(Direction::Write, negotiated, &mut cx.out)?;
    // QUIC has the keys of a level together. It uses these after the handshake: RFC 9001 section 5.7.
    if cx.connection.quic.is_some() {
        secrets.give_keys(Direction::Read, negotiated, &mut cx.out)?;
    }
    cx.out.pad_records(cx.policy.tls13.record_padding);
    // RFC 9846 section 2: "any data sent at that point is, of course, being sent to an unauthenticated peer."
    let is_asked = negotiated.common.client_certificate_type.is_some();
    if cx.policy.tls13.half_rtt_data && !is_asked && negotiated.check_floor(&cx.policy.floor).is_ok() {
        cx.out.open_half_rtt_gate();
    }
    Ok(secrets)
}

/// Sends ServerHello, and uses the keys of the handshake.
fn send_server_hello(
    hello: Hello,
    psk: Option<(BoundPsk, Option<u32>)>,
    cx: &mut Cx<'_>,
) -> Result<Handshake, HandshakeErrorKind> {
    let policy = cx.policy;
    let provider = &policy.provider;
    let mut random = Random([0; 32]);
    provider.random.fill(&mut random.0)?;
    let ours = match &hello.share {
        Some(Share { group, key_exchange }) => {
            let agreement = provider.group(*group).ok_or(HandshakeErrorKind::NotInProvider)?;
            Some((*group, agreement.encapsulate(key_exchange, &mut provider.rng())?))
        }
        None => None,
    };
    let was_retried = hello.retry.is_some();
    let accepted = psk.as_ref().and_then(|(_, early_data)| *early_data);
    // HelloRetryRequest has rejected that of the first hello.
    let was_early = hello.retry.as_ref().is_some_and(|retry| retry.early_data);
    let early_data = match (hello.early_data || was_early, accepted) {
        (false, _) => EarlyData::NotOffered,
        (true, Some(_)) => EarlyData::Accepted,
        (true, None) => EarlyData::Rejected,
    };
    let (psk, of_binder) = match psk {
        Some((BoundPsk { psk, transcript, .. }, _)) => (Some(psk), transcript),
        None => (None, None),
    };
    let transcript = match (hello.retry, of_binder) {
        (Some(retry), _) => retry.transcript.into_transcript(&hello.message)?,
        (None, Some(transcript)) => transcript,
        (None, None) => ClientHelloTranscript::new(hello.message).into_transcript(&hello.kdf)?,
    };
    let client_hello = if accepted.is_some() { Some(transcript.hash()?) } else { None };
    let mut negotiated = Tls13Negotiated {
        common: Negotiated {
            server_name: hello.server_name,
            alpn: hello.alpn,
            record_size_limits: hello.record_size_limits,
            ..Negotiated::new(
                SessionSide::Server { tls_server_end_point: None },
                Resumption::Full(hello.not_resumed),
                policy.resumption.as_ref(),
                cx.connection.now,
            )
        },
        suite: hello.suite,
        client_random: hello.random,
        transcript,
        retried: was_retried,
        peer_delegation: None,
        compression: Compression::default(),
        post_handshake_auth: hello.post_handshake_auth
            && policy.tls13.post_handshake_authentication != ClientAuthentication::None,
        psk: None,
        certificate_with_psk: None,
        psk_identity: None,
        early_data,
    };
    negotiated.set_group(ours.as_ref().map(|(group, _)| *group));
    let mut extensions = SmallVec::<[Tls13ServerExtension<'_>; 4]>::new();
    extensions.push(Tls13ServerExtension::SupportedVersions(ProtocolVersion::TLS_1_3));
    if let Some((group, ours)) = &ours {
        extensions
            .push(Tls13ServerExtension::KeyShare(KeyShareEntry { group: *group, key_exchange: &ours.share }));
    }
    let secret = match psk {
        Some(psk) => {
            if psk.with_certificate {
                extensions.push(Tls13ServerExtension::TlsCertWithExternPsk);
            }
            extensions.push(Tls13ServerExtension::PreSharedKey(psk.index));
            negotiated.use_psk(&psk.psk, psk.identity, psk.mode, psk.with_certificate);
            Some(psk.secret)
        }
        None => None,
    };
    cx.out.send(
        &mut negotiated.transcript,
        &Tls13ServerHello {
            legacy_version: ProtocolVersion::TLS_1_2,
            random,
            legacy_session_id_echo: hello.session_id,
            cipher_suite: hello.suite.id,
            legacy_compression_method: CompressionMethod::NULL,
            extensions: Extensions::from_items(&extensions),
        },
    )?;
    if !was_retried {
        cx.out.send_compatible_change_cipher_spec(&hello.session_id);
    }
    let shared_secret = ours.as_ref().map(|(_, ours)| ours.secret.expose());
    let early = match (&secret, client_hello, accepted) {
        (Some(secret), Some(client_hello), Some(max_bytes)) => Some((secret, client_hello, max_bytes)),
        _ => None,
    };
    let is_early = early.is_some();
    if let Some((secret, client_hello, max_bytes)) = early {
        let (suite, client_random) = (negotiated.suite, negotiated.client_random);
        let early = EarlyParameters { suite, client_random, direction: Direction::Read, max_bytes };
        let exporter = start_early_data(secret, &client_hello, &early, policy.key_log, &mut cx.out)?;
        cx.connection.early_exporter = Some(exporter);
    }
    let early_secret = match secret {
        Some(secret) => secret.into_early_secret(),
        None => EarlySecret::without_psk(&hello.kdf),
    };
    let secrets =
        HandshakeSecrets::derive(early_secret, shared_secret, &negotiated, policy.key_log, &mut cx.out)?;
    secrets.change_keys(Direction::Write, &negotiated, &mut cx.out)?;
    // In QUIC the two kinds of packets come side by side.
    if !is_early || cx.connection.quic.is_some() {
        secrets.change_keys(Direction::Read, &negotiated, &mut cx.out)?;
    }
    // After HelloRetryRequest it is skipped already.
    if hello.early_data && early_data == EarlyData::Rejected {
        cx.out.skip_early_data(policy.max_skipped_early_data());
    }
    negotiated.limit_records(Direction::Write, &mut cx.out);
    // The client learns its limit in EncryptedExtensions, after it has sent early data.
    if !is_early {
        negotiated.limit_records(Direction::Read, &mut cx.out);
    }
    let takes_tickets = hello.takes_tickets && negotiated.certificate_with_psk.is_none();
    let tickets = TicketPlan::new(takes_tickets, hello.ticket_request, &negotiated, policy);
    Ok(Handshake { negotiated, secrets, tickets })
}

fn send_encrypted_extensions(
    handshake: &mut Handshake,
    server_type: Option<CertificateType>,
    client_type: Option<CertificateType>,
    cx: &mut Cx<'_>,
) -> Result<(), HandshakeErrorKind> {
    let Handshake { negotiated, tickets, .. } = handshake;
    let common = &negotiated.common;
    let alpn = common.alpn.clone();
    let groups = groups_to_tell(common.evidence.group, cx.policy);
    let mut extensions = SmallVec::<[EncryptedExtension<'_>; 8]>::new();
    let mut add = |extension: Option<_>| {
        if let Some(extension) = extension {
            extensions.push(extension);
        }
    };
    // "When resuming a session, the server MUST NOT include a server_name extension in the server hello" (RFC
    // 6066 section 3).
    let took_name = common.server_name.is_some() && !common.resumption.is_resumed();
    add(took_name.then_some(EncryptedExtension::ServerName));
    add(groups.as_deref().map(|groups| EncryptedExtension::SupportedGroups(List::from_items(groups))));
    add(common.record_size_limits.map(|limits| EncryptedExtension::RecordSizeLimit(limits.ours)));
    add(client_type.map(EncryptedExtension::ClientCertificateType));
    add(server_type.map(EncryptedExtension::ServerCertificateType));
    add(alpn
        .as_deref()
        .map(|name| EncryptedExtension::ApplicationLayerProtocolNegotiation(ProtocolName(name))));
    add(tickets.announced().map(EncryptedExtension::TicketRequest));
    add(ext::quic_transport_parameters::response(cx.connection.quic.as_deref()));
    add((negotiated.early_data == EarlyData::Accepted).then_some(EncryptedExtension::EarlyData));
    let extensions = Extensions::from_items(&extensions);
    cx.out.send(&mut negotiated.transcript, &EncryptedExtensions { extensions })
}

/// The groups of supported_groups. RFC 9846 section 4.3.7: "If the server has a group it prefers to the ones
/// in the "key_share" extension but is still willing to accept the ClientHello, it SHOULD send
/// "supported_groups" to update the client's view of its preferences; this extension SHOULD contain all
/// groups the server supports".
fn groups_to_tell(chosen: Option<NamedGroup>, policy: &ServerPolicy) -> Option<Codes<NamedGroup>> {
    let is_first = usable_groups(policy).next() == Some(chosen?);
    (!is_first).then(|| usable_groups(policy).collect())
}

impl Signing {
    pub(super) fn on_signed(self, signature: Vec<u8>, cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        let Self { handshake, credential, scheme, .. } = self;
        let Handshake { mut negotiated, secrets, tickets } = *handshake;
        let signed = DigitallySigned { algorithm: scheme, signature: &signature };
        cx.out.send(&mut negotiated.transcript, &CertificateVerify { signed })?;
        negotiated.common.evidence.server_proof = Some(proof_of(&credential, scheme, signature.len()));
        let secrets = send_finished(secrets, &mut negotiated, cx)?;
        let is_asked = negotiated.common.client_certificate_type.is_some();
        let answered = Box::new(Answered { negotiated, secrets, tickets });
        Ok(if is_asked { AwaitCertificate { answered }.into() } else { AwaitFinished { answered }.into() })
    }
}
