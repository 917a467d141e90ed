//! Functions made at run time so that a call fits its target: other representations, missing optional arguments, dynamic
//! checks, getters whose result is called, tear-offs, noSuchMethod.
//!
//! An adapter is an ordinary function in bytecode whose parameters are the call site's. It is made once for its
//! [`AdapterKey`] and left out of stack traces. Frozen objects (names, types' numbers) stand in its code as plain words.

use eyot_bytecode::module::*;
use eyot_bytecode::well_known::class;
use eyot_bytecode::{Assembler, ExtData, Op, Reg};

use super::Program;
use super::instantiate::ParamKindExt;
use super::lookup::NoDispatch;
use super::shape::{Member, ShapeInfo, Signature};
use super::types::{Name, TypeRef};
use crate::object::slot;

/// What an adapter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum AdapterKey {
    /// A call of a function or closure with another signature, or a dynamic one.
    Call {
        function: FunctionId,
        shape: ShapeId,
    },
    /// A field read or written in another representation.
    Field { target: TargetKey, shape: ShapeId },
    /// A method call that finds a getter: its result is called.
    CallResult { getter: TargetKey, shape: ShapeId },
    /// A getter that finds a method: makes the closure.
    TearOff { method: FunctionId },
    /// The function of that closure.
    TearOffBody { method: FunctionId },
    /// The method `call` of a closure.
    CallClosure { shape: ShapeId },
    /// The getter `call` of a closure.
    Itself,
    /// No such member.
    NoSuchMethod { shape: ShapeId },
}

/// A [`Target`] as part of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum TargetKey {
    Function(FunctionId),
    FieldGet(u16, Rep),
    FieldSet(u16, Rep),
}

impl From<Target> for TargetKey {
    fn from(target: Target) -> Self {
        match target {
            Target::Function(id) => TargetKey::Function(id),
            Target::FieldGet(word, rep) => TargetKey::FieldGet(word, rep),
            Target::FieldSet(word, rep) => TargetKey::FieldSet(word, rep),
        }
    }
}

/// In place of a parameter's number: a result is checked, as an implied cast.
const NO_PARAMETER: u16 = u16::MAX;

/// A type that the modules do not have reads as `dynamic`.
const NO_TYPE: TypeId = TypeId(u32::MAX);

impl Program {
    /// The adapter for a key, made if it is not there yet.
    pub(crate) fn adapter(&self, key: AdapterKey) -> Result<FunctionId, NoDispatch> {
        if let Some(&known) = self.link().adapters.get(&key) {
            return Ok(known);
        }
        let function = self.build_adapter(key)?;
        let id = self.add_function(function).ok_or(NoDispatch)?;
        // Two threads may have made it at the same time; the first one counts.
        Ok(*self.link().adapters.entry(key).or_insert(id))
    }

    fn build_adapter(&self, key: AdapterKey) -> Result<Function, NoDispatch> {
        let shape_of = |shape| self.shape(shape).ok_or(NoDispatch);
        match key {
            AdapterKey::Call { function, shape } => self.call_adapter(function, shape_of(shape)?),
            AdapterKey::Field { target, shape } => {
                let shape = shape_of(shape)?;
                let mut builder = Builder::new(self, shape);
                match target {
                    TargetKey::FieldGet(word, rep) => {
                        let value = builder.read_field(word, rep);
                        builder.ret(value, rep);
                    }
                    TargetKey::FieldSet(word, rep) => {
                        let given = *builder.args.first().ok_or(NoDispatch)?;
                        let value = builder.convert(given, rep);
                        builder.write_field(word, rep, value);
                        builder.ret_default();
                    }
                    TargetKey::Function(_) => return Err(NoDispatch),
                }
                builder.finish("", FunctionFlags::INSTANCE)
            }
            AdapterKey::CallResult { getter, shape } => {
                let shape = shape_of(shape)?;
                let mut builder = Builder::new(self, shape);
                let (value, rep) = builder.get(getter)?;
                let callee = builder.tagged(value, rep);
                builder.call_closure(callee)?;
                builder.finish("", FunctionFlags::INSTANCE)
            }
            AdapterKey::CallClosure { shape } => {
                let mut builder = Builder::new(self, shape_of(shape)?);
                builder.call_closure(Reg::tagged(0))?;
                builder.finish("", FunctionFlags::INSTANCE)
            }
            AdapterKey::Itself => {
                let mut builder = Builder::new(self, &getter_shape());
                builder.ret(Reg::tagged(0), Rep::Tagged);
                builder.finish("", FunctionFlags::INSTANCE)
            }
            AdapterKey::TearOff { method } => self.tear_off(method),
            AdapterKey::TearOffBody { method } => self.tear_off_body(method),
            AdapterKey::NoSuchMethod { shape } => {
                let mut builder = Builder::new(self, shape_of(shape)?);
                builder.no_such_method("_callNoSuchMethod", None, None)?;
                builder.finish("", FunctionFlags::INSTANCE)
            }
        }
    }

