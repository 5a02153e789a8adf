//! The compression functions of SHA-1 and SHA-2 (FIPS 180-4 section 6).
//!
//! They use processor instructions if available and otherwise additions, rotations and logic. No branch and
//! no index depends on the data.

use alloc::boxed::Box;
use cairn_crypto::{CompressionFunction, CompressionState, CryptoError};
use zeroize::Zeroize;

/// A compression function and its initial value, with chaining states of `N` words and blocks of `B` bytes.
struct Function<W: 'static, const N: usize, const B: usize> {
    start: [W; N],
    compress: fn(&mut [W; N], &[[u8; B]]),
    /// The length of the hash in bytes. It is shorter than the state for SHA-384 only.
    output_len: usize,
}

/// The compression function of SHA-1, with its initial value (FIPS 180-4 section 5.3.1).
pub const SHA1: &dyn CompressionFunction = &Function {
    start: [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0],
    compress: sha1::block_api::compress,
    output_len: 20,
};

/// The compression function of SHA-256, with its initial value (FIPS 180-4 section 5.3.3).
pub const SHA256: &dyn CompressionFunction = &Function {
    start: [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ],
    compress: sha2::block_api::compress256,
    output_len: 32,
};

/// The compression function of SHA-384, with its initial value (FIPS 180-4 section 5.3.4).
pub const SHA384: &dyn CompressionFunction = &Function {
    start: [
        0xcbbb_9d5d_c105_9ed8,
        0x629a_292a_367c_d507,
        0x9159_015a_3070_dd17,
        0x152f_ecd8_f70e_5939,
        0x6733_2667_ffc0_0b31,
        0x8eb4_4a87_6858_1511,
        0xdb0c_2e0d_64f9_8fa7,
        0x47b5_481d_befa_4fa4,
    ],
    compress: sha2::block_api::compress512,
    output_len: 48,
};

/// The compression function of SHA-512, with its initial value (FIPS 180-4 section 5.3.5).
pub const SHA512: &dyn CompressionFunction = &Function {
    start: [
        0x6a09_e667_f3bc_c908,
        0xbb67_ae85_84ca_a73b,
        0x3c6e_f372_fe94_f82b,
        0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1,
        0x9b05_688c_2b3e_6c1f,
        0x1f83_d9ab_fb41_bd6b,
        0x5be0_cd19_137e_2179,
    ],
    compress: sha2::block_api::compress512,
    output_len: 64,
};

/// A word of a chaining state.
trait Word: Copy + Zeroize + Send + Sync + 'static {
    type Bytes: AsRef<[u8]> + Zeroize;
    fn to_bytes(self) -> Self::Bytes;
}

impl Word for u32 {
    type Bytes = [u8; 4];
    fn to_bytes(self) -> [u8; 4] {
        self.to_be_bytes()
    }
}

impl Word for u64 {
    type Bytes = [u8; 8];
    fn to_bytes(self) -> [u8; 8] {
        self.to_be_bytes()
    }
}

impl<W: Word, const N: usize, const B: usize> CompressionFunction for Function<W, N, B> {
    fn start(&self) -> Box<dyn CompressionState> {
        Box::new(State { words: self.start, compress: self.compress, output_len: self.output_len })
    }
}

/// A chaining state. It is secret if the hash is keyed.
struct State<W: Word, const N: usize, const B: usize> {
    words: [W; N],
    compress: fn(&mut [W; N], &[[u8; B]]),
    output_len: usize,
}

impl<W: Word, const N: usize, const B: usize> Drop for State<W, N, B> {
    fn drop(&mut self) {
        self.words.zeroize();
    }
}

impl<W: Word, const N: usize, const B: usize> CompressionState for State<W, N, B> {
    fn compress(&mut self, block: &[u8]) -> Result<(), CryptoError> {
        match block.as_chunks() {
            ([block], []) => (self.compress)(&mut self.words, core::slice::from_ref(block)),
            _ => return Err(CryptoError::WrongLength { expected: B, got: block.len() }),
        }
        Ok(())
    }

