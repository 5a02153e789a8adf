//! The cipher suites, as data: each names its parts and is nothing else.

mod table;

use table::ALL;
pub use table::SUITES;

use cairn_crypto::{AeadAlgorithm, BlockCipherAlgorithm, HashAlgorithm};
use cairn_wire::{CipherSuite, KeyExchangeAlgorithm};
use core::fmt;

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
    /// A key that both sides had before (RFC 4279), and with `RSA_PSK` a certificate besides.
    Psk,
    /// Nothing: whoever is in between can read and change everything (RFC 5246 appendix F.1.1.1).
    Anonymous,
}

/// What a suite is worth today, the best first. A policy that takes one grade takes those above it too, but for the
/// last, whose suites only their names bring in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Grade {
    /// Elliptic curves with ephemeral keys, and AES-GCM or ChaCha20-Poly1305.
    Modern,
    /// Forward secrecy, authentication and AES all the same: finite fields, AES-CBC, AES-CCM.
    Compatible,
    /// Without forward secrecy (whoever gets the long-term key later can read what was recorded), or with 3DES.
    Legacy,
    /// Without secrecy (NULL) or without authentication: good for special uses at most, and never taken but by name.
    ByNameOnly,
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Modern => "modern",
            Self::Compatible => "compatible",
            Self::Legacy => "legacy",
            Self::ByNameOnly => "by name only",
        })
    }
}

impl Suite {
    /// Whether the long-term keys do not tell what was said: an ephemeral key is in the premaster secret.
    #[must_use]
    pub const fn is_forward_secret(&self) -> bool {
        !matches!(
            self.key_exchange,
            KeyExchangeAlgorithm::Rsa | KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::RsaPsk
        )
    }

    /// Whether both sides must have a key in common before.
    #[must_use]
    pub const fn uses_psk(&self) -> bool {
        matches!(self.authentication, Authentication::Psk)
    }

    /// Whether the server shows a certificate.
    #[must_use]
    pub const fn shows_certificate(&self) -> bool {
        matches!(self.authentication, Authentication::Rsa | Authentication::Ecdsa)
            || matches!(self.key_exchange, KeyExchangeAlgorithm::RsaPsk)
    }

    /// Whether only builds with the feature `legacy` have it: it uses the RSA key exchange, Diffie-Hellman over finite
    /// fields, CBC, or the NULL cipher.
    #[must_use]
    pub const fn is_legacy(&self) -> bool {
        use KeyExchangeAlgorithm::{DhAnon, Dhe, DhePsk, Rsa, RsaPsk};
        matches!(self.key_exchange, Rsa | RsaPsk | Dhe | DhAnon | DhePsk)
            || matches!(self.protection, Protection::Cbc { .. } | Protection::Null { .. })
    }

    /// What it is worth today.
    #[must_use]
    pub const fn grade(&self) -> Grade {
        match (self.authentication, self.protection, self.key_exchange) {
            (Authentication::Anonymous, _, _) | (_, Protection::Null { .. }, _) => Grade::ByNameOnly,
            (_, Protection::Cbc { cipher: BlockCipherAlgorithm::TripleDes, .. }, _) => Grade::Legacy,
            _ if !self.is_forward_secret() => Grade::Legacy,
            (
                _,
                Protection::Aead {
                    algorithm:
                        AeadAlgorithm::Aes128Gcm | AeadAlgorithm::Aes256Gcm | AeadAlgorithm::ChaCha20Poly1305,
                    ..
                },
                KeyExchangeAlgorithm::Ecdhe | KeyExchangeAlgorithm::EcdhePsk,
            ) => Grade::Modern,
            _ => Grade::Compatible,
        }
    }
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

/// The suite with this code point, if the schedule knows it.
#[must_use]
pub fn suite(id: CipherSuite) -> Option<&'static Suite> {
    SUITES.iter().find(|suite| suite.id == id)
}

/// Whether this code point is that of a suite that this build leaves out, for want of the feature `legacy`.
#[must_use]
pub fn suite_needs_legacy(id: CipherSuite) -> bool {
    suite(id).is_none() && ALL.iter().any(|suite| suite.id == id)
}

#[cfg(test)]
mod tests;
