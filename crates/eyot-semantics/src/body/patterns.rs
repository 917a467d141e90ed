//! Patterns, lowered to tests that bind variables as they go.
//!
//! A pattern over a value becomes a bool expression: parts of the value are let-bound, tests are joined by `&&`, and a
//! variable pattern assigns its variable and is true. Variables are declared before the test. States in which the match
//! fails are collected on the way, so that flow analysis knows both outcomes.

use eyot_syntax::ast::{
    BinaryOp, ExprId, GuardedPattern, Identifier, PatternId, PatternKeyword, PatternKind as P,
    PatternVariableDeclaration, TypeNodeId, VariablePattern,
};
use eyot_syntax::{Span, Symbol, sym};

use super::Walk;
use super::names::Name;
use super::pattern_reads::{Read, Reads};
use super::scope::LocalName;
use crate::flow::{Branches, DeclKey, Flow, State, VarId};
use crate::program::{CastKind, Expr, ExprKind, LocalId, Stmt, StmtKind};
use crate::types::{Ty, TyKind};

/// One match being lowered.
pub(super) struct Matching {
    /// Declarations of the pattern's variables.
    pub declared: Vec<Stmt>,
    /// Variables by name: alternatives share them.
    pub variables: Vec<(Symbol, LocalId)>,
    /// The pattern of a declaration or assignment: it must match, and types are converted to rather than tested.
    pub irrefutable: bool,
    /// `final` before the whole declaration.
    pub is_final: bool,
    /// Where the variables of the current case begin: those of earlier ones sharing its body come before.
    case_start: usize,
    failures: Vec<State>,
    /// What a pattern assignment assigns when all has matched.
    assignments: Vec<Stmt>,
    scrutinee: Option<Scrutinee>,
    /// What the patterns read, shared by the cases of a switch.
    pub reads: Reads,
}

/// The value that a match is about, as flow analysis sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scrutinee {
    /// What holds the value.
    pub local: LocalId,
    var: VarId,
    /// The variable the value was read from and its version then: what is learnt about the value is learnt about it.
    source: Option<(VarId, u32)>,
}

impl Matching {
    pub(super) fn new(irrefutable: bool, reads: Reads) -> Matching {
        Matching {
            declared: Vec::new(),
            variables: Vec::new(),
            irrefutable,
            is_final: false,
            case_start: 0,
            failures: Vec::new(),
            assignments: Vec::new(),
            scrutinee: None,
            reads,
        }
    }

    /// Another case that shares its body begins.
    pub(super) fn next_case(&mut self) {
        self.case_start = self.variables.len();
    }

    /// What tests say about the value matched is kept: later cases see it.
    pub(super) fn watch(&mut self, scrutinee: Scrutinee) {
        self.scrutinee = Some(scrutinee);
    }
}

