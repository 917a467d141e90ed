//! The objects of a heap and who refers to whom, as plain data: for tools.
//!
//! What the roots lead to is in it, constants and objects of frozen regions included; garbage is not. Nothing is allocated in the heap
//! meanwhile, so that addresses tell objects apart.

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;
use rustc_hash::FxHashMap;

use super::Heap;
use super::blob::Blob;
use super::layout::Kind;
use super::roots::{RootVisitor, Roots};
use super::walk::{for_each_slot, object_words};
use crate::object::{Header, ObjRef, StringView, slot, string_view};
use crate::sched::after_steps;
use crate::value::Value;

/// What is kept of a string's text.
const TEXT_UNITS_MAX: usize = 128;

/// The objects.
pub struct Snapshot {
    /// What the roots refer to.
    pub roots: Vec<Option<u32>>,
    /// The objects; a reference is a place among them.
    pub objects: Vec<SnapshotObject>,
}

/// An object.
pub struct SnapshotObject {
    /// Its class.
    pub class: ClassId,
    /// Its size in the heap.
    pub bytes: usize,
    /// Bytes outside all blocks that it holds a count of.
    pub external_bytes: usize,
    /// What it says besides references.
    pub content: Content,
    /// What its tagged words refer to, in their order; none for null, bools and small integers.
    pub references: Vec<Option<u32>>,
}

/// What an object says besides references.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Nothing.
    None,
    /// An integer beyond 63 bits.
    Int(i64),
    /// A double.
    Double(f64),
    /// The beginning of a string of Latin-1 units, and how many there are.
    Latin1(Vec<u8>, usize),
    /// The same of UTF-16 units.
    Utf16(Vec<u16>, usize),
    /// So many elements.
    Length(usize),
}

impl Heap {
    /// The objects that the roots and the heap's own handles lead to.
    pub fn snapshot(&self, roots: &mut dyn Roots) -> Snapshot {
        let mut walk = Walk {
            heap: self,
            found: Vec::new(),
            places: FxHashMap::default(),
            roots: Vec::new(),
        };
        roots.visit_roots(&mut walk);
        for &value in self.handles.iter() {
            walk.root(value);
        }
        let mut objects = Vec::new();
        // Describing an object finds others.
        while let Some(&object) = walk.found.get(objects.len()) {
            after_steps(objects.len());
            objects.push(walk.describe(object));
        }
        Snapshot {
            roots: walk.roots,
            objects,
        }
    }
}

struct Walk<'a> {
    heap: &'a Heap,
    found: Vec<ObjRef>,
    places: FxHashMap<ObjRef, u32>,
    roots: Vec<Option<u32>>,
}

impl RootVisitor for Walk<'_> {
    fn visit(&mut self, slot: &mut Value) {
        self.root(*slot);
    }
}

impl Walk<'_> {
    fn root(&mut self, value: Value) {
        if let Some(place) = self.place(value) {
            self.roots.push(Some(place));
        }
    }

    fn place(&mut self, value: Value) -> Option<u32> {
        let object = ObjRef::of(value)?;
        let next = self.found.len() as u32;
        let place = *self.places.entry(object).or_insert(next);
        if place == next {
            self.found.push(object);
        }
        Some(place)
    }

    fn describe(&mut self, object: ObjRef) -> SnapshotObject {
        // SAFETY: what roots and objects refer to is live, and nothing is allocated or collected meanwhile.
        unsafe {
            let header = object.header();
            let layout = self.heap.layouts.get(header.class());
            let mut references = Vec::new();
            for_each_slot(object, layout, |slot| references.push(self.place(*slot)));
            let holds_blob = layout.kind == Kind::Blob || header.has(Header::EXTERNAL);
            let blob = match holds_blob {
                true => Blob::from_word(object.word(slot::BLOB)),
                false => None,
            };
            SnapshotObject {
                class: header.class(),
                bytes: object_words(object, header, layout) * size_of::<u64>(),
                external_bytes: blob.map_or(0, Blob::bytes),
                content: content(object, header.class(), layout.kind),
                references,
            }
        }
    }
}

/// # Safety
/// A live object of that class.
unsafe fn content(object: ObjRef, of: ClassId, kind: Kind) -> Content {
    // SAFETY: the caller's; the words read exist in objects of these classes.
    unsafe {
        match kind {
            Kind::OneByteString | Kind::TwoByteString => match string_view(object.value()) {
                Some(StringView::OneByte(units)) => {
                    let kept = units.len().min(TEXT_UNITS_MAX);
                    Content::Latin1(units[..kept].to_vec(), units.len())
                }
                Some(StringView::TwoByte(units)) => {
                    let kept = units.len().min(TEXT_UNITS_MAX);
                    Content::Utf16(units[..kept].to_vec(), units.len())
                }
                None => Content::None,
            },
            Kind::Array => Content::Length(object.word(slot::LIST_LENGTH) as usize),
            Kind::Blob => Content::Length(object.word(slot::DATA_LENGTH) as usize),
            _ if of == class::INT => Content::Int(object.word(1) as i64),
            _ if of == class::DOUBLE => Content::Double(f64::from_bits(object.word(1))),
            _ => Content::None,
        }
    }
}
