//! Functions that end in `noSuchMethod`: forwarders of classes that have their own, and external members without code.

use eyot_bytecode::module as bc;
use eyot_bytecode::{Op, Reg, Rep};
use eyot_semantics::hierarchy::{distinct_name, is_private};
use eyot_semantics::model::{MemberId, MemberKind, Owner, TypeParamId};
use eyot_semantics::program::CastKind;
use eyot_semantics::types::Ty;
use eyot_syntax::Symbol;

use super::wrappers::wrapper;
use super::{Code, Shared, Val, Want};
use crate::signature::{SigParam, Signature, is_named};
use crate::tables::{Forwarder, TypeEnv, rep_of};

/// How `Invocation` tells members apart.
const KIND_METHOD: i64 = 0;
const KIND_GETTER: i64 = 1;
const KIND_SETTER: i64 = 2;

/// What a class with a `noSuchMethod` of its own does for a member that it does not implement: asks it, with all arguments.
pub(crate) fn forwarder_function(shared: &mut Shared<'_>, forwarder: Forwarder) -> bc::Function {
    wrapper(shared, forwarder.member, |code| code.forwarder(forwarder))
}

/// An external member of a program, to which nobody gives code: calling it is a NoSuchMethodError.
pub(super) fn unbound_external(shared: &mut Shared<'_>, member: MemberId) -> bc::Function {
    wrapper(shared, member, |code| {
        let signature = Signature::of_member(code.world, member);
        let slots = code.slots(&signature);
        let head = code.member_head(member, &signature);
        code.at_member(member);
        let kind = kind_of(code.world.member(member).kind);
        code.call_no_such_method("_throwNoSuchMethod", kind, &signature, &slots);
        head
    })
}

fn kind_of(kind: MemberKind) -> i64 {
    match kind {
        MemberKind::Getter | MemberKind::Field => KIND_GETTER,
        MemberKind::Setter => KIND_SETTER,
        _ => KIND_METHOD,
    }
}

impl Code<'_, '_> {
    fn forwarder(&mut self, forwarder: Forwarder) -> bc::Function {
        let world = self.world;
        let class = forwarder.class;
        let signature = self.forwarded_signature(forwarder);
        self.place.owner = Some(class);
        self.env = TypeEnv::of_class(world, class);
        self.env.push(&signature.type_params);
        let slots = self.slots(&signature);
        let mut head = self.member_head(forwarder.member, &signature);
        let kind = match kind_of(world.member(forwarder.member).kind) {
            KIND_GETTER if forwarder.is_setter => KIND_SETTER,
            kind => kind,
        };
        head.flags |= bc::FunctionFlags::NSM_FORWARDER;
        head.flags
            .set(bc::FunctionFlags::GETTER, kind == KIND_GETTER);
        head.flags
            .set(bc::FunctionFlags::SETTER, kind == KIND_SETTER);
        self.at_member(forwarder.member);
        let data = world.member(forwarder.member);
        // What another library keeps to itself throws, whatever the class's own method says.
        let is_foreign = is_private(data.name) && data.library != world.class(class).library;
        let function = match is_foreign {
            true => "_throwNoSuchMethod",
            false => "_callNoSuchMethod",
        };
        let answer = self.call_no_such_method(function, kind, &signature, &slots);
        if kind == KIND_SETTER {
            self.op(Op::RetNull, &[]);
            return head;
        }
        self.check_type(answer, signature.result, CastKind::Implicit);
        let rep = self.result;
        let result = self.coerce(Val::new(answer, Rep::Tagged), rep);
        self.return_value(result);
        head
    }

