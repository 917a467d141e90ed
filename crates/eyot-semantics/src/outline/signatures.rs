//! Fourth pass: the types that are written at members.

use std::sync::OnceLock;

use eyot_syntax::ast::{
    FormalParameter, FunctionKind, ParameterForm, ParameterKeyword, ParameterKind,
};
use eyot_syntax::{Symbol, SyntaxTree, sym};

use super::Outline;
use super::nodes::{MemberNode, member_node};
use super::scope::{TypeScope, declare_type_params, parameter_type, resolve_type};
use crate::model::{
    FileId, FormalKind, MemberFlags, MemberId, Owner, Param, ParamKind, TypeParamOwner, known,
};
use crate::types::Ty;

impl Outline<'_> {
    pub(super) fn signatures(&mut self) {
        for id in self.members.clone() {
            self.signature(id);
        }
    }

    fn signature(&mut self, id: MemberId) {
        let member = self.world.member(id);
        let Some(tree) = self.tree(member.file) else {
            return;
        };
        let mut scope = TypeScope::of_member(self.world, id);
        match member_node(&tree, member) {
            Some(MemberNode::Variable(node)) => match node.ty {
                Some(ty) => self.set_type(id, resolve_type(self.world, &scope, &tree, ty)),
                None => self.mark_inferred(id),
            },
            Some(MemberNode::PrimaryField(param)) => {
                match parameter_type(self.world, &scope, &tree, param) {
                    Some(ty) => self.set_type(id, ty),
                    None => self.mark_inferred(id),
                }
            }
            Some(MemberNode::EnumValue(_)) => match member.owner {
                Owner::Class(class) if self.world.class(class).type_params.is_empty() => {
                    self.set_type(id, self.world.this_type(class));
                }
                // The arguments of a generic enum are the constant's own.
                _ => self.mark_inferred(id),
            },
            Some(MemberNode::Function(node)) => {
                let owner = TypeParamOwner::Member(id);
                let params = &node.type_params;
                let own = declare_type_params(self.world, &mut scope, &tree, params, owner);
                self.world.members[id.index()].type_params = own;
                self.set_params(id, &scope, &tree, &node.params);
                let writes =
                    node.kind == FunctionKind::Setter || node.name.symbol == sym::INDEX_SET;
                match node.return_type {
                    Some(ty) => self.set_type(id, resolve_type(self.world, &scope, &tree, ty)),
                    None if writes => self.set_type(id, Ty::VOID),
                    None if self.can_override(id) => self.mark_inferred(id),
                    None => self.set_type(id, Ty::DYNAMIC),
                }
            }
            Some(MemberNode::Constructor(node)) => {
                self.set_params(id, &scope, &tree, &node.params);
                self.set_this_type(id);
            }
            Some(MemberNode::Primary(node)) => {
                self.set_params(id, &scope, &tree, &node.params);
                self.set_this_type(id);
            }
            None => self.synthetic_signature(id),
        }
    }

    /// The types of what the language adds: `values` of an enum; constructors are made with their types.
    fn synthetic_signature(&self, id: MemberId) {
        let member = self.world.member(id);
        if let Owner::Class(class) = member.owner
            && member.name == sym::VALUES
        {
            let args = self.world.raw_class_args(class);
            let element = self.world.types.interface(class, &args);
            self.set_type(id, self.world.types.interface(known::LIST, &[element]));
        }
    }

    fn can_override(&self, id: MemberId) -> bool {
        let member = self.world.member(id);
        matches!(member.owner, Owner::Class(_)) && !member.flags.contains(MemberFlags::STATIC)
    }

    pub(super) fn set_type(&self, id: MemberId, ty: Ty) {
        let _ = self.world.member(id).ty.set(ty);
    }

    fn set_this_type(&self, id: MemberId) {
        if let Owner::Class(class) = self.world.member(id).owner {
            self.set_type(id, self.world.this_type(class));
        }
    }

    fn mark_inferred(&mut self, id: MemberId) {
        self.world.members[id.index()].flags |= MemberFlags::INFERRED;
    }

    fn set_params(
        &mut self,
        id: MemberId,
        scope: &TypeScope,
        tree: &SyntaxTree,
        written: &[FormalParameter],
    ) {
        let is_primary = self
            .world
            .member(id)
            .node
            .is_some_and(|node| node.member == super::declare::NO_MEMBER)
            && matches!(self.world.member(id).owner, Owner::Class(_));
        let declares_all = matches!(
            self.world.member(id).owner,
            Owner::Class(class) if is_primary && self.world.is_extension_type(class)
        );
        let mut missing = Vec::new();
        let mut params = Vec::with_capacity(written.len());
        for (index, node) in written.iter().enumerate() {
            let ty = parameter_type(self.world, scope, tree, node);
            if ty.is_none() {
                missing.push(index);
            }
            let declares_field =
                declares_all || (is_primary && node.keyword != ParameterKeyword::None);
            params.push(self.param(node, ty.unwrap_or(Ty::DYNAMIC), declares_field));
        }
        self.check_param_names(scope.file, &params);
        self.world.members[id.index()].params = params;
        if !missing.is_empty() {
            self.missing_params.insert(id, missing);
        }
    }

    /// No two parameters have a name in common: what callers write, or the private name of a field.
    fn check_param_names(&self, file: FileId, params: &[Param]) {
        for (index, param) in params.iter().enumerate() {
            let is_named = matches!(param.kind, ParamKind::Named | ParamKind::RequiredNamed);
            let sets_field = param.formal == FormalKind::Field;
            if is_named && sets_field && param.name.is_private() {
                let message = format!(
                    "callers cannot write the private name `{0}`, and without the underscore it is no public name; rename the field",
                    param.name
                );
                self.error(file, "private-named-parameter", param.span, message);
            }
            let is_wildcard = param.variable == sym::UNDERSCORE && !sets_field;
            let names = [param.name, param.variable];
            let takes =
                |other: &Param| names.contains(&other.name) || names.contains(&other.variable);
            if !is_wildcard && params[..index].iter().any(takes) {
                let message = "this parameter's name is taken by another one; rename it";
                self.error(file, "duplicate-parameter", param.span, message);
            }
        }
    }

    fn param(&self, node: &FormalParameter, ty: Ty, declares_field: bool) -> Param {
        let variable = node.name.map_or(sym::UNDERSCORE, |name| name.symbol);
        let sets_field = declares_field || node.form == ParameterForm::Field;
        let name = match public_name(variable) {
            Some(public) if sets_field && node.kind == ParameterKind::Named => public,
            _ => variable,
        };
        Param {
            name,
            variable,
            span: node.name.map_or(node.span, |name| name.span),
            ty,
            kind: match node.kind {
                ParameterKind::Positional => ParamKind::Required,
                ParameterKind::OptionalPositional => ParamKind::OptionalPositional,
                ParameterKind::Named if node.is_required => ParamKind::RequiredNamed,
                ParameterKind::Named => ParamKind::Named,
            },
            covariant: node.is_covariant,
            by_class: false,
            formal: match node.form {
                _ if declares_field => FormalKind::Field,
                ParameterForm::Normal => FormalKind::Plain,
                ParameterForm::Field => FormalKind::Field,
                ParameterForm::Super => FormalKind::Super,
            },
            has_default: node.default.is_some(),
            default: OnceLock::new(),
        }
    }
}

/// What callers write for a named parameter that sets a private field: the name without the underscore.
fn public_name(name: Symbol) -> Option<Symbol> {
    let public = name.as_str().strip_prefix('_')?;
    let starts_a_name = public.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$');
    let public = Symbol::intern(public);
    (starts_a_name && !public.is_reserved()).then_some(public)
}
