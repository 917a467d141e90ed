//! The write barrier and the remembered set.
//!
//! A minor collection does not look at old objects, so an old object that is given a young one is remembered: by itself, or, for a
//! large list where the word is known, by the card the word lies in. The fast path reads two headers and takes no atomic,
//! because nobody else looks at this heap.
//!
//! While a full collection is prepared ([`super::premark`]) the slow path is also gone where an old object is given an old one: what the fast
//! path looks for in the value's header ([`Heap::must_note`]) is a byte of the heap, `OLD` or nothing.

use super::Heap;
use super::block::{Block, CARD_WORDS, Cards};
use crate::object::{Header, ObjRef, slot};
use crate::value::Value;

/// What the barrier looks for in a value's header while no collection is prepared.
pub(super) const SPARED: u8 = Header::OLD as u8;

impl Heap {
    /// Writes a tagged word of any object, with the barrier.
    ///
    /// # Safety
    /// The contract of [`crate::object`]; the word is a tagged one, and the object is not frozen.
    #[inline(always)]
    pub unsafe fn store(&mut self, object: ObjRef, index: usize, value: Value) {
        // SAFETY: the caller's.
        unsafe {
            object.init_field(index, value);
            self.write_barrier_at(object, index, value);
        }
    }

    /// Tells the collector that `object` now refers to `value`; where is not known (bulk moves call it once per value, or once
    /// [`Heap::write_barrier_all`]).
    ///
    /// # Safety
    /// The contract of [`crate::object`].
    #[inline(always)]
    pub unsafe fn write_barrier(&mut self, object: ObjRef, value: Value) {
        // SAFETY: the caller's.
        unsafe {
            if self.must_note(object, value) {
                self.note(object, None, value);
            }
        }
    }

    /// The same where the word is known: of a large list it remembers that part only.
    ///
    /// # Safety
    /// The contract of [`crate::object`].
    #[inline(always)]
    pub unsafe fn write_barrier_at(&mut self, object: ObjRef, index: usize, value: Value) {
        // SAFETY: the caller's.
        unsafe {
            if self.must_note(object, value) {
                self.note(object, Some(index), value);
            }
        }
    }

    /// Tells the collector that any tagged word of `object` may have changed.
    ///
    /// # Safety
    /// The contract of [`crate::object`].
    #[inline]
    pub unsafe fn write_barrier_all(&mut self, object: ObjRef) {
        // SAFETY: the caller's.
        unsafe {
            if object.header().0 & (Header::OLD | Header::REMEMBERED) == Header::OLD
                && !self.barrier_is_dropped()
            {
                self.remember(object);
            }
        }
    }

    /// Whether the barrier has work to do when `object` is given `value`; for callers that keep the work off their common path.
    ///
    /// # Safety
    /// The contract of [`crate::object`].
    #[inline(always)]
    pub unsafe fn must_note(&self, object: ObjRef, value: Value) -> bool {
        // SAFETY: the caller's.
        unsafe {
            object.header().0 & (Header::OLD | Header::REMEMBERED) == Header::OLD
                && value.is_pointer()
                && ObjRef::of_pointer(value).header().0 as u8 & self.spared_by_barrier == 0
        }
    }

    /// An old object that is not remembered is given a young one, or any while a full collection is prepared.
    #[cold]
    #[inline(never)]
    unsafe fn note(&mut self, object: ObjRef, index: Option<usize>, value: Value) {
        if self.barrier_is_dropped() {
            return;
        }
        // SAFETY: the caller's: the value is a pointer.
        unsafe {
            let value = ObjRef::of_pointer(value);
            if value.header().has(Header::OLD) {
                // The test feature `fault-drop-shade` forgets what a prepared collection has to know; the stress tests must notice.
                #[cfg(not(feature = "fault-drop-shade"))]
                if let Some(premark) = self.premark() {
                    premark.note_store(object, value);
                }
                return;
            }
            match index {
                Some(index) => self.remember_at(object, index),
                None => self.remember(object),
            }
        }
    }

    #[cold]
    #[inline(never)]
    unsafe fn remember(&mut self, object: ObjRef) {
        // SAFETY: the caller's.
        unsafe { object.set_header(object.header().with(Header::REMEMBERED)) };
        self.remembered.push(object);
    }

    unsafe fn remember_at(&mut self, object: ObjRef, index: usize) {
        // SAFETY: the caller's; the flag says that the object is alone in its block.
        let cards = unsafe {
            if !object.header().has(Header::LARGE) {
                return self.remember(object);
            }
            Block::of_large(object).header().cards.as_mut()
        };
        let Some(cards) = cards else {
            // SAFETY: the caller's.
            return unsafe { self.remember(object) };
        };
        if let Some(card) = cards.dirty.get_mut(index / CARD_WORDS) {
            *card = true;
        }
        if !cards.listed {
            cards.listed = true;
            self.remembered.push(object);
        }
    }

    /// The test feature `fault-drop-barrier` loses every 16th slow barrier; the stress tests must notice.
    #[inline(always)]
    fn barrier_is_dropped(&mut self) -> bool {
        #[cfg(feature = "fault-drop-barrier")]
        {
            self.faults += 1;
            return self.faults % 16 == 0;
        }
        #[cfg(not(feature = "fault-drop-barrier"))]
        false
    }
}

/// Gives a large list its cards when it becomes old.
///
/// # Safety
/// A list alone in its block.
pub unsafe fn add_cards(list: ObjRef) {
    // SAFETY: the caller's.
    unsafe {
        let words = slot::LIST_ELEMENTS + list.word(slot::LIST_LENGTH) as usize;
        Block::of_large(list).header().cards = Some(Box::new(Cards {
            listed: false,
            dirty: vec![false; words.div_ceil(CARD_WORDS)].into_boxed_slice(),
        }));
    }
}
