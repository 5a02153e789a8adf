//! How X.509 names what TLS calls a kind of key and a scheme.

use alloc::{string::String, sync::Arc, vec::Vec};
use cairn_crypto::{CryptoError, KeyKind, PublicKey, SignatureVerifier};
use cairn_wire::SignatureScheme;
use core::fmt;
use der::asn1::ObjectIdentifier;
use pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, TrustAnchor, alg_id};

use crate::authority_keys::{AuthorityKey, AuthorityKeys};
use crate::oid;
use crate::read::spki_parts;
use crate::tlv::{self, Elements, INTEGER, OBJECT_IDENTIFIER, SEQUENCE};

/// `id-RSASSA-PSS` without parameters, as keys have it that may be used with any hash (RFC 4055 section 3.1).
const RSASSA_PSS_KEY: AlgorithmIdentifier =
    AlgorithmIdentifier::from_slice(&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a]);

/// PKCS #1 v1.5 signatures where the NULL parameters are missing, which RFC 4055 section 5 has us accept.
const RSA_PKCS1_SHA256_ABSENT: AlgorithmIdentifier =
    AlgorithmIdentifier::from_slice(&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]);
const RSA_PKCS1_SHA384_ABSENT: AlgorithmIdentifier =
    AlgorithmIdentifier::from_slice(&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c]);
const RSA_PKCS1_SHA512_ABSENT: AlgorithmIdentifier =
    AlgorithmIdentifier::from_slice(&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d]);

/// Signatures with SHA-1, which have a name and are not for us to check.
const RSA_PKCS1_SHA1: [&[u8]; 2] = [
    &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05, 0x05, 0x00],
    &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05],
];
const ECDSA_SHA1: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01];

/// The algorithm identifiers that a key of this kind may have, the usual one first.
pub(crate) const fn of_key(kind: KeyKind) -> &'static [AlgorithmIdentifier] {
    match kind {
        KeyKind::Rsa => &[alg_id::RSA_ENCRYPTION],
        KeyKind::RsaPss => {
            &[RSASSA_PSS_KEY, alg_id::RSA_PSS_SHA256, alg_id::RSA_PSS_SHA384, alg_id::RSA_PSS_SHA512]
        }
        KeyKind::EcP256 => &[alg_id::ECDSA_P256],
        KeyKind::EcP384 => &[alg_id::ECDSA_P384],
        KeyKind::EcP521 => &[alg_id::ECDSA_P521],
        KeyKind::Ed25519 => &[alg_id::ED25519],
        _ => &[],
    }
}

/// The algorithm identifiers that a signature of this scheme may have, the usual one first.
pub(crate) const fn of_signature(scheme: SignatureScheme) -> &'static [AlgorithmIdentifier] {
    match scheme {
        SignatureScheme::RSA_PKCS1_SHA256 => &[alg_id::RSA_PKCS1_SHA256, RSA_PKCS1_SHA256_ABSENT],
        SignatureScheme::RSA_PKCS1_SHA384 => &[alg_id::RSA_PKCS1_SHA384, RSA_PKCS1_SHA384_ABSENT],
        SignatureScheme::RSA_PKCS1_SHA512 => &[alg_id::RSA_PKCS1_SHA512, RSA_PKCS1_SHA512_ABSENT],
        SignatureScheme::RSA_PSS_RSAE_SHA256 | SignatureScheme::RSA_PSS_PSS_SHA256 => {
            &[alg_id::RSA_PSS_SHA256]
        }
        SignatureScheme::RSA_PSS_RSAE_SHA384 | SignatureScheme::RSA_PSS_PSS_SHA384 => {
            &[alg_id::RSA_PSS_SHA384]
        }
        SignatureScheme::RSA_PSS_RSAE_SHA512 | SignatureScheme::RSA_PSS_PSS_SHA512 => {
            &[alg_id::RSA_PSS_SHA512]
        }
        SignatureScheme::ECDSA_SECP256R1_SHA256 => &[alg_id::ECDSA_SHA256],
        SignatureScheme::ECDSA_SECP384R1_SHA384 => &[alg_id::ECDSA_SHA384],
        SignatureScheme::ECDSA_SECP521R1_SHA512 => &[alg_id::ECDSA_SHA512],
        SignatureScheme::ED25519 => &[alg_id::ED25519],
        _ => &[],
    }
}

/// The scheme of a signature algorithm, given the contents of its identifier. RSASSA-PSS gives the `rsae` form,
/// because which kind of key made it stands in another certificate.
pub(crate) fn scheme_of(identifier: &[u8]) -> Option<SignatureScheme> {
    const KNOWN: [SignatureScheme; 10] = [
        SignatureScheme::RSA_PKCS1_SHA256,
        SignatureScheme::RSA_PKCS1_SHA384,
        SignatureScheme::RSA_PKCS1_SHA512,
        SignatureScheme::RSA_PSS_RSAE_SHA256,
        SignatureScheme::RSA_PSS_RSAE_SHA384,
        SignatureScheme::RSA_PSS_RSAE_SHA512,
        SignatureScheme::ECDSA_SECP256R1_SHA256,
        SignatureScheme::ECDSA_SECP384R1_SHA384,
        SignatureScheme::ECDSA_SECP521R1_SHA512,
        SignatureScheme::ED25519,
    ];
    if RSA_PKCS1_SHA1.contains(&identifier) {
        return Some(SignatureScheme::RSA_PKCS1_SHA1);
    }
    if identifier == ECDSA_SHA1 {
        return Some(SignatureScheme::ECDSA_SHA1);
    }
    let known = |scheme: &SignatureScheme| of_signature(*scheme).iter().any(|id| id.as_ref() == identifier);
    KNOWN.into_iter().find(known)
}

