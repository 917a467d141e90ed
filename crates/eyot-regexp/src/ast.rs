//! What a pattern says, after parsing: flags are applied, names are numbers, characters that match as one are sets.

use std::rc::Rc;

use crate::charset::CharSet;
use crate::unicode::Folding;

/// A part of a pattern.
#[derive(Clone, Debug)]
pub enum Node {
    /// Matches the empty text.
    Empty,
    /// One character exactly.
    Char(u32),
    /// One character of a set.
    Set(Rc<CharSet>),
    /// One after the other.
    Concat(Vec<Node>),
    /// The first that leads to a match.
    Alternatives(Vec<Node>),
    /// A group that captures, by number.
    Group(u32, Box<Node>),
    /// What a group captured.
    BackReference(Reference),
    /// Again and again.
    Repeat(Box<Repeat>),
    /// A look-around.
    Look(Box<Look>),
    /// Matches the empty text at certain places.
    Assert(Assertion),
}

/// What one of these groups captured (one of a name's groups took part at most), or the empty text.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The groups, by number.
    pub groups: Vec<u32>,
    /// What is the same as it.
    pub folding: Option<Folding>,
}

/// A repeated part.
#[derive(Clone, Debug)]
pub struct Repeat {
    /// What is repeated.
    pub body: Node,
    /// Times at least.
    pub min: u32,
    /// Times at most.
    pub max: Option<u32>,
    /// As often as possible first, or as seldom.
    pub greedy: bool,
    /// The groups inside: the first, and the one after the last.
    pub groups: (u32, u32),
}

/// A look-around.
#[derive(Clone, Debug)]
pub struct Look {
    /// What is looked for.
    pub body: Node,
    /// Whether before the position.
    pub behind: bool,
    /// Whether it must not be there.
    pub negative: bool,
}

/// A test of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assertion {
    /// `^`
    TextStart,
    /// `$`
    TextEnd,
    /// `^` by lines.
    LineStart,
    /// `$` by lines.
    LineEnd,
    /// `\b`; with what is the same as a word's character where case is ignored and units are code points.
    WordBoundary {
        /// Whether that is so here.
        folds: bool,
    },
    /// `\B`, likewise.
    NotWordBoundary {
        /// As above.
        folds: bool,
    },
}

/// A parsed pattern.
#[derive(Debug)]
pub struct Pattern {
    /// All of it.
    pub root: Node,
    /// Groups without the whole match.
    pub group_count: u32,
    /// Names with the numbers of their groups.
    pub names: Vec<(String, u32)>,
}
