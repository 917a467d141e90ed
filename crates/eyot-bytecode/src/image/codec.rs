//! Items as bytes: numbers as little-endian groups of seven bits, lists with their length in front, one byte for which
//! variant, fields in the order of their declaration.

use std::sync::Arc;

use super::ImageError;
use crate::{
    Base, Class, ClassFlags, ClassId, ClassLayout, Const, ConstId, DartString, Field, Function,
    FunctionFlags, FunctionId, FunctionType, Handler, Param, ParamKind, RawKind, RecordShape,
    RecordShapeId, Rep, Selector, SelectorKind, Shape, Source, SourceId, Static, StrId, Target,
    TargsId, Type, TypeId,
};

/// Bytes being written.
#[derive(Default)]
pub(super) struct Out {
    pub(super) bytes: Vec<u8>,
}

impl Out {
    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.byte(value as u8 | 0x80);
            value >>= 7;
        }
        self.byte(value as u8);
    }
}

/// Bytes being read.
pub(super) struct In<'a> {
    bytes: &'a [u8],
}

type Read<T> = Result<T, ImageError>;

impl<'a> In<'a> {
    /// Reads one item that takes all of `bytes`.
    pub(super) fn whole<T: Codec>(bytes: &'a [u8]) -> Read<T> {
        let mut input = In { bytes };
        let item = T::read(&mut input)?;
        if input.bytes.is_empty() {
            Ok(item)
        } else {
            Err(ImageError::Malformed)
        }
    }

    /// The beginning of an item.
    pub(super) fn start(bytes: &'a [u8]) -> In<'a> {
        In { bytes }
    }

    fn byte(&mut self) -> Read<u8> {
        let (&byte, rest) = self.bytes.split_first().ok_or(ImageError::Truncated)?;
        self.bytes = rest;
        Ok(byte)
    }

    fn take(&mut self, len: usize) -> Read<&'a [u8]> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(len)
            .ok_or(ImageError::Truncated)?;
        self.bytes = rest;
        Ok(taken)
    }

    /// Most numbers are one byte.
    #[inline]
    fn number(&mut self) -> Read<u64> {
        match self.bytes {
            [byte, rest @ ..] if *byte < 0x80 => {
                self.bytes = rest;
                Ok(u64::from(*byte))
            }
            _ => self.long_number(),
        }
    }

    fn long_number(&mut self) -> Read<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(ImageError::Malformed);
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(ImageError::Malformed)
    }

    /// A length of a list whose items take at least `size` bytes each, so no more memory is reserved than there are bytes.
    fn len(&mut self, size: usize) -> Read<usize> {
        let len = usize::try_from(self.number()?).map_err(|_| ImageError::Truncated)?;
        if len.saturating_mul(size) > self.bytes.len() {
            return Err(ImageError::Truncated);
        }
        Ok(len)
    }
}

/// What can be written and read back.
pub(super) trait Codec: Sized {
    /// Appends the item.
    fn write(&self, out: &mut Out);
    /// Reads an item.
    fn read(input: &mut In<'_>) -> Read<Self>;
}

macro_rules! unsigned {
    ($($type:ty),*) => { $(
        impl Codec for $type {
            fn write(&self, out: &mut Out) { out.number(u64::from(*self)); }
            fn read(input: &mut In<'_>) -> Read<Self> {
                <$type>::try_from(input.number()?).map_err(|_| ImageError::Malformed)
            }
        }
    )* };
}
unsigned!(u8, u16, u32, u64);

macro_rules! id {
    ($($type:ident),*) => { $(
        impl Codec for $type {
            fn write(&self, out: &mut Out) { self.0.write(out); }
            fn read(input: &mut In<'_>) -> Read<Self> { Ok($type(Codec::read(input)?)) }
        }
    )* };
}
id!(
    StrId,
    ClassId,
    FunctionId,
    TypeId,
    TargsId,
    ConstId,
    RecordShapeId,
    SourceId
);

macro_rules! record {
    ($($type:ident { $($field:ident),* $(,)? })*) => { $(
        impl Codec for $type {
            fn write(&self, out: &mut Out) { $(self.$field.write(out);)* }
            fn read(input: &mut In<'_>) -> Read<Self> {
                $(let $field = Codec::read(input)?;)*
                Ok($type { $($field),* })
            }
        }
    )* };
}

macro_rules! choice {
    ($($type:ident { $($number:literal $variant:ident $(($($item:ident),*))? $({$($field:ident),* $(,)?})?,)* })*) => { $(
        impl Codec for $type {
            fn write(&self, out: &mut Out) {
                match self { $(
                    $type::$variant $(($($item),*))? $({$($field),*})? => {
                        out.byte($number);
                        $($($item.write(out);)*)?
                        $($($field.write(out);)*)?
                    }
                )* }
            }
            fn read(input: &mut In<'_>) -> Read<Self> {
                Ok(match input.byte()? {
                    $($number => {
                        $($(let $item = Codec::read(input)?;)*)?
                        $($(let $field = Codec::read(input)?;)*)?
                        $type::$variant $(($($item),*))? $({$($field),*})?
                    })*
                    _ => return Err(ImageError::Malformed),
                })
            }
        }
    )* };
}

impl Codec for bool {
    fn write(&self, out: &mut Out) {
        out.byte(u8::from(*self));
    }

    fn read(input: &mut In<'_>) -> Read<Self> {
        match input.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(ImageError::Malformed),
        }
    }
}

/// Signed numbers put the sign into the lowest bit, so that small negative ones stay short.
impl Codec for i64 {
    fn write(&self, out: &mut Out) {
        out.number(((*self << 1) ^ (*self >> 63)) as u64);
    }

