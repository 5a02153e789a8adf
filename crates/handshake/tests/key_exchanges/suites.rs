//! The messages and requirements of each key exchange.

use crate::pairs::{complete, suite_pair};
use crate::support::{End, edit::client_hello, pair, run, walk::named_suite};
use cairn_crypto::{KeySpec, SecretBytes};
use cairn_handshake::{ClientAuthentication, HandshakeErrorKind, Psk, Requirement, Session};
use cairn_schedule::{SUITES, Suite};
use cairn_wire::{ExtensionType, KeyExchangeAlgorithm as Kx};

#[test]
fn every_suite_completes_and_is_resumed_by_id_and_by_ticket() {
    for suite in SUITES {
        for tickets in [false, true] {
            let new = |sessions: Option<(Box<Session>, Box<Session>)>| {
                let (mut client, mut server) = suite_pair(
                    suite,
                    |client| client.resumption.as_mut().unwrap().tickets = tickets,
                    |server| server.resumption.as_mut().unwrap().tickets = tickets,
                );
                (client.session, server.session) = sessions.unzip();
                complete((client, server))
            };
            let (client, server) = new(None);
            let summary = client.complete.as_ref().unwrap();
            assert_eq!((summary.suite().id(), summary.is_resumed()), (suite.id, false));
            let identity = suite.uses_psk().then_some(&b"client"[..]);
            assert_eq!(summary.psk_identity.as_deref(), identity, "{}", suite.id);
            assert_eq!(summary.peer_chain.is_some(), suite.shows_certificate(), "{}", suite.id);
            let signed = matches!(suite.key_exchange, Kx::Dhe | Kx::Ecdhe);
            assert_eq!(summary.server_signature_scheme().is_some(), signed, "{}", suite.id);
            assert_eq!(summary.group().is_some(), suite.is_forward_secret(), "{}", suite.id);

            let theirs = if tickets { server.sealed } else { server.saved };
            let (client, server) = new(client.saved.zip(theirs));
            for end in [client, server] {
                let summary = end.complete.unwrap();
                assert!(summary.is_resumed(), "{}", suite.id);
                assert_eq!(summary.psk_identity.as_deref(), identity, "{}", suite.id);
            }
        }
    }
}

#[test]
fn every_key_exchange_works_without_extended_master_secret() {
    for suite in SUITES {
        let (mut client, mut server) = suite_pair(suite, |_| {}, |_| {});
        run(&mut client, &mut server, |from_client, wire| {
            if from_client {
                client_hello(wire, |parts| parts.remove(ExtensionType::EXTENDED_MASTER_SECRET));
            }
        });
        // The hello was modified, so Finished does not verify. The premaster secret and earlier messages were
        // accepted.
        assert_eq!(server.kind(), Some(HandshakeErrorKind::WrongFinished), "{}: {:?}", suite.id, server.log);
    }
}

#[test]
fn required_extended_master_secret_works_with_every_key_exchange() {
    for suite in SUITES {
        let (client, _) = complete(suite_pair(
            suite,
            |client| client.tls12.extended_master_secret = Requirement::Require,
            |server| server.tls12.extended_master_secret = Requirement::Require,
        ));
        assert!(client.complete.unwrap().tls12().unwrap().extended_master_secret, "{}", suite.id);
    }
}

/// The messages that the server sends after its hello.
fn said(server: &End) -> Vec<&str> {
    let said = server.log.iter().filter_map(|line| line.strip_prefix("send "));
    said.skip(1).take_while(|line| !line.contains("change_cipher_spec")).collect()
}

#[test]
fn each_key_exchange_has_its_own_messages() {
    const C: &str = "certificate";
    const K: &str = "server_key_exchange";
    const R: &str = "certificate_request";
    const D: &str = "server_hello_done";
    for (suite, hint, expected) in [
        ("TLS_RSA_WITH_AES_128_CBC_SHA", false, &[C, R, D][..]),
        ("TLS_RSA_WITH_AES_128_CBC_SHA", true, &[C, R, D]),
        ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA", false, &[C, K, R, D]),
        ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", false, &[C, K, R, D]),
        ("TLS_DH_anon_WITH_AES_128_CBC_SHA", false, &[K, D]),
        ("TLS_ECDH_anon_WITH_AES_128_CBC_SHA", false, &[K, D]),
        ("TLS_PSK_WITH_AES_128_CBC_SHA", false, &[D]),
        ("TLS_PSK_WITH_AES_128_CBC_SHA", true, &[K, D]),
        ("TLS_DHE_PSK_WITH_AES_128_CBC_SHA", false, &[K, D]),
        ("TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA", false, &[K, D]),
        ("TLS_RSA_PSK_WITH_AES_128_CBC_SHA", false, &[C, D]),
        ("TLS_RSA_PSK_WITH_AES_128_CBC_SHA", true, &[C, K, D]),
    ] {
        let (_, server) = complete(suite_pair(
            named_suite(suite),
            |_| {},
            |server| {
                server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
                server.tls12.psk_identity_hint = hint.then(|| b"which".to_vec());
            },
        ));
        assert_eq!(said(&server), expected, "{suite}, hint: {hint}");
    }
}

#[test]
fn different_psk_of_the_same_identity_fails_at_finished() {
    for suite in SUITES.iter().filter(|suite| suite.uses_psk()) {
        let (mut client, mut server) = suite_pair(suite, |_| {}, |_| {});
        client.psk = Some(Psk { identity: b"client".to_vec(), key: SecretBytes::from(&[8; 32][..]) });
        run(&mut client, &mut server, |_, _| {});
        assert_eq!(server.kind(), Some(HandshakeErrorKind::WrongFinished), "{}", suite.id);
    }
}

#[test]
fn required_client_authentication_excludes_suites_without_certificate_request() {
    let with_certificate = named_suite("TLS_RSA_WITH_AES_128_GCM_SHA256");
    for suite in SUITES.iter().filter(|suite| !suite.shows_certificate() || suite.uses_psk()) {
        let (mut client, mut server) = pair(
            KeySpec::Rsa { bits: 2048 },
            |client| client.tls12.suites = vec![suite],
            |server| {
                server.tls12.suites = vec![suite, with_certificate];
                server.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
            },
        );
        run(&mut client, &mut server, |_, _| {});
        assert_eq!(server.kind(), Some(HandshakeErrorKind::NoSharedCipherSuite), "{}", suite.id);
    }
}

#[test]
fn server_without_credential_chooses_suites_that_need_none() {
    let psk = named_suite("TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256");
    let ecdsa = named_suite("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    for (credential, expected) in [(true, ecdsa), (false, psk)] {
        let suites = vec![ecdsa, psk];
        let (client, mut server) = pair(
            KeySpec::EcP256,
            |client| client.tls12.suites = suites.clone(),
            |server| server.tls12.suites = suites.clone(),
        );
        if !credential {
            server.credential = None;
        }
        let (client, _) = complete((client, server));
        assert_eq!(client.complete.unwrap().suite(), Suite::Tls12(expected));
    }
}
