//! Numbers to text and back, as Dart writes and reads them.

/// The shortest text that reads back as the same double, in Dart's form.
pub fn double_text(value: f64) -> String {
    let mut text = Vec::with_capacity(24);
    write_double(value, |part| text.extend_from_slice(part));
    String::from_utf8(text).unwrap_or_default()
}

/// The same in parts.
pub fn write_double(value: f64, mut write: impl FnMut(&[u8])) {
    if value == 0.0 {
        return write(match value.is_sign_negative() {
            true => b"-0.0",
            false => b"0.0",
        });
    }
    let mut buffer = ryu_js::Buffer::new();
    let text = buffer.format(value).as_bytes();
    write(text);
    // Integral values below 1e21 come without a point, which is how Dart tells them from ints.
    if value.is_finite() && !text.iter().any(|byte| matches!(byte, b'.' | b'e')) {
        write(b".0");
    }
}

/// `toStringAsFixed` of a finite value below 1e21 in magnitude.
pub fn to_fixed(value: f64, fraction_digits: usize) -> String {
    let (digits, exponent) = exact_digits(value.abs());
    let keep = exponent + 1 + fraction_digits as i64;
    let (digits, exponent) = round_digits(&digits, exponent, keep);
    let mut text = String::new();
    if value.is_sign_negative() {
        text.push('-');
    }
    if exponent < 0 {
        text.push('0');
    }
    push_digits(&mut text, &digits, 0, exponent + 1);
    if fraction_digits > 0 {
        text.push('.');
        push_digits(
            &mut text,
            &digits,
            exponent + 1,
            exponent + 1 + fraction_digits as i64,
        );
    }
    text
}

/// `toStringAsExponential` of a finite value; without a number of digits as many as are needed.
pub fn to_exponential(value: f64, fraction_digits: Option<usize>) -> String {
    let (digits, exponent) = match fraction_digits {
        None => shortest_digits(value.abs()),
        Some(count) => {
            let (digits, exponent) = exact_digits(value.abs());
            round_digits(&digits, exponent, count as i64 + 1)
        }
    };
    let length = fraction_digits.map_or(digits.len() as i64, |count| count as i64 + 1);
    let mut text = String::new();
    if value.is_sign_negative() {
        text.push('-');
    }
    push_exponential(&mut text, &digits, length, exponent);
    text
}

/// `toStringAsPrecision` of a finite value.
pub fn to_precision(value: f64, precision: usize) -> String {
    let precision = precision as i64;
    let (digits, exponent) = exact_digits(value.abs());
    let (digits, exponent) = round_digits(&digits, exponent, precision);
    let mut text = String::new();
    if value.is_sign_negative() {
        text.push('-');
    }
    if exponent < -6 || exponent >= precision {
        push_exponential(&mut text, &digits, precision, exponent);
        return text;
    }
    if exponent < 0 {
        text.push('0');
    }
    push_digits(&mut text, &digits, 0, exponent + 1);
    if precision > exponent + 1 {
        text.push('.');
        push_digits(&mut text, &digits, exponent + 1, precision);
    }
    text
}

fn push_exponential(text: &mut String, digits: &[u8], length: i64, exponent: i64) {
    push_digits(text, digits, 0, 1);
    if length > 1 {
        text.push('.');
        push_digits(text, digits, 1, length);
    }
    text.push_str(if exponent < 0 { "e-" } else { "e+" });
    text.push_str(&exponent.unsigned_abs().to_string());
}

/// Digits `from..to`, where those in front of the first and behind the last are zeros.
fn push_digits(text: &mut String, digits: &[u8], from: i64, to: i64) {
    for place in from..to {
        let digit = usize::try_from(place)
            .ok()
            .and_then(|place| digits.get(place));
        text.push(char::from(b'0' + digit.copied().unwrap_or(0)));
    }
}

