//! Collection literals whose type arguments are known: plain elements, and statements around additions.

use eyot_syntax::ast::Identifier;
use eyot_syntax::{Span, sym};

use super::Walk;
use super::collections::{Form, HOLE, Item, Pair};
use super::members::Found;
use crate::program::{ConstValue, Expr, ExprKind, LocalId, Stmt, StmtKind};
use crate::types::Ty;

impl Walk<'_> {
    pub(super) fn build(&mut self, form: Form, types: Pair, items: Vec<Item>, span: Span) -> Expr {
        self.branches = None;
        let items = if self.in_const && !self.quiet {
            self.constant_items(items)
        } else {
            items
        };
        let ty = self.type_of_form(form, types);
        let plain_count = items
            .iter()
            .take_while(|item| {
                matches!(
                    item,
                    Item::Value(_, false)
                        | Item::Entry {
                            key_aware: false,
                            value_aware: false,
                            ..
                        }
                        | Item::Broken
                )
            })
            .count();
        let mut items = items.into_iter();
        let first: Vec<Item> = items.by_ref().take(plain_count).collect();
        let start = self.plain_literal(form, types, first, ty, span);
        let rest: Vec<Item> = items.collect();
        if rest.is_empty() {
            return start;
        }
        let local = self.temp(ty, span);
        let mut stmts = Vec::new();
        for item in rest {
            self.add_item(form, types, item, local, span, &mut stmts);
        }
        let value = self.local_expr(local, span);
        let body = self.block(stmts, value);
        self.let_in(local, start, body)
    }

    fn plain_literal(
        &mut self,
        form: Form,
        types: Pair,
        items: Vec<Item>,
        ty: Ty,
        span: Span,
    ) -> Expr {
        let mut elements = Vec::new();
        let mut entries = Vec::new();
        for item in items {
            match item {
                Item::Value(value, _) => elements.push(self.convert(value, types.0, "element")),
                Item::Entry { key, value, .. } => {
                    let key = self.convert(key, types.0, "key");
                    let value = self.convert(value, types.1, "value");
                    entries.push((key, value));
                }
                _ => {}
            }
        }
        let kind = match form {
            Form::List => ExprKind::List {
                element: types.0,
                elements,
            },
            Form::Set => ExprKind::Set {
                element: types.0,
                elements,
            },
            Form::Map => ExprKind::Map {
                key: types.0,
                value: types.1,
                entries,
            },
        };
        self.node(kind, ty, span)
    }

    fn add_item(
        &mut self,
        form: Form,
        types: Pair,
        item: Item,
        target: LocalId,
        span: Span,
        out: &mut Vec<Stmt>,
    ) {
        match item {
            Item::Broken => {}
            Item::Value(value, false) => {
                let value = self.convert(value, types.0, "element");
                self.add_value(target, value, out);
            }
            Item::Value(value, true) => self.if_not_null(value, out, |walk, value, out| {
                let value = walk.convert(value, types.0, "element");
                walk.add_value(target, value, out);
            }),
            Item::Entry {
                key,
                key_aware,
                value,
                value_aware,
            } => self.add_entry(types, (key, key_aware), (value, value_aware), target, out),
            Item::Spread(value, aware) => {
                let add = |walk: &mut Self, value: Expr, out: &mut Vec<Stmt>| {
                    walk.add_spread(form, types, value, target, out);
                };
                if aware && self.world.is_potentially_nullable(value.ty) {
                    self.if_not_null(value, out, add);
                } else {
                    add(self, value, out);
                }
            }
            Item::If {
                declared,
                condition,
                then,
                otherwise,
            } => {
                let then = self.item_stmt(form, types, *then, target, span);
                let otherwise = otherwise
                    .map(|item| Box::new(self.item_stmt(form, types, *item, target, span)));
                let stmt = self.stmt_node(StmtKind::If(condition, Box::new(then), otherwise), span);
                let mut stmts = declared;
                if stmts.is_empty() {
                    out.push(stmt);
                } else {
                    stmts.push(stmt);
                    out.push(self.stmt_node(StmtKind::Block(stmts), span));
                }
            }
            Item::For { mut stmts, body } => {
                let mut body = Some(self.item_stmt(form, types, *body, target, span));
                for stmt in &mut stmts {
                    fill_hole(stmt, &mut body);
                }
                out.push(self.stmt_node(StmtKind::Block(stmts), span));
            }
        }
    }

    fn item_stmt(
        &mut self,
        form: Form,
        types: Pair,
        item: Item,
        target: LocalId,
        span: Span,
    ) -> Stmt {
        let mut stmts = Vec::new();
        self.add_item(form, types, item, target, span, &mut stmts);
        self.one_stmt(stmts, span)
    }

    fn if_not_null(
        &mut self,
        value: Expr,
        out: &mut Vec<Stmt>,
        mut add: impl FnMut(&mut Self, Expr, &mut Vec<Stmt>),
    ) {
        let span = value.span;
        let ty = self.maybe_non_null(value.ty, true);
        let local = self.temp(value.ty, span);
        out.push(self.stmt_node(StmtKind::Var(local, Some(value)), span));
        let read = self.local_expr(local, span);
        let is_null = self.is_null(read.clone());
        let not_null = self.node(ExprKind::Not(Box::new(is_null)), Ty::BOOL, span);
        let mut inner = Vec::new();
        let read = self.retype(read, ty);
        add(self, read, &mut inner);
        let then = self.one_stmt(inner, span);
        out.push(self.stmt_node(StmtKind::If(not_null, Box::new(then), None), span));
    }

    /// `target.name(args)` as a statement.
    fn call_on(&mut self, target: LocalId, name: &str, args: Vec<Expr>, span: Span) -> Stmt {
        let object = self.local_expr(target, span);
        let symbol = eyot_syntax::Symbol::intern(name);
        let found = self.find(object.ty, symbol, false);
        let call = match found {
            Found::Instance(..) => self.operator_call(object, symbol, found, args, span),
            _ => {
                let name = Identifier { symbol, span };
                self.missing_member(object.ty, &name, "method", false)
            }
        };
        self.stmt_node(StmtKind::Expr(call), span)
    }

    fn add_value(&mut self, target: LocalId, value: Expr, out: &mut Vec<Stmt>) {
        let span = value.span;
        let call = self.call_on(target, "add", vec![value], span);
        out.push(call);
    }

    fn add_entry(
        &mut self,
        types: Pair,
        (key, key_aware): (Expr, bool),
        (value, value_aware): (Expr, bool),
        target: LocalId,
        out: &mut Vec<Stmt>,
    ) {
        let span = key.span.to(value.span);
        if key_aware {
            let mut rest = Some(value);
            return self.if_not_null(key, out, |walk, key, out| {
                if let Some(value) = rest.take() {
                    walk.add_entry(types, (key, false), (value, value_aware), target, out);
                }
            });
        }
        let key = self.convert(key, types.0, "key");
        if value_aware {
            // The key comes first, whether or not the entry does.
            let local = self.temp(key.ty, span);
            let read = self.local_expr(local, span);
            out.push(self.stmt_node(StmtKind::Var(local, Some(key)), span));
            return self.if_not_null(value, out, |walk, value, out| {
                walk.add_entry(types, (read.clone(), false), (value, false), target, out);
            });
        }
        let value = self.convert(value, types.1, "value");
        let call = self.call_on(target, "[]=", vec![key, value], span);
        out.push(call);
    }

    fn add_spread(
        &mut self,
        form: Form,
        types: Pair,
        value: Expr,
        target: LocalId,
        out: &mut Vec<Stmt>,
    ) {
        let span = value.span;
        let wanted = if form == Form::Map {
            self.type_of_form(Form::Map, types)
        } else {
            self.sequence_of(false, types.0)
        };
        if value.ty == Ty::NULL || value.ty == Ty::NEVER {
            out.push(self.expr_stmt(value));
            return;
        }
        if value.ty != Ty::DYNAMIC && self.world.is_subtype(value.ty, wanted) {
            let call = self.call_on(target, "addAll", vec![value], span);
            out.push(call);
            return;
        }
        if form == Form::Map {
            self.add_map_by_entry(types, value, target, out);
        } else {
            self.add_each(types, value, target, out);
        }
    }

    fn add_each(&mut self, types: Pair, value: Expr, target: LocalId, out: &mut Vec<Stmt>) {
        let span = value.span;
        let value = self.as_sequence(value);
        let element = self
            .spread_types(Form::List, value.ty)
            .map_or(Ty::DYNAMIC, |pair| pair.0);
        let variable = self.temp(element, span);
        let read = self.local_expr(variable, span);
        let read = self.convert(read, types.0, "element");
        let mut body = Vec::new();
        self.add_value(target, read, &mut body);
        self.push_for_in(variable, value, body, span, out);
    }

    fn as_sequence(&mut self, value: Expr) -> Expr {
        if value.ty == Ty::DYNAMIC {
            let sequence = self.sequence_of(false, Ty::DYNAMIC);
            return self.implicit_cast(value, sequence);
        }
        value
    }

    fn push_for_in(
        &mut self,
        variable: LocalId,
        iterable: Expr,
        body: Vec<Stmt>,
        span: Span,
        out: &mut Vec<Stmt>,
    ) {
        let label = self.new_label();
        let body = self.one_stmt(body, span);
        let kind = StmtKind::ForIn {
            label,
            variable,
            iterable,
            is_await: false,
            body: Box::new(body),
        };
        out.push(self.stmt_node(kind, span));
    }

    fn add_map_by_entry(&mut self, types: Pair, value: Expr, target: LocalId, out: &mut Vec<Stmt>) {
        let span = value.span;
        let value = if value.ty == Ty::DYNAMIC {
            let map = self.type_of_form(Form::Map, (Ty::DYNAMIC, Ty::DYNAMIC));
            self.implicit_cast(value, map)
        } else {
            value
        };
        let Some((key_ty, value_ty)) = self.spread_types(Form::Map, value.ty) else {
            return;
        };
        let map = self.temp(value.ty, span);
        out.push(self.stmt_node(StmtKind::Var(map, Some(value)), span));
        let object = self.local_expr(map, span);
        let keys = Identifier {
            symbol: sym::KEYS,
            span,
        };
        let keys = self.get(object.clone(), &keys, span);
        let variable = self.temp(key_ty, span);
        let key = self.local_expr(variable, span);
        let found = self.find(object.ty, sym::INDEX_GET, false);
        let read = self.index_read(object, found, key.clone(), span);
        let read = self.retype(read, value_ty);
        let mut body = Vec::new();
        self.add_entry(types, (key, false), (read, false), target, &mut body);
        self.push_for_in(variable, keys, body, span, out);
    }

    // ---- constants

    /// In a constant, spreads and conditions are worked out now.
    fn constant_items(&mut self, items: Vec<Item>) -> Vec<Item> {
        let mut plain = Vec::new();
        for item in items {
            self.constant_item(item, &mut plain);
        }
        plain
    }

    fn constant_item(&mut self, item: Item, out: &mut Vec<Item>) {
        match item {
            Item::Value(value, true) => {
                let value = self.evaluate(value);
                if !self.is_null_constant(&value) {
                    let ty = self.maybe_non_null(value.ty, true);
                    out.push(Item::Value(self.retype(value, ty), false));
                }
            }
            Item::Entry {
                key,
                key_aware,
                value,
                value_aware,
            } if key_aware || value_aware => {
                let (key, value) = (self.evaluate(key), self.evaluate(value));
                let skip = key_aware && self.is_null_constant(&key)
                    || value_aware && self.is_null_constant(&value);
                if !skip {
                    let key_ty = self.maybe_non_null(key.ty, key_aware);
                    let value_ty = self.maybe_non_null(value.ty, value_aware);
                    out.push(Item::Entry {
                        key: self.retype(key, key_ty),
                        key_aware: false,
                        value: self.retype(value, value_ty),
                        value_aware: false,
                    });
                }
            }
            Item::Spread(value, _) => self.constant_spread(value, out),
            Item::If {
                condition,
                then,
                otherwise,
                ..
            } => {
                let span = condition.span;
                let condition = self.evaluate(condition);
                let ExprKind::Const(id) = condition.kind else {
                    return;
                };
                match (self.world.consts.value(id), otherwise) {
                    (ConstValue::Bool(true), _) => self.constant_item(*then, out),
                    (ConstValue::Bool(false), Some(item)) => self.constant_item(*item, out),
                    (ConstValue::Bool(false), None) => {}
                    _ => self.error("not-constant", span, "this condition is no constant bool"),
                }
            }
            Item::For { stmts, .. } => {
                if let Some(stmt) = stmts.first() {
                    self.error(
                        "not-constant",
                        stmt.span,
                        "'for' cannot stand in a constant collection",
                    );
                }
            }
            plain => out.push(plain),
        }
    }

    fn is_null_constant(&self, value: &Expr) -> bool {
        match value.kind {
            ExprKind::Const(id) => matches!(self.world.consts.value(id), ConstValue::Null),
            ExprKind::Null => true,
            _ => false,
        }
    }

    fn constant_spread(&mut self, value: Expr, out: &mut Vec<Item>) {
        let span = value.span;
        let value = self.evaluate(value);
        let ExprKind::Const(id) = value.kind else {
            return;
        };
        let constant = |walk: &Self, id, ty| walk.node(ExprKind::Const(id), ty, span);
        match self.world.consts.value(id) {
            ConstValue::Null => {}
            ConstValue::List(ty, ids) | ConstValue::Set(ty, ids) => {
                for &id in ids {
                    out.push(Item::Value(constant(self, id, *ty), false));
                }
            }
            ConstValue::Map(key_ty, value_ty, entries) => {
                for &(key, value) in entries {
                    out.push(Item::Entry {
                        key: constant(self, key, *key_ty),
                        key_aware: false,
                        value: constant(self, value, *value_ty),
                        value_aware: false,
                    });
                }
            }
            _ => self.error(
                "not-constant",
                span,
                "only constant lists, sets and maps can be spread in a constant",
            ),
        }
    }
}

/// Puts the body of a loop where the hole is: at the end of the loop's statements.
fn fill_hole(stmt: &mut Stmt, body: &mut Option<Stmt>) {
    match &mut stmt.kind {
        StmtKind::Break(HOLE) => {
            if let Some(body) = body.take() {
                *stmt = body;
            }
        }
        StmtKind::Block(stmts) => {
            for stmt in stmts {
                fill_hole(stmt, body);
            }
        }
        StmtKind::For { body: inner, .. } | StmtKind::ForIn { body: inner, .. } => {
            fill_hole(inner, body);
        }
        _ => {}
    }
}
