//! Walking the typed program: every direct child of a node, once.

use eyot_semantics::program::{
    Args, Catch, Expr, ExprKind, FunctionNode, Initializer, LocalId, Stmt, StmtKind,
};

/// What a walk does at each kind of node. The defaults go on to the children.
pub(crate) trait Visitor {
    /// An expression.
    fn expr(&mut self, expr: &Expr) {
        walk_expr(self, expr);
    }

    /// A statement.
    fn stmt(&mut self, stmt: &Stmt) {
        walk_stmt(self, stmt);
    }

    /// A closure or local function; `own` is the variable of a local function.
    fn closure(&mut self, node: &FunctionNode, own: Option<LocalId>);

    /// A local is declared here.
    fn declare(&mut self, _local: LocalId, _has_value: bool) {}
}

/// Walks an initialiser of a constructor.
pub(crate) fn walk_initializer<V: Visitor + ?Sized>(v: &mut V, initializer: &Initializer) {
    match initializer {
        Initializer::Field(_, value) => v.expr(value),
        Initializer::Super { args, .. } | Initializer::This { args, .. } => walk_args(v, args),
        Initializer::Assert(condition, message) => {
            v.expr(condition);
            message.iter().for_each(|message| v.expr(message));
        }
        Initializer::Local(local, value) => {
            v.expr(value);
            v.declare(*local, true);
        }
    }
}

/// Walks arguments in evaluation order.
pub(crate) fn walk_args<V: Visitor + ?Sized>(v: &mut V, args: &Args) {
    args.positional.iter().for_each(|arg| v.expr(arg));
    args.named.iter().for_each(|(_, arg)| v.expr(arg));
}

/// Walks the children of an expression.
pub(crate) fn walk_expr<V: Visitor + ?Sized>(v: &mut V, expr: &Expr) {
    use ExprKind as E;
    match &expr.kind {
        E::Null
        | E::Bool(_)
        | E::Int(_)
        | E::Double(_)
        | E::String(_)
        | E::Const(_)
        | E::TypeLiteral(_)
        | E::This
        | E::Local(_)
        | E::StaticGet(_)
        | E::SuperGet { .. }
        | E::SuperTearOff { .. }
        | E::StaticTearOff(_)
        | E::ConstructorTearOff { .. }
        | E::Rethrow { .. }
        | E::Unsupported(_) => {}
        E::SetLocal(_, value)
        | E::StaticSet(_, value)
        | E::SuperSet { value, .. }
        | E::InstanceGet {
            receiver: value, ..
        }
        | E::DynamicGet {
            receiver: value, ..
        }
        | E::TearOff {
            receiver: value, ..
        }
        | E::Instantiate {
            function: value, ..
        }
        | E::Is { value, .. }
        | E::As { value, .. }
        | E::NullCheck(value)
        | E::Not(value)
        | E::Await(value)
        | E::Throw(value)
        | E::RecordIndex(value, _)
        | E::RecordName(value, _) => v.expr(value),
        E::InstanceSet {
            receiver, value, ..
        }
        | E::DynamicSet {
            receiver, value, ..
        } => {
            v.expr(receiver);
            v.expr(value);
        }
        E::SuperCall { args, .. }
        | E::StaticCall { args, .. }
        | E::New { args, .. }
        | E::NewFactory { args, .. } => {
            walk_args(v, args);
        }
        E::InstanceCall { receiver, args, .. }
        | E::DynamicCall { receiver, args, .. }
        | E::ClosureCall {
            callee: receiver,
            args,
        } => {
            v.expr(receiver);
            walk_args(v, args);
        }
        E::Equals { left, right, .. }
        | E::Identical(left, right)
        | E::And(left, right)
        | E::Or(left, right) => {
            v.expr(left);
            v.expr(right);
        }
        E::Closure(node) => v.closure(node, None),
        E::Conditional(condition, then, otherwise) => {
            v.expr(condition);
            v.expr(then);
            v.expr(otherwise);
        }
        E::Let { local, value, body } => {
            v.expr(value);
            v.declare(*local, true);
            v.expr(body);
        }
        E::Block { stmts, value } => {
            stmts.iter().for_each(|stmt| v.stmt(stmt));
            v.expr(value);
        }
        E::Interpolation(parts)
        | E::List {
            elements: parts, ..
        }
        | E::Set {
            elements: parts, ..
        } => {
            parts.iter().for_each(|part| v.expr(part));
        }
        E::Map { entries, .. } => {
            for (key, value) in entries {
                v.expr(key);
                v.expr(value);
            }
        }
        E::Record { positional, named } => {
            positional.iter().for_each(|field| v.expr(field));
            named.iter().for_each(|(_, field)| v.expr(field));
        }
    }
}

/// Walks the children of a statement.
pub(crate) fn walk_stmt<V: Visitor + ?Sized>(v: &mut V, stmt: &Stmt) {
    use StmtKind as S;
    match &stmt.kind {
        S::Break(_) | S::Continue(_) | S::ContinueSwitch(_) => {}
        S::Expr(expr) | S::Yield(expr) | S::YieldStar(expr) => v.expr(expr),
        S::Var(local, value) => {
            value.iter().for_each(|value| v.expr(value));
            v.declare(*local, value.is_some());
        }
        S::Block(stmts) => stmts.iter().for_each(|stmt| v.stmt(stmt)),
        S::If(condition, then, otherwise) => {
            v.expr(condition);
            v.stmt(then);
            otherwise.iter().for_each(|otherwise| v.stmt(otherwise));
        }
        S::While {
            condition, body, ..
        } => {
            v.expr(condition);
            v.stmt(body);
        }
        S::DoWhile {
            body, condition, ..
        } => {
            v.stmt(body);
            v.expr(condition);
        }
        S::For {
            init,
            condition,
            update,
            body,
            ..
        } => {
            init.iter().for_each(|stmt| v.stmt(stmt));
            condition.iter().for_each(|condition| v.expr(condition));
            v.stmt(body);
            update.iter().for_each(|update| v.expr(update));
        }
        S::ForIn {
            variable,
            iterable,
            body,
            ..
        } => {
            v.expr(iterable);
            v.declare(*variable, true);
            v.stmt(body);
        }
        S::Switch { value, cases, .. } => {
            v.expr(value);
            for case in cases {
                case.body.iter().for_each(|stmt| v.stmt(stmt));
            }
        }
        S::Labeled { body, .. } => v.stmt(body),
        S::Return(value) => value.iter().for_each(|value| v.expr(value)),
        S::Try {
            body,
            catches,
            finally,
        } => {
            v.stmt(body);
            for Catch {
                error, trace, body, ..
            } in catches
            {
                v.declare(*error, true);
                trace.iter().for_each(|trace| v.declare(*trace, true));
                v.stmt(body);
            }
            finally.iter().for_each(|finally| v.stmt(finally));
        }
        S::Assert {
            condition, message, ..
        } => {
            v.expr(condition);
            message.iter().for_each(|message| v.expr(message));
        }
        S::LocalFunction(local, node) => {
            v.declare(*local, true);
            v.closure(node, Some(*local));
        }
    }
}
