//! Open files, by handle: `RandomAccessFile`, and `RawSynchronousSocket`.
//!
//! Each isolate has a table of its own; a file is closed when its isolate has ended, however it ended, and no operation on it is
//! under way.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex, PoisonError};

use eyot_runtime::heap::message::Plain;

use super::files::{appends, options_of};
use super::operation::{Answer, Arguments};

/// The open files of an isolate.
#[derive(Default)]
pub struct OpenFiles(Mutex<Table>);

#[derive(Default)]
struct Table {
    last: i64,
    files: HashMap<i64, Arc<File>>,
}

impl OpenFiles {
    fn table(&self) -> std::sync::MutexGuard<'_, Table> {
        // A panic elsewhere leaves the table as good as it was.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a file; its handle.
    pub fn add(&self, file: File) -> Plain {
        let mut table = self.table();
        table.last += 1;
        let handle = table.last;
        table.files.insert(handle, Arc::new(file));
        Plain::Int(handle)
    }

    /// The file whose handle the first argument is.
    pub fn get(&self, arguments: &Arguments) -> io::Result<Arc<File>> {
        let handle = arguments.int(0)?;
        let found = self.table().files.get(&handle).cloned();
        found.ok_or_else(|| io::Error::from_raw_os_error(libc::EBADF))
    }
}

pub fn open(files: &OpenFiles, arguments: &Arguments) -> Answer {
    let path = arguments.text(0)?;
    let file = options_of(arguments.int(1)?).open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::from_raw_os_error(libc::EISDIR));
    }
    if appends(arguments.int(1)?) {
        (&file).seek(SeekFrom::End(0))?;
    }
    Ok(files.add(file))
}

pub fn close(files: &OpenFiles, arguments: &Arguments) -> Answer {
    let handle = arguments.int(0)?;
    match files.table().files.remove(&handle) {
        Some(_) => Ok(Plain::Null),
        None => Err(io::Error::from_raw_os_error(libc::EBADF)),
    }
}

pub fn read(files: &OpenFiles, arguments: &Arguments) -> Answer {
    let file = files.get(arguments)?;
    let mut bytes = Vec::new();
    (&*file).take(arguments.size(1)?).read_to_end(&mut bytes)?;
    Ok(Plain::Bytes(bytes))
}

pub fn write(files: &OpenFiles, arguments: &Arguments) -> Answer {
    (&*files.get(arguments)?).write_all(arguments.bytes(1)?)?;
    Ok(Plain::Null)
}

pub fn position(files: &OpenFiles, arguments: &Arguments) -> Answer {
    let position = (&*files.get(arguments)?).stream_position()?;
    Ok(Plain::Int(position as i64))
}

pub fn set_position(files: &OpenFiles, arguments: &Arguments) -> Answer {
    (&*files.get(arguments)?).seek(SeekFrom::Start(arguments.size(1)?))?;
    Ok(Plain::Null)
}

pub fn truncate(files: &OpenFiles, arguments: &Arguments) -> Answer {
    files.get(arguments)?.set_len(arguments.size(1)?)?;
    Ok(Plain::Null)
}

pub fn length(files: &OpenFiles, arguments: &Arguments) -> Answer {
    Ok(Plain::Int(files.get(arguments)?.metadata()?.len() as i64))
}

pub fn flush(files: &OpenFiles, arguments: &Arguments) -> Answer {
    files.get(arguments)?.sync_all()?;
    Ok(Plain::Null)
}

/// Locks a range of bytes, for this process as a whole.
pub fn lock(files: &OpenFiles, arguments: &Arguments) -> Answer {
    let file = files.get(arguments)?;
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
