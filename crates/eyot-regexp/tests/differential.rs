//! Random patterns over random texts: ours, in one run and in slices, against the engine `regress`.
//!
//! `EYOT_REGEXP_CASES` sets how many patterns.

use eyot_regexp::{Flags, Progress, Regex, Search, Units};
use fastrand::Rng;

/// Steps after which a case is given up: `regress` cannot be stopped.
const MOST_STEPS: i64 = 2_000;

fn pattern(rng: &mut Rng, depth: usize, groups: &mut usize) -> String {
    let count = 1 + rng.usize(..3);
    (0..count).map(|_| term(rng, depth, groups)).collect()
}

fn term(rng: &mut Rng, depth: usize, groups: &mut usize) -> String {
    let atom = match rng.usize(..if depth == 0 { 14 } else { 22 }) {
        0..=4 => ["a", "b", "c", "d", "é"][rng.usize(..5)].to_owned(),
        5 => ["x", "0", " ", "π", "ab"][rng.usize(..5)].to_owned(),
        6 => ["[ab]", "[^ab]", "[a-c]", "[^\\d]", "[\\wé]", "[π-ω]", "[^]"][rng.usize(..7)]
            .to_owned(),
        7 => ["\\d", "\\w", "\\s", "\\D", "\\W", "\\S"][rng.usize(..6)].to_owned(),
        8 | 9 => ".".to_owned(),
        10 => return ["^", "$", "\\b", "\\B"][rng.usize(..4)].to_owned(),
        11 if *groups > 0 => format!("\\{}(?:)", 1 + rng.usize(..*groups)),
        11..=13 => "[abc]".to_owned(),
        14..=16 => {
            *groups += 1;
            format!("({})", alternatives(rng, depth - 1, groups))
        }
        17..=19 => format!("(?:{})", alternatives(rng, depth - 1, groups)),
        20 => {
            let open = ["(?=", "(?!"][rng.usize(..2)];
            return format!("{open}{})", alternatives(rng, depth - 1, groups));
        }
        _ => {
            let open = ["(?<=", "(?<!"][rng.usize(..2)];
            return format!("{open}{})", alternatives(rng, depth - 1, groups));
        }
    };
    let quantifier = match rng.usize(..10) {
        0 => "*",
        1 => "+",
        2 => "?",
        3 => "{2}",
        4 => "{1,3}",
        5 => "{0,2}",
        _ => return atom,
    };
    let lazy = if rng.usize(..4) == 0 { "?" } else { "" };
    if atom.chars().count() == 1
        || atom.starts_with(['(', '['])
        || atom.len() == 2 && atom.starts_with('\\')
    {
        format!("{atom}{quantifier}{lazy}")
    } else {
        format!("(?:{atom}){quantifier}{lazy}")
    }
}

fn alternatives(rng: &mut Rng, depth: usize, groups: &mut usize) -> String {
    let count = 1 + rng.usize(..6) / 3;
    let all: Vec<String> = (0..count).map(|_| pattern(rng, depth, groups)).collect();
    all.join("|")
}

fn text(rng: &mut Rng) -> String {
    let letters: Vec<char> = match rng.usize(..3) {
        0 => "ab".chars().collect(),
        1 => "abcdéx0 \nA".chars().collect(),
        _ => "abcdéπx0 \n💩A".chars().collect(),
    };
    let len = rng.usize(..20);
    (0..len)
        .map(|_| letters[rng.usize(..letters.len())])
        .collect()
}

type Found = Option<Vec<Option<(usize, usize)>>>;

/// Runs in slices; none if it takes too long.
fn ours(regex: &Regex, units: Units<'_>, slice: i64) -> Option<Found> {
    let mut search = Search::default();
    search.begin(regex, 0, false);
    let mut used = 0;
    loop {
        let mut steps = slice;
        match search.run(regex, units, &mut steps) {
            Progress::Match => return Some(Some(search.offsets().collect())),
            Progress::NoMatch => return Some(None),
            Progress::Suspended => used += slice,
            Progress::TooDeep => return None,
        }
        if used >= MOST_STEPS {
            return None;
        }
    }
}

#[test]
fn ours_matches_as_another_engine_does() {
    let cases = std::env::var("EYOT_REGEXP_CASES").ok();
    let cases = cases.and_then(|cases| cases.parse().ok()).unwrap_or(3000);
    let seed = std::env::var("EYOT_REGEXP_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let mut rng = Rng::with_seed(seed);
    let mut compared = 0;
    for _ in 0..cases {
        let source = alternatives(&mut rng, 2, &mut 0);
        let flags = Flags {
            multi_line: rng.bool(),
            ignore_case: rng.usize(..4) == 0,
            unicode: rng.bool(),
            dot_all: rng.bool(),
        };
        let units: Vec<u16> = source.encode_utf16().collect();
        let Ok(regex) = Regex::new(&units, flags) else {
            panic!("no pattern: {source}");
        };
        let theirs = regress::Flags {
            multiline: flags.multi_line,
            icase: flags.ignore_case,
            unicode: flags.unicode,
            dot_all: flags.dot_all,
            ..regress::Flags::default()
        };
        let code_points = source.chars().map(u32::from);
        let Ok(theirs) = regress::Regex::from_unicode(code_points, theirs) else {
            continue;
        };
        for _ in 0..6 {
            let text = text(&mut rng);
            let units: Vec<u16> = text.encode_utf16().collect();
            let Some(found) = ours(&regex, Units::TwoByte(&units), MOST_STEPS) else {
                continue;
            };
            for slice in [1, 5, 50] {
                if let Some(again) = ours(&regex, Units::TwoByte(&units), slice) {
                    assert_eq!(
                        again, found,
                        "/{source}/ {flags:?} in {text:?}, slices of {slice}"
                    );
                }
            }
            let bytes: Option<Vec<u8>> =
                units.iter().map(|&unit| u8::try_from(unit).ok()).collect();
            if let Some(bytes) = bytes {
                let again = ours(&regex, Units::OneByte(&bytes), MOST_STEPS);
                assert_eq!(
                    again,
                    Some(found.clone()),
                    "/{source}/ {flags:?} in {text:?}, bytes"
                );
            }
            let expected = if flags.unicode {
                theirs.find_from_utf16(&units, 0).next()
            } else {
                theirs.find_from_ucs2(&units, 0).next()
            };
            let expected: Found = expected.map(|found| {
                let groups = found
                    .groups()
                    .map(|group| group.map(|range| (range.start, range.end)));
                groups.collect()
            });
            compared += 1;
            assert_eq!(
                found, expected,
                "/{source}/ {flags:?} in {text:?}, seed {seed}"
            );
        }
    }
    assert!(compared > cases, "{compared} of {cases}");
}
