//! What must hold of any input. An oracle panics where it does not.

use eyot_bytecode::Module;
use eyot_bytecode::image::ImageReader;
use eyot_bytecode::verify;
use eyot_regexp::{Flags, Progress, Regex, Search, Units};
use eyot_syntax::{ParseOptions, SourceFile};

/// The parser answers, and every problem it names has a place in the text.
pub fn parse(text: &str) {
    let Ok(file) = SourceFile::new("fuzz.dart", text) else {
        return;
    };
    let parsed = eyot_syntax::parse(file.text(), &ParseOptions::default());
    for problem in &parsed.diagnostics {
        let (start, end) = (problem.span.start as usize, problem.span.end as usize);
        assert!(start <= end && end <= file.text().len());
        assert!(file.text().is_char_boundary(start) && file.text().is_char_boundary(end));
        assert!(!problem.message.is_empty());
    }
}

/// Bytes are flags, a pattern and, behind a zero, a text. The pattern is refused, or a search in slices and one without find the same.
pub fn regexp(bytes: &[u8]) {
    let Some((&bits, rest)) = bytes.split_first() else {
        return;
    };
    let (pattern, text) = match rest.iter().position(|&byte| byte == 0) {
        Some(end) => (&rest[..end], &rest[end + 1..]),
        None => (rest, rest),
    };
    let flags = Flags {
        multi_line: bits & 1 != 0,
        ignore_case: bits & 2 != 0,
        unicode: bits & 4 != 0,
        dot_all: bits & 8 != 0,
    };
    let pattern: Vec<u16> = String::from_utf8_lossy(pattern).encode_utf16().collect();
    let Ok(regex) = Regex::new(&pattern, flags) else {
        return;
    };
    let wide: Vec<u16> = text.iter().map(|&unit| unit.into()).collect();
    let search = |units: Units<'_>, slice: i64| {
        let mut search = Search::default();
        search.begin(&regex, 0, false);
        for _ in 0..20_000 / slice {
            match search.run(&regex, units, &mut { slice }) {
                Progress::Match => return Some(search.offsets().collect()),
                Progress::NoMatch => return Some(Vec::new()),
                Progress::Suspended => {}
                Progress::TooDeep => return None,
            }
        }
        None
    };
    let whole = search(Units::OneByte(text), 20_000);
    for other in [
        search(Units::TwoByte(&wide), 20_000),
        search(Units::OneByte(text), 100),
        search(Units::TwoByte(&wide), 7),
    ] {
        if let (Some(whole), Some(other)) = (&whole, &other) {
            assert_eq!(whole, other);
        }
        let in_text = |&(from, to): &(usize, usize)| from <= to && to <= text.len();
        assert!(other.iter().flatten().flatten().all(in_text));
    }
}

/// The reader and the verifier answer. Whether bytes that pass make sense is not known here: what they do when they run is.
pub fn image(bytes: &[u8]) {
    if let Some(module) = read(bytes) {
        let _ = verify::module(None, &module);
    }
}

/// The module in some bytes, if they hold one. The sum over the bytes is left alone: it would refuse nearly all of what is tried here.
pub fn read(bytes: &[u8]) -> Option<Module> {
    let image = ImageReader::open(bytes).ok()?;
    image.module().ok()
}
