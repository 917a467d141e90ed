//! What must hold of any input. An oracle panics where it does not.

use eyot_bytecode::Module;
use eyot_bytecode::image::ImageReader;
use eyot_bytecode::verify;
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
