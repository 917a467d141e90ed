//! Bodies: expressions, statements, patterns and closures, resolved, inferred and lowered to the typed program.
//!
//! One walk over the tree of a member does everything at once: it resolves names, infers types in both directions (a context
//! type comes down, a static type goes up), drives the flow analysis and builds [`program`](crate::program) nodes. The state
//! of the walk is the [`Walk`]; its methods are spread over the files of this folder by topic.
//!
//! | file | what |
//! | --- | --- |
//! | `scope`, `names` | local scopes; what a name means |
//! | `members`, `extensions` | members of a type, extension members |
//! | `exprs`, `literals`, `collections`, `collection_build` | expressions by form |
//! | `properties`, `places`, `assign` | reads; what can be assigned; assignments |
//! | `calls`, `arguments`, `creation` | calls, inference over arguments, constructors |
//! | `operators`, `convert` | operators; implicit conversions |
//! | `closures`, `functions`, `constructors` | functions with their parameters and bodies |
//! | `statements`, `loops`, `switches`, `patterns`, `pattern_parts`, `pattern_types` | statements and patterns |
//! | `spaces` | whether the cases of a switch cover all values |
//! | `chains` | null-aware chains and cascades |
//! | `constants`, `annotations` | constant contexts; annotations |
//! | `retype` | code of a mixin, seen from an application of it |
//! | `dump` | trees as text, for tests |
//!
//! Invariants: the walk never fails; after a problem the type is [`Ty::ERROR`], which everything accepts. Types in the tree it
//! builds have no holes (`Ty::UNKNOWN`). Locals are numbered over the whole member, closures included.

mod annotations;
mod arguments;
mod assign;
mod calls;
mod chains;
mod closures;
mod collection_build;
mod collections;
mod constants;
mod constructors;
mod convert;
mod creation;
mod deferred;
pub mod dump;
mod exprs;
mod extensions;
mod functions;
mod kept_tests;
mod literals;
mod loops;
mod members;
mod names;
mod operators;
mod pattern_parts;
mod pattern_reads;
mod pattern_types;
mod patterns;
mod places;
mod properties;
pub(crate) mod retype;
mod scope;
mod spaces;
mod statements;
mod switches;
#[cfg(test)]
mod tests;

use eyot_syntax::ast::{self, SyntaxTree};
use eyot_syntax::{Diagnostic, Span, Symbol};
use rustc_hash::FxHashMap;

use crate::flow::{Assigned, Branches, DeclKey, Flow, State, VarId};
use crate::model::{AsyncMarker, FileId, LibraryId, MemberId, Owner, World};
use crate::program::{Expr, ExprKind, LabelId, Local, LocalId, Stmt, StmtKind};
use crate::types::Ty;

pub(crate) use annotations::{AnnotationObject, annotation_objects, check_annotations};
pub(crate) use functions::infer_header_default;
pub use functions::{body_of, default_expr, infer_variable, initializer_expr};

/// The walk over one member.
pub(crate) struct Walk<'w> {
    world: &'w World,
    tree: &'w SyntaxTree,
    file: FileId,
    library: LibraryId,
    owner: Owner,
    /// How `this` is written here; none in static code.
    this: Option<This>,
    /// Type parameters of the member and, where they are in sight, of its class or extension.
    type_params: Vec<crate::model::TypeParamId>,
    locals: Vec<Local>,
    /// What the walk knows about each local beyond what the program shows.
    local_infos: Vec<LocalInfo>,
    names: scope::Names,
    /// Functions around this point, innermost last.
    functions: Vec<FunctionState>,
    /// Receivers of the cascades around this point.
    cascades: Vec<Expr>,
    /// Null-aware accesses of the chain being built.
    guards: Vec<chains::Guard>,
    /// Context type of the complete expression around: where `.name` is looked up.
    shorthand: Ty,
    /// The deferred import that the expression being built uses.
    deferred: Option<Symbol>,
    /// Arguments to evaluate before the call being built, where named ones stand before positional ones.
    early_args: places::Hoisted,
    /// What the condition just visited says, if it says something.
    branches: Option<Branches>,
    flow: Flow<'w>,
    /// The flow variable of `this`, for promotable fields.
    this_var: VarId,
    vars: FxHashMap<DeclKey, VarId>,
    assigned: Assigned,
    /// Inside a constant: creations and literals are constant without being marked so.
    in_const: bool,
    /// Problems are not reported: this walk only infers a type.
    quiet: bool,
    next_label: u32,
    /// Tests kept in bool variables that are never assigned again.
    conditions: FxHashMap<VarId, kept_tests::KeptTest>,
    /// What patterns were matched against, for the coverage of switches.
    seen: spaces::Seen,
}

