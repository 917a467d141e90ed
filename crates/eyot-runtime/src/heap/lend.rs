//! Lending: bytes of typed data that several heaps look at, copied when the first of them writes.
//!
//! Who sends a large buffer, or makes a transferable of one, mostly does not look at it any more, or only reads. So its bytes are not copied
//! then, but lent: the blob that has them gets covers, one for each buffer that looks at them (see [`super::blob`]), and the handles
//! of these are marked. Every writer of typed data either sees the mark where it looks for the class of the list (the interpreter's
//! stores), or calls [`Heap::make_writable`] (natives). There it turns out whether the cover is the only one that is left: then the bytes are
//! its own, and otherwise it gets a copy, and all handles of the cover with it.
//!
//! What holds:
//!
//! - A handle that is not marked, and not a read-only one, is of a blob whose bytes nobody else sees.
//! - The count of a blob with bytes of its own rises only by somebody who has one, so whoever finds that its count is the only one
//!   stays alone with the bytes until it lends them. The counts that others gave back happened before.
//! - Addresses that others may know ([`Blob::must_stay`]) are not lent: whoever has one writes without asking.
//!
//! Who gets bytes may write to them before the event is over in which they were lent, and only then the lender finds that it does not need
//! them any more. So a cover is *unsettled* from the lending until that look, and a write that would copy many bytes first waits for the
//! lenders, for a small part of what the copy takes ([`Delay::Lender`]).
//!
//! A heap is charged for bytes lent to it as for bytes of its own, so a write needs memory, but changes no heap's size.

use std::time::{Duration, Instant};

use eyot_bytecode::module::ClassId;

use super::blob::{Blob, HeldBlob, READ_ONLY};
use super::old::out_of_memory;
use super::roots::Roots;
use super::verify::verify_or_stop;
use super::{Allocated, Heap, HeapLimit, stream};
use crate::object::{Header, ObjRef, slot};

/// Fewer bytes are copied: that costs less than covers, marks and the first write.
pub const LENT_BYTES_MIN: usize = 64 << 10;
/// Bytes that a write copies in one go: about a tenth of a millisecond.
pub(super) const STEP_BYTES: usize = 1 << 20;
/// Fewer bytes are copied without waiting for whoever has lent them.
const AWAITED_BYTES_MIN: usize = 1 << 20;
/// Bytes for each nanosecond of that wait: it takes no more than an eighth of the time of the fastest copy.
const BYTES_PER_WAITED_NS: usize = 64;
/// So long a wait does not give the core to other threads: mostly it is much shorter.
const SPUN_TIME: Duration = Duration::from_micros(20);
/// Where more young bytes than this were taken, a collection is better than a look.
const LOOKED_AT_BYTES: usize = 16 << 10;
/// Bytes of a buffer for each handle of the heap that may have to be looked at to find its views: below that, copying costs less.
const BYTES_PER_HANDLE: usize = 64;

impl Heap {
    /// A count of the bytes that a handle of typed data looks into, for whoever is to see them as they are now; none if they have to be
    /// copied for that.
    pub fn lend(&mut self, handle: ObjRef) -> Option<HeldBlob> {
        // SAFETY: the caller's reference is to a live handle of this heap.
        let word = unsafe { handle.word(slot::BLOB) };
        let blob = Blob::from_word(word)?;
        // SAFETY: as above.
        let is_young = !unsafe { handle.header() }.has(Header::OLD);
        let base = match Blob::unchanging(word) {
            Some(blob) => {
                let base = blob.base().unwrap_or(blob);
                base.retain();
                base
            }
            None if is_worth_lending(blob) => {
                let cover = self.mark(handle, blob)?;
                let base = cover.base()?;
                match is_young {
                    true => cover.lend_unsettled(),
                    false => base.retain(),
                }
                base
            }
            None => return None,
        };
        if is_young {
            let kib = u32::try_from(base.bytes() >> 10).unwrap_or(u32::MAX);
            self.lent_kib = self.lent_kib.saturating_add(kib);
        }
        Some(HeldBlob::new(base))
    }

