//! From a parsed pattern to a program.
//!
//! What can follow a part is passed down with it: a loop over characters that cannot give back anything useful never does, and alternatives
//! are chosen by the next unit where that decides. In a look-behind, which is matched towards the beginning of the text, nothing of the kind
//! is known.

use rustc_hash::FxHashMap;

use crate::ast::{Assertion, Look, Node, Pattern, Reference, Repeat};
use crate::charset::CharSet;
use crate::first::{self, First, Firsts};
use crate::program::{
    self, Counter, Filter, Inst, Literal, Loop, LoopKind, Program, Set, Start, Switch,
};
use crate::{Error, Flags, unicode};

/// Instructions of a program, at most.
const MOST_INSTRUCTIONS: usize = 1 << 20;

/// Switches of a program, at most: each has a table.
const MOST_SWITCHES: usize = 500;

/// Compiles a pattern.
pub fn compile(pattern: &Pattern, flags: Flags) -> Result<Program, Error> {
    let mut compiler = Compiler::new(flags);
    compiler.node(&pattern.root, &First::accept());
    compiler.push(Inst::Match);
    compiler.finish(pattern)
}

/// A switch whose targets are not known yet.
struct OpenSwitch {
    latin: Box<[u8; 256]>,
    beyond: u8,
    end: u8,
    /// Numbers of options.
    lists: Vec<Vec<usize>>,
    /// Where each option begins.
    options: Vec<u32>,
}

/// A choice whose ways are not known yet.
enum Choice {
    Switch(usize),
    /// The instruction that leads to each option but the last.
    Forks(Vec<usize>),
}

struct Compiler {
    flags: Flags,
    code: Vec<Inst>,
    sets: Vec<Set>,
    set_numbers: FxHashMap<Vec<(u32, u32)>, u32>,
    literals: Vec<Literal>,
    loops: Vec<Loop>,
    switches: Vec<OpenSwitch>,
    counters: Vec<Counter>,
    looks: Vec<program::Look>,
    references: Vec<Reference>,
    register_count: u32,
    choices: Vec<Option<u32>>,
    choice_count: u32,
    can_remember: bool,
    /// Inside a look-behind.
    back: bool,
    /// Look-arounds around.
    look_depth: usize,
    firsts: Firsts,
}

impl Compiler {
    fn new(flags: Flags) -> Compiler {
        Compiler {
            flags,
            code: Vec::new(),
            sets: Vec::new(),
            set_numbers: FxHashMap::default(),
            literals: Vec::new(),
            loops: Vec::new(),
            switches: Vec::new(),
            counters: Vec::new(),
            looks: Vec::new(),
            references: Vec::new(),
            register_count: 0,
            choices: Vec::new(),
            choice_count: 0,
            can_remember: true,
            back: false,
            look_depth: 0,
            firsts: Firsts::default(),
        }
    }

    // ---- instructions

    fn here(&self) -> u32 {
        self.code.len() as u32
    }

    fn push(&mut self, inst: Inst) -> usize {
        if self.code.len() >= MOST_INSTRUCTIONS {
            return MOST_INSTRUCTIONS;
        }
        self.code.push(inst);
        self.choices.push(None);
        self.code.len() - 1
    }

    /// An instruction with a choice. What a look-around has found at a place may be looked for there again, so choices inside
    /// are not remembered.
    fn push_choice(&mut self, inst: Inst) -> usize {
        let at = self.push(inst);
        if self.look_depth == 0
            && let Some(choice) = self.choices.get_mut(at)
        {
            *choice = Some(self.choice_count);
            self.choice_count += 1;
        }
        at
    }

    fn set_inst(&mut self, at: usize, inst: Inst) {
        if let Some(known) = self.code.get_mut(at) {
            *known = inst;
        }
    }

    fn register(&mut self) -> u32 {
        self.register_count += 1;
        self.register_count - 1
    }

