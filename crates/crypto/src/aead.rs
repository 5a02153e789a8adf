//! Authenticated encryption with associated data (RFC 5116).

use crate::{Algorithm, CryptoError};
use alloc::boxed::Box;
use core::fmt;

/// The AEAD algorithms that suites name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AeadAlgorithm {
    /// AEAD_AES_128_GCM (RFC 5116 section 5.1).
    Aes128Gcm,
    /// AEAD_AES_256_GCM (RFC 5116 section 5.2).
    Aes256Gcm,
    /// AEAD_CHACHA20_POLY1305 (RFC 8439 section 2.8).
    ChaCha20Poly1305,
    /// AEAD_AES_128_CCM (RFC 5116 section 5.3).
    Aes128Ccm,
    /// AEAD_AES_256_CCM (RFC 5116 section 5.4).
    Aes256Ccm,
    /// AEAD_AES_128_CCM_8 (RFC 6655 section 6.1): a tag of 8 bytes.
    Aes128Ccm8,
    /// AEAD_AES_256_CCM_8 (RFC 6655 section 6.2): a tag of 8 bytes.
    Aes256Ccm8,
}

impl AeadAlgorithm {
    /// Length of the key in bytes.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes128Ccm | Self::Aes128Ccm8 => 16,
            Self::Aes256Gcm | Self::ChaCha20Poly1305 | Self::Aes256Ccm | Self::Aes256Ccm8 => 32,
        }
    }

    /// Length of the nonce in bytes.
    #[must_use]
    pub const fn nonce_len(self) -> usize {
        12
    }

    /// Length of the tag in bytes, by which a ciphertext is longer than its plaintext.
    #[must_use]
    pub const fn tag_len(self) -> usize {
        match self {
            Self::Aes128Ccm8 | Self::Aes256Ccm8 => 8,
            _ => 16,
        }
    }

    /// How far one key may go.
    #[must_use]
    pub const fn usage_limits(self) -> UsageLimits {
        match self {
            // RFC 8446 section 5.5: 2^24.5 full-size records keep the safety margin at 2^-57.
            // RFC 9001 section 6.6 for forgeries: 2^52.
            Self::Aes128Gcm | Self::Aes256Gcm => {
                UsageLimits { sealed_records: 23_726_566, failed_opens: 1 << 52 }
            }
            // RFC 9001 section 6.6: 2^21.5 for both.
            Self::Aes128Ccm | Self::Aes256Ccm => {
                UsageLimits { sealed_records: 2_965_820, failed_opens: 2_965_820 }
            }
            // The same cipher, but a tag of 8 bytes, of which no forgery may be tried twice.
            Self::Aes128Ccm8 | Self::Aes256Ccm8 => UsageLimits { sealed_records: 2_965_820, failed_opens: 1 },
            // RFC 8446 section 5.5: the sequence number wraps first. RFC 9001 section 6.6 for forgeries: 2^36.
            Self::ChaCha20Poly1305 => UsageLimits { sealed_records: u64::MAX, failed_opens: 1 << 36 },
        }
    }
}

impl fmt::Display for AeadAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aes128Gcm => "AES-128-GCM",
            Self::Aes256Gcm => "AES-256-GCM",
            Self::ChaCha20Poly1305 => "ChaCha20-Poly1305",
            Self::Aes128Ccm => "AES-128-CCM",
            Self::Aes256Ccm => "AES-256-CCM",
            Self::Aes128Ccm8 => "AES-128-CCM-8",
            Self::Aes256Ccm8 => "AES-256-CCM-8",
        })
    }
}

/// How far one AEAD key may go before its guarantees wear thin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageLimits {
    /// Records of 2^14 bytes that may be sealed under one key.
    pub sealed_records: u64,
    /// Records that may fail to open under one key. On a stream transport the first one ends the connection; DTLS
    /// and QUIC count.
    pub failed_opens: u64,
}

/// An AEAD algorithm.
pub trait Aead: Algorithm {
    /// Which one.
    fn algorithm(&self) -> AeadAlgorithm;

