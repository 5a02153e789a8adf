//! Deterministic generators for tests. They are not random and must not be used elsewhere.

use cairn_crypto::CryptoError;
use rand_core::{TryCryptoRng, TryRng};

/// Returns a sequence of bytes that depends on the seed only.
#[derive(Debug)]
pub struct Seeded(u64);

impl Seeded {
    /// Creates a generator with a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

/// Returns the given bytes once, then fails.
#[derive(Debug)]
pub struct Replay<'a>(pub &'a [u8]);

/// Returns the same byte forever.
#[derive(Debug)]
pub struct Constant(pub u8);

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

impl Fill for Constant {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        out.fill(self.0);
        Ok(())
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

generator!(Seeded, Replay<'_>, Constant);
