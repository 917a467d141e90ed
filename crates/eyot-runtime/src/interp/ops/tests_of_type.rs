//! Types as values, type tests, casts.
//!
//! The common tests (same class, a class without arguments, an answer the worker has cached) need no lookup in the program.

use eyot_bytecode::NO_REG;
use eyot_bytecode::module::{ClassId, TargsId, TypeId};
use eyot_bytecode::well_known::class;

use crate::interp::dispatch::{Exit, Regs, handlers};
use crate::interp::machine::{INSTANTIATIONS, Machine, TYPE_TESTS};
use crate::object::{self, ObjRef};
use crate::program::prepare::PLAIN_CLASS;
use crate::program::types::{TypeArguments, TypeLimit, TypeRef};
use crate::value::Value;

use super::control::{raise, raise_types, type_text};

/// The class of any value, inlined.
#[inline(always)]
pub(super) fn class_of(value: Value) -> ClassId {
    object::class_of(value)
}

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
/// In the second word of a cached test: the type is a class of the image, not a type of the group.
const BY_CLASS: u64 = 1 << 40;

#[inline(always)]
fn test_index(key: u64, ty: u64) -> usize {
    ((key ^ ty.rotate_left(24)).wrapping_mul(FACTOR) >> 54) as usize % TYPE_TESTS
}

/// Whether instances of `of` are instances of `sup`, by the worker's cache.
#[inline]
pub(super) unsafe fn is_subclass(s: Regs, of: ClassId, sup: ClassId) -> bool {
    unsafe {
        let (key, ty) = (u64::from(of.0) << 32, u64::from(sup.0) | BY_CLASS);
        let place = (*s.m).caches.type_tests[test_index(key, ty)];
        if place.0 == key && place.1 >> 1 == ty {
            return place.1 & 1 != 0;
        }
        is_subclass_slow(s, of, sup)
    }
}

#[cold]
#[inline(never)]
unsafe fn is_subclass_slow(s: Regs, of: ClassId, sup: ClassId) -> bool {
    unsafe {
        let m = &mut *s.m;
        let answer = m.program_ref().is_subclass(of, sup);
        let (key, ty) = (u64::from(of.0) << 32, u64::from(sup.0) | BY_CLASS);
        m.caches.type_tests[test_index(key, ty)] = (key, ty << 1 | u64::from(answer));
        answer
    }
}

impl Machine {
    /// Whether a value is of a type, by the worker's cache where class and vector decide.
    pub(crate) fn is_instance(&mut self, value: Value, ty: TypeRef) -> Result<bool, TypeLimit> {
        let of = class_of(value);
        let program = self.program_ref();
        if of == class::CLOSURE || of == class::RECORD {
            return program.is_instance(value, ty);
        }
        let vector = match ObjRef::of(value) {
            // SAFETY: the value's own class.
            Some(object) => unsafe { program.instance_vector(of, object) },
            None => TypeArguments::EMPTY,
        };
        let (key, ty_key) = (u64::from(of.0) << 32 | u64::from(vector.0), u64::from(ty.0));
        let index = test_index(key, ty_key);
        let place = self.caches.type_tests[index];
        if place.0 == key && place.1 >> 1 == ty_key {
            return Ok(place.1 & 1 != 0);
        }
        let answer = program.is_instance(value, ty)?;
        self.caches.type_tests[index] = (key, ty_key << 1 | u64::from(answer));
        Ok(answer)
    }

    /// An instantiated type or vector, by the worker's cache.
    fn instantiated(
        &mut self,
        template: u64,
        vectors: (u32, u32),
        make: impl FnOnce(&Machine) -> Result<u32, TypeLimit>,
    ) -> Result<u32, TypeLimit> {
        let key = template << 32 | u64::from(vectors.0);
        let function_vector = u64::from(vectors.1);
        let hash = (key ^ function_vector.rotate_left(20)).wrapping_mul(FACTOR) >> 54;
        let index = hash as usize % INSTANTIATIONS;
        let place = self.caches.instantiations[index];
        if place.0 == key && place.1 >> 32 == function_vector {
            return Ok(place.1 as u32);
        }
        let made = make(self)?;
        self.caches.instantiations[index] = (key, function_vector << 32 | u64::from(made));
        Ok(made)
    }
}