    fn set(&mut self, set: &CharSet) -> u32 {
        let next = self.sets.len() as u32;
        match self.set_numbers.get(set.ranges()) {
            Some(&known) => known,
            None => {
                self.set_numbers.insert(set.ranges().to_vec(), next);
                self.sets.push(Set::new(set));
                next
            }
        }
    }

    // ---- choices

    /// A choice between options in this order, of which each begins as told.
    fn choose(&mut self, firsts: &[First]) -> Choice {
        if !self.back
            && self.switches.len() < MOST_SWITCHES
            && let Some(switch) = OpenSwitch::new(firsts)
        {
            let number = self.switches.len();
            self.switches.push(switch);
            self.push_choice(Inst::Switch(number as u32));
            return Choice::Switch(number);
        }
        Choice::Forks(Vec::new())
    }

    /// Option `index` of `count` begins here.
    fn option(&mut self, choice: &mut Choice, index: usize, count: usize) {
        let here = self.here();
        match choice {
            Choice::Switch(number) => self.set_option(*number, index, here),
            Choice::Forks(forks) => {
                if let Some(&last) = forks.last() {
                    self.set_inst(last, Inst::Fork(here));
                }
                if index + 1 < count {
                    let fork = self.push_choice(Inst::Fork(u32::MAX));
                    forks.push(fork);
                }
            }
        }
    }

    fn set_option(&mut self, switch: usize, index: usize, target: u32) {
        let switch = self.switches.get_mut(switch);
        if let Some(option) = switch.and_then(|switch| switch.options.get_mut(index)) {
            *option = target;
        }
    }

    // ---- nodes

    fn node(&mut self, node: &Node, follow: &First) {
        if self.code.len() >= MOST_INSTRUCTIONS {
            return;
        }
        match node {
            Node::Empty => {}
            Node::Char(character) => self.character(*character),
            Node::Set(set) => self.character_of(set),
            Node::Concat(parts) => self.concat(parts, follow),
            Node::Alternatives(alternatives) => self.alternatives(alternatives, follow),
            Node::Group(group, body) => self.group(*group, body, follow),
            Node::BackReference(reference) => self.back_reference(reference),
            Node::Repeat(repeat) => self.repeat(repeat, follow),
            Node::Look(look) => self.look(look),
            Node::Assert(assertion) => {
                self.push(match assertion {
                    Assertion::TextStart => Inst::TextStart,
                    Assertion::TextEnd => Inst::TextEnd,
                    Assertion::LineStart => Inst::LineStart,
                    Assertion::LineEnd => Inst::LineEnd,
                    Assertion::WordBoundary { folds } => Inst::WordBoundary {
                        negated: false,
                        folds: *folds,
                    },
                    Assertion::NotWordBoundary { folds } => Inst::WordBoundary {
                        negated: true,
                        folds: *folds,
                    },
                });
            }
        }
    }

    /// The unit that is a character wherever it stands, if there is one.
    fn unit(&self, character: u32) -> Option<u16> {
        let is_surrogate = (0xD800..0xE000).contains(&character);
        u16::try_from(character)
            .ok()
            .filter(|_| !is_surrogate || !self.flags.unicode)
    }

    fn character(&mut self, character: u32) {
        let Some(unit) = self.unit(character) else {
            return self.character_of(&CharSet::one(character));
        };
        self.push(if self.back {
            Inst::UnitBack(unit)
        } else {
            Inst::Unit(unit)
        });
    }

    fn character_of(&mut self, set: &CharSet) {
        if set.is_empty() {
            self.push(Inst::Fail);
            return;
        }
        let set = self.set(set);
        self.push(if self.back {
            Inst::SetBack(set)
        } else {
            Inst::Set(set)
        });
    }

