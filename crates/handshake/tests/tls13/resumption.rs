//! Resumption by tickets (RFC 9846 sections 2.2, 4.3.11 and 4.7.1).

use super::pair::{NOW, Pair, Sent, only_share, resuming_policies};
use cairn_handshake::{
    CertificateChain, ClientAuthentication, ClientPolicy, Credential, HandshakeErrorKind as Kind, KnownPsk,
    NotResumed, PskModes, PskUse, Resumption, ServerPolicy, Session, SessionState, Tls13Reference,
    Tls13Session, UnixTime,
};
use cairn_schedule::Epoch;
use cairn_wire::{
    AlertDescription as A, CertificateType, ClientTicketRequest, HandshakeType as T, NamedGroup,
    PskKeyExchangeMode as Mode,
};
use core::time::Duration;
use std::sync::Arc;

const HANDSHAKE: Epoch = Epoch::Handshake;

fn tls13(session: &Session) -> &Tls13Session {
    session.tls13().unwrap()
}

fn tls13_mut(session: &mut Session) -> &mut Tls13Session {
    match &mut session.state {
        SessionState::Tls13(tls13) => tls13,
        SessionState::Tls12(_) => panic!("a session of TLS 1.2"),
    }
}

/// A new pair. The client offers the newest ticket of `first`, and the server knows all of them.
pub(super) fn after(first: &Pair, client: ClientPolicy, server: ServerPolicy) -> Pair {
    let mut pair = Pair::new(client, server);
    pair.server.known = known(first);
    pair.client.offers = first.client.saved.last().cloned();
    assert!(pair.client.offers.is_some());
    pair
}

/// The sessions of the server by their tickets.
fn known(first: &Pair) -> Vec<(Vec<u8>, KnownPsk)> {
    let stored = first.server.saved.iter().map(|session| {
        let Tls13Reference::Stored(id) = &tls13(session).reference else { panic!("a ticket") };
        (id.as_bytes().to_vec(), KnownPsk::Session(Arc::clone(session)))
    });
    let sealed = (0..).zip(&first.server.sealed).map(|(n, session)| {
        assert_eq!(tls13(session).reference, Tls13Reference::InTicket);
        (vec![n], KnownPsk::Session(Arc::clone(session)))
    });
    stored.chain(sealed).collect()
}

/// A full handshake, and then one with its ticket.
fn resumed(change: impl Fn(&mut ClientPolicy, &mut ServerPolicy)) -> Pair {
    let policies = || {
        let (mut client, mut server) = resuming_policies();
        change(&mut client, &mut server);
        (client, server)
    };
    let (client, server) = policies();
    let first = Pair::shake(client, server);
    let (client, server) = policies();
    let mut pair = after(&first, client, server);
    pair.start();
    pair.run();
    pair.check();
    pair
}

/// With a PSK the server sends no certificate, so it does not choose a type of one (RFC 7250 section 4.2).
#[test]
fn client_that_accepts_raw_public_keys_alone_resumes() {
    let policies = || {
        let (mut client, server) = resuming_policies();
        client.server_certificate_types = vec![CertificateType::RAW_PUBLIC_KEY];
        (client, server)
    };
    let (client, server) = policies();
    let mut first = Pair::new(client, server);
    let raw_key = CertificateChain::raw_public_key(b"a SubjectPublicKeyInfo").unwrap();
    let credential = first.server.credential.take().unwrap();
    first.server.credential = Some(Arc::new(Credential { chain: raw_key, ..Credential::clone(&credential) }));
    first.start();
    first.run();
    first.check();
    let (client, server) = policies();
    let mut pair = after(&first, client, server);
    pair.start();
    pair.run();
    pair.check();
    assert_eq!(resumption(&pair), [Resumption::ByPsk; 2]);
}

fn resumption(pair: &Pair) -> [Resumption; 2] {
    [&pair.client, &pair.server].map(|end| end.summary.as_ref().unwrap().resumption)
}

