//! Isolates in a Rust program: groups and isolates of their own, entered by threads, with messages both ways.
//!
//! [`crate::run`] runs a program to its end. Here the host keeps the reins: it makes isolate groups and isolates, decides when which of them
//! does something, talks to them through ports, and is told how they live and end.
//!
//! ```
//! use eyot::embed::{Engine, EngineOptions, GroupOptions, IsolateOptions, Message};
//! use eyot::{Options, Script};
//!
//! let script = Script::from_source(
//!     "int square(int n) => n * n;
//!      void main() {}",
//! );
//! let program = eyot::compile(&script, &Options::default())?;
//!
//! let engine = Engine::new(&EngineOptions::default())?;
//! let group = engine.create_group(&program, GroupOptions::default())?;
//! let isolate = group.create_isolate(IsolateOptions::default())?;
//! let entered = isolate.enter()?;
//! assert_eq!(entered.invoke("square", [Message::from(12)])?, Message::Int(144));
//! entered.shut_down();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Who runs an isolate
//!
//! The engine's workers do, and nobody else. A thread that enters an isolate has it for itself: nothing happens in it but what that thread asks
//! for, and the thread waits for the answer while a worker does the work. So what a host sees is what it would see if the isolate
//! ran on its own thread, but `sleep` and blocking input in Dart hold no worker, a program that spins can be killed, and limits hold.
//! Because of that a worker itself (in a callback of this module, for instance) cannot enter an isolate or wait for one's end: it is told
//! [`IsolateError::OnWorker`].
//!
//! An isolate that [`Group::create_isolate`] makes does nothing by itself. Its messages and timers wait until a thread has it handle them
//! ([`Entered::handle_message`], [`Entered::run_loop`]); a callback can tell the host that something waits
//! ([`Isolate::set_message_notify`]). [`Isolate::run_on_workers`] lets it go: then it handles its events as they come and ends when nothing
//! can happen to it any more, like all isolates that Dart code spawns and those of [`Group::run_main`].
//!
//! # Life of groups and isolates
//!
//! | callback | when |
//! | --- | --- |
//! | [`GroupOptions::on_isolate_start`] | an isolate is made, also by Dart's `Isolate.spawn`; it has not run |
//! | [`GroupOptions::on_isolate_shutdown`] | it ends, whyever; it still has its name, its ports and its files |
//! | [`GroupOptions::on_isolate_cleanup`] | nothing is left of it |
//! | [`GroupOptions::on_group_cleanup`] | the last isolate of the group is gone and so are all [`Group`] handles |
//!
//! Each is called exactly once for whatever it is about, on whichever thread finds out, most often a worker: what takes long belongs on
//! a thread of the host. A callback that panics harms nobody; the panic is told
//! ([`GroupOptions::on_callback_panic`]). Programs started with
//! `Isolate.spawnUri` get groups of their own with the same callbacks.
//!
//! # Other ways in C
//!
//! | Dart's C interface | here |
//! | --- | --- |
//! | `Dart_Initialize`, `Dart_Cleanup` | [`Engine::new`], dropping the engine |
//! | `Dart_CreateIsolateGroup` | [`Engine::create_group`] |
//! | `Dart_CreateIsolateInGroup` | [`Group::create_isolate`] |
//! | `Dart_EnterIsolate`, `Dart_ExitIsolate` | [`Isolate::enter`], dropping [`Entered`] |
//! | `Dart_Invoke` | [`Entered::invoke`] |
//! | `Dart_RunLoop`, `Dart_RunLoopAsync` | [`Entered::run_loop`], [`Isolate::run_on_workers`] |
//! | `Dart_HandleMessage`, `Dart_HasLivePorts` | [`Entered::handle_message`], [`Entered::has_live_ports`] |
//! | `Dart_SetMessageNotifyCallback` | [`Isolate::set_message_notify`] |
//! | `Dart_ShutdownIsolate`, `Dart_KillIsolate` | [`Entered::shut_down`], [`Isolate::kill`] |
//! | `Dart_PostCObject`, `Dart_PostInteger` | [`SendPort::post`] |
//! | external typed data with a finalizer | [`SendPort::post_external`] |
//! | `Dart_NewNativePort`, `Dart_CloseNativePort` | [`Group::native_port`], dropping [`NativePort`] |
//! | `Dart_NewSendPort`, `Dart_SendPortGetId` | [`SendPort::from_id`], [`SendPort::id`] |
//! | `Dart_DebugName`, `Dart_IsolateServiceId` | [`Isolate::name`], [`Isolate::service_id`] |
//! | `Dart_GetMainPortId` | [`Isolate::control_port`] |
//! | `Dart_IsolateFlags` | [`IsolateOptions`], [`Isolate::flags`] |
//! | callbacks of `Dart_InitializeParams` | [`GroupOptions`] |
//! | isolate and group data | what the closures capture |

mod engine;
mod error;
mod group;
mod isolate;
mod life;
mod message;
mod port;

pub use engine::{Engine, EngineOptions};
pub use error::{Exit, IsolateError, PostError};
pub use eyot_runtime::isolate::Limits;
pub(crate) use group::Surroundings;
pub use group::{Group, GroupOptions, UncaughtError};
pub use isolate::{Entered, Flags, Isolate, IsolateOptions};
pub use message::{Capability, Message, TypedData};
pub use port::{NativePort, SendPort};

/// The example of the guide, as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../../docs/embedding.md")]
struct Guide;
