//! The libFuzzer program of [`cairn_fuzz::differential::run`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: cairn_fuzz::write_seeds("differential"),
    |input: &[u8]| cairn_fuzz::differential::run(input)
);
