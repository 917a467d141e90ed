//! Layouts: how the collector and the message copier read an object, by its class.
//!
//! One [`LayoutTable`] serves a group; every heap of the group holds it. It starts with the layouts of the classes that
//! the runtime itself shapes (see the table in [`crate::value`]) and grows when a module is linked. Readers take no lock:
//! an entry is written before any object of its class exists.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use eyot_bytecode::module::{ClassFlags, ClassId, ClassLayout};
use eyot_bytecode::well_known::class;

/// How the words of an object are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Free memory: the identity-hash half of the header holds the number of words (0 stands for 1).
    Free,
    /// A fixed number of words; the map says which are tagged.
    Fixed,
    /// `_List`, `_ImmutableList`: vector, length, tagged elements.
    Array,
    /// `_OneByteString`.
    OneByteString,
    /// `_TwoByteString`.
    TwoByteString,
    /// `_IndexTable`: number of 32-bit entries, then the entries.
    IndexTable,
    /// `_Closure`.
    Closure,
    /// `_Record`.
    Record,
    /// `_Suspension`: counts (u32 tagged, u32 raw), then tagged words, then raw ones.
    Suspension,
    /// A handle of a blob: length, data pointer, blob pointer.
    Blob,
    /// `_WeakReference`: vector, weak target.
    Weak,
    /// `_Ephemeron`: weak key, value that lives while the key does.
    Ephemeron,
}

/// The layout of one class.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// How to read it.
    pub kind: Kind,
    /// Instances may not be sent.
    pub unsendable: bool,
    /// Instances are immutable, and so is what their class lets them refer to.
    pub immutable: bool,
    /// An instance that is sent is worth a look whether it can be frozen.
    pub freezes: bool,
    /// Words of a [`Kind::Fixed`] object, header included.
    pub words: u16,
    /// Word of the type argument vector, 0 if there is none.
    pub targs_word: u16,
    /// Words 0..64 that are tagged.
    pub refs: u64,
    /// The words from 64 on, a bit a word.
    pub more_refs: &'static [u64],
}

impl Layout {
    const fn of(kind: Kind) -> Layout {
        Layout {
            kind,
            unsendable: false,
            immutable: false,
            freezes: false,
            words: 0,
            targs_word: 0,
            refs: 0,
            more_refs: &[],
        }
    }

    const fn fixed(words: u16, refs: u64) -> Layout {
        Layout {
            words,
            refs,
            ..Layout::of(Kind::Fixed)
        }
    }

    const fn generic(self) -> Layout {
        Layout {
            targs_word: 1,
            ..self
        }
    }

    const fn immutable(self) -> Layout {
        Layout {
            immutable: true,
            ..self
        }
    }

    const fn freezes(self) -> Layout {
        Layout {
            freezes: true,
            ..self
        }
    }

    const fn unsendable(self) -> Layout {
        Layout {
            unsendable: true,
            ..self
        }
    }

    /// The layout of instances of a class of the program.
    pub fn of_class(declared: &ClassLayout) -> Layout {
        // A map beyond 64 words is leaked: classes live as long as their group, and so wide a class is rare.
        let more_refs = match declared.more_refs.as_slice() {
            [] => &[],
            rest => &*Box::leak(rest.to_vec().into_boxed_slice()),
        };
        Layout {
            kind: Kind::Fixed,
            unsendable: declared.flags.contains(ClassFlags::UNSENDABLE),
            immutable: declared.flags.contains(ClassFlags::DEEPLY_IMMUTABLE),
            freezes: declared.flags.contains(ClassFlags::DEEPLY_IMMUTABLE),
            words: declared.words.max(1),
            targs_word: declared.targs_word,
            refs: declared.refs & !1,
            more_refs,
        }
    }
}

/// Layouts that a fresh table has room for.
const FIRST_CAPACITY: usize = 1024;
/// Class ids have 23 bits.
const MAX_CLASSES: usize = 1 << 23;

const UNDECLARED: Layout = Layout::of(Kind::Free);

/// The layouts of a group's classes.
///
/// The entries are an array that is replaced by a larger one when it is full. Arrays that were replaced are kept, so that
/// a reader never loses the one it looks at.
///
/// Aligned so that its count of owners, which changes with each isolate, lies in another line of memory than what all workers read.
#[repr(align(128))]
pub struct LayoutTable {
    capacity: AtomicUsize,
    entries: AtomicPtr<Layout>,
    arrays: Mutex<Vec<NonNull<[Layout]>>>,
}

// SAFETY: entries are written under the lock, and before any object of their class exists, so before anybody reads them.
unsafe impl Send for LayoutTable {}
// SAFETY: as above.
unsafe impl Sync for LayoutTable {}

/// A class id beyond what a group can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyClasses;

impl LayoutTable {
    /// The layouts of the classes that the runtime shapes.
    pub fn new() -> LayoutTable {
        let table = LayoutTable {
            capacity: AtomicUsize::new(0),
            entries: AtomicPtr::new(std::ptr::null_mut()),
            arrays: Mutex::new(Vec::new()),
        };
        for &(id, layout) in SHAPED {
            // The ids are small.
            let _ = table.define(id, layout);
        }
        table
    }

