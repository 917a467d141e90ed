//! Values to JSON text, in steps.
//!
//! Strings, numbers, lists and maps of the libraries are written here; whatever else a value is, Dart is asked. Each step answers the
//! piece of text that it has written and what is open then, so that the isolate can be preempted in between. Nothing is allocated in
//! the heap before a step's end, so values stay where they are.

use eyot_bytecode::well_known::class;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult, Raised, Root};
use eyot_runtime::object::{self, ObjRef, StringView};
use eyot_runtime::program::types::TypeArguments;
use eyot_runtime::value::Value;
use rustc_hash::FxHashSet;

use super::super::hash_table;
use super::data::{Data, DataMut, new_bytes};
use super::json_text::Unit;
use crate::text::number::write_double;

/// Code units of a step; a little more if a number or a key ends behind.
const STEP_UNITS: usize = 32 << 10;
/// Code units that count as much as a call of a function: see `json_parse`.
const UNITS_PER_FUEL: usize = 8;
/// Units of a string that are written at once.
const STRING_UNITS: usize = 16 << 10;
/// Keys of a map that are looked at at once.
const KEYS: usize = 4 << 10;
/// With fewer containers around a value, looking at each is quicker than a set.
const FEW_FRAMES: usize = 32;

/// How a step ends, in the low bits of its code. The values are those of `json_encode.dart`.
#[derive(Clone, Copy)]
enum Stop {
    /// The stretch is used up.
    More = 0,
    /// All is written.
    Finished = 1,
    /// The value has no JSON form that is known here.
    Unknown = 2,
    /// The value contains itself.
    Cyclic = 3,
}

/// A bit of the code: the text has units that need two bytes.
const WIDE: i64 = 1 << 3;
/// The value is one of those that are open.
const IS_OPEN: i64 = 1 << 4;
/// The value stands for an object that has no form of its own, which is innermost.
const IS_ENCODABLE: i64 = 1 << 5;
/// The value is not written, or not to its end.
const IS_PENDING: i64 = 1 << 6;
/// Above: how many units of the value, a string, are written.
const OFFSET_SHIFT: i64 = 7;

/// What Dart asks for.
const RESUME: i64 = 1;
const LIST: i64 = 2;
const MAP: i64 = 3;
const ENCODABLE: i64 = 4;

/// Something that is not written to its end.
#[derive(Clone, Copy)]
struct Frame {
    object: Value,
    /// Where its elements lie.
    elements: Value,
    kind: Kind,
    /// The next element.
    at: usize,
    /// Whether one has been written.
    has_begun: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    List,
    /// With the number of keys and values.
    Map(usize),
    /// A map whose keys are still to be looked at: nothing is written if some are no strings.
    Keys(usize),
    /// Another value is written in place of the object.
    Replaced,
}

/// Values of a frame in the list between steps.
const FRAME_VALUES: usize = 4;
/// Values in front of them.
const HEAD_VALUES: usize = 3;

impl Frame {
    fn from_values(values: &[Value]) -> Option<Frame> {
        let &[object, elements, place, kind] = values else {
            return None;
        };
        let place = place.as_smi();
        Some(Frame {
            object,
            elements,
            kind: match kind.as_smi() {
                -1 => Kind::List,
                -2 => Kind::Replaced,
                length if length & 1 == 0 => Kind::Map(usize::try_from(length).unwrap_or(0)),
                length => Kind::Keys(usize::try_from(length - 1).unwrap_or(0)),
            },
            at: usize::try_from(place >> 1).unwrap_or(0),
            has_begun: place & 1 != 0,
        })
    }

    /// What is no reference.
    fn numbers(self) -> [i64; 2] {
        let kind = match self.kind {
            Kind::List => -1,
            Kind::Replaced => -2,
            // Keys and values: an even number.
            Kind::Map(length) => length as i64,
            Kind::Keys(length) => length as i64 + 1,
        };
        [(self.at as i64) << 1 | i64::from(self.has_begun), kind]
    }
}

