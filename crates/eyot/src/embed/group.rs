//! Isolate groups: a program, its isolates, and the callbacks that are told of them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use eyot_runtime::isolate::embed::{self, Hooks, Life};
use eyot_runtime::isolate::{self as runtime, ErrorReport, Name, SpawnRequest, Start};
use eyot_runtime::port::IsolateId;

use super::engine;
use super::error::{Exit, IsolateError};
use super::isolate::{Isolate, IsolateOptions};
use super::life::{Cell, Followed};
use super::message::Message;
use super::port::NativePort;
use crate::host::{ProgramHost, write_error};
use crate::options::Options;
use crate::panics;
use crate::program::{Error, Program};
use crate::run::call_main;
use crate::start;

type OfIsolate = Option<Box<dyn Fn(&Isolate) + Send + Sync>>;
type OfEnd = Option<Box<dyn Fn(&Isolate, &Exit) + Send + Sync>>;
type OfGroup = Option<Box<dyn Fn(&str) + Send + Sync>>;
type OfError = Option<Box<dyn Fn(&UncaughtError) + Send + Sync>>;

/// Settings of a group. What its isolates are run with (limits of heaps, checks of isolation) are the [`Options`] that its program was
/// compiled with.
#[derive(Default)]
pub struct GroupOptions {
    name: Option<String>,
    callbacks: Callbacks,
}

/// An error that nobody in its isolate handled and nobody listens for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UncaughtError {
    /// The isolate's name.
    pub isolate: String,
    /// The error's text.
    pub error: String,
    /// The stack trace's.
    pub trace: String,
}

#[derive(Default)]
struct Callbacks {
    start: OfIsolate,
    shutdown: OfEnd,
    cleanup: OfEnd,
    group_cleanup: OfGroup,
    uncaught: OfError,
    panic: OfGroup,
}

impl GroupOptions {
    /// What the group is called; its program's URI if it is not given.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> GroupOptions {
        self.name = Some(name.into());
        self
    }

    /// Is called with each isolate that is made, before it runs.
    #[must_use]
    pub fn on_isolate_start(
        mut self,
        callback: impl Fn(&Isolate) + Send + Sync + 'static,
    ) -> GroupOptions {
        self.callbacks.start = Some(Box::new(callback));
        self
    }

    /// Is called with each isolate that ends, while it has its name, its ports and its files.
    #[must_use]
    pub fn on_isolate_shutdown(
        mut self,
        callback: impl Fn(&Isolate, &Exit) + Send + Sync + 'static,
    ) -> GroupOptions {
        self.callbacks.shutdown = Some(Box::new(callback));
        self
    }

    /// Is called with each isolate that has ended, once nothing is left of it.
    #[must_use]
    pub fn on_isolate_cleanup(
        mut self,
        callback: impl Fn(&Isolate, &Exit) + Send + Sync + 'static,
    ) -> GroupOptions {
        self.callbacks.cleanup = Some(Box::new(callback));
        self
    }

    /// Is called with the group's name once its last isolate is gone and so are all handles of the group.
    #[must_use]
    pub fn on_group_cleanup(
        mut self,
        callback: impl Fn(&str) + Send + Sync + 'static,
    ) -> GroupOptions {
        self.callbacks.group_cleanup = Some(Box::new(callback));
        self
    }

    /// Is called with uncaught errors, which are printed to standard error otherwise.
    #[must_use]
    pub fn on_uncaught_error(
        mut self,
        callback: impl Fn(&UncaughtError) + Send + Sync + 'static,
    ) -> GroupOptions {
        self.callbacks.uncaught = Some(Box::new(callback));
        self
    }

    /// Is called with message and place when a callback of the host panics, a handler of a native port for instance; they are printed to
    /// standard error otherwise.
    #[must_use]
    pub fn on_callback_panic(
        mut self,
        callback: impl Fn(&str) + Send + Sync + 'static,
    ) -> GroupOptions {
        self.callbacks.panic = Some(Box::new(callback));
        self
    }
}

/// A handle of an isolate group. While there is one, isolates can be made in the group.
pub struct Group {
    shared: Arc<Shared>,
}