/// All decimal digits of a finite value that is not negative, and the exponent of ten of the first one.
fn exact_digits(value: f64) -> (Vec<u8>, i64) {
    // No double has more than 767 significant digits.
    parse_scientific(&format!("{value:.766e}"))
}

/// The digits of the shortest text that reads back as the same value.
fn shortest_digits(value: f64) -> (Vec<u8>, i64) {
    parse_scientific(&format!("{value:e}"))
}

fn parse_scientific(text: &str) -> (Vec<u8>, i64) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let digits: Vec<u8> = mantissa
        .bytes()
        .filter(u8::is_ascii_digit)
        .map(|byte| byte - b'0')
        .collect();
    (digits, exponent.parse().unwrap_or(0))
}

/// The first `keep` digits, the last one rounded with halves away from zero; `keep` may be zero or less.
fn round_digits(digits: &[u8], exponent: i64, keep: i64) -> (Vec<u8>, i64) {
    if keep < 0 {
        return (Vec::new(), exponent.min(-1));
    }
    let keep = keep as usize;
    let mut kept: Vec<u8> = digits.iter().copied().take(keep).collect();
    let round_up = digits.get(keep).is_some_and(|&digit| digit >= 5);
    if !round_up {
        return (kept, exponent);
    }
    for digit in kept.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return (kept, exponent);
        }
        *digit = 0;
    }
    kept.insert(0, 1);
    (kept, exponent + 1)
}

/// Whether Dart's `trim` takes the character away.
pub fn is_white_space(unit: u16) -> bool {
    matches!(
        unit,
        0x09..=0x0d
            | 0x20
            | 0x85
            | 0xa0
            | 0x1680
            | 0x2000..=0x200a
            | 0x2028
            | 0x2029
            | 0x202f
            | 0x205f
            | 0x3000
            | 0xfeff
    )
}

/// The double that a text spells, which has been trimmed.
pub fn parse_double(text: &str) -> Option<f64> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let magnitude = match rest {
        "NaN" => f64::NAN,
        "Infinity" => f64::INFINITY,
        _ if is_decimal(rest.as_bytes()) => rest.parse().ok()?,
        _ => return None,
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// Digits with an optional point and exponent; digits on one side of the point at least.
fn is_decimal(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(text);
    let mut rest = &text[whole..];
    let mut fraction = 0;
    if rest.first() == Some(&b'.') {
        fraction = digits(&rest[1..]);
        rest = &rest[1 + fraction..];
    }
    if whole + fraction == 0 {
        return false;
    }
    if let Some(b'e' | b'E') = rest.first() {
        rest = &rest[1..];
        if let Some(b'+' | b'-') = rest.first() {
            rest = &rest[1..];
        }
        let exponent = digits(rest);
        return exponent > 0 && exponent == rest.len();
    }
    rest.is_empty()
}

/// The integer that a text spells, which has been trimmed; radix 0 is decimal or `0x` hexadecimal.
pub fn parse_int(text: &str, radix: u32) -> Option<i64> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if radix == 0
        && let Some(digits) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X"))
    {
        return parse_hexadecimal(digits, negative);
    }
    let radix = if radix == 0 { 10 } else { radix };
    let magnitude = parse_magnitude(rest, radix)?;
    if negative {
        0i64.checked_sub_unsigned(magnitude)
    } else {
        i64::try_from(magnitude).ok()
    }
}

/// Sixteen digits spell all 64 bits, unless there is a minus.
fn parse_hexadecimal(digits: &str, negative: bool) -> Option<i64> {
    let magnitude = parse_magnitude(digits, 16)?;
    if negative {
        0i64.checked_sub_unsigned(magnitude)
    } else {
        Some(magnitude as i64)
    }
}

fn parse_magnitude(digits: &str, radix: u32) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.chars().try_fold(0u64, |value, digit| {
        let digit = digit.to_digit(radix)?;
        value.checked_mul(radix.into())?.checked_add(digit.into())
    })
}

