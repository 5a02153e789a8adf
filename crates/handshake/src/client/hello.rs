//! The client's hello stage: the offer, and the server's choice (RFC 5246 sections 7.4.1.2 and 7.4.1.3).

use super::{Cx, tls12};
use crate::{
    ClientPolicy, Endpoint, Event, FindSession, HandshakeErrorKind, KeyExchangeEvidence, NotResumed,
    Question, RawMessage,
    ext::{
        self, Codes, ExtensionSet, ServerExtensions,
        grease::{Grease, before},
    },
    kx::KeyExchange,
    negotiated::{Negotiated, Resumption},
    raw_message,
    resumption::{Rule, unless},
    security::strength,
    session::{Session, SessionState, Tls12Session},
    table::{states, transition_table},
    tls12::negotiated::{SessionStorage, Tls12Negotiated},
    tls12::secured::Secured,
    trigger::FoundSession,
};
use alloc::{boxed::Box, sync::Arc};
use cairn_schedule::{Direction, Randoms, Side, Tls12Suite, Transcript};
use cairn_wire::{
    CertificateType, CipherSuite, ClientExtension, ClientHello, CompressionMethod, ExtensionType, Extensions,
    KeyAgreement, List, NamedGroup, ProtocolName, ProtocolVersion, Random, ServerHello, ServerName,
    SessionId, SignatureScheme,
};
use smallvec::SmallVec;

transition_table! {
    /// The client until it has received ServerHello.
    "client, hello" for Cx, leading to super::State:
    Idle,              Start        => on_start         -> [FindingSession, AwaitServerHello];
    FindingSession,    SessionFound => on_session_found -> [AwaitServerHello];
    AwaitServerHello,  NoRenegotiation => on_no_renegotiation -> [Established];
    AwaitServerHello,  ServerHello  => on_server_hello  -> [AwaitCertificate, AwaitServerKeyExchange, AwaitIdentityHint, AwaitNewSessionTicket, AwaitChangeCipherSpec];
}

states!(Hello of super::State: Idle, FindingSession, AwaitServerHello);

impl State {
    pub(super) const fn question<'a>(
        &'a self,
        server_name: Option<&'a [u8]>,
        endpoint: Option<&'a Endpoint>,
    ) -> Option<Question<'a>> {
        match self {
            Self::FindingSession(_) => {
                Some(Question::FindSession(FindSession::ForServer { server_name, endpoint }))
            }
            Self::Idle(_) | Self::AwaitServerHello(_) => None,
        }
    }
}

/// Not started.
pub(crate) struct Idle;

impl Idle {
    fn on_start(self, (): (), cx: &mut Cx<'_>) -> Result<super::State, HandshakeErrorKind> {
        if cx.policy.resumption { Ok(FindingSession.into()) } else { send_client_hello(None, None, cx) }
    }
}

/// Asks for a session to offer.
pub(crate) struct FindingSession;

impl FindingSession {
    fn on_session_found(
        self,
        found: FoundSession,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let (session, not_resumed) = match found.session {
            Some(session) => match may_offer(&session, cx) {
                Ok(()) => (Some(session), None),
                Err(reason) => {
                    cx.out.event(Event::NotResumed(reason));
                    (None, Some(reason))
                }
            },
            None => (None, None),
        };
        send_client_hello(session, not_resumed, cx)
    }
}

/// The part of a session for TLS 1.2, the only version that is offered.
const fn tls12_part(session: &Session) -> &Tls12Session {
    let SessionState::Tls12(tls12) = &session.state;
    tls12
}

