//! Tables that threads share without waiting for one another much: each part has a lock of its own.

use std::hash::{BuildHasher, Hash};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxBuildHasher, FxHashMap};

/// Parts of a table.
const PARTS: usize = 32;

/// A value for each part of the hashes there are.
#[derive(Debug)]
pub(crate) struct Sharded<T>([Mutex<T>; PARTS]);

impl<T> Sharded<T> {
    /// The part for a hash, locked.
    pub(crate) fn part(&self, hash: u64) -> MutexGuard<'_, T> {
        // The upper bits: tables inside the parts go by the lower ones.
        let part = &self.0[(hash >> 48) as usize % PARTS];
        part.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Default> Default for Sharded<T> {
    fn default() -> Sharded<T> {
        Sharded(std::array::from_fn(|_| Mutex::default()))
    }
}

/// A map from keys to small values.
#[derive(Debug)]
pub struct SharedMap<K, V>(Sharded<FxHashMap<K, V>>);

impl<K: Hash + Eq, V: Copy> SharedMap<K, V> {
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.0.part(FxBuildHasher.hash_one(key)).get(key).copied()
    }

    pub(crate) fn insert(&self, key: K, value: V) {
        let hash = FxBuildHasher.hash_one(&key);
        self.0.part(hash).insert(key, value);
    }
}

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> SharedMap<K, V> {
        SharedMap(Sharded::default())
    }
}
