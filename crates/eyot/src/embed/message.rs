//! Messages as Rust data.
//!
//! A message is a tree; what Dart sends may share parts, which are then copied for each mention (as long as that is not absurdly often), and a
//! list that contains itself has no counterpart.

use std::collections::HashMap;

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;
use eyot_corelib::natives::parcel::{Item, Parcel, Part};
use eyot_runtime::isolate::numbered;

use super::port::SendPort;

/// How deep messages from Dart may be.
const DEPTH_MAX: usize = 500;

/// A message from Dart may become so many times as large as it is, because it mentions parts more than once.
const COPIES_MAX: usize = 16;

/// A value on its way to an isolate or from one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Message {
    /// `null`.
    Null,
    /// A `bool`.
    Bool(bool),
    /// An `int`.
    Int(i64),
    /// A `double`.
    Double(f64),
    /// A `String`.
    String(String),
    /// A `List`. Dart gets one of fixed length.
    List(Vec<Message>),
    /// A `Map`: keys and values in order. Keys for Dart are null, bools, numbers and strings; of equal ones the last value counts.
    Map(Vec<(Message, Message)>),
    /// A list of `dart:typed_data`.
    TypedData(TypedData),
    /// A `SendPort`.
    SendPort(SendPort),
    /// A `Capability`.
    Capability(Capability),
    /// Only from Dart: what has no counterpart here. Says what it is.
    Unsupported(String),
}

/// A capability, which only isolates make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Capability(u64);

macro_rules! typed_data {
    ($($variant:ident($number:ty) = $class:ident;)*) => {
        /// Lists of numbers.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum TypedData {
            $(#[doc = concat!("A `", stringify!($variant), "List`.")] $variant(Vec<$number>),)*
            /// A `Uint8List`.
            Uint8(Vec<u8>),
            /// A `Uint8ClampedList`.
            Uint8Clamped(Vec<u8>),
            /// A `ByteData`.
            ByteData(Vec<u8>),
        }

        impl TypedData {
            fn into_item(self) -> Item {
                match self {
                    $(TypedData::$variant(numbers) => Item::of_numbers(numbers),)*
                    TypedData::Uint8(bytes) => Item::of_bytes(class::UINT8_LIST, bytes),
                    TypedData::Uint8Clamped(bytes) => Item::of_bytes(class::UINT8_CLAMPED_LIST, bytes),
                    TypedData::ByteData(bytes) => Item::of_bytes(class::BYTE_DATA, bytes),
                }
            }

            fn of(of: ClassId, bytes: Vec<u8>) -> Option<TypedData> {
                match of {
                    class::UINT8_LIST => Some(TypedData::Uint8(bytes)),
                    class::UINT8_CLAMPED_LIST => Some(TypedData::Uint8Clamped(bytes)),
                    class::BYTE_DATA => Some(TypedData::ByteData(bytes)),
                    $(class::$class => Item::numbers(of, &bytes).map(TypedData::$variant),)*
                    _ => None,
                }
            }
        }

        $(impl From<Vec<$number>> for Message {
            fn from(numbers: Vec<$number>) -> Message {
                Message::TypedData(TypedData::$variant(numbers))
            }
        })*
    };
}

typed_data! {
    Int8(i8) = INT8_LIST;
    Int16(i16) = INT16_LIST;
    Uint16(u16) = UINT16_LIST;
    Int32(i32) = INT32_LIST;
    Uint32(u32) = UINT32_LIST;
    Int64(i64) = INT64_LIST;
    Uint64(u64) = UINT64_LIST;
    Float32(f32) = FLOAT32_LIST;
    Float64(f64) = FLOAT64_LIST;
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Message {
        Message::TypedData(TypedData::Uint8(bytes))
    }
}

macro_rules! from {
    ($($from:ty => $variant:ident;)*) => { $(
        impl From<$from> for Message {
            fn from(value: $from) -> Message {
                Message::$variant(value.into())
            }
        }
    )* };
}

from! {
    bool => Bool;
    i32 => Int;
    i64 => Int;
    u32 => Int;
    f64 => Double;
    &str => String;
    String => String;
    Vec<Message> => List;
    TypedData => TypedData;
    SendPort => SendPort;
    Capability => Capability;
}

impl From<()> for Message {
    fn from((): ()) -> Message {
        Message::Null
    }
}

