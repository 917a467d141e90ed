//! The parser: text to tree, with recovery.
//!
//! Recursive descent over the tokens of one file, with precedence climbing for operators.
//! Functions are named after the productions of the grammar. A function named `x` parses an `x`
//! that must be there; `maybe_x` may find none and then takes nothing.
//!
//! **Where the grammar is ambiguous** the parser looks ahead over tokens (module `lookahead`) before it
//! builds anything; it never goes back, so nodes once added stay.
//!
//! **Recovery.** The first error at a place sets `recovering`, and further errors are kept quiet
//! until a function that owns a list (statements, members, arguments …) has found the next
//! point that makes sense (`Parser::sync_statement` and its sisters). Every loop checks that it moved.
//!
//! **Depth.** Nested input makes the parser recurse; `Parser::nested` counts, and at
//! [`NESTING_MAX`] parsing ends with one error, long before the native stack does. Operator and
//! selector chains make deep trees without recursion here, but later stages walk
//! them, so [`CHAIN_MAX`] limits those too.

use crate::ast::{
    Expr, ExprId, ExprKind, Identifier, LanguageVersion, Pattern, PatternId, PatternKind, Stmt,
    StmtId, StmtKind, SyntaxTree, TypeAnnotation, TypeKind, TypeNodeId,
};
use crate::diagnostic::Diagnostic;
use crate::lexer::lex;
use crate::span::Span;
use crate::symbol::{Symbol, sym};
use crate::token::{NO_PARTNER, Token, TokenKind};

mod collection;
mod declaration;
mod directive;
mod expression;
mod lookahead;
mod loops;
mod member;
mod parameter;
mod pattern;
mod primary;
mod record;
mod statement;
mod string;
mod types;

/// How deep constructs may nest.
pub const NESTING_MAX: u32 = 1000;

/// How long a chain of operators or selectors may be.
pub const CHAIN_MAX: u32 = 4000;

/// How to parse.
#[derive(Clone, Debug)]
pub struct ParseOptions {
    /// The version of the language where the file does not ask for one itself.
    pub language_version: LanguageVersion,
    /// Whether the file belongs to the core libraries, which may have `native` bodies and declare `Function`.
    pub is_core_library: bool,
}

impl Default for ParseOptions {
    fn default() -> ParseOptions {
        ParseOptions {
            language_version: LanguageVersion::CURRENT,
            is_core_library: false,
        }
    }
}

/// The answer of the parser.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree; with error nodes where something could not be parsed.
    pub tree: SyntaxTree,
    /// The problems, in source order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses the text of one file. Always answers.
pub fn parse(source: &str, options: &ParseOptions) -> Parsed {
    let lexed = lex(source);
    let mut parser = Parser::new(source, &lexed.tokens, options);
    if let Some(comment) = lexed.language_version {
        parser.version = comment.version;
    }
    parser.unterminated = &lexed.unterminated;
    parser.compilation_unit();
    let Parser {
        mut tree,
        mut diagnostics,
        ..
    } = parser;
    tree.script_tag = lexed.script_tag;
    tree.language_version = lexed.language_version;
    let mut all = lexed.diagnostics;
    all.append(&mut diagnostics);
    all.sort_by_key(|diagnostic| diagnostic.span.start);
    // One message per place; where both have one, the lexer knows more.
    all.dedup_by_key(|diagnostic| diagnostic.span.start);
    Parsed {
        tree,
        diagnostics: all,
    }
}

struct Parser<'a> {
    source: &'a str,
    tokens: &'a [Token],
    /// Index of the current token.
    pos: usize,
    /// The current token.
    current: Token,
    /// Offset past the last token taken.
    previous_end: u32,
    tree: SyntaxTree,
    diagnostics: Vec<Diagnostic>,
    version: LanguageVersion,
    is_core_library: bool,
    /// An error has been reported and no safe point been reached since.
    recovering: bool,
    /// Parsing has ended early; nothing more is reported.
    is_aborted: bool,
    /// How many constructs the current place is nested in.
    depth: u32,
    context: Context,
    /// The index of a `?.` that stands for `?` and the `.` of a shorthand.
    shorthand_pos: Option<usize>,
    /// Where strings and comments without an end stop, in order.
    unterminated: &'a [u32],
}

