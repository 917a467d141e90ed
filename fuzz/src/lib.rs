//! Inputs that nobody writes, and what must hold for each of them.
//!
//! [`mutate`] makes programs that are nearly right out of programs that are; [`generate`] makes right ones that say the same in several
//! forms; [`oracles`] says what must hold of any input. The fuzz targets
//! in `fuzz_targets/` are a line each. A short run of everything, from fixed seeds, belongs to the ordinary tests:
//!
//! | test | input |
//! | --- | --- |
//! | `fuzz/tests/brief.rs` | texts for the parser, programs for the whole front end, images for the reader and the verifier |
//! | `crates/eyot-cli/tests/mutated_programs.rs` | mutated programs, checked and run |
//! | `crates/eyot-cli/tests/generated_programs.rs` | generated programs, run in several ways |
//!
//! `EYOT_FUZZ_RUNS` makes them longer and `EYOT_FUZZ_SEED` different; `EYOT_FUZZ_CORPUS` names a folder of other programs to mutate.
#![forbid(unsafe_code)]

pub mod generate;
pub mod mutate;
pub mod oracles;

/// How many inputs a test tries: `EYOT_FUZZ_RUNS`, or as many as take little time.
pub fn runs(otherwise: u64) -> u64 {
    number("EYOT_FUZZ_RUNS").unwrap_or(otherwise)
}

/// Where a test begins: `EYOT_FUZZ_SEED`, or always the same.
pub fn seed() -> u64 {
    number("EYOT_FUZZ_SEED").unwrap_or(1)
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
