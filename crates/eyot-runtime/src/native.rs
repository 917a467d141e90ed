//! Natives: Rust functions behind `external` members of the core libraries.
//!
//! A native is a plain function `fn(&mut NativeCall) -> NativeResult`, registered by name in a [`NativeTable`]. The
//! interpreter makes a frame for it like for any function, so its arguments lie in frame slots that the collector
//! knows and updates.
//!
//! # Arguments
//!
//! Tagged and raw arguments are counted apart, in the order of parameters that the bytecode has: receiver (or closure)
//! first, then the type arguments of a generic function or constructor (raw), then positional, then named parameters in the
//! order of their names. Non-nullable `int`, `double` and `bool` parameters are raw; everything else is tagged.
//! `String.substring(int start, int? end)` has receiver = `arg(0)`, `start` = `int(0)`, `end` = `arg(1)`.
//! A factory of a generic class gets the class's full type argument vector as `targs(0)`: it is raw argument 0.
//!
//! # Collections
//!
//! **Every method that takes `&mut self` and may allocate may also move every object.** A [`Value`] held in a Rust
//! variable is stale afterwards. Read arguments again with [`NativeCall::arg`], or keep a value in a [`Root`] (a
//! slot the collector updates, released when the native returns). Borrowed views ([`StringView`], slices) cannot be held across
//! an allocation: the borrow checker sees to it.
//!
//! # Results and errors
//!
//! A native ends with `cx.ret…(…)`, `cx.throw…(…)`, [`NativeCall::pending`] or [`NativeCall::tail_call`]. Results
//! are converted to the representation that the function declares. Errors are made by the core library's own
//! Dart functions. Allocating methods return `Result<_, Raised>`, so `?` passes an out-of-memory error on.
//!
//! # Example
//!
//! ```
//! use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
//!
//! /// `external String operator *(int times);`
//! fn string_repeat(cx: &mut NativeCall) -> NativeResult {
//!     let times = cx.int(0).max(0) as usize;
//!     let units = match cx.text(cx.arg(0)) {
//!         Some(text) => text.units().collect::<Vec<u16>>(),
//!         None => return cx.throw_argument(cx.arg(0), "this", "not a string"),
//!     };
//!     let repeated = units.repeat(times);
//!     let result = cx.new_string_units(&repeated)?;
//!     cx.ret(result)
//! }
//!
//! /// What the library hands to the runtime.
//! pub const NATIVES: &[(&str, NativeFn)] = &[("core/String.*", string_repeat)];
//! ```
//!
//! # What natives must not do
//!
//! Call Dart (use [`NativeCall::tail_call`] as the last act, or write the loop in Dart), block (return *pending*), or
//! panic.

use std::any::Any;

use eyot_bytecode::module::{ClassFlags, ClassId};
use rustc_hash::FxHashMap;

use crate::heap::{Allocated, Heap, Roots};
use crate::interp::machine::Machine;
use crate::interp::raise::{Raise, RaiseArgument};
use crate::object::{self, StringView};
use crate::program::types::{Type, TypeArguments, TypeRef};
use crate::value::Value;

/// A native function.
pub type NativeFn = fn(&mut NativeCall<'_>) -> NativeResult;

/// How a native ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// The result is set.
    Done,
    /// The isolate is suspended until its job is done; see [`NativeCall::pending`].
    Pending,
    /// The interpreter goes on with a call whose result becomes the native's.
    TailCall,
}

/// An error is on its way; the details are with the interpreter. Only the methods of [`NativeCall`] make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raised(pub(crate) ());

/// What a native returns.
pub type NativeResult = Result<Return, Raised>;

/// A slot that the collector knows, for values that have to survive an allocation. It is released when the native returns.
#[derive(Clone, Copy, Debug)]
pub struct Root(pub(crate) usize);

/// A value that an isolate keeps until it is released, across events: an open port's object, a timer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept(pub(crate) u32);

/// What an isolate waits for after a native returned *pending*: made and understood by whoever runs isolates.
pub type Job = Box<dyn Any + Send>;

/// Natives by name (`core/String.codeUnitAt`).
#[derive(Default)]
pub struct NativeTable {
    by_name: FxHashMap<&'static str, NativeFn>,
}

