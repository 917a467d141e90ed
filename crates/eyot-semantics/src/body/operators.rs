//! Operators: arithmetic with its special types, comparison, equality, logic, `??`.

use eyot_syntax::ast::{BinaryOp, ExprId, ExprKind as E, UnaryOp};
use eyot_syntax::{Span, Symbol, sym};

use super::Walk;
use super::members::Found;
use crate::flow::Branches;
use crate::model::{MemberKind, known};
use crate::program::{Args, Expr, ExprKind};
use crate::types::Ty;

impl Walk<'_> {
    /// `left op right`.
    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        left: ExprId,
        right: ExprId,
        context: Ty,
        span: Span,
    ) -> Expr {
        match op {
            BinaryOp::LogicalAnd | BinaryOp::LogicalOr => {
                self.logical(op == BinaryOp::LogicalAnd, left, right, span)
            }
            BinaryOp::IfNull => self.if_null(left, right, context, span),
            BinaryOp::Equals | BinaryOp::NotEquals => {
                self.equality(op == BinaryOp::NotEquals, left, right, span)
            }
            _ => self.arithmetic(op, op_span, left, right, context, span),
        }
    }

    fn logical(&mut self, is_and: bool, left: ExprId, right: ExprId, span: Span) -> Expr {
        let (left, outer) = self.condition(left);
        let (go_on, stop) = if is_and {
            (outer.yes, outer.no)
        } else {
            (outer.no, outer.yes)
        };
        self.flow.set(go_on);
        let (right, inner) = self.condition(right);
        let branches = if is_and {
            Branches {
                no: self.flow.join(stop, inner.no),
                yes: inner.yes,
            }
        } else {
            Branches {
                yes: self.flow.join(stop, inner.yes),
                no: inner.no,
            }
        };
        self.flow.join_branches(branches.clone());
        self.branches = Some(branches);
        let (left, right) = (Box::new(left), Box::new(right));
        let kind = if is_and {
            ExprKind::And(left, right)
        } else {
            ExprKind::Or(left, right)
        };
        self.node(kind, Ty::BOOL, span)
    }

    fn if_null(&mut self, left: ExprId, right: ExprId, context: Ty, span: Span) -> Expr {
        let wish = if context == Ty::UNKNOWN {
            context
        } else {
            self.world.types.nullable(context)
        };
        let left = self.expr(left, wish);
        let left_span = left.span;
        let left = self.no_void(left, left_span);
        let branches = self.null_branches(&left);
        self.flow.set(branches.yes);
        let wish = if context == Ty::UNKNOWN {
            left.ty
        } else {
            context
        };
        let right = self.expr(right, wish);
        let after = self.flow.take();
        let joined = self.flow.join(after, branches.no);
        self.flow.set(joined);
        self.branches = None;
        if left.ty == Ty::ERROR {
            return right;
        }
        self.if_null_node(left, right, context, span)
    }

    /// `left ?? right` of two values.
    pub(super) fn if_null_node(
        &mut self,
        left: Expr,
        right: Expr,
        context: Ty,
        span: Span,
    ) -> Expr {
        let non_null = match left.ty {
            Ty::DYNAMIC => Ty::DYNAMIC,
            ty => self.world.non_null(ty),
        };
        let ty = self.join_types(non_null, right.ty, context);
        let local = self.temp(left.ty, left.span);
        let test = self.local_expr(local, left.span);
        let test = self.is_null(test);
        let value = self.local_expr(local, left.span);
        let value = self.retype(value, non_null);
        let mut body = self.conditional(test, right, value, ty);
        body.span = span;
        self.let_in(local, left, body)
    }

    fn equality(&mut self, negated: bool, left: ExprId, right: ExprId, span: Span) -> Expr {
        if let E::Super = self.tree[left].kind {
            return self.super_equality(negated, right, span);
        }
        let left = self.free(left);
        let left_span = left.span;
        let left = self.no_void(left, left_span);
        let right = self.equality_operand(right, left.ty);
        let right_span = right.span;
        let right = self.no_void(right, right_span);
        let branches = self.equality_branches(&left, &right);
        let member = match self.find_instance(self.world.non_null(left.ty), sym::EQUALS, false) {
            Found::Instance(member, _) => Some(member),
            _ => None,
        };
        let kind = ExprKind::Equals {
            left: Box::new(left),
            right: Box::new(right),
            member,
        };
        let test = self.node(kind, Ty::BOOL, span);
        self.branches = None;
        self.finish_test(test, negated, branches)
    }

    /// What is known when two values are equal and when not, where one of them is null.
    fn equality_branches(&mut self, left: &Expr, right: &Expr) -> Option<Branches> {
        let tested = match (self.is_null_value(left), self.is_null_value(right)) {
            (_, true) => left,
            (true, false) => right,
            (false, false) => {
                let is_null = |ty: Ty| ty == Ty::NULL;
                let (a, b) = (left.ty, right.ty);
                if is_null(a) && is_null(b) {
                    return Some(self.flow.constant_branches(true));
                }
                let differ =
                    is_null(a) && self.is_never_null(b) || is_null(b) && self.is_never_null(a);
                return differ.then(|| self.flow.constant_branches(false));
            }
        };
        let mut branches = match self.reference(tested) {
            Some(var) => self.flow.test_null(var),
            None => self.flow.plain_branches(),
        };
        if tested.ty == Ty::NULL {
            branches.no = self.flow.dead();
        } else if self.is_never_null(tested.ty) {
            branches.yes = self.flow.dead();
        }
        let joined = branches.clone();
        self.flow.join_branches(joined);
        Some(branches)
    }

    /// What is known when a value is null and when it is not, where null is what a `??` or `?.` looks for.
    pub(super) fn null_branches(&mut self, value: &Expr) -> Branches {
        let mut branches = match self.reference(value) {
            Some(var) => self.flow.test_null(var),
            None => self.flow.plain_branches(),
        };
        if self.is_never_null(value.ty) {
            branches.yes = self.flow.dead();
        } else if value.ty != Ty::ERROR && self.world.is_subtype(value.ty, Ty::NULL) {
            branches.no = self.flow.dead();
        }
        branches
    }

    /// Whether flow analysis takes a type's word for it that a value is not null. Before Dart 3.9 it did not: a
    /// library without null safety could have given the value.
    fn is_never_null(&self, ty: Ty) -> bool {
        let version = self.world.library(self.library).version;
        version >= (3, 9) && ty != Ty::ERROR && !self.world.is_potentially_nullable(ty)
    }

    /// The right side of `==`: no context, but `.name` is looked up in the class of the left side.
    fn equality_operand(&mut self, right: ExprId, left: Ty) -> Expr {
        if !self.starts_with_shorthand(right) {
            return self.free(right);
        }
        self.expr_with(right, Ty::UNKNOWN, left)
    }

    /// Whether an expression is a shorthand `.name`, perhaps with selectors behind it.
    pub(super) fn starts_with_shorthand(&self, id: ExprId) -> bool {
        match &self.tree[id].kind {
            E::DotShorthand { .. } => true,
            E::Property { receiver, .. } | E::Index { receiver, .. } => {
                self.starts_with_shorthand(*receiver)
            }
            E::Call { callee, .. } => self.starts_with_shorthand(*callee),
            E::Instantiation { operand, .. } => self.starts_with_shorthand(*operand),
            E::NullAssert(operand) => self.starts_with_shorthand(*operand),
            _ => false,
        }
    }

    fn finish_test(&mut self, test: Expr, negated: bool, branches: Option<Branches>) -> Expr {
        self.branches = match branches {
            Some(Branches { yes, no }) if negated => Some(Branches { yes: no, no: yes }),
            branches => branches,
        };
        if negated {
            let span = test.span;
            self.node(ExprKind::Not(Box::new(test)), Ty::BOOL, span)
        } else {
            test
        }
    }

    fn super_equality(&mut self, negated: bool, right: ExprId, span: Span) -> Expr {
        let right = self.free(right);
        if !self.check_super(span) {
            return self.error_expr(span);
        }
        let Some((member, _)) = self.super_member(sym::EQUALS, false) else {
            return self.error_expr(span);
        };
        // `this` is not null, so that a null on the right is not even asked about.
        let local = self.world.is_potentially_nullable(right.ty).then(|| {
            let local = self.temp(right.ty, right.span);
            (local, right.clone())
        });
        let operand = match &local {
            Some((local, right)) => self.local_expr(*local, right.span),
            None => right,
        };
        let args = Args {
            positional: vec![operand.clone()],
            ..Args::default()
        };
        let mut test = self.node(ExprKind::SuperCall { member, args }, Ty::BOOL, span);
        if let Some((local, right)) = local {
            let is_null = self.is_null(operand);
            let no = self.boolean(false, span);
            let body = self.conditional(is_null, no, test, Ty::BOOL);
            test = self.let_in(local, right, body);
        }
        self.finish_test(test, negated, None)
    }

    fn is_null_value(&self, expr: &Expr) -> bool {
        matches!(expr.kind, ExprKind::Null) && expr.ty == Ty::NULL
    }

    fn arithmetic(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        left: ExprId,
        right: ExprId,
        context: Ty,
        span: Span,
    ) -> Expr {
        let Some(name) = op.member() else {
            return self.error_expr(span);
        };
        if let E::Super = self.tree[left].kind {
            return self.super_operator(name, Some(right), span);
        }
        let (left, applied) = self.left_operand(left);
        let left_span = left.span;
        let left = self.no_void(left, left_span);
        let found = self.find_operator(left.ty, &applied, name, false);
        let wish = self.operand_wish(&found, left.ty, name, context);
        let right = self.expr(right, wish);
        self.branches = None;
        self.binary_call(left, name, found, right, op_span, span)
    }

    /// The context type of a right operand: for numbers it depends on the context around.
    pub(super) fn operand_wish(&self, found: &Found, left: Ty, name: Symbol, context: Ty) -> Ty {
        // An extension type may have operators of its own.
        let is_own = matches!(found, Found::Extension(..));
        if is_special_operator(name)
            && !is_own
            && self.world.is_subtype(left, Ty::NUM)
            && left != Ty::NEVER
        {
            return self.number_wish(left, context);
        }
        match self.operator_signature(found).positional.first() {
            Some(&wanted) => wanted,
            None => Ty::UNKNOWN,
        }
    }

    /// The context type of the bounds in `left.clamp(low, high)`.
    pub(super) fn clamp_wish(&self, left: Ty, context: Ty) -> Ty {
        let wants = |ty| {
            let world = self.world;
            let known = context != Ty::UNKNOWN && context != Ty::ERROR;
            known && world.is_subtype(ty, context) && !world.is_subtype(Ty::NUM, context)
        };
        [Ty::INT, Ty::DOUBLE]
            .into_iter()
            .find(|&ty| wants(ty) && self.world.is_subtype(left, ty))
            .unwrap_or(Ty::NUM)
    }

    pub(super) fn number_wish(&self, left: Ty, context: Ty) -> Ty {
        let world = self.world;
        let known = context != Ty::UNKNOWN && context != Ty::ERROR;
        if world.is_subtype(left, Ty::INT) {
            if known && world.is_subtype(Ty::INT, context) && !world.is_subtype(Ty::NUM, context) {
                return Ty::INT;
            }
            if known && world.is_subtype(Ty::DOUBLE, context) && !world.is_subtype(Ty::NUM, context)
            {
                return Ty::DOUBLE;
            }
            return Ty::NUM;
        }
        if world.is_subtype(left, Ty::DOUBLE) {
            return Ty::NUM;
        }
        if known && world.is_subtype(Ty::INT, context) && !world.is_subtype(Ty::NUM, context) {
            return Ty::INT;
        }
        if known && world.is_subtype(Ty::DOUBLE, context) && !world.is_subtype(Ty::NUM, context) {
            return Ty::DOUBLE;
        }
        Ty::NUM
    }

    /// `left op right` of two values; the right one is converted here.
    pub(super) fn binary_call(
        &mut self,
        left: Expr,
        name: Symbol,
        found: Found,
        right: Expr,
        op_span: Span,
        span: Span,
    ) -> Expr {
        if let Found::Missing { nullable } = found {
            let name = eyot_syntax::ast::Identifier {
                symbol: name,
                span: op_span,
            };
            return self.missing_member(left.ty, &name, "operator", nullable);
        }
        let right = self.as_double_operand(left.ty, right);
        let special = match found {
            Found::Extension(..) => None,
            _ => self.number_result(left.ty, name, right.ty),
        };
        let right = match self.operator_signature(&found).positional.first() {
            Some(&wanted) => self.convert(right, wanted, "operand"),
            None => right,
        };
        let mut call = self.operator_call(left, name, found, vec![right], span);
        if let Some(ty) = special
            && call.ty != Ty::ERROR
        {
            call.ty = ty;
        }
        call
    }

    /// An integer literal beside a double is that double: the operators convert it anyway, exactly if it is small.
    fn as_double_operand(&self, left: Ty, right: Expr) -> Expr {
        match right.kind {
            ExprKind::Int(value) if left == Ty::DOUBLE && value.unsigned_abs() < 1 << 53 => {
                self.node(ExprKind::Double(value as f64), Ty::DOUBLE, right.span)
            }
            _ => right,
        }
    }

    /// The result of the operators (and `remainder`) on numbers: int with int is int, int with double is double.
    pub(super) fn number_result(&self, left: Ty, name: Symbol, right: Ty) -> Option<Ty> {
        let world = self.world;
        if !is_special_operator(name) || !world.is_subtype(left, Ty::NUM) || left == Ty::NEVER {
            return None;
        }
        if world.is_subtype(left, Ty::DOUBLE) {
            return Some(Ty::DOUBLE);
        }
        if right == Ty::NEVER || right == Ty::ERROR || right == Ty::DYNAMIC {
            return None;
        }
        if world.is_subtype(right, Ty::DOUBLE) {
            return Some(Ty::DOUBLE);
        }
        let both_int = world.is_subtype(left, Ty::INT) && world.is_subtype(right, Ty::INT);
        if both_int {
            return Some(Ty::INT);
        }
        Some(Ty::NUM)
    }

    /// Calls an operator that was looked up, with operands converted already.
    pub(super) fn operator_call(
        &mut self,
        receiver: Expr,
        name: Symbol,
        found: Found,
        operands: Vec<Expr>,
        span: Span,
    ) -> Expr {
        let args = Args {
            positional: operands,
            ..Args::default()
        };
        match found {
            Found::Instance(member, on) => {
                let ty = self.signature_on(member, on).result;
                if self.world.is_bottom(ty) {
                    self.flow.mark_unreachable();
                }
                if self.member(member).kind != MemberKind::Method {
                    return self.error_expr(span);
                }
                let kind = ExprKind::InstanceCall {
                    receiver: Box::new(receiver),
                    member,
                    args,
                };
                self.node(kind, ty, span)
            }
            Found::Extension(member, types) => {
                let ty = self.extension_signature(member, &types).result;
                let mut positional = vec![receiver];
                positional.extend(args.positional);
                let args = Args {
                    types,
                    positional,
                    named: Vec::new(),
                };
                let kind = ExprKind::StaticCall {
                    target: member,
                    args,
                };
                self.node(kind, ty, span)
            }
            Found::Never => self.never_or_error(receiver),
            Found::Missing { nullable } => {
                let name = eyot_syntax::ast::Identifier { symbol: name, span };
                self.missing_member(receiver.ty, &name, "operator", nullable)
            }
            Found::Dynamic
            | Found::RecordIndex(..)
            | Found::RecordName(..)
            | Found::FunctionCall => {
                let kind = ExprKind::DynamicCall {
                    receiver: Box::new(receiver),
                    name,
                    args,
                };
                self.node(kind, Ty::DYNAMIC, span)
            }
        }
    }

    fn super_operator(&mut self, name: Symbol, operand: Option<ExprId>, span: Span) -> Expr {
        if !self.check_super(span) {
            return self.error_expr(span);
        }
        let Some((member, on)) = self.super_member(name, false) else {
            let name = eyot_syntax::ast::Identifier { symbol: name, span };
            return self.missing_super(&name);
        };
        let found = Found::Instance(member, on);
        let positional = operand
            .map(|operand| self.index_operand(&found, operand))
            .into_iter()
            .collect();
        let ty = self.signature_on(member, on).result;
        let args = Args {
            positional,
            ..Args::default()
        };
        self.node(ExprKind::SuperCall { member, args }, ty, span)
    }

    /// `-e`, `!e`, `~e`.
    pub(super) fn unary(&mut self, op: UnaryOp, operand: ExprId, context: Ty, span: Span) -> Expr {
        let tree = self.tree;
        let name = match op {
            UnaryOp::Not => return self.not(operand, span),
            UnaryOp::Negate => sym::UNARY_MINUS,
            UnaryOp::BitNot => sym::TILDE,
        };
        match &tree[operand].kind {
            E::Int(literal) if op == UnaryOp::Negate => {
                return self.int_literal(literal, true, context, span);
            }
            E::Double(value) if op == UnaryOp::Negate => {
                return self.node(ExprKind::Double(-value), Ty::DOUBLE, span);
            }
            E::Super => return self.super_operator(name, None, span),
            _ => {}
        }
        let (operand, applied) = if op == UnaryOp::Negate && self.wants_double(context) {
            (self.expr(operand, context), None)
        } else {
            self.left_operand(operand)
        };
        self.branches = None;
        let found = self.find_operator(operand.ty, &applied, name, false);
        // `-x` of a number has the number's type.
        let keeps = op == UnaryOp::Negate
            && operand.ty != Ty::NEVER
            && self.world.is_subtype(operand.ty, Ty::NUM);
        let kept = if keeps && self.world.is_subtype(operand.ty, Ty::INT) {
            Some(Ty::INT)
        } else if keeps && self.world.is_subtype(operand.ty, Ty::DOUBLE) {
            Some(Ty::DOUBLE)
        } else {
            None
        };
        let mut call = self.operator_call(operand, name, found, Vec::new(), span);
        if let Some(ty) = kept
            && call.ty != Ty::ERROR
        {
            call.ty = ty;
        }
        call
    }

    fn not(&mut self, operand: ExprId, span: Span) -> Expr {
        let (operand, branches) = self.condition(operand);
        self.branches = Some(Branches {
            yes: branches.no,
            no: branches.yes,
        });
        self.node(ExprKind::Not(Box::new(operand)), Ty::BOOL, span)
    }

    /// Whether equality on the type is by value and cheap: what constant switches may rely on.
    pub(super) fn has_primitive_equality(&self, ty: Ty) -> bool {
        match self.world.class_of(ty) {
            Some(class) => {
                matches!(class, known::INT | known::STRING | known::BOOL)
                    || self.world.class(class).kind == crate::model::ClassKind::Enum
            }
            None => false,
        }
    }
}

/// Operators whose static type on numbers depends on both operands.
fn is_special_operator(name: Symbol) -> bool {
    matches!(name, sym::PLUS | sym::MINUS | sym::STAR | sym::PERCENT)
        || name.as_str() == "remainder"
}
