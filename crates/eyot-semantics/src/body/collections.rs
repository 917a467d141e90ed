//! List, set and map literals: inference of their type arguments, and elements lowered to additions.
//!
//! Elements are first walked into [`Item`]s, which gives the types to infer from; when the type arguments are known the
//! items become plain elements where they can, and statements around `add` calls where they cannot.

use eyot_syntax::Span;
use eyot_syntax::ast::{CollectionElement, CollectionLiteral, ElementKind, ForParts, Identifier};
use eyot_syntax::sym;

use super::Walk;
use super::members::Found;
use crate::infer::{Inference, has_unknown};
use crate::model::{ClassId, known};
use crate::program::{ConstValue, Expr, ExprKind, LabelId, LocalId, Stmt, StmtKind};
use crate::types::{Ty, TyKind};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    List,
    Set,
    Map,
}

/// The types of elements wanted or found; a list or set uses the first only.
type Pair = (Ty, Ty);

/// An element walked but not yet converted.
enum Item {
    Value(Expr, bool),
    Entry {
        key: Expr,
        key_aware: bool,
        value: Expr,
        value_aware: bool,
    },
    Spread(Expr, bool),
    If {
        declared: Vec<Stmt>,
        condition: Expr,
        then: Box<Item>,
        otherwise: Option<Box<Item>>,
    },
    /// Statements with a hole where the body goes.
    For {
        stmts: Vec<Stmt>,
        body: Box<Item>,
    },
    Broken,
}

/// Marks the place of a loop's body until it is known.
const HOLE: LabelId = LabelId(u32::MAX);

