//! Local variables: registers, cells, late ones.

use eyot_bytecode::{Op, Reg, Rep};
use eyot_semantics::program::{Expr, ExprKind, LocalId};

use super::{Code, Val, Want};
use crate::tables::rep_of;

/// Where a local lives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Storage {
    /// Its register, or that of its cell.
    pub(super) reg: Reg,
    /// How its value is kept. Late ones are tagged, since they need a mark.
    pub(super) rep: Rep,
    pub(super) in_cell: bool,
    /// For a late local with an initialiser: a closure that computes it.
    pub(super) initializer: Option<Reg>,
}

impl Code<'_, '_> {
    /// How a local's value is kept.
    pub(super) fn local_rep(&self, local: LocalId) -> Rep {
        match self.analyzed.body.locals.get(local.0 as usize) {
            Some(data) if !data.late => rep_of(data.ty),
            _ => Rep::Tagged,
        }
    }

    pub(super) fn is_late(&self, local: LocalId) -> bool {
        let data = self.analyzed.body.locals.get(local.0 as usize);
        data.is_some_and(|data| data.late)
    }

    /// Declares a local with a value that is computed into its place.
    pub(super) fn declare(&mut self, local: LocalId, value: impl FnOnce(&mut Self, Want)) {
        let rep = self.local_rep(local);
        let in_cell = self.analyzed.captures.in_cell(local);
        if !in_cell {
            let reg = self.temp(rep);
            value(self, Want::Into(reg, rep));
            self.bind_local(local, reg, rep, false);
            return;
        }
        let cell = self.temp(Rep::Tagged);
        let mark = self.mark();
        let reg = self.temp(rep);
        value(self, Want::Into(reg, rep));
        self.new_cell(cell, reg);
        self.release(mark);
        self.bind_local(local, cell, rep, true);
    }

    /// Lets a local of an expression stand for the variable that it is a copy of, if nobody can tell the difference: neither is
    /// assigned in the expression, and no closure keeps the local.
    pub(super) fn alias(&mut self, local: LocalId, value: &Expr, body: &Expr) -> bool {
        let is_plain = |code: &Self, local: LocalId| {
            !code.is_late(local)
                && !code.analyzed.captures.in_cell(local)
                && !code.analyzed.nested_sets.may_assign(body, local)
        };
        let rep = self.local_rep(local);
        let reg = match &self.behind_casts(value).kind {
            ExprKind::This => self.this,
            ExprKind::Local(source) if is_plain(self, *source) => {
                let storage = self.locals.get(source);
                storage
                    .filter(|storage| storage.rep == rep)
                    .map(|storage| storage.reg)
            }
            _ => None,
        };
        match reg {
            Some(reg) if is_plain(self, local) && reg.is_raw() == (rep != Rep::Tagged) => {
                self.bind_local(local, reg, rep, false);
                true
            }
            _ => false,
        }
    }

    pub(super) fn bind_local(&mut self, local: LocalId, reg: Reg, rep: Rep, in_cell: bool) {
        let storage = Storage {
            reg,
            rep,
            in_cell,
            initializer: None,
        };
        self.locals.insert(local, storage);
    }

    pub(super) fn new_cell(&mut self, cell: Reg, value: Reg) {
        let op = if value.is_raw() {
            Op::CellNewW
        } else {
            Op::CellNew
        };
        self.op(op, &[cell, value]);
    }

    /// Makes a cell for a parameter that closures share, and binds it.
    pub(super) fn bind_parameter(&mut self, local: LocalId, reg: Reg, rep: Rep) {
        if self.analyzed.captures.in_cell(local) {
            let cell = self.temp(Rep::Tagged);
            self.new_cell(cell, reg);
            self.bind_local(local, cell, rep, true);
        } else {
            self.bind_local(local, reg, rep, false);
        }
    }

    /// `var x = value;`, `late var x = value;`.
    pub(super) fn declare_variable(&mut self, local: LocalId, value: Option<&Expr>) {
        if self.is_late(local) {
            self.declare_late(local, value);
            return;
        }
        self.declare(local, |code, want| match value {
            Some(value) => {
                code.expr(value, want);
            }
            None => {
                // Definite assignment keeps this from being read where the type is not nullable.
                if let Want::Into(reg, rep) = want {
                    code.zero(reg, rep);
                }
            }
        });
    }

    fn declare_late(&mut self, local: LocalId, value: Option<&Expr>) {
        self.declare(local, |code, want| {
            if let Want::Into(reg, _) = want {
                code.op(Op::LdSentinel, &[reg]);
            }
        });
        if let Some(value) = value {
            let closure = self.temp(Rep::Tagged);
            self.late_initializer(local, value, closure);
            if let Some(storage) = self.locals.get_mut(&local) {
                storage.initializer = Some(closure);
            }
        }
    }

