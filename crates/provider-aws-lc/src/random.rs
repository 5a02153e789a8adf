//! Randomness.

use aws_lc_rs::rand;
use cairn_crypto::{CryptoError, RandomSource};

/// The generator of AWS-LC: seeded by the operating system, one state for each thread, no lock.
pub(crate) struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        rand::fill(out).map_err(|_| CryptoError::RandomFailed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fills_the_whole_buffer_and_never_twice_alike() {
        let (mut one, mut two) = ([0; 64], [0; 64]);
        SystemRandom.fill(&mut one).unwrap();
        SystemRandom.fill(&mut two).unwrap();
        assert_ne!(one, two);
        // Sixteen zeros in a row have a chance of 2^-128.
        assert!(one.chunks(16).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
        SystemRandom.fill(&mut []).unwrap();
    }
}