/// What the constructs around the current place decide.
#[derive(Clone, Copy)]
struct Context {
    /// Inside a body marked `async`, `async*` or `sync*`, where `await` and `yield` are reserved.
    is_marked_body: bool,
    /// Whether the body is asynchronous, so that `await` may be used.
    is_async: bool,
    /// Whether `(x) => …` is a function here; not in an initializer list nor in the guard of a
    /// switch expression.
    allows_function: bool,
    /// How many `:` the constructs around wait for, up to the nearest bracket.
    pending_colons: u32,
}

impl Context {
    /// The context outside of functions.
    const TOP: Context = Context {
        is_marked_body: false,
        is_async: false,
        allows_function: true,
        pending_colons: 0,
    };
}

impl<'a> Parser<'a> {
    fn new(source: &'a str, tokens: &'a [Token], options: &ParseOptions) -> Parser<'a> {
        let end = source.len() as u32;
        let eof = Token {
            kind: TokenKind::Eof,
            start: end,
            end,
            data: 0,
        };
        Parser {
            source,
            tokens,
            pos: 0,
            current: tokens.first().copied().unwrap_or(eof),
            previous_end: 0,
            tree: SyntaxTree::default(),
            diagnostics: Vec::new(),
            version: options.language_version,
            is_core_library: options.is_core_library,
            recovering: false,
            is_aborted: false,
            depth: 0,
            context: Context::TOP,
            shorthand_pos: None,
            unterminated: &[],
        }
    }

    // Looking at tokens.

    /// The token at an index; the end of the file for all indices past it.
    fn token_at(&self, pos: usize) -> Token {
        match self.tokens.get(pos) {
            Some(&token) => token,
            None => self.end_token(),
        }
    }

    fn end_token(&self) -> Token {
        let end = self.source.len() as u32;
        Token {
            kind: TokenKind::Eof,
            start: end,
            end,
            data: 0,
        }
    }

    fn kind_at(&self, pos: usize) -> TokenKind {
        self.token_at(pos).kind
    }

    /// The kind of the `n`th token after the current one.
    fn nth(&self, n: usize) -> TokenKind {
        self.kind_at(self.pos + n)
    }

    fn at(&self, kind: TokenKind) -> bool {
        self.current.kind == kind
    }

    /// The keyword at an index; the empty symbol if there is none.
    fn word_at(&self, pos: usize) -> Symbol {
        let token = self.token_at(pos);
        if token.kind == TokenKind::Keyword {
            token.symbol()
        } else {
            sym::EMPTY
        }
    }

    /// The current keyword; the empty symbol if there is none.
    fn word(&self) -> Symbol {
        if self.current.kind == TokenKind::Keyword {
            self.current.symbol()
        } else {
            sym::EMPTY
        }
    }

    fn at_word(&self, word: Symbol) -> bool {
        self.current.kind == TokenKind::Keyword && self.current.data == word.index()
    }

    /// Whether the token can be a name here.
    fn is_identifier(&self, token: Token) -> bool {
        match token.kind {
            TokenKind::Identifier => true,
            TokenKind::Keyword => {
                let word = token.symbol();
                let is_taken =
                    matches!(word, sym::AWAIT | sym::YIELD) && self.context.is_marked_body;
                !word.is_reserved() && !is_taken
            }
            _ => false,
        }
    }

    fn is_identifier_at(&self, pos: usize) -> bool {
        self.is_identifier(self.token_at(pos))
    }

    fn at_identifier(&self) -> bool {
        self.is_identifier(self.current)
    }

    /// Whether the token is a name or any keyword.
    fn is_word_at(&self, pos: usize) -> bool {
        matches!(
            self.kind_at(pos),
            TokenKind::Identifier | TokenKind::Keyword
        )
    }

    /// Whether the two tokens from `pos` on touch.
    fn touches_next(&self, pos: usize) -> bool {
        self.token_at(pos).end == self.token_at(pos + 1).start
    }

    /// Whether a line ends between the last token taken and the current one.
    fn is_after_line_break(&self) -> bool {
        let between = self.previous_end as usize..self.current.start as usize;
        self.source
            .get(between)
            .is_some_and(|text| text.contains(['\n', '\r']))
    }

    // Taking tokens.

    fn bump(&mut self) -> Token {
        let token = self.current;
        if token.kind != TokenKind::Eof {
            self.previous_end = token.end;
            self.pos += 1;
            self.current = self.token_at(self.pos);
        }
        token
    }

    fn move_to(&mut self, pos: usize) {
        if pos > self.pos {
            self.previous_end = self.token_at(pos - 1).end;
        }
        self.pos = pos.min(self.tokens.len().saturating_sub(1));
        self.current = self.token_at(self.pos);
    }

    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.at(kind);
        if found {
            self.bump();
        }
        found
    }

    fn eat_word(&mut self, word: Symbol) -> bool {
        let found = self.at_word(word);
        if found {
            self.bump();
        }
        found
    }

    fn expect(&mut self, kind: TokenKind) -> bool {
        let found = self.eat(kind);
        if !found {
            self.expected_here_or_before(kind.text());
        }
        found
    }

    fn expect_word(&mut self, word: Symbol) -> bool {
        let found = self.eat_word(word);
        if !found {
            self.expected_here_or_before(&format!("'{word}'"));
        }
        found
    }

    /// `;`. Where the line ends without one, the error points at the end of that line and
    /// parsing goes on as if it were there.
    fn expect_semicolon(&mut self) {
        if self.eat(TokenKind::Semicolon) {
            self.recovering = self.is_aborted;
            return;
        }
        if self.recovering {
            return;
        }
        let ends_here = self.is_after_line_break() || self.at(TokenKind::CloseBrace);
        if ends_here && self.previous_end > 0 {
            self.expected_before("';'");
            self.recovering = self.is_aborted;
        } else {
            self.expected("';'");
        }
    }

    /// A name. Where there is none, an empty name is made up.
    fn identifier(&mut self) -> Identifier {
        if self.at_identifier() {
            let token = self.bump();
            return Identifier {
                symbol: token.symbol(),
                span: token.span(),
            };
        }
        if self.at(TokenKind::Keyword) {
            let token = self.current;
            let word = token.symbol();
            let message = format!("expected a name, but '{word}' is reserved; choose another name");
            if self.is_taken_for_name(self.pos) && !self.is_after_line_break() {
                self.report("reserved-word", token.span(), message);
                self.bump();
                return Identifier {
                    symbol: word,
                    span: token.span(),
                };
            }
            self.error_here("reserved-word", message);
        } else {
            self.expected("a name");
        }
        self.missing_identifier()
    }

    /// Whether a reserved word at `pos` is meant as a name, by what follows it.
    fn is_taken_for_name(&self, pos: usize) -> bool {
        matches!(
            self.kind_at(pos + 1),
            TokenKind::Eq
                | TokenKind::Semicolon
                | TokenKind::Comma
                | TokenKind::OpenParen
                | TokenKind::CloseParen
                | TokenKind::OpenBrace
                | TokenKind::Arrow
        )
    }

    fn missing_identifier(&self) -> Identifier {
        Identifier {
            symbol: sym::EMPTY,
            span: Span::at(self.current.start),
        }
    }

    /// A name or `new`, after a point.
    fn identifier_or_new(&mut self) -> Identifier {
        if self.at_word(sym::NEW) {
            let token = self.bump();
            return Identifier {
                symbol: sym::NEW,
                span: token.span(),
            };
        }
        self.identifier()
    }

    /// The name of a type that is declared: no built-in identifier.
    fn type_identifier(&mut self, what: &str) -> Identifier {
        let name = self.identifier();
        // `Function` is a class all the same, and one library declares it.
        let is_allowed =
            !name.symbol.is_built_in() || (name.symbol == sym::FUNCTION && self.is_core_library);
        if !is_allowed {
            let message = format!(
                "'{name}' cannot be the name of {what}; choose another name",
                name = name.symbol
            );
            self.report("built-in-as-type-name", name.span, message);
        }
        name
    }

    // Spans and nodes.

    /// From `start` to the last token taken.
    fn span_from(&self, start: u32) -> Span {
        Span::new(start, self.previous_end.max(start))
    }

    fn expr(&mut self, start: u32, kind: ExprKind) -> ExprId {
        let span = self.span_from(start);
        self.tree.add_expr(Expr { span, kind })
    }

    fn stmt(&mut self, start: u32, kind: StmtKind) -> StmtId {
        let span = self.span_from(start);
        self.tree.add_stmt(Stmt { span, kind })
    }

    fn type_node(&mut self, start: u32, kind: TypeKind, is_nullable: bool) -> TypeNodeId {
        let span = self.span_from(start);
        self.tree.add_type(TypeAnnotation {
            span,
            is_nullable,
            kind,
        })
    }

    fn pattern_node(&mut self, start: u32, kind: PatternKind) -> PatternId {
        let span = self.span_from(start);
        self.tree.add_pattern(Pattern { span, kind })
    }

    fn start_of(&self, expr: ExprId) -> u32 {
        self.tree[expr].span.start
    }

    // Errors.

    /// Reports a problem that does not confuse the parser: it goes on as usual.
    fn report(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        if !self.recovering && !self.is_aborted {
            self.diagnostics
                .push(Diagnostic::error(code, span, message));
        }
    }

    /// Reports a problem at the current token and starts recovering.
    fn error_here(&mut self, code: &'static str, message: impl Into<String>) {
        // The lexer has already reported text that is no token and strings without end.
        if !self.at(TokenKind::Error) && !self.is_after_unterminated() {
            self.report(code, self.current.span(), message);
        }
        self.recovering = true;
    }

    /// Reports that something else was expected at the current token and starts recovering.
    fn expected(&mut self, what: &str) {
        if !self.recovering {
            let message = format!("expected {what}, found {}", self.describe_current());
            self.error_here("expected-token", message);
        }
    }

    /// Like [`Self::expected`]; where a line has just ended, the end of that line is blamed.
    fn expected_here_or_before(&mut self, what: &str) {
        if self.is_after_line_break() && self.previous_end > 0 {
            self.expected_before(what);
        } else {
            self.expected(what);
        }
    }

    /// Reports that something is missing after the last token and starts recovering.
    fn expected_before(&mut self, what: &str) {
        if !self.recovering && !self.is_after_unterminated() {
            let span = Span::new(self.previous_end.saturating_sub(1), self.previous_end);
            let message = format!("expected {what} after this");
            self.report("expected-token", span, message);
        }
        self.recovering = true;
    }

    /// Whether the last token is a string without an end, which swallows what should follow it.
    fn is_after_unterminated(&self) -> bool {
        self.unterminated.binary_search(&self.previous_end).is_ok()
    }

    fn describe_current(&self) -> String {
        let token = self.current;
        match token.kind {
            TokenKind::Identifier | TokenKind::Keyword => format!("'{}'", token.symbol()),
            TokenKind::Int | TokenKind::HexInt | TokenKind::Double => {
                format!(
                    "'{}'",
                    self.source.get(token.span().range()).unwrap_or_default()
                )
            }
            kind => kind.text().to_string(),
        }
    }

    // Recovery.

    /// Skips what is left of a broken statement, member or declaration: up to and including the
    /// next `;`, up to a `}`, or up to a word `starts` accepts.
    fn sync_to(&mut self, starts: impl Fn(Symbol) -> bool) {
        if !self.recovering {
            return;
        }
        loop {
            match self.current.kind {
                TokenKind::Eof
                | TokenKind::CloseBrace
                | TokenKind::StringMid
                | TokenKind::StringEnd => break,
                TokenKind::StringBegin => self.skip_string(),
                TokenKind::Semicolon => {
                    self.bump();
                    break;
                }
                TokenKind::OpenBrace => {
                    self.skip_bracket();
                    // A block ends a declaration, while a collection is followed by something.
                    if self.is_after_line_break() {
                        break;
                    }
                }
                TokenKind::OpenParen | TokenKind::OpenBracket => self.skip_bracket(),
                TokenKind::Keyword if starts(self.word()) => break,
                _ => {
                    self.bump();
                }
            }
        }
        self.recovering = self.is_aborted;
    }

    fn sync_statement(&mut self) {
        self.sync_to(|word| {
            matches!(
                word,
                sym::IF
                    | sym::FOR
                    | sym::WHILE
                    | sym::DO
                    | sym::SWITCH
                    | sym::TRY
                    | sym::RETURN
                    | sym::BREAK
                    | sym::CONTINUE
                    | sym::RETHROW
                    | sym::VAR
                    | sym::FINAL
                    | sym::CASE
                    | sym::DEFAULT
            )
        });
    }

    fn sync_member(&mut self) {
        self.sync_to(|word| {
            matches!(
                word,
                sym::STATIC
                    | sym::FINAL
                    | sym::VAR
                    | sym::VOID
                    | sym::CONST
                    | sym::FACTORY
                    | sym::EXTERNAL
                    | sym::LATE
                    | sym::CLASS
                    | sym::ENUM
            )
        });
    }

    fn sync_declaration(&mut self) {
        self.sync_to(|word| {
            matches!(
                word,
                sym::CLASS
                    | sym::ENUM
                    | sym::VOID
                    | sym::FINAL
                    | sym::VAR
                    | sym::CONST
                    | sym::ABSTRACT
                    | sym::IMPORT
                    | sym::EXPORT
                    | sym::TYPEDEF
            )
        });
    }

    /// Skips what is left of a broken element of a list, up to a `,` or the closing bracket.
    fn sync_element(&mut self, close: TokenKind) {
        if !self.recovering {
            return;
        }
        loop {
            match self.current.kind {
                kind if kind == close || kind == TokenKind::Comma => {
                    self.recovering = self.is_aborted;
                    return;
                }
                TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => {
                    self.skip_bracket();
                }
                TokenKind::StringBegin => self.skip_string(),
                TokenKind::Eof
                | TokenKind::StringMid
                | TokenKind::StringEnd
                | TokenKind::Semicolon
                | TokenKind::CloseParen
                | TokenKind::CloseBracket
                | TokenKind::CloseBrace => return,
                _ => {
                    self.bump();
                }
            }
        }
    }

    /// Skips an opening bracket and, if it has a partner, everything up to and including that.
    fn skip_bracket(&mut self) {
        match self.partner(self.pos) {
            Some(partner) => self.move_to(partner + 1),
            None => {
                self.bump();
            }
        }
    }

    /// The index of the bracket that closes the one at `pos`.
    fn partner(&self, pos: usize) -> Option<usize> {
        let token = self.token_at(pos);
        let is_opening = matches!(
            token.kind,
            TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace
        );
        (is_opening && token.data != NO_PARTNER).then_some(token.data as usize)
    }

    // Nesting.

    /// Runs `parse` one level deeper. At the limit parsing ends: one error, and everything
    /// around finds itself at the end of the file.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        if self.depth > NESTING_MAX {
            self.abort("this is nested too deeply; split it up with variables or functions");
        }
        let result = parse(self);
        self.depth -= 1;
        result
    }

    /// Counts a link of a chain of operators or selectors.
    fn count_link(&mut self, links: &mut u32) {
        *links += 1;
        if *links > CHAIN_MAX {
            self.abort("this chain is too long; split it up with variables");
        }
    }

    fn abort(&mut self, message: &str) {
        if !self.is_aborted {
            self.recovering = false;
            self.report("nested-too-deeply", self.current.span(), message);
            self.is_aborted = true;
            self.recovering = true;
            self.move_to(self.tokens.len().saturating_sub(1));
        }
    }

    /// Runs `parse` inside brackets, where nothing is pending and functions are allowed.
    fn bracketed<T>(&mut self, parse: impl FnOnce(&mut Self) -> T) -> T {
        let saved = self.context;
        self.context.allows_function = true;
        self.context.pending_colons = 0;
        let result = self.nested(parse);
        self.context = saved;
        result
    }

    /// `element (, element)* ,?` up to `close`, which is taken. The opening bracket is the last
    /// token taken.
    fn comma_list<T>(
        &mut self,
        close: TokenKind,
        mut element: impl FnMut(&mut Self) -> T,
    ) -> Vec<T> {
        let open_pos = self.pos.saturating_sub(1);
        let elements = self.bracketed(|parser| {
            let mut elements = Vec::new();
            while !parser.at(close) && !parser.at(TokenKind::Eof) {
                elements.push(element(parser));
                parser.sync_element(close);
                // Every comma is progress, so the loop ends.
                if !parser.eat(TokenKind::Comma) {
                    break;
                }
            }
            elements
        });
        if !self.at(close) {
            self.expected(&format!("',' or {}", close.text()));
        }
        self.close_bracket(open_pos, close);
        elements
    }

    /// The bracket that closes the one at `open_pos`. After an error its partner is looked for.
    fn close_bracket(&mut self, open_pos: usize, close: TokenKind) {
        if !self.recovering && self.expect(close) || self.is_aborted {
            return;
        }
        match self.partner(open_pos) {
            Some(partner) if partner >= self.pos => {
                self.move_to(partner + 1);
                self.recovering = false;
            }
            _ => {
                self.sync_element(close);
                self.eat(close);
            }
        }
    }
}
