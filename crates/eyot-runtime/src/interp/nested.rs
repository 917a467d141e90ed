//! Calls of Dart from native code that Dart has called.
//!
//! Such a call runs handlers on top of the native stack, so it cannot be left in the middle: when its slice is over it goes on, a
//! kill takes effect once it has returned, and a native that would suspend the isolate throws instead. Its frames lie on
//! the isolate's own stack behind a bottom frame of their own, at which unwinding stops; the collector walks through it.

use super::dispatch::{Exit, InternalOp, stub};
use super::frame::BOTTOM;
use super::machine::{Machine, native_stack};
use crate::native::{NativeCall, Root};
use crate::program::types::TypeArguments;
use crate::value::Value;

/// Why a call of Dart gave no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NestedError {
    /// It threw.
    Thrown,
    /// There was no memory, not even for an error.
    OutOfMemory,
    /// Native code and Dart have called each other so often that the native stack would not do.
    TooDeep,
}

/// Native stack that calls within calls may take: half of what threads have, since nobody knows what C needs.
const NATIVE_STACK_MAX: usize = 1 << 20;

/// Fuel of each stretch.
const FUEL: i64 = 1 << 16;

impl Machine {
    /// Calls a closure as a dynamic call would, with the native's frame on top, and runs it to its end.
    fn call_nested(&mut self, callee: Root, arguments: &[Root]) -> Result<Value, NestedError> {
        let here = native_stack();
        let outermost = *self.nested_base.get_or_insert(here);
        if outermost.abs_diff(here) > NATIVE_STACK_MAX {
            return Err(NestedError::TooDeep);
        }
        let (base, pc, fuel) = (self.base, self.pc, self.fuel);
        let roots = self.root_count();
        let native_base = self.native_base();
        let result = self.run_nested(callee, arguments, roots);
        self.base = base;
        self.pc = pc;
        self.fuel = fuel;
        self.set_native_base(native_base);
        if outermost == here {
            self.nested_base = None;
        }
        self.truncate_roots(roots);
        self.error = Value::NULL;
        self.trace = Value::NULL;
        if self.base < self.stack.limit() {
            self.stack_end = self.stack.limit();
        }
        result
    }

    fn run_nested(
        &mut self,
        callee: Root,
        arguments: &[Root],
        roots: usize,
    ) -> Result<Value, NestedError> {
        // SAFETY: the native's frame is on top; a bottom frame has no arguments, and its slots are filled here.
        unsafe {
            let bottom = self
                .push_frame(&BOTTOM.0, std::ptr::null(), 0)
                .ok_or(NestedError::Thrown)?;
            bottom.0.write_bytes(0, BOTTOM.0.frame_words as usize);
        }
        let values: Vec<Value> = arguments.iter().map(|&root| self.root(root)).collect();
        let callee = self.root(callee);
        self.pc = stub(InternalOp::Halt);
        self.set_tail_call(callee, TypeArguments::EMPTY, &values, &[]);
        let mut exit = match self.begin_tail_call(stub(InternalOp::Halt)) {
            Ok(()) => Exit::Continue,
            Err(exit) => exit,
        };
        loop {
            exit = match exit {
                Exit::Finished => return Ok(Value::from_bits(self.result)),
                Exit::Uncaught => return Err(NestedError::Thrown),
                Exit::Fatal => return Err(NestedError::OutOfMemory),
                Exit::Yielded | Exit::Continue => {
                    self.fuel = FUEL;
                    self.run_handlers()
                }
                Exit::Pending => match self.refuse_to_wait(roots) {
                    Ok(()) => Exit::Continue,
                    Err(exit) => exit,
                },
            };
        }
    }

    /// In place of waiting for its job the native on top throws.
    fn refuse_to_wait(&mut self, roots: usize) -> Result<(), Exit> {
        self.drop_job();
        let message = "not supported yet: waiting in a function that native code has called";
        let result = NativeCall::new(self).throw_unsupported(message);
        self.end_native(roots, result)
    }
}

impl NativeCall<'_> {
    /// Calls a closure as a dynamic call would, and runs it to its end, whatever time it takes: for native code that this native has
    /// called and that calls back. What it throws is lost.
    pub fn call_nested(&mut self, callee: Root, arguments: &[Root]) -> Result<Value, NestedError> {
        self.machine().call_nested(callee, arguments)
    }
}
