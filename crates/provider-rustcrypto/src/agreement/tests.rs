use super::*;
use alloc::vec;
use cairn_provider_parts::testing::{Constant, Replay, Seeded};
use hex_literal::hex;

/// The lengths of scalars and secrets.
const WIDTHS: [usize; 4] = [32, 32, 48, 66];

fn key_from(agreement: &dyn KeyAgreement, scalar: &[u8]) -> Box<dyn EphemeralKey> {
    agreement.generate(&mut Replay(scalar)).unwrap()
}

#[test]
fn agreement_is_determined_by_the_seed() {
    for (agreement, width) in all().iter().zip(WIDTHS) {
        let run = |seed| {
            let mut rng = Seeded::new(seed);
            let key = agreement.generate(&mut rng).unwrap();
            let answer = agreement.encapsulate(key.share(), &mut rng).unwrap();
            let share = key.share().to_vec();
            assert_eq!(key.agree(&answer.share).as_ref(), Ok(&answer.secret));
            assert_eq!(answer.secret.len(), width);
            (share, answer.share, answer.secret)
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }
}

#[test]
fn rfc_7748_example() {
    let alice = key_from(&X25519, &hex!("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
    let bob = key_from(&X25519, &hex!("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
    let alice_share = hex!("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    let bob_share = hex!("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    assert_eq!((alice.share(), bob.share()), (&alice_share[..], &bob_share[..]));
    let secret =
        SecretBytes::from(&hex!("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")[..]);
    assert_eq!(alice.agree(&bob_share).as_ref(), Ok(&secret));
    assert_eq!(bob.agree(&alice_share).as_ref(), Ok(&secret));
}

#[test]
fn rfc_5903_example() {
    let i = key_from(&*all()[1], &hex!("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"));
    let i_share = hex!(
        "04"
        "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
        "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3"
    );
    let r_share = hex!(
        "04"
        "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
        "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab"
    );
    assert_eq!(i.share(), i_share);
    let secret = hex!("d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
    assert_eq!(i.agree(&r_share), Ok(SecretBytes::from(&secret[..])));
}

#[test]
fn scalars_out_of_range_are_redrawn() {
    // All ones exceeds the order of each NIST curve, and zero is not a valid private key.
    for (agreement, len) in all().iter().zip(WIDTHS).skip(1) {
        let one = [&vec![0; len - 1][..], &[1]].concat();
        let script = [vec![0xff; len], vec![0; len], one.clone()].concat();
        assert_eq!(key_from(&**agreement, &script).share(), key_from(&**agreement, &one).share());
    }
}

#[test]
fn broken_generator_is_an_error() {
    for agreement in all() {
        assert_eq!(agreement.generate(&mut Replay(&[])).err(), Some(CryptoError::RandomFailed));
    }
    for agreement in all().iter().skip(1) {
        for byte in [0x00, 0xff] {
            assert_eq!(agreement.generate(&mut Constant(byte)).err(), Some(CryptoError::RandomFailed));
        }
    }
}

#[test]
fn points_of_low_order_are_rejected() {
    // The u-coordinates of points of order 1, 2, 4 and 8 on the curve and its twist, including non-canonical
    // encodings. Each is also tested with the top bit set, which implementations must ignore (RFC 7748
    // section 5).
    for mut point in [
        hex!("0000000000000000000000000000000000000000000000000000000000000000"),
        hex!("0100000000000000000000000000000000000000000000000000000000000000"),
        hex!("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        hex!("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        hex!("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        hex!("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        hex!("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ] {
        for top in [0x00, 0x80] {
            point[31] |= top;
            let key = X25519.generate(&mut Seeded::new(3)).unwrap();
            assert_eq!(key.agree(&point), Err(CryptoError::BadPeerShare), "{point:02x?}");
        }
    }
}

#[test]
fn invalid_points_are_rejected() {
    for agreement in all().iter().skip(1) {
        let good = agreement.generate(&mut Seeded::new(4)).unwrap().share().to_vec();
        let last = good.len() - 1;
        let changed = |at: usize, to: u8| {
            let mut share = good.clone();
            share[at] = to;
            share
        };
        let mut bad = vec![
            // Points not on the curve; coordinates out of range.
            changed(last, good[last] ^ 1),
            changed(1, good[1] ^ 1),
            [&[4][..], &vec![0xff; last]].concat(),
            [&[4][..], &vec![0; last]].concat(),
            // Compressed points, the point at infinity, other lengths.
            [&[2 + (good[last] & 1)][..], &good[1..=last / 2]].concat(),
            vec![0],
            vec![],
            good[..last].to_vec(),
            [&good[..], &[0]].concat(),
        ];
        // Hybrid and invalid forms.
        bad.extend([0, 2, 3, 5, 6, 7].map(|form| changed(0, form)));
        // Points of another curve.
        bad.extend(
            all()
                .iter()
                .filter(|other| other.group() != agreement.group())
                .map(|other| other.generate(&mut Seeded::new(6)).unwrap().share().to_vec()),
        );
        for share in bad {
            let key = agreement.generate(&mut Seeded::new(5)).unwrap();
            assert_eq!(key.agree(&share), Err(CryptoError::BadPeerShare), "{share:02x?}");
        }
    }
    for len in [0, 31, 33, 44] {
        let key = X25519.generate(&mut Seeded::new(5)).unwrap();
        assert_eq!(key.agree(&vec![9; len]), Err(CryptoError::BadPeerShare));
    }
}