/// What its handles and its isolates share.
pub(super) struct Shared {
    name: String,
    pub(super) options: Options,
    /// None in a group that a program made.
    program: Option<Program>,
    pub(super) engine: Arc<engine::Shared>,
    callbacks: Arc<Callbacks>,
    /// Handles and isolates.
    holders: AtomicUsize,
    /// None once it is cleaned up: the group has the hooks, so it would never go.
    group: Mutex<Option<Arc<runtime::Group>>>,
    isolates: Mutex<HashMap<IsolateId, Arc<Cell>>>,
}

/// What a group's host has of all this.
#[derive(Clone)]
pub(crate) struct Surroundings {
    engine: Arc<engine::Shared>,
    callbacks: Arc<Callbacks>,
}

pub(super) fn create(
    engine: &Arc<engine::Shared>,
    program: &Program,
    options: GroupOptions,
) -> Result<Group, Error> {
    let linked = start::link(program)?;
    let surroundings = Surroundings {
        engine: engine.clone(),
        callbacks: Arc::new(options.callbacks),
    };
    let name = options.name.unwrap_or_else(|| program.script.uri().into());
    let shared = surroundings.shared(name, program.options.clone(), Some(program.clone()));
    let host = Arc::new(ProgramHost::embedded(program, surroundings));
    let group = start::group(
        program,
        linked,
        &engine.scheduler,
        host,
        Some(Arc::new(Hook(shared.clone()))),
    );
    *shared.group() = Some(group);
    shared.hold();
    Ok(Group { shared })
}

impl Group {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// What its program was compiled with and is run with.
    pub fn options(&self) -> &Options {
        &self.shared.options
    }

    /// The isolates of the group that are alive.
    pub fn isolates(&self) -> Vec<Isolate> {
        let isolates = self.shared.isolates();
        isolates.values().cloned().map(Isolate::of).collect()
    }

    /// Makes an isolate that does nothing before a thread enters it.
    ///
    /// # Errors
    ///
    /// If the engine is shut down.
    pub fn create_isolate(&self, options: IsolateOptions) -> Result<Isolate, IsolateError> {
        self.make(Start::Hosted, options)
    }

    /// Makes an isolate that calls the program's `main`, and goes on by itself.
    ///
    /// # Errors
    ///
    /// If the engine is shut down.
    pub fn run_main(
        &self,
        options: IsolateOptions,
        arguments: &[String],
    ) -> Result<Isolate, IsolateError> {
        self.make(self.shared.main(arguments)?, options)
    }

    /// Opens a port whose messages go to a function: one after the other, on a thread that may block. Isolates of this group can send what
    /// they can send each other, others plain data; what has no counterpart in [`Message`] arrives as [`Message::Unsupported`].
    ///
    /// The port keeps no isolate and no group alive. It is closed when the handle is dropped.
    ///
    /// # Errors
    ///
    /// If the engine is shut down.
    pub fn native_port(
        &self,
        name: &str,
        handler: impl FnMut(Message) + Send + 'static,
    ) -> Result<NativePort, IsolateError> {
        let group = self.shared.group().clone();
        let closing = self.shared.engine.is_closing();
        let group = group.filter(|_| !closing).ok_or(IsolateError::ShutDown)?;
        Ok(NativePort::open(&group, &self.shared, name, handler))
    }

    fn make(&self, start: Start, options: IsolateOptions) -> Result<Isolate, IsolateError> {
        let group = self.shared.group().clone().ok_or(IsolateError::ShutDown)?;
        let name = options.name.as_deref().unwrap_or("isolate");
        let mut request = SpawnRequest::new(start, Name::Given(name.into()));
        request.errors_are_fatal = options.errors_are_fatal;
        request.more().limits = options.limits;
        let cell = Cell::new(name, &self.shared, &request);
        self.shared.engine.admit()?;
        request.more().life = Some(Box::new(Followed::new(&cell)));
        embed::make(&group, request);
        Ok(Isolate::of(cell))
    }
}

impl Clone for Group {
    fn clone(&self) -> Group {
        self.shared.hold();
        Group {
            shared: self.shared.clone(),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.shared.release();
    }
}

impl Shared {
    fn group(&self) -> MutexGuard<'_, Option<Arc<runtime::Group>>> {
        self.group.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn isolates(&self) -> MutexGuard<'_, HashMap<IsolateId, Arc<Cell>>> {
        self.isolates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The call of `main` with these arguments.
    pub(super) fn main(&self, arguments: &[String]) -> Result<Start, IsolateError> {
        let program = self.program.as_ref().ok_or(IsolateError::ShutDown)?;
        Ok(call_main(program, arguments))
    }

