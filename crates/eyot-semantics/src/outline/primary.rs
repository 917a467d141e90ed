//! Constructors in headers: the types of the fields they declare, and what is wrong with them.

use eyot_syntax::Span;
use eyot_syntax::ast::{
    self, BodyKind, DeclarationKind, FormalParameter, InitializerKind, MemberKind as Kind,
    ParameterForm, ParameterKeyword, PrimaryConstructor, PrimaryConstructorBody,
};

use super::Outline;
use super::nodes::{MemberNode, member_node};
use super::scope::{TypeScope, parameter_type};
use crate::model::{ClassId, ClassKind, FileId, MemberFlags, MemberId, World};
use crate::types::Ty;

impl World {
    /// The type of a field that a parameter of a header declares: the one written, else that of the default value, else
    /// `Object?`. None for other members.
    pub(super) fn header_field_type(&self, member: MemberId) -> Option<Ty> {
        let data = self.member(member);
        let tree = self.file(data.file).tree.as_deref()?;
        let Some(MemberNode::PrimaryField(param)) = member_node(tree, data) else {
            return None;
        };
        if let Some(ty) = parameter_type(self, &TypeScope::of_member(self, member), tree, param) {
            return Some(ty);
        }
        let inferred = param
            .default
            .map(|default| crate::body::infer_header_default(self, member, default));
        Some(match inferred {
            None | Some(Ty::NULL) => Ty::OBJECT_N,
            Some(ty) => ty,
        })
    }
}

/// A class with the constructor in its header.
struct Header<'t> {
    class: ClassId,
    file: FileId,
    primary: Option<&'t PrimaryConstructor>,
    members: &'t [ast::Member],
}

impl Outline<'_> {
    pub(super) fn check_primary_constructors(&self) {
        for &class in &self.classes {
            let data = self.world.class(class);
            let (Some(tree), Some(decl)) = (self.tree(data.file), data.decl) else {
                continue;
            };
            if data.kind == ClassKind::Application {
                continue;
            }
            let (primary, members) = match &tree.declarations[decl as usize].kind {
                DeclarationKind::Class(node) => (node.primary_constructor.as_ref(), &node.members),
                DeclarationKind::Enum(node) => (node.primary_constructor.as_ref(), &node.members),
                DeclarationKind::Mixin(node) => (None, &node.members),
                DeclarationKind::ExtensionType(node) => {
                    (Some(&node.primary_constructor), &node.members)
                }
                _ => continue,
            };
            let header = Header {
                class,
                file: data.file,
                primary,
                members,
            };
            self.check_header_bodies(&tree, &header);
            if let Some(primary) = primary {
                self.check_header_params(&header, primary);
                self.check_other_constructors(&header);
            }
        }
    }

    /// The part of the constructor in the body: at most one, and none without a header to complete.
    fn check_header_bodies(&self, tree: &eyot_syntax::SyntaxTree, header: &Header<'_>) {
        let mut bodies = header
            .members
            .iter()
            .filter_map(|member| match &member.kind {
                Kind::PrimaryConstructorBody(body) => Some((&**body, member.span)),
                _ => None,
            });
        let Some((first, span)) = bodies.next() else {
            return;
        };
        let start = Span::new(span.start, span.start + "this".len() as u32);
        if header.primary.is_none() {
            let message = "there is no constructor in the header that this could complete; write its parameters behind the name of the class";
            self.error(header.file, "primary-body", start, message);
        }
        for (_, again) in bodies {
            let start = Span::new(again.start, again.start + "this".len() as u32);
            let message = "the constructor in the header is completed twice; join the two parts";
            self.error(header.file, "primary-body", start, message);
        }
        if header.primary.is_none() {
            return;
        }
        let body = &tree[first.body];
        if let BodyKind::Arrow(_) = body.kind {
            let message = "a constructor gives no value; write its body in braces";
            self.error(header.file, "primary-body", start, message);
        }
        let is_empty = matches!(body.kind, BodyKind::Empty) && first.initializers.is_empty();
        if self.world.class(header.class).kind == ClassKind::MixinClass
            && !is_empty
            && self.is_declared_mixin(header.class)
        {
            let message = "the constructor of a mixin class does nothing; remove this part";
            self.error(header.file, "mixin-class-constructor", start, message);
        }
        self.check_declared_once(header, first);
    }

    /// Whether the class says `mixin`: before 3.0 every class is one.
    fn is_declared_mixin(&self, class: ClassId) -> bool {
        let library = self.world.class(class).library;
        self.world.library(library).version >= (3, 0)
    }

    /// A field that a parameter declares, or that has an initial value, is not set in the list again.
    fn check_declared_once(&self, header: &Header<'_>, body: &PrimaryConstructorBody) {
        let world = &*self.world;
        let class = world.class(header.class);
        for entry in &body.initializers {
            let InitializerKind::Field { name, .. } = &entry.kind else {
                continue;
            };
            let params = header.primary.map_or(&[][..], |primary| &primary.params);
            let declares = |param: &&FormalParameter| {
                let is_field = param.keyword != ParameterKeyword::None
                    || world.is_extension_type(header.class);
                is_field
                    && param.form == ParameterForm::Normal
                    && param.name.is_some_and(|own| own.symbol == name.symbol)
            };
            let field = class
                .instance
                .get(&name.symbol)
                .and_then(|access| access.get);
            let marks = |field: MemberId| {
                let flags = world.member(field).flags;
                flags.contains(MemberFlags::HAS_INITIALIZER) && !flags.contains(MemberFlags::FINAL)
            };
            if params.iter().any(|param| declares(&param)) || field.is_some_and(marks) {
                let message = format!(
                    "`{}` is initialised where it is declared; remove one of the two",
                    name.symbol
                );
                self.error(header.file, "initialized-twice", name.span, message);
            }
        }
    }

    fn check_header_params(&self, header: &Header<'_>, primary: &PrimaryConstructor) {
        let kind = self.world.class(header.class).kind;
        if let Some(first) = primary.params.first()
            && kind == ClassKind::MixinClass
            && self.is_declared_mixin(header.class)
        {
            let message = "the constructor of a mixin class has no parameters; make it a class, or take them away";
            self.error(header.file, "mixin-class-constructor", first.span, message);
        }
        for param in &primary.params {
            if param.is_covariant && param.keyword != ParameterKeyword::Var {
                let message = "only what can be assigned is `covariant`: write `covariant var`, or leave out `covariant`";
                self.error(header.file, "covariant", param.span, message);
            }
            if param.keyword == ParameterKeyword::Var && kind == ClassKind::Enum {
                let message = "the fields of an enum are final; write `final` for `var`";
                self.error(header.file, "enum-field", param.span, message);
            }
        }
    }

    /// Every object is made by the constructor in the header; others redirect to it.
    fn check_other_constructors(&self, header: &Header<'_>) {
        if self.world.is_extension_type(header.class) {
            return;
        }
        for member in header.members {
            let Kind::Constructor(node) = &member.kind else {
                continue;
            };
            let redirects = node
                .initializers
                .iter()
                .any(|entry| matches!(entry.kind, InitializerKind::Redirection { .. }));
            if redirects || member.modifiers.contains(ast::Modifiers::FACTORY) {
                continue;
            }
            let message =
                "the constructor in the header makes all objects; let this one redirect to it";
            self.error(header.file, "second-constructor", node.name_span, message);
        }
    }
}
