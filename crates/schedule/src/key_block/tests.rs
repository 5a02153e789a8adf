use super::*;
use crate::{
    SUITES,
    testing::{RANDOMS, hmac, secret},
};
use alloc::format;
use cairn_crypto::AeadAlgorithm;
use hex_literal::hex;

fn derive(suite: &'static Suite) -> (TrafficKeys, TrafficKeys) {
    let prf = Prf::new(&hmac(suite.prf_hash), &secret()).unwrap();
    KeyBlock::derive(&prf, suite, &RANDOMS).unwrap().into_directions()
}

/// Client and server, each with write key and write IV. Made with OpenSSL, by `tests/vectors.sh`.
type Answer = [(&'static [u8], &'static [u8]); 2];

const AES_128_GCM_SHA256: Answer = [
    (&hex!("cceb3e14d846a21dde9a42cbcbed13a6"), &hex!("234f54ef")),
    (&hex!("67078ba0dab8d1732a3cb4899a742466"), &hex!("0f9b87b1")),
];
const AES_256_GCM_SHA384: Answer = [
    (&hex!("2353183785767c3f69bccee8a7e1096d743385890510310e45418aef7b068d0a"), &hex!("90a4f9ee")),
    (&hex!("65de98dde3c3e08b909a2362c78202d4aa098f1f187f28110c070ece64b55788"), &hex!("23b57bae")),
];
const CHACHA20_POLY1305_SHA256: Answer = [
    (
        &hex!("cceb3e14d846a21dde9a42cbcbed13a667078ba0dab8d1732a3cb4899a742466"),
        &hex!("28e699cf88370e8ba55f5462"),
    ),
    (
        &hex!("234f54ef0f9b87b11b1ccae6ffacd12acf8a784b60a5d36b819d5bd840985f31"),
        &hex!("605891ade359c7caec46be58"),
    ),
];

#[test]
fn the_block_of_every_suite_is_cut_where_it_should_be() {
    for suite in SUITES {
        let crate::Protection::Aead { algorithm, .. } = suite.protection;
        let answer = match algorithm {
            AeadAlgorithm::Aes128Gcm => AES_128_GCM_SHA256,
            AeadAlgorithm::Aes256Gcm => AES_256_GCM_SHA384,
            AeadAlgorithm::ChaCha20Poly1305 => CHACHA20_POLY1305_SHA256,
            other => panic!("no known answer for {other}"),
        };
        let (client, server) = derive(suite);
        for (made, (cipher_key, fixed_iv)) in [client, server].iter().zip(answer) {
            assert_eq!(made.cipher_key(), cipher_key, "{}", suite.id);
            assert_eq!(made.fixed_iv(), fixed_iv, "{}", suite.id);
            assert_eq!(made.mac_key(), b"", "{}", suite.id);
        }
    }
}

#[test]
fn everything_that_should_matters() {
    let suite = &SUITES[0];
    let (first, _) = derive(suite);
    let mut other = RANDOMS;
    other.server.0[31] ^= 1;
    let prf = Prf::new(&hmac(suite.prf_hash), &secret()).unwrap();
    let (second, _) = KeyBlock::derive(&prf, suite, &other).unwrap().into_directions();
    assert_ne!(first.cipher_key(), second.cipher_key());
    assert_ne!(first.fixed_iv(), second.fixed_iv());
}

#[test]
fn no_key_is_printed() {
    let suite = &SUITES[0];
    let prf = Prf::new(&hmac(suite.prf_hash), &secret()).unwrap();
    let block = KeyBlock::derive(&prf, suite, &RANDOMS).unwrap();
    assert_eq!(format!("{block:?}"), "KeyBlock");
    assert_eq!(format!("{:?}", block.into_directions()), "(TrafficKeys, TrafficKeys)");
}
