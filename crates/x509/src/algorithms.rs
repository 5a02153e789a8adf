//! Maps between X.509 algorithm identifiers and TLS key kinds and signature schemes.

mod pss;

use cairn_crypto::{HashAlgorithm, KeyKind, PublicKey};
use cairn_wire::SignatureScheme;
use der::{Reader, SliceReader, asn1::ObjectIdentifier};
use pki_types::{AlgorithmIdentifier, alg_id};
use x509_cert::spki::AlgorithmIdentifierRef;

use crate::oid;
use crate::read::spki_parts;
use crate::tlv::{self, Elements, INTEGER, OBJECT_IDENTIFIER, SEQUENCE};

/// `id-RSASSA-PSS` without parameters: a key that may be used with any hash function (RFC 4055 section 3.1).
const RSASSA_PSS_KEY: AlgorithmIdentifier =
    AlgorithmIdentifier::from_slice(&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a]);

/// The algorithm identifier written for a key of this kind.
pub(crate) const fn of_key(kind: KeyKind) -> Option<AlgorithmIdentifier> {
    match kind {
        KeyKind::Rsa => Some(alg_id::RSA_ENCRYPTION),
        KeyKind::RsaPss => Some(RSASSA_PSS_KEY),
        KeyKind::EcP256 => Some(alg_id::ECDSA_P256),
        KeyKind::EcP384 => Some(alg_id::ECDSA_P384),
        KeyKind::EcP521 => Some(alg_id::ECDSA_P521),
        KeyKind::Ed25519 => Some(alg_id::ED25519),
        KeyKind::MlDsa44 => Some(alg_id::ML_DSA_44),
        KeyKind::MlDsa65 => Some(alg_id::ML_DSA_65),
        KeyKind::MlDsa87 => Some(alg_id::ML_DSA_87),
        _ => None,
    }
}

/// The algorithm identifier written for a signature of this scheme.
pub(crate) const fn of_signature(scheme: SignatureScheme) -> Option<AlgorithmIdentifier> {
    match scheme {
        SignatureScheme::RSA_PKCS1_SHA256 => Some(alg_id::RSA_PKCS1_SHA256),
        SignatureScheme::RSA_PKCS1_SHA384 => Some(alg_id::RSA_PKCS1_SHA384),
        SignatureScheme::RSA_PKCS1_SHA512 => Some(alg_id::RSA_PKCS1_SHA512),
        SignatureScheme::RSA_PSS_RSAE_SHA256 | SignatureScheme::RSA_PSS_PSS_SHA256 => {
            Some(alg_id::RSA_PSS_SHA256)
        }
        SignatureScheme::RSA_PSS_RSAE_SHA384 | SignatureScheme::RSA_PSS_PSS_SHA384 => {
            Some(alg_id::RSA_PSS_SHA384)
        }
        SignatureScheme::RSA_PSS_RSAE_SHA512 | SignatureScheme::RSA_PSS_PSS_SHA512 => {
            Some(alg_id::RSA_PSS_SHA512)
        }
        SignatureScheme::ECDSA_SECP256R1_SHA256 => Some(alg_id::ECDSA_SHA256),
        SignatureScheme::ECDSA_SECP384R1_SHA384 => Some(alg_id::ECDSA_SHA384),
        SignatureScheme::ECDSA_SECP521R1_SHA512 => Some(alg_id::ECDSA_SHA512),
        SignatureScheme::ED25519 => Some(alg_id::ED25519),
        SignatureScheme::MLDSA44 => Some(alg_id::ML_DSA_44),
        SignatureScheme::MLDSA65 => Some(alg_id::ML_DSA_65),
        SignatureScheme::MLDSA87 => Some(alg_id::ML_DSA_87),
        _ => None,
    }
}

/// An algorithm identifier, given its contents.
pub(crate) fn identifier(contents: &[u8]) -> der::Result<AlgorithmIdentifierRef<'_>> {
    let mut reader = SliceReader::new(contents)?;
    let identifier = AlgorithmIdentifierRef { oid: reader.decode()?, parameters: reader.decode()? };
    reader.finish()?;
    Ok(identifier)
}

