//! Enums: their constructors, and the members that belong to `Enum` and the enum itself.

use eyot_syntax::ast::DeclarationKind;
use eyot_syntax::{Symbol, sym};

use super::bounds::is_well_bounded;
use super::error;
use crate::model::{ClassId, ClassKind, Decl, MemberFlags, MemberId, MemberKind, World};

pub(super) fn check(world: &World, class: ClassId) {
    check_members(world, class);
    if world.class(class).kind != ClassKind::Enum {
        return;
    }
    check_constructors(world, class);
    check_mixins(world, class);
    check_values(world, class);
}

/// `Enum` itself.
fn enum_interface(world: &World) -> Option<ClassId> {
    let core = *world.by_uri.get("dart:core")?;
    match world.library(core).declared.get(&Symbol::intern("Enum"))? {
        Decl::Class(class) => Some(*class),
        _ => None,
    }
}

/// Values of an enum are told apart by what the language says about them, not by what a program does.
fn check_members(world: &World, class: ClassId) {
    let data = world.class(class);
    if super::headers::is_platform(world, data.library)
        || !enum_interface(world).is_some_and(|interface| world.is_subclass(class, interface))
    {
        return;
    }
    for &id in &data.members {
        let member = world.member(id);
        let is_instance = !member.flags.contains(MemberFlags::STATIC);
        let is_given = matches!(member.name.as_str(), "index" | "hashCode" | "==");
        let is_own = member.kind != MemberKind::Setter
            && !member.flags.contains(MemberFlags::ABSTRACT)
            && is_given;
        if is_instance && (is_own || member.name == sym::VALUES) {
            let message = format!(
                "`{}` of an enum is what the language makes it; rename this one",
                member.name
            );
            error(world, member.file, "enum-member", member.span, message);
        }
    }
}

fn check_constructors(world: &World, class: ClassId) {
    // Since 3.13 they need not say so.
    if world.library(world.class(class).library).version >= (3, 13) {
        return;
    }
    for &id in &world.class(class).members {
        let member = world.member(id);
        if member.kind == MemberKind::Constructor && !member.flags.contains(MemberFlags::CONST) {
            let message = "the values of an enum are constants: mark the constructor `const`";
            error(world, member.file, "enum-constructor", member.span, message);
        }
    }
}

/// A mixin with fields leaves no const constructor for the values.
fn check_mixins(world: &World, class: ClassId) {
    let data = world.class(class);
    let mut next = data.supertype.and_then(|ty| world.class_of(ty));
    while let Some(sup) = next.filter(|&sup| world.class(sup).mixin.is_some()) {
        let members = super::overrides::own_members(world, sup);
        if let Some(&field) = members.iter().find(|&&id| is_object_field(world, id)) {
            let message = format!(
                "the values of an enum are constants, but the mixin adds the field `{}`; mix in something without fields",
                world.member(field).name
            );
            return error(world, data.file, "enum-mixin-field", data.span, message);
        }
        next = world.class(sup).supertype.and_then(|ty| world.class_of(ty));
    }
}

fn is_object_field(world: &World, id: MemberId) -> bool {
    let member = world.member(id);
    let marks = MemberFlags::STATIC | MemberFlags::ABSTRACT | MemberFlags::EXTERNAL;
    member.kind == MemberKind::Field && !member.flags.intersects(marks)
}

fn check_values(world: &World, class: ClassId) {
    let data = world.class(class);
    let raw = world.types.interface(class, &world.raw_class_args(class));
    if !is_well_bounded(world, raw) {
        let message = format!(
            "`{}` without type arguments is not within its bounds, but `values` needs it; choose other bounds",
            data.name
        );
        error(world, data.file, "enum-bounds", data.span, message);
    }
    let tree = world.file(data.file).tree.as_deref();
    let declaration = tree
        .zip(data.decl)
        .and_then(|(tree, decl)| tree.declarations.get(decl as usize));
    let Some(DeclarationKind::Enum(node)) = declaration.map(|declaration| &declaration.kind) else {
        return;
    };
    for value in &node.values {
        let has_more = !value.type_args.is_empty() || value.constructor.is_some();
        if has_more && value.arguments.is_none() {
            let message =
                "this value names type arguments or a constructor, so it needs arguments too: `()`";
            error(
                world,
                data.file,
                "enum-value-arguments",
                value.name.span,
                message,
            );
        }
    }
}

/// Whether a constructor makes values of an enum, which nobody else may.
pub(crate) fn is_enum_constructor(world: &World, class: ClassId, constructor: MemberId) -> bool {
    world.class(class).kind == ClassKind::Enum
        && world.member(constructor).kind == MemberKind::Constructor
}
