//! ClientHello (RFC 5246 section 7.4.1.2, RFC 9846 section 4.2.2).

use super::psk::{self, ClientPsk};
use crate::{
    client::context::Cx,
    error::HandshakeErrorKind,
    ext::{
        self, Codes, ExtensionSet,
        grease::{Grease, before},
        order::Order,
    },
    flight::{Event, PeerChangeCipherSpec},
    input::KnownPsk,
    policy::ExternalPskUse,
    policy::PskModes,
    raw_message::RawMessage,
    record_sizes,
    resumption::NotResumed,
    session::{Session, SessionState},
    tls13::secrets::{self, EarlyParameters},
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_crypto::{HashAlgorithm, KeyShares};
use cairn_schedule::{
    Direction, Transcript,
    tls13::{ClientHelloTranscript, RetryTranscript},
};
use cairn_wire::{
    CertificateCompressionAlgorithms, CipherSuite, ClientExtension, ClientHello, CompressionMethod, Cookie,
    Deferred, Empty, ExtensionType, Extensions, KeyAgreement, KeyShareClientHello, KeyShareEntry, List,
    NamedGroup, OfferedPsks, ProtocolName, ProtocolVersion, PskKeyExchangeModes, Random, ServerName,
    SessionId, SignatureScheme, SignatureSchemeList,
};
use smallvec::SmallVec;

/// The ClientHello that the client has sent: the offer from which the server chooses, and data for later.
pub(crate) struct SentHello {
    pub(crate) transcript: Transcript,
    pub(crate) random: Random,
    pub(crate) offered: ExtensionSet,
    pub(crate) session: Option<Arc<Session>>,
    /// The reason why an available session is not resumed.
    pub(crate) not_resumed: Option<NotResumed>,
    /// The maximum length in bytes of a ticket that fits into a later hello like this one.
    pub(crate) ticket_room: usize,
    /// The part for TLS 1.3, if it is offered.
    pub(crate) tls13: Option<Box<OfferedTls13>>,
}

/// The part of a ClientHello that only TLS 1.3 needs later.
pub(crate) struct OfferedTls13 {
    pub(crate) key_shares: KeyShares,
    /// legacy_session_id.
    pub(crate) session_id: SessionId,
    /// The PSKs, in the order of their identities.
    pub(crate) psks: Vec<ClientPsk>,
    /// Whether early data has been offered, and not been rejected by HelloRetryRequest.
    pub(crate) early_data: bool,
    /// Whether psk_key_exchange_modes is in the hello.
    uses_psks: bool,
    grease: Option<Grease>,
    order: Option<Order>,
}

/// The demands of HelloRetryRequest (RFC 9846 section 4.2.4).
#[derive(Clone, Copy)]
pub(crate) struct RetryRequest<'a> {
    /// The group of the only key share.
    pub(crate) group: Option<NamedGroup>,
    pub(crate) cookie: Option<Cookie<'a>>,
    /// The hash of the chosen suite.
    pub(crate) hash: HashAlgorithm,
    /// The transcript of the first ClientHello and HelloRetryRequest.
    pub(crate) transcript: &'a RetryTranscript,
}

/// The part that stays the same in a second ClientHello.
struct Fixed {
    random: Random,
    session_id: SessionId,
    grease: Option<Grease>,
    /// The order of extensions, if it is a random one.
    order: Option<Order>,
    session: Option<Arc<Session>>,
    psks: Vec<ClientPsk>,
    /// Whether the client can use PSKs, now or later. A second hello says it again, even without PSKs.
    uses_psks: bool,
    not_resumed: Option<NotResumed>,
}

