//! The last step of analysis: a typed program without extension types.
//!
//! Extension types are a matter of static analysis alone, so the compiler does not know them. [`erase`] rewrites what
//! analysis has made, once all of it is there:
//!
//! | before | after |
//! | --- | --- |
//! | a type that has extension types in it | its [erasure](World::erase) |
//! | an instance member of an extension type | a static member whose first parameter is the receiver |
//! | a generative constructor of one | a factory that gives the value |
//! | a read of the representation | the receiver |
//! | the extension type itself | a class that nobody names |
//!
//! In a constructor the value is the body's first local, from when the representation is initialised on.

use std::cell::RefCell;
use std::sync::OnceLock;

use eyot_syntax::{Span, Symbol};
use rustc_hash::FxHashMap;

use crate::body::retype::{self, Mapping};
use crate::model::{ClassId, MemberFlags, MemberId, MemberKind, Owner, Param, TypeParamId, World};
use crate::program::{Args, Body, CastKind, Expr, ExprKind, Initializer, LocalId, Stmt, StmtKind};
use crate::types::Ty;

/// Takes the extension types out of an analysed program: `bodies`, and the declarations of `world`.
pub fn erase(world: &mut World, bodies: &mut [(MemberId, Body)]) {
    let has_any = |world: &World| {
        let mut classes = own(world.classes.first_own(), world.classes.len()).map(ClassId);
        classes.any(|class| world.is_extension_type(class))
    };
    if !has_any(world) {
        return;
    }
    let erasure = Erasure::new(world);
    for (member, body) in &mut *bodies {
        erasure.body(*member, body);
    }
    let members: Vec<_> = own(world.members.first_own(), world.members.len())
        .map(|index| (index, erasure.member(MemberId(index))))
        .collect();
    let classes: Vec<_> = own(world.classes.first_own(), world.classes.len())
        .map(|index| (index, erasure.supertypes(ClassId(index))))
        .collect();
    let bounds = erasure.bounds();
    for (index, member) in members {
        put_member(world, index as usize, member);
    }
    for (index, supertypes) in classes {
        put_supertypes(world, index as usize, supertypes);
    }
    for (index, bound) in bounds {
        if let Some(param) = world.types.params.get_own_mut(index) {
            param.bound = OnceLock::from(bound);
        }
    }
}

/// Numbers of what the program declares: the core has been erased when it was compiled.
fn own(first: usize, end: usize) -> impl Iterator<Item = u32> {
    first as u32..end as u32
}

/// What changes in a member.
struct ErasedMember {
    ty: Option<Ty>,
    params: Vec<Ty>,
    redirect: Vec<Ty>,
    /// Type of the receiver and the type parameters that come with it.
    receiver: Option<(Ty, Vec<TypeParamId>)>,
    is_factory: bool,
}

/// What changes in a class.
struct Supertypes {
    supertype: Option<Ty>,
    mixin: Option<Ty>,
    interfaces: Vec<Ty>,
    on: Vec<Ty>,
}

fn put_member(world: &mut World, index: usize, erased: ErasedMember) {
    let Some(member) = world.members.get_mut(index) else {
        return;
    };
    if let Some(ty) = erased.ty {
        member.ty = OnceLock::from(ty);
    }
    for (param, ty) in member.params.iter_mut().zip(erased.params) {
        param.ty = ty;
    }
    if let Some((_, types)) = &mut member.redirect {
        *types = erased.redirect;
    }
    if erased.is_factory {
        member.kind = MemberKind::Factory;
    }
    if let Some((ty, type_params)) = erased.receiver {
        member.flags |= MemberFlags::STATIC;
        member.type_params.splice(0..0, type_params);
        member
            .params
            .insert(0, Param::required(Symbol::intern(":this"), ty, member.span));
    }
}

fn put_supertypes(world: &mut World, index: usize, erased: Supertypes) {
    let is_extension_type = world.is_extension_type(ClassId(index as u32));
    let class = &mut world.classes[index];
    if is_extension_type {
        class.supertype = Some(Ty::OBJECT);
        class.interfaces.clear();
        class.members.clear();
        class.instance.clear();
        class.is_abstract = true;
        class.supers = OnceLock::new();
        return;
    }
    class.supertype = erased.supertype;
    class.mixin = erased.mixin;
    class.interfaces = erased.interfaces;
    class.on = erased.on;
    class.supers = OnceLock::new();
}

struct Erasure<'w> {
    world: &'w World,
    known: RefCell<FxHashMap<Ty, Ty>>,
}

