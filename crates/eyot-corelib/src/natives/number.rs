//! `int`, `double`, `bool` and `Null`.
//!
//! Operators on operands of known type are instructions; these natives serve dynamic calls and operands only known to be
//! numbers.

use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use eyot_runtime::object;

use super::support::{
    Number, compare_exact, double_hash, int_hash, same_number, throw_argument_value, wrong_argument,
};
use crate::text::number;

/// Both operands as numbers, or an error.
macro_rules! operands {
    ($cx:ident) => {
        match (Number::of($cx.arg(0)), Number::of($cx.arg(1))) {
            (Some(left), Some(right)) => (left, right),
            _ => return wrong_argument($cx),
        }
    };
}

/// An operator that keeps ints ints.
macro_rules! arithmetic {
    ($name:ident, $int:expr, $double:expr) => {
        fn $name(cx: &mut NativeCall<'_>) -> NativeResult {
            match operands!(cx) {
                (Number::Int(left), Number::Int(right)) => cx.ret_int($int(left, right)),
                (left, right) => cx.ret_double($double(left.to_double(), right.to_double())),
            }
        }
    };
}

arithmetic!(add, i64::wrapping_add, |a: f64, b: f64| a + b);
arithmetic!(subtract, i64::wrapping_sub, |a: f64, b: f64| a - b);
arithmetic!(multiply, i64::wrapping_mul, |a: f64, b: f64| a * b);

fn divide(cx: &mut NativeCall<'_>) -> NativeResult {
    let (left, right) = operands!(cx);
    cx.ret_double(left.to_double() / right.to_double())
}

fn modulo(cx: &mut NativeCall<'_>) -> NativeResult {
    match operands!(cx) {
        (Number::Int(_), Number::Int(0)) => cx.raise("_throwIntegerDivisionByZero", []),
        (Number::Int(left), Number::Int(right)) => cx.ret_int(left.wrapping_rem_euclid(right)),
        (left, right) => cx.ret_double(modulo_double(left.to_double(), right.to_double())),
    }
}

/// The remainder that is never negative; a zero has the sign of the dividend's remainder taken away.
fn modulo_double(left: f64, right: f64) -> f64 {
    let rest = left % right;
    if rest == 0.0 {
        0.0
    } else if rest < 0.0 {
        rest + right.abs()
    } else {
        rest
    }
}

fn remainder(cx: &mut NativeCall<'_>) -> NativeResult {
    match operands!(cx) {
        (Number::Int(_), Number::Int(0)) => cx.raise("_throwIntegerDivisionByZero", []),
        (Number::Int(left), Number::Int(right)) => cx.ret_int(left.wrapping_rem(right)),
        (left, right) => cx.ret_double(left.to_double() % right.to_double()),
    }
}

fn truncating_divide(cx: &mut NativeCall<'_>) -> NativeResult {
    match operands!(cx) {
        (Number::Int(_), Number::Int(0)) => cx.raise("_throwIntegerDivisionByZero", []),
        (Number::Int(left), Number::Int(right)) => cx.ret_int(left.wrapping_div(right)),
        (left, right) => {
            let quotient = left.to_double() / right.to_double();
            if !quotient.is_finite() {
                return cx.throw_unsupported("Infinity or NaN toInt");
            }
            cx.ret_int(quotient as i64)
        }
    }
}

/// A comparison.
macro_rules! comparison {
    ($name:ident, $operator:tt) => {
        fn $name(cx: &mut NativeCall<'_>) -> NativeResult {
            let holds = match operands!(cx) {
                (Number::Int(left), Number::Int(right)) => left $operator right,
                (Number::Double(left), Number::Double(right)) => left $operator right,
                (Number::Int(left), Number::Double(right)) => {
                    compare_exact(left, right).is_some_and(|order| (order as i8) $operator 0)
                }
                (Number::Double(left), Number::Int(right)) => {
                    compare_exact(right, left).is_some_and(|order| 0 $operator (order as i8))
                }
            };
            cx.ret_bool(holds)
        }
    };
}

comparison!(less, <);
comparison!(less_or_equal, <=);
comparison!(greater, >);
comparison!(greater_or_equal, >=);

fn equals(cx: &mut NativeCall<'_>) -> NativeResult {
    let same = match (Number::of(cx.arg(0)), Number::of(cx.arg(1))) {
        (Some(left), Some(right)) => same_number(left, right),
        _ => false,
    };
    cx.ret_bool(same)
}

