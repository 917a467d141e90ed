//! One instruction as data, read from code words.
//!
//! [`Insn`] is the neutral form between words, text and verifier: the opcode, its three 16-bit fields as encoded, and the
//! extension words taken apart. [`Insn::decode`] accepts exactly the words that [`Insn::encode`](crate::encode) writes: junk in
//! unused fields or padding is an error, so every instruction has one encoding and verified code hides nothing.
//!
//! What the fields mean is said by [`Op::operands`]; whether registers and ids exist is for the verifier.

use std::fmt;

use crate::{Ext, Op, Operand};

/// An instruction. Registers are slot indices, jumps are relative to the instruction's first word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insn {
    /// Opcode.
    pub op: Op,
    /// First field (for a call: the register of the result, or [`NO_REG`](crate::NO_REG)).
    pub a: u16,
    /// Second field.
    pub b: u16,
    /// Third field.
    pub c: u16,
    /// What the extension words say.
    pub ext: ExtData,
}

/// Extension words taken apart, one variant for each way of encoding them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExtData {
    /// No extension words.
    None,
    /// A 64-bit constant.
    Word(u64),
    /// An id of the kind that [`Op::ext`] names: type, vector or class.
    Id(u32),
    /// A class and where to go.
    ClassJump {
        /// Class id.
        class: u32,
        /// Relative jump.
        jump: i32,
    },
    /// The virtual call behind a fast path.
    Slow {
        /// Shape id.
        shape: u32,
        /// Inline cache.
        cache: u32,
    },
    /// A call; the result register is field a.
    Call {
        /// Function or shape id.
        target: u32,
        /// Inline cache; 0 for `call.s`.
        cache: u32,
        /// How many arguments are tagged; those come first.
        nref: u8,
        /// Argument registers.
        args: Vec<u16>,
    },
    /// Captures of a closure.
    Closure {
        /// Function id.
        function: u32,
        /// How many captures are tagged; those come first.
        nref: u16,
        /// Captured registers.
        captures: Vec<u16>,
    },
    /// Fields of a record.
    Record {
        /// Record shape id.
        shape: u32,
        /// Tagged registers.
        fields: Vec<u16>,
    },
    /// Tagged registers; field b holds their number.
    Regs(Vec<u16>),
    /// A jump table.
    Switch {
        /// The value that takes the first jump.
        min: i64,
        /// Relative jumps for `min`, `min + 1` …
        jumps: Vec<i32>,
    },
}

/// Why words are not an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// No such opcode.
    Opcode(u16),
    /// The code ends inside the instruction.
    Truncated(Op),
    /// Unused bits are not zero.
    Junk(Op),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::Opcode(number) => write!(f, "no opcode has the number {number}"),
            DecodeError::Truncated(op) => write!(f, "the code ends inside `{}`", op.text()),
            DecodeError::Junk(op) => write!(f, "unused bits of `{}` are not zero", op.text()),
        }
    }
}

impl std::error::Error for DecodeError {}

/// The 16-bit field number `index` (0 is the opcode) of a first word, or the quarter of an argument word.
pub(crate) fn quarter(word: u64, index: usize) -> u16 {
    (word >> (16 * index)) as u16
}

fn low(word: u64) -> u32 {
    word as u32
}

fn high(word: u64) -> u32 {
    (word >> 32) as u32
}

