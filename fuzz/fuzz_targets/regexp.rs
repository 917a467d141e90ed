//! Any pattern over any text.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eyot_fuzz::oracles::regexp(bytes));
