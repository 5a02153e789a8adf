//! Tests with broken private keys.

use crate::{empty, found, sound};
use cairn_crypto::rand_core::TryCryptoRng;
use cairn_crypto::{
    Algorithm, CryptoError, DecryptingKey, KeyKind, KeySpec, KeyStore, PrivateKeyDer, Provider, PublicKey,
    Secret, SecretBytes, SigningKey,
};
use cairn_wire::SignatureScheme;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

type Rng<'a> = &'a mut dyn TryCryptoRng<Error = CryptoError>;
type Made = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// The defect of the keys.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    ForeignSchemes,
    ConstantSalt,
    TrailingBytes,
    PremasterFails,
    PremasterPanics,
    OneKeyForAll,
}

/// Only keys of one kind, so that not all of them are checked each time.
struct BadKeys(KeyKind, Wrong, Made);
struct BadKey(Arc<dyn SigningKey>, Wrong, Made);
struct BadDecrypting(Arc<dyn DecryptingKey>, Wrong);

impl Algorithm for BadKeys {
    fn implementation(&self) -> &'static str {
        "broken"
    }
}

impl KeyStore for BadKeys {
    fn load(&self, key: PrivateKeyDer<'_>) -> Result<Arc<dyn SigningKey>, CryptoError> {
        let mut loaded = sound().keys.load(key);
        if let (Wrong::TrailingBytes, PrivateKeyDer::Pkcs8([body @ .., 0])) = (self.1, key) {
            loaded = loaded.or_else(|_| sound().keys.load(PrivateKeyDer::Pkcs8(body)));
        }
        let loaded = loaded?;
        if loaded.public_key().kind != self.0 {
            return Err(CryptoError::BadPrivateKey);
        }
        Ok(Arc::new(BadKey(loaded, self.1, Arc::clone(&self.2))))
    }

    fn load_decrypting(&self, key: PrivateKeyDer<'_>) -> Result<Arc<dyn DecryptingKey>, CryptoError> {
        if !matches!(self.1, Wrong::PremasterFails | Wrong::PremasterPanics) {
            return Err(CryptoError::Unsupported);
        }
        Ok(Arc::new(BadDecrypting(sound().keys.load_decrypting(key)?, self.1)))
    }

    fn generate(&self, spec: KeySpec, rng: Rng<'_>) -> Result<SecretBytes, CryptoError> {
        if self.1 != Wrong::OneKeyForAll || spec != KeySpec::Ed25519 {
            return Err(CryptoError::Unsupported);
        }
        let mut made = self.2.lock().unwrap();
        let key = made
            .entry(format!("{spec:?}"))
            .or_insert_with(|| sound().keys.generate(spec, rng).unwrap().expose().to_vec());
        Ok(SecretBytes::from(&key[..]))
    }
}

impl SigningKey for BadKey {
    fn public_key(&self) -> &PublicKey {
        self.0.public_key()
    }

    fn schemes(&self) -> &[SignatureScheme] {
        self.0.schemes()
    }

    fn sign(&self, scheme: SignatureScheme, message: &[u8], rng: Rng<'_>) -> Result<Vec<u8>, CryptoError> {
        match self.1 {
            Wrong::ForeignSchemes if !self.schemes().contains(&scheme) => {
                self.0.sign(self.schemes()[0], message, rng)
            }
            Wrong::ConstantSalt => {
                let mut made = self.2.lock().unwrap();
                let name = format!("{:?} {scheme} {message:?}", self.public_key());
                let signature =
                    made.entry(name).or_insert_with(|| self.0.sign(scheme, message, rng).unwrap_or_default());
                if signature.is_empty() { Err(CryptoError::Unsupported) } else { Ok(signature.clone()) }
            }
            _ => self.0.sign(scheme, message, rng),
        }
    }
}

impl DecryptingKey for BadDecrypting {
    fn public_key(&self) -> &PublicKey {
        self.0.public_key()
    }

    fn decrypt_premaster(
        &self,
        ciphertext: &[u8],
        client_version: [u8; 2],
        fallback: &Secret<48>,
        rng: Rng<'_>,
    ) -> Result<Secret<48>, CryptoError> {
        let secret = self.0.decrypt_premaster(ciphertext, client_version, fallback, rng)?;
        if secret == *fallback {
            assert!(self.1 == Wrong::PremasterFails, "bad padding");
            return Err(CryptoError::Failed);
        }
        Ok(secret)
    }
}

fn with_keys(kind: KeyKind, wrong: Wrong) -> Provider {
    let verifiers = sound().verifiers.into_iter().filter(|verifier| verifier.key_kind() == kind).collect();
    Provider { keys: Arc::new(BadKeys(kind, wrong, Made::default())), verifiers, ..empty() }
}

#[test]
fn signing_with_unlisted_schemes_is_found() {
    let provider = with_keys(KeyKind::EcP256, Wrong::ForeignSchemes);
    found(&provider, "EC P-256 key", &["signing"], "which the key does not list: accepted");
}

#[test]
fn constant_salt_is_found() {
    let provider = with_keys(KeyKind::RsaPss, Wrong::ConstantSalt);
    found(&provider, "RSASSA-PSS key", &["signing"], "its salt is constant");
}

#[test]
fn accepted_bytes_after_a_key_are_found() {
    let provider = with_keys(KeyKind::Ed25519, Wrong::TrailingBytes);
    found(&provider, "Ed25519 key", &["encodings"], "and a byte more: accepted");
}

#[test]
fn visible_failure_of_premaster_decryption_is_found() {
    let provider = with_keys(KeyKind::Rsa, Wrong::PremasterFails);
    let checks = ["implicit rejection", "Wycheproof"];
    found(&provider, "RSA premaster secret", &checks, "the second byte is not 2: visibly failed");
    let provider = with_keys(KeyKind::Rsa, Wrong::PremasterPanics);
    found(&provider, "RSA premaster secret", &checks, "panicked after");
}

#[test]
fn repeated_key_generation_is_found() {
    let provider = with_keys(KeyKind::Ed25519, Wrong::OneKeyForAll);
    found(&provider, "Ed25519 key", &["key generation"], "the same key was generated twice");
}