    fn write(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        if out.len() != self.output_len {
            return Err(CryptoError::WrongLength { expected: self.output_len, got: out.len() });
        }
        for (place, word) in out.chunks_mut(size_of::<W>()).zip(&self.words) {
            let mut bytes = word.to_bytes();
            // The length of every output is a multiple of the word size.
            place.copy_from_slice(bytes.as_ref());
            bytes.zeroize();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{SHA1, SHA256, SHA384, SHA512};
    use crate::testing::Seeded;
    use alloc::{vec, vec::Vec};
    use cairn_crypto::{CompressionFunction, CryptoError, HashAlgorithm};
    use rand_core::TryRng;
    use sha2::Digest;

    type Whole = fn(&[u8]) -> Vec<u8>;

    /// Each compression function with its hash function.
    const ALL: [(HashAlgorithm, &dyn CompressionFunction, Whole); 4] = [
        (HashAlgorithm::Sha1, SHA1, |message| sha1::Sha1::digest(message).to_vec()),
        (HashAlgorithm::Sha256, SHA256, |message| sha2::Sha256::digest(message).to_vec()),
        (HashAlgorithm::Sha384, SHA384, |message| sha2::Sha384::digest(message).to_vec()),
        (HashAlgorithm::Sha512, SHA512, |message| sha2::Sha512::digest(message).to_vec()),
    ];

    /// Computes the hash with the compression function (padding: FIPS 180-4 section 5.1).
    fn by_blocks(algorithm: HashAlgorithm, compression: &dyn CompressionFunction, message: &[u8]) -> Vec<u8> {
        let (block, length) = match algorithm.block_len() {
            64 => (64, 8),
            _ => (128, 16),
        };
        let mut padded = message.to_vec();
        padded.push(0x80);
        while padded.len() % block != block - length {
            padded.push(0);
        }
        let bits = u128::try_from(message.len()).unwrap() * 8;
        padded.extend_from_slice(&bits.to_be_bytes()[16 - length..]);
        let mut state = compression.start();
        for block in padded.chunks(block) {
            state.compress(block).unwrap();
        }
        let mut out = vec![0; algorithm.output_len()];
        state.write(&mut out).unwrap();
        out
    }

    #[test]
    fn compression_with_padding_equals_the_hash() {
        let mut message = vec![0; 520];
        Seeded::new(5).try_fill_bytes(&mut message).unwrap();
        for (algorithm, compression, hash) in ALL {
            for len in 0..message.len() {
                let message = &message[..len];
                assert_eq!(by_blocks(algorithm, compression, message), hash(message), "{algorithm} {len}");
            }
        }
    }

    #[test]
    fn wrong_lengths_leave_the_state_unchanged() {
        for (algorithm, compression, _) in ALL {
            let (block, output) = (algorithm.block_len(), algorithm.output_len());
            let mut state = compression.start();
            let (mut before, mut after) = (vec![0; output], vec![0; output]);
            state.write(&mut before).unwrap();
            for got in [0, 1, block - 1, block + 1, 2 * block] {
                let error = CryptoError::WrongLength { expected: block, got };
                assert_eq!(state.compress(&vec![0; got]), Err(error));
            }
            for got in [0, output - 4, output - 1, output + 1, output + 8] {
                let error = CryptoError::WrongLength { expected: output, got };
                assert_eq!(state.write(&mut vec![0; got]), Err(error));
            }
            state.write(&mut after).unwrap();
            assert_eq!(before, after);
        }
    }

    #[test]
    fn writing_does_not_change_the_state() {
        for (algorithm, compression, _) in ALL {
            let block = vec![7; algorithm.block_len()];
            let end = |write: bool| {
                let mut state = compression.start();
                let mut out = vec![0; algorithm.output_len()];
                for _ in 0..3 {
                    state.compress(&block).unwrap();
                    if write {
                        state.write(&mut out).unwrap();
                    }
                }
                state.write(&mut out).unwrap();
                out
            };
            assert_eq!(end(true), end(false));
        }
    }
}
