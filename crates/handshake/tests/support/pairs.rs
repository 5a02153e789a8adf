//! Clients and servers with compatible policies, and the delivery of their messages.

use super::{
    end::{End, Wire},
    settings::{OCSP_RESPONSE, TIMESTAMPS, client_policy, credential, server_policy},
};
use cairn_crypto::{HashAlgorithm, KeySpec};
use cairn_handshake::{
    ClientAuthentication, ClientPolicy, Credential, Endpoint, ExternalPskUse, Machine, OfferedPsk, Policy,
    ServerPolicy, Session, Stapled,
};
use cairn_schedule::tls13::Psk;
use cairn_wire::NamedGroup;
use std::sync::Arc;

/// Delivers messages in both directions until both sides are silent. `tamper` sees each message before it
/// arrives.
pub fn run(client: &mut End, server: &mut End, tamper: impl FnMut(bool, &mut Wire)) {
    server.start();
    client.start();
    go_on(client, server, tamper);
}

/// As [`run`], with sides that are started.
pub fn go_on(client: &mut End, server: &mut End, mut tamper: impl FnMut(bool, &mut Wire)) {
    loop {
        let (from_client, mut wire) = match (client.out.pop_front(), server.out.front()) {
            (Some(wire), _) => (true, wire),
            (None, Some(_)) => (false, server.out.pop_front().unwrap()),
            (None, None) => return,
        };
        tamper(from_client, &mut wire);
        let to = if from_client { &mut *server } else { &mut *client };
        if to.error().is_none() {
            to.receive(&wire);
        }
    }
}

/// A client and a server with compatible policies.
pub fn pair(
    spec: KeySpec,
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    let (mut client_policy, mut server_policy) = (client_policy(), server_policy());
    client(&mut client_policy);
    server(&mut server_policy);
    let (credential, public) = credential(spec);
    let endpoint = Endpoint { host: b"cairn.example"[..].into(), port: None };
    let mut client =
        End::new(Machine::client(Arc::new(client_policy), Some("cairn.example".into()), Some(endpoint)));
    let mut server = End::new(Machine::server(Arc::new(server_policy)));
    client.peer_key = Some(public);
    server.credential = Some(credential);
    (client, server)
}

/// The two sessions of a full handshake: the client's and the server's.
pub fn sessions() -> (Box<Session>, Box<Session>) {
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    run(&mut client, &mut server, |_, _| {});
    (client.saved.unwrap(), server.saved.unwrap())
}

/// A client and a server that can resume a session.
pub fn resuming_pair(
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    let (ours, theirs) = sessions();
    let (mut client, mut server) = pair(KeySpec::EcP256, client, server);
    client.session = Some(ours);
    server.session = Some(theirs);
    (client, server)
}

/// A client and a server that use tickets. If `resumed`, they have the session and ticket of an earlier
/// handshake.
pub fn ticket_pair(resumed: bool) -> (End, End) {
    let new = || {
        pair(
            KeySpec::EcP256,
            |client| client.resumption.as_mut().unwrap().tickets = true,
            |server| server.resumption.as_mut().unwrap().tickets = true,
        )
    };
    let (mut client, mut server) = new();
    if resumed {
        run(&mut client, &mut server, |_, _| {});
        let (ours, theirs) = (client.saved, server.sealed);
        (client, server) = new();
        client.session = ours;
        server.session = theirs;
    }
    (client, server)
}

/// A pair with client authentication, both with credentials of these kinds.
pub fn mutual_pair(
    spec: KeySpec,
    client_spec: KeySpec,
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    let (mut client, mut server) = pair(spec, client, |policy| {
        policy.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
        server(policy);
    });
    let (own, public) = credential(client_spec);
    client.credential = Some(own);
    server.peer_key = Some(public);
    (client, server)
}