#[test]
fn resumption_has_the_messages_of_figure_3() {
    for tickets in [false, true] {
        let pair = resumed(|_, server| server.resumption.as_mut().unwrap().tickets = tickets);
        assert_eq!(resumption(&pair), [Resumption::ByPsk; 2]);
        assert_eq!(pair.client.sent, [(Epoch::Initial, T::CLIENT_HELLO), (HANDSHAKE, T::FINISHED)]);
        assert_eq!(
            pair.server.sent,
            [
                (Epoch::Initial, T::SERVER_HELLO),
                (HANDSHAKE, T::ENCRYPTED_EXTENSIONS),
                (HANDSHAKE, T::FINISHED),
                (Epoch::Application(0), T::NEW_SESSION_TICKET),
            ]
        );
        assert_eq!(pair.server.questions[..2], ["ChoosePsk", "ConsumePsk"]);
        for end in [&pair.client, &pair.server] {
            let summary = end.summary.as_ref().unwrap();
            assert_eq!(summary.tls13().unwrap().psk, Some(Mode::PSK_DHE_KE));
            assert!(summary.group().is_some(), "the key exchange is that of this handshake");
            assert_eq!(summary.security().resumed_since, Some(NOW));
        }
        let client = pair.client.summary.unwrap();
        assert_eq!(client.peer_chain.unwrap().iter().count(), 2, "the chain is that of the full handshake");
    }
}

#[test]
fn each_ticket_of_a_connection_is_another_session() {
    for tickets in [false, true] {
        let (client, mut server) = resuming_policies();
        server.resumption.as_mut().unwrap().tickets = tickets;
        let pair = Pair::shake(client, server);
        let ours = if tickets { &pair.server.sealed } else { &pair.server.saved };
        assert_eq!((pair.client.saved.len(), ours.len()), (2, 2));
        let [one, other] = [0, 1].map(|n| (tls13(&pair.client.saved[n]), tls13(&ours[n])));
        for (client, server) in [one, other] {
            assert_eq!(client.psk, server.psk);
            assert_eq!(client.age_add, server.age_add);
            assert_eq!((client.expires, client.issued_at), (server.expires, server.issued_at));
        }
        assert_ne!(one.0.psk, other.0.psk);
        assert_ne!(one.0.age_add, other.0.age_add);
        assert_ne!(one.0.reference, other.0.reference);
    }
}

#[test]
fn client_gets_the_number_of_tickets_that_it_requests() {
    for (requested, full, after) in
        [(None, 2, 1), (Some((3, 0)), 3, 0), (Some((0, 2)), 0, 2), (Some((9, 9)), 4, 4)]
    {
        let policies = || {
            let (mut client, server) = resuming_policies();
            client.tls13.ticket_request = requested.map(|(new_session_count, resumption_count)| {
                ClientTicketRequest { new_session_count, resumption_count }
            });
            (client, server)
        };
        let (client, server) = policies();
        let mut pair = Pair::shake(client, server);
        assert_eq!(pair.client.saved.len(), full, "{requested:?}");
        if full == 0 {
            let (client, server) = resuming_policies();
            pair = Pair::shake(client, server);
        }
        let (client, server) = policies();
        let mut pair = self::after(&pair, client, server);
        pair.start();
        pair.run();
        pair.check();
        assert_eq!(resumption(&pair), [Resumption::ByPsk; 2]);
        assert_eq!(pair.client.saved.len(), after, "{requested:?}");
    }
}

#[test]
fn client_stores_a_bounded_number_of_tickets() {
    let (mut client, server) = resuming_policies();
    client.limits.max_tickets = 1;
    let pair = Pair::shake(client, server);
    assert_eq!(pair.client.saved.len(), 1);
    assert_eq!(pair.server.saved.len(), 2);
}

#[test]
fn client_without_resumption_ignores_tickets() {
    let (mut client, mut server) = resuming_policies();
    client.resumption = None;
    server.tls13.tickets.full = 2;
    let pair = Pair::shake(client, server);
    assert_eq!(pair.client.saved.len(), 0);
    // It has not offered a mode, so it gets none.
    assert!(pair.server.saved.is_empty());
}

