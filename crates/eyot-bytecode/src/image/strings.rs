//! The index of an image's strings: a hash table of their numbers, so that a name is found without reading them all.

use super::{FNV_START, fnv, u32_at};

/// The bytes of the index of these strings. Of equal ones the first is found.
pub(super) fn index<'s>(strings: impl ExactSizeIterator<Item = &'s str>) -> Vec<u8> {
    let mask = (strings.len() * 2).next_power_of_two() - 1;
    let mut places = vec![0u32; mask + 1];
    for (number, text) in (1u32..).zip(strings) {
        let mut place = hash(text) as usize & mask;
        while places.get(place).is_some_and(|&taken| taken != 0) {
            place = (place + 1) & mask;
        }
        if let Some(free) = places.get_mut(place) {
            *free = number;
        }
    }
    places
        .iter()
        .flat_map(|place| place.to_le_bytes())
        .collect()
}

/// The number, from 0, of the string with this text; `string` reads one.
pub(super) fn find<'s>(
    index: &[u8],
    text: &str,
    string: impl Fn(u32) -> Option<&'s str>,
) -> Option<u32> {
    let places = index.len() / 4;
    let mask = places.checked_sub(1)?;
    let mut place = hash(text) as usize & mask;
    // A damaged index may have no free place.
    for _ in 0..places {
        let number = u32_at(index, place * 4)?.checked_sub(1)?;
        if string(number) == Some(text) {
            return Some(number);
        }
        place = (place + 1) & mask;
    }
    None
}

fn hash(text: &str) -> u64 {
    let hash = text.bytes().fold(FNV_START, fnv);
    hash ^ hash >> 32
}
