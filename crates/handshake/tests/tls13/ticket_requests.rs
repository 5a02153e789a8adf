//! ticket_request (RFC 9149 section 3).

use crate::{
    outcome::{MISPLACED, illegal, receiving, unsolicited},
    support::{End, Wire, edit, raw, run, tls13_mutual_pair, tls13_ticket_pair},
};
use cairn_crypto::KeySpec::EcP256;
use cairn_handshake::{ClientPolicy, HandshakeErrorKind as Kind, ServerPolicy};
use cairn_schedule::Side;
use cairn_wire::{ClientTicketRequest, ExtensionMessage, ExtensionType as X, HandshakeType as H, NamedGroup};

/// A client that requests three tickets for a new session, and five for a resumed one.
fn requesting(client: &mut ClientPolicy) {
    client.tls13.ticket_request = Some(ClientTicketRequest { new_session_count: 3, resumption_count: 5 });
}

fn retried(client: &mut ClientPolicy) {
    client.tls13.key_shares = vec![NamedGroup::X25519];
}

fn retries(server: &mut ServerPolicy) {
    server.groups = vec![NamedGroup::SECP256R1];
}

/// The ticket_request of EncryptedExtensions, and the number of tickets that follow.
fn announced((mut client, mut server): (End, End)) -> (Option<Vec<u8>>, usize) {
    let (mut found, mut tickets) = (None, 0);
    run(&mut client, &mut server, |_, wire| {
        raw::encrypted_extensions(wire, |extensions| {
            found = extensions.get(X::TICKET_REQUEST).map(<[u8]>::to_vec);
        });
        tickets += usize::from(edit::body_of(wire, H::NEW_SESSION_TICKET).is_some());
    });
    assert_eq!((client.kind(), server.kind()), (None, None));
    (found, tickets)
}

/// "A server that supports and uses a client "ticket_request" extension MUST also send the "ticket_request"
/// extension in the EncryptedExtensions message."
#[test]
fn server_announces_the_number_of_tickets_that_it_sends() {
    assert_eq!(announced(tls13_ticket_pair(requesting, |_| {})), (Some(vec![3]), 3));
    // Its own limit applies.
    let limited = |server: &mut ServerPolicy| server.tls13.tickets.max_requested = 2;
    assert_eq!(announced(tls13_ticket_pair(requesting, limited)), (Some(vec![2]), 2));
    // A client that has not asked is told nothing.
    assert_eq!(announced(tls13_ticket_pair(|_| {}, |_| {})), (None, 2));
    // Nor does a server that issues no tickets use the extension.
    let none = |server: &mut ServerPolicy| server.resumption = None;
    assert_eq!(announced(tls13_ticket_pair(requesting, none)), (None, 0));
}

/// "A client MUST abort the connection with an "illegal_parameter" alert if the "ticket_request" extension is
/// present in any server handshake message": in any but EncryptedExtensions.
#[test]
fn ticket_request_elsewhere_is_illegal_parameter() {
    let pair = || tls13_ticket_pair(requesting, |_| {});
    let client = receiving(Side::Client, pair(), |wire| {
        raw::server_hello(wire, |hello| hello.extensions.add(X::TICKET_REQUEST, &[1]));
    });
    MISPLACED.check(&client, "ServerHello");
    let again = || {
        let both = |client: &mut ClientPolicy| {
            requesting(client);
            retried(client);
        };
        tls13_ticket_pair(both, retries)
    };
    let client = receiving(Side::Client, again(), |wire| {
        raw::hello_retry_request(wire, |hello| hello.extensions.add(X::TICKET_REQUEST, &[1]));
    });
    MISPLACED.check(&client, "HelloRetryRequest");
    let client = receiving(Side::Client, pair(), |wire| {
        raw::certificate(wire, |message| message.entries[0].1.add(X::TICKET_REQUEST, &[1]));
    });
    MISPLACED.check(&client, "Certificate");
    let client = receiving(Side::Client, tls13_mutual_pair(EcP256, |_| {}, |_| {}), |wire| {
        raw::certificate_request(wire, |request| request.extensions.add(X::TICKET_REQUEST, &[1]));
    });
    MISPLACED.check(&client, "CertificateRequest");
    // An answer without a request is refused as any other.
    let client = receiving(Side::Client, tls13_ticket_pair(|_| {}, |_| {}), |wire| {
        raw::encrypted_extensions(wire, |extensions| extensions.add(X::TICKET_REQUEST, &[1]));
    });
    unsolicited(X::TICKET_REQUEST, ExtensionMessage::EncryptedExtensions)
        .check(&client, "EncryptedExtensions");
}

/// "If a client receives a HelloRetryRequest, the presence (or absence) of the "ticket_request" extension
/// MUST be maintained in the second ClientHello message", and so must its value.
#[test]
fn second_client_hello_has_the_same_ticket_request() {
    for requests in [true, false] {
        let policy = |client: &mut ClientPolicy| {
            retried(client);
            if requests {
                requesting(client);
            }
        };
        let mut found = Vec::new();
        let mut see = |wire: &mut Wire| {
            raw::client_hello(wire, |hello| {
                found.push(hello.extensions.get(X::TICKET_REQUEST).map(<[u8]>::to_vec));
            });
        };
        let server = receiving(Side::Server, tls13_ticket_pair(policy, retries), &mut see);
        assert_eq!(server.kind(), None);
        assert_eq!(found, [requests.then(|| vec![3, 5]), requests.then(|| vec![3, 5])]);
        // A server refuses anything else.
        type Change = fn(&mut raw::ClientHello);
        let changes: &[Change] = if requests {
            &[
                |hello| hello.extensions.remove(X::TICKET_REQUEST),
                |hello| hello.extensions.get_mut(X::TICKET_REQUEST)[0] += 1,
                |hello| hello.extensions.get_mut(X::TICKET_REQUEST)[1] += 1,
            ]
        } else {
            &[|hello| hello.extensions.0.insert(0, (X::TICKET_REQUEST.0, vec![1, 1]))]
        };
        for change in changes {
            let mut hellos = 0;
            let server = receiving(Side::Server, tls13_ticket_pair(policy, retries), |wire| {
                raw::client_hello(wire, |hello| {
                    hellos += 1;
                    if hellos == 2 {
                        change(hello);
                    }
                });
            });
            illegal(Kind::ClientHelloChanged).check(&server, "a changed ticket_request");
        }
    }
}
