//! What several natives need: numbers of either kind, raw storage, hashes.

use eyot_bytecode::well_known::class;
use eyot_runtime::heap::roots::Roots;
use eyot_runtime::heap::{Allocated, Heap};
use eyot_runtime::interp::raise::RaiseArgument;
use eyot_runtime::native::{NativeCall, NativeResult, Raised};
use eyot_runtime::object::{self, ObjRef, StringView, slot};
use eyot_runtime::sched::in_long_step;
use eyot_runtime::value::Value;

/// Bytes that are copied in the time of a call of a function.
const BYTES_PER_FUEL: usize = 64;

/// So many take a millisecond or two.
const LONG_STEP_BYTES: usize = 16 << 20;

/// Takes fuel for a native that takes as long as it takes to copy so many bytes: after a large one the isolate looks whether it is to give
/// way. A very large one best asks before it begins, so that others take over what waits here.
pub fn spend_bytes(cx: &mut NativeCall<'_>, bytes: usize) {
    if bytes >= LONG_STEP_BYTES {
        in_long_step();
    }
    cx.spend((bytes / BYTES_PER_FUEL) as i64);
}

/// A number of either kind.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// An int.
    Int(i64),
    /// A double.
    Double(f64),
}

impl Number {
    /// The number in a value.
    pub fn of(value: Value) -> Option<Number> {
        object::as_int(value)
            .map(Number::Int)
            .or_else(|| object::as_double(value).map(Number::Double))
    }

    /// The nearest double.
    pub fn to_double(self) -> f64 {
        match self {
            Number::Int(value) => value as f64,
            Number::Double(value) => value,
        }
    }
}

/// An argument is not of the type that its parameter has. Calls are checked before they get to a native, so this is only seen
/// when an image does not fit the runtime.
#[cold]
pub fn wrong_argument(cx: &mut NativeCall<'_>) -> NativeResult {
    cx.throw_type("a native was called with an argument of another type")
}

/// `ArgumentError.value` with the value alone.
pub fn throw_argument_value(cx: &mut NativeCall<'_>, value: Value) -> NativeResult {
    cx.raise(
        "_throwArgument",
        [
            RaiseArgument::Value(value),
            RaiseArgument::Value(Value::NULL),
            RaiseArgument::Value(Value::NULL),
        ],
    )
}

/// The order of an integer and a double by their exact values; none for NaN.
pub fn compare_exact(int: i64, double: f64) -> Option<std::cmp::Ordering> {
    use std::cmp::Ordering;
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if double.is_nan() {
        None
    } else if double >= LIMIT {
        Some(Ordering::Less)
    } else if double < -LIMIT {
        Some(Ordering::Greater)
    } else {
        let whole = double.trunc();
        let order = int.cmp(&(whole as i64));
        let fraction = (double - whole).partial_cmp(&0.0)?;
        Some(order.then(fraction.reverse()))
    }
}

/// Whether two numbers are `==`.
pub fn same_number(a: Number, b: Number) -> bool {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => a == b,
        (Number::Double(a), Number::Double(b)) => a == b,
        (Number::Int(a), Number::Double(b)) | (Number::Double(b), Number::Int(a)) => {
            compare_exact(a, b) == Some(std::cmp::Ordering::Equal)
        }
    }
}

/// The hash code of an int: 30 bits.
pub fn int_hash(value: i64) -> i64 {
    let mixed = (value as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed >> 32) & 0x3fff_ffff) as i64
}

/// The hash code of a double: that of the equal int where there is one.
pub fn double_hash(value: f64) -> i64 {
    let truncated = value as i64;
    if compare_exact(truncated, value) == Some(std::cmp::Ordering::Equal) {
        return int_hash(truncated);
    }
    int_hash((value.to_bits() ^ 0x5bd1_e995_7b93_2f1d) as i64)
}

/// The hash code of a string, kept in the object once it is known.
pub fn string_hash(value: Value) -> Option<u32> {
    // SAFETY: no safepoint passes in this function, so the object stays where it is.
    unsafe {
        let view = object::string_view(value)?;
        let string = ObjRef::of(value)?;
        let word = string.word(slot::STRING_LENGTH);
        let known = (word >> 32) as u32;
        if known != 0 {
            return Some(known);
        }
        let hash = object::string_hash(view);
        if !string.header().has(object::Header::FROZEN) {
            string.set_word(slot::STRING_LENGTH, word | u64::from(hash) << 32);
        }
        Some(hash)
    }
}

