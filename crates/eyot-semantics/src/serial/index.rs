//! A hash table as bytes: items by the hash of what they are. Reading it takes no preparation.

/// The bytes of a table of the items with these hashes, which are numbered from 0. Of equal items the first is found first.
pub(super) fn build(hashes: &[u64]) -> Vec<u8> {
    let mask = (hashes.len() * 2).next_power_of_two() - 1;
    let mut places = vec![0u32; mask + 1];
    for (number, &hash) in (1u32..).zip(hashes) {
        let mut place = hash as usize & mask;
        while places[place] != 0 {
            place = (place + 1) & mask;
        }
        places[place] = number;
    }
    places
        .iter()
        .flat_map(|place| place.to_le_bytes())
        .collect()
}

/// The number of the item with this hash that `is_it`.
pub(super) fn find(table: &[u8], hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
    let places = table.len() / 4;
    let mask = places.checked_sub(1)?;
    let mut place = hash as usize & mask;
    for _ in 0..places {
        let bytes = table.get(place * 4..place * 4 + 4)?;
        let number = u32::from_le_bytes(bytes.try_into().ok()?).checked_sub(1)?;
        if is_it(number) {
            return Some(number);
        }
        place = (place + 1) & mask;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_found_by_their_hashes() {
        let hashes = [5, 5, 13, 1 << 40];
        let table = build(&hashes);
        for (number, &hash) in (0u32..).zip(&hashes) {
            assert_eq!(find(&table, hash, |found| found == number), Some(number));
        }
        assert_eq!(find(&table, 5, |_| true), Some(0));
        assert_eq!(find(&table, 6, |_| false), None);
        assert_eq!(find(&[], 6, |_| true), None);
    }
}
