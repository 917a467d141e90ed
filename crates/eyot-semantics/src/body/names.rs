//! What a name means: local, member of the enclosing declaration, or library name.

use eyot_syntax::ast::{self, ExprId, ExprKind as E, Identifier};
use eyot_syntax::{Span, Symbol, sym};

use super::scope::LocalName;
use super::{This, Walk};
use crate::checks::bounds::{BoundUse, BoundUseForm};
use crate::model::{
    Access, ClassId, Decl, ExtensionId, MemberId, Owner, TypeParamId, TypeParamOwner,
};
use crate::outline::scope::{TypeScope, resolve_type};
use crate::program::LocalId;
use crate::types::{Ty, TyKind};

/// What a name stands for in expressions.
#[derive(Clone, Copy, Debug)]
pub(super) enum Name {
    Local(LocalId),
    TypeParam(TypeParamId),
    /// A member of `this`: declared in the class around, or inherited.
    OnThis,
    /// A static or top-level member.
    Static(Access),
    Class(ClassId),
    Typedef(crate::model::TypedefId),
    Extension(ExtensionId),
    Dynamic,
    Never,
    Prefix(Symbol),
    Ambiguous,
    Unknown,
}

/// A class, extension or prefix named by an expression that is no value.
#[derive(Clone, Debug)]
pub(super) enum Designator {
    /// A class, perhaps with type arguments (written, or given by a typedef).
    Class(ClassId, Option<Vec<Ty>>),
    /// A typedef with type parameters left out.
    GenericAlias(crate::model::TypedefId),
    Extension(ExtensionId),
    Prefix(Symbol),
    /// Any other type.
    Type(Ty),
}

