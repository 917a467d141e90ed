//! What a pattern is compiled to.
//!
//! Instructions lie one after the other; each goes on with the next unless it says otherwise. An instruction that has a choice
//! leaves the other ways on the stack of the [matcher](crate::matcher).

use crate::ast::Reference;
use crate::charset::CharSet;

/// An instruction. Tables are behind indices, to keep it small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inst {
    /// The match is complete.
    Match,
    /// The unit, which is a character.
    Unit(u16),
    /// The unit before the position.
    UnitBack(u16),
    /// The units of a literal.
    Literal(u32),
    /// A character of the set.
    Set(u32),
    /// A character of the set before the position.
    SetBack(u32),
    /// A character of a set, again and again.
    Loop(u32),
    /// Goes on there.
    Jump(u32),
    /// Goes on behind, and if that fails, there.
    Fork(u32),
    /// Goes on there, and if that fails, behind.
    ForkAway(u32),
    /// Goes on at the options that may match, by the next unit.
    Switch(u32),
    /// Notes the position for a group.
    Save(u32),
    /// Forgets the slots from the first to before the second.
    Reset(u32, u32),
    /// Notes the position in a register.
    Mark(u32),
    /// Fails where the position is the one noted.
    Progress(u32),
    /// Sets a register to zero.
    Zero(u32),
    /// The beginning of a counted loop's round.
    Count(u32),
    /// The end of a counted loop's round that may be empty.
    CountProgress(u32),
    /// What a group captured.
    BackReference(u32),
    /// The same before the position.
    BackReferenceBack(u32),
    /// Begins a look-around, whose body follows.
    Look(u32),
    /// The body of a look-around has matched.
    LookEnd(u32),
    /// Tests of the place.
    TextStart,
    /// `$`
    TextEnd,
    /// `^` by lines.
    LineStart,
    /// `$` by lines.
    LineEnd,
    /// `\b`, or `\B` if negated; which characters of `words` are meant.
    WordBoundary { negated: bool, folds: bool },
    /// Never matches.
    Fail,
}

/// A set of characters, ready to be asked.
#[derive(Debug)]
pub struct Set {
    /// Membership up to U+00FF.
    pub latin: Box<[bool; 256]>,
    /// Where all but a few units up to U+00FF are members: those few.
    pub stops: Stops,
    /// The ranges beyond, sorted.
    ranges: Box<[(u32, u32)]>,
    /// For each block of 256 characters below U+10000 whether it has none, all, or some; only where there are many ranges.
    blocks: Option<Box<[Block; 256]>>,
}

/// What a set has of 256 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    None,
    All,
    Some,
}

/// One to three units, which a vector search can look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stops {
    /// There are none, or more.
    Other,
    /// One.
    One(u8),
    /// Two.
    Two(u8, u8),
    /// Three.
    Three(u8, u8, u8),
}

impl Stops {
    /// The units up to U+00FF for which `wanted` holds, if they are few.
    pub fn of(wanted: impl Fn(u8) -> bool) -> Stops {
        let mut found = (0..=255u8).filter(|&unit| wanted(unit));
        match (found.next(), found.next(), found.next(), found.next()) {
            (Some(a), None, ..) => Stops::One(a),
            (Some(a), Some(b), None, _) => Stops::Two(a, b),
            (Some(a), Some(b), Some(c), None) => Stops::Three(a, b, c),
            _ => Stops::Other,
        }
    }

    /// The first of them in the bytes; none also if a vector search is not possible.
    #[inline]
    pub fn find(self, bytes: &[u8]) -> Option<Option<usize>> {
        match self {
            Stops::Other => None,
            Stops::One(a) => Some(memchr::memchr(a, bytes)),
            Stops::Two(a, b) => Some(memchr::memchr2(a, b, bytes)),
            Stops::Three(a, b, c) => Some(memchr::memchr3(a, b, c, bytes)),
        }
    }
}

const MANY_RANGES: usize = 6;

impl Set {
    /// A set ready to be asked.
    pub fn new(set: &CharSet) -> Set {
        let latin: Box<[bool; 256]> = Box::new(latin_table(set));
        let ranges: Box<[(u32, u32)]> = set
            .ranges()
            .iter()
            .filter(|range| range.1 > 0xFF)
            .map(|&(low, high)| (low.max(0x100), high))
            .collect();
        let blocks = (ranges.len() > MANY_RANGES).then(|| {
            let mut blocks = Box::new([Block::None; 256]);
            for &(low, high) in &ranges {
                for block in (low >> 8)..=(high >> 8).min(0xFF) {
                    let is_whole = low <= block << 8 && high >= block << 8 | 0xFF;
                    if let Some(known) = blocks.get_mut(block as usize) {
                        *known = if is_whole { Block::All } else { Block::Some };
                    }
                }
            }
            blocks
        });
        Set {
            stops: Stops::of(|unit| !latin[usize::from(unit)]),
            latin,
            ranges,
            blocks,
        }
    }

    /// Whether it is a member.
    #[inline]
    pub fn contains(&self, character: u32) -> bool {
        match self.latin.get(character as usize) {
            Some(&is_member) => is_member,
            None => self.contains_beyond(character),
        }
    }

    fn contains_beyond(&self, character: u32) -> bool {
        if let Some(blocks) = &self.blocks {
            match blocks.get((character >> 8) as usize) {
                Some(Block::None) => return false,
                Some(Block::All) => return true,
                _ => {}
            }
        }
        let behind = self.ranges.partition_point(|range| range.1 < character);
        self.ranges
            .get(behind)
            .is_some_and(|range| range.0 <= character)
    }
}

