//! The libFuzzer program of [`cairn_fuzz::connection::one`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: cairn_fuzz::write_seeds("connection"),
    |input: &[u8]| cairn_fuzz::connection::one(input)
);
