//! The typed program: what analysis gives and the compiler takes.
//!
//! Each function body becomes a [`Body`]: a tree in which every name is resolved, every expression has its static type, all
//! inference and implicit conversions are spelled out, and the richer forms of the language are already lowered:
//!
//! - cascades, `??`, `?.`, compound assignment: [`ExprKind::Let`] and conditionals;
//! - collection literals with spread, `if`, `for`: [`ExprKind::Block`] around `add` calls;
//! - patterns, if-case, switch expressions and switch statements other than on plain constants: tests, lets, labelled blocks;
//! - super and field formals: explicit parameters and field initialisers;
//! - extension members: static calls whose first argument is the receiver;
//! - implicit casts from `dynamic`, `call` tear-offs, generic instantiation, int-to-double literals: explicit nodes;
//! - `for-in`, `await`, `yield`, closures, exceptions, loops, labels stay: they are the compiler's work.
//!
//! Locals are numbered per member body; closures nested in it share the numbering, so capture analysis (the compiler's) is a
//! walk over the tree. A type parameter of a class or function stays a `TyKind::Param` in types.

use std::sync::Arc;

use eyot_syntax::ast::StringText;
use eyot_syntax::{Span, Symbol};

use crate::model::{AsyncMarker, ClassId, MemberId, ParamKind, TypeParamId};
use crate::types::Ty;

/// A local variable or parameter of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalId(pub u32);

/// A target of `break` and `continue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LabelId(pub u32);

/// A constant of the program's canonical table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConstId(pub u32);

/// A local variable.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name (made-up ones start with `:`).
    pub name: Symbol,
    /// Its declared or inferred type; its representation follows from it.
    pub ty: Ty,
    /// `late`: reads check (unless definitely assigned) and an initialiser runs on first read.
    pub late: bool,
    /// `final` or `const` or never assigned after its declaration in the source.
    pub is_final: bool,
    /// Place of the declaration.
    pub span: Span,
}

/// The body of a member, a field initialiser or a parameter default.
#[derive(Clone, Debug)]
pub struct Body {
    /// All locals, closures' included; [`LocalId`] indexes it.
    pub locals: Vec<Local>,
    /// The parameters in order: positional, then named in source order. An instance member of an extension has the receiver
    /// as its first parameter, and the extension's type parameters before its own.
    pub function: FunctionNode,
    /// For constructors: what happens before the body, in order.
    pub initializers: Vec<Initializer>,
}

/// A function with code: a member's or a closure's.
#[derive(Clone, Debug)]
pub struct FunctionNode {
    /// Its own type parameters.
    pub type_params: Vec<TypeParamId>,
    /// Its parameters.
    pub params: Vec<ParamNode>,
    /// Declared or inferred result type (`Future<T>` for async and so on).
    pub result: Ty,
    /// What the body's `return`/`yield` deliver: T of `Future<T>`, `Stream<T>`, `Iterable<T>`; `result` itself for sync.
    pub element: Ty,
    /// How it runs.
    pub marker: AsyncMarker,
    /// The code. An external or abstract function has none.
    pub body: Option<Box<Stmt>>,
    /// The name of the native that runs when this closure is called: then the body only mentions what the closure captures.
    pub native: Option<&'static str>,
    /// Place.
    pub span: Span,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct ParamNode {
    /// The variable.
    pub local: LocalId,
    /// Which kind.
    pub kind: ParamKind,
    /// Default of an optional one; none is null.
    pub default: Option<ConstId>,
    /// Arguments must be checked against the type on entry (covariant by class or by keyword).
    pub check: bool,
}

/// One step before a constructor's body.
#[derive(Clone, Debug)]
pub enum Initializer {
    /// `field = value` (also field formals; also fields with an initialiser at their declaration, in order, put first).
    Field(MemberId, Expr),
    /// `super(...)`.
    Super {
        /// The superclass's constructor.
        target: MemberId,
        /// All arguments.
        args: Args,
    },
    /// `this(...)`.
    This {
        /// The constructor redirected to.
        target: MemberId,
        /// All arguments.
        args: Args,
    },
    /// `assert(...)`.
    Assert(Expr, Option<Expr>),
    /// Any expression evaluated for its effect (lets hoisted from argument evaluation).
    Local(LocalId, Expr),
}

/// Arguments of a call. A missing optional is left out; the compiler fills defaults of known targets.
#[derive(Clone, Debug, Default)]
pub struct Args {
    /// Type arguments, all or none.
    pub types: Vec<Ty>,
    /// Positional arguments.
    pub positional: Vec<Expr>,
    /// Named arguments in source (evaluation) order.
    pub named: Vec<(Symbol, Expr)>,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What.
    pub kind: ExprKind,
    /// Static type.
    pub ty: Ty,
    /// Place, for stack traces and messages.
    pub span: Span,
}

/// Why a cast is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CastKind {
    /// Written `as`: failure is a TypeError "in type cast".
    Explicit,
    /// Implied (from dynamic, covariant field reads, …): failure is a TypeError.
    Implicit,
    /// Cannot fail, only changes the static type (promotion): no code but a change of representation.
    Unchecked,
}

