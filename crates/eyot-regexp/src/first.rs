//! What can come next: which characters a part of a pattern can begin with, given what can follow it.

use std::rc::Rc;

use crate::ast::{Assertion, Node};
use crate::charset::CharSet;
use crate::unicode;

/// What is known about the rest of a match at a place. Whatever the rest matches there, the next character is in the set, or the text
/// ends there and `end` holds.
#[derive(Clone, Debug)]
pub struct First {
    /// The characters.
    pub set: Rc<CharSet>,
    /// Whether the end of the text will do.
    pub end: bool,
    /// There is nothing left to match: the rest cannot fail.
    pub accepts: bool,
}

impl First {
    /// Nothing is known.
    pub fn anything() -> First {
        First {
            set: Rc::new(CharSet::all()),
            end: true,
            accepts: false,
        }
    }

    /// Nothing is left.
    pub fn accept() -> First {
        First {
            accepts: true,
            ..First::anything()
        }
    }

    /// A character of the set.
    pub fn of(set: Rc<CharSet>) -> First {
        First {
            set,
            end: false,
            accepts: false,
        }
    }

    /// Whether nothing is known.
    pub fn is_anything(&self) -> bool {
        self.end && *self.set == CharSet::all()
    }

    /// Either of both.
    pub fn or(&self, other: &First) -> First {
        if self.is_anything() || other.is_anything() {
            return First::anything();
        }
        let mut set = CharSet::clone(&self.set);
        set.add(&other.set);
        First {
            set: Rc::new(set),
            end: self.end || other.end,
            accepts: false,
        }
    }
}

/// Finds out what comes first. Asking the same of deep patterns again and again takes time, so that the number of answers is limited: then nothing
/// is known.
pub struct Firsts {
    answers_left: usize,
}

impl Default for Firsts {
    fn default() -> Self {
        Firsts {
            answers_left: 100_000,
        }
    }
}

impl Firsts {
    /// What comes first where the node is matched forwards and `follow` comes behind it.
    pub fn of(&mut self, node: &Node, follow: &First) -> First {
        let Some(left) = self.answers_left.checked_sub(1) else {
            return First::anything();
        };
        self.answers_left = left;
        match node {
            Node::Empty => follow.clone(),
            Node::Char(character) => First::of(Rc::new(CharSet::one(*character))),
            Node::Set(set) => First::of(set.clone()),
            Node::Concat(parts) => parts
                .iter()
                .rev()
                .fold(follow.clone(), |follow, part| self.of(part, &follow)),
            Node::Alternatives(alternatives) => {
                let mut all = First::of(Rc::new(CharSet::empty()));
                for alternative in alternatives {
                    all = all.or(&self.of(alternative, follow));
                }
                all
            }
            Node::Group(_, body) => {
                let mut first = self.of(body, follow);
                first.accepts = false;
                first
            }
            Node::BackReference(_) => First::anything(),
            Node::Repeat(repeat) if repeat.max == Some(0) => follow.clone(),
            Node::Repeat(repeat) => {
                let first = self.of(&repeat.body, follow);
                if repeat.min > 0 {
                    first
                } else {
                    first.or(follow)
                }
            }
            Node::Assert(Assertion::TextEnd) => First {
                set: Rc::new(CharSet::empty()),
                end: true,
                accepts: false,
            },
            Node::Assert(Assertion::LineEnd) => First {
                set: Rc::new(unicode::line_terminators()),
                end: true,
                accepts: false,
            },
            // They only restrict what follows.
            Node::Look(_) | Node::Assert(_) => First {
                accepts: false,
                ..follow.clone()
            },
        }
    }
}

/// Whether a node may match the empty text.
pub fn can_be_empty(node: &Node) -> bool {
    least(node) == 0
}

/// Units that a node matches at least.
pub fn least(node: &Node) -> usize {
    match node {
        Node::Char(_) | Node::Set(_) => 1,
        Node::Concat(parts) => parts.iter().map(least).fold(0, usize::saturating_add),
        Node::Alternatives(alternatives) => alternatives.iter().map(least).min().unwrap_or(0),
        Node::Group(_, body) => least(body),
        Node::Repeat(repeat) => least(&repeat.body).saturating_mul(repeat.min as usize),
        Node::Empty | Node::BackReference(_) | Node::Look(_) | Node::Assert(_) => 0,
    }
}

/// Instructions that a node takes about.
pub fn size(node: &Node) -> usize {
    match node {
        Node::Empty => 0,
        Node::Concat(parts) | Node::Alternatives(parts) => parts
            .iter()
            .map(|part| size(part).saturating_add(1))
            .fold(0, usize::saturating_add),
        Node::Group(_, body) => size(body).saturating_add(2),
        Node::Look(look) => size(&look.body).saturating_add(2),
        Node::Repeat(repeat) if is_single(&repeat.body) => 1,
        Node::Repeat(repeat) => {
            let times = repeat.max.unwrap_or(repeat.min.saturating_add(1)) as usize;
            let body = size(&repeat.body).saturating_add(3);
            match body.saturating_mul(times) {
                all if all <= MOST_UNROLLED => all,
                _ => body.saturating_add(4),
            }
        }
        _ => 1,
    }
}

/// Instructions that a repeated part may have when each round has its own.
pub const MOST_UNROLLED: usize = 1000;

/// Whether a node matches a single character, and notes nothing.
pub fn is_single(node: &Node) -> bool {
    matches!(node, Node::Char(_) | Node::Set(_))
}
