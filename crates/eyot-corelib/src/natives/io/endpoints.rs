//! The descriptors that an isolate waits for: sockets, pipes of other processes, watches of the file system.
//!
//! Each isolate has a table of its own, which goes with the isolate and closes what it holds. Operations here never block: they
//! answer at once, perhaps that the descriptor is not ready. When it is, the [`driver`](super::driver) tells.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};

use eyot_bytecode::well_known::class;
use eyot_runtime::heap::message::Plain;
use eyot_runtime::isolate::Context;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use eyot_runtime::port::{IsolateId, PortId};
use eyot_runtime::value::Value;
use rustc_hash::FxHashMap;

use super::super::bytes::{Data, new_bytes};
use super::driver::{Listener, Registration, WRITABLE};
use super::operation::{Answer, packed};
use super::request::arguments;
use super::tls::Session;
use super::{processes, sockets, tls, watches};

/// A descriptor with its registration, which goes first.
pub struct Endpoint {
    registration: Registration,
    /// What is read and written.
    pub file: File,
    /// The encryption, if there is one: reading and writing go through it.
    pub session: Option<Box<Session>>,
    /// A read that gets less than it asks for has got all there was.
    is_stream: bool,
}

impl Endpoint {
    /// Whom the driver tells.
    pub fn listener(&self) -> Listener {
        self.registration.listener().clone()
    }

    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match &mut self.session {
            Some(session) => session.read(&self.file, bytes),
            None if self.is_stream => self.read_stream(bytes),
            None => (&self.file).read(bytes),
        }
    }

    fn read_stream(&self, bytes: &mut [u8]) -> io::Result<usize> {
        self.registration.before_read();
        let read = (&self.file).read(bytes);
        let is_drained = match &read {
            Ok(count) => *count != 0 && *count < bytes.len(),
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        };
        if !is_drained {
            self.registration.not_drained();
        }
        read
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.session {
            Some(session) => session.write(&self.file, bytes),
            None => (&self.file).write(bytes),
        }
    }

    /// Bytes that can be read at once; 0 if the other side has ended, none if there are none yet.
    fn available(&mut self) -> io::Result<Option<usize>> {
        let count = match &mut self.session {
            Some(session) => session.available(&self.file),
            None => sockets::available(&self.file),
        };
        match count {
            Ok(count) => Ok(Some(count)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn arm(&mut self, bits: u8) -> io::Result<()> {
        let mut bits = bits;
        if let Some(session) = &mut self.session {
            let told = session.ready(&self.file, bits);
            if told != 0 {
                self.registration.listener().tell(told.into());
                bits &= !told;
            }
            if session.wants_write() {
                bits |= WRITABLE;
            }
        }
        self.registration.arm(bits)
    }
}

/// The endpoints of an isolate, by handle.
#[derive(Default)]
pub struct Endpoints {
    last: i64,
    open: FxHashMap<i64, Endpoint>,
    /// Settings of encrypted connections, by number.
    pub configs: Vec<tls::Config>,
}

impl Endpoints {
    /// Takes a descriptor that does not block.
    pub fn add(&mut self, descriptor: OwnedFd, listener: Listener) -> io::Result<Plain> {
        self.insert(descriptor, listener, false)
    }

    /// Takes a connected socket that does not block.
    pub fn add_stream(&mut self, descriptor: OwnedFd, listener: Listener) -> io::Result<Plain> {
        self.insert(descriptor, listener, true)
    }

    fn insert(
        &mut self,
        descriptor: OwnedFd,
        listener: Listener,
        is_stream: bool,
    ) -> io::Result<Plain> {
        let registration = Registration::new(descriptor.as_raw_fd(), listener)?;
        self.last += 1;
        let endpoint = Endpoint {
            registration,
            file: File::from(descriptor),
            session: None,
            is_stream,
        };
        self.open.insert(self.last, endpoint);
        Ok(Plain::Int(self.last))
    }

    /// The endpoint of a handle.
    pub fn get(&mut self, handle: i64) -> io::Result<&mut Endpoint> {
        let found = self.open.get_mut(&handle);
        found.ok_or_else(|| io::Error::from_raw_os_error(libc::EBADF))
    }

    /// Closes an endpoint, if it is open.
    pub fn close(&mut self, handle: i64) {
        if let Some(mut endpoint) = self.open.remove(&handle)
            && let Some(session) = &mut endpoint.session
        {
            session.close(&endpoint.file);
        }
    }
}

fn endpoints<'c>(cx: &'c mut NativeCall<'_>) -> Option<&'c mut Endpoints> {
    cx.host::<Context>().map(Context::resource)
}

fn endpoint<'c>(cx: &'c mut NativeCall<'_>, handle: i64) -> io::Result<&'c mut Endpoint> {
    match endpoints(cx) {
        Some(endpoints) => endpoints.get(handle),
        None => Err(io::Error::from(io::ErrorKind::Unsupported)),
    }
}

/// The listener at a port of the running isolate, if the value is a SendPort to one.
pub fn listener(cx: &mut NativeCall<'_>, port: Value) -> Option<Listener> {
    if cx.class_of(port) != class::SEND_PORT {
        return None;
    }
    let port = PortId {
        isolate: IsolateId::from_bits(cx.field_raw(port, 1)),
        number: cx.field_raw(port, 2),
    };
    let context = cx.host::<Context>()?;
    Some(Listener {
        scheduler: context.group.scheduler.clone(),
        port,
    })
}

/// `List<Object?> _endpointCall(int operation, List<Object?> arguments, SendPort? events)`
fn call(cx: &mut NativeCall<'_>) -> NativeResult {
    let (number, arguments) = (cx.int(0), arguments(cx, cx.arg(0)));
    let listener = listener(cx, cx.arg(1));
    let answer = match endpoints(cx) {
        Some(endpoints) => match number {
            200..210 => watches::perform(number, endpoints, &arguments, listener),
            210..300 => processes::perform(number, endpoints, &arguments, listener),
            300..400 => tls::perform(number, endpoints, &arguments),
            _ => sockets::perform(number, endpoints, &arguments, listener),
        },
        None => Err(io::Error::from(io::ErrorKind::Unsupported)),
    };
    let answer = packed(answer);
    let answer = cx.allocate(|heap, roots| heap.new_plain(&answer, roots))?;
    cx.ret(answer)
}

/// Ends a native with an error as Dart code gets it: `[errno, text]`.
fn return_error(cx: &mut NativeCall<'_>, error: io::Error) -> NativeResult {
    let answer = packed(Answer::Err(error));
    let answer = cx.allocate(|heap, roots| heap.new_plain(&answer, roots))?;
    cx.ret(answer)
}

/// Most that one call reads.
const READ_MAX: usize = 64 << 10;

thread_local! {
    /// What is read goes here first, since its length is not known: one for each worker, so that it need not be cleared each time.
    static READ_BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// `Object? _endpointRead(int handle, int most)`
fn read(cx: &mut NativeCall<'_>) -> NativeResult {
    let most = usize::try_from(cx.int(1)).unwrap_or(0).min(READ_MAX);
    let handle = cx.int(0);
    // Taken out of its place: nobody else uses it meanwhile, and a nested call would make its own.
    let mut buffer = READ_BUFFER.take();
    buffer.resize(READ_MAX, 0);
    let room = buffer.get_mut(..most).unwrap_or_default();
    let read = endpoint(cx, handle).and_then(|endpoint| endpoint.read(room));
    let answer = match read {
        Ok(count) => return_bytes(cx, buffer.get(..count).unwrap_or_default()),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => cx.ret_null(),
        Err(error) => return_error(cx, error),
    };
    READ_BUFFER.set(buffer);
    answer
}

fn return_bytes(cx: &mut NativeCall<'_>, bytes: &[u8]) -> NativeResult {
    let bytes = new_bytes(cx, bytes)?;
    cx.ret(bytes)
}

/// `Object? _endpointWrite(int handle, Uint8List data, int start, int count)`
fn write(cx: &mut NativeCall<'_>) -> NativeResult {
    let range = || {
        let (start, count) = (cx.int(1), cx.int(2));
        Some(usize::try_from(start).ok()?..usize::try_from(start.checked_add(count)?).ok()?)
    };
    let range = range().unwrap_or(0..0);
    let data = Data::of(cx.arg(0));
    // SAFETY: the argument holds the bytes while the native runs, and nothing of the isolate runs meanwhile.
    let bytes = data.map_or(&[][..], |data| unsafe { data.bytes() });
    let bytes = bytes.get(range).unwrap_or(&[]);
    let handle = cx.int(0);
    match endpoint(cx, handle).and_then(|endpoint| endpoint.write(bytes)) {
        Ok(count) => {
            let count = cx.new_int(count as i64)?;
            cx.ret(count)
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            let none = cx.new_int(0)?;
            cx.ret(none)
        }
        Err(error) => return_error(cx, error),
    }
}

/// `Object? _endpointAvailable(int handle)`
fn available(cx: &mut NativeCall<'_>) -> NativeResult {
    let handle = cx.int(0);
    match endpoint(cx, handle).and_then(Endpoint::available) {
        Ok(Some(count)) => {
            let count = cx.new_int(count as i64)?;
            cx.ret(count)
        }
        Ok(None) => cx.ret_null(),
        Err(error) => return_error(cx, error),
    }
}

/// `void _endpointArm(int handle, int bits)`
fn arm(cx: &mut NativeCall<'_>) -> NativeResult {
    let (handle, bits) = (cx.int(0), cx.int(1) as u8);
    if let Ok(endpoint) = endpoint(cx, handle)
        && endpoint.arm(bits).is_err()
    {
        // A descriptor that cannot be waited for (a file) is always ready.
        endpoint.listener().tell(bits.into());
    }
    cx.ret_null()
}

/// `void _endpointDisarm(int handle, int bits)`
fn disarm(cx: &mut NativeCall<'_>) -> NativeResult {
    let (handle, bits) = (cx.int(0), cx.int(1) as u8);
    if let Ok(endpoint) = endpoint(cx, handle) {
        endpoint.registration.disarm(bits);
    }
    cx.ret_null()
}

/// `void _endpointClose(int handle)`
fn close(cx: &mut NativeCall<'_>) -> NativeResult {
    let handle = cx.int(0);
    if let Some(endpoints) = endpoints(cx) {
        endpoints.close(handle);
    }
    cx.ret_null()
}

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[
    ("io/_endpointCall", call),
    ("io/_endpointRead", read),
    ("io/_endpointWrite", write),
    ("io/_endpointAvailable", available),
    ("io/_endpointArm", arm),
    ("io/_endpointDisarm", disarm),
    ("io/_endpointClose", close),
];