/// Sends ClientHello, in the first handshake or in a renegotiation; only the first can resume a session. From
/// here to the end of a renegotiation, we send no application data. RFC 5246 permits it until our
/// ChangeCipherSpec, but peers accept it only up to the hello.
///
/// `not_resumed` is the reason if a session was found but not offered.
pub(crate) fn send_client_hello(
    session: Option<Arc<Session>>,
    not_resumed: Option<NotResumed>,
    cx: &mut Cx<'_>,
) -> Result<SentHello, HandshakeErrorKind> {
    cx.out.close_gate(Direction::Write);
    let policy = cx.policy;
    let mut random = Random([0; 32]);
    policy.provider.random.fill(&mut random.0)?;
    let grease = if policy.grease { Some(Grease::draw(&*policy.provider.random)?) } else { None };
    let order = if policy.permute_extensions { Some(Order::draw(&*policy.provider.random)?) } else { None };
    let offers_tls13 = offers_tls13(cx);
    let psks = if offers_tls13 { psk::all(session.as_ref(), cx)? } else { Vec::new() };
    // A share would only serve a server that declines every PSK. RFC 9846 section 4.3.8: "Clients MAY send an
    // empty client_shares list to request group selection from the server".
    let psk_alone = !psks.is_empty() && policy.tls13.psk_modes == PskModes::PskAlone;
    let groups: &[NamedGroup] = if psk_alone { &[] } else { &policy.tls13.key_shares };
    let shares = if offers_tls13 { Some(key_shares(groups, cx)?) } else { None };
    let session_id = match session.as_deref() {
        Some(Session { state: SessionState::Tls12(tls12), .. }) => *tls12.session_id(),
        // RFC 9001 section 8.4: "A client MUST NOT request the use of the TLS 1.3 compatibility mode."
        _ if shares.is_some() && policy.tls13.middlebox_compatibility && cx.connection.quic.is_none() => {
            let mut id = [0; SessionId::MAX];
            policy.provider.random.fill(&mut id)?;
            SessionId::new(&id)?
        }
        _ => SessionId::EMPTY,
    };
    let resumes_by_ticket = policy.resumption.is_some_and(|resumption| resumption.tickets);
    let uses_psks = shares.is_some() && (resumes_by_ticket || !psks.is_empty());
    let fixed = Fixed { random, session_id, grease, order, session, psks, uses_psks, not_resumed };
    let sent = write(fixed, shares, None, cx)?;
    start_early_data(&sent, cx)?;
    Ok(sent)
}

/// Permits early data, if ClientHello has offered it.
fn start_early_data(sent: &SentHello, cx: &mut Cx<'_>) -> Result<(), HandshakeErrorKind> {
    let Some(tls13) = sent.tls13.as_deref().filter(|tls13| tls13.early_data) else { return Ok(()) };
    let Some((psk, session)) = psk::for_early_data(&tls13.psks, cx.policy) else { return Ok(()) };
    // RFC 9846 appendix E.4: "If offering early data, the record is placed immediately after the first
    // ClientHello."
    cx.out.send_compatible_change_cipher_spec(&tls13.session_id);
    let hello = ClientHelloTranscript::new(sent.transcript.messages()?.to_vec()).hash(&psk.kdf)?;
    let early = EarlyParameters {
        suite: session.suite,
        client_random: sent.random,
        direction: Direction::Write,
        max_bytes: session.max_early_data,
    };
    let exporter = secrets::start_early_data(&psk.secret, &hello, &early, cx.policy.key_log, &mut cx.out)?;
    cx.connection.early_exporter = Some(exporter);
    Ok(())
}

/// Sends the second ClientHello. RFC 9846 section 4.2.2: "the client MUST send the same ClientHello without
/// modification, except as follows".
pub(crate) fn send_second_client_hello(
    first: SentHello,
    retry: RetryRequest<'_>,
    cx: &mut Cx<'_>,
) -> Result<SentHello, HandshakeErrorKind> {
    let SentHello { random, session, not_resumed, tls13, .. } = first;
    let OfferedTls13 { key_shares: shares, session_id, mut psks, grease, order, uses_psks, early_data: _ } =
        *tls13.ok_or(HandshakeErrorKind::NotInProvider)?;
    // "optionally removing any PSKs which are incompatible with the server's indicated cipher suite".
    psks.retain(|psk| psk.hash() == retry.hash);
    // RFC 8773 section 5: the client sends a second hello "including the same "tls_cert_with_extern_psk"
    // extension as the original ClientHello message, or aborts the handshake."
    if psks.is_empty() && cx.policy.tls13.external_psk_use == ExternalPskUse::WithCertificate {
        return Err(HandshakeErrorKind::CertificateWithPskRefused);
    }
    // "replacing the list of shares with a list containing a single KeyShareEntry from the indicated group".
    let shares = match retry.group {
        Some(group) => key_shares(&[group], cx)?,
        None => shares,
    };
    let fixed = Fixed { random, session_id, grease, order, session, psks, uses_psks, not_resumed };
    write(fixed, Some(shares), Some(retry), cx)
}

