//! `String`: what looks at strings or takes parts of them.

use eyot_bytecode::well_known::class;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult, Raised};
use eyot_runtime::object::StringView;
use eyot_runtime::value::Value;

use super::support::{copy_units, new_string_zeroed, string_hash, text, wrong_argument};
use crate::text::{case, number, search};

fn length(cx: &mut NativeCall<'_>) -> NativeResult {
    let length = text(cx, cx.arg(0)).len();
    cx.ret_int(length as i64)
}

/// The code unit of the receiver at raw argument 0, or the index error.
macro_rules! unit_at {
    ($cx:ident) => {{
        let index = $cx.int(0);
        let view = text($cx, $cx.arg(0));
        let unit = usize::try_from(index)
            .ok()
            .and_then(|index| view.get(index));
        let length = view.len() as i64;
        match unit {
            Some(unit) => unit,
            None => return $cx.throw_range(index, 0, length - 1, "index"),
        }
    }};
}

fn code_unit_at(cx: &mut NativeCall<'_>) -> NativeResult {
    let unit = unit_at!(cx);
    cx.ret_int(unit.into())
}

fn char_at(cx: &mut NativeCall<'_>) -> NativeResult {
    let unit = unit_at!(cx);
    let string = cx.new_string_units(&[unit])?;
    cx.ret(string)
}

fn hash_code(cx: &mut NativeCall<'_>) -> NativeResult {
    match string_hash(cx.arg(0)) {
        Some(hash) => cx.ret_int(hash.into()),
        None => wrong_argument(cx),
    }
}

fn equals(cx: &mut NativeCall<'_>) -> NativeResult {
    let (this, other) = (cx.arg(0), cx.arg(1));
    let same = this.bits() == other.bits()
        || match (cx.text(this), cx.text(other)) {
            (Some(a), Some(b)) => search::same(a, b),
            _ => false,
        };
    cx.ret_bool(same)
}

fn compare_to(cx: &mut NativeCall<'_>) -> NativeResult {
    let order = search::compare(text(cx, cx.arg(0)), text(cx, cx.arg(1)));
    cx.ret_int(order as i64)
}

/// A string of units `start..end` of tagged argument `from`, which are in range; the same string where that is all of it.
pub fn substring(
    cx: &mut NativeCall<'_>,
    from: usize,
    start: usize,
    end: usize,
) -> Result<Value, Raised> {
    let source = cx.arg(from);
    let view = text(cx, source);
    let end = end.min(view.len());
    let start = start.min(end);
    if start == 0 && end == view.len() {
        return Ok(source);
    }
    let wide = matches!(view, StringView::TwoByte(_));
    let string = new_string_zeroed(cx, wide, end - start)?;
    let source = cx.arg(from);
    copy_units(cx, string, 0, source, start, end);
    Ok(string)
}

/// A raw argument as an index that cannot be negative.
fn index(cx: &NativeCall<'_>, argument: usize) -> usize {
    usize::try_from(cx.int(argument)).unwrap_or(0)
}

fn substring_native(cx: &mut NativeCall<'_>) -> NativeResult {
    let (start, end) = (index(cx, 0), index(cx, 1));
    let part = substring(cx, 0, start, end)?;
    cx.ret(part)
}

fn ends_with(cx: &mut NativeCall<'_>) -> NativeResult {
    let (this, other) = (text(cx, cx.arg(0)), text(cx, cx.arg(1)));
    let at = this.len().checked_sub(other.len());
    let holds = at.is_some_and(|at| search::has_at(this, other, at));
    cx.ret_bool(holds)
}

fn has_at(cx: &mut NativeCall<'_>) -> NativeResult {
    let holds = search::has_at(text(cx, cx.arg(0)), text(cx, cx.arg(1)), index(cx, 0));
    cx.ret_bool(holds)
}

fn find(cx: &mut NativeCall<'_>) -> NativeResult {
    let place = search::find(text(cx, cx.arg(0)), text(cx, cx.arg(1)), index(cx, 0));
    cx.ret_int(place.map_or(-1, |place| place as i64))
}

fn find_last(cx: &mut NativeCall<'_>) -> NativeResult {
    let place = search::find_last(text(cx, cx.arg(0)), text(cx, cx.arg(1)), index(cx, 0));
    cx.ret_int(place.map_or(-1, |place| place as i64))
}

/// What is left when white space at the ends asked for is taken away.
fn trim_ends(cx: &mut NativeCall<'_>, left: bool, right: bool) -> NativeResult {
    let view = text(cx, cx.arg(0));
    let is_white = |index: usize| view.get(index).is_some_and(number::is_white_space);
    let (mut start, mut end) = (0, view.len());
    while left && start < end && is_white(start) {
        start += 1;
    }
    while right && end > start && is_white(end - 1) {
        end -= 1;
    }
    let part = substring(cx, 0, start, end)?;
    cx.ret(part)
}

fn trim(cx: &mut NativeCall<'_>) -> NativeResult {
    trim_ends(cx, true, true)
}

fn trim_left(cx: &mut NativeCall<'_>) -> NativeResult {
    trim_ends(cx, true, false)
}

fn trim_right(cx: &mut NativeCall<'_>) -> NativeResult {
    trim_ends(cx, false, true)
}

