//! String literals: escapes, line breaks, interpolation.

use super::Parser;
use crate::ast::{ExprKind, StringPart, StringText};
use crate::parser::directive::is_string;
use crate::span::Span;
use crate::symbol::sym;
use crate::token::TokenKind;

/// A string literal, adjacent ones joined.
pub(super) struct StringLiteral {
    parts: Vec<StringPart>,
    /// The text after the last interpolation.
    rest: StringText,
}

impl StringLiteral {
    /// The text, if there is no interpolation.
    pub(super) fn into_plain(self) -> Option<StringText> {
        self.parts.is_empty().then_some(self.rest)
    }

    pub(super) fn into_expr(mut self) -> ExprKind {
        if self.parts.is_empty() {
            return ExprKind::String(self.rest);
        }
        if !self.rest.is_empty() {
            self.parts.push(StringPart::Text(self.rest));
        }
        ExprKind::Interpolation(self.parts)
    }
}

/// How the quotes of a string are written.
#[derive(Clone, Copy)]
struct Quotes {
    is_raw: bool,
    is_multiline: bool,
}

impl Parser<'_> {
    /// `stringLiteral`.
    pub(super) fn string_literal(&mut self) -> StringLiteral {
        let mut parts = Vec::new();
        let mut text = TextBuilder::default();
        while is_string(self.current.kind) {
            self.one_string(&mut parts, &mut text);
        }
        StringLiteral {
            parts,
            rest: text.finish(),
        }
    }

    /// `singleLineString` or `multilineString`.
    fn one_string(&mut self, parts: &mut Vec<StringPart>, text: &mut TextBuilder) {
        let token = self.bump();
        let (quotes, prefix_length) = self.quotes(token.start);
        let is_whole = token.kind == TokenKind::String;
        let start = token.start + prefix_length;
        let end = if is_whole {
            self.closing_start(token.span(), quotes)
        } else {
            token.end
        };
        self.string_text(Span::new(start, end), quotes, true, !is_whole, text);
        if is_whole {
            return;
        }
        let mut opener = token;
        loop {
            let before = std::mem::take(text).finish();
            if !before.is_empty() {
                parts.push(StringPart::Text(before));
            }
            let has_braces = self.byte_before(opener.end) == Some(b'{');
            let part = self.interpolation(has_braces);
            parts.push(part);
            self.sync_interpolation();
            let token = self.current;
            if token.kind == TokenKind::Eof {
                return;
            }
            self.bump();
            let is_end = token.kind == TokenKind::StringEnd;
            // The `}` belongs to the token; after `$name` there is none.
            let start = token.start + u32::from(has_braces);
            let end = if is_end {
                self.closing_start(token.span(), quotes)
            } else {
                token.end
            };
            self.string_text(
                Span::new(start, end.max(start)),
                quotes,
                false,
                !is_end,
                text,
            );
            if is_end {
                return;
            }
            opener = token;
        }
    }

    fn byte_before(&self, offset: u32) -> Option<u8> {
        self.source
            .as_bytes()
            .get((offset as usize).checked_sub(1)?)
            .copied()
    }

    /// `$name` or `${expression}`, after the `$` or `${`.
    fn interpolation(&mut self, has_braces: bool) -> StringPart {
        let expr = if has_braces {
            self.bracketed(|parser| parser.expression())
        } else if self.at_word(sym::THIS) {
            let start = self.bump().start;
            self.expr(start, ExprKind::This)
        } else {
            let start = self.current.start;
            let name = self.identifier();
            if self.recovering {
                self.bump();
            }
            self.expr(start, ExprKind::Identifier(name.symbol))
        };
        StringPart::Expr(expr)
    }

    /// Makes sure that the string goes on: what is left of a broken interpolation is skipped.
    fn sync_interpolation(&mut self) {
        while !matches!(
            self.current.kind,
            TokenKind::StringMid | TokenKind::StringEnd | TokenKind::Eof
        ) {
            self.expected("'}' to close the interpolation");
            if self.at(TokenKind::StringBegin) {
                self.skip_string();
            } else {
                self.bump();
            }
        }
        self.recovering = self.is_aborted;
    }

    /// Skips a string with interpolation.
    pub(super) fn skip_string(&mut self) {
        let mut depth = 0usize;
        loop {
            match self.bump().kind {
                TokenKind::StringBegin => depth += 1,
                TokenKind::StringEnd => depth = depth.saturating_sub(1),
                TokenKind::Eof => return,
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// The quotes at the start of a string, and how many bytes they and the `r` take.
    fn quotes(&self, start: u32) -> (Quotes, u32) {
        let bytes = self
            .source
            .as_bytes()
            .get(start as usize..)
            .unwrap_or_default();
        let is_raw = bytes.first() == Some(&b'r');
        let quotes = bytes.get(usize::from(is_raw)..).unwrap_or_default();
        let is_multiline = quotes.starts_with(b"'''") || quotes.starts_with(b"\"\"\"");
        let length = u32::from(is_raw) + if is_multiline { 3 } else { 1 };
        (
            Quotes {
                is_raw,
                is_multiline,
            },
            length,
        )
    }

    /// Where the closing quotes of a string start; its end, if it has none.
    fn closing_start(&self, span: Span, quotes: Quotes) -> u32 {
        let length = if quotes.is_multiline { 3 } else { 1 };
        let is_closed = matches!(self.byte_before(span.end), Some(b'\'' | b'"'));
        if is_closed {
            span.end.saturating_sub(length).max(span.start)
        } else {
            span.end
        }
    }

    /// Adds the text between two quotes or interpolations.
    fn string_text(
        &mut self,
        span: Span,
        quotes: Quotes,
        is_first: bool,
        ends_with_dollar: bool,
        text: &mut TextBuilder,
    ) {
        let source = self.source;
        let mut offset = span.start;
        let mut content = source.get(span.range()).unwrap_or_default();
        if ends_with_dollar {
            content = content
                .strip_suffix("${")
                .or(content.strip_suffix('$'))
                .unwrap_or(content);
        }
        if is_first && quotes.is_multiline {
            let skipped = blank_first_line_length(content, quotes.is_raw);
            content = content.get(skipped..).unwrap_or_default();
            offset += skipped as u32;
        }
        while let Some(index) = content.find(['\\', '\r']) {
            let (before, rest) = content.split_at(index);
            text.push_str(before);
            offset += index as u32;
            let taken = self.string_special(rest, offset, quotes, text);
            content = rest.get(taken..).unwrap_or_default();
            offset += taken as u32;
        }
        text.push_str(content);
    }

    /// A carriage return or backslash, at the start of `rest`. Answers the number of bytes taken.
    fn string_special(
        &mut self,
        rest: &str,
        offset: u32,
        quotes: Quotes,
        text: &mut TextBuilder,
    ) -> usize {
        if rest.starts_with('\r') {
            text.push_str("\n");
            return if rest.starts_with("\r\n") { 2 } else { 1 };
        }
        if quotes.is_raw {
            text.push_str("\\");
            return 1;
        }
        match rest.get(1..).and_then(|rest| rest.chars().next()) {
            None => 1,
            Some('n') => text.push_short("\n"),
            Some('r') => text.push_short("\r"),
            Some('f') => text.push_short("\u{C}"),
            Some('b') => text.push_short("\u{8}"),
            Some('t') => text.push_short("\t"),
            Some('v') => text.push_short("\u{B}"),
            Some('x') => self.hex_escape(rest, offset, text),
            Some('u') => self.unicode_escape(rest, offset, text),
            // A line break is handled like any other.
            Some('\r') => 1,
            Some(other) => {
                text.push_str(other.encode_utf8(&mut [0; 4]));
                1 + other.len_utf8()
            }
        }
    }

    /// `\xNN`.
    fn hex_escape(&mut self, rest: &str, offset: u32, text: &mut TextBuilder) -> usize {
        match rest.get(2..4).and_then(parse_hex) {
            Some(code) => {
                text.push_code(code);
                4
            }
            None => {
                let message = "'\\x' needs two hexadecimal digits, as in '\\x41'";
                self.report("malformed-escape", Span::new(offset, offset + 2), message);
                2
            }
        }
    }

    /// `\uNNNN`, `\u{N…}`.
    fn unicode_escape(&mut self, rest: &str, offset: u32, text: &mut TextBuilder) -> usize {
        let braced = rest.get(2..).and_then(|rest| rest.strip_prefix('{'));
        let (code, length) = match braced {
            Some(inside) => {
                let digits = inside.split('}').next().unwrap_or_default();
                let is_closed = digits.len() < inside.len() && digits.len() <= 6;
                let code = if is_closed { parse_hex(digits) } else { None };
                (code, 4 + digits.len())
            }
            None => (rest.get(2..6).and_then(parse_hex), 6),
        };
        match code {
            Some(code) if code <= 0x10_FFFF => {
                text.push_code(code);
                length
            }
            _ => {
                let message = "'\\u' needs four hexadecimal digits, or one to six in braces up to \
                               10FFFF, as in '\\u0041' and '\\u{1F600}'";
                self.report("malformed-escape", Span::new(offset, offset + 2), message);
                2
            }
        }
    }
}

fn parse_hex(digits: &str) -> Option<u32> {
    let is_hex = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex {
        u32::from_str_radix(digits, 16).ok()
    } else {
        None
    }
}

/// The length of the first line of a multiline string, if there is only whitespace (or escaped
/// whitespace) on it: that line is no part of the text.
fn blank_first_line_length(content: &str, is_raw: bool) -> usize {
    let bytes = content.as_bytes();
    let mut index = 0;
    loop {
        let skips_backslash = !is_raw
            && bytes.get(index) == Some(&b'\\')
            && matches!(bytes.get(index + 1), Some(b' ' | b'\t' | b'\n' | b'\r'));
        if skips_backslash {
            index += 1;
        }
        match bytes.get(index) {
            Some(b' ' | b'\t') => index += 1,
            Some(b'\n') => return index + 1,
            Some(b'\r') if bytes.get(index + 1) == Some(&b'\n') => return index + 2,
            Some(b'\r') => return index + 1,
            _ => return 0,
        }
    }
}

/// Collects the text of a string. It becomes UTF-16 only when a surrogate stays alone.
#[derive(Default)]
struct TextBuilder {
    text: String,
    /// A high surrogate that waits for its partner.
    high: Option<u16>,
    /// The text so far, once it is no longer well-formed.
    units: Option<Vec<u16>>,
}

impl TextBuilder {
    fn push_str(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.flush_high();
        match &mut self.units {
            Some(units) => units.extend(text.encode_utf16()),
            None => self.text.push_str(text),
        }
    }

    /// Adds the text of an escape of two bytes and answers these two.
    fn push_short(&mut self, text: &str) -> usize {
        self.push_str(text);
        2
    }

    /// Adds a character or a surrogate.
    fn push_code(&mut self, code: u32) {
        if let Some(character) = char::from_u32(code) {
            return self.push_str(character.encode_utf8(&mut [0; 4]));
        }
        let unit = code as u16;
        let is_low = (0xDC00..0xE000).contains(&unit);
        match self.high {
            Some(high) if is_low => {
                self.high = None;
                let code =
                    0x10000 + ((u32::from(high) - 0xD800) << 10) + (u32::from(unit) - 0xDC00);
                self.push_code(code);
            }
            _ => {
                self.flush_high();
                if is_low {
                    self.push_lone(unit)
                } else {
                    self.high = Some(unit)
                }
            }
        }
    }

    fn flush_high(&mut self) {
        if let Some(high) = self.high.take() {
            self.push_lone(high);
        }
    }

    fn push_lone(&mut self, unit: u16) {
        let text = &mut self.text;
        self.units
            .get_or_insert_with(|| std::mem::take(text).encode_utf16().collect())
            .push(unit);
    }

    fn finish(mut self) -> StringText {
        self.flush_high();
        match self.units {
            Some(units) => StringText::Utf16(units.into_boxed_slice()),
            None => StringText::Utf8(self.text.into_boxed_str()),
        }
    }
}
