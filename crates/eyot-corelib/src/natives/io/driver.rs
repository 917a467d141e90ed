//! The driver: one thread that waits until descriptors are ready and tells the isolates that asked.
//!
//! It serves the process and starts when the first descriptor is registered. Nothing is read or written here: that a descriptor is
//! ready becomes a message (the bits of [`READABLE`] and [`WRITABLE`]) for a port of the isolate, whose natives then call the system
//! without blocking. So the data is copied once, from the system into the isolate's heap, and order, back pressure and errors are
//! the isolate's own affair.
//!
//! Interest is *armed* for one event: a bit that has been told is not told again before it is armed again. Arming registers the
//! descriptor anew, which makes the system look whether it is ready already; it saves that call where nothing can be there: whoever
//! reads says so ([`Registration::before_read`], [`Registration::not_drained`]), and the system tells of whatever comes later by
//! itself, since it watches for changes (edges). So a connection on which messages come and are read costs one registration.

use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use eyot_runtime::heap::message::Message;
use eyot_runtime::isolate::{Event, Isolate};
use eyot_runtime::port::PortId;
use eyot_runtime::sched::Scheduler;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token};
use rustc_hash::FxHashMap;

/// There is something to read, or to accept, or the other side has closed.
pub const READABLE: u8 = 1;
/// There is room to write, or a connection is made, or has failed.
pub const WRITABLE: u8 = 2;

/// Events that one call of the system may give.
const EVENTS_AT_ONCE: usize = 256;

/// Whom to tell.
#[derive(Clone)]
pub struct Listener {
    /// How.
    pub scheduler: Scheduler<Isolate>,
    /// The port.
    pub port: PortId,
}

impl Listener {
    /// Sends bits; false if the isolate has ended.
    pub fn tell(&self, bits: i64) -> bool {
        let event = Event::Message {
            port: self.port.number,
            message: Message::Int(bits),
        };
        self.scheduler.send(self.port.isolate, event).is_ok()
    }
}

struct Watched {
    listener: Listener,
    /// Armed bits, [`UNREAD`] and [`ENDED`].
    state: AtomicU8,
}

/// Something may have come that was not read.
const UNREAD: u8 = 4;
/// The other side has closed, or there was an error: it stays readable for ever.
const ENDED: u8 = 8;

impl Watched {
    fn change(&self, next: impl Fn(u8) -> u8) -> u8 {
        let changed = self
            .state
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| {
                Some(next(state))
            });
        changed.unwrap_or_else(|state| state)
    }
}

/// A registered descriptor; dropping it ends the registration, and must come before the descriptor is closed.
pub struct Registration {
    descriptor: RawFd,
    token: Token,
    watched: Arc<Watched>,
    /// Bits that the system watches for; 0 before it knows the descriptor.
    known: u8,
}

impl Registration {
    /// A registration with nothing armed.
    pub fn new(descriptor: RawFd, listener: Listener) -> io::Result<Registration> {
        let driver = driver()?;
        let watched = Arc::new(Watched {
            listener,
            state: AtomicU8::new(UNREAD),
        });
        let token = driver.insert(watched.clone());
        Ok(Registration {
            descriptor,
            token,
            watched,
            known: 0,
        })
    }

    /// The listener.
    pub fn listener(&self) -> &Listener {
        &self.watched.listener
    }

    /// Asks for these bits, besides those that are armed already.
    pub fn arm(&mut self, bits: u8) -> io::Result<()> {
        let is_watched = bits == READABLE && self.known & READABLE != 0;
        let before = self.watched.change(|state| state | bits);
        if is_watched && before & (UNREAD | ENDED) == 0 {
            return Ok(());
        }
        let armed = (before | bits) & (READABLE | WRITABLE);
        let interest = match (armed & READABLE != 0, armed & WRITABLE != 0) {
            (true, true) => Interest::READABLE | Interest::WRITABLE,
            (true, false) => Interest::READABLE,
            (false, true) => Interest::WRITABLE,
            (false, false) => return Ok(()),
        };
        let registry = &driver()?.registry;
        let mut source = SourceFd(&self.descriptor);
        if self.known != 0 {
            registry.reregister(&mut source, self.token, interest)?;
        } else {
            registry.register(&mut source, self.token, interest)?;
        }
        self.known = armed;
        Ok(())
    }

    /// All that has come is about to be read. Only for descriptors that give as much as they have.
    pub fn before_read(&self) {
        self.watched.change(|state| state & !UNREAD);
    }

    /// It was not all.
    pub fn not_drained(&self) {
        self.watched.change(|state| state | UNREAD);
    }

    /// Asks no more for these bits. One that is on its way already still comes.
    pub fn disarm(&self, bits: u8) {
        self.watched.change(|state| state & !bits);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if let Ok(driver) = driver() {
            driver.remove(self.token);
            if self.known != 0 {
                let _ = driver.registry.deregister(&mut SourceFd(&self.descriptor));
            }
        }
    }
}

struct Driver {
    registry: Registry,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    last: usize,
    watched: FxHashMap<usize, Arc<Watched>>,
}

fn driver() -> io::Result<&'static Driver> {
    static DRIVER: OnceLock<Option<Driver>> = OnceLock::new();
    let driver = DRIVER.get_or_init(|| Driver::start().ok()).as_ref();
    driver.ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))
}

impl Driver {
    fn start() -> io::Result<Driver> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        std::thread::Builder::new()
            .name("eyot-io".to_owned())
            .stack_size(256 << 10)
            .spawn(move || wait(poll))?;
        Ok(Driver {
            registry,
            table: Mutex::default(),
        })
    }

    fn table(&self) -> std::sync::MutexGuard<'_, Table> {
        // A panic elsewhere leaves the table as good as it was.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&self, watched: Arc<Watched>) -> Token {
        let mut table = self.table();
        table.last += 1;
        let token = table.last;
        table.watched.insert(token, watched);
        Token(token)
    }

    fn remove(&self, token: Token) {
        self.table().watched.remove(&token.0);
    }
}

fn wait(mut poll: Poll) {
    let mut events = Events::with_capacity(EVENTS_AT_ONCE);
    loop {
        // Interrupted by a signal, or by what the next call will tell again.
        if poll.poll(&mut events, None).is_err() {
            continue;
        }
        let Ok(driver) = driver() else { continue };
        for event in &events {
            let mut ready = 0;
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                ready |= READABLE;
            }
            if event.is_writable() || event.is_write_closed() || event.is_error() {
                ready |= WRITABLE;
            }
            let found = driver.table().watched.get(&event.token().0).cloned();
            let Some(watched) = found else { continue };
            let mut marks = 0;
            if ready & READABLE != 0 {
                marks |= UNREAD;
            }
            if event.is_read_closed() || event.is_error() {
                marks |= ENDED;
            }
            let told = watched.change(|state| (state & !ready) | marks) & ready;
            if told != 0 {
                watched.listener.tell(told.into());
            }
        }
    }
}
