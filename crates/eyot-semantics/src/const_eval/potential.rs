//! Potentially constant expressions: what a const constructor may compute from its parameters.
//!
//! Whether an expression is one does not depend on arguments, so it is said where the constructor is declared. What then goes
//! wrong with certain arguments is reported where the constant is made.

use eyot_syntax::Diagnostic;

use crate::model::{FileId, MemberFlags, MemberId, MemberKind, World};
use crate::program::{Args, Body, Expr, ExprKind, Initializer};
use crate::types::Ty;

/// Reports what a const constructor computes and no constant can be.
pub(crate) fn check_constructor(world: &World, id: MemberId, body: &Body) {
    let member = world.member(id);
    if member.kind != MemberKind::Constructor || !member.flags.contains(MemberFlags::CONST) {
        return;
    }
    let check = Potential {
        world,
        file: member.file,
    };
    for step in &body.initializers {
        match step {
            Initializer::Field(field, value) => {
                // A mixin's field is initialised by a constructor that is not const then.
                if world.member(*field).file == member.file {
                    check.expr(value);
                }
            }
            Initializer::Super { args, .. } | Initializer::This { args, .. } => check.args(args),
            Initializer::Assert(condition, message) => {
                check.expr(condition);
                message.iter().for_each(|message| check.expr(message));
            }
            Initializer::Local(_, value) => check.expr(value),
        }
    }
}

struct Potential<'w> {
    world: &'w World,
    file: FileId,
}

impl Potential<'_> {
    fn args(&self, args: &Args) {
        let named = args.named.iter().map(|(_, value)| value);
        args.positional
            .iter()
            .chain(named)
            .for_each(|arg| self.expr(arg));
    }

    fn expr(&self, expr: &Expr) {
        if expr.ty == Ty::ERROR {
            return;
        }
        stacker::maybe_grow(32 * 1024, 512 * 1024, || {
            if !self.is_potential(expr) {
                let message = "this is no constant, and a const constructor computes nothing else; use constants and parameters only, or drop `const`";
                let diagnostic = Diagnostic::error("not-constant", expr.span, message);
                self.world.report(self.file, diagnostic);
            }
        });
    }

    /// Whether the outermost form is right; parts are checked on the way.
    fn is_potential(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::StaticGet(member) => {
                let flags = self.world.member(*member).flags;
                return flags.contains(MemberFlags::CONST);
            }
            ExprKind::InstanceGet { receiver, member } => {
                let is_length = self.world.member(*member).name.as_str() == "length"
                    && self.world.is_subtype(receiver.ty, Ty::STRING);
                if !is_length && !self.world.is_representation(*member) {
                    return false;
                }
                self.expr(receiver);
            }
            ExprKind::DynamicGet { receiver, name } => {
                if name.as_str() != "length" {
                    return false;
                }
                self.expr(receiver);
            }
            ExprKind::InstanceCall {
                receiver,
                member,
                args,
            } => {
                let name = self.world.member(*member).name;
                if !is_constant_operator(name.as_str()) || !self.has_operators(receiver.ty) {
                    return false;
                }
                self.expr(receiver);
                self.args(args);
            }
            ExprKind::DynamicCall {
                receiver,
                name,
                args,
            } => {
                if !is_constant_operator(name.as_str()) {
                    return false;
                }
                self.expr(receiver);
                self.args(args);
            }
            ExprKind::StaticCall { target, args } => {
                if self.world.member(*target).name.as_str() != "identical" {
                    return false;
                }
                self.args(args);
            }
            ExprKind::Equals { left, right, .. } => self.both(left, right),
            ExprKind::Identical(left, right)
            | ExprKind::And(left, right)
            | ExprKind::Or(left, right) => self.both(left, right),
            ExprKind::Instantiate { function, .. } => self.expr(function),
            ExprKind::Is { value, .. }
            | ExprKind::As { value, .. }
            | ExprKind::NullCheck(value)
            | ExprKind::Not(value) => self.expr(value),
            ExprKind::Conditional(condition, then, otherwise) => {
                self.expr(condition);
                self.both(then, otherwise);
            }
            ExprKind::Let { value, body, .. } => self.both(value, body),
            ExprKind::Interpolation(parts) => parts.iter().for_each(|part| self.expr(part)),
            ExprKind::Record { positional, named } => {
                positional.iter().for_each(|field| self.expr(field));
                named.iter().for_each(|(_, field)| self.expr(field));
            }
            ExprKind::List { .. }
            | ExprKind::Set { .. }
            | ExprKind::Map { .. }
            | ExprKind::New { .. }
            | ExprKind::NewFactory { .. }
            | ExprKind::Closure(_)
            | ExprKind::ClosureCall { .. }
            | ExprKind::StaticSet(..)
            | ExprKind::SetLocal(..)
            | ExprKind::Await(_)
            | ExprKind::Throw(_) => return false,
            _ => {}
        }
        true
    }

    fn both(&self, one: &Expr, other: &Expr) {
        self.expr(one);
        self.expr(other);
    }

    /// Numbers, strings and booleans have operators that constants know.
    fn has_operators(&self, ty: Ty) -> bool {
        let known = [Ty::NUM, Ty::STRING, Ty::BOOL];
        known.iter().any(|&known| self.world.is_subtype(ty, known))
    }
}

fn is_constant_operator(name: &str) -> bool {
    matches!(
        name,
        "+" | "-"
            | "*"
            | "/"
            | "~/"
            | "%"
            | "&"
            | "|"
            | "^"
            | "~"
            | "<<"
            | ">>"
            | ">>>"
            | "<"
            | ">"
            | "<="
            | ">="
            | "unary-"
    )
}
