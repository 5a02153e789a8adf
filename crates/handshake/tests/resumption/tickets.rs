//! Renewed tickets, and tickets that are too long.

use crate::attempt::{By, Setting};
use crate::support::{NOW, agree, credential, edit::offered_in_hello, legacy, pair, run, ticket_mut};
use cairn_crypto::KeySpec;
use cairn_handshake::{Binding, Digest, NotResumed, UnixTime};
use cairn_wire::{NewSessionTicket, SessionId};

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
