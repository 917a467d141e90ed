//! Plain data of Rust as values of a heap: what operations outside any isolate answer.

use eyot_bytecode::well_known::class;

use crate::heap::roots::Roots;
use crate::heap::{Allocated, Heap};
use crate::object::{ObjRef, slot};
use crate::value::Value;

/// A tree of plain data.
#[derive(Clone, Debug, PartialEq)]
pub enum Plain {
    /// `null`.
    Null,
    /// A bool.
    Bool(bool),
    /// An int.
    Int(i64),
    /// A double.
    Double(f64),
    /// A String.
    Text(Box<str>),
    /// A `Uint8List`.
    Bytes(Vec<u8>),
    /// A `List` of fixed length.
    List(Vec<Plain>),
}

impl Heap {
    /// The data as a value. A safepoint.
    pub fn new_plain(&mut self, plain: &Plain, roots: &mut dyn Roots) -> Allocated<Value> {
        match plain {
            Plain::Null => Ok(Value::NULL),
            Plain::Bool(value) => Ok(Value::bool(*value)),
            Plain::Int(value) => self.box_int(*value, roots),
            Plain::Double(value) => self.box_double(*value, roots),
            Plain::Text(text) => self.new_string(text, roots),
            Plain::Bytes(bytes) => self.new_bytes(bytes, roots),
            Plain::List(elements) => {
                let scope = self.open_scope();
                let made = self.fill_list(elements, roots);
                self.close_scope(scope);
                made
            }
        }
    }

    /// A `Uint8List`. A safepoint.
    pub fn new_bytes(&mut self, bytes: &[u8], roots: &mut dyn Roots) -> Allocated<Value> {
        let list = self.new_typed_data(class::UINT8_LIST, bytes.len(), bytes.len(), roots)?;
        // SAFETY: fresh typed data of as many bytes.
        unsafe {
            let data = list.word(slot::DATA_POINTER) as *mut u8;
            if !bytes.is_empty() {
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
            }
        }
        Ok(list.value())
    }

    fn fill_list(&mut self, elements: &[Plain], roots: &mut dyn Roots) -> Allocated<Value> {
        let list = self.new_list(class::FIXED_LIST, elements.len(), 0, roots)?;
        let list = self.handle(list.value());
        for (index, element) in elements.iter().enumerate() {
            let element = self.new_plain(element, roots)?;
            if let Some(object) = ObjRef::of(self.get(list)) {
                // SAFETY: a list of that length.
                unsafe { self.store(object, slot::LIST_ELEMENTS + index, element) };
            }
        }
        Ok(self.get(list))
    }
}
