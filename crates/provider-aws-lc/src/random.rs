//! Randomness.

use aws_lc_rs::rand;
use cairn_crypto::{CryptoError, RandomSource};

/// The generator of AWS-LC. It is seeded by the operating system and has one state for each thread, without
/// locks. RFC 5246 section D.1: "TLS requires a cryptographically secure pseudorandom number generator".
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
    fn random_bytes_fill_the_buffer_and_differ() {
        let (mut one, mut two) = ([0; 64], [0; 64]);
        SystemRandom.fill(&mut one).unwrap();
        SystemRandom.fill(&mut two).unwrap();
        assert_ne!(one, two);
        // The probability of sixteen zero bytes is 2^-128.
        assert!(one.chunks(16).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
        SystemRandom.fill(&mut []).unwrap();
    }
}
