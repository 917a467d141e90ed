//! Annotations: each is a constant variable or a call of a constant constructor.
//!
//! Nothing reads them when the program runs; they are built for their problems alone.

use eyot_syntax::ast::{Annotation, ConstructorDesignation, Creation};

use super::Walk;
use super::names::{Designator, Name};
use crate::model::{FileId, Owner, World};
use crate::program::{Expr, ExprKind};
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
        walk.annotation_value(annotation);
    }
}

impl Walk<'_> {
    fn annotation_value(&mut self, annotation: &Annotation) {
        let value = match &annotation.arguments {
            Some(arguments) => {
                let creation = Creation {
                    is_const: true,
                    constructor: annotation.name.clone(),
                    arguments: arguments.clone(),
                };
                self.creation(&creation, Ty::UNKNOWN, annotation.span)
            }
            None => self.annotation_name(&annotation.name),
        };
        self.evaluate(value);
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
        if let (Name::Prefix(prefix), Some(next)) = (meaning, path.next()) {
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
