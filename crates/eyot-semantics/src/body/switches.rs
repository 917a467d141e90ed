//! Switch statements and switch expressions.

use eyot_syntax::Span;
use eyot_syntax::Symbol;
use eyot_syntax::ast::{ExprId, PatternKind as P, SwitchCase, SwitchExpression};

use super::pattern_reads::Reads;
use super::patterns::{Matching, Scrutinee};
use super::{Jump, Walk};
use crate::flow::State;
use crate::program::{Case, ConstId, ConstValue, Expr, ExprKind, LabelId, LocalId, Stmt, StmtKind};
use crate::types::Ty;

/// Cases that share a body.
struct Group<'t> {
    cases: &'t [SwitchCase],
    label: Option<LabelId>,
}

impl Group<'_> {
    fn has_default(&self) -> bool {
        self.cases.iter().any(|case| case.pattern.is_none())
    }

    fn body(&self) -> &[eyot_syntax::ast::StmtId] {
        self.cases.last().map_or(&[], |case| &case.body)
    }

    fn span(&self) -> Span {
        match (self.cases.first(), self.cases.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span::default(),
        }
    }
}

impl Walk<'_> {
    /// A switch statement.
    pub(super) fn switch_stmt(
        &mut self,
        subject: ExprId,
        cases: &[SwitchCase],
        labels: &[Symbol],
        span: Span,
        out: &mut Vec<Stmt>,
    ) {
        let subject = self.free(subject);
        self.branches = None;
        let mut case_labels = Vec::new();
        let groups = self.groups(cases, &mut case_labels);
        let label = self.new_label();
        let has_case_labels = !case_labels.is_empty();
        self.push_jump(Jump {
            label,
            names: labels.to_vec(),
            is_loop: false,
            is_breakable: true,
            breaks: Vec::new(),
            continues: Vec::new(),
            cases: case_labels,
        });
        let constants = self.plain_constants(&subject, cases);
        let stmt = match constants {
            Some(constants) => self.plain_switch(subject, &groups, &constants, label, span),
            None if has_case_labels => self.labelled_switch(subject, &groups, label, span),
            None => self.pattern_switch(subject, &groups, label, span),
        };
        self.finish_breaks();
        out.push(stmt);
    }

    fn groups<'t>(
        &mut self,
        cases: &'t [SwitchCase],
        case_labels: &mut Vec<(Symbol, LabelId)>,
    ) -> Vec<Group<'t>> {
        let mut groups = Vec::new();
        let mut start = 0;
        for (i, case) in cases.iter().enumerate() {
            if case.body.is_empty() && i + 1 < cases.len() {
                continue;
            }
            let cases = &cases[start..=i];
            start = i + 1;
            let mut label = None;
            for name in cases.iter().flat_map(|case| &case.labels) {
                let target = *label.get_or_insert_with(|| self.new_label());
                if case_labels.iter().any(|(known, _)| *known == name.symbol) {
                    let message = format!(
                        "another case of this switch is labelled '{}', too; rename one",
                        name.symbol
                    );
                    self.error("duplicate-label", name.span, message);
                }
                case_labels.push((name.symbol, target));
            }
            groups.push(Group { cases, label });
        }
        groups
    }

    /// The constants of all cases, where the switch is a plain one: every pattern a constant whose equality is primitive.
    fn plain_constants(
        &mut self,
        subject: &Expr,
        cases: &[SwitchCase],
    ) -> Option<Vec<Option<ConstId>>> {
        if self.quiet || !self.has_primitive_equality(subject.ty) || self.nullable(subject.ty) {
            return None;
        }
        let all_constant = cases.iter().all(|case| match &case.pattern {
            None => true,
            Some(case) => {
                case.guard.is_none() && matches!(self.tree[case.pattern].kind, P::Constant(_))
            }
        });
        if !all_constant {
            return None;
        }
        let mut constants = Vec::new();
        for case in cases {
            let constant = match &case.pattern {
                None => None,
                Some(case) => {
                    let P::Constant(id) = self.tree[case.pattern].kind else {
                        return None;
                    };
                    let value = self.pattern_constant(id, subject.ty);
                    match value.kind {
                        ExprKind::Const(constant)
                            if self.world.is_subtype(value.ty, subject.ty) =>
                        {
                            Some(constant)
                        }
                        _ if value.ty == Ty::ERROR => continue,
                        _ => return None,
                    }
                }
            };
            constants.push(constant);
        }
        (constants.len() == cases.len()).then_some(constants)
    }

    fn nullable(&self, ty: Ty) -> bool {
        self.world.is_potentially_nullable(ty)
    }

    fn plain_switch(
        &mut self,
        subject: Expr,
        groups: &[Group<'_>],
        constants: &[Option<ConstId>],
        label: LabelId,
        span: Span,
    ) -> Stmt {
        let exhausts = self.covers(subject.ty, groups, span);
        let before = self.flow.state();
        let spoiled = self.spoil(before.clone(), span);
        let mut ends: Vec<State> = Vec::new();
        let mut lowered = Vec::new();
        let mut next = 0;
        for group in groups {
            let own = &constants[next..next + group.cases.len()];
            next += group.cases.len();
            let start = match group.label {
                Some(_) => spoiled.clone(),
                None => before.clone(),
            };
            self.flow.set(start);
            let body = self.case_body(group);
            ends.push(self.flow.take());
            // A group with `default` takes everything else, so its constants need no test of their own.
            let has_default = group.has_default();
            lowered.push(Case {
                constants: if has_default {
                    Vec::new()
                } else {
                    own.iter().copied().flatten().collect()
                },
                label: group.label,
                body,
            });
        }
        if !exhausts {
            ends.push(before);
        }
        self.join_ends(ends);
        let kind = StmtKind::Switch {
            label,
            value: subject,
            cases: lowered,
        };
        self.stmt_node(kind, span)
    }

    /// Whether one of the cases, which have been matched, takes every value.
    fn covers(&mut self, subject: Ty, groups: &[Group<'_>], span: Span) -> bool {
        let cases = groups.iter().flat_map(|group| group.cases);
        groups.iter().any(Group::has_default) || {
            let patterns = cases.filter_map(|case| case.pattern.as_ref());
            self.is_exhaustive(subject, patterns, false, span)
        }
    }

    fn join_ends(&mut self, ends: Vec<State>) {
        match self.flow.join_all(ends) {
            Some(joined) => self.flow.set(joined),
            None => self.flow.mark_unreachable(),
        }
    }

    fn case_body(&mut self, group: &Group<'_>) -> Vec<Stmt> {
        let mark = self.names.mark();
        let mut body = Vec::new();
        for &stmt in group.body() {
            self.stmt(stmt, &mut body);
        }
        self.names.leave(mark);
        body
    }

    /// A switch over patterns: tests in order, the default last.
    fn pattern_switch(
        &mut self,
        subject: Expr,
        groups: &[Group<'_>],
        label: LabelId,
        span: Span,
    ) -> Stmt {
        let subject_ty = subject.ty;
        let scrutinee = self.scrutinee(&subject);
        let local = scrutinee.local;
        let subject_span = subject.span;
        let mut stmts = vec![self.stmt_node(StmtKind::Var(local, Some(subject)), subject_span)];
        let mut ends = Vec::new();
        let mut reads = self.case_reads(groups.iter().flat_map(|group| group.cases));
        let mut tests = Vec::new();
        for group in groups.iter().filter(|group| !group.has_default()) {
            let stmt;
            (stmt, reads) = self.pattern_case(group, scrutinee, label, reads, &mut ends);
            tests.push(stmt);
        }
        stmts.append(&mut reads.declared);
        stmts.append(&mut tests);
        if let Some(group) = groups.iter().find(|group| group.has_default()) {
            let mark = self.names.mark();
            self.hide_unshared(group, &[]);
            let body = self.case_body(group);
            self.names.leave(mark);
            stmts.push(self.stmt_node(StmtKind::Block(body), group.span()));
        } else if self.covers(subject_ty, groups, span) {
            self.flow.mark_unreachable();
        }
        ends.push(self.flow.take());
        self.join_ends(ends);
        let block = self.stmt_node(StmtKind::Block(stmts), span);
        let kind = StmtKind::Labeled {
            label,
            body: Box::new(block),
        };
        self.stmt_node(kind, span)
    }

    /// A switch over patterns whose cases are targets of `continue`: the tests choose a number, and a plain switch on the
    /// number has the bodies.
    fn labelled_switch(
        &mut self,
        subject: Expr,
        groups: &[Group<'_>],
        label: LabelId,
        span: Span,
    ) -> Stmt {
        let subject_ty = subject.ty;
        let scrutinee = self.scrutinee(&subject);
        let local = scrutinee.local;
        let subject_span = subject.span;
        let mut stmts = vec![self.stmt_node(StmtKind::Var(local, Some(subject)), subject_span)];
        let mut tests = Vec::new();
        let mut scopes = Vec::new();
        let mut reads = self.case_reads(groups.iter().flat_map(|group| group.cases));
        for group in groups {
            let mark = self.names.mark();
            let mut matching = Matching::new(false, reads);
            matching.watch(scrutinee);
            for case in group.cases.iter().filter_map(|case| case.pattern.as_ref()) {
                matching.next_case();
                let (test, branches) = self.match_case(case, local, &mut matching);
                self.flow.set(branches.no);
                tests.push((test, scopes.len()));
            }
            self.names.leave(mark);
            stmts.append(&mut matching.declared);
            scopes.push(matching.variables);
            reads = matching.reads;
        }
        stmts.append(&mut reads.declared);
        let number =
            |walk: &Self, value: usize| walk.node(ExprKind::Int(value as i64), Ty::INT, span);
        let default = groups.iter().position(Group::has_default);
        let mut choice = number(self, default.unwrap_or(groups.len()));
        for (test, index) in tests.into_iter().rev() {
            let value = number(self, index);
            choice = self.conditional(test, value, choice, Ty::INT);
        }
        let chosen = self.temp(Ty::INT, span);
        stmts.push(self.stmt_node(StmtKind::Var(chosen, Some(choice)), span));
        // What bodies do to each other's variables is not followed: every body starts from what survives all of them.
        let covers = self.covers(subject_ty, groups, span);
        let before = self.flow.state();
        let start = self.spoil(before.clone(), span);
        let mut ends = if covers { Vec::new() } else { vec![before] };
        let mut cases = Vec::new();
        for (index, group) in groups.iter().enumerate() {
            self.flow.set(start.clone());
            let mark = self.names.mark();
            for &(name, local) in &scopes[index] {
                self.names
                    .declare(name, super::scope::LocalName::Variable(local));
                if let Some(var) = self.info(local).var {
                    self.flow.initialize(var);
                }
            }
            let body = self.case_body(group);
            self.names.leave(mark);
            ends.push(self.flow.take());
            let constant = ConstValue::Int(index as i64);
            cases.push(Case {
                constants: vec![self.world.consts.intern(constant)],
                label: group.label,
                body,
            });
        }
        self.join_ends(ends);
        let value = self.local_expr(chosen, span);
        let kind = StmtKind::Switch {
            label,
            value,
            cases,
        };
        stmts.push(self.stmt_node(kind, span));
        self.stmt_node(StmtKind::Block(stmts), span)
    }

    /// Variables that not all cases of a body declare alike are in its scope, but cannot be used. `declared` has one entry for
    /// each name and type.
    fn hide_unshared(&mut self, group: &Group<'_>, declared: &[(Symbol, LocalId)]) {
        if group.cases.len() < 2 && group.label.is_none() {
            return;
        }
        let tree = self.tree;
        let sets: Vec<Vec<Symbol>> = group
            .cases
            .iter()
            .filter_map(|case| case.pattern.as_ref())
            .map(|case| {
                let names = crate::checks::patterns::variables(tree, case.pattern);
                names.iter().map(|name| name.symbol).collect()
            })
            .collect();
        let mut names: Vec<Symbol> = sets.concat();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let is_shared = group.label.is_none()
                && !group.has_default()
                && sets.iter().all(|set| set.contains(&name))
                && declared.iter().filter(|entry| entry.0 == name).count() < 2;
            if !is_shared {
                let local = self.new_local(name, Ty::ERROR, true, group.span());
                self.local_infos[local.0 as usize].not_shared = true;
                self.names
                    .declare(name, super::scope::LocalName::Variable(local));
            }
        }
    }

    fn pattern_case(
        &mut self,
        group: &Group<'_>,
        scrutinee: Scrutinee,
        label: LabelId,
        reads: Reads,
        ends: &mut Vec<State>,
    ) -> (Stmt, Reads) {
        let span = group.span();
        let mark = self.names.mark();
        let mut matching = Matching::new(false, reads);
        matching.watch(scrutinee);
        let mut test: Option<Expr> = None;
        let mut matched: Vec<State> = Vec::new();
        for case in group.cases.iter().filter_map(|case| case.pattern.as_ref()) {
            matching.next_case();
            let (own, branches) = self.match_case(case, scrutinee.local, &mut matching);
            matched.push(branches.yes);
            self.flow.set(branches.no);
            test = Some(match test {
                None => own,
                Some(test) => {
                    let kind = ExprKind::Or(Box::new(test), Box::new(own));
                    self.node(kind, Ty::BOOL, span)
                }
            });
        }
        let unmatched = self.flow.take();
        self.join_ends(matched);
        self.hide_unshared(group, &matching.variables);
        let mut body = self.case_body(group);
        if self.flow.is_reachable() {
            ends.push(self.flow.state());
        }
        self.names.leave(mark);
        body.push(self.stmt_node(StmtKind::Break(label), span));
        self.flow.set(unmatched);
        let body = self.stmt_node(StmtKind::Block(body), span);
        let test = test.unwrap_or_else(|| self.boolean(true, span));
        let mut stmts = matching.declared;
        stmts.push(self.stmt_node(StmtKind::If(test, Box::new(body), None), span));
        (self.one_stmt(stmts, span), matching.reads)
    }

    /// What the cases of a switch read from its value.
    fn case_reads<'t>(&self, cases: impl Iterator<Item = &'t SwitchCase>) -> Reads {
        self.reads(cases.filter_map(|case| Some(case.pattern.as_ref()?.pattern)))
    }

    /// A switch expression.
    pub(super) fn switch_expression(
        &mut self,
        switch: &SwitchExpression,
        context: Ty,
        span: Span,
    ) -> Expr {
        let subject = self.free(switch.subject);
        self.branches = None;
        let scrutinee = self.scrutinee(&subject);
        let local = scrutinee.local;
        let mut arms: Vec<(Vec<Stmt>, Expr, Expr)> = Vec::new();
        let mut ends = Vec::new();
        let mut ty: Option<Ty> = None;
        let mut all_fit = true;
        let mut reads = self.reads(switch.cases.iter().map(|case| case.pattern.pattern));
        for case in &switch.cases {
            let mark = self.names.mark();
            let mut matching = Matching::new(false, reads);
            matching.watch(scrutinee);
            let (test, branches) = self.match_case(&case.pattern, local, &mut matching);
            self.flow.set(branches.yes);
            let value = self.expr(case.body, context);
            self.branches = None;
            ends.push(self.flow.take());
            self.names.leave(mark);
            self.flow.set(branches.no);
            ty = Some(match ty {
                Some(up) => self.world.up(up, value.ty),
                None => value.ty,
            });
            all_fit &= context == Ty::UNKNOWN || self.converts(value.ty, context);
            arms.push((matching.declared, test, value));
            reads = matching.reads;
        }
        let cases = switch.cases.iter().map(|case| &case.pattern);
        self.is_exhaustive(subject.ty, cases, true, span);
        let found = ty.unwrap_or(Ty::NEVER);
        let is_open = context == Ty::UNKNOWN || crate::infer::has_unknown(self.world, context);
        let ty = if !is_open
            && all_fit
            && found != Ty::DYNAMIC
            && !self.world.is_subtype(found, context)
        {
            context
        } else {
            found
        };
        let mut result = self.throw_state_error("no case of the switch expression matches", span);
        for (declared, test, value) in arms.into_iter().rev() {
            let value = if ty == context {
                self.convert(value, ty, "value")
            } else {
                value
            };
            let chosen = if matches!(test.kind, ExprKind::Bool(true)) {
                value
            } else {
                self.conditional(test, value, result, ty)
            };
            result = self.block(declared, chosen);
        }
        result = self.block(reads.declared, result);
        result.ty = ty;
        result.span = span;
        self.join_ends(ends);
        self.let_in(local, subject, result)
    }
}
