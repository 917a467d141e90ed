//! Operations on sockets, and addresses.
//!
//! An address is three arguments: bytes of an internet address, or the path of a unix socket; port; scope of an IPv6 address.

use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, SocketAddrV6};
use std::os::fd::{AsRawFd, OwnedFd};

use eyot_runtime::heap::message::Plain;
use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, Type};

use super::driver::Listener;
use super::endpoints::Endpoints;
use super::operation::{Answer, Arguments};

/// Performs one of the operations of `lib/io/endpoint.dart`.
pub fn perform(
    number: i64,
    endpoints: &mut Endpoints,
    arguments: &Arguments,
    listener: Option<Listener>,
) -> Answer {
    let needed = || listener.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput));
    match number {
        100 => endpoints.add_stream(connect(arguments)?, needed()?),
        101 => endpoints.add(listen(arguments)?, needed()?),
        102 => endpoints.add(bind_datagram(arguments)?, needed()?),
        103 => {
            let server = endpoints.get(arguments.int(0)?)?;
            match accept(&server.file) {
                Ok(accepted) => endpoints.add_stream(accepted, needed()?),
                Err(error) if is_passing(&error) => Ok(Plain::Null),
                Err(error) => Err(error),
            }
        }
        105 => {
            let endpoint = endpoints.get(arguments.int(0)?)?;
            if let (Some(session), 1) = (&mut endpoint.session, arguments.int(1)?) {
                session.close(&endpoint.file);
                return Ok(Plain::Null);
            }
            on_socket(number, &endpoint.file, arguments)
        }
        _ => on_socket(number, &endpoints.get(arguments.int(0)?)?.file, arguments),
    }
}

fn on_socket(number: i64, file: &File, arguments: &Arguments) -> Answer {
    let socket = SockRef::from(file);
    match number {
        105 => {
            let how = match arguments.int(1)? {
                0 => Shutdown::Read,
                1 => Shutdown::Write,
                _ => Shutdown::Both,
            };
            socket.shutdown(how)?;
        }
        106 => return Ok(plain_address(&socket.local_addr()?)),
        107 => return Ok(plain_address(&socket.peer_addr()?)),
        108 => {
            if let Some(error) = socket.take_error()? {
                return Err(error);
            }
        }
        109 => set_option(file, arguments)?,
        110 => return option(file, arguments),
        111 | 112 => multicast(&socket, arguments, number == 111)?,
        114 => return receive(&socket),
        115 => return send(&socket, arguments),
        _ => return Err(io::Error::from(io::ErrorKind::Unsupported)),
    }
    Ok(Plain::Null)
}

/// Whether accepting may simply be tried again: nobody waits, or whoever did has left.
fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

// ---- addresses

/// The internet address of 4 or 16 bytes.
pub fn ip_of(bytes: &[u8]) -> io::Result<IpAddr> {
    if let Ok(octets) = <[u8; 4]>::try_from(bytes) {
        Ok(Ipv4Addr::from(octets).into())
    } else if let Ok(octets) = <[u8; 16]>::try_from(bytes) {
        Ok(Ipv6Addr::from(octets).into())
    } else {
        Err(io::Error::from(io::ErrorKind::InvalidInput))
    }
}

/// The address in three arguments.
fn address(arguments: &Arguments, at: usize) -> io::Result<SockAddr> {
    if let Some(path) = arguments.optional_text(at) {
        return match path.strip_prefix('@') {
            Some(name) => SockAddr::unix(format!("\0{name}")),
            None => SockAddr::unix(path),
        };
    }
    let port = u16::try_from(arguments.int(at + 1)?)
        .map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let ip = ip_of(arguments.bytes(at)?)?;
    let scope = arguments.int(at + 2).unwrap_or(0) as u32;
    Ok(match ip {
        IpAddr::V6(ip) => SocketAddrV6::new(ip, port, 0, scope).into(),
        IpAddr::V4(_) => SocketAddr::new(ip, port).into(),
    })
}

/// The bytes of an internet address.
pub fn ip_bytes(ip: IpAddr) -> Plain {
    Plain::Bytes(match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    })
}

/// An address as Dart code takes it.
pub fn plain_address(address: &SockAddr) -> Plain {
    let (host, port, scope) = if let Some(address) = address.as_socket() {
        let scope = match address {
            SocketAddr::V6(address) => address.scope_id(),
            SocketAddr::V4(_) => 0,
        };
        (ip_bytes(address.ip()), address.port(), scope)
    } else {
        let path = address.as_pathname().map(|path| path.to_string_lossy());
        (Plain::Text(path.unwrap_or_default().into()), 0, 0)
    };
    Plain::List(vec![
        host,
        Plain::Int(port.into()),
        Plain::Int(scope.into()),
    ])
}

// ---- making sockets

fn new_socket(address: &SockAddr, kind: Type) -> io::Result<Socket> {
    let protocol = match (address.domain(), kind) {
        (Domain::UNIX, _) => None,
        (_, Type::STREAM) => Some(Protocol::TCP),
        _ => Some(Protocol::UDP),
    };
    let socket = Socket::new(address.domain(), kind, protocol)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// (address, source address or null and two more) -> handle of a socket that is being connected
fn connect(arguments: &Arguments) -> io::Result<OwnedFd> {
    let target = address(arguments, 0)?;
    let socket = new_socket(&target, Type::STREAM)?;
    let has_source = !matches!(arguments.0.get(3), None | Some(Plain::Null));
    if has_source {
        socket.bind(&address(arguments, 3)?)?;
    }
    match socket.connect(&target) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
        _ => Ok(socket.into()),
    }
}

