//! Code of one function, from text.
//!
//! Registers need no declaration: how many there are and what kind each raw one has follows from the code, unless
//! `regs` says it, and then nothing is checked here (that is the verifier's work).

use rustc_hash::FxHashMap;

use super::lexer::Tok;
use super::parse::{Parsed, Parser};
use super::slow_shape;
use crate::{
    Assembler, Ext, ExtData, Function, Insn, Label, MathFn, Op, Operand, RawKind, RecordShape, Reg,
    Rep, Shape,
};

pub(super) struct BodyParser<'p, 'c> {
    p: &'p mut Parser<'c>,
    function: &'p mut Function,
    asm: Assembler,
    labels: FxHashMap<String, Label>,
    /// Whether registers are declared.
    declared: bool,
    refs: u16,
    raws: Vec<Option<RawKind>>,
}

/// A register as written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    Absent,
    Tagged(u16),
    Raw(RawKind, u16),
}

impl Written {
    fn reg(self) -> Reg {
        match self {
            Written::Absent => Reg::NONE,
            Written::Tagged(index) => Reg::tagged(index),
            Written::Raw(_, index) => Reg::raw(index),
        }
    }

    fn rep(self) -> Option<Rep> {
        match self {
            Written::Absent | Written::Raw(RawKind::Type, _) => None,
            Written::Tagged(_) => Some(Rep::Tagged),
            Written::Raw(RawKind::Int, _) => Some(Rep::Int),
            Written::Raw(RawKind::Double, _) => Some(Rep::Double),
            Written::Raw(RawKind::Bool, _) => Some(Rep::Bool),
        }
    }
}

/// Reads `r3`, `i0` and the like.
fn register(name: &str) -> Option<Written> {
    if name == "_" {
        return Some(Written::Absent);
    }
    let mut chars = name.chars();
    let letter = chars.next()?;
    let digits = chars.as_str();
    if !digits.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let index: u16 = digits.parse().ok()?;
    if index >= crate::encode::MAX_REGS {
        return None;
    }
    Some(match letter {
        'r' => Written::Tagged(index),
        'i' => Written::Raw(RawKind::Int, index),
        'd' => Written::Raw(RawKind::Double, index),
        'b' => Written::Raw(RawKind::Bool, index),
        't' => Written::Raw(RawKind::Type, index),
        _ => return None,
    })
}

impl<'p, 'c> BodyParser<'p, 'c> {
    pub(super) fn new(p: &'p mut Parser<'c>, function: &'p mut Function) -> Self {
        let declared = function.refs != u16::MAX;
        let raws = function.raw_params().into_iter().map(Some).collect();
        BodyParser {
            refs: function.tagged_params() as u16,
            p,
            function,
            asm: Assembler::new(),
            labels: FxHashMap::default(),
            declared,
            raws,
        }
    }

    /// Reads the code in braces.
    pub(super) fn parse(mut self) -> Parsed<()> {
        self.p.expect('{')?;
        while !self.p.eat('}') {
            self.line()?;
            if !self.p.at_line_start() && !self.p.is('}') {
                return self.p.expected("the end of the line");
            }
        }
        if !self.declared {
            self.function.refs = self.refs;
            let raws = self.raws.iter();
            self.function.raws = raws.map(|kind| kind.unwrap_or(RawKind::Int)).collect();
        }
        let unbound: Vec<&String> = self
            .labels
            .iter()
            .filter(|&(_, &label)| !self.asm.is_bound(label))
            .map(|(name, _)| name)
            .collect();
        if let Some(name) = unbound.into_iter().min() {
            let name = name.clone();
            self.p.at -= 1;
            return self
                .p
                .error(format!("the label `{name}` is nowhere in the code"));
        }
        match self.asm.finish(self.function.refs) {
            Ok(assembled) => {
                self.function.code = assembled.code;
                self.function.handlers = assembled.handlers;
                self.function.positions = assembled.positions;
                Ok(())
            }
            Err(error) => self.p.error(error.to_string()),
        }
    }