/// The parameters that an algorithm identifier may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parameters {
    /// NULL or absent. PKCS #1 v1.5 uses NULL, and RFC 4055 section 5 requires that absent parameters are
    /// accepted. ECDSA has no parameters (RFC 5758 section 3.2), but some issuers write NULL, which is
    /// harmless.
    NullOrAbsent,
    /// Absent (RFC 8410 section 3, RFC 9881 section 2).
    Absent,
}

/// The scheme of a signature algorithm, given the contents of its identifier. RSASSA-PSS yields the `rsae`
/// scheme, because the kind of the signing key is stated in another certificate. SHA-1 has a scheme here; the
/// caller rejects it.
pub(crate) fn scheme_of(identifier: &[u8]) -> Option<SignatureScheme> {
    use Parameters::{Absent, NullOrAbsent};
    const KNOWN: [(ObjectIdentifier, SignatureScheme, Parameters); 12] = [
        (oid::ECDSA_WITH_SHA256, SignatureScheme::ECDSA_SECP256R1_SHA256, NullOrAbsent),
        (oid::SHA256_WITH_RSA, SignatureScheme::RSA_PKCS1_SHA256, NullOrAbsent),
        (oid::ECDSA_WITH_SHA384, SignatureScheme::ECDSA_SECP384R1_SHA384, NullOrAbsent),
        (oid::SHA384_WITH_RSA, SignatureScheme::RSA_PKCS1_SHA384, NullOrAbsent),
        (oid::ECDSA_WITH_SHA512, SignatureScheme::ECDSA_SECP521R1_SHA512, NullOrAbsent),
        (oid::SHA512_WITH_RSA, SignatureScheme::RSA_PKCS1_SHA512, NullOrAbsent),
        (oid::ED25519, SignatureScheme::ED25519, Absent),
        (oid::ML_DSA_44, SignatureScheme::MLDSA44, Absent),
        (oid::ML_DSA_65, SignatureScheme::MLDSA65, Absent),
        (oid::ML_DSA_87, SignatureScheme::MLDSA87, Absent),
        (oid::SHA1_WITH_RSA, SignatureScheme::RSA_PKCS1_SHA1, NullOrAbsent),
        (oid::ECDSA_WITH_SHA1, SignatureScheme::ECDSA_SHA1, NullOrAbsent),
    ];
    let mut parts = Elements::of(identifier);
    let named = parts.one(OBJECT_IDENTIFIER).ok()?.contents;
    if named == oid::RSASSA_PSS.as_bytes() {
        let parameters = parts.one(SEQUENCE).ok()?.contents;
        parts.finish().ok()?;
        return Some(match pss::hash(parameters)? {
            HashAlgorithm::Sha256 => SignatureScheme::RSA_PSS_RSAE_SHA256,
            HashAlgorithm::Sha384 => SignatureScheme::RSA_PSS_RSAE_SHA384,
            HashAlgorithm::Sha512 => SignatureScheme::RSA_PSS_RSAE_SHA512,
            _ => return None,
        });
    }
    let (_, scheme, parameters) = KNOWN.iter().find(|(oid, ..)| oid.as_bytes() == named)?;
    if *parameters == NullOrAbsent {
        pss::null(&mut parts)?;
    }
    parts.finish().ok()?;
    Some(*scheme)
}

/// Whether a signature algorithm, given the contents of its identifier, uses MD5 or SHA-1.
pub(crate) fn has_weak_hash(identifier: &[u8]) -> bool {
    const WEAK: [ObjectIdentifier; 3] = [oid::MD5_WITH_RSA, oid::SHA1_WITH_RSA, oid::ECDSA_WITH_SHA1];
    let named = Elements::of(identifier).one(OBJECT_IDENTIFIER);
    named.is_ok_and(|named| WEAK.iter().any(|weak| weak.as_bytes() == named.contents))
}