    fn concat(&mut self, parts: &[Node], follow: &First) {
        if self.back {
            for part in parts.iter().rev() {
                self.node(part, follow);
            }
            return;
        }
        let mut follows = vec![follow.clone()];
        for part in parts.iter().skip(1).rev() {
            let next = match follows.last() {
                Some(follow) => self.firsts.of(part, follow),
                None => First::anything(),
            };
            follows.push(next);
        }
        let mut at = 0;
        while let Some(part) = parts.get(at) {
            let literal = self.literal(&parts[at..]);
            if literal.len() > 1 {
                at += literal.len();
                self.literals.push(Literal::new(literal));
                let number = self.literals.len() as u32 - 1;
                self.push(Inst::Literal(number));
                continue;
            }
            at += 1;
            match follows.get(parts.len() - at) {
                Some(follow) => self.node(part, follow),
                None => self.node(part, &First::anything()),
            }
        }
    }

    /// The units with which these parts begin, each a part.
    fn literal(&self, parts: &[Node]) -> Vec<u16> {
        let units = parts.iter().map_while(|part| match part {
            Node::Char(character) => self.unit(*character),
            _ => None,
        });
        units.collect()
    }

    fn alternatives(&mut self, alternatives: &[Node], follow: &First) {
        let firsts: Vec<First> = alternatives
            .iter()
            .map(|alternative| self.firsts_of(alternative, follow))
            .collect();
        let mut choice = self.choose(&firsts);
        let mut jumps = Vec::new();
        for (index, alternative) in alternatives.iter().enumerate() {
            self.option(&mut choice, index, alternatives.len());
            self.node(alternative, follow);
            if index + 1 < alternatives.len() {
                jumps.push(self.push(Inst::Jump(u32::MAX)));
            }
        }
        let end = self.here();
        for jump in jumps {
            self.set_inst(jump, Inst::Jump(end));
        }
    }

    fn firsts_of(&mut self, node: &Node, follow: &First) -> First {
        if self.back {
            return First::anything();
        }
        self.firsts.of(node, follow)
    }

    fn group(&mut self, group: u32, body: &Node, follow: &First) {
        let (first, last) = if self.back {
            (group * 2 + 1, group * 2)
        } else {
            (group * 2, group * 2 + 1)
        };
        self.push(Inst::Save(first));
        self.node(body, follow);
        self.push(Inst::Save(last));
    }

    fn back_reference(&mut self, reference: &Reference) {
        self.can_remember = false;
        let number = self.references.len() as u32;
        self.references.push(reference.clone());
        self.push(if self.back {
            Inst::BackReferenceBack(number)
        } else {
            Inst::BackReference(number)
        });
    }

    fn look(&mut self, look: &Look) {
        let number = self.looks.len();
        let height = self.register();
        self.looks.push(program::Look {
            height,
            negative: look.negative,
            exit: 0,
        });
        self.push(Inst::Look(number as u32));
        let outer = std::mem::replace(&mut self.back, look.behind);
        self.look_depth += 1;
        self.node(&look.body, &First::accept());
        self.look_depth -= 1;
        self.back = outer;
        self.push(Inst::LookEnd(number as u32));
        let exit = self.here();
        if let Some(known) = self.looks.get_mut(number) {
            known.exit = exit;
        }
    }

    // ---- repetition

    fn repeat(&mut self, repeat: &Repeat, follow: &First) {
        if repeat.max == Some(0) {
            return;
        }
        let single = match &repeat.body {
            Node::Char(character) => Some(CharSet::one(*character)),
            Node::Set(set) => Some(CharSet::clone(set)),
            _ => None,
        };
        if let Some(set) = single {
            return self.character_loop(&set, repeat, follow);
        }
        let rounds = repeat.max.unwrap_or(repeat.min.saturating_add(1)) as usize;
        let size = first::size(&repeat.body).saturating_add(3);
        let is_short = size.saturating_mul(rounds) <= first::MOST_UNROLLED;
        let is_once = match (repeat.min, repeat.max) {
            (0, None) | (_, Some(1)) => true,
            (1, None) => !first::can_be_empty(&repeat.body),
            _ => false,
        };
        if is_short || is_once {
            self.unrolled(repeat, follow);
        } else {
            self.counted(repeat, follow);
        }
    }

