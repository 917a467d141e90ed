//! Tracing: what a collection does with each reference, object and weak reference.
//!
//! The trace keeps an explicit stack, which is borrowed from the thread, so a heap at rest has none. It can stop between any two
//! objects and go on later, on another thread too, as long as the isolate does not run: see [`super::job`]. Large lists are
//! looked at piece by piece, so none takes long, and what they refer to is not on the stack all at once.
//!
//! During a collection a header is one of: forwarded (moved); `OLD` (in old space or frozen; in a full collection
//! live only if marked); neither (young, not yet reached, or copied to a survivor block).

use std::cell::Cell;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Heap;
use super::barrier::add_cards;
use super::block::{Block, BlockList, CARD_WORDS};
use super::chunk::{is_evacuated, is_marked, mark};
use super::collect::Extent;
use super::job::Budget;
use super::layout::{Kind, LayoutTable};
use super::old::{Bump, OldSpace, is_sparse, mark_moved};
use super::premark::{Found, Premark};
use super::region::RegionId;
use super::roots::RootVisitor;
use super::walk::{copy_words, for_each_reference, has_no_slots, object_words};
use crate::object::{Header, ObjRef, slot};
use crate::value::Value;

thread_local! {
    static STACK: Cell<Vec<ObjRef>> = const { Cell::new(Vec::new()) };
}

/// The thread's stack, empty.
pub(super) fn borrow_stack() -> Vec<ObjRef> {
    let mut stack = STACK.take();
    stack.clear();
    stack
}

/// Gives the stack back.
pub(super) fn return_stack(mut stack: Vec<ObjRef>) {
    stack.clear();
    stack.shrink_to(STACK_KEPT);
    STACK.set(stack);
}

/// Entries of the stack that a thread keeps between collections.
const STACK_KEPT: usize = 1 << 16;

/// Words of a large list that are looked at in one go.
pub(super) const PIECE_WORDS: usize = 1024;

/// A large list, and how far it has been looked at.
pub(super) struct Piece {
    pub(super) list: ObjRef,
    /// The first card not yet looked at.
    pub(super) card: usize,
    /// Only dirty parts count.
    only_dirty: bool,
}

impl Piece {
    /// All of a list.
    pub(super) fn whole(list: ObjRef) -> Piece {
        Piece {
            list,
            card: 0,
            only_dirty: false,
        }
    }

    fn dirty(list: ObjRef) -> Piece {
        Piece {
            only_dirty: true,
            ..Piece::whole(list)
        }
    }
}

/// Part of a collection that depends on the extent: where objects go and which headers are followed.
pub(super) struct Trace<const FULL: bool> {
    layouts: Arc<LayoutTable>,
    old: OldSpace,
    survivors: Bump,
    stack: Vec<ObjRef>,
    pieces: Vec<Piece>,
    evacuating: bool,
    /// Bytes of the objects that are moved out of flagged blocks, or a bit more.
    moved_bytes: usize,
    /// Flags of young objects that stay where they are.
    unmoved: u64,
    /// Old objects that refer to young ones.
    remembered: Vec<ObjRef>,
    weak: Vec<ObjRef>,
    /// Ephemerons whose keys have not been reached, and those of them that are looked at again.
    ephemerons: Vec<ObjRef>,
    again: Vec<ObjRef>,
    /// Something was reached since they were looked at last.
    followed: bool,
    /// In a full collection: frozen regions that something refers to.
    regions: FxHashSet<RegionId>,
    last_region: Option<RegionId>,
    /// In a minor collection: the full one that is being prepared.
    premark: Option<Box<Premark>>,
}

/// What a trace leaves.
pub(super) struct Reached {
    /// Old space, with what was promoted.
    pub(super) old: OldSpace,
    /// Blocks of objects that survived once.
    pub(super) survivors: BlockList,
    /// Old objects that refer to young ones.
    pub(super) remembered: Vec<ObjRef>,
    /// In a full collection: frozen regions that something refers to.
    pub(super) regions: FxHashSet<RegionId>,
    /// In a minor collection: the full one that is being prepared.
    pub(super) premark: Option<Box<Premark>>,
}

