//! Session tickets (RFC 5077), with the server's own keys, with shared keys, and with keys of the caller.

use crate::support::{End, Kind, NOW, Pair, SetClock, client, provider, server};
use cairn_tls::{
    Answer, ClientConfig, NewTicket, Question, ServerConfig, SessionAnswer, UnixTime, Versions,
    session::{NoSessions, SharedKeys, TicketKey},
};
use std::sync::Arc;

fn resumes(client: &ClientConfig, server: &ServerConfig) -> bool {
    let pair = Pair::ready(client, server);
    assert_eq!(pair.client.summary().is_resumed(), pair.server.summary().is_resumed());
    pair.client.summary().is_resumed()
}

fn key(at: u64) -> Arc<TicketKey> {
    Arc::new(TicketKey::generate(provider(), UnixTime::from_secs(at)).unwrap())
}

#[test]
fn ticket_resumes_on_a_server_without_a_store() {
    let server = server(Kind::P256).sessions(Arc::new(NoSessions)).own_tickets().build().unwrap();
    let with = client().build().unwrap();
    assert!(!resumes(&with, &server));
    for _ in 0..5 {
        assert!(resumes(&with, &server));
    }
    let without = client().no_tickets().build().unwrap();
    for _ in 0..2 {
        assert!(!resumes(&without, &server), "a session ID that is not stored");
    }
}

/// TLS 1.3 resumes by tickets alone.
#[test]
fn client_of_tls_1_3_without_tickets_resumes_nothing() {
    let tls13 = |builder: cairn_tls::ClientConfigBuilder| builder.versions(Versions::Tls13).build().unwrap();
    let server = server(Kind::P256).versions(Versions::Tls13).build().unwrap();
    for (client, expected) in [(tls13(client()), true), (tls13(client().no_tickets()), false)] {
        assert!(!resumes(&client, &server));
        assert_eq!(resumes(&client, &server), expected);
    }
}

#[test]
fn tickets_need_no_store_and_are_off_without_resumption() {
    let client = client().build().unwrap();
    let tickets = server(Kind::P256).no_resumption().own_tickets().build().unwrap();
    assert!(!resumes(&client, &tickets));
    assert!(resumes(&client, &tickets));
    let none = server(Kind::P256).own_tickets().no_resumption().build().unwrap();
    for _ in 0..2 {
        assert!(!resumes(&client, &none));
    }
}

#[test]
fn ticket_resumes_on_servers_that_share_keys_also_after_a_rotation() {
    let first = key(NOW);
    let rings = [(); 2].map(|()| Arc::new(SharedKeys::new([first.clone()])));
    let servers = rings.clone().map(|ring| {
        server(Kind::P256).sessions(Arc::new(NoSessions)).tickets(ring).context_id(b"farm").build().unwrap()
    });
    let client = client().build().unwrap();
    assert!(!resumes(&client, &servers[0]));
    assert!(resumes(&client, &servers[1]));

    // Both servers seal with the new key and still open with the old one. The client gets a new ticket.
    let second = key(NOW + 60);
    for ring in &rings {
        ring.replace([second.clone(), first.clone()]);
    }
    assert!(resumes(&client, &servers[0]));
    // The old key is removed; the new ticket is still accepted.
    for ring in &rings {
        ring.replace([second.clone()]);
    }
    assert!(resumes(&client, &servers[1]));
    // Both keys are removed.
    rings[0].replace([key(NOW + 120)]);
    assert!(!resumes(&client, &servers[0]));
}

#[test]
fn ticket_is_not_accepted_in_another_context() {
    let ring = Arc::new(SharedKeys::new([key(NOW)]));
    let of = |context: &[u8]| server(Kind::P256).tickets(ring.clone()).context_id(context).build().unwrap();
    let client = client().build().unwrap();
    assert!(!resumes(&client, &of(b"a")));
    assert!(!resumes(&client, &of(b"b")));
    assert!(resumes(&client, &of(b"b")));
}

#[test]
fn session_in_a_ticket_expires() {
    let clock = SetClock::new();
    let server = server(Kind::P256).clock(clock.clone()).session_lifetime(100).own_tickets().build().unwrap();
    let client = client().clock(clock.clone()).build().unwrap();
    assert!(!resumes(&client, &server));
    clock.set(NOW + 99);
    assert!(resumes(&client, &server));
    clock.set(NOW + 100);
    assert!(!resumes(&client, &server));
}

#[test]
fn caller_can_seal_and_open_tickets() {
    let config = server(Kind::P256).ask_for_tickets().context_id(b"caller").build().unwrap();
    let client = client().build().unwrap();
    let mut sealed = None;
    for resumed in [false, true] {
        let mut pair = Pair::new(&client, &config);
        pair.run();
        while let Some((id, question)) = pair.server.conn.question() {
            let answer = match question {
                Question::SealTicket(seal) => {
                    sealed = Some(Arc::new(seal.session.clone()));
                    Answer::Ticket(Some(NewTicket { ticket: b"mine".to_vec(), lifetime_hint: 0 }))
                }
                Question::FindSession(_) => {
                    Answer::Session(SessionAnswer { session: sealed.take(), now: UnixTime::from_secs(NOW) })
                }
                other => panic!("{}", other.name()),
            };
            let End { conn, outbox, .. } = &mut pair.server;
            conn.answer(id, answer, outbox).unwrap();
            pair.server.take(&[]);
            pair.run();
        }
        assert!(pair.complete());
        assert_eq!(pair.client.summary().is_resumed(), resumed);
    }
}