fn hash_code(cx: &mut NativeCall<'_>) -> NativeResult {
    match Number::of(cx.arg(0)) {
        Some(Number::Int(value)) => cx.ret_int(int_hash(value)),
        Some(Number::Double(value)) => cx.ret_int(double_hash(value)),
        None => wrong_argument(cx),
    }
}

/// The receiver as an int, or an error.
macro_rules! int_receiver {
    ($cx:ident) => {
        match object::as_int($cx.arg(0)) {
            Some(value) => value,
            None => return wrong_argument($cx),
        }
    };
}

fn bit_and(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = int_receiver!(cx);
    cx.ret_int(value & cx.int(0))
}

fn bit_or(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = int_receiver!(cx);
    cx.ret_int(value | cx.int(0))
}

fn bit_xor(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = int_receiver!(cx);
    cx.ret_int(value ^ cx.int(0))
}

fn bit_not(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = int_receiver!(cx);
    cx.ret_int(!value)
}

/// The amount of a shift, or an error where it is negative.
macro_rules! shift_amount {
    ($cx:ident) => {
        match u32::try_from($cx.int(0)) {
            Ok(amount) => amount,
            Err(_) if $cx.int(0) >= 0 => u32::MAX,
            Err(_) => {
                let amount = $cx.int(0);
                let amount = $cx.new_int(amount)?;
                return throw_argument_value($cx, amount);
            }
        }
    };
}

fn shift_left(cx: &mut NativeCall<'_>) -> NativeResult {
    let amount = shift_amount!(cx);
    let value = int_receiver!(cx);
    cx.ret_int(value.checked_shl(amount).unwrap_or(0))
}

fn shift_right(cx: &mut NativeCall<'_>) -> NativeResult {
    let amount = shift_amount!(cx);
    let value = int_receiver!(cx);
    cx.ret_int(value >> amount.min(63))
}

fn shift_right_logical(cx: &mut NativeCall<'_>) -> NativeResult {
    let amount = shift_amount!(cx);
    let value = int_receiver!(cx);
    cx.ret_int((value as u64).checked_shr(amount).unwrap_or(0) as i64)
}

fn int_to_string(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = int_receiver!(cx);
    let text = cx.new_string(&value.to_string())?;
    cx.ret(text)
}

fn bit_length(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = int_receiver!(cx);
    let magnitude = if value < 0 { !value } else { value };
    cx.ret_int(i64::from(64 - magnitude.leading_zeros()))
}

fn one_bit_count(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = int_receiver!(cx);
    cx.ret_int(i64::from(value.count_ones()))
}

fn trailing_zero_bit_count(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = int_receiver!(cx);
    cx.ret_int(i64::from(value.trailing_zeros()))
}

fn to_double(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = int_receiver!(cx);
    cx.ret_double(value as f64)
}

fn to_radix(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = int_receiver!(cx);
    let text = number::int_to_radix(value, cx.int(0) as u32);
    let text = cx.new_string(&text)?;
    cx.ret(text)
}

/// The text of a string argument without white space around it.
fn trimmed(cx: &NativeCall<'_>) -> Option<String> {
    let text = cx.text(cx.arg(0))?;
    let units: Vec<u16> = text.units().collect();
    let start = units
        .iter()
        .position(|&unit| !number::is_white_space(unit))?;
    let end = units
        .iter()
        .rposition(|&unit| !number::is_white_space(unit))?
        + 1;
    Some(String::from_utf16_lossy(units.get(start..end)?))
}

fn parse_int(cx: &mut NativeCall<'_>) -> NativeResult {
    let radix = cx.int(0) as u32;
    match trimmed(cx).and_then(|text| number::parse_int(&text, radix)) {
        Some(value) => cx.ret_int(value),
        None => cx.ret_null(),
    }
}

fn parse_double(cx: &mut NativeCall<'_>) -> NativeResult {
    match trimmed(cx).and_then(|text| number::parse_double(&text)) {
        Some(value) => cx.ret_double(value),
        None => cx.ret_null(),
    }
}

/// The receiver as a double, or an error.
macro_rules! double_receiver {
    ($cx:ident) => {
        match object::as_double($cx.arg(0)) {
            Some(value) => value,
            None => return wrong_argument($cx),
        }
    };
}

