//! Creations: instances, collection literals, records, strings, tear-offs.

use eyot_bytecode::module as bc;
use eyot_bytecode::{ExtData, Op, Reg, Rep};
use eyot_semantics::model::{ClassId, MemberId, MemberKind, known};
use eyot_semantics::program::{Args, ConstValue, Expr, ExprKind};
use eyot_semantics::types::{Ty, TyKind};
use eyot_syntax::{Span, Symbol, sym};

use super::{Code, Val, Want};
use crate::layout::{full_vector, vector_len};
use crate::signature::Signature;
use crate::tables::Role;

impl Code<'_, '_> {
    // ---- instances

    /// A fresh instance, before any constructor ran.
    pub(super) fn allocate(&mut self, reg: Reg, class: ClassId, types: &[Ty]) {
        if vector_len(self.world, class) == 0 {
            return self.op_wide(Op::New, reg, class.0);
        }
        let mark = self.mark();
        let vector = full_vector(self.world, class, types);
        let vector = self.vector(&vector);
        let class = ExtData::Id(class.0);
        self.asm
            .op_ext(Op::NewT, reg.field(), vector.field(), 0, class);
        self.release(mark);
    }

    pub(super) fn new_object(
        &mut self,
        class: ClassId,
        constructor: MemberId,
        types: &[Ty],
        args: &Args,
        span: Span,
        want: Want,
    ) -> Val {
        let signature = Signature::of_member(self.world, constructor);
        let want = self.settle(want, Rep::Tagged);
        let mark = self.mark();
        // Not the wanted register: arguments may still read what it holds.
        let object = self.temp(Rep::Tagged);
        self.at(span);
        self.allocate(object, class, types);
        let regs = self.full_arguments(&signature, args, &[object]);
        self.at(span);
        self.call_member(constructor, Reg::NONE, &regs, Want::Effect);
        let result = self.deliver(Val::new(object, Rep::Tagged), want);
        self.release(mark);
        result
    }

    pub(super) fn new_factory(
        &mut self,
        constructor: MemberId,
        types: &[Ty],
        args: &Args,
        span: Span,
        want: Want,
    ) -> Val {
        let signature = Signature::of_member(self.world, constructor);
        let mark = self.mark();
        let types = self.type_arguments(&signature, types);
        let regs = self.full_arguments(&signature, args, &[]);
        self.release(mark);
        self.at(span);
        self.call_member(constructor, types, &regs, want)
    }

    // ---- strings

    pub(super) fn interpolation(&mut self, parts: &[Expr], span: Span, want: Want) -> Val {
        let mark = self.mark();
        let mut regs = Vec::with_capacity(parts.len());
        for (index, part) in parts.iter().enumerate() {
            let reg = if self.is_text(part) {
                self.operand(part, Rep::Tagged, &parts[index + 1..])
            } else {
                let text = self.temp(Rep::Tagged);
                let mark = self.mark();
                let to_string = self.number_text(part);
                let value = self.value(part, Rep::Tagged);
                self.at(span);
                match to_string {
                    Some(method) => {
                        let want = Want::Into(text, Rep::Tagged);
                        self.call_member(method, Reg::NONE, &[value], want);
                    }
                    None => self.text_of(value, text),
                }
                self.release(mark);
                text
            };
            regs.push(reg.field());
        }
        self.release(mark);
        let reg = self.target(want, Rep::Tagged);
        self.at(span);
        self.asm
            .op_ext(Op::StrCat, reg.field(), 0, 0, ExtData::Regs(regs));
        self.deliver(Val::new(reg, Rep::Tagged), want)
    }

    fn is_text(&self, part: &Expr) -> bool {
        part.ty == Ty::STRING
    }

    /// `toString` of a number's or bool's own class, which is surely a string.
    fn number_text(&self, part: &Expr) -> Option<MemberId> {
        let class = match self.world.resolve_bound(part.ty) {
            Ty::INT => known::INT,
            Ty::DOUBLE => known::DOUBLE,
            Ty::BOOL => known::BOOL,
            _ => return None,
        };
        let library = self.world.class(class).library;
        let found = self.world.concrete_members(class, sym::TO_STRING, library);
        found.get
    }

    /// The value's `toString()`.
    fn text_of(&mut self, value: Reg, text: Reg) {
        let want = Want::Into(text, Rep::Tagged);
        match self.core_function("dart:core", "_stringOf") {
            Some(function) => {
                self.call_member(function, Reg::NONE, &[value], want);
            }
            None => {
                self.call_named("toString", value, Rep::Tagged, want);
            }
        }
    }

