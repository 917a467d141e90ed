//! Blobs: byte buffers outside all blocks, counted atomically, so that they pass between isolates without a copy.
//!
//! Strings from [`EXTERNAL_STRING_BYTES`] on and the data of typed lists are blobs from birth. A heap refers to a blob by small handle
//! objects, each of which holds one count. The collector frees a count when it finds the handle dead.
//!
//! # Bytes that several heaps have
//!
//! Strings never change, so their handles share a blob wherever they are. What can be written to is *lent*: each heap has a blob of its own, a
//! *cover*, which has no bytes but looks at those of another blob and holds one count of it. So a cover is what a buffer is to a program:
//! all views of the buffer in that heap are handles of it, and no other heap's. The handles of a cover are marked
//! ([`Header::LENT`](crate::object::Header::LENT)) while others may see the same bytes, and who writes through a marked handle
//! asks the heap first (`lend.rs`), which looks whether the cover has the only count, and copies otherwise.

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc};
use std::any::Any;
use std::ptr::NonNull;
use std::sync::atomic::AtomicBool;

use super::buffer;
use super::count::Count;
use super::lend::Delay;
use crate::sync::Ordering;

/// In a handle's blob word: the handle belongs to an unmodifiable view, and nothing is ever written through it or through a view of it.
pub const READ_ONLY: u64 = 1;

/// Bytes from which on a string's code units lie in a blob.
pub const EXTERNAL_STRING_BYTES: usize = 256;

#[repr(C, align(16))]
struct BlobHeader {
    count: Count,
    bytes: usize,
    /// Where the bytes are: behind the header, or in memory that is another's.
    data: *mut u8,
    /// Nobody can write to the bytes as long as this is set: all handles are read-only ones.
    is_immutable: AtomicBool,
    /// Somebody may have the address of the bytes, so that they must stay where they are and are never lent.
    is_pinned: AtomicBool,
    /// Whose the bytes are.
    owner: Owner,
}

enum Owner {
    /// The blob's own: they follow the header.
    Own,
    /// Somebody else's: dropped with the last count.
    Foreign {
        #[expect(dead_code, reason = "held to be dropped")]
        owner: Box<dyn Any + Send>,
    },
    /// Another blob's, which has bytes of its own.
    Lent(Cover),
}

/// What a cover has.
struct Cover {
    /// The blob that has the bytes. The cover has a count of it.
    base: Blob,
    /// All handles are marked as lent.
    is_marked: bool,
    /// Their heap is going to look before long whether they are garbage: the count is that of an unsettled holder.
    is_unsettled: AtomicBool,
    /// What the buffer's hash code is made of: it outlives all bases.
    identity: u64,
    /// What a write waits for.
    delay: Option<Box<Delay>>,
}

impl Cover {
    /// Gives the count of the base up.
    fn leave_base(&mut self) {
        let is_unsettled = std::mem::take(self.is_unsettled.get_mut());
        // SAFETY: the count is the cover's.
        unsafe { self.base.release_as(is_unsettled) };
    }
}

impl Drop for Cover {
    fn drop(&mut self) {
        self.leave_base();
    }
}

const _: () = assert!(size_of::<BlobHeader>() == 64);

/// One count of a blob. Not dropped by itself: a count usually lives as a raw word in a handle object.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub struct Blob(NonNull<BlobHeader>);

// SAFETY: the count is atomic; who may write the bytes is for the holders to agree on.
unsafe impl Send for Blob {}

impl Blob {
    /// A blob of zeros with one count, or `None` if there is no memory.
    pub fn new(bytes: usize) -> Option<Blob> {
        Self::allocate(bytes, true)
    }

    /// A blob with one count whose bytes the caller is going to write, all of them: until then they are anything, also what another
    /// blob had in them.
    pub fn for_overwriting(bytes: usize) -> Option<Blob> {
        Self::allocate(bytes, false)
    }

