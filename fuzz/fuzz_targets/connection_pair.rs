//! The libFuzzer program of [`cairn_fuzz::connection::pair`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: cairn_fuzz::write_seeds("connection_pair"),
    |input: &[u8]| cairn_fuzz::connection::pair(input)
);
