//! Ways out: break, continue, return, exceptions, and `finally` on each of them.
//!
//! A `finally` is compiled once. Whoever leaves the protected code through it puts a number into the state register and jumps to it; behind
//! it the number says where to go on:
//!
//! | state | |
//! | --- | --- |
//! | 0 | behind the statement |
//! | 1 | throw the error again that brought us here |
//! | 2 … | the ways out that were used, in the order of their first use |

use eyot_bytecode::{Label, Op, Reg, Rep};
use eyot_semantics::program::{Catch, LabelId, Stmt};

use super::{Code, Val, Want};

/// Something around the code being compiled that a jump may go to or must go through.
#[derive(Debug)]
pub(super) enum Control {
    /// A loop, switch or labelled block.
    Target {
        label: LabelId,
        break_to: Label,
        continue_to: Option<Label>,
    },
    /// A case of a switch.
    Case { label: LabelId, to: Label },
    Finally {
        state: Reg,
        entry: Label,
        exits: Vec<Exit>,
    },
}

/// A way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// To a label, leaving all but this many of the things around.
    Jump { to: Label, depth: usize },
    /// Out of the function, with the value kept.
    Return,
}

const STATE_END: i64 = 0;
const STATE_ERROR: i64 = 1;
const STATE_EXITS: i64 = 2;

impl Code<'_, '_> {
    pub(super) fn break_to(&mut self, wanted: LabelId) {
        let found =
            self.control
                .iter()
                .enumerate()
                .rev()
                .find_map(|(depth, control)| match control {
                    Control::Target {
                        label, break_to, ..
                    } if *label == wanted => Some((depth, *break_to)),
                    _ => None,
                });
        self.leave_to(found);
    }

    pub(super) fn continue_to(&mut self, wanted: LabelId) {
        let found =
            self.control
                .iter()
                .enumerate()
                .rev()
                .find_map(|(depth, control)| match control {
                    Control::Target {
                        label,
                        continue_to: Some(to),
                        ..
                    } if *label == wanted => Some((depth, *to)),
                    _ => None,
                });
        self.leave_to(found);
    }

    pub(super) fn continue_switch(&mut self, wanted: LabelId) {
        let found =
            self.control
                .iter()
                .enumerate()
                .rev()
                .find_map(|(depth, control)| match control {
                    Control::Case { label, to } if *label == wanted => Some((depth, *to)),
                    _ => None,
                });
        self.leave_to(found);
    }

    /// The target of a break or continue that goes through no `finally`.
    pub(super) fn plain_target(&self, wanted: LabelId, is_continue: bool) -> Option<Label> {
        for control in self.control.iter().rev() {
            match control {
                Control::Finally { .. } => return None,
                Control::Target {
                    label,
                    break_to,
                    continue_to,
                } if *label == wanted => {
                    return match is_continue {
                        true => *continue_to,
                        false => Some(*break_to),
                    };
                }
                _ => {}
            }
        }
        None
    }

    fn leave_to(&mut self, found: Option<(usize, Label)>) {
        if let Some((depth, to)) = found {
            self.leave(Exit::Jump { to, depth });
        }
    }

    /// Goes out, through every `finally` on the way.
    pub(super) fn leave(&mut self, exit: Exit) {
        let depth = match exit {
            Exit::Jump { depth, .. } => depth,
            Exit::Return => 0,
        };
        let inner = self.control[depth..].iter_mut().rev();
        for control in inner {
            let Control::Finally {
                state,
                entry,
                exits,
            } = control
            else {
                continue;
            };
            let number = match exits.iter().position(|&known| known == exit) {
                Some(number) => number,
                None => {
                    exits.push(exit);
                    exits.len() - 1
                }
            };
            let (state, entry) = (*state, *entry);
            self.load_int(state, STATE_EXITS + number as i64);
            self.asm.jmp(entry);
            return;
        }
        match exit {
            Exit::Jump { to, .. } => self.asm.jmp(to),
            Exit::Return => self.return_kept(),
        }
    }

    pub(super) fn is_in_finally(&self) -> bool {
        let mut control = self.control.iter();
        control.any(|control| matches!(control, Control::Finally { .. }))
    }

    /// Returns what is kept, once no `finally` is in the way.
    fn return_kept(&mut self) {
        if self.suspended.is_some() {
            return self.end_suspended(self.returned);
        }
        match self.returned {
            Some(reg) => self.return_value(reg),
            None => self.return_default(),
        }
    }

