//! Random patterns over random texts: ours, in one run and in slices, against the engine `regress`.
//!
//! `EYOT_REGEXP_CASES` sets how many patterns.

use std::fs::File;
use std::io::Write;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use eyot_regexp::{Flags, Progress, Regex, Search, Units};
use fastrand::Rng;

/// Steps after which a case is given up: `regress` cannot be stopped.
const MOST_STEPS: i64 = 500;

/// The groups of a pattern so far. What is in a group that is not closed means nothing to `regress`.
#[derive(Default)]
struct Groups {
    count: usize,
    closed: Vec<usize>,
}

fn pattern(rng: &mut Rng, depth: usize, groups: &mut Groups, calm: bool) -> String {
    let count = 1 + rng.usize(..3);
    (0..count).map(|_| term(rng, depth, groups, calm)).collect()
}

fn term(rng: &mut Rng, depth: usize, groups: &mut Groups, calm: bool) -> String {
    // Inside what is repeated, parts are optional at most: both engines would try exponentially many ways, and one cannot be stopped.
    let quantifier = match rng.usize(..if calm { 5 } else { 10 }) {
        0 => "?",
        5 => "*",
        6 => "+",
        7 => "{2}",
        8 => "{1,3}",
        9 => "{0,2}",
        _ => "",
    };
    let calm = calm || !matches!(quantifier, "" | "?");
    let atom = match rng.usize(..if depth == 0 { 14 } else { 22 }) {
        0..=4 => ["a", "b", "c", "d", "é"][rng.usize(..5)].to_owned(),
        5 => ["x", "0", " ", "π", "ab"][rng.usize(..5)].to_owned(),
        6 => ["[ab]", "[^ab]", "[a-c]", "[^\\d]", "[\\wé]", "[π-ω]", "[^]"][rng.usize(..7)]
            .to_owned(),
        7 => ["\\d", "\\w", "\\s", "\\D", "\\W", "\\S"][rng.usize(..6)].to_owned(),
        8 | 9 => ".".to_owned(),
        10 => return ["^", "$", "\\b", "\\B"][rng.usize(..4)].to_owned(),
        11 if !groups.closed.is_empty() => {
            format!("\\{}(?:)", groups.closed[rng.usize(..groups.closed.len())])
        }
        11..=13 => "[abc]".to_owned(),
        14..=16 => {
            groups.count += 1;
            let group = groups.count;
            let body = alternatives(rng, depth - 1, groups, calm);
            groups.closed.push(group);
            format!("({body})")
        }
        17..=19 => format!("(?:{})", alternatives(rng, depth - 1, groups, calm)),
        20 => {
            let open = ["(?=", "(?!"][rng.usize(..2)];
            return format!("{open}{})", alternatives(rng, depth - 1, groups, calm));
        }
        _ => {
            let open = ["(?<=", "(?<!"][rng.usize(..2)];
            return format!("{open}{})", alternatives(rng, depth - 1, groups, calm));
        }
    };
    if quantifier.is_empty() {
        return atom;
    }
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

fn alternatives(rng: &mut Rng, depth: usize, groups: &mut Groups, calm: bool) -> String {
    let count = 1 + rng.usize(..6) / 3;
    let all: Vec<String> = (0..count)
        .map(|_| pattern(rng, depth, groups, calm))
        .collect();
    all.join("|")
}

fn text(rng: &mut Rng) -> String {
    let letters: Vec<char> = match rng.usize(..3) {
        0 => "ab".chars().collect(),
        1 => "abcdéx0 \nA".chars().collect(),
        _ => "abcdéπx0 \n💩A".chars().collect(),
    };
    let len = rng.usize(..11);
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

type Case = (String, Flags, Vec<u16>);

/// The other engine in a thread, which is left alone where it does not answer: it cannot be stopped.
struct Other {
    cases: Sender<Case>,
    answers: Receiver<Option<Found>>,
    left_alone: usize,
}

impl Other {
    fn new() -> Other {
        let (cases, to_do) = channel::<Case>();
        let (answer, answers) = channel();
        std::thread::spawn(move || {
            for (source, flags, units) in to_do {
                if answer.send(theirs(&source, flags, &units)).is_err() {
                    break;
                }
            }
        });
        Other {
            cases,
            answers,
            left_alone: 0,
        }
    }

    /// The first match; none if the engine has no answer.
    fn find(&mut self, source: &str, flags: Flags, units: &[u16]) -> Option<Found> {
        let case = (source.to_owned(), flags, units.to_vec());
        self.cases.send(case).expect("the thread waits for cases");
        if let Ok(answer) = self.answers.recv_timeout(Duration::from_millis(500)) {
            return answer;
        }
        let left_alone = self.left_alone + 1;
        assert!(left_alone < 20, "the other engine often takes for ever");
        *self = Other::new();
        self.left_alone = left_alone;
        None
    }
}

fn theirs(source: &str, flags: Flags, units: &[u16]) -> Option<Found> {
    let theirs = regress::Flags {
        multiline: flags.multi_line,
        icase: flags.ignore_case,
        unicode: flags.unicode,
        dot_all: flags.dot_all,
        ..regress::Flags::default()
    };
    let regex = regress::Regex::from_unicode(source.chars().map(u32::from), theirs).ok()?;
    let found = if flags.unicode {
        regex.find_from_utf16(units, 0).next()
    } else {
        regex.find_from_ucs2(units, 0).next()
    };
    Some(found.map(|found| {
        let groups = found.groups();
        groups
            .map(|group| group.map(|range| (range.start, range.end)))
            .collect()
    }))
}

#[test]
fn ours_matches_as_another_engine_does() {
    let cases = std::env::var("EYOT_REGEXP_CASES").ok();
    let cases = cases.and_then(|cases| cases.parse().ok()).unwrap_or(2000);
    let seed = std::env::var("EYOT_REGEXP_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let mut rng = Rng::with_seed(seed);
    // To compare with a third engine: the cases, tabs between pattern, flags, text and offsets.
    let mut out = std::env::var("EYOT_REGEXP_OUT")
        .ok()
        .map(|path| File::create(path).unwrap());
    let mut other = Other::new();
    let mut compared = 0;
    for _ in 0..cases {
        let source = alternatives(&mut rng, 2, &mut Groups::default(), false);
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
        let letters: String = [
            (flags.multi_line, 'm'),
            (flags.ignore_case, 'i'),
            (flags.unicode, 'u'),
            (flags.dot_all, 's'),
        ]
        .iter()
        .filter_map(|&(set, letter)| set.then_some(letter))
        .collect();
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
            if let Some(out) = &mut out {
                let case = format!("{source:?}\t{letters}\t{text:?}\t{found:?}");
                writeln!(out, "{case}").unwrap();
                continue;
            }
            let Some(expected) = other.find(&source, flags, &units) else {
                continue;
            };
            compared += 1;
            assert_eq!(
                found, expected,
                "/{source}/ {flags:?} in {text:?}, seed {seed}"
            );
        }
    }
    assert!(out.is_some() || compared > cases, "{compared} of {cases}");
}
