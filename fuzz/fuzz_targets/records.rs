//! The libFuzzer program of [`cairn_fuzz::records::run`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: cairn_fuzz::write_seeds("records"),
    |input: &[u8]| cairn_fuzz::records::run(input)
);