    fn call_adapter(&self, id: FunctionId, shape: &ShapeInfo) -> Result<Function, NoDispatch> {
        let target = self.function(id).ok_or(NoDispatch)?;
        let flags = target.flags & (FunctionFlags::CLOSURE | FunctionFlags::INSTANCE);
        let mut builder = Builder::new(self, shape);
        if !fits(self, target, &shape.signature) {
            if flags.contains(FunctionFlags::CLOSURE) {
                let name = self.modules.string(target.name);
                builder.no_such_method("_throwArgumentMismatch", Some(name), None)?;
            } else {
                let found = builder.torn_off(id, target)?;
                builder.no_such_method("_callMismatched", None, Some(found))?;
            }
            return builder.finish(self.modules.string(target.name), flags);
        }
        builder.call_target(id, target)?;
        // Errors of checked arguments name the target's parameters.
        builder.positional_names = target.params.iter().map(|param| param.name).collect();
        builder.finish(self.modules.string(target.name), flags)
    }

    /// The getter of a method: a closure over the receiver.
    fn tear_off(&self, method: FunctionId) -> Result<Function, NoDispatch> {
        let target = self.function(method).ok_or(NoDispatch)?;
        let mut builder = Builder::new(self, &getter_shape());
        let closure = builder.torn_off(method, target)?;
        builder.ret(closure, Rep::Tagged);
        builder.finish("", FunctionFlags::INSTANCE)
    }

    /// The function of a tear-off: the method's parameters, its receiver the one capture.
    fn tear_off_body(&self, method: FunctionId) -> Result<Function, NoDispatch> {
        let target = self.function(method).ok_or(NoDispatch)?;
        let signature = Signature::of_function(&self.modules, target);
        let shape = ShapeInfo {
            member: None,
            signature_id: 0,
            signature,
            dynamic: false,
        };
        let mut builder = Builder::new(self, &shape);
        let receiver = builder.new_ref();
        builder
            .asm
            .op(Op::LdCap, receiver.field(), Reg::tagged(0).field(), 0);
        let mut arguments = vec![receiver];
        arguments.extend(builder.targs);
        arguments.extend(builder.args.iter().map(|given| given.reg));
        let result = builder.new_of(target.result);
        builder.asm.call(Op::CallS, result, method.0, 0, &arguments);
        builder.ret(result, target.result);
        let mut function = builder.finish("", FunctionFlags::CLOSURE)?;
        function.name = target.name;
        function.owner = target.owner;
        function.type_params.clone_from(&target.type_params);
        function.params.clone_from(&target.params);
        function.result_type = target.result_type;
        function.captures = (1, Vec::new());
        Ok(function)
    }
}

/// Whether a call with this signature can be adapted to the function at all.
fn fits(program: &Program, target: &Function, given: &Signature) -> bool {
    let positional = target.params.iter().filter(|p| !p.kind.is_named());
    let required = positional.clone().filter(|p| !p.kind.is_optional()).count();
    let named_ok = given.named.iter().all(|&(name, _)| {
        let mut params = target.params.iter();
        params.any(|p| p.kind.is_named() && program.modules.name(p.name) == name)
    });
    let required_ok = target.params.iter().all(|p| {
        p.kind != ParamKind::RequiredNamed
            || given
                .named
                .iter()
                .any(|&(name, _)| name == program.modules.name(p.name))
    });
    (required..=positional.count()).contains(&given.positional.len())
        && named_ok
        && required_ok
        && (given.type_args == 0 || usize::from(given.type_args) == target.type_params.len())
}

