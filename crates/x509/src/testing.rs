//! Fixtures for tests. How they were made stands in `tests/fixtures/make.sh`.

use crate::pem;
use alloc::vec::Vec;
use cairn_crypto::Provider;

/// The contents of a file among the fixtures.
macro_rules! fixture {
    ($name:literal) => {
        &include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/", $name))[..]
    };
}

/// The one certificate of a file among the fixtures, in DER.
macro_rules! cert {
    ($name:literal) => {
        $crate::testing::one($crate::testing::fixture!($name))
    };
}

pub(crate) use {cert, fixture};

/// A time at which all fixtures are valid: the middle of 2050.
pub(crate) const NOW: u64 = 2_540_000_000;

pub(crate) fn provider() -> Provider {
    cairn_provider_aws_lc::provider()
}

pub(crate) fn one(file: &[u8]) -> Vec<u8> {
    let mut all = pem::certificates(file).unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}
