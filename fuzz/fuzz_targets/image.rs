//! Any bytes as an image of bytecode.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    eyot_fuzz::oracles::image(bytes);
});
