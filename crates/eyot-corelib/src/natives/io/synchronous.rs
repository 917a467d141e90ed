//! Operations of `RawSynchronousSocket`: a socket that blocks, kept with the open files of its isolate.

use std::io::{self, Read};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::os::fd::OwnedFd;

use eyot_runtime::heap::message::Plain;
use socket2::SockRef;

use super::open_files::OpenFiles;
use super::operation::{Answer, Arguments};
use super::sockets;

/// Performs one of the operations of `lib/io/synchronous_socket.dart`; may block.
pub fn perform(number: i64, open: &OpenFiles, arguments: &Arguments) -> Answer {
    if number == 90 {
        return connect(open, arguments);
    }
    let file = open.get(arguments)?;
    let socket = SockRef::from(&*file);
    Ok(match number {
        91 => Plain::Int(match sockets::available(&file) {
            Ok(count) => count as i64,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error),
        }),
        92 => {
            let mut bytes = vec![0; arguments.size(1)?.min(READ_MAX) as usize];
            let count = (&*file).read(&mut bytes)?;
            bytes.truncate(count);
            Plain::Bytes(bytes)
        }
        93 => {
            socket.shutdown(match arguments.int(1)? {
                0 => Shutdown::Read,
                1 => Shutdown::Write,
                _ => Shutdown::Both,
            })?;
            Plain::Null
        }
        94 => sockets::plain_address(&socket.local_addr()?),
        95 => sockets::plain_address(&socket.peer_addr()?),
        _ => return Err(io::Error::from(io::ErrorKind::Unsupported)),
    })
}

/// Bytes that one read gives at most.
const READ_MAX: u64 = 1 << 20;

/// (host, port) -> handle
fn connect(open: &OpenFiles, arguments: &Arguments) -> Answer {
    let port =
        u16::try_from(arguments.int(1)?).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))?;
    let addresses = (arguments.text(0)?, port).to_socket_addrs()?;
    let stream = TcpStream::connect(&*addresses.collect::<Vec<_>>())?;
    Ok(open.add(OwnedFd::from(stream).into()))
}