/// Whether the session may be offered to this server, and if not, why.
fn may_offer(session: &Session, cx: &Cx<'_>) -> Result<(), NotResumed> {
    let (policy, now) = (cx.policy, cx.connection.now);
    let tls12 = tls12_part(session);
    // With an empty ID, the response to a full handshake would look like a resumption.
    unless(!tls12.session_id.is_empty(), NotResumed::OtherId)?;
    unless(session.endpoint.as_ref() == cx.endpoint, NotResumed::OtherEndpoint)?;
    unless(session.server_name.as_ref() == cx.server_name, NotResumed::OtherServerName)?;
    if let Some(ticket) = &tls12.ticket {
        unless(policy.tls12.tickets, NotResumed::NoTickets)?;
        unless(ticket.expires.is_none_or(|expires| now < expires), NotResumed::TicketTooOld)?;
    }
    Rule {
        side: Side::Client,
        now,
        lifetime: policy.session_lifetime,
        binding: &policy.binding,
        resumes_unverified_peers: policy.resumes_unverified_peers,
        floor: &policy.floor,
    }
    .check(session)?;
    // RFC 7627 section 5.3: a session without the extended master secret should not be offered.
    unless(tls12.extended_master_secret, NotResumed::NoExtendedMasterSecret)?;
    unless(
        policy.tls12.encrypt_then_mac || !tls12.protection.is_encrypt_then_mac(),
        NotResumed::EncryptThenMac,
    )?;
    // A resumption uses the session's max_fragment_length, requested or not (RFC 6066 section 1.1).
    let asked = policy.tls12.max_fragment_length;
    let length_fits = tls12.max_fragment_length.is_none_or(|length| asked == Some(length));
    unless(length_fits, NotResumed::MaxFragmentLength)?;
    // A session must not bring back what the policy would now refuse in a full handshake.
    unless(policy.tls12.suites.contains(&tls12.suite), NotResumed::Suite)?;
    unless(takes_key_exchange(policy, tls12.suite, &session.evidence), NotResumed::Group)?;
    let scheme = session.evidence.server_proof.and_then(|proof| proof.scheme);
    let takes_scheme = scheme.is_none_or(|scheme| policy.signature_schemes.contains(&scheme));
    unless(takes_scheme, NotResumed::SignatureScheme)?;
    let shown = session.peer_chain.as_ref().map(|chain| chain.certificate_type());
    let takes_type = shown.is_none_or(|shown| policy.server_certificate_types.contains(&shown));
    unless(takes_type, NotResumed::CertificateType)
}

/// Whether the policy still accepts the server's share of the session's key exchange: its curve, or the size
/// of its field.
fn takes_key_exchange(policy: &ClientPolicy, suite: &Tls12Suite, evidence: &KeyExchangeEvidence) -> bool {
    let KeyExchangeEvidence { group, key_exchange_bits, .. } = *evidence;
    match KeyExchange::of(suite).map(|kx| kx.agreement) {
        Some(KeyAgreement::Ecdh) => group.is_none_or(|group| policy.groups.contains(&group)),
        Some(KeyAgreement::Dh) => {
            let bits = &policy.tls12.finite_field_bits;
            let sizes =
                strength::of_modulus((*bits.start()).into())..=strength::of_modulus((*bits.end()).into());
            sizes.contains(&key_exchange_bits)
        }
        _ => true,
    }
}

