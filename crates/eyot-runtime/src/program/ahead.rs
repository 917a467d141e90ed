//! Functions made ready before they are called, by workers that have nothing else to do.
//!
//! The first call of a function reads it from the image, links what it calls and prepares its code: some microseconds, most of them waiting for
//! memory, and an event that calls thirty functions for the first time takes a tenth of a millisecond. Which functions a program will call is known from
//! its last run ([`Profile`]). Whoever starts a program [`offer`]s that; a worker without a task then does some of it ([`work`]) and looks for tasks
//! again, so a task waits for [`STEP`] at most, and where all workers are busy nothing happens.
//!
//! What must hold: nobody can tell but by the time it takes. Making ready is what a first call does ([`Program::entry`], [`Program::prepare`],
//! [`Program::dispatch`]), which any number of threads may do at the same time, as isolates on several workers always have: what is made is published
//! once, under the program's lock, and the others find it. An inline cache is filled only while it is empty, with what the lookup for its class answers,
//! in one word that names linked entries only. What cannot be made ready (damaged code, no room) is left to the call, which says so.
//!
//! One worker at a time works here; the lock is held for a step. Offers refer to their programs weakly.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};
use std::time::{Duration, Instant};

use eyot_bytecode::Op;
use eyot_bytecode::module::{ClassId, FunctionId};
use eyot_bytecode::well_known::class;

use super::Program;
use super::entry::FunctionEntry;
use super::inline_cache::{self, Site, sites};
use super::lookup::Dispatch;
use super::profile::{Profile, UsedFunction};

/// How long a worker does this before it looks for tasks again.
const STEP: Duration = Duration::from_micros(50);

/// There are offers. Written under their lock; who reads it without may be late, which means that a later rest sees it.
static OFFERED: AtomicBool = AtomicBool::new(false);
static OFFERS: Mutex<VecDeque<Offer>> = Mutex::new(VecDeque::new());

struct Offer {
    program: Weak<Program>,
    /// In reverse.
    left: Vec<UsedFunction>,
}

/// Lets idle workers make ready what a profile of this program names.
pub fn offer(program: &Arc<Program>, profile: Profile) {
    let mut left = profile.functions;
    left.reverse();
    let program = Arc::downgrade(program);
    let mut offers = OFFERS.lock().unwrap_or_else(PoisonError::into_inner);
    offers.push_back(Offer { program, left });
    OFFERED.store(true, Ordering::Relaxed);
}

/// Does some of what was offered; whether there was anything to do. Meant for a thread that has nothing else to do.
pub fn work() -> bool {
    if !OFFERED.load(Ordering::Relaxed) {
        return false;
    }
    let mut offers = match OFFERS.try_lock() {
        Ok(offers) => offers,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        // Somebody is at it.
        Err(TryLockError::WouldBlock) => return false,
    };
    step(&mut offers)
}

fn step(offers: &mut MutexGuard<'_, VecDeque<Offer>>) -> bool {
    let Some(offer) = offers.front_mut() else {
        OFFERED.store(false, Ordering::Relaxed);
        return false;
    };
    let end = Instant::now() + STEP;
    let goes_on = offer.program.upgrade().is_some_and(|program| {
        // A mistake of ours would end the worker here; met again in a call, it ends the isolate and is reported.
        let made = catch_unwind(AssertUnwindSafe(|| {
            while let Some(used) = offer.left.pop() {
                program.make_ready(&used);
                if Instant::now() >= end {
                    break;
                }
            }
        }));
        made.is_ok() && !offer.left.is_empty()
    });
    if !goes_on {
        offers.pop_front();
    }
    true
}

impl Program {
    /// Does what the first call of a function and its calls would.
    pub(super) fn make_ready(&self, used: &UsedFunction) {
        if used.id.index() >= self.modules.function_count() {
            return;
        }
        let Some(entry) = self.entry(used.id) else {
            return;
        };
        if !entry.is_ready() && self.prepare(entry).is_err() {
            return;
        }
        let mut wanted = used.sites.iter().peekable();
        for (index, site) in sites(&entry.function().code).enumerate() {
            if let Some(used) = wanted.next_if(|used| used.index as usize == index) {
                self.fill_cache(entry, site, used.subject);
            }
        }
    }

    fn fill_cache(&self, caller: &FunctionEntry, site: Site, subject: u32) {
        let cache = self.caches.get(site.cache as usize);
        let Some(cache) = cache.filter(|cache| cache.load(Ordering::Relaxed) == 0) else {
            return;
        };
        let word = match site.op {
            Op::CallC => self.closure_word(FunctionId(subject), site),
            _ => self.virtual_word(caller, ClassId(subject), site),
        };
        if let Some(word) = word {
            // Whoever was faster knows better.
            let _ = cache.compare_exchange(0, word, Ordering::Release, Ordering::Relaxed);
        }
    }

    fn virtual_word(&self, caller: &FunctionEntry, of: ClassId, site: Site) -> Option<u64> {
        self.modules.class(of)?;
        let dispatch = match site.op {
            Op::CallSuper => {
                let owner = caller.function().owner.unwrap_or(class::OBJECT);
                self.dispatch_super(of, owner, site.shape)
            }
            _ => self.dispatch(of, site.shape),
        };
        let dispatch = dispatch.ok()?;
        if let Dispatch::Function(target) = dispatch {
            self.link_target(target)?;
        }
        Some(inline_cache::word(of.0, 1, dispatch))
    }

    fn closure_word(&self, function: FunctionId, site: Site) -> Option<u64> {
        self.modules.function(function)?;
        let target = self.dispatch_closure(function, site.shape).ok()?;
        self.link_target(target)?;
        Some(inline_cache::closure_word(function, target))
    }

    /// Links what a cache is to name. Adapters are in no profile: they are prepared with the calls that need them.
    fn link_target(&self, target: FunctionId) -> Option<()> {
        let entry = self.entry(target)?;
        if target.index() >= self.modules.function_count() && !entry.is_ready() {
            // The call would say what is wrong.
            let _ = self.prepare(entry);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests;
