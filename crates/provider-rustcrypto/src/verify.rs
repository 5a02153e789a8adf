//! Signature verification: Ed25519 (RFC 8032), ECDSA (FIPS 186-5), RSASSA-PSS and RSASSA-PKCS1-v1_5 (RFC
//! 8017), ML-DSA (FIPS 204).

use crate::curve::{self, NistCurve};
use crate::names::{DALEK, NAME};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_crypto::{Algorithm, CryptoError, KeyKind, SignatureVerifier, VerifyingKey};
use cairn_provider_parts::rsa::pkcs1::{self, Parameters, public_key};
use cairn_wire::SignatureScheme;
use core::marker::PhantomData;
use ecdsa::signature::hazmat::PrehashVerifier;
use ml_dsa::{EncodedVerifyingKey, MlDsa44, MlDsa65, MlDsa87, MlDsaParams};
use p256::NistP256;
use p384::NistP384;
use p521::NistP521;
use rsa::PublicKey;
use rsa::pkcs8::AssociatedOid;
use sha2::digest::FixedOutputReset;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// A signature algorithm. The functions return `None` for invalid input.
trait SignatureAlgorithm: 'static {
    type Key: Send + Sync;

    fn read(bits: &[u8]) -> Option<Self::Key>;

    fn check(key: &Self::Key, message: &[u8], signature: &[u8]) -> Option<()>;
}

/// A parsed key.
struct Key<A: SignatureAlgorithm>(A::Key);

impl<A: SignatureAlgorithm> VerifyingKey for Key<A> {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        A::check(&self.0, message, signature).ok_or(CryptoError::BadSignature)
    }
}

/// Verifies a signature. The arguments are key, message and signature.
type Check = fn(&[u8], &[u8], &[u8]) -> Option<()>;

/// Parses a key.
type Read = fn(&[u8]) -> Option<Box<dyn VerifyingKey>>;

/// A verifier for one scheme and one kind of key.
struct Verifier {
    kind: KeyKind,
    scheme: SignatureScheme,
    check: Check,
    read: Read,
}

const fn row<A: SignatureAlgorithm>(kind: KeyKind, scheme: SignatureScheme) -> Verifier {
    Verifier {
        kind,
        scheme,
        check: |key, message, signature| A::check(&A::read(key)?, message, signature),
        read: |key| Some(Box::new(Key::<A>(A::read(key)?))),
    }
}

/// All verifiers in order of preference: Ed25519 and ECDSA, then RSA with PSS, then RSA with PKCS #1 v1.5,
/// then ML-DSA. Within an ECDSA scheme the curve in its TLS 1.3 name comes first.
const TABLE: [Verifier; 22] = {
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
        row::<MlDsa<MlDsa44>>(KeyKind::MlDsa44, S::MLDSA44),
        row::<MlDsa<MlDsa65>>(KeyKind::MlDsa65, S::MLDSA65),
        row::<MlDsa<MlDsa87>>(KeyKind::MlDsa87, S::MLDSA87),
    ]
};

/// The verifiers with SHA-224 and SHA-1.
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

/// All verifiers in order of preference, except those with SHA-224 and SHA-1.
pub(crate) fn all() -> Vec<Arc<dyn SignatureVerifier>> {
    TABLE.into_iter().map(|verifier| -> Arc<dyn SignatureVerifier> { Arc::new(verifier) }).collect()
}

/// The verifiers with SHA-224 and SHA-1.
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

/// Ed25519. Keys and signatures of small order, with which almost any message verifies, are rejected.
struct EdDsa;

impl SignatureAlgorithm for EdDsa {
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

impl<C: NistCurve, D: Digest + 'static> SignatureAlgorithm for Ecdsa<C, D>
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

/// RSASSA-PSS. RFC 9846 section 4.3.3: "The length of the Salt MUST be equal to the length of the output of
/// the digest algorithm."
struct Pss<D>(PhantomData<D>);

impl<D: Digest + FixedOutputReset + 'static> SignatureAlgorithm for Pss<D> {
    type Key = PublicKey;

    fn read(bits: &[u8]) -> Option<Self::Key> {
        public_key(bits)
    }

    fn check(key: &Self::Key, message: &[u8], signature: &[u8]) -> Option<()> {
        key.pss_verify::<D>(message, signature).ok()
    }
}

/// RSASSA-PKCS1-v1_5. RFC 5246 section 4.7: "implementations MUST accept both without parameters and with
/// NULL parameters."
struct Pkcs1<D>(PhantomData<D>);

impl<D: Digest + AssociatedOid + 'static> SignatureAlgorithm for Pkcs1<D> {
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

/// ML-DSA with an empty context, as draft-ietf-tls-mldsa requires.
struct MlDsa<P>(PhantomData<P>);

impl<P: MlDsaParams + 'static> SignatureAlgorithm for MlDsa<P>
where
    ml_dsa::VerifyingKey<P>: Send + Sync,
{
    type Key = ml_dsa::VerifyingKey<P>;

    fn read(bits: &[u8]) -> Option<Self::Key> {
        let encoded = EncodedVerifyingKey::<P>::try_from(bits).ok()?;
        Some(ml_dsa::VerifyingKey::decode(&encoded))
    }

    fn check(key: &Self::Key, message: &[u8], signature: &[u8]) -> Option<()> {
        let signature = ml_dsa::Signature::try_from(signature).ok()?;
        key.verify_with_context(message, &[], &signature).then_some(())
    }
}

#[cfg(test)]
mod tests;
