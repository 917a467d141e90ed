//! The dart: libraries: Dart sources, their natives, and the image built from them.
//!
//! - `lib/<library>/`: the Dart sources, one folder a library
//! - [`text`]: numbers and code units without a heap

pub mod text;
