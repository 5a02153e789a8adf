//! A session is bound to the authentication of its full handshake: it is resumed only while a full handshake
//! would have the same result. Each rule is tested by session ID and by ticket, with shared stores, with
//! shared ticket keys, and with callers that store sessions and offer all of them.

mod keeper;
mod scope;

use crate::support::{
    Kind, LATER, NOW, SetClock, authority, client, client_identity, client_provider, provider, roots, server,
    server_identity, server_provider,
};
use cairn_crypto::KeySpec;
use cairn_tls::{
    Answer, ClientAuthentication, ClientConfigBuilder, Floor, NotResumed, ServerConfigBuilder, Side,
    Stapling,
    wire::SignatureScheme,
    x509::{
        Roots,
        issue::{Identity, OcspTemplate, Template},
        ocsp::{self, State},
        raw_key,
    },
};
use keeper::{Outcome, RESUMED, keepers, server_finds, until};

fn bare_client() -> ClientConfigBuilder {
    crate::support::tls12_client(client_provider().clone()).clock(SetClock::new())
}

fn bare_server() -> ServerConfigBuilder {
    crate::support::tls12_server(server_provider().clone()).clock(SetClock::new())
}

/// A client with a certificate.
fn with_certificate(builder: ClientConfigBuilder, identity: &Identity) -> ClientConfigBuilder {
    let chain: Vec<&[u8]> = identity.chain().collect();
    builder.credential(&chain, identity.signing_key().clone()).unwrap()
}

fn showing(builder: ServerConfigBuilder, identity: &Identity) -> ServerConfigBuilder {
    let chain: Vec<&[u8]> = identity.chain().collect();
    builder.credential(&chain, identity.signing_key().clone()).unwrap()
}

/// The roots of the tests and one more.
fn other_roots() -> Roots {
    let other = Template::authority("Other CA").valid(0, LATER).self_signed(provider(), KeySpec::EcP256);
    let mut roots = roots();
    roots.add_der(other.unwrap().certificate()).unwrap();
    roots
}

#[test]
fn equal_configurations_resume_each_others_sessions_in_any_process() {
    type Configurations = fn() -> (ClientConfigBuilder, ServerConfigBuilder);
    // Each is built again for each connection, as after a restart or on another machine.
    let kinds: [Configurations; 5] = [
        || (client(), server(Kind::P256)),
        || {
            let client = with_certificate(client(), client_identity(Kind::P256));
            (client, server(Kind::P256).require_client_certificates(roots()))
        },
        || {
            let key = [7; 32];
            (bare_client().psk(b"guest", &key).unwrap(), bare_server().psk(b"guest", &key).unwrap())
        },
        || {
            let identity = server_identity(Kind::P256);
            let spki = raw_key::encode(identity.signing_key().public_key()).unwrap();
            let server = bare_server().raw_public_key(identity.signing_key().clone()).unwrap();
            (bare_client().trust_raw_public_key(&spki).unwrap(), server)
        },
        || {
            let client = with_certificate(bare_client().ask_for_verification(), client_identity(Kind::P256));
            let which = ClientAuthentication::Require { authorities: Vec::new() };
            let server = server(Kind::P256).ask_for_client_verification(which);
            (client.context_id(b"these rules"), server.context_id(b"these rules"))
        },
    ];
    for mut keeper in keepers() {
        for (place, kind) in kinds.iter().enumerate() {
            let made = || {
                let (client, server) = kind();
                (keeper.client(client), keeper.server(server))
            };
            let (first, second) = (made(), made());
            let outcome = keeper.outcome((&first.0, &first.1), (&second.0, &second.1));
            assert_eq!(outcome, RESUMED, "{}, {place}", keeper.what);
        }
    }
}

#[test]
fn order_of_roots_and_renewed_certificates_do_not_affect_resumption() {
    let renewed = Template::server("server").dns("*.wild.test").dns("SERVER.test").valid(0, LATER);
    let renewed = renewed.issue(server_provider(), KeySpec::EcP256, authority()).unwrap();
    let certificates: Vec<_> = ["One CA", "Two CA"]
        .map(|name| {
            Template::authority(name).valid(0, LATER).self_signed(provider(), KeySpec::EcP256).unwrap()
        })
        .into();
    let rooted = |order: [usize; 2]| {
        let mut roots = roots();
        for place in order {
            roots.add_der(certificates[place].certificate()).unwrap();
        }
        roots
    };
    for mut keeper in keepers() {
        let certificate = |builder| with_certificate(builder, client_identity(Kind::P256));
        let first = (
            keeper.client(certificate(client().trust(rooted([0, 1])))),
            keeper.server(server(Kind::P256).require_client_certificates(rooted([0, 1]))),
        );
        let second = (
            keeper.client(certificate(client().trust(rooted([1, 0])))),
            keeper.server(showing(bare_server(), &renewed).require_client_certificates(rooted([1, 0]))),
        );
        let outcome = keeper.outcome((&first.0, &first.1), (&second.0, &second.1));
        assert_eq!(outcome, RESUMED, "{}", keeper.what);
    }
}

