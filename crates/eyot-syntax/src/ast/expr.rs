//! Expressions, literals and collection elements.

use std::fmt;

use super::{
    BodyId, ExprId, ForParts, FormalParameter, Identifier, PatternId, TypeNodeId, TypeParameter,
};
use crate::span::Span;
use crate::symbol::{Symbol, sym};

/// An expression.
#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    /// From the first to the last token.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// The forms of expressions.
#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    /// Something that could not be parsed as an expression.
    Error,
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// An integer literal.
    Int(IntLiteral),
    /// A literal with a point or an exponent.
    Double(f64),
    /// A string without interpolation; adjacent literals are joined.
    String(StringText),
    /// A string with interpolation; adjacent literals are joined.
    Interpolation(Vec<StringPart>),
    /// `#name`, `#a.b.c`, `#+`, `#[]=`: the symbol is the text after `#`.
    SymbolLiteral(Symbol),
    /// A name. Also a type name used as an expression.
    Identifier(Symbol),
    /// `this`.
    This,
    /// `super`, only before a selector or an operator.
    Super,
    /// `(e)`.
    Parenthesized(ExprId),
    /// `(a, b, name: c)`.
    Record(RecordLiteral),
    /// `<T>[…]`.
    List(CollectionLiteral),
    /// `{…}`: a set or a map, told apart by type arguments and elements.
    SetOrMap(CollectionLiteral),
    /// `receiver.name`, `receiver?.name`. Also `prefix.name`, `Type.member`, and the tear-off
    /// `Type.new`, whose name is `new`.
    Property {
        /// What stands before the point.
        receiver: ExprId,
        /// The name after it.
        name: Identifier,
        /// Whether the point was `?.`.
        is_null_aware: bool,
    },
    /// `callee(…)`, `callee<T>(…)`.
    Call {
        /// What is called; a property for a method call.
        callee: ExprId,
        /// Type arguments and arguments.
        arguments: Box<Arguments>,
    },
    /// `e<T>` without a call: a function tear-off instantiated or a type with arguments.
    Instantiation {
        /// What gets the arguments.
        operand: ExprId,
        /// The arguments, at least one.
        type_args: Vec<TypeNodeId>,
    },
    /// `receiver[index]`, `receiver?[index]`.
    Index {
        /// What is indexed.
        receiver: ExprId,
        /// The index.
        index: ExprId,
        /// Whether it was `?[`.
        is_null_aware: bool,
    },
    /// `e!`.
    NullAssert(ExprId),
    /// `receiver..a..b = c`. The sections are ordinary expressions whose innermost receiver is a
    /// [`ExprKind::CascadeReceiver`].
    Cascade {
        /// What all sections are applied to, and the value.
        receiver: ExprId,
        /// Whether the first section began with `?..`.
        is_null_aware: bool,
        /// The sections.
        sections: Vec<ExprId>,
    },
    /// Stands for the receiver in a section of a cascade.
    CascadeReceiver,
    /// `target op= value`.
    Assignment {
        /// The operator.
        op: AssignmentOp,
        /// A name, property or index expression.
        target: ExprId,
        /// The right side.
        value: ExprId,
    },
    /// `(a, b) = value`.
    PatternAssignment {
        /// The pattern; its variables are [`super::PatternKind::AssignedVariable`].
        pattern: PatternId,
        /// The right side.
        value: ExprId,
    },
    /// `condition ? then : otherwise`.
    Conditional {
        /// The condition.
        condition: ExprId,
        /// The value if it holds.
        then: ExprId,
        /// The value if not.
        otherwise: ExprId,
    },
    /// `left op right`.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// The place of the operator.
        op_span: Span,
        /// The left operand.
        left: ExprId,
        /// The right operand.
        right: ExprId,
    },
    /// `-e`, `!e`, `~e`.
    Unary {
        /// The operator.
        op: UnaryOp,
        /// The operand.
        operand: ExprId,
    },
    /// `++e`, `--e`.
    Prefix {
        /// The operator.
        op: IncrementOp,
        /// The operand.
        operand: ExprId,
    },
    /// `e++`, `e--`.
    Postfix {
        /// The operator.
        op: IncrementOp,
        /// The operand.
        operand: ExprId,
    },
    /// `e is T`, `e is! T`.
    Is {
        /// The value tested.
        operand: ExprId,
        /// The type.
        ty: TypeNodeId,
        /// Whether it is `is!`.
        is_negated: bool,
    },
    /// `e as T`.
    As {
        /// The value cast.
        operand: ExprId,
        /// The type.
        ty: TypeNodeId,
    },
    /// `await e`.
    Await(ExprId),
    /// `throw e`.
    Throw(ExprId),
    /// `(x) => e`, `<T>(x) async { … }`.
    Function(Box<FunctionExpression>),
    /// `new C.name(…)`, `const C.name(…)`.
    Creation(Box<Creation>),
    /// `.name`, `.new`, with `const` in front for `const .name(…)`. Arguments and
    /// selectors follow as for any primary.
    DotShorthand {
        /// The name after the point; `new` for the unnamed constructor.
        name: Identifier,
        /// Whether `const` stands in front.
        is_const: bool,
    },
    /// `switch (e) { p => v, … }`.
    Switch(Box<SwitchExpression>),
}

