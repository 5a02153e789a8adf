//! Signature verification: Ed25519 (RFC 8032), ECDSA (FIPS 186-5), RSASSA-PSS and RSASSA-PKCS1-v1_5 (RFC
//! 8017), ML-DSA (FIPS 204).

mod encoding;
#[cfg(feature = "legacy")]
mod own;

use crate::name::NAME;
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use aws_lc_rs::signature::{self, ParsedPublicKey, VerificationAlgorithm};
use cairn_crypto::{Algorithm, CryptoError, KeyKind, SignatureVerifier, VerifyingKey};
use cairn_wire::SignatureScheme;
use encoding::has_form;
#[cfg(feature = "legacy")]
use own::verify_without_parameters;

/// A verifier for one scheme and one kind of key.
struct Verifier {
    kind: KeyKind,
    scheme: SignatureScheme,
    inner: &'static dyn VerificationAlgorithm,
}

const fn row(kind: KeyKind, scheme: SignatureScheme, inner: &'static dyn VerificationAlgorithm) -> Verifier {
    Verifier { kind, scheme, inner }
}

/// All verifiers in order of preference: Ed25519 and ECDSA, then RSA with PSS, then RSA with PKCS #1 v1.5,
/// then ML-DSA. Within an ECDSA scheme the curve in its TLS 1.3 name comes first.
const TABLE: [Verifier; 22] = {
    use KeyKind::{EcP256, EcP384, EcP521, Ed25519, MlDsa44, MlDsa65, MlDsa87, Rsa, RsaPss};
    use SignatureScheme as S;
    [
        row(Ed25519, S::ED25519, &signature::ED25519),
        row(EcP256, S::ECDSA_SECP256R1_SHA256, &signature::ECDSA_P256_SHA256_ASN1),
        row(EcP384, S::ECDSA_SECP256R1_SHA256, &signature::ECDSA_P384_SHA256_ASN1),
        row(EcP521, S::ECDSA_SECP256R1_SHA256, &signature::ECDSA_P521_SHA256_ASN1),
        row(EcP384, S::ECDSA_SECP384R1_SHA384, &signature::ECDSA_P384_SHA384_ASN1),
        row(EcP256, S::ECDSA_SECP384R1_SHA384, &signature::ECDSA_P256_SHA384_ASN1),
        row(EcP521, S::ECDSA_SECP384R1_SHA384, &signature::ECDSA_P521_SHA384_ASN1),
        row(EcP521, S::ECDSA_SECP521R1_SHA512, &signature::ECDSA_P521_SHA512_ASN1),
        row(EcP256, S::ECDSA_SECP521R1_SHA512, &signature::ECDSA_P256_SHA512_ASN1),
        row(EcP384, S::ECDSA_SECP521R1_SHA512, &signature::ECDSA_P384_SHA512_ASN1),
        row(Rsa, S::RSA_PSS_RSAE_SHA256, &signature::RSA_PSS_2048_8192_SHA256),
        row(Rsa, S::RSA_PSS_RSAE_SHA384, &signature::RSA_PSS_2048_8192_SHA384),
        row(Rsa, S::RSA_PSS_RSAE_SHA512, &signature::RSA_PSS_2048_8192_SHA512),
        row(RsaPss, S::RSA_PSS_PSS_SHA256, &signature::RSA_PSS_2048_8192_SHA256),
        row(RsaPss, S::RSA_PSS_PSS_SHA384, &signature::RSA_PSS_2048_8192_SHA384),
        row(RsaPss, S::RSA_PSS_PSS_SHA512, &signature::RSA_PSS_2048_8192_SHA512),
        row(Rsa, S::RSA_PKCS1_SHA256, &signature::RSA_PKCS1_2048_8192_SHA256),
        row(Rsa, S::RSA_PKCS1_SHA384, &signature::RSA_PKCS1_2048_8192_SHA384),
        row(Rsa, S::RSA_PKCS1_SHA512, &signature::RSA_PKCS1_2048_8192_SHA512),
        row(MlDsa44, S::MLDSA44, &signature::ML_DSA_44),
        row(MlDsa65, S::MLDSA65, &signature::ML_DSA_65),
        row(MlDsa87, S::MLDSA87, &signature::ML_DSA_87),
    ]
};

