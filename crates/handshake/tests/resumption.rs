//! The conditions of resumption: a session is resumed only if a full handshake would have the same result, as
//! far as this can be determined without one. Each rule is tested for both roles, and for session IDs and
//! tickets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

extern crate alloc;

mod support;

use alloc::sync::Arc;
use cairn_crypto::KeySpec;
use cairn_crypto::{BlockCipherAlgorithm, HashAlgorithm};
use cairn_handshake::{
    Binding, ClientAuthentication, ClientPolicy, Digest, Endpoint, Input, Machine, MaxFragmentLength,
    NotResumed, ServerPolicy, Session, SessionSide, Tls12Reference, UnixTime,
};
use cairn_schedule::{MacOrder, Protection, SUITES, Tls12Suite};
use cairn_wire::{
    Alert, AlertDescription, KeyExchangeAlgorithm, NamedGroup, NewSessionTicket, SessionId, SignatureScheme,
};
use core::num::NonZeroU16;
use support::{
    End, NOW, Wire, agree, credential, edit::offered_in_hello, legacy, mutual_pair, pair, run, ticket_mut,
    tls12_mut,
};

/// How a session is resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Id,
    Ticket,
}

const WAYS: [By; 2] = [By::Id, By::Ticket];

/// What a test changes between the full handshake and the resumption.
#[derive(Default)]
struct Setting<'a> {
    suite: Option<&'static Tls12Suite>,
    client: Option<&'a dyn Fn(&mut ClientPolicy)>,
    server: Option<&'a dyn Fn(&mut ServerPolicy)>,
    /// Whether client authentication takes place.
    mutual: bool,
    /// Whether the peer is unverified.
    unverified: bool,
    not_after: Option<UnixTime>,
}

impl Setting<'_> {
    fn pair(&self, by: By) -> (End, End) {
        let client = |policy: &mut ClientPolicy| {
            policy.resumption.as_mut().unwrap().tickets = by == By::Ticket;
            policy.tls12.suites.extend(self.suite);
            policy.tls12.suites.retain(|suite| self.suite.is_none_or(|only| suite.id == only.id));
            if let Some(change) = self.client {
                change(policy);
            }
        };
        let server = |policy: &mut ServerPolicy| {
            policy.resumption.as_mut().unwrap().tickets = by == By::Ticket;
            policy.tls12.suites.extend(self.suite);
            if self.mutual {
                policy.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
            }
            if let Some(change) = self.server {
                change(policy);
            }
        };
        let (mut client, mut server) = if self.mutual {
            mutual_pair(KeySpec::EcP256, KeySpec::EcP256, client, server)
        } else {
            pair(KeySpec::EcP256, client, server)
        };
        for end in [&mut client, &mut server] {
            end.credulous = self.unverified;
            end.not_after = self.not_after;
        }
        (client, server)
    }

    /// The sessions of both sides after a full handshake: the client's saved session, and the server's saved
    /// or sealed one.
    fn sessions(&self, by: By) -> (Box<Session>, Box<Session>) {
        let (mut client, mut server) = self.pair(by);
        run(&mut client, &mut server, |_, _| {});
        assert!(agree(&client, &server), "{:?} {:?}", client.log, server.log);
        (client.saved.unwrap(), server.saved.or(server.sealed).unwrap())
    }
}

/// A resumption under `after` of sessions created under `before`: the reasons why the client and the server
/// do not resume.
fn outcome(before: &Setting<'_>, after: &Setting<'_>, by: By) -> [Option<NotResumed>; 2] {
    let (ours, theirs) = before.sessions(by);
    attempt(after, by, ours, theirs)
}

fn attempt(
    setting: &Setting<'_>,
    by: By,
    ours: Box<Session>,
    theirs: Box<Session>,
) -> [Option<NotResumed>; 2] {
    let (mut client, mut server) = setting.pair(by);
    (client.session, server.session) = (Some(ours), Some(theirs));
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server), "{:?} {:?}", client.log, server.log);
    let events = [client.not_resumed, server.not_resumed];
    let (client, server) = (client.complete.unwrap(), server.complete.unwrap());
    let reasons = [client.resumption.not_resumed(), server.resumption.not_resumed()];
    assert_eq!(events, reasons);
    assert_eq!(client.is_resumed(), reasons == [None, None], "{reasons:?}");
    assert_eq!(client.is_resumed(), server.is_resumed());
    reasons
}

