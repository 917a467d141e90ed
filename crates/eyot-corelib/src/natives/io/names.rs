//! Operations that ask for names and addresses of hosts, and for the machine's own addresses.

use std::ffi::{CStr, CString};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use eyot_runtime::heap::message::Plain;
use socket2::{SockAddr, SockAddrStorage};

use super::operation::{Answer, Arguments};
use super::sockets::{ip_bytes, ip_of};

/// Kinds of addresses as numbers: any, IPv4, IPv6.
fn family_of(number: i64) -> libc::c_int {
    match number {
        0 => libc::AF_INET,
        1 => libc::AF_INET6,
        _ => libc::AF_UNSPEC,
    }
}

/// An error of name resolution: its numbers are not those of the system.
fn lookup_error(code: libc::c_int) -> Answer {
    if code == libc::EAI_SYSTEM {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the function gives a text that lives as long as the process.
    let text = unsafe { CStr::from_ptr(libc::gai_strerror(code)) };
    Ok(Plain::List(vec![
        Plain::Int(code.into()),
        Plain::Text(text.to_string_lossy().into()),
    ]))
}

/// Whether the system's C library takes a name for an IPv4 address though it has not four decimal parts, as `127.1` or `0x7f.0.0.1`.
fn is_odd_ipv4(name: &str) -> bool {
    let is_number = |part: &str| {
        let hexadecimal = part.strip_prefix("0x").or(part.strip_prefix("0X"));
        let (digits, radix) = hexadecimal.map_or((part, 10), |digits| (digits, 16));
        !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix))
    };
    name.split('.').all(is_number) && name.parse::<Ipv4Addr>().is_err()
}

/// (name, family) -> [[bytes, scope], …], or [errno, text]
pub fn lookup(arguments: &Arguments) -> Answer {
    if is_odd_ipv4(arguments.text(0)?) {
        return lookup_error(libc::EAI_NONAME);
    }
    let Ok(name) = CString::new(arguments.text(0)?) else {
        return lookup_error(libc::EAI_NONAME);
    };
    // SAFETY: a structure of numbers and null pointers.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_family = family_of(arguments.int(1)?);
    hints.ai_socktype = libc::SOCK_STREAM;
    hints.ai_flags = libc::AI_ADDRCONFIG;
    let mut found = std::ptr::null_mut();
    // SAFETY: the name ends with a zero, the hints live, and the result is freed below.
    let mut status =
        unsafe { libc::getaddrinfo(name.as_ptr(), std::ptr::null(), &hints, &mut found) };
    if status != 0 {
        // A machine without an address of the wanted kind still knows itself by one.
        hints.ai_flags = 0;
        // SAFETY: as above.
        status = unsafe { libc::getaddrinfo(name.as_ptr(), std::ptr::null(), &hints, &mut found) };
    }
    if status != 0 {
        return lookup_error(status);
    }
    let mut addresses = Vec::new();
    let mut next = found;
    while !next.is_null() {
        // SAFETY: an entry of the list that the system has made, which is freed after the loop.
        let entry = unsafe { &*next };
        // SAFETY: the entry's address has the length that it says.
        if let Some(address) = unsafe { socket_address(entry.ai_addr, entry.ai_addrlen) } {
            addresses.push(plain_host(address));
        }
        next = entry.ai_next;
    }
    // SAFETY: the list came from getaddrinfo, and nothing of it is used any more.
    unsafe { libc::freeaddrinfo(found) };
    addresses.dedup();
    Ok(Plain::List(addresses))
}

fn plain_host(address: SocketAddr) -> Plain {
    let scope = match address {
        SocketAddr::V6(address) => address.scope_id(),
        SocketAddr::V4(_) => 0,
    };
    Plain::List(vec![ip_bytes(address.ip()), Plain::Int(scope.into())])
}

/// # Safety
/// The pointer is null or leads to an address of that many bytes.
unsafe fn socket_address(
    address: *const libc::sockaddr,
    length: libc::socklen_t,
) -> Option<SocketAddr> {
    if address.is_null() || length as usize > size_of::<libc::sockaddr_storage>() {
        return None;
    }
    let mut storage = SockAddrStorage::zeroed();
    // SAFETY: so many bytes can be read (the caller's) and fit (checked above).
    unsafe {
        let target: *mut u8 = (&raw mut storage).cast();
        std::ptr::copy_nonoverlapping(address.cast::<u8>(), target, length as usize);
        SockAddr::new(storage, length).as_socket()
    }
}

/// (address) -> name
pub fn reverse(arguments: &Arguments) -> Answer {
    let address = SockAddr::from(SocketAddr::new(ip_of(arguments.bytes(0)?)?, 0));
    let mut name = [0 as libc::c_char; 1025];
    // SAFETY: the address lives, and the name has room for as many bytes as are said.
    let status = unsafe {
        libc::getnameinfo(
            address.as_ptr().cast(),
            address.len(),
            name.as_mut_ptr(),
            name.len() as libc::socklen_t,
            std::ptr::null_mut(),
            0,
            libc::NI_NAMEREQD,
        )
    };
    if status != 0 {
        return lookup_error(status);
    }
    // SAFETY: the system has written a text that ends with a zero.
    let name = unsafe { CStr::from_ptr(name.as_ptr()) };
    Ok(Plain::Text(name.to_string_lossy().into()))
}

