//! Annotations: each is a constant variable or a call of a constant constructor.
//!
//! Nothing reads them when the program runs. All are built for their problems, and those of `dart:ffi` are read in a step of their
//! own.

use eyot_syntax::Span;
use eyot_syntax::ast::{Annotation, ConstructorDesignation, Creation};

use super::Walk;
use super::names::{Designator, Name};
use crate::model::{ClassId, FileId, Owner, World};
use crate::program::{ConstId, ConstValue, Expr, ExprKind};
use crate::types::Ty;

/// Reports what is wrong with the annotations of a declaration that stands in `owner`.
pub(crate) fn check_annotations<'a>(
    world: &World,
    file: FileId,
    owner: Owner,
    annotations: impl IntoIterator<Item = &'a Annotation>,
) {
    let mut annotations = annotations.into_iter().peekable();
    if annotations.peek().is_none() {
        return;
    }
    let Some(mut walk) = Walk::new(world, file, owner) else {
        return;
    };
    walk.in_const = true;
    for annotation in annotations {
        let value = walk.annotation_expr(annotation);
        walk.evaluate(value);
    }
}

/// An annotation whose value is an object.
pub(crate) struct AnnotationObject {
    /// Its class.
    pub(crate) class: ClassId,
    /// The constant.
    pub(crate) value: ConstId,
    /// Place.
    pub(crate) span: Span,
}

/// The annotations of a declaration at the top of `file` that are constant objects. Others are left out: what is wrong with
/// them was reported.
pub(crate) fn annotation_objects(
    world: &World,
    file: FileId,
    annotations: &[Annotation],
) -> Vec<AnnotationObject> {
    let object = |annotation: &Annotation| {
        let owner = Owner::Library(world.file(file).library);
        let mut walk = Walk::new(world, file, owner)?;
        walk.quiet = true;
        walk.in_const = true;
        let expr = walk.annotation_expr(annotation);
        let value = crate::const_eval::evaluate(world, file, &expr)?;
        match world.consts.value(value) {
            ConstValue::Object(class, ..) => Some(AnnotationObject {
                class: *class,
                value,
                span: annotation.span,
            }),
            _ => None,
        }
    };
    annotations.iter().filter_map(object).collect()
}

impl Walk<'_> {
    fn annotation_expr(&mut self, annotation: &Annotation) -> Expr {
        match &annotation.arguments {
            Some(arguments) => {
                let creation = Creation {
                    is_const: true,
                    constructor: annotation.name.clone(),
                    arguments: arguments.clone(),
                };
                self.creation(&creation, Ty::UNKNOWN, annotation.span)
            }
            None => self.annotation_name(&annotation.name),
        }
    }

    /// The constant that an annotation without arguments names.
    fn annotation_name(&mut self, designation: &ConstructorDesignation) -> Expr {
        let span = designation.span;
        let mut path = designation.path.iter().chain(&designation.name);
        let Some(first) = path.next() else {
            return self.error_expr(span);
        };
        let mut name = first;
        let mut meaning = self.resolve(first.symbol);
        if let Name::Prefix(prefix) = meaning
            && let Some(next) = path.next()
        {
            self.use_prefix(prefix, name.span);
            name = next;
            meaning = self.resolve_prefixed(prefix, next.symbol);
        }
        let value = match (self.static_scope(meaning), path.next()) {
            (Some(scope), Some(member)) => {
                self.designated_property(&scope, member, Ty::UNKNOWN, span)
            }
            _ => self.name_expr(meaning, name, Ty::UNKNOWN),
        };
        if value.ty == Ty::ERROR || matches!(value.kind, ExprKind::Const(_)) {
            return value;
        }
        self.fail(
            "annotation-not-constant",
            span,
            "an annotation is a constant variable, or a constant constructor with its arguments; name one of them",
        )
    }

    fn static_scope(&self, meaning: Name) -> Option<Designator> {
        match meaning {
            Name::Class(class) => Some(Designator::Class(class, None)),
            Name::Typedef(typedef) => Some(Designator::GenericAlias(typedef)),
            Name::Extension(extension) => Some(Designator::Extension(extension)),
            _ => None,
        }
    }
}
