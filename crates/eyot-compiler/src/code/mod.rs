//! The code of one function.
//!
//! [`Code`] walks a typed tree once and emits instructions as it goes. What it decides:
//!
//! - where values live: each local has a register of the kind its type asks for, or a cell if closures share it (`locals`); temporaries
//!   are taken and given back like a stack (`registers`);
//! - where an expression's value is wanted ([`Want`]): nowhere, anywhere, in some representation, or in one register; so no value is
//!   moved twice and numbers are boxed only where a tagged word is asked for (`values`);
//! - conditions become jumps, not bools, wherever control follows from them (`conditions`).
//!
//! | file | what |
//! | --- | --- |
//! | `registers`, `assigned`, `values`, `locals` | registers, representations, variables |
//! | `exprs`, `numbers`, `lists`, `conditions`, `types` | expressions |
//! | `calls`, `access`, `objects`, `functions` | calls; members and statics; literals and creations; closures |
//! | `statements`, `loops`, `switches`, `exceptions`, `suspend` | statements |
//! | `members`, `wrappers`, `forwarders` | functions of members; functions nobody wrote: accessors, tear-offs, `noSuchMethod` |

mod access;
mod assigned;
mod calls;
mod conditions;
mod exceptions;
mod exprs;
mod forwarders;
mod functions;
mod inline;
mod lists;
mod locals;
mod loops;
mod members;
mod numbers;
mod objects;
mod registers;
mod statements;
mod suspend;
mod switches;
mod types;
mod values;
mod wrappers;

use std::sync::Arc;

use eyot_bytecode::module as bc;
use eyot_bytecode::{AsmError, Assembler, Label, Op, RawKind, Reg, Rep};
use eyot_semantics::model::{ClassId, FileId, MemberId, World};
use eyot_semantics::program::{Body, ConstId, ConstValue, LocalId};
use eyot_semantics::types::FunctionTy;
use eyot_syntax::Span;
use eyot_syntax::ast::StringText;
use rustc_hash::FxHashMap;

pub(crate) use assigned::NestedSets;
pub(crate) use forwarders::forwarder_function;
pub(crate) use members::member_function;
use registers::{Mark, Registers};
pub(crate) use values::{Val, Want};
pub(crate) use wrappers::role_function;

use crate::captures::Captures;
use crate::devirtual::Subclasses;
use crate::inline::Inlines;
use crate::liveness::forget_dead_registers;
use crate::tables::{Tables, TypeEnv};

/// What all functions of a module share.
pub(crate) struct Shared<'w> {
    pub(crate) tables: Tables<'w>,
    pub(crate) options: crate::Options,
    /// What could not be compiled: file, place, message.
    pub(crate) unsupported: Vec<(FileId, Span, String)>,
    pub(crate) subclasses: Subclasses<'w>,
    /// What stands in place of calls.
    pub(crate) inlines: &'w Inlines<'w>,
}

/// A body with what was found out about it before.
pub(crate) struct Analyzed<'b> {
    pub(crate) body: &'b Body,
    pub(crate) captures: &'b Captures,
    pub(crate) nested_sets: &'b NestedSets,
}

/// Where the function stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The member it belongs to; closures have that of the member around.
    pub(crate) member: MemberId,
    /// The class it is declared in.
    pub(crate) owner: Option<ClassId>,
    pub(crate) file: FileId,
    /// Its name in stack traces.
    pub(crate) name: String,
}

/// Where the function vector is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FunctionVector {
    /// In the first raw register, if there is one.
    Parameter,
    /// In the closure; with `own` the closure's own type arguments, in the first raw register, come behind.
    Closure { own: bool },
}

