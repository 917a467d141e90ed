//! Values as the C interface has them (`Dart_CObject`), and how they become parcels and parcels become them.
//!
//! What C posts is copied while it posts, but for external typed data, whose memory stays where it is and has a callback for its end. C
//! keeps the ownership of that if nobody gets the message. Arrays may be shared and may contain themselves; strings are UTF-8.

use std::ffi::{CStr, CString, c_char, c_void};

use eyot_bytecode::module::ClassId;
use eyot_runtime::isolate::numbered;
use rustc_hash::FxHashMap;

use super::super::bytes::elements_of;
use super::super::parcel::{DATA_CLASSES, Foreign, Item, Parcel, Part};

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

/// C keeps its memory, and hears of nothing.
fn disown(parcel: Parcel) {
    for owner in parcel.into_owners() {
        if let Ok(owed) = owner.downcast::<Owed>() {
            std::mem::forget(*owed);
        }
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
        disown(parcel);
        return false;
    }
    let Err(message) = numbered::send(port, parcel.into_message()) else {
        return true;
    };
    if let Some(parcel) = Parcel::returned(message) {
        disown(parcel);
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
                        self.parcel
                            .owed_if_lost
                            .push(Box::new(Owed { callback, peer }));
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
                    self.parcel.owed.push(Box::new(Owed { callback, peer }));
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
                Some(_) => self.parcel.owed.push(Box::new(owed)),
                None => std::mem::forget(owed),
            }
            return item;
        }
        // SAFETY: C's promise, until it is told that nobody uses the bytes any more.
        let foreign = unsafe { Foreign::new(data, bytes, Box::new(owed)) };
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

// ---- to C

impl Parcel {
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
        Item::Map(_) | Item::Foreign(..) | Item::Unsupported(_) => (kind::UNSUPPORTED, none),
    };
    CObject { kind, value }
}