    /// Whether bytes were lent that are most likely garbage here once the event is over: who takes them over can write to them without a
    /// copy, if somebody finds it out first.
    #[inline]
    pub fn has_lent(&self) -> bool {
        self.lent_kib > 0 && self.lent_kib as usize > self.young.blocks.bytes() >> 10
    }

    /// Gives up what is garbage of the bytes that were lent: a look shows it if there are few young objects (see [`super::look`]), otherwise
    /// a collection. A safepoint.
    pub fn settle_lent(&mut self, roots: &mut dyn Roots) {
        // Now and then a collection: new objects stay in memory that is in the nearest cache, and what lives on becomes old and is not
        // looked at again and again.
        if self.young_used_bytes() > LOOKED_AT_BYTES || !self.release_dead_handles(roots) {
            self.collect_due(roots);
        } else if self.verifies {
            verify_or_stop(self, roots);
        }
        self.lent_kib = 0;
    }

    fn young_used_bytes(&self) -> usize {
        let unused = self.block_end as usize - self.top as usize;
        self.young.blocks.bytes() - unused
    }

    /// A handle of a class over bytes that [`Heap::lend`] has counted. A safepoint.
    pub fn adopt_lent(
        &mut self,
        of: ClassId,
        lent: HeldBlob,
        length: u64,
        roots: &mut dyn Roots,
    ) -> Allocated {
        let blob = cover_for(lent).ok_or(HeapLimit)?;
        self.adopt_blob(of, blob, length, roots)
    }

    /// Sees to it that the bytes of a handle of typed data can be written to. To be called before every write but those to fresh objects. Of
    /// many bytes that have to be copied for that only some are: then it is to be called again, and nothing has changed so far.
    #[inline]
    pub fn make_writable(&mut self, handle: ObjRef) -> Allocated<Step> {
        // SAFETY: the caller's reference is to a live handle of this heap.
        match unsafe { handle.header() }.has(Header::LENT) {
            true => self.make_own(handle),
            false => Ok(Step::DONE),
        }
    }

    #[cold]
    fn make_own(&mut self, handle: ObjRef) -> Allocated<Step> {
        // SAFETY: a live handle of this heap, as all on the lists; blob handles have these words.
        unsafe {
            let Some(cover) = Blob::from_word(handle.word(slot::BLOB)) else {
                return Ok(Step::DONE);
            };
            let base = cover.base().ok_or(HeapLimit)?;
            // Also in the middle of a wait or a copy: who had the bytes, too, may have given them up.
            if base.to_own().is_some() {
                cover.replace_delay(None);
                cover.set_marked(false);
                // The other handles of the cover find out for themselves.
                set_lent(handle, false);
                return Ok(Step::DONE);
            }
            let mut copying = match cover.replace_delay(None).map(|delay| *delay) {
                Some(Delay::Copy(begun)) => begun,
                waited => {
                    if let Some(wait) = wait_for_lenders(cover, waited) {
                        cover.replace_delay(Some(Box::new(wait)));
                        return Ok(Step::WAITS);
                    }
                    Copying::of(base.bytes()).ok_or(HeapLimit)?
                }
            };
            let copied = copying.go_on(base);
            if copying.done < base.bytes() {
                cover.replace_delay(Some(Box::new(Delay::Copy(copying))));
                return Ok(Step {
                    copied,
                    is_done: false,
                });
            }
            let own = copying.own;
            let (from, to) = (base.data(), own.blob().data());
            cover.set_marked(false);
            cover.look_at(own);
            let only = cover.is_unique().then_some(handle);
            self.for_each_handle(only, cover, |handle| {
                let start = handle.word(slot::DATA_POINTER) - from as u64;
                handle.set_word(slot::DATA_POINTER, to as u64 + start);
                set_lent(handle, false);
            });
            Ok(Step {
                copied,
                is_done: true,
            })
        }
    }

