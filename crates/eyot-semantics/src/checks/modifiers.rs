//! Class modifiers: what `sealed`, `base`, `interface`, `final` and `mixin` forbid, across libraries and below them.

use eyot_syntax::ast::{BodyKind, Modifiers};

use super::error;
use super::headers::{Broken, Role, Written, extends_object, is_platform, knows_modifiers, place};
use crate::model::{ClassId, ClassKind, LibraryId, MemberFlags, MemberId, MemberKind, World};
use crate::outline::nodes::{MemberNode, member_node};

/// The rule that a direct supertype breaks.
pub(super) fn broken(world: &World, class: ClassId, supertype: &Written) -> Broken {
    let library = world.class(class).library;
    let target = world.class(supertype.class);
    let name = target.name;
    let is_other = target.library != library;
    let marks = target.modifiers;
    if is_other && marks.sealed {
        let message = format!(
            "`{name}` is sealed: its direct subtypes are all in its own library; declare this one there"
        );
        return Some(("sealed-elsewhere", message));
    }
    if !is_exempt(world, library, target.library) && is_other {
        if marks.final_ {
            let message = format!(
                "`{name}` is final and has no subtypes outside its library; use it as a field instead"
            );
            return Some(("final-elsewhere", message));
        }
        if marks.interface && supertype.role == Role::Extends {
            let message = format!(
                "`{name}` can only be implemented outside its library; write `implements {name}`"
            );
            return Some(("interface-elsewhere", message));
        }
    }
    (supertype.role == Role::Implements)
        .then(|| closed_above(world, library, supertype.class))
        .flatten()
        .map(|closed| {
            let what = if closed == supertype.class {
                format!("`{name}` cannot be implemented")
            } else {
                let above = world.class(closed).name;
                format!("`{name}` is a subtype of `{above}`, so it cannot be implemented")
            };
            let message = format!("{what} outside its library; extend it");
            ("base-elsewhere", message)
        })
}

/// A class of a library from before class modifiers may be mixed in if it declares no generative constructor.
pub(super) fn mixes_in_constructor(world: &World, supertype: &Written) -> Broken {
    let target = world.class(supertype.class);
    let is_old_class = matches!(target.kind, ClassKind::Class | ClassKind::MixinClass)
        && !knows_modifiers(world, target.library)
        && !is_platform(world, target.library);
    if supertype.role != Role::With || !is_old_class {
        return None;
    }
    target
        .members
        .iter()
        .map(|&id| world.member(id))
        .find(|member| {
            member.kind == MemberKind::Constructor && !member.flags.contains(MemberFlags::SYNTHETIC)
        })?;
    let message = format!(
        "`{}` has a constructor, which a mixin cannot have; remove the constructor, or make it a factory",
        target.name
    );
    Some(("mixin-has-constructor", message))
}

/// A library from before class modifiers may do with platform classes what it always could.
fn is_exempt(world: &World, library: LibraryId, target: LibraryId) -> bool {
    is_platform(world, target) && !knows_modifiers(world, library)
}

/// A `base` or `final` class of another library among a class and its supertypes: its direct marks come first.
fn closed_above(world: &World, library: LibraryId, class: ClassId) -> Option<ClassId> {
    let is_closed = |&candidate: &ClassId| {
        let data = world.class(candidate);
        (data.modifiers.base || data.modifiers.final_)
            && data.library != library
            && !is_exempt(world, library, data.library)
    };
    if is_closed(&class) {
        return Some(class);
    }
    let above = world.supers(class).keys().copied();
    above.filter(is_closed).min()
}

/// What a declaration's own modifiers ask of it.
pub(super) fn check_own(world: &World, class: ClassId, written: &[Written]) {
    if !knows_modifiers(world, world.class(class).library) {
        check_version(world, class);
    }
    check_stays_closed(world, class, written);
    if world.class(class).kind == ClassKind::MixinClass
        && knows_modifiers(world, world.class(class).library)
    {
        check_mixin_class(world, class, written);
    }
}

