//! The libFuzzer program of [`cairn_fuzz::decompression::run`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: cairn_fuzz::write_seeds("decompression"),
    |input: &[u8]| cairn_fuzz::decompression::run(input)
);