impl Walk<'_> {
    /// What `name` means here.
    pub(super) fn resolve(&self, name: Symbol) -> Name {
        match self.names.look_up(name) {
            Some(LocalName::Variable(local)) => return Name::Local(local),
            Some(LocalName::TypeParam(param)) => return Name::TypeParam(param),
            None => {}
        }
        // A function's own type parameters hide members, a class's are hidden by them.
        self.type_param(name, true)
            .or_else(|| self.resolve_in_owner(name))
            .or_else(|| self.resolve_in_library(name))
            .unwrap_or_else(|| self.resolve_inherited(name))
    }

    fn resolve_in_owner(&self, name: Symbol) -> Option<Name> {
        let (instance, statics) = match self.owner {
            Owner::Class(class) => {
                let class = self.world.class(class);
                (&class.instance, &class.statics)
            }
            Owner::Extension(extension) => {
                let extension = self.world.extension(extension);
                (&extension.instance, &extension.statics)
            }
            Owner::Library(_) => return None,
        };
        if let Some(access) = statics.get(&name) {
            return Some(Name::Static(*access));
        }
        if instance.contains_key(&name) {
            return Some(Name::OnThis);
        }
        self.type_param(name, false)
    }

    /// The type parameter with this name of the member itself, or of what is around it.
    fn type_param(&self, name: Symbol, of_member: bool) -> Option<Name> {
        if self.world.is_wildcard(self.library, name) {
            return None;
        }
        let fits = |param: &&TypeParamId| {
            let data = self.world.type_param(**param);
            data.name == name && matches!(data.owner, TypeParamOwner::Member(_)) == of_member
        };
        let found = self.type_params.iter().find(fits)?;
        Some(Name::TypeParam(*found))
    }

    fn resolve_in_library(&self, name: Symbol) -> Option<Name> {
        let library = self.world.library(self.library);
        if let Some(decl) = library.declared.get(&name) {
            return Some(name_of_decl(*decl));
        }
        if library.prefixes.contains_key(&name) {
            return Some(Name::Prefix(name));
        }
        let decl = library.imported.get(&name)?;
        Some(name_of_decl(*decl))
    }

    fn resolve_inherited(&self, name: Symbol) -> Name {
        match name {
            sym::DYNAMIC => return Name::Dynamic,
            sym::NEVER => return Name::Never,
            _ => {}
        }
        let Some(this) = self.this_type() else {
            // In static code the mistake is worth its own message, which the member look-up gives.
            return match self.owner {
                Owner::Class(class) => {
                    let found = self.world.instance_members(class, name, self.library);
                    if found == Access::default() {
                        Name::Unknown
                    } else {
                        Name::OnThis
                    }
                }
                _ => Name::Unknown,
            };
        };
        if self.has_member(this, name) {
            Name::OnThis
        } else {
            Name::Unknown
        }
    }

    /// The type of `this`, if there is one here.
    pub(super) fn this_type(&self) -> Option<Ty> {
        match self.this {
            Some(This::Instance(ty) | This::Receiver(_, ty)) => Some(ty),
            None => None,
        }
    }

    /// What `prefix.name` means.
    pub(super) fn resolve_prefixed(&self, prefix: Symbol, name: Symbol) -> Name {
        let library = self.world.library(self.library);
        match library
            .prefixes
            .get(&prefix)
            .and_then(|p| p.names.get(&name))
        {
            Some(decl) => name_of_decl(*decl),
            None => Name::Unknown,
        }
    }

    /// The class, extension, prefix or type an expression names, if it does.
    pub(super) fn designator(&mut self, id: ExprId) -> Option<Designator> {
        let tree = self.tree;
        match &tree[id].kind {
            E::Identifier(name) => self.designator_of_name(self.resolve(*name)),
            E::Property {
                receiver,
                name,
                is_null_aware: false,
            } => {
                let E::Identifier(prefix) = &tree[*receiver].kind else {
                    return None;
                };
                match self.resolve(*prefix) {
                    Name::Prefix(prefix) => {
                        let name_span = name.span;
                        let name = self.resolve_prefixed(prefix, name.symbol);
                        let designator = self.designator_of_name(name)?;
                        self.use_prefix(prefix, name_span);
                        Some(designator)
                    }
                    _ => None,
                }
            }
            E::Instantiation { operand, type_args } => {
                let operand = self.designator(*operand)?;
                let args = self.annotations(type_args);
                Some(self.apply_designator(operand, args, tree[id].span))
            }
            _ => None,
        }
    }

    fn designator_of_name(&self, name: Name) -> Option<Designator> {
        Some(match name {
            Name::Class(class) => Designator::Class(class, None),
            Name::Extension(extension) => Designator::Extension(extension),
            Name::Prefix(prefix) => Designator::Prefix(prefix),
            Name::TypeParam(param) => Designator::Type(self.world.types.param(param)),
            Name::Dynamic => Designator::Type(Ty::DYNAMIC),
            Name::Never => Designator::Type(Ty::NEVER),
            Name::Typedef(typedef) => {
                let alias = self.world.typedef(typedef);
                let ty = self.world.aliased(typedef);
                if alias.type_params.is_empty() {
                    self.designator_of_type(ty)
                } else {
                    Designator::GenericAlias(typedef)
                }
            }
            _ => return None,
        })
    }

    fn designator_of_type(&self, ty: Ty) -> Designator {
        match self.world.types.kind(ty) {
            TyKind::Interface {
                class,
                args,
                nullable: false,
            } => Designator::Class(*class, Some(args.to_vec())),
            _ => Designator::Type(ty),
        }
    }

    /// A designator given type arguments.
    pub(super) fn apply_designator(
        &self,
        designator: Designator,
        args: Vec<Ty>,
        span: Span,
    ) -> Designator {
        match designator {
            Designator::Class(class, None) => {
                let wanted = self.world.class(class).type_params.len();
                if wanted != args.len() {
                    self.type_argument_count(wanted, args.len(), span);
                    return Designator::Class(class, None);
                }
                let params = &self.world.class(class).type_params;
                let form = BoundUseForm::Class { is_raw: false };
                self.note_written_bounds(params, &args, form, span);
                Designator::Class(class, Some(args))
            }
            Designator::GenericAlias(typedef) => {
                let alias = self.world.typedef(typedef);
                if alias.type_params.len() != args.len() {
                    self.type_argument_count(alias.type_params.len(), args.len(), span);
                }
                let form = BoundUseForm::Alias {
                    typedef,
                    is_raw: false,
                };
                self.note_written_bounds(&alias.type_params, &args, form, span);
                let ty = self
                    .world
                    .subst(self.world.aliased(typedef), &alias.type_params, &args);
                self.designator_of_type(ty)
            }
            other => {
                self.type_argument_count(0, args.len(), span);
                other
            }
        }
    }

    fn note_written_bounds(
        &self,
        params: &[TypeParamId],
        args: &[Ty],
        form: BoundUseForm,
        span: Span,
    ) {
        self.world.note_bounds(BoundUse {
            file: self.file,
            span,
            params: params.to_vec(),
            args: args.to_vec(),
            form,
        });
    }

    /// Reports a wrong number of type arguments.
    pub(super) fn type_argument_count(&self, wanted: usize, found: usize, span: Span) {
        self.error(
            "type-argument-count",
            span,
            format!("expected {wanted} type argument(s) here, found {found}"),
        );
    }

    /// The type a designator stands for as a value.
    pub(super) fn designated_type(&self, designator: &Designator) -> Option<Ty> {
        Some(match designator {
            Designator::Class(class, Some(args)) => self.world.class_type(*class, args),
            Designator::Class(class, None) => self
                .world
                .class_type(*class, &self.world.raw_class_args(*class)),
            Designator::GenericAlias(typedef) => self.raw_alias(*typedef),
            Designator::Type(ty) => *ty,
            Designator::Extension(_) | Designator::Prefix(_) => return None,
        })
    }

    /// The type an alias without arguments stands for.
    pub(super) fn raw_alias(&self, typedef: crate::model::TypedefId) -> Ty {
        let aliased = self.world.aliased(typedef);
        let params = &self.world.typedef(typedef).type_params;
        let args = self.world.raw_alias_args(typedef);
        self.world.subst(aliased, params, &args)
    }

    /// A type annotation.
    pub(super) fn annotation(&mut self, id: ast::TypeNodeId) -> Ty {
        let scope = self.type_scope();
        let ty = resolve_type(self.world, &scope, self.tree, id);
        if self.in_const && self.world.mentions(ty, &scope.type_params) {
            self.error(
                "type-parameter-in-constant",
                self.tree[id].span,
                "a constant is the same for all type arguments and cannot mention a type parameter; name a type, or do without 'const'",
            );
            return Ty::ERROR;
        }
        ty
    }

    /// Where types are written here.
    pub(super) fn type_scope(&self) -> TypeScope {
        let mut type_params = self.type_params.clone();
        type_params.extend(self.names.type_params().map(|entry| entry.1));
        TypeScope {
            file: self.file,
            library: self.library,
            type_params,
        }
    }

    /// A written annotation, or none.
    pub(super) fn maybe_annotation(&mut self, id: Option<ast::TypeNodeId>) -> Option<Ty> {
        id.map(|id| self.annotation(id))
    }

    /// Type annotations.
    pub(super) fn annotations(&mut self, ids: &[ast::TypeNodeId]) -> Vec<Ty> {
        ids.iter().map(|&id| self.annotation(id)).collect()
    }

    /// The problem of a name nobody declared.
    pub(super) fn unknown_name(&self, name: &Identifier) {
        let near = self.near_name(name.symbol);
        let hint = match near {
            Some(near) => format!("; did you mean '{near}'?"),
            None => String::new(),
        };
        self.error(
            "undefined-name",
            name.span,
            format!("nothing named '{}' is in scope here{hint}", name.symbol),
        );
    }

    fn near_name(&self, name: Symbol) -> Option<Symbol> {
        let library = self.world.library(self.library);
        let mut candidates: Vec<Symbol> = self.names.all().collect();
        if let Owner::Class(class) = self.owner {
            let class = self.world.class(class);
            candidates.extend(class.instance.keys().chain(class.statics.keys()));
        }
        candidates.extend(library.declared.keys().chain(library.imported.keys()));
        nearest(name, candidates.into_iter())
    }

    /// The const variable or the enum constant a static access reads.
    pub(super) fn constant_of(&self, member: MemberId) -> Option<crate::program::ConstId> {
        use crate::model::MemberFlags;
        let flags = self.member(member).flags;
        if flags.intersects(MemberFlags::CONST | MemberFlags::ENUM_VALUE)
            && self.member(member).kind == crate::model::MemberKind::Field
        {
            self.world.constant(member)
        } else {
            None
        }
    }
}

