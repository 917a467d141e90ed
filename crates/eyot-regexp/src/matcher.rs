//! The matcher: runs a program at a position, going back to the last choice where it fails.
//!
//! The stack has what to go back to: ways not tried yet, and values to restore on the way. Nothing is noted while the stack is
//! empty, because then failing ends the attempt. Each instruction is a step; those that go over many units count more. When the
//! steps are used up, instruction and position are kept, and the next run goes on with them.
//!
//! **Remembering.** Without back references and counters, whether the rest of a pattern matches depends on the instruction and the position
//! alone. A search that has used up its steps once notes each choice with its position when all that can follow it there has
//! failed. Coming there again fails at once, so that the work is bounded by choices times positions, and the characters that loops give back.
//! This holds until there is a match, for all attempts of a search. Only failures count: a choice that is still being tried may come again in a further round
//! of a loop, where the order of what is tried is another because a round must not be empty. Choices inside look-arounds are left out: their
//! success is not the search's.
//!
//! Rules for editors of [`Matcher::run`]: nothing in it may panic, allocate beyond the stack's limit, or go over the text without counting.

use crate::program::{Counter, Inst, Loop, LoopKind, Program};
use crate::text::Text;
use crate::unicode::{canonical, is_line_terminator};

/// A slot of a group that has not taken part, a register that has no position.
const NONE: u32 = u32::MAX;

/// Bytes of a search's stack, at most, if nobody says otherwise.
const MOST_STACK_BYTES: usize = 64 << 20;

/// Bytes for what a search remembers, at most.
const MOST_MEMORY_BYTES: usize = 32 << 20;

/// Bytes that are kept between searches.
const KEPT_BYTES: usize = 64 << 10;

/// Units of a run over characters that count as a step.
const UNITS_A_STEP: usize = 16;

/// Steps for going over the text from one position to the other.
#[inline]
fn cost(from: usize, to: usize) -> i64 {
    (to.saturating_sub(from) / UNITS_A_STEP) as i64
}

/// How an attempt goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Match,
    Fail,
    Suspended,
    TooDeep,
}

/// What to do when going back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Undo {
    /// Go on at `to`, position `a`.
    Way,
    /// Slot `to` was `a`.
    Slot,
    /// Register `to` was `a`.
    Register,
    /// The loop at `to` reaches from `a` to `b` and can give back.
    Greedy,
    /// The loop at `to` is at `a` and can take `b` characters more.
    Lazy,
    /// The switch has further targets, from number `to` up to `b`, at position `a`.
    Targets(u16),
    /// The look-around number `to` began at position `a`.
    Look,
    /// Everything that can follow choice `to` at position `a` has failed.
    Choice,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    undo: Undo,
    to: u32,
    a: u32,
    b: u32,
}

/// Which choices have failed where: a bit for each choice at each position.
#[derive(Debug)]
struct Memory {
    bits: Vec<u64>,
    positions: usize,
}

impl Memory {
    /// The word and the bit in it of a choice at a position.
    fn place(&self, choice: u32, at: usize) -> (usize, u64) {
        let bit = choice as usize * self.positions + at;
        (bit / 64, 1 << (bit % 64))
    }

    fn has_failed(&self, choice: u32, at: usize) -> bool {
        let (word, mask) = self.place(choice, at);
        self.bits.get(word).is_some_and(|bits| bits & mask != 0)
    }

    fn note_failure(&mut self, choice: u32, at: usize) {
        let (word, mask) = self.place(choice, at);
        if let Some(bits) = self.bits.get_mut(word) {
            *bits |= mask;
        }
    }
}

/// The state of a match.
#[derive(Debug, Default)]
pub struct Matcher {
    pc: u32,
    position: usize,
    stack: Vec<Entry>,
    slots: Vec<u32>,
    registers: Vec<u32>,
    memory: Option<Memory>,
    /// Steps of this search so far, of runs that used up theirs.
    used: i64,
    most_bytes: Option<usize>,
    /// The attempt failed in the middle of an instruction and has to go back first.
    goes_back: bool,
}

impl Matcher {
    /// Gets ready for a search with a program.
    pub fn prepare(&mut self, program: &Program) {
        self.stack.clear();
        self.slots.clear();
        self.slots.resize(program.slot_count, NONE);
        self.registers.clear();
        self.registers.resize(program.register_count, NONE);
        self.memory = None;
        self.used = 0;
    }

