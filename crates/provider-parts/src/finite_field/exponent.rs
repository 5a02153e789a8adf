//! Private exponents.

use alloc::vec;
use cairn_crypto::CryptoError;
use crypto_bigint::BoxedUint;
use rand_core::TryCryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Common safe primes, identified by the first half of the SHA-256 hash of their big-endian bytes.
const SAFE_PRIMES: [u128; 12] = [
    // RFC 7919 appendix A: ffdhe2048, 3072, 4096, 6144, 8192.
    0x9cd3_b7f3_3687_2f46_c094_28d1_bbc1_9877,
    0x0eaf_67db_3a83_9156_d501_3494_a531_8a77,
    0x4648_4142_24ac_881b_3d0d_c59b_466f_96d0,
    0x227a_c906_6b3d_dd9e_1936_70cd_a238_8fa8,
    0x770b_14ef_af6f_0499_29c5_2311_3b3f_a99a,
    // RFC 2409 section 6.2, and RFC 3526 sections 2 to 7: 1536, 2048, 3072, 4096, 6144, 8192.
    0x3f35_a3f5_f6c4_376a_744a_cad4_09bb_22f8,
    0x64fc_c83e_c403_930b_f183_93db_c883_ccaa,
    0xd664_36f7_9bbd_6b2e_38c0_ffbd_079b_e904,
    0x48cf_8b09_2fbc_e435_9d98_71ab_f74f_98e2,
    0x4ee9_5187_682b_cb23_0ad2_6a95_205f_6920,
    0xd1bf_e6d0_925c_e7e4_da26_2b62_8615_14a7,
    0x39ab_4fea_b950_a312_8fb7_1acc_b9fc_3965,
];

/// The maximum length of an exponent in an unknown group, in bits.
const UNKNOWN: u32 = 1024;

/// A private exponent, which is erased on drop (RFC 7919 section 8.8).
pub(super) struct Exponent {
    number: Zeroizing<BoxedUint>,
    bits: u32,
}

impl Exponent {
    /// Draws an exponent for a prime of `bits` bits. Its top bit is set (RFC 7919 section 5.2), so it always
    /// has the required length.
    pub(super) fn draw(
        p: &[u8],
        bits: u32,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Self, CryptoError> {
        let bits = length(p, bits);
        let len = usize::try_from(bits.div_ceil(8)).map_err(|_| CryptoError::Failed)?;
        let mut bytes = Zeroizing::new(vec![0; len]);
        rng.try_fill_bytes(&mut bytes)?;
        if let Some(first) = bytes.first_mut() {
            let top = 1_u8 << (bits.wrapping_sub(1) % 8);
            *first = (*first & top.wrapping_sub(1)) | top;
        }
        let number = BoxedUint::from_be_slice(&bytes, bits).map_err(|_| CryptoError::Failed)?;
        Ok(Self { number: Zeroizing::new(number), bits })
    }

    pub(super) fn number(&self) -> &BoxedUint {
        &self.number
    }

    /// The length in bits, which is public.
    pub(super) fn bits(&self) -> u32 {
        self.bits
    }
}

/// The length of an exponent for a prime of `bits` bits.
///
/// For known safe primes it is the length in RFC 7919 appendix A, slightly more than twice the strength. For
/// other primes the factors of p - 1 are unknown, and if they are small, an attacker can find a short
/// exponent in parts (van Oorschot and Wiener, "On Diffie-Hellman key agreement with short exponents", 1996).
/// An exponent as long as the prime would be safest, but for a prime of 8192 bits a peer could then cause
/// half a second of work. With 1024 bits the attack needs small factors of more than 600 bits in total. Only
/// primes constructed for this purpose have these, and no exponent length protects against such primes.
fn length(p: &[u8], bits: u32) -> u32 {
    let hash = Sha256::digest(p);
    let half = hash.first_chunk().map(|half| u128::from_be_bytes(*half));
    match bits {
        _ if !half.is_some_and(|half| SAFE_PRIMES.contains(&half)) => UNKNOWN.min(bits.wrapping_sub(1)),
        ..=2048 => 225,
        2049..=3072 => 275,
        3073..=4096 => 325,
        4097..=6144 => 375,
        _ => 400,
    }
}

#[cfg(test)]
mod tests;
