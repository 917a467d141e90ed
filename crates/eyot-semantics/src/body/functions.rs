//! The bodies of members: parameters, code, field initialisers.

use std::sync::Arc;

use eyot_syntax::Span;
use eyot_syntax::ast::{self, BodyId, BodyKind, FormalParameter};

use super::scope::LocalName;
use super::{FunctionState, This, Walk};
use crate::flow::{Assigned, DeclKey};
use crate::model::{AsyncMarker, MemberFlags, MemberId, MemberKind, Owner, ParamKind, World};
use crate::outline::nodes::{MemberNode, member_node};
use crate::outline::scope::TypeScope;
use crate::program::{Body, Expr, FunctionNode, LocalId, ParamNode, Stmt, StmtKind};
use crate::types::{Ty, TyKind};

/// The body of a function, accessor or constructor, or the initialiser of a variable (as a function that returns it). None for
/// what has no code at all: variables without initialiser, members of the core image.
pub fn body_of(world: &World, member: MemberId) -> Option<Body> {
    let data = world.member(member);
    let mut walk = Walk::of_member(world, member)?;
    match member_node(walk.tree, data) {
        Some(MemberNode::Function(function)) => Some(walk.function_member(member, function)),
        Some(MemberNode::Constructor(constructor)) => {
            Some(walk.written_constructor(member, constructor))
        }
        Some(MemberNode::Primary(primary)) => Some(walk.primary_constructor(member, primary)),
        Some(MemberNode::Variable(_) | MemberNode::EnumValue(_)) => {
            let value = walk.initializer(member)?;
            Some(walk.variable_member(member, value))
        }
        Some(MemberNode::PrimaryField(_)) => None,
        None if data.kind == MemberKind::Constructor => Some(walk.made_constructor(member)),
        None => None,
    }
}

/// The type of a variable without a written one: that of its initialiser.
pub fn infer_variable(world: &World, member: MemberId) -> Ty {
    let Some(mut walk) = Walk::of_member(world, member) else {
        return Ty::DYNAMIC;
    };
    walk.quiet = true;
    match walk.initializer(member) {
        Some(value) => walk.inferred_type(value.ty),
        None => Ty::DYNAMIC,
    }
}

/// The type of a parameter's default value, for a parameter of a header that declares `field` without a type.
pub(crate) fn infer_header_default(world: &World, field: MemberId, default: ast::ExprId) -> Ty {
    let Some(mut walk) = Walk::of_member(world, field) else {
        return Ty::OBJECT_N;
    };
    walk.quiet = true;
    walk.this = None;
    walk.in_const = true;
    walk.free(default).ty
}

/// The initialiser of a variable, or what makes an enum constant (without its index and name), as a typed expression.
pub fn initializer_expr(world: &World, member: MemberId) -> Option<Expr> {
    Walk::of_member(world, member)?.initializer(member)
}

/// The default value written for a parameter, as a typed expression.
pub fn default_expr(world: &World, member: MemberId, index: usize) -> Option<Expr> {
    let data = world.member(member);
    let mut walk = Walk::of_member(world, member)?;
    walk.this = None;
    let params = match member_node(walk.tree, data)? {
        MemberNode::Function(function) => &function.params,
        MemberNode::Constructor(constructor) => &constructor.params,
        MemberNode::Primary(primary) => &primary.params,
        _ => return None,
    };
    let default = params.get(index)?.default?;
    let ty = data.params.get(index)?.ty;
    walk.in_const = true;
    Some(walk.expr_as(default, ty, "default value"))
}

