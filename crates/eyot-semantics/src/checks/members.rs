//! Rules about a single member: what operators and setters take and give.

use eyot_syntax::{Symbol, sym};

use super::error;
use crate::model::{AsyncMarker, Decl, Member, MemberId, MemberKind, ParamKind, World, known};
use crate::outline::nodes::{MemberNode, member_node};
use crate::types::Ty;

pub(super) fn check(world: &World, id: MemberId) {
    let member = world.member(id);
    match member.kind {
        MemberKind::Setter => check_setter(world, id),
        MemberKind::Method => check_operator(world, id),
        _ => {}
    }
    if matches!(member.kind, MemberKind::Method | MemberKind::Getter) {
        check_marker(world, id);
    }
}

/// The result written for an async function or generator can hold what it gives.
fn check_marker(world: &World, id: MemberId) {
    let member = world.member(id);
    if member.marker == AsyncMarker::Sync || !has_written_result(world, member) {
        return;
    }
    if let Some(message) = wrong_result(world, member.marker, world.ty(id)) {
        error(world, member.file, "async-result", member.span, message);
    }
}

/// What is wrong with the result type of a function with the marker.
pub(crate) fn wrong_result(world: &World, marker: AsyncMarker, result: Ty) -> Option<String> {
    let (word, name, uri) = match marker {
        AsyncMarker::Sync => return None,
        AsyncMarker::Async => ("an async function", "Future", "dart:async"),
        AsyncMarker::AsyncStar => ("an async generator", "Stream", "dart:async"),
        AsyncMarker::SyncStar => ("a generator", "Iterable", "dart:core"),
    };
    let class = if marker == AsyncMarker::Async {
        known::FUTURE
    } else {
        let library = *world.by_uri.get(uri)?;
        match world.library(library).declared.get(&Symbol::intern(name))? {
            Decl::Class(class) => *class,
            _ => return None,
        }
    };
    let given = world.types.interface(class, &[Ty::NEVER]);
    // A caller of a function that gives nothing could not use what a generator gives.
    let is_void_generator = marker != AsyncMarker::Async && result == Ty::VOID;
    (is_void_generator || !world.is_subtype(given, result)).then(|| {
        format!(
            "{word} gives a `{name}`, which is no `{}`; write `{name}<…>`",
            world.show(result)
        )
    })
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
    if member.marker != AsyncMarker::Sync {
        let message = "a setter cannot be async or a generator; call such a function from it";
        error(world, member.file, "setter-modifier", member.span, message);
    }
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
