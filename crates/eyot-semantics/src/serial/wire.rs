//! Values as bytes: numbers in groups of seven bits, texts, lists, names through a table.

use std::sync::{Arc, OnceLock};

use eyot_syntax::{Span, Symbol};
use rustc_hash::FxHashMap;

use super::CoreSource;

/// The bytes are not what a writer wrote; the offset where that showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Corrupt(pub usize);

/// Collects bytes and the names they refer to.
#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    names: Vec<Symbol>,
    numbers: FxHashMap<Symbol, u32>,
}

impl Writer {
    pub(super) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub(super) fn number(&mut self, value: u64) {
        let mut rest = value;
        while rest >= 0x80 {
            self.bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        self.bytes.push(rest as u8);
    }

    pub(super) fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn symbol(&mut self, symbol: Symbol) {
        let next = self.names.len() as u32;
        let number = *self.numbers.entry(symbol).or_insert(next);
        if number == next {
            self.names.push(symbol);
        }
        self.number(u64::from(number));
    }

    /// How many bytes there are since the last [`Writer::take`].
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes so far; the names stay.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// The names that what was written refers to, in the order of their numbers.
    pub(super) fn names(&self) -> &[Symbol] {
        &self.names
    }
}

/// Reads what a [`Writer`] wrote.
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    offset: usize,
    source: &'b CoreSource,
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8], source: &'b CoreSource) -> Reader<'b> {
        Reader {
            bytes,
            offset: 0,
            source,
        }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.offset == self.bytes.len()
    }

    pub(super) fn corrupt(&self) -> Corrupt {
        Corrupt(self.offset)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Corrupt> {
        let byte = *self.bytes.get(self.offset).ok_or(Corrupt(self.offset))?;
        self.offset += 1;
        Ok(byte)
    }

    pub(super) fn number(&mut self) -> Result<u64, Corrupt> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.corrupt())
    }

    /// A number of things that follow, each at least a byte long.
    pub(super) fn count(&mut self) -> Result<usize, Corrupt> {
        let count = usize::try_from(self.number()?).map_err(|_| self.corrupt())?;
        if count > self.bytes.len() - self.offset {
            return Err(self.corrupt());
        }
        Ok(count)
    }

    fn text(&mut self) -> Result<&'b str, Corrupt> {
        let length = self.count()?;
        let end = self.offset + length;
        let bytes = self.bytes.get(self.offset..end).ok_or(self.corrupt())?;
        let text = std::str::from_utf8(bytes).map_err(|_| self.corrupt())?;
        self.offset = end;
        Ok(text)
    }

    fn symbol(&mut self) -> Result<Symbol, Corrupt> {
        let number = self.number()? as usize;
        self.source.name(number).ok_or(self.corrupt())
    }
}

