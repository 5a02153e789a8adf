//! Tests with broken key agreement, signatures and RSA encryption.

use crate::{empty, found, found_in, sound};
use cairn_crypto::rand_core::TryCryptoRng;
use cairn_crypto::{
    Algorithm, CryptoError, EphemeralKey, FiniteField, FiniteFieldGroup, KeyAgreement, KeyKind, Provider,
    RsaEncryption, SecretBytes, SignatureVerifier, VerifyingKey,
};
use cairn_provider_check::check;
use cairn_wire::{NamedGroup, SignatureScheme};
use std::sync::{Arc, Mutex};

type Rng<'a> = &'a mut dyn TryCryptoRng<Error = CryptoError>;

/// The defect of key agreement.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    BadSharesTaken,
    OneKeyForAll,
    ZerosStripped,
    SecretReversed,
    /// A bit or a form that recipients ignore according to RFC 7748 section 5, but that senders must not use.
    ShareNotCanonical,
    ShareWithoutZeros,
}

struct BadAgreement(Arc<dyn KeyAgreement>, Wrong);
struct BadDh(Arc<dyn FiniteField>, Wrong);
/// An ephemeral key, and the share that it shows.
struct BadKey(Box<dyn EphemeralKey>, Wrong, Vec<u8>);

impl BadKey {
    fn boxed(key: Box<dyn EphemeralKey>, wrong: Wrong) -> Box<dyn EphemeralKey> {
        let mut share = key.share().to_vec();
        match (wrong, share.len()) {
            (Wrong::ShareNotCanonical, 32) => share[31] |= 0x80,
            (Wrong::ShareNotCanonical, last) => share[0] = 6 | share[last - 1] & 1,
            (Wrong::ShareWithoutZeros, _) => {
                share = share.into_iter().skip_while(|byte| *byte == 0).collect();
            }
            _ => {}
        }
        Box::new(Self(key, wrong, share))
    }
}

impl Algorithm for BadAgreement {
    fn implementation(&self) -> &'static str {
        "broken"
    }
}

/// A generator that always returns the same bytes.
struct Same;

impl cairn_crypto::RandomSource for Same {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        out.fill(1);
        Ok(())
    }
}

impl KeyAgreement for BadAgreement {
    fn group(&self) -> NamedGroup {
        self.0.group()
    }

    fn generate(&self, rng: Rng<'_>) -> Result<Box<dyn EphemeralKey>, CryptoError> {
        let key = match self.1 {
            Wrong::OneKeyForAll => self.0.generate(&mut cairn_crypto::ProviderRng(&Same))?,
            _ => self.0.generate(rng)?,
        };
        Ok(BadKey::boxed(key, self.1))
    }
}

impl Algorithm for BadDh {
    fn implementation(&self) -> &'static str {
        "broken"
    }
}

impl FiniteField for BadDh {
    fn generate(
        &self,
        group: FiniteFieldGroup<'_>,
        rng: Rng<'_>,
    ) -> Result<Box<dyn EphemeralKey>, CryptoError> {
        Ok(BadKey::boxed(self.0.generate(group, rng)?, self.1))
    }
}

impl EphemeralKey for BadKey {
    fn share(&self) -> &[u8] {
        &self.2
    }

    fn agree(self: Box<Self>, peer_share: &[u8]) -> Result<SecretBytes, CryptoError> {
        // It accepts its own form of shares.
        let mut peer_share = peer_share.to_vec();
        if let (Wrong::ShareNotCanonical, Some(6 | 7)) = (self.1, peer_share.first()) {
            peer_share[0] = 4;
        }
        let peer_share = peer_share.as_slice();
        match (self.1, self.0.agree(peer_share)) {
            (Wrong::BadSharesTaken, Err(CryptoError::BadPeerShare)) => Ok(SecretBytes::from(&[0; 32][..])),
            (Wrong::ZerosStripped, Ok(secret)) => {
                let digits: Vec<u8> = secret.expose().iter().copied().skip_while(|byte| *byte == 0).collect();
                Ok(SecretBytes::new(digits))
            }
            (Wrong::SecretReversed, Ok(secret)) => {
                Ok(SecretBytes::new(secret.expose().iter().rev().copied().collect()))
            }
            (_, outcome) => outcome,
        }
    }
}

fn with_group(group: NamedGroup, wrong: Wrong) -> Provider {
    let agreement: Arc<dyn KeyAgreement> =
        Arc::new(BadAgreement(Arc::clone(sound().group(group).unwrap()), wrong));
    Provider { groups: vec![agreement], ..empty() }
}

#[test]
fn accepted_low_order_points_are_found() {
    let checks = ["Wycheproof", "invalid values"];
    found(&with_group(NamedGroup::X25519, Wrong::BadSharesTaken), "x25519", &checks, "a point of low order");
    found(&with_group(NamedGroup::X25519, Wrong::BadSharesTaken), "x25519", &checks, "an all-zero secret");
}

#[test]
fn accepted_points_off_the_curve_are_found() {
    let checks = ["Wycheproof", "invalid values"];
    found(&with_group(NamedGroup::SECP256R1, Wrong::BadSharesTaken), "secp256r1", &checks, "off the curve");
}

