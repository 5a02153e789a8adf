//! The libFuzzer program of [`cairn_fuzz::misuse::run`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: cairn_fuzz::write_seeds("misuse"),
    |input: &[u8]| cairn_fuzz::misuse::run(input)
);
