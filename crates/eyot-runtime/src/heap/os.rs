//! Memory from the operating system, aligned to chunks; and the hooks by which AddressSanitizer learns what is free.

use std::ptr::NonNull;

use super::chunk::CHUNK_BYTES;

/// What a page takes at least: the system rounds lengths up to its own.
pub const PAGE_BYTES: usize = 4096;

/// What huge pages are aligned to, a multiple of [`CHUNK_BYTES`].
pub(super) const HUGE_PAGE_BYTES: usize = 2 << 20;

/// Maps `bytes` of zeroed memory (a multiple of the page size) that start at a multiple of [`CHUNK_BYTES`].
pub fn map_aligned(bytes: usize) -> Option<NonNull<u8>> {
    let total = bytes.checked_add(CHUNK_BYTES)?;
    let start = map(total)?;
    let address = start.as_ptr() as usize;
    let lead = address.next_multiple_of(CHUNK_BYTES) - address;
    // SAFETY: both ends lie inside the fresh mapping, and nothing refers to them.
    unsafe {
        let aligned = start.add(lead);
        unmap(start, lead);
        unmap(aligned.add(bytes), CHUNK_BYTES - lead);
        Some(aligned)
    }
}

/// Maps `bytes` of zeroed memory (a multiple of the page size) so that the system may use huge pages for it.
pub fn map_huge(bytes: usize) -> Option<NonNull<u8>> {
    let total = bytes.checked_add(HUGE_PAGE_BYTES)?;
    let start = map(total)?;
    let address = start.as_ptr() as usize;
    let lead = address.next_multiple_of(HUGE_PAGE_BYTES) - address;
    // SAFETY: both ends lie inside the fresh mapping, and nothing refers to them. Advice changes no contents; that a system
    // does not take it is no error.
    unsafe {
        let aligned = start.add(lead);
        unmap(start, lead);
        unmap(aligned.add(bytes), HUGE_PAGE_BYTES - lead);
        #[cfg(target_os = "linux")]
        libc::madvise(aligned.as_ptr().cast(), bytes, libc::MADV_HUGEPAGE);
        Some(aligned)
    }
}

/// Maps `bytes` of zeroed memory (a multiple of the page size).
pub fn map(bytes: usize) -> Option<NonNull<u8>> {
    // SAFETY: an anonymous mapping at an address of the kernel's choice touches nothing that exists.
    let start = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            bytes,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if start == libc::MAP_FAILED {
        return None;
    }
    NonNull::new(start.cast())
}

/// Asks the system for all pages of some memory at once, which costs less than the first touch of each.
pub fn prefault(start: *mut u8, bytes: usize) {
    #[cfg(target_os = "linux")]
    {
        let lead = start.addr().next_multiple_of(PAGE_BYTES) - start.addr();
        if lead < bytes {
            let pages = (bytes - lead) / PAGE_BYTES * PAGE_BYTES;
            // SAFETY: the contents of pages that are there do not change; that a system does not know this is no error.
            unsafe {
                libc::madvise(
                    start.wrapping_add(lead).cast(),
                    pages,
                    libc::MADV_POPULATE_WRITE,
                )
            };
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (start, bytes);
}

/// Unmaps memory from [`map`], [`map_aligned`] or [`map_huge`], or a part of it.
///
/// # Safety
/// Nothing refers to the memory any more.
pub unsafe fn unmap(start: NonNull<u8>, bytes: usize) {
    if bytes == 0 {
        return;
    }
    unpoison(start.as_ptr(), bytes);
    // SAFETY: the caller's.
    unsafe { libc::munmap(start.as_ptr().cast(), bytes) };
}

/// The time that the calling thread has had on a core.
pub fn thread_time_ns() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the clock is written to `time` alone.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

#[cfg(feature = "asan")]
mod sanitizer {
    unsafe extern "C" {
        pub fn __asan_poison_memory_region(start: *const u8, bytes: usize);
        pub fn __asan_unpoison_memory_region(start: *const u8, bytes: usize);
    }
}

/// Tells the sanitizer that nobody may touch this memory.
#[inline]
pub fn poison(_start: *const u8, _bytes: usize) {
    #[cfg(feature = "asan")]
    // SAFETY: changes shadow memory only.
    unsafe {
        sanitizer::__asan_poison_memory_region(_start, _bytes);
    }
}

/// Takes [`poison`] back.
#[inline]
pub fn unpoison(_start: *const u8, _bytes: usize) {
    #[cfg(feature = "asan")]
    // SAFETY: changes shadow memory only.
    unsafe {
        sanitizer::__asan_unpoison_memory_region(_start, _bytes);
    }
}
