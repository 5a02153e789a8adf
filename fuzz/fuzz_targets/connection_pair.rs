//! The libFuzzer program of [`cairn_fuzz::connection::pair`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: cairn_fuzz::plant("connection_pair"),
    |input: &[u8]| cairn_fuzz::connection::pair(input)
);
