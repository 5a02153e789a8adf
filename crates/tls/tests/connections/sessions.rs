//! Resumption: which sessions are resumed, and which never are.

use crate::support::{
    Forger, Kind, NOW, Pair, Secrets, SetClock, client, client_identity, modern, provider, roots, server,
};
use cairn_tls::{
    ClientConfig, Connection, Direction, Epoch, NotResumed, ServerConfig, ServerName, Side, Trace, Traced,
    session::{ClientCache, ServerCache},
};
use std::sync::{Arc, Mutex};

fn resumes(client: &ClientConfig, server: &ServerConfig) -> bool {
    let pair = Pair::ready(client, server);
    assert_eq!(pair.client.summary().is_resumed(), pair.server.summary().is_resumed());
    pair.client.summary().is_resumed()
}

#[test]
fn session_is_resumed_repeatedly() {
    let (client, server) = (client().build().unwrap(), server(Kind::P256).build().unwrap());
    assert!(!resumes(&client, &server));
    for _ in 0..9 {
        assert!(resumes(&client, &server));
    }
}

#[test]
fn session_is_shared_by_concurrent_connections() {
    let (client, server) = (client().build().unwrap(), server(Kind::P256).build().unwrap());
    assert!(!resumes(&client, &server));
    let mut pairs: Vec<Pair> = (0..5).map(|_| Pair::new(&client, &server)).collect();
    for pair in &mut pairs {
        pair.run();
    }
    for (i, pair) in pairs.iter_mut().enumerate() {
        assert!(pair.complete() && pair.client.summary().is_resumed());
        pair.client.write(&[i as u8]);
        pair.run();
        assert_eq!(pair.server.data, [i as u8]);
    }
}

#[test]
fn resumption_is_optional_for_both_sides() {
    for (client, server) in
        [(client().no_resumption(), server(Kind::P256)), (client(), server(Kind::P256).no_resumption())]
    {
        let (client, server) = (client.build().unwrap(), server.build().unwrap());
        for _ in 0..2 {
            assert!(!resumes(&client, &server));
        }
    }
    // A server that does not store sessions sends an empty session ID.
    let server = server(Kind::P256).no_resumption().build().unwrap();
    assert!(
        Pair::ready(&client().build().unwrap(), &server)
            .client
            .summary()
            .tls12()
            .unwrap()
            .session_id
            .is_empty()
    );
}

#[test]
fn unknown_session_leads_to_a_full_handshake_and_a_new_session() {
    let client = client().build().unwrap();
    assert!(!resumes(&client, &server(Kind::P256).build().unwrap()));
    let other = server(Kind::P256).build().unwrap();
    assert!(!resumes(&client, &other));
    assert!(resumes(&client, &other));
}

/// Records why sessions were not resumed.
#[derive(Default)]
struct Reasons(Mutex<Vec<NotResumed>>);

