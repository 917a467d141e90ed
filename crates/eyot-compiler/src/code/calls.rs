//! Calls: arguments into the order and representations that the callee or the call's shape asks for.

use eyot_bytecode::module as bc;
use eyot_bytecode::{Op, Reg, Rep};
use eyot_semantics::model::{MemberId, MemberKind, Owner, known};
use eyot_semantics::program::{Args, Expr, ExprKind};
use eyot_semantics::types::{FunctionTy, Ty, TyKind};
use eyot_syntax::{Span, Symbol, sym};

use super::{Code, Val, Want};
use crate::signature::{Signature, is_named};
use crate::tables::{is_mixin, rep_of};

/// Most arguments of a call: their number is encoded in a byte.
const MAX_ARGS: usize = 250;

impl Code<'_, '_> {
    // ---- emitting calls

    /// Emits a call; the result comes to where it is wanted.
    pub(super) fn emit_call(
        &mut self,
        op: Op,
        target: u32,
        args: &[Reg],
        result: Rep,
        want: Want,
    ) -> Val {
        let cache = match op {
            Op::CallS => 0,
            _ => self.shared.tables.cache(),
        };
        let reg = match want {
            Want::Effect => Reg::NONE,
            _ => self.target(want, result),
        };
        self.asm.call(op, reg, target, cache, args);
        self.deliver(Val::new(reg, result), want)
    }

    /// Calls a member's main function; `args` have the callee's order and representations, type arguments apart.
    pub(super) fn call_member(
        &mut self,
        member: MemberId,
        types: Reg,
        args: &[Reg],
        want: Want,
    ) -> Val {
        let function = self.shared.tables.function(member);
        let world = self.world;
        let data = world.member(member);
        let result = match data.kind {
            MemberKind::Setter | MemberKind::Constructor => Rep::Tagged,
            _ => rep_of(world.ty(member)),
        };
        let mut all = Vec::with_capacity(args.len() + 1);
        all.extend(types.is_some().then_some(types));
        all.extend_from_slice(args);
        self.emit_call(Op::CallS, function.0, &all, result, want)
    }

    fn method_shape(&mut self, selector: bc::Selector, call: ShapeParts) -> u32 {
        let shape = bc::Shape {
            selector: Some(selector),
            type_args: call.type_args,
            positional: call.positional,
            named: call.named,
            result: call.result,
            dynamic: call.dynamic,
        };
        self.shared.tables.shape(shape).0
    }

    /// The selector of a member.
    pub(super) fn selector_of(&mut self, member: MemberId, kind: bc::SelectorKind) -> bc::Selector {
        let data = self.world.member(member);
        self.shared.tables.selector(data.name, data.library, kind)
    }

    /// Calls a getter of the receiver, resolved at run time.
    pub(super) fn call_getter(
        &mut self,
        op: Op,
        selector: bc::Selector,
        receiver: Reg,
        result: Rep,
        want: Want,
    ) -> Val {
        let shape = self.method_shape(selector, ShapeParts::result(result));
        self.emit_call(op, shape, &[receiver], result, want)
    }

    /// Calls a setter of the receiver, resolved at run time.
    pub(super) fn call_setter(
        &mut self,
        op: Op,
        selector: bc::Selector,
        receiver: Reg,
        value: Reg,
        rep: Rep,
    ) {
        let parts = ShapeParts {
            positional: vec![rep],
            ..ShapeParts::result(Rep::Tagged)
        };
        let shape = self.method_shape(selector, parts);
        self.emit_call(op, shape, &[receiver, value], Rep::Tagged, Want::Effect);
    }

    /// Calls a method without arguments by name.
    pub(super) fn call_named(&mut self, name: &str, receiver: Reg, result: Rep, want: Want) -> Val {
        let name = self.shared.tables.string(name);
        let selector = bc::Selector {
            name,
            kind: bc::SelectorKind::Method,
        };
        let shape = self.method_shape(selector, ShapeParts::result(result));
        self.emit_call(Op::CallV, shape, &[receiver], result, want)
    }

