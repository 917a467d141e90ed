//! Frozen data: objects that are built once and then only read, shared by reference between the isolates of a group.
//!
//! Constants live here, as long as their group. Frozen objects refer to frozen objects only. They never move, no collector writes
//! to them, and their header says so ([`Header::FROZEN`]), which is all that a collection or the message copier looks at. What
//! other objects fill in lazily is there from the start: strings know their hash, the identity hash comes from the address.

use std::sync::{Arc, Mutex, PoisonError};

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;

use super::block::{BlockList, OwnerId};
use super::collect::give_all;
use super::layout::{Layout, LayoutTable};
use super::old::{Bump, FULL_BLOCK_GRANULES};
use super::walk::{for_each_object, for_each_slot};
use super::{Allocated, HeapLimit, MAX_OBJECT_WORDS};
use crate::object::{self, Header, ObjRef, StringView, slot};
use crate::value::Value;

/// The frozen data of a group.
pub struct FrozenHeap {
    layouts: Arc<LayoutTable>,
    bump: Mutex<FrozenBump>,
}

struct FrozenBump(Bump);

// SAFETY: the allocator's blocks are reached through the lock only; finished objects are never written to.
unsafe impl Send for FrozenBump {}

impl FrozenHeap {
    /// Without any objects.
    pub fn new(layouts: Arc<LayoutTable>) -> FrozenHeap {
        let block_bytes = FULL_BLOCK_GRANULES as usize * super::chunk::GRANULE_BYTES;
        FrozenHeap {
            layouts,
            bump: Mutex::new(FrozenBump(Bump::new(OwnerId::FROZEN, block_bytes))),
        }
    }

    /// A fresh frozen object, zeroed. The caller fills it before anybody else sees it, tagged words with frozen values only.
    pub fn new_object(&self, of: ClassId, words: usize) -> Allocated {
        if words > MAX_OBJECT_WORDS {
            return Err(HeapLimit);
        }
        let mut bump = self.bump.lock().unwrap_or_else(PoisonError::into_inner);
        let object = bump.0.allocate(words);
        // SAFETY: fresh memory of so many words.
        unsafe {
            std::ptr::write_bytes(object.as_ptr(), 0, words);
            object.set_header(Header::new(of).with(Header::OLD | Header::FROZEN));
        }
        Ok(object)
    }

    /// A fresh instance of a class of the program.
    pub fn new_instance(&self, of: ClassId) -> Allocated {
        let words = usize::from(self.layouts.get(of).words);
        self.new_object(of, words.max(1))
    }

    /// An integer, boxed beyond 63 bits.
    pub fn int(&self, value: i64) -> Allocated<Value> {
        match Value::smi(value) {
            Some(small) => Ok(small),
            None => self.raw(class::INT, value as u64),
        }
    }

    /// A boxed double.
    pub fn double(&self, value: f64) -> Allocated<Value> {
        self.raw(class::DOUBLE, value.to_bits())
    }

    /// An object of one raw word (`_Type`, `_SendPort`, a boxed number).
    pub fn raw(&self, of: ClassId, word: u64) -> Allocated<Value> {
        let object = self.new_object(of, 2)?;
        // SAFETY: fresh.
        unsafe { object.set_word(1, word) };
        Ok(object.value())
    }

    /// A string.
    pub fn string(&self, units: StringView<'_>) -> Allocated<Value> {
        let (of, bytes) = match units {
            StringView::OneByte(units) => (class::ONE_BYTE_STRING, units.len()),
            StringView::TwoByte(units) => (class::TWO_BYTE_STRING, units.len() * 2),
        };
        let length = u32::try_from(units.len()).map_err(|_| HeapLimit)?;
        let string = self.new_object(of, slot::STRING_DATA + bytes.div_ceil(8))?;
        let hash = object::string_hash(units);
        // SAFETY: fresh, with room for the units.
        unsafe {
            string.set_word(
                slot::STRING_LENGTH,
                u64::from(length) | u64::from(hash) << 32,
            );
            let data = string.as_ptr().add(slot::STRING_DATA).cast::<u8>();
            match units {
                StringView::OneByte(units) => {
                    std::ptr::copy_nonoverlapping(units.as_ptr(), data, bytes);
                }
                StringView::TwoByte(units) => {
                    std::ptr::copy_nonoverlapping(units.as_ptr().cast(), data, bytes);
                }
            }
        }
        Ok(string.value())
    }

