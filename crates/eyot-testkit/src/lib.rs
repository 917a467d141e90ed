//! Test programs that say what to expect.
//!
//! A test is a `.dart` file. What it must print stands in comments on the lines that print it, in order of printing:
//!
//! ```text
//! print(1 + 1);            // expect: 2
//! var x = undefined;       // expect error: 'undefined'
//! throw StateError('no');  // expect uncaught: Bad state: no
//! ```
//!
//! | comment | meaning |
//! | --- | --- |
//! | `// expect: TEXT` | the next line on standard output is TEXT |
//! | `// expect error: TEXT` | a compile-time error on this line whose message contains TEXT; the exit status is 254 |
//! | `// expect unsupported: TEXT` | the same with "not supported yet"; the exit status is 69 |
//! | `// expect uncaught: TEXT` | standard error has `Unhandled exception:` and a line with TEXT; the exit status is 255 |
//! | `// expect stderr: TEXT` | standard error has a line with TEXT |
//! | `// expect exit: N` | the exit status is N |
//! | `// expect alive` | the program never ends by itself: it is stopped once it has printed what was expected |
//! | `// stress` | short, and varied enough to be run with a collection at every allocation in each check of a change |
//! | `// flags: …` | flags before the file's name |
//! | `// args: …` | arguments behind it |
//!
//! A file `NAME.expected` beside `NAME.dart` holds the whole of standard output instead of the comments, and a file
//! `NAME.spec` more comments, where the program itself must stay as it is. Files whose name starts with `_` are libraries of other tests.
#![forbid(unsafe_code)]

mod run;
mod spec;

pub use run::{Failure, Finished, RunLimits, output, run};
pub use spec::{Spec, SpecError};

use std::path::{Path, PathBuf};

/// Every test program below a folder, in order of their paths.
///
/// # Errors
///
/// If a folder cannot be read.
pub fn programs(root: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path
                .file_name()
                .and_then(|n| n.to_str())
                .unwrap_or_default()
                .to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".dart") && !name.starts_with('_') {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
