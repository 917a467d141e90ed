//! A search: for the first match from a position on, in as many calls as it takes.

use crate::Regex;
use crate::matcher::{Matcher, Outcome};
use crate::program::{Program, Start};
use crate::text::{OneByte, Text, TwoByte, Utf16};

/// A text to search.
#[derive(Clone, Copy, Debug)]
pub enum Units<'t> {
    /// Latin-1.
    OneByte(&'t [u8]),
    /// UTF-16.
    TwoByte(&'t [u16]),
}

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is a match: see [`Search::offsets`].
    Match,
    /// There is none.
    NoMatch,
    /// The steps are used up: call [`Search::run`] again, with the same text.
    Suspended,
    /// There is no memory for what has to be noted to go back to.
    TooDeep,
}

/// A search and what it needs. It is used for one after the other, which saves allocations.
#[derive(Debug, Default)]
pub struct Search {
    matcher: Matcher,
    /// Where the next attempt begins.
    next: usize,
    /// An attempt has begun.
    is_matching: bool,
    /// Matches at the first position only.
    sticky: bool,
}

impl Search {
    /// Begins a search from `start` on; for a match there only if `sticky`.
    pub fn begin(&mut self, regex: &Regex, start: usize, sticky: bool) {
        self.matcher.prepare(&regex.program);
        self.next = start;
        self.is_matching = false;
        self.sticky = sticky;
    }

    /// Goes on for so many steps, which are counted down.
    pub fn run(&mut self, regex: &Regex, text: Units<'_>, steps: &mut i64) -> Progress {
        let program = &regex.program;
        let given = *steps;
        let progress = match text {
            Units::OneByte(units) => self.run_over(program, OneByte(units), steps),
            Units::TwoByte(units) if regex.flags.unicode => {
                self.run_over(program, Utf16(units), steps)
            }
            Units::TwoByte(units) => self.run_over(program, TwoByte(units), steps),
        };
        if progress == Progress::Suspended {
            let len = match text {
                Units::OneByte(units) => units.len(),
                Units::TwoByte(units) => units.len(),
            };
            self.matcher.remember(program, len, given);
        }
        progress
    }

    /// The whole match and the groups: where each begins and ends.
    pub fn offsets(&self) -> impl Iterator<Item = Option<(usize, usize)>> + '_ {
        self.matcher.offsets()
    }

    /// Bytes that the search holds.
    pub fn bytes(&self) -> usize {
        self.matcher.bytes()
    }

    /// Bytes that it may hold.
    pub fn set_most_bytes(&mut self, bytes: usize) {
        self.matcher.set_most_bytes(bytes);
    }

    /// Gives back memory that only long searches need.
    pub fn shrink(&mut self) {
        self.matcher.shrink();
    }

    fn run_over<T: Text>(&mut self, program: &Program, text: T, steps: &mut i64) -> Progress {
        if text.len() >= u32::MAX as usize {
            return Progress::TooDeep;
        }
        loop {
            if !self.is_matching {
                if *steps <= 0 {
                    return Progress::Suspended;
                }
                let Some(start) = self.candidate(program, text) else {
                    return Progress::NoMatch;
                };
                *steps -= 1 + (start.saturating_sub(self.next) / 16) as i64;
                self.next = start;
                self.is_matching = true;
                self.matcher.start_at(start);
            }
            match self.matcher.run(program, text, steps) {
                Outcome::Match => return Progress::Match,
                Outcome::Suspended => return Progress::Suspended,
                Outcome::TooDeep => return Progress::TooDeep,
                Outcome::Fail => {}
            }
            self.is_matching = false;
            if self.sticky {
                return Progress::NoMatch;
            }
            self.next = match text.next(self.next) {
                Some((_, next)) => next,
                None => self.next + 1,
            };
        }
    }

    /// The next position at which a match may begin.
    #[inline]
    fn candidate<T: Text>(&self, program: &Program, text: T) -> Option<usize> {
        let at = self.next;
        if at.saturating_add(program.least) > text.len() {
            return None;
        }
        if self.sticky {
            return Some(at);
        }
        match &program.start {
            Start::Anywhere => Some(at),
            Start::Text => (at == 0).then_some(at),
            Start::Lines => text.find_line(at),
            Start::Literal(literal, finder) => text.find_literal(at, literal, finder),
            Start::Units(filter) => text.find(at, filter),
        }
    }
}