/// Where text goes.
trait Sink {
    fn ascii(&mut self, text: &[u8]);
    fn latin1(&mut self, units: &[u8]);
    fn wide(&mut self, units: &[u16]);
    fn len(&self) -> usize;
    fn into_piece(self, cx: &mut NativeCall<'_>) -> Result<Value, Raised>;
    /// Whether it takes units above U+00FF.
    const TAKES_WIDE: bool;
}

/// A string of one byte a unit.
struct OneByte(Vec<u8>);

impl Sink for OneByte {
    fn ascii(&mut self, text: &[u8]) {
        self.0.extend_from_slice(text);
    }
    fn latin1(&mut self, units: &[u8]) {
        self.0.extend_from_slice(units);
    }
    fn wide(&mut self, units: &[u16]) {
        self.0.extend(units.iter().map(|&unit| unit as u8));
    }
    fn len(&self) -> usize {
        self.0.len()
    }
    fn into_piece(self, cx: &mut NativeCall<'_>) -> Result<Value, Raised> {
        cx.new_string_latin1(&self.0)
    }
    const TAKES_WIDE: bool = false;
}

/// A string of two.
struct TwoByte(Vec<u16>);

impl Sink for TwoByte {
    fn ascii(&mut self, text: &[u8]) {
        self.latin1(text);
    }
    fn latin1(&mut self, units: &[u8]) {
        self.0.extend(units.iter().map(|&unit| u16::from(unit)));
    }
    fn wide(&mut self, units: &[u16]) {
        self.0.extend_from_slice(units);
    }
    fn len(&self) -> usize {
        self.0.len()
    }
    fn into_piece(self, cx: &mut NativeCall<'_>) -> Result<Value, Raised> {
        cx.new_string_units(&self.0)
    }
    const TAKES_WIDE: bool = true;
}

/// Bytes of UTF-8.
struct Utf8(Vec<u8>);

impl Sink for Utf8 {
    fn ascii(&mut self, text: &[u8]) {
        self.0.extend_from_slice(text);
    }
    fn latin1(&mut self, units: &[u8]) {
        if units.is_ascii() {
            return self.ascii(units);
        }
        for &unit in units {
            match unit {
                0..0x80 => self.0.push(unit),
                _ => self.0.extend([0xc0 | unit >> 6, 0x80 | unit & 0x3f]),
            }
        }
    }
    fn wide(&mut self, units: &[u16]) {
        let mut buffer = [0; 4];
        for unit in char::decode_utf16(units.iter().copied()) {
            let unit = unit.unwrap_or(char::REPLACEMENT_CHARACTER);
            self.ascii(unit.encode_utf8(&mut buffer).as_bytes());
        }
    }
    fn len(&self) -> usize {
        self.0.len()
    }
    fn into_piece(self, cx: &mut NativeCall<'_>) -> Result<Value, Raised> {
        new_bytes(cx, &self.0)
    }
    const TAKES_WIDE: bool = true;
}

/// A step under way.
struct Writer<'c, S> {
    cx: &'c NativeCall<'c>,
    out: S,
    frames: Vec<Frame>,
    /// The objects of the frames, once there are many.
    open: FxHashSet<u64>,
    indent: Option<StringView<'c>>,
    /// What was done without writing, in units.
    spent: usize,
    /// The value that is to be written next, or is being written.
    value: Value,
    is_pending: bool,
    /// The text needs two bytes a unit from now on.
    needs_wide: bool,
    /// How many of its units are written, if it is a string that was begun.
    offset: usize,
}

