//! The extensions of a ServerHello.

use crate::support::{
    End,
    edit::{self, body_of, client_hello},
    run,
};
use cairn_wire::{Decode, ExtensionType as X, HandshakeType, ServerHello};

/// The types of a ServerHello's extensions.
pub(crate) fn types(body: &[u8]) -> Vec<X> {
    let hello = ServerHello::decode_exact(body).unwrap();
    hello.extensions.iter().flat_map(|extensions| extensions.types()).collect()
}

/// Runs a handshake with a modified ClientHello, and returns the extensions of ServerHello.
pub(crate) fn answered(
    edit: impl for<'a> Fn(&mut edit::ClientParts<'a>),
    (mut client, mut server): (End, End),
) -> Vec<X> {
    let mut found = None;
    run(&mut client, &mut server, |_, wire| {
        client_hello(wire, &edit);
        found = body_of(wire, HandshakeType::SERVER_HELLO).map(|body| types(&body)).or(found.take());
    });
    found.unwrap_or_else(|| panic!("no ServerHello: {:?}", server.log))
}
