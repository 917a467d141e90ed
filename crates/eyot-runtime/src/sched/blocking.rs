//! Jobs that may block: they touch no heap, and run on threads of their own that come and go.

use std::time::Duration;

use crate::sync::{Condvar, Mutex, lock};

/// A job.
pub(super) type Job = Box<dyn FnOnce() + Send>;

/// How long a thread waits for the next job before it ends.
const IDLE_TIME: Duration = Duration::from_secs(5);

/// Threads for jobs that block. There is no queue to starve in: up to the limit a job that finds no idle thread gets a new one.
#[derive(Default)]
pub(super) struct BlockingPool {
    inner: Mutex<Inner>,
    more: Condvar,
}

#[derive(Default)]
struct Inner {
    jobs: std::collections::VecDeque<Job>,
    threads: usize,
    idle: usize,
}

/// More blocking jobs at a time than this wait in line.
const MAX_THREADS: usize = 256;

impl BlockingPool {
    /// Runs a job on some thread; false if no thread could be made and none will come to it (the job is dropped).
    pub(super) fn spawn(self: &std::sync::Arc<Self>, job: Job) -> bool {
        let mut inner = lock(&self.inner);
        inner.jobs.push_back(job);
        if inner.idle >= inner.jobs.len() || inner.threads >= MAX_THREADS {
            drop(inner);
            self.more.notify_one();
            return true;
        }
        inner.threads += 1;
        let pool = self.clone();
        let thread = std::thread::Builder::new()
            .name("eyot-blocking".to_owned())
            .spawn(move || pool.work());
        if thread.is_ok() {
            return true;
        }
        inner.threads -= 1;
        let somebody_will = inner.threads > 0;
        if !somebody_will {
            inner.jobs.pop_back();
        }
        somebody_will
    }

    fn work(&self) {
        let mut inner = lock(&self.inner);
        loop {
            if let Some(job) = inner.jobs.pop_front() {
                drop(inner);
                job();
                inner = lock(&self.inner);
                continue;
            }
            inner.idle += 1;
            let (guard, timed_out) = self.wait(inner);
            inner = guard;
            inner.idle -= 1;
            if timed_out && inner.jobs.is_empty() {
                inner.threads -= 1;
                return;
            }
        }
    }

    #[cfg(not(eyot_loom))]
    fn wait<'a>(
        &self,
        guard: crate::sync::MutexGuard<'a, Inner>,
    ) -> (crate::sync::MutexGuard<'a, Inner>, bool) {
        let (guard, result) = self
            .more
            .wait_timeout(guard, IDLE_TIME)
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        (guard, result.timed_out())
    }

    #[cfg(eyot_loom)]
    fn wait<'a>(
        &self,
        guard: crate::sync::MutexGuard<'a, Inner>,
    ) -> (crate::sync::MutexGuard<'a, Inner>, bool) {
        let _ = IDLE_TIME;
        (self.more.wait(guard).unwrap(), false)
    }
}

#[cfg(all(test, not(eyot_loom)))]
mod tests {
    use super::*;
    use std::sync::{Arc, Barrier};

    #[test]
    fn jobs_that_wait_for_each_other_get_a_thread_each() {
        let pool = Arc::new(BlockingPool::default());
        let barrier = Arc::new(Barrier::new(9));
        for _ in 0..8 {
            let barrier = barrier.clone();
            assert!(pool.spawn(Box::new(move || {
                barrier.wait();
            })));
        }
        barrier.wait();
    }
}