    fn allocate(bytes: usize, zeroed: bool) -> Option<Blob> {
        let layout = Self::layout(bytes)?;
        let start = if layout.size() >= buffer::LEAST_BYTES {
            let (start, is_zeroed) = buffer::take(layout.size())?;
            if zeroed && !is_zeroed {
                // SAFETY: fresh memory of this size.
                unsafe { start.write_bytes(0, layout.size()) };
            }
            start
        } else if zeroed {
            // SAFETY: the size is not zero.
            NonNull::new(unsafe { alloc_zeroed(layout) })?
        } else {
            // SAFETY: as above.
            NonNull::new(unsafe { alloc(layout) })?
        };
        let blob = Blob(start.cast());
        // SAFETY: fresh memory of this layout, in which the data follows the header.
        unsafe {
            let data = blob.0.as_ptr().add(1).cast();
            blob.begin(bytes, data, Owner::Own);
        }
        Some(blob)
    }

    /// A blob with one count over memory that is another's. `owner` is dropped with the last count, on whatever thread.
    ///
    /// # Safety
    /// The bytes can be read and written until then.
    pub unsafe fn foreign(data: *mut u8, bytes: usize, owner: Box<dyn Any + Send>) -> Option<Blob> {
        Self::without_bytes(bytes, data, Owner::Foreign { owner })
    }

    /// A blob with one count that looks at the bytes of `base`, one that has its own. Its handles are taken to be marked.
    pub(super) fn cover(base: HeldBlob, identity: Option<u64>) -> Option<Blob> {
        let (data, bytes) = (base.blob().data(), base.blob().bytes());
        let cover = Cover {
            base: base.into_count(),
            is_marked: true,
            is_unsettled: AtomicBool::new(false),
            identity: identity.unwrap_or(0),
            delay: None,
        };
        Self::without_bytes(bytes, data, Owner::Lent(cover))
    }

    fn without_bytes(bytes: usize, data: *mut u8, owner: Owner) -> Option<Blob> {
        // SAFETY: the size is not zero.
        let start = NonNull::new(unsafe { alloc(Self::layout(0)?) })?;
        let blob = Blob(start.cast());
        // SAFETY: fresh memory of a header.
        unsafe { blob.begin(bytes, data, owner) };
        Some(blob)
    }

    /// # Safety
    /// Fresh memory for a header.
    unsafe fn begin(self, bytes: usize, data: *mut u8, owner: Owner) {
        let header = BlobHeader {
            count: Count::one(),
            bytes,
            data,
            is_immutable: AtomicBool::new(false),
            is_pinned: AtomicBool::new(false),
            owner,
        };
        // SAFETY: the caller's.
        unsafe { self.0.write(header) };
    }

    /// The layout it was allocated with.
    fn allocated(self) -> Option<Layout> {
        let has_bytes = matches!(self.owner(), Owner::Own);
        Self::layout(if has_bytes { self.bytes() } else { 0 })
    }

    fn layout(bytes: usize) -> Option<Layout> {
        let size = bytes.checked_add(size_of::<BlobHeader>())?;
        Layout::from_size_align(size, align_of::<BlobHeader>()).ok()
    }

    /// The blob of a handle's word, if it has one.
    #[inline]
    pub fn from_word(word: u64) -> Option<Blob> {
        NonNull::new((word & !READ_ONLY) as *mut BlobHeader).map(Blob)
    }

    /// The blob of a handle's word if its bytes never change: the handle is a read-only one, and either there are only such handles, or
    /// there is no other: then there never will be one that can write.
    pub fn unchanging(word: u64) -> Option<Blob> {
        let blob = Blob::from_word(word).filter(|_| word & READ_ONLY != 0)?;
        if blob.is_immutable().load(Ordering::Relaxed) {
            return Some(blob);
        }
        if blob.must_stay() || !blob.is_unique() {
            return None;
        }
        blob.is_immutable().store(true, Ordering::Relaxed);
        Some(blob)
    }

    /// The same blob, to write to, if the caller's count is the only one.
    pub(super) fn to_own(self) -> Option<Blob> {
        if !self.is_unique() {
            return None;
        }
        self.is_immutable().store(false, Ordering::Relaxed);
        Some(self)
    }

    /// Whether the bytes must stay where they are, since somebody knows their address: others may write to them at any time.
    pub fn must_stay(self) -> bool {
        matches!(self.owner(), Owner::Foreign { .. }) || self.is_pinned().load(Ordering::Relaxed)
    }

    /// The bytes stay where they are from now on, and are not lent. Their handles must not be marked.
    pub fn pin(self) {
        self.is_pinned().store(true, Ordering::Relaxed);
    }