/// How `this` is expressed.
#[derive(Clone, Copy, Debug)]
enum This {
    /// An instance member of a class.
    Instance(Ty),
    /// An instance member of an extension: its first parameter.
    Receiver(LocalId, Ty),
}

#[derive(Clone, Copy, Debug, Default)]
struct LocalInfo {
    var: Option<VarId>,
    constant: Option<crate::program::ConstId>,
    late_without_initializer: bool,
    /// A variable that only some of the cases before a body declare, or with different types: it has no value there.
    not_shared: bool,
    /// Declared with an initialiser or as a parameter: a second assignment to a final one is an error.
    initialized: bool,
}

/// What a `return` and a `yield` mean here.
#[derive(Debug)]
struct FunctionState {
    marker: AsyncMarker,
    /// Context for the values delivered.
    element: Ty,
    /// The result type is known (declared), so values are checked against `element`.
    declared: bool,
    /// Types delivered, where the result type is inferred.
    delivered: Vec<Ty>,
    /// Each `return;`, where the result type is inferred.
    empty_returns: Vec<Span>,
    /// A generative constructor: `return e` is an error.
    is_constructor: bool,
    /// Inside the initialiser of a `late` variable, which runs whenever the variable is first read.
    in_late: bool,
    jumps: Vec<Jump>,
    /// Catch clauses around, for `rethrow`: error, trace, whether the trace is used.
    catches: Vec<(LocalId, LocalId, bool)>,
}

/// Something `break` or `continue` can leave.
#[derive(Debug)]
struct Jump {
    label: LabelId,
    names: Vec<Symbol>,
    is_loop: bool,
    /// Plain `break` stops here (loops and switches; not labelled blocks).
    is_breakable: bool,
    breaks: Vec<State>,
    continues: Vec<State>,
    /// Labels of a switch's cases, for `continue`.
    cases: Vec<(Symbol, LabelId)>,
}

