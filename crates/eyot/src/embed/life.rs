//! One isolate from its beginning to its end: what handles know of it, and how the callbacks of its group are called.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use eyot_runtime::heap::HeapCounters;
use eyot_runtime::isolate::SpawnRequest;
use eyot_runtime::isolate::embed::{Ending, Life};
use eyot_runtime::port::IsolateId;

use super::error::Exit;
use super::group::Shared;
use super::isolate::{Flags, Isolate};

/// What handles of an isolate share.
pub(super) struct Cell {
    /// Set before anybody else gets a handle.
    id: OnceLock<IsolateId>,
    pub(super) name: String,
    pub(super) flags: Flags,
    pub(super) group: Arc<Shared>,
    exit: Mutex<Option<Exit>>,
    has_ended: Condvar,
}

impl Cell {
    pub(super) fn new(name: &str, group: &Arc<Shared>, request: &SpawnRequest) -> Arc<Cell> {
        Arc::new(Cell {
            id: OnceLock::new(),
            name: name.to_owned(),
            flags: Flags::of(&group.options, request),
            group: group.clone(),
            exit: Mutex::new(None),
            has_ended: Condvar::new(),
        })
    }

    pub(super) fn id(&self) -> IsolateId {
        let nobody = || IsolateId::from_bits(u64::MAX);
        self.id.get().copied().unwrap_or_else(nobody)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Exit>> {
        self.exit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn exit(&self) -> Option<Exit> {
        self.lock().clone()
    }

    /// Waits for the end.
    pub(super) fn wait(&self) -> Exit {
        let mut exit = self.lock();
        loop {
            if let Some(exit) = &*exit {
                return exit.clone();
            }
            exit = self
                .has_ended
                .wait(exit)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn end(&self, exit: Exit) {
        *self.lock() = Some(exit);
        self.has_ended.notify_all();
    }
}

/// Follows an isolate. The group has it among its own, and the engine counts it.
pub(super) struct Followed {
    isolate: Isolate,
    exit: Option<Exit>,
}

impl Followed {
    pub(super) fn new(cell: &Arc<Cell>) -> Followed {
        cell.group.hold();
        Followed {
            isolate: Isolate::of(cell.clone()),
            exit: None,
        }
    }

    fn group(&self) -> &Arc<Shared> {
        &self.isolate.cell().group
    }
}

impl Life for Followed {
    fn begins(&mut self, id: IsolateId) {
        // Nobody else sets it.
        let _ = self.isolate.cell().id.set(id);
        self.group().begins(&self.isolate);
    }

    fn ends(&mut self, end: &Ending<'_>) {
        let exit = Exit::of(end.outcome, end.error);
        self.group().shuts_down(&self.isolate, &exit);
        self.exit = Some(exit);
    }

    fn ended(&mut self, _: HeapCounters) {
        let exit = self.exit.clone().unwrap_or(Exit::Bug);
        self.isolate.cell().end(exit);
    }
}

impl Drop for Followed {
    /// Nothing is left of it.
    fn drop(&mut self) {
        if self.exit.is_none() {
            // Whoever waits is not left waiting.
            self.isolate.cell().end(Exit::Bug);
        }
        let exit = self.exit.take().unwrap_or(Exit::Bug);
        let group = self.group().clone();
        group.cleans_up(&self.isolate, &exit);
        group.release();
        group.engine.gone();
    }
}
