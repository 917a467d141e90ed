//! Chooses how the interpreter goes from one instruction to the next; see `src/interp/dispatch.rs`.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(eyot_threaded)");
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name| std::env::var(name).unwrap_or_default();
    // Sibling calls become jumps in optimised code only, and a sanitizer may put work behind a call.
    let optimised = matches!(variable("OPT_LEVEL").as_str(), "2" | "3" | "s");
    let sanitized = !variable("CARGO_CFG_SANITIZE").is_empty()
        || variable("CARGO_ENCODED_RUSTFLAGS").contains("sanitizer");
    // A trace needs to see every instruction.
    let traced = std::env::var_os("CARGO_FEATURE_TRACE").is_some();
    if optimised && !sanitized && !traced {
        println!("cargo::rustc-cfg=eyot_threaded");
    }
}
