//! Parses all `.dart` files under the given paths and prints diagnostics and the speed.
//!
//! ```sh
//! cargo run --release -p eyot-syntax --example parse_tree -- [--quiet] PATH…
//! ```

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eyot_syntax::{ParseOptions, SourceFile, parse};

fn main() {
    let mut paths = Vec::new();
    let mut is_quiet = false;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--quiet" => is_quiet = true,
            path => collect(Path::new(path), &mut paths),
        }
    }
    paths.sort();
    let mut totals = Totals::default();
    for path in &paths {
        parse_file(path, is_quiet, &mut totals);
    }
    totals.print(paths.len());
}

#[derive(Default)]
struct Totals {
    line_count: u64,
    size_bytes: u64,
    diagnostic_count: usize,
    broken_file_count: usize,
    time: Duration,
}

impl Totals {
    fn print(&self, file_count: usize) {
        let seconds = self.time.as_secs_f64();
        eprintln!(
            "{file_count} files, {} lines, {:.1} MB: {} diagnostics in {} files; {:.3} s, {:.2} million lines/s",
            self.line_count,
            self.size_bytes as f64 / 1e6,
            self.diagnostic_count,
            self.broken_file_count,
            seconds,
            self.line_count as f64 / 1e6 / seconds,
        );
    }
}

fn parse_file(path: &Path, is_quiet: bool, totals: &mut Totals) {
    let name = path.display().to_string();
    let file = match std::fs::read(path).map(|bytes| SourceFile::from_bytes(&name, bytes)) {
        Ok(Ok(file)) => file,
        Ok(Err(error)) => return eprintln!("{name}: error: {error}"),
        Err(error) => return eprintln!("{name}: error: {error}"),
    };
    let start = Instant::now();
    let is_core_library = name.contains("corelib/lib/");
    let options = ParseOptions {
        is_core_library,
        ..ParseOptions::default()
    };
    let parsed = parse(file.text(), &options);
    totals.time += start.elapsed();
    totals.line_count += u64::from(file.line_count());
    totals.size_bytes += file.text().len() as u64;
    totals.diagnostic_count += parsed.diagnostics.len();
    totals.broken_file_count += usize::from(!parsed.diagnostics.is_empty());
    if is_quiet {
        return;
    }
    for diagnostic in &parsed.diagnostics {
        let place = file.line_column(diagnostic.span.start);
        println!(
            "{name}:{place}: {}: {} [{}]",
            diagnostic.severity, diagnostic.message, diagnostic.code
        );
    }
}

fn collect(path: &Path, paths: &mut Vec<PathBuf>) {
    if path.is_file() {
        paths.push(path.to_path_buf());
    } else if let Ok(entries) = std::fs::read_dir(path) {
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir()
                || path
                    .extension()
                    .is_some_and(|extension| extension == "dart")
            {
                collect(&path, paths);
            }
        }
    }
}
