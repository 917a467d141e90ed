//! The control run: programs that pass the public suite must fail once a failing statement stands at the end of their `main`.
//!
//! A program that exits with 0 has passed; so does one of which nothing ran. So the body of `main` is put into
//! `try { … } finally { throw … }`, which is reached on every way out of it, also in asynchronous code, and each program must then
//! end with exactly that uncaught error. One whose `main` waits for ever (for the end of a stream that has none) does not come to its end;
//! it must fail with the statement at the beginning, and is named. The suite itself is not touched: the changed programs stand in a copy made of symbolic links.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use eyot_syntax::ast::{BodyKind, DeclarationKind};
use eyot_syntax::{ParseOptions, Span, parse};

use crate::conformance::{passing, read_json};

/// What a changed program must say.
const MESSAGE: &str = "control run: the end of main is reached";

/// Runs `count` programs of the suite at `suite` with the failing statement and says what came of it.
///
/// # Errors
///
/// If the copy cannot be made, or a program does not fail as it must.
pub fn run(root: &Path, suite: &Path, eyot: &Path, count: usize) -> Result<(), String> {
    let suite = suite.canonicalize().map_err(|e| e.to_string())?;
    let baseline = read_json(&root.join("docs/conformance-baseline.json"))?;
    let names: Vec<String> = passing(&baseline)
        .into_iter()
        .filter(|id| !id.starts_with("LibTest/"))
        .collect();
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let copy = folder.path().join("suite");
    link_tree(&suite, &copy).map_err(|e| e.to_string())?;
    let (failed, waiting, odd) = try_all(&suite, &copy, eyot, spread(&names, count * 2), count);
    println!(
        "{failed} of {} changed programs failed as they must",
        failed + waiting.len() + odd.len()
    );
    for name in waiting {
        println!("{name} does not come to the end of its main; it failed at the beginning");
    }
    match odd.is_empty() {
        true => Ok(()),
        false => Err(format!("these did not:\n{}", odd.join("\n"))),
    }
}

/// `count` of the names, evenly over all of them.
fn spread(names: &[String], count: usize) -> impl Iterator<Item = &String> {
    let step = (names.len() / count.max(1)).max(1);
    // Every program that must run comes up, whatever the order of the directories.
    names.iter().step_by(step)
}

/// How many failed as they must, which did so at the beginning only, and what the others did.
fn try_all<'a>(
    suite: &Path,
    copy: &Path,
    eyot: &Path,
    names: impl Iterator<Item = &'a String>,
    count: usize,
) -> (usize, Vec<String>, Vec<String>) {
    let mut failed = 0;
    let mut waiting = Vec::new();
    let mut odd = Vec::new();
    for name in names {
        if failed + waiting.len() + odd.len() == count {
            break;
        }
        let file = format!("{name}.dart");
        let text = fs::read_to_string(suite.join(&file)).unwrap_or_default();
        let Some([at_end, at_start]) = with_failure(&text) else {
            continue;
        };
        let fails = |changed| outcome(&copy.join(&file), changed, eyot);
        match fails(&at_end) {
            Ok(true) => failed += 1,
            Ok(false) if is_rejected(&suite.join(&file), eyot) => {}
            Ok(false) if fails(&at_start).unwrap_or(false) => waiting.push(name.clone()),
            Ok(false) => odd.push(name.clone()),
            Err(error) => odd.push(format!("{name}: {error}")),
        }
    }
    (failed, waiting, odd)
}

/// Whether the changed program ends with the error put into it.
fn outcome(place: &Path, changed: &str, eyot: &Path) -> std::io::Result<bool> {
    fs::remove_file(place)?;
    fs::write(place, changed)?;
    let output = Command::new(eyot)
        .env("EYOT_CACHE_DIR", "")
        .arg("run")
        .arg(place)
        .stdin(Stdio::null())
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    Ok(output.status.code() == Some(255) && errors.contains(MESSAGE))
}

/// Whether the program as it is has a static error, in another file than its own: it passes by not running.
fn is_rejected(program: &Path, eyot: &Path) -> bool {
    let status = Command::new(eyot)
        .arg("check")
        .arg(program)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.code() == Some(254))
}

/// The program with the failing statement at the end of `main`, and at its beginning; none where it must be rejected or has no `main` of its own.
fn with_failure(text: &str) -> Option<[String; 2]> {
    let is_marked = ["// [cfe]", "// [analyzer]"]
        .iter()
        .any(|mark| text.contains(mark));
    if is_marked {
        return None;
    }
    let tree = parse(text, &ParseOptions::default()).tree;
    let main = tree.declarations.iter().find_map(|one| match &one.kind {
        DeclarationKind::Function(function) if function.name.symbol.as_str() == "main" => {
            Some(function)
        }
        _ => None,
    })?;
    let end = format!("}} finally {{ throw '{MESSAGE}'; }}");
    let start = format!("if (0 == 0) throw '{MESSAGE}';");
    let inside = match tree[main.body].kind {
        BodyKind::Block(block) => {
            let span = tree[block].span;
            Span::new(span.start + 1, span.end.saturating_sub(1))
        }
        BodyKind::Arrow(value) => {
            let span = tree[value].span;
            let arrow = text.get(..span.start as usize)?.rfind("=>")?;
            let body = text.get(span.range())?;
            let rest = text.get(tree[main.body].span.end as usize..)?;
            let before = text.get(..arrow)?;
            return Some([
                format!("{before}{{ try {{ {body}; {end} }}{rest}"),
                format!("{before}{{ {start} {body}; }}{rest}"),
            ]);
        }
        _ => return None,
    };
    let before = text.get(..inside.start as usize)?;
    let body = text.get(inside.range())?;
    let rest = text.get(inside.end as usize..)?;
    // A comment may stand at the end of the last line.
    Some([
        format!("{before} try {{{body}\n{end}{rest}"),
        format!("{before} {start} {body}{rest}"),
    ])
}

/// A copy of a folder whose files are links to the originals.
fn link_tree(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut folders: Vec<(PathBuf, PathBuf)> = vec![(from.to_path_buf(), to.to_path_buf())];
    while let Some((from, to)) = folders.pop() {
        fs::create_dir_all(&to)?;
        for entry in fs::read_dir(&from)? {
            let entry = entry?;
            let (name, path) = (entry.file_name(), entry.path());
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            match path.is_dir() {
                true => folders.push((path, to.join(name))),
                false => std::os::unix::fs::symlink(path, to.join(name))?,
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::with_failure;

    #[test]
    fn the_failure_stands_on_every_way_out_of_main() {
        let [block, start] =
            with_failure("void main() async { return; } // last\n").unwrap_or_default();
        assert!(block.starts_with("void main() async { try { return; \n} finally { throw '"));
        assert!(block.ends_with("; }} // last\n"));
        assert!(start.starts_with("void main() async { if (0 == 0) throw '"));
        assert!(start.ends_with("';  return; } // last\n"));
        let [arrow, _] = with_failure("main() => print(1);\nvar x = 1;\n").unwrap_or_default();
        assert!(arrow.starts_with("main() { try { print(1); } finally { throw '"));
        assert!(arrow.ends_with("; } }\nvar x = 1;\n"));
        assert!(with_failure("main() {} // [cfe] bad").is_none());
    }
}
