//! Replaces types throughout a typed tree: code of a mixin seen from an application of it, code without extension types.

use crate::program::*;
use crate::types::Ty;

/// What is done to a tree. A function from types to types is one.
pub(crate) trait Mapping {
    /// What a type becomes.
    fn ty(&self, ty: Ty) -> Ty;

    /// Changes an expression whose types and parts are mapped already.
    fn expr(&self, _expr: &mut Expr) {}
}

impl<F: Fn(Ty) -> Ty> Mapping for F {
    fn ty(&self, ty: Ty) -> Ty {
        self(ty)
    }
}

type Map<'a> = &'a dyn Mapping;

/// Maps everything in a member's body.
pub(crate) fn map_body(body: &mut Body, map: Map<'_>) {
    for local in &mut body.locals {
        local.ty = map.ty(local.ty);
    }
    for step in &mut body.initializers {
        match step {
            Initializer::Field(_, value) | Initializer::Local(_, value) => map_expr(value, map),
            Initializer::Super { args, .. } | Initializer::This { args, .. } => map_args(args, map),
            Initializer::Assert(condition, message) => {
                map_expr(condition, map);
                if let Some(message) = message {
                    map_expr(message, map);
                }
            }
        }
    }
    map_function(&mut body.function, map);
}

/// Maps every type in an expression.
pub(crate) fn map_expr(expr: &mut Expr, map: Map<'_>) {
    stacker::maybe_grow(32 * 1024, 1024 * 1024, || {
        expr.ty = map.ty(expr.ty);
        map_kind(expr, map);
        map.expr(expr);
    });
}

fn map_kind(expr: &mut Expr, map: Map<'_>) {
    match &mut expr.kind {
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Double(_)
        | ExprKind::String(_)
        | ExprKind::Const(_)
        | ExprKind::This
        | ExprKind::Local(_)
        | ExprKind::StaticGet(_)
        | ExprKind::SuperGet { .. }
        | ExprKind::SuperTearOff { .. }
        | ExprKind::StaticTearOff(_)
        | ExprKind::Rethrow { .. }
        | ExprKind::Unsupported(_) => {}
        ExprKind::TypeLiteral(ty) => *ty = map.ty(*ty),
        ExprKind::SetLocal(_, value)
        | ExprKind::StaticSet(_, value)
        | ExprKind::SuperSet { value, .. }
        | ExprKind::NullCheck(value)
        | ExprKind::Not(value)
        | ExprKind::Await(value)
        | ExprKind::Throw(value)
        | ExprKind::RecordIndex(value, _)
        | ExprKind::RecordName(value, _) => map_expr(value, map),
        ExprKind::InstanceGet { receiver, .. }
        | ExprKind::DynamicGet { receiver, .. }
        | ExprKind::TearOff { receiver, .. } => map_expr(receiver, map),
        ExprKind::InstanceSet {
            receiver, value, ..
        }
        | ExprKind::DynamicSet {
            receiver, value, ..
        } => {
            map_expr(receiver, map);
            map_expr(value, map);
        }
        ExprKind::SuperCall { args, .. } | ExprKind::StaticCall { args, .. } => map_args(args, map),
        ExprKind::InstanceCall { receiver, args, .. }
        | ExprKind::DynamicCall { receiver, args, .. }
        | ExprKind::ClosureCall {
            callee: receiver,
            args,
        } => {
            map_expr(receiver, map);
            map_args(args, map);
        }
        ExprKind::Equals { left, right, .. }
        | ExprKind::Identical(left, right)
        | ExprKind::And(left, right)
        | ExprKind::Or(left, right) => {
            map_expr(left, map);
            map_expr(right, map);
        }
        ExprKind::New { types, args, .. } | ExprKind::NewFactory { types, args, .. } => {
            map_types(types, map);
            map_args(args, map);
        }
        ExprKind::ConstructorTearOff { types, .. } => map_types(types, map),
        ExprKind::Instantiate { function, types } => {
            map_expr(function, map);
            map_types(types, map);
        }
        ExprKind::Closure(function) => map_function(function, map),
        ExprKind::Is { value, ty } | ExprKind::As { value, ty, .. } => {
            map_expr(value, map);
            *ty = map.ty(*ty);
        }
        ExprKind::Conditional(a, b, c) => {
            map_expr(a, map);
            map_expr(b, map);
            map_expr(c, map);
        }
        ExprKind::Let { value, body, .. } => {
            map_expr(value, map);
            map_expr(body, map);
        }
        ExprKind::Block { stmts, value } => {
            map_stmts(stmts, map);
            map_expr(value, map);
        }
        ExprKind::Interpolation(parts) => map_exprs(parts, map),
        ExprKind::List { element, elements } | ExprKind::Set { element, elements } => {
            *element = map.ty(*element);
            map_exprs(elements, map);
        }
        ExprKind::Map {
            key,
            value,
            entries,
        } => {
            *key = map.ty(*key);
            *value = map.ty(*value);
            for (key, value) in entries {
                map_expr(key, map);
                map_expr(value, map);
            }
        }
        ExprKind::Record { positional, named } => {
            map_exprs(positional, map);
            for (_, value) in named {
                map_expr(value, map);
            }
        }
    }
}

