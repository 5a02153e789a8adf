//! The server's hello stage: the client's offer, resumption, and the server's choice (RFC 5246 sections
//! 7.4.1.2 and 7.4.1.3).

use super::{
    Cx,
    offer::{Offer, shared_suites},
    tls12,
};
use crate::{
    ChooseConfiguration, ChooseServerCredential, ClientAuthentication, Credential, Event, FindSession,
    HandshakeErrorKind, NotResumed, Question, RawMessage,
    ext::{self, ClientExtensions, max_fragment_length::MaxFragmentLength},
    kx::KeyExchange,
    negotiated::{Negotiated, Resumption},
    raw_message,
    record_sizes::RecordSizeLimits,
    resumption::{Rule, unless},
    session::{Session, SessionState},
    table::{states, transition_table},
    tls12::negotiated::{SessionStorage, Tls12Negotiated},
    tls12::secured::Secured,
    trigger::FoundSession,
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_schedule::{Direction, Randoms, Side, Tls12Suite, Transcript};
use cairn_wire::{
    CertificateType, ClientHello, CompressionMethod, Extensions, HandshakeType, KeyAgreement,
    ProtocolVersion, Random, SerializedSct, ServerExtension, ServerHello, SessionId,
};
use smallvec::SmallVec;

transition_table! {
    /// The server until it sends ServerHello.
    "server, hello" for Cx, leading to super::State:
    Idle,                Start            => on_start             -> [AwaitClientHello];
    AwaitClientHello,    ClientHello      => on_client_hello      -> [ChoosingConfiguration, FindingSession, ChoosingCredential, AwaitClientKeyExchange];
    ChoosingConfiguration, Configured     => on_configured        -> [FindingSession, ChoosingCredential, AwaitClientKeyExchange];
    FindingSession,      SessionFound     => on_session_found     -> [ChoosingCredential, AwaitClientKeyExchange, SealingTicket, AwaitChangeCipherSpec];
    ChoosingCredential,  CredentialChosen => on_credential_chosen -> [Signing, AwaitCertificate, AwaitClientKeyExchange];
}

states!(Hello of super::State: Idle, AwaitClientHello, ChoosingConfiguration, FindingSession, ChoosingCredential);

impl State {
    pub(super) fn question(&self) -> Option<Question<'_>> {
        Some(match self {
            Self::ChoosingConfiguration(state) => {
                Question::ChooseConfiguration(ChooseConfiguration { client_hello: &state.message })
            }
            Self::FindingSession(state) => Question::FindSession(match state.hello.ticket.as_deref() {
                Some(ticket) if !ticket.is_empty() => FindSession::ByTicket { ticket },
                _ => FindSession::ById { session_id: &state.hello.session_id },
            }),
            Self::ChoosingCredential(state) => Question::ChooseServerCredential(ChooseServerCredential {
                client_hello: state.hello.transcript.messages().ok()?,
                server_name: state.hello.server_name.as_deref(),
                offer: &state.hello.offer,
            }),
            Self::Idle(_) | Self::AwaitClientHello(_) => return None,
        })
    }
}

/// Not started.
pub(crate) struct Idle;

impl Idle {
    fn on_start(self, (): (), _cx: &mut Cx<'_>) -> Result<super::State, HandshakeErrorKind> {
        Ok(AwaitClientHello.into())
    }
}

pub(crate) struct AwaitClientHello;

/// The parts of a ClientHello that are needed later.
struct Hello {
    transcript: Transcript,
    random: Random,
    session_id: SessionId,
    client_version: ProtocolVersion,
    /// What a full handshake chooses from.
    offer: Offer,
    server_name: Option<Arc<[u8]>>,
    extended_master_secret: bool,
    /// Whether encrypt-then-MAC is offered and accepted, and a suite in common can use it.
    encrypt_then_mac: bool,
    /// The max_fragment_length of a full handshake.
    max_fragment_length: Option<MaxFragmentLength>,
    record_size_limits: Option<RecordSizeLimits>,
    secure_renegotiation: bool,
    /// Whether the client requests an OCSP response.
    status_requested: bool,
    /// Whether the client requests signed certificate timestamps.
    timestamps_requested: bool,
    alpn: Option<Arc<[u8]>>,
    /// The client's session_ticket, if tickets are enabled. An empty one requests a ticket.
    ticket: Option<Vec<u8>>,
    /// The reason why the client's session is not resumed.
    not_resumed: Option<NotResumed>,
}

