//! Analyses the core libraries and programs, and prints the problems: `check LIB_DIR [--dump] [FILE…]`.

use std::path::PathBuf;

use eyot_semantics::analysis::{Analysis, ProgramOptions, analyze_core, analyze_program};
use eyot_semantics::body::dump;
use eyot_semantics::load::SourceProvider;
use eyot_semantics::model::World;

struct Files(PathBuf);

impl SourceProvider for Files {
    fn read(&self, uri: &str) -> Result<Vec<u8>, String> {
        let path = match uri.strip_prefix("dart:") {
            // `dart:core` is `core/core.dart`; a part `dart:core/list.dart` is `core/list.dart`.
            Some(name) if name.contains('/') => self.0.join(name),
            Some(name) => self.0.join(name).join(format!("{name}.dart")),
            None => PathBuf::from(uri.strip_prefix("file://").unwrap_or(uri)),
        };
        std::fs::read(path).map_err(|error| error.to_string())
    }
}

const LIBRARIES: &[&str] = &[
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
    "dart:_internal",
];

fn main() {
    let mut args = std::env::args().skip(1);
    let Some(lib) = args.next() else { return };
    let provider = Files(PathBuf::from(lib));
    let mut rest: Vec<String> = args.collect();
    let dumps = rest.first().is_some_and(|arg| arg == "--dump");
    if dumps {
        rest.remove(0);
    }
    let start = std::time::Instant::now();
    let core = analyze_core(&provider, LIBRARIES);
    eprintln!("core: {} bodies, {:?}", core.bodies.len(), start.elapsed());
    report(&core);
    let bytes: &'static [u8] = core.world.to_bytes().leak();
    for file in rest {
        let Ok(core) = World::core(bytes) else {
            return;
        };
        let path = std::fs::canonicalize(&file).unwrap_or_default();
        let start = std::time::Instant::now();
        let uri = format!("file://{}", path.display());
        let program = analyze_program(core, &uri, &provider, ProgramOptions::default());
        println!("== {file} {:?}", start.elapsed());
        report(&program);
        if dumps {
            for (member, body) in &program.bodies {
                println!("{}", dump::body(&program.world, *member, body));
            }
        }
    }
}

fn report(analysis: &Analysis) {
    for problem in &analysis.problems {
        let file = analysis.world.file(problem.file);
        let place = match &file.source {
            Some(source) => {
                let at = source.line_column(problem.diagnostic.span.start);
                format!("{}:{}", at.line, at.column)
            }
            None => String::new(),
        };
        println!(
            "{}:{place}: {}: {} [{}]",
            file.display,
            problem.diagnostic.severity,
            problem.diagnostic.message,
            problem.diagnostic.code
        );
    }
}
