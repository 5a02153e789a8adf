use super::*;
use crate::testing::{Composite, Failing, HASHES, hmac};
use alloc::{format, sync::Arc, vec, vec::Vec};
use cairn_crypto::HashAlgorithm;
use hex_literal::hex;
use proptest::{collection::vec, prelude::*, sample};

fn prf(algorithm: HashAlgorithm, secret: &[u8]) -> Prf {
    Prf::new(&hmac(algorithm), secret).unwrap()
}

/// Published on the mailing list of the IETF TLS working group; `tests/vectors.sh` confirms them with
/// OpenSSL.
#[test]
fn published_test_vectors() {
    let cases: [(_, &[u8], &[u8], &[u8]); 3] = [
        (
            HashAlgorithm::Sha256,
            &hex!("9bbe436ba940f017b17652849a71db35"),
            &hex!("a0ba9f936cda311827a6f796ffd5198c"),
            &hex!(
                "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a"
                "6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab"
                "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
                "87347b66"
            ),
        ),
        (
            HashAlgorithm::Sha384,
            &hex!("b80b733d6ceefcdc71566ea48e5567df"),
            &hex!("cd665cf6a8447dd6ff8b27555edb7465"),
            &hex!(
                "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd"
                "e9ca0faa60be9fe34f82b1233c9146a0e534cb400fed2700884f9dc236f80edd"
                "8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425"
                "9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee6"
                "91c8f3a26854308d5eaa3be85e0990703d73e56f"
            ),
        ),
        (
            HashAlgorithm::Sha512,
            &hex!("b0323523c1853599584d88568bbb05eb"),
            &hex!("d4640e12e4bcdbfb437f03e6ae418ee5"),
            &hex!(
                "1261f588c798c5c201ff036e7a9cb5edcd7fe3f94c669a122a4638d7d508b283"
                "042df6789875c7147e906d868bc75c45e20eb40c1cf4a1713b27371f68432592"
                "f7dc8ea8ef223e12ea8507841311bf68653d0cfc4056d811f025c45ddfa6e6fe"
                "c702f054b409d6f28dd0a3233e498da41a3e75c5630eedbe22fe254e33a1b0e9"
                "f6b9826675bec7d01a845658dc9c397545401d40b9f46c7a400ee1b8f81ca0a6"
                "0d1a397a1028bff5d2ef5066126842fb8da4197632bdb54ff6633f86bbc836e6"
                "40d4d898"
            ),
        ),
    ];
    for (algorithm, secret, seed, expected) in cases {
        let mut out = vec![0; expected.len()];
        prf(algorithm, secret).expand(b"test label", [seed, &[]], &mut out).unwrap();
        assert_eq!(out, expected, "{algorithm}");
    }
}

/// A direct implementation of RFC 5246 section 5.
fn reference(algorithm: HashAlgorithm, secret: &[u8], seed: &[u8], length: usize) -> Vec<u8> {
    let key = hmac(algorithm).key(secret).unwrap();
    let sign = |data: &[u8]| {
        let mut tag = vec![0; algorithm.output_len()];
        key.sign(&[data], &mut tag).unwrap();
        tag
    };
    let (mut a, mut out) = (seed.to_vec(), Vec::new());
    while out.len() < length {
        a = sign(&a);
        out.extend(sign(&[&a[..], seed].concat()));
    }
    out.truncate(length);
    out
}

proptest! {
    #[test]
    fn prf_equals_reference_implementation(
        algorithm in sample::select(&[HASHES[0], HASHES[1], HashAlgorithm::Sha512][..]),
        secret in vec(any::<u8>(), 0..200),
        label in vec(any::<u8>(), 0..40),
        seed in vec(any::<u8>(), 0..100),
        more_seed in vec(any::<u8>(), 0..100),
        length in 0..400_usize,
    ) {
        let mut out = vec![0; length];
        prf(algorithm, &secret).expand(&label, [&seed, &more_seed], &mut out).unwrap();
        let joined = [label, seed, more_seed].concat();
        prop_assert_eq!(out, reference(algorithm, &secret, &joined, length));
    }
}

#[test]
fn prf_depends_on_the_label() {
    let prf = prf(HashAlgorithm::Sha256, b"secret");
    let expand = |label: &[u8]| {
        let mut out = [0; 40];
        prf.expand(label, [b"seed", &[]], &mut out).unwrap();
        out
    };
    let first = expand(b"one");
    assert_ne!(first, expand(b"two"));
    assert_eq!(first, expand(b"one"));
}

#[test]
fn module_prf_is_used_as_a_whole() {
    let composite: Arc<dyn Hmac> = Arc::new(Composite);
    let prf = Prf::new(&composite, b"secret").unwrap();
    let mut out = [0; 22];
    prf.expand(b"label", [b"seed", b"more"], &mut out).unwrap();
    assert_eq!(&out, b"secretlabelseedmoresec");
}

#[test]
fn provider_failures_are_returned() {
    // Five calls: key creation, A(1), first block, A(2), second block.
    for calls in 0..6 {
        let failing: Arc<dyn Hmac> = Arc::new(Failing(calls));
        let expanded =
            Prf::new(&failing, b"secret").and_then(|prf| prf.expand(b"label", [b"seed", &[]], &mut [0; 33]));
        let expected = if calls < 5 { Err(ScheduleError::Crypto(CryptoError::Failed)) } else { Ok(()) };
        assert_eq!(expanded, expected, "{calls}");
    }
}

#[test]
fn prf_is_not_printed() {
    assert_eq!(format!("{:?}", prf(HashAlgorithm::Sha256, b"secret")), "Prf");
}
