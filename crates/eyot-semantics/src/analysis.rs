//! The driver: from sources to an analysed program.

use eyot_syntax::{Diagnostic, Span, sym};

use crate::load::{Loader, Packages, SourceProvider};
use crate::model::{Decl, FileId, LibraryId, MemberId, Options, Problem, World};
use crate::outline::outline;

/// What analysis gives.
#[derive(Debug)]
pub struct Analysis {
    /// All declarations.
    pub world: World,
    /// All problems, by file and place, each once.
    pub problems: Vec<Problem>,
    /// The program's `main`, if it has one.
    pub main: Option<MemberId>,
    /// The library the program starts with.
    pub entry: Option<LibraryId>,
    /// Members of this run: those of the core from 0, a program's after those of the core.
    pub first_member: u32,
}

impl Analysis {
    /// Whether the program must not be run.
    pub fn has_errors(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| problem.diagnostic.is_error())
    }
}

/// What a program is analysed with.
#[derive(Clone, Debug, Default)]
pub struct ProgramOptions {
    /// `-D` defines and assertions.
    pub options: Options,
    /// What `package:` stands for.
    pub packages: Packages,
}

/// Analyses the core libraries named, which are found as `dart:NAME` in the provider.
pub fn analyze_core(provider: &dyn SourceProvider, libraries: &[&str]) -> Analysis {
    let mut world = World::new();
    let packages = Packages::default();
    let mut loader = Loader::new(&mut world, provider, &packages);
    for library in libraries {
        loader.load(library);
    }
    let loaded = loader.finish();
    outline(&mut world, &loaded);
    Analysis {
        problems: take_problems(&world),
        world,
        main: None,
        entry: None,
        first_member: 0,
    }
}

/// Analyses a program against the core libraries.
pub fn analyze_program(
    core: World,
    entry: &str,
    provider: &dyn SourceProvider,
    options: ProgramOptions,
) -> Analysis {
    let mut world = core;
    world.options = options.options;
    let first_member = world.members.len() as u32;
    let mut loader = Loader::new(&mut world, provider, &options.packages);
    let entry = loader.load(entry);
    let loaded = loader.finish();
    outline(&mut world, &loaded);
    let main = find_main(&world, entry);
    Analysis {
        problems: take_problems(&world),
        world,
        main,
        entry: Some(entry),
        first_member,
    }
}

fn find_main(world: &World, entry: LibraryId) -> Option<MemberId> {
    let library = world.library(entry);
    if let Some(Decl::Member { get: Some(id), .. }) = library.exported.get(&sym::MAIN) {
        return Some(*id);
    }
    let file = *library.files.first()?;
    let message = "the program has no `main`; add `void main() { … }`";
    world.report(file, Diagnostic::error("no-main", Span::default(), message));
    None
}

/// The problems found so far, sorted and without repetitions. Warnings about the same place come after errors.
fn take_problems(world: &World) -> Vec<Problem> {
    let mut problems = std::mem::take(
        &mut *world
            .problems
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner()),
    );
    type Key = (FileId, Span);
    let key = |problem: &Problem| -> Key { (problem.file, problem.diagnostic.span) };
    problems.sort_by(|a, b| {
        key(a)
            .cmp(&key(b))
            .then_with(|| a.diagnostic.severity.cmp(&b.diagnostic.severity))
            .then_with(|| a.diagnostic.message.cmp(&b.diagnostic.message))
    });
    problems.dedup_by(|a, b| key(a) == key(b) && a.diagnostic == b.diagnostic);
    problems
}
