//! `main`, where a program begins: a function that can be called with what the system gives it.

use eyot_syntax::sym;

use super::error;
use crate::model::{Member, MemberKind, Owner, ParamKind, World, known};
use crate::types::Ty;

pub(super) fn check(world: &World, member: &Member) {
    if member.name != sym::MAIN || !matches!(member.owner, Owner::Library(_)) {
        return;
    }
    let report = |code, message: String| error(world, member.file, code, member.span, message);
    if member.kind != MemberKind::Method {
        let message = "`main` is where a program begins and must be a function; give this another name, or write `void main() { … }`";
        return report("main-not-a-function", message.to_string());
    }
    let required = |kind: ParamKind| {
        let all = member.params.iter();
        all.filter(|param| param.kind == kind).count()
    };
    if required(ParamKind::Required) > 2 || required(ParamKind::RequiredNamed) > 0 {
        let message = "`main` is given the program's arguments and a message: it can require no more than two parameters by position, and none by name";
        return report("main-parameters", message.to_string());
    }
    let strings = world.types.interface(known::LIST, &[Ty::STRING]);
    let takes_strings = |ty: Ty| ty == Ty::ERROR || world.is_subtype(strings, ty);
    if let Some(first) = member.params.first()
        && matches!(
            first.kind,
            ParamKind::Required | ParamKind::OptionalPositional
        )
        && !takes_strings(first.ty)
    {
        let message = format!(
            "the first parameter of `main` is given a `List<String>`, which is no `{}`; change its type",
            world.show(first.ty)
        );
        report("main-argument-type", message);
    }
}
