//! The list of all public members of the core libraries, made from their sources: a file for each library below `docs/members/`.
//!
//! A line is a member: where it is, its name, its kind, and what is missing of it (see [`state`]); the first line counts them. A test
//! of this crate compares the files with the sources; a test of the command touches what they list.

mod state;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use eyot_semantics::analysis::analyze_core;
use eyot_semantics::load::{CORE_LIBRARIES, CoreSources};
use eyot_semantics::model::{
    Access, Class, ClassKind, Decl, MemberFlags, MemberId, MemberKind, Owner, World,
};
use eyot_semantics::types::TyKind;
use eyot_syntax::Symbol;
use state::{State, States};

/// Writes the lists.
pub fn record(root: &Path) -> Result<(), String> {
    let folder = root.join("docs/members");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    for (name, text) in lists(root)? {
        fs::write(folder.join(name), text).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The lists as they must be: file name and text.
pub fn lists(root: &Path) -> Result<Vec<(String, String)>, String> {
    let provider = CoreSources::new(root.join("crates/eyot-corelib/lib"));
    let analysis = analyze_core(&provider, CORE_LIBRARIES);
    if analysis.has_errors() {
        return Err("the core libraries have errors: build them to see which".to_owned());
    }
    Ok(CORE_LIBRARIES
        .iter()
        .map(|name| list(&analysis.world, name))
        .collect())
}

fn list(world: &World, uri: &str) -> (String, String) {
    let library = world.library(world.by_uri[uri]);
    let mut lines = Lines {
        world,
        states: States::new(world, world.by_uri[uri]),
        lines: BTreeSet::new(),
    };
    let mut types = 0;
    for (&name, &decl) in &library.exported {
        if is_private(name) {
            continue;
        }
        match decl {
            Decl::Class(id) => {
                types += 1;
                let class = world.class(id);
                let kind = match class.kind {
                    ClassKind::Mixin => "mixin",
                    ClassKind::Enum => "enum",
                    ClassKind::ExtensionType => "extension type",
                    _ => "class",
                };
                lines.lines.insert(format!("{name} {kind}"));
                lines.add_class(class);
            }
            Decl::Typedef(_) => {
                types += 1;
                lines.lines.insert(format!("{name} typedef"));
            }
            Decl::Extension(id) => {
                types += 1;
                lines.lines.insert(format!("{name} extension"));
                let extension = world.extension(id);
                for (&member, access) in &extension.instance {
                    lines.add(&name.to_string(), member, *access, "");
                }
            }
            Decl::Member { get, set } => {
                lines.add("", name, Access { get, set }, "top-level ");
            }
            Decl::Dynamic | Decl::Never | Decl::Ambiguous => {}
        }
    }
    let count = |state: State| {
        let suffix = state.suffix();
        lines
            .lines
            .iter()
            .filter(|line| line.ends_with(suffix))
            .count()
    };
    let mut text = format!(
        "# {uri}: {types} types, {} lines; not supported yet: {}, in part: {}. Made by `cargo xtask members`.\n",
        lines.lines.len(),
        count(State::Missing),
        count(State::MissingInPart),
    );
    for line in lines.lines {
        let _ = writeln!(text, "{line}");
    }
    (format!("{}.txt", uri.replace(':', "-")), text)
}

fn is_private(name: Symbol) -> bool {
    name.as_str().starts_with('_')
}

/// The lines of a library's list.
struct Lines<'w> {
    world: &'w World,
    states: States<'w>,
    lines: BTreeSet<String>,
}

impl Lines<'_> {
    fn add_class(&mut self, class: &Class) {
        let world = self.world;
        let owner = class.name.to_string();
        for (&name, &id) in &class.constructors {
            let is_generative = world.member(id).kind == MemberKind::Constructor;
            let cannot_be_called = class.is_abstract && is_generative;
            if is_private(name) || cannot_be_called || class.kind == ClassKind::Enum {
                continue;
            }
            self.add_line(&format!("{owner}.{name} constructor"), id);
        }
        for (&name, &access) in &class.statics {
            self.add(&owner, name, access, "static ");
        }
        // What a class has from a private superclass is its own, to a user.
        let mut next = Some(class);
        while let Some(from) = next {
            for (&name, &access) in &from.instance {
                self.add(&owner, name, access, "");
            }
            let above = from.supertype.and_then(|ty| match world.types.kind(ty) {
                TyKind::Interface { class, .. } => Some(*class),
                _ => None,
            });
            next = above
                .map(|id| world.class(id))
                .filter(|class| is_private(class.name) || class.kind == ClassKind::Application);
        }
    }

    fn add(&mut self, owner: &str, name: Symbol, access: Access, prefix: &str) {
        if is_private(name) {
            return;
        }
        let path = match owner {
            "" => name.to_string(),
            _ => format!("{owner}.{name}"),
        };
        let of = |id: MemberId| match self.world.member(id).owner {
            Owner::Extension(_) => "extension ",
            _ => "",
        };
        if let Some(id) = access.get {
            let member = self.world.member(id);
            let is_name = |c: char| c.is_alphanumeric() || c == '$' || c == '_';
            let is_operator = !name.as_str().chars().all(is_name);
            let kind = match member.kind {
                _ if member.flags.contains(MemberFlags::CONST) => "constant",
                MemberKind::Method if is_operator => "operator",
                MemberKind::Method => "method",
                _ => "getter",
            };
            self.add_line(&format!("{path} {prefix}{}{kind}", of(id)), id);
        }
        if let Some(id) = access.set {
            self.add_line(&format!("{path} {prefix}{}setter", of(id)), id);
        }
    }

    fn add_line(&mut self, line: &str, id: MemberId) {
        let state = self.states.of(id);
        self.lines.insert(format!("{line}{}", state.suffix()));
    }
}

#[test]
fn the_lists_are_those_of_the_sources() {
    let root = crate::root();
    for (name, text) in lists(&root).expect("the libraries are right") {
        let recorded =
            fs::read_to_string(root.join("docs/members").join(&name)).unwrap_or_default();
        assert!(
            recorded == text,
            "{name} is out of date: run `cargo xtask members`"
        );
    }
}
