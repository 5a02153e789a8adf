//! Imported PSKs. RFC 9258 has no test vectors; `tests/vectors13.py` computes these.

use super::super::{ExternalPsk, PskKind, TargetKdf};
use super::{kdf, psk_secret};
use crate::error::ScheduleError;
use alloc::{vec, vec::Vec};
use cairn_crypto::{HashAlgorithm, SecretBytes};
use hex_literal::hex;

fn external(hash: HashAlgorithm) -> ExternalPsk {
    let key: Vec<u8> = (0..32).collect();
    ExternalPsk::new(&kdf(hash), b"identity".to_vec(), SecretBytes::new(key)).unwrap()
}

#[test]
fn imported_psks_equal_known_answers() {
    let cases: [(HashAlgorithm, TargetKdf, &[u8], &[u8]); 4] = [
        (
            HashAlgorithm::Sha256,
            TargetKdf::HkdfSha256,
            &hex!("00086964656e746974790007636f6e7465787403040001"),
            &hex!("1ea76cb345610f681808f78ef845ee3ff1bcd15664b3169e07caee4f56486bca"),
        ),
        (
            HashAlgorithm::Sha256,
            TargetKdf::HkdfSha384,
            &hex!("00086964656e746974790007636f6e7465787403040002"),
            &hex!(
                "22de0b736abcdd570de788c35aadc0de8e933a0b0bf7d8aeb2fba8cb3444de90"
                "3e6fee3de5236e677fd7a45b3b78f1b6"
            ),
        ),
        (
            HashAlgorithm::Sha384,
            TargetKdf::HkdfSha256,
            &hex!("00086964656e746974790007636f6e7465787403040001"),
            &hex!("1b7c52710b6e8c015f83d7429b7a6b3cab94c657b17dc8a7088d64b70e690fc5"),
        ),
        (
            HashAlgorithm::Sha384,
            TargetKdf::HkdfSha384,
            &hex!("00086964656e746974790007636f6e7465787403040002"),
            &hex!(
                "8cef96ed29eba6f6401169dfdb3f4e3fc02b8da7e44971316a77033a2a843cec"
                "ff9627a67b58978e2efc848a459dd509"
            ),
        ),
    ];
    for (hash, target, identity, secret) in cases {
        let imported = external(hash).import(b"context", target).unwrap();
        assert_eq!(imported.identity, identity);
        assert_eq!(imported.psk.secret().expose(), secret);
        assert_eq!((imported.psk.hash(), imported.psk.kind()), (target.hash(), PskKind::Imported));
        psk_secret(&kdf(target.hash()), &imported.psk);
    }
}

/// RFC 9258 appendix A: each role has its own context, so a reflected ClientHello names an unknown identity.
#[test]
fn contexts_separate_imported_psks() {
    let external = external(HashAlgorithm::Sha256);
    let [one, other] =
        [&b"a to b"[..], b"b to a"].map(|context| external.import(context, TargetKdf::HkdfSha256));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_ne!(one.identity, other.identity);
    assert_ne!(one.psk, other.psk);
}

#[test]
fn imported_identity_has_at_most_65535_bytes() {
    let kdf = kdf(HashAlgorithm::Sha256);
    let new = |length| ExternalPsk::new(&kdf, vec![1; length], SecretBytes::from(&[7; 32]));
    for length in [0, 65_536] {
        assert_eq!(new(length).err(), Some(ScheduleError::PskIdentityLength { length }));
    }
    // Both length fields, the version and the KDF take 8 bytes.
    let external = new(65_000).unwrap();
    let import = |context| external.import(&vec![2; context], TargetKdf::HkdfSha256);
    assert_eq!(import(527).unwrap().identity.len(), 65_535);
    assert_eq!(import(528).err(), Some(ScheduleError::PskIdentityLength { length: 65_536 }));
    assert_eq!(
        new(65_535).unwrap().import(b"", TargetKdf::HkdfSha384).err(),
        Some(ScheduleError::PskIdentityLength { length: 65_543 })
    );
    let empty = ExternalPsk::new(&kdf, vec![1], SecretBytes::from(&[]));
    assert_eq!(empty.err(), Some(ScheduleError::EmptyPsk));
}

#[test]
fn target_kdf_is_that_of_the_suite_hash() {
    assert_eq!(TargetKdf::of(HashAlgorithm::Sha256).map(TargetKdf::code), Some(1));
    assert_eq!(TargetKdf::of(HashAlgorithm::Sha384).map(TargetKdf::code), Some(2));
    assert_eq!(TargetKdf::of(HashAlgorithm::Sha512), None);
}
