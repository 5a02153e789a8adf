//! Decryption of a premaster secret (RFC 5246 section 7.4.7.1).
//!
//! The ciphertext is marked as secret, in place of its plaintext. Everything derived from it is checked, from
//! the modular exponentiation to the choice between the premaster secret and the random one. The random one
//! is secret too.

use crate::generator::seeded;
use crate::subject::{Fault, Subject, Trial, Variant, line};
use crate::valgrind;
use cairn_crypto::{CryptoError, DecryptingKey, PrivateKeyDer, Secret};
use rsa::{BoxedUint, PublicKey, hazmat};
use std::sync::Arc;

const KEY: &[u8] = include_bytes!("../../crates/provider-aws-lc/tests/keys/rsa-2048.pkcs8.der");
/// Length of the modulus, and the positions of the parts of a message.
const LEN: usize = 256;
const SEPARATOR: usize = LEN - 49;
const VERSION: [u8; 2] = [3, 3];
const FALLBACK: [u8; 48] = [0xfa; 48];

/// The modifications of a valid message: positions and new values.
const VARIANTS: [(&str, &[(usize, u8)]); 13] = [
    ("valid", &[]),
    ("wrong major version", &[(SEPARATOR + 1, 2)]),
    ("wrong minor version", &[(SEPARATOR + 2, 1)]),
    ("bad first byte", &[(0, 1)]),
    ("bad second byte", &[(1, 1)]),
    ("zero early in padding", &[(4, 0)]),
    ("zero late in padding", &[(SEPARATOR - 1, 0)]),
    ("no separator", &[(SEPARATOR, 7)]),
    ("separator one before", &[(SEPARATOR, 7), (SEPARATOR - 1, 0)]),
    ("separator one after", &[(SEPARATOR, 7), (SEPARATOR + 1, 0)]),
    ("separator at the end", &[(SEPARATOR, 7), (LEN - 1, 0)]),
    ("everything", &[(0, 1), (1, 3), (9, 0), (SEPARATOR, 7), (SEPARATOR + 1, 0), (SEPARATOR + 2, 0)]),
    // All zeros except for the last byte: see `encoded`.
    ("number one", &[(LEN, 1)]),
];

fn encoded(changes: &[(usize, u8)]) -> Vec<u8> {
    let mut encoded: Vec<u8> = (1..=255).cycle().take(LEN).collect();
    encoded[..2].copy_from_slice(&[0, 2]);
    encoded[SEPARATOR] = 0;
    encoded[SEPARATOR + 1..SEPARATOR + 3].copy_from_slice(&VERSION);
    for (at, byte) in changes {
        match encoded.get_mut(*at) {
            Some(place) => *place = *byte,
            // The position after the end stands for this small number.
            None => return [&[0; LEN - 1][..], &[*byte]].concat(),
        }
    }
    encoded
}

fn encrypted(key: &dyn DecryptingKey, encoded: &[u8]) -> Result<Vec<u8>, Fault> {
    // RSAPublicKey of 2048 bits with an exponent of 3 bytes: 9 bytes, the modulus, 2 bytes, the exponent.
    let bits = &key.public_key().bits;
    let n = bits.get(9..9 + LEN).ok_or("another key than expected")?;
    let e = bits.get(9 + LEN + 2..).ok_or("another key than expected")?;
    let number = BoxedUint::from_be_slice_vartime;
    let encrypted = hazmat::rsa_encrypt(&PublicKey::new(number(n), number(e))?, &number(encoded))?;
    Ok(encrypted.to_be_bytes().into())
}

struct Decryption {
    key: Arc<dyn DecryptingKey>,
    ciphertext: Vec<u8>,
    fallback: Secret<48>,
    expected: Vec<u8>,
    premaster: Result<Secret<48>, CryptoError>,
}

impl Trial for Decryption {
    fn run(&mut self) {
        // The same for all variants, so that blinding is the same.
        self.premaster =
            self.key.decrypt_premaster(&self.ciphertext, VERSION, &self.fallback, &mut seeded(1));
    }

    fn check(&mut self) -> Result<(), Fault> {
        let Ok(premaster) = &self.premaster else { return Err("it failed".into()) };
        let mut premaster = *premaster.expose();
        if valgrind::is_hidden(self.fallback.expose()) != valgrind::is_hidden(&premaster) {
            return Err("memcheck no longer marks the result as secret".into());
        }
        valgrind::reveal(&mut premaster);
        if premaster == *self.expected { Ok(()) } else { Err("another premaster secret".into()) }
    }
}

pub(crate) fn subject() -> Result<Subject, Fault> {
    let key = cairn_provider_aws_lc::provider().keys.load_decrypting(PrivateKeyDer::Pkcs8(KEY))?;
    let variant = |(name, changes): (&'static str, &'static [(usize, u8)])| {
        let key = Arc::clone(&key);
        Variant::new(name, "any", move || {
            let encoded = encoded(changes);
            let mut ciphertext = encrypted(&*key, &encoded)?;
            valgrind::hide(&mut ciphertext);
            let mut fallback = FALLBACK;
            valgrind::hide(&mut fallback);
            let expected = if changes.is_empty() { encoded[LEN - 48..].to_vec() } else { FALLBACK.to_vec() };
            let premaster = Err(CryptoError::Failed);
            Ok(Decryption {
                key: Arc::clone(&key),
                ciphertext,
                fallback: Secret::from(&fallback),
                expected,
                premaster,
            })
        })
    };
    Ok(Subject {
        name: "premaster".into(),
        about: "a premaster secret decrypted with RSA-2048, by cairn-provider-parts".into(),
        variants: VARIANTS.map(variant).into(),
        verdicts: vec![
            line(
                "crates/provider-parts/src/rsa.rs",
                "let below = number.cmp_vartime(self.key.n().as_ref()).is_lt();",
                "the ciphertext and the modulus, which are public",
            ),
            line(
                "crates/provider-parts/src/rsa.rs",
                "let number = if below { number } else { \
                 BoxedUint::one_with_precision(self.key.n_bits_precision()) };",
                "the same",
            ),
            line("crates/provider-parts/src/rsa.rs", "}", "the same, when the unused number is deallocated"),
            line(
                "src/algorithms/rsa.rs",
                "if c >= n.as_ref() {",
                "the same, compared again in the crate `rsa`",
            ),
        ],
        leaks: None,
    })
}
