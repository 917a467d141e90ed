//! Statements, local variables and loops.

use super::{
    Annotation, Condition, ExprId, FunctionDeclaration, GuardedPattern, Identifier, PatternId,
    PatternKeyword, StmtId, TypeNodeId,
};
use crate::span::Span;

/// A statement.
#[derive(Clone, PartialEq, Debug)]
pub struct Stmt {
    /// From the first to the last token.
    pub span: Span,
    /// What it is.
    pub kind: StmtKind,
}

/// The forms of statements.
#[derive(Clone, PartialEq, Debug)]
pub enum StmtKind {
    /// Something that could not be parsed as a statement.
    Error,
    /// `;`.
    Empty,
    /// `{ … }`.
    Block(Vec<StmtId>),
    /// `e;`.
    Expr(ExprId),
    /// `int x = 1, y;`.
    Variables(Box<VariableDeclaration>),
    /// `var (a, b) = e;`.
    PatternVariables(Box<PatternVariableDeclaration>),
    /// A function declared inside a function.
    LocalFunction(Box<LocalFunction>),
    /// `if (…) then else otherwise`.
    If {
        /// The condition.
        condition: Condition,
        /// The statement if it holds.
        then: StmtId,
        /// The statement if not.
        otherwise: Option<StmtId>,
    },
    /// `for (…) body`, `await for (…) body`.
    For {
        /// Whether `await` stands in front.
        is_await: bool,
        /// What stands in parentheses.
        parts: Box<ForParts>,
        /// The body.
        body: StmtId,
    },
    /// `while (condition) body`.
    While {
        /// The condition.
        condition: ExprId,
        /// The body.
        body: StmtId,
    },
    /// `do body while (condition);`.
    DoWhile {
        /// The body.
        body: StmtId,
        /// The condition.
        condition: ExprId,
    },
    /// `switch (subject) { … }`.
    Switch {
        /// The value matched.
        subject: ExprId,
        /// The cases.
        cases: Vec<SwitchCase>,
    },
    /// `try … on … catch … finally …`.
    Try(Box<TryStatement>),
    /// `return e;`.
    Return(Option<ExprId>),
    /// `break label;`.
    Break(Option<Identifier>),
    /// `continue label;`.
    Continue(Option<Identifier>),
    /// `rethrow;`.
    Rethrow,
    /// `yield e;`.
    Yield(ExprId),
    /// `yield* e;`.
    YieldEach(ExprId),
    /// `assert(condition, message);`.
    Assert(Assertion),
    /// `a: b: statement`.
    Labeled {
        /// The labels, at least one.
        labels: Vec<Identifier>,
        /// The statement.
        body: StmtId,
    },
}

/// `assert(condition, message)`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Assertion {
    /// The condition.
    pub condition: ExprId,
    /// The message, if written.
    pub message: Option<ExprId>,
}

/// Variables declared together: `late final int x = 1, y;`. Used for locals, top-level
/// variables and fields.
#[derive(Clone, PartialEq, Debug)]
pub struct VariableDeclaration {
    /// Annotations; for fields and top-level variables those of the declaration around.
    pub metadata: Vec<Annotation>,
    /// Whether `late` is written.
    pub is_late: bool,
    /// `var`, `final`, `const`, or only a type.
    pub keyword: VariableKeyword,
    /// The type, if written.
    pub ty: Option<TypeNodeId>,
    /// The variables, at least one.
    pub variables: Vec<Variable>,
}

/// The word a variable declaration starts with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VariableKeyword {
    /// `var`.
    Var,
    /// `final`.
    Final,
    /// `const`.
    Const,
    /// None of them: the declaration starts with a type.
    Type,
}

/// One variable of a declaration.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Variable {
    /// The name.
    pub name: Identifier,
    /// The expression after `=`.
    pub initializer: Option<ExprId>,
}

/// `final (a, b) = e`.
#[derive(Clone, PartialEq, Debug)]
pub struct PatternVariableDeclaration {
    /// Annotations.
    pub metadata: Vec<Annotation>,
    /// `var` or `final`.
    pub keyword: PatternKeyword,
    /// The pattern.
    pub pattern: PatternId,
    /// The value matched.
    pub value: ExprId,
}

/// A function declared inside a function.
#[derive(Clone, PartialEq, Debug)]
pub struct LocalFunction {
    /// Annotations.
    pub metadata: Vec<Annotation>,
    /// The function.
    pub function: FunctionDeclaration,
}

/// What stands in the parentheses of a `for`.
#[derive(Clone, PartialEq, Debug)]
pub enum ForParts {
    /// `init; condition; updates`.
    Loop {
        /// What happens first.
        init: ForInit,
        /// The condition; none means true.
        condition: Option<ExprId>,
        /// What happens after each round.
        updates: Vec<ExprId>,
    },
    /// `binding in iterable`.
    In {
        /// What takes the elements.
        binding: ForBinding,
        /// What gives the elements.
        iterable: ExprId,
    },
}

/// The first part of a loop `for (init; …; …)`.
#[derive(Clone, PartialEq, Debug)]
pub enum ForInit {
    /// Nothing.
    None,
    /// Variables, fresh ones for each round.
    Variables(VariableDeclaration),
    /// Variables from a pattern.
    Pattern(PatternVariableDeclaration),
    /// An expression.
    Expr(ExprId),
}

/// What takes the elements in `for (binding in …)`.
#[derive(Clone, PartialEq, Debug)]
pub enum ForBinding {
    /// A new variable in each round.
    Variable {
        /// Annotations.
        metadata: Vec<Annotation>,
        /// Whether `late` is written.
        is_late: bool,
        /// `var`, `final`, or only a type; `const` is an error.
        keyword: VariableKeyword,
        /// The type, if written.
        ty: Option<TypeNodeId>,
        /// The name.
        name: Identifier,
    },
    /// A variable that exists, assigned in each round.
    Identifier(Identifier),
    /// Variables from a pattern, new ones in each round.
    Pattern {
        /// Annotations.
        metadata: Vec<Annotation>,
        /// `var` or `final`.
        keyword: PatternKeyword,
        /// The pattern.
        pattern: PatternId,
    },
}

/// A case of a switch statement.
#[derive(Clone, PartialEq, Debug)]
pub struct SwitchCase {
    /// From the first label to the last statement.
    pub span: Span,
    /// Labels, for `continue label;`.
    pub labels: Vec<Identifier>,
    /// The pattern; none for `default`.
    pub pattern: Option<GuardedPattern>,
    /// The statements; empty ones share the body of the next case.
    pub body: Vec<StmtId>,
}

/// A try statement.
#[derive(Clone, PartialEq, Debug)]
pub struct TryStatement {
    /// The block after `try`.
    pub body: StmtId,
    /// The handlers.
    pub catches: Vec<CatchClause>,
    /// The block after `finally`.
    pub finally: Option<StmtId>,
}

/// `on T catch (e, s) { … }`.
#[derive(Clone, PartialEq, Debug)]
pub struct CatchClause {
    /// The whole clause.
    pub span: Span,
    /// The type after `on`; none catches everything.
    pub ty: Option<TypeNodeId>,
    /// The exception variable.
    pub exception: Option<Identifier>,
    /// The stack trace variable.
    pub stack_trace: Option<Identifier>,
    /// The block.
    pub body: StmtId,
}