/// # Safety
/// The interface broadcasts, and its addresses have that many bytes.
#[cfg(any(target_os = "linux", target_os = "android"))]
unsafe fn broadcast_of(entry: &libc::ifaddrs, length: libc::socklen_t) -> Option<SocketAddr> {
    // SAFETY: the caller's.
    unsafe { socket_address(entry.ifa_ifu, length) }
}

/// # Safety
/// The interface broadcasts, and its addresses have that many bytes.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
unsafe fn broadcast_of(entry: &libc::ifaddrs, length: libc::socklen_t) -> Option<SocketAddr> {
    // SAFETY: the caller's.
    unsafe { socket_address(entry.ifa_dstaddr, length) }
}

/// How many bits, from the highest, a mask has set.
fn prefix_length(mask: IpAddr) -> u32 {
    match mask {
        IpAddr::V4(mask) => mask.to_bits().leading_ones(),
        IpAddr::V6(mask) => mask.to_bits().leading_ones(),
    }
}

/// [bytes, scope, bits of the prefix, bytes of the broadcast address or null]
fn plain_interface(
    address: SocketAddr,
    mask: Option<SocketAddr>,
    broadcast: Option<SocketAddr>,
) -> Plain {
    let Plain::List(mut host) = plain_host(address) else {
        return Plain::Null;
    };
    let all_bits = if address.is_ipv4() { 32 } else { 128 };
    let prefix = mask.map_or(all_bits, |mask| prefix_length(mask.ip()));
    host.push(Plain::Int(prefix.into()));
    host.push(match broadcast {
        Some(broadcast) if address.is_ipv4() => ip_bytes(broadcast.ip()),
        _ => Plain::Null,
    });
    Plain::List(host)
}

/// (family) -> [[name, index, [bytes, scope, prefix, broadcast]], …]
pub fn interfaces(arguments: &Arguments) -> Answer {
    let family = family_of(arguments.int(0)?);
    let mut found = std::ptr::null_mut();
    // SAFETY: the system makes a list, which is freed below.
    if unsafe { libc::getifaddrs(&mut found) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let mut rows = Vec::new();
    let mut next = found;
    while !next.is_null() {
        // SAFETY: an entry of the list.
        let entry = unsafe { &*next };
        next = entry.ifa_next;
        if entry.ifa_flags & libc::IFF_UP as libc::c_uint == 0 || entry.ifa_addr.is_null() {
            continue;
        }
        // SAFETY: an address starts with its family.
        let length = match i32::from(unsafe { (*entry.ifa_addr).sa_family }) {
            libc::AF_INET => size_of::<libc::sockaddr_in>(),
            libc::AF_INET6 => size_of::<libc::sockaddr_in6>(),
            _ => continue,
        };
        // SAFETY: addresses of these families have these lengths.
        let address = unsafe { socket_address(entry.ifa_addr, length as libc::socklen_t) };
        // SAFETY: a mask is null or of the address's family.
        let mask = unsafe { socket_address(entry.ifa_netmask, length as libc::socklen_t) };
        let has_broadcast = entry.ifa_flags & libc::IFF_BROADCAST as libc::c_uint != 0;
        // SAFETY: so is what the interface broadcasts to, where the flag says that it does.
        let broadcast = has_broadcast
            .then(|| unsafe { broadcast_of(entry, length as libc::socklen_t) })
            .flatten();
        let wanted = |address: &SocketAddr| match family {
            libc::AF_INET => matches!(address.ip(), IpAddr::V4(_)),
            libc::AF_INET6 => matches!(address.ip(), IpAddr::V6(_)),
            _ => true,
        };
        if let Some(address) = address.filter(wanted) {
            // SAFETY: the entry's name is a text that ends with a zero.
            let (name, index) = unsafe {
                let name = CStr::from_ptr(entry.ifa_name);
                (name.to_string_lossy(), libc::if_nametoindex(name.as_ptr()))
            };
            rows.push(Plain::List(vec![
                Plain::Text(name.into()),
                Plain::Int(index.into()),
                plain_interface(address, mask, broadcast),
            ]));
        }
    }
    // SAFETY: the list came from getifaddrs.
    unsafe { libc::freeifaddrs(found) };
    Ok(Plain::List(rows))
}

/// (text) -> [bytes, scope] of a numeric address, or null
pub fn parse(text: &str) -> Plain {
    let (address, zone) = match text.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (text, None),
    };
    let Ok(ip) = address.parse::<IpAddr>() else {
        return Plain::Null;
    };
    let scope = match zone {
        None => 0,
        Some(_) if ip.is_ipv4() => return Plain::Null,
        Some(zone) => match zone.parse::<u32>() {
            Ok(index) => index,
            Err(_) => {
                let Ok(name) = CString::new(zone) else {
                    return Plain::Null;
                };
                // SAFETY: a text that ends with a zero.
                match unsafe { libc::if_nametoindex(name.as_ptr()) } {
                    0 => return Plain::Null,
                    index => index,
                }
            }
        },
    };
    Plain::List(vec![ip_bytes(ip), Plain::Int(scope.into())])
}

/// The text of an internet address.
pub fn text_of(bytes: &[u8]) -> Option<String> {
    ip_of(bytes).ok().map(|ip| ip.to_string())
}