    /// How far one key may go. An implementation with tighter limits of its own says so here.
    fn usage_limits(&self) -> UsageLimits {
        self.algorithm().usage_limits()
    }

    /// Sets up a key, for sealing and opening both.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] unless `key` has [`AeadAlgorithm::key_len`] bytes; [`CryptoError::Failed`] when
    /// the module cannot.
    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>, CryptoError>;
}

/// An AEAD key, ready for use. The caller chooses the nonce, and must never choose one twice for sealing.
pub trait AeadKey: Send + Sync {
    /// Encrypts `in_out` in place and writes the tag to `tag`.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] unless nonce and tag have the algorithm's lengths; [`CryptoError::InputTooLong`]
    /// past its limit; [`CryptoError::Failed`] when the module cannot, or (a module that checks) the nonce was used
    /// before.
    fn seal(&self, nonce: &[u8], aad: &[u8], in_out: &mut [u8], tag: &mut [u8]) -> Result<(), CryptoError>;

    /// Decrypts `in_out`, ciphertext and then tag, in place; the plaintext stands at its beginning. Returns the
    /// plaintext's length.
    ///
    /// # Errors
    /// [`CryptoError::BadTag`] when the tag does not match or `in_out` is shorter than one, and then no plaintext is
    /// left in `in_out`; [`CryptoError::WrongLength`] unless the nonce has the algorithm's length.
    fn open(&self, nonce: &[u8], aad: &[u8], in_out: &mut [u8]) -> Result<usize, CryptoError>;

    /// Encrypts `plaintext` into `ciphertext`, which has the same length, and writes the tag to `tag`: what
    /// [`AeadKey::seal`] makes of it, and the plaintext stays as it is.
    ///
    /// Unless overridden, it copies and seals in place. Who can read from one place and write to another saves the copy.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] unless `ciphertext` is as long as `plaintext`, and the errors of [`AeadKey::seal`].
    /// After each, nothing of the plaintext is in `ciphertext`.
    fn seal_into(
        &self,
        nonce: &[u8],
        aad: &[u8],
        plaintext: &[u8],
        ciphertext: &mut [u8],
        tag: &mut [u8],
    ) -> Result<(), CryptoError> {
        let (expected, got) = (plaintext.len(), ciphertext.len());
        if got != expected {
            return Err(CryptoError::WrongLength { expected, got });
        }
        ciphertext.copy_from_slice(plaintext);
        let sealed = self.seal(nonce, aad, ciphertext, tag);
        if sealed.is_err() {
            ciphertext.fill(0);
        }
        sealed
    }

    /// Decrypts `sealed`, ciphertext and then tag, into `plaintext`, which is shorter by the length of a tag. What
    /// `sealed` holds afterwards is not defined: it may be what it was, or the plaintext.
    ///
    /// Unless overridden, it opens in place and copies what is authentic. Who overrides it may write to `plaintext` what
    /// is not yet known to be authentic, but must not leave it there (RFC 5116 section 2.2).
    ///
    /// # Errors
    /// [`CryptoError::BadTag`] when the tag does not match or `sealed` is shorter than one; [`CryptoError::WrongLength`]
    /// unless nonce and `plaintext` have the right lengths. After each, no plaintext is left in either buffer.
    fn open_into(
        &self,
        nonce: &[u8],
        aad: &[u8],
        sealed: &mut [u8],
        plaintext: &mut [u8],
    ) -> Result<(), CryptoError> {
        let expected = self.open(nonce, aad, sealed)?;
        let got = plaintext.len();
        match sealed.get(..expected) {
            Some(opened) if got == expected => {
                plaintext.copy_from_slice(opened);
                Ok(())
            }
            _ => {
                sealed.fill(0);
                Err(CryptoError::WrongLength { expected, got })
            }
        }
    }
}

impl fmt::Debug for dyn Aead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}", self.algorithm(), self.implementation())
    }
}

impl fmt::Debug for dyn AeadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AeadKey")
    }
}
