//! Tests whose outcome a variable keeps: `final isText = x is String; if (isText) x.length;`.

use super::Walk;
use crate::flow::{Branches, State, VarId};
use crate::program::{Expr, ExprKind};
use crate::types::Ty;

/// A test whose outcome a variable keeps.
#[derive(Debug)]
pub(super) struct KeptTest {
    test: Expr,
    /// The variables it is about, and the one that keeps it, as they were then.
    versions: Vec<(VarId, u32)>,
}

impl Walk<'_> {
    /// Remembers the test whose outcome a variable was just given.
    pub(super) fn keep_condition(&mut self, var: VarId, value: &Expr) {
        let is_test = matches!(
            value.kind,
            ExprKind::Is { .. }
                | ExprKind::Equals { .. }
                | ExprKind::Not(_)
                | ExprKind::And(..)
                | ExprKind::Or(..)
        );
        if value.ty != Ty::BOOL || !is_test {
            return;
        }
        let mut tested = Vec::new();
        self.tested_variables(value, &mut tested);
        // `found = found || x is T`: the test is about what the variable held before.
        if tested.is_empty() || tested.contains(&var) {
            self.conditions.remove(&var);
            return;
        }
        tested.push(var);
        let versions = tested
            .into_iter()
            .map(|var| (var, self.flow.version(var)))
            .collect();
        let test = value.clone();
        self.conditions.insert(var, KeptTest { test, versions });
    }

    /// What a test kept in a variable says here, if none of the variables it is about was assigned since.
    pub(super) fn kept_branches(&mut self, var: VarId) -> Option<Branches> {
        let kept = self.conditions.get(&var)?;
        let holds = |&(var, version): &(VarId, u32)| self.flow.version(var) == version;
        if !kept.versions.iter().all(holds) || self.flow.is_write_captured(var) {
            return None;
        }
        let test = kept.test.clone();
        self.branches_of(&test)
    }

    fn tested_variables(&mut self, test: &Expr, found: &mut Vec<VarId>) {
        match &test.kind {
            ExprKind::Is { value, .. } => found.extend(self.reference(value)),
            ExprKind::Equals { left, right, .. } if matches!(right.kind, ExprKind::Null) => {
                found.extend(self.reference(left));
            }
            ExprKind::Not(inner) => self.tested_variables(inner, found),
            ExprKind::And(left, right) | ExprKind::Or(left, right) => {
                self.tested_variables(left, found);
                self.tested_variables(right, found);
            }
            ExprKind::Local(local) => found.extend(self.info(*local).var),
            _ => {}
        }
    }

    /// What a test that was made earlier says now; none if it says nothing.
    fn branches_of(&mut self, test: &Expr) -> Option<Branches> {
        match &test.kind {
            ExprKind::Is { value, ty } => {
                let var = self.reference(value)?;
                Some(self.flow.test_is(var, *ty))
            }
            ExprKind::Equals { left, right, .. } if matches!(right.kind, ExprKind::Null) => {
                let var = self.reference(left)?;
                Some(self.flow.test_null(var))
            }
            ExprKind::Not(inner) => {
                let Branches { yes, no } = self.branches_of(inner)?;
                Some(Branches { yes: no, no: yes })
            }
            ExprKind::And(left, right) => {
                let (first, second) = self.branches_of_both(left, right, |first| &first.yes);
                let no = self.flow.join(first.no, second.no);
                let yes = second.yes;
                Some(Branches { yes, no })
            }
            ExprKind::Or(left, right) => {
                let (first, second) = self.branches_of_both(left, right, |first| &first.no);
                let yes = self.flow.join(first.yes, second.yes);
                let no = second.no;
                Some(Branches { yes, no })
            }
            ExprKind::Local(local) => {
                let var = self.info(*local).var?;
                self.kept_branches(var)
            }
            _ => None,
        }
    }

    /// The second of two tests is made where the first went `on`.
    fn branches_of_both(
        &mut self,
        left: &Expr,
        right: &Expr,
        on: fn(&Branches) -> &State,
    ) -> (Branches, Branches) {
        let before = self.flow.state();
        let plain = |walk: &Self| walk.flow.plain_branches();
        let first = self.branches_of(left).unwrap_or_else(|| plain(self));
        self.flow.set(on(&first).clone());
        let second = self.branches_of(right).unwrap_or_else(|| plain(self));
        self.flow.set(before);
        (first, second)
    }
}
