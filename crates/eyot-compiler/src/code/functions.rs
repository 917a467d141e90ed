//! Closures and local functions.

use eyot_bytecode::module as bc;
use eyot_bytecode::{ExtData, Op, Reg, Rep};
use eyot_semantics::model::{AsyncMarker, ParamKind, TypeParamId};
use eyot_semantics::program::{Expr, FunctionNode, LocalId};
use eyot_semantics::types::{FunctionTy, Ty};

use super::locals::Storage;
use super::{Code, FunctionVector, Place, Val, Want};
use crate::captures::ClosureUse;
use crate::signature::{SigParam, param_kind, sort_params};
use crate::tables::rep_of;

/// A captured register: what it holds in the closure too.
struct Captured {
    local: LocalId,
    storage: Storage,
    /// The initialiser of a late local rather than the local itself.
    is_initializer: bool,
}

impl Captured {
    /// Whether it travels in a tagged word whatever the variable's representation is: a cell, an initialiser, a reference.
    fn is_tagged(&self) -> bool {
        self.storage.in_cell || self.is_initializer || self.storage.rep.raw_kind().is_none()
    }

    fn reg(&self) -> Reg {
        match self.storage.initializer {
            Some(initializer) if self.is_initializer => initializer,
            _ => self.storage.reg,
        }
    }
}

impl Code<'_, '_> {
    /// A closure over what it mentions; `own` is the variable of a local function.
    pub(super) fn closure(&mut self, node: &FunctionNode, own: Option<LocalId>, want: Want) -> Val {
        let used = self.analyzed.captures.closure(node);
        let name = match own.and_then(|own| self.analyzed.body.locals.get(own.0 as usize)) {
            Some(local) => format!("{}.{}", self.place.name, local.name),
            None => format!("{}.<anonymous closure>", self.place.name),
        };
        let expected = self.expected_function.take();
        self.make_closure(&used, name, want, |code| {
            code.closure_body(node, expected.as_deref())
        })
    }

    /// The closure that computes the initial value of a late local.
    pub(super) fn late_initializer(&mut self, local: LocalId, value: &Expr, into: Reg) {
        let used = self.analyzed.captures.initializer(value);
        let name = match self.analyzed.body.locals.get(local.0 as usize) {
            Some(local) => format!("{}.{}", self.place.name, local.name),
            None => self.place.name.clone(),
        };
        let want = Want::Into(into, Rep::Tagged);
        self.make_closure(&used, name, want, |code| {
            code.load_captures();
            code.result = Rep::Tagged;
            let result = code.expr(value, Want::As(Rep::Tagged)).reg;
            code.op(Op::RetR, &[result]);
            Head {
                type_params: Vec::new(),
                params: Vec::new(),
                result: Ty::DYNAMIC,
                reps: Reps::default(),
                outer: code.env.function_len(),
                is_suspendable: false,
                native: None,
            }
        });
    }

    fn captured(&self, used: &ClosureUse) -> Vec<Captured> {
        let mut captured = Vec::new();
        for &local in &used.locals {
            let Some(&storage) = self.locals.get(&local) else {
                continue;
            };
            captured.push(Captured {
                local,
                storage,
                is_initializer: false,
            });
            if storage.initializer.is_some() {
                captured.push(Captured {
                    local,
                    storage,
                    is_initializer: true,
                });
            }
        }
        captured
    }

    fn make_closure(
        &mut self,
        used: &ClosureUse,
        name: String,
        want: Want,
        body: impl FnOnce(&mut Code<'_, '_>) -> Head,
    ) -> Val {
        if want == Want::Effect {
            return Val::NONE;
        }
        let captured = self.captured(used);
        let this = self.this.filter(|_| used.this);
        let id = self.shared.tables.reserve_function();
        let place = Place {
            name,
            ..self.place.clone()
        };
        let function = {
            let mut inner = Code::new(self.shared, self.analyzed, place);
            inner.env = self.env.clone();
            inner.enter_closure(&captured, this.is_some(), used.own);
            let head = body(&mut inner);
            let mut function = inner.head(head);
            function.captures = capture_kinds(&captured, this.is_some());
            function.captured = inner.capture_names(&captured, this.is_some());
            match function.native {
                Some(_) => inner.finish_native(function),
                None => inner.finish(function),
            }
        };
        self.shared.tables.define_made(id, function);
        let (tagged, raw): (Vec<Reg>, Vec<Reg>) = this
            .into_iter()
            .chain(captured.iter().map(Captured::reg))
            .partition(|reg| !reg.is_raw());
        let mark = self.mark();
        let (class, function) = (self.class_vector(), self.function_vector());
        self.release(mark);
        let reg = self.target(want, Rep::Tagged);
        let ext = ExtData::Closure {
            function: id.0,
            nref: tagged.len() as u16,
            captures: tagged.iter().chain(&raw).map(|reg| reg.field()).collect(),
        };
        self.asm.op_ext(
            Op::Closure,
            reg.field(),
            class.field(),
            function.field(),
            ext,
        );
        self.deliver(Val::new(reg, Rep::Tagged), want)
    }

