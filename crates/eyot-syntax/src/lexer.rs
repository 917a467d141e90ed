//! The lexer: text to tokens, in one pass over the bytes.
//!
//! Whitespace and comments vanish, apart from the two comments that mean something: the `#!`
//! line and `// @dart = 3.0`. String interpolation needs a stack: inside `${…}` ordinary tokens
//! follow until the `}` that closes it, then the string goes on.
//!
//! Whatever the bytes, the lexer moves forward with every step and ends with
//! an [`TokenKind::Eof`] token. Text that is no token is reported and skipped.

use crate::ast::{LanguageVersion, LanguageVersionComment};
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::symbol::Symbol;
use crate::token::{NO_PARTNER, Token, TokenKind};

/// What the lexer makes of a file.
pub(crate) struct Lexed {
    /// The tokens, the last one is the end of the file.
    pub tokens: Vec<Token>,
    pub diagnostics: Vec<Diagnostic>,
    pub script_tag: Option<Span>,
    pub language_version: Option<LanguageVersionComment>,
    /// Where strings and comments without an end stop, in order.
    pub unterminated: Vec<u32>,
}

/// Splits `source` into tokens.
pub(crate) fn lex(source: &str) -> Lexed {
    let mut lexer = Lexer::new(source);
    lexer.skip_byte_order_mark();
    lexer.script_tag();
    while lexer.token() {}
    lexer.finish()
}

struct Lexer<'a> {
    source: &'a str,
    bytes: &'a [u8],
    /// Offset of the next byte.
    offset: usize,
    out: Lexed,
    /// Indices of the opening brackets not closed yet, `StringBegin`s that wait for `}` among them.
    open: Vec<usize>,
    /// The strings around the current place, innermost last.
    strings: Vec<OpenString>,
    words: WordCache<'a>,
}

/// How many unclosed brackets back the partner of a bracket is looked for.
const BRACKETS_SEARCHED: usize = 16;

/// A string interrupted by `${`.
#[derive(Clone, Copy)]
struct OpenString {
    quote: Quote,
    /// The number of brackets open just inside the interpolation.
    open_count: usize,
}

#[derive(Clone, Copy)]
struct Quote {
    byte: u8,
    is_multiline: bool,
}

impl<'a> Lexer<'a> {
    fn new(source: &'a str) -> Lexer<'a> {
        let out = Lexed {
            // Dart has about one token for each five bytes.
            tokens: Vec::with_capacity(source.len() / 5 + 8),
            diagnostics: Vec::new(),
            script_tag: None,
            language_version: None,
            unterminated: Vec::new(),
        };
        Lexer {
            source,
            bytes: source.as_bytes(),
            offset: 0,
            out,
            open: Vec::new(),
            strings: Vec::new(),
            words: WordCache::new(),
        }
    }

    fn finish(mut self) -> Lexed {
        let end = self.bytes.len() as u32;
        // After a string without an end this one is open only because of that.
        if !self.strings.is_empty() && self.out.unterminated.is_empty() {
            self.out.unterminated.push(end);
            let message = "this string has an interpolation '${' without its '}'; close both";
            self.error("unterminated-string", Span::at(end), message);
        }
        let eof = Token {
            kind: TokenKind::Eof,
            start: end,
            end,
            data: 0,
        };
        self.out.tokens.push(eof);
        self.out
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.offset + ahead).copied().unwrap_or(0)
    }

    fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.out
            .diagnostics
            .push(Diagnostic::error(code, span, message));
    }

    fn push(&mut self, kind: TokenKind, start: usize, data: u32) {
        let (start, end) = (start as u32, self.offset as u32);
        self.out.tokens.push(Token {
            kind,
            start,
            end,
            data,
        });
    }

    fn skip_byte_order_mark(&mut self) {
        if self.source.starts_with('\u{FEFF}') {
            self.offset = '\u{FEFF}'.len_utf8();
        }
    }

    fn script_tag(&mut self) {
        if self.peek(0) == b'#' && self.peek(1) == b'!' {
            let start = self.offset as u32;
            self.skip_line();
            self.out.script_tag = Some(Span::new(start, self.offset as u32));
        }
    }

    fn skip_line(&mut self) {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        let length = rest.iter().position(|&byte| byte == b'\n' || byte == b'\r');
        self.offset += length.unwrap_or(rest.len());
    }

    /// Takes one token, comment or run of whitespace. False at the end of the text.
    fn token(&mut self) -> bool {
        let Some(&byte) = self.bytes.get(self.offset) else {
            return false;
        };
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => self.offset += 1,
            b'r' if matches!(self.peek(1), b'\'' | b'"') => self.raw_string(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' => self.word(true),
            b'0'..=b'9' => self.number(),
            b'.' if self.peek(1).is_ascii_digit() => self.number(),
            b'/' if self.peek(1) == b'/' => self.line_comment(),
            b'/' if self.peek(1) == b'*' => self.block_comment(),
            b'\'' | b'"' => self.string(),
            b'}' if self.closes_interpolation() => self.resume_string(),
            _ => self.punctuation(byte),
        }
        true
    }

    fn line_comment(&mut self) {
        let start = self.offset;
        self.skip_line();
        if self.out.tokens.is_empty() && self.out.language_version.is_none() {
            let text = self.source.get(start..self.offset).unwrap_or_default();
            let span = Span::new(start as u32, self.offset as u32);
            self.out.language_version =
                language_version(text).map(|version| LanguageVersionComment { version, span });
        }
    }

    /// Block comments nest.
    fn block_comment(&mut self) {
        let start = self.offset;
        let mut depth = 0usize;
        while self.offset < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.offset += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.offset += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.offset += 1,
            }
        }
        let span = Span::new(start as u32, start as u32 + 2);
        self.error(
            "unterminated-comment",
            span,
            "this comment has no end; close it with '*/'",
        );
    }

    /// A name or keyword. In `$name` of a string a `$` ends the name.
    fn word(&mut self, may_have_dollar: bool) {
        let start = self.offset;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let mut hash = 0u32;
        let mut length = 0;
        for &byte in rest {
            if !(byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' && may_have_dollar) {
                break;
            }
            hash = (hash.rotate_left(5) ^ u32::from(byte)).wrapping_mul(0x9E37_79B9);
            length += 1;
        }
        self.offset += length;
        let text = self.source.get(start..self.offset).unwrap_or_default();
        let symbol = self.words.intern(hash, text);
        let is_keyword = symbol.is_keyword();
        let kind = if is_keyword {
            TokenKind::Keyword
        } else {
            TokenKind::Identifier
        };
        self.push(kind, start, symbol.index());
    }

    fn number(&mut self) {
        let start = self.offset;
        let is_hex = self.peek(0) == b'0' && matches!(self.peek(1), b'x' | b'X');
        let kind = if is_hex {
            self.hex_digits()
        } else {
            self.decimal()
        };
        let span = Span::new(start as u32, self.offset as u32);
        let text = self.source.get(span.range()).unwrap_or_default();
        if text.ends_with('_') || text.contains("_.") || text.contains("_e") && !is_hex {
            let message = "a digit separator '_' stands between digits; remove the one at the end";
            self.error("digit-separator", span, message);
        }
        self.push(kind, start, 0);
    }

    fn hex_digits(&mut self) -> TokenKind {
        let start = self.offset;
        self.offset += 2;
        let digits = self.take_while(|byte| byte.is_ascii_hexdigit() || byte == b'_');
        if digits == 0 || self.bytes.get(start + 2) == Some(&b'_') {
            let span = Span::new(start as u32, self.offset as u32);
            let message = "a hexadecimal number needs a digit (0-9, a-f) right after '0x'";
            self.error("malformed-number", span, message);
        }
        TokenKind::HexInt
    }

    fn decimal(&mut self) -> TokenKind {
        let is_digit = |byte: u8| byte.is_ascii_digit() || byte == b'_';
        let mut kind = TokenKind::Int;
        let start = self.offset;
        self.take_while(is_digit);
        if self.peek(0) == b'.' && self.peek(1).is_ascii_digit() {
            kind = TokenKind::Double;
            self.offset += 1;
            self.take_while(is_digit);
        }
        if matches!(self.peek(0), b'e' | b'E') {
            let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if self.peek(1 + sign).is_ascii_digit() {
                kind = TokenKind::Double;
                self.offset += 1 + sign;
                self.take_while(is_digit);
            } else if sign == 1 || !is_word_byte(self.peek(1)) {
                self.offset += 1 + sign;
                let span = Span::new(start as u32, self.offset as u32);
                let message = "the exponent of this number has no digits; write one after the 'e'";
                self.error("malformed-number", span, message);
                kind = TokenKind::Double;
            }
        }
        kind
    }

    fn take_while(&mut self, accepts: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|&byte| !accepts(byte))
            .unwrap_or(rest.len());
        self.offset += length;
        length
    }

    fn quote(&mut self) -> Quote {
        let byte = self.peek(0);
        let is_multiline = self.peek(1) == byte && self.peek(2) == byte;
        self.offset += if is_multiline { 3 } else { 1 };
        Quote { byte, is_multiline }
    }

    fn raw_string(&mut self) {
        let start = self.offset;
        self.offset += 1;
        let quote = self.quote();
        loop {
            if self.at_closing(quote) {
                break;
            }
            if self.at_string_limit(quote) {
                self.unterminated_string(start);
                break;
            }
            self.offset += 1;
        }
        self.push(TokenKind::String, start, 0);
    }

    fn string(&mut self) {
        let start = self.offset;
        let quote = self.quote();
        self.string_rest(start, quote, true);
    }

    /// Whether a `}` here ends an interpolation: there is one, and no brace inside it is open.
    /// Looking only a few brackets back keeps bad input fast.
    fn closes_interpolation(&self) -> bool {
        let Some(string) = self.strings.last() else {
            return false;
        };
        let inside = self.open.get(string.open_count..).unwrap_or_default();
        let is_brace = |&index: &usize| self.kind_at(index) == TokenKind::OpenBrace;
        !inside.iter().rev().take(BRACKETS_SEARCHED).any(is_brace)
    }

    fn kind_at(&self, index: usize) -> TokenKind {
        self.out
            .tokens
            .get(index)
            .map_or(TokenKind::Eof, |token| token.kind)
    }

    /// Goes on with a string after the `}` of an interpolation.
    fn resume_string(&mut self) {
        let start = self.offset;
        self.offset += 1;
        if let Some(string) = self.strings.pop() {
            self.open.truncate(string.open_count);
            self.string_rest(start, string.quote, false);
        }
    }

    /// The text of a string up to its end or to `${`. Names after a `$` are taken on the way.
    fn string_rest(&mut self, mut start: usize, quote: Quote, mut is_first: bool) {
        loop {
            if self.at_closing(quote) {
                let kind = if is_first {
                    TokenKind::String
                } else {
                    TokenKind::StringEnd
                };
                return self.push(kind, start, 0);
            }
            if self.at_string_limit(quote) {
                self.unterminated_string(start);
                let kind = if is_first {
                    TokenKind::String
                } else {
                    TokenKind::StringEnd
                };
                return self.push(kind, start, 0);
            }
            match self.peek(0) {
                b'\\' => self.skip_escape(quote),
                b'$' => {
                    self.offset += 1;
                    let kind = if is_first {
                        TokenKind::StringBegin
                    } else {
                        TokenKind::StringMid
                    };
                    if self.peek(0) == b'{' {
                        self.offset += 1;
                        self.push(kind, start, 0);
                        let open_count = self.open.len();
                        return self.strings.push(OpenString { quote, open_count });
                    }
                    if is_word_byte(self.peek(0)) && !self.peek(0).is_ascii_digit() {
                        self.push(kind, start, 0);
                        self.word(false);
                        start = self.offset;
                        is_first = false;
                    } else {
                        let at = self.offset as u32;
                        let message = "a '$' in a string starts an interpolation: write '$name' or \
                                       '${expression}', or '\\$' for the character";
                        self.error("lone-dollar", Span::new(at - 1, at), message);
                    }
                }
                _ => self.offset += 1,
            }
        }
    }

    /// Steps over the backslash and what it escapes, but never past the end of a line of a
    /// single-line string.
    fn skip_escape(&mut self, quote: Quote) {
        self.offset += 1;
        if !self.at_string_limit(quote) {
            self.offset += 1;
        }
    }

    fn at_closing(&mut self, quote: Quote) -> bool {
        let is_closing = self.peek(0) == quote.byte
            && (!quote.is_multiline || self.peek(1) == quote.byte && self.peek(2) == quote.byte);
        if is_closing {
            self.offset += if quote.is_multiline { 3 } else { 1 };
        }
        is_closing
    }

    fn at_string_limit(&self, quote: Quote) -> bool {
        match self.bytes.get(self.offset) {
            None => true,
            Some(b'\n' | b'\r') => !quote.is_multiline,
            Some(_) => false,
        }
    }

    fn unterminated_string(&mut self, start: usize) {
        self.out.unterminated.push(self.offset as u32);
        let span = Span::new(start as u32, self.offset as u32);
        let message = "this string has no end; close it with the quote it starts with";
        self.error("unterminated-string", span, message);
    }

    fn punctuation(&mut self, byte: u8) {
        let start = self.offset;
        let Some((kind, length)) = punctuation(byte, self.peek(1), self.peek(2), self.peek(3))
        else {
            return self.unknown_character();
        };
        self.offset += length;
        match kind {
            TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => {
                self.open.push(self.out.tokens.len());
                self.push(kind, start, NO_PARTNER);
            }
            TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace => {
                self.close_bracket(kind);
                self.push(kind, start, 0);
            }
            _ => self.push(kind, start, 0),
        }
    }

    /// Pairs a closing bracket with the nearest opening one of its kind, if that is inside the
    /// current interpolation. Brackets in between that were never closed stay without a partner.
    fn close_bracket(&mut self, kind: TokenKind) {
        let wanted = match kind {
            TokenKind::CloseParen => TokenKind::OpenParen,
            TokenKind::CloseBracket => TokenKind::OpenBracket,
            _ => TokenKind::OpenBrace,
        };
        let floor = self.strings.last().map_or(0, |string| string.open_count);
        let inside = self.open.get(floor..).unwrap_or_default();
        // A brace is stronger than what stands inside it: `{ ( }` closes the brace, but `( } )`
        // leaves the parenthesis alone.
        let mut found = None;
        for (steps, &index) in inside.iter().rev().take(BRACKETS_SEARCHED).enumerate() {
            let kind = self.kind_at(index);
            if kind == wanted {
                found = Some((steps, index));
            }
            if kind == wanted || kind == TokenKind::OpenBrace {
                break;
            }
        }
        let Some((steps, index)) = found else { return };
        let partner = self.out.tokens.len() as u32;
        if let Some(token) = self.out.tokens.get_mut(index) {
            token.data = partner;
        }
        self.open.truncate(self.open.len() - steps - 1);
    }

    fn unknown_character(&mut self) {
        let start = self.offset;
        let character = self
            .source
            .get(start..)
            .and_then(|rest| rest.chars().next());
        self.offset += character.map_or(1, char::len_utf8);
        let previous_is_error = self
            .out
            .tokens
            .last()
            .is_some_and(|token| token.kind == TokenKind::Error);
        if !previous_is_error {
            let shown = character.map_or_else(String::new, |c| c.escape_debug().to_string());
            let span = Span::new(start as u32, self.offset as u32);
            let message = format!(
                "the character '{shown}' starts no token; outside of strings and comments \
                 Dart is written in ASCII"
            );
            self.error("unknown-character", span, message);
        }
        self.push(TokenKind::Error, start, 0);
    }
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The longest punctuation that starts with these bytes, and its length.
fn punctuation(first: u8, second: u8, third: u8, fourth: u8) -> Option<(TokenKind, usize)> {
    use TokenKind::*;
    let found = match (first, second, third) {
        (b'(', ..) => (OpenParen, 1),
        (b')', ..) => (CloseParen, 1),
        (b'[', ..) => (OpenBracket, 1),
        (b']', ..) => (CloseBracket, 1),
        (b'{', ..) => (OpenBrace, 1),
        (b'}', ..) => (CloseBrace, 1),
        (b',', ..) => (Comma, 1),
        (b';', ..) => (Semicolon, 1),
        (b':', ..) => (Colon, 1),
        (b'@', ..) => (At, 1),
        (b'#', ..) => (Hash, 1),
        (b'.', b'.', b'.') if fourth == b'?' => (DotDotDotQuestion, 4),
        (b'.', b'.', b'.') => (DotDotDot, 3),
        (b'.', b'.', _) => (DotDot, 2),
        (b'.', ..) => (Dot, 1),
        (b'?', b'?', b'=') => (QuestionQuestionEq, 3),
        (b'?', b'?', _) => (QuestionQuestion, 2),
        (b'?', b'.', b'.') => (QuestionDotDot, 3),
        // `a ?.5 : b` is a conditional with the number `.5`.
        (b'?', b'.', b'0'..=b'9') => (Question, 1),
        (b'?', b'.', _) => (QuestionDot, 2),
        (b'?', ..) => (Question, 1),
        (b'!', b'=', _) => (BangEq, 2),
        (b'!', ..) => (Bang, 1),
        (b'=', b'=', _) => (EqEq, 2),
        (b'=', b'>', _) => (Arrow, 2),
        (b'=', ..) => (Eq, 1),
        (b'+', b'+', _) => (PlusPlus, 2),
        (b'+', b'=', _) => (PlusEq, 2),
        (b'+', ..) => (Plus, 1),
        (b'-', b'-', _) => (MinusMinus, 2),
        (b'-', b'=', _) => (MinusEq, 2),
        (b'-', ..) => (Minus, 1),
        (b'*', b'=', _) => (StarEq, 2),
        (b'*', ..) => (Star, 1),
        (b'/', b'=', _) => (SlashEq, 2),
        (b'/', ..) => (Slash, 1),
        (b'~', b'/', b'=') => (TildeSlashEq, 3),
        (b'~', b'/', _) => (TildeSlash, 2),
        (b'~', ..) => (Tilde, 1),
        (b'%', b'=', _) => (PercentEq, 2),
        (b'%', ..) => (Percent, 1),
        (b'&', b'&', _) => (AmpAmp, 2),
        (b'&', b'=', _) => (AmpEq, 2),
        (b'&', ..) => (Amp, 1),
        (b'|', b'|', _) => (PipePipe, 2),
        (b'|', b'=', _) => (PipeEq, 2),
        (b'|', ..) => (Pipe, 1),
        (b'^', b'=', _) => (CaretEq, 2),
        (b'^', ..) => (Caret, 1),
        (b'<', b'<', b'=') => (LtLtEq, 3),
        (b'<', b'<', _) => (LtLt, 2),
        (b'<', b'=', _) => (LtEq, 2),
        (b'<', ..) => (Lt, 1),
        (b'>', ..) => (Gt, 1),
        _ => return None,
    };
    Some(found)
}

