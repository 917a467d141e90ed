//! JSON text to values, in steps.
//!
//! Each step handles a stretch of text and returns, so that the isolate can be preempted in between; what is open then is handed
//! over in a list. Anything wrong with the text ends the native way: Dart's own parser finds out again what it is.
//!
//! The values under construction are in roots: one pair of roots for each level of nesting, reused when a level is entered again.

use eyot_bytecode::well_known::class;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult, Raised, Root};
use eyot_runtime::object::{Header, ObjRef, StringView, slot, string_view};
use eyot_runtime::program::types::TypeArguments;
use eyot_runtime::value::Value;

use super::super::hash_table;
use super::json::end_of_number;

/// Code units of a step; a little more if a value ends behind.
const STEP_UNITS: usize = 48 << 10;

/// What the text has come to, in the low bits of a step's code.
const BEFORE_VALUE: i64 = 0;
const AFTER_VALUE: i64 = 1;
const FINISHED: i64 = 2;
const WRONG: i64 = 3;

/// A code unit of either width.
trait Unit: Copy + Eq + Into<u32> {
    fn new_string(cx: &mut NativeCall<'_>, units: &[Self]) -> Result<Value, Raised>;
}

impl Unit for u8 {
    fn new_string(cx: &mut NativeCall<'_>, units: &[u8]) -> Result<Value, Raised> {
        cx.new_string_latin1(units)
    }
}

impl Unit for u16 {
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
    container: Root,
    /// Where the next value goes, in a map.
    key: Root,
    is_map: bool,
}

/// Keys come again and again; one string object serves.
const CACHED_KEYS: usize = 64;

struct Parser<'t, U> {
    units: &'t [U],
    at: usize,
    levels: Vec<Level>,
    depth: usize,
    /// The value that was just completed.
    value: Root,
    map_targs: TypeArguments,
    list_targs: TypeArguments,
    keys: Vec<Option<(&'t [U], Root)>>,
}

impl<'t, U: Unit> Parser<'t, U> {
    fn peek(&self) -> u32 {
        self.units.get(self.at).map_or(0, |&unit| unit.into())
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), 0x20 | 0x09 | 0x0a | 0x0d) && self.at < self.units.len() {
            self.at += 1;
        }
    }

    /// The open container.
    fn top(&self) -> Option<Level> {
        self.levels.get(self.depth.checked_sub(1)?).copied()
    }

    fn enter(&mut self, cx: &mut NativeCall<'_>, container: Value, is_map: bool) {
        match self.levels.get_mut(self.depth) {
            Some(level) => {
                level.is_map = is_map;
                cx.set(level.container, container);
            }
            None => self.levels.push(Level {
                container: cx.root(container),
                key: cx.root(Value::NULL),
                is_map,
            }),
        }
        self.depth += 1;
    }

    /// Goes on until the text, or the stretch, ends. `AFTER_VALUE` or `FINISHED`.
    fn run(&mut self, cx: &mut NativeCall<'_>, mut state: i64) -> Result<i64, Stop> {
        let limit = self.at + STEP_UNITS;
        loop {
            if state == BEFORE_VALUE && !self.read_value(cx)? {
                continue;
            }
            match self.put_value(cx)? {
                FINISHED => return Ok(FINISHED),
                AFTER_VALUE if self.at >= limit => return Ok(AFTER_VALUE),
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
                let map = cx.new_instance(class::MAP, self.map_targs)?;
                self.skip_space();
                if self.peek() != 0x7d {
                    self.enter(cx, map, true);
                    self.read_key(cx)?;
                    return Ok(false);
                }
                self.at += 1;
                map
            }
            0x5b => {
                self.at += 1;
                let list = cx.new_growable(self.list_targs, 0)?;
                self.skip_space();
                if self.peek() != 0x5d {
                    self.enter(cx, list, false);
                    return Ok(false);
                }
                self.at += 1;
                list
            }
            0x2d | 0x30..=0x39 => self.number(cx)?,
            0x74 => self.word(b"true", Value::TRUE)?,
            0x66 => self.word(b"false", Value::FALSE)?,
            0x6e => self.word(b"null", Value::NULL)?,
            _ => return Err(Stop::Wrong),
        };
        cx.set(self.value, value);
        Ok(true)
    }

    /// Puts the completed value where it belongs and reads what follows it.
    fn put_value(&mut self, cx: &mut NativeCall<'_>) -> Result<i64, Stop> {
        let Some(level) = self.top() else {
            self.skip_space();
            let is_end = self.at >= self.units.len();
            return if is_end {
                Ok(FINISHED)
            } else {
                Err(Stop::Wrong)
            };
        };
        if level.is_map {
            for (slot, root) in [level.container, level.key, self.value]
                .into_iter()
                .enumerate()
            {
                let value = cx.get(root);
                cx.set_arg(slot, value);
            }
            hash_table::put(cx)?;
        } else {
            cx.list_add(level.container, self.value)?;
        }
        self.skip_space();
        let unit = self.peek();
        self.at += 1;
        match (unit, level.is_map) {
            (0x2c, false) => Ok(BEFORE_VALUE),
            (0x2c, true) => {
                self.skip_space();
                self.read_key(cx)?;
                Ok(BEFORE_VALUE)
            }
            (0x5d, false) | (0x7d, true) => {
                let closed = cx.get(level.container);
                cx.set(self.value, closed);
                self.depth -= 1;
                Ok(AFTER_VALUE)
            }
            _ => Err(Stop::Wrong),
        }
    }

    fn read_key(&mut self, cx: &mut NativeCall<'_>) -> Result<(), Stop> {
        if self.peek() != 0x22 {
            return Err(Stop::Wrong);
        }
        self.at += 1;
        let key = self.key(cx)?;
        if let Some(level) = self.top() {
            cx.set(level.key, key);
        }
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
        let length = rest
            .iter()
            .position(|&unit| matches!(unit.into(), 0x22 | 0x5c | 0..0x20))?;
        if rest[length].into() != 0x22 {
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
            let unit = self.peek();
            if self.at >= self.units.len() || unit < 0x20 {
                return Err(Stop::Wrong);
            }
            self.at += 1;
            match unit {
                0x22 => return Ok(cx.new_string_units(&units)?),
                0x5c => units.push(self.escape()?),
                unit => units.push(unit as u16),
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
        let unit = |at: usize| self.units.get(at).map_or(0, |&unit| unit.into());
        let end = end_of_number(unit, self.at).map_err(|_| Stop::Wrong)?;
        let units = &self.units[self.at..end];
        self.at = end;
        if let Some(value) = small_int(units) {
            return Ok(cx.new_int(value)?);
        }
        let text: String = units
            .iter()
            .map(|&unit| char::from(unit.into() as u8))
            .collect();
        // `-0` is the double: an int has no sign of zero.
        match text.parse::<i64>() {
            Ok(value) if text != "-0" => Ok(cx.new_int(value)?),
            _ => Ok(cx.new_double(text.parse().unwrap_or(0.0))?),
        }
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

/// The value of up to 18 digits and nothing else, `-0` apart.
fn small_int<U: Unit>(units: &[U]) -> Option<i64> {
    let (sign, digits) = match units {
        [sign, digits @ ..] if (*sign).into() == 0x2d => (-1, digits),
        digits => (1, digits),
    };
    if digits.len() > 18 {
        return None;
    }
    let mut value = 0_i64;
    for &digit in digits {
        let digit = digit.into().wrapping_sub(0x30);
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    (value != 0 || sign == 1).then_some(sign * value)
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

fn step<U: Unit>(cx: &mut NativeCall<'_>, units: &[U]) -> NativeResult {
    let open: Vec<Value> = cx.elements(cx.arg(1)).unwrap_or_default().to_vec();
    let code = open.first().map_or(0, |code| code.as_smi());
    let mut parser = Parser {
        units,
        at: usize::try_from(code >> 2).unwrap_or(0),
        levels: Vec::new(),
        depth: 0,
        value: cx.root(open.get(1).copied().unwrap_or(Value::NULL)),
        map_targs: targs_of(cx, 2),
        list_targs: targs_of(cx, 3),
        keys: vec![None; CACHED_KEYS],
    };
    for pair in open.get(2..).unwrap_or_default().chunks_exact(2) {
        let is_map = cx.class_of(pair[0]) == class::MAP;
        parser.enter(cx, pair[0], is_map);
        if let Some(level) = parser.top() {
            cx.set(level.key, pair[1]);
        }
    }
    let state = match parser.run(cx, code & 3) {
        Ok(state) => state,
        Err(Stop::Wrong) => WRONG,
        Err(Stop::Raised(raised)) => return Err(raised),
    };
    hand_over(cx, &parser, state)
}

/// The list for the next step: code, value, then container and key of each level.
fn hand_over<U: Unit>(cx: &mut NativeCall<'_>, parser: &Parser<'_, U>, state: i64) -> NativeResult {
    let levels = parser.levels.get(..parser.depth).unwrap_or_default();
    let list = cx.new_list(TypeArguments::EMPTY, 2 + 2 * levels.len())?;
    let code = (parser.at as i64) << 2 | state;
    if let Some(code) = Value::smi(code) {
        cx.list_set(list, 0, code);
    }
    let value = cx.get(parser.value);
    cx.list_set(list, 1, value);
    for (index, level) in levels.iter().enumerate() {
        let (container, key) = (cx.get(level.container), cx.get(level.key));
        cx.list_set(list, 2 + 2 * index, container);
        cx.list_set(list, 3 + 2 * index, key);
    }
    cx.ret(list)
}

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[("convert/_jsonStep", json_step)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_integers_are_read_without_a_detour() {
        assert_eq!(small_int(b"0"), Some(0));
        assert_eq!(small_int(b"-123"), Some(-123));
        assert_eq!(
            small_int(b"999999999999999999"),
            Some(999_999_999_999_999_999)
        );
        assert_eq!(small_int(b"9999999999999999999"), None);
        assert_eq!(small_int(b"-0"), None);
        assert_eq!(small_int(b"1.5"), None);
    }
}