/// The parts of ServerHello that a resumption omits.
#[derive(Default)]
struct Responses<'a> {
    /// ec_point_formats (RFC 8422 section 5.2).
    points: Option<ServerExtension<'static>>,
    /// Whether CertificateStatus will follow (RFC 6066 section 8).
    staples: bool,
    /// Signed certificate timestamps (RFC 6962 section 3.3.1).
    timestamps: &'a [Vec<u8>],
    /// The server's certificate type, and the type that the client must present (RFC 7250 section 4.2).
    server_type: Option<ServerExtension<'static>>,
    client_type: Option<ServerExtension<'static>>,
}

impl AwaitClientHello {
    /// Waits for ClientHello of the first handshake or of a renegotiation. Only the first handshake can
    /// resume a session.
    pub(super) fn on_client_hello(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        if cx.policy.ask_for_configuration && !cx.connection.is_complete() {
            let _valid: ClientHello<'_> = raw_message::read(message)?;
            return Ok(ChoosingConfiguration { message: message.bytes.to_vec() }.into());
        }
        take_client_hello(message, cx)
    }
}

/// Asks for the policy before the hello is checked.
pub(crate) struct ChoosingConfiguration {
    /// The ClientHello, header included.
    message: Vec<u8>,
}

impl ChoosingConfiguration {
    fn on_configured(self, (): (), cx: &mut Cx<'_>) -> Result<super::State, HandshakeErrorKind> {
        let message = RawMessage { msg_type: HandshakeType::CLIENT_HELLO, bytes: &self.message };
        take_client_hello(message, cx)
    }
}

/// Checks the hello against the policy in force.
fn take_client_hello(message: RawMessage<'_>, cx: &mut Cx<'_>) -> Result<super::State, HandshakeErrorKind> {
    let (policy, last) = (cx.policy, cx.connection.tls12());
    let (hello, extensions) = ClientExtensions::read(message)?;
    ext::fallback_scsv::check_client(hello.client_version, &hello.cipher_suites)?;
    ext::supported_versions::check_client(hello.client_version, &extensions)?;
    if !hello.compression_methods.contains(&CompressionMethod::NULL) {
        return Err(HandshakeErrorKind::CompressionNotOffered(CompressionMethod::NULL));
    }
    ext::padding::check_client(&extensions)?;
    let secure_renegotiation = ext::renegotiation_info::read_client(
        policy.tls12.secure_renegotiation,
        last,
        &hello.cipher_suites,
        &extensions,
    )?;
    let extended_master_secret = ext::extended_master_secret::offered(&extensions);
    ext::extended_master_secret::check(policy.tls12.extended_master_secret, extended_master_secret)?;
    ext::extended_master_secret::check_kept(last, extended_master_secret)?;
    let encrypt_then_mac = ext::encrypt_then_mac::offered(&extensions);
    let record_size_limits = ext::record_size_limit::agreed(policy.record_size_limit, &extensions)?;
    // record_size_limit overrides max_fragment_length, whatever its value (RFC 8449 section 5).
    let max_fragment_length = match record_size_limits {
        Some(_) => None,
        None => ext::max_fragment_length::offered(&extensions)?,
    };
    let suites = shared_suites(policy, &hello.cipher_suites);
    let server_name = ext::server_name::requested(&extensions)?;
    if suites.is_empty() {
        return Err(HandshakeErrorKind::NoSharedCipherSuite);
    }
    ext::server_name::check_kept(last, server_name.as_deref())?;
    let alpn = ext::alpn::choose(&policy.alpn_protocols, &extensions)?;

    let ticket = ext::session_ticket::presented(&extensions);
    let mut transcript = Transcript::new();
    transcript.add(message.bytes)?;
    let hello = Box::new(Hello {
        transcript,
        random: hello.random,
        session_id: hello.session_id,
        client_version: hello.client_version,
        offer: Offer::read(policy, suites, &extensions),
        server_name,
        extended_master_secret,
        encrypt_then_mac: policy.tls12.encrypt_then_mac && encrypt_then_mac,
        max_fragment_length: max_fragment_length.filter(|_| policy.tls12.max_fragment_length),
        record_size_limits,
        secure_renegotiation,
        status_requested: ext::status_request::requested(&extensions),
        timestamps_requested: ext::signed_certificate_timestamp::requested(&extensions),
        alpn,
        ticket: ticket.filter(|_| policy.resumption && policy.tls12.tickets).map(Into::into),
        not_resumed: None,
    });
    // With a ticket, the session ID is not looked up (RFC 5077 section 3.4).
    let resumes = match hello.ticket.as_deref() {
        None | Some([]) => !hello.session_id.is_empty(),
        Some(_) => true,
    };
    if policy.resumption && resumes && last.is_none() {
        Ok(FindingSession { hello }.into())
    } else {
        hello.into_full_handshake(cx)
    }
}

