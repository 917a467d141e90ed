//! From the typed program to bytecode.
//!
//! | module | what |
//! | --- | --- |
//! | [`tables`] | strings, types, shapes, constants, statics, the numbering of functions |
//! | [`layout`] | classes: vectors, fields, supertypes, member tables |
//! | [`links`] | what a program must know of the core, as bytes |
//! | `signature` | how functions are called |
//! | `devirtual` | which calls can reach only one member |
//! | `captures` | what closures capture, and which variables need a cell |
//! | `visit` | walking the typed program |
//! | `code` | the code of functions |
//!
//! [`compile`] does it all, for the core (no links given) or for a program on it. A program's bodies are asked for one
//! by one, so that they need not all be in memory.
//!
//! Not known here: source text, names and inference (all of that is done), the heap, how instructions run.
#![forbid(unsafe_code)]

mod captures;
mod code;
mod devirtual;
mod inline;
pub mod layout;
pub mod links;
mod liveness;
mod signature;
pub mod tables;
mod visit;

use eyot_bytecode::module as bc;
use eyot_bytecode::well_known::ENTRY_POINTS;
use eyot_semantics::model::{
    ClassId, Decl, FileId, LibraryId, MemberFlags, MemberId, MemberKind, World,
};
use eyot_semantics::program::{Body, ConstId, ConstValue, ExprKind, StmtKind};
use eyot_syntax::{Span, Symbol};
use rustc_hash::{FxHashMap, FxHashSet};

use code::Shared;
use inline::Inline;
pub use links::CoreLinks;
use tables::Tables;

/// How to compile.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether `assert` does something.
    pub enable_asserts: bool,
}

/// What compiling gives.
#[derive(Debug)]
pub struct Compiled {
    /// The module, without outline and core hash, which the driver knows.
    pub module: bc::Module,
    /// What a program compiled against this module, a core, must know.
    pub links: Option<CoreLinks>,
    /// What could not be compiled: file, place, message. The code there throws UnsupportedError.
    pub unsupported: Vec<(FileId, Span, String)>,
}

/// Compiles the members of the world that come behind those of the core, or all of them if there is none.
pub fn compile(
    world: &World,
    core: Option<&CoreLinks>,
    bodies: &mut dyn FnMut(MemberId) -> Option<Body>,
    main: Option<MemberId>,
    options: Options,
) -> Compiled {
    let small = small_functions(world, core, bodies);
    let inlines = small
        .iter()
        .filter_map(|(&member, found)| Some((member, found.as_ref().ok()?.analyzed())))
        .collect();
    let mut shared = Shared {
        inlines: &inlines,
        tables: Tables::new(world, core),
        options,
        unsupported: Vec::new(),
        subclasses: devirtual::Subclasses::of(world, core),
    };
    let mut kept = declare_statics(&mut shared.tables, bodies);
    let first_class = shared.tables.module.base.classes;
    for class in first_class..world.classes.len() as u32 {
        let class = shared.tables.class(ClassId(class));
        shared.tables.module.classes.push(class);
    }
    let mut functions = Vec::new();
    for member in shared.tables.own_members() {
        if let Some(found) = small.get(&member) {
            let body = match found {
                Ok(inline) => &inline.body,
                Err(body) => body,
            };
            functions.push(code::member_function(&mut shared, member, Some(body)));
            continue;
        }
        let body = if needs_code(&mut shared.tables, member) {
            kept.remove(&member).or_else(|| bodies(member))
        } else {
            None
        };
        functions.push(code::member_function(&mut shared, member, body.as_ref()));
    }
    define_roles(&mut shared);
    let mut tables = shared.tables;
    if core.is_none() {
        tables.fill_chunk_of_statics();
    }
    tables.finish_consts();
    tables.finish_functions(functions);
    add_entries(&mut tables, core.is_none(), main);
    Compiled {
        links: core.is_none().then(|| tables.links()),
        module: tables.module,
        unsupported: shared.unsupported,
    }
}

/// The bodies of all functions that might stand in place of their calls; those that cannot, too, since they were analysed.
fn small_functions(
    world: &World,
    core: Option<&CoreLinks>,
    bodies: &mut dyn FnMut(MemberId) -> Option<Body>,
) -> FxHashMap<MemberId, Result<Inline, Box<Body>>> {
    let mut small = FxHashMap::default();
    let first = core.map_or(0, |core| core.members);
    for member in (first..world.members.len() as u32).map(MemberId) {
        if inline::is_candidate(world, member)
            && let Some(body) = bodies(member)
        {
            small.insert(member, Inline::of(world, body));
        }
    }
    small
}

/// Whether anybody calls the member's main function: initialisers of constants and of fields that constructors initialise are
/// not called.
fn needs_code(tables: &mut Tables<'_>, member: MemberId) -> bool {
    let data = tables.world.member(member);
    if data.kind != MemberKind::Field {
        return true;
    }
    if data.flags.contains(MemberFlags::CONST) {
        return false;
    }
    if data.flags.contains(MemberFlags::STATIC) {
        return !tables.static_field(member, |_| None).1;
    }
    data.flags.contains(MemberFlags::LATE)
}

