//! Every instruction on standard error: function, word in its code, opcode, the bits of its registers.

use std::sync::atomic::Ordering;

use eyot_bytecode::Op;

use super::dispatch::Regs;
use super::frame::BOTTOM;
use crate::program::entry::FunctionEntry;

/// Writes a line about the instruction that runs next.
///
/// # Safety
///
/// The registers are those of a running machine in the frame of a Dart function.
pub(crate) unsafe fn instruction(regs: &Regs) {
    // SAFETY: the word before a frame's slots is the address of its function's entry; the machine is live.
    let (entry, machine, opcode) = unsafe {
        let entry = *regs.base.sub(1) as *const FunctionEntry;
        (entry.as_ref(), &*regs.m, *regs.pc.cast::<u16>())
    };
    let Some(entry) = entry.filter(|&entry| !std::ptr::eq(entry, &BOTTOM.0)) else {
        return;
    };
    let at = (regs.pc.addr() - entry.code.load(Ordering::Relaxed).addr()) / 8;
    let name = machine
        .program_ref()
        .modules()
        .string(entry.function().name);
    let text = Op::from_u16(opcode).map_or("prepared", Op::text);
    // SAFETY: the slots of the frame.
    let slots: Vec<String> = (0..entry.frame_words as usize)
        .map(|slot| format!("{:x}", unsafe { *regs.base.add(slot) }))
        .collect();
    eprintln!("{name}#{} +{at} {text} [{}]", entry.id.0, slots.join(" "));
}