#[inline(always)]
unsafe fn vector(s: Regs, register: usize) -> u32 {
    unsafe {
        match register as u16 {
            NO_REG => TypeArguments::EMPTY.0,
            _ => s.get(register) as u32,
        }
    }
}

/// Types and vectors are cached together: templates of types are counted from 1 in even numbers.
fn type_template(id: u32) -> u64 {
    (u64::from(id) + 1) * 2 & 0xffff_ffff
}

fn vector_template(id: u32) -> u64 {
    ((u64::from(id) + 1) * 2 + 1) & 0xffff_ffff
}

/// The plain class that prepared code names beside a type, if it is one.
#[inline(always)]
unsafe fn plain_class(s: Regs) -> Option<ClassId> {
    unsafe {
        let word = s.word(1);
        (word & PLAIN_CLASS != 0).then_some(ClassId((word >> 32) as u32 & 0xff_ffff))
    }
}

/// Whether the value is an instance of a plain class: null is one of `Null` and nothing else.
#[inline(always)]
unsafe fn is_of_class(s: Regs, value: Value, wanted: ClassId) -> bool {
    unsafe {
        let of = class_of(value);
        of == wanted || is_subclass(s, of, wanted)
    }
}

handlers! {
    fn LdTarg(s) {
        // Prepared code has the number instead.
        s.next(1)
    }

    fn LdTargs(s) {
        s.next(1)
    }

    fn InstType(s) {
        let vectors = (vector(s, s.b()), vector(s, s.c()));
        let id = s.half(2);
        let made = (*s.m).instantiated(type_template(id), vectors, |m| {
            let ty = m.program_ref().instantiate(TypeId(id), TypeArguments(vectors.0), TypeArguments(vectors.1));
            ty.map(|ty| ty.0)
        });
        match made {
            Ok(made) => {
                s.set(s.a(), made.into());
                s.next(2)
            }
            Err(TypeLimit) => s.go(raise_types),
        }
    }

    fn InstTargs(s) {
        let vectors = (vector(s, s.b()), vector(s, s.c()));
        let id = s.half(2);
        let made = (*s.m).instantiated(vector_template(id), vectors, |m| {
            let made = m.program_ref().instantiate_vector(
                TargsId(id),
                TypeArguments(vectors.0),
                TypeArguments(vectors.1),
            );
            made.map(|made| made.0)
        });
        match made {
            Ok(made) => {
                s.set(s.a(), made.into());
                s.next(2)
            }
            Err(TypeLimit) => s.go(raise_types),
        }
    }

    fn TargsOf(s) {
        let bits = match ObjRef::of(s.value(s.b())) {
            Some(object) => {
                let instance = *(*s.m).instances.add(object.class().index());
                match instance >> 16 {
                    0 => 0,
                    word => object.word(word as usize) & 0xffff_ffff,
                }
            }
            None => 0,
        };
        s.set(s.a(), bits);
        s.next(1)
    }

    fn TargsAs(s) {
        let value = s.value(s.b());
        let of = class_of(value);
        let program = (*s.m).program_ref();
        let given = match ObjRef::of(value) {
            Some(object) => program.instance_vector(of, object),
            None => TypeArguments::EMPTY,
        };
        let wanted = s.half(2);
        // Templates and classes share the cache: a class counts from the top.
        let key = 0xffff_ffff - u64::from(wanted);
        let made = (*s.m).instantiated(key, (given.0, of.0), |m| {
            let program = m.program_ref();
            match program.arguments_as(of, given, ClassId(wanted))? {
                Some(arguments) => program.types.vector(&arguments).map(|vector| vector.0),
                None => Ok(0),
            }
        });
        match made {
            Ok(made) => {
                s.set(s.a(), made.into());
                s.next(2)
            }
            Err(TypeLimit) => s.go(raise_types),
        }
    }

    fn TargsAppend(s) {
        let (first, second) = (vector(s, s.b()), vector(s, s.c()));
        if first == 0 || second == 0 {
            s.set(s.a(), u64::from(first | second));
            return s.next(1);
        }
        s.go(append_vectors)
    }

    fn append_vectors(s) {
        let vectors = (vector(s, s.b()), vector(s, s.c()));
        // Template 1 is no type's (those are even) and no vector's (those begin at 3).
        let made = (*s.m).instantiated(1, vectors, |m| {
            let types = &m.program_ref().types;
            let mut all = types.elements(TypeArguments(vectors.0)).to_vec();
            all.extend_from_slice(types.elements(TypeArguments(vectors.1)));
            types.vector(&all).map(|vector| vector.0)
        });
        match made {
            Ok(made) => {
                s.set(s.a(), made.into());
                s.next(1)
            }
            Err(TypeLimit) => s.go(raise_types),
        }
    }

    fn TypeOf(s) {
        let object = (*s.m).program_ref().type_object(TypeRef(s.get(s.b()) as u32));
        s.set_value(s.a(), object);
        s.next(1)
    }

    fn IsT(s) {
        let answer = (*s.m).is_instance(s.value(s.b()), TypeRef(s.get(s.c()) as u32));
        match answer {
            Ok(answer) => {
                s.set_bool(s.a(), answer);
                s.next(1)
            }
            Err(TypeLimit) => s.go(raise_types),
        }
    }

    fn IsK(s) {
        let value = s.value(s.b());
        if let Some(wanted) = plain_class(s) {
            s.set_bool(s.a(), is_of_class(s, value, wanted));
            return s.next(2);
        }
        match (*s.m).is_instance(value, TypeRef(s.half(2))) {
            Ok(answer) => {
                s.set_bool(s.a(), answer);
                s.next(2)
            }
            Err(TypeLimit) => s.go(raise_types),
        }
    }

    fn IsClass(s) {
        s.set_bool(s.a(), is_of_class(s, s.value(s.b()), ClassId(s.half(2))));
        s.next(2)
    }

    fn AsT(s) {
        let ty = TypeRef(s.get(s.b()) as u32);
        if ty.is_top() {
            return s.next(1);
        }
        match (*s.m).is_instance(s.value(s.a()), ty) {
            Ok(true) => s.next(1),
            Ok(false) => throw_cast(s, ty, None),
            Err(TypeLimit) => s.go(raise_types),
        }
    }

    fn AsK(s) {
        let value = s.value(s.a());
        if let Some(wanted) = plain_class(s) {
            if is_of_class(s, value, wanted) {
                return s.next(2);
            }
            return throw_cast(s, TypeRef(s.half(2)), None);
        }
        match (*s.m).is_instance(value, TypeRef(s.half(2))) {
            Ok(true) => s.next(2),
            Ok(false) => throw_cast(s, TypeRef(s.half(2)), None),
            Err(TypeLimit) => s.go(raise_types),
        }
    }

    fn CheckParamT(s) {
        let ty = TypeRef(s.get(s.b()) as u32);
        if ty.is_top() {
            return s.next(1);
        }
        match (*s.m).is_instance(s.value(s.a()), ty) {
            Ok(true) => s.next(1),
            Ok(false) => throw_cast(s, ty, Some(s.c())),
            Err(TypeLimit) => s.go(raise_types),
        }
    }
}

/// `TypeError`: the value in register a is not of the type.
#[cold]
unsafe fn throw_cast(s: Regs, ty: TypeRef, param: Option<usize>) -> Exit {
    unsafe {
        s.save();
        let m = &mut *s.m;
        let program = m.program_ref();
        let given = type_text(m, s.value(s.a()));
        let mut text = format!(
            "type '{given}' is not a subtype of type '{}'",
            program.type_name(ty)
        );
        let Some(index) = param else {
            text.push_str(" in type cast");
            return raise(s, "_throwCastError", [text.as_str().into()]);
        };
        let function = m.frame().entry().function();
        if let Some(param) = function.params.get(index) {
            let name = program.modules.string(param.name);
            if !name.is_empty() {
                text.push_str(&format!(
                    " of '{}'",
                    crate::program::type_names::plain(name)
                ));
            }
        }
        raise(s, "_throwTypeError", [text.as_str().into()])
    }
}