    fn character_loop(&mut self, set: &CharSet, repeat: &Repeat, follow: &First) {
        let number = self.loops.len() as u32;
        let is_exact = repeat.max == Some(repeat.min);
        let cannot_give = !self.back && (follow.accepts || set.is_disjoint(&follow.set));
        let kind = if is_exact || repeat.greedy && cannot_give {
            LoopKind::Possessive
        } else if repeat.greedy {
            LoopKind::Greedy
        } else {
            LoopKind::Lazy
        };
        let known = Filter::new(&follow.set, follow.end);
        let follow = (!self.back && !known.is_trivial()).then_some(known);
        let set = self.set(set);
        self.loops.push(Loop {
            set,
            min: repeat.min as usize,
            max: repeat.max.map_or(usize::MAX, |max| max as usize),
            kind,
            follow,
            back: self.back,
        });
        if kind == LoopKind::Possessive {
            self.push(Inst::Loop(number));
        } else {
            self.push_choice(Inst::Loop(number));
        }
    }

    /// A repetition in which each round has instructions of its own, but for the last without a limit.
    fn unrolled(&mut self, repeat: &Repeat, follow: &First) {
        let is_empty = first::can_be_empty(&repeat.body);
        let again = self.firsts_of(&repeat.body, &First::anything());
        let again = if is_empty || self.back {
            First::anything()
        } else {
            again.or(follow)
        };
        let is_plus = repeat.max.is_none() && repeat.min > 0 && !is_empty;
        let sure = if is_plus { repeat.min - 1 } else { repeat.min };
        for round in 0..sure {
            self.round(repeat, round > 0, &again);
        }
        if is_plus {
            return self.plus(repeat, follow, &again, sure > 0);
        }
        match repeat.max {
            None => self.star(repeat, follow, &again, is_empty),
            Some(max) => self.optional(repeat, max - repeat.min, follow, &again, is_empty),
        }
    }

    fn round(&mut self, repeat: &Repeat, resets: bool, follow: &First) {
        if resets && repeat.groups.0 < repeat.groups.1 {
            self.push(Inst::Reset(repeat.groups.0 * 2, repeat.groups.1 * 2));
        }
        self.node(&repeat.body, follow);
    }

    /// A round that must not be empty, if it could be.
    fn advancing_round(&mut self, repeat: &Repeat, resets: bool, follow: &First, is_empty: bool) {
        if !is_empty {
            return self.round(repeat, resets, follow);
        }
        let mark = self.register();
        self.push(Inst::Mark(mark));
        self.round(repeat, resets, follow);
        self.push(Inst::Progress(mark));
    }

    /// The choice between a further round and the end; its first option is open.
    fn choose_round(&mut self, repeat: &Repeat, follow: &First) -> Choice {
        let body = self.firsts_of(&repeat.body, follow);
        let firsts = if repeat.greedy {
            [body, follow.clone()]
        } else {
            [follow.clone(), body]
        };
        match self.choose(&firsts) {
            Choice::Switch(number) => Choice::Switch(number),
            Choice::Forks(_) => {
                let fork = self.push_choice(Inst::Fail);
                Choice::Forks(vec![fork])
            }
        }
    }

    fn set_rounds(&mut self, choice: &Choice, repeat: &Repeat, body: u32, exit: u32) {
        match choice {
            Choice::Switch(number) => {
                let (of_body, of_exit) = if repeat.greedy { (0, 1) } else { (1, 0) };
                self.set_option(*number, of_body, body);
                self.set_option(*number, of_exit, exit);
            }
            Choice::Forks(forks) => {
                for &fork in forks {
                    // The body or the end is behind the fork, whichever that is.
                    let is_body_next = body as usize == fork + 1;
                    let other = if is_body_next { exit } else { body };
                    let inst = if is_body_next == repeat.greedy {
                        Inst::Fork(other)
                    } else {
                        Inst::ForkAway(other)
                    };
                    self.set_inst(fork, inst);
                }
            }
        }
    }