    // ---- try

    pub(super) fn try_stmt(&mut self, body: &Stmt, catches: &[Catch], finally: Option<&Stmt>) {
        match finally {
            None => self.try_catch(body, catches),
            Some(finally) => self.with_finally(
                |code| code.try_catch(body, catches),
                |code| code.scoped(finally),
            ),
        }
    }

    /// Code after which, however it is left, `cleanup` runs.
    pub(super) fn with_finally(
        &mut self,
        protected: impl FnOnce(&mut Self),
        cleanup: impl FnOnce(&mut Self),
    ) {
        let mark = self.mark();
        let returned = self.returned;
        if returned.is_none() {
            let rep = self.result;
            self.returned = Some(self.temp(rep));
        }
        let state = self.temp(Rep::Int);
        let (error, trace) = (self.temp(Rep::Tagged), self.temp(Rep::Tagged));
        let (entry, caught, after) = (self.asm.label(), self.asm.label(), self.asm.label());
        self.control.push(Control::Finally {
            state,
            entry,
            exits: Vec::new(),
        });
        self.try_depth += 1;
        let start = self.here();
        let inner = self.mark();
        protected(self);
        self.release(inner);
        let end = self.here();
        self.try_depth -= 1;
        let exits = match self.control.pop() {
            Some(Control::Finally { exits, .. }) => exits,
            _ => Vec::new(),
        };
        self.load_int(state, STATE_END);
        self.asm.jmp(entry);
        self.bind(caught);
        self.load_int(state, STATE_ERROR);
        self.bind(entry);
        cleanup(self);
        if self.is_reachable() {
            self.asm
                .compare_jump(Op::JeqIK, state, STATE_END as u16, after);
            self.dispatch_exits(state, &exits);
            self.op(Op::Rethrow, &[error, trace]);
        }
        self.bind(after);
        self.asm.handler(start, end, caught, error, trace);
        self.returned = returned;
        self.release(mark);
    }

    fn dispatch_exits(&mut self, state: Reg, exits: &[Exit]) {
        for (number, &exit) in exits.iter().enumerate() {
            let next = self.asm.label();
            let number = STATE_EXITS + number as i64;
            self.asm.compare_jump(Op::JneIK, state, number as u16, next);
            self.leave(exit);
            self.bind(next);
        }
    }

    fn try_catch(&mut self, body: &Stmt, catches: &[Catch]) {
        if catches.is_empty() {
            return self.scoped(body);
        }
        let mark = self.mark();
        let is_total = catches.iter().any(|clause| self.catches_everything(clause));
        let wants_trace = !is_total || catches.iter().any(|clause| clause.trace.is_some());
        let error = self.temp(Rep::Tagged);
        let trace = match wants_trace {
            true => self.temp(Rep::Tagged),
            false => Reg::NONE,
        };
        let (caught, done) = (self.asm.label(), self.asm.label());
        let start = self.here();
        self.try_depth += 1;
        self.scoped(body);
        self.try_depth -= 1;
        let end = self.here();
        self.asm.jmp(done);
        // Handlers are searched in order, so those inside the clauses below may come later: their ranges do not meet.
        self.asm.handler(start, end, caught, error, trace);
        self.bind(caught);
        for clause in catches {
            if self.clause(clause, error, trace, done) {
                break;
            }
        }
        if !is_total {
            self.op(Op::Rethrow, &[error, trace]);
        }
        self.bind(done);
        self.release(mark);
    }

    fn catches_everything(&self, clause: &Catch) -> bool {
        let object = eyot_semantics::types::Ty::OBJECT;
        clause.ty == object || self.world.is_top(clause.ty)
    }

    /// A catch clause; says whether it takes everything.
    fn clause(&mut self, clause: &Catch, error: Reg, trace: Reg, done: Label) -> bool {
        let is_total = self.catches_everything(clause);
        let next = self.asm.label();
        if !is_total {
            self.branch_type(error, clause.ty, next, false);
        }
        let mark = self.mark();
        let deliver = |reg: Reg| {
            move |code: &mut Self, want: Want| {
                code.deliver(Val::new(reg, Rep::Tagged), want);
            }
        };
        self.declare(clause.error, deliver(error));
        if let Some(local) = clause.trace {
            self.declare(local, deliver(trace));
        }
        self.scoped(&clause.body);
        self.release(mark);
        if self.is_reachable() {
            self.asm.jmp(done);
        }
        self.bind(next);
        is_total
    }
}
