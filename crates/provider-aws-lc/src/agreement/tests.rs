use super::*;
use alloc::{vec, vec::Vec};
use cairn_provider_parts::testing::{Constant, Replay, Seeded};
use hex_literal::hex;

const ALL: [Ecdh; 4] = [X25519, P256, P384, P521];

fn key_from(ecdh: &Ecdh, scalar: &[u8]) -> Box<dyn EphemeralKey> {
    ecdh.generate(&mut Replay(scalar)).unwrap()
}

#[test]
fn shared_secrets_have_a_fixed_length() {
    for (ecdh, width) in ALL.iter().zip([32, 32, 48, 66]) {
        let mut rng = Seeded::new(1);
        let key = ecdh.generate(&mut rng).unwrap();
        let answer = ecdh.encapsulate(key.share(), &mut rng).unwrap();
        let secret = key.agree(&answer.share).unwrap();
        assert_eq!(secret, answer.secret);
        assert_eq!(secret.len(), width);
        assert!(ecdh.curve.allows(&answer.share));
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
fn agreement_is_determined_by_the_seed() {
    for ecdh in &ALL {
        let run = |seed| {
            let mut rng = Seeded::new(seed);
            let key = ecdh.generate(&mut rng).unwrap();
            let answer = ecdh.encapsulate(key.share(), &mut rng).unwrap();
            (key.share().to_vec(), answer.share, answer.secret)
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }
}

#[test]
fn scalars_out_of_range_are_redrawn() {
    // All ones exceeds the order of each NIST curve, and zero is not a valid private key.
    for (ecdh, len) in [(&P256, 32), (&P384, 48), (&P521, 66)] {
        let mut script = vec![0xff; len];
        script.extend_from_slice(&vec![0; len]);
        let mut one = vec![0; len];
        one[len - 1] = 1;
        script.extend_from_slice(&one);
        assert_eq!(key_from(ecdh, &script).share(), key_from(ecdh, &one).share());
    }
    // The share of private key 1 is the generator.
    assert_eq!(
        key_from(&P256, &hex!("0000000000000000000000000000000000000000000000000000000000000001")).share(),
        hex!(
            "04"
            "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
            "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
        )
    );
}

#[test]
fn broken_generator_is_an_error() {
    for ecdh in [&P256, &P384, &P521] {
        for byte in [0x00, 0xff] {
            assert_eq!(ecdh.generate(&mut Constant(byte)).err(), Some(CryptoError::RandomFailed));
        }
    }
    for ecdh in &ALL {
        assert_eq!(ecdh.generate(&mut Replay(&[])).err(), Some(CryptoError::RandomFailed));
    }
}

#[test]
fn points_of_low_order_are_rejected() {
    // The u-coordinates of points of order 1, 2, 4 and 8 on the curve and its twist, including non-canonical
    // encodings. Each is also tested with the top bit set, which implementations must ignore (RFC 7748
    // section 5).
    let low_order = [
        hex!("0000000000000000000000000000000000000000000000000000000000000000"),
        hex!("0100000000000000000000000000000000000000000000000000000000000000"),
        hex!("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        hex!("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        hex!("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        hex!("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        hex!("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ];
    for mut point in low_order {
        for top in [0x00, 0x80] {
            point[31] |= top;
            let key = X25519.generate(&mut Seeded::new(3)).unwrap();
            assert_eq!(key.agree(&point), Err(CryptoError::BadPeerShare), "{point:02x?}");
            assert!(X25519.encapsulate(&point, &mut Seeded::new(3)).is_err());
        }
    }
}

#[test]
fn invalid_points_are_rejected() {
    for ecdh in [&P256, &P384, &P521] {
        let good = ecdh.generate(&mut Seeded::new(4)).unwrap().share().to_vec();
        let last = good.len() - 1;
        let refused = |share: &[u8]| {
            let key = ecdh.generate(&mut Seeded::new(5)).unwrap();
            assert_eq!(key.agree(share), Err(CryptoError::BadPeerShare), "{share:02x?}");
        };
        let changed = |at: usize, to: u8| {
            let mut share = good.clone();
            share[at] = to;
            share
        };
        // Points not on the curve.
        refused(&changed(last, good[last] ^ 1));
        refused(&changed(1, good[1] ^ 1));
        // Coordinates out of range.
        let mut beyond = vec![0xff; good.len()];
        beyond[0] = 4;
        refused(&beyond);
        refused(&[&[4][..], &vec![0; last]].concat());
        // Hybrid and invalid forms.
        for form in [0, 2, 3, 5, 6, 7] {
            refused(&changed(0, form));
        }
        // Compressed points and the point at infinity.
        let compressed: Vec<u8> = [&[2 + (good[last] & 1)][..], &good[1..=last / 2]].concat();
        refused(&compressed);
        refused(&[0]);
        refused(&[]);
        refused(&good[..last]);
        refused(&[&good[..], &[0]].concat());
    }
    for len in [0, 31, 33, 44] {
        let key = X25519.generate(&mut Seeded::new(5)).unwrap();
        assert_eq!(key.agree(&vec![9; len]), Err(CryptoError::BadPeerShare));
    }
}

#[test]
fn share_of_another_curve_is_rejected() {
    let share = P384.generate(&mut Seeded::new(6)).unwrap().share().to_vec();
    let key = P256.generate(&mut Seeded::new(6)).unwrap();
    assert_eq!(key.agree(&share), Err(CryptoError::BadPeerShare));
}