/// The version in a comment `// @dart = 3.0`, with nothing else in it.
fn language_version(comment: &str) -> Option<LanguageVersion> {
    let text = comment.strip_prefix("//")?.trim_matches([' ', '\t']);
    let text = text.strip_prefix("@dart")?.trim_start_matches([' ', '\t']);
    let text = text.strip_prefix('=')?.trim_start_matches([' ', '\t']);
    let (major, minor) = text.split_once('.')?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(major) || !is_number(minor) {
        return None;
    }
    Some(LanguageVersion::new(
        major.parse().ok()?,
        minor.parse().ok()?,
    ))
}

/// Symbols of the words seen last, so that most words need no look at the table of the process.
struct WordCache<'a> {
    entries: Vec<(&'a str, Symbol)>,
}

const WORD_CACHE_SIZE: usize = 1024;

impl<'a> WordCache<'a> {
    fn new() -> WordCache<'a> {
        WordCache {
            entries: vec![("", crate::symbol::sym::EMPTY); WORD_CACHE_SIZE],
        }
    }

    fn intern(&mut self, hash: u32, text: &'a str) -> Symbol {
        let index = (hash >> 16) as usize % WORD_CACHE_SIZE;
        match self.entries.get_mut(index) {
            Some((known, symbol)) if *known == text => *symbol,
            Some(entry) => {
                let symbol = Symbol::intern(text);
                *entry = (text, symbol);
                symbol
            }
            None => Symbol::intern(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<TokenKind> {
        lex(source).tokens.iter().map(|token| token.kind).collect()
    }

    #[test]
    fn interpolation_nests() {
        use TokenKind::*;
        let found = kinds(r#"'a$b ${ {c: "${d}"} } e'"#);
        let wanted = vec![
            StringBegin,
            Identifier,
            StringMid,
            OpenBrace,
            Identifier,
            Colon,
            StringBegin,
            Identifier,
            StringEnd,
            CloseBrace,
            StringEnd,
            Eof,
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn numbers_leave_points_alone() {
        use TokenKind::*;
        assert_eq!(
            kinds("1..a 1.b 1.5e-3 .5 0xFF 1_000"),
            vec![
                Int, DotDot, Identifier, Int, Dot, Identifier, Double, Double, HexInt, Int, Eof
            ]
        );
    }

    #[test]
    fn brackets_know_their_partners() {
        let lexed = lex("( [ ) { ( } )");
        let partners: Vec<u32> = lexed.tokens.iter().map(|token| token.data).collect();
        assert_eq!(partners, vec![2, NO_PARTNER, 0, 5, NO_PARTNER, 0, 0, 0]);
    }

    #[test]
    fn versions_stand_before_the_first_token() {
        let lexed = lex("#!/usr/bin/env dart\n// @dart = 2.12\nmain() {}\n// @dart=3.0");
        let comment = lexed.language_version.unwrap();
        assert_eq!(comment.version, LanguageVersion::new(2, 12));
        assert!(lexed.script_tag.is_some());
        assert!(lex("// @dart = 2.12 or so").language_version.is_none());
    }
}
