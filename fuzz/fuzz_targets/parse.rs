//! Any text through the lexer and the parser.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        eyot_fuzz::oracles::parse(text);
    }
});
