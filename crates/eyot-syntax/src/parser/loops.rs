//! The parentheses of `for` and `if`, shared by statements and collection elements.

use super::Parser;
use crate::ast::{
    Annotation, Condition, ForBinding, ForInit, ForParts, GuardedPattern, PatternKeyword,
    PatternVariableDeclaration, VariableKeyword,
};
use crate::parser::pattern::PatternContext;
use crate::symbol::sym;
use crate::token::TokenKind;

impl Parser<'_> {
    /// `( expression (case guardedPattern)? )`.
    pub(super) fn if_condition(&mut self) -> Condition {
        if !self.expect(TokenKind::OpenParen) {
            let expr = self.missing_expression();
            return Condition { expr, case: None };
        }
        self.in_parentheses(|parser| {
            let expr = parser.expression();
            let case = parser.eat_word(sym::CASE).then(|| parser.guarded_pattern());
            Condition { expr, case }
        })
    }

    /// Runs `parse` and takes the `)`. The `(` is the last token taken.
    pub(super) fn in_parentheses<T>(&mut self, parse: impl FnOnce(&mut Self) -> T) -> T {
        let open_pos = self.pos.saturating_sub(1);
        let result = self.bracketed(parse);
        self.close_bracket(open_pos, TokenKind::CloseParen);
        result
    }

    /// `guardedPattern`.
    pub(super) fn guarded_pattern(&mut self) -> GuardedPattern {
        let pattern = self.pattern(PatternContext::Matching);
        let guard = self.eat_word(sym::WHEN).then(|| self.expression());
        GuardedPattern { pattern, guard }
    }

    /// `( forLoopParts )`.
    pub(super) fn for_loop_parts(&mut self) -> ForParts {
        if !self.expect(TokenKind::OpenParen) {
            return ForParts::Loop {
                init: ForInit::None,
                condition: None,
                updates: Vec::new(),
            };
        }
        self.in_parentheses(|parser| parser.for_parts())
    }

    fn for_parts(&mut self) -> ForParts {
        let metadata = self.metadata();
        if self.at_identifier() && self.word_at(self.pos + 1) == sym::IN {
            let name = self.identifier();
            return self.for_in(ForBinding::Identifier(name));
        }
        if self.at_pattern_declaration() {
            return self.for_pattern(metadata);
        }
        if self.at_variable_declaration(true) {
            return self.for_variables(metadata);
        }
        let init = if self.at(TokenKind::Semicolon) {
            ForInit::None
        } else {
            ForInit::Expr(self.expression())
        };
        self.for_loop(init)
    }

    fn for_pattern(&mut self, metadata: Vec<Annotation>) -> ForParts {
        let is_final = self.bump().symbol() == sym::FINAL;
        let keyword = if is_final {
            PatternKeyword::Final
        } else {
            PatternKeyword::Var
        };
        let pattern = self.pattern(PatternContext::Declaration);
        if self.at_word(sym::IN) {
            return self.for_in(ForBinding::Pattern {
                metadata,
                keyword,
                pattern,
            });
        }
        self.expect(TokenKind::Eq);
        let value = self.expression();
        let declaration = PatternVariableDeclaration {
            metadata,
            keyword,
            pattern,
            value,
        };
        self.for_loop(ForInit::Pattern(declaration))
    }

    fn for_variables(&mut self, metadata: Vec<Annotation>) -> ForParts {
        let (is_late, keyword) = self.variable_modifiers();
        let after_type = if self.at_type_before_name() {
            self.skip_type(self.pos)
        } else {
            Some(self.pos)
        };
        let is_in = after_type.is_some_and(|pos| self.word_at(pos + 1) == sym::IN);
        if !is_in {
            let variables = self.variables_after_modifiers(metadata, is_late, keyword);
            return self.for_loop(ForInit::Variables(variables));
        }
        if is_late || keyword == VariableKeyword::Const {
            let message =
                "the variable of a for-in loop cannot be 'late' or 'const'; remove the word";
            self.report("misplaced-modifier", self.end_of_previous(), message);
        }
        let ty = self.at_type_before_name().then(|| self.type_());
        if let Some(ty) = ty
            && keyword == VariableKeyword::Var
        {
            let message = "'var' stands instead of a type; remove the one or the other";
            let span = self.tree[ty].span;
            self.report("var-and-type", span, message);
        }
        let name = self.identifier();
        self.for_in(ForBinding::Variable {
            metadata,
            is_late,
            keyword,
            ty,
            name,
        })
    }

    fn for_in(&mut self, binding: ForBinding) -> ForParts {
        self.bump();
        let iterable = self.expression();
        ForParts::In { binding, iterable }
    }

    fn for_loop(&mut self, init: ForInit) -> ForParts {
        if !self.expect(TokenKind::Semicolon) {
            return ForParts::Loop {
                init,
                condition: None,
                updates: Vec::new(),
            };
        }
        let condition = (!self.at(TokenKind::Semicolon)).then(|| self.expression());
        self.expect(TokenKind::Semicolon);
        let mut updates = Vec::new();
        while !self.at(TokenKind::CloseParen) && !self.recovering {
            updates.push(self.expression());
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        ForParts::Loop {
            init,
            condition,
            updates,
        }
    }
}
