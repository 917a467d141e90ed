//! An isolate's open ports and running timers: what it keeps for each, found by number.
//!
//! Most isolates have one port and no timer, and a few have very many; so a table starts as one entry in place and becomes a hash
//! table when there are several.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::native::Kept;
use crate::sched::TimerId;

/// Entries that are looked through one by one.
const FEW: usize = 4;

/// A table from numbers, which the isolate never gives twice.
pub(super) enum Table<V> {
    /// In no order.
    Few(SmallVec<[(u64, V); 1]>),
    /// More than [`FEW`] at some time.
    Many(Box<FxHashMap<u64, V>>),
}

impl<V> Table<V> {
    pub(super) fn new() -> Table<V> {
        Table::Few(SmallVec::new())
    }

    pub(super) fn insert(&mut self, number: u64, value: V) {
        match self {
            Table::Few(few) if few.len() < FEW => few.push((number, value)),
            Table::Few(few) => {
                let mut many: FxHashMap<u64, V> = few.drain(..).collect();
                many.insert(number, value);
                *self = Table::Many(Box::new(many));
            }
            Table::Many(many) => {
                many.insert(number, value);
            }
        }
    }

    #[inline]
    pub(super) fn get(&mut self, number: u64) -> Option<&mut V> {
        match self {
            Table::Few(few) => few
                .iter_mut()
                .find(|(known, _)| *known == number)
                .map(|(_, value)| value),
            Table::Many(many) => many.get_mut(&number),
        }
    }

    pub(super) fn remove(&mut self, number: u64) -> Option<V> {
        match self {
            Table::Few(few) => {
                let index = few.iter().position(|(known, _)| *known == number)?;
                Some(few.swap_remove(index).1)
            }
            Table::Many(many) => {
                let removed = many.remove(&number);
                if many.is_empty() {
                    // An isolate that had much to do keeps nothing of it.
                    *self = Table::new();
                }
                removed
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Table::Few(few) => few.is_empty(),
            Table::Many(many) => many.is_empty(),
        }
    }

    fn drain(&mut self) -> Vec<(u64, V)> {
        match std::mem::replace(self, Table::new()) {
            Table::Few(few) => few.into_vec(),
            Table::Many(many) => many.into_iter().collect(),
        }
    }
}

struct PortEntry {
    object: Kept,
    keeps_alive: bool,
}

/// The open ports.
pub(super) struct Ports {
    table: Table<PortEntry>,
    last: u64,
    /// Ports that keep the isolate alive.
    keeping_alive: u32,
}

impl Ports {
    pub(super) fn new() -> Ports {
        Ports {
            table: Table::new(),
            last: 0,
            keeping_alive: 0,
        }
    }

    /// Opens a port and gives its number.
    pub(super) fn open(&mut self, object: Kept) -> u64 {
        self.last += 1;
        let entry = PortEntry {
            object,
            keeps_alive: true,
        };
        self.table.insert(self.last, entry);
        self.keeping_alive += 1;
        self.last
    }

    /// Closes it, and gives its object.
    pub(super) fn close(&mut self, number: u64) -> Option<Kept> {
        let entry = self.table.remove(number)?;
        self.keeping_alive -= u32::from(entry.keeps_alive);
        Some(entry.object)
    }

    /// The object of a port that is open.
    #[inline]
    pub(super) fn object(&mut self, number: u64) -> Option<Kept> {
        self.table.get(number).map(|entry| entry.object)
    }

    pub(super) fn set_keeps_alive(&mut self, number: u64, keeps_alive: bool) {
        if let Some(entry) = self.table.get(number)
            && entry.keeps_alive != keeps_alive
        {
            entry.keeps_alive = keeps_alive;
            if keeps_alive {
                self.keeping_alive += 1;
            } else {
                self.keeping_alive -= 1;
            }
        }
    }

    /// Whether an open port keeps the isolate alive.
    pub(super) fn keep_alive(&self) -> bool {
        self.keeping_alive > 0
    }
}

/// The running timers; the table is made with the first one.
pub(super) struct RunningTimers(Option<Box<Table<Kept>>>);

impl RunningTimers {
    pub(super) fn new() -> RunningTimers {
        RunningTimers(None)
    }

    pub(super) fn insert(&mut self, id: TimerId, object: Kept) {
        let table = self.0.get_or_insert_with(|| Box::new(Table::new()));
        table.insert(id.0, object);
    }

    pub(super) fn remove(&mut self, id: TimerId) -> Option<Kept> {
        self.0.as_mut()?.remove(id.0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|table| table.is_empty())
    }

    pub(super) fn drain(&mut self) -> impl Iterator<Item = TimerId> {
        let timers = self.0.take().map(|mut table| table.drain());
        let ids = timers.into_iter().flatten();
        ids.map(|(id, _)| TimerId(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_finds_what_is_in_it_at_any_size() {
        let mut table = Table::new();
        for count in [1u64, 3, 4, 5, 100] {
            for number in 0..count {
                table.insert(number, number * 2);
            }
            for number in 0..count {
                assert_eq!(table.get(number).copied(), Some(number * 2));
            }
            assert_eq!(table.get(count), None);
            for number in (0..count).rev() {
                assert_eq!(table.remove(number), Some(number * 2));
                assert_eq!(table.remove(number), None);
            }
            assert!(table.is_empty());
        }
    }

    #[test]
    fn ports_keep_alive_while_they_are_open_and_wanted() {
        let mut ports = Ports::new();
        let one = ports.open(Kept(1));
        let two = ports.open(Kept(2));
        assert_ne!(one, two);
        ports.set_keeps_alive(one, false);
        ports.set_keeps_alive(one, false);
        assert!(ports.keep_alive());
        assert!(ports.close(two).is_some());
        assert!(!ports.keep_alive());
        ports.set_keeps_alive(one, true);
        assert!(ports.keep_alive());
        assert!(ports.close(one).is_some());
        assert!(ports.close(one).is_none());
        assert!(!ports.keep_alive());
    }
}
