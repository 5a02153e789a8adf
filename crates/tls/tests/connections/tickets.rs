//! Session tickets (RFC 5077), with keys of one's own, keys that servers share, and keys that the caller has.

use crate::support::{End, Kind, NOW, Pair, SetClock, client, provider, server};
use cairn_tls::{
    Answer, ClientConfig, NewTicket, Question, ServerConfig, SessionAnswer, UnixTime,
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
fn a_ticket_resumes_where_the_server_keeps_nothing() {
    let server = server(Kind::P256).sessions(Arc::new(NoSessions)).own_tickets().build().unwrap();
    let with = client().build().unwrap();
    assert!(!resumes(&with, &server));
    for _ in 0..5 {
        assert!(resumes(&with, &server));
    }
    let without = client().no_tickets().build().unwrap();
    for _ in 0..2 {
        assert!(!resumes(&without, &server), "an ID that nobody keeps");
    }
}

#[test]
fn tickets_need_no_store_and_no_resumption_means_no_tickets_either() {
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
fn a_ticket_of_one_server_resumes_on_another_that_shares_its_keys_through_a_rotation() {
    let first = key(NOW);
    let rings = [(); 2].map(|()| Arc::new(SharedKeys::new([first.clone()])));
    let servers = rings.clone().map(|ring| {
        server(Kind::P256).sessions(Arc::new(NoSessions)).tickets(ring).context_id(b"farm").build().unwrap()
    });
    let client = client().build().unwrap();
    assert!(!resumes(&client, &servers[0]));
    assert!(resumes(&client, &servers[1]));

    // Both take the new key to seal with and keep the old one to open with: the client is given a new ticket.
    let second = key(NOW + 60);
    for ring in &rings {
        ring.replace([second.clone(), first.clone()]);
    }
    assert!(resumes(&client, &servers[0]));
    // The old key goes; the new ticket stays good.
    for ring in &rings {
        ring.replace([second.clone()]);
    }
    assert!(resumes(&client, &servers[1]));
    // Both keys go.
    rings[0].replace([key(NOW + 120)]);
    assert!(!resumes(&client, &servers[0]));
}

#[test]
fn servers_that_differ_in_context_do_not_take_each_others_tickets() {
    let ring = Arc::new(SharedKeys::new([key(NOW)]));
    let of = |context: &[u8]| server(Kind::P256).tickets(ring.clone()).context_id(context).build().unwrap();
    let client = client().build().unwrap();
    assert!(!resumes(&client, &of(b"a")));
    assert!(!resumes(&client, &of(b"b")));
    assert!(resumes(&client, &of(b"b")));
}

#[test]
fn a_session_under_a_ticket_grows_old_too() {
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
fn tickets_can_be_the_callers() {
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
