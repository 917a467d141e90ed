//! Scheduling: which isolate runs when, on which worker.
//!
//! An isolate is a [`Task`] in the registry. Workers (one per core) take tasks from their queues and run each for a slice.
//! This module knows nothing of heaps or Dart: a task is run, says how it stopped, and is woken by whoever sends it something.
//!
//! | file | what |
//! | --- | --- |
//! | [`state`](self) | the life of a task as one atomic word |
//! | [`registry`](self) | where tasks live: records that are never freed, only reused |
//! | [`sleepers`](self) | which workers are parked, and who wakes them |
//! | [`worker`](self) | the queues of a worker, and its loop; in `find` how it comes by what it runs, and rests; in `relief` who helps a worker that is held up |
//! | [`timer`](self) | deadlines |
//! | [`blocking`](self) | jobs that may block, on threads of their own |
//!
//! # Queues
//!
//! Each worker has three: the task *handed over* (the one just woken by the task running here; it runs next, on this worker, while
//! what it was sent is in the cache), *woken* ones, and *expired* ones (used up their slice). As long as expired tasks wait, woken ones
//! get three quarters of the time; so replies come at once under load, and what spins still moves. An idle worker steals from
//! the others' woken and expired queues.

mod blocking;
mod registry;
mod sleepers;
mod state;
mod timer;
mod worker;

pub use registry::{New, Record, Registry, Task, URGENT};
pub use timer::{TimerId, Timers};
pub use worker::{Outcome, Scheduler, SchedulerConfig, Slice, Threads, after_steps, in_long_step};
