//! Deterministic random number generators.

use cairn_crypto::CryptoError;
use cairn_crypto::rand_core::{TryCryptoRng, TryRng};

/// Returns the same bytes for the same seed. It is not random in any stronger sense.
#[derive(Clone, Debug)]
pub(crate) struct Seeded(u64);

/// Returns its bytes once. This is how the private key of a vector becomes an ephemeral key.
#[derive(Debug)]
pub(crate) struct Replay<'a>(pub(crate) &'a [u8]);

/// Always fails.
#[derive(Debug)]
pub(crate) struct Broken;

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Xorshift with a multiplication (Marsaglia; Vigna).
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`, or 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        self.next().checked_rem(end).and_then(|number| usize::try_from(number).ok()).unwrap_or(0)
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next().to_be_bytes()[0]).collect()
    }
}

trait Fill {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError>;
}

impl Fill for Seeded {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        for byte in out {
            *byte = self.next().to_be_bytes()[0];
        }
        Ok(())
    }
}

impl Fill for Replay<'_> {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        let (now, later) = self.0.split_at_checked(out.len()).ok_or(CryptoError::RandomFailed)?;
        out.copy_from_slice(now);
        self.0 = later;
        Ok(())
    }
}

impl Fill for Broken {
    fn fill(&mut self, _: &mut [u8]) -> Result<(), CryptoError> {
        Err(CryptoError::RandomFailed)
    }
}

macro_rules! generator {
    ($($type:ty),*) => {$(
        impl TryRng for $type {
            type Error = CryptoError;
            fn try_next_u32(&mut self) -> Result<u32, CryptoError> {
                let mut bytes = [0; 4];
                self.fill(&mut bytes)?;
                Ok(u32::from_le_bytes(bytes))
            }
            fn try_next_u64(&mut self) -> Result<u64, CryptoError> {
                let mut bytes = [0; 8];
                self.fill(&mut bytes)?;
                Ok(u64::from_le_bytes(bytes))
            }
            fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
                self.fill(out)
            }
        }

        impl TryCryptoRng for $type {}
    )*};
}

generator!(Seeded, Replay<'_>, Broken);
