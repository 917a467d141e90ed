//! Compiled programs kept from run to run.
//!
//! An entry is the image of a program. It is found by the program's *key*: the URI it starts with, what it is compiled with, the
//! package configuration, and the front end and core that compile it. It holds when every file that was read to make it has the
//! contents it had then; the image's outline section lists them ([`Manifest`]). So nothing depends on times of files, and a
//! change anywhere in the program makes it be compiled anew, which replaces the entry.
//!
//! The cache is never in the way: what cannot be read, is damaged, or was made by another Eyot is no entry, and what cannot be written is
//! not kept. Functions of an entry are verified before they run, as those of any image that comes from outside.
//!
//! - here: what is kept, and when it holds
//! - [`manifest`]: the files of a program
//! - [`profile`]: what the last run of a program has used
//! - [`store`]: the directory: entries are whole or not there, and old ones go when there are too many

mod manifest;
mod profile;
mod store;

use std::path::Path;
use std::sync::Arc;

use eyot_bytecode::image::{self, ImageReader};
use eyot_bytecode::{FunctionId, Module};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::options::{Options, Script};
pub use manifest::Manifest;
pub(crate) use manifest::Recorder;
pub(crate) use profile::{ProfilePlace, Profiling};
pub(crate) use store::Store;
pub use store::{Info, default_directory};

/// Programs with less source text than this are compiled faster than they are looked up, read and written.
const SOURCE_BYTES_MIN: usize = 8 * 1024;

/// How much the cache of a directory holds.
pub fn info(directory: &Path) -> Info {
    Store::new(directory).info()
}

/// Takes all compiled programs out of a directory, and what is known of their runs; says how many programs there were.
///
/// # Errors
///
/// If one cannot be removed.
pub fn clean(directory: &Path) -> std::io::Result<Info> {
    Store::of_profiles(directory).clean()?;
    Store::new(directory).clean()
}

/// A compiled program as it was kept.
pub(crate) struct Kept {
    pub(crate) image: Arc<[u8]>,
    pub(crate) main: FunctionId,
    /// Where its profile is.
    pub(crate) profile: ProfilePlace,
}

/// The place of one program in the cache.
pub(crate) struct Place {
    store: Store,
    profiles: Store,
    key: u128,
    is_traced: bool,
}

impl Place {
    /// The place of a program; none if nothing is to be kept. `config` is the text of its package configuration.
    pub(crate) fn of(
        script: &Script,
        options: &Options,
        config: Option<(&Path, &[u8])>,
        core_hash: u64,
    ) -> Option<Place> {
        let directory = options.cache.as_deref()?;
        Some(Place {
            store: Store::new(directory),
            profiles: Store::of_profiles(directory),
            key: key(script, options, config, core_hash),
            is_traced: options.trace_cache,
        })
    }

    /// The program, if it is there and none of its files has changed.
    pub(crate) fn find(&self, core_hash: u64) -> Option<Kept> {
        let found = self.read(core_hash);
        match &found {
            Ok(_) => self.trace("hit"),
            Err(reason) => self.trace(&format!("miss ({reason})")),
        }
        found.ok()
    }

    fn read(&self, core_hash: u64) -> Result<Kept, String> {
        let bytes = self.store.read(self.key).ok_or("no entry")?;
        let damaged = |error: image::ImageError| error.to_string();
        let image = ImageReader::open(&*bytes).map_err(damaged)?;
        if image.core_hash() != core_hash {
            return Err("made with another core".to_owned());
        }
        image.check().map_err(damaged)?;
        let manifest = image.outline().map_err(damaged)?;
        let profile = self.profile(manifest);
        let manifest = Manifest::from_bytes(manifest).ok_or("no list of files")?;
        if manifest.key != self.key {
            return Err("another program".to_owned());
        }
        if let Some(changed) = manifest.changed_file() {
            return Err(format!("changed: {changed}"));
        }
        let entries = image.entries().map_err(damaged)?;
        let &(_, main) = entries.first().ok_or("no main")?;
        Ok(Kept {
            image: bytes,
            main,
            profile,
        })
    }

    /// Keeps a program, if that pays and `is_sound`. What goes wrong only means that it is compiled again. Answers where its profile is.
    pub(crate) fn keep(
        &self,
        module: &mut Module,
        recorder: Recorder,
        is_sound: bool,
    ) -> ProfilePlace {
        let is_small = recorder.bytes_read() < SOURCE_BYTES_MIN;
        let manifest = recorder.manifest(self.key).to_bytes();
        let profile = self.profile(&manifest);
        if !is_sound {
            self.trace("not kept (warnings)");
        } else if is_small {
            self.trace("not kept (small)");
        } else {
            self.write(module, manifest);
        }
        profile
    }

    /// Functions have the same numbers as long as the files that a program is made of are the same.
    fn profile(&self, manifest: &[u8]) -> ProfilePlace {
        ProfilePlace {
            store: self.profiles.clone(),
            key: self.key,
            identity: xxh3_64(manifest),
        }
    }

    fn write(&self, module: &mut Module, manifest: Vec<u8>) {
        module.outline = manifest;
        let image = image::write(module);
        module.outline = Vec::new();
        match self.store.write(self.key, &image) {
            Ok(()) => self.trace("kept"),
            Err(error) => self.trace(&format!("not kept ({error})")),
        }
    }

    fn trace(&self, what: &str) {
        if self.is_traced {
            // Nobody is left to tell when standard error is closed.
            let line = format!("cache: {what}\n");
            let _ = std::io::Write::write_all(&mut std::io::stderr().lock(), line.as_bytes());
        }
    }
}

/// Everything that decides what a program's files are compiled to.
fn key(script: &Script, options: &Options, config: Option<(&Path, &[u8])>, core_hash: u64) -> u128 {
    let mut hasher = Xxh3::new();
    // With its length, so that no two lists of parts read the same.
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    part(b"eyot program 1");
    part(&core_hash.to_le_bytes());
    part(&eyot_corelib::FRONT_END.to_le_bytes());
    part(script.uri().as_bytes());
    part(&[
        options.enable_asserts.into(),
        options.forbid_ffi.into(),
        options.experimental_shared_data.into(),
    ]);
    for (name, value) in &options.defines {
        part(name.as_bytes());
        part(value.as_bytes());
    }
    if let Some((path, text)) = config {
        part(path.as_os_str().as_encoded_bytes());
        part(text);
    }
    hasher.digest128()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_changes_the_program_changes_its_key() {
        let script = Script::from_uri("file:///a.dart");
        let plain = Options::default();
        let with = |defines: &[(&str, &str)]| Options {
            defines: defines
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            ..Options::default()
        };
        let asserting = Options {
            enable_asserts: true,
            ..Options::default()
        };
        let without_ffi = Options {
            forbid_ffi: true,
            ..Options::default()
        };
        let sharing = Options {
            experimental_shared_data: true,
            ..Options::default()
        };
        let config = (Path::new("/c.json"), b"{}".as_slice());
        let keys = [
            key(&script, &plain, None, 1),
            key(&script, &plain, None, 2),
            key(&Script::from_uri("file:///b.dart"), &plain, None, 1),
            key(&script, &asserting, None, 1),
            key(&script, &without_ffi, None, 1),
            key(&script, &sharing, None, 1),
            key(&script, &with(&[("a", "bc")]), None, 1),
            key(&script, &with(&[("ab", "c")]), None, 1),
            key(&script, &plain, Some(config), 1),
            key(&script, &plain, Some((config.0, b"{ }")), 1),
        ];
        for (index, one) in keys.iter().enumerate() {
            assert!(!keys[..index].contains(one), "key {index}");
        }
    }
}
