//! Processes that are started and talked with, and signals that this one gets.
//!
//! Pipes of a process are endpoints of the isolate; that it has ended is told by the driver too, through a descriptor of the
//! process itself.

use std::collections::HashMap;
use std::io::{self, Read};
use std::os::fd::{AsFd, FromRawFd, IntoRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use eyot_runtime::heap::message::Plain;

use super::driver::Listener;
use super::endpoints::Endpoints;
use super::operation::{Answer, Arguments};
use super::process;

/// Performs one of the operations of `lib/io/process_impl.dart`.
pub fn perform(
    number: i64,
    endpoints: &mut Endpoints,
    arguments: &Arguments,
    listener: Option<Listener>,
) -> Answer {
    let needed = || listener.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput));
    match number {
        210 => start(arguments),
        211 => {
            let descriptor = arguments.int(0)? as i32;
            // SAFETY: the number came from `start` or the pipe below, which let go of the descriptor; it is taken once.
            let descriptor = unsafe { OwnedFd::from_raw_fd(descriptor) };
            set_nonblocking(&descriptor)?;
            endpoints.add(descriptor, needed()?)
        }
        214 => endpoints.add(io::stdin().as_fd().try_clone_to_owned()?, needed()?),
        212 => {
            let pid = arguments.int(0)? as libc::pid_t;
            // SAFETY: a call with two numbers; it gives a descriptor or an error.
            let descriptor = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
            if descriptor < 0 {
                return Err(io::Error::last_os_error());
            }
            // SAFETY: a fresh descriptor that nobody else has.
            let descriptor = unsafe { OwnedFd::from_raw_fd(descriptor as i32) };
            endpoints.add(descriptor, needed()?)
        }
        213 => exit_code(arguments.int(0)? as libc::pid_t),
        215 => {
            let (reader, writer) = io::pipe()?;
            Ok(Plain::List(vec![
                Plain::Int(OwnedFd::from(reader).into_raw_fd().into()),
                Plain::Int(OwnedFd::from(writer).into_raw_fd().into()),
            ]))
        }
        220 => watch_signal(arguments.int(0)? as i32, needed()?),
        221 => {
            unwatch_signal(arguments.int(0)? as i32, &needed()?);
            Ok(Plain::Null)
        }
        _ => Err(io::Error::from(io::ErrorKind::Unsupported)),
    }
}

