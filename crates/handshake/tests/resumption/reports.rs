//! Each side reports why it does not resume a session, and when to remove one.

use crate::attempt::{By, RESUMED, Setting, WAYS, attempt, client_finds, server_finds, suite_with};
use crate::support::{NOW, Wire, run, tls12_mut};
use cairn_crypto::{BlockCipherAlgorithm, HashAlgorithm};
use cairn_handshake::{
    ClientPolicy, Input, MaxFragmentLength, NotResumed, Session, SessionSide, Tls12Reference, UnixTime,
};
use cairn_schedule::{MacOrder, Protection};
use cairn_wire::{Alert, AlertDescription, KeyExchangeAlgorithm, SessionId};

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
fn server_removes_a_session_only_after_the_clients_finished() {
    for by in WAYS {
        // An attacker copies a ClientHello from the network, sends it again, and then sends a fatal alert
        // without encryption. It does not know the session's secret, so the server must keep the session.
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
