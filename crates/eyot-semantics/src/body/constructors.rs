//! Constructors: formals, initialiser lists, field initialisers, the call of the superclass's constructor.

use eyot_syntax::ast::{
    self, Arguments, ConstructorDeclaration, EnumValue, FormalParameter, Identifier,
    InitializerKind, PrimaryConstructor,
};
use eyot_syntax::{Span, Symbol, sym};

use super::Walk;
use super::scope::LocalName;
use crate::flow::Assigned;
use crate::model::{
    AsyncMarker, ClassId, FormalKind, MemberFlags, MemberId, MemberKind, Owner, ParamKind,
};
use crate::outline::nodes::{MemberNode, member_node};
use crate::program::{Args, Body, Expr, FunctionNode, Initializer, LocalId, ParamNode, StmtKind};
use crate::types::{Ty, TyKind};

impl<'w> Walk<'w> {
    /// A constructor as written.
    pub(super) fn written_constructor(
        &mut self,
        member: MemberId,
        node: &ConstructorDeclaration,
    ) -> Body {
        self.constructor(
            member,
            &node.params,
            &node.initializers,
            Some(node.body),
            node.name_span,
        )
    }

    /// A constructor in a class's header.
    pub(super) fn primary_constructor(
        &mut self,
        member: MemberId,
        node: &PrimaryConstructor,
    ) -> Body {
        match self.primary_body(member) {
            Some(body) => self.constructor(
                member,
                &node.params,
                &body.initializers,
                Some(body.body),
                node.span,
            ),
            None => self.constructor(member, &node.params, &[], None, node.span),
        }
    }

    /// The primary constructor whose parameters the initialiser of `field` sees.
    pub(super) fn primary_constructor_around(&self, field: MemberId) -> Option<MemberId> {
        let data = self.member(field);
        let Owner::Class(class) = data.owner else {
            return None;
        };
        if data
            .flags
            .intersects(MemberFlags::STATIC | MemberFlags::LATE)
        {
            return None;
        }
        let is_primary = |id: &&MemberId| {
            let member = self.member(**id);
            member.kind == MemberKind::Constructor
                && matches!(member_node(self.tree, member), Some(MemberNode::Primary(_)))
        };
        let members = &self.world.class(class).members;
        members.iter().find(is_primary).copied()
    }

