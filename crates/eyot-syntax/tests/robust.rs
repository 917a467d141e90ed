//! Whatever the input, the parser answers: it does not panic, and it ends.

use eyot_syntax::dump::dump;
use eyot_syntax::{ParseOptions, parse};

/// A small generator (xorshift), so that a seed replays a run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

fn check(source: &str) {
    let parsed = parse(source, &ParseOptions::default());
    for diagnostic in &parsed.diagnostics {
        assert!(diagnostic.span.start <= diagnostic.span.end, "{source}");
        assert!(diagnostic.span.end as usize <= source.len(), "{source}");
        assert!(source.get(diagnostic.span.range()).is_some(), "{source}");
    }
    let _ = dump(&parsed.tree);
}

#[rustfmt::skip]
const PIECES: &[&str] = &[
    "a", "b", "C", "int", "(", ")", "[", "]", "{", "}", "<", ">", ",", ";", ":", ".", "..", "...",
    "...?", "?", "?.", "?..", "??", "??=", "!", "!=", "=", "==", "=>", "+", "++", "-", "--", "*",
    "/", "~/", "~", "&", "&&", "|", "||", "^", "<<", "@", "#", "'", "\"", "'''", "r'", "$", "${",
    "\\", "\n", "//", "/*", "*/", "1", "0x", "1.5e", "1_", "'s'", "'a$b'", "'${", "}'", "class ",
    "mixin ", "enum ", "extension ", "extension type ", "typedef ", "const ", "final ", "var ",
    "late ", "static ", "external ", "abstract ", "covariant ", "required ", "factory ", "get ",
    "set ", "operator ", "new ", "this", "super", "if ", "else ", "for ", "in ", "while ", "do ",
    "switch ", "case ", "default", "when ", "try ", "catch ", "on ", "finally ", "return ", "await ",
    "async ", "async* ", "sync* ", "yield ", "throw ", "rethrow", "assert", "is ", "as ", "import ",
    "export ", "part ", "of ", "library ", "show ", "hide ", "void ", "Function", "null", "true",
    "break ", "continue ", "extends ", "implements ", "with ", "native ", "dynamic ", "_", "é", "\u{0}",
];

#[test]
fn token_soup() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..3000 {
        let length = random.below(60);
        let source: String = (0..length).map(|_| random.pick(PIECES)).collect();
        check(&source);
        check(&format!("f() async {{ {source} }}"));
        check(&format!("class C {{ {source} }}"));
    }
}

#[test]
fn random_bytes() {
    let mut random = Random(0x0123_4567_89AB_CDEF);
    for _ in 0..300 {
        let length = random.below(400);
        let bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
        check(&String::from_utf8_lossy(&bytes));
    }
    let bytes: Vec<u8> = (0..1_000_000).map(|_| random.next() as u8).collect();
    parse(&String::from_utf8_lossy(&bytes), &ParseOptions::default());
    let ascii: String = (0..1_000_000)
        .map(|_| (32 + random.below(95)) as u8 as char)
        .collect();
    parse(&ascii, &ParseOptions::default());
}

/// Pieces of a source: runs of word characters and single other characters.
fn pieces(source: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut previous = ' ';
    for (index, c) in source.char_indices() {
        if index > 0 && !(is_word(c) && is_word(previous)) {
            pieces.push(&source[start..index]);
            start = index;
        }
        previous = c;
    }
    pieces.push(&source[start..]);
    pieces
}

fn mutate(random: &mut Random, source: &str) -> String {
    let mut pieces = pieces(source);
    for _ in 0..=random.below(3) {
        let (at, other) = (random.below(pieces.len()), random.below(pieces.len()));
        match random.below(5) {
            0 if pieces.len() > 1 => {
                pieces.remove(at);
            }
            1 => pieces.insert(at, pieces[other]),
            2 => pieces.swap(at, other),
            3 => pieces.insert(at, random.pick(PIECES)),
            _ => pieces.truncate(at + 1),
        }
    }
    pieces.concat()
}

#[test]
fn mutated_programs() {
    let mut random = Random(0xDEAD_BEEF_CAFE_F00D);
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/trees");
    let mut texts: Vec<_> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    texts.sort();
    for text in &texts {
        for case in text.split("== ").skip(1) {
            let source = case.split("\n---\n").next().unwrap_or_default();
            let source = source.split_once('\n').map_or("", |(_, source)| source);
            for _ in 0..40 {
                check(&mutate(&mut random, source));
            }
        }
    }
}

/// Mutates the files named in the environment variable `MUTATE_FILE` (one path a line), for longer runs.
#[test]
fn mutated_files() {
    let Some(list) = std::env::var_os("MUTATE_FILE") else {
        return;
    };
    let mut random = Random(0x00C0_FFEE_1234_5678);
    for path in std::fs::read_to_string(list).unwrap().lines() {
        let source = std::fs::read_to_string(path).unwrap_or_default();
        if source.len() < 20_000 {
            for _ in 0..5 {
                check(&mutate(&mut random, &source));
            }
        }
    }
}

#[test]
fn deep_nesting_is_one_error() {
    let count = 100_000;
    let openers = [
        "(",
        "[",
        "{",
        "- ",
        "!",
        "f(",
        "a[",
        "a<",
        "<",
        "[...",
        "(a, ",
        "a ? ",
        "a ?? ",
        "a = ",
        "() => ",
        "() { ",
        "'${",
        "if (a) ",
        "for (;;) ",
        "while (a) ",
        "do ",
        "await ",
        "throw ",
        "switch (",
        "switch (a) { _ => ",
        "{a: ",
        "if (a case (",
        "if (a case [",
        "a as T<",
        "x: ",
        "List<",
        "(int, ",
        "void f(void f(",
        "try { ",
        "int Function(",
        "++",
        "const [",
        "a..b = ",
        "if (a) {} else ",
        "@a(",
        "new C(",
    ];
    for opener in openers {
        let source = format!("main() async {{ {} ", opener.repeat(count));
        let parsed = parse(&source, &ParseOptions::default());
        assert!(!parsed.diagnostics.is_empty(), "{opener}");
        assert!(
            parsed.diagnostics.len() <= 3,
            "{opener}: {:?}",
            &parsed.diagnostics[..4]
        );
    }
    for opener in [
        "class C { f(",
        "f<T extends ",
        "typedef A = ",
        "final a = ",
        "@a(",
        "/*",
    ] {
        parse(&opener.repeat(count), &ParseOptions::default());
    }
}

#[test]
fn balanced_nesting_is_one_error() {
    let count = 100_000;
    let source = format!("var a = {}1{};", "(".repeat(count), ")".repeat(count));
    let parsed = parse(&source, &ParseOptions::default());
    let codes: Vec<&str> = parsed
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code)
        .collect();
    assert_eq!(codes, ["nested-too-deeply"]);
    let fine = format!("var a = {}1{};", "(".repeat(300), ")".repeat(300));
    assert!(
        parse(&fine, &ParseOptions::default())
            .diagnostics
            .is_empty()
    );
}

#[test]
fn long_chains_end_with_one_error() {
    for link in [
        " + a", ".a", "(a)", "[a]", "!", " && a", "..a", "?[a]", " is a",
    ] {
        let source = format!("var a = a{};", link.repeat(100_000));
        let parsed = parse(&source, &ParseOptions::default());
        assert!(!parsed.diagnostics.is_empty(), "{link}");
        assert!(parsed.diagnostics.len() < 3, "{link}");
    }
}
