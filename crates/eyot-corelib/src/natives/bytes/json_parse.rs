//! JSON text to values, in steps.
//!
//! Each step handles a stretch of text and returns, so that the isolate can be preempted in between; what is open then is handed
//! over in a list. Anything wrong with the text ends the native way: Dart's own parser finds out again what it is.
//!
//! Keys and values that are complete wait on a stack of roots until their container ends: then it is made at once, in the size that it
//! needs. Where there are many, and at a step's end, they go into a container that grows.

use eyot_bytecode::well_known::class;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult, Raised, Root};
use eyot_runtime::object::{Header, ObjRef, StringView, slot, string_view};
use eyot_runtime::program::types::TypeArguments;
use eyot_runtime::value::Value;

use super::super::hash_table;
use super::json_text::{Unit, number_value};
use crate::natives::support::Number;

/// Code units of a step; a little more if a value ends behind.
const STEP_UNITS: usize = 32 << 10;
/// Code units that count as much as a call of a function: a step is what a program may do between two looks at the clock.
const UNITS_PER_FUEL: usize = 4;
/// Keys and values of one container that wait on the stack.
const WAITING_MAX: usize = 64;

/// What the text has come to, in the low bits of a step's code.
const BEFORE_VALUE: i64 = 0;
const AFTER_VALUE: i64 = 1;
const FINISHED: i64 = 2;
const WRONG: i64 = 3;

