//! What a program is compiled and run with.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::files;

/// Settings of a compilation and a run. The default is what `eyot FILE` does.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The package configuration; the nearest `.dart_tool/package_config.json` if it is not given.
    pub packages: Option<PathBuf>,
    /// Environment declarations: names and values.
    pub defines: Vec<(String, String)>,
    /// Whether `assert` does anything.
    pub enable_asserts: bool,
    /// Threads that analyse the program; as many as pay if it is not given. Nothing but time depends on it.
    pub analysis_threads: Option<usize>,
    /// Whether the program, and what it starts, goes without `dart:ffi`: with that library a program can do to the process whatever it
    /// likes. Importing it is an error then, and its natives are not there.
    pub forbid_ffi: bool,
    /// Whether the isolates of a program may share variables: `@pragma('vm:shared')`, `dart:concurrent`, `IsolateGroup.runSync`.
    /// Experimental.
    pub experimental_shared_data: bool,
    /// Where compiled programs are kept from run to run; nowhere if it is not given. See [`crate::cache`].
    pub cache: Option<PathBuf>,
    /// Print to standard error whether a program was found there.
    pub trace_cache: bool,
    /// Most bytes the main isolate's heap may hold.
    pub max_heap_bytes: Option<usize>,
    /// How long the main isolate may be on a core.
    pub max_cpu: Option<Duration>,
    /// How long the main isolate may live.
    pub max_time: Option<Duration>,
    /// How many messages may wait for the main isolate.
    pub max_mailbox: Option<usize>,
    /// Threads that run isolates; one for each core if it is not given.
    pub workers: Option<usize>,
    /// Print each collection to standard error.
    pub trace_gc: bool,
    /// Check after each collection and each send that no isolate refers into another's memory: finds mistakes of Eyot.
    pub verify_isolation: bool,
    /// Collect at every n-th allocation and verify the heap: finds mistakes of Eyot.
    pub gc_stress: Option<u32>,
}

/// The program to compile: the URI of its first library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    uri: String,
}

impl Script {
    /// A script named as on a command line: a path, or a `file:` or `data:` URI.
    pub fn new(name: impl AsRef<Path>) -> Script {
        let name = name.as_ref();
        let text = name.to_string_lossy();
        if text.starts_with("file://") || text.starts_with("data:") {
            return Script {
                uri: text.into_owned(),
            };
        }
        if let Some(rest) = text.strip_prefix("file:") {
            return Script::of_path(Path::new(rest));
        }
        Script::of_path(name)
    }

    fn of_path(path: &Path) -> Script {
        Script {
            uri: files::uri_of(path, &working_directory()),
        }
    }

    /// A script by its absolute URI.
    pub fn from_uri(uri: impl Into<String>) -> Script {
        Script { uri: uri.into() }
    }

    /// A script whose text is this. It has no directory: what it imports has absolute URIs.
    pub fn from_source(text: &str) -> Script {
        let mut uri = String::from("data:application/dart;charset=utf-8,");
        for byte in text.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    uri.push(char::from(byte));
                }
                other => uri.push_str(&format!("%{other:02X}")),
            }
        }
        Script { uri }
    }

    /// Its absolute URI.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Its path, if it is a file.
    pub fn path(&self) -> Option<PathBuf> {
        files::path_of(&self.uri)
    }
}

/// The directory that relative paths start from; the root where the system does not say.
pub(crate) fn working_directory() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"))
}
