//! The main functions of members.

use eyot_bytecode::module as bc;
use eyot_bytecode::{Op, RawKind, Rep};
use eyot_semantics::model::{
    AsyncMarker, ClassId, Member, MemberFlags, MemberId, MemberKind, Owner, World,
};
use eyot_semantics::program::{Body, Initializer};
use eyot_syntax::sym;

use super::{Analyzed, Code, NestedSets, Place, Shared, Val, Want, access, empty_body};
use crate::captures::Captures;
use crate::layout::{field_rep, layout};
use crate::signature::Signature;
use crate::tables::TypeEnv;

/// The function of a member: its code, or the head of one without.
pub(crate) fn member_function(
    shared: &mut Shared<'_>,
    member: MemberId,
    body: Option<&Body>,
) -> bc::Function {
    let world = shared.tables.world;
    let data = world.member(member);
    let is_external = data.flags.contains(MemberFlags::EXTERNAL);
    if is_external && !world.library(data.library).uri.starts_with("dart:") {
        return super::forwarders::unbound_external(shared, member);
    }
    if data.kind == MemberKind::RedirectingFactory && !is_external {
        return super::wrappers::redirecting_factory(shared, member);
    }
    match body {
        Some(body) if !is_external && (body.function.body.is_some() || is_constructor(data)) => {
            with_body(shared, member, body)
        }
        _ => without_code(shared, member, is_external),
    }
}

fn is_constructor(data: &Member) -> bool {
    data.kind == MemberKind::Constructor
}

fn with_body(shared: &mut Shared<'_>, member: MemberId, body: &Body) -> bc::Function {
    let captures = Captures::of(body);
    let nested_sets = NestedSets::of(body);
    let analyzed = Analyzed {
        body,
        captures: &captures,
        nested_sets: &nested_sets,
    };
    let place = place_of(shared.tables.world, member);
    let mut code = Code::new(shared, &analyzed, place);
    code.env = TypeEnv::of_member(code.world, member);
    let signature = Signature::of_member(code.world, member);
    code.result = signature.result_rep();
    code.parameters(&signature);
    let is_constructor = code.is_generative(member);
    if is_constructor {
        code.constructor(member);
    } else {
        code.function_code(&body.function);
    }
    let mut head = code.member_head(member, &signature);
    head.flags.set(
        bc::FunctionFlags::SUSPENDABLE,
        body.function.marker != AsyncMarker::Sync,
    );
    code.finish(head)
}

/// The head of a native or abstract function.
fn without_code(shared: &mut Shared<'_>, member: MemberId, is_external: bool) -> bc::Function {
    let world = shared.tables.world;
    let body = empty_body(world.member(member).span);
    let (captures, nested_sets) = (Captures::default(), NestedSets::default());
    let analyzed = Analyzed {
        body: &body,
        captures: &captures,
        nested_sets: &nested_sets,
    };
    let mut code = Code::new(shared, &analyzed, place_of(world, member));
    code.env = TypeEnv::of_member(world, member);
    let signature = Signature::of_member(world, member);
    code.slots(&signature);
    let mut head = code.member_head(member, &signature);
    head.refs = code.registers.refs();
    head.raws = std::mem::take(&mut code.registers).raws();
    if is_external {
        head.flags |= bc::FunctionFlags::NATIVE;
        head.native = Some(code.shared.tables.string(&native_name(world, member)));
    } else {
        head.flags |= bc::FunctionFlags::ABSTRACT;
    }
    head
}

/// Where a member's code stands.
pub(super) fn place_of(world: &World, member: MemberId) -> Place {
    let data = world.member(member);
    let (owner, prefix) = match data.owner {
        Owner::Class(class) => (Some(class), Some(world.class(class).name)),
        Owner::Extension(extension) => (None, world.extension(extension).name),
        Owner::Library(_) => (None, None),
    };
    let is_unnamed = is_constructor_kind(data.kind) && data.name == sym::NEW;
    let name = match prefix {
        Some(prefix) if is_unnamed => prefix.to_string(),
        Some(prefix) => format!("{prefix}.{}", data.name),
        None => data.name.to_string(),
    };
    Place {
        member,
        owner,
        file: data.file,
        name,
    }
}

fn is_constructor_kind(kind: MemberKind) -> bool {
    matches!(
        kind,
        MemberKind::Constructor | MemberKind::Factory | MemberKind::RedirectingFactory
    )
}

/// The name under which the runtime finds a native: `core/String.codeUnitAt`, `core/String.length`, `core/_List.new`; only setters say
/// what they are, since a getter may have their name.
fn native_name(world: &World, member: MemberId) -> String {
    let data = world.member(member);
    let uri = &*world.library(data.library).uri;
    let library = uri.strip_prefix("dart:").unwrap_or(uri);
    let kind = match data.kind {
        MemberKind::Setter => "set:",
        _ => "",
    };
    let owner = match data.owner {
        Owner::Class(class) => Some(world.class(class).name),
        Owner::Extension(extension) => world.extension(extension).name,
        Owner::Library(_) => None,
    };
    match owner {
        Some(owner) => format!("{library}/{owner}.{kind}{}", data.name),
        None => format!("{library}/{kind}{}", data.name),
    }
}