#[test]
fn repeated_ephemeral_key_is_found() {
    let provider = with_group(NamedGroup::X25519, Wrong::OneKeyForAll);
    found(&provider, "x25519", &["two sides"], "distinct ephemeral keys");
}

#[test]
fn noncanonical_generated_shares_are_found() {
    let said = "a generated share is not canonically encoded; with share ";
    // Two such implementations understand each other, because the top bit of X25519 is ignored.
    found(&with_group(NamedGroup::X25519, Wrong::ShareNotCanonical), "x25519", &["two sides"], said);
}

#[test]
fn generated_points_in_hybrid_form_are_found() {
    let said = "a generated share is not canonically encoded; with share ";
    let report = check(&with_group(NamedGroup::SECP256R1, Wrong::ShareNotCanonical));
    found_in(&report, "secp256r1", &["two sides"], said);
}

#[test]
fn generated_finite_field_shares_without_leading_zeros_are_found() {
    let said = "length of a generated share with leading zeros: expected 256, got 128; with share ff03de";
    found(&with_dh(Wrong::ShareWithoutZeros), "finite-field DH", &["two sides"], said);
}

#[test]
fn fault_shows_the_input_that_failed() {
    let provider = with_group(NamedGroup::SECP256R1, Wrong::BadSharesTaken);
    found(&provider, "secp256r1", &["invalid values"], "a point off the curve: accepted; with share 04");
    let verifier = with_verifier(P256.0, P256.1, <[u8]>::to_vec, |_| true);
    found(&verifier, P256_NAME, &["tampering"], "another message: accepted; with key 04");
}

#[test]
fn wrong_secret_on_both_sides_is_found() {
    // Two implementations with the same defect agree, but not with the vectors.
    let provider = with_group(NamedGroup::SECP384R1, Wrong::SecretReversed);
    found(&provider, "secp384r1", &["Wycheproof"], "another secret");
}

fn with_dh(wrong: Wrong) -> Provider {
    let dh: Arc<dyn FiniteField> = Arc::new(BadDh(sound().finite_field.unwrap(), wrong));
    Provider { finite_field: Some(dh), ..empty() }
}

#[test]
fn accepted_shares_out_of_range_are_found() {
    found(
        &with_dh(Wrong::BadSharesTaken),
        "finite-field DH",
        &["invalid values"],
        "no share at all: accepted",
    );
}

#[test]
fn secret_without_leading_zeros_is_found() {
    found(&with_dh(Wrong::ZerosStripped), "finite-field DH", &["two sides"], "begins with zeros");
}

/// Accepts a signature if the inner verifier does after `change`, or if `also` does.
struct BadVerifier {
    inner: Arc<dyn SignatureVerifier>,
    change: fn(&[u8]) -> Vec<u8>,
    also: fn(&[u8]) -> bool,
}

impl Algorithm for BadVerifier {
    fn implementation(&self) -> &'static str {
        "broken"
    }
}

impl SignatureVerifier for BadVerifier {
    fn key_kind(&self) -> KeyKind {
        self.inner.key_kind()
    }

    fn scheme(&self) -> SignatureScheme {
        self.inner.scheme()
    }

    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        if (self.also)(signature) {
            return Ok(());
        }
        self.inner.verify(public_key, message, &(self.change)(signature))
    }
}

fn with_verifier(
    kind: KeyKind,
    scheme: SignatureScheme,
    change: fn(&[u8]) -> Vec<u8>,
    also: fn(&[u8]) -> bool,
) -> Provider {
    let inner = Arc::clone(sound().verifier(kind, scheme).unwrap());
    let verifier: Arc<dyn SignatureVerifier> = Arc::new(BadVerifier { inner, change, also });
    Provider { verifiers: vec![verifier], ..empty() }
}

/// The result of decoding any key.
type Read = fn() -> Result<Option<Box<dyn VerifyingKey>>, CryptoError>;

/// Sound, except for the keys that it decodes in advance.
struct BadReader(Arc<dyn SignatureVerifier>, Read);

impl Algorithm for BadReader {
    fn implementation(&self) -> &'static str {
        "broken"
    }
}

impl SignatureVerifier for BadReader {
    fn key_kind(&self) -> KeyKind {
        self.0.key_kind()
    }

    fn scheme(&self) -> SignatureScheme {
        self.0.scheme()
    }

    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        self.0.verify(public_key, message, signature)
    }

    fn read_key(&self, _: &[u8]) -> Result<Option<Box<dyn VerifyingKey>>, CryptoError> {
        (self.1)()
    }
}

/// A key that accepts every signature.
struct AnythingGoes;

impl VerifyingKey for AnythingGoes {
    fn verify(&self, _: &[u8], _: &[u8]) -> Result<(), CryptoError> {
        Ok(())
    }
}

/// A key that verifies only one signature.
#[derive(Default)]
struct Once(Mutex<bool>);

impl VerifyingKey for Once {
    fn verify(&self, _: &[u8], _: &[u8]) -> Result<(), CryptoError> {
        if core::mem::replace(&mut *self.0.lock().unwrap(), true) {
            return Err(CryptoError::BadSignature);
        }
        Ok(())
    }
}

