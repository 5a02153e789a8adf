//! GenericBlockCipher (RFC 5246 section 6.2.3.2): what its two orders of encryption and MAC share.

mod constant_time;
mod encrypt_then_mac;
mod mac_then_encrypt;
mod secret_length_hmac;
#[cfg(test)]
mod tests;

use crate::RecordError;
use alloc::{boxed::Box, sync::Arc};
use cairn_crypto::{BlockCipherAlgorithm, BlockCipherKey, CryptoError, Provider, RandomSource, UsageLimits};
use cairn_schedule::TrafficKeys;
pub(super) use encrypt_then_mac::EncryptThenMac;
pub(super) use mac_then_encrypt::MacThenEncrypt;

/// A block cipher under its key, and where its IVs come from.
struct Cipher {
    key: Box<dyn BlockCipherKey>,
    block_len: usize,
    random: Arc<dyn RandomSource>,
}

impl Cipher {
    fn new(
        provider: &Provider,
        algorithm: BlockCipherAlgorithm,
        keys: &TrafficKeys,
    ) -> Result<Self, RecordError> {
        let cipher = provider.block_cipher(algorithm);
        let cipher = cipher.ok_or(RecordError::BlockCipherNotOffered(algorithm))?;
        Ok(Self {
            key: cipher.key(keys.cipher_key())?,
            block_len: algorithm.block_len(),
            random: Arc::clone(&provider.random),
        })
    }

    /// Encrypts an IV's room and whole blocks in place.
    ///
    /// The IV is fresh random bytes for each record. It must be unpredictable: an attacker that knows the IV before it
    /// chooses a text can test guesses about earlier blocks (\[CBCATT\] in RFC 5246 section 6.2.3.2), so neither a counter will do
    /// nor the last block of the record before.
    fn encrypt(&self, body: &mut [u8]) -> Result<(), RecordError> {
        let (iv, blocks) = self.split(body)?;
        self.random.fill(iv)?;
        Ok(self.key.encrypt_cbc(iv, blocks)?)
    }

    /// Decrypts whole blocks behind their IV in place, and gives them back.
    fn decrypt<'b>(&self, body: &'b mut [u8]) -> Result<&'b mut [u8], RecordError> {
        let (iv, blocks) = self.split(body)?;
        self.key.decrypt_cbc(iv, blocks)?;
        Ok(blocks)
    }

    fn split<'b>(&self, body: &'b mut [u8]) -> Result<(&'b mut [u8], &'b mut [u8]), RecordError> {
        let short = CryptoError::WrongLength { expected: self.block_len, got: body.len() };
        Ok(body.split_at_mut_checked(self.block_len).ok_or(short)?)
    }

    /// Whether so many bytes are whole blocks.
    const fn divides(&self, length: usize) -> bool {
        length & self.block_len.saturating_sub(1) == 0
    }

    /// Two blocks of ciphertext that are the same by chance tell the XOR of two blocks of plaintext; among q blocks of n
    /// bits that happens with a probability of about q^2 / 2^(n+1).
    const fn usage_limits(&self) -> UsageLimits {
        let sealed_records = match self.block_len {
            // A full record has 2^11 blocks and a few, so this is 2^27 blocks and a probability of 2^-11. The attack in
            // practice took more than 2^36 (Bhargavan and Leurent, "On the Practical (In-)Security of 64-bit Block
            // Ciphers", 2016; CVE-2016-2183). The 2^20 blocks of NIST SP 800-67 Rev. 2 would end a connection after 512
            // records, however short they are.
            ..=8 => 1 << 16,
            // A full record has 2^10 blocks and a few, so this is 2^35 blocks and a probability below 2^-57, the margin
            // that RFC 8446 section 5.5 keeps for AES.
            _ => 1 << 25,
        };
        // What a forger may try before the sequence numbers end is nothing to HMAC.
        UsageLimits { sealed_records, failed_opens: u64::MAX }
    }
}

/// Fills the room for padding: its last byte is `padding_length`, and all others say the same.
///
/// It is as short as can be. More would hide the text's length a little, and cost the more.
fn pad(padding: &mut [u8]) {
    let length = padding.len().saturating_sub(1);
    padding.fill(u8::try_from(length).unwrap_or(u8::MAX));
}