/// An integer literal.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct IntLiteral {
    /// The magnitude; none where it does not fit 64 bits. Decimal literals above
    /// 2^63 - 1 (2^63 after a minus) are an error only where the context wants an int.
    pub value: Option<u64>,
    /// The nearest double, for contexts that want one.
    pub as_double: f64,
    /// Whether that double is the literal's value and no neighbour of it.
    pub is_exact_double: bool,
    /// Whether it is written in base 16, where 64 bits are all right.
    pub is_hex: bool,
}

/// The text of a string literal, escapes resolved.
///
/// Dart strings are sequences of UTF-16 units and a literal such as `'\uD800'` is no Unicode
/// text; only such literals use the second form.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum StringText {
    /// Well-formed text.
    Utf8(Box<str>),
    /// Text with a surrogate that has no partner.
    Utf16(Box<[u16]>),
}

impl StringText {
    /// The text, where it is well-formed.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            StringText::Utf8(text) => Some(text),
            StringText::Utf16(_) => None,
        }
    }

    /// The text with lone surrogates replaced, for messages.
    pub fn to_string_lossy(&self) -> String {
        match self {
            StringText::Utf8(text) => text.to_string(),
            StringText::Utf16(units) => String::from_utf16_lossy(units),
        }
    }

    /// The text as UTF-16 units.
    pub fn to_utf16(&self) -> Vec<u16> {
        match self {
            StringText::Utf8(text) => text.encode_utf16().collect(),
            StringText::Utf16(units) => units.to_vec(),
        }
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        match self {
            StringText::Utf8(text) => text.is_empty(),
            StringText::Utf16(units) => units.is_empty(),
        }
    }
}

impl fmt::Debug for StringText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StringText::Utf8(text) => write!(f, "{text:?}"),
            StringText::Utf16(units) => write!(f, "utf16{units:x?}"),
        }
    }
}

/// A piece of a string with interpolation.
#[derive(Clone, PartialEq, Debug)]
pub enum StringPart {
    /// Text, never empty.
    Text(StringText),
    /// `$name` or `${e}`.
    Expr(ExprId),
}

/// A record literal.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordLiteral {
    /// Whether `const` stands in front.
    pub is_const: bool,
    /// The fields in source order.
    pub fields: Vec<Argument>,
}

/// A list, set or map literal.
#[derive(Clone, PartialEq, Debug)]
pub struct CollectionLiteral {
    /// Whether `const` stands in front.
    pub is_const: bool,
    /// Type arguments; empty where none are written.
    pub type_args: Vec<TypeNodeId>,
    /// The elements.
    pub elements: Vec<CollectionElement>,
}

/// An element of a collection literal.
#[derive(Clone, PartialEq, Debug)]
pub struct CollectionElement {
    /// The whole element.
    pub span: Span,
    /// What it is.
    pub kind: ElementKind,
}

/// The forms of collection elements.
#[derive(Clone, PartialEq, Debug)]
pub enum ElementKind {
    /// `e`.
    Expr(ExprId),
    /// `?e`: left out if null.
    NullAware(ExprId),
    /// `key: value`, `?key: value`, `key: ?value`.
    MapEntry {
        /// The key.
        key: ExprId,
        /// Whether the entry is left out if the key is null.
        is_key_null_aware: bool,
        /// The value.
        value: ExprId,
        /// Whether the entry is left out if the value is null.
        is_value_null_aware: bool,
    },
    /// `...e`, `...?e`.
    Spread {
        /// What is spread.
        expr: ExprId,
        /// Whether null is taken as empty.
        is_null_aware: bool,
    },
    /// `if (condition) then else otherwise`.
    If {
        /// The condition.
        condition: Condition,
        /// The element if it holds.
        then: Box<CollectionElement>,
        /// The element if not.
        otherwise: Option<Box<CollectionElement>>,
    },
    /// `for (…) body`, `await for (…) body`.
    For {
        /// Whether `await` stands in front.
        is_await: bool,
        /// What stands in parentheses.
        parts: Box<ForParts>,
        /// The element repeated.
        body: Box<CollectionElement>,
    },
}

/// What stands in the parentheses of an `if`: `e` or `e case pattern when guard`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Condition {
    /// The condition, or the value matched.
    pub expr: ExprId,
    /// The pattern after `case`.
    pub case: Option<GuardedPattern>,
}

/// `pattern when guard`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GuardedPattern {
    /// The pattern.
    pub pattern: PatternId,
    /// The expression after `when`.
    pub guard: Option<ExprId>,
}

/// Arguments of a call.
#[derive(Clone, PartialEq, Debug)]
pub struct Arguments {
    /// From the first `<` or `(` to the `)`.
    pub span: Span,
    /// Type arguments; empty where none are written.
    pub type_args: Vec<TypeNodeId>,
    /// Arguments by position and by name, in source order.
    pub args: Vec<Argument>,
}