/// Sends ClientHello, in the first handshake or in a renegotiation; only the first can resume a session. From
/// here to the end of a renegotiation, we send no application data. RFC 5246 permits it until our
/// ChangeCipherSpec, but peers accept it only up to the hello.
///
/// `not_resumed` is the reason if a session was found but not offered.
pub(super) fn send_client_hello(
    session: Option<Arc<Session>>,
    not_resumed: Option<NotResumed>,
    cx: &mut Cx<'_>,
) -> Result<super::State, HandshakeErrorKind> {
    cx.out.close_gate(Direction::Write);
    let policy = cx.policy;
    let mut random = Random([0; 32]);
    policy.provider.random.fill(&mut random.0)?;

    let grease = if policy.grease { Some(Grease::draw(&*policy.provider.random)?) } else { None };
    let grease = grease.as_ref();

    let suites: Codes<CipherSuite> = policy.tls12.suites.iter().map(|suite| suite.id).collect();
    let name = cx.server_name.map(|name| ServerName::host(name));
    let protocols: Protocols<'_> = policy.alpn_protocols.iter().map(|name| ProtocolName(name)).collect();
    let groups = ext::supported_groups::offered_by(policy);
    let mut room = Room::default();
    let suites = before(grease.map(|grease| grease.suite), &suites, &mut room.suites);
    let protocols = before(grease.map(Grease::protocol), &protocols, &mut room.protocols);
    let groups = before(grease.map(|grease| grease.group), &groups, &mut room.groups);
    let schemes = before(grease.map(|grease| grease.scheme), &policy.signature_schemes, &mut room.schemes);
    let for_certificates = before(
        grease.map(|grease| grease.certificate_scheme),
        &policy.certificate_signature_schemes,
        &mut room.for_certificates,
    );
    let of_session = session.as_deref().map(tls12_part);
    let ticket = of_session.and_then(|tls12| tls12.ticket.as_ref());
    let ticket = ticket.map(|ticket| ticket.ticket.as_slice()).unwrap_or_default();
    let ticket_length = ticket.len();
    // Some old servers fail if the last extension is empty, so extensions with content go last.
    let mut extensions = SmallVec::<[ClientExtension<'_>; 20]>::new();
    let mut offer = |extension: Option<_>| {
        if let Some(extension) = extension {
            extensions.push(extension);
        }
    };
    offer(grease.map(Grease::first));
    offer(ext::server_name::offer(name.as_slice()));
    offer(Some(ext::extended_master_secret::offer()));
    offer(ext::encrypt_then_mac::offer(&policy.tls12.suites).filter(|_| policy.tls12.encrypt_then_mac));
    offer(Some(ext::renegotiation_info::offer(cx.connection.tls12())));
    offer(ext::supported_groups::offer(groups));
    offer(policy.status_request.then(ext::status_request::offer));
    offer(ext::certificate_type::offer_server(&policy.server_certificate_types));
    offer(ext::certificate_type::offer_client(&policy.client_certificate_types));
    offer(policy.signed_certificate_timestamps.then(ext::signed_certificate_timestamp::offer));
    offer(ext::max_fragment_length::offer(policy.tls12.max_fragment_length));
    offer(ext::record_size_limit::offer(policy.record_size_limit));
    offer((policy.resumption && policy.tls12.tickets).then(|| ext::session_ticket::offer(ticket)));
    offer(ext::supported_groups::proposes(policy, KeyAgreement::Ecdh).then(ext::ec_point_formats::offer));
    offer(ext::alpn::offer(protocols));
    offer(ext::signature_algorithms::offer(schemes));
    offer(ext::signature_algorithms_cert::offer(for_certificates));
    offer(grease.map(Grease::last));

    let hello = ClientHello {
        client_version: ProtocolVersion::TLS_1_2,
        random,
        session_id: of_session.map_or(SessionId::EMPTY, |tls12| tls12.session_id),
        cipher_suites: List::from_items(suites),
        compression_methods: List::from_items(&[CompressionMethod::NULL]),
        extensions: None,
    };
    let mut transcript = Transcript::new();
    // In a renegotiation the hello is encrypted, so its length is not visible on the path, and the server has
    // already accepted one hello.
    let pads = policy.padding && !cx.connection.is_complete();
    let mut padding = None;
    let mut hello_length = 0;
    let longest = LONGEST_WITH_TICKET;
    let bare = ClientHello { extensions: Some(Extensions::from_items(&extensions)), ..hello };
    let is_sent = cx.out.send_if(&mut transcript, &bare, |length| {
        hello_length = length;
        padding = pads.then(|| ext::padding::offer(length)).flatten();
        padding.is_none() && (ticket_length == 0 || length <= longest)
    });
    if ticket_length > 0 && (is_sent.is_err() || hello_length > longest) {
        // The session cannot be offered. That is no error: the handshake goes on without it.
        drop(extensions);
        cx.out.event(Event::NotResumed(NotResumed::TicketTooLong));
        return send_client_hello(None, Some(NotResumed::TicketTooLong), cx);
    }
    if !is_sent? {
        extensions.extend(padding);
        let padded = ClientHello { extensions: Some(Extensions::from_items(&extensions)), ..hello };
        cx.out.send(&mut transcript, &padded)?;
    }
    let offered = extensions.iter().map(ClientExtension::extension_type).collect();
    drop(extensions);
    // A later hello has the same extensions, a ticket and a session ID of ours.
    let beside_ticket = hello_length
        .saturating_sub(ticket_length)
        .saturating_sub(hello.session_id.len())
        .saturating_add(SessionId::MAX);
    let ticket_room = longest.saturating_sub(beside_ticket);
    Ok(AwaitServerHello { transcript, random, offered, session, not_resumed, ticket_room }.into())
}

/// The maximum length in bytes of a ClientHello with a ticket, header included. All extensions together have
/// at most 65,535 bytes (RFC 5246 section 7.4.1.2), and few servers accept a longer message.
const LONGEST_WITH_TICKET: usize = RawMessage::HEADER_LEN + 0xffff;

/// Most clients offer one or two protocols.
type Protocols<'a> = SmallVec<[ProtocolName<'a>; 8]>;

