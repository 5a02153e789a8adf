//! Pairs that renegotiate.

use crate::support::{End, NOW, agree, go_on, run, walk::renegotiating_pair};
use cairn_handshake::{Flight, Input, Misuse};

pub(crate) const AGAIN: Input<'static> = Input::Renegotiate { now: NOW };

pub(crate) fn complete() -> (End, End) {
    let (mut client, mut server) = renegotiating_pair(|_| {}, |_| {});
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
    (client, server)
}

/// One side requests a renegotiation, and both perform it.
pub(crate) fn again(client: &mut End, server: &mut End, by_client: bool) {
    if by_client {
        client.step(AGAIN);
    } else {
        server.step(AGAIN);
    }
    go_on(client, server, |_, _| {});
}

/// Both verify_data of the last complete handshake.
pub(crate) fn last(end: &End) -> Vec<u8> {
    let (client, server) = end.machine.verify_data().unwrap();
    [*client.as_bytes(), *server.as_bytes()].concat()
}

pub(crate) fn misuse(end: &mut End) -> Misuse {
    end.machine.step(AGAIN, &mut Flight::new()).unwrap_err()
}
