//! Secrets after a key update with a label that TLS does not have.

use super::super::{ApplicationTrafficSecret, MAX_LABEL_LEN, TrafficSecret, suite};
use super::kdf;
use crate::error::ScheduleError;
use cairn_crypto::SecretBytes;
use cairn_wire::CipherSuite;
use hex_literal::hex;

/// The secret of RFC 9001 appendix A.5.
fn secret() -> TrafficSecret {
    let suite = suite(CipherSuite::TLS_CHACHA20_POLY1305_SHA256).unwrap();
    let bytes = hex!("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b");
    let secret = ApplicationTrafficSecret::new(&kdf(suite.hash), SecretBytes::from(&bytes)).unwrap();
    secret.for_suite(suite).unwrap()
}

#[test]
fn next_generation_with_the_label_of_quic_is_that_of_rfc_9001_appendix_a_5() {
    let next = secret().next_generation(b"quic ku").unwrap();
    assert_eq!(next.expose(), hex!("1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9"));
    assert_eq!(next.suite(), secret().suite());
}

#[test]
fn generation_after_the_next_follows_from_the_next() {
    let [once, twice] = [1, 2]
        .map(|count| (0..count).fold(secret(), |secret, _| secret.next_generation(b"quic ku").unwrap()));
    assert_eq!(once.next_generation(b"quic ku").unwrap().expose(), twice.expose());
    assert_ne!(once.expose(), twice.expose());
}

#[test]
fn next_generation_with_the_label_of_tls_is_that_of_key_update() {
    let suite = secret().suite();
    let mut updated = ApplicationTrafficSecret::new(&kdf(suite.hash), secret().expose().into()).unwrap();
    updated.update().unwrap();
    assert_eq!(secret().next_generation(b"traffic upd").unwrap().expose(), updated.expose());
}

#[test]
fn label_of_the_next_generation_has_limits() {
    for length in [0, MAX_LABEL_LEN + 1] {
        let error = secret().next_generation(&[b'x'; 300][..length]).err();
        assert_eq!(error, Some(ScheduleError::LabelLength { length }));
    }
}
