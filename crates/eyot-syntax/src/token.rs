//! Tokens.
//!
//! A token is 16 bytes and owns no text. Two choices differ from the lexical grammar:
//!
//! - `>` is always a token of its own; the parser joins `>>`, `>>>`, `>=`, `>>=` and `>>>=` from
//!   adjacent tokens, since type arguments close with single `>`s.
//! - Every opening bracket knows its partner, so that the parser looks past a parameter list
//!   in one step.

use crate::span::Span;
use crate::symbol::Symbol;

/// A token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset past the last byte.
    pub end: u32,
    /// The symbol number of a word, or the index of the partner of an opening bracket.
    pub data: u32,
}

impl Token {
    pub fn span(self) -> Span {
        Span::new(self.start, self.end)
    }

    /// The name of an identifier or keyword.
    pub fn symbol(self) -> Symbol {
        Symbol::from_index(self.data)
    }
}

/// `data` of an opening bracket without a partner.
pub(crate) const NO_PARTNER: u32 = u32::MAX;

/// Kinds of tokens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TokenKind {
    Eof,
    /// A character that starts no token; reported by the lexer.
    Error,
    /// A name that is no word of the grammar.
    Identifier,
    /// A word of the grammar: reserved, built-in or contextual.
    Keyword,
    Int,
    HexInt,
    Double,
    /// A string without interpolation, quotes included.
    String,
    /// From the opening quote to a `$` or `${`.
    StringBegin,
    /// From the end of an interpolation (`}` included) to the next `$` or `${`.
    StringMid,
    /// From the end of an interpolation (`}` included) to the closing quote.
    StringEnd,
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    Comma,
    Semicolon,
    Colon,
    Dot,
    DotDot,
    DotDotDot,
    DotDotDotQuestion,
    Question,
    QuestionDot,
    QuestionDotDot,
    QuestionQuestion,
    QuestionQuestionEq,
    Bang,
    BangEq,
    Eq,
    EqEq,
    Arrow,
    Plus,
    PlusPlus,
    PlusEq,
    Minus,
    MinusMinus,
    MinusEq,
    Star,
    StarEq,
    Slash,
    SlashEq,
    TildeSlash,
    TildeSlashEq,
    Percent,
    PercentEq,
    Tilde,
    Amp,
    AmpAmp,
    AmpEq,
    Pipe,
    PipePipe,
    PipeEq,
    Caret,
    CaretEq,
    Lt,
    LtEq,
    LtLt,
    LtLtEq,
    Gt,
    At,
    Hash,
}

impl TokenKind {
    /// How messages call the token; words and literals are quoted from the source instead.
    pub fn text(self) -> &'static str {
        use TokenKind::*;
        match self {
            Eof => "the end of the file",
            Error => "a character that is not Dart",
            Identifier => "a name",
            Keyword => "a keyword",
            Int | HexInt | Double => "a number",
            String | StringBegin | StringMid | StringEnd => "a string",
            OpenParen => "'('",
            CloseParen => "')'",
            OpenBracket => "'['",
            CloseBracket => "']'",
            OpenBrace => "'{'",
            CloseBrace => "'}'",
            Comma => "','",
            Semicolon => "';'",
            Colon => "':'",
            Dot => "'.'",
            DotDot => "'..'",
            DotDotDot => "'...'",
            DotDotDotQuestion => "'...?'",
            Question => "'?'",
            QuestionDot => "'?.'",
            QuestionDotDot => "'?..'",
            QuestionQuestion => "'??'",
            QuestionQuestionEq => "'??='",
            Bang => "'!'",
            BangEq => "'!='",
            Eq => "'='",
            EqEq => "'=='",
            Arrow => "'=>'",
            Plus => "'+'",
            PlusPlus => "'++'",
            PlusEq => "'+='",
            Minus => "'-'",
            MinusMinus => "'--'",
            MinusEq => "'-='",
            Star => "'*'",
            StarEq => "'*='",
            Slash => "'/'",
            SlashEq => "'/='",
            TildeSlash => "'~/'",
            TildeSlashEq => "'~/='",
            Percent => "'%'",
            PercentEq => "'%='",
            Tilde => "'~'",
            Amp => "'&'",
            AmpAmp => "'&&'",
            AmpEq => "'&='",
            Pipe => "'|'",
            PipePipe => "'||'",
            PipeEq => "'|='",
            Caret => "'^'",
            CaretEq => "'^='",
            Lt => "'<'",
            LtEq => "'<='",
            LtLt => "'<<'",
            LtLtEq => "'<<='",
            Gt => "'>'",
            At => "'@'",
            Hash => "'#'",
        }
    }
}
