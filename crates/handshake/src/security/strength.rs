//! The strength of each part of a connection in bits. An attack takes about 2 to this power operations.
//!
//! The values for ciphers, groups, moduli and hashes are from NIST SP 800-57 part 1 revision 5, tables 2 and
//! 3; those for moduli in between are from SP 800-56B revision 2, appendix D. ML-KEM and ML-DSA have the
//! strength of the AES key or the hash to which their security category refers (FIPS 203 section 8, FIPS 204
//! section 4). Algorithms without an entry count as 0.

use cairn_crypto::{AeadAlgorithm, BlockCipherAlgorithm, HashAlgorithm, KeyKind};
use cairn_schedule::Protection;
use cairn_wire::{NamedGroup, SignatureScheme};

/// The strength of the parts of a connection in bits. The project's documentation of the report has the
/// table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Strength {
    /// The cipher of the records; 0 without encryption.
    pub cipher: u16,
    /// The key exchange: its group, its finite field, or the RSA modulus that encrypted the premaster secret;
    /// with a pre-shared key only, its length.
    pub key_exchange: u16,
    /// The hash of the PRF. It also hashes the transcript, so collision resistance counts.
    pub hash: u16,
    /// The weakest key or hash that authenticated a side; `None` if both are anonymous.
    pub proof: Option<u16>,
}

/// A part of a connection with a strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The cipher of the records.
    Cipher,
    /// The key exchange.
    KeyExchange,
    /// The hash of the PRF and of the transcript.
    Hash,
    /// The key, or the hash of its signature, that authenticated a side.
    Proof,
}

impl Part {
    /// The name in error messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cipher => "the cipher",
            Self::KeyExchange => "the key exchange",
            Self::Hash => "the hash of the PRF",
            Self::Proof => "the authentication",
        }
    }
}

impl Strength {
    /// The minimum of all parts in bits.
    #[must_use]
    pub fn bits(&self) -> u16 {
        self.weakest().1
    }

    /// The weakest part and its strength in bits. If several are equal, the first.
    #[must_use]
    pub fn weakest(&self) -> (Part, u16) {
        let mut weakest = (Part::Cipher, self.cipher);
        let others = [
            (Part::KeyExchange, Some(self.key_exchange)),
            (Part::Hash, Some(self.hash)),
            (Part::Proof, self.proof),
        ];
        for (part, bits) in others {
            if let Some(bits) = bits.filter(|bits| *bits < weakest.1) {
                weakest = (part, bits);
            }
        }
        weakest
    }
}

/// The strength of a cipher.
pub(crate) const fn of_cipher(protection: Protection) -> u16 {
    match protection {
        Protection::Aead { algorithm, .. } => of_aead(algorithm),
        Protection::Cbc { cipher, .. } => match cipher {
            BlockCipherAlgorithm::Aes128 => 128,
            BlockCipherAlgorithm::Aes256 => 256,
            BlockCipherAlgorithm::TripleDes => 112,
            _ => 0,
        },
        _ => 0,
    }
}

/// The strength of an AEAD.
pub(crate) const fn of_aead(aead: AeadAlgorithm) -> u16 {
    match aead {
        AeadAlgorithm::Aes128Gcm | AeadAlgorithm::Aes128Ccm | AeadAlgorithm::Aes128Ccm8 => 128,
        AeadAlgorithm::Aes256Gcm
        | AeadAlgorithm::ChaCha20Poly1305
        | AeadAlgorithm::Aes256Ccm
        | AeadAlgorithm::Aes256Ccm8 => 256,
        _ => 0,
    }
}

/// The strength of a hash against collisions. For SHA-1 it is the cost of a chosen-prefix collision (Leurent
/// and Peyrin, 2020).
pub(crate) const fn of_hash(hash: HashAlgorithm) -> u16 {
    match hash {
        HashAlgorithm::Sha1 => 63,
        HashAlgorithm::Sha256 => 128,
        HashAlgorithm::Sha384 => 192,
        HashAlgorithm::Sha512 => 256,
        _ => 0,
    }
}

/// The strength of the hash in a signature scheme.
pub(crate) const fn of_scheme(scheme: SignatureScheme) -> u16 {
    match (scheme, hash_of_scheme(scheme)) {
        (_, Some(hash)) => of_hash(hash),
        (SignatureScheme::RSA_PKCS1_SHA224 | SignatureScheme::ECDSA_SHA224, None) => 112,
        (SignatureScheme::MLDSA44, None) => of_key(KeyKind::MlDsa44, 0),
        (SignatureScheme::MLDSA65, None) => of_key(KeyKind::MlDsa65, 0),
        (SignatureScheme::MLDSA87, None) => of_key(KeyKind::MlDsa87, 0),
        _ => 0,
    }
}

