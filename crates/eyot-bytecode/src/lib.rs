//! The contract between compiler and runtime: the instruction set, the image format, the text form both ways, the verifier.
//!
//! - [`for_each_op!`] and [`ops`]: every opcode once, with its operands and meaning.
//! - [`module`]: what an image says.
//! - [`decode`], [`encode`]: instructions as data, and the assembler that writes them.
//! - [`image`]: modules as bytes, read item by item.
//! - [`text`]: modules as readable text, both ways.
//! - [`verify`]: what every module must hold to before it runs.
//! - [`well_known`]: classes and functions of the core known by name.
//!
//! This crate knows neither Dart syntax nor the heap.
#![forbid(unsafe_code)]

pub mod decode;
pub mod encode;
pub mod image;
pub mod module;
pub mod ops;
pub mod text;
pub mod verify;
pub mod well_known;

pub use decode::{DecodeError, ExtData, Insn, insn_len, insns};
pub use encode::{AsmError, Assembled, Assembler, Label, Reg};
pub use module::*;
pub use ops::{Ext, MathFn, NO_REG, Operand};

macro_rules! define_opcodes {
    ($(($name:ident, $text:literal, [$a:ident, $b:ident, $c:ident], $ext:ident, $doc:literal))*) => {
        /// An opcode; numbered by its row in [`for_each_op!`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Op { $(#[doc = $doc] $name),* }

        impl Op {
            /// Every opcode in order.
            pub const ALL: &[Op] = &[$(Op::$name),*];

            /// Its name in the text form.
            pub const fn text(self) -> &'static str { match self { $(Op::$name => $text),* } }

            /// The opcode of this name.
            pub fn from_text(text: &str) -> Option<Op> {
                match text { $($text => Some(Op::$name),)* _ => None }
            }

            /// What its fields a, b and c mean.
            pub const fn operands(self) -> [Operand; 3] {
                match self { $(Op::$name => [Operand::$a, Operand::$b, Operand::$c]),* }
            }

            /// What follows the first word.
            pub const fn ext(self) -> Ext { match self { $(Op::$name => Ext::$ext),* } }
        }
    };
}
for_each_op!(define_opcodes);

impl Op {
    /// The opcode with this number.
    pub fn from_u16(number: u16) -> Option<Op> {
        Op::ALL.get(usize::from(number)).copied()
    }

    /// Hash of the whole table: an image says which instruction set it was written for.
    pub const TABLE_HASH: u64 = {
        let mut hash = image::FNV_START;
        let mut i = 0;
        while i < Op::ALL.len() {
            let op = Op::ALL[i];
            let text = op.text().as_bytes();
            let mut j = 0;
            while j < text.len() {
                hash = image::fnv(hash, text[j]);
                j += 1;
            }
            let operands = op.operands();
            hash = image::fnv(hash, operands[0] as u8);
            hash = image::fnv(hash, operands[1] as u8);
            hash = image::fnv(hash, operands[2] as u8);
            hash = image::fnv(hash, op.ext() as u8);
            i += 1;
        }
        hash
    };
}
