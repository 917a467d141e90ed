//! Compile-time errors of declarations, once the whole outline stands: what no single pass sees.
//!
//! Each module has the rules of one subject. Rules about expressions and statements are found where bodies are inferred
//! ([`crate::body`]); rules about the form of a single declaration in the parser.
//!
//! One cause gives one error: a rule is checked at the class where it is broken first, not at its subclasses, and nobody
//! complains about what has the type [`Ty::ERROR`](crate::types::Ty::ERROR).

pub(crate) mod bounds;
mod conflicts;
mod constructors;
mod factories;
mod headers;
mod interfaces;
pub(crate) mod members;
mod modifiers;
mod overrides;
mod variance;

use eyot_syntax::{Diagnostic, Span};

use crate::model::{ClassId, ExtensionId, FileId, MemberId, World};

/// The declarations that are to be checked.
pub(crate) struct Declared<'a> {
    /// Superclasses before subclasses; mixin applications included.
    pub(crate) classes: &'a [ClassId],
    pub(crate) extensions: &'a [ExtensionId],
    pub(crate) members: &'a [MemberId],
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
    }
    for &extension in declared.extensions {
        conflicts::check_extension(world, extension);
    }
    for &member in declared.members {
        members::check(world, member);
        constructors::check(world, member);
        factories::check(world, member);
    }
}

fn error(world: &World, file: FileId, code: &'static str, span: Span, message: impl Into<String>) {
    world.report(file, Diagnostic::error(code, span, message));
}