/// A value with a form in bytes.
pub(super) trait Wire: Sized {
    fn put(&self, w: &mut Writer);
    fn get(r: &mut Reader<'_>) -> Result<Self, Corrupt>;
}

macro_rules! numbers {
    ($($ty:ty),*) => { $(
        impl Wire for $ty {
            fn put(&self, w: &mut Writer) {
                w.number(u64::from(*self));
            }
            fn get(r: &mut Reader<'_>) -> Result<$ty, Corrupt> {
                <$ty>::try_from(r.number()?).map_err(|_| r.corrupt())
            }
        }
    )* };
}
numbers!(u16, u32, u64);

impl Wire for i64 {
    fn put(&self, w: &mut Writer) {
        // Zigzag: small negative numbers are short, too.
        w.number(((*self << 1) ^ (*self >> 63)) as u64);
    }
    fn get(r: &mut Reader<'_>) -> Result<i64, Corrupt> {
        let number = r.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }
}

impl Wire for bool {
    fn put(&self, w: &mut Writer) {
        w.byte(u8::from(*self));
    }
    fn get(r: &mut Reader<'_>) -> Result<bool, Corrupt> {
        Ok(r.byte()? != 0)
    }
}

impl Wire for Symbol {
    fn put(&self, w: &mut Writer) {
        w.symbol(*self);
    }
    fn get(r: &mut Reader<'_>) -> Result<Symbol, Corrupt> {
        r.symbol()
    }
}

impl Wire for Span {
    fn put(&self, w: &mut Writer) {
        w.number(u64::from(self.start));
        w.number(u64::from(self.len()));
    }
    fn get(r: &mut Reader<'_>) -> Result<Span, Corrupt> {
        let start = u32::get(r)?;
        let length = u32::get(r)?;
        Ok(Span::new(start, start.saturating_add(length)))
    }
}

impl Wire for Arc<str> {
    fn put(&self, w: &mut Writer) {
        w.text(self);
    }
    fn get(r: &mut Reader<'_>) -> Result<Arc<str>, Corrupt> {
        Ok(r.text()?.into())
    }
}

impl Wire for Box<str> {
    fn put(&self, w: &mut Writer) {
        w.text(self);
    }
    fn get(r: &mut Reader<'_>) -> Result<Box<str>, Corrupt> {
        Ok(r.text()?.into())
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put(&self, w: &mut Writer) {
        match self {
            Some(value) => {
                w.byte(1);
                value.put(w);
            }
            None => w.byte(0),
        }
    }
    fn get(r: &mut Reader<'_>) -> Result<Option<T>, Corrupt> {
        Ok(match r.byte()? {
            0 => None,
            _ => Some(T::get(r)?),
        })
    }
}

impl<T: Wire> Wire for OnceLock<T> {
    fn put(&self, w: &mut Writer) {
        match self.get() {
            Some(value) => {
                w.byte(1);
                value.put(w);
            }
            None => w.byte(0),
        }
    }
    fn get(r: &mut Reader<'_>) -> Result<OnceLock<T>, Corrupt> {
        Ok(super::once(Wire::get(r)?))
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, w: &mut Writer) {
        w.count(self.len());
        for item in self {
            item.put(w);
        }
    }
    fn get(r: &mut Reader<'_>) -> Result<Vec<T>, Corrupt> {
        let count = r.count()?;
        let mut items = Vec::with_capacity(count.min(1 << 16));
        for _ in 0..count {
            items.push(T::get(r)?);
        }
        Ok(items)
    }
}

impl<T: Wire> Wire for Box<[T]> {
    fn put(&self, w: &mut Writer) {
        w.count(self.len());
        for item in self {
            item.put(w);
        }
    }
    fn get(r: &mut Reader<'_>) -> Result<Box<[T]>, Corrupt> {
        Ok(Vec::get(r)?.into())
    }
}

impl<T: Wire> Wire for Box<T> {
    fn put(&self, w: &mut Writer) {
        (**self).put(w);
    }
    fn get(r: &mut Reader<'_>) -> Result<Box<T>, Corrupt> {
        Ok(Box::new(T::get(r)?))
    }
}

impl<T: Wire> Wire for Arc<T> {
    fn put(&self, w: &mut Writer) {
        (**self).put(w);
    }
    fn get(r: &mut Reader<'_>) -> Result<Arc<T>, Corrupt> {
        Ok(Arc::new(T::get(r)?))
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn put(&self, w: &mut Writer) {
        self.0.put(w);
        self.1.put(w);
    }
    fn get(r: &mut Reader<'_>) -> Result<(A, B), Corrupt> {
        Ok((A::get(r)?, B::get(r)?))
    }
}

/// In the order of the names' texts, so that the bytes are the same in every run.
impl<V: Wire> Wire for FxHashMap<Symbol, V> {
    fn put(&self, w: &mut Writer) {
        let mut entries: Vec<(&Symbol, &V)> = self.iter().collect();
        entries.sort_unstable_by_key(|(name, _)| name.as_str());
        w.count(entries.len());
        for (name, value) in entries {
            name.put(w);
            value.put(w);
        }
    }
    fn get(r: &mut Reader<'_>) -> Result<FxHashMap<Symbol, V>, Corrupt> {
        let count = r.count()?;
        let mut map = FxHashMap::with_capacity_and_hasher(count, rustc_hash::FxBuildHasher);
        for _ in 0..count {
            let name = Symbol::get(r)?;
            map.insert(name, V::get(r)?);
        }
        Ok(map)
    }
}

/// A struct is its fields in the order listed; those after `;` are not written and are made by the expression.
macro_rules! wire_struct {
    ($name:ident { $($field:ident),* $(,)? $(; $($made:ident: $value:expr),* $(,)?)? }) => {
        impl Wire for $name {
            fn put(&self, w: &mut Writer) {
                $(self.$field.put(w);)*
            }
            fn get(r: &mut Reader<'_>) -> Result<$name, Corrupt> {
                Ok($name { $($field: Wire::get(r)?,)* $($($made: $value,)*)? })
            }
        }
    };
}

/// An enum is the number of its variant and the variant's fields.
macro_rules! wire_enum {
    ($name:ident { $($tag:literal => $variant:ident $(($($x:ident),*))? $({$($f:ident),*})?),* $(,)? }) => {
        impl Wire for $name {
            fn put(&self, w: &mut Writer) {
                match self {
                    $($name::$variant $(($($x),*))? $({$($f),*})? => {
                        w.byte($tag);
                        $($($x.put(w);)*)?
                        $($($f.put(w);)*)?
                    })*
                }
            }
            fn get(r: &mut Reader<'_>) -> Result<$name, Corrupt> {
                Ok(match r.byte()? {
                    $($tag => $name::$variant
                        $(($({ let $x = Wire::get(r)?; $x }),*))?
                        $({$($f: Wire::get(r)?),*})?,)*
                    _ => return Err(r.corrupt()),
                })
            }
        }
    };
}

macro_rules! wire_ids {
    ($($name:ident),* $(,)?) => { $(
        impl Wire for $name {
            fn put(&self, w: &mut Writer) {
                w.number(u64::from(self.0));
            }
            fn get(r: &mut Reader<'_>) -> Result<$name, Corrupt> {
                Ok($name(u32::get(r)?))
            }
        }
    )* };
}

pub(super) use {wire_enum, wire_ids, wire_struct};
