//! Problems in Dart source, as data.
//!
//! Parser and semantics never fail: they answer a result beside a list of diagnostics. A
//! diagnostic knows its span but not its file; the file belongs to whoever asked for the
//! parse. How a diagnostic is shown (excerpt, colours) is not known here.

use std::fmt;

use crate::span::Span;

/// How bad a problem is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// The program is not run.
    Error,
    /// The program is run; something is probably not meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}

/// One problem in one source file.
///
/// The message says what was expected, what was found, and the way out. The code is a short
/// kebab-case name that stays the same when the wording changes; tests and tools match on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The stable name of the rule, in kebab-case.
    pub code: &'static str,
    /// What happened and what to do, one line.
    pub message: String,
    /// The place.
    pub span: Span,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code,
            message: message.into(),
            span,
        }
    }

    /// A warning.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            code,
            message: message.into(),
            span,
        }
    }

    /// Whether the program must not be run.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
