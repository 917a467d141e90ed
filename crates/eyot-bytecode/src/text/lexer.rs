//! Tokens of the text form.

use super::TextError;

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tok {
    /// A bare name; may contain dots, `$` and, behind the first character, `@`.
    Name(String),
    /// A quoted name or string, as UTF-16 code units.
    Quoted(Vec<u16>),
    /// An integer.
    Int(i128),
    /// A number with a point or an exponent.
    Float(f64),
    /// `%t5`, or `%b1_0` with two numbers.
    Ref(char, u32, u32),
    /// `->`
    Arrow,
    /// Any other character.
    Punct(char),
    /// The end of the text.
    End,
}

impl Tok {
    /// How an error message names it.
    pub(super) fn describe(&self) -> String {
        match self {
            Tok::End => "the end of the text".to_string(),
            tok => format!("`{}`", tok.text()),
        }
    }

    /// Its text in a form that is the same for equal tokens.
    pub(super) fn text(&self) -> String {
        match self {
            Tok::Name(name) => name.clone(),
            Tok::Quoted(units) => quote(units),
            Tok::Int(value) => value.to_string(),
            Tok::Float(value) => format!("{value:?}"),
            Tok::Ref('b', depth, index) => format!("%b{depth}_{index}"),
            Tok::Ref(table, index, _) => format!("%{table}{index}"),
            Tok::Arrow => "->".to_string(),
            Tok::Punct(c) => c.to_string(),
            Tok::End => String::new(),
        }
    }
}

/// A token and where it starts.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub tok: Tok,
    pub line: u32,
    pub column: u32,
    /// First on its line.
    pub first: bool,
}

/// Whether `text` can stand bare where a name is wanted.
pub(super) fn is_bare(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    name_len(&chars) == chars.len() && !chars.is_empty() && text != "required" && text != "_"
}

fn starts_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || c == '$'
}

/// Length of the bare name that `chars` begins with.
fn name_len(chars: &[char]) -> usize {
    if !chars.first().copied().is_some_and(starts_name) {
        return 0;
    }
    let mut len = 1;
    while let Some(&c) = chars.get(len) {
        let next = chars.get(len + 1).copied().unwrap_or(' ');
        let inner = c == '.' && (starts_name(next) || next.is_ascii_digit());
        if !(starts_name(c) || c.is_ascii_digit() || c == '@' || inner) {
            break;
        }
        len += 1;
    }
    len
}