    fn line(&mut self) -> Parsed<()> {
        let Tok::Name(word) = self.p.peek().clone() else {
            return self.p.expected("an instruction, a label or `}`");
        };
        self.p.at += 1;
        if self.p.eat(':') {
            let label = self.label_named(&word);
            if self.asm.is_bound(label) {
                return self.p.error(format!("the label `{word}` is here twice"));
            }
            self.asm.bind(label);
            return Ok(());
        }
        match word.as_str() {
            "try" => self.handler(),
            "word" => {
                while !self.p.at_line_start() && matches!(self.p.peek(), Tok::Int(_)) {
                    let word = self.p.number()?;
                    self.asm.word(word);
                }
                Ok(())
            }
            "position" => {
                let (at, offset) = (self.p.number()?, self.p.number()?);
                self.asm.position_exact(at, offset);
                Ok(())
            }
            text => match Op::from_text(text) {
                Some(op) => self.insn(op),
                None => {
                    self.p.at -= 1;
                    self.p.expected("an instruction, a label or `}`")
                }
            },
        }
    }

    fn label_named(&mut self, name: &str) -> Label {
        if let Some(&label) = self.labels.get(name) {
            return label;
        }
        let label = self.asm.label();
        self.labels.insert(name.to_string(), label);
        label
    }

    /// A label, or the address of a word.
    fn place(&mut self) -> Parsed<Label> {
        match self.p.peek().clone() {
            Tok::Name(name) => {
                self.p.at += 1;
                Ok(self.label_named(&name))
            }
            Tok::Int(_) => {
                let at = self.p.number()?;
                Ok(self.asm.label_at(at))
            }
            _ => self.p.expected("a label"),
        }
    }

    /// `try L0 to L1 catch L2 (r1, r2)`
    fn handler(&mut self) -> Parsed<()> {
        let start = self.place()?;
        self.p.expect_word("to")?;
        let end = self.place()?;
        self.p.expect_word("catch")?;
        let target = self.place()?;
        self.p.expect('(')?;
        let error = self.any_register()?.reg();
        self.p.expect(',')?;
        let trace = self.any_register()?.reg();
        self.p.expect(')')?;
        self.asm.handler(start, end, target, error, trace);
        Ok(())
    }

    // ---- registers

    fn any_register(&mut self) -> Parsed<Written> {
        let found = match self.p.peek() {
            Tok::Name(name) => register(name),
            _ => None,
        };
        let Some(written) = found else {
            return self.p.expected("a register");
        };
        self.note(written)?;
        self.p.at += 1;
        Ok(written)
    }

    /// Makes the register exist, with the kind it is used in.
    fn note(&mut self, written: Written) -> Parsed<()> {
        match written {
            Written::Absent => {}
            Written::Tagged(index) => self.refs = self.refs.max(index + 1),
            Written::Raw(kind, index) => {
                let index = usize::from(index);
                if self.raws.len() <= index {
                    self.raws.resize(index + 1, None);
                }
                let known = self.raws.get_mut(index).and_then(|slot| {
                    let known = *slot;
                    *slot = Some(kind);
                    known
                });
                if known.is_some_and(|known| known != kind) && !self.declared {
                    let known = known.map_or(' ', super::raw_letter);
                    let message = format!("raw register {index} is `{known}{index}` elsewhere");
                    return self.p.error(message);
                }
            }
        }
        Ok(())
    }

    fn register_of(&mut self, operand: Operand) -> Parsed<u16> {
        use Operand::*;
        let (fits, what): (fn(Written) -> bool, _) = match operand {
            DefR | UseR => (
                |w| matches!(w, Written::Tagged(_)),
                "a tagged register (`r0`)",
            ),
            DefI | UseI => (
                |w| matches!(w, Written::Raw(RawKind::Int, _)),
                "an integer register (`i0`)",
            ),
            DefD | UseD => (
                |w| matches!(w, Written::Raw(RawKind::Double, _)),
                "a double register (`d0`)",
            ),
            DefB | UseB => (
                |w| matches!(w, Written::Raw(RawKind::Bool, _)),
                "a bool register (`b0`)",
            ),
            DefT | UseT => (
                |w| matches!(w, Written::Raw(RawKind::Type, _)),
                "a type register (`t0`)",
            ),
            UseTOpt => (
                |w| matches!(w, Written::Raw(RawKind::Type, _) | Written::Absent),
                "a type register (`t0`) or `_`",
            ),
            _ => (
                |w| matches!(w, Written::Raw(..)),
                "a raw register (`i0`, `d0`, `b0`, `t0`)",
            ),
        };
        let found = match self.p.peek() {
            Tok::Name(name) => register(name).filter(|&written| fits(written)),
            _ => Option::None,
        };
        if found.is_none() {
            return self.p.expected(what);
        }
        Ok(self.any_register()?.reg().field())
    }

