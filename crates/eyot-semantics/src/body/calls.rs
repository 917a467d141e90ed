//! Calls: functions, methods, closures, callable objects, dynamic targets.

use eyot_syntax::ast::{Arguments, ExprId, ExprKind as E, Identifier};
use eyot_syntax::{Span, Symbol, sym};

use super::Walk;
use super::members::Found;
use super::names::{Designator, Name};
use crate::model::{Access, ExtensionId, MemberId, MemberKind};
use crate::program::{Args, Expr, ExprKind};
use crate::types::{FunctionTy, Ty, TyKind};

impl Walk<'_> {
    /// `callee(arguments)`.
    pub(super) fn call(
        &mut self,
        callee: ExprId,
        arguments: &Arguments,
        context: Ty,
        span: Span,
    ) -> Expr {
        let tree = self.tree;
        match &tree[callee].kind {
            E::Identifier(name) => {
                let name = Identifier {
                    symbol: *name,
                    span: tree[callee].span,
                };
                let meaning = self.resolve(name.symbol);
                self.call_name(meaning, &name, arguments, context, span)
            }
            E::Property {
                receiver,
                name,
                is_null_aware,
            } => self.call_property(*receiver, name, *is_null_aware, arguments, context, span),
            E::DotShorthand { name, is_const } => {
                self.dot_shorthand(name, *is_const, Some(arguments), context, span)
            }
            E::Super => {
                let name = Identifier {
                    symbol: sym::CALL,
                    span: tree[callee].span,
                };
                self.call_super(&name, arguments, context, span)
            }
            E::Instantiation { .. } => match self.designator(callee) {
                Some(designator) => self.construct_designated(
                    &designator,
                    self.unnamed(),
                    tree[callee].span,
                    arguments,
                    false,
                    context,
                    span,
                ),
                None => self.call_expr(callee, arguments, context, span),
            },
            _ => self.call_expr(callee, arguments, context, span),
        }
    }

    fn call_expr(
        &mut self,
        callee: ExprId,
        arguments: &Arguments,
        context: Ty,
        span: Span,
    ) -> Expr {
        if let Some((extension, types, object)) = self.extension_application(callee) {
            let name = Identifier {
                symbol: sym::CALL,
                span: object.span,
            };
            return self
                .call_in_extension(extension, types, object, &name, arguments, context, span);
        }
        let function = self.receiver(callee);
        self.call_value(function, arguments, context, span)
    }

    fn call_name(
        &mut self,
        meaning: Name,
        name: &Identifier,
        arguments: &Arguments,
        context: Ty,
        span: Span,
    ) -> Expr {
        match meaning {
            Name::Static(access) => self.call_static(access, name, arguments, context, span),
            Name::OnThis => match self.implicit_this(name) {
                Some(this) => match self.own_extension(name.symbol, false) {
                    Some((extension, types)) => self
                        .call_in_extension(extension, types, this, name, arguments, context, span),
                    None => self.call_member(this, name, arguments, context, span),
                },
                None => {
                    self.dynamic_arguments(arguments);
                    self.error_expr(span)
                }
            },
            Name::Class(class) => {
                let designator = Designator::Class(class, None);
                self.construct_designated(
                    &designator,
                    self.unnamed(),
                    name.span,
                    arguments,
                    false,
                    context,
                    span,
                )
            }
            Name::Typedef(_) => {
                let designator = self.designator_of(meaning);
                self.construct_designated(
                    &designator,
                    self.unnamed(),
                    name.span,
                    arguments,
                    false,
                    context,
                    span,
                )
            }
            Name::Unknown => {
                self.unknown_function(name);
                self.dynamic_arguments(arguments);
                self.error_expr(span)
            }
            Name::Extension(extension) => self.stray_extension(extension, arguments, span),
            _ => {
                let function = self.name_expr(meaning, name, Ty::UNKNOWN);
                self.call_value(function, arguments, context, span)
            }
        }
    }

    fn designator_of(&self, name: Name) -> Designator {
        match name {
            Name::Typedef(typedef) if self.world.typedef(typedef).type_params.is_empty() => {
                let ty = self.world.aliased(typedef);
                match self.world.types.kind(ty) {
                    TyKind::Interface { class, args, .. } => {
                        Designator::Class(*class, Some(args.to_vec()))
                    }
                    _ => Designator::Type(ty),
                }
            }
            Name::Typedef(typedef) => Designator::GenericAlias(typedef),
            _ => Designator::Type(Ty::ERROR),
        }
    }

    fn unknown_function(&self, name: &Identifier) {
        self.unknown_name(name);
    }

    fn stray_extension(
        &mut self,
        _extension: ExtensionId,
        arguments: &Arguments,
        span: Span,
    ) -> Expr {
        self.dynamic_arguments(arguments);
        self.fail(
            "extension-as-value",
            span,
            "an extension applied to an object is no value: use a member of it, as in 'E(object).member'",
        )
    }

    /// A static or top-level function, or the value of a static variable.
    pub(super) fn call_static(
        &mut self,
        access: Access,
        name: &Identifier,
        arguments: &Arguments,
        context: Ty,
        span: Span,
    ) -> Expr {
        match access.get {
            Some(member) if self.member(member).kind == MemberKind::Method => {
                self.call_function(member, arguments, context, span)
            }
            _ => {
                let function = self.static_get(access, name);
                self.call_value(function, arguments, context, span)
            }
        }
    }

    fn call_function(
        &mut self,
        member: MemberId,
        arguments: &Arguments,
        context: Ty,
        span: Span,
    ) -> Expr {
        let signature = self.signature(member);
        let applied = self.apply(&signature, None, arguments, context);
        let mut args = applied.args;
        if self.is_from(member, "dart:core", sym::IDENTICAL) && args.positional.len() == 2 {
            let right = args.positional.pop();
            let left = args.positional.pop();
            if let (Some(left), Some(right)) = (left, right) {
                let kind = ExprKind::Identical(Box::new(left), Box::new(right));
                return self.node(kind, Ty::BOOL, span);
            }
        }
        let kind = ExprKind::StaticCall {
            target: member,
            args,
        };
        self.node(kind, applied.result, span)
    }

    fn call_property(
        &mut self,
        receiver: ExprId,
        name: &Identifier,
        is_null_aware: bool,
        arguments: &Arguments,
        context: Ty,
        span: Span,
    ) -> Expr {
        if let Some(designator) = self.designator(receiver) {
            return self.call_designated(&designator, name, arguments, context, span);
        }
        if let E::Super = self.tree[receiver].kind {
            return self.call_super(name, arguments, context, span);
        }
        if let Some((extension, types, object)) = self.extension_application(receiver) {
            return self
                .call_in_extension(extension, types, object, name, arguments, context, span);
        }
        let mut object = self.receiver(receiver);
        if is_null_aware {
            object = self.open_guard(object);
        }
        self.call_member(object, name, arguments, context, span)
    }

    fn call_designated(
        &mut self,
        designator: &Designator,
        name: &Identifier,
        arguments: &Arguments,
        context: Ty,
        span: Span,
    ) -> Expr {
        match designator {
            Designator::Prefix(prefix) => {
                let meaning = self.resolve_prefixed(*prefix, name.symbol);
                if matches!(meaning, Name::Unknown) && name.symbol == sym::LOAD_LIBRARY {
                    return self.load_library(*prefix, span);
                }
                self.use_prefix(*prefix, name.span);
                self.call_name(meaning, name, arguments, context, span)
            }
            Designator::Extension(extension) => {
                match self.world.extension(*extension).statics.get(&name.symbol) {
                    Some(access) => self.call_static(*access, name, arguments, context, span),
                    None => self.no_static(name, arguments, "extension"),
                }
            }
            Designator::Class(class, _) => {
                if let Some(access) = self.class_static(*class, name.symbol) {
                    return self.call_static(access, name, arguments, context, span);
                }
                self.construct_designated(
                    designator,
                    name.symbol,
                    name.span,
                    arguments,
                    false,
                    context,
                    span,
                )
            }
            Designator::GenericAlias(typedef) => {
                let class = self.world.class_of(self.world.aliased(*typedef));
                if let Some(access) = class.and_then(|id| self.class_static(id, name.symbol)) {
                    return self.call_static(access, name, arguments, context, span);
                }
                self.construct_designated(
                    designator,
                    name.symbol,
                    name.span,
                    arguments,
                    false,
                    context,
                    span,
                )
            }
            Designator::Type(_) => {
                let object = self.designator_value(designator, span);
                self.call_member(object, name, arguments, context, span)
            }
        }
    }

    /// Reports that nothing static of the name is declared.
    pub(super) fn no_static(
        &mut self,
        name: &Identifier,
        arguments: &Arguments,
        what: &str,
    ) -> Expr {
        self.dynamic_arguments(arguments);
        self.fail(
            "undefined-member",
            name.span,
            format!(
                "this {what} declares nothing static named '{}'",
                name.symbol
            ),
        )
    }

    /// `receiver.name(arguments)`.
    pub(super) fn call_member(
        &mut self,
        receiver: Expr,
        name: &Identifier,
        arguments: &Arguments,
        context: Ty,
        span: Span,
    ) -> Expr {
        match self.find(receiver.ty, name.symbol, false) {
            Found::Instance(member, on) if self.member(member).kind == MemberKind::Method => {
                self.call_method(receiver, member, on, arguments, context, span)
            }
            Found::Extension(member, types) if self.member(member).kind == MemberKind::Method => {
                self.call_extension(member, types, receiver, arguments, context, span)
            }
            Found::Instance(member, on) => {
                let read_span = name.span;
                let function = self.instance_get(receiver, member, on, read_span);
                self.call_value(function, arguments, context, span)
            }
            Found::FunctionCall => self.call_value(receiver, arguments, context, span),
            Found::Dynamic => {
                let args = self.dynamic_arguments(arguments);
                let kind = ExprKind::DynamicCall {
                    receiver: Box::new(receiver),
                    name: name.symbol,
                    args,
                };
                self.node(kind, Ty::DYNAMIC, span)
            }
            Found::Never => {
                self.dynamic_arguments(arguments);
                self.never_or_error(receiver)
            }
            Found::Missing { nullable } => {
                self.dynamic_arguments(arguments);
                self.missing_member(receiver.ty, name, "method", nullable)
            }
            Found::Extension(..) | Found::RecordIndex(..) | Found::RecordName(..) => {
                let function = self.get(receiver, name, name.span);
                self.call_value(function, arguments, context, span)
            }
        }
    }

    fn call_method(
        &mut self,
        receiver: Expr,
        member: MemberId,
        on: Ty,
        arguments: &Arguments,
        context: Ty,
        span: Span,
    ) -> Expr {
        let receiver_ty = receiver.ty;
        // On dynamic, members of Object are called with their types only if the arguments fit them.
        if receiver_ty == Ty::DYNAMIC && !self.fits_object_member(member, arguments) {
            let args = self.dynamic_arguments(arguments);
            let kind = ExprKind::DynamicCall {
                receiver: Box::new(receiver),
                name: self.member(member).name,
                args,
            };
            return self.node(kind, Ty::DYNAMIC, span);
        }
        let signature = self.signature_on(member, on);
        let wish = self.number_method_wish(receiver_ty, member, context);
        let applied = self.apply_wishing(&signature, None, arguments, context, wish);
        let special = self.number_method(receiver_ty, member, &applied.args);
        let kind = ExprKind::InstanceCall {
            receiver: Box::new(receiver),
            member,
            args: applied.args,
        };
        let ty = special.unwrap_or(applied.result);
        let call = self.node(kind, ty, span);
        if self.is_unsafe_read(member) {
            return self.implicit_cast(call, ty);
        }
        call
    }

    fn fits_object_member(&self, member: MemberId, arguments: &Arguments) -> bool {
        let wanted = self.member(member).params.len();
        arguments.type_args.is_empty()
            && arguments.args.len() == wanted
            && arguments
                .args
                .iter()
                .all(|argument| argument.name.is_none())
    }

    /// The special context type of the arguments of `remainder` and `clamp` on numbers.
    fn number_method_wish(&self, receiver: Ty, member: MemberId, context: Ty) -> Option<Ty> {
        if receiver == Ty::NEVER || !self.world.is_subtype(receiver, Ty::NUM) {
            return None;
        }
        match self.member(member).name.as_str() {
            "remainder" => Some(self.number_wish(receiver, context)),
            "clamp" => Some(self.clamp_wish(receiver, context)),
            _ => None,
        }
    }

    /// The special result types of `remainder` and `clamp` on numbers.
    fn number_method(&self, receiver: Ty, member: MemberId, args: &Args) -> Option<Ty> {
        let world = self.world;
        if receiver == Ty::NEVER || !world.is_subtype(receiver, Ty::NUM) {
            return None;
        }
        let name: Symbol = self.member(member).name;
        match (name.as_str(), args.positional.as_slice()) {
            ("remainder", [operand]) => self.number_result(receiver, name, operand.ty),
            ("clamp", [low, high]) => {
                let all = |wanted: Ty| {
                    [receiver, low.ty, high.ty].into_iter().all(|ty| {
                        ty != Ty::DYNAMIC && ty != Ty::NEVER && world.is_subtype(ty, wanted)
                    })
                };
                if all(Ty::INT) {
                    Some(Ty::INT)
                } else if all(Ty::DOUBLE) {
                    Some(Ty::DOUBLE)
                } else {
                    None
                }
            }
            _ => None,
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn call_in_extension(
        &mut self,
        extension: ExtensionId,
        types: Vec<Ty>,
        object: Expr,
        name: &Identifier,
        arguments: &Arguments,
        context: Ty,
        span: Span,
    ) -> Expr {
        let access = self.world.extension(extension).instance.get(&name.symbol);
        match access.and_then(|access| access.get) {
            Some(member) if self.member(member).kind == MemberKind::Method => {
                self.call_extension(member, types, object, arguments, context, span)
            }
            Some(member) => {
                let function = self.extension_read(member, types, object, span);
                self.call_value(function, arguments, context, span)
            }
            None => self.no_static(name, arguments, "extension"),
        }
    }

    fn call_extension(
        &mut self,
        member: MemberId,
        types: Vec<Ty>,
        receiver: Expr,
        arguments: &Arguments,
        context: Ty,
        span: Span,
    ) -> Expr {
        let signature = self.extension_signature(member, &types);
        let applied = self.apply(&signature, None, arguments, context);
        let mut args = applied.args;
        args.positional.insert(0, receiver);
        args.types.splice(0..0, types);
        let kind = ExprKind::StaticCall {
            target: member,
            args,
        };
        self.node(kind, applied.result, span)
    }

    fn call_super(
        &mut self,
        name: &Identifier,
        arguments: &Arguments,
        context: Ty,
        span: Span,
    ) -> Expr {
        if !self.check_super(span) {
            self.dynamic_arguments(arguments);
            return self.error_expr(span);
        }
        let Some((member, on)) = self.super_member(name.symbol, false) else {
            self.dynamic_arguments(arguments);
            return self.missing_super(name);
        };
        if self.member(member).kind != MemberKind::Method {
            let ty = self.variable_type_on(member, on);
            let function = self.node(ExprKind::SuperGet { member }, ty, name.span);
            return self.call_value(function, arguments, context, span);
        }
        let signature = self.signature_on(member, on);
        let applied = self.apply(&signature, None, arguments, context);
        let kind = ExprKind::SuperCall {
            member,
            args: applied.args,
        };
        self.node(kind, applied.result, span)
    }

    /// Calls a value: a function, a callable object, or something dynamic.
    pub(super) fn call_value(
        &mut self,
        function: Expr,
        arguments: &Arguments,
        context: Ty,
        span: Span,
    ) -> Expr {
        if let Some(signature) = self.function_of(function.ty) {
            let signature: &FunctionTy = signature;
            let applied = self.apply(signature, None, arguments, context);
            let kind = ExprKind::ClosureCall {
                callee: Box::new(function),
                args: applied.args,
            };
            return self.node(kind, applied.result, span);
        }
        match function.ty {
            Ty::ERROR | Ty::NEVER => {
                self.dynamic_arguments(arguments);
                return self.never_or_error(function);
            }
            Ty::DYNAMIC | Ty::FUNCTION => {
                let args = self.dynamic_arguments(arguments);
                let kind = ExprKind::ClosureCall {
                    callee: Box::new(function),
                    args,
                };
                return self.node(kind, Ty::DYNAMIC, span);
            }
            _ => {}
        }
        self.call_callable(function, arguments, context, span)
    }

    fn call_callable(
        &mut self,
        object: Expr,
        arguments: &Arguments,
        context: Ty,
        span: Span,
    ) -> Expr {
        let call = Identifier {
            symbol: sym::CALL,
            span: object.span,
        };
        match self.find(object.ty, sym::CALL, false) {
            Found::Instance(member, _) | Found::Extension(member, _)
                if self.member(member).kind == MemberKind::Method =>
            {
                self.call_member(object, &call, arguments, context, span)
            }
            Found::Missing { nullable: true } => {
                self.dynamic_arguments(arguments);
                self.missing_member(object.ty, &call, "method", true)
            }
            _ => {
                self.dynamic_arguments(arguments);
                let shown = self.show(object.ty);
                let hint = if self.world.types.has_question(object.ty) {
                    ": it may be null; check that first, or use '!' or '?.call'"
                } else {
                    ""
                };
                self.fail(
                    "not-callable",
                    object.span,
                    format!("a value of type '{shown}' cannot be called{hint}"),
                )
            }
        }
    }
}
