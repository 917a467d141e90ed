//! The driver: from sources to an analysed program.

use eyot_syntax::{Diagnostic, Span, sym};

use crate::body::body_of;
use crate::load::{Loader, Packages, SourceProvider};
use crate::model::{
    Decl, FileId, LibraryId, Member, MemberFlags, MemberId, MemberKind, Options, Problem, World,
};
use crate::outline::outline;
use crate::parallel::{in_parallel, threads_that_pay};
use crate::program::Body;

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
    /// The bodies of this run's members, in the order of their ids: what has code, and variables with an initialiser.
    pub bodies: Vec<(MemberId, Body)>,
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
    /// The program is only checked: it may be a library without `main`, and nobody needs the bodies.
    pub is_check: bool,
    /// Threads that parse files and analyse bodies; what is found out does not depend on it. As many as pay if it is not given.
    pub threads: Option<usize>,
}

/// Analyses the core libraries named, which are found as `dart:NAME` in the provider.
pub fn analyze_core(provider: &dyn SourceProvider, libraries: &[&str]) -> Analysis {
    let mut world = World::new();
    let packages = Packages::default();
    let mut loader = Loader::new(&mut world, provider, &packages, Some(1));
    for library in libraries {
        loader.load(library);
    }
    let loaded = loader.finish();
    outline(&mut world, &loaded);
    let bodies = analyze_members(&world, 0, Some(1), true);
    crate::checks::bounds::check_noted(&world);
    Analysis {
        problems: take_problems(&world),
        world,
        main: None,
        entry: None,
        bodies,
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
    let first_member = world.members.len();
    let mut loader = Loader::new(&mut world, provider, &options.packages, options.threads);
    let entry = loader.load(entry);
    let loaded = loader.finish();
    outline(&mut world, &loaded);
    let main = find_main(&world, entry);
    if main.is_none() && !options.is_check {
        report_no_main(&world, entry);
    }
    // Rules about calls of `dart:ffi` are checked where they are rewritten.
    let ffi = crate::ffi::used_library(&world);
    let are_kept = !options.is_check || ffi.is_some();
    let mut bodies = analyze_members(&world, first_member, options.threads, are_kept);
    crate::checks::bounds::check_noted(&world);
    if !options.is_check {
        crate::erase::erase(&mut world, &mut bodies);
    }
    if let Some(ffi) = ffi {
        crate::ffi::lower(&mut world, &mut bodies, ffi);
    }
    crate::shared::lower(&mut world, &mut bodies);
    Analysis {
        problems: take_problems(&world),
        world,
        main,
        entry: Some(entry),
        bodies,
    }
}

/// Finds out everything about the members from `first` on: types, constants, default values, bodies. The bodies are only given
/// back if they are kept.
fn analyze_members(
    world: &World,
    first: usize,
    threads: Option<usize>,
    are_kept: bool,
) -> Vec<(MemberId, Body)> {
    let members = || (first..world.members.len()).map(|index| MemberId(index as u32));
    // Before the bodies, and in order: where circles are reported depends on who asks first.
    for id in members() {
        world.ty(id);
        let member = world.member(id);
        for param in 0..member.params.len() {
            world.param_default(id, param);
        }
        if member.kind == MemberKind::Field && member.flags.contains(MemberFlags::CONST) {
            world.constant(id);
        }
    }
    let is_constant = |member: &Member| {
        member.kind == MemberKind::Field && member.flags.contains(MemberFlags::CONST)
    };
    let with_code: Vec<MemberId> = members()
        .filter(|&id| has_code(world.member(id)) && !is_constant(world.member(id)))
        .collect();
    let analyze = |&id: &MemberId| {
        let body = body_of(world, id)?;
        crate::const_eval::potential::check_constructor(world, id, &body);
        are_kept.then_some((id, body))
    };
    let threads = threads.unwrap_or_else(|| threads_that_pay(with_code.len() / BODIES_PER_THREAD));
    in_parallel(&with_code, threads, analyze)
}

/// Bodies that a thread should find to do, so that starting it pays.
const BODIES_PER_THREAD: usize = 1000;

fn has_code(member: &Member) -> bool {
    let lacks = MemberFlags::ABSTRACT | MemberFlags::EXTERNAL;
    if member.flags.intersects(lacks) {
        return false;
    }
    match member.kind {
        MemberKind::Field => member.flags.contains(MemberFlags::HAS_INITIALIZER),
        _ => true,
    }
}

fn find_main(world: &World, entry: LibraryId) -> Option<MemberId> {
    match world.library(entry).exported.get(&sym::MAIN) {
        Some(Decl::Member { get: Some(id), .. }) => Some(*id),
        _ => None,
    }
}

fn report_no_main(world: &World, entry: LibraryId) {
    let Some(&file) = world.library(entry).files.first() else {
        return;
    };
    if is_missing(world, file) {
        return;
    }
    let message = "the program has no `main`; add `void main() { … }`";
    world.report(file, Diagnostic::error("no-main", Span::default(), message));
}

/// Whether the file could not be read, which is reported already.
fn is_missing(world: &World, file: FileId) -> bool {
    let problems = world
        .problems
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    problems
        .iter()
        .any(|problem| problem.file == file && problem.diagnostic.code == "uri-not-found")
}

/// Whether a problem is that a name means nothing.
fn is_about_a_name(code: &str) -> bool {
    matches!(
        code,
        "undefined-name" | "unknown-type" | "unknown-prefix" | "not-a-class"
    )
}

/// The problems found so far, sorted and without repetitions. Warnings about the same place come after errors.
fn take_problems(world: &World) -> Vec<Problem> {
    let mut problems = std::mem::take(
        &mut *world
            .problems
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner()),
    );
    // Of a file that cannot be used one problem is enough.
    problems.retain(|problem| {
        let library = world.file(problem.file).library;
        !world.incomplete.contains(&library) || !is_about_a_name(problem.diagnostic.code)
    });
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