    fn tagged_list(&mut self) -> Parsed<Vec<u16>> {
        self.p.expect('(')?;
        let mut regs = Vec::new();
        while !self.p.eat(')') {
            regs.push(self.register_of(Operand::UseR)?);
            self.comma_or(')')?;
        }
        Ok(regs)
    }

    fn comma_or(&mut self, close: char) -> Parsed<()> {
        if self.p.eat(',') || self.p.is(close) {
            Ok(())
        } else {
            self.p.expected(&format!("`,` or `{close}`"))
        }
    }

    /// Registers in parentheses, tagged ones first, and how many those are.
    fn mixed_list(&mut self) -> Parsed<(usize, Vec<u16>)> {
        self.p.expect('(')?;
        let (mut tagged, mut raw) = (Vec::new(), Vec::new());
        while !self.p.eat(')') {
            match self.any_register()? {
                Written::Absent => return self.p.expected("a register before this"),
                Written::Tagged(index) => tagged.push(Reg::tagged(index).field()),
                Written::Raw(_, index) => raw.push(Reg::raw(index).field()),
            }
            self.comma_or(')')?;
        }
        let nref = tagged.len();
        tagged.extend(raw);
        Ok((nref, tagged))
    }

    // ---- instructions

    fn insn(&mut self, op: Op) -> Parsed<()> {
        // The position stands behind the operands but names the first word.
        let before = self.asm.len() as u32;
        if op.is_call() {
            self.call(op)?;
        } else {
            self.plain(op)?;
        }
        if !self.p.at_line_start() && self.p.eat_word("at") {
            let offset = self.p.number()?;
            self.asm.position_exact(before, offset);
        }
        Ok(())
    }

    fn plain(&mut self, op: Op) -> Parsed<()> {
        let mut insn = Insn::new(op, 0, 0, 0);
        let mut label = None;
        let mut first = true;
        let counted = matches!(op.ext(), Ext::Regs | Ext::Record | Ext::Switch);
        for (index, operand) in op.operands().into_iter().enumerate() {
            if operand == Operand::None || counted && index > 0 {
                continue;
            }
            if !std::mem::take(&mut first) {
                self.p.expect(',')?;
            }
            match operand {
                Operand::Jump16 | Operand::Jump32 => match self.jump()? {
                    Ok(found) => label = Some(found),
                    Err(distance) => set(&mut insn, index, operand, distance as u32),
                },
                operand => {
                    let value = self.operand(operand)?;
                    set(&mut insn, index, operand, value);
                }
            }
        }
        match op.ext() {
            Ext::None => {
                match label {
                    None => self.asm.emit(&insn),
                    Some(label) if op.operands()[2] == Operand::Jump16 => {
                        self.asm
                            .compare_jump(op, Reg::from_field(insn.a), insn.b, label);
                    }
                    Some(label) => self.asm.jump(op, Reg::from_field(insn.a), label),
                }
                Ok(())
            }
            Ext::Slow => {
                let shape = if self.p.eat(',') {
                    self.shape_by_id()?
                } else {
                    let shape = slow_shape(op, |name| Some(self.p.intern_str(name)));
                    match shape {
                        Some(shape) => self.p.shape_id(shape).0,
                        None => return self.p.expected("`,` and a shape"),
                    }
                };
                let cache = self.cache()?;
                insn.ext = ExtData::Slow { shape, cache };
                self.asm.emit(&insn);
                Ok(())
            }
            ext => {
                if !first {
                    self.p.expect(',')?;
                }
                if let (Some(label), Ext::Word) = (label, ext) {
                    let forgotten: i64 = self.p.number()?;
                    let suspension = Reg::from_field(insn.a);
                    self.asm.suspend(suspension, label, forgotten as u64);
                    return Ok(());
                }
                self.extended(insn, ext)
            }
        }
    }