const RESUMED: [Option<NotResumed>; 2] = [None, None];

/// The client finds the reason, and offers nothing.
const fn client_finds(reason: NotResumed) -> [Option<NotResumed>; 2] {
    [Some(reason), None]
}

/// The server finds the reason, and the client sees a full handshake.
const fn server_finds(reason: NotResumed) -> [Option<NotResumed>; 2] {
    [Some(NotResumed::DeclinedByServer), Some(reason)]
}

fn suite_with(algorithm: KeyExchangeAlgorithm) -> &'static Tls12Suite {
    SUITES.iter().find(|suite| suite.key_exchange == algorithm).unwrap()
}

#[test]
fn session_is_resumed_under_an_equal_binding() {
    let bound = |binding: &mut Binding| {
        *binding = Binding { context: Digest([1; 16]), verification: Digest([2; 16]), psks: Digest([3; 16]) }
    };
    let setting = Setting {
        client: Some(&|policy| bound(&mut policy.resumption.as_mut().unwrap().binding)),
        server: Some(&|policy| bound(&mut policy.resumption.as_mut().unwrap().binding)),
        ..Setting::default()
    };
    for by in WAYS {
        let (ours, theirs) = setting.sessions(by);
        for session in [&ours, &theirs] {
            assert_eq!((session.context, session.verified_with), (Digest([1; 16]), Digest([2; 16])));
        }
        assert_eq!(outcome(&setting, &setting, by), RESUMED, "{by:?}");
    }
}

#[test]
fn session_is_not_resumed_in_another_context_or_with_another_verification() {
    type Change = fn(&mut Binding);
    let changes: [(Change, NotResumed); 2] = [
        (|binding| binding.context = Digest([7; 16]), NotResumed::OtherContext),
        (|binding| binding.verification = Digest([7; 16]), NotResumed::OtherVerification),
    ];
    for by in WAYS {
        for (change, reason) in changes {
            let (before, client, server) = (
                Setting::default(),
                Setting {
                    client: Some(&|policy| change(&mut policy.resumption.as_mut().unwrap().binding)),
                    ..Setting::default()
                },
                Setting {
                    server: Some(&|policy| change(&mut policy.resumption.as_mut().unwrap().binding)),
                    ..Setting::default()
                },
            );
            assert_eq!(outcome(&before, &client, by), client_finds(reason), "{by:?}");
            assert_eq!(outcome(&before, &server, by), server_finds(reason), "{by:?}");
        }
    }
}

#[test]
fn only_psk_sessions_depend_on_the_psks() {
    let psks = |binding: &mut Binding| binding.psks = Digest([7; 16]);
    for by in WAYS {
        for algorithm in [KeyExchangeAlgorithm::Psk, KeyExchangeAlgorithm::EcdhePsk] {
            let suite = Some(suite_with(algorithm));
            let before = Setting { suite, ..Setting::default() };
            assert_eq!(outcome(&before, &before, by), RESUMED, "{by:?}");
            let client = Setting {
                suite,
                client: Some(&|policy| psks(&mut policy.resumption.as_mut().unwrap().binding)),
                ..Setting::default()
            };
            let server = Setting {
                suite,
                server: Some(&|policy| psks(&mut policy.resumption.as_mut().unwrap().binding)),
                ..Setting::default()
            };
            assert_eq!(outcome(&before, &client, by), client_finds(NotResumed::OtherPsks), "{by:?}");
            assert_eq!(outcome(&before, &server, by), server_finds(NotResumed::OtherPsks), "{by:?}");
        }
        let after = Setting {
            client: Some(&|policy| psks(&mut policy.resumption.as_mut().unwrap().binding)),
            server: Some(&|policy| psks(&mut policy.resumption.as_mut().unwrap().binding)),
            ..Setting::default()
        };
        assert_eq!(outcome(&Setting::default(), &after, by), RESUMED, "{by:?}: no PSK took part");
    }
}

