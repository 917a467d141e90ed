//! What must hold of any input. An oracle panics where it does not.

use std::collections::HashMap;

use eyot_bytecode::Module;
use eyot_bytecode::image::ImageReader;
use eyot_bytecode::verify;
use eyot_compiler::CoreLinks;
use eyot_regexp::{Flags, Progress, Regex, Search, Units};
use eyot_semantics::analysis::{Analysis, ProgramOptions, analyze_program};
use eyot_semantics::load::SourceProvider;
use eyot_semantics::model::World;
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

/// How far a program comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Something is wrong with it: the first message.
    Refused(String),
    /// It is one, but something in it is not supported.
    Unsupported,
    /// It is bytecode that the verifier accepts.
    Compiled,
}

/// The whole front end answers: problems have places in the text, and a program without any becomes bytecode that the verifier accepts.
pub fn front_end(text: &str) -> Outcome {
    let (outline, links) = eyot_corelib::core_outline().expect("the core has an outline");
    let image = eyot_corelib::core_image().expect("the core has an image");
    let core = World::core(outline).expect("the outline of the core is whole");
    let source = OneFile(text);
    let mut analysis = analyze_program(core, FILE, &source, ProgramOptions::default());
    for problem in &analysis.problems {
        let span = problem.diagnostic.span;
        assert!(span.start <= span.end && !problem.diagnostic.message.is_empty());
        let file = analysis.world.file(problem.file);
        if &*file.uri == FILE {
            assert!(text.is_char_boundary(span.start as usize));
            assert!(text.is_char_boundary(span.end as usize));
        }
    }
    let first_error = analysis
        .problems
        .iter()
        .find(|problem| problem.diagnostic.is_error());
    if let Some(problem) = first_error {
        let diagnostic = &problem.diagnostic;
        return Outcome::Refused(format!("{:?}: {}", diagnostic.span, diagnostic.message));
    }
    let links = CoreLinks::read(image, links).expect("the core can be linked");
    let compiled = compile(&mut analysis, &links);
    if !compiled.unsupported.is_empty() {
        return Outcome::Unsupported;
    }
    let core = image.module().expect("the core is whole");
    if let Err(problem) = verify::module(Some(&core), &compiled.module) {
        panic!("the verifier refuses what was compiled: {problem}");
    }
    Outcome::Compiled
}

fn compile(analysis: &mut Analysis, links: &CoreLinks) -> eyot_compiler::Compiled {
    let mut bodies: HashMap<_, _> = std::mem::take(&mut analysis.bodies).into_iter().collect();
    eyot_compiler::compile(
        &analysis.world,
        Some(links),
        &mut |member| bodies.remove(&member),
        analysis.main,
        eyot_compiler::Options {
            enable_asserts: true,
        },
    )
}

const FILE: &str = "file:///fuzz.dart";

/// A file system with one file.
struct OneFile<'a>(&'a str);

impl SourceProvider for OneFile<'_> {
    fn read(&self, uri: &str) -> Result<Vec<u8>, String> {
        match uri == FILE {
            true => Ok(self.0.as_bytes().to_vec()),
            false => Err("the file does not exist".to_owned()),
        }
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
