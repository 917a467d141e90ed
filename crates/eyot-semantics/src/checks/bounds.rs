//! Type arguments against the bounds of their parameters.
//!
//! Bounds may be known later than the types that are checked against them, so uses are noted where types are written or
//! inferred ([`World::note_bounds`]) and checked when everything else is done. A written type may also be *super-bounded*: right
//! once top types that are given out are taken as `Never`. What makes an object or calls a function must be right as it is.

use std::mem::take;

use eyot_syntax::ast::{self, DeclarationKind, TypeKind, TypeNodeId, TypeParameter};
use eyot_syntax::{Span, Symbol, SyntaxTree};

use super::error;
use super::variance::{Variance, variance};
use crate::model::{Decl, FileId, LibraryId, TypeParamId, TypedefId, World};
use crate::outline::scope::TypeScope;
use crate::types::{Ty, TyKind};

/// Type arguments that were written or found, to be checked.
#[derive(Clone, Debug)]
pub struct BoundUse {
    /// Where to report.
    pub file: FileId,
    /// Where to report.
    pub span: Span,
    /// The parameters.
    pub params: Vec<TypeParamId>,
    /// Their arguments.
    pub args: Vec<Ty>,
    /// How they came about.
    pub form: BoundUseForm,
}

/// How type arguments came about, which says what is allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BoundUseForm {
    /// Of a class written as a type, with arguments or without.
    Class {
        /// No arguments are written.
        is_raw: bool,
    },
    /// Of an alias written as a type.
    Alias {
        /// The alias.
        typedef: TypedefId,
        /// No arguments are written.
        is_raw: bool,
    },
    /// Of a call.
    Call {
        /// They are not written.
        is_inferred: bool,
    },
}

impl World {
    /// Notes type arguments that are to be checked against bounds at the end.
    pub(crate) fn note_bounds(&self, noted: BoundUse) {
        if noted.params.is_empty() || noted.params.len() != noted.args.len() {
            return;
        }
        let mut uses = self.bound_uses.lock().unwrap_or_else(|e| e.into_inner());
        uses.push(noted);
    }
}

/// Checks what was noted.
pub(crate) fn check_noted(world: &World) {
    let uses = take(&mut *world.bound_uses.lock().unwrap_or_else(|e| e.into_inner()));
    for noted in uses {
        check_use(world, &noted);
    }
}

fn check_use(world: &World, noted: &BoundUse) {
    let BoundUse {
        file,
        span,
        params,
        args,
        form,
    } = noted;
    let Some(index) = violated(world, params, args) else {
        return;
    };
    // An argument that is wrong itself is reported where it stands.
    if !args.iter().all(|&arg| is_well_bounded(world, arg)) {
        return;
    }
    let is_raw = match *form {
        BoundUseForm::Call { is_inferred } => is_inferred,
        BoundUseForm::Class { is_raw } => {
            if is_super_bounded(world, params, args, |_| Variance::Out) {
                return;
            }
            is_raw
        }
        BoundUseForm::Alias { typedef, is_raw } => {
            let aliased = world.aliased(typedef);
            if is_super_bounded(world, params, args, |param| variance(world, aliased, param)) {
                return;
            }
            is_raw
        }
    };
    let bound = world.subst(world.bound(params[index]), params, args);
    let name = world.type_param(params[index]).name;
    let (arg, bound) = (world.show(args[index]), world.show(bound));
    let message = if is_raw {
        format!(
            "without type arguments, `{name}` is `{arg}` here, which is no subtype of its bound `{bound}`; write the type arguments"
        )
    } else {
        format!(
            "the type argument `{arg}` is no subtype of `{bound}`, the bound of `{name}`; give one that is"
        )
    };
    error(world, *file, "type-argument-bound", *span, message);
}

/// The first argument that is not within its bound.
pub(super) fn violated(world: &World, params: &[TypeParamId], args: &[Ty]) -> Option<usize> {
    params.iter().zip(args).position(|(&param, &arg)| {
        let bound = world.bound(param);
        !world.is_top(bound) && !world.is_subtype(arg, world.subst(bound, params, args))
    })
}

/// Whether an instance type's arguments are right as they are, without any leave for top types.
pub(super) fn is_regular_bounded(world: &World, ty: Ty) -> bool {
    match world.types.kind(ty) {
        TyKind::Interface { class, args, .. } => {
            violated(world, &world.class(*class).type_params, args).is_none()
        }
        _ => true,
    }
}

pub(super) fn is_well_bounded(world: &World, ty: Ty) -> bool {
    match world.types.kind(ty) {
        TyKind::Interface { class, args, .. } => {
            let params = &world.class(*class).type_params;
            args.iter().all(|&arg| is_well_bounded(world, arg))
                && (violated(world, params, args).is_none()
                    || is_super_bounded(world, params, args, |_| Variance::Out))
        }
        _ => true,
    }
}

fn is_super_bounded(
    world: &World,
    params: &[TypeParamId],
    args: &[Ty],
    variance: impl Fn(TypeParamId) -> Variance,
) -> bool {
    let lowered: Vec<Ty> = params
        .iter()
        .zip(args)
        .map(|(&param, &arg)| match variance(param) {
            // What goes both ways counts as given out.
            Variance::Out | Variance::Neither => lowered(world, arg, true),
            Variance::In => lowered(world, arg, false),
        })
        .collect();
    violated(world, params, &lowered).is_none()
}

