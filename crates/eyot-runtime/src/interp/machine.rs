//! The machine: what a worker lends to the isolate that it runs.
//!
//! It has the stack, the interpreter's registers between runs of handlers, caches that need no sharing, and what natives
//! leave behind. While no isolate is loaded it refers to nothing. An isolate that is not running for long has its frames
//! copied out ([`Machine::park`]) and owns no stack at all.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use eyot_bytecode::module::{ClassId, FunctionId, Rep, ShapeId};
use eyot_bytecode::well_known::class;

use super::dispatch::{Exit, InternalOp, Regs, stub};
use super::frame::{BOTTOM, Frame, Stack, link_word};
use super::raise::Raise;
use super::state::{IsolateState, Parked};
use crate::heap::{Allocated, Heap, HeapLimit, RootVisitor, Roots};
use crate::native::{Job, NativeCall, NativeResult, Raised, Return, Root};
use crate::object::{self, ObjRef, slot};
use crate::program::Program;
use crate::program::entry::FunctionEntry;
use crate::program::lookup::{Dispatch, NoDispatch};
use crate::program::shape::Signature;
use crate::program::types::{TypeArguments, TypeRef};
use crate::value::Value;

/// Bytes of frames an isolate may have: Dart's StackOverflowError comes beyond.
pub const STACK_BYTES: usize = 64 << 20;

/// Decides how long an isolate runs: asked when the fuel it gave is used up.
pub trait SliceClock {
    /// Fuel (calls and backward jumps) for the next stretch; 0 ends the slice.
    fn refuel(&mut self) -> i64;

    /// Fuel that is left from the run before: the clock is asked for more only when it is used up.
    fn left(&self) -> i64 {
        0
    }
}

/// A clock that gives so much fuel each time and never ends the slice.
pub struct Unlimited(pub i64);

impl SliceClock for Unlimited {
    fn refuel(&mut self) -> i64 {
        self.0
    }
}

/// What is around an isolate while it runs.
pub struct Environment<'a> {
    /// For natives of whoever runs the isolate; see [`NativeCall::host`].
    pub host: &'a mut dyn Any,
    /// How long to run.
    pub clock: &'a mut dyn SliceClock,
    /// Not zero: yield at the next safepoint at which the fuel is looked at (the owner looks at the reason).
    pub interrupt: &'a AtomicU32,
}

/// How a run ended.
#[derive(Debug)]
pub enum Status {
    /// The activation returned this value (boxed if its result is raw).
    Finished(Value),
    /// Nobody caught the error; the trace may be null.
    Uncaught {
        /// What was thrown.
        error: Value,
        /// Where.
        trace: Value,
    },
    /// The slice is over, or somebody has interrupted: [`Machine::resume`] goes on.
    Yielded,
    /// A native waits for its job: [`Machine::complete`] goes on.
    Pending(Job),
    /// The program cannot go on, and not even an error could be made for it: out of memory.
    OutOfMemory,
}

/// A call that a native asked for as its result.
pub(crate) enum TailCall {
    Call {
        targs: TypeArguments,
        positional: usize,
        names: Box<[crate::program::types::Name]>,
        /// Callee, positional, named arguments.
        values: Vec<Value>,
    },
    Resume {
        suspension: Value,
        value: Value,
        /// The value is an error, and this its trace.
        trace: Option<Value>,
    },
}

/// Where the core's list iterator keeps its fields; all 0 if the core has none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct IteratorWords {
    pub(crate) list: u16,
    pub(crate) length: u16,
    pub(crate) index: u16,
    pub(crate) current: u16,
}

impl Program {
    fn iterator_words(&self) -> IteratorWords {
        *self.iterator_words.get_or_init(|| {
            let word = |name| {
                self.field_word(class::LIST_ITERATOR, name)
                    .map(|word| word as u16)
            };
            match (
                word("_list"),
                word("_length"),
                word("_index"),
                word("_current"),
            ) {
                (Some(list), Some(length), Some(index), Some(current)) => IteratorWords {
                    list,
                    length,
                    index,
                    current,
                },
                _ => IteratorWords::default(),
            }
        })
    }
}

const LOOKUPS: usize = 1024;
pub(crate) const TYPE_TESTS: usize = 1024;
pub(crate) const INSTANTIATIONS: usize = 512;

/// A cached answer of a lookup: key 0 is empty.
#[derive(Clone, Copy, Default)]
struct Lookup {
    key: u64,
    answer: u64,
}

#[inline(always)]
fn lookup_key(of: ClassId, shape: ShapeId) -> u64 {
    u64::from(of.0) << 32 | u64::from(shape.0)
}

#[inline(always)]
fn lookup_index(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize % LOOKUPS
}

/// Caches by direct mapping, owned by one worker; emptied when another group's isolate comes.
pub(crate) struct Caches {
    /// The number of the program (0: none), not its address: the next program may be where an ended one was.
    owner: u64,
    lookups: [Lookup; LOOKUPS],
    /// Class and vector; type and answer. Key 0 is empty (class 0 has no instances).
    pub(crate) type_tests: [(u64, u64); TYPE_TESTS],
    /// The vector of a list that was found to take anything: most lists that are checked at all have this one.
    pub(crate) top_vector: u32,
    /// Template and class vector; function vector and result. The template is counted from 1.
    pub(crate) instantiations: [(u64, u64); INSTANTIATIONS],
}