impl<S: Sink> Writer<'_, S> {
    /// Goes on until the stretch or the text ends.
    fn run(&mut self) -> Result<(), Stop> {
        loop {
            if self.is_pending {
                self.write_value()?;
                self.is_pending = false;
            }
            if self.out.len() + self.spent >= STEP_UNITS {
                return Err(Stop::More);
            }
            self.is_pending = self.next()?;
        }
    }

    /// Writes the value, or the beginning of a container.
    fn write_value(&mut self) -> Result<(), Stop> {
        let value = self.value;
        if value.is_smi() {
            self.int(value.as_smi());
            return Ok(());
        }
        let Some(object) = ObjRef::of(value) else {
            self.out.ascii(match value {
                Value::TRUE => b"true",
                Value::FALSE => b"false",
                _ => b"null",
            });
            return Ok(());
        };
        // SAFETY: a live value; nothing moves in a step.
        match unsafe { object.class() } {
            class::ONE_BYTE_STRING | class::TWO_BYTE_STRING => self.string(),
            class::INT => {
                self.int(object::as_int(value).unwrap_or(0));
                Ok(())
            }
            class::DOUBLE => {
                let value = object::as_double(value).unwrap_or(f64::NAN);
                if !value.is_finite() {
                    return Err(Stop::Unknown);
                }
                write_double(value, |text| self.out.ascii(text));
                Ok(())
            }
            class::FIXED_LIST | class::IMMUTABLE_LIST | class::GROWABLE_LIST => {
                self.open_list(value, value)
            }
            class::MAP | class::CONST_MAP => {
                let (entries, length) = hash_table::entries(self.cx, value);
                self.open_map(value, entries, length)
            }
            _ => Err(Stop::Unknown),
        }
    }

    fn int(&mut self, value: i64) {
        self.out.ascii(itoa::Buffer::new().format(value).as_bytes());
    }

    // ---- containers

    fn open_list(&mut self, list: Value, elements: Value) -> Result<(), Stop> {
        if self.is_open(list) {
            return Err(Stop::Cyclic);
        }
        if self.cx.elements(elements).is_none_or(<[Value]>::is_empty) {
            self.out.ascii(b"[]");
            return Ok(());
        }
        self.out.ascii(b"[");
        self.push(list, elements, Kind::List);
        Ok(())
    }

    fn open_map(&mut self, map: Value, entries: Value, length: usize) -> Result<(), Stop> {
        if self.is_open(map) {
            return Err(Stop::Cyclic);
        }
        self.push(map, entries, Kind::Keys(length));
        self.check_keys()
    }

    /// Looks at more keys of the innermost container, a map; behind the last one the map begins. One some of whose keys are no strings
    /// has no JSON form.
    fn check_keys(&mut self) -> Result<(), Stop> {
        let Some(&Frame {
            object,
            elements,
            kind: Kind::Keys(length),
            at,
            has_begun,
        }) = self.frames.last()
        else {
            return Ok(());
        };
        let end = length.min(at + 2 * KEYS);
        let pairs = self.cx.elements(elements).unwrap_or_default();
        let keys = pairs.get(at..end).unwrap_or_default().iter().step_by(2);
        let mut has_keys = has_begun;
        for &key in keys.filter(|&&key| key != elements) {
            has_keys = true;
            if self.cx.text(key).is_none() {
                self.pop();
                self.value = object;
                self.is_pending = true;
                return Err(Stop::Unknown);
            }
        }
        self.spent += (end - at) / 8;
        let (kind, at, has_begun) = match (end == length, has_keys) {
            (false, _) => (Kind::Keys(length), end, has_keys),
            (true, true) => (Kind::Map(length), 0, false),
            (true, false) => {
                self.pop();
                self.out.ascii(b"{}");
                return Ok(());
            }
        };
        if at == 0 {
            self.out.ascii(b"{");
        }
        if let Some(top) = self.frames.last_mut() {
            *top = Frame {
                kind,
                at,
                has_begun,
                ..*top
            };
        }
        Ok(())
    }

    fn push(&mut self, object: Value, elements: Value, kind: Kind) {
        self.frames.push(Frame {
            object,
            elements,
            kind,
            at: 0,
            has_begun: false,
        });
        if !self.open.is_empty() {
            self.open.insert(object.bits());
        }
    }

    fn pop(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.open.remove(&frame.object.bits());
        }
    }

    /// Whether the value is around what is being written.
    fn is_open(&mut self, value: Value) -> bool {
        if self.frames.len() > FEW_FRAMES {
            if self.open.is_empty() {
                let objects = self.frames.iter().map(|frame| frame.object.bits());
                self.open.extend(objects);
            }
            return self.open.contains(&value.bits());
        }
        self.open.clear();
        self.frames.iter().any(|frame| frame.object == value)
    }

    /// Goes on behind a complete value. Whether there is another one; none where a container ends.
    fn next(&mut self) -> Result<bool, Stop> {
        let Some(&frame) = self.frames.last() else {
            return Err(Stop::Finished);
        };
        let cx = self.cx;
        let elements = cx.elements(frame.elements).unwrap_or_default();
        let (at, key) = match frame.kind {
            Kind::Replaced => {
                self.pop();
                return Ok(false);
            }
            Kind::Keys(_) => return self.check_keys().map(|()| false),
            Kind::List => (frame.at, None),
            Kind::Map(length) => {
                let pairs = elements.get(..length).unwrap_or_default();
                let mut at = frame.at;
                // Where an entry was removed, the list itself stands for its key.
                while pairs.get(at) == Some(&frame.elements) {
                    at += 2;
                }
                (at + 1, pairs.get(at).copied())
            }
        };
        let is_end = frame.kind != Kind::List && key.is_none();
        let Some(&value) = elements.get(at).filter(|_| !is_end) else {
            self.pop();
            self.new_line();
            self.out.ascii(match frame.kind {
                Kind::List => b"]",
                _ => b"}",
            });
            return Ok(false);
        };
        if let Some(key) = key {
            self.check_width(key)?;
        }
        if let Some(top) = self.frames.last_mut() {
            top.at = at + 1;
            top.has_begun = true;
        }
        if frame.has_begun {
            self.out.ascii(b",");
        }
        self.new_line();
        if let Some(key) = key {
            self.out.ascii(b"\"");
            self.units(cx.text(key).unwrap_or(StringView::OneByte(&[])));
            self.out.ascii(match self.indent {
                None => b"\":",
                Some(_) => b"\": ",
            });
        }
        self.value = value;
        self.offset = 0;
        Ok(true)
    }

    /// A line's end, and the indentation of the next one.
    fn new_line(&mut self) {
        let Some(indent) = self.indent else {
            return;
        };
        self.out.ascii(b"\n");
        let containers = self.frames.iter();
        let level = containers.filter(|frame| frame.kind != Kind::Replaced);
        for _ in 0..level.count() {
            match indent {
                StringView::OneByte(units) => self.out.latin1(units),
                StringView::TwoByte(units) => self.out.wide(units),
            }
        }
    }

    // ---- strings

    /// Stops where the text needs two bytes a unit from now on.
    fn check_width(&mut self, string: Value) -> Result<(), Stop> {
        let is_wide = matches!(self.cx.text(string), Some(StringView::TwoByte(_)));
        self.needs_wide = is_wide && !S::TAKES_WIDE;
        match self.needs_wide {
            true => Err(Stop::More),
            false => Ok(()),
        }
    }

    /// Writes the value from the offset on, a long string not at once.
    fn string(&mut self) -> Result<(), Stop> {
        self.check_width(self.value)?;
        let view = self.cx.text(self.value);
        let view = view.unwrap_or(StringView::OneByte(&[]));
        if self.offset == 0 {
            self.out.ascii(b"\"");
        }
        while self.offset < view.len() {
            // An offset above 0 says that the quote is written.
            if self.offset > 0 && self.out.len() >= STEP_UNITS {
                return Err(Stop::More);
            }
            let start = self.offset;
            let mut end = view.len().min(start + STRING_UNITS);
            // A pair of surrogates stays together.
            if end < view.len() && view.get(end).is_some_and(|unit| unit & 0xfc00 == 0xdc00) {
                end += 1;
            }
            self.offset = end;
            self.units(match view {
                StringView::OneByte(units) => StringView::OneByte(&units[start..end]),
                StringView::TwoByte(units) => StringView::TwoByte(&units[start..end]),
            });
        }
        self.out.ascii(b"\"");
        self.offset = 0;
        Ok(())
    }

    /// Writes units, escaped.
    fn units(&mut self, view: StringView<'_>) {
        match view {
            StringView::OneByte(mut units) => loop {
                let plain = u8::plain_length(units);
                self.out.latin1(&units[..plain]);
                let Some(&unit) = units.get(plain) else {
                    break;
                };
                self.escape(unit.into());
                units = &units[plain + 1..];
            },
            StringView::TwoByte(mut units) => loop {
                let plain = plain_length_of_pairs(units);
                self.out.wide(&units[..plain]);
                let Some(&unit) = units.get(plain) else {
                    break;
                };
                self.escape(unit);
                units = &units[plain + 1..];
            },
        }
    }

    /// Writes the escape for a unit.
    fn escape(&mut self, unit: u16) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        self.out.ascii(match unit {
            0x22 => b"\\\"",
            0x5c => b"\\\\",
            0x08 => b"\\b",
            0x09 => b"\\t",
            0x0a => b"\\n",
            0x0c => b"\\f",
            0x0d => b"\\r",
            _ => {
                let digit = |shift: u16| HEX[usize::from(unit >> shift & 15)];
                let text = [b'\\', b'u', digit(12), digit(8), digit(4), digit(0)];
                return self.out.ascii(&text);
            }
        });
    }
}

