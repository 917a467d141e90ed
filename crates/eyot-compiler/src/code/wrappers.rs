//! Functions nobody wrote: implicit accessors, the functions of tear-offs, redirecting factories.

use eyot_bytecode::module as bc;
use eyot_bytecode::{Op, Reg, Rep};
use eyot_semantics::model::{MemberFlags, MemberId, MemberKind, Owner};
use eyot_semantics::types::Ty;
use eyot_syntax::Symbol;

use super::members::place_of;
use super::{Analyzed, Code, NestedSets, Shared, Val, Want, empty_body};
use crate::captures::Captures;
use crate::layout::{field_rep, field_word, write_needs_check};
use crate::signature::{SigParam, Signature, is_named};
use crate::tables::{Role, TypeEnv, rep_of};

/// The second function of a member.
pub(crate) fn role_function(shared: &mut Shared<'_>, member: MemberId, role: Role) -> bc::Function {
    wrapper(shared, member, |code| match role {
        Role::LateGetter => code.late_getter(member),
        Role::FieldSetter => code.field_setter(member),
        Role::TearOff => code.tear_off_function(member),
        Role::BoundTearOff => code.bound_tear_off(member),
    })
}

/// `factory C(…) = D;`
pub(super) fn redirecting_factory(shared: &mut Shared<'_>, member: MemberId) -> bc::Function {
    wrapper(shared, member, |code| code.redirection(member))
}

/// Compiles a function without a body of its own in the environment of a member.
pub(super) fn wrapper(
    shared: &mut Shared<'_>,
    member: MemberId,
    make: impl FnOnce(&mut Code<'_, '_>) -> bc::Function,
) -> bc::Function {
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
    let head = make(&mut code);
    code.finish(head)
}

impl Code<'_, '_> {
    pub(super) fn at_member(&mut self, member: MemberId) {
        self.at(self.world.member(member).span);
    }

    // ---- accessors

    /// Reads a field where it is stored: by its word, or through the hidden accessors of a mixin's field.
    fn read_stored(&mut self, field: MemberId, this: Reg, into: Reg) {
        match field_word(self.world, field) {
            Some(word) => self.load_field(into, this, word),
            None => {
                let name = self.shared.tables.storage_name(field);
                let kind = bc::SelectorKind::Getter;
                let rep = field_rep(self.world, field);
                let want = Want::Into(into, rep);
                self.call_getter(Op::CallV, bc::Selector { name, kind }, this, rep, want);
            }
        }
    }

    fn write_stored(&mut self, field: MemberId, this: Reg, value: Reg) {
        match field_word(self.world, field) {
            Some(word) => self.store_field(this, word, value),
            None => {
                let name = self.shared.tables.storage_name(field);
                let kind = bc::SelectorKind::Setter;
                let rep = field_rep(self.world, field);
                self.call_setter(Op::CallV, bc::Selector { name, kind }, this, value, rep);
            }
        }
    }

    fn late_getter(&mut self, field: MemberId) -> bc::Function {
        let signature = Signature {
            this: true,
            type_params: Vec::new(),
            params: Vec::new(),
            result: self.world.ty(field),
        };
        self.slots(&signature);
        let mut head = self.member_head(field, &signature);
        head.flags |= bc::FunctionFlags::GETTER;
        self.at_member(field);
        let this = Reg::tagged(0);
        let value = self.temp(Rep::Tagged);
        self.read_stored(field, this, value);
        let done = self.asm.label();
        self.asm.jump(Op::Jnsent, value, done);
        let data = self.world.member(field);
        if data.flags.contains(MemberFlags::HAS_INITIALIZER) {
            let want = Want::Into(value, Rep::Tagged);
            self.call_member(field, Reg::NONE, &[this], want);
            if data.flags.contains(MemberFlags::FINAL) {
                self.throw_unless_unset(field, this, "_throwLateAssignedDuringInitialization");
            }
            self.write_stored(field, this, value);
        } else {
            self.throw_text("_throwLateNotInitialized", data.name.as_str());
        }
        self.bind(done);
        let rep = self.result;
        let result = self.coerce(Val::new(value, Rep::Tagged), rep);
        self.return_value(result);
        head
    }

    fn throw_unless_unset(&mut self, field: MemberId, this: Reg, function: &str) {
        let mark = self.mark();
        let old = self.temp(Rep::Tagged);
        self.read_stored(field, this, old);
        let (set, fine) = (self.asm.label(), self.asm.label());
        self.asm.jump(Op::Jnsent, old, set);
        self.asm.jmp(fine);
        self.bind(set);
        let name = self.world.member(field).name;
        self.throw_text(function, name.as_str());
        self.bind(fine);
        self.release(mark);
    }

