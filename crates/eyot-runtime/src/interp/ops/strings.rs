//! Identity, equality of built-in values, strings.

use eyot_bytecode::well_known::class;

use crate::interp::dispatch::handlers;
use crate::interp::machine::Machine;
use crate::native::Raised;
use crate::object::{Header, ObjRef, StringView, slot, string_view};
use crate::value::Value;

use super::control::{deliver, raise};

/// `identical`: numbers by value, everything else by address.
pub(crate) fn identical(a: Value, b: Value) -> bool {
    if a == b {
        return true;
    }
    let (Some(x), Some(y)) = (ObjRef::of(a), ObjRef::of(b)) else {
        return false;
    };
    // SAFETY: the invariant of Value; boxed numbers have word 1.
    unsafe {
        let of = x.class();
        of == y.class()
            && (of == class::DOUBLE || of == class::INT || of == class::TYPE)
            && x.word(1) == y.word(1)
    }
}

/// `==` of null, bools, numbers and strings; identity for everything else.
pub(crate) fn equal(a: Value, b: Value) -> bool {
    let number = |value: Value| {
        let object = ObjRef::of(value)?;
        // SAFETY: the invariant of Value; boxed numbers have word 1.
        unsafe {
            match object.class() {
                class::DOUBLE => Some(Number::Double(f64::from_bits(object.word(1)))),
                class::INT => Some(Number::Int(object.word(1) as i64)),
                _ => None,
            }
        }
    };
    let number = |value: Value| match value.is_smi() {
        true => Some(Number::Int(value.as_smi())),
        false => number(value),
    };
    match (number(a), number(b)) {
        (Some(x), Some(y)) => x == y,
        (None, None) => a == b || same_string(a, b),
        _ => false,
    }
}

enum Number {
    Int(i64),
    Double(f64),
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        match (self, other) {
            (Number::Int(x), Number::Int(y)) => x == y,
            (Number::Double(x), Number::Double(y)) => x == y,
            // Equal only if the integer is exactly the double.
            (Number::Int(x), Number::Double(y)) | (Number::Double(y), Number::Int(x)) => {
                *x as f64 == *y && (*y < 9_223_372_036_854_775_808.0) && *y as i64 == *x
            }
        }
    }
}

fn same_string(a: Value, b: Value) -> bool {
    // SAFETY: nothing is allocated while the views live.
    match unsafe { (string_view(a), string_view(b)) } {
        (Some(x), Some(y)) => same_units(x, y),
        _ => false,
    }
}

fn same_units(x: StringView<'_>, y: StringView<'_>) -> bool {
    match (x, y) {
        (StringView::OneByte(x), StringView::OneByte(y)) => x == y,
        (StringView::TwoByte(x), StringView::TwoByte(y)) => x == y,
        (StringView::OneByte(x), StringView::TwoByte(y))
        | (StringView::TwoByte(y), StringView::OneByte(x)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(&x, &y)| u16::from(x) == y)
        }
    }
}

/// Where a string's code units are.
#[inline(always)]
unsafe fn units(string: ObjRef) -> *const u8 {
    unsafe {
        match string.header().has(Header::EXTERNAL) {
            true => string.word(slot::STRING_DATA) as *const u8,
            false => string.as_ptr().add(slot::STRING_DATA).cast_const().cast(),
        }
    }
}

