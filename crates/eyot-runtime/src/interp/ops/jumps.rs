//! Jumps. Those that go backwards cost fuel; see `Regs::jump`.

// A comparison with NaN is false, and its negation true.
#![allow(clippy::neg_cmp_op_on_partial_ord)]

use eyot_bytecode::module::ClassId;

use crate::interp::dispatch::handlers;
use crate::value::Value;

use super::tests_of_type::{class_of, is_subclass, known_subclass};

macro_rules! on_register {
    ($($name:ident = |$s:ident, $a:ident| $condition:expr;)*) => { handlers! { $(
        fn $name($s) {
            let $a = $s.a();
            if $condition {
                return $s.jump($s.wide() as isize);
            }
            $s.next(1)
        }
    )* } };
}

macro_rules! compare {
    ($($name:ident = |$s:ident| $condition:expr;)*) => { handlers! { $(
        fn $name($s) {
            if $condition {
                return $s.jump($s.c_imm() as isize);
            }
            $s.next(1)
        }
    )* } };
}

on_register! {
    Jt = |s, a| s.get(a) != 0;
    Jf = |s, a| s.get(a) == 0;
    JtR = |s, a| s.value(a) == Value::TRUE;
    Jnull = |s, a| s.value(a).is_null();
    Jnnull = |s, a| !s.value(a).is_null();
    Jnsent = |s, a| s.value(a) != Value::SENTINEL;
}

compare! {
    JeqI = |s| s.int(s.a()) == s.int(s.b());
    JneI = |s| s.int(s.a()) != s.int(s.b());
    JltI = |s| s.int(s.a()) < s.int(s.b());
    JleI = |s| s.int(s.a()) <= s.int(s.b());
    JeqIK = |s| s.int(s.a()) == s.b_imm();
    JneIK = |s| s.int(s.a()) != s.b_imm();
    JltIK = |s| s.int(s.a()) < s.b_imm();
    JleIK = |s| s.int(s.a()) <= s.b_imm();
    JgtIK = |s| s.int(s.a()) > s.b_imm();
    JgeIK = |s| s.int(s.a()) >= s.b_imm();
    JeqD = |s| s.double(s.a()) == s.double(s.b());
    JneD = |s| s.double(s.a()) != s.double(s.b());
    JltD = |s| s.double(s.a()) < s.double(s.b());
    JleD = |s| s.double(s.a()) <= s.double(s.b());
    JnltD = |s| !(s.double(s.a()) < s.double(s.b()));
    JnleD = |s| !(s.double(s.a()) <= s.double(s.b()));
    JeqR = |s| s.get(s.a()) == s.get(s.b());
    JneR = |s| s.get(s.a()) != s.get(s.b());
}

handlers! {
    fn Jmp(s) {
        s.jump(s.wide() as isize)
    }

    fn Jis(s) {
        match known_subclass(s, class_of(s.value(s.a())), ClassId(s.half(2))) {
            Some(true) => s.jump(s.half(3) as i32 as isize),
            Some(false) => s.next(2),
            None => s.go(ask_subclass),
        }
    }

    fn Jnis(s) {
        match known_subclass(s, class_of(s.value(s.a())), ClassId(s.half(2))) {
            Some(true) => s.next(2),
            Some(false) => s.jump(s.half(3) as i32 as isize),
            None => s.go(ask_subclass),
        }
    }

    /// Makes the cache know, and runs the instruction again.
    #[cold]
    fn ask_subclass(s) {
        is_subclass(s.m, class_of(s.value(s.a())), ClassId(s.half(2)));
        s.dispatch()
    }

    fn SwitchI(s) {
        let count = s.wide() as u32 as u64;
        let index = s.get(s.a()).wrapping_sub(s.word(1));
        if index < count {
            let jump = *s.pc.add(2).cast::<i32>().add(index as usize);
            return s.jump(jump as isize);
        }
        s.next(2 + (count as usize).div_ceil(2))
    }
}