/// The length in words of the instruction at `at`, from its first two words at most.
pub fn insn_len(code: &[u64], at: usize) -> Result<usize, DecodeError> {
    let Some(&first) = code.get(at) else {
        return Err(DecodeError::Truncated(Op::Nop));
    };
    let number = quarter(first, 0);
    let op = Op::from_u16(number).ok_or(DecodeError::Opcode(number))?;
    let b = usize::from(quarter(first, 2));
    let c = usize::from(quarter(first, 3));
    Ok(match op.ext() {
        Ext::None => 1,
        Ext::Word | Ext::Type | Ext::Targs | Ext::Class | Ext::ClassJump | Ext::Slow => 2,
        Ext::CallStatic | Ext::CallVirtual | Ext::CallClosure | Ext::CallSuper => {
            2 + ((b & 0xff) + (b >> 8)).div_ceil(4)
        }
        Ext::Closure => {
            let word = *code.get(at + 1).ok_or(DecodeError::Truncated(op))?;
            2 + (usize::from(quarter(word, 2)) + usize::from(quarter(word, 3))).div_ceil(4)
        }
        Ext::Record => 2 + b.div_ceil(4),
        Ext::Regs => 1 + b.div_ceil(4),
        Ext::Switch => 2 + (b | c << 16).div_ceil(2),
    })
}

fn unpack_regs(words: &[u64], count: usize) -> Vec<u16> {
    (0..count)
        .map_while(|i| words.get(i / 4).map(|&w| quarter(w, i % 4)))
        .collect()
}

impl Insn {
    /// An instruction of one word.
    pub fn new(op: Op, a: u16, b: u16, c: u16) -> Insn {
        let ext = ExtData::None;
        Insn { op, a, b, c, ext }
    }

    /// Reads the instruction whose first word is `code[at]`; answers it and its length in words.
    pub fn decode(code: &[u64], at: usize) -> Result<(Insn, usize), DecodeError> {
        let len = insn_len(code, at)?;
        let first = code.get(at).copied().unwrap_or_default();
        let op = Op::from_u16(quarter(first, 0)).ok_or(DecodeError::Opcode(quarter(first, 0)))?;
        let words = code
            .get(at..at.saturating_add(len))
            .ok_or(DecodeError::Truncated(op))?;
        let insn = Insn::read(op, words);
        let mut again = Vec::with_capacity(len);
        insn.encode(&mut again);
        if again == words && insn.unused_fields_are_zero() {
            Ok((insn, len))
        } else {
            Err(DecodeError::Junk(op))
        }
    }

    /// Takes complete words apart without looking for junk.
    fn read(op: Op, words: &[u64]) -> Insn {
        let word = |i: usize| words.get(i).copied().unwrap_or_default();
        let [a, b, c] = [1, 2, 3].map(|i| quarter(word(0), i));
        let rest = |from: usize| words.get(from..).unwrap_or_default();
        let ext = match op.ext() {
            Ext::None => ExtData::None,
            Ext::Word => ExtData::Word(word(1)),
            Ext::Type | Ext::Targs | Ext::Class => ExtData::Id(low(word(1))),
            Ext::ClassJump => ExtData::ClassJump {
                class: low(word(1)),
                jump: high(word(1)) as i32,
            },
            Ext::Slow => ExtData::Slow {
                shape: low(word(1)),
                cache: high(word(1)),
            },
            Ext::CallStatic | Ext::CallVirtual | Ext::CallClosure | Ext::CallSuper => {
                let count = usize::from(b & 0xff) + usize::from(b >> 8);
                ExtData::Call {
                    target: low(word(1)),
                    cache: high(word(1)),
                    nref: b as u8,
                    args: unpack_regs(rest(2), count),
                }
            }
            Ext::Closure => {
                let (nref, nraw) = (quarter(word(1), 2), quarter(word(1), 3));
                ExtData::Closure {
                    function: low(word(1)),
                    nref,
                    captures: unpack_regs(rest(2), usize::from(nref) + usize::from(nraw)),
                }
            }
            Ext::Record => ExtData::Record {
                shape: low(word(1)),
                fields: unpack_regs(rest(2), usize::from(b)),
            },
            Ext::Regs => ExtData::Regs(unpack_regs(rest(1), usize::from(b))),
            Ext::Switch => {
                let count = usize::from(b) | usize::from(c) << 16;
                let jump = |i: usize| (word(2 + i / 2) >> (32 * (i % 2))) as u32 as i32;
                ExtData::Switch {
                    min: word(1) as i64,
                    jumps: (0..count).map(jump).collect(),
                }
            }
        };
        Insn { op, a, b, c, ext }
    }

