//! Open files, by handle: `RandomAccessFile`.
//!
//! The table serves the process; an isolate that ends leaves its files open in it until the process ends.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use eyot_runtime::heap::message::Plain;

use super::files::{appends, options_of};
use super::operation::{Answer, Arguments};

#[derive(Default)]
struct Table {
    last: i64,
    files: HashMap<i64, Arc<File>>,
}

fn table() -> std::sync::MutexGuard<'static, Table> {
    static TABLE: OnceLock<Mutex<Table>> = OnceLock::new();
    let table = TABLE.get_or_init(Mutex::default);
    // A panic elsewhere leaves the table as good as it was.
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

fn file(arguments: &Arguments) -> io::Result<Arc<File>> {
    let handle = arguments.int(0)?;
    let found = table().files.get(&handle).cloned();
    found.ok_or_else(|| io::Error::from_raw_os_error(libc::EBADF))
}

pub fn open(arguments: &Arguments) -> Answer {
    let path = arguments.text(0)?;
    let file = options_of(arguments.int(1)?).open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::from_raw_os_error(libc::EISDIR));
    }
    if appends(arguments.int(1)?) {
        (&file).seek(SeekFrom::End(0))?;
    }
    let mut table = table();
    table.last += 1;
    let handle = table.last;
    table.files.insert(handle, Arc::new(file));
    Ok(Plain::Int(handle))
}

pub fn close(arguments: &Arguments) -> Answer {
    let handle = arguments.int(0)?;
    match table().files.remove(&handle) {
        Some(_) => Ok(Plain::Null),
        None => Err(io::Error::from_raw_os_error(libc::EBADF)),
    }
}

pub fn read(arguments: &Arguments) -> Answer {
    let file = file(arguments)?;
    let mut bytes = Vec::new();
    (&*file).take(arguments.size(1)?).read_to_end(&mut bytes)?;
    Ok(Plain::Bytes(bytes))
}

pub fn write(arguments: &Arguments) -> Answer {
    (&*file(arguments)?).write_all(arguments.bytes(1)?)?;
    Ok(Plain::Null)
}

pub fn position(arguments: &Arguments) -> Answer {
    let position = (&*file(arguments)?).stream_position()?;
    Ok(Plain::Int(position as i64))
}

pub fn set_position(arguments: &Arguments) -> Answer {
    (&*file(arguments)?).seek(SeekFrom::Start(arguments.size(1)?))?;
    Ok(Plain::Null)
}

pub fn truncate(arguments: &Arguments) -> Answer {
    file(arguments)?.set_len(arguments.size(1)?)?;
    Ok(Plain::Null)
}

pub fn length(arguments: &Arguments) -> Answer {
    Ok(Plain::Int(file(arguments)?.metadata()?.len() as i64))
}

pub fn flush(arguments: &Arguments) -> Answer {
    file(arguments)?.sync_all()?;
    Ok(Plain::Null)
}

/// Locks a range of bytes, for this process as a whole.
pub fn lock(arguments: &Arguments) -> Answer {
    let file = file(arguments)?;
    let kind = match arguments.int(1)? {
        0 => libc::F_UNLCK,
        1 | 3 => libc::F_RDLCK,
        _ => libc::F_WRLCK,
    };
    let command = match arguments.int(1)? {
        0..=2 => libc::F_SETLK,
        _ => libc::F_SETLKW,
    };
    let (start, end) = (arguments.int(2)?, arguments.int(3)?);
    // A length of 0 reaches to the end of the file, however it grows.
    let length = if end < 0 {
        0
    } else {
        end.saturating_sub(start)
    };
    let range = libc::flock {
        l_type: kind as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: start,
        l_len: length,
        l_pid: 0,
    };
    // SAFETY: the descriptor is open while `file` is held; the call reads one such structure.
    match unsafe { libc::fcntl(file.as_raw_fd(), command, &range) } {
        0 => Ok(Plain::Null),
        _ => Err(io::Error::last_os_error()),
    }
}
