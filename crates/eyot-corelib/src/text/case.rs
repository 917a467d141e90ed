//! Case mapping by characters: one of one, whatever the language.

/// Lower case of a character, or itself where that would be several.
pub fn lower(character: char) -> char {
    single(character, character.to_lowercase())
}

/// Upper case of a character, or itself where that would be several.
pub fn upper(character: char) -> char {
    single(character, character.to_uppercase())
}

fn single(character: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => character,
    }
}

/// UTF-16 text with each character mapped; lone surrogates stay.
pub fn map_units(units: impl Iterator<Item = u16>, map: impl Fn(char) -> char) -> Vec<u16> {
    let mut mapped = Vec::with_capacity(units.size_hint().0);
    let mut buffer = [0u16; 2];
    for character in char::decode_utf16(units) {
        match character {
            Ok(character) => mapped.extend_from_slice(map(character).encode_utf16(&mut buffer)),
            Err(lone) => mapped.push(lone.unpaired_surrogate()),
        }
    }
    mapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_character_stays_one() {
        let units: Vec<u16> = "Straße İ 𐐀".encode_utf16().collect();
        let upper = map_units(units.iter().copied(), upper);
        assert_eq!(String::from_utf16_lossy(&upper), "STRAßE İ 𐐀");
        let lower = map_units(units.iter().copied(), lower);
        assert_eq!(String::from_utf16_lossy(&lower), "straße İ 𐐨");
        assert_eq!(map_units([0xd800].into_iter(), super::upper), [0xd800]);
    }
}