    /// `a == b` by a virtual call.
    pub(super) fn call_equals(&mut self, a: Reg, b: Reg, member: Option<MemberId>) -> Reg {
        let library = member.map_or(self.world.member(self.place.member).library, |member| {
            self.world.member(member).library
        });
        let selector = self
            .shared
            .tables
            .selector(sym::EQUALS, library, bc::SelectorKind::Method);
        let parts = ShapeParts {
            positional: vec![Rep::Tagged],
            ..ShapeParts::result(Rep::Bool)
        };
        let shape = self.method_shape(selector, parts);
        let want = Want::As(Rep::Bool);
        self.emit_call(Op::CallV, shape, &[a, b], Rep::Bool, want)
            .reg
    }

    // ---- arguments of known targets

    /// Evaluates the arguments of a call of a known function: all parameters in the callee's order.
    /// `before` is what was evaluated already and comes first.
    pub(super) fn full_arguments(
        &mut self,
        signature: &Signature,
        args: &Args,
        before: &[Reg],
    ) -> Vec<Reg> {
        let mut given: Vec<Option<Reg>> = vec![None; signature.params.len()];
        let positional = signature.positional();
        for (index, arg) in args.positional.iter().enumerate() {
            if let Some(param) = signature.params.get(index).filter(|_| index < positional) {
                let later = later_args(args, index + 1);
                given[index] = Some(self.argument(arg, param.ty, later));
            } else {
                self.expr(arg, Want::Effect);
            }
        }
        for (number, (name, arg)) in args.named.iter().enumerate() {
            let found = signature
                .params
                .iter()
                .position(|param| is_named(param.kind) && param.name == *name);
            match found {
                Some(index) => {
                    let ty = signature.params[index].ty;
                    let later = later_args(args, args.positional.len() + number + 1);
                    given[index] = Some(self.argument(arg, ty, later));
                }
                None => {
                    self.expr(arg, Want::Effect);
                }
            }
        }
        let mut all = before.to_vec();
        for (param, given) in signature.params.iter().zip(given) {
            let reg = given.unwrap_or_else(|| {
                let want = Want::As(param.rep());
                match param.default {
                    Some(default) => self.load_constant(default, want).reg,
                    None if param.rep() == Rep::Tagged => self.load_null(want).reg,
                    None => self.never(want).reg,
                }
            });
            all.push(reg);
        }
        all
    }

    /// Whether a call has too many arguments to be encoded; notes it.
    fn too_many(&mut self, count: usize, span: Span) -> bool {
        let too_many = count > MAX_ARGS;
        if too_many {
            self.unsupported(span, "a call with more than 250 arguments");
        }
        too_many
    }

    // ---- static calls

    pub(super) fn static_call(
        &mut self,
        target: MemberId,
        args: &Args,
        expr: &Expr,
        want: Want,
    ) -> Val {
        if let Some(value) = self.intrinsic(target, args, expr, want) {
            return value;
        }
        if let Some(value) = self.inlined_value(target, args, want) {
            return value;
        }
        let signature = Signature::of_member(self.world, target);
        if self.too_many(signature.params.len(), expr.span) {
            return self.never(want);
        }
        let mark = self.mark();
        let types = self.type_arguments(&signature, &args.types);
        let regs = self.full_arguments(&signature, args, &[]);
        self.release(mark);
        self.at(expr.span);
        self.call_member(target, types, &regs, want)
    }

    /// Type arguments of a call of a known function.
    pub(super) fn type_arguments(&mut self, signature: &Signature, types: &[Ty]) -> Reg {
        if signature.type_params.is_empty() {
            return Reg::NONE;
        }
        let bounds;
        let types = if types.len() == signature.type_params.len() {
            types
        } else {
            bounds = vec![Ty::DYNAMIC; signature.type_params.len()];
            &bounds
        };
        self.vector(types)
    }

