//! Names and written types: what a name means at a place, and from a type annotation to a [`Ty`].
//!
//! A [`TypeScope`] says where an annotation stands: its file and the type parameters in sight. Everything here works on a
//! shared [`World`], so the body phase uses it for the types written in bodies. What an annotation needs of other
//! declarations (bounds of a class's parameters, the type behind an alias) is resolved on first use.

use std::cell::RefCell;
use std::sync::Arc;

use eyot_syntax::ast::{
    self, DeclarationKind, FormalParameter, Identifier, ParameterFunction, ParameterKind,
    TypeNodeId, TypeParameter,
};
use eyot_syntax::{Diagnostic, Symbol, SyntaxTree, sym};

use crate::checks::bounds::{BoundUse, BoundUseForm, check_raw_in_bounds};
use crate::model::{
    ClassId, Decl, ExtensionId, FileId, LibraryId, MemberId, Owner, Prefix, TypeParamId,
    TypeParamOwner, TypedefId, World, known,
};
use crate::types::{FunctionTy, NamedParamTy, Ty, TyKind};

/// Where a type annotation stands.
#[derive(Clone, Debug)]
pub struct TypeScope {
    /// The file, for problems.
    pub file: FileId,
    /// Its library, for names.
    pub library: LibraryId,
    /// The type parameters in sight, innermost last.
    pub type_params: Vec<TypeParamId>,
}

impl TypeScope {
    /// The top level of a file.
    pub fn of_file(world: &World, file: FileId) -> TypeScope {
        TypeScope {
            file,
            library: world.file(file).library,
            type_params: Vec::new(),
        }
    }

    /// Inside a class.
    pub fn of_class(world: &World, class: ClassId) -> TypeScope {
        let data = world.class(class);
        TypeScope {
            file: data.file,
            library: data.library,
            type_params: data.type_params.clone(),
        }
    }

    /// Inside an extension.
    pub fn of_extension(world: &World, extension: ExtensionId) -> TypeScope {
        let data = world.extension(extension);
        TypeScope {
            file: data.file,
            library: data.library,
            type_params: data.type_params.clone(),
        }
    }

    /// Inside a member: its type parameters and, unless it is static, those around it. Constructors see those of their class.
    pub fn of_member(world: &World, member: MemberId) -> TypeScope {
        use crate::model::{MemberFlags, MemberKind};
        let data = world.member(member);
        let is_constructor = matches!(
            data.kind,
            MemberKind::Constructor | MemberKind::Factory | MemberKind::RedirectingFactory
        );
        let sees_owner = is_constructor || !data.flags.contains(MemberFlags::STATIC);
        let mut type_params = match data.owner {
            Owner::Class(class) if sees_owner => world.class(class).type_params.clone(),
            Owner::Extension(extension) if sees_owner => {
                world.extension(extension).type_params.clone()
            }
            _ => Vec::new(),
        };
        for &param in &data.type_params {
            if !type_params.contains(&param) {
                type_params.push(param);
            }
        }
        TypeScope {
            file: data.file,
            library: data.library,
            type_params,
        }
    }

    /// The innermost type parameter with this name.
    pub fn type_param(&self, world: &World, name: Symbol) -> Option<TypeParamId> {
        if world.is_wildcard(self.library, name) {
            return None;
        }
        let mut innermost_first = self.type_params.iter().rev();
        innermost_first
            .find(|&&param| world.type_param(param).name == name)
            .copied()
    }
}

impl World {
    /// What a name means at the top level of a library: declared in it, or else imported without a prefix. Prefixes are
    /// another matter ([`World::prefix`]) and come between the two.
    pub fn lookup(&self, library: LibraryId, name: Symbol) -> Option<Decl> {
        let library = self.library(library);
        match library.declared.get(&name) {
            Some(&decl) => Some(decl),
            None => library.imported.get(&name).copied(),
        }
    }

    /// Whether the name is `_` and names nothing in the library.
    pub fn is_wildcard(&self, library: LibraryId, name: Symbol) -> bool {
        name == sym::UNDERSCORE && self.library(library).version >= (3, 7)
    }

