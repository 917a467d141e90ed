//! From sources to a module that can run.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use eyot_bytecode::FunctionId;
use eyot_bytecode::image::ImageError;
use eyot_compiler::CoreLinks;
use eyot_semantics::analysis::{Analysis, ProgramOptions, analyze_program};
use eyot_semantics::load::{Packages, SourceProvider};
use eyot_semantics::model::{self, World};

use crate::cache;
use crate::files::{self, Files};
use crate::options::{Options, Script, working_directory};
use crate::packages::{self, PackageError};
use crate::problem::Problem;

/// A compiled program.
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) code: Code,
    pub(crate) main: FunctionId,
    pub(crate) script: Script,
    pub(crate) packages: Arc<Packages>,
    pub(crate) package_config: Option<PathBuf>,
    pub(crate) options: Options,
    /// Where it is kept what a run has used, if anything is kept.
    pub(crate) profile: Option<cache::ProfilePlace>,
    /// What is not wrong, but probably not meant.
    pub warnings: Vec<Problem>,
}

/// The module of a program.
#[derive(Clone, Debug)]
pub(crate) enum Code {
    /// Compiled now.
    Module(Arc<eyot_bytecode::Module>),
    /// Compiled before.
    Image(Arc<[u8]>),
}

impl Program {
    /// The URI of the package configuration in use.
    pub(crate) fn package_config_uri(&self) -> Option<String> {
        let path = self.package_config.as_ref()?;
        Some(files::uri_of(path, &working_directory()))
    }
}

/// Why a program was not compiled or run.
#[derive(Debug)]
pub enum Error {
    /// The package configuration cannot be used.
    Packages(PackageError),
    /// Problems in the sources, by file and place; at least one is fatal.
    Problems(Vec<Problem>),
    /// Eyot was built wrongly: its core image cannot be read.
    CoreImage(String),
    /// The system refuses threads or memory for a run.
    System(std::io::Error),
    /// A mistake of Eyot: message and place.
    Bug(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Packages(error) => error.fmt(f),
            Error::Problems(problems) => {
                let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
                f.write_str(&lines.join("\n"))
            }
            Error::CoreImage(message) => {
                write!(f, "the core image is damaged: {message}; build Eyot again")
            }
            Error::System(error) => write!(f, "the system refuses to run the program: {error}"),
            Error::Bug(message) => write!(
                f,
                "a mistake in Eyot itself ended this: {message}; please report it"
            ),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Packages(error) => Some(error),
            Error::System(error) => Some(error),
            _ => None,
        }
    }
}

impl From<PackageError> for Error {
    fn from(error: PackageError) -> Error {
        Error::Packages(error)
    }
}

impl From<ImageError> for Error {
    fn from(error: ImageError) -> Error {
        Error::CoreImage(error.to_string())
    }
}

/// Analyses a program, or a library without `main`; the warnings if nothing is wrong.
///
/// # Errors
///
/// See [`Error`].
pub fn check(script: &Script, options: &Options) -> Result<Vec<Problem>, Error> {
    let found = find_packages(script, options)?;
    let files = Files::new(working_directory());
    let analysis = analyze(script, options, &found.packages, &files, Purpose::Check)?;
    let problems = problems_of(&analysis);
    if problems.iter().any(Problem::is_fatal) {
        return Err(Error::Problems(problems));
    }
    Ok(problems)
}

/// Compiles a program, or finds it compiled in the cache.
///
/// # Errors
///
/// See [`Error`].
pub fn compile(script: &Script, options: &Options) -> Result<Program, Error> {
    let found = find_packages(script, options)?;
    let core_hash = eyot_corelib::core_image()?.hash();
    let config = found.config.as_deref().zip(found.text.as_deref());
    let place = cache::Place::of(script, options, config, core_hash);
    if let Some(kept) = place.as_ref().and_then(|place| place.find(core_hash)) {
        let code = Code::Image(kept.image);
        return Ok(Program {
            profile: Some(kept.profile),
            ..program(script, options, found, code, kept.main)
        });
    }
    let files = cache::Recorder::new(Files::new(working_directory()));
    let compiled = compile_module(script, options, &found.packages, &files)?;
    let mut module = compiled.module;
    let is_sound = compiled.warnings.is_empty();
    let profile = place.map(|place| place.keep(&mut module, files, is_sound));
    let code = Code::Module(Arc::new(module));
    Ok(Program {
        warnings: compiled.warnings,
        profile,
        ..program(script, options, found, code, compiled.main)
    })
}

fn program(
    script: &Script,
    options: &Options,
    found: FoundPackages,
    code: Code,
    main: FunctionId,
) -> Program {
    Program {
        code,
        main,
        script: script.clone(),
        packages: Arc::new(found.packages),
        package_config: found.config,
        options: options.clone(),
        profile: None,
        warnings: Vec::new(),
    }
}

/// A program without its surroundings.
struct CompiledModule {
    module: eyot_bytecode::Module,
    main: FunctionId,
    warnings: Vec<Problem>,
}