impl<'w> Walk<'w> {
    /// A walk over the code of a member, with what is in sight there.
    fn of_member(world: &'w World, member: MemberId) -> Option<Walk<'w>> {
        let data = world.member(member);
        let mut walk = Walk::new(world, data.file, data.owner)?;
        walk.type_params = TypeScope::of_member(world, member).type_params;
        let is_constructor = data.kind == MemberKind::Constructor;
        if data.flags.contains(MemberFlags::STATIC) && !is_constructor {
            return Some(walk);
        }
        match data.owner {
            Owner::Class(class) if world.is_extension_type(class) => {
                walk.receive(world.this_type(class), world.class(class).span);
            }
            Owner::Class(class) => {
                let ty = world.this_type(class);
                walk.flow.set_declared(walk.this_var, ty);
                walk.this = Some(This::Instance(ty));
            }
            Owner::Extension(extension) => {
                let data = world.extension(extension);
                walk.type_params.extend(
                    data.type_params
                        .iter()
                        .filter(|param| !walk.type_params.contains(param))
                        .copied()
                        .collect::<Vec<_>>(),
                );
                walk.receive(data.on, data.span);
            }
            Owner::Library(_) => {}
        }
        Some(walk)
    }

    /// Makes `this` a local, the member's first one.
    fn receive(&mut self, ty: Ty, span: Span) {
        let name = eyot_syntax::Symbol::intern(":this");
        let local = self.new_local(name, ty, true, span);
        let var = self.flow.declare(ty, true);
        self.local_infos[local.0 as usize].var = Some(var);
        self.this = Some(This::Receiver(local, ty));
    }

    // ---- variables

    /// The initialiser of a variable or the creation of an enum constant; none where none is written.
    fn initializer(&mut self, member: MemberId) -> Option<Expr> {
        let data = self.member(member);
        match member_node(self.tree, data)? {
            MemberNode::Variable(declaration) => {
                let index = data.node?.var as usize;
                let id = declaration.variables.get(index)?.initializer?;
                Some(self.variable_initializer(member, id))
            }
            MemberNode::EnumValue(value) => Some(self.enum_value(member, value)),
            _ => None,
        }
    }

    fn variable_initializer(&mut self, member: MemberId, id: ast::ExprId) -> Expr {
        let data = self.member(member);
        self.assigned = Assigned::of_expr(self.tree, id);
        if !data.flags.contains(MemberFlags::LATE) {
            self.this = None;
        }
        if let Some(primary) = self.primary_constructor_around(member) {
            self.member_params(primary, &[]);
        }
        self.in_const = data.flags.contains(MemberFlags::CONST);
        let is_inferred = data.flags.contains(MemberFlags::INFERRED);
        // A type taken over from an overridden member is known already; only an initialiser's own is not.
        let ty = match (is_inferred, data.ty.get()) {
            (_, Some(&ty)) => ty,
            (true, None) => Ty::UNKNOWN,
            (false, None) => self.world.ty(member),
        };
        if ty == Ty::UNKNOWN {
            return self.free(id);
        }
        self.expr_as(id, ty, "initial value")
    }

    fn variable_member(&mut self, member: MemberId, value: Expr) -> Body {
        let span = value.span;
        let ty = self.world.ty(member);
        let ret = self.stmt_node(StmtKind::Return(Some(value)), span);
        self.finish_body(FunctionNode {
            type_params: Vec::new(),
            params: Vec::new(),
            result: ty,
            element: ty,
            marker: AsyncMarker::Sync,
            body: Some(Box::new(ret)),
            native: None,
            span,
        })
    }

    /// A variable's type inferred from its initialiser's: `Null` says too little, a promoted type variable too much.
    pub(super) fn inferred_type(&self, ty: Ty) -> Ty {
        match self.world.types.kind(ty) {
            TyKind::Null => Ty::DYNAMIC,
            TyKind::Param {
                param,
                promoted: Some(_),
                nullable,
            } => {
                let plain = self.world.types.param(*param);
                self.world.types.with_nullable(plain, *nullable)
            }
            _ => ty,
        }
    }

    pub(super) fn finish_body(&mut self, function: FunctionNode) -> Body {
        self.mark_final_locals();
        Body {
            locals: std::mem::take(&mut self.locals),
            function,
            initializers: Vec::new(),
        }
    }

    /// A variable that nothing assigns after its declaration is as good as final: closures may take its value.
    fn mark_final_locals(&mut self) {
        let written: rustc_hash::FxHashSet<_> = self
            .assigned
            .written_anywhere()
            .iter()
            .filter_map(|key| self.vars.get(key).copied())
            .collect();
        for (local, info) in self.locals.iter_mut().zip(&self.local_infos) {
            if let Some(var) = info.var {
                local.is_final |= !written.contains(&var);
            }
        }
    }

    // ---- functions

    fn function_member(&mut self, member: MemberId, function: &ast::FunctionDeclaration) -> Body {
        let data = self.member(member);
        self.assigned = Assigned::of_function(self.tree, &function.params, &[], function.body);
        let mut params = self.receiver_param();
        params.extend(self.member_params(member, &function.params));
        let result = match data.kind {
            MemberKind::Setter => Ty::VOID,
            _ => self.world.ty(member),
        };
        let element = self.element_of(data.marker, result);
        let name = function.name.span;
        let body = self.code(function.body, data.marker, element, false, name);
        let mut type_params = data.type_params.clone();
        if let Some(own) = self.world.receiver_type_params(member) {
            type_params.retain(|param| !own.contains(param));
            type_params.splice(0..0, own.iter().copied());
        }
        self.finish_body(FunctionNode {
            type_params,
            params,
            result,
            element,
            marker: data.marker,
            body,
            native: None,
            span: function.name.span,
        })
    }

    fn receiver_param(&mut self) -> Vec<ParamNode> {
        match self.this {
            Some(This::Receiver(local, _)) => vec![ParamNode {
                local,
                kind: ParamKind::Required,
                default: None,
                check: false,
            }],
            _ => Vec::new(),
        }
    }

    /// Declares the parameters of a member.
    pub(super) fn member_params(
        &mut self,
        member: MemberId,
        nodes: &[FormalParameter],
    ) -> Vec<ParamNode> {
        let data = self.member(member);
        let is_instance = !data.flags.contains(MemberFlags::STATIC);
        data.params
            .iter()
            .enumerate()
            .map(|(index, param)| {
                let node = nodes.get(index);
                let is_final =
                    node.is_some_and(|node| node.keyword == ast::ParameterKeyword::Final);
                let local = self.parameter(param.variable, param.span, param.ty, is_final);
                ParamNode {
                    local,
                    kind: param.kind,
                    default: self.default_of(member, index),
                    check: is_instance && self.needs_check(member, param),
                }
            })
            .collect()
    }

    fn default_of(&self, member: MemberId, index: usize) -> Option<crate::program::ConstId> {
        if self.quiet {
            return None;
        }
        self.world.param_default(member, index)
    }

    /// Whether a caller that knows only a supertype may pass what does not fit: `covariant`, or a class type parameter in a
    /// covariant place. (`void Function(T)` is none: who sees a greater T passes a function that takes more.)
    fn needs_check(&self, member: MemberId, param: &crate::model::Param) -> bool {
        let Owner::Class(class) = self.member(member).owner else {
            return false;
        };
        // Who calls a member of an extension type knows its type arguments.
        if self.world.is_extension_type(class) {
            return false;
        }
        param.covariant || param.by_class
    }

    /// Declares a parameter.
    pub(super) fn parameter(
        &mut self,
        name: eyot_syntax::Symbol,
        span: Span,
        ty: Ty,
        is_final: bool,
    ) -> LocalId {
        let local = self.new_local(name, ty, is_final, span);
        self.names.declare(name, LocalName::Variable(local));
        let var = self.flow.declare(ty, true);
        self.vars.insert(DeclKey(span.start), var);
        let info = &mut self.local_infos[local.0 as usize];
        info.var = Some(var);
        info.initialized = true;
        local
    }

    /// The code of a function whose result is known; `name` is where a missing `return` is told.
    pub(super) fn code(
        &mut self,
        body: BodyId,
        marker: AsyncMarker,
        element: Ty,
        is_constructor: bool,
        name: Span,
    ) -> Option<Box<Stmt>> {
        self.functions.push(FunctionState {
            marker,
            element,
            declared: true,
            delivered: Vec::new(),
            empty_returns: Vec::new(),
            is_constructor,
            in_late: false,
            jumps: Vec::new(),
            catches: Vec::new(),
        });
        let stmt = self.body_stmt(body);
        let reachable = self.flow.is_reachable();
        self.functions.pop();
        let is_block = matches!(self.tree[body].kind, BodyKind::Block(_));
        let must_return = matches!(marker, AsyncMarker::Sync | AsyncMarker::Async);
        if is_block && reachable && must_return && element != Ty::ERROR {
            self.check_end(name, element);
        }
        stmt
    }

    fn check_end(&self, name: Span, element: Ty) {
        if self.world.is_nullable(element) || element == Ty::VOID || element == Ty::DYNAMIC {
            return;
        }
        let shown = self.show(element);
        self.error(
            "missing-return",
            name,
            format!("the end of this function can be reached without a 'return': a value of type '{shown}' is wanted"),
        );
    }

    /// The statement of a function body; none for a body that is not there.
    pub(super) fn body_stmt(&mut self, body: BodyId) -> Option<Box<Stmt>> {
        let tree = self.tree;
        match &tree[body].kind {
            BodyKind::Empty | BodyKind::Native(_) => None,
            BodyKind::Arrow(expr) => Some(Box::new(self.arrow(*expr))),
            BodyKind::Block(stmt) => {
                let mut out = Vec::new();
                self.stmt(*stmt, &mut out);
                Some(Box::new(self.one_stmt(out, tree[body].span)))
            }
        }
    }

    /// `=> e`.
    fn arrow(&mut self, expr: ast::ExprId) -> Stmt {
        let span = self.expr_span(expr);
        let Some(function) = self.functions.last() else {
            return self.stmt_node(StmtKind::Return(None), span);
        };
        let is_void = function.declared && function.element == Ty::VOID;
        // The value of `void f() => e` can still be seen by those who look; that of an assignment nobody needs.
        let is_assignment = matches!(
            self.tree[expr].kind,
            ast::ExprKind::Assignment { .. }
                | ast::ExprKind::Prefix { .. }
                | ast::ExprKind::Postfix { .. }
        );
        let is_sync = function.marker == AsyncMarker::Sync;
        if is_void && is_sync && is_assignment || function.is_constructor {
            let effect = self.effect(expr);
            return self.stmt_node(StmtKind::Expr(effect), span);
        }
        let value = if is_void && is_sync {
            self.free(expr)
        } else {
            self.delivered_value(expr)
        };
        self.flow.mark_unreachable();
        self.stmt_node(StmtKind::Return(Some(value)), span)
    }

    /// What `return` or `yield` delivers in a function of this result type.
    pub(super) fn element_of(&self, marker: AsyncMarker, result: Ty) -> Ty {
        let world = self.world;
        match marker {
            AsyncMarker::Sync => result,
            AsyncMarker::Async => self.future_value(result),
            AsyncMarker::AsyncStar | AsyncMarker::SyncStar => {
                let class = self.sequence_class(marker == AsyncMarker::AsyncStar);
                let mut result = result;
                while let TyKind::FutureOr { arg, .. } = world.types.kind(result) {
                    result = *arg;
                }
                match class.and_then(|class| world.as_instance_of(result, class)) {
                    Some(args) => args.first().copied().unwrap_or(Ty::DYNAMIC),
                    None => Ty::DYNAMIC,
                }
            }
        }
    }

    /// The specification's future value type.
    fn future_value(&self, ty: Ty) -> Ty {
        let world = self.world;
        match world.types.kind(ty) {
            TyKind::Void | TyKind::Dynamic | TyKind::Error | TyKind::Unknown => ty,
            TyKind::FutureOr { arg, .. } => *arg,
            _ => match world.as_instance_of(ty, crate::model::known::FUTURE) {
                Some(args) => args.first().copied().unwrap_or(Ty::DYNAMIC),
                None => Ty::OBJECT_N,
            },
        }
    }

    /// `Iterable` or `Stream`.
    pub(super) fn sequence_class(&self, is_stream: bool) -> Option<crate::model::ClassId> {
        if is_stream {
            self.core_class("dart:async", eyot_syntax::sym::STREAM)
        } else {
            self.core_class("dart:core", eyot_syntax::sym::ITERABLE)
        }
    }

    /// A class of a core library by its name.
    pub(super) fn core_class(
        &self,
        uri: &str,
        name: eyot_syntax::Symbol,
    ) -> Option<crate::model::ClassId> {
        let library = self.world.by_uri.get(uri)?;
        let library = self.world.library(*library);
        match library
            .declared
            .get(&name)
            .or_else(|| library.exported.get(&name))?
        {
            crate::model::Decl::Class(class) => Some(*class),
            _ => None,
        }
    }

    /// `Iterable<element>` or `Stream<element>`.
    pub(super) fn sequence_of(&self, is_stream: bool, element: Ty) -> Ty {
        match self.sequence_class(is_stream) {
            Some(class) => self.world.types.interface(class, &[element]),
            None => Ty::ERROR,
        }
    }

    /// Text of the source, for messages that quote it.
    pub(super) fn source_text(&self, span: Span) -> Arc<str> {
        match &self.world.file(self.file).source {
            Some(source) => source.slice(span).into(),
            None => "".into(),
        }
    }
}