/// As [`Unit::plain_length`], where a lone surrogate is not plain either.
fn plain_length_of_pairs(units: &[u16]) -> usize {
    let mut at = 0;
    loop {
        let rest = units.get(at..).unwrap_or_default();
        at += rest
            .iter()
            .take_while(|&&unit| unit >= 0x20 && !matches!(unit, 0x22 | 0x5c | 0xd800..0xe000))
            .count();
        match units.get(at..) {
            Some([0xd800..0xdc00, 0xdc00..0xe000, ..]) => at += 2,
            _ => return at,
        }
    }
}

/// `List<Object?> _jsonWrite(List<Object?> open, Object? value, Object? data, String? indent, int how, bool isUtf8)`
fn json_write(cx: &mut NativeCall<'_>) -> NativeResult {
    let open = cx.elements(cx.arg(0)).unwrap_or_default();
    let code = open.first().map_or(0, |code| code.as_smi());
    let is_wide = code & WIDE != 0 || matches!(cx.text(cx.arg(3)), Some(StringView::TwoByte(_)));
    if cx.bool(1) {
        return step(cx, Utf8(Vec::with_capacity(256)), code & !WIDE);
    }
    match is_wide {
        true => step(cx, TwoByte(Vec::with_capacity(256)), code | WIDE),
        false => step(cx, OneByte(Vec::with_capacity(256)), code),
    }
}