/// TLS 1.3 is offered in the first handshake only: a connection that has negotiated TLS 1.2 keeps it.
fn offers_tls13(cx: &Cx<'_>) -> bool {
    !cx.policy.tls13.suites.is_empty() && !cx.connection.is_complete()
}

/// Generates keys for these groups, as far as they are offered. RFC 9846 section 4.3.8: "Each KeyShareEntry
/// value MUST correspond to a group offered in the "supported_groups" extension and MUST appear in the same
/// order."
fn key_shares(groups: &[NamedGroup], cx: &Cx<'_>) -> Result<KeyShares, HandshakeErrorKind> {
    let offered = ext::supported_groups::offered_by(cx.policy, true);
    let groups: Codes<_> = offered.into_iter().filter(|group| groups.contains(group)).collect();
    let provider = &cx.policy.provider;
    Ok(KeyShares::generate(provider, &groups, &mut provider.rng())?)
}

/// Writes and sends a ClientHello.
fn write(
    fixed: Fixed,
    shares: Option<KeyShares>,
    retry: Option<RetryRequest<'_>>,
    cx: &mut Cx<'_>,
) -> Result<SentHello, HandshakeErrorKind> {
    let Some(written) = encode(&fixed, shares.as_ref(), retry, cx)? else {
        // The session cannot be offered. That is no error: the handshake goes on without it.
        cx.out.event(Event::NotResumed(NotResumed::TicketTooLong));
        let not_resumed = Some(NotResumed::TicketTooLong);
        if retry.is_none() {
            return send_client_hello(None, not_resumed, cx);
        }
        let mut fixed = fixed;
        fixed.psks.retain(|psk| matches!(psk.psk, KnownPsk::External(_)));
        return write(Fixed { session: None, not_resumed, ..fixed }, shares, retry, cx);
    };
    let Written { transcript, offered, ticket_room } = written;
    let Fixed { random, session_id, grease, order, session, psks, uses_psks, not_resumed } = fixed;
    let early_data = offered.contains(ExtensionType::EARLY_DATA);
    let tls13 = shares.map(|key_shares| {
        Box::new(OfferedTls13 { key_shares, session_id, psks, early_data, uses_psks, grease, order })
    });
    Ok(SentHello { transcript, random, offered, session, not_resumed, ticket_room, tls13 })
}

/// A ClientHello that has been sent.
struct Written {
    transcript: Transcript,
    offered: ExtensionSet,
    ticket_room: usize,
}

