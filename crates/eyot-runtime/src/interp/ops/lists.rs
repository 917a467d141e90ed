//! Lists, typed data, lengths, iteration: fast paths for the VM's own classes, else the virtual call that the instruction names.

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;

use crate::interp::dispatch::{Exit, Regs, handlers};
use crate::interp::machine::Machine;
use crate::object::{self, Header, ObjRef, slot};
use crate::program::types::{TypeArguments, TypeRef};
use crate::value::Value;

use super::calls::{SlowCall, slow_call, unary_call};
use super::control::{deliver, proceed, type_text};
use super::tests_of_type::{known_element, remember_element_test};

/// Words of the instructions with a call behind.
const WORDS: usize = 2;

/// The object that has the elements of one of the VM's lists, if the index is in bounds.
#[inline(always)]
unsafe fn elements(list: Value, index: u64) -> Option<ObjRef> {
    unsafe {
        if !list.is_pointer() {
            return None;
        }
        let list = ObjRef::of_pointer(list);
        let of = list.class();
        if of == class::GROWABLE_LIST {
            return (index < list.word(slot::LIST_LENGTH))
                .then(|| ObjRef::of_pointer(list.field(slot::GROWABLE_BACKING)));
        }
        ((of == class::FIXED_LIST || of == class::IMMUTABLE_LIST)
            && index < list.word(slot::LIST_LENGTH))
        .then_some(list)
    }
}

/// The same for lists whose elements may be written.
#[inline(always)]
unsafe fn mutable_elements(list: Value, index: u64) -> Option<ObjRef> {
    unsafe {
        if !list.is_pointer() {
            return None;
        }
        let list = ObjRef::of_pointer(list);
        let of = list.class();
        if (of != class::GROWABLE_LIST && of != class::FIXED_LIST)
            || index >= list.word(slot::LIST_LENGTH)
        {
            return None;
        }
        Some(match of == class::GROWABLE_LIST {
            true => ObjRef::of_pointer(list.field(slot::GROWABLE_BACKING)),
            false => list,
        })
    }
}

/// Address of an element of typed data, and the class, if the index is in bounds.
#[inline(always)]
unsafe fn typed_element(
    list: Value,
    index: u64,
    width_of: impl Fn(u32) -> usize,
) -> Option<(u32, *mut u8)> {
    unsafe { typed_element_of(list, index, Header::class, width_of) }
}

/// The same if the element may be written at once: not if the bytes are lent.
#[inline(always)]
unsafe fn typed_place(
    list: Value,
    index: u64,
    width_of: impl Fn(u32) -> usize,
) -> Option<(u32, *mut u8)> {
    unsafe { typed_element_of(list, index, Header::class_to_write, width_of) }
}

#[inline(always)]
unsafe fn typed_element_of(
    list: Value,
    index: u64,
    class_of: impl Fn(Header) -> ClassId,
    width_of: impl Fn(u32) -> usize,
) -> Option<(u32, *mut u8)> {
    unsafe {
        let list = ObjRef::of(list)?;
        let of = class_of(list.header()).0;
        let width = width_of(of);
        if width == 0 || index >= list.word(slot::DATA_LENGTH) {
            return None;
        }
        let data = list.word(slot::DATA_POINTER) as *mut u8;
        Some((of, data.add(index as usize * width)))
    }
}

/// Bytes of an element of integer typed data, 0 for anything else.
#[inline(always)]
fn int_width(of: u32) -> usize {
    const FIRST: u32 = class::INT8_LIST.0;
    const WIDTHS: [u8; 9] = [1, 1, 1, 2, 2, 4, 4, 8, 8];
    const _: () = assert!(class::UINT64_LIST.0 - FIRST == 8);
    WIDTHS
        .get(of.wrapping_sub(FIRST) as usize)
        .map_or(0, |&width| width.into())
}

/// Bytes of an element of floating typed data, 0 for anything else.
#[inline(always)]
fn float_width(of: u32) -> usize {
    match of {
        _ if of == class::FLOAT64_LIST.0 => 8,
        _ if of == class::FLOAT32_LIST.0 => 4,
        _ => 0,
    }
}

