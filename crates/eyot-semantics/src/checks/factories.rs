//! Factory constructors: their form, and what one that redirects may redirect to.

use eyot_syntax::Span;
use eyot_syntax::ast::{BodyKind, BodyModifier, ConstructorDeclaration, ParameterForm};

use super::error;
use crate::model::{ClassId, Member, MemberFlags, MemberId, MemberKind, Owner, World};
use crate::outline::nodes::{MemberNode, member_node};
use crate::outline::scope::member_function_type;
use crate::types::{FunctionTy, Ty, TyKind};

pub(super) fn check(world: &World, id: MemberId) {
    let member = world.member(id);
    let Owner::Class(class) = member.owner else {
        return;
    };
    let tree = world.file(member.file).tree.as_deref();
    let node = tree.and_then(|tree| member_node(tree, member));
    let (Some(tree), Some(MemberNode::Constructor(node))) = (tree, node) else {
        return;
    };
    match member.kind {
        MemberKind::Factory => {
            let body = &tree[node.body];
            let is_external = member.flags.contains(MemberFlags::EXTERNAL);
            if matches!(body.kind, BodyKind::Empty) && !is_external {
                let message =
                    "a factory needs a body that returns an object, or `= C` to redirect to";
                report(world, member, "factory-without-body", member.span, message);
            } else if !matches!(body.kind, BodyKind::Empty) && is_external {
                let message = "an external factory has no body; remove it, or the word `external`";
                report(world, member, "external-with-body", member.span, message);
            }
            if body.modifier != BodyModifier::Sync {
                let message = "a factory cannot be async or a generator; make it a static method";
                report(world, member, "constructor-modifier", member.span, message);
            }
            if member.flags.contains(MemberFlags::CONST) && !is_external {
                let message = "a factory with a body cannot be const; drop `const`, or redirect to a const constructor";
                report(world, member, "const-factory", member.span, message);
            }
        }
        MemberKind::RedirectingFactory => check_redirecting(world, class, id, node),
        _ => return,
    }
    check_formals(world, member, node);
}

fn report(
    world: &World,
    member: &Member,
    code: &'static str,
    span: Span,
    message: impl Into<String>,
) {
    error(world, member.file, code, span, message);
}

/// A factory has no object to initialise yet.
fn check_formals(world: &World, member: &Member, node: &ConstructorDeclaration) {
    for param in &node.params {
        if param.form != ParameterForm::Normal {
            let message = "a factory initialises nothing itself; drop `this.` or `super.`";
            report(world, member, "formal-in-factory", param.span, message);
        }
    }
}

fn check_redirecting(world: &World, class: ClassId, id: MemberId, node: &ConstructorDeclaration) {
    let member = world.member(id);
    if member.flags.contains(MemberFlags::EXTERNAL) {
        let message = "a factory that redirects cannot be external; remove the word";
        report(world, member, "external-redirection", member.span, message);
    }
    for param in &node.params {
        if let Some(default) = param.default {
            let tree = world.file(member.file).tree.as_deref();
            let span = tree.map_or(param.span, |tree| tree[default].span);
            let message =
                "a factory that redirects has no defaults: the target's are used; remove this one";
            report(world, member, "default-in-redirection", span, message);
        }
    }
    let Some((target, args)) = &member.redirect else {
        return;
    };
    let target_member = world.member(*target);
    if leads_back(world, id) {
        let message =
            "this factory redirects to itself in a circle; let one of the circle make the object";
        return report(world, member, "cyclic-redirection", member.span, message);
    }
    let place = node.redirection.as_ref().map_or(member.span, |to| to.span);
    if member.flags.contains(MemberFlags::CONST)
        && !target_member.flags.contains(MemberFlags::CONST)
    {
        let message = "a const factory redirects to a const constructor; mark that one `const`, or drop `const` here";
        return report(world, member, "const-calls-non-const", place, message);
    }
    check_target(world, class, id, (*target, args), place);
}

fn leads_back(world: &World, start: MemberId) -> bool {
    let mut next = world.member(start).redirect.as_ref().map(|to| to.0);
    // As many steps as there can be factories on the way.
    for _ in 0..1000 {
        match next {
            Some(id) if id == start => return true,
            Some(id) => next = world.member(id).redirect.as_ref().map(|to| to.0),
            None => return false,
        }
    }
    false
}

/// The target makes what the factory promises, from what the factory takes.
fn check_target(
    world: &World,
    class: ClassId,
    id: MemberId,
    (target, args): (MemberId, &[Ty]),
    place: Span,
) {
    let (member, target_member) = (world.member(id), world.member(target));
    let Owner::Class(target_class) = target_member.owner else {
        return;
    };
    let target_data = world.class(target_class);
    if target_data.is_abstract && target_member.kind == MemberKind::Constructor {
        let message = format!(
            "`{}` is abstract, so its constructor makes no object; redirect to a class that is not",
            target_data.name
        );
        return report(world, member, "abstract-instantiation", place, message);
    }
    if super::enums::is_enum_constructor(world, target_class, target) {
        let message = "a constructor of an enum is for its own values; redirect to a factory";
        return report(world, member, "enum-creation", place, message);
    }
    let wanted = member_function_type(world, id);
    let given = world.subst(
        member_function_type(world, target),
        &target_data.type_params,
        args,
    );
    if !world.is_subtype(
        without_type_params(world, given),
        without_type_params(world, wanted),
    ) {
        let message = format!(
            "the constructor redirected to, `{}`, does not fit the factory's `{}`: it must take the same arguments and make a `{}`",
            world.show(given),
            world.show(wanted),
            world.class(class).name
        );
        report(world, member, "redirection-type", place, message);
    }
}

/// A constructor's function type without the class's parameters, which are fixed at a redirection.
fn without_type_params(world: &World, ty: Ty) -> Ty {
    match world.types.kind(ty) {
        TyKind::Function { function, .. } => world.types.function(FunctionTy {
            type_params: Box::default(),
            ..function.clone()
        }),
        _ => ty,
    }
}
