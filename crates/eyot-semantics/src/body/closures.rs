//! Function expressions and local functions: parameters from the context, results from the body.

use eyot_syntax::ast::{
    self, BodyId, BodyKind, BodyModifier, ExprId, FormalParameter, FunctionDeclaration,
    FunctionExpression, ParameterKind,
};
use eyot_syntax::{Span, Symbol, sym};

use super::scope::LocalName;
use super::{FunctionState, Walk};
use crate::infer::{fill_unknown, has_unknown};
use crate::model::{AsyncMarker, MemberId, ParamKind, TypeParamId, TypeParamOwner};
use crate::outline::scope::{declare_type_params, parameter_type};
use crate::program::{Args, Expr, ExprKind, FunctionNode, ParamNode, Stmt, StmtKind};
use crate::types::{FunctionTy, NamedParamTy, Ty, TyKind};

/// A function's parts as written.
struct Parts<'t> {
    type_params: &'t [ast::TypeParameter],
    params: &'t [FormalParameter],
    body: BodyId,
    /// The result written.
    result: Option<Ty>,
    span: Span,
    /// What errors about the function point at.
    name: Span,
}

impl Walk<'_> {
    /// `(x) => e` in a context.
    pub(super) fn function_expression(
        &mut self,
        function: &FunctionExpression,
        context: Ty,
        span: Span,
    ) -> Expr {
        let context = self.look_through(context);
        let context = match self.world.types.kind(context) {
            TyKind::Function { function, .. } => Some(function),
            _ => None,
        };
        let mark = self.names.mark();
        let type_params = self.closure_type_params(&function.type_params);
        let parts = Parts {
            type_params: &function.type_params,
            params: &function.params,
            body: function.body,
            result: None,
            span,
            name: span,
        };
        let (node, ty) = self.closure(&parts, type_params, context);
        self.names.leave(mark);
        self.node(ExprKind::Closure(Box::new(node)), ty, span)
    }

    /// A function declared in a block.
    pub(super) fn local_function(
        &mut self,
        function: &FunctionDeclaration,
        span: Span,
        out: &mut Vec<Stmt>,
    ) {
        let name = function.name;
        let mark = self.names.mark();
        let type_params = self.closure_type_params(&function.type_params);
        let result = self.maybe_annotation(function.return_type);
        // Calls inside see the signature before the result is inferred.
        let early = self.signature_as_written(&type_params, &function.params, result);
        self.names.leave(mark);
        let local = self.new_local(name.symbol, early, true, name.span);
        self.declare_name(local, &name, early, true);
        let mark = self.names.mark();
        for &param in &type_params {
            let name = self.world.type_param(param).name;
            self.names.declare(name, LocalName::TypeParam(param));
        }
        let parts = Parts {
            type_params: &function.type_params,
            params: &function.params,
            body: function.body,
            result,
            span,
            name: function.name.span,
        };
        let (node, ty) = self.closure(&parts, type_params, None);
        self.names.leave(mark);
        self.locals[local.0 as usize].ty = ty;
        if let Some(var) = self.info(local).var {
            self.flow.set_declared(var, ty);
        }
        out.push(self.stmt_node(StmtKind::LocalFunction(local, Box::new(node)), span));
    }

    fn closure_type_params(&mut self, written: &[ast::TypeParameter]) -> Vec<TypeParamId> {
        if written.is_empty() {
            return Vec::new();
        }
        let mut scope = self.type_scope();
        let params = declare_type_params(
            self.world,
            &mut scope,
            self.tree,
            written,
            TypeParamOwner::Local,
        );
        for &param in &params {
            let name = self.world.type_param(param).name;
            self.names.declare(name, LocalName::TypeParam(param));
        }
        params
    }

    fn signature_as_written(
        &mut self,
        type_params: &[TypeParamId],
        params: &[FormalParameter],
        result: Option<Ty>,
    ) -> Ty {
        let types: Vec<Ty> = params
            .iter()
            .map(|param| self.written_parameter(param).unwrap_or(Ty::DYNAMIC))
            .collect();
        let result = result.unwrap_or(Ty::DYNAMIC);
        self.closure_type(type_params, params, &types, result)
    }

    fn written_parameter(&mut self, param: &FormalParameter) -> Option<Ty> {
        if param.ty.is_none() && param.function.is_none() {
            return None;
        }
        parameter_type(self.world, &self.type_scope(), self.tree, param)
    }

    /// The node and type of a function whose type parameters are declared already.
    fn closure(
        &mut self,
        parts: &Parts<'_>,
        type_params: Vec<TypeParamId>,
        context: Option<&FunctionTy>,
    ) -> (FunctionNode, Ty) {
        debug_assert_eq!(parts.type_params.len(), type_params.len());
        let context = context.filter(|context| context.type_params.len() == type_params.len());
        let context = context.map(|context| self.rename_context(context, &type_params));
        let before = self.enter_closure(parts.body);
        let mark = self.names.mark();
        let (params, types) = self.closure_params(parts.params, context.as_ref());
        let marker = marker_of(self.tree[parts.body].modifier);
        if let Some(result) = parts.result
            && let Some(message) = crate::checks::members::wrong_result(self.world, marker, result)
        {
            self.error("async-result", parts.span, message);
        }
        let wanted = match (parts.result, &context) {
            (Some(result), _) => result,
            (None, Some(context)) => context.result,
            (None, None) => Ty::UNKNOWN,
        };
        let (body, result, element) = if parts.result.is_some() {
            let element = self.element_of(marker, wanted);
            let body = self.code(parts.body, marker, element, false, parts.name);
            (body, wanted, element)
        } else {
            self.inferred_code(parts.body, marker, wanted)
        };
        self.names.leave(mark);
        self.leave_closure(parts.body, before);
        let ty = self.closure_type(&type_params, parts.params, &types, result);
        let node = FunctionNode {
            type_params,
            params,
            result,
            element,
            marker,
            body,
            native: None,
            span: parts.span,
        };
        (node, ty)
    }

    fn rename_context(&self, context: &FunctionTy, type_params: &[TypeParamId]) -> FunctionTy {
        let types: Vec<Ty> = type_params
            .iter()
            .map(|&param| self.world.types.param(param))
            .collect();
        self.instantiate(context, &types)
    }

    /// Goes into a function's body: what is known there must hold whenever it runs.
    pub(super) fn enter_closure(&mut self, _body: BodyId) -> crate::flow::State {
        let before = self.flow.state();
        let vars = |keys: Vec<crate::flow::DeclKey>, walk: &Self| {
            keys.iter()
                .filter_map(|key| walk.vars.get(key).copied())
                .collect::<Vec<_>>()
        };
        let written = vars(self.assigned.written_anywhere(), self);
        let captured = vars(self.assigned.captured_anywhere(), self);
        self.flow.enter_closure(&written, &captured);
        before
    }

    /// Comes back to where the function is made: from now on it may run at any time.
    pub(super) fn leave_closure(&mut self, body: BodyId, before: crate::flow::State) {
        let (written, captured) = self.written_in(self.tree[body].span);
        let all: Vec<_> = written.into_iter().chain(captured).collect();
        let state = self.flow.conservative(before, &[], &all);
        self.flow.set(state);
    }

    fn closure_params(
        &mut self,
        nodes: &[FormalParameter],
        context: Option<&FunctionTy>,
    ) -> (Vec<ParamNode>, Vec<Ty>) {
        let mut params = Vec::with_capacity(nodes.len());
        let mut types = Vec::with_capacity(nodes.len());
        let mut position = 0;
        for node in nodes {
            let name = node.name.unwrap_or(ast::Identifier {
                symbol: sym::UNDERSCORE,
                span: node.span,
            });
            let wish = self.wish_for(node, &mut position, name.symbol, context);
            let ty = match self.written_parameter(node) {
                Some(ty) => ty,
                None => wish.unwrap_or(Ty::DYNAMIC),
            };
            let default = match node.default {
                Some(default) if !self.quiet => {
                    let value = self.constant_expr(default, ty);
                    match value.kind {
                        ExprKind::Const(id) => Some(id),
                        _ => None,
                    }
                }
                _ => None,
            };
            self.check_optional(node, name.symbol, ty);
            let is_final = node.keyword == ast::ParameterKeyword::Final;
            let local = self.parameter(name.symbol, name.span, ty, is_final);
            types.push(ty);
            params.push(ParamNode {
                local,
                kind: param_kind(node),
                default,
                check: false,
            });
        }
        (params, types)
    }

    /// An optional parameter without a default must be able to be null.
    fn check_optional(&self, node: &FormalParameter, name: Symbol, ty: Ty) {
        let is_named = node.kind == ParameterKind::Named;
        let is_optional = node.kind != ParameterKind::Positional && !node.is_required;
        if is_optional && node.default.is_none() && !self.world.is_nullable(ty) {
            let message = crate::checks::variables::missing_default(name.as_str(), is_named);
            self.error("missing-default", node.span, message);
        }
    }

    fn wish_for(
        &self,
        node: &FormalParameter,
        position: &mut usize,
        name: Symbol,
        context: Option<&FunctionTy>,
    ) -> Option<Ty> {
        let found = match node.kind {
            ParameterKind::Named => context?
                .named
                .iter()
                .find(|param| param.name == name)
                .map(|param| param.ty),
            _ => {
                *position += 1;
                context?.positional.get(*position - 1).copied()
            }
        };
        let ty = fill_unknown(self.world, found?, true);
        // `Null` and `Never` say too little to be useful as the type of a parameter.
        let ty = if ty != Ty::ERROR && self.world.is_subtype(ty, Ty::NULL) {
            Ty::OBJECT_N
        } else {
            ty
        };
        Some(ty)
    }

    fn closure_type(
        &self,
        type_params: &[TypeParamId],
        nodes: &[FormalParameter],
        types: &[Ty],
        result: Ty,
    ) -> Ty {
        let mut positional = Vec::new();
        let mut named = Vec::new();
        let mut required = 0;
        for (node, &ty) in nodes.iter().zip(types) {
            match node.kind {
                ParameterKind::Positional => {
                    required += 1;
                    positional.push(ty);
                }
                ParameterKind::OptionalPositional => positional.push(ty),
                ParameterKind::Named => {
                    if let Some(name) = node.name {
                        named.push(NamedParamTy {
                            name: name.symbol,
                            ty,
                            required: node.is_required,
                        });
                    }
                }
            }
        }
        named.sort_by_key(|param| param.name.as_str());
        self.world.types.function(FunctionTy {
            type_params: type_params.into(),
            positional: positional.into(),
            required,
            named: named.into(),
            result,
        })
    }

    // ---- inferred results

    /// The body of a function whose result comes from its body and the context: statement, result, element.
    fn inferred_code(
        &mut self,
        body: BodyId,
        marker: AsyncMarker,
        context: Ty,
    ) -> (Option<Box<Stmt>>, Ty, Ty) {
        let wish = self.element_wish(marker, context);
        self.functions.push(FunctionState {
            marker,
            element: wish,
            declared: false,
            delivered: Vec::new(),
            empty_returns: Vec::new(),
            is_constructor: false,
            in_late: false,
            jumps: Vec::new(),
            catches: Vec::new(),
        });
        let stmt = self.body_stmt(body);
        let reachable = self.flow.is_reachable();
        let (delivered, empty_returns) = match self.functions.pop() {
            Some(function) => (function.delivered, function.empty_returns),
            None => Default::default(),
        };
        let is_block = matches!(self.tree[body].kind, BodyKind::Block(_));
        let element = self.delivered_type(marker, delivered, reachable && is_block, wish);
        let gives_nothing = matches!(element, Ty::VOID | Ty::NULL | Ty::DYNAMIC | Ty::ERROR);
        if wish == Ty::UNKNOWN && !gives_nothing {
            for span in empty_returns {
                let shown = self.show(element);
                let message = format!(
                    "this function returns a '{shown}' elsewhere: write 'return null;', or a value"
                );
                self.error("return-value", span, message);
            }
        }
        let result = match marker {
            AsyncMarker::Sync => element,
            AsyncMarker::Async => self.world.future_of(element),
            AsyncMarker::AsyncStar => self.sequence_of(true, element),
            AsyncMarker::SyncStar => self.sequence_of(false, element),
        };
        (stmt, result, element)
    }

    fn element_wish(&self, marker: AsyncMarker, context: Ty) -> Ty {
        if context == Ty::UNKNOWN {
            return Ty::UNKNOWN;
        }
        match marker {
            AsyncMarker::Sync => context,
            AsyncMarker::Async => match self.future_value_or_unknown(context) {
                Some(ty) => ty,
                None => Ty::UNKNOWN,
            },
            AsyncMarker::AsyncStar | AsyncMarker::SyncStar => {
                let class = self.sequence_class(marker == AsyncMarker::AsyncStar);
                class
                    .and_then(|class| self.world.as_instance_of(context, class))
                    .and_then(|args| args.first().copied())
                    .unwrap_or(Ty::UNKNOWN)
            }
        }
    }

    fn future_value_or_unknown(&self, context: Ty) -> Option<Ty> {
        match self.world.types.kind(context) {
            TyKind::Void => Some(Ty::VOID),
            TyKind::FutureOr { arg, .. } => Some(*arg),
            _ => self
                .world
                .as_instance_of(context, crate::model::known::FUTURE)
                .and_then(|args| args.first().copied()),
        }
    }

    fn delivered_type(
        &self,
        marker: AsyncMarker,
        delivered: Vec<Ty>,
        falls_off: bool,
        wish: Ty,
    ) -> Ty {
        let is_generator = matches!(marker, AsyncMarker::AsyncStar | AsyncMarker::SyncStar);
        let mut joined: Option<Ty> = None;
        let nothing = delivered.is_empty();
        let each_fits = wish != Ty::UNKNOWN
            && delivered.iter().all(|&ty| self.converts(ty, wish))
            && (!falls_off || is_generator || self.world.is_nullable(wish));
        for ty in delivered {
            joined = Some(match joined {
                Some(up) => self.world.up(up, ty),
                None => ty,
            });
        }
        if falls_off && !is_generator {
            joined = Some(match joined {
                Some(up) => self.world.up(up, Ty::NULL),
                None => Ty::NULL,
            });
        }
        let found = match joined {
            Some(ty) => ty,
            None if is_generator => {
                return if wish == Ty::UNKNOWN || has_unknown(self.world, wish) {
                    Ty::DYNAMIC
                } else {
                    wish
                };
            }
            None => Ty::NEVER,
        };
        if wish == Ty::VOID && (nothing || found == Ty::NULL || marker == AsyncMarker::Sync) {
            return Ty::VOID;
        }
        if wish == Ty::UNKNOWN || has_unknown(self.world, wish) {
            return found;
        }
        if self.world.is_subtype(found, wish) && found != Ty::DYNAMIC {
            found
        } else if each_fits || self.converts(found, wish) {
            wish
        } else {
            found
        }
    }

    /// A value that `return` (or `=>`) delivers.
    pub(super) fn delivered_value(&mut self, expr: ExprId) -> Expr {
        let Some(function) = self.functions.last() else {
            return self.free(expr);
        };
        let (marker, element, declared) = (function.marker, function.element, function.declared);
        match marker {
            AsyncMarker::Async => self.async_value(expr, element, declared),
            _ => {
                let value = self.expr(expr, element);
                self.deliver(value, element, declared)
            }
        }
    }

    /// Converts a delivered value, or notes its type for inference.
    pub(super) fn deliver(&mut self, value: Expr, element: Ty, declared: bool) -> Expr {
        if declared {
            let no_value = value.ty == Ty::VOID && element == Ty::DYNAMIC;
            return if element == Ty::VOID || no_value {
                value
            } else {
                self.convert(value, element, "result")
            };
        }
        let element = match value.ty {
            // A dynamic value becomes what the context says, as far as that is known.
            Ty::DYNAMIC if element != Ty::UNKNOWN => {
                let closure = self.world.map_places(element, true, &mut |part, greatest| {
                    let filled = if greatest { Ty::DYNAMIC } else { Ty::NEVER };
                    (part == Ty::UNKNOWN).then_some(filled)
                });
                // Not if it is that already.
                match self.world.is_subtype(Ty::DYNAMIC, closure) {
                    true => element,
                    false => closure,
                }
            }
            _ => element,
        };
        let is_known =
            element != Ty::UNKNOWN && element != Ty::VOID && !has_unknown(self.world, element);
        // What has no value makes the function one without a result.
        let value = if is_known && value.ty != Ty::VOID && self.converts(value.ty, element) {
            self.convert(value, element, "result")
        } else {
            value
        };
        if let Some(function) = self.functions.last_mut() {
            function.delivered.push(value.ty);
        }
        value
    }

    /// `return e` in an async function: a future is waited for.
    fn async_value(&mut self, expr: ExprId, element: Ty, declared: bool) -> Expr {
        let wish = match element {
            Ty::UNKNOWN | Ty::VOID | Ty::DYNAMIC | Ty::ERROR => element,
            _ => self.world.types.future_or(element),
        };
        let value = self.expr(expr, wish);
        let flat = self.world.flatten(value.ty);
        // What a future completes with is not cast, as a dynamic value itself would be.
        let is_unchecked = flat == Ty::DYNAMIC
            && value.ty != Ty::DYNAMIC
            && !self.world.is_subtype(flat, element)
            && !self.world.is_subtype(value.ty, element);
        if declared && is_unchecked {
            let (found, wanted) = (self.show(value.ty), self.show(element));
            let message = format!(
                "this is a '{found}', which may complete with anything, and '{wanted}' is wanted: await it first"
            );
            return self.fail("return-type", value.span, message);
        }
        // A future that is itself the result (of `Future<Future<T>>`) is not waited for.
        let is_result = declared
            && value.ty != Ty::DYNAMIC
            && element != Ty::VOID
            && !self.world.is_top(element)
            && !self.converts(flat, element)
            && self.world.is_subtype(value.ty, element);
        let value = if is_result {
            value
        } else {
            let element = if declared && element != Ty::VOID {
                element
            } else {
                flat
            };
            self.awaited(value, element)
        };
        self.deliver(value, element, declared)
    }

    /// A value, or what it completes with if it is a future.
    fn awaited(&mut self, value: Expr, element: Ty) -> Expr {
        let world = self.world;
        let flat = world.flatten(value.ty);
        let span = value.span;
        if flat != value.ty {
            return self.node(ExprKind::Await(Box::new(value)), flat, span);
        }
        // A value typed so widely that it may turn out to be a future.
        let is_wide = value.ty != Ty::VOID
            && value.ty != Ty::ERROR
            && value.ty != Ty::NEVER
            && world.is_subtype(world.future_of(Ty::NEVER), value.ty);
        if !is_wide {
            return value;
        }
        let ty = value.ty;
        let local = self.temp(ty, span);
        let read = self.local_expr(local, span);
        let future = world.future_of(element);
        let kind = ExprKind::Is {
            value: Box::new(read.clone()),
            ty: future,
        };
        let test = self.node(kind, Ty::BOOL, span);
        let as_future = self.retype(read.clone(), future);
        let wait = self.node(ExprKind::Await(Box::new(as_future)), element, span);
        let body = self.conditional(test, wait, read, ty);
        self.let_in(local, value, body)
    }

    // ---- functions made by the compiler

    /// `prefix.loadLibrary` as a function.
    pub(super) fn load_library_closure(&mut self, prefix: Symbol, span: Span) -> Expr {
        let result = self.world.future_of(Ty::VOID);
        let load = self.load_library(prefix, span);
        let body = self.stmt_node(StmtKind::Return(Some(load)), span);
        let node = FunctionNode {
            type_params: Vec::new(),
            params: Vec::new(),
            result,
            element: result,
            marker: AsyncMarker::Sync,
            body: Some(Box::new(body)),
            native: None,
            span,
        };
        let ty = self.closure_type(&[], &[], &[], result);
        self.node(ExprKind::Closure(Box::new(node)), ty, span)
    }

    /// An extension method torn off: a function that passes its arguments on with the receiver.
    pub(super) fn extension_tear_off(
        &mut self,
        member: MemberId,
        types: Vec<Ty>,
        receiver: Expr,
        signature: FunctionTy,
        span: Span,
    ) -> Expr {
        let fresh = self.freshen(&signature, None);
        let local = self.temp(receiver.ty, span);
        let mut args = Args {
            types,
            positional: vec![self.local_expr(local, span)],
            named: Vec::new(),
        };
        args.types.extend(
            fresh
                .type_params
                .iter()
                .map(|&param| self.world.types.param(param)),
        );
        let mut params = Vec::new();
        for (index, param) in self.member(member).params.iter().enumerate() {
            let ty = match param.kind {
                ParamKind::Required | ParamKind::OptionalPositional => {
                    fresh.positional.get(index).copied()
                }
                _ => fresh
                    .named
                    .iter()
                    .find(|wanted| wanted.name == param.name)
                    .map(|wanted| wanted.ty),
            };
            let own = self.new_local(param.name, ty.unwrap_or(Ty::DYNAMIC), true, span);
            let value = self.local_expr(own, span);
            match param.kind {
                ParamKind::Required | ParamKind::OptionalPositional => args.positional.push(value),
                _ => args.named.push((param.name, value)),
            }
            params.push(ParamNode {
                local: own,
                kind: param.kind,
                default: self.world.param_default(member, index),
                check: false,
            });
        }
        let result = fresh.result;
        let kind = ExprKind::StaticCall {
            target: member,
            args,
        };
        let call = self.node(kind, result, span);
        let body = self.stmt_node(StmtKind::Return(Some(call)), span);
        let ty = self.world.types.function(fresh.clone());
        let node = FunctionNode {
            type_params: fresh.type_params.to_vec(),
            params,
            result,
            element: result,
            marker: AsyncMarker::Sync,
            body: Some(Box::new(body)),
            native: None,
            span,
        };
        let closure = self.node(ExprKind::Closure(Box::new(node)), ty, span);
        self.let_in(local, receiver, closure)
    }
}

fn param_kind(node: &FormalParameter) -> ParamKind {
    match node.kind {
        ParameterKind::Positional => ParamKind::Required,
        ParameterKind::OptionalPositional => ParamKind::OptionalPositional,
        ParameterKind::Named if node.is_required => ParamKind::RequiredNamed,
        ParameterKind::Named => ParamKind::Named,
    }
}

/// How a body runs, from the word before it.
pub(super) fn marker_of(modifier: BodyModifier) -> AsyncMarker {
    match modifier {
        BodyModifier::Sync => AsyncMarker::Sync,
        BodyModifier::Async => AsyncMarker::Async,
        BodyModifier::AsyncStar => AsyncMarker::AsyncStar,
        BodyModifier::SyncStar => AsyncMarker::SyncStar,
    }
}