    /// Functions of the core that are instructions, or nothing at all.
    fn intrinsic(&mut self, target: MemberId, args: &Args, expr: &Expr, want: Want) -> Option<Val> {
        let data = self.world.member(target);
        let Owner::Library(library) = data.owner else {
            return None;
        };
        let uri = &*self.world.library(library).uri;
        match (uri, data.name.as_str(), args.positional.as_slice()) {
            ("dart:_internal", "unsafeCast", [value]) => {
                let want = match want {
                    Want::Any => Want::As(rep_of(expr.ty)),
                    other => other,
                };
                Some(self.expr(value, want))
            }
            ("dart:math", "sqrt", [value]) if self.number(value).is_some() => {
                let mark = self.mark();
                let value = self.double_operand(value, []);
                self.release(mark);
                let reg = self.target(want, Rep::Double);
                let function = eyot_bytecode::MathFn::Sqrt as u16;
                self.asm.op(Op::MathD, reg.field(), value.field(), function);
                Some(self.deliver(Val::new(reg, Rep::Double), want))
            }
            _ => None,
        }
    }

    // ---- instance calls

    pub(super) fn instance_call(
        &mut self,
        expr: &Expr,
        receiver: &Expr,
        member: MemberId,
        args: &Args,
        want: Want,
    ) -> Val {
        if let Some(value) = self.number_call(expr, receiver, member, args, want) {
            return value;
        }
        if let Some(value) = self.fast_call(receiver, member, args, expr.span, want) {
            return value;
        }
        if let Some(target) = self.direct_target(receiver, member) {
            return self.direct_call(receiver, target, args, expr.span, want);
        }
        let mark = self.mark();
        let object = self.operand(receiver, Rep::Tagged, later_args(args, 0));
        let signature = Signature::of_member(self.world, member);
        let Some((parts, regs)) = self.shaped_arguments(&signature, args, object, expr.span) else {
            return self.never(want);
        };
        let selector = self.selector_of(member, bc::SelectorKind::Method);
        let result = parts.result;
        let shape = self.method_shape(selector, parts);
        self.release(mark);
        self.at(expr.span);
        self.emit_call(Op::CallV, shape, &regs, result, want)
    }

    /// A call whose target is known because only one class can be the receiver's.
    fn direct_call(
        &mut self,
        receiver: &Expr,
        target: MemberId,
        args: &Args,
        span: Span,
        want: Want,
    ) -> Val {
        let signature = Signature::of_member(self.world, target);
        if self.too_many(signature.params.len(), span) {
            return self.never(want);
        }
        let mark = self.mark();
        let object = self.operand(receiver, Rep::Tagged, later_args(args, 0));
        let types = self.type_arguments(&signature, &args.types);
        let regs = self.full_arguments(&signature, args, &[object]);
        self.release(mark);
        self.at(span);
        self.call_member(target, types, &regs, want)
    }

    /// The one concrete member that a call can reach, where the classes that the receiver may have are all known.
    pub(super) fn direct_target(&self, receiver: &Expr, member: MemberId) -> Option<MemberId> {
        let world = self.world;
        let ty = world.resolve_bound(receiver.ty);
        let class = match world.types.kind(ty) {
            TyKind::Interface {
                class,
                nullable: false,
                ..
            } => *class,
            _ => return None,
        };
        let data = world.member(member);
        // Strings have classes of their own for each storage, without members.
        if matches!(
            class,
            known::INT | known::DOUBLE | known::BOOL | known::STRING
        ) {
            let found = world.concrete_members(class, data.name, data.library).get?;
            return self.is_callable(found, data.kind).then_some(found);
        }
        let is_this = matches!(self.behind_casts(receiver).kind, ExprKind::This);
        let found =
            self.shared
                .subclasses
                .only_target(world, class, data.name, data.library, is_this)?;
        self.is_callable(found, data.kind).then_some(found)
    }