/// (address, backlog, IPv6 only, shared) -> handle
fn listen(arguments: &Arguments) -> io::Result<OwnedFd> {
    let local = address(arguments, 0)?;
    let socket = new_socket(&local, Type::STREAM)?;
    if local.domain() != Domain::UNIX {
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(arguments.flag(5)?)?;
    }
    if local.domain() == Domain::IPV6 {
        socket.set_only_v6(arguments.flag(4)?)?;
    }
    socket.bind(&local)?;
    let backlog = match arguments.int(3)? {
        0 => libc::SOMAXCONN,
        backlog => i32::try_from(backlog).unwrap_or(libc::SOMAXCONN),
    };
    socket.listen(backlog)?;
    Ok(socket.into())
}

/// (address, reuse address, reuse port, time to live) -> handle
fn bind_datagram(arguments: &Arguments) -> io::Result<OwnedFd> {
    let local = address(arguments, 0)?;
    let socket = new_socket(&local, Type::DGRAM)?;
    socket.set_reuse_address(arguments.flag(3)?)?;
    socket.set_reuse_port(arguments.flag(4)?)?;
    let ttl = arguments.int(5)? as u32;
    if local.domain() == Domain::IPV6 {
        socket.set_only_v6(false)?;
        socket.set_multicast_hops_v6(ttl)?;
    } else {
        socket.set_multicast_ttl_v4(ttl)?;
    }
    socket.bind(&local)?;
    Ok(socket.into())
}

fn accept(server: &File) -> io::Result<OwnedFd> {
    let (socket, _) = SockRef::from(server).accept()?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

// ---- data

/// Bytes that can be read at once; 0 at the end; an error if there are none yet.
pub fn available(file: &File) -> io::Result<usize> {
    let mut count: libc::c_int = 0;
    // SAFETY: the request writes one int; the descriptor is open.
    if unsafe { libc::ioctl(file.as_raw_fd(), libc::FIONREAD, &mut count) } != 0 {
        return Err(io::Error::last_os_error());
    }
    if count > 0 {
        return Ok(count as usize);
    }
    let mut byte = [MaybeUninit::uninit()];
    SockRef::from(file).recv_with_flags(&mut byte, libc::MSG_PEEK | libc::MSG_DONTWAIT)
}

/// Bytes that a datagram may have.
const DATAGRAM_BYTES_MAX: usize = 65536;

/// -> [bytes, address…], or null
fn receive(socket: &SockRef<'_>) -> Answer {
    let mut buffer = vec![MaybeUninit::uninit(); DATAGRAM_BYTES_MAX];
    match socket.recv_from(&mut buffer) {
        Ok((count, sender)) => {
            // SAFETY: the system has written that many bytes.
            let bytes = buffer[..count]
                .iter()
                .map(|byte| unsafe { byte.assume_init() })
                .collect();
            Ok(Plain::List(vec![
                Plain::Bytes(bytes),
                plain_address(&sender),
            ]))
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Plain::Null),
        Err(error) => Err(error),
    }
}

/// (handle, address, bytes) -> number of bytes sent, 0 if there is no room
fn send(socket: &SockRef<'_>, arguments: &Arguments) -> Answer {
    match socket.send_to(arguments.bytes(4)?, &address(arguments, 1)?) {
        Ok(count) => Ok(Plain::Int(count as i64)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Plain::Int(0)),
        Err(error) => Err(error),
    }
}

// ---- options

fn number(arguments: &Arguments, index: usize) -> io::Result<libc::c_int> {
    let value = arguments.int(index)?;
    i32::try_from(value).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))
}

/// (handle, level, option, bytes) -> null
fn set_option(file: &File, arguments: &Arguments) -> io::Result<()> {
    let bytes = arguments.bytes(3)?;
    // SAFETY: the system reads that many bytes.
    let status = unsafe {
        libc::setsockopt(
            file.as_raw_fd(),
            number(arguments, 1)?,
            number(arguments, 2)?,
            bytes.as_ptr().cast(),
            bytes.len() as libc::socklen_t,
        )
    };
    match status {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// (handle, level, option, bytes) -> bytes
fn option(file: &File, arguments: &Arguments) -> Answer {
    let mut bytes = arguments.bytes(3)?.to_vec();
    let mut length = bytes.len() as libc::socklen_t;
    // SAFETY: the system writes no more than `length` bytes.
    let status = unsafe {
        libc::getsockopt(
            file.as_raw_fd(),
            number(arguments, 1)?,
            number(arguments, 2)?,
            bytes.as_mut_ptr().cast(),
            &mut length,
        )
    };
    match status {
        0 => Ok(Plain::Bytes(bytes)),
        _ => Err(io::Error::last_os_error()),
    }
}

/// (handle, group, interface's address or null, interface's index) -> null
fn multicast(socket: &SockRef<'_>, arguments: &Arguments, joins: bool) -> io::Result<()> {
    match ip_of(arguments.bytes(1)?)? {
        IpAddr::V4(group) => {
            let interface = match arguments.bytes(2).ok().map(ip_of) {
                Some(Ok(IpAddr::V4(ip))) => ip,
                _ => Ipv4Addr::UNSPECIFIED,
            };
            if joins {
                socket.join_multicast_v4(&group, &interface)
            } else {
                socket.leave_multicast_v4(&group, &interface)
            }
        }
        IpAddr::V6(group) => {
            let index = arguments.int(3)? as u32;
            if joins {
                socket.join_multicast_v6(&group, index)
            } else {
                socket.leave_multicast_v6(&group, index)
            }
        }
    }
}
