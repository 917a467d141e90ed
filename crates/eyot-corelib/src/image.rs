//! The core image: what the build script made of the sources in `lib/`.

use std::sync::{Arc, OnceLock};

use eyot_bytecode::image::{ImageError, ImageReader};
use eyot_runtime::native::NativeTable;
use eyot_runtime::program::modules::{CoreModule, ImageBytes, ModuleSource};

use crate::natives;

static BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/core.image"));

/// Tells the front end that is part of this executable from others: what another one has compiled may be something else.
pub const FRONT_END: u64 =
    u64::from_le_bytes(*include_bytes!(concat!(env!("OUT_DIR"), "/front_end.hash")));

/// The image, opened once. Opening reads its header only.
///
/// # Errors
///
/// If the bytes are no image of this version: then Eyot was built wrongly.
pub fn core_image() -> Result<&'static ImageReader<&'static [u8]>, ImageError> {
    static IMAGE: OnceLock<Result<ImageReader<&'static [u8]>, ImageError>> = OnceLock::new();
    IMAGE
        .get_or_init(|| ImageReader::open(BYTES))
        .as_ref()
        .map_err(|error| *error)
}

/// The parts of the image's outline section: the world of the front end, and what the compiler must know of the core.
///
/// # Errors
///
/// If the section has no such parts.
pub fn core_outline() -> Result<(&'static [u8], &'static [u8]), ImageError> {
    let outline = core_image()?.outline()?;
    let (len, rest) = outline.split_first_chunk().ok_or(ImageError::Truncated)?;
    let len = u32::from_le_bytes(*len) as usize;
    rest.split_at_checked(len).ok_or(ImageError::Truncated)
}

/// The core as a module that programs are linked to, the same for all programs of the process. Its items are decoded
/// when a program first uses them.
///
/// # Errors
///
/// If the image cannot be read.
pub fn core_module() -> Result<Arc<CoreModule>, ImageError> {
    static MODULE: OnceLock<Result<Arc<CoreModule>, ImageError>> = OnceLock::new();
    let open = || {
        let source = ModuleSource::image(ImageBytes::Static(BYTES))?;
        Ok(Arc::new(CoreModule::new(source)))
    };
    MODULE.get_or_init(open).clone()
}

/// All natives by name: those of the libraries and the runtime's own. Without `dart:ffi` its natives are not among them, so that
/// nothing a program does gets to native memory.
pub fn native_table(allow_ffi: bool) -> Arc<NativeTable> {
    static TABLES: [OnceLock<Arc<NativeTable>>; 2] = [OnceLock::new(), OnceLock::new()];
    let make = || {
        let mut tables = natives::TABLES.to_vec();
        if allow_ffi {
            tables.extend(natives::ffi::TABLES);
        }
        tables.push(eyot_runtime::isolate::NATIVES);
        tables.push(eyot_runtime::isolate::SUPERVISION_NATIVES);
        tables.push(eyot_runtime::isolate::SHARED_NATIVES);
        tables.push(eyot_runtime::isolate::MONITOR_NATIVES);
        Arc::new(NativeTable::new(&tables))
    };
    TABLES[usize::from(allow_ffi)].get_or_init(make).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_native_of_the_sources_is_there() {
        let module = core_image().unwrap().module().unwrap();
        let table = native_table(true);
        let natives = module
            .functions
            .iter()
            .filter_map(|function| function.native);
        let names = natives.map(|id| &*module.strings[id.index()]);
        // What asks for `-D` declarations is a constant, which the front end evaluates.
        let names = names.filter(|name| !name.ends_with("Environment"));
        let missing: Vec<&str> = names.filter(|name| table.get(name).is_none()).collect();
        assert!(missing.is_empty(), "no natives:\n{}", missing.join("\n"));
    }
}
