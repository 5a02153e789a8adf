use super::*;
use crate::testing::{Replay, Seeded};
use alloc::{string::String, vec};
use core::fmt::Write;
use sha2::{Digest, Sha256};

/// See `tests/groups/README.md`.
const GROUPS: &str = include_str!("../../tests/groups/groups.txt");

fn from_hex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn hash(bytes: &[u8]) -> String {
    let mut digits = String::new();
    for byte in Sha256::digest(bytes) {
        write!(digits, "{byte:02x}").unwrap();
    }
    digits
}

fn pattern(start: u8, bits: usize) -> Vec<u8> {
    (0..).map(|at: u8| start.wrapping_add(at.wrapping_mul(7))).take(bits.div_ceil(8)).collect()
}

/// Prime and generator of a named group.
fn group(name: &str) -> (Vec<u8>, Vec<u8>) {
    let line = GROUPS.lines().find(|line| line.split(' ').next() == Some(name)).unwrap();
    let mut fields = line.split(' ').skip(2);
    let g = from_hex(fields.next().unwrap());
    (from_hex(fields.next().unwrap()), g)
}

/// Subtracts `by` from a number whose last byte is large enough.
fn less(p: &[u8], by: u8) -> Vec<u8> {
    let mut number = p.to_vec();
    *number.last_mut().unwrap() -= by;
    number
}

#[test]
fn known_answers_in_every_group() {
    let mut lines = 0;
    for line in GROUPS.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let (name, bits) = (fields[0], fields[1].parse().unwrap());
        let (g, p) = (from_hex(fields[2]), from_hex(fields[3]));
        let group = FiniteFieldGroup { p: &p, g: &g };
        let one = Dh.generate(group, &mut Replay(&pattern(1, bits))).unwrap();
        let two = Dh.generate(group, &mut Replay(&pattern(100, bits))).unwrap();
        assert_eq!((hash(one.share()), hash(two.share())), (fields[4].into(), fields[5].into()), "{name}");
        assert_eq!((one.share().len(), two.share().len()), (p.len(), p.len()));
        let (share_of_one, share_of_two) = (one.share().to_vec(), two.share().to_vec());
        let secret = one.agree(&share_of_two).unwrap();
        assert_eq!((hash(secret.expose()), secret.len()), (fields[6].into(), p.len()), "{name}");
        if p.len() <= 256 {
            assert_eq!(two.agree(&share_of_one), Ok(secret));
        }
        lines += 1;
    }
    assert_eq!(lines, 14);
}

#[test]
fn exponents_have_the_lengths_of_rfc_7919() {
    // Appendix A, and section 5.2: the top bit is set.
    for (name, bits, short) in [
        ("ffdhe2048", 2048, 225),
        ("ffdhe3072", 3072, 275),
        ("ffdhe4096", 4096, 325),
        ("ffdhe6144", 6144, 375),
        ("ffdhe8192", 8192, 400),
    ] {
        let exponent = Exponent::draw(&group(name).0, bits, &mut Seeded::new(1)).unwrap();
        assert_eq!((exponent.bits(), exponent.number().bit_width_vartime()), (short, short), "{name}");
    }
}

