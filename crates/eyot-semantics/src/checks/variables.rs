//! Variables and parameters that never get a value though they must have one.

use eyot_syntax::ast::ParameterKind;

use super::constructors::{needs_value, report_field};
use super::error;
use crate::model::{
    ClassId, ClassKind, FormalKind, MemberFlags, MemberId, MemberKind, Owner, ParamKind, World,
};
use crate::outline::nodes::{MemberNode, member_node};
use crate::outline::super_param_source;

pub(super) fn check(world: &World, id: MemberId) {
    let member = world.member(id);
    if member.kind == MemberKind::Field {
        check_static(world, id);
        check_covariant(world, id);
    } else {
        check_params(world, id);
    }
}

/// Fields of what has no constructor that could give them a value.
pub(super) fn check_fields(world: &World, class: ClassId) {
    let data = world.class(class);
    let has_generative = data
        .constructors
        .values()
        .any(|&id| world.member(id).kind == MemberKind::Constructor);
    let lacks_one = match data.kind {
        ClassKind::Mixin => true,
        ClassKind::Class | ClassKind::MixinClass | ClassKind::Enum => !has_generative,
        _ => false,
    };
    if lacks_one {
        for &field in &data.members {
            if needs_value(world, field) {
                report_field(world, field);
            }
        }
    }
}

/// A variable outside of objects.
fn check_static(world: &World, id: MemberId) {
    let member = world.member(id);
    let exempt = MemberFlags::LATE
        | MemberFlags::HAS_INITIALIZER
        | MemberFlags::EXTERNAL
        | MemberFlags::SYNTHETIC;
    let is_static =
        member.flags.contains(MemberFlags::STATIC) || !matches!(member.owner, Owner::Class(_));
    if !is_static || member.flags.intersects(exempt) {
        return;
    }
    let is_const = member.flags.contains(MemberFlags::CONST);
    let is_final = member.flags.contains(MemberFlags::FINAL);
    if is_const || is_final || !world.is_nullable(world.ty(id)) {
        let why = match (is_const, is_final) {
            (true, _) => "is constant",
            (false, true) => "is final",
            (false, false) => "cannot be null",
        };
        let or_late = if is_const { "" } else { ", or make it `late`" };
        let message = format!(
            "`{}` {why} and has no value; give it one{or_late}",
            member.name
        );
        error(
            world,
            member.file,
            "variable-not-initialized",
            member.span,
            message,
        );
    }
}

/// `covariant` is about what a setter takes, so it needs one.
fn check_covariant(world: &World, id: MemberId) {
    let member = world.member(id);
    let tree = world.file(member.file).tree.as_deref();
    let is_written = tree.is_some_and(|tree| super::is_covariant_written(tree, member));
    if is_written && !super::overrides::is_settable(member) {
        let message = format!(
            "`{}` cannot be assigned, so there is nothing to be `covariant`; remove the word",
            member.name
        );
        error(world, member.file, "covariant-final", member.span, message);
    }
}

/// An optional parameter without a default is null when it is left out.
fn check_params(world: &World, id: MemberId) {
    let member = world.member(id);
    let exempt = MemberFlags::ABSTRACT | MemberFlags::EXTERNAL | MemberFlags::SYNTHETIC;
    if member.kind == MemberKind::RedirectingFactory || member.flags.intersects(exempt) {
        return;
    }
    for (index, param) in member.params.iter().enumerate() {
        let is_optional = matches!(param.kind, ParamKind::OptionalPositional | ParamKind::Named);
        if !is_optional || param.has_default || world.is_nullable(param.ty) {
            continue;
        }
        let inherits = param.formal == FormalKind::Super
            && super_param_source(world, id, index)
                .is_none_or(|(target, position)| has_default(world, target, position, 0));
        if !inherits {
            let message = missing_default(param.name.as_str(), param.kind == ParamKind::Named);
            error(world, member.file, "missing-default", param.span, message);
        }
    }
    check_required_defaults(world, id);
}

fn has_default(world: &World, id: MemberId, index: usize, depth: u32) -> bool {
    let Some(param) = world.member(id).params.get(index) else {
        return true;
    };
    if param.has_default || depth > 100 {
        return true;
    }
    let passes_on = param.formal == FormalKind::Super
        || world.member(id).flags.contains(MemberFlags::FORWARDING);
    passes_on
        && super_param_source(world, id, index)
            .is_some_and(|(target, position)| has_default(world, target, position, depth + 1))
}

/// What to say about an optional parameter that cannot be null and has no default.
pub(crate) fn missing_default(name: &str, is_named: bool) -> String {
    let way_out = if is_named {
        "give it a default, mark it `required`, or let its type be nullable"
    } else {
        "give it a default, or let its type be nullable"
    };
    format!("`{name}` can be left out but cannot be null; {way_out}")
}

fn check_required_defaults(world: &World, id: MemberId) {
    let member = world.member(id);
    let tree = world.file(member.file).tree.as_deref();
    let params = match tree.and_then(|tree| member_node(tree, member)) {
        Some(MemberNode::Function(node)) => &node.params,
        Some(MemberNode::Constructor(node)) => &node.params,
        Some(MemberNode::Primary(node)) => &node.params,
        _ => return,
    };
    for param in params {
        if param.kind == ParameterKind::Named && param.is_required && param.default.is_some() {
            let message =
                "a required parameter is always given, so it has no default; remove one of the two";
            error(
                world,
                member.file,
                "required-with-default",
                param.span,
                message,
            );
        }
    }
}
