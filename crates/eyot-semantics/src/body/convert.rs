//! Implicit conversions: casts from dynamic, tear-offs of `call`, instantiation of generic functions.

use eyot_syntax::{Span, sym};

use super::Walk;
use super::members::Found;
use crate::infer::Inference;
use crate::model::MemberKind;
use crate::program::{CastKind, Expr, ExprKind};
use crate::types::{Ty, TyKind};

impl Walk<'_> {
    /// `expr` where a value of type `to` is wanted; `role` says what it is in a message ("argument", "return value", …).
    pub(super) fn convert(&mut self, expr: Expr, to: Ty, role: &str) -> Expr {
        let world = self.world;
        if expr.ty == to || expr.ty == Ty::ERROR || to == Ty::ERROR || to == Ty::UNKNOWN {
            return expr;
        }
        if expr.ty == Ty::VOID {
            let span = expr.span;
            return self.no_void(expr, span);
        }
        if expr.ty == Ty::DYNAMIC {
            return if world.is_top(to) {
                expr
            } else {
                self.implicit_cast(expr, to)
            };
        }
        if let Some(found) = self.convert_function(&expr, to) {
            return found;
        }
        if world.is_subtype(expr.ty, to) {
            return expr;
        }
        self.not_assignable(&expr, to, role);
        Expr {
            ty: Ty::ERROR,
            ..expr
        }
    }

    /// A cast the language implies.
    pub(super) fn implicit_cast(&self, expr: Expr, to: Ty) -> Expr {
        let span = expr.span;
        let kind = ExprKind::As {
            value: Box::new(expr),
            ty: to,
            kind: CastKind::Implicit,
        };
        self.node(kind, to, span)
    }

    /// Whether a value of type `from` can be used as `to`, conversions included.
    pub(super) fn converts(&self, from: Ty, to: Ty) -> bool {
        self.world.is_assignable(from, to) || from == Ty::ERROR
    }

    fn not_assignable(&self, expr: &Expr, to: Ty, role: &str) {
        let (from, wanted) = (self.show(expr.ty), self.show(to));
        let hint = if self.world.types.has_question(expr.ty)
            && self.world.is_subtype(self.world.non_null(expr.ty), to)
        {
            "; check for null first, or add '!'"
        } else if self.world.is_subtype(to, expr.ty) {
            "; cast it with 'as' if it surely fits"
        } else {
            ""
        };
        self.error(
            "not-assignable",
            expr.span,
            format!("this {role} must be of type '{wanted}', but is of type '{from}'{hint}"),
        );
    }

    /// Conversions to function types: a callable object is torn off, a generic function instantiated.
    pub(super) fn convert_function(&mut self, expr: &Expr, to: Ty) -> Option<Expr> {
        let world = self.world;
        let wanted = self.wanted_function(to)?;
        if let TyKind::Interface {
            nullable: false, ..
        } = world.types.kind(world.resolve_bound(expr.ty))
            && let Found::Instance(member, on) = self.find(expr.ty, sym::CALL, false)
            && self.member(member).kind == MemberKind::Method
        {
            let ty = world.types.function(self.signature_on(member, on));
            let torn = self.node(
                ExprKind::TearOff {
                    receiver: Box::new(expr.clone()),
                    member,
                },
                ty,
                expr.span,
            );
            return Some(self.convert(torn, to, "value"));
        }
        if world
            .extension_type_of(world.resolve_bound(expr.ty))
            .is_some()
            && !world.is_subtype(expr.ty, to)
        {
            let torn = self.torn_off_call(expr.clone());
            return (torn.ty != expr.ty).then(|| self.convert(torn, to, "value"));
        }
        if self.world.types.has_question(expr.ty) {
            return self.convert_nullable_function(expr, to);
        }
        let function = self.function_of(expr.ty)?;
        if function.type_params.is_empty() {
            return None;
        }
        let TyKind::Function {
            function: context, ..
        } = world.types.kind(wanted)
        else {
            return None;
        };
        if !context.type_params.is_empty() {
            return None;
        }
        Some(self.instantiate_by_context(expr.clone(), wanted))
    }

    /// A generic function that may be null, instantiated unless it is.
    fn convert_nullable_function(&mut self, expr: &Expr, to: Ty) -> Option<Expr> {
        let plain = self.world.types.with_nullable(expr.ty, false);
        let is_generic = self
            .function_of(plain)
            .is_some_and(|function| !function.type_params.is_empty());
        let wants_generic = self
            .function_of(self.wanted_function(to)?)
            .is_none_or(|function| !function.type_params.is_empty());
        if !is_generic || wants_generic || !self.world.is_nullable(to) {
            return None;
        }
        let span = expr.span;
        let local = self.temp(expr.ty, span);
        let read = self.local_expr(local, span);
        let test = self.is_null(read.clone());
        let function = self.retype(read, plain);
        let inner = self.convert(function, to, "function");
        let ty = self.world.types.nullable(inner.ty);
        let null = self.null(span);
        let body = self.conditional(test, null, inner, ty);
        Some(self.let_in(local, expr.clone(), body))
    }

    /// A callable object as its `call` method; anything else as it is.
    pub(super) fn torn_off_call(&mut self, object: Expr) -> Expr {
        let bound = self.world.resolve_bound(object.ty);
        let is_object = matches!(
            self.world.types.kind(bound),
            TyKind::Interface {
                nullable: false,
                ..
            }
        );
        if !is_object {
            return object;
        }
        match self.find(object.ty, sym::CALL, false) {
            Found::Instance(member, on) if self.member(member).kind == MemberKind::Method => {
                let span = object.span;
                self.instance_get(object, member, on, span)
            }
            Found::Extension(member, types) if self.member(member).kind == MemberKind::Method => {
                let span = object.span;
                self.extension_read(member, types, object, span)
            }
            _ => object,
        }
    }

    /// A generic function that is named where a context, which may have holes, wants one that is not: instantiated at once, so that
    /// inference around it sees the types it has then (inference specification, "generic function instantiation").
    pub(super) fn instantiate_tear_off(&mut self, expr: Expr, context: Ty) -> Expr {
        let is_generic = self
            .function_of(expr.ty)
            .is_some_and(|function| !function.type_params.is_empty());
        if !is_generic || context == Ty::UNKNOWN {
            return expr;
        }
        let Some(wanted) = self.wanted_function(context) else {
            return expr;
        };
        let wants_plain = self
            .function_of(wanted)
            .is_some_and(|function| function.type_params.is_empty());
        match wants_plain {
            true => self.instantiated(expr, wanted),
            false => expr,
        }
    }

    /// A generic function value with type arguments such that it fits `wanted`.
    fn instantiate_by_context(&mut self, expr: Expr, wanted: Ty) -> Expr {
        let instance = self.instantiated(expr.clone(), wanted);
        if !self.world.is_subtype(instance.ty, wanted) {
            self.not_assignable(&expr, wanted, "function");
        }
        instance
    }

    fn instantiated(&mut self, expr: Expr, wanted: Ty) -> Expr {
        let Some(function) = self.function_of(expr.ty) else {
            return expr;
        };
        let fresh = self.freshen(function, None);
        let mut inference = Inference::new(self.world, &fresh.type_params);
        let plain = crate::types::FunctionTy {
            type_params: Box::new([]),
            ..fresh.clone()
        };
        inference.constrain_result(self.world.types.function(plain), wanted);
        let types = inference.solve();
        let ty = self.world.types.function(self.instantiate(&fresh, &types));
        self.instantiation(expr, types, ty)
    }

    /// A function value with type arguments fixed.
    pub(super) fn instantiation(&self, function: Expr, types: Vec<Ty>, ty: Ty) -> Expr {
        let span = function.span;
        let kind = match function.kind {
            ExprKind::ConstructorTearOff { constructor, .. } => {
                ExprKind::ConstructorTearOff { constructor, types }
            }
            _ => ExprKind::Instantiate {
                function: Box::new(function),
                types,
            },
        };
        self.node(kind, ty, span)
    }

    /// The function type wanted by a context: through `?` and FutureOr.
    fn wanted_function(&self, to: Ty) -> Option<Ty> {
        match self.world.types.kind(to) {
            TyKind::Function { .. } => Some(self.world.types.with_nullable(to, false)),
            TyKind::FutureOr { arg, .. } => self.wanted_function(*arg),
            TyKind::Interface { class, .. } if *class == crate::model::known::FUNCTION => Some(to),
            _ => None,
        }
    }

    /// A condition: a bool.
    pub(super) fn as_condition(&mut self, expr: Expr) -> Expr {
        self.convert(expr, Ty::BOOL, "condition")
    }

    /// Reports the use of a `void` value.
    pub(super) fn no_void(&self, expr: Expr, span: Span) -> Expr {
        if expr.ty == Ty::VOID {
            self.error(
                "void-value",
                span,
                "this expression has type 'void': it gives no value to use",
            );
            return Expr {
                ty: Ty::ERROR,
                ..expr
            };
        }
        expr
    }
}
