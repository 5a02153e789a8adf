//! A failure to decrypt a premaster secret is not observable (RFC 5246 section 7.4.7.1).

use crate::pairs::suite_pair;
use crate::support::{Wire, edit::body, run, walk::named_suite};
use cairn_crypto::KeySpec;
use cairn_wire::HandshakeType as H;

/// A modification of the body of a message.
type Edit = Box<dyn Fn(&mut Vec<u8>)>;

/// The server's output for a client whose ClientKeyExchange is modified: every byte except random ones.
fn heard(suite: &str, edit: impl Fn(&mut Vec<u8>), fails: Option<&'static str>) -> (Vec<String>, Vec<Wire>) {
    let (mut client, mut server) = suite_pair(named_suite(suite), |_| {}, |_| {});
    server.fails = fails;
    let mut heard = Vec::new();
    run(&mut client, &mut server, |from_client, wire| {
        if from_client {
            body(wire, H::CLIENT_KEY_EXCHANGE, &edit);
        } else if !matches!(wire, Wire::Handshake(..)) {
            heard.push(wire.clone());
        }
    });
    let states = server.steps.iter().map(|(before, input, after)| {
        let input = if *input == "an answer that says no" { "PremasterDecrypted" } else { input };
        format!("{before} {input} {after}")
    });
    (states.collect(), heard)
}

#[test]
fn premaster_decryption_failures_are_indistinguishable() {
    for (suite, at) in
        [("TLS_RSA_WITH_AES_128_GCM_SHA256", 2), ("TLS_RSA_PSK_WITH_AES_128_GCM_SHA256", 2 + 6 + 2)]
    {
        let encrypted = |premaster: &'static [u8]| {
            move |body: &mut Vec<u8>| {
                let provider = crate::support::provider();
                let (_, key) = crate::support::credential(KeySpec::Rsa { bits: 2048 });
                let rsa = provider.rsa_encryption.as_ref().unwrap();
                let new = rsa.encrypt(&key.bits, premaster, &mut provider.rng()).unwrap();
                body.truncate(at);
                body.extend(new);
            }
        };
        let variants: [(&str, Edit); 9] = [
            ("a bit is wrong", Box::new(move |body| body[at + 100] ^= 1)),
            ("zero", Box::new(move |body| body[at..].fill(0))),
            ("more than the modulus", Box::new(move |body| body[at..].fill(0xff))),
            ("another version", Box::new(encrypted(&[2; 48]))),
            ("TLS 1.0", Box::new(encrypted([&[3, 1][..], &[7; 46]].concat().leak()))),
            ("TLS 1.2 and another secret", Box::new(encrypted([&[3, 3][..], &[7; 46]].concat().leak()))),
            ("too short", Box::new(encrypted(&[3; 47]))),
            ("too long", Box::new(encrypted(&[3; 49]))),
            ("nothing", Box::new(encrypted(&[]))),
        ];
        let (states, said) = heard(suite, |body| body[at + 7] ^= 0x80, None);
        assert!(states.last().unwrap().starts_with("AwaitFinished Finished"), "{states:?}");
        for (what, edit) in variants {
            assert_eq!(heard(suite, edit, None), (states.clone(), said.clone()), "{suite}, {what}");
        }
        // A ciphertext of another length fails visibly, with the same response. So does a missing answer.
        let cut = |body: &mut Vec<u8>| {
            body.pop();
            let length = u16::try_from(body.len() - at).unwrap().to_be_bytes();
            body[at - 2..at].copy_from_slice(&length);
        };
        assert_eq!(heard(suite, cut, None), (states.clone(), said.clone()), "{suite}, cut");
        let failed = heard(suite, |_| {}, Some("DecryptPremaster"));
        assert_eq!(failed, (states, said), "{suite}, a question that failed");
    }
}