    /// Marks all handles of the buffer that a handle looks into, and gives their cover; nothing changes if that takes too long, or there is
    /// no memory.
    fn mark(&mut self, handle: ObjRef, blob: Blob) -> Option<Blob> {
        if blob.is_marked() {
            return Some(blob);
        }
        let handles = self.young_handles.len() + self.old_handles.len();
        if !blob.is_unique() && handles > blob.bytes() / BYTES_PER_HANDLE {
            return None;
        }
        if blob.base().is_some() {
            let only = blob.is_unique().then_some(handle);
            self.for_each_handle(only, blob, |handle| {
                // SAFETY: a live handle of this heap.
                unsafe { set_lent(handle, true) };
            });
            blob.set_marked(true);
            return Some(blob);
        }
        // The handles' counts become counts of the cover, which has one of its own. Nobody else has any.
        let is_only = blob.is_unique();
        blob.retain_alone(1);
        let cover = Blob::cover(HeldBlob::new(blob), Some(blob.identity()))?;
        let mut moved: usize = 0;
        self.for_each_handle(is_only.then_some(handle), blob, |handle| {
            // SAFETY: a live handle of this heap, whose count of the blob is given up below, for one of the cover.
            unsafe {
                let read_only = handle.word(slot::BLOB) & READ_ONLY;
                handle.set_word(slot::BLOB, cover.word() | read_only);
                set_lent(handle, true);
            }
            moved += 1;
        });
        cover.retain_alone(moved.saturating_sub(1));
        blob.release_alone(moved);
        Some(cover)
    }

    /// Calls a function for all handles of a blob that only this heap has; they need not be looked for if there is but one.
    fn for_each_handle(&self, only: Option<ObjRef>, blob: Blob, mut f: impl FnMut(ObjRef)) {
        if let Some(handle) = only {
            return f(handle);
        }
        for &handle in self.young_handles.iter().chain(self.old_handles.iter()) {
            // SAFETY: handles on the lists have this word; those that are dead have it until they are taken off the list.
            if unsafe { Blob::from_word(handle.word(slot::BLOB)) } == Some(blob) {
                f(handle);
            }
        }
    }
}

/// What one call of [`Heap::make_writable`] has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Bytes that were copied.
    pub copied: usize,
    /// Whether the bytes can be written to.
    pub is_done: bool,
}

impl Step {
    const DONE: Step = Step {
        copied: 0,
        is_done: true,
    };
    const WAITS: Step = Step {
        copied: 0,
        is_done: false,
    };

    /// Whether the bytes are most likely given up before long by somebody who has to run for that.
    pub fn waits(self) -> bool {
        self == Step::WAITS
    }
}

/// What a write waits for.
pub(super) enum Delay {
    /// Those who have lent the bytes may give them up: waited for since then.
    Lender {
        began: Instant,
    },
    Copy(Copying),
}

/// Whether a write goes on waiting before it copies the bytes of a cover.
fn wait_for_lenders(cover: Blob, waited: Option<Delay>) -> Option<Delay> {
    if cover.bytes() < AWAITED_BYTES_MIN {
        return None;
    }
    let began = match waited {
        Some(Delay::Lender { began }) => began,
        _ => Instant::now(),
    };
    if !cover.is_unsettled_elsewhere() {
        // Who has given its count up since the caller looked was the last one, perhaps.
        let is_alone = cover.base().is_some_and(Blob::is_unique);
        return is_alone.then_some(Delay::Lender { began });
    }
    let time = began.elapsed();
    if time >= Duration::from_nanos((cover.bytes() / BYTES_PER_WAITED_NS) as u64) {
        return None;
    }
    if time > SPUN_TIME {
        // The lender's thread may be waiting for this core.
        std::thread::yield_now();
    }
    Some(Delay::Lender { began })
}

/// A copy under way. Nobody writes to the bytes meanwhile: others have them, too, as long as it goes on.
pub(super) struct Copying {
    own: HeldBlob,
    done: usize,
}

