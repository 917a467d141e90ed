//! Members of classes, mixins, enums, extensions and extension types.

use super::Parser;
use super::parameter::ParameterStyle;
use crate::ast::{
    Arguments, BodyId, BodyKind, BodyModifier, ConstructorDeclaration, ConstructorDesignation,
    FunctionKind, Identifier, Initializer, InitializerKind, Member, MemberKind, Modifiers,
    PrimaryConstructorBody, VariableKeyword,
};
use crate::span::Span;
use crate::symbol::{Symbol, sym};
use crate::token::TokenKind;

/// What stands before a member.
#[derive(Clone, Copy)]
struct MemberModifiers {
    words: Modifiers,
    is_late: bool,
    keyword: VariableKeyword,
}

impl Parser<'_> {
    /// `memberedDeclarationBody`: `{ … }` or `;`.
    pub(super) fn membered_declaration_body(&mut self, class_name: Symbol) -> Vec<Member> {
        if self.eat(TokenKind::Semicolon) {
            return Vec::new();
        }
        if !self.at(TokenKind::OpenBrace) {
            self.expected_here_or_before("'{' or ';'");
            self.skip_to_body();
        }
        if !self.eat(TokenKind::OpenBrace) {
            return Vec::new();
        }
        let members = self.member_declarations(class_name);
        self.close_body();
        members
    }

    /// Looks for the `{` of a body after a broken header, on the same line.
    fn skip_to_body(&mut self) {
        while !self.is_after_line_break()
            && !matches!(
                self.current.kind,
                TokenKind::OpenBrace
                    | TokenKind::CloseBrace
                    | TokenKind::Semicolon
                    | TokenKind::Eof
            )
        {
            self.bump();
        }
        if self.at(TokenKind::OpenBrace) {
            self.recovering = self.is_aborted;
        }
    }

    /// The `}` of a body.
    pub(super) fn close_body(&mut self) {
        self.recovering = self.is_aborted;
        if !self.eat(TokenKind::CloseBrace) {
            self.expected("'}' to close this body");
        }
    }

    /// `memberDeclarations`, up to the `}`.
    pub(super) fn member_declarations(&mut self, class_name: Symbol) -> Vec<Member> {
        let saved = std::mem::replace(&mut self.context, super::Context::TOP);
        let members = self.nested(|parser| {
            let mut members = Vec::new();
            while !parser.at(TokenKind::CloseBrace) && !parser.at(TokenKind::Eof) {
                let before = parser.pos;
                members.extend(parser.member_declaration(class_name));
                parser.sync_member();
                if parser.pos == before {
                    parser.bump();
                }
            }
            members
        });
        self.context = saved;
        members
    }

    /// `memberDeclaration`. None where nothing like a member was found.
    fn member_declaration(&mut self, class_name: Symbol) -> Option<Member> {
        if self.at(TokenKind::Semicolon) {
            self.report(
                "stray-semicolon",
                self.current.span(),
                "a ';' is no member; remove it",
            );
            self.bump();
            return None;
        }
        let metadata = self.metadata();
        let start = self.current.start;
        let mut modifiers = self.member_modifiers();
        let kind = self.member_kind(class_name, &mut modifiers)?;
        let span = self.span_from(start);
        Some(Member {
            span,
            metadata,
            modifiers: modifiers.words,
            kind,
        })
    }

    fn member_modifiers(&mut self) -> MemberModifiers {
        let mut modifiers = MemberModifiers {
            words: Modifiers::empty(),
            is_late: false,
            keyword: VariableKeyword::Type,
        };
        loop {
            let word = self.word();
            let is_reserved = matches!(word, sym::FINAL | sym::VAR | sym::CONST);
            let is_modifier = is_reserved
                || matches!(
                    word,
                    sym::ABSTRACT
                        | sym::STATIC
                        | sym::EXTERNAL
                        | sym::COVARIANT
                        | sym::LATE
                        | sym::AUGMENT
                ) && self.at_modifier();
            if !is_modifier {
                return modifiers;
            }
            let span = self.bump().span();
            self.add_member_modifier(&mut modifiers, word, span);
        }
    }

    fn add_member_modifier(&mut self, modifiers: &mut MemberModifiers, word: Symbol, span: Span) {
        if self.is_misplaced_modifier(modifiers, word) {
            let message = format!(
                "'{word}' cannot stand here, after the words before it; remove it or move it to the front"
            );
            self.report("misplaced-modifier", span, message);
        }
        match word {
            sym::ABSTRACT => modifiers.words.insert(Modifiers::ABSTRACT),
            sym::STATIC => modifiers.words.insert(Modifiers::STATIC),
            sym::EXTERNAL => modifiers.words.insert(Modifiers::EXTERNAL),
            sym::COVARIANT => modifiers.words.insert(Modifiers::COVARIANT),
            sym::AUGMENT => modifiers.words.insert(Modifiers::AUGMENT),
            sym::LATE => modifiers.is_late = true,
            sym::FINAL => modifiers.keyword = VariableKeyword::Final,
            sym::VAR => modifiers.keyword = VariableKeyword::Var,
            _ => {
                modifiers.keyword = VariableKeyword::Const;
                modifiers.words.insert(Modifiers::CONST);
            }
        }
    }

    /// Whether the word contradicts or repeats one before it, or comes too late.
    fn is_misplaced_modifier(&self, before: &MemberModifiers, word: Symbol) -> bool {
        let words = before.words;
        let has_keyword = before.keyword != VariableKeyword::Type;
        match word {
            sym::STATIC => {
                words.intersects(Modifiers::STATIC | Modifiers::ABSTRACT | Modifiers::COVARIANT)
                    || before.is_late
                    || has_keyword
            }
            sym::COVARIANT => {
                words.intersects(Modifiers::STATIC | Modifiers::COVARIANT)
                    || before.is_late
                    || has_keyword
            }
            sym::ABSTRACT => {
                words.intersects(Modifiers::STATIC | Modifiers::EXTERNAL | Modifiers::ABSTRACT)
                    || words.contains(Modifiers::COVARIANT)
                    || before.is_late
                    || has_keyword
            }
            sym::EXTERNAL => {
                words.intersects(Modifiers::EXTERNAL | Modifiers::ABSTRACT | Modifiers::STATIC)
                    || words.contains(Modifiers::COVARIANT)
                    || before.is_late
                    || has_keyword
            }
            sym::LATE => {
                before.is_late
                    || has_keyword
                    || words.intersects(Modifiers::ABSTRACT | Modifiers::EXTERNAL)
            }
            sym::CONST => {
                has_keyword
                    || before.is_late
                    || words.intersects(Modifiers::ABSTRACT | Modifiers::COVARIANT)
            }
            _ => has_keyword,
        }
    }

    fn member_kind(
        &mut self,
        class_name: Symbol,
        modifiers: &mut MemberModifiers,
    ) -> Option<MemberKind> {
        let is_const = modifiers.keyword == VariableKeyword::Const;
        let is_plain = modifiers.keyword == VariableKeyword::Type && !modifiers.is_late;
        if is_plain && self.at_word(sym::THIS) {
            return Some(self.primary_constructor_body());
        }
        if (is_plain || is_const) && self.at_factory(modifiers) {
            modifiers.words.insert(Modifiers::FACTORY);
            return Some(self.factory_constructor(class_name));
        }
        if (is_plain || is_const) && self.at_constructor(class_name) {
            return Some(self.generative_constructor(class_name));
        }
        if is_plain {
            // Which members may lack a body depends on the class, so that is not checked here.
            if let Some(function) = self.maybe_function_declaration(Some(class_name), true) {
                let is_operator = function.kind == FunctionKind::Operator;
                if modifiers.words.contains(Modifiers::STATIC) {
                    self.refuse_covariant(&function.params);
                }
                if modifiers.words.contains(Modifiers::EXTERNAL) {
                    self.refuse_body(&function);
                }
                if is_operator && modifiers.words.contains(Modifiers::STATIC) {
                    let message = "an operator belongs to an object, so it cannot be 'static'; \
                                   remove the word or make it a method with a name";
                    self.report("misplaced-modifier", function.name.span, message);
                }
                return Some(MemberKind::Method(Box::new(function)));
            }
        }
        let has_variable_words = modifiers.is_late || modifiers.keyword != VariableKeyword::Type;
        if !has_variable_words && !self.at_identifier() && self.skip_type(self.pos).is_none() {
            self.expected("a member");
            return None;
        }
        let (is_late, keyword) = (modifiers.is_late, modifiers.keyword);
        let variables = self.variables_after_modifiers(Vec::new(), is_late, keyword);
        self.expect_semicolon();
        Some(MemberKind::Fields(Box::new(variables)))
    }

    /// `primaryConstructorBodySignature`.
    fn primary_constructor_body(&mut self) -> MemberKind {
        self.bump();
        let initializers = self.maybe_initializers();
        let body = self.function_body(true);
        let body = PrimaryConstructorBody { initializers, body };
        MemberKind::PrimaryConstructorBody(Box::new(body))
    }

    /// `factory` after nothing but `const`, `external` and `augment` is never the name of a method (from 3.13 on).
    fn at_factory(&self, modifiers: &MemberModifiers) -> bool {
        let others = Modifiers::CONST | Modifiers::EXTERNAL | Modifiers::AUGMENT;
        if !self.at_word(sym::FACTORY) || !others.contains(modifiers.words) {
            return false;
        }
        let is_short = self.version >= crate::ast::LanguageVersion::new(3, 13)
            && self.nth(1) == TokenKind::OpenParen;
        is_short || self.is_identifier_at(self.pos + 1)
    }

    /// `C(`, `C.name(`, `new(`, `new name(`.
    fn at_constructor(&self, class_name: Symbol) -> bool {
        if self.at_word(sym::NEW) {
            return true;
        }
        if !self.at_identifier() {
            return false;
        }
        match self.nth(1) {
            TokenKind::OpenParen => self.current.symbol() == class_name,
            TokenKind::Dot => self.is_word_at(self.pos + 2) && self.nth(3) == TokenKind::OpenParen,
            _ => false,
        }
    }

    /// `constructorSignature` with what follows it.
    fn generative_constructor(&mut self, class_name: Symbol) -> MemberKind {
        let start = self.current.start;
        let (class, name) = if self.eat_word(sym::NEW) {
            (None, self.at_identifier().then(|| self.identifier()))
        } else {
            self.constructor_name(class_name)
        };
        let name_span = self.span_from(start);
        let params = self.formal_parameter_list(ParameterStyle::Constructor);
        self.refuse_covariant(&params);
        let initializers = self.maybe_initializers();
        let body = self.function_body(true);
        MemberKind::Constructor(Box::new(ConstructorDeclaration {
            class_name: class,
            name,
            name_span,
            params,
            initializers,
            redirection: None,
            body,
        }))
    }

    /// `constructorName`.
    fn constructor_name(&mut self, class_name: Symbol) -> (Option<Identifier>, Option<Identifier>) {
        let class = self.identifier();
        if class.symbol != class_name && class_name != sym::EMPTY {
            let message = format!(
                "a constructor starts with the name of its class; write '{class_name}' \
                 instead of '{}'",
                class.symbol
            );
            self.report("constructor-name", class.span, message);
        }
        let name = self.eat(TokenKind::Dot).then(|| self.identifier_or_new());
        (Some(class), name)
    }

    /// `factoryConstructorSignature` or `redirectingFactoryConstructorSignature`, with a body.
    fn factory_constructor(&mut self, class_name: Symbol) -> MemberKind {
        self.bump();
        let start = self.current.start;
        let is_long = self.nth(1) == TokenKind::Dot;
        let (class, name) = if is_long || self.version < crate::ast::LanguageVersion::new(3, 13) {
            self.constructor_name(class_name)
        } else if self.at(TokenKind::OpenParen) {
            (None, None)
        } else {
            let name = self.identifier();
            // `factory C(…)` in a class C means the constructor C, not C.C.
            if name.symbol == class_name {
                (Some(name), None)
            } else {
                (None, Some(name))
            }
        };
        let name_span = self.span_from(start);
        let params = self.formal_parameter_list(ParameterStyle::Constructor);
        self.refuse_covariant(&params);
        let redirection = self
            .eat(TokenKind::Eq)
            .then(|| self.constructor_designation());
        let body = match redirection {
            Some(_) => self.empty_body(),
            None => self.function_body(true),
        };
        MemberKind::Constructor(Box::new(ConstructorDeclaration {
            class_name: class,
            name,
            name_span,
            params,
            initializers: Vec::new(),
            redirection,
            body,
        }))
    }

    fn empty_body(&mut self) -> BodyId {
        let start = self.current.start;
        self.expect_semicolon();
        self.body(start, BodyModifier::Sync, BodyKind::Empty)
    }

    /// `constructorDesignation`.
    pub(super) fn constructor_designation(&mut self) -> ConstructorDesignation {
        let start = self.current.start;
        let mut path = vec![self.identifier()];
        while path.len() < 3 && self.at(TokenKind::Dot) {
            self.bump();
            path.push(self.identifier_or_new());
        }
        let type_args = self.maybe_type_arguments();
        let has_name = !type_args.is_empty() && self.eat(TokenKind::Dot);
        let name = has_name.then(|| self.identifier_or_new());
        ConstructorDesignation {
            span: self.span_from(start),
            path,
            type_args,
            name,
        }
    }

    /// `initializers?`.
    fn maybe_initializers(&mut self) -> Vec<Initializer> {
        if !self.eat(TokenKind::Colon) {
            return Vec::new();
        }
        let mut initializers = vec![self.initializer_list_entry()];
        while self.eat(TokenKind::Comma) {
            initializers.push(self.initializer_list_entry());
        }
        initializers
    }

    /// `initializerListEntry`.
    fn initializer_list_entry(&mut self) -> Initializer {
        let start = self.current.start;
        let kind = match self.word() {
            sym::SUPER => {
                self.bump();
                let (name, arguments) = self.constructor_call();
                InitializerKind::Super { name, arguments }
            }
            sym::THIS if self.nth(1) == TokenKind::Dot && self.nth(3) == TokenKind::Eq => {
                self.bump();
                self.bump();
                self.field_initializer()
            }
            sym::THIS => {
                self.bump();
                let (name, arguments) = self.constructor_call();
                InitializerKind::Redirection { name, arguments }
            }
            sym::ASSERT => InitializerKind::Assert(self.assertion()),
            _ => self.field_initializer(),
        };
        Initializer {
            span: self.span_from(start),
            kind,
        }
    }

    /// `(. name)? arguments`.
    fn constructor_call(&mut self) -> (Option<Identifier>, Arguments) {
        let name = self.eat(TokenKind::Dot).then(|| self.identifier_or_new());
        (name, self.arguments())
    }

    /// `fieldInitializer`, after `this.`.
    fn field_initializer(&mut self) -> InitializerKind {
        let name = self.identifier();
        self.expect(TokenKind::Eq);
        let saved = self.context;
        self.context.allows_function = false;
        let value = self.expression();
        self.context = saved;
        InitializerKind::Field { name, value }
    }

    /// Whether an operator that can be declared stands at `pos`.
    pub(super) fn is_operator_at(&self, pos: usize) -> bool {
        self.operator_at(pos).is_some()
    }

    /// The member name of the operator at `pos` and its number of tokens.
    pub(super) fn operator_at(&self, pos: usize) -> Option<(Symbol, usize)> {
        let name = match self.kind_at(pos) {
            TokenKind::Tilde => sym::TILDE,
            TokenKind::Plus => sym::PLUS,
            TokenKind::Minus => sym::MINUS,
            TokenKind::Star => sym::STAR,
            TokenKind::Slash => sym::SLASH,
            TokenKind::TildeSlash => sym::TILDE_SLASH,
            TokenKind::Percent => sym::PERCENT,
            TokenKind::EqEq => sym::EQUALS,
            TokenKind::LtEq => sym::LESS_EQUALS,
            TokenKind::LtLt => sym::SHIFT_LEFT,
            TokenKind::Amp => sym::AMPERSAND,
            TokenKind::Pipe => sym::PIPE,
            TokenKind::Caret => sym::CARET,
            // `operator<T>(…)` is a method with the name `operator`.
            TokenKind::Lt if self.skip_type_parameters(pos).is_none() => sym::LESS,
            TokenKind::Gt => return Some(self.greater_operator_at(pos)),
            TokenKind::OpenBracket if self.kind_at(pos + 1) == TokenKind::CloseBracket => {
                let is_set = self.touches_next(pos + 1) && self.kind_at(pos + 2) == TokenKind::Eq;
                return Some(if is_set {
                    (sym::INDEX_SET, 3)
                } else {
                    (sym::INDEX_GET, 2)
                });
            }
            _ => return None,
        };
        Some((name, 1))
    }

    /// `>`, `>>`, `>>>` or `>=`, of adjacent tokens.
    fn greater_operator_at(&self, pos: usize) -> (Symbol, usize) {
        let follows = |n: usize, kind: TokenKind| {
            self.touches_next(pos + n - 1) && self.kind_at(pos + n) == kind
        };
        if follows(1, TokenKind::Eq) {
            (sym::GREATER_EQUALS, 2)
        } else if follows(1, TokenKind::Gt) && follows(2, TokenKind::Gt) {
            (sym::SHIFT_RIGHT_UNSIGNED, 3)
        } else if follows(1, TokenKind::Gt) {
            (sym::SHIFT_RIGHT, 2)
        } else {
            (sym::GREATER, 1)
        }
    }

    /// `operator`, after the word `operator`.
    pub(super) fn operator(&mut self) -> Identifier {
        let start = self.current.start;
        let Some((symbol, count)) = self.operator_at(self.pos) else {
            self.expected("an operator");
            return self.missing_identifier();
        };
        self.move_to(self.pos + count);
        Identifier {
            symbol,
            span: self.span_from(start),
        }
    }
}
