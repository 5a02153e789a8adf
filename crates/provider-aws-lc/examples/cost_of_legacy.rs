//! Measures the algorithms that come from RustCrypto: Diffie-Hellman over finite fields, bulk ciphers, and
//! the decryption of premaster secrets.
//!
//! Run with `cargo run --release -p cairn-provider-aws-lc --example cost_of_legacy`.

use cairn_crypto::{
    AeadAlgorithm, BlockCipherAlgorithm, CryptoError, FiniteFieldGroup, PrivateKeyDer, Provider, Secret,
};
use core::time::Duration;
use std::time::Instant;

/// See `tests/groups/README.md` of `cairn-provider-parts`.
const GROUPS: &str = include_str!("../../provider-parts/tests/groups/groups.txt");

/// See `tests/keys/README.md`.
const KEY: &[u8] = include_bytes!("../tests/keys/rsa-2048.pkcs8.der");

/// The length of a full record.
const RECORD: usize = 1 << 14;

/// The minimum of the means of several runs, because disturbances only make a run slower.
fn time(rounds: u32, mut work: impl FnMut() -> Result<(), CryptoError>) -> Result<Duration, CryptoError> {
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..rounds {
            work()?;
        }
        best = best.min(start.elapsed() / rounds);
    }
    Ok(best)
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digits.as_bytes().chunks(2).map(|pair| Some(digit(pair.first()?)? << 4 | digit(pair.get(1)?)?)).collect()
}

fn finite_field(provider: &Provider) -> Result<(), CryptoError> {
    println!("{:12} {:>8} {:>12} {:>12}", "group", "exponent", "generate", "agree");
    for line in GROUPS.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let [name, bits, g, p, ..] = fields[..] else { return Err(CryptoError::Failed) };
        let (g, mut p) = from_hex(g).zip(from_hex(p)).ok_or(CryptoError::Failed)?;
        measure(provider, name, bits, FiniteFieldGroup { p: &p, g: &g })?;
        if name == "ffdhe2048" || name == "ffdhe8192" {
            // Another number of the same length, which is not a known safe prime.
            p.iter_mut().skip(9).take(9).for_each(|byte| *byte ^= 1);
            measure(provider, "  unknown", "1024", FiniteFieldGroup { p: &p, g: &g })?;
        }
    }
    Ok(())
}

fn measure(
    provider: &Provider,
    name: &str,
    bits: &str,
    group: FiniteFieldGroup<'_>,
) -> Result<(), CryptoError> {
    let field = provider.finite_field.as_ref().ok_or(CryptoError::Unsupported)?;
    let peer = field.generate(group, &mut provider.rng())?;
    let rounds = if group.p.len() > 512 { 3 } else { 10 };
    let generate = time(rounds, || field.generate(group, &mut provider.rng()).map(drop))?;
    let both = time(rounds, || field.encapsulate(group, peer.share(), &mut provider.rng()).map(drop))?;
    let agree = both.saturating_sub(generate);
    println!("{name:12} {bits:>8} {:>12} {:>12}", format!("{generate:.2?}"), format!("{agree:.2?}"));
    Ok(())
}

#[expect(clippy::as_conversions, reason = "a measurement for people to read")]
fn speed(time: Duration) -> String {
    format!("{:.0} MB/s", RECORD as f64 / time.as_secs_f64() / 1e6)
}

fn bulk(provider: &Provider) -> Result<(), CryptoError> {
    println!("\n{:14} {:>12} {:>12}", "cipher", "encrypt", "decrypt");
    use BlockCipherAlgorithm::{Aes128, Aes256, TripleDes};
    for algorithm in [Aes128, Aes256, TripleDes] {
        let cipher = provider.block_cipher(algorithm).ok_or(CryptoError::Unsupported)?;
        let key: Vec<u8> = (1..).take(algorithm.key_len()).collect();
        let key = cipher.key(&key)?;
        let iv = vec![7; algorithm.block_len()];
        let mut text = vec![0; RECORD];
        let rounds = if algorithm == TripleDes { 10 } else { 1000 };
        let encrypt = time(rounds, || key.encrypt_cbc(&iv, &mut text))?;
        let decrypt = time(rounds, || key.decrypt_cbc(&iv, &mut text))?;
        println!("{:14} {:>12} {:>12}", format!("{algorithm}"), speed(encrypt), speed(decrypt));
    }
    use AeadAlgorithm::{Aes128Ccm, Aes128Gcm, Aes256Ccm};
    for algorithm in [Aes128Ccm, Aes256Ccm, Aes128Gcm] {
        let aead = provider.aead(algorithm).ok_or(CryptoError::Unsupported)?;
        let key = aead.key(&vec![7; algorithm.key_len()])?;
        let mut tag = vec![0; algorithm.tag_len()];
        let mut text = vec![0; RECORD];
        let seal = time(1000, || key.seal(&[0; 12], &[0; 13], &mut text, &mut tag))?;
        let mut sealed = vec![0; RECORD];
        key.seal(&[0; 12], &[0; 13], &mut sealed, &mut tag)?;
        sealed.extend_from_slice(&tag);
        let both = time(1000, || {
            text.clear();
            text.extend_from_slice(&sealed);
            key.open(&[0; 12], &[0; 13], &mut text).map(drop)
        })?;
        println!("{:14} {:>12} {:>12}", format!("{algorithm}"), speed(seal), speed(both));
    }
    Ok(())
}

fn premaster(provider: &Provider) -> Result<(), CryptoError> {
    let key = provider.keys.load_decrypting(PrivateKeyDer::Pkcs8(KEY))?;
    let fallback = Secret::from(&[0; 48]);
    let decrypt =
        time(20, || key.decrypt_premaster(&[0x11; 256], [3, 3], &fallback, &mut provider.rng()).map(drop))?;
    println!("\npremaster secret, RSA-2048: {decrypt:.2?}");
    Ok(())
}

fn main() -> Result<(), CryptoError> {
    let provider = cairn_provider_aws_lc::provider();
    finite_field(&provider)?;
    bulk(&provider)?;
    premaster(&provider)
}
