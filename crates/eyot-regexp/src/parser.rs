//! Patterns: ECMA-262's grammar, with the leniencies of its Annex B where the pattern is not in unicode mode.
//!
//! Methods are named after productions. Units of a pattern are code points in unicode mode, UTF-16 units otherwise.

use std::rc::Rc;

use crate::ast::{Assertion, Look, Node, Pattern, Reference, Repeat};
use crate::charset::CharSet;
use crate::unicode::{self, Folding};
use crate::{Error, Flags};

/// Groups in groups, at most: parsing and compiling use the native stack.
const MOST_NESTED: usize = 400;

/// Groups of a pattern, at most.
const MOST_GROUPS: u32 = 1 << 15;

pub(crate) type Parsed<T> = Result<T, Error>;

/// Parses a pattern.
pub fn parse(source: &[u16], flags: Flags) -> Parsed<Pattern> {
    let mut scan = Parser::new(source, flags);
    let (group_total, declared) = scan.scan_groups();
    let mut parser = Parser::new(source, flags);
    parser.group_total = group_total;
    parser.declared = declared;
    let root = parser.disjunction()?;
    if parser.peek().is_some() {
        return Err(Error::new("Unmatched ')'"));
    }
    Ok(Pattern {
        root,
        group_count: parser.group_count,
        names: parser
            .names
            .into_iter()
            .map(|name| (name.text, name.group))
            .collect(),
    })
}

/// A name that a group was given.
struct Name {
    text: String,
    group: u32,
    /// The disjunctions around it, each with the number of the alternative.
    path: Vec<(u32, u32)>,
}

impl Name {
    /// Whether both may take part in one match: they are not in different alternatives.
    fn meets(&self, path: &[(u32, u32)]) -> bool {
        !self.path.iter().any(|(disjunction, alternative)| {
            path.iter()
                .any(|(other, at)| other == disjunction && at != alternative)
        })
    }
}

pub(crate) struct Parser {
    units: Vec<u32>,
    position: usize,
    pub(crate) flags: Flags,
    /// Groups of the whole pattern.
    group_total: u32,
    /// Names of the whole pattern.
    declared: Vec<(String, u32)>,
    group_count: u32,
    names: Vec<Name>,
    disjunctions: u32,
    path: Vec<(u32, u32)>,
}

impl Parser {
    fn new(source: &[u16], flags: Flags) -> Parser {
        let units = if flags.unicode {
            char::decode_utf16(source.iter().copied())
                .map(|unit| unit.map_or_else(|lone| lone.unpaired_surrogate().into(), u32::from))
                .collect()
        } else {
            source.iter().map(|&unit| unit.into()).collect()
        };
        Parser {
            units,
            position: 0,
            flags,
            group_total: 0,
            declared: Vec::new(),
            group_count: 0,
            names: Vec::new(),
            disjunctions: 0,
            path: Vec::new(),
        }
    }

    // ---- units

    pub(crate) fn peek(&self) -> Option<char> {
        self.peek_at(0)
    }

