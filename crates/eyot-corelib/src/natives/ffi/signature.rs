//! What analysis writes about a C function, read.
//!
//! `i4(u8p;f8)` is a function that takes an address and variable arguments, one of them a double, and gives an int:
//!
//! ```text
//! signature = type '(' type* [';' type*] ')'
//! type      = 'v' | 'p' | ('i' | 'u' | 'f') size | 'b'
//!           | '{' size ':' alignment (':' offset ('i' | 'f') size)* '}'
//! ```
//!
//! A struct or union comes with the numbers that are in it, those of nested ones and of arrays included.

use libffi::middle::Type;

/// A type of C, as far as calls are concerned.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `void`.
    Void,
    /// An integer: bytes, and whether it has a sign.
    Int(u8, bool),
    /// `bool`.
    Bool,
    /// A float (4) or double (8).
    Float(u8),
    /// An address.
    Pointer,
    /// A struct or union.
    Compound(Compound),
}

/// A struct or union.
#[derive(Clone, Debug, PartialEq)]
pub struct Compound {
    /// Its size.
    pub bytes: usize,
    /// Its alignment.
    pub alignment: usize,
    /// Offset and size of each number in it, and whether it is a float.
    pub numbers: Vec<(usize, usize, bool)>,
}

/// The signature of a C function.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// What it takes.
    pub params: Vec<Kind>,
    /// How many of these are not variable arguments, if there are any.
    pub fixed: Option<usize>,
    /// What it gives.
    pub result: Kind,
}

impl Signature {
    /// Reads a signature; none if it is damaged.
    pub fn parse(text: &str) -> Option<Signature> {
        let mut reader = Reader {
            rest: text.as_bytes(),
        };
        let result = reader.kind()?;
        reader.expect(b'(')?;
        let (mut params, mut fixed) = (Vec::new(), None);
        while !reader.take(b')') {
            if reader.take(b';') {
                fixed = Some(params.len());
            } else {
                params.push(reader.kind()?);
            }
        }
        reader.rest.is_empty().then_some(Signature {
            params,
            fixed,
            result,
        })
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn take(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    fn number(&mut self) -> Option<usize> {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit());
        let (number, rest) = self.rest.split_at(digits.count());
        self.rest = rest;
        std::str::from_utf8(number).ok()?.parse().ok()
    }

    fn size(&mut self) -> Option<u8> {
        let size = self.number()?;
        matches!(size, 1 | 2 | 4 | 8).then_some(size as u8)
    }

    fn kind(&mut self) -> Option<Kind> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(match first {
            b'v' => Kind::Void,
            b'p' => Kind::Pointer,
            b'b' => Kind::Bool,
            b'i' => Kind::Int(self.size()?, true),
            b'u' => Kind::Int(self.size()?, false),
            b'f' => Kind::Float(self.size()?),
            b'{' => Kind::Compound(self.compound()?),
            _ => return None,
        })
    }

    fn compound(&mut self) -> Option<Compound> {
        let bytes = self.number()?;
        self.expect(b':')?;
        let alignment = self.number()?;
        let mut numbers = Vec::new();
        while self.take(b':') {
            let offset = self.number()?;
            let is_float = self.take(b'f');
            if !is_float {
                self.expect(b'i')?;
            }
            numbers.push((offset, self.number()?, is_float));
        }
        self.expect(b'}')?;
        Some(Compound {
            bytes,
            alignment: alignment.max(1),
            numbers,
        })
    }
}

impl Kind {
    /// The type as libffi describes it; none for what cannot be passed.
    pub fn describe(&self) -> Option<Type> {
        Some(match self {
            Kind::Void => Type::void(),
            Kind::Pointer => Type::pointer(),
            Kind::Bool | Kind::Int(1, false) => Type::u8(),
            Kind::Int(1, true) => Type::i8(),
            Kind::Int(2, false) => Type::u16(),
            Kind::Int(2, true) => Type::i16(),
            Kind::Int(4, false) => Type::u32(),
            Kind::Int(4, true) => Type::i32(),
            Kind::Int(_, false) => Type::u64(),
            Kind::Int(_, true) => Type::i64(),
            Kind::Float(4) => Type::f32(),
            Kind::Float(_) => Type::f64(),
            Kind::Compound(compound) => compound.describe()?,
        })
    }
}