#[test]
fn psk_session_is_not_resumed_if_the_psk_is_unknown_or_different() {
    let guest = [7; 32];
    let admin = [8; 32];
    let with = |keys: &[(&[u8], [u8; 32])]| {
        keys.iter().fold(bare_server(), |server, (identity, key)| server.psk(identity, key).unwrap())
    };
    for mut keeper in keepers() {
        let client = keeper.client(bare_client().psk(b"guest", &guest).unwrap());
        let lobby = keeper.server(with(&[(b"guest", guest), (b"admin", admin)]).context_id(b"same"));
        let vault = keeper.server(with(&[(b"admin", admin)]).context_id(b"same"));
        let changed = keeper.server(with(&[(b"guest", admin)]).context_id(b"same"));
        assert!(keeper.connect(&client, &lobby).complete());
        assert_eq!(keeper.again(&client, &lobby), RESUMED, "{}", keeper.what);
        // The session is refused, and the full handshake then refuses the identity or the key.
        for (server, fault) in [(&vault, "UnknownPskIdentity"), (&changed, "bad_record_mac")] {
            let pair = keeper.connect(&client, server);
            assert!(!pair.complete(), "{}", keeper.what);
            assert!(pair.server.fault().contains(fault), "{}: {}", keeper.what, pair.server.fault());
        }
    }
    for mut keeper in keepers() {
        // A client does not offer the session of an identity that it no longer has.
        let both = keeper.server(with(&[(b"guest", guest), (b"admin", admin)]));
        let before = keeper.client(bare_client().psk(b"guest", &guest).unwrap());
        let after = keeper.client(bare_client().psk(b"admin", &admin).unwrap());
        let passed_over = keeper.client_passes_over(NotResumed::OtherPsks);
        assert_eq!(keeper.outcome((&before, &both), (&after, &both)), passed_over, "{}", keeper.what);
    }
}

#[test]
fn psks_from_the_caller_restrict_resumption_to_a_named_context() {
    for mut keeper in keepers() {
        let client = keeper.client(bare_client().psk(b"guest", &[7; 32]).unwrap());
        let first = keeper.server(bare_server().psk(b"guest", &[7; 32]).unwrap());
        let asks = |id: Option<&[u8]>| {
            let asks = bare_server().ask_for_psks();
            id.map_or_else(|| bare_server().ask_for_psks(), |id| asks.context_id(id))
        };
        assert!(keeper.connect(&client, &first).complete());
        let bindings = [None, None, Some(&b"a"[..]), Some(b"b"), Some(b"a")]
            .map(|id| keeper.server(asks(id)).policy().resumption.unwrap().binding);
        assert_ne!(bindings[0].psks, bindings[1].psks, "decisions of different callers are not comparable");
        assert_ne!(bindings[2].context, bindings[3].context);
        assert_eq!(bindings[2], bindings[4]);
    }
}

#[test]
fn session_of_an_unverified_client_is_not_resumed_if_clients_are_verified() {
    for which in [
        ClientAuthentication::Request { authorities: Vec::new() },
        ClientAuthentication::Require { authorities: Vec::new() },
    ] {
        for verdict in [Answer::PeerNotChecked, |key| until(key, LATER)] {
            for mut keeper in keepers() {
                keeper.verdict = verdict;
                let client = keeper.client(with_certificate(client(), client_identity(Kind::P256)));
                let lax = server(Kind::P256).ask_for_client_verification(which.clone()).context_id(b"same");
                let lax = keeper.server(lax);
                let strict = server(Kind::P256).require_client_certificates(roots()).context_id(b"same");
                let strict = keeper.server(strict);
                let outcome = keeper.outcome((&client, &lax), (&client, &strict));
                assert_eq!(outcome, server_finds(NotResumed::OtherVerification), "{}", keeper.what);
            }
        }
    }
}