/// A function under construction.
pub(crate) struct Code<'c, 'w> {
    shared: &'c mut Shared<'w>,
    world: &'w World,
    analyzed: &'c Analyzed<'c>,
    place: Place,
    asm: Assembler,
    registers: Registers,
    locals: FxHashMap<LocalId, locals::Storage>,
    env: TypeEnv,
    function_vector: FunctionVector,
    /// The register of `this`.
    this: Option<Reg>,
    control: Vec<exceptions::Control>,
    /// How the function returns.
    result: Rep,
    /// Where a value waits that is returned through a `finally`.
    returned: Option<Reg>,
    suspended: Option<suspend::Suspended>,
    /// `try` statements and `finally` bodies around.
    try_depth: u32,
    pending_captures: Option<functions::PendingCaptures>,
    /// As what the function literal that comes next will be called.
    expected_function: Option<Box<FunctionTy>>,
    /// Whether the code that is emitted comes from this function's source.
    has_positions: bool,
    /// Length of the code when a label was bound last: control may get there.
    last_bound: usize,
}

impl<'c, 'w> Code<'c, 'w> {
    fn new(shared: &'c mut Shared<'w>, analyzed: &'c Analyzed<'c>, place: Place) -> Self {
        let world = shared.tables.world;
        Code {
            shared,
            world,
            analyzed,
            place,
            asm: Assembler::new(),
            registers: Registers::default(),
            locals: FxHashMap::default(),
            env: TypeEnv::default(),
            function_vector: FunctionVector::Parameter,
            this: None,
            control: Vec::new(),
            result: Rep::Tagged,
            returned: None,
            suspended: None,
            try_depth: 0,
            pending_captures: None,
            expected_function: None,
            has_positions: true,
            last_bound: 0,
        }
    }

    // ---- emitting

    fn op(&mut self, op: Op, regs: &[Reg]) {
        self.asm.op_regs(op, regs);
    }

    /// An instruction with registers a and b and a 16-bit number.
    fn op_imm(&mut self, op: Op, a: Reg, b: Reg, imm: i16) {
        self.asm.op(op, a.field(), b.field(), imm as u16);
    }

    fn op_wide(&mut self, op: Op, a: Reg, wide: u32) {
        self.asm.op_wide(op, a, wide);
    }

    fn bind(&mut self, label: Label) {
        self.last_bound = self.asm.len();
        self.asm.bind(label);
    }

    /// A label bound here.
    fn here(&mut self) -> Label {
        let label = self.asm.label();
        self.bind(label);
        label
    }

    /// Whether control can get to what is emitted next.
    fn is_reachable(&self) -> bool {
        let ended = self.asm.last().is_some_and(|(_, op)| op.is_terminator());
        !ended || self.last_bound == self.asm.len()
    }

    /// What comes next comes from here in the source.
    fn at(&mut self, span: Span) {
        if self.has_positions {
            self.asm.position(span.start);
        }
    }

    // ---- registers

    fn mark(&self) -> Mark {
        self.registers.mark()
    }

    fn release(&mut self, mark: Mark) {
        self.registers.release(mark);
    }

    fn temp(&mut self, rep: Rep) -> Reg {
        self.registers.take(rep)
    }

    fn type_temp(&mut self) -> Reg {
        self.registers.take_raw(RawKind::Type)
    }

    // ---- constants and messages

    fn constant(&mut self, value: ConstValue) -> ConstId {
        self.world.consts.intern(value)
    }

    fn string_constant(&mut self, text: &str) -> ConstId {
        let text = StringText::Utf8(text.into());
        self.constant(ConstValue::String(Arc::new(text)))
    }

    /// Notes what cannot be compiled; the code throws UnsupportedError there.
    fn unsupported(&mut self, span: Span, what: &str) {
        let message = if what.starts_with("not supported yet") {
            what.to_string()
        } else {
            format!("not supported yet: {what}")
        };
        self.at(span);
        self.throw_text("_throwUnsupported", &message);
        self.shared
            .unsupported
            .push((self.place.file, span, message));
    }

    /// Calls a function of dart:core that takes a text and throws.
    fn throw_text(&mut self, function: &str, text: &str) {
        let mark = self.mark();
        let reg = self.temp(Rep::Tagged);
        let id = self.string_constant(text);
        self.load_kept(reg, id);
        match self.core_function("dart:core", function) {
            Some(member) => {
                self.call_member(member, Reg::NONE, &[reg], Want::Effect);
            }
            None => self.op(Op::Throw, &[reg]),
        }
        self.release(mark);
    }

