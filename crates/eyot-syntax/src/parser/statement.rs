//! Statements.

use super::Parser;
use crate::ast::{
    Annotation, Assertion, CatchClause, ForParts, FunctionDeclaration, FunctionKind,
    GuardedPattern, Identifier, LanguageVersion, LocalFunction, PatternKeyword, PatternKind,
    PatternVariableDeclaration, StmtId, StmtKind, SwitchCase, TryStatement,
};
use crate::parser::pattern::PatternContext;
use crate::symbol::sym;
use crate::token::TokenKind;

impl Parser<'_> {
    /// `block`.
    pub(super) fn block(&mut self) -> StmtId {
        let start = self.current.start;
        if !self.expect(TokenKind::OpenBrace) {
            return self.stmt(start, StmtKind::Block(Vec::new()));
        }
        let statements =
            self.nested(|parser| parser.statements(|parser| parser.at(TokenKind::CloseBrace)));
        self.recovering = self.is_aborted;
        if !self.eat(TokenKind::CloseBrace) {
            self.expected("'}' to close this block");
        }
        self.stmt(start, StmtKind::Block(statements))
    }

    /// `statements`, until `ends` says so.
    fn statements(&mut self, ends: impl Fn(&Self) -> bool) -> Vec<StmtId> {
        let mut statements = Vec::new();
        while !self.at(TokenKind::Eof) && !ends(self) {
            let before = self.pos;
            statements.push(self.statement());
            self.sync_statement();
            if self.pos == before {
                self.bump();
            }
        }
        statements
    }

    /// `statement`.
    pub(super) fn statement(&mut self) -> StmtId {
        self.nested(|parser| parser.labelled_statement())
    }

    fn labelled_statement(&mut self) -> StmtId {
        let start = self.current.start;
        let labels = self.labels();
        if labels.is_empty() {
            return self.non_labelled_statement();
        }
        let body = self.non_labelled_statement();
        self.stmt(start, StmtKind::Labeled { labels, body })
    }

    /// `label*`.
    fn labels(&mut self) -> Vec<Identifier> {
        let mut labels = Vec::new();
        while self.at_identifier() && self.nth(1) == TokenKind::Colon {
            labels.push(self.identifier());
            self.bump();
        }
        labels
    }

    fn non_labelled_statement(&mut self) -> StmtId {
        match self.current.kind {
            TokenKind::OpenBrace if !self.at_pattern_assignment() => self.block(),
            TokenKind::Semicolon => {
                let start = self.bump().start;
                self.stmt(start, StmtKind::Empty)
            }
            TokenKind::Keyword => self.keyword_statement(),
            TokenKind::At => self.annotated_statement(),
            _ => self.declaration_or_expression_statement(Vec::new()),
        }
    }

    fn keyword_statement(&mut self) -> StmtId {
        match self.word() {
            sym::IF => self.if_statement(),
            sym::FOR => self.for_statement(),
            sym::AWAIT if self.word_at(self.pos + 1) == sym::FOR => self.for_statement(),
            sym::WHILE => self.while_statement(),
            sym::DO => self.do_statement(),
            sym::SWITCH => self.switch_statement(),
            sym::TRY => self.try_statement(),
            sym::RETURN => self.return_statement(),
            sym::BREAK | sym::CONTINUE => self.jump_statement(),
            sym::RETHROW => self.rethrow_statement(),
            sym::YIELD if self.context.is_marked_body => self.yield_statement(),
            sym::ASSERT => self.assert_statement(),
            sym::FUNCTION | sym::LATE | sym::VOID => {
                self.declaration_or_expression_statement(Vec::new())
            }
            sym::ELSE | sym::CATCH | sym::FINALLY | sym::CASE | sym::DEFAULT => {
                self.expected("a statement");
                let start = self.bump().start;
                self.stmt(start, StmtKind::Error)
            }
            _ => self.declaration_or_expression_statement(Vec::new()),
        }
    }

    fn annotated_statement(&mut self) -> StmtId {
        let metadata = self.metadata();
        self.declaration_or_expression_statement(metadata)
    }

    /// `localVariableDeclaration`, `localFunctionDeclaration`, `expressionStatement`.
    fn declaration_or_expression_statement(&mut self, metadata: Vec<Annotation>) -> StmtId {
        let start = self.current.start;
        if self.at_pattern_declaration() {
            return self.pattern_variable_declaration(metadata);
        }
        if self.at_local_function() {
            return self.local_function_declaration(metadata);
        }
        if self.at_variable_declaration(false) {
            let (is_late, keyword) = self.variable_modifiers();
            let variables = self.variables_after_modifiers(metadata, is_late, keyword);
            self.expect_semicolon();
            return self.stmt(start, StmtKind::Variables(Box::new(variables)));
        }
        if !metadata.is_empty() {
            self.expected("a declaration after the annotation");
        }
        self.expression_statement()
    }

    fn expression_statement(&mut self) -> StmtId {
        let start = self.current.start;
        let is_declaration_word = matches!(
            self.word(),
            sym::CLASS | sym::ENUM | sym::TYPEDEF | sym::IMPORT | sym::EXTENSION
        ) && self.is_identifier_at(self.pos + 1);
        if is_declaration_word {
            let message = format!(
                "'{}' declarations stand at the top level of a file; move this one out of the \
                 function",
                self.word()
            );
            self.error_here("misplaced-declaration", message);
            self.bump();
            return self.stmt(start, StmtKind::Error);
        }
        if self.at(TokenKind::Dot) {
            let message = "a statement cannot start with '.'; put the expression in parentheses";
            self.report("leading-dot", self.current.span(), message);
        }
        let expr = self.expression();
        self.expect_semicolon();
        self.stmt(start, StmtKind::Expr(expr))
    }

    /// Whether `var` or `final` with a pattern stands here.
    pub(super) fn at_pattern_declaration(&self) -> bool {
        if !matches!(self.word(), sym::VAR | sym::FINAL) {
            return false;
        }
        let Some(end) = self.outer_pattern_end(self.pos + 1) else {
            return false;
        };
        // `final (int, int) pair = …` is a variable with a record type.
        self.kind_at(end) == TokenKind::Eq || self.word_at(end) == sym::IN
    }

    fn pattern_variable_declaration(&mut self, metadata: Vec<Annotation>) -> StmtId {
        let start = self.current.start;
        let is_final = self.bump().symbol() == sym::FINAL;
        let keyword = if is_final {
            PatternKeyword::Final
        } else {
            PatternKeyword::Var
        };
        let pattern = self.pattern(PatternContext::Declaration);
        self.expect(TokenKind::Eq);
        let value = self.expression();
        self.expect_semicolon();
        let declaration = PatternVariableDeclaration {
            metadata,
            keyword,
            pattern,
            value,
        };
        self.stmt(start, StmtKind::PatternVariables(Box::new(declaration)))
    }

    /// Whether the declaration of a local function stands here.
    fn at_local_function(&self) -> bool {
        let is_nameable = |pos: usize| {
            self.is_identifier_at(pos)
                && matches!(self.kind_at(pos + 1), TokenKind::OpenParen | TokenKind::Lt)
        };
        if is_nameable(self.pos) && self.is_function_rest_at(self.pos + 1) {
            return true;
        }
        let Some(end) = self.skip_type(self.pos) else {
            return false;
        };
        is_nameable(end) && (self.at_word(sym::VOID) || self.is_function_rest_at(end + 1))
    }

    fn local_function_declaration(&mut self, metadata: Vec<Annotation>) -> StmtId {
        let start = self.current.start;
        let has_name_first = self.at_identifier() && self.is_function_rest_at(self.pos + 1);
        let return_type = (!has_name_first).then(|| self.type_());
        let name = self.identifier();
        let (type_params, params) = self.formal_parameter_part();
        self.refuse_covariant(&params);
        let body = self.function_body(false);
        let kind = FunctionKind::Function;
        let function = FunctionDeclaration {
            name,
            kind,
            return_type,
            type_params,
            params,
            body,
        };
        let function = LocalFunction { metadata, function };
        self.stmt(start, StmtKind::LocalFunction(Box::new(function)))
    }

    /// Whether a declaration of variables stands here. `is_for`: in the parentheses of a `for`.
    pub(super) fn at_variable_declaration(&self, is_for: bool) -> bool {
        match self.word() {
            sym::VAR | sym::FINAL => return true,
            sym::CONST => return self.is_constant_declaration(),
            sym::LATE if self.at_modifier() => return true,
            _ => {}
        }
        let Some(end) = self.skip_type(self.pos) else {
            return false;
        };
        if !self.is_identifier_at(end) {
            return false;
        }
        match self.kind_at(end + 1) {
            TokenKind::Semicolon | TokenKind::Comma => true,
            TokenKind::Eq => !self.is_conditional_assignment(end),
            TokenKind::Keyword if is_for && self.word_at(end + 1) == sym::IN => true,
            // Two names in a row are no expression; most likely something is missing after them.
            _ => {
                !matches!(self.word_at(end), sym::AS | sym::AWAIT)
                    && !self.at_word(sym::AWAIT)
                    && !self.is_nullable_end(end)
                    && !self.is_function_body_at(end)
            }
        }
    }

    fn is_nullable_end(&self, end: usize) -> bool {
        self.kind_at(end - 1) == TokenKind::Question
    }

    /// Whether what looks like `T? name =` is `condition ? name = … : …`.
    fn is_conditional_assignment(&self, name_pos: usize) -> bool {
        self.is_nullable_end(name_pos) && self.is_conditional_rest(name_pos)
    }

    /// Whether `const` starts variables rather than a constant expression.
    fn is_constant_declaration(&self) -> bool {
        let next = self.pos + 1;
        let is_name = |pos: usize| {
            self.is_identifier_at(pos)
                && matches!(
                    self.kind_at(pos + 1),
                    TokenKind::Eq | TokenKind::Comma | TokenKind::Semicolon
                )
        };
        is_name(next)
            || self
                .skip_type(next)
                .is_some_and(|end| self.is_identifier_at(end))
    }

    fn if_statement(&mut self) -> StmtId {
        let start = self.bump().start;
        let condition = self.if_condition();
        let then = self.statement();
        self.sync_statement();
        let otherwise = self.eat_word(sym::ELSE).then(|| self.statement());
        self.stmt(
            start,
            StmtKind::If {
                condition,
                then,
                otherwise,
            },
        )
    }

    fn for_statement(&mut self) -> StmtId {
        let start = self.current.start;
        let is_await = self.await_for();
        self.expect_word(sym::FOR);
        let parts = Box::new(self.for_loop_parts());
        self.check_await_for(is_await, &parts);
        let body = self.statement();
        self.stmt(
            start,
            StmtKind::For {
                is_await,
                parts,
                body,
            },
        )
    }

    /// `await` before `for`, if it is there.
    pub(super) fn await_for(&mut self) -> bool {
        let span = self.current.span();
        let is_await = self.eat_word(sym::AWAIT);
        if is_await && !self.context.is_async {
            let message = "'await for' needs an asynchronous function; mark its body 'async'";
            self.report("await-outside-async", span, message);
        }
        is_await
    }

    /// Only a for-in loop can wait for its elements.
    pub(super) fn check_await_for(&mut self, is_await: bool, parts: &ForParts) {
        if is_await && matches!(parts, ForParts::Loop { .. }) {
            let message = "'await for' goes with 'in' and a stream; remove 'await'";
            self.report("await-for-loop", self.end_of_previous(), message);
        }
    }

    fn while_statement(&mut self) -> StmtId {
        let start = self.bump().start;
        let condition = self.parenthesized_condition();
        let body = self.statement();
        self.stmt(start, StmtKind::While { condition, body })
    }

    /// `( expression )`.
    fn parenthesized_condition(&mut self) -> crate::ast::ExprId {
        if !self.expect(TokenKind::OpenParen) {
            return self.missing_expression();
        }
        self.in_parentheses(|parser| parser.expression())
    }

    fn do_statement(&mut self) -> StmtId {
        let start = self.bump().start;
        let body = self.statement();
        self.sync_statement();
        self.expect_word(sym::WHILE);
        let condition = self.parenthesized_condition();
        self.expect_semicolon();
        self.stmt(start, StmtKind::DoWhile { body, condition })
    }

    fn switch_statement(&mut self) -> StmtId {
        let start = self.bump().start;
        let subject = self.parenthesized_condition();
        let mut cases = Vec::new();
        if self.expect(TokenKind::OpenBrace) {
            cases = self.switch_cases();
            self.recovering = self.is_aborted;
            self.expect(TokenKind::CloseBrace);
        }
        self.stmt(start, StmtKind::Switch { subject, cases })
    }

    fn switch_cases(&mut self) -> Vec<SwitchCase> {
        let mut cases: Vec<SwitchCase> = Vec::new();
        while !self.at(TokenKind::CloseBrace) && !self.at(TokenKind::Eof) {
            let before = self.pos;
            if cases.last().is_some_and(|case| case.pattern.is_none()) {
                let message = "'default' is the last case and stands once; move it to the end";
                self.report("default-not-last", self.current.span(), message);
            }
            match self.maybe_switch_case() {
                Some(case) => cases.push(case),
                None => {
                    self.expected("'case', 'default' or '}'");
                    self.sync_case();
                }
            }
            if self.pos == before {
                self.bump();
            }
        }
        cases
    }

    /// Skips what cannot stand between the cases of a switch.
    fn sync_case(&mut self) {
        while !self.at_switch_case()
            && !matches!(self.current.kind, TokenKind::CloseBrace | TokenKind::Eof)
        {
            match self.current.kind {
                TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => {
                    self.skip_bracket();
                }
                _ => {
                    self.bump();
                }
            }
        }
        self.recovering = self.is_aborted;
    }

    /// `switchStatementCase` or `switchStatementDefault`.
    fn maybe_switch_case(&mut self) -> Option<SwitchCase> {
        if !self.at_switch_case() {
            return None;
        }
        let start = self.current.start;
        let labels = self.labels();
        let pattern = if self.eat_word(sym::DEFAULT) {
            None
        } else {
            Some(self.case_pattern())
        };
        if !self.expect(TokenKind::Colon) {
            self.sync_case_head();
        }
        let body =
            self.statements(|parser| parser.at(TokenKind::CloseBrace) || parser.at_switch_case());
        let span = self.span_from(start);
        Some(SwitchCase {
            span,
            labels,
            pattern,
            body,
        })
    }

    /// Skips what is left of a broken `case … :` on its line.
    fn sync_case_head(&mut self) {
        while !self.is_after_line_break() {
            match self.current.kind {
                TokenKind::Colon => {
                    self.bump();
                    break;
                }
                TokenKind::CloseBrace | TokenKind::Semicolon | TokenKind::Eof => break,
                TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => {
                    self.skip_bracket();
                }
                _ => {
                    self.bump();
                }
            }
        }
        self.recovering = self.is_aborted;
    }

    fn case_pattern(&mut self) -> GuardedPattern {
        self.bump();
        let saved = self.context;
        // The `:` of the case.
        self.context.pending_colons = 1;
        let guarded = if self.version < LanguageVersion::new(3, 0) {
            let start = self.current.start;
            let value = self.expression();
            let pattern = self.pattern_node(start, PatternKind::Constant(value));
            GuardedPattern {
                pattern,
                guard: None,
            }
        } else {
            self.guarded_pattern()
        };
        self.context = saved;
        guarded
    }

    /// `label* (case | default)`.
    fn at_switch_case(&self) -> bool {
        let mut pos = self.pos;
        while self.is_identifier_at(pos) && self.kind_at(pos + 1) == TokenKind::Colon {
            pos += 2;
        }
        matches!(self.word_at(pos), sym::CASE | sym::DEFAULT)
    }

    fn try_statement(&mut self) -> StmtId {
        let start = self.bump().start;
        let body = self.block();
        let mut catches = Vec::new();
        while self.at_word(sym::CATCH) || self.at_word(sym::ON) {
            catches.push(self.on_part());
        }
        let finally = self.eat_word(sym::FINALLY).then(|| self.block());
        if catches.is_empty() && finally.is_none() {
            self.expected("'catch', 'on' or 'finally' after the block of 'try'");
        }
        let statement = TryStatement {
            body,
            catches,
            finally,
        };
        self.stmt(start, StmtKind::Try(Box::new(statement)))
    }

    /// `onPart`.
    fn on_part(&mut self) -> CatchClause {
        let start = self.current.start;
        let ty = self.eat_word(sym::ON).then(|| self.type_not_void());
        let mut exception = None;
        let mut stack_trace = None;
        if self.eat_word(sym::CATCH) && self.expect(TokenKind::OpenParen) {
            (exception, stack_trace) = self.in_parentheses(|parser| {
                let exception = parser.identifier();
                let stack_trace = parser.eat(TokenKind::Comma).then(|| parser.identifier());
                (Some(exception), stack_trace)
            });
        }
        let body = self.block();
        CatchClause {
            span: self.span_from(start),
            ty,
            exception,
            stack_trace,
            body,
        }
    }

    fn return_statement(&mut self) -> StmtId {
        let start = self.bump().start;
        let has_value = !self.at(TokenKind::Semicolon) && !self.at(TokenKind::CloseBrace);
        let value = has_value.then(|| self.expression());
        self.expect_semicolon();
        self.stmt(start, StmtKind::Return(value))
    }

    /// `breakStatement`, `continueStatement`.
    fn jump_statement(&mut self) -> StmtId {
        let token = self.bump();
        let label = self.at_identifier().then(|| self.identifier());
        self.expect_semicolon();
        let is_break = token.symbol() == sym::BREAK;
        let kind = if is_break {
            StmtKind::Break(label)
        } else {
            StmtKind::Continue(label)
        };
        self.stmt(token.start, kind)
    }

    fn rethrow_statement(&mut self) -> StmtId {
        let start = self.bump().start;
        self.expect_semicolon();
        self.stmt(start, StmtKind::Rethrow)
    }

    /// `yieldStatement`, `yieldEachStatement`.
    fn yield_statement(&mut self) -> StmtId {
        let start = self.bump().start;
        let is_each = self.eat(TokenKind::Star);
        let value = self.expression();
        self.expect_semicolon();
        let kind = if is_each {
            StmtKind::YieldEach(value)
        } else {
            StmtKind::Yield(value)
        };
        self.stmt(start, kind)
    }

    fn assert_statement(&mut self) -> StmtId {
        let start = self.current.start;
        let assertion = self.assertion();
        self.expect_semicolon();
        self.stmt(start, StmtKind::Assert(assertion))
    }

    /// `assertion`.
    pub(super) fn assertion(&mut self) -> Assertion {
        self.bump();
        if !self.expect(TokenKind::OpenParen) {
            let condition = self.missing_expression();
            return Assertion {
                condition,
                message: None,
            };
        }
        self.in_parentheses(|parser| {
            let condition = parser.expression();
            let has_message = parser.eat(TokenKind::Comma) && !parser.at(TokenKind::CloseParen);
            let message = has_message.then(|| parser.expression());
            parser.eat(TokenKind::Comma);
            Assertion { condition, message }
        })
    }
}