/// A type with `Never` for the top types it gives out, and `Object?` for the `Never`s it takes.
fn lowered(world: &World, ty: Ty, out: bool) -> Ty {
    world.map_places(ty, out, &mut |part, out| {
        if out && world.is_top(part) {
            Some(Ty::NEVER)
        } else if !out && part == Ty::NEVER {
            Some(Ty::OBJECT_N)
        } else {
            None
        }
    })
}

/// A generic type without arguments in a bound is an error if its own bounds mention its parameters, or have such a type:
/// what it would stand for depends on itself.
pub(crate) fn check_raw_in_bounds(
    world: &World,
    scope: &TypeScope,
    tree: &SyntaxTree,
    written: &[TypeParameter],
) {
    for bound in written.iter().filter_map(|param| param.bound) {
        walk(tree, bound, &mut |node, prefix, name, is_raw| {
            let is_param = prefix.is_none() && scope.type_param(world, name).is_some();
            if !is_raw || is_param {
                return;
            }
            let Some(decl) = meaning(world, scope.library, prefix, name) else {
                return;
            };
            if !has_simple_bounds(world, decl, &mut Vec::new()) {
                let message = format!(
                    "`{name}` needs type arguments here: what it stands for without them depends on its own bounds"
                );
                error(
                    world,
                    scope.file,
                    "raw-type-in-bound",
                    tree[node].span,
                    message,
                );
            }
        });
    }
}

type Visit<'v> = dyn FnMut(TypeNodeId, Option<Symbol>, Symbol, bool) + 'v;

/// Visits every type with a name in an annotation.
fn walk(tree: &SyntaxTree, node: TypeNodeId, visit: &mut Visit) {
    match &tree[node].kind {
        TypeKind::Named {
            prefix,
            name,
            type_args,
        } => {
            let prefix = prefix.as_ref().map(|prefix| prefix.symbol);
            visit(node, prefix, name.symbol, type_args.is_empty());
            for &arg in type_args {
                walk(tree, arg, visit);
            }
        }
        TypeKind::Function(function) => {
            if let Some(result) = function.return_type {
                walk(tree, result, visit);
            }
            walk_params(tree, &function.params, visit);
        }
        TypeKind::Record(record) => {
            for field in record.positional.iter().chain(&record.named) {
                walk(tree, field.ty, visit);
            }
        }
        TypeKind::Void | TypeKind::Error => {}
    }
}

fn walk_params(tree: &SyntaxTree, params: &[ast::FormalParameter], visit: &mut Visit) {
    for param in params {
        if let Some(ty) = param.ty {
            walk(tree, ty, visit);
        }
        if let Some(function) = &param.function {
            walk_params(tree, &function.params, visit);
        }
    }
}

fn meaning(
    world: &World,
    library: LibraryId,
    prefix: Option<Symbol>,
    name: Symbol,
) -> Option<Decl> {
    match prefix {
        None => world.lookup(library, name),
        Some(prefix) => world
            .prefix(library, prefix)
            .and_then(|prefix| prefix.names.get(&name).copied()),
    }
}

fn has_simple_bounds(world: &World, decl: Decl, open: &mut Vec<Decl>) -> bool {
    if open.contains(&decl) {
        return false;
    }
    let (params, library, file, node) = match decl {
        Decl::Class(class) => {
            let data = world.class(class);
            (&data.type_params, data.library, data.file, data.decl)
        }
        Decl::Typedef(typedef) => {
            let data = world.typedef(typedef);
            (&data.type_params, data.library, data.file, data.decl)
        }
        _ => return true,
    };
    if params.is_empty() {
        return true;
    }
    let tree = world.file(file).tree.as_deref();
    let declaration = tree
        .zip(node)
        .and_then(|(tree, node)| tree.declarations.get(node as usize));
    let written = match declaration.map(|declaration| &declaration.kind) {
        Some(DeclarationKind::Class(node)) => &node.type_params,
        Some(DeclarationKind::Mixin(node)) => &node.type_params,
        Some(DeclarationKind::Enum(node)) => &node.type_params,
        Some(DeclarationKind::ExtensionType(node)) => &node.type_params,
        Some(DeclarationKind::Typedef(node)) => &node.type_params,
        // Of the core libraries only the types are left.
        _ => {
            let mut bounds = params.iter().map(|&param| world.bound(param));
            return !bounds.any(|bound| world.mentions(bound, params));
        }
    };
    open.push(decl);
    let mut is_simple = true;
    for bound in written.iter().filter_map(|param| param.bound) {
        let Some(tree) = tree else { break };
        walk(tree, bound, &mut |_, prefix, name, is_raw| {
            let is_own = prefix.is_none() && written.iter().any(|param| param.name.symbol == name);
            if is_own {
                is_simple = false;
            } else if is_raw && let Some(decl) = meaning(world, library, prefix, name) {
                is_simple &= has_simple_bounds(world, decl, open);
            }
        });
    }
    open.pop();
    is_simple
}