#[test]
fn psk_ke_is_used_only_if_both_sides_permit_it() {
    use PskModes::{Either, KeyExchange, PskAlone};
    for (modes, permits, expected) in [
        (KeyExchange, true, Some(Mode::PSK_DHE_KE)),
        (Either, true, Some(Mode::PSK_DHE_KE)),
        (PskAlone, true, Some(Mode::PSK_KE)),
        (PskAlone, false, None),
    ] {
        let policies = |permits| {
            let (mut client, mut server) = resuming_policies();
            (client.tls13.psk_modes, server.tls13.psk_ke) = (modes, permits);
            (client, server)
        };
        let (client, server) = policies(true);
        let first = Pair::shake(client, server);
        let (client, server) = policies(permits);
        let mut pair = after(&first, client, server);
        pair.start();
        pair.run();
        pair.check();
        for end in [&pair.client, &pair.server] {
            let summary = end.summary.as_ref().unwrap();
            assert_eq!(summary.tls13().unwrap().psk, expected, "{modes:?}");
            // A client that offers psk_ke alone has sent no key share.
            let retried = modes == PskAlone && expected.is_none();
            assert_eq!(summary.tls13().unwrap().retried, retried, "{modes:?}");
            assert_eq!(summary.group().is_some(), expected != Some(Mode::PSK_KE), "{modes:?}");
            assert_eq!(summary.security().forward_secrecy, expected != Some(Mode::PSK_KE), "{modes:?}");
        }
    }
}

#[test]
fn client_refuses_a_mode_that_it_does_not_offer() {
    // The server has a key share for a client that offers psk_ke alone.
    let (mut client, mut server) = resuming_policies();
    (client.tls13.psk_modes, server.tls13.psk_ke) = (PskModes::PskAlone, true);
    let first = Pair::shake(client.clone(), server.clone());
    let mut pair = after(&first, client, server);
    pair.start();
    while pair.pass(&mut |from_client, sent| {
        if let Sent::Message(_, bytes) = sent
            && !from_client
            && bytes[0] == T::SERVER_HELLO.0
        {
            // key_share of X25519 besides.
            let share = [&[0, 51, 0, 36, 0, 29, 0, 32][..], &[9; 32]].concat();
            bytes.extend_from_slice(&share);
            let length = u8::try_from(share.len()).unwrap();
            let extensions = 4 + 2 + 32 + 1 + 32 + 2 + 1 + 1;
            bytes[3] += length;
            bytes[extensions] += length;
        }
    }) {}
    assert_eq!(pair.client.error, Some(Kind::PskModeNotOffered(Mode::PSK_DHE_KE)));
}

#[test]
fn hello_retry_request_keeps_the_psk_and_renews_its_binder() {
    let (client, server) = resuming_policies();
    let first = Pair::shake(client, server);
    let (mut client, mut server) = resuming_policies();
    only_share(&mut client, NamedGroup::X25519);
    server.groups = vec![NamedGroup::SECP256R1, first.server.summary.as_ref().unwrap().group().unwrap()];
    let mut pair = after(&first, client, server);
    pair.start();
    pair.run();
    pair.check();
    assert_eq!(resumption(&pair), [Resumption::ByPsk; 2]);
    let client = pair.client.summary.unwrap();
    assert!(client.tls13().unwrap().retried);
    assert_eq!(client.group(), Some(NamedGroup::SECP256R1));
}

#[test]
fn wrong_binder_ends_the_handshake_and_uses_up_nothing() {
    let (client, server) = resuming_policies();
    let first = Pair::shake(client, server);
    let (client, server) = resuming_policies();
    let mut pair = after(&first, client, server);
    pair.start();
    let mut is_first = true;
    while pair.pass(&mut |_, sent| {
        if let Sent::Message(_, bytes) = sent
            && core::mem::take(&mut is_first)
        {
            *bytes.last_mut().unwrap() ^= 1;
        }
    }) {}
    assert_eq!(pair.server.error, Some(Kind::WrongBinder));
    assert_eq!(pair.server.error.unwrap().alert(), Some(A::DECRYPT_ERROR));
    assert_eq!(pair.server.questions, ["ChoosePsk"], "the ticket is not used up");
}

#[test]
fn used_ticket_leads_to_a_full_handshake() {
    let (client, server) = resuming_policies();
    let first = Pair::shake(client, server);
    let (client, server) = resuming_policies();
    let mut pair = after(&first, client, server);
    pair.server.psk_use = PskUse::AlreadyUsed;
    pair.start();
    pair.run();
    pair.check();
    assert_eq!(
        resumption(&pair),
        [
            Resumption::Full(Some(NotResumed::DeclinedByServer)),
            Resumption::Full(Some(NotResumed::AlreadyUsed))
        ]
    );
    assert_eq!(pair.server.not_resumed, [NotResumed::AlreadyUsed]);
    assert_eq!(pair.client.not_resumed, [NotResumed::DeclinedByServer]);
}