impl<const FULL: bool> Trace<FULL> {
    /// A trace that has the heap's old space. A full one begins with what was found before.
    pub(super) fn start(heap: &mut Heap, extent: Extent, found: Found) -> Trace<FULL> {
        let mut old = heap.old.take();
        old.open(heap.owner);
        let young_bytes = heap.young.blocks.bytes() + heap.young.survivors.bytes();
        if FULL {
            let moving = if extent == Extent::Compact {
                old.blocks.bytes()
            } else {
                0
            };
            old.abandon_gaps(young_bytes + moving);
        }
        let mut stack = borrow_stack();
        stack.extend(found.stack);
        Trace {
            layouts: Arc::clone(&heap.layouts),
            old,
            survivors: Bump::new(heap.owner, young_bytes / 8),
            stack,
            pieces: found.pieces,
            evacuating: false,
            moved_bytes: 0,
            unmoved: match extent {
                Extent::Compact => Header::LARGE,
                _ => Header::LARGE | Header::COHORT,
            },
            remembered: Vec::new(),
            weak: found.weak,
            ephemerons: found.ephemerons,
            again: Vec::new(),
            followed: true,
            regions: found.regions,
            last_region: None,
            premark: match FULL {
                true => None,
                false => heap
                    .beside
                    .as_mut()
                    .and_then(|beside| beside.premark.take()),
            },
        }
    }

    /// The first block of old space, for [`Trace::flag_evacuation`].
    pub(super) fn first_block(&self) -> Option<Block> {
        self.old.blocks.first()
    }

    /// Takes the marks of large objects back.
    pub(super) fn unmark_large(&self) {
        self.old.unmark_large();
    }

    /// Flags a block whose objects are to be moved out, and gives the one behind it.
    pub(super) fn flag_evacuation(&mut self, block: Block, all: bool) -> Option<Block> {
        // SAFETY: the block is this heap's.
        unsafe {
            let header = block.header();
            if all || is_sparse(block, header.live_words as usize) {
                let (chunk, first) = block.place();
                chunk.set_evacuate(first, header.granules as usize, true);
                self.evacuating = true;
                self.moved_bytes += header.live_words as usize * 8;
            }
            block.next()
        }
    }

    pub(super) fn moved_bytes(&self) -> usize {
        self.moved_bytes
    }

    /// Bytes of blocks that the trace holds.
    pub(super) fn held_bytes(&self) -> usize {
        self.old.bytes() + self.survivors.blocks.bytes()
    }

    /// Gives back what was borrowed, and what the trace leaves; it is used up.
    pub(super) fn finish(&mut self) -> Reached {
        return_stack(std::mem::take(&mut self.stack));
        self.survivors.finish();
        Reached {
            old: std::mem::replace(&mut self.old, OldSpace::new()),
            survivors: self.survivors.blocks.take(),
            remembered: std::mem::take(&mut self.remembered),
            regions: std::mem::take(&mut self.regions),
            premark: self.premark.take(),
        }
    }

    /// Handles one slot: rewrites it if its object has moved or moves now.
    #[inline(always)]
    fn visit_slot(&mut self, slot: *mut Value) {
        // SAFETY: a slot of a root or of a live object; its value refers to a live object of this heap or to frozen data.
        unsafe {
            let value = *slot;
            if !value.is_pointer() {
                return;
            }
            let object = ObjRef::of_pointer(value);
            let header = object.header();
            if header.0 & (Header::FORWARDED | Header::OLD) == 0 {
                *slot = self.reach_young(object, header).value();
            } else if header.has(Header::FORWARDED) {
                *slot = Value::from_bits(header.0 & !Header::FORWARDED);
            } else if FULL && !header.has(Header::FROZEN) {
                *slot = self.reach_old(object, header).value();
            } else if FULL && header.has(Header::IN_REGION) {
                self.reach_region(object);
            } else if !FULL && let Some(premark) = &mut self.premark {
                premark.shade(object, header);
            }
        }
    }

    /// # Safety
    /// An object of a frozen region that the heap holds.
    unsafe fn reach_region(&mut self, object: ObjRef) {
        // SAFETY: the caller's.
        let region = unsafe { RegionId::of(object) };
        if region != self.last_region {
            self.last_region = region;
            self.regions.extend(region);
        }
    }

