//! The libFuzzer program of [`cairn_fuzz::machine::one`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: cairn_fuzz::plant("machine"),
    |input: &[u8]| cairn_fuzz::machine::one(input)
);
