//! Isolates as a host has them: handles, and what a thread does with one that it has entered.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use eyot_corelib::natives::native_port::Called;
use eyot_runtime::isolate::embed::{self, Answer, Request};
use eyot_runtime::isolate::{Limits, SpawnRequest, Start, numbered};
use eyot_runtime::port::PortId;

use super::error::{Exit, IsolateError};
use super::group::Group;
use super::life::Cell;
use super::message::Message;
use super::port::SendPort;
use crate::options::Options;

/// Settings of an isolate.
#[derive(Clone, Debug)]
pub struct IsolateOptions {
    /// What it is called: its `debugName` in Dart.
    pub name: Option<String>,
    /// What it may use.
    pub limits: Limits,
    /// Uncaught errors end it.
    pub errors_are_fatal: bool,
}

impl Default for IsolateOptions {
    /// Without limits; uncaught errors end it.
    fn default() -> IsolateOptions {
        IsolateOptions {
            name: None,
            limits: Limits::default(),
            errors_are_fatal: true,
        }
    }
}

/// What an isolate was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Flags {
    /// `assert` does something.
    pub enable_asserts: bool,
    /// `dart:ffi` is there.
    pub allows_ffi: bool,
    /// It shares variables with others of its group.
    pub shares_data: bool,
    /// Isolation is checked at each collection and each message.
    pub verifies_isolation: bool,
    /// Collections are printed.
    pub traces_gc: bool,
    /// Uncaught errors end it. (Dart's `setErrorsFatal` may have changed that since.)
    pub errors_are_fatal: bool,
    /// What it may use.
    pub limits: Limits,
}

impl Flags {
    pub(super) fn of(options: &Options, request: &SpawnRequest) -> Flags {
        let heap_bytes = options.max_heap_bytes;
        Flags {
            enable_asserts: options.enable_asserts,
            allows_ffi: !options.forbid_ffi,
            shares_data: options.experimental_shared_data,
            verifies_isolation: options.verify_isolation,
            traces_gc: options.trace_gc,
            errors_are_fatal: request.errors_are_fatal,
            limits: request.limits().least(Limits {
                heap_bytes,
                ..Limits::default()
            }),
        }
    }
}

/// A handle of an isolate, whoever made it. It keeps nothing alive.
#[derive(Clone)]
pub struct Isolate {
    cell: Arc<Cell>,
}

impl Isolate {
    pub(super) fn of(cell: Arc<Cell>) -> Isolate {
        Isolate { cell }
    }

    pub(super) fn cell(&self) -> &Arc<Cell> {
        &self.cell
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.cell.name
    }

    /// A name that no other isolate of the process has.
    pub fn service_id(&self) -> String {
        format!("isolates/{}", self.cell.id().to_bits())
    }

    /// What it was made with.
    pub fn flags(&self) -> Flags {
        self.cell.flags
    }

    /// Its group, to make more isolates in; none if that is gone or was made by a program.
    pub fn group(&self) -> Option<Group> {
        self.cell.group.handle()
    }

    /// The port that stands for the isolate: Dart code can make an `Isolate` object of it.
    pub fn control_port(&self) -> SendPort {
        let scheduler = &self.cell.group.engine.scheduler;
        let (isolate, number) = (self.cell.id(), 0);
        SendPort::of_number(numbered::number(scheduler, PortId { isolate, number }))
    }

    /// Enters it: waits until it is not in the middle of an event and nobody else has it.
    ///
    /// # Errors
    ///
    /// If it has ended or ends before that, if this thread has it already, or on a worker.
    pub fn enter(&self) -> Result<Entered<'_>, IsolateError> {
        self.enter_with(Request::Enter { waits: true })
    }

    /// Enters it if that is possible now.
    ///
    /// # Errors
    ///
    /// As [`Isolate::enter`]; and [`IsolateError::Busy`].
    pub fn try_enter(&self) -> Result<Entered<'_>, IsolateError> {
        self.enter_with(Request::Enter { waits: false })
    }

    fn enter_with(&self, request: Request) -> Result<Entered<'_>, IsolateError> {
        self.cell.group.engine.may_wait()?;
        match self.ask(request)? {
            Answer::Done => Ok(Entered {
                isolate: self,
                not_send: PhantomData,
            }),
            other => Err(self.refused(&other)),
        }
    }

    /// Has `callback` called whenever a message or a timer arrives that nobody handles, and once for each that waits already; none takes the
    /// callback away. It is called on a worker: it should only tell a thread of the host that there is something to do.
    ///
    /// # Errors
    ///
    /// If the isolate has ended.
    pub fn set_message_notify(
        &self,
        callback: Option<impl Fn(&Isolate) + Send + Sync + 'static>,
    ) -> Result<(), IsolateError> {
        let isolate = self.clone();
        let notify = callback.map(|callback| -> embed::Notify {
            Arc::new(move || isolate.cell.group.guarded(|| callback(&isolate)))
        });
        self.tell(Request::Notify(notify))
    }

    /// Lets it go on by itself from now on, once nobody has it entered. It ends when nothing can happen to it any more.
    ///
    /// # Errors
    ///
    /// If it has ended.
    pub fn run_on_workers(&self) -> Result<(), IsolateError> {
        self.tell(Request::Go)
    }

    /// Ends it at once, even in the middle of a loop.
    pub fn kill(&self) {
        embed::kill(&self.cell.group.engine.scheduler, self.cell.id(), true);
    }

    /// Ends it before its next event.
    pub fn kill_after_event(&self) {
        embed::kill(&self.cell.group.engine.scheduler, self.cell.id(), false);
    }

    /// How it ended, if it has.
    pub fn exit(&self) -> Option<Exit> {
        self.cell.exit()
    }

    /// Waits until it has ended. Its shutdown callback has been called then.
    ///
    /// # Errors
    ///
    /// On a worker.
    pub fn wait(&self) -> Result<Exit, IsolateError> {
        self.cell.group.engine.may_wait()?;
        Ok(self.cell.wait())
    }

    fn ask(&self, request: Request) -> Result<Answer, IsolateError> {
        if let Some(exit) = self.exit() {
            return Err(IsolateError::Ended(exit));
        }
        let scheduler = &self.cell.group.engine.scheduler;
        match embed::ask(scheduler, self.cell.id(), request) {
            Answer::Ended => Err(IsolateError::Ended(self.cell.wait())),
            answer => Ok(answer),
        }
    }

    fn tell(&self, request: Request) -> Result<(), IsolateError> {
        if let Some(exit) = self.exit() {
            return Err(IsolateError::Ended(exit));
        }
        let scheduler = &self.cell.group.engine.scheduler;
        embed::tell(scheduler, self.cell.id(), request);
        Ok(())
    }

    /// Why something was not done.
    fn refused(&self, answer: &Answer) -> IsolateError {
        match answer {
            Answer::Entered => IsolateError::Entered,
            _ => IsolateError::Busy,
        }
    }
}