const _: () = assert!(class::UINT8_LIST.0 == class::INT8_LIST.0 + 1);
const _: () = assert!(class::UINT8_CLAMPED_LIST.0 == class::INT8_LIST.0 + 2);
const _: () = assert!(class::INT16_LIST.0 == class::INT8_LIST.0 + 3);
const _: () = assert!(class::UINT16_LIST.0 == class::INT8_LIST.0 + 4);
const _: () = assert!(class::INT32_LIST.0 == class::INT8_LIST.0 + 5);
const _: () = assert!(class::UINT32_LIST.0 == class::INT8_LIST.0 + 6);
const _: () = assert!(class::INT64_LIST.0 == class::INT8_LIST.0 + 7);

#[inline(always)]
unsafe fn read_int(of: u32, at: *const u8) -> i64 {
    unsafe {
        match of - class::INT8_LIST.0 {
            0 => i64::from(at.cast::<i8>().read()),
            1 | 2 => i64::from(at.read()),
            3 => i64::from(at.cast::<i16>().read()),
            4 => i64::from(at.cast::<u16>().read()),
            5 => i64::from(at.cast::<i32>().read()),
            6 => i64::from(at.cast::<u32>().read()),
            _ => at.cast::<i64>().read(),
        }
    }
}

#[inline(always)]
unsafe fn write_int(of: u32, at: *mut u8, value: i64) {
    unsafe {
        match of - class::INT8_LIST.0 {
            0 | 1 => at.write(value as u8),
            2 => at.write(value.clamp(0, 255) as u8),
            3 | 4 => at.cast::<u16>().write(value as u16),
            5 | 6 => at.cast::<u32>().write(value as u32),
            _ => at.cast::<i64>().write(value),
        }
    }
}

/// `[]`: receiver tagged, index raw.
#[inline(always)]
unsafe fn get_slow(s: Regs) -> Exit {
    unsafe {
        let call = SlowCall {
            tagged: [s.b() as u16, 0],
            nref: 1,
            raw: [s.c() as u16, 0],
            nraw: 1,
            dst: Some(s.a() as u16),
            words: WORDS,
        };
        slow_call(s, call)
    }
}

/// `[]=` with a tagged value.
#[inline(always)]
unsafe fn set_tagged_slow(s: Regs) -> Exit {
    unsafe {
        let call = SlowCall {
            tagged: [s.a() as u16, s.c() as u16],
            nref: 2,
            raw: [s.b() as u16, 0],
            nraw: 1,
            dst: None,
            words: WORDS,
        };
        slow_call(s, call)
    }
}

/// `[]=` with a raw value.
#[inline(always)]
unsafe fn set_raw_slow(s: Regs) -> Exit {
    unsafe {
        let call = SlowCall {
            tagged: [s.a() as u16, 0],
            nref: 1,
            raw: [s.b() as u16, s.c() as u16],
            nraw: 2,
            dst: None,
            words: WORDS,
        };
        slow_call(s, call)
    }
}

/// A call on the receiver in register b alone.
#[inline(always)]
unsafe fn unary_slow(s: Regs) -> Exit {
    unsafe {
        let call = SlowCall {
            tagged: [s.b() as u16, 0],
            nref: 1,
            raw: [0, 0],
            nraw: 0,
            dst: Some(s.a() as u16),
            words: WORDS,
        };
        slow_call(s, call)
    }
}

/// `add`.
#[inline(always)]
unsafe fn add_slow(s: Regs) -> Exit {
    unsafe {
        let call = SlowCall {
            tagged: [s.a() as u16, s.b() as u16],
            nref: 2,
            raw: [0, 0],
            nraw: 0,
            dst: None,
            words: WORDS,
        };
        slow_call(s, call)
    }
}

/// The element type of a VM list: the last of its type arguments.
unsafe fn element_type(m: &Machine, list: Value) -> TypeRef {
    unsafe {
        let Some(list) = ObjRef::of(list) else {
            return TypeRef::DYNAMIC;
        };
        let vector = TypeArguments(list.word(slot::LIST_TARGS) as u32);
        let elements = m.program_ref().types.elements(vector);
        elements.last().copied().unwrap_or(TypeRef::DYNAMIC)
    }
}

/// Whether the list takes the value, if the worker's cache knows.
#[inline(always)]
unsafe fn known_to_take(s: Regs, list: Value, value: Value) -> bool {
    unsafe {
        let vector = ObjRef::of_pointer(list).word(slot::LIST_TARGS) as u32;
        vector == 0
            || vector == (*s.m).caches.top_vector
            || known_element(s, vector, value) == Some(true)
    }
}

