//! Operations on directories.

use std::collections::HashSet;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

use eyot_runtime::heap::message::Plain;

use super::files::{path_text, type_number};
use super::operation::{Answer, Arguments};

pub fn create(arguments: &Arguments) -> Answer {
    let path = arguments.text(0)?;
    let created = if arguments.flag(1)? {
        fs::create_dir_all(path)
    } else {
        fs::create_dir(path)
    };
    match created {
        Err(error) if !Path::new(path).is_dir() => Err(error),
        _ => Ok(Plain::Null),
    }
}

pub fn create_temporary(arguments: &Arguments) -> Answer {
    let prefix = arguments.text(0)?;
    let mut builder = fs::DirBuilder::new();
    builder.mode(0o700);
    for attempt in 0..100_u32 {
        let random = RandomState::new().hash_one(attempt);
        let path = format!("{prefix}{:06X}", random & 0xff_ffff);
        match builder.create(&path) {
            Ok(()) => return Ok(Plain::Text(path.into())),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

pub fn delete(arguments: &Arguments) -> Answer {
    let path = arguments.text(0)?;
    if !arguments.flag(1)? {
        fs::remove_dir(path)?;
    } else if fs::symlink_metadata(path)?.is_dir() {
        fs::remove_dir_all(path)?;
    } else {
        fs::remove_file(path)?;
    }
    Ok(Plain::Null)
}

pub fn rename(arguments: &Arguments) -> Answer {
    let path = arguments.text(0)?;
    if !fs::metadata(path)?.is_dir() {
        return Err(io::Error::from_raw_os_error(libc::ENOTDIR));
    }
    fs::rename(path, arguments.text(1)?)?;
    Ok(Plain::Null)
}

pub fn list(arguments: &Arguments) -> Answer {
    let mut listing = Listing {
        recursive: arguments.flag(1)?,
        follow_links: arguments.flag(2)?,
        entities: Vec::new(),
        inside: HashSet::new(),
    };
    listing.add(arguments.text(0)?)?;
    Ok(Plain::List(listing.entities))
}

struct Listing {
    recursive: bool,
    follow_links: bool,
    entities: Vec<Plain>,
    /// The directories (device, inode) around the one that is read: a link to one of them is not followed.
    inside: HashSet<(u64, u64)>,
}

impl Listing {
    fn add(&mut self, directory: &str) -> io::Result<()> {
        let metadata = fs::metadata(directory)?;
        let identity = (metadata.dev(), metadata.ino());
        if !self.inside.insert(identity) {
            return Ok(());
        }
        let separator = if directory.ends_with('/') { "" } else { "/" };
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let name = entry.file_name();
            let path = format!("{directory}{separator}{}", name.to_string_lossy());
            let mut file_type = entry.file_type()?;
            if file_type.is_symlink() && self.follow_links {
                // A link that leads nowhere is listed as a link.
                if let Ok(target) = fs::metadata(entry.path()) {
                    file_type = target.file_type();
                }
            }
            self.entities.push(Plain::Int(type_number(file_type)));
            self.entities.push(path_text(Path::new(&path)));
            if self.recursive && file_type.is_dir() {
                self.add(&path)?;
            }
        }
        self.inside.remove(&identity);
        Ok(())
    }
}
