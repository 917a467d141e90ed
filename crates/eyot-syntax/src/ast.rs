//! The syntax tree: close to the grammar, nothing resolved.
//!
//! One [`SyntaxTree`] holds one file. Expressions, statements, types, patterns and function
//! bodies live in arenas of the tree and are named by small ids ([`ExprId`], [`StmtId`],
//! [`TypeNodeId`], [`PatternId`], [`BodyId`]); index the tree with an id to get the node.
//! Later stages keep what they find out in side tables of the same length. Declarations
//! ([`Directive`], [`Declaration`], [`Member`]) are plain structs the tree owns.
//!
//! - Ids are handed out in the order nodes are *finished*, so a child usually has a smaller id than its
//!   parent. Nothing may depend on that, but a pass over an arena in order is friendly to caches.
//! - A node that could not be parsed is an `Error` node; there is a diagnostic for it.
//! - Spans cover a node from its first to its last token. Names have a span of their own.
//!
//! | file | what |
//! | --- | --- |
//! | [`decl`](self) | directives, declarations, members, parameters, annotations |
//! | [`expr`](self) | expressions, literals, collection elements |
//! | [`stmt`](self) | statements, local variables, loops |
//! | [`pattern`](self) | patterns |
//! | [`types`](self) | type annotations |

use std::fmt;
use std::num::NonZeroU32;
use std::ops::{Index, IndexMut};

use crate::span::Span;
use crate::symbol::Symbol;

mod decl;
mod expr;
mod pattern;
mod stmt;
mod types;

pub use decl::*;
pub use expr::*;
pub use pattern::*;
pub use stmt::*;
pub use types::*;

/// A name with its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identifier {
    /// The name.
    pub symbol: Symbol,
    /// Where it stands.
    pub span: Span,
}

/// A language version: `major.minor`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LanguageVersion {
    /// The number before the point.
    pub major: u16,
    /// The number after the point.
    pub minor: u16,
}

impl LanguageVersion {
    /// The version Eyot implements, and the default.
    pub const CURRENT: LanguageVersion = LanguageVersion::new(3, 13);

    /// The version `major.minor`.
    pub const fn new(major: u16, minor: u16) -> LanguageVersion {
        LanguageVersion { major, minor }
    }
}

impl fmt::Display for LanguageVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A `// @dart = major.minor` comment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LanguageVersionComment {
    /// The version asked for.
    pub version: LanguageVersion,
    /// The comment.
    pub span: Span,
}

/// The syntax of one file.
#[derive(Clone, Default, Debug)]
pub struct SyntaxTree {
    /// The `#!` line, if the file starts with one.
    pub script_tag: Option<Span>,
    /// The version the file asks for in a comment before its first token.
    pub language_version: Option<LanguageVersionComment>,
    /// `library`, `import`, `export`, `part` and `part of`, in source order.
    pub directives: Vec<Directive>,
    /// Top-level declarations, in source order.
    pub declarations: Vec<Declaration>,
    /// All expressions.
    pub exprs: Vec<Expr>,
    /// All statements.
    pub stmts: Vec<Stmt>,
    /// All type annotations.
    pub types: Vec<TypeAnnotation>,
    /// All patterns.
    pub patterns: Vec<Pattern>,
    /// All function bodies.
    pub bodies: Vec<FunctionBody>,
}

macro_rules! arena {
    ($(#[$doc:meta])* $id:ident, $node:ident, $field:ident, $add:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $id(NonZeroU32);

        impl $id {
            /// The id of the node at `index` of its arena.
            pub const fn from_index(index: usize) -> $id {
                match NonZeroU32::new(index as u32 + 1) {
                    Some(number) => $id(number),
                    // Sources have fewer bytes, and so fewer nodes, than u32 has numbers.
                    None => $id(NonZeroU32::MAX),
                }
            }

            /// The index in the arena, for side tables.
            pub const fn index(self) -> usize {
                self.0.get() as usize - 1
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($id), self.index())
            }
        }

        impl Index<$id> for SyntaxTree {
            type Output = $node;
            fn index(&self, id: $id) -> &$node {
                &self.$field[id.index()]
            }
        }

        impl IndexMut<$id> for SyntaxTree {
            fn index_mut(&mut self, id: $id) -> &mut $node {
                &mut self.$field[id.index()]
            }
        }

        impl SyntaxTree {
            /// Adds a node and gives its id.
            pub fn $add(&mut self, node: $node) -> $id {
                let id = $id::from_index(self.$field.len());
                self.$field.push(node);
                id
            }
        }
    };
}

arena!(
    /// An expression of a tree.
    ExprId, Expr, exprs, add_expr
);
arena!(
    /// A statement of a tree.
    StmtId, Stmt, stmts, add_stmt
);
arena!(
    /// A type annotation of a tree.
    TypeNodeId, TypeAnnotation, types, add_type
);
arena!(
    /// A pattern of a tree.
    PatternId, Pattern, patterns, add_pattern
);
arena!(
    /// A function body of a tree.
    BodyId, FunctionBody, bodies, add_body
);