    /// Begins an attempt.
    #[inline]
    pub fn start_at(&mut self, position: usize) {
        self.stack.clear();
        self.slots.fill(NONE);
        self.pc = 0;
        self.position = position;
        self.goes_back = false;
        if let Some(slot) = self.slots.first_mut() {
            *slot = position as u32;
        }
    }

    /// The whole match and the groups.
    pub fn offsets(&self) -> impl Iterator<Item = Option<(usize, usize)>> + '_ {
        self.slots.chunks_exact(2).map(|slots| match slots {
            &[from, to] if from != NONE && to != NONE => Some((from as usize, to as usize)),
            _ => None,
        })
    }

    /// Bytes that the matcher holds.
    pub fn bytes(&self) -> usize {
        let memory = self
            .memory
            .as_ref()
            .map_or(0, |memory| memory.bits.len() * 8);
        self.stack.capacity() * size_of::<Entry>() + memory
    }

    /// Bytes that it may hold.
    pub fn set_most_bytes(&mut self, bytes: usize) {
        self.most_bytes = Some(bytes);
    }

    /// Gives back memory that only long searches need.
    pub fn shrink(&mut self) {
        self.memory = None;
        self.stack.clear();
        self.stack.shrink_to(KEPT_BYTES / size_of::<Entry>());
    }

    /// Called where a run of so many steps was too short: begins to remember if that is possible.
    pub fn remember(&mut self, program: &Program, len: usize, steps: i64) {
        self.used = self.used.saturating_add(steps);
        if self.memory.is_some() || program.choices.is_empty() || program.choice_count == 0 {
            return;
        }
        let positions = len + 1;
        let words = positions.saturating_mul(program.choice_count) / 64 + 1;
        let room = self.most_bytes.unwrap_or(usize::MAX) / 2;
        // Clearing the memory costs about as much as the steps did, at most.
        let worth = usize::try_from(self.used).unwrap_or(usize::MAX);
        if words.saturating_mul(8) <= MOST_MEMORY_BYTES.min(room)
            && words <= worth.saturating_mul(4)
        {
            self.memory = Some(Memory {
                bits: vec![0; words],
                positions,
            });
        }
    }

    // ---- noting what to go back to

    fn most_entries(&self) -> usize {
        let bytes = self.most_bytes.unwrap_or(MOST_STACK_BYTES);
        bytes.min(MOST_STACK_BYTES) / size_of::<Entry>()
    }

    #[inline]
    fn push(&mut self, undo: Undo, to: u32, a: usize, b: usize) {
        self.stack.push(Entry {
            undo,
            to,
            a: a as u32,
            b: b as u32,
        });
    }

    #[inline]
    fn set_slot(&mut self, slot: u32, value: u32) {
        let Some(known) = self.slots.get_mut(slot as usize) else {
            return;
        };
        let old = std::mem::replace(known, value);
        if !self.stack.is_empty() {
            self.push(Undo::Slot, slot, old as usize, 0);
        }
    }

    #[inline]
    fn register(&self, register: u32) -> u32 {
        self.registers
            .get(register as usize)
            .copied()
            .unwrap_or(NONE)
    }

    #[inline]
    fn set_register(&mut self, register: u32, value: u32) {
        let Some(known) = self.registers.get_mut(register as usize) else {
            return;
        };
        let old = std::mem::replace(known, value);
        if !self.stack.is_empty() {
            self.push(Undo::Register, register, old as usize, 0);
        }
    }

    /// Whether everything that can follow a choice here has failed before. If not, the end of this attempt at it will be noticed.
    #[inline]
    fn has_failed(&mut self, program: &Program, pc: usize, position: usize) -> bool {
        let Some(memory) = &self.memory else {
            return false;
        };
        let Some(&Some(choice)) = program.choices.get(pc) else {
            return false;
        };
        if memory.has_failed(choice, position) {
            return true;
        }
        self.push(Undo::Choice, choice, position, 0);
        false
    }

    // ---- running

    /// Goes on with the attempt.
    pub fn run<T: Text>(&mut self, program: &Program, text: T, steps: &mut i64) -> Outcome {
        let mut pc = self.pc as usize;
        let mut position = self.position;
        let mut left = *steps;
        let code = program.code.as_slice();
        let outcome = 'run: loop {
            if !std::mem::take(&mut self.goes_back) {
                // Goes on until an instruction fails.
                loop {
                    left -= 1;
                    if left < 0 {
                        break 'run Outcome::Suspended;
                    }
                    let Some(&inst) = code.get(pc) else {
                        break;
                    };
                    match inst {
                        Inst::Unit(unit) => {
                            if text.unit(position) != Some(unit.into()) {
                                break;
                            }
                            position += 1;
                        }
                        Inst::Set(set) => {
                            let Some((character, next)) = text.next(position) else {
                                break;
                            };
                            match program.sets.get(set as usize) {
                                Some(set) if set.contains(character) => position = next,
                                _ => break,
                            }
                        }
                        Inst::Literal(literal) => {
                            let literal = program.literals.get(literal as usize);
                            let Some(next) =
                                literal.and_then(|literal| text.behind(position, literal))
                            else {
                                break;
                            };
                            position = next;
                        }
                        Inst::Loop(number) => {
                            let Some(info) = program.loops.get(number as usize) else {
                                break;
                            };
                            if self.has_failed(program, pc, position) {
                                break;
                            }
                            match self.enter_loop(program, text, pc, info, position, &mut left) {
                                Some(next) => position = next,
                                None => break,
                            }
                        }
                        Inst::Jump(to) => {
                            pc = to as usize;
                            continue;
                        }
                        Inst::Fork(other) => {
                            if self.has_failed(program, pc, position) {
                                break;
                            }
                            self.push(Undo::Way, other, position, 0);
                        }
                        Inst::ForkAway(to) => {
                            if self.has_failed(program, pc, position) {
                                break;
                            }
                            self.push(Undo::Way, pc as u32 + 1, position, 0);
                            pc = to as usize;
                            continue;
                        }
                        Inst::Switch(number) => {
                            let Some(switch) = program.switches.get(number as usize) else {
                                break;
                            };
                            let list = match text.unit(position) {
                                Some(unit) => match switch.latin.get(unit as usize) {
                                    Some(&list) => list,
                                    None => switch.beyond,
                                },
                                None => switch.end,
                            };
                            let Some(&(from, to)) = switch.lists.get(usize::from(list)) else {
                                break;
                            };
                            if to - from > 1 {
                                if self.has_failed(program, pc, position) {
                                    break;
                                }
                                self.push_targets(&switch.targets, number, from + 1, to, position);
                            } else if from == to {
                                break;
                            }
                            let Some(&target) = switch.targets.get(from as usize) else {
                                break;
                            };
                            pc = target as usize;
                            continue;
                        }
                        Inst::Save(slot) => self.set_slot(slot, position as u32),
                        Inst::Reset(from, to) => {
                            left -= i64::from(to - from);
                            for slot in from..to {
                                if self
                                    .slots
                                    .get(slot as usize)
                                    .is_some_and(|&known| known != NONE)
                                {
                                    self.set_slot(slot, NONE);
                                }
                            }
                        }
                        Inst::Match => {
                            if let Some(end) = self.slots.get_mut(1) {
                                *end = position as u32;
                            }
                            break 'run Outcome::Match;
                        }
                        Inst::UnitBack(unit) => match position.checked_sub(1) {
                            Some(before) if text.unit(before) == Some(unit.into()) => {
                                position = before
                            }
                            _ => break,
                        },
                        Inst::SetBack(set) => {
                            let Some((character, before)) = text.previous(position) else {
                                break;
                            };
                            match program.sets.get(set as usize) {
                                Some(set) if set.contains(character) => position = before,
                                _ => break,
                            }
                        }
                        Inst::Mark(register) => self.set_register(register, position as u32),
                        Inst::Progress(register) => {
                            if self.register(register) == position as u32 {
                                break;
                            }
                        }
                        Inst::Zero(register) => self.set_register(register, 0),
                        Inst::Count(counter) => {
                            let Some(&counter) = program.counters.get(counter as usize) else {
                                break;
                            };
                            if let Some(to) = self.count(counter, pc, position) {
                                pc = to as usize;
                                continue;
                            }
                        }
                        Inst::CountProgress(counter) => {
                            let Some(&counter) = program.counters.get(counter as usize) else {
                                break;
                            };
                            let is_extra = self.register(counter.count) > counter.min;
                            if is_extra && self.register(counter.mark) == position as u32 {
                                break;
                            }
                        }
                        Inst::BackReference(reference) => {
                            match self.refer(program, text, reference, position, false, &mut left) {
                                Some(next) => position = next,
                                None => break,
                            }
                        }
                        Inst::BackReferenceBack(reference) => {
                            match self.refer(program, text, reference, position, true, &mut left) {
                                Some(next) => position = next,
                                None => break,
                            }
                        }
                        Inst::Look(number) => {
                            let height = self.stack.len() as u32;
                            self.push(Undo::Look, number, position, 0);
                            let look = program.looks.get(number as usize);
                            if let Some(known) =
                                look.and_then(|look| self.registers.get_mut(look.height as usize))
                            {
                                *known = height;
                            }
                        }
                        Inst::LookEnd(number) => {
                            let Some(look) = program.looks.get(number as usize) else {
                                break;
                            };
                            let height = self.register(look.height) as usize;
                            left -= (self.stack.len().saturating_sub(height) / UNITS_A_STEP) as i64;
                            if look.negative {
                                self.unwind_to(height);
                                break;
                            }
                            position = self.leave_look(height, position);
                        }
                        Inst::TextStart => {
                            if position != 0 {
                                break;
                            }
                        }
                        Inst::TextEnd => {
                            if position != text.len() {
                                break;
                            }
                        }
                        Inst::LineStart => {
                            let before =
                                position.checked_sub(1).and_then(|before| text.unit(before));
                            if before.is_some_and(|before| !is_line_terminator(before)) {
                                break;
                            }
                        }
                        Inst::LineEnd => {
                            if text
                                .unit(position)
                                .is_some_and(|next| !is_line_terminator(next))
                            {
                                break;
                            }
                        }
                        Inst::WordBoundary { negated, folds } => {
                            let words = &program.words[usize::from(folds)];
                            let is_word =
                                |unit: Option<u32>| unit.is_some_and(|unit| words.contains(unit));
                            let before = is_word(
                                position.checked_sub(1).and_then(|before| text.unit(before)),
                            );
                            if (before != is_word(text.unit(position))) == negated {
                                break;
                            }
                        }
                        Inst::Fail => break,
                    }
                    pc += 1;
                }
            }
            // Goes back to the last way that is left.
            loop {
                left -= 1;
                if left < 0 {
                    self.goes_back = true;
                    break 'run Outcome::Suspended;
                }
                let Some(entry) = self.stack.pop() else {
                    break 'run Outcome::Fail;
                };
                let at = entry.a as usize;
                match entry.undo {
                    Undo::Way => {
                        (pc, position) = (entry.to as usize, at);
                        break;
                    }
                    Undo::Slot => {
                        if let Some(slot) = self.slots.get_mut(entry.to as usize) {
                            *slot = entry.a;
                        }
                    }
                    Undo::Register => {
                        if let Some(register) = self.registers.get_mut(entry.to as usize) {
                            *register = entry.a;
                        }
                    }
                    Undo::Greedy => {
                        if let Some(next) = self.give_back(program, text, entry, &mut left) {
                            (pc, position) = (entry.to as usize + 1, next);
                            break;
                        }
                    }
                    Undo::Lazy => {
                        if let Some(next) = self.take_more(program, text, entry, &mut left) {
                            (pc, position) = (entry.to as usize + 1, next);
                            break;
                        }
                    }
                    Undo::Targets(switch) => {
                        let Some(switch_info) = program.switches.get(usize::from(switch)) else {
                            continue;
                        };
                        let targets = &switch_info.targets;
                        self.push_targets(targets, switch.into(), entry.to + 1, entry.b, at);
                        if let Some(&target) = targets.get(entry.to as usize) {
                            (pc, position) = (target as usize, at);
                            break;
                        }
                    }
                    Undo::Choice => {
                        if let Some(memory) = &mut self.memory {
                            memory.note_failure(entry.to, at);
                        }
                    }
                    Undo::Look => {
                        let look = program.looks.get(entry.to as usize);
                        if let Some(look) = look.filter(|look| look.negative) {
                            (pc, position) = (look.exit as usize, at);
                            break;
                        }
                    }
                }
            }
        };
        self.pc = pc as u32;
        self.position = position;
        *steps = left;
        // What a run can add beyond the limit is bounded by its steps.
        if outcome == Outcome::Suspended && self.stack.len() > self.most_entries() {
            return Outcome::TooDeep;
        }
        outcome
    }

    /// Notes the targets from number `from` on.
    #[inline]
    fn push_targets(&mut self, targets: &[u32], switch: u32, from: u32, to: u32, position: usize) {
        if from + 1 == to {
            if let Some(&only) = targets.get(from as usize) {
                self.push(Undo::Way, only, position, 0);
            }
        } else if from < to {
            self.push(Undo::Targets(switch as u16), from, position, to as usize);
        }
    }

    // ---- loops

    /// Runs a loop over characters for the first time. Answers where the rest goes on.
    #[inline]
    fn enter_loop<T: Text>(
        &mut self,
        program: &Program,
        text: T,
        pc: usize,
        info: &Loop,
        position: usize,
        left: &mut i64,
    ) -> Option<usize> {
        let set = program.sets.get(info.set as usize)?;
        if info.back {
            return self.enter_loop_back(program, text, pc, info, position, left);
        }
        if info.kind == LoopKind::Lazy {
            let (least, end) = text.run(position, set, info.min, info.min);
            *left -= cost(position, end);
            let more = info.max.saturating_sub(info.min);
            return self.go_lazily(text, pc as u32, info, set, (least?, more), left);
        }
        let (least, end) = text.run(position, set, info.min, info.max);
        *left -= cost(position, end);
        let least = least?;
        if info.kind == LoopKind::Greedy && end > least {
            self.push(Undo::Greedy, pc as u32, least, end);
        }
        Some(end)
    }

    /// Goes on behind a lazy loop that is at a position and can take so many characters more: there if the rest may match, otherwise at the next such place.
    fn go_lazily<T: Text>(
        &mut self,
        text: T,
        pc: u32,
        info: &Loop,
        set: &crate::program::Set,
        (position, more): (usize, usize),
        left: &mut i64,
    ) -> Option<usize> {
        let (mut at, mut more) = (position, more);
        let mut fits = true;
        while let Some(follow) = &info.follow
            && !follow.accepts(text.unit(at))
        {
            match text.next(at) {
                Some((character, next)) if more > 0 && set.contains(character) => {
                    at = next;
                    more -= 1;
                }
                _ => {
                    fits = false;
                    break;
                }
            }
        }
        *left -= cost(position, at);
        if fits && more > 0 {
            let more = more.min(NONE as usize);
            self.push(Undo::Lazy, pc, at, more);
        }
        fits.then_some(at)
    }

    fn enter_loop_back<T: Text>(
        &mut self,
        program: &Program,
        text: T,
        pc: usize,
        info: &Loop,
        position: usize,
        left: &mut i64,
    ) -> Option<usize> {
        let set = program.sets.get(info.set as usize)?;
        let most = if info.kind == LoopKind::Lazy {
            info.min
        } else {
            info.max
        };
        let (mut at, mut least, mut count) = (position, position, 0);
        while count < most
            && let Some((character, before)) = text.previous(at)
            && set.contains(character)
        {
            at = before;
            count += 1;
            if count == info.min {
                least = at;
            }
        }
        *left -= cost(at, position);
        if count < info.min {
            return None;
        }
        match info.kind {
            LoopKind::Greedy if at < least => self.push(Undo::Greedy, pc as u32, least, at),
            LoopKind::Lazy if info.max > info.min => {
                let more = (info.max - info.min).min(NONE as usize);
                self.push(Undo::Lazy, pc as u32, at, more);
            }
            _ => {}
        }
        Some(at)
    }

    fn loop_at(program: &Program, pc: u32) -> Option<&Loop> {
        match program.code.get(pc as usize)? {
            &Inst::Loop(number) => program.loops.get(number as usize),
            _ => None,
        }
    }

    /// A greedy loop gives back characters until the rest may match.
    #[inline]
    fn give_back<T: Text>(
        &mut self,
        program: &Program,
        text: T,
        entry: Entry,
        left: &mut i64,
    ) -> Option<usize> {
        let info = Matcher::loop_at(program, entry.to)?;
        let (least, mut at) = (entry.a as usize, entry.b as usize);
        // An attempt may begin within a pair, which is one character for what goes the other way.
        if info.back {
            at = text.next(at)?.1.min(least);
        } else {
            let end = at;
            let mut fits = false;
            while !fits && at > least {
                at = text.previous(at)?.1.max(least);
                let follow = info.follow.as_ref();
                fits = follow.is_none_or(|follow| follow.accepts(text.unit(at)));
            }
            *left -= cost(at, end);
            if !fits {
                return None;
            }
        }
        if at != least {
            self.push(Undo::Greedy, entry.to, least, at);
        }
        Some(at)
    }

    /// A lazy loop takes a character, and more until the rest may match.
    #[inline]
    fn take_more<T: Text>(
        &mut self,
        program: &Program,
        text: T,
        entry: Entry,
        left: &mut i64,
    ) -> Option<usize> {
        let info = Matcher::loop_at(program, entry.to)?;
        let set = program.sets.get(info.set as usize)?;
        let (at, more) = (entry.a as usize, entry.b as usize);
        // No text has as many characters as stand for "any number".
        let fewer = more.saturating_sub(1);
        if info.back {
            let (character, before) = text.previous(at)?;
            if !set.contains(character) {
                return None;
            }
            if fewer > 0 {
                self.push(Undo::Lazy, entry.to, before, fewer);
            }
            return Some(before);
        }
        let (character, next) = text.next(at)?;
        if !set.contains(character) {
            return None;
        }
        self.go_lazily(text, entry.to, info, set, (next, fewer), left)
    }

    /// The beginning of a counted loop's round: where to go on if not behind.
    fn count(&mut self, counter: Counter, pc: usize, position: usize) -> Option<u32> {
        let rounds = self.register(counter.count);
        let is_full = counter.max.is_some_and(|max| rounds >= max);
        if rounds < counter.min || !is_full && counter.greedy {
            if rounds >= counter.min {
                self.push(Undo::Way, counter.exit, position, 0);
            }
            self.set_register(counter.count, rounds.saturating_add(1));
            return None;
        }
        if is_full {
            return Some(counter.exit);
        }
        // Lazily: the round begins when the rest has failed. Going back, the round
        // is counted first, and no longer counted when it has failed too.
        self.push(Undo::Register, counter.count, rounds as usize, 0);
        self.push(Undo::Way, pc as u32 + 1, position, 0);
        self.push(Undo::Register, counter.count, rounds as usize + 1, 0);
        Some(counter.exit)
    }

    // ---- look-arounds and references

    /// Forgets the ways that a look-around has left, but not what to restore. Answers where it began.
    fn leave_look(&mut self, height: usize, position: usize) -> usize {
        let began = match self.stack.get(height) {
            Some(entry) => entry.a as usize,
            None => position,
        };
        let mut kept = height;
        for index in height..self.stack.len() {
            let Some(&entry) = self.stack.get(index) else {
                break;
            };
            if matches!(entry.undo, Undo::Slot | Undo::Register) {
                if let Some(place) = self.stack.get_mut(kept) {
                    *place = entry;
                }
                kept += 1;
            }
        }
        self.stack.truncate(kept);
        began
    }

    /// Restores everything down to a height of the stack.
    fn unwind_to(&mut self, height: usize) {
        while self.stack.len() > height
            && let Some(entry) = self.stack.pop()
        {
            let known = match entry.undo {
                Undo::Slot => self.slots.get_mut(entry.to as usize),
                Undo::Register => self.registers.get_mut(entry.to as usize),
                _ => None,
            };
            if let Some(known) = known {
                *known = entry.a;
            }
        }
    }

    /// Where the text of a group ends if it is at a position too.
    fn refer<T: Text>(
        &self,
        program: &Program,
        text: T,
        reference: u32,
        position: usize,
        back: bool,
        left: &mut i64,
    ) -> Option<usize> {
        let reference = program.references.get(reference as usize)?;
        let captured = reference.groups.iter().find_map(|&group| {
            let from = *self.slots.get(group as usize * 2)?;
            let to = *self.slots.get(group as usize * 2 + 1)?;
            (from != NONE && to != NONE).then_some((from as usize, to as usize))
        });
        let Some((from, to)) = captured else {
            return Some(position);
        };
        *left -= cost(from, to);
        // What is the same where case is ignored may have another number of units.
        let mut at = position;
        let mut captured = if back { to } else { from };
        while if back { captured > from } else { captured < to } {
            let (one, other) = if back {
                (text.previous(captured)?, text.previous(at)?)
            } else {
                (text.next(captured)?, text.next(at)?)
            };
            let is_same = match reference.folding {
                Some(folding) if one.0 != other.0 => {
                    canonical(one.0, folding) == canonical(other.0, folding)
                }
                _ => one.0 == other.0,
            };
            if !is_same {
                return None;
            }
            (captured, at) = (one.1, other.1);
        }
        Some(at)
    }
}
