//! The tree as text, for tests and for looking at it.
//!
//! Every node is `(kind child …)`, names and literals stand for themselves; declarations, members and
//! statements get a line each. The form is made to be read and compared, not to be parsed.

use std::fmt::Write;

use crate::ast::*;
use crate::symbol::Symbol;

mod expr;

/// The whole tree.
pub fn dump(tree: &SyntaxTree) -> String {
    let mut dumper = Dumper {
        tree,
        out: String::new(),
        indent: 0,
    };
    for directive in &tree.directives {
        dumper.metadata(&directive.metadata);
        dumper.directive(&directive.kind);
        dumper.line();
    }
    for declaration in &tree.declarations {
        dumper.metadata(&declaration.metadata);
        dumper.modifiers(declaration.modifiers);
        dumper.declaration(&declaration.kind);
        dumper.line();
    }
    dumper.out.truncate(dumper.out.trim_end().len());
    dumper.out
}

struct Dumper<'a> {
    tree: &'a SyntaxTree,
    out: String,
    indent: usize,
}

impl Dumper<'_> {
    fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn symbol(&mut self, symbol: Symbol) {
        self.out.push_str(symbol.as_str());
    }

    fn line(&mut self) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
        self.out.push('\n');
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
    }

    fn indented(&mut self, body: impl FnOnce(&mut Self)) {
        self.indent += 1;
        body(self);
        self.indent -= 1;
    }

    /// Items with `separator` between them.
    fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        separator: &str,
        mut item: impl FnMut(&mut Self, T),
    ) {
        for (index, value) in items.into_iter().enumerate() {
            if index > 0 {
                self.text(separator);
            }
            item(self, value);
        }
    }

    fn names(&mut self, names: &[Identifier], separator: &str) {
        self.list(names, separator, |dumper, name| dumper.symbol(name.symbol));
    }

    fn types_after(&mut self, word: &str, types: &[TypeNodeId]) {
        if !types.is_empty() {
            let _ = write!(self.out, " {word} ");
            self.list(types, ", ", |dumper, &ty| dumper.ty(ty));
        }
    }

    fn metadata(&mut self, metadata: &[Annotation]) {
        for annotation in metadata {
            self.text("@");
            self.constructor(&annotation.name);
            if let Some(arguments) = &annotation.arguments {
                self.arguments(arguments);
            }
            self.text(" ");
        }
    }

    fn modifiers(&mut self, modifiers: Modifiers) {
        for (name, _) in modifiers.iter_names() {
            let _ = write!(self.out, "{} ", name.to_lowercase());
        }
    }

    fn directive(&mut self, kind: &DirectiveKind) {
        match kind {
            DirectiveKind::Library { name } => {
                self.text("library ");
                self.names(name, ".");
            }
            DirectiveKind::Import(import) => {
                self.text("import ");
                self.uri(&import.uri, &import.configurations);
                if import.is_deferred {
                    self.text(" deferred");
                }
                if let Some(prefix) = import.prefix {
                    let _ = write!(self.out, " as {}", prefix.symbol);
                }
                self.combinators(&import.combinators);
            }
            DirectiveKind::Export(export) => {
                self.text("export ");
                self.uri(&export.uri, &export.configurations);
                self.combinators(&export.combinators);
            }
            DirectiveKind::Part {
                uri,
                configurations,
            } => {
                self.text("part ");
                self.uri(uri, configurations);
            }
            DirectiveKind::PartOf(PartOf::Uri(uri)) => {
                let _ = write!(self.out, "part of {:?}", uri.text);
            }
            DirectiveKind::PartOf(PartOf::Name(name)) => {
                self.text("part of ");
                self.names(name, ".");
            }
        }
    }

    fn uri(&mut self, uri: &UriLiteral, configurations: &[Configuration]) {
        let _ = write!(self.out, "{:?}", uri.text);
        for configuration in configurations {
            let _ = write!(self.out, " if ({}", configuration.name);
            if let Some(value) = &configuration.value {
                let _ = write!(self.out, " == {value:?}");
            }
            let _ = write!(self.out, ") {:?}", configuration.uri.text);
        }
    }

    fn combinators(&mut self, combinators: &[Combinator]) {
        for combinator in combinators {
            self.text(if combinator.is_show {
                " show "
            } else {
                " hide "
            });
            self.names(&combinator.names, ", ");
        }
    }

    fn declaration(&mut self, kind: &DeclarationKind) {
        match kind {
            DeclarationKind::Class(class) => self.class(class),
            DeclarationKind::Mixin(mixin) => {
                self.header("mixin", mixin.name, &mixin.type_params);
                self.types_after("on", &mixin.on);
                self.types_after("implements", &mixin.interfaces);
                self.members(&mixin.members);
            }
            DeclarationKind::Enum(declaration) => self.enum_(declaration),
            DeclarationKind::Extension(extension) => {
                self.text("extension ");
                if let Some(name) = extension.name {
                    self.symbol(name.symbol);
                }
                self.type_params(&extension.type_params);
                self.text(" on ");
                self.ty(extension.on);
                self.members(&extension.members);
            }
            DeclarationKind::ExtensionType(extension) => {
                self.header("extension-type", extension.name, &extension.type_params);
                self.primary_constructor(&extension.primary_constructor);
                self.types_after("implements", &extension.interfaces);
                self.members(&extension.members);
            }
            DeclarationKind::Typedef(typedef) => {
                self.header("typedef", typedef.name, &typedef.type_params);
                self.text(" = ");
                self.ty(typedef.ty);
            }
            DeclarationKind::Function(function) => self.function(function),
            DeclarationKind::Variables(variables) => self.variables(variables),
        }
    }

    fn header(&mut self, word: &str, name: Identifier, type_params: &[TypeParameter]) {
        let _ = write!(self.out, "{word} {}", name.symbol);
        self.type_params(type_params);
    }

    fn class(&mut self, class: &ClassDeclaration) {
        self.header("class", class.name, &class.type_params);
        if let Some(constructor) = &class.primary_constructor {
            self.primary_constructor(constructor);
        }
        if let Some(superclass) = class.superclass {
            self.text(if class.is_mixin_application {
                " = "
            } else {
                " extends "
            });
            self.ty(superclass);
        }
        self.types_after("with", &class.mixins);
        self.types_after("implements", &class.interfaces);
        self.members(&class.members);
    }

    fn enum_(&mut self, declaration: &EnumDeclaration) {
        self.header("enum", declaration.name, &declaration.type_params);
        if let Some(constructor) = &declaration.primary_constructor {
            self.primary_constructor(constructor);
        }
        self.types_after("with", &declaration.mixins);
        self.types_after("implements", &declaration.interfaces);
        self.indented(|dumper| {
            for value in &declaration.values {
                dumper.line();
                dumper.metadata(&value.metadata);
                let _ = write!(dumper.out, "value {}", value.name.symbol);
                dumper.type_args(&value.type_args);
                if let Some(constructor) = value.constructor {
                    let _ = write!(dumper.out, ".{}", constructor.symbol);
                }
                if let Some(arguments) = &value.arguments {
                    dumper.arguments(arguments);
                }
            }
        });
        self.members(&declaration.members);
    }

    fn primary_constructor(&mut self, constructor: &PrimaryConstructor) {
        if constructor.is_const {
            self.text(" const");
        }
        if let Some(name) = constructor.name {
            let _ = write!(self.out, ".{}", name.symbol);
        }
        self.params(&constructor.params);
    }

    fn members(&mut self, members: &[Member]) {
        self.indented(|dumper| {
            for member in members {
                dumper.line();
                dumper.metadata(&member.metadata);
                dumper.modifiers(member.modifiers);
                dumper.member(&member.kind);
            }
        });
    }

    fn member(&mut self, kind: &MemberKind) {
        match kind {
            MemberKind::Fields(fields) => self.variables(fields),
            MemberKind::Method(method) => self.function(method),
            MemberKind::Constructor(constructor) => {
                self.text("constructor ");
                if let Some(name) = constructor.class_name {
                    self.symbol(name.symbol);
                }
                if let Some(name) = constructor.name {
                    let _ = write!(self.out, ".{}", name.symbol);
                }
                self.params(&constructor.params);
                self.initializers(&constructor.initializers);
                if let Some(redirection) = &constructor.redirection {
                    self.text(" = ");
                    self.constructor(redirection);
                }
                self.body(constructor.body);
            }
            MemberKind::PrimaryConstructorBody(body) => {
                self.text("this");
                self.initializers(&body.initializers);
                self.body(body.body);
            }
        }
    }

    fn initializers(&mut self, initializers: &[Initializer]) {
        for initializer in initializers {
            self.text(" : ");
            match &initializer.kind {
                InitializerKind::Super { name, arguments } => {
                    self.constructor_call("super", *name, arguments);
                }
                InitializerKind::Redirection { name, arguments } => {
                    self.constructor_call("this", *name, arguments);
                }
                InitializerKind::Field { name, value } => {
                    let _ = write!(self.out, "{} = ", name.symbol);
                    self.expr(*value);
                }
                InitializerKind::Assert(assertion) => self.assertion(assertion),
            }
        }
    }

    fn constructor_call(&mut self, word: &str, name: Option<Identifier>, arguments: &Arguments) {
        self.text(word);
        if let Some(name) = name {
            let _ = write!(self.out, ".{}", name.symbol);
        }
        self.arguments(arguments);
    }

    fn function(&mut self, function: &FunctionDeclaration) {
        self.text(match function.kind {
            FunctionKind::Function => "fun ",
            FunctionKind::Getter => "get ",
            FunctionKind::Setter => "set ",
            FunctionKind::Operator => "operator ",
        });
        if let Some(ty) = function.return_type {
            self.ty(ty);
            self.text(" ");
        }
        self.symbol(function.name.symbol);
        self.type_params(&function.type_params);
        if function.kind != FunctionKind::Getter {
            self.params(&function.params);
        }
        self.body(function.body);
    }

    fn body(&mut self, id: BodyId) {
        let body = &self.tree[id];
        self.text(match body.modifier {
            BodyModifier::Sync => "",
            BodyModifier::Async => " async",
            BodyModifier::AsyncStar => " async*",
            BodyModifier::SyncStar => " sync*",
        });
        match &body.kind {
            BodyKind::Empty => self.text(";"),
            BodyKind::Arrow(value) => {
                self.text(" => ");
                self.expr(*value);
            }
            BodyKind::Block(block) => {
                self.text(" ");
                self.stmt(*block);
            }
            BodyKind::Native(name) => {
                let _ = write!(self.out, " native {name:?}");
            }
        }
    }

    fn variables(&mut self, variables: &VariableDeclaration) {
        self.metadata(&variables.metadata);
        if variables.is_late {
            self.text("late ");
        }
        self.text(match variables.keyword {
            VariableKeyword::Var => "var ",
            VariableKeyword::Final => "final ",
            VariableKeyword::Const => "const ",
            VariableKeyword::Type => "",
        });
        if let Some(ty) = variables.ty {
            self.ty(ty);
            self.text(" ");
        }
        self.list(&variables.variables, ", ", |dumper, variable| {
            dumper.symbol(variable.name.symbol);
            if let Some(value) = variable.initializer {
                dumper.text(" = ");
                dumper.expr(value);
            }
        });
    }

    fn type_params(&mut self, params: &[TypeParameter]) {
        if params.is_empty() {
            return;
        }
        self.text("<");
        self.list(params, ", ", |dumper, param| {
            dumper.metadata(&param.metadata);
            dumper.symbol(param.name.symbol);
            if let Some(bound) = param.bound {
                dumper.text(" extends ");
                dumper.ty(bound);
            }
        });
        self.text(">");
    }

    /// Parameters, each optional one in its own brackets.
    fn params(&mut self, params: &[FormalParameter]) {
        self.text("(");
        self.list(params, ", ", |dumper, param| match param.kind {
            ParameterKind::Positional => dumper.param(param),
            ParameterKind::OptionalPositional => {
                dumper.text("[");
                dumper.param(param);
                dumper.text("]");
            }
            ParameterKind::Named => {
                dumper.text("{");
                dumper.param(param);
                dumper.text("}");
            }
        });
        self.text(")");
    }

    fn param(&mut self, param: &FormalParameter) {
        self.metadata(&param.metadata);
        self.text(if param.is_required { "required " } else { "" });
        self.text(if param.is_covariant { "covariant " } else { "" });
        self.text(match param.keyword {
            ParameterKeyword::None => "",
            ParameterKeyword::Var => "var ",
            ParameterKeyword::Final => "final ",
        });
        if let Some(ty) = param.ty {
            self.ty(ty);
            self.text(if param.name.is_some() { " " } else { "" });
        }
        self.text(match param.form {
            ParameterForm::Normal => "",
            ParameterForm::Field => "this.",
            ParameterForm::Super => "super.",
        });
        if let Some(name) = param.name {
            self.symbol(name.symbol);
        }
        if let Some(function) = &param.function {
            self.type_params(&function.type_params);
            self.params(&function.params);
            self.text(if function.is_nullable { "?" } else { "" });
        }
        if let Some(value) = param.default {
            self.text(" = ");
            self.expr(value);
        }
    }

    fn type_args(&mut self, types: &[TypeNodeId]) {
        if !types.is_empty() {
            self.text("<");
            self.list(types, ", ", |dumper, &ty| dumper.ty(ty));
            self.text(">");
        }
    }

    fn ty(&mut self, id: TypeNodeId) {
        let node = &self.tree[id];
        match &node.kind {
            TypeKind::Error => self.text("<error>"),
            TypeKind::Void => self.text("void"),
            TypeKind::Named {
                prefix,
                name,
                type_args,
            } => {
                if let Some(prefix) = prefix {
                    let _ = write!(self.out, "{}.", prefix.symbol);
                }
                self.symbol(name.symbol);
                self.type_args(type_args);
            }
            TypeKind::Function(function) => {
                if let Some(ty) = function.return_type {
                    self.ty(ty);
                    self.text(" ");
                }
                self.text("Function");
                self.type_params(&function.type_params);
                self.params(&function.params);
            }
            TypeKind::Record(record) => {
                self.text("(");
                self.list(&record.positional, "", |dumper, field| {
                    dumper.record_type_field(field);
                    dumper.text(",");
                });
                if !record.named.is_empty() {
                    self.text("{");
                    self.list(&record.named, ", ", Self::record_type_field);
                    self.text("}");
                }
                self.text(")");
            }
        }
        self.text(if node.is_nullable { "?" } else { "" });
    }

    fn record_type_field(&mut self, field: &RecordTypeField) {
        self.ty(field.ty);
        if let Some(name) = field.name {
            let _ = write!(self.out, " {}", name.symbol);
        }
    }

    /// A statement; the statements of a block each on a line.
    fn stmt(&mut self, id: StmtId) {
        match &self.tree[id].kind {
            StmtKind::Error => self.text("<error>"),
            StmtKind::Empty => self.text("empty"),
            StmtKind::Block(statements) => {
                self.text("{");
                self.indented(|dumper| {
                    for &statement in statements {
                        dumper.line();
                        dumper.stmt(statement);
                    }
                });
                self.text("}");
            }
            StmtKind::Expr(expr) => self.expr(*expr),
            StmtKind::Variables(variables) => self.variables(variables),
            StmtKind::PatternVariables(declaration) => self.pattern_variables(declaration),
            StmtKind::LocalFunction(local) => {
                self.metadata(&local.metadata);
                self.function(&local.function);
            }
            StmtKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.text("if ");
                self.condition(condition);
                self.text(" ");
                self.stmt(*then);
                if let Some(otherwise) = otherwise {
                    self.text(" else ");
                    self.stmt(*otherwise);
                }
            }
            StmtKind::For {
                is_await,
                parts,
                body,
            } => {
                self.text(if *is_await { "await for " } else { "for " });
                self.for_parts(parts);
                self.text(" ");
                self.stmt(*body);
            }
            StmtKind::While { condition, body } => {
                self.text("while ");
                self.expr(*condition);
                self.text(" ");
                self.stmt(*body);
            }
            StmtKind::DoWhile { body, condition } => {
                self.text("do ");
                self.stmt(*body);
                self.text(" while ");
                self.expr(*condition);
            }
            StmtKind::Switch { subject, cases } => self.switch(*subject, cases),
            StmtKind::Try(statement) => self.try_(statement),
            StmtKind::Return(value) => self.word_and_expr("return", *value),
            StmtKind::Break(label) => self.word_and_label("break", *label),
            StmtKind::Continue(label) => self.word_and_label("continue", *label),
            StmtKind::Rethrow => self.text("rethrow"),
            StmtKind::Yield(value) => self.word_and_expr("yield", Some(*value)),
            StmtKind::YieldEach(value) => self.word_and_expr("yield*", Some(*value)),
            StmtKind::Assert(assertion) => self.assertion(assertion),
            StmtKind::Labeled { labels, body } => {
                self.names(labels, ": ");
                self.text(": ");
                self.stmt(*body);
            }
        }
    }

    fn word_and_expr(&mut self, word: &str, expr: Option<ExprId>) {
        self.text(word);
        if let Some(expr) = expr {
            self.text(" ");
            self.expr(expr);
        }
    }

    fn word_and_label(&mut self, word: &str, label: Option<Identifier>) {
        self.text(word);
        if let Some(label) = label {
            let _ = write!(self.out, " {}", label.symbol);
        }
    }

    fn pattern_variables(&mut self, declaration: &PatternVariableDeclaration) {
        self.metadata(&declaration.metadata);
        self.pattern_keyword(Some(declaration.keyword));
        self.pattern(declaration.pattern);
        self.text(" = ");
        self.expr(declaration.value);
    }

    fn switch(&mut self, subject: ExprId, cases: &[SwitchCase]) {
        self.text("switch ");
        self.expr(subject);
        self.indented(|dumper| {
            for case in cases {
                dumper.line();
                for label in &case.labels {
                    let _ = write!(dumper.out, "{}: ", label.symbol);
                }
                match &case.pattern {
                    Some(pattern) => {
                        dumper.text("case ");
                        dumper.guarded_pattern(pattern);
                    }
                    None => dumper.text("default"),
                }
                dumper.indented(|dumper| {
                    for &statement in &case.body {
                        dumper.line();
                        dumper.stmt(statement);
                    }
                });
            }
        });
    }

    fn try_(&mut self, statement: &TryStatement) {
        self.text("try ");
        self.stmt(statement.body);
        for clause in &statement.catches {
            if let Some(ty) = clause.ty {
                self.text(" on ");
                self.ty(ty);
            }
            if let Some(exception) = clause.exception {
                let _ = write!(self.out, " catch {}", exception.symbol);
            }
            if let Some(stack_trace) = clause.stack_trace {
                let _ = write!(self.out, ", {}", stack_trace.symbol);
            }
            self.text(" ");
            self.stmt(clause.body);
        }
        if let Some(finally) = statement.finally {
            self.text(" finally ");
            self.stmt(finally);
        }
    }

    fn assertion(&mut self, assertion: &Assertion) {
        self.text("assert ");
        self.expr(assertion.condition);
        if let Some(message) = assertion.message {
            self.text(", ");
            self.expr(message);
        }
    }
}
