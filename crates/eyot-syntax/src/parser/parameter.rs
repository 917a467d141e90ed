//! Formal parameters of functions, function types and primary constructors; annotations.

use super::Parser;
use crate::ast::{
    Annotation, ConstructorDesignation, FormalParameter, LanguageVersion, ParameterForm,
    ParameterFunction, ParameterKeyword, ParameterKind, TypeParameter,
};
use crate::symbol::sym;
use crate::token::TokenKind;

/// Where a parameter list stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ParameterStyle {
    /// In a function: a type may be missing.
    Function,
    /// In a constructor: `this.x` and `super.x` are allowed too.
    Constructor,
    /// In a function type: a name may be missing.
    Type,
    /// In a primary constructor: `var` and `final` declare fields.
    Declaring,
}

/// What is wrong with `void Function([int x = 0])`.
pub(super) const DEFAULT_IN_TYPE: &str =
    "a parameter of a function type has no default value; remove it";

impl Parser<'_> {
    /// Reports `covariant` where no instance member declares the parameters: nothing can override what they are of.
    pub(super) fn refuse_covariant(&mut self, params: &[FormalParameter]) {
        for param in params.iter().filter(|param| param.is_covariant) {
            let message = "only parameters of instance members can be 'covariant'; remove the word";
            self.report("misplaced-modifier", param.span, message);
        }
    }

    /// Reports a named parameter whose name is private: no other library could give it. One that sets a field is called without the
    /// underscore.
    fn check_parameter_name(&mut self, style: ParameterStyle, param: &FormalParameter) {
        let declares_field =
            style == ParameterStyle::Declaring && param.keyword != ParameterKeyword::None;
        let is_ordinary = param.form == ParameterForm::Normal && !declares_field;
        if let Some(name) = param.name
            && param.kind == ParameterKind::Named
            && is_ordinary
            && name.symbol.is_private()
        {
            let message = "a named parameter is for callers of any library, so its name cannot start with '_'; rename it";
            self.report("private-named-parameter", name.span, message);
        }
    }

    /// `formalParameterPart`.
    pub(super) fn formal_parameter_part(&mut self) -> (Vec<TypeParameter>, Vec<FormalParameter>) {
        let type_params = self.maybe_type_parameters();
        let params = self.formal_parameter_list(ParameterStyle::Function);
        (type_params, params)
    }

    /// `formalParameterList`, `parameterTypeList`, `declaringParameterList`.
    pub(super) fn formal_parameter_list(&mut self, style: ParameterStyle) -> Vec<FormalParameter> {
        if !self.at(TokenKind::OpenParen) {
            self.expected("'(' and parameters");
            return Vec::new();
        }
        let open_pos = self.pos;
        self.bump();
        let params = self.bracketed(|parser| {
            let mut params = Vec::new();
            if parser.normal_formal_parameters(style, &mut params) {
                parser.optional_or_named_formal_parameters(style, &mut params);
            }
            params
        });
        if !self.at(TokenKind::CloseParen) {
            self.expected("',' or ')'");
        }
        self.close_bracket(open_pos, TokenKind::CloseParen);
        params
    }

    /// The parameters before any `[` or `{`. Answers whether more may follow.
    fn normal_formal_parameters(
        &mut self,
        style: ParameterStyle,
        params: &mut Vec<FormalParameter>,
    ) -> bool {
        while !matches!(
            self.current.kind,
            TokenKind::CloseParen | TokenKind::OpenBracket | TokenKind::OpenBrace | TokenKind::Eof
        ) {
            params.push(self.formal_parameter(style, ParameterKind::Positional));
            self.sync_element(TokenKind::CloseParen);
            if !self.eat(TokenKind::Comma) {
                return false;
            }
        }
        true
    }

    fn optional_or_named_formal_parameters(
        &mut self,
        style: ParameterStyle,
        params: &mut Vec<FormalParameter>,
    ) {
        let (kind, close) = match self.current.kind {
            TokenKind::OpenBracket => (ParameterKind::OptionalPositional, TokenKind::CloseBracket),
            TokenKind::OpenBrace => (ParameterKind::Named, TokenKind::CloseBrace),
            _ => return,
        };
        let open = self.bump();
        let optional = self.comma_list(close, |parser| parser.formal_parameter(style, kind));
        if optional.is_empty() {
            let message = "these brackets hold at least one parameter; remove them or add one";
            self.report("empty-optional-parameters", open.span(), message);
        }
        params.extend(optional);
    }

    /// One parameter, with its default value.
    fn formal_parameter(&mut self, style: ParameterStyle, kind: ParameterKind) -> FormalParameter {
        let metadata = self.metadata();
        let start = self.current.start;
        let mut param = FormalParameter {
            span: self.current.span(),
            metadata,
            kind,
            form: ParameterForm::Normal,
            is_required: false,
            is_covariant: false,
            keyword: ParameterKeyword::None,
            ty: None,
            name: None,
            function: None,
            default: None,
        };
        self.parameter_modifiers(style, &mut param);
        if style == ParameterStyle::Type {
            self.parameter_type(&mut param);
        } else {
            self.parameter_type_and_name(style, &mut param);
        }
        self.check_parameter_name(style, &param);
        self.parameter_default(style, &mut param);
        param.span = self.span_from(start);
        param
    }

    fn parameter_modifiers(&mut self, style: ParameterStyle, param: &mut FormalParameter) {
        loop {
            let span = self.current.span();
            match self.word() {
                sym::REQUIRED if self.at_parameter_modifier() => {
                    if param.kind != ParameterKind::Named || param.is_required {
                        let message = "'required' stands once, before a named parameter; remove it";
                        self.report("misplaced-modifier", span, message);
                    }
                    param.is_required = true;
                }
                sym::COVARIANT if self.at_parameter_modifier() => param.is_covariant = true,
                sym::FINAL => {
                    self.check_parameter_keyword(style, param, "final");
                    param.keyword = ParameterKeyword::Final;
                }
                sym::VAR => {
                    self.check_parameter_keyword(style, param, "var");
                    param.keyword = ParameterKeyword::Var;
                }
                sym::CONST | sym::STATIC | sym::LATE | sym::EXTERNAL | sym::ABSTRACT
                    if self.at_word(sym::CONST) || self.at_parameter_modifier() =>
                {
                    let message = format!("a parameter cannot be '{}'; remove it", self.word());
                    self.report("misplaced-modifier", span, message);
                }
                _ => return,
            }
            self.bump();
        }
    }

    fn at_parameter_modifier(&self) -> bool {
        self.at_modifier()
    }

    /// `var` and `final` declare fields in primary constructors; from 3.13 on they have no other
    /// use before parameters.
    fn check_parameter_keyword(
        &mut self,
        style: ParameterStyle,
        param: &FormalParameter,
        word: &str,
    ) {
        let is_misplaced = match style {
            ParameterStyle::Declaring => false,
            ParameterStyle::Function | ParameterStyle::Constructor => {
                self.version >= LanguageVersion::new(3, 13)
            }
            ParameterStyle::Type => true,
        };
        let span = self.current.span();
        if param.keyword != ParameterKeyword::None {
            let message = format!("this parameter already is 'var' or 'final'; remove '{word}'");
            self.report("misplaced-modifier", span, message);
        } else if is_misplaced {
            let message = format!(
                "'{word}' before a parameter declares a field, and so stands only in the header \
                 of a class; remove it"
            );
            self.report("misplaced-modifier", span, message);
        }
    }

    /// `type identifier?`.
    fn parameter_type(&mut self, param: &mut FormalParameter) {
        param.ty = Some(self.type_());
        if self.at_identifier() {
            param.name = Some(self.identifier());
        } else if param.kind == ParameterKind::Named {
            self.expected("the name of this named parameter");
        }
    }

    /// `type? (this.|super.)? identifier (formalParameterPart ?)?`.
    fn parameter_type_and_name(&mut self, style: ParameterStyle, param: &mut FormalParameter) {
        if self.has_parameter_type() {
            param.ty = Some(self.type_());
        } else if self.is_called_function() {
            param.ty = Some(self.type_before_function());
        }
        if self.at_word(sym::THIS) || self.at_word(sym::SUPER) {
            let is_this = self.at_word(sym::THIS);
            param.form = if is_this {
                ParameterForm::Field
            } else {
                ParameterForm::Super
            };
            if style == ParameterStyle::Function {
                let message = "only a constructor has parameters with 'this.' or 'super.'; \
                               declare an ordinary parameter";
                self.report("misplaced-formal", self.current.span(), message);
            }
            self.bump();
            self.expect(TokenKind::Dot);
        }
        param.name = Some(self.identifier());
        if matches!(self.current.kind, TokenKind::OpenParen | TokenKind::Lt) {
            let (type_params, params) = self.nested(|parser| parser.formal_parameter_part());
            let is_nullable = self.eat(TokenKind::Question);
            let function = ParameterFunction {
                type_params,
                params,
                is_nullable,
            };
            param.function = Some(Box::new(function));
        }
    }

    fn has_parameter_type(&self) -> bool {
        self.skip_type(self.pos).is_some_and(|end| {
            self.is_identifier_at(end)
                || matches!(self.word_at(end), sym::THIS | sym::SUPER)
                // A type where the name is missing or reserved: better errors this way.
                || self.at_word(sym::VOID) && !self.is_called_function()
                || self.kind_at(end - 1) == TokenKind::Gt && self.kind_at(end) == TokenKind::Comma
        })
    }

    /// In `T Function(int x)` without a name behind it, `Function` is the name.
    fn is_called_function(&self) -> bool {
        self.skip_type_before_function(self.pos)
            .is_some_and(|end| self.is_function_type_tail(end))
    }

    fn parameter_default(&mut self, style: ParameterStyle, param: &mut FormalParameter) {
        let is_colon = self.at(TokenKind::Colon) && param.kind == ParameterKind::Named;
        if !is_colon && !self.at(TokenKind::Eq) {
            return;
        }
        let token = self.bump();
        if is_colon && self.version >= LanguageVersion::new(3, 0) {
            let message = "a default value follows '='; write '=' instead of ':'";
            self.report("colon-default", token.span(), message);
        }
        if style == ParameterStyle::Type {
            self.report("misplaced-default", token.span(), DEFAULT_IN_TYPE);
        } else if param.kind == ParameterKind::Positional {
            let message = "only a parameter in '[]' or '{}' can have a default value; \
                           put it in brackets or remove the value";
            self.report("misplaced-default", token.span(), message);
        }
        if param.is_required {
            let message = "a required parameter is always given, so it has no default value; \
                           remove the one or the other";
            self.report("misplaced-default", token.span(), message);
        }
        param.default = Some(self.expression());
    }

    /// `metadata`.
    pub(super) fn metadata(&mut self) -> Vec<Annotation> {
        let mut metadata = Vec::new();
        while self.at(TokenKind::At) {
            metadata.push(self.metadatum());
        }
        metadata
    }

    /// `@ metadatum`. Arguments must touch the name: after a space a record type begins.
    fn metadatum(&mut self) -> Annotation {
        let start = self.bump().start;
        let name_start = self.current.start;
        let mut path = vec![self.identifier()];
        while self.at(TokenKind::Dot) && path.len() < 3 {
            self.bump();
            path.push(self.identifier_or_new());
        }
        let mut name = None;
        let mut type_args = Vec::new();
        let has_type_args = self
            .skip_type_arguments(self.pos)
            .is_some_and(|end| matches!(self.kind_at(end), TokenKind::OpenParen | TokenKind::Dot));
        if has_type_args {
            if self.version < LanguageVersion::new(2, 14) {
                let message =
                    "annotations have type arguments from language version 2.14 on; remove them";
                self.report("generic-metadata", self.current.span(), message);
            }
            type_args = self.maybe_type_arguments();
            if self.eat(TokenKind::Dot) {
                name = Some(self.identifier_or_new());
            }
        }
        let span = self.span_from(name_start);
        let name = ConstructorDesignation {
            span,
            path,
            type_args,
            name,
        };
        let has_arguments =
            self.at(TokenKind::OpenParen) && self.current.start == self.previous_end;
        let arguments = has_arguments.then(|| self.arguments());
        Annotation {
            span: self.span_from(start),
            name,
            arguments,
        }
    }
}
