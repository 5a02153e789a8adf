//! Tests of the key schedule of TLS 1.3.

mod chain;
mod erasure;
mod errors;
mod imported;
mod next_generation;
mod rfc8448;
mod trace;
mod transcript;

use super::{Kdf, PskSecret};
use cairn_crypto::HashAlgorithm;

fn kdf(algorithm: HashAlgorithm) -> Kdf {
    Kdf::new(&cairn_provider_aws_lc::provider(), algorithm).unwrap()
}

fn psk_secret(kdf: &Kdf, psk: &super::Psk) -> PskSecret {
    PskSecret::new(kdf, psk).unwrap()
}
