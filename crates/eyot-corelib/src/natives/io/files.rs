//! Operations on paths of files and links.

use std::fs::{self, File, FileTimes, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::time::{Duration, SystemTime};

use eyot_runtime::heap::message::Plain;

use super::operation::{Answer, Arguments};

const TYPE_FILE: i64 = 0;
const TYPE_DIRECTORY: i64 = 1;
const TYPE_LINK: i64 = 2;
const TYPE_NOT_FOUND: i64 = 3;
const TYPE_SOCKET: i64 = 4;
const TYPE_PIPE: i64 = 5;

/// The number of an entity's type.
pub fn type_number(file_type: fs::FileType) -> i64 {
    if file_type.is_dir() {
        TYPE_DIRECTORY
    } else if file_type.is_symlink() {
        TYPE_LINK
    } else if file_type.is_socket() {
        TYPE_SOCKET
    } else if file_type.is_fifo() {
        TYPE_PIPE
    } else {
        TYPE_FILE
    }
}

pub fn entity_type(arguments: &Arguments) -> Answer {
    let path = arguments.text(0)?;
    let found = if arguments.flag(1)? {
        fs::metadata(path)
    } else {
        fs::symlink_metadata(path)
    };
    Ok(Plain::Int(match found {
        Ok(metadata) => type_number(metadata.file_type()),
        Err(_) => TYPE_NOT_FOUND,
    }))
}

pub fn create(arguments: &Arguments) -> Answer {
    let path = arguments.text(0)?;
    let mut options = OpenOptions::new();
    options.write(true).mode(0o666);
    if arguments.flag(1)? {
        options.create_new(true);
    } else {
        options.create(true).truncate(false);
    }
    options.open(path)?;
    Ok(Plain::Null)
}

pub fn delete(arguments: &Arguments) -> Answer {
    let path = arguments.text(0)?;
    let metadata = fs::symlink_metadata(path)?;
    if arguments.flag(1)? {
        // A link counts as what it leads to; one that leads nowhere is no file.
        if fs::metadata(path)?.is_dir() {
            return Err(io::Error::from_raw_os_error(libc::EISDIR));
        }
    } else if !metadata.is_symlink() {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }
    fs::remove_file(path)?;
    Ok(Plain::Null)
}

pub fn rename(arguments: &Arguments) -> Answer {
    let path = arguments.text(0)?;
    if fs::symlink_metadata(path)?.is_dir() {
        return Err(io::Error::from_raw_os_error(libc::EISDIR));
    }
    fs::rename(path, arguments.text(1)?)?;
    Ok(Plain::Null)
}

pub fn copy(arguments: &Arguments) -> Answer {
    let path = arguments.text(0)?;
    if fs::metadata(path)?.is_dir() {
        return Err(io::Error::from_raw_os_error(libc::EISDIR));
    }
    fs::copy(path, arguments.text(1)?)?;
    Ok(Plain::Null)
}

pub fn length(arguments: &Arguments) -> Answer {
    let metadata = fs::metadata(arguments.text(0)?)?;
    if metadata.is_dir() {
        return Err(io::Error::from_raw_os_error(libc::EISDIR));
    }
    Ok(Plain::Int(metadata.len() as i64))
}

fn time(arguments: &Arguments) -> io::Result<SystemTime> {
    let micros = arguments.int(1)?;
    let distance = Duration::from_micros(micros.unsigned_abs());
    let time = if micros < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    };
    time.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))
}

pub fn set_modified(arguments: &Arguments) -> Answer {
    // Both times are set, which the system tells watchers as a change of attributes.
    let file = File::open(arguments.text(0)?)?;
    let accessed = file.metadata()?.accessed()?;
    let times = FileTimes::new().set_accessed(accessed);
    file.set_times(times.set_modified(time(arguments)?))?;
    Ok(Plain::Null)
}

pub fn set_accessed(arguments: &Arguments) -> Answer {
    let file = File::open(arguments.text(0)?)?;
    let modified = file.metadata()?.modified()?;
    let times = FileTimes::new().set_modified(modified);
    file.set_times(times.set_accessed(time(arguments)?))?;
    Ok(Plain::Null)
}

pub fn stat(arguments: &Arguments) -> Answer {
    let values = match fs::metadata(arguments.text(0)?) {
        Ok(metadata) => stat_values(&metadata),
        Err(_) => [TYPE_NOT_FOUND, 0, 0, 0, 0, -1],
    };
    Ok(Plain::List(values.map(Plain::Int).to_vec()))
}

fn stat_values(metadata: &Metadata) -> [i64; 6] {
    let micros = |seconds: i64, nanos: i64| {
        seconds
            .saturating_mul(1_000_000)
            .saturating_add(nanos / 1000)
    };
    [
        type_number(metadata.file_type()),
        micros(metadata.ctime(), metadata.ctime_nsec()),
        micros(metadata.mtime(), metadata.mtime_nsec()),
        micros(metadata.atime(), metadata.atime_nsec()),
        metadata.mode().into(),
        metadata.len() as i64,
    ]
}

/// How much is asked for at first of a file that says it has no length: one of `/proc` has contents all the same, of mostly a page or two,
/// and to find that out by reading twice as much each time would touch memory of as many sizes.
const UNKNOWN_LENGTH: u64 = 8 << 10;

pub fn read_all(arguments: &Arguments) -> Answer {
    let mut file = File::open(arguments.text(0)?)?;
    let length = match file.metadata()?.len() {
        0 => UNKNOWN_LENGTH,
        length => length,
    };
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(length).unwrap_or(usize::MAX))?;
    file.read_to_end(&mut bytes)?;
    Ok(Plain::Bytes(bytes))
}

/// How a mode number opens a file. Appending starts at the end, but may go elsewhere: it is a position, not the system's append
/// mode.
pub fn options_of(mode: i64) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o666);
    match mode {
        1 => options.read(true).write(true).create(true).truncate(true),
        2 => options.read(true).write(true).create(true).truncate(false),
        3 => options.write(true).create(true).truncate(true),
        4 => options.write(true).create(true).truncate(false),
        _ => options.read(true),
    };
    options
}

/// Whether a mode number starts at the end.
pub fn appends(mode: i64) -> bool {
    matches!(mode, 2 | 4)
}

pub fn write_all(arguments: &Arguments) -> Answer {
    let mut file = options_of(arguments.int(2)?).open(arguments.text(0)?)?;
    if appends(arguments.int(2)?) {
        file.seek(SeekFrom::End(0))?;
    }
    file.write_all(arguments.bytes(1)?)?;
    if arguments.flag(3)? {
        file.sync_all()?;
    }
    Ok(Plain::Null)
}

pub fn create_link(arguments: &Arguments) -> Answer {
    std::os::unix::fs::symlink(arguments.text(1)?, arguments.text(0)?)?;
    Ok(Plain::Null)
}

/// A path as a text; a byte that is no UTF-8 becomes U+FFFD.
pub fn path_text(path: &std::path::Path) -> Plain {
    Plain::Text(path.to_string_lossy().into())
}

pub fn link_target(arguments: &Arguments) -> Answer {
    Ok(path_text(&fs::read_link(arguments.text(0)?)?))
}

pub fn resolve(arguments: &Arguments) -> Answer {
    Ok(path_text(&fs::canonicalize(arguments.text(0)?)?))
}

pub fn identical(arguments: &Arguments) -> Answer {
    let one = fs::symlink_metadata(arguments.text(0)?)?;
    let other = fs::symlink_metadata(arguments.text(1)?)?;
    let same = one.dev() == other.dev() && one.ino() == other.ino();
    Ok(Plain::Bool(same))
}
