//! Reads: `receiver.name`, statics, `super.name`, `receiver[index]`.

use eyot_syntax::ast::{ExprId, ExprKind as E, Identifier};
use eyot_syntax::{Span, Symbol, sym};

use super::Walk;
use super::members::Found;
use super::names::{Designator, Name, nearest};
use crate::model::{Access, ClassId, ClassKind, ExtensionId, MemberId, MemberKind};
use crate::program::{Args, Expr, ExprKind};
use crate::types::{Ty, TyKind};

impl Walk<'_> {
    /// `receiver.name`, `receiver?.name`.
    pub(super) fn property(
        &mut self,
        receiver: ExprId,
        name: &Identifier,
        is_null_aware: bool,
        context: Ty,
        span: Span,
    ) -> Expr {
        if let Some(designator) = self.designator(receiver) {
            if let Designator::Class(class, _) = designator
                && matches!(self.tree[receiver].kind, E::Instantiation { .. })
                && self.class_static(class, name.symbol).is_some()
            {
                let message =
                    "static members belong to the class without type arguments; remove them";
                return self.fail("instantiated-static", name.span, message);
            }
            return self.designated_property(&designator, name, context, span);
        }
        if let E::Super = self.tree[receiver].kind {
            return self.super_get(name, span);
        }
        if let Some((extension, types, object)) = self.extension_application(receiver) {
            return self.extension_get(extension, &types, object, name, span);
        }
        let mut object = self.receiver(receiver);
        self.branches = None;
        if is_null_aware {
            object = self.open_guard(object);
        }
        self.get(object, name, span)
    }

    /// Reads a member of an object.
    pub(super) fn get(&mut self, receiver: Expr, name: &Identifier, span: Span) -> Expr {
        match self.find(receiver.ty, name.symbol, false) {
            Found::Instance(member, on) => self.instance_get(receiver, member, on, span),
            Found::Extension(member, types) => self.extension_read(member, types, receiver, span),
            Found::RecordIndex(index, ty) => {
                self.node(ExprKind::RecordIndex(Box::new(receiver), index), ty, span)
            }
            Found::RecordName(field, ty) => {
                self.node(ExprKind::RecordName(Box::new(receiver), field), ty, span)
            }
            // `f.call` as a value is `f` itself.
            Found::FunctionCall => Expr { span, ..receiver },
            Found::Dynamic => {
                let kind = ExprKind::DynamicGet {
                    receiver: Box::new(receiver),
                    name: name.symbol,
                };
                self.node(kind, Ty::DYNAMIC, span)
            }
            Found::Never => self.never_or_error(receiver),
            Found::Missing { nullable } => {
                self.missing_member(receiver.ty, name, "getter", nullable)
            }
        }
    }

    /// What an access on `Never` or after an error is: it never happens, or was reported.
    pub(super) fn never_or_error(&self, receiver: Expr) -> Expr {
        receiver
    }

    /// Reads an instance member.
    pub(super) fn instance_get(
        &mut self,
        receiver: Expr,
        member: MemberId,
        on: Ty,
        span: Span,
    ) -> Expr {
        let receiver_box = Box::new(receiver);
        if self.member(member).kind == MemberKind::Method {
            let ty = self.world.types.function(self.signature_on(member, on));
            let kind = ExprKind::TearOff {
                receiver: receiver_box,
                member,
            };
            return self.node(kind, ty, span);
        }
        let ty = self.variable_type_on(member, on);
        let kind = ExprKind::InstanceGet {
            receiver: receiver_box,
            member,
        };
        let read = self.node(kind, ty, span);
        let read = match self.is_unsafe_read(member) {
            true => self.implicit_cast(read, ty),
            false => read,
        };
        let promoted = match self.reference(&read) {
            Some(var) => self.flow.promoted(var),
            None => None,
        };
        match promoted {
            Some(promoted) => self.retype(read, promoted),
            None => read,
        }
    }

    /// Reads a static or top-level member.
    pub(super) fn static_get(&mut self, access: Access, name: &Identifier) -> Expr {
        let Some(member) = access.get else {
            return self.fail(
                "setter-only",
                name.span,
                format!(
                    "'{}' can only be assigned: it has a setter, no getter",
                    name.symbol
                ),
            );
        };
        self.static_read(member, name.span)
    }

    /// Reads a static or top-level member.
    pub(super) fn static_read(&mut self, member: MemberId, span: Span) -> Expr {
        if self.member(member).kind == MemberKind::Method {
            let ty = self.world.types.function(self.signature(member));
            return self.node(ExprKind::StaticTearOff(member), ty, span);
        }
        let ty = self.world.ty(member);
        if let Some(constant) = self.constant_of(member) {
            return self.node(ExprKind::Const(constant), ty, span);
        }
        self.node(ExprKind::StaticGet(member), ty, span)
    }

    // ---- names behind a class, extension or prefix

    pub(super) fn designated_property(
        &mut self,
        designator: &Designator,
        name: &Identifier,
        context: Ty,
        span: Span,
    ) -> Expr {
        match designator {
            Designator::Prefix(prefix) => {
                let meaning = self.resolve_prefixed(*prefix, name.symbol);
                if matches!(meaning, Name::Unknown) && name.symbol == sym::LOAD_LIBRARY {
                    return self.load_library_closure(*prefix, span);
                }
                self.use_prefix(*prefix, name.span);
                self.name_expr(meaning, name, context)
            }
            Designator::Extension(extension) => {
                match self.world.extension(*extension).statics.get(&name.symbol) {
                    Some(access) => self.static_get(*access, name),
                    None => self.missing_static(name, "extension"),
                }
            }
            Designator::Class(class, args) => {
                self.class_property(*class, args.clone(), name, context, span)
            }
            Designator::GenericAlias(typedef) => {
                let ty = self.world.aliased(*typedef);
                match self.world.class_of(ty) {
                    Some(class) => self.class_property(class, None, name, context, span),
                    None => self.missing_static(name, "type"),
                }
            }
            Designator::Type(_) => {
                let object = self.designator_value(designator, span);
                self.get(object, name, span)
            }
        }
    }

    fn class_property(
        &mut self,
        class: ClassId,
        args: Option<Vec<Ty>>,
        name: &Identifier,
        context: Ty,
        span: Span,
    ) -> Expr {
        if let Some(access) = self.class_static(class, name.symbol) {
            return self.static_get(access, name);
        }
        if let Some(constructor) = self.constructor_named(class, name.symbol) {
            return self.constructor_tear_off(class, constructor, args, context, span);
        }
        // `C<int>.hashCode` would be a member of the type object; nobody writes that about a bare class.
        self.missing_static(name, "class")
    }

    /// A static member of a class that can be seen here.
    pub(super) fn class_static(&self, class: ClassId, name: Symbol) -> Option<Access> {
        let access = *self.world.class(class).statics.get(&name)?;
        let is_hidden = name.is_private() && self.world.class(class).library != self.library;
        (!is_hidden).then_some(access)
    }

    /// A constructor of a class that can be seen here; `new` is the unnamed one.
    pub(super) fn constructor_named(&self, class: ClassId, name: Symbol) -> Option<MemberId> {
        let constructor = *self.world.class(class).constructors.get(&name)?;
        let is_hidden = name.is_private() && self.world.class(class).library != self.library;
        (!is_hidden).then_some(constructor)
    }

    /// `C.name` as a function.
    pub(super) fn constructor_tear_off(
        &mut self,
        class: ClassId,
        constructor: MemberId,
        args: Option<Vec<Ty>>,
        context: Ty,
        span: Span,
    ) -> Expr {
        let is_generative = self.member(constructor).kind == MemberKind::Constructor;
        if is_generative && self.world.class(class).is_abstract {
            return self.abstract_class(class, span);
        }
        if crate::checks::enums::is_enum_constructor(self.world, class, constructor) {
            let message = "a constructor of an enum is for its own values and cannot be torn off";
            return self.fail("enum-creation", span, message);
        }
        let signature = self.signature(constructor);
        let is_generic = !signature.type_params.is_empty();
        let types = match args {
            Some(args) => args,
            None if !is_generic => Vec::new(),
            None => match self.function_of(self.look_through(context)) {
                Some(wanted) if wanted.type_params.is_empty() => {
                    return self.constructor_for_context(constructor, &signature, context, span);
                }
                // Without a wish the tear-off is a generic function over the class's type parameters.
                _ => Vec::new(),
            },
        };
        let ty = if types.is_empty() {
            self.world.types.function(signature)
        } else {
            self.world
                .types
                .function(self.instantiate(&signature, &types))
        };
        self.node(
            ExprKind::ConstructorTearOff { constructor, types },
            ty,
            span,
        )
    }

    fn constructor_for_context(
        &mut self,
        constructor: MemberId,
        signature: &crate::types::FunctionTy,
        context: Ty,
        span: Span,
    ) -> Expr {
        let wanted = self.look_through(context);
        let fresh = self.freshen(signature, None);
        let mut inference = crate::infer::Inference::new(self.world, &fresh.type_params);
        let plain = crate::types::FunctionTy {
            type_params: Box::new([]),
            ..fresh.clone()
        };
        inference.constrain_result(self.world.types.function(plain), wanted);
        let types = inference.solve();
        let ty = self.world.types.function(self.instantiate(&fresh, &types));
        self.node(
            ExprKind::ConstructorTearOff { constructor, types },
            ty,
            span,
        )
    }

    fn missing_static(&self, name: &Identifier, what: &str) -> Expr {
        self.fail(
            "undefined-member",
            name.span,
            format!(
                "this {what} declares nothing static named '{}'",
                name.symbol
            ),
        )
    }

    // ---- extensions

    /// `E(object)`, `E<T>(object)`: an extension applied by hand.
    pub(super) fn extension_application(
        &mut self,
        id: ExprId,
    ) -> Option<(ExtensionId, Vec<Ty>, Expr)> {
        let tree = self.tree;
        let E::Call { callee, arguments } = &tree[id].kind else {
            return None;
        };
        let Some(Designator::Extension(extension)) = self.designator(*callee) else {
            return None;
        };
        let span = tree[id].span;
        let [argument] = arguments.args.as_slice() else {
            self.error(
                "extension-application",
                span,
                "an extension is applied to exactly one object, as in 'E(object).member'",
            );
            return Some((extension, Vec::new(), self.error_expr(span)));
        };
        let types = self.annotations(&arguments.type_args);
        let params = self.world.extension(extension).type_params.clone();
        let on = self.world.extension(extension).on;
        let wish = if types.len() == params.len() {
            self.world.subst(on, &params, &types)
        } else {
            Ty::UNKNOWN
        };
        let open = vec![Ty::UNKNOWN; params.len()];
        let context = if wish == Ty::UNKNOWN {
            self.world.subst(on, &params, &open)
        } else {
            wish
        };
        let object = self.expr(argument.value, context);
        if wish != Ty::UNKNOWN {
            let object = self.convert(object, wish, "object");
            return Some((extension, types, object));
        }
        match self.apply_extension(extension, object.ty) {
            Some((types, _)) => Some((extension, types, object)),
            None if object.ty == Ty::ERROR => Some((extension, Vec::new(), object)),
            None if object.ty == Ty::DYNAMIC => {
                let types = self.world.instantiate_to_bounds(&params);
                let on = self.world.subst(on, &params, &types);
                let object = self.convert(object, on, "object");
                Some((extension, types, object))
            }
            None => {
                let found = self.show(object.ty);
                self.error(
                    "extension-application",
                    span,
                    format!("the extension does not apply to an object of type '{found}'"),
                );
                Some((extension, Vec::new(), self.error_expr(span)))
            }
        }
    }

    pub(super) fn extension_get(
        &mut self,
        extension: ExtensionId,
        types: &[Ty],
        object: Expr,
        name: &Identifier,
        span: Span,
    ) -> Expr {
        if object.ty == Ty::ERROR {
            return object;
        }
        let access = self.world.extension(extension).instance.get(&name.symbol);
        match access.and_then(|access| access.get) {
            Some(member) => self.extension_read(member, types.to_vec(), object, span),
            None => self.missing_static(name, "extension"),
        }
    }

    /// Reads an extension getter, or tears off an extension method.
    pub(super) fn extension_read(
        &mut self,
        member: MemberId,
        types: Vec<Ty>,
        receiver: Expr,
        span: Span,
    ) -> Expr {
        let signature = self.extension_signature(member, &types);
        if self.member(member).kind == MemberKind::Method {
            return self.extension_tear_off(member, types, receiver, signature, span);
        }
        let args = Args {
            types,
            positional: vec![receiver],
            named: Vec::new(),
        };
        let kind = ExprKind::StaticCall {
            target: member,
            args,
        };
        self.node(kind, signature.result, span)
    }

    // ---- super

    /// The class whose members `super` finds.
    pub(super) fn super_member(&self, name: Symbol, write: bool) -> Option<(MemberId, Ty)> {
        let class = self.enclosing_class()?;
        let data = self.world.class(class);
        let pick = |access: Access| if write { access.set } else { access.get };
        if data.kind == ClassKind::Mixin {
            let object = [Ty::OBJECT];
            let on = if data.on.is_empty() {
                &object[..]
            } else {
                &data.on
            };
            return on.iter().find_map(|&ty| {
                let class = self.world.class_of(ty)?;
                let access = self.world.instance_members(class, name, self.library);
                Some((pick(access)?, ty))
            });
        }
        let supertype = data.supertype?;
        let class = self.world.class_of(supertype)?;
        let access = self.world.concrete_members(class, name, self.library);
        Some((pick(access)?, supertype))
    }

    /// Whether `super` means something here; reports otherwise.
    pub(super) fn check_super(&self, span: Span) -> bool {
        let fine = matches!(self.this, Some(super::This::Instance(_)));
        if !fine {
            self.error(
                "no-super",
                span,
                "there is no 'super' here: it works only in instance members of classes and mixins",
            );
        }
        fine
    }

    fn super_get(&mut self, name: &Identifier, span: Span) -> Expr {
        if !self.check_super(span) {
            return self.error_expr(span);
        }
        let Some((member, on)) = self.super_member(name.symbol, false) else {
            return self.missing_super(name);
        };
        if self.member(member).kind == MemberKind::Method {
            let ty = self.world.types.function(self.signature_on(member, on));
            return self.node(ExprKind::SuperTearOff { member }, ty, span);
        }
        let ty = self.variable_type_on(member, on);
        let read = self.node(ExprKind::SuperGet { member }, ty, span);
        let var = self.reference(&read);
        match var.and_then(|var| self.flow.promoted(var)) {
            Some(promoted) => self.retype(read, promoted),
            None => read,
        }
    }

    /// Reports that the superclass has no such member.
    pub(super) fn missing_super(&self, name: &Identifier) -> Expr {
        self.fail(
            "undefined-member",
            name.span,
            format!("no superclass implements '{}'", name.symbol),
        )
    }

    // ---- index

    /// `receiver[index]`.
    pub(super) fn index_get(
        &mut self,
        receiver: ExprId,
        index: ExprId,
        is_null_aware: bool,
        span: Span,
    ) -> Expr {
        if let E::Super = self.tree[receiver].kind {
            return self.super_index_get(index, span);
        }
        let (mut object, applied) = match self.extension_application(receiver) {
            Some((extension, types, object)) => (object, Some((extension, types))),
            None => (self.receiver(receiver), None),
        };
        if is_null_aware {
            object = self.open_guard(object);
        }
        let found = self.find_operator(object.ty, &applied, sym::INDEX_GET, false);
        let index = self.index_operand(&found, index);
        self.branches = None;
        self.index_read(object, found, index, span)
    }

    /// The index expression, in the context of the operator's parameter.
    pub(super) fn index_operand(&mut self, found: &Found, index: ExprId) -> Expr {
        match self.operator_signature(found).positional.first() {
            Some(&wanted) => self.expr_as(index, wanted, "index"),
            None => self.free(index),
        }
    }

    /// The signature of an operator that was found; empty where it is not known.
    pub(super) fn operator_signature(&self, found: &Found) -> crate::types::FunctionTy {
        match found {
            Found::Instance(member, on) => self.signature_on(*member, *on),
            Found::Extension(member, types) => self.extension_signature(*member, types),
            _ => crate::types::FunctionTy {
                type_params: Box::new([]),
                positional: Box::new([]),
                required: 0,
                named: Box::new([]),
                result: Ty::DYNAMIC,
            },
        }
    }

    /// `object[index]` with the operator found.
    pub(super) fn index_read(
        &mut self,
        object: Expr,
        found: Found,
        index: Expr,
        span: Span,
    ) -> Expr {
        self.operator_call(object, sym::INDEX_GET, found, vec![index], span)
    }

    fn super_index_get(&mut self, index: ExprId, span: Span) -> Expr {
        if !self.check_super(span) {
            return self.error_expr(span);
        }
        let Some((member, on)) = self.super_member(sym::INDEX_GET, false) else {
            let name = Identifier {
                symbol: sym::INDEX_GET,
                span,
            };
            return self.missing_super(&name);
        };
        let index = self.index_operand(&Found::Instance(member, on), index);
        let ty = self.signature_on(member, on).result;
        let args = Args {
            positional: vec![index],
            ..Args::default()
        };
        self.node(ExprKind::SuperCall { member, args }, ty, span)
    }

    // ---- problems

    /// Reports that a type has no such member.
    pub(super) fn missing_member(
        &self,
        ty: Ty,
        name: &Identifier,
        what: &str,
        nullable: bool,
    ) -> Expr {
        if ty == Ty::ERROR {
            return self.error_expr(name.span);
        }
        let shown = self.show(ty);
        if nullable {
            return self.fail(
                "nullable-receiver",
                name.span,
                format!(
                    "'{}' cannot be used on a value of type '{shown}', which may be null: check for null first, or use '?.' or '!'",
                    name.symbol
                ),
            );
        }
        let ambiguous = self.ambiguous_extensions(ty, name.symbol, what == "setter");
        if let Some((one, two)) = ambiguous {
            let [one, two] = [one, two].map(|extension| {
                let name = self.world.extension(extension).name;
                name.map_or("one without a name", |name| name.as_str())
            });
            return self.fail(
                "ambiguous-extension",
                name.span,
                format!(
                    "extensions '{one}' and '{two}' both give '{}', and neither is more specific: name the one, '{one}(…).{}'",
                    name.symbol, name.symbol
                ),
            );
        }
        let hint = match self.near_member(ty, name.symbol) {
            Some(near) => format!("; did you mean '{near}'?"),
            None => String::new(),
        };
        self.fail(
            "undefined-member",
            name.span,
            format!("no {what} '{}' in type '{shown}'{hint}", name.symbol),
        )
    }

    fn near_member(&self, ty: Ty, name: Symbol) -> Option<Symbol> {
        let TyKind::Interface { class, .. } = self.world.types.kind(self.world.resolve_bound(ty))
        else {
            return None;
        };
        let mut names: Vec<Symbol> = Vec::new();
        let supers = self.world.supers(*class).keys().copied();
        for class in supers.chain([*class]) {
            names.extend(self.world.class(class).instance.keys());
        }
        names.retain(|name| !name.is_private());
        nearest(name, names.into_iter())
    }

    /// Reports the instantiation of an abstract class.
    pub(super) fn abstract_class(&self, class: ClassId, span: Span) -> Expr {
        let class = self.world.class(class);
        self.fail(
            "abstract-instantiation",
            span,
            format!(
                "'{}' is abstract and has no instances of its own: create one of a subclass",
                class.name
            ),
        )
    }
}
