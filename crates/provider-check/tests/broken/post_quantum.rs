//! Tests with broken ML-KEM, hybrid groups, finite field groups by name, and ML-DSA.

use crate::{empty, found, sound};
use cairn_crypto::rand_core::TryCryptoRng;
use cairn_crypto::{
    Algorithm, CryptoError, Encapsulated, EphemeralKey, KeyAgreement, KeyKind, KeySpec, KeyStore,
    PrivateKeyDer, Provider, SecretBytes, SignatureVerifier, SigningKey,
};
use cairn_wire::{NamedGroup, SignatureScheme};
use std::sync::{Arc, Mutex};

type Rng<'a> = &'a mut dyn TryCryptoRng<Error = CryptoError>;

/// The defect of key agreement.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    /// Encapsulation keys are used without the modulus check of FIPS 203 section 7.2.
    UncheckedKeys,
    /// A ciphertext that was not made for the key is an error.
    VisibleRejection,
    /// A ciphertext that was not made for the key gives the same secret each time.
    ConstantRejection,
    /// The bytes of every secret are in reverse order, on both sides.
    SecretReversed,
    /// Both halves of every secret are exchanged, on both sides.
    SecretsExchanged,
    /// Secrets are computed from invalid answers too.
    UncheckedAnswers,
    /// The key of a part has another share than the hybrid.
    OtherComponent,
    /// Shares are accepted without leading zeros.
    ShortShares,
}

/// The ciphertexts that were made, so that others can be recognized.
type Made = Arc<Mutex<Vec<Vec<u8>>>>;

struct Bad {
    inner: Arc<dyn KeyAgreement>,
    wrong: Wrong,
    made: Made,
}

struct BadKey {
    key: Box<dyn EphemeralKey>,
    other: Option<Box<dyn EphemeralKey>>,
    wrong: Wrong,
    made: Made,
}

fn with(provider: &Provider, group: NamedGroup, wrong: Wrong) -> Provider {
    let inner = Arc::clone(provider.group(group).unwrap());
    let bad: Arc<dyn KeyAgreement> = Arc::new(Bad { inner, wrong, made: Made::default() });
    let parts = group.components().into_iter().flatten();
    let parts = parts.map(|part| Arc::clone(provider.group(part).unwrap()));
    Provider { groups: [bad].into_iter().chain(parts).collect(), ..empty() }
}

fn change(wrong: Wrong, secret: SecretBytes) -> SecretBytes {
    let mut bytes = secret.expose().to_vec();
    match wrong {
        Wrong::SecretReversed => bytes.reverse(),
        Wrong::SecretsExchanged => bytes.rotate_left(32),
        _ => return secret,
    }
    SecretBytes::new(bytes)
}

/// Adds the zeros that a number of a finite field lacks.
fn padded(share: &[u8]) -> Vec<u8> {
    [vec![0; 256_usize.saturating_sub(share.len())], share.to_vec()].concat()
}

impl Algorithm for Bad {
    fn implementation(&self) -> &'static str {
        "broken"
    }
}

impl KeyAgreement for Bad {
    fn group(&self) -> NamedGroup {
        self.inner.group()
    }

    fn generate(&self, rng: Rng<'_>) -> Result<Box<dyn EphemeralKey>, CryptoError> {
        let other = match self.wrong {
            Wrong::OtherComponent => Some(self.inner.generate(rng)?),
            _ => None,
        };
        let key = self.inner.generate(rng)?;
        Ok(Box::new(BadKey { key, other, wrong: self.wrong, made: Arc::clone(&self.made) }))
    }

    fn encapsulate(&self, peer_share: &[u8], rng: Rng<'_>) -> Result<Encapsulated, CryptoError> {
        let answer = match self.wrong {
            Wrong::ShortShares => self.inner.encapsulate(&padded(peer_share), rng),
            _ => self.inner.encapsulate(peer_share, rng),
        };
        let answer = match (self.wrong, answer) {
            (Wrong::UncheckedKeys, Err(CryptoError::BadPeerShare)) => {
                let key = self.inner.generate(rng)?;
                if key.share().len() != peer_share.len() {
                    return Err(CryptoError::BadPeerShare);
                }
                self.inner.encapsulate(key.share(), rng)
            }
            (_, answer) => answer,
        }?;
        self.made.lock().unwrap().push(answer.share.clone());
        Ok(Encapsulated { secret: change(self.wrong, answer.secret), ..answer })
    }
}

impl EphemeralKey for BadKey {
    fn share(&self) -> &[u8] {
        self.key.share()
    }

    fn agree(self: Box<Self>, peer_share: &[u8]) -> Result<SecretBytes, CryptoError> {
        let made = self.made.lock().unwrap();
        let was_made = made.iter().any(|made| made == peer_share);
        let has_length = made.iter().any(|made| made.len() == peer_share.len());
        let secret = match self.wrong {
            Wrong::ShortShares => self.key.agree(&padded(peer_share)),
            _ => self.key.agree(peer_share),
        };
        match (self.wrong, secret) {
            (Wrong::VisibleRejection, Ok(_)) if !was_made => Err(CryptoError::BadPeerShare),
            (Wrong::ConstantRejection, Ok(_)) if !was_made => Ok(SecretBytes::from(&[0; 32])),
            (Wrong::UncheckedAnswers, Err(CryptoError::BadPeerShare)) if has_length => {
                Ok(SecretBytes::from(&[0; 64]))
            }
            (wrong, secret) => Ok(change(wrong, secret?)),
        }
    }

    fn component(&self, group: NamedGroup) -> Option<&dyn EphemeralKey> {
        self.other.as_ref().unwrap_or(&self.key).component(group)
    }