impl<T: Into<Message>> From<Option<T>> for Message {
    fn from(value: Option<T>) -> Message {
        value.map_or(Message::Null, T::into)
    }
}

impl Message {
    /// The bool that it is.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Message::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The int that it is.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Message::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The number that it is, as a double.
    pub fn as_double(&self) -> Option<f64> {
        match self {
            Message::Int(value) => Some(*value as f64),
            Message::Double(value) => Some(*value),
            _ => None,
        }
    }

    /// The string that it is.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Message::String(text) => Some(text),
            _ => None,
        }
    }

    /// The list that it is.
    pub fn as_list(&self) -> Option<&[Message]> {
        match self {
            Message::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// The port that it is.
    pub fn as_send_port(&self) -> Option<SendPort> {
        match self {
            Message::SendPort(port) => Some(*port),
            _ => None,
        }
    }

    /// As a parcel; or why not.
    pub(super) fn into_parcel(self) -> Result<Parcel, String> {
        let mut packer = Packer {
            parcel: Parcel::new(),
            left: Vec::new(),
        };
        packer.parcel.root = packer.part(self)?;
        // Whatever the depth: nothing here calls itself.
        while let Some((index, left)) = packer.left.pop() {
            let item = match left {
                Left::List(elements) => {
                    let parts = elements.into_iter().map(|element| packer.part(element));
                    Item::List(parts.collect::<Result<_, _>>()?)
                }
                Left::Map(pairs) => Item::Map(packer.pairs(pairs)?),
            };
            packer.parcel.items[index] = item;
        }
        Ok(packer.parcel)
    }

    pub(super) fn of_parcel(parcel: Parcel) -> Message {
        let size = parcel.items.iter().map(size_of_item).sum::<usize>();
        let mut unpacker = Unpacker {
            is_tree: is_tree(&parcel),
            open: vec![false; parcel.items.len()],
            size_left: size.saturating_mul(COPIES_MAX),
            items: parcel.items,
        };
        unpacker.message(parcel.root, 0)
    }
}

/// A container whose contents are still to be packed.
enum Left {
    List(Vec<Message>),
    Map(Vec<(Message, Message)>),
}

/// Takes a message apart.
struct Packer {
    parcel: Parcel,
    left: Vec<(usize, Left)>,
}

/// Keys that are equal in Dart.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Null,
    Bool(bool),
    Int(i64),
    Double(u64),
    Text(Box<str>),
}

impl Packer {
    fn part(&mut self, message: Message) -> Result<Part, String> {
        let item = match message {
            Message::Null => return Ok(Part::Null),
            Message::Bool(value) => return Ok(Part::Bool(value)),
            Message::Int(value) => return Ok(Part::Int(value)),
            Message::Double(value) => return Ok(Part::Double(value)),
            Message::String(text) => Item::Text(text.into()),
            Message::List(elements) => return Ok(self.later(Left::List(elements))),
            Message::Map(pairs) => return Ok(self.later(Left::Map(pairs))),
            Message::TypedData(data) => data.into_item(),
            Message::SendPort(port) => Item::Port(port.id(), numbered::port(port.id())),
            Message::Capability(Capability(id)) => Item::Capability(id),
            Message::Unsupported(what) => return Err(what),
        };
        Ok(self.parcel.add(item))
    }

    fn later(&mut self, left: Left) -> Part {
        self.left.push((self.parcel.items.len(), left));
        self.parcel.add(Item::List(Vec::new()))
    }

    fn pairs(&mut self, pairs: Vec<(Message, Message)>) -> Result<Vec<(Part, Part)>, String> {
        let mut places: HashMap<Key, usize> = HashMap::new();
        let mut packed: Vec<(Part, Part)> = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let known = places.entry(Key::of(&key)?).or_insert(packed.len());
            let known = *known;
            let value = self.part(value)?;
            match packed.get_mut(known) {
                Some(pair) => pair.1 = value,
                None => packed.push((self.part(key)?, value)),
            }
        }
        Ok(packed)
    }
}

