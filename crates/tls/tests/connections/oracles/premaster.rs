//! Bleichenbacher's oracle (1998; Klima, Pokorny and Rosa 2003; ROBOT 2017): a client that sends malformed
//! premaster secrets of every kind and is otherwise correct.
//!
//! The client continues with the premaster secret in the malformed message, so a server that accepted it
//! would complete the handshake. RFC 5246 section 7.4.7.1 requires the server to continue with a random one,
//! so that the handshake fails at Finished.

use super::{Classes, Seen};
use crate::support::{Kind, Pair, SetClock, provider, roots, server_identity};
use cairn_crypto::{Algorithm, CryptoError, Provider, RsaEncryption};
use cairn_tls::wire::{AlertDescription, CipherSuite};
use cairn_tls::{CertificateChain, ClientConfig, ClientConfigBuilder, Credential, ServerConfig, Side};
use rsa::{BoxedUint, PublicKey, hazmat, rand_core::TryCryptoRng};
use std::sync::Arc;

/// The length of the modulus, and the position of the separator in an encoded message.
const LEN: usize = 256;
const SEPARATOR: usize = LEN - 49;

/// The plaintext to encrypt, or the ciphertext to send.
#[derive(Clone, Copy)]
enum Fault {
    /// None.
    Good,
    /// These bytes of the encoded message are changed.
    Encoded(&'static [(usize, u8)]),
    /// The message is well-formed but has this length: the premaster secret is truncated or followed by
    /// zeros.
    Length(usize),
    /// A small number is encrypted.
    Number(u8),
    /// The ciphertext repeats this byte.
    Filled(u8),
    /// The ciphertext has the modulus added, is the modulus, or is just below it.
    AboveModulus,
    Modulus,
    BelowModulus,
    /// The ciphertext has another length, which is public: leading zeros, or truncated at the end.
    CiphertextLength(usize),
    /// One bit of the ciphertext is flipped.
    Flipped(usize),
}

const MALFORMED: &[(&str, Fault)] = &[
    ("block type 1", Fault::Encoded(&[(1, 1)])),
    ("block type 0", Fault::Encoded(&[(1, 0)])),
    ("first byte not 0", Fault::Encoded(&[(0, 1)])),
    ("no zero", Fault::Encoded(&[(SEPARATOR, 7)])),
    ("zero in the first byte of padding", Fault::Encoded(&[(2, 0)])),
    ("zero in the eighth byte of padding", Fault::Encoded(&[(9, 0)])),
    ("zero in the ninth byte of padding", Fault::Encoded(&[(10, 0)])),
    ("zero in the last byte of padding", Fault::Encoded(&[(SEPARATOR - 1, 0)])),
    ("zero one byte early", Fault::Encoded(&[(SEPARATOR, 7), (SEPARATOR - 1, 0)])),
    ("zero one byte late", Fault::Encoded(&[(SEPARATOR, 7), (SEPARATOR + 1, 0)])),
    ("zero at the end", Fault::Encoded(&[(SEPARATOR, 7), (LEN - 1, 0)])),
    ("version 3.2", Fault::Encoded(&[(SEPARATOR + 2, 2)])),
    ("version 3.0", Fault::Encoded(&[(SEPARATOR + 2, 0)])),
    ("version 2.3", Fault::Encoded(&[(SEPARATOR + 1, 2)])),
    ("version 3.4", Fault::Encoded(&[(SEPARATOR + 2, 4)])),
    ("all of it", Fault::Encoded(&[(0, 1), (1, 1), (5, 0), (SEPARATOR, 7), (SEPARATOR + 1, 0)])),
    ("no message", Fault::Length(0)),
    ("1 byte", Fault::Length(1)),
    ("47 bytes", Fault::Length(47)),
    ("49 bytes", Fault::Length(49)),
    ("245 bytes", Fault::Length(245)),
    ("number 0", Fault::Number(0)),
    ("number 1", Fault::Number(1)),
    ("number 2", Fault::Number(2)),
    ("ciphertext 0", Fault::Filled(0)),
    ("ciphertext of 0x5a", Fault::Filled(0x5a)),
    ("ciphertext of 0xff, above the modulus", Fault::Filled(0xff)),
    ("the modulus", Fault::Modulus),
    ("one less than the modulus", Fault::BelowModulus),
    ("a good ciphertext and the modulus", Fault::AboveModulus),
    ("first bit", Fault::Flipped(0)),
    ("a bit in the middle", Fault::Flipped(1000)),
    ("last bit", Fault::Flipped(LEN * 8 - 1)),
    ("no ciphertext", Fault::CiphertextLength(0)),
    ("255 bytes of ciphertext", Fault::CiphertextLength(255)),
    ("257 bytes of ciphertext, of the same value", Fault::CiphertextLength(257)),
    ("512 bytes of ciphertext, of the same value", Fault::CiphertextLength(512)),
];

struct Malforming(Fault);

impl Algorithm for Malforming {
    fn implementation(&self) -> &'static str {
        "a forger"
    }
}