/// Encodes a ClientHello and sends it. `None` if the ticket of the session is too long for it.
fn encode(
    fixed: &Fixed,
    shares: Option<&KeyShares>,
    retry: Option<RetryRequest<'_>>,
    cx: &mut Cx<'_>,
) -> Result<Option<Written>, HandshakeErrorKind> {
    let Fixed { random, session_id, .. } = *fixed;
    let (grease, session) = (fixed.grease.as_ref(), fixed.session.as_ref());
    let policy = cx.policy;
    let quic = cx.connection.quic.as_deref();
    // RFC 9001 section 4.2: "Clients MUST NOT offer TLS versions older than 1.3."
    let tls12_suites = if quic.is_some() { &[] } else { policy.tls12.suites.as_slice() };
    let tls12 = !tls12_suites.is_empty();
    let tls13 = shares.is_some();

    let of_tls13 = policy.tls13.suites.iter().filter(|_| tls13).map(|suite| suite.id);
    let suites: Codes<CipherSuite> = of_tls13.chain(tls12_suites.iter().map(|suite| suite.id)).collect();
    let name = cx.server_name.map(|name| ServerName::host(name));
    let protocols: Protocols<'_> = policy.alpn_protocols.iter().map(|name| ProtocolName(name)).collect();
    let groups = ext::supported_groups::offered_by(policy, tls13);
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
    let ticket = session.and_then(|session| session.ticket()).unwrap_or_default();
    let ticket_length = ticket.len();
    let ticket = if session.is_some_and(|session| session.tls12().is_some()) { ticket } else { &[] };
    let versions: &[ProtocolVersion] = match (tls13, tls12) {
        (true, true) => &[ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2],
        (true, false) => &[ProtocolVersion::TLS_1_3],
        (false, _) => &[],
    };
    let versions = before(grease.map(|grease| grease.version), versions, &mut room.versions);
    // The second hello has the share alone that HelloRetryRequest asks for.
    let reserved = grease.filter(|_| tls13 && retry.is_none_or(|retry| retry.group.is_none()));
    let reserved = reserved.map(Grease::key_share).into_iter();
    let real = shares.into_iter().flat_map(KeyShares::iter);
    let real = real.map(|(group, key_exchange)| KeyShareEntry { group, key_exchange });
    let entries: SmallVec<[_; 3]> = if tls13 { reserved.chain(real).collect() } else { SmallVec::new() };
    let client_shares = KeyShareClientHello { client_shares: List::from_items(&entries) };
    let cookie = retry.and_then(|retry| retry.cookie);
    let algorithms = ext::compress_certificate::offered(&policy.tls13.certificate_compression);
    let compression = algorithms
        .as_ref()
        .filter(|_| tls13)
        .map(|algorithms| CertificateCompressionAlgorithms { algorithms: List::from_items(algorithms) });
    let delegated = &policy.tls13.delegated_credential_schemes;
    let delegated = SignatureSchemeList { supported_signature_algorithm: List::from_items(delegated) };
    let takes_delegated = tls13 && !delegated.supported_signature_algorithm.is_empty();
    let modes = PskKeyExchangeModes { ke_modes: List::from_items(policy.tls13.psk_modes.list()) };
    let uses_psks = fixed.uses_psks;
    let with_certificate =
        !fixed.psks.is_empty() && policy.tls13.external_psk_use == ExternalPskUse::WithCertificate;
    let ticket_request = policy.tls13.ticket_request.filter(|_| uses_psks);
    let (identities, binders) = psk::entries(&fixed.psks, cx.connection.now);
    let offered_psks =
        OfferedPsks { identities: List::from_items(&identities), binders: List::from_items(&binders) };
    // Some old servers fail if the last extension is empty, so extensions with content go last.
    let mut extensions = SmallVec::<[ClientExtension<'_>; 24]>::new();
    let mut offer = |extension: Option<_>| {
        if let Some(extension) = extension {
            extensions.push(extension);
        }
    };
    offer(grease.map(Grease::first));
    offer(ext::server_name::offer(name.as_slice()));
    offer(tls12.then(ext::extended_master_secret::offer));
    offer(ext::encrypt_then_mac::offer(tls12_suites).filter(|_| policy.tls12.encrypt_then_mac));
    offer(tls12.then(|| ext::renegotiation_info::offer(cx.connection.last_tls12())));
    // RFC 9001 section 4.4: "A server MUST NOT use post-handshake client authentication".
    let post_handshake_auth = tls13 && policy.tls13.post_handshake_auth && quic.is_none();
    offer(post_handshake_auth.then(ext::post_handshake_auth::offer));
    offer(ext::supported_groups::offer(groups));
    offer(policy.status_request.then(ext::status_request::offer));
    offer(ext::certificate_type::offer_server(&policy.server_certificate_types));
    offer(ext::certificate_type::offer_client(&policy.client_certificate_types));
    offer(policy.signed_certificate_timestamps.then(ext::signed_certificate_timestamp::offer));
    // QUIC has no records.
    if quic.is_none() {
        offer(ext::max_fragment_length::offer(policy.tls12.max_fragment_length));
        offer(ext::record_size_limit::offer(record_sizes::announced(policy.record_size_limit, tls13)));
    }
    let resumes_by_ticket = policy.resumption.is_some_and(|resumption| resumption.tickets);
    offer((tls12 && resumes_by_ticket).then(|| ext::session_ticket::offer(ticket)));
    offer(ext::supported_groups::uses(tls12_suites, KeyAgreement::Ecdh).then(ext::ec_point_formats::offer));
    offer(ext::alpn::offer(protocols));
    offer(ext::signature_algorithms::offer(schemes));
    offer(ext::signature_algorithms_cert::offer(for_certificates));
    offer(ext::supported_versions::offer(versions));
    offer(ext::quic_transport_parameters::offer(quic));
    offer(compression.as_ref().map(|listed| ClientExtension::CompressCertificate(Deferred::new(listed))));
    // RFC 9345 section 4.1.1: "A client that is willing to use delegated credentials in a connection SHALL
    // send a "delegated_credential" extension in its ClientHello."
    offer(takes_delegated.then(|| ClientExtension::DelegatedCredential(Deferred::new(&delegated))));
    offer(tls13.then(|| ClientExtension::KeyShare(Deferred::new(&client_shares))));
    offer(with_certificate.then(|| ClientExtension::TlsCertWithExternPsk(Deferred::new(&Empty))));
    offer(uses_psks.then(|| ClientExtension::PskKeyExchangeModes(Deferred::new(&modes))));
    offer(ticket_request.as_ref().map(|request| ClientExtension::TicketRequest(Deferred::new(request))));
    // RFC 9846 section 4.2.2: "Early data is not permitted after a HelloRetryRequest."
    let is_early = retry.is_none() && psk::for_early_data(&fixed.psks, policy).is_some();
    offer(is_early.then(|| ClientExtension::EarlyData(Deferred::new(&Empty))));
    offer(cookie.as_ref().map(|cookie| ClientExtension::Cookie(Deferred::new(cookie))));
    // The reserved extensions stay first and last.
    if let Some(order) = fixed.order {
        order.sort(extensions.get_mut(usize::from(grease.is_some())..).unwrap_or_default());
    }
    extensions.extend(grease.map(Grease::last));
    // RFC 9846 section 4.3.11: "The "pre_shared_key" extension MUST be the last extension in the
    // ClientHello".
    let before_psks = extensions.len();
    if !fixed.psks.is_empty() {
        extensions.push(ClientExtension::PreSharedKey(Deferred::new(&offered_psks)));
    }

    let hello = ClientHello {
        client_version: ProtocolVersion::TLS_1_2,
        random,
        session_id,
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
    let bind = |bytes: &mut [u8]| psk::bind(bytes, &fixed.psks, retry.map(|retry| retry.transcript));
    let fits = |length: usize| {
        hello_length = length;
        padding = pads.then(|| ext::padding::offer(length)).flatten();
        padding.is_none() && (ticket_length == 0 || length <= longest)
    };
    let is_sent = cx.out.send_if(&mut transcript, &bare, fits, bind);
    if ticket_length > 0 && (is_sent.is_err() || hello_length > longest) {
        return Ok(None);
    }
    if !is_sent? {
        if let Some(padding) = padding {
            extensions.insert(before_psks, padding);
        }
        let padded = ClientHello { extensions: Some(Extensions::from_items(&extensions)), ..hello };
        cx.out.send_if(&mut transcript, &padded, |_| true, bind)?;
    }
    // RFC 9846 section 5: a ChangeCipherSpec is dropped "at any time after the first ClientHello message has
    // been sent". If the server chooses TLS 1.2, it has a meaning again.
    if tls13 && retry.is_none() {
        cx.out.peer_change_cipher_spec(PeerChangeCipherSpec::Ignored);
    }
    let offered = extensions.iter().map(ClientExtension::extension_type).collect();
    // A later hello has the same extensions, a ticket and a session ID of ours.
    let beside_ticket = hello_length
        .saturating_sub(ticket_length)
        .saturating_sub(hello.session_id.len())
        .saturating_add(SessionId::MAX);
    let ticket_room = longest.saturating_sub(beside_ticket);
    Ok(Some(Written { transcript, offered, ticket_room }))
}

/// The maximum length in bytes of a ClientHello with a ticket, header included. All extensions together have
/// at most 65,535 bytes (RFC 5246 section 7.4.1.2), and few servers accept a longer message.
const LONGEST_WITH_TICKET: usize = RawMessage::HEADER_LEN + 0xffff;

/// Most clients offer one or two protocols.
type Protocols<'a> = SmallVec<[ProtocolName<'a>; 8]>;

/// Initial capacity of lists with GREASE values.
#[derive(Default)]
struct Room<'a> {
    versions: Codes<ProtocolVersion>,
    suites: Codes<CipherSuite>,
    protocols: Protocols<'a>,
    groups: Codes<NamedGroup>,
    schemes: Codes<SignatureScheme>,
    for_certificates: Codes<SignatureScheme>,
}