/// The code units of a string argument; those of the empty string for anything else.
pub fn text<'a>(cx: &'a NativeCall<'_>, value: Value) -> StringView<'a> {
    cx.text(value).unwrap_or(StringView::OneByte(&[]))
}

/// Fresh raw storage of `length` zeroed 32-bit words (an `_IndexTable`).
pub fn new_words(cx: &mut NativeCall<'_>, length: usize) -> Result<Value, Raised> {
    cx.allocate(|heap, roots| new_index(heap, length, roots))
}

/// The same, where there is no call. A safepoint.
pub fn new_index(heap: &mut Heap, length: usize, roots: &mut dyn Roots) -> Allocated<Value> {
    let words = slot::INDEX_ENTRIES + length.div_ceil(2);
    let table = heap.new_object(class::INDEX_TABLE, words, roots)?;
    // SAFETY: fresh, and the length fits the size.
    unsafe { table.set_word(slot::INDEX_LENGTH, length as u64) };
    Ok(table.value())
}

/// The words of an `_IndexTable` to write, where there is no call; none for anything else.
pub fn index_words(_heap: &mut Heap, table: Value) -> &mut [u32] {
    // SAFETY: the slice borrows the heap mutably, so nothing else looks into it while it lives.
    unsafe {
        raw_words(table).map_or(&mut [], |(start, length)| {
            std::slice::from_raw_parts_mut(start, length)
        })
    }
}

/// The words of an `_IndexTable`; none for anything else.
pub fn words<'a>(_cx: &'a NativeCall<'_>, table: Value) -> &'a [u32] {
    // SAFETY: the slice borrows the call, and every method that may allocate borrows it mutably.
    unsafe {
        raw_words(table).map_or(&[], |(start, length)| {
            std::slice::from_raw_parts(start, length)
        })
    }
}

/// The words of an `_IndexTable` to write; none for anything else.
pub fn words_mut<'a>(_cx: &'a mut NativeCall<'_>, table: Value) -> &'a mut [u32] {
    // SAFETY: the slice borrows the call mutably, so nothing else looks into the heap while it lives.
    unsafe {
        raw_words(table).map_or(&mut [], |(start, length)| {
            std::slice::from_raw_parts_mut(start, length)
        })
    }
}

/// Start and number of the words of an `_IndexTable`.
///
/// # Safety
/// The invariant of `Value` holds.
unsafe fn raw_words(table: Value) -> Option<(*mut u32, usize)> {
    let object = ObjRef::of(table)?;
    // SAFETY: the invariant of Value; the class has this layout.
    unsafe {
        if object.class() != class::INDEX_TABLE {
            return None;
        }
        let length = object.word(slot::INDEX_LENGTH) as usize;
        Some((object.as_ptr().add(slot::INDEX_ENTRIES).cast(), length))
    }
}

/// The words of an `_IndexTable` behind the first `skipped` ones, as bytes.
pub fn bytes<'a>(cx: &'a NativeCall<'_>, table: Value, skipped: usize) -> &'a [u8] {
    let words = words(cx, table).get(skipped..).unwrap_or(&[]);
    // SAFETY: any bytes are bytes; the slice covers the same memory.
    unsafe { std::slice::from_raw_parts(words.as_ptr().cast(), words.len() * 4) }
}

/// As [`bytes`], to write.
pub fn bytes_mut<'a>(cx: &'a mut NativeCall<'_>, table: Value, skipped: usize) -> &'a mut [u8] {
    let words = words_mut(cx, table).get_mut(skipped..).unwrap_or(&mut []);
    // SAFETY: any bytes are bytes, and make words again; the slice covers the same memory.
    unsafe { std::slice::from_raw_parts_mut(words.as_mut_ptr().cast(), words.len() * 4) }
}