impl Walk<'_> {
    /// `[…]`.
    pub(super) fn list_literal(
        &mut self,
        literal: &CollectionLiteral,
        context: Ty,
        span: Span,
    ) -> Expr {
        let outermost = literal.is_const && !self.in_const;
        self.in_constant(literal.is_const, |walk| {
            walk.collection(Form::List, literal, context, span)
        })
        .finish(self, outermost)
    }

    /// `{…}`.
    pub(super) fn set_or_map_literal(
        &mut self,
        literal: &CollectionLiteral,
        context: Ty,
        span: Span,
    ) -> Expr {
        let outermost = literal.is_const && !self.in_const;
        self.in_constant(literal.is_const, |walk| {
            match walk.form_by_syntax(literal, context) {
                Some(form) => walk.collection(form, literal, context, span),
                None => walk.collection_by_spreads(literal, span),
            }
        })
        .finish(self, outermost)
    }

    /// Whether it is a set or a map, as far as type arguments, context and elements say so.
    fn form_by_syntax(&mut self, literal: &CollectionLiteral, context: Ty) -> Option<Form> {
        match literal.type_args.len() {
            0 => {}
            1 => return Some(Form::Set),
            _ => return Some(Form::Map),
        }
        if let Some(form) = self.form_by_elements(&literal.elements) {
            return Some(form);
        }
        let context = self.look_through(context);
        let is_map = self.is_a(context, Form::Map);
        let is_iterable = context != Ty::UNKNOWN
            && self
                .sequence_class(false)
                .is_some_and(|class| self.world.as_instance_of(context, class).is_some());
        match (is_map, is_iterable) {
            (true, false) => Some(Form::Map),
            (false, true) => Some(Form::Set),
            _ if literal.elements.is_empty() => Some(Form::Map),
            _ => None,
        }
    }

    fn form_by_elements(&self, elements: &[CollectionElement]) -> Option<Form> {
        elements.iter().find_map(|element| self.form_of(element))
    }

    fn form_of(&self, element: &CollectionElement) -> Option<Form> {
        match &element.kind {
            ElementKind::Expr(_) | ElementKind::NullAware(_) => Some(Form::Set),
            ElementKind::MapEntry { .. } => Some(Form::Map),
            ElementKind::Spread { .. } => None,
            ElementKind::If {
                then, otherwise, ..
            } => self
                .form_of(then)
                .or_else(|| self.form_of(otherwise.as_deref()?)),
            ElementKind::For { body, .. } => self.form_of(body),
        }
    }

    fn collection_by_spreads(&mut self, literal: &CollectionLiteral, span: Span) -> Expr {
        let items = self.items(
            &literal.elements,
            (Ty::UNKNOWN, Ty::UNKNOWN),
            Form::Map,
            true,
        );
        let form = if items.iter().any(|item| self.spreads_iterable(item)) {
            Form::Set
        } else {
            Form::Map
        };
        let types = self.infer_types(form, None, &items);
        self.build(form, types, items, span)
    }

    fn spreads_iterable(&self, item: &Item) -> bool {
        match item {
            Item::Spread(value, _) => self
                .sequence_class(false)
                .is_some_and(|class| self.world.as_instance_of(value.ty, class).is_some()),
            Item::If {
                then, otherwise, ..
            } => {
                self.spreads_iterable(then)
                    || otherwise
                        .as_deref()
                        .is_some_and(|item| self.spreads_iterable(item))
            }
            Item::For { body, .. } => self.spreads_iterable(body),
            _ => false,
        }
    }

    fn class_of_form(&self, form: Form) -> Option<ClassId> {
        match form {
            Form::List => Some(known::LIST),
            Form::Set => self.core_class("dart:core", sym::SET_CLASS),
            Form::Map => self.core_class("dart:core", sym::MAP),
        }
    }

    fn is_a(&self, ty: Ty, form: Form) -> bool {
        ty != Ty::UNKNOWN
            && self
                .class_of_form(form)
                .is_some_and(|class| self.world.as_instance_of(ty, class).is_some())
    }

    fn type_of_form(&self, form: Form, types: Pair) -> Ty {
        match self.class_of_form(form) {
            Some(class) if form == Form::Map => {
                self.world.types.interface(class, &[types.0, types.1])
            }
            Some(class) => self.world.types.interface(class, &[types.0]),
            None => Ty::ERROR,
        }
    }

    fn collection(
        &mut self,
        form: Form,
        literal: &CollectionLiteral,
        context: Ty,
        span: Span,
    ) -> Expr {
        let written = self.annotations(&literal.type_args);
        let arity = if form == Form::Map { 2 } else { 1 };
        let wish = match written.as_slice() {
            [] => self.wish_of_context(form, context),
            types if types.len() == arity => (types[0], *types.last().unwrap_or(&types[0])),
            types => {
                self.type_argument_count(arity, types.len(), span);
                (Ty::ERROR, Ty::ERROR)
            }
        };
        let items = self.items(&literal.elements, wish, form, false);
        let types = self.infer_types(form, Some(wish), &items);
        self.build(form, types, items, span)
    }

    /// What the context says about the type arguments; holes where it says nothing.
    fn wish_of_context(&self, form: Form, context: Ty) -> Pair {
        let unknown = (Ty::UNKNOWN, Ty::UNKNOWN);
        let context = self.look_through(context);
        let Some(class) = self.class_of_form(form) else {
            return unknown;
        };
        if context == Ty::UNKNOWN {
            return unknown;
        }
        let params = &self.world.class(class).type_params;
        let fresh = self.freshen(
            &crate::types::FunctionTy {
                type_params: params.clone().into(),
                positional: Box::new([]),
                required: 0,
                named: Box::new([]),
                result: self.world.this_type(class),
            },
            None,
        );
        let mut inference = Inference::new(self.world, &fresh.type_params);
        inference.constrain_result(fresh.result, context);
        match inference.partial().as_slice() {
            [element] => (*element, Ty::UNKNOWN),
            [key, value] => (*key, *value),
            _ => unknown,
        }
    }

    fn infer_types(&self, form: Form, wish: Option<Pair>, items: &[Item]) -> Pair {
        let mut found: (Option<Ty>, Option<Ty>) = (None, None);
        for item in items {
            self.note_types(form, item, &mut found);
        }
        let wish = wish.unwrap_or((Ty::UNKNOWN, Ty::UNKNOWN));
        let choose = |wish: Ty, found: Option<Ty>| {
            if !has_unknown(self.world, wish) {
                return wish;
            }
            match found {
                Some(ty) => ty,
                None if wish == Ty::UNKNOWN => Ty::DYNAMIC,
                None => crate::infer::fill_unknown(self.world, wish, true),
            }
        };
        let second = if form == Form::Map {
            choose(wish.1, found.1)
        } else {
            Ty::DYNAMIC
        };
        (choose(wish.0, found.0), second)
    }

    fn note_types(&self, form: Form, item: &Item, found: &mut (Option<Ty>, Option<Ty>)) {
        let join = |old: Option<Ty>, ty: Ty| {
            Some(match old {
                Some(old) => self.world.up(old, ty),
                None => ty,
            })
        };
        match item {
            Item::Value(value, aware) => {
                found.0 = join(found.0, self.maybe_non_null(value.ty, *aware));
            }
            Item::Entry {
                key,
                key_aware,
                value,
                value_aware,
            } => {
                found.0 = join(found.0, self.maybe_non_null(key.ty, *key_aware));
                found.1 = join(found.1, self.maybe_non_null(value.ty, *value_aware));
            }
            Item::Spread(value, _) => {
                if let Some((first, second)) = self.spread_types(form, value.ty) {
                    found.0 = join(found.0, first);
                    found.1 = join(found.1, second);
                }
            }
            Item::If {
                then, otherwise, ..
            } => {
                self.note_types(form, then, found);
                if let Some(otherwise) = otherwise {
                    self.note_types(form, otherwise, found);
                }
            }
            Item::For { body, .. } => self.note_types(form, body, found),
            Item::Broken => {}
        }
    }

    fn maybe_non_null(&self, ty: Ty, aware: bool) -> Ty {
        if aware && ty != Ty::DYNAMIC {
            self.world.non_null(ty)
        } else {
            ty
        }
    }

    /// The element types of what is spread; none for `null` and errors.
    fn spread_types(&self, form: Form, ty: Ty) -> Option<Pair> {
        if ty == Ty::DYNAMIC {
            return Some((Ty::DYNAMIC, Ty::DYNAMIC));
        }
        let class = match form {
            Form::Map => self.class_of_form(Form::Map),
            _ => self.sequence_class(false),
        };
        let args = self.world.as_instance_of(self.world.non_null(ty), class?)?;
        let first = *args.first()?;
        Some((first, args.get(1).copied().unwrap_or(first)))
    }

    // ---- walking elements

    fn items(
        &mut self,
        elements: &[CollectionElement],
        wish: Pair,
        form: Form,
        undecided: bool,
    ) -> Vec<Item> {
        elements
            .iter()
            .map(|element| self.item(element, wish, form, undecided))
            .collect()
    }

    fn item(
        &mut self,
        element: &CollectionElement,
        wish: Pair,
        form: Form,
        undecided: bool,
    ) -> Item {
        self.deep(|walk| walk.item_form(element, wish, form, undecided))
    }

    fn item_form(
        &mut self,
        element: &CollectionElement,
        wish: Pair,
        form: Form,
        undecided: bool,
    ) -> Item {
        match &element.kind {
            ElementKind::Expr(_) | ElementKind::NullAware(_) if form == Form::Map && !undecided => {
                self.error(
                    "map-entry-expected",
                    element.span,
                    "a map literal needs entries of the form 'key: value'",
                );
                Item::Broken
            }
            ElementKind::MapEntry { .. } if form != Form::Map => {
                self.error(
                    "unexpected-map-entry",
                    element.span,
                    "'key: value' stands only in a map literal",
                );
                Item::Broken
            }
            ElementKind::Expr(expr) => {
                let value = self.expr(*expr, wish.0);
                let span = value.span;
                let value = if wish.0 == Ty::VOID {
                    value
                } else {
                    self.no_void(value, span)
                };
                Item::Value(value, false)
            }
            ElementKind::NullAware(expr) => {
                let context = self.nullable_wish(wish.0);
                Item::Value(self.expr(*expr, context), true)
            }
            ElementKind::MapEntry {
                key,
                is_key_null_aware,
                value,
                is_value_null_aware,
            } => {
                let key_context = if *is_key_null_aware {
                    self.nullable_wish(wish.0)
                } else {
                    wish.0
                };
                let value_context = if *is_value_null_aware {
                    self.nullable_wish(wish.1)
                } else {
                    wish.1
                };
                Item::Entry {
                    key: self.expr(*key, key_context),
                    key_aware: *is_key_null_aware,
                    value: self.expr(*value, value_context),
                    value_aware: *is_value_null_aware,
                }
            }
            ElementKind::Spread {
                expr,
                is_null_aware,
            } => self.spread_item(*expr, *is_null_aware, wish, form, undecided),
            ElementKind::If {
                condition,
                then,
                otherwise,
            } => {
                let mark = self.names.mark();
                let mut declared = Vec::new();
                let (condition, branches) = self.if_condition(condition, &mut declared);
                self.flow.set(branches.yes);
                let then = Box::new(self.item(then, wish, form, undecided));
                let after_then = self.flow.take();
                self.names.leave(mark);
                self.flow.set(branches.no);
                let otherwise = otherwise
                    .as_deref()
                    .map(|element| Box::new(self.item(element, wish, form, undecided)));
                let after_else = self.flow.take();
                let joined = self.flow.join(after_then, after_else);
                self.flow.set(joined);
                Item::If {
                    declared,
                    condition,
                    then,
                    otherwise,
                }
            }
            ElementKind::For {
                is_await,
                parts,
                body,
            } => self.for_item(*is_await, parts, body, wish, form, undecided, element.span),
        }
    }

    fn nullable_wish(&self, wish: Ty) -> Ty {
        if wish == Ty::UNKNOWN {
            wish
        } else {
            self.world.types.nullable(wish)
        }
    }

    fn spread_item(
        &mut self,
        expr: eyot_syntax::ast::ExprId,
        aware: bool,
        wish: Pair,
        form: Form,
        undecided: bool,
    ) -> Item {
        let context = if undecided {
            Ty::UNKNOWN
        } else if form == Form::Map {
            self.type_of_form(Form::Map, wish)
        } else {
            self.sequence_of(false, wish.0)
        };
        let context = if aware && context != Ty::UNKNOWN {
            self.world.types.nullable(context)
        } else {
            context
        };
        let value = self.expr(expr, context);
        if value.ty == Ty::ERROR {
            return Item::Broken;
        }
        if !aware && value.ty != Ty::DYNAMIC && self.world.is_potentially_nullable(value.ty) {
            self.error(
                "nullable-spread",
                value.span,
                "what is spread may be null: write '...?' to leave it out then",
            );
            return Item::Broken;
        }
        if !undecided && value.ty != Ty::NULL && self.spread_types(form, value.ty).is_none() {
            let shown = self.show(value.ty);
            let wanted = if form == Form::Map { "Map" } else { "Iterable" };
            self.error(
                "not-spreadable",
                value.span,
                format!("'...' needs an '{wanted}' here, but this is of type '{shown}'"),
            );
            return Item::Broken;
        }
        Item::Spread(value, aware)
    }

    #[allow(clippy::too_many_arguments)]
    fn for_item(
        &mut self,
        is_await: bool,
        parts: &ForParts,
        body: &CollectionElement,
        wish: Pair,
        form: Form,
        undecided: bool,
        span: Span,
    ) -> Item {
        let mut inner = None;
        let mut stmts = Vec::new();
        let mut make = |walk: &mut Self| {
            inner = Some(walk.item(body, wish, form, undecided));
            walk.stmt_node(StmtKind::Break(HOLE), span)
        };
        self.for_parts(is_await, parts, &[], span, &mut make, &mut stmts);
        Item::For {
            stmts,
            body: Box::new(inner.unwrap_or(Item::Broken)),
        }
    }

    // ---- building

    fn build(&mut self, form: Form, types: Pair, items: Vec<Item>, span: Span) -> Expr {
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

    /// Whether a type is some map, list or set; for patterns.
    pub(super) fn list_type(&self, element: Ty) -> Ty {
        self.type_of_form(Form::List, (element, Ty::DYNAMIC))
    }

    /// `Map<key, value>`.
    pub(super) fn map_type(&self, key: Ty, value: Ty) -> Ty {
        self.type_of_form(Form::Map, (key, value))
    }

    /// The type arguments of a list (or map) type.
    pub(super) fn list_args(&self, ty: Ty) -> Option<Ty> {
        match self.world.types.kind(ty) {
            TyKind::Interface { .. } | TyKind::Param { .. } => {
                self.world.as_instance_of(ty, known::LIST)?.first().copied()
            }
            _ => None,
        }
    }

    /// Key and value of a map type.
    pub(super) fn map_args(&self, ty: Ty) -> Option<Pair> {
        let args = self
            .world
            .as_instance_of(ty, self.class_of_form(Form::Map)?)?;
        Some((*args.first()?, *args.get(1)?))
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
