//! Decrypts a premaster secret of a named variant so many times, for a tool that counts instructions:
//!
//! ```text
//! cargo build --release -p cairn-provider-parts --features testing --example premaster_variants
//! valgrind --tool=callgrind --toggle-collect='*decrypt_premaster*' premaster_variants VARIANT [COUNT]
//! ```
//!
//! Every variant must take the same number of instructions: the generator is seeded, so blinding is the same for all.
//! Without a variant it names them all, and shows how long each takes by the clock.

use cairn_crypto::{DecryptingKey, PrivateKeyDer, Secret};
use cairn_provider_parts::rsa::load_decrypting;
use cairn_provider_parts::testing::Seeded;
use core::error::Error;
use rsa::{BoxedUint, PublicKey, hazmat};
use std::time::Instant;

const KEY: &[u8] = include_bytes!("../../provider-aws-lc/tests/keys/rsa-2048.pkcs8.der");
/// Length of the modulus, and what stands at which place.
const LEN: usize = 256;
const SEPARATOR: usize = LEN - 49;
const VERSION: [u8; 2] = [3, 3];

/// What is changed of a good message: which byte to what.
const VARIANTS: [(&str, &[(usize, u8)]); 13] = [
    ("valid", &[]),
    ("wrong-major-version", &[(SEPARATOR + 1, 2)]),
    ("wrong-minor-version", &[(SEPARATOR + 2, 1)]),
    ("bad-first-byte", &[(0, 1)]),
    ("bad-second-byte", &[(1, 1)]),
    ("zero-early-in-padding", &[(4, 0)]),
    ("zero-late-in-padding", &[(SEPARATOR - 1, 0)]),
    ("no-separator", &[(SEPARATOR, 7)]),
    ("separator-one-before", &[(SEPARATOR, 7), (SEPARATOR - 1, 0)]),
    ("separator-one-after", &[(SEPARATOR, 7), (SEPARATOR + 1, 0)]),
    ("separator-at-the-end", &[(SEPARATOR, 7), (LEN - 1, 0)]),
    ("everything-wrong", &[(0, 1), (1, 3), (9, 0), (SEPARATOR, 7), (SEPARATOR + 1, 0), (SEPARATOR + 2, 0)]),
    // All zeros but for the last byte: see `encoded`.
    ("number-one", &[(LEN, 1)]),
];

fn encoded(changes: &[(usize, u8)]) -> Option<Vec<u8>> {
    let mut encoded: Vec<u8> = (1..=255).cycle().take(LEN).collect();
    encoded.get_mut(..2)?.copy_from_slice(&[0, 2]);
    *encoded.get_mut(SEPARATOR)? = 0;
    encoded.get_mut(SEPARATOR + 1..SEPARATOR + 3)?.copy_from_slice(&VERSION);
    for (at, byte) in changes {
        match encoded.get_mut(*at) {
            Some(place) => *place = *byte,
            // The one place past the end stands for a number as small as that.
            None => return Some([&[0; LEN - 1][..], &[*byte]].concat()),
        }
    }
    Some(encoded)
}

fn ciphertext(key: &dyn DecryptingKey, changes: &[(usize, u8)]) -> Result<Vec<u8>, Box<dyn Error>> {
    // RSAPublicKey of 2048 bits with an exponent of 3 bytes: 9 bytes, the modulus, 2 bytes, the exponent.
    let bits = &key.public_key().bits;
    let n = bits.get(9..9 + LEN).ok_or("another key than expected")?;
    let e = bits.get(9 + LEN + 2..).ok_or("another key than expected")?;
    let number = BoxedUint::from_be_slice_vartime;
    let encoded = encoded(changes).ok_or("a message too short")?;
    let encrypted = hazmat::rsa_encrypt(&PublicKey::new(number(n), number(e))?, &number(&encoded))?;
    Ok(encrypted.to_be_bytes().into())
}

/// Decrypts so many times, and says how often the message came out.
fn run(key: &dyn DecryptingKey, changes: &[(usize, u8)], count: u32) -> Result<u32, Box<dyn Error>> {
    let ciphertext = ciphertext(key, changes)?;
    let fallback = Secret::from(&[0xfa; 48]);
    // The same for all variants, so that they are blinded alike.
    let mut rng = Seeded::new(1);
    let mut messages = 0;
    for _ in 0..count {
        let premaster = key.decrypt_premaster(&ciphertext, VERSION, &fallback, &mut rng)?;
        messages += u32::from(premaster != fallback);
    }
    Ok(messages)
}

fn main() -> Result<(), Box<dyn Error>> {
    let key = load_decrypting(PrivateKeyDer::Pkcs8(KEY))?;
    let mut arguments = std::env::args().skip(1);
    let Some(wanted) = arguments.next() else {
        for (name, changes) in VARIANTS {
            let start = Instant::now();
            let messages = run(&*key, changes, 50)?;
            println!("{name:24} {messages:2} of 50 messages, {:.2?} each", start.elapsed() / 50);
        }
        return Ok(());
    };
    let count = arguments.next().map_or(Ok(1), |count| count.parse())?;
    let (_, changes) = VARIANTS.iter().find(|(name, _)| *name == wanted).ok_or("no such variant")?;
    println!("{wanted}: {} of {count} messages", run(&*key, changes, count)?);
    Ok(())
}
