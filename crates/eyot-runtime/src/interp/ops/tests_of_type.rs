//! Types as values, type tests, casts.
//!
//! The common tests (same class, a class without arguments, an answer the worker has cached) need no lookup in the program.

use eyot_bytecode::NO_REG;
use eyot_bytecode::module::{ClassId, RecordShapeId, TargsId, TypeId};
use eyot_bytecode::well_known::class;

use crate::interp::dispatch::{Exit, Regs, handlers};
use crate::interp::machine::{INSTANTIATIONS, Machine, TYPE_TESTS};
use crate::interp::raise::Raise;
use crate::object::{self, ObjRef, slot};
use crate::program::prepare::PLAIN_CLASS;
use crate::program::types::{Type, TypeArguments, TypeLimit, TypeRef};
use crate::value::Value;

use super::control::{proceed, raise_types, type_text};

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

/// Whether instances of `of` are instances of `sup`, if the worker's cache knows.
#[inline(always)]
pub(super) unsafe fn known_subclass(s: Regs, of: ClassId, sup: ClassId) -> Option<bool> {
    if of == sup {
        return Some(true);
    }
    let (key, ty) = (u64::from(of.0) << 32, u64::from(sup.0) | BY_CLASS);
    let place = unsafe { (*s.m).caches.type_tests[test_index(key, ty)] };
    (place.0 == key && place.1 >> 1 == ty).then_some(place.1 & 1 != 0)
}

/// Asks the program, and makes the cache know.
#[cold]
#[inline(never)]
pub(super) unsafe fn is_subclass(m: *mut Machine, of: ClassId, sup: ClassId) -> bool {
    unsafe {
        let answer = (*m).program_ref().is_subclass(of, sup);
        let (key, ty) = (u64::from(of.0) << 32, u64::from(sup.0) | BY_CLASS);
        (*m).caches.type_tests[test_index(key, ty)] = (key, ty << 1 | u64::from(answer));
        answer
    }
}

/// Whether a value is of a type, if the worker's cache knows.
#[inline(always)]
unsafe fn known_instance(s: Regs, value: Value, ty: TypeRef) -> Option<bool> {
    unsafe { known_on(s.m, value, ty) }
}

/// [`known_instance`] outside handlers.
#[inline(always)]
unsafe fn known_on(m: *const Machine, value: Value, ty: TypeRef) -> Option<bool> {
    unsafe {
        if ty.is_top() {
            return Some(true);
        }
        let of = class_of(value);
        let vector = match (*m).instances.add(of.index()).read() >> 16 {
            0 => 0,
            word => ObjRef::of(value)?.word(word as usize) & 0xffff_ffff,
        };
        let (key, ty) = (u64::from(of.0) << 32 | vector, u64::from(ty.0));
        let place = (*m).caches.type_tests[test_index(key, ty)];
        (place.0 == key && place.1 >> 1 == ty).then_some(place.1 & 1 != 0)
    }
}

/// In the second word of a cached test: the type is that of the elements of a list with this vector.
const BY_VECTOR: u64 = 1 << 41;
/// In the second word of a cached test: the type is a template in the upper half, the class vector of which is in the lower.
const BY_TEMPLATE: u64 = 1 << 61;

/// The first word of a cached test of this value; none where class and vector do not decide.
#[inline(always)]
unsafe fn value_key(m: *const Machine, value: Value) -> Option<u64> {
    unsafe {
        let of = class_of(value);
        if of == class::CLOSURE || of == class::RECORD {
            return None;
        }
        let own = match (*m).instances.add(of.index()).read() >> 16 {
            0 => 0,
            word => ObjRef::of(value)?.word(word as usize) & 0xffff_ffff,
        };
        Some(u64::from(of.0) << 32 | own)
    }
}