    /// The import prefix with this name, unless the library declares the name.
    pub fn prefix(&self, library: LibraryId, name: Symbol) -> Option<&Prefix> {
        let library = self.library(library);
        if library.declared.contains_key(&name) {
            return None;
        }
        library.prefixes.get(&name)
    }

    /// Whether the class is `FutureOr`, which is no class but a form of type.
    pub fn is_future_or(&self, class: ClassId) -> bool {
        let data = self.class(class);
        data.name == sym::FUTURE_OR && &*self.library(data.library).uri == "dart:async"
    }

    /// An instance type of a class as the program writes it: `Null` and `FutureOr<T>` have forms of their own.
    pub fn class_type(&self, class: ClassId, args: &[Ty]) -> Ty {
        if self.is_future_or(class) {
            return self
                .types
                .future_or(args.first().copied().unwrap_or(Ty::DYNAMIC));
        }
        self.types.interface(class, args)
    }

    /// The arguments of a class named without any.
    pub fn raw_class_args(&self, class: ClassId) -> Vec<Ty> {
        self.ensure_class_bounds(class);
        self.instantiate_to_bounds(&self.class(class).type_params)
    }

    /// The type an alias stands for, over the alias's type parameters.
    pub fn aliased(&self, typedef: TypedefId) -> Ty {
        let data = self.typedef(typedef);
        if let Some(&ty) = data.ty.get() {
            return ty;
        }
        let Some((tree, decl)) = self.declaration(data.file, data.decl) else {
            return Ty::ERROR;
        };
        let DeclarationKind::Typedef(node) = &tree.declarations[decl].kind else {
            return Ty::ERROR;
        };
        let resolved = guarded(Guard::Typedef(typedef), || {
            let mut scope = TypeScope::of_file(self, data.file);
            scope.type_params = data.type_params.clone();
            resolve_bounds(self, &scope, &tree, &node.type_params, &data.type_params);
            resolve_type(self, &scope, &tree, node.ty)
        });
        let ty = resolved.unwrap_or_else(|| {
            let message = format!(
                "the type alias `{0}` refers to itself; write out one of the types in the circle",
                data.name
            );
            self.report(
                data.file,
                Diagnostic::error("cyclic-typedef", data.span, message),
            );
            Ty::ERROR
        });
        *data.ty.get_or_init(|| ty)
    }

    /// Sets the bounds of a class's type parameters if they are not known yet.
    pub fn ensure_class_bounds(&self, class: ClassId) {
        let data = self.class(class);
        if self.bounds_are_known(&data.type_params) {
            return;
        }
        let Some((tree, decl)) = self.declaration(data.file, data.decl) else {
            return;
        };
        let written = match &tree.declarations[decl].kind {
            DeclarationKind::Class(node) => &node.type_params,
            DeclarationKind::Mixin(node) => &node.type_params,
            DeclarationKind::Enum(node) => &node.type_params,
            DeclarationKind::ExtensionType(node) => &node.type_params,
            _ => return,
        };
        // In a circle of bounds the inner look sees no bound, which makes the raw type `dynamic` there.
        let _ = guarded(Guard::Bounds(class), || {
            let scope = TypeScope::of_class(self, class);
            resolve_bounds(self, &scope, &tree, written, &data.type_params);
        });
    }

    fn bounds_are_known(&self, params: &[TypeParamId]) -> bool {
        params
            .iter()
            .all(|&param| self.type_param(param).bound.get().is_some())
    }

    fn declaration(&self, file: FileId, decl: Option<u32>) -> Option<(Arc<SyntaxTree>, usize)> {
        let tree = self.file(file).tree.clone()?;
        let index = decl? as usize;
        (index < tree.declarations.len()).then_some((tree, index))
    }
}

/// What is being resolved on this thread, so that circles end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guard {
    Typedef(TypedefId),
    Bounds(ClassId),
}

thread_local! {
    static RUNNING: RefCell<Vec<Guard>> = const { RefCell::new(Vec::new()) };
}

/// Runs `work` unless it is running already further out on this thread.
fn guarded<T>(guard: Guard, work: impl FnOnce() -> T) -> Option<T> {
    let entered = RUNNING.with_borrow_mut(|running| {
        let is_new = !running.contains(&guard);
        if is_new {
            running.push(guard);
        }
        is_new
    });
    if !entered {
        return None;
    }
    let value = work();
    RUNNING.with_borrow_mut(|running| running.retain(|&other| other != guard));
    Some(value)
}

