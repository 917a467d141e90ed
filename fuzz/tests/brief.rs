//! A short run of the targets from fixed seeds.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use arbitrary::Unstructured;
use eyot_fuzz::oracles::{self, Outcome};
use eyot_fuzz::{generate, mutate, runs, seed};
use fastrand::Rng;

fn corpus() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/programs");
    let mut texts = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "dart")
            {
                texts.push(fs::read_to_string(path).unwrap());
            }
        }
    }
    texts
}

fn bytes(random: &mut Rng, count: usize) -> Vec<u8> {
    std::iter::repeat_with(|| random.u8(..))
        .take(count)
        .collect()
}

#[test]
fn mutated_programs_parse() {
    let corpus = corpus();
    let mut random = Rng::with_seed(seed());
    for _ in 0..runs(400) {
        let bytes = bytes(&mut random, 256);
        let (one, two) = (
            &corpus[random.usize(..corpus.len())],
            &corpus[random.usize(..corpus.len())],
        );
        if let Ok(text) = mutate::program(one, two, &mut Unstructured::new(&bytes)) {
            oracles::parse(&text);
        }
    }
}

#[test]
fn cut_programs_parse() {
    let corpus = corpus();
    let mut random = Rng::with_seed(seed());
    for _ in 0..runs(200) {
        let text = &corpus[random.usize(..corpus.len())];
        let mut end = random.usize(..=text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        oracles::parse(&text[..end]);
    }
}

#[test]
fn marks_without_order_parse() {
    const MARKS: &[&str] = &[
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "<",
        ">",
        "=>",
        "=",
        "?",
        "??",
        ".",
        "..",
        "...",
        ":",
        ";",
        ",",
        "'",
        "\"",
        "'''",
        "${",
        "$",
        "@",
        "#",
        "class",
        "enum",
        "extension",
        "mixin",
        "switch",
        "case",
        "when",
        "if",
        "for",
        "in",
        "await",
        "async",
        "*",
        "var",
        "final",
        "const",
        "late",
        "required",
        "factory",
        "operator",
        "get",
        "set",
        "a",
        "B",
        "_",
        "1",
        "0x",
        "1e",
        ".5",
        "r'",
        "/*",
        "*/",
        "//",
        "\n",
        " ",
        "é",
    ];
    let mut random = Rng::with_seed(seed());
    for _ in 0..runs(2000) {
        let count = random.usize(1..60);
        let text: String = (0..count)
            .map(|_| MARKS[random.usize(..MARKS.len())])
            .collect();
        oracles::parse(&text);
    }
}

/// Longer than this, the front end has lost its way.
const FRONT_END_ENDS_BY: Duration = Duration::from_secs(20);

/// How far a program comes in the front end. Where that panics or takes too long, the program is kept for whoever looks into it.
fn front_end(text: &str) -> Outcome {
    let (sender, receiver) = mpsc::channel();
    let program = text.to_owned();
    std::thread::spawn(move || sender.send(oracles::front_end(&program)));
    match receiver.recv_timeout(FRONT_END_ENDS_BY) {
        Ok(outcome) => outcome,
        Err(error) => panic!("{error} ({})", keep(text)),
    }
}

/// Where a program stays for whoever looks into it.
fn keep(text: &str) -> String {
    let name = format!("eyot-front-end-{}.dart", std::process::id());
    let file = std::env::temp_dir().join(name);
    match fs::write(&file, text) {
        Ok(()) => format!("kept in {}", file.display()),
        Err(error) => format!("cannot be kept: {error}"),
    }
}

#[test]
fn mutated_programs_are_compiled_or_refused() {
    let corpus = corpus();
    let mut random = Rng::with_seed(seed());
    let mut compiled = 0;
    for _ in 0..runs(150) {
        let bytes = bytes(&mut random, 256);
        let (one, two) = (
            &corpus[random.usize(..corpus.len())],
            &corpus[random.usize(..corpus.len())],
        );
        if let Ok(text) = mutate::program(one, two, &mut Unstructured::new(&bytes)) {
            compiled += u64::from(front_end(&text) == Outcome::Compiled);
        }
    }
    println!("{compiled} were compiled");
    assert!(compiled > 0);
}

#[test]
fn generated_programs_are_compiled() {
    let mut random = Rng::with_seed(seed());
    for _ in 0..runs(40) {
        let seed = random.u64(..);
        let program = generate::program(seed);
        for form in generate::FORMS {
            let text = program.text(form);
            let outcome = front_end(&text);
            if outcome != Outcome::Compiled {
                panic!("{form:?} of {seed}: {outcome:?} ({})", keep(&text));
            }
        }
    }
}

/// A module with everything that text can say.
const MODULE: &str = include_str!("../../crates/eyot-bytecode/src/text/example.txt");

#[test]
fn damaged_images_are_refused_or_verified() {
    let module = eyot_bytecode::text::parse(MODULE).expect("the module is right");
    let whole = eyot_bytecode::image::write(&module);
    assert!(oracles::read(&whole).is_some());
    let mut random = Rng::with_seed(seed());
    for _ in 0..runs(3000) {
        let mut bytes = whole.clone();
        for _ in 0..random.usize(1..4) {
            let at = random.usize(..bytes.len());
            bytes[at] = match random.u8(..3) {
                0 => bytes[at] ^ (1 << random.u8(..8)),
                1 => random.u8(..),
                _ => 0xff,
            };
        }
        if random.u8(..8) == 0 {
            bytes.truncate(random.usize(..bytes.len()));
        }
        oracles::image(&bytes);
    }
}

#[test]
fn patterns_are_refused_or_match() {
    const PARTS: &str = r"(a(?:b|(?=c)(?!d)(?<=e)(?<!f)(?<n>g)\k<n>)*+?{2}{1,3}{,}[a-z][^\d\w]$^.|\b\B\1\2\x41\u0042\u{43}\cA\p{L}\P{Lu}é-\";
    let parts: Vec<char> = PARTS.chars().collect();
    let mut random = Rng::with_seed(seed());
    for _ in 0..runs(2000) {
        let mut bytes = vec![random.u8(..)];
        for _ in 0..random.usize(1..6) {
            let from = random.usize(..parts.len());
            let to = random.usize(from..=parts.len().min(from + 12));
            let part: String = parts[from..to].iter().collect();
            bytes.extend(part.as_bytes());
        }
        bytes.push(0);
        bytes.extend((0..random.usize(..30)).map(|_| b"abcdefgABC 1\xE9\n"[random.usize(..14)]));
        oracles::regexp(&bytes);
    }
}
