//! GenericBlockCipher (RFC 5246 section 6.2.3.2): the common parts of both orders of MAC and encryption.

mod constant_time;
mod encrypt_then_mac;
mod mac_then_encrypt;
mod secret_length_hmac;
#[cfg(test)]
mod tests;

use crate::error::RecordError;
use alloc::{boxed::Box, sync::Arc};
use cairn_crypto::{BlockCipherAlgorithm, BlockCipherKey, CryptoError, Provider, RandomSource, UsageLimits};
use cairn_schedule::Tls12Keys;
pub(super) use encrypt_then_mac::EncryptThenMac;
pub(super) use mac_then_encrypt::MacThenEncrypt;

/// A block cipher key and the source of its IVs.
struct Cipher {
    key: Box<dyn BlockCipherKey>,
    block_len: usize,
    random: Arc<dyn RandomSource>,
}

impl Cipher {
    fn new(
        provider: &Provider,
        algorithm: BlockCipherAlgorithm,
        keys: &Tls12Keys,
    ) -> Result<Self, RecordError> {
        let cipher = provider.block_cipher(algorithm);
        let cipher = cipher.ok_or(RecordError::BlockCipherNotOffered(algorithm))?;
        Ok(Self {
            key: cipher.key(keys.cipher_key())?,
            block_len: algorithm.block_len(),
            random: Arc::clone(&provider.random),
        })
    }

    /// Encrypts whole blocks in place, after room for an IV.
    ///
    /// The IV consists of fresh random bytes for each record. It must be unpredictable: an attacker who knows
    /// the IV before choosing a plaintext can test guesses about earlier blocks (\[CBCATT\] in RFC 5246
    /// section 6.2.3.2). A counter or the last block of the previous record would therefore be insecure.
    fn encrypt(&self, body: &mut [u8]) -> Result<(), RecordError> {
        let (iv, blocks) = self.split(body)?;
        self.random.fill(iv)?;
        Ok(self.key.encrypt_cbc(iv, blocks)?)
    }

    /// Decrypts the whole blocks after the IV in place and returns them.
    fn decrypt<'b>(&self, body: &'b mut [u8]) -> Result<&'b mut [u8], RecordError> {
        let (iv, blocks) = self.split(body)?;
        self.key.decrypt_cbc(iv, blocks)?;
        Ok(blocks)
    }

    fn split<'b>(&self, body: &'b mut [u8]) -> Result<(&'b mut [u8], &'b mut [u8]), RecordError> {
        let short = CryptoError::WrongLength { expected: self.block_len, got: body.len() };
        Ok(body.split_at_mut_checked(self.block_len).ok_or(short)?)
    }

    /// Returns `true` if `length` is a multiple of the block length.
    const fn divides(&self, length: usize) -> bool {
        length & self.block_len.saturating_sub(1) == 0
    }

    /// Two equal ciphertext blocks reveal the XOR of two plaintext blocks. Among q blocks of n bits, this
    /// occurs with a probability of about q^2 / 2^(n+1).
    const fn usage_limits(&self) -> UsageLimits {
        let sealed_records = match self.block_len {
            // A full record has slightly more than 2^11 blocks, so this is 2^27 blocks and a probability of
            // 2^-11. The practical attack needed more than 2^36 blocks (Bhargavan and Leurent, "On the
            // Practical (In-)Security of 64-bit Block Ciphers", 2016; CVE-2016-2183). The limit of 2^20
            // blocks in NIST SP 800-67 Rev. 2 would end a connection after 512 full records.
            ..=8 => 1 << 16,
            // A full record has slightly more than 2^10 blocks, so this is 2^35 blocks and a probability
            // below 2^-57, the margin that RFC 9846 section 5.5 keeps for AES.
            _ => 1 << 25,
        };
        // HMAC withstands as many forgery attempts as there are sequence numbers.
        UsageLimits { sealed_records, failed_opens: u64::MAX }
    }
}

/// Fills in the padding: every byte, including `padding_length`, contains the padding length.
///
/// The padding is minimal. More would hide little about the text length and cost bandwidth.
fn pad(padding: &mut [u8]) {
    let length = padding.len().saturating_sub(1);
    padding.fill(u8::try_from(length).unwrap_or(u8::MAX));
}