    unsafe fn reach_young(&mut self, object: ObjRef, header: Header) -> ObjRef {
        let layout = *self.layouts.get(header.class());
        // SAFETY: a live young object of this heap.
        unsafe {
            if header.0 & self.unmoved != 0 {
                mark(object);
                object.set_header(header.without(Header::COHORT).with(Header::OLD));
                if header.has(Header::LARGE) && layout.kind == Kind::Array {
                    add_cards(object);
                }
                self.note_promoted(object, layout.kind);
                if !has_no_slots(&layout) {
                    self.stack.push(object);
                }
                return object;
            }
            let words = object_words(object, header, &layout);
            let promoted = FULL || header.has(Header::AGED);
            let place = if promoted {
                self.old.allocate(words)
            } else {
                self.survivors.allocate(words)
            };
            copy_words(object, place, words);
            place.set_header(if promoted {
                header
                    .without(Header::AGED | Header::COHORT)
                    .with(Header::OLD)
            } else {
                header.with(Header::AGED)
            });
            if FULL {
                mark_moved(place);
            } else if promoted {
                self.note_promoted(place, layout.kind);
            }
            object.set_header(Header(place.value().bits() | Header::FORWARDED));
            if !has_no_slots(&layout) {
                self.stack.push(place);
            }
            place
        }
    }

    /// # Safety
    /// An object that is old now, in its place.
    #[inline(always)]
    unsafe fn note_promoted(&mut self, object: ObjRef, kind: Kind) {
        if !FULL && let Some(premark) = &mut self.premark {
            // SAFETY: the caller's.
            unsafe { premark.note_promoted(object, kind) };
        }
    }

    unsafe fn reach_old(&mut self, object: ObjRef, header: Header) -> ObjRef {
        // SAFETY: a live old object of this heap.
        unsafe {
            if self.evacuating && !header.has(Header::LARGE) && is_evacuated(object) {
                let layout = *self.layouts.get(header.class());
                let words = object_words(object, header, &layout);
                let place = self.old.allocate(words);
                copy_words(object, place, words);
                mark_moved(place);
                object.set_header(Header(place.value().bits() | Header::FORWARDED));
                if !has_no_slots(&layout) {
                    self.stack.push(place);
                }
                return place;
            }
            if mark(object) {
                self.stack.push(object);
            }
            object
        }
    }

    /// Looks at everything that was reached, and at what that refers to; whether all is done.
    pub(super) fn run(&mut self, budget: &mut Budget) -> bool {
        loop {
            let mut left = budget.left();
            while let Some(object) = self.stack.pop() {
                self.scan(object);
                left -= 1;
                if left <= 0 {
                    budget.set_left(0);
                    return false;
                }
            }
            budget.set_left(left);
            let Some(piece) = self.pieces.pop() else {
                return true;
            };
            // SAFETY: a large list that is alive.
            unsafe { self.scan_piece(piece) };
            if budget.spend(PIECE_WORDS / 4) {
                return false;
            }
        }
    }

    fn scan(&mut self, object: ObjRef) {
        // SAFETY: a live object of this heap.
        unsafe {
            let header = object.header();
            let layout = *self.layouts.get(header.class());
            match layout.kind {
                Kind::Weak => self.weak.push(object),
                Kind::Ephemeron => self.scan_ephemeron(object),
                Kind::Array if header.has(Header::LARGE) => self.pieces.push(Piece::whole(object)),
                _ if FULL || !header.has(Header::OLD) => {
                    for_each_reference(object, &layout, |slot| self.visit_slot(slot));
                }
                _ => {
                    let mut young = false;
                    for_each_reference(object, &layout, |slot| {
                        self.visit_slot(slot);
                        young |= is_young(*slot);
                    });
                    if young {
                        self.remember(object);
                    }
                }
            }
        }
    }

    /// Looks at the next part of a large list, and keeps the rest for later. In a minor collection the cards are dirty afterwards that
    /// refer to young objects.
    unsafe fn scan_piece(&mut self, piece: Piece) {
        let Piece {
            list,
            card,
            only_dirty,
        } = piece;
        // SAFETY: the list is alive and alone in its block; the words visited lie inside it.
        unsafe {
            let end = slot::LIST_ELEMENTS + list.word(slot::LIST_LENGTH) as usize;
            let cards = Block::of_large(list).header().cards.as_mut();
            let first = match &cards {
                Some(cards) if only_dirty => next_dirty(&cards.dirty, card),
                _ => Some(card),
            };
            let Some(first) = first.filter(|first| first * CARD_WORDS < end) else {
                return;
            };
            let next = first + PIECE_WORDS / CARD_WORDS;
            let mut visit = |card: usize| {
                let mut young = false;
                let from = (card * CARD_WORDS).max(slot::LIST_ELEMENTS);
                for word in from..((card + 1) * CARD_WORDS).min(end) {
                    let slot = list.as_ptr().add(word).cast::<Value>();
                    self.visit_slot(slot);
                    young |= !FULL && is_young(*slot);
                }
                young
            };
            match cards {
                Some(cards) if !FULL => {
                    let mut any = false;
                    for (card, dirty) in cards.dirty.iter_mut().enumerate().take(next).skip(first) {
                        if *dirty || !only_dirty {
                            *dirty = visit(card);
                            any |= *dirty;
                        }
                    }
                    if any && !std::mem::replace(&mut cards.listed, true) {
                        self.remembered.push(list);
                    }
                }
                _ => {
                    let mut any = false;
                    for card in first..next.min(end.div_ceil(CARD_WORDS)) {
                        any |= visit(card);
                    }
                    if any {
                        self.remember(list);
                    }
                }
            }
            self.pieces.push(Piece {
                list,
                card: next,
                only_dirty,
            });
        }
    }

