//! Calls of Dart on threads that are nobody's: of functions that need no isolate of the program's.
//!
//! Such a call runs in an isolate made for it, on the caller's thread and without the scheduler, so it takes no worker and waits for none. The
//! isolate has no events: it has no place in the registry, ports that it opens get nothing, and what it leaves to a later event never happens.
//! Its statics are fresh; if isolates share variables, those are the only ones of the program's that it has. A native that waits blocks
//! the thread.

use std::cell::Cell;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{FUEL, Isolate, Phase};
use crate::heap::message::Message;
use crate::interp::machine::{Environment, Machine, STACK_BYTES, Status, Unlimited};
use crate::isolate::context::{HostJob, Outcome};
use crate::isolate::event::Completion;
use crate::isolate::group::Group;
use crate::isolate::name::Name;
use crate::isolate::spawn::{SpawnRequest, Start};
use crate::native::{Job, Kept};
use crate::port::IsolateId;
use crate::value::Value;

/// Calls of C and Dart by turns that one thread may have under way: each has a machine, and needs native stack.
const DEPTH_MAX: usize = 8;

/// Dart's stack of such a call: fresh ones cost their size, and threads of C's come and go.
const OWN_STACK_BYTES: usize = STACK_BYTES / 16;

/// Machines that are kept for the next calls.
const KEPT_MAX: usize = 16;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// A machine that runs nothing.
struct IdleMachine(Machine);

// SAFETY: what a machine refers to of an isolate or a thread it forgets with its run; the rest is memory of its own.
unsafe impl Send for IdleMachine {}

static MACHINES: Mutex<Vec<IdleMachine>> = Mutex::new(Vec::new());

fn machines() -> MutexGuard<'static, Vec<IdleMachine>> {
    MACHINES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An id that no isolate has.
const NOBODY: IsolateId = IsolateId {
    slot: u32::MAX,
    generation: u32::MAX,
};

/// Whether an isolate is of a call here.
pub(in crate::isolate) fn is_nobody(id: IsolateId) -> bool {
    id == NOBODY
}

/// A value that many calls need: a heap of its own has it, of which each gets a copy.
pub struct Template {
    isolate: Box<Isolate>,
    value: Kept,
}

impl Template {
    /// Of a message's value; none without memory for it.
    pub fn new(group: &Arc<Group>, message: Message) -> Option<Template> {
        let mut isolate = Isolate::detached(group);
        let value = isolate.state.adopt(message).ok()?;
        let value = isolate.state.keep(value);
        Some(Template { isolate, value })
    }

    /// The group whose isolates may have it.
    pub fn group(&self) -> Arc<Group> {
        self.isolate.context.group.clone()
    }

    /// The value for one of them.
    pub fn message(&mut self) -> Option<Message> {
        let state = &mut self.isolate.state;
        let value = state.kept(self.value);
        state.heap.copy_message(value).ok()
    }
}

/// Calls `function` with `argument`, and gives what `read` makes of the result; none if it threw, or could not be called.
pub fn call_detached<R>(
    group: &Arc<Group>,
    function: Message,
    argument: Message,
    read: impl FnOnce(Value) -> R,
) -> Option<R> {
    let depth = DEPTH.get();
    if depth >= DEPTH_MAX {
        return None;
    }
    DEPTH.set(depth + 1);
    let kept = machines().pop();
    let mut machine = kept.map_or_else(|| Machine::new(OWN_STACK_BYTES), |kept| kept.0);
    let mut isolate = Isolate::detached(group);
    let result = isolate
        .call_here(&mut machine, function, argument)
        .map(read);
    machine.forget();
    isolate.end(Outcome::Finished);
    let mut kept = machines();
    if kept.len() < KEPT_MAX {
        kept.push(IdleMachine(machine));
    }
    drop(kept);
    DEPTH.set(depth);
    result
}

impl Isolate {
    fn detached(group: &Arc<Group>) -> Box<Isolate> {
        let mut isolate = Box::new(Isolate::new(group));
        let name = Name::Given("isolate group".into());
        isolate.set_up(NOBODY, SpawnRequest::new(Start::Bound, name));
        isolate
    }

    fn call_here(
        &mut self,
        machine: &mut Machine,
        function: Message,
        argument: Message,
    ) -> Option<Value> {
        let function = self.state.adopt(function).ok()?;
        let function = self.state.keep(function);
        let argument = self.state.adopt(argument).ok()?;
        let function = self.state.kept(function);
        let mut status = self.here(|state, environment| {
            machine.call_closure(state, environment, function, &[argument])
        });
        loop {
            status = match status {
                Status::Finished(value) => return Some(value),
                Status::Uncaught { .. } | Status::OutOfMemory => return None,
                Status::Yielded => {
                    machine.park(&mut self.state);
                    let state = &mut self.state;
                    while state.heap.is_slice_due()
                        && !state.with_roots(|heap, roots| heap.collect_slice(roots))
                    {
                    }
                    self.here(|state, environment| machine.resume(state, environment))
                }
                Status::Pending(job) => {
                    machine.park(&mut self.state);
                    self.phase = Phase::Ready;
                    let completion = completion_of(job);
                    self.here(|state, environment| machine.complete(state, environment, completion))
                }
            };
        }
    }

    fn here(
        &mut self,
        run: impl FnOnce(&mut crate::interp::state::IsolateState, &mut Environment<'_>) -> Status,
    ) -> Status {
        let mut environment = Environment {
            host: &mut self.context,
            clock: &mut Unlimited(FUEL),
            interrupt: &AtomicU32::new(0),
        };
        run(&mut self.state, &mut environment)
    }
}

/// Does a job on this thread.
fn completion_of(job: Job) -> Completion {
    match job.downcast::<HostJob>().map(|job| *job) {
        Ok(HostJob::Block(work)) => work(),
        Ok(HostJob::Await { awaited, time }) => {
            let then = awaited.block(time);
            then.unwrap_or_else(|| Box::new(|cx| cx.ret_null()))
        }
        Ok(HostJob::Sleep(time)) => {
            std::thread::sleep(time);
            Box::new(|cx| cx.ret_null())
        }
        _ => Box::new(|cx| {
            cx.throw_unsupported("a function without an isolate cannot leave one or wait for one")
        }),
    }
}
