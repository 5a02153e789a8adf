//! ServerHello in TLS 1.2 (RFC 5246 section 7.4.1.3): the judgement of the server's choice, and the
//! resumption of the session if the server accepts it.

use super::{
    finished::await_finished,
    server_flight::after_server_certificate,
    states::{AwaitCertificate, State},
};
use crate::{
    client::{
        context::Cx,
        hello::{offer::SentHello, read::Received},
    },
    error::HandshakeErrorKind,
    ext,
    flight::{Event, PeerChangeCipherSpec},
    kx::KeyExchange,
    negotiated::Negotiated,
    record_sizes,
    resumption::{NotResumed, Resumption},
    session::{Session, SessionSide, Tls12Session},
    tls12::{
        negotiated::{SessionStorage, Tls12Negotiated},
        secured::Secured,
    },
};
use alloc::boxed::Box;
use cairn_schedule::{Randoms, Tls12Suite};
use cairn_wire::{CertificateType, CompressionMethod, ProtocolVersion, ServerHello};

/// Takes a ServerHello that chooses TLS 1.2: judges it, and resumes the session or continues with a full
/// handshake.
pub(crate) fn take_server_hello(
    received: &Received<'_>,
    mut sent: SentHello,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    cx.connection.choose_tls12();
    if sent.tls13.is_some() {
        cx.out.peer_change_cipher_spec(PeerChangeCipherSpec::Message);
    }
    let session = sent.session.take();
    let resumed = session.as_deref().and_then(|session| Resumed::accepted(session, &received.hello));
    if session.is_some() && resumed.is_none() {
        cx.out.event(Event::NotResumed(NotResumed::DeclinedByServer));
        sent.not_resumed = Some(NotResumed::DeclinedByServer);
    }
    let negotiated = received.judge(sent, resumed, cx)?;
    match resumed {
        Some(session) => resume(negotiated, session, cx),
        None => received.full_handshake(negotiated, cx),
    }
}

/// The session that the server resumes.
#[derive(Clone, Copy)]
struct Resumed<'a> {
    session: &'a Session,
    tls12: &'a Tls12Session,
}

impl<'a> Resumed<'a> {
    /// The offered session, if the server accepts it: the offered ID "indicates a resumed session" (RFC 5246
    /// section 7.4.1.3).
    fn accepted(session: &'a Session, hello: &ServerHello<'_>) -> Option<Self> {
        let tls12 = session.tls12()?;
        (*tls12.session_id() == hello.session_id).then_some(Self { session, tls12 })
    }
}