impl NativeTable {
    /// A table of these natives and the runtime's own. A later entry replaces an earlier one of the same name.
    pub fn new(slices: &[&[(&'static str, NativeFn)]]) -> NativeTable {
        let mut table = NativeTable::default();
        for slice in slices {
            table.extend(slice);
        }
        table.extend(crate::interp::natives::NATIVES);
        table
    }

    fn extend(&mut self, natives: &[(&'static str, NativeFn)]) {
        self.by_name.extend(natives.iter().copied());
    }

    /// The native of that name.
    pub fn get(&self, name: &str) -> Option<NativeFn> {
        self.by_name.get(name).copied()
    }
}

impl std::fmt::Debug for NativeTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NativeTable({} natives)", self.by_name.len())
    }
}

/// One call of a native: its arguments, the heap, and ways to end.
pub struct NativeCall<'m> {
    machine: &'m mut Machine,
}

impl<'m> NativeCall<'m> {
    /// The call whose frame is on top of the machine's stack.
    pub(crate) fn new(machine: &'m mut Machine) -> NativeCall<'m> {
        NativeCall { machine }
    }

    /// Whether the call needs no isolate: there is no event loop then.
    pub(crate) fn is_bound(&mut self) -> bool {
        self.machine.isolate_state().is_bound
    }

    /// The machine, for natives of the runtime itself.
    pub(crate) fn machine(&mut self) -> &mut Machine {
        self.machine
    }

    // ---- arguments

    /// Tagged argument `index`; null if there is none.
    #[inline]
    pub fn arg(&self, index: usize) -> Value {
        self.machine.frame_ref(index)
    }

    /// Raw argument `index` as an integer; 0 if there is none.
    #[inline]
    pub fn int(&self, index: usize) -> i64 {
        self.machine.frame_raw(index) as i64
    }

    /// Raw argument `index` as a double.
    #[inline]
    pub fn double(&self, index: usize) -> f64 {
        f64::from_bits(self.machine.frame_raw(index))
    }

    /// Raw argument `index` as a bool.
    #[inline]
    pub fn bool(&self, index: usize) -> bool {
        self.machine.frame_raw(index) != 0
    }

    /// Raw argument `index` as a type argument vector.
    #[inline]
    pub fn targs(&self, index: usize) -> TypeArguments {
        TypeArguments(self.machine.frame_raw(index) as u32)
    }

    /// Overwrites tagged argument `index`: argument slots serve as roots.
    #[inline]
    pub fn set_arg(&mut self, index: usize, value: Value) {
        self.machine.set_frame_ref(index, value);
    }

    // ---- roots

    /// Keeps a value across allocations.
    pub fn root(&mut self, value: Value) -> Root {
        self.machine.push_root(value)
    }

    /// The value in a root.
    pub fn get(&self, root: Root) -> Value {
        self.machine.root(root)
    }

    /// Replaces the value in a root.
    pub fn set(&mut self, root: Root, value: Value) {
        self.machine.set_root(root, value);
    }

    /// Keeps a value of the isolate until it is released, also when this call and its event are long over.
    pub fn keep(&mut self, value: Value) -> Kept {
        self.machine.isolate_state().keep(value)
    }

    /// The value kept.
    pub fn kept(&mut self, kept: Kept) -> Value {
        self.machine.isolate_state().kept(kept)
    }

    /// Keeps the value no longer, and gives it.
    pub fn release(&mut self, kept: Kept) -> Value {
        self.machine.isolate_state().release(kept)
    }

    // ---- the program

    /// The group's program.
    pub fn program(&mut self) -> std::sync::Arc<crate::program::Program> {
        self.machine.isolate_state().program.clone()
    }

    /// The function of a closure.
    pub fn closure_function(&self, value: Value) -> Option<eyot_bytecode::module::FunctionId> {
        object::closure_function(value)
    }

    // ---- reading values

    /// The class of a value.
    #[inline]
    pub fn class_of(&self, value: Value) -> ClassId {
        object::class_of(value)
    }

    /// Whether the value's class overrides `==` or `hashCode` somewhere below `Object`.
    pub fn has_custom_equality(&self, value: Value) -> bool {
        let class = self
            .machine
            .program_ref()
            .modules()
            .class(object::class_of(value));
        class.is_some_and(|class| class.flags.contains(ClassFlags::CUSTOM_EQUALITY))
    }

    /// The integer, if the value is one.
    pub fn as_int(&self, value: Value) -> Option<i64> {
        object::as_int(value)
    }

    /// The double, if the value is one (an integer is none).
    pub fn as_double(&self, value: Value) -> Option<f64> {
        object::as_double(value)
    }

    /// The string's code units, if the value is a string.
    #[inline]
    pub fn text(&self, value: Value) -> Option<StringView<'_>> {
        // SAFETY: the view borrows the call, and every method that may allocate borrows it mutably.
        unsafe { object::string_view(value) }
    }

    /// A copy of the string's text, if the value is a string.
    pub fn string(&self, value: Value) -> Option<String> {
        self.text(value).map(|text| text.to_text())
    }

    /// The elements of a VM list (`_List`, `_ImmutableList`, `_GrowableList`), if the value is one.
    #[inline]
    pub fn elements(&self, list: Value) -> Option<&[Value]> {
        // SAFETY: the slice borrows the call, and every method that may allocate borrows it mutably.
        unsafe { object::list_elements(list) }
    }

    /// Replaces an element of a VM list, with the write barrier; nothing out of bounds.
    #[inline]
    pub fn list_set(&mut self, list: Value, index: usize, value: Value) {
        self.machine.list_set(list, index, value);
    }

    /// Word `word` (0 is the header) of an object, a tagged field.
    #[inline]
    pub fn field(&self, object: Value, word: usize) -> Value {
        self.machine.field(object, word)
    }

    /// Word `word` of an object, a raw field.
    #[inline]
    pub fn field_raw(&self, object: Value, word: usize) -> u64 {
        self.machine.field_raw(object, word)
    }

    /// Writes a tagged field, with the write barrier.
    pub fn set_field(&mut self, object: Value, word: usize, value: Value) {
        self.machine.set_field(object, word, value);
    }

    /// Writes a raw field.
    pub fn set_field_raw(&mut self, object: Value, word: usize, bits: u64) {
        self.machine.set_field_raw(object, word, bits);
    }

    /// The heap itself, for what has no method here (blobs, weak references, identity hashes).
    pub fn heap(&mut self) -> &mut Heap {
        self.machine.heap()
    }

    /// Allocates with a method of the heap that has none here: `cx.allocate(|heap, roots| heap.new_typed_data(…, roots))`.
    /// Arguments and roots may move meanwhile.
    pub fn allocate<T>(
        &mut self,
        allocate: impl FnOnce(&mut Heap, &mut dyn Roots) -> Allocated<T>,
    ) -> Result<T, Raised> {
        self.machine.allocate_with(allocate)
    }

    // ---- types

    /// Whether a value is of a type; too deep a type counts as no.
    pub fn is_instance(&mut self, value: Value, ty: TypeRef) -> bool {
        self.machine.is_instance(value, ty).unwrap_or(false)
    }

    /// Element of a type argument vector; `dynamic` beyond its end.
    pub fn type_element(&self, vector: TypeArguments, index: usize) -> TypeRef {
        self.machine.program_ref().types().element(vector, index)
    }

    /// The class of a type, if it is that of a class's instances.
    pub fn class_of_type(&self, ty: TypeRef) -> Option<ClassId> {
        match self.machine.program_ref().types().get(ty) {
            Type::Interface(class, _) => Some(*class),
            _ => None,
        }
    }

    /// The full type argument vector of an instance; empty if its class is not generic.
    pub fn type_arguments_of(&self, value: Value) -> TypeArguments {
        match object::ObjRef::of(value) {
            // SAFETY: the value's own class.
            Some(instance) => unsafe {
                let of = instance.class();
                self.machine.program_ref().instance_vector(of, instance)
            },
            None => TypeArguments::EMPTY,
        }
    }

    /// A type as Dart prints it.
    pub fn type_name(&self, ty: TypeRef) -> String {
        self.machine.program_ref().type_name(ty)
    }

    /// Word of an instance field by name, for classes of the core libraries; look it up once and keep it.
    pub fn field_word(&self, of: ClassId, name: &str) -> Option<usize> {
        self.machine.program_ref().field_word(of, name)
    }

    // ---- making values; each may collect

    /// A tagged integer, boxed beyond 63 bits.
    pub fn new_int(&mut self, value: i64) -> Result<Value, Raised> {
        self.machine.new_int(value)
    }

    /// A boxed double.
    pub fn new_double(&mut self, value: f64) -> Result<Value, Raised> {
        self.machine.new_double(value)
    }

    /// A string from Rust text.
    pub fn new_string(&mut self, text: &str) -> Result<Value, Raised> {
        self.machine.new_string(text)
    }

    /// A string of code units up to U+00FF.
    pub fn new_string_latin1(&mut self, units: &[u8]) -> Result<Value, Raised> {
        self.machine.new_string_latin1(units)
    }

    /// A string of UTF-16 code units; stored as Latin-1 if all fit.
    pub fn new_string_units(&mut self, units: &[u16]) -> Result<Value, Raised> {
        self.machine.new_string_units(units)
    }

    /// A `_List` of nulls. `targs` as in [`NativeCall::new_instance`].
    pub fn new_list(&mut self, targs: TypeArguments, len: usize) -> Result<Value, Raised> {
        self.machine.new_list(targs, len)
    }

    /// An empty `_GrowableList` with room for `capacity` elements.
    pub fn new_growable(&mut self, targs: TypeArguments, capacity: usize) -> Result<Value, Raised> {
        self.machine.new_growable(targs, capacity)
    }

    /// A `_GrowableList` of these values, with no room for more.
    pub fn new_growable_of(
        &mut self,
        targs: TypeArguments,
        values: &[Root],
    ) -> Result<Value, Raised> {
        self.machine.new_growable_of(targs, values)
    }

    /// Appends to a `_GrowableList` held in a root (both may move).
    pub fn list_add(&mut self, list: Root, value: Root) -> Result<(), Raised> {
        self.machine.list_add(list, value)
    }

    /// An instance of a class; tagged fields null, raw ones 0. `targs` has the class's own type arguments, alone or as the
    /// end of a full vector; [`TypeArguments::EMPTY`] stands for `dynamic`, and for a class that is not generic.
    pub fn new_instance(&mut self, class: ClassId, targs: TypeArguments) -> Result<Value, Raised> {
        self.machine.new_instance(class, targs)
    }

    /// The `Type` object of a type.
    pub fn new_type(&mut self, ty: TypeRef) -> Result<Value, Raised> {
        self.machine.new_type(ty)
    }

    // ---- results

    /// Ends with a tagged value (unboxed if the function's result is raw).
    #[inline]
    pub fn ret(&mut self, value: Value) -> NativeResult {
        self.machine.native_result_tagged(value)
    }

    /// Ends with null.
    #[inline]
    pub fn ret_null(&mut self) -> NativeResult {
        self.ret(Value::NULL)
    }

    /// Ends with an integer (boxed if the function's result is tagged).
    #[inline]
    pub fn ret_int(&mut self, value: i64) -> NativeResult {
        self.machine.native_result_int(value)
    }

    /// Ends with a double (boxed if the function's result is tagged).
    #[inline]
    pub fn ret_double(&mut self, value: f64) -> NativeResult {
        self.machine.native_result_double(value)
    }

    /// Ends with a bool.
    #[inline]
    pub fn ret_bool(&mut self, value: bool) -> NativeResult {
        self.machine.native_result_bool(value)
    }

    // ---- errors

    /// `RangeError` for an index outside `0 .. len - 1`.
    pub fn throw_index(&mut self, index: i64, len: i64) -> NativeResult {
        self.raise("_throwRangeError", [index.into(), len.into()])
    }

    /// `RangeError` for a value outside `min ..= max`.
    pub fn throw_range(&mut self, value: i64, min: i64, max: i64, name: &str) -> NativeResult {
        self.raise(
            "_throwRange",
            [value.into(), min.into(), max.into(), name.into()],
        )
    }

    /// `ArgumentError.value`.
    pub fn throw_argument(&mut self, value: Value, name: &str, message: &str) -> NativeResult {
        self.raise(
            "_throwArgument",
            [RaiseArgument::Value(value), name.into(), message.into()],
        )
    }

    /// `ArgumentError` with a text alone.
    pub fn throw_argument_message(&mut self, message: &str) -> NativeResult {
        self.raise("_throwArgumentMessage", [message.into()])
    }

    /// `StateError`.
    pub fn throw_state(&mut self, message: &str) -> NativeResult {
        self.raise("_throwStateError", [message.into()])
    }

    /// `UnsupportedError`.
    pub fn throw_unsupported(&mut self, message: &str) -> NativeResult {
        self.raise("_throwUnsupported", [message.into()])
    }

    /// `TypeError` with a complete message.
    pub fn throw_type(&mut self, message: &str) -> NativeResult {
        self.raise("_throwTypeError", [message.into()])
    }

    /// `OutOfMemoryError`.
    pub fn throw_out_of_memory(&mut self) -> NativeResult {
        self.raise("_throwOutOfMemory", [])
    }

    /// Throws through the core function of that name, which never returns: `_throwStateError` and the like.
    /// The arguments are given in order and converted to the representations of its parameters.
    pub fn raise<const N: usize>(
        &mut self,
        entry: &'static str,
        arguments: [RaiseArgument; N],
    ) -> NativeResult {
        Err(self.machine.set_raise(Raise::Entry {
            name: entry,
            arguments: arguments.into(),
        }))
    }

    /// For a native that has done a part of what must be done first, and nothing that the program could see: it is left, and called again from
    /// its beginning when the isolate has had its fuel, so that others may run in between.
    pub fn again(&mut self) -> Raised {
        self.machine.set_raise(Raise::Again)
    }

    /// Throws a value; the stack trace is taken here.
    pub fn throw(&mut self, error: Value) -> NativeResult {
        Err(self.machine.set_raise(Raise::Value { error, trace: None }))
    }

    /// Throws a value with a stack trace.
    pub fn throw_with_trace(&mut self, error: Value, trace: Value) -> NativeResult {
        Err(self.machine.set_raise(Raise::Value {
            error,
            trace: Some(trace),
        }))
    }

    // ---- other ends

    /// Suspends the isolate until whoever runs it has done the job and completes the call with
    /// [`Machine::complete`](crate::interp::machine::Machine::complete). The job must touch no heap.
    pub fn pending(&mut self, job: Job) -> NativeResult {
        self.machine.set_job(job);
        Ok(Return::Pending)
    }

    /// Goes on with a dynamic call of `callee` (a closure, or an object with a `call` method); its result becomes the
    /// native's.
    pub fn tail_call(&mut self, callee: Value, positional: &[Value]) -> NativeResult {
        self.tail_call_named(callee, TypeArguments::EMPTY, positional, &[])
    }

    /// As [`NativeCall::tail_call`] with type arguments (or the empty vector) and named arguments.
    pub fn tail_call_named(
        &mut self,
        callee: Value,
        targs: TypeArguments,
        positional: &[Value],
        named: &[(&str, Value)],
    ) -> NativeResult {
        self.machine.set_tail_call(callee, targs, positional, named);
        Ok(Return::TailCall)
    }

    // ---- surroundings

    /// Asks the interpreter to look at the interrupt word with the next call or backward jump, not some time later: for a native that
    /// has interrupted its own isolate.
    pub fn look_around(&mut self) {
        self.machine.fuel = 0;
    }

    /// Takes fuel for what a native has done, as for so many calls and backward jumps.
    pub fn spend(&mut self, fuel: i64) {
        self.machine.fuel = self.machine.fuel.saturating_sub(fuel).max(0);
    }

    /// What whoever runs the isolate gave to the interpreter for natives of its own, if it is of that type.
    pub fn host<T: 'static>(&mut self) -> Option<&mut T> {
        self.machine.host().downcast_mut()
    }

    /// The same; or the call back, to throw.
    pub(crate) fn host_or_call<T: 'static>(&mut self) -> Result<&mut T, &mut Self> {
        match self.host().map(std::ptr::from_mut) {
            // SAFETY: a reference that lives as long as the borrow of this call: that it is not used when the call is given back is beyond
            // the compiler.
            Some(host) => Ok(unsafe { &mut *host }),
            None => Err(self),
        }
    }
}

impl From<i64> for RaiseArgument {
    fn from(value: i64) -> Self {
        RaiseArgument::Int(value)
    }
}

impl From<&str> for RaiseArgument {
    fn from(value: &str) -> Self {
        RaiseArgument::Text(value.into())
    }
}
