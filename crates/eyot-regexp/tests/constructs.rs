//! Every construct: what it matches, what its groups are, and what is no pattern.

use eyot_regexp::{Flags, Progress, Regex, Search, Units};

fn flags(letters: &str) -> Flags {
    Flags {
        multi_line: letters.contains('m'),
        ignore_case: letters.contains('i'),
        unicode: letters.contains('u'),
        dot_all: letters.contains('s'),
    }
}

fn compile(pattern: &str, letters: &str) -> Result<Regex, String> {
    let units: Vec<u16> = pattern.encode_utf16().collect();
    Regex::new(&units, flags(letters)).map_err(|error| error.to_string())
}

/// Runs a search a few steps at a time.
fn search(
    regex: &Regex,
    text: Units<'_>,
    start: usize,
    sticky: bool,
    slice: i64,
) -> Option<Vec<Option<(usize, usize)>>> {
    let mut search = Search::default();
    search.begin(regex, start, sticky);
    loop {
        let mut steps = slice;
        match search.run(regex, text, &mut steps) {
            Progress::Match => return Some(search.offsets().collect()),
            Progress::NoMatch => return None,
            Progress::Suspended => {}
            Progress::TooDeep => panic!("too deep"),
        }
    }
}

/// The first match: the texts of the groups separated by `|`, `-` for groups that took no part, or `none`.
fn groups(pattern: &str, letters: &str, text: &str) -> String {
    let regex = compile(pattern, letters).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    let units: Vec<u16> = text.encode_utf16().collect();
    let bytes: Option<Vec<u8>> = units.iter().map(|&unit| u8::try_from(unit).ok()).collect();
    let found = search(&regex, Units::TwoByte(&units), 0, false, i64::MAX);
    for slice in [1, 2, 7, 1000] {
        assert_eq!(
            search(&regex, Units::TwoByte(&units), 0, false, slice),
            found,
            "{pattern} in slices of {slice}"
        );
    }
    if let Some(bytes) = bytes {
        for slice in [1, i64::MAX] {
            assert_eq!(
                search(&regex, Units::OneByte(&bytes), 0, false, slice),
                found,
                "{pattern} over bytes"
            );
        }
    }
    let Some(found) = found else {
        return "none".to_owned();
    };
    let texts = found.iter().map(|group| match group {
        Some((from, to)) => String::from_utf16_lossy(&units[*from..*to]),
        None => "-".to_owned(),
    });
    texts.collect::<Vec<String>>().join("|")
}

/// Rows of pattern, flags, text and groups.
fn check(rows: &[(&str, &str, &str, &str)]) {
    for &(pattern, letters, text, expected) in rows {
        assert_eq!(
            groups(pattern, letters, text),
            expected,
            "/{pattern}/{letters} in {text:?}"
        );
    }
}

#[test]
fn characters_and_classes() {
    check(&[
        ("abc", "", "xxabcx", "abc"),
        ("a.c", "", "a\nc abc", "abc"),
        ("a.c", "s", "a\nc abc", "a\nc"),
        ("[a-c]+", "", "xxbcax", "bca"),
        ("[^a-c]+", "", "abxyc", "xy"),
        ("[]", "", "a", "none"),
        ("[^]", "", "\n", "\n"),
        (r"\d+", "", "ab12", "12"),
        (r"\D+", "", "12ab", "ab"),
        (r"\w+\W\w+", "", "--a_1 é", "none"),
        (r"\s+", "", "a \t\u{A0}\u{FEFF}b", " \t\u{A0}\u{FEFF}"),
        (r"\S+", "", " \u{2028}é", "é"),
        (r"[\d\-x]+", "", "a1-x", "1-x"),
        (r"[\w-a]+", "", "a-b", "a-b"),
        (r"[a\]b]+", "", "]ab", "]ab"),
        (r"[\b]", "", "\u{8}", "\u{8}"),
        ("[α-ω]+", "", "abγδ", "γδ"),
        ("é+", "", "caféé", "éé"),
        ("💩", "", "a💩", "💩"),
        ("^.$", "", "💩", "none"),
        ("^.$", "u", "💩", "💩"),
        ("[💩]", "u", "💩", "💩"),
        ("^[^x]$", "u", "💩", "💩"),
        ("^[^x]$", "", "💩", "none"),
        (r"\u{1F4A9}", "u", "a💩", "💩"),
        (r"\ud83d\udca9", "u", "a💩", "💩"),
        (r"\u{2}", "", "uu", "uu"),
        (r"\p{Lu}+", "u", "abÀB", "ÀB"),
        (r"\P{L}+", "u", "ab12é", "12"),
        (r"[^\p{L}]+", "u", "ab12é", "12"),
        (r"\p{Script=Greek}+", "u", "abγδ", "γδ"),
        (r"\p{Emoji_Presentation}", "u", "a😀", "😀"),
        (r"\p{L}", "", "p{L}", "p{L}"),
    ]);
}

