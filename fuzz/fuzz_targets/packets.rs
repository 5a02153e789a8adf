//! The libFuzzer program of [`cairn_fuzz::packets::run`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: cairn_fuzz::write_seeds("packets"),
    |input: &[u8]| cairn_fuzz::packets::run(input)
);
