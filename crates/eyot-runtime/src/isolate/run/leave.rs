//! The end of an isolate that takes a large value along: in slices, like a collection.

use super::{Isolate, Next, Phase};
use crate::heap::message::{Leaving, Left};
use crate::interp::machine::Machine;
use crate::isolate::context::Outcome;
use crate::isolate::event::Completion;
use crate::port::PortId;
use crate::sched::Slice;

/// A value on its way out of an isolate.
pub struct Departure {
    /// Where it goes.
    pub(in crate::isolate) port: PortId,
    /// It.
    pub(in crate::isolate) leaving: Leaving,
    /// What the native goes on with if the value must be copied or refused.
    pub(in crate::isolate) stays: Completion,
}

impl Isolate {
    /// Whether the heap is not the program's any more.
    pub(super) fn is_leaving(&self) -> bool {
        matches!(self.phase, Phase::Leaving(_))
    }

    /// Goes on with it for as long as nobody else wants the worker.
    pub(super) fn leave(
        &mut self,
        mut departure: Box<Departure>,
        machine: &mut Machine,
        slice: &mut Slice<'_, Self>,
    ) -> Next {
        loop {
            match self.state.heap.leave_slice(&mut departure.leaving) {
                Left::Going => {}
                Left::Stays => {
                    let status = self.with_environment(machine, slice, |machine, state, env| {
                        machine.complete(state, env, departure.stays)
                    });
                    return self.after(status, machine, slice);
                }
                Left::Gone(message) => {
                    self.context.send(departure.port, message);
                    return Next::End(Outcome::Finished);
                }
            }
            let is_interrupted = slice.interrupts() != 0;
            // In the stress mode whatever may come in between is to come.
            if is_interrupted || slice.is_over() || self.state.heap.is_stressed() {
                self.phase = Phase::Leaving(departure);
                return if is_interrupted {
                    Next::Go
                } else {
                    Next::Expired
                };
            }
        }
    }
}
