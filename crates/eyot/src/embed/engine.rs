//! The engine: workers, and the isolates they run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use eyot_runtime::isolate::{Isolate, embed};
use eyot_runtime::sched::{Scheduler, Threads};

use super::group::{Group, GroupOptions};
use super::{IsolateError, group};
use crate::program::{Error, Program};
use crate::start;

/// Settings of an engine.
#[derive(Clone, Debug, Default)]
pub struct EngineOptions {
    /// Threads that run isolates; one for each core if it is not given.
    pub workers: Option<usize>,
}

/// Workers, and the isolate groups that they run. A process may have several; their isolates know nothing of each other.
///
/// When it is dropped, all isolates are killed, their callbacks are called, and the workers end. Dropping waits for that, also for native code
/// that is in the middle of something; on a worker, which cannot wait for itself, it happens a little later.
pub struct Engine {
    shared: Arc<Shared>,
    threads: Option<Threads>,
}

/// What groups and isolates have of their engine.
pub(super) struct Shared {
    pub(super) scheduler: Scheduler<Isolate>,
    /// Isolates that somebody follows.
    alive: Mutex<usize>,
    none_alive: Condvar,
    is_closing: AtomicBool,
}

/// How long an engine that is dropped waits before it looks again whether isolates have made others.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

impl Engine {
    /// Starts the workers.
    ///
    /// # Errors
    ///
    /// If the system gives no threads.
    pub fn new(options: &EngineOptions) -> Result<Engine, Error> {
        let (scheduler, threads) = start::scheduler(options.workers)?;
        Ok(Engine {
            shared: Arc::new(Shared {
                scheduler,
                alive: Mutex::new(0),
                none_alive: Condvar::new(),
                is_closing: AtomicBool::new(false),
            }),
            threads: Some(threads),
        })
    }

    /// Makes a group for a program. It has no isolates yet.
    ///
    /// # Errors
    ///
    /// If the program cannot be joined with the core libraries: a mistake of Eyot.
    pub fn create_group(&self, program: &Program, options: GroupOptions) -> Result<Group, Error> {
        group::create(&self.shared, program, options)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shared.is_closing.store(true, Ordering::SeqCst);
        let is_worker = self.shared.scheduler.worker().is_some();
        let (shared, threads) = (self.shared.clone(), self.threads.take());
        let end = move || {
            shared.end_all();
            shared.scheduler.stop();
            if let Some(threads) = threads {
                threads.join();
            }
        };
        match is_worker {
            false => end(),
            true => {
                let thread = std::thread::Builder::new().name("eyot-end".to_owned());
                if thread.spawn(end).is_err() {
                    // No thread to be had: whoever waits for an isolate waits in vain.
                    self.shared.kill_all();
                }
            }
        }
    }
}

impl Shared {
    fn alive(&self) -> MutexGuard<'_, usize> {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more isolate, which a thread asks for.
    pub(super) fn admit(&self) -> Result<(), IsolateError> {
        let mut alive = self.alive();
        if self.is_closing() {
            return Err(IsolateError::ShutDown);
        }
        *alive += 1;
        Ok(())
    }

    /// One more, which an isolate has made.
    pub(super) fn count(&self) {
        *self.alive() += 1;
    }

    /// One less.
    pub(super) fn gone(&self) {
        let mut alive = self.alive();
        *alive -= 1;
        if *alive == 0 {
            self.none_alive.notify_all();
        }
    }

    pub(super) fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::SeqCst)
    }

    /// Nobody may wait for an isolate on the thread that is to run it.
    pub(super) fn may_wait(&self) -> Result<(), IsolateError> {
        match self.scheduler.worker() {
            Some(_) => Err(IsolateError::OnWorker),
            None => Ok(()),
        }
    }

    fn kill_all(&self) {
        for isolate in self.scheduler.registry().ids() {
            embed::kill(&self.scheduler, isolate, true);
        }
    }

    /// Kills all isolates, those that they make meanwhile too, and waits until nothing is left of them.
    fn end_all(&self) {
        loop {
            self.kill_all();
            let alive = self.alive();
            let are_left = |alive: &mut usize| *alive > 0;
            let waited = self
                .none_alive
                .wait_timeout_while(alive, LOOK_AGAIN, are_left);
            let (alive, _) = waited.unwrap_or_else(PoisonError::into_inner);
            let is_none = *alive == 0;
            drop(alive);
            if is_none {
                // Native ports are nobody's isolates.
                if self.scheduler.registry().ids().is_empty() {
                    return;
                }
                std::thread::sleep(Duration::from_micros(100));
            }
        }
    }
}