#[test]
fn session_expires_with_the_peers_certificates() {
    // The side with the expiring certificate: the server, an intermediate authority, or the client.
    let intermediate = |until| {
        let template = Template::authority("Intermediate CA").valid(0, until);
        template.issue(provider(), KeySpec::EcP256, authority()).unwrap()
    };
    let server_until = |until, issuer: &Identity| {
        let template = Template::server("server").dns("server.test").valid(0, until);
        template.issue(server_provider(), KeySpec::EcP256, issuer).unwrap()
    };
    let client_until = |until| {
        Template::client("client")
            .valid(0, until)
            .issue(client_provider(), KeySpec::EcP256, authority())
            .unwrap()
    };
    let soon = NOW + 100;
    let cases = [
        (server_until(soon, authority()), client_until(LATER), Side::Client),
        (server_until(LATER, &intermediate(soon)), client_until(LATER), Side::Client),
        (server_until(LATER, authority()), client_until(soon), Side::Server),
    ];
    for (server_identity, client_identity, side) in cases {
        for mut keeper in keepers() {
            let (clock, other) = (SetClock::new(), SetClock::new());
            let (ours, theirs) = if side == Side::Client { (&clock, &other) } else { (&other, &clock) };
            let client = with_certificate(client(), &client_identity).clock(ours.clone());
            let client = keeper.client(client);
            let server = showing(bare_server(), &server_identity).require_client_certificates(roots());
            let server = keeper.server(server.clock(theirs.clone()));
            assert!(keeper.connect(&client, &server).complete());
            clock.set(soon);
            keeper.now = soon;
            assert_eq!(keeper.again(&client, &server), RESUMED, "{}: the last second", keeper.what);
            clock.set(soon + 1);
            keeper.now = soon + 1;
            // A full handshake follows and detects what a resumption does not check.
            let pair = keeper.connect(&client, &server);
            let end = if side == Side::Client { &pair.client } else { &pair.server };
            assert!(!pair.complete() && end.fault().contains("Expired"), "{}: {}", keeper.what, end.fault());
        }
    }
}

#[test]
fn session_expires_with_the_stapled_ocsp_response() {
    let identity = server_identity(Kind::P256);
    // A response without nextUpdate is valid for a day.
    let statements = [(NOW - 10, Some(NOW + 50)), (NOW + 50 - ocsp::MAX_AGE, None)];
    let responses = statements.map(|(this_update, next_update)| {
        let template = OcspTemplate::new(State::Good, this_update, next_update);
        template.sign(provider(), identity.certificate(), authority(), authority()).unwrap()
    });
    for (response, mut keeper) in
        responses.iter().flat_map(|response| keepers().map(move |keeper| (response, keeper)))
    {
        let clock = SetClock::new();
        let client = keeper.client(client().clock(clock.clone()));
        let server = keeper.server(server(Kind::P256).ocsp_response(response).unwrap());
        assert!(keeper.connect(&client, &server).complete());
        clock.set(NOW + 50);
        keeper.now = NOW + 50;
        assert_eq!(keeper.again(&client, &server), RESUMED, "{}", keeper.what);
        clock.set(NOW + 51);
        keeper.now = NOW + 51;
        let passed_over = keeper.client_passes_over(NotResumed::CertificateExpired);
        assert_eq!(keeper.again(&client, &server), passed_over, "{}", keeper.what);
    }
}

#[test]
fn session_verified_by_the_caller_expires_at_the_stated_time() {
    for mut keeper in keepers() {
        keeper.verdict = |key| until(key, NOW + 10);
        let clock = SetClock::new();
        let client = bare_client().ask_for_verification().clock(clock.clone());
        let client = keeper.client(client);
        let server = keeper.server(server(Kind::P256));
        assert!(keeper.connect(&client, &server).complete());
        clock.set(NOW + 10);
        keeper.now = NOW + 10;
        assert_eq!(keeper.again(&client, &server), RESUMED, "{}", keeper.what);
        clock.set(NOW + 11);
        keeper.now = NOW + 11;
        let passed_over = keeper.client_passes_over(NotResumed::CertificateExpired);
        assert_eq!(keeper.again(&client, &server), passed_over, "{}", keeper.what);
    }
}

#[test]
fn session_verified_by_a_removed_root_is_not_resumed() {
    for mut keeper in keepers() {
        let server = keeper.server(server(Kind::P256));
        let before = keeper.client(client().trust(other_roots()));
        let after = keeper.client(client());
        let passed_over = keeper.client_passes_over(NotResumed::OtherVerification);
        assert_eq!(keeper.outcome((&before, &server), (&after, &server)), passed_over, "{}", keeper.what);
    }
    for mut keeper in keepers() {
        let client = keeper.client(with_certificate(client(), client_identity(Kind::P256)));
        let before = keeper.server(server(Kind::P256).require_client_certificates(other_roots()));
        let after = keeper.server(server(Kind::P256).require_client_certificates(roots()));
        let found = keeper.outcome((&client, &before), (&client, &after));
        assert_eq!(found, server_finds(NotResumed::OtherVerification), "{}", keeper.what);
    }
}