impl Compound {
    /// Bytes of a buffer for one, whole registers.
    pub fn buffer_bytes(&self) -> usize {
        self.bytes.next_multiple_of(8).max(16)
    }

    /// libffi knows neither unions nor packed structs. On x86-64 only this matters: a struct of more than 16 bytes goes through
    /// memory; of any other, each eight bytes go through a float register if there are only floats in them, else through a
    /// general one. So the struct is described anew, as pieces of its alignment's size.
    #[cfg(target_arch = "x86_64")]
    fn describe(&self) -> Option<Type> {
        let is_unaligned = |&(offset, size, _): &(usize, usize, bool)| offset % size.max(1) != 0;
        if self.numbers.iter().any(is_unaligned) {
            return Some(in_memory(self.bytes));
        }
        let piece = self.alignment.min(8);
        if !self.bytes.is_multiple_of(piece) {
            return None;
        }
        let pieces = (0..self.bytes / piece).map(|index| {
            let eight = index * piece / 8;
            let mut inside = self.numbers.iter().filter(|number| number.0 / 8 == eight);
            let is_float = piece >= 4 && inside.all(|&(_, _, is_float)| is_float);
            match (piece, is_float) {
                (1, _) => Type::u8(),
                (2, _) => Type::u16(),
                (4, true) => Type::f32(),
                (4, false) => Type::u32(),
                (_, true) => Type::f64(),
                (_, false) => Type::u64(),
            }
        });
        Some(Type::structure(pieces))
    }

    /// Other machines classify in other ways: without unions and padding at odd places the numbers themselves are the description.
    #[cfg(not(target_arch = "x86_64"))]
    fn describe(&self) -> Option<Type> {
        let mut end = 0;
        for &(offset, size, _) in &self.numbers {
            if offset != usize::next_multiple_of(end, size.max(1)) {
                return None;
            }
            end = offset + size;
        }
        let numbers = self.numbers.iter().map(|&(_, size, is_float)| {
            let number = if is_float {
                Kind::Float(size as u8)
            } else {
                Kind::Int(size as u8, false)
            };
            number.describe()
        });
        Some(Type::structure(numbers.collect::<Option<Vec<_>>>()?))
    }
}

/// A struct that goes through memory whatever its size is: one with unaligned fields. libffi finds that out by the size of what is in it, so it
/// is said to have more in it than it has; what is copied is the size of the whole.
#[cfg(target_arch = "x86_64")]
fn in_memory(bytes: usize) -> Type {
    /// More than any registers hold.
    const BYTES: usize = 64;
    let resize = |ty: &Type, size: usize, alignment: u16| {
        // SAFETY: a fresh description, which is this function's alone; libffi computes sizes only of structs that have none yet.
        unsafe {
            let raw = ty.as_raw_ptr();
            (*raw).size = size;
            (*raw).alignment = alignment;
        }
    };
    let inside = Type::structure([Type::u8()]);
    resize(&inside, BYTES, 1);
    let whole = Type::structure([inside]);
    resize(&whole, bytes, 8);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_read() {
        let read = Signature::parse("i4(pf8;u1{16:8:0f8:8i4})").unwrap();
        assert_eq!(read.result, Kind::Int(4, true));
        assert_eq!(read.fixed, Some(2));
        assert_eq!(read.params[2], Kind::Int(1, false));
        let Kind::Compound(compound) = &read.params[3] else {
            panic!("no compound");
        };
        assert_eq!(compound.numbers, [(0, 8, true), (8, 4, false)]);
        for damaged in ["", "i4", "i3()", "i4(", "i4()x", "{4}()", "x()"] {
            assert_eq!(Signature::parse(damaged), None, "{damaged}");
        }
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn unaligned_fields_mean_memory() {
        let compound = Compound {
            bytes: 5,
            alignment: 1,
            numbers: vec![(0, 1, false), (1, 4, false)],
        };
        let described = compound.describe().unwrap();
        // SAFETY: a description of this test's.
        let (size, elements) = unsafe {
            let raw = described.as_raw_ptr();
            ((*raw).size, (**(*raw).elements).size)
        };
        assert_eq!((size, elements), (5, 64));
    }
}