/// Membership up to U+00FF.
pub fn latin_table(set: &CharSet) -> [bool; 256] {
    let mut table = [false; 256];
    for &(low, high) in set.ranges() {
        for unit in low..=high.min(0xFF) {
            if let Some(member) = table.get_mut(unit as usize) {
                *member = true;
            }
        }
    }
    table
}

/// What the next unit must be, roughly: units beyond U+00FF are all the same.
#[derive(Debug)]
pub struct Filter {
    /// Units up to U+00FF.
    pub latin: Box<[bool; 256]>,
    /// All others.
    pub beyond: bool,
    /// The end of the text.
    pub end: bool,
    /// The units up to U+00FF if they are few.
    pub wanted: Stops,
}

impl Filter {
    /// A filter for characters of the set; at the end if `end`.
    pub fn new(set: &CharSet, end: bool) -> Filter {
        let latin = Box::new(latin_table(set));
        Filter {
            wanted: Stops::of(|unit| latin[usize::from(unit)]),
            latin,
            beyond: set.last().is_some_and(|last| last > 0xFF),
            end,
        }
    }

    /// Whether this unit, or the end, may be next.
    #[inline]
    pub fn accepts(&self, unit: Option<u32>) -> bool {
        match unit {
            Some(unit) => match self.latin.get(unit as usize) {
                Some(&accepted) => accepted,
                None => self.beyond,
            },
            None => self.end,
        }
    }

    /// Whether it accepts everything.
    pub fn is_trivial(&self) -> bool {
        self.end && self.beyond && self.latin.iter().all(|&accepted| accepted)
    }
}

/// A loop over characters of a set.
#[derive(Debug)]
pub struct Loop {
    /// The set.
    pub set: u32,
    /// Characters at least.
    pub min: usize,
    /// Characters at most.
    pub max: usize,
    /// How it gives back or takes more.
    pub kind: LoopKind,
    /// What must follow; none if that is unknown.
    pub follow: Option<Filter>,
    /// Towards the beginning of the text.
    pub back: bool,
}

/// What a loop does where the rest fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopKind {
    /// Gives characters back.
    Greedy,
    /// Takes more.
    Lazy,
    /// Nothing: with fewer characters the rest cannot match either.
    Possessive,
}

/// Options by the next unit.
#[derive(Debug)]
pub struct Switch {
    /// The list for units up to U+00FF.
    pub latin: Box<[u8; 256]>,
    /// The list for all others.
    pub beyond: u8,
    /// The list for the end of the text.
    pub end: u8,
    /// Where each list begins in `targets`, and where the next does.
    pub lists: Vec<(u32, u32)>,
    /// Where to go on.
    pub targets: Vec<u32>,
}

/// A counted loop.
#[derive(Clone, Copy, Debug)]
pub struct Counter {
    /// The register with the number of rounds begun.
    pub count: u32,
    /// The register with the position where the round began.
    pub mark: u32,
    /// Rounds at least.
    pub min: u32,
    /// Rounds at most.
    pub max: Option<u32>,
    /// As many as possible first.
    pub greedy: bool,
    /// Where the loop ends.
    pub exit: u32,
}

/// A look-around.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The register with the height of the stack.
    pub height: u32,
    /// Whether the body must not match.
    pub negative: bool,
    /// Behind the body.
    pub exit: u32,
}

/// A sequence of units.
#[derive(Debug)]
pub struct Literal {
    /// The units.
    pub units: Box<[u16]>,
    /// The same as bytes; none if they do not fit.
    pub bytes: Option<Box<[u8]>>,
}

impl Literal {
    /// A literal of these units.
    pub fn new(units: Vec<u16>) -> Literal {
        let bytes = units.iter().map(|&unit| u8::try_from(unit).ok()).collect();
        Literal {
            units: units.into(),
            bytes,
        }
    }
}

/// Where matches can begin.
#[derive(Debug)]
pub enum Start {
    /// Anywhere.
    Anywhere,
    /// At the beginning of the text.
    Text,
    /// At the beginning of lines.
    Lines,
    /// Where the literal is.
    Literal(Literal, Box<memchr::memmem::Finder<'static>>),
    /// Before units that the filter accepts.
    Units(Filter),
}

/// A compiled pattern.
#[derive(Debug)]
pub struct Program {
    /// The instructions; each jump leads to one of them.
    pub code: Vec<Inst>,
    /// Sets.
    pub sets: Vec<Set>,
    /// Literals.
    pub literals: Vec<Literal>,
    /// Loops over characters.
    pub loops: Vec<Loop>,
    /// Switches.
    pub switches: Vec<Switch>,
    /// Counted loops.
    pub counters: Vec<Counter>,
    /// Look-arounds.
    pub looks: Vec<Look>,
    /// What back references mean.
    pub references: Vec<Reference>,
    /// Slots of captures: two for the whole match and for each group.
    pub slot_count: usize,
    /// Registers of loops and look-arounds.
    pub register_count: usize,
    /// For each instruction that has a choice, its number; none for others. Empty if what has failed once at a place may match
    /// there another time: where there are back references or counters.
    pub choices: Vec<Option<u32>>,
    /// How many choices there are.
    pub choice_count: usize,
    /// Where matches can begin.
    pub start: Start,
    /// Units of a match at least.
    pub least: usize,
    /// The characters of words: as they are, and with what is the same where case is ignored and units are code points.
    pub words: [Set; 2],
}
