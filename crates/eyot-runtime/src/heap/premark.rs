//! Premarking: most of a full collection's marking, done while the program runs.
//!
//! When the full collection of a large heap is nearly due, a minor collection begins to *shade* the old objects that it meets: marks them and
//! puts them on a stack. From then on the stack is worked off in slices between the isolate's turns ([`super::beside`]), and when it is empty,
//! or the program has outrun it, the full collection goes on from there ([`Job`](super::job::Job)) and finds little left to do.
//! Nothing moves meanwhile and nothing is concurrent: a slice and the program never run at the same time.
//!
//! The invariant: **an old object that was marked and looked at refers to marked old objects only, unless it is in the remembered
//! set** (by itself, not by cards). [`verify`](super::verify) checks it after each collection. It is kept by
//!
//! - the write barrier, which while a heap is premarked also goes its slow way where an old object is given a reference to an old one, and shades
//!   that one ([`Premark::note_store`]). Whoever tells the barrier no values (bulk copies) gets the object remembered;
//! - minor collections, which look at the remembered set and at all they promote, and shade whatever old objects they meet. So what
//!   they promote is marked and done with.
//!
//! Young objects and roots are left to the full collection, which also looks at the remembered set again. What dies after it was marked
//! stays until the next full collection.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Heap;
use super::block::{Block, CARD_WORDS};
use super::chunk::{is_marked, mark};
use super::job::Budget;
use super::layout::{Kind, LayoutTable};
use super::region::RegionId;
use super::trace::{PIECE_WORDS, Piece};
use super::walk::for_each_reference;
use crate::object::{Header, ObjRef, slot};
use crate::value::Value;

/// What it costs to clear the marks of a block: hardly any of it is in a cache.
const UNMARKING_STEPS: usize = 8;

/// What was marked so far.
pub(super) struct Premark {
    layouts: Arc<LayoutTable>,
    pub(super) found: Found,
    last_region: Option<RegionId>,
    pub(super) slices: u32,
    pub(super) nanos: u64,
}

/// What premarking leaves to the collection.
#[derive(Default)]
pub(super) struct Found {
    /// Marked old objects that are still to be looked at.
    pub(super) stack: Vec<ObjRef>,
    /// Large lists that are still to be looked at from somewhere on.
    pub(super) pieces: Vec<Piece>,
    /// Marked weak references and ephemerons; some more than once.
    pub(super) weak: Vec<ObjRef>,
    pub(super) ephemerons: Vec<ObjRef>,
    /// Frozen regions that marked objects refer to.
    pub(super) regions: FxHashSet<RegionId>,
}

impl Premark {
    pub(super) fn new(layouts: &Arc<LayoutTable>) -> Premark {
        Premark {
            layouts: Arc::clone(layouts),
            found: Found::default(),
            last_region: None,
            slices: 0,
            nanos: 0,
        }
    }

    /// Whether everything that was found has been looked at.
    pub(super) fn is_done(&self) -> bool {
        self.found.stack.is_empty() && self.found.pieces.is_empty()
    }

    /// Sees to it that an object which is not young is looked at sooner or later.
    ///
    /// # Safety
    /// A live old object of the heap, or a frozen one, with this header.
    #[inline]
    pub(super) unsafe fn shade(&mut self, object: ObjRef, header: Header) {
        // SAFETY: the caller's.
        unsafe {
            if !header.has(Header::FROZEN) {
                if mark(object) {
                    self.found.stack.push(object);
                }
            } else if header.has(Header::IN_REGION) {
                let region = RegionId::of(object);
                if region != self.last_region {
                    self.last_region = region;
                    self.found.regions.extend(region);
                }
            }
        }
    }

    /// An old object is given a reference to one that is not young.
    ///
    /// # Safety
    /// Live objects.
    pub(super) unsafe fn note_store(&mut self, object: ObjRef, value: ObjRef) {
        // SAFETY: the caller's. What is not marked yet is looked at when it is.
        unsafe {
            if is_marked(object) {
                self.shade(value, value.header());
            }
        }
    }

    /// A minor collection makes an object old, and looks at it.
    ///
    /// # Safety
    /// An object of the heap, in its place.
    pub(super) unsafe fn note_promoted(&mut self, object: ObjRef, kind: Kind) {
        // SAFETY: the caller's.
        unsafe { mark(object) };
        match kind {
            Kind::Weak => self.found.weak.push(object),
            Kind::Ephemeron => self.found.ephemerons.push(object),
            _ => {}
        }
    }