    /// Whether a found member is of the kind that the call means, and has code that can be called directly.
    fn is_callable(&self, found: MemberId, kind: MemberKind) -> bool {
        self.world.member(found).kind == kind
    }

    /// Arguments for a shape that follows the signature of the interface's member: only those given.
    fn shaped_arguments(
        &mut self,
        signature: &Signature,
        args: &Args,
        receiver: Reg,
        span: Span,
    ) -> Option<(ShapeParts, Vec<Reg>)> {
        if self.too_many(args.positional.len() + args.named.len(), span) {
            return None;
        }
        let mut parts = ShapeParts::result(signature.result_rep());
        let mut regs = vec![receiver];
        if !args.types.is_empty() {
            parts.type_args = args.types.len() as u16;
            regs.push(self.vector(&args.types));
        }
        for (index, arg) in args.positional.iter().enumerate() {
            let param = signature.params.get(index);
            let ty = param.map_or(Ty::DYNAMIC, |param| param.ty);
            parts.positional.push(rep_of(ty));
            regs.push(self.argument(arg, ty, later_args(args, index + 1)));
        }
        let type_of_name = |name: Symbol| {
            let mut params = signature.params.iter();
            params
                .find(|param| is_named(param.kind) && param.name == name)
                .map_or(Ty::DYNAMIC, |param| param.ty)
        };
        self.named_arguments(args, &type_of_name, &mut parts, &mut regs);
        Some((parts, regs))
    }