impl Received<'_> {
    /// Checks that the client offered what the server chose, that the policy accepts it, and that it agrees
    /// with the session if it is resumed, and with the handshake before in a renegotiation.
    fn judge(
        &self,
        offer: SentHello,
        resumed: Option<Resumed<'_>>,
        cx: &mut Cx<'_>,
    ) -> Result<Box<Tls12Negotiated>, HandshakeErrorKind> {
        let Self { hello, extensions, .. } = self;
        let policy = cx.policy;
        let suite: &'static Tls12Suite = policy
            .tls12
            .suites
            .iter()
            .copied()
            .find(|suite| suite.id == hello.cipher_suite)
            .ok_or(HandshakeErrorKind::CipherSuiteNotOffered(hello.cipher_suite))?;
        let kx = KeyExchange::of(suite).ok_or(HandshakeErrorKind::NotInProvider)?;
        if hello.compression_method != CompressionMethod::NULL {
            return Err(HandshakeErrorKind::CompressionNotOffered(hello.compression_method));
        }
        if let Some(error) = self.not_allowed {
            return Err(error);
        }
        let last = cx.connection.last_tls12();
        let secure_renegotiation =
            ext::renegotiation_info::read_server(policy.tls12.secure_renegotiation, last, extensions)?;
        ext::ec_point_formats::check_server(extensions)?;
        let alpn = ext::alpn::accept(&policy.alpn_protocols, extensions)?;
        let extended_master_secret = ext::extended_master_secret::accepted(extensions);

        let protection = ext::encrypt_then_mac::accepted(suite, extensions)?;
        ext::encrypt_then_mac::check_kept(last, protection)?;
        ext::extended_master_secret::check_kept(last, extended_master_secret)?;

        // A server of TLS 1.2 repeats the client's ID only to resume that session (RFC 5246 section 7.4.1.3).
        // In compatibility mode the ID is random (RFC 9846 appendix E.4), so there is no session to resume.
        let made_up = offer.tls13.as_ref().map(|tls13| tls13.session_id).filter(|id| !id.is_empty());
        if resumed.is_none() && made_up == Some(hello.session_id) {
            return Err(HandshakeErrorKind::UnknownSessionResumed);
        }
        if let Some(Resumed { tls12, .. }) = resumed {
            // "If a session is resumed, it must be resumed using the same cipher suite it was originally
            // negotiated with" (RFC 5246 section 7.4.1.3).
            if tls12.suite != suite {
                return Err(HandshakeErrorKind::ResumedWithOtherSuite(suite.id));
            }
            // Both directions of a difference: "the client MUST abort the handshake" (RFC 7627 section 5.3).
            if tls12.extended_master_secret != extended_master_secret {
                return Err(HandshakeErrorKind::ResumedWithOtherMasterSecretRule);
            }
            // An attacker may have removed the extension (RFC 7366 section 3.1).
            if tls12.protection.is_encrypt_then_mac() && !protection.is_encrypt_then_mac() {
                return Err(HandshakeErrorKind::ResumedWithoutEncryptThenMac);
            }
        }
        ext::extended_master_secret::check(policy.tls12.extended_master_secret, extended_master_secret)?;
        let ours = record_sizes::announced(policy.record_size_limit, offer.tls13.is_some());
        let record_size_limits = ext::record_size_limit::accepted(ours, extensions)?;
        let max_fragment_length = ext::max_fragment_length::accepted(
            policy.tls12.max_fragment_length,
            resumed.map(|session| session.tls12.max_fragment_length),
            extensions,
        )?;

        let storage = if ext::session_ticket::will_come(extensions) {
            SessionStorage::AwaitTicket { room: offer.ticket_room }
        } else if policy.resumption.is_some() && resumed.is_none() && extended_master_secret {
            SessionStorage::by_id(&hello.session_id)
        } else {
            SessionStorage::NotStored
        };
        let resumption = match resumed {
            None => Resumption::Full(offer.not_resumed),
            Some(Resumed { tls12, .. }) if tls12.ticket().is_some() => Resumption::ByTicket,
            Some(_) => Resumption::ById,
        };
        let mut negotiated = Box::new(Tls12Negotiated {
            common: Negotiated {
                server_name: cx.server_name.cloned(),
                alpn,
                record_size_limits,
                client_certificate_type: Some(CertificateType::X509),
                ..Negotiated::new(
                    SessionSide::Client { endpoint: cx.endpoint.cloned() },
                    resumption,
                    policy.resumption.as_ref(),
                    cx.connection.now,
                )
            },
            suite,
            kx,
            client_version: ProtocolVersion::TLS_1_2,
            randoms: Randoms { client: offer.random, server: hello.random },
            session_id: hello.session_id,
            transcript: offer.transcript,
            extended_master_secret,
            protection,
            epoch: cx.connection.next_epoch()?,
            max_fragment_length,
            secure_renegotiation,
            storage,
            psk_identity: None,
        });
        negotiated.transcript.add(self.message.bytes)?;
        negotiated.choose_hash(&policy.provider)?;
        negotiated.limit_records_at_once(&mut cx.out);
        Ok(negotiated)
    }

    /// Continues with a full handshake.
    fn full_handshake(
        &self,
        mut negotiated: Box<Tls12Negotiated>,
        cx: &Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        if !negotiated.kx.certificate {
            return Ok(after_server_certificate(negotiated));
        }
        let (policy, extensions) = (cx.policy, &self.extensions);
        negotiated.common.server_certificate_type =
            ext::certificate_type::accept_server(&policy.server_certificate_types, extensions)?;
        negotiated.common.client_certificate_type =
            ext::certificate_type::accept_client(&policy.client_certificate_types, extensions)?;
        negotiated.common.stapled.signed_certificate_timestamps =
            ext::signed_certificate_timestamp::received(extensions);
        let status_may_come = ext::status_request::may_come(extensions);
        Ok(AwaitCertificate { negotiated, status_may_come }.into())
    }
}

/// Resumes a session that the server accepts.
fn resume(
    mut negotiated: Box<Tls12Negotiated>,
    Resumed { session, tls12 }: Resumed<'_>,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    if let Some(connection) = cx.connection.tls12_mut() {
        connection.session_in_use = *tls12.session_id();
    }
    negotiated.transcript.discard_messages();
    negotiated.common.resume(session);
    negotiated.psk_identity.clone_from(&session.psk_identity);
    let secured = Secured::from_master(negotiated, &cx.policy.provider, tls12.master_secret.clone())?;
    if cx.policy.key_log {
        secured.log_key(&mut cx.out);
    }
    Ok(await_finished(secured.before_ours()))
}