    /// The loop's next round has variables of its own: puts the value of a captured one into a fresh cell.
    pub(super) fn renew_cell(&mut self, local: LocalId) {
        let Some(&storage) = self.locals.get(&local) else {
            return;
        };
        if storage.in_cell {
            let mark = self.mark();
            let value = self.temp(storage.rep);
            self.load_cell(value, storage);
            self.new_cell(storage.reg, value);
            self.release(mark);
        }
    }

    fn load_cell(&mut self, reg: Reg, storage: Storage) {
        let op = if reg.is_raw() {
            Op::LdCellW
        } else {
            Op::LdCell
        };
        self.op(op, &[reg, storage.reg]);
    }

    fn store(&mut self, storage: Storage, value: Reg) {
        match (storage.in_cell, value.is_raw()) {
            (true, true) => self.op(Op::StCellW, &[storage.reg, value]),
            (true, false) => self.op(Op::StCell, &[storage.reg, value]),
            (false, _) => {
                let value = Val::new(value, storage.rep);
                self.convert_into(value, storage.reg, storage.rep);
            }
        }
    }

    /// The value of a local.
    pub(super) fn get_local(&mut self, local: LocalId, want: Want) -> Val {
        let Some(&storage) = self.locals.get(&local) else {
            // The local is declared in code that was left out because it is not reached.
            return self.load_null(want);
        };
        if self.is_late(local) {
            return self.get_late(local, storage, want);
        }
        if want == Want::Effect {
            return Val::NONE;
        }
        if !storage.in_cell {
            return self.deliver(Val::new(storage.reg, storage.rep), want);
        }
        let reg = self.target(want, storage.rep);
        self.load_cell(reg, storage);
        self.deliver(Val::new(reg, storage.rep), want)
    }

    fn get_late(&mut self, local: LocalId, storage: Storage, want: Want) -> Val {
        // Not in the wanted register: the initialiser may still read what it holds.
        let mark = self.mark();
        let reg = self.temp(Rep::Tagged);
        self.read_storage(reg, storage);
        let done = self.asm.label();
        self.asm.jump(Op::Jnsent, reg, done);
        match storage.initializer {
            Some(closure) => {
                self.call_initializer(closure, reg);
                self.check_late_final(local, storage);
                self.store(storage, reg);
            }
            None => {
                let name = self.local_name(local);
                self.throw_text("_throwLateLocalNotInitialized", &name);
            }
        }
        self.bind(done);
        if let Want::Any | Want::As(Rep::Tagged) = want {
            return Val::new(reg, Rep::Tagged);
        }
        let value = self.deliver(Val::new(reg, Rep::Tagged), want);
        if let Want::Into(..) | Want::Effect = want {
            self.release(mark);
        }
        value
    }

    /// The initialiser of a final variable may have assigned it.
    fn check_late_final(&mut self, local: LocalId, storage: Storage) {
        let data = self.analyzed.body.locals.get(local.0 as usize);
        if data.is_some_and(|data| data.is_final) && storage.in_cell {
            self.throw_if_initialized(local, storage);
        }
    }

    fn throw_if_initialized(&mut self, local: LocalId, storage: Storage) {
        let mark = self.mark();
        let (twice, fine) = (self.asm.label(), self.asm.label());
        let old = self.temp(Rep::Tagged);
        self.read_storage(old, storage);
        self.asm.jump(Op::Jnsent, old, twice);
        self.asm.jmp(fine);
        self.bind(twice);
        let name = self.local_name(local);
        self.throw_text("_throwLateLocalAlreadyInitialized", &name);
        self.bind(fine);
        self.release(mark);
    }

    fn read_storage(&mut self, reg: Reg, storage: Storage) {
        if storage.in_cell {
            self.load_cell(reg, storage);
        } else {
            self.convert_into(Val::new(storage.reg, storage.rep), reg, storage.rep);
        }
    }

    fn local_name(&self, local: LocalId) -> String {
        let data = self.analyzed.body.locals.get(local.0 as usize);
        data.map_or_else(String::new, |data| data.name.to_string())
    }

    /// `local = value`; the value of the whole is the value assigned.
    pub(super) fn set_local(&mut self, local: LocalId, value: &Expr, want: Want) -> Val {
        let Some(&storage) = self.locals.get(&local) else {
            return self.expr(value, want);
        };
        let is_late_final = self.is_late(local)
            && self
                .analyzed
                .body
                .locals
                .get(local.0 as usize)
                .is_some_and(|data| data.is_final);
        if !storage.in_cell && !is_late_final {
            self.expr(value, Want::Into(storage.reg, storage.rep));
            return self.deliver(Val::new(storage.reg, storage.rep), want);
        }
        let mark = self.mark();
        let reg = self.value(value, storage.rep);
        if is_late_final {
            self.throw_if_initialized(local, storage);
        }
        self.store(storage, reg);
        match want {
            Want::Effect | Want::Into(..) => {
                let result = self.deliver(Val::new(reg, storage.rep), want);
                self.release(mark);
                result
            }
            _ => self.deliver(Val::new(reg, storage.rep), want),
        }
    }
}