/// What the first identifier of a key's algorithm tells.
#[derive(Clone, Copy)]
enum Named {
    Kind(KeyKind),
    /// A curve is named besides.
    EllipticCurve,
}

const KEYS: [(ObjectIdentifier, Named); 4] = [
    (oid::EC_PUBLIC_KEY, Named::EllipticCurve),
    (oid::RSA_ENCRYPTION, Named::Kind(KeyKind::Rsa)),
    (oid::RSASSA_PSS, Named::Kind(KeyKind::RsaPss)),
    (oid::ED25519, Named::Kind(KeyKind::Ed25519)),
];

const CURVES: [(ObjectIdentifier, KeyKind); 3] =
    [(oid::SECP256R1, KeyKind::EcP256), (oid::SECP384R1, KeyKind::EcP384), (oid::SECP521R1, KeyKind::EcP521)];

/// What the object identifier that comes next stands for in `table`; none if it is not there.
fn named<T: Copy>(parts: &mut Elements<'_>, table: &[(ObjectIdentifier, T)]) -> der::Result<Option<T>> {
    let oid = parts.one(OBJECT_IDENTIFIER)?.contents;
    Ok(table.iter().find(|(known, _)| known.as_bytes() == oid).map(|(_, named)| *named))
}

/// The public key in a `SubjectPublicKeyInfo`; none when its algorithm is not one of TLS.
pub(crate) fn public_key(spki: &[u8]) -> der::Result<Option<PublicKey>> {
    let (algorithm, bits) = spki_parts(spki)?;
    let mut parts = Elements::of(algorithm);
    let kind = match named(&mut parts, &KEYS)? {
        // Parameters other than a named curve were never allowed in the Internet (RFC 5480 section 2.1.1).
        Some(Named::EllipticCurve) => named(&mut parts, &CURVES).ok().flatten(),
        Some(Named::Kind(kind)) => Some(kind),
        None => None,
    };
    Ok(kind.map(|kind| PublicKey { kind, bits: bits.to_vec() }))
}

/// The size of an RSA key's modulus in bits; none for other kinds, or when it is malformed.
pub(crate) fn rsa_bits(key: &PublicKey) -> Option<usize> {
    if !key.kind.is_rsa() {
        return None;
    }
    let mut numbers = Elements::of(Elements::only(&key.bits, SEQUENCE).ok()?);
    let bytes = tlv::unsigned(numbers.one(INTEGER).ok()?.contents).ok()?;
    tlv::unsigned(numbers.one(INTEGER).ok()?.contents).ok()?;
    numbers.finish().ok()?;
    let first = bytes.first()?;
    let zeros = usize::try_from(first.leading_zeros()).ok()?;
    bytes.len().checked_mul(8)?.checked_sub(zeros)
}

/// One of the provider's ways to check a signature, under the names that a certificate gives it.
pub(crate) struct PkixAlgorithm {
    verifier: Arc<dyn SignatureVerifier>,
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
    authorities: AuthorityKeys,
}

/// All that these verifiers can check in a certificate; often it will be under the keys of these anchors.
pub(crate) fn for_verifiers(
    verifiers: &[Arc<dyn SignatureVerifier>],
    anchors: &[TrustAnchor<'_>],
) -> Vec<PkixAlgorithm> {
    let authorities = AuthorityKey::all(anchors);
    let mut algorithms = Vec::new();
    for verifier in verifiers {
        for key in of_key(verifier.key_kind()) {
            for signature in of_signature(verifier.scheme()) {
                algorithms.push(PkixAlgorithm {
                    verifier: Arc::clone(verifier),
                    key: *key,
                    signature: *signature,
                    authorities: AuthorityKeys::of_algorithm(&authorities, key.as_ref()),
                });
            }
        }
    }
    algorithms
}

impl PkixAlgorithm {
    /// Whether it is for this kind of key and this algorithm of a signature: the contents of its identifier.
    pub(crate) fn is_for(&self, kind: KeyKind, algorithm: &[u8]) -> bool {
        self.verifier.key_kind() == kind && self.signature.as_ref() == algorithm
    }

    /// Checks a signature under a key as the bit string of a `SubjectPublicKeyInfo` has it.
    ///
    /// # Errors
    /// As [`SignatureVerifier::verify`].
    pub(crate) fn verify(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        self.authorities.verify(&*self.verifier, public_key, message, signature)
    }

    /// How many keys of authorities it has read.
    #[cfg(all(test, feature = "std"))]
    pub(crate) fn authorities_read(&self) -> usize {
        self.authorities.read()
    }

    /// What it checks, in words that tell it from any other.
    pub(crate) fn name(&self) -> String {
        alloc::format!("{} {}", self.verifier.key_kind(), self.verifier.scheme())
    }

    /// The scheme that it checks.
    pub(crate) fn scheme(&self) -> SignatureScheme {
        self.verifier.scheme()
    }
}

impl SignatureVerificationAlgorithm for PkixAlgorithm {
    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }

    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        self.verify(public_key, message, signature).map_err(|_| InvalidSignature)
    }

    fn fips(&self) -> bool {
        self.verifier.fips()
    }
}

impl fmt::Debug for PkixAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.verifier.fmt(f)
    }
}
