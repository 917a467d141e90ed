//! Places: what can be assigned. A place is found once and then read and written.

use eyot_syntax::ast::{ExprId, ExprKind as E, Identifier};
use eyot_syntax::{Span, sym};

use super::Walk;
use super::members::Found;
use super::names::{Designator, Name};
use crate::model::{Access, ExtensionId, MemberFlags, MemberId, MemberKind};
use crate::program::{Args, Expr, ExprKind, LocalId, StmtKind};
use crate::types::Ty;

/// Something that can be assigned. Expressions in it are evaluated each time the place is read or written.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Local(LocalId, Span),
    Static(Access, Identifier),
    Property {
        object: Expr,
        name: Identifier,
    },
    Index {
        object: Expr,
        /// An extension applied to the object by hand.
        applied: Option<(ExtensionId, Vec<Ty>)>,
        index: Expr,
        span: Span,
    },
    Super(Identifier),
    SuperIndex(Expr, Span),
    Extension {
        extension: ExtensionId,
        types: Vec<Ty>,
        object: Expr,
        name: Identifier,
    },
    /// An error was reported.
    Broken(Span),
}

/// Lets that must be around a use of a place.
pub(super) type Hoisted = Vec<(LocalId, Expr)>;

impl Walk<'_> {
    /// The place an expression names. If it is used `twice` (read and written), its parts are hoisted into lets.
    pub(super) fn place(&mut self, target: ExprId, twice: bool) -> (Place, Hoisted) {
        let tree = self.tree;
        let span = tree[target].span;
        let mut hoisted = Vec::new();
        let place = match &tree[target].kind {
            E::Identifier(name) => {
                let name = Identifier {
                    symbol: *name,
                    span,
                };
                let meaning = self.resolve(name.symbol);
                self.place_of_name(meaning, &name)
            }
            E::Parenthesized(inner) => return self.place(*inner, twice),
            E::Property {
                receiver,
                name,
                is_null_aware,
            } => self.property_place(*receiver, name, *is_null_aware, twice, &mut hoisted),
            E::Index {
                receiver,
                index,
                is_null_aware,
            } => self.index_place(*receiver, *index, *is_null_aware, twice, span, &mut hoisted),
            _ => {
                self.error(
                    "not-assignable-place",
                    span,
                    "this cannot be assigned: only variables, properties and index expressions can",
                );
                Place::Broken(span)
            }
        };
        (place, hoisted)
    }

    pub(super) fn place_of_name(&mut self, meaning: Name, name: &Identifier) -> Place {
        match meaning {
            Name::Local(local) => Place::Local(local, name.span),
            Name::Static(access) => Place::Static(access, *name),
            Name::OnThis => match self.implicit_this(name) {
                Some(object) => match self.own_extension(name.symbol, true) {
                    Some((extension, types)) => Place::Extension {
                        extension,
                        types,
                        object,
                        name: *name,
                    },
                    None => Place::Property {
                        object,
                        name: *name,
                    },
                },
                None => Place::Broken(name.span),
            },
            Name::Unknown => {
                self.unknown_name(name);
                Place::Broken(name.span)
            }
            _ => {
                self.error(
                    "not-assignable-place",
                    name.span,
                    format!("'{}' is no variable and cannot be assigned", name.symbol),
                );
                Place::Broken(name.span)
            }
        }
    }

    fn property_place(
        &mut self,
        receiver: ExprId,
        name: &Identifier,
        is_null_aware: bool,
        twice: bool,
        hoisted: &mut Hoisted,
    ) -> Place {
        if let Some(designator) = self.designator(receiver) {
            return self.designated_place(&designator, name);
        }
        if let E::Super = self.tree[receiver].kind {
            return if self.check_super(name.span) {
                Place::Super(*name)
            } else {
                Place::Broken(name.span)
            };
        }
        if let Some((extension, types, object)) = self.extension_application(receiver) {
            let object = self.hoist(object, twice, hoisted);
            return Place::Extension {
                extension,
                types,
                object,
                name: *name,
            };
        }
        let mut object = self.receiver(receiver);
        if is_null_aware {
            object = self.open_guard(object);
        }
        let object = self.hoist(object, twice, hoisted);
        Place::Property {
            object,
            name: *name,
        }
    }

    fn designated_place(&mut self, designator: &Designator, name: &Identifier) -> Place {
        let access = match designator {
            Designator::Prefix(prefix) => {
                self.use_prefix(*prefix, name.span);
                let meaning = self.resolve_prefixed(*prefix, name.symbol);
                return self.place_of_name(meaning, name);
            }
            Designator::Class(class, _) => self.class_static(*class, name.symbol),
            Designator::GenericAlias(typedef) => {
                let ty = self.world.aliased(*typedef);
                self.world
                    .class_of(ty)
                    .and_then(|class| self.class_static(class, name.symbol))
            }
            Designator::Extension(extension) => self
                .world
                .extension(*extension)
                .statics
                .get(&name.symbol)
                .copied(),
            Designator::Type(_) => None,
        };
        match access {
            Some(access) => Place::Static(access, *name),
            None => {
                self.error(
                    "undefined-member",
                    name.span,
                    format!("nothing static named '{}' is declared there", name.symbol),
                );
                Place::Broken(name.span)
            }
        }
    }

    fn index_place(
        &mut self,
        receiver: ExprId,
        index: ExprId,
        is_null_aware: bool,
        twice: bool,
        span: Span,
        hoisted: &mut Hoisted,
    ) -> Place {
        if let E::Super = self.tree[receiver].kind {
            if !self.check_super(span) {
                return Place::Broken(span);
            }
            let index = self.free(index);
            let index = self.hoist(index, twice, hoisted);
            return Place::SuperIndex(index, span);
        }
        let (mut object, applied) = match self.extension_application(receiver) {
            Some((extension, types, object)) => (object, Some((extension, types))),
            None => (self.receiver(receiver), None),
        };
        if is_null_aware {
            object = self.open_guard(object);
        }
        let object = self.hoist(object, twice, hoisted);
        let found = self.find_operator(object.ty, &applied, sym::INDEX_SET, false);
        let index = self.index_operand(&found, index);
        let index = self.hoist(index, twice, hoisted);
        Place::Index {
            object,
            applied,
            index,
            span,
        }
    }

    /// An expression that may be evaluated twice: itself if that makes no difference, else a let around.
    pub(super) fn hoist(&mut self, expr: Expr, twice: bool, hoisted: &mut Hoisted) -> Expr {
        let is_plain = match &expr.kind {
            ExprKind::This
            | ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Const(_) => true,
            ExprKind::Local(local) => self.locals[local.0 as usize].name.as_str().starts_with(':'),
            _ => false,
        };
        if !twice || is_plain || expr.ty == Ty::ERROR {
            return expr;
        }
        let span = expr.span;
        let local = self.temp(expr.ty, span);
        hoisted.push((local, expr));
        self.local_expr(local, span)
    }

    /// Puts the lets around the use.
    pub(super) fn wrap(&self, hoisted: Hoisted, body: Expr) -> Expr {
        hoisted
            .into_iter()
            .rev()
            .fold(body, |body, (local, value)| self.let_in(local, value, body))
    }

    // ---- reading

    /// The value of a place.
    pub(super) fn read_place(&mut self, place: &Place) -> Expr {
        match place {
            Place::Local(local, span) => self.read_local(*local, *span),
            Place::Static(access, name) => self.static_get(*access, name),
            Place::Property { object, name } => self.get(object.clone(), name, name.span),
            Place::Index {
                object,
                applied,
                index,
                span,
            } => {
                let found = self.find_operator(object.ty, applied, sym::INDEX_GET, false);
                self.index_read(object.clone(), found, index.clone(), *span)
            }
            Place::Super(name) => match self.super_member(name.symbol, false) {
                Some((member, on)) => {
                    let ty = self.variable_type_on(member, on);
                    self.node(ExprKind::SuperGet { member }, ty, name.span)
                }
                None => self.missing_super(name),
            },
            Place::SuperIndex(index, span) => self.super_index_read(index.clone(), *span),
            Place::Extension {
                extension,
                types,
                object,
                name,
            } => {
                let access = self.world.extension(*extension).instance.get(&name.symbol);
                match access.and_then(|access| access.get) {
                    Some(member) => {
                        self.extension_read(member, types.clone(), object.clone(), name.span)
                    }
                    None => self.error_expr(name.span),
                }
            }
            Place::Broken(span) => self.error_expr(*span),
        }
    }

    fn super_index_read(&mut self, index: Expr, span: Span) -> Expr {
        let Some((member, on)) = self.super_member(sym::INDEX_GET, false) else {
            return self.error_expr(span);
        };
        let ty = self.signature_on(member, on).result;
        let args = Args {
            positional: vec![index],
            ..Args::default()
        };
        self.node(ExprKind::SuperCall { member, args }, ty, span)
    }

    // ---- writing

    /// The type a value assigned to the place must have; for locals the promoted type is the context.
    pub(super) fn written_type(&mut self, place: &Place) -> Ty {
        match place {
            Place::Local(local, _) => self.locals[local.0 as usize].ty,
            Place::Static(access, _) => match access.set {
                Some(member) => self.variable_type(member),
                None => Ty::UNKNOWN,
            },
            Place::Property { object, name } => match self.find(object.ty, name.symbol, true) {
                Found::Instance(member, on) => self.variable_type_on(member, on),
                Found::Extension(member, types) => self
                    .extension_setter_type(member, &types)
                    .unwrap_or(Ty::UNKNOWN),
                _ => Ty::UNKNOWN,
            },
            Place::Index {
                object, applied, ..
            } => {
                let found = self.find_operator(object.ty, applied, sym::INDEX_SET, false);
                let signature = self.operator_signature(&found);
                signature.positional.get(1).copied().unwrap_or(Ty::UNKNOWN)
            }
            Place::Super(name) => match self.super_member(name.symbol, true) {
                Some((member, on)) => self.variable_type_on(member, on),
                None => Ty::UNKNOWN,
            },
            Place::SuperIndex(..) => match self.super_member(sym::INDEX_SET, false) {
                Some((member, on)) => {
                    let signature = self.signature_on(member, on);
                    signature.positional.get(1).copied().unwrap_or(Ty::UNKNOWN)
                }
                None => Ty::UNKNOWN,
            },
            Place::Extension {
                extension,
                types,
                name,
                ..
            } => {
                let access = self.world.extension(*extension).instance.get(&name.symbol);
                access
                    .and_then(|access| access.set)
                    .and_then(|member| self.extension_setter_type(member, types))
                    .unwrap_or(Ty::UNKNOWN)
            }
            Place::Broken(_) => Ty::UNKNOWN,
        }
    }

    /// The context type for a value assigned to the place.
    pub(super) fn written_context(&mut self, place: &Place) -> Ty {
        match place {
            Place::Local(local, _) => match self.info(*local).var {
                Some(var) => self.flow.current(var),
                None => self.locals[local.0 as usize].ty,
            },
            _ => self.written_type(place),
        }
    }

    fn extension_setter_type(&self, member: MemberId, types: &[Ty]) -> Option<Ty> {
        self.extension_signature(member, types)
            .positional
            .first()
            .copied()
    }

    /// Assigns a value that has the right type already. The expression's value is the value assigned, unless `discard`.
    pub(super) fn write_place(
        &mut self,
        place: &Place,
        value: Expr,
        discard: bool,
        span: Span,
    ) -> Expr {
        let ty = value.ty;
        match place {
            Place::Local(local, name_span) => self.write_local(*local, value, *name_span, span),
            Place::Static(access, name) => match access.set {
                Some(member) => self.node(ExprKind::StaticSet(member, Box::new(value)), ty, span),
                None => self.not_assignable_name(name, access.get),
            },
            Place::Property { object, name } => {
                self.write_property(object.clone(), name, value, discard, span)
            }
            Place::Index {
                object,
                applied,
                index,
                ..
            } => {
                let found = self.find_operator(object.ty, applied, sym::INDEX_SET, false);
                let (object, index) = (object.clone(), index.clone());
                self.with_value(value, discard, |walk, value| {
                    walk.operator_call(object, sym::INDEX_SET, found, vec![index, value], span)
                })
            }
            Place::Super(name) => match self.super_member(name.symbol, true) {
                Some((member, _)) => {
                    let value = Box::new(value);
                    self.node(ExprKind::SuperSet { member, value }, ty, span)
                }
                None => self.missing_super(name),
            },
            Place::SuperIndex(index, span) => {
                let Some((member, _)) = self.super_member(sym::INDEX_SET, false) else {
                    let message = "no superclass implements '[]='";
                    return self.fail("undefined-member", *span, message);
                };
                let (index, span) = (index.clone(), *span);
                self.with_value(value, discard, |walk, value| {
                    let args = Args {
                        positional: vec![index, value],
                        ..Args::default()
                    };
                    walk.node(ExprKind::SuperCall { member, args }, Ty::VOID, span)
                })
            }
            Place::Extension {
                extension,
                types,
                object,
                name,
            } => {
                let access = self.world.extension(*extension).instance.get(&name.symbol);
                match access.and_then(|access| access.set) {
                    Some(member) => self.extension_set(
                        member,
                        types.clone(),
                        object.clone(),
                        value,
                        discard,
                        span,
                    ),
                    None => self.fail(
                        "undefined-member",
                        name.span,
                        format!("the extension has no setter '{}'", name.symbol),
                    ),
                }
            }
            Place::Broken(span) => self.error_expr(*span),
        }
    }

    fn write_property(
        &mut self,
        object: Expr,
        name: &Identifier,
        value: Expr,
        discard: bool,
        span: Span,
    ) -> Expr {
        let ty = value.ty;
        match self.find(object.ty, name.symbol, true) {
            Found::Instance(member, _) => {
                let kind = ExprKind::InstanceSet {
                    receiver: Box::new(object),
                    member,
                    value: Box::new(value),
                };
                self.node(kind, ty, span)
            }
            Found::Extension(member, types) => {
                self.extension_set(member, types, object, value, discard, span)
            }
            Found::Never => self.never_or_error(object),
            Found::Missing { nullable } => self.missing_setter(object.ty, name, nullable),
            _ => {
                let kind = ExprKind::DynamicSet {
                    receiver: Box::new(object),
                    name: name.symbol,
                    value: Box::new(value),
                };
                self.node(kind, ty, span)
            }
        }
    }

    fn missing_setter(&mut self, ty: Ty, name: &Identifier, nullable: bool) -> Expr {
        if !nullable && let Found::Instance(member, _) = self.find_instance(ty, name.symbol, false)
        {
            return self.not_assignable_name(name, Some(member));
        }
        self.missing_member(ty, name, "setter", nullable)
    }

    fn extension_set(
        &mut self,
        member: MemberId,
        types: Vec<Ty>,
        object: Expr,
        value: Expr,
        discard: bool,
        span: Span,
    ) -> Expr {
        self.with_value(value, discard, |walk, value| {
            let args = Args {
                types,
                positional: vec![object, value],
                named: Vec::new(),
            };
            let kind = ExprKind::StaticCall {
                target: member,
                args,
            };
            walk.node(kind, Ty::VOID, span)
        })
    }

    /// An assignment made by a call: its value is the value given, which is kept in a let unless it is not needed.
    fn with_value(
        &mut self,
        value: Expr,
        discard: bool,
        call: impl FnOnce(&mut Self, Expr) -> Expr,
    ) -> Expr {
        if discard || value.ty == Ty::ERROR {
            return call(self, value);
        }
        let span = value.span;
        let local = self.temp(value.ty, span);
        let given = self.local_expr(local, span);
        let call = call(self, given.clone());
        let effect = self.stmt_node(StmtKind::Expr(call), span);
        let body = self.block(vec![effect], given);
        self.let_in(local, value, body)
    }

    fn not_assignable_name(&self, name: &Identifier, get: Option<MemberId>) -> Expr {
        let why = match get.map(|member| self.member(member)) {
            Some(data) if data.kind == MemberKind::Method => "it is a function",
            Some(data) if data.flags.contains(MemberFlags::CONST) => "it is constant",
            Some(data) if data.kind == MemberKind::Field => "it is final",
            _ => "it has no setter",
        };
        self.fail(
            "not-assignable-place",
            name.span,
            format!("'{}' cannot be assigned: {why}", name.symbol),
        )
    }

    fn write_local(&mut self, local: LocalId, value: Expr, name_span: Span, span: Span) -> Expr {
        let ty = value.ty;
        if let Some(var) = self.info(local).var {
            self.check_final(local, var, name_span);
            self.flow.assign(var, ty);
            self.keep_condition(var, &value);
        }
        let set = self.node(ExprKind::SetLocal(local, Box::new(value)), ty, span);
        self.branches = None;
        set
    }

    fn check_final(&mut self, local: LocalId, var: crate::flow::VarId, span: Span) {
        let info = self.info(local);
        let data = &self.locals[local.0 as usize];
        let name = data.name;
        if info.constant.is_some() {
            self.error(
                "not-assignable-place",
                span,
                format!("'{name}' cannot be assigned: it is constant"),
            );
        } else if data.is_final && !data.late && (info.initialized || !self.flow.is_unassigned(var))
        {
            // In unreachable code nothing is known, and nothing goes wrong.
            if self.flow.is_reachable() {
                self.error(
                    "not-assignable-place",
                    span,
                    format!("'{name}' cannot be assigned again: it is final"),
                );
            }
        } else if data.is_final && data.late && info.initialized {
            self.error(
                "not-assignable-place",
                span,
                format!("'{name}' cannot be assigned again: it is final"),
            );
        }
    }
}
