//! The libFuzzer program of [`cairn_fuzz::wire::streams`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: cairn_fuzz::write_seeds("wire_streams"),
    |input: &[u8]| cairn_fuzz::wire::streams(input)
);