    /// An instruction whose extension words follow its operands.
    fn extended(&mut self, mut insn: Insn, ext: Ext) -> Parsed<()> {
        insn.ext = match ext {
            Ext::Word if insn.op == Op::LdD => ExtData::Word(self.double()?),
            Ext::Word => {
                let value: i64 = self.p.number()?;
                ExtData::Word(value as u64)
            }
            Ext::Type => ExtData::Id(self.p.ty()?.0),
            Ext::Targs => ExtData::Id(self.p.targs()?.0),
            Ext::Class => ExtData::Id(self.p.class_ref()?.0),
            Ext::ClassJump => {
                let class = self.p.class_ref()?.0;
                self.p.expect(',')?;
                match self.jump()? {
                    Ok(label) => {
                        self.asm
                            .class_jump(insn.op, Reg::from_field(insn.a), class, label);
                        return Ok(());
                    }
                    Err(jump) => ExtData::ClassJump { class, jump },
                }
            }
            Ext::Closure => {
                let function = self.p.function_ref()?.0;
                let (nref, captures) = self.mixed_list()?;
                ExtData::Closure {
                    function,
                    nref: nref as u16,
                    captures,
                }
            }
            Ext::Record => self.record()?,
            Ext::Regs => ExtData::Regs(self.tagged_list()?),
            Ext::Switch => return self.switch(insn),
            _ => return self.p.expected("another instruction before this"),
        };
        self.asm.emit(&insn);
        Ok(())
    }

    fn switch(&mut self, insn: Insn) -> Parsed<()> {
        let min: i64 = self.p.number()?;
        self.p.expect(',')?;
        self.p.expect('[')?;
        let mut targets = Vec::new();
        while !self.p.eat(']') {
            let at = self.asm.len();
            targets.push(match self.jump()? {
                Ok(label) => label,
                Err(jump) => {
                    let target = at.saturating_add_signed(jump as isize);
                    self.asm.label_at(target as u32)
                }
            });
            self.comma_or(']')?;
        }
        self.asm.switch(Reg::from_field(insn.a), min, &targets);
        Ok(())
    }

    /// A label, or a distance in words.
    fn jump(&mut self) -> Parsed<Result<Label, i32>> {
        match self.p.peek() {
            Tok::Int(_) => Ok(Err(self.p.number()?)),
            Tok::Name(_) => Ok(Ok(self.place()?)),
            _ => self.p.expected("a label"),
        }
    }

    fn double(&mut self) -> Parsed<u64> {
        match *self.p.peek() {
            Tok::Float(value) => {
                self.p.at += 1;
                Ok(value.to_bits())
            }
            Tok::Int(value) => {
                self.p.at += 1;
                Ok((value as f64).to_bits())
            }
            _ => {
                self.p.expect_word("double")?;
                self.p.expect('(')?;
                let bits = self.p.number()?;
                self.p.expect(')')?;
                Ok(bits)
            }
        }
    }

    fn operand(&mut self, operand: Operand) -> Parsed<u32> {
        use Operand::*;
        Ok(match operand {
            None | Jump16 | Jump32 => 0,
            Imm16 => u32::from(self.p.number::<i16>()? as u16),
            Imm32 => self.p.number::<i32>()? as u32,
            SlotR | SlotW => self.slot(operand)?,
            Class32 => self.p.class_ref()?.0,
            Const32 => self.p.constant()?.0,
            Static32 => self.p.static_ref()?.0,
            Type32 => self.p.ty()?.0,
            Targs32 => self.p.targs()?.0,
            Func32 => self.p.function_ref()?.0,
            MathFn => self.math_function()?,
            register => u32::from(self.register_of(register)?),
        })
    }

    fn slot(&mut self, operand: Operand) -> Parsed<u32> {
        let Tok::Name(path) = self.p.peek().clone() else {
            return Ok(u32::from(self.p.number::<u16>()?));
        };
        let Some((slot, rep)) = self.p.field_slot(&path) else {
            return self.p.error(format!("there is no field `{path}`"));
        };
        if (rep == Rep::Tagged) != (operand == Operand::SlotR) {
            let kind = if rep == Rep::Tagged { "tagged" } else { "raw" };
            return self.p.error(format!("`{path}` is a {kind} field"));
        }
        self.p.at += 1;
        Ok(u32::from(slot))
    }

    fn math_function(&mut self) -> Parsed<u32> {
        let Tok::Name(name) = self.p.peek().clone() else {
            return Ok(u32::from(self.p.number::<u16>()?));
        };
        match MathFn::ALL.iter().find(|function| function.text() == name) {
            Some(&function) => {
                self.p.at += 1;
                Ok(function as u32)
            }
            None => self.p.expected("a function of doubles"),
        }
    }

