//! No secret is printed, and the same inputs with the same randomness give the same bytes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod support;

use cairn_crypto::{
    KeySpec, Locked,
    rand_core::{TryCryptoRng, TryRng},
};
use cairn_schedule::Keys;
use cairn_wire::SignatureScheme;
use core::convert::Infallible;
use std::sync::Arc;
use support::{End, Wire, agree, mutual_pair, run};

/// The forms in which bytes are printed.
fn forms(secret: &[u8]) -> [String; 4] {
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let list = format!("{secret:?}");
    // Lists are also printed over many lines.
    let lines = secret.iter().map(|byte| format!("{byte},")).collect::<String>();
    [hex.clone(), hex.to_uppercase(), list.trim_matches(['[', ']']).to_owned(), lines]
}

fn assert_not_in(shown: &str, secret: &[u8], what: &str) {
    assert!(secret.len() >= 4, "{what}");
    let dense: String = shown.chars().filter(|c| !c.is_whitespace()).collect();
    // A part of a secret is treated like the whole.
    for part in secret.windows(4) {
        for form in forms(part) {
            assert!(!shown.contains(&form) && !dense.contains(&form), "{what} is printed: {form}");
        }
    }
}

#[test]
fn no_secret_is_printed() {
    let mut sessions = None;
    for resumed in [false, true] {
        let (mut client, mut server) = mutual_pair(
            KeySpec::EcP256,
            KeySpec::EcP256,
            |client| client.key_log = true,
            |server| server.key_log = true,
        );
        if let Some((ours, theirs)) = sessions.take() {
            (client.session, server.session) = (Some(ours), Some(theirs));
        }
        for end in [&mut client, &mut server] {
            end.shown = Some(String::new());
        }
        run(&mut client, &mut server, |_, _| {});
        assert!(agree(&client, &server));
        assert_eq!(client.complete.as_ref().unwrap().is_resumed(), resumed);
        let mut secrets: Vec<(&str, Vec<u8>)> = Vec::new();
        for end in [&client, &server] {
            assert_eq!(end.key_log.len(), 1);
            assert_eq!(end.key_log[0].label, "CLIENT_RANDOM");
            secrets.push(("the master secret", end.key_log[0].secret.expose().to_vec()));
            for change in &end.keys {
                let Keys::Tls12(keys) = &change.keys else { panic!("keys of TLS 1.2") };
                secrets.push(("a key", keys.cipher_key().to_vec()));
                secrets.push(("an IV", keys.fixed_iv().to_vec()));
            }
            let mut exported = [0; 32];
            end.machine.export_keying_material(b"EXPERIMENTAL", None, &mut exported).unwrap();
            let (client_data, server_data) = end.machine.verify_data().unwrap();
            secrets.push(("verify_data", client_data.as_bytes().to_vec()));
            secrets.push(("verify_data", server_data.as_bytes().to_vec()));
        }
        assert_eq!(client.key_log[0].secret, server.key_log[0].secret);
        for end in [&client, &server] {
            let mut shown = end.shown.clone().unwrap();
            shown.push_str(&format!(
                "{:?} {:?} {:?} {:?} {:?}",
                end.machine, end.saved, end.complete, end.keys, end.key_log
            ));
            for (what, secret) in &secrets {
                // verify_data is part of the flight and is sent encrypted; it is not printed there.
                if *what != "verify_data" {
                    assert_not_in(&shown, secret, what);
                }
            }
            let machine = format!("{:?}", end.machine);
            for (what, secret) in &secrets {
                assert_not_in(&machine, secret, what);
            }
        }
        sessions = client.saved.zip(server.saved);
    }
}

#[test]
fn key_log_gets_secrets_only_if_the_policy_enables_it() {
    let (mut client, mut server) = mutual_pair(KeySpec::EcP256, KeySpec::EcP256, |_| {}, |_| {});
    run(&mut client, &mut server, |_, _| {});
    assert!(client.key_log.is_empty() && server.key_log.is_empty());
}

/// A predictable generator.
struct Counter(u64);

impl TryRng for Counter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|wide| u32::try_from(wide >> 32).unwrap())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        // SplitMix64: good enough to look random, and to make valid scalars.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(mixed ^ (mixed >> 31))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(8) {
            let bytes = self.try_next_u64()?.to_be_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Counter {}

/// All bytes on the wire in a full handshake and a resumption with these seeds.
fn recorded(client_seed: u64, server_seed: u64) -> Vec<Wire> {
    let mut all = Vec::new();
    let mut sessions = None;
    for resumed in [false, true] {
        let (mut client, mut server): (End, End) = mutual_pair(
            // Signatures that need no randomness, because randomness inside the provider is not reproducible.
            KeySpec::Ed25519,
            KeySpec::Rsa { bits: 2048 },
            |client| client.provider.random = Arc::new(Locked::new(Counter(client_seed))),
            |server| {
                server.provider.random = Arc::new(Locked::new(Counter(server_seed)));
                server.signature_schemes = vec![SignatureScheme::RSA_PKCS1_SHA256];
            },
        );
        if let Some((ours, theirs)) = sessions.take() {
            (client.session, server.session) = (Some(ours), Some(theirs));
        }
        run(&mut client, &mut server, |_, wire| all.push(wire.clone()));
        assert!(agree(&client, &server));
        assert_eq!(client.complete.unwrap().is_resumed(), resumed);
        sessions = client.saved.zip(server.saved);
    }
    all
}

#[test]
fn equal_inputs_and_randomness_give_equal_bytes() {
    let first = recorded(1, 2);
    assert_eq!(first, recorded(1, 2));
    assert_ne!(first, recorded(3, 2));
    assert_ne!(first, recorded(1, 4));
}
