//! Expressions by form.

use eyot_syntax::ast::{ExprId, ExprKind as E, Identifier};
use eyot_syntax::{Span, Symbol, sym};

use super::Walk;
use super::names::{Designator, Name};
use crate::flow::{Branches, VarId};
use crate::model::{MemberFlags, MemberKind, Owner};
use crate::program::{CastKind, Expr, ExprKind, LocalId};
use crate::types::{Ty, TyKind};

impl Walk<'_> {
    /// An expression in a context: a complete one, with its null-aware accesses closed.
    pub(super) fn expr(&mut self, id: ExprId, context: Ty) -> Expr {
        self.expr_with(id, context, context)
    }

    /// An expression in a context, where a shorthand `.name` at its start is looked up in the class of another type.
    pub(super) fn expr_with(&mut self, id: ExprId, context: Ty, shorthand: Ty) -> Expr {
        self.deep(|walk| {
            let outer = std::mem::take(&mut walk.guards);
            let outer_shorthand = std::mem::replace(&mut walk.shorthand, shorthand);
            let chain = walk.chain(id, context);
            walk.shorthand = outer_shorthand;
            let guards = std::mem::replace(&mut walk.guards, outer);
            let expr = walk.close_guards(guards, chain);
            match walk.tree[id].kind {
                E::Identifier(_) | E::Property { .. } => walk.instantiate_tear_off(expr, context),
                _ => expr,
            }
        })
    }

    /// An expression without a wish for its type.
    pub(super) fn free(&mut self, id: ExprId) -> Expr {
        self.expr(id, Ty::UNKNOWN)
    }

    /// An expression converted to the type wanted.
    pub(super) fn expr_as(&mut self, id: ExprId, ty: Ty, role: &str) -> Expr {
        let expr = self.expr(id, ty);
        self.convert(expr, ty, role)
    }

    /// A condition, and what is known when it holds and when not. The current state is left for the caller to set.
    pub(super) fn condition(&mut self, id: ExprId) -> (Expr, Branches) {
        let expr = self.expr(id, Ty::BOOL);
        let branches = match self.branches.take() {
            Some(branches) => branches,
            None => self.flow.plain_branches(),
        };
        (self.as_condition(expr), branches)
    }

    /// The receiver of a selector: its null-aware accesses belong to the chain around.
    pub(super) fn receiver(&mut self, id: ExprId) -> Expr {
        let expr = self.deep(|walk| walk.chain(id, Ty::UNKNOWN));
        let span = expr.span;
        self.no_void(expr, span)
    }

    /// An expression that may be the inner part of a chain.
    pub(super) fn chain(&mut self, id: ExprId, context: Ty) -> Expr {
        self.branches = None;
        let expr = self.with_loads(|walk| walk.form(id, context));
        if self.world.is_bottom(expr.ty) {
            self.flow.mark_unreachable();
        }
        expr
    }

    fn form(&mut self, id: ExprId, context: Ty) -> Expr {
        let tree = self.tree;
        let span = tree[id].span;
        match &tree[id].kind {
            E::Error => self.error_expr(span),
            E::Null => self.null(span),
            E::Bool(value) => {
                self.branches = Some(self.flow.constant_branches(*value));
                self.boolean(*value, span)
            }
            E::Int(literal) => self.int_literal(literal, false, context, span),
            E::Double(value) => self.node(ExprKind::Double(*value), Ty::DOUBLE, span),
            E::String(text) => self.node(ExprKind::String(text.clone().into()), Ty::STRING, span),
            E::Interpolation(parts) => self.interpolation(parts, span),
            E::SymbolLiteral(name) => self.symbol_literal(*name, span),
            E::Identifier(name) => {
                let name = Identifier {
                    symbol: *name,
                    span,
                };
                self.identifier(&name, context)
            }
            E::This => self.this_expr(span),
            E::Super => self.fail(
                "super-alone",
                span,
                "'super' is no value: use it to call a member, as in 'super.name'",
            ),
            E::Parenthesized(inner) => self.parenthesized(*inner, context),
            E::Record(record) => self.record_literal(record, context, span),
            E::List(literal) => self.list_literal(literal, context, span),
            E::SetOrMap(literal) => self.set_or_map_literal(literal, context, span),
            E::Property {
                receiver,
                name,
                is_null_aware,
            } => self.property(*receiver, name, *is_null_aware, context, span),
            E::Call { callee, arguments } => {
                let outer = std::mem::take(&mut self.early_args);
                let call = self.call(*callee, arguments, context, span);
                let early = std::mem::replace(&mut self.early_args, outer);
                self.wrap(early, call)
            }
            E::Instantiation { operand, type_args } => {
                self.explicit_instantiation(id, *operand, type_args, span)
            }
            E::Index {
                receiver,
                index,
                is_null_aware,
            } => self.index_get(*receiver, *index, *is_null_aware, span),
            E::NullAssert(operand) => {
                let wish = if context == Ty::UNKNOWN {
                    context
                } else {
                    self.world.types.nullable(context)
                };
                let value = self.deep(|walk| walk.chain(*operand, wish));
                self.branches = None;
                if self.in_const {
                    let message =
                        "'!' is no part of a constant expression: use a constant that is not null";
                    return self.fail("not-constant", span, message);
                }
                self.null_assert(value, span)
            }
            E::Cascade {
                receiver,
                is_null_aware,
                sections,
            } => self.cascade(*receiver, *is_null_aware, sections, context, span),
            E::CascadeReceiver => self.cascade_receiver(span),
            E::Assignment { op, target, value } => {
                self.assignment(*op, *target, *value, context, false, span)
            }
            E::PatternAssignment { pattern, value } => {
                self.pattern_assignment(*pattern, *value, context, span)
            }
            E::Conditional {
                condition,
                then,
                otherwise,
            } => self.conditional_expr(*condition, *then, *otherwise, context, span),
            E::Binary {
                op,
                op_span,
                left,
                right,
            } => self.binary(*op, *op_span, *left, *right, context, span),
            E::Unary { op, operand } => self.unary(*op, *operand, context, span),
            E::Prefix { op, operand } => self.increment(*op, *operand, true, false, span),
            E::Postfix { op, operand } => self.increment(*op, *operand, false, false, span),
            E::Is {
                operand,
                ty,
                is_negated,
            } => self.is_test(*operand, *ty, *is_negated, span),
            E::As { operand, ty } => self.as_cast(*operand, *ty, span),
            E::Await(operand) => self.await_expr(*operand, context, span),
            E::Throw(operand) => self.throw(*operand, span),
            E::Function(function) => self.function_expression(function, context, span),
            E::Creation(creation) => {
                let outer = std::mem::take(&mut self.early_args);
                let object = self.creation(creation, context, span);
                let early = std::mem::replace(&mut self.early_args, outer);
                self.wrap(early, object)
            }
            E::DotShorthand { name, is_const } => {
                self.dot_shorthand(name, *is_const, None, context, span)
            }
            E::Switch(switch) => self.switch_expression(switch, context, span),
        }
    }

    /// An expression for its effect alone: assignments do not keep their value.
    pub(super) fn effect(&mut self, id: ExprId) -> Expr {
        let tree = self.tree;
        let span = tree[id].span;
        self.deep(|walk| match &tree[id].kind {
            E::Assignment { .. } | E::Prefix { .. } | E::Postfix { .. } => {
                let outer = std::mem::take(&mut walk.guards);
                walk.branches = None;
                let chain = walk.with_loads(|walk| match &tree[id].kind {
                    E::Assignment { op, target, value } => {
                        walk.assignment(*op, *target, *value, Ty::UNKNOWN, true, span)
                    }
                    E::Prefix { op, operand } => walk.increment(*op, *operand, true, true, span),
                    E::Postfix { op, operand } => walk.increment(*op, *operand, true, true, span),
                    _ => walk.error_expr(span),
                });
                let guards = std::mem::replace(&mut walk.guards, outer);
                let chain = walk.close_guards(guards, chain);
                walk.branches = None;
                chain
            }
            E::Parenthesized(inner) => walk.effect(*inner),
            _ => {
                let expr = walk.free(id);
                walk.branches = None;
                expr
            }
        })
    }

    fn parenthesized(&mut self, inner: ExprId, context: Ty) -> Expr {
        // Parentheses end a null-aware chain.
        self.expr(inner, context)
    }

    pub(super) fn this_expr(&mut self, span: Span) -> Expr {
        match self.this {
            Some(super::This::Instance(ty)) => self.node(ExprKind::This, ty, span),
            Some(super::This::Receiver(local, _)) => self.local_expr(local, span),
            None => self.fail(
                "no-this",
                span,
                "there is no 'this' here: the code is static or runs before the object exists",
            ),
        }
    }

    // ---- names

    fn identifier(&mut self, name: &Identifier, context: Ty) -> Expr {
        let meaning = self.resolve(name.symbol);
        self.name_expr(meaning, name, context)
    }

    /// A name as a value.
    pub(super) fn name_expr(&mut self, meaning: Name, name: &Identifier, _context: Ty) -> Expr {
        match meaning {
            Name::Local(local) => self.read_local(local, name.span),
            Name::OnThis => self.on_this(name),
            Name::Static(access) => self.static_get(access, name),
            Name::TypeParam(param) => self.type_literal(self.world.types.param(param), name.span),
            Name::Class(class) => self.designator_value(&Designator::Class(class, None), name.span),
            Name::Typedef(typedef) => {
                let ty = self.raw_alias(typedef);
                self.type_literal(ty, name.span)
            }
            Name::Dynamic => self.type_literal(Ty::DYNAMIC, name.span),
            Name::Never => self.type_literal(Ty::NEVER, name.span),
            Name::Extension(_) => self.fail(
                "extension-as-value",
                name.span,
                format!(
                    "'{}' is an extension, which is no value: apply it, as in '{}(object).member'",
                    name.symbol, name.symbol
                ),
            ),
            Name::Prefix(_) => self.fail(
                "prefix-as-value",
                name.span,
                format!(
                    "'{}' is an import prefix: write a name behind it, as in '{}.name'",
                    name.symbol, name.symbol
                ),
            ),
            Name::Ambiguous => self.fail(
                "ambiguous-name",
                name.span,
                format!(
                    "'{}' is imported from two libraries: hide it in one import, or use a prefix",
                    name.symbol
                ),
            ),
            Name::Unknown => {
                self.unknown_name(name);
                self.error_expr(name.span)
            }
        }
    }

    pub(super) fn designator_value(&mut self, designator: &Designator, span: Span) -> Expr {
        match self.designated_type(designator) {
            Some(ty) => self.type_literal(ty, span),
            None => self.fail(
                "not-a-value",
                span,
                "an extension or an import prefix is no value",
            ),
        }
    }

    pub(super) fn type_literal(&self, ty: Ty, span: Span) -> Expr {
        self.node(ExprKind::TypeLiteral(ty), Ty::TYPE, span)
    }

    /// Reads a local variable: its type here, and whether it surely has a value.
    pub(super) fn read_local(&mut self, local: LocalId, span: Span) -> Expr {
        let info = self.info(local);
        if info.not_shared {
            let message = format!(
                "'{}' is not declared by each of the cases of this body with the same type: declare it in all of them, or give the cases bodies of their own",
                self.locals[local.0 as usize].name
            );
            return self.fail("not-shared-variable", span, message);
        }
        if let Some(constant) = info.constant {
            let ty = self.locals[local.0 as usize].ty;
            return self.node(ExprKind::Const(constant), ty, span);
        }
        let expr = self.local_expr(local, span);
        let Some(var) = info.var else {
            return expr;
        };
        self.check_assigned(local, var, span);
        self.branches = self.kept_branches(var);
        let current = self.flow.current(var);
        self.retype(expr, current)
    }

    fn check_assigned(&mut self, local: LocalId, var: VarId, span: Span) {
        let data = &self.locals[local.0 as usize];
        if data.ty == Ty::ERROR {
            return;
        }
        if data.late {
            if self.info(local).late_without_initializer && self.flow.is_unassigned(var) {
                self.error(
                    "late-unassigned",
                    span,
                    format!(
                        "'{}' surely has no value yet here: assign it first",
                        data.name
                    ),
                );
            }
        } else if !self.flow.is_assigned(var) {
            self.error(
                "unassigned-variable",
                span,
                format!(
                    "'{}' may have no value yet here: assign it on every way that leads here",
                    data.name
                ),
            );
        }
    }

    /// An unqualified name that is a member of `this`.
    fn on_this(&mut self, name: &Identifier) -> Expr {
        match self.implicit_this(name) {
            Some(this) => match self.own_extension(name.symbol, false) {
                Some((extension, types)) => {
                    self.extension_get(extension, &types, this, name, name.span)
                }
                None => self.get(this, name, name.span),
            },
            None => self.error_expr(name.span),
        }
    }

    /// `this` for an unqualified member name; reports where there is none.
    pub(super) fn implicit_this(&mut self, name: &Identifier) -> Option<Expr> {
        if self.this.is_some() {
            return Some(self.this_expr(name.span));
        }
        self.error(
            "instance-member-in-static-code",
            name.span,
            format!(
                "'{}' is an instance member, and there is no 'this' here: use it on an object",
                name.symbol
            ),
        );
        None
    }

    // ---- the flow variable behind an expression

    /// The variable or promotable field an expression reads, for promotion.
    pub(super) fn reference(&mut self, expr: &Expr) -> Option<VarId> {
        match &expr.kind {
            ExprKind::Local(local) => self.info(*local).var,
            ExprKind::This => Some(self.this_var),
            ExprKind::As {
                value,
                kind: CastKind::Unchecked,
                ..
            } => self.reference(value),
            // A field whose type mentions class parameters contravariantly is checked where it is read.
            ExprKind::As {
                value,
                kind: CastKind::Implicit,
                ..
            } if matches!(value.kind, ExprKind::InstanceGet { .. }) => self.reference(value),
            ExprKind::SetLocal(local, _) => self.info(*local).var,
            ExprKind::SuperGet { member } => {
                if !self.is_promotable_field(*member) {
                    return None;
                }
                let (this, member) = (self.this_var, *member);
                Some(self.flow.property(this, member, expr.ty))
            }
            ExprKind::InstanceGet { receiver, member } => {
                let owner = self.reference(receiver)?;
                if !self.is_promotable_field(*member) {
                    return None;
                }
                let ty = self.variable_type_on(*member, receiver.ty);
                Some(self.flow.property(owner, *member, ty))
            }
            _ => None,
        }
    }

    /// Whether a field keeps what was learnt about it: private, final, and no other member of that name in its library
    /// could answer instead.
    fn is_promotable_field(&self, member: crate::model::MemberId) -> bool {
        let data = self.member(member);
        if data.kind != MemberKind::Field
            || !data.name.is_private()
            || data.library != self.library
            || !data.flags.contains(MemberFlags::FINAL)
            || data
                .flags
                .intersects(MemberFlags::EXTERNAL | MemberFlags::STATIC)
        {
            return false;
        }
        if self.world.is_representation(member) {
            return true;
        }
        !self
            .world
            .conflicting_fields(self.library)
            .contains(&data.name)
    }

    // ---- small forms

    fn conditional_expr(
        &mut self,
        condition: ExprId,
        then: ExprId,
        otherwise: ExprId,
        context: Ty,
        span: Span,
    ) -> Expr {
        let (condition, branches) = self.condition(condition);
        self.flow.set(branches.yes);
        let yes = self.expr(then, context);
        let yes_branches = self.branches.take();
        let after_yes = self.flow.take();
        self.flow.set(branches.no);
        let no = self.expr(otherwise, context);
        let no_branches = self.branches.take();
        let after_no = self.flow.take();
        if yes.ty == Ty::BOOL
            && no.ty == Ty::BOOL
            && (yes_branches.is_some() || no_branches.is_some())
        {
            let both = |state: &crate::flow::State| Branches {
                yes: state.clone(),
                no: state.clone(),
            };
            let a = yes_branches.unwrap_or_else(|| both(&after_yes));
            let b = no_branches.unwrap_or_else(|| both(&after_no));
            self.branches = Some(Branches {
                yes: self.flow.join(a.yes, b.yes),
                no: self.flow.join(a.no, b.no),
            });
        }
        let joined = self.flow.join(after_yes, after_no);
        self.flow.set(joined);
        let ty = self.join_types(yes.ty, no.ty, context);
        let kind = ExprKind::Conditional(Box::new(condition), Box::new(yes), Box::new(no));
        self.node(kind, ty, span)
    }

    /// The type of an expression that gives one of two values: UP of both, or the context where that is not good enough
    /// for it but both values are.
    pub(super) fn join_types(&self, a: Ty, b: Ty, context: Ty) -> Ty {
        let up = self.world.up(a, b);
        if context == Ty::UNKNOWN || crate::infer::has_unknown(self.world, context) {
            return up;
        }
        if self.world.is_subtype(up, context)
            || !self.world.is_subtype(a, context)
            || !self.world.is_subtype(b, context)
        {
            up
        } else {
            context
        }
    }

    fn is_test(
        &mut self,
        operand: ExprId,
        ty: eyot_syntax::ast::TypeNodeId,
        is_negated: bool,
        span: Span,
    ) -> Expr {
        let value = self.free(operand);
        let ty = self.annotation(ty);
        let branches = match self.reference(&value) {
            Some(var) => self.flow.test_is(var, ty),
            None => self.flow.plain_branches(),
        };
        self.flow.join_branches(branches.clone());
        let kind = ExprKind::Is {
            value: Box::new(value),
            ty,
        };
        let test = self.node(kind, Ty::BOOL, span);
        if is_negated {
            self.branches = Some(Branches {
                yes: branches.no,
                no: branches.yes,
            });
            return self.node(ExprKind::Not(Box::new(test)), Ty::BOOL, span);
        }
        self.branches = Some(branches);
        test
    }

    fn as_cast(&mut self, operand: ExprId, ty: eyot_syntax::ast::TypeNodeId, span: Span) -> Expr {
        let ty = self.annotation(ty);
        let value = self.free(operand);
        self.branches = None;
        if let Some(var) = self.reference(&value) {
            self.flow.promote(var, ty);
        }
        if ty == Ty::ERROR {
            return Expr { ty, ..value };
        }
        let kind = ExprKind::As {
            value: Box::new(value),
            ty,
            kind: CastKind::Explicit,
        };
        self.node(kind, ty, span)
    }

    fn await_expr(&mut self, operand: ExprId, context: Ty, span: Span) -> Expr {
        if !self.is_async() {
            self.error(
                "await-outside-async",
                span,
                "'await' works only in an 'async' function: mark the function around 'async'",
            );
        }
        if self
            .functions
            .last()
            .is_some_and(|function| function.in_late)
        {
            let message = "the initialiser of a 'late' variable runs when the variable is first read and cannot wait: await before, or drop 'late'";
            self.expr(operand, Ty::UNKNOWN);
            return self.fail("await-in-late", span, message);
        }
        let wish = match context {
            Ty::UNKNOWN => Ty::UNKNOWN,
            Ty::DYNAMIC | Ty::VOID => context,
            _ => self.world.types.future_or(self.world.flatten(context)),
        };
        let value = self.expr(operand, wish);
        let value_span = value.span;
        let value = self.no_void(value, value_span);
        self.branches = None;
        if self.world.is_incompatible_with_await(value.ty) {
            let shown = self.show(value.ty);
            let message =
                format!("'{shown}' is an extension type that is no Future: it cannot be awaited");
            return self.fail("not-awaitable", span, message);
        }
        let ty = self.world.flatten(value.ty);
        self.node(ExprKind::Await(Box::new(value)), ty, span)
    }

    fn is_async(&self) -> bool {
        use crate::model::AsyncMarker;
        match self.functions.last() {
            Some(function) => {
                matches!(function.marker, AsyncMarker::Async | AsyncMarker::AsyncStar)
            }
            None => false,
        }
    }

    fn throw(&mut self, operand: ExprId, span: Span) -> Expr {
        let value = self.expr_as(operand, Ty::OBJECT, "thrown value");
        self.branches = None;
        self.flow.mark_unreachable();
        self.node(ExprKind::Throw(Box::new(value)), Ty::NEVER, span)
    }

    fn explicit_instantiation(
        &mut self,
        id: ExprId,
        operand: ExprId,
        type_args: &[eyot_syntax::ast::TypeNodeId],
        span: Span,
    ) -> Expr {
        if let Some(designator) = self.designator(id) {
            return self.designator_value(&designator, span);
        }
        let types = self.annotations(type_args);
        // `C.name<T>` is an error; `C<T>.name` is a property of an instantiation.
        let function = self.receiver(operand);
        if let (E::DotShorthand { .. }, ExprKind::ConstructorTearOff { .. }) =
            (&self.tree[operand].kind, &function.kind)
        {
            return self.constructor_type_args(span);
        }
        let function = self.torn_off_call(function);
        let Some(signature) = self.function_of(function.ty) else {
            return match function.ty {
                Ty::ERROR | Ty::NEVER => function,
                _ => self.fail(
                    "not-generic",
                    span,
                    "only generic functions and types take type arguments",
                ),
            };
        };
        if signature.type_params.len() != types.len() {
            self.type_argument_count(signature.type_params.len(), types.len(), span);
            return self.error_expr(span);
        }
        let ty = self
            .world
            .types
            .function(self.instantiate(signature, &types));
        self.instantiation(function, types, ty)
    }

    /// Whether a type is a record, function or other type with the given wish; used where a context type is looked through.
    pub(super) fn look_through(&self, context: Ty) -> Ty {
        match self.world.types.kind(context) {
            TyKind::FutureOr { arg, .. } => self.look_through(*arg),
            _ => self.world.types.with_nullable(context, false),
        }
    }

    /// The class whose declaration is around this point.
    pub(super) fn enclosing_class(&self) -> Option<crate::model::ClassId> {
        match self.owner {
            Owner::Class(class) => Some(class),
            _ => None,
        }
    }

    /// Whether a library is the one with this URI.
    pub(super) fn is_from(&self, member: crate::model::MemberId, uri: &str, name: Symbol) -> bool {
        let data = self.member(member);
        data.name == name
            && matches!(data.owner, Owner::Library(_))
            && self.world.library(data.library).uri.as_ref() == uri
    }

    /// The name of an unnamed constructor.
    pub(super) fn unnamed(&self) -> Symbol {
        sym::NEW
    }
}
