//! 0.5-RTT data: a server may send application data before the client's Finished (RFC 9846 section 2).

use super::pair::{Pair, policies, resuming_policies};
use cairn_crypto::HashAlgorithm;
use cairn_handshake::{ClientAuthentication, ClientPolicy, KnownPsk, ServerPolicy, Session, Tls13Reference};
use cairn_schedule::{Epoch, Gate};
use cairn_wire::HandshakeType as T;
use std::sync::Arc;

const APPLICATION: Epoch = Epoch::Application(0);

/// The server has received ClientHello, and answered.
fn answered(client: ClientPolicy, server: ServerPolicy) -> Pair {
    let mut pair = Pair::new(client, server);
    pair.start();
    pair.pass(&mut |_, _| {});
    assert!(pair.server.sent.contains(&(Epoch::Handshake, T::FINISHED)));
    pair
}

fn check_opens_at_the_end(mut pair: Pair) {
    pair.run();
    pair.check();
    assert_eq!(pair.server.gates[1], Gate::Open { epoch: APPLICATION });
}

#[test]
fn gate_for_data_before_the_clients_finished_is_closed_by_default() {
    let (client, server) = policies();
    let pair = answered(client, server);
    assert_eq!(pair.server.gates, [Gate::Closed; 2]);
    check_opens_at_the_end(pair);
}

#[test]
fn gate_opens_after_the_servers_finished_if_the_policy_permits_it() {
    let (client, mut server) = policies();
    server.tls13.half_rtt_data = true;
    let pair = answered(client, server);
    // Nothing can be received yet.
    assert_eq!(pair.server.gates, [Gate::Closed, Gate::HalfRtt { epoch: APPLICATION }]);
    assert!(!pair.server.machine.is_complete());
    check_opens_at_the_end(pair);
}

/// The answer may depend on who the client is.
#[test]
fn gate_stays_closed_in_a_handshake_that_requests_a_client_certificate() {
    let authorities = Vec::new;
    for authentication in [
        ClientAuthentication::Request { authorities: authorities() },
        ClientAuthentication::Require { authorities: authorities() },
    ] {
        let (client, mut server) = policies();
        server.tls13.half_rtt_data = true;
        server.client_authentication = authentication;
        let pair = answered(client, server);
        assert!(pair.server.sent.contains(&(Epoch::Handshake, T::CERTIFICATE_REQUEST)));
        assert_eq!(pair.server.gates, [Gate::Closed; 2]);
        check_opens_at_the_end(pair);
    }
}

#[test]
fn gate_stays_closed_below_the_security_floor() {
    let (client, mut server) = policies();
    server.tls13.half_rtt_data = true;
    // The group has 128.
    server.floor.bits = 192;
    server.tls12.suites.clear();
    server.tls13.suites.retain(|suite| suite.hash == HashAlgorithm::Sha384);
    let mut pair = Pair::new(client, server);
    pair.start();
    pair.pass(&mut |_, _| {});
    assert_eq!(pair.server.gates, [Gate::Closed; 2]);
    pair.run();
    assert!(pair.server.error.is_some());
}

/// RFC 9846 section 4.7.1: "the server MAY send a NewSessionTicket message at any time after it has received
/// the client Finished message."
#[test]
fn no_ticket_precedes_the_clients_finished() {
    let (client, mut server) = resuming_policies();
    server.tls13.half_rtt_data = true;
    let mut pair = answered(client.clone(), server.clone());
    let tickets =
        |pair: &Pair| pair.server.sent.iter().filter(|(_, of)| *of == T::NEW_SESSION_TICKET).count();
    assert_eq!(tickets(&pair), 0);
    pair.run();
    pair.check();
    assert!(tickets(&pair) > 0);

    // The same in a resumption.
    let mut again = Pair::new(client, server);
    again.client.offers = Some(Arc::new(Session::clone(pair.client.saved.last().unwrap())));
    let known = pair.server.saved.iter().map(|session| {
        let Tls13Reference::Stored(id) = &session.tls13().unwrap().reference else { panic!("a ticket") };
        (id.as_bytes().to_vec(), KnownPsk::Session(Arc::clone(session)))
    });
    again.server.known = known.collect();
    again.start();
    again.pass(&mut |_, _| {});
    assert_eq!((tickets(&again), again.server.gates[1]), (0, Gate::HalfRtt { epoch: APPLICATION }));
    check_opens_at_the_end(again);
}