    fn star(&mut self, repeat: &Repeat, follow: &First, again: &First, is_empty: bool) {
        let head = self.here();
        let choice = self.choose_round(repeat, follow);
        let body = self.here();
        self.advancing_round(repeat, true, again, is_empty);
        self.push(Inst::Jump(head));
        let exit = self.here();
        self.set_rounds(&choice, repeat, body, exit);
    }

    fn plus(&mut self, repeat: &Repeat, follow: &First, again: &First, is_later: bool) {
        let body = self.here();
        let has_groups = repeat.groups.0 < repeat.groups.1;
        self.round(repeat, is_later || has_groups, again);
        let choice = self.choose_round(repeat, follow);
        let exit = self.here();
        self.set_rounds(&choice, repeat, body, exit);
    }

    fn optional(
        &mut self,
        repeat: &Repeat,
        rounds: u32,
        follow: &First,
        again: &First,
        is_empty: bool,
    ) {
        let mut open = Vec::new();
        for round in 0..rounds {
            let choice = self.choose_round(repeat, follow);
            let body = self.here();
            let resets = repeat.min > 0 || round > 0;
            let follow = if round + 1 == rounds { follow } else { again };
            self.advancing_round(repeat, resets, follow, is_empty);
            open.push((choice, body));
        }
        let exit = self.here();
        for (choice, body) in open {
            self.set_rounds(&choice, repeat, body, exit);
        }
    }

    /// A repetition that counts its rounds.
    fn counted(&mut self, repeat: &Repeat, follow: &First) {
        self.can_remember = false;
        let is_empty = first::can_be_empty(&repeat.body);
        let first = self.firsts_of(&repeat.body, &First::anything());
        let again = if is_empty || self.back {
            First::anything()
        } else {
            first.or(follow)
        };
        let number = self.counters.len();
        let (count, mark) = (self.register(), self.register());
        self.counters.push(Counter {
            count,
            mark,
            min: repeat.min,
            max: repeat.max,
            greedy: repeat.greedy,
            exit: 0,
        });
        self.push(Inst::Zero(count));
        let head = self.here();
        self.push_choice(Inst::Count(number as u32));
        if is_empty {
            self.push(Inst::Mark(mark));
        }
        self.round(repeat, true, &again);
        if is_empty {
            self.push(Inst::CountProgress(number as u32));
        }
        self.push(Inst::Jump(head));
        let exit = self.here();
        if let Some(counter) = self.counters.get_mut(number) {
            counter.exit = exit;
        }
    }

    // ---- the whole

    fn finish(mut self, pattern: &Pattern) -> Result<Program, Error> {
        if self.code.len() >= MOST_INSTRUCTIONS {
            return Err(Error::new("Regular expression too large"));
        }
        let start = self.start(&pattern.root);
        Ok(Program {
            code: self.code,
            sets: self.sets,
            literals: self.literals,
            loops: self.loops,
            switches: self.switches.into_iter().map(OpenSwitch::close).collect(),
            counters: self.counters,
            looks: self.looks,
            references: self.references,
            slot_count: (pattern.group_count as usize + 1) * 2,
            register_count: self.register_count as usize,
            choices: if self.can_remember {
                self.choices
            } else {
                Vec::new()
            },
            choice_count: self.choice_count as usize,
            start,
            least: first::least(&pattern.root),
            words: [false, true].map(|folds| Set::new(&unicode::word_characters(folds))),
        })
    }

