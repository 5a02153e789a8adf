//! The scope of sessions: an endpoint, the names in a server's certificates, a context, and proof of the
//! session's keys.

use super::{
    bare_client, bare_server,
    keeper::{Keeper, RESUMED, server_finds},
    keepers, showing, with_certificate,
};
use crate::support::{
    End, Kind, LATER, Pair, authority, client, client_identity, name, roots, server, server_provider,
};
use cairn_crypto::KeySpec;
use cairn_tls::{
    ClientAuthentication, Connection, NotResumed, Renegotiation, ServerConfigBuilder, ServerName,
    x509::issue::Template,
};

#[test]
fn session_is_offered_to_one_host_and_port_only() {
    let host = |name: &str| ServerName::parse(name).unwrap();
    let identity = Template::server("server").dns("server.test").dns("other.test").valid(0, LATER);
    let identity = identity.ip("192.0.2.1".parse().unwrap()).ip("192.0.2.2".parse().unwrap());
    let identity = identity.ip("2001:db8::1".parse().unwrap());
    let identity = identity.issue(server_provider(), KeySpec::EcP256, authority()).unwrap();
    for mut keeper in keepers() {
        let client = keeper.client(client());
        let server = keeper.server(showing(bare_server(), &identity));
        let endpoints = [
            (host("192.0.2.1"), None),
            (host("192.0.2.2"), None),
            (host("192.0.2.2"), Some(443)),
            (host("192.0.2.2"), Some(853)),
            (host("2001:db8::1"), None),
            (host("2001:db8::1"), Some(443)),
            (host("server.test"), None),
            (host("server.test"), Some(443)),
            (host("server.test"), Some(8443)),
            (host("other.test"), Some(443)),
        ];
        for (name, port) in endpoints {
            let to = cairn_tls::ServerEndpoint { name, port };
            for resumed in [false, true] {
                let pair = keeper.connect_to(to.clone(), &client, &server);
                assert!(pair.complete(), "{}: {}", keeper.what, pair.client.fault());
                assert_eq!(pair.client.summary().is_resumed(), resumed, "{}: {to:?}", keeper.what);
            }
        }
    }
}

#[test]
fn server_resumes_no_session_for_a_name_without_a_certificate() {
    let issue = |names: &[&str]| {
        let template = names.iter().fold(Template::server("server"), |template, name| template.dns(name));
        template.valid(0, LATER).issue(server_provider(), KeySpec::EcP256, authority()).unwrap()
    };
    let (both, one, other) =
        (issue(&["server.test", "other.test"]), issue(&["server.test"]), issue(&["other.test"]));
    for context in [None, Some(b"same")] {
        for mut keeper in keepers() {
            let named = |builder: ServerConfigBuilder| match context {
                Some(id) => builder.context_id(id),
                None => builder,
            };
            let client = keeper.client(client());
            let has = keeper.server(named(showing(bare_server(), &one)));
            let has_not = keeper.server(named(showing(bare_server(), &other)));
            assert!(keeper.connect(&client, &has).complete());
            let pair = keeper.connect(&client, &has_not);
            assert!(pair.client.fault().contains("NameMismatch"), "{}: {}", keeper.what, pair.client.fault());
            // A client without server_name gets the first certificate, so their order matters.
            let first = keeper.server(named(showing(showing(bare_server(), &one), &other)));
            let second = keeper.server(named(showing(showing(bare_server(), &other), &one)));
            let outcome = keeper.outcome((&client, &first), (&client, &second));
            assert_eq!(outcome, server_finds(NotResumed::OtherContext), "{}", keeper.what);
            let third = keeper.server(named(showing(bare_server(), &both)));
            assert_eq!(
                keeper.again(&client, &third),
                server_finds(NotResumed::OtherContext),
                "{}",
                keeper.what
            );
        }
    }
}

#[test]
fn session_verified_by_the_caller_is_resumed_elsewhere_only_in_a_named_context() {
    for mut keeper in keepers() {
        let asks = || bare_client().ask_for_verification();
        let (one, other) = (keeper.client(asks()), keeper.client(asks()));
        let server = keeper.server(server(Kind::P256));
        let passed_over = keeper.client_passes_over(NotResumed::OtherVerification);
        assert_eq!(keeper.outcome((&one, &server), (&other, &server)), passed_over, "{}", keeper.what);
        assert_eq!(keeper.again(&other, &server), RESUMED, "{}", keeper.what);
        // The changed configuration has another context or another verifier.
        let varied = other.with_context_id(b"mine").unwrap();
        assert_ne!(keeper.again(&varied, &server), RESUMED, "{}", keeper.what);
        assert_eq!(keeper.again(&varied, &server), RESUMED, "{}", keeper.what);
        let same = keeper.client(asks().context_id(b"mine"));
        assert_eq!(keeper.again(&same, &server), RESUMED, "{}", keeper.what);
    }
    for mut keeper in keepers() {
        let server = keeper.server(server(Kind::P256));
        let checks = keeper.client(client());
        let asks = checks.with_verification_asked().unwrap();
        let passed_over = keeper.client_passes_over(NotResumed::OtherVerification);
        assert_eq!(keeper.outcome((&checks, &server), (&asks, &server)), passed_over, "{}", keeper.what);
    }
    for mut keeper in keepers() {
        let asks = |id: Option<&[u8]>| {
            let which = ClientAuthentication::Require { authorities: Vec::new() };
            let server = server(Kind::P256).ask_for_client_verification(which);
            match id {
                Some(id) => server.context_id(id),
                None => server,
            }
        };
        let client = keeper.client(with_certificate(client(), client_identity(Kind::P256)));
        let servers = [None, None, Some(&b"a"[..]), Some(b"a"), Some(b"b")].map(|id| keeper.server(asks(id)));
        let other_judge = server_finds(NotResumed::OtherVerification);
        assert_eq!(keeper.outcome((&client, &servers[0]), (&client, &servers[1])), other_judge);
        assert_eq!(keeper.again(&client, &servers[1]), RESUMED, "{}", keeper.what);
        let other_context = server_finds(NotResumed::OtherContext);
        assert_eq!(keeper.again(&client, &servers[2]), other_context, "{}", keeper.what);
        assert_eq!(keeper.again(&client, &servers[3]), RESUMED, "{}", keeper.what);
        assert_eq!(keeper.again(&client, &servers[4]), other_context, "{}", keeper.what);
    }
}

