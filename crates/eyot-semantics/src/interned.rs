//! Values that live as long as the process, each once.
//!
//! Types and constants are handed out as `&'static` references, which keeps the walks over a program free of borrows. A process may
//! analyse many programs (`Isolate.spawnUri`), and most of what they have is the core's or the same program's once more: so all
//! programs share one copy of each value, and only what no program had before takes memory.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::sharded::Sharded;

/// The values, by hash.
pub(crate) struct Interned<V: 'static>(OnceLock<Sharded<FxHashMap<u64, Vec<&'static V>>>>);

impl<V: PartialEq> Interned<V> {
    pub(crate) const fn new() -> Interned<V> {
        Interned(OnceLock::new())
    }

    /// The one copy of a value; equal values come with equal hashes.
    pub(crate) fn keep(&self, hash: u64, value: V) -> &'static V {
        let mut table = self.0.get_or_init(Sharded::default).part(hash);
        let bucket = table.entry(hash).or_default();
        if let Some(kept) = bucket.iter().find(|kept| ***kept == value) {
            return kept;
        }
        let kept = &*Box::leak(Box::new(value));
        bucket.push(kept);
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_kept_once() {
        static TEXTS: Interned<String> = Interned::new();
        let first = TEXTS.keep(1, "a".to_owned());
        assert!(std::ptr::eq(first, TEXTS.keep(1, "a".to_owned())));
        assert_eq!(TEXTS.keep(1, "b".to_owned()), "b");
    }
}
