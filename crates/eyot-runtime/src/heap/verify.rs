//! The verifier: what holds between collections, checked over the whole heap.
//!
//! - Blocks can be walked, each belongs to this heap, and no mark bit is set, but for old objects while a full collection is prepared: then
//!   what was marked and looked at refers to marked old objects only ([`super::premark`]).
//! - A header is not forwarded, its class is known, its generation is that of the list its block is on.
//! - Every reference, strong or weak, leads to the start of an object of this heap or to frozen data.
//! - An old object that refers to a young one is in the remembered set, or its card is dirty and its list in the set.
//! - Blob handles are on the list of their generation.

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::Heap;
use super::blob::{Blob, READ_ONLY};
use super::block::{Block, BlockList, CARD_WORDS, OwnerId};
use super::chunk::{block_of, is_marked};
use super::frozen::refers_to_thawed;
use super::layout::{Kind, Layout, LayoutTable};
use super::old::for_each_marked;
use super::pool;
use super::premark::Premark;
use super::region::{Region, RegionId};
use super::roots::{RootVisitor, Roots};
use super::walk::{for_each_object, for_each_slot, weak_slots};
use crate::object::{Header, ObjRef, slot};
use crate::value::Value;

/// As [`verify_or_stop`], for a message.
pub(super) fn verify_message_or_stop(lists: [&BlockList; 2], layouts: &LayoutTable, root: Value) {
    if let Err(fault) = verify_message(lists, layouts, root) {
        eprintln!("eyot: a message is not sound: {fault}");
        std::process::abort();
    }
}

/// Verifies and, since memory that is not sound cannot be trusted any more, ends the process if something is wrong.
pub fn verify_or_stop(heap: &mut Heap, roots: &mut dyn Roots) {
    if let Err(fault) = verify(heap, roots) {
        eprintln!("eyot: the heap is not sound: {fault}");
        std::process::abort();
    }
}

/// Checks the heap; the first fault found.
pub fn verify(heap: &mut Heap, roots: &mut dyn Roots) -> Result<(), String> {
    heap.note_young_fill();
    let mut verifier = Verifier {
        heap,
        // The table does not grow from nothing each time: objects have four to eight words.
        starts: FxHashMap::with_capacity_and_hasher(heap.held_bytes() / 64, FxBuildHasher),
        remembered: heap.remembered.iter().copied().collect(),
        premark: heap
            .beside
            .as_ref()
            .and_then(|beside| beside.premark.as_deref()),
        unfinished: heap.unfinished(),
        fault: None,
    };
    verifier.find_objects();
    verifier.check_objects();
    verifier.check_handles();
    for &value in heap.handles.iter() {
        verifier.check_reference("a handle", value);
    }
    roots.visit_roots(&mut verifier);
    verifier.fault.map_or(Ok(()), Err)
}

/// Checks a message: every reference in it leads to an object of its own or to frozen data; the first fault found.
pub(super) fn verify_message(
    lists: [&BlockList; 2],
    layouts: &LayoutTable,
    root: Value,
) -> Result<(), String> {
    let mut objects = FxHashSet::default();
    let mut fault = None;
    let blocks = || lists.into_iter().flat_map(BlockList::iter);
    for block in blocks() {
        // SAFETY: the block is the message's, and filled as far as it says.
        unsafe {
            if block.header().owner != OwnerId::MESSAGE {
                fault.get_or_insert_with(|| format!("{block:?} is no message's"));
            }
            for_each_object(block, layouts, |object, _, layout, _| {
                if layout.kind != Kind::Free {
                    objects.insert(object);
                }
            });
        }
    }
    let mut check = |value: Value| {
        if let Some(target) = ObjRef::of(value)
            && !objects.contains(&target)
            && !is_frozen_object(target)
        {
            fault.get_or_insert_with(|| format!("a message refers to {target:?}, outside of it"));
        }
    };
    check(root);
    for &object in &objects {
        // SAFETY: the object was found by walking.
        unsafe {
            let layout = layouts.get(object.header().class());
            for_each_slot(object, layout, |slot| check(*slot));
            let (first, count) = weak_slots(layout.kind);
            for word in first..first + count {
                check(object.field(word));
            }
        }
    }
    fault.map_or(Ok(()), Err)
}

struct Verifier<'a> {
    heap: &'a Heap,
    starts: FxHashMap<ObjRef, Header>,
    remembered: FxHashSet<ObjRef>,
    /// A full collection that is prepared.
    premark: Option<&'a Premark>,
    /// Marked objects that it has still to look at.
    unfinished: FxHashSet<ObjRef>,
    fault: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Space {
    Young,
    Cohort,
    Old,
}