/// Initial capacity of lists with GREASE values.
#[derive(Default)]
struct Room<'a> {
    suites: Codes<CipherSuite>,
    protocols: Protocols<'a>,
    groups: Codes<NamedGroup>,
    schemes: Codes<SignatureScheme>,
    for_certificates: Codes<SignatureScheme>,
}

/// The parts of a ClientHello that ServerHello does not repeat.
const NEVER_ANSWERED: [ExtensionType; 3] =
    [ExtensionType::SIGNATURE_ALGORITHMS, ExtensionType::SIGNATURE_ALGORITHMS_CERT, ExtensionType::PADDING];

/// ClientHello has been sent.
pub(crate) struct AwaitServerHello {
    transcript: Transcript,
    random: Random,
    offered: ExtensionSet,
    session: Option<Arc<Session>>,
    /// The reason if a session was found but not offered.
    not_resumed: Option<NotResumed>,
    /// The maximum length in bytes of a ticket that fits into a later hello like this one.
    ticket_room: usize,
}

impl AwaitServerHello {
    /// The server refuses the handshake that we started. The application is told if the refused handshake is
    /// a renegotiation.
    fn on_no_renegotiation(self, (): (), cx: &mut Cx<'_>) -> Result<super::State, HandshakeErrorKind> {
        cx.out.open_gate(Direction::Write);
        cx.out.event(Event::RenegotiationRefused);
        Ok(tls12::Established.into())
    }