    /// An old object still refers to a young one.
    unsafe fn remember(&mut self, object: ObjRef) {
        // SAFETY: a live old object of this heap.
        unsafe {
            let header = object.header();
            if !header.has(Header::REMEMBERED) {
                object.set_header(header.with(Header::REMEMBERED));
                self.remembered.push(object);
            }
        }
    }

    /// Looks at the remembered set; whether at all of it.
    pub(super) fn visit_remembered(&mut self, list: &mut Vec<ObjRef>, budget: &mut Budget) -> bool {
        while let Some(object) = list.pop() {
            // SAFETY: remembered objects are old and in place: minor collections free none.
            unsafe {
                let header = object.header();
                if header.has(Header::LARGE) && !header.has(Header::REMEMBERED) {
                    if let Some(cards) = Block::of_large(object).header().cards.as_mut() {
                        cards.listed = false;
                    }
                    self.pieces.push(Piece::dirty(object));
                } else {
                    object.set_header(header.without(Header::REMEMBERED));
                    if header.has(Header::LARGE) {
                        clear_cards(object);
                    }
                    self.scan(object);
                }
            }
            if budget.spend(2) {
                return false;
            }
        }
        true
    }

    /// Looks at the remembered set in a full collection that was prepared: what was marked and looked at may refer to young objects, or has
    /// changed. Large lists whose cards are needed meanwhile go to `carded`. Whether at all of it.
    pub(super) fn visit_remembered_again(
        &mut self,
        list: &mut Vec<ObjRef>,
        carded: &mut Vec<ObjRef>,
        budget: &mut Budget,
    ) -> bool {
        while let Some(object) = list.pop() {
            // SAFETY: remembered objects are old and in place.
            unsafe {
                let header = object.header();
                object.set_header(header.without(Header::REMEMBERED));
                let marked = is_marked(object);
                if header.has(Header::LARGE) && !header.has(Header::REMEMBERED) && marked {
                    self.pieces.push(Piece::dirty(object));
                    carded.push(object);
                } else {
                    if header.has(Header::LARGE) {
                        clear_cards(object);
                    }
                    if marked {
                        self.stack.push(object);
                    }
                }
            }
            if budget.spend(2) {
                return false;
            }
        }
        true
    }

    /// Reaches objects that stay whether anybody refers to them or not.
    ///
    /// # Safety
    /// Old objects of the heap.
    pub(super) unsafe fn keep(&mut self, objects: impl Iterator<Item = ObjRef>) {
        for object in objects {
            // SAFETY: the caller's.
            unsafe { self.reach_old(object, object.header()) };
        }
    }

    // ---- weak references

    /// Where a live object is now, or `None` if it is dead. Only for references that the tracing did not rewrite.
    #[inline]
    pub(super) fn survivor(&self, object: ObjRef) -> Option<ObjRef> {
        // SAFETY: the object was in this heap, or frozen, when the collection began; its memory is not yet given back.
        unsafe {
            let header = object.header();
            if header.has(Header::FORWARDED) {
                ObjRef::of(Value::from_bits(header.0 & !Header::FORWARDED))
            } else if header.has(Header::FROZEN) {
                let dead = |region| FULL && !self.regions.contains(&region);
                (!RegionId::of(object).is_some_and(dead)).then_some(object)
            } else if header.has(Header::OLD) {
                (!FULL || is_marked(object)).then_some(object)
            } else {
                None
            }
        }
    }

    fn survivor_value(&self, value: Value) -> Option<Value> {
        match ObjRef::of(value) {
            Some(object) => self.survivor(object).map(ObjRef::value),
            None => Some(value),
        }
    }