/// Numbers the static variables, and finds the values of those that start with one. Answers the initialisers of the others.
fn declare_statics(
    tables: &mut Tables<'_>,
    bodies: &mut dyn FnMut(MemberId) -> Option<Body>,
) -> FxHashMap<MemberId, Body> {
    let world = tables.world;
    let mut kept = FxHashMap::default();
    for member in tables.own_members() {
        let data = world.member(member);
        let is_static = data.kind == MemberKind::Field
            && data.flags.contains(MemberFlags::STATIC)
            && !data
                .flags
                .intersects(MemberFlags::CONST | MemberFlags::EXTERNAL);
        if !is_static {
            continue;
        }
        let value = if data.flags.contains(MemberFlags::HAS_INITIALIZER) {
            let body = bodies(member);
            let value = body.as_ref().and_then(|body| constant_value(world, body));
            if value.is_none() {
                kept.extend(body.map(|body| (member, body)));
            }
            value
        } else if data.flags.contains(MemberFlags::LATE) {
            None
        } else {
            Some(world.consts.intern(ConstValue::Null))
        };
        tables.static_field(member, |_| value);
    }
    kept
}

/// The value of an initialiser that needs no code.
fn constant_value(world: &World, body: &Body) -> Option<ConstId> {
    let stmt = body.function.body.as_deref()?;
    let StmtKind::Return(Some(value)) = &stmt.kind else {
        return None;
    };
    let value = match &value.kind {
        ExprKind::Null => ConstValue::Null,
        ExprKind::Bool(value) => ConstValue::Bool(*value),
        ExprKind::Int(value) => ConstValue::Int(*value),
        ExprKind::Double(value) => ConstValue::Double(value.to_bits()),
        ExprKind::String(text) => ConstValue::String(text.clone()),
        ExprKind::Const(id) => return Some(*id),
        _ => return None,
    };
    Some(world.consts.intern(value))
}

/// Makes the second functions of members that code, classes and constants refer to. Making one may ask for others.
fn define_roles(shared: &mut Shared<'_>) {
    for (forwarder, id) in shared.tables.take_forwarders() {
        let function = code::forwarder_function(shared, forwarder);
        shared.tables.define_made(id, function);
    }
    let mut seen_consts = 0;
    loop {
        seen_consts = shared.tables.reserve_const_roles(seen_consts);
        let undefined = shared.tables.undefined_roles();
        if undefined.is_empty() {
            return;
        }
        for (member, role, id) in undefined {
            let function = code::role_function(shared, member, role);
            shared.tables.define_made(id, function);
        }
    }
}

/// Names what the runtime calls.
fn add_entries(tables: &mut Tables<'_>, is_core: bool, main: Option<MemberId>) {
    let mut entries: Vec<(String, MemberId)> = Vec::new();
    entries.extend(main.map(|main| ("main".to_string(), main)));
    if is_core {
        let world = tables.world;
        let named = ENTRY_POINTS.iter().filter_map(|&(library, name)| {
            Some((name.to_string(), core_function(world, library, name)?))
        });
        entries.extend(named);
        entries.extend(private_functions(world));
    }
    let mut seen = FxHashSet::default();
    for (name, member) in entries {
        if seen.insert(name.clone()) {
            let name = tables.string(&name);
            let function = tables.function(member);
            tables.module.entries.push((name, function));
        }
    }
}

/// The private functions at top level of the `dart:` libraries.
fn private_functions(world: &World) -> impl Iterator<Item = (String, MemberId)> {
    world
        .libraries
        .iter()
        .filter(|library| library.uri.starts_with("dart:"))
        .flat_map(|library| &library.members)
        .filter_map(|&member| {
            let data = world.member(member);
            let is_entry = data.kind == MemberKind::Method && data.name.is_private();
            is_entry.then(|| (data.name.to_string(), member))
        })
}

/// A function at top level of a core library.
pub(crate) fn core_function(world: &World, library: &str, name: &str) -> Option<MemberId> {
    match core_decl(world, library, name)? {
        Decl::Member {
            get: Some(member), ..
        } => Some(member),
        _ => None,
    }
}

/// A class of a core library.
pub(crate) fn core_class(world: &World, library: &str, name: &str) -> Option<ClassId> {
    match core_decl(world, library, name)? {
        Decl::Class(class) => Some(class),
        _ => None,
    }
}

fn core_decl(world: &World, library: &str, name: &str) -> Option<Decl> {
    let &library: &LibraryId = world.by_uri.get(library)?;
    let declared = &world.library(library).declared;
    declared.get(&Symbol::intern(name)).copied()
}

#[cfg(test)]
mod tests;
