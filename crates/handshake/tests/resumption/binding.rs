//! A session is resumed only where its binding is the same.

use crate::attempt::{RESUMED, Setting, WAYS, attempt, client_finds, outcome, server_finds, suite_with};
use crate::support::{End, edit::offered_in_hello};
use alloc::sync::Arc;
use cairn_handshake::{Binding, Digest, Endpoint, Machine, NotResumed, SessionSide};
use cairn_wire::KeyExchangeAlgorithm;
use core::num::NonZeroU16;

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
fn session_is_offered_only_to_its_own_endpoint() {
    let of = |endpoint| SessionSide::Client { endpoint };
    let at = |host: &[u8], port| Some(Endpoint { host: host.into(), port: NonZeroU16::new(port) });
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
    let policy = Arc::new(crate::support::client_policy());
    let machine = |to| Machine::client(Arc::clone(&policy), None, to);
    let mut session = crate::support::sessions().0;
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