#[test]
fn client_offers_no_session_after_a_change_of_verification_settings() {
    type Change = fn(ClientConfigBuilder) -> ClientConfigBuilder;
    let identity = server_identity(Kind::P256);
    let response = OcspTemplate::new(State::Good, NOW - 10, Some(LATER));
    let response = response.sign(provider(), identity.certificate(), authority(), authority()).unwrap();
    let changes: [(Change, NotResumed); 6] = [
        (|client| client.stapling(Stapling::Require), NotResumed::OtherVerification),
        (|client| client.stapling(Stapling::Ignore), NotResumed::OtherVerification),
        (
            |client| client.certificate_signature_schemes(&[SignatureScheme::ECDSA_SECP256R1_SHA256]),
            NotResumed::OtherVerification,
        ),
        (|client| with_certificate(client, client_identity(Kind::P256)), NotResumed::OtherContext),
        (|client| client.context_id(b"another"), NotResumed::OtherContext),
        (
            |client| {
                let spki = raw_key::encode(client_identity(Kind::P256).signing_key().public_key()).unwrap();
                client.trust_raw_public_key(&spki).unwrap()
            },
            NotResumed::OtherVerification,
        ),
    ];
    for (place, (change, reason)) in changes.into_iter().enumerate() {
        for mut keeper in keepers() {
            let server = keeper.server(server(Kind::P256).ocsp_response(&response).unwrap());
            let (before, after) = (keeper.client(client()), keeper.client(change(client())));
            let passed_over = keeper.client_passes_over(reason);
            let found = keeper.outcome((&before, &server), (&after, &server));
            assert_eq!(found, passed_over, "{}, {place}", keeper.what);
        }
    }
}

#[test]
fn session_without_verification_is_not_offered_by_a_verifying_client() {
    for mut keeper in keepers() {
        let server = keeper.server(server(Kind::P256));
        let careless = keeper.client(bare_client().danger_accept_any_certificate());
        let careful = keeper.client(client());
        let passed_over = keeper.client_passes_over(NotResumed::OtherVerification);
        assert_eq!(keeper.outcome((&careless, &server), (&careful, &server)), passed_over, "{}", keeper.what);
    }
}

#[test]
fn floor_and_signature_schemes_apply_to_resumption() {
    for mut keeper in keepers() {
        let server = keeper.server(server(Kind::Rsa));
        let before = keeper.client(client());
        // RSA with 2048 bits is below it, and so is any full handshake with this server.
        let floor = keeper.client(client().floor(Floor { bits: 128, ..Floor::default() }));
        assert!(keeper.connect(&before, &server).complete());
        let pair = keeper.connect(&floor, &server);
        assert!(pair.client.fault().contains("BelowFloor"), "{}: {}", keeper.what, pair.client.fault());
    }
    for mut keeper in keepers() {
        let server = keeper.server(server(Kind::Rsa));
        let before = keeper.client(client());
        let pair = keeper.connect(&before, &server);
        let signed = pair.client.summary().server_signature_scheme().unwrap();
        let rest: Vec<_> =
            before.policy().signature_schemes.iter().copied().filter(|scheme| *scheme != signed).collect();
        let after = keeper.client(client().signature_schemes(&rest));
        let found = keeper.again(&after, &server);
        let passed_over = Outcome::Full { client: Some(NotResumed::SignatureScheme), server: None };
        assert_eq!(found, passed_over, "{}", keeper.what);
    }
}

#[test]
fn server_resumes_no_session_after_a_change_of_client_authentication() {
    type Change = fn(ServerConfigBuilder) -> ServerConfigBuilder;
    let asks: [Change; 4] = [
        |server| server,
        |server| server.request_client_certificates(roots()),
        |server| server.require_client_certificates(roots()),
        |server| {
            let spki = raw_key::encode(client_identity(Kind::Rsa).signing_key().public_key()).unwrap();
            server.require_client_certificates(roots()).trust_client_raw_public_key(&spki).unwrap()
        },
    ];
    for (i, before) in asks.iter().enumerate() {
        for (j, after) in asks.iter().enumerate() {
            for mut keeper in keepers() {
                let client = keeper.client(with_certificate(client(), client_identity(Kind::P256)));
                let (before, after) =
                    (keeper.server(before(server(Kind::P256))), keeper.server(after(server(Kind::P256))));
                let found = keeper.outcome((&client, &before), (&client, &after));
                let expected = if i == j { RESUMED } else { server_finds(NotResumed::OtherVerification) };
                assert_eq!(found, expected, "{}: {i}, then {j}", keeper.what);
            }
        }
    }
}