/// A code unit of which strings are made.
trait Text: Unit {
    fn new_string(cx: &mut NativeCall<'_>, units: &[Self]) -> Result<Value, Raised>;
}

impl Text for u8 {
    fn new_string(cx: &mut NativeCall<'_>, units: &[u8]) -> Result<Value, Raised> {
        cx.new_string_latin1(units)
    }
}

impl Text for u16 {
    fn new_string(cx: &mut NativeCall<'_>, units: &[u16]) -> Result<Value, Raised> {
        cx.new_string_units(units)
    }
}

/// Why a step stops early.
enum Stop {
    /// The text is no JSON.
    Wrong,
    /// No memory.
    Raised(Raised),
}

impl From<Raised> for Stop {
    fn from(raised: Raised) -> Stop {
        Stop::Raised(raised)
    }
}

/// An open container.
#[derive(Clone, Copy)]
struct Level {
    /// The container, once there is one.
    container: Root,
    is_made: bool,
    is_map: bool,
    /// Where its keys and values begin on the stack.
    first: usize,
}

/// Keys come again and again; one string object serves.
const CACHED_KEYS: usize = 64;

struct Parser<'t, U> {
    units: &'t [U],
    at: usize,
    /// Open containers; entries above the depth are kept for their roots.
    levels: Vec<Level>,
    depth: usize,
    /// Values that wait, and roots for more; in a map each behind its key.
    stack: Vec<Root>,
    top: usize,
    scratch: Root,
    map_targs: TypeArguments,
    list_targs: TypeArguments,
    keys: Vec<Option<(&'t [U], Root)>>,
}

impl<'t, U: Text> Parser<'t, U> {
    fn peek(&self) -> u32 {
        self.units.get(self.at).map_or(0, |&unit| unit.into())
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), 0x20 | 0x09 | 0x0a | 0x0d) && self.at < self.units.len() {
            self.at += 1;
        }
    }

    /// The open container.
    fn innermost(&self) -> Option<Level> {
        self.levels.get(self.depth.checked_sub(1)?).copied()
    }

    fn enter(&mut self, cx: &mut NativeCall<'_>, container: Option<Value>, is_map: bool) {
        let value = container.unwrap_or(Value::NULL);
        let root = match self.levels.get(self.depth) {
            Some(level) => {
                cx.set(level.container, value);
                level.container
            }
            None => cx.root(value),
        };
        let level = Level {
            container: root,
            is_made: container.is_some(),
            is_map,
            first: self.top,
        };
        match self.levels.get_mut(self.depth) {
            Some(place) => *place = level,
            None => self.levels.push(level),
        }
        self.depth += 1;
    }

    fn push(&mut self, cx: &mut NativeCall<'_>, value: Value) {
        match self.stack.get(self.top) {
            Some(&root) => cx.set(root, value),
            None => self.stack.push(cx.root(value)),
        }
        self.top += 1;
    }

    /// Goes on until the text, or the stretch, ends. What it has come to then.
    fn run(&mut self, cx: &mut NativeCall<'_>, mut state: i64) -> Result<i64, Stop> {
        let limit = self.at + STEP_UNITS;
        loop {
            if state == BEFORE_VALUE && !self.read_value(cx)? {
                continue;
            }
            match self.follow_value(cx)? {
                FINISHED => return Ok(FINISHED),
                next if self.at >= limit => return Ok(next),
                next => state = next,
            }
        }
    }

    /// Reads a value, or the opening of a container that is not empty: then false.
    fn read_value(&mut self, cx: &mut NativeCall<'_>) -> Result<bool, Stop> {
        self.skip_space();
        let value = match self.peek() {
            0x22 => {
                self.at += 1;
                self.string(cx)?
            }
            0x7b => {
                self.at += 1;
                self.skip_space();
                if self.peek() != 0x7d {
                    self.enter(cx, None, true);
                    self.read_key(cx)?;
                    return Ok(false);
                }
                self.at += 1;
                cx.new_instance(class::MAP, self.map_targs)?
            }
            0x5b => {
                self.at += 1;
                self.skip_space();
                if self.peek() != 0x5d {
                    self.enter(cx, None, false);
                    return Ok(false);
                }
                self.at += 1;
                cx.new_growable(self.list_targs, 0)?
            }
            0x2d | 0x30..=0x39 => self.number(cx)?,
            0x74 => self.word(b"true", Value::TRUE)?,
            0x66 => self.word(b"false", Value::FALSE)?,
            0x6e => self.word(b"null", Value::NULL)?,
            _ => return Err(Stop::Wrong),
        };
        self.push(cx, value);
        Ok(true)
    }

    /// Reads what follows the value on top of the stack.
    fn follow_value(&mut self, cx: &mut NativeCall<'_>) -> Result<i64, Stop> {
        self.skip_space();
        let Some(level) = self.innermost() else {
            let is_end = self.at >= self.units.len();
            return if is_end {
                Ok(FINISHED)
            } else {
                Err(Stop::Wrong)
            };
        };
        let unit = self.peek();
        self.at += 1;
        match (unit, level.is_map) {
            (0x2c, is_map) => {
                if self.top - level.first >= WAITING_MAX {
                    self.settle(cx, self.depth - 1, self.top)?;
                    self.top = level.first;
                }
                if is_map {
                    self.skip_space();
                    self.read_key(cx)?;
                }
                Ok(BEFORE_VALUE)
            }
            (0x5d, false) | (0x7d, true) => {
                self.close(cx, level)?;
                Ok(AFTER_VALUE)
            }
            _ => Err(Stop::Wrong),
        }
    }

    /// Makes the innermost container the value on top of the stack.
    fn close(&mut self, cx: &mut NativeCall<'_>, level: Level) -> Result<(), Stop> {
        let container = if level.is_made {
            self.append(cx, level, self.top)?;
            cx.get(level.container)
        } else {
            self.make(cx, level, self.top)?
        };
        self.depth -= 1;
        self.top = level.first;
        self.push(cx, container);
        Ok(())
    }

    /// The container of a level with what waits for it below `end`.
    fn make(&mut self, cx: &mut NativeCall<'_>, level: Level, end: usize) -> Result<Value, Raised> {
        let waiting = self.stack.get(level.first..end).unwrap_or_default();
        if level.is_map {
            hash_table::new_map(cx, self.map_targs, waiting, [level.container, self.scratch])
        } else {
            cx.new_growable_of(self.list_targs, waiting)
        }
    }

    /// Puts what waits for the container of a level, below `end` on the stack, into it.
    fn settle(&mut self, cx: &mut NativeCall<'_>, index: usize, end: usize) -> Result<(), Raised> {
        let Some(&level) = self.levels.get(index) else {
            return Ok(());
        };
        if level.is_made {
            return self.append(cx, level, end);
        }
        let made = self.make(cx, level, end)?;
        cx.set(level.container, made);
        if let Some(level) = self.levels.get_mut(index) {
            level.is_made = true;
        }
        Ok(())
    }

    fn append(&mut self, cx: &mut NativeCall<'_>, level: Level, end: usize) -> Result<(), Raised> {
        let waiting = self.stack.get(level.first..end).unwrap_or_default();
        if !level.is_map {
            for &value in waiting {
                cx.list_add(level.container, value)?;
            }
            return Ok(());
        }
        for pair in waiting.chunks_exact(2) {
            for (slot, &root) in [level.container, pair[0], pair[1]].iter().enumerate() {
                let value = cx.get(root);
                cx.set_arg(slot, value);
            }
            hash_table::put(cx)?;
        }
        Ok(())
    }

    fn read_key(&mut self, cx: &mut NativeCall<'_>) -> Result<(), Stop> {
        if self.peek() != 0x22 {
            return Err(Stop::Wrong);
        }
        self.at += 1;
        let key = self.key(cx)?;
        self.push(cx, key);
        self.skip_space();
        if self.peek() != 0x3a {
            return Err(Stop::Wrong);
        }
        self.at += 1;
        Ok(())
    }

    /// As [`Parser::string`], with the strings of plain keys kept.
    fn key(&mut self, cx: &mut NativeCall<'_>) -> Result<Value, Stop> {
        let Some(units) = self.plain_string() else {
            return self.string(cx);
        };
        let unit = |index: usize| units.get(index).map_or(0, |&unit| unit.into());
        let mixed = unit(0)
            ^ unit(units.len() / 2).wrapping_mul(5)
            ^ unit(units.len().wrapping_sub(1)).wrapping_mul(3)
            ^ units.len() as u32;
        let place = mixed as usize % CACHED_KEYS;
        let kept = match self.keys[place] {
            Some((known, root)) if known == units => return Ok(cx.get(root)),
            Some((_, root)) => Some(root),
            None => None,
        };
        let string = U::new_string(cx, units)?;
        let root = match kept {
            Some(root) => {
                cx.set(root, string);
                root
            }
            None => cx.root(string),
        };
        self.keys[place] = Some((units, root));
        Ok(string)
    }

    /// The units up to the closing quote, and goes behind it, if all are plain; else stays.
    fn plain_string(&mut self) -> Option<&'t [U]> {
        let rest = self.units.get(self.at..)?;
        let length = U::plain_length(rest);
        if rest.get(length).copied().map(U::into) != Some(0x22) {
            return None;
        }
        self.at += length + 1;
        rest.get(..length)
    }

    /// A string whose opening quote has been read.
    fn string(&mut self, cx: &mut NativeCall<'_>) -> Result<Value, Stop> {
        if let Some(units) = self.plain_string() {
            return Ok(U::new_string(cx, units)?);
        }
        let mut units = Vec::new();
        loop {
            let rest = self.units.get(self.at..).unwrap_or_default();
            let plain = rest.get(..U::plain_length(rest)).unwrap_or_default();
            units.extend(plain.iter().map(|&unit| unit.into() as u16));
            self.at += plain.len();
            let unit = self.peek();
            self.at += 1;
            match unit {
                0x22 => return Ok(cx.new_string_units(&units)?),
                0x5c => units.push(self.escape()?),
                // The end of the text, or what must not stand in a string.
                _ => return Err(Stop::Wrong),
            }
        }
    }

    /// What the escape behind a backslash stands for.
    fn escape(&mut self) -> Result<u16, Stop> {
        let unit = self.peek();
        self.at += 1;
        Ok(match unit {
            0x22 | 0x2f | 0x5c => unit as u16,
            0x62 => 0x08,
            0x66 => 0x0c,
            0x6e => 0x0a,
            0x72 => 0x0d,
            0x74 => 0x09,
            0x75 => {
                let mut value = 0;
                for _ in 0..4 {
                    let digit = char::from_u32(self.peek()).and_then(|digit| digit.to_digit(16));
                    value = value << 4 | digit.ok_or(Stop::Wrong)? as u16;
                    self.at += 1;
                }
                value
            }
            _ => return Err(Stop::Wrong),
        })
    }

    fn number(&mut self, cx: &mut NativeCall<'_>) -> Result<Value, Stop> {
        let rest = self.units.get(self.at..).unwrap_or_default();
        let (number, length) = number_value(rest).ok_or(Stop::Wrong)?;
        self.at += length;
        Ok(match number {
            Number::Int(value) => cx.new_int(value)?,
            Number::Double(value) => cx.new_double(value)?,
        })
    }

    fn word(&mut self, word: &[u8], value: Value) -> Result<Value, Stop> {
        let units = self.units.get(self.at..self.at + word.len());
        let is_same = units.is_some_and(|units| {
            let pairs = units.iter().zip(word);
            pairs
                .into_iter()
                .all(|(&unit, &byte)| unit.into() == u32::from(byte))
        });
        if !is_same {
            return Err(Stop::Wrong);
        }
        self.at += word.len();
        Ok(value)
    }
}

