//! ClientHello (RFC 9846 section 4.2.2): its judgement, and HelloRetryRequest if it has no suitable key share
//! (section 4.2.4).

use super::super::context::Cx;
use super::early_data;
use super::judged::{Candidates, Choices, FirstHello, Hello, Retry, Share};
use super::psk_offer;
use super::server_flight;
use super::shares::{Group, Shares};
use super::states::{AwaitSecondClientHello, ChoosingCredential, ChoosingPsk, ConsumingPsk, State};
use crate::error::HandshakeErrorKind;
use crate::ext::{self, ClientExtensions, quic_transport_parameters};
use crate::flight::PeerChangeCipherSpec;
use crate::input::KnownPsk;
use crate::policy::{ServerPolicy, SuiteOrder};
use crate::quic;
use crate::raw_message::RawMessage;
use crate::record_sizes;
use crate::server::tls13_offer::Tls13Offer;
use crate::tls13::certificate::Statements;
use alloc::boxed::Box;
use alloc::sync::Arc;
use cairn_crypto::AeadAlgorithm;
use cairn_schedule::tls13::{ClientHelloTranscript, Kdf, Tls13Suite};
use cairn_wire::{
    CipherSuite, ClientExtension, ClientHello, CompressionMethod, ExtensionMessage, ExtensionType,
    HelloRetryExtension, HelloRetryRequest, List, NamedGroup, ProtocolVersion, PskKeyExchangeMode, SessionId,
};

/// Takes the first ClientHello.
pub(crate) fn take_client_hello(
    message: RawMessage<'_>,
    hello: &ClientHello<'_>,
    extensions: &ClientExtensions<'_>,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    match cx.connection.quic.as_deref_mut() {
        Some(quic) => {
            // RFC 9001 section 8.4: "A server SHOULD treat the receipt of a TLS ClientHello with a non-empty
            // legacy_session_id field as a connection error of type PROTOCOL_VIOLATION."
            if !hello.session_id.is_empty() {
                return Err(HandshakeErrorKind::SessionIdInQuic);
            }
            quic.take_parameters(quic_transport_parameters::of_client(extensions), &mut cx.out)?;
        }
        None => {
            quic_transport_parameters::check_absent(extensions)?;
            cx.out.peer_change_cipher_spec(PeerChangeCipherSpec::Ignored);
        }
    }
    choose_psk(message, hello, extensions, None, cx)
}

/// Takes the first or the second hello. Asks for a PSK if the client offers any that may be used.
pub(super) fn choose_psk(
    message: RawMessage<'_>,
    hello: &ClientHello<'_>,
    extensions: &ClientExtensions<'_>,
    retry: Option<Retry>,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    let with_certificate = cx.policy.tls13.external_psk_use;
    let with_certificate = ext::tls_cert_with_extern_psk::is_offered(hello, extensions, with_certificate)?;
    let Some((until, mode)) = psk_offer::usable(hello, extensions, cx.policy)? else {
        let choices = Choices { suite: None, psk: None, retry, not_resumed: None };
        return negotiate(message, hello, extensions, choices, cx);
    };
    let message = message.bytes.to_vec();
    let candidates = Candidates {
        message,
        from: 0,
        until,
        mode,
        with_certificate,
        selected: None,
        retry,
        not_resumed: None,
    };
    Ok(ChoosingPsk { candidates: Box::new(candidates) }.into())
}

