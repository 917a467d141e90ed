//! Freezing: immutable parts of a message go into a region of their own, which later messages refer to.
//!
//! The copier comes here with an object whose class promises something: an unmodifiable list, map or set, an instance of a class marked
//! deeply immutable. It is frozen if everything it refers to can be: numbers, strings, records, closures, ports, types, constants, such
//! lists and instances in turn. What is immutable refers only to what was there before it, so the graph has no cycles, and one walk that
//! handles an object after all that it refers to finds out what can be frozen and copies it: no object is looked at twice, whether it
//! can be frozen or not. (Should there be a cycle after all, it is found, and counts as not immutable.)
//!
//! A frozen part of less than [`REGION_BYTES_MIN`] is not worth a region: its blocks become part of the message. Otherwise the
//! sender's objects are noted as having frozen copies; see [`super::super::region`].

use super::super::LARGE_WORDS;
use super::super::address_hash;
use super::super::blob::Blob;
use super::super::block::{BLOCK_HEADER_WORDS, BlockList, OwnerId};
use super::super::chunk::GRANULE_WORDS;
use super::super::layout::{Kind, Layout};
use super::super::old::{Bump, out_of_memory};
use super::super::pool;
use super::super::region::{Region, RegionSet};
use super::super::walk::{copy_words, for_each_slot, object_words};
use super::copy::Copier;
use crate::object::{self, Header, ObjRef, StringView, slot, string_view};
use crate::sched::after_steps;
use crate::value::Value;

use eyot_bytecode::well_known::class;

/// Bytes of objects and blobs from which on a frozen part has a region: below, copying it again costs no more.
const REGION_BYTES_MIN: usize = 1024;

/// The immutable part of a message while it is copied.
pub(super) struct Freezer {
    bump: Bump,
    large: BlockList,
    /// Copies of strings whose units are in blobs, and of typed data that never changes.
    handles: Vec<ObjRef>,
    external_bytes: usize,
    object_bytes: usize,
    older: RegionSet,
    /// Originals, whose headers lead to the copies, and the headers they had.
    log: Vec<(ObjRef, Header)>,
    /// Copies of what the message had copied before.
    twins: Vec<ObjRef>,
    /// What the copier came here with.
    roots: Vec<ObjRef>,
    /// Objects flagged as visited.
    visited: Vec<ObjRef>,
    work: Vec<Work>,
    steps: usize,
}

enum Work {
    /// Look at it.
    Enter(ObjRef),
    /// All that it refers to has been looked at.
    Leave(ObjRef),
}

/// How an object is frozen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    /// It refers to nothing.
    Leaf,
    /// If all that it refers to is.
    Node,
    /// Not at all.
    Mutable,
}

impl Nature {
    /// # Safety
    /// A live object with this header and layout.
    pub(super) unsafe fn of(object: ObjRef, header: Header, layout: &Layout) -> Nature {
        match layout.kind {
            _ if layout.unsendable => Nature::Mutable,
            Kind::OneByteString | Kind::TwoByteString => Nature::Leaf,
            // The only way here is by an unmodifiable map or set.
            Kind::IndexTable => Nature::Leaf,
            Kind::Fixed if !layout.immutable => Nature::Mutable,
            Kind::Fixed if layout.refs == 0 && layout.more_refs.is_empty() => Nature::Leaf,
            Kind::Fixed | Kind::Record | Kind::Closure => Nature::Node,
            // SAFETY: the caller's; blob handles have this word.
            Kind::Blob if unsafe { Blob::unchanging(object.word(slot::BLOB)) }.is_some() => {
                Nature::Leaf
            }
            Kind::Array if header.class() == class::IMMUTABLE_LIST => Nature::Node,
            _ => Nature::Mutable,
        }
    }
}