    /// What identifies the buffer as long as the program knows it.
    pub fn identity(self) -> u64 {
        match self.owner() {
            Owner::Lent(cover) if cover.identity != 0 => cover.identity,
            _ => self.word(),
        }
    }

    /// The blob that has the bytes, if this one is a cover.
    pub(super) fn base(self) -> Option<Blob> {
        match self.owner() {
            Owner::Lent(cover) => Some(cover.base),
            _ => None,
        }
    }

    /// Whether this is a cover whose handles are all marked as lent.
    pub(super) fn is_marked(self) -> bool {
        matches!(self.owner(), Owner::Lent(cover) if cover.is_marked)
    }

    /// Notes whether all handles of a cover are marked. For the heap that has them.
    pub(super) fn set_marked(self, is_marked: bool) {
        if let Some(cover) = self.own_cover() {
            cover.is_marked = is_marked;
        }
    }

    /// One more count of the bytes of a cover for somebody else, to whom they are lent. The heap that has the cover's handles is going to look
    /// whether they are garbage: until then it is unsettled. For that heap.
    pub(super) fn lend_unsettled(self) {
        match self.owner() {
            Owner::Lent(cover) if !cover.is_unsettled.swap_alone(true) => {
                cover.base.count().retain_unsettled();
            }
            Owner::Lent(cover) => cover.base.retain(),
            _ => self.retain(),
        }
    }

    /// The heap has looked, and keeps the handles of a cover. For that heap.
    pub(super) fn settle(self) {
        if let Owner::Lent(cover) = self.owner()
            && cover.is_unsettled.swap_alone(false)
        {
            cover.base.count().settle();
        }
    }

    /// Whether another heap that sees the bytes of a cover is going to look whether it may give them up. For the heap that has the
    /// handles.
    pub(super) fn is_unsettled_elsewhere(self) -> bool {
        match self.owner() {
            Owner::Lent(cover) => {
                let own = usize::from(cover.is_unsettled.load(Ordering::Relaxed));
                cover.base.count().unsettled() > own
            }
            _ => false,
        }
    }

    /// Takes what a write to the bytes of a cover waits for, and leaves something else. For the heap that has the handles.
    pub(super) fn replace_delay(self, delay: Option<Box<Delay>>) -> Option<Box<Delay>> {
        let cover = self.own_cover()?;
        std::mem::replace(&mut cover.delay, delay)
    }

    /// What a cover has, for the heap that has the handles.
    fn own_cover<'a>(self) -> Option<&'a mut Cover> {
        // SAFETY: covers belong to one heap, so nobody else reads this meanwhile.
        match unsafe { &mut (*self.0.as_ptr()).owner } {
            Owner::Lent(cover) => Some(cover),
            _ => None,
        }
    }

    /// Makes a cover look at the bytes of another blob of the same size. For the heap that has the handles, whose pointers
    /// are to follow.
    pub(super) fn look_at(self, base: HeldBlob) {
        debug_assert_eq!(base.blob().bytes(), self.bytes());
        // SAFETY: covers belong to one heap, so nobody else reads this meanwhile.
        unsafe {
            if let Owner::Lent(cover) = &mut (*self.0.as_ptr()).owner {
                (*self.0.as_ptr()).data = base.blob().data();
                cover.leave_base();
                cover.base = base.into_count();
            }
        }
    }

    fn owner<'a>(self) -> &'a Owner {
        // SAFETY: whoever has a Blob holds a count; only that of a cover changes, by the heap that has it.
        unsafe { &(*self.0.as_ptr()).owner }
    }

    fn is_immutable<'a>(self) -> &'a AtomicBool {
        // SAFETY: whoever has a Blob holds a count.
        unsafe { &(*self.0.as_ptr()).is_immutable }
    }

    fn is_pinned<'a>(self) -> &'a AtomicBool {
        // SAFETY: whoever has a Blob holds a count.
        unsafe { &(*self.0.as_ptr()).is_pinned }
    }

    /// The word for a handle.
    #[inline]
    pub fn word(self) -> u64 {
        self.0.as_ptr() as u64
    }

    /// Where the bytes are.
    #[inline]
    pub fn data(self) -> *mut u8 {
        // SAFETY: whoever has a Blob holds a count; only a cover's place changes, by the heap that has it.
        unsafe { (*self.0.as_ptr()).data }
    }

