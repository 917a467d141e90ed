//! `String`: what joins strings or takes them apart.

use eyot_runtime::native::{NativeCall, NativeFn, NativeResult, Raised};
use eyot_runtime::object::StringView;
use eyot_runtime::value::Value;

use super::string::substring;
use super::support::{copy_units, new_string_zeroed, text};
use crate::text::search;

/// Longest string there can be.
const UNITS_MAX: usize = (1 << 30) - 25;

/// Tagged arguments `parts` joined, each whole.
fn concat_args(cx: &mut NativeCall<'_>, parts: &[usize]) -> NativeResult {
    let mut length = 0;
    let mut wide = false;
    for &part in parts {
        let view = text(cx, cx.arg(part));
        length += view.len();
        wide |= matches!(view, StringView::TwoByte(_)) && !view.is_empty();
    }
    // With all but one empty, that one is the result.
    for &part in parts {
        let value = cx.arg(part);
        if text(cx, value).len() == length && cx.text(value).is_some() {
            return cx.ret(value);
        }
    }
    if length > UNITS_MAX {
        return cx.throw_out_of_memory();
    }
    let string = new_string_zeroed(cx, wide, length)?;
    let mut at = 0;
    for &part in parts {
        let source = cx.arg(part);
        let count = text(cx, source).len();
        copy_units(cx, string, at, source, 0, count);
        at += count;
    }
    cx.ret(string)
}

fn concat(cx: &mut NativeCall<'_>) -> NativeResult {
    concat_args(cx, &[0, 1])
}

fn concat3(cx: &mut NativeCall<'_>) -> NativeResult {
    concat_args(cx, &[0, 1, 2])
}

fn repeat(cx: &mut NativeCall<'_>) -> NativeResult {
    let times = usize::try_from(cx.int(0)).unwrap_or(0);
    let this = cx.arg(0);
    if times == 1 {
        return cx.ret(this);
    }
    let view = text(cx, this);
    let units = view.len();
    let wide = matches!(view, StringView::TwoByte(_));
    let Some(length) = units
        .checked_mul(times)
        .filter(|&length| length <= UNITS_MAX)
    else {
        return cx.throw_out_of_memory();
    };
    let string = new_string_zeroed(cx, wide, length)?;
    let this = cx.arg(0);
    if units > 0 {
        for copy in 0..times {
            copy_units(cx, string, copy * units, this, 0, units);
        }
    }
    cx.ret(string)
}

/// The receiver with copies of the padding in front or behind.
fn pad(cx: &mut NativeCall<'_>, in_front: bool) -> NativeResult {
    let this = cx.arg(0);
    let view = text(cx, this);
    let padding = text(cx, cx.arg(1));
    let missing = cx.int(0) - view.len() as i64;
    if missing <= 0 || padding.is_empty() {
        return cx.ret(this);
    }
    let (units, pad_units) = (view.len(), padding.len());
    let wide = matches!(view, StringView::TwoByte(_)) || matches!(padding, StringView::TwoByte(_));
    let padded = (missing as usize).checked_mul(pad_units);
    let Some(padded) = padded.filter(|&padded| padded <= UNITS_MAX) else {
        return cx.throw_out_of_memory();
    };
    let string = new_string_zeroed(cx, wide, units + padded)?;
    let (this, padding) = (cx.arg(0), cx.arg(1));
    let (text_at, pad_at) = if in_front { (padded, 0) } else { (0, units) };
    copy_units(cx, string, text_at, this, 0, units);
    for copy in 0..missing as usize {
        copy_units(cx, string, pad_at + copy * pad_units, padding, 0, pad_units);
    }
    cx.ret(string)
}

fn pad_left(cx: &mut NativeCall<'_>) -> NativeResult {
    pad(cx, true)
}

fn pad_right(cx: &mut NativeCall<'_>) -> NativeResult {
    pad(cx, false)
}

/// Where the separator or pattern in argument 1 stands in the receiver; an empty one stands before each unit and at the end.
fn occurrences(cx: &NativeCall<'_>) -> Vec<usize> {
    let (view, pattern) = (text(cx, cx.arg(0)), text(cx, cx.arg(1)));
    let step = pattern.len().max(1);
    let mut places = Vec::new();
    let mut from = 0;
    while let Some(place) = search::find(view, pattern, from) {
        places.push(place);
        from = place + step;
    }
    places
}

fn replace_all_text(cx: &mut NativeCall<'_>) -> NativeResult {
    let places = occurrences(cx);
    let this = cx.arg(0);
    if places.is_empty() {
        return cx.ret(this);
    }
    let view = text(cx, this);
    let replacement = text(cx, cx.arg(2));
    let (units, new_units) = (view.len(), replacement.len());
    let pattern_units = text(cx, cx.arg(1)).len();
    let wide = matches!(view, StringView::TwoByte(_))
        || matches!(replacement, StringView::TwoByte(_)) && new_units > 0;
    let kept = units - places.len() * pattern_units;
    let length = places
        .len()
        .checked_mul(new_units)
        .map(|added| added + kept);
    let Some(length) = length.filter(|&length| length <= UNITS_MAX) else {
        return cx.throw_out_of_memory();
    };
    let string = new_string_zeroed(cx, wide, length)?;
    let (this, replacement) = (cx.arg(0), cx.arg(2));
    let (mut at, mut copied) = (0, 0);
    for place in places {
        copy_units(cx, string, at, this, copied, place);
        at += place - copied;
        copy_units(cx, string, at, replacement, 0, new_units);
        at += new_units;
        copied = place + pattern_units;
    }
    copy_units(cx, string, at, this, copied, units);
    cx.ret(string)
}

/// Appends units `start..end` of the receiver to the list in argument 2.
fn add_piece(
    cx: &mut NativeCall<'_>,
    list: eyot_runtime::native::Root,
    piece: eyot_runtime::native::Root,
    start: usize,
    end: usize,
) -> Result<(), Raised> {
    let string = substring(cx, 0, start, end)?;
    cx.set(piece, string);
    cx.list_add(list, piece)
}

fn split_text(cx: &mut NativeCall<'_>) -> NativeResult {
    let separator = text(cx, cx.arg(1)).len();
    let units = text(cx, cx.arg(0)).len();
    let target = cx.arg(2);
    let list = cx.root(target);
    let piece = cx.root(Value::NULL);
    if separator == 0 {
        for at in 0..units {
            add_piece(cx, list, piece, at, at + 1)?;
        }
        return cx.ret_null();
    }
    let mut start = 0;
    for place in occurrences(cx) {
        add_piece(cx, list, piece, start, place)?;
        start = place + separator;
    }
    add_piece(cx, list, piece, start, units)?;
    cx.ret_null()
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("core/String.+", concat),
    ("core/String.*", repeat),
    ("core/String.padLeft", pad_left),
    ("core/String.padRight", pad_right),
    ("core/String._replaceAllText", replace_all_text),
    ("core/String._splitText", split_text),
    ("core/_concat3", concat3),
];
