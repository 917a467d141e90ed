//! Descriptors on their way: `ResourceHandle`, and the control messages of unix sockets that carry them.
//!
//! A descriptor that is nobody's yet is kept with the isolate's open files, so it is closed with the isolate at the latest; its handle is
//! what Dart code has of it.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::Arc;

use eyot_runtime::heap::message::Plain;
use eyot_runtime::isolate::Context;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};

use super::driver::Listener;
use super::endpoints::{Endpoints, listener};
use super::open_files::OpenFiles;
use super::operation::{Answer, Arguments, packed};
use super::request::arguments;

/// Descriptors that the system sends at once, at most.
const DESCRIPTORS_MAX: usize = 253;
/// Bytes that one message brings, at most.
const BYTES_MAX: usize = 64 << 10;

/// `List<Object?> _handleCall(int operation, List<Object?> arguments, SendPort? events)`
fn call(cx: &mut NativeCall<'_>) -> NativeResult {
    let (number, arguments) = (cx.int(0), arguments(cx, cx.arg(0)));
    let listener = listener(cx, cx.arg(1));
    let answer = match cx.host::<Context>() {
        Some(context) => {
            let files = context.resource::<Arc<OpenFiles>>().clone();
            perform(number, &files, context.resource(), &arguments, listener)
        }
        None => Err(io::Error::from(io::ErrorKind::Unsupported)),
    };
    let answer = packed(answer);
    let answer = cx.allocate(|heap, roots| heap.new_plain(&answer, roots))?;
    cx.ret(answer)
}

/// Performs one of the operations of `lib/io/resource_handle.dart`.
fn perform(
    number: i64,
    files: &OpenFiles,
    endpoints: &mut Endpoints,
    arguments: &Arguments,
    listener: Option<Listener>,
) -> Answer {
    match number {
        0 => Ok(files.add(endpoints.get(arguments.int(0)?)?.file.try_clone()?)),
        1 => Ok(files.add(files.get(arguments)?.try_clone()?)),
        2 => Ok(files.add(duplicate(arguments.int(0)?)?)),
        3 => {
            let listener = listener.ok_or(io::ErrorKind::InvalidInput)?;
            let descriptor = OwnedFd::from(files.get(arguments)?.try_clone()?);
            socket2::SockRef::from(&descriptor).set_nonblocking(true)?;
            let endpoint = endpoints.add(descriptor, listener)?;
            super::open_files::close(files, arguments)?;
            Ok(endpoint)
        }
        4 => send(files, endpoints, arguments),
        5 => receive(files, &endpoints.get(arguments.int(0)?)?.file, arguments),
        _ => Err(io::Error::from(io::ErrorKind::Unsupported)),
    }
}

/// A copy of one of the process's standard descriptors.
fn duplicate(descriptor: i64) -> io::Result<File> {
    let descriptor = match descriptor {
        0..=2 => descriptor as RawFd,
        _ => return Err(io::Error::from_raw_os_error(libc::EBADF)),
    };
    // SAFETY: no memory is concerned; the new descriptor is ours alone.
    unsafe {
        match libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 0) {
            -1 => Err(io::Error::last_os_error()),
            copy => Ok(File::from_raw_fd(copy)),
        }
    }
}

/// Room for a control message with descriptors; aligned as the system wants it.
struct Control([u64; 136]);

impl Control {
    const BYTES: usize = 136 * 8;

    /// The bytes of a message with so many descriptors.
    fn space(descriptors: usize) -> usize {
        // SAFETY: only computes.
        unsafe { libc::CMSG_SPACE((descriptors * size_of::<RawFd>()) as u32) as usize }
    }
}

fn header(control: &mut Control, length: usize, bytes: &mut libc::iovec) -> libc::msghdr {
    // SAFETY: all zeros are a message without anything.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = bytes;
    message.msg_iovlen = 1;
    if length > 0 {
        message.msg_control = control.0.as_mut_ptr().cast();
        message.msg_controllen = length;
    }
    message
}

