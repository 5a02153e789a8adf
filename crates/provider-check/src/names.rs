//! Names in the report, and all algorithms that a provider can support.

use cairn_crypto::{
    AeadAlgorithm, BlockCipherAlgorithm, HashAlgorithm, HeaderProtectionAlgorithm, KeyKind, KeySpec,
};
use cairn_wire::{NamedGroup, SignatureScheme};

/// Decryption of premaster secrets.
pub(crate) const PREMASTER: &str = "RSA premaster secret";
/// Diffie-Hellman over finite fields.
pub(crate) const FINITE_FIELD: &str = "finite-field DH";
/// RSA encryption.
pub(crate) const RSA_ENCRYPTION: &str = "RSA encryption";
/// Randomness.
pub(crate) const RANDOM: &str = "randomness";

pub(crate) const HASHES: [HashAlgorithm; 4] =
    [HashAlgorithm::Sha1, HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];

pub(crate) const AEADS: [AeadAlgorithm; 7] = [
    AeadAlgorithm::Aes128Gcm,
    AeadAlgorithm::Aes256Gcm,
    AeadAlgorithm::ChaCha20Poly1305,
    AeadAlgorithm::Aes128Ccm,
    AeadAlgorithm::Aes256Ccm,
    AeadAlgorithm::Aes128Ccm8,
    AeadAlgorithm::Aes256Ccm8,
];

pub(crate) const BLOCK_CIPHERS: [BlockCipherAlgorithm; 3] =
    [BlockCipherAlgorithm::Aes128, BlockCipherAlgorithm::Aes256, BlockCipherAlgorithm::TripleDes];

pub(crate) const HEADER_PROTECTIONS: [HeaderProtectionAlgorithm; 3] = [
    HeaderProtectionAlgorithm::Aes128,
    HeaderProtectionAlgorithm::Aes256,
    HeaderProtectionAlgorithm::ChaCha20,
];

pub(crate) const GROUPS: [NamedGroup; 15] = [
    NamedGroup::X25519MLKEM768,
    NamedGroup::SECP256R1MLKEM768,
    NamedGroup::SECP384R1MLKEM1024,
    NamedGroup::X25519,
    NamedGroup::SECP256R1,
    NamedGroup::SECP384R1,
    NamedGroup::SECP521R1,
    NamedGroup::MLKEM768,
    NamedGroup::MLKEM1024,
    NamedGroup::MLKEM512,
    NamedGroup::FFDHE2048,
    NamedGroup::FFDHE3072,
    NamedGroup::FFDHE4096,
    NamedGroup::FFDHE6144,
    NamedGroup::FFDHE8192,
];

/// Every kind of key with every scheme that TLS 1.2 or TLS 1.3 defines for it.
pub(crate) const VERIFIERS: [(KeyKind, SignatureScheme); 30] = {
    use KeyKind::{EcP256, EcP384, EcP521, Ed25519, MlDsa44, MlDsa65, MlDsa87, Rsa, RsaPss};
    use SignatureScheme as S;
    [
        (Ed25519, S::ED25519),
        (EcP256, S::ECDSA_SECP256R1_SHA256),
        (EcP256, S::ECDSA_SECP384R1_SHA384),
        (EcP256, S::ECDSA_SECP521R1_SHA512),
        (EcP256, S::ECDSA_SHA224),
        (EcP256, S::ECDSA_SHA1),
        (EcP384, S::ECDSA_SECP256R1_SHA256),
        (EcP384, S::ECDSA_SECP384R1_SHA384),
        (EcP384, S::ECDSA_SECP521R1_SHA512),
        (EcP384, S::ECDSA_SHA224),
        (EcP384, S::ECDSA_SHA1),
        (EcP521, S::ECDSA_SECP256R1_SHA256),
        (EcP521, S::ECDSA_SECP384R1_SHA384),
        (EcP521, S::ECDSA_SECP521R1_SHA512),
        (EcP521, S::ECDSA_SHA224),
        (EcP521, S::ECDSA_SHA1),
        (Rsa, S::RSA_PSS_RSAE_SHA256),
        (Rsa, S::RSA_PSS_RSAE_SHA384),
        (Rsa, S::RSA_PSS_RSAE_SHA512),
        (RsaPss, S::RSA_PSS_PSS_SHA256),
        (RsaPss, S::RSA_PSS_PSS_SHA384),
        (RsaPss, S::RSA_PSS_PSS_SHA512),
        (Rsa, S::RSA_PKCS1_SHA256),
        (Rsa, S::RSA_PKCS1_SHA384),
        (Rsa, S::RSA_PKCS1_SHA512),
        (Rsa, S::RSA_PKCS1_SHA224),
        (Rsa, S::RSA_PKCS1_SHA1),
        (MlDsa44, S::MLDSA44),
        (MlDsa65, S::MLDSA65),
        (MlDsa87, S::MLDSA87),
    ]
};

/// The kinds of keys that can be generated.
pub(crate) const KEY_SPECS: [(KeySpec, &str); 8] = [
    (KeySpec::Ed25519, "Ed25519 key"),
    (KeySpec::EcP256, "EC P-256 key"),
    (KeySpec::EcP384, "EC P-384 key"),
    (KeySpec::EcP521, "EC P-521 key"),
    (KeySpec::Rsa { bits: 2048 }, "RSA key"),
    (KeySpec::MlDsa44, "ML-DSA-44 key"),
    (KeySpec::MlDsa65, "ML-DSA-65 key"),
    (KeySpec::MlDsa87, "ML-DSA-87 key"),
];

/// The name of a combination of scheme and key. In TLS 1.2, an ECDSA scheme specifies only the hash (RFC 5246
/// section 7.4.1.4.1).
pub(crate) fn verifier_name(kind: KeyKind, scheme: SignatureScheme) -> String {
    match (kind, scheme) {
        (KeyKind::Ed25519 | KeyKind::MlDsa44 | KeyKind::MlDsa65 | KeyKind::MlDsa87, _) => kind.to_string(),
        (_, SignatureScheme::ECDSA_SECP256R1_SHA256) => format!("ECDSA with SHA-256 under {kind}"),
        (_, SignatureScheme::ECDSA_SECP384R1_SHA384) => format!("ECDSA with SHA-384 under {kind}"),
        (_, SignatureScheme::ECDSA_SECP521R1_SHA512) => format!("ECDSA with SHA-512 under {kind}"),
        (_, SignatureScheme::ECDSA_SHA224) => format!("ECDSA with SHA-224 under {kind}"),
        (_, SignatureScheme::ECDSA_SHA1) => format!("ECDSA with SHA-1 under {kind}"),
        _ => scheme.to_string(),
    }
}
