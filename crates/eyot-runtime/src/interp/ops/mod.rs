//! The handlers, one for each opcode, under the opcode's name.
//!
//! All of them follow the rules in [`super::dispatch`]. Inside them every access is unchecked: the verifier has seen to it that
//! registers exist and have the right class, that slots and ids are in range, and that control stays inside the code.

// The one reason for all unsafe code in handlers is given here and in `dispatch`.
#![allow(clippy::undocumented_unsafe_blocks, clippy::missing_safety_doc)]

mod calls;
pub(super) mod control;
mod doubles;
mod fields;
mod ints;
mod jumps;
mod lists;
mod moves;
pub(super) mod strings;
pub(super) mod suspend;
mod tests_of_type;

use super::dispatch::{Handler, OPS};

macro_rules! table {
    ($(($name:ident, $text:literal, [$a:ident, $b:ident, $c:ident], $ext:ident, $doc:literal))*) => {
        /// The handler of each opcode, internal ones behind those of the image.
        pub(super) static TABLE: [Handler; OPS] = {
            use self::{
                calls::*, control::*, doubles::*, fields::*, ints::*, jumps::*, lists::*, moves::*, strings::*,
                suspend::*, tests_of_type::*,
            };
            [
                $(Handler($name)),*,
                Handler(Prepare),
                Handler(NoCode),
                Handler(NativeR),
                Handler(NativeW),
                Handler(NativeRetR),
                Handler(NativeRetW),
                Handler(Halt),
                Handler(NewSuspension),
                Handler(ResumeFrame),
                Handler(CallEquals),
                Handler(GetField),
                Handler(CallSN::<0, 0>),
                Handler(CallSN::<0, 1>),
                Handler(CallSN::<0, 2>),
                Handler(CallSN::<1, 0>),
                Handler(CallSN::<1, 1>),
                Handler(CallSN::<1, 2>),
                Handler(CallSN::<2, 0>),
                Handler(CallSN::<2, 1>),
                Handler(CallSN::<2, 2>),
                Handler(CallVN::<1, 0>),
                Handler(CallVN::<1, 1>),
                Handler(CallVN::<1, 2>),
                Handler(CallVN::<2, 0>),
                Handler(CallVN::<2, 1>),
                Handler(CallVN::<2, 2>),
                Handler(CallVN::<3, 0>),
                Handler(CallVN::<3, 1>),
                Handler(CallVN::<3, 2>),
                Handler(CallCN::<1, 0>),
                Handler(CallCN::<1, 1>),
                Handler(CallCN::<1, 2>),
                Handler(CallCN::<2, 0>),
                Handler(CallCN::<2, 1>),
                Handler(CallCN::<2, 2>),
                Handler(CallCN::<3, 0>),
                Handler(CallCN::<3, 1>),
                Handler(CallCN::<3, 2>),
            ]
        };
    };
}
eyot_bytecode::for_each_op!(table);
