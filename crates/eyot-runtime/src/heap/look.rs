//! Whether lent bytes are garbage, found out without a collection.
//!
//! Who has lent bytes mostly has forgotten them when the event is over, and the next who writes to them needs to know that. A minor collection
//! would find it out, but it also moves what is alive and changes blocks, which costs more than the question when there are few young objects. So
//! the heap first has a *look*: it follows references from the roots through young objects, changes nothing, and gives up if that
//! gets long. The handles of blobs that it did not come to are dead: they give their counts back at once, and the list of handles does not grow.
//! The objects themselves stay where they are until the next collection.
//!
//! Weak references may lead to objects that a look does not come to, so it gives up where it finds one.

use super::Heap;
use super::blob::Blob;
use super::layout::{Kind, LayoutTable};
use super::roots::{RootVisitor, Roots};
use super::trace::{borrow_stack, return_stack};
use super::walk::{for_each_slot, has_no_slots};
use crate::object::{Header, ObjRef, slot};
use crate::value::Value;

/// So many words of objects are looked at: some microseconds at most.
const WORDS_MAX: usize = 1024;

/// A look that is under way.
struct Look<'a> {
    layouts: &'a LayoutTable,
    /// Young objects that were reached, in the order in which they were. All have [`Header::VISITED`].
    seen: Vec<ObjRef>,
    /// How many words may still be looked at.
    words_left: usize,
    given_up: bool,
}

impl Heap {
    /// Gives the counts of young handles back that nothing leads to; false if that is not found out so easily.
    pub(super) fn release_dead_handles(&mut self, roots: &mut dyn Roots) -> bool {
        if self.remembered.len() + self.young_handles.len() > WORDS_MAX {
            return false;
        }
        let mut look = Look {
            layouts: &self.layouts,
            seen: borrow_stack(),
            words_left: WORDS_MAX,
            given_up: false,
        };
        roots.visit_roots(&mut look);
        if let Some(handles) = self.handles.get_mut() {
            look.visit_slice(handles);
        }
        for &object in self.remembered.iter() {
            // SAFETY: remembered objects are live, and nothing is under way.
            unsafe { look.scan(object) };
        }
        look.finish();
        let Look { seen, given_up, .. } = look;
        if !given_up {
            let mut handles = self.young_handles.take();
            handles.retain(|&handle| {
                // SAFETY: handles on the list have their words until they are taken off.
                unsafe {
                    if !is_dead(handle.header()) {
                        settle(handle);
                        return true;
                    }
                    // A transferable that was sent, or whose bytes were taken, has none to give up.
                    if handle.word(slot::BLOB) != 0 {
                        self.release_early(handle);
                    }
                    false
                }
            });
            self.young_handles.put(handles);
        }
        for &object in &seen {
            // SAFETY: objects of this heap.
            unsafe { object.set_header(object.header().without(Header::VISITED)) };
        }
        return_stack(seen);
        !given_up
    }

    /// Gives up the count of a young handle whose words stay where they are.
    ///
    /// # Safety
    /// A dead handle on the list, which the caller takes it off.
    unsafe fn release_early(&mut self, handle: ObjRef) {
        // SAFETY: the caller's.
        unsafe {
            let header = handle.header();
            // What was charged before the last collection does not count as young.
            if header.has(Header::EXTERNAL) && !header.has(Header::AGED) {
                let bytes = Blob::from_word(handle.word(slot::BLOB)).map_or(0, Blob::bytes);
                self.external_young_bytes = self.external_young_bytes.saturating_sub(bytes);
            }
            self.release_handle(handle);
            // Nobody reads it any more but those who walk blocks; they find it empty.
            handle.set_word(slot::BLOB, 0);
            handle.set_word(slot::DATA_POINTER, 0);
            handle.set_word(slot::DATA_LENGTH, 0);
        }
    }
}

/// Notes that a young handle is not going to be looked at, or just was.
///
/// # Safety
/// A handle on a heap's list.
pub(super) unsafe fn settle(handle: ObjRef) {
    // SAFETY: the caller's; handles have this word.
    unsafe {
        if handle.header().has(Header::LENT)
            && let Some(cover) = Blob::from_word(handle.word(slot::BLOB))
        {
            cover.settle();
        }
    }
}

/// Whether a handle was not reached. A frozen copy's original is left to the collection that replaces it.
fn is_dead(header: Header) -> bool {
    header.0 & (Header::OLD | Header::VISITED | Header::FROZEN_COPY) == 0
}

impl Look<'_> {
    #[inline(always)]
    fn reach(&mut self, value: Value) {
        if !value.is_pointer() {
            return;
        }
        // SAFETY: a word of a root or a live object leads to a live object.
        unsafe {
            let object = ObjRef::of_pointer(value);
            let header = object.header();
            if header.0 & (Header::OLD | Header::VISITED) != 0 {
                return;
            }
            object.set_header(header.with(Header::VISITED));
            self.seen.push(object);
        }
    }

    /// Follows what was reached until nothing is left.
    fn finish(&mut self) {
        let mut next = 0;
        while !self.given_up
            && let Some(&object) = self.seen.get(next)
        {
            // SAFETY: a live object of this heap.
            unsafe { self.scan(object) };
            next += 1;
        }
    }

    /// # Safety
    /// A live object of this heap.
    unsafe fn scan(&mut self, object: ObjRef) {
        // SAFETY: the caller's.
        unsafe {
            let layout = self.layouts.get(object.class());
            let words = match layout.kind {
                Kind::Array => object.word(slot::LIST_LENGTH) as usize,
                Kind::Weak | Kind::Ephemeron => usize::MAX,
                _ if has_no_slots(layout) => 1,
                _ => 8,
            };
            if words > self.words_left || self.given_up {
                self.given_up = true;
                return;
            }
            self.words_left -= words.max(1);
            for_each_slot(object, layout, |slot| self.reach(*slot));
        }
    }
}

impl RootVisitor for Look<'_> {
    fn visit(&mut self, slot: &mut Value) {
        self.reach(*slot);
    }

    fn visit_slice(&mut self, slots: &mut [Value]) {
        for slot in slots {
            self.reach(*slot);
        }
    }
}
