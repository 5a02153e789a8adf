//! Measures signature verification: with a key parsed each time or once, and with the same signature
//! repeatedly or a different one each time, as in handshakes.
//!
//! Run with `cargo run --release -p cairn-provider-aws-lc --example cost_of_signatures`.

use cairn_crypto::{CryptoError, KeySpec, PrivateKeyDer, Provider, SignatureVerifier, VerifyingKey};
use cairn_wire::SignatureScheme;
use core::time::Duration;
use std::time::Instant;

const RUNS: usize = 20;
/// More signatures than branch prediction can learn.
const SIGNATURES: usize = 256;

/// The minimum of the means of several runs, because disturbances only make a run slower.
fn time(mut work: impl FnMut(usize) -> bool) -> Duration {
    let run = |_| {
        let start = Instant::now();
        for round in 0..SIGNATURES {
            assert!(work(round));
        }
        start.elapsed().div_f64(256.0)
    };
    (0..RUNS).map(run).min().unwrap_or_default()
}

/// A message and its signature.
type Signed = (Vec<u8>, Vec<u8>);

struct Made {
    public: Vec<u8>,
    signed: Vec<Signed>,
    signing: Duration,
}

/// Generates a key and signs messages as long as those of ServerKeyExchange.
fn make(provider: &Provider, spec: KeySpec, scheme: SignatureScheme) -> Result<Made, CryptoError> {
    let key = provider.keys.generate(spec, &mut provider.rng())?;
    let key = provider.keys.load(PrivateKeyDer::Pkcs8(key.expose()))?;
    let sign = |message: &[u8]| key.sign(scheme, message, &mut provider.rng());
    let mut signed = Vec::new();
    for number in 0..SIGNATURES {
        let mut message = vec![7; 100];
        message.extend(number.to_be_bytes());
        let signature = sign(&message)?;
        signed.push((message, signature));
    }
    let start = Instant::now();
    for (message, _) in signed.iter().take(64) {
        sign(message)?;
    }
    let signing = start.elapsed() / 64;
    Ok(Made { public: key.public_key().bits.clone(), signed, signing })
}

fn row(provider: &Provider, spec: KeySpec, scheme: SignatureScheme) -> Result<(), CryptoError> {
    let Made { public, signed, signing } = make(provider, spec, scheme)?;
    let is_for =
        |verifier: &&dyn SignatureVerifier| verifier.scheme() == scheme && verifier.read_key(&public).is_ok();
    let verifier = provider.verifiers.iter().map(|verifier| &**verifier).find(is_for);
    let verifier = verifier.ok_or(CryptoError::Unsupported)?;
    let key = verifier.read_key(&public)?.ok_or(CryptoError::Unsupported)?;
    let (verifier, key): (&dyn SignatureVerifier, &dyn VerifyingKey) = (verifier, &*key);
    let at = |round: usize| signed.get(round % SIGNATURES).into_iter();
    let read = time(|_| verifier.read_key(&public).is_ok());
    let unread_same = time(|_| at(0).all(|(m, s)| verifier.verify(&public, m, s).is_ok()));
    let read_same = time(|_| at(0).all(|(m, s)| key.verify(m, s).is_ok()));
    let unread = time(|round| at(round).all(|(m, s)| verifier.verify(&public, m, s).is_ok()));
    let read_before = time(|round| at(round).all(|(m, s)| key.verify(m, s).is_ok()));
    println!(
        "{:24} {:>10} {:>12} {:>12} {:>12} {:>12} {:>10}",
        format!("{scheme}"),
        format!("{read:.1?}"),
        format!("{unread_same:.1?}"),
        format!("{read_same:.1?}"),
        format!("{unread:.1?}"),
        format!("{read_before:.1?}"),
        format!("{signing:.1?}"),
    );
    Ok(())
}

fn main() -> Result<(), CryptoError> {
    let provider = cairn_provider_aws_lc::provider();
    println!(
        "{:24} {:>10} {:>12} {:>12} {:>12} {:>12} {:>10}",
        "scheme", "read key", "same", "same, read", "another", "another, r.", "sign"
    );
    row(&provider, KeySpec::EcP256, SignatureScheme::ECDSA_SECP256R1_SHA256)?;
    row(&provider, KeySpec::EcP384, SignatureScheme::ECDSA_SECP384R1_SHA384)?;
    row(&provider, KeySpec::Ed25519, SignatureScheme::ED25519)?;
    row(&provider, KeySpec::Rsa { bits: 2048 }, SignatureScheme::RSA_PSS_RSAE_SHA256)
}
