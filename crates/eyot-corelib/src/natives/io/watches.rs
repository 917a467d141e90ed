//! Descriptors that are no sockets: watches of the file system.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use eyot_runtime::heap::message::Plain;
use inotify::{Inotify, WatchMask};

use super::driver::Listener;
use super::endpoints::Endpoints;
use super::operation::{Answer, Arguments};

/// Performs one of the operations of `lib/io/watch.dart`.
pub fn perform(
    number: i64,
    endpoints: &mut Endpoints,
    arguments: &Arguments,
    listener: Option<Listener>,
) -> Answer {
    let needed = || listener.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput));
    match number {
        200 => endpoints.add(Inotify::init()?.into(), needed()?),
        201 => {
            let watch = handle(endpoints, arguments)?;
            watch.watches().add(arguments.text(1)?, changes())?;
            Ok(Plain::Null)
        }
        202 => events(handle(endpoints, arguments)?),
        _ => Err(io::Error::from(io::ErrorKind::Unsupported)),
    }
}

fn changes() -> WatchMask {
    WatchMask::MODIFY
        | WatchMask::ATTRIB
        | WatchMask::MOVE
        | WatchMask::CREATE
        | WatchMask::DELETE
        | WatchMask::DELETE_SELF
        | WatchMask::MOVE_SELF
}

/// A second descriptor of the same watch, for one call: the endpoint keeps its own.
fn handle(endpoints: &mut Endpoints, arguments: &Arguments) -> io::Result<Inotify> {
    let file = &endpoints.get(arguments.int(0)?)?.file;
    let descriptor: OwnedFd = file.as_fd().try_clone_to_owned()?;
    Ok(Inotify::from(descriptor))
}

fn events(mut watch: Inotify) -> Answer {
    let mut buffer = [0; 16 << 10];
    match watch.read_events(&mut buffer) {
        Ok(events) => {
            let mut rows = Vec::new();
            for event in events {
                let name = event.name.map(|name| name.to_string_lossy());
                rows.push(Plain::Int(event.mask.bits().into()));
                rows.push(Plain::Int(event.cookie.into()));
                rows.push(Plain::Text(name.unwrap_or_default().into()));
            }
            Ok(Plain::List(rows))
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Plain::Null),
        Err(error) => Err(error),
    }
}
