//! What is wrong with a program, with places that a person can go to.

use std::fmt;

use eyot_semantics::model::{self, World};
use eyot_syntax::{Diagnostic, Severity, SourceFile, Span};

/// How a problem ends the compilation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// The program is wrong.
    Error,
    /// The program may be right; Eyot cannot compile it yet.
    Unsupported,
    /// The program is compiled all the same.
    Warning,
}

/// One problem of a program.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What kind.
    pub kind: ProblemKind,
    /// Name of the rule, the same when the wording changes.
    pub code: &'static str,
    /// What happened and what to do.
    pub message: String,
    /// The file as diagnostics name it.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The bytes of the file that it is about.
    pub bytes: std::ops::Range<usize>,
    /// The file's text, where there is one.
    pub source: Option<SourceFile>,
}

/// The rule name of what is not supported yet.
const NOT_SUPPORTED: &str = "not-supported";

impl Problem {
    pub(crate) fn of(world: &World, problem: &model::Problem) -> Problem {
        Problem::at(world, problem.file, &problem.diagnostic)
    }

    /// What the compiler cannot do yet.
    pub(crate) fn unsupported(
        world: &World,
        file: model::FileId,
        span: Span,
        what: &str,
    ) -> Problem {
        let message = match what.starts_with("not supported yet") {
            true => what.to_owned(),
            false => format!("not supported yet: {what}"),
        };
        Problem::at(
            world,
            file,
            &Diagnostic::error(NOT_SUPPORTED, span, message),
        )
    }

    fn at(world: &World, file: model::FileId, diagnostic: &Diagnostic) -> Problem {
        let file = world.file(file);
        let source = file.source.as_deref().cloned();
        let place = source
            .as_ref()
            .map(|source| source.line_column(diagnostic.span.start));
        Problem {
            kind: kind_of(diagnostic),
            code: diagnostic.code,
            message: diagnostic.message.clone(),
            file: file.display.to_string(),
            line: place.map_or(1, |place| place.line),
            column: place.map_or(1, |place| place.column),
            bytes: diagnostic.span.range(),
            source,
        }
    }

    /// Whether the program must not be run.
    pub fn is_fatal(&self) -> bool {
        self.kind != ProblemKind::Warning
    }
}

fn kind_of(diagnostic: &Diagnostic) -> ProblemKind {
    match diagnostic.severity {
        Severity::Warning => ProblemKind::Warning,
        Severity::Error if diagnostic.code == NOT_SUPPORTED => ProblemKind::Unsupported,
        Severity::Error => ProblemKind::Error,
    }
}

impl fmt::Display for Problem {
    /// `path:line:col: error: message`, without the source.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.kind {
            ProblemKind::Warning => "warning",
            ProblemKind::Error | ProblemKind::Unsupported => "error",
        };
        write!(
            f,
            "{}:{}:{}: {severity}: {}",
            self.file, self.line, self.column, self.message
        )
    }
}
