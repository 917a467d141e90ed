//! Patterns.

use super::Parser;
use super::directive::is_string;
use crate::ast::{
    ExprKind, Identifier, ListPatternElement, MapPatternEntry, PatternField, PatternId,
    PatternKeyword, PatternKind, TypeNodeId, UnaryOp, VariablePattern,
};
use crate::symbol::sym;
use crate::token::TokenKind;

/// Where a pattern stands, which decides what a bare name means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PatternContext {
    /// After `case` and in a switch expression: a constant.
    Matching,
    /// After `var` or `final`: a new variable.
    Declaration,
    /// Left of `=`: a variable that exists.
    Assignment,
}

impl Parser<'_> {
    /// `pattern`.
    pub(super) fn pattern(&mut self, context: PatternContext) -> PatternId {
        self.nested(|parser| parser.logical_or_pattern(context))
    }

    /// `logicalOrPattern`.
    fn logical_or_pattern(&mut self, context: PatternContext) -> PatternId {
        let start = self.current.start;
        let mut left = self.logical_and_pattern(context);
        let mut links = 0;
        while self.eat(TokenKind::PipePipe) {
            self.count_link(&mut links);
            let right = self.logical_and_pattern(context);
            left = self.pattern_node(start, PatternKind::LogicalOr(left, right));
        }
        left
    }

    /// `logicalAndPattern`.
    fn logical_and_pattern(&mut self, context: PatternContext) -> PatternId {
        let start = self.current.start;
        let mut left = self.relational_pattern(context);
        let mut links = 0;
        while self.eat(TokenKind::AmpAmp) {
            self.count_link(&mut links);
            let right = self.relational_pattern(context);
            left = self.pattern_node(start, PatternKind::LogicalAnd(left, right));
        }
        left
    }

    /// `relationalPattern`.
    fn relational_pattern(&mut self, context: PatternContext) -> PatternId {
        let start = self.current.start;
        let is_list = self.at(TokenKind::Lt) && self.at_list_or_map_pattern();
        if !is_list && let Some((op, token_count)) = self.comparison_operator() {
            self.move_to(self.pos + token_count);
            let operand = self.bitwise_or_expression();
            return self.pattern_node(start, PatternKind::Relational { op, operand });
        }
        self.unary_pattern(context)
    }

    /// `unaryPattern`: a primary pattern with at most one of `as T`, `?`, `!`.
    fn unary_pattern(&mut self, context: PatternContext) -> PatternId {
        let start = self.current.start;
        let pattern = self.primary_pattern(context);
        let kind = match self.current.kind {
            TokenKind::Question => {
                self.bump();
                PatternKind::NullCheck(pattern)
            }
            TokenKind::Bang => {
                self.bump();
                PatternKind::NullAssert(pattern)
            }
            TokenKind::Keyword if self.at_word(sym::AS) => {
                self.bump();
                let ty = self.type_();
                PatternKind::Cast { pattern, ty }
            }
            _ => return pattern,
        };
        self.pattern_node(start, kind)
    }

    /// `primaryPattern`.
    fn primary_pattern(&mut self, context: PatternContext) -> PatternId {
        match self.current.kind {
            TokenKind::OpenParen if !self.at_typed_variable_pattern() => {
                self.record_or_parenthesized_pattern(context)
            }
            TokenKind::OpenBracket => self.list_pattern(context, Vec::new()),
            TokenKind::OpenBrace => self.map_pattern(context, Vec::new()),
            TokenKind::Lt => self.list_or_map_pattern(context),
            TokenKind::Keyword if matches!(self.word(), sym::VAR | sym::FINAL) => {
                self.keyword_variable_pattern(context)
            }
            TokenKind::Identifier | TokenKind::Keyword | TokenKind::OpenParen => {
                self.name_pattern(context)
            }
            _ => self.constant_pattern(),
        }
    }

    /// Whether a variable with a type stands here.
    fn at_typed_variable_pattern(&self) -> bool {
        self.skip_type(self.pos).is_some_and(|end| {
            self.is_identifier_at(end) && !matches!(self.word_at(end), sym::WHEN | sym::AS)
        })
    }

    /// `var x`, `final x`, `final T x`.
    fn keyword_variable_pattern(&mut self, context: PatternContext) -> PatternId {
        let start = self.current.start;
        let token = self.bump();
        let is_var = token.symbol() == sym::VAR;
        let keyword = if is_var {
            PatternKeyword::Var
        } else {
            PatternKeyword::Final
        };
        if context != PatternContext::Matching {
            let message = format!(
                "'{}' cannot stand inside this pattern; the word before the whole pattern is enough",
                token.symbol()
            );
            self.report("nested-pattern-keyword", token.span(), message);
        }
        let ty = self.at_typed_variable_pattern().then(|| self.type_());
        if let Some(ty) = ty
            && is_var
        {
            let span = self.tree[ty].span;
            let message = "'var' stands instead of a type; remove the one or the other";
            self.report("var-and-type", span, message);
        }
        self.variable_pattern(start, Some(keyword), ty)
    }

    /// The name of a variable pattern.
    fn variable_pattern(
        &mut self,
        start: u32,
        keyword: Option<PatternKeyword>,
        ty: Option<TypeNodeId>,
    ) -> PatternId {
        self.check_pattern_name();
        let name = self.identifier();
        let kind = if name.symbol == sym::UNDERSCORE {
            PatternKind::Wildcard { keyword, ty }
        } else {
            PatternKind::Variable(VariablePattern { keyword, ty, name })
        };
        self.pattern_node(start, kind)
    }

    fn check_pattern_name(&mut self) {
        if matches!(self.word(), sym::WHEN | sym::AS) {
            let message = format!(
                "a variable in a pattern cannot be called '{}'; choose another name",
                self.word()
            );
            self.report("pattern-variable-name", self.current.span(), message);
        }
    }

    /// A pattern that starts with a name: typed variable, object, constant, bare name.
    fn name_pattern(&mut self, context: PatternContext) -> PatternId {
        let start = self.current.start;
        if self.at_typed_variable_pattern() {
            if context == PatternContext::Assignment {
                let message = "a pattern assignment declares no variables; remove the type, or \
                               put 'var' or 'final' before the pattern";
                self.report("pattern-assignment-type", self.current.span(), message);
            }
            let ty = self.type_();
            return self.variable_pattern(start, None, Some(ty));
        }
        let end = self.skip_named_type(self.pos);
        if end.is_some_and(|end| self.kind_at(end) == TokenKind::OpenParen) {
            return self.object_pattern(context);
        }
        let is_bare = self.at_identifier() && self.nth(1) != TokenKind::Dot;
        if is_bare {
            self.identifier_pattern(context)
        } else {
            self.constant_pattern()
        }
    }

    /// `identifierPattern`.
    fn identifier_pattern(&mut self, context: PatternContext) -> PatternId {
        let start = self.current.start;
        if self.current.symbol() == sym::UNDERSCORE {
            self.bump();
            let kind = PatternKind::Wildcard {
                keyword: None,
                ty: None,
            };
            return self.pattern_node(start, kind);
        }
        self.check_pattern_name();
        let name = self.identifier();
        let kind = match context {
            PatternContext::Matching => {
                let constant = self.expr(start, ExprKind::Identifier(name.symbol));
                PatternKind::Constant(constant)
            }
            PatternContext::Declaration => PatternKind::Variable(VariablePattern {
                keyword: None,
                ty: None,
                name,
            }),
            PatternContext::Assignment => PatternKind::AssignedVariable(name),
        };
        self.pattern_node(start, kind)
    }

    /// `constantPattern`.
    fn constant_pattern(&mut self) -> PatternId {
        let start = self.current.start;
        let value = match self.current.kind {
            TokenKind::Int
            | TokenKind::HexInt
            | TokenKind::Double
            | TokenKind::Hash
            | TokenKind::Identifier => self.constant_pattern_primary(),
            kind if is_string(kind) => self.primary(),
            TokenKind::Minus => {
                self.bump();
                if !matches!(
                    self.current.kind,
                    TokenKind::Int | TokenKind::HexInt | TokenKind::Double
                ) {
                    self.expected("a number after '-' (other constants need 'const (…)')");
                }
                let operand = self.primary();
                self.expr(
                    start,
                    ExprKind::Unary {
                        op: UnaryOp::Negate,
                        operand,
                    },
                )
            }
            TokenKind::Dot => self.static_member_shorthand(start, false),
            TokenKind::Keyword if matches!(self.word(), sym::NULL | sym::TRUE | sym::FALSE) => {
                self.primary()
            }
            TokenKind::Keyword
                if self.at_word(sym::CONST) && self.nth(1) == TokenKind::OpenParen =>
            {
                self.bump();
                self.record_or_parenthesized(start, true)
            }
            TokenKind::Keyword if self.at_word(sym::CONST) => self.primary(),
            TokenKind::Keyword if self.at_identifier() => self.constant_pattern_primary(),
            _ => {
                self.expected("a pattern");
                return self.pattern_node(start, PatternKind::Error);
            }
        };
        self.pattern_node(start, PatternKind::Constant(value))
    }

    /// A literal, or a name with up to two more after points.
    fn constant_pattern_primary(&mut self) -> crate::ast::ExprId {
        let start = self.current.start;
        let mut value = self.primary();
        let mut count = 1;
        while count < 3 && self.at(TokenKind::Dot) {
            self.bump();
            let name = self.identifier_or_new();
            let kind = ExprKind::Property {
                receiver: value,
                name,
                is_null_aware: false,
            };
            value = self.expr(start, kind);
            count += 1;
        }
        value
    }

    /// `(`: `parenthesizedPattern` or `recordPattern`.
    fn record_or_parenthesized_pattern(&mut self, context: PatternContext) -> PatternId {
        let start = self.bump().start;
        let mut has_comma = false;
        let fields = self.comma_list(TokenKind::CloseParen, |parser| {
            let field = parser.pattern_field(context);
            has_comma |= parser.at(TokenKind::Comma);
            field
        });
        match fields.as_slice() {
            [field] if field.name.is_none() && !has_comma => {
                let inner = field.pattern;
                self.pattern_node(start, PatternKind::Parenthesized(inner))
            }
            _ => self.pattern_node(start, PatternKind::Record(fields)),
        }
    }

    /// `patternField`.
    fn pattern_field(&mut self, context: PatternContext) -> PatternField {
        let start = self.current.start;
        if self.eat(TokenKind::Colon) {
            let pattern = self.pattern(context);
            let name = self.implied_field_name(pattern);
            if name.is_none() {
                let message = "the name of this field cannot be inferred; write it before the ':' \
                               or put a variable after it";
                self.report("pattern-field-name", self.span_from(start), message);
            }
            return PatternField {
                span: self.span_from(start),
                name,
                pattern,
            };
        }
        let is_named = self.at_identifier() && self.nth(1) == TokenKind::Colon;
        let name = is_named.then(|| self.identifier());
        if is_named {
            self.bump();
        }
        let pattern = self.pattern(context);
        PatternField {
            span: self.span_from(start),
            name,
            pattern,
        }
    }

    /// The name of the variable in `:var x`, which may stand in `?`, `!`, `as` and parentheses.
    fn implied_field_name(&self, mut pattern: PatternId) -> Option<Identifier> {
        loop {
            pattern = match &self.tree[pattern].kind {
                PatternKind::Variable(variable) => return Some(variable.name),
                PatternKind::AssignedVariable(name) => return Some(*name),
                PatternKind::NullCheck(inner)
                | PatternKind::NullAssert(inner)
                | PatternKind::Parenthesized(inner)
                | PatternKind::Cast { pattern: inner, .. } => *inner,
                _ => return None,
            };
        }
    }

    fn at_list_or_map_pattern(&self) -> bool {
        self.skip_type_arguments(self.pos).is_some_and(|end| {
            matches!(
                self.kind_at(end),
                TokenKind::OpenBracket | TokenKind::OpenBrace
            )
        })
    }

    fn list_or_map_pattern(&mut self, context: PatternContext) -> PatternId {
        let start = self.current.start;
        let type_args = self.maybe_type_arguments();
        let pattern = match self.current.kind {
            TokenKind::OpenBracket => self.list_pattern(context, type_args),
            TokenKind::OpenBrace => self.map_pattern(context, type_args),
            _ => {
                self.expected("'[' or '{' after these type arguments");
                self.pattern_node(start, PatternKind::Error)
            }
        };
        self.tree[pattern].span.start = start;
        pattern
    }

    /// `listPattern`, from the `[` on.
    fn list_pattern(&mut self, context: PatternContext, type_args: Vec<TypeNodeId>) -> PatternId {
        let start = self.bump().start;
        let elements = self.comma_list(TokenKind::CloseBracket, |parser| {
            parser.list_pattern_element(context)
        });
        self.pattern_node(
            start,
            PatternKind::List {
                type_args,
                elements,
            },
        )
    }

    /// `listPatternElement`.
    fn list_pattern_element(&mut self, context: PatternContext) -> ListPatternElement {
        let start = self.current.start;
        if !self.eat(TokenKind::DotDotDot) {
            return ListPatternElement::Pattern(self.pattern(context));
        }
        let is_bare = matches!(
            self.current.kind,
            TokenKind::Comma | TokenKind::CloseBracket
        );
        let pattern = (!is_bare).then(|| self.pattern(context));
        ListPatternElement::Rest {
            span: self.span_from(start),
            pattern,
        }
    }

    /// `mapPattern`, from the `{` on.
    fn map_pattern(&mut self, context: PatternContext, type_args: Vec<TypeNodeId>) -> PatternId {
        let start = self.bump().start;
        let entries = self.comma_list(TokenKind::CloseBrace, |parser| {
            parser.map_pattern_entry(context)
        });
        let pattern = self.pattern_node(start, PatternKind::Map { type_args, entries });
        let is_empty = matches!(&self.tree[pattern].kind, PatternKind::Map { entries, .. } if entries.is_empty());
        if is_empty {
            let span = self.tree[pattern].span;
            let message = "a map pattern has at least one entry; to match any map write 'Map()'";
            self.report("empty-map-pattern", span, message);
        }
        pattern
    }

    /// `mapPatternEntry`.
    fn map_pattern_entry(&mut self, context: PatternContext) -> MapPatternEntry {
        if self.at(TokenKind::DotDotDot) {
            let message = "a map pattern ignores other entries anyway; remove the '...'";
            self.error_here("map-pattern-rest", message);
        }
        let key = self.expression();
        self.expect(TokenKind::Colon);
        let value = self.pattern(context);
        MapPatternEntry { key, value }
    }

    /// `objectPattern`.
    fn object_pattern(&mut self, context: PatternContext) -> PatternId {
        let start = self.current.start;
        let ty = self.type_not_nullable();
        self.expect(TokenKind::OpenParen);
        let fields = self.comma_list(TokenKind::CloseParen, |parser| {
            parser.object_pattern_field(context)
        });
        self.pattern_node(start, PatternKind::Object { ty, fields })
    }

    fn object_pattern_field(&mut self, context: PatternContext) -> PatternField {
        let field = self.pattern_field(context);
        if field.name.is_none() {
            let message =
                "a field of an object pattern needs the name of a getter: 'name: pattern'";
            self.report("pattern-field-name", field.span, message);
        }
        field
    }
}