    /// `(r1, x: r2)` or `%q0(r1, r2)`
    fn record(&mut self) -> Parsed<ExtData> {
        if matches!(self.p.peek(), Tok::Ref('q', ..)) {
            let shape = self.p.record_shape()?.0;
            let fields = self.tagged_list()?;
            return Ok(ExtData::Record { shape, fields });
        }
        self.p.expect('(')?;
        let (mut fields, mut named) = (Vec::new(), Vec::new());
        while !self.p.eat(')') {
            if let Some(name) = self.argument_name()? {
                named.push(name);
            }
            fields.push(self.register_of(Operand::UseR)?);
            self.comma_or(')')?;
        }
        let positional = (fields.len() - named.len()) as u16;
        let shape = RecordShape { positional, named };
        let shape = self.p.record_shapes.intern_value(shape);
        Ok(ExtData::Record { shape, fields })
    }

    /// `name:` before an argument.
    fn argument_name(&mut self) -> Parsed<Option<crate::StrId>> {
        let before = self.p.at;
        if matches!(
            self.p.peek(),
            Tok::Name(_) | Tok::Quoted(_) | Tok::Ref('s', ..)
        ) {
            self.p.at += 1;
            let named = self.p.is(':');
            self.p.at = before;
            if named {
                let name = self.p.name()?;
                self.p.expect(':')?;
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    fn shape_by_id(&mut self) -> Parsed<u32> {
        match *self.p.peek() {
            Tok::Ref('h', id, _) => {
                self.p.at += 1;
                Ok(id)
            }
            _ => self.p.expected("a shape's id like `%h0`"),
        }
    }

    /// `!7`, or the next free inline cache.
    fn cache(&mut self) -> Parsed<u32> {
        if self.p.eat('!') {
            let cache: u32 = self.p.number()?;
            self.p.caches_end = self.p.caches_end.max(cache.saturating_add(1));
            return Ok(cache);
        }
        let cache = self.p.next_cache;
        self.p.next_cache += 1;
        Ok(cache)
    }

    fn call(&mut self, op: Op) -> Parsed<()> {
        let dst = match self.p.peek() {
            Tok::Name(name) if register(name).is_some() => {
                let dst = self.any_register()?;
                self.p.expect('=')?;
                dst
            }
            _ => Written::Absent,
        };
        let (target, nref, args) = if op == Op::CallS {
            let function = self.p.function_ref()?.0;
            let (nref, args) = self.mixed_list()?;
            (function, nref, args)
        } else if matches!(self.p.peek(), Tok::Ref('h', ..)) {
            let shape = self.shape_by_id()?;
            let (nref, args) = self.mixed_list()?;
            (shape, nref, args)
        } else {
            self.shaped_arguments(dst)?
        };
        if nref > 255 || args.len() - nref > 255 {
            return self
                .p
                .error("a call cannot have more than 255 arguments of a kind");
        }
        let cache = if op == Op::CallS { 0 } else { self.cache()? };
        let ext = ExtData::Call {
            target,
            cache,
            nref: nref as u8,
            args,
        };
        self.asm.op_ext(op, dst.reg().field(), 0, 0, ext);
        Ok(())
    }

    /// `.area(r0, i1, name: r2) -> i`, whose shape is made from what is written.
    fn shaped_arguments(&mut self, dst: Written) -> Parsed<(u32, usize, Vec<u16>)> {
        let mut shape: Shape = self.p.shape_head()?;
        self.p.expect('(')?;
        let mut args = vec![self.register_of(Operand::UseR)?];
        let mut raw = Vec::new();
        self.comma_or(')')?;
        while !self.p.eat(')') {
            let name = self.argument_name()?;
            let written = self.any_register()?;
            match (written.rep(), name) {
                (Some(rep), Some(name)) => shape.named.push((name, rep)),
                (Some(rep), None) => shape.positional.push(rep),
                // Type arguments are counted in the head, not here.
                (None, _) => {}
            }
            let field = written.reg().field();
            if matches!(written, Written::Tagged(_)) {
                args.push(field);
            } else {
                raw.push(field);
            }
            self.comma_or(')')?;
        }
        shape.result = dst.rep().unwrap_or(Rep::Tagged);
        if *self.p.peek() == Tok::Arrow {
            self.p.at += 1;
            shape.result = self.p.rep()?;
        }
        let nref = args.len();
        args.extend(raw);
        Ok((self.p.shape_id(shape).0, nref, args))
    }
}

fn set(insn: &mut Insn, index: usize, operand: Operand, value: u32) {
    match index {
        0 => insn.a = value as u16,
        1 => insn.b = value as u16,
        _ => insn.c = value as u16,
    }
    if operand.is_wide() {
        insn.c = (value >> 16) as u16;
    }
}
