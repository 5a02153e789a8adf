//! Arithmetic to compare a provider with: powers modulo an odd number. It is slow and not constant-time, and
//! never processes real secrets.

/// Computes `base` to the power of `exponent` modulo `modulus`, all big-endian. The result is as wide as the
/// modulus. Returns `None` for an even modulus.
pub(crate) fn power(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
    let field = Field::new(modulus)?;
    let base = field.enter(base);
    let mut result = field.enter(&[1]);
    for bit in exponent.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)) {
        result = field.multiply(&result, &result);
        if bit == 1 {
            result = field.multiply(&result, &base);
        }
    }
    let out = to_bytes(&field.multiply(&result, &field.one()));
    Some(out.get(out.len().checked_sub(modulus.len())?..)?.to_vec())
}

/// Returns the first power of `base` (from 1 on) with a leading zero byte at the width of the modulus, and
/// its exponent. One in 256 random numbers has one.
pub(crate) fn first_short_power(base: &[u8], modulus: &[u8]) -> Option<(u16, Vec<u8>)> {
    let field = Field::new(modulus)?;
    let base = field.enter(base);
    let mut power = field.enter(&[1]);
    for exponent in 1..=u16::MAX {
        power = field.multiply(&power, &base);
        let out = to_bytes(&field.multiply(&power, &field.one()));
        let out = out.get(out.len().checked_sub(modulus.len())?..)?;
        if out.first() == Some(&0) {
            return Some((exponent, out.to_vec()));
        }
    }
    None
}

/// `number - by`; the borrow must not exceed the width.
pub(crate) fn less(number: &[u8], by: u8) -> Vec<u8> {
    let mut limbs = number.to_vec();
    let mut borrow = by;
    for byte in limbs.iter_mut().rev() {
        let (rest, under) = byte.overflowing_sub(borrow);
        (*byte, borrow) = (rest, u8::from(under));
    }
    limbs
}

/// `number + by`, modulo the width.
pub(crate) fn more(number: &[u8], by: u8) -> Vec<u8> {
    let mut limbs = number.to_vec();
    let mut carry = by;
    for byte in limbs.iter_mut().rev() {
        let (sum, over) = byte.overflowing_add(carry);
        (*byte, carry) = (sum, u8::from(over));
    }
    limbs
}

/// A number without its leading zeros.
pub(crate) fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// Montgomery arithmetic modulo an odd number (P. L. Montgomery, 1985). Limbs of 32 bits, least significant
/// first.
struct Field {
    modulus: Vec<u32>,
    /// -1 / modulus, modulo 2^32.
    inverse: u32,
    /// 2^(64 · limbs) modulo the modulus.
    square: Vec<u32>,
}

impl Field {
    fn new(modulus: &[u8]) -> Option<Self> {
        let modulus = to_limbs(modulus, modulus.len().div_ceil(4));
        let low = *modulus.first()?;
        if low & 1 == 0 {
            return None;
        }
        // Newton's iteration: each step doubles the number of correct bits.
        let mut inverse = 1_u32;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2_u32.wrapping_sub(low.wrapping_mul(inverse)));
        }
        let mut field = Self { square: Vec::new(), inverse: inverse.wrapping_neg(), modulus };
        let mut square = field.one();
        for _ in 0..field.modulus.len() * 64 {
            square = field.double(&square);
        }
        field.square = square;
        Some(field)
    }

    fn one(&self) -> Vec<u32> {
        let mut one = vec![0; self.modulus.len()];
        if let Some(low) = one.first_mut() {
            *low = 1;
        }
        one
    }

    /// Reduces a number of any width and converts it to Montgomery form.
    fn enter(&self, number: &[u8]) -> Vec<u32> {
        let mut reduced = vec![0; self.modulus.len()];
        for bit in number.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)) {
            reduced = self.double(&reduced);
            if bit == 1 {
                let (sum, carry) = add(&reduced, &self.one());
                reduced = self.reduce(sum, carry);
            }
        }
        self.multiply(&reduced, &self.square)
    }

    fn double(&self, number: &[u32]) -> Vec<u32> {
        let (sum, carry) = add(number, number);
        self.reduce(sum, carry)
    }

    fn multiply(&self, a: &[u32], b: &[u32]) -> Vec<u32> {
        let mut sum = vec![0_u32; self.modulus.len()];
        let mut top = 0_u64;
        for limb in a {
            let mut carry = 0;
            for (place, other) in sum.iter_mut().zip(b) {
                (*place, carry) = parts(u64::from(*place) + u64::from(*limb) * u64::from(*other) + carry);
            }
            top += carry;
            let factor = sum.first().copied().unwrap_or(0).wrapping_mul(self.inverse);
            let mut carry = 0;
            for (place, other) in sum.iter_mut().zip(&self.modulus) {
                (*place, carry) = parts(u64::from(*place) + u64::from(factor) * u64::from(*other) + carry);
            }
            // The lowest limb is zero now and is dropped.
            let (high, rest) = parts(top + carry);
            sum.rotate_left(1);
            if let Some(last) = sum.last_mut() {
                *last = high;
            }
            top = rest;
        }
        self.reduce(sum, top != 0)
    }

    /// Subtracts the modulus once, if the number (with its carry) is not below it.
    fn reduce(&self, number: Vec<u32>, carry: bool) -> Vec<u32> {
        let mut borrow = 0_u64;
        let mut rest = Vec::with_capacity(number.len());
        for (limb, other) in number.iter().zip(&self.modulus) {
            let (difference, under) = parts(u64::from(*limb).wrapping_sub(u64::from(*other) + borrow));
            rest.push(difference);
            borrow = under & 1;
        }
        if carry || borrow == 0 { rest } else { number }
    }
}