#[test]
fn escapes() {
    check(&[
        (
            r"\x41\u0042\t\n\v\f\r\0",
            "",
            "AB\t\n\u{b}\u{c}\r\0",
            "AB\t\n\u{b}\u{c}\r\0",
        ),
        (r"\cA\ca", "", "\u{1}\u{1}", "\u{1}\u{1}"),
        (r"\c", "", r"\c", r"\c"),
        (r"[\c]+", "", r"c\", r"c\"),
        (r"[\c1]", "", "\u{11}", "\u{11}"),
        (r"\101", "", "A", "A"),
        (r"\377", "", "ÿ", "ÿ"),
        (r"\400", "", "\u{20}0", "\u{20}0"),
        (r"\8", "", "8", "8"),
        (r"(a)\2", "", "a\u{2}", "a\u{2}|a"),
        (r"\xZ\uZ", "", "xZuZ", "xZuZ"),
        (r"\k<a>", "", "k<a>", "k<a>"),
        (r"\/\-", "", "/-", "/-"),
        ("a{", "", "a{", "a{"),
        ("a{1", "", "a{1", "a{1"),
        ("a{,2}", "", "a{,2}", "a{,2}"),
        ("]}", "", "]}", "]}"),
        (r"\a\q", "", "aq", "aq"),
    ]);
}

#[test]
fn quantifiers() {
    check(&[
        ("a*", "", "aaa", "aaa"),
        ("a*?", "", "aaa", ""),
        ("a+?b", "", "aaab", "aaab"),
        ("a{2}", "", "aaa", "aa"),
        ("a{2,}", "", "aaa", "aaa"),
        ("a{1,2}", "", "aaa", "aa"),
        ("a{1,2}?", "", "aaa", "a"),
        ("a{0}b", "", "ab", "b"),
        ("(ab){2,3}", "", "ababababx", "ababab|ab"),
        ("(ab){2,3}?", "", "abababab", "abab|ab"),
        ("(?:ab?)*b", "", "abab", "abab"),
        ("(a*)*", "", "b", "|-"),
        ("(a*)+", "", "b", "|"),
        ("(?:a*)*c", "", "aac", "aac"),
        ("(a*){2,3}c", "", "aac", "aac|"),
        ("(?:a?){40}b", "", "aaab", "aaab"),
        (
            "(?:(a)|b){300}",
            "",
            &("b".repeat(299) + "a"),
            &("b".repeat(299) + "a|a"),
        ),
        (
            "(?:(a)|b){300,400}?c",
            "",
            &("ab".repeat(170) + "c"),
            &("ab".repeat(170) + "c|-"),
        ),
        ("(?:(a*)|b){300,400}", "", "aab", "aab|-"),
        (
            "(z)((a+)?(b+)?(c))*",
            "",
            "zaacbbbcac",
            "zaacbbbcac|z|ac|a|-|c",
        ),
        ("((a)|b)*", "", "ab", "ab|b|-"),
        ("(?:(a)|(b)|(c))+?d", "", "abcd", "abcd|-|-|c"),
        ("a.*c", "", "abcbcb", "abcbc"),
        ("a.*?c", "", "abcbcb", "abc"),
        (".*?x.*?y", "", "aaxbby", "aaxbby"),
        ("(?=a)*b", "", "ab", "b"),
        ("(?:)*?x", "", "x", "x"),
        ("(?:a|ab)(?:c|bcd)(d*)", "", "abcd", "abcd|"),
        ("x*", "u", "💩", ""),
        (".{2}", "u", "💩a💩", "💩a"),
        (".*a", "u", "💩a💩", "💩a"),
    ]);
}

#[test]
fn alternatives() {
    check(&[
        ("a|ab", "", "abc", "a"),
        ("((a)|(ab))((c)|(bc))", "", "abc", "abc|a|a|-|bc|-|bc"),
        ("|a", "", "a", ""),
        ("(?:foo|bar|baz|)q", "", "bazq", "bazq"),
        ("(?:one|two|three|four)+", "", "xtwothreeone", "twothreeone"),
        (
            "(Rob)|(Bob)|(Robert)|(Bobby)",
            "",
            "Hi Bob",
            "Bob|-|Bob|-|-",
        ),
        ("(?:é|ab|à)c", "", "àc", "àc"),
        ("a|é|[xy]", "", "yé", "y"),
    ]);
}

#[test]
fn assertions() {
    check(&[
        ("^b", "", "a\nb", "none"),
        ("^b", "m", "a\nb", "b"),
        ("a$", "", "a\nb", "none"),
        ("a$", "m", "a\u{2028}b", "a"),
        ("^", "m", "", ""),
        (r"\bfoo\b", "", "xfoo foo", "foo"),
        (r"\Boo\B", "", "oo foox", "oo"),
        (r"a(?=b)", "", "acab", "a"),
        (r"a(?!b)", "", "aba", "a"),
        (r"(?=(a+))a*b\1", "", "baaabac", "aba|a"),
        (
            r"(.*?)a(?!(a+)b\2c)\2(.*)",
            "",
            "baaabaac",
            "baaabaac|ba|-|abaac",
        ),
        (r"(?<=a)b", "", "bab", "b"),
        (r"(?<!a)b", "", "abcb", "b"),
        (r"(?<=\$\d+\.)\d+", "", "$12.34", "34"),
        (r"(?<=(\d+)(\d+))$", "", "1053", "|1|053"),
        (r"(?<=\1(a))b", "", "aab", "b|a"),
        (r"(?<=([abc]+)).\1", "", "abcdbc", "none"),
        (r"(?<=a|bc)d", "", "bcd", "d"),
        (r"(?<=^ab)c", "", "abc", "c"),
        (r"(?<=a{2,3}?)b", "", "aaab", "b"),
        (r"(?<=💩)a", "u", "💩a", "a"),
        (r"(?<=^.)a", "u", "💩a", "a"),
        (r"(?<=(?:ab){2})c", "", "xababc", "c"),
        (r"(?<!(^|[ab]))c", "", "abcxc", "c|-"),
    ]);
}

#[test]
fn groups_and_references() {
    check(&[
        (r"(\w)\1", "", "abccd", "cc|c"),
        (r"\1(a)", "", "a", "a|a"),
        (
            r"(?<year>\d+)-(?<m>\d+)",
            "",
            "on 2026-11",
            "2026-11|2026|11",
        ),
        (r"(?<a>.)\k<a>", "", "xyy", "yy|y"),
        (r"\k<a>(?<a>x)", "", "x", "x|x"),
        (r"(?:(?<a>x)|(?<a>y))\k<a>", "", "xyy", "yy|-|y"),
        (r"(?<π>x)(?<$_>y)", "", "xy", "xy|x|y"),
        (r"(?<\u{61}>x)\k<a>", "u", "xx", "xx|x"),
        (r"(?:a(b)?)+", "", "aba", "aba|-"),
        (r"(a)(?:b)(c)", "", "abc", "abc|a|c"),
        (
            r"^(a+)\1*,\1+$",
            "",
            "aaaaaaaaaa,aaaaaaaaaaaaaaa",
            "aaaaaaaaaa,aaaaaaaaaaaaaaa|aaaaa",
        ),
    ]);
}

#[test]
fn case_is_ignored() {
    check(&[
        ("abc", "i", "xABc", "ABc"),
        ("[a-z]+", "i", "ABC", "ABC"),
        ("[a-z]", "i", "\u{17F}\u{212A}\u{131}ß", "none"),
        ("[a-z]+", "iu", "\u{17F}\u{212A}", "\u{17F}\u{212A}"),
        (r"\w+", "iu", "\u{17F}\u{212A}", "\u{17F}\u{212A}"),
        (r"\w+", "i", "\u{17F}\u{212A}", "none"),
        (r"\W", "iu", "\u{17F}", "none"),
        (r"[^\W]+", "i", "abcist", "abcist"),
        ("é", "i", "É", "É"),
        ("[^é]", "i", "É", "none"),
        ("σ", "i", "ς", "ς"),
        ("𐐨", "iu", "𐐀", "𐐀"),
        (r"(a)\1", "i", "aA", "aA|a"),
        (r"(é)\1", "i", "éÉ", "éÉ|é"),
        ("ÿ", "i", "\u{178}", "\u{178}"),
        ("µ", "i", "μ", "μ"),
        (r"\p{Lu}", "iu", "a", "a"),
        (r"\P{Lu}", "iu", "A", "A"),
    ]);
}

#[test]
fn flags_of_groups() {
    check(&[
        ("(?i:a)b", "", "xAb", "Ab"),
        ("(?i:a)b", "", "AB", "none"),
        ("(?-i:a)b", "i", "aB", "aB"),
        ("(?-i:a)b", "i", "AB", "none"),
        ("a(?i:b(?-i:c)d)e", "", "aBcDe", "aBcDe"),
        ("a(?i:b(?-i:c)d)e", "", "aBCDe", "none"),
        ("(?m:^b$)", "", "a\nb\nc", "b"),
        ("(?-m:^)b", "m", "a\nb", "none"),
        ("a(?s:.)b.c", "", "a\nb\nc", "none"),
        ("a(?s:.)b", "", "a\nb", "a\nb"),
        ("(?im-s:^a.)", "s", "x\nA\nAb", "Ab"),
        (r"(?i:[a-c]+)[a-c]+", "", "ABcB", "ABc"),
        // The flags count where the reference is, not where the group is.
        (r"(a)(?i:\1)", "", "aA", "aA|a"),
        (r"(?i:(a))\1", "", "Aa", "none"),
        (r"(?i:\b)ſ", "u", "ſ", "ſ"),
        (r"\bſ", "u", "ſ", "none"),
        (r"(?i:\w)x\w", "u", "ſxa", "ſxa"),
        ("(?i:a|b)*c", "", "aBc", "aBc"),
        (
            r"(?<y>\d{4})-x|x-(?<y>\d{4})",
            "",
            "x-2024",
            "x-2024|-|2024",
        ),
    ]);
}

#[test]
fn what_is_no_pattern() {
    for (pattern, letters, message) in [
        ("(?-:a)", "", "Invalid flag group"),
        ("(?iu:a)", "", "Invalid flag group"),
        ("(?i)a", "", "Invalid flag group"),
        ("(?i", "", "Invalid flag group"),
        ("(?ii:a)", "", "Repeated flag in flag group"),
        ("(?i-i:a)", "", "Repeated flag in flag group"),
        ("(?i--m:a)", "", "Multiple dashes in flag group"),
        ("(?i:a", "", "Unterminated group"),
        ("(", "", "Unterminated group"),
        (")", "", "Unmatched ')'"),
        ("a)", "", "Unmatched ')'"),
        ("[", "", "Unterminated character class"),
        ("[b-a]", "", "Range out of order in character class"),
        ("*", "", "Nothing to repeat"),
        ("a**", "", "Nothing to repeat"),
        ("^*", "", "Nothing to repeat"),
        ("{1}", "", "Nothing to repeat"),
        ("a{2,1}", "", "numbers out of order in {} quantifier"),
        ("(?a)", "", "Invalid group"),
        ("(?<=a)*", "", "Nothing to repeat"),
        ("(?=a)*", "u", "Nothing to repeat"),
        ("\\", "", "\\ at end of pattern"),
        ("[\\", "", "\\ at end of pattern"),
        ("(?<a", "", "Invalid capture group name"),
        ("(?<1>a)", "", "Invalid capture group name"),
        ("(?<a>a)(?<a>b)", "", "Duplicate capture group name"),
        ("(?<a>a)\\k<b>", "", "Invalid named capture referenced"),
        ("(?<a>a)\\k", "", "Invalid named reference"),
        ("{", "u", "Nothing to repeat"),
        ("}", "u", "Lone quantifier brackets"),
        ("a{1", "u", "Incomplete quantifier"),
        ("\\q", "u", "Invalid escape"),
        ("\\1", "u", "Invalid escape"),
        ("\\01", "u", "Invalid decimal escape"),
        ("\\u{110000}", "u", "Invalid Unicode escape"),
        ("\\p{Nonsense}", "u", "Invalid property name"),
        ("[\\d-a]", "u", "Invalid character class"),
    ] {
        assert_eq!(
            compile(pattern, letters).err().as_deref(),
            Some(message),
            "/{pattern}/{letters}"
        );
    }
    let deep = "(".repeat(100_000) + &")".repeat(100_000);
    assert_eq!(
        compile(&deep, "").err().as_deref(),
        Some("Regular expression too large")
    );
    assert!(compile(&("(".repeat(350) + &")".repeat(350)), "").is_ok());
}

#[test]
fn places_to_begin() {
    let regex = compile("b|(c)", "").unwrap();
    let text = Units::OneByte(b"abcb");
    assert_eq!(
        search(&regex, text, 2, false, 10),
        Some(vec![Some((2, 3)), Some((2, 3))])
    );
    assert_eq!(search(&regex, text, 0, true, 10), None);
    assert_eq!(
        search(&regex, text, 3, true, 10),
        Some(vec![Some((3, 4)), None])
    );
    assert_eq!(search(&regex, text, 4, false, 10), None);
    let anchored = compile("^b", "").unwrap();
    assert_eq!(search(&anchored, text, 1, false, 10), None);
    assert_eq!(search(&anchored, text, 1, true, 10), None);
}

/// Patterns for which backtracking alone takes exponentially many steps.
#[test]
fn catastrophes_end() {
    for pattern in [
        "(a+)+$",
        "(?:a|a)*$",
        "(?:a*)*$",
        "(x+x+)+y",
        "(a|aa)+$",
        "(?:a?){30}a{30}$",
        "(.*)*b$",
        r"^(\w+\s?)*$",
        "(a+?)+?$",
        "(?:(a)|(a))*c",
    ] {
        let regex = compile(pattern, "").unwrap();
        let text = "a".repeat(1000) + "!";
        let mut search = Search::default();
        search.begin(&regex, 0, false);
        let mut slices = 0;
        while search.run(&regex, Units::OneByte(text.as_bytes()), &mut 100_000)
            == Progress::Suspended
        {
            slices += 1;
            assert!(slices < 20_000, "{pattern} does not end");
        }
    }
}

#[test]
fn memory_is_limited() {
    let regex = compile(r"^(?:(a)|(a))*\1b$", "").unwrap();
    let text = "a".repeat(1_000_000) + "!";
    let mut search = Search::default();
    search.set_most_bytes(1 << 20);
    search.begin(&regex, 0, false);
    let progress = loop {
        match search.run(&regex, Units::OneByte(text.as_bytes()), &mut 10_000) {
            Progress::Suspended => assert!(search.bytes() < 3 << 20),
            end => break end,
        }
    };
    assert_eq!(progress, Progress::TooDeep);
    search.shrink();
    assert!(search.bytes() <= 64 << 10);
}
