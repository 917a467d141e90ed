//! What the last run of a program has used, so that idle workers make it ready in the next one.
//!
//! A file for each program, also for those too small to be kept: magic word, a hash of all that follows, the program's identity, and
//! the functions ([`Profile`]). Read while the program starts, by the thread that waits for its end, and written when it has run for a second or
//! when it ends, if it ran for [`RUN_TIME_MIN`] and has used more than is known; a program that calls `exit` before that leaves none. One that
//! runs in several ways adds to its profile, up to a few thousand functions.
//!
//! The identity is that of the files that the program is made of: functions are named by number. A profile of other files is none,
//! nor is a damaged one.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvError, RecvTimeoutError};
use std::time::{Duration, Instant};

use eyot_runtime::program::Program as Linked;
use eyot_runtime::program::ahead;
use eyot_runtime::program::profile::Profile;
use xxhash_rust::xxh3::xxh3_64;

use super::Store;

/// The first bytes; the last one changes with the format.
const MAGIC: &[u8; 8] = b"eyotuse1";
/// Magic, hash, identity.
const HEAD_LEN: usize = 24;

/// A program that is over sooner is over before idle workers would have read what it uses.
const RUN_TIME_MIN: Duration = Duration::from_millis(10);

/// Then most programs have begun what they do. Programs that run for longer may be ended from outside.
const SETTLED_AFTER: Duration = Duration::from_secs(1);

/// A profile is written anew for so many functions more than it has, or an eighth.
const MORE_MIN: usize = 16;

/// Where the profile of a program is kept.
#[derive(Clone, Debug)]
pub(crate) struct ProfilePlace {
    pub(super) store: Store,
    pub(super) key: u128,
    pub(super) identity: u64,
}

/// The profile of a run.
pub(crate) struct Profiling {
    place: ProfilePlace,
    /// What was known before.
    known: Profile,
    program: Arc<Linked>,
    started: Instant,
}

impl ProfilePlace {
    fn read(&self) -> Option<Profile> {
        let bytes = self.store.read(self.key)?;
        let (head, functions) = bytes.split_at_checked(HEAD_LEN)?;
        let fits = head[..8] == *MAGIC
            && head[8..16] == xxh3_64(&bytes[16..]).to_le_bytes()
            && head[16..] == self.identity.to_le_bytes();
        Profile::from_bytes(functions).filter(|_| fits)
    }

    fn write(&self, profile: &Profile) -> std::io::Result<()> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([0; 8]);
        bytes.extend(self.identity.to_le_bytes());
        bytes.extend(profile.to_bytes());
        let hash = xxh3_64(&bytes[16..]);
        bytes[8..16].copy_from_slice(&hash.to_le_bytes());
        self.store.write(self.key, &bytes)
    }
}

impl Profiling {
    /// A program has started. What it has used before is offered to idle workers; whether there is anything.
    pub(crate) fn start(place: ProfilePlace, program: &Arc<Linked>) -> (Profiling, bool) {
        let started = Instant::now();
        let known = place.read().unwrap_or_default();
        let is_known = !known.is_empty();
        if is_known {
            ahead::offer(program, known.clone());
        }
        let profiling = Profiling {
            place,
            known,
            program: program.clone(),
            started,
        };
        (profiling, is_known)
    }

    /// Waits for the program's end. The caller then [keeps](Profiling::keep) the profile.
    pub(crate) fn wait<T>(&mut self, end: &Receiver<T>) -> Result<T, RecvError> {
        match end.recv_timeout(SETTLED_AFTER) {
            Ok(ended) => Ok(ended),
            Err(RecvTimeoutError::Disconnected) => Err(RecvError),
            Err(RecvTimeoutError::Timeout) => {
                self.keep();
                end.recv()
            }
        }
    }

    /// Writes the profile, if that pays.
    pub(crate) fn keep(&mut self) {
        if self.started.elapsed() < RUN_TIME_MIN || !self.has_grown() {
            return;
        }
        let mut profile = self.program.profile();
        profile.add(&self.known);
        // What cannot be written is not kept.
        let _ = self.place.write(&profile);
        self.known = profile;
    }

    fn has_grown(&self) -> bool {
        let known = self.known.len();
        self.program.ready_count() > known + (known / 8).max(MORE_MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> Profile {
        let words = [3_u32, 1, 0, 40, 9, 0];
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        Profile::from_bytes(&bytes).unwrap()
    }

    fn place(name: &str) -> ProfilePlace {
        let directory = std::env::temp_dir().join(format!("eyot-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&directory);
        ProfilePlace {
            store: Store::of_profiles(&directory),
            key: 7,
            identity: 11,
        }
    }

    #[test]
    fn profiles_are_kept() {
        let place = place("profile_kept");
        assert_eq!(place.read(), None);
        place.write(&profile()).unwrap();
        assert_eq!(place.read(), Some(profile()));
        let changed = ProfilePlace {
            identity: 12,
            ..place.clone()
        };
        assert_eq!(changed.read(), None);
        place.store.clean().unwrap();
        assert_eq!(place.read(), None);
    }

    #[test]
    fn a_damaged_profile_is_none() {
        let place = place("profile_damaged");
        place.write(&profile()).unwrap();
        let bytes = place.store.read(7).unwrap();
        for index in 0..bytes.len() {
            let mut damaged = bytes.to_vec();
            damaged[index] ^= 4;
            place.store.write(7, &damaged).unwrap();
            assert_eq!(place.read(), None, "byte {index}");
            place.store.write(7, &bytes[..index]).unwrap();
            assert_eq!(place.read(), None, "{index} bytes");
        }
        place.store.clean().unwrap();
    }
}
