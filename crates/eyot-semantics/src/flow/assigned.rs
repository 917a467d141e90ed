//! Which variables are assigned where: gathered before the walk, because a loop's head must know what its body will assign.
//!
//! Purely syntactic, with lexical scopes by name. Variables are named by the place of their declaring identifier
//! ([`DeclKey`]), which the walk knows when it declares them.

use eyot_syntax::ast::*;
use eyot_syntax::{Span, Symbol};
use rustc_hash::{FxHashMap, FxHashSet};

/// The byte offset of a local variable's (or parameter's) declaring identifier in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeclKey(pub u32);

impl DeclKey {
    /// The key of a declaring identifier.
    pub fn of(name: &Identifier) -> DeclKey {
        DeclKey(name.span.start)
    }
}

/// What one region of the source assigns.
#[derive(Debug, Default)]
struct Region {
    written: FxHashSet<DeclKey>,
    captured: FxHashSet<DeclKey>,
}

/// What a member's body assigns, by region.
#[derive(Debug, Default)]
pub struct Assigned {
    regions: FxHashMap<Span, Region>,
    everywhere: Region,
    none: Vec<DeclKey>,
}

impl Assigned {
    /// Gathers over a function or constructor: parameters, then initialisers, then the body.
    pub fn of_function(
        tree: &SyntaxTree,
        params: &[FormalParameter],
        initializers: &[Initializer],
        body: BodyId,
    ) -> Assigned {
        let mut walk = Walk::new(tree);
        walk.enter_scope();
        walk.params(params);
        for initializer in initializers {
            walk.initializer(initializer);
        }
        walk.body(body);
        walk.finish()
    }

    /// Gathers over a lone expression (a field's initialiser).
    pub fn of_expr(tree: &SyntaxTree, expr: ExprId) -> Assigned {
        let mut walk = Walk::new(tree);
        walk.enter_scope();
        walk.expr(expr);
        walk.finish()
    }

    /// Variables assigned in the loop, switch, try body, or closure with this span: loops, switches and tries by the
    /// statement's span (a `for` element's by the element's; a `try`'s protected block by the block's), closures by the
    /// function expression's or local function's body span.
    pub fn written(&self, region: Span) -> Vec<DeclKey> {
        self.list(region, |r| &r.written)
    }

    /// Variables assigned in closures inside the region.
    pub fn captured(&self, region: Span) -> Vec<DeclKey> {
        self.list(region, |r| &r.captured)
    }

    /// Variables assigned anywhere in the member after their declaration.
    pub fn written_anywhere(&self) -> Vec<DeclKey> {
        sorted(&self.everywhere.written)
    }

    /// Variables assigned in any closure of the member.
    pub fn captured_anywhere(&self) -> Vec<DeclKey> {
        sorted(&self.everywhere.captured)
    }

    fn list(&self, region: Span, set: impl Fn(&Region) -> &FxHashSet<DeclKey>) -> Vec<DeclKey> {
        match self.regions.get(&region) {
            Some(region) => sorted(set(region)),
            None => self.none.clone(),
        }
    }
}

fn sorted(set: &FxHashSet<DeclKey>) -> Vec<DeclKey> {
    let mut keys: Vec<DeclKey> = set.iter().copied().collect();
    keys.sort_unstable();
    keys
}

struct Walk<'t> {
    tree: &'t SyntaxTree,
    scopes: Vec<FxHashMap<Symbol, (DeclKey, u32)>>,
    /// Open regions; the bool says whether it is a closure.
    open: Vec<(Span, Region)>,
    closure_depth: u32,
    done: Assigned,
}

