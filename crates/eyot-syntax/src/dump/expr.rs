//! Expressions, patterns and what stands in parentheses of loops, as text.

use std::fmt::Write;

use super::Dumper;
use crate::ast::*;

impl Dumper<'_> {
    pub(super) fn expr(&mut self, id: ExprId) {
        match &self.tree[id].kind {
            ExprKind::Error => self.text("<error>"),
            ExprKind::Null => self.text("null"),
            ExprKind::Bool(value) => self.text(if *value { "true" } else { "false" }),
            ExprKind::Int(literal) => match literal.value {
                Some(value) => self.text(&value.to_string()),
                None => {
                    let _ = write!(self.out, "huge:{:?}", literal.as_double);
                }
            },
            ExprKind::Double(value) => {
                let _ = write!(self.out, "{value:?}");
            }
            ExprKind::String(text) => {
                let _ = write!(self.out, "{text:?}");
            }
            ExprKind::Interpolation(parts) => {
                self.text("(str ");
                self.list(parts, " ", |dumper, part| match part {
                    StringPart::Text(text) => {
                        let _ = write!(dumper.out, "{text:?}");
                    }
                    StringPart::Expr(expr) => dumper.expr(*expr),
                });
                self.text(")");
            }
            ExprKind::SymbolLiteral(symbol) => {
                let _ = write!(self.out, "#{symbol}");
            }
            ExprKind::Identifier(symbol) => self.symbol(*symbol),
            ExprKind::This => self.text("this"),
            ExprKind::Super => self.text("super"),
            ExprKind::CascadeReceiver => self.text("_"),
            ExprKind::Parenthesized(inner) => self.node("paren", &[*inner]),
            ExprKind::NullAssert(inner) => self.node("!", &[*inner]),
            ExprKind::Await(inner) => self.node("await", &[*inner]),
            ExprKind::Throw(inner) => self.node("throw", &[*inner]),
            ExprKind::Record(record) => {
                self.text(if record.is_const {
                    "(const-record "
                } else {
                    "(record "
                });
                self.list(&record.fields, " ", Self::argument);
                self.text(")");
            }
            ExprKind::List(literal) => self.collection("list", literal),
            ExprKind::SetOrMap(literal) => self.collection("set-or-map", literal),
            ExprKind::Property {
                receiver,
                name,
                is_null_aware,
            } => {
                self.expr(*receiver);
                let point = if *is_null_aware { "?." } else { "." };
                let _ = write!(self.out, "{point}{}", name.symbol);
            }
            ExprKind::Call { callee, arguments } => {
                self.text("(call ");
                self.expr(*callee);
                self.arguments(arguments);
                self.text(")");
            }
            ExprKind::Instantiation { operand, type_args } => {
                self.text("(inst ");
                self.expr(*operand);
                self.type_args(type_args);
                self.text(")");
            }
            ExprKind::Index {
                receiver,
                index,
                is_null_aware,
            } => {
                self.node(
                    if *is_null_aware { "?[]" } else { "[]" },
                    &[*receiver, *index],
                );
            }
            ExprKind::Cascade {
                receiver,
                is_null_aware,
                sections,
            } => {
                self.text(if *is_null_aware { "(?.. " } else { "(.. " });
                self.expr(*receiver);
                for &section in sections {
                    self.text(" ");
                    self.expr(section);
                }
                self.text(")");
            }
            ExprKind::Assignment { op, target, value } => {
                let operator = match op {
                    AssignmentOp::Plain => "=".to_string(),
                    AssignmentOp::IfNull => "??=".to_string(),
                    AssignmentOp::Compound(op) => format!("{}=", op.text()),
                };
                self.node(&operator, &[*target, *value]);
            }
            ExprKind::PatternAssignment { pattern, value } => {
                self.text("(pattern= ");
                self.pattern(*pattern);
                self.text(" ");
                self.expr(*value);
                self.text(")");
            }
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => {
                self.node("?:", &[*condition, *then, *otherwise]);
            }
            ExprKind::Binary {
                op, left, right, ..
            } => self.node(op.text(), &[*left, *right]),
            ExprKind::Unary { op, operand } => {
                let operator = match op {
                    UnaryOp::Negate => "neg",
                    UnaryOp::Not => "not",
                    UnaryOp::BitNot => "~",
                };
                self.node(operator, &[*operand]);
            }
            ExprKind::Prefix { op, operand } => {
                self.node(&format!("pre{}", increment(*op)), &[*operand]);
            }
            ExprKind::Postfix { op, operand } => {
                self.node(&format!("post{}", increment(*op)), &[*operand]);
            }
            ExprKind::Is {
                operand,
                ty,
                is_negated,
            } => {
                self.test(if *is_negated { "is!" } else { "is" }, *operand, *ty);
            }
            ExprKind::As { operand, ty } => self.test("as", *operand, *ty),
            ExprKind::Function(function) => {
                self.text("(fun ");
                self.type_params(&function.type_params);
                self.params(&function.params);
                self.body(function.body);
                self.text(")");
            }
            ExprKind::Creation(creation) => {
                self.text(if creation.is_const {
                    "(const "
                } else {
                    "(new "
                });
                self.constructor(&creation.constructor);
                self.arguments(&creation.arguments);
                self.text(")");
            }
            ExprKind::DotShorthand { name, is_const } => {
                self.text(if *is_const { "const ." } else { "." });
                self.symbol(name.symbol);
            }
            ExprKind::Switch(switch) => {
                self.text("(switch ");
                self.expr(switch.subject);
                for case in &switch.cases {
                    self.text(", ");
                    self.guarded_pattern(&case.pattern);
                    self.text(" => ");
                    self.expr(case.body);
                }
                self.text(")");
            }
        }
    }

    fn node(&mut self, word: &str, children: &[ExprId]) {
        let _ = write!(self.out, "({word}");
        for &child in children {
            self.text(" ");
            self.expr(child);
        }
        self.text(")");
    }

    fn test(&mut self, word: &str, operand: ExprId, ty: TypeNodeId) {
        let _ = write!(self.out, "({word} ");
        self.expr(operand);
        self.text(" ");
        self.ty(ty);
        self.text(")");
    }

    fn collection(&mut self, word: &str, literal: &CollectionLiteral) {
        let constant = if literal.is_const { "const-" } else { "" };
        let _ = write!(self.out, "({constant}{word}");
        self.type_args(&literal.type_args);
        for element in &literal.elements {
            self.text(" ");
            self.element(element);
        }
        self.text(")");
    }

    fn element(&mut self, element: &CollectionElement) {
        match &element.kind {
            ElementKind::Expr(expr) => self.expr(*expr),
            ElementKind::NullAware(expr) => self.maybe_null_aware(*expr, true),
            ElementKind::MapEntry {
                key,
                is_key_null_aware,
                value,
                is_value_null_aware,
            } => {
                self.maybe_null_aware(*key, *is_key_null_aware);
                self.text(": ");
                self.maybe_null_aware(*value, *is_value_null_aware);
            }
            ElementKind::Spread {
                expr,
                is_null_aware,
            } => {
                self.text(if *is_null_aware { "...?" } else { "..." });
                self.expr(*expr);
            }
            ElementKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.text("(if ");
                self.condition(condition);
                self.text(" ");
                self.element(then);
                if let Some(otherwise) = otherwise {
                    self.text(" else ");
                    self.element(otherwise);
                }
                self.text(")");
            }
            ElementKind::For {
                is_await,
                parts,
                body,
            } => {
                self.text(if *is_await { "(await for " } else { "(for " });
                self.for_parts(parts);
                self.text(" ");
                self.element(body);
                self.text(")");
            }
        }
    }

    fn maybe_null_aware(&mut self, expr: ExprId, is_null_aware: bool) {
        self.text(if is_null_aware { "?" } else { "" });
        self.expr(expr);
    }

    pub(super) fn condition(&mut self, condition: &Condition) {
        self.expr(condition.expr);
        if let Some(case) = &condition.case {
            self.text(" case ");
            self.guarded_pattern(case);
        }
    }

    pub(super) fn guarded_pattern(&mut self, guarded: &GuardedPattern) {
        self.pattern(guarded.pattern);
        if let Some(guard) = guarded.guard {
            self.text(" when ");
            self.expr(guard);
        }
    }

    pub(super) fn for_parts(&mut self, parts: &ForParts) {
        match parts {
            ForParts::Loop {
                init,
                condition,
                updates,
            } => {
                self.text("[");
                match init {
                    ForInit::None => {}
                    ForInit::Variables(variables) => self.variables(variables),
                    ForInit::Pattern(declaration) => self.pattern_variables(declaration),
                    ForInit::Expr(expr) => self.expr(*expr),
                }
                self.text("; ");
                if let Some(condition) = condition {
                    self.expr(*condition);
                }
                self.text("; ");
                self.list(updates, ", ", |dumper, &update| dumper.expr(update));
                self.text("]");
            }
            ForParts::In { binding, iterable } => {
                self.text("[");
                self.for_binding(binding);
                self.text(" in ");
                self.expr(*iterable);
                self.text("]");
            }
        }
    }

    fn for_binding(&mut self, binding: &ForBinding) {
        match binding {
            ForBinding::Identifier(name) => self.symbol(name.symbol),
            ForBinding::Variable {
                metadata,
                keyword,
                ty,
                name,
                ..
            } => {
                self.metadata(metadata);
                self.text(match keyword {
                    VariableKeyword::Var => "var ",
                    VariableKeyword::Final => "final ",
                    VariableKeyword::Const => "const ",
                    VariableKeyword::Type => "",
                });
                if let Some(ty) = ty {
                    self.ty(*ty);
                    self.text(" ");
                }
                self.symbol(name.symbol);
            }
            ForBinding::Pattern {
                metadata,
                keyword,
                pattern,
            } => {
                self.metadata(metadata);
                self.pattern_keyword(Some(*keyword));
                self.pattern(*pattern);
            }
        }
    }

    pub(super) fn arguments(&mut self, arguments: &Arguments) {
        self.type_args(&arguments.type_args);
        self.text("(");
        self.list(&arguments.args, ", ", Self::argument);
        self.text(")");
    }

    fn argument(&mut self, argument: &Argument) {
        if let Some(name) = argument.name {
            let _ = write!(self.out, "{}: ", name.symbol);
        }
        self.expr(argument.value);
    }

    pub(super) fn constructor(&mut self, constructor: &ConstructorDesignation) {
        self.names(&constructor.path, ".");
        self.type_args(&constructor.type_args);
        if let Some(name) = constructor.name {
            let _ = write!(self.out, ".{}", name.symbol);
        }
    }

    pub(super) fn pattern_keyword(&mut self, keyword: Option<PatternKeyword>) {
        self.text(match keyword {
            None => "",
            Some(PatternKeyword::Var) => "var ",
            Some(PatternKeyword::Final) => "final ",
        });
    }

    pub(super) fn pattern(&mut self, id: PatternId) {
        match &self.tree[id].kind {
            PatternKind::Error => self.text("<error>"),
            PatternKind::LogicalOr(left, right) => self.pattern_pair("||", *left, *right),
            PatternKind::LogicalAnd(left, right) => self.pattern_pair("&&", *left, *right),
            PatternKind::Relational { op, operand } => self.node(op.text(), &[*operand]),
            PatternKind::Cast { pattern, ty } => {
                self.text("(as ");
                self.pattern(*pattern);
                self.text(" ");
                self.ty(*ty);
                self.text(")");
            }
            PatternKind::NullCheck(inner) => self.pattern_node("check", *inner),
            PatternKind::NullAssert(inner) => self.pattern_node("assert", *inner),
            PatternKind::Parenthesized(inner) => self.pattern_node("paren", *inner),
            PatternKind::Constant(expr) => self.expr(*expr),
            PatternKind::Variable(variable) => {
                self.text("(bind ");
                self.pattern_keyword(variable.keyword);
                self.pattern_type(variable.ty);
                self.symbol(variable.name.symbol);
                self.text(")");
            }
            PatternKind::Wildcard { keyword, ty } => {
                self.pattern_keyword(*keyword);
                self.pattern_type(*ty);
                self.text("_");
            }
            PatternKind::AssignedVariable(name) => {
                let _ = write!(self.out, "(assign {})", name.symbol);
            }
            PatternKind::List {
                type_args,
                elements,
            } => {
                self.text("(list");
                self.type_args(type_args);
                for element in elements {
                    self.text(" ");
                    match element {
                        ListPatternElement::Pattern(pattern) => self.pattern(*pattern),
                        ListPatternElement::Rest { pattern, .. } => {
                            self.text("...");
                            if let Some(pattern) = pattern {
                                self.pattern(*pattern);
                            }
                        }
                    }
                }
                self.text(")");
            }
            PatternKind::Map { type_args, entries } => {
                self.text("(map");
                self.type_args(type_args);
                for entry in entries {
                    self.text(" ");
                    self.expr(entry.key);
                    self.text(": ");
                    self.pattern(entry.value);
                }
                self.text(")");
            }
            PatternKind::Record(fields) => {
                self.text("(record");
                self.pattern_fields(fields);
            }
            PatternKind::Object { ty, fields } => {
                self.text("(object ");
                self.ty(*ty);
                self.pattern_fields(fields);
            }
        }
    }

    fn pattern_type(&mut self, ty: Option<TypeNodeId>) {
        if let Some(ty) = ty {
            self.ty(ty);
            self.text(" ");
        }
    }

    fn pattern_node(&mut self, word: &str, inner: PatternId) {
        let _ = write!(self.out, "({word} ");
        self.pattern(inner);
        self.text(")");
    }

    fn pattern_pair(&mut self, word: &str, left: PatternId, right: PatternId) {
        let _ = write!(self.out, "({word} ");
        self.pattern(left);
        self.text(" ");
        self.pattern(right);
        self.text(")");
    }

    fn pattern_fields(&mut self, fields: &[PatternField]) {
        for field in fields {
            self.text(" ");
            if let Some(name) = field.name {
                let _ = write!(self.out, "{}: ", name.symbol);
            }
            self.pattern(field.pattern);
        }
        self.text(")");
    }
}

fn increment(op: IncrementOp) -> &'static str {
    match op {
        IncrementOp::Increment => "++",
        IncrementOp::Decrement => "--",
    }
}
