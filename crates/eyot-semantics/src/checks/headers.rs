//! What a class's header may name: supertypes, class modifiers, mixin classes.

use eyot_syntax::Span;
use eyot_syntax::ast::{DeclarationKind, TypeNodeId};

use super::bounds::{is_regular_bounded, is_well_bounded};
use super::error;
use super::variance::only_covariant;
use crate::model::{Class, ClassId, ClassKind, FileId, LibraryId, World, known};
use crate::outline::scope::{TypeScope, resolve_type};
use crate::types::{Ty, TyKind};

/// How a header names a supertype.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Extends,
    With,
    Implements,
    On,
}

/// A supertype as written.
pub(super) struct Written {
    pub(super) role: Role,
    pub(super) ty: Ty,
    pub(super) class: ClassId,
    pub(super) span: Span,
}

pub(super) fn check(world: &World, class: ClassId) {
    let written = written_supertypes(world, class);
    for (index, supertype) in written.iter().enumerate() {
        let rule = named_rightly(world, class, supertype)
            .or_else(|| repeated(world, &written[..index], supertype))
            .or_else(|| super::modifiers::broken(world, class, supertype))
            .or_else(|| super::modifiers::mixes_in_constructor(world, supertype))
            .or_else(|| variance(world, class, supertype))
            .or_else(|| bounds(world, supertype));
        if let Some((code, message)) = rule {
            error(
                world,
                world.class(class).file,
                code,
                supertype.span,
                message,
            );
        }
    }
    super::modifiers::check_own(world, class, &written);
    let is_repeated = |index: usize| repeated(world, &written[..index], &written[index]).is_some();
    if !(0..written.len()).any(is_repeated) {
        check_one_instantiation(world, class);
    }
}