/// Chooses the suite and the group, as far as they are not chosen yet. HelloRetryRequest follows if the
/// client has sent no share for a group in common.
pub(super) fn negotiate(
    message: RawMessage<'_>,
    hello: &ClientHello<'_>,
    extensions: &ClientExtensions<'_>,
    choices: Choices,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    let Choices { suite, psk, retry, not_resumed } = choices;
    let (suite, kdf) = match (suite, &retry) {
        (Some(chosen), _) => chosen,
        (None, Some(retry)) => (retry.suite, retry.kdf.clone()),
        (None, None) => {
            let suite = choose_suite(cx.policy, &hello.cipher_suites)?;
            (suite, Kdf::new(&cx.policy.provider, suite.hash)?)
        }
    };
    let without_share = psk.as_ref().is_some_and(|psk| psk.mode == PskKeyExchangeMode::PSK_KE);
    let group = match &retry {
        _ if without_share => None,
        // RFC 9846 section 4.3.8: "the client [...] replacing the list of shares with a list containing a
        // single KeyShareEntry from the indicated group".
        Some(Retry { group, .. }) => {
            let share = Shares::read(extensions)?.only(*group);
            let share = share.ok_or(HandshakeErrorKind::KeyShareNotRequested(*group))?;
            Some(Group::Shared(*group, share))
        }
        None => Some(Shares::read(extensions)?.choose(cx.policy)?),
    };
    let share = match group {
        Some(Group::Shared(group, share)) => Some(Share { group, key_exchange: share.to_vec() }),
        Some(Group::Supported(group)) => {
            // A hello that makes the handshake impossible is rejected now, and not after another round trip.
            Hello::judge(message, hello, extensions, (suite, kdf.clone()), None, cx)?;
            let early_data = ext::early_data::is_offered(extensions)?;
            let suite = (suite, kdf);
            let next = send_hello_retry_request(message, hello.session_id, suite, group, early_data, cx)?;
            if early_data {
                cx.out.skip_early_data(cx.policy.max_skipped_early_data());
            }
            return Ok(next);
        }
        None => None,
    };
    let mut judged = Hello::judge(message, hello, extensions, (suite, kdf), share, cx)?;
    judged.not_resumed = not_resumed;
    let state = match psk {
        None => {
            judged.certificate_handshake?;
            judged.retry = retry;
            ChoosingCredential { hello: judged, psk: None }.into()
        }
        Some(psk) => {
            let bound =
                psk_offer::check_binder(message, hello, extensions, psk, &judged.kdf, retry.as_ref())?;
            judged.retry = retry;
            match &bound.psk.psk {
                KnownPsk::Session(session) => {
                    let session = Arc::clone(session);
                    let (now, quic) = (cx.connection.now, cx.connection.quic.as_deref());
                    let early_data =
                        early_data::acceptable(&judged, &bound.psk, &session, quic, cx.policy, now);
                    ConsumingPsk { hello: judged, psk: Box::new(bound), session, early_data }.into()
                }
                KnownPsk::External(_) if bound.psk.with_certificate => {
                    judged.certificate_handshake?;
                    ChoosingCredential { hello: judged, psk: Some(Box::new(bound)) }.into()
                }
                KnownPsk::External(_) => server_flight::with_psk(*judged, bound, None, cx)?,
            }
        }
    };
    Ok(state)
}

