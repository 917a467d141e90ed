//! Test runner and fixtures.
#![forbid(unsafe_code)]
