//! A table that only grows and whose entries never move: readers take no lock, writers take turns.
//!
//! Chunk `n` holds `FIRST << n` entries, so an index names its chunk by its leading bit. The length is published
//! with release order after the entry is written; a reader that has an id got it from somebody who saw the entry written.

use std::mem::MaybeUninit;
use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

const FIRST_BITS: u32 = 6;
const CHUNKS: usize = 24;

/// An append-only table.
pub struct AppendVec<T> {
    chunks: [AtomicPtr<MaybeUninit<T>>; CHUNKS],
    len: AtomicUsize,
    writer: Mutex<()>,
}

impl<T> AppendVec<T> {
    /// An empty table.
    pub const fn new() -> AppendVec<T> {
        AppendVec {
            chunks: [const { AtomicPtr::new(std::ptr::null_mut()) }; CHUNKS],
            len: AtomicUsize::new(0),
            writer: Mutex::new(()),
        }
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entry at an index.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&T> {
        if index >= self.len.load(Ordering::Acquire) {
            return None;
        }
        let (chunk, offset) = place(index);
        let start = self.chunks[chunk].load(Ordering::Acquire);
        // SAFETY: the index is below the published length, so its chunk exists and the entry is written.
        Some(unsafe { (*start.add(offset)).assume_init_ref() })
    }

    /// Adds an entry and gives its index; `None` when the table is full.
    pub fn push(&self, value: T) -> Option<usize> {
        let _turn = self.writer.lock().unwrap_or_else(|e| e.into_inner());
        let index = self.len.load(Ordering::Relaxed);
        let (chunk, offset) = place(index);
        let slot = self.chunks.get(chunk)?;
        let mut start = slot.load(Ordering::Relaxed);
        if start.is_null() {
            let fresh: Box<[MaybeUninit<T>]> = Box::new_uninit_slice(chunk_len(chunk));
            start = Box::into_raw(fresh).cast();
            slot.store(start, Ordering::Release);
        }
        // SAFETY: the place is inside the chunk, unpublished, and ours while we hold the lock.
        unsafe { (*start.add(offset)).write(value) };
        self.len.store(index + 1, Ordering::Release);
        Some(index)
    }
}

impl<T> Default for AppendVec<T> {
    fn default() -> Self {
        AppendVec::new()
    }
}

impl<T> Drop for AppendVec<T> {
    fn drop(&mut self) {
        let mut left = *self.len.get_mut();
        for (chunk, slot) in self.chunks.iter_mut().enumerate() {
            let start = *slot.get_mut();
            if start.is_null() {
                break;
            }
            let written = left.min(chunk_len(chunk));
            left -= written;
            // SAFETY: the first `written` entries of the chunk are written, and the chunk came from a boxed slice of this length.
            unsafe {
                for offset in 0..written {
                    (*start.add(offset)).assume_init_drop();
                }
                drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(
                    start,
                    chunk_len(chunk),
                )));
            }
        }
    }
}

// SAFETY: entries are shared by reference between threads and dropped by the owner.
unsafe impl<T: Send + Sync> Sync for AppendVec<T> {}
// SAFETY: the table owns its entries.
unsafe impl<T: Send> Send for AppendVec<T> {}

fn chunk_len(chunk: usize) -> usize {
    1 << (FIRST_BITS as usize + chunk)
}

#[inline]
fn place(index: usize) -> (usize, usize) {
    let shifted = index + (1 << FIRST_BITS);
    let top = shifted.ilog2();
    ((top - FIRST_BITS) as usize, shifted - (1 << top))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_their_place() {
        let table = AppendVec::new();
        for n in 0..10_000 {
            assert_eq!(table.push(n.to_string()), Some(n));
        }
        let first = table.get(0).map(|s| s.as_ptr());
        assert!((0..10_000).all(|n| table.get(n) == Some(&n.to_string())));
        assert_eq!(table.get(10_000), None);
        assert_eq!(table.get(0).map(|s| s.as_ptr()), first);
    }
}