    /// An argument for a parameter with this declared type, in the representation that follows from it. A function literal is
    /// made to be called as the callee will call it: what is an `E` there comes tagged, whatever it is here.
    fn argument<'e>(
        &mut self,
        arg: &Expr,
        declared: Ty,
        later: impl IntoIterator<Item = &'e Expr>,
    ) -> Reg {
        if let (ExprKind::Closure(_), TyKind::Function { function, .. }) = (
            &self.behind_casts(arg).kind,
            self.world.types.kind(declared),
        ) {
            self.expected_function = Some(Box::new(FunctionTy::clone(function)));
        }
        self.operand(arg, rep_of(declared), later)
    }

    /// Evaluates named arguments in source order and passes them by name.
    fn named_arguments(
        &mut self,
        args: &Args,
        type_of_name: &dyn Fn(Symbol) -> Ty,
        parts: &mut ShapeParts,
        regs: &mut Vec<Reg>,
    ) {
        let mut named = Vec::new();
        for (number, (name, arg)) in args.named.iter().enumerate() {
            let ty = type_of_name(*name);
            let later = later_args(args, args.positional.len() + number + 1);
            let reg = self.argument(arg, ty, later);
            named.push((*name, rep_of(ty), reg));
        }
        named.sort_by_key(|(name, ..)| name.as_str());
        for (name, rep, reg) in named {
            parts
                .named
                .push((self.shared.tables.string(name.as_str()), rep));
            regs.push(reg);
        }
    }

    // ---- dynamic calls and closures

    fn dynamic_arguments(
        &mut self,
        args: &Args,
        receiver: Reg,
        span: Span,
    ) -> Option<(ShapeParts, Vec<Reg>)> {
        if self.too_many(args.positional.len() + args.named.len(), span) {
            return None;
        }
        let mut parts = ShapeParts {
            dynamic: true,
            ..ShapeParts::result(Rep::Tagged)
        };
        let mut regs = vec![receiver];
        if !args.types.is_empty() {
            parts.type_args = args.types.len() as u16;
            regs.push(self.vector(&args.types));
        }
        for (index, arg) in args.positional.iter().enumerate() {
            parts.positional.push(Rep::Tagged);
            regs.push(self.operand(arg, Rep::Tagged, later_args(args, index + 1)));
        }
        self.named_arguments(args, &|_| Ty::DYNAMIC, &mut parts, &mut regs);
        Some((parts, regs))
    }

    pub(super) fn dynamic_call(
        &mut self,
        receiver: &Expr,
        name: Symbol,
        args: &Args,
        span: Span,
        want: Want,
    ) -> Val {
        let mark = self.mark();
        let object = self.operand(receiver, Rep::Tagged, later_args(args, 0));
        let Some((parts, regs)) = self.dynamic_arguments(args, object, span) else {
            return self.never(want);
        };
        let selector = self.dynamic_selector(name, bc::SelectorKind::Method);
        let shape = self.method_shape(selector, parts);
        self.release(mark);
        self.at(span);
        self.emit_call(Op::CallV, shape, &regs, Rep::Tagged, want)
    }

    /// The selector of a name as seen from here.
    fn dynamic_selector(&mut self, name: Symbol, kind: bc::SelectorKind) -> bc::Selector {
        let library = self.world.file(self.place.file).library;
        self.shared.tables.selector(name, library, kind)
    }

    pub(super) fn dynamic_get(
        &mut self,
        receiver: &Expr,
        name: Symbol,
        span: Span,
        want: Want,
    ) -> Val {
        let mark = self.mark();
        let object = self.value(receiver, Rep::Tagged);
        let selector = self.dynamic_selector(name, bc::SelectorKind::Getter);
        let parts = ShapeParts {
            dynamic: true,
            ..ShapeParts::result(Rep::Tagged)
        };
        let shape = self.method_shape(selector, parts);
        self.release(mark);
        self.at(span);
        self.emit_call(Op::CallV, shape, &[object], Rep::Tagged, want)
    }

    pub(super) fn dynamic_set(
        &mut self,
        receiver: &Expr,
        name: Symbol,
        value: &Expr,
        span: Span,
        want: Want,
    ) -> Val {
        let mark = self.mark();
        let object = self.operand(receiver, Rep::Tagged, [value]);
        let value = self.value(value, Rep::Tagged);
        let selector = self.dynamic_selector(name, bc::SelectorKind::Setter);
        let parts = ShapeParts {
            dynamic: true,
            positional: vec![Rep::Tagged],
            ..ShapeParts::result(Rep::Tagged)
        };
        let shape = self.method_shape(selector, parts);
        self.at(span);
        self.emit_call(
            Op::CallV,
            shape,
            &[object, value],
            Rep::Tagged,
            Want::Effect,
        );
        self.assigned(value, Rep::Tagged, want, mark)
    }

    /// The value of an assignment whose value lies in a temporary taken since `mark`.
    pub(super) fn assigned(
        &mut self,
        value: Reg,
        rep: Rep,
        want: Want,
        mark: super::registers::Mark,
    ) -> Val {
        let value = Val::new(value, rep);
        match want {
            Want::Effect | Want::Into(..) => {
                let result = self.deliver(value, want);
                self.release(mark);
                result
            }
            _ => self.deliver(value, want),
        }
    }

    /// The function type of a callee, if its type says one.
    fn function_type(&self, ty: Ty) -> Option<&'static FunctionTy> {
        match self.world.types.kind(self.world.resolve_bound(ty)) {
            TyKind::Function { function, .. } => Some(function),
            _ => None,
        }
    }

    pub(super) fn closure_call(
        &mut self,
        callee: &Expr,
        args: &Args,
        span: Span,
        want: Want,
    ) -> Val {
        let mark = self.mark();
        let function = self.operand(callee, Rep::Tagged, later_args(args, 0));
        let arguments = match self.function_type(callee.ty) {
            Some(ty) => self.typed_arguments(ty, args, function, span),
            None => self.dynamic_arguments(args, function, span),
        };
        let Some((parts, regs)) = arguments else {
            return self.never(want);
        };
        let result = parts.result;
        let shape = self.closure_shape(parts);
        self.release(mark);
        self.at(span);
        self.emit_call(Op::CallC, shape, &regs, result, want)
    }

    fn closure_shape(&mut self, parts: ShapeParts) -> u32 {
        let shape = bc::Shape {
            selector: None,
            type_args: parts.type_args,
            positional: parts.positional,
            named: parts.named,
            result: parts.result,
            dynamic: parts.dynamic,
        };
        self.shared.tables.shape(shape).0
    }

    fn typed_arguments(
        &mut self,
        ty: &FunctionTy,
        args: &Args,
        function: Reg,
        span: Span,
    ) -> Option<(ShapeParts, Vec<Reg>)> {
        if self.too_many(args.positional.len() + args.named.len(), span) {
            return None;
        }
        let mut parts = ShapeParts::result(rep_of(ty.result));
        let mut regs = vec![function];
        if !args.types.is_empty() {
            parts.type_args = args.types.len() as u16;
            regs.push(self.vector(&args.types));
        }
        for (index, arg) in args.positional.iter().enumerate() {
            let ty = ty.positional.get(index).copied().unwrap_or(Ty::DYNAMIC);
            parts.positional.push(rep_of(ty));
            regs.push(self.argument(arg, ty, later_args(args, index + 1)));
        }
        let type_of_name = |name: Symbol| {
            let mut named = ty.named.iter();
            named
                .find(|param| param.name == name)
                .map_or(Ty::DYNAMIC, |param| param.ty)
        };
        self.named_arguments(args, &type_of_name, &mut parts, &mut regs);
        Some((parts, regs))
    }

    /// Calls the closure that computes a late local's value.
    pub(super) fn call_initializer(&mut self, closure: Reg, result: Reg) {
        let shape = self.closure_shape(ShapeParts::result(Rep::Tagged));
        let want = Want::Into(result, Rep::Tagged);
        self.emit_call(Op::CallC, shape, &[closure], Rep::Tagged, want);
    }

    // ---- super

    /// Whether `super` means the class that the mixin is applied to.
    pub(super) fn is_in_mixin(&self) -> bool {
        self.place
            .owner
            .is_some_and(|owner| is_mixin(self.world, owner))
    }

    pub(super) fn super_call(
        &mut self,
        member: MemberId,
        args: &Args,
        span: Span,
        want: Want,
    ) -> Val {
        let Some(this) = self.this else {
            return self.never(want);
        };
        let signature = Signature::of_member(self.world, member);
        let mark = self.mark();
        if !self.is_in_mixin() {
            if self.too_many(signature.params.len(), span) {
                return self.never(want);
            }
            let types = self.type_arguments(&signature, &args.types);
            let regs = self.full_arguments(&signature, args, &[this]);
            self.release(mark);
            self.at(span);
            return self.call_member(member, types, &regs, want);
        }
        let Some((parts, regs)) = self.shaped_arguments(&signature, args, this, span) else {
            return self.never(want);
        };
        let selector = self.selector_of(member, bc::SelectorKind::Method);
        let result = parts.result;
        let shape = self.method_shape(selector, parts);
        self.release(mark);
        self.at(span);
        self.emit_call(Op::CallSuper, shape, &regs, result, want)
    }
}

/// The form of a call site under construction.
#[derive(Debug)]
struct ShapeParts {
    type_args: u16,
    positional: Vec<Rep>,
    named: Vec<(bc::StrId, Rep)>,
    result: Rep,
    dynamic: bool,
}

impl ShapeParts {
    fn result(result: Rep) -> ShapeParts {
        ShapeParts {
            type_args: 0,
            positional: Vec::new(),
            named: Vec::new(),
            result,
            dynamic: false,
        }
    }
}

/// The arguments that are evaluated after the first `count`.
fn later_args(args: &Args, count: usize) -> impl Iterator<Item = &Expr> {
    args.positional
        .iter()
        .chain(args.named.iter().map(|(_, arg)| arg))
        .skip(count)
}