/// An argument, or a field of a record literal.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Argument {
    /// The name before the colon.
    pub name: Option<Identifier>,
    /// The value.
    pub value: ExprId,
}

/// A function without a name.
#[derive(Clone, PartialEq, Debug)]
pub struct FunctionExpression {
    /// Type parameters.
    pub type_params: Vec<TypeParameter>,
    /// Parameters.
    pub params: Vec<FormalParameter>,
    /// The body.
    pub body: BodyId,
}

/// `new` or `const` with a constructor and arguments.
#[derive(Clone, PartialEq, Debug)]
pub struct Creation {
    /// `const` rather than `new`.
    pub is_const: bool,
    /// The constructor.
    pub constructor: ConstructorDesignation,
    /// The arguments; their type arguments are always empty.
    pub arguments: Arguments,
}

/// A constructor as written: `C`, `C.name`, `prefix.C`, `prefix.C.name`, `C<T>.name`.
///
/// Without type arguments only resolution can tell a prefix from a class and a class from a
/// constructor, so then all names are in `path` and `name` is none.
#[derive(Clone, PartialEq, Debug)]
pub struct ConstructorDesignation {
    /// The whole designation.
    pub span: Span,
    /// The names before the type arguments: one to three.
    pub path: Vec<Identifier>,
    /// Type arguments; empty where none are written.
    pub type_args: Vec<TypeNodeId>,
    /// The name after the type arguments; `new` for the unnamed constructor.
    pub name: Option<Identifier>,
}

/// A switch expression.
#[derive(Clone, PartialEq, Debug)]
pub struct SwitchExpression {
    /// The value matched.
    pub subject: ExprId,
    /// The cases.
    pub cases: Vec<SwitchExpressionCase>,
}

/// `pattern when guard => body`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SwitchExpressionCase {
    /// The whole case.
    pub span: Span,
    /// Pattern and guard.
    pub pattern: GuardedPattern,
    /// The value.
    pub body: ExprId,
}

/// An assignment operator.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AssignmentOp {
    /// `=`.
    Plain,
    /// `??=`.
    IfNull,
    /// `op=` with a binary operator that is a member.
    Compound(BinaryOp),
}

/// A binary operator.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    IntDivide,
    Modulo,
    ShiftLeft,
    ShiftRight,
    ShiftRightUnsigned,
    BitAnd,
    BitOr,
    BitXor,
    Less,
    LessEquals,
    Greater,
    GreaterEquals,
    Equals,
    NotEquals,
    LogicalAnd,
    LogicalOr,
    IfNull,
}

impl BinaryOp {
    /// The member the operator calls; none for `&&`, `||` and `??`. `!=` calls `==`.
    pub const fn member(self) -> Option<Symbol> {
        Some(match self {
            BinaryOp::Add => sym::PLUS,
            BinaryOp::Subtract => sym::MINUS,
            BinaryOp::Multiply => sym::STAR,
            BinaryOp::Divide => sym::SLASH,
            BinaryOp::IntDivide => sym::TILDE_SLASH,
            BinaryOp::Modulo => sym::PERCENT,
            BinaryOp::ShiftLeft => sym::SHIFT_LEFT,
            BinaryOp::ShiftRight => sym::SHIFT_RIGHT,
            BinaryOp::ShiftRightUnsigned => sym::SHIFT_RIGHT_UNSIGNED,
            BinaryOp::BitAnd => sym::AMPERSAND,
            BinaryOp::BitOr => sym::PIPE,
            BinaryOp::BitXor => sym::CARET,
            BinaryOp::Less => sym::LESS,
            BinaryOp::LessEquals => sym::LESS_EQUALS,
            BinaryOp::Greater => sym::GREATER,
            BinaryOp::GreaterEquals => sym::GREATER_EQUALS,
            BinaryOp::Equals | BinaryOp::NotEquals => sym::EQUALS,
            BinaryOp::LogicalAnd | BinaryOp::LogicalOr | BinaryOp::IfNull => return None,
        })
    }

    /// The operator as written.
    pub const fn text(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::IntDivide => "~/",
            BinaryOp::Modulo => "%",
            BinaryOp::ShiftLeft => "<<",
            BinaryOp::ShiftRight => ">>",
            BinaryOp::ShiftRightUnsigned => ">>>",
            BinaryOp::BitAnd => "&",
            BinaryOp::BitOr => "|",
            BinaryOp::BitXor => "^",
            BinaryOp::Less => "<",
            BinaryOp::LessEquals => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterEquals => ">=",
            BinaryOp::Equals => "==",
            BinaryOp::NotEquals => "!=",
            BinaryOp::LogicalAnd => "&&",
            BinaryOp::LogicalOr => "||",
            BinaryOp::IfNull => "??",
        }
    }
}

/// A prefix operator that is not an increment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    /// `-`, the member `unary-`.
    Negate,
    /// `!`.
    Not,
    /// `~`.
    BitNot,
}

/// `++` or `--`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum IncrementOp {
    /// `++`.
    Increment,
    /// `--`.
    Decrement,
}
