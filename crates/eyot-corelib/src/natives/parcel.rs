//! Parcels: values as plain data outside any heap, on the way to an isolate or from one.
//!
//! A parcel is a table of items and a root. Items mention each other by their places, so parts may be shared, and lists may contain
//! themselves. C's values (`ffi/cobject.rs`) become parcels and parcels become them; so do the messages of Rust programs that embed Eyot.
//! Only the isolate that gets a parcel makes objects of it, in its own heap. Memory that belongs to somebody else stays where it
//! is: its owner is dropped when the last list over it is gone.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;
use eyot_runtime::heap::blob::Blob;
use eyot_runtime::heap::message::{Build, Message};
use eyot_runtime::heap::roots::Roots;
use eyot_runtime::heap::{Allocated, Handle, Heap, HeapLimit};
use eyot_runtime::isolate::{Context, numbered};
use eyot_runtime::native::NativeCall;
use eyot_runtime::object::{ObjRef, slot};
use eyot_runtime::port::{IsolateId, PortId};
use eyot_runtime::value::Value;
use rustc_hash::FxHashMap;

use super::bytes::{Data, DataMut, KINDS};
use super::hash_table;

/// The classes of typed data, by the number that C has for them. Lists of vectors are none of ours: they are not passed.
pub const DATA_CLASSES: &[ClassId] = KINDS.split_at(1).1;

/// Fewer bytes than these are copied rather than left where they are.
const FOREIGN_BYTES_MIN: usize = 4096;

/// Who is to be dropped when something is over.
pub type Owner = Box<dyn Any + Send>;

/// A value, or where it is among the parcel's.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// `null`.
    Null,
    /// A bool.
    Bool(bool),
    /// An int.
    Int(i64),
    /// A double.
    Double(f64),
    /// One of the items.
    Item(usize),
}

/// An object.
pub enum Item {
    /// A string.
    Text(Box<str>),
    /// A list of fixed length.
    List(Vec<Part>),
    /// A map: keys and values. On the way in, keys are numbers, bools, null and strings, and differ.
    Map(Vec<(Part, Part)>),
    /// Typed data: class, length, bytes.
    Data(ClassId, usize, Vec<u8>),
    /// Typed data over memory that is another's.
    Foreign(ClassId, usize, Foreign),
    /// The number, and the port if there is one.
    Port(i64, Option<PortId>),
    /// A capability.
    Capability(u64),
    /// What is no plain data: an instance of that class.
    Unsupported(Box<str>),
}

/// Memory that is another's.
pub struct Foreign {
    start: *mut u8,
    bytes: usize,
    owner: Owner,
}

// SAFETY: whoever has it may read and write the bytes: the promise of `Foreign::new`.
unsafe impl Send for Foreign {}

impl Foreign {
    /// # Safety
    ///
    /// The bytes can be read and written, from any thread and by nobody else, until the owner is dropped.
    pub unsafe fn new(start: *mut u8, bytes: usize, owner: Owner) -> Foreign {
        Foreign {
            start,
            bytes,
            owner,
        }
    }
}

/// Numbers that lists of typed data have as elements.
pub trait Element: Copy + Send + 'static + sealed::Number {
    /// The class of the list.
    const CLASS: ClassId;
}

mod sealed {
    /// Bytes of any kind are such a number, and it has no others.
    pub trait Number {}
}

macro_rules! elements {
    ($($number:ty = $class:ident;)*) => { $(
        impl sealed::Number for $number {}
        impl Element for $number {
            const CLASS: ClassId = class::$class;
        }
    )* };
}

elements! {
    i8 = INT8_LIST;
    u8 = UINT8_LIST;
    i16 = INT16_LIST;
    u16 = UINT16_LIST;
    i32 = INT32_LIST;
    u32 = UINT32_LIST;
    i64 = INT64_LIST;
    u64 = UINT64_LIST;
    f32 = FLOAT32_LIST;
    f64 = FLOAT64_LIST;
}

impl Item {
    /// Typed data of these numbers, which stay where they are if they are many.
    pub fn of_numbers<T: Element>(numbers: Vec<T>) -> Item {
        Item::of_vector(T::CLASS, numbers)
    }