/// What an expression is.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum ExprKind {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    /// As the parser gives it: UTF-8 text, or UTF-16 with lone surrogates.
    String(Arc<StringText>),
    /// A constant that was evaluated.
    Const(ConstId),
    /// A type used as a value; may mention type parameters.
    TypeLiteral(Ty),
    This,
    Local(LocalId),
    SetLocal(LocalId, Box<Expr>),
    /// Read of a static or top-level variable or getter.
    StaticGet(MemberId),
    StaticSet(MemberId, Box<Expr>),
    /// Read of an instance field or getter found in the receiver's static type.
    InstanceGet {
        receiver: Box<Expr>,
        member: MemberId,
    },
    InstanceSet {
        receiver: Box<Expr>,
        member: MemberId,
        value: Box<Expr>,
    },
    DynamicGet {
        receiver: Box<Expr>,
        name: Symbol,
    },
    DynamicSet {
        receiver: Box<Expr>,
        name: Symbol,
        value: Box<Expr>,
    },
    /// `super.x`; the member found in the superclass (for a mixin: in its `on` types, resolved at run time).
    SuperGet {
        member: MemberId,
    },
    SuperSet {
        member: MemberId,
        value: Box<Expr>,
    },
    SuperCall {
        member: MemberId,
        args: Args,
    },
    /// Top-level, static, extension function.
    StaticCall {
        target: MemberId,
        args: Args,
    },
    /// Method or operator of the receiver's static type. `==` is [`ExprKind::Equals`].
    InstanceCall {
        receiver: Box<Expr>,
        member: MemberId,
        args: Args,
    },
    /// Unresolved: the receiver is dynamic (or Never, or the member is missing and noSuchMethod takes it).
    DynamicCall {
        receiver: Box<Expr>,
        name: Symbol,
        args: Args,
    },
    /// Call of a value of function type (static type known), or of type Function or dynamic.
    ClosureCall {
        callee: Box<Expr>,
        args: Args,
    },
    /// `left == right` with null handled by the compiler; `member` is the `==` found in left's type.
    Equals {
        left: Box<Expr>,
        right: Box<Expr>,
        member: Option<MemberId>,
    },
    /// `identical(left, right)`.
    Identical(Box<Expr>, Box<Expr>),
    /// Generative constructor of a class with its type arguments.
    New {
        class: ClassId,
        constructor: MemberId,
        types: Vec<Ty>,
        args: Args,
    },
    /// Factory constructor: `types` are the class's.
    NewFactory {
        constructor: MemberId,
        types: Vec<Ty>,
        args: Args,
    },
    /// Method of an instance as a closure.
    TearOff {
        receiver: Box<Expr>,
        member: MemberId,
    },
    SuperTearOff {
        member: MemberId,
    },
    /// Static or top-level function as a closure (generic if it is; see [`ExprKind::Instantiate`]).
    StaticTearOff(MemberId),
    /// Constructor as a closure, class type arguments fixed; with none for a generic class it is a generic function over the
    /// class's type parameters. A redirecting factory has a body of its own for this.
    ConstructorTearOff {
        constructor: MemberId,
        types: Vec<Ty>,
    },
    /// A generic closure with its type arguments fixed.
    Instantiate {
        function: Box<Expr>,
        types: Vec<Ty>,
    },
    Closure(Box<FunctionNode>),
    Is {
        value: Box<Expr>,
        ty: Ty,
    },
    As {
        value: Box<Expr>,
        ty: Ty,
        kind: CastKind,
    },
    /// `e!`.
    NullCheck(Box<Expr>),
    Not(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Conditional(Box<Expr>, Box<Expr>, Box<Expr>),
    /// The local is bound in `body`; its scope is `body`.
    Let {
        local: LocalId,
        value: Box<Expr>,
        body: Box<Expr>,
    },
    /// Statements, then a value.
    Block {
        stmts: Vec<Stmt>,
        value: Box<Expr>,
    },
    Await(Box<Expr>),
    Throw(Box<Expr>),
    /// In a catch clause: throws its error with its trace again.
    Rethrow {
        error: LocalId,
        trace: LocalId,
    },
    /// Parts joined; each is turned into a string with toString.
    Interpolation(Vec<Expr>),
    /// A growable list of plain elements.
    List {
        element: Ty,
        elements: Vec<Expr>,
    },
    Set {
        element: Ty,
        elements: Vec<Expr>,
    },
    Map {
        key: Ty,
        value: Ty,
        entries: Vec<(Expr, Expr)>,
    },
    /// Named fields in source order.
    Record {
        positional: Vec<Expr>,
        named: Vec<(Symbol, Expr)>,
    },
    /// Positional field (0-based).
    RecordIndex(Box<Expr>, u32),
    RecordName(Box<Expr>, Symbol),
    /// What Eyot cannot compile yet, with the words for the message.
    Unsupported(Arc<str>),
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// What.
    pub kind: StmtKind,
    /// Place.
    pub span: Span,
}