#[test]
fn decoded_keys_that_disagree_are_found() {
    let cases: [(Read, &[&str], &str); 3] = [
        (|| Ok(Some(Box::new(AnythingGoes))), &["tampering", "invalid values", "Wycheproof"], "Failed"),
        (|| Ok(Some(Box::new(Once::default()))), &["known answers", "Wycheproof"], "Failed"),
        (|| Err(CryptoError::BadSignature), &["known answers", "Wycheproof"], "Failed"),
    ];
    for (read, checks, fault) in cases {
        let inner = Arc::clone(sound().verifier(P256.0, P256.1).unwrap());
        let verifier: Arc<dyn SignatureVerifier> = Arc::new(BadReader(inner, read));
        found(&Provider { verifiers: vec![verifier], ..empty() }, P256_NAME, checks, fault);
    }
}

const P256: (KeyKind, SignatureScheme) = (KeyKind::EcP256, SignatureScheme::ECDSA_SECP256R1_SHA256);
const P256_NAME: &str = "ECDSA with SHA-256 under EC P-256";

/// Returns `true` if the first number of a sequence of two is zero.
fn r_is_zero(signature: &[u8]) -> bool {
    signature.get(2..5) == Some(&[2, 1, 0])
}

#[test]
fn accepted_ecdsa_signature_with_r_zero_is_found() {
    let provider = with_verifier(P256.0, P256.1, <[u8]>::to_vec, r_is_zero);
    found(&provider, P256_NAME, &["invalid values", "Wycheproof"], "r = 0: accepted");
}

/// Accepts long lengths and bytes after the sequence, as a BER reader might.
fn generous(signature: &[u8]) -> Vec<u8> {
    let mut der = signature.to_vec();
    if let [0x30, 0x81, rest @ ..] = signature {
        der = [&[0x30], rest].concat();
    }
    if let Some(len) = der.get(1).copied() {
        der.truncate(usize::from(len) + 2);
    }
    der
}

#[test]
fn accepted_ecdsa_signature_that_is_not_der_is_found() {
    let provider = with_verifier(P256.0, P256.1, generous, |_| false);
    let checks = ["invalid values", "tampering", "Wycheproof"];
    found(&provider, P256_NAME, &checks, "a length in the long form: accepted");
    found(&provider, P256_NAME, &checks, "a byte more at the end: accepted");
}

#[test]
fn verifier_that_accepts_everything_is_found() {
    for (kind, scheme, name) in [
        (KeyKind::Ed25519, SignatureScheme::ED25519, "Ed25519"),
        (KeyKind::Rsa, SignatureScheme::RSA_PKCS1_SHA256, "rsa_pkcs1_sha256"),
    ] {
        let provider = with_verifier(kind, scheme, <[u8]>::to_vec, |_| true);
        found(&provider, name, &["invalid values", "tampering", "Wycheproof"], "another message: accepted");
    }
}

#[test]
fn verifier_that_accepts_nothing_is_found() {
    let provider =
        with_verifier(KeyKind::EcP521, SignatureScheme::ECDSA_SECP384R1_SHA384, |_| vec![], |_| false);
    let name = "ECDSA with SHA-384 under EC P-521";
    found(&provider, name, &["known answers"], "a signature that OpenSSL made");
}

#[test]
fn accepted_leading_zeros_of_rsa_signatures_are_found() {
    fn strip(signature: &[u8]) -> Vec<u8> {
        signature.strip_prefix(&[0]).unwrap_or(signature).to_vec()
    }
    let (kind, scheme) = (KeyKind::Rsa, SignatureScheme::RSA_PSS_RSAE_SHA256);
    let provider = with_verifier(kind, scheme, strip, |_| false);
    found(&provider, "rsa_pss_rsae_sha256", &["invalid values"], "a leading zero: accepted");
}

/// Returns its previous ciphertext again, or panics for a message that does not fit.
struct BadEncryption(Arc<dyn RsaEncryption>, Mutex<Vec<(Vec<u8>, Vec<u8>)>>);

impl Algorithm for BadEncryption {
    fn implementation(&self) -> &'static str {
        "broken"
    }
}

impl RsaEncryption for BadEncryption {
    fn encrypt(&self, public_key: &[u8], message: &[u8], rng: Rng<'_>) -> Result<Vec<u8>, CryptoError> {
        let mut given = self.1.lock().unwrap();
        if let Some((_, ciphertext)) = given.iter().find(|(other, _)| other == message) {
            return Ok(ciphertext.clone());
        }
        let ciphertext = self.0.encrypt(public_key, message, rng)?;
        given.push((message.to_vec(), ciphertext.clone()));
        Ok(ciphertext)
    }
}

#[test]
fn rsa_padding_without_randomness_is_found() {
    let rsa = BadEncryption(sound().rsa_encryption.unwrap(), Mutex::new(vec![]));
    let provider = Provider { rsa_encryption: Some(Arc::new(rsa)), ..empty() };
    found(&provider, "RSA encryption", &["lengths"], "distinct paddings");
}