fn map_types(types: &mut [Ty], map: Map<'_>) {
    for ty in types {
        *ty = map.ty(*ty);
    }
}

fn map_exprs(exprs: &mut [Expr], map: Map<'_>) {
    for expr in exprs {
        map_expr(expr, map);
    }
}

fn map_args(args: &mut Args, map: Map<'_>) {
    map_types(&mut args.types, map);
    map_exprs(&mut args.positional, map);
    for (_, value) in &mut args.named {
        map_expr(value, map);
    }
}

fn map_function(function: &mut FunctionNode, map: Map<'_>) {
    function.result = map.ty(function.result);
    function.element = map.ty(function.element);
    if let Some(body) = &mut function.body {
        map_stmt(body, map);
    }
}

fn map_stmts(stmts: &mut [Stmt], map: Map<'_>) {
    for stmt in stmts {
        map_stmt(stmt, map);
    }
}

fn map_stmt(stmt: &mut Stmt, map: Map<'_>) {
    match &mut stmt.kind {
        StmtKind::Expr(expr) | StmtKind::Yield(expr) | StmtKind::YieldStar(expr) => {
            map_expr(expr, map);
        }
        StmtKind::Var(_, value) | StmtKind::Return(value) => {
            if let Some(value) = value {
                map_expr(value, map);
            }
        }
        StmtKind::Block(stmts) => map_stmts(stmts, map),
        StmtKind::If(condition, then, otherwise) => {
            map_expr(condition, map);
            map_stmt(then, map);
            if let Some(otherwise) = otherwise {
                map_stmt(otherwise, map);
            }
        }
        StmtKind::While {
            condition, body, ..
        }
        | StmtKind::DoWhile {
            condition, body, ..
        } => {
            map_expr(condition, map);
            map_stmt(body, map);
        }
        StmtKind::For {
            init,
            condition,
            update,
            body,
            ..
        } => {
            map_stmts(init, map);
            if let Some(condition) = condition {
                map_expr(condition, map);
            }
            map_exprs(update, map);
            map_stmt(body, map);
        }
        StmtKind::ForIn { iterable, body, .. } => {
            map_expr(iterable, map);
            map_stmt(body, map);
        }
        StmtKind::Switch { value, cases, .. } => {
            map_expr(value, map);
            for case in cases {
                map_stmts(&mut case.body, map);
            }
        }
        StmtKind::Labeled { body, .. } => map_stmt(body, map),
        StmtKind::Try {
            body,
            catches,
            finally,
        } => {
            map_stmt(body, map);
            for clause in catches {
                clause.ty = map.ty(clause.ty);
                map_stmt(&mut clause.body, map);
            }
            if let Some(finally) = finally {
                map_stmt(finally, map);
            }
        }
        StmtKind::Assert {
            condition, message, ..
        } => {
            map_expr(condition, map);
            if let Some(message) = message {
                map_expr(message, map);
            }
        }
        StmtKind::LocalFunction(_, function) => map_function(function, map),
        StmtKind::ContinueSwitch(_) | StmtKind::Break(_) | StmtKind::Continue(_) => {}
    }
}