    /// Fields that the table gives no meaning must be zero. Calls use a and b in a way of their own.
    fn unused_fields_are_zero(&self) -> bool {
        let [a, b, c] = self.op.operands();
        let wide = b.is_wide();
        let call = matches!(self.ext, ExtData::Call { .. });
        (a != Operand::None || call || self.a == 0)
            && (b != Operand::None || call || self.b == 0)
            && (c != Operand::None || wide || self.c == 0)
            && (!matches!(self.op.ext(), Ext::CallStatic)
                || !matches!(self.ext, ExtData::Call { cache: 1.., .. }))
    }

    /// Fields b and c as one signed number.
    pub fn imm32(&self) -> i32 {
        self.wide() as i32
    }

    /// Fields b and c as one id.
    pub fn wide(&self) -> u32 {
        u32::from(self.b) | u32::from(self.c) << 16
    }

    /// Field 0, 1 or 2, that is a, b or c.
    pub fn field(&self, index: usize) -> u16 {
        match index {
            0 => self.a,
            1 => self.b,
            _ => self.c,
        }
    }

    /// Every relative jump of the instruction.
    pub fn jumps(&self) -> Vec<i32> {
        let mut jumps = Vec::new();
        for (index, operand) in self.op.operands().into_iter().enumerate() {
            match operand {
                Operand::Jump16 => jumps.push(i32::from(self.field(index) as i16)),
                Operand::Jump32 => jumps.push(self.imm32()),
                _ => {}
            }
        }
        match &self.ext {
            ExtData::ClassJump { jump, .. } => jumps.push(*jump),
            ExtData::Switch { jumps: table, .. } => jumps.extend_from_slice(table),
            _ => {}
        }
        jumps
    }

    /// Whether control never goes on to the next instruction.
    pub fn is_terminator(&self) -> bool {
        self.op.is_terminator()
    }
}

impl Op {
    /// Whether control never goes on to the next instruction.
    pub fn is_terminator(self) -> bool {
        matches!(
            self,
            Op::Jmp
                | Op::RetR
                | Op::RetI
                | Op::RetD
                | Op::RetB
                | Op::RetNull
                | Op::Throw
                | Op::Rethrow
        )
    }
}

impl Operand {
    /// Whether the operand takes fields b and c together.
    pub fn is_wide(self) -> bool {
        matches!(
            self,
            Operand::Imm32
                | Operand::Jump32
                | Operand::Class32
                | Operand::Const32
                | Operand::Static32
                | Operand::Type32
                | Operand::Targs32
                | Operand::Func32
        )
    }

    /// Whether the field is a register (or, for [`Operand::UseTOpt`], may be none).
    pub fn is_register(self) -> bool {
        use Operand::*;
        matches!(
            self,
            DefR | UseR
                | DefI
                | UseI
                | DefD
                | UseD
                | DefB
                | UseB
                | DefT
                | UseT
                | UseTOpt
                | DefW
                | UseW
        )
    }
}

/// Instructions of a function in order, each with the index of its first word. Ends after the first error.
pub struct Insns<'a> {
    code: &'a [u64],
    at: usize,
}

/// Iterates over `code`.
pub fn insns(code: &[u64]) -> Insns<'_> {
    Insns { code, at: 0 }
}

impl Iterator for Insns<'_> {
    type Item = Result<(usize, Insn), DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.code.len() {
            return None;
        }
        let at = self.at;
        match Insn::decode(self.code, at) {
            Ok((insn, len)) => {
                self.at += len;
                Some(Ok((at, insn)))
            }
            Err(error) => {
                self.at = self.code.len();
                Some(Err(error))
            }
        }
    }
}