#[test]
fn credentials_chosen_by_the_caller_restrict_resumption_to_a_named_context() {
    // The caller's choice of credentials is not part of a digest.
    let servers = [None, None, Some(b"a"), Some(b"a")].map(|id: Option<&[u8; 1]>| {
        let server = bare_server().ask_for_credentials();
        let server = if let Some(id) = id { server.context_id(id) } else { server };
        server.build().unwrap().policy().resumption.unwrap().binding.context
    });
    let clients = [None, None, Some(b"a"), Some(b"a")].map(|id: Option<&[u8; 1]>| {
        let client = client().ask_for_credentials();
        let client = if let Some(id) = id { client.context_id(id) } else { client };
        client.build().unwrap().policy().resumption.unwrap().binding.context
    });
    for [first, second, named, again] in [servers, clients] {
        assert_ne!(first, second);
        assert_ne!(first, named);
        assert_eq!(named, again);
    }
}

#[test]
fn session_of_a_renegotiation_is_bound_to_its_configuration() {
    let renegotiating = || server(Kind::P256).renegotiation(Renegotiation::Allowed);
    for mut keeper in keepers() {
        let client = client().renegotiation(Renegotiation::Allowed);
        let client = keeper.client(with_certificate(client, client_identity(Kind::P256)));
        let lax = keeper.server(renegotiating());
        let strict = keeper.server(renegotiating().require_client_certificates(roots()));
        let mut pair = keeper.connect(&client, &lax);
        assert!(pair.complete() && pair.server.summary().peer_chain.is_none());
        pair.server.conn.set_server_config(&strict).unwrap();
        pair.server.conn.renegotiate(&mut pair.server.outbox).unwrap();
        pair.run();
        while keeper.serve(&mut pair.client) | keeper.serve(&mut pair.server) {
            pair.run();
        }
        assert_eq!(pair.server.conn.reader().renegotiations(), 1);
        assert!(pair.complete() && pair.server.summary().peer_chain.is_some(), "{}", keeper.what);
        // The session of the authenticated client is resumed only under the configuration that requests
        // certificates.
        assert_eq!(keeper.again(&client, &strict), RESUMED, "{}", keeper.what);
        let other = server_finds(NotResumed::OtherVerification);
        assert_eq!(keeper.again(&client, &lax), other, "{}", keeper.what);
        // The earlier session is not resumed where a certificate is required.
        assert_eq!(keeper.again(&client, &strict), other, "{}", keeper.what);
    }
}

#[test]
fn application_protocol_is_negotiated_again_on_resumption() {
    for mut keeper in keepers() {
        let client = keeper.client(client().alpn(["h2", "http/1.1"]));
        let (first, second) = (
            keeper.server(server(Kind::P256).alpn(["h2"])),
            keeper.server(server(Kind::P256).alpn(["http/1.1"])),
        );
        assert_eq!(keeper.outcome((&client, &first), (&client, &second)), RESUMED, "{}", keeper.what);
        let pair = keeper.connect(&client, &second);
        assert_eq!(pair.client.summary().alpn.as_deref(), Some(&b"http/1.1"[..]), "RFC 7301 section 3.1");
    }
}

#[test]
fn replayed_hello_with_plaintext_alert_does_not_evict_a_session() {
    for mut keeper in keepers() {
        let client = keeper.client(client());
        let server = keeper.server(server(Kind::P256));
        assert!(keeper.connect(&client, &server).complete());
        // The ClientHello of a resumption, as an eavesdropper sees it.
        let mut listening = End::new(Connection::client(&client, name()));
        keeper.serve(&mut listening);
        let hello = listening.outbox.clone();
        let plain_alert: &[u8] = &[21, 3, 3, 0, 2, 2, 10];
        let junk: Vec<u8> = [&[20, 3, 3, 0, 1, 1][..], &[22, 3, 3, 0, 40], &[0x5a; 40]].concat();
        for fault in [plain_alert, &junk] {
            let mut attacked = End::new(Connection::server(&server));
            attacked.take(&hello);
            keeper.serve(&mut attacked);
            attacked.take(fault);
            keeper.serve(&mut attacked);
            assert!(attacked.error.is_some(), "{}", keeper.what);
        }
        drop(listening);
        assert_eq!(keeper.again(&client, &server), RESUMED, "{}", keeper.what);
    }
}

#[test]
fn summary_reports_until_when_the_peer_is_verified() {
    let mut keeper: Keeper = keepers().next().unwrap();
    let client = keeper.client(client());
    let server = keeper.server(server(Kind::P256));
    for _ in 0..2 {
        let pair: Pair = keeper.connect(&client, &server);
        assert_eq!(pair.client.summary().not_after.unwrap().as_secs(), LATER);
        assert_eq!(pair.server.summary().not_after, None, "no peer was verified");
    }
}