handlers! {
    fn Ident(s) {
        let (a, b) = (s.value(s.b()), s.value(s.c()));
        if a == b || !a.is_pointer() || !b.is_pointer() {
            s.set_bool(s.a(), a == b);
            return s.next(1);
        }
        s.go(ident_slow)
    }

    fn ident_slow(s) {
        s.set_bool(s.a(), identical(s.value(s.b()), s.value(s.c())));
        s.next(1)
    }

    fn EqR(s) {
        let (a, b) = (s.value(s.b()), s.value(s.c()));
        // Two small integers, or an immediate and something that is no number: the words decide.
        if (a.is_smi() && b.is_smi()) || (!a.is_smi() && !a.is_pointer()) || (!b.is_smi() && !b.is_pointer()) {
            s.set_bool(s.a(), a == b);
            return s.next(1);
        }
        s.go(equal_slow)
    }

    fn equal_slow(s) {
        s.set_bool(s.a(), equal(s.value(s.b()), s.value(s.c())));
        s.next(1)
    }

    fn CharAt(s) {
        let string = s.value(s.b());
        if !string.is_pointer() {
            return s.go(char_at_slow);
        }
        let object = ObjRef::of_pointer(string);
        let index = s.get(s.c());
        if object.class() != class::ONE_BYTE_STRING {
            return s.go(char_at_wide);
        }
        if index >= object.word(slot::STRING_LENGTH) & 0xffff_ffff {
            return s.go(char_at_slow);
        }
        s.set(s.a(), (*units(object).add(index as usize)).into());
        s.next(1)
    }

    fn char_at_wide(s) {
        let string = s.value(s.b());
        let object = ObjRef::of_pointer(string);
        let index = s.get(s.c());
        if object.class() != class::TWO_BYTE_STRING
            || index >= object.word(slot::STRING_LENGTH) & 0xffff_ffff
        {
            return s.go(char_at_slow);
        }
        s.set(s.a(), (*units(object).cast::<u16>().add(index as usize)).into());
        s.next(1)
    }

    fn char_at_slow(s) {
        let index = s.get(s.c());
        let view = string_view(s.value(s.b()));
        match view.and_then(|view| view.get(usize::try_from(index).unwrap_or(usize::MAX))) {
            Some(unit) => {
                s.set(s.a(), unit.into());
                s.next(1)
            }
            None => {
                let len = view.map_or(0, |view| view.len()) as i64;
                let range = [(index as i64).into(), 0.into(), (len - 1).into(), "index".into()];
                raise(s, "_throwRange", range)
            }
        }
    }

    fn StrCat(s) {
        s.save();
        let count = s.b();
        match (*s.m).concatenate(s.pc.add(1).cast(), count) {
            Ok(string) => {
                s.set_value(s.a(), string);
                s.next(1 + count.div_ceil(4))
            }
            Err(_) => s.go(deliver),
        }
    }
}

impl Machine {
    /// The strings in these registers of the top frame joined.
    ///
    /// # Safety
    /// So many register numbers are there.
    #[inline(never)]
    unsafe fn concatenate(&mut self, registers: *const u16, count: usize) -> Result<Value, Raised> {
        let base = self.base;
        // SAFETY: registers of the frame; nothing is allocated while a view lives.
        let part = |index: usize| unsafe {
            string_view(Value::from_bits(
                *base.add(usize::from(*registers.add(index))),
            ))
        };
        let (mut length, mut wide) = (0, false);
        for index in 0..count {
            length += part(index).map_or(0, |view| view.len());
            wide |= matches!(part(index), Some(StringView::TwoByte(_)));
        }
        self.allocate_with(|heap, roots| {
            let (of, bytes) = match wide {
                true => (class::TWO_BYTE_STRING, length * 2),
                false => (class::ONE_BYTE_STRING, length),
            };
            // The parts are read anew: the collection may have moved them, and it has updated the slots.
            heap.build_string(of, length, bytes, roots, |data| {
                let mut at = 0;
                for index in 0..count {
                    if let Some(view) = part(index) {
                        // SAFETY: the lengths add up to the string's.
                        unsafe { write_units(view, data, at, wide) };
                        at += view.len();
                    }
                }
            })
        })
    }
}

/// Writes code units from unit `at` on.
unsafe fn write_units(view: StringView<'_>, data: *mut u8, at: usize, wide: bool) {
    unsafe {
        match view {
            StringView::OneByte(units) if wide => {
                let data = data.cast::<u16>().add(at);
                for (index, &unit) in units.iter().enumerate() {
                    data.add(index).write(unit.into());
                }
            }
            StringView::OneByte(units) => {
                std::ptr::copy_nonoverlapping(units.as_ptr(), data.add(at), units.len());
            }
            StringView::TwoByte(units) => {
                let data = data.cast::<u16>().add(at);
                std::ptr::copy_nonoverlapping(units.as_ptr(), data, units.len());
            }
        }
    }
}