    fn start(&mut self, root: &Node) -> Start {
        match leading_assertion(root) {
            Some(Assertion::TextStart) => return Start::Text,
            Some(Assertion::LineStart) => return Start::Lines,
            _ => {}
        }
        let mut literal = Vec::new();
        self.leading_units(root, &mut literal);
        if !literal.is_empty() {
            let literal = Literal::new(literal);
            let bytes = literal.bytes.as_deref().unwrap_or_default();
            let finder = memchr::memmem::Finder::new(bytes).into_owned();
            return Start::Literal(literal, Box::new(finder));
        }
        let first = self.firsts.of(root, &First::anything());
        let filter = Filter::new(&first.set, first.end);
        if filter.is_trivial() {
            Start::Anywhere
        } else {
            Start::Units(filter)
        }
    }

    /// Gathers the units with which every match begins. Answers whether the node is nothing but them.
    fn leading_units(&self, node: &Node, units: &mut Vec<u16>) -> bool {
        match node {
            Node::Empty => true,
            Node::Char(character) => match self.unit(*character) {
                Some(unit) => {
                    units.push(unit);
                    true
                }
                None => false,
            },
            Node::Concat(parts) => parts.iter().all(|part| self.leading_units(part, units)),
            Node::Group(_, body) => self.leading_units(body, units),
            Node::Repeat(repeat) => {
                if repeat.min > 0 {
                    self.leading_units(&repeat.body, units);
                }
                false
            }
            // They only restrict what follows.
            Node::Look(_) | Node::Assert(_) => true,
            Node::Set(_) | Node::Alternatives(_) | Node::BackReference(_) => false,
        }
    }
}

/// The assertion with which every match begins.
fn leading_assertion(node: &Node) -> Option<Assertion> {
    match node {
        Node::Assert(assertion) => Some(*assertion),
        Node::Concat(parts) => leading_assertion(parts.first()?),
        Node::Group(_, body) => leading_assertion(body),
        Node::Alternatives(alternatives) => {
            let first = leading_assertion(alternatives.first()?)?;
            let mut others = alternatives.iter().skip(1);
            others
                .all(|other| leading_assertion(other) == Some(first))
                .then_some(first)
        }
        _ => None,
    }
}

impl OpenSwitch {
    /// A switch over options that begin so; none if the next unit decides nothing.
    fn new(firsts: &[First]) -> Option<OpenSwitch> {
        let tables: Vec<Filter> = firsts
            .iter()
            .map(|first| Filter::new(&first.set, first.end))
            .collect();
        let mut lists: Vec<Vec<usize>> = Vec::new();
        let mut list_for = |unit: Option<u32>| {
            let accepts = |(option, table): (usize, &Filter)| table.accepts(unit).then_some(option);
            let list: Vec<usize> = tables.iter().enumerate().filter_map(accepts).collect();
            let known = lists.iter().position(|known| *known == list);
            let number = known.unwrap_or_else(|| {
                lists.push(list);
                lists.len() - 1
            });
            u8::try_from(number).ok()
        };
        let mut latin = Box::new([0; 256]);
        for (unit, list) in (0..).zip(latin.iter_mut()) {
            *list = list_for(Some(unit))?;
        }
        let (beyond, end) = (list_for(Some(0x100))?, list_for(None)?);
        let decides = lists.len() > 1 || lists.iter().any(|list| list.len() < firsts.len());
        decides.then(|| OpenSwitch {
            latin,
            beyond,
            end,
            lists,
            options: vec![u32::MAX; firsts.len()],
        })
    }

    fn close(self) -> Switch {
        let mut targets = Vec::new();
        let mut lists = Vec::new();
        for list in &self.lists {
            let from = targets.len() as u32;
            targets.extend(list.iter().filter_map(|&option| self.options.get(option)));
            lists.push((from, targets.len() as u32));
        }
        Switch {
            latin: self.latin,
            beyond: self.beyond,
            end: self.end,
            lists,
            targets,
        }
    }
}