    /// The same of bytes, for a class that has such elements.
    pub fn of_bytes(of: ClassId, bytes: Vec<u8>) -> Item {
        match of {
            class::UINT8_CLAMPED_LIST | class::BYTE_DATA => Item::of_vector(of, bytes),
            _ => Item::of_vector(class::UINT8_LIST, bytes),
        }
    }

    fn of_vector<T: Element>(of: ClassId, mut numbers: Vec<T>) -> Item {
        let (length, bytes) = (numbers.len(), size_of_val(numbers.as_slice()));
        let start = numbers.as_mut_ptr().cast::<u8>();
        if bytes < FOREIGN_BYTES_MIN {
            // SAFETY: the numbers have no bytes that are not set.
            let copy = unsafe { std::slice::from_raw_parts(start, bytes) }.to_vec();
            return Item::Data(of, length, copy);
        }
        // SAFETY: the memory is the vector's, which nobody touches before it is dropped.
        let foreign = unsafe { Foreign::new(start, bytes, Box::new(numbers)) };
        Item::Foreign(of, length, foreign)
    }

    /// A `Uint8List` over memory of that owner, which is dropped when no list needs it any more.
    pub fn of_owner<O: AsMut<[u8]> + Send + 'static>(owner: O) -> Item {
        let held = Held(Box::into_raw(Box::new(owner)));
        // SAFETY: nobody else has the owner, and it is dropped only when nobody uses its bytes.
        let bytes = unsafe { &mut *held.0 }.as_mut();
        let (start, length) = (bytes.as_mut_ptr(), bytes.len());
        if length == 0 {
            return Item::Data(class::UINT8_LIST, 0, Vec::new());
        }
        // SAFETY: the bytes are borrowed from the owner for as long as it lives.
        let foreign = unsafe { Foreign::new(start, length, Box::new(held)) };
        Item::Foreign(class::UINT8_LIST, length, foreign)
    }

    /// The numbers of typed data, if they are such ones.
    pub fn numbers<T: Element>(of: ClassId, bytes: &[u8]) -> Option<Vec<T>> {
        if of != T::CLASS {
            return None;
        }
        let length = bytes.len() / size_of::<T>();
        let mut numbers: Vec<T> = Vec::with_capacity(length);
        // SAFETY: there is room for them, they do not overlap, and any bytes are numbers.
        unsafe {
            let to = numbers.as_mut_ptr().cast::<u8>();
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, length * size_of::<T>());
            numbers.set_len(length);
        }
        Some(numbers)
    }
}

/// An owner whose bytes are borrowed: it does not move.
struct Held<O>(*mut O);

// SAFETY: it is a box.
unsafe impl<O: Send> Send for Held<O> {}

impl<O> Drop for Held<O> {
    fn drop(&mut self) {
        // SAFETY: it came from a box, and nobody uses its bytes any more.
        let owner = unsafe { Box::from_raw(self.0) };
        // Heaps are given back where nobody expects a panic.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(owner)));
    }
}

/// A value outside any heap.
pub struct Parcel {
    /// The value.
    pub root: Part,
    /// Its objects.
    pub items: Vec<Item>,
    /// Dropped when the value has arrived, or is lost.
    pub owed: Vec<Owner>,
    /// Dropped when it is lost.
    pub owed_if_lost: Vec<Owner>,
}

impl Parcel {
    /// Of null.
    pub fn new() -> Parcel {
        Parcel {
            root: Part::Null,
            items: Vec::new(),
            owed: Vec::new(),
            owed_if_lost: Vec::new(),
        }
    }

    /// Adds an object.
    pub fn add(&mut self, item: Item) -> Part {
        self.items.push(item);
        Part::Item(self.items.len() - 1)
    }

    /// The owners of what is in it.
    pub fn into_owners(self) -> impl Iterator<Item = Owner> {
        let foreign = self.items.into_iter().filter_map(|item| match item {
            Item::Foreign(_, _, foreign) => Some(foreign.owner),
            _ => None,
        });
        foreign.chain(self.owed).chain(self.owed_if_lost)
    }

    /// To send.
    pub fn into_message(self) -> Message {
        match self.root {
            Part::Null => Message::Immediate(Value::NULL),
            Part::Bool(value) => Message::Immediate(Value::bool(value)),
            Part::Int(value) if self.owed_if_lost.is_empty() => Message::Int(value),
            Part::Double(value) => Message::Double(value),
            _ => Message::of_built(Box::new(self)),
        }
    }