    /// How many bytes.
    #[inline]
    pub fn bytes(self) -> usize {
        // SAFETY: whoever has a Blob holds a count; the size never changes.
        unsafe { (*self.0.as_ptr()).bytes }
    }

    fn count(&self) -> &Count {
        // SAFETY: whoever has a Blob holds a count.
        unsafe { &(*self.0.as_ptr()).count }
    }

    /// Whether all counts are held by handles of one heap, or of one message: those of a cover are, but if the bytes never change.
    #[inline]
    fn is_of_one(self) -> bool {
        matches!(self.owner(), Owner::Lent(_)) && !self.is_immutable().load(Ordering::Relaxed)
    }

    /// One more count.
    #[inline]
    pub fn retain(self) {
        match self.is_of_one() {
            true => self.count().retain_alone(1),
            false => self.count().retain(),
        }
    }

    /// So many counts more, for the heap that has all there are.
    pub(super) fn retain_alone(self, more: usize) {
        self.count().retain_alone(more);
    }

    /// Gives so many counts back, not all. For the heap that has all there are.
    pub(super) fn release_alone(self, less: usize) {
        let is_last = self.count().release_alone(less);
        debug_assert!(!is_last);
    }

    /// Whether the caller's count is the only one.
    #[inline]
    pub fn is_unique(self) -> bool {
        self.count().is_one()
    }

    /// Gives a count back and frees the blob with the last one.
    ///
    /// # Safety
    /// The caller holds a count and uses it no more.
    pub unsafe fn release(self) {
        // SAFETY: the caller's.
        unsafe { self.release_as(false) };
    }

    /// # Safety
    /// As [`Blob::release`]; the count is that of an unsettled holder, or not.
    unsafe fn release_as(self, is_unsettled: bool) {
        let is_last = match is_unsettled {
            true => self.count().release_unsettled(),
            false if self.is_of_one() => self.count().release_alone(1),
            false => self.count().release(),
        };
        if is_last {
            self.free();
        }
    }

    /// The last count is gone.
    fn free(self) {
        let Some(layout) = self.allocated() else {
            return;
        };
        // SAFETY: allocated with this layout, and the last count is gone.
        unsafe {
            self.0.as_ptr().drop_in_place();
            if layout.size() >= buffer::LEAST_BYTES {
                buffer::give(self.0.cast(), layout.size());
            } else {
                dealloc(self.0.as_ptr().cast(), layout);
            }
        }
    }
}

/// A flag that only one thread writes to.
trait Alone {
    /// Sets it; what it was.
    fn swap_alone(&self, value: bool) -> bool;
}

impl Alone for AtomicBool {
    #[inline]
    fn swap_alone(&self, value: bool) -> bool {
        let before = self.load(Ordering::Relaxed);
        self.store(value, Ordering::Relaxed);
        before
    }
}

/// A count that is given back when it is dropped: for blobs on their way outside any heap.
#[derive(Debug)]
pub struct HeldBlob(Blob);

impl HeldBlob {
    /// Takes a count over.
    pub fn new(blob: Blob) -> HeldBlob {
        HeldBlob(blob)
    }

    /// The blob.
    pub fn blob(&self) -> Blob {
        self.0
    }

    /// Gives the count to the caller.
    pub fn into_count(self) -> Blob {
        let blob = self.0;
        std::mem::forget(self);
        blob
    }
}

impl Drop for HeldBlob {
    fn drop(&mut self) {
        // SAFETY: the count is this value's.
        unsafe { self.0.release() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_zeroed_and_freed_with_its_last_count() {
        let blob = Blob::new(1000).unwrap();
        // SAFETY: the blob has 1000 bytes and two counts, then one, then none.
        unsafe {
            assert!((0..1000).all(|i| *blob.data().add(i) == 0));
            blob.retain();
            blob.release();
            *blob.data() = 7;
            blob.release();
        }
    }

    #[test]
    fn a_large_blob_is_zeroed_although_its_memory_was_used() {
        for bytes in [buffer::LEAST_BYTES, 3 << 20] {
            for _ in 0..3 {
                let blob = Blob::new(bytes).unwrap();
                // SAFETY: the blob has so many bytes, and one count.
                unsafe {
                    assert!((0..bytes).all(|i| *blob.data().add(i) == 0));
                    blob.data().write_bytes(7, bytes);
                    blob.release();
                }
            }
        }
    }
}