/// A function from the receiver to a double.
macro_rules! rounding {
    ($name:ident, $function:expr) => {
        fn $name(cx: &mut NativeCall<'_>) -> NativeResult {
            let value = double_receiver!(cx);
            cx.ret_double($function(value))
        }
    };
}

rounding!(negate, |value: f64| -value);
rounding!(round, f64::round);
rounding!(floor, f64::floor);
rounding!(ceil, f64::ceil);
rounding!(truncate, f64::trunc);

fn is_negative(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = double_receiver!(cx);
    cx.ret_bool(value.is_sign_negative() && !value.is_nan())
}

fn to_int_saturating(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = double_receiver!(cx);
    cx.ret_int(value as i64)
}

/// A function from the receiver and a count to a text.
macro_rules! formatting {
    ($name:ident, |$value:ident, $count:ident| $text:expr) => {
        fn $name(cx: &mut NativeCall<'_>) -> NativeResult {
            let $value = double_receiver!(cx);
            let $count = cx.int(0);
            let text: String = $text;
            let text = cx.new_string(&text)?;
            cx.ret(text)
        }
    };
}

formatting!(to_fixed, |value, count| number::to_fixed(
    value,
    count.max(0) as usize
));
formatting!(to_exponential, |value, count| number::to_exponential(
    value,
    usize::try_from(count).ok()
));
formatting!(to_precision, |value, count| number::to_precision(
    value,
    count.max(1) as usize
));

fn double_to_string(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = double_receiver!(cx);
    let text = cx.new_string(&number::double_text(value))?;
    cx.ret(text)
}

fn bool_hash_code(cx: &mut NativeCall<'_>) -> NativeResult {
    let hash = if object::as_bool(cx.arg(0)) == Some(true) {
        1231
    } else {
        1237
    };
    cx.ret_int(hash)
}

fn same_word(cx: &mut NativeCall<'_>) -> NativeResult {
    let same = cx.arg(0).bits() == cx.arg(1).bits();
    cx.ret_bool(same)
}

fn null_hash_code(cx: &mut NativeCall<'_>) -> NativeResult {
    cx.ret_int(super::hash_table::NULL_HASH)
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("core/int.+", add),
    ("core/int.-", subtract),
    ("core/int.*", multiply),
    ("core/int./", divide),
    ("core/int.%", modulo),
    ("core/int.~/", truncating_divide),
    ("core/int.remainder", remainder),
    ("core/int.&", bit_and),
    ("core/int.|", bit_or),
    ("core/int.^", bit_xor),
    ("core/int.~", bit_not),
    ("core/int.<<", shift_left),
    ("core/int.>>", shift_right),
    ("core/int.>>>", shift_right_logical),
    ("core/int.<", less),
    ("core/int.<=", less_or_equal),
    ("core/int.>", greater),
    ("core/int.>=", greater_or_equal),
    ("core/int.==", equals),
    ("core/int.hashCode", hash_code),
    ("core/int.toString", int_to_string),
    ("core/int.bitLength", bit_length),
    ("core/int.oneBitCount", one_bit_count),
    ("core/int.trailingZeroBitCount", trailing_zero_bit_count),
    ("core/int.toDouble", to_double),
    ("core/int._toRadix", to_radix),
    ("core/int._parseInt", parse_int),
    ("core/double.+", add),
    ("core/double.-", subtract),
    ("core/double.*", multiply),
    ("core/double./", divide),
    ("core/double.%", modulo),
    ("core/double.~/", truncating_divide),
    ("core/double.remainder", remainder),
    ("core/double._negate", negate),
    ("core/double.<", less),
    ("core/double.<=", less_or_equal),
    ("core/double.>", greater),
    ("core/double.>=", greater_or_equal),
    ("core/double.==", equals),
    ("core/double.hashCode", hash_code),
    ("core/double.isNegative", is_negative),
    ("core/double.roundToDouble", round),
    ("core/double.floorToDouble", floor),
    ("core/double.ceilToDouble", ceil),
    ("core/double.truncateToDouble", truncate),
    ("core/double._toIntSaturating", to_int_saturating),
    ("core/double.toString", double_to_string),
    ("core/double._toFixed", to_fixed),
    ("core/double._toExponential", to_exponential),
    ("core/double._toPrecision", to_precision),
    ("core/double._parseDouble", parse_double),
    ("core/bool.hashCode", bool_hash_code),
    ("core/bool.==", same_word),
    ("core/Null.==", same_word),
    ("core/Null.hashCode", null_hash_code),
];