    // ---- collections

    pub(super) fn list(&mut self, element: Ty, elements: &[Expr], span: Span, want: Want) -> Val {
        let want = self.settle(want, Rep::Tagged);
        let mark = self.mark();
        let list = self.temp(Rep::Tagged);
        let vector = self.vector(&[element]);
        let room = elements.len().min(i16::MAX as usize) as i16;
        self.at(span);
        self.op_imm(Op::ListNew, list, vector, room);
        for element in elements {
            let mark = self.mark();
            let value = self.value(element, Rep::Tagged);
            self.slow_op(Op::ListAdd, &[list, value]);
            self.release(mark);
        }
        let result = self.deliver(Val::new(list, Rep::Tagged), want);
        self.release(mark);
        result
    }

    pub(super) fn set(&mut self, element: Ty, elements: &[Expr], span: Span, want: Want) -> Val {
        let want = self.settle(want, Rep::Tagged);
        let mark = self.mark();
        let set = self.new_known(known::SET, &[element], span);
        for element in elements {
            let mark = self.mark();
            let value = self.value(element, Rep::Tagged);
            self.at(span);
            self.call_by_interface(known::SET, sym::ADD, &[set, value]);
            self.release(mark);
        }
        let result = self.deliver(Val::new(set, Rep::Tagged), want);
        self.release(mark);
        result
    }

    pub(super) fn map(
        &mut self,
        key: Ty,
        value: Ty,
        entries: &[(Expr, Expr)],
        span: Span,
        want: Want,
    ) -> Val {
        let want = self.settle(want, Rep::Tagged);
        let mark = self.mark();
        let map = self.new_known(known::MAP, &[key, value], span);
        for (key, value) in entries {
            let mark = self.mark();
            let key = self.operand(key, Rep::Tagged, [value]);
            let value = self.value(value, Rep::Tagged);
            self.at(span);
            self.call_by_interface(known::MAP, sym::INDEX_SET, &[map, key, value]);
            self.release(mark);
        }
        let result = self.deliver(Val::new(map, Rep::Tagged), want);
        self.release(mark);
        result
    }

    /// An instance of one of the core's own collections, made by its unnamed constructor.
    fn new_known(&mut self, class: ClassId, types: &[Ty], span: Span) -> Reg {
        let object = self.temp(Rep::Tagged);
        self.at(span);
        self.allocate(object, class, types);
        let constructor = self.world.class(class).constructors.get(&sym::NEW).copied();
        if let Some(constructor) = constructor {
            self.call_member(constructor, Reg::NONE, &[object], Want::Effect);
        }
        object
    }

    /// Calls the member that instances of exactly this class have.
    fn call_by_interface(&mut self, class: ClassId, name: Symbol, args: &[Reg]) {
        let library = self.world.class(class).library;
        let found = self.world.concrete_members(class, name, library).get;
        if let Some(member) = found {
            self.call_member(member, Reg::NONE, args, Want::Effect);
        }
    }

    // ---- records

    pub(super) fn record(
        &mut self,
        positional: &[Expr],
        named: &[(Symbol, Expr)],
        want: Want,
    ) -> Val {
        let mark = self.mark();
        let all: Vec<&Expr> = positional
            .iter()
            .chain(named.iter().map(|(_, field)| field))
            .collect();
        let mut regs: Vec<Reg> = Vec::with_capacity(all.len());
        for (index, field) in all.iter().enumerate() {
            let later = all[index + 1..].iter().copied();
            regs.push(self.operand(field, Rep::Tagged, later));
        }
        let mut sorted: Vec<(Symbol, Reg)> = named
            .iter()
            .zip(&regs[positional.len()..])
            .map(|((name, _), &reg)| (*name, reg))
            .collect();
        sorted.sort_by_key(|(name, _)| name.as_str());
        let names: Vec<Symbol> = named.iter().map(|(name, _)| *name).collect();
        let shape = self.shared.tables.record_shape(positional.len(), &names).0;
        let fields = regs[..positional.len()]
            .iter()
            .copied()
            .chain(sorted.iter().map(|&(_, reg)| reg))
            .map(Reg::field)
            .collect();
        self.release(mark);
        let reg = self.target(want, Rep::Tagged);
        let ext = ExtData::Record { shape, fields };
        self.asm.op_ext(Op::Record, reg.field(), 0, 0, ext);
        self.deliver(Val::new(reg, Rep::Tagged), want)
    }

