//! The files that a program was made of.

use std::sync::{Mutex, PoisonError};

use eyot_semantics::load::SourceProvider;
use xxhash_rust::xxh3::xxh3_128;

use crate::files::Files;

/// The first word of a manifest; the digit changes with the format.
const MAGIC: &str = "eyot-files-1";

/// Which program an entry is, and which files with which contents it was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The program's key.
    pub key: u128,
    /// Hash and URI of each file, by URI.
    pub files: Vec<(u128, String)>,
}

impl Manifest {
    /// One line for the program and one for each file. URIs have no line breaks.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("{MAGIC} {:032x}\n", self.key);
        for (hash, uri) in &self.files {
            text.push_str(&format!("{hash:032x} {uri}\n"));
        }
        text.into_bytes()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Manifest> {
        let mut lines = std::str::from_utf8(bytes).ok()?.lines();
        let key = lines.next()?.strip_prefix(MAGIC)?.trim_start();
        let file = |line: &str| {
            let (hash, uri) = line.split_once(' ')?;
            Some((u128::from_str_radix(hash, 16).ok()?, uri.to_owned()))
        };
        Some(Manifest {
            key: u128::from_str_radix(key, 16).ok()?,
            files: lines.map(file).collect::<Option<_>>()?,
        })
    }

    /// The first file that is not what it was.
    pub(super) fn changed_file(&self) -> Option<&str> {
        let is_same = |&(hash, ref uri): &(u128, String)| {
            let path = crate::files::path_of(uri);
            let text = path.and_then(|path| std::fs::read(path).ok());
            text.is_some_and(|text| xxh3_128(&text) == hash)
        };
        let changed = self.files.iter().find(|file| !is_same(file));
        changed.map(|(_, uri)| uri.as_str())
    }
}

/// Reads the files of a program and takes down what they held.
pub(crate) struct Recorder {
    files: Files,
    read: Mutex<Read>,
}

#[derive(Default)]
struct Read {
    files: Vec<(u128, String)>,
    bytes: usize,
}

impl Recorder {
    pub(crate) fn new(files: Files) -> Recorder {
        Recorder {
            files,
            read: Mutex::default(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn bytes_read(&self) -> usize {
        self.lock().bytes
    }

    pub(super) fn manifest(self, key: u128) -> Manifest {
        let mut files = std::mem::take(&mut self.lock().files);
        files.sort_unstable_by(|a, b| a.1.cmp(&b.1));
        Manifest { key, files }
    }
}

impl SourceProvider for Recorder {
    fn read(&self, uri: &str) -> Result<Vec<u8>, String> {
        let text = self.files.read(uri)?;
        let mut read = self.lock();
        read.bytes += text.len();
        read.files.push((xxh3_128(&text), uri.to_owned()));
        Ok(text)
    }

    fn display(&self, uri: &str) -> String {
        self.files.display(uri)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_are_read_back() {
        let manifest = Manifest {
            key: 7,
            files: vec![(u128::MAX, "file:///a%20b.dart".to_owned())],
        };
        let bytes = manifest.to_bytes();
        assert_eq!(Manifest::from_bytes(&bytes), Some(manifest));
        assert_eq!(Manifest::from_bytes(b"something else"), None);
        assert_eq!(Manifest::from_bytes(&[0xff]), None);
    }
}
