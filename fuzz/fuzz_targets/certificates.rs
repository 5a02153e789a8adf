//! The libFuzzer program of [`cairn_fuzz::certificates::run`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: cairn_fuzz::write_seeds("certificates"),
    |input: &[u8]| cairn_fuzz::certificates::run(input)
);