#[test]
fn unknown_ticket_leads_to_a_full_handshake() {
    let (client, server) = resuming_policies();
    let first = Pair::shake(client, server);
    let (client, server) = resuming_policies();
    let mut pair = after(&first, client, server);
    pair.server.known.clear();
    pair.start();
    pair.run();
    pair.check();
    assert_eq!(pair.server.not_resumed, [NotResumed::NotFound]);
    assert_eq!(pair.server.questions, ["ChoosePsk", "ChooseServerCredential", "Sign"]);
}

/// A session of the server that its policy refuses, for each reason.
#[test]
fn server_resumes_only_what_a_full_handshake_would_accept() {
    type Change = fn(&mut Session, &mut ServerPolicy);
    let cases: [(NotResumed, Change); 8] = [
        (NotResumed::TicketTooOld, |session, _| tls13_mut(session).expires = NOW),
        (NotResumed::TooOld, |session, _| session.authenticated_at = UnixTime::from_secs(1)),
        (NotResumed::OtherServerName, |session, _| session.server_name = None),
        (NotResumed::OtherContext, |session, _| session.context.0[0] ^= 1),
        (NotResumed::OtherVerification, |session, _| session.verified_with.0[0] ^= 1),
        (NotResumed::OtherId, |session, _| tls13_mut(session).reference = Tls13Reference::Ticket(vec![1])),
        (NotResumed::Group, |session, _| session.evidence.group = Some(NamedGroup(0x1234))),
        (NotResumed::ClientNotAuthenticated, |_, server| {
            server.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
        }),
    ];
    for (reason, change) in cases {
        let (client, server) = resuming_policies();
        let first = Pair::shake(client, server);
        let (client, mut server) = resuming_policies();
        let mut known = known(&first);
        for (_, psk) in &mut known {
            let KnownPsk::Session(session) = psk else { panic!("an external PSK") };
            change(Arc::make_mut(session), &mut server);
        }
        let mut pair = after(&first, client, server);
        pair.server.known = known;
        pair.start();
        pair.run();
        pair.check();
        assert_eq!(pair.server.not_resumed, [reason]);
        assert_eq!(pair.server.summary.unwrap().resumption, Resumption::Full(Some(reason)));
    }
}

#[test]
fn client_offers_only_what_its_policy_accepts() {
    type Change = fn(&mut Session, &mut ClientPolicy);
    let cases: [(NotResumed, Change); 6] = [
        (NotResumed::TicketTooOld, |session, _| tls13_mut(session).expires = NOW),
        (NotResumed::OtherServerName, |session, _| session.server_name = None),
        (NotResumed::NoTickets, |_, client| client.resumption.as_mut().unwrap().tickets = false),
        (NotResumed::Suite, |session, client| {
            let hash = tls13(session).hash();
            client.tls13.suites.retain(|suite| suite.hash != hash);
        }),
        (NotResumed::Group, |session, _| session.evidence.group = Some(NamedGroup(0x1234))),
        (NotResumed::TicketTooLong, |session, _| {
            tls13_mut(session).reference = Tls13Reference::Ticket(vec![1; 0xffff]);
        }),
    ];
    for (reason, change) in cases {
        let (client, server) = resuming_policies();
        let first = Pair::shake(client, server);
        let (mut client, server) = resuming_policies();
        let mut session = Session::clone(first.client.saved.last().unwrap());
        change(&mut session, &mut client);
        let mut pair = after(&first, client, server);
        pair.client.offers = Some(Arc::new(session));
        pair.start();
        pair.run();
        pair.check();
        assert_eq!(pair.client.not_resumed, [reason]);
        assert_eq!(pair.client.summary.unwrap().resumption, Resumption::Full(Some(reason)));
        assert!(!pair.server.questions.contains(&"ChoosePsk"), "{reason:?}");
    }
}

