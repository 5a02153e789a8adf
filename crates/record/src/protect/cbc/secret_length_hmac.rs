//! HMAC (RFC 2104) over a text of secret length.
//!
//! A hash processes whole blocks, so the MAC of a text that is shorter because of longer padding takes fewer
//! steps. AlFardan and Paterson recovered plaintexts from the timing difference ("Lucky Thirteen: Breaking
//! the TLS and DTLS Record Protocols", 2013). Here the number of steps depends only on the public record
//! length: all blocks of the longest possible text are hashed, each is prepared as if it could be the last,
//! and the state after the right one is selected.

use super::constant_time::{less, masked};
use crate::error::RecordError;
use alloc::{boxed::Box, sync::Arc};
use cairn_crypto::{
    CompressionFunction, CompressionState, CryptoError, Hash, HashAlgorithm, MAX_HASH_LEN, Provider,
};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The longest block of any [`HashAlgorithm`], in bytes.
const MAX_BLOCK_LEN: usize = 128;

/// `seq_num + type + version + length` in bytes.
const HEADER_LEN: usize = 13;

type Block = Zeroizing<[u8; MAX_BLOCK_LEN]>;

pub(super) struct SecretLengthHmac {
    hash: Arc<dyn Hash>,
    /// The key, padded to a block, XOR `ipad`.
    inner_key: Block,
    /// The key, padded to a block, XOR `opad`.
    outer_key: Block,
    block_len: usize,
    /// The number of bytes in which the hash encodes the length of its input.
    length_len: usize,
    output_len: usize,
}

impl SecretLengthHmac {
    pub(super) fn new(
        provider: &Provider,
        algorithm: HashAlgorithm,
        key: &[u8],
    ) -> Result<Self, RecordError> {
        let hash = provider.hash(algorithm).filter(|hash| hash.compression().is_some());
        let hash = Arc::clone(hash.ok_or(RecordError::CompressionNotOffered(algorithm))?);
        let block_len = algorithm.block_len();
        if key.len() > block_len || block_len > MAX_BLOCK_LEN {
            return Err(CryptoError::WrongLength { expected: block_len, got: key.len() }.into());
        }
        let padded = |pad: u8| {
            let mut block = Block::new([pad; MAX_BLOCK_LEN]);
            for (to, from) in block.iter_mut().zip(key) {
                *to ^= from;
            }
            block
        };
        Ok(Self {
            hash,
            inner_key: padded(0x36),
            outer_key: padded(0x5c),
            block_len,
            // FIPS 180-4 section 5.1: 64 bits for blocks of 512 bits, 128 bits for blocks of 1024.
            length_len: block_len / 8,
            output_len: algorithm.output_len(),
        })
    }

    /// Writes the MAC of `header` and the first `length` bytes of `text` to `mac`. `length` is secret; its
    /// bounds `least` and `text.len()` are public.
    pub(super) fn sign(
        &self,
        header: &[u8; HEADER_LEN],
        text: &[u8],
        least: usize,
        length: u32,
        mac: &mut [u8],
    ) -> Result<(), CryptoError> {
        let compression = self.hash.compression().ok_or(CryptoError::Unsupported)?;
        let mut digest = Zeroizing::new([0; MAX_HASH_LEN]);
        let digest = digest.get_mut(..self.output_len).ok_or(CryptoError::Failed)?;
        self.inner(compression, header, text, least, length, digest)?;
        self.outer(compression, digest, mac)
    }

