//! Source text, spans, tokens, syntax tree, parser with recovery, diagnostics as data.
//!
//! One file at a time: [`parse`] turns the text of a [`SourceFile`] into a [`SyntaxTree`] and a list
//! of [`Diagnostic`]s. It always answers; whatever could not be parsed is an error node in the
//! tree and a message in the list.
//!
//! ```
//! use eyot_syntax::{ParseOptions, SourceFile, parse};
//!
//! let file = SourceFile::new("main.dart", "main() { print('hello'); }").unwrap();
//! let parsed = parse(file.text(), &ParseOptions::default());
//! assert!(parsed.diagnostics.is_empty());
//! assert_eq!(parsed.tree.declarations.len(), 1);
//! ```
//!
//! | module | what |
//! | --- | --- |
//! | [`span`] | spans, and source files that turn them into lines and columns |
//! | [`symbol`] | interned names |
//! | [`ast`] | the tree |
//! | [`diagnostic`] | problems as data |
//! | [`parser`] | the grammar |
//! | [`dump`] | the tree as text |
//!
//! Not known here: other files, what a name means, types, constants, how a diagnostic is shown.
#![forbid(unsafe_code)]

pub mod ast;
pub mod diagnostic;
pub mod dump;
mod lexer;
pub mod parser;
pub mod span;
pub mod symbol;
mod token;

pub use ast::{LanguageVersion, SyntaxTree};
pub use diagnostic::{Diagnostic, Severity};
pub use parser::{ParseOptions, Parsed, parse};
pub use span::{LineColumn, SourceError, SourceFile, Span};
pub use symbol::{Symbol, sym};
