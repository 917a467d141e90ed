//! Shells: what a worker keeps of ended isolates for the next ones.
//!
//! A shell is the struct of an isolate after [`Isolate`]'s `clear`: it holds nothing of the isolate's any more, but the memory of a few small
//! tables, and its counts of what the isolates of the group share (group, program, layouts). So an isolate that only comes and goes takes
//! next to nothing from the allocator, and touches no counter for which workers would have to wait for each other. Emptied seeds are kept
//! in the same way.
//!
//! All shells of a worker are of one group, and all seeds. They go when an isolate of another group ends there, or begins, and when the
//! worker has rested for a while without using them, so that they keep no group alive for long.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use super::group::Group;
use super::run::Isolate;
use super::spawn::Seed;

/// So many of each a worker keeps: an isolate may end, and begin, on another worker than it was made on.
const KEPT_MAX: usize = 64;

/// How long a resting worker keeps them.
const KEPT_TIME: Duration = Duration::from_millis(100);

thread_local! {
    static SHELLS: RefCell<Shells> = const { RefCell::new(Shells { kept: Kept::NONE, seeds: Kept::NONE, used: false }) };
}

struct Shells {
    kept: Kept<Isolate>,
    seeds: Kept<Seed>,
    /// One was taken or kept since the worker rested last.
    used: bool,
}

/// What is of a group.
trait Member {
    fn group(&self) -> &Arc<Group>;
}

impl Member for Isolate {
    fn group(&self) -> &Arc<Group> {
        Isolate::group(self)
    }
}

impl Member for Seed {
    fn group(&self) -> &Arc<Group> {
        &self.group
    }
}

/// Members of one group.
// The structs stay where they are when they change hands.
#[allow(clippy::vec_box)]
struct Kept<T>(Vec<Box<T>>);

impl<T: Member> Kept<T> {
    const NONE: Kept<T> = Kept(Vec::new());

    #[inline]
    fn take(&mut self, group: &Arc<Group>) -> Option<Box<T>> {
        self.0.pop_if(|kept| Arc::ptr_eq(kept.group(), group))
    }

    /// Keeps one more; gives those that must go for it.
    #[inline]
    #[must_use]
    #[allow(clippy::vec_box)]
    fn keep(&mut self, one: Box<T>) -> Vec<Box<T>> {
        let others = match self.0.last() {
            Some(kept) if !Arc::ptr_eq(kept.group(), one.group()) => std::mem::take(&mut self.0),
            _ => Vec::new(),
        };
        if self.0.len() < KEPT_MAX {
            self.0.push(one);
        }
        others
    }
}

/// A shell for an isolate of this group.
pub(super) fn take(group: &Arc<Group>) -> Option<Box<Isolate>> {
    SHELLS.with_borrow_mut(|shells| {
        let shell = shells.kept.take(group);
        shells.used |= shell.is_some();
        shell
    })
}

/// A shell for the isolate of an emptied seed, which is kept in its place; the seed itself if there is no shell.
pub(super) fn exchange(seed: Box<Seed>) -> Result<Box<Isolate>, Box<Seed>> {
    let exchanged = SHELLS.with_borrow_mut(|shells| {
        let Some(shell) = shells.kept.take(&seed.group) else {
            return Err(seed);
        };
        shells.used = true;
        Ok((shell, shells.seeds.keep(seed)))
    });
    exchanged.map(|(shell, _unwanted)| shell)
}

/// Keeps one, which was cleared.
pub(super) fn keep(shell: Box<Isolate>) {
    let unwanted = SHELLS.with_borrow_mut(|shells| {
        shells.used = true;
        shells.kept.keep(shell)
    });
    drop(unwanted);
}

/// An empty seed for an isolate of this group.
pub(super) fn take_seed(group: &Arc<Group>) -> Option<Box<Seed>> {
    SHELLS.with_borrow_mut(|shells| shells.seeds.take(group))
}

/// Keeps one, which was emptied.
pub(super) fn keep_seed(seed: Box<Seed>) {
    let unwanted = SHELLS.with_borrow_mut(|shells| {
        shells.used = true;
        shells.seeds.keep(seed)
    });
    drop(unwanted);
}

/// The worker goes to rest: drops them if none was used since it did so last; else says when to come back.
pub(super) fn trim() -> Option<Duration> {
    let unwanted = SHELLS.with_borrow_mut(|shells| match std::mem::take(&mut shells.used) {
        true => None,
        false => Some((
            std::mem::take(&mut shells.kept.0),
            std::mem::take(&mut shells.seeds.0),
        )),
    });
    unwanted.is_none().then_some(KEPT_TIME)
}
