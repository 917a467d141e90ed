//! The time an isolate has had on a core, in ticks of the processor's own clock: it is read in every run, and a run may take a
//! tenth of a microsecond.
//!
//! What a tick is in nanoseconds comes out of comparing the clock with the system's since the process looked first.

use std::cell::Cell;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Both clocks at the same time.
fn start() -> (u64, Instant) {
    static START: OnceLock<(u64, Instant)> = OnceLock::new();
    *START.get_or_init(|| (raw_ticks(), Instant::now()))
}

thread_local! {
    /// The end of the last run on this worker, if nothing but looking for the next one has happened since.
    static LAST: Cell<u64> = const { Cell::new(0) };
}

/// A run begins: when. Where one follows on another the clock is read once for both; what a worker spends on looking for work (some
/// microseconds at most) is counted to the run that it finds.
#[inline]
pub(super) fn begin_run() -> u64 {
    match LAST.get() {
        0 => ticks(),
        last => last,
    }
}

/// A run ends: how long it was.
#[inline]
pub(super) fn end_run(began: u64) -> u64 {
    let now = ticks();
    LAST.set(now);
    now.saturating_sub(began)
}

/// The worker rests.
pub(super) fn rest() {
    LAST.set(0);
}

/// The processor's clock.
#[inline]
pub(super) fn ticks() -> u64 {
    raw_ticks()
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn raw_ticks() -> u64 {
    // SAFETY: reading the time stamp changes nothing.
    unsafe { std::arch::x86_64::_rdtsc() }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn raw_ticks() -> u64 {
    static ZERO: OnceLock<Instant> = OnceLock::new();
    ZERO.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

/// Starts the comparison of the clocks; the earlier, the more exact.
pub(super) fn prepare() {
    start();
}

/// Ticks in a nanosecond.
fn rate() -> f64 {
    let (first, at) = start();
    loop {
        let nanos = at.elapsed().as_nanos() as f64;
        let ticks = raw_ticks().wrapping_sub(first) as f64;
        // Ten microseconds give a tenth of a percent.
        if nanos > 10_000.0 && ticks > 0.0 {
            return ticks / nanos;
        }
        std::hint::spin_loop();
    }
}

/// A number of ticks as time.
pub(super) fn to_time(ticks: u64) -> Duration {
    Duration::from_nanos((ticks as f64 / rate()) as u64)
}

/// A time as a number of ticks.
pub(super) fn to_ticks(time: Duration) -> u64 {
    (time.as_nanos() as f64 * rate()) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_tell_the_time() {
        prepare();
        let before = ticks();
        std::thread::sleep(Duration::from_millis(20));
        let time = to_time(ticks() - before);
        assert!(time > Duration::from_millis(15), "{time:?}");
        let there_and_back = to_time(to_ticks(Duration::from_secs(3)));
        assert!((2.9..3.1).contains(&there_and_back.as_secs_f64()));
    }
}
