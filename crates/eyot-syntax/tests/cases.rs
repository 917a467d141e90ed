//! Small sources with their trees (`tests/trees`) and errors (`tests/errors`).
//!
//! A file holds cases: a line `== name`, the source, a line `---`, and what is expected. For trees
//! that is the dump; a source with errors lists them instead, as `line:column code: message`. Run with
//! `UPDATE_EXPECT=1` to write what the parser answers now, and read the difference.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use eyot_syntax::dump::dump;
use eyot_syntax::{ParseOptions, SourceFile, parse};

struct Case {
    name: String,
    source: String,
    expected: String,
}

#[test]
fn trees() {
    check_folder("trees");
}

#[test]
fn errors() {
    check_folder("errors");
}

fn check_folder(folder: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} holds no cases", root.display());
    for path in paths {
        check_file(&path);
    }
}

fn check_file(path: &Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let cases = cases(&text);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        return std::fs::write(path, updated(&cases)).unwrap();
    }
    for case in &cases {
        let found = answer(&case.source);
        assert!(
            found == case.expected,
            "{}, case '{}'\nsource:\n{}\nexpected:\n{}\nfound:\n{found}",
            path.display(),
            case.name,
            case.source,
            case.expected,
        );
    }
}

fn updated(cases: &[Case]) -> String {
    let mut text = String::new();
    for case in cases {
        let (name, source) = (&case.name, &case.source);
        let _ = write!(text, "== {name}\n{source}\n---\n{}\n\n", answer(source));
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

fn cases(text: &str) -> Vec<Case> {
    let parse_case = |part: &str| {
        let (name, rest) = part.split_once('\n').unwrap_or((part, ""));
        let (source, expected) = rest.split_once("\n---\n").unwrap_or((rest, ""));
        Case {
            name: name.to_string(),
            source: source.trim_end().trim_end_matches("\n---").to_string(),
            expected: expected.trim_end().to_string(),
        }
    };
    format!("\n{text}")
        .split("\n== ")
        .skip(1)
        .map(parse_case)
        .collect()
}

fn answer(source: &str) -> String {
    let file = SourceFile::new("case", source).unwrap();
    let parsed = parse(source, &ParseOptions::default());
    if parsed.diagnostics.is_empty() {
        return dump(&parsed.tree);
    }
    let mut text = String::new();
    for diagnostic in &parsed.diagnostics {
        let place = file.line_column(diagnostic.span.start);
        let _ = writeln!(text, "{place} {}: {}", diagnostic.code, diagnostic.message);
    }
    text.trim_end().to_string()
}