/// The receiver with each character mapped; the receiver itself where nothing changes.
fn map_case(cx: &mut NativeCall<'_>, ascii: fn(&u8) -> u8, map: fn(char) -> char) -> NativeResult {
    let this = cx.arg(0);
    let view = text(cx, this);
    if let StringView::OneByte(units) = view
        && units.is_ascii()
    {
        if units.iter().all(|unit| ascii(unit) == *unit) {
            return cx.ret(this);
        }
        let mapped: Vec<u8> = units.iter().map(ascii).collect();
        let string = cx.new_string_latin1(&mapped)?;
        return cx.ret(string);
    }
    let mapped = case::map_units(view.units(), map);
    if view.units().eq(mapped.iter().copied()) {
        return cx.ret(this);
    }
    let string = cx.new_string_units(&mapped)?;
    cx.ret(string)
}

fn to_lower_case(cx: &mut NativeCall<'_>) -> NativeResult {
    map_case(cx, u8::to_ascii_lowercase, case::lower)
}

fn to_upper_case(cx: &mut NativeCall<'_>) -> NativeResult {
    map_case(cx, u8::to_ascii_uppercase, case::upper)
}

fn from_char_code(cx: &mut NativeCall<'_>) -> NativeResult {
    let code = cx.int(0);
    if !(0..=0x10_ffff).contains(&code) {
        return cx.throw_range(code, 0, 0x10_ffff, "charCode");
    }
    let mut units = Vec::with_capacity(2);
    push_code(&mut units, code as u32);
    let string = cx.new_string_units(&units)?;
    cx.ret(string)
}

/// Appends a character, or half a surrogate pair as it is.
fn push_code(units: &mut Vec<u16>, code: u32) {
    match char::from_u32(code) {
        Some(character) => units.extend_from_slice(character.encode_utf16(&mut [0; 2])),
        None => units.push(code as u16),
    }
}

fn from_code_list(cx: &mut NativeCall<'_>) -> NativeResult {
    let list = cx.arg(0);
    let (start, end) = (index(cx, 0), index(cx, 1));
    let codes = match list_codes(cx, list, start, end) {
        Codes::Bytes(bytes) => {
            let string = cx.new_string_latin1(&bytes)?;
            return cx.ret(string);
        }
        Codes::Wide(codes) => codes,
        Codes::Unknown => return cx.ret_null(),
    };
    let mut units = Vec::with_capacity(codes.len());
    for code in codes {
        if !(0..=0x10_ffff).contains(&code) {
            return cx.throw_range(code, 0, 0x10_ffff, "charCode");
        }
        push_code(&mut units, code as u32);
    }
    let string = cx.new_string_units(&units)?;
    cx.ret(string)
}

/// Character codes copied from a list.
enum Codes {
    /// All below 256.
    Bytes(Vec<u8>),
    /// Any.
    Wide(Vec<i64>),
    /// Not a list whose storage is known.
    Unknown,
}

fn list_codes(cx: &NativeCall<'_>, list: Value, start: usize, end: usize) -> Codes {
    if let Some(elements) = cx.elements(list) {
        let codes = elements.get(start..end).unwrap_or(&[]);
        let codes = codes.iter().map(|&code| cx.as_int(code).unwrap_or(-1));
        return Codes::Wide(codes.collect());
    }
    // SAFETY: nothing is allocated while the slices made by `typed_elements` live.
    unsafe {
        match cx.class_of(list) {
            class::UINT8_LIST | class::UINT8_CLAMPED_LIST => {
                Codes::Bytes(typed_elements::<u8>(cx, list, start, end).to_vec())
            }
            class::UINT16_LIST => wide(typed_elements::<u16>(cx, list, start, end)),
            class::INT16_LIST => wide(typed_elements::<i16>(cx, list, start, end)),
            class::UINT32_LIST => wide(typed_elements::<u32>(cx, list, start, end)),
            class::INT32_LIST => wide(typed_elements::<i32>(cx, list, start, end)),
            class::INT8_LIST => wide(typed_elements::<i8>(cx, list, start, end)),
            class::INT64_LIST => wide(typed_elements::<i64>(cx, list, start, end)),
            _ => Codes::Unknown,
        }
    }
}

fn wide<T: Copy + Into<i64>>(elements: &[T]) -> Codes {
    Codes::Wide(elements.iter().map(|&element| element.into()).collect())
}

/// Elements of typed data.
///
/// # Safety
/// The list is typed data of elements of type `T`; no safepoint passes while the slice lives.
unsafe fn typed_elements<'a, T>(
    cx: &'a NativeCall<'_>,
    list: Value,
    start: usize,
    end: usize,
) -> &'a [T] {
    use eyot_runtime::object::slot;
    let length = cx.field_raw(list, slot::DATA_LENGTH) as usize;
    let data = cx.field_raw(list, slot::DATA_POINTER) as *const T;
    if length == 0 || data.is_null() {
        return &[];
    }
    // SAFETY: typed data has `length` elements at the address it holds, aligned to their size.
    let elements = unsafe { std::slice::from_raw_parts(data, length) };
    elements.get(start..end).unwrap_or(&[])
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("core/String.length", length),
    ("core/String.codeUnitAt", code_unit_at),
    ("core/String.[]", char_at),
    ("core/String.hashCode", hash_code),
    ("core/String.==", equals),
    ("core/String._compareTo", compare_to),
    ("core/String._substring", substring_native),
    ("core/String.endsWith", ends_with),
    ("core/String._hasAt", has_at),
    ("core/String._find", find),
    ("core/String._findLast", find_last),
    ("core/String.trim", trim),
    ("core/String.trimLeft", trim_left),
    ("core/String.trimRight", trim_right),
    ("core/String.toLowerCase", to_lower_case),
    ("core/String.toUpperCase", to_upper_case),
    ("core/String.fromCharCode", from_char_code),
    ("core/String._fromCodeList", from_code_list),
];
