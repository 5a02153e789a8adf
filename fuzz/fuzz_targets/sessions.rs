//! The libFuzzer program of [`cairn_fuzz::sessions::run`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: cairn_fuzz::write_seeds("sessions"),
    |input: &[u8]| cairn_fuzz::sessions::run(input)
);
