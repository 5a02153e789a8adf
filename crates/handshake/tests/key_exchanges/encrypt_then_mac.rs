//! The negotiation of encrypt_then_mac (RFC 7366).

use crate::pairs::{complete, suite_pair};
use crate::support::{encrypts_then_macs, walk::named_suite};
use cairn_handshake::Session;
use cairn_schedule::{Protection, SUITES};

#[test]
fn encrypt_then_mac_requires_a_block_cipher_and_both_sides() {
    for suite in SUITES {
        let cbc = matches!(suite.protection, Protection::Cbc { .. });
        for (ours, theirs) in [(true, true), (true, false), (false, true), (false, false)] {
            let new = |sessions: Option<(Box<Session>, Box<Session>)>| {
                let (mut client, mut server) = suite_pair(
                    suite,
                    |client| client.tls12.encrypt_then_mac = ours,
                    |server| server.tls12.encrypt_then_mac = theirs,
                );
                (client.session, server.session) = sessions.unzip();
                complete((client, server))
            };
            let expected = cbc && ours && theirs;
            let (client, server) = new(None);
            assert_eq!(
                client.complete.as_ref().unwrap().tls12().unwrap().protection.is_encrypt_then_mac(),
                expected,
                "{}",
                suite.id
            );
            assert!(client.keys.iter().all(|change| encrypts_then_macs(change) == expected), "{}", suite.id);
            let (client, _) = new(client.saved.zip(server.saved));
            let summary = client.complete.unwrap();
            assert_eq!(
                (summary.is_resumed(), summary.tls12().unwrap().protection.is_encrypt_then_mac()),
                (true, expected),
                "{}",
                suite.id
            );
        }
    }
}

#[test]
fn session_with_encrypt_then_mac_is_not_resumed_without_it() {
    let suite = named_suite("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA");
    for (ours, theirs) in [(true, false), (false, true)] {
        let (client, server) = complete(suite_pair(suite, |_| {}, |_| {}));
        let sessions = (client.saved, server.saved);
        let (mut client, mut server) = suite_pair(
            suite,
            |client| client.tls12.encrypt_then_mac = ours,
            |server| server.tls12.encrypt_then_mac = theirs,
        );
        (client.session, server.session) = sessions;
        let (client, _) = complete((client, server));
        assert!(!client.complete.unwrap().is_resumed());
    }
}
