//! The libFuzzer program of [`cairn_fuzz::machine::pair`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: cairn_fuzz::write_seeds("machine_pair"),
    |input: &[u8]| cairn_fuzz::machine::pair(input)
);
