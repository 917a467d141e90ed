//! Compile-time errors of declarations, once the whole outline stands: what no single pass sees.
//!
//! Each module has the rules of one subject. Rules about expressions and statements are found where bodies are inferred
//! ([`crate::body`]); rules about the form of a single declaration in the parser.
//!
//! One cause gives one error: a rule is checked at the class where it is broken first, not at its subclasses, and nobody
//! complains about what has the type [`Ty::ERROR`](crate::types::Ty::ERROR).

mod annotations;
pub(crate) mod bounds;
mod conflicts;
mod constructors;
mod entry;
pub(crate) mod enums;
mod factories;
mod headers;
mod interfaces;
pub(crate) mod members;
mod modifiers;
mod overrides;
pub(crate) mod patterns;
mod scopes;
pub(crate) mod variables;
mod variance;

use eyot_syntax::ast::{DeclarationKind, Modifiers};
use eyot_syntax::{Diagnostic, Span, SyntaxTree};

use crate::model::{ClassId, ExtensionId, FileId, Member, MemberId, World};

/// The declarations that are to be checked.
pub(crate) struct Declared<'a> {
    /// Superclasses before subclasses; mixin applications included.
    pub(crate) classes: &'a [ClassId],
    pub(crate) extensions: &'a [ExtensionId],
    pub(crate) members: &'a [MemberId],
    pub(crate) files: &'a [FileId],
}

/// Reports what is wrong with the declarations.
pub(crate) fn check(world: &World, declared: &Declared) {
    for &class in declared.classes {
        // Extension types have headers and members by rules of their own.
        if !world.is_extension_type(class) {
            headers::check(world, class);
            overrides::check(world, class);
            interfaces::check(world, class);
        }
        conflicts::check(world, class);
        enums::check(world, class);
        variables::check_fields(world, class);
        annotations::check_class(world, class);
    }
    for &extension in declared.extensions {
        conflicts::check_extension(world, extension);
        annotations::check_extension(world, extension);
    }
    for &member in declared.members {
        members::check(world, member);
        entry::check(world, world.member(member));
        constructors::check(world, member);
        factories::check(world, member);
        variables::check(world, member);
    }
    for &file in declared.files {
        scopes::check(world, file);
        patterns::check(world, file);
        annotations::check_file(world, file);
    }
}

fn error(world: &World, file: FileId, code: &'static str, span: Span, message: impl Into<String>) {
    world.report(file, Diagnostic::error(code, span, message));
}

/// The words before a member.
fn modifiers(tree: &SyntaxTree, member: &Member) -> Option<Modifiers> {
    let node = member.node?;
    let members = match &tree.declarations.get(node.decl as usize)?.kind {
        DeclarationKind::Class(class) => &class.members,
        DeclarationKind::Enum(node) => &node.members,
        DeclarationKind::Mixin(node) => &node.members,
        DeclarationKind::Extension(node) => &node.members,
        DeclarationKind::ExtensionType(node) => &node.members,
        _ => return None,
    };
    Some(members.get(node.member as usize)?.modifiers)
}

/// Whether `covariant` stands before a member itself.
fn is_covariant_written(tree: &SyntaxTree, member: &Member) -> bool {
    modifiers(tree, member).is_some_and(|words| words.contains(Modifiers::COVARIANT))
}
