//! Deterministic random number generators, so that two runs do not differ because of them.

use cairn_crypto::CryptoError;
use rand_core::{TryCryptoRng, TryRng};

/// Fills buffers with a function.
pub(crate) struct Generator<F>(pub(crate) F);

/// Bytes derived from a seed; not random in any stronger sense.
pub(crate) fn seeded(seed: u64) -> Generator<impl FnMut(&mut [u8])> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    Generator(move |out: &mut [u8]| {
        for byte in out {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *byte = state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_be_bytes()[0];
        }
    })
}

impl<F: FnMut(&mut [u8])> TryRng for Generator<F> {
    type Error = CryptoError;

    fn try_next_u32(&mut self) -> Result<u32, CryptoError> {
        let mut bytes = [0; 4];
        (self.0)(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, CryptoError> {
        let mut bytes = [0; 8];
        (self.0)(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        (self.0)(out);
        Ok(())
    }
}

impl<F: FnMut(&mut [u8])> TryCryptoRng for Generator<F> {}
