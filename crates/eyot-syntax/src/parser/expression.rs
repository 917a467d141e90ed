//! Expressions from assignment down to selectors.

use super::Parser;
use crate::ast::{
    Argument, Arguments, AssignmentOp, BinaryOp, ExprId, ExprKind, IncrementOp, LanguageVersion,
    UnaryOp,
};
use crate::parser::pattern::PatternContext;
use crate::symbol::sym;
use crate::token::TokenKind;

/// Precedences of binary operators, higher binds closer.
mod precedence {
    pub const IF_NULL: u8 = 1;
    pub const LOGICAL_OR: u8 = 2;
    pub const LOGICAL_AND: u8 = 3;
    pub const EQUALITY: u8 = 4;
    pub const RELATIONAL: u8 = 5;
    pub const BITWISE_OR: u8 = 6;
    pub const BITWISE_XOR: u8 = 7;
    pub const BITWISE_AND: u8 = 8;
    pub const SHIFT: u8 = 9;
    pub const ADDITIVE: u8 = 10;
    pub const MULTIPLICATIVE: u8 = 11;
}

/// An operator of adjacent tokens.
struct Operator<T> {
    op: T,
    token_count: usize,
}

impl Parser<'_> {
    /// `expression`.
    pub(super) fn expression(&mut self) -> ExprId {
        self.nested(|parser| parser.expression_with(true))
    }

    /// `expressionWithoutCascade`.
    pub(super) fn expression_without_cascade(&mut self) -> ExprId {
        self.nested(|parser| parser.expression_with(false))
    }

    fn expression_with(&mut self, allows_cascade: bool) -> ExprId {
        let start = self.current.start;
        if self.at_word(sym::THROW) {
            self.bump();
            let value = if allows_cascade {
                self.expression()
            } else {
                self.expression_without_cascade()
            };
            return self.expr(start, ExprKind::Throw(value));
        }
        if self.at_pattern_assignment() {
            return self.pattern_assignment(allows_cascade);
        }
        let left = self.conditional_expression();
        if let Some(operator) = self.assignment_operator() {
            return self.assignment(left, operator, allows_cascade);
        }
        let at_cascade = matches!(
            self.current.kind,
            TokenKind::DotDot | TokenKind::QuestionDotDot
        );
        if at_cascade && allows_cascade {
            self.cascade(left)
        } else {
            left
        }
    }

    /// `patternAssignment`.
    fn pattern_assignment(&mut self, allows_cascade: bool) -> ExprId {
        let start = self.current.start;
        let pattern = self.pattern(PatternContext::Assignment);
        self.expect(TokenKind::Eq);
        let value = if allows_cascade {
            self.expression()
        } else {
            self.expression_without_cascade()
        };
        self.expr(start, ExprKind::PatternAssignment { pattern, value })
    }

    fn assignment(
        &mut self,
        target: ExprId,
        operator: Operator<AssignmentOp>,
        allows_cascade: bool,
    ) -> ExprId {
        self.check_assignable(target);
        self.move_to(self.pos + operator.token_count);
        let value = if allows_cascade {
            self.expression()
        } else {
            self.expression_without_cascade()
        };
        let start = self.start_of(target);
        self.expr(
            start,
            ExprKind::Assignment {
                op: operator.op,
                target,
                value,
            },
        )
    }

    /// Reports a target that is no `assignableExpression`.
    fn check_assignable(&mut self, target: ExprId) {
        let expr = &self.tree[target];
        let is_assignable = match &expr.kind {
            ExprKind::Identifier(_) | ExprKind::Index { .. } | ExprKind::Error => true,
            ExprKind::Property { name, .. } => name.symbol != sym::NEW,
            _ => false,
        };
        if !is_assignable {
            let span = expr.span;
            let message = "this cannot be assigned to; only a variable, a property 'a.b' or an \
                           element 'a[i]' can";
            self.report("not-assignable", span, message);
        }
    }

    /// The assignment operator at the current token.
    fn assignment_operator(&self) -> Option<Operator<AssignmentOp>> {
        let compound = |op| {
            Some(Operator {
                op: AssignmentOp::Compound(op),
                token_count: 1,
            })
        };
        match self.current.kind {
            TokenKind::Eq => Some(Operator {
                op: AssignmentOp::Plain,
                token_count: 1,
            }),
            TokenKind::QuestionQuestionEq => Some(Operator {
                op: AssignmentOp::IfNull,
                token_count: 1,
            }),
            TokenKind::PlusEq => compound(BinaryOp::Add),
            TokenKind::MinusEq => compound(BinaryOp::Subtract),
            TokenKind::StarEq => compound(BinaryOp::Multiply),
            TokenKind::SlashEq => compound(BinaryOp::Divide),
            TokenKind::TildeSlashEq => compound(BinaryOp::IntDivide),
            TokenKind::PercentEq => compound(BinaryOp::Modulo),
            TokenKind::LtLtEq => compound(BinaryOp::ShiftLeft),
            TokenKind::AmpEq => compound(BinaryOp::BitAnd),
            TokenKind::PipeEq => compound(BinaryOp::BitOr),
            TokenKind::CaretEq => compound(BinaryOp::BitXor),
            TokenKind::Gt => {
                let greater_count = self.adjacent_greater_count();
                let op = match greater_count {
                    2 => BinaryOp::ShiftRight,
                    3 => BinaryOp::ShiftRightUnsigned,
                    _ => return None,
                };
                let op = AssignmentOp::Compound(op);
                self.is_greater_then_equals(greater_count)
                    .then_some(Operator {
                        op,
                        token_count: greater_count + 1,
                    })
            }
            _ => None,
        }
    }

    /// How many `>` touch from the current token on, at most three.
    fn adjacent_greater_count(&self) -> usize {
        let mut count = 1;
        while count < 3
            && self.touches_next(self.pos + count - 1)
            && self.nth(count) == TokenKind::Gt
        {
            count += 1;
        }
        count
    }

    fn is_greater_then_equals(&self, count: usize) -> bool {
        self.touches_next(self.pos + count - 1) && self.nth(count) == TokenKind::Eq
    }

    /// `conditionalExpression`.
    fn conditional_expression(&mut self) -> ExprId {
        let condition = self.binary_expression(precedence::IF_NULL);
        if !self.at(TokenKind::Question) {
            return condition;
        }
        self.bump();
        self.context.pending_colons += 1;
        let then = self.expression_without_cascade();
        self.context.pending_colons -= 1;
        self.expect(TokenKind::Colon);
        let otherwise = self.expression_without_cascade();
        let start = self.start_of(condition);
        self.expr(
            start,
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            },
        )
    }

    /// All binary operators from `ifNullExpression` down, by precedence climbing.
    pub(super) fn binary_expression(&mut self, lowest: u8) -> ExprId {
        let mut left = self.unary_expression();
        let mut links = 0;
        // The precedence of an equality or relational operator just taken: those do not chain.
        let mut taken = u8::MAX;
        let mut is_reported = false;
        loop {
            let is_test = self.at_word(sym::IS) || self.at_word(sym::AS);
            let operator = if is_test {
                None
            } else {
                self.binary_operator()
            };
            let level = match &operator {
                Some(operator) => operator_precedence(operator.op),
                None if is_test => precedence::RELATIONAL,
                None => return left,
            };
            if level < lowest {
                return left;
            }
            self.count_link(&mut links);
            let is_chained =
                level == taken && matches!(level, precedence::EQUALITY | precedence::RELATIONAL);
            if is_chained && !is_reported {
                is_reported = true;
                let message = "comparisons and type tests do not chain; put the first one in \
                               parentheses or join two with '&&'";
                self.report("comparison-chain", self.current.span(), message);
            }
            left = match operator {
                Some(operator) => self.binary_rest(left, operator, level),
                None => self.type_test_or_cast(left),
            };
            taken = level;
        }
    }

    fn binary_rest(&mut self, left: ExprId, operator: Operator<BinaryOp>, level: u8) -> ExprId {
        let op_start = self.current.start;
        self.move_to(self.pos + operator.token_count);
        let op_span = self.span_from(op_start);
        let right = self.nested(|parser| parser.binary_expression(level + 1));
        let start = self.start_of(left);
        self.expr(
            start,
            ExprKind::Binary {
                op: operator.op,
                op_span,
                left,
                right,
            },
        )
    }

    /// `typeTest`, `typeCast`.
    fn type_test_or_cast(&mut self, operand: ExprId) -> ExprId {
        let is_cast = self.bump().symbol() == sym::AS;
        let is_negated = !is_cast && self.eat(TokenKind::Bang);
        let ty = self.type_in_test();
        let start = self.start_of(operand);
        let kind = if is_cast {
            ExprKind::As { operand, ty }
        } else {
            ExprKind::Is {
                operand,
                ty,
                is_negated,
            }
        };
        self.expr(start, kind)
    }

    /// The binary operator at the current token; `is` and `as` are not among them.
    fn binary_operator(&self) -> Option<Operator<BinaryOp>> {
        let op = match self.current.kind {
            TokenKind::QuestionQuestion => BinaryOp::IfNull,
            TokenKind::PipePipe => BinaryOp::LogicalOr,
            TokenKind::AmpAmp => BinaryOp::LogicalAnd,
            TokenKind::EqEq => BinaryOp::Equals,
            TokenKind::BangEq => BinaryOp::NotEquals,
            TokenKind::Lt => BinaryOp::Less,
            TokenKind::LtEq => BinaryOp::LessEquals,
            TokenKind::Pipe => BinaryOp::BitOr,
            TokenKind::Caret => BinaryOp::BitXor,
            TokenKind::Amp => BinaryOp::BitAnd,
            TokenKind::LtLt => BinaryOp::ShiftLeft,
            TokenKind::Plus => BinaryOp::Add,
            TokenKind::Minus => BinaryOp::Subtract,
            TokenKind::Star => BinaryOp::Multiply,
            TokenKind::Slash => BinaryOp::Divide,
            TokenKind::TildeSlash => BinaryOp::IntDivide,
            TokenKind::Percent => BinaryOp::Modulo,
            TokenKind::Gt => return self.greater_operator(),
            _ => return None,
        };
        Some(Operator { op, token_count: 1 })
    }

    /// `>`, `>=`, `>>` or `>>>`; none for `>>=` and `>>>=`.
    fn greater_operator(&self) -> Option<Operator<BinaryOp>> {
        let count = self.adjacent_greater_count();
        let has_equals = self.is_greater_then_equals(count);
        let (op, token_count) = match (count, has_equals) {
            (1, true) => (BinaryOp::GreaterEquals, 2),
            (1, false) => (BinaryOp::Greater, 1),
            (2, false) => (BinaryOp::ShiftRight, 2),
            (3, false) => (BinaryOp::ShiftRightUnsigned, 3),
            _ => return None,
        };
        Some(Operator { op, token_count })
    }

    /// The relational or equality operator a pattern starts with, and its number of tokens.
    pub(super) fn comparison_operator(&self) -> Option<(BinaryOp, usize)> {
        let operator = self.binary_operator()?;
        let level = operator_precedence(operator.op);
        let is_comparison = matches!(level, precedence::EQUALITY | precedence::RELATIONAL);
        is_comparison.then_some((operator.op, operator.token_count))
    }

    /// `bitwiseOrExpression`.
    pub(super) fn bitwise_or_expression(&mut self) -> ExprId {
        self.nested(|parser| parser.binary_expression(precedence::BITWISE_OR))
    }

    /// `unaryExpression`.
    fn unary_expression(&mut self) -> ExprId {
        let start = self.current.start;
        let op = match self.current.kind {
            TokenKind::Minus => UnaryOp::Negate,
            TokenKind::Bang => UnaryOp::Not,
            TokenKind::Tilde => UnaryOp::BitNot,
            TokenKind::PlusPlus | TokenKind::MinusMinus => return self.prefix_increment(),
            TokenKind::Keyword if self.at_word(sym::AWAIT) => return self.await_or_name(),
            _ => return self.postfix_expression(),
        };
        self.bump();
        let operand = self.nested(|parser| parser.unary_expression());
        self.expr(start, ExprKind::Unary { op, operand })
    }

    fn prefix_increment(&mut self) -> ExprId {
        let token = self.bump();
        let is_increment = token.kind == TokenKind::PlusPlus;
        let op = if is_increment {
            IncrementOp::Increment
        } else {
            IncrementOp::Decrement
        };
        let operand = self.nested(|parser| parser.unary_expression());
        self.check_assignable(operand);
        self.expr(token.start, ExprKind::Prefix { op, operand })
    }

    /// `awaitExpression`, or the name `await`. Outside of asynchronous bodies it is a name, but a
    /// name just before another one is no expression, so there `await` is meant.
    fn await_or_name(&mut self) -> ExprId {
        let next = self.token_at(self.pos + 1);
        let is_before_name = self.is_identifier(next) && self.word_at(self.pos + 1) != sym::AS;
        if !self.context.is_async {
            if !self.context.is_marked_body && !is_before_name {
                return self.postfix_expression();
            }
            let message = "'await' needs an asynchronous function; mark its body 'async'";
            self.report("await-outside-async", self.current.span(), message);
        }
        let start = self.bump().start;
        let operand = self.nested(|parser| parser.unary_expression());
        self.expr(start, ExprKind::Await(operand))
    }

    /// `postfixExpression`.
    fn postfix_expression(&mut self) -> ExprId {
        let primary = self.primary();
        let operand = self.selectors(primary);
        let op = match self.current.kind {
            TokenKind::PlusPlus => IncrementOp::Increment,
            TokenKind::MinusMinus => IncrementOp::Decrement,
            _ => return operand,
        };
        self.check_assignable(operand);
        self.bump();
        let start = self.start_of(operand);
        self.expr(start, ExprKind::Postfix { op, operand })
    }

    /// `selector*`.
    fn selectors(&mut self, mut expr: ExprId) -> ExprId {
        let mut links = 0;
        while let Some(next) = self.maybe_selector(expr) {
            self.count_link(&mut links);
            expr = next;
        }
        expr
    }

    /// `selector`, applied to `operand`.
    fn maybe_selector(&mut self, operand: ExprId) -> Option<ExprId> {
        let start = self.start_of(operand);
        match self.current.kind {
            TokenKind::Dot | TokenKind::QuestionDot => {
                let is_null_aware = self.bump().kind == TokenKind::QuestionDot;
                let name = self.identifier_or_new();
                let kind = ExprKind::Property {
                    receiver: operand,
                    name,
                    is_null_aware,
                };
                Some(self.expr(start, kind))
            }
            TokenKind::OpenParen => {
                let arguments = Box::new(self.arguments());
                Some(self.expr(
                    start,
                    ExprKind::Call {
                        callee: operand,
                        arguments,
                    },
                ))
            }
            TokenKind::OpenBracket => Some(self.index_selector(operand, false)),
            TokenKind::Question if self.at_null_aware_index() => {
                self.bump();
                Some(self.index_selector(operand, true))
            }
            TokenKind::Bang => {
                self.bump();
                Some(self.expr(start, ExprKind::NullAssert(operand)))
            }
            TokenKind::Lt if self.is_type_arguments_selector(self.pos) => {
                Some(self.type_arguments_selector(operand))
            }
            _ => None,
        }
    }

    fn at_null_aware_index(&self) -> bool {
        self.nth(1) == TokenKind::OpenBracket && !self.is_conditional_rest(self.pos + 1)
    }

    fn index_selector(&mut self, receiver: ExprId, is_null_aware: bool) -> ExprId {
        let start = self.start_of(receiver);
        let open_pos = self.pos;
        self.bump();
        let index = self.bracketed(|parser| parser.expression());
        self.close_bracket(open_pos, TokenKind::CloseBracket);
        self.expr(
            start,
            ExprKind::Index {
                receiver,
                index,
                is_null_aware,
            },
        )
    }

    fn type_arguments_selector(&mut self, operand: ExprId) -> ExprId {
        let start = self.start_of(operand);
        let open = self.current.start;
        let type_args = self.maybe_type_arguments();
        if !self.at(TokenKind::OpenParen) {
            return self.expr(start, ExprKind::Instantiation { operand, type_args });
        }
        let mut arguments = self.arguments();
        arguments.type_args = type_args;
        arguments.span.start = open;
        let arguments = Box::new(arguments);
        self.expr(
            start,
            ExprKind::Call {
                callee: operand,
                arguments,
            },
        )
    }

    /// `arguments`.
    pub(super) fn arguments(&mut self) -> Arguments {
        let start = self.current.start;
        let mut args = Vec::new();
        if self.expect(TokenKind::OpenParen) {
            args = self.comma_list(TokenKind::CloseParen, |parser| parser.argument());
        }
        if self.version < LanguageVersion::new(2, 17) {
            self.check_argument_order(&args);
        }
        Arguments {
            span: self.span_from(start),
            type_args: Vec::new(),
            args,
        }
    }

    /// Before 2.17 arguments by position come first.
    fn check_argument_order(&mut self, args: &[Argument]) {
        let behind = args.iter().skip_while(|argument| argument.name.is_none());
        let late = behind.filter(|argument| argument.name.is_none());
        for argument in late {
            let message = "arguments without a name come before those with one until language version 2.17; move this one";
            self.report("argument-order", self.tree[argument.value].span, message);
        }
    }

    /// An argument, by position or by name; also a field of a record.
    pub(super) fn argument(&mut self) -> Argument {
        let is_named = self.is_word_at(self.pos) && self.nth(1) == TokenKind::Colon;
        let name = is_named.then(|| self.identifier());
        if is_named {
            self.recovering = self.is_aborted;
            self.expect(TokenKind::Colon);
        }
        let value = self.expression();
        Argument { name, value }
    }

    /// `cascade`, after its receiver.
    fn cascade(&mut self, receiver: ExprId) -> ExprId {
        let is_null_aware = self.at(TokenKind::QuestionDotDot);
        let mut sections = Vec::new();
        let mut links = 0;
        while matches!(
            self.current.kind,
            TokenKind::DotDot | TokenKind::QuestionDotDot
        ) {
            if self.at(TokenKind::QuestionDotDot) && !sections.is_empty() {
                let message =
                    "only the first section of a cascade can start with '?..'; write '..'";
                self.report("cascade-null-aware", self.current.span(), message);
            }
            self.count_link(&mut links);
            sections.push(self.cascade_section());
        }
        let start = self.start_of(receiver);
        self.expr(
            start,
            ExprKind::Cascade {
                receiver,
                is_null_aware,
                sections,
            },
        )
    }

    /// `cascadeSection`.
    fn cascade_section(&mut self) -> ExprId {
        let start = self.bump().start;
        let receiver = self.expr(start, ExprKind::CascadeReceiver);
        let selected = if self.at(TokenKind::OpenBracket) {
            self.index_selector(receiver, false)
        } else {
            let name = self.identifier();
            self.expr(
                start,
                ExprKind::Property {
                    receiver,
                    name,
                    is_null_aware: false,
                },
            )
        };
        let target = self.selectors(selected);
        match self.assignment_operator() {
            Some(operator) => self.assignment(target, operator, false),
            None => target,
        }
    }
}

fn operator_precedence(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::IfNull => precedence::IF_NULL,
        BinaryOp::LogicalOr => precedence::LOGICAL_OR,
        BinaryOp::LogicalAnd => precedence::LOGICAL_AND,
        BinaryOp::Equals | BinaryOp::NotEquals => precedence::EQUALITY,
        BinaryOp::Less | BinaryOp::LessEquals | BinaryOp::Greater | BinaryOp::GreaterEquals => {
            precedence::RELATIONAL
        }
        BinaryOp::BitOr => precedence::BITWISE_OR,
        BinaryOp::BitXor => precedence::BITWISE_XOR,
        BinaryOp::BitAnd => precedence::BITWISE_AND,
        BinaryOp::ShiftLeft | BinaryOp::ShiftRight | BinaryOp::ShiftRightUnsigned => {
            precedence::SHIFT
        }
        BinaryOp::Add | BinaryOp::Subtract => precedence::ADDITIVE,
        BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::IntDivide | BinaryOp::Modulo => {
            precedence::MULTIPLICATIVE
        }
    }
}