#[test]
fn session_is_not_resumed_after_a_peer_certificate_has_expired() {
    for by in WAYS {
        for (not_after, resumed) in
            [(NOW.as_secs() - 1, false), (NOW.as_secs(), true), (NOW.as_secs() + 1, true)]
        {
            let not_after = Some(UnixTime::from_secs(not_after));
            let setting = Setting { mutual: true, not_after, ..Setting::default() };
            let (ours, theirs) = setting.sessions(by);
            assert_eq!((ours.not_after, theirs.not_after), (not_after, not_after));
            let client = attempt(&setting, by, ours.clone(), theirs.clone());
            let mut unaware = ours;
            unaware.not_after = None;
            let server = attempt(&setting, by, unaware, theirs);
            let expired = NotResumed::CertificateExpired;
            assert_eq!(client, if resumed { RESUMED } else { client_finds(expired) }, "{by:?}");
            assert_eq!(server, if resumed { RESUMED } else { server_finds(expired) }, "{by:?}");
        }
    }
}

#[test]
fn renewed_ticket_contains_the_same_session() {
    let not_after = Some(UnixTime::from_secs(NOW.as_secs() + 5));
    let bound = |binding: &mut Binding| binding.context = Digest([9; 16]);
    let setting = Setting {
        mutual: true,
        not_after,
        client: Some(&|policy| bound(&mut policy.resumption.as_mut().unwrap().binding)),
        server: Some(&|policy| bound(&mut policy.resumption.as_mut().unwrap().binding)),
        ..Setting::default()
    };
    let (ours, theirs) = setting.sessions(By::Ticket);
    let (mut client, mut server) = setting.pair(By::Ticket);
    (client.session, server.session, server.old_ticket) = (Some(ours.clone()), Some(theirs.clone()), true);
    run(&mut client, &mut server, |_, _| {});
    for (renewed, first) in [(client.saved, ours), (server.sealed, theirs)] {
        let renewed = renewed.unwrap();
        assert_eq!(renewed.not_after, not_after);
        assert_eq!((renewed.context, renewed.verified_with), (first.context, first.verified_with));
        assert_eq!((renewed.side, renewed.evidence), (first.side, first.evidence));
    }
    let summaries = [client.complete.unwrap(), server.complete.unwrap()];
    assert!(summaries.iter().all(|summary| summary.is_resumed() && summary.not_after == not_after));
}

#[test]
fn session_with_an_unverified_peer_is_resumed_only_if_permitted() {
    for by in WAYS {
        let unverified = Setting { mutual: true, unverified: true, ..Setting::default() };
        let (ours, theirs) = unverified.sessions(by);
        assert!(!ours.evidence.peer_verified && !theirs.evidence.peer_verified);
        assert_eq!(outcome(&unverified, &unverified, by), RESUMED, "{by:?}");
        let client = Setting {
            mutual: true,
            client: Some(&|policy| policy.resumption.as_mut().unwrap().unverified_peers = false),
            ..Setting::default()
        };
        assert_eq!(outcome(&unverified, &client, by), client_finds(NotResumed::PeerNotVerified), "{by:?}");
        let server = Setting {
            mutual: true,
            server: Some(&|policy| {
                policy.resumption.as_mut().unwrap().unverified_peers = false;
                policy.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
            }),
            ..Setting::default()
        };
        assert_eq!(outcome(&unverified, &server, by), server_finds(NotResumed::PeerNotVerified), "{by:?}");
        // A verified client is resumed.
        let verified = Setting { mutual: true, ..Setting::default() };
        assert_eq!(outcome(&verified, &server, by), RESUMED, "{by:?}");
    }
}

#[test]
fn session_is_offered_only_to_its_own_endpoint() {
    let at = |host: &[u8], port| Some(Endpoint { host: host.into(), port: NonZeroU16::new(port) });
    let of = |endpoint| SessionSide::Client { endpoint };
    for by in WAYS {
        let (ours, theirs) = Setting::default().sessions(by);
        assert_eq!(ours.side, of(at(b"cairn.example", 0)));
        for other in [None, at(b"192.0.2.1", 0), at(b"cairn.example", 443)] {
            let mut session = ours.clone();
            session.side = of(other);
            let found = attempt(&Setting::default(), by, session, theirs.clone());
            assert_eq!(found, client_finds(NotResumed::OtherEndpoint), "{by:?}");
        }
    }
    // If they are given, address and port are compared.
    let policy = Arc::new(support::client_policy());
    let machine = |to| Machine::client(Arc::clone(&policy), None, to);
    let mut session = support::sessions().0;
    (session.server_name, session.side) = (None, of(at(b"192.0.2.1", 853)));
    for (to, offered) in [
        (at(b"192.0.2.1", 853), true),
        (at(b"192.0.2.1", 443), false),
        (at(b"192.0.2.1", 0), false),
        (at(b"192.0.2.2", 853), false),
        (None, false),
    ] {
        let mut client = End::new(machine(to));
        client.session = Some(session.clone());
        client.start();
        assert_eq!(!offered_in_hello(&client).session_id.is_empty(), offered);
    }
}

