//! Single-byte encodings, and lines.

use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use eyot_runtime::object::StringView;

use super::data::{Data, new_bytes, range};

/// Code units as bytes, or the index of the first above the limit.
fn narrow(
    text: StringView<'_>,
    range: std::ops::Range<usize>,
    limit: u16,
) -> Result<Vec<u8>, usize> {
    let start = range.start;
    let wrong = match text {
        StringView::OneByte(units) => {
            let units = units.get(range).unwrap_or_default();
            match units.iter().position(|&unit| u16::from(unit) > limit) {
                None => return Ok(units.to_vec()),
                Some(index) => index,
            }
        }
        StringView::TwoByte(units) => {
            let units = units.get(range).unwrap_or_default();
            match units.iter().position(|&unit| unit > limit) {
                None => return Ok(units.iter().map(|&unit| unit as u8).collect()),
                Some(index) => index,
            }
        }
    };
    Err(start + wrong)
}

/// `Object _narrow(String text, int start, int end, int limit)`
fn narrow_text(cx: &mut NativeCall<'_>) -> NativeResult {
    let limit = cx.int(2).clamp(0, 255) as u16;
    let Some(text) = cx.text(cx.arg(0)) else {
        return cx.throw_argument_message("not a string");
    };
    match narrow(text, range(cx, 0, text.len()), limit) {
        Ok(bytes) => {
            let bytes = new_bytes(cx, &bytes)?;
            cx.ret(bytes)
        }
        Err(index) => cx.ret_int(index as i64),
    }
}

/// `int _firstAbove127(Uint8List bytes, int start, int end)`
fn first_above_127(cx: &mut NativeCall<'_>) -> NativeResult {
    let data = Data::of(cx.arg(0));
    // SAFETY: read at once.
    let bytes = data.map_or(&[][..], |data| unsafe { data.bytes() });
    let range = range(cx, 0, bytes.len());
    let start = range.start;
    let bytes = bytes.get(range).unwrap_or_default();
    let found = bytes.iter().position(|byte| !byte.is_ascii());
    cx.ret_int(found.map_or(-1, |index| (start + index) as i64))
}

/// `int _lineEnd(String text, int start, int end)`
fn line_end(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(text) = cx.text(cx.arg(0)) else {
        return cx.ret_int(0);
    };
    let range = range(cx, 0, text.len());
    let (start, end) = (range.start, range.end);
    let found = match text {
        StringView::OneByte(units) => memchr::memchr2(b'\n', b'\r', &units[range]),
        StringView::TwoByte(units) => units[range]
            .iter()
            .position(|&unit| unit == u16::from(b'\n') || unit == u16::from(b'\r')),
    };
    cx.ret_int(found.map_or(end, |index| start + index) as i64)
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("convert/_narrow", narrow_text),
    ("convert/_firstAbove127", first_above_127),
    ("convert/_lineEnd", line_end),
];