    /// Declares the layout of a class; the first declaration stands, so the classes shaped by the runtime keep theirs.
    pub fn define(&self, class: ClassId, layout: Layout) -> Result<(), TooManyClasses> {
        let index = class.index();
        if index >= MAX_CLASSES {
            return Err(TooManyClasses);
        }
        let mut arrays = self.arrays.lock().unwrap_or_else(PoisonError::into_inner);
        if index >= self.capacity.load(Ordering::Relaxed) {
            self.grow(&mut arrays, index + 1);
        }
        // SAFETY: the index lies inside the array, which is written under the lock only; nobody reads this entry yet.
        unsafe {
            let entry = self.entries.load(Ordering::Relaxed).add(index);
            if (*entry).kind == Kind::Free {
                *entry = layout;
            }
        }
        Ok(())
    }

    fn grow(&self, arrays: &mut Vec<NonNull<[Layout]>>, needed: usize) {
        let size = needed.next_power_of_two().max(FIRST_CAPACITY);
        let mut array = vec![UNDECLARED; size].into_boxed_slice();
        if let Some(last) = arrays.last() {
            // SAFETY: arrays live as long as the table, and the lock keeps others from writing.
            let last = unsafe { last.as_ref() };
            array[..last.len()].copy_from_slice(last);
        }
        let mut array = NonNull::from(Box::leak(array));
        // SAFETY: fresh.
        let start = unsafe { array.as_mut() }.as_mut_ptr();
        arrays.push(array);
        // In this order, so that whoever sees the new capacity sees the new array too.
        self.entries.store(start, Ordering::Release);
        self.capacity.store(size, Ordering::Release);
    }

    /// Declares a class of a module; see [`LayoutTable::define`].
    pub fn define_class(&self, id: ClassId, declared: &ClassLayout) -> Result<(), TooManyClasses> {
        let layout = Layout::of_class(declared);
        // Their fields are not final, but nothing ever writes to them.
        let is_unmodifiable = matches!(id, class::CONST_MAP | class::CONST_SET);
        self.define(
            id,
            match is_unmodifiable {
                true => layout.immutable().freezes(),
                false => layout,
            },
        )
    }

    /// The layout of a class, or that of free memory if it was never declared.
    #[inline(always)]
    pub fn get(&self, class: ClassId) -> &Layout {
        const FREE: &Layout = &UNDECLARED;
        if class.index() < self.capacity.load(Ordering::Acquire) {
            // SAFETY: the index lies inside this array and all later ones, which live as long as the table.
            unsafe { &*self.entries.load(Ordering::Acquire).add(class.index()) }
        } else {
            FREE
        }
    }
}

impl Drop for LayoutTable {
    fn drop(&mut self) {
        let arrays = self
            .arrays
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        for array in arrays.drain(..) {
            // SAFETY: the arrays were leaked from boxes, and nobody reads the table any more.
            drop(unsafe { Box::from_raw(array.as_ptr()) });
        }
    }
}

impl Default for LayoutTable {
    fn default() -> Self {
        LayoutTable::new()
    }
}

/// Words of a blob handle: header, length, data pointer, blob pointer.
pub const BLOB_HANDLE_WORDS: usize = 4;

const SHAPED: &[(ClassId, Layout)] = &[
    (class::FREE, Layout::of(Kind::Free)),
    (class::INT, Layout::fixed(2, 0).immutable()),
    (class::DOUBLE, Layout::fixed(2, 0).immutable()),
    (
        class::ONE_BYTE_STRING,
        Layout::of(Kind::OneByteString).immutable(),
    ),
    (
        class::TWO_BYTE_STRING,
        Layout::of(Kind::TwoByteString).immutable(),
    ),
    (class::FIXED_LIST, Layout::of(Kind::Array).generic()),
    (
        class::IMMUTABLE_LIST,
        Layout::of(Kind::Array).generic().immutable().freezes(),
    ),
    (class::GROWABLE_LIST, Layout::fixed(4, 0b1000).generic()),
    (class::INDEX_TABLE, Layout::of(Kind::IndexTable)),
    (class::CELL, Layout::fixed(2, 0b10)),
    (class::RAW_CELL, Layout::fixed(2, 0)),
    (class::CLOSURE, Layout::of(Kind::Closure)),
    (class::RECORD, Layout::of(Kind::Record)),
    (class::TYPE, Layout::fixed(2, 0).immutable()),
    (class::SUSPENSION, Layout::of(Kind::Suspension).unsendable()),
    (class::SEND_PORT, Layout::fixed(3, 0).immutable()),
    (class::CAPABILITY, Layout::fixed(2, 0).immutable()),
    (class::TRANSFERABLE, Layout::of(Kind::Blob)),
    (class::BYTE_BUFFER, Layout::of(Kind::Blob)),
    (class::BYTE_DATA, Layout::of(Kind::Blob)),
    (class::INT8_LIST, Layout::of(Kind::Blob)),
    (class::UINT8_LIST, Layout::of(Kind::Blob)),
    (class::UINT8_CLAMPED_LIST, Layout::of(Kind::Blob)),
    (class::INT16_LIST, Layout::of(Kind::Blob)),
    (class::UINT16_LIST, Layout::of(Kind::Blob)),
    (class::INT32_LIST, Layout::of(Kind::Blob)),
    (class::UINT32_LIST, Layout::of(Kind::Blob)),
    (class::INT64_LIST, Layout::of(Kind::Blob)),
    (class::UINT64_LIST, Layout::of(Kind::Blob)),
    (class::FLOAT32_LIST, Layout::of(Kind::Blob)),
    (class::FLOAT64_LIST, Layout::of(Kind::Blob)),
    (class::NATIVE_OBJECT, Layout::fixed(2, 0).unsendable()),
    (class::WEAK_REFERENCE, Layout::of(Kind::Weak).generic()),
    (class::EPHEMERON, Layout::of(Kind::Ephemeron)),
];
