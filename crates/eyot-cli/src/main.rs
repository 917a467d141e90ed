//! The `eyot` command.
#![forbid(unsafe_code)]

fn main() {}
