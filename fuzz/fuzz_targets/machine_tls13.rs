//! The libFuzzer program of [`cairn_fuzz::machine::tls13::run`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: cairn_fuzz::write_seeds("machine_tls13"),
    |input: &[u8]| cairn_fuzz::machine::tls13::run(input)
);
