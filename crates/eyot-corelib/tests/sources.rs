//! The Dart sources of the libraries: each parses, and no file grows beyond what a reader can hold.

use std::fs;
use std::path::{Path, PathBuf};

use eyot_semantics::analysis::analyze_core;
use eyot_semantics::load::{CORE_LIBRARIES, CoreSources};
use eyot_syntax::{ParseOptions, SourceFile, parse};

/// Lines that no source file may pass.
const LINES_MAX: usize = 800;

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("the library folder is readable");
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, into);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "dart")
        {
            into.push(path);
        }
    }
}

#[test]
fn every_source_parses() {
    let mut paths = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("lib"),
        &mut paths,
    );
    paths.sort();
    assert!(paths.len() > 50);
    let options = ParseOptions {
        is_core_library: true,
        ..ParseOptions::default()
    };
    let mut problems = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("a source is readable");
        let lines = text.lines().count();
        if lines > LINES_MAX {
            problems.push(format!("{}: {lines} lines", path.display()));
        }
        let file = SourceFile::new(path.to_string_lossy(), text.as_str())
            .expect("a source is not too long");
        let parsed = parse(file.text(), &options);
        for diagnostic in parsed.diagnostics {
            problems.push(format!("{}: {diagnostic:?}", path.display()));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_libraries_have_no_errors() {
    let analysis = analyze_core(&CoreSources::of_tree(), CORE_LIBRARIES);
    let problems: Vec<String> = analysis
        .problems
        .iter()
        .filter(|problem| problem.diagnostic.is_error())
        .map(|problem| {
            let file = &analysis.world.files[problem.file.0 as usize];
            let start = problem.diagnostic.span.start;
            let at = file.source.as_ref().map(|source| source.line_column(start));
            format!("{} {at:?}: {}", file.uri, problem.diagnostic.message)
        })
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