    /// A parcel that comes back because nobody was there.
    pub fn returned(message: Message) -> Option<Parcel> {
        let built: Box<dyn Any> = message.into_built()?;
        built.downcast::<Parcel>().ok().map(|parcel| *parcel)
    }
}

impl Default for Parcel {
    fn default() -> Parcel {
        Parcel::new()
    }
}

// ---- to Dart

impl Build for Parcel {
    fn bytes(&self) -> usize {
        let bytes = self.items.iter().map(|item| match item {
            Item::Text(text) => text.len(),
            Item::List(parts) => parts.len() * 8,
            Item::Map(pairs) => pairs.len() * 32,
            Item::Data(_, _, bytes) => bytes.len(),
            Item::Foreign(_, _, foreign) => foreign.bytes,
            Item::Port(..) | Item::Capability(_) | Item::Unsupported(_) => 0,
        });
        bytes.sum()
    }

    fn build(mut self: Box<Self>, heap: &mut Heap, roots: &mut dyn Roots) -> Allocated<Value> {
        let scope = heap.open_scope();
        let made = self.values(heap, roots);
        heap.close_scope(scope);
        if made.is_ok() {
            self.owed_if_lost.drain(..).for_each(std::mem::forget);
        }
        made
    }
}

impl Parcel {
    fn values(&mut self, heap: &mut Heap, roots: &mut dyn Roots) -> Allocated<Value> {
        let mut handles = Vec::with_capacity(self.items.len());
        let mut lists = Vec::new();
        let mut maps = Vec::new();
        for (index, item) in self.items.drain(..).enumerate() {
            let value = match item {
                Item::Text(text) => heap.new_string(&text, roots)?,
                Item::List(parts) => {
                    let list = heap.new_list(class::FIXED_LIST, parts.len(), 0, roots)?;
                    lists.push((index, parts));
                    list.value()
                }
                Item::Map(pairs) => {
                    maps.push((index, pairs));
                    Value::NULL
                }
                Item::Data(of, length, bytes) => new_data(heap, of, length, &bytes, roots)?,
                Item::Foreign(of, length, foreign) => {
                    let Foreign {
                        start,
                        bytes,
                        owner,
                    } = foreign;
                    // SAFETY: the promise of `Foreign::new`.
                    let blob = unsafe { Blob::foreign(start, bytes, owner) };
                    let blob = blob.ok_or(HeapLimit)?;
                    heap.adopt_blob(of, blob, length as u64, roots)?.value()
                }
                Item::Port(_, port) => heap.adopt(port_message(port), roots)?,
                Item::Capability(id) => heap.adopt(Message::Capability(id), roots)?,
                Item::Unsupported(_) => Value::NULL,
            };
            handles.push(heap.handle(value));
        }
        // A map is made with what is in it, so those inside of others come first: they were added later.
        for (index, pairs) in maps.into_iter().rev() {
            let mut entries = Vec::with_capacity(pairs.len());
            for (key, value) in pairs {
                let key = value_of(key, &handles, heap, roots)?;
                let key = heap.handle(key);
                let value = value_of(value, &handles, heap, roots)?;
                entries.push((key, heap.handle(value)));
            }
            let map = hash_table::build_map(heap, &entries, roots)?;
            handles[index] = heap.handle(map);
        }
        for (index, parts) in lists {
            for (place, part) in parts.into_iter().enumerate() {
                let value = value_of(part, &handles, heap, roots)?;
                if let Some(list) = ObjRef::of(heap.get(handles[index])) {
                    // SAFETY: a list of that length.
                    unsafe { heap.store(list, slot::LIST_ELEMENTS + place, value) };
                }
            }
        }
        value_of(self.root, &handles, heap, roots)
    }
}

fn value_of(
    part: Part,
    handles: &[Handle],
    heap: &mut Heap,
    roots: &mut dyn Roots,
) -> Allocated<Value> {
    match part {
        Part::Null => Ok(Value::NULL),
        Part::Bool(value) => Ok(Value::bool(value)),
        Part::Int(value) => heap.box_int(value, roots),
        Part::Double(value) => heap.box_double(value, roots),
        Part::Item(index) => Ok(heap.get(handles[index])),
    }
}