fn set_nonblocking(descriptor: &OwnedFd) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    let raw = descriptor.as_raw_fd();
    // SAFETY: calls with numbers on an open descriptor.
    unsafe {
        let flags = libc::fcntl(raw, libc::F_GETFL);
        if flags < 0 || libc::fcntl(raw, libc::F_SETFL, flags | libc::O_NONBLOCK) < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// (as `process::command`, mode: 0 normal, 1 inherited streams, 2 detached, 3 detached with streams) -> [pid, stdin, stdout,
/// stderr], descriptors or null
fn start(arguments: &Arguments) -> Answer {
    let mode = arguments.int(6)?;
    let mut command = process::command(arguments)?;
    let stream = || match mode {
        1 => Stdio::inherit(),
        2 => Stdio::null(),
        _ => Stdio::piped(),
    };
    command.stdin(stream()).stdout(stream()).stderr(stream());
    if mode >= 2 {
        // SAFETY: the one call between fork and exec is safe there.
        unsafe {
            command.pre_exec(|| {
                libc::setsid();
                Ok(())
            });
        }
    }
    let mut child = command.spawn()?;
    fn plain(pipe: Option<impl Into<OwnedFd>>) -> Plain {
        pipe.map_or(Plain::Null, |pipe| {
            Plain::Int(pipe.into().into_raw_fd().into())
        })
    }
    Ok(Plain::List(vec![
        Plain::Int(child.id().into()),
        plain(child.stdin.take()),
        plain(child.stdout.take()),
        plain(child.stderr.take()),
    ]))
}

/// (pid) -> exit code, negative for a signal; null if it still runs
fn exit_code(pid: libc::pid_t) -> Answer {
    let mut status = 0;
    // SAFETY: the call writes one int.
    match unsafe { libc::waitpid(pid, &mut status, libc::WNOHANG) } {
        0 => Ok(Plain::Null),
        found if found == pid => Ok(Plain::Int(if libc::WIFEXITED(status) {
            libc::WEXITSTATUS(status).into()
        } else {
            (-libc::WTERMSIG(status)).into()
        })),
        _ => Err(io::Error::last_os_error()),
    }
}

// ---- signals

/// Where the handler writes the numbers of signals; below 0 before anyone watches.
static SIGNAL_PIPE: AtomicI32 = AtomicI32::new(-1);

type Watchers = HashMap<i32, Vec<Listener>>;

fn watchers() -> std::sync::MutexGuard<'static, Watchers> {
    static WATCHERS: OnceLock<Mutex<Watchers>> = OnceLock::new();
    let watchers = WATCHERS.get_or_init(Mutex::default);
    watchers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs wherever the signal arrives: it may do next to nothing.
extern "C" fn note_signal(signal: libc::c_int) {
    let byte = signal as u8;
    let pipe = SIGNAL_PIPE.load(Ordering::Relaxed);
    // SAFETY: writing is safe in a handler; errno is kept for whoever was interrupted.
    unsafe {
        let errno = libc::__errno_location();
        let before = *errno;
        libc::write(pipe, (&raw const byte).cast(), 1);
        *errno = before;
    }
}

/// The thread that tells of signals; started by the first watch.
fn start_telling() -> io::Result<()> {
    use std::os::fd::IntoRawFd;
    let (mut reader, writer) = UnixStream::pair()?;
    writer.set_nonblocking(true)?;
    std::thread::Builder::new()
        .name("eyot-signals".to_owned())
        .stack_size(128 << 10)
        .spawn(move || {
            let mut byte = [0];
            while reader.read_exact(&mut byte).is_ok() {
                tell_signal(byte[0].into());
            }
        })?;
    SIGNAL_PIPE.store(writer.into_raw_fd(), Ordering::Relaxed);
    Ok(())
}

/// Tells who watches. If all of them have ended without a word, the signal does what it did before.
fn tell_signal(signal: i32) {
    let mut watchers = watchers();
    let Some(known) = watchers.get_mut(&signal) else {
        return;
    };
    known.retain(|listener| listener.tell(signal.into()));
    if known.is_empty() && set_handler(signal, libc::SIG_DFL).is_ok() {
        // SAFETY: a call with two numbers.
        unsafe { libc::kill(libc::getpid(), signal) };
    }
}

fn set_handler(signal: i32, handler: libc::sighandler_t) -> io::Result<()> {
    // SAFETY: a structure of numbers; the handler does only what handlers may.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler;
        action.sa_flags = libc::SA_RESTART;
        if libc::sigaction(signal, &action, std::ptr::null_mut()) != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

fn watch_signal(signal: i32, listener: Listener) -> Answer {
    let mut watchers = watchers();
    if SIGNAL_PIPE.load(Ordering::Relaxed) < 0 {
        start_telling()?;
    }
    let known = watchers.entry(signal).or_default();
    if known.is_empty() {
        let handler: extern "C" fn(libc::c_int) = note_signal;
        set_handler(signal, handler as libc::sighandler_t)?;
    }
    known.push(listener);
    Ok(Plain::Null)
}

/// The last one to leave restores what the signal did before.
fn unwatch_signal(signal: i32, listener: &Listener) {
    let mut watchers = watchers();
    let Some(known) = watchers.get_mut(&signal) else {
        return;
    };
    known.retain(|other| other.port != listener.port);
    if known.is_empty() {
        let _ = set_handler(signal, libc::SIG_DFL);
    }
}