impl Caches {
    /// Empty ones for a program. Those of no program are: their memory stays untouched until it is used.
    fn begin(&mut self, owner: u64) {
        let before = std::mem::replace(&mut self.owner, owner);
        if before != 0 {
            self.lookups = [Lookup::default(); LOOKUPS];
            self.type_tests = [(0, 0); TYPE_TESTS];
            self.top_vector = 0;
            self.instantiations = [(0, 0); INSTANTIATIONS];
        }
    }
}

/// The machine; see the module.
#[repr(C)]
pub struct Machine {
    // ---- what handlers read all the time
    pub(crate) stack_end: *mut u64,
    pub(crate) heap: *mut Heap,
    pub(crate) entries: *const FunctionEntry,
    pub(crate) inline_caches: *const std::sync::atomic::AtomicU64,
    pub(crate) consts: *const std::sync::atomic::AtomicU64,
    pub(crate) shape_signatures: *const AtomicU32,
    pub(crate) instances: *const u32,
    pub(crate) iterator_words: IteratorWords,
    pub(crate) isolate: *mut IsolateState,
    pub(crate) program: *const Program,
    // ---- registers between runs of handlers
    pub(crate) pc: *const u64,
    pub(crate) base: *mut u64,
    pub(crate) fuel: i64,
    /// Result of a native, as bits of the function's representation.
    pub(crate) result: u64,
    // ---- roots beside the frames
    roots: Vec<Value>,
    pub(crate) raise: Option<Raise>,
    pub(crate) tail_call: Option<TailCall>,
    /// Error and trace while an exception unwinds, then what was not caught.
    pub(crate) error: Value,
    pub(crate) trace: Value,
    /// What `resumed` takes, and whether it throws it.
    pub(crate) resumed: Value,
    pub(crate) resumed_trace: Option<Value>,
    // ---- the rest
    job: Option<Job>,
    /// The stack has been used to its limit since it was empty.
    pub(crate) has_overflowed: bool,
    native_base: usize,
    /// Where the native stack was at the outermost call from native code that is under way.
    pub(super) nested_base: Option<usize>,
    /// Most native stack seen in use by handlers.
    pub(crate) native_growth: usize,
    environment: Option<EnvironmentPointers>,
    pub(crate) caches: Box<Caches>,
    pub(crate) stack: Stack,
}

struct EnvironmentPointers {
    host: *mut dyn Any,
    clock: *mut dyn SliceClock,
    interrupt: *const AtomicU32,
}

// SAFETY: between runs a machine refers to no isolate and no environment; what it owns is not tied to a thread.
unsafe impl Send for Machine {}

impl Machine {
    /// A machine whose stack takes so many bytes.
    pub fn new(stack_bytes: usize) -> Machine {
        let stack = Stack::new(stack_bytes / 8);
        Machine {
            stack_end: stack.limit(),
            heap: std::ptr::null_mut(),
            entries: std::ptr::null(),
            inline_caches: std::ptr::null(),
            consts: std::ptr::null(),
            shape_signatures: std::ptr::null(),
            instances: std::ptr::null(),
            iterator_words: IteratorWords::default(),
            isolate: std::ptr::null_mut(),
            program: std::ptr::null(),
            pc: std::ptr::null(),
            base: std::ptr::null_mut(),
            fuel: 0,
            result: 0,
            roots: Vec::new(),
            raise: None,
            tail_call: None,
            error: Value::NULL,
            trace: Value::NULL,
            resumed: Value::NULL,
            resumed_trace: None,
            job: None,
            has_overflowed: false,
            native_base: 0,
            nested_base: None,
            native_growth: 0,
            environment: None,
            // SAFETY: zero bytes are empty caches of no program.
            caches: unsafe { Box::new_zeroed().assume_init() },
            stack,
        }
    }

    // ---- running

    /// Calls a function with tagged arguments (unboxed where it wants them raw) and no type arguments, and runs.
    pub fn call(
        &mut self,
        isolate: &mut IsolateState,
        environment: &mut Environment<'_>,
        function: FunctionId,
        arguments: &[Value],
    ) -> Status {
        self.load(isolate, environment);
        let entry = isolate.program.entry(function);
        self.start(entry.map_or(Rep::Tagged, |entry| entry.result));
        if entry
            .and_then(|entry| self.push_entry(entry, arguments))
            .is_none()
        {
            self.unload();
            return Status::OutOfMemory;
        }
        self.go()
    }

    /// Calls a closure (or an object with a `call` method) as a dynamic call would, and runs.
    pub fn call_closure(
        &mut self,
        isolate: &mut IsolateState,
        environment: &mut Environment<'_>,
        callee: Value,
        positional: &[Value],
    ) -> Status {
        self.load(isolate, environment);
        self.start(Rep::Tagged);
        self.set_tail_call(callee, TypeArguments::EMPTY, positional, &[]);
        match self.begin_tail_call(stub(InternalOp::Halt)) {
            Ok(()) => self.go(),
            Err(exit) => self.status(exit),
        }
    }

    /// Goes on after [`Status::Yielded`].
    pub fn resume(
        &mut self,
        isolate: &mut IsolateState,
        environment: &mut Environment<'_>,
    ) -> Status {
        self.load(isolate, environment);
        self.unpark();
        self.go()
    }

