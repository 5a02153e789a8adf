//! The libFuzzer program of [`cairn_fuzz::machine::one`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: cairn_fuzz::write_seeds("machine"),
    |input: &[u8]| cairn_fuzz::machine::one(input)
);
