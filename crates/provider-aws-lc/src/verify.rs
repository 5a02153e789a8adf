//! Checking signatures: Ed25519 (RFC 8032), ECDSA (FIPS 186-5), RSASSA-PSS and RSASSA-PKCS1-v1_5 (RFC 8017).

#[cfg(feature = "legacy")]
mod own;

use crate::NAME;
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use aws_lc_rs::signature::{self, ParsedPublicKey, VerificationAlgorithm};
use cairn_crypto::{Algorithm, CryptoError, KeyKind, SignatureVerifier, VerifyingKey};
use cairn_provider_parts::encoding::RsaPublicKey;
use cairn_wire::SignatureScheme;
#[cfg(feature = "legacy")]
use own::verify_without_parameters;

/// One kind of key and one scheme, checked by AWS-LC.
struct Verifier {
    kind: KeyKind,
    scheme: SignatureScheme,
    inner: &'static dyn VerificationAlgorithm,
}

const fn row(kind: KeyKind, scheme: SignatureScheme, inner: &'static dyn VerificationAlgorithm) -> Verifier {
    Verifier { kind, scheme, inner }
}

/// Most preferred first: the small and fast ones, then RSA with PSS before PKCS #1 v1.5. Within a scheme of ECDSA the
/// curve of its TLS 1.3 name comes first.
const TABLE: [Verifier; 19] = {
    use KeyKind::{EcP256, EcP384, EcP521, Ed25519, Rsa, RsaPss};
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
    ]
};

/// The ways with SHA-1 that the module has.
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

/// All of them, most preferred first.
pub(crate) fn all() -> Vec<Arc<dyn SignatureVerifier>> {
    TABLE.into_iter().map(|verifier| -> Arc<dyn SignatureVerifier> { Arc::new(verifier) }).collect()
}

/// The ways to check a signature with SHA-224 and SHA-1.
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

/// A key that the module has read. For RSA it also keeps, from the first signature on, what it works out of the modulus.
struct Key {
    key: ParsedPublicKey,
    scheme: SignatureScheme,
    /// The key as it came.
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

/// Without the feature there is no arithmetic to check such a signature with.
#[cfg(not(feature = "legacy"))]
const fn verify_without_parameters(
    _: SignatureScheme,
    _: &[u8],
    _: &[u8],
    _: &[u8],
) -> Result<(), CryptoError> {
    Err(CryptoError::BadSignature)
}

/// Whether `bits` is encoded as a certificate holds this kind of key. The module is more generous: it would also take
/// a whole `SubjectPublicKeyInfo`, or a compressed point.
fn has_form(kind: KeyKind, bits: &[u8]) -> bool {
    let uncompressed = |len| bits.len() == len && bits.first() == Some(&4);
    match kind {
        KeyKind::EcP256 => uncompressed(65),
        KeyKind::EcP384 => uncompressed(97),
        KeyKind::EcP521 => uncompressed(133),
        KeyKind::Ed25519 => bits.len() == 32,
        KeyKind::Rsa | KeyKind::RsaPss => RsaPublicKey::parse(bits).is_ok(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_of_kind_and_scheme_stands_once_in_the_table() {
        let all = all();
        for (place, verifier) in all.iter().enumerate() {
            let pair = (verifier.key_kind(), verifier.scheme());
            assert!(all.iter().skip(place + 1).all(|other| (other.key_kind(), other.scheme()) != pair));
        }
    }

    #[test]
    fn schemes_are_offered_in_order_of_preference() {
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
            ]
        );
    }
}