    /// Whether a region stays after the collection.
    pub(super) fn knows(&self, region: RegionId) -> bool {
        self.found.regions.contains(&region)
    }

    fn unfinished(&self) -> FxHashSet<ObjRef> {
        let lists = self.found.pieces.iter().map(|piece| piece.list);
        self.found.stack.iter().copied().chain(lists).collect()
    }

    /// Looks at what was found, and at what that refers to; whether all is done.
    pub(super) fn run(&mut self, budget: &mut Budget) -> bool {
        loop {
            let mut left = budget.left();
            while let Some(object) = self.found.stack.pop() {
                // SAFETY: what is on the stack is old and marked: it stays where it is until the full collection is over.
                unsafe { self.scan(object) };
                left -= 1;
                if left <= 0 {
                    budget.set_left(0);
                    return false;
                }
            }
            budget.set_left(left);
            let Some(piece) = self.found.pieces.pop() else {
                return true;
            };
            // SAFETY: as above.
            unsafe { self.scan_piece(piece) };
            if budget.spend(PIECE_WORDS / 4) {
                return false;
            }
        }
    }

    /// # Safety
    /// An old object of the heap.
    unsafe fn scan(&mut self, object: ObjRef) {
        // SAFETY: the caller's.
        unsafe {
            let header = object.header();
            let layout = *self.layouts.get(header.class());
            match layout.kind {
                Kind::Weak => self.found.weak.push(object),
                Kind::Ephemeron => self.found.ephemerons.push(object),
                Kind::Array if header.has(Header::LARGE) => {
                    self.found.pieces.push(Piece::whole(object));
                }
                _ => for_each_reference(object, &layout, |slot| self.visit(*slot)),
            }
        }
    }

    /// # Safety
    /// A piece of a large old list of the heap.
    unsafe fn scan_piece(&mut self, mut piece: Piece) {
        // SAFETY: the caller's; the words visited lie inside the list.
        unsafe {
            let list = piece.list;
            let end = slot::LIST_ELEMENTS + list.word(slot::LIST_LENGTH) as usize;
            let first = piece.card * CARD_WORDS;
            if first >= end {
                return;
            }
            let next = first + PIECE_WORDS;
            for word in first.max(slot::LIST_ELEMENTS)..next.min(end) {
                self.visit(list.field(word));
            }
            piece.card = next / CARD_WORDS;
            self.found.pieces.push(piece);
        }
    }

    /// # Safety
    /// A word of a live object.
    #[inline(always)]
    unsafe fn visit(&mut self, value: Value) {
        if !value.is_pointer() {
            return;
        }
        // SAFETY: the caller's.
        unsafe {
            let object = ObjRef::of_pointer(value);
            let header = object.header();
            if header.has(Header::OLD) {
                self.shade(object, header);
            }
        }
    }
}

impl Heap {
    /// Whether a full collection is being prepared.
    #[inline]
    pub fn is_premarking(&self) -> bool {
        let beside = self.beside.as_ref();
        beside.is_some_and(|beside| beside.premark.is_some())
    }

    /// Whether there is nothing more to prepare.
    pub(super) fn is_premarked(&self) -> bool {
        let premark = self
            .beside
            .as_ref()
            .and_then(|beside| beside.premark.as_ref());
        premark.is_some_and(|premark| premark.is_done())
    }

    /// Marked objects that are still to be looked at, for the verifier.
    pub(super) fn unfinished(&self) -> FxHashSet<ObjRef> {
        let premark = self
            .beside
            .as_ref()
            .and_then(|beside| beside.premark.as_ref());
        premark.map_or_else(FxHashSet::default, |premark| premark.unfinished())
    }
}

/// Clears the marks of a block and those behind it on its list; whether of all.
pub(super) fn clear_marks(next: &mut Option<Block>, budget: &mut Budget) -> bool {
    while let Some(block) = *next {
        // SAFETY: the block is on a list of the caller's heap.
        unsafe {
            block.clear_marks();
            *next = block.next();
        }
        if budget.spend(UNMARKING_STEPS) {
            return next.is_none();
        }
    }
    true
}