    pub(super) fn record_field(&mut self, value: &Expr, index: usize, want: Want) -> Val {
        let mark = self.mark();
        let record = self.value(value, Rep::Tagged);
        self.release(mark);
        if want == Want::Effect {
            return Val::NONE;
        }
        let reg = self.target(want, Rep::Tagged);
        self.op_imm(Op::LdRec, reg, record, index as i16);
        self.deliver(Val::new(reg, Rep::Tagged), want)
    }

    pub(super) fn record_name(&mut self, value: &Expr, name: Symbol, want: Want) -> Val {
        let index = match self.world.types.kind(self.world.resolve_bound(value.ty)) {
            TyKind::Record {
                positional, named, ..
            } => named
                .iter()
                .position(|&(field, _)| field == name)
                .map(|index| positional.len() + index),
            _ => None,
        };
        match index {
            Some(index) => self.record_field(value, index, want),
            None => {
                self.expr(value, Want::Effect);
                self.never(want)
            }
        }
    }

    // ---- tear-offs

    pub(super) fn tear_off(
        &mut self,
        receiver: &Expr,
        member: MemberId,
        span: Span,
        want: Want,
    ) -> Val {
        let mark = self.mark();
        let object = self.value(receiver, Rep::Tagged);
        let selector = self.selector_of(member, bc::SelectorKind::Getter);
        self.release(mark);
        self.at(span);
        self.call_getter(Op::CallV, selector, object, Rep::Tagged, want)
    }

    pub(super) fn super_tear_off(&mut self, member: MemberId, span: Span, want: Want) -> Val {
        let Some(this) = self.this else {
            return self.never(want);
        };
        if self.is_in_mixin() {
            let selector = self.selector_of(member, bc::SelectorKind::Getter);
            self.at(span);
            return self.call_getter(Op::CallSuper, selector, this, Rep::Tagged, want);
        }
        let (function, _) = self.shared.tables.role(member, Role::BoundTearOff);
        let mark = self.mark();
        let vector = self.class_vector();
        self.release(mark);
        let reg = self.target(want, Rep::Tagged);
        let ext = ExtData::Closure {
            function: function.0,
            nref: 1,
            captures: vec![this.field()],
        };
        self.asm.op_ext(
            Op::Closure,
            reg.field(),
            vector.field(),
            Reg::NONE.field(),
            ext,
        );
        self.deliver(Val::new(reg, Rep::Tagged), want)
    }

    pub(super) fn static_tear_off(&mut self, member: MemberId, want: Want) -> Val {
        let id = self.constant(ConstValue::Function(member, Vec::new()));
        self.load_constant(id, want)
    }

    pub(super) fn constructor_tear_off(
        &mut self,
        constructor: MemberId,
        types: &[Ty],
        want: Want,
    ) -> Val {
        let is_open = types
            .iter()
            .any(|&ty| self.shared.tables.is_open(ty, &self.env));
        if !is_open {
            let id = self.constant(ConstValue::Constructor(constructor, types.to_vec()));
            return self.load_constant(id, want);
        }
        let id = self.constant(ConstValue::Constructor(constructor, Vec::new()));
        let mark = self.mark();
        let closure = self.load_constant(id, Want::As(Rep::Tagged)).reg;
        self.fix_types(closure, types, mark, want)
    }

    /// A generic closure with its type arguments fixed.
    pub(super) fn instantiate(&mut self, function: &Expr, types: &[Ty], want: Want) -> Val {
        let is_open = types
            .iter()
            .any(|&ty| self.shared.tables.is_open(ty, &self.env));
        if let ExprKind::StaticTearOff(member) = &function.kind
            && !is_open
        {
            let id = self.constant(ConstValue::Function(*member, types.to_vec()));
            return self.load_constant(id, want);
        }
        let mark = self.mark();
        let closure = self.value(function, Rep::Tagged);
        self.fix_types(closure, types, mark, want)
    }

    fn fix_types(
        &mut self,
        closure: Reg,
        types: &[Ty],
        mark: super::registers::Mark,
        want: Want,
    ) -> Val {
        let vector = self.vector(types);
        self.release(mark);
        let reg = self.target(want, Rep::Tagged);
        self.op(Op::Instantiate, &[reg, closure, vector]);
        self.deliver(Val::new(reg, Rep::Tagged), want)
    }

    /// Whether a constructor makes its object itself.
    pub(super) fn is_generative(&self, constructor: MemberId) -> bool {
        self.world.member(constructor).kind == MemberKind::Constructor
    }
}