impl Code<'_, '_> {
    /// Takes the registers that arguments arrive in: `this`, type arguments, then each parameter in the callee's order.
    pub(super) fn slots(&mut self, signature: &Signature) -> Vec<eyot_bytecode::Reg> {
        if signature.this {
            self.this = Some(self.temp(Rep::Tagged));
        }
        if !signature.type_params.is_empty() {
            self.registers.take_raw(RawKind::Type);
        }
        signature
            .params
            .iter()
            .map(|param| self.temp(param.rep()))
            .collect()
    }

    /// Binds the parameters of the body and checks those that callers may not have checked.
    fn parameters(&mut self, signature: &Signature) {
        let slots = self.slots(signature);
        self.check_bounds(signature);
        let analyzed = self.analyzed;
        let nodes = &analyzed.body.function.params;
        for (index, (param, &slot)) in signature.params.iter().zip(&slots).enumerate() {
            let Some(node) = nodes.get(param.source_index) else {
                continue;
            };
            if node.check {
                self.check_parameter(slot, param.ty, index);
            }
            self.bind_parameter(node.local, slot, param.rep());
        }
    }

    /// Callers that know the receiver by a supertype may pass type arguments beyond bounds that mention the class's parameters.
    fn check_bounds(&mut self, signature: &Signature) {
        if !signature.this {
            return;
        }
        let checked = self.checks_bounds();
        for (index, &param) in signature.type_params.iter().enumerate() {
            let bound = self.world.bound(param);
            if !checked || self.world.is_top(bound) {
                continue;
            }
            let mark = self.mark();
            let given = self.type_temp();
            let vector = eyot_bytecode::Reg::raw(0);
            self.op_imm(Op::TargAt, given, vector, index as i16);
            let bound = self.type_reg(bound);
            self.op_imm(Op::CheckBound, given, bound, index as i16);
            self.release(mark);
        }
    }

    fn checks_bounds(&self) -> bool {
        let member = self.world.member(self.place.member);
        member.flags.contains(MemberFlags::CHECKS_BOUNDS)
    }

    /// What the image says about a member's function.
    pub(super) fn member_head(&mut self, member: MemberId, signature: &Signature) -> bc::Function {
        let mut head = self.describe(&signature.type_params, &signature.params, signature.result);
        let kind = self.world.member(member).kind;
        head.flags.set(bc::FunctionFlags::INSTANCE, signature.this);
        head.flags
            .set(bc::FunctionFlags::GETTER, kind == MemberKind::Getter);
        head.flags
            .set(bc::FunctionFlags::SETTER, kind == MemberKind::Setter);
        self.result = head.result;
        head
    }

    // ---- constructors

    /// A generative constructor: `this` is allocated already.
    fn constructor(&mut self, member: MemberId) {
        self.result = Rep::Tagged;
        let Owner::Class(class) = self.world.member(member).owner else {
            return self.return_default();
        };
        let analyzed = self.analyzed;
        let initializers = &analyzed.body.initializers;
        let redirects = initializers
            .iter()
            .any(|step| matches!(step, Initializer::This { .. }));
        if !redirects {
            self.mark_late_fields(class);
        }
        for step in initializers {
            self.initializer(class, step);
        }
        self.body(&analyzed.body.function);
        if self.is_reachable() {
            self.return_default();
        }
    }

    /// Late fields start with a mark.
    fn mark_late_fields(&mut self, class: ClassId) {
        let Some(this) = self.this else { return };
        let fields = layout(self.world, class).fields;
        let is_late = |field: MemberId| self.world.member(field).flags.contains(MemberFlags::LATE);
        let late: Vec<u16> = fields
            .iter()
            .filter(|(field, _)| is_late(*field))
            .map(|&(_, word)| word)
            .collect();
        if late.is_empty() {
            return;
        }
        let mark = self.mark();
        let sentinel = self.temp(Rep::Tagged);
        self.op(Op::LdSentinel, &[sentinel]);
        for word in late {
            self.store_field(this, word, sentinel);
        }
        self.release(mark);
    }

    fn initializer(&mut self, class: ClassId, step: &Initializer) {
        let Some(this) = self.this else { return };
        // Locals of hoisted arguments live on to the steps that use them.
        if let Initializer::Local(local, value) = step {
            return self.declare(*local, |code, want| {
                code.expr(value, want);
            });
        }
        let mark = self.mark();
        match step {
            Initializer::Field(field, value) => {
                let rep = field_rep(self.world, *field);
                let value = self.value(value, rep);
                if let Some(word) = access::word_in(self, class, *field) {
                    self.store_field(this, word, value);
                }
            }
            Initializer::Super { target, args } | Initializer::This { target, args } => {
                let owner = self.world.member(*target).owner;
                let is_object = owner == Owner::Class(eyot_semantics::model::known::OBJECT);
                if !is_object {
                    let signature = Signature::of_member(self.world, *target);
                    let regs = self.full_arguments(&signature, args, &[this]);
                    self.at(self.world.member(self.place.member).span);
                    self.call_member(*target, eyot_bytecode::Reg::NONE, &regs, Want::Effect);
                }
            }
            Initializer::Assert(condition, message) => {
                self.assert(condition, message.as_ref(), "");
            }
            Initializer::Local(..) => {}
        }
        self.release(mark);
    }

    /// Brings a register's value into another representation, for functions that pass arguments on.
    pub(super) fn passed_on(
        &mut self,
        reg: eyot_bytecode::Reg,
        from: Rep,
        to: Rep,
    ) -> eyot_bytecode::Reg {
        self.coerce(Val::new(reg, from), to)
    }
}