    /// What messages say of the tagged captures.
    fn capture_names(&mut self, captured: &[Captured], has_this: bool) -> Vec<(bc::StrId, u32)> {
        let mut names = Vec::new();
        if has_this {
            names.push((self.shared.tables.string("this"), 0));
        }
        let tagged = captured.iter().filter(|captured| captured.is_tagged());
        for captured in tagged {
            let local = &self.analyzed.body.locals[captured.local.0 as usize];
            let name = self.shared.tables.string(&local.name.to_string());
            names.push((name, local.span.start));
        }
        names
    }

    /// Loads what the closure captured. Parameters come later, but their registers first: slot 0 is the closure, and the first
    /// raw register is left for type arguments.
    fn enter_closure(&mut self, captured: &[Captured], has_this: bool, own: Option<LocalId>) {
        self.function_vector = FunctionVector::Closure { own: false };
        self.pending_captures = Some(PendingCaptures {
            locals: captured
                .iter()
                .map(|captured| (captured.local, captured.storage, captured.is_initializer))
                .collect(),
            has_this,
            own,
        });
        let closure = self.temp(Rep::Tagged);
        debug_assert_eq!(closure, Reg::tagged(0));
    }

    /// Loads captures into registers, once the parameters have theirs.
    fn load_captures(&mut self) {
        let Some(pending) = self.pending_captures.take() else {
            return;
        };
        let closure = Reg::tagged(0);
        let (mut refs, mut raws) = (0, 0);
        if pending.has_this {
            let this = self.temp(Rep::Tagged);
            self.op_imm(Op::LdCap, this, closure, refs);
            self.this = Some(this);
            refs += 1;
        }
        for (local, storage, is_initializer) in pending.locals {
            let rep = if storage.in_cell || is_initializer {
                Rep::Tagged
            } else {
                storage.rep
            };
            let reg = self.temp(rep);
            if rep == Rep::Tagged {
                self.op_imm(Op::LdCap, reg, closure, refs);
                refs += 1;
            } else {
                self.op_imm(Op::LdCapW, reg, closure, raws);
                raws += 1;
            }
            if is_initializer {
                if let Some(storage) = self.locals.get_mut(&local) {
                    storage.initializer = Some(reg);
                }
            } else {
                let storage = Storage {
                    reg,
                    initializer: None,
                    ..storage
                };
                self.locals.insert(local, storage);
            }
        }
        if let Some(own) = pending.own {
            self.bind_local(own, closure, Rep::Tagged, false);
        }
    }

    /// Parameters, code and end of a closure.
    fn closure_body(&mut self, node: &FunctionNode, expected: Option<&FunctionTy>) -> Head {
        let outer = self.env.function_len();
        self.env.push(&node.type_params);
        if !node.type_params.is_empty() {
            self.registers.take_raw(eyot_bytecode::RawKind::Type);
            self.function_vector = FunctionVector::Closure { own: true };
        }
        let params = self.closure_params(node);
        // A native knows how arguments travel by their types alone.
        let expected = expected.filter(|_| node.native.is_none());
        let reps = Reps::of(node, &params, expected);
        let regs: Vec<Reg> = reps.params.iter().map(|&rep| self.temp(rep)).collect();
        let head = Head {
            type_params: node.type_params.clone(),
            result: node.result,
            outer,
            is_suspendable: node.native.is_none() && node.marker != AsyncMarker::Sync,
            native: node.native,
            params,
            reps,
        };
        if node.native.is_some() {
            // Its code is elsewhere.
            self.pending_captures = None;
            return head;
        }
        let (params, reps) = (&head.params, &head.reps);
        self.load_captures();
        for (index, (param, &reg)) in params.iter().zip(&regs).enumerate() {
            let node = &node.params[param.source_index];
            let reg = self.unpacked(reg, param.rep(), index);
            self.bind_parameter(node.local, reg, param.rep());
        }
        self.result = reps.result.unwrap_or(rep_of(node.result));
        self.function_code(node);
        head
    }

    /// A parameter in the representation that its type implies, from what the caller gives.
    fn unpacked(&mut self, given: Reg, rep: Rep, index: usize) -> Reg {
        let op = match rep {
            Rep::Int => Op::ArgI,
            Rep::Double => Op::ArgD,
            Rep::Bool => Op::ArgB,
            Rep::Tagged => return given,
        };
        if given.is_raw() {
            return given;
        }
        let reg = self.temp(rep);
        self.op_imm(op, reg, given, index as i16);
        reg
    }