impl Trace for Reasons {
    fn trace(&self, _: Direction, _: Epoch, _: Traced<'_>) {}

    fn not_resumed(&self, reason: NotResumed) {
        self.0.lock().unwrap().push(reason);
    }
}

#[test]
fn a_trace_states_why_a_session_is_not_resumed() {
    let client = client().build().unwrap();
    let (first, other) = (server(Kind::P256).build().unwrap(), server(Kind::P256).build().unwrap());
    let reasons = |server: &ServerConfig| {
        let mut pair = Pair::new(&client, server);
        let ends = [Arc::new(Reasons::default()), Arc::new(Reasons::default())];
        let traces = ends.clone().map(|end| -> Arc<dyn Trace> { end });
        pair.client.conn.set_trace(&traces[0]);
        pair.server.conn.set_trace(&traces[1]);
        pair.run();
        assert!(pair.complete());
        ends.map(|end| end.0.lock().unwrap().clone())
    };
    // No session, an offered one that the server does not know, and a resumption.
    assert_eq!(reasons(&first), [vec![], vec![]]);
    assert_eq!(reasons(&other), [vec![NotResumed::DeclinedByServer], vec![NotResumed::NotFound]]);
    assert_eq!(reasons(&other), [vec![], vec![]]);
}

#[test]
fn resumption_does_not_extend_a_sessions_lifetime() {
    let (client_clock, server_clock) = (SetClock::new(), SetClock::new());
    let client = client().clock(client_clock.clone()).session_lifetime(100).build().unwrap();
    let server = server(Kind::P256).clock(server_clock.clone()).session_lifetime(200).build().unwrap();
    let go = |at| {
        client_clock.set(NOW + at);
        server_clock.set(NOW + at);
    };
    assert!(!resumes(&client, &server));
    go(60);
    assert!(resumes(&client, &server));
    go(99);
    assert!(resumes(&client, &server));
    go(100);
    assert!(!resumes(&client, &server), "the client lets go");
    // The server enforces its own limit: the client's clock has not advanced.
    server_clock.set(NOW + 299);
    assert!(resumes(&client, &server));
    server_clock.set(NOW + 300);
    assert!(!resumes(&client, &server), "the server lets go");
    // After the clock was set back, sessions from the future are not resumed.
    go(0);
    assert!(!resumes(&client, &server));
}

#[test]
fn sessions_never_cross_names() {
    let client = client().build().unwrap();
    let server = server(Kind::P256).build().unwrap();
    let mut resumed = Vec::new();
    for name in ["a.wild.test", "b.wild.test", "A.WILD.TEST", "server.test", "a.wild.test"] {
        let name = ServerName::parse(name).unwrap();
        let mut pair = Pair::of(Connection::client(&client, name), Connection::server(&server));
        pair.run();
        resumed.push(pair.client.summary().is_resumed());
    }
    assert_eq!(resumed, [false, false, true, false, true]);
}

#[test]
fn sessions_never_cross_a_clients_configurations() {
    // One store, and two configurations of which only one would accept the server.
    let store = Arc::new(ClientCache::new(16));
    let careless = crate::support::tls12_client(provider().clone()).danger_accept_any_certificate();
    let careless = careless.clock(SetClock::new()).sessions(store.clone()).build().unwrap();
    let careful = client().sessions(store.clone()).build().unwrap();
    let server = server(Kind::P256).build().unwrap();
    assert!(!resumes(&careless, &server));
    assert!(!resumes(&careful, &server));
    assert!(resumes(&careless, &server) && resumes(&careful, &server));
    assert!(resumes(&careful.clone(), &server), "a clone is the same configuration");
    assert_eq!(store.len(), 2);
}

#[test]
fn sessions_never_cross_a_servers_contexts() {
    let store = Arc::new(ServerCache::new(16));
    let of = |context: &[u8]| server(Kind::P256).sessions(store.clone()).context_id(context).build().unwrap();
    let (a, b) = (of(b"a"), of(b"b"));
    let client = client().build().unwrap();
    assert!(!resumes(&client, &a));
    assert!(!resumes(&client, &b));
    assert!(resumes(&client, &of(b"b")));
}

#[test]
fn unauthenticated_session_does_not_satisfy_required_client_authentication() {
    let store = Arc::new(ServerCache::new(16));
    let open = server(Kind::P256).sessions(store.clone()).context_id(b"x").build().unwrap();
    let strict = server(Kind::P256).sessions(store.clone()).context_id(b"x");
    let strict = strict.require_client_certificates(roots()).build().unwrap();
    let identity = client_identity(Kind::P256);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let client = client().credential(&chain, identity.signing_key().clone()).unwrap().build().unwrap();
    assert!(!resumes(&client, &open));
    assert!(!resumes(&client, &strict));
    let pair = Pair::ready(&client, &strict);
    assert!(pair.server.summary().is_resumed() && pair.server.summary().peer_chain.is_some());
    assert!(!resumes(&client, &open), "nor vice versa: no certificate is requested here");
}

#[test]
fn fatal_alert_invalidates_the_session_on_both_sides() {
    let log = Arc::new(Secrets::default());
    let client = client().key_log(log.clone()).build().unwrap();
    let server = server(Kind::P256).build().unwrap();
    assert!(!resumes(&client, &server));
    assert!(resumes(&client, &server));
    // A record that fails authentication: the server removes the session and sends an alert, and the client
    // removes it too.
    let (mut pair, _) = Forger::watch(&client, &server, &log);
    assert!(pair.client.summary().is_resumed());
    pair.client.write(b"data");
    *pair.client.outbox.last_mut().unwrap() ^= 1;
    pair.run();
    assert!(pair.client.error.is_some() && pair.server.error.is_some());
    assert!(!resumes(&client, &server));
    assert!(resumes(&client, &server));

    // An alert of the peer: the receiver removes the session.
    let (mut pair, forger) = Forger::watch(&client, &server, &log);
    pair.client.take(&forger.record(Side::Server, 1, 21, &[2, 80]));
    assert!(!resumes(&client, &server));
}

#[test]
fn truncation_and_orderly_end_do_not_invalidate_the_session() {
    let (client, server) = (client().build().unwrap(), server(Kind::P256).build().unwrap());
    let mut pair = Pair::ready(&client, &server);
    assert!(pair.client.conn.transport_ended().is_err() && pair.server.conn.transport_ended().is_err());
    let mut pair = Pair::ready(&client, &server);
    assert!(pair.client.summary().is_resumed());
    pair.client.close();
    pair.run();
    assert!(resumes(&client, &server));
}

#[test]
fn failed_resumption_invalidates_the_session() {
    let (client, server) = (client().build().unwrap(), server(Kind::P256).build().unwrap());
    assert!(!resumes(&client, &server));
    let mut pair = Pair::new(&client, &server);
    // The server's Finished: hello, ChangeCipherSpec, Finished.
    pair.run_through(|side, number, mut record| {
        if (side, number) == (Side::Server, 2) {
            *record.last_mut().unwrap() ^= 1;
        }
        record
    });
    assert!(pair.client.error.is_some() && pair.server.error.is_some());
    assert!(!resumes(&client, &server));
}

#[test]
fn session_with_a_disabled_suite_leads_to_a_full_handshake() {
    let store = Arc::new(ServerCache::new(16));
    let all = server(Kind::P256).sessions(store.clone()).build().unwrap();
    let client = client().build().unwrap();
    assert!(!resumes(&client, &all));
    let used = Pair::ready(&client, &all).client.summary().suite().id();
    let rest: Vec<_> = modern().iter().map(|suite| suite.id).filter(|id| *id != used).collect();
    let other = server(Kind::P256).sessions(store).suites(&rest).unwrap().build().unwrap();
    assert!(!resumes(&client, &other));
}

#[test]
fn each_resumption_has_new_keys() {
    let log = Arc::new(Secrets::default());
    let client = client().key_log(log.clone()).build().unwrap();
    let server = server(Kind::P256).build().unwrap();
    let mut exported = Vec::new();
    for _ in 0..3 {
        let pair = Pair::ready(&client, &server);
        let mut out = [0; 32];
        pair.client.conn.reader().export_keying_material(b"EXPORTER-test", None, &mut out).unwrap();
        exported.push(out);
    }
    assert!(exported[0] != exported[1] && exported[1] != exported[2]);
    let log = log.lines();
    assert_eq!(log[0].secret, log[1].secret, "of the same master secret");
}