/// The vector of the empty map or list in an argument; both have it in the same word.
fn targs_of(cx: &NativeCall<'_>, index: usize) -> TypeArguments {
    TypeArguments(cx.field_raw(cx.arg(index), slot::LIST_TARGS) as u32)
}

/// `List<Object?> _jsonStep(String text, List<Object?> open, Object emptyMap, Object emptyList)`
fn json_step(cx: &mut NativeCall<'_>) -> NativeResult {
    let text = cx.arg(0);
    let Some(object) = ObjRef::of(text) else {
        return cx.throw_argument_message("not a string");
    };
    // SAFETY: a live object. Units in a blob never move and never change, and the root below holds the string; others are
    // copied, and are few.
    let (view, is_outside) = unsafe { (string_view(text), object.header().has(Header::EXTERNAL)) };
    cx.root(text);
    match view {
        Some(StringView::OneByte(units)) if is_outside => step(cx, units),
        Some(StringView::TwoByte(units)) if is_outside => step(cx, units),
        Some(StringView::OneByte(units)) => {
            let copy: Box<[u8]> = units.into();
            step(cx, &copy)
        }
        Some(StringView::TwoByte(units)) => {
            let copy: Box<[u16]> = units.into();
            step(cx, &copy)
        }
        None => cx.throw_argument_message("not a string"),
    }
}

