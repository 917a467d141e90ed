//! The same work on many items, by as many threads as pay. What comes of it does not depend on how many there are.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// More threads than this wait for each other more than they do.
const THREADS_MAX: usize = 8;

/// How many threads do work in which `worthwhile` of them find enough to do, so that starting them pays.
pub(crate) fn threads_that_pay(worthwhile: usize) -> usize {
    if worthwhile <= 1 {
        return 1;
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    worthwhile.min(cores).min(THREADS_MAX)
}

/// The answers for all items, in their order.
pub(crate) fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> Option<R> + Sync,
) -> Vec<R> {
    if threads <= 1 {
        return items.iter().filter_map(work).collect();
    }
    // What a thread takes at once.
    let batch_len = (items.len() / (threads * 8)).clamp(1, 64);
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Vec<R>)>> = Mutex::default();
    let run = || {
        loop {
            let batch = next.fetch_add(1, Ordering::Relaxed);
            let Some(items) = items.chunks(batch_len).nth(batch) else {
                return;
            };
            let answers = items.iter().filter_map(&work).collect();
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push((batch, answers));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Deep nesting grows the stack where it needs to; a thread that the system refuses is one less.
            let builder = std::thread::Builder::new().stack_size(4 << 20);
            if builder.spawn_scoped(scope, run).is_err() {
                break;
            }
        }
        run();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|&(batch, _)| batch);
    done.into_iter().flat_map(|(_, answers)| answers).collect()
}
