//! Type annotations.

use super::{FormalParameter, Identifier, TypeNodeId, TypeParameter};
use crate::span::Span;

/// A type as written.
#[derive(Clone, PartialEq, Debug)]
pub struct TypeAnnotation {
    /// The whole type, `?` included.
    pub span: Span,
    /// Whether a `?` follows.
    pub is_nullable: bool,
    /// What it is.
    pub kind: TypeKind,
}

/// The forms of types.
#[derive(Clone, PartialEq, Debug)]
pub enum TypeKind {
    /// Something that could not be parsed as a type.
    Error,
    /// `void`.
    Void,
    /// `name`, `prefix.name`, each with optional type arguments. `dynamic`, `Never` and plain
    /// `Function` are names like others.
    Named {
        /// The name before the point.
        prefix: Option<Identifier>,
        /// The name of the type.
        name: Identifier,
        /// Type arguments; empty where none are written.
        type_args: Vec<TypeNodeId>,
    },
    /// `R Function<X>(T, {required S name})`.
    Function(Box<FunctionType>),
    /// `(int, String, {bool name})`.
    Record(Box<RecordType>),
}

/// A function type.
#[derive(Clone, PartialEq, Debug)]
pub struct FunctionType {
    /// The result; none means `dynamic`.
    pub return_type: Option<TypeNodeId>,
    /// Type parameters.
    pub type_params: Vec<TypeParameter>,
    /// Parameters; those given by position may lack a name.
    pub params: Vec<FormalParameter>,
}

/// A record type.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordType {
    /// Fields by position.
    pub positional: Vec<RecordTypeField>,
    /// Fields by name.
    pub named: Vec<RecordTypeField>,
}

/// A field of a record type.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordTypeField {
    /// Its type.
    pub ty: TypeNodeId,
    /// Its name; the name of a field by position means nothing.
    pub name: Option<Identifier>,
}
