//! Which registers are in use.
//!
//! Registers are taken and given back like a stack: [`Registers::mark`] before a construct, [`Registers::release`] after it. Tagged
//! ones and the kinds of raw ones are counted apart, since a raw register keeps its kind for the whole function.

use eyot_bytecode::encode::MAX_REGS;
use eyot_bytecode::{RawKind, Reg, Rep};

/// The registers of a function under construction.
#[derive(Debug, Default)]
pub(super) struct Registers {
    refs: u16,
    raws: Vec<RawKind>,
    free_refs: Vec<Reg>,
    free_raws: Vec<(RawKind, Reg)>,
    /// In the order in which they were taken.
    in_use: Vec<Reg>,
    /// More were asked for than there are.
    pub(super) overflow: bool,
}

/// A point to which registers can be given back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark(usize);

impl Registers {
    /// A register for values in this representation.
    pub(super) fn take(&mut self, rep: Rep) -> Reg {
        match rep.raw_kind() {
            Some(kind) => self.take_raw(kind),
            None => self.take_ref(),
        }
    }

    fn take_ref(&mut self) -> Reg {
        let reg = self.free_refs.pop().unwrap_or_else(|| {
            self.overflow |= self.refs >= MAX_REGS - 1;
            let reg = Reg::tagged(self.refs);
            self.refs = (self.refs + 1).min(MAX_REGS - 1);
            reg
        });
        self.in_use.push(reg);
        reg
    }

    /// A raw register of a kind.
    pub(super) fn take_raw(&mut self, kind: RawKind) -> Reg {
        let free = self.free_raws.iter().rposition(|&(free, _)| free == kind);
        let reg = match free {
            Some(index) => self.free_raws.remove(index).1,
            None => self.new_raw(kind),
        };
        self.in_use.push(reg);
        reg
    }

    fn new_raw(&mut self, kind: RawKind) -> Reg {
        if self.raws.len() >= usize::from(MAX_REGS - 1) {
            self.overflow = true;
            return Reg::raw(0);
        }
        self.raws.push(kind);
        Reg::raw(self.raws.len() as u16 - 1)
    }

    pub(super) fn mark(&self) -> Mark {
        Mark(self.in_use.len())
    }

    /// Gives back what was taken since the mark.
    pub(super) fn release(&mut self, mark: Mark) {
        while self.in_use.len() > mark.0 {
            let Some(reg) = self.in_use.pop() else { return };
            if reg.is_raw() {
                let kind = self.raws.get(usize::from(reg.index())).copied();
                self.free_raws.extend(kind.map(|kind| (kind, reg)));
            } else {
                self.free_refs.push(reg);
            }
        }
    }

    /// Number of tagged registers.
    pub(super) fn refs(&self) -> u16 {
        self.refs
    }

    /// Kinds of the raw ones.
    pub(super) fn raws(self) -> Vec<RawKind> {
        self.raws
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn released_registers_come_back_with_their_kind() {
        let mut registers = Registers::default();
        let mark = registers.mark();
        let int = registers.take(Rep::Int);
        let double = registers.take(Rep::Double);
        registers.release(mark);
        assert_eq!(registers.take(Rep::Double), double);
        assert_eq!(registers.take(Rep::Int), int);
        assert_ne!(registers.take(Rep::Int), int);
        assert_eq!(registers.take(Rep::Tagged), Reg::tagged(0));
    }
}
