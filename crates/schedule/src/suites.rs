//! The cipher suites, as data: each names its parts and is nothing else.

use cairn_crypto::{AeadAlgorithm, BlockCipherAlgorithm, HashAlgorithm};
use cairn_wire::{CipherSuite, KeyExchangeAlgorithm};

/// A TLS 1.2 cipher suite (RFC 5246 appendix C and its successors).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suite {
    /// The code point.
    pub id: CipherSuite,
    /// How the premaster secret comes about.
    pub key_exchange: KeyExchangeAlgorithm,
    /// What the server proves itself with.
    pub authentication: Authentication,
    /// How records are protected.
    pub protection: Protection,
    /// The hash of the PRF and of Finished (RFC 5246 section 5).
    pub prf_hash: HashAlgorithm,
}

/// What the server proves itself with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Authentication {
    /// An RSA key that signs.
    Rsa,
    /// An ECDSA or EdDSA key that signs (RFC 8422 section 2.1 puts Ed25519 here).
    Ecdsa,
}

/// How records are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protection {
    /// GenericAEADCipher (RFC 5246 section 6.2.3.3).
    Aead {
        /// The cipher.
        algorithm: AeadAlgorithm,
        /// How the nonce is made.
        nonce: NonceScheme,
    },
    /// GenericBlockCipher (RFC 5246 section 6.2.3.2) with HMAC. Whether the MAC is over the text or over the ciphertext
    /// is no matter of the suite: see [`KeyChange::encrypt_then_mac`](crate::KeyChange::encrypt_then_mac).
    Cbc {
        /// The cipher.
        cipher: BlockCipherAlgorithm,
        /// The hash of the HMAC.
        mac: HashAlgorithm,
    },
    /// GenericStreamCipher with the NULL cipher (RFC 5246 section 6.2.3.1): HMAC, and no secrecy at all.
    Null {
        /// The hash of the HMAC.
        mac: HashAlgorithm,
    },
}

impl Protection {
    /// `SecurityParameters.mac_key_length` in bytes.
    #[must_use]
    pub const fn mac_key_len(self) -> usize {
        match self {
            Self::Aead { .. } => 0,
            Self::Cbc { mac, .. } | Self::Null { mac } => mac.output_len(),
        }
    }

    /// `SecurityParameters.enc_key_length` in bytes.
    #[must_use]
    pub const fn cipher_key_len(self) -> usize {
        match self {
            Self::Aead { algorithm, .. } => algorithm.key_len(),
            Self::Cbc { cipher, .. } => cipher.key_len(),
            Self::Null { .. } => 0,
        }
    }

    /// `SecurityParameters.fixed_iv_length` in bytes. None for CBC: since TLS 1.1 each record brings its own IV.
    #[must_use]
    pub const fn fixed_iv_len(self) -> usize {
        match self {
            Self::Aead { nonce: NonceScheme::SaltAndExplicit, .. } => 4,
            Self::Aead { nonce: NonceScheme::IvXorSequence, .. } => 12,
            Self::Cbc { .. } | Self::Null { .. } => 0,
        }
    }
}

/// How an AEAD's nonce is made of the fixed IV and the sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NonceScheme {
    /// A 4-byte salt, the fixed IV, then 8 bytes that each record carries in the clear (RFC 5288 section 3, RFC 6655
    /// section 3).
    SaltAndExplicit,
    /// The 12-byte fixed IV XOR the sequence number padded on the left; nothing is sent (RFC 7905 section 2).
    IvXorSequence,
}

const GCM_128: Protection =
    Protection::Aead { algorithm: AeadAlgorithm::Aes128Gcm, nonce: NonceScheme::SaltAndExplicit };
const GCM_256: Protection =
    Protection::Aead { algorithm: AeadAlgorithm::Aes256Gcm, nonce: NonceScheme::SaltAndExplicit };
const CHACHA: Protection =
    Protection::Aead { algorithm: AeadAlgorithm::ChaCha20Poly1305, nonce: NonceScheme::IvXorSequence };

const fn ecdhe(
    id: CipherSuite,
    authentication: Authentication,
    protection: Protection,
    prf_hash: HashAlgorithm,
) -> Suite {
    Suite { id, key_exchange: KeyExchangeAlgorithm::Ecdhe, authentication, protection, prf_hash }
}

use Authentication::{Ecdsa, Rsa};
use HashAlgorithm::{Sha256, Sha384};

/// Every suite that this schedule knows, in our order of preference: forward secrecy and AEAD throughout; 128 bits
/// of AES before 256, because nothing that TLS 1.2 can do else reaches 256 bits of strength.
pub static SUITES: &[Suite] = &[
    // RFC 5289
    ecdhe(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, Ecdsa, GCM_128, Sha256),
    ecdhe(CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, Rsa, GCM_128, Sha256),
    ecdhe(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, Ecdsa, GCM_256, Sha384),
    ecdhe(CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, Rsa, GCM_256, Sha384),
    // RFC 7905
    ecdhe(CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, Ecdsa, CHACHA, Sha256),
    ecdhe(CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, Rsa, CHACHA, Sha256),
];

/// The suite with this code point, if the schedule knows it.
#[must_use]
pub fn suite(id: CipherSuite) -> Option<&'static Suite> {
    SUITES.iter().find(|suite| suite.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn each_row_agrees_with_its_own_name() {
        for suite in SUITES {
            let name = format!("{}", suite.id);
            assert_eq!(name.contains("_ECDSA_"), suite.authentication == Ecdsa, "{name}");
            assert_eq!(name.contains("_RSA_"), suite.authentication == Rsa, "{name}");
            assert_eq!(name.contains("_ECDHE_"), suite.key_exchange == KeyExchangeAlgorithm::Ecdhe, "{name}");
            assert_eq!(name.ends_with("_SHA384"), suite.prf_hash == Sha384, "{name}");
            assert_eq!(name.contains("AES_128_GCM"), suite.protection == GCM_128, "{name}");
            assert_eq!(name.contains("AES_256_GCM"), suite.protection == GCM_256, "{name}");
            assert_eq!(name.contains("CHACHA20_POLY1305"), suite.protection == CHACHA, "{name}");
        }
    }

    #[test]
    fn no_code_point_stands_twice() {
        for (i, suite) in SUITES.iter().enumerate() {
            assert!(SUITES.iter().skip(i + 1).all(|other| other.id != suite.id), "{}", suite.id);
        }
    }
}
