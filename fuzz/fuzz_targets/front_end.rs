//! Any text through the whole front end, to bytecode that is verified.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        eyot_fuzz::oracles::front_end(text);
    }
});