/// A catch clause.
#[derive(Clone, Debug)]
pub struct Catch {
    /// `on` type; `Object` if none.
    pub ty: Ty,
    /// Variable of the error (always there, made up if not written).
    pub error: LocalId,
    /// Variable of the trace, if written or needed for rethrow.
    pub trace: Option<LocalId>,
    /// Body.
    pub body: Stmt,
}

/// A case of a switch on constants.
#[derive(Clone, Debug)]
pub struct Case {
    /// Constants; empty for `default`.
    pub constants: Vec<ConstId>,
    /// Target of `continue label`.
    pub label: Option<LabelId>,
    /// Body; falls out of the switch at its end.
    pub body: Vec<Stmt>,
}

/// What a statement is.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum StmtKind {
    Expr(Expr),
    /// Declares a local. For a late local the value is its initialiser, run on first read.
    Var(LocalId, Option<Expr>),
    Block(Vec<Stmt>),
    If(Expr, Box<Stmt>, Option<Box<Stmt>>),
    /// `label` names the loop for `break` and `continue` inside it.
    While {
        label: LabelId,
        condition: Expr,
        body: Box<Stmt>,
    },
    DoWhile {
        label: LabelId,
        body: Box<Stmt>,
        condition: Expr,
    },
    /// Loop variables are fresh for each iteration if captured.
    For {
        label: LabelId,
        init: Vec<Stmt>,
        condition: Option<Expr>,
        update: Vec<Expr>,
        body: Box<Stmt>,
    },
    /// `variable` is fresh for each iteration; assigning to an existing variable or a pattern is lowered into the body.
    ForIn {
        label: LabelId,
        variable: LocalId,
        iterable: Expr,
        is_await: bool,
        body: Box<Stmt>,
    },
    /// A switch whose cases are all constants with primitive equality; every other one is lowered.
    Switch {
        label: LabelId,
        value: Expr,
        cases: Vec<Case>,
    },
    /// Jump to the case with this label.
    ContinueSwitch(LabelId),
    /// A block that `break` can leave.
    Labeled {
        label: LabelId,
        body: Box<Stmt>,
    },
    Break(LabelId),
    Continue(LabelId),
    Return(Option<Expr>),
    Try {
        body: Box<Stmt>,
        catches: Vec<Catch>,
        finally: Option<Box<Stmt>>,
    },
    Yield(Expr),
    YieldStar(Expr),
    /// Runs only with assertions enabled.
    Assert {
        condition: Expr,
        message: Option<Expr>,
        source: Arc<str>,
    },
    /// A local function: the variable holds the closure (and may be captured by it).
    LocalFunction(LocalId, Box<FunctionNode>),
}

/// A constant value; canonical: equal constants have the same [`ConstId`].
#[derive(Clone, Debug, PartialEq)]
pub enum ConstValue {
    #[allow(missing_docs)]
    Null,
    #[allow(missing_docs)]
    Bool(bool),
    #[allow(missing_docs)]
    Int(i64),
    /// By bits.
    Double(u64),
    #[allow(missing_docs)]
    String(Arc<StringText>),
    /// Name, with the library if private.
    Symbol(Symbol),
    #[allow(missing_docs)]
    Type(Ty),
    #[allow(missing_docs)]
    List(Ty, Vec<ConstId>),
    #[allow(missing_docs)]
    Set(Ty, Vec<ConstId>),
    #[allow(missing_docs)]
    Map(Ty, Ty, Vec<(ConstId, ConstId)>),
    /// Class, its type arguments, fields by member in slot order of the chain (root first).
    Object(ClassId, Vec<Ty>, Vec<(MemberId, ConstId)>),
    /// Static function or constructor torn off, with class type arguments (constructors) and instantiation.
    Function(MemberId, Vec<Ty>),
    /// Constructor torn off.
    Constructor(MemberId, Vec<Ty>),
    /// Positional, then named by name.
    Record(Vec<ConstId>, Vec<(Symbol, ConstId)>),
}
