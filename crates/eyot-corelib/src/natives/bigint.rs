//! `BigInt`: values kept as raw storage, computed with num-bigint.
//!
//! The storage is an `_IndexTable`: word 0 is 1 for a negative value, then the magnitude in 32-bit words, least significant first,
//! without leading zero words.

use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use eyot_runtime::object;
use eyot_runtime::value::Value;
use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{FromPrimitive, One, Signed, ToPrimitive, Zero};

use super::support::{double_hash, int_hash, new_words, words, words_mut};
use crate::text::number;

/// Most bits of a value; beyond that memory is said to be out.
const BITS_MAX: u64 = 1 << 33;

/// The value in tagged argument `index`.
fn value(cx: &NativeCall<'_>, index: usize) -> BigInt {
    let storage = words(cx, cx.arg(index));
    let (sign, magnitude) = match storage {
        [0, magnitude @ ..] => (Sign::Plus, magnitude),
        [_, magnitude @ ..] => (Sign::Minus, magnitude),
        [] => (Sign::NoSign, &[][..]),
    };
    BigInt::from_biguint(sign, BigUint::from_slice(magnitude))
}

/// Ends with fresh storage for a value.
fn ret(cx: &mut NativeCall<'_>, value: &BigInt) -> NativeResult {
    let (sign, magnitude) = value.to_u32_digits();
    let storage = new_words(cx, 1 + magnitude.len())?;
    let target = words_mut(cx, storage);
    if let Some((first, rest)) = target.split_first_mut() {
        *first = (sign == Sign::Minus).into();
        rest.copy_from_slice(&magnitude);
    }
    cx.ret(storage)
}

macro_rules! binary {
    ($($name:ident = |$a:ident, $b:ident| $result:expr),* $(,)?) => {
        $(fn $name(cx: &mut NativeCall<'_>) -> NativeResult {
            let ($a, $b) = (value(cx, 0), value(cx, 1));
            ret(cx, &$result)
        })*
    };
}

binary! {
    add = |a, b| a + b,
    subtract = |a, b| a - b,
    multiply = |a, b| a * b,
    divide = |a, b| if b.is_zero() { b } else { a / b },
    remainder = |a, b| if b.is_zero() { b } else { a % b },
    modulo = |a, b| if b.is_zero() { b } else { a.mod_floor(&b.abs()) },
    and = |a, b| a & b,
    or = |a, b| a | b,
    xor = |a, b| a ^ b,
    gcd = |a, b| a.gcd(&b),
}

fn from_int(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = BigInt::from(cx.int(0));
    ret(cx, &value)
}

fn from_double(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = BigInt::from_f64(cx.double(0)).unwrap_or_default();
    ret(cx, &value)
}

fn negate(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = -value(cx, 0);
    ret(cx, &value)
}

fn parse(cx: &mut NativeCall<'_>) -> NativeResult {
    let radix = cx.int(0) as u32;
    let parsed = cx
        .string(cx.arg(0))
        .and_then(|text| parse_text(&text, radix));
    match parsed {
        Some(value) => ret(cx, &value),
        None => cx.ret_null(),
    }
}

fn parse_text(text: &str, radix: u32) -> Option<BigInt> {
    let is_white =
        |character: char| u16::try_from(u32::from(character)).is_ok_and(number::is_white_space);
    let text = text.trim_matches(is_white);
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let hexadecimal = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"));
    let (digits, radix) = match (hexadecimal, radix) {
        (Some(digits), 0) => (digits, 16),
        (_, 0) => (digits, 10),
        (_, radix) => (digits, radix),
    };
    // The number parser would also take underscores and signs.
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let magnitude = BigInt::parse_bytes(digits.as_bytes(), radix)?;
    Some(if negative { -magnitude } else { magnitude })
}

/// Whether a result of so many bits is too large.
fn is_too_large(bits: u64) -> bool {
    bits > BITS_MAX
}

fn shift_left(cx: &mut NativeCall<'_>) -> NativeResult {
    let (value, amount) = (value(cx, 0), cx.int(0).max(0) as u64);
    if !value.is_zero() && is_too_large(value.bits().saturating_add(amount)) {
        return cx.throw_out_of_memory();
    }
    let shifted = if value.is_zero() {
        value
    } else {
        value << amount
    };
    ret(cx, &shifted)
}

fn shift_right(cx: &mut NativeCall<'_>) -> NativeResult {
    let (value, amount) = (value(cx, 0), cx.int(0).max(0) as u64);
    // Shifts of negative values round down, as those of ints do.
    let shifted = value >> amount;
    ret(cx, &shifted)
}

fn power(cx: &mut NativeCall<'_>) -> NativeResult {
    let (base, exponent) = (value(cx, 0), cx.int(0).max(0) as u64);
    if base.is_zero() || base.magnitude().is_one() {
        let odd = exponent % 2 == 1;
        let result = if exponent == 0 || base.is_negative() && !odd {
            BigInt::one()
        } else {
            base
        };
        return ret(cx, &result);
    }
    if is_too_large(base.bits().saturating_mul(exponent)) {
        return cx.throw_out_of_memory();
    }
    let result = base.pow(u32::try_from(exponent).unwrap_or(u32::MAX));
    ret(cx, &result)
}

