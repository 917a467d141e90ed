//! Sixth pass: constructors that are not written, types of formals, targets of redirections.

use std::sync::OnceLock;

use eyot_syntax::ast::{ConstructorDesignation, Initializer, InitializerKind};
use eyot_syntax::{Span, Symbol, SyntaxTree, sym};

use super::Outline;
use super::declare::made_name;
use super::nodes::{MemberNode, member_node};
use super::scope::{TypeScope, class_behind, resolve_type};
use crate::infer::Inference;
use crate::model::{
    AsyncMarker, ClassId, ClassKind, FormalKind, Member, MemberFlags, MemberId, MemberKind, Owner,
    Param, ParamKind, World,
};
use crate::types::{Ty, TyKind};

impl Outline<'_> {
    pub(super) fn constructors(&mut self) {
        for class in self.classes.clone() {
            self.add_missing_constructors(class);
            for constructor in self.world.class(class).members.clone() {
                let kind = self.world.member(constructor).kind;
                if kind == MemberKind::Constructor {
                    self.formals(class, constructor);
                }
            }
        }
        for (constructor, index, field) in std::mem::take(&mut self.late_formals) {
            let ty = self.world.ty(field);
            self.world.members[constructor.index()].params[index].ty = ty;
        }
        for id in self.members.clone() {
            if self.world.member(id).kind == MemberKind::RedirectingFactory {
                self.redirect(id);
            }
        }
    }

    fn add_missing_constructors(&mut self, class: ClassId) {
        let data = self.world.class(class);
        let kind_of = |id: &&MemberId| self.world.member(**id).kind;
        let has_any = data.constructors.values().next().is_some();
        let has_generative = data
            .constructors
            .values()
            .any(|id| kind_of(&id) == MemberKind::Constructor);
        match data.kind {
            _ if data.mixin.is_some() => self.forward_constructors(class),
            ClassKind::Class | ClassKind::MixinClass if !has_any => {
                self.add_synthetic(class, sym::NEW, MemberFlags::empty(), Vec::new());
            }
            ClassKind::Enum if !has_generative => {
                self.add_synthetic(class, sym::NEW, MemberFlags::CONST, Vec::new());
            }
            _ => {}
        }
    }

    fn add_synthetic(
        &mut self,
        class: ClassId,
        name: Symbol,
        flags: MemberFlags,
        params: Vec<Param>,
    ) {
        let data = self.world.class(class);
        let (file, span) = (data.file, data.span);
        let member = Member {
            name,
            owner: Owner::Class(class),
            kind: MemberKind::Constructor,
            library: data.library,
            file,
            span,
            flags: flags | MemberFlags::STATIC | MemberFlags::SYNTHETIC,
            type_params: Vec::new(),
            params,
            ty: OnceLock::from(self.world.this_type(class)),
            marker: AsyncMarker::Sync,
            redirect: None,
            constant: OnceLock::new(),
            node: None,
        };
        let id = self.push_member(member);
        self.add_constructor(file, class, id, made_name(name, span));
    }

    /// Gives a mixin application the generative constructors of its superclass. One stays const if the mixin adds no fields.
    fn forward_constructors(&mut self, class: ClassId) {
        let world = &*self.world;
        let data = world.class(class);
        let (Some(base), Some(mixin)) = (data.supertype, data.mixin) else {
            return;
        };
        let TyKind::Interface {
            class: base_class,
            args,
            ..
        } = world.types.kind(base)
        else {
            return;
        };
        let has_fields = world.class_of(mixin).is_some_and(|mixin| {
            let mut members = world
                .class(mixin)
                .members
                .iter()
                .map(|&id| world.member(id));
            members.any(|member| {
                let marks = MemberFlags::STATIC | MemberFlags::ABSTRACT | MemberFlags::EXTERNAL;
                member.kind == MemberKind::Field && !member.flags.intersects(marks)
            })
        });
        let base_data = world.class(*base_class);
        let mut made = Vec::new();
        for &id in &base_data.members {
            let target = world.member(id);
            if target.kind != MemberKind::Constructor
                || (target.name.is_private() && target.library != data.library)
            {
                continue;
            }
            let mut flags = MemberFlags::FORWARDING;
            let is_const = target.flags.contains(MemberFlags::CONST) && !has_fields;
            flags.set(MemberFlags::CONST, is_const);
            let params = target.params.iter().map(|param| Param {
                ty: world.subst(param.ty, &base_data.type_params, args),
                formal: FormalKind::Plain,
                covariant: false,
                by_class: false,
                default: OnceLock::new(),
                ..param.clone()
            });
            made.push((target.name, flags, params.collect::<Vec<_>>()));
        }
        for (name, flags, params) in made {
            self.add_synthetic(class, name, flags, params);
        }
    }

    /// Types of `this.x` and `super.x` parameters.
    fn formals(&mut self, class: ClassId, id: MemberId) {
        let missing = self.missing_params.get(&id).cloned().unwrap_or_default();
        let count = self.world.member(id).params.len();
        let mut super_position = 0;
        let target = self.super_constructor(class, id);
        for index in 0..count {
            let param = &self.world.member(id).params[index];
            let is_missing = missing.contains(&index);
            match param.formal {
                FormalKind::Plain => {}
                FormalKind::Field => self.field_formal(class, id, index, is_missing),
                FormalKind::Super => {
                    let source = target.and_then(|target| {
                        super_param(self.world, target, &param.clone(), super_position)
                            .map(|found| (target, found))
                    });
                    super_position += usize::from(is_positional(param.kind));
                    self.super_formal(class, id, index, is_missing, source);
                }
            }
        }
    }

    fn field_formal(&mut self, class: ClassId, id: MemberId, index: usize, is_missing: bool) {
        let member = self.world.member(id);
        let param = &member.params[index];
        let field = self
            .world
            .class(class)
            .instance
            .get(&param.variable)
            .and_then(|a| a.get);
        let field = field.filter(|&field| self.world.member(field).kind == MemberKind::Field);
        let Some(field) = field else {
            let message = format!(
                "`{}` has no field `{}`; declare it, or drop the `this.`",
                self.world.class(class).name,
                param.name
            );
            self.error(member.file, "unknown-field-formal", param.span, message);
            return;
        };
        if !is_missing {
            return;
        }
        let data = self.world.member(field);
        match data.ty.get() {
            Some(&ty) => self.world.members[id.index()].params[index].ty = ty,
            None => self.late_formals.push((id, index, field)),
        }
    }

    fn super_formal(
        &mut self,
        class: ClassId,
        id: MemberId,
        index: usize,
        is_missing: bool,
        source: Option<(MemberId, usize)>,
    ) {
        let member = self.world.member(id);
        let param = &member.params[index];
        let Some((target, position)) = source else {
            let message = format!(
                "the constructor of the superclass has no parameter for `super.{}`; give it one, or drop the `super.`",
                param.name
            );
            self.error(member.file, "unknown-super-formal", param.span, message);
            return;
        };
        if is_positional(param.kind) && self.passes_by_position(member) {
            let message = format!(
                "`super.{}` and an argument written in the call of the superclass's constructor would both be passed by position; write all of them there, or none",
                param.name
            );
            self.error(
                member.file,
                "super-formal-and-argument",
                param.span,
                message,
            );
        }
        let ty = self.world.member(target).params[position].ty;
        let ty = match self.world.member(target).owner {
            Owner::Class(owner) => self
                .world
                .as_seen_from(ty, owner, self.world.this_type(class)),
            _ => ty,
        };
        if !is_missing && !self.world.is_subtype(param.ty, ty) {
            let message = format!(
                "`super.{}` is passed on as a `{}`, which a `{}` need not be; give it that type, or none",
                param.name,
                self.world.show(ty),
                self.world.show(param.ty)
            );
            self.error(member.file, "super-formal-type", param.span, message);
        }
        if is_missing {
            self.world.members[id.index()].params[index].ty = ty;
        }
    }

    /// Whether a constructor's call of the superclass's constructor has arguments by position.
    fn passes_by_position(&self, member: &Member) -> bool {
        let Some(tree) = self.tree(member.file) else {
            return false;
        };
        let Some(MemberNode::Constructor(node)) = member_node(&tree, member) else {
            return false;
        };
        node.initializers.iter().any(|entry| match &entry.kind {
            InitializerKind::Super { arguments, .. } => arguments
                .args
                .iter()
                .any(|argument| argument.name.is_none()),
            _ => false,
        })
    }

    /// The superclass's constructor that a constructor calls, by name; none where there is none.
    fn super_constructor(&self, class: ClassId, id: MemberId) -> Option<MemberId> {
        let sup = self.world.class_of(self.world.class(class).supertype?)?;
        let member = self.world.member(id);
        let tree = self.tree(member.file)?;
        let name = written_super_name(&tree, member);
        self.world.class(sup).constructors.get(&name).copied()
    }

    fn redirect(&mut self, id: MemberId) {
        let member = self.world.member(id);
        let (file, owner) = (member.file, member.owner);
        let Some(tree) = self.tree(file) else { return };
        let Some(MemberNode::Constructor(node)) = member_node(&tree, member) else {
            return;
        };
        let (Some(designation), Owner::Class(class)) = (&node.redirection, owner) else {
            return;
        };
        let scope = TypeScope::of_member(self.world, id);
        let wanted = self.world.this_type(class);
        match resolve_constructor(self.world, &scope, &tree, designation, wanted) {
            Ok(target) => self.world.members[id.index()].redirect = Some(target),
            Err((span, message)) => self.error(file, "unknown-constructor", span, message),
        }
    }
}

