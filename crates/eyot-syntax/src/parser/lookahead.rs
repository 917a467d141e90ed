//! Looking past constructs without building anything.
//!
//! A `skip_…` function gets the index of a token and answers the index just after the
//! construct that starts there, or none if there is no such construct. All of them are linear
//! in what they skip; nested types are limited so that the native stack is safe.

use super::Parser;
use crate::symbol::sym;
use crate::token::TokenKind;

/// How deep types may nest to be recognized.
const TYPE_DEPTH_MAX: u32 = 100;

/// How far the `:` of a conditional expression is looked for, what stands in brackets counted as
/// one. Without a limit long chains of `?[…]` take quadratic time.
const MIDDLE_TOKENS_MAX: usize = 2000;

impl Parser<'_> {
    /// Past a type.
    pub(super) fn skip_type(&self, pos: usize) -> Option<usize> {
        self.skip_type_at_depth(pos, 0)
    }

    fn skip_type_at_depth(&self, pos: usize, depth: u32) -> Option<usize> {
        if depth > TYPE_DEPTH_MAX {
            return None;
        }
        let mut pos = if self.is_function_type_tail(pos) {
            self.skip_function_type_tail(pos, depth)?
        } else {
            self.skip_type_not_function(pos, depth)?
        };
        loop {
            if self.kind_at(pos) == TokenKind::Question {
                pos += 1;
            }
            if !self.is_function_type_tail(pos) {
                return Some(pos);
            }
            pos = self.skip_function_type_tail(pos, depth)?;
        }
    }

    /// `Function` with what makes it a function type rather than the class.
    pub(super) fn is_function_type_tail(&self, pos: usize) -> bool {
        self.word_at(pos) == sym::FUNCTION
            && matches!(self.kind_at(pos + 1), TokenKind::OpenParen | TokenKind::Lt)
    }

    fn skip_function_type_tail(&self, pos: usize, depth: u32) -> Option<usize> {
        let mut pos = pos + 1;
        if self.kind_at(pos) == TokenKind::Lt {
            pos = self.skip_type_parameters_at_depth(pos, depth + 1)?;
        }
        if self.kind_at(pos) != TokenKind::OpenParen {
            return None;
        }
        Some(self.partner(pos)? + 1)
    }

    fn skip_type_not_function(&self, pos: usize, depth: u32) -> Option<usize> {
        if self.word_at(pos) == sym::VOID {
            return Some(pos + 1);
        }
        if self.kind_at(pos) == TokenKind::OpenParen {
            return self.skip_record_type(pos, depth);
        }
        self.skip_named_type_at_depth(pos, depth)
    }

    /// Past a type that is no function type, and its `?`.
    pub(super) fn skip_type_before_function(&self, pos: usize) -> Option<usize> {
        let end = self.skip_type_not_function(pos, 0)?;
        Some(if self.kind_at(end) == TokenKind::Question {
            end + 1
        } else {
            end
        })
    }

    /// Past `name`, `prefix.name`, and their type arguments.
    pub(super) fn skip_named_type(&self, pos: usize) -> Option<usize> {
        self.skip_named_type_at_depth(pos, 0)
    }

    fn skip_named_type_at_depth(&self, pos: usize, depth: u32) -> Option<usize> {
        let mut pos = self.skip_type_name(pos)?;
        if self.kind_at(pos) == TokenKind::Lt {
            pos = self.skip_type_arguments_at_depth(pos, depth + 1)?;
        }
        Some(pos)
    }

    fn skip_type_name(&self, pos: usize) -> Option<usize> {
        if !self.is_type_identifier_at(pos) {
            return None;
        }
        let is_qualified =
            self.kind_at(pos + 1) == TokenKind::Dot && self.is_type_identifier_at(pos + 2);
        Some(if is_qualified { pos + 3 } else { pos + 1 })
    }

    /// Whether the token can name a type.
    pub(super) fn is_type_identifier_at(&self, pos: usize) -> bool {
        let token = self.token_at(pos);
        if token.kind == TokenKind::Identifier {
            return true;
        }
        let word = self.word_at(pos);
        let is_usable_built_in = matches!(word, sym::DYNAMIC | sym::FUNCTION);
        self.is_identifier(token) && (!word.is_built_in() || is_usable_built_in)
    }

    /// Past `(T, T x, {T y})`.
    fn skip_record_type(&self, pos: usize, depth: u32) -> Option<usize> {
        let close = self.partner(pos)?;
        let mut pos = pos + 1;
        let mut is_named = false;
        let mut end = close;
        while pos < end {
            if self.kind_at(pos) == TokenKind::OpenBrace && !is_named {
                is_named = true;
                end = self.partner(pos)?;
                // Only a comma may stand between the braces and the parenthesis.
                if end + 1 != close {
                    return None;
                }
                pos += 1;
                continue;
            }
            pos = self.skip_metadata(pos)?;
            pos = self.skip_type_at_depth(pos, depth + 1)?;
            if self.is_identifier_at(pos) {
                pos += 1;
            } else if is_named {
                return None;
            }
            match self.kind_at(pos) {
                TokenKind::Comma => pos += 1,
                _ if pos == end => {}
                _ => return None,
            }
        }
        (pos == end).then_some(close + 1)
    }

    /// Past any number of annotations.
    fn skip_metadata(&self, mut pos: usize) -> Option<usize> {
        while self.kind_at(pos) == TokenKind::At {
            pos += 1;
            if !self.is_word_at(pos) {
                return None;
            }
            pos += 1;
            while self.kind_at(pos) == TokenKind::Dot && self.is_word_at(pos + 1) {
                pos += 2;
            }
            if let Some(end) = self.skip_type_arguments(pos)
                && matches!(self.kind_at(end), TokenKind::OpenParen | TokenKind::Dot)
            {
                pos = end;
                if self.kind_at(pos) == TokenKind::Dot && self.is_word_at(pos + 1) {
                    pos += 2;
                }
            }
            if self.kind_at(pos) == TokenKind::OpenParen && self.touches_next(pos - 1) {
                pos = self.partner(pos)? + 1;
            }
        }
        Some(pos)
    }

    /// Past `<T, S>`.
    pub(super) fn skip_type_arguments(&self, pos: usize) -> Option<usize> {
        self.skip_type_arguments_at_depth(pos, 0)
    }

    fn skip_type_arguments_at_depth(&self, pos: usize, depth: u32) -> Option<usize> {
        if self.kind_at(pos) != TokenKind::Lt {
            return None;
        }
        let mut pos = pos + 1;
        loop {
            pos = self.skip_type_at_depth(pos, depth + 1)?;
            match self.kind_at(pos) {
                TokenKind::Comma => pos += 1,
                TokenKind::Gt => return Some(pos + 1),
                _ => return None,
            }
        }
    }

    /// Past `<T extends B, S>`.
    pub(super) fn skip_type_parameters(&self, pos: usize) -> Option<usize> {
        self.skip_type_parameters_at_depth(pos, 0)
    }

    fn skip_type_parameters_at_depth(&self, pos: usize, depth: u32) -> Option<usize> {
        if self.kind_at(pos) != TokenKind::Lt {
            return None;
        }
        let mut pos = pos + 1;
        loop {
            pos = self.skip_metadata(pos)?;
            if !self.is_identifier_at(pos) {
                return None;
            }
            pos += 1;
            if self.word_at(pos) == sym::EXTENDS {
                pos = self.skip_type_at_depth(pos + 1, depth + 1)?;
            }
            match self.kind_at(pos) {
                TokenKind::Comma => pos += 1,
                TokenKind::Gt => return Some(pos + 1),
                _ => return None,
            }
        }
    }

    /// Whether `<` at `pos` opens type arguments of an expression rather than comparing: it can
    /// be read so, and what follows fits.
    pub(super) fn is_type_arguments_selector(&self, pos: usize) -> bool {
        let Some(end) = self.skip_type_arguments(pos) else {
            return false;
        };
        matches!(
            self.kind_at(end),
            TokenKind::OpenParen
                | TokenKind::Dot
                | TokenKind::EqEq
                | TokenKind::BangEq
                | TokenKind::CloseParen
                | TokenKind::CloseBracket
                | TokenKind::CloseBrace
                | TokenKind::Semicolon
                | TokenKind::Colon
                | TokenKind::Comma
                | TokenKind::Eof
                // The `}` of an interpolation.
                | TokenKind::StringMid
                | TokenKind::StringEnd
        )
    }

    /// Whether a function body starts at `pos`: `{`, `=>`, `async …`, `sync* …`.
    pub(super) fn is_function_body_at(&self, pos: usize) -> bool {
        match self.kind_at(pos) {
            TokenKind::OpenBrace | TokenKind::Arrow => true,
            TokenKind::Keyword if matches!(self.word_at(pos), sym::ASYNC | sym::SYNC) => matches!(
                self.kind_at(pos + 1),
                TokenKind::OpenBrace | TokenKind::Arrow | TokenKind::Star
            ),
            _ => false,
        }
    }

    /// Whether parameters (with type parameters, perhaps) and a function body stand at `pos`.
    pub(super) fn is_function_rest_at(&self, pos: usize) -> bool {
        let pos = match self.kind_at(pos) {
            TokenKind::Lt => self.skip_type_parameters(pos),
            _ => Some(pos),
        };
        let Some(pos) = pos else { return false };
        self.kind_at(pos) == TokenKind::OpenParen
            && self
                .partner(pos)
                .is_some_and(|close| self.is_function_body_at(close + 1))
    }

    /// Whether a pattern assignment `outerPattern = …` starts at the current token.
    pub(super) fn at_pattern_assignment(&self) -> bool {
        self.outer_pattern_end(self.pos)
            .is_some_and(|end| self.kind_at(end) == TokenKind::Eq)
    }

    /// Past a parenthesized, record, list, map or object pattern, by its brackets alone.
    pub(super) fn outer_pattern_end(&self, pos: usize) -> Option<usize> {
        let pos = match self.kind_at(pos) {
            TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => pos,
            TokenKind::Lt => self.skip_type_arguments(pos)?,
            TokenKind::Identifier | TokenKind::Keyword => {
                let next = self.kind_at(pos + 1);
                match next {
                    TokenKind::OpenParen if self.is_identifier_at(pos) => pos + 1,
                    TokenKind::Lt | TokenKind::Dot => {
                        let end = self.skip_named_type(pos)?;
                        if self.kind_at(end) != TokenKind::OpenParen {
                            return None;
                        }
                        end
                    }
                    _ => return None,
                }
            }
            _ => return None,
        };
        Some(self.partner(pos)? + 1)
    }

    /// Whether the `?` just before `pos` opens a conditional expression rather than making a type
    /// nullable or an index null-aware: something that can be its middle stands here, and behind that
    /// a `:` that nothing else waits for.
    pub(super) fn is_conditional_rest(&self, pos: usize) -> bool {
        self.starts_expression(pos) && self.has_free_colon(pos)
    }

    fn has_free_colon(&self, mut pos: usize) -> bool {
        let mut waiting = i64::from(self.context.pending_colons) + 1;
        for _ in 0..MIDDLE_TOKENS_MAX {
            match self.kind_at(pos) {
                TokenKind::Colon => {
                    waiting -= 1;
                    if waiting == 0 {
                        return true;
                    }
                }
                TokenKind::Question if self.starts_expression(pos + 1) => waiting += 1,
                TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => {
                    match self.partner(pos) {
                        Some(close) => pos = close,
                        None => return false,
                    }
                }
                TokenKind::StringBegin => pos = self.string_end(pos),
                TokenKind::Semicolon
                | TokenKind::Comma
                | TokenKind::CloseParen
                | TokenKind::CloseBracket
                | TokenKind::CloseBrace
                | TokenKind::StringMid
                | TokenKind::StringEnd
                | TokenKind::Eof => return false,
                _ => {}
            }
            pos += 1;
        }
        false
    }

    /// The end of the interpolated string that begins here, or of the file.
    fn string_end(&self, mut pos: usize) -> usize {
        let mut depth = 0;
        loop {
            match self.kind_at(pos) {
                TokenKind::StringBegin => depth += 1,
                TokenKind::StringEnd => depth -= 1,
                TokenKind::Eof => return pos,
                _ => {}
            }
            if depth == 0 {
                return pos;
            }
            pos += 1;
        }
    }

    /// Whether an expression can start with the token.
    pub(super) fn starts_expression(&self, pos: usize) -> bool {
        match self.kind_at(pos) {
            TokenKind::Identifier
            | TokenKind::Int
            | TokenKind::HexInt
            | TokenKind::Double
            | TokenKind::String
            | TokenKind::StringBegin
            | TokenKind::OpenParen
            | TokenKind::OpenBracket
            | TokenKind::OpenBrace
            | TokenKind::Lt
            | TokenKind::Minus
            | TokenKind::Bang
            | TokenKind::Tilde
            | TokenKind::PlusPlus
            | TokenKind::MinusMinus
            | TokenKind::Hash
            | TokenKind::Dot => true,
            TokenKind::Keyword => {
                let word = self.word_at(pos);
                !word.is_reserved() && word != sym::AS
                    || matches!(
                        word,
                        sym::NULL
                            | sym::TRUE
                            | sym::FALSE
                            | sym::THIS
                            | sym::SUPER
                            | sym::NEW
                            | sym::CONST
                            | sym::SWITCH
                            | sym::THROW
                    )
            }
            _ => false,
        }
    }

    /// Whether the current token, a word such as `static`, stands here as a modifier and not as
    /// a name.
    pub(super) fn at_modifier(&self) -> bool {
        let next = self.pos + 1;
        match self.kind_at(next) {
            TokenKind::Identifier => true,
            TokenKind::Keyword => !matches!(self.word_at(next), sym::IN | sym::IS | sym::AS),
            TokenKind::OpenParen => self
                .skip_type(next)
                .is_some_and(|end| self.is_identifier_at(end)),
            _ => false,
        }
    }

    /// Whether a type stands here and a name after it.
    pub(super) fn at_type_before_name(&self) -> bool {
        self.skip_type(self.pos)
            .is_some_and(|end| self.is_identifier_at(end))
    }
}
