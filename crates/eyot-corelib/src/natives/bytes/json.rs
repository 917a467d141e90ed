//! What JSON needs scanned quickly.

use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use eyot_runtime::object::StringView;

/// Runs a function over either width of units.
macro_rules! units {
    ($text:expr, $units:ident => $body:expr) => {
        match $text {
            StringView::OneByte($units) => $body,
            StringView::TwoByte($units) => $body,
        }
    };
}

fn start(cx: &NativeCall<'_>, length: usize) -> usize {
    usize::try_from(cx.int(0)).unwrap_or(0).min(length)
}

/// `int _jsonSkipSpace(String text, int start)`
fn skip_space(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(text) = cx.text(cx.arg(0)) else {
        return cx.ret_int(0);
    };
    let start = start(cx, text.len());
    let spaces = units!(text, units => units[start..]
        .iter()
        .take_while(|&&unit| matches!(u32::from(unit), 0x20 | 0x09 | 0x0a | 0x0d))
        .count());
    cx.ret_int((start + spaces) as i64)
}

/// `int _jsonStringEnd(String text, int start)`
fn string_end(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(text) = cx.text(cx.arg(0)) else {
        return cx.ret_int(-1);
    };
    let start = start(cx, text.len());
    let answer = units!(text, units => {
        let stop = units[start..]
            .iter()
            .position(|&unit| matches!(u32::from(unit), 0x22 | 0x5c | 0..0x20));
        match stop {
            Some(stop) if u32::from(units[start + stop]) == 0x22 => (start + stop) as i64,
            Some(stop) => -1 - (start + stop) as i64,
            None => -1 - units.len() as i64,
        }
    });
    cx.ret_int(answer)
}

/// The end of a number, or the first character that does not fit.
pub fn end_of_number(unit: impl Fn(usize) -> u32, start: usize) -> Result<usize, usize> {
    let digits = |mut at: usize| -> Result<usize, usize> {
        let first = at;
        while matches!(unit(at), 0x30..=0x39) {
            at += 1;
        }
        if at == first { Err(at) } else { Ok(at) }
    };
    let mut at = start;
    if unit(at) == 0x2d {
        at += 1;
    }
    if unit(at) == 0x30 {
        at += 1;
        if matches!(unit(at), 0x30..=0x39) {
            return Err(at);
        }
    } else {
        at = digits(at)?;
    }
    if unit(at) == 0x2e {
        at = digits(at + 1)?;
    }
    if unit(at) | 0x20 == 0x65 {
        at += 1;
        if matches!(unit(at), 0x2b | 0x2d) {
            at += 1;
        }
        at = digits(at)?;
    }
    Ok(at)
}

/// `int _jsonNumberEnd(String text, int start)`
fn number_end(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(text) = cx.text(cx.arg(0)) else {
        return cx.ret_int(-1);
    };
    let start = start(cx, text.len());
    // Behind the text there is nothing that fits a number.
    let unit = |at: usize| text.get(at).map_or(0, u32::from);
    cx.ret_int(match end_of_number(unit, start) {
        Ok(end) => end as i64,
        Err(at) => -1 - at as i64,
    })
}

/// `num _jsonNumber(String text, int start, int end)`
fn number(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(text) = cx.text(cx.arg(0)) else {
        return cx.ret_int(0);
    };
    let range = super::data::range(cx, 0, text.len());
    let copied: Vec<u8>;
    let digits = match text {
        StringView::OneByte(units) => &units[range],
        StringView::TwoByte(units) => {
            copied = units[range].iter().map(|&unit| unit as u8).collect();
            &copied
        }
    };
    let digits = std::str::from_utf8(digits).unwrap_or("0");
    // `-0` is the double: an int has no sign of zero.
    let int = digits.parse::<i64>().ok().filter(|_| digits != "-0");
    match int {
        Some(value) => cx.ret_int(value),
        None => {
            let value = digits.parse::<f64>().unwrap_or(0.0);
            cx.ret_double(value)
        }
    }
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("convert/_jsonSkipSpace", skip_space),
    ("convert/_jsonStringEnd", string_end),
    ("convert/_jsonNumberEnd", number_end),
    ("convert/_jsonNumber", number),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str) -> Result<usize, usize> {
        let bytes = text.as_bytes();
        end_of_number(|at| bytes.get(at).copied().map_or(0, u32::from), 0)
    }

    #[test]
    fn numbers_end_where_they_should() {
        assert_eq!(end("0,"), Ok(1));
        assert_eq!(end("-12.5e+3 "), Ok(8));
        assert_eq!(end("01"), Err(1));
        assert_eq!(end("-"), Err(1));
        assert_eq!(end("1."), Err(2));
        assert_eq!(end("1e"), Err(2));
    }
}
