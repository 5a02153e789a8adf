//! ServerHello and HelloRetryRequest (RFC 9846 sections 4.2.3 and 4.2.4).

use super::super::context::Cx;
use super::super::hello::offer::{RetryRequest, SentHello, send_second_client_hello};
use super::super::hello::psk::ClientPsk;
use super::states::{AwaitEncryptedExtensions, AwaitSecondServerHello, Early, Handshake, Retried, State};
use crate::error::HandshakeErrorKind;
use crate::ext;
use crate::flight::Event;
use crate::input::KnownPsk;
use crate::negotiated::Negotiated;
use crate::raw_message::{self, RawMessage};
use crate::resumption::{NotResumed, Resumption};
use crate::session::SessionSide;
use crate::summary::EarlyData;
use crate::tls13::negotiated::{Compression, Tls13Negotiated};
use crate::tls13::secrets::HandshakeSecrets;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use cairn_schedule::Direction;
use cairn_schedule::tls13::{ClientHelloTranscript, EarlySecret, Kdf, Tls13Suite};
use cairn_wire::{
    CertificateType, CipherSuite, CompressionMethod, ExtensionMessage, ExtensionType, HelloRetryExtension,
    HelloRetryRequest, ProtocolVersion, PskKeyExchangeMode, ServerHello, ServerHelloForm, SessionId,
    Tls13ServerExtension, Tls13ServerHello,
};

/// The fields that ServerHello and HelloRetryRequest have in common.
struct Fields {
    legacy_version: ProtocolVersion,
    session_id: SessionId,
    suite: CipherSuite,
    compression: CompressionMethod,
}