/// The verifiers with SHA-1 that AWS-LC supports.
#[cfg(feature = "legacy")]
const SHA1: [Verifier; 3] = {
    use KeyKind::{EcP256, EcP521, Rsa};
    use SignatureScheme as S;
    [
        row(Rsa, S::RSA_PKCS1_SHA1, &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
        row(EcP256, S::ECDSA_SHA1, &signature::ECDSA_P256_SHA1_ASN1),
        row(EcP521, S::ECDSA_SHA1, &signature::ECDSA_P521_SHA1_ASN1),
    ]
};

/// All verifiers in order of preference, except those with SHA-224 and SHA-1.
pub(crate) fn all() -> Vec<Arc<dyn SignatureVerifier>> {
    TABLE.into_iter().map(|verifier| -> Arc<dyn SignatureVerifier> { Arc::new(verifier) }).collect()
}

/// The verifiers with SHA-224 and SHA-1.
#[cfg(feature = "legacy")]
pub(crate) fn legacy() -> Vec<Arc<dyn SignatureVerifier>> {
    let shared = |verifier| -> Arc<dyn SignatureVerifier> { Arc::new(verifier) };
    own::sha224().into_iter().chain(SHA1.into_iter().map(shared)).chain([own::p384_sha1()]).collect()
}

impl Algorithm for Verifier {
    fn implementation(&self) -> &'static str {
        NAME
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
        if !has_form(self.kind, public_key) {
            return Err(CryptoError::BadSignature);
        }
        if self.inner.verify_sig(public_key, message, signature).is_ok() {
            return Ok(());
        }
        verify_without_parameters(self.scheme, public_key, message, signature)
    }

    fn read_key(&self, public_key: &[u8]) -> Result<Option<Box<dyn VerifyingKey>>, CryptoError> {
        if !has_form(self.kind, public_key) {
            return Err(CryptoError::BadSignature);
        }
        let key = ParsedPublicKey::new(self.inner, public_key).map_err(|_| CryptoError::BadSignature)?;
        Ok(Some(Box::new(Key { key, scheme: self.scheme, bits: public_key.to_vec() })))
    }
}

/// A key parsed by AWS-LC. For RSA it also caches values derived from the modulus, after the first signature.
struct Key {
    key: ParsedPublicKey,
    scheme: SignatureScheme,
    /// The encoded key.
    bits: Vec<u8>,
}

impl VerifyingKey for Key {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        if self.key.verify_sig(message, signature).is_ok() {
            return Ok(());
        }
        verify_without_parameters(self.scheme, &self.bits, message, signature)
    }
}

/// Without the feature `legacy` there is no RSA implementation that could verify a signature whose
/// `DigestInfo` omits the parameters of the hash (RFC 5246 section 4.7).
#[cfg(not(feature = "legacy"))]
const fn verify_without_parameters(
    _: SignatureScheme,
    _: &[u8],
    _: &[u8],
    _: &[u8],
) -> Result<(), CryptoError> {
    Err(CryptoError::BadSignature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verifiers_are_unique() {
        let all = all();
        for (place, verifier) in all.iter().enumerate() {
            let pair = (verifier.key_kind(), verifier.scheme());
            assert!(all.iter().skip(place + 1).all(|other| (other.key_kind(), other.scheme()) != pair));
        }
    }

    #[test]
    fn schemes_are_in_order_of_preference() {
        use SignatureScheme as S;
        assert_eq!(
            crate::provider().schemes(),
            [
                S::ED25519,
                S::ECDSA_SECP256R1_SHA256,
                S::ECDSA_SECP384R1_SHA384,
                S::ECDSA_SECP521R1_SHA512,
                S::RSA_PSS_RSAE_SHA256,
                S::RSA_PSS_RSAE_SHA384,
                S::RSA_PSS_RSAE_SHA512,
                S::RSA_PSS_PSS_SHA256,
                S::RSA_PSS_PSS_SHA384,
                S::RSA_PSS_PSS_SHA512,
                S::RSA_PKCS1_SHA256,
                S::RSA_PKCS1_SHA384,
                S::RSA_PKCS1_SHA512,
                S::MLDSA44,
                S::MLDSA65,
                S::MLDSA87,
            ]
        );
    }
}
