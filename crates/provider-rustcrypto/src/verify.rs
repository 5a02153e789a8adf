//! Checking signatures: Ed25519 (RFC 8032), ECDSA (FIPS 186-5), RSASSA-PSS and RSASSA-PKCS1-v1_5 (RFC 8017).

use crate::curve::{self, NistCurve};
use crate::rsa_encryption::public_key;
use crate::{DALEK, NAME};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{Algorithm, CryptoError, KeyKind, SignatureVerifier};
use cairn_wire::SignatureScheme;
use ecdsa::signature::hazmat::PrehashVerifier;
use p256::NistP256;
use p384::NistP384;
use p521::NistP521;
use rsa::pkcs8::AssociatedOid;
use sha1::Sha1;
use sha2::digest::FixedOutputReset;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// Checks a signature: key, message, signature. `None` when it does not verify.
type Check = fn(&[u8], &[u8], &[u8]) -> Option<()>;

/// One kind of key and one scheme.
struct Verifier {
    kind: KeyKind,
    scheme: SignatureScheme,
    check: Check,
}

const fn row(kind: KeyKind, scheme: SignatureScheme, check: Check) -> Verifier {
    Verifier { kind, scheme, check }
}

/// Most preferred first: the small and fast ones, then RSA with PSS before PKCS #1 v1.5. Within a scheme of ECDSA the
/// curve of its TLS 1.3 name comes first.
const TABLE: [Verifier; 19] = {
    use KeyKind::{EcP256, EcP384, EcP521, Ed25519, Rsa, RsaPss};
    use SignatureScheme as S;
    [
        row(Ed25519, S::ED25519, ed25519),
        row(EcP256, S::ECDSA_SECP256R1_SHA256, ecdsa::<NistP256, Sha256>),
        row(EcP384, S::ECDSA_SECP256R1_SHA256, ecdsa::<NistP384, Sha256>),
        row(EcP521, S::ECDSA_SECP256R1_SHA256, ecdsa::<NistP521, Sha256>),
        row(EcP384, S::ECDSA_SECP384R1_SHA384, ecdsa::<NistP384, Sha384>),
        row(EcP256, S::ECDSA_SECP384R1_SHA384, ecdsa::<NistP256, Sha384>),
        row(EcP521, S::ECDSA_SECP384R1_SHA384, ecdsa::<NistP521, Sha384>),
        row(EcP521, S::ECDSA_SECP521R1_SHA512, ecdsa::<NistP521, Sha512>),
        row(EcP256, S::ECDSA_SECP521R1_SHA512, ecdsa::<NistP256, Sha512>),
        row(EcP384, S::ECDSA_SECP521R1_SHA512, ecdsa::<NistP384, Sha512>),
        row(Rsa, S::RSA_PSS_RSAE_SHA256, rsa_pss::<Sha256>),
        row(Rsa, S::RSA_PSS_RSAE_SHA384, rsa_pss::<Sha384>),
        row(Rsa, S::RSA_PSS_RSAE_SHA512, rsa_pss::<Sha512>),
        row(RsaPss, S::RSA_PSS_PSS_SHA256, rsa_pss::<Sha256>),
        row(RsaPss, S::RSA_PSS_PSS_SHA384, rsa_pss::<Sha384>),
        row(RsaPss, S::RSA_PSS_PSS_SHA512, rsa_pss::<Sha512>),
        row(Rsa, S::RSA_PKCS1_SHA256, rsa_pkcs1::<Sha256>),
        row(Rsa, S::RSA_PKCS1_SHA384, rsa_pkcs1::<Sha384>),
        row(Rsa, S::RSA_PKCS1_SHA512, rsa_pkcs1::<Sha512>),
    ]
};

const SHA1: [Verifier; 4] = {
    use KeyKind::{EcP256, EcP384, EcP521, Rsa};
    use SignatureScheme as S;
    [
        row(Rsa, S::RSA_PKCS1_SHA1, rsa_pkcs1::<Sha1>),
        row(EcP256, S::ECDSA_SHA1, ecdsa::<NistP256, Sha1>),
        row(EcP384, S::ECDSA_SHA1, ecdsa::<NistP384, Sha1>),
        row(EcP521, S::ECDSA_SHA1, ecdsa::<NistP521, Sha1>),
    ]
};

/// All of them, most preferred first.
pub(crate) fn all() -> Vec<Arc<dyn SignatureVerifier>> {
    TABLE.into_iter().map(|verifier| -> Arc<dyn SignatureVerifier> { Arc::new(verifier) }).collect()
}

/// The ways to check a signature with SHA-1.
pub(crate) fn sha1() -> Vec<Arc<dyn SignatureVerifier>> {
    SHA1.into_iter().map(|verifier| -> Arc<dyn SignatureVerifier> { Arc::new(verifier) }).collect()
}

impl Algorithm for Verifier {
    fn implementation(&self) -> &'static str {
        if self.kind == KeyKind::Ed25519 { DALEK } else { NAME }
    }
}

impl SignatureVerifier for Verifier {
    fn key_kind(&self) -> KeyKind {
        self.kind
    }

    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }

    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        (self.check)(public_key, message, signature).ok_or(CryptoError::BadSignature)
    }
}

/// Keys and signatures of small order, under which nearly everything verifies, are refused too.
fn ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    let key = ed25519_dalek::VerifyingKey::try_from(key).ok()?;
    let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
    key.verify_strict(message, &signature).ok()
}

fn ecdsa<C: NistCurve, D: Digest>(key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    let key = ecdsa::VerifyingKey::<C>::from(curve::point(key)?);
    let signature = ecdsa::Signature::<C>::from_der(signature).ok()?;
    key.verify_prehash(&D::digest(message), &signature).ok()
}

/// With a salt of the hash's length, and no other (RFC 8446 section 4.2.3).
fn rsa_pss<D: Digest + FixedOutputReset>(key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    public_key(key)?.pss_verify::<D>(message, signature).ok()
}

fn rsa_pkcs1<D: Digest + AssociatedOid>(key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    public_key(key)?.pkcs1v15_verify::<D>(message, signature).ok()
}

#[cfg(test)]
mod tests;
