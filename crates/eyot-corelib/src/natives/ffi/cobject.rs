//! Values as the C interface has them (`Dart_CObject`), and parcels: the same as data of our own, on the way in or out.
//!
//! What C posts is copied while it posts, but for external typed data, whose memory stays where it is and has a callback for its end. C
//! keeps the ownership of that if nobody gets the message. Arrays may be shared and may contain themselves; strings are UTF-8.

use std::ffi::{CStr, CString, c_char, c_void};

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

use super::super::bytes::{Data, DataMut, KINDS, elements_of};

/// The kinds of values.
mod kind {
    pub const NULL: i32 = 0;
    pub const BOOL: i32 = 1;
    pub const INT32: i32 = 2;
    pub const INT64: i32 = 3;
    pub const DOUBLE: i32 = 4;
    pub const STRING: i32 = 5;
    pub const ARRAY: i32 = 6;
    pub const TYPED_DATA: i32 = 7;
    pub const EXTERNAL_TYPED_DATA: i32 = 8;
    pub const SEND_PORT: i32 = 9;
    pub const CAPABILITY: i32 = 10;
    pub const NATIVE_POINTER: i32 = 11;
    pub const UNSUPPORTED: i32 = 12;
    pub const UNMODIFIABLE_EXTERNAL_TYPED_DATA: i32 = 13;
}

/// The classes of typed data, by the number that C has for them. Lists of vectors are none of ours: they are not passed.
const DATA_CLASSES: &[ClassId] = KINDS.split_at(1).1;

/// A value of C's.
#[repr(C)]
pub struct CObject {
    kind: i32,
    value: CValue,
}

