//! The directory of compiled programs.
//!
//! An entry is written beside its place and then renamed, so that readers find a whole one or none, whoever else writes. Only
//! files with our names are ever removed.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

/// Compiled programs are in this folder of the cache's directory.
const FOLDER: &str = "programs";
/// What their last runs have used is in this one.
const PROFILES_FOLDER: &str = "profiles";
const ENTRY: &str = "eyot";
/// Being written.
const UNFINISHED: &str = "part";
/// Most bytes of all entries together.
const BYTES_MAX: u64 = 256 << 20;
/// The same for profiles.
const PROFILES_BYTES_MAX: u64 = 16 << 20;
/// Most entries.
const ENTRIES_MAX: usize = 1000;
/// What is unfinished for so long was left behind by a process that ended.
const UNFINISHED_FOR: Duration = Duration::from_secs(600);
/// How exact the times of last use are.
const USED_WITHIN: Duration = Duration::from_secs(3600);

/// What a cache holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// Number of compiled programs.
    pub programs: usize,
    /// Their size.
    pub bytes: u64,
    /// The size above which the oldest ones go.
    pub bytes_max: u64,
}

/// Where the command keeps compiled programs: `$EYOT_CACHE_DIR`, else `eyot` in `$XDG_CACHE_HOME` or `~/.cache`. Nowhere if
/// `EYOT_CACHE_DIR` is empty, or none is set.
pub fn default_directory() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    if let Some(given) = variable("EYOT_CACHE_DIR") {
        return (!given.as_os_str().is_empty()).then_some(given);
    }
    let caches = variable("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    let home = || variable("HOME").filter(|path| path.is_absolute());
    let caches = caches.or_else(|| Some(home()?.join(".cache")))?;
    Some(caches.join("eyot"))
}

/// A directory of entries.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    bytes_max: u64,
}

struct Entry {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

impl Store {
    pub(crate) fn new(directory: &Path) -> Store {
        Store {
            folder: directory.join(FOLDER),
            bytes_max: BYTES_MAX,
        }
    }

    /// The profiles of the programs.
    pub(crate) fn of_profiles(directory: &Path) -> Store {
        Store {
            folder: directory.join(PROFILES_FOLDER),
            bytes_max: PROFILES_BYTES_MAX,
        }
    }

    fn path(&self, key: u128) -> PathBuf {
        self.folder.join(format!("{key:032x}.{ENTRY}"))
    }

    /// The bytes of an entry.
    pub(super) fn read(&self, key: u128) -> Option<Arc<[u8]>> {
        let path = self.path(key);
        let bytes = fs::read(&path).ok()?;
        mark_used(&path);
        Some(bytes.into())
    }

    /// Puts an entry in the place of what is there.
    pub(super) fn write(&self, key: u128, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() as u64 > self.bytes_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        create_private(&self.folder)?;
        static WRITTEN: AtomicU32 = AtomicU32::new(0);
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let name = format!("{key:032x}.{}.{number}.{UNFINISHED}", std::process::id());
        let unfinished = self.folder.join(name);
        let written =
            fs::write(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, self.path(key)));
        if written.is_err() {
            // It may not even be there.
            let _ = fs::remove_file(&unfinished);
        }
        written?;
        self.make_room();
        Ok(())
    }

    /// Removes the entries that were not used for longest, and what others have left unfinished.
    fn make_room(&self) {
        let mut entries = self.entries(ENTRY);
        entries.sort_unstable_by_key(|entry| entry.used);
        let mut bytes: u64 = entries.iter().map(|entry| entry.bytes).sum();
        let mut count = entries.len();
        for entry in entries {
            if bytes <= self.bytes_max && count <= ENTRIES_MAX {
                break;
            }
            // Another process may have removed it.
            let _ = fs::remove_file(&entry.path);
            bytes -= entry.bytes;
            count -= 1;
        }
        for left in self.entries(UNFINISHED) {
            if is_older(left.used, UNFINISHED_FOR) {
                let _ = fs::remove_file(&left.path);
            }
        }
    }

