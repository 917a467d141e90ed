//! Isolates: a heap, a program and an event loop joined to a task of the scheduler.
//!
//! | file | what |
//! | --- | --- |
//! | [`group`](self) | what isolates of one program share, and what whoever embeds the runtime provides |
//! | [`event`](self) | what arrives in a mailbox |
//! | [`context`](self) | an isolate's side of ports, timers and listeners: what natives change |
//! | [`tables`](self) | open ports and running timers |
//! | [`run`](self) | the event loop; entering another isolate |
//! | [`embed`] | what threads of whoever embeds the runtime do with isolates, and are told of them |
//! | [`numbered`] | ports as native code knows them |
//! | [`limits`](self), [`cpu`](self) | what an isolate may use, and the clock for it |
//! | [`shared`](self) | variables that isolates of a group share; calls that need no isolate |
//! | [`monitors`](self) | mutexes and condition variables |
//! | [`waiter`](self) | waiting in a native for what others do |
//! | [`watch`](self) | monitors, links, and what an isolate tells about itself |
//! | [`spawn`](self) | making isolates |
//! | [`shells`](self) | what is kept of ended isolates for the next ones |
//! | [`rest`](self) | when the heap of an isolate that has nothing to do is packed |
//! | [`natives`](self) | the natives of `dart:isolate`, and timers |
//! | [`supervision`](self) | the natives of `package:eyot/isolate.dart` |
//!
//! # The event loop
//!
//! An isolate takes one event (a message for a port, a timer, the completion of a job), calls the Dart function for it, lets
//! microtasks run until there are none, and takes the next. Control messages (pause, kill, ping, listeners) arrive as urgent
//! messages and are handled between events, and where the interpreter polls in the middle of one. When a slice ends in the middle of an
//! event the frames are copied out of the worker's machine and the isolate waits in the scheduler's queue; an isolate between
//! events has no stack at all.
//!
//! An isolate ends when nothing can happen to it any more: no event waits, no open port keeps it alive, no timer is set, no job is
//! under way, and it is not paused. Its listeners are told, and its heap is dropped.

mod context;
mod cpu;
pub mod embed;
mod event;
mod group;
mod limits;
mod monitors;
mod name;
mod natives;
pub mod numbered;
mod rest;
mod run;
mod shared;
mod shells;
mod spawn;
mod supervision;
mod tables;
mod waiter;
mod watch;

pub use context::{Context, HostJob, Outcome};
pub use event::{Control, Event};
pub use group::{
    EntryPoints, ErrorReport, Group, Host, LoadedProgram, ProgramPackages, ProgramRequest,
};
pub use limits::Limits;
pub use monitors::NATIVES as MONITOR_NATIVES;
pub use name::Name;
pub use natives::NATIVES;
pub use run::{Isolate, Template, call_detached};
pub use shared::{NATIVES as SHARED_NATIVES, SharedData};
pub use spawn::{MainCall, More, SpawnRequest, Start};
pub use supervision::NATIVES as SUPERVISION_NATIVES;
