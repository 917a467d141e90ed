//! Primary expressions: names, literals, functions, creations.

use super::Parser;
use crate::ast::{
    Argument, BodyId, BodyKind, Creation, ExprId, ExprKind, FunctionExpression, GuardedPattern,
    IntLiteral, RecordLiteral, SwitchExpression, SwitchExpressionCase,
};
use crate::parser::pattern::PatternContext;
use crate::span::Span;
use crate::symbol::{Symbol, sym};
use crate::token::TokenKind;

impl Parser<'_> {
    /// `primary`, or the head of a `staticMemberShorthand`.
    pub(super) fn primary(&mut self) -> ExprId {
        let start = self.current.start;
        match self.current.kind {
            TokenKind::Identifier => {
                let symbol = self.bump().symbol();
                self.expr(start, ExprKind::Identifier(symbol))
            }
            TokenKind::Keyword => self.keyword_primary(),
            TokenKind::Int | TokenKind::HexInt | TokenKind::Double => {
                let kind = self.numeric_literal();
                self.expr(start, kind)
            }
            TokenKind::String | TokenKind::StringBegin => {
                let kind = self.string_literal().into_expr();
                self.expr(start, kind)
            }
            TokenKind::OpenParen => self.parenthesized_or_function(),
            TokenKind::OpenBracket => self.list_literal(start, false, Vec::new()),
            TokenKind::OpenBrace => self.set_or_map_literal(start, false, Vec::new()),
            TokenKind::Lt => self.type_arguments_primary(),
            TokenKind::Hash => self.symbol_literal(),
            TokenKind::Dot => self.static_member_shorthand(start, false),
            TokenKind::QuestionDot if self.shorthand_pos == Some(self.pos) => {
                self.static_member_shorthand(start + 1, false)
            }
            _ => self.no_primary(),
        }
    }

    fn keyword_primary(&mut self) -> ExprId {
        let start = self.current.start;
        let word = self.word();
        let kind = match word {
            sym::NULL => ExprKind::Null,
            sym::TRUE => ExprKind::Bool(true),
            sym::FALSE => ExprKind::Bool(false),
            sym::THIS => ExprKind::This,
            sym::SUPER => return self.super_expression(),
            sym::NEW | sym::CONST => return self.creation_or_constant(),
            sym::SWITCH => return self.switch_expression(),
            sym::THROW => {
                let message = "'throw' cannot be an operand; put it in parentheses";
                self.report("throw-operand", self.current.span(), message);
                self.bump();
                let value = self.nested(|parser| parser.primary());
                return self.expr(start, ExprKind::Throw(value));
            }
            _ if self.at_identifier() => ExprKind::Identifier(word),
            _ => return self.no_primary(),
        };
        self.bump();
        self.expr(start, kind)
    }

    fn no_primary(&mut self) -> ExprId {
        self.expected("an expression");
        self.missing_expression()
    }

    /// An error node where an expression should be. Whoever asks for it has reported why.
    pub(super) fn missing_expression(&mut self) -> ExprId {
        let span = Span::at(self.current.start);
        self.tree.add_expr(crate::ast::Expr {
            span,
            kind: ExprKind::Error,
        })
    }

    /// `super`, which is only the left side of a selector or an operator.
    fn super_expression(&mut self) -> ExprId {
        let token = self.bump();
        let is_alone = matches!(
            self.current.kind,
            TokenKind::Semicolon
                | TokenKind::Comma
                | TokenKind::CloseParen
                | TokenKind::CloseBracket
                | TokenKind::CloseBrace
                | TokenKind::Colon
                | TokenKind::Eq
                | TokenKind::Bang
                | TokenKind::QuestionDot
                | TokenKind::DotDot
                | TokenKind::QuestionDotDot
                | TokenKind::Question
                | TokenKind::QuestionQuestion
                | TokenKind::AmpAmp
                | TokenKind::PipePipe
        );
        let is_operand_of_sign = is_alone && self.pos >= 2 && {
            let before = self.kind_at(self.pos - 2);
            matches!(before, TokenKind::Minus | TokenKind::Tilde)
        };
        if is_alone && !is_operand_of_sign {
            let message =
                "'super' is no object; it stands only before '.', '[', '(' or an operator";
            self.report("super-alone", token.span(), message);
        }
        self.expr(token.start, ExprKind::Super)
    }

    /// `(`: a function, a record or an expression in parentheses.
    fn parenthesized_or_function(&mut self) -> ExprId {
        let start = self.current.start;
        if self.context.allows_function && self.is_function_rest_at(self.pos) {
            return self.function_expression();
        }
        self.record_or_parenthesized(start, false)
    }

    /// From the `(` on.
    pub(super) fn record_or_parenthesized(&mut self, start: u32, is_const: bool) -> ExprId {
        let has_comma = std::cell::Cell::new(false);
        self.bump();
        let fields: Vec<Argument> = self.comma_list(TokenKind::CloseParen, |parser| {
            let field = parser.argument();
            has_comma.set(has_comma.get() || parser.at(TokenKind::Comma));
            field
        });
        match fields.as_slice() {
            [field] if field.name.is_none() && !has_comma.get() => {
                self.expr(start, ExprKind::Parenthesized(field.value))
            }
            _ => {
                let span = self.span_from(start);
                self.check_record_literal(span, &fields);
                self.expr(start, ExprKind::Record(RecordLiteral { is_const, fields }))
            }
        }
    }

    /// `functionExpression`.
    fn function_expression(&mut self) -> ExprId {
        let start = self.current.start;
        let (type_params, params) = self.formal_parameter_part();
        self.refuse_covariant(&params);
        let body = self.function_expression_body();
        let function = FunctionExpression {
            type_params,
            params,
            body,
        };
        self.expr(start, ExprKind::Function(Box::new(function)))
    }

    /// `functionExpressionBody`.
    fn function_expression_body(&mut self) -> BodyId {
        let start = self.current.start;
        let modifier = self.body_modifier();
        if self.at(TokenKind::OpenBrace) {
            return self.nested(|parser| parser.block_body(start, modifier));
        }
        self.check_arrow_body(modifier);
        self.expect(TokenKind::Arrow);
        let saved = self.enter_body(modifier);
        let value = self.expression();
        self.context = saved;
        self.body(start, modifier, BodyKind::Arrow(value))
    }

    /// `<`: a generic function, or a collection with type arguments.
    fn type_arguments_primary(&mut self) -> ExprId {
        let start = self.current.start;
        let end = self.skip_type_parameters(self.pos);
        if end.is_some_and(|end| self.kind_at(end) == TokenKind::OpenParen) {
            return self.function_expression();
        }
        let type_args = self.maybe_type_arguments();
        self.collection_after_type_arguments(start, false, type_args)
    }

    fn collection_after_type_arguments(
        &mut self,
        start: u32,
        is_const: bool,
        type_args: Vec<crate::ast::TypeNodeId>,
    ) -> ExprId {
        match self.current.kind {
            TokenKind::OpenBracket => self.list_literal(start, is_const, type_args),
            TokenKind::OpenBrace => self.set_or_map_literal(start, is_const, type_args),
            _ => {
                self.expected("'[' or '{' after these type arguments");
                self.missing_expression()
            }
        }
    }

    /// `newExpression`, or what `const` starts.
    fn creation_or_constant(&mut self) -> ExprId {
        let token = self.bump();
        let is_const = token.symbol() == sym::CONST;
        if is_const {
            match self.current.kind {
                TokenKind::OpenBracket => return self.list_literal(token.start, true, Vec::new()),
                TokenKind::OpenBrace => {
                    return self.set_or_map_literal(token.start, true, Vec::new());
                }
                TokenKind::Lt => {
                    let type_args = self.maybe_type_arguments();
                    return self.collection_after_type_arguments(token.start, true, type_args);
                }
                TokenKind::OpenParen => return self.constant_record(token.start),
                TokenKind::Dot => return self.constant_shorthand(token.start),
                _ => {}
            }
        }
        let constructor = self.constructor_designation();
        let arguments = self.arguments();
        let creation = Creation {
            is_const,
            constructor,
            arguments,
        };
        self.expr(token.start, ExprKind::Creation(Box::new(creation)))
    }

    /// `const (a, b)`, after `const`.
    fn constant_record(&mut self, start: u32) -> ExprId {
        let record = self.record_or_parenthesized(start, true);
        if matches!(self.tree[record].kind, ExprKind::Parenthesized(_)) {
            let message = "a constant record with one field needs a comma after it: 'const (e,)'";
            self.report("record-comma", self.end_of_previous(), message);
        }
        record
    }

    /// `const .name(…)`, after `const`.
    fn constant_shorthand(&mut self, start: u32) -> ExprId {
        let callee = self.static_member_shorthand(start, true);
        let arguments = Box::new(self.arguments());
        self.expr(start, ExprKind::Call { callee, arguments })
    }

    /// `staticMemberShorthandHead` without arguments.
    pub(super) fn static_member_shorthand(&mut self, start: u32, is_const: bool) -> ExprId {
        self.bump();
        let name = self.identifier_or_new();
        self.expr(start, ExprKind::DotShorthand { name, is_const })
    }

    /// `symbolLiteral`.
    pub(super) fn symbol_literal(&mut self) -> ExprId {
        let start = self.bump().start;
        if let Some((symbol, count)) = self.operator_at(self.pos) {
            self.move_to(self.pos + count);
            return self.expr(start, ExprKind::SymbolLiteral(symbol));
        }
        if self.eat_word(sym::VOID) {
            return self.expr(start, ExprKind::SymbolLiteral(sym::VOID));
        }
        let first = self.identifier().symbol;
        if !self.at(TokenKind::Dot) {
            return self.expr(start, ExprKind::SymbolLiteral(first));
        }
        let mut text = first.as_str().to_string();
        while self.at(TokenKind::Dot) && self.is_identifier_at(self.pos + 1) {
            self.bump();
            text.push('.');
            text.push_str(self.identifier().symbol.as_str());
        }
        self.expr(start, ExprKind::SymbolLiteral(Symbol::intern(&text)))
    }

    /// `numericLiteral`.
    pub(super) fn numeric_literal(&mut self) -> ExprKind {
        let token = self.bump();
        let text = self.source.get(token.span().range()).unwrap_or_default();
        let digits = if text.contains('_') {
            std::borrow::Cow::Owned(text.replace('_', ""))
        } else {
            std::borrow::Cow::Borrowed(text)
        };
        match token.kind {
            TokenKind::HexInt => {
                let digits = digits.get(2..).unwrap_or_default();
                let as_double = hex_to_double(digits);
                let value = u64::from_str_radix(digits, 16).ok();
                ExprKind::Int(IntLiteral {
                    value,
                    as_double,
                    is_exact_double: is_exact_hex(digits),
                    is_hex: true,
                })
            }
            TokenKind::Int => {
                let value = digits.parse().ok();
                let as_double = digits.parse().unwrap_or(f64::INFINITY);
                ExprKind::Int(IntLiteral {
                    value,
                    as_double,
                    is_exact_double: is_exact_decimal(&digits, as_double),
                    is_hex: false,
                })
            }
            // What the lexer has reported may not parse.
            _ => ExprKind::Double(digits.parse().unwrap_or(f64::NAN)),
        }
    }

    /// `switchExpression`.
    fn switch_expression(&mut self) -> ExprId {
        let start = self.bump().start;
        let subject = if self.expect(TokenKind::OpenParen) {
            self.in_parentheses(|parser| parser.expression())
        } else {
            self.missing_expression()
        };
        let mut cases = Vec::new();
        if self.expect(TokenKind::OpenBrace) {
            cases = self.comma_list(TokenKind::CloseBrace, |parser| {
                parser.switch_expression_case()
            });
        }
        self.expr(
            start,
            ExprKind::Switch(Box::new(SwitchExpression { subject, cases })),
        )
    }

    /// `switchExpressionCase`. A guard cannot be a function, or its `=>` would be taken for the one
    /// of the case.
    fn switch_expression_case(&mut self) -> SwitchExpressionCase {
        let start = self.current.start;
        let pattern = self.pattern(PatternContext::Matching);
        let guard = self.eat_word(sym::WHEN).then(|| {
            let saved = self.context;
            self.context.allows_function = false;
            let guard = self.expression();
            self.context = saved;
            guard
        });
        self.expect(TokenKind::Arrow);
        let body = self.expression();
        let pattern = GuardedPattern { pattern, guard };
        SwitchExpressionCase {
            span: self.span_from(start),
            pattern,
            body,
        }
    }
}

/// The double nearest to a number in base 16 of any length.
/// Whether a double has exactly the value of decimal digits.
fn is_exact_decimal(digits: &str, as_double: f64) -> bool {
    // Every integer up to 2^53 is a double.
    digits.len() < 16 || format!("{as_double:.0}") == digits.trim_start_matches('0')
}

/// Whether a double has exactly the value of hexadecimal digits: at most 53 bits from the first one to the last.
fn is_exact_hex(digits: &str) -> bool {
    let bits = digits.chars().filter_map(|c| c.to_digit(16));
    let bits: String = bits.map(|digit| format!("{digit:04b}")).collect();
    let bits = bits.trim_start_matches('0');
    bits.len() <= 1024 && bits.trim_end_matches('0').len() <= 53
}

fn hex_to_double(digits: &str) -> f64 {
    match u64::from_str_radix(digits, 16) {
        Ok(value) => value as f64,
        Err(_) => digits
            .chars()
            .filter_map(|c| c.to_digit(16))
            .fold(0.0, |value, digit| value * 16.0 + f64::from(digit)),
    }
}
