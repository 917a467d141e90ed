//! Where the sources of the core libraries lie: for the build that makes the core image, for tools, and for tests.

use std::path::{Path, PathBuf};

use super::SourceProvider;

/// The core libraries that programs can import; what they import themselves comes along.
pub const CORE_LIBRARIES: &[&str] = &[
    "dart:core",
    "dart:async",
    "dart:collection",
    "dart:convert",
    "dart:developer",
    "dart:ffi",
    "dart:io",
    "dart:isolate",
    "dart:math",
    "dart:typed_data",
];

/// Gives the files of `dart:` libraries below a folder: `dart:core` is `core/core.dart`, its part `dart:core/list.dart` is
/// `core/list.dart`.
#[derive(Clone, Debug)]
pub struct CoreSources {
    root: PathBuf,
}

impl CoreSources {
    /// The libraries below `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The libraries as they lie in the source tree of Eyot: for tests of the crates beside it.
    #[must_use]
    pub fn of_tree() -> Self {
        Self::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../eyot-corelib/lib"))
    }

    /// The file of a `dart:` URI, which may not exist. None: the URI has another scheme.
    #[must_use]
    pub fn path(&self, uri: &str) -> Option<PathBuf> {
        let name = uri.strip_prefix("dart:")?;
        Some(if name.contains('/') {
            self.root.join(name)
        } else {
            self.root.join(name).join(format!("{name}.dart"))
        })
    }
}

impl SourceProvider for CoreSources {
    fn read(&self, uri: &str) -> Result<Vec<u8>, String> {
        let path = self.path(uri).ok_or("not a dart: URI")?;
        std::fs::read(path).map_err(|error| error.to_string())
    }

    fn display(&self, uri: &str) -> String {
        match self.path(uri) {
            Some(path) => path.display().to_string(),
            None => uri.to_owned(),
        }
    }
}