impl Copying {
    fn of(bytes: usize) -> Option<Copying> {
        Some(Copying {
            own: HeldBlob::new(Blob::for_overwriting(bytes)?),
            done: 0,
        })
    }

    /// Copies some more bytes; how many.
    fn go_on(&mut self, base: Blob) -> usize {
        let whole = base.bytes();
        let bytes = STEP_BYTES.min(whole - self.done);
        // SAFETY: both have so many bytes, and nobody else knows the fresh one.
        unsafe {
            let (from, to) = (base.data().add(self.done), self.own.blob().data());
            stream::copy(from, to.add(self.done), bytes, whole);
        }
        self.done += bytes;
        bytes
    }
}

/// The buffers of a message, all of which are lent to it as far as possible.
#[derive(Default)]
pub(super) struct LentBuffers {
    /// The sender's blobs, and those for the message.
    known: Vec<(Blob, Blob)>,
    /// Bytes that the receiver is charged for.
    pub(super) bytes: usize,
}

impl LentBuffers {
    /// Gives a copied handle its blob.
    ///
    /// # Safety
    /// A handle of typed data of this heap, and its copy in a message, which has no count yet.
    pub(super) unsafe fn lend(&mut self, heap: &mut Heap, sent: ObjRef, copy: ObjRef) {
        // Before anything else: it may give the sender's handle another blob.
        let lent = heap.lend(sent);
        // SAFETY: the caller's; both blobs have so many bytes, and the pointer lies in the sender's.
        unsafe {
            let word = sent.word(slot::BLOB);
            let Some(blob) = Blob::from_word(word) else {
                return;
            };
            let known = self.known.iter().find(|(from, _)| *from == blob);
            let own = match known {
                Some(&(_, own)) => {
                    own.retain();
                    copy.set_header(copy.header().without(Header::EXTERNAL));
                    own
                }
                None => {
                    let own = lent.map_or_else(|| copy_of(blob), cover_for);
                    let own = own.unwrap_or_else(|| out_of_memory());
                    self.known.push((blob, own));
                    self.bytes += own.bytes();
                    // The receiver is charged through the first handle, be it a view or not.
                    copy.set_header(copy.header().with(Header::EXTERNAL));
                    own
                }
            };
            let offset = sent.word(slot::DATA_POINTER) - blob.data() as u64;
            copy.set_word(slot::DATA_POINTER, own.data() as u64 + offset);
            copy.set_word(slot::BLOB, own.word() | word & READ_ONLY);
            set_lent(copy, own.is_marked());
        }
    }
}

/// A blob of its own with the same bytes.
fn copy_of(blob: Blob) -> Option<Blob> {
    let own = Blob::for_overwriting(blob.bytes())?;
    // SAFETY: both have so many bytes, and nobody else knows the fresh one.
    unsafe { stream::copy(blob.data(), own.data(), blob.bytes(), blob.bytes()) };
    Some(own)
}

/// Whether a message lends the bytes of a blob that can be written to, if that is possible at all.
pub(super) fn is_worth_lending(blob: Blob) -> bool {
    blob.bytes() >= LENT_BYTES_MIN && !blob.must_stay()
}

/// The blob for the handles of a buffer over bytes that were lent: their own if nobody else has them by now, a cover otherwise.
pub(super) fn cover_for(lent: HeldBlob) -> Option<Blob> {
    match lent.blob().to_own() {
        Some(_) => Some(lent.into_count()),
        None => Blob::cover(lent, None),
    }
}

/// # Safety
/// A live blob handle of the caller's heap, or of its message.
pub(super) unsafe fn set_lent(handle: ObjRef, is_lent: bool) {
    // SAFETY: the caller's.
    unsafe {
        let header = handle.header();
        handle.set_header(match is_lent {
            true => header.with(Header::LENT),
            false => header.without(Header::LENT),
        });
    }
}
