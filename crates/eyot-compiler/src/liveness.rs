//! What a suspended frame still needs.
//!
//! A frame that is suspended may rest for long, and what its registers refer to rests with it: lists that the function is done with, arguments of calls
//! that are over. So each `suspend` says which tagged registers hold nothing that is read after the frame is resumed, and these are not
//! saved. That is found out here, on finished code, the usual way: a register is live where some path from there reads it before writing
//! it. Registers beyond the 64th are always saved.

use eyot_bytecode::module::Function;
use eyot_bytecode::{ExtData, Insn, Op, Operand};

/// Tagged registers, a bit each.
type Registers = u64;

/// An instruction as far as it matters here.
struct Step {
    uses: Registers,
    defs: Registers,
    /// Indexes of the instructions that may be next.
    next: Vec<usize>,
    /// Live where its handlers go on: anything may throw.
    handlers: Vec<usize>,
}

/// Completes the `suspend` instructions of a function.
pub fn forget_dead_registers(function: &mut Function) {
    let mut starts = Vec::new();
    let mut insns = Vec::new();
    let mut at = 0;
    while at < function.code.len() {
        let Ok((insn, len)) = Insn::decode(&function.code, at) else {
            return;
        };
        starts.push(at);
        insns.push(insn);
        at += len;
    }
    if insns.iter().all(|insn| insn.op != Op::Suspend) {
        return;
    }
    let index_of = |at: usize| starts.binary_search(&at).ok();
    let steps: Vec<Step> = (0..insns.len())
        .map(|index| step(function, &starts, &insns, index, index_of))
        .collect();
    let handled: Vec<(usize, Registers)> = function
        .handlers
        .iter()
        .map(|handler| {
            let defs = bit(handler.error, function.refs) | bit(handler.trace, function.refs);
            (index_of(handler.target as usize).unwrap_or(0), defs)
        })
        .collect();
    let live = live_before(&steps, &handled);
    let all = match function.refs {
        refs @ 0..64 => (1 << refs) - 1,
        _ => Registers::MAX,
    };
    for (index, insn) in insns.iter().enumerate() {
        let target = insn
            .jumps()
            .first()
            .and_then(|&jump| index_of(starts.get(index)?.checked_add_signed(jump as isize)?));
        if insn.op == Op::Suspend
            && let Some(&needed) = target.and_then(|target| live.get(target))
            && let Some(word) = starts
                .get(index)
                .and_then(|at| function.code.get_mut(at + 1))
        {
            *word = all & !needed;
        }
    }
}

fn bit(register: u16, refs: u16) -> Registers {
    if register < refs.min(64) {
        1 << register
    } else {
        0
    }
}

fn step(
    function: &Function,
    starts: &[usize],
    insns: &[Insn],
    index: usize,
    index_of: impl Fn(usize) -> Option<usize>,
) -> Step {
    let refs = function.refs;
    let (mut step, at) = match (insns.get(index), starts.get(index)) {
        (Some(insn), Some(&at)) => (registers(insn, refs), at),
        _ => return registers(&Insn::new(Op::Nop, 0, 0, 0), refs),
    };
    let insn = &insns[index];
    step.next = insn
        .jumps()
        .into_iter()
        .filter_map(|jump| index_of(at.checked_add_signed(jump as isize)?))
        .collect();
    if !insn.is_terminator() && index + 1 < insns.len() {
        step.next.push(index + 1);
    }
    let covers = |(_, handler): &(usize, &eyot_bytecode::Handler)| {
        (handler.start as usize..handler.end as usize).contains(&at)
    };
    let handlers = function.handlers.iter().enumerate().filter(covers);
    step.handlers = handlers.map(|(index, _)| index).collect();
    step
}

/// What an instruction reads and writes.
fn registers(insn: &Insn, refs: u16) -> Step {
    let (mut uses, mut defs) = (0, 0);
    for (index, operand) in insn.op.operands().into_iter().enumerate() {
        match operand {
            Operand::UseR => uses |= bit(insn.field(index), refs),
            Operand::DefR => defs |= bit(insn.field(index), refs),
            _ => {}
        }
    }
    let listed: &[u16] = match &insn.ext {
        ExtData::Call { args, .. } => args,
        ExtData::Closure { captures, .. } => captures,
        ExtData::Record { fields, .. } => fields,
        ExtData::Regs(registers) => registers,
        _ => &[],
    };
    for &register in listed {
        uses |= bit(register, refs);
    }
    if insn.op.is_call() {
        defs |= bit(insn.a, refs);
    }
    Step {
        uses,
        defs,
        next: Vec::new(),
        handlers: Vec::new(),
    }
}

/// The registers that are live before each instruction.
fn live_before(steps: &[Step], handled: &[(usize, Registers)]) -> Vec<Registers> {
    let mut live = vec![0; steps.len()];
    let get = |live: &[Registers], index: usize| live.get(index).copied().unwrap_or(Registers::MAX);
    loop {
        let mut has_changed = false;
        for (index, step) in steps.iter().enumerate().rev() {
            let after = step
                .next
                .iter()
                .fold(0, |after, &next| after | get(&live, next));
            let thrown = step.handlers.iter().fold(0, |thrown, &handler| {
                let (target, defs) = handled.get(handler).copied().unwrap_or((usize::MAX, 0));
                thrown | get(&live, target) & !defs
            });
            let before = step.uses | after & !step.defs | thrown;
            if live[index] != before {
                live[index] = before;
                has_changed = true;
            }
        }
        if !has_changed {
            return live;
        }
    }
}
