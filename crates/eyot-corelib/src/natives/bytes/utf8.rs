//! UTF-8.

use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use eyot_runtime::object::StringView;

use super::data::{Data, new_bytes, range};
use crate::natives::support::spend_bytes;

const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// Code units in UTF-8; lone surrogates become U+FFFD.
pub fn encode(text: StringView<'_>, range: std::ops::Range<usize>) -> Vec<u8> {
    match text {
        StringView::OneByte(units) => {
            let units = units.get(range).unwrap_or_default();
            if units.is_ascii() {
                return units.to_vec();
            }
            let mut bytes = Vec::with_capacity(units.len() + units.len() / 4);
            for &unit in units {
                if unit < 0x80 {
                    bytes.push(unit);
                } else {
                    bytes.extend([0xc0 | unit >> 6, 0x80 | unit & 0x3f]);
                }
            }
            bytes
        }
        StringView::TwoByte(units) => {
            let units = units.get(range).unwrap_or_default();
            let mut bytes = Vec::with_capacity(units.len() * 2);
            let mut buffer = [0; 4];
            for unit in char::decode_utf16(units.iter().copied()) {
                let unit = unit.unwrap_or(char::REPLACEMENT_CHARACTER);
                bytes.extend_from_slice(unit.encode_utf8(&mut buffer).as_bytes());
            }
            bytes
        }
    }
}

/// A byte takes as long as copying so many.
const COPIES: usize = 8;

/// `Uint8List _utf8Encode(String text, int start, int end)`
fn utf8_encode(cx: &mut NativeCall<'_>) -> NativeResult {
    let length = cx.text(cx.arg(0)).map_or(0, |text| text.len());
    let range = range(cx, 0, length);
    spend_bytes(cx, range.len() * COPIES);
    let Some(text) = cx.text(cx.arg(0)) else {
        return cx.throw_argument_message("not a string");
    };
    let bytes = new_bytes(cx, &encode(text, range))?;
    cx.ret(bytes)
}

/// `Object _utf8Decode(Uint8List bytes, int start, int end, bool allowMalformed)`
fn utf8_decode(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(data) = Data::of(cx.arg(0)) else {
        return cx.throw_argument_message("not a list of bytes");
    };
    let range = range(cx, 0, data.byte_length());
    // SAFETY: the argument slot holds the handle, and making the string writes to no typed data.
    let whole = unsafe { data.bytes() };
    spend_bytes(cx, range.len() * COPIES);
    let first = range.start;
    let bytes = whole.get(range).unwrap_or_default();
    let (skipped, bytes) = match bytes.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => (first + BYTE_ORDER_MARK.len(), rest),
        None => (first, bytes),
    };
    let text = if bytes.is_ascii() {
        cx.new_string_latin1(bytes)?
    } else if cx.bool(2) {
        cx.new_string(&String::from_utf8_lossy(bytes))?
    } else {
        match std::str::from_utf8(bytes) {
            Ok(text) => cx.new_string(text)?,
            Err(error) => {
                let (index, reason) = malformed(bytes, error.valid_up_to());
                return cx.ret_int((skipped + index) as i64 * 8 + reason);
            }
        }
    };
    cx.ret(text)
}

/// Where and why the sequence at `at` is wrong; the reasons are numbered as `_utf8Decode` says.
fn malformed(bytes: &[u8], at: usize) -> (usize, i64) {
    const MISSING: i64 = 1;
    const UNEXPECTED: i64 = 2;
    const INVALID: i64 = 3;
    const OVERLONG: i64 = 4;
    const TOO_LARGE: i64 = 5;
    const SURROGATE: i64 = 6;
    const UNFINISHED: i64 = 7;
    let lead = bytes.get(at).copied().unwrap_or(0);
    let length = match lead {
        0x80..=0xbf => return (at, UNEXPECTED),
        0xc0 | 0xc1 => return (at, OVERLONG),
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        0xf5..=0xf7 => return (at, TOO_LARGE),
        _ => return (at, INVALID),
    };
    for index in at + 1..at + length {
        let Some(&byte) = bytes.get(index) else {
            return (bytes.len(), UNFINISHED);
        };
        if byte & 0xc0 != 0x80 {
            return (index, MISSING);
        }
        if index == at + 1 {
            match (lead, byte) {
                (0xe0, ..0xa0) | (0xf0, ..0x90) => return (at, OVERLONG),
                (0xed, 0xa0..) => return (at, SURROGATE),
                (0xf4, 0x90..) => return (at, TOO_LARGE),
                _ => {}
            }
        }
    }
    (at, INVALID)
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("convert/_utf8Encode", utf8_encode),
    ("convert/_utf8Decode", utf8_decode),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_both_widths_become_utf8() {
        assert_eq!(
            encode(StringView::OneByte(b"a\xe4b"), 0..3),
            "aäb".as_bytes()
        );
        let units: Vec<u16> = "x€🎈".encode_utf16().collect();
        assert_eq!(encode(StringView::TwoByte(&units), 0..4), "x€🎈".as_bytes());
        assert_eq!(
            encode(StringView::TwoByte(&[0xd800]), 0..1),
            "\u{fffd}".as_bytes()
        );
    }

    #[test]
    fn each_way_to_be_malformed_has_its_reason() {
        let reason = |bytes: &[u8]| {
            let error = std::str::from_utf8(bytes).unwrap_err();
            malformed(bytes, error.valid_up_to())
        };
        assert_eq!(reason(b"a\x80"), (1, 2));
        assert_eq!(reason(b"\xc3x"), (1, 1));
        assert_eq!(reason(b"\xc0\x80"), (0, 4));
        assert_eq!(reason(b"\xe0\x80\x80"), (0, 4));
        assert_eq!(reason(b"\xed\xa0\x80"), (0, 6));
        assert_eq!(reason(b"\xf4\x90\x80\x80"), (0, 5));
        assert_eq!(reason(b"\xff"), (0, 3));
        assert_eq!(reason(b"ab\xe2\x82"), (4, 7));
    }
}
