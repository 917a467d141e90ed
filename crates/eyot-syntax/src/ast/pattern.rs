//! Patterns.
//!
//! What a bare name means depends on where the pattern stands, which the parser knows: in a
//! declaration it is a [`PatternKind::Variable`], in an assignment a
//! [`PatternKind::AssignedVariable`], in a case a [`PatternKind::Constant`]. `_` is
//! a [`PatternKind::Wildcard`] in all of them.

use super::{BinaryOp, ExprId, Identifier, PatternId, TypeNodeId};
use crate::span::Span;

/// A pattern.
#[derive(Clone, PartialEq, Debug)]
pub struct Pattern {
    /// From the first to the last token.
    pub span: Span,
    /// What it is.
    pub kind: PatternKind,
}

/// The forms of patterns.
#[derive(Clone, PartialEq, Debug)]
pub enum PatternKind {
    /// Something that could not be parsed as a pattern.
    Error,
    /// `a || b`.
    LogicalOr(PatternId, PatternId),
    /// `a && b`.
    LogicalAnd(PatternId, PatternId),
    /// `== e`, `< e` and so on.
    Relational {
        /// One of the comparison operators.
        op: BinaryOp,
        /// The constant compared with.
        operand: ExprId,
    },
    /// `p as T`.
    Cast {
        /// The pattern.
        pattern: PatternId,
        /// The type.
        ty: TypeNodeId,
    },
    /// `p?`.
    NullCheck(PatternId),
    /// `p!`.
    NullAssert(PatternId),
    /// A constant expression.
    Constant(ExprId),
    /// A variable the pattern declares: `var x`, `final x`, `int x`, `final int x`; in
    /// declarations also a bare `x`.
    Variable(VariablePattern),
    /// `_`, `var _`, `int _`: matches without a variable.
    Wildcard {
        /// `var` or `final`, if written.
        keyword: Option<PatternKeyword>,
        /// The type, if written.
        ty: Option<TypeNodeId>,
    },
    /// A variable assigned to, in a pattern assignment.
    AssignedVariable(Identifier),
    /// `(p)`.
    Parenthesized(PatternId),
    /// `<T>[a, ...rest, b]`.
    List {
        /// The type argument, if written (more than one is an error).
        type_args: Vec<TypeNodeId>,
        /// The elements.
        elements: Vec<ListPatternElement>,
    },
    /// `<K, V>{k: p}`.
    Map {
        /// Type arguments; empty where none are written.
        type_args: Vec<TypeNodeId>,
        /// The entries.
        entries: Vec<MapPatternEntry>,
    },
    /// `(p, name: q)`.
    Record(Vec<PatternField>),
    /// `T(name: p)`.
    Object {
        /// The type; always a named one.
        ty: TypeNodeId,
        /// The getters read; all have names.
        fields: Vec<PatternField>,
    },
}

/// A variable declared by a pattern.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct VariablePattern {
    /// `var` or `final`, if written.
    pub keyword: Option<PatternKeyword>,
    /// The type, if written.
    pub ty: Option<TypeNodeId>,
    /// The name.
    pub name: Identifier,
}

/// The word before a variable in a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PatternKeyword {
    /// `var`.
    Var,
    /// `final`.
    Final,
}

/// An element of a list pattern.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum ListPatternElement {
    /// A pattern for one element.
    Pattern(PatternId),
    /// `...`, `...p`.
    Rest {
        /// The place.
        span: Span,
        /// The pattern for the elements in the middle.
        pattern: Option<PatternId>,
    },
}

/// An entry of a map pattern.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MapPatternEntry {
    /// The constant key.
    pub key: ExprId,
    /// The pattern for its value.
    pub value: PatternId,
}

/// A field of a record pattern or object pattern.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PatternField {
    /// The whole field.
    pub span: Span,
    /// The name; none for a field by position. For `:var x` it is the name of the variable.
    pub name: Option<Identifier>,
    /// The pattern.
    pub pattern: PatternId,
}