fn power_modulo(cx: &mut NativeCall<'_>) -> NativeResult {
    let (base, exponent, modulus) = (value(cx, 0), value(cx, 1), value(cx, 2));
    let result = if modulus.is_zero() || exponent.is_negative() {
        BigInt::zero()
    } else {
        base.mod_floor(&modulus).modpow(&exponent, &modulus)
    };
    ret(cx, &result)
}

fn inverse(cx: &mut NativeCall<'_>) -> NativeResult {
    let (value, modulus) = (value(cx, 0), value(cx, 1));
    match value.modinv(&modulus) {
        Some(inverse) => ret(cx, &inverse),
        None => cx.ret_null(),
    }
}

fn compare(cx: &mut NativeCall<'_>) -> NativeResult {
    let order = value(cx, 0).cmp(&value(cx, 1));
    cx.ret_int(order as i64)
}

fn bits(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = value(cx, 0);
    let bits = if value.is_negative() {
        (-value - BigInt::one()).bits()
    } else {
        value.bits()
    };
    cx.ret_int(bits as i64)
}

fn sign_of(cx: &mut NativeCall<'_>) -> NativeResult {
    let sign = match words(cx, cx.arg(0)) {
        [] | [_] => 0,
        [0, ..] => 1,
        _ => -1,
    };
    cx.ret_int(sign)
}

fn odd(cx: &mut NativeCall<'_>) -> NativeResult {
    let lowest = words(cx, cx.arg(0)).get(1).copied().unwrap_or(0);
    cx.ret_bool(lowest & 1 == 1)
}

fn fits(cx: &mut NativeCall<'_>) -> NativeResult {
    let fits = value(cx, 0).to_i64().is_some();
    cx.ret_bool(fits)
}

fn to_int(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = value(cx, 0);
    let limit = if value.is_negative() {
        i64::MIN
    } else {
        i64::MAX
    };
    cx.ret_int(value.to_i64().unwrap_or(limit))
}

fn to_double(cx: &mut NativeCall<'_>) -> NativeResult {
    let double = value(cx, 0).to_f64().unwrap_or(f64::NAN);
    cx.ret_double(double)
}

fn hash(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = value(cx, 0);
    let hash = match value.to_i64() {
        Some(small) => int_hash(small),
        None => {
            let (_, digits) = value.to_u64_digits();
            digits.iter().fold(
                double_hash(value.to_f64().unwrap_or(0.0)),
                |hash, &digit| int_hash(hash ^ digit as i64),
            )
        }
    };
    cx.ret_int(hash)
}

fn to_text(cx: &mut NativeCall<'_>) -> NativeResult {
    let radix = (cx.int(0) as u32).clamp(2, 36);
    let text = value(cx, 0).to_str_radix(radix);
    let text = cx.new_string(&text)?;
    debug_assert!(object::as_int(text).is_none() && text.bits() != Value::NULL.bits());
    cx.ret(text)
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("core/_BigInt._fromInt", from_int),
    ("core/_BigInt._fromDouble", from_double),
    ("core/_BigInt._parse", parse),
    ("core/_BigInt._add", add),
    ("core/_BigInt._subtract", subtract),
    ("core/_BigInt._multiply", multiply),
    ("core/_BigInt._divide", divide),
    ("core/_BigInt._remainder", remainder),
    ("core/_BigInt._modulo", modulo),
    ("core/_BigInt._negate", negate),
    ("core/_BigInt._and", and),
    ("core/_BigInt._or", or),
    ("core/_BigInt._xor", xor),
    ("core/_BigInt._shiftLeft", shift_left),
    ("core/_BigInt._shiftRight", shift_right),
    ("core/_BigInt._power", power),
    ("core/_BigInt._powerModulo", power_modulo),
    ("core/_BigInt._inverse", inverse),
    ("core/_BigInt._gcd", gcd),
    ("core/_BigInt._compare", compare),
    ("core/_BigInt._bits", bits),
    ("core/_BigInt._signOf", sign_of),
    ("core/_BigInt._odd", odd),
    ("core/_BigInt._fits", fits),
    ("core/_BigInt._toInt", to_int),
    ("core/_BigInt._toDouble", to_double),
    ("core/_BigInt._hash", hash),
    ("core/_BigInt._toText", to_text),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read() {
        assert_eq!(parse_text(" -0xFf ", 0), Some(BigInt::from(-255)));
        assert_eq!(parse_text("z", 36), Some(BigInt::from(35)));
        for wrong in ["", "-", "--1", "1_0", "0x", "12a", "+ 1"] {
            assert_eq!(parse_text(wrong, 0), None, "{wrong}");
        }
    }
}
