//! Which one member a call can reach, where all classes below a type are known.
//!
//! Nothing is loaded into a group after its program, so for a program the classes of the world are all there are. The core
//! is compiled before the programs that subclass its classes: there a class counts only if its library decides who is
//! below it (it is private, final, sealed or an enum, and so is everything below it).

use std::cell::RefCell;

use eyot_semantics::hierarchy::is_private;
use eyot_semantics::model::{ClassId, ClassKind, LibraryId, MemberId, World, known};
use eyot_syntax::Symbol;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::CoreLinks;

/// The library that programs cannot import; none that they can import exports its classes.
const INTERNAL: &str = "dart:_internal";
/// Receivers with more classes than this are not looked into.
const CLASSES_MAX: usize = 48;

type Question = (ClassId, Symbol, LibraryId, bool);

/// The classes below each class.
#[derive(Debug, Default)]
pub(crate) struct Subclasses<'c> {
    /// None while it is itself compiled: programs may add classes.
    core: Option<&'c CoreLinks>,
    /// Those of this module directly below a class, by any of `extends`, `with`, `on` and `implements`.
    own: FxHashMap<ClassId, Vec<ClassId>>,
    known: RefCell<FxHashMap<Question, Option<MemberId>>>,
}

impl<'c> Subclasses<'c> {
    pub(crate) fn of(world: &World, core: Option<&'c CoreLinks>) -> Subclasses<'c> {
        let mut own: FxHashMap<ClassId, Vec<ClassId>> = FxHashMap::default();
        let first = core.map_or(0, |core| core.base.classes);
        for class in (first..world.classes.len() as u32).map(ClassId) {
            for ty in world.direct_supertypes(class) {
                if let Some(sup) = world.class_of(ty) {
                    own.entry(sup).or_default().push(class);
                }
            }
        }
        Subclasses {
            core,
            own,
            known: RefCell::default(),
        }
    }

    /// The classes directly below one.
    fn below(&self, class: ClassId) -> impl Iterator<Item = ClassId> + '_ {
        let core = self.core.into_iter();
        let own = self.own.get(&class).into_iter().flatten();
        core.flat_map(move |core| core.subclasses(class))
            .chain(own.copied())
    }

    /// The member that every instance of the class and its subtypes has under this name; none if they differ or are not all
    /// known. `is_this`: only subclasses count, not classes that merely implement it.
    pub(crate) fn only_target(
        &self,
        world: &World,
        class: ClassId,
        name: Symbol,
        library: LibraryId,
        is_this: bool,
    ) -> Option<MemberId> {
        if class == known::OBJECT {
            return None;
        }
        let question = (class, name, library, is_this);
        if let Some(&answer) = self.known.borrow().get(&question) {
            return answer;
        }
        let answer = self.find(world, class, name, library, is_this);
        self.known.borrow_mut().insert(question, answer);
        answer
    }

    /// Whether assigning under this name reaches the field in every class that has it.
    pub(crate) fn only_setter(
        &self,
        world: &World,
        class: ClassId,
        name: Symbol,
        library: LibraryId,
        field: MemberId,
    ) -> bool {
        let mut seen = FxHashSet::default();
        let mut open = vec![class];
        while let Some(class) = open.pop() {
            if seen.insert(class) {
                let data = world.class(class);
                let is_concrete = !data.is_abstract && data.kind != ClassKind::Mixin;
                if is_concrete && world.concrete_members(class, name, library).set != Some(field) {
                    return false;
                }
                open.extend(self.below(class));
            }
        }
        true
    }

    fn find(
        &self,
        world: &World,
        class: ClassId,
        name: Symbol,
        library: LibraryId,
        is_this: bool,
    ) -> Option<MemberId> {
        let mut seen = FxHashSet::default();
        let mut open = vec![class];
        let mut found = None;
        let mut hidden = FxHashSet::default();
        while let Some(class) = open.pop() {
            if !seen.insert(class) {
                continue;
            }
            if seen.len() > CLASSES_MAX {
                return None;
            }
            if self.core.is_none()
                && !is_closed(world, class, name)
                && !inherits_only(is_this, name)
            {
                return None;
            }
            let data = world.class(class);
            if !data.is_abstract && data.kind != ClassKind::Mixin {
                let target = world.concrete_members(class, name, library).get?;
                if found.is_some_and(|found| found != target) {
                    return None;
                }
                found = Some(target);
            } else if may_be_made_by_runtime(world, class) {
                hidden.insert(world.concrete_members(class, name, library).get?);
            }
            for sub in self.below(class) {
                if !is_this || inherits(world, sub, class) {
                    open.push(sub);
                }
            }
        }
        found.filter(|&found| hidden.iter().all(|&target| target == found))
    }
}

/// Whether a class that programs cannot make objects of may have some all the same: strings, numbers, records and closures are
/// made by the runtime alone, and their classes are declared abstract and final.
fn may_be_made_by_runtime(world: &World, class: ClassId) -> bool {
    let data = world.class(class);
    let is_declared_so = data.is_abstract && data.modifiers.final_;
    is_declared_so && world.library(data.library).uri.starts_with("dart:")
}

/// Whether a class gets the other's members, not only its interface.
fn inherits(world: &World, sub: ClassId, class: ClassId) -> bool {
    let data = world.class(sub);
    [data.supertype, data.mixin]
        .into_iter()
        .flatten()
        .any(|ty| world.class_of(ty) == Some(class))
}

/// Whether a subclass in another library has no way to a member of its own under the name, if it is to inherit that of the
/// class.
fn inherits_only(is_this: bool, name: Symbol) -> bool {
    is_this && is_private(name)
}

/// Whether no other library can put a class below this one that has a member of the name. An application's subclasses are
/// classes in their own right.
fn is_closed(world: &World, class: ClassId, name: Symbol) -> bool {
    let data = world.class(class);
    is_private(data.name)
        || is_private(name) && data.modifiers.base
        || data.modifiers.final_
        || data.modifiers.sealed
        || &*world.library(data.library).uri == INTERNAL
        || matches!(data.kind, ClassKind::Enum | ClassKind::Application)
}
