use super::*;
use crate::suites::{Authentication, Grade, NonceScheme, Protection, SUITES, Tls12Suite};
use crate::testing::{RANDOMS, hmac, secret};
use alloc::format;
use cairn_crypto::{AeadAlgorithm, BlockCipherAlgorithm, HashAlgorithm};
use cairn_wire::{CipherSuite, KeyExchangeAlgorithm};
use hex_literal::hex;

fn derive(suite: &'static Tls12Suite) -> (Tls12Keys, Tls12Keys) {
    let prf = Prf::new(&hmac(suite.prf_hash), &secret()).unwrap();
    KeyBlock::derive(&prf, suite.protection, &RANDOMS).unwrap().into_directions()
}

/// Write key and write IV of client and server. Generated with OpenSSL by `tests/vectors.sh`.
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
fn key_block_is_partitioned_for_aead_suites() {
    for suite in SUITES.iter().filter(|suite| suite.grade() == Grade::Modern) {
        let Protection::Aead { algorithm, .. } = suite.protection else { panic!("{}", suite.id) };
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

/// A suite with the given protection and hash.
const fn legacy(id: CipherSuite, protection: Protection, prf_hash: HashAlgorithm) -> Tls12Suite {
    let (key_exchange, authentication) = (KeyExchangeAlgorithm::Rsa, Authentication::Rsa);
    Tls12Suite { id, key_exchange, authentication, protection, prf_hash }
}

static LEGACY: [Tls12Suite; 5] = [
    legacy(
        CipherSuite::TLS_RSA_WITH_AES_256_CCM_8,
        Protection::Aead { algorithm: AeadAlgorithm::Aes256Ccm8, nonce: NonceScheme::SaltAndExplicit },
        HashAlgorithm::Sha256,
    ),
    legacy(
        CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
        Protection::cbc(BlockCipherAlgorithm::Aes128, HashAlgorithm::Sha1),
        HashAlgorithm::Sha256,
    ),
    legacy(
        CipherSuite::TLS_RSA_WITH_3DES_EDE_CBC_SHA,
        Protection::cbc(BlockCipherAlgorithm::TripleDes, HashAlgorithm::Sha1),
        HashAlgorithm::Sha256,
    ),
    legacy(
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
        Protection::cbc(BlockCipherAlgorithm::Aes256, HashAlgorithm::Sha384),
        HashAlgorithm::Sha384,
    ),
    legacy(
        CipherSuite::TLS_RSA_WITH_NULL_SHA256,
        Protection::Null { mac: HashAlgorithm::Sha256 },
        HashAlgorithm::Sha256,
    ),
];

/// MAC key, cipher key and IV of client and server, in the order of [`LEGACY`]. Generated with OpenSSL by
/// `tests/vectors.sh`.
const LEGACY_ANSWERS: [[[&[u8]; 3]; 2]; 5] = [
    [
        [b"", &hex!("cceb3e14d846a21dde9a42cbcbed13a667078ba0dab8d1732a3cb4899a742466"), &hex!("28e699cf")],
        [b"", &hex!("234f54ef0f9b87b11b1ccae6ffacd12acf8a784b60a5d36b819d5bd840985f31"), &hex!("88370e8b")],
    ],
    [
        [&hex!("cceb3e14d846a21dde9a42cbcbed13a667078ba0"), &hex!("1b1ccae6ffacd12acf8a784b60a5d36b"), b""],
        [&hex!("dab8d1732a3cb4899a742466234f54ef0f9b87b1"), &hex!("819d5bd840985f3128e699cf88370e8b"), b""],
    ],
    [
        [
            &hex!("cceb3e14d846a21dde9a42cbcbed13a667078ba0"),
            &hex!("1b1ccae6ffacd12acf8a784b60a5d36b819d5bd840985f31"),
            b"",
        ],
        [
            &hex!("dab8d1732a3cb4899a742466234f54ef0f9b87b1"),
            &hex!("28e699cf88370e8ba55f5462605891ade359c7caec46be58"),
            b"",
        ],
    ],
    [
        [
            &hex!(
                "2353183785767c3f69bccee8a7e1096d743385890510310e45418aef7b068d0a"
                "65de98dde3c3e08b909a2362c78202d4"
            ),
            &hex!("fe3f6b80d256bc9761721bc758483e5d5fb77913067131914ad238e126241ef3"),
            b"",
        ],
        [
            &hex!(
                "aa098f1f187f28110c070ece64b5578890a4f9ee23b57bae689d9ec9a95a52ff"
                "f2467d7253d82be7df5e95a10b692be8"
            ),
            &hex!("e152db76b949403d08e92d5dfa9edb5ed02f9df6bb9e891a5da42d29a869fb31"),
            b"",
        ],
    ],
    [
        [&hex!("cceb3e14d846a21dde9a42cbcbed13a667078ba0dab8d1732a3cb4899a742466"), b"", b""],
        [&hex!("234f54ef0f9b87b11b1ccae6ffacd12acf8a784b60a5d36b819d5bd840985f31"), b"", b""],
    ],
];

#[test]
fn mac_keys_precede_cipher_keys() {
    for (suite, answer) in LEGACY.iter().zip(LEGACY_ANSWERS) {
        let (client, server) = derive(suite);
        for (made, [mac_key, cipher_key, fixed_iv]) in [client, server].iter().zip(answer) {
            assert_eq!(made.mac_key(), mac_key, "{}", suite.id);
            assert_eq!(made.cipher_key(), cipher_key, "{}", suite.id);
            assert_eq!(made.fixed_iv(), fixed_iv, "{}", suite.id);
        }
    }
}

#[test]
fn keys_of_every_protection_fit_the_block() {
    for mac in [HashAlgorithm::Sha1, HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512] {
        for cipher in
            [BlockCipherAlgorithm::Aes128, BlockCipherAlgorithm::Aes256, BlockCipherAlgorithm::TripleDes]
        {
            for protection in [Protection::cbc(cipher, mac), Protection::Null { mac }] {
                let total =
                    protection.mac_key_len() + protection.cipher_key_len() + protection.fixed_iv_len();
                assert!(total <= MAX_DIRECTION_LEN, "{protection:?}");
            }
        }
    }
}

#[test]
fn keys_depend_on_the_randoms() {
    let suite = &SUITES[0];
    let (first, _) = derive(suite);
    let mut other = RANDOMS;
    other.server.0[31] ^= 1;
    let prf = Prf::new(&hmac(suite.prf_hash), &secret()).unwrap();
    let (second, _) = KeyBlock::derive(&prf, suite.protection, &other).unwrap().into_directions();
    assert_ne!(first.cipher_key(), second.cipher_key());
    assert_ne!(first.fixed_iv(), second.fixed_iv());
}

#[test]
fn keys_are_not_printed() {
    let suite = &SUITES[0];
    let prf = Prf::new(&hmac(suite.prf_hash), &secret()).unwrap();
    let block = KeyBlock::derive(&prf, suite.protection, &RANDOMS).unwrap();
    assert_eq!(format!("{block:?}"), "KeyBlock");
    assert_eq!(format!("{:?}", block.into_directions()), "(Tls12Keys, Tls12Keys)");
}
