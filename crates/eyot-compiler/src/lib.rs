//! From the typed program to bytecode.
#![forbid(unsafe_code)]
