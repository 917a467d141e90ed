//! Natives that need the inside of the runtime: types and identity, calls of functions, closures, stack traces, suspensions.

use eyot_bytecode::module::{FunctionFlags, FunctionId};
use eyot_bytecode::well_known::class;

use super::ops::{strings, suspend};
use crate::native::{NativeCall, NativeFn, NativeResult};
use crate::object::{self, ObjRef, slot};
use crate::program::types::{TypeArguments, TypeRef};
use crate::value::Value;

/// By name.
pub(crate) const NATIVES: &[(&str, NativeFn)] = &[
    ("core/identical", identical),
    ("core/identityHashCode", identity_hash_code),
    ("core/Object.==", identical),
    ("core/Object.hashCode", identity_hash_code),
    ("core/Object.runtimeType", runtime_type),
    ("core/_classNameOf", class_name_of),
    ("core/_Type.==", type_equals),
    ("core/_Type.hashCode", type_hash),
    ("core/_Type.toString", type_text),
    ("core/_Closure.==", closure_equals),
    ("core/_Closure.hashCode", closure_hash),
    ("core/_Closure.toString", closure_text),
    ("core/_Record._fieldCount", record_field_count),
    ("core/_Record._fieldAt", record_field_at),
    ("core/_Record._fieldNameAt", record_field_name_at),
    ("core/_Record._sameShape", record_same_shape),
    ("core/_applyFunction", apply_function),
    ("core/_throwWithTrace", throw_with_trace),
    ("core/StackTrace.current", stack_trace_current),
    ("core/_StackTrace.toString", stack_trace_text),
    ("_internal/unsafeCast", unsafe_cast),
    ("async/_resume", suspend::resume),
    ("async/_resumeError", suspend::resume_error),
    ("async/_cloneSuspension", suspend::clone),
];

fn identical(cx: &mut NativeCall) -> NativeResult {
    let same = strings::identical(cx.arg(0), cx.arg(1));
    cx.ret_bool(same)
}

fn identity_hash_code(cx: &mut NativeCall) -> NativeResult {
    let value = cx.arg(0);
    let hash = match ObjRef::of(value) {
        // SAFETY: the invariant of Value; boxed numbers have word 1.
        Some(object) => unsafe {
            match object.class() {
                class::INT | class::DOUBLE | class::TYPE => mix(object.word(1)),
                _ => cx.heap().identity_hash(object).into(),
            }
        },
        None if value.is_null() => 2011,
        None => mix(value.bits()),
    };
    cx.ret_int(hash)
}

fn mix(bits: u64) -> i64 {
    (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 34) as i64
}

/// Compiled code leaves the cast out; this is for the tear-off.
fn unsafe_cast(cx: &mut NativeCall) -> NativeResult {
    let value = cx.arg(0);
    cx.ret(value)
}

fn runtime_type(cx: &mut NativeCall) -> NativeResult {
    let program = cx.machine().program_ref();
    match program.type_of(cx.arg(0)) {
        Ok(ty) => {
            let object = cx.new_type(program.shown_type(ty))?;
            cx.ret(object)
        }
        Err(_) => cx.throw_unsupported("types nest too deeply"),
    }
}

/// The type as `Instance of '…'` shows it.
fn class_name_of(cx: &mut NativeCall) -> NativeResult {
    let program = cx.machine().program_ref();
    let value = cx.arg(0);
    let text = match program.type_of(value) {
        Ok(ty) => program.type_name(program.shown_type(ty)),
        Err(_) => program.class_name(object::class_of(value)).to_owned(),
    };
    let text = cx.new_string(&text)?;
    cx.ret(text)
}

fn type_in(value: Value) -> Option<TypeRef> {
    let object = ObjRef::of(value)?;
    // SAFETY: the layout of type objects.
    unsafe { (object.class() == class::TYPE).then(|| TypeRef(object.word(1) as u32)) }
}

fn type_equals(cx: &mut NativeCall) -> NativeResult {
    let same = type_in(cx.arg(0)) == type_in(cx.arg(1));
    cx.ret_bool(same)
}

fn type_hash(cx: &mut NativeCall) -> NativeResult {
    let ty = type_in(cx.arg(0)).unwrap_or(TypeRef::DYNAMIC);
    cx.ret_int(mix(u64::from(ty.0) + 1))
}