fn name_of_decl(decl: Decl) -> Name {
    match decl {
        Decl::Class(class) => Name::Class(class),
        Decl::Typedef(typedef) => Name::Typedef(typedef),
        Decl::Extension(extension) => Name::Extension(extension),
        Decl::Member { get, set } => Name::Static(Access { get, set }),
        Decl::Dynamic => Name::Dynamic,
        Decl::Never => Name::Never,
        Decl::Ambiguous => Name::Ambiguous,
    }
}

/// The candidate most like `name`, if one is close.
pub(super) fn nearest(name: Symbol, candidates: impl Iterator<Item = Symbol>) -> Option<Symbol> {
    let text = name.as_str();
    let limit = text.len().div_ceil(3).clamp(1, 3);
    candidates
        .filter(|&candidate| candidate != name)
        .filter_map(|candidate| {
            let distance = edit_distance(text, candidate.as_str(), limit)?;
            Some((distance, candidate.as_str(), candidate))
        })
        .min_by_key(|&(distance, text, _)| (distance, text))
        .map(|(_, _, candidate)| candidate)
}

/// The number of edits between two words, if it is at most `limit`.
fn edit_distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit || a.is_empty() {
        return None;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = if x == *y { diagonal } else { diagonal + 1 };
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().filter(|&distance| distance <= limit)
}
