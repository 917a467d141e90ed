//! Code units of JSON text: what may stand in a string as it is.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_stretches_end_at_the_first_special_unit() {
        for special in [0x22, 0x5c, 0x00, 0x0a, 0x1f] {
            for at in 0..20 {
                let mut units = vec![
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
}
