//! The core image: what the build script made of the sources in `lib/`.

use std::sync::OnceLock;

use eyot_bytecode::image::{ImageError, ImageReader};

static BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/core.image"));

/// The image, opened once. Opening reads its header only.
///
/// # Errors
///
/// If the bytes are no image of this version: then Eyot was built wrongly.
pub fn core_image() -> Result<&'static ImageReader<&'static [u8]>, ImageError> {
    static IMAGE: OnceLock<Result<ImageReader<&'static [u8]>, ImageError>> = OnceLock::new();
    IMAGE.get_or_init(|| ImageReader::open(BYTES)).as_ref().map_err(|error| *error)
}
