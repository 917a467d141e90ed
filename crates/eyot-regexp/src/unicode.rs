//! What the matcher knows of characters: classes of escapes, properties, and which characters are one where case is ignored.
//!
//! Two characters are the same where their *canonical* characters are (ECMA-262, Canonicalize). Without unicode mode that is the
//! upper case if it is one unit and does not lead from outside ASCII into it, in unicode mode the simple case folding. Sets are closed over
//! this when the pattern is compiled, so that matching looks at characters as they are. Only back references fold while they match.

use std::sync::OnceLock;

use icu_casemap::CaseMapper;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};
use icu_properties::script::ScriptWithExtensions;
use icu_properties::{CodePointMapData, CodePointSetData, PropertyParser};
use rustc_hash::FxHashMap;

use crate::charset::{CharSet, MAX};

/// `\d`.
pub fn digits() -> CharSet {
    CharSet::of(&[(0x30, 0x39)])
}

/// `\w`, which has two characters more where case is ignored in unicode mode.
pub fn word_characters(folds_unicode: bool) -> CharSet {
    let mut set = CharSet::of(&[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)]);
    if folds_unicode {
        set.add(&CharSet::of(&[(0x17F, 0x17F), (0x212A, 0x212A)]));
    }
    set
}

/// `\s`: WhiteSpace and LineTerminator.
pub fn spaces() -> CharSet {
    CharSet::of(&[
        (0x09, 0x0D),
        (0x20, 0x20),
        (0xA0, 0xA0),
        (0x1680, 0x1680),
        (0x2000, 0x200A),
        (0x2028, 0x2029),
        (0x202F, 0x202F),
        (0x205F, 0x205F),
        (0x3000, 0x3000),
        (0xFEFF, 0xFEFF),
    ])
}

/// LineTerminator.
pub fn line_terminators() -> CharSet {
    CharSet::of(&[(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)])
}

/// Whether it is a LineTerminator.
#[inline]
pub fn is_line_terminator(character: u32) -> bool {
    matches!(character, 0x0A | 0x0D | 0x2028 | 0x2029)
}

/// Whether a character may begin a group's name.
pub fn is_name_start(character: u32) -> bool {
    character == u32::from('$')
        || character == u32::from('_')
        || binary_property("ID_Start").is_some_and(|set| set.contains32(character))
}

/// Whether a character may go on a group's name.
pub fn is_name_part(character: u32) -> bool {
    matches!(character, 0x24 | 0x200C | 0x200D)
        || binary_property("ID_Continue").is_some_and(|set| set.contains32(character))
}

fn binary_property(name: &str) -> Option<icu_properties::CodePointSetDataBorrowed<'static>> {
    CodePointSetData::new_for_ecma262(name.as_bytes())
}

/// The characters of `\p{name}` or `\p{name=value}`; none if there is no such property.
pub fn property(name: &str, value: Option<&str>) -> Option<CharSet> {
    match (name, value) {
        ("General_Category" | "gc", Some(value)) => general_category(value),
        ("Script" | "sc", Some(value)) => {
            let script = PropertyParser::<Script>::new().get_strict(value)?;
            Some(collect(
                CodePointMapData::<Script>::new().iter_ranges_for_value(script),
            ))
        }
        ("Script_Extensions" | "scx", Some(value)) => {
            let script = PropertyParser::<Script>::new().get_strict(value)?;
            let extensions = ScriptWithExtensions::new();
            Some(collect(extensions.get_script_extensions_ranges(script)))
        }
        (_, Some(_)) => None,
        ("Any", None) => Some(CharSet::all()),
        ("ASCII", None) => Some(CharSet::of(&[(0, 0x7F)])),
        ("Assigned", None) => Some(general_category("Unassigned")?.complement()),
        (name, None) => match binary_property(name) {
            Some(set) => Some(collect(set.iter_ranges())),
            None => general_category(name),
        },
    }
}

fn general_category(value: &str) -> Option<CharSet> {
    let group = PropertyParser::<GeneralCategoryGroup>::new().get_strict(value)?;
    let categories = CodePointMapData::<GeneralCategory>::new();
    Some(collect(categories.iter_ranges_for_group(group)))
}

fn collect(ranges: impl Iterator<Item = std::ops::RangeInclusive<u32>>) -> CharSet {
    CharSet::from_ranges(ranges.map(|range| (*range.start(), *range.end())).collect())
}

/// How characters are compared where case is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folding {
    /// By upper case, a unit at a time.
    Units,
    /// By simple case folding.
    CodePoints,
}

/// The canonical character for comparing.
pub fn canonical(character: u32, folding: Folding) -> u32 {
    if character < 0x80 {
        return match (folding, character) {
            (Folding::Units, 0x61..=0x7A) => character - 0x20,
            (Folding::CodePoints, 0x41..=0x5A) => character + 0x20,
            _ => character,
        };
    }
    let Some(known) = char::from_u32(character) else {
        return character;
    };
    match folding {
        Folding::CodePoints => CaseMapper::new().simple_fold(known).into(),
        Folding::Units => {
            let mut upper = known.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(upper), None) if (0x80..0x10000).contains(&u32::from(upper)) => upper.into(),
                _ => character,
            }
        }
    }
}