impl Freezer {
    fn new() -> Freezer {
        Freezer {
            bump: Bump::new(OwnerId::MESSAGE, 0),
            large: BlockList::EMPTY,
            handles: Vec::new(),
            external_bytes: 0,
            object_bytes: 0,
            older: RegionSet::default(),
            log: Vec::new(),
            twins: Vec::new(),
            roots: Vec::new(),
            visited: Vec::new(),
            work: Vec::new(),
            steps: 0,
        }
    }

    fn allocate(&mut self, words: usize) -> ObjRef {
        self.object_bytes += words * 8;
        if words <= LARGE_WORDS {
            return self.bump.allocate(words);
        }
        let granules = (words + BLOCK_HEADER_WORDS).div_ceil(GRANULE_WORDS) as u32;
        let Some(taken) = pool::take(granules) else {
            out_of_memory()
        };
        // SAFETY: the block is ours.
        unsafe { taken.block.header() }.used_words = words as u32;
        self.large.push(taken.block);
        taken.block.large_object()
    }

    /// A frozen copy, still with the references of the original.
    ///
    /// # Safety
    /// An object with this header and layout, of the sender or of the message.
    unsafe fn copy(&mut self, original: ObjRef, header: Header, layout: &Layout) -> ObjRef {
        // SAFETY: the caller's; the copy is fresh.
        unsafe {
            let words = object_words(original, header, layout);
            let copy = self.allocate(words);
            copy_words(original, copy, words);
            let hash = match header.identity_hash() {
                0 => address_hash(copy),
                hash => hash,
            };
            let flags = Header::IN_REGION | Header::OLD | header.0 & Header::EXTERNAL;
            let hash = u64::from(hash) << 32;
            copy.set_header(Header::new(header.class()).with(flags | hash));
            match layout.kind {
                Kind::OneByteString | Kind::TwoByteString => self.complete_string(copy, header),
                Kind::Blob => self.share_blob(copy),
                _ => {}
            }
            copy
        }
    }

    /// Strings know their hash before they are shared.
    ///
    /// # Safety
    /// A fresh copy of a string.
    unsafe fn complete_string(&mut self, copy: ObjRef, header: Header) {
        // SAFETY: the caller's.
        unsafe {
            let length = copy.word(slot::STRING_LENGTH);
            if length >> 32 == 0 {
                let units = string_view(copy.value()).unwrap_or(StringView::OneByte(&[]));
                let hash = u64::from(object::string_hash(units));
                copy.set_word(slot::STRING_LENGTH, length | hash << 32);
            }
            if header.has(Header::EXTERNAL) {
                self.share_blob(copy);
            }
        }
    }

    /// Another count for the copy of a handle.
    ///
    /// # Safety
    /// A fresh copy of a blob handle.
    unsafe fn share_blob(&mut self, copy: ObjRef) {
        // SAFETY: the caller's.
        unsafe {
            if let Some(blob) = Blob::from_word(copy.word(slot::BLOB)) {
                blob.retain();
                self.external_bytes += blob.bytes();
                self.handles.push(copy);
            }
        }
    }

    /// # Safety
    /// An object of the sender with this header.
    unsafe fn forward(&mut self, original: ObjRef, header: Header, copy: ObjRef) {
        self.log.push((original, header.without(Header::VISITED)));
        // SAFETY: the caller's; the log puts the header back.
        unsafe { original.set_header(Header(copy.value().bits() | Header::FORWARDED)) };
    }

    /// # Safety
    /// An object of the sender with this header.
    unsafe fn visit(&mut self, object: ObjRef, header: Header) {
        self.visited.push(object);
        // SAFETY: the caller's.
        unsafe { object.set_header(header.with(Header::VISITED)) };
    }
}

