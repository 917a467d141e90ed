//! Objects, fields, statics, cells, closures, records.

use eyot_bytecode::NO_REG;
use eyot_bytecode::module::{ClassId, StaticId};
use eyot_bytecode::well_known::class;

use crate::interp::dispatch::{Exit, HandlerFn, Regs, handlers};
use crate::interp::state::UNTOUCHED;
use crate::object::{Header, ObjRef, slot};

use super::control::{deliver, null_check};

/// A fresh zeroed object, or the handler to go to: one that collects and comes back.
macro_rules! fresh {
    ($s:ident, $class:expr, $words:expr, $slow:ident) => {{
        let Some(object) = $s.heap().allocate($words) else {
            return $s.go($slow);
        };
        object.set_header(Header::new($class));
        object
    }};
}

/// Collects so that the next allocation of so many words succeeds.
#[inline(always)]
unsafe fn make_room(mut s: Regs, words: usize, again: HandlerFn) -> Exit {
    unsafe {
        s.save();
        let room = (*s.m).allocate_with(|heap, roots| heap.reserve(words, roots));
        // The heap may want the program to stop.
        s.fuel = (*s.m).fuel;
        match room {
            Ok(()) => s.go(again),
            Err(_) => s.go(deliver),
        }
    }
}

#[inline(always)]
unsafe fn object(s: Regs, slot: usize) -> ObjRef {
    unsafe { ObjRef::of_pointer(s.value(slot)) }
}

#[inline(always)]
unsafe fn closure_words(closure: ObjRef) -> usize {
    let counts = unsafe { closure.word(slot::CLOSURE_FUNCTION) } >> 32;
    slot::CLOSURE_CAPTURES + usize::from(counts as u16) + usize::from((counts >> 16) as u16)
}

#[inline(always)]
unsafe fn instance_words(s: Regs, of: ClassId) -> (usize, usize) {
    unsafe {
        let instance = *(*s.m).instances.add(of.index());
        (usize::from(instance as u16), (instance >> 16) as usize)
    }
}