/// Whether the list takes the value; makes the cache know.
#[inline(never)]
unsafe fn takes(m: *mut Machine, list: Value, value: Value) -> bool {
    unsafe {
        let ty = element_type(&*m, list);
        let answer = (*m).is_instance(value, ty).unwrap_or(false);
        let vector = ObjRef::of(list).map_or(0, |list| list.word(slot::LIST_TARGS) as u32);
        if ty.is_top() {
            (*m).caches.top_vector = vector;
        }
        remember_element_test(m, vector, value, answer);
        answer
    }
}

/// Raises the error for a value that the list does not take.
#[cold]
#[inline(never)]
unsafe fn refuse(m: &mut Machine, list: Value, value: Value) -> Result<(), Exit> {
    let ty = unsafe { element_type(m, list) };
    let text = format!(
        "type '{}' is not a subtype of type '{}' of 'value'",
        type_text(m, value),
        m.program_ref().type_name(ty)
    );
    m.raise_now("_throwTypeError", [text.as_str().into()])
}

handlers! {
    fn IdxGet(s) {
        let index = s.get(s.c());
        match elements(s.value(s.b()), index) {
            Some(list) => {
                s.set(s.a(), list.word(slot::LIST_ELEMENTS + index as usize));
                s.next(WORDS)
            }
            None => s.go(idx_get_slow),
        }
    }

    fn idx_get_slow(s) {
        get_slow(s)
    }

    fn IdxGetI(s) {
        let index = s.get(s.c());
        if let Some(list) = elements(s.value(s.b()), index) {
            let value = list.field(slot::LIST_ELEMENTS + index as usize);
            if value.is_smi() {
                s.set(s.a(), value.as_smi() as u64);
                return s.next(WORDS);
            }
        }
        s.go(idx_get_i_typed)
    }

    fn idx_get_i_typed(s) {
        match typed_element(s.value(s.b()), s.get(s.c()), int_width) {
            Some((of, at)) => {
                s.set(s.a(), read_int(of, at) as u64);
                s.next(WORDS)
            }
            None => s.go(idx_get_i_slow),
        }
    }

    fn idx_get_i_slow(s) {
        let index = s.get(s.c());
        if let Some(list) = elements(s.value(s.b()), index)
            && let Some(int) = object::as_int(list.field(slot::LIST_ELEMENTS + index as usize))
        {
            s.set(s.a(), int as u64);
            return s.next(WORDS);
        }
        s.go(idx_get_slow)
    }

    fn IdxGetD(s) {
        let index = s.get(s.c());
        if let Some(list) = elements(s.value(s.b()), index) {
            let value = list.field(slot::LIST_ELEMENTS + index as usize);
            if value.is_pointer() {
                s.set(s.a(), ObjRef::of_pointer(value).word(1));
                return s.next(WORDS);
            }
        }
        s.go(idx_get_d_typed)
    }

    fn idx_get_d_typed(s) {
        match typed_element(s.value(s.b()), s.get(s.c()), float_width) {
            Some((of, at)) => {
                let value = match of == class::FLOAT64_LIST.0 {
                    true => at.cast::<f64>().read(),
                    false => at.cast::<f32>().read().into(),
                };
                s.set_double(s.a(), value);
                s.next(WORDS)
            }
            None => s.go(idx_get_slow),
        }
    }

    fn IdxSet(s) {
        let index = s.get(s.b());
        match mutable_elements(s.value(s.a()), index) {
            Some(list) => {
                let value = s.value(s.c());
                list.init_field(slot::LIST_ELEMENTS + index as usize, value);
                if s.heap().must_note(list, value) {
                    return s.go(remember_element);
                }
                s.next(WORDS)
            }
            None => s.go(idx_set_slow),
        }
    }

    #[cold]
    fn remember_element(s) {
        let index = s.get(s.b());
        if let Some(list) = mutable_elements(s.value(s.a()), index) {
            s.heap().write_barrier_at(list, slot::LIST_ELEMENTS + index as usize, s.value(s.c()));
        }
        s.next(WORDS)
    }

    fn idx_set_slow(s) {
        set_tagged_slow(s)
    }

    fn IdxSetC(s) {
        let (list, value) = (s.value(s.a()), s.value(s.c()));
        let index = s.get(s.b());
        let Some(elements) = mutable_elements(list, index) else {
            return s.go(idx_set_slow);
        };
        if !known_to_take(s, list, value) {
            return s.go(idx_set_check);
        }
        elements.init_field(slot::LIST_ELEMENTS + index as usize, value);
        if s.heap().must_note(elements, value) {
            return s.go(remember_element);
        }
        s.next(WORDS)
    }

    fn idx_set_check(s) {
        let list = s.value(s.a());
        if takes(s.m, list, s.value(s.c())) {
            return s.go(IdxSet);
        }
        s.save();
        let result = refuse(&mut *s.m, list, s.value(s.c()));
        proceed(s, result)
    }

    fn IdxSetI(s) {
        let index = s.get(s.b());
        if let Some(list) = mutable_elements(s.value(s.a()), index)
            && let Some(small) = Value::smi(s.int(s.c()))
        {
            list.init_field(slot::LIST_ELEMENTS + index as usize, small);
            return s.next(WORDS);
        }
        s.go(idx_set_i_typed)
    }

    fn idx_set_i_typed(s) {
        match typed_place(s.value(s.a()), s.get(s.b()), int_width) {
            Some((of, at)) => {
                write_int(of, at, s.int(s.c()));
                s.next(WORDS)
            }
            None => s.go(idx_set_i_slow),
        }
    }

    fn idx_set_raw_slow(s) {
        set_raw_slow(s)
    }

    fn idx_set_i_slow(s) {
        let index = s.get(s.b());
        if mutable_elements(s.value(s.a()), index).is_none() {
            return s.go(idx_set_raw_slow);
        }
        s.save();
        let value = s.int(s.c());
        match (*s.m).new_int(value) {
            Ok(boxed) => {
                (*s.m).list_set(s.value(s.a()), index as usize, boxed);
                s.next(WORDS)
            }
            Err(_) => s.go(deliver),
        }
    }

    fn IdxSetD(s) {
        match typed_place(s.value(s.a()), s.get(s.b()), float_width) {
            Some((of, at)) => {
                let value = s.double(s.c());
                match of == class::FLOAT64_LIST.0 {
                    true => at.cast::<f64>().write(value),
                    false => at.cast::<f32>().write(value as f32),
                }
                s.next(WORDS)
            }
            None => s.go(idx_set_d_slow),
        }
    }

    fn idx_set_d_slow(s) {
        let index = s.get(s.b());
        if mutable_elements(s.value(s.a()), index).is_none() {
            return s.go(idx_set_raw_slow);
        }
        s.save();
        let value = s.double(s.c());
        match (*s.m).new_double(value) {
            Ok(boxed) => {
                (*s.m).list_set(s.value(s.a()), index as usize, boxed);
                s.next(WORDS)
            }
            Err(_) => s.go(deliver),
        }
    }

    fn ListAdd(s) {
        let list = s.value(s.a());
        if !list.is_pointer() {
            return s.go(list_add_slow);
        }
        let list = ObjRef::of_pointer(list);
        if list.class() != class::GROWABLE_LIST {
            return s.go(list_add_slow);
        }
        let len = list.word(slot::LIST_LENGTH);
        let backing = list.field(slot::GROWABLE_BACKING);
        if !backing.is_pointer() {
            return s.go(list_add_slow);
        }
        let backing = ObjRef::of_pointer(backing);
        if len >= backing.word(slot::LIST_LENGTH) {
            return s.go(list_add_slow);
        }
        let value = s.value(s.b());
        backing.init_field(slot::LIST_ELEMENTS + len as usize, value);
        list.set_word(slot::LIST_LENGTH, len + 1);
        if s.heap().must_note(backing, value) {
            return s.go(remember_added);
        }
        s.next(WORDS)
    }

    #[cold]
    fn remember_added(s) {
        let list = ObjRef::of_pointer(s.value(s.a()));
        let last = list.word(slot::LIST_LENGTH) as usize - 1;
        let backing = ObjRef::of_pointer(list.field(slot::GROWABLE_BACKING));
        s.heap().write_barrier_at(backing, slot::LIST_ELEMENTS + last, s.value(s.b()));
        s.next(WORDS)
    }

    fn add_call(s) {
        add_slow(s)
    }

    fn list_add_slow(s) {
        let list = s.value(s.a());
        if ObjRef::of(list).is_none_or(|list| list.class() != class::GROWABLE_LIST) {
            return s.go(add_call);
        }
        s.save();
        let m = &mut *s.m;
        let roots = m.root_count();
        let (list, value) = (m.push_root(list), m.push_root(s.value(s.b())));
        let added = m.list_add(list, value);
        m.truncate_roots(roots);
        match added {
            Ok(()) => s.next(WORDS),
            Err(_) => s.go(deliver),
        }
    }

    fn ListAddC(s) {
        let list = s.value(s.a());
        if !list.is_pointer() || ObjRef::of_pointer(list).class() != class::GROWABLE_LIST {
            return s.go(add_call);
        }
        if known_to_take(s, list, s.value(s.b())) {
            return s.go(ListAdd);
        }
        s.go(list_add_check)
    }

    fn list_add_check(s) {
        let list = s.value(s.a());
        if takes(s.m, list, s.value(s.b())) {
            return s.go(ListAdd);
        }
        s.save();
        let result = refuse(&mut *s.m, list, s.value(s.b()));
        proceed(s, result)
    }

    fn LenR(s) {
        s.set(s.a(), length(s.value(s.b())).unwrap_or(0));
        s.next(1)
    }

    fn LenV(s) {
        match length(s.value(s.b())) {
            Some(length) => {
                s.set(s.a(), length);
                s.next(WORDS)
            }
            None => s.go(len_slow),
        }
    }

    fn len_slow(s) {
        unary_call(s, unary_find)
    }

    fn unary_find(s) {
        unary_slow(s)
    }

    fn IterNext(s) {
        let iterator = s.value(s.b());
        if !iterator.is_pointer() {
            return s.go(iter_slow);
        }
        let iterator = ObjRef::of_pointer(iterator);
        let words = (*s.m).iterator_words;
        if iterator.class() != class::LIST_ITERATOR || words.list == 0 {
            return s.go(iter_slow);
        }
        let list = ObjRef::of_pointer(iterator.field(words.list.into()));
        let of = list.class();
        let length = iterator.word(words.length.into());
        let is_list = of == class::GROWABLE_LIST || of == class::FIXED_LIST || of == class::IMMUTABLE_LIST;
        if !is_list || list.word(slot::LIST_LENGTH) != length {
            return s.go(iter_slow);
        }
        let index = iterator.word(words.index.into());
        if index >= length {
            iterator.init_field(words.current.into(), Value::NULL);
            s.set(s.a(), 0);
            return s.next(WORDS);
        }
        let elements = match of == class::GROWABLE_LIST {
            true => ObjRef::of_pointer(list.field(slot::GROWABLE_BACKING)),
            false => list,
        };
        let value = elements.field(slot::LIST_ELEMENTS + index as usize);
        iterator.init_field(words.current.into(), value);
        iterator.set_word(words.index.into(), index + 1);
        s.set(s.a(), 1);
        if s.heap().must_note(iterator, value) {
            return s.go(remember_current);
        }
        s.next(WORDS)
    }

    #[cold]
    fn remember_current(s) {
        let iterator = ObjRef::of_pointer(s.value(s.b()));
        let word = usize::from((*s.m).iterator_words.current);
        s.heap().write_barrier_at(iterator, word, iterator.field(word));
        s.next(WORDS)
    }

    fn iter_slow(s) {
        unary_call(s, unary_find)
    }

    fn IterCurrent(s) {
        let iterator = s.value(s.b());
        if !iterator.is_pointer() {
            return s.go(iter_slow);
        }
        let iterator = ObjRef::of_pointer(iterator);
        let words = (*s.m).iterator_words;
        if iterator.class() != class::LIST_ITERATOR || words.list == 0 {
            return s.go(iter_slow);
        }
        s.set(s.a(), iterator.word(words.current.into()));
        s.next(WORDS)
    }

    fn ListNew(s) {
        s.save();
        let targs = TypeArguments(s.get(s.b()) as u32);
        match (*s.m).new_growable(targs, s.c()) {
            Ok(list) => {
                s.set_value(s.a(), list);
                s.next(1)
            }
            Err(_) => s.go(deliver),
        }
    }
}

/// Length of a VM list, string or typed data.
#[inline(always)]
unsafe fn length(value: Value) -> Option<u64> {
    unsafe {
        if !value.is_pointer() {
            return None;
        }
        let object = ObjRef::of_pointer(value);
        match object.class() {
            class::FIXED_LIST | class::IMMUTABLE_LIST | class::GROWABLE_LIST => {
                Some(object.word(slot::LIST_LENGTH))
            }
            class::ONE_BYTE_STRING | class::TWO_BYTE_STRING => {
                Some(object.word(slot::STRING_LENGTH) & 0xffff_ffff)
            }
            of if (class::INT8_LIST..=class::FLOAT64_LIST).contains(&of) => {
                Some(object.word(slot::DATA_LENGTH))
            }
            _ => None,
        }
    }
}