    /// Goes on after [`Status::Pending`]: `native` ends the call that the waiting native left open.
    pub fn complete(
        &mut self,
        isolate: &mut IsolateState,
        environment: &mut Environment<'_>,
        native: impl FnOnce(&mut NativeCall<'_>) -> NativeResult,
    ) -> Status {
        self.load(isolate, environment);
        self.unpark();
        let result = native(&mut NativeCall::new(self));
        match self.end_native(0, result) {
            Ok(()) => self.go(),
            Err(exit) => self.status(exit),
        }
    }

    /// Copies the isolate's frames out of the machine, which is then free for another isolate.
    pub fn park(&mut self, isolate: &mut IsolateState) {
        if self.base.is_null() {
            return;
        }
        // SAFETY: a top frame is there, and its words end inside the stack.
        let words = unsafe {
            let start = self.stack.start();
            let end = self.base.add(Frame(self.base).entry().frame_words as usize);
            std::slice::from_raw_parts(start, end.offset_from_unsigned(start)).into()
        };
        // SAFETY: the base lies in the stack.
        let base = unsafe { self.base.offset_from_unsigned(self.stack.start()) };
        isolate.parked = Some(Box::new(Parked {
            words,
            base,
            pc: self.pc,
            values: std::mem::take(&mut self.roots),
        }));
        self.forget();
    }

    /// What is left of the fuel that the clock gave last: it was not used in the run that has ended.
    pub fn unused_fuel(&self) -> i64 {
        self.fuel.max(0)
    }

    /// Drops the frames of an isolate that will not go on.
    pub fn forget(&mut self) {
        self.base = std::ptr::null_mut();
        self.pc = std::ptr::null();
        self.roots.clear();
        self.error = Value::NULL;
        self.trace = Value::NULL;
        self.resumed = Value::NULL;
        self.resumed_trace = None;
        self.stack_end = self.stack.limit();
        let has_more = self.raise.is_some() | self.tail_call.is_some() | self.job.is_some();
        if has_more | self.has_overflowed {
            self.forget_unfinished();
        }
    }

    /// What only a run leaves that was broken off, or has recursed to the limit.
    #[cold]
    fn forget_unfinished(&mut self) {
        self.raise = None;
        self.tail_call = None;
        self.job = None;
        if std::mem::take(&mut self.has_overflowed) {
            self.stack.release();
        }
    }

    fn unpark(&mut self) {
        // SAFETY: loaded.
        let Some(mut parked) = (unsafe { (*self.isolate).parked.take() }) else {
            return;
        };
        let start = self.stack.start();
        // SAFETY: the words came from a stack of this size or smaller; only the machine refers to it.
        unsafe {
            std::ptr::copy_nonoverlapping(parked.words.as_ptr(), start, parked.words.len());
            self.base = start.add(parked.base);
        }
        self.pc = parked.pc;
        self.roots = std::mem::take(&mut parked.values);
    }

    fn load(&mut self, isolate: &mut IsolateState, environment: &mut Environment<'_>) {
        if self.caches.owner != isolate.program.number {
            self.begin_program(&isolate.program);
        }
        self.program = Arc::as_ptr(&isolate.program);
        self.heap = &raw mut isolate.heap;
        self.isolate = isolate;
        // SAFETY: the lifetimes end with `unload`, which every way out of the public methods passes.
        let (host, clock) = unsafe {
            (
                std::mem::transmute::<*mut dyn Any, *mut (dyn Any + 'static)>(environment.host),
                std::mem::transmute::<*mut dyn SliceClock, *mut (dyn SliceClock + 'static)>(
                    environment.clock,
                ),
            )
        };
        self.environment = Some(EnvironmentPointers {
            host,
            clock,
            interrupt: environment.interrupt,
        });
        // Without any, the first call or backward jump asks the clock.
        self.fuel = environment.clock.left();
    }

    /// Another program than that of the run before. Its tables stay where they are.
    #[cold]
    fn begin_program(&mut self, program: &Program) {
        self.caches.begin(program.number);
        self.entries = program.entries.start();
        self.inline_caches = program.caches.as_ptr();
        self.consts = program.consts.as_ptr();
        self.shape_signatures = program.shape_signatures.as_ptr();
        self.instances = program.instances.as_ptr();
        self.iterator_words = program.iterator_words();
    }

    fn unload(&mut self) {
        self.environment = None;
        self.isolate = std::ptr::null_mut();
        self.heap = std::ptr::null_mut();
        self.program = std::ptr::null();
    }

    /// The bottom frame, for an activation with that result.
    fn start(&mut self, result: Rep) {
        // The last run's end has forgotten it, unless it was left in the middle.
        if !self.base.is_null() {
            self.forget();
        }
        let bottom = Frame(self.stack.bottom());
        // SAFETY: the bottom of the stack has room for this frame.
        unsafe {
            bottom.set_header(std::ptr::null(), 0, &BOTTOM.0);
            bottom.0.write(0);
            bottom.0.add(1).write(0);
            bottom.0.add(2).write(rep_number(result));
        }
        self.base = bottom.0;
        self.pc = stub(InternalOp::Halt);
    }

    fn push_entry(&mut self, entry: &FunctionEntry, arguments: &[Value]) -> Option<()> {
        let result_slot = usize::from(entry.result != Rep::Tagged);
        let mut values = arguments.iter().copied();
        // SAFETY: a fresh stack.
        let frame = unsafe { self.push_frame(entry, stub(InternalOp::Halt), result_slot)? };
        let function = entry.function();
        if entry.nraw == 0
            && usize::from(entry.nref) == arguments.len()
            && function.params.len() == arguments.len()
        {
            for (index, value) in values.enumerate() {
                // SAFETY: all parameters are tagged, and in the frame's first slots.
                unsafe { *frame.0.add(index) = value.bits() };
            }
            return Some(());
        }
        let tagged = function
            .params
            .iter()
            .filter(|p| p.rep == Rep::Tagged)
            .count();
        let mut next = [0, 0];
        if usize::from(entry.nref) > tagged {
            next[0] = 1;
        }
        let mut place = |rep: Rep, value: Value| {
            let raw = usize::from(rep != Rep::Tagged);
            let index = next[raw] + if raw == 1 { usize::from(entry.refs) } else { 0 };
            next[raw] += 1;
            // SAFETY: parameters have slots in the frame.
            unsafe { *frame.0.add(index) = to_rep(value, rep) };
        };
        for param in &function.params {
            place(param.rep, values.next().unwrap_or(Value::NULL));
        }
        Some(())
    }

    /// Runs handlers until something ends the run.
    fn go(&mut self) -> Status {
        let exit = self.run_handlers();
        self.status(exit)
    }

    /// Runs handlers until one of them ends the run. They end with [`Exit::Continue`] after each instruction where the
    /// build does not make them jump to one another, and when the native stack has grown although it does.
    pub(super) fn run_handlers(&mut self) -> Exit {
        let mut regs = self.registers();
        self.native_base = native_stack();
        loop {
            // SAFETY: the machine is loaded and its registers are those of a safepoint.
            let exit = unsafe {
                regs.reload();
                #[cfg(feature = "trace")]
                super::trace::instruction(&regs);
                let handler = *regs.table.add(usize::from(*regs.pc.cast::<u16>()));
                regs.go(handler.0)
            };
            if exit != Exit::Continue {
                return exit;
            }
        }
    }

    /// Whether handlers have called each other where they should have jumped. It costs stack, so the run starts anew.
    pub(crate) fn native_stack_grew(&mut self) -> bool {
        let grown = self.native_base.abs_diff(native_stack());
        self.native_growth = self.native_growth.max(grown);
        grown > NATIVE_GROWTH_MAX
    }

    fn registers(&mut self) -> Regs {
        Regs {
            pc: self.pc,
            base: self.base,
            table: super::ops::TABLE.as_ptr(),
            fuel: self.fuel,
            m: self,
        }
    }

    fn status(&mut self, exit: Exit) -> Status {
        let status = match exit {
            Exit::Finished => Status::Finished(Value::from_bits(self.result)),
            Exit::Uncaught => Status::Uncaught {
                error: self.error,
                trace: self.trace,
            },
            Exit::Yielded | Exit::Continue => Status::Yielded,
            Exit::Pending => match self.job.take() {
                Some(job) => Status::Pending(job),
                None => Status::Yielded,
            },
            Exit::Fatal => Status::OutOfMemory,
        };
        if matches!(exit, Exit::Finished | Exit::Uncaught | Exit::Fatal) {
            self.forget();
        }
        self.unload();
        status
    }

    /// The saved instruction runs again, at once if there is fuel.
    pub(super) fn run_again(&mut self) -> Result<(), Exit> {
        if self.fuel <= 0 {
            self.fuel = self.refuel();
        }
        match self.fuel > 0 {
            true => Ok(()),
            false => Err(Exit::Yielded),
        }
    }

    /// Fuel for the next stretch; 0 to yield.
    pub(crate) fn refuel(&mut self) -> i64 {
        let Some(environment) = &self.environment else {
            return 0;
        };
        // SAFETY: the environment outlives the run.
        unsafe {
            if (*environment.interrupt).load(Ordering::Acquire) != 0 || (*self.heap).is_slice_due()
            {
                return 0;
            }
            (*environment.clock).refuel().max(0)
        }
    }

    // ---- frames

    /// The top frame.
    #[inline(always)]
    pub(crate) fn frame(&self) -> Frame {
        Frame(self.base)
    }

    /// Puts a frame on top, its tagged slots null, and makes it current at the start of its code. `None` if the stack has no room.
    ///
    /// # Safety
    /// The machine has a top frame; the caller fills in the arguments before the next safepoint.
    pub(crate) unsafe fn push_frame(
        &mut self,
        entry: &FunctionEntry,
        return_pc: *const u64,
        result_slot: usize,
    ) -> Option<Frame> {
        // SAFETY: the header of the top frame; room is checked before anything is written.
        unsafe {
            let delta = self.frame().entry().callee_delta();
            let frame = Frame(self.base.add(delta));
            if frame.0.wrapping_add(entry.frame_words as usize) > self.stack_end {
                return None;
            }
            frame.set_header(return_pc, link_word(delta, result_slot), entry);
            // Four words at once: what is written too far are raw slots, or words behind the frame.
            let mut index = 0;
            while index < usize::from(entry.refs) {
                frame.0.add(index).cast::<[u64; 4]>().write([0; 4]);
                index += 4;
                object::keep_loop();
            }
            self.base = frame.0;
            self.pc = entry.code.load(Ordering::Acquire);
            Some(frame)
        }
    }

    /// Leaves the top frame with a result for the caller's slot.
    ///
    /// # Safety
    /// The top frame is not the bottom one.
    pub(crate) unsafe fn pop_frame(&mut self, result: u64) {
        let frame = self.frame();
        // SAFETY: the header of a frame.
        unsafe {
            self.pc = frame.return_pc();
            self.base = self.base.sub(frame.caller_delta());
            *self.base.add(frame.result_slot()) = result;
        }
    }

    pub(crate) fn frame_ref(&self, index: usize) -> Value {
        let frame = self.frame();
        // SAFETY: natives run with a frame on top; the index is checked.
        unsafe {
            if index >= usize::from(frame.entry().refs) {
                return Value::NULL;
            }
            Value::from_bits(*frame.0.add(index))
        }
    }

    pub(crate) fn set_frame_ref(&mut self, index: usize, value: Value) {
        let frame = self.frame();
        // SAFETY: as above.
        unsafe {
            if index < usize::from(frame.entry().refs) {
                *frame.0.add(index) = value.bits();
            }
        }
    }

    pub(crate) fn frame_raw(&self, index: usize) -> u64 {
        let frame = self.frame();
        // SAFETY: as above.
        unsafe {
            let entry = frame.entry();
            if index >= usize::from(entry.raws) {
                return 0;
            }
            *frame.0.add(usize::from(entry.refs) + index)
        }
    }

    // ---- natives

    /// Runs the native of the top frame; `Err` if the run ends.
    #[inline(always)]
    pub(crate) fn run_native(&mut self) -> Result<(), Exit> {
        // SAFETY: the handler's frame.
        let entry = unsafe { self.frame().entry() };
        let roots = self.roots.len();
        let result = match entry.native {
            Some(native) => native(&mut NativeCall::new(self)),
            None => self.refuse_native(),
        };
        // Most natives give a result and have kept nothing.
        if result == Ok(Return::Done) && self.roots.len() == roots {
            // SAFETY: the native's own frame.
            unsafe { self.pop_frame(self.result) };
            return Ok(());
        }
        self.end_native(roots, result)
    }

    #[cold]
    fn refuse_native(&mut self) -> NativeResult {
        // SAFETY: the handler's frame.
        let function = unsafe { self.frame().entry() }.function();
        let name = function.native.unwrap_or(function.name);
        let name = self.program_ref().modules.string(name).to_owned();
        NativeCall::new(self).throw_unsupported(&format!("not supported yet: native {name}"))
    }

    #[inline(never)]
    pub(super) fn end_native(&mut self, roots: usize, result: NativeResult) -> Result<(), Exit> {
        if result != Ok(Return::Pending) {
            self.roots.truncate(roots);
        }
        match result {
            Ok(Return::Done) => {
                // SAFETY: the native's own frame.
                unsafe { self.pop_frame(self.result) };
                Ok(())
            }
            Ok(Return::Pending) => Err(Exit::Pending),
            Ok(Return::TailCall) => self.begin_tail_call(self.pc.wrapping_add(1)),
            Err(Raised(())) => self.deliver(),
        }
    }

    pub(crate) fn set_raise(&mut self, raise: Raise) -> Raised {
        self.raise = Some(raise);
        Raised(())
    }

    pub(crate) fn set_job(&mut self, job: Job) {
        self.job = Some(job);
    }

    /// Drops the job that a native left: nobody will do it.
    pub(super) fn drop_job(&mut self) {
        self.job = None;
    }

    /// Where the native stack was when the run of handlers began.
    pub(super) fn native_base(&self) -> usize {
        self.native_base
    }

    /// For the run around a nested one, which goes on.
    pub(super) fn set_native_base(&mut self, base: usize) {
        self.native_base = base;
    }

    pub(crate) fn set_tail_call(
        &mut self,
        callee: Value,
        targs: TypeArguments,
        positional: &[Value],
        named: &[(&str, Value)],
    ) {
        let program = self.program_ref();
        let mut sorted: Vec<&(&str, Value)> = named.iter().collect();
        sorted.sort_by_key(|(name, _)| *name);
        let mut values = vec![callee];
        values.extend_from_slice(positional);
        values.extend(sorted.iter().map(|(_, value)| *value));
        // A name that the program does not have fits no parameter.
        let names = sorted.iter().map(|(name, _)| {
            let name = program.modules.find_name(name);
            name.unwrap_or(crate::program::types::Name(u32::MAX))
        });
        self.tail_call = Some(TailCall::Call {
            targs,
            positional: positional.len(),
            names: names.collect(),
            values,
        });
    }

    /// Begins the call that a native asked for; its result comes to the native's slot 0, at `return_pc`.
    pub(super) fn begin_tail_call(&mut self, return_pc: *const u64) -> Result<(), Exit> {
        match self.tail_call.take() {
            None => self.raise_now("_throwStateError", ["no call to go on with".into()]),
            Some(TailCall::Resume {
                suspension,
                value,
                trace,
            }) => self.begin_resume(suspension, value, trace),
            Some(TailCall::Call {
                targs,
                positional,
                names,
                values,
            }) => {
                let program = self.program_ref();
                let type_args = program.types.elements(targs).len() as u16;
                let signature = Signature {
                    type_args,
                    positional: vec![Rep::Tagged; positional].into(),
                    named: names.iter().map(|&name| (name, Rep::Tagged)).collect(),
                    result: Rep::Tagged,
                };
                let target = program
                    .made_shape(None, signature, true)
                    .and_then(|shape| self.closure_target(values[0], shape).ok())
                    .and_then(|target| program.entry(target));
                let Some(target) = target else {
                    return self.raise_now("_throwUnsupported", ["too many functions".into()]);
                };
                // SAFETY: on top of the native's frame; the arguments are filled in at once.
                let frame = unsafe { self.push_frame(target, return_pc, 0) };
                let Some(frame) = frame else {
                    return self.raise_now("_throwStackOverflow", []);
                };
                // SAFETY: the target has the shape's arguments: tagged ones, and a vector if there is one.
                unsafe {
                    for (index, value) in values.iter().enumerate() {
                        *frame.0.add(index) = value.bits();
                    }
                    if type_args > 0 {
                        *frame.0.add(usize::from(target.refs)) = targs.0.into();
                    }
                }
                Ok(())
            }
        }
    }

    /// What calling a value does.
    pub(crate) fn closure_target(
        &mut self,
        callee: Value,
        shape: ShapeId,
    ) -> Result<FunctionId, NoDispatch> {
        let program = self.program_ref();
        let of = object::class_of(callee);
        match ObjRef::of(callee) {
            Some(closure) if of == class::CLOSURE => {
                // SAFETY: the layout of closures.
                let function = unsafe { closure.word(slot::CLOSURE_FUNCTION) } as u32;
                program.dispatch_closure(FunctionId(function), shape)
            }
            _ => match program.dispatch_callable(of, shape)? {
                Dispatch::Function(id) => Ok(id),
                _ => Err(NoDispatch),
            },
        }
    }

    /// What the worker's cache says that a virtual call does, packed; 0 if it does not know.
    #[inline(always)]
    pub(crate) fn known_target(&self, of: ClassId, shape: ShapeId) -> u64 {
        let key = lookup_key(of, shape);
        let place = &self.caches.lookups[lookup_index(key)];
        match place.key == key {
            true => place.answer,
            false => 0,
        }
    }

    /// What a virtual call does: the worker's cache, then the program.
    pub(crate) fn virtual_target(
        &mut self,
        of: ClassId,
        shape: ShapeId,
    ) -> Result<Dispatch, NoDispatch> {
        if let Some(known) = Dispatch::unpack(self.known_target(of, shape)) {
            return Ok(known);
        }
        let key = lookup_key(of, shape);
        // SAFETY: loaded.
        let program = unsafe { &*self.program };
        let dispatch = program.dispatch(of, shape)?;
        // Caches may name an entry only when it is linked.
        if let Dispatch::Function(id) = dispatch {
            program.entry(id).ok_or(NoDispatch)?;
        }
        self.caches.lookups[lookup_index(key)] = Lookup {
            key,
            answer: dispatch.pack(),
        };
        Ok(dispatch)
    }

    pub(crate) fn host(&mut self) -> &mut dyn Any {
        match &self.environment {
            // SAFETY: the environment outlives the run, and natives run one at a time.
            Some(environment) => unsafe { &mut *environment.host },
            None => &mut self.job,
        }
    }

    /// The program of the isolate that runs.
    #[inline]
    pub(crate) fn program_ref<'a>(&self) -> &'a Program {
        // SAFETY: loaded; the isolate holds the program as long as it runs.
        unsafe { &*self.program }
    }

    /// The heap of the isolate that runs.
    #[inline]
    pub(crate) fn isolate_state(&mut self) -> &mut IsolateState {
        // SAFETY: natives run only while an isolate is loaded, and it is theirs meanwhile.
        unsafe { &mut *self.isolate }
    }

    pub(crate) fn heap(&mut self) -> &mut Heap {
        // SAFETY: loaded.
        unsafe { &mut *self.heap }
    }

    // ---- roots

    pub(crate) fn push_root(&mut self, value: Value) -> Root {
        self.roots.push(value);
        Root(self.roots.len() - 1)
    }

    pub(crate) fn root(&self, root: Root) -> Value {
        self.roots.get(root.0).copied().unwrap_or(Value::NULL)
    }

    pub(crate) fn set_root(&mut self, root: Root, value: Value) {
        if let Some(place) = self.roots.get_mut(root.0) {
            *place = value;
        }
    }

    pub(crate) fn root_count(&self) -> usize {
        self.roots.len()
    }

    pub(crate) fn truncate_roots(&mut self, count: usize) {
        self.roots.truncate(count);
    }

    // ---- results of natives

    pub(crate) fn native_result_tagged(&mut self, value: Value) -> NativeResult {
        // SAFETY: natives run with their frame on top.
        let rep = unsafe { self.frame().entry() }.result;
        self.result = to_rep(value, rep);
        Ok(Return::Done)
    }

    pub(crate) fn native_result_int(&mut self, value: i64) -> NativeResult {
        // SAFETY: as above.
        match unsafe { self.frame().entry() }.result {
            Rep::Tagged => {
                let boxed = self.new_int(value)?;
                self.result = boxed.bits();
            }
            _ => self.result = value as u64,
        }
        Ok(Return::Done)
    }

    pub(crate) fn native_result_double(&mut self, value: f64) -> NativeResult {
        // SAFETY: as above.
        match unsafe { self.frame().entry() }.result {
            Rep::Tagged => {
                let boxed = self.new_double(value)?;
                self.result = boxed.bits();
            }
            _ => self.result = value.to_bits(),
        }
        Ok(Return::Done)
    }

    pub(crate) fn native_result_bool(&mut self, value: bool) -> NativeResult {
        // SAFETY: as above.
        self.result = match unsafe { self.frame().entry() }.result {
            Rep::Tagged => Value::bool(value).bits(),
            _ => value.into(),
        };
        Ok(Return::Done)
    }

    // ---- objects

    pub(crate) fn allocate_with<T>(
        &mut self,
        allocate: impl FnOnce(&mut Heap, &mut dyn Roots) -> Allocated<T>,
    ) -> Result<T, Raised> {
        let heap = self.heap;
        // SAFETY: loaded; the roots do not include the heap.
        let result = allocate(unsafe { &mut *heap }, self);
        result.map_err(|HeapLimit| {
            self.set_raise(Raise::Entry {
                name: "_throwOutOfMemory",
                arguments: Box::default(),
            })
        })
    }

    pub(crate) fn new_int(&mut self, value: i64) -> Result<Value, Raised> {
        self.allocate_with(|heap, roots| heap.box_int(value, roots))
    }

    pub(crate) fn new_double(&mut self, value: f64) -> Result<Value, Raised> {
        self.allocate_with(|heap, roots| heap.box_double(value, roots))
    }

    pub(crate) fn new_string(&mut self, text: &str) -> Result<Value, Raised> {
        self.allocate_with(|heap, roots| heap.new_string(text, roots))
    }

    pub(crate) fn new_string_latin1(&mut self, units: &[u8]) -> Result<Value, Raised> {
        self.allocate_with(|heap, roots| heap.new_one_byte_string(units, roots))
    }

    pub(crate) fn new_string_units(&mut self, units: &[u16]) -> Result<Value, Raised> {
        if units.iter().all(|&unit| unit < 0x100) {
            let bytes: Vec<u8> = units.iter().map(|&unit| unit as u8).collect();
            return self.new_string_latin1(&bytes);
        }
        self.allocate_with(|heap, roots| heap.new_two_byte_string(units, roots))
    }

    /// The full vector of a class from its own arguments; see [`NativeCall::new_instance`].
    fn full_targs(&mut self, of: ClassId, targs: TypeArguments) -> Result<TypeArguments, Raised> {
        self.full_vector(of, targs).map_err(|_| {
            self.set_raise(Raise::Entry {
                name: "_throwUnsupported",
                arguments: Box::new(["types nest too deeply".into()]),
            })
        })
    }

    pub(crate) fn new_list(&mut self, targs: TypeArguments, len: usize) -> Result<Value, Raised> {
        let targs = self.full_targs(class::FIXED_LIST, targs)?;
        self.allocate_with(|heap, roots| {
            heap.new_list(class::FIXED_LIST, len, targs.0.into(), roots)
        })
        .map(ObjRef::value)
    }

    pub(crate) fn new_growable(
        &mut self,
        targs: TypeArguments,
        capacity: usize,
    ) -> Result<Value, Raised> {
        let targs = self.full_targs(class::GROWABLE_LIST, targs)?;
        self.allocate_with(|heap, roots| heap.new_growable_list(capacity, targs.0.into(), roots))
            .map(ObjRef::value)
    }

    pub(crate) fn new_growable_of(
        &mut self,
        targs: TypeArguments,
        values: &[Root],
    ) -> Result<Value, Raised> {
        let list = self.new_growable(targs, values.len())?;
        if let Some(object) = ObjRef::of(list) {
            // SAFETY: the layout of growable lists; the backing has so many elements.
            unsafe { object.set_word(slot::LIST_LENGTH, values.len() as u64) };
        }
        for (index, &value) in values.iter().enumerate() {
            let value = self.root(value);
            self.list_set(list, index, value);
        }
        Ok(list)
    }

    pub(crate) fn new_instance(
        &mut self,
        of: ClassId,
        targs: TypeArguments,
    ) -> Result<Value, Raised> {
        let targs_word = self.program_ref().targs_word(of);
        let targs = match targs_word {
            0 => targs,
            _ => self.full_targs(of, targs)?,
        };
        let object = self.allocate_with(|heap, roots| heap.new_instance(of, roots))?;
        if targs_word > 0 {
            // SAFETY: fresh, and instances of generic classes have the vector in this word.
            unsafe { object.set_word(targs_word, targs.0.into()) };
        }
        Ok(object.value())
    }

    pub(crate) fn new_type(&mut self, ty: TypeRef) -> Result<Value, Raised> {
        Ok(self.program_ref().type_object(ty))
    }

    pub(crate) fn list_set(&mut self, list: Value, index: usize, value: Value) {
        let Some(object) = ObjRef::of(list) else {
            return;
        };
        // SAFETY: the layouts of the lists; the index is checked.
        unsafe {
            let (target, len) = match object.class() {
                class::FIXED_LIST => (Some(object), object.word(slot::LIST_LENGTH)),
                class::GROWABLE_LIST => (
                    ObjRef::of(object.field(slot::GROWABLE_BACKING)),
                    object.word(slot::LIST_LENGTH),
                ),
                _ => (None, 0),
            };
            if let Some(target) = target
                && (index as u64) < len
            {
                self.heap()
                    .store(target, slot::LIST_ELEMENTS + index, value);
            }
        }
    }

    /// Appends to a growable list; both may move.
    pub(crate) fn list_add(&mut self, list: Root, value: Root) -> Result<(), Raised> {
        let Some(object) = ObjRef::of(self.root(list)) else {
            return Ok(());
        };
        // SAFETY: the layout of growable lists.
        unsafe {
            if object.class() != class::GROWABLE_LIST {
                return Ok(());
            }
            let len = object.word(slot::LIST_LENGTH) as usize;
            self.reserve_list(list, len + 1)?;
            let Some(object) = ObjRef::of(self.root(list)) else {
                return Ok(());
            };
            object.set_word(slot::LIST_LENGTH, len as u64 + 1);
            let (list, value) = (self.root(list), self.root(value));
            self.list_set(list, len, value);
        }
        Ok(())
    }

    /// Makes room for so many elements in a growable list.
    pub(crate) fn reserve_list(&mut self, list: Root, wanted: usize) -> Result<(), Raised> {
        let object = |machine: &Machine| ObjRef::of(machine.root(list));
        // SAFETY: the layout of growable lists; objects are taken anew after the allocation.
        unsafe {
            let Some(before) = object(self) else {
                return Ok(());
            };
            let capacity = ObjRef::of(before.field(slot::GROWABLE_BACKING))
                .map_or(0, |backing| backing.word(slot::LIST_LENGTH) as usize);
            if capacity >= wanted {
                return Ok(());
            }
            let capacity = wanted.max(capacity * 2).max(4);
            let backing = self.new_list(TypeArguments::EMPTY, capacity)?;
            let (Some(after), Some(backing)) = (object(self), ObjRef::of(backing)) else {
                return Ok(());
            };
            let len = after.word(slot::LIST_LENGTH) as usize;
            if let Some(old) = ObjRef::of(after.field(slot::GROWABLE_BACKING)) {
                for (index, &value) in old.fields(slot::LIST_ELEMENTS, len).iter().enumerate() {
                    backing.init_field(slot::LIST_ELEMENTS + index, value);
                }
                self.heap().write_barrier_all(backing);
            }
            self.heap()
                .store(after, slot::GROWABLE_BACKING, backing.value());
        }
        Ok(())
    }

    pub(crate) fn field(&self, object: Value, word: usize) -> Value {
        match ObjRef::of(object) {
            // SAFETY: natives of the core libraries know their classes' layouts.
            Some(object) => unsafe { object.field(word) },
            None => Value::NULL,
        }
    }

    pub(crate) fn field_raw(&self, object: Value, word: usize) -> u64 {
        match ObjRef::of(object) {
            // SAFETY: as above.
            Some(object) => unsafe { object.word(word) },
            None => 0,
        }
    }

    pub(crate) fn set_field(&mut self, object: Value, word: usize, value: Value) {
        if let Some(object) = ObjRef::of(object) {
            // SAFETY: as above.
            unsafe { self.heap().store(object, word, value) };
        }
    }

    pub(crate) fn set_field_raw(&mut self, object: Value, word: usize, bits: u64) {
        if let Some(object) = ObjRef::of(object) {
            // SAFETY: as above.
            unsafe { object.set_word(word, bits) };
        }
    }
}

impl Roots for Machine {
    fn stop_soon(&mut self) {
        self.fuel = 0;
    }

    fn visit_roots(&mut self, visitor: &mut dyn RootVisitor) {
        if !self.base.is_null() {
            // SAFETY: the machine's own chain of frames, saved at this safepoint.
            unsafe { self.frame().visit_chain(visitor) };
        }
        visitor.visit_slice(&mut self.roots);
        visitor.visit(&mut self.error);
        visitor.visit(&mut self.trace);
        visitor.visit(&mut self.resumed);
        if let Some(trace) = &mut self.resumed_trace {
            visitor.visit(trace);
        }
        if let Some(raise) = &mut self.raise {
            raise.visit(visitor);
        }
        match &mut self.tail_call {
            Some(TailCall::Call { values, .. }) => visitor.visit_slice(values),
            Some(TailCall::Resume {
                suspension,
                value,
                trace,
            }) => {
                visitor.visit(suspension);
                visitor.visit(value);
                if let Some(trace) = trace {
                    visitor.visit(trace);
                }
            }
            None => {}
        }
        if !self.isolate.is_null() {
            // SAFETY: loaded; neither statics nor kept values are in use during a collection.
            unsafe {
                (*self.isolate).statics.visit(visitor);
                visitor.visit_slice(&mut (*self.isolate).kept);
            }
        }
    }
}

fn rep_number(rep: Rep) -> u64 {
    match rep {
        Rep::Tagged => 0,
        Rep::Int => 1,
        Rep::Double => 2,
        Rep::Bool => 3,
    }
}

impl Machine {
    /// How the result of the activation travels: kept in the spare slot of the bottom frame.
    ///
    /// # Safety
    /// The bottom frame is on top.
    pub(crate) unsafe fn result_rep(&self) -> Rep {
        // SAFETY: the caller's.
        match unsafe { *self.base.add(2) } {
            1 => Rep::Int,
            2 => Rep::Double,
            3 => Rep::Bool,
            _ => Rep::Tagged,
        }
    }
}

/// Native stack that handlers may take before a run starts anew; what they need is a fraction of it.
const NATIVE_GROWTH_MAX: usize = 64 << 10;

/// An address in the native stack frame of this call.
#[inline(never)]
pub(super) fn native_stack() -> usize {
    let here = 0u8;
    std::hint::black_box(&raw const here) as usize
}

/// A tagged value in a representation; what does not fit becomes zero.
pub(crate) fn to_rep(value: Value, rep: Rep) -> u64 {
    match rep {
        Rep::Tagged => value.bits(),
        Rep::Int => object::as_int(value).unwrap_or(0) as u64,
        Rep::Double => object::as_double(value).unwrap_or(0.0).to_bits(),
        Rep::Bool => u64::from(value == Value::TRUE),
    }
}
