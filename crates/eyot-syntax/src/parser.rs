//! The parser: text to tree, with recovery.

use crate::ast::{LanguageVersion, SyntaxTree};
use crate::diagnostic::Diagnostic;

/// How to parse.
#[derive(Clone, Debug)]
pub struct ParseOptions {
    /// The version of the language where the file does not ask for one itself.
    pub language_version: LanguageVersion,
    /// Whether the file belongs to the core libraries, which may have `native` bodies.
    pub is_core_library: bool,
}

impl Default for ParseOptions {
    fn default() -> ParseOptions {
        ParseOptions {
            language_version: LanguageVersion::CURRENT,
            is_core_library: false,
        }
    }
}

/// The answer of the parser.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree; with error nodes where something could not be parsed.
    pub tree: SyntaxTree,
    /// The problems, in source order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses the text of one file. Always answers.
pub fn parse(source: &str, options: &ParseOptions) -> Parsed {
    let _ = (source, options);
    let diagnostics = vec![Diagnostic::error(
        "not-supported",
        crate::span::Span::at(0),
        "not supported yet: parsing",
    )];
    Parsed {
        tree: SyntaxTree::default(),
        diagnostics,
    }
}
