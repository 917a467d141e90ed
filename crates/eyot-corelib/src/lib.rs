//! The dart: libraries: Dart sources, their natives, and the image built from them.
//!
//! - `lib/<library>/`: the Dart sources, one folder a library
//! - [`natives`]: the Rust functions behind `external` members
//! - [`text`]: numbers and code units without a heap
//! - [`core_image`]: the image that the build script makes of the Dart sources

mod image;
pub mod natives;
pub mod text;

pub use image::{FRONT_END, core_image, core_module, core_outline, native_table};