/// Gives a server something to staple.
pub fn staple(server: &mut End) {
    let credential = server.credential.take().unwrap();
    let stapled = Stapled {
        ocsp_response: Some(OCSP_RESPONSE.to_vec()),
        signed_certificate_timestamps: TIMESTAMPS.map(<[u8]>::to_vec).to_vec(),
    };
    server.credential = Some(Arc::new(Credential::clone(&credential).with_stapled(stapled)));
}

/// A client and a server that speak TLS 1.3, and TLS 1.2 with peers that do not.
pub fn tls13_pair(
    spec: KeySpec,
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    let add_to_client = |policy: &mut ClientPolicy| {
        *policy = policy.clone().with_tls13(Policy::Modern);
        client(policy);
    };
    let add_to_server = |policy: &mut ServerPolicy| {
        *policy = policy.clone().with_tls13(Policy::Modern);
        server(policy);
    };
    pair(spec, add_to_client, add_to_server)
}

/// As [`tls13_pair`], with tickets.
pub fn tls13_ticket_pair(
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    tls13_pair(
        KeySpec::EcP256,
        |policy| {
            policy.resumption.as_mut().unwrap().tickets = true;
            client(policy);
        },
        |policy| {
            policy.resumption.as_mut().unwrap().tickets = true;
            server(policy);
        },
    )
}

/// A client and a server that have the session of a TLS 1.3 ticket.
pub fn tls13_resuming_pair(
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    let (mut first, mut other) = tls13_ticket_pair(|_| {}, |_| {});
    run(&mut first, &mut other, |_, _| {});
    let (mut client, mut server) = tls13_ticket_pair(client, server);
    (client.session, server.session) = (first.saved, other.sealed);
    (client, server)
}

/// A client and a server with an external PSK of TLS 1.3.
pub fn external_psk_pair(
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    let psk = Psk::external(vec![7; 32].into(), HashAlgorithm::Sha256).unwrap();
    let offered = OfferedPsk { identity: b"identity".to_vec(), psk: psk.clone() };
    let (client, mut server) = tls13_pair(
        KeySpec::EcP256,
        |policy| {
            policy.tls13.external_psks = vec![offered];
            client(policy);
        },
        |policy| {
            policy.tls13.external_psks = true;
            server(policy);
        },
    );
    server.external_psk = Some(psk);
    (client, server)
}

/// As [`external_psk_pair`], with certificates too (RFC 8773).
pub fn certificate_with_psk_pair(
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    external_psk_pair(
        |policy| {
            policy.tls13.external_psk_use = ExternalPskUse::WithCertificate;
            policy.tls12.suites.clear();
            policy.resumption = None;
            client(policy);
        },
        |policy| {
            policy.tls13.external_psk_use = ExternalPskUse::WithCertificate;
            server(policy);
        },
    )
}

/// As [`mutual_pair`], with TLS 1.3.
pub fn tls13_mutual_pair(
    client_spec: KeySpec,
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    let (mut client, mut server) = tls13_pair(KeySpec::EcP256, client, |policy| {
        policy.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
        server(policy);
    });
    let (own, public) = credential(client_spec);
    client.credential = Some(own);
    server.peer_key = Some(public);
    (client, server)
}

/// As [`tls13_mutual_pair`], with requests for a certificate only after the handshake.
pub fn later_pair(
    client_spec: KeySpec,
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    tls13_mutual_pair(
        client_spec,
        |policy| {
            policy.tls13.post_handshake_auth = true;
            client(policy);
        },
        |policy| {
            policy.client_authentication = ClientAuthentication::None;
            let later = ClientAuthentication::Request { authorities: Vec::new() };
            policy.tls13.post_handshake_authentication = later;
            server(policy);
        },
    )
}

/// As [`tls13_pair`], with a client that has no share for the server's group.
pub fn retried_pair(
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    tls13_pair(
        KeySpec::EcP256,
        |policy| {
            policy.tls13.key_shares = vec![NamedGroup::X25519];
            client(policy);
        },
        |policy| {
            policy.groups = vec![NamedGroup::SECP256R1];
            server(policy);
        },
    )
}
