//! Typed trees as text: compact, one line a statement, for tests and for looking at what the walk made.

use std::fmt::Write;

use crate::model::{AsyncMarker, MemberId, Owner, World};
use crate::program::*;

/// The body of a member.
pub fn body(world: &World, member: MemberId, body: &Body) -> String {
    let mut dump = Dump {
        world,
        locals: &body.locals,
        out: String::new(),
        depth: 0,
    };
    dump.member_name(member);
    dump.function(&body.function);
    for step in &body.initializers {
        dump.initializer(step);
    }
    dump.code(&body.function);
    dump.out
}

/// An expression on its own.
pub fn expr(world: &World, locals: &[Local], expr: &Expr) -> String {
    let mut dump = Dump {
        world,
        locals,
        out: String::new(),
        depth: 0,
    };
    dump.expr(expr);
    dump.out
}

struct Dump<'a> {
    world: &'a World,
    locals: &'a [Local],
    out: String,
    depth: usize,
}

impl Dump<'_> {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn line(&mut self) {
        self.out.push('\n');
        for _ in 0..self.depth {
            self.out.push_str("  ");
        }
    }

    fn ty(&mut self, ty: crate::types::Ty) {
        let text = self.world.show(ty);
        self.push(&text);
    }

    fn member_name(&mut self, member: MemberId) {
        let data = self.world.member(member);
        match data.owner {
            Owner::Class(class) => {
                let name = self.world.class(class).name;
                let _ = write!(self.out, "{name}.{}", data.name);
            }
            Owner::Extension(extension) => {
                let name = self.world.extension(extension).name;
                let name = name.map_or("extension", |name| name.as_str());
                let _ = write!(self.out, "{name}.{}", data.name);
            }
            Owner::Library(_) => self.push(data.name.as_str()),
        }
    }

    fn local(&mut self, id: LocalId) {
        match self.locals.get(id.0 as usize) {
            Some(local) => {
                let _ = write!(self.out, "{}{}", local.name, id.0);
            }
            None => {
                let _ = write!(self.out, "?{}", id.0);
            }
        }
    }

    fn declaration(&mut self, id: LocalId) {
        if let Some(local) = self.locals.get(id.0 as usize) {
            if local.late {
                self.push("late ");
            }
            let ty = local.ty;
            self.ty(ty);
            self.push(" ");
        }
        self.local(id);
    }

    fn function(&mut self, function: &FunctionNode) {
        if !function.type_params.is_empty() {
            let names: Vec<&str> = function
                .type_params
                .iter()
                .map(|&param| self.world.type_param(param).name.as_str())
                .collect();
            let _ = write!(self.out, "<{}>", names.join(", "));
        }
        self.push("(");
        for (i, param) in function.params.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            let mark = match param.kind {
                crate::model::ParamKind::Required => "",
                crate::model::ParamKind::OptionalPositional => "[]",
                crate::model::ParamKind::Named => "{}",
                crate::model::ParamKind::RequiredNamed => "{required}",
            };
            self.push(mark);
            self.declaration(param.local);
            if let Some(default) = param.default {
                self.push(" = ");
                self.constant(default);
            }
        }
        self.push("): ");
        self.ty(function.result);
        self.push(match function.marker {
            AsyncMarker::Sync => "",
            AsyncMarker::Async => " async",
            AsyncMarker::AsyncStar => " async*",
            AsyncMarker::SyncStar => " sync*",
        });
    }

    fn code(&mut self, function: &FunctionNode) {
        self.depth += 1;
        match &function.body {
            Some(body) => match &body.kind {
                StmtKind::Block(stmts) => self.stmts(stmts),
                _ => self.stmt(body),
            },
            None => self.push(" ;"),
        }
        self.depth -= 1;
    }

    fn initializer(&mut self, step: &Initializer) {
        self.depth += 1;
        self.line();
        self.push(": ");
        match step {
            Initializer::Field(field, value) => {
                let name = self.world.member(*field).name;
                let _ = write!(self.out, "{name} = ");
                self.expr(value);
            }
            Initializer::Super { target, args } => {
                self.push("super ");
                self.member_name(*target);
                self.args(args);
            }
            Initializer::This { target, args } => {
                self.push("this ");
                self.member_name(*target);
                self.args(args);
            }
            Initializer::Assert(condition, message) => {
                self.push("assert ");
                self.expr(condition);
                if let Some(message) = message {
                    self.push(", ");
                    self.expr(message);
                }
            }
            Initializer::Local(local, value) => {
                self.local(*local);
                self.push(" = ");
                self.expr(value);
            }
        }
        self.depth -= 1;
    }

    fn constant(&mut self, id: ConstId) {
        match self.world.consts.value(id) {
            ConstValue::Null => self.push("null"),
            ConstValue::Bool(value) => {
                let _ = write!(self.out, "{value}");
            }
            ConstValue::Int(value) => {
                let _ = write!(self.out, "{value}");
            }
            ConstValue::Double(bits) => {
                let _ = write!(self.out, "{:?}", f64::from_bits(*bits));
            }
            ConstValue::String(text) => {
                let _ = write!(self.out, "{text:?}");
            }
            ConstValue::Symbol(name) => {
                let _ = write!(self.out, "#{name}");
            }
            ConstValue::Type(ty) => self.ty(*ty),
            ConstValue::Object(class, ..) => {
                let name = self.world.class(*class).name;
                let _ = write!(self.out, "const {name}");
            }
            ConstValue::Function(member, _) | ConstValue::Constructor(member, _) => {
                self.push("const ");
                self.member_name(*member);
            }
            ConstValue::List(ty, ids) => {
                self.push("const <");
                self.ty(*ty);
                let _ = write!(self.out, ">[{}]", ids.len());
            }
            ConstValue::Set(..) => self.push("const set"),
            ConstValue::Map(..) => self.push("const map"),
            ConstValue::Record(..) => self.push("const record"),
        }
    }

    fn stmts(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            self.stmt(stmt);
        }
    }

    fn nested(&mut self, stmt: &Stmt) {
        self.depth += 1;
        match &stmt.kind {
            StmtKind::Block(stmts) => self.stmts(stmts),
            _ => self.stmt(stmt),
        }
        self.depth -= 1;
    }

    fn stmt(&mut self, stmt: &Stmt) {
        self.line();
        match &stmt.kind {
            StmtKind::Expr(expr) => self.expr(expr),
            StmtKind::Var(local, value) => {
                self.push("var ");
                self.declaration(*local);
                if let Some(value) = value {
                    self.push(" = ");
                    self.expr(value);
                }
            }
            StmtKind::Block(stmts) => {
                self.push("block");
                self.depth += 1;
                self.stmts(stmts);
                self.depth -= 1;
            }
            StmtKind::If(condition, then, otherwise) => {
                self.push("if ");
                self.expr(condition);
                self.nested(then);
                if let Some(otherwise) = otherwise {
                    self.line();
                    self.push("else");
                    self.nested(otherwise);
                }
            }
            StmtKind::While {
                label,
                condition,
                body,
            } => {
                let _ = write!(self.out, "L{}: while ", label.0);
                self.expr(condition);
                self.nested(body);
            }
            StmtKind::DoWhile {
                label,
                body,
                condition,
            } => {
                let _ = write!(self.out, "L{}: do", label.0);
                self.nested(body);
                self.line();
                self.push("while ");
                self.expr(condition);
            }
            StmtKind::For {
                label,
                init,
                condition,
                update,
                body,
            } => {
                let _ = write!(self.out, "L{}: for", label.0);
                self.depth += 2;
                self.stmts(init);
                self.depth -= 2;
                self.push("; ");
                if let Some(condition) = condition {
                    self.expr(condition);
                }
                self.push("; ");
                self.exprs(update);
                self.nested(body);
            }
            StmtKind::ForIn {
                label,
                variable,
                iterable,
                is_await,
                body,
            } => {
                let word = if *is_await { "await for" } else { "for" };
                let _ = write!(self.out, "L{}: {word} ", label.0);
                self.declaration(*variable);
                self.push(" in ");
                self.expr(iterable);
                self.nested(body);
            }
            StmtKind::Switch {
                label,
                value,
                cases,
            } => {
                let _ = write!(self.out, "L{}: switch ", label.0);
                self.expr(value);
                for case in cases {
                    self.line();
                    self.push("case");
                    if let Some(label) = case.label {
                        let _ = write!(self.out, " L{}:", label.0);
                    }
                    for &constant in &case.constants {
                        self.push(" ");
                        self.constant(constant);
                    }
                    self.depth += 1;
                    self.stmts(&case.body);
                    self.depth -= 1;
                }
            }
            StmtKind::ContinueSwitch(label) => {
                let _ = write!(self.out, "continue case L{}", label.0);
            }
            StmtKind::Labeled { label, body } => {
                let _ = write!(self.out, "L{}:", label.0);
                self.nested(body);
            }
            StmtKind::Break(label) => {
                let _ = write!(self.out, "break L{}", label.0);
            }
            StmtKind::Continue(label) => {
                let _ = write!(self.out, "continue L{}", label.0);
            }
            StmtKind::Return(value) => {
                self.push("return");
                if let Some(value) = value {
                    self.push(" ");
                    self.expr(value);
                }
            }
            StmtKind::Try {
                body,
                catches,
                finally,
            } => {
                self.push("try");
                self.nested(body);
                for clause in catches {
                    self.line();
                    self.push("on ");
                    self.ty(clause.ty);
                    self.push(" catch ");
                    self.local(clause.error);
                    if let Some(trace) = clause.trace {
                        self.push(", ");
                        self.local(trace);
                    }
                    self.nested(&clause.body);
                }
                if let Some(finally) = finally {
                    self.line();
                    self.push("finally");
                    self.nested(finally);
                }
            }
            StmtKind::Yield(value) => {
                self.push("yield ");
                self.expr(value);
            }
            StmtKind::YieldStar(value) => {
                self.push("yield* ");
                self.expr(value);
            }
            StmtKind::Assert {
                condition, message, ..
            } => {
                self.push("assert ");
                self.expr(condition);
                if let Some(message) = message {
                    self.push(", ");
                    self.expr(message);
                }
            }
            StmtKind::LocalFunction(local, function) => {
                self.push("function ");
                self.local(*local);
                self.function(function);
                self.code(function);
            }
        }
    }

    fn exprs(&mut self, exprs: &[Expr]) {
        for (i, expr) in exprs.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.expr(expr);
        }
    }

    fn types(&mut self, types: &[crate::types::Ty]) {
        if types.is_empty() {
            return;
        }
        self.push("<");
        for (i, &ty) in types.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.ty(ty);
        }
        self.push(">");
    }

    fn args(&mut self, args: &Args) {
        self.types(&args.types);
        self.push("(");
        self.exprs(&args.positional);
        for (i, (name, value)) in args.named.iter().enumerate() {
            if i > 0 || !args.positional.is_empty() {
                self.push(", ");
            }
            let _ = write!(self.out, "{name}: ");
            self.expr(value);
        }
        self.push(")");
    }

    fn suffix(&mut self, ty: crate::types::Ty) {
        self.push(":");
        let text = self.world.show(ty);
        if text.contains(' ') && !text.starts_with('(') {
            let _ = write!(self.out, "({text})");
        } else {
            self.push(&text);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Null => self.push("null"),
            ExprKind::Bool(value) => {
                let _ = write!(self.out, "{value}");
            }
            ExprKind::Int(value) => {
                let _ = write!(self.out, "{value}");
            }
            ExprKind::Double(value) => {
                let _ = write!(self.out, "{value:?}");
            }
            ExprKind::String(text) => {
                let _ = write!(self.out, "{text:?}");
            }
            ExprKind::Const(id) => {
                self.push("#");
                self.constant(*id);
            }
            ExprKind::TypeLiteral(ty) => {
                self.push("type ");
                self.ty(*ty);
            }
            ExprKind::This => self.push("this"),
            ExprKind::Local(local) => self.local(*local),
            ExprKind::SetLocal(local, value) => {
                self.push("(");
                self.local(*local);
                self.push(" = ");
                self.expr(value);
                self.push(")");
            }
            ExprKind::StaticGet(member) => {
                self.member_name(*member);
                self.suffix(expr.ty);
            }
            ExprKind::StaticSet(member, value) => {
                self.push("(");
                self.member_name(*member);
                self.push(" = ");
                self.expr(value);
                self.push(")");
            }
            ExprKind::InstanceGet { receiver, member } => {
                self.expr(receiver);
                let name = self.world.member(*member).name;
                let _ = write!(self.out, ".{name}");
                self.suffix(expr.ty);
            }
            ExprKind::InstanceSet {
                receiver,
                member,
                value,
            } => {
                self.push("(");
                self.expr(receiver);
                let name = self.world.member(*member).name;
                let _ = write!(self.out, ".{name} = ");
                self.expr(value);
                self.push(")");
            }
            ExprKind::DynamicGet { receiver, name } => {
                self.expr(receiver);
                let _ = write!(self.out, ".?{name}");
            }
            ExprKind::DynamicSet {
                receiver,
                name,
                value,
            } => {
                self.push("(");
                self.expr(receiver);
                let _ = write!(self.out, ".?{name} = ");
                self.expr(value);
                self.push(")");
            }
            ExprKind::SuperGet { member } => {
                self.push("super ");
                self.member_name(*member);
                self.suffix(expr.ty);
            }
            ExprKind::SuperSet { member, value } => {
                self.push("(super ");
                self.member_name(*member);
                self.push(" = ");
                self.expr(value);
                self.push(")");
            }
            ExprKind::SuperCall { member, args } => {
                self.push("super ");
                self.member_name(*member);
                self.args(args);
                self.suffix(expr.ty);
            }
            ExprKind::StaticCall { target, args } => {
                self.member_name(*target);
                self.args(args);
                self.suffix(expr.ty);
            }
            ExprKind::InstanceCall {
                receiver,
                member,
                args,
            } => {
                self.expr(receiver);
                let name = self.world.member(*member).name;
                let _ = write!(self.out, ".{name}");
                self.args(args);
                self.suffix(expr.ty);
            }
            ExprKind::DynamicCall {
                receiver,
                name,
                args,
            } => {
                self.expr(receiver);
                let _ = write!(self.out, ".?{name}");
                self.args(args);
            }
            ExprKind::ClosureCall { callee, args } => {
                self.push("call ");
                self.expr(callee);
                self.args(args);
                self.suffix(expr.ty);
            }
            ExprKind::Equals { left, right, .. } => self.pair(left, "==", right),
            ExprKind::Identical(left, right) => self.pair(left, "===", right),
            ExprKind::New {
                constructor,
                types,
                args,
                ..
            } => {
                self.push("new ");
                self.member_name(*constructor);
                self.types(types);
                self.args(args);
            }
            ExprKind::NewFactory {
                constructor,
                types,
                args,
            } => {
                self.push("factory ");
                self.member_name(*constructor);
                self.types(types);
                self.args(args);
            }
            ExprKind::TearOff { receiver, member } => {
                self.push("tearoff ");
                self.expr(receiver);
                let name = self.world.member(*member).name;
                let _ = write!(self.out, ".{name}");
            }
            ExprKind::SuperTearOff { member } => {
                self.push("tearoff super ");
                self.member_name(*member);
            }
            ExprKind::StaticTearOff(member) => {
                self.push("tearoff ");
                self.member_name(*member);
            }
            ExprKind::ConstructorTearOff { constructor, types } => {
                self.push("tearoff new ");
                self.member_name(*constructor);
                self.types(types);
            }
            ExprKind::Instantiate { function, types } => {
                self.expr(function);
                self.types(types);
            }
            ExprKind::Closure(function) => {
                self.push("{");
                self.function(function);
                self.code(function);
                self.push(" }");
            }
            ExprKind::Is { value, ty } => {
                self.push("(");
                self.expr(value);
                self.push(" is ");
                self.ty(*ty);
                self.push(")");
            }
            ExprKind::As { value, ty, kind } => {
                self.push("(");
                self.expr(value);
                self.push(match kind {
                    CastKind::Explicit => " as ",
                    CastKind::Implicit => " as! ",
                    CastKind::Unchecked => " : ",
                });
                self.ty(*ty);
                self.push(")");
            }
            ExprKind::NullCheck(value) => {
                self.expr(value);
                self.push("!");
            }
            ExprKind::Not(value) => {
                self.push("!");
                self.expr(value);
            }
            ExprKind::And(left, right) => self.pair(left, "&&", right),
            ExprKind::Or(left, right) => self.pair(left, "||", right),
            ExprKind::Conditional(condition, yes, no) => {
                self.push("(");
                self.expr(condition);
                self.push(" ? ");
                self.expr(yes);
                self.push(" : ");
                self.expr(no);
                self.push(")");
                self.suffix(expr.ty);
            }
            ExprKind::Let { local, value, body } => {
                self.push("let ");
                self.local(*local);
                self.push(" = ");
                self.expr(value);
                self.push(" in ");
                self.expr(body);
            }
            ExprKind::Block { stmts, value } => {
                self.push("do");
                self.depth += 1;
                self.stmts(stmts);
                self.line();
                self.push("=> ");
                self.expr(value);
                self.depth -= 1;
            }
            ExprKind::Await(value) => {
                self.push("await ");
                self.expr(value);
                self.suffix(expr.ty);
            }
            ExprKind::Throw(value) => {
                self.push("throw ");
                self.expr(value);
            }
            ExprKind::Rethrow { .. } => self.push("rethrow"),
            ExprKind::Interpolation(parts) => {
                self.push("interpolate(");
                self.exprs(parts);
                self.push(")");
            }
            ExprKind::List { element, elements } => {
                self.types(&[*element]);
                self.push("[");
                self.exprs(elements);
                self.push("]");
            }
            ExprKind::Set { element, elements } => {
                self.types(&[*element]);
                self.push("{");
                self.exprs(elements);
                self.push("}");
            }
            ExprKind::Map {
                key,
                value,
                entries,
            } => {
                self.types(&[*key, *value]);
                self.push("{");
                for (i, (key, value)) in entries.iter().enumerate() {
                    if i > 0 {
                        self.push(", ");
                    }
                    self.expr(key);
                    self.push(": ");
                    self.expr(value);
                }
                self.push("}");
            }
            ExprKind::Record { positional, named } => {
                self.push("record");
                let args = Args {
                    types: Vec::new(),
                    positional: positional.clone(),
                    named: named.clone(),
                };
                self.args(&args);
            }
            ExprKind::RecordIndex(value, index) => {
                self.expr(value);
                let _ = write!(self.out, ".${}", index + 1);
            }
            ExprKind::RecordName(value, name) => {
                self.expr(value);
                let _ = write!(self.out, ".{name}");
            }
            ExprKind::Unsupported(what) => {
                let _ = write!(self.out, "<{what}>");
            }
        }
    }

    fn pair(&mut self, left: &Expr, op: &str, right: &Expr) {
        self.push("(");
        self.expr(left);
        let _ = write!(self.out, " {op} ");
        self.expr(right);
        self.push(")");
    }
}