impl Key {
    fn of(key: &Message) -> Result<Key, String> {
        /// All doubles from here on, or to its negation, are beyond all ints.
        const INTS_END: f64 = 9_223_372_036_854_775_808.0;
        Ok(match key {
            Message::Null => Key::Null,
            Message::Bool(value) => Key::Bool(*value),
            Message::Int(value) => Key::Int(*value),
            Message::Double(value) if value.is_nan() => {
                return Err("a key of a map that is not a number".to_owned());
            }
            // An int and a double that are equal are the same key.
            Message::Double(value) if value.fract() == 0.0 && value.abs() < INTS_END => {
                Key::Int(*value as i64)
            }
            Message::Double(value) => Key::Double(value.to_bits()),
            Message::String(text) => Key::Text(text.as_str().into()),
            _ => {
                return Err(
                    "a key of a map that is neither null, a bool, a number nor a string".to_owned(),
                );
            }
        })
    }
}

/// Roughly, in words.
fn size_of_item(item: &Item) -> usize {
    match item {
        Item::List(parts) => 1 + parts.len(),
        Item::Map(pairs) => 1 + 2 * pairs.len(),
        Item::Text(text) => 1 + text.len() / 8,
        Item::Data(_, _, bytes) => 1 + bytes.len() / 8,
        _ => 1,
    }
}

/// Whether no item is mentioned more than once.
fn is_tree(parcel: &Parcel) -> bool {
    let mut seen = vec![false; parcel.items.len()];
    let mut is_new = |part: Part| match part {
        Part::Item(index) => !std::mem::replace(&mut seen[index], true),
        _ => true,
    };
    is_new(parcel.root)
        && parcel.items.iter().all(|item| match item {
            Item::List(parts) => parts.iter().all(|&part| is_new(part)),
            Item::Map(pairs) => pairs
                .iter()
                .all(|&(key, value)| is_new(key) && is_new(value)),
            _ => true,
        })
}

/// Puts a message together.
struct Unpacker {
    items: Vec<Item>,
    /// No item is mentioned more than once.
    is_tree: bool,
    /// Items that contain the one at hand.
    open: Vec<bool>,
    /// How much may still be made.
    size_left: usize,
}

impl Unpacker {
    fn message(&mut self, part: Part, depth: usize) -> Message {
        let index = match part {
            Part::Null => return Message::Null,
            Part::Bool(value) => return Message::Bool(value),
            Part::Int(value) => return Message::Int(value),
            Part::Double(value) => return Message::Double(value),
            Part::Item(index) => index,
        };
        let size = size_of_item(&self.items[index]);
        let Some(size_left) = self.size_left.checked_sub(size) else {
            return Message::Unsupported("data that is mentioned too often".to_owned());
        };
        self.size_left = size_left;
        if self.open[index] {
            return Message::Unsupported("a list or map that contains itself".to_owned());
        }
        if depth == DEPTH_MAX {
            return Message::Unsupported("a list or map too deep inside others".to_owned());
        }
        self.open[index] = true;
        let message = match self.take(index) {
            Item::Text(text) => Message::String(text.into()),
            Item::List(parts) => {
                let parts = parts.into_iter();
                Message::List(parts.map(|part| self.message(part, depth + 1)).collect())
            }
            Item::Map(pairs) => {
                let pairs = pairs.into_iter().map(|(key, value)| {
                    let key = self.message(key, depth + 1);
                    (key, self.message(value, depth + 1))
                });
                Message::Map(pairs.collect())
            }
            Item::Data(of, _, bytes) => match TypedData::of(of, bytes) {
                Some(data) => Message::TypedData(data),
                None => Message::Unsupported("typed data".to_owned()),
            },
            Item::Foreign(..) => Message::Unsupported("typed data".to_owned()),
            Item::Port(number, _) => Message::SendPort(SendPort::of_number(number)),
            Item::Capability(id) => Message::Capability(Capability(id)),
            Item::Unsupported(class) => Message::Unsupported(format!("an instance of '{class}'")),
        };
        self.open[index] = false;
        message
    }

    /// An item, or a copy if it may be mentioned again.
    fn take(&mut self, index: usize) -> Item {
        let item = &mut self.items[index];
        if self.is_tree {
            return std::mem::replace(item, Item::Unsupported("".into()));
        }
        match item {
            Item::Text(text) => Item::Text(text.clone()),
            Item::List(parts) => Item::List(parts.clone()),
            Item::Map(pairs) => Item::Map(pairs.clone()),
            Item::Data(of, length, bytes) => Item::Data(*of, *length, bytes.clone()),
            Item::Port(number, port) => Item::Port(*number, *port),
            Item::Capability(id) => Item::Capability(*id),
            Item::Foreign(..) => Item::Unsupported("".into()),
            Item::Unsupported(class) => Item::Unsupported(class.clone()),
        }
    }
}
