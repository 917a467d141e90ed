//! Character classes: what is between brackets.

use std::rc::Rc;

use crate::Error;
use crate::ast::Node;
use crate::charset::CharSet;
use crate::parser::{Parsed, Parser};

/// A member of a class: a character, which may begin a range, or a set.
enum Member {
    Character(u32),
    Set(CharSet),
}

impl Parser {
    /// A class, behind its `[`.
    pub(crate) fn class(&mut self) -> Parsed<Node> {
        let is_negated = self.eat('^');
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        let mut set = CharSet::empty();
        while !self.eat(']') {
            let first = self.class_member()?;
            let is_range = self.peek() == Some('-') && self.peek_at(1).is_some_and(|c| c != ']');
            if !is_range {
                match first {
                    Member::Character(character) => ranges.push((character, character)),
                    Member::Set(members) => set.add(&members),
                }
                continue;
            }
            self.eat('-');
            match (first, self.class_member()?) {
                (Member::Character(low), Member::Character(high)) if low <= high => {
                    ranges.push((low, high));
                }
                (Member::Character(_), Member::Character(_)) => {
                    return Err(Error::new("Range out of order in character class"));
                }
                _ if self.flags.unicode => return Err(Error::new("Invalid character class")),
                (first, last) => {
                    ranges.push((u32::from('-'), u32::from('-')));
                    for member in [first, last] {
                        match member {
                            Member::Character(character) => ranges.push((character, character)),
                            Member::Set(members) => set.add(&members),
                        }
                    }
                }
            }
        }
        set.add(&self.closed(CharSet::from_ranges(ranges)));
        let set = if is_negated { set.complement() } else { set };
        Ok(match set.only() {
            Some(character) => Node::Char(character),
            None => Node::Set(Rc::new(set)),
        })
    }

    fn class_member(&mut self) -> Parsed<Member> {
        match self.next_unit() {
            None => Err(Error::new("Unterminated character class")),
            Some(0x5C) => {
                if self.peek().is_none() {
                    return Err(Error::new("\\ at end of pattern"));
                }
                if let Some(set) = self.class_escape()? {
                    return Ok(Member::Set(set));
                }
                Ok(Member::Character(self.character_escape(true)?))
            }
            Some(unit) => Ok(Member::Character(unit)),
        }
    }
}
