//! Checking signatures: Ed25519 (RFC 8032), ECDSA (FIPS 186-5), RSASSA-PSS and RSASSA-PKCS1-v1_5 (RFC 8017).

use crate::curve::{self, NistCurve};
use crate::{DALEK, NAME};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_crypto::{Algorithm, CryptoError, KeyKind, SignatureVerifier, VerifyingKey};
use cairn_provider_parts::rsa::pkcs1::{self, Parameters, public_key};
use cairn_wire::SignatureScheme;
use core::marker::PhantomData;
use ecdsa::signature::hazmat::PrehashVerifier;
use p256::NistP256;
use p384::NistP384;
use p521::NistP521;
use rsa::PublicKey;
use rsa::pkcs8::AssociatedOid;
use sha2::digest::FixedOutputReset;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// A way to check signatures: how a key is read, and how a signature is checked under it. `None` is a refusal.
trait Way: 'static {
    type Key: Send + Sync;

    fn read(bits: &[u8]) -> Option<Self::Key>;

    fn check(key: &Self::Key, message: &[u8], signature: &[u8]) -> Option<()>;
}

/// A key that was read.
struct Key<W: Way>(W::Key);

impl<W: Way> VerifyingKey for Key<W> {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        W::check(&self.0, message, signature).ok_or(CryptoError::BadSignature)
    }
}

/// Checks a signature: key, message, signature.
type Check = fn(&[u8], &[u8], &[u8]) -> Option<()>;

/// Reads a key.
type Read = fn(&[u8]) -> Option<Box<dyn VerifyingKey>>;

/// One kind of key and one scheme.
struct Verifier {
    kind: KeyKind,
    scheme: SignatureScheme,
    check: Check,
    read: Read,
}

const fn row<W: Way>(kind: KeyKind, scheme: SignatureScheme) -> Verifier {
    Verifier {
        kind,
        scheme,
        check: |key, message, signature| W::check(&W::read(key)?, message, signature),
        read: |key| Some(Box::new(Key::<W>(W::read(key)?))),
    }
}

/// Most preferred first: the small and fast ones, then RSA with PSS before PKCS #1 v1.5. Within a scheme of ECDSA the
/// curve of its TLS 1.3 name comes first.
const TABLE: [Verifier; 19] = {
    use KeyKind::{EcP256, EcP384, EcP521, Ed25519, Rsa, RsaPss};
    use SignatureScheme as S;
    [
        row::<EdDsa>(Ed25519, S::ED25519),
        row::<Ecdsa<NistP256, Sha256>>(EcP256, S::ECDSA_SECP256R1_SHA256),
        row::<Ecdsa<NistP384, Sha256>>(EcP384, S::ECDSA_SECP256R1_SHA256),
        row::<Ecdsa<NistP521, Sha256>>(EcP521, S::ECDSA_SECP256R1_SHA256),
        row::<Ecdsa<NistP384, Sha384>>(EcP384, S::ECDSA_SECP384R1_SHA384),
        row::<Ecdsa<NistP256, Sha384>>(EcP256, S::ECDSA_SECP384R1_SHA384),
        row::<Ecdsa<NistP521, Sha384>>(EcP521, S::ECDSA_SECP384R1_SHA384),
        row::<Ecdsa<NistP521, Sha512>>(EcP521, S::ECDSA_SECP521R1_SHA512),
        row::<Ecdsa<NistP256, Sha512>>(EcP256, S::ECDSA_SECP521R1_SHA512),
        row::<Ecdsa<NistP384, Sha512>>(EcP384, S::ECDSA_SECP521R1_SHA512),
        row::<Pss<Sha256>>(Rsa, S::RSA_PSS_RSAE_SHA256),
        row::<Pss<Sha384>>(Rsa, S::RSA_PSS_RSAE_SHA384),
        row::<Pss<Sha512>>(Rsa, S::RSA_PSS_RSAE_SHA512),
        row::<Pss<Sha256>>(RsaPss, S::RSA_PSS_PSS_SHA256),
        row::<Pss<Sha384>>(RsaPss, S::RSA_PSS_PSS_SHA384),
        row::<Pss<Sha512>>(RsaPss, S::RSA_PSS_PSS_SHA512),
        row::<Pkcs1<Sha256>>(Rsa, S::RSA_PKCS1_SHA256),
        row::<Pkcs1<Sha384>>(Rsa, S::RSA_PKCS1_SHA384),
        row::<Pkcs1<Sha512>>(Rsa, S::RSA_PKCS1_SHA512),
    ]
};

