//! Top-level declarations and function bodies.

use super::parameter::{DEFAULT_IN_TYPE, ParameterStyle};
use super::{Context, Parser};
use crate::ast::{
    Annotation, BodyId, BodyKind, BodyModifier, ClassDeclaration, Declaration, DeclarationKind,
    EnumDeclaration, EnumValue, ExtensionDeclaration, ExtensionTypeDeclaration, FunctionBody,
    FunctionDeclaration, FunctionKind, FunctionType, Identifier, MixinDeclaration, Modifiers,
    PrimaryConstructor, TypeKind, TypeNodeId, TypeParameter, TypedefDeclaration, Variable,
    VariableDeclaration, VariableKeyword,
};
use crate::symbol::{Symbol, sym};
use crate::token::TokenKind;

impl Parser<'_> {
    /// `topLevelDeclaration`.
    pub(super) fn top_level_declaration(&mut self, metadata: Vec<Annotation>) {
        let start = self.current.start;
        let mut modifiers = Modifiers::empty();
        let kind = self.declaration_kind(&mut modifiers);
        let Some(kind) = kind else { return };
        let span = self.span_from(start);
        self.tree.declarations.push(Declaration {
            span,
            metadata,
            modifiers,
            kind,
        });
    }

    fn declaration_kind(&mut self, modifiers: &mut Modifiers) -> Option<DeclarationKind> {
        if let Some(class_pos) = self.class_keyword_after_modifiers() {
            self.class_modifiers(class_pos, modifiers);
            return Some(if self.at_word(sym::CLASS) {
                self.class_declaration()
            } else {
                self.mixin_declaration()
            });
        }
        while matches!(self.word(), sym::EXTERNAL | sym::AUGMENT) && self.at_modifier() {
            let is_external = self.bump().symbol() == sym::EXTERNAL;
            modifiers.insert(if is_external {
                Modifiers::EXTERNAL
            } else {
                Modifiers::AUGMENT
            });
        }
        match self.word() {
            sym::ENUM => return Some(self.enum_type()),
            sym::EXTENSION if self.at_extension() => return Some(self.extension()),
            sym::TYPEDEF if self.at_modifier() => return Some(self.type_alias()),
            sym::STATIC | sym::ABSTRACT | sym::COVARIANT if self.at_modifier() => {
                let message = format!(
                    "'{}' has no meaning outside of a class; remove it",
                    self.word()
                );
                self.report("misplaced-modifier", self.current.span(), message);
                self.bump();
            }
            _ => {}
        }
        self.function_or_variables(modifiers.contains(Modifiers::EXTERNAL))
    }

    /// The index of the `class` or `mixin` that class modifiers lead up to.
    fn class_keyword_after_modifiers(&self) -> Option<usize> {
        let mut pos = self.pos;
        loop {
            match self.word_at(pos) {
                sym::CLASS => return Some(pos),
                sym::MIXIN if self.word_at(pos + 1) == sym::CLASS => pos += 1,
                sym::MIXIN if self.is_word_at(pos + 1) => return Some(pos),
                sym::ABSTRACT
                | sym::SEALED
                | sym::BASE
                | sym::INTERFACE
                | sym::FINAL
                | sym::AUGMENT => pos += 1,
                _ => return None,
            }
        }
    }

    fn class_modifiers(&mut self, class_pos: usize, modifiers: &mut Modifiers) {
        while self.pos < class_pos {
            let token = self.bump();
            let modifier = class_modifier(token.symbol());
            // The order is fixed: one of a later group never stands before one of an earlier.
            let is_late = modifiers.bits() != 0
                && class_modifier_rank(*modifiers) >= class_modifier_rank(modifier);
            if modifiers.contains(modifier) || is_late {
                let message = format!(
                    "'{}' cannot stand here; the order is 'abstract', then 'base', 'interface', \
                     'final' or 'sealed', then 'mixin'",
                    token.symbol()
                );
                self.report("class-modifiers", token.span(), message);
            }
            modifiers.insert(modifier);
        }
        self.check_class_modifiers(*modifiers);
    }

    fn check_class_modifiers(&mut self, modifiers: Modifiers) {
        let span = self.current.span();
        let sealed_and_more =
            modifiers.contains(Modifiers::SEALED) && modifiers.contains(Modifiers::ABSTRACT);
        let not_for_mixins = Modifiers::SEALED | Modifiers::INTERFACE | Modifiers::FINAL;
        let is_mixin_class = modifiers.contains(Modifiers::MIXIN);
        let is_mixin = self.at_word(sym::MIXIN);
        if sealed_and_more {
            let message = "a sealed class is abstract already; remove 'abstract'";
            self.report("class-modifiers", span, message);
        } else if (is_mixin || is_mixin_class) && modifiers.intersects(not_for_mixins) {
            let message = "a mixin is there to be mixed in, so it cannot be 'sealed', \
                           'interface' or 'final'; remove the word";
            self.report("class-modifiers", span, message);
        } else if is_mixin && modifiers.contains(Modifiers::ABSTRACT) {
            let message = "a mixin cannot be 'abstract', it is never constructed; remove the word";
            self.report("class-modifiers", span, message);
        }
    }

    /// `classDeclaration`, from `class` on.
    fn class_declaration(&mut self) -> DeclarationKind {
        self.bump();
        let mut is_const = self.primary_const();
        let name = self.type_identifier("a class");
        let type_params = self.maybe_type_parameters();
        if self.at(TokenKind::Eq) {
            return self.mixin_application_class(name, type_params);
        }
        let primary_constructor = self.maybe_primary_constructor(&mut is_const);
        let superclass = self.eat_word(sym::EXTENDS).then(|| self.type_not_void());
        let mixins = self.type_list_after(sym::WITH);
        let interfaces = self.type_list_after(sym::IMPLEMENTS);
        let members = self.membered_declaration_body(name.symbol);
        DeclarationKind::Class(Box::new(ClassDeclaration {
            name,
            type_params,
            primary_constructor,
            superclass,
            mixins,
            interfaces,
            is_mixin_application: false,
            members,
        }))
    }

    /// `mixinApplicationClass`, from `=` on.
    fn mixin_application_class(
        &mut self,
        name: Identifier,
        type_params: Vec<TypeParameter>,
    ) -> DeclarationKind {
        self.bump();
        let superclass = Some(self.type_not_void());
        if !self.at_word(sym::WITH) {
            self.expected("'with' and mixins");
        }
        let mixins = self.type_list_after(sym::WITH);
        let interfaces = self.type_list_after(sym::IMPLEMENTS);
        self.expect_semicolon();
        DeclarationKind::Class(Box::new(ClassDeclaration {
            name,
            type_params,
            primary_constructor: None,
            superclass,
            mixins,
            interfaces,
            is_mixin_application: true,
            members: Vec::new(),
        }))
    }

    /// The `const` before the name in a header with a primary constructor.
    fn primary_const(&mut self) -> bool {
        self.eat_word(sym::CONST)
    }

    /// The rest of a `primaryConstructor` after the name and type parameters.
    fn maybe_primary_constructor(&mut self, is_const: &mut bool) -> Option<PrimaryConstructor> {
        if !self.at(TokenKind::Dot) && !self.at(TokenKind::OpenParen) {
            if *is_const {
                self.expected("the parameters of a constant constructor");
            }
            return None;
        }
        let start = self.current.start;
        let name = self.eat(TokenKind::Dot).then(|| self.identifier_or_new());
        let params = self.formal_parameter_list(ParameterStyle::Declaring);
        let span = self.span_from(start);
        Some(PrimaryConstructor {
            span,
            is_const: *is_const,
            name,
            params,
        })
    }

    /// A list of types after a word, if the word is there.
    fn type_list_after(&mut self, word: Symbol) -> Vec<TypeNodeId> {
        if !self.eat_word(word) {
            return Vec::new();
        }
        let mut types = vec![self.type_not_void()];
        while self.eat(TokenKind::Comma) {
            types.push(self.type_not_void());
        }
        types
    }

    /// `mixinDeclaration`.
    fn mixin_declaration(&mut self) -> DeclarationKind {
        self.bump();
        let name = self.type_identifier("a mixin");
        let type_params = self.maybe_type_parameters();
        let on = self.type_list_after(sym::ON);
        let interfaces = self.type_list_after(sym::IMPLEMENTS);
        let members = self.membered_declaration_body(name.symbol);
        let declaration = MixinDeclaration {
            name,
            type_params,
            on,
            interfaces,
            members,
        };
        DeclarationKind::Mixin(Box::new(declaration))
    }

    fn at_extension(&self) -> bool {
        self.is_word_at(self.pos + 1) || self.nth(1) == TokenKind::Lt
    }

    fn extension(&mut self) -> DeclarationKind {
        self.bump();
        let is_extension_type = self.at_word(sym::TYPE)
            && (self.is_identifier_at(self.pos + 1) || self.word_at(self.pos + 1) == sym::CONST);
        if is_extension_type {
            self.bump();
            return self.extension_type_declaration();
        }
        self.extension_declaration()
    }

    /// `extensionDeclaration`, after `extension`.
    fn extension_declaration(&mut self) -> DeclarationKind {
        let is_on = self.at_word(sym::ON)
            && self.word_at(self.pos + 1) != sym::ON
            && self.nth(1) != TokenKind::Lt;
        let has_name = self.at_identifier() && !is_on;
        if has_name && self.at_word(sym::TYPE) {
            let message = "an extension cannot be called 'type'; choose another name";
            self.report("built-in-as-type-name", self.current.span(), message);
        }
        let name = has_name.then(|| self.type_identifier("an extension"));
        let type_params = self.maybe_type_parameters();
        self.expect_word(sym::ON);
        let on = self.type_();
        let class_name = name.map_or(sym::EMPTY, |name| name.symbol);
        let members = self.membered_declaration_body(class_name);
        let declaration = ExtensionDeclaration {
            name,
            type_params,
            on,
            members,
        };
        DeclarationKind::Extension(Box::new(declaration))
    }

    /// `extensionTypeDeclaration`, after `extension type`.
    fn extension_type_declaration(&mut self) -> DeclarationKind {
        let mut is_const = self.primary_const();
        let name = self.type_identifier("an extension type");
        let type_params = self.maybe_type_parameters();
        let primary_constructor = match self.maybe_primary_constructor(&mut is_const) {
            Some(constructor) => constructor,
            None => {
                self.expected("'(' and the representation, as in 'extension type E(int value)'");
                let span = self.end_of_previous();
                PrimaryConstructor {
                    span,
                    is_const,
                    name: None,
                    params: Vec::new(),
                }
            }
        };
        let interfaces = self.type_list_after(sym::IMPLEMENTS);
        let members = self.membered_declaration_body(name.symbol);
        DeclarationKind::ExtensionType(Box::new(ExtensionTypeDeclaration {
            name,
            type_params,
            primary_constructor,
            interfaces,
            members,
        }))
    }

    /// `enumType`.
    fn enum_type(&mut self) -> DeclarationKind {
        self.bump();
        let mut is_const = self.primary_const();
        let name = self.type_identifier("an enum");
        let type_params = self.maybe_type_parameters();
        let primary_constructor = self.maybe_primary_constructor(&mut is_const);
        let mixins = self.type_list_after(sym::WITH);
        let interfaces = self.type_list_after(sym::IMPLEMENTS);
        let mut values = Vec::new();
        let mut members = Vec::new();
        if !self.eat(TokenKind::Semicolon) && self.expect(TokenKind::OpenBrace) {
            values = self.enum_entries();
            if self.eat(TokenKind::Semicolon) {
                members = self.member_declarations(name.symbol);
            }
            self.close_body();
        }
        DeclarationKind::Enum(Box::new(EnumDeclaration {
            name,
            type_params,
            primary_constructor,
            mixins,
            interfaces,
            values,
            members,
        }))
    }

    fn enum_entries(&mut self) -> Vec<EnumValue> {
        let mut values = Vec::new();
        while !matches!(
            self.current.kind,
            TokenKind::CloseBrace | TokenKind::Semicolon | TokenKind::Eof
        ) {
            values.push(self.enum_entry());
            self.sync_element(TokenKind::CloseBrace);
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        values
    }

    /// `enumEntry`.
    fn enum_entry(&mut self) -> EnumValue {
        let metadata = self.metadata();
        let start = self.current.start;
        let name = self.identifier();
        let type_args = self.maybe_type_arguments();
        let constructor = self.eat(TokenKind::Dot).then(|| self.identifier_or_new());
        let has_arguments = self.at(TokenKind::OpenParen) || constructor.is_some();
        let arguments = has_arguments.then(|| self.arguments());
        let span = self.span_from(start);
        EnumValue {
            span,
            metadata,
            name,
            type_args,
            constructor,
            arguments,
        }
    }

    /// `typeAlias`.
    fn type_alias(&mut self) -> DeclarationKind {
        self.bump();
        let is_new_style = match self.nth(1) {
            TokenKind::Eq => true,
            TokenKind::Lt => self
                .skip_type_parameters(self.pos + 1)
                .is_some_and(|end| self.kind_at(end) == TokenKind::Eq),
            _ => false,
        };
        let declaration = if is_new_style {
            self.new_type_alias()
        } else {
            self.function_type_alias()
        };
        self.expect_semicolon();
        DeclarationKind::Typedef(Box::new(declaration))
    }

    fn new_type_alias(&mut self) -> TypedefDeclaration {
        let name = self.type_identifier("a typedef");
        let type_params = self.maybe_type_parameters();
        self.expect(TokenKind::Eq);
        let ty = self.type_();
        TypedefDeclaration {
            name,
            type_params,
            ty,
            is_old_style: false,
        }
    }

    /// `functionTypeAlias`: `typedef int F<X>(int x);`.
    fn function_type_alias(&mut self) -> TypedefDeclaration {
        let start = self.current.start;
        let return_type = self.at_type_before_name().then(|| self.type_());
        let name = self.type_identifier("a typedef");
        let (type_params, params) = self.formal_parameter_part();
        self.refuse_covariant(&params);
        for param in params.iter().filter(|param| param.default.is_some()) {
            self.report("misplaced-default", param.span, DEFAULT_IN_TYPE);
        }
        let function = FunctionType {
            return_type,
            type_params: Vec::new(),
            params,
        };
        let ty = self.type_node(start, TypeKind::Function(Box::new(function)), false);
        TypedefDeclaration {
            name,
            type_params,
            ty,
            is_old_style: true,
        }
    }

    /// A function, getter, setter or variables, at top level.
    fn function_or_variables(&mut self, is_external: bool) -> Option<DeclarationKind> {
        let start = self.pos;
        let (is_late, keyword) = self.variable_modifiers();
        if keyword == VariableKeyword::Type
            && !is_late
            && let Some(function) = self.maybe_function_declaration(None, is_external)
        {
            self.refuse_covariant(&function.params);
            if is_external {
                self.refuse_body(&function);
            }
            return Some(DeclarationKind::Function(Box::new(function)));
        }
        if !self.at_identifier() && !self.at_type_before_name() && self.pos == start {
            self.expected("a declaration");
            return None;
        }
        let variables = self.variables_after_modifiers(Vec::new(), is_late, keyword);
        self.expect_semicolon();
        Some(DeclarationKind::Variables(Box::new(variables)))
    }

    /// `late? (final | const | var)?`.
    pub(super) fn variable_modifiers(&mut self) -> (bool, VariableKeyword) {
        let is_late = self.at_word(sym::LATE) && self.at_modifier();
        if is_late {
            self.bump();
        }
        let keyword = match self.word() {
            sym::FINAL => VariableKeyword::Final,
            sym::CONST => VariableKeyword::Const,
            sym::VAR => VariableKeyword::Var,
            _ => return (is_late, VariableKeyword::Type),
        };
        let span = self.bump().span();
        if is_late && keyword == VariableKeyword::Const {
            self.report(
                "misplaced-modifier",
                span,
                "a constant cannot be 'late'; remove one word",
            );
        }
        (is_late, keyword)
    }

    /// `type? identifier (= expression)? (, …)*`.
    pub(super) fn variables_after_modifiers(
        &mut self,
        metadata: Vec<Annotation>,
        is_late: bool,
        keyword: VariableKeyword,
    ) -> VariableDeclaration {
        let has_type = self.at_type_before_name() || self.at_type_before_reserved_word();
        let ty = has_type.then(|| self.type_());
        if keyword == VariableKeyword::Var && has_type {
            let message = "'var' stands instead of a type; remove the one or the other";
            let span = ty.map_or(self.end_of_previous(), |ty| self.tree[ty].span);
            self.report("var-and-type", span, message);
        } else if keyword == VariableKeyword::Type && !has_type && !is_late {
            let message = "a variable needs 'var', 'final', 'const' or a type before its name";
            self.report("missing-variable-keyword", self.current.span(), message);
        }
        let variables = self.initialized_identifier_list();
        VariableDeclaration {
            metadata,
            is_late,
            keyword,
            ty,
            variables,
        }
    }

    /// Whether a type stands here and a reserved word where the name should be.
    fn at_type_before_reserved_word(&self) -> bool {
        self.skip_type(self.pos).is_some_and(|end| {
            self.word_at(end).is_reserved()
                && self.kind_at(end) == TokenKind::Keyword
                && !matches!(self.word_at(end), sym::IN | sym::IS)
                && self.is_taken_for_name(end)
        })
    }

    /// `initializedIdentifierList`.
    fn initialized_identifier_list(&mut self) -> Vec<Variable> {
        let mut variables = Vec::new();
        loop {
            let name = self.identifier();
            let initializer = self.eat(TokenKind::Eq).then(|| self.expression());
            variables.push(Variable { name, initializer });
            if !self.eat(TokenKind::Comma) {
                return variables;
            }
        }
    }

    /// A function, getter, setter or (with `class_name`) operator, if one starts here.
    pub(super) fn maybe_function_declaration(
        &mut self,
        class_name: Option<Symbol>,
        may_be_empty: bool,
    ) -> Option<FunctionDeclaration> {
        let after_type = self
            .skip_type(self.pos)
            .filter(|&end| self.is_identifier_at(end));
        // `Function(int) f()` starts with a type, `Function(x) {}` with a name.
        let is_function_type = self.is_function_type_tail(self.pos)
            && after_type.is_some_and(|end| !self.is_function_body_at(end));
        if !is_function_type
            && let Some(kind) = self.function_kind_at(self.pos, class_name.is_some())
        {
            return Some(self.function_declaration(None, kind, may_be_empty));
        }
        let after_type = self
            .skip_type(self.pos)
            .filter(|&end| self.is_identifier_at(end))?;
        let kind = self.function_kind_at(after_type, class_name.is_some())?;
        let return_type = self.type_();
        Some(self.function_declaration(Some(return_type), kind, may_be_empty))
    }

    /// What kind of function has its name, or the word before it, at `pos`.
    fn function_kind_at(&self, pos: usize, is_member: bool) -> Option<FunctionKind> {
        let next = self.kind_at(pos + 1);
        match self.word_at(pos) {
            // In `get(…)` and `get<T>(…)` the word is the name.
            sym::GET if self.is_word_at(pos + 1) => return Some(FunctionKind::Getter),
            sym::SET if self.is_word_at(pos + 1) => return Some(FunctionKind::Setter),
            sym::OPERATOR if is_member && self.is_operator_declaration_at(pos) => {
                return Some(FunctionKind::Operator);
            }
            _ => {}
        }
        let is_function = self.is_identifier_at(pos)
            && match next {
                TokenKind::OpenParen => true,
                TokenKind::Lt => self
                    .skip_type_parameters(pos + 1)
                    .is_some_and(|end| self.kind_at(end) == TokenKind::OpenParen),
                // A method without parameters: an error, but a method.
                TokenKind::OpenBrace | TokenKind::Arrow => true,
                _ => false,
            };
        is_function.then_some(FunctionKind::Function)
    }

    /// Whether the word `operator` at `pos` is followed by one, or by what is meant to be one.
    fn is_operator_declaration_at(&self, pos: usize) -> bool {
        let is_name = self.is_word_at(pos + 1)
            || matches!(
                self.kind_at(pos + 1),
                TokenKind::OpenParen
                    | TokenKind::OpenBrace
                    | TokenKind::Lt
                    | TokenKind::Eq
                    | TokenKind::Comma
                    | TokenKind::Semicolon
                    | TokenKind::Arrow
                    | TokenKind::Eof
            );
        !is_name || self.is_operator_at(pos + 1)
    }

    fn function_declaration(
        &mut self,
        return_type: Option<TypeNodeId>,
        kind: FunctionKind,
        may_be_empty: bool,
    ) -> FunctionDeclaration {
        if kind != FunctionKind::Function {
            self.bump();
        }
        let name = if kind == FunctionKind::Operator {
            self.operator()
        } else {
            self.identifier()
        };
        let mut type_params = Vec::new();
        let mut params = Vec::new();
        if kind == FunctionKind::Getter {
            if self.at(TokenKind::OpenParen) {
                let message = "a getter has no parameters; remove them or the word 'get'";
                self.report("getter-parameters", self.current.span(), message);
                self.skip_bracket();
            }
        } else {
            if kind != FunctionKind::Operator {
                type_params = self.maybe_type_parameters();
            }
            params = self.formal_parameter_list(ParameterStyle::Function);
        }
        let mut name = name;
        if kind == FunctionKind::Operator && name.symbol == sym::MINUS && params.is_empty() {
            name.symbol = sym::UNARY_MINUS;
        }
        let body = self.function_body(may_be_empty);
        FunctionDeclaration {
            name,
            kind,
            return_type,
            type_params,
            params,
            body,
        }
    }

    /// Reports the body of an `external` function: somebody else has it.
    pub(super) fn refuse_body(&mut self, function: &FunctionDeclaration) {
        let body = &self.tree[function.body];
        if !matches!(body.kind, BodyKind::Empty | BodyKind::Native(_)) {
            let message =
                "an 'external' function has its code elsewhere; remove the body or the word";
            self.report("external-with-body", function.name.span, message);
        }
    }

    /// `functionBody`, or `;` where that is allowed.
    pub(super) fn function_body(&mut self, may_be_empty: bool) -> BodyId {
        let start = self.current.start;
        if self.at_word(sym::NATIVE) && (self.is_core_library || may_be_empty) {
            self.bump();
            let has_name = super::directive::is_string(self.current.kind);
            let name = has_name.then(|| self.plain_string("the name of the native"));
            self.expect_semicolon();
            return self.body(start, BodyModifier::Sync, BodyKind::Native(name));
        }
        let modifier = self.body_modifier();
        match self.current.kind {
            TokenKind::Semicolon if may_be_empty => {
                self.bump();
                self.body(start, modifier, BodyKind::Empty)
            }
            TokenKind::Arrow => {
                self.check_arrow_body(modifier);
                self.bump();
                let saved = self.enter_body(modifier);
                let value = self.expression();
                self.context = saved;
                self.expect_semicolon();
                self.body(start, modifier, BodyKind::Arrow(value))
            }
            TokenKind::OpenBrace => self.block_body(start, modifier),
            _ => {
                self.expected(if may_be_empty {
                    "a body or ';'"
                } else {
                    "a function body"
                });
                self.body(start, modifier, BodyKind::Empty)
            }
        }
    }

    /// Generators have no result to compute by one expression.
    pub(super) fn check_arrow_body(&mut self, modifier: BodyModifier) {
        if matches!(modifier, BodyModifier::AsyncStar | BodyModifier::SyncStar) {
            let message = "a generator yields its elements, so its body is a block; write '{ … }' \
                           instead of '=>'";
            self.report("generator-arrow", self.current.span(), message);
        }
    }

    /// The block of a function body.
    pub(super) fn block_body(&mut self, start: u32, modifier: BodyModifier) -> BodyId {
        let saved = self.enter_body(modifier);
        self.context.allows_function = true;
        self.context.pending_colons = 0;
        let block = self.block();
        self.context = saved;
        self.body(start, modifier, BodyKind::Block(block))
    }

    pub(super) fn body(&mut self, start: u32, modifier: BodyModifier, kind: BodyKind) -> BodyId {
        let span = self.span_from(start);
        self.tree.add_body(FunctionBody {
            span,
            modifier,
            kind,
        })
    }

    /// Switches to the context of a body and answers the one before.
    pub(super) fn enter_body(&mut self, modifier: BodyModifier) -> Context {
        let saved = self.context;
        self.context = Context {
            is_marked_body: modifier != BodyModifier::Sync,
            is_async: matches!(modifier, BodyModifier::Async | BodyModifier::AsyncStar),
            ..saved
        };
        saved
    }

    /// `async`, `async*`, `sync*` or nothing.
    pub(super) fn body_modifier(&mut self) -> BodyModifier {
        if self.eat_word(sym::ASYNC) {
            let is_generator = self.eat(TokenKind::Star);
            return if is_generator {
                BodyModifier::AsyncStar
            } else {
                BodyModifier::Async
            };
        }
        if self.at_word(sym::SYNC) {
            self.bump();
            if !self.eat(TokenKind::Star) {
                self.expected(
                    "'*': a generator is marked 'sync*', an ordinary function not at all",
                );
            }
            return BodyModifier::SyncStar;
        }
        BodyModifier::Sync
    }
}

fn class_modifier(word: Symbol) -> Modifiers {
    match word {
        sym::ABSTRACT => Modifiers::ABSTRACT,
        sym::SEALED => Modifiers::SEALED,
        sym::BASE => Modifiers::BASE,
        sym::INTERFACE => Modifiers::INTERFACE,
        sym::FINAL => Modifiers::FINAL,
        sym::MIXIN => Modifiers::MIXIN,
        _ => Modifiers::AUGMENT,
    }
}

/// The place in the order of class modifiers; of several, the last one counts.
fn class_modifier_rank(modifiers: Modifiers) -> u32 {
    let middle = Modifiers::SEALED | Modifiers::BASE | Modifiers::INTERFACE | Modifiers::FINAL;
    if modifiers.contains(Modifiers::MIXIN) {
        3
    } else if modifiers.intersects(middle) {
        2
    } else if modifiers.contains(Modifiers::ABSTRACT) {
        1
    } else {
        0
    }
}
