//! Regular expressions with the syntax and meaning of ECMAScript's, which are Dart's, over UTF-16 units.
//!
//! A pattern is parsed ([`parser`]), compiled ([`compile`]) and matched by backtracking ([`matcher`]). What is special here is that a
//! search counts its steps: it stops when those that it was given are used up, keeps where it is in a [`Search`], and goes on
//! later. The text is given anew each time, so that it may have moved meanwhile. A search that takes long remembers which choices have
//! failed where, as far as the pattern and memory allow: then patterns that try a text in exponentially many ways end soon.
//!
//! ```
//! use eyot_regexp::{Flags, Progress, Regex, Search, Units};
//!
//! let pattern: Vec<u16> = "(b+)c".encode_utf16().collect();
//! let regex = Regex::new(&pattern, Flags::default()).unwrap();
//! let mut search = Search::default();
//! search.begin(&regex, 0, false);
//! let mut steps = 1000;
//! assert_eq!(search.run(&regex, Units::OneByte(b"abbc"), &mut steps), Progress::Match);
//! assert_eq!(search.offsets().collect::<Vec<_>>(), [Some((1, 4)), Some((1, 3))]);
//! ```

#![forbid(unsafe_code)]

mod ast;
mod charset;
mod class;
mod compile;
mod first;
mod matcher;
mod parser;
mod program;
mod search;
mod text;
mod unicode;

pub use search::{Progress, Search, Units};

use program::Program;
use unicode::Folding;

/// How a pattern is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `^` and `$` match at lines too.
    pub multi_line: bool,
    /// Characters are the same whatever their case.
    pub ignore_case: bool,
    /// Surrogate pairs are one character, and what the grammar does not know is an error.
    pub unicode: bool,
    /// `.` matches line terminators too.
    pub dot_all: bool,
}

impl Flags {
    fn folding(self) -> Option<Folding> {
        match (self.ignore_case, self.unicode) {
            (false, _) => None,
            (true, false) => Some(Folding::Units),
            (true, true) => Some(Folding::CodePoints),
        }
    }
}

/// What is wrong with a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    message: &'static str,
}

impl Error {
    fn new(message: &'static str) -> Error {
        Error { message }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.message)
    }
}

impl std::error::Error for Error {}

/// A compiled pattern.
#[derive(Debug)]
pub struct Regex {
    program: Program,
    flags: Flags,
    group_count: usize,
    names: Vec<(String, usize)>,
}

impl Regex {
    /// Compiles a pattern of UTF-16 units.
    pub fn new(source: &[u16], flags: Flags) -> Result<Regex, Error> {
        let pattern = parser::parse(source, flags)?;
        Ok(Regex {
            program: compile::compile(&pattern, flags)?,
            flags,
            group_count: pattern.group_count as usize,
            names: pattern
                .names
                .into_iter()
                .map(|(name, group)| (name, group as usize))
                .collect(),
        })
    }

    /// How the pattern is meant.
    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// How many groups there are, without the whole match.
    pub fn group_count(&self) -> usize {
        self.group_count
    }

    /// Names with the numbers of their groups. A name may have several, in different alternatives.
    pub fn names(&self) -> &[(String, usize)] {
        &self.names
    }
}
