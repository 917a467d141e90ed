//! Base64, both alphabets.

use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};

use super::data::{Data, new_bytes, range};

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn encode(bytes: &[u8], is_url_safe: bool) -> Vec<u8> {
    let digits = if is_url_safe { URL_DIGITS } else { DIGITS };
    let digit = |bits: u32| digits[(bits & 63) as usize];
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let at = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        text.push(digit(bits >> 18));
        text.push(digit(bits >> 12));
        text.push(if group.len() > 1 {
            digit(bits >> 6)
        } else {
            b'='
        });
        text.push(if group.len() > 2 { digit(bits) } else { b'=' });
    }
    text
}

fn value(unit: u16) -> Option<u32> {
    let byte = u8::try_from(unit).ok()?;
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

/// What is wrong with a text.
#[derive(Debug, PartialEq, Eq)]
enum Problem {
    /// The unit at an index; the length if that is wrong.
    At(usize),
    /// There are bits that belong to no byte before the padding at an index.
    BeforePadding(usize),
}

fn decode(units: &[u16]) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::with_capacity(units.len() / 4 * 3);
    let (mut bits, mut digits, mut padding) = (0_u32, 0_usize, 0_usize);
    let (mut index, mut first_padding) = (0, units.len());
    while let Some(&unit) = units.get(index) {
        let at = index;
        index += 1;
        let is_escape = unit == u16::from(b'%');
        if is_escape {
            let is_equals = units.get(index) == Some(&u16::from(b'3'))
                && units
                    .get(index + 1)
                    .is_some_and(|&d| d | 0x20 == u16::from(b'd'));
            if !is_equals {
                return Err(Problem::At(at));
            }
            index += 2;
        }
        if is_escape || unit == u16::from(b'=') {
            padding += 1;
            first_padding = first_padding.min(at);
            // Two digits and two signs, or three and one.
            if digits % 4 < 2 || digits % 4 + padding > 4 {
                return Err(Problem::At(at));
            }
            continue;
        }
        let value = value(unit)
            .filter(|_| padding == 0)
            .ok_or(Problem::At(at))?;
        bits = bits << 6 | value;
        digits += 1;
        if digits % 4 == 0 {
            bytes.extend([(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
            bits = 0;
        }
    }
    if (digits + padding) % 4 != 0 {
        return Err(Problem::At(units.len()));
    }
    let unused_bits = match digits % 4 {
        2 => 0b1111,
        3 => 0b11,
        _ => 0,
    };
    if bits & unused_bits != 0 {
        return Err(Problem::BeforePadding(first_padding));
    }
    match digits % 4 {
        2 => bytes.push((bits >> 4) as u8),
        3 => bytes.extend([(bits >> 10) as u8, (bits >> 2) as u8]),
        _ => {}
    }
    Ok(bytes)
}

/// `String _base64Text(Uint8List bytes, int start, int end, bool isUrlSafe)`
fn base64_text(cx: &mut NativeCall<'_>) -> NativeResult {
    let data = Data::of(cx.arg(0));
    // SAFETY: read at once.
    let bytes = data.map_or(&[][..], |data| unsafe { data.bytes() });
    let range = range(cx, 0, bytes.len());
    let text = encode(bytes.get(range).unwrap_or_default(), cx.bool(2));
    let text = cx.new_string_latin1(&text)?;
    cx.ret(text)
}

/// `Object _base64Bytes(String source, int start, int end)`
fn base64_bytes(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(text) = cx.text(cx.arg(0)) else {
        return cx.throw_argument_message("not a string");
    };
    let range = range(cx, 0, text.len());
    let start = range.start;
    let units: Vec<u16> = text.units().skip(start).take(range.len()).collect();
    match decode(&units) {
        Ok(bytes) => {
            let bytes = new_bytes(cx, &bytes)?;
            cx.ret(bytes)
        }
        Err(Problem::At(index)) => cx.ret_int((start + index) as i64),
        Err(Problem::BeforePadding(index)) => cx.ret_int(!((start + index) as i64)),
    }
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("convert/_base64Text", base64_text),
    ("convert/_base64Bytes", base64_bytes),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Result<Vec<u8>, Problem> {
        decode(&text.encode_utf16().collect::<Vec<_>>())
    }

    #[test]
    fn there_and_back() {
        for length in 0..20_u8 {
            let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(201)).collect();
            let text = String::from_utf8(encode(&bytes, false)).unwrap();
            assert_eq!(decoded(&text), Ok(bytes));
        }
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        assert_eq!(decoded("AA=="), Ok(vec![0]));
        assert_eq!(decoded("AA%3D%3D"), Ok(vec![0]));
        assert_eq!(decoded("A*=="), Err(Problem::At(1)));
        assert_eq!(decoded("AAA"), Err(Problem::At(3)));
        assert_eq!(decoded("AA=A"), Err(Problem::At(3)));
        assert_eq!(decoded("A==="), Err(Problem::At(1)));
        assert_eq!(decoded("AB=="), Err(Problem::BeforePadding(2)));
        assert_eq!(decoded("AAAAAAB="), Err(Problem::BeforePadding(7)));
    }
}
