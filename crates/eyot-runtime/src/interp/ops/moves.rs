//! Moves, constants, boxing.

use eyot_bytecode::module::ConstId;
use eyot_bytecode::well_known::class;
use std::sync::atomic::Ordering;

use crate::interp::dispatch::handlers;
use crate::object::{Header, ObjRef};
use crate::value::Value;

handlers! {
    fn Nop(s) { s.next(1) }

    fn MovR(s) {
        s.set(s.a(), s.get(s.b()));
        s.next(1)
    }

    fn MovW(s) {
        s.set(s.a(), s.get(s.b()));
        s.next(1)
    }

    fn LdNull(s) {
        s.set_value(s.a(), Value::NULL);
        s.next(1)
    }

    fn LdTrue(s) {
        s.set_value(s.a(), Value::TRUE);
        s.next(1)
    }

    fn LdFalse(s) {
        s.set_value(s.a(), Value::FALSE);
        s.next(1)
    }

    fn LdSentinel(s) {
        s.set_value(s.a(), Value::SENTINEL);
        s.next(1)
    }

    fn LdSmi(s) {
        s.set(s.a(), (i64::from(s.wide()) << 1 | 1) as u64);
        s.next(1)
    }

    fn LdK(s) {
        let known = (*(*s.m).consts.add(s.wide() as u32 as usize)).load(Ordering::Acquire);
        if known == 0 {
            return s.go(link_constant);
        }
        s.set(s.a(), known);
        s.next(1)
    }

    #[cold]
    fn link_constant(s) {
        s.save();
        let m = &mut *s.m;
        match m.program_ref().constant(ConstId(s.wide() as u32)) {
            Ok(value) => {
                s.set_value(s.a(), value);
                s.next(1)
            }
            Err(_) => s.go(super::control::raise_types),
        }
    }

    fn LdI(s) {
        s.set(s.a(), i64::from(s.wide()) as u64);
        s.next(1)
    }

    fn LdIW(s) {
        s.set(s.a(), s.word(1));
        s.next(2)
    }

    fn LdD(s) {
        s.set(s.a(), s.word(1));
        s.next(2)
    }

    fn LdB(s) {
        s.set(s.a(), s.wide() as u64 & 1);
        s.next(1)
    }

    fn BoxI(s) {
        match Value::smi(s.int(s.b())) {
            Some(small) => {
                s.set_value(s.a(), small);
                s.next(1)
            }
            None => s.go(box_slow),
        }
    }

    #[cold]
    fn box_slow(s) {
        s.save();
        let value = s.int(s.b());
        match (*s.m).new_int(value) {
            Ok(boxed) => {
                s.set_value(s.a(), boxed);
                s.next(1)
            }
            Err(_) => s.go(super::control::deliver),
        }
    }

    fn BoxD(s) {
        let heap = s.heap();
        let Some(object) = heap.allocate(2) else {
            return s.go(box_double_slow);
        };
        heap.count_boxed_double();
        object.set_header(Header::new(class::DOUBLE));
        object.set_word(1, s.get(s.b()));
        s.set_value(s.a(), object.value());
        s.next(1)
    }

    #[cold]
    fn box_double_slow(s) {
        s.save();
        let value = s.double(s.b());
        match (*s.m).new_double(value) {
            Ok(boxed) => {
                s.set_value(s.a(), boxed);
                s.next(1)
            }
            Err(_) => s.go(super::control::deliver),
        }
    }

    fn BoxB(s) {
        s.set_value(s.a(), Value::bool(s.get(s.b()) != 0));
        s.next(1)
    }

    fn UnboxI(s) {
        let value = s.value(s.b());
        if value.is_smi() {
            s.set(s.a(), value.as_smi() as u64);
            return s.next(1);
        }
        s.go(unbox_slow)
    }

    fn UnboxD(s) {
        let value = s.value(s.b());
        if !value.is_pointer() {
            return s.go(unbox_slow);
        }
        s.set(s.a(), ObjRef::of_pointer(value).word(1));
        s.next(1)
    }

    /// A boxed number; anything else (damaged types) reads as 0.
    #[cold]
    fn unbox_slow(s) {
        let bits = ObjRef::of(s.value(s.b())).map_or(0, |object| match object.class() {
            class::INT | class::DOUBLE => object.word(1),
            _ => 0,
        });
        s.set(s.a(), bits);
        s.next(1)
    }

    fn UnboxB(s) {
        s.set_bool(s.a(), s.value(s.b()) == Value::TRUE);
        s.next(1)
    }
}