/// Class modifiers came with language version 3.0.
fn check_version(world: &World, class: ClassId) {
    let data = world.class(class);
    let tree = world.file(data.file).tree.as_deref();
    let declaration = tree
        .zip(data.decl)
        .and_then(|(tree, decl)| tree.declarations.get(decl as usize));
    let new = Modifiers::SEALED
        | Modifiers::BASE
        | Modifiers::INTERFACE
        | Modifiers::FINAL
        | Modifiers::MIXIN;
    let is_application = data.kind == ClassKind::Application;
    if declaration.is_some_and(|declaration| declaration.modifiers.intersects(new))
        && !is_application
    {
        let (file, span) = place(world, class);
        let message =
            "class modifiers need language version 3.0; raise the version of this library";
        error(world, file, "modifiers-version", span, message);
    }
}

/// Below `base` and `final` everything is `base`, `final` or `sealed`.
fn check_stays_closed(world: &World, class: ClassId, written: &[Written]) {
    let data = world.class(class);
    let marks = data.modifiers;
    let is_declared = matches!(
        data.kind,
        ClassKind::Class | ClassKind::MixinClass | ClassKind::Mixin
    );
    if !is_declared || marks.base || marks.final_ || marks.sealed {
        return;
    }
    let is_old = !knows_modifiers(world, data.library);
    // An old library cannot say so, and does not have to where the platform is meant.
    let is_closed = |target: ClassId| {
        let target = world.class(target);
        (target.modifiers.base || target.modifiers.final_)
            && !(is_old && is_platform(world, target.library))
    };
    let Some(closed) = written.iter().find_map(|supertype| {
        // What is broken already is not said again.
        if broken(world, class, supertype).is_some() {
            return None;
        }
        let own = &world.class(supertype.class).modifiers;
        if is_closed(supertype.class) {
            return Some(supertype.class);
        }
        // A subtype that leaves the family open was reported itself.
        let is_reported = !own.sealed && world.class(supertype.class).kind != ClassKind::Enum;
        if is_reported && knows_modifiers(world, world.class(supertype.class).library) {
            return None;
        }
        let above = world.supers(supertype.class).keys().copied();
        above.filter(|&above| is_closed(above)).min()
    }) else {
        return;
    };
    let (file, span) = place(world, class);
    let closed = world.class(closed);
    let word = if closed.modifiers.final_ {
        "final"
    } else {
        "base"
    };
    let message = format!(
        "`{}` is a subtype of `{}`, which is `{word}`; mark it `base`, `final` or `sealed`",
        data.name, closed.name
    );
    error(world, file, "must-stay-closed", span, message);
}

/// A mixin class is a class on Object whose constructors do nothing.
fn check_mixin_class(world: &World, class: ClassId, written: &[Written]) {
    let data = world.class(class);
    let superclass = written.iter().find(|one| one.role == Role::Extends);
    let mixins = written.iter().filter(|one| one.role == Role::With).count();
    let is_application = data.mixin.is_some();
    let is_right = match superclass {
        Some(superclass) => {
            extends_object_itself(superclass) && mixins == usize::from(is_application)
        }
        None => mixins == 0,
    };
    if !is_right || !extends_object(world, data) {
        let (file, span) = place(world, class);
        let message = format!(
            "the mixin class `{}` cannot have a superclass or mixins; make it a mixin with `on`, or a class",
            data.name
        );
        error(world, file, "mixin-class-superclass", span, message);
    }
    for &id in &data.members {
        let member = world.member(id);
        if member.kind == MemberKind::Constructor
            && !member.flags.contains(MemberFlags::SYNTHETIC)
            && !is_trivial(world, id)
        {
            let message = format!(
                "a constructor of the mixin class `{}` takes no parameters and does nothing; make it a factory, or drop `mixin`",
                data.name
            );
            error(
                world,
                member.file,
                "mixin-class-constructor",
                member.span,
                message,
            );
        }
    }
}

fn extends_object_itself(superclass: &Written) -> bool {
    superclass.class == crate::model::known::OBJECT
}

/// Whether a generative constructor has no parameters, no initialisers and no body.
fn is_trivial(world: &World, id: MemberId) -> bool {
    let member = world.member(id);
    let Some(tree) = world.file(member.file).tree.as_deref() else {
        return true;
    };
    match member_node(tree, member) {
        Some(MemberNode::Constructor(node)) => {
            node.params.is_empty()
                && node.initializers.is_empty()
                && matches!(tree[node.body].kind, BodyKind::Empty)
                && !member.flags.contains(MemberFlags::EXTERNAL)
        }
        // One in the header is checked with the others there.
        _ => true,
    }
}