impl Fields {
    /// Checks them, and returns the suite.
    fn check(&self, sent: SessionId, cx: &Cx<'_>) -> Result<&'static Tls13Suite, HandshakeErrorKind> {
        // "A client which receives a TLS 1.3 Server Hello with a legacy_version value not equal to 0x0303
        // MUST abort the handshake with a "protocol_version" alert."
        if self.legacy_version != ProtocolVersion::TLS_1_2 {
            return Err(HandshakeErrorKind::WrongLegacyVersion(self.legacy_version));
        }
        if self.session_id != sent {
            return Err(HandshakeErrorKind::SessionIdNotEchoed);
        }
        if self.compression != CompressionMethod::NULL {
            return Err(HandshakeErrorKind::CompressionNotOffered(self.compression));
        }
        let suites = &cx.policy.tls13.suites;
        let suite = suites.iter().copied().find(|suite| suite.id == self.suite);
        suite.ok_or(HandshakeErrorKind::CipherSuiteNotOffered(self.suite))
    }
}

/// Takes HelloRetryRequest and sends the second ClientHello.
pub(crate) fn take_hello_retry_request(
    message: RawMessage<'_>,
    sent: SentHello,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    let (mut group, mut cookie, mut fault) = (None, None, None);
    let request = raw_message::read_with(message, |reader| {
        HelloRetryRequest::decode_each(reader, |extension| {
            let extension_type = extension.extension_type();
            let is_requested = sent.offered.contains(extension_type);
            let judged = ExtensionMessage::HelloRetryRequest.judge(extension_type, is_requested);
            fault = fault.or(judged.err());
            match extension {
                HelloRetryExtension::KeyShare(selected) => group = Some(selected),
                HelloRetryExtension::Cookie(received) => cookie = Some(received),
                _ => {}
            }
        })
    })?;
    let offer = sent.tls13.as_deref().ok_or(HandshakeErrorKind::NotInProvider)?;
    let fields = Fields {
        legacy_version: request.legacy_version,
        session_id: request.legacy_session_id_echo,
        suite: request.cipher_suite,
        compression: request.legacy_compression_method,
    };
    let suite = fields.check(offer.session_id, cx)?;
    check_selected_version(&request)?;
    fault.map_or(Ok(()), Err)?;
    // RFC 9846 section 4.3.8: the client "MUST verify that (1) the selected_group field corresponds to a
    // group which was provided in the "supported_groups" extension in the original ClientHello and (2) the
    // selected_group field does not correspond to a group which was provided in the "key_share" extension in
    // the original ClientHello."
    if let Some(group) = group {
        if !ext::supported_groups::offered_by(cx.policy, true).contains(&group) {
            return Err(HandshakeErrorKind::GroupNotOffered(group));
        }
        if offer.key_shares.offers(group) {
            return Err(HandshakeErrorKind::RetryWithoutChange);
        }
    }
    // "Clients MUST abort the handshake with an "illegal_parameter" alert if the HelloRetryRequest would not
    // result in any change in the ClientHello."
    if group.is_none() && cookie.is_none() {
        return Err(HandshakeErrorKind::RetryWithoutChange);
    }
    if offer.early_data {
        cx.out.drop_early_keys();
        cx.connection.early_exporter = None;
    } else {
        cx.out.send_compatible_change_cipher_spec(&offer.session_id);
    }
    let was_early = offer.early_data;
    let kdf = Kdf::new(&cx.policy.provider, suite.hash)?;
    let mut sent = sent;
    let first = core::mem::take(&mut sent.transcript).into_messages()?;
    let transcript = ClientHelloTranscript::new(first).into_retry(&kdf, message.bytes)?;
    let retry = RetryRequest { group, cookie, hash: suite.hash, transcript: &transcript };
    let mut sent = send_second_client_hello(sent, retry, cx)?;
    let second = core::mem::take(&mut sent.transcript).into_messages()?;
    let transcript = transcript.into_transcript(&second)?;
    let retried = Retried { suite, kdf, transcript, was_early };
    Ok(AwaitSecondServerHello { waiting: Box::new((sent, retried)) }.into())
}

/// HelloRetryRequest states the version like ServerHello.
fn check_selected_version(request: &HelloRetryRequest<'_>) -> Result<(), HandshakeErrorKind> {
    match request.extensions.get(ExtensionType::SUPPORTED_VERSIONS) {
        Some(HelloRetryExtension::SupportedVersions(ProtocolVersion::TLS_1_3)) => Ok(()),
        Some(HelloRetryExtension::SupportedVersions(peer)) => {
            Err(HandshakeErrorKind::VersionNotOffered { peer })
        }
        _ => Err(HandshakeErrorKind::MissingExtension(ExtensionType::SUPPORTED_VERSIONS)),
    }
}

/// Takes the first ServerHello, without HelloRetryRequest before it.
pub(crate) fn take_server_hello(
    message: RawMessage<'_>,
    sent: SentHello,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    negotiate(message, sent, None, cx)
}

impl AwaitSecondServerHello {
    pub(super) fn on_server_hello(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        match ServerHelloForm::of(message.body()) {
            ServerHelloForm::Tls13 => {
                let (sent, retried) = *self.waiting;
                negotiate(message, sent, Some(retried), cx)
            }
            // "The value of selected_version in the HelloRetryRequest "supported_versions" extension MUST be
            // retained in the ServerHello".
            ServerHelloForm::Tls12 => {
                // What cannot be decoded has no version.
                let _: ServerHello<'_> = raw_message::read(message)?;
                Err(HandshakeErrorKind::VersionChangedAfterRetry)
            }
            // "If a client receives a second HelloRetryRequest in the same connection [...] it MUST abort the
            // handshake with an "unexpected_message" alert."
            ServerHelloForm::HelloRetryRequest => {
                Err(HandshakeErrorKind::UnexpectedMessage { got: "second HelloRetryRequest" })
            }
        }
    }
}

/// Takes ServerHello: agrees on the shared secret, and uses the keys of the handshake.
fn negotiate(
    message: RawMessage<'_>,
    sent: SentHello,
    retried: Option<Retried>,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    let (mut share, mut identity, mut fault) = (None, None, None);
    let mut with_certificate = false;
    let hello = raw_message::read_with(message, |reader| {
        Tls13ServerHello::decode_each(reader, |extension| {
            let extension_type = extension.extension_type();
            let is_requested = sent.offered.contains(extension_type);
            let judged = ExtensionMessage::ServerHello.judge(extension_type, is_requested);
            fault = fault.or(judged.err());
            match extension {
                Tls13ServerExtension::KeyShare(entry) => share = Some(entry),
                Tls13ServerExtension::PreSharedKey(index) => identity = Some(index),
                Tls13ServerExtension::TlsCertWithExternPsk => with_certificate = true,
                _ => {}
            }
        })
    })?;
    let SentHello { transcript, random, offered, session, not_resumed, tls13, .. } = sent;
    let offer = *tls13.ok_or(HandshakeErrorKind::NotInProvider)?;
    let fields = Fields {
        legacy_version: hello.legacy_version,
        session_id: hello.legacy_session_id_echo,
        suite: hello.cipher_suite,
        compression: hello.legacy_compression_method,
    };
    let suite = fields.check(offer.session_id, cx)?;
    fault.map_or(Ok(()), Err)?;
    let psk = match identity {
        Some(index) => Some(selected_psk(offer.psks, index, suite)?),
        None => None,
    };
    let is_offered = offered.contains(ExtensionType::TLS_CERT_WITH_EXTERN_PSK);
    check_certificate_with_psk(is_offered, with_certificate, share.is_some(), psk.is_some())?;
    let mode = match (&share, &psk) {
        (Some(_), _) => PskKeyExchangeMode::PSK_DHE_KE,
        (None, Some(_)) => PskKeyExchangeMode::PSK_KE,
        (None, None) => return Err(HandshakeErrorKind::MissingExtension(ExtensionType::KEY_SHARE)),
    };
    // RFC 9846 section 4.3.11: "Clients MUST verify [...] that a server "key_share" extension is present if
    // required by the ClientHello "psk_key_exchange_modes" extension. If these values are not consistent, the
    // client MUST abort the handshake with an "illegal_parameter" alert."
    if psk.is_some() && !cx.policy.tls13.psk_modes.list().contains(&mode) {
        return Err(HandshakeErrorKind::PskModeNotOffered(mode));
    }
    // RFC 9846 section 4.3.8: the group "MUST be in the same group as the KeyShareEntry value offered by the
    // client that the server has selected for the negotiated key exchange."
    if let Some(share) = share
        && !offer.key_shares.offers(share.group)
    {
        return Err(match retried {
            Some(_) => HandshakeErrorKind::KeyShareNotRequested(share.group),
            None => HandshakeErrorKind::GroupNotOffered(share.group),
        });
    }
    let was_retried = retried.is_some();
    let was_early = retried.as_ref().is_some_and(|retried| retried.was_early);
    let (kdf, mut transcript) = match retried {
        Some(Retried { suite: chosen, .. }) if chosen != suite => {
            return Err(HandshakeErrorKind::SuiteChangedAfterRetry(suite.id));
        }
        Some(Retried { kdf, transcript, .. }) => (kdf, transcript),
        None => {
            let kdf = Kdf::new(&cx.policy.provider, suite.hash)?;
            let hello = ClientHelloTranscript::new(transcript.into_messages()?);
            let transcript = hello.into_transcript(&kdf)?;
            (kdf, transcript)
        }
    };
    let shared_secret = match share {
        Some(share) => Some(offer.key_shares.agree(share.group, share.key_exchange)?),
        None => None,
    };
    transcript.add(message.bytes)?;

    let policy = cx.policy;
    let is_resumed = psk.as_ref().is_some_and(|psk| matches!(psk.psk, KnownPsk::Session(_)));
    let not_resumed = match session {
        Some(_) if !is_resumed => {
            cx.out.event(Event::NotResumed(NotResumed::DeclinedByServer));
            Some(NotResumed::DeclinedByServer)
        }
        _ => not_resumed,
    };
    let mut negotiated = Tls13Negotiated {
        common: Negotiated {
            server_name: cx.server_name.cloned(),
            client_certificate_type: Some(CertificateType::X509),
            ..Negotiated::new(
                SessionSide::Client { endpoint: cx.endpoint.cloned() },
                Resumption::Full(not_resumed),
                policy.resumption.as_ref(),
                cx.connection.now,
            )
        },
        suite,
        client_random: random,
        transcript,
        retried: was_retried,
        peer_delegation: None,
        compression: Compression::default(),
        post_handshake_auth: offered.contains(ExtensionType::POST_HANDSHAKE_AUTH),
        psk: None,
        certificate_with_psk: None,
        psk_identity: None,
        early_data: if offer.early_data || was_early { EarlyData::Rejected } else { EarlyData::NotOffered },
    };
    negotiated.set_group(share.map(|share| share.group));
    // The session whose early data the server may accept: the first PSK, with the same suite.
    let early_session = match &psk {
        Some(ClientPsk { psk: KnownPsk::Session(session), .. }) if identity == Some(0) => {
            let is_same_suite = session.tls13().is_some_and(|tls13| tls13.suite == suite);
            is_same_suite.then(|| Arc::clone(session))
        }
        _ => None,
    };
    let early = match psk {
        Some(ClientPsk { identity, psk, secret, .. }) => {
            negotiated.use_psk(&psk, identity, mode, with_certificate);
            secret.into_early_secret()
        }
        None => EarlySecret::without_psk(&kdf),
    };
    if !was_retried && !offer.early_data {
        cx.out.send_compatible_change_cipher_spec(&offer.session_id);
    }
    let shared_secret = shared_secret.as_ref().map(|secret| secret.expose());
    let secrets = HandshakeSecrets::derive(early, shared_secret, &negotiated, policy.key_log, &mut cx.out)?;
    secrets.change_keys(Direction::Read, &negotiated, &mut cx.out)?;
    // The keys of early data stay until the server says whether it accepts it. In QUIC they have packets of
    // their own.
    if !offer.early_data || cx.connection.quic.is_some() {
        secrets.change_keys(Direction::Write, &negotiated, &mut cx.out)?;
    }
    let early = offer.early_data.then_some(early_session).map(Early);
    let handshake = Box::new(Handshake { negotiated, secrets, offered, early, request: None });
    Ok(AwaitEncryptedExtensions { handshake }.into())
}

/// Checks tls_cert_with_extern_psk in ServerHello. If we have offered it, both a certificate and an
/// external PSK are required.
const fn check_certificate_with_psk(
    is_offered: bool,
    is_accepted: bool,
    has_share: bool,
    has_psk: bool,
) -> Result<(), HandshakeErrorKind> {
    match (is_offered, is_accepted) {
        (true, false) => Err(HandshakeErrorKind::CertificateWithPskRefused),
        // RFC 8773 section 4: "The "tls_cert_with_extern_psk" extension MUST be accompanied by the
        // "key_share" and "pre_shared_key" extensions."
        (_, true) if !has_psk => Err(HandshakeErrorKind::MissingExtension(ExtensionType::PRE_SHARED_KEY)),
        (_, true) if !has_share => Err(HandshakeErrorKind::MissingExtension(ExtensionType::KEY_SHARE)),
        _ => Ok(()),
    }
}

/// The PSK that the server has selected. RFC 9846 section 4.3.11: "Clients MUST verify that the server's
/// selected_identity is within the range supplied by the client, that the server selected a cipher suite
/// indicating a Hash associated with the PSK".
fn selected_psk(
    psks: Vec<ClientPsk>,
    index: u16,
    suite: &Tls13Suite,
) -> Result<ClientPsk, HandshakeErrorKind> {
    let psk = psks.into_iter().nth(index.into()).ok_or(HandshakeErrorKind::WrongPskIdentity(index))?;
    if psk.hash() == suite.hash { Ok(psk) } else { Err(HandshakeErrorKind::SuiteNotForPsk(suite.id)) }
}