    fn read(input: &mut In<'_>) -> Read<Self> {
        let value = input.number()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }
}

impl<T: Codec> Codec for Option<T> {
    fn write(&self, out: &mut Out) {
        self.is_some().write(out);
        if let Some(item) = self {
            item.write(out);
        }
    }

    fn read(input: &mut In<'_>) -> Read<Self> {
        Ok(if bool::read(input)? {
            Some(T::read(input)?)
        } else {
            None
        })
    }
}

impl<T: Codec> Codec for Vec<T> {
    fn write(&self, out: &mut Out) {
        out.number(self.len() as u64);
        for item in self {
            item.write(out);
        }
    }

    fn read(input: &mut In<'_>) -> Read<Self> {
        let len = input.len(1)?;
        // Items may be larger in memory than their bytes: a false length reserves little.
        let mut items = Vec::with_capacity(len.min(64));
        for _ in 0..len {
            items.push(T::read(input)?);
        }
        Ok(items)
    }
}

impl<A: Codec, B: Codec> Codec for (A, B) {
    fn write(&self, out: &mut Out) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(input: &mut In<'_>) -> Read<Self> {
        Ok((A::read(input)?, B::read(input)?))
    }
}

impl<A: Codec, B: Codec, C: Codec> Codec for (A, B, C) {
    fn write(&self, out: &mut Out) {
        self.0.write(out);
        self.1.write(out);
        self.2.write(out);
    }

    fn read(input: &mut In<'_>) -> Read<Self> {
        Ok((A::read(input)?, B::read(input)?, C::read(input)?))
    }
}

/// A string takes its item whole: its length is the item's.
impl Codec for Arc<str> {
    fn write(&self, out: &mut Out) {
        out.bytes.extend_from_slice(self.as_bytes());
    }

    fn read(input: &mut In<'_>) -> Read<Self> {
        let bytes = input.take(input.bytes.len())?;
        let text = std::str::from_utf8(bytes).map_err(|_| ImageError::Malformed)?;
        Ok(text.into())
    }
}

impl Codec for DartString {
    fn write(&self, out: &mut Out) {
        match self {
            DartString::Latin1(bytes) => {
                out.byte(0);
                out.number(bytes.len() as u64);
                out.bytes.extend_from_slice(bytes);
            }
            DartString::Utf16(units) => {
                out.byte(1);
                out.number(units.len() as u64);
                for unit in units.iter() {
                    out.bytes.extend_from_slice(&unit.to_le_bytes());
                }
            }
        }
    }

