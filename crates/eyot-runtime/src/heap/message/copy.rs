//! The copier: one pass over what a value refers to, in the sender's heap.
//!
//! A copied object's header holds the address of the copy, so that it is copied once; [`Copier::restore`] puts the headers back.
//! Copies wait on a stack, still with the sender's references, until they are scanned.

use std::cell::Cell;

use eyot_bytecode::well_known::class;
use rustc_hash::FxHashMap;

use super::super::blob::{Blob, READ_ONLY};
use super::super::block::{BLOCK_HEADER_WORDS, Block, BlockList, Chain, OwnerId};
use super::super::chunk::GRANULE_WORDS;
use super::super::layout::{Kind, Layout, LayoutTable};
use super::super::lend::is_worth_lending;
use super::super::old::{Bump, out_of_memory};
use super::super::region::{HeldRegions, RegionId, RegionSet};
use super::super::walk::{
    copy_words, for_each_reference, for_each_slot, has_no_slots, object_words,
};
use super::super::{LARGE_WORDS, address_hash, pool, stream};
use super::freeze::Freezer;
use super::{ForeignTargs, Graph, Message, Rules};
use crate::object::{Header, ObjRef, slot};
use crate::sched::in_long_step;
use crate::value::Value;

/// What a thread keeps between two copies.
#[derive(Default)]
struct Scratch {
    stack: Vec<ObjRef>,
    log: Log,
}

/// Objects of the sender and the headers that they had. Of pieces, because a vector of millions that grows is mostly moved.
#[derive(Default)]
struct Log {
    full: Vec<Vec<(ObjRef, Header)>>,
    last: Vec<(ObjRef, Header)>,
}

impl Log {
    #[inline(always)]
    fn push(&mut self, object: ObjRef, header: Header) {
        if self.last.len() == LOG_PIECE {
            self.begin_piece();
        }
        self.last.push((object, header));
    }

    #[cold]
    fn begin_piece(&mut self) {
        in_long_step();
        let piece = Vec::with_capacity(LOG_PIECE);
        self.full.push(std::mem::replace(&mut self.last, piece));
    }

    /// Empties it; the last piece is kept.
    fn drain(&mut self) -> impl Iterator<Item = (ObjRef, Header)> {
        let full = std::mem::take(&mut self.full);
        full.into_iter().flatten().chain(self.last.drain(..))
    }
}

/// What a copy's header does not have of its original's.
pub(super) const NOT_COPIED: u64 =
    Header::FLAGS & !Header::EXTERNAL | Header::VISITED | Header::FROZEN_COPY | Header::LENT;

/// Words of a boxed number.
const NUMBER_WORDS: usize = 2;

/// Entries that a thread keeps.
const SCRATCH_KEPT: usize = 1 << 14;
/// Entries of a piece of the log.
const LOG_PIECE: usize = SCRATCH_KEPT;

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// A copy being made.
pub(super) struct Copier<'a, 'f> {
    pub(super) rules: Rules<'a>,
    /// The sender's.
    pub(super) held: &'a mut Option<Box<HeldRegions>>,
    /// Regions that the message refers to.
    pub(super) regions: RegionSet,
    /// Of the immutable part of the message, if there is one.
    pub(super) freezer: Option<Box<Freezer>>,
    /// The immutable part has a region, however small it is.
    pub(super) freezes_small: bool,
    foreign: Option<ForeignTargs<'f>>,
    /// Between groups: frozen objects and their copies, since nothing is written to them.
    frozen: FxHashMap<ObjRef, Value>,
    bump: Bump,
    pub(super) large: BlockList,
    /// Blocks of an immutable part that is too small for a region.
    pub(super) thawed: BlockList,
    scratch: Box<Scratch>,
    pub(super) handles: Vec<ObjRef>,
    pub(super) external_bytes: usize,
    /// Bytes copied for read-only handles: they would be shared if nobody else had them.
    pub(super) read_only_bytes: usize,
    /// Buffers of typed data and their copies.
    buffers: Vec<(Blob, Blob)>,
    /// Transferables of the sender and their copies.
    pub(super) transferables: Vec<(ObjRef, ObjRef)>,
    /// Handles of buffers that are worth lending, and their copies.
    pub(super) lent: Vec<(ObjRef, ObjRef)>,
    weak: Vec<ObjRef>,
    ephemerons: Vec<ObjRef>,
    pub(super) refused: Option<ObjRef>,
}

