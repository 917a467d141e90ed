//! The fields of HTTP messages as Dart keeps them: a list of names (in lower case, each once) and values by turns. A value is a
//! string, or a list of strings if there are several or if somebody has seen it as one.

use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use eyot_runtime::object::StringView;
use eyot_runtime::value::Value;

use super::super::bytes::{Data, DataMut};

/// No such field; nothing is wrong.
const NONE: i64 = -1;
/// Dart has to look at it.
const SLOW: i64 = -2;

/// `int _fieldAt(List<Object?> table, String name)`: the index of a name, in any case, or [`NONE`]; [`SLOW`] for a name beyond
/// Latin-1, which may be another in lower case.
fn field_at(cx: &mut NativeCall<'_>) -> NativeResult {
    let name = match cx.text(cx.arg(1)) {
        Some(StringView::OneByte(name)) => name,
        _ => return cx.ret_int(SLOW),
    };
    let table = cx.elements(cx.arg(0)).unwrap_or_default();
    let found = table.iter().step_by(2).position(|&stored| {
        stored.bits() == cx.arg(1).bits()
            || latin1(cx, stored).is_some_and(|stored| stored.eq_ignore_ascii_case(name))
    });
    cx.ret_int(found.map_or(NONE, |entry| entry as i64 * 2))
}

fn latin1<'a>(cx: &'a NativeCall<'_>, value: Value) -> Option<&'a [u8]> {
    match cx.text(value)? {
        StringView::OneByte(units) => Some(units),
        StringView::TwoByte(_) => None,
    }
}

/// The index of the first code unit that is none of those allowed, or [`NONE`].
fn first_fault(cx: &mut NativeCall<'_>, is_allowed: impl Fn(u16) -> bool) -> NativeResult {
    let Some(text) = cx.text(cx.arg(0)) else {
        return cx.ret_int(0);
    };
    let fault = match text {
        StringView::OneByte(units) => units.iter().position(|&unit| !is_allowed(unit.into())),
        StringView::TwoByte(units) => units.iter().position(|&unit| !is_allowed(unit)),
    };
    cx.ret_int(fault.map_or(NONE, |index| index as i64))
}

/// `int _tokenFault(String text)`: of a name, or a value without quotes.
fn token_fault(cx: &mut NativeCall<'_>) -> NativeResult {
    first_fault(cx, |unit| {
        u8::try_from(unit)
            .is_ok_and(|unit| unit.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&unit))
    })
}

/// `int _valueFault(String text)`: of the value of a field.
fn value_fault(cx: &mut NativeCall<'_>) -> NativeResult {
    first_fault(cx, |unit| matches!(unit, 9 | 32..128 | 160..))
}

/// Gives the parts of a head one after the other; none if one of them is not Latin-1.
fn head_parts(cx: &NativeCall<'_>, give: &mut dyn FnMut(&[u8])) -> Option<()> {
    give(latin1(cx, cx.arg(1))?);
    for entry in cx.elements(cx.arg(2))?.chunks_exact(2) {
        let &[name, value] = entry else { return None };
        let name = latin1(cx, name)?;
        let Some(values) = cx.elements(value) else {
            line(name, latin1(cx, value)?, give);
            continue;
        };
        if name == b"set-cookie" {
            for &value in values {
                line(name, latin1(cx, value)?, give);
            }
            continue;
        }
        give(name);
        give(b": ");
        for (index, &value) in values.iter().enumerate() {
            if index != 0 {
                give(b", ");
            }
            give(latin1(cx, value)?);
        }
        give(b"\r\n");
    }
    give(b"\r\n");
    Some(())
}

fn line(name: &[u8], value: &[u8], give: &mut dyn FnMut(&[u8])) {
    give(name);
    give(b": ");
    give(value);
    give(b"\r\n");
}

/// `int _headInto(Uint8List buffer, int at, String start, List<Object?> table)`: writes start line, fields and an empty line.
/// Answers where they end; -1 if a part is not Latin-1; -2 less the number of bytes if there is no room for them.
fn head_into(cx: &mut NativeCall<'_>) -> NativeResult {
    let mut length = 0;
    if head_parts(cx, &mut |part| length += part.len()).is_none() {
        return cx.ret_int(-1);
    }
    let at = usize::try_from(cx.int(0)).unwrap_or(usize::MAX);
    let end = at.saturating_add(length);
    // SAFETY: the argument holds the bytes; nothing else of the isolate runs, and no string shares the bytes of typed data.
    let bytes = DataMut::of(cx, cx.arg(0))?.map_or(&mut [][..], |data| unsafe { data.bytes_mut() });
    let Some(mut room) = bytes.get_mut(at..end) else {
        return cx.ret_int(-2 - length as i64);
    };
    let written = head_parts(cx, &mut |part| {
        if let Some((target, rest)) = std::mem::take(&mut room).split_at_mut_checked(part.len()) {
            target.copy_from_slice(part);
            room = rest;
        }
    });
    cx.ret_int(if written.is_some() { end as i64 } else { -1 })
}

/// `int _chunkInto(Uint8List buffer, int at, Uint8List data)`: writes a chunk. Answers where it ends, or -1 if there is no room.
fn chunk_into(cx: &mut NativeCall<'_>) -> NativeResult {
    let data = Data::of(cx.arg(1));
    // SAFETY: the argument holds the bytes. The buffer belongs to HTTP alone, so data is never a part of it.
    let data = data.map_or(&[][..], |data| unsafe { data.bytes() });
    let size = format!("{:x}\r\n", data.len());
    let at = usize::try_from(cx.int(0)).unwrap_or(usize::MAX);
    let end = at.saturating_add(size.len() + data.len() + 2);
    // SAFETY: as above.
    let bytes = DataMut::of(cx, cx.arg(0))?.map_or(&mut [][..], |data| unsafe { data.bytes_mut() });
    let Some(room) = bytes.get_mut(at..end) else {
        return cx.ret_int(-1);
    };
    let (head, rest) = room.split_at_mut(size.len());
    let (body, tail) = rest.split_at_mut(data.len());
    head.copy_from_slice(size.as_bytes());
    body.copy_from_slice(data);
    tail.copy_from_slice(b"\r\n");
    cx.ret_int(end as i64)
}

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[
    ("io/_fieldAt", field_at),
    ("io/_tokenFault", token_fault),
    ("io/_valueFault", value_fault),
    ("io/_headInto", head_into),
    ("io/_chunkInto", chunk_into),
];