    fn into_component(self: Box<Self>, group: NamedGroup) -> Option<Box<dyn EphemeralKey>> {
        self.other.unwrap_or(self.key).into_component(group)
    }
}

#[test]
fn missing_modulus_check_is_found() {
    let provider = with(&sound(), NamedGroup::MLKEM768, Wrong::UncheckedKeys);
    let checks = ["Wycheproof", "invalid values"];
    found(&provider, "MLKEM768", &checks, "coefficient 0 is 3329: accepted; with share ");
}

#[test]
fn ciphertexts_that_are_rejected_visibly_are_found() {
    let provider = with(&sound(), NamedGroup::MLKEM512, Wrong::VisibleRejection);
    found(&provider, "MLKEM512", &["implicit rejection", "Wycheproof"], "a ciphertext for another key");
}

#[test]
fn constant_secret_for_rejected_ciphertexts_is_found() {
    let provider = with(&sound(), NamedGroup::MLKEM1024, Wrong::ConstantRejection);
    found(&provider, "MLKEM1024", &["implicit rejection"], "two ciphertexts gave the same secret");
}

#[test]
fn wrong_secret_of_ml_kem_is_found() {
    // Two implementations with the same defect agree, but not with the vectors, if seeds can be given.
    let provider = with(&cairn_provider_rustcrypto::provider(), NamedGroup::MLKEM768, Wrong::SecretReversed);
    found(&provider, "MLKEM768", &["Wycheproof"], "another secret");
}

#[test]
fn secrets_in_the_wrong_order_are_found() {
    for (group, name) in [
        (NamedGroup::X25519MLKEM768, "X25519MLKEM768"),
        (NamedGroup::SECP256R1MLKEM768, "SecP256r1MLKEM768"),
        (NamedGroup::SECP384R1MLKEM1024, "SecP384r1MLKEM1024"),
    ] {
        let provider = with(&sound(), group, Wrong::SecretsExchanged);
        found(&provider, name, &["composition"], "not the concatenation");
    }
}

#[test]
fn invalid_part_of_a_hybrid_share_is_found() {
    let provider = with(&sound(), NamedGroup::X25519MLKEM768, Wrong::UncheckedAnswers);
    found(&provider, "X25519MLKEM768", &["invalid values"], "an invalid share of x25519: accepted");
    let provider = with(&sound(), NamedGroup::X25519MLKEM768, Wrong::UncheckedKeys);
    found(&provider, "X25519MLKEM768", &["invalid values"], "an invalid share of MLKEM768: accepted");
    let provider = with(&sound(), NamedGroup::SECP256R1MLKEM768, Wrong::UncheckedAnswers);
    found(&provider, "SecP256r1MLKEM768", &["invalid values"], "an invalid share of secp256r1: accepted");
}

#[test]
fn component_with_another_share_is_found() {
    let provider = with(&sound(), NamedGroup::X25519MLKEM768, Wrong::OtherComponent);
    found(&provider, "X25519MLKEM768", &["composition"], "x25519: another share");
}

#[test]
fn finite_field_share_without_leading_zeros_is_found() {
    let provider = with(&sound(), NamedGroup::FFDHE2048, Wrong::ShortShares);
    found(&provider, "ffdhe2048", &["invalid values"], "a share without leading zeros: accepted");
}

/// Accepts signatures with a context too.
struct AnyContext(Arc<dyn SignatureVerifier>);

impl Algorithm for AnyContext {
    fn implementation(&self) -> &'static str {
        "broken"
    }
}

impl SignatureVerifier for AnyContext {
    fn key_kind(&self) -> KeyKind {
        self.0.key_kind()
    }

    fn scheme(&self) -> SignatureScheme {
        self.0.scheme()
    }

    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let with_context = include_bytes!("../../fixtures/ml-dsa-65.context.sig");
        if signature == with_context {
            return Ok(());
        }
        self.0.verify(public_key, message, signature)
    }
}

#[test]
fn accepted_signature_with_a_context_is_found() {
    let inner = Arc::clone(sound().verifier(KeyKind::MlDsa65, SignatureScheme::MLDSA65).unwrap());
    let provider = Provider { verifiers: vec![Arc::new(AnyContext(inner))], ..empty() };
    found(&provider, "ML-DSA-65", &["invalid values"], "a signature with a context: accepted");
}

/// Reads only the seed of a private key that also contains the expanded key.
struct SeedOnly(Arc<dyn KeyStore>);

impl Algorithm for SeedOnly {
    fn implementation(&self) -> &'static str {
        "broken"
    }
}

impl KeyStore for SeedOnly {
    fn load(&self, key: PrivateKeyDer<'_>) -> Result<Arc<dyn SigningKey>, CryptoError> {
        let der = key.der();
        // ML-DSA-44: a sequence with a seed and an expanded key.
        let both = der.windows(6).position(|bytes| bytes == [0x30, 0x82, 0x0a, 0x26, 0x04, 0x20]);
        match both.and_then(|at| der.get(at + 6..at + 38)) {
            Some(seed) => {
                let start = [
                    0x30, 0x34, 2, 1, 0, 0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 17, 4, 0x22,
                    0x80, 0x20,
                ];
                self.0.load(PrivateKeyDer::Pkcs8(&[&start[..], seed].concat()))
            }
            None => self.0.load(key),
        }
    }

    fn generate(&self, spec: KeySpec, rng: Rng<'_>) -> Result<SecretBytes, CryptoError> {
        self.0.generate(spec, rng)
    }
}

#[test]
fn seed_that_disagrees_with_the_expanded_key_is_found() {
    let keys: Arc<dyn KeyStore> = Arc::new(SeedOnly(sound().keys));
    let provider = Provider { keys, ..empty() };
    found(&provider, "ML-DSA-44 key", &["Wycheproof"], "seed and expanded key that disagree: accepted");
}