fn is_positional(kind: ParamKind) -> bool {
    matches!(kind, ParamKind::Required | ParamKind::OptionalPositional)
}

/// The name of the superclass's constructor in a constructor's initialisers (`new` if none is written).
fn written_super_name(tree: &SyntaxTree, member: &Member) -> Symbol {
    let Some(MemberNode::Constructor(node)) = member_node(tree, member) else {
        return sym::NEW;
    };
    let name_in = |initializer: &Initializer| match &initializer.kind {
        InitializerKind::Super { name, .. } => Some(name.map_or(sym::NEW, |name| name.symbol)),
        _ => None,
    };
    node.initializers
        .iter()
        .find_map(name_in)
        .unwrap_or(sym::NEW)
}

/// The parameter of the superclass's constructor that a super parameter stands for: by position among the super
/// parameters, or by name.
fn super_param(
    world: &World,
    target: MemberId,
    param: &Param,
    super_position: usize,
) -> Option<usize> {
    let params = &world.member(target).params;
    if is_positional(param.kind) {
        let found = params.get(super_position)?;
        return is_positional(found.kind).then_some(super_position);
    }
    params
        .iter()
        .position(|p| !is_positional(p.kind) && p.name == param.name)
}

/// The parameter from which a super parameter takes its default: the constructor it belongs to, and its index there.
pub(crate) fn super_param_source(
    world: &World,
    id: MemberId,
    index: usize,
) -> Option<(MemberId, usize)> {
    let member = world.member(id);
    let Owner::Class(class) = member.owner else {
        return None;
    };
    let sup = world.class_of(world.class(class).supertype?)?;
    let name = if member.flags.contains(MemberFlags::FORWARDING) {
        member.name
    } else {
        let tree = world.file(member.file).tree.as_deref()?;
        written_super_name(tree, member)
    };
    let target = *world.class(sup).constructors.get(&name)?;
    if member.flags.contains(MemberFlags::FORWARDING) {
        return Some((target, index));
    }
    let before = member.params.get(..index)?;
    let super_position = before
        .iter()
        .filter(|p| p.formal == FormalKind::Super && is_positional(p.kind))
        .count();
    let found = super_param(world, target, member.params.get(index)?, super_position)?;
    Some((target, found))
}

