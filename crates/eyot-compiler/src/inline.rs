//! Which functions are so small that a call costs more than what they do.
//!
//! A function is put in place of its call if nobody can tell: its body is one expression of arithmetic and comparisons on
//! raw parameters, which throws nothing (so it is in no stack trace), calls nothing and allocates nothing.

use eyot_bytecode::Rep;
use eyot_semantics::model::{
    AsyncMarker, MemberFlags, MemberId, MemberKind, Owner, ParamKind, World, known,
};
use eyot_semantics::program::{Body, ConstValue, Expr, ExprKind, StmtKind};
use rustc_hash::FxHashMap;

use crate::captures::Captures;
use crate::code::{Analyzed, NestedSets};
use crate::tables::rep_of;

/// Nodes of an expression that is put in place of a call.
const NODES_MAX: u32 = 24;
/// Most parameters.
const PARAMS_MAX: usize = 6;

/// The functions that calls may be replaced by.
pub(crate) type Inlines<'b> = FxHashMap<MemberId, Analyzed<'b>>;

/// The body of a function that may stand in place of its calls, with what is known about it.
pub(crate) struct Inline {
    pub(crate) body: Body,
    captures: Captures,
    nested_sets: NestedSets,
}

impl Inline {
    /// The body, if it is so small; else it is given back.
    pub(crate) fn of(world: &World, body: Body) -> Result<Inline, Box<Body>> {
        let mut budget = NODES_MAX;
        match returned(&body) {
            Some(value) if is_simple(world, value, &mut budget) => Ok(Inline {
                captures: Captures::of(&body),
                nested_sets: NestedSets::of(&body),
                body,
            }),
            _ => Err(Box::new(body)),
        }
    }

    pub(crate) fn analyzed(&self) -> Analyzed<'_> {
        Analyzed {
            body: &self.body,
            captures: &self.captures,
            nested_sets: &self.nested_sets,
        }
    }
}

/// Whether the function may be one, by its head: only then is it worth while to look at its body early.
pub(crate) fn is_candidate(world: &World, member: MemberId) -> bool {
    let data = world.member(member);
    let is_raw = |ty| rep_of(ty) != Rep::Tagged;
    data.kind == MemberKind::Method
        && data.flags.contains(MemberFlags::STATIC)
        && !data.flags.contains(MemberFlags::EXTERNAL)
        && !matches!(data.owner, Owner::Extension(_))
        && data.marker == AsyncMarker::Sync
        && data.type_params.is_empty()
        && (1..=PARAMS_MAX).contains(&data.params.len())
        && is_raw(world.ty(member))
        && data
            .params
            .iter()
            .all(|param| param.kind == ParamKind::Required && is_raw(param.ty))
}

/// The expression that is all of a body.
pub(crate) fn returned(body: &Body) -> Option<&Expr> {
    match &body.function.body.as_deref()?.kind {
        StmtKind::Return(Some(value)) => Some(value),
        StmtKind::Block(stmts) => match stmts.as_slice() {
            [stmt] => match &stmt.kind {
                StmtKind::Return(Some(value)) => Some(value),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

fn is_simple(world: &World, expr: &Expr, budget: &mut u32) -> bool {
    let Some(left) = budget.checked_sub(1) else {
        return false;
    };
    *budget = left;
    if rep_of(expr.ty) == Rep::Tagged {
        return false;
    }
    match &expr.kind {
        ExprKind::Local(_) | ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Double(_) => true,
        ExprKind::Const(id) => matches!(
            world.consts.value(*id),
            ConstValue::Bool(_) | ConstValue::Int(_) | ConstValue::Double(_)
        ),
        ExprKind::Not(inner) => is_simple(world, inner, budget),
        ExprKind::And(left, right) | ExprKind::Or(left, right) => {
            is_simple(world, left, budget) && is_simple(world, right, budget)
        }
        ExprKind::Equals { left, right, .. } => {
            rep_of(left.ty) == rep_of(right.ty)
                && is_simple(world, left, budget)
                && is_simple(world, right, budget)
        }
        ExprKind::Conditional(condition, yes, no) => [condition, yes, no]
            .iter()
            .all(|part| is_simple(world, part, budget)),
        ExprKind::InstanceCall {
            receiver,
            member,
            args,
        } => {
            let data = world.member(*member);
            let is_number = matches!(
                data.owner,
                Owner::Class(known::INT | known::DOUBLE | known::NUM)
            );
            is_number
                && args.named.is_empty()
                && args.types.is_empty()
                && throws_nothing(data.name.as_str(), &args.positional)
                && is_simple(world, receiver, budget)
                && args
                    .positional
                    .iter()
                    .all(|arg| is_simple(world, arg, budget))
        }
        _ => false,
    }
}

/// Whether an operator of numbers is an instruction that cannot fail with these operands.
fn throws_nothing(name: &str, operands: &[Expr]) -> bool {
    let literal = |least: i64, most: i64| match operands {
        [operand] => match operand.kind {
            ExprKind::Int(value) => (least..=most).contains(&value),
            _ => false,
        },
        _ => false,
    };
    match name {
        "+" | "-" | "*" | "&" | "|" | "^" | "<" | "<=" | ">" | ">=" => operands.len() == 1,
        "/" => operands.len() == 1,
        "~/" | "%" => {
            literal(1, i16::MAX.into())
                && operands
                    .iter()
                    .all(|operand| rep_of(operand.ty) == Rep::Int)
        }
        "<<" | ">>" | ">>>" => literal(0, 63),
        "unary-" | "~" | "toDouble" => operands.is_empty(),
        _ => false,
    }
}