fn type_text(cx: &mut NativeCall) -> NativeResult {
    let ty = type_in(cx.arg(0)).unwrap_or(TypeRef::DYNAMIC);
    let text = cx.machine().program_ref().type_name(ty);
    let text = cx.new_string(&text)?;
    cx.ret(text)
}

/// A closure taken apart.
struct Closure {
    object: ObjRef,
    function: FunctionId,
    vectors: u64,
    instantiation: u64,
}

impl Closure {
    fn of(value: Value) -> Option<Closure> {
        let object = ObjRef::of(value)?;
        // SAFETY: the layout of closures.
        unsafe {
            (object.class() == class::CLOSURE).then(|| Closure {
                object,
                function: FunctionId(object.word(slot::CLOSURE_FUNCTION) as u32),
                vectors: object.word(slot::CLOSURE_VECTORS),
                instantiation: object.word(slot::CLOSURE_INSTANTIATION),
            })
        }
    }

    fn captures(&self) -> (usize, usize) {
        // SAFETY: the layout of closures.
        let counts = unsafe { self.object.word(slot::CLOSURE_FUNCTION) } >> 32;
        (
            usize::from(counts as u16),
            usize::from((counts >> 16) as u16),
        )
    }

    fn capture(&self, index: usize) -> Value {
        // SAFETY: the caller stays below the number of tagged captures.
        unsafe { self.object.field(slot::CLOSURE_CAPTURES + index) }
    }

    /// The receiver, if this is the tear-off of an instance method: made here, or by the compiler for `super.method`.
    fn receiver(&self, program: &crate::program::Program) -> Option<Value> {
        let function = program.function(self.function)?;
        let is_made = self.function.index() >= program.modules().function_count();
        let is_bound = is_made || function.flags.contains(FunctionFlags::HIDDEN);
        (is_bound && self.captures() == (1, 0)).then(|| self.capture(0))
    }
}

/// Tear-offs of one method on one receiver are equal; tear-offs of static functions are one object or equal by function.
fn closure_equals(cx: &mut NativeCall) -> NativeResult {
    let program = cx.machine().program_ref();
    let (a, b) = (cx.arg(0), cx.arg(1));
    let same = a == b
        || match (Closure::of(a), Closure::of(b)) {
            (Some(x), Some(y)) => {
                let parts = x.function == y.function
                    && x.vectors == y.vectors
                    && x.instantiation == y.instantiation;
                parts
                    && match (x.receiver(program), y.receiver(program)) {
                        (Some(x), Some(y)) => strings::identical(x, y),
                        _ => x.captures() == (0, 0) && y.captures() == (0, 0),
                    }
            }
            _ => false,
        };
    cx.ret_bool(same)
}

fn closure_hash(cx: &mut NativeCall) -> NativeResult {
    let program = cx.machine().program_ref();
    let Some(closure) = Closure::of(cx.arg(0)) else {
        return cx.ret_int(0);
    };
    if closure.captures() == (0, 0) {
        return cx.ret_int(mix(
            u64::from(closure.function.0) ^ closure.instantiation << 32
        ));
    }
    let of = closure.receiver(program).unwrap_or(cx.arg(0));
    let hash = match ObjRef::of(of) {
        Some(object) => cx.heap().identity_hash(object).into(),
        None => mix(of.bits()),
    };
    cx.ret_int(hash ^ i64::from(closure.function.0))
}

fn closure_text(cx: &mut NativeCall) -> NativeResult {
    let program = cx.machine().program_ref();
    let value = cx.arg(0);
    let mut text = "Closure: ".to_owned();
    match program.type_of(value) {
        Ok(ty) => text.push_str(&program.type_name(ty)),
        Err(_) => text.push_str("Function"),
    }
    if let Some(closure) = Closure::of(value)
        && closure.captures().1 == 0
        && let Some(function) = program.function(closure.function)
    {
        let name = crate::program::type_names::plain(program.modules().string(function.name));
        let name = name.rsplit('.').next().unwrap_or(name);
        if closure.receiver(program).is_some() {
            text.push_str(&format!(" from Function '{name}':."));
        } else if closure.captures() == (0, 0) && !name.contains('<') {
            text.push_str(&format!(" from Function '{name}': static."));
        }
    }
    let text = cx.new_string(&text)?;
    cx.ret(text)
}

