//! List, set and map literals: inference of their type arguments, and elements lowered to additions.
//!
//! Elements are first walked into [`Item`]s, which gives the types to infer from; when the type arguments are known the
//! items become plain elements where they can, and statements around `add` calls where they cannot.

use eyot_syntax::Span;
use eyot_syntax::ast::{CollectionElement, CollectionLiteral, ElementKind, ForParts};
use eyot_syntax::sym;

use super::Walk;
use crate::infer::{Inference, has_unknown};
use crate::model::{ClassId, known};
use crate::program::{Expr, LabelId, Stmt, StmtKind};
use crate::types::{Ty, TyKind};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    List,
    Set,
    Map,
}

/// The types of elements wanted or found; a list or set uses the first only.
pub(super) type Pair = (Ty, Ty);

/// An element walked but not yet converted.
pub(super) enum Item {
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
pub(super) const HOLE: LabelId = LabelId(u32::MAX);

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
        let spreads = |form| items.iter().any(|item| self.spreads(form, item));
        let form = match (spreads(Form::Set), spreads(Form::Map)) {
            (true, false) => Form::Set,
            (false, true) => Form::Map,
            (is_both, _) => {
                let is_known = is_both || !items.iter().any(|item| self.is_after_error(item));
                if is_known {
                    let message = if is_both {
                        "this would be a set and a map at once: spread only iterables, or only maps"
                    } else {
                        "nothing says whether this is a set or a map: write '<E>{…}' or '<K, V>{…}'"
                    };
                    self.error("set-or-map", span, message);
                }
                Form::Map
            }
        };
        let types = self.infer_types(form, None, &items);
        self.build(form, types, items, span)
    }

    /// Whether an element spreads what only belongs into a collection of this form.
    fn spreads(&self, form: Form, item: &Item) -> bool {
        match item {
            Item::Spread(value, _) => {
                let class = match form {
                    Form::Map => self.class_of_form(Form::Map),
                    _ => self.sequence_class(false),
                };
                let ty = self.world.non_null(value.ty);
                class.is_some_and(|class| self.world.as_instance_of(ty, class).is_some())
            }
            Item::If {
                then, otherwise, ..
            } => {
                self.spreads(form, then)
                    || otherwise
                        .as_deref()
                        .is_some_and(|item| self.spreads(form, item))
            }
            Item::For { body, .. } => self.spreads(form, body),
            _ => false,
        }
    }

    /// Whether something is wrong in an element, or nothing comes of it, so that its type says nothing.
    fn is_after_error(&self, item: &Item) -> bool {
        match item {
            Item::Spread(value, _) => value.ty == Ty::ERROR || self.world.is_bottom(value.ty),
            Item::If {
                then, otherwise, ..
            } => {
                self.is_after_error(then)
                    || otherwise
                        .as_deref()
                        .is_some_and(|item| self.is_after_error(item))
            }
            Item::For { body, .. } => self.is_after_error(body),
            _ => true,
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

    pub(super) fn type_of_form(&self, form: Form, types: Pair) -> Ty {
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
        let is_null = items
            .iter()
            .any(|item| matches!(item, Item::Spread(value, _) if value.ty == Ty::NULL));
        let choose = |wish: Ty, found: Option<Ty>| {
            if !has_unknown(self.world, wish) {
                return wish;
            }
            match found {
                Some(ty) => ty,
                // Nothing but `...?null`.
                None if wish == Ty::UNKNOWN && is_null => Ty::NULL,
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

    pub(super) fn maybe_non_null(&self, ty: Ty, aware: bool) -> Ty {
        if aware && ty != Ty::DYNAMIC {
            self.world.non_null(ty)
        } else {
            ty
        }
    }

    /// The element types of what is spread; none for `null` and errors.
    pub(super) fn spread_types(&self, form: Form, ty: Ty) -> Option<Pair> {
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
                let (key, value) = (
                    self.expr(*key, key_context),
                    self.expr(*value, value_context),
                );
                Item::Entry {
                    key: self.entry_part(key, *is_key_null_aware),
                    key_aware: *is_key_null_aware,
                    value: self.entry_part(value, *is_value_null_aware),
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

    /// What is compared with null is used.
    fn entry_part(&self, part: Expr, is_null_aware: bool) -> Expr {
        let span = part.span;
        match is_null_aware {
            true => self.no_void(part, span),
            false => part,
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
