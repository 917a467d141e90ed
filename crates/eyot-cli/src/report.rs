//! Printing: problems with or without the source they are about.
//!
//! The first line of a problem is `path:line:col: error: message`, which tools read. On a terminal the source follows.

use std::io::{IsTerminal, Write};
use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use eyot::cache::Info;
use eyot::{Allocations, Problem, ProblemKind};

use crate::status;

/// Prints problems on standard error.
pub fn problems(problems: &[Problem]) {
    let stderr = std::io::stderr();
    let with_source = stderr.is_terminal();
    let mut text = String::new();
    for problem in problems {
        text.push_str(&format!("{problem}\n"));
        if with_source {
            text.push_str(&excerpt(problem));
        }
    }
    // Nobody is left to tell when the stream is closed.
    let _ = stderr.lock().write_all(text.as_bytes());
}

/// Prints on standard output.
pub fn text(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Prints what kept the command from its work.
pub fn failure(error: &dyn std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "eyot: {error}");
}

/// Prints what the main isolate has allocated, on standard error.
pub fn allocations(count: Allocations) {
    let Allocations {
        objects,
        boxed_ints,
        boxed_doubles,
    } = count;
    let _ = writeln!(
        std::io::stderr().lock(),
        "allocations: {objects} objects, {boxed_ints} boxed ints, {boxed_doubles} boxed doubles"
    );
}

/// What a cache of compiled programs holds.
pub fn cache(directory: &Path, info: Info) -> String {
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    format!(
        "{}: {} compiled programs, {:.1} MiB of at most {:.0} MiB\n",
        directory.display(),
        info.programs,
        mib(info.bytes),
        mib(info.bytes_max)
    )
}

/// The exit status of a compilation with these problems: what is not supported counts only if nothing is wrong.
pub fn status_of(problems: &[Problem]) -> u8 {
    match problems.iter().map(|problem| problem.kind).min() {
        Some(ProblemKind::Error) => status::COMPILE_ERROR,
        Some(ProblemKind::Unsupported) => status::UNSUPPORTED,
        Some(ProblemKind::Warning) | None => 0,
    }
}

/// The lines of the source that a problem is about, underlined.
fn excerpt(problem: &Problem) -> String {
    let Some(source) = problem
        .source
        .as_ref()
        .filter(|source| !source.text().is_empty())
    else {
        return String::new();
    };
    let len = source.text().len();
    let start = problem.bytes.start.min(len);
    let end = problem.bytes.end.clamp(start, len);
    let level = match problem.kind {
        ProblemKind::Warning => Level::WARNING,
        ProblemKind::Error | ProblemKind::Unsupported => Level::ERROR,
    };
    let snippet = Snippet::source(source.text())
        .path(&*problem.file)
        .annotation(AnnotationKind::Primary.span(start..end));
    let group = level.primary_title(&*problem.message).element(snippet);
    let drawn = Renderer::styled().render(&[group]);
    // The title repeats the first line.
    let body = drawn.split_once('\n').map_or("", |(_, body)| body);
    format!("{body}\n")
}

/// Says which limit ended the program.
pub fn limit(what: &str) {
    let text = format!("eyot: the main isolate was ended: it used up {what}\n");
    // Nobody is left to tell when standard error is closed.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