impl<'a, 'f> Copier<'a, 'f> {
    pub(super) fn new(
        layouts: &'a LayoutTable,
        foreign: Option<ForeignTargs<'f>>,
        held: &'a mut Option<Box<HeldRegions>>,
    ) -> Copier<'a, 'f> {
        Copier {
            rules: Rules {
                layouts,
                between_groups: foreign.is_some(),
            },
            held,
            regions: RegionSet::default(),
            freezer: None,
            freezes_small: false,
            foreign,
            frozen: FxHashMap::default(),
            bump: Bump::new(OwnerId::MESSAGE, 0),
            large: BlockList::EMPTY,
            thawed: BlockList::EMPTY,
            scratch: SCRATCH.take().unwrap_or_default(),
            handles: Vec::new(),
            external_bytes: 0,
            read_only_bytes: 0,
            buffers: Vec::new(),
            transferables: Vec::new(),
            lent: Vec::new(),
            weak: Vec::new(),
            ephemerons: Vec::new(),
            refused: None,
        }
    }

    /// The value for the receiver; its object is copied now or was before.
    #[inline]
    pub(super) fn copy_value(&mut self, value: Value) -> Value {
        if !value.is_pointer() {
            return value;
        }
        // SAFETY: the value refers to a live object of the sender, or to frozen data.
        unsafe {
            let object = ObjRef::of_pointer(value);
            let header = object.header();
            if header.has(Header::FORWARDED) {
                return Value::from_bits(header.0 & !Header::FORWARDED);
            }
            if header.has(Header::FROZEN) {
                if !self.rules.between_groups {
                    if header.has(Header::IN_REGION) {
                        self.regions.add_of(object);
                    }
                    return value;
                }
                if let Some(&copy) = self.frozen.get(&object) {
                    return copy;
                }
            }
            if matches!(header.class(), class::INT | class::DOUBLE) && self.foreign.is_none() {
                return self.copy_number(object, header);
            }
            self.copy_object(object, header)
        }
    }

    /// Copies a boxed number: the short way for what there are often millions of.
    ///
    /// # Safety
    /// A boxed number of the sender with this header, neither forwarded nor frozen.
    #[inline(always)]
    unsafe fn copy_number(&mut self, number: ObjRef, header: Header) -> Value {
        let copy = self.bump.allocate(NUMBER_WORDS);
        // SAFETY: the caller's; the copy has as many words.
        unsafe {
            let kept = header.without(NOT_COPIED);
            copy.set_header(kept.with(Header::COHORT));
            copy.set_word(1, number.word(1));
            self.scratch.log.push(number, header);
            number.set_header(Header(copy.value().bits() | Header::FORWARDED));
        }
        copy.value()
    }

    #[inline(never)]
    unsafe fn copy_object(&mut self, object: ObjRef, header: Header) -> Value {
        let layout = self.rules.layouts.get(header.class());
        // SAFETY: a live object of the sender.
        unsafe {
            if self.rules.refuse(object, header, layout) {
                self.refused.get_or_insert(object);
                return Value::NULL;
            }
            let is_record = layout.kind == Kind::Record;
            if (layout.freezes
                || header.has(Header::FROZEN_COPY)
                || is_record && nests(object, layout))
                && !self.rules.between_groups
                && let Some(frozen) = self.freeze(object)
            {
                return frozen;
            }
            let words = object_words(object, header, layout);
            let copy = self.allocate(words);
            copy_words(object, copy, words);
            let place = if words > LARGE_WORDS {
                Header::LARGE
            } else {
                Header::COHORT
            };
            let kept = header.without(NOT_COPIED);
            copy.set_header(kept.with(place));
            if header.has(Header::FROZEN) {
                self.frozen.insert(object, copy.value());
                if header.identity_hash() == 0 {
                    let hash = u64::from(address_hash(object)) << 32;
                    copy.set_header(copy.header().with(hash));
                }
            } else {
                self.scratch.log.push(object, header);
                object.set_header(Header(copy.value().bits() | Header::FORWARDED));
            }
            if let Some(foreign) = &mut self.foreign
                && layout.targs_word != 0
            {
                let word = usize::from(layout.targs_word);
                copy.set_word(word, foreign(copy.word(word)));
            }
            if layout.kind == Kind::Blob || header.has(Header::EXTERNAL) {
                self.copy_blob(object, copy, header);
            } else if !has_no_slots(layout) {
                self.scratch.stack.push(copy);
            }
            copy.value()
        }
    }