impl RsaEncryption for Malforming {
    fn encrypt(
        &self,
        public_key: &[u8],
        message: &[u8],
        _rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError> {
        // RSAPublicKey of 2048 bits with an exponent of 3 bytes: 9 bytes, the modulus, 2 bytes, the exponent.
        let (modulus, exponent) = (&public_key[9..9 + LEN], &public_key[9 + LEN + 2..]);
        let number = BoxedUint::from_be_slice_vartime;
        let encrypt = |encoded: &[u8]| -> Vec<u8> {
            let key = PublicKey::new(number(modulus), number(exponent)).unwrap();
            let bytes = hazmat::rsa_encrypt(&key, &number(encoded)).unwrap().to_be_bytes();
            bytes[bytes.len() - LEN..].to_vec()
        };
        let encode = |message: &[u8]| {
            let mut encoded: Vec<u8> = (1..=255).cycle().take(LEN).collect();
            encoded[..2].copy_from_slice(&[0, 2]);
            encoded[LEN - message.len() - 1] = 0;
            encoded[LEN - message.len()..].copy_from_slice(message);
            encoded
        };
        let good = || encrypt(&encode(message));
        Ok(match self.0 {
            Fault::Good => good(),
            Fault::Encoded(changes) => {
                let mut encoded = encode(message);
                for (at, to) in changes {
                    encoded[*at] = *to;
                }
                // One of the changed bytes is random, and may have its new value already.
                assert_ne!(encoded, encode(message));
                encrypt(&encoded)
            }
            Fault::Length(length) => {
                let mut message = message.to_vec();
                message.resize(length, 0);
                encrypt(&encode(&message))
            }
            Fault::Number(number) => encrypt(&[&[0; LEN - 1][..], &[number]].concat()),
            Fault::Filled(byte) => vec![byte; LEN],
            Fault::Modulus => modulus.to_vec(),
            Fault::BelowModulus => added(modulus, &[0xff; LEN]).1,
            // An implementation that reduces modulo n finds a valid message. Its padding leaves room for
            // that.
            Fault::AboveModulus => {
                let sums = (0..u16::MAX).filter(|n| n.to_be_bytes().iter().all(|byte| *byte != 0)).map(|n| {
                    let mut encoded = encode(message);
                    encoded[2..4].copy_from_slice(&n.to_be_bytes());
                    added(&encrypt(&encoded), modulus)
                });
                sums.filter(|(carry, _)| !carry).map(|(_, sum)| sum).next().unwrap()
            }
            Fault::CiphertextLength(length) => {
                let mut ciphertext = vec![0; length.saturating_sub(LEN)];
                ciphertext.extend(good());
                ciphertext.truncate(length);
                ciphertext
            }
            Fault::Flipped(bit) => {
                let mut ciphertext = good();
                ciphertext[bit / 8] ^= 0x80 >> (bit % 8);
                ciphertext
            }
        })
    }
}

/// The sum of two numbers of the same length, and the carry.
fn added(a: &[u8], b: &[u8]) -> (bool, Vec<u8>) {
    let mut carry = false;
    let mut sum: Vec<u8> = a.to_vec();
    for (a, b) in sum.iter_mut().zip(b).rev() {
        let (with, first) = a.overflowing_add(*b);
        let (with, second) = with.overflowing_add(carry.into());
        (*a, carry) = (with, first || second);
    }
    (carry, sum)
}

fn malforming(fault: Fault, suite: CipherSuite) -> ClientConfig {
    let provider = Provider { rsa_encryption: Some(Arc::new(Malforming(fault))), ..provider().clone() };
    let client: ClientConfigBuilder =
        crate::support::tls12_client(provider).trust(roots()).clock(SetClock::new());
    client.suites(&[suite]).unwrap().psk(b"somebody", b"a key").unwrap().build().unwrap()
}

fn decrypting_server(suite: CipherSuite) -> ServerConfig {
    let identity = server_identity(Kind::Rsa);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let decrypting = provider().keys.load_decrypting(identity.key().as_der()).unwrap();
    let chain = CertificateChain::new(&chain).unwrap();
    let credential = Credential::new(chain, identity.signing_key().clone()).with_decrypting_key(decrypting);
    let server = crate::support::tls12_server(provider().clone()).clock(SetClock::new());
    let server = server.credential_value(Arc::new(credential)).unwrap().psk(b"somebody", b"a key").unwrap();
    server.suites(&[suite]).unwrap().build().unwrap()
}

/// The server's output after ClientKeyExchange, ChangeCipherSpec and Finished of such a client.
fn seen(client: &ClientConfig, server: &ServerConfig) -> Seen {
    let mut pair = Pair::new(client, server);
    let mut flight = Vec::new();
    pair.run_through(|side, number, record| {
        if side == Side::Client && number > 0 {
            flight.push(record);
            Vec::new()
        } else {
            record
        }
    });
    assert_eq!(flight.iter().map(|record| record[0]).collect::<Vec<_>>(), [22, 20, 22]);
    let pieces: Vec<&[u8]> = flight.iter().map(Vec::as_slice).collect();
    Seen::of(&mut pair.server, &pieces, |_, record| record[5..].to_vec())
}

#[test]
fn invalid_premaster_secrets_are_indistinguishable() {
    for suite in [
        CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
        CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA256,
        CipherSuite::TLS_RSA_PSK_WITH_AES_128_GCM_SHA256,
    ] {
        let server = decrypting_server(suite);
        let good = seen(&malforming(Fault::Good, suite), &server);
        assert!(good.fault == "none" && !good.contents.is_empty(), "{good:?}");

        let mut classes = Classes::default();
        for (name, fault) in MALFORMED {
            classes.add(*name, seen(&malforming(*fault, suite), &server));
        }
        // The ciphertext's length is public, but the response is still the same.
        let seen = classes.only(&suite.to_string());
        assert_eq!(seen.contents, [[2, AlertDescription::BAD_RECORD_MAC.0]], "{seen:?}");
        // Nothing is sent before Finished.
        assert_eq!(seen.records.iter().map(Vec::len).collect::<Vec<_>>(), [0, 0, 1], "{seen:?}");
    }
}