/// Like [`scheme_of`], for a signature by a key of this kind.
pub(crate) fn scheme_with(identifier: &[u8], kind: KeyKind) -> Option<SignatureScheme> {
    let scheme = scheme_of(identifier)?;
    if kind != KeyKind::RsaPss {
        return Some(scheme);
    }
    match scheme {
        SignatureScheme::RSA_PSS_RSAE_SHA256 => Some(SignatureScheme::RSA_PSS_PSS_SHA256),
        SignatureScheme::RSA_PSS_RSAE_SHA384 => Some(SignatureScheme::RSA_PSS_PSS_SHA384),
        SignatureScheme::RSA_PSS_RSAE_SHA512 => Some(SignatureScheme::RSA_PSS_PSS_SHA512),
        _ => None,
    }
}

/// The meaning of the first object identifier of a key's algorithm.
#[derive(Clone, Copy)]
enum Named {
    Kind(KeyKind),
    /// The curve follows in the parameters.
    EllipticCurve,
}

const KEYS: [(ObjectIdentifier, Named); 7] = [
    (oid::EC_PUBLIC_KEY, Named::EllipticCurve),
    (oid::RSA_ENCRYPTION, Named::Kind(KeyKind::Rsa)),
    (oid::RSASSA_PSS, Named::Kind(KeyKind::RsaPss)),
    (oid::ED25519, Named::Kind(KeyKind::Ed25519)),
    (oid::ML_DSA_44, Named::Kind(KeyKind::MlDsa44)),
    (oid::ML_DSA_65, Named::Kind(KeyKind::MlDsa65)),
    (oid::ML_DSA_87, Named::Kind(KeyKind::MlDsa87)),
];

const CURVES: [(ObjectIdentifier, KeyKind); 3] =
    [(oid::SECP256R1, KeyKind::EcP256), (oid::SECP384R1, KeyKind::EcP384), (oid::SECP521R1, KeyKind::EcP521)];

/// The value in `table` of the next object identifier, if there is one.
fn named<T: Copy>(parts: &mut Elements<'_>, table: &[(ObjectIdentifier, T)]) -> der::Result<Option<T>> {
    let oid = parts.one(OBJECT_IDENTIFIER)?.contents;
    Ok(table.iter().find(|(known, _)| known.as_bytes() == oid).map(|(_, named)| *named))
}

/// A public key and the restrictions in its `SubjectPublicKeyInfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) public: PublicKey,
    /// For an RSASSA-PSS key with parameters: the only hash function it may be used with (RFC 4055 section
    /// 3.1).
    pub(crate) pss_hash: Option<HashAlgorithm>,
}

impl Key {
    /// Whether the key may make a signature of this scheme.
    pub(crate) fn allows(&self, scheme: SignatureScheme) -> bool {
        self.only_scheme().is_none_or(|only| scheme == only)
    }

    /// The only scheme of the key, if it is restricted to one.
    pub(crate) fn only_scheme(&self) -> Option<SignatureScheme> {
        self.pss_hash.map(pss::scheme)
    }
}

/// The public key in a `SubjectPublicKeyInfo`, or `None` if TLS has no such algorithm.
pub(crate) fn key(spki: &[u8]) -> der::Result<Option<Key>> {
    let (algorithm, bits) = spki_parts(spki)?;
    let mut parts = Elements::of(algorithm);
    let mut pss_hash = None;
    let kind = match named(&mut parts, &KEYS)? {
        // RFC 5480 section 2.1.1 permits a named curve only.
        Some(Named::EllipticCurve) => named(&mut parts, &CURVES).ok().flatten(),
        Some(Named::Kind(KeyKind::RsaPss)) => match parts.optional(SEQUENCE)? {
            None => Some(KeyKind::RsaPss),
            // The parameters exclude every scheme of TLS.
            Some(parameters) => {
                pss_hash = pss::hash_of_key(parameters.contents);
                pss_hash.map(|_| KeyKind::RsaPss)
            }
        },
        Some(Named::Kind(kind)) => Some(kind),
        None => None,
    };
    Ok(kind.map(|kind| Key { public: PublicKey { kind, bits: bits.to_vec() }, pss_hash }))
}

/// The size of an RSA key's modulus in bits, or `None` if the key is of another kind or malformed.
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