    unsafe fn scan_ephemeron(&mut self, ephemeron: ObjRef) {
        // SAFETY: a live ephemeron, whose key was not yet rewritten.
        unsafe {
            let key = ephemeron.field(slot::EPHEMERON_KEY);
            let Some(key) = self.survivor_value(key) else {
                self.ephemerons.push(ephemeron);
                return;
            };
            self.followed = true;
            ephemeron.init_field(slot::EPHEMERON_KEY, key);
            let value = ephemeron
                .as_ptr()
                .add(slot::EPHEMERON_VALUE)
                .cast::<Value>();
            // A minor collection that prepares a full one must not mark an old one: that the key lives is not said.
            if FULL || is_young(*value) {
                self.visit_slot(value);
            }
            if ephemeron.header().has(Header::OLD) && (is_young(key) || is_young(*value)) {
                self.remember(ephemeron);
            }
        }
    }

    /// Follows values whose keys turned out to live, until nothing changes; whether that is so.
    pub(super) fn run_ephemerons(&mut self, budget: &mut Budget) -> bool {
        loop {
            while let Some(ephemeron) = self.again.pop() {
                // SAFETY: a live ephemeron, whose key was not yet rewritten.
                unsafe { self.scan_ephemeron(ephemeron) };
                if budget.spend(1) {
                    return false;
                }
            }
            if !self.run(budget) {
                return false;
            }
            // Where no key was found to live, nothing was reached since.
            if !std::mem::take(&mut self.followed) {
                return true;
            }
            std::mem::swap(&mut self.again, &mut self.ephemerons);
        }
    }

    /// Clears the ephemerons whose keys are dead, and weak references to the dead; whether all.
    pub(super) fn finish_weak(&mut self, budget: &mut Budget) -> bool {
        while let Some(ephemeron) = self.ephemerons.pop() {
            // SAFETY: a live ephemeron with a dead key.
            unsafe {
                ephemeron.init_field(slot::EPHEMERON_KEY, Value::NULL);
                ephemeron.init_field(slot::EPHEMERON_VALUE, Value::NULL);
            }
            if budget.spend(1) {
                return false;
            }
        }
        while let Some(reference) = self.weak.pop() {
            // SAFETY: a live weak reference, whose target was not yet rewritten.
            unsafe {
                let target = reference.field(slot::WEAK_TARGET);
                let target = self.survivor_value(target).unwrap_or(Value::NULL);
                reference.init_field(slot::WEAK_TARGET, target);
                if reference.header().has(Header::OLD) && is_young(target) {
                    self.remember(reference);
                }
            }
            if budget.spend(1) {
                return false;
            }
        }
        true
    }
}

impl<const FULL: bool> RootVisitor for Trace<FULL> {
    fn visit(&mut self, slot: &mut Value) {
        self.visit_slot(slot);
    }

    fn visit_slice(&mut self, slots: &mut [Value]) {
        for slot in slots {
            self.visit_slot(slot);
        }
    }
}

/// Whether a word refers to a young object. Only for words already rewritten.
#[inline(always)]
unsafe fn is_young(value: Value) -> bool {
    // SAFETY: the value refers to a live object.
    value.is_pointer() && unsafe { ObjRef::of_pointer(value).header() }.0 & Header::OLD == 0
}

/// Takes the remembered set back, since a full collection leaves nothing young; whether all of it.
pub(super) fn forget_remembered(remembered: &mut Vec<ObjRef>, budget: &mut Budget) -> bool {
    while let Some(object) = remembered.pop() {
        // SAFETY: remembered objects are old objects of this heap, in place.
        unsafe {
            let header = object.header();
            object.set_header(header.without(Header::REMEMBERED));
            if header.has(Header::LARGE) {
                clear_cards(object);
            }
        }
        if budget.spend(1) {
            return false;
        }
    }
    true
}

/// The first dirty card from this one on.
fn next_dirty(dirty: &[bool], from: usize) -> Option<usize> {
    let behind = dirty.get(from..)?.iter().position(|dirty| *dirty)?;
    Some(from + behind)
}

/// # Safety
/// The object is alone in its block.
pub(super) unsafe fn clear_cards(object: ObjRef) {
    // SAFETY: the caller's.
    if let Some(cards) = unsafe { Block::of_large(object).header() }.cards.as_mut() {
        cards.listed = false;
        cards.dirty.fill(false);
    }
}
