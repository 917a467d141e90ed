//! Memory of large blobs.
//!
//! A buffer of a megabyte or more has a mapping of its own, in huge pages where the system has them: what such a buffer costs is the
//! first touch of its pages, far more than copying or clearing its bytes. For the same reason a buffer that is freed is kept for a
//! while, for whoever asks for one of its size next: programs that pass large buffers around free and make them in turn. What
//! is kept is bounded, and given back when nobody has wanted it for some time.
//!
//! Sizes are rounded up to an eighth of a power of two, and a page for what stands before the data, so that a buffer's mapping
//! follows from its size alone.

use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::os;

/// Bytes from which on memory comes from here.
pub const LEAST_BYTES: usize = 1 << 20;
/// What the user of a buffer may put before a round number of bytes.
const HEADER_BYTES_MAX: usize = 64;
const PAGE_BYTES: usize = 4096;
/// What is kept in all.
const KEPT_BYTES_MAX: usize = 256 << 20;
/// How long it is kept unused.
const KEPT_TIME_MAX: Duration = Duration::from_secs(2);

/// Freed buffers, oldest first.
struct Kept {
    buffers: Vec<Buffer>,
    bytes: usize,
}

struct Buffer {
    start: NonNull<u8>,
    capacity: usize,
    since: Instant,
}

// SAFETY: a kept buffer is an address that nobody else uses.
unsafe impl Send for Buffer {}

static KEPT: Mutex<Kept> = Mutex::new(Kept {
    buffers: Vec::new(),
    bytes: 0,
});

fn kept() -> MutexGuard<'static, Kept> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes of the mapping for so many wanted; `None` if there cannot be one.
fn capacity_of(bytes: usize) -> Option<usize> {
    let data = bytes.saturating_sub(HEADER_BYTES_MAX).max(LEAST_BYTES);
    let step = data.checked_next_power_of_two()? / 16;
    data.checked_next_multiple_of(step)?.checked_add(PAGE_BYTES)
}

/// Memory for so many bytes (at least [`LEAST_BYTES`]), and whether it is known to be zeroed; `None` if there is none.
pub fn take(bytes: usize) -> Option<(NonNull<u8>, bool)> {
    let capacity = capacity_of(bytes)?;
    let recycled = kept().take(capacity);
    match recycled {
        Some(start) => {
            os::unpoison(start.as_ptr(), capacity);
            Some((start, false))
        }
        None => Some((os::map_huge(capacity)?, true)),
    }
}

/// Takes memory back.
///
/// # Safety
/// It came from [`take`] for as many bytes, and nobody uses it any more.
pub unsafe fn give(start: NonNull<u8>, bytes: usize) {
    let Some(capacity) = capacity_of(bytes) else {
        return;
    };
    os::poison(start.as_ptr(), capacity);
    let unwanted = kept().give(start, capacity, Instant::now());
    for buffer in unwanted {
        // SAFETY: a buffer that is kept no more is nobody's.
        unsafe { os::unmap(buffer.start, buffer.capacity) };
    }
}

/// Gives back what nobody has wanted for long; how long until something else is due, if anything is kept. For a thread that goes
/// to rest.
pub fn trim() -> Option<Duration> {
    let (unwanted, due) = kept().trim(Instant::now());
    for buffer in unwanted {
        // SAFETY: a buffer that is kept no more is nobody's.
        unsafe { os::unmap(buffer.start, buffer.capacity) };
    }
    due
}

impl Kept {
    fn take(&mut self, capacity: usize) -> Option<NonNull<u8>> {
        // The newest is the likeliest to be in a cache.
        let fits = |buffer: &Buffer| buffer.capacity == capacity;
        let index = self.buffers.iter().rposition(fits)?;
        self.bytes -= capacity;
        Some(self.buffers.remove(index).start)
    }

    /// Keeps a buffer; those that must go for it or are too old.
    fn give(&mut self, start: NonNull<u8>, capacity: usize, since: Instant) -> Vec<Buffer> {
        self.bytes += capacity;
        self.buffers.push(Buffer {
            start,
            capacity,
            since,
        });
        self.unwanted(since)
    }

    fn unwanted(&mut self, now: Instant) -> Vec<Buffer> {
        let mut bytes = self.bytes;
        let unwanted = |buffer: &&Buffer| {
            let is_old = now.saturating_duration_since(buffer.since) >= KEPT_TIME_MAX;
            let unwanted = bytes > KEPT_BYTES_MAX || is_old;
            bytes -= if unwanted { buffer.capacity } else { 0 };
            unwanted
        };
        let count = self.buffers.iter().take_while(unwanted).count();
        self.bytes = bytes;
        self.buffers.drain(..count).collect()
    }

    fn trim(&mut self, now: Instant) -> (Vec<Buffer>, Option<Duration>) {
        let unwanted = self.unwanted(now);
        let next = self.buffers.first().map(|buffer| {
            let age = now.saturating_duration_since(buffer.since);
            KEPT_TIME_MAX.saturating_sub(age)
        });
        (unwanted, next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacities_waste_little_and_follow_from_the_size() {
        for bytes in [
            LEAST_BYTES,
            (3 << 20) + 1,
            64 << 20,
            (64 << 20) + 16,
            usize::MAX / 4,
        ] {
            let capacity = capacity_of(bytes).unwrap();
            assert!(capacity >= bytes && capacity <= bytes + bytes / 8 + PAGE_BYTES);
            assert_eq!(capacity % 4096, 0);
        }
        assert_eq!(capacity_of(usize::MAX - 3), None);
    }

    #[test]
    fn what_is_kept_is_bounded_in_size_and_time() {
        let mut kept = Kept {
            buffers: Vec::new(),
            bytes: 0,
        };
        let now = Instant::now();
        let at = NonNull::dangling();
        assert!(kept.give(at, 210 << 20, now).is_empty());
        assert_eq!(kept.give(at, 50 << 20, now).len(), 1);
        assert_eq!(kept.bytes, 50 << 20);
        assert!(kept.take(210 << 20).is_none());
        assert!(kept.take(50 << 20).is_some());
        assert!(kept.give(at, 1 << 20, now).is_empty());
        assert_eq!(kept.give(at, 2 << 20, now + 2 * KEPT_TIME_MAX).len(), 1);
        assert_eq!(kept.bytes, 2 << 20);
        let (unwanted, due) = kept.trim(now + 2 * KEPT_TIME_MAX);
        assert_eq!((unwanted.len(), due), (0, Some(KEPT_TIME_MAX)));
        assert_eq!(kept.give(at, 300 << 20, now).len(), 2);
        assert_eq!(kept.bytes, 0);
    }
}