    fn read(input: &mut In<'_>) -> Read<Self> {
        match input.byte()? {
            0 => {
                let len = input.len(1)?;
                Ok(DartString::Latin1(input.take(len)?.into()))
            }
            1 => {
                let len = input.len(2)?;
                let units = input.take(len * 2)?.chunks_exact(2);
                let units =
                    units.map(|unit| u16::from_le_bytes(unit.try_into().unwrap_or_default()));
                Ok(DartString::Utf16(units.collect()))
            }
            _ => Err(ImageError::Malformed),
        }
    }
}

choice! {
    Rep { 0 Tagged, 1 Int, 2 Double, 3 Bool, }
    RawKind { 0 Int, 1 Double, 2 Bool, 3 Type, }
    SelectorKind { 0 Method, 1 Getter, 2 Setter, }
    ParamKind { 0 Required, 1 OptionalPositional, 2 Named, 3 RequiredNamed, }
    Target { 0 Function(id), 1 FieldGet(slot, rep), 2 FieldSet(slot, rep), }
    Type {
        0 Dynamic,
        1 Void,
        2 Never,
        3 Null,
        4 Interface { class, args },
        5 FutureOr(of),
        6 Nullable(of),
        7 Function(function),
        8 Record { positional, named },
        9 ClassParam(index),
        10 FunctionParam(index),
        11 BoundParam { depth, index },
    }
    Const {
        0 Null,
        1 Bool(value),
        2 Int(value),
        3 Double(bits),
        4 String(text),
        5 Symbol(name),
        6 Type(ty),
        7 List { targs, elements },
        8 Set { targs, elements },
        9 Map { targs, entries },
        10 Object { class, targs, fields },
        11 Closure { function, targs },
        12 Record { shape, fields },
    }
}

record! {
    FunctionType { type_params, positional, required, named, result }
    Selector { name, kind }
    Shape { selector, type_args, positional, named, result, dynamic }
    Param { name, rep, ty, kind, default }
    Handler { start, end, target, error, trace }
    Field { name, rep }
    Class {
        flags, words, targs_word, ref_map, name, library, superclass, mixin, type_params, targs_len, super_targs, supertypes, fields,
        members,
    }
    RecordShape { positional, named }
    Static { name, initial }
    Base {
        strings, types, targs, classes, functions, consts, statics, shapes, record_shapes, sources, caches,
    }
}

/// What the bytes of a class begin with.
impl ClassLayout {
    pub(super) fn read(input: &mut In<'_>) -> Read<ClassLayout> {
        let flags = Codec::read(input)?;
        let words = Codec::read(input)?;
        let targs_word = Codec::read(input)?;
        let count = input.len(1)?;
        let refs = if count > 0 { u64::read(input)? } else { 0 };
        // Most have no others, and take no memory here.
        let more_refs = (1..count).map(|_| u64::read(input));
        Ok(ClassLayout {
            flags,
            words,
            targs_word,
            refs,
            more_refs: more_refs.collect::<Read<Vec<u64>>>()?,
        })
    }
}

macro_rules! flags {
    ($($type:ident),*) => { $(
        impl Codec for $type {
            fn write(&self, out: &mut Out) { self.bits().write(out); }
            fn read(input: &mut In<'_>) -> Read<Self> {
                $type::from_bits(Codec::read(input)?).ok_or(ImageError::Malformed)
            }
        }
    )* };
}
flags!(FunctionFlags, ClassFlags);

/// Ascending numbers, each as its distance from the one before.
fn write_ascending(numbers: impl Iterator<Item = u32>, out: &mut Out) {
    let mut last = 0_u32;
    for number in numbers {
        out.number(u64::from(number.wrapping_sub(last)));
        last = number;
    }
}

impl Codec for Source {
    fn write(&self, out: &mut Out) {
        self.uri.write(out);
        out.number(self.line_starts.len() as u64);
        write_ascending(self.line_starts.iter().copied(), out);
    }

    fn read(input: &mut In<'_>) -> Read<Self> {
        let uri = Codec::read(input)?;
        let len = input.len(1)?;
        let mut last = 0_u32;
        let mut line_starts = Vec::with_capacity(len);
        for _ in 0..len {
            last = last.wrapping_add(u32::read(input)?);
            line_starts.push(last);
        }
        Ok(Source { uri, line_starts })
    }
}

/// Code as it will lie in memory; everything else of a function as numbers.
impl Codec for Function {
    fn write(&self, out: &mut Out) {
        self.name.write(out);
        self.owner.write(out);
        self.flags.write(out);
        self.type_params.write(out);
        self.outer_type_params.write(out);
        self.params.write(out);
        self.result.write(out);
        self.result_type.write(out);
        self.refs.write(out);
        self.raws.write(out);
        self.captures.write(out);
        self.captured.write(out);
        self.native.write(out);
        out.number(self.code.len() as u64);
        for word in &self.code {
            out.bytes.extend_from_slice(&word.to_le_bytes());
        }
        self.handlers.write(out);
        self.source.write(out);
        out.number(self.positions.len() as u64);
        write_ascending(self.positions.iter().map(|position| position.0), out);
        write_ascending(self.positions.iter().map(|position| position.1), out);
    }

    fn read(input: &mut In<'_>) -> Read<Self> {
        Ok(Function {
            name: Codec::read(input)?,
            owner: Codec::read(input)?,
            flags: Codec::read(input)?,
            type_params: Codec::read(input)?,
            outer_type_params: Codec::read(input)?,
            params: Codec::read(input)?,
            result: Codec::read(input)?,
            result_type: Codec::read(input)?,
            refs: Codec::read(input)?,
            raws: Codec::read(input)?,
            captures: Codec::read(input)?,
            captured: Codec::read(input)?,
            native: Codec::read(input)?,
            code: read_code(input)?,
            handlers: Codec::read(input)?,
            source: Codec::read(input)?,
            positions: read_positions(input)?,
        })
    }
}

fn read_code(input: &mut In<'_>) -> Read<Vec<u64>> {
    let len = input.len(8)?;
    let words = input.take(len * 8)?.chunks_exact(8);
    Ok(words
        .map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default()))
        .collect())
}

fn read_positions(input: &mut In<'_>) -> Read<Vec<(u32, u32)>> {
    let len = input.len(2)?;
    let mut positions = vec![(0, 0); len];
    let mut last = 0_u32;
    for position in &mut positions {
        last = last.wrapping_add(u32::read(input)?);
        position.0 = last;
    }
    last = 0;
    for position in &mut positions {
        last = last.wrapping_add(u32::read(input)?);
        position.1 = last;
    }
    Ok(positions)
}