/// Digits of an integer in any radix from 2 to 36.
pub fn int_to_radix(value: i64, radix: u32) -> String {
    let radix = u64::from(radix.clamp(2, 36));
    let mut rest = value.unsigned_abs();
    let mut digits = Vec::new();
    loop {
        let digit = char::from_digit((rest % radix) as u32, 36).unwrap_or('0');
        digits.push(digit);
        rest /= radix;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        digits.push('-');
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_print_as_dart_prints_them() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e20, "100000000000000000000.0"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(double_text(value), text);
        }
    }

    #[test]
    fn fixed() {
        for (value, digits, text) in [
            (1.0, 3, "1.000"),
            (4321.12345678, 3, "4321.123"),
            (4321.12345678, 5, "4321.12346"),
            (123456789012345.0, 3, "123456789012345.000"),
            (10000000000000000.0, 4, "10000000000000000.0000"),
            (5.25, 0, "5"),
            (0.5, 0, "1"),
            (2.5, 0, "3"),
            (0.05, 1, "0.1"),
            (0.049, 1, "0.0"),
            (9.995, 2, "9.99"),
            (99.5, 0, "100"),
            (-0.001, 2, "-0.00"),
            (0.0, 2, "0.00"),
            (1e-10, 2, "0.00"),
            (0.000001, 7, "0.0000010"),
        ] {
            assert_eq!(to_fixed(value, digits), text, "{value} {digits}");
        }
    }

    #[test]
    fn exponential_and_precision() {
        assert_eq!(to_exponential(1.0, None), "1e+0");
        assert_eq!(to_exponential(123456.0, None), "1.23456e+5");
        assert_eq!(to_exponential(123456.0, Some(1)), "1.2e+5");
        assert_eq!(to_exponential(25.0, Some(0)), "3e+1");
        assert_eq!(to_exponential(0.0, Some(2)), "0.00e+0");
        assert_eq!(to_exponential(-0.00012, Some(3)), "-1.200e-4");
        assert_eq!(to_precision(1.0, 2), "1.0");
        assert_eq!(to_precision(1e15, 3), "1.00e+15");
        assert_eq!(to_precision(1234567.0, 3), "1.23e+6");
        assert_eq!(to_precision(1234567.0, 9), "1234567.00");
        assert_eq!(to_precision(0.00001, 2), "0.000010");
        assert_eq!(to_precision(0.00000123, 3), "0.00000123");
        assert_eq!(to_precision(0.000000123, 2), "1.2e-7");
        assert_eq!(to_precision(0.5, 1), "0.5");
        assert_eq!(to_precision(99.99, 3), "100");
    }

    #[test]
    fn doubles_are_read() {
        assert_eq!(parse_double("1."), Some(1.0));
        assert_eq!(parse_double(".5"), Some(0.5));
        assert_eq!(parse_double("+.12e-9"), Some(0.12e-9));
        assert_eq!(parse_double("-Infinity"), Some(f64::NEG_INFINITY));
        assert!(parse_double("-NaN").is_some_and(f64::is_nan));
        for wrong in [
            "", "-", "+-1", ".", "1e", "1 2", "0x10", "inf", "nan", "1.1.1", "1_0",
        ] {
            assert_eq!(parse_double(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn integers_are_read() {
        assert_eq!(parse_int("-9223372036854775808", 0), Some(i64::MIN));
        assert_eq!(parse_int("9223372036854775808", 0), None);
        assert_eq!(parse_int("0xFFFFFFFFFFFFFFFF", 0), Some(-1));
        assert_eq!(parse_int("-0x10", 0), Some(-16));
        assert_eq!(parse_int("0x10", 16), None);
        assert_eq!(parse_int("zZ", 36), Some(35 * 36 + 35));
        assert_eq!(parse_int("12", 2), None);
        assert_eq!(parse_int("+", 0), None);
        assert_eq!(int_to_radix(-255, 16), "-ff");
        assert_eq!(int_to_radix(i64::MIN, 2).len(), 65);
    }
}
