//! What must hold of the sources themselves. A limit that some file is beyond today is written down with the file, and may only fall.

use std::fs;
use std::path::{Path, PathBuf};

/// A file of more lines than this has more than one idea in it.
const MOST_LINES: usize = 1000;

/// Files beyond the limit, with the lines that they may have.
const LONG: &[(&str, usize)] = &[("crates/eyot-runtime/src/interp/machine.rs", 1300)];

#[test]
fn files_are_short() {
    let mut wrong = Vec::new();
    for (path, text) in sources(&["rs", "dart"]) {
        let lines = text.lines().count();
        let limit = LONG
            .iter()
            .find(|(long, _)| *long == path)
            .map_or(MOST_LINES, |&(_, limit)| limit);
        if lines > limit {
            wrong.push(format!("{path}: {lines} lines, {limit} allowed"));
        }
    }
    assert!(wrong.is_empty(), "split these:\n{}", wrong.join("\n"));
}

#[test]
fn modules_say_what_they_own() {
    let wrong: Vec<String> = sources(&["rs"])
        .into_iter()
        .filter(|(path, text)| {
            path.contains("/src/") && !path.contains("/tests") && !text.starts_with("//!")
        })
        .map(|(path, _)| path)
        .collect();
    assert!(
        wrong.is_empty(),
        "these begin without `//!` and what they are for:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn only_the_runtime_and_its_natives_touch_raw_memory() {
    const ALLOWED: &[&str] = &["crates/eyot-runtime/", "crates/eyot-corelib/"];
    let wrong: Vec<String> = sources(&["rs"])
        .into_iter()
        .filter(|(path, _)| path.ends_with("src/lib.rs") || path.ends_with("src/main.rs"))
        .filter(|(path, _)| !ALLOWED.iter().any(|allowed| path.starts_with(allowed)))
        .filter(|(_, text)| !text.contains("#![forbid(unsafe_code)]"))
        .map(|(path, _)| path)
        .collect();
    assert!(
        wrong.is_empty(),
        "these do not say `#![forbid(unsafe_code)]`:\n{}",
        wrong.join("\n")
    );
}

/// The tracked sources with one of these extensions: path from the root, and text.
fn sources(extensions: &[&str]) -> Vec<(String, String)> {
    let root = crate::root();
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = ["crates", "xtask", "tests", "examples"]
        .iter()
        .map(|folder| root.join(folder))
        .filter(|folder| folder.is_dir())
        .collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "target") {
                    folders.push(path);
                }
            } else if has_extension(&path, extensions) {
                let text = fs::read_to_string(&path).unwrap();
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                found.push((name, text));
            }
        }
    }
    found.sort();
    found
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| extensions.contains(&extension))
}