impl Hello {
    /// Continues with a full handshake.
    fn into_full_handshake(self: Box<Self>, cx: &mut Cx<'_>) -> Result<super::State, HandshakeErrorKind> {
        self.offer.check_full_handshake()?;
        if self.offer.wants_credential() {
            Ok(ChoosingCredential { hello: self }.into())
        } else {
            self.negotiate(None, cx)
        }
    }

    /// Chooses the parameters and sends ServerHello.
    fn negotiate(
        self: Box<Self>,
        credential: Option<Arc<Credential>>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let (policy, offer) = (cx.policy, &self.offer);
        let choice = offer.choose(credential.as_deref()).ok_or(match &credential {
            Some(credential) if !offer.server_types.contain(credential.chain.certificate_type()) => {
                HandshakeErrorKind::NoSharedCertificateType
            }
            Some(_) => offer.nothing_shared(),
            None => HandshakeErrorKind::NoCredential,
        })?;
        // Whether CertificateRequest is sent, and for which certificate type.
        let asked = match policy.client_authentication {
            ClientAuthentication::None => None,
            _ if !choice.kx.may_ask_client() => None,
            ClientAuthentication::Request { .. } => {
                offer.client_types.choose(&policy.client_certificate_types, false)?
            }
            ClientAuthentication::Require { .. } => {
                offer.client_types.choose(&policy.client_certificate_types, true)?
            }
        };

        // The ID of the new session is random. It is empty if the session could not be resumed.
        let resumable = policy.resumption && self.extended_master_secret;
        // A session with a ticket has no ID (RFC 5077 section 3.4).
        let (session_id, storage) = if !resumable {
            (SessionId::EMPTY, SessionStorage::NotStored)
        } else if self.ticket.is_some() {
            (SessionId::EMPTY, SessionStorage::InTicket)
        } else {
            let mut id = [0; 32];
            policy.provider.random.fill(&mut id)?;
            (SessionId::new(&id)?, SessionStorage::ById)
        };
        let credential = credential.filter(|_| choice.kx.certificate);
        let mut responses =
            credential.as_deref().map(|shown| self.responses_for(shown, asked)).unwrap_or_default();
        if choice.kx.agreement == KeyAgreement::Ecdh {
            responses.points = offer.points.response();
        }
        let staples = responses.staples;
        let resumption = Resumption::Full(self.not_resumed);
        let mut negotiated =
            self.send_server_hello(choice.suite, session_id, resumption, storage, &responses, cx)?;
        negotiated.common.evidence.group = choice.group;
        negotiated.common.client_certificate_type = asked;
        if asked.is_none() {
            negotiated.transcript.discard_messages();
        }
        tls12::start(negotiated, credential, staples, choice, cx)
    }