    fn entries(&self, extension: &str) -> Vec<Entry> {
        let Ok(files) = fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let files = files.filter_map(|file| file.ok().map(|file| file.path()));
        let files = files.filter(|path| path.extension() == Some(OsStr::new(extension)));
        let entry = |path: PathBuf| {
            let data = fs::metadata(&path).ok().filter(|data| data.is_file())?;
            Some(Entry {
                path,
                bytes: data.len(),
                used: data.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            })
        };
        files.filter_map(entry).collect()
    }

    /// What there is.
    pub(super) fn info(&self) -> Info {
        let entries = self.entries(ENTRY);
        Info {
            programs: entries.len(),
            bytes: entries.iter().map(|entry| entry.bytes).sum(),
            bytes_max: self.bytes_max,
        }
    }

    /// Removes everything; says what there was.
    pub(super) fn clean(&self) -> io::Result<Info> {
        let info = self.info();
        for entry in self.entries(ENTRY).iter().chain(&self.entries(UNFINISHED)) {
            match fs::remove_file(&entry.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        // Stays where something else is in it.
        let _ = fs::remove_dir(&self.folder);
        Ok(info)
    }
}

/// Makes a folder that others cannot write to: whoever writes there decides what programs do.
fn create_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

/// Times of files are times of last use, more or less: writing one at each start would cost more than it is worth.
fn mark_used(path: &Path) {
    let used = fs::metadata(path).and_then(|data| data.modified());
    if used.is_ok_and(|used| is_older(used, USED_WITHIN))
        && let Ok(file) = fs::File::open(path)
    {
        // Of a directory that cannot be written to, nothing goes.
        let _ = file.set_modified(SystemTime::now());
    }
}

fn is_older(time: SystemTime, age: Duration) -> bool {
    time.elapsed().is_ok_and(|elapsed| elapsed > age)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty_directory(name: &str) -> PathBuf {
        let directory = std::env::temp_dir().join(format!("eyot-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&directory);
        directory
    }

    #[test]
    fn the_oldest_entries_go_first() {
        let directory = empty_directory("store_oldest");
        let store = Store {
            bytes_max: 25,
            ..Store::new(&directory)
        };
        for key in 1..=3 {
            store.write(key, &[key as u8; 10]).unwrap();
            let age = Duration::from_secs(100 - key as u64);
            let file = fs::File::open(store.path(key));
            // The third write has removed the first entry.
            if let Ok(file) = file {
                file.set_modified(SystemTime::now() - age).unwrap();
            }
        }
        assert_eq!(store.read(1), None);
        assert_eq!(store.read(2).as_deref(), Some([2; 10].as_slice()));
        assert_eq!(store.info().bytes, 20);
        assert!(store.write(4, &[0; 30]).is_err());
        assert_eq!(store.clean().unwrap().programs, 2);
        assert_eq!(store.info().programs, 0);
    }

    #[test]
    fn files_of_others_stay() {
        let directory = empty_directory("store_others");
        let store = Store::new(&directory);
        store.write(1, b"one").unwrap();
        let other = directory.join(FOLDER).join("notes.txt");
        fs::write(&other, "mine").unwrap();
        store.clean().unwrap();
        assert!(other.exists());
    }

    #[test]
    fn many_writers_leave_a_whole_entry() {
        let directory = empty_directory("store_writers");
        let store = Store::new(&directory);
        std::thread::scope(|scope| {
            for writer in 0..4u8 {
                let store = &store;
                scope.spawn(move || {
                    for _ in 0..50 {
                        store.write(9, &[writer; 5000]).unwrap();
                        let read = store.read(9).unwrap();
                        assert!(read.len() == 5000 && read.iter().all(|byte| *byte == read[0]));
                    }
                });
            }
        });
        assert!(store.entries(UNFINISHED).is_empty());
    }
}
