//! Parts of a heap that most heaps do not have: a word each, until something is put there.

use std::ops::{Deref, DerefMut};

use super::old::OldSpace;

/// A part that is blank in most heaps. Who changes it makes it; so where there may be nothing to change, [`Scarce::get_mut`] looks first.
pub(super) struct Scarce<T>(Option<Box<T>>);

/// What can be blank.
pub(super) trait Blank: Sized + 'static {
    /// The blank one, to look at.
    const BLANK: &'static Self;

    /// Another.
    fn blank() -> Self;

    fn is_blank(&self) -> bool;
}

impl<T: 'static> Blank for Vec<T> {
    const BLANK: &'static Vec<T> = &Vec::new();

    fn blank() -> Vec<T> {
        Vec::new()
    }

    fn is_blank(&self) -> bool {
        self.capacity() == 0
    }
}

impl Blank for OldSpace {
    const BLANK: &'static OldSpace = &OldSpace::new();

    fn blank() -> OldSpace {
        OldSpace::new()
    }

    fn is_blank(&self) -> bool {
        self.blocks.is_empty() && self.large.is_empty()
    }
}

impl<T: Blank> Scarce<T> {
    /// Blank.
    pub(super) const NONE: Scarce<T> = Scarce(None);

    /// The part, if there is any.
    #[inline]
    pub(super) fn get_mut(&mut self) -> Option<&mut T> {
        self.0.as_deref_mut()
    }

    /// Takes the part out.
    pub(super) fn take(&mut self) -> T {
        self.0.take().map_or_else(T::blank, |part| *part)
    }

    /// Puts a part in place of what is there.
    pub(super) fn put(&mut self, part: T) {
        match &mut self.0 {
            _ if part.is_blank() => self.0 = None,
            Some(place) => **place = part,
            None => self.0 = Some(Box::new(part)),
        }
    }
}

impl<T> Scarce<Vec<T>> {
    /// Gives memory back that is not needed.
    pub(super) fn shrink(&mut self) {
        match &mut self.0 {
            Some(list) if list.is_empty() => self.0 = None,
            Some(list) => list.shrink_to_fit(),
            None => {}
        }
    }
}

impl<T: Blank> Deref for Scarce<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::BLANK)
    }
}

impl<T: Blank> DerefMut for Scarce<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_with(|| Box::new(T::blank()))
    }
}
