//! What is known of all variables at a point, in pieces that states share.
//!
//! Every branch takes a copy of the state and changes an entry or two. Copies share the pieces that neither has changed, so
//! neither a copy nor a join takes time for each variable of a large function.

use std::rc::Rc;

use super::{NEW_VAR, VarState};

/// Entries of a piece.
const PIECE: usize = 64;

/// The entries by variable; those behind the end are of variables that were declared later, and new.
#[derive(Clone, Debug, Default)]
pub(super) struct Vars {
    pieces: Vec<Rc<Vec<VarState>>>,
}

impl Vars {
    pub(super) fn get(&self, index: usize) -> VarState {
        let piece = self.pieces.get(index / PIECE);
        let entry = piece.and_then(|piece| piece.get(index % PIECE));
        entry.copied().unwrap_or(NEW_VAR)
    }

    /// The entry, to change.
    pub(super) fn entry(&mut self, index: usize) -> &mut VarState {
        let (at, offset) = (index / PIECE, index % PIECE);
        if self.pieces.len() <= at {
            self.pieces.resize_with(at + 1, Rc::default);
        }
        let piece = Rc::make_mut(&mut self.pieces[at]);
        if piece.len() <= offset {
            piece.resize(offset + 1, NEW_VAR);
        }
        &mut piece[offset]
    }

    /// Joins the entries of two states where they differ.
    pub(super) fn join(
        a: Vars,
        b: Vars,
        mut join: impl FnMut(VarState, VarState) -> VarState,
    ) -> Vars {
        let is_swapped = a.pieces.len() < b.pieces.len();
        let (mut longer, shorter) = if is_swapped { (b, a) } else { (a, b) };
        let empty = Rc::default();
        for (index, piece) in longer.pieces.iter_mut().enumerate() {
            let other = shorter.pieces.get(index).unwrap_or(&empty);
            if Rc::ptr_eq(piece, other) {
                continue;
            }
            let len = piece.len().max(other.len());
            let at =
                |piece: &[VarState], index: usize| piece.get(index).copied().unwrap_or(NEW_VAR);
            let joined = (0..len).map(|index| {
                let (x, y) = (at(piece, index), at(other, index));
                if is_swapped { join(y, x) } else { join(x, y) }
            });
            *piece = Rc::new(joined.collect());
        }
        longer
    }

    /// Changes the entries where another state differs, knowing both.
    pub(super) fn update(&mut self, other: &Vars, mut change: impl FnMut(&mut VarState, VarState)) {
        if self.pieces.len() < other.pieces.len() {
            self.pieces.resize_with(other.pieces.len(), Rc::default);
        }
        for (own, theirs) in self.pieces.iter_mut().zip(&other.pieces) {
            if !Rc::ptr_eq(own, theirs) {
                let own = Rc::make_mut(own);
                own.resize(own.len().max(theirs.len()), NEW_VAR);
                let pairs = own.iter_mut().zip(theirs.iter());
                pairs.for_each(|(own, theirs)| change(own, *theirs));
            }
        }
    }
}

impl PartialEq for Vars {
    fn eq(&self, other: &Vars) -> bool {
        let len = self.pieces.len().max(other.pieces.len()) * PIECE;
        (0..len).all(|index| self.get(index) == other.get(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(vars: &Vars, index: usize) -> u32 {
        vars.get(index).version
    }

    #[test]
    fn copies_share_until_they_change() {
        let mut one = Vars::default();
        one.entry(3).version = 7;
        one.entry(200).version = 8;
        let mut other = one.clone();
        other.entry(3).version = 9;
        assert_eq!((version(&one, 3), version(&other, 3)), (7, 9));
        assert!(Rc::ptr_eq(&one.pieces[3], &other.pieces[3]));
        assert_eq!(one.get(1000), NEW_VAR);
        assert!(one != other && one == one.clone());
    }

    #[test]
    fn only_what_differs_is_joined() {
        let mut one = Vars::default();
        one.entry(70).version = 1;
        let mut other = one.clone();
        other.entry(300).version = 5;
        let mut seen = Vec::new();
        let joined = Vars::join(one, other, |a, b| {
            seen.push((a.version, b.version));
            if a.version > b.version { a } else { b }
        });
        assert!(seen.iter().all(|pair| *pair != (1, 1)));
        assert_eq!((version(&joined, 70), version(&joined, 300)), (1, 5));
    }
}