fn step<S: Sink>(cx: &mut NativeCall<'_>, out: S, code: i64) -> NativeResult {
    let (value, data) = (cx.arg(1), cx.arg(2));
    let open = cx.elements(cx.arg(0)).unwrap_or_default();
    let frames = open.get(HEAD_VALUES..).unwrap_or_default();
    let frames = frames.chunks_exact(FRAME_VALUES);
    let mut writer = Writer {
        cx,
        out,
        frames: frames.filter_map(Frame::from_values).collect(),
        open: FxHashSet::default(),
        indent: cx.text(cx.arg(3)),
        spent: 0,
        value,
        is_pending: true,
        needs_wide: false,
        offset: 0,
    };
    let begun = match cx.int(0) {
        RESUME => {
            writer.value = open.get(1).copied().unwrap_or(Value::NULL);
            writer.is_pending = code & IS_PENDING != 0;
            writer.offset = usize::try_from(code >> OFFSET_SHIFT).unwrap_or(0);
            Ok(())
        }
        LIST => writer.open_list(value, data),
        MAP => {
            let length = cx.elements(data).map_or(0, <[Value]>::len);
            writer.open_map(value, data, length)
        }
        ENCODABLE => {
            writer.push(data, Value::NULL, Kind::Replaced);
            Ok(())
        }
        _ => Ok(()),
    };
    if matches!(cx.int(0), LIST | MAP) {
        writer.is_pending = false;
    }
    let stop = match begun.and_then(|()| writer.run()) {
        Ok(()) => Stop::Finished,
        Err(stop) => stop,
    };
    let code = writer.code(stop) | code & WIDE;
    let fuel = (writer.out.len() + writer.spent) / UNITS_PER_FUEL;
    let (out, frames, value) = (writer.out, writer.frames, writer.value);
    cx.spend(fuel as i64);
    hand_over(cx, out, &frames, value, code)
}