    /// A function at top level of a core library.
    fn core_function(&self, library: &str, name: &str) -> Option<MemberId> {
        crate::core_function(self.world, library, name)
    }

    // ---- end

    /// The finished function; `head` says what it is.
    /// A function whose code is a native: its parameters' registers, and nothing else.
    fn finish_native(self, head: bc::Function) -> bc::Function {
        bc::Function {
            refs: self.registers.refs(),
            raws: self.registers.raws(),
            ..head
        }
    }

    fn finish(mut self, head: bc::Function) -> bc::Function {
        if self.is_reachable() {
            // Control does not get here, but the verifier does not know.
            self.return_default();
        }
        let source = self.shared.tables.source(self.place.file);
        let refs = self.registers.refs();
        let overflow = self.registers.overflow;
        let assembled = match self.asm.finish(refs) {
            Ok(assembled) if !overflow => assembled,
            error => {
                let what = match error {
                    Err(error) => error.to_string(),
                    Ok(_) => AsmError::TooManyRegisters.to_string(),
                };
                let place = self.place.clone();
                let span = self.analyzed.body.function.span;
                return stub(self.shared, place, head, span, &what);
            }
        };
        let mut function = bc::Function {
            refs,
            raws: self.registers.raws(),
            code: assembled.code,
            handlers: assembled.handlers,
            positions: assembled.positions,
            source,
            ..head
        };
        if self.suspended.is_some() {
            forget_dead_registers(&mut function);
        }
        function
    }

    /// Returns something; for places that control does not reach.
    fn return_default(&mut self) {
        match self.result {
            Rep::Tagged => self.op(Op::RetNull, &[]),
            rep => {
                let mark = self.mark();
                let value = self.temp(rep);
                self.zero(value, rep);
                self.release(mark);
                self.return_value(value);
            }
        }
    }

    fn return_value(&mut self, value: Reg) {
        let op = match self.result {
            Rep::Tagged => Op::RetR,
            Rep::Int => Op::RetI,
            Rep::Double => Op::RetD,
            Rep::Bool => Op::RetB,
        };
        self.op(op, &[value]);
    }

    /// Something in a raw register.
    fn zero(&mut self, reg: Reg, rep: Rep) {
        match rep {
            Rep::Tagged => self.op(Op::LdNull, &[reg]),
            Rep::Int => self.op_wide(Op::LdI, reg, 0),
            Rep::Bool => self.op_wide(Op::LdB, reg, 0),
            Rep::Double => self.load_double(reg, 0.0),
        }
    }
}

/// A function with the head of one that cannot be compiled; it throws.
fn stub(
    shared: &mut Shared<'_>,
    place: Place,
    head: bc::Function,
    span: Span,
    what: &str,
) -> bc::Function {
    let body = empty_body(span);
    let captures = Captures::default();
    let nested_sets = NestedSets::default();
    let analyzed = Analyzed {
        body: &body,
        captures: &captures,
        nested_sets: &nested_sets,
    };
    let mut code = Code::new(shared, &analyzed, place);
    code.result = head.result;
    for _ in 0..head.tagged_params() {
        code.temp(Rep::Tagged);
    }
    for kind in head.raw_params() {
        code.registers.take_raw(kind);
    }
    code.unsupported(span, what);
    code.finish(head)
}

/// A body without anything, for functions that nobody wrote.
pub(crate) fn empty_body(span: Span) -> Body {
    use eyot_semantics::model::AsyncMarker;
    use eyot_semantics::program::FunctionNode;
    Body {
        locals: Vec::new(),
        function: FunctionNode {
            type_params: Vec::new(),
            params: Vec::new(),
            result: eyot_semantics::types::Ty::DYNAMIC,
            element: eyot_semantics::types::Ty::DYNAMIC,
            marker: AsyncMarker::Sync,
            body: None,
            native: None,
            span,
        },
        initializers: Vec::new(),
    }
}