/// The type an annotation means. Problems are reported; what cannot be resolved is [`Ty::ERROR`].
pub fn resolve_type(world: &World, scope: &TypeScope, tree: &SyntaxTree, node: TypeNodeId) -> Ty {
    let annotation = &tree[node];
    let ty = match &annotation.kind {
        ast::TypeKind::Error => Ty::ERROR,
        ast::TypeKind::Void => Ty::VOID,
        ast::TypeKind::Named {
            prefix,
            name,
            type_args,
        } => resolve_named(world, scope, tree, prefix.as_ref(), *name, type_args),
        ast::TypeKind::Function(function) => function_type(
            world,
            scope,
            tree,
            function.return_type,
            &function.type_params,
            &function.params,
        ),
        ast::TypeKind::Record(record) => {
            let positional: Vec<Ty> = record
                .positional
                .iter()
                .map(|field| resolve_type(world, scope, tree, field.ty))
                .collect();
            let mut named: Vec<(Symbol, Ty)> = record
                .named
                .iter()
                .filter_map(|field| {
                    let name = field.name?.symbol;
                    Some((name, resolve_type(world, scope, tree, field.ty)))
                })
                .collect();
            named.sort_unstable_by_key(|&(name, _)| name.as_str());
            world.types.record(&positional, &named)
        }
    };
    if annotation.is_nullable {
        world.types.nullable(ty)
    } else {
        ty
    }
}

fn resolve_named(
    world: &World,
    scope: &TypeScope,
    tree: &SyntaxTree,
    prefix: Option<&Identifier>,
    name: Identifier,
    type_args: &[TypeNodeId],
) -> Ty {
    let found = match prefix {
        None => {
            if let Some(param) = scope.type_param(world, name.symbol) {
                if !type_args.is_empty() {
                    report_arg_count(world, scope, name, 0, type_args.len());
                }
                return world.types.param(param);
            }
            world.lookup(scope.library, name.symbol)
        }
        Some(prefix) => match world.prefix(scope.library, prefix.symbol) {
            Some(imported) if imported.deferred && imported.names.contains_key(&name.symbol) => {
                let message = format!(
                    "`{}` comes from a deferred import, which may not be loaded yet, and cannot be a type here; import it without `deferred`",
                    name.symbol
                );
                world.report(
                    scope.file,
                    Diagnostic::error("deferred-type", name.span, message),
                );
                return Ty::ERROR;
            }
            Some(imported) => imported.names.get(&name.symbol).copied(),
            None => {
                let message = format!(
                    "`{}` is no import prefix; import a library `as {0}` or write the type without it",
                    prefix.symbol
                );
                world.report(
                    scope.file,
                    Diagnostic::error("unknown-prefix", prefix.span, message),
                );
                return Ty::ERROR;
            }
        },
    };
    let args: Vec<Ty> = type_args
        .iter()
        .map(|&arg| resolve_type(world, scope, tree, arg))
        .collect();
    let Some(decl) = found else {
        let message = format!(
            "there is no type `{}` here; declare it, import its library, or correct the name",
            name.symbol
        );
        world.report(
            scope.file,
            Diagnostic::error("unknown-type", name.span, message),
        );
        return Ty::ERROR;
    };
    type_of_decl(world, scope, decl, name, &args)
}