    /// One more that holds the group.
    pub(super) fn hold(&self) {
        self.holders.fetch_add(1, Ordering::SeqCst);
    }

    /// A handle, unless the group is gone or none can be had.
    pub(super) fn handle(self: &Arc<Self>) -> Option<Group> {
        self.group().as_ref()?;
        let more = |holders| (holders > 0).then_some(holders + 1);
        let (order, again) = (Ordering::SeqCst, Ordering::SeqCst);
        self.holders.fetch_update(order, again, more).ok()?;
        Some(Group {
            shared: self.clone(),
        })
    }

    /// One less.
    pub(super) fn release(&self) {
        if self.holders.fetch_sub(1, Ordering::SeqCst) == 1 {
            let group = self.group().take();
            if let Some(callback) = &self.callbacks.group_cleanup {
                self.guarded(|| callback(&self.name));
            }
            drop(group);
        }
    }

    /// Calls a callback of the host; see [`Callbacks::guarded`].
    pub(super) fn guarded(&self, callback: impl FnOnce()) {
        self.callbacks.guarded(callback);
    }

    pub(super) fn begins(&self, isolate: &Isolate) {
        let cell = isolate.cell().clone();
        self.isolates().insert(cell.id(), cell);
        if let Some(callback) = &self.callbacks.start {
            self.guarded(|| callback(isolate));
        }
    }

    pub(super) fn shuts_down(&self, isolate: &Isolate, exit: &Exit) {
        if let Some(callback) = &self.callbacks.shutdown {
            self.guarded(|| callback(isolate, exit));
        }
    }

    pub(super) fn cleans_up(&self, isolate: &Isolate, exit: &Exit) {
        self.isolates().remove(&isolate.cell().id());
        if let Some(callback) = &self.callbacks.cleanup {
            self.guarded(|| callback(isolate, exit));
        }
    }
}

/// Tells a group of the isolates that its program makes.
struct Hook(Arc<Shared>);

impl Hooks for Hook {
    fn made(&self, id: IsolateId, name: &str, request: &SpawnRequest) -> Box<dyn Life> {
        let cell = Cell::new(name, &self.0, request);
        self.0.engine.count();
        let mut followed = Followed::new(&cell);
        followed.begins(id);
        Box::new(followed)
    }
}

impl Surroundings {
    fn shared(&self, name: String, options: Options, program: Option<Program>) -> Arc<Shared> {
        Arc::new(Shared {
            name,
            options,
            program,
            engine: self.engine.clone(),
            callbacks: self.callbacks.clone(),
            holders: AtomicUsize::new(0),
            group: Mutex::new(None),
            isolates: Mutex::default(),
        })
    }

    /// For the group of a program that an isolate starts.
    ///
    /// # Errors
    ///
    /// If there are to be no more groups.
    pub(crate) fn hooks_for(&self, program: &Program) -> Result<Arc<dyn Hooks>, String> {
        if self.engine.is_closing() {
            return Err(IsolateError::ShutDown.to_string());
        }
        let name = program.script.uri().to_owned();
        Ok(Arc::new(Hook(self.shared(
            name,
            program.options.clone(),
            None,
        ))))
    }

    /// Tells the host of an uncaught error; false if it does not want to know.
    pub(crate) fn uncaught(&self, report: &ErrorReport<'_>) -> bool {
        let Some(callback) = &self.callbacks.uncaught else {
            return false;
        };
        let error = UncaughtError {
            isolate: report.isolate.to_owned(),
            error: report.error.to_owned(),
            trace: report.trace.to_owned(),
        };
        self.callbacks.guarded(|| callback(&error));
        true
    }
}

impl Callbacks {
    /// Calls a callback of the host. If it panics, nobody is harmed.
    fn guarded(&self, callback: impl FnOnce()) {
        let Err(message) = panics::catch(callback) else {
            return;
        };
        let told = self.panic.as_deref();
        let told = told.map(|tell| panics::catch(|| tell(&message)));
        if told.is_none_or(|told| told.is_err()) {
            write_error(&format!(
                "eyot: a callback of the host panicked: {message}\n"
            ));
        }
    }
}