impl<S: Sink> Writer<'_, S> {
    fn code(&mut self, stop: Stop) -> i64 {
        let mut code = stop as i64 | (self.offset as i64) << OFFSET_SHIFT;
        let mut set = |bit: i64, is_set: bool| code |= if is_set { bit } else { 0 };
        set(WIDE, self.needs_wide);
        set(IS_PENDING, self.is_pending);
        if matches!(stop, Stop::Unknown) {
            let top = self.frames.last();
            set(
                IS_ENCODABLE,
                top.is_some_and(|top| top.kind == Kind::Replaced),
            );
            set(IS_OPEN, self.is_open(self.value));
        }
        code
    }
}

/// The list for the next step: code, value, the piece written, then the values of each frame.
fn hand_over<S: Sink>(
    cx: &mut NativeCall<'_>,
    out: S,
    frames: &[Frame],
    value: Value,
    code: i64,
) -> NativeResult {
    let value = cx.root(value);
    let roots: Vec<[Root; 2]> = frames
        .iter()
        .map(|frame| [cx.root(frame.object), cx.root(frame.elements)])
        .collect();
    let piece = out.into_piece(cx)?;
    let piece = cx.root(piece);
    let length = HEAD_VALUES + FRAME_VALUES * frames.len();
    let list = cx.new_list(TypeArguments::EMPTY, length)?;
    let small = |number: i64| Value::smi(number).unwrap_or(Value::NULL);
    let head = [small(code), cx.get(value), cx.get(piece)];
    for (index, value) in head.into_iter().enumerate() {
        cx.list_set(list, index, value);
    }
    for (index, (frame, roots)) in frames.iter().zip(roots).enumerate() {
        let first = HEAD_VALUES + index * FRAME_VALUES;
        let [place, kind] = frame.numbers().map(small);
        let values = [cx.get(roots[0]), cx.get(roots[1]), place, kind];
        for (offset, value) in values.into_iter().enumerate() {
            cx.list_set(list, first + offset, value);
        }
    }
    cx.ret(list)
}

/// `Uint8List _jsonJoin(List<Object?> pieces)`
fn json_join(cx: &mut NativeCall<'_>) -> NativeResult {
    let pieces = cx.elements(cx.arg(0)).unwrap_or_default();
    let pieces = pieces.iter().filter_map(|&piece| Data::of(piece));
    let length = pieces.map(|piece| piece.byte_length()).sum();
    let joined =
        cx.allocate(|heap, roots| heap.new_typed_data(class::UINT8_LIST, length, length, roots))?;
    let Some(target) = Data::of(joined.value()).map(DataMut::of_fresh) else {
        return cx.ret_null();
    };
    let mut at = 0;
    for &piece in cx.elements(cx.arg(0)).unwrap_or_default() {
        if let Some(piece) = Data::of(piece) {
            // SAFETY: the fresh list is none of the pieces, whose lengths it has in all; nothing is allocated meanwhile.
            unsafe {
                std::ptr::copy_nonoverlapping(
                    piece.start,
                    target.start().add(at),
                    piece.byte_length(),
                );
            }
            at += piece.byte_length();
        }
    }
    cx.ret(joined.value())
}

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[
    ("convert/_jsonWrite", json_write),
    ("convert/_jsonJoin", json_join),
];
