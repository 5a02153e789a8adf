//! The libFuzzer program of [`cairn_fuzz::wire::messages`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: cairn_fuzz::write_seeds("wire_messages"),
    |input: &[u8]| cairn_fuzz::wire::messages(input)
);