/// Whether a list with this vector takes a value, if the worker's cache knows.
#[inline(always)]
pub(super) unsafe fn known_element(s: Regs, vector: u32, value: Value) -> Option<bool> {
    unsafe {
        let key = value_key(s.m, value)?;
        let ty = u64::from(vector) | BY_VECTOR;
        let place = (*s.m).caches.type_tests[test_index(key, ty)];
        (place.0 == key && place.1 >> 1 == ty).then_some(place.1 & 1 != 0)
    }
}

/// Makes the cache know.
pub(super) unsafe fn remember_element_test(
    m: *mut Machine,
    vector: u32,
    value: Value,
    answer: bool,
) {
    unsafe {
        remember_test(m, value, u64::from(vector) | BY_VECTOR, answer);
    }
}

unsafe fn remember_test(m: *mut Machine, value: Value, ty: u64, answer: bool) {
    unsafe {
        if let Some(key) = value_key(m, value) {
            (*m).caches.type_tests[test_index(key, ty)] = (key, ty << 1 | u64::from(answer));
        }
    }
}

/// The second word of the test that `chk.this` makes.
#[inline(always)]
unsafe fn template_key(s: Regs) -> u64 {
    unsafe {
        let vector = own_vector(s, s.value(s.b()));
        BY_TEMPLATE | u64::from(s.half(2)) << 32 | vector
    }
}

/// The full vector of type arguments of an instance; 0 if it has none.
#[inline(always)]
unsafe fn own_vector(s: Regs, instance: Value) -> u64 {
    unsafe {
        let Some(object) = ObjRef::of(instance) else {
            return 0;
        };
        let instance = *(*s.m).instances.add(object.class().index());
        match instance >> 16 {
            0 => 0,
            word => object.word(word as usize) & 0xffff_ffff,
        }
    }
}

/// Whether a value is of the type that a prepared instruction names in its second word, if the cache knows.
#[inline(always)]
unsafe fn known_constant_test(s: Regs, value: Value) -> Option<bool> {
    unsafe {
        match plain_class(s) {
            Some(wanted) => known_subclass(s, class_of(value), wanted),
            None => known_instance(s, value, TypeRef(s.half(2))),
        }
    }
}

/// The same by asking the program.
#[inline(always)]
unsafe fn constant_test(s: Regs, value: Value) -> Result<bool, TypeLimit> {
    unsafe {
        match plain_class(s) {
            Some(wanted) => Ok(is_subclass(s.m, class_of(value), wanted)),
            None => (*s.m).is_instance(value, TypeRef(s.half(2))),
        }
    }
}

/// What decides the type of a closure without instantiation and with one vector at most: its function and that vector, which is its
/// class's or, says bit 62, its function's. Classes have 24 bits, so the upper bit tells these keys from theirs.
fn closure_key(closure: ObjRef) -> Option<u64> {
    // SAFETY: the layout of closures.
    unsafe {
        let vectors = closure.word(slot::CLOSURE_VECTORS);
        // The upper half counts what is captured.
        let function = closure.word(slot::CLOSURE_FUNCTION) & 0xffff_ffff;
        if closure.word(slot::CLOSURE_INSTANTIATION) != 0 || function >> 30 != 0 {
            return None;
        }
        match (vectors as u32, vectors >> 32) {
            (of_class, 0) => Some(1 << 63 | function << 32 | u64::from(of_class)),
            (0, of_function) => Some(3 << 62 | function << 32 | of_function),
            _ => None,
        }
    }
}