/// Asks for a key share of this group.
fn send_hello_retry_request(
    message: RawMessage<'_>,
    session_id: SessionId,
    (suite, kdf): (&'static Tls13Suite, Kdf),
    group: NamedGroup,
    early_data: bool,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    let extensions = [
        HelloRetryExtension::SupportedVersions(ProtocolVersion::TLS_1_3),
        HelloRetryExtension::KeyShare(group),
    ];
    // The transcript starts when the message is known.
    let mut sent = cairn_schedule::Transcript::new();
    cx.out.send(
        &mut sent,
        &HelloRetryRequest {
            legacy_version: ProtocolVersion::TLS_1_2,
            legacy_session_id_echo: session_id,
            cipher_suite: suite.id,
            legacy_compression_method: CompressionMethod::NULL,
            extensions: cairn_wire::Extensions::from_items(&extensions),
        },
    )?;
    cx.out.send_compatible_change_cipher_spec(&session_id);
    let first = ClientHelloTranscript::new(message.bytes.to_vec());
    let transcript = first.into_retry(&kdf, sent.messages()?)?;
    let retry = Retry { suite, kdf, group, early_data, transcript };
    let first = FirstHello { message: message.bytes.to_vec(), retry };
    Ok(AwaitSecondClientHello { first: Box::new(first) }.into())
}

impl Hello {
    /// Checks a hello against the policy.
    pub(super) fn judge(
        message: RawMessage<'_>,
        hello: &ClientHello<'_>,
        extensions: &ClientExtensions<'_>,
        (suite, kdf): (&'static Tls13Suite, Kdf),
        share: Option<Share>,
        cx: &Cx<'_>,
    ) -> Result<Box<Self>, HandshakeErrorKind> {
        let policy = cx.policy;
        // "For every TLS 1.3 ClientHello, this vector MUST contain exactly one byte, set to zero, which
        // corresponds to the "null" compression method in prior versions of TLS."
        if !hello.compression_methods.iter().eq([CompressionMethod::NULL]) {
            return Err(HandshakeErrorKind::CompressionOffered);
        }
        ext::padding::check_client(extensions)?;
        // oid_filters belongs into CertificateRequest, and is the only extension that is known and does not
        // belong into ClientHello (section 4.3).
        let has_filters = hello.extensions.is_some_and(|each| each.contains(ExtensionType::OID_FILTERS));
        if has_filters {
            ExtensionMessage::ClientHello.judge(ExtensionType::OID_FILTERS, false)?;
        }
        check_authorities(hello)?;
        // RFC 9846 section 9.2: "If not containing a "pre_shared_key" extension, it MUST contain both a
        // "signature_algorithms" extension and a "supported_groups" extension."
        let schemes = ext::signature_algorithms::listed(extensions);
        let missing = HandshakeErrorKind::MissingExtension(ExtensionType::SIGNATURE_ALGORITHMS);
        let certificate_handshake = if schemes.is_some() { Ok(()) } else { Err(missing) };
        let certificate_schemes = ext::signature_algorithms_cert::listed(extensions);
        let is_quic = cx.connection.quic.is_some();
        // QUIC has no records.
        let ours = record_sizes::announced(policy.record_size_limit, true).filter(|_| !is_quic);
        let record_size_limits = ext::record_size_limit::agreed(ours, extensions)?;
        let server_name = ext::server_name::requested(extensions)?;
        let alpn = ext::alpn::choose(&policy.alpn_protocols, extensions);
        let alpn = if is_quic { Some(quic::check_protocol(alpn)?) } else { alpn? };
        let compression =
            ext::compress_certificate::requested(&policy.tls13.certificate_compression, extensions)?;
        Ok(Box::new(Self {
            message: message.bytes.to_vec(),
            retry: None,
            random: hello.random,
            session_id: hello.session_id,
            suite,
            kdf,
            share,
            not_resumed: None,
            server_name,
            alpn,
            record_size_limits,
            early_data: ext::early_data::is_offered(extensions)?,
            // RFC 9001 section 4.4: "A server MUST NOT use post-handshake client authentication".
            post_handshake_auth: ext::post_handshake_auth::offered(extensions)? && !is_quic,
            requested: Statements {
                status: ext::status_request::requested(extensions),
                timestamps: ext::signed_certificate_timestamp::requested(extensions),
                delegated: false,
            },
            compression,
            offer: Tls13Offer {
                schemes: ext::signature_algorithms::ClientSchemes::new(
                    &policy.signature_schemes,
                    Some(schemes.as_deref().unwrap_or_default()),
                    certificate_schemes.as_deref(),
                ),
                delegated: ext::delegated_credential::listed(extensions)?,
                server_types: ext::certificate_type::Types::of_server(extensions),
                client_types: ext::certificate_type::Types::of_client(extensions),
            },
            certificate_handshake,
            takes_tickets: psk_offer::mode(extensions, policy)?.is_some(),
            ticket_request: ext::pre_shared_key::ticket_request(extensions)?,
        }))
    }
}

/// certificate_authorities guides the choice of a credential, which the application makes with the hello.
/// Here it must only be well-formed (RFC 9846 section 4.3.4).
fn check_authorities(hello: &ClientHello<'_>) -> Result<(), HandshakeErrorKind> {
    let extension = hello.extensions.and_then(|each| each.get(ExtensionType::CERTIFICATE_AUTHORITIES));
    if let Some(ClientExtension::CertificateAuthorities(authorities)) = extension {
        authorities.get()?;
    }
    Ok(())
}

/// The first suite in common, in the order of the policy. A client that lists ChaCha20-Poly1305 before AES
/// has no hardware for AES: see [`SuiteOrder::Server`].
fn choose_suite(
    policy: &ServerPolicy,
    theirs: &List<'_, CipherSuite>,
) -> Result<&'static Tls13Suite, HandshakeErrorKind> {
    let ours = &policy.tls13.suites;
    let their_first = theirs.iter().find_map(|id| ours.iter().copied().find(|suite| suite.id == id));
    let their_first = their_first.ok_or(HandshakeErrorKind::NoSharedCipherSuite)?;
    let is_chacha = their_first.aead == AeadAlgorithm::ChaCha20Poly1305;
    if policy.suite_order == SuiteOrder::Client || is_chacha {
        return Ok(their_first);
    }
    let ours_first = ours.iter().copied().find(|suite| theirs.contains(&suite.id));
    Ok(ours_first.unwrap_or(their_first))
}