/// A fresh string of `length` units, two bytes each if `wide`, all zero: to be filled with [`one_byte_mut`] or
/// [`two_byte_mut`] before anything else is done.
pub fn new_string_zeroed(
    cx: &mut NativeCall<'_>,
    wide: bool,
    length: usize,
) -> Result<Value, Raised> {
    let (of, width) = if wide {
        (class::TWO_BYTE_STRING, 2)
    } else {
        (class::ONE_BYTE_STRING, 1)
    };
    let bytes = length * width;
    cx.allocate(|heap, roots| {
        // SAFETY: the closure fills exactly the bytes it is given.
        heap.build_string(of, length, bytes, roots, |data| unsafe {
            std::ptr::write_bytes(data, 0, bytes);
        })
    })
}

/// The units of a *fresh* string of one byte each, to fill.
pub fn one_byte_mut<'a>(_cx: &'a mut NativeCall<'_>, string: Value) -> &'a mut [u8] {
    // SAFETY: the string was just made by `new_string_zeroed`, so nobody else has seen it, and the call is borrowed mutably.
    match unsafe { object::string_view(string) } {
        // SAFETY: the same.
        Some(StringView::OneByte(units)) => unsafe {
            std::slice::from_raw_parts_mut(units.as_ptr().cast_mut(), units.len())
        },
        _ => &mut [],
    }
}

/// The units of a *fresh* string of two bytes each, to fill.
pub fn two_byte_mut<'a>(_cx: &'a mut NativeCall<'_>, string: Value) -> &'a mut [u16] {
    // SAFETY: as in `one_byte_mut`.
    match unsafe { object::string_view(string) } {
        // SAFETY: the same.
        Some(StringView::TwoByte(units)) => unsafe {
            std::slice::from_raw_parts_mut(units.as_ptr().cast_mut(), units.len())
        },
        _ => &mut [],
    }
}

/// A string's units, not tied to a borrow of the call.
///
/// # Safety
/// No safepoint passes while the view lives.
pub unsafe fn loose_text<'a>(value: Value) -> StringView<'a> {
    // SAFETY: the caller's.
    unsafe { object::string_view(value) }.unwrap_or(StringView::OneByte(&[]))
}

/// Writes units `start..end` of `source` into the fresh string `target` from unit `at` on.
pub fn copy_units(
    cx: &mut NativeCall<'_>,
    target: Value,
    at: usize,
    source: Value,
    start: usize,
    end: usize,
) {
    // SAFETY: nothing is allocated here; the target is fresh, so it is not the source.
    let source = unsafe { loose_text(source) };
    let count = end.saturating_sub(start);
    match source {
        StringView::OneByte(units) => {
            let units = units.get(start..end).unwrap_or(&[]);
            if let Some(target) = one_byte_mut(cx, target).get_mut(at..at + count) {
                target.copy_from_slice(units);
            } else if let Some(target) = two_byte_mut(cx, target).get_mut(at..at + count) {
                for (target, &unit) in target.iter_mut().zip(units) {
                    *target = unit.into();
                }
            }
        }
        StringView::TwoByte(units) => {
            let units = units.get(start..end).unwrap_or(&[]);
            if let Some(target) = two_byte_mut(cx, target).get_mut(at..at + count) {
                target.copy_from_slice(units);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Ordering;

    #[test]
    fn ints_and_doubles_compare_exactly() {
        let big = 9_007_199_254_740_993; // 2^53 + 1 is no double.
        assert_eq!(
            compare_exact(big, 9_007_199_254_740_992.0),
            Some(Ordering::Greater)
        );
        assert_eq!(
            compare_exact(i64::MAX, i64::MAX as f64),
            Some(Ordering::Less)
        );
        assert_eq!(
            compare_exact(i64::MIN, i64::MIN as f64),
            Some(Ordering::Equal)
        );
        assert_eq!(compare_exact(-1, -1.5), Some(Ordering::Greater));
        assert_eq!(compare_exact(1, 1.5), Some(Ordering::Less));
        assert_eq!(compare_exact(0, f64::NAN), None);
        assert_eq!(compare_exact(0, f64::NEG_INFINITY), Some(Ordering::Greater));
    }

    #[test]
    fn equal_numbers_hash_alike() {
        for value in [0, 1, -1, 1 << 53, i64::MIN] {
            assert_eq!(int_hash(value), double_hash(value as f64));
        }
        assert_eq!(double_hash(-0.0), int_hash(0));
        assert_ne!(double_hash(0.5), double_hash(0.25));
    }
}
