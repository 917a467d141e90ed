//! List, set and map literals and their elements.

use super::Parser;
use crate::ast::{CollectionElement, CollectionLiteral, ElementKind, ExprId, ExprKind, TypeNodeId};
use crate::symbol::sym;
use crate::token::TokenKind;

impl Parser<'_> {
    /// `listLiteral`, from the `[` on.
    pub(super) fn list_literal(
        &mut self,
        start: u32,
        is_const: bool,
        type_args: Vec<TypeNodeId>,
    ) -> ExprId {
        self.bump();
        let elements = self.comma_list(TokenKind::CloseBracket, |parser| parser.element());
        self.expr(
            start,
            ExprKind::List(CollectionLiteral {
                is_const,
                type_args,
                elements,
            }),
        )
    }

    /// `setOrMapLiteral`, from the `{` on.
    pub(super) fn set_or_map_literal(
        &mut self,
        start: u32,
        is_const: bool,
        type_args: Vec<TypeNodeId>,
    ) -> ExprId {
        self.bump();
        let elements = self.comma_list(TokenKind::CloseBrace, |parser| parser.element());
        self.expr(
            start,
            ExprKind::SetOrMap(CollectionLiteral {
                is_const,
                type_args,
                elements,
            }),
        )
    }

    /// `element`.
    fn element(&mut self) -> CollectionElement {
        self.nested(|parser| {
            let start = parser.current.start;
            let kind = parser.element_kind();
            CollectionElement {
                span: parser.span_from(start),
                kind,
            }
        })
    }

    fn element_kind(&mut self) -> ElementKind {
        match self.current.kind {
            TokenKind::DotDotDot | TokenKind::DotDotDotQuestion => {
                let is_null_aware = self.bump().kind == TokenKind::DotDotDotQuestion;
                ElementKind::Spread {
                    expr: self.expression(),
                    is_null_aware,
                }
            }
            TokenKind::Keyword if self.at_word(sym::IF) => self.if_element(),
            TokenKind::Keyword if self.at_for_element() => self.for_element(),
            _ => self.expression_or_map_element(),
        }
    }

    fn at_for_element(&self) -> bool {
        self.at_word(sym::FOR) || self.at_word(sym::AWAIT) && self.word_at(self.pos + 1) == sym::FOR
    }

    fn expression_or_map_element(&mut self) -> ElementKind {
        let is_key_null_aware = self.null_aware_mark();
        let key = self.expression();
        if !self.eat(TokenKind::Colon) {
            return if is_key_null_aware {
                ElementKind::NullAware(key)
            } else {
                ElementKind::Expr(key)
            };
        }
        let is_value_null_aware = self.null_aware_mark();
        let value = self.expression();
        ElementKind::MapEntry {
            key,
            is_key_null_aware,
            value,
            is_value_null_aware,
        }
    }

    /// The `?` of a null-aware element. In `?.name` it is part of a token that still has to serve
    /// as the point of a shorthand.
    fn null_aware_mark(&mut self) -> bool {
        if self.at(TokenKind::QuestionDot) {
            self.shorthand_pos = Some(self.pos);
            return true;
        }
        self.eat(TokenKind::Question)
    }

    /// `ifElement`.
    fn if_element(&mut self) -> ElementKind {
        self.bump();
        let condition = self.if_condition();
        let then = Box::new(self.element());
        let otherwise = self.eat_word(sym::ELSE).then(|| Box::new(self.element()));
        ElementKind::If {
            condition,
            then,
            otherwise,
        }
    }

    /// `forElement`.
    fn for_element(&mut self) -> ElementKind {
        let is_await = self.await_for();
        self.expect_word(sym::FOR);
        let parts = Box::new(self.for_loop_parts());
        self.check_await_for(is_await, &parts);
        let body = Box::new(self.element());
        ElementKind::For {
            is_await,
            parts,
            body,
        }
    }
}