    /// The member's signature as the class sees it.
    fn forwarded_signature(&self, forwarder: Forwarder) -> Signature {
        let world = self.world;
        let data = world.member(forwarder.member);
        let mut signature = Signature::of_member(world, forwarder.member);
        if data.kind == MemberKind::Field && forwarder.is_setter {
            signature.params = vec![SigParam {
                name: data.name,
                ty: signature.result,
                kind: eyot_semantics::model::ParamKind::Required,
                default: None,
                source_index: 0,
                covariant: false,
            }];
            signature.result = Ty::VOID;
        }
        if let Owner::Class(owner) = data.owner {
            let this = world.this_type(forwarder.class);
            for param in &mut signature.params {
                param.ty = world.as_seen_from(param.ty, owner, this);
            }
            signature.result = world.as_seen_from(signature.result, owner, this);
        }
        signature
    }

    /// Calls a function of the core with the receiver, the member's name and kind, and the arguments in lists.
    fn call_no_such_method(
        &mut self,
        function: &str,
        kind: i64,
        signature: &Signature,
        slots: &[Reg],
    ) -> Reg {
        let tagged = Want::As(Rep::Tagged);
        let member = self.world.member(self.place.member);
        let name = distinct_name(member.name, member.library);
        let Some(function) = self.core_function("dart:core", function) else {
            self.throw_text("_throwUnsupported", name.as_str());
            return self.load_null(tagged).reg;
        };
        let receiver = match self.this {
            Some(this) => this,
            None => self.load_null(tagged).reg,
        };
        let name = self.string_constant(name.as_str());
        let name = self.load_constant(name, tagged).reg;
        let kind = self.load_int_as(kind, Want::As(Rep::Int)).reg;
        let types = self.type_list(&signature.type_params);
        let mut positional = Vec::new();
        let mut named = Vec::new();
        for (param, &slot) in signature.params.iter().zip(slots) {
            let value = self.passed_on(slot, rep_of(param.ty), Rep::Tagged);
            if is_named(param.kind) {
                let name = self.string_constant(param.name.as_str());
                named.push(self.load_constant(name, tagged).reg);
                named.push(value);
            } else {
                positional.push(value);
            }
        }
        let positional = self.list_or_null(&positional);
        let named = self.list_or_null(&named);
        let args = [receiver, name, kind, types, positional, named];
        self.call_member(function, Reg::NONE, &args, tagged).reg
    }

    /// A read or write of an external variable, to which nobody gives a place: a NoSuchMethodError.
    pub(super) fn unbound_variable(&mut self, name: Symbol, written: Option<Reg>) {
        let tagged = Want::As(Rep::Tagged);
        let Some(function) = self.core_function("dart:core", "_throwNoSuchMethod") else {
            return self.throw_text("_throwUnsupported", name.as_str());
        };
        let nothing = self.load_null(tagged).reg;
        let name = self.string_constant(name.as_str());
        let name = self.load_constant(name, tagged).reg;
        let kind = match written {
            Some(_) => KIND_SETTER,
            None => KIND_GETTER,
        };
        let kind = self.load_int_as(kind, Want::As(Rep::Int)).reg;
        let positional = self.list_or_null(written.as_slice());
        let args = [nothing, name, kind, nothing, positional, nothing];
        self.call_member(function, Reg::NONE, &args, Want::Effect);
    }

    /// The function's own type arguments as Type objects.
    fn type_list(&mut self, params: &[TypeParamId]) -> Reg {
        let types: Vec<Reg> = params
            .iter()
            .map(|&param| {
                let ty = self.world.types.param(param);
                self.type_literal(ty, Want::As(Rep::Tagged)).reg
            })
            .collect();
        self.list_or_null(&types)
    }

    fn list_or_null(&mut self, elements: &[Reg]) -> Reg {
        let list = self.temp(Rep::Tagged);
        if elements.is_empty() {
            self.op(Op::LdNull, &[list]);
            return list;
        }
        let mark = self.mark();
        let vector = self.vector(&[Ty::DYNAMIC]);
        self.op_imm(Op::ListNew, list, vector, elements.len() as i16);
        for &element in elements {
            self.slow_op(Op::ListAdd, &[list, element]);
        }
        self.release(mark);
        list
    }
}