/// UTF-16 code units in quotes.
pub(super) fn quote(units: &[u16]) -> String {
    let mut text = String::from("\"");
    for unit in char::decode_utf16(units.iter().copied()) {
        match unit {
            Ok('"') => text.push_str("\\\""),
            Ok('\\') => text.push_str("\\\\"),
            Ok('\n') => text.push_str("\\n"),
            Ok('\r') => text.push_str("\\r"),
            Ok('\t') => text.push_str("\\t"),
            Ok(c) if c.is_control() || ('\u{7f}'..='\u{9f}').contains(&c) => {
                text.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            Ok(c) => text.push(c),
            Err(error) => text.push_str(&format!("\\u{{{:x}}}", error.unpaired_surrogate())),
        }
    }
    text.push('"');
    text
}

/// A text in quotes.
pub(super) fn quote_str(text: &str) -> String {
    quote(&text.encode_utf16().collect::<Vec<u16>>())
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: u32,
    line_start: usize,
}

/// Splits `text` into tokens; the last one is [`Tok::End`].
pub(super) fn lex(text: &str) -> Result<Vec<Token>, TextError> {
    let mut lexer = Lexer {
        chars: text.chars().collect(),
        at: 0,
        line: 1,
        line_start: 0,
    };
    let mut tokens: Vec<Token> = Vec::new();
    loop {
        lexer.skip_blank();
        let first = tokens.last().is_none_or(|last| last.line != lexer.line);
        let (line, column) = (lexer.line, lexer.column());
        let tok = lexer.token()?;
        let end = tok == Tok::End;
        tokens.push(Token {
            tok,
            line,
            column,
            first: first || end,
        });
        if end {
            return Ok(tokens);
        }
    }
}

impl Lexer {
    fn column(&self) -> u32 {
        (self.at - self.line_start) as u32 + 1
    }

    fn error(&self, message: String) -> TextError {
        TextError {
            line: self.line,
            column: self.column(),
            message,
        }
    }

    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn skip_blank(&mut self) {
        while let Some(&c) = self.chars.get(self.at) {
            if c == '/' && self.peek(1) == '/' {
                while self.at < self.chars.len() && self.peek(0) != '\n' {
                    self.at += 1;
                }
                continue;
            }
            if !c.is_whitespace() {
                return;
            }
            self.at += 1;
            if c == '\n' {
                self.line += 1;
                self.line_start = self.at;
            }
        }
    }

    fn token(&mut self) -> Result<Tok, TextError> {
        let Some(&c) = self.chars.get(self.at) else {
            return Ok(Tok::End);
        };
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let len = name_len(rest);
        if len > 0 {
            let name = rest.iter().take(len).collect();
            self.at += len;
            return Ok(Tok::Name(name));
        }
        match c {
            '"' => self.quoted(),
            '%' if self.peek(1).is_ascii_lowercase() => self.reference(),
            '-' if self.peek(1) == '>' => {
                self.at += 2;
                Ok(Tok::Arrow)
            }
            '-' if self.peek(1).is_ascii_digit() => self.number(),
            c if c.is_ascii_digit() => self.number(),
            c => {
                self.at += 1;
                Ok(Tok::Punct(c))
            }
        }
    }

    fn digits(&mut self) -> String {
        let mut text = String::new();
        while self.peek(0).is_ascii_alphanumeric() {
            text.push(self.peek(0));
            self.at += 1;
        }
        text
    }

    fn reference(&mut self) -> Result<Tok, TextError> {
        let table = self.peek(1);
        self.at += 2;
        let mut numbers = [0, 0];
        for (i, number) in numbers.iter_mut().enumerate() {
            if i == 1 {
                if self.peek(0) != '_' {
                    break;
                }
                self.at += 1;
            }
            let digits = self.digits();
            *number = digits
                .parse()
                .map_err(|_| self.error(format!("expected a number after `%{table}`")))?;
        }
        Ok(Tok::Ref(table, numbers[0], numbers[1]))
    }

    fn number(&mut self) -> Result<Tok, TextError> {
        let negative = self.peek(0) == '-';
        self.at += usize::from(negative);
        if self.peek(0) == '0' && self.peek(1) == 'x' {
            self.at += 2;
            let digits = self.digits();
            let value = u64::from_str_radix(&digits, 16)
                .map_err(|_| self.error(format!("`0x{digits}` is no hexadecimal number")))?;
            let value = i128::from(value);
            return Ok(Tok::Int(if negative { -value } else { value }));
        }
        let mut text = String::from(if negative { "-" } else { "" });
        text.push_str(&self.digits());
        if self.peek(0) == '.' && self.peek(1).is_ascii_digit() {
            self.at += 1;
            text.push('.');
            text.push_str(&self.digits());
        }
        if text.ends_with('e') && matches!(self.peek(0), '-' | '+') {
            text.push(self.peek(0));
            self.at += 1;
            text.push_str(&self.digits());
        }
        let number = if text.contains(['.', 'e']) {
            text.parse().ok().map(Tok::Float)
        } else {
            text.parse().ok().map(Tok::Int)
        };
        number.ok_or_else(|| self.error(format!("`{text}` is no number")))
    }

    fn quoted(&mut self) -> Result<Tok, TextError> {
        self.at += 1;
        let mut units = Vec::new();
        loop {
            let Some(&c) = self.chars.get(self.at) else {
                return Err(self.error("expected a closing quote".to_string()));
            };
            self.at += 1;
            match c {
                '"' => return Ok(Tok::Quoted(units)),
                '\\' => self.escape(&mut units)?,
                '\n' => return Err(self.error("expected a closing quote".to_string())),
                c => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
            }
        }
    }

    fn escape(&mut self, units: &mut Vec<u16>) -> Result<(), TextError> {
        let c = self.peek(0);
        self.at += 1;
        let plain = match c {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '\\' | '"' => c,
            'u' if self.peek(0) == '{' => {
                self.at += 1;
                let digits = self.digits();
                let value = u32::from_str_radix(&digits, 16).ok();
                if self.peek(0) != '}' {
                    return Err(self.error("expected `}`".to_string()));
                }
                self.at += 1;
                match value {
                    Some(unit @ 0xd800..=0xdfff) => {
                        units.push(unit as u16);
                        return Ok(());
                    }
                    value => value
                        .and_then(char::from_u32)
                        .ok_or_else(|| self.error(format!("`\\u{{{digits}}}` is no character")))?,
                }
            }
            c => return Err(self.error(format!("`\\{c}` is no escape"))),
        };
        units.extend_from_slice(plain.encode_utf16(&mut [0; 2]));
        Ok(())
    }
}