    fn closure_params(&self, node: &FunctionNode) -> Vec<SigParam> {
        let mut params: Vec<SigParam> = node
            .params
            .iter()
            .enumerate()
            .filter_map(|(source_index, param)| {
                let local = self.analyzed.body.locals.get(param.local.0 as usize)?;
                Some(SigParam {
                    name: local.name,
                    ty: local.ty,
                    kind: param.kind,
                    default: param.default,
                    source_index,
                    covariant: false,
                })
            })
            .collect();
        sort_params(&mut params);
        params
    }

    /// What the image says about a closure's function.
    fn head(&mut self, head: Head) -> bc::Function {
        let mut flags = bc::FunctionFlags::CLOSURE;
        flags.set(bc::FunctionFlags::SUSPENDABLE, head.is_suspendable);
        flags.set(bc::FunctionFlags::NATIVE, head.native.is_some());
        let native = head.native.map(|name| self.shared.tables.string(name));
        let mut function = bc::Function {
            flags,
            native,
            outer_type_params: head.outer,
            ..self.describe(&head.type_params, &head.params, head.result)
        };
        for (param, &rep) in function.params.iter_mut().zip(&head.reps.params) {
            param.rep = rep;
        }
        if let Some(rep) = head.reps.result {
            function.result = rep;
        }
        function
    }

    /// The parts of a function's head that follow from its signature and place.
    pub(super) fn describe(
        &mut self,
        type_params: &[TypeParamId],
        params: &[SigParam],
        result: Ty,
    ) -> bc::Function {
        let bounds = type_params
            .iter()
            .map(|&param| {
                let bound = self.world.bound(param);
                self.type_id(bound)
            })
            .collect();
        let params = params
            .iter()
            .map(|param| bc::Param {
                name: self.shared.tables.string(param.name.as_str()),
                rep: param.rep(),
                ty: self.type_id(if param.covariant {
                    Ty::OBJECT_N
                } else {
                    param.ty
                }),
                kind: param_kind(param.kind),
                default: param.default.map(|id| self.shared.tables.const_id(id)),
            })
            .collect();
        let name = self.place.name.clone();
        bc::Function {
            name: self.shared.tables.string(&name),
            owner: self.place.owner.map(|owner| bc::ClassId(owner.0)),
            flags: bc::FunctionFlags::empty(),
            type_params: bounds,
            outer_type_params: 0,
            params,
            result: rep_of(result),
            result_type: self.type_id(result),
            refs: 0,
            raws: Vec::new(),
            captures: (0, Vec::new()),
            captured: Vec::new(),
            native: None,
            code: Vec::new(),
            handlers: Vec::new(),
            source: None,
            positions: Vec::new(),
        }
    }
}

/// Captures that are not loaded yet.
pub(super) struct PendingCaptures {
    locals: Vec<(LocalId, Storage, bool)>,
    has_this: bool,
    own: Option<LocalId>,
}

/// How parameters and result of a closure travel.
#[derive(Default)]
struct Reps {
    params: Vec<Rep>,
    /// As its type implies if there is none.
    result: Option<Rep>,
}

impl Reps {
    /// As their types imply, unless the caller will have them tagged.
    fn of(node: &FunctionNode, params: &[SigParam], expected: Option<&FunctionTy>) -> Reps {
        let mut reps = Reps {
            params: params.iter().map(SigParam::rep).collect(),
            result: None,
        };
        let Some(expected) = expected.filter(|_| node.marker == AsyncMarker::Sync) else {
            return reps;
        };
        for (index, param) in params.iter().enumerate() {
            let declared = match param.kind {
                ParamKind::Required => expected.positional.get(index),
                _ => None,
            };
            if declared.is_some_and(|&ty| rep_of(ty) == Rep::Tagged) {
                reps.params[index] = Rep::Tagged;
            }
        }
        if rep_of(expected.result) == Rep::Tagged {
            reps.result = Some(Rep::Tagged);
        }
        reps
    }
}

/// What kind of function a closure has.
struct Head {
    type_params: Vec<TypeParamId>,
    params: Vec<SigParam>,
    reps: Reps,
    result: Ty,
    outer: u16,
    is_suspendable: bool,
    /// The native that is its code.
    native: Option<&'static str>,
}

fn capture_kinds(captured: &[Captured], has_this: bool) -> (u16, Vec<bc::RawKind>) {
    let mut refs = u16::from(has_this);
    let mut raws = Vec::new();
    for captured in captured {
        match captured.storage.rep.raw_kind() {
            Some(kind) if !captured.is_tagged() => raws.push(kind),
            _ => refs += 1,
        }
    }
    (refs, raws)
}