impl Copier<'_, '_> {
    /// The frozen copy of an object, if it is deeply immutable.
    pub(super) fn freeze(&mut self, object: ObjRef) -> Option<Value> {
        let mut freezer = self
            .freezer
            .take()
            .unwrap_or_else(|| Box::new(Freezer::new()));
        freezer.work.push(Work::Enter(object));
        while let Some(work) = freezer.work.pop() {
            freezer.steps += 1;
            after_steps(freezer.steps);
            // SAFETY: reachable from a value of the sender.
            unsafe {
                match work {
                    Work::Enter(object) => self.enter(&mut freezer, object),
                    Work::Leave(object) => self.leave(&mut freezer, object),
                }
            }
        }
        freezer.roots.push(object);
        // SAFETY: an object of the sender.
        let frozen = unsafe { self.frozen_for(&mut freezer, object.value()) };
        if let Some(frozen) = frozen.and_then(ObjRef::of) {
            // An older region is the message's affair.
            // SAFETY: alive, and held by the sender if it is in a region.
            unsafe { self.regions.add_of(frozen) };
        }
        self.freezer = Some(freezer);
        frozen
    }

    /// # Safety
    /// An object of the sender.
    unsafe fn enter(&mut self, freezer: &mut Freezer, object: ObjRef) {
        // SAFETY: the caller's.
        unsafe {
            let header = object.header();
            if is_settled(header) {
                return;
            }
            let layout = *self.rules.layouts.get(header.class());
            match Nature::of(object, header, &layout) {
                Nature::Leaf => {
                    let copy = freezer.copy(object, header, &layout);
                    freezer.forward(object, header, copy);
                }
                Nature::Mutable => freezer.visit(object, header),
                Nature::Node => {
                    freezer.visit(object, header);
                    freezer.work.push(Work::Leave(object));
                    for_each_slot(object, &layout, |slot| {
                        if let Some(target) = ObjRef::of(*slot)
                            && !is_settled(target.header())
                        {
                            freezer.work.push(Work::Enter(target));
                        }
                    });
                }
            }
        }
    }

    /// # Safety
    /// An object of the sender that has been entered.
    unsafe fn leave(&mut self, freezer: &mut Freezer, object: ObjRef) {
        // SAFETY: the caller's.
        unsafe {
            let header = object.header();
            let layout = *self.rules.layouts.get(header.class());
            let mut all = true;
            for_each_slot(object, &layout, |slot| {
                all = all && self.can_be_frozen(*slot);
            });
            if !all {
                return;
            }
            let copy = freezer.copy(object, header, &layout);
            for_each_slot(copy, &layout, |slot| {
                if let Some(frozen) = self.frozen_for(freezer, *slot) {
                    *slot = frozen;
                }
            });
            freezer.forward(object, header, copy);
        }
    }

    /// Whether there is, or may be, something frozen in place of a value that was looked at.
    ///
    /// # Safety
    /// A value of the sender.
    unsafe fn can_be_frozen(&mut self, value: Value) -> bool {
        let Some(object) = ObjRef::of(value) else {
            return true;
        };
        // SAFETY: the caller's.
        unsafe {
            let header = object.header();
            if !header.has(Header::FORWARDED) {
                return header.has(Header::FROZEN) || self.older_copy(object, header).is_some();
            }
            let copy = forwarded_to(header);
            let header = copy.header();
            header.has(Header::FROZEN)
                || Nature::of(copy, header, self.rules.layouts.get(header.class())) == Nature::Leaf
        }
    }

    /// The copy that an earlier message has left.
    fn older_copy(&mut self, object: ObjRef, header: Header) -> Option<ObjRef> {
        if !header.has(Header::FROZEN_COPY) {
            return None;
        }
        self.held.as_mut()?.copies.of(object, header)
    }

    /// What is frozen in place of a value that was looked at.
    ///
    /// # Safety
    /// A value of the sender.
    unsafe fn frozen_for(&mut self, freezer: &mut Freezer, value: Value) -> Option<Value> {
        let Some(object) = ObjRef::of(value) else {
            return Some(value);
        };
        // SAFETY: the caller's.
        unsafe {
            let header = object.header();
            let frozen = if header.has(Header::FORWARDED) {
                let copy = forwarded_to(header);
                let header = copy.header();
                if header.has(Header::FROZEN) {
                    copy
                } else {
                    // The message has a copy of its own already.
                    let layout = *self.rules.layouts.get(header.class());
                    if Nature::of(copy, header, &layout) != Nature::Leaf {
                        return None;
                    }
                    let twin = freezer.copy(copy, header, &layout);
                    freezer.twins.push(twin);
                    twin
                }
            } else if header.has(Header::FROZEN) {
                object
            } else {
                self.older_copy(object, header)?
            };
            freezer.older.add_of(frozen);
            Some(frozen.value())
        }
    }