impl Machine {
    /// Whether a value is of a type, by the worker's cache where class and vector decide.
    pub(crate) fn is_instance(&mut self, value: Value, ty: TypeRef) -> Result<bool, TypeLimit> {
        if ty.is_top() {
            return Ok(true);
        }
        let of = class_of(value);
        let program = self.program_ref();
        let vector = match ObjRef::of(value) {
            Some(record) if of == class::RECORD => return self.is_record_instance(record, ty),
            Some(closure) if of == class::CLOSURE => match closure_key(closure) {
                Some(key) => return self.is_closure_instance(value, key, ty),
                None => return program.is_instance(value, ty),
            },
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

    /// The same for a record: its shape by the cache, then field by field.
    fn is_record_instance(&mut self, record: ObjRef, ty: TypeRef) -> Result<bool, TypeLimit> {
        let program = self.program_ref();
        let wanted = match program.types.get(ty) {
            Type::Record(wanted) => wanted,
            &Type::Nullable(inner) => return self.is_record_instance(record, inner),
            _ => return program.is_instance(record.value(), ty),
        };
        // SAFETY: the layout of records; nothing is allocated here.
        let (shape, fields) = unsafe {
            let word = record.word(slot::RECORD_SHAPE);
            let fields = record.fields(slot::RECORD_FIELDS, (word >> 32) as usize);
            (word as u32, fields)
        };
        // Keys of closures have bit 63, those of classes neither.
        let (key, ty_key) = (1 << 62 | u64::from(shape), u64::from(ty.0));
        let index = test_index(key, ty_key);
        let place = self.caches.type_tests[index];
        let same_shape = match place.0 == key && place.1 >> 1 == ty_key {
            true => place.1 & 1 != 0,
            false => {
                let same = program.has_shape(fields.len(), RecordShapeId(shape), wanted);
                self.caches.type_tests[index] = (key, ty_key << 1 | u64::from(same));
                same
            }
        };
        if !same_shape {
            return Ok(false);
        }
        let named = wanted.named.iter().map(|&(_, ty)| ty);
        let types = wanted.positional.iter().copied().chain(named);
        for (&field, ty) in fields.iter().zip(types) {
            // SAFETY: the machine is loaded, and the field a valid value.
            let is_instance = match unsafe { known_on(self, field, ty) } {
                Some(known) => known,
                None => self.is_instance(field, ty)?,
            };
            if !is_instance {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The same for a closure, whose function and class vector decide.
    fn is_closure_instance(
        &mut self,
        value: Value,
        key: u64,
        ty: TypeRef,
    ) -> Result<bool, TypeLimit> {
        let ty_key = u64::from(ty.0);
        let index = test_index(key, ty_key);
        let place = self.caches.type_tests[index];
        if place.0 == key && place.1 >> 1 == ty_key {
            return Ok(place.1 & 1 != 0);
        }
        let answer = self.program_ref().is_instance(value, ty)?;
        self.caches.type_tests[index] = (key, ty_key << 1 | u64::from(answer));
        Ok(answer)
    }

    /// Whether a type argument is within its bound; if not, the error lies ready.
    fn check_bound(
        &mut self,
        given: TypeRef,
        bound: TypeRef,
        index: usize,
    ) -> Result<bool, TypeLimit> {
        let program = self.program_ref();
        if program.is_subtype(given, bound)? {
            return Ok(true);
        }
        let text = format!(
            "type '{}' is not a subtype of type '{}' of type parameter {index}",
            program.type_name(given),
            program.type_name(bound)
        );
        self.set_raise(Raise::Entry {
            name: "_throwTypeError",
            arguments: Box::new([text.as_str().into()]),
        });
        Ok(false)
    }

    /// Makes the worker's cache know the type that a template is with these vectors.
    fn instantiate_type(&mut self, id: u32, vectors: (u32, u32)) -> Result<u32, TypeLimit> {
        let (class, function) = (TypeArguments(vectors.0), TypeArguments(vectors.1));
        let made = self
            .program_ref()
            .instantiate(TypeId(id), class, function)?;
        self.remember_instantiation(type_template(id), vectors, made.0);
        Ok(made.0)
    }

    /// The same for a vector.
    fn instantiate_vector(&mut self, id: u32, vectors: (u32, u32)) -> Result<u32, TypeLimit> {
        let (class, function) = (TypeArguments(vectors.0), TypeArguments(vectors.1));
        let program = self.program_ref();
        let made = program.instantiate_vector(TargsId(id), class, function)?;
        self.remember_instantiation(vector_template(id), vectors, made.0);
        Ok(made.0)
    }

    /// The same for one vector behind another.
    fn append_vectors(&mut self, vectors: (u32, u32)) -> Result<u32, TypeLimit> {
        let types = &self.program_ref().types;
        let mut all = types.elements(TypeArguments(vectors.0)).to_vec();
        all.extend_from_slice(types.elements(TypeArguments(vectors.1)));
        let made = types.vector(&all)?;
        self.remember_instantiation(APPENDED, vectors, made.0);
        Ok(made.0)
    }

    /// The same for an instance's arguments as another class.
    fn arguments_as(&mut self, value: Value, wanted: u32) -> Result<u32, TypeLimit> {
        let of = class_of(value);
        let program = self.program_ref();
        let given = match ObjRef::of(value) {
            // SAFETY: the value's own class.
            Some(object) => unsafe { program.instance_vector(of, object) },
            None => TypeArguments::EMPTY,
        };
        let made = match program.arguments_as(of, given, ClassId(wanted))? {
            Some(arguments) => program.types.vector(&arguments)?,
            None => TypeArguments::EMPTY,
        };
        self.remember_instantiation(class_template(wanted), (given.0, of.0), made.0);
        Ok(made.0)
    }

    /// The full vector of a class whose own arguments are the last elements of a vector, which may be full already. An empty
    /// one stays as it is and reads as `dynamic`.
    pub(crate) fn full_vector(
        &mut self,
        of: ClassId,
        given: TypeArguments,
    ) -> Result<TypeArguments, TypeLimit> {
        if given == TypeArguments::EMPTY {
            return Ok(given);
        }
        let (key, none) = instantiation_key(full_template(of.0), (given.0, 0));
        let place = self.caches.instantiations[instantiation_index(key, none)];
        if place.0 == key && place.1 >> 32 == none {
            return Ok(TypeArguments(place.1 as u32));
        }
        let program = self.program_ref();
        let full = program.full_vector(of, program.own_arguments(of, given))?;
        self.remember_instantiation(full_template(of.0), (given.0, 0), full.0);
        Ok(full)
    }

    fn remember_instantiation(&mut self, template: u64, vectors: (u32, u32), made: u32) {
        let (key, function_vector) = instantiation_key(template, vectors);
        let index = instantiation_index(key, function_vector);
        self.caches.instantiations[index] = (key, function_vector << 32 | u64::from(made));
    }
}

#[inline(always)]
fn instantiation_key(template: u64, vectors: (u32, u32)) -> (u64, u64) {
    (template << 32 | u64::from(vectors.0), vectors.1.into())
}

#[inline(always)]
fn instantiation_index(key: u64, function_vector: u64) -> usize {
    let hash = (key ^ function_vector.rotate_left(20)).wrapping_mul(FACTOR) >> 54;
    hash as usize % INSTANTIATIONS
}

/// What a template is with these vectors, if the worker's cache knows.
#[inline(always)]
unsafe fn known_instantiation(s: Regs, template: u64, vectors: (u32, u32)) -> Option<u32> {
    let (key, function_vector) = instantiation_key(template, vectors);
    let index = instantiation_index(key, function_vector);
    let place = unsafe { (*s.m).caches.instantiations[index] };
    (place.0 == key && place.1 >> 32 == function_vector).then_some(place.1 as u32)
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

/// Types, vectors and classes are cached together: templates of types in even numbers from 2 on, of vectors in odd
/// ones from 3 on, classes from the top downwards. An image has far fewer of each than would let them meet.
fn type_template(id: u32) -> u64 {
    ((u64::from(id) + 1) * 2) & 0xffff_ffff
}

fn vector_template(id: u32) -> u64 {
    ((u64::from(id) + 1) * 2 + 1) & 0xffff_ffff
}

fn class_template(id: u32) -> u64 {
    0xffff_ffff - u64::from(id)
}

/// In place of a template: a class's own arguments made its full vector. Below [`class_template`]'s numbers, since
/// classes have 24 bits.
fn full_template(id: u32) -> u64 {
    0xfeff_ffff - u64::from(id)
}

/// In place of a template: one vector behind another.
const APPENDED: u64 = 1;

/// Ends an instruction of `words` words that defines a type register.
#[inline(always)]
unsafe fn define(s: Regs, made: Result<u32, TypeLimit>, words: usize) -> Exit {
    unsafe {
        match made {
            Ok(made) => {
                s.set(s.a(), made.into());
                s.next(words)
            }
            Err(TypeLimit) => s.go(raise_types),
        }
    }
}

/// The plain class that prepared code names beside a type, if it is one.
#[inline(always)]
unsafe fn plain_class(s: Regs) -> Option<ClassId> {
    unsafe {
        let word = s.word(1);
        (word & PLAIN_CLASS != 0).then_some(ClassId((word >> 32) as u32 & 0xff_ffff))
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
        match known_instantiation(s, type_template(s.half(2)), vectors) {
            Some(made) => define(s, Ok(made), 2),
            None => s.go(inst_type_slow),
        }
    }

    fn inst_type_slow(s) {
        let vectors = (vector(s, s.b()), vector(s, s.c()));
        let made = (*s.m).instantiate_type(s.half(2), vectors);
        define(s, made, 2)
    }

    fn InstTargs(s) {
        let vectors = (vector(s, s.b()), vector(s, s.c()));
        match known_instantiation(s, vector_template(s.half(2)), vectors) {
            Some(made) => define(s, Ok(made), 2),
            None => s.go(inst_targs_slow),
        }
    }

    fn inst_targs_slow(s) {
        let vectors = (vector(s, s.b()), vector(s, s.c()));
        let made = (*s.m).instantiate_vector(s.half(2), vectors);
        define(s, made, 2)
    }

    fn TargsOf(s) {
        let bits = own_vector(s, s.value(s.b()));
        s.set(s.a(), bits);
        s.next(1)
    }

    fn TargsAs(s) {
        let value = s.value(s.b());
        let of = class_of(value);
        let given = match ((*s.m).instances.add(of.index()).read() >> 16, ObjRef::of(value)) {
            (0, _) | (_, None) => 0,
            (word, Some(object)) => object.word(word as usize) as u32,
        };
        match known_instantiation(s, class_template(s.half(2)), (given, of.0)) {
            Some(made) => define(s, Ok(made), 2),
            None => s.go(targs_as_slow),
        }
    }

    fn targs_as_slow(s) {
        let made = (*s.m).arguments_as(s.value(s.b()), s.half(2));
        define(s, made, 2)
    }

    fn TargsAppend(s) {
        let (first, second) = (vector(s, s.b()), vector(s, s.c()));
        if first == 0 || second == 0 {
            return define(s, Ok(first | second), 1);
        }
        match known_instantiation(s, APPENDED, (first, second)) {
            Some(made) => define(s, Ok(made), 1),
            None => s.go(append_slow),
        }
    }

    fn append_slow(s) {
        let made = (*s.m).append_vectors((vector(s, s.b()), vector(s, s.c())));
        define(s, made, 1)
    }

    fn TargAt(s) {
        let vector = TypeArguments(s.get(s.b()) as u32);
        let element = (*s.m).program_ref().types.element(vector, s.c());
        s.set(s.a(), element.0.into());
        s.next(1)
    }

    fn CheckBound(s) {
        s.save();
        let (given, bound) = (TypeRef(s.get(s.a()) as u32), TypeRef(s.get(s.b()) as u32));
        let result = (*s.m).check_bound(given, bound, s.c());
        match result {
            Ok(true) => s.next(1),
            Ok(false) => s.go(super::control::deliver),
            Err(TypeLimit) => s.go(raise_types),
        }
    }

    fn TypeOf(s) {
        let object = (*s.m).program_ref().type_object(TypeRef(s.get(s.b()) as u32));
        s.set_value(s.a(), object);
        s.next(1)
    }

    fn IsT(s) {
        match known_instance(s, s.value(s.b()), TypeRef(s.get(s.c()) as u32)) {
            Some(answer) => {
                s.set_bool(s.a(), answer);
                s.next(1)
            }
            None => s.go(is_slow),
        }
    }

    fn is_slow(s) {
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
        match known_constant_test(s, s.value(s.b())) {
            Some(answer) => {
                s.set_bool(s.a(), answer);
                s.next(2)
            }
            None => s.go(is_k_slow),
        }
    }

    fn is_k_slow(s) {
        match constant_test(s, s.value(s.b())) {
            Ok(answer) => {
                s.set_bool(s.a(), answer);
                s.next(2)
            }
            Err(TypeLimit) => s.go(raise_types),
        }
    }

    fn IsClass(s) {
        match known_subclass(s, class_of(s.value(s.b())), ClassId(s.half(2))) {
            Some(answer) => {
                s.set_bool(s.a(), answer);
                s.next(2)
            }
            None => s.go(is_class_slow),
        }
    }

    fn is_class_slow(s) {
        let answer = is_subclass(s.m, class_of(s.value(s.b())), ClassId(s.half(2)));
        s.set_bool(s.a(), answer);
        s.next(2)
    }

    fn AsT(s) {
        if known_instance(s, s.value(s.a()), TypeRef(s.get(s.b()) as u32)) == Some(true) {
            return s.next(1);
        }
        s.go(as_slow)
    }

    fn as_slow(s) {
        let ty = TypeRef(s.get(s.b()) as u32);
        match (*s.m).is_instance(s.value(s.a()), ty) {
            Ok(true) => s.next(1),
            Ok(false) => throw_cast(s, ty, Checked::cast(s.c())),
            Err(TypeLimit) => s.go(raise_types),
        }
    }

    fn AsK(s) {
        if known_constant_test(s, s.value(s.a())) == Some(true) {
            return s.next(2);
        }
        s.go(as_k_slow)
    }

    fn as_k_slow(s) {
        match constant_test(s, s.value(s.a())) {
            Ok(true) => s.next(2),
            Ok(false) => throw_cast(s, TypeRef(s.half(2)), Checked::cast(s.c())),
            Err(TypeLimit) => s.go(raise_types),
        }
    }

    fn CheckParamT(s) {
        if known_instance(s, s.value(s.a()), TypeRef(s.get(s.b()) as u32)) == Some(true) {
            return s.next(1);
        }
        s.go(check_param_slow)
    }

    fn CheckParamThis(s) {
        if let Some(key) = value_key(s.m, s.value(s.a())) {
            let ty = template_key(s);
            let place = (*s.m).caches.type_tests[test_index(key, ty)];
            if place.0 == key && place.1 == ty << 1 | 1 {
                return s.next(2);
            }
        }
        s.go(check_this_slow)
    }

    fn check_this_slow(s) {
        let value = s.value(s.a());
        let vectors = (own_vector(s, s.value(s.b())) as u32, 0);
        let known = known_instantiation(s, type_template(s.half(2)), vectors);
        let made = match known {
            Some(made) => Ok(made),
            None => (*s.m).instantiate_type(s.half(2), vectors),
        };
        let ty = match made {
            Ok(made) => TypeRef(made),
            Err(TypeLimit) => return s.go(raise_types),
        };
        match (*s.m).is_instance(value, ty) {
            Ok(true) => {
                remember_test(s.m, value, template_key(s), true);
                s.next(2)
            }
            Ok(false) => throw_cast(s, ty, Checked::Param(s.c())),
            Err(TypeLimit) => s.go(raise_types),
        }
    }

    fn ArgI(s) {
        let value = s.value(s.b());
        if value.is_smi() {
            s.set(s.a(), value.as_smi() as u64);
            return s.next(1);
        }
        s.go(arg_i_slow)
    }

    fn arg_i_slow(s) {
        match object::as_int(s.value(s.b())) {
            Some(int) => {
                s.set(s.a(), int as u64);
                s.next(1)
            }
            None => throw_argument(s, TypeRef::INT),
        }
    }

    fn ArgD(s) {
        let value = s.value(s.b());
        if value.is_pointer() && ObjRef::of_pointer(value).class() == class::DOUBLE {
            s.set(s.a(), ObjRef::of_pointer(value).word(1));
            return s.next(1);
        }
        s.go(arg_d_slow)
    }

    #[cold]
    fn arg_d_slow(s) {
        throw_argument(s, TypeRef::DOUBLE)
    }

    fn ArgB(s) {
        let value = s.value(s.b());
        if value == Value::TRUE || value == Value::FALSE {
            s.set_bool(s.a(), value == Value::TRUE);
            return s.next(1);
        }
        s.go(arg_b_slow)
    }

    #[cold]
    fn arg_b_slow(s) {
        throw_argument(s, TypeRef::BOOL)
    }

    fn check_param_slow(s) {
        let ty = TypeRef(s.get(s.b()) as u32);
        match (*s.m).is_instance(s.value(s.a()), ty) {
            Ok(true) => s.next(1),
            Ok(false) => throw_cast(s, ty, Checked::Param(s.c())),
            Err(TypeLimit) => s.go(raise_types),
        }
    }
}

/// What a value was checked for, as the error's text shows it.
#[derive(Clone, Copy)]
enum Checked {
    /// A written `as`.
    Cast,
    /// A conversion the language implies.
    Implied,
    /// A parameter of the function being entered.
    Param(usize),
}

impl Checked {
    fn cast(implied: usize) -> Checked {
        match implied {
            0 => Checked::Cast,
            _ => Checked::Implied,
        }
    }
}

/// Throws for the value in register b of an `arg` instruction.
#[inline(always)]
unsafe fn throw_argument(s: Regs, ty: TypeRef) -> Exit {
    unsafe {
        s.save();
        let checked = usize::try_from(s.c_imm()).map_or(Checked::Implied, Checked::Param);
        let result = raise_cast(&mut *s.m, s.value(s.b()), ty, checked);
        proceed(s, result)
    }
}

/// Raises the `TypeError` for a value that is not of a type.
#[cold]
#[inline(never)]
unsafe fn raise_cast(
    m: &mut Machine,
    value: Value,
    ty: TypeRef,
    checked: Checked,
) -> Result<(), Exit> {
    let program = m.program_ref();
    let given = type_text(m, value);
    let mut text = format!(
        "type '{given}' is not a subtype of type '{}'",
        program.type_name(ty)
    );
    match checked {
        Checked::Cast => {
            text.push_str(" in type cast");
            return m.raise_now("_throwCastError", [text.as_str().into()]);
        }
        Checked::Implied => {}
        Checked::Param(index) => {
            // SAFETY: the saved frame.
            let function = unsafe { m.frame().entry() }.function();
            let name = function
                .params
                .get(index)
                .map(|param| program.modules.string(param.name))
                .unwrap_or_default();
            if !name.is_empty() {
                let name = crate::program::type_names::plain(name);
                text.push_str(&format!(" of '{name}'"));
            }
        }
    }
    m.raise_now("_throwTypeError", [text.as_str().into()])
}

#[inline(always)]
unsafe fn throw_cast(s: Regs, ty: TypeRef, checked: Checked) -> Exit {
    unsafe {
        s.save();
        let result = raise_cast(&mut *s.m, s.value(s.a()), ty, checked);
        proceed(s, result)
    }
}