fn step<U: Text>(cx: &mut NativeCall<'_>, units: &[U]) -> NativeResult {
    let open: Vec<Value> = cx.elements(cx.arg(1)).unwrap_or_default().to_vec();
    let code = open.first().map_or(0, |code| code.as_smi());
    let mut parser = Parser {
        units,
        at: usize::try_from(code >> 2).unwrap_or(0),
        levels: Vec::new(),
        depth: 0,
        stack: Vec::new(),
        top: 0,
        scratch: cx.root(Value::NULL),
        map_targs: targs_of(cx, 2),
        list_targs: targs_of(cx, 3),
        keys: vec![None; CACHED_KEYS],
    };
    for pair in open.get(2..).unwrap_or_default().chunks_exact(2) {
        let is_map = cx.class_of(pair[0]) == class::MAP;
        parser.enter(cx, Some(pair[0]), is_map);
        if is_map {
            parser.push(cx, pair[1]);
        }
    }
    let state = code & 3;
    if state == AFTER_VALUE {
        parser.push(cx, open.get(1).copied().unwrap_or(Value::NULL));
    }
    let began = parser.at;
    let ran = parser.run(cx, state);
    cx.spend((parser.at.saturating_sub(began) / UNITS_PER_FUEL) as i64);
    let state = match ran {
        Ok(state) => state,
        Err(Stop::Wrong) => WRONG,
        Err(Stop::Raised(raised)) => return Err(raised),
    };
    hand_over(cx, &mut parser, state)
}

/// The list for the next step: code, value, then container and key of each level.
fn hand_over<U: Text>(
    cx: &mut NativeCall<'_>,
    parser: &mut Parser<'_, U>,
    state: i64,
) -> NativeResult {
    if state == WRONG {
        let list = cx.new_list(TypeArguments::EMPTY, 1)?;
        cx.list_set(list, 0, Value::smi(WRONG).unwrap_or(Value::NULL));
        return cx.ret(list);
    }
    let has_value = state != BEFORE_VALUE;
    let value_index = parser.top.saturating_sub(has_value.into());
    let depth = parser.depth;
    // Where what waits for a level ends, the next one begins.
    let begins = parser.levels.iter().take(depth).map(|level| level.first);
    let mut ends: Vec<usize> = begins.skip(1).collect();
    ends.push(value_index);
    let mut keys = Vec::with_capacity(depth);
    for (index, &end) in ends.iter().enumerate().take(depth) {
        let is_map = parser.levels.get(index).is_some_and(|level| level.is_map);
        let key_index = end.saturating_sub(1);
        keys.push(parser.stack.get(key_index).copied().filter(|_| is_map));
        parser.settle(cx, index, if is_map { key_index } else { end })?;
    }
    let list = cx.new_list(TypeArguments::EMPTY, 2 + 2 * depth)?;
    let code = (parser.at as i64) << 2 | state;
    cx.list_set(list, 0, Value::smi(code).unwrap_or(Value::NULL));
    if has_value && let Some(&value) = parser.stack.get(value_index) {
        let value = cx.get(value);
        cx.list_set(list, 1, value);
    }
    for (index, (level, key)) in parser.levels.iter().zip(keys).enumerate() {
        let container = cx.get(level.container);
        cx.list_set(list, 2 + 2 * index, container);
        if let Some(key) = key {
            let key = cx.get(key);
            cx.list_set(list, 3 + 2 * index, key);
        }
    }
    cx.ret(list)
}

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[("convert/_jsonStep", json_step)];
