//! `dart:ffi`: what a program's types say of native ones, checked and spelled out.
//!
//! The library's Dart code knows neither sizes nor signatures. Members that need one are called with static types, so this step,
//! the last of analysis, puts other calls in their place, whose arguments say what the types said:
//!
//! | before | after |
//! | --- | --- |
//! | `sizeOf<Foo>()` | its value |
//! | `pointer + 1`, `pointer[1]`, `allocator<Foo>()` … | a private function that is given the size, or the kind of number |
//! | `pointer.asFunction<F>()`, `library.lookupFunction` | a closure whose code is a native, over what calling the function takes |
//! | `NativeCallable.isolateLocal(f)` and the like | a private function, with a closure that takes numbers and calls `f` |
//! | an `external` field of a struct or union | a getter and a setter that read and write memory |
//! | an `external` variable with `@Native` | the same, over memory whose address a static variable keeps |
//! | an `external` function with `@Native` | a function that calls such a closure, which a static variable keeps |
//!
//! | file | what |
//! | --- | --- |
//! | `native` | native types: from Dart's to what C has, layouts |
//! | `structs` | structs and unions: rules and accessors |
//! | `signatures` | signatures of functions: rules and text |
//! | `calls` | calls in bodies |
//! | `members` | members with `@Native` |

mod calls;
mod members;
mod native;
mod signatures;
mod structs;

use eyot_syntax::ast::{Configuration, Directive, DirectiveKind, UriLiteral};
use eyot_syntax::{Diagnostic, Span, Symbol};

use crate::made::Made;
use crate::model::{ClassId, Decl, FileId, LibraryId, MemberId, World};
use crate::program::{Args, Body, ConstValue, Expr, ExprKind};
use crate::types::{Ty, TyKind};

/// Checks and rewrites a program that uses `dart:ffi`, which is this library.
pub(crate) fn lower(world: &mut World, bodies: &mut Vec<(MemberId, Body)>, library: LibraryId) {
    let ffi = Ffi {
        library,
        layouts: Default::default(),
        world,
    };
    let mut made = Made::default();
    for index in ffi.world.classes.first_own()..ffi.world.classes.len() {
        structs::check(&ffi, ClassId(index as u32), &mut made);
    }
    for index in ffi.world.members.first_own()..ffi.world.members.len() {
        members::lower(&ffi, MemberId(index as u32), &mut made);
    }
    calls::rewrite(&ffi, bodies, &made);
    made.put(world, bodies);
}

/// `dart:ffi`, if a file of the program names it. (What the core's own files name is in the image.)
pub(crate) fn used_library(world: &World) -> Option<LibraryId> {
    let names_it = |directive: &Directive| match &directive.kind {
        DirectiveKind::Import(import) => is_named(&import.uri, &import.configurations),
        DirectiveKind::Export(export) => is_named(&export.uri, &export.configurations),
        _ => false,
    };
    let mut files = (world.files.first_own()..world.files.len()).map(|index| &world.files[index]);
    let is_used = files.any(|file| {
        let tree = file.tree.as_deref();
        tree.is_some_and(|tree| tree.directives.iter().any(names_it))
    });
    is_used.then(|| world.by_uri.get("dart:ffi").copied())?
}

fn is_named(uri: &UriLiteral, configurations: &[Configuration]) -> bool {
    let mut uris = configurations
        .iter()
        .map(|configuration| &configuration.uri);
    uri.text == "dart:ffi" || uris.any(|uri| uri.text == "dart:ffi")
}

fn name(text: &str) -> Symbol {
    Symbol::intern(text)
}

/// What this step works with.
struct Ffi<'w> {
    world: &'w World,
    library: LibraryId,
    layouts: native::Layouts,
}

impl Ffi<'_> {
    fn error(&self, file: FileId, code: &'static str, span: Span, message: impl Into<String>) {
        self.world
            .report(file, Diagnostic::error(code, span, message));
    }

    /// The class of that name in the library.
    fn class(&self, text: &str) -> Option<ClassId> {
        match self.world.library(self.library).declared.get(&name(text))? {
            Decl::Class(class) => Some(*class),
            _ => None,
        }
    }

    /// Whether a class is the library's, and has that name.
    fn is(&self, class: ClassId, text: &str) -> bool {
        let data = self.world.class(class);
        data.library == self.library && data.name.as_str() == text
    }

    /// The class of a type that is not nullable, with its arguments.
    fn class_of(&self, ty: Ty) -> Option<(ClassId, &'static [Ty])> {
        match self.world.types.kind(ty) {
            TyKind::Interface {
                class,
                args,
                nullable: false,
            } => Some((*class, args)),
            _ => None,
        }
    }

    /// The function of that name in the library.
    fn function(&self, text: &str) -> Option<MemberId> {
        match self.world.library(self.library).declared.get(&name(text))? {
            Decl::Member { get, .. } => *get,
            _ => None,
        }
    }

    /// A call of a function of the library.
    fn call(&self, function: &str, types: Vec<Ty>, args: Vec<Expr>, ty: Ty, span: Span) -> Expr {
        let kind = match self.function(function) {
            Some(target) => ExprKind::StaticCall {
                target,
                args: Args {
                    types,
                    positional: args,
                    named: Vec::new(),
                },
            },
            None => ExprKind::Unsupported(format!("dart:ffi without '{function}'").into()),
        };
        Expr { kind, ty, span }
    }
}

/// Text that a constant is.
fn const_text(value: &ConstValue) -> Option<&str> {
    match value {
        ConstValue::String(text) => text.as_str(),
        _ => None,
    }
}