/// A rule broken: its code and what to say.
pub(super) type Broken = Option<(&'static str, String)>;

/// The supertypes in a class's header that are classes.
fn written_supertypes(world: &World, class: ClassId) -> Vec<Written> {
    let data = world.class(class);
    let tree = world.file(data.file).tree.as_deref();
    let Some((tree, decl)) = tree.zip(data.decl) else {
        return Vec::new();
    };
    if data.kind == ClassKind::Application {
        return Vec::new();
    }
    let Some(declaration) = tree.declarations.get(decl as usize) else {
        return Vec::new();
    };
    let mut nodes: Vec<(Role, TypeNodeId)> = Vec::new();
    let mut add = |role, list: &[TypeNodeId]| nodes.extend(list.iter().map(|&node| (role, node)));
    match &declaration.kind {
        DeclarationKind::Class(node) => {
            add(Role::Extends, node.superclass.as_slice());
            add(Role::With, &node.mixins);
            add(Role::Implements, &node.interfaces);
        }
        DeclarationKind::Mixin(node) => {
            add(Role::On, &node.on);
            add(Role::Implements, &node.interfaces);
        }
        DeclarationKind::Enum(node) => {
            add(Role::With, &node.mixins);
            add(Role::Implements, &node.interfaces);
        }
        _ => {}
    }
    let scope = TypeScope::of_class(world, class);
    nodes
        .into_iter()
        .filter_map(|(role, node)| {
            let ty = resolve_type(world, &scope, tree, node);
            Some(Written {
                role,
                ty,
                class: world.class_of(ty)?,
                span: tree[node].span,
            })
        })
        .collect()
}

/// Enums have no subtypes, mixins no subclasses.
fn named_rightly(world: &World, class: ClassId, supertype: &Written) -> Broken {
    let target = world.class(supertype.class);
    let own_library = world.class(class).library == target.library;
    match (target.kind, supertype.role) {
        (ClassKind::Enum, _) => {
            let message = format!(
                "`{}` is an enum, which nothing can be a subtype of",
                target.name
            );
            Some(("enum-as-supertype", message))
        }
        (ClassKind::Mixin, Role::Extends) => {
            let message = format!("`{0}` is a mixin; write `with {0}`", target.name);
            Some(("mixin-as-superclass", message))
        }
        _ if is_enum_base(world, supertype.class) && !own_library => {
            enum_interface(world, class, supertype)
        }
        _ => None,
    }
}

fn is_enum_base(world: &World, class: ClassId) -> bool {
    let data = world.class(class);
    data.name.as_str() == "Enum" && &*world.library(data.library).uri == "dart:core"
}

/// `Enum` is what enums are; others may only be its subtypes where no instance can come of it.
fn enum_interface(world: &World, class: ClassId, supertype: &Written) -> Broken {
    let data = world.class(class);
    let is_open = data.is_abstract || data.kind == ClassKind::Enum;
    if supertype.role == Role::Extends || !is_open {
        let message =
            "only an enum, an abstract class or a mixin can implement `Enum`; declare an enum";
        return Some(("enum-interface", message.to_string()));
    }
    None
}

/// A class named twice as interface, or the superclass again.
fn repeated(world: &World, before: &[Written], supertype: &Written) -> Broken {
    let again = before.iter().find(|other| other.class == supertype.class)?;
    let name = world.class(supertype.class).name;
    match (again.role, supertype.role) {
        (Role::Implements, Role::Implements) | (Role::On, Role::On) => {
            let message = format!("`{name}` is named twice; remove one");
            Some(("repeated-interface", message))
        }
        (Role::Extends, Role::Implements) => {
            let message =
                format!("`{name}` is the superclass already; remove it from `implements`");
            Some(("repeated-interface", message))
        }
        _ => None,
    }
}

fn variance(world: &World, class: ClassId, supertype: &Written) -> Broken {
    let params = &world.class(class).type_params;
    let wrong = params
        .iter()
        .find(|&&param| !only_covariant(world, supertype.ty, param))?;
    let message = format!(
        "the type parameter `{}` stands where a function takes something, in the supertype `{}`; a supertype may only give it out",
        world.type_param(*wrong).name,
        world.show(supertype.ty)
    );
    Some(("supertype-variance", message))
}

/// The type arguments of a supertype are within their bounds as they are. What is no type at all is reported elsewhere.
fn bounds(world: &World, supertype: &Written) -> Broken {
    if is_regular_bounded(world, supertype.ty) || !is_well_bounded(world, supertype.ty) {
        return None;
    }
    let message = format!(
        "the type arguments of the supertype `{}` are not within their bounds; write others",
        world.show(supertype.ty)
    );
    Some(("supertype-bounds", message))
}

/// A class implements one instance of a generic class, not two.
fn check_one_instantiation(world: &World, class: ClassId) {
    let data = world.class(class);
    let mut seen: Vec<(ClassId, Box<[Ty]>)> = Vec::new();
    for ty in world.direct_supertypes(class) {
        let TyKind::Interface {
            class: direct,
            args,
            ..
        } = world.types.kind(ty)
        else {
            continue;
        };
        let mut all: Vec<(ClassId, Box<[Ty]>)> = vec![(*direct, args.clone())];
        let params = &world.class(*direct).type_params;
        for (&farther, farther_args) in world.supers(*direct) {
            if !farther_args.is_empty() {
                let mapped = farther_args
                    .iter()
                    .map(|&arg| world.subst(arg, params, args));
                all.push((farther, mapped.collect()));
            }
        }
        all.sort_unstable_by_key(|entry| entry.0);
        for (farther, farther_args) in all {
            let other = seen.iter().find(|entry| entry.0 == farther);
            match other {
                None => seen.push((farther, farther_args)),
                Some((_, other_args)) if same_args(world, other_args, &farther_args) => {}
                Some((_, other_args)) => {
                    let (one, two) = (
                        world.types.interface(farther, other_args),
                        world.types.interface(farther, &farther_args),
                    );
                    let message = format!(
                        "`{}` is both a `{}` and a `{}`; make its supertypes agree on one",
                        data.name,
                        world.show(one),
                        world.show(two)
                    );
                    return error(world, data.file, "two-instantiations", data.span, message);
                }
            }
        }
    }
}

fn same_args(world: &World, a: &[Ty], b: &[Ty]) -> bool {
    a.iter().zip(b).all(|(&a, &b)| {
        let (a, b) = (world.normal(a), world.normal(b));
        // Generic function types differ in the names of their parameters.
        let is_generic = |ty: Ty| match world.types.kind(ty) {
            TyKind::Function { function, .. } => !function.type_params.is_empty(),
            _ => false,
        };
        a == b || (is_generic(a) && is_generic(b) && world.same_type(a, b))
    })
}

/// Whether a library is of a version that knows class modifiers.
pub(super) fn knows_modifiers(world: &World, library: LibraryId) -> bool {
    world.library(library).version >= (3, 0)
}

/// Whether a library is one of the system's.
pub(super) fn is_platform(world: &World, library: LibraryId) -> bool {
    world.library(library).uri.starts_with("dart:")
}

/// Whether a class's superclass is Object itself.
pub(super) fn extends_object(world: &World, class: &Class) -> bool {
    class
        .supertype
        .is_none_or(|ty| world.class_of(ty) == Some(known::OBJECT))
}

/// Where errors about a class as a whole stand.
pub(super) fn place(world: &World, class: ClassId) -> (FileId, Span) {
    let data = world.class(class);
    (data.file, data.span)
}