#[test]
fn session_with_refused_parameters_is_not_resumed() {
    type Policies<'a> = (Option<&'a dyn Fn(&mut ClientPolicy)>, Option<&'a dyn Fn(&mut ServerPolicy)>);
    let p256 = NamedGroup::SECP256R1;
    let first: Policies<'_> = (Some(&move |policy| policy.groups = vec![p256]), None);
    let scheme = SignatureScheme::ECDSA_SECP256R1_SHA256;
    let others = move |schemes: &mut Vec<SignatureScheme>| schemes.retain(|other| *other != scheme);
    let ecdsa_only = move |policy: &mut ClientPolicy| policy.groups = vec![p256];
    let cases: [(Policies<'_>, Setting<'_>, NotResumed); 2] = [
        (
            first,
            Setting {
                client: Some(&|policy| policy.groups.retain(|group| *group == NamedGroup::SECP384R1)),
                ..Setting::default()
            },
            NotResumed::Group,
        ),
        (
            (Some(&ecdsa_only), None),
            Setting {
                client: Some(&move |policy| {
                    ecdsa_only(policy);
                    others(&mut policy.signature_schemes);
                }),
                ..Setting::default()
            },
            NotResumed::SignatureScheme,
        ),
    ];
    for by in WAYS {
        for ((client, server), after, reason) in &cases {
            let before = Setting { client: *client, server: *server, ..Setting::default() };
            let (ours, theirs) = before.sessions(by);
            let (mut client, _) = after.pair(by);
            client.session = Some(ours);
            drop(theirs);
            client.start();
            // The test only checks that no session is offered.
            assert!(offered_in_hello(&client).session_id.is_empty(), "{by:?}: {reason:?}");
        }
        // The server's limits on the client's signature scheme.
        let mutual = Setting { mutual: true, ..Setting::default() };
        let (ours, theirs) = mutual.sessions(by);
        let signed = theirs.evidence.client_proof.unwrap().scheme.unwrap();
        let after = Setting {
            mutual: true,
            server: Some(&move |policy| policy.signature_schemes.retain(|other| *other != signed)),
            ..Setting::default()
        };
        let found = attempt(&after, by, ours, theirs);
        assert_eq!(found, server_finds(NotResumed::SignatureScheme), "{by:?}");
        // The same for the group.
        let (ours, theirs) = Setting::default().sessions(by);
        let used = theirs.evidence.group.unwrap();
        let after = Setting {
            server: Some(&move |policy| policy.groups.retain(|other| *other != used)),
            ..Setting::default()
        };
        let found = attempt(&after, by, ours, theirs);
        assert_eq!(found, server_finds(NotResumed::Group), "{by:?}");
    }
}

#[test]
fn session_with_a_too_small_finite_field_is_not_resumed() {
    let suite = Some(suite_with(KeyExchangeAlgorithm::DhePsk));
    for by in WAYS {
        let before = Setting { suite, ..Setting::default() };
        assert_eq!(outcome(&before, &before, by), RESUMED, "{by:?}");
        let (ours, theirs) = before.sessions(by);
        let least = Setting {
            suite,
            client: Some(&|policy| policy.tls12.finite_field_bits = 8192..=8192),
            ..Setting::default()
        };
        let (mut client, _) = least.pair(by);
        client.session = Some(ours);
        drop(theirs);
        client.start();
        assert!(offered_in_hello(&client).session_id.is_empty(), "{by:?}");
    }
}

