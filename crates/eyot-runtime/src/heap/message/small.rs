//! Small messages: one object whose fields are numbers, constants, ports and the like. Records and plain data objects are most of what
//! isolates send each other.
//!
//! Such a message needs none of the copier's means (forwarded headers and their log, a stack, tables): the object and the leaves that
//! it refers to are written one behind the other into a block of one granule.

use std::ptr::NonNull;

use super::super::block::{BLOCK_HEADER_WORDS, Block, BlockList, OwnerId};
use super::super::chunk::GRANULE_WORDS;
use super::super::layout::{Kind, Layout};
use super::super::walk::{copy_words, for_each_slot, has_no_slots, object_words};
use super::super::{Heap, pool, verify};
use super::Message;
use super::copy::NOT_COPIED;
use crate::object::{Header, ObjRef};
use crate::value::Value;

/// Words that a block of one granule has for objects.
const WORDS_MAX: usize = GRANULE_WORDS - BLOCK_HEADER_WORDS;
/// Leaves of a small message.
const LEAVES_MAX: usize = 6;

/// Objects in flight in one block that is theirs alone.
pub struct SmallGraph {
    root: Value,
    block: Block,
}

impl SmallGraph {
    /// Bytes of the block.
    pub(super) fn bytes(&self) -> usize {
        self.block.bytes()
    }

    /// What the receiver takes over.
    pub(super) fn into_parts(self) -> (Value, Block) {
        let parts = (self.root, self.block);
        std::mem::forget(self);
        parts
    }
}

impl Drop for SmallGraph {
    fn drop(&mut self) {
        // SAFETY: the message's block, in which nobody is interested any more.
        unsafe { pool::give(self.block) };
    }
}

/// An object that the message refers to.
#[derive(Clone, Copy)]
struct Leaf {
    object: ObjRef,
    words: usize,
    /// Where its copy is, in words behind the message's object.
    at: usize,
}

/// What a small message consists of.
struct Parts {
    leaves: [Option<Leaf>; LEAVES_MAX],
    count: usize,
    /// Words of all objects.
    words: usize,
}

impl Parts {
    /// Takes an object in, which may be in already; whether there is room.
    fn add(&mut self, object: ObjRef, words: usize) -> bool {
        if self.at(object).is_some() {
            return true;
        }
        let at = self.words;
        if self.count == LEAVES_MAX || at + words > WORDS_MAX {
            return false;
        }
        self.leaves[self.count] = Some(Leaf { object, words, at });
        self.count += 1;
        self.words += words;
        true
    }

    fn leaves(&self) -> impl Iterator<Item = Leaf> {
        self.leaves[..self.count].iter().copied().flatten()
    }

    /// Where the copy of a leaf is.
    fn at(&self, object: ObjRef) -> Option<usize> {
        let leaf = self.leaves().find(|leaf| leaf.object == object);
        leaf.map(|leaf| leaf.at)
    }
}

impl Heap {
    /// The message of a value that refers to a few leaves at most, if it is such a value.
    #[inline]
    pub(super) fn copy_small(&self, value: Value) -> Option<Message> {
        let root = ObjRef::of(value)?;
        // SAFETY: the value refers to a live object of this heap, and so does what is in it; nothing is allocated in the heap.
        unsafe {
            let header = root.header();
            let layout = self.layouts.get(header.class());
            if !matches!(layout.kind, Kind::Record | Kind::Fixed) || !is_movable(header, layout) {
                return None;
            }
            let words = object_words(root, header, layout);
            if words > WORDS_MAX {
                return None;
            }
            let mut parts = Parts {
                leaves: [None; LEAVES_MAX],
                count: 0,
                words,
            };
            let mut is_small = true;
            for_each_slot(root, layout, |slot| {
                is_small = is_small && self.add_leaf(&mut parts, *slot);
            });
            is_small.then(|| self.write_small(root, words, layout, &parts))?
        }
    }

    /// Takes what a slot refers to into the message, if that is small.
    ///
    /// # Safety
    /// A value of this heap.
    unsafe fn add_leaf(&self, parts: &mut Parts, value: Value) -> bool {
        let Some(object) = ObjRef::of(value) else {
            return true;
        };
        // SAFETY: the caller's.
        unsafe {
            let header = object.header();
            if header.has(Header::FROZEN) {
                // Regions are counted.
                return !header.has(Header::IN_REGION);
            }
            let layout = self.layouts.get(header.class());
            matches!(layout.kind, Kind::Fixed | Kind::OneByteString)
                && has_no_slots(layout)
                && is_movable(header, layout)
                && parts.add(object, object_words(object, header, layout))
        }
    }

    /// # Safety
    /// A live object of so many words with this layout, whose slots `parts` has the leaves of.
    unsafe fn write_small(
        &self,
        root: ObjRef,
        words: usize,
        layout: &Layout,
        parts: &Parts,
    ) -> Option<Message> {
        let block = pool::take(1)?.block;
        let copy_to = |object: ObjRef, words, at| {
            // SAFETY: the block is the message's, and has so many words.
            unsafe {
                let copy = place(block, at);
                copy_words(object, copy, words);
                let kept = object.header().without(NOT_COPIED);
                copy.set_header(kept.with(Header::COHORT));
                copy
            }
        };
        let copy = copy_to(root, words, 0);
        for leaf in parts.leaves() {
            copy_to(leaf.object, leaf.words, leaf.at);
        }
        // SAFETY: the block and what was written into it are the message's.
        unsafe {
            for_each_slot(copy, layout, |slot| {
                if let Some(object) = ObjRef::of(*slot)
                    && let Some(at) = parts.at(object)
                {
                    *slot = place(block, at).value();
                }
            });
            block.header().owner = OwnerId::MESSAGE;
            block.set_used_to(block.first_word().wrapping_add(parts.words));
        }
        let root = copy.value();
        if self.verifies {
            let mut blocks = BlockList::EMPTY;
            blocks.push(block);
            verify::verify_message_or_stop([&blocks, &BlockList::EMPTY], &self.layouts, root);
        }
        Some(Message::Small(SmallGraph { root, block }))
    }
}

/// The object that starts so many words behind the first one of a block.
#[inline(always)]
fn place(block: Block, at: usize) -> ObjRef {
    let start = block.first_word().wrapping_add(at);
    // SAFETY: the words of a block are not at address 0.
    ObjRef::from_ptr(unsafe { NonNull::new_unchecked(start) })
}

/// Whether an object is one that is simply copied: it may be sent, is not shared by reference, and has no bytes outside.
fn is_movable(header: Header, layout: &Layout) -> bool {
    !layout.unsendable
        && !layout.freezes
        && !header.has(Header::FROZEN)
        && !header.has(Header::FROZEN_COPY)
        && !header.has(Header::EXTERNAL)
}
