//! Cases after a handshake: renegotiations.

//! The modification of a handshake for each kind of error.

use crate::case::{Case, P256};
use crate::support::{
    self, End, NOW, Wire,
    edit::{client_hello, server_hello},
    go_on, mutual_pair, pair, run,
    walk::named_suite,
};
use cairn_crypto::KeySpec;
use cairn_handshake::{CertificateChain, ClientAuthentication, Input, Renegotiation, UnixTime};
use cairn_wire::{AlertDescription as A, CipherSuite, ClientExtension, ExtensionType, ServerExtension};
use std::sync::Arc;

/// A handshake, and then a renegotiation of the client with modified messages.
fn renegotiated(
    suite: &str,
    between: impl FnOnce(&mut End, &mut End),
    mut tamper: impl FnMut(&mut Wire),
) -> (End, End) {
    let (suite, rsa) = (named_suite(suite), KeySpec::Rsa { bits: 2048 });
    let (mut client, mut server) = pair(
        rsa,
        |policy| {
            policy.tls12.renegotiation = Renegotiation::Requested;
            policy.tls12.suites = vec![suite];
        },
        |policy| {
            policy.tls12.renegotiation = Renegotiation::Allowed;
            policy.tls12.suites = vec![suite];
        },
    );
    run(&mut client, &mut server, |_, _| {});
    between(&mut client, &mut server);
    client.step(Input::Renegotiate { now: NOW });
    go_on(&mut client, &mut server, |_, wire| tamper(wire));
    (client, server)
}

const CBC: &str = "TLS_RSA_WITH_AES_128_CBC_SHA";

const GCM: &str = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";

#[rustfmt::skip]
pub(crate) fn cases() -> Vec<Case> {
    Vec::from(cases! {
    WrongRenegotiationInfo, "by a client after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(GCM, |_, _| {}, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::RENEGOTIATION_INFO);
            parts.extensions.push(ClientExtension::RenegotiationInfo(&[1; 12]));
        })).1
    };
    WrongRenegotiationInfo, "none by a client after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(GCM, |_, _| {}, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::RENEGOTIATION_INFO);
        })).1
    };
    WrongRenegotiationInfo, "empty by a client after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(GCM, |_, _| {}, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::RENEGOTIATION_INFO);
            parts.extensions.push(ClientExtension::RenegotiationInfo(&[]));
        })).1
    };
    WrongRenegotiationInfo, "the SCSV too, after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(GCM, |_, _| {}, |wire| client_hello(wire, |parts| {
            parts.suites.push(CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
        })).1
    };
    WrongRenegotiationInfo, "by a server after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(GCM, |_, _| {}, |wire| server_hello(wire, |parts| {
            parts.remove(ExtensionType::RENEGOTIATION_INFO);
            parts.extensions.push(ServerExtension::RenegotiationInfo(&[1; 24]));
        })).0
    };
    WrongRenegotiationInfo, "none by a server after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(GCM, |_, _| {}, |wire| server_hello(wire, |parts| {
            parts.remove(ExtensionType::RENEGOTIATION_INFO);
        })).0
    };
    EncryptThenMacDropped, "by a client after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(CBC, |_, _| {}, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::ENCRYPT_THEN_MAC);
        })).1
    };
    EncryptThenMacDropped, "by a server after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(CBC, |_, _| {}, |wire| server_hello(wire, |parts| {
            parts.remove(ExtensionType::ENCRYPT_THEN_MAC);
        })).0
    };
    ExtendedMasterSecretChanged, "by a client after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(GCM, |_, _| {}, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::EXTENDED_MASTER_SECRET);
        })).1
    };
    ExtendedMasterSecretChanged, "by a server after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(GCM, |_, _| {}, |wire| server_hello(wire, |parts| {
            parts.remove(ExtensionType::EXTENDED_MASTER_SECRET);
        })).0
    };
    ServerNameChanged, "after a handshake", Some(A::ILLEGAL_PARAMETER), || {
        renegotiated(GCM, |_, _| {}, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::SERVER_NAME);
        })).1
    };
    PeerIdentityChanged, "another server certificate after a handshake", Some(A::ILLEGAL_PARAMETER), || {
        renegotiated(GCM, |_, server| {
            let mut other = (**server.credential.as_ref().unwrap()).clone();
            other.chain = CertificateChain::new(&[b"another end entity", b"intermediate"]).unwrap();
            server.credential = Some(Arc::new(other));
        }, |_| {}).0
    };
    PeerIdentityChanged, "another pre-shared key after a handshake", Some(A::ILLEGAL_PARAMETER), || {
        renegotiated("TLS_PSK_WITH_AES_128_GCM_SHA256", |client, server| {
            for end in [client, server] {
                end.psk.as_mut().unwrap().identity = b"another".to_vec();
            }
        }, |_| {}).1
    };
    PeerIdentityChanged, "no client certificate after a handshake", Some(A::ILLEGAL_PARAMETER), || {
        let allow = |renegotiation: &mut Renegotiation| *renegotiation = Renegotiation::Allowed;
        let (mut client, mut server) = mutual_pair(
            P256,
            P256,
            |policy| allow(&mut policy.tls12.renegotiation),
            |policy| {
                allow(&mut policy.tls12.renegotiation);
                policy.client_authentication = ClientAuthentication::Request { authorities: vec![] };
            },
        );
        run(&mut client, &mut server, |_, _| {});
        client.credential = None;
        server.step(Input::Renegotiate { now: NOW });
        go_on(&mut client, &mut server, |_, _| {});
        server
    };
    TooManyHelloRequests, "hellos that are refused after a handshake", Some(A::UNEXPECTED_MESSAGE), || {
        let (mut client, mut server) =
            pair(P256, |policy| policy.tls12.renegotiation = Renegotiation::Requested, |_| {});
        run(&mut client, &mut server, |_, _| {});
        for _ in 0..5 {
            client.step(Input::Renegotiate { now: NOW });
            go_on(&mut client, &mut server, |_, _| {});
        }
        server
    };
    RenegotiationRefused, "of a certificate requested after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        let (mut client, mut server) =
            pair(P256, |_| {}, |policy| policy.tls12.renegotiation = Renegotiation::Requested);
        run(&mut client, &mut server, |_, _| {});
        let mut policy = support::server_policy();
        policy.tls12.renegotiation = Renegotiation::Requested;
        policy.client_authentication = ClientAuthentication::Require { authorities: vec![] };
        server.machine.set_server_policy(policy.into()).unwrap();
        server.step(Input::Renegotiate { now: NOW });
        go_on(&mut client, &mut server, |_, _| {});
        server
    };
    RenegotiationTimedOut, "no answer to a hello after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        let (mut client, mut server) =
            pair(P256, |policy| policy.tls12.renegotiation = Renegotiation::Requested, |_| {});
        run(&mut client, &mut server, |_, _| {});
        client.step(Input::Renegotiate { now: NOW });
        client.step(Input::Time { now: UnixTime::from_secs(NOW.as_secs() + 61) });
        client
    };
    })
}