    /// `H((K xor ipad) + header + text)`.
    fn inner(
        &self,
        compression: &dyn CompressionFunction,
        header: &[u8; HEADER_LEN],
        text: &[u8],
        least: usize,
        length: u32,
        digest: &mut [u8],
    ) -> Result<(), CryptoError> {
        let too_long = |_| CryptoError::InputTooLong;
        let (block_len, shift) = (self.block_len, self.block_len.trailing_zeros());
        let mut state = self.keyed(compression, &self.inner_key)?;

        // Blocks that contain only message bytes, whatever the length.
        let plain_blocks = HEADER_LEN.saturating_add(least.min(text.len())) >> shift;
        // All remaining blocks of the longest message, with its 0x80 and its length.
        let end_len = self.length_len.saturating_add(1);
        let all = HEADER_LEN.saturating_add(text.len()).saturating_add(end_len).div_ceil(block_len);

        // The end of the message and the block that contains its length are secret. A shift is used because
        // the time of a division depends on its operands.
        let end = u32::try_from(HEADER_LEN).map_err(too_long)?.wrapping_add(length);
        let last = end.wrapping_add(u32::try_from(self.length_len).map_err(too_long)?) >> shift;
        let hashed =
            u64::from(end).wrapping_add(u64::try_from(block_len).map_err(|_| CryptoError::InputTooLong)?);
        let bits = hashed.wrapping_mul(8).to_le_bytes();

        let mut block = Block::new([0; MAX_BLOCK_LEN]);
        let block = block.get_mut(..block_len).ok_or(CryptoError::Failed)?;
        if let Some(further) = plain_blocks.checked_sub(1) {
            for (to, from) in block.iter_mut().zip(header.iter().chain(text)) {
                *to = *from;
            }
            state.compress(block)?;
            let behind = text.get(block_len.saturating_sub(HEADER_LEN)..).unwrap_or_default();
            for block in behind.chunks_exact(block_len).take(further) {
                state.compress(block)?;
            }
        }

        let message = header.iter().chain(text).copied().skip(plain_blocks << shift);
        let mut message = message.chain(core::iter::repeat(0));
        digest.fill(0);
        let mut candidate = Zeroizing::new([0; MAX_HASH_LEN]);
        let candidate = candidate.get_mut(..self.output_len).ok_or(CryptoError::Failed)?;
        let mut position = u32::try_from(plain_blocks << shift).map_err(too_long)?;
        for number in plain_blocks..all {
            for (to, from) in block.iter_mut().zip(message.by_ref()) {
                *to = masked(from, less(position, end)) | masked(0x80, position.ct_eq(&end));
                position = position.wrapping_add(1);
            }
            let is_last = u32::try_from(number).map_err(too_long)?.ct_eq(&last);
            for (to, from) in block.iter_mut().rev().zip(bits) {
                *to |= masked(from, is_last);
            }
            state.compress(block)?;
            state.write(candidate)?;
            for (to, from) in digest.iter_mut().zip(candidate.iter()) {
                *to |= masked(*from, is_last);
            }
        }
        Ok(())
    }

    /// `H((K xor opad) + digest)`, in which all lengths are public.
    fn outer(
        &self,
        compression: &dyn CompressionFunction,
        digest: &[u8],
        mac: &mut [u8],
    ) -> Result<(), CryptoError> {
        let mut block = Block::new([0; MAX_BLOCK_LEN]);
        let block = block.get_mut(..self.block_len).ok_or(CryptoError::Failed)?;
        for (to, from) in block.iter_mut().zip(digest.iter().chain(&[0x80])) {
            *to = *from;
        }
        let hashed = self.block_len.saturating_add(digest.len());
        let bits = u64::try_from(hashed).map_err(|_| CryptoError::InputTooLong)?.saturating_mul(8);
        for (to, from) in block.iter_mut().rev().zip(bits.to_le_bytes()) {
            *to = from;
        }
        let mut state = self.keyed(compression, &self.outer_key)?;
        state.compress(block)?;
        state.write(mac)
    }

    fn keyed(
        &self,
        compression: &dyn CompressionFunction,
        key: &Block,
    ) -> Result<Box<dyn CompressionState>, CryptoError> {
        let mut state = compression.start();
        state.compress(key.get(..self.block_len).ok_or(CryptoError::Failed)?)?;
        Ok(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_provider_aws_lc::provider;

    #[test]
    fn result_equals_hmac_for_every_secret_length() {
        const HEADER: &[u8; HEADER_LEN] = b"thirteenbytes";
        let provider = provider();
        let text: [u8; 300] = core::array::from_fn(|at| u8::try_from(at % 251).unwrap());
        for algorithm in [HashAlgorithm::Sha1, HashAlgorithm::Sha256, HashAlgorithm::Sha384] {
            let key = &[0x5a; 48][..algorithm.output_len()];
            let ours = SecretLengthHmac::new(&provider, algorithm, key).unwrap();
            let theirs = provider.hmac(algorithm).unwrap().key(key).unwrap();
            let (mut made, mut expected) = ([0; MAX_HASH_LEN], [0; MAX_HASH_LEN]);
            let (made, expected) =
                (&mut made[..algorithm.output_len()], &mut expected[..algorithm.output_len()]);
            for length in 0..=text.len() {
                theirs.sign(&[HEADER, &text[..length]], expected).unwrap();
                for (least, most) in [(length, length), (length.saturating_sub(255), text.len()), (0, length)]
                {
                    ours.sign(HEADER, &text[..most], least, length.try_into().unwrap(), made).unwrap();
                    assert_eq!(made, expected, "{algorithm} {length} of {least}..={most}");
                }
            }
        }
    }
}
