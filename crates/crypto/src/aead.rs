//! Authenticated encryption with associated data (RFC 5116).

use crate::algorithm::Algorithm;
use crate::error::CryptoError;
use alloc::boxed::Box;
use core::fmt;

/// The AEAD algorithms of cipher suites.
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

    /// Length of the tag in bytes. A sealed record is longer than its plaintext by this amount.
    #[must_use]
    pub const fn tag_len(self) -> usize {
        match self {
            Self::Aes128Ccm8 | Self::Aes256Ccm8 => 8,
            _ => 16,
        }
    }

    /// The usage limits of one key.
    #[must_use]
    pub const fn usage_limits(self) -> UsageLimits {
        match self {
            // RFC 9846 section 5.5: 2^24.5 full-size records keep the safety margin at 2^-57.
            // RFC 9001 section 6.6 for forgeries: 2^52.
            Self::Aes128Gcm | Self::Aes256Gcm => {
                UsageLimits { sealed_records: 23_726_566, failed_opens: 1 << 52 }
            }
            // RFC 9001 section 6.6: 2^21.5 for both.
            Self::Aes128Ccm | Self::Aes256Ccm => {
                UsageLimits { sealed_records: 2_965_820, failed_opens: 2_965_820 }
            }
            // The same cipher with an 8-byte tag: a key must not be used after one failed attempt to open a
            // record.
            Self::Aes128Ccm8 | Self::Aes256Ccm8 => UsageLimits { sealed_records: 2_965_820, failed_opens: 1 },
            // RFC 9846 section 5.5: the sequence number wraps first. RFC 9001 section 6.6 for forgeries:
            // 2^36.
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

/// The limits on the use of one AEAD key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageLimits {
    /// The number of records of 2^14 bytes that may be sealed with one key.
    pub sealed_records: u64,
    /// The number of records that may fail to open with one key. Over a stream transport the first failure
    /// terminates the connection; DTLS and QUIC count failures (RFC 9147 section 4.5.3, RFC 9001 section
    /// 6.6).
    pub failed_opens: u64,
}

/// An implementation of an AEAD algorithm.
pub trait Aead: Algorithm {
    /// The algorithm.
    fn algorithm(&self) -> AeadAlgorithm;

    /// The usage limits of one key. Override this if the implementation has tighter limits than the
    /// algorithm.
    fn usage_limits(&self) -> UsageLimits {
        self.algorithm().usage_limits()
    }

    /// Creates a key for sealing and opening.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] unless `key` has [`AeadAlgorithm::key_len`] bytes;
    /// [`CryptoError::Failed`] if the module fails.
    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>, CryptoError>;
}

/// An AEAD key. The caller supplies the nonce and must never seal twice with the same one. RFC 5116 section
/// 2.1: "Each nonce provided to distinct invocations of the Authenticated Encryption operation MUST be
/// distinct, for any particular value of the key".
pub trait AeadKey: Send + Sync {
    /// The algorithm, which is that of the [`Aead`] that created the key.
    fn algorithm(&self) -> AeadAlgorithm;

    /// Encrypts `in_out` in place and writes the tag to `tag`.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] unless nonce and tag have the algorithm's lengths;
    /// [`CryptoError::InputTooLong`] if `in_out` exceeds the algorithm's limit; [`CryptoError::Failed`] if
    /// the module fails or detects a repeated nonce.
    fn seal(&self, nonce: &[u8], aad: &[u8], in_out: &mut [u8], tag: &mut [u8]) -> Result<(), CryptoError>;

    /// Decrypts `in_out`, which contains the ciphertext followed by the tag, in place. Returns the length of
    /// the plaintext, which starts at the beginning of `in_out`.
    ///
    /// # Errors
    /// [`CryptoError::BadTag`] if the tag does not match or `in_out` is shorter than a tag; `in_out` then
    /// contains no plaintext (RFC 5116 section 2.2). [`CryptoError::WrongLength`] unless the nonce has the
    /// algorithm's length.
    fn open(&self, nonce: &[u8], aad: &[u8], in_out: &mut [u8]) -> Result<usize, CryptoError>;

    /// Encrypts the concatenation of `plaintext` and `suffix` into `sealed`, which has room for exactly the
    /// ciphertext and the tag. The result is that of [`AeadKey::seal`] with the concatenation, followed by
    /// the tag. [`AeadKey::open_into`] takes it.
    ///
    /// The suffix is data that a protocol adds to the sender's: in TLS 1.3 the content type and padding (RFC
    /// 9846 section 5.2), in TLS 1.2 nothing. It is usually short. As an argument of its own it need not
    /// follow the plaintext in memory, so the plaintext need not be copied to make room for it. When sealing
    /// in place, write it to the end of `in_out` instead.
    ///
    /// The default copies both to `sealed` and seals in place. Implementations that can encrypt from one
    /// buffer into another should override it to avoid the copy.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] unless the nonce has the algorithm's length and `sealed` is as long as
    /// plaintext, suffix and tag; [`CryptoError::InputTooLong`] if plaintext and suffix together exceed the
    /// algorithm's limit; [`CryptoError::Failed`] as in [`AeadKey::seal`]. After an error, `sealed` contains
    /// no plaintext.
    fn seal_into(
        &self,
        nonce: &[u8],
        aad: &[u8],
        plaintext: &[u8],
        suffix: &[u8],
        sealed: &mut [u8],
    ) -> Result<(), CryptoError> {
        let text_len = plaintext.len().saturating_add(suffix.len());
        let expected = text_len.saturating_add(self.algorithm().tag_len());
        let wrong = CryptoError::WrongLength { expected, got: sealed.len() };
        if sealed.len() != expected {
            return Err(wrong);
        }
        let (text, tag) = sealed.split_at_mut_checked(text_len).ok_or(wrong)?;
        let (start, end) = text.split_at_mut_checked(plaintext.len()).ok_or(wrong)?;
        start.copy_from_slice(plaintext);
        end.copy_from_slice(suffix);
        let outcome = self.seal(nonce, aad, text, tag);
        if outcome.is_err() {
            sealed.fill(0);
        }
        outcome
    }

    /// Decrypts `sealed`, which contains the ciphertext followed by the tag, into `plaintext`, which must be
    /// shorter by the length of the tag. The content of `sealed` afterwards is unspecified; it may contain
    /// the plaintext.
    ///
    /// The default opens in place and copies the plaintext. An implementation may write unauthenticated
    /// plaintext to `plaintext` before it has checked the tag, but must erase it if the tag does not match
    /// (RFC 5116 section 2.2).
    ///
    /// # Errors
    /// [`CryptoError::BadTag`] if the tag does not match or `sealed` is shorter than a tag;
    /// [`CryptoError::WrongLength`] unless nonce and `plaintext` have the right lengths. After an error,
    /// neither buffer contains plaintext.
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
        write!(f, "AeadKey({})", self.algorithm())
    }
}
