//! Code units of JSON text: what may stand in a string as it is, and numbers.

use crate::natives::support::Number;

/// A code unit of either width.
pub trait Unit: Copy + Eq + Into<u32> {
    /// How many units from the start need no escape and do not end a string.
    fn plain_length(units: &[Self]) -> usize;
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The high bit of each byte that ends a plain stretch. Bytes above one that does may be marked without reason, the lowest is right.
fn special(word: u64) -> u64 {
    let quote = word ^ (ONES * 0x22);
    let backslash = word ^ (ONES * 0x5c);
    let below_space = word.wrapping_sub(ONES * 0x20) & !word;
    let is_quote = quote.wrapping_sub(ONES) & !quote;
    let is_backslash = backslash.wrapping_sub(ONES) & !backslash;
    (below_space | is_quote | is_backslash) & HIGH
}

fn is_plain(unit: u32) -> bool {
    unit >= 0x20 && unit != 0x22 && unit != 0x5c
}

impl Unit for u8 {
    /// Eight units at a time.
    fn plain_length(units: &[u8]) -> usize {
        let (words, rest) = units.as_chunks::<8>();
        for (index, &word) in words.iter().enumerate() {
            let found = special(u64::from_le_bytes(word));
            if found != 0 {
                return index * 8 + found.trailing_zeros() as usize / 8;
            }
        }
        let plain = rest.iter().take_while(|&&unit| is_plain(unit.into()));
        words.len() * 8 + plain.count()
    }
}

impl Unit for u16 {
    fn plain_length(units: &[u16]) -> usize {
        let plain = units.iter().take_while(|&&unit| is_plain(unit.into()));
        plain.count()
    }
}

/// The number at the start of a text, and its length; none if it is not well formed.
pub fn number_value<U: Unit>(units: &[U]) -> Option<(Number, usize)> {
    let mut number = Scan {
        units,
        at: 0,
        mantissa: 0,
    };
    let is_negative = number.peek() == 0x2d;
    number.at += usize::from(is_negative);
    let has_zero = number.peek() == 0x30;
    let whole_digits = number.digits()?;
    if has_zero && whole_digits > 1 {
        return None;
    }
    let mut is_int = true;
    let mut fraction_digits = 0;
    if number.peek() == 0x2e {
        number.at += 1;
        fraction_digits = number.digits()?;
        is_int = false;
    }
    // More digits than this may not fit the mantissa.
    let is_exact = whole_digits + fraction_digits <= 18;
    let mantissa = number.mantissa;
    let mut exponent = 0;
    if number.peek() | 0x20 == 0x65 {
        number.at += 1;
        let is_below = number.peek() == 0x2d;
        number.at += usize::from(matches!(number.peek(), 0x2b | 0x2d));
        number.mantissa = 0;
        let digits = number.digits()?;
        is_int = false;
        exponent = match (digits <= 4, is_below) {
            (true, false) => number.mantissa as i64,
            (true, true) => -(number.mantissa as i64),
            // Out of any double's range, unless there are zeros in front.
            (false, _) => i64::MAX,
        };
    }
    let length = number.at;
    let exact = match is_exact {
        true if is_int => exact_int(mantissa, is_negative),
        true => exact_double(
            mantissa,
            exponent.saturating_sub(fraction_digits as i64),
            is_negative,
        ),
        false => None,
    };
    let number = exact.unwrap_or_else(|| {
        let digits = units.iter().take(length);
        let text: String = digits.map(|&unit| char::from(unit.into() as u8)).collect();
        parsed(&text)
    });
    Some((number, length))
}

/// Digits as they are read.
struct Scan<'t, U> {
    units: &'t [U],
    at: usize,
    /// Of the digits read so far, as many as fit.
    mantissa: u64,
}

impl<U: Unit> Scan<'_, U> {
    /// The next unit, 0 at the end.
    fn peek(&self) -> u32 {
        self.units.get(self.at).map_or(0, |&unit| unit.into())
    }

    /// At least one digit; how many.
    fn digits(&mut self) -> Option<usize> {
        let first = self.at;
        while let digit @ 0..10 = self.peek().wrapping_sub(0x30) {
            let tenfold = self.mantissa.wrapping_mul(10);
            self.mantissa = tenfold.wrapping_add(digit.into());
            self.at += 1;
        }
        (self.at > first).then(|| self.at - first)
    }
}

/// `-0` is none: an int has no sign of zero.
fn exact_int(mantissa: u64, is_negative: bool) -> Option<Number> {
    let value = mantissa as i64;
    match is_negative {
        true => (value != 0).then_some(Number::Int(-value)),
        false => Some(Number::Int(value)),
    }
}

/// Powers of ten that are doubles.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// With mantissa and power exact, the one operation rounds correctly.
fn exact_double(mantissa: u64, exponent: i64, is_negative: bool) -> Option<Number> {
    if mantissa > 1 << 53 {
        return None;
    }
    let power = *POWERS.get(usize::try_from(exponent.unsigned_abs()).ok()?)?;
    let value = match exponent < 0 {
        true => mantissa as f64 / power,
        false => mantissa as f64 * power,
    };
    Some(Number::Double(if is_negative { -value } else { value }))
}

/// A well formed number, whatever its size.
fn parsed(text: &str) -> Number {
    match text.parse() {
        Ok(value) if text != "-0" => Number::Int(value),
        _ => Number::Double(text.parse().unwrap_or(0.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_stretches_end_at_the_first_special_unit() {
        for special in [0x22, 0x5c, 0x00, 0x0a, 0x1f] {
            for at in 0..20 {
                let mut units = [
                    0x7f_u8, 0x80, 0xff, 0xa2, 0xdc, 0x20, 0x21, 0x23, 0x5b, 0x5d,
                ]
                .repeat(3);
                units[at] = special;
                units[at + 5] = 0x22;
                assert_eq!(u8::plain_length(&units), at);
                let wide: Vec<u16> = units.iter().map(|&unit| unit.into()).collect();
                assert_eq!(u16::plain_length(&wide), at);
            }
        }
        assert_eq!(u8::plain_length(b"no special unit"), 15);
    }

    #[test]
    fn numbers_are_what_the_libraries_parse() {
        let both = |text: &str| {
            let (number, length) = number_value(text.as_bytes())?;
            Some((format!("{number:?}"), length))
        };
        for text in [
            "0",
            "-0",
            "-123",
            "999999999999999999",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "0.1",
            "-0.0",
            "1.5e3",
            "1E+2",
            "1e-7",
            "123456789012345678e-3",
            "9007199254740993.0",
            "0.30000000000000004",
            "1e22",
            "1e23",
            "1e400",
            "-1e-400",
            "0e99999999999999999999",
            "1e0000000001",
            "179769313486231580e291",
            "2.2250738585072014e-308",
        ] {
            let parsed = parsed(text);
            assert_eq!(
                both(text),
                Some((format!("{parsed:?}"), text.len())),
                "{text}"
            );
        }
        assert_eq!(both("12,3"), Some(("Int(12)".to_owned(), 2)));
        for text in ["", "-", "01", "-00", "1.", ".5", "1e", "1e+", "+1", "x"] {
            assert_eq!(both(text), None, "{text}");
        }
    }
}