#[repr(C)]
#[derive(Clone, Copy)]
union CValue {
    as_bool: u8,
    as_int32: i32,
    as_int64: i64,
    as_double: f64,
    as_string: *const c_char,
    as_send_port: CSendPort,
    as_capability: i64,
    as_array: CArray,
    as_typed_data: CTypedData,
    as_external: CExternal,
    as_native_pointer: CPointer,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct CSendPort {
    id: i64,
    origin: i64,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct CArray {
    length: isize,
    values: *const *mut CObject,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct CTypedData {
    of: i32,
    length: isize,
    values: *const u8,
}

/// What C wants to have called, with null and what it has given.
type Callback = Option<extern "C" fn(*mut c_void, *mut c_void)>;

#[repr(C)]
#[derive(Clone, Copy)]
struct CExternal {
    of: i32,
    length: isize,
    data: *mut u8,
    peer: *mut c_void,
    callback: Callback,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct CPointer {
    address: isize,
    bytes: isize,
    callback: Callback,
}

const _: () = assert!(size_of::<CObject>() == 48);
const _: () = assert!(std::mem::offset_of!(CObject, value) == 8);

/// A call of C's that is due when this is dropped.
struct Owed {
    callback: Callback,
    peer: *mut c_void,
}

// SAFETY: C has promised that the callback may be called on any thread.
unsafe impl Send for Owed {}

impl Drop for Owed {
    fn drop(&mut self) {
        if let Some(callback) = self.callback {
            callback(std::ptr::null_mut(), self.peer);
        }
    }
}

/// Memory of C's.
struct Foreign {
    start: *mut u8,
    bytes: usize,
    owed: Owed,
}

// SAFETY: whoever has it may read and write the bytes: C's promise.
unsafe impl Send for Foreign {}

/// A value, or where it is among the parcel's.
#[derive(Clone, Copy)]
enum Part {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Item(usize),
}

enum Item {
    Text(Box<str>),
    List(Vec<Part>),
    Data(ClassId, usize, Vec<u8>),
    Foreign(ClassId, usize, Foreign),
    /// The number, and the port if there is one.
    Port(i64, Option<PortId>),
    Capability(u64),
    Unsupported,
}

/// A value between C and Dart.
pub struct Parcel {
    root: Part,
    items: Vec<Item>,
    /// Due when the value has arrived, or is lost.
    owed: Vec<Owed>,
    /// Due when it is lost.
    owed_if_lost: Vec<Owed>,
}

impl Parcel {
    fn new() -> Parcel {
        Parcel {
            root: Part::Null,
            items: Vec::new(),
            owed: Vec::new(),
            owed_if_lost: Vec::new(),
        }
    }

    fn add(&mut self, item: Item) -> Part {
        self.items.push(item);
        Part::Item(self.items.len() - 1)
    }

    /// C keeps its memory.
    fn disown(mut self) {
        let foreign = self.items.drain(..).filter_map(|item| match item {
            Item::Foreign(_, _, foreign) => Some(foreign.owed),
            _ => None,
        });
        let rest = self.owed.drain(..).chain(self.owed_if_lost.drain(..));
        foreign.chain(rest).for_each(std::mem::forget);
    }
}

// ---- from C

/// Sends what C posts to the port of that number; whether somebody will get it.
///
/// # Safety
/// An object as the C interface describes it, and all that it refers to.
pub unsafe fn post(port: i64, object: *const CObject) -> bool {
    // Not worth the copy if nobody is there.
    if object.is_null() || numbered::port(port).is_none() {
        return false;
    }
    let mut reader = Reader {
        parcel: Parcel::new(),
        seen: FxHashMap::default(),
        arrays: Vec::new(),
    };
    // SAFETY: the caller's.
    let is_read = unsafe { reader.read(object) }.is_some();
    let parcel = reader.parcel;
    if !is_read {
        parcel.disown();
        return false;
    }
    let message = match parcel.root {
        Part::Null => Message::Immediate(Value::NULL),
        Part::Bool(value) => Message::Immediate(Value::bool(value)),
        Part::Int(value) if parcel.owed_if_lost.is_empty() => Message::Int(value),
        Part::Double(value) => Message::Double(value),
        _ => Message::of_built(Box::new(parcel)),
    };
    let Err(message) = numbered::send(port, message) else {
        return true;
    };
    if let Some(built) = message.into_built()
        && let Ok(parcel) = (built as Box<dyn std::any::Any>).downcast::<Parcel>()
    {
        parcel.disown();
    }
    false
}

struct Reader {
    parcel: Parcel,
    /// The items of objects that have been met: each is one value, however often it is mentioned.
    seen: FxHashMap<*const CObject, usize>,
    /// Arrays whose elements are still to be read.
    arrays: Vec<(usize, CArray)>,
}

impl Reader {
    /// # Safety
    /// As `post`.
    unsafe fn read(&mut self, object: *const CObject) -> Option<()> {
        // SAFETY: the caller's; an array has as many elements as it says.
        unsafe {
            self.parcel.root = self.part(object)?;
            while let Some((index, array)) = self.arrays.pop() {
                let length = usize::try_from(array.length).ok()?;
                let mut parts = Vec::new();
                parts.try_reserve_exact(length).ok()?;
                for place in 0..length {
                    parts.push(self.part(array.values.add(place).read())?);
                }
                self.parcel.items[index] = Item::List(parts);
            }
        }
        Some(())
    }

    /// # Safety
    /// As `post`.
    unsafe fn part(&mut self, object: *const CObject) -> Option<Part> {
        if object.is_null() {
            return None;
        }
        // SAFETY: the caller's: the kind says which field of the union there is.
        unsafe {
            let value = (*object).value;
            Some(match (*object).kind {
                kind::NULL => Part::Null,
                kind::BOOL => Part::Bool(value.as_bool != 0),
                kind::INT32 => Part::Int(value.as_int32.into()),
                kind::INT64 => Part::Int(value.as_int64),
                kind::DOUBLE => Part::Double(value.as_double),
                kind::NATIVE_POINTER => {
                    let CPointer {
                        address, callback, ..
                    } = value.as_native_pointer;
                    let peer = std::ptr::with_exposed_provenance_mut(address as usize);
                    if self.seen.insert(object, usize::MAX).is_none() {
                        self.parcel.owed_if_lost.push(Owed { callback, peer });
                    }
                    Part::Int(address as i64)
                }
                other => match self.seen.get(&object) {
                    Some(&index) => Part::Item(index),
                    None => {
                        let item = self.item(other, value)?;
                        let part = self.parcel.add(item);
                        let index = self.parcel.items.len() - 1;
                        self.seen.insert(object, index);
                        if other == kind::ARRAY {
                            self.arrays.push((index, value.as_array));
                        }
                        part
                    }
                },
            })
        }
    }

    /// # Safety
    /// As `post`; the value is of that kind.
    unsafe fn item(&mut self, kind: i32, value: CValue) -> Option<Item> {
        // SAFETY: the caller's.
        unsafe {
            Some(match kind {
                kind::STRING if !value.as_string.is_null() => {
                    Item::Text(CStr::from_ptr(value.as_string).to_str().ok()?.into())
                }
                kind::ARRAY => Item::List(Vec::new()),
                kind::TYPED_DATA => {
                    let CTypedData { of, length, values } = value.as_typed_data;
                    copied(of, length, values)?
                }
                kind::EXTERNAL_TYPED_DATA => self.foreign(value.as_external)?,
                kind::UNMODIFIABLE_EXTERNAL_TYPED_DATA => {
                    // A list over the memory would let Dart write to it.
                    let CExternal {
                        of,
                        length,
                        data,
                        peer,
                        callback,
                    } = value.as_external;
                    let item = copied(of, length, data)?;
                    self.parcel.owed.push(Owed { callback, peer });
                    item
                }
                kind::SEND_PORT => {
                    let number = value.as_send_port.id;
                    Item::Port(number, numbered::port(number))
                }
                kind::CAPABILITY => Item::Capability(value.as_capability as u64),
                _ => return None,
            })
        }
    }

    /// # Safety
    /// As `post`.
    unsafe fn foreign(&mut self, external: CExternal) -> Option<Item> {
        let CExternal {
            of,
            length,
            data,
            peer,
            callback,
        } = external;
        let (of, length, bytes, size) = described(of, length)?;
        let owed = Owed { callback, peer };
        if bytes == 0 || !(data as usize).is_multiple_of(size) {
            // Elements of lists lie where the machine wants them.
            // SAFETY: the caller's.
            let item = unsafe { copied_bytes(of, length, data, bytes) };
            match item {
                Some(_) => self.parcel.owed.push(owed),
                None => std::mem::forget(owed),
            }
            return item;
        }
        let foreign = Foreign {
            start: data,
            bytes,
            owed,
        };
        Some(Item::Foreign(of, length, foreign))
    }
}

/// Class, length, bytes, and bytes of an element of typed data.
fn described(of: i32, length: isize) -> Option<(ClassId, usize, usize, usize)> {
    let of = *DATA_CLASSES.get(usize::try_from(of).ok()?)?;
    let length = usize::try_from(length).ok()?;
    let size = elements_of(of).map_or(1, |(size, _)| size);
    let bytes = length.checked_mul(size)?;
    (bytes <= isize::MAX as usize).then_some((of, length, bytes, size))
}

/// # Safety
/// The bytes can be read.
unsafe fn copied(of: i32, length: isize, from: *const u8) -> Option<Item> {
    let (of, length, bytes, _) = described(of, length)?;
    // SAFETY: the caller's.
    unsafe { copied_bytes(of, length, from, bytes) }
}

/// # Safety
/// The bytes can be read.
unsafe fn copied_bytes(of: ClassId, length: usize, from: *const u8, bytes: usize) -> Option<Item> {
    if bytes == 0 {
        return Some(Item::Data(of, length, Vec::new()));
    }
    let mut copy = Vec::new();
    copy.try_reserve_exact(bytes).ok()?;
    if from.is_null() {
        return None;
    }
    // SAFETY: the caller's.
    copy.extend_from_slice(unsafe { std::slice::from_raw_parts(from, bytes) });
    Some(Item::Data(of, length, copy))
}

// ---- to Dart

impl Build for Parcel {
    fn bytes(&self) -> usize {
        let bytes = self.items.iter().map(|item| match item {
            Item::Text(text) => text.len(),
            Item::List(parts) => parts.len() * 8,
            Item::Data(_, _, bytes) => bytes.len(),
            Item::Foreign(_, _, foreign) => foreign.bytes,
            Item::Port(..) | Item::Capability(_) | Item::Unsupported => 0,
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
        for (index, item) in self.items.drain(..).enumerate() {
            let value = match item {
                Item::Text(text) => heap.new_string(&text, roots)?,
                Item::List(parts) => {
                    let list = heap.new_list(class::FIXED_LIST, parts.len(), 0, roots)?;
                    lists.push((index, parts));
                    list.value()
                }
                Item::Data(of, length, bytes) => new_data(heap, of, length, &bytes, roots)?,
                Item::Foreign(of, length, foreign) => {
                    let Foreign { start, bytes, owed } = foreign;
                    // SAFETY: C's promise, until it is told that nobody uses the bytes any more.
                    let blob = unsafe { Blob::foreign(start, bytes, Box::new(owed)) };
                    let blob = blob.ok_or(HeapLimit)?;
                    heap.adopt_blob(of, blob, length as u64, roots)?.value()
                }
                Item::Port(_, port) => heap.adopt(port_message(port), roots)?,
                Item::Capability(id) => heap.adopt(Message::Capability(id), roots)?,
                Item::Unsupported => Value::NULL,
            };
            handles.push(heap.handle(value));
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
    /// A copy of a value for C.
    pub fn of(cx: &mut NativeCall<'_>, value: Value) -> Parcel {
        let scheduler = cx
            .host::<Context>()
            .map(|context| context.group.scheduler.clone());
        let number = |port| scheduler.as_ref().map_or(0, |s| numbered::number(s, port));
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
            let item = item_of(cx, value, &number);
            seen.insert(value, parcel.items.len());
            if matches!(item, Item::List(_)) {
                lists.push((parcel.items.len(), value));
            }
            parcel.add(item)
        };
        parcel.root = part(&mut parcel, &mut lists, value);
        while let Some((index, list)) = lists.pop() {
            let elements = cx.elements(list).unwrap_or(&[]);
            let parts = elements.iter();
            let parts = parts.map(|&value| part(&mut parcel, &mut lists, value));
            parcel.items[index] = Item::List(parts.collect());
        }
        parcel
    }

    /// Calls `receive` with the value as C sees it, which is there until that returns.
    pub fn with_object(self, receive: impl FnOnce(*mut CObject)) {
        let scalars = self.items.iter().map(|item| match item {
            Item::List(parts) => parts.len(),
            _ => 0,
        });
        let most = self.items.len() + scalars.sum::<usize>() + 1;
        let mut objects: Vec<CObject> = Vec::with_capacity(most);
        // From here on all places are known: the vector does not grow beyond what it has.
        let start = objects.as_mut_ptr();
        let mut texts = Vec::new();
        let mut arrays = Vec::new();
        for item in &self.items {
            objects.push(object_of(item, &mut texts));
        }
        let place = |objects: &mut Vec<CObject>, part: Part| {
            let index = match part {
                Part::Item(index) => index,
                part => {
                    objects.push(scalar(part));
                    objects.len() - 1
                }
            };
            start.wrapping_add(index)
        };
        for (index, item) in self.items.iter().enumerate() {
            if let Item::List(parts) = item {
                let elements = parts.iter().map(|&part| place(&mut objects, part));
                let elements: Vec<*mut CObject> = elements.collect();
                objects[index].value.as_array = CArray {
                    length: elements.len() as isize,
                    values: elements.as_ptr(),
                };
                arrays.push(elements);
            }
        }
        receive(place(&mut objects, self.root));
        drop((objects, texts, arrays));
    }
}

fn item_of(cx: &NativeCall<'_>, value: Value, number: &dyn Fn(PortId) -> i64) -> Item {
    if let Some(text) = cx.string(value) {
        return Item::Text(text.into());
    }
    if cx.elements(value).is_some() {
        return Item::List(Vec::new());
    }
    match cx.class_of(value) {
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
            None => Item::Unsupported,
        },
        _ => Item::Unsupported,
    }
}

fn scalar(part: Part) -> CObject {
    let (kind, value) = match part {
        Part::Null | Part::Item(_) => (kind::NULL, CValue { as_int64: 0 }),
        Part::Bool(value) => (
            kind::BOOL,
            CValue {
                as_int64: i64::from(value),
            },
        ),
        Part::Int(value) => match i32::try_from(value) {
            Ok(_) => (kind::INT32, CValue { as_int64: value }),
            Err(_) => (kind::INT64, CValue { as_int64: value }),
        },
        Part::Double(as_double) => (kind::DOUBLE, CValue { as_double }),
    };
    CObject { kind, value }
}

/// The object of an item; an array's elements come later.
fn object_of(item: &Item, texts: &mut Vec<CString>) -> CObject {
    let none = CValue { as_int64: 0 };
    let (kind, value) = match item {
        Item::Text(text) => {
            // A string ends at its first NUL there.
            let end = text.find('\0').unwrap_or(text.len());
            let text = CString::new(&text[..end]).unwrap_or_default();
            let as_string = text.as_ptr();
            texts.push(text);
            (kind::STRING, CValue { as_string })
        }
        Item::List(_) => (kind::ARRAY, none),
        Item::Data(of, length, bytes) => {
            let number = DATA_CLASSES.iter().position(|known| known == of);
            let as_typed_data = CTypedData {
                of: number.unwrap_or(0) as i32,
                length: *length as isize,
                values: bytes.as_ptr(),
            };
            (kind::TYPED_DATA, CValue { as_typed_data })
        }
        Item::Port(number, _) => {
            let as_send_port = CSendPort {
                id: *number,
                origin: 0,
            };
            (kind::SEND_PORT, CValue { as_send_port })
        }
        Item::Capability(id) => {
            let as_capability = *id as i64;
            (kind::CAPABILITY, CValue { as_capability })
        }
        Item::Foreign(..) | Item::Unsupported => (kind::UNSUPPORTED, none),
    };
    CObject { kind, value }
}
