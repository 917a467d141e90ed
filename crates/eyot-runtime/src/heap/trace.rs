//! Tracing: what a collection does with each reference, object and weak reference.
//!
//! The trace keeps an explicit stack, which is borrowed from the thread, so a heap at rest has none.
//!
//! During a collection a header is one of: forwarded (moved); `OLD` (in old space or frozen; in a full collection
//! live only if marked); neither (young, not yet reached, or copied to a survivor block).

use std::cell::Cell;

use rustc_hash::FxHashSet;

use super::Heap;
use super::barrier::add_cards;
use super::block::{Block, BlockList, CARD_WORDS};
use super::chunk::{is_evacuated, is_marked, mark};
use super::collect::Extent;
use super::layout::{Kind, LayoutTable};
use super::old::{Bump, OldSpace, mark_moved};
use super::region::RegionId;
use super::roots::RootVisitor;
use super::walk::{copy_words, for_each_slot, has_no_slots, object_words};
use crate::object::{Header, ObjRef, slot};
use crate::value::Value;

thread_local! {
    static STACK: Cell<Vec<ObjRef>> = const { Cell::new(Vec::new()) };
}

/// Entries of the stack that a thread keeps between collections.
const STACK_KEPT: usize = 1 << 16;

/// Part of a collection that depends on the extent: where objects go and which headers are followed.
pub(super) struct Trace<'a, const FULL: bool> {
    layouts: &'a LayoutTable,
    old: OldSpace,
    survivors: Bump,
    stack: Vec<ObjRef>,
    evacuating: bool,
    /// Flags of young objects that stay where they are.
    unmoved: u64,
    /// Old objects that refer to young ones.
    remembered: Vec<ObjRef>,
    weak: Vec<ObjRef>,
    ephemerons: Vec<ObjRef>,
    /// In a full collection: frozen regions that something refers to.
    regions: FxHashSet<RegionId>,
    last_region: Option<RegionId>,
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
}

