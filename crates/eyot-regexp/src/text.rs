//! The texts that are searched: a byte a unit (Latin-1), two bytes a unit, and two bytes with pairs that are one character.

use crate::program::{Filter, Literal, Set};

/// Units of which a vector search is not worth its beginning.
const FEW: usize = 16;

/// A text to search.
pub trait Text: Copy {
    /// How many units.
    fn len(self) -> usize;

    /// The unit at a position.
    fn unit(self, at: usize) -> Option<u32>;

    /// The character at a position, and where the next is.
    #[inline]
    fn next(self, at: usize) -> Option<(u32, usize)> {
        Some((self.unit(at)?, at + 1))
    }

    /// The character before a position, and where it begins.
    #[inline]
    fn previous(self, at: usize) -> Option<(u32, usize)> {
        let before = at.checked_sub(1)?;
        Some((self.unit(before)?, before))
    }

    /// Behind the literal, if it is there.
    fn behind(self, at: usize, literal: &Literal) -> Option<usize>;

    /// Goes over up to `max` characters of a set. Answers where `min` of them end, if there are so many, and where
    /// all do.
    fn run(self, at: usize, set: &Set, min: usize, max: usize) -> (Option<usize>, usize);

    /// Where the filter accepts, from `at` on, the end included.
    fn find(self, at: usize, filter: &Filter) -> Option<usize>;

    /// Where the literal may be, from `at` on.
    fn find_literal(
        self,
        at: usize,
        literal: &Literal,
        finder: &memchr::memmem::Finder<'static>,
    ) -> Option<usize>;

    /// Where a line begins, from `at` on.
    fn find_line(self, at: usize) -> Option<usize>;
}

/// Latin-1.
#[derive(Clone, Copy, Debug)]
pub struct OneByte<'t>(pub &'t [u8]);

impl Text for OneByte<'_> {
    #[inline]
    fn len(self) -> usize {
        self.0.len()
    }

    #[inline]
    fn unit(self, at: usize) -> Option<u32> {
        self.0.get(at).map(|&unit| unit.into())
    }

    #[inline]
    fn behind(self, at: usize, literal: &Literal) -> Option<usize> {
        let bytes = literal.bytes.as_deref()?;
        self.0
            .get(at..)?
            .starts_with(bytes)
            .then(|| at + bytes.len())
    }

    #[inline]
    fn run(self, at: usize, set: &Set, min: usize, max: usize) -> (Option<usize>, usize) {
        let rest = self.0.get(at..).unwrap_or_default();
        let rest = rest.get(..max).unwrap_or(rest);
        let stops = |&unit: &u8| !set.latin[usize::from(unit)];
        let near = rest.get(..FEW).unwrap_or(rest);
        let count = match near.iter().position(stops) {
            Some(count) => count,
            None => {
                let far = rest.get(near.len()..).unwrap_or_default();
                let stop = set.stops.find(far);
                let stop = stop.unwrap_or_else(|| far.iter().position(stops));
                near.len() + stop.unwrap_or(far.len())
            }
        };
        ((count >= min).then_some(at + min), at + count)
    }

    #[inline]
    fn find(self, at: usize, filter: &Filter) -> Option<usize> {
        let rest = self.0.get(at..)?;
        let found = filter.wanted.find(rest).unwrap_or_else(|| {
            rest.iter()
                .position(|&unit| filter.latin[usize::from(unit)])
        });
        match found {
            Some(found) => Some(at + found),
            None => filter.end.then_some(self.0.len()),
        }
    }

    #[inline]
    fn find_literal(
        self,
        at: usize,
        literal: &Literal,
        finder: &memchr::memmem::Finder<'static>,
    ) -> Option<usize> {
        let rest = self.0.get(at..)?;
        let found = match literal.bytes.as_deref()? {
            &[only] => memchr::memchr(only, rest),
            _ => finder.find(rest),
        };
        Some(at + found?)
    }

    fn find_line(self, at: usize) -> Option<usize> {
        let Some(before) = at.checked_sub(1) else {
            return Some(0);
        };
        Some(at + memchr::memchr2(b'\n', b'\r', self.0.get(before..)?)?)
    }
}

/// Units of two bytes, each a character.
#[derive(Clone, Copy, Debug)]
pub struct TwoByte<'t>(pub &'t [u16]);

impl TwoByte<'_> {
    fn run_of(rest: &[u16], set: &Set) -> usize {
        rest.iter()
            .position(|&unit| !set.contains(unit.into()))
            .unwrap_or(rest.len())
    }
}