impl<'w> Walk<'w> {
    fn new(world: &'w World, file: FileId, owner: Owner) -> Option<Walk<'w>> {
        let source = world.file(file);
        let tree = source.tree.as_deref()?;
        let mut flow = Flow::new(world);
        let this_var = flow.declare(Ty::OBJECT, true);
        Some(Walk {
            world,
            tree,
            file,
            library: source.library,
            owner,
            this: None,
            type_params: Vec::new(),
            locals: Vec::new(),
            local_infos: Vec::new(),
            names: scope::Names::default(),
            functions: Vec::new(),
            cascades: Vec::new(),
            guards: Vec::new(),
            shorthand: Ty::UNKNOWN,
            deferred: None,
            early_args: Vec::new(),
            branches: None,
            flow,
            this_var,
            vars: FxHashMap::default(),
            assigned: Assigned::default(),
            in_const: false,
            quiet: false,
            next_label: 0,
            conditions: FxHashMap::default(),
            seen: spaces::Seen::default(),
        })
    }

    // ---- problems

    /// Reports an error.
    fn error(&self, code: &'static str, span: Span, message: impl Into<String>) {
        if !self.quiet {
            self.world
                .report(self.file, Diagnostic::error(code, span, message));
        }
    }

    /// An expression after an error that was reported.
    fn error_expr(&self, span: Span) -> Expr {
        Expr {
            kind: ExprKind::Null,
            ty: Ty::ERROR,
            span,
        }
    }

    /// Reports an error and gives an expression for the place.
    fn fail(&self, code: &'static str, span: Span, message: impl Into<String>) -> Expr {
        self.error(code, span, message);
        self.error_expr(span)
    }

    fn show(&self, ty: Ty) -> String {
        self.world.show(ty)
    }

    // ---- nodes

    fn node(&self, kind: ExprKind, ty: Ty, span: Span) -> Expr {
        debug_assert_ne!(ty, Ty::UNKNOWN);
        Expr { kind, ty, span }
    }

    fn null(&self, span: Span) -> Expr {
        self.node(ExprKind::Null, Ty::NULL, span)
    }

    fn boolean(&self, value: bool, span: Span) -> Expr {
        self.node(ExprKind::Bool(value), Ty::BOOL, span)
    }

    /// Changes the static type of an expression that surely has the new one.
    fn retype(&self, expr: Expr, ty: Ty) -> Expr {
        if expr.ty == ty {
            return expr;
        }
        let span = expr.span;
        self.node(
            ExprKind::As {
                value: Box::new(expr),
                ty,
                kind: crate::program::CastKind::Unchecked,
            },
            ty,
            span,
        )
    }

    /// `expr == null`.
    fn is_null(&self, expr: Expr) -> Expr {
        let span = expr.span;
        let null = self.null(span);
        let kind = ExprKind::Equals {
            left: Box::new(expr),
            right: Box::new(null),
            member: None,
        };
        self.node(kind, Ty::BOOL, span)
    }

    fn conditional(&self, condition: Expr, yes: Expr, no: Expr, ty: Ty) -> Expr {
        let span = condition.span.to(no.span);
        let kind = ExprKind::Conditional(Box::new(condition), Box::new(yes), Box::new(no));
        self.node(kind, ty, span)
    }

    fn let_in(&self, local: LocalId, value: Expr, body: Expr) -> Expr {
        let (ty, span) = (body.ty, value.span.to(body.span));
        let kind = ExprKind::Let {
            local,
            value: Box::new(value),
            body: Box::new(body),
        };
        self.node(kind, ty, span)
    }

    fn block(&self, stmts: Vec<Stmt>, value: Expr) -> Expr {
        if stmts.is_empty() {
            return value;
        }
        let (ty, span) = (value.ty, value.span);
        let value = Box::new(value);
        self.node(ExprKind::Block { stmts, value }, ty, span)
    }

    fn stmt_node(&self, kind: StmtKind, span: Span) -> Stmt {
        Stmt { kind, span }
    }

    fn expr_stmt(&self, expr: Expr) -> Stmt {
        let span = expr.span;
        self.stmt_node(StmtKind::Expr(expr), span)
    }

    // ---- locals

    /// A made-up local that holds `ty`.
    fn temp(&mut self, ty: Ty, span: Span) -> LocalId {
        self.new_local(Symbol::intern(":t"), ty, true, span)
    }

    fn new_local(&mut self, name: Symbol, ty: Ty, is_final: bool, span: Span) -> LocalId {
        let id = LocalId(self.locals.len() as u32);
        self.locals.push(Local {
            name,
            ty,
            late: false,
            is_final,
            span,
        });
        self.local_infos.push(LocalInfo::default());
        id
    }

    fn local_expr(&self, local: LocalId, span: Span) -> Expr {
        self.node(
            ExprKind::Local(local),
            self.locals[local.0 as usize].ty,
            span,
        )
    }

    fn info(&self, local: LocalId) -> LocalInfo {
        self.local_infos[local.0 as usize]
    }

    fn new_label(&mut self) -> LabelId {
        let label = LabelId(self.next_label);
        self.next_label += 1;
        label
    }

    // ---- flow

    /// Variables assigned (and those assigned in closures) in a region, as far as they are declared already.
    fn written_in(&self, region: Span) -> (Vec<VarId>, Vec<VarId>) {
        let vars = |keys: Vec<DeclKey>| -> Vec<VarId> {
            keys.iter()
                .filter_map(|key| self.vars.get(key).copied())
                .collect()
        };
        (
            vars(self.assigned.written(region)),
            vars(self.assigned.captured(region)),
        )
    }

    /// Forgets what assignments in the region could spoil: at a loop's head, at the start of handlers.
    fn enter_region(&mut self, region: Span) {
        let state = self.flow.state();
        let state = self.spoil(state, region);
        self.flow.set(state);
    }

    fn spoil(&mut self, state: State, region: Span) -> State {
        let (written, captured) = self.written_in(region);
        self.flow.conservative(state, &written, &captured)
    }

    /// Recursion over the tree grows the stack rather than overflow it.
    fn deep<R>(&mut self, inner: impl FnOnce(&mut Self) -> R) -> R {
        stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || inner(self))
    }

    fn member(&self, id: MemberId) -> &'w crate::model::Member {
        self.world.member(id)
    }

    fn expr_span(&self, id: ast::ExprId) -> Span {
        self.tree[id].span
    }
}