/// The type that `name`, which means `decl`, gives with the arguments written (none: a raw type, instantiated to bounds).
pub fn type_of_decl(
    world: &World,
    scope: &TypeScope,
    decl: Decl,
    name: Identifier,
    args: &[Ty],
) -> Ty {
    let not_a_type = |what: &str| {
        let message = format!("`{}` is {what}, not a type", name.symbol);
        world.report(
            scope.file,
            Diagnostic::error("not-a-type", name.span, message),
        );
        Ty::ERROR
    };
    let note = |form: BoundUseForm, params: &[TypeParamId], args: &[Ty]| {
        if !params.is_empty() {
            world.note_bounds(BoundUse {
                file: scope.file,
                span: name.span,
                params: params.to_vec(),
                args: args.to_vec(),
                form,
            });
        }
    };
    match decl {
        Decl::Class(class) => {
            let params = &world.class(class).type_params;
            let fitted = fit_args(world, scope, name, params, args);
            let is_raw = fitted.is_none();
            let args = fitted.unwrap_or_else(|| world.raw_class_args(class));
            note(BoundUseForm::Class { is_raw }, params, &args);
            world.class_type(class, &args)
        }
        Decl::Typedef(typedef) => {
            let aliased = world.aliased(typedef);
            let params = &world.typedef(typedef).type_params;
            let fitted = fit_args(world, scope, name, params, args);
            let is_raw = fitted.is_none();
            let args = fitted.unwrap_or_else(|| world.raw_alias_args(typedef));
            note(BoundUseForm::Alias { typedef, is_raw }, params, &args);
            world.subst(aliased, params, &args)
        }
        Decl::Dynamic | Decl::Never => {
            if !args.is_empty() {
                report_arg_count(world, scope, name, 0, args.len());
            }
            if decl == Decl::Never {
                Ty::NEVER
            } else {
                Ty::DYNAMIC
            }
        }
        Decl::Extension(_) => not_a_type("an extension"),
        Decl::Member { .. } => not_a_type("a function or variable"),
        Decl::Ambiguous => {
            let message = format!(
                "`{0}` is imported from several libraries; hide it in all imports but one, or import with a prefix",
                name.symbol
            );
            world.report(
                scope.file,
                Diagnostic::error("ambiguous-import", name.span, message),
            );
            Ty::ERROR
        }
    }
}

/// The arguments, brought to the right number (with a problem if it is wrong); none where none are written.
fn fit_args(
    world: &World,
    scope: &TypeScope,
    name: Identifier,
    params: &[TypeParamId],
    args: &[Ty],
) -> Option<Vec<Ty>> {
    if args.len() == params.len() {
        return Some(args.to_vec());
    }
    if args.is_empty() {
        return None;
    }
    report_arg_count(world, scope, name, params.len(), args.len());
    let mut fitted = args.to_vec();
    fitted.resize(params.len(), Ty::ERROR);
    Some(fitted)
}

fn report_arg_count(
    world: &World,
    scope: &TypeScope,
    name: Identifier,
    wanted: usize,
    given: usize,
) {
    let wanted = match wanted {
        0 => "no type arguments".to_string(),
        1 => "1 type argument".to_string(),
        n => format!("{n} type arguments"),
    };
    let message = format!("`{}` takes {wanted}, but {given} are given", name.symbol);
    world.report(
        scope.file,
        Diagnostic::error("wrong-type-argument-count", name.span, message),
    );
}

/// Makes type parameters for `written`, puts them in `scope`, and resolves their bounds there.
pub fn declare_type_params(
    world: &World,
    scope: &mut TypeScope,
    tree: &SyntaxTree,
    written: &[TypeParameter],
    owner: TypeParamOwner,
) -> Vec<TypeParamId> {
    let params: Vec<TypeParamId> = (0u32..)
        .zip(written)
        .map(|(index, param)| world.new_type_param(param.name.symbol, owner, index))
        .collect();
    scope.type_params.extend_from_slice(&params);
    resolve_bounds(world, scope, tree, written, &params);
    params
}

/// Sets the bounds of `params` as written. `scope` has the parameters themselves.
pub fn resolve_bounds(
    world: &World,
    scope: &TypeScope,
    tree: &SyntaxTree,
    written: &[TypeParameter],
    params: &[TypeParamId],
) {
    check_raw_in_bounds(world, scope, tree, written);
    for (param, node) in params.iter().zip(written) {
        let bound = match node.bound {
            Some(bound) => resolve_type(world, scope, tree, bound),
            None => Ty::OBJECT_N,
        };
        // A bound that leads back to the parameter through parameters alone bounds nothing.
        let bound = if leads_back(world, bound, *param) {
            let message = format!(
                "the bound of `{0}` leads back to `{0}`; give it a bound that is no type parameter of this list",
                node.name.symbol
            );
            world.report(
                scope.file,
                Diagnostic::error("cyclic-bound", node.name.span, message),
            );
            Ty::OBJECT_N
        } else {
            bound
        };
        let _ = world.type_param(*param).bound.set(bound);
    }
}