    fn on_server_hello(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<super::State, HandshakeErrorKind> {
        let (hello, extensions, not_allowed) = self.read(message)?;
        let policy = cx.policy;
        if hello.server_version != ProtocolVersion::TLS_1_2 {
            return Err(HandshakeErrorKind::VersionNotSupported { peer: hello.server_version });
        }
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
        if let Some(error) = not_allowed {
            return Err(error);
        }
        let last = cx.connection.tls12();
        let secure_renegotiation =
            ext::renegotiation_info::read_server(policy.tls12.secure_renegotiation, last, &extensions)?;
        ext::ec_point_formats::check_server(&extensions)?;
        let alpn = ext::alpn::accept(&policy.alpn_protocols, &extensions)?;
        let extended_master_secret = ext::extended_master_secret::accepted(&extensions);

        let protection = ext::encrypt_then_mac::accepted(suite, &extensions)?;
        ext::encrypt_then_mac::check_kept(last, protection)?;
        ext::extended_master_secret::check_kept(last, extended_master_secret)?;

        // The server resumes the session by sending the offered ID (RFC 5246 section 7.4.1.3).
        let was_offered = self.session.is_some();
        let resumed = self.session.filter(|session| tls12_part(session).session_id == hello.session_id);
        let declined = was_offered && resumed.is_none();
        let not_resumed = if declined {
            cx.out.event(Event::NotResumed(NotResumed::DeclinedByServer));
            Some(NotResumed::DeclinedByServer)
        } else {
            self.not_resumed
        };
        if let Some(session) = resumed.as_deref().map(tls12_part) {
            if session.suite != suite {
                return Err(HandshakeErrorKind::ResumedWithOtherSuite(suite.id));
            }
            if session.extended_master_secret != extended_master_secret {
                return Err(HandshakeErrorKind::ResumedWithOtherMasterSecretRule);
            }
            if session.protection.is_encrypt_then_mac() && !protection.is_encrypt_then_mac() {
                return Err(HandshakeErrorKind::ResumedWithoutEncryptThenMac);
            }
        }
        ext::extended_master_secret::check(policy.tls12.extended_master_secret, extended_master_secret)?;
        let record_size_limits = ext::record_size_limit::accepted(policy.record_size_limit, &extensions)?;
        let max_fragment_length = ext::max_fragment_length::accepted(
            policy.tls12.max_fragment_length,
            resumed.as_deref().map(|session| tls12_part(session).max_fragment_length),
            &extensions,
        )?;

        let storage = if ext::session_ticket::will_come(&extensions) {
            SessionStorage::AwaitTicket { room: self.ticket_room }
        } else if policy.resumption && resumed.is_none() && extended_master_secret {
            SessionStorage::by_id(&hello.session_id)
        } else {
            SessionStorage::NotStored
        };
        let resumption = match &resumed {
            None => Resumption::Full(not_resumed),
            Some(session) if tls12_part(session).ticket.is_some() => Resumption::ByTicket,
            Some(_) => Resumption::ById,
        };
        let mut negotiated = Box::new(Tls12Negotiated {
            common: Negotiated {
                server_name: cx.server_name.cloned(),
                alpn,
                record_size_limits,
                client_certificate_type: Some(CertificateType::X509),
                endpoint: cx.endpoint.cloned(),
                ..Negotiated::new(Side::Client, resumption, policy.binding, cx.connection.now)
            },
            suite,
            kx,
            client_version: ProtocolVersion::TLS_1_2,
            randoms: Randoms { client: self.random, server: hello.random },
            session_id: hello.session_id,
            transcript: self.transcript,
            extended_master_secret,
            protection,
            epoch: cx.connection.next_epoch()?,
            max_fragment_length,
            secure_renegotiation,
            storage,
            psk_identity: None,
        });
        negotiated.transcript.add(message.bytes)?;
        negotiated.choose_hash(&policy.provider)?;
        negotiated.limit_records_at_once(&mut cx.out);

        let Some(session) = resumed else {
            return Ok(if kx.certificate {
                let types = &policy.server_certificate_types;
                negotiated.common.server_certificate_type =
                    ext::certificate_type::accept_server(types, &extensions)?;
                let types = &policy.client_certificate_types;
                negotiated.common.client_certificate_type =
                    ext::certificate_type::accept_client(types, &extensions)?;
                negotiated.common.stapled.signed_certificate_timestamps =
                    ext::signed_certificate_timestamp::received(&extensions);
                let status_may_come = ext::status_request::may_come(&extensions);
                tls12::AwaitCertificate { negotiated, status_may_come }.into()
            } else {
                tls12::await_the_servers_half(negotiated)
            });
        };
        let tls12 = tls12_part(&session);
        cx.connection.session_in_use = tls12.session_id;
        negotiated.transcript.discard_messages();
        negotiated.common.resume(&session);
        negotiated.psk_identity.clone_from(&session.psk_identity);
        let secured = Secured::from_master(negotiated, &policy.provider, tls12.master_secret.clone())?;
        if policy.key_log {
            secured.log_key(&mut cx.out);
        }
        Ok(tls12::await_finished(secured.before_ours()))
    }

    /// Decodes ServerHello and its extensions. Also returns the error of the first extension that a ServerHello
    /// must not have.
    fn read<'m>(&self, message: RawMessage<'m>) -> Result<Read<'m>, HandshakeErrorKind> {
        let mut extensions = ServerExtensions::default();
        let mut not_allowed = None;
        let hello = raw_message::read_with(message, |reader| {
            ServerHello::decode_each(reader, |extension| {
                not_allowed = not_allowed.or_else(|| self.check_extension(extension.extension_type()).err());
                extensions.take(extension);
            })
        })?;
        Ok((hello, extensions, not_allowed))
    }

    /// A ServerHello has only extensions that the client sent (RFC 5246 section 7.4.1.4), and never
    /// signature_algorithms (section 7.4.1.4.1), signature_algorithms_cert or padding (RFC 7685 section 3).
    /// supported_groups is permitted because no RFC forbids it and some servers send it; it is ignored.
    fn check_extension(&self, extension_type: ExtensionType) -> Result<(), HandshakeErrorKind> {
        if !self.offered.contains(extension_type) {
            return Err(HandshakeErrorKind::ExtensionNotOffered(extension_type));
        }
        if NEVER_ANSWERED.contains(&extension_type) {
            return Err(HandshakeErrorKind::ExtensionNotAllowed(extension_type));
        }
        Ok(())
    }
}

type Read<'a> = (ServerHello<'a>, ServerExtensions<'a>, Option<HandshakeErrorKind>);
