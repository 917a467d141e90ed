//! Objects made by constructors: `C(…)`, `new C.name(…)`, `const C(…)`, `.name(…)`.

use eyot_syntax::ast::{Arguments, Creation, Identifier};
use eyot_syntax::{Span, Symbol, sym};

use super::Walk;
use super::names::{Designator, Name};
use crate::model::{ClassId, MemberFlags, MemberId, MemberKind, Owner, known};
use crate::program::{Args, Expr, ExprKind};
use crate::types::{Ty, TyKind};

impl Walk<'_> {
    /// `new C.name(…)`, `const C.name(…)`.
    pub(super) fn creation(&mut self, creation: &Creation, context: Ty, span: Span) -> Expr {
        let designation = &creation.constructor;
        if self.in_const && !creation.is_const {
            let message = "'new' makes another object each time and is no part of a constant: leave it out, or write 'const'";
            self.error("not-constant", span, message);
        }
        let outer = self.in_const;
        self.in_const |= creation.is_const;
        let designated = self.designated_constructor(creation);
        self.in_const = outer;
        let Some((designator, constructor)) = designated else {
            self.dynamic_arguments(&creation.arguments);
            return self.error_expr(span);
        };
        self.construct_designated(
            &designator,
            constructor,
            designation.span,
            &creation.arguments,
            creation.is_const,
            context,
            span,
        )
    }

    /// The class and the name of the constructor: the path may be a prefix, a class and a constructor.
    fn designated_constructor(&mut self, creation: &Creation) -> Option<(Designator, Symbol)> {
        let designation = &creation.constructor;
        let mut path = designation.path.iter();
        let first = path.next()?;
        let mut meaning = self.resolve(first.symbol);
        let mut named = first;
        if let Name::Prefix(prefix) = meaning {
            let Some(next) = path.next() else {
                let message = format!("'{prefix}' is an import prefix; write a class behind it");
                self.error("not-a-class", named.span, message);
                return None;
            };
            named = next;
            self.use_prefix(prefix, named.span);
            meaning = self.resolve_prefixed(prefix, named.symbol);
        }
        let designator = match meaning {
            Name::Class(class) => Designator::Class(class, None),
            Name::Typedef(typedef) => {
                if self.world.typedef(typedef).type_params.is_empty() {
                    let aliased = self.world.aliased(typedef);
                    match self.class_designator(aliased) {
                        Some(designator) => designator,
                        None if aliased == Ty::ERROR => return None,
                        None => {
                            let message = format!("'{}' names no class here", named.symbol);
                            self.error("not-a-class", named.span, message);
                            return None;
                        }
                    }
                } else {
                    Designator::GenericAlias(typedef)
                }
            }
            _ => {
                let message = format!("'{}' names no class here", named.symbol);
                self.error("not-a-class", named.span, message);
                return None;
            }
        };
        let designator = if designation.type_args.is_empty() {
            designator
        } else {
            let args = self.annotations(&designation.type_args);
            self.apply_designator(designator, args, designation.span)
        };
        let name = path.next().or(designation.name.as_ref());
        Some((designator, name.map_or(sym::NEW, |name| name.symbol)))
    }

    fn class_designator(&self, ty: Ty) -> Option<Designator> {
        match self.world.types.kind(ty) {
            TyKind::Interface { class, args, .. } => {
                Some(Designator::Class(*class, Some(args.to_vec())))
            }
            _ => None,
        }
    }

    /// Calls the constructor of this name of the class designated.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn construct_designated(
        &mut self,
        designator: &Designator,
        name: Symbol,
        name_span: Span,
        arguments: &Arguments,
        is_const: bool,
        context: Ty,
        span: Span,
    ) -> Expr {
        let (class, alias) = match designator {
            Designator::Class(class, _) => (*class, None),
            Designator::GenericAlias(typedef) => {
                let aliased = self.world.aliased(*typedef);
                match self.world.class_of(aliased) {
                    Some(class) => (class, Some(*typedef)),
                    None => return self.no_constructor(None, name, name_span, arguments),
                }
            }
            _ => return self.no_constructor(None, name, name_span, arguments),
        };
        let Some(constructor) = self.constructor_named(class, name) else {
            return self.no_constructor(Some(class), name, name_span, arguments);
        };
        if crate::checks::enums::is_enum_constructor(self.world, class, constructor) {
            self.error(
                "enum-creation",
                name_span,
                "an enum has no values but those it declares: name one of them",
            );
        }
        let types = match designator {
            Designator::Class(_, types) => types.clone(),
            _ => None,
        };
        let outermost = is_const && !self.in_const;
        let is_constant = is_const || self.in_const;
        let is_wrong = is_constant && !self.member(constructor).flags.contains(MemberFlags::CONST);
        if is_wrong {
            self.error(
                "not-constant",
                name_span,
                "a constant can only be made by a 'const' constructor",
            );
        }
        let object = self.in_constant(is_const, |walk| match alias {
            Some(alias) => {
                walk.construct_alias(alias, class, constructor, arguments, context, span)
            }
            None => walk.construct(class, constructor, types, arguments, context, span),
        });
        let object = object.finish(self, outermost && !is_wrong);
        match is_wrong {
            true => Expr {
                ty: Ty::ERROR,
                ..object
            },
            false => object,
        }
    }

    fn no_constructor(
        &mut self,
        class: Option<ClassId>,
        name: Symbol,
        name_span: Span,
        arguments: &Arguments,
    ) -> Expr {
        self.dynamic_arguments(arguments);
        let message = match class {
            Some(class) if name == sym::NEW => format!(
                "'{}' has no unnamed constructor",
                self.world.class(class).name
            ),
            Some(class) => format!(
                "'{}' has no constructor or static member named '{name}'",
                self.world.class(class).name
            ),
            None => "this type is no class: it has no constructors".to_string(),
        };
        self.fail("undefined-constructor", name_span, message)
    }

    /// Calls a constructor.
    pub(super) fn construct(
        &mut self,
        class: ClassId,
        constructor: MemberId,
        types: Option<Vec<Ty>>,
        arguments: &Arguments,
        context: Ty,
        span: Span,
    ) -> Expr {
        let signature = self.signature(constructor);
        let types = match types {
            Some(types) if types.len() == signature.type_params.len() => Some(types),
            _ => None,
        };
        let applied = self.apply(&signature, types, arguments, context);
        self.new_object(class, constructor, applied.args, applied.result, span)
    }

    /// Calls a constructor through a generic alias: inference is over the alias's parameters.
    fn construct_alias(
        &mut self,
        alias: crate::model::TypedefId,
        class: ClassId,
        constructor: MemberId,
        arguments: &Arguments,
        context: Ty,
        span: Span,
    ) -> Expr {
        let aliased = self.world.aliased(alias);
        let params = self.world.typedef(alias).type_params.clone();
        let TyKind::Interface {
            args: class_args, ..
        } = self.world.types.kind(aliased)
        else {
            return self.error_expr(span);
        };
        let signature = self.signature(constructor);
        let mut signature = self.instantiate(&signature, class_args);
        signature.type_params = params.clone().into();
        let mut applied = self.apply(&signature, None, arguments, context);
        let alias_args = std::mem::take(&mut applied.args.types);
        applied.args.types = class_args
            .iter()
            .map(|&ty| self.world.subst(ty, &params, &alias_args))
            .collect();
        self.new_object(class, constructor, applied.args, applied.result, span)
    }

    /// The node that makes an object, redirecting factories followed.
    pub(super) fn new_object(
        &mut self,
        class: ClassId,
        constructor: MemberId,
        mut args: Args,
        ty: Ty,
        span: Span,
    ) -> Expr {
        let mut types = std::mem::take(&mut args.types);
        let mut target = constructor;
        let mut class = class;
        for _ in 0..100 {
            let data = self.member(target);
            if data.kind != MemberKind::RedirectingFactory {
                break;
            }
            let Some((next, next_types)) = data.redirect.clone() else {
                // The redirection is wrong, which was reported where it is written.
                return Expr {
                    ty: Ty::ERROR,
                    ..self.null(span)
                };
            };
            let params = &self.world.class(class).type_params;
            types = next_types
                .iter()
                .map(|&ty| self.world.subst(ty, params, &types))
                .collect();
            target = next;
            if let Owner::Class(owner) = self.member(target).owner {
                class = owner;
            }
        }
        match self.world.makes_object(target) {
            true => {
                if self.world.class(class).is_abstract {
                    return self.abstract_class(class, span);
                }
                let kind = ExprKind::New {
                    class,
                    constructor: target,
                    types,
                    args,
                };
                self.node(kind, ty, span)
            }
            false => {
                let kind = ExprKind::NewFactory {
                    constructor: target,
                    types,
                    args,
                };
                self.node(kind, ty, span)
            }
        }
    }

    /// `.name`, `.name(…)`: looked up in the class of the context type.
    pub(super) fn dot_shorthand(
        &mut self,
        name: &Identifier,
        is_const: bool,
        arguments: Option<&Arguments>,
        context: Ty,
        span: Span,
    ) -> Expr {
        let wish = self.look_through(self.shorthand);
        let class = match self.world.types.kind(wish) {
            TyKind::Interface { class, .. } => Some(*class),
            TyKind::Null => Some(known::NULL),
            _ => None,
        };
        let Some(class) = class else {
            if let Some(arguments) = arguments {
                self.dynamic_arguments(arguments);
            }
            return self.fail(
                "shorthand-without-context",
                span,
                format!(
                    "nothing here says in which class to look for '.{}': write the class before the point",
                    name.symbol
                ),
            );
        };
        let data = self.world.class(class);
        if data.name.is_private() && data.library != self.library {
            let message = format!(
                "'{}' is private to its library: '.{}' cannot be looked up in it",
                data.name, name.symbol
            );
            return self.fail("shorthand-without-context", span, message);
        }
        let outermost = is_const && !self.in_const;
        let designator = Designator::Class(class, None);
        match (self.class_static(class, name.symbol), arguments) {
            (Some(access), Some(arguments)) => {
                self.call_static(access, name, arguments, context, span)
            }
            (Some(access), None) => self.static_get(access, name),
            (None, Some(arguments)) => {
                if !arguments.type_args.is_empty() {
                    return self.constructor_type_args(span);
                }
                self.construct_designated(
                    &designator,
                    name.symbol,
                    name.span,
                    arguments,
                    is_const,
                    context,
                    span,
                )
            }
            (None, None) => match self.constructor_named(class, name.symbol) {
                Some(constructor) => self
                    .in_constant(is_const, |walk| {
                        walk.constructor_tear_off(class, constructor, None, context, span)
                    })
                    .finish(self, outermost),
                None => self.fail(
                    "undefined-member",
                    name.span,
                    format!(
                        "'{}' declares nothing static named '{}'",
                        self.world.class(class).name,
                        name.symbol
                    ),
                ),
            },
        }
    }

    /// Reports type arguments behind the name of a constructor.
    pub(super) fn constructor_type_args(&self, span: Span) -> Expr {
        self.fail(
            "constructor-type-arguments",
            span,
            "a constructor has no type arguments of its own: write them behind the class",
        )
    }
}