fn leads_back(world: &World, bound: Ty, start: TypeParamId) -> bool {
    let mut ty = bound;
    for _ in 0..1000 {
        let TyKind::Param { param, .. } = world.types.kind(ty) else {
            return false;
        };
        if *param == start {
            return true;
        }
        ty = world.bound(*param);
    }
    true
}

/// The type of a function with this signature, all of it written (what is left out is `dynamic`).
pub fn function_type(
    world: &World,
    scope: &TypeScope,
    tree: &SyntaxTree,
    result: Option<TypeNodeId>,
    type_params: &[TypeParameter],
    params: &[FormalParameter],
) -> Ty {
    let mut scope = scope.clone();
    let own = declare_type_params(world, &mut scope, tree, type_params, TypeParamOwner::Local);
    let result = match result {
        Some(node) => resolve_type(world, &scope, tree, node),
        None => Ty::DYNAMIC,
    };
    let mut positional = Vec::new();
    let mut named = Vec::new();
    let mut required = 0;
    for param in params {
        let ty = parameter_type(world, &scope, tree, param).unwrap_or(Ty::DYNAMIC);
        match param.kind {
            ParameterKind::Positional => {
                required += 1;
                positional.push(ty);
            }
            ParameterKind::OptionalPositional => positional.push(ty),
            ParameterKind::Named => {
                let Some(name) = param.name else { continue };
                named.push(NamedParamTy {
                    name: name.symbol,
                    ty,
                    required: param.is_required,
                });
            }
        }
    }
    named.sort_unstable_by_key(|param| param.name.as_str());
    world.types.function(FunctionTy {
        type_params: own.into(),
        positional: positional.into(),
        required,
        named: named.into(),
        result,
    })
}

/// The type written for a parameter, the form `T name(int x)` included; none where none is written.
pub fn parameter_type(
    world: &World,
    scope: &TypeScope,
    tree: &SyntaxTree,
    param: &FormalParameter,
) -> Option<Ty> {
    let Some(function) = &param.function else {
        return param.ty.map(|ty| resolve_type(world, scope, tree, ty));
    };
    let ParameterFunction {
        type_params,
        params,
        is_nullable,
    } = &**function;
    let ty = function_type(world, scope, tree, param.ty, type_params, params);
    Some(if *is_nullable {
        world.types.nullable(ty)
    } else {
        ty
    })
}

/// The type of a member as a function: what a tear-off of it has, and what its call is checked against. For a
/// getter, setter or variable it is the type of the value.
pub fn member_function_type(world: &World, member: MemberId) -> Ty {
    use crate::model::{MemberKind, ParamKind};
    let data = world.member(member);
    if matches!(data.kind, MemberKind::Getter | MemberKind::Field) {
        return world.ty(member);
    }
    if data.kind == MemberKind::Setter {
        return data.params.first().map_or(Ty::DYNAMIC, |param| param.ty);
    }
    let mut positional = Vec::new();
    let mut named = Vec::new();
    let mut required = 0;
    for param in &data.params {
        match param.kind {
            ParamKind::Required => {
                required += 1;
                positional.push(param.ty);
            }
            ParamKind::OptionalPositional => positional.push(param.ty),
            ParamKind::Named | ParamKind::RequiredNamed => named.push(NamedParamTy {
                name: param.name,
                ty: param.ty,
                required: param.kind == ParamKind::RequiredNamed,
            }),
        }
    }
    named.sort_unstable_by_key(|param| param.name.as_str());
    world.types.function(FunctionTy {
        type_params: data.type_params.clone().into(),
        positional: positional.into(),
        required,
        named: named.into(),
        result: world.ty(member),
    })
}

/// The class whose declaration a constructor designation or static access names, through aliases; with the alias's
/// type if it fixes arguments.
pub fn class_behind(world: &World, decl: Decl) -> Option<(ClassId, Option<Ty>)> {
    match decl {
        Decl::Class(class) => Some((class, None)),
        Decl::Typedef(typedef) => {
            let ty = world.aliased(typedef);
            match world.types.kind(ty) {
                TyKind::Interface { class, .. } => Some((*class, Some(ty))),
                TyKind::Null => Some((known::NULL, Some(ty))),
                _ => None,
            }
        }
        _ => None,
    }
}
