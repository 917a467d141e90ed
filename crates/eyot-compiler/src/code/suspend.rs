//! `async`, `async*`, `sync*`: frames that are saved and resumed.
//!
//! The calls made here and their order are agreed with `dart:async` (its file `compiled.dart`).

use eyot_bytecode::{Op, Reg, Rep};
use eyot_semantics::model::{AsyncMarker, known};
use eyot_semantics::program::{Expr, FunctionNode};
use eyot_semantics::types::Ty;
use eyot_syntax::Span;

use super::exceptions::Exit;
use super::{Code, Val, Want};

/// What a suspendable function keeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suspended {
    pub(super) marker: AsyncMarker,
    /// The saved frame.
    suspension: Reg,
    /// Future, controller or iterator.
    object: Reg,
}

impl Code<'_, '_> {
    /// Calls one of the functions that `dart:async` offers to compiled code.
    fn call_async(&mut self, name: &str, types: Reg, args: &[Reg], want: Want) -> Val {
        match self.core_function("dart:async", name) {
            Some(function) => self.call_member(function, types, args, want),
            None => {
                let span = self.analyzed.body.function.span;
                self.unsupported(span, "asynchronous code without dart:async");
                self.never(want)
            }
        }
    }

    fn enter_suspendable(&mut self, marker: AsyncMarker) -> Suspended {
        self.result = Rep::Tagged;
        let suspension = self.temp(Rep::Tagged);
        let object = self.temp(Rep::Tagged);
        self.op_wide(Op::New, suspension, known::SUSPENSION.0);
        let suspended = Suspended {
            marker,
            suspension,
            object,
        };
        self.suspended = Some(suspended);
        suspended
    }

    fn start(&mut self, function: &str, element: Ty, object: Reg) {
        let mark = self.mark();
        let types = self.vector(&[element]);
        let want = Want::Into(object, Rep::Tagged);
        self.call_async(function, types, &[], want);
        self.release(mark);
    }

    /// Runs the body; an error that leaves it goes to `report`.
    fn guarded_body(&mut self, node: &FunctionNode, report: &str, object: Reg) {
        let (error, trace) = (self.temp(Rep::Tagged), self.temp(Rep::Tagged));
        let caught = self.asm.label();
        let start = self.here();
        self.body(node);
        if self.is_reachable() {
            self.end_suspended(None);
        }
        let end = self.here();
        self.bind(caught);
        self.call_async(report, Reg::NONE, &[object, error, trace], Want::Effect);
        self.return_saved();
        self.asm.handler(start, end, caught, error, trace);
    }

    pub(super) fn async_code(&mut self, node: &FunctionNode) {
        let suspended = self.enter_suspendable(AsyncMarker::Async);
        self.start("_asyncStart", node.element, suspended.object);
        self.guarded_body(node, "_asyncError", suspended.object);
    }

    pub(super) fn async_star_code(&mut self, node: &FunctionNode) {
        let suspended = self.enter_suspendable(AsyncMarker::AsyncStar);
        let (suspension, object) = (suspended.suspension, suspended.object);
        self.start("_asyncStarStart", node.element, object);
        let listened = self.asm.label();
        self.asm.suspend(suspension, listened, 0);
        let mark = self.mark();
        let args = [object, suspension];
        let want = Want::As(Rep::Tagged);
        let stream = self.call_async("_asyncStarStream", Reg::NONE, &args, want);
        self.op(Op::RetR, &[stream.reg]);
        self.bind(listened);
        let ignored = self.temp(Rep::Tagged);
        self.op(Op::Resumed, &[ignored]);
        self.release(mark);
        self.guarded_body(node, "_asyncStarError", object);
    }

    pub(super) fn sync_star_code(&mut self, node: &FunctionNode) {
        let suspended = self.enter_suspendable(AsyncMarker::SyncStar);
        let (suspension, iterator) = (suspended.suspension, suspended.object);
        let started = self.asm.label();
        self.asm.suspend(suspension, started, 0);
        let mark = self.mark();
        let types = self.vector(&[node.element]);
        let want = Want::As(Rep::Tagged);
        let iterable = self.call_async("_syncStarIterable", types, &[suspension], want);
        self.op(Op::RetR, &[iterable.reg]);
        self.release(mark);
        self.bind(started);
        self.op(Op::Resumed, &[iterator]);
        let want = Want::Into(suspension, Rep::Tagged);
        self.call_async("_syncStarSuspension", Reg::NONE, &[iterator], want);
        self.body(node);
        if self.is_reachable() {
            self.op(Op::RetNull, &[]);
        }
    }

    // ---- await