/// The descriptors that pairs of an operation (0 to 2) and its argument name, and what keeps them open.
fn descriptors(
    files: &OpenFiles,
    endpoints: &mut Endpoints,
    pairs: Option<&Plain>,
) -> io::Result<(Vec<RawFd>, Vec<Arc<File>>)> {
    let (mut descriptors, mut kept) = (Vec::new(), Vec::new());
    let Some(Plain::List(pairs)) = pairs else {
        return Ok((descriptors, kept));
    };
    for pair in pairs.chunks_exact(2) {
        let pair = Arguments(pair.to_vec());
        descriptors.push(match pair.int(0)? {
            0 => endpoints.get(pair.int(1)?)?.file.as_raw_fd(),
            1 => {
                let file = files.get(&Arguments(vec![Plain::Int(pair.int(1)?)]))?;
                let descriptor = file.as_raw_fd();
                kept.push(file);
                descriptor
            }
            _ => pair.int(1)? as RawFd,
        });
    }
    if descriptors.len() > DESCRIPTORS_MAX {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }
    Ok((descriptors, kept))
}

/// (endpoint, bytes, pairs of an operation and its argument) -> number of bytes sent, 0 if there is no room
fn send(files: &OpenFiles, endpoints: &mut Endpoints, arguments: &Arguments) -> Answer {
    let data = arguments.bytes(1)?;
    let (descriptors, _kept) = descriptors(files, endpoints, arguments.0.get(2))?;
    let socket = &endpoints.get(arguments.int(0)?)?.file;
    let mut control = Control([0; 136]);
    let length = match descriptors.len() {
        0 => 0,
        count => Control::space(count),
    };
    let mut bytes = libc::iovec {
        iov_base: data.as_ptr().cast_mut().cast(),
        iov_len: data.len(),
    };
    let message = header(&mut control, length, &mut bytes);
    // SAFETY: the control message fits its room, which holds the most descriptors there may be; the system only reads what the header
    // points to, all of which lives until the call is over.
    let sent = unsafe {
        if length > 0 {
            let first = libc::CMSG_FIRSTHDR(&message);
            (*first).cmsg_level = libc::SOL_SOCKET;
            (*first).cmsg_type = libc::SCM_RIGHTS;
            (*first).cmsg_len =
                libc::CMSG_LEN((descriptors.len() * size_of::<RawFd>()) as u32) as usize;
            let place = libc::CMSG_DATA(first).cast::<RawFd>();
            for (index, &descriptor) in descriptors.iter().enumerate() {
                place.add(index).write_unaligned(descriptor);
            }
        }
        libc::sendmsg(
            socket.as_raw_fd(),
            &message,
            libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
        )
    };
    match usize::try_from(sent) {
        Ok(count) => Ok(Plain::Int(count as i64)),
        Err(_) => match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::WouldBlock => Ok(Plain::Int(0)),
            error => Err(error),
        },
    }
}

/// (endpoint, most) -> [bytes, handle, …], the bytes empty at the end; null if there is nothing yet
fn receive(files: &OpenFiles, socket: &File, arguments: &Arguments) -> Answer {
    let mut data = vec![0_u8; (arguments.size(1)? as usize).min(BYTES_MAX)];
    let mut control = Control([0; 136]);
    let mut bytes = libc::iovec {
        iov_base: data.as_mut_ptr().cast(),
        iov_len: data.len(),
    };
    let mut message = header(&mut control, Control::BYTES, &mut bytes);
    let flags = libc::MSG_DONTWAIT | libc::MSG_CMSG_CLOEXEC;
    // SAFETY: the system writes no more than the header says there is room for.
    let count = unsafe { libc::recvmsg(socket.as_raw_fd(), &mut message, flags) };
    let Ok(count) = usize::try_from(count) else {
        return match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::WouldBlock => Ok(Plain::Null),
            error => Err(error),
        };
    };
    data.truncate(count);
    let mut answer = vec![Plain::Bytes(data)];
    // SAFETY: the system has written whole control messages, as many as the header now says; descriptors in them are new and ours.
    unsafe {
        let mut next = libc::CMSG_FIRSTHDR(&message);
        while let Some(control) = next.as_ref() {
            if (control.cmsg_level, control.cmsg_type) == (libc::SOL_SOCKET, libc::SCM_RIGHTS) {
                let length = control.cmsg_len.saturating_sub(libc::CMSG_LEN(0) as usize);
                let place = libc::CMSG_DATA(next).cast::<RawFd>();
                for index in 0..length / size_of::<RawFd>() {
                    let descriptor = place.add(index).read_unaligned();
                    answer.push(files.add(File::from_raw_fd(descriptor)));
                }
            }
            next = libc::CMSG_NXTHDR(&message, next);
        }
    }
    Ok(Plain::List(answer))
}

const _: () = assert!(Control::BYTES >= 16 + DESCRIPTORS_MAX * 4 + 8);

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[("io/_handleCall", call)];