impl Verifier<'_> {
    fn report(&mut self, fault: impl FnOnce() -> String) {
        if self.fault.is_none() {
            self.fault = Some(fault());
        }
    }

    fn spaces(&self) -> [(Space, &BlockList); 6] {
        let heap = self.heap;
        [
            (Space::Young, &heap.young.blocks),
            (Space::Young, &heap.young.survivors),
            (Space::Young, &heap.young.large),
            (Space::Cohort, &heap.young.cohorts),
            (Space::Old, &heap.old.blocks),
            (Space::Old, &heap.old.large),
        ]
    }

    fn find_objects(&mut self) {
        self.find_unswept();
        let blocks: Vec<(Space, Block)> = self
            .spaces()
            .into_iter()
            .flat_map(|(space, list)| list.iter().map(move |block| (space, block)))
            .collect();
        let layouts = self.heap.layouts();
        for (space, block) in blocks {
            // SAFETY: the block is the heap's, and filled as far as it says.
            unsafe {
                if block.header().owner != self.heap.owner {
                    self.report(|| format!("{block:?} has another owner"));
                }
                for_each_object(block, layouts, |object, header, layout, _| {
                    self.note_object(space, object, header, layout);
                });
            }
        }
    }

    /// In blocks that are still to be swept only what is marked counts.
    fn find_unswept(&mut self) {
        let heap = self.heap;
        for block in heap.unswept() {
            // Between them lie objects that were moved, whose size nobody knows any more.
            for_each_marked(block, heap.layouts(), |object, _| {
                // SAFETY: marked objects live.
                self.starts.insert(object, unsafe { object.header() });
            });
        }
    }

    fn note_object(&mut self, space: Space, object: ObjRef, header: Header, layout: &Layout) {
        let may_be_marked = self.premark.is_some() || self.heap.has_stale_marks();
        // SAFETY: the object lies in a block of the heap.
        if unsafe { is_marked(object) } && !(may_be_marked && space == Space::Old) {
            self.report(|| format!("{object:?} is marked"));
        }
        if header.has(Header::FORWARDED) {
            self.report(|| format!("{object:?} is forwarded"));
        }
        if layout.kind == Kind::Free {
            if header.class().0 != 0 {
                self.report(|| format!("{object:?} has the unknown class {}", header.class().0));
            }
            return;
        }
        let expected = match space {
            Space::Old => Header::OLD,
            Space::Cohort => Header::COHORT,
            Space::Young => 0,
        };
        let generation = header.0 & (Header::OLD | Header::COHORT | Header::FROZEN);
        if generation != expected {
            self.report(|| format!("{object:?} has flags {:#x} in {space:?}", header.0 & 0xff));
        }
        self.starts.insert(object, header);
    }

    fn check_objects(&mut self) {
        let objects: Vec<(ObjRef, Header)> = self.starts.iter().map(|(&o, &h)| (o, h)).collect();
        for (object, header) in objects {
            let layout = *self.heap.layouts().get(header.class());
            let old = header.has(Header::OLD);
            // SAFETY: the object was found by walking.
            unsafe {
                for_each_slot(object, &layout, |slot| self.check_slot(object, old, slot));
                self.check_mark(object, header, &layout);
                let (first, count) = weak_slots(layout.kind);
                for word in first..first + count {
                    self.check_slot(object, old, object.as_ptr().add(word).cast());
                }
            }
        }
    }

    unsafe fn check_slot(&mut self, object: ObjRef, old: bool, slot: *mut Value) {
        // SAFETY: a slot of an object that was found by walking.
        let value = unsafe { *slot };
        let word = (slot as usize - object.as_ptr() as usize) / 8;
        if !value.is_pointer() {
            return;
        }
        let Some(target) = ObjRef::of(value) else {
            return;
        };
        match self.starts.get(&target) {
            Some(header) if old && !header.has(Header::OLD) => {
                // SAFETY: the object was found by walking.
                if !unsafe { self.is_remembered(object, word) } {
                    let class = self.starts.get(&object).map_or(0, |h| h.class().0);
                    self.report(|| {
                        format!(
                            "old {object:?} of class {class} refers to young {target:?} in word {word} and is not remembered"
                        )
                    });
                }
            }
            Some(_) => {}
            None => {
                if !self.heap.may_refer_to(target) {
                    let class = self.starts.get(&object).map_or(0, |h| h.class().0);
                    self.report(|| {
                        format!("{object:?} of class {class} refers in word {word} to {target:?}, which is no object of this heap")
                    });
                }
            }
        }
    }

    /// # Safety
    /// An object that was found by walking.
    unsafe fn check_mark(&mut self, object: ObjRef, header: Header, layout: &Layout) {
        let Some(premark) = self.premark else {
            return;
        };
        // SAFETY: the caller's; what it refers to was found as well, or is checked by others.
        unsafe {
            if !is_marked(object)
                || header.has(Header::REMEMBERED)
                || self.unfinished.contains(&object)
            {
                return;
            }
            let mut lost = None;
            for_each_slot(object, layout, |slot| {
                if let Some(target) = ObjRef::of(*slot)
                    && match self.starts.get(&target) {
                        Some(header) => header.has(Header::OLD) && !is_marked(target),
                        // What is neither the heap's nor in a region is found by others.
                        None => RegionId::of(target).is_some_and(|id| !premark.knows(id)),
                    }
                {
                    lost = Some(target);
                }
            });
            if let Some(target) = lost {
                let class = header.class().0;
                self.report(|| {
                    format!(
                        "{object:?} of class {class} was looked at, but refers to {target:?}, which is not marked, or in a region that is not noted"
                    )
                });
            }
        }
    }

    unsafe fn is_remembered(&self, object: ObjRef, word: usize) -> bool {
        if !self.remembered.contains(&object) {
            return false;
        }
        // SAFETY: the object was found by walking.
        let header = unsafe { object.header() };
        if header.has(Header::REMEMBERED) {
            return true;
        }
        if !header.has(Header::LARGE) {
            return false;
        }
        // SAFETY: large objects are alone in their block.
        match &unsafe { Block::of_large(object).header() }.cards {
            Some(cards) => cards.listed && cards.dirty.get(word / CARD_WORDS) == Some(&true),
            None => false,
        }
    }

    fn check_reference(&mut self, holder: &str, value: Value) {
        let Some(target) = ObjRef::of(value) else {
            return;
        };
        if !self.starts.contains_key(&target) && !self.heap.may_refer_to(target) {
            self.report(|| {
                format!("{holder} refers to {target:?}, which is no object of this heap")
            });
        }
    }

    /// What can be written through a handle nobody else sees.
    fn check_handle(&mut self, handle: ObjRef) {
        // SAFETY: a live blob handle of the heap.
        let (header, word) = unsafe { (handle.header(), handle.word(slot::BLOB)) };
        let base = Blob::from_word(word).and_then(Blob::base);
        let is_writable = !header.has(Header::LENT) && word & READ_ONLY == 0;
        if is_writable && base.is_some_and(|base| !base.is_unique()) {
            self.report(|| format!("{handle:?} can be written through, but its bytes are lent"));
        }
        if header.has(Header::LENT) && base.is_none() {
            self.report(|| format!("{handle:?} is marked as lent, but its bytes are its own"));
        }
    }

    fn check_handles(&mut self) {
        let heap = self.heap;
        let lists = [(&heap.young_handles, false), (&heap.old_handles, true)];
        for (list, old) in lists {
            for &handle in list.iter() {
                match self.starts.get(&handle) {
                    Some(header) if header.has(Header::OLD) == old => self.check_handle(handle),
                    _ => self.report(|| format!("{handle:?} is no blob handle of its generation")),
                }
            }
        }
    }
}

