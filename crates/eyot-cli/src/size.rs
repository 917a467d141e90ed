//! Sizes of memory, and times, as people write them.

use std::time::Duration;

/// The number of bytes in `64m`, `1g`, `512k` or `1048576`.
///
/// # Errors
///
/// A text for the user.
pub fn parse(text: &str) -> Result<usize, String> {
    let lower = text.trim().to_ascii_lowercase();
    let lower = lower.strip_suffix('b').unwrap_or(&lower);
    let (digits, shift) = match lower.as_bytes().last() {
        Some(b'k') => (&lower[..lower.len() - 1], 10),
        Some(b'm') => (&lower[..lower.len() - 1], 20),
        Some(b'g') => (&lower[..lower.len() - 1], 30),
        _ => (lower, 0),
    };
    let number: usize = digits
        .trim()
        .parse()
        .map_err(|_| "write a size like 64m, 1g or 500k".to_owned())?;
    let bytes = number
        .checked_mul(1 << shift)
        .ok_or("that is more than there can be")?;
    match bytes {
        0..MIN_BYTES => Err(format!("at least {}k are needed", MIN_BYTES >> 10)),
        _ => Ok(bytes),
    }
}

/// The time in `500ms`, `10s`, `2m`, `1h` or `30` (seconds).
///
/// # Errors
///
/// A text for the user.
pub fn parse_time(text: &str) -> Result<Duration, String> {
    let lower = text.trim().to_ascii_lowercase();
    let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
    let unit = units
        .iter()
        .find_map(|&(unit, millis)| Some((lower.strip_suffix(unit)?, millis)));
    let (digits, millis) = unit.unwrap_or((&lower, 1_000));
    let number: u64 = digits
        .trim()
        .parse()
        .map_err(|_| "write a time like 500ms, 10s or 2m".to_owned())?;
    match number.checked_mul(millis) {
        Some(0) => Err("at least a millisecond is needed".to_owned()),
        Some(millis) => Ok(Duration::from_millis(millis)),
        None => Err("that is longer than there can be".to_owned()),
    }
}

/// With less, the core libraries themselves have no room.
const MIN_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{parse, parse_time};

    #[test]
    fn times_have_units() {
        assert_eq!(parse_time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_time("2M"), Ok(Duration::from_secs(120)));
        assert_eq!(parse_time("30"), Ok(Duration::from_secs(30)));
        assert!(parse_time("0s").is_err());
        assert!(parse_time("s").is_err());
        assert!(parse_time("99999999999999999999h").is_err());
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(parse("64m"), Ok(64 << 20));
        assert_eq!(parse("1G"), Ok(1 << 30));
        assert_eq!(parse("2048kb"), Ok(2 << 20));
        assert_eq!(parse("1048576"), Ok(1 << 20));
        assert!(parse("").is_err());
        assert!(parse("m").is_err());
        assert!(parse("1k").is_err());
        assert!(parse("99999999999999g").is_err());
        assert!(parse("ä").is_err());
    }
}