fn new_data(
    heap: &mut Heap,
    of: ClassId,
    length: usize,
    bytes: &[u8],
    roots: &mut dyn Roots,
) -> Allocated<Value> {
    let made = heap.new_typed_data(of, length, bytes.len(), roots)?;
    if let Some(data) = Data::of(made.value()).map(DataMut::of_fresh) {
        // SAFETY: fresh, and of this length.
        unsafe { data.bytes_mut() }.copy_from_slice(bytes);
    }
    Ok(made.value())
}

/// A port, perhaps one that is closed.
fn port_message(port: Option<PortId>) -> Message {
    let closed = PortId {
        isolate: IsolateId {
            slot: u32::MAX,
            generation: u32::MAX,
        },
        number: 0,
    };
    let port = port.unwrap_or(closed);
    Message::SendPort(port.isolate.to_bits(), port.number)
}

// ---- from Dart

impl Parcel {
    /// A copy of a value.
    pub fn of(cx: &mut NativeCall<'_>, value: Value) -> Parcel {
        let scheduler = cx
            .host::<Context>()
            .map(|context| context.group.scheduler.clone());
        let program = cx.program();
        let number = |port| scheduler.as_ref().map_or(0, |s| numbered::number(s, port));
        let class_name = |of| program.class_name(of).into();
        let cx = &*cx;
        let mut parcel = Parcel::new();
        let mut seen: FxHashMap<Value, usize> = FxHashMap::default();
        let mut lists: Vec<(usize, Value)> = Vec::new();
        let mut part = |parcel: &mut Parcel, lists: &mut Vec<(usize, Value)>, value: Value| {
            if value.is_null() {
                return Part::Null;
            }
            if value == Value::TRUE || value == Value::FALSE {
                return Part::Bool(value == Value::TRUE);
            }
            if let Some(int) = cx.as_int(value) {
                return Part::Int(int);
            }
            if let Some(double) = cx.as_double(value) {
                return Part::Double(double);
            }
            if let Some(&index) = seen.get(&value) {
                return Part::Item(index);
            }
            let item = item_of(cx, value, &number, &class_name);
            seen.insert(value, parcel.items.len());
            if matches!(item, Item::List(_) | Item::Map(_)) {
                lists.push((parcel.items.len(), value));
            }
            parcel.add(item)
        };
        parcel.root = part(&mut parcel, &mut lists, value);
        while let Some((index, of)) = lists.pop() {
            let item = match parcel.items[index] {
                Item::Map(_) => {
                    let (data, length) = hash_table::entries(cx, of);
                    let elements = cx.elements(data).unwrap_or(&[]);
                    let pairs = elements.chunks_exact(2).take(length / 2);
                    // The key of an entry that was removed is the list itself.
                    let pairs = pairs.filter(|pair| pair[0] != data);
                    let mut part = |value| part(&mut parcel, &mut lists, value);
                    Item::Map(pairs.map(|pair| (part(pair[0]), part(pair[1]))).collect())
                }
                _ => {
                    let elements = cx.elements(of).unwrap_or(&[]);
                    let parts = elements.iter();
                    let parts = parts.map(|&value| part(&mut parcel, &mut lists, value));
                    Item::List(parts.collect())
                }
            };
            parcel.items[index] = item;
        }
        parcel
    }
}

fn item_of(
    cx: &NativeCall<'_>,
    value: Value,
    number: &dyn Fn(PortId) -> i64,
    class_name: &dyn Fn(ClassId) -> Box<str>,
) -> Item {
    if let Some(text) = cx.string(value) {
        return Item::Text(text.into());
    }
    if cx.elements(value).is_some() {
        return Item::List(Vec::new());
    }
    match cx.class_of(value) {
        class::MAP | class::CONST_MAP => Item::Map(Vec::new()),
        class::SEND_PORT => {
            let port = PortId {
                isolate: IsolateId::from_bits(cx.field_raw(value, 1)),
                number: cx.field_raw(value, 2),
            };
            Item::Port(number(port), Some(port))
        }
        class::CAPABILITY => Item::Capability(cx.field_raw(value, 1)),
        of if DATA_CLASSES.contains(&of) => match Data::of(value) {
            // SAFETY: copied at once, and nothing of the isolate runs meanwhile.
            Some(data) => Item::Data(of, data.length, unsafe { data.bytes() }.to_vec()),
            None => Item::Unsupported(class_name(of)),
        },
        of => Item::Unsupported(class_name(of)),
    }
}
