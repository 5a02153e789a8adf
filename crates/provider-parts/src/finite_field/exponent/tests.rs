use super::*;
use crate::testing::Constant;

#[test]
fn exponents_have_the_exact_length() {
    for bits in [1024, 1025, 1031, 2048, 8192] {
        // Unknown prime: 1024 bits, or one bit less than the prime.
        for fill in [0, 0xff] {
            let exponent = Exponent::draw(&[fill], bits, &mut Constant(fill)).unwrap();
            assert_eq!(exponent.bits(), 1024.min(bits - 1));
            assert_eq!(exponent.number().bit_width_vartime(), exponent.bits());
            let ones = exponent.number().to_be_bytes().iter().map(|byte| byte.count_ones()).sum::<u32>();
            assert_eq!(ones, if fill == 0 { 1 } else { exponent.bits() });
        }
    }
}

#[test]
fn safe_primes_are_unique() {
    for (place, prime) in SAFE_PRIMES.iter().enumerate() {
        assert!(!SAFE_PRIMES.iter().skip(place + 1).any(|other| other == prime));
    }
}