    #[inline]
    fn allocate(&mut self, words: usize) -> ObjRef {
        if words > LARGE_WORDS {
            return self.allocate_large(words);
        }
        self.bump.allocate(words)
    }

    fn allocate_large(&mut self, words: usize) -> ObjRef {
        let granules = (words + BLOCK_HEADER_WORDS).div_ceil(GRANULE_WORDS) as u32;
        let Some(taken) = pool::take(granules) else {
            out_of_memory()
        };
        let block: Block = taken.block;
        // SAFETY: the block is the message's.
        unsafe {
            block.header().owner = OwnerId::MESSAGE;
            block.header().used_words = words as u32;
        }
        self.large.push(block);
        block.large_object()
    }

    /// # Safety
    /// A blob handle of the sender and its copy.
    unsafe fn copy_blob(&mut self, object: ObjRef, copy: ObjRef, header: Header) {
        // SAFETY: the caller's.
        unsafe {
            let Some(blob) = Blob::from_word(object.word(slot::BLOB)) else {
                return;
            };
            match header.class() {
                class::ONE_BYTE_STRING | class::TWO_BYTE_STRING => {
                    blob.retain();
                    self.external_bytes += blob.bytes();
                }
                // Not in the message's handles until the copy is complete, so that giving up leaves the count to the sender.
                class::TRANSFERABLE => return self.transferables.push((object, copy)),
                _ if is_worth_lending(blob) => return self.lent.push((object, copy)),
                _ => self.copy_buffer(blob, object, copy),
            }
            self.handles.push(copy);
        }
    }

    /// # Safety
    /// A typed data handle of the sender over `blob`, and its copy.
    unsafe fn copy_buffer(&mut self, blob: Blob, object: ObjRef, copy: ObjRef) {
        let known = self.buffers.iter().find(|(from, _)| *from == blob);
        let known = known.map(|&(_, own)| own);
        // SAFETY: the caller's; both buffers have so many bytes, and the pointer lies in the sender's.
        unsafe {
            let header = copy.header();
            let own = if let Some(own) = known {
                own.retain();
                copy.set_header(header.without(Header::EXTERNAL));
                own
            } else {
                let Some(own) = Blob::for_overwriting(blob.bytes()) else {
                    out_of_memory()
                };
                stream::copy(blob.data(), own.data(), blob.bytes(), blob.bytes());
                self.buffers.push((blob, own));
                // The receiver is charged through the first handle, be it a view or not.
                copy.set_header(header.with(Header::EXTERNAL));
                self.external_bytes += blob.bytes();
                if object.word(slot::BLOB) & READ_ONLY != 0 {
                    self.read_only_bytes += blob.bytes();
                }
                own
            };
            let offset = object.word(slot::DATA_POINTER) - blob.data() as u64;
            copy.set_word(slot::DATA_POINTER, own.data() as u64 + offset);
            let read_only = object.word(slot::BLOB) & READ_ONLY;
            copy.set_word(slot::BLOB, own.word() | read_only);
        }
    }

    pub(super) fn run(&mut self) {
        self.run_stack();
        loop {
            let pending = std::mem::take(&mut self.ephemerons);
            for &copy in &pending {
                self.scan_ephemeron(copy);
            }
            self.run_stack();
            if self.ephemerons == pending {
                break;
            }
        }
        for copy in std::mem::take(&mut self.ephemerons) {
            // SAFETY: a copy of an ephemeron; its key is not in the message.
            unsafe {
                copy.init_field(slot::EPHEMERON_KEY, Value::NULL);
                copy.init_field(slot::EPHEMERON_VALUE, Value::NULL);
            }
        }
        for copy in std::mem::take(&mut self.weak) {
            // SAFETY: a copy of a weak reference, still with the sender's target.
            unsafe {
                let target = copy.field(slot::WEAK_TARGET);
                let target = copied(target).unwrap_or(Value::NULL);
                copy.init_field(slot::WEAK_TARGET, target);
            }
        }
    }

