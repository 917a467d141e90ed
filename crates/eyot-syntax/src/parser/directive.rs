//! The compilation unit and its directives.

use super::Parser;
use crate::ast::{
    Annotation, Combinator, Configuration, Directive, DirectiveKind, Export, Identifier, Import,
    PartOf, UriLiteral,
};
use crate::span::Span;
use crate::symbol::sym;
use crate::token::TokenKind;

impl Parser<'_> {
    /// `libraryDeclaration`, `partDeclaration`: the whole file.
    pub(super) fn compilation_unit(&mut self) {
        while !self.at(TokenKind::Eof) {
            let before = self.pos;
            if self.at(TokenKind::CloseBrace) {
                self.stray_brace();
                continue;
            }
            let metadata = self.metadata();
            if self.at_directive() {
                self.directive(metadata);
            } else {
                self.top_level_declaration(metadata);
            }
            self.sync_declaration();
            if self.pos == before {
                self.bump();
            }
        }
    }

    fn stray_brace(&mut self) {
        let message = "this '}' closes nothing; remove it or look for a missing '{' above";
        self.report("stray-brace", self.current.span(), message);
        self.bump();
    }

    fn at_directive(&self) -> bool {
        let next = self.nth(1);
        match self.word() {
            sym::IMPORT | sym::EXPORT => is_string(next) || self.is_identifier_at(self.pos + 1),
            sym::PART => is_string(next) || self.is_identifier_at(self.pos + 1),
            sym::LIBRARY => {
                next == TokenKind::Semicolon
                    || self.is_identifier_at(self.pos + 1)
                        && matches!(self.nth(2), TokenKind::Semicolon | TokenKind::Dot)
            }
            _ => false,
        }
    }

    fn directive(&mut self, metadata: Vec<Annotation>) {
        let start = self.current.start;
        self.check_directive_order();
        let kind = match self.word() {
            sym::IMPORT => self.library_import(),
            sym::EXPORT => self.library_export(),
            sym::LIBRARY => self.library_name(),
            _ => self.part(),
        };
        self.expect_semicolon();
        let span = self.span_from(start);
        self.tree.directives.push(Directive {
            span,
            metadata,
            kind,
        });
    }

    /// Directives come first: `library` or `part of`, imports and exports, then parts.
    fn check_directive_order(&mut self) {
        let rank = |kind: &DirectiveKind| match kind {
            DirectiveKind::Library { .. } | DirectiveKind::PartOf(_) => 0,
            DirectiveKind::Import(_) | DirectiveKind::Export(_) => 1,
            DirectiveKind::Part { .. } => 2,
        };
        let next = match self.word() {
            sym::LIBRARY => 0,
            sym::PART if self.word_at(self.pos + 1) == sym::OF => 0,
            sym::IMPORT | sym::EXPORT => 1,
            _ => 2,
        };
        let highest = self
            .tree
            .directives
            .iter()
            .map(|directive| rank(&directive.kind))
            .max();
        let span = self.current.span();
        if !self.tree.declarations.is_empty() {
            let message = "directives stand before all declarations; move this one up";
            self.report("directive-order", span, message);
        } else if next == 0 && highest.is_some() {
            let message = "'library' or 'part of' is the first directive and the only one of its \
                           kind; move it up or remove it";
            self.report("directive-order", span, message);
        } else if highest.is_some_and(|highest| highest > next) {
            let message = "imports and exports stand before parts; move this one up";
            self.report("directive-order", span, message);
        }
    }

    /// `libraryName`.
    fn library_name(&mut self) -> DirectiveKind {
        self.bump();
        let is_named = self.at_identifier();
        let name = if is_named {
            self.dotted_identifier_list()
        } else {
            Vec::new()
        };
        DirectiveKind::Library { name }
    }

    /// `importSpecification`.
    fn library_import(&mut self) -> DirectiveKind {
        self.bump();
        let uri = self.uri();
        let configurations = self.configuration_uris();
        let is_deferred = self.eat_word(sym::DEFERRED);
        let has_prefix = if is_deferred {
            self.expect_word(sym::AS)
        } else {
            self.eat_word(sym::AS)
        };
        let prefix = has_prefix.then(|| self.type_identifier("an import prefix"));
        let combinators = self.combinators();
        DirectiveKind::Import(Box::new(Import {
            uri,
            configurations,
            is_deferred,
            prefix,
            combinators,
        }))
    }

    /// `libraryExport`.
    fn library_export(&mut self) -> DirectiveKind {
        self.bump();
        let uri = self.uri();
        let configurations = self.configuration_uris();
        let combinators = self.combinators();
        DirectiveKind::Export(Box::new(Export {
            uri,
            configurations,
            combinators,
        }))
    }

    /// `partDirective`, `partHeader`.
    fn part(&mut self) -> DirectiveKind {
        self.bump();
        if !self.eat_word(sym::OF) {
            let uri = self.uri();
            let configurations = self.configuration_uris();
            return DirectiveKind::Part {
                uri,
                configurations,
            };
        }
        if is_string(self.current.kind) {
            return DirectiveKind::PartOf(PartOf::Uri(self.uri()));
        }
        DirectiveKind::PartOf(PartOf::Name(self.dotted_identifier_list()))
    }

    /// `dottedIdentifierList`.
    fn dotted_identifier_list(&mut self) -> Vec<Identifier> {
        let mut names = vec![self.identifier()];
        while self.eat(TokenKind::Dot) {
            names.push(self.identifier());
        }
        names
    }

    /// `uri`: a string without interpolation.
    fn uri(&mut self) -> UriLiteral {
        let start = self.current.start;
        let text = self.plain_string("a URI in quotes");
        UriLiteral {
            span: self.span_from(start),
            text,
        }
    }

    /// A string literal in which no interpolation is allowed.
    pub(super) fn plain_string(&mut self, what: &str) -> String {
        if !is_string(self.current.kind) {
            self.expected(what);
            return String::new();
        }
        let start = self.current.start;
        let literal = self.string_literal();
        match literal.into_plain() {
            Some(text) => text.to_string_lossy(),
            None => {
                let span = self.span_from(start);
                let message = format!("expected {what} without interpolation; write the text out");
                self.report("interpolation-not-allowed", span, message);
                String::new()
            }
        }
    }

    /// `configurationUri*`.
    fn configuration_uris(&mut self) -> Vec<Configuration> {
        let mut configurations = Vec::new();
        while self.at_word(sym::IF) {
            let start = self.bump().start;
            self.expect(TokenKind::OpenParen);
            let names = self.dotted_identifier_list();
            let names: Vec<&str> = names.iter().map(|name| name.symbol.as_str()).collect();
            let name = names.join(".");
            let value = self
                .eat(TokenKind::EqEq)
                .then(|| self.plain_string("a value in quotes"));
            self.expect(TokenKind::CloseParen);
            let uri = self.uri();
            let span = self.span_from(start);
            configurations.push(Configuration {
                span,
                name,
                value,
                uri,
            });
        }
        configurations
    }

    /// `combinator*`.
    fn combinators(&mut self) -> Vec<Combinator> {
        let mut combinators = Vec::new();
        while self.at_word(sym::SHOW) || self.at_word(sym::HIDE) {
            let is_show = self.bump().symbol() == sym::SHOW;
            let mut names = vec![self.identifier()];
            while self.eat(TokenKind::Comma) {
                names.push(self.identifier());
            }
            combinators.push(Combinator { is_show, names });
        }
        combinators
    }

    /// The span of one byte just before the current place.
    pub(super) fn end_of_previous(&self) -> Span {
        Span::new(self.previous_end.saturating_sub(1), self.previous_end)
    }
}

pub(super) fn is_string(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::String | TokenKind::StringBegin)
}