fn getter_shape() -> ShapeInfo {
    ShapeInfo {
        member: None,
        signature: Signature {
            type_args: 0,
            positional: Box::default(),
            named: Box::default(),
            result: Rep::Tagged,
        },
        signature_id: 0,
        dynamic: false,
    }
}

/// An argument of the call site.
#[derive(Clone, Copy)]
struct Given {
    reg: Reg,
    rep: Rep,
}

/// Builds one adapter. Registers: the call site's arguments, then temporaries.
struct Builder<'p> {
    program: &'p Program,
    shape: ShapeInfo,
    asm: Assembler,
    targs: Option<Reg>,
    /// Positional, then named arguments.
    args: Vec<Given>,
    positional_names: Vec<StrId>,
    refs: u16,
    raws: Vec<RawKind>,
}

impl<'p> Builder<'p> {
    fn new(program: &'p Program, shape: &ShapeInfo) -> Builder<'p> {
        let mut builder = Builder {
            program,
            shape: shape.clone(),
            asm: Assembler::new(),
            targs: None,
            args: Vec::new(),
            positional_names: Vec::new(),
            refs: 1,
            raws: Vec::new(),
        };
        if shape.signature.type_args > 0 {
            builder.targs = Some(builder.new_raw(RawKind::Type));
        }
        for rep in shape.signature.reps() {
            let reg = builder.new_of(rep);
            builder.args.push(Given { reg, rep });
        }
        builder
    }

    fn new_ref(&mut self) -> Reg {
        self.refs += 1;
        Reg::tagged(self.refs - 1)
    }

    fn new_raw(&mut self, kind: RawKind) -> Reg {
        self.raws.push(kind);
        Reg::raw(self.raws.len() as u16 - 1)
    }

    fn new_of(&mut self, rep: Rep) -> Reg {
        match raw_kind(rep) {
            Some(kind) => self.new_raw(kind),
            None => self.new_ref(),
        }
    }

    // ---- values

    fn tagged(&mut self, value: Reg, rep: Rep) -> Reg {
        let op = match rep {
            Rep::Tagged => return value,
            Rep::Int => Op::BoxI,
            Rep::Double => Op::BoxD,
            Rep::Bool => Op::BoxB,
        };
        let boxed = self.new_ref();
        self.asm.op_regs(op, &[boxed, value]);
        boxed
    }

    /// From tagged to raw, with a check: a wrong value must not become a number.
    fn unbox(&mut self, value: Reg, rep: Rep, param: Option<u16>) -> Reg {
        let op = match rep {
            Rep::Tagged => return value,
            Rep::Int => Op::ArgI,
            Rep::Double => Op::ArgD,
            Rep::Bool => Op::ArgB,
        };
        let raw = self.new_of(rep);
        let index = param.unwrap_or(NO_PARAMETER);
        self.asm.op(op, raw.field(), value.field(), index);
        raw
    }

    fn check(&mut self, value: Reg, ty: Reg, param: u16) {
        self.asm
            .op(Op::CheckParamT, value.field(), ty.field(), param);
    }

    fn convert(&mut self, given: Given, wanted: Rep) -> Reg {
        if given.rep == wanted {
            return given.reg;
        }
        let tagged = self.tagged(given.reg, given.rep);
        self.unbox(tagged, wanted, None)
    }

    /// A frozen object or immediate in a tagged register.
    fn word(&mut self, bits: u64) -> Reg {
        let reg = self.new_ref();
        self.asm
            .op_ext(Op::LdIW, reg.field(), 0, 0, ExtData::Word(bits));
        reg
    }

    fn text(&mut self, text: &str) -> Reg {
        let bits = self.program.frozen_string(text).bits();
        self.word(bits)
    }

    // ---- results

    fn ret(&mut self, value: Reg, rep: Rep) {
        let wanted = self.shape.signature.result;
        let value = self.convert(Given { reg: value, rep }, wanted);
        let op = match wanted {
            Rep::Tagged => Op::RetR,
            Rep::Int => Op::RetI,
            Rep::Double => Op::RetD,
            Rep::Bool => Op::RetB,
        };
        self.asm.op_regs(op, &[value]);
    }

    fn ret_default(&mut self) {
        if self.shape.signature.result == Rep::Tagged {
            self.asm.op(Op::RetNull, 0, 0, 0);
            return;
        }
        let zero = self.new_raw(RawKind::Int);
        self.asm.op_wide(Op::LdI, zero, 0);
        self.asm.op_regs(Op::RetI, &[zero]);
    }

    // ---- fields and getters

    fn read_field(&mut self, word: u16, rep: Rep) -> Reg {
        let value = self.new_of(rep);
        let op = if rep == Rep::Tagged {
            Op::LdfR
        } else {
            Op::LdfW
        };
        self.asm.op(op, value.field(), Reg::tagged(0).field(), word);
        value
    }

    fn write_field(&mut self, word: u16, rep: Rep, value: Reg) {
        let op = if rep == Rep::Tagged {
            Op::StfR
        } else {
            Op::StfW
        };
        self.asm.op(op, Reg::tagged(0).field(), word, value.field());
    }

    fn get(&mut self, getter: TargetKey) -> Result<(Reg, Rep), NoDispatch> {
        match getter {
            TargetKey::FieldGet(word, rep) => Ok((self.read_field(word, rep), rep)),
            TargetKey::Function(id) => {
                let rep = self.program.function(id).ok_or(NoDispatch)?.result;
                let value = self.new_of(rep);
                self.asm.call(Op::CallS, value, id.0, 0, &[Reg::tagged(0)]);
                Ok((value, rep))
            }
            TargetKey::FieldSet(..) => Err(NoDispatch),
        }
    }

    // ---- calls

    /// Calls a closure with the call site's own arguments and returns the result.
    fn call_closure(&mut self, callee: Reg) -> Result<(), NoDispatch> {
        let signature = self.shape.signature.clone();
        let result = signature.result;
        let shape = self
            .program
            .made_shape(None, signature, self.shape.dynamic)
            .ok_or(NoDispatch)?;
        let cache = self.program.new_cache().ok_or(NoDispatch)?;
        let mut arguments = vec![callee];
        arguments.extend(self.targs);
        arguments.extend(self.args.iter().map(|given| given.reg));
        let value = self.new_of(result);
        self.asm.call(Op::CallC, value, shape.0, cache, &arguments);
        self.ret(value, result);
        Ok(())
    }

    /// The vector that class parameters in the target's types mean.
    fn class_vector(&mut self, target: &Function) -> Reg {
        let this = Reg::tagged(0);
        if target.flags.contains(FunctionFlags::CLOSURE) {
            let vector = self.new_raw(RawKind::Type);
            self.asm.op_regs(Op::ClosureTargsClass, &[vector, this]);
            return vector;
        }
        let owner = target
            .owner
            .filter(|_| target.flags.contains(FunctionFlags::INSTANCE));
        match owner.and_then(|id| Some((id, self.program.modules.class(id)?))) {
            Some((id, class)) if class.targs_len > 0 => {
                let vector = self.new_raw(RawKind::Type);
                if class.flags.contains(ClassFlags::MIXIN) {
                    let ext = ExtData::Id(id.0);
                    self.asm
                        .op_ext(Op::TargsAs, vector.field(), this.field(), 0, ext);
                } else {
                    self.asm.op_regs(Op::TargsOf, &[vector, this]);
                }
                vector
            }
            _ => Reg::NONE,
        }
    }

    /// Type arguments for a generic target: those given, those the closure was instantiated with, or the bounds.
    fn type_arguments(&mut self, target: &Function) -> Result<Option<Reg>, NoDispatch> {
        if target.type_params.is_empty() {
            return Ok(None);
        }
        if self.targs.is_some() {
            return Ok(self.targs);
        }
        let vector = self.new_raw(RawKind::Type);
        let done = self.asm.label();
        if target.flags.contains(FunctionFlags::CLOSURE) {
            self.asm.op(
                Op::LdfW,
                vector.field(),
                Reg::tagged(0).field(),
                slot::CLOSURE_INSTANTIATION as u16,
            );
            self.asm.compare_jump(Op::JneIK, vector, 0, done);
        }
        let bounds = self.program.default_arguments(target).ok_or(NoDispatch)?;
        self.asm.op_wide(Op::LdI, vector, bounds);
        self.asm.bind(done);
        Ok(Some(vector))
    }

    fn call_target(&mut self, id: FunctionId, target: &Function) -> Result<(), NoDispatch> {
        let targs = self.type_arguments(target)?;
        let mut vectors = None;
        if self.shape.dynamic && self.targs.is_some() {
            self.check_bounds(target, targs, &mut vectors);
        }
        let mut arguments = vec![];
        if target
            .flags
            .intersects(FunctionFlags::CLOSURE | FunctionFlags::INSTANCE)
        {
            arguments.push(Reg::tagged(0));
        }
        arguments.extend(targs);
        let mut positional = 0;
        for param in &target.params {
            let given = if param.kind.is_named() {
                self.named_argument(self.program.modules.name(param.name))
            } else {
                positional += 1;
                let count = self.shape.signature.positional.len();
                (positional <= count)
                    .then(|| self.args.get(positional - 1).copied())
                    .flatten()
            };
            let value = match given {
                Some(given) => self.pass(given, param, target, targs, &mut vectors),
                None => self.default_value(param)?,
            };
            arguments.push(value);
        }
        let result = self.new_of(target.result);
        self.asm.call(Op::CallS, result, id.0, 0, &arguments);
        self.ret(result, target.result);
        Ok(())
    }

    fn named_argument(&self, name: Name) -> Option<Given> {
        let signature = &self.shape.signature;
        let index = signature
            .named
            .iter()
            .position(|&(given, _)| given == name)?;
        self.args.get(signature.positional.len() + index).copied()
    }

    /// An argument as the parameter wants it, checked where the call site did not.
    fn pass(
        &mut self,
        given: Given,
        param: &Param,
        target: &Function,
        targs: Option<Reg>,
        vectors: &mut Option<(Reg, Reg)>,
    ) -> Reg {
        if given.rep == param.rep && !(self.shape.dynamic && param.rep == Rep::Tagged) {
            return given.reg;
        }
        let index = self.args.iter().position(|arg| arg.reg == given.reg);
        let index = index.unwrap_or(0) as u16;
        let tagged = self.tagged(given.reg, given.rep);
        if param.rep != Rep::Tagged {
            return self.unbox(tagged, param.rep, Some(index));
        }
        if !self.shape.dynamic || self.program.is_top_template(param.ty) {
            return tagged;
        }
        let ty = self.instantiate(param.ty, target, targs, vectors);
        self.check(tagged, ty, index);
        tagged
    }

    /// Type arguments that the call site gives without knowing the bounds.
    fn check_bounds(
        &mut self,
        target: &Function,
        targs: Option<Reg>,
        vectors: &mut Option<(Reg, Reg)>,
    ) {
        for (index, &bound) in target.type_params.iter().enumerate() {
            if self.program.is_top_template(bound) {
                continue;
            }
            let given = self.type_argument(index);
            let bound = self.instantiate(bound, target, targs, vectors);
            self.asm
                .op(Op::CheckBound, given.field(), bound.field(), index as u16);
        }
    }

    /// A type argument of the call site.
    fn type_argument(&mut self, index: usize) -> Reg {
        let ty = self.new_raw(RawKind::Type);
        let vector = self.targs.unwrap_or(ty);
        self.asm
            .op(Op::TargAt, ty.field(), vector.field(), index as u16);
        ty
    }

    /// One of the target's types, with its parameters as they are in this call.
    fn instantiate(
        &mut self,
        template: TypeId,
        target: &Function,
        targs: Option<Reg>,
        vectors: &mut Option<(Reg, Reg)>,
    ) -> Reg {
        let (class_vector, function_vector) = match *vectors {
            Some(known) => known,
            None => *vectors.insert(self.vectors(target, targs)),
        };
        let ty = self.new_raw(RawKind::Type);
        self.asm.op_ext(
            Op::InstType,
            ty.field(),
            class_vector.field(),
            function_vector.field(),
            ExtData::Id(template.0),
        );
        ty
    }

    fn vectors(&mut self, target: &Function, targs: Option<Reg>) -> (Reg, Reg) {
        let class_vector = self.class_vector(target);
        let own = targs.unwrap_or(Reg::NONE);
        if !target.flags.contains(FunctionFlags::CLOSURE) {
            return (class_vector, own);
        }
        let outer = self.new_raw(RawKind::Type);
        self.asm
            .op_regs(Op::ClosureTargsFn, &[outer, Reg::tagged(0)]);
        let all = self.new_raw(RawKind::Type);
        self.asm.op_regs(Op::TargsAppend, &[all, outer, own]);
        (class_vector, all)
    }

    fn default_value(&mut self, param: &Param) -> Result<Reg, NoDispatch> {
        let value = self.new_of(param.rep);
        let Some(id) = param.default else {
            match param.rep {
                Rep::Tagged => self.asm.op_regs(Op::LdNull, &[value]),
                _ => self.asm.op_wide(Op::LdI, value, 0),
            }
            return Ok(value);
        };
        if param.rep == Rep::Tagged {
            self.asm.op_wide(Op::LdK, value, id.0);
            return Ok(value);
        }
        let bits = match self.program.modules.constant(id) {
            Some(&Const::Int(int)) => int as u64,
            Some(&Const::Double(bits)) => bits,
            Some(&Const::Bool(bool)) => bool.into(),
            _ => return Err(NoDispatch),
        };
        self.asm
            .op_ext(Op::LdIW, value.field(), 0, 0, ExtData::Word(bits));
        Ok(value)
    }

    // ---- noSuchMethod

    /// The receiver's method as a closure.
    fn torn_off(&mut self, method: FunctionId, target: &Function) -> Result<Reg, NoDispatch> {
        let body = self.program.adapter(AdapterKey::TearOffBody { method })?;
        let class_vector = self.class_vector(target);
        let closure = self.new_ref();
        let captured = ExtData::Closure {
            function: body.0,
            nref: 1,
            captures: vec![Reg::tagged(0).field()],
        };
        self.asm.op_ext(
            Op::Closure,
            closure.field(),
            class_vector.field(),
            Reg::NONE.field(),
            captured,
        );
        Ok(closure)
    }

    /// Calls the core function with the receiver, the member's name (or the given one) and kind, the arguments in lists, and what
    /// else it takes.
    fn no_such_method(
        &mut self,
        entry: &str,
        name: Option<&str>,
        last: Option<Reg>,
    ) -> Result<(), NoDispatch> {
        let program = self.program;
        let id = program.modules.core_entry(entry).ok_or(NoDispatch)?;
        let result = program.function(id).ok_or(NoDispatch)?.result;
        let (member, kind) = match self.shape.member {
            Some(Member { name, kind }) => (program.modules.name_text(name), kind),
            None => ("call", SelectorKind::Method),
        };
        let kind = match kind {
            SelectorKind::Method => 0,
            SelectorKind::Getter => 1,
            SelectorKind::Setter => 2,
        };
        // A private name with what tells libraries apart, as in the symbols that programs write.
        let name = self.text(name.unwrap_or(member));
        let kind_reg = self.new_raw(RawKind::Int);
        self.asm.op_wide(Op::LdI, kind_reg, kind);
        let args = self.args.clone();
        let (positional, named) = args.split_at(self.shape.signature.positional.len());
        let positional: Vec<Reg> = positional
            .iter()
            .map(|given| self.tagged(given.reg, given.rep))
            .collect();
        let names = self.shape.signature.named.clone();
        let mut alternating = Vec::new();
        for (given, (name, _)) in named.iter().zip(&names) {
            alternating.push(self.text(program.modules.name_text(*name)));
            alternating.push(self.tagged(given.reg, given.rep));
        }
        let types: Vec<Reg> = (0..usize::from(self.shape.signature.type_args))
            .map(|index| {
                let ty = self.type_argument(index);
                let object = self.new_ref();
                self.asm.op_regs(Op::TypeOf, &[object, ty]);
                object
            })
            .collect();
        let type_args = self.list(&types);
        let positional = self.list(&positional);
        let named = self.list(&alternating);
        let value = self.new_of(result);
        let mut given = vec![Reg::tagged(0), name, kind_reg, type_args, positional, named];
        given.extend(last);
        self.asm.call(Op::CallS, value, id.0, 0, &given);
        self.ret(value, result);
        Ok(())
    }

    fn list(&mut self, elements: &[Reg]) -> Reg {
        let list = self.new_ref();
        if elements.is_empty() {
            self.asm.op_regs(Op::LdNull, &[list]);
            return list;
        }
        let targs = self.new_raw(RawKind::Type);
        // The element type is dynamic; without room for a vector none is lost.
        let dynamic = self.program.types.vector(&[TypeRef::DYNAMIC]);
        self.asm
            .op_wide(Op::LdI, targs, dynamic.map_or(0, |vector| vector.0));
        let count = elements.len() as u16;
        self.asm.op(Op::ListNew, list.field(), targs.field(), count);
        for element in elements {
            // The list is known to be the VM's, so the call behind the fast path never happens.
            let ext = ExtData::Slow { shape: 0, cache: 0 };
            self.asm
                .op_ext(Op::ListAdd, list.field(), element.field(), 0, ext);
        }
        list
    }

    // ---- end

    fn finish(self, name: &str, flags: FunctionFlags) -> Result<Function, NoDispatch> {
        let modules = &self.program.modules;
        let assembled = self.asm.finish(self.refs).map_err(|_| NoDispatch)?;
        let positional = self.shape.signature.positional.iter();
        let positional = positional.enumerate().map(|(index, &rep)| {
            let name = self.positional_names.get(index);
            let name = name.map_or(u32::MAX, |name| name.0);
            (Name(name), rep, ParamKind::Required)
        });
        let named = self.shape.signature.named.iter();
        let named = named.map(|&(name, rep)| (name, rep, ParamKind::RequiredNamed));
        let params = positional.chain(named).map(|(name, rep, kind)| Param {
            name: StrId(name.0),
            rep,
            ty: NO_TYPE,
            kind,
            default: None,
        });
        Ok(Function {
            name: StrId(modules.find_name(name).map_or(u32::MAX, |name| name.0)),
            owner: None,
            flags: flags | FunctionFlags::HIDDEN,
            type_params: vec![NO_TYPE; self.shape.signature.type_args.into()],
            outer_type_params: 0,
            params: params.collect(),
            result: self.shape.signature.result,
            result_type: NO_TYPE,
            refs: self.refs,
            raws: self.raws,
            captures: (0, Vec::new()),
            captured: Vec::new(),
            native: None,
            code: assembled.code,
            handlers: assembled.handlers,
            source: None,
            positions: Vec::new(),
        })
    }
}

fn raw_kind(rep: Rep) -> Option<RawKind> {
    Some(match rep {
        Rep::Tagged => return None,
        Rep::Int => RawKind::Int,
        Rep::Double => RawKind::Double,
        Rep::Bool => RawKind::Bool,
    })
}

impl Program {
    /// Whether a template is a top type, which needs no check.
    fn is_top_template(&self, ty: TypeId) -> bool {
        match self.modules.ty(ty) {
            None | Some(Type::Dynamic | Type::Void) => true,
            Some(Type::Nullable(inner)) => matches!(
                self.modules.ty(*inner),
                Some(Type::Interface { class, .. }) if *class == class::OBJECT
            ),
            _ => false,
        }
    }

    /// Number of the vector that a generic function gets if none is given: its bounds, `dynamic` where there is none.
    fn default_arguments(&self, target: &Function) -> Option<u32> {
        let none = super::types::TypeArguments::EMPTY;
        let bounds = target.type_params.iter().map(|&bound| {
            if self.is_top_template(bound) {
                return Ok(TypeRef::DYNAMIC);
            }
            self.instantiate(bound, none, none)
        });
        let bounds = bounds.collect::<Result<Vec<_>, _>>().ok()?;
        self.types.vector(&bounds).ok().map(|vector| vector.0)
    }
}