/// The characters that are the same as others.
struct Classes {
    /// Members of classes, sorted, each with the number of its class.
    members: Vec<(u32, u32)>,
    classes: Vec<Vec<u32>>,
}

impl Classes {
    fn new(folding: Folding) -> Classes {
        // No character from U+20000 on has a case.
        let end = match folding {
            Folding::Units => 0x10000,
            Folding::CodePoints => 0x20000,
        };
        let mut classes: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for character in 0..end {
            let canonical = canonical(character, folding);
            if canonical != character {
                let class = classes.entry(canonical).or_insert_with(|| vec![canonical]);
                class.push(character);
            }
        }
        let classes: Vec<Vec<u32>> = classes.into_values().collect();
        let mut members: Vec<(u32, u32)> = Vec::new();
        for (number, class) in (0..).zip(&classes) {
            members.extend(class.iter().map(|&member| (member, number)));
        }
        members.sort_unstable();
        Classes { members, classes }
    }

    fn of(folding: Folding) -> &'static Classes {
        static UNITS: OnceLock<Classes> = OnceLock::new();
        static CODE_POINTS: OnceLock<Classes> = OnceLock::new();
        let classes = match folding {
            Folding::Units => &UNITS,
            Folding::CodePoints => &CODE_POINTS,
        };
        classes.get_or_init(|| Classes::new(folding))
    }
}

/// The set with all characters that are the same as a member.
pub fn closed_over_case(set: &CharSet, folding: Folding) -> CharSet {
    if set.last() == Some(MAX) && set.ranges().len() == 1 && set.contains(0) {
        return set.clone();
    }
    let mut ranges = set.ranges().to_vec();
    // Most patterns are ASCII, where only letters have a case and nothing has to be looked up.
    let is_ascii = set.last().is_none_or(|last| last < 0x80);
    if is_ascii {
        for &(low, high) in set.ranges() {
            for (from, to) in [(0x41, 0x5A), (0x61, 0x7A)] {
                let (low, high) = (low.max(from), high.min(to));
                if low <= high {
                    ranges.push((low ^ 0x20, high ^ 0x20));
                }
            }
        }
        if folding == Folding::CodePoints {
            for (letters, other) in [([0x4B, 0x6B], 0x212A), ([0x53, 0x73], 0x17F)] {
                if letters.iter().any(|&letter| set.contains(letter)) {
                    ranges.push((other, other));
                }
            }
        }
        return CharSet::from_ranges(ranges);
    }
    let Classes { members, classes } = Classes::of(folding);
    for &(low, high) in set.ranges() {
        let from = members.partition_point(|member| member.0 < low);
        let known = members[from..].iter().take_while(|member| member.0 <= high);
        for &(_, class) in known {
            let class = classes.get(class as usize).into_iter().flatten();
            ranges.extend(class.map(|&same| (same, same)));
        }
    }
    CharSet::from_ranges(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(characters: &str, folding: Folding) -> String {
        let ranges: Vec<(u32, u32)> = characters.chars().map(|c| (c.into(), c.into())).collect();
        let set = closed_over_case(&CharSet::of(&ranges), folding);
        let all = set.ranges().iter().flat_map(|&(low, high)| low..=high);
        all.filter_map(char::from_u32).collect()
    }

    #[test]
    fn ascii_letters_leave_ascii_in_unicode_mode_only() {
        assert_eq!(closed("sk1", Folding::Units), "1KSks");
        assert_eq!(closed("sk1", Folding::CodePoints), "1KSksſ\u{212A}");
        assert_eq!(closed("ſ", Folding::Units), "ſ");
        assert_eq!(closed("ſ", Folding::CodePoints), "Ssſ");
    }

    #[test]
    fn other_letters_are_closed_by_table() {
        assert_eq!(closed("é", Folding::Units), "Éé");
        assert_eq!(closed("σ", Folding::Units), "Σςσ");
        assert_eq!(closed("ß", Folding::Units), "ß");
        assert!(closed("ß", Folding::CodePoints).starts_with("ßẞ"));
        assert_eq!(closed("µ", Folding::Units), "µΜμ");
        assert_eq!(closed("𐐨", Folding::CodePoints), "𐐀𐐨");
        assert_eq!(closed("a-éz", Folding::Units), "-AZazÉé");
    }

    #[test]
    fn properties_have_strict_names() {
        let has =
            |name, value, c: char| property(name, value).is_some_and(|set| set.contains(c.into()));
        assert!(has("L", None, 'ж'));
        assert!(has("Letter", None, 'x'));
        assert!(has("gc", Some("Lu"), 'X') && !has("gc", Some("Lu"), 'x'));
        assert!(has("Script", Some("Greek"), 'λ') && has("sc", Some("Grek"), 'λ'));
        assert!(has("scx", Some("Deva"), '\u{1CD1}'));
        assert!(has("Emoji", None, '😀') && has("Alpha", None, 'a'));
        assert!(has("Any", None, 'a') && has("ASCII", None, 'a') && has("Assigned", None, 'a'));
        for unknown in [
            "letter",
            "Greek",
            "Nonsense",
            "L ",
            "Line_Break",
            "InBasicLatin",
            "",
        ] {
            assert_eq!(property(unknown, None), None, "{unknown}");
        }
        assert_eq!(property("Script", Some("Klingon")), None);
        assert_eq!(property("Block", Some("Latin")), None);
    }
}