    /// The headers of the sender's objects as they were; the frozen part becomes a region that the sender holds too, or part of
    /// the message.
    pub(super) fn settle(&mut self, mut freezer: Freezer, is_refused: bool) {
        let bytes = freezer.object_bytes + freezer.external_bytes;
        let is_region = !is_refused && (bytes >= REGION_BYTES_MIN || self.freezes_small);
        freezer.bump.finish_small();
        // SAFETY: objects of the sender, whose headers lead to the copies, and those copies, which nobody else has seen.
        unsafe {
            if is_region {
                self.note_copies(&mut freezer);
            } else {
                for (original, header) in freezer.log.drain(..) {
                    thaw(forwarded_to(original.header()));
                    original.set_header(header);
                }
                freezer.twins.drain(..).for_each(|twin| thaw(twin));
            }
            for object in freezer.visited {
                object.set_header(object.header().without(Header::VISITED));
            }
        }
        if !is_region {
            self.regions.append(freezer.older);
            self.thawed = freezer.bump.blocks;
            self.large.append(&mut freezer.large);
            for &handle in &freezer.handles {
                // The receiver is charged through each of them.
                // SAFETY: a copy that is the message's now.
                unsafe { handle.set_header(handle.header().with(Header::EXTERNAL)) };
            }
            self.handles.append(&mut freezer.handles);
            self.external_bytes += freezer.external_bytes;
            return;
        }
        let region = Region::new(
            freezer.bump.blocks,
            freezer.large,
            freezer.handles,
            freezer.external_bytes,
            freezer.older.into_regions(),
        );
        self.regions.add(region.clone());
        self.held.get_or_insert_default().hold_fresh(region);
    }

    /// # Safety
    /// Objects of the sender, whose headers lead to the copies.
    unsafe fn note_copies(&mut self, freezer: &mut Freezer) {
        let copies = &mut self.held.get_or_insert_default().copies;
        // SAFETY: the caller's.
        unsafe {
            for &root in &freezer.roots {
                let header = root.header();
                if header.has(Header::FORWARDED)
                    && forwarded_to(header).header().has(Header::FROZEN)
                {
                    copies.add_root(root, forwarded_to(header));
                }
            }
            for (original, header) in freezer.log.drain(..) {
                let copy = forwarded_to(original.header());
                // Whoever has asked for the original's hash, or asks now, gets the same from the copy.
                let hash = u64::from(copy.header().identity_hash()) << 32;
                original.set_header(header.with(hash | Header::FROZEN_COPY));
                copies.add(original, header, copy);
            }
        }
    }
}

/// Whether nothing is to be found out about an object: it was copied, is frozen, has a frozen copy, or was looked at.
fn is_settled(header: Header) -> bool {
    header.has(Header::FORWARDED)
        || header.0 & (Header::FROZEN | Header::FROZEN_COPY | Header::VISITED) != 0
}

fn forwarded_to(header: Header) -> ObjRef {
    // SAFETY: a forwarded header holds the address of an object.
    unsafe { ObjRef::of_pointer(Value::from_bits(header.0 & !Header::FORWARDED)) }
}

/// # Safety
/// A copy that nobody has seen, in a block that becomes the message's.
unsafe fn thaw(copy: ObjRef) {
    // SAFETY: the caller's.
    unsafe {
        let header = copy.header().without(Header::IN_REGION | Header::OLD);
        copy.set_header(header.with(Header::COHORT));
    }
}
