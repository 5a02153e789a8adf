//! Verification that AWS-LC does not support: signatures with SHA-224, ECDSA on P-384 with SHA-1, and PKCS #1
//! v1.5 if `DigestInfo` omits the parameters of the hash.

use super::encoding::has_form;
use crate::{fitted::fitted_hash, name::NAME};
use alloc::sync::Arc;
use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, EcdsaVerificationAlgorithm,
    VerificationAlgorithm,
};
use cairn_crypto::{Algorithm, CryptoError, KeyKind, SignatureVerifier};
use cairn_provider_parts::rsa::pkcs1::{self, Parameters};
use cairn_wire::SignatureScheme;

/// The verifiers with SHA-224.
pub(super) fn sha224() -> [Arc<dyn SignatureVerifier>; 4] {
    let ec = |kind, inner, to| ecdsa(kind, SignatureScheme::ECDSA_SHA224, inner, &digest::SHA224, to);
    [
        Arc::new(RsaSha224),
        ec(KeyKind::EcP256, &ECDSA_P256_SHA256_ASN1, &digest::SHA256),
        ec(KeyKind::EcP384, &ECDSA_P384_SHA384_ASN1, &digest::SHA384),
        ec(KeyKind::EcP521, &ECDSA_P521_SHA512_ASN1, &digest::SHA512),
    ]
}

/// ECDSA on P-384 with SHA-1, which AWS-LC supports for other curves only.
pub(super) fn p384_sha1() -> Arc<dyn SignatureVerifier> {
    let (scheme, sha1) = (SignatureScheme::ECDSA_SHA1, &digest::SHA1_FOR_LEGACY_USE_ONLY);
    ecdsa(KeyKind::EcP384, scheme, &ECDSA_P384_SHA384_ASN1, sha1, &digest::SHA384)
}

/// Verifies a PKCS #1 v1.5 signature whose `DigestInfo` omits the parameters of the hash. AWS-LC accepts only
/// NULL, but RFC 5246 section 4.7 says: "implementations MUST accept both without parameters and with NULL
/// parameters". Returns [`CryptoError::BadSignature`] for all
/// other schemes.
pub(super) fn verify_without_parameters(
    scheme: SignatureScheme,
    public_key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let (hash, oid) = match scheme {
        SignatureScheme::RSA_PKCS1_SHA256 => (&digest::SHA256, pkcs1::oid::SHA256),
        SignatureScheme::RSA_PKCS1_SHA384 => (&digest::SHA384, pkcs1::oid::SHA384),
        SignatureScheme::RSA_PKCS1_SHA512 => (&digest::SHA512, pkcs1::oid::SHA512),
        SignatureScheme::RSA_PKCS1_SHA1 => (&digest::SHA1_FOR_LEGACY_USE_ONLY, pkcs1::oid::SHA1),
        _ => return Err(CryptoError::BadSignature),
    };
    verify_rsa((hash, oid), &[Parameters::Absent], public_key, message, signature)
}

fn verify_rsa(
    (hash, oid): (&'static digest::Algorithm, &[u8]),
    parameters: &[Parameters],
    public_key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let key = pkcs1::public_key(public_key).ok_or(CryptoError::BadSignature)?;
    let hash = digest::digest(hash, message);
    let verifies = |form: &Parameters| pkcs1::verify(&key, oid, *form, hash.as_ref(), signature);
    if parameters.iter().any(verifies) { Ok(()) } else { Err(CryptoError::BadSignature) }
}

struct RsaSha224;

impl Algorithm for RsaSha224 {
    fn implementation(&self) -> &'static str {
        cairn_provider_parts::NAME
    }
}

impl SignatureVerifier for RsaSha224 {
    fn key_kind(&self) -> KeyKind {
        KeyKind::Rsa
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::RSA_PKCS1_SHA224
    }

    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let forms = [Parameters::Null, Parameters::Absent];
        verify_rsa((&digest::SHA224, pkcs1::oid::SHA224), &forms, public_key, message, signature)
    }
}

fn ecdsa(
    kind: KeyKind,
    scheme: SignatureScheme,
    inner: &'static EcdsaVerificationAlgorithm,
    hash: &'static digest::Algorithm,
    to: &'static digest::Algorithm,
) -> Arc<dyn SignatureVerifier> {
    Arc::new(Ecdsa { kind, scheme, inner, hash, to })
}

/// ECDSA with a hash that AWS-LC does not support for the curve.
struct Ecdsa {
    kind: KeyKind,
    scheme: SignatureScheme,
    inner: &'static EcdsaVerificationAlgorithm,
    hash: &'static digest::Algorithm,
    to: &'static digest::Algorithm,
}

impl Algorithm for Ecdsa {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl SignatureVerifier for Ecdsa {
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
        let digest = fitted_hash(message, self.hash, self.to)?;
        self.inner.verify_digest_sig(public_key, &digest, signature).map_err(|_| CryptoError::BadSignature)
    }
}