#[test]
fn suite_with_another_hash_than_that_of_the_psk_is_not_chosen() {
    let (client, server) = resuming_policies();
    let first = Pair::shake(client, server);
    let hash = tls13(first.client.saved.last().unwrap()).hash();
    let (client, mut server) = resuming_policies();
    // The server prefers another hash, and still chooses a suite that the PSK fits.
    server.tls13.suites.sort_by_key(|suite| suite.hash == hash);
    let mut pair = after(&first, client, server);
    pair.start();
    pair.run();
    pair.check();
    assert_eq!(resumption(&pair), [Resumption::ByPsk; 2]);
}

#[test]
fn time_of_authentication_is_inherited_and_limits_the_lifetime_of_later_tickets() {
    let hour = |n: u64| NOW.saturating_add(Duration::from_secs(n * 3600));
    let (client, server) = resuming_policies();
    let mut first = Pair::shake(client, server);
    for hours in [1, 2, 23] {
        let (client, server) = resuming_policies();
        let mut pair = after(&first, client, server);
        (pair.client.now, pair.server.now) = (hour(hours), hour(hours));
        pair.start();
        pair.run();
        pair.check();
        assert_eq!(resumption(&pair), [Resumption::ByPsk; 2]);
        for session in pair.client.saved.iter().chain(&pair.server.saved) {
            assert_eq!(session.authenticated_at, NOW);
            assert_eq!(tls13(session).expires, hour(24));
            assert_eq!(tls13(session).issued_at, hour(hours));
        }
        first = pair;
    }
    let (client, server) = resuming_policies();
    let mut pair = after(&first, client, server);
    (pair.client.now, pair.server.now) = (hour(24), hour(24));
    pair.start();
    pair.run();
    pair.check();
    assert_eq!(pair.client.not_resumed, [NotResumed::TicketTooOld]);
}

#[test]
fn client_authentication_is_resumed_with_the_session() {
    let pair = resumed(|_, server| {
        server.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
    });
    assert_eq!(resumption(&pair), [Resumption::ByPsk; 2]);
    assert!(!pair.server.sent.iter().any(|(_, msg_type)| *msg_type == T::CERTIFICATE_REQUEST));
    assert!(pair.server.summary.unwrap().peer_chain.is_some());
}

#[test]
fn ticket_of_tls13_is_not_offered_without_tls13() {
    let (client, server) = resuming_policies();
    let first = Pair::shake(client, server);
    let (mut client, mut server) = resuming_policies();
    client.tls13.suites.clear();
    server.tls13.suites.clear();
    let mut pair = after(&first, client, server);
    pair.server.known.clear();
    pair.start();
    assert_eq!(pair.client.not_resumed, [NotResumed::Suite]);
}

#[test]
fn obfuscated_ticket_age_is_the_age_in_milliseconds_plus_ticket_age_add() {
    let session = {
        let (client, server) = resuming_policies();
        let pair = Pair::shake(client, server);
        tls13(&pair.client.saved[0]).clone()
    };
    let later = |millis| session.issued_at.saturating_add(Duration::from_millis(millis));
    assert_eq!(session.obfuscated_age(later(0)), session.age_add);
    assert_eq!(session.obfuscated_age(later(1234)), session.age_add.wrapping_add(1234));
    let wrapping = Tls13Session { age_add: u32::MAX, ..session.clone() };
    assert_eq!(wrapping.obfuscated_age(later(2)), 1);
}

/// RFC 9846 section 4.7.1: "Clients MUST NOT use tickets for longer than 7 days after issuance, regardless of
/// the ticket_lifetime".
#[test]
fn client_keeps_no_ticket_for_more_than_seven_days() {
    const WEEK: u32 = 604_800;
    for (lifetime, kept) in [(3600, 3600), (WEEK, WEEK), (WEEK + 1, WEEK), (u32::MAX, WEEK)] {
        let (client, server) = resuming_policies();
        let mut pair = Pair::new(client, server);
        pair.start();
        while pair.pass(&mut |_, sent| match sent {
            Sent::Message(_, bytes) if bytes.first() == Some(&T::NEW_SESSION_TICKET.0) => {
                bytes[4..8].copy_from_slice(&lifetime.to_be_bytes());
            }
            _ => {}
        }) {}
        let session = pair.client.saved.last().unwrap();
        assert_eq!(tls13(session).expires.checked_secs_since(NOW), Some(kept.into()), "{lifetime}");
    }
}