impl RootVisitor for Verifier<'_> {
    fn visit(&mut self, slot: &mut Value) {
        self.check_reference("a root", *slot);
    }
}

impl Heap {
    /// Whether a reference that is not this heap's leads to a constant or into a frozen region that the heap holds.
    fn may_refer_to(&self, target: ObjRef) -> bool {
        if !is_frozen_object(target) {
            return false;
        }
        // SAFETY: frozen objects live.
        match unsafe { RegionId::of(target) } {
            Some(region) => self.regions.as_ref().is_some_and(|held| held.holds(region)),
            None => true,
        }
    }
}

/// Checks a fresh region: it refers to frozen objects only.
pub(super) fn verify_region_or_stop(region: &Region, layouts: &LayoutTable) {
    for block in region.blocks().into_iter().flat_map(BlockList::iter) {
        // SAFETY: the region's blocks are filled as far as they say.
        unsafe {
            for_each_object(block, layouts, |object, header, layout, _| {
                if !header.has(Header::IN_REGION | Header::OLD) || refers_to_thawed(object, layout)
                {
                    eprintln!("eyot: a region is not sound: {object:?} is not frozen");
                    std::process::abort();
                }
            });
        }
    }
}

/// Whether a reference that is not this heap's leads to frozen data. Nothing is read before it is known to be mapped.
fn is_frozen_object(target: ObjRef) -> bool {
    let address = target.as_ptr().cast::<u8>();
    if !pool::is_chunk_address(address as usize) {
        return false;
    }
    // SAFETY: the chunk is mapped, and a frozen block stays so while anybody refers to it.
    unsafe {
        block_of(address).is_some_and(|block| block.header().owner == OwnerId::FROZEN)
            && target.header().has(Header::FROZEN)
    }
}