    fn primary_body(&self, member: MemberId) -> Option<&'w ast::PrimaryConstructorBody> {
        let tree: &'w eyot_syntax::SyntaxTree = self.tree;
        let declaration = tree
            .declarations
            .get(self.member(member).node?.decl as usize)?;
        let members = match &declaration.kind {
            ast::DeclarationKind::Class(class) => &class.members,
            ast::DeclarationKind::Enum(node) => &node.members,
            ast::DeclarationKind::ExtensionType(node) => &node.members,
            _ => return None,
        };
        members.iter().find_map(|member| match &member.kind {
            ast::MemberKind::PrimaryConstructorBody(body) => Some(&**body),
            _ => None,
        })
    }

    fn constructor(
        &mut self,
        member: MemberId,
        param_nodes: &[FormalParameter],
        initializers: &[ast::Initializer],
        body: Option<ast::BodyId>,
        span: Span,
    ) -> Body {
        let data = self.member(member);
        if let Some(body) = body {
            self.assigned = Assigned::of_function(self.tree, param_nodes, initializers, body);
        }
        let Owner::Class(class) = data.owner else {
            return self.empty_constructor(span);
        };
        if data.kind != MemberKind::Constructor {
            return self.factory(member, class, param_nodes, body, span);
        }
        let this = self.this.take();
        let mark = self.names.mark();
        let params = self.member_params(member, param_nodes);
        let is_redirecting = initializers
            .iter()
            .any(|entry| matches!(entry.kind, InitializerKind::Redirection { .. }));
        let mut steps = Vec::new();
        let is_primary = matches!(member_node(self.tree, data), Some(MemberNode::Primary(_)));
        if is_primary {
            self.keep_params(true, &params);
        }
        if !is_redirecting && !data.flags.contains(MemberFlags::EXTERNAL) {
            self.field_initializers(class, &mut steps);
            self.formal_initializers(class, member, &params, &mut steps);
        }
        let has_super = self.initializer_list(class, member, &params, initializers, &mut steps);
        if !is_redirecting && !has_super && !data.flags.contains(MemberFlags::EXTERNAL) {
            self.implicit_super(class, member, &params, span, &mut steps);
        }
        if is_primary {
            self.keep_params(false, &params);
        }
        // In the body, field and super formals are not in scope: the members are.
        self.names.leave(mark);
        for (param, node) in data.params.iter().zip(&params) {
            if param.formal == FormalKind::Plain {
                self.names
                    .declare(param.variable, LocalName::Variable(node.local));
            }
        }
        self.this = this;
        let body = body.and_then(|body| self.code(body, AsyncMarker::Sync, Ty::VOID, true, span));
        // The constructor of an extension type is a function, called like a factory.
        let type_params = if self.world.is_extension_type(class) {
            self.world.class(class).type_params.clone()
        } else {
            Vec::new()
        };
        let mut done = self.finish_body(FunctionNode {
            type_params,
            params,
            result: self.world.this_type(class),
            element: Ty::VOID,
            marker: AsyncMarker::Sync,
            body,
            native: None,
            span,
        });
        done.initializers = steps;
        done
    }

    /// Initialisers all over a class see the parameters of a header, and none may change them under the others.
    fn keep_params(&mut self, is_final: bool, params: &[ParamNode]) {
        for param in params {
            self.locals[param.local.0 as usize].is_final = is_final;
        }
    }

    fn empty_constructor(&mut self, span: Span) -> Body {
        self.finish_body(FunctionNode {
            type_params: Vec::new(),
            params: Vec::new(),
            result: Ty::ERROR,
            element: Ty::VOID,
            marker: AsyncMarker::Sync,
            body: None,
            native: None,
            span,
        })
    }

    fn factory(
        &mut self,
        member: MemberId,
        class: ClassId,
        param_nodes: &[FormalParameter],
        body: Option<ast::BodyId>,
        span: Span,
    ) -> Body {
        self.this = None;
        let params = self.member_params(member, param_nodes);
        let result = self.world.this_type(class);
        if self.member(member).kind == MemberKind::RedirectingFactory {
            return self.redirecting_factory(member, class, params, span);
        }
        let body = body.and_then(|body| self.code(body, AsyncMarker::Sync, result, false, span));
        let type_params = self.world.class(class).type_params.clone();
        self.finish_body(FunctionNode {
            type_params,
            params,
            result,
            element: result,
            marker: AsyncMarker::Sync,
            body,
            native: None,
            span,
        })
    }

    /// A redirecting factory as a function, for tear-offs: calls go to its target directly.
    fn redirecting_factory(
        &mut self,
        member: MemberId,
        class: ClassId,
        mut params: Vec<ParamNode>,
        span: Span,
    ) -> Body {
        let result = self.world.this_type(class);
        let type_params = self.world.class(class).type_params.clone();
        let mut args = Args {
            types: type_params
                .iter()
                .map(|&param| self.world.types.param(param))
                .collect(),
            ..Args::default()
        };
        let data = self.member(member);
        let target = data.redirect.as_ref().map(|redirect| redirect.0);
        for (index, (param, node)) in data.params.iter().zip(&mut params).enumerate() {
            let value = self.local_expr(node.local, param.span);
            match param.kind {
                ParamKind::Required | ParamKind::OptionalPositional => args.positional.push(value),
                ParamKind::Named | ParamKind::RequiredNamed => args.named.push((param.name, value)),
            }
            // What is left out is the target's to fill in.
            if let Some(target) = target
                && let Some(own) = self.matching_param(target, param, index)
            {
                node.default = self.world.param_default(target, own);
            }
        }
        let object = self.new_object(class, member, args, result, span);
        let ret = self.stmt_node(StmtKind::Return(Some(object)), span);
        self.finish_body(FunctionNode {
            type_params,
            params,
            result,
            element: result,
            marker: AsyncMarker::Sync,
            body: Some(Box::new(ret)),
            native: None,
            span,
        })
    }

    fn matching_param(
        &self,
        target: MemberId,
        param: &crate::model::Param,
        index: usize,
    ) -> Option<usize> {
        let params = &self.member(target).params;
        match param.kind {
            ParamKind::Required | ParamKind::OptionalPositional => {
                (index < params.len()).then_some(index)
            }
            ParamKind::Named | ParamKind::RequiredNamed => {
                params.iter().position(|own| own.name == param.name)
            }
        }
    }

    /// A constructor the language adds: the default one, or one of a mixin application that passes everything on.
    pub(super) fn made_constructor(&mut self, member: MemberId) -> Body {
        let data = self.member(member);
        let Owner::Class(class) = data.owner else {
            return self.empty_constructor(data.span);
        };
        self.this = None;
        let params = self.member_params(member, &[]);
        let mut steps = Vec::new();
        self.field_initializers(class, &mut steps);
        if data.flags.contains(MemberFlags::FORWARDING) {
            if let Some(target) = self.super_constructor(class, data.name) {
                let args = self.forwarded_args(member, target, &params);
                steps.push(Initializer::Super { target, args });
            }
        } else {
            self.implicit_super(class, member, &params, data.span, &mut steps);
        }
        let mut body = self.finish_body(FunctionNode {
            type_params: Vec::new(),
            params,
            result: self.world.this_type(class),
            element: Ty::VOID,
            marker: AsyncMarker::Sync,
            body: None,
            native: None,
            span: data.span,
        });
        body.initializers = steps;
        body
    }

    fn super_args(&self, class: ClassId) -> Vec<Ty> {
        match self.world.class(class).supertype {
            Some(ty) => match self.world.types.kind(ty) {
                TyKind::Interface { args, .. } => args.to_vec(),
                _ => Vec::new(),
            },
            None => Vec::new(),
        }
    }

    fn forwarded_args(&mut self, member: MemberId, target: MemberId, params: &[ParamNode]) -> Args {
        let data = self.member(member);
        let _ = target;
        let mut args = Args::default();
        if let Owner::Class(class) = data.owner {
            args.types = self.super_args(class);
        }
        for (param, node) in data.params.iter().zip(params) {
            let value = self.local_expr(node.local, param.span);
            match param.kind {
                ParamKind::Required | ParamKind::OptionalPositional => args.positional.push(value),
                ParamKind::Named | ParamKind::RequiredNamed => args.named.push((param.name, value)),
            }
        }
        args
    }

    // ---- fields

    /// Fields with an initialiser at their declaration. Late ones are initialised when they are read.
    fn field_initializers(&mut self, class: ClassId, steps: &mut Vec<Initializer>) {
        let data = self.world.class(class);
        if let Some(mixin) = data.mixin {
            self.mixin_fields(mixin, steps);
        }
        for &field in &data.members {
            if let Some(value) = self.field_value(field) {
                steps.push(Initializer::Field(field, value));
            }
        }
    }

    fn field_value(&mut self, field: MemberId) -> Option<Expr> {
        let data = self.member(field);
        let skip = MemberFlags::STATIC | MemberFlags::LATE | MemberFlags::ABSTRACT;
        if data.kind != MemberKind::Field
            || data.flags.intersects(skip)
            || !data.flags.contains(MemberFlags::HAS_INITIALIZER)
        {
            return None;
        }
        let MemberNode::Variable(declaration) = member_node(self.tree, data)? else {
            return None;
        };
        let variable = declaration.variables.get(data.node?.var as usize)?;
        let initializer = variable.initializer?;
        let ty = self.world.ty(field);
        // Only the parameters of a primary constructor are in sight of a field's initialiser.
        if self.primary_constructor_around(field).is_some() {
            return Some(self.expr_as(initializer, ty, "initial value"));
        }
        let names = std::mem::take(&mut self.names);
        let value = self.expr_as(initializer, ty, "initial value");
        self.names = names;
        Some(value)
    }

    /// Fields of a mixin, initialised by the constructors of its application. Their values are analysed where the mixin is
    /// declared and then seen with the application's type arguments.
    fn mixin_fields(&mut self, mixin: Ty, steps: &mut Vec<Initializer>) {
        let TyKind::Interface { class, args, .. } = self.world.types.kind(mixin) else {
            return;
        };
        let data = self.world.class(*class);
        let Some(mut inner) = Walk::new(self.world, data.file, Owner::Class(*class)) else {
            return;
        };
        inner.type_params = data.type_params.clone();
        inner.quiet = self.quiet;
        std::mem::swap(&mut inner.locals, &mut self.locals);
        std::mem::swap(&mut inner.local_infos, &mut self.local_infos);
        let first = inner.locals.len();
        let mut values = Vec::new();
        for &field in &data.members {
            if let Some(value) = inner.field_value(field) {
                values.push((field, value));
            }
        }
        let world = self.world;
        let map = |ty: Ty| world.subst(ty, &data.type_params, args);
        for local in &mut inner.locals[first..] {
            local.ty = map(local.ty);
        }
        std::mem::swap(&mut inner.locals, &mut self.locals);
        std::mem::swap(&mut inner.local_infos, &mut self.local_infos);
        for (field, mut value) in values {
            if !data.type_params.is_empty() {
                super::retype::map_expr(&mut value, &map);
            }
            steps.push(Initializer::Field(field, value));
        }
    }

    /// `this.x` parameters.
    fn formal_initializers(
        &mut self,
        class: ClassId,
        member: MemberId,
        params: &[ParamNode],
        steps: &mut Vec<Initializer>,
    ) {
        let data = self.member(member);
        for (param, node) in data.params.iter().zip(params) {
            if param.formal != FormalKind::Field {
                continue;
            }
            let Some(field) = self.own_field(class, param.variable) else {
                continue;
            };
            let value = self.local_expr(node.local, param.span);
            let ty = self.world.ty(field);
            let value = self.convert(value, ty, "value for the field");
            steps.push(Initializer::Field(field, value));
        }
    }

    fn own_field(&self, class: ClassId, name: Symbol) -> Option<MemberId> {
        let access = self.world.class(class).instance.get(&name)?;
        let field = access.get?;
        (self.member(field).kind == MemberKind::Field).then_some(field)
    }

    // ---- the initialiser list

    /// Lowers the list; says whether it calls a constructor of the superclass.
    fn initializer_list(
        &mut self,
        class: ClassId,
        member: MemberId,
        params: &[ParamNode],
        initializers: &[ast::Initializer],
        steps: &mut Vec<Initializer>,
    ) -> bool {
        let mut super_call = None;
        // What `this.x` and `super.x` name here is not the field but the argument, which stays.
        for (param, node) in self.member(member).params.iter().zip(params) {
            if param.formal != FormalKind::Plain {
                self.locals[node.local.0 as usize].is_final = true;
                self.local_infos[node.local.0 as usize].initialized = true;
            }
        }
        for entry in initializers {
            match &entry.kind {
                InitializerKind::Field { name, value } => {
                    let Some(field) = self.own_field(class, name.symbol) else {
                        self.error(
                            "unknown-field",
                            name.span,
                            format!("the class has no field '{}' to initialise", name.symbol),
                        );
                        self.free(*value);
                        continue;
                    };
                    let ty = self.world.ty(field);
                    let value = self.expr_as(*value, ty, "value for the field");
                    steps.push(Initializer::Field(field, value));
                }
                InitializerKind::Assert(assertion) => {
                    let before = self.flow.state();
                    let (condition, branches) = self.condition(assertion.condition);
                    self.flow.set(branches.no);
                    let message = assertion.message.map(|message| self.free(message));
                    self.flow.set(before);
                    steps.push(Initializer::Assert(condition, message));
                }
                InitializerKind::Super { name, arguments } => {
                    // Evaluated in its place, but the superclass's constructor runs last.
                    if super_call.is_none() {
                        super_call =
                            self.super_call(class, member, params, name, arguments, entry.span);
                        if super_call.is_none() {
                            super_call = Some(None);
                        }
                        self.early_steps(steps);
                    }
                }
                InitializerKind::Redirection { name, arguments } => {
                    let name = name.map_or(sym::NEW, |name| name.symbol);
                    let Some(&target) = self.world.class(class).constructors.get(&name) else {
                        self.error(
                            "undefined-constructor",
                            entry.span,
                            format!("the class has no constructor '{name}'"),
                        );
                        continue;
                    };
                    let types = self
                        .world
                        .class(class)
                        .type_params
                        .iter()
                        .map(|&param| self.world.types.param(param))
                        .collect();
                    let args = self.constructor_args(target, types, arguments, &[]);
                    self.early_steps(steps);
                    steps.push(Initializer::This { target, args });
                }
            }
        }
        match super_call {
            Some(Some(step)) => {
                steps.push(step);
                true
            }
            Some(None) => true,
            None => false,
        }
    }

    /// Arguments that must be evaluated before the constructor called gets the others.
    fn early_steps(&mut self, steps: &mut Vec<Initializer>) {
        let early = std::mem::take(&mut self.early_args);
        steps.extend(
            early
                .into_iter()
                .map(|(local, value)| Initializer::Local(local, value)),
        );
    }

    fn super_constructor(&self, class: ClassId, name: Symbol) -> Option<MemberId> {
        let sup = self.world.class_of(self.world.class(class).supertype?)?;
        self.world.class(sup).constructors.get(&name).copied()
    }

    /// `super.name(…)`. The outer option is none after an error.
    fn super_call(
        &mut self,
        class: ClassId,
        member: MemberId,
        params: &[ParamNode],
        name: &Option<Identifier>,
        arguments: &Arguments,
        span: Span,
    ) -> Option<Option<Initializer>> {
        let name = name.map_or(sym::NEW, |name| name.symbol);
        let Some(target) = self.super_constructor(class, name) else {
            self.no_super_constructor(class, name, span);
            self.dynamic_arguments(arguments);
            return None;
        };
        let types = self.super_args(class);
        let passed = self.passed_on(member, params);
        let args = self.constructor_args(target, types, arguments, &passed);
        Some(Some(Initializer::Super { target, args }))
    }

    fn no_super_constructor(&self, class: ClassId, name: Symbol, span: Span) {
        let superclass = self
            .world
            .class(class)
            .supertype
            .map_or(String::new(), |ty| self.show(ty));
        let what = if name == sym::NEW {
            "no unnamed constructor: call one of its constructors in the initialiser list"
                .to_string()
        } else {
            format!("no constructor '{name}'")
        };
        self.error(
            "undefined-constructor",
            span,
            format!("the superclass '{superclass}' has {what}"),
        );
    }

    /// Super parameters: what they pass on, with a name for named ones.
    fn passed_on(&self, member: MemberId, params: &[ParamNode]) -> Vec<(Option<Symbol>, LocalId)> {
        let data = self.member(member);
        data.params
            .iter()
            .zip(params)
            .filter(|(param, _)| param.formal == FormalKind::Super)
            .map(|(param, node)| {
                let name = match param.kind {
                    ParamKind::Required | ParamKind::OptionalPositional => None,
                    ParamKind::Named | ParamKind::RequiredNamed => Some(param.name),
                };
                (name, node.local)
            })
            .collect()
    }

    /// Arguments for a constructor whose class's type arguments are known; super parameters come before written ones.
    fn constructor_args(
        &mut self,
        target: MemberId,
        types: Vec<Ty>,
        arguments: &Arguments,
        passed: &[(Option<Symbol>, LocalId)],
    ) -> Args {
        let signature = self.signature(target);
        let mut signature = if types.len() == signature.type_params.len() {
            self.instantiate(&signature, &types)
        } else {
            signature
        };
        // What super parameters pass on needs no written argument.
        let count = passed.iter().filter(|entry| entry.0.is_none()).count();
        let count = count.min(signature.positional.len());
        let wanted: Vec<Ty> = signature.positional[..count].to_vec();
        signature.positional = signature.positional[count..].into();
        signature.required = signature.required.saturating_sub(count as u32);
        let mut named_wanted = Vec::new();
        for &(name, local) in passed {
            if let Some(name) = name
                && let Some(param) = signature.named.iter().find(|param| param.name == name)
            {
                named_wanted.push((name, local, param.ty));
            }
        }
        signature.named = signature
            .named
            .iter()
            .filter(|param| named_wanted.iter().all(|entry| entry.0 != param.name))
            .copied()
            .collect();
        let applied = self.apply(&signature, None, arguments, Ty::UNKNOWN);
        let mut args = applied.args;
        args.types = types;
        let positional = passed.iter().filter(|entry| entry.0.is_none());
        for (index, (&(_, local), ty)) in positional.zip(wanted).enumerate() {
            let value = self.passed_value(local, ty);
            args.positional.insert(index, value);
        }
        for (name, local, ty) in named_wanted {
            let value = self.passed_value(local, ty);
            args.named.push((name, value));
        }
        args
    }

    fn passed_value(&mut self, local: LocalId, ty: Ty) -> Expr {
        let span = self.locals[local.0 as usize].span;
        let value = self.local_expr(local, span);
        // What does not fit was reported with the constructor's header.
        match self.world.is_subtype(value.ty, ty) {
            true => self.convert(value, ty, "value passed on"),
            false => self.error_expr(span),
        }
    }

    /// The unnamed constructor of the superclass, called where none is written.
    fn implicit_super(
        &mut self,
        class: ClassId,
        member: MemberId,
        params: &[ParamNode],
        span: Span,
        steps: &mut Vec<Initializer>,
    ) {
        // The root has no superclass; the base of an enum takes index and name, which the evaluator of constants sets.
        let data = self.world.class(class);
        if data.supertype.is_none() || data.kind == crate::model::ClassKind::Enum {
            return;
        }
        let Some(target) = self.super_constructor(class, sym::NEW) else {
            self.no_super_constructor(class, sym::NEW, span);
            return;
        };
        let arguments = Arguments {
            span,
            type_args: Vec::new(),
            args: Vec::new(),
        };
        let types = self.super_args(class);
        let passed = self.passed_on(member, params);
        let args = self.constructor_args(target, types, &arguments, &passed);
        steps.push(Initializer::Super { target, args });
    }

    // ---- enum constants

    /// The creation of an enum constant, without its index and name.
    pub(super) fn enum_value(&mut self, member: MemberId, value: &EnumValue) -> Expr {
        let Owner::Class(class) = self.member(member).owner else {
            return self.error_expr(value.span);
        };
        self.this = None;
        self.in_const = true;
        let name = value.constructor.map_or(sym::NEW, |name| name.symbol);
        let no_arguments = Arguments {
            span: value.span,
            type_args: Vec::new(),
            args: Vec::new(),
        };
        let arguments = value.arguments.as_ref().unwrap_or(&no_arguments);
        let Some(&constructor) = self.world.class(class).constructors.get(&name) else {
            return self.fail(
                "undefined-constructor",
                value.span,
                format!("the enum has no constructor '{name}'"),
            );
        };
        if self.member(constructor).kind != MemberKind::Constructor {
            let message = "the values of an enum are made by constructors that are no factories";
            return self.fail("enum-factory", value.span, message);
        }
        let types = (!value.type_args.is_empty()).then(|| self.annotations(&value.type_args));
        let signature = self.signature(constructor);
        let types = types.filter(|types| types.len() == signature.type_params.len());
        let applied = self.apply(&signature, types, arguments, Ty::UNKNOWN);
        let mut args = applied.args;
        let types = std::mem::take(&mut args.types);
        let kind = crate::program::ExprKind::New {
            class,
            constructor,
            types,
            args,
        };
        self.node(kind, applied.result, value.span)
    }

    /// A block that does nothing, for bodies that are only initialisers.
    pub(super) fn nothing(&self, span: Span) -> crate::program::Stmt {
        self.stmt_node(StmtKind::Block(Vec::new()), span)
    }
}