handlers! {
    fn New(s) {
        let of = ClassId(s.wide() as u32);
        let (words, _) = instance_words(s, of);
        let object = fresh!(s, of, words, new_slow);
        s.set_value(s.a(), object.value());
        s.next(1)
    }

    #[cold]
    fn new_slow(s) {
        let (words, _) = instance_words(s, ClassId(s.wide() as u32));
        make_room(s, words, New)
    }

    fn NewT(s) {
        let of = ClassId(s.half(2));
        let (words, targs_word) = instance_words(s, of);
        let object = fresh!(s, of, words, new_t_slow);
        object.set_word(targs_word, s.get(s.b()));
        s.set_value(s.a(), object.value());
        s.next(2)
    }

    #[cold]
    fn new_t_slow(s) {
        let (words, _) = instance_words(s, ClassId(s.half(2)));
        make_room(s, words, NewT)
    }

    fn LdfR(s) {
        s.set(s.a(), object(s, s.b()).word(s.c()));
        s.next(1)
    }

    fn LdfW(s) {
        s.set(s.a(), object(s, s.b()).word(s.c()));
        s.next(1)
    }

    fn GetField(s) {
        s.set(s.a(), object(s, s.b()).word(s.c()));
        s.next(3)
    }

    fn StfR(s) {
        let (object, value) = (object(s, s.a()), s.value(s.c()));
        object.init_field(s.b(), value);
        if s.heap().must_note(object, value) {
            return s.go(remember_field);
        }
        s.next(1)
    }

    #[cold]
    fn remember_field(s) {
        s.heap().write_barrier_at(object(s, s.a()), s.b(), s.value(s.c()));
        s.next(1)
    }

    fn StfW(s) {
        object(s, s.a()).set_word(s.b(), s.get(s.c()));
        s.next(1)
    }

    fn LdfThis(s) {
        let value = s.value(s.b());
        if !value.is_pointer() {
            return s.go(null_check);
        }
        s.set(s.a(), ObjRef::of_pointer(value).word(s.c()));
        s.next(1)
    }

    fn LdS(s) {
        match (*(*s.m).isolate).statics.get(s.wide() as u32 as usize) {
            Some(&mut value) if value != UNTOUCHED => {
                s.set_value(s.a(), value);
                s.next(1)
            }
            _ => s.go(load_static),
        }
    }

    #[cold]
    fn load_static(s) {
        s.save();
        if (*(*s.m).isolate).refuses(StaticId(s.wide() as u32)) {
            return s.go(refuse_static);
        }
        let program = (*s.m).program_ref();
        match (*(*s.m).isolate).read_static(program, StaticId(s.wide() as u32)) {
            Ok(value) => {
                s.set_value(s.a(), value);
                s.next(1)
            }
            Err(_) => s.go(super::control::raise_types),
        }
    }

    fn StS(s) {
        match (*(*s.m).isolate).statics.get(s.wide() as u32 as usize) {
            Some(place) => {
                *place = s.value(s.a());
                s.next(1)
            }
            None => s.go(store_static),
        }
    }

    #[cold]
    fn store_static(s) {
        if (*(*s.m).isolate).refuses(StaticId(s.wide() as u32)) {
            return s.go(refuse_static);
        }
        let program = (*s.m).program_ref();
        if let Some(place) = (*(*s.m).isolate).statics.touch(program, s.wide() as u32 as usize) {
            *place = s.value(s.a());
        }
        s.next(1)
    }

    #[cold]
    fn refuse_static(s) {
        let modules = (*s.m).program_ref().modules();
        let variable = modules.statik(StaticId(s.wide() as u32));
        let name = variable.map_or("", |variable| modules.string(variable.name));
        super::control::raise(s, "_throwFieldAccess", [name.into()])
    }

    fn CellNew(s) {
        let cell = fresh!(s, class::CELL, 2, cell_slow);
        cell.init_field(1, s.value(s.b()));
        s.set_value(s.a(), cell.value());
        s.next(1)
    }

    #[cold]
    fn cell_slow(s) {
        make_room(s, 2, CellNew)
    }

    fn CellNewW(s) {
        let cell = fresh!(s, class::RAW_CELL, 2, raw_cell_slow);
        cell.set_word(1, s.get(s.b()));
        s.set_value(s.a(), cell.value());
        s.next(1)
    }

    #[cold]
    fn raw_cell_slow(s) {
        make_room(s, 2, CellNewW)
    }

    fn LdCell(s) {
        s.set(s.a(), object(s, s.b()).word(1));
        s.next(1)
    }

    fn LdCellW(s) {
        s.set(s.a(), object(s, s.b()).word(1));
        s.next(1)
    }

    fn StCell(s) {
        let (cell, value) = (object(s, s.a()), s.value(s.b()));
        cell.init_field(1, value);
        if s.heap().must_note(cell, value) {
            return s.go(remember_cell);
        }
        s.next(1)
    }

    #[cold]
    fn remember_cell(s) {
        s.heap().write_barrier_at(object(s, s.a()), 1, s.value(s.b()));
        s.next(1)
    }

    fn StCellW(s) {
        object(s, s.a()).set_word(1, s.get(s.b()));
        s.next(1)
    }

    fn Closure(s) {
        let counts = s.half(3);
        let captures = (counts & 0xffff) as usize + (counts >> 16) as usize;
        let closure = fresh!(s, class::CLOSURE, slot::CLOSURE_CAPTURES + captures, closure_slow);
        // Function and counts lie in the instruction as they lie in the object.
        closure.set_word(slot::CLOSURE_FUNCTION, s.word(1));
        let vector = |register: usize| match register as u16 {
            NO_REG => 0,
            _ => s.get(register) & 0xffff_ffff,
        };
        closure.set_word(slot::CLOSURE_VECTORS, vector(s.b()) | vector(s.c()) << 32);
        let registers = s.pc.add(2).cast::<u16>();
        for index in 0..captures {
            let bits = s.get(usize::from(*registers.add(index)));
            closure.set_word(slot::CLOSURE_CAPTURES + index, bits);
        }
        s.set_value(s.a(), closure.value());
        s.next(2 + captures.div_ceil(4))
    }

    #[cold]
    fn closure_slow(s) {
        let counts = s.half(3);
        let captures = (counts & 0xffff) as usize + (counts >> 16) as usize;
        make_room(s, slot::CLOSURE_CAPTURES + captures, Closure)
    }

    fn Instantiate(s) {
        let words = closure_words(object(s, s.b()));
        let closure = fresh!(s, class::CLOSURE, words, instantiate_slow);
        let generic = object(s, s.b());
        for index in 1..words {
            closure.set_word(index, generic.word(index));
        }
        closure.set_word(slot::CLOSURE_INSTANTIATION, s.get(s.c()) & 0xffff_ffff);
        s.set_value(s.a(), closure.value());
        s.next(1)
    }

    #[cold]
    fn instantiate_slow(s) {
        make_room(s, closure_words(object(s, s.b())), Instantiate)
    }

    fn LdCap(s) {
        s.set(s.a(), object(s, s.b()).word(slot::CLOSURE_CAPTURES + s.c()));
        s.next(1)
    }

    fn LdCapW(s) {
        let closure = object(s, s.b());
        let refs = (closure.word(slot::CLOSURE_FUNCTION) >> 32) as u16;
        s.set(s.a(), closure.word(slot::CLOSURE_CAPTURES + usize::from(refs) + s.c()));
        s.next(1)
    }

    fn ClosureTargsClass(s) {
        s.set(s.a(), object(s, s.b()).word(slot::CLOSURE_VECTORS) & 0xffff_ffff);
        s.next(1)
    }

    fn ClosureTargsFn(s) {
        s.set(s.a(), object(s, s.b()).word(slot::CLOSURE_VECTORS) >> 32);
        s.next(1)
    }

    fn Record(s) {
        let fields = s.b();
        let record = fresh!(s, class::RECORD, slot::RECORD_FIELDS + fields, record_slow);
        record.set_word(slot::RECORD_SHAPE, s.word(1) & 0xffff_ffff | (fields as u64) << 32);
        let registers = s.pc.add(2).cast::<u16>();
        for index in 0..fields {
            record.init_field(slot::RECORD_FIELDS + index, s.value(usize::from(*registers.add(index))));
        }
        s.set_value(s.a(), record.value());
        s.next(2 + fields.div_ceil(4))
    }

    #[cold]
    fn record_slow(s) {
        make_room(s, slot::RECORD_FIELDS + s.b(), Record)
    }

    fn LdRec(s) {
        s.set(s.a(), object(s, s.b()).word(slot::RECORD_FIELDS + s.c()));
        s.next(1)
    }

    fn NullCheck(s) {
        if s.value(s.a()).is_null() {
            return s.go(null_check);
        }
        s.next(1)
    }
}