    pub(crate) fn peek_at(&self, ahead: usize) -> Option<char> {
        let unit = *self.units.get(self.position + ahead)?;
        Some(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    pub(crate) fn next_unit(&mut self) -> Option<u32> {
        let unit = *self.units.get(self.position)?;
        self.position += 1;
        Some(unit)
    }

    pub(crate) fn eat(&mut self, expected: char) -> bool {
        let is_there = self.peek() == Some(expected);
        if is_there {
            self.position += 1;
        }
        is_there
    }

    fn eat_all(&mut self, expected: &str) -> bool {
        let is_there = (0..)
            .zip(expected.chars())
            .all(|(ahead, c)| self.peek_at(ahead) == Some(c));
        if is_there {
            self.position += expected.len();
        }
        is_there
    }

    /// What `parse` gives; where it gives nothing, nothing is read.
    fn attempt<T>(&mut self, parse: impl FnOnce(&mut Parser) -> Option<T>) -> Option<T> {
        let start = self.position;
        let parsed = parse(self);
        if parsed.is_none() {
            self.position = start;
        }
        parsed
    }

    /// Counts the groups and gathers their names, which escapes before them depend on.
    fn scan_groups(&mut self) -> (u32, Vec<(String, u32)>) {
        let mut count = 0;
        let mut names = Vec::new();
        let mut in_class = false;
        while let Some(unit) = self.next_unit() {
            match char::from_u32(unit).unwrap_or(' ') {
                '\\' => {
                    self.next_unit();
                }
                '[' => in_class = true,
                ']' => in_class = false,
                '(' if !in_class => {
                    let is_named = self.peek() == Some('?')
                        && self.peek_at(1) == Some('<')
                        && !matches!(self.peek_at(2), Some('=' | '!'));
                    if self.peek() != Some('?') {
                        count += 1;
                    } else if is_named {
                        count += 1;
                        self.position += 2;
                        if let Ok(name) = self.group_name() {
                            names.push((name, count));
                        }
                    }
                }
                _ => {}
            }
        }
        (count, names)
    }

    // ---- terms

    fn disjunction(&mut self) -> Parsed<Node> {
        if self.path.len() >= MOST_NESTED {
            return Err(Error::new("Regular expression too large"));
        }
        self.disjunctions += 1;
        self.path.push((self.disjunctions, 0));
        let mut alternatives = vec![self.alternative()?];
        while self.eat('|') {
            if let Some(innermost) = self.path.last_mut() {
                innermost.1 += 1;
            }
            alternatives.push(self.alternative()?);
        }
        self.path.pop();
        Ok(either(alternatives))
    }

    fn alternative(&mut self) -> Parsed<Node> {
        let mut terms = Vec::new();
        while let Some(next) = self.peek() {
            if next == '|' || next == ')' {
                break;
            }
            match self.term()? {
                Node::Empty => {}
                term => terms.push(term),
            }
        }
        Ok(match terms.len() {
            0 => Node::Empty,
            1 => terms.remove(0),
            _ => Node::Concat(terms),
        })
    }

    fn term(&mut self) -> Parsed<Node> {
        let first_group = self.group_count + 1;
        let unicode = self.flags.unicode;
        let (atom, is_quantifiable) = match self.peek() {
            Some('^') => (
                self.assertion(Assertion::TextStart, Assertion::LineStart),
                false,
            ),
            Some('$') => (
                self.assertion(Assertion::TextEnd, Assertion::LineEnd),
                false,
            ),
            Some('(') => self.group()?,
            Some('.') => {
                self.position += 1;
                let set = if self.flags.dot_all {
                    CharSet::all()
                } else {
                    unicode::line_terminators().complement()
                };
                (Node::Set(Rc::new(set)), true)
            }
            Some('[') => {
                self.position += 1;
                (self.class()?, true)
            }
            Some('\\') if self.eat_all("\\b") => {
                let folds = self.folds_code_points();
                (Node::Assert(Assertion::WordBoundary { folds }), false)
            }
            Some('\\') if self.eat_all("\\B") => {
                let folds = self.folds_code_points();
                (Node::Assert(Assertion::NotWordBoundary { folds }), false)
            }
            Some('\\') => {
                self.position += 1;
                (self.atom_escape()?, true)
            }
            Some('*' | '+' | '?') => return Err(Error::new("Nothing to repeat")),
            Some('{') if unicode => return Err(Error::new("Nothing to repeat")),
            Some('{') if self.attempt(Parser::braces).is_some() => {
                return Err(Error::new("Nothing to repeat"));
            }
            Some('}' | ']') if unicode => return Err(Error::new("Lone quantifier brackets")),
            _ => {
                let unit = self.next_unit().unwrap_or_default();
                (self.character(unit), true)
            }
        };
        if !is_quantifiable {
            return Ok(atom);
        }
        self.quantified(atom, first_group)
    }

    fn assertion(&mut self, of_text: Assertion, of_lines: Assertion) -> Node {
        self.position += 1;
        Node::Assert(if self.flags.multi_line {
            of_lines
        } else {
            of_text
        })
    }

    fn quantified(&mut self, body: Node, first_group: u32) -> Parsed<Node> {
        let (min, max) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => match self.attempt(Parser::braces) {
                Some(bounds) => {
                    // The last unit is read again below.
                    self.position -= 1;
                    bounds
                }
                None if self.flags.unicode => return Err(Error::new("Incomplete quantifier")),
                None => return Ok(body),
            },
            _ => return Ok(body),
        };
        self.position += 1;
        let greedy = !self.eat('?');
        if max.is_some_and(|max| max < min) {
            return Err(Error::new("numbers out of order in {} quantifier"));
        }
        Ok(Node::Repeat(Box::new(Repeat {
            body,
            min,
            max,
            greedy,
            groups: (first_group, self.group_count + 1),
        })))
    }

    /// `{2}`, `{2,}`, `{2,3}`.
    fn braces(&mut self) -> Option<(u32, Option<u32>)> {
        if !self.eat('{') {
            return None;
        }
        let min = self.decimal()?;
        let max = if self.eat(',') {
            match self.peek()? {
                '}' => None,
                _ => Some(self.decimal()?),
            }
        } else {
            Some(min)
        };
        self.eat('}')
            .then_some((min, max.filter(|&max| max < u32::MAX)))
    }

    /// A decimal number; too large ones are the largest.
    fn decimal(&mut self) -> Option<u32> {
        let mut number: Option<u32> = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            self.position += 1;
            number = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(digit));
        }
        number
    }

    /// A group or look-around, and whether it may be repeated.
    fn group(&mut self) -> Parsed<(Node, bool)> {
        self.position += 1;
        let look = |behind, negative| Some((behind, negative));
        let look = if self.eat_all("?=") {
            look(false, false)
        } else if self.eat_all("?!") {
            look(false, true)
        } else if self.eat_all("?<=") {
            look(true, false)
        } else if self.eat_all("?<!") {
            look(true, true)
        } else {
            None
        };
        if let Some((behind, negative)) = look {
            let body = self.group_body()?;
            let is_quantifiable = !behind && !self.flags.unicode;
            let look = Node::Look(Box::new(Look {
                body,
                behind,
                negative,
            }));
            return Ok((look, is_quantifiable));
        }
        if self.eat_all("?:") {
            return Ok((self.group_body()?, true));
        }
        if self.peek() == Some('?') && matches!(self.peek_at(1), Some('i' | 'm' | 's' | '-')) {
            self.position += 1;
            return Ok((self.modified()?, true));
        }
        let is_named = self.eat_all("?<");
        if !is_named && self.peek() == Some('?') {
            return Err(Error::new("Invalid group"));
        }
        self.group_count += 1;
        let number = self.group_count;
        if number > MOST_GROUPS {
            return Err(Error::new("Too many captures"));
        }
        if is_named {
            self.declare(number)?;
        }
        Ok((Node::Group(number, Box::new(self.group_body()?)), true))
    }

    /// A group with flags of its own, behind its `(?`: `i`, `m` and `s`, those behind a dash taken away.
    fn modified(&mut self) -> Parsed<Node> {
        let outside = self.flags;
        let mut inside = outside;
        let mut named = Vec::new();
        let mut adds = true;
        loop {
            let Some(letter) = self.next_unit().and_then(char::from_u32) else {
                return Err(Error::new("Invalid flag group"));
            };
            let flag = match letter {
                'i' => &mut inside.ignore_case,
                'm' => &mut inside.multi_line,
                's' => &mut inside.dot_all,
                '-' if adds => {
                    adds = false;
                    continue;
                }
                '-' => return Err(Error::new("Multiple dashes in flag group")),
                ':' if !named.is_empty() => break,
                _ => return Err(Error::new("Invalid flag group")),
            };
            if named.contains(&letter) {
                return Err(Error::new("Repeated flag in flag group"));
            }
            *flag = adds;
            named.push(letter);
        }
        self.flags = inside;
        let body = self.group_body();
        self.flags = outside;
        body
    }

    fn declare(&mut self, group: u32) -> Parsed<()> {
        let text = self.group_name()?;
        let mut same = self.names.iter().filter(|name| name.text == text);
        if same.any(|name| name.meets(&self.path)) {
            return Err(Error::new("Duplicate capture group name"));
        }
        self.names.push(Name {
            text,
            group,
            path: self.path.clone(),
        });
        Ok(())
    }

    fn group_body(&mut self) -> Parsed<Node> {
        let body = self.disjunction()?;
        if !self.eat(')') {
            return Err(Error::new("Unterminated group"));
        }
        Ok(body)
    }

    /// A group's name and the `>` after it.
    fn group_name(&mut self) -> Parsed<String> {
        let invalid = || Error::new("Invalid capture group name");
        let mut name = String::new();
        loop {
            let mut unit = self.next_unit().ok_or_else(invalid)?;
            if unit == u32::from('>') && !name.is_empty() {
                return Ok(name);
            }
            if unit == u32::from('\\') {
                if !self.eat('u') {
                    return Err(Error::new("Invalid Unicode escape"));
                }
                unit = self
                    .unicode_escape(true)
                    .ok_or_else(|| Error::new("Invalid Unicode escape"))?;
            } else if is_lead(unit)
                && self
                    .units
                    .get(self.position)
                    .is_some_and(|&next| is_trail(next))
            {
                unit = pair(unit, self.next_unit().unwrap_or_default());
            }
            let is_allowed = if name.is_empty() {
                unicode::is_name_start(unit)
            } else {
                unicode::is_name_part(unit)
            };
            match char::from_u32(unit) {
                Some(character) if is_allowed => name.push(character),
                _ => return Err(invalid()),
            }
        }
    }

    /// A character of the pattern: itself, or all that are the same where case is ignored.
    pub(crate) fn character(&self, character: u32) -> Node {
        let set = self.closed(CharSet::one(character));
        match set.only() {
            Some(character) => Node::Char(character),
            None => Node::Set(Rc::new(set)),
        }
    }

    /// The set as it matches: with what is the same where case is ignored.
    pub(crate) fn closed(&self, set: CharSet) -> CharSet {
        match self.flags.folding() {
            Some(folding) => unicode::closed_over_case(&set, folding),
            None => set,
        }
    }

    // ---- escapes

    fn atom_escape(&mut self) -> Parsed<Node> {
        let Some(next) = self.peek() else {
            return Err(Error::new("\\ at end of pattern"));
        };
        match next {
            '1'..='9' => {
                let reference = self.attempt(|parser| {
                    let number = parser.decimal()?;
                    (parser.flags.unicode || number <= parser.group_total).then_some(number)
                });
                match reference {
                    Some(group) if group <= self.group_total => {
                        return Ok(self.reference(vec![group]));
                    }
                    Some(_) => return Err(Error::new("Invalid escape")),
                    None => {}
                }
            }
            'k' if self.flags.unicode || !self.declared.is_empty() => {
                self.position += 1;
                return self.named_reference();
            }
            _ => {}
        }
        if let Some(set) = self.class_escape()? {
            return Ok(Node::Set(Rc::new(set)));
        }
        let character = self.character_escape(false)?;
        Ok(self.character(character))
    }

    fn named_reference(&mut self) -> Parsed<Node> {
        if !self.eat('<') {
            return Err(Error::new("Invalid named reference"));
        }
        let name = self
            .group_name()
            .map_err(|_| Error::new("Invalid named reference"))?;
        let same = self.declared.iter().filter(|declared| declared.0 == name);
        let groups: Vec<u32> = same.map(|declared| declared.1).collect();
        if groups.is_empty() {
            return Err(Error::new("Invalid named capture referenced"));
        }
        Ok(self.reference(groups))
    }

    fn reference(&self, groups: Vec<u32>) -> Node {
        let folding = self.flags.folding();
        Node::BackReference(Reference { groups, folding })
    }

    fn folds_code_points(&self) -> bool {
        self.flags.folding() == Some(Folding::CodePoints)
    }

    /// `\d` and the like, behind the backslash.
    pub(crate) fn class_escape(&mut self) -> Parsed<Option<CharSet>> {
        let Some(next) = self.peek() else {
            return Ok(None);
        };
        let set = match next.to_ascii_lowercase() {
            'd' => unicode::digits(),
            's' => unicode::spaces(),
            'w' => unicode::word_characters(self.folds_code_points()),
            'p' if self.flags.unicode => {
                self.position += 1;
                let set = self
                    .property()
                    .ok_or_else(|| Error::new("Invalid property name"))?;
                let set = if next == 'P' { set.complement() } else { set };
                return Ok(Some(self.closed(set)));
            }
            _ => return Ok(None),
        };
        self.position += 1;
        Ok(Some(if next.is_ascii_uppercase() {
            set.complement()
        } else {
            set
        }))
    }

    /// `{name}` or `{name=value}`.
    fn property(&mut self) -> Option<CharSet> {
        if !self.eat('{') {
            return None;
        }
        let mut text = String::new();
        while !self.eat('}') {
            text.push(char::from_u32(self.next_unit()?)?);
        }
        match text.split_once('=') {
            Some((name, value)) => unicode::property(name, Some(value)),
            None => unicode::property(&text, None),
        }
    }

    /// The character of an escape, behind the backslash.
    pub(crate) fn character_escape(&mut self, in_class: bool) -> Parsed<u32> {
        let unicode = self.flags.unicode;
        let Some(unit) = self.next_unit() else {
            return Err(Error::new("\\ at end of pattern"));
        };
        let known = char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
        Ok(match known {
            't' => 0x09,
            'n' => 0x0A,
            'v' => 0x0B,
            'f' => 0x0C,
            'r' => 0x0D,
            'b' if in_class => 0x08,
            '-' if in_class && unicode => unit,
            'c' => return self.control(in_class),
            '0' if !self.peek().is_some_and(|c| c.is_ascii_digit()) => 0,
            '0'..='7' if !unicode => self.octal(unit - 0x30),
            '0'..='9' if unicode => {
                return Err(Error::new(if in_class {
                    "Invalid class escape"
                } else {
                    "Invalid decimal escape"
                }));
            }
            'x' => match self.attempt(|parser| parser.hexadecimal(2)) {
                Some(character) => character,
                None if unicode => return Err(Error::new("Invalid escape")),
                None => unit,
            },
            'u' => match self.unicode_escape(unicode) {
                Some(character) => character,
                None if unicode => return Err(Error::new("Invalid Unicode escape")),
                None => unit,
            },
            'k' if !unicode && !self.declared.is_empty() => {
                return Err(Error::new("Invalid escape"));
            }
            '^' | '$' | '\\' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|'
            | '/' => unit,
            _ if unicode => return Err(Error::new("Invalid escape")),
            _ => unit,
        })
    }

    /// Behind `\c`: a control character. A `c` without one is a backslash, and the `c` is read again.
    fn control(&mut self, in_class: bool) -> Parsed<u32> {
        let is_control = self.peek().is_some_and(|c| {
            c.is_ascii_alphabetic()
                || in_class && !self.flags.unicode && (c.is_ascii_digit() || c == '_')
        });
        if is_control {
            return Ok(self.next_unit().unwrap_or_default() & 0x1F);
        }
        if self.flags.unicode {
            return Err(Error::new("Invalid Unicode escape"));
        }
        self.position -= 1;
        Ok(u32::from('\\'))
    }

    /// An octal escape up to `\377`, behind its first digit.
    fn octal(&mut self, first: u32) -> u32 {
        let mut number = first;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) {
            if number * 8 + digit > 0xFF {
                break;
            }
            number = number * 8 + digit;
            self.position += 1;
        }
        number
    }

    fn hexadecimal(&mut self, digits: usize) -> Option<u32> {
        let mut number = 0;
        for _ in 0..digits {
            number = number * 16 + self.peek()?.to_digit(16)?;
            self.position += 1;
        }
        Some(number)
    }

    /// Behind `\u`: four digits, two such escapes that are a pair, or digits in braces.
    fn unicode_escape(&mut self, unicode: bool) -> Option<u32> {
        self.attempt(|parser| {
            if unicode && parser.eat('{') {
                let mut number: Option<u32> = None;
                while !parser.eat('}') {
                    let digit = parser.peek()?.to_digit(16)?;
                    parser.position += 1;
                    number = Some(number.unwrap_or(0) * 16 + digit);
                    number.filter(|&number| number <= crate::charset::MAX)?;
                }
                return number;
            }
            let first = parser.hexadecimal(4)?;
            if !unicode || !is_lead(first) {
                return Some(first);
            }
            let trail = parser.attempt(|parser| {
                let is_escape = parser.eat('\\') && parser.eat('u');
                let trail = is_escape.then(|| parser.hexadecimal(4))??;
                is_trail(trail).then_some(trail)
            });
            Some(trail.map_or(first, |trail| pair(first, trail)))
        })
    }
}

/// One of several alternatives. Where all are single characters, that is a set.
fn either(alternatives: Vec<Node>) -> Node {
    let mut set = CharSet::empty();
    for alternative in &alternatives {
        match alternative {
            _ if alternatives.len() == 1 => break,
            Node::Char(character) => set.add(&CharSet::one(*character)),
            Node::Set(members) => set.add(members),
            _ => {
                set = CharSet::empty();
                break;
            }
        }
    }
    if !set.is_empty() {
        return Node::Set(Rc::new(set));
    }
    let mut alternatives = alternatives;
    match alternatives.len() {
        1 => alternatives.remove(0),
        _ => Node::Alternatives(alternatives),
    }
}

fn is_lead(unit: u32) -> bool {
    (0xD800..0xDC00).contains(&unit)
}

fn is_trail(unit: u32) -> bool {
    (0xDC00..0xE000).contains(&unit)
}

fn pair(lead: u32, trail: u32) -> u32 {
    0x10000 + ((lead & 0x3FF) << 10) + (trail & 0x3FF)
}
