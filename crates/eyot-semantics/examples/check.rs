//! Analyses the core libraries and programs, and prints the problems: `check LIB_DIR [--dump] [FILE…]`.

use eyot_semantics::analysis::{Analysis, ProgramOptions, analyze_core, analyze_program};
use eyot_semantics::body::dump;
use eyot_semantics::load::{CORE_LIBRARIES, CoreSources, SourceProvider};
use eyot_semantics::model::World;

/// The core libraries, and the files that programs name.
struct Files(CoreSources);

impl SourceProvider for Files {
    fn read(&self, uri: &str) -> Result<Vec<u8>, String> {
        if uri.starts_with("dart:") {
            return self.0.read(uri);
        }
        let path = uri.strip_prefix("file://").unwrap_or(uri);
        std::fs::read(path).map_err(|error| error.to_string())
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let Some(lib) = args.next() else { return };
    let provider = Files(CoreSources::new(lib));
    let mut rest: Vec<String> = args.collect();
    let dumps = rest.first().is_some_and(|arg| arg == "--dump");
    if dumps {
        rest.remove(0);
    }
    let start = std::time::Instant::now();
    let core = analyze_core(&provider, CORE_LIBRARIES);
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
