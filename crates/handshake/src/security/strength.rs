//! How strong each part of a connection is, in bits: as many as say how often somebody must try, as a power of two.
//!
//! The figures for ciphers, groups, moduli and hashes are those of NIST SP 800-57 part 1 revision 5, tables 2 and 3; for
//! moduli in between those of SP 800-56B revision 2, appendix D. What is in no table counts as nothing.

use cairn_crypto::{AeadAlgorithm, BlockCipherAlgorithm, HashAlgorithm, KeyKind};
use cairn_schedule::Protection;
use cairn_wire::{NamedGroup, SignatureScheme};

/// How strong the parts of a connection are, in bits. See the table in the project's documentation of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Strength {
    /// The cipher of the records. 0 where nothing is encrypted.
    pub cipher: u16,
    /// The key exchange: its group, its field, or the RSA modulus that the secret was encrypted under; of a pre-shared
    /// key alone, its length.
    pub key_exchange: u16,
    /// The hash of the PRF, in which the transcript is hashed too, so that collisions count.
    pub hash: u16,
    /// The weakest key and hash that an end has proved itself with; `None` where no end has.
    pub proof: Option<u16>,
}

/// A part of a connection that has a strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The cipher of the records.
    Cipher,
    /// The key exchange.
    KeyExchange,
    /// The hash of the PRF and of the transcript.
    Hash,
    /// The key, or the hash under its signature, that an end has proved itself with.
    Proof,
}

impl Part {
    /// What it is called in a sentence.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cipher => "the cipher",
            Self::KeyExchange => "the key exchange",
            Self::Hash => "the hash of the PRF",
            Self::Proof => "the proof of identity",
        }
    }
}

impl Strength {
    /// The least of its parts, in bits: that of the whole.
    #[must_use]
    pub fn bits(&self) -> u16 {
        self.weakest().1
    }

    /// The weakest part, and its bits; of several that are alike the first.
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

/// Of a cipher.
pub(crate) const fn of_cipher(protection: Protection) -> u16 {
    match protection {
        Protection::Aead { algorithm, .. } => match algorithm {
            AeadAlgorithm::Aes128Gcm | AeadAlgorithm::Aes128Ccm | AeadAlgorithm::Aes128Ccm8 => 128,
            AeadAlgorithm::Aes256Gcm
            | AeadAlgorithm::ChaCha20Poly1305
            | AeadAlgorithm::Aes256Ccm
            | AeadAlgorithm::Aes256Ccm8 => 256,
            _ => 0,
        },
        Protection::Cbc { cipher, .. } => match cipher {
            BlockCipherAlgorithm::Aes128 => 128,
            BlockCipherAlgorithm::Aes256 => 256,
            BlockCipherAlgorithm::TripleDes => 112,
            _ => 0,
        },
        _ => 0,
    }
}

/// Of a hash against collisions. For SHA-1 it is what finding two messages with chosen beginnings took (Leurent and
/// Peyrin, 2020).
pub(crate) const fn of_hash(hash: HashAlgorithm) -> u16 {
    match hash {
        HashAlgorithm::Sha1 => 63,
        HashAlgorithm::Sha256 => 128,
        HashAlgorithm::Sha384 => 192,
        HashAlgorithm::Sha512 => 256,
        _ => 0,
    }
}

/// Of the hash in a signature scheme.
pub(crate) const fn of_scheme(scheme: SignatureScheme) -> u16 {
    match (scheme, hash_of_scheme(scheme)) {
        (_, Some(hash)) => of_hash(hash),
        (SignatureScheme::RSA_PKCS1_SHA224 | SignatureScheme::ECDSA_SHA224, None) => 112,
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

/// Whether a signature is over a SHA-1 hash.
pub(crate) const fn is_sha1(scheme: SignatureScheme) -> bool {
    matches!(hash_of_scheme(scheme), Some(HashAlgorithm::Sha1))
}

/// Whether a signature is over a hash of old, SHA-1 or SHA-224: one that we make only where our own policy takes it too.
pub(crate) const fn is_legacy(scheme: SignatureScheme) -> bool {
    is_sha1(scheme) || matches!(scheme, SignatureScheme::RSA_PKCS1_SHA224 | SignatureScheme::ECDSA_SHA224)
}

/// Of Diffie-Hellman over a curve.
pub(crate) const fn of_curve(group: NamedGroup) -> u16 {
    match group {
        NamedGroup::SECP256R1 | NamedGroup::X25519 | NamedGroup::BRAINPOOLP256R1 => 128,
        NamedGroup::SECP384R1 | NamedGroup::BRAINPOOLP384R1 => 192,
        NamedGroup::X448 => 224,
        NamedGroup::SECP521R1 | NamedGroup::BRAINPOOLP512R1 => 256,
        _ => 0,
    }
}

/// Of an RSA modulus or the prime of a finite field, by its length in bits.
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

/// Of a key that signs. What an RSA key makes is as long as its modulus (RFC 8017 sections 7 and 8), and that is how its
/// length is known here, in whole bytes, wherever the key is.
pub(crate) const fn of_key(kind: KeyKind, made: usize) -> u16 {
    match kind {
        KeyKind::Rsa | KeyKind::RsaPss => of_modulus(made.saturating_mul(8)),
        KeyKind::EcP256 | KeyKind::Ed25519 => 128,
        KeyKind::EcP384 => 192,
        KeyKind::EcP521 => 256,
        _ => 0,
    }
}

/// Of a pre-shared key of so many bytes, if it is random.
pub(crate) fn of_psk(length: usize) -> u16 {
    u16::try_from(length.saturating_mul(8)).unwrap_or(u16::MAX)
}