    /// A string from Rust text.
    pub fn text(&self, text: &str) -> Allocated<Value> {
        if text.chars().all(|c| (c as u32) < 0x100) {
            let units: Vec<u8> = text.chars().map(|c| c as u32 as u8).collect();
            self.string(StringView::OneByte(&units))
        } else {
            let units: Vec<u16> = text.encode_utf16().collect();
            self.string(StringView::TwoByte(&units))
        }
    }

    /// A list of frozen elements.
    pub fn list(&self, of: ClassId, targs: u64, elements: &[Value]) -> Allocated<Value> {
        let list = self.new_object(of, slot::LIST_ELEMENTS + elements.len())?;
        // SAFETY: fresh, with room for the elements.
        unsafe {
            list.set_word(slot::LIST_TARGS, targs);
            list.set_word(slot::LIST_LENGTH, elements.len() as u64);
            for (index, &element) in elements.iter().enumerate() {
                list.init_field(slot::LIST_ELEMENTS + index, element);
            }
        }
        Ok(list.value())
    }

    /// A closure without captures.
    pub fn closure(&self, function: u32, instantiation: u64) -> Allocated<Value> {
        let closure = self.new_object(class::CLOSURE, slot::CLOSURE_CAPTURES)?;
        // SAFETY: fresh.
        unsafe {
            closure.set_word(slot::CLOSURE_FUNCTION, u64::from(function));
            closure.set_word(slot::CLOSURE_INSTANTIATION, instantiation);
        }
        Ok(closure.value())
    }

    /// A record of frozen fields.
    pub fn record(&self, shape: u32, fields: &[Value]) -> Allocated<Value> {
        let record = self.new_object(class::RECORD, slot::RECORD_FIELDS + fields.len())?;
        // SAFETY: fresh, with room for the fields.
        unsafe {
            record.set_word(
                slot::RECORD_SHAPE,
                u64::from(shape) | (fields.len() as u64) << 32,
            );
            for (index, &field) in fields.iter().enumerate() {
                record.init_field(slot::RECORD_FIELDS + index, field);
            }
        }
        Ok(record.value())
    }

    /// Bytes of the blocks.
    pub fn held_bytes(&self) -> usize {
        let bump = self.bump.lock().unwrap_or_else(PoisonError::into_inner);
        bump.0.blocks.bytes()
    }

    /// Checks that frozen objects refer to frozen ones only; the first fault found.
    pub fn verify(&self) -> Result<(), String> {
        let mut bump = self.bump.lock().unwrap_or_else(PoisonError::into_inner);
        bump.0.finish();
        let mut fault = None;
        for block in bump.0.blocks.iter() {
            // SAFETY: the lock is held, and the blocks are filled as far as they say.
            unsafe {
                for_each_object(block, &self.layouts, |object, header, layout, _| {
                    if !header.has(Header::FROZEN | Header::OLD) || refers_to_thawed(object, layout)
                    {
                        fault.get_or_insert_with(|| format!("frozen {object:?} is not"));
                    }
                });
            }
        }
        fault.map_or(Ok(()), Err)
    }
}

/// # Safety
/// A live object of this layout.
pub(super) unsafe fn refers_to_thawed(object: ObjRef, layout: &Layout) -> bool {
    let mut thawed = false;
    // SAFETY: the caller's; slots refer to live objects.
    unsafe {
        for_each_slot(object, layout, |slot| {
            if let Some(target) = ObjRef::of(*slot) {
                thawed |= !target.header().has(Header::FROZEN);
            }
        });
    }
    thawed
}

impl Drop for FrozenHeap {
    fn drop(&mut self) {
        let bump = self.bump.get_mut().unwrap_or_else(PoisonError::into_inner);
        give_all(&mut bump.0.blocks);
        bump.0.blocks = BlockList::EMPTY;
    }
}
