//! The dart: libraries: Dart sources, their natives, and the image built from them.
//!
//! - `lib/<library>/`: the Dart sources, one folder a library
//! - [`natives`]: the Rust functions behind `external` members
//! - [`text`]: numbers and code units without a heap

pub mod natives;
pub mod text;