    fn field_setter(&mut self, field: MemberId) -> bc::Function {
        let ty = self.world.ty(field);
        let data = self.world.member(field);
        let signature = Signature {
            this: true,
            type_params: Vec::new(),
            params: vec![SigParam {
                name: Symbol::intern("value"),
                ty,
                kind: eyot_semantics::model::ParamKind::Required,
                default: None,
                source_index: 0,
                covariant: data.flags.contains(MemberFlags::COVARIANT),
            }],
            result: Ty::VOID,
        };
        let slots = self.slots(&signature);
        let mut head = self.member_head(field, &signature);
        head.flags |= bc::FunctionFlags::SETTER;
        self.at_member(field);
        let (this, value) = (Reg::tagged(0), slots[0]);
        if write_needs_check(self.world, field) {
            self.check_parameter(value, ty, 0);
        }
        if data.flags.contains(MemberFlags::LATE | MemberFlags::FINAL) {
            self.throw_unless_unset(field, this, "_throwLateAlreadyInitialized");
        }
        let stored = self.passed_on(value, rep_of(ty), field_rep(self.world, field));
        self.write_stored(field, this, stored);
        self.op(Op::RetNull, &[]);
        head
    }

    // ---- tear-offs

    /// The function of a closure over a static function or constructor.
    fn tear_off_function(&mut self, member: MemberId) -> bc::Function {
        let world = self.world;
        let data = world.member(member);
        let mut signature = Signature::of_member(world, member);
        let owner = match (data.kind, data.owner) {
            (MemberKind::Constructor, Owner::Class(class)) => Some(class),
            _ => None,
        };
        if let Some(class) = owner {
            // The class's type parameters are the closure's own.
            signature
                .type_params
                .clone_from(&world.class(class).type_params);
            signature.result = world.this_type(class);
            self.env = TypeEnv::default();
            self.env.push(&signature.type_params);
        }
        signature.this = false;
        self.temp(Rep::Tagged);
        let slots = self.slots(&signature);
        let mut head = self.describe(&signature.type_params, &signature.params, signature.result);
        head.flags = bc::FunctionFlags::CLOSURE | bc::FunctionFlags::HIDDEN;
        self.result = head.result;
        self.at_member(member);
        match owner {
            Some(class) => {
                let own: Vec<Ty> = signature
                    .type_params
                    .iter()
                    .map(|&param| world.types.param(param))
                    .collect();
                let object = self.temp(Rep::Tagged);
                self.allocate(object, class, &own);
                let mut args = vec![object];
                args.extend_from_slice(&slots);
                self.call_member(member, Reg::NONE, &args, Want::Effect);
                self.return_value(object);
            }
            None => {
                let types = self.own_vector(&signature);
                self.call_and_return(member, types, &slots);
            }
        }
        head
    }

    fn own_vector(&self, signature: &Signature) -> Reg {
        if signature.type_params.is_empty() {
            Reg::NONE
        } else {
            Reg::raw(0)
        }
    }

    fn call_and_return(&mut self, member: MemberId, types: Reg, args: &[Reg]) {
        let rep = self.result;
        let result = self.call_member(member, types, args, Want::As(rep));
        self.return_value(result.reg);
    }

    /// The function of `super.method` as a closure: the receiver is captured.
    fn bound_tear_off(&mut self, member: MemberId) -> bc::Function {
        let mut signature = Signature::of_member(self.world, member);
        signature.this = false;
        let closure = self.temp(Rep::Tagged);
        let slots = self.slots(&signature);
        let mut head = self.describe(&signature.type_params, &signature.params, signature.result);
        head.flags = bc::FunctionFlags::CLOSURE | bc::FunctionFlags::HIDDEN;
        head.captures = (1, Vec::new());
        self.result = head.result;
        self.at_member(member);
        let this = self.temp(Rep::Tagged);
        self.op_imm(Op::LdCap, this, closure, 0);
        let mut args = vec![this];
        args.extend_from_slice(&slots);
        let types = self.own_vector(&signature);
        self.call_and_return(member, types, &args);
        head
    }

    // ---- redirecting factories

    fn redirection(&mut self, member: MemberId) -> bc::Function {
        let world = self.world;
        let signature = Signature::of_member(world, member);
        let slots = self.slots(&signature);
        let head = self.member_head(member, &signature);
        self.at_member(member);
        let Some((target, types)) = &world.member(member).redirect else {
            // The target was not found, which was reported.
            self.throw_text("_throwUnsupported", "this factory redirects nowhere");
            return head;
        };
        let target_signature = Signature::of_member(world, *target);
        let mut args = Vec::new();
        for (index, param) in target_signature.params.iter().enumerate() {
            let given = signature.params.iter().position(|own| {
                if is_named(param.kind) {
                    is_named(own.kind) && own.name == param.name
                } else {
                    !is_named(own.kind) && own.source_index == index
                }
            });
            let reg = match (given, param.default) {
                (Some(index), _) => {
                    self.passed_on(slots[index], signature.params[index].rep(), param.rep())
                }
                (None, Some(default)) => self.load_constant(default, Want::As(param.rep())).reg,
                (None, None) => self.never_null(param.rep()),
            };
            args.push(reg);
        }
        match world.member(*target).owner {
            Owner::Class(class) if self.is_generative(*target) => {
                let object = self.temp(Rep::Tagged);
                self.allocate(object, class, types);
                args.insert(0, object);
                self.call_member(*target, Reg::NONE, &args, Want::Effect);
                self.return_value(object);
            }
            _ => {
                let types = self.type_arguments(&target_signature, types);
                self.call_and_return(*target, types, &args);
            }
        }
        head
    }

    /// Null, or zero where null cannot be.
    fn never_null(&mut self, rep: Rep) -> Reg {
        let reg = self.temp(rep);
        self.zero(reg, rep);
        reg
    }
}