#[test]
fn client_reports_why_it_does_not_offer_a_session() {
    type Test = (fn(&mut Session), fn(&mut ClientPolicy), NotResumed);
    let tests: [Test; 10] = [
        (
            |session| session.side = SessionSide::Server { tls_server_end_point: None },
            |_| {},
            NotResumed::OtherSide,
        ),
        (
            |session| tls12_mut(session).reference = Tls12Reference::SessionId(SessionId::EMPTY),
            |_| {},
            NotResumed::OtherId,
        ),
        (|session| tls12_mut(session).reference = Tls12Reference::InTicket, |_| {}, NotResumed::OtherId),
        (
            |session| session.authenticated_at = UnixTime::from_secs(NOW.as_secs() + 1),
            |_| {},
            NotResumed::TooOld,
        ),
        (
            |session| session.authenticated_at = UnixTime::from_secs(NOW.as_secs() - 86_400),
            |_| {},
            NotResumed::TooOld,
        ),
        (|session| session.server_name = None, |_| {}, NotResumed::OtherServerName),
        (
            |session| tls12_mut(session).extended_master_secret = false,
            |_| {},
            NotResumed::NoExtendedMasterSecret,
        ),
        (
            |session| {
                tls12_mut(session).protection = Protection::Cbc {
                    cipher: BlockCipherAlgorithm::Aes128,
                    mac: HashAlgorithm::Sha256,
                    order: MacOrder::EncryptThenMac,
                }
            },
            |policy| policy.tls12.encrypt_then_mac = false,
            NotResumed::EncryptThenMac,
        ),
        (
            |session| tls12_mut(session).max_fragment_length = Some(MaxFragmentLength::Bytes512),
            |_| {},
            NotResumed::MaxFragmentLength,
        ),
        (
            |session| tls12_mut(session).suite = suite_with(KeyExchangeAlgorithm::Rsa),
            |_| {},
            NotResumed::Suite,
        ),
    ];
    for by in WAYS {
        for (session, policy, reason) in tests {
            let (mut ours, theirs) = Setting::default().sessions(by);
            session(&mut ours);
            let setting = Setting { client: Some(&policy), ..Setting::default() };
            assert_eq!(attempt(&setting, by, ours, theirs), client_finds(reason), "{by:?}");
            assert!(!reason.to_string().is_empty());
        }
    }
    let (ours, _) = Setting::default().sessions(By::Ticket);
    let theirs = Setting::default().sessions(By::Id).1;
    assert_eq!(attempt(&Setting::default(), By::Id, ours, theirs), client_finds(NotResumed::NoTickets));

    let (mut client, mut server) = Setting::default().pair(By::Id);
    client.session = Some(Setting::default().sessions(By::Id).0);
    run(&mut client, &mut server, |_, _| {});
    assert_eq!(client.complete.unwrap().resumption.not_resumed(), Some(NotResumed::DeclinedByServer));
    assert_eq!(server.complete.unwrap().resumption.not_resumed(), Some(NotResumed::NotFound));
}

#[test]
fn server_resumes_only_its_own_sessions() {
    for by in WAYS {
        // As from a store that a client and a server share.
        let (ours, mut theirs) = Setting::default().sessions(by);
        theirs.side = ours.side.clone();
        let found = attempt(&Setting::default(), by, ours, theirs);
        assert_eq!(found, server_finds(NotResumed::OtherSide), "{by:?}");
        // A ticket is not a session ID, nor the reverse (RFC 5077 section 3.4).
        let (ours, mut theirs) = Setting::default().sessions(by);
        let id = *ours.tls12().unwrap().session_id();
        for reference in [Tls12Reference::InTicket, Tls12Reference::SessionId(id)] {
            tls12_mut(&mut theirs).reference = reference.clone();
            let is_right = (reference == Tls12Reference::InTicket) == (by == By::Ticket);
            let expected = if is_right { RESUMED } else { server_finds(NotResumed::OtherId) };
            let found = attempt(&Setting::default(), by, ours.clone(), theirs.clone());
            assert_eq!(found, expected, "{by:?}, {reference:?}");
        }
    }
}

