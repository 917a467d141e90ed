//! Rules about a single member: what operators and setters take and give.

use eyot_syntax::sym;

use super::error;
use crate::model::{Member, MemberId, MemberKind, ParamKind, World};
use crate::outline::nodes::{MemberNode, member_node};
use crate::types::Ty;

pub(super) fn check(world: &World, id: MemberId) {
    let member = world.member(id);
    match member.kind {
        MemberKind::Setter => check_setter(world, id),
        MemberKind::Method => check_operator(world, id),
        _ => {}
    }
}

fn check_setter(world: &World, id: MemberId) {
    let member = world.member(id);
    let is_right = matches!(&member.params[..], [param] if param.kind == ParamKind::Required);
    if !is_right {
        let message = format!(
            "a setter takes exactly one required parameter: `set {}(value)`",
            member.name
        );
        error(
            world,
            member.file,
            "setter-parameters",
            member.span,
            message,
        );
    }
    check_void(world, id, "a setter");
}

/// Setters and `[]=` give nothing, so no other result can be written.
fn check_void(world: &World, id: MemberId, what: &str) {
    let member = world.member(id);
    if !matches!(world.ty(id), Ty::VOID | Ty::ERROR) && has_written_result(world, member) {
        let message = format!("{what} gives no result; write `void`, or leave the type out");
        error(world, member.file, "setter-result", member.span, message);
    }
}

fn has_written_result(world: &World, member: &Member) -> bool {
    let Some(tree) = world.file(member.file).tree.as_deref() else {
        return false;
    };
    matches!(member_node(tree, member), Some(MemberNode::Function(node)) if node.return_type.is_some())
}

fn check_operator(world: &World, id: MemberId) {
    let member = world.member(id);
    let Some(wanted) = operator_arity(member) else {
        return;
    };
    let is_right = member.params.len() == wanted
        && member
            .params
            .iter()
            .all(|param| param.kind == ParamKind::Required);
    if !is_right {
        let wanted = match wanted {
            0 => "no parameters".to_string(),
            1 => "exactly one required parameter".to_string(),
            n => format!("exactly {n} required parameters"),
        };
        let message = format!("the operator `{}` takes {wanted}", member.name);
        error(
            world,
            member.file,
            "operator-parameters",
            member.span,
            message,
        );
    }
    if member.name == sym::INDEX_SET {
        check_void(world, id, "the operator `[]=`");
    }
}

/// How many parameters an operator has; none for a method with a name.
fn operator_arity(member: &Member) -> Option<usize> {
    let name = member.name.as_str();
    Some(match name {
        "~" | "unary-" => 0,
        "[]=" => 2,
        _ if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$') => {
            return None;
        }
        _ => 1,
    })
}
