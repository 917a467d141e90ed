//! The allocator of the command: mimalloc, asked in the way that is quick.
//!
//! Rust tells an allocator the alignment of everything. Asked for an alignment mimalloc checks first whether it can give it without
//! more ado, and for many sizes it finds that out too late. But what it gives is aligned to 8 bytes in any case, and to 16 from that
//! size on, which is all that nearly everybody asks for.

use std::alloc::{GlobalAlloc, Layout};

use libmimalloc_sys::{
    mi_free, mi_malloc, mi_malloc_aligned, mi_realloc, mi_realloc_aligned, mi_zalloc,
    mi_zalloc_aligned,
};

/// mimalloc.
#[derive(Debug)]
pub struct Allocator;

/// Whether memory of this size is aligned as asked for anyway.
#[inline]
fn is_aligned_anyway(size: usize, align: usize) -> bool {
    align <= 8 || align == 16 && size >= 16
}

// SAFETY: mimalloc gives memory of the size asked for, aligned as `is_aligned_anyway` says or as asked for, and never unwinds.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (size, align) = (layout.size(), layout.align());
        // SAFETY: any size may be asked for, and any power of two as alignment.
        unsafe {
            if is_aligned_anyway(size, align) {
                mi_malloc(size).cast()
            } else {
                mi_malloc_aligned(size, align).cast()
            }
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let (size, align) = (layout.size(), layout.align());
        // SAFETY: as above.
        unsafe {
            if is_aligned_anyway(size, align) {
                mi_zalloc(size).cast()
            } else {
                mi_zalloc_aligned(size, align).cast()
            }
        }
    }

    #[inline]
    unsafe fn dealloc(&self, start: *mut u8, _layout: Layout) {
        // SAFETY: the memory came from mimalloc, says the caller.
        unsafe { mi_free(start.cast()) }
    }

    #[inline]
    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        unsafe {
            if is_aligned_anyway(size, layout.align()) {
                mi_realloc(start.cast(), size).cast()
            } else {
                mi_realloc_aligned(start.cast(), size, layout.align()).cast()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_aligned_as_asked_for_before_and_after_it_grows() {
        for align in [1, 2, 4, 8, 16, 32, 64, 4096] {
            for size in (1..200).chain([1000, 4095, 5000, 70_000, 3 << 20]) {
                let layout = Layout::from_size_align(size, align).unwrap();
                // SAFETY: each piece is used as far as it goes, and given back once.
                unsafe {
                    let piece = Allocator.alloc(layout);
                    assert_eq!(piece.addr() % align, 0, "{layout:?}");
                    piece.write_bytes(7, size);
                    let zeroed = Allocator.alloc_zeroed(layout);
                    assert_eq!(zeroed.addr() % align, 0, "{layout:?}");
                    assert!((0..size).all(|at| *zeroed.add(at) == 0));
                    let grown = Allocator.realloc(piece, layout, size * 3);
                    assert_eq!(grown.addr() % align, 0, "{layout:?} grown");
                    assert!((0..size).all(|at| *grown.add(at) == 7));
                    let layout_grown = Layout::from_size_align(size * 3, align).unwrap();
                    Allocator.dealloc(grown, layout_grown);
                    Allocator.dealloc(zeroed, layout);
                }
            }
        }
    }
}