type Resolved = Result<(MemberId, Vec<Ty>), (Span, String)>;

/// The constructor a designation names and the class's type arguments: those written, those of an alias, or those that make
/// the class a `wanted`.
fn resolve_constructor(
    world: &World,
    scope: &TypeScope,
    tree: &SyntaxTree,
    designation: &ConstructorDesignation,
    wanted: Ty,
) -> Resolved {
    let mut path = designation.path.as_slice();
    let mut decl = None;
    if let [first, rest @ ..] = path {
        decl = world.lookup(scope.library, first.symbol);
        path = rest;
        if let Some(prefix) = world.prefix(scope.library, first.symbol)
            && let [second, rest @ ..] = path
        {
            decl = prefix.names.get(&second.symbol).copied();
            path = rest;
        }
    }
    let unknown = || {
        let text: Vec<&str> = designation.path.iter().map(|p| p.symbol.as_str()).collect();
        let message = format!(
            "there is no class `{}` to redirect to; name a constructor of a class",
            text.join(".")
        );
        (designation.span, message)
    };
    let (class, alias) = decl
        .and_then(|decl| class_behind(world, decl))
        .ok_or_else(unknown)?;
    let name = designation
        .name
        .or_else(|| path.first().copied())
        .map_or(sym::NEW, |name| name.symbol);
    let data = world.class(class);
    let Some(&constructor) = data.constructors.get(&name) else {
        let message = format!("`{}` has no constructor `{name}`", data.name);
        return Err((designation.span, message));
    };
    let written: Vec<Ty> = designation
        .type_args
        .iter()
        .map(|&arg| resolve_type(world, scope, tree, arg))
        .collect();
    let args = match alias.map(|ty| world.types.kind(ty)) {
        Some(TyKind::Interface { args, .. }) => args.to_vec(),
        _ if written.len() == data.type_params.len() => written,
        // A redirection within the class keeps its arguments.
        _ if world.class_of(wanted) == Some(class) => match world.types.kind(wanted) {
            TyKind::Interface { args, .. } => args.to_vec(),
            _ => Vec::new(),
        },
        _ => {
            let mut inference = Inference::new(world, &data.type_params);
            inference.constrain_result(world.this_type(class), wanted);
            inference.solve()
        }
    };
    Ok((constructor, args))
}
