//! The number and the duration of renegotiations are limited.

use crate::again::{AGAIN, again, complete, last, misuse};
use crate::support::{NOW, agree, go_on, run, walk::renegotiating_pair};
use cairn_handshake::{HandshakeErrorKind, Input, Misuse, UnixTime};

#[test]
fn number_of_renegotiations_is_limited() {
    let limit = 3;
    for by_client in [true, false] {
        let (mut client, mut server) = renegotiating_pair(
            |p| p.tls12.renegotiation_limits.max_renegotiations = limit,
            |p| p.tls12.renegotiation_limits.max_renegotiations = limit,
        );
        run(&mut client, &mut server, |_, _| {});
        for _ in 0..limit {
            again(&mut client, &mut server, by_client);
            assert!(agree(&client, &server));
        }
        let asker = if by_client { &mut client } else { &mut server };
        assert_eq!(misuse(asker), Misuse::TooManyRenegotiations { limit });
    }
    // A request beyond the limit is refused as if renegotiation were not permitted.
    let (mut client, mut server) =
        renegotiating_pair(|_| {}, |p| p.tls12.renegotiation_limits.max_renegotiations = 1);
    run(&mut client, &mut server, |_, _| {});
    again(&mut client, &mut server, true);
    let before = last(&server);
    again(&mut client, &mut server, true);
    assert_eq!(client.log.last().unwrap(), "renegotiation refused");
    assert_eq!(last(&server), before);
}

#[test]
fn server_sends_one_hello_request_at_a_time() {
    let (mut client, mut server) = complete();
    server.step(AGAIN);
    server.step(AGAIN);
    assert_eq!(server.out.len(), 1);
    go_on(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server) && server.machine.renegotiations() == 1);
    // A client that has already sent ClientHello ignores the request.
    client.step(AGAIN);
    server.step(AGAIN);
    go_on(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
    assert_eq!((client.machine.renegotiations(), server.machine.renegotiations()), (2, 2));
}

#[test]
fn duration_of_a_renegotiation_is_limited() {
    let at = |seconds| Input::Time { now: UnixTime::from_secs(NOW.as_secs() + seconds) };
    // A client may ignore HelloRequest (RFC 5246 section 7.4.1.1). That counts as a refusal, and the
    // connection continues.
    let (mut client, mut server) = complete();
    server.step(AGAIN);
    server.step(at(60));
    assert!(server.machine.is_renegotiating());
    server.step(at(61));
    assert_eq!((server.log.last().unwrap().as_str(), server.kind()), ("renegotiation refused", None));
    assert!(!server.machine.is_renegotiating());
    server.out.clear();
    // A handshake in progress ends the connection.
    server.machine.set_time(NOW);
    client.step(AGAIN);
    let hello = core::mem::take(&mut client.out);
    hello.iter().for_each(|wire| server.receive(wire));
    for end in [&mut client, &mut server] {
        end.step(at(60));
        assert!(end.machine.is_renegotiating());
        end.step(at(61));
        assert_eq!(end.kind(), Some(HandshakeErrorKind::RenegotiationTimedOut { limit: 60 }));
    }
    // The next renegotiation has its own time limit; without one, the time has no effect.
    let (mut client, mut server) = complete();
    again(&mut client, &mut server, true);
    client.step(at(1000));
    client.step(Input::Renegotiate { now: UnixTime::from_secs(NOW.as_secs() + 1000) });
    client.step(at(1060));
    assert!(client.machine.is_renegotiating());
    go_on(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
}