impl<'a, const FULL: bool> Trace<'a, FULL> {
    pub(super) fn start(
        heap: &mut Heap,
        layouts: &'a LayoutTable,
        extent: Extent,
    ) -> Trace<'a, FULL> {
        let evacuating = FULL && heap.flag_evacuation(extent == Extent::Compact);
        let mut old = std::mem::replace(&mut heap.old, OldSpace::new());
        old.open(heap.owner);
        let young_bytes = heap.young.blocks.bytes() + heap.young.survivors.bytes();
        if FULL {
            forget_remembered(&mut heap.remembered);
            let moving = if extent == Extent::Compact {
                old.blocks.bytes()
            } else {
                0
            };
            old.abandon_gaps(young_bytes + moving);
        }
        let mut stack = STACK.take();
        stack.clear();
        Trace {
            layouts,
            old,
            survivors: Bump::new(heap.owner, young_bytes / 8),
            stack,
            evacuating,
            unmoved: match extent {
                Extent::Compact => Header::LARGE,
                _ => Header::LARGE | Header::COHORT,
            },
            remembered: Vec::new(),
            weak: Vec::new(),
            ephemerons: Vec::new(),
            regions: FxHashSet::default(),
            last_region: None,
        }
    }

    /// Gives back what was borrowed, and what the trace leaves.
    pub(super) fn finish(mut self) -> Reached {
        self.stack.clear();
        self.stack.shrink_to(STACK_KEPT);
        STACK.set(self.stack);
        self.survivors.finish();
        Reached {
            old: self.old,
            survivors: self.survivors.blocks,
            remembered: self.remembered,
            regions: self.regions,
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
        let layout = self.layouts.get(header.class());
        // SAFETY: a live young object of this heap.
        unsafe {
            if header.0 & self.unmoved != 0 {
                mark(object);
                object.set_header(header.without(Header::COHORT).with(Header::OLD));
                if header.has(Header::LARGE) && layout.kind == Kind::Array {
                    add_cards(object);
                }
                if !has_no_slots(layout) {
                    self.stack.push(object);
                }
                return object;
            }
            let words = object_words(object, header, layout);
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
            }
            object.set_header(Header(place.value().bits() | Header::FORWARDED));
            if !has_no_slots(layout) {
                self.stack.push(place);
            }
            place
        }
    }

    unsafe fn reach_old(&mut self, object: ObjRef, header: Header) -> ObjRef {
        // SAFETY: a live old object of this heap.
        unsafe {
            if self.evacuating && !header.has(Header::LARGE) && is_evacuated(object) {
                let layout = self.layouts.get(header.class());
                let words = object_words(object, header, layout);
                let place = self.old.allocate(words);
                copy_words(object, place, words);
                mark_moved(place);
                object.set_header(Header(place.value().bits() | Header::FORWARDED));
                if !has_no_slots(layout) {
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

    pub(super) fn run(&mut self) {
        while let Some(object) = self.stack.pop() {
            self.scan(object);
        }
    }

    fn scan(&mut self, object: ObjRef) {
        // SAFETY: a live object of this heap.
        unsafe {
            let header = object.header();
            let layout = self.layouts.get(header.class());
            match layout.kind {
                Kind::Weak => self.weak.push(object),
                Kind::Ephemeron => self.scan_ephemeron(object),
                _ if FULL || !header.has(Header::OLD) => {
                    for_each_slot(object, layout, |slot| self.visit_slot(slot));
                }
                _ => {
                    let mut young = false;
                    for_each_slot(object, layout, |slot| {
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

    pub(super) fn visit_remembered(&mut self, list: Vec<ObjRef>) {
        for &object in &list {
            // SAFETY: remembered objects are old and in place: minor collections free none.
            unsafe {
                let header = object.header();
                if header.has(Header::LARGE) && !header.has(Header::REMEMBERED) {
                    self.visit_cards(object);
                } else {
                    object.set_header(header.without(Header::REMEMBERED));
                    if header.has(Header::LARGE) {
                        clear_cards(object);
                    }
                    self.scan(object);
                }
            }
        }
    }

    /// Scans the dirty parts of a large list; a part stays dirty while it refers to young objects.
    unsafe fn visit_cards(&mut self, list: ObjRef) {
        // SAFETY: a large list of this heap; the words visited lie inside it.
        unsafe {
            let Some(cards) = Block::of_large(list).header().cards.as_mut() else {
                return;
            };
            let end = slot::LIST_ELEMENTS + list.word(slot::LIST_LENGTH) as usize;
            let mut any = false;
            for (index, dirty) in cards.dirty.iter_mut().enumerate() {
                if !std::mem::take(dirty) {
                    continue;
                }
                let first = (index * CARD_WORDS).max(slot::LIST_ELEMENTS);
                for word in first..((index + 1) * CARD_WORDS).min(end) {
                    let slot = list.as_ptr().add(word).cast::<Value>();
                    self.visit_slot(slot);
                    *dirty |= is_young(*slot);
                }
                any |= *dirty;
            }
            cards.listed = any;
            if any {
                self.remembered.push(list);
            }
        }
    }

    // ---- weak references

    /// Where a live object is now, or `None` if it is dead. Only for references that the tracing did not rewrite.
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
            ephemeron.init_field(slot::EPHEMERON_KEY, key);
            let value = ephemeron
                .as_ptr()
                .add(slot::EPHEMERON_VALUE)
                .cast::<Value>();
            self.visit_slot(value);
            if ephemeron.header().has(Header::OLD) && (is_young(key) || is_young(*value)) {
                self.remember(ephemeron);
            }
        }
    }

    /// Follows values whose keys turned out to live, until nothing changes; the others are cleared.
    pub(super) fn run_ephemerons(&mut self) {
        loop {
            let pending = std::mem::take(&mut self.ephemerons);
            for &ephemeron in &pending {
                // SAFETY: a live ephemeron, whose key was not yet rewritten.
                unsafe { self.scan_ephemeron(ephemeron) };
            }
            self.run();
            if self.ephemerons == pending {
                break;
            }
        }
        for ephemeron in std::mem::take(&mut self.ephemerons) {
            // SAFETY: a live ephemeron with a dead key.
            unsafe {
                ephemeron.init_field(slot::EPHEMERON_KEY, Value::NULL);
                ephemeron.init_field(slot::EPHEMERON_VALUE, Value::NULL);
            }
        }
    }

    pub(super) fn finish_weak(&mut self) {
        for reference in std::mem::take(&mut self.weak) {
            // SAFETY: a live weak reference, whose target was not yet rewritten.
            unsafe {
                let target = reference.field(slot::WEAK_TARGET);
                let target = self.survivor_value(target).unwrap_or(Value::NULL);
                reference.init_field(slot::WEAK_TARGET, target);
                if reference.header().has(Header::OLD) && is_young(target) {
                    self.remember(reference);
                }
            }
        }
    }
}

impl<const FULL: bool> RootVisitor for Trace<'_, FULL> {
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

/// Takes the remembered set back: a full collection leaves nothing young.
fn forget_remembered(remembered: &mut Vec<ObjRef>) {
    for object in remembered.drain(..) {
        // SAFETY: remembered objects are old objects of this heap, in place.
        unsafe {
            let header = object.header();
            object.set_header(header.without(Header::REMEMBERED));
            if header.has(Header::LARGE) {
                clear_cards(object);
            }
        }
    }
}

/// # Safety
/// The object is alone in its block.
unsafe fn clear_cards(object: ObjRef) {
    // SAFETY: the caller's.
    if let Some(cards) = unsafe { Block::of_large(object).header() }.cards.as_mut() {
        cards.listed = false;
        cards.dirty.fill(false);
    }
}
