//! Types, type arguments and type parameters.

use super::Parser;
use crate::ast::{
    FormalParameter, FunctionType, RecordType, RecordTypeField, TypeKind, TypeNodeId, TypeParameter,
};
use crate::symbol::sym;
use crate::token::TokenKind;

impl Parser<'_> {
    /// `type`.
    pub(super) fn type_(&mut self) -> TypeNodeId {
        self.nested(|parser| parser.type_where(|_| true))
    }

    /// `typeNotVoid`.
    pub(super) fn type_not_void(&mut self) -> TypeNodeId {
        let ty = self.type_();
        self.check_not_void(ty)
    }

    fn check_not_void(&mut self, ty: TypeNodeId) -> TypeNodeId {
        let node = &self.tree[ty];
        if node.kind == TypeKind::Void {
            let span = node.span;
            let message =
                "'void' cannot be used here; write 'Object?' for a type that is above all others";
            self.report("void-type", span, message);
        }
        ty
    }

    /// A type that is no function type, even if `Function` follows.
    pub(super) fn type_before_function(&mut self) -> TypeNodeId {
        let start = self.current.start;
        let kind = self.nested(|parser| parser.type_not_function());
        self.finish_type(start, kind, &|_: &Self| true)
    }

    /// The type after `is` or `as` in an expression, where a `?` may also belong to a conditional
    /// expression.
    pub(super) fn type_in_test(&mut self) -> TypeNodeId {
        let ty = self.nested(|parser| {
            parser.type_where(|parser| !parser.is_conditional_rest(parser.pos + 1))
        });
        self.check_not_void(ty)
    }

    /// A type whose `?` is taken where `takes_question` says so.
    fn type_where(&mut self, takes_question: impl Fn(&Self) -> bool) -> TypeNodeId {
        let start = self.current.start;
        let mut ty = if self.is_function_type_tail(self.pos) {
            let kind = self.function_type_tail(None);
            self.finish_type(start, kind, &takes_question)
        } else {
            let kind = self.type_not_function();
            self.finish_type(start, kind, &takes_question)
        };
        let mut links = 0;
        while self.is_function_type_tail(self.pos) {
            self.count_link(&mut links);
            let kind = self.function_type_tail(Some(ty));
            ty = self.finish_type(start, kind, &takes_question);
        }
        ty
    }

    fn finish_type(
        &mut self,
        start: u32,
        kind: TypeKind,
        takes_question: &impl Fn(&Self) -> bool,
    ) -> TypeNodeId {
        let is_nullable = self.at(TokenKind::Question) && takes_question(self);
        if is_nullable {
            self.bump();
        }
        self.type_node(start, kind, is_nullable)
    }

    fn type_not_function(&mut self) -> TypeKind {
        if self.eat_word(sym::VOID) {
            return TypeKind::Void;
        }
        if self.at(TokenKind::OpenParen) {
            return self.record_type();
        }
        self.named_type()
    }

    /// `typeName typeArguments?`, without a `?`.
    pub(super) fn type_not_nullable(&mut self) -> TypeNodeId {
        let start = self.current.start;
        let kind = self.named_type();
        self.type_node(start, kind, false)
    }

    fn named_type(&mut self) -> TypeKind {
        if !self.at_identifier() {
            self.expected("a type");
            return TypeKind::Error;
        }
        self.check_type_name();
        let mut name = self.identifier();
        let mut prefix = None;
        if self.at(TokenKind::Dot) && self.is_identifier_at(self.pos + 1) {
            self.bump();
            self.check_type_name();
            prefix = Some(name);
            name = self.identifier();
        }
        let type_args = self.maybe_type_arguments();
        TypeKind::Named {
            prefix,
            name,
            type_args,
        }
    }

    /// Built-in identifiers are not names of types.
    fn check_type_name(&mut self) {
        let word = self.word();
        if word.is_built_in() && !matches!(word, sym::DYNAMIC | sym::FUNCTION) {
            let message = format!("expected a type, but '{word}' cannot name one");
            self.report("built-in-as-type", self.current.span(), message);
        }
    }

    /// `functionTypeTail`: `Function<X>(…)`.
    fn function_type_tail(&mut self, return_type: Option<TypeNodeId>) -> TypeKind {
        self.bump();
        let type_params = self.maybe_type_parameters();
        let params = self.parameter_type_list();
        TypeKind::Function(Box::new(FunctionType {
            return_type,
            type_params,
            params,
        }))
    }

    /// `recordType`.
    fn record_type(&mut self) -> TypeKind {
        let start = self.bump().start;
        let mut record = RecordType {
            positional: Vec::new(),
            named: Vec::new(),
        };
        let mut has_braces = false;
        let mut has_comma = false;
        self.bracketed(|parser| {
            while !parser.at(TokenKind::CloseParen) && !parser.at(TokenKind::Eof) {
                if parser.eat(TokenKind::OpenBrace) {
                    has_braces = true;
                    let close = TokenKind::CloseBrace;
                    record.named =
                        parser.comma_list(close, |parser| parser.record_type_field(true));
                    break;
                }
                let field = parser.record_type_field(false);
                record.positional.push(field);
                parser.sync_element(TokenKind::CloseParen);
                has_comma = parser.at(TokenKind::Comma);
                if !parser.eat(TokenKind::Comma) {
                    break;
                }
            }
            parser.expect(TokenKind::CloseParen);
        });
        let span = crate::span::Span::new(self.previous_end.saturating_sub(1), self.previous_end);
        if has_braces && record.named.is_empty() {
            let message = "the braces of a record type hold at least one named field; \
                           remove them or name one";
            self.report("empty-record-fields", span, message);
        } else if record.positional.len() == 1 && !has_comma && !has_braces {
            let message = "a record type with one field by position needs a comma after it: '(T,)'";
            self.report("record-comma", span, message);
        }
        let span = self.span_from(start);
        self.check_record_type(span, &record);
        TypeKind::Record(Box::new(record))
    }

    fn record_type_field(&mut self, is_named: bool) -> RecordTypeField {
        self.metadata();
        let ty = self.type_();
        let has_name = is_named || self.at_identifier();
        let name = has_name.then(|| self.identifier());
        RecordTypeField { ty, name }
    }

    /// `typeArguments?`.
    pub(super) fn maybe_type_arguments(&mut self) -> Vec<TypeNodeId> {
        if !self.eat(TokenKind::Lt) {
            return Vec::new();
        }
        self.angle_list(|parser| parser.type_())
    }

    /// `typeParameters?`.
    pub(super) fn maybe_type_parameters(&mut self) -> Vec<TypeParameter> {
        if !self.eat(TokenKind::Lt) {
            return Vec::new();
        }
        self.angle_list(|parser| parser.type_parameter())
    }

    fn type_parameter(&mut self) -> TypeParameter {
        let metadata = self.metadata();
        let start = self.current.start;
        let name = self.type_identifier("a type parameter");
        let bound = self.eat_word(sym::EXTENDS).then(|| self.type_not_void());
        TypeParameter {
            span: self.span_from(start),
            metadata,
            name,
            bound,
        }
    }

    /// `element (, element)* >`. The `<` has been taken.
    fn angle_list<T>(&mut self, mut element: impl FnMut(&mut Self) -> T) -> Vec<T> {
        self.nested(|parser| {
            let mut elements = vec![element(parser)];
            while parser.eat(TokenKind::Comma) {
                elements.push(element(parser));
            }
            parser.expect(TokenKind::Gt);
            elements
        })
    }

    /// `parameterTypeList`.
    fn parameter_type_list(&mut self) -> Vec<FormalParameter> {
        self.formal_parameter_list(super::parameter::ParameterStyle::Type)
    }
}