impl PartialEq for Isolate {
    fn eq(&self, other: &Isolate) -> bool {
        Arc::ptr_eq(&self.cell, &other.cell)
    }
}

impl Eq for Isolate {}

impl fmt::Debug for Isolate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Isolate({}, {:?})", self.service_id(), self.name())
    }
}

/// An isolate that this thread has entered. It is left when this is dropped, and can be entered from another thread then.
///
/// Whatever it is asked can end with [`IsolateError::Ended`]: by an uncaught error, a limit, or a kill.
pub struct Entered<'a> {
    isolate: &'a Isolate,
    /// It is the thread that has entered the isolate.
    not_send: PhantomData<*const ()>,
}

impl Entered<'_> {
    /// The isolate.
    pub fn isolate(&self) -> &Isolate {
        self.isolate
    }

    /// Calls the program's `main`, and lets microtasks run. What it throws is an uncaught error.
    ///
    /// # Errors
    ///
    /// If the isolate ends.
    pub fn run_main(&self, arguments: &[String]) -> Result<(), IsolateError> {
        match self.isolate.cell.group.main(arguments)? {
            Start::Main(call) => self.isolate.ask(Request::Main(call)).map(drop),
            _ => Ok(()),
        }
    }

    /// Calls a function at top level of the program's first library with positional arguments, lets microtasks run, and gives a copy of its result.
    /// Events that wait are not handled: of an `async` function only what it does before it has to wait is done, and its
    /// future is no plain data.
    ///
    /// # Errors
    ///
    /// If there is no such function, if it throws, or if the isolate ends.
    pub fn invoke(
        &self,
        function: &str,
        arguments: impl IntoIterator<Item = Message>,
    ) -> Result<Message, IsolateError> {
        let arguments = Message::List(arguments.into_iter().collect());
        let parcel = arguments.into_parcel().map_err(IsolateError::Unsendable)?;
        let answer = self.isolate.ask(Request::Call {
            function: function.into(),
            arguments: parcel.into_message(),
        })?;
        let called = match answer {
            Answer::Value(value) => value.downcast::<Called>().ok(),
            Answer::NoFunction => return Err(IsolateError::NoFunction(function.to_owned())),
            _ => None,
        };
        match called.map(|called| *called) {
            Some(Called::Returned(parcel)) => Ok(Message::of_parcel(parcel)),
            Some(Called::Threw(error, trace)) => Err(IsolateError::Threw { error, trace }),
            // Its answer was too large for its heap, which it was told.
            None => Err(IsolateError::Threw {
                error: "Out of Memory".to_owned(),
                trace: String::new(),
            }),
        }
    }

    /// Handles events until nothing can happen to the isolate any more: it has no open ports and no timers. It has not ended then.
    ///
    /// # Errors
    ///
    /// If the isolate ends before.
    pub fn run_loop(&self) -> Result<(), IsolateError> {
        self.isolate.ask(Request::Loop).map(drop)
    }

    /// Handles one event (a message, a timer) and the microtasks behind it; false if none waits.
    ///
    /// # Errors
    ///
    /// If the isolate ends.
    pub fn handle_message(&self) -> Result<bool, IsolateError> {
        let answer = self.isolate.ask(Request::Event)?;
        Ok(!matches!(answer, Answer::Nothing))
    }

    /// How many events wait.
    ///
    /// # Errors
    ///
    /// If the isolate has ended.
    pub fn waiting(&self) -> Result<usize, IsolateError> {
        match self.isolate.ask(Request::Look)? {
            Answer::Waiting { events, .. } => Ok(events),
            _ => Ok(0),
        }
    }

    /// Whether an open port keeps the isolate alive.
    ///
    /// # Errors
    ///
    /// If the isolate has ended.
    pub fn has_live_ports(&self) -> Result<bool, IsolateError> {
        match self.isolate.ask(Request::Look)? {
            Answer::Waiting { has_live_ports, .. } => Ok(has_live_ports),
            _ => Ok(false),
        }
    }

    /// Ends the isolate; how it ended, which may have been before.
    pub fn shut_down(self) -> Exit {
        match self.isolate.ask(Request::ShutDown) {
            Err(IsolateError::Ended(exit)) => exit,
            _ => self.isolate.cell.wait(),
        }
    }

    /// Leaves the isolate, as dropping this does.
    pub fn exit(self) {}
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.isolate.tell(Request::Exit);
    }
}

impl fmt::Debug for Entered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entered({:?})", self.isolate)
    }
}
