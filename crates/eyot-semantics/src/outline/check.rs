//! Last pass: problems that need the whole outline.

use eyot_syntax::{Symbol, sym};
use rustc_hash::FxHashSet;

use super::Outline;
use crate::model::{ClassId, ClassKind, LibraryId, MemberFlags, MemberId, Owner, World, known};

impl Outline<'_> {
    pub(super) fn check(&mut self) {
        for &class in &self.classes {
            let data = self.world.class(class);
            let is_plain = matches!(
                data.kind,
                ClassKind::Class | ClassKind::MixinClass | ClassKind::Enum
            );
            if is_plain && !data.is_abstract && !has_no_such_method(self.world, class) {
                self.check_implements_all(class);
            }
        }
    }

    /// A class of which there are instances has a body for every member of its interface.
    fn check_implements_all(&self, class: ClassId) {
        let world = &*self.world;
        let mut missing = Vec::new();
        let mut seen: FxHashSet<(Symbol, LibraryId)> = FxHashSet::default();
        let holders = std::iter::once(class).chain(world.supers(class).keys().copied());
        for holder in holders {
            for (&name, access) in &world.class(holder).instance {
                for (declared, is_setter) in [(access.get, false), (access.set, true)] {
                    let Some(id) = declared else { continue };
                    let library = world.member(id).library;
                    // Nobody can implement what is private to another library; calls of it throw.
                    if name.is_private() && library != world.class(class).library {
                        continue;
                    }
                    // A private member of another library cannot be implemented, so nobody has to.
                    if name.is_private() && library != world.class(class).library {
                        continue;
                    }
                    let concrete = world.concrete_members(class, name, library);
                    let found = if is_setter {
                        concrete.set
                    } else {
                        concrete.get
                    };
                    if found.is_none() && seen.insert((name, library)) {
                        missing.push((name, holder));
                    }
                }
            }
        }
        if missing.is_empty() {
            return;
        }
        missing.sort_unstable_by_key(|(name, _)| name.as_str());
        let list: Vec<String> = missing
            .iter()
            .map(|(name, holder)| format!("`{name}` of `{}`", world.class(*holder).name))
            .collect();
        let data = world.class(class);
        let message = format!(
            "`{}` has no body for {}; implement what is missing, or make the class abstract",
            data.name,
            list.join(", ")
        );
        self.error(data.file, "missing-implementation", data.span, message);
    }
}

/// Whether the class has a `noSuchMethod` other than Object's, which then takes the calls of members without a body.
fn has_no_such_method(world: &World, class: ClassId) -> bool {
    let found: Option<MemberId> = world
        .concrete_members(class, sym::NO_SUCH_METHOD, LibraryId(0))
        .get;
    found.is_some_and(|id| {
        let member = world.member(id);
        member.owner != Owner::Class(known::OBJECT) && !member.flags.contains(MemberFlags::ABSTRACT)
    })
}