#[cfg(feature = "legacy")]
const LEGACY: [Verifier; 8] = {
    use KeyKind::{EcP256, EcP384, EcP521, Rsa};
    use SignatureScheme as S;
    use sha1::Sha1;
    use sha2::Sha224;
    [
        row::<Pkcs1<Sha224>>(Rsa, S::RSA_PKCS1_SHA224),
        row::<Ecdsa<NistP256, Sha224>>(EcP256, S::ECDSA_SHA224),
        row::<Ecdsa<NistP384, Sha224>>(EcP384, S::ECDSA_SHA224),
        row::<Ecdsa<NistP521, Sha224>>(EcP521, S::ECDSA_SHA224),
        row::<Pkcs1<Sha1>>(Rsa, S::RSA_PKCS1_SHA1),
        row::<Ecdsa<NistP256, Sha1>>(EcP256, S::ECDSA_SHA1),
        row::<Ecdsa<NistP384, Sha1>>(EcP384, S::ECDSA_SHA1),
        row::<Ecdsa<NistP521, Sha1>>(EcP521, S::ECDSA_SHA1),
    ]
};

/// All of them, most preferred first.
pub(crate) fn all() -> Vec<Arc<dyn SignatureVerifier>> {
    TABLE.into_iter().map(|verifier| -> Arc<dyn SignatureVerifier> { Arc::new(verifier) }).collect()
}

/// The ways to check a signature with SHA-224 and SHA-1.
#[cfg(feature = "legacy")]
pub(crate) fn legacy() -> Vec<Arc<dyn SignatureVerifier>> {
    LEGACY.into_iter().map(|verifier| -> Arc<dyn SignatureVerifier> { Arc::new(verifier) }).collect()
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

    fn read_key(&self, public_key: &[u8]) -> Result<Option<Box<dyn VerifyingKey>>, CryptoError> {
        (self.read)(public_key).map(Some).ok_or(CryptoError::BadSignature)
    }
}

/// Keys and signatures of small order, under which nearly everything verifies, are refused too.
struct EdDsa;

impl Way for EdDsa {
    type Key = ed25519_dalek::VerifyingKey;

    fn read(bits: &[u8]) -> Option<Self::Key> {
        ed25519_dalek::VerifyingKey::try_from(bits).ok()
    }

    fn check(key: &Self::Key, message: &[u8], signature: &[u8]) -> Option<()> {
        let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
        key.verify_strict(message, &signature).ok()
    }
}

struct Ecdsa<C, D>(PhantomData<(C, D)>);

impl<C: NistCurve, D: Digest + 'static> Way for Ecdsa<C, D>
where
    ecdsa::VerifyingKey<C>: Send + Sync,
{
    type Key = ecdsa::VerifyingKey<C>;

    fn read(bits: &[u8]) -> Option<Self::Key> {
        Some(ecdsa::VerifyingKey::from(curve::point(bits)?))
    }

    fn check(key: &Self::Key, message: &[u8], signature: &[u8]) -> Option<()> {
        let signature = ecdsa::Signature::<C>::from_der(signature).ok()?;
        key.verify_prehash(&D::digest(message), &signature).ok()
    }
}

/// With a salt of the hash's length, and no other (RFC 8446 section 4.2.3).
struct Pss<D>(PhantomData<D>);

impl<D: Digest + FixedOutputReset + 'static> Way for Pss<D> {
    type Key = PublicKey;

    fn read(bits: &[u8]) -> Option<Self::Key> {
        public_key(bits)
    }

    fn check(key: &Self::Key, message: &[u8], signature: &[u8]) -> Option<()> {
        key.pss_verify::<D>(message, signature).ok()
    }
}

/// With NULL for the parameters of the hash, and without (RFC 5246 section 4.7).
struct Pkcs1<D>(PhantomData<D>);

impl<D: Digest + AssociatedOid + 'static> Way for Pkcs1<D> {
    type Key = PublicKey;

    fn read(bits: &[u8]) -> Option<Self::Key> {
        public_key(bits)
    }

    fn check(key: &Self::Key, message: &[u8], signature: &[u8]) -> Option<()> {
        if key.pkcs1v15_verify::<D>(message, signature).is_ok() {
            return Some(());
        }
        let (oid, hash) = (D::OID, D::digest(message));
        pkcs1::verify(key, oid.as_bytes(), Parameters::Absent, &hash, signature).then_some(())
    }
}

#[cfg(test)]
mod tests;