impl Walk<'_> {
    // ---- uses

    /// `if (value case pattern when guard)`.
    pub(super) fn case_condition(
        &mut self,
        value: ExprId,
        case: &GuardedPattern,
        declared: &mut Vec<Stmt>,
    ) -> (Expr, Branches) {
        let value = self.free(value);
        self.branches = None;
        let span = value.span;
        let scrutinee = self.scrutinee(&value);
        declared.push(self.stmt_node(StmtKind::Var(scrutinee.local, Some(value)), span));
        let reads = self.reads(std::iter::once(case.pattern));
        let mut matching = Matching::new(false, reads);
        matching.watch(scrutinee);
        let (test, branches) = self.match_case(case, scrutinee.local, &mut matching);
        declared.append(&mut matching.reads.declared);
        declared.append(&mut matching.declared);
        (test, branches)
    }

    /// A local for a value to be matched.
    pub(super) fn scrutinee(&mut self, value: &Expr) -> Scrutinee {
        let source = self.reference(value);
        let source = source.map(|var| (var, self.flow.version(var)));
        let local = self.temp(value.ty, value.span);
        let var = self.flow.declare(value.ty, true);
        Scrutinee { local, var, source }
    }

    /// A pattern with its guard over the value in a local.
    pub(super) fn match_case(
        &mut self,
        case: &GuardedPattern,
        local: LocalId,
        matching: &mut Matching,
    ) -> (Expr, Branches) {
        let span = self.tree[case.pattern].span;
        let mut value = self.local_expr(local, span);
        // What earlier cases have found out holds here.
        if let Some(scrutinee) = matching.scrutinee {
            let known = self.flow.current(scrutinee.var);
            if known != Ty::NEVER {
                value = self.retype(value, known);
            }
        }
        let (mut test, _) = self.match_pattern(case.pattern, value, matching);
        if let Some(guard) = case.guard {
            let (guard, branches) = self.condition(guard);
            matching.failures.push(branches.no);
            self.flow.set(branches.yes);
            test = self.and(test, guard);
        }
        let yes = self.flow.take();
        let failures = std::mem::take(&mut matching.failures);
        let no = match self.flow.join_all(failures) {
            Some(no) => no,
            // Nothing can fail: the other branch is never taken.
            None => {
                self.flow.set(yes.clone());
                self.flow.mark_unreachable();
                self.flow.state()
            }
        };
        self.branches = None;
        (test, Branches { yes, no })
    }

    /// `var (a, b) = value;`.
    pub(super) fn pattern_variables(
        &mut self,
        declaration: &PatternVariableDeclaration,
        span: Span,
        out: &mut Vec<Stmt>,
    ) {
        let context = self.pattern_context(declaration.pattern);
        let value = self.expr(declaration.value, context);
        self.branches = None;
        let local = self.temp(value.ty, span);
        out.push(self.stmt_node(StmtKind::Var(local, Some(value)), span));
        self.destructure(declaration.pattern, local, Some(declaration.keyword), out);
    }

    /// Takes the value in a local apart into new variables.
    pub(super) fn destructure(
        &mut self,
        pattern: PatternId,
        local: LocalId,
        keyword: Option<PatternKeyword>,
        out: &mut Vec<Stmt>,
    ) {
        let span = self.tree[pattern].span;
        let reads = self.reads(std::iter::once(pattern));
        let mut matching = Matching::new(true, reads);
        matching.is_final = keyword == Some(PatternKeyword::Final);
        let value = self.local_expr(local, span);
        let (test, _) = self.match_pattern(pattern, value, &mut matching);
        out.append(&mut matching.reads.declared);
        out.append(&mut matching.declared);
        self.must_match(test, span, out);
    }

    /// `(a, b) = value`.
    pub(super) fn pattern_assignment(
        &mut self,
        pattern: PatternId,
        value: ExprId,
        _context: Ty,
        span: Span,
    ) -> Expr {
        let context = self.pattern_context(pattern);
        let value = self.expr(value, context);
        let local = self.temp(value.ty, span);
        let read = self.local_expr(local, span);
        let reads = self.reads(std::iter::once(pattern));
        let mut matching = Matching::new(true, reads);
        let (test, _) = self.match_pattern(pattern, read.clone(), &mut matching);
        let mut stmts = std::mem::take(&mut matching.reads.declared);
        stmts.append(&mut matching.declared);
        self.must_match(test, span, &mut stmts);
        stmts.append(&mut matching.assignments);
        self.branches = None;
        let body = self.block(stmts, read);
        self.let_in(local, value, body)
    }

    /// A test that must hold as statements: bindings, then a throw if it fails.
    fn must_match(&mut self, test: Expr, span: Span, out: &mut Vec<Stmt>) {
        let mut refutable = Vec::new();
        self.unroll(test, &mut refutable, out);
        for test in refutable {
            let failure = self.throw_state_error("the value does not match the pattern", span);
            let failure = self.expr_stmt(failure);
            let not = self.node(ExprKind::Not(Box::new(test)), Ty::BOOL, span);
            out.push(self.stmt_node(StmtKind::If(not, Box::new(failure), None), span));
        }
    }

    /// Turns what cannot fail at the front of a test into statements; the rest stays a test.
    fn unroll(&mut self, test: Expr, refutable: &mut Vec<Expr>, out: &mut Vec<Stmt>) {
        let Expr { kind, ty, span } = test;
        match kind {
            ExprKind::Bool(true) => {}
            ExprKind::Let { local, value, body } if refutable.is_empty() => {
                out.push(self.stmt_node(StmtKind::Var(local, Some(*value)), span));
                self.unroll(*body, refutable, out);
            }
            ExprKind::Block { stmts, value } if refutable.is_empty() => {
                out.extend(stmts);
                self.unroll(*value, refutable, out);
            }
            ExprKind::And(left, right) if refutable.is_empty() => {
                self.unroll(*left, refutable, out);
                match refutable.pop() {
                    None => self.unroll(*right, refutable, out),
                    Some(left) => refutable.push(self.and(left, *right)),
                }
            }
            kind => refutable.push(Expr { kind, ty, span }),
        }
    }

    /// `throw StateError(message)`.
    pub(super) fn throw_state_error(&mut self, message: &str, span: Span) -> Expr {
        let text = eyot_syntax::ast::StringText::Utf8(message.into());
        let text = self.node(ExprKind::String(text.into()), Ty::STRING, span);
        let error = self
            .core_class("dart:core", Symbol::intern("StateError"))
            .and_then(|class| {
                let constructor = *self.world.class(class).constructors.get(&sym::NEW)?;
                Some((class, constructor))
            });
        let error = match error {
            Some((class, constructor)) => {
                let args = crate::program::Args {
                    positional: vec![text],
                    ..Default::default()
                };
                let ty = self.world.this_type(class);
                self.new_object(class, constructor, args, ty, span)
            }
            None => text,
        };
        self.node(ExprKind::Throw(Box::new(error)), Ty::NEVER, span)
    }

    // ---- patterns

    pub(super) fn yes(&self, span: Span) -> Expr {
        self.boolean(true, span)
    }

    /// `left && right`, where what is always true disappears.
    pub(super) fn and(&self, left: Expr, right: Expr) -> Expr {
        if matches!(left.kind, ExprKind::Bool(true)) {
            return right;
        }
        if matches!(right.kind, ExprKind::Bool(true)) {
            return left;
        }
        let span = left.span.to(right.span);
        self.node(
            ExprKind::And(Box::new(left), Box::new(right)),
            Ty::BOOL,
            span,
        )
    }

    pub(super) fn fail_here(&mut self, matching: &mut Matching) {
        matching.failures.push(self.flow.state());
    }

    /// Matches a value (an expression that may be evaluated any number of times). Gives the test, and the value with the type
    /// it is known to have where the test holds.
    pub(super) fn match_pattern(
        &mut self,
        id: PatternId,
        value: Expr,
        matching: &mut Matching,
    ) -> (Expr, Expr) {
        let before = value.ty;
        let (test, value) = self.deep(|walk| walk.match_form(id, value, matching));
        self.note_pattern(id, before, value.ty);
        (test, value)
    }

    fn match_form(&mut self, id: PatternId, value: Expr, matching: &mut Matching) -> (Expr, Expr) {
        let tree = self.tree;
        let span = tree[id].span;
        match &tree[id].kind {
            P::Error => (self.yes(span), value),
            P::Parenthesized(inner) => self.match_pattern(*inner, value, matching),
            P::Wildcard { ty, .. } => match self.maybe_annotation(*ty) {
                Some(ty) => self.require(value, ty, span, matching),
                None => (self.yes(span), value),
            },
            P::Variable(variable) => self.variable_pattern(variable, value, span, matching),
            P::AssignedVariable(name) => self.assigned_variable(name, value, span, matching),
            P::Constant(constant) => self.constant_pattern(*constant, value, span, matching),
            P::Relational { op, operand } => {
                self.relational_pattern(*op, *operand, value, span, matching)
            }
            P::LogicalAnd(left, right) => {
                let (first, value) = self.match_pattern(*left, value, matching);
                let (second, value) = self.match_pattern(*right, value, matching);
                (self.and(first, second), value)
            }
            P::LogicalOr(left, right) => self.or_pattern(*left, *right, value, span, matching),
            P::Cast { pattern, ty } => self.cast_pattern(*pattern, *ty, value, span, matching),
            P::NullCheck(inner) => {
                let test = self.is_null(value.clone());
                let test = self.node(ExprKind::Not(Box::new(test)), Ty::BOOL, span);
                self.null_test(&value, matching);
                let ty = self.non_null_or_dynamic(value.ty);
                let value = self.retype(value, ty);
                let (inner, value) = self.match_pattern(*inner, value, matching);
                (self.and(test, inner), value)
            }
            P::NullAssert(inner) => {
                let checked = self.null_assert(value, span);
                self.with_part(checked, |walk, part| {
                    walk.match_pattern(*inner, part, matching)
                })
            }
            P::List {
                type_args,
                elements,
            } => self.list_pattern(type_args, elements, value, span, matching),
            P::Map { type_args, entries } => {
                self.map_pattern(type_args, entries, value, span, matching)
            }
            P::Record(fields) => self.record_pattern(fields, value, span, matching),
            P::Object { ty, fields } => self.object_pattern(*ty, fields, value, span, matching),
        }
    }

    fn non_null_or_dynamic(&self, ty: Ty) -> Ty {
        if ty == Ty::DYNAMIC {
            ty
        } else {
            self.world.non_null(ty)
        }
    }

    /// Lets a part of the value be evaluated once, around the test on it.
    pub(super) fn with_part(
        &mut self,
        part: Expr,
        test: impl FnOnce(&mut Self, Expr) -> (Expr, Expr),
    ) -> (Expr, Expr) {
        let span = part.span;
        let local = self.temp(part.ty, span);
        let read = self.local_expr(local, span);
        let (test, matched) = test(self, read);
        (self.let_in(local, part, test), matched)
    }

    /// Evaluates a part here, once; what follows reads the variable that keeps it.
    fn keep_part(&mut self, part: Expr, span: Span, matching: &mut Matching) -> (Expr, Expr) {
        let ty = part.ty;
        let local = self.temp(ty, span);
        matching
            .declared
            .push(self.stmt_node(StmtKind::Var(local, None), span));
        let set = self.node(ExprKind::SetLocal(local, Box::new(part)), ty, span);
        let effect = self.expr_stmt(set);
        let yes = self.yes(span);
        (self.block(vec![effect], yes), self.local_expr(local, span))
    }

    /// The scrutinee, if it is the value matched itself.
    fn watched(&self, value: &Expr, matching: &Matching) -> Option<Scrutinee> {
        let scrutinee = matching.scrutinee?;
        match &value.kind {
            ExprKind::Local(found) if *found == scrutinee.local => Some(scrutinee),
            ExprKind::As {
                value,
                kind: CastKind::Unchecked,
                ..
            } => self.watched(value, matching),
            _ => None,
        }
    }

    /// The outcomes of a test of the scrutinee, which are those of the same test of the variable it was read from.
    fn test_scrutinee(
        &mut self,
        scrutinee: Scrutinee,
        test: impl Fn(&mut Flow<'_>, VarId) -> Branches,
    ) -> Branches {
        let mut branches = test(&mut self.flow, scrutinee.var);
        let Some(source) = self.unchanged_source(scrutinee) else {
            return branches;
        };
        let before = self.flow.take();
        self.flow.set(branches.yes);
        branches.yes = test(&mut self.flow, source).yes;
        self.flow.set(branches.no);
        branches.no = test(&mut self.flow, source).no;
        self.flow.set(before);
        branches
    }

    fn unchanged_source(&self, scrutinee: Scrutinee) -> Option<VarId> {
        let (source, version) = scrutinee.source?;
        (self.flow.version(source) == version).then_some(source)
    }

    /// After a test that the value is not null.
    fn null_test(&mut self, value: &Expr, matching: &mut Matching) {
        match self.watched(value, matching) {
            Some(scrutinee) => {
                let branches = self.test_scrutinee(scrutinee, |flow, var| flow.test_null(var));
                matching.failures.push(branches.yes);
                self.flow.set(branches.no);
            }
            None => self.fail_here(matching),
        }
    }

    /// The value must be of a type: tested, or in a declaration converted.
    pub(super) fn require(
        &mut self,
        value: Expr,
        ty: Ty,
        span: Span,
        matching: &mut Matching,
    ) -> (Expr, Expr) {
        if value.ty == Ty::ERROR || ty == Ty::ERROR {
            return (self.yes(span), value);
        }
        if value.ty != Ty::DYNAMIC && self.world.is_subtype(value.ty, ty) {
            return (self.yes(span), value);
        }
        // What an extension type is represented by fits, whatever it says itself.
        let (from, to) = (self.world.erase(value.ty), self.world.erase(ty));
        let is_view = from != value.ty || to != ty;
        if is_view
            && from != Ty::DYNAMIC
            && !matching.irrefutable
            && self.world.is_subtype(from, to)
        {
            return (self.yes(span), self.retype(value, ty));
        }
        if matching.irrefutable {
            let converted = self.convert(value, ty, "value matched");
            if converted.ty == Ty::ERROR || !matches!(converted.kind, ExprKind::As { .. }) {
                return (self.yes(span), converted);
            }
            return self.keep_part(converted, span, matching);
        }
        let kind = ExprKind::Is {
            value: Box::new(value.clone()),
            ty,
        };
        let test = self.node(kind, Ty::BOOL, span);
        match self.watched(&value, matching) {
            Some(scrutinee) => {
                let branches = self.test_scrutinee(scrutinee, |flow, var| flow.test_is(var, ty));
                matching.failures.push(branches.no);
                self.flow.set(branches.yes);
            }
            None => self.fail_here(matching),
        }
        let narrowed = self.narrowed(value.ty, ty);
        (test, self.retype(value, narrowed))
    }

    /// The type of a value of type `from` that was found to be a `to`.
    fn narrowed(&self, from: Ty, to: Ty) -> Ty {
        if self.world.is_subtype(from, to) {
            return from;
        }
        if let TyKind::Param {
            param,
            promoted: None,
            ..
        } = self.world.types.kind(from)
            && self.world.is_subtype(to, self.world.bound(*param))
            && !self.world.is_subtype(to, from)
        {
            return self.world.types.intern(TyKind::Param {
                param: *param,
                promoted: Some(to),
                nullable: false,
            });
        }
        to
    }

    fn variable_pattern(
        &mut self,
        variable: &VariablePattern,
        value: Expr,
        span: Span,
        matching: &mut Matching,
    ) -> (Expr, Expr) {
        let annotation = self.maybe_annotation(variable.ty);
        let (test, value) = match annotation {
            Some(ty) => self.require(value, ty, span, matching),
            None => (self.yes(span), value),
        };
        let own = annotation.unwrap_or_else(|| self.inferred_type(value.ty));
        let own = if own == Ty::DYNAMIC && value.ty == Ty::NULL {
            // A variable matched against null alone is as `dynamic` as a declared one.
            Ty::DYNAMIC
        } else {
            own
        };
        let name = variable.name;
        let is_final = matching.is_final || variable.keyword == Some(PatternKeyword::Final);
        let local = self.pattern_local(&name, own, is_final, matching);
        if let Some(var) = self.info(local).var {
            self.initialize_local(var, annotation.is_some() && !is_final, value.ty);
        }
        let set = self.node(
            ExprKind::SetLocal(local, Box::new(value.clone())),
            value.ty,
            span,
        );
        let effect = self.expr_stmt(set);
        let yes = self.yes(span);
        let bind = self.block(vec![effect], yes);
        (self.and(test, bind), value)
    }

    /// The local of a pattern variable: alternatives of a pattern share it.
    fn pattern_local(
        &mut self,
        name: &Identifier,
        ty: Ty,
        is_final: bool,
        matching: &mut Matching,
    ) -> LocalId {
        let known = matching
            .variables
            .iter()
            .rposition(|entry| entry.0 == name.symbol)
            .map(|index| (index, matching.variables[index].1))
            // Cases that share a body share only variables of the same type.
            .filter(|&(index, local)| {
                let known = &self.locals[local.0 as usize];
                index >= matching.case_start || known.ty == ty && known.is_final == is_final
            });
        if let Some((_, local)) = known {
            self.names.declare(name.symbol, LocalName::Variable(local));
            let var = self.info(local).var;
            if let Some(var) = var {
                self.vars.insert(DeclKey::of(name), var);
                self.flow.initialize(var);
            }
            let old = self.locals[local.0 as usize].ty;
            if old != ty && !self.world.same_type(old, ty) {
                let (old, new) = (self.show(old), self.show(ty));
                self.error(
                    "pattern-variable-types",
                    name.span,
                    format!(
                        "'{}' is of type '{old}' in one alternative and '{new}' in another",
                        name.symbol
                    ),
                );
            }
            return local;
        }
        let local = self.new_local(name.symbol, ty, is_final, name.span);
        self.names.declare(name.symbol, LocalName::Variable(local));
        let var = self.flow.declare(ty, true);
        self.vars.insert(DeclKey::of(name), var);
        let info = &mut self.local_infos[local.0 as usize];
        info.var = Some(var);
        info.initialized = true;
        matching.variables.push((name.symbol, local));
        matching
            .declared
            .push(self.stmt_node(StmtKind::Var(local, None), name.span));
        local
    }

    fn assigned_variable(
        &mut self,
        name: &Identifier,
        value: Expr,
        span: Span,
        matching: &mut Matching,
    ) -> (Expr, Expr) {
        if name.symbol == sym::UNDERSCORE {
            return (self.yes(span), value);
        }
        let meaning = self.resolve(name.symbol);
        if !matches!(meaning, Name::Local(_) | Name::Unknown) {
            let message = format!(
                "a pattern assigns local variables only, and '{}' is none: assign it afterwards",
                name.symbol
            );
            self.error("pattern-assigns-no-local", name.span, message);
            return (self.yes(span), value);
        }
        let place = self.place_of_name(meaning, name);
        let wanted = self.written_type(&place);
        let given = self.convert(value.clone(), wanted, "value");
        // Nothing is assigned before everything has matched.
        let (keep, kept) = self.keep_part(given, span, matching);
        let write = self.write_place(&place, kept, true, span);
        matching.assignments.push(self.expr_stmt(write));
        (keep, value)
    }

    fn constant_pattern(
        &mut self,
        constant: ExprId,
        value: Expr,
        span: Span,
        matching: &mut Matching,
    ) -> (Expr, Expr) {
        let constant = self.pattern_constant(constant, value.ty);
        if constant.ty == Ty::NULL {
            let test = self.is_null(value.clone());
            match self.watched(&value, matching) {
                Some(scrutinee) => {
                    let branches = self.test_scrutinee(scrutinee, |flow, var| flow.test_null(var));
                    matching.failures.push(branches.no);
                    self.flow.set(branches.yes);
                }
                None => self.fail_here(matching),
            }
            return (test, value);
        }
        let test = self.equals(constant.clone(), value.clone(), span);
        let test = self.compare_once(constant.ty, &constant, Read::EqualTo, test, matching);
        self.fail_here(matching);
        (test, value)
    }

    /// A constant in a pattern.
    pub(super) fn pattern_constant(&mut self, id: ExprId, matched: Ty) -> Expr {
        let context = if matched == Ty::DYNAMIC || matched == Ty::ERROR {
            Ty::UNKNOWN
        } else {
            matched
        };
        let built = self.in_constant(true, |walk| walk.expr(id, context));
        let constant = self.finish_constant(built, matched);
        self.note_constant(id, &constant);
        constant
    }

    /// The operand of `== c` or `!= c`: without a context, but a shorthand is looked up in the class of the matched type.
    fn equality_constant(&mut self, id: ExprId, matched: Ty) -> Expr {
        let shorthand = if self.starts_with_shorthand(id) {
            matched
        } else {
            Ty::UNKNOWN
        };
        let built = self.in_constant(true, |walk| walk.expr_with(id, Ty::UNKNOWN, shorthand));
        self.finish_constant(built, matched)
    }

    fn finish_constant(&mut self, built: super::constants::MaybeConstant, matched: Ty) -> Expr {
        self.branches = None;
        let expr = built.finish(self, false);
        let expr = match self.convert_function(&expr, matched) {
            Some(function) => function,
            None => expr,
        };
        if matches!(expr.kind, ExprKind::Null) {
            return expr;
        }
        self.evaluate(expr)
    }

    /// `left == right` of two values.
    pub(super) fn equals(&mut self, left: Expr, right: Expr, span: Span) -> Expr {
        let found = self.find_instance(self.world.non_null(left.ty), sym::EQUALS, false);
        let member = match found {
            super::members::Found::Instance(member, _) => Some(member),
            _ => None,
        };
        let kind = ExprKind::Equals {
            left: Box::new(left),
            right: Box::new(right),
            member,
        };
        self.node(kind, Ty::BOOL, span)
    }

    fn relational_pattern(
        &mut self,
        op: BinaryOp,
        operand: ExprId,
        value: Expr,
        span: Span,
        matching: &mut Matching,
    ) -> (Expr, Expr) {
        if let BinaryOp::Equals | BinaryOp::NotEquals = op {
            let operand = self.equality_constant(operand, value.ty);
            let is_null = operand.ty == Ty::NULL;
            let test = if is_null {
                self.is_null(value.clone())
            } else {
                let test = self.equals(value.clone(), operand.clone(), span);
                let read = |constant| Read::Operator(sym::EQUALS, constant);
                self.compare_once(value.ty, &operand, read, test, matching)
            };
            let negated = op == BinaryOp::NotEquals;
            match self.watched(&value, matching) {
                Some(scrutinee) if is_null => {
                    let branches = self.test_scrutinee(scrutinee, |flow, var| flow.test_null(var));
                    let (yes, no) = if negated {
                        (branches.no, branches.yes)
                    } else {
                        (branches.yes, branches.no)
                    };
                    matching.failures.push(no);
                    self.flow.set(yes);
                }
                _ => self.fail_here(matching),
            }
            if !negated {
                return (test, value);
            }
            let test = self.node(ExprKind::Not(Box::new(test)), Ty::BOOL, span);
            let ty = if is_null {
                self.non_null_or_dynamic(value.ty)
            } else {
                value.ty
            };
            return (test, self.retype(value, ty));
        }
        let Some(name) = op.member() else {
            return (self.yes(span), value);
        };
        let found = self.find(value.ty, name, false);
        let wish = self.operand_wish(&found, value.ty, name, Ty::UNKNOWN);
        // An operator that takes any object says nothing about where to look.
        let shorthand = if self.world.is_subtype(Ty::OBJECT, wish) {
            value.ty
        } else {
            wish
        };
        let built = self.in_constant(true, |walk| walk.expr_with(operand, wish, shorthand));
        let operand = built.finish(self, true);
        let operand = self.evaluate(operand);
        let call = self.binary_call(value.clone(), name, found, operand.clone(), span, span);
        let test = self.as_condition(call);
        let read = match &operand.kind {
            ExprKind::Const(constant) => self.operator_read(op, value.ty, *constant),
            _ => Read::Root,
        };
        let test = self.compare_once(value.ty, &operand, |_| read, test, matching);
        self.fail_here(matching);
        (test, value)
    }

    fn or_pattern(
        &mut self,
        left: PatternId,
        right: PatternId,
        value: Expr,
        span: Span,
        matching: &mut Matching,
    ) -> (Expr, Expr) {
        let outer = std::mem::take(&mut matching.failures);
        let (first, _) = self.match_pattern(left, value.clone(), matching);
        let after_first = self.flow.take();
        let failed = std::mem::take(&mut matching.failures);
        match self.flow.join_all(failed) {
            Some(state) => self.flow.set(state),
            None => self.flow.mark_unreachable(),
        }
        let (second, _) = self.match_pattern(right, value.clone(), matching);
        let after_second = self.flow.take();
        let joined = self.flow.join(after_first, after_second);
        self.flow.set(joined);
        matching.failures.extend(outer);
        if matches!(first.kind, ExprKind::Bool(true)) {
            return (first, value);
        }
        let kind = ExprKind::Or(Box::new(first), Box::new(second));
        (self.node(kind, Ty::BOOL, span), value)
    }

    fn cast_pattern(
        &mut self,
        pattern: PatternId,
        ty: TypeNodeId,
        value: Expr,
        span: Span,
        matching: &mut Matching,
    ) -> (Expr, Expr) {
        let ty = self.annotation(ty);
        if let Some(scrutinee) = self.watched(&value, matching) {
            self.flow.promote(scrutinee.var, ty);
            if let Some(source) = self.unchanged_source(scrutinee) {
                self.flow.promote(source, ty);
            }
        }
        let kind = ExprKind::As {
            value: Box::new(value),
            ty,
            kind: CastKind::Explicit,
        };
        let cast = self.node(kind, ty, span);
        self.with_part(cast, |walk, part| {
            walk.match_pattern(pattern, part, matching)
        })
    }
}