    pub(super) fn await_value(&mut self, value: &Expr, expr: &Expr, want: Want) -> Val {
        let want = match want {
            Want::Effect => Want::Effect,
            other => self.settle(other, crate::tables::rep_of(expr.ty)),
        };
        let mark = self.mark();
        let future = self.value(value, Rep::Tagged);
        let result = self.temp(Rep::Tagged);
        self.await_register(future, result, expr.span);
        let result = self.deliver(Val::new(result, Rep::Tagged), want);
        self.release(mark);
        result
    }

    /// Waits for a future (or goes on with what is none); its value comes to `result`.
    pub(super) fn await_register(&mut self, future: Reg, result: Reg, span: Span) {
        let Some(suspended) = self.suspended else {
            return self.unsupported(span, "await outside of an asynchronous function");
        };
        let resumed = self.asm.label();
        self.at(span);
        self.asm.suspend(suspended.suspension, resumed, 0);
        let args = [suspended.suspension, future];
        self.call_async("_awaitFuture", Reg::NONE, &args, Want::Effect);
        self.return_saved();
        self.bind(resumed);
        self.op(Op::Resumed, &[result]);
    }

    /// Leaves the frame, which is saved or at its end.
    fn return_saved(&mut self) {
        match self.suspended {
            Some(suspended) if suspended.marker == AsyncMarker::Async => {
                self.op(Op::RetR, &[suspended.object]);
            }
            _ => self.op(Op::RetNull, &[]),
        }
    }

    // ---- end

    /// Completes the future of an async function and leaves.
    pub(super) fn complete_async(&mut self, value: Reg) {
        if let Some(suspended) = self.suspended {
            let args = [suspended.object, value];
            self.call_async("_asyncComplete", Reg::NONE, &args, Want::Effect);
        }
        self.return_saved();
    }

    /// The end of the activation.
    pub(super) fn end_suspended(&mut self, value: Option<Reg>) {
        let Some(suspended) = self.suspended else {
            return;
        };
        match suspended.marker {
            AsyncMarker::Async => {
                let mark = self.mark();
                let value = match value {
                    Some(value) => value,
                    None => self.load_null(Want::As(Rep::Tagged)).reg,
                };
                self.complete_async(value);
                self.release(mark);
            }
            AsyncMarker::AsyncStar => {
                let args = [suspended.object];
                self.call_async("_asyncStarDone", Reg::NONE, &args, Want::Effect);
                self.return_saved();
            }
            AsyncMarker::SyncStar | AsyncMarker::Sync => self.return_saved(),
        }
    }

    // ---- yield

    pub(super) fn yield_stmt(&mut self, value: &Expr, is_each: bool, span: Span) {
        let Some(suspended) = self.suspended else {
            return self.unsupported(span, "yield outside of a generator");
        };
        let mark = self.mark();
        let value = self.value(value, Rep::Tagged);
        self.at(span);
        if suspended.marker == AsyncMarker::SyncStar {
            self.yield_sync(suspended, value, is_each);
        } else {
            self.yield_async(suspended, value, is_each);
        }
        self.release(mark);
    }

    fn yield_sync(&mut self, suspended: Suspended, value: Reg, is_each: bool) {
        let function = if is_each {
            "_syncStarYieldEach"
        } else {
            "_syncStarYield"
        };
        let resumed = self.asm.label();
        self.asm.suspend(suspended.suspension, resumed, 0);
        let args = [suspended.object, value];
        self.call_async(function, Reg::NONE, &args, Want::Effect);
        self.op(Op::RetNull, &[]);
        self.bind(resumed);
        self.op(Op::Resumed, &[suspended.object]);
    }

    fn yield_async(&mut self, suspended: Suspended, value: Reg, is_each: bool) {
        let function = if is_each {
            "_asyncStarYieldEach"
        } else {
            "_asyncStarYield"
        };
        let (resumed, canceled, go_on) = (self.asm.label(), self.asm.label(), self.asm.label());
        self.asm.suspend(suspended.suspension, resumed, 0);
        let args = [suspended.object, suspended.suspension, value];
        let stop = self.call_async(function, Reg::NONE, &args, Want::As(Rep::Bool));
        self.asm.jump(Op::Jt, stop.reg, canceled);
        self.op(Op::RetNull, &[]);
        self.bind(resumed);
        let stop = self.temp(Rep::Tagged);
        self.op(Op::Resumed, &[stop]);
        self.asm.jump(Op::JtR, stop, canceled);
        self.asm.jmp(go_on);
        self.bind(canceled);
        self.leave(Exit::Return);
        self.bind(go_on);
    }
}