/// The first such unit, looked for many at a time.
fn find_unit(units: &[u16], wanted: u16) -> Option<usize> {
    let mut chunks = units.chunks_exact(32);
    let mut at = 0;
    for chunk in &mut chunks {
        let is_there = chunk
            .iter()
            .fold(false, |found, &unit| found | (unit == wanted));
        if is_there {
            break;
        }
        at += chunk.len();
    }
    let rest = units.get(at..)?;
    Some(at + rest.iter().position(|&unit| unit == wanted)?)
}

impl Text for TwoByte<'_> {
    #[inline]
    fn len(self) -> usize {
        self.0.len()
    }

    #[inline]
    fn unit(self, at: usize) -> Option<u32> {
        self.0.get(at).map(|&unit| unit.into())
    }

    #[inline]
    fn behind(self, at: usize, literal: &Literal) -> Option<usize> {
        let rest = self.0.get(at..)?;
        rest.starts_with(&literal.units)
            .then(|| at + literal.units.len())
    }

    #[inline]
    fn run(self, at: usize, set: &Set, min: usize, max: usize) -> (Option<usize>, usize) {
        let rest = self.0.get(at..).unwrap_or_default();
        let count = TwoByte::run_of(rest.get(..max).unwrap_or(rest), set);
        ((count >= min).then_some(at + min), at + count)
    }

    #[inline]
    fn find(self, at: usize, filter: &Filter) -> Option<usize> {
        let rest = self.0.get(at..)?;
        match rest
            .iter()
            .position(|&unit| filter.accepts(Some(unit.into())))
        {
            Some(found) => Some(at + found),
            None => filter.end.then_some(self.0.len()),
        }
    }

    #[inline]
    fn find_literal(
        self,
        at: usize,
        literal: &Literal,
        _: &memchr::memmem::Finder<'static>,
    ) -> Option<usize> {
        let &first = literal.units.first()?;
        Some(at + find_unit(self.0.get(at..)?, first)?)
    }

    fn find_line(self, at: usize) -> Option<usize> {
        let Some(before) = at.checked_sub(1) else {
            return Some(0);
        };
        let is_end = |&unit: &u16| crate::unicode::is_line_terminator(unit.into());
        Some(at + self.0.get(before..)?.iter().position(is_end)?)
    }
}

/// Units of two bytes of which two may be a character.
#[derive(Clone, Copy, Debug)]
pub struct Utf16<'t>(pub &'t [u16]);

fn pair(lead: u32, trail: u32) -> Option<u32> {
    let is_pair = lead & 0xFC00 == 0xD800 && trail & 0xFC00 == 0xDC00;
    is_pair.then(|| 0x10000 + ((lead & 0x3FF) << 10) + (trail & 0x3FF))
}

impl Text for Utf16<'_> {
    #[inline]
    fn len(self) -> usize {
        self.0.len()
    }

    #[inline]
    fn unit(self, at: usize) -> Option<u32> {
        TwoByte(self.0).unit(at)
    }

    #[inline]
    fn next(self, at: usize) -> Option<(u32, usize)> {
        let unit = self.unit(at)?;
        if unit & 0xFC00 == 0xD800
            && let Some(both) = self.unit(at + 1).and_then(|trail| pair(unit, trail))
        {
            return Some((both, at + 2));
        }
        Some((unit, at + 1))
    }

    #[inline]
    fn previous(self, at: usize) -> Option<(u32, usize)> {
        let before = at.checked_sub(1)?;
        let unit = self.unit(before)?;
        if unit & 0xFC00 == 0xDC00
            && let Some(first) = before.checked_sub(1)
            && let Some(both) = self.unit(first).and_then(|lead| pair(lead, unit))
        {
            return Some((both, first));
        }
        Some((unit, before))
    }

    #[inline]
    fn behind(self, at: usize, literal: &Literal) -> Option<usize> {
        TwoByte(self.0).behind(at, literal)
    }

    #[inline]
    fn run(self, at: usize, set: &Set, min: usize, max: usize) -> (Option<usize>, usize) {
        let mut position = at;
        let mut least = at;
        let mut count = 0;
        while count < max
            && let Some((character, next)) = self.next(position)
            && set.contains(character)
        {
            position = next;
            count += 1;
            if count == min {
                least = position;
            }
        }
        ((count >= min).then_some(least), position)
    }

    #[inline]
    fn find(self, at: usize, filter: &Filter) -> Option<usize> {
        TwoByte(self.0).find(at, filter)
    }

    #[inline]
    fn find_literal(
        self,
        at: usize,
        literal: &Literal,
        finder: &memchr::memmem::Finder<'static>,
    ) -> Option<usize> {
        TwoByte(self.0).find_literal(at, literal, finder)
    }

    fn find_line(self, at: usize) -> Option<usize> {
        TwoByte(self.0).find_line(at)
    }
}