fn add(a: &[u32], b: &[u32]) -> (Vec<u32>, bool) {
    let mut carry = 0;
    let mut sum = Vec::with_capacity(a.len());
    for (a, b) in a.iter().zip(b) {
        let (limb, more) = parts(u64::from(*a) + u64::from(*b) + carry);
        sum.push(limb);
        carry = more;
    }
    (sum, carry != 0)
}

/// The lower and the upper half of a number.
fn parts(number: u64) -> (u32, u64) {
    (u32::try_from(number & 0xffff_ffff).unwrap_or(0), number >> 32)
}

fn to_limbs(bytes: &[u8], limbs: usize) -> Vec<u32> {
    let mut out: Vec<u32> = bytes
        .rchunks(4)
        .map(|chunk| chunk.iter().fold(0, |limb, byte| limb << 8 | u32::from(*byte)))
        .collect();
    out.resize(limbs, 0);
    out
}

fn to_bytes(limbs: &[u32]) -> Vec<u8> {
    limbs.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same with machine integers.
    fn plain(mut base: u64, exponent: u64, modulus: u64) -> u64 {
        let mut result = 1 % modulus;
        base %= modulus;
        for bit in (0..64).rev() {
            let square = u128::from(result) * u128::from(result) % u128::from(modulus);
            result = u64::try_from(square).unwrap();
            if exponent >> bit & 1 == 1 {
                result = u64::try_from(u128::from(result) * u128::from(base) % u128::from(modulus)).unwrap();
            }
        }
        result
    }

    #[test]
    fn powers_equal_those_of_machine_integers() {
        for modulus in [1_u64, 3, 5, 0xff, 0x1_0001, 0xffff_fffb, 0x1_0000_000f, u64::MAX, u64::MAX - 58] {
            for base in [0_u64, 1, 2, 7, 0xffff_ffff, 0x1234_5678_9abc_def0, u64::MAX] {
                for exponent in [0_u64, 1, 2, 3, 65537, 0xdead_beef_0bad_cafe] {
                    let bytes = power(&base.to_be_bytes(), &exponent.to_be_bytes(), &modulus.to_be_bytes());
                    let wanted = plain(base, exponent, modulus).to_be_bytes().to_vec();
                    assert_eq!(bytes, Some(wanted), "{base} {exponent} {modulus}");
                }
            }
        }
    }

    #[test]
    fn result_is_as_wide_as_the_modulus_and_even_moduli_are_rejected() {
        assert_eq!(power(&[2], &[3], &[0, 0, 7, 1]), Some(vec![0, 0, 0, 8]));
        assert_eq!(power(&[2], &[3], &[8]), None);
        assert_eq!(power(&[2], &[3], &[]), None);
    }

    /// Fermat's little theorem with a prime of 2048 bits, which tests with small numbers cannot replace.
    #[test]
    fn fermats_little_theorem_holds_in_a_large_field() {
        let p = &crate::fixtures::groups()[0].p;
        assert_eq!(power(&[3], &less(p, 1), p).unwrap(), crate::fixtures::padded(&[1], p.len()));
    }

    #[test]
    fn subtraction_borrows_and_addition_carries() {
        assert_eq!(less(&[1, 0, 0], 1), [0, 0xff, 0xff]);
        assert_eq!(more(&[0, 0xff, 0xff], 2), [1, 0, 1]);
        assert_eq!(significant(&[0, 0, 3, 0]), [3, 0]);
    }
}
