//! The cipher suites as data.

mod table;

pub use table::{SUITES, suite, suite_needs_legacy};

use cairn_crypto::{AeadAlgorithm, BlockCipherAlgorithm, HashAlgorithm};
use cairn_wire::{CipherSuite, KeyExchangeAlgorithm};
use core::fmt;

/// A TLS 1.2 cipher suite (RFC 5246 appendix C and later RFCs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tls12Suite {
    /// The code point.
    pub id: CipherSuite,
    /// The key exchange.
    pub key_exchange: KeyExchangeAlgorithm,
    /// The authentication of the server.
    pub authentication: Authentication,
    /// The record protection. CBC suites have [`MacOrder::MacThenEncrypt`] here, because encrypt_then_mac is
    /// negotiated: see [`Protection::with_encrypt_then_mac`].
    pub protection: Protection,
    /// The hash of the PRF and of Finished (RFC 5246 section 5).
    pub prf_hash: HashAlgorithm,
}

/// The authentication of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Authentication {
    /// A signature with an RSA key.
    Rsa,
    /// A signature with an ECDSA or EdDSA key (RFC 8422 section 2.1).
    Ecdsa,
    /// A pre-shared key (RFC 4279), with `RSA_PSK` also a certificate.
    Psk,
    /// No authentication: a man in the middle can read and modify everything (RFC 5246 appendix F.1.1.1).
    Anonymous,
}

/// The security of a suite today, best grade first. A policy that allows a grade also allows the better ones.
/// Suites of the last grade must be enabled individually by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Grade {
    /// Ephemeral elliptic curve Diffie-Hellman with AES-GCM or ChaCha20-Poly1305.
    Modern,
    /// Other suites with forward secrecy and authentication: finite fields, AES-CBC, AES-CCM.
    Compatible,
    /// No forward secrecy (an attacker who obtains the long-term key can decrypt recorded connections), or
    /// 3DES.
    Legacy,
    /// No encryption (NULL) or no authentication: for special uses only.
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

impl Tls12Suite {
    /// Returns `true` if the suite has forward secrecy, that is, uses an ephemeral key exchange.
    #[must_use]
    pub const fn is_forward_secret(&self) -> bool {
        !matches!(
            self.key_exchange,
            KeyExchangeAlgorithm::Rsa | KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::RsaPsk
        )
    }

    /// Returns `true` if the suite uses a pre-shared key.
    #[must_use]
    pub const fn uses_psk(&self) -> bool {
        matches!(self.authentication, Authentication::Psk)
    }

    /// Returns `true` if the server sends a certificate.
    #[must_use]
    pub const fn shows_certificate(&self) -> bool {
        matches!(self.authentication, Authentication::Rsa | Authentication::Ecdsa)
            || matches!(self.key_exchange, KeyExchangeAlgorithm::RsaPsk)
    }

    /// Returns `true` if the suite is available only with the feature `legacy`: it uses the RSA key exchange,
    /// Diffie-Hellman over finite fields, CBC, or the NULL cipher.
    #[must_use]
    pub const fn is_legacy(&self) -> bool {
        use KeyExchangeAlgorithm::{DhAnon, Dhe, DhePsk, Rsa, RsaPsk};
        matches!(self.key_exchange, Rsa | RsaPsk | Dhe | DhAnon | DhePsk)
            || matches!(self.protection, Protection::Cbc { .. } | Protection::Null { .. })
    }

    /// The grade of the suite.
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

/// The record protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protection {
    /// GenericAEADCipher (RFC 5246 section 6.2.3.3).
    Aead {
        /// The cipher.
        algorithm: AeadAlgorithm,
        /// The construction of the nonce.
        nonce: NonceScheme,
    },
    /// GenericBlockCipher (RFC 5246 section 6.2.3.2) with HMAC.
    Cbc {
        /// The cipher.
        cipher: BlockCipherAlgorithm,
        /// The hash of the HMAC.
        mac: HashAlgorithm,
        /// The order of MAC and encryption.
        order: MacOrder,
    },
    /// GenericStreamCipher with the NULL cipher (RFC 5246 section 6.2.3.1): HMAC without encryption.
    Null {
        /// The hash of the HMAC.
        mac: HashAlgorithm,
    },
}

/// The order of MAC and encryption in a CBC record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MacOrder {
    /// The MAC covers the plaintext and is encrypted with it (RFC 5246 section 6.2.3.2).
    MacThenEncrypt,
    /// The MAC covers the ciphertext and follows it: encrypt_then_mac was negotiated (RFC 7366 section 3).
    EncryptThenMac,
}

impl Protection {
    /// CBC with HMAC as RFC 5246 section 6.2.3.2 defines it: MAC-then-encrypt.
    #[must_use]
    pub const fn cbc(cipher: BlockCipherAlgorithm, mac: HashAlgorithm) -> Self {
        Self::Cbc { cipher, mac, order: MacOrder::MacThenEncrypt }
    }

    /// This protection if encrypt_then_mac is negotiated. `None` if it is not CBC: the extension applies to
    /// block ciphers only (RFC 7366 section 3).
    #[must_use]
    pub const fn with_encrypt_then_mac(self) -> Option<Self> {
        match self {
            Self::Cbc { cipher, mac, .. } => Some(Self::Cbc { cipher, mac, order: MacOrder::EncryptThenMac }),
            Self::Aead { .. } | Self::Null { .. } => None,
        }
    }

    /// Whether it is CBC with encrypt-then-MAC (RFC 7366).
    #[must_use]
    pub const fn is_encrypt_then_mac(self) -> bool {
        matches!(self, Self::Cbc { order: MacOrder::EncryptThenMac, .. })
    }

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

    /// `SecurityParameters.fixed_iv_length` in bytes. It is 0 for CBC, where each record contains its IV
    /// (since TLS 1.1).
    #[must_use]
    pub const fn fixed_iv_len(self) -> usize {
        match self {
            Self::Aead { nonce: NonceScheme::SaltAndExplicit, .. } => 4,
            Self::Aead { nonce: NonceScheme::IvXorSequence, .. } => 12,
            Self::Cbc { .. } | Self::Null { .. } => 0,
        }
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aead { algorithm, .. } => algorithm.fmt(f),
            Self::Cbc { cipher, mac, order: MacOrder::MacThenEncrypt } => {
                write!(f, "{cipher} and HMAC-{mac}")
            }
            Self::Cbc { cipher, mac, order: MacOrder::EncryptThenMac } => {
                write!(f, "{cipher} and HMAC-{mac}, encrypt-then-MAC")
            }
            Self::Null { mac } => write!(f, "NULL and HMAC-{mac}"),
        }
    }
}

/// The construction of an AEAD nonce from the fixed IV and the sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NonceScheme {
    /// The 4-byte fixed IV followed by 8 bytes that each record contains in the clear (RFC 5288 section 3,
    /// RFC 6655 section 3).
    SaltAndExplicit,
    /// The 12-byte fixed IV XORed with the left-padded sequence number. Records contain no nonce (RFC 7905
    /// section 2).
    IvXorSequence,
}

#[cfg(test)]
mod tests;