fn compile_module(
    script: &Script,
    options: &Options,
    packages: &Packages,
    files: &dyn SourceProvider,
) -> Result<CompiledModule, Error> {
    let mut analysis = analyze(script, options, packages, files, Purpose::Compile)?;
    let mut problems = problems_of(&analysis);
    if problems.iter().any(Problem::is_fatal) {
        return Err(Error::Problems(problems));
    }
    let compiled = compile_analyzed(&mut analysis, options)?;
    let unsupported = compiled
        .unsupported
        .iter()
        .map(|(file, span, what)| Problem::unsupported(&analysis.world, *file, *span, what));
    problems.extend(unsupported);
    if problems.iter().any(Problem::is_fatal) {
        return Err(Error::Problems(problems));
    }
    let mut module = compiled.module;
    module.core_hash = eyot_corelib::core_image()?.hash();
    let main = analysis
        .main
        .and_then(|_| module.entries.first())
        .map(|&(_, main)| main)
        .ok_or_else(|| Error::Bug("a program without main was compiled".to_owned()))?;
    Ok(CompiledModule {
        module,
        main,
        warnings: problems,
    })
}

/// From the typed program to bytecode.
fn compile_analyzed(
    analysis: &mut Analysis,
    options: &Options,
) -> Result<eyot_compiler::Compiled, Error> {
    let image = eyot_corelib::core_image()?;
    let (_, links) = eyot_corelib::core_outline()?;
    let core = CoreLinks::read(image, links)?;
    let mut bodies: HashMap<_, _> = std::mem::take(&mut analysis.bodies).into_iter().collect();
    let options = eyot_compiler::Options {
        enable_asserts: options.enable_asserts,
    };
    Ok(eyot_compiler::compile(
        &analysis.world,
        Some(&core),
        &mut |member| bodies.remove(&member),
        analysis.main,
        options,
    ))
}

/// The bytecode of a program as text.
///
/// # Errors
///
/// See [`Error`].
pub fn disassemble(script: &Script, options: &Options) -> Result<String, Error> {
    let found = find_packages(script, options)?;
    let files = Files::new(working_directory());
    let compiled = compile_module(script, options, &found.packages, &files)?;
    let core = eyot_corelib::core_image()?.module()?;
    let text = eyot_bytecode::text::disassemble(&compiled.module, Some(&core));
    Ok(text)
}

/// The bytecode of the core functions whose names contain `part`, as text.
///
/// # Errors
///
/// See [`Error`].
pub fn disassemble_core(part: &str) -> Result<String, Error> {
    let core = eyot_corelib::core_image()?.module()?;
    let mut text = String::new();
    for (id, function) in core.functions.iter().enumerate() {
        let name = core.strings.get(function.name.index());
        if name.is_some_and(|name| name.contains(part)) {
            let id = FunctionId(id as u32);
            text.push_str(&eyot_bytecode::text::disassemble_function(&core, None, id));
        }
    }
    Ok(text)
}

/// The packages of a program and where they were found.
struct FoundPackages {
    packages: Packages,
    config: Option<PathBuf>,
    /// The configuration's bytes.
    text: Option<Vec<u8>>,
}

fn find_packages(script: &Script, options: &Options) -> Result<FoundPackages, PackageError> {
    let config = match &options.packages {
        Some(given) => Some(given.clone()),
        None => script.path().and_then(|path| packages::find(&path)),
    };
    let text = config.as_deref().map(packages::read).transpose()?;
    let packages = match config.as_deref().zip(text.as_deref()) {
        Some((path, text)) => packages::parse(path, text)?,
        None => Packages::default(),
    };
    Ok(FoundPackages {
        packages,
        config,
        text,
    })
}

/// What an analysis is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Only its problems are asked for; a library without `main` is fine.
    Check,
    /// It will be compiled and run.
    Compile,
}

fn analyze(
    script: &Script,
    options: &Options,
    packages: &Packages,
    files: &dyn SourceProvider,
    purpose: Purpose,
) -> Result<Analysis, Error> {
    let core = core_world()?;
    let threads = options.analysis_threads;
    let options = ProgramOptions {
        threads,
        options: model::Options {
            defines: options.defines.iter().cloned().collect(),
            enable_asserts: options.enable_asserts,
            forbid_ffi: options.forbid_ffi,
            shared_data: options.experimental_shared_data,
        },
        packages: packages.clone(),
        is_check: purpose == Purpose::Check,
    };
    Ok(analyze_program(core, script.uri(), files, options))
}

fn core_world() -> Result<World, Error> {
    let (world, _) = eyot_corelib::core_outline()?;
    World::core(world).map_err(Error::CoreImage)
}

fn problems_of(analysis: &Analysis) -> Vec<Problem> {
    let world = &analysis.world;
    analysis
        .problems
        .iter()
        .map(|problem| Problem::of(world, problem))
        .collect()
}