#[test]
fn encapsulate_generates_and_agrees() {
    let (p, g) = group("ffdhe2048");
    let group = FiniteFieldGroup { p: &p, g: &g };
    let run = |seed| {
        let mut rng = Seeded::new(seed);
        let key = Dh.generate(group, &mut rng).unwrap();
        let answer = Dh.encapsulate(group, key.share(), &mut rng).unwrap();
        assert_ne!(key.share(), answer.share);
        let share = key.share().to_vec();
        assert_eq!(key.agree(&answer.share).unwrap(), answer.secret);
        (share, answer.share, answer.secret)
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn shares_out_of_range_are_rejected() {
    let (p, g) = group("modp1024");
    let group = FiniteFieldGroup { p: &p, g: &g };
    let key = || Dh.generate(group, &mut Seeded::new(1)).unwrap();
    let mut above = p.clone();
    *above.first_mut().unwrap() = 0xff;
    let longer = [&[1], &p[..]].concat();
    let bad = [
        vec![],
        vec![0],
        vec![1],
        vec![0; p.len()],
        less(&[&[0; 127][..], &[1]].concat(), 0),
        less(&p, 1),
        p.clone(),
        [&[0], &less(&p, 1)[..]].concat(),
        vec![0xff; p.len()],
        longer,
        vec![2; 2 * p.len()],
        vec![0; 2 * p.len()],
    ];
    for share in bad {
        assert_eq!(key().agree(&share), Err(CryptoError::BadPeerShare), "{share:02x?}");
        let answer = Dh.encapsulate(group, &share, &mut Seeded::new(1));
        assert_eq!(answer.err(), Some(CryptoError::BadPeerShare));
    }
    for share in [vec![2], vec![0, 2], less(&p, 2)] {
        assert_eq!(key().agree(&share).unwrap().len(), p.len());
    }
    // Leading zeros may be omitted or added.
    let short = key().agree(&[9]).unwrap();
    assert_eq!(key().agree(&[&[0; 127][..], &[9]].concat()).unwrap(), short);
    assert_eq!(key().agree(&[&[0; 500][..], &[9]].concat()).unwrap(), short);
}

#[test]
fn share_that_yields_secret_one_is_rejected() {
    // An element of the subgroup of order 3.
    let (p, g) = group("odd1031");
    let member = power(&p, &[2], &third(&less(&p, 1)));
    assert_eq!(power(&p, &member, &[3]), one(p.len()));
    let group = FiniteFieldGroup { p: &p, g: &g };
    // A third of all exponents are multiples of 3.
    let answers: Vec<_> =
        (0..12).map(|seed| Dh.encapsulate(group, &member, &mut Seeded::new(seed)).map(|_| ())).collect();
    assert!(answers.contains(&Err(CryptoError::BadPeerShare)), "{answers:?}");
    assert!(answers.contains(&Ok(())), "{answers:?}");
    // The element of order 2 is p - 1, which is out of range.
}

/// Divides a multiple of 3 by 3.
fn third(number: &[u8]) -> Vec<u8> {
    let mut rest = 0_u32;
    let digit = |byte: &u8| {
        let value = rest * 256 + u32::from(*byte);
        rest = value % 3;
        u8::try_from(value / 3).unwrap()
    };
    number.iter().map(digit).collect()
}

fn one(len: usize) -> Vec<u8> {
    let mut number = vec![0; len];
    number[len - 1] = 1;
    number
}

fn power(p: &[u8], base: &[u8], exponent: &[u8]) -> Vec<u8> {
    let field = Field::new(p).unwrap();
    let exponent = BoxedUint::from_be_slice_vartime(exponent);
    let power = field.element(base).unwrap().pow(&exponent).retrieve().to_be_bytes();
    power[power.len() - p.len()..].to_vec()
}

#[test]
fn invalid_groups_are_rejected_before_any_work() {
    let (p, g) = group("ffdhe2048");
    let mut rng = Replay(&[]);
    let mut refuse = |p: &[u8], g: &[u8]| Dh.generate(FiniteFieldGroup { p, g }, &mut rng).err();
    let bad = Some(CryptoError::BadPeerShare);
    // Even, short, empty.
    assert_eq!(refuse(&less(&p, 1), &g), bad);
    for len in [0, 1, 2, 64, 127] {
        assert_eq!(refuse(&vec![0xff; len], &g), bad);
    }
    assert_eq!(refuse(&[&[0x7f], &[0xff; 127][..]].concat(), &g), bad, "1023 bits");
    assert_eq!(refuse(&[0; 4000], &g), bad);
    // Generators.
    for g in [&[][..], &[0], &[1], &[0, 1], &p, &less(&p, 1), &[0xff; 256], &[1; 257], &[2; 5000]] {
        assert_eq!(refuse(&p, g), bad);
    }
    // Too long.
    for got in [1025, 5000, 65535] {
        let error = CryptoError::WrongLength { expected: 1024, got };
        assert_eq!(refuse(&vec![0xff; got], &g), Some(error));
    }
    // A valid group reaches the generator, which fails.
    assert_eq!(refuse(&p, &g), Some(CryptoError::RandomFailed));
}

#[test]
fn leading_zeros_of_a_group_are_ignored() {
    let (p, g) = group("ffdhe2048");
    let share = |p: &[u8], g: &[u8]| {
        Dh.generate(FiniteFieldGroup { p, g }, &mut Seeded::new(1)).unwrap().share().to_vec()
    };
    assert_eq!(share(&[&[0; 3], &p[..]].concat(), &[&[0; 900], &g[..]].concat()), share(&p, &g));
}

#[test]
fn primes_of_8192_bits_are_accepted() {
    let (p, g) = group("ffdhe8192");
    let key = Dh.generate(FiniteFieldGroup { p: &p, g: &g }, &mut Seeded::new(1)).unwrap();
    assert_eq!(key.share().len(), 1024);
}

#[test]
fn zero_and_one_are_detected() {
    for (number, expected) in [
        (&[][..], true),
        (&[0], true),
        (&[1], true),
        (&[0, 0, 1], true),
        (&[2], false),
        (&[3], false),
        (&[1, 0], false),
        (&[1, 0, 1], false),
        (&[0x80, 0, 0], false),
    ] {
        assert_eq!(is_at_most_one(number), expected, "{number:?}");
    }
}