const fn hash_of_scheme(scheme: SignatureScheme) -> Option<HashAlgorithm> {
    Some(match scheme {
        SignatureScheme::RSA_PKCS1_SHA1 | SignatureScheme::ECDSA_SHA1 => HashAlgorithm::Sha1,
        SignatureScheme::RSA_PKCS1_SHA256
        | SignatureScheme::RSA_PSS_RSAE_SHA256
        | SignatureScheme::RSA_PSS_PSS_SHA256
        | SignatureScheme::ECDSA_SECP256R1_SHA256 => HashAlgorithm::Sha256,
        SignatureScheme::RSA_PKCS1_SHA384
        | SignatureScheme::RSA_PSS_RSAE_SHA384
        | SignatureScheme::RSA_PSS_PSS_SHA384
        | SignatureScheme::ECDSA_SECP384R1_SHA384 => HashAlgorithm::Sha384,
        SignatureScheme::RSA_PKCS1_SHA512
        | SignatureScheme::RSA_PSS_RSAE_SHA512
        | SignatureScheme::RSA_PSS_PSS_SHA512
        | SignatureScheme::ECDSA_SECP521R1_SHA512
        | SignatureScheme::ED25519 => HashAlgorithm::Sha512,
        _ => return None,
    })
}

/// Whether a signature scheme uses SHA-1.
pub(crate) const fn is_sha1(scheme: SignatureScheme) -> bool {
    matches!(hash_of_scheme(scheme), Some(HashAlgorithm::Sha1))
}

/// Whether a signature scheme uses SHA-1 or SHA-224. We sign with them only if our own policy accepts them.
pub(crate) const fn is_legacy(scheme: SignatureScheme) -> bool {
    is_sha1(scheme) || matches!(scheme, SignatureScheme::RSA_PKCS1_SHA224 | SignatureScheme::ECDSA_SHA224)
}

/// The strength of elliptic curve Diffie-Hellman.
pub(crate) const fn of_curve(group: NamedGroup) -> u16 {
    match group {
        NamedGroup::SECP256R1 | NamedGroup::X25519 | NamedGroup::BRAINPOOLP256R1 => 128,
        NamedGroup::SECP384R1 | NamedGroup::BRAINPOOLP384R1 => 192,
        NamedGroup::X448 => 224,
        NamedGroup::SECP521R1 | NamedGroup::BRAINPOOLP512R1 => 256,
        _ => 0,
    }
}

/// The strength of key exchange in a group of TLS 1.3. To learn the secret of a hybrid group, an attacker has
/// to break both parts, so that the stronger one counts.
pub(crate) fn of_group(group: NamedGroup) -> u16 {
    if let Some(parts) = group.components() {
        return parts.into_iter().map(of_group).max().unwrap_or_default();
    }
    match group {
        NamedGroup::MLKEM512 => 128,
        NamedGroup::MLKEM768 => 192,
        NamedGroup::MLKEM1024 => 256,
        NamedGroup::FFDHE2048 => of_modulus(2048),
        NamedGroup::FFDHE3072 => of_modulus(3072),
        NamedGroup::FFDHE4096 => of_modulus(4096),
        NamedGroup::FFDHE6144 => of_modulus(6144),
        NamedGroup::FFDHE8192 => of_modulus(8192),
        curve => of_curve(curve),
    }
}

/// The strength of an RSA modulus or a finite field prime of this length in bits.
pub(crate) const fn of_modulus(bits: usize) -> u16 {
    match bits {
        15360.. => 256,
        8192.. => 200,
        7680.. => 192,
        6144.. => 176,
        4096.. => 152,
        3072.. => 128,
        2048.. => 112,
        1024.. => 80,
        _ => 0,
    }
}

/// The strength of a signing key. An RSA signature is as long as the modulus (RFC 8017 sections 7 and 8), so
/// its length gives that of the modulus in whole bytes even if the key is not in this process.
pub(crate) const fn of_key(kind: KeyKind, made: usize) -> u16 {
    match kind {
        KeyKind::Rsa | KeyKind::RsaPss => of_modulus(made.saturating_mul(8)),
        KeyKind::EcP256 | KeyKind::Ed25519 | KeyKind::MlDsa44 => 128,
        KeyKind::EcP384 | KeyKind::MlDsa65 => 192,
        KeyKind::EcP521 | KeyKind::MlDsa87 => 256,
        _ => 0,
    }
}

/// The strength of a random pre-shared key of this length in bytes.
pub(crate) fn of_psk(length: usize) -> u16 {
    u16::try_from(length.saturating_mul(8)).unwrap_or(u16::MAX)
}