#[test]
fn server_removes_a_session_only_after_the_clients_finished() {
    for by in WAYS {
        // An attacker who has seen the hello replays it, and sends a fatal alert in plaintext.
        let (ours, theirs) = Setting::default().sessions(by);
        let id = *ours.tls12().unwrap().session_id();
        let (mut client, mut server) = Setting::default().pair(by);
        (client.session, server.session) = (Some(ours), Some(theirs));
        server.start();
        client.start();
        let hello = client.out.pop_front().unwrap();
        server.receive(&hello);
        assert_eq!(server.machine.state(), "AwaitChangeCipherSpec");
        let mut other = None;
        for fault in [0, 1] {
            if fault == 1 {
                // Or arbitrary bytes under unknown keys.
                let (mut client, mut again) = Setting::default().pair(by);
                let (ours, theirs) = Setting::default().sessions(by);
                (client.session, again.session) = (Some(ours), Some(theirs));
                again.start();
                client.start();
                let hello = client.out.pop_front().unwrap();
                again.receive(&hello);
                again.receive(&Wire::ChangeCipherSpec);
                again.step(Input::Abort(AlertDescription::BAD_RECORD_MAC));
                other = Some(again);
            } else {
                server.step(Input::Alert(Alert::fatal(AlertDescription::UNEXPECTED_MESSAGE)));
            }
        }
        assert!(server.kind().is_some() && server.forgotten.is_empty(), "{by:?}");
        assert!(other.unwrap().forgotten.is_empty(), "{by:?}");

        // After the client's Finished, a fatal alert invalidates the session. The session ID beside a ticket
        // is the client's and identifies no session.
        let (ours, theirs) = Setting::default().sessions(by);
        let (mut client, mut server) = Setting::default().pair(by);
        let offered = *ours.tls12().unwrap().session_id();
        (client.session, server.session) = (Some(ours), Some(theirs));
        run(&mut client, &mut server, |_, _| {});
        assert!(server.complete.as_ref().unwrap().is_resumed());
        server.step(Input::Alert(Alert::fatal(AlertDescription::INTERNAL_ERROR)));
        let expected = if by == By::Id { vec![offered] } else { Vec::new() };
        assert_eq!(server.forgotten, expected, "{by:?}");
        assert_ne!(id, SessionId::EMPTY);
    }
}

#[test]
fn ticket_too_long_for_a_hello_is_not_saved() {
    let room = |length: usize| {
        let (mut client, _) =
            pair(KeySpec::EcP256, |client| client.resumption.as_mut().unwrap().tickets = true, |_| {});
        let own = credential(KeySpec::EcP256).0;
        let ticket = vec![0x74; length];
        let ticket = NewSessionTicket { ticket_lifetime_hint: 0, ticket: &ticket };
        let id = SessionId::new(b"the server's").unwrap();
        assert!(legacy::server_with_ticket(&mut client, &own, id, &ticket).finished, "{:?}", client.log);
        client.saved
    };
    assert!(room(65_500).is_none(), "neither the ticket nor the ID beside it");
    let (mut least, mut most) = (16_384, 65_500);
    while most - least > 1 {
        let middle = usize::midpoint(least, most);
        if room(middle).is_some() { least = middle } else { most = middle }
    }
    // The longest saved ticket fits into the next hello.
    let session = room(least).unwrap();
    let (mut client, _) =
        pair(KeySpec::EcP256, |client| client.resumption.as_mut().unwrap().tickets = true, |_| {});
    client.session = Some(session.clone());
    client.start();
    assert_eq!(offered_in_hello(&client).ticket_length, least);

    // A longer one from a store is ignored without an error.
    for longer in [least + 1, 65_500, 70_000, 1 << 20] {
        let (mut client, mut server) = pair(
            KeySpec::EcP256,
            |client| client.resumption.as_mut().unwrap().tickets = true,
            |server| server.resumption.as_mut().unwrap().tickets = true,
        );
        let mut session = session.clone();
        ticket_mut(&mut session).ticket = vec![0x74; longer];
        client.session = Some(session);
        run(&mut client, &mut server, |_, _| {});
        assert!(agree(&client, &server), "{:?}", client.log);
        assert_eq!(client.complete.unwrap().resumption.not_resumed(), Some(NotResumed::TicketTooLong));
    }
}

#[test]
fn server_does_not_send_a_ticket_too_long_for_its_message() {
    let (mut client, mut server) = pair(
        KeySpec::EcP256,
        |client| client.resumption.as_mut().unwrap().tickets = true,
        |server| server.resumption.as_mut().unwrap().tickets = true,
    );
    server.ticket_length = 65_536;
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server), "{:?}", server.log);
    assert!(client.saved.is_none());
}
