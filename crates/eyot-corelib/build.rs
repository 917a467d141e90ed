//! Makes the core image: the libraries of `lib/` analysed and compiled.
//!
//! A problem in a source stops the build with `path:line:col: error: message` lines.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use eyot_semantics::analysis::{Analysis, analyze_core};
use eyot_semantics::load::{CORE_LIBRARIES, CoreSources};
use eyot_semantics::model::FileId;

/// What programs import as `package:eyot/isolate.dart`, and what is experimental.
const MORE_LIBRARIES: &[&str] = &["dart:_eyot", "dart:_isolate_group", "dart:concurrent"];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=lib");
    println!("cargo::rerun-if-changed=build.rs");
    match make() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn make() -> Result<(), String> {
    let variable = |name: &str| std::env::var(name).map_err(|error| format!("{name}: {error}"));
    let root = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("lib");
    let image = image(root)?;
    let out = variable("OUT_DIR")?;
    let write = |name: &str, bytes: &[u8]| {
        let path = Path::new(&out).join(name);
        std::fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))
    };
    write("core.image", &image)?;
    write("front_end.hash", &front_end()?.to_le_bytes())
}

/// A hash of the front end: of this very program, of which it is the better part.
fn front_end() -> Result<u64, String> {
    use std::hash::Hasher;
    let path = std::env::current_exe().map_err(|error| error.to_string())?;
    let program = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut hasher = std::collections::hash_map::DefaultHasher::new();
    hasher.write(&program);
    Ok(hasher.finish())
}

/// Analyses and compiles the libraries.
fn image(root: PathBuf) -> Result<Vec<u8>, String> {
    let libraries = [CORE_LIBRARIES, MORE_LIBRARIES].concat();
    let mut analysis = analyze_core(&CoreSources::new(root), &libraries);
    if analysis.has_errors() {
        return Err(problems(&analysis));
    }
    let mut bodies: HashMap<_, _> = std::mem::take(&mut analysis.bodies).into_iter().collect();
    let compiled = eyot_compiler::compile(
        &analysis.world,
        None,
        &mut |member| bodies.remove(&member),
        None,
        eyot_compiler::Options::default(),
    );
    if !compiled.unsupported.is_empty() {
        let unsupported = compiled.unsupported.iter();
        let lines =
            unsupported.map(|(file, span, message)| line(&analysis, *file, span.start, message));
        return Err(lines.collect::<Vec<String>>().join("\n"));
    }
    let mut module = compiled.module;
    let links = compiled.links.map(|links| links.to_bytes());
    // The world after compiling: the code refers to constants that compiling has added.
    module.outline = outline(&analysis.world.to_bytes(), &links.unwrap_or_default());
    Ok(eyot_bytecode::image::write(&module))
}

/// The outline section: length of the world's bytes, the world, what the compiler must know.
fn outline(world: &[u8], links: &[u8]) -> Vec<u8> {
    let len = world.len() as u32;
    [&len.to_le_bytes(), world, links].concat()
}

fn problems(analysis: &Analysis) -> String {
    let errors = analysis
        .problems
        .iter()
        .filter(|problem| problem.diagnostic.is_error());
    let lines = errors.map(|problem| {
        let diagnostic = &problem.diagnostic;
        line(
            analysis,
            problem.file,
            diagnostic.span.start,
            &diagnostic.message,
        )
    });
    lines.collect::<Vec<String>>().join("\n")
}

fn line(analysis: &Analysis, file: FileId, start: u32, message: &str) -> String {
    let file = analysis.world.file(file);
    let place = match &file.source {
        Some(source) => source.line_column(start).to_string(),
        None => start.to_string(),
    };
    format!("{}:{place}: error: {message}", file.display)
}
