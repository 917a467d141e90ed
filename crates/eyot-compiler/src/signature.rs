//! How a member's main function is called: which arguments in which order, and how each travels.
//!
//! A function takes `this` (or the closure), its type arguments as one vector, then positional parameters in source order and
//! named ones in the order of their names. Representations follow from the declared types alone, so that caller and callee agree
//! without knowing each other.

use eyot_bytecode::module as bc;
use eyot_semantics::model::{
    MemberFlags, MemberId, MemberKind, Owner, ParamKind, TypeParamId, World,
};
use eyot_semantics::program::ConstId;
use eyot_semantics::types::Ty;
use eyot_syntax::Symbol;

use crate::tables::{function_params, rep_of};

/// A parameter as callers see it.
#[derive(Clone, Debug)]
pub(crate) struct SigParam {
    pub(crate) name: Symbol,
    pub(crate) ty: Ty,
    pub(crate) kind: ParamKind,
    /// Value of an optional one that is left out; none is null.
    pub(crate) default: Option<ConstId>,
    /// Its place in the source.
    pub(crate) source_index: usize,
    /// Covariant by keyword or by class: the function's run-time type takes anything, and the function itself checks. (Natives leave
    /// that to those that call them.)
    pub(crate) covariant: bool,
}

impl SigParam {
    pub(crate) fn rep(&self) -> bc::Rep {
        rep_of(self.ty)
    }
}

/// How a function is called.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    /// Slot 0 is `this`.
    pub(crate) this: bool,
    /// What arrives as the function vector.
    pub(crate) type_params: Vec<TypeParamId>,
    /// Positional ones, then named ones by name.
    pub(crate) params: Vec<SigParam>,
    /// The result's type.
    pub(crate) result: Ty,
}

impl Signature {
    /// The signature of a member's main function.
    pub(crate) fn of_member(world: &World, member: MemberId) -> Signature {
        let data = world.member(member);
        let is_constructor = data.kind == MemberKind::Constructor;
        let is_static = data.flags.contains(MemberFlags::STATIC);
        let in_class = matches!(data.owner, Owner::Class(_));
        let mut params = Vec::new();
        if let (Owner::Extension(extension), false) = (data.owner, is_static) {
            params.push(SigParam {
                name: Symbol::intern(":this"),
                ty: world.extension(extension).on,
                kind: ParamKind::Required,
                default: None,
                source_index: 0,
                covariant: false,
            });
        }
        let first = params.len();
        for (index, param) in data.params.iter().enumerate() {
            params.push(SigParam {
                name: param.name,
                ty: param.ty,
                kind: param.kind,
                default: default_of(world, member, index),
                source_index: first + index,
                covariant: param.covariant
                    || (param.by_class && !data.flags.contains(MemberFlags::EXTERNAL)),
            });
        }
        sort_params(&mut params);
        Signature {
            this: is_constructor || (in_class && !is_static),
            type_params: function_params(world, member),
            params,
            result: match data.kind {
                MemberKind::Setter => Ty::VOID,
                MemberKind::Constructor => Ty::DYNAMIC,
                _ => world.ty(member),
            },
        }
    }

    /// How the result travels.
    pub(crate) fn result_rep(&self) -> bc::Rep {
        rep_of(self.result)
    }

    /// The number of positional parameters, which come first.
    pub(crate) fn positional(&self) -> usize {
        self.params
            .iter()
            .filter(|param| !is_named(param.kind))
            .count()
    }
}

/// Puts named parameters behind positional ones, in the order of their names.
pub(crate) fn sort_params(params: &mut [SigParam]) {
    params.sort_by(|a, b| match (is_named(a.kind), is_named(b.kind)) {
        (true, true) => a.name.as_str().cmp(b.name.as_str()),
        (a_named, b_named) => a_named.cmp(&b_named),
    });
}

/// The default of a parameter; a redirecting factory has those of its target.
fn default_of(world: &World, member: MemberId, index: usize) -> Option<ConstId> {
    let mut member = member;
    // A chain of redirections may be a circle after an error.
    for _ in 0..100 {
        let own = world.param_default(member, index);
        let data = world.member(member);
        match &data.redirect {
            Some((target, _)) if own.is_none() => {
                let param = data.params.get(index)?;
                if is_named(param.kind) {
                    let named =
                        |p: &eyot_semantics::model::Param| is_named(p.kind) && p.name == param.name;
                    let found = world.member(*target).params.iter().position(named)?;
                    if found != index {
                        return world.param_default(*target, found);
                    }
                }
                member = *target;
            }
            _ => return own,
        }
    }
    None
}

/// Whether arguments are given by name.
pub(crate) fn is_named(kind: ParamKind) -> bool {
    matches!(kind, ParamKind::Named | ParamKind::RequiredNamed)
}

/// The kind in the image's words.
pub(crate) fn param_kind(kind: ParamKind) -> bc::ParamKind {
    match kind {
        ParamKind::Required => bc::ParamKind::Required,
        ParamKind::OptionalPositional => bc::ParamKind::OptionalPositional,
        ParamKind::Named => bc::ParamKind::Named,
        ParamKind::RequiredNamed => bc::ParamKind::RequiredNamed,
    }
}
