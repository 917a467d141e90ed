//! Sizes of memory as people write them.

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

/// With less, the core libraries themselves have no room.
const MIN_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::parse;

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