    fn run_stack(&mut self) {
        while let Some(copy) = self.scratch.stack.pop() {
            if self.refused.is_some() {
                self.scratch.stack.clear();
                return;
            }
            // SAFETY: a copy of this message, still with the sender's references.
            unsafe {
                let layout = self.rules.layouts.get(copy.class());
                match layout.kind {
                    Kind::Weak => self.weak.push(copy),
                    Kind::Ephemeron => self.scan_ephemeron(copy),
                    _ => for_each_reference(copy, layout, |slot| *slot = self.copy_value(*slot)),
                }
            }
        }
    }

    fn scan_ephemeron(&mut self, copy: ObjRef) {
        // SAFETY: a copy of an ephemeron, still with the sender's references.
        unsafe {
            let Some(key) = copied(copy.field(slot::EPHEMERON_KEY)) else {
                return self.ephemerons.push(copy);
            };
            copy.init_field(slot::EPHEMERON_KEY, key);
            let value = self.copy_value(copy.field(slot::EPHEMERON_VALUE));
            copy.init_field(slot::EPHEMERON_VALUE, value);
        }
    }

    /// Puts the sender's headers back. What was frozen is kept unless the message is refused, or the frozen part too small.
    pub(super) fn restore(&mut self, is_refused: bool) {
        for (object, header) in self.scratch.log.drain() {
            // SAFETY: an object of the sender whose header this copier replaced.
            unsafe { object.set_header(header) };
        }
        if let Some(freezer) = self.freezer.take() {
            self.settle(*freezer, is_refused);
        }
    }

    pub(super) fn finish(mut self, root: Value) -> Message {
        self.bump.finish_small();
        self.bump.blocks.append(&mut self.thawed);
        self.keep_scratch();
        if self.bump.blocks.is_empty()
            && self.large.is_empty()
            && let Some(object) = ObjRef::of(root)
            // SAFETY: the root is in the message, or frozen and held by `regions`.
            && let Some(region) = unsafe { RegionId::of(object) }
        {
            // SAFETY: as above.
            return Message::Shared(root, unsafe { region.hold() });
        }
        Message::Graph(Box::new(Graph {
            root,
            blocks: Chain::of(self.bump.blocks.take()),
            large: Chain::of(self.large.take()),
            handles: std::mem::take(&mut self.handles),
            external_bytes: self.external_bytes,
            regions: self.regions.into_regions(),
            old: false,
        }))
    }

    /// Drops what was copied so far.
    pub(super) fn give_up(&mut self) {
        self.bump.finish();
        self.bump.blocks.append(&mut self.thawed);
        drop(Graph {
            root: Value::NULL,
            blocks: Chain::of(self.bump.blocks.take()),
            large: Chain::of(self.large.take()),
            handles: std::mem::take(&mut self.handles),
            external_bytes: 0,
            regions: Vec::new(),
            old: false,
        });
        self.keep_scratch();
    }

    fn keep_scratch(&mut self) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.stack.clear();
        scratch.stack.shrink_to(SCRATCH_KEPT);
        SCRATCH.set(Some(scratch));
    }
}

/// Whether a record holds other records: only then is it worth a look whether they can all be frozen. A flat one is copied, and what it
/// holds is looked at by itself.
///
/// # Safety
/// A live record of the sender with this layout.
#[inline(never)]
unsafe fn nests(record: ObjRef, layout: &Layout) -> bool {
    let mut nests = false;
    // SAFETY: the caller's; forwarded objects are not looked into.
    unsafe {
        for_each_slot(record, layout, |slot| {
            nests |= ObjRef::of(*slot).is_some_and(|held| {
                let header = held.header();
                !header.has(Header::FORWARDED) && header.class() == class::RECORD
            });
        });
    }
    nests
}

/// Where a value of the sender is in the message, if it is there; values that need no copy are themselves.
///
/// # Safety
/// A value of the sender.
unsafe fn copied(value: Value) -> Option<Value> {
    let Some(object) = ObjRef::of(value) else {
        return Some(value);
    };
    // SAFETY: the caller's.
    let header = unsafe { object.header() };
    if header.has(Header::FORWARDED) {
        Some(Value::from_bits(header.0 & !Header::FORWARDED))
    } else {
        header.has(Header::FROZEN).then_some(value)
    }
}
