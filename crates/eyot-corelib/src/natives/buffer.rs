//! `StringBuffer`: text collected in raw storage.
//!
//! The storage is an `_IndexTable`, whose first word is 1 while all code units fit in a byte and else 2; the code units
//! follow, so many bytes each. The buffer object counts the units.

use eyot_runtime::native::{NativeCall, NativeFn, NativeResult, Raised};
use eyot_runtime::object::StringView;
use eyot_runtime::value::Value;

use super::support::{
    bytes, bytes_mut, loose_text, new_string_zeroed, new_words, one_byte_mut, text, two_byte_mut,
    words, words_mut,
};

/// Word of `StringBuffer._buffer`.
const BUFFER: usize = 1;
/// Word of `StringBuffer._length`.
const LENGTH: usize = 2;
/// Words of a fresh storage.
const WORDS_MIN: usize = 16;

/// Makes room for `more` units of `width` bytes behind those that are there. Answers the width of the storage.
fn reserve(cx: &mut NativeCall<'_>, more: usize, width: usize) -> Result<usize, Raised> {
    let this = cx.arg(0);
    let length = cx.field_raw(this, LENGTH) as usize;
    let old = words(cx, cx.field(this, BUFFER));
    let old_width = old.first().map_or(1, |&width| width as usize);
    let new_width = width.max(old_width);
    let needed = (length + more) * new_width;
    let capacity = old.len().saturating_sub(1) * 4;
    if new_width == old_width && needed <= capacity {
        return Ok(new_width);
    }
    let wanted = needed.max(capacity * 2).div_ceil(4) + 1;
    let fresh = new_words(cx, wanted.max(WORDS_MIN))?;
    let this = cx.arg(0);
    copy_storage(
        cx,
        cx.field(this, BUFFER),
        fresh,
        length,
        (old_width, new_width),
    );
    cx.set_field(this, BUFFER, fresh);
    Ok(new_width)
}

/// Copies `length` units into a fresh storage, widening them if asked for.
fn copy_storage(
    cx: &mut NativeCall<'_>,
    from: Value,
    to: Value,
    length: usize,
    (old_width, new_width): (usize, usize),
) {
    let old: Vec<u8> = bytes(cx, from, 1)
        .iter()
        .copied()
        .take(length * old_width)
        .collect();
    if let Some(first) = words_mut(cx, to).first_mut() {
        *first = new_width as u32;
    }
    let target = bytes_mut(cx, to, 1);
    if old_width == new_width {
        if let Some(target) = target.get_mut(..old.len()) {
            target.copy_from_slice(&old);
        }
        return;
    }
    for (pair, unit) in target.chunks_exact_mut(2).zip(old) {
        pair.copy_from_slice(&u16::from(unit).to_ne_bytes());
    }
}

/// Appends units `start..end` of the string in argument 1.
fn append_units(cx: &mut NativeCall<'_>, start: usize, end: usize) -> NativeResult {
    let width = match text(cx, cx.arg(1)) {
        StringView::OneByte(_) => 1,
        StringView::TwoByte(_) => 2,
    };
    let width = reserve(cx, end - start, width)?;
    let this = cx.arg(0);
    let length = cx.field_raw(this, LENGTH) as usize;
    let storage = cx.field(this, BUFFER);
    // SAFETY: the string and the storage are different objects, and nothing is allocated while both are borrowed.
    let source = unsafe { loose_text(cx.arg(1)) };
    let target = bytes_mut(cx, storage, 1).get_mut(length * width..);
    match (source, target) {
        (StringView::OneByte(units), Some(target)) if width == 1 => {
            if let (Some(units), Some(target)) =
                (units.get(start..end), target.get_mut(..end - start))
            {
                target.copy_from_slice(units);
            }
        }
        (view, Some(target)) => {
            let units = view.units().take(end).skip(start);
            for (pair, unit) in target.chunks_exact_mut(2).zip(units) {
                pair.copy_from_slice(&unit.to_ne_bytes());
            }
        }
        _ => {}
    }
    cx.set_field_raw(this, LENGTH, (length + end - start) as u64);
    cx.ret_null()
}

fn append(cx: &mut NativeCall<'_>) -> NativeResult {
    let length = text(cx, cx.arg(1)).len();
    if length == 0 {
        return cx.ret_null();
    }
    append_units(cx, 0, length)
}

fn append_range(cx: &mut NativeCall<'_>) -> NativeResult {
    let length = text(cx, cx.arg(1)).len();
    let end = (cx.int(1).max(0) as usize).min(length);
    let start = (cx.int(0).max(0) as usize).min(end);
    append_units(cx, start, end)
}

fn append_char(cx: &mut NativeCall<'_>) -> NativeResult {
    let code = cx.int(0) as u32;
    let mut units = [0; 2];
    let units: &[u16] = match char::from_u32(code) {
        Some(character) => character.encode_utf16(&mut units),
        // A lone surrogate.
        None => {
            units[0] = code as u16;
            &units[..1]
        }
    };
    let width = reserve(cx, units.len(), if code < 0x100 { 1 } else { 2 })?;
    let this = cx.arg(0);
    let length = cx.field_raw(this, LENGTH) as usize;
    let storage = cx.field(this, BUFFER);
    if let Some(target) = bytes_mut(cx, storage, 1).get_mut(length * width..) {
        if width == 1 {
            if let Some(byte) = target.first_mut() {
                *byte = code as u8;
            }
        } else {
            for (pair, unit) in target.chunks_exact_mut(2).zip(units) {
                pair.copy_from_slice(&unit.to_ne_bytes());
            }
        }
    }
    cx.set_field_raw(this, LENGTH, (length + units.len()) as u64);
    cx.ret_null()
}

fn contents(cx: &mut NativeCall<'_>) -> NativeResult {
    let this = cx.arg(0);
    let length = cx.field_raw(this, LENGTH) as usize;
    let wide = words(cx, cx.field(this, BUFFER)).first() == Some(&2);
    let string = new_string_zeroed(cx, wide, length)?;
    let storage = cx.field(cx.arg(0), BUFFER);
    let start = bytes(cx, storage, 1).as_ptr();
    // SAFETY: the storage holds `length` units of this width and is another object than the fresh string; nothing is
    // allocated until the copy is done.
    let source =
        unsafe { std::slice::from_raw_parts(start, if wide { length * 2 } else { length }) };
    if wide {
        for (unit, pair) in two_byte_mut(cx, string)
            .iter_mut()
            .zip(source.chunks_exact(2))
        {
            *unit = u16::from_ne_bytes([pair[0], pair[1]]);
        }
    } else {
        one_byte_mut(cx, string).copy_from_slice(source);
    }
    cx.ret(string)
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("core/StringBuffer._append", append),
    ("core/StringBuffer._appendRange", append_range),
    ("core/StringBuffer._appendChar", append_char),
    ("core/StringBuffer._contents", contents),
];
