//! Tables by number whose first items come from the core image, each decoded when it is first asked for.
//!
//! A program uses little of the core, so a process that starts decodes that little and nothing that grows with the libraries.
//! [`Arena`] holds declarations, [`Slots`] is what it and the tables of types and constants keep decoded items in.
//!
//! The image is part of the executable: bytes of it that make no sense are a mistake of the build, and end in a panic.

use std::fmt;
use std::ops::{Index, IndexMut};
use std::sync::{Arc, OnceLock};

use crate::serial::CoreSource;

/// Slots of a chunk.
const CHUNK: usize = 32;

type Chunk<T> = Box<[OnceLock<T>; CHUNK]>;

/// A table of which few items are ever made: it takes memory a chunk at a time.
pub(crate) struct Slots<T> {
    chunks: Box<[OnceLock<Chunk<T>>]>,
    len: usize,
}

impl<T> Slots<T> {
    pub(crate) fn new(len: usize) -> Slots<T> {
        Slots {
            chunks: (0..len.div_ceil(CHUNK)).map(|_| OnceLock::new()).collect(),
            len,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The item, made now if nobody has asked for it before.
    #[inline]
    pub(crate) fn get_or_init(&self, index: usize, make: impl FnOnce() -> T) -> &T {
        assert!(index < self.len, "no item {index} among {}", self.len);
        let chunk =
            self.chunks[index / CHUNK].get_or_init(|| Box::new([const { OnceLock::new() }; CHUNK]));
        chunk[index % CHUNK].get_or_init(make)
    }

    /// The item, if it has been made.
    fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.chunks[index / CHUNK].get_mut()?[index % CHUNK].get_mut()
    }
}

/// A table of the core image, decoded item by item.
pub(crate) struct CoreItems<T> {
    slots: Slots<T>,
    source: Arc<CoreSource>,
    decode: fn(&CoreSource, usize) -> T,
}

impl<T> CoreItems<T> {
    pub(crate) fn new(
        len: usize,
        source: Arc<CoreSource>,
        decode: fn(&CoreSource, usize) -> T,
    ) -> CoreItems<T> {
        CoreItems {
            slots: Slots::new(len),
            source,
            decode,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn source(&self) -> &CoreSource {
        &self.source
    }

    #[inline]
    pub(crate) fn get(&self, index: usize) -> &T {
        self.slots
            .get_or_init(index, || (self.decode)(&self.source, index))
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.get(index);
        self.slots.get_mut(index)
    }
}

/// Declarations by number: those of the core, then those of the program.
pub struct Arena<T> {
    core: Option<CoreItems<Box<T>>>,
    /// Number of the first item that is not of the core.
    first_own: usize,
    own: Vec<T>,
}

impl<T> Arena<T> {
    pub(crate) fn of_core(core: CoreItems<Box<T>>) -> Arena<T> {
        Arena {
            first_own: core.len(),
            core: Some(core),
            own: Vec::new(),
        }
    }

    /// How many items there are; numbers count from 0.
    pub fn len(&self) -> usize {
        self.first_own + self.own.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of the first item that does not come from a core image.
    pub fn first_own(&self) -> usize {
        self.first_own
    }

    /// The item with this number.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&T> {
        match index.checked_sub(self.first_own) {
            Some(own) => self.own.get(own),
            None => Some(self.core.as_ref()?.get(index)),
        }
    }

    /// The item with this number, to change.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        match index.checked_sub(self.first_own) {
            Some(own) => self.own.get_mut(own),
            None => Some(self.core.as_mut()?.get_mut(index)?),
        }
    }

    /// Adds an item behind the others.
    pub fn push(&mut self, item: T) {
        self.own.push(item);
    }

    /// All items, which decodes those of the core.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        (0..self.len()).map(|index| &self[index])
    }
}

impl<T> Default for Arena<T> {
    fn default() -> Arena<T> {
        Arena {
            core: None,
            first_own: 0,
            own: Vec::new(),
        }
    }
}

impl<T> FromIterator<T> for Arena<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Arena<T> {
        Arena {
            own: items.into_iter().collect(),
            ..Arena::default()
        }
    }
}

impl<T> Index<usize> for Arena<T> {
    type Output = T;

    #[inline]
    fn index(&self, index: usize) -> &T {
        match self.get(index) {
            Some(item) => item,
            None => panic!("no declaration {index} among {}", self.len()),
        }
    }
}

impl<T> IndexMut<usize> for Arena<T> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        let len = self.len();
        match self.get_mut(index) {
            Some(item) => item,
            None => panic!("no declaration {index} among {len}"),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Arena<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of the core, ", self.first_own)?;
        f.debug_list().entries(&self.own).finish()
    }
}

impl<T> fmt::Debug for CoreItems<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of the core", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_made_once_and_can_be_changed() {
        let mut slots: Slots<String> = Slots::new(70);
        assert_eq!(slots.get_or_init(69, || "a".to_owned()), "a");
        assert_eq!(slots.get_or_init(69, || "b".to_owned()), "a");
        assert_eq!(slots.get_mut(3), None);
        if let Some(text) = slots.get_mut(69) {
            text.push('c');
        }
        assert_eq!(slots.get_or_init(69, String::new), "ac");
    }

    #[test]
    fn an_arena_without_a_core_is_a_list() {
        let mut arena: Arena<u8> = [1, 2].into_iter().collect();
        arena.push(3);
        arena[0] = 7;
        assert_eq!((arena.len(), arena.first_own()), (3, 0));
        assert_eq!(arena.iter().copied().collect::<Vec<u8>>(), [7, 2, 3]);
        assert_eq!(arena.get(3), None);
    }
}