    /// The ServerHello extensions that announce parts of a credential, if the client asked for them.
    fn responses_for<'a>(&self, shown: &'a Credential, asked: Option<CertificateType>) -> Responses<'a> {
        let shown_type = shown.chain.certificate_type();
        let server_type = self.offer.server_types.server_response(shown_type);
        let client_type = self.offer.client_types.client_response(asked);
        if shown_type != CertificateType::X509 {
            // Without a certificate there is nothing to announce.
            return Responses { server_type, client_type, ..Responses::default() };
        }
        Responses {
            points: None,
            server_type,
            client_type,
            staples: self.status_requested && shown.stapled.response().is_some(),
            timestamps: if self.timestamps_requested {
                &shown.stapled.signed_certificate_timestamps
            } else {
                &[]
            },
        }
    }

    /// Sends ServerHello and starts the transcript's hash. From here to the end of a renegotiation, we send no
    /// application data. RFC 5246 permits it until our ChangeCipherSpec, but peers accept it only up to the
    /// hello.
    fn send_server_hello(
        self: Box<Self>,
        suite: &'static Tls12Suite,
        session_id: SessionId,
        resumption: Resumption,
        storage: SessionStorage,
        responses: &Responses<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<Box<Tls12Negotiated>, HandshakeErrorKind> {
        let kx = KeyExchange::of(suite).ok_or(HandshakeErrorKind::NotInProvider)?;
        let mut random = Random([0; 32]);
        cx.policy.provider.random.fill(&mut random.0)?;
        let (binding, now) = (cx.policy.binding, cx.connection.now);
        let mut negotiated = Box::new(Tls12Negotiated {
            common: Negotiated {
                record_size_limits: self.record_size_limits,
                server_name: self.server_name,
                alpn: self.alpn,
                ..Negotiated::new(Side::Server, resumption, binding, now)
            },
            suite,
            kx,
            client_version: self.client_version,
            randoms: Randoms { client: self.random, server: random },
            session_id,
            transcript: self.transcript,
            extended_master_secret: self.extended_master_secret,
            protection: ext::encrypt_then_mac::choose(suite, self.encrypt_then_mac),
            epoch: cx.connection.next_epoch()?,
            max_fragment_length: self.max_fragment_length,
            secure_renegotiation: self.secure_renegotiation,
            storage,
            psk_identity: None,
        });
        let last = cx.connection.tls12();
        ext::encrypt_then_mac::check_kept(last, negotiated.protection)?;
        let both_verify_data = ext::renegotiation_info::both_verify_data(last);
        // A resumption omits these extensions (RFC 6066 sections 1.1 and 3, RFC 8422 section 4).
        let fragment_length = negotiated.max_fragment_length.filter(|_| !resumption.is_resumed());
        let server_name = negotiated.common.server_name.as_deref().filter(|_| !resumption.is_resumed());
        let timestamps: SmallVec<[_; 4]> =
            responses.timestamps.iter().map(|bytes| SerializedSct(bytes)).collect();
        let mut extensions = SmallVec::<[ServerExtension<'_>; 16]>::new();
        let mut add = |extension: Option<_>| {
            if let Some(extension) = extension {
                extensions.push(extension);
            }
        };
        add(ext::server_name::response(server_name));
        add(ext::extended_master_secret::response(negotiated.extended_master_secret));
        add(ext::encrypt_then_mac::response(negotiated.protection.is_encrypt_then_mac()));
        add(ext::renegotiation_info::response(negotiated.secure_renegotiation, &both_verify_data));
        add(responses.server_type);
        add(responses.client_type);
        add(ext::status_request::response(responses.staples));
        add(ext::signed_certificate_timestamp::response(&timestamps));
        add(ext::max_fragment_length::response(fragment_length));
        add(ext::record_size_limit::response(negotiated.common.record_size_limits));
        add(ext::session_ticket::response(negotiated.storage.is_ticket_announced()));
        add(responses.points);
        add(ext::alpn::response(negotiated.common.alpn.as_deref()));
        cx.out.close_gate(Direction::Write);
        negotiated.limit_records_at_once(&mut cx.out);
        cx.out.send(
            &mut negotiated.transcript,
            &ServerHello {
                server_version: ProtocolVersion::TLS_1_2,
                random,
                session_id,
                cipher_suite: suite.id,
                compression_method: CompressionMethod::NULL,
                // A client that sent no extensions gets no extension block.
                extensions: (!extensions.is_empty()).then(|| Extensions::from_items(&extensions)),
            },
        )?;
        drop(extensions);
        negotiated.choose_hash(&cx.policy.provider)?;
        Ok(negotiated)
    }
}

/// Asks for the session of the client's session ID or ticket.
pub(crate) struct FindingSession {
    hello: Box<Hello>,
}

impl FindingSession {
    fn on_session_found(
        self,
        found: FoundSession,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let FoundSession { session, renew } = found;
        let mut hello = self.hello;
        let judged = match session {
            Some(session) => hello.may_resume(&session, cx).map(|()| session),
            None => Err(NotResumed::NotFound),
        };
        match judged {
            Ok(session) => {
                // RFC 7627 section 5.3: an attacker may have removed the extension.
                if !hello.extended_master_secret {
                    return Err(HandshakeErrorKind::ResumedWithOtherMasterSecretRule);
                }
                resume(hello, &session, renew, cx)
            }
            Err(reason) => {
                cx.out.event(Event::NotResumed(reason));
                hello.not_resumed = Some(reason);
                hello.into_full_handshake(cx)
            }
        }
    }
}

impl Hello {
    fn presents_ticket(&self) -> bool {
        self.ticket.as_ref().is_some_and(|ticket| !ticket.is_empty())
    }

    /// Whether the session can be resumed. If not, a full handshake follows. The extended master secret is
    /// checked elsewhere.
    fn may_resume(&self, session: &Session, cx: &Cx<'_>) -> Result<(), NotResumed> {
        let policy = cx.policy;
        let SessionState::Tls12(tls12) = &session.state;
        let is_named = self.presents_ticket() || tls12.session_id == self.session_id;
        unless(is_named, NotResumed::OtherId)?;
        unless(session.server_name == self.server_name, NotResumed::OtherServerName)?;
        Rule {
            side: Side::Server,
            now: cx.connection.now,
            lifetime: policy.session_lifetime,
            binding: &policy.binding,
            resumes_unverified_peers: policy.resumes_unverified_peers,
            floor: &policy.floor,
        }
        .check(session)?;
        // A session without the extended master secret must not be resumed if the hello has the extension,
        // and should not be if it does not (RFC 7627 section 5.3).
        unless(tls12.extended_master_secret, NotResumed::NoExtendedMasterSecret)?;
        unless(self.offer.has(tls12.suite), NotResumed::Suite)?;
        // RFC 7366 section 3.1: a resumption must keep encrypt-then-MAC.
        unless(self.encrypt_then_mac || !tls12.protection.is_encrypt_then_mac(), NotResumed::EncryptThenMac)?;
        // RFC 6066 section 1.1: a resumption uses the session's length, whatever the client requests now. If
        // it requests another length, a full handshake gives it that one.
        let same_length = tls12.max_fragment_length == self.max_fragment_length;
        unless(same_length, NotResumed::MaxFragmentLength)?;
        let has_chain = session.peer_chain.is_some();
        match policy.client_authentication {
            ClientAuthentication::Require { .. } => unless(has_chain, NotResumed::ClientNotAuthenticated)?,
            ClientAuthentication::Request { .. } => {}
            // A resumption would keep the client authenticated although this policy does not request a
            // certificate.
            ClientAuthentication::None => unless(!has_chain, NotResumed::ClientNotAsked)?,
        }
        // A session must not bring back what the policy would now refuse in a full handshake.
        let group = session.evidence.group;
        let takes_group = group.is_none_or(|group| ext::supported_groups::is_taken(policy, group));
        unless(takes_group, NotResumed::Group)?;
        let shown = session.peer_chain.as_ref().map(|chain| chain.certificate_type());
        let takes_type = shown.is_none_or(|shown| policy.client_certificate_types.contains(&shown));
        unless(takes_type, NotResumed::CertificateType)?;
        let scheme = session.evidence.client_proof.and_then(|proof| proof.scheme);
        let takes_scheme = scheme.is_none_or(|scheme| policy.signature_schemes.contains(&scheme));
        unless(takes_scheme, NotResumed::SignatureScheme)
    }
}

fn resume(
    hello: Box<Hello>,
    session: &Session,
    renew: bool,
    cx: &mut Cx<'_>,
) -> Result<super::State, HandshakeErrorKind> {
    let SessionState::Tls12(tls12) = &session.state;
    // A resumed session stays where it is, unless its ticket is replaced (RFC 5077 section 3.3).
    let give_ticket = renew && hello.ticket.is_some();
    let storage = if give_ticket { SessionStorage::InTicket } else { SessionStorage::NotStored };
    // With a ticket, the ID is the client's own; repeating it tells the client that the ticket is accepted.
    let session_id = hello.session_id;
    let resumption = if hello.presents_ticket() { Resumption::ByTicket } else { Resumption::ById };
    let mut negotiated =
        hello.send_server_hello(tls12.suite, session_id, resumption, storage, &Responses::default(), cx)?;
    negotiated.transcript.discard_messages();
    negotiated.common.resume(session);
    negotiated.psk_identity.clone_from(&session.psk_identity);
    let secured = Secured::from_master(negotiated, &cx.policy.provider, tls12.master_secret.clone())?;
    if cx.policy.key_log {
        secured.log_key(&mut cx.out);
    }
    if give_ticket {
        return Ok(tls12::SealingTicket::start(secured.before_theirs()));
    }
    let secured = secured.send_finished(&cx.policy.floor, &mut cx.out)?;
    Ok(tls12::AwaitChangeCipherSpec { secured: secured.after_ours() }.into())
}

/// Asks for the credential for this client.
pub(crate) struct ChoosingCredential {
    hello: Box<Hello>,
}

impl ChoosingCredential {
    fn on_credential_chosen(
        self,
        chosen: Option<Arc<Credential>>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        self.hello.negotiate(chosen, cx)
    }
}