impl Mapping for Erasure<'_> {
    fn ty(&self, ty: Ty) -> Ty {
        if let Some(&known) = self.known.borrow().get(&ty) {
            return known;
        }
        let erased = self.world.erase(ty);
        self.known.borrow_mut().insert(ty, erased);
        erased
    }

    fn expr(&self, expr: &mut Expr) {
        if let ExprKind::InstanceGet { receiver, member } = &mut expr.kind
            && self.world.is_representation(*member)
        {
            let nothing = Expr {
                kind: ExprKind::Null,
                ty: expr.ty,
                span: expr.span,
            };
            let value = Box::new(std::mem::replace(&mut **receiver, nothing));
            expr.kind = ExprKind::As {
                value,
                ty: expr.ty,
                kind: CastKind::Unchecked,
            };
        }
    }
}

impl<'w> Erasure<'w> {
    fn new(world: &'w World) -> Erasure<'w> {
        Erasure {
            world,
            known: RefCell::default(),
        }
    }

    fn types(&self, types: &[Ty]) -> Vec<Ty> {
        types.iter().map(|&ty| self.ty(ty)).collect()
    }

    /// The extension type whose generative constructor a member is.
    fn constructed(&self, member: MemberId) -> Option<ClassId> {
        let data = self.world.member(member);
        match data.owner {
            Owner::Class(class)
                if data.kind == MemberKind::Constructor && self.world.is_extension_type(class) =>
            {
                Some(class)
            }
            _ => None,
        }
    }

    fn member(&self, id: MemberId) -> ErasedMember {
        let member = self.world.member(id);
        let params = member.params.iter().map(|param| self.ty(param.ty));
        let redirect = member.redirect.as_ref();
        ErasedMember {
            ty: member.ty.get().map(|&ty| self.ty(ty)),
            params: params.collect(),
            redirect: redirect.map_or(Vec::new(), |(_, types)| self.types(types)),
            receiver: self.receiver(id),
            is_factory: self.constructed(id).is_some(),
        }
    }

    fn receiver(&self, id: MemberId) -> Option<(Ty, Vec<TypeParamId>)> {
        let Owner::Class(class) = self.world.member(id).owner else {
            return None;
        };
        let type_params = self.world.receiver_type_params(id)?;
        Some((self.ty(self.world.this_type(class)), type_params.to_vec()))
    }

    fn supertypes(&self, id: ClassId) -> Supertypes {
        let class = self.world.class(id);
        Supertypes {
            supertype: class.supertype.map(|ty| self.ty(ty)),
            mixin: class.mixin.map(|ty| self.ty(ty)),
            interfaces: self.types(&class.interfaces),
            on: self.types(&class.on),
        }
    }

    /// The bounds that change, by the number of their parameter.
    fn bounds(&self) -> Vec<(usize, Ty)> {
        let params = &self.world.types.params;
        let changed = |index: usize| {
            let bound = *params.get(index)?.bound.get()?;
            let erased = self.ty(bound);
            (erased != bound).then_some((index, erased))
        };
        (params.first_own()..params.len())
            .filter_map(changed)
            .collect()
    }

    // ---- bodies

    fn body(&self, member: MemberId, body: &mut Body) {
        retype::map_body(body, self);
        if let Some(class) = self.constructed(member) {
            self.constructor(class, body);
        }
    }

    /// Turns the steps of a constructor into statements before its code, and gives the value at the end.
    fn constructor(&self, class: ClassId, body: &mut Body) {
        let span = body.function.span;
        let at = |kind: StmtKind| Stmt { kind, span };
        let value = LocalId(0);
        let ty = body.locals.first().map_or(Ty::DYNAMIC, |local| local.ty);
        let mut stmts = Vec::new();
        for step in std::mem::take(&mut body.initializers) {
            stmts.push(match step {
                Initializer::Field(_, initial) => at(StmtKind::Var(value, Some(initial))),
                Initializer::Local(local, initial) => at(StmtKind::Var(local, Some(initial))),
                Initializer::Assert(condition, message) => at(StmtKind::Assert {
                    condition,
                    message,
                    source: "".into(),
                }),
                Initializer::This { target, args } => at(StmtKind::Return(Some(
                    self.redirected(class, target, args, ty, span),
                ))),
                // There is no superclass, which was reported.
                Initializer::Super { .. } => continue,
            });
        }
        stmts.extend(body.function.body.take().map(|body| *body));
        let read = Expr {
            kind: ExprKind::Local(value),
            ty,
            span,
        };
        stmts.push(at(StmtKind::Return(Some(read))));
        body.function.body = Some(Box::new(at(StmtKind::Block(stmts))));
        body.function.element = body.function.result;
    }

    fn redirected(&self, class: ClassId, target: MemberId, args: Args, ty: Ty, span: Span) -> Expr {
        let params = self.world.class(class).type_params.iter();
        let types = params.map(|&param| self.world.types.param(param)).collect();
        let kind = ExprKind::NewFactory {
            constructor: target,
            types,
            args,
        };
        Expr { kind, ty, span }
    }
}