/// A record's shape and number of fields.
fn record_shape(value: Value) -> Option<(u32, usize)> {
    let object = ObjRef::of(value)?;
    // SAFETY: the layout of records.
    unsafe {
        if object.class() != class::RECORD {
            return None;
        }
        let word = object.word(slot::RECORD_SHAPE);
        Some((word as u32, (word >> 32) as usize))
    }
}

fn record_field_count(cx: &mut NativeCall) -> NativeResult {
    let count = record_shape(cx.arg(0)).map_or(0, |(_, count)| count);
    cx.ret_int(count as i64)
}

fn record_field_at(cx: &mut NativeCall) -> NativeResult {
    let index = cx.int(0);
    let count = record_shape(cx.arg(0)).map_or(0, |(_, count)| count);
    match usize::try_from(index) {
        Ok(at) if at < count => {
            let field = cx.field(cx.arg(0), slot::RECORD_FIELDS + at);
            cx.ret(field)
        }
        _ => cx.throw_index(index, count as i64),
    }
}

/// Names of a record's named fields.
fn record_names(cx: &mut NativeCall, shape: u32) -> Vec<crate::program::types::Name> {
    let modules = cx.machine().program_ref().modules();
    let shape = modules.record_shape(eyot_bytecode::module::RecordShapeId(shape));
    let names = shape.map_or(&[][..], |shape| &shape.named);
    names.iter().map(|&name| modules.name(name)).collect()
}

fn record_field_name_at(cx: &mut NativeCall) -> NativeResult {
    let (shape, count) = record_shape(cx.arg(0)).unwrap_or((0, 0));
    let names = record_names(cx, shape);
    let positional = count.saturating_sub(names.len());
    let index = usize::try_from(cx.int(0)).unwrap_or(usize::MAX);
    match index.checked_sub(positional).and_then(|at| names.get(at)) {
        Some(&name) => {
            let text = cx
                .machine()
                .program_ref()
                .modules()
                .name_text(name)
                .to_owned();
            let text = cx.new_string(&text)?;
            cx.ret(text)
        }
        None => cx.ret_null(),
    }
}

fn record_same_shape(cx: &mut NativeCall) -> NativeResult {
    let same = match (record_shape(cx.arg(0)), record_shape(cx.arg(1))) {
        (Some((x, count)), Some((y, other))) => {
            x == y || (count == other && record_names(cx, x) == record_names(cx, y))
        }
        _ => false,
    };
    cx.ret_bool(same)
}

/// `_applyFunction(function, positional, named)`; named alternates names and values.
fn apply_function(cx: &mut NativeCall) -> NativeResult {
    let elements = |value| cx.elements(value).map_or(Vec::new(), <[Value]>::to_vec);
    let (positional, alternating) = (elements(cx.arg(1)), elements(cx.arg(2)));
    let names: Vec<String> = alternating
        .iter()
        .step_by(2)
        .map(|&name| cx.string(name).unwrap_or_default())
        .collect();
    let values = alternating.iter().skip(1).step_by(2);
    let named: Vec<(&str, Value)> = names
        .iter()
        .map(String::as_str)
        .zip(values.copied())
        .collect();
    let callee = cx.arg(0);
    cx.tail_call_named(callee, TypeArguments::EMPTY, &positional, &named)
}

fn throw_with_trace(cx: &mut NativeCall) -> NativeResult {
    let (error, trace) = (cx.arg(0), cx.arg(1));
    cx.throw_with_trace(error, trace)
}

fn stack_trace_current(cx: &mut NativeCall) -> NativeResult {
    match cx.machine().capture_trace() {
        Some(trace) => cx.ret(trace),
        None => cx.throw_out_of_memory(),
    }
}

fn stack_trace_text(cx: &mut NativeCall) -> NativeResult {
    let trace = cx.arg(0);
    let text = cx.machine().program_ref().trace_text(trace);
    let text = cx.new_string(&text)?;
    cx.ret(text)
}
