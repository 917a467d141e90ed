//! Small functions in place of their calls; which ones, see [`crate::inline`].

use eyot_bytecode::{Label, Rep};
use eyot_semantics::model::MemberId;
use eyot_semantics::program::{Args, Expr, ExprKind};
use rustc_hash::FxHashMap;

use super::locals::Storage;
use super::{Code, Val, Want};
use crate::inline::returned;
use crate::signature::Signature;
use crate::tables::rep_of;

impl<'w> Code<'_, 'w> {
    /// The value of a call whose function is small; none if it is not.
    pub(super) fn inlined_value(
        &mut self,
        target: MemberId,
        args: &Args,
        want: Want,
    ) -> Option<Val> {
        let value = self.inline_of(target)?;
        let rep = rep_of(value.ty);
        // An instruction reads its operands before it writes the result; anything else might write early what it reads later.
        let reg = match want {
            Want::Into(reg, wanted)
                if wanted == rep && matches!(value.kind, ExprKind::InstanceCall { .. }) =>
            {
                reg
            }
            _ => self.temp(rep),
        };
        let mark = self.mark();
        self.inlined(target, args, |code| {
            code.expr(value, Want::Into(reg, rep));
        });
        self.release(mark);
        Some(self.deliver(Val::new(reg, rep), want))
    }

    /// A condition that is a call of a small function as a jump; false if it is none.
    pub(super) fn branch_inlined(&mut self, expr: &Expr, label: Label, when: bool) -> bool {
        let ExprKind::StaticCall { target, args } = &expr.kind else {
            return false;
        };
        let Some(value) = self.inline_of(*target) else {
            return false;
        };
        self.inlined(*target, args, |code| code.branch(value, label, when));
        true
    }

    fn inline_of(&self, target: MemberId) -> Option<&'w Expr> {
        returned(self.shared.inlines.get(&target)?.body)
    }

    /// Evaluates the arguments, and emits code in which the parameters are theirs.
    fn inlined(&mut self, target: MemberId, args: &Args, emit: impl FnOnce(&mut Self)) {
        let Some(inline) = self.shared.inlines.get(&target) else {
            return;
        };
        let signature = Signature::of_member(self.world, target);
        let regs = self.full_arguments(&signature, args, &[]);
        let mut locals: FxHashMap<_, _> = FxHashMap::default();
        for (param, reg) in inline.body.function.params.iter().zip(regs) {
            let rep = inline
                .body
                .locals
                .get(param.local.0 as usize)
                .map_or(Rep::Tagged, |local| rep_of(local.ty));
            locals.insert(
                param.local,
                Storage {
                    reg,
                    rep,
                    in_cell: false,
                    initializer: None,
                },
            );
        }
        let around = std::mem::replace(&mut self.analyzed, inline);
        let outer = std::mem::replace(&mut self.locals, locals);
        // Nothing in it throws, and its places are in another function.
        let had_positions = std::mem::replace(&mut self.has_positions, false);
        emit(self);
        self.has_positions = had_positions;
        self.locals = outer;
        self.analyzed = around;
    }
}
