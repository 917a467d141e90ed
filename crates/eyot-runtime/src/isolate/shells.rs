//! Shells: what a worker keeps of ended isolates for the next ones.
//!
//! A shell is the struct of an isolate after [`Isolate`]'s `clear`: it holds nothing of the isolate's any more, but the memory of a few small
//! tables, and its counts of what the isolates of the group share (group, program, layouts). So an isolate that only comes and goes takes
//! next to nothing from the allocator, and touches no counter for which workers would have to wait for each other.
//!
//! All shells of a worker are of one group. They go when an isolate of another group ends there, and when the worker has rested for a
//! while without using them, so that they keep no group alive for long.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use super::group::Group;
use super::run::Isolate;

/// So many a worker keeps: an isolate may end on another worker than it was made on.
const KEPT_MAX: usize = 64;

/// How long a resting worker keeps them.
const KEPT_TIME: Duration = Duration::from_millis(100);

thread_local! {
    static SHELLS: RefCell<Shells> = const { RefCell::new(Shells { kept: Vec::new(), used: false }) };
}

struct Shells {
    // The structs stay where they are when they change hands.
    #[allow(clippy::vec_box)]
    kept: Vec<Box<Isolate>>,
    /// One was taken or kept since the worker rested last.
    used: bool,
}

/// A shell for an isolate of this group.
pub(super) fn take(group: &Arc<Group>) -> Option<Box<Isolate>> {
    SHELLS.with_borrow_mut(|shells| {
        let shell = shells
            .kept
            .pop_if(|shell| Arc::ptr_eq(shell.group(), group));
        shells.used |= shell.is_some();
        shell
    })
}

/// Keeps one, which was cleared.
pub(super) fn keep(shell: Box<Isolate>) {
    let unwanted = SHELLS.with_borrow_mut(|shells| {
        shells.used = true;
        let others = match shells.kept.last() {
            Some(kept) if !Arc::ptr_eq(kept.group(), shell.group()) => {
                std::mem::take(&mut shells.kept)
            }
            _ => Vec::new(),
        };
        if shells.kept.len() < KEPT_MAX {
            shells.kept.push(shell);
        }
        others
    });
    drop(unwanted);
}

/// The worker goes to rest: drops the shells if none was used since it did so last; else says when to come back.
pub(super) fn trim() -> Option<Duration> {
    let unwanted = SHELLS.with_borrow_mut(|shells| match std::mem::take(&mut shells.used) {
        true => None,
        false => Some(std::mem::take(&mut shells.kept)),
    });
    unwanted.is_none().then_some(KEPT_TIME)
}