impl<'t> Walk<'t> {
    fn new(tree: &'t SyntaxTree) -> Walk<'t> {
        Walk {
            tree,
            scopes: Vec::new(),
            open: Vec::new(),
            closure_depth: 0,
            done: Assigned::default(),
        }
    }

    fn finish(self) -> Assigned {
        self.done
    }

    fn enter_scope(&mut self) {
        self.scopes.push(FxHashMap::default());
    }

    fn leave_scope(&mut self) {
        self.scopes.pop();
    }

    fn declare(&mut self, name: &Identifier) {
        let entry = (DeclKey::of(name), self.closure_depth);
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.symbol, entry);
        }
    }

    fn assign(&mut self, name: Symbol) {
        let Some(&(key, depth)) = self.scopes.iter().rev().find_map(|scope| scope.get(&name))
        else {
            return;
        };
        let captured = depth < self.closure_depth;
        for region in self
            .open
            .iter_mut()
            .map(|(_, region)| region)
            .chain([&mut self.done.everywhere])
        {
            region.written.insert(key);
            if captured {
                region.captured.insert(key);
            }
        }
    }

    fn region(&mut self, span: Span, walk: impl FnOnce(&mut Self)) {
        self.open.push((span, Region::default()));
        walk(self);
        if let Some((span, region)) = self.open.pop() {
            let known = self.done.regions.entry(span).or_default();
            known.written.extend(region.written);
            known.captured.extend(region.captured);
        }
    }

    fn closure(&mut self, params: &[FormalParameter], body: BodyId) {
        let span = self.tree[body].span;
        self.closure_depth += 1;
        self.region(span, |walk| {
            walk.enter_scope();
            walk.params(params);
            walk.body(body);
            walk.leave_scope();
        });
        self.closure_depth -= 1;
    }

    fn params(&mut self, params: &[FormalParameter]) {
        for param in params {
            if let Some(default) = param.default {
                self.expr(default);
            }
            if let Some(name) = &param.name {
                self.declare(name);
            }
        }
    }

    fn initializer(&mut self, initializer: &Initializer) {
        match &initializer.kind {
            InitializerKind::Super { arguments, .. }
            | InitializerKind::Redirection { arguments, .. } => {
                self.arguments(&arguments.args);
            }
            InitializerKind::Field { value, .. } => self.expr(*value),
            InitializerKind::Assert(assertion) => self.assertion(assertion),
        }
    }

    fn assertion(&mut self, assertion: &Assertion) {
        self.expr(assertion.condition);
        self.maybe(assertion.message);
    }

    fn body(&mut self, body: BodyId) {
        match &self.tree[body].kind {
            BodyKind::Arrow(expr) => self.expr(*expr),
            BodyKind::Block(stmt) => self.stmt(*stmt),
            BodyKind::Empty | BodyKind::Native(_) => {}
        }
    }

    fn maybe(&mut self, expr: Option<ExprId>) {
        if let Some(expr) = expr {
            self.expr(expr);
        }
    }

    fn stmts(&mut self, stmts: &[StmtId]) {
        self.enter_scope();
        for &stmt in stmts {
            self.stmt(stmt);
        }
        self.leave_scope();
    }

    fn stmt(&mut self, id: StmtId) {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.stmt_inner(id));
    }

    fn stmt_inner(&mut self, id: StmtId) {
        let tree = self.tree;
        let span = tree[id].span;
        match &tree[id].kind {
            StmtKind::Error
            | StmtKind::Empty
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::Rethrow => {}
            StmtKind::Block(stmts) => self.stmts(stmts),
            StmtKind::Expr(expr) | StmtKind::Yield(expr) | StmtKind::YieldEach(expr) => {
                self.expr(*expr)
            }
            StmtKind::Variables(declaration) => self.variables(declaration),
            StmtKind::PatternVariables(declaration) => {
                self.expr(declaration.value);
                self.pattern(declaration.pattern);
            }
            StmtKind::LocalFunction(function) => {
                self.declare(&function.function.name);
                self.closure(&function.function.params, function.function.body);
            }
            StmtKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.enter_scope();
                self.condition(condition);
                self.stmts(&[*then]);
                self.leave_scope();
                if let Some(otherwise) = otherwise {
                    self.stmts(&[*otherwise]);
                }
            }
            StmtKind::For { parts, body, .. } => {
                self.for_loop(span, parts, |walk| walk.stmts(&[*body]))
            }
            StmtKind::While { condition, body } => self.region(span, |walk| {
                walk.expr(*condition);
                walk.stmts(&[*body]);
            }),
            StmtKind::DoWhile { body, condition } => self.region(span, |walk| {
                walk.stmts(&[*body]);
                walk.expr(*condition);
            }),
            StmtKind::Switch { subject, cases } => {
                self.expr(*subject);
                self.region(span, |walk| walk.cases(cases));
            }
            StmtKind::Try(statement) => self.try_statement(span, statement),
            StmtKind::Return(expr) => self.maybe(*expr),
            StmtKind::Assert(assertion) => self.assertion(assertion),
            StmtKind::Labeled { body, .. } => self.stmt(*body),
        }
    }

    fn variables(&mut self, declaration: &VariableDeclaration) {
        for variable in &declaration.variables {
            self.maybe(variable.initializer);
            self.declare(&variable.name);
        }
    }

    fn cases(&mut self, cases: &[SwitchCase]) {
        // Cases without a body share the scope of the next one that has a body.
        self.enter_scope();
        for case in cases {
            if let Some(guarded) = &case.pattern {
                self.guarded(guarded);
            }
            if !case.body.is_empty() {
                self.stmts(&case.body);
                self.leave_scope();
                self.enter_scope();
            }
        }
        self.leave_scope();
    }

    fn try_statement(&mut self, span: Span, statement: &TryStatement) {
        self.region(span, |walk| {
            let body_span = walk.tree[statement.body].span;
            walk.region(body_span, |walk| walk.stmt(statement.body));
            for clause in &statement.catches {
                walk.enter_scope();
                for name in [&clause.exception, &clause.stack_trace]
                    .into_iter()
                    .flatten()
                {
                    walk.declare(name);
                }
                walk.stmt(clause.body);
                walk.leave_scope();
            }
        });
        if let Some(finally) = statement.finally {
            self.stmt(finally);
        }
    }

    fn for_loop(&mut self, span: Span, parts: &ForParts, body: impl FnOnce(&mut Self)) {
        self.enter_scope();
        match parts {
            ForParts::Loop {
                init,
                condition,
                updates,
            } => {
                match init {
                    ForInit::None => {}
                    ForInit::Variables(declaration) => self.variables(declaration),
                    ForInit::Pattern(declaration) => {
                        self.expr(declaration.value);
                        self.pattern(declaration.pattern);
                    }
                    ForInit::Expr(expr) => self.expr(*expr),
                }
                self.region(span, |walk| {
                    walk.maybe(*condition);
                    body(walk);
                    for &update in updates {
                        walk.expr(update);
                    }
                });
            }
            ForParts::In { binding, iterable } => {
                self.expr(*iterable);
                // A variable that the loop gives its elements to is assigned before each round, and followed there.
                if let ForBinding::Identifier(name) = binding {
                    self.assign(name.symbol);
                }
                self.region(span, |walk| {
                    match binding {
                        ForBinding::Variable { name, .. } => walk.declare(name),
                        ForBinding::Identifier(_) => {}
                        ForBinding::Pattern { pattern, .. } => walk.pattern(*pattern),
                    }
                    body(walk);
                });
            }
        }
        self.leave_scope();
    }

    fn condition(&mut self, condition: &Condition) {
        self.expr(condition.expr);
        if let Some(guarded) = &condition.case {
            self.guarded(guarded);
        }
    }

    fn guarded(&mut self, guarded: &GuardedPattern) {
        self.pattern(guarded.pattern);
        self.maybe(guarded.guard);
    }

    fn pattern(&mut self, id: PatternId) {
        let tree = self.tree;
        match &tree[id].kind {
            PatternKind::Error | PatternKind::Wildcard { .. } => {}
            PatternKind::LogicalOr(a, b) | PatternKind::LogicalAnd(a, b) => {
                self.pattern(*a);
                self.pattern(*b);
            }
            PatternKind::Relational { operand, .. } | PatternKind::Constant(operand) => {
                self.expr(*operand)
            }
            PatternKind::Cast { pattern, .. }
            | PatternKind::NullCheck(pattern)
            | PatternKind::NullAssert(pattern)
            | PatternKind::Parenthesized(pattern) => self.pattern(*pattern),
            PatternKind::Variable(variable) => self.declare(&variable.name),
            PatternKind::AssignedVariable(name) => self.assign(name.symbol),
            PatternKind::List { elements, .. } => {
                for element in elements {
                    match element {
                        ListPatternElement::Pattern(pattern)
                        | ListPatternElement::Rest {
                            pattern: Some(pattern),
                            ..
                        } => self.pattern(*pattern),
                        ListPatternElement::Rest { pattern: None, .. } => {}
                    }
                }
            }
            PatternKind::Map { entries, .. } => {
                for entry in entries {
                    self.expr(entry.key);
                    self.pattern(entry.value);
                }
            }
            PatternKind::Record(fields) | PatternKind::Object { fields, .. } => {
                for field in fields {
                    self.pattern(field.pattern);
                }
            }
        }
    }

    fn arguments(&mut self, args: &[Argument]) {
        for arg in args {
            self.expr(arg.value);
        }
    }

    fn target(&mut self, id: ExprId) {
        match &self.tree[id].kind {
            ExprKind::Identifier(name) => self.assign(*name),
            ExprKind::Parenthesized(inner) => self.target(*inner),
            _ => self.expr(id),
        }
    }

    fn elements(&mut self, elements: &[CollectionElement]) {
        for element in elements {
            self.element(element);
        }
    }

    fn element(&mut self, element: &CollectionElement) {
        match &element.kind {
            ElementKind::Expr(expr)
            | ElementKind::NullAware(expr)
            | ElementKind::Spread { expr, .. } => {
                self.expr(*expr);
            }
            ElementKind::MapEntry { key, value, .. } => {
                self.expr(*key);
                self.expr(*value);
            }
            ElementKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.enter_scope();
                self.condition(condition);
                self.element(then);
                self.leave_scope();
                if let Some(otherwise) = otherwise {
                    self.element(otherwise);
                }
            }
            ElementKind::For { parts, body, .. } => {
                self.for_loop(element.span, parts, |walk| walk.element(body));
            }
        }
    }

    fn expr(&mut self, id: ExprId) {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.expr_inner(id));
    }

    fn expr_inner(&mut self, id: ExprId) {
        let tree = self.tree;
        match &tree[id].kind {
            ExprKind::Error
            | ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Double(_)
            | ExprKind::String(_)
            | ExprKind::SymbolLiteral(_)
            | ExprKind::Identifier(_)
            | ExprKind::This
            | ExprKind::Super
            | ExprKind::CascadeReceiver
            | ExprKind::DotShorthand { .. } => {}
            ExprKind::Interpolation(parts) => {
                for part in parts {
                    if let StringPart::Expr(expr) = part {
                        self.expr(*expr);
                    }
                }
            }
            ExprKind::Parenthesized(inner)
            | ExprKind::NullAssert(inner)
            | ExprKind::Await(inner)
            | ExprKind::Throw(inner)
            | ExprKind::Property {
                receiver: inner, ..
            }
            | ExprKind::Instantiation { operand: inner, .. }
            | ExprKind::Unary { operand: inner, .. }
            | ExprKind::Is { operand: inner, .. }
            | ExprKind::As { operand: inner, .. } => self.expr(*inner),
            ExprKind::Record(record) => self.arguments(&record.fields),
            ExprKind::List(literal) | ExprKind::SetOrMap(literal) => {
                self.elements(&literal.elements)
            }
            ExprKind::Call { callee, arguments } => {
                self.expr(*callee);
                self.arguments(&arguments.args);
            }
            ExprKind::Index {
                receiver, index, ..
            } => {
                self.expr(*receiver);
                self.expr(*index);
            }
            ExprKind::Cascade {
                receiver, sections, ..
            } => {
                self.expr(*receiver);
                for &section in sections {
                    self.expr(section);
                }
            }
            ExprKind::Assignment { target, value, .. } => {
                self.expr(*value);
                self.target(*target);
            }
            ExprKind::PatternAssignment { pattern, value } => {
                self.expr(*value);
                self.pattern(*pattern);
            }
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => {
                self.expr(*condition);
                self.expr(*then);
                self.expr(*otherwise);
            }
            ExprKind::Binary { left, right, .. } => {
                self.expr(*left);
                self.expr(*right);
            }
            ExprKind::Prefix { operand, .. } | ExprKind::Postfix { operand, .. } => {
                self.target(*operand)
            }
            ExprKind::Function(function) => self.closure(&function.params, function.body),
            ExprKind::Creation(creation) => self.arguments(&creation.arguments.args),
            ExprKind::Switch(switch) => {
                self.expr(switch.subject);
                for case in &switch.cases {
                    self.enter_scope();
                    self.guarded(&case.pattern);
                    self.expr(case.body);
                    self.leave_scope();
                }
            }
        }
    }
}
