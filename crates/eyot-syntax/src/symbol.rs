//! Interned names: a [`Symbol`] is a small number that stands for a text.
//!
//! The table is one per process and grows for ever: names come from source files, of which
//! a process reads few, and equal names everywhere compare as numbers. Texts are leaked, so
//! [`Symbol::as_str`] gives `&'static str` without a lock. [`sym`] names the symbols known
//! ahead of time: keywords first (the lexer tells a keyword by its number), then the names
//! of operators and of members the language itself refers to.
//!
//! Numbers of symbols that are not in [`sym`] depend on the order of interning: they are no
//! good in files and in anything that must be the same in two runs.

use std::fmt;
use std::sync::{LazyLock, OnceLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;

/// An interned text. Equality and order are those of the number, not of the text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(u32);

impl Symbol {
    /// The symbol of `text`.
    pub fn intern(text: &str) -> Symbol {
        INTERNER.intern(text)
    }

    /// The text.
    pub fn as_str(self) -> &'static str {
        INTERNER.text(self)
    }

    /// The number, an index for tables by symbol.
    pub const fn index(self) -> u32 {
        self.0
    }

    /// The symbol with a number that [`Symbol::index`] gave.
    pub(crate) const fn from_index(index: u32) -> Symbol {
        Symbol(index)
    }

    /// Whether the name is private to its library: it starts with an underscore.
    pub fn is_private(self) -> bool {
        self.as_str().starts_with('_')
    }

    /// Whether the symbol is a word of the grammar: reserved, built-in or contextual.
    pub(crate) const fn is_keyword(self) -> bool {
        self.0 < sym::KEYWORD_COUNT
    }

    /// Whether the word is reserved everywhere, so that it is never a name.
    pub const fn is_reserved(self) -> bool {
        self.0 < sym::AWAIT.0
    }

    /// Whether the word is a built-in identifier: a name, but not of a type.
    pub(crate) const fn is_built_in(self) -> bool {
        self.0 >= sym::ABSTRACT.0 && self.0 < sym::ASYNC.0
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.as_str())
    }
}

/// Texts by number, readable without a lock: chunk `k` holds `CHUNK_0 << k` texts, and a
/// text never moves once it is there.
const CHUNK_0: u32 = 1024;
const CHUNK_COUNT: usize = 22;

type Chunk = Box<[OnceLock<&'static str>]>;

struct Interner {
    numbers: RwLock<FxHashMap<&'static str, u32>>,
    chunks: [OnceLock<Chunk>; CHUNK_COUNT],
}

static INTERNER: LazyLock<Interner> = LazyLock::new(Interner::with_known_symbols);

impl Interner {
    fn with_known_symbols() -> Interner {
        let interner = Interner {
            numbers: RwLock::default(),
            chunks: [const { OnceLock::new() }; CHUNK_COUNT],
        };
        for (number, text) in sym::TEXTS.iter().enumerate() {
            let symbol = interner.intern(text);
            debug_assert_eq!(
                symbol.0 as usize, number,
                "`{text}` stands twice in the table"
            );
        }
        interner
    }

    fn intern(&self, text: &str) -> Symbol {
        // A poisoned table is still whole: an entry is made by one insertion.
        let known = self
            .numbers
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(text)
            .copied();
        match known {
            Some(number) => Symbol(number),
            None => self.intern_new(text),
        }
    }

    #[cold]
    fn intern_new(&self, text: &str) -> Symbol {
        let mut numbers = self.numbers.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(&number) = numbers.get(text) {
            return Symbol(number);
        }
        let number = numbers.len() as u32;
        let text: &'static str = Box::leak(text.into());
        let (chunk_index, index) = locate(number);
        // 22 chunks hold four thousand million texts: memory is used up long before.
        let chunk = self.chunks[chunk_index].get_or_init(|| new_chunk(chunk_index));
        // The cell is empty, since its number has just been given out.
        let _ = chunk[index].set(text);
        numbers.insert(text, number);
        Symbol(number)
    }

    fn text(&self, symbol: Symbol) -> &'static str {
        let (chunk_index, index) = locate(symbol.0);
        let chunk = self.chunks.get(chunk_index).and_then(OnceLock::get);
        let text = chunk
            .and_then(|chunk| chunk.get(index))
            .and_then(OnceLock::get);
        text.copied().unwrap_or_default()
    }
}

fn new_chunk(chunk_index: usize) -> Chunk {
    let size = (CHUNK_0 as usize) << chunk_index;
    (0..size).map(|_| OnceLock::new()).collect()
}

/// The chunk of a number and the index in it.
fn locate(number: u32) -> (usize, usize) {
    let position = u64::from(number) + u64::from(CHUNK_0);
    let chunk_index = (position.ilog2() - CHUNK_0.ilog2()) as usize;
    let chunk_start = u64::from(CHUNK_0) << chunk_index;
    (chunk_index, (position - chunk_start) as usize)
}

macro_rules! known_symbols {
    (
        keywords { $($keyword:ident $keyword_text:literal,)* }
        names { $($name:ident $name_text:literal,)* }
    ) => {
        /// Symbols known ahead of time, by name.
        pub mod sym {
            #![allow(missing_docs)]
            use super::Symbol;

            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            enum Number { $($keyword,)* $($name,)* }

            $(pub const $keyword: Symbol = Symbol(Number::$keyword as u32);)*
            $(pub const $name: Symbol = Symbol(Number::$name as u32);)*

            pub(super) const TEXTS: &[&str] = &[$($keyword_text,)* $($name_text,)*];
            pub(crate) const KEYWORD_COUNT: u32 = [$($keyword_text,)*].len() as u32;
        }
    };
}

known_symbols! {
    keywords {
        // Reserved words.
        ASSERT "assert", BREAK "break", CASE "case", CATCH "catch", CLASS "class",
        CONST "const", CONTINUE "continue", DEFAULT "default", DO "do", ELSE "else",
        ENUM "enum", EXTENDS "extends", FALSE "false", FINAL "final", FINALLY "finally",
        FOR "for", IF "if", IN "in", IS "is", NEW "new", NULL "null", RETHROW "rethrow",
        RETURN "return", SUPER "super", SWITCH "switch", THIS "this", THROW "throw",
        TRUE "true", TRY "try", VAR "var", VOID "void", WHILE "while", WITH "with",
        // Reserved inside asynchronous and generator bodies only.
        AWAIT "await", YIELD "yield",
        // Built-in identifiers: no names of types.
        ABSTRACT "abstract", AS "as", AUGMENT "augment", COVARIANT "covariant",
        DEFERRED "deferred", DYNAMIC "dynamic", EXPORT "export", EXTENSION "extension",
        EXTERNAL "external", FACTORY "factory", FUNCTION "Function", GET "get",
        IMPLEMENTS "implements", IMPORT "import", INTERFACE "interface", LATE "late",
        LIBRARY "library", MIXIN "mixin", OPERATOR "operator", PART "part",
        REQUIRED "required", SET "set", STATIC "static", TYPEDEF "typedef",
        // Words of the grammar that are plain identifiers everywhere else.
        ASYNC "async", BASE "base", HIDE "hide", NATIVE "native", OF "of", ON "on",
        SEALED "sealed", SHOW "show", SYNC "sync", TYPE "type", WHEN "when",
    }
    names {
        EMPTY "",
        // Operators, by the names of the members that implement them.
        PLUS "+", MINUS "-", STAR "*", SLASH "/", TILDE_SLASH "~/", PERCENT "%",
        EQUALS "==", LESS "<", GREATER ">", LESS_EQUALS "<=", GREATER_EQUALS ">=",
        SHIFT_LEFT "<<", SHIFT_RIGHT ">>", SHIFT_RIGHT_UNSIGNED ">>>", AMPERSAND "&",
        PIPE "|", CARET "^", TILDE "~", INDEX_GET "[]", INDEX_SET "[]=",
        UNARY_MINUS "unary-", NOT_EQUALS "!=",
        // Members and names the language itself refers to.
        ADD "add", ADD_ALL "addAll", ARGUMENTS "arguments", BOOL "bool", CALL "call",
        COMPARE_TO "compareTo", COMPLETER "Completer", CORE "core", CURRENT "current",
        DART_ASYNC "dart:async", DART_CORE "dart:core", DOUBLE "double", ERROR "Error",
        EXCEPTION "Exception", FIRST "first", FUTURE "Future", FUTURE_OR "FutureOr",
        HASH_CODE "hashCode", INDEX "index", INT "int", INVOCATION "Invocation",
        IS_EMPTY "isEmpty", IS_NOT_EMPTY "isNotEmpty", ITERABLE "Iterable",
        ITERATOR "iterator", ITERATOR_CLASS "Iterator", KEYS "keys", LAST "last",
        LENGTH "length", LIST "List", LOAD_LIBRARY "loadLibrary", MAIN "main", MAP "Map",
        MAP_ENTRY "MapEntry", MOVE_NEXT "moveNext", NAME "name", NEVER "Never",
        NO_SUCH_METHOD "noSuchMethod", NULL_CLASS "Null", NUM "num", OBJECT "Object",
        OVERRIDE "override", PRAGMA "pragma", RECORD "Record", RUNTIME_TYPE "runtimeType",
        SET_CLASS "Set", STACK_TRACE "StackTrace", STREAM "Stream", STRING "String",
        SYMBOL "Symbol", THEN "then", TO_STRING "toString", TYPE_CLASS "Type",
        UNDERSCORE "_", VALUE "value", VALUES "values", VM_ENTRY_POINT "vm:entry-point",
        CONTAINS_KEY "containsKey", DEPRECATED "deprecated", ENUM_CLASS "Enum",
        COMPARABLE "Comparable", PATTERN "Pattern", FROM_ENVIRONMENT "fromEnvironment",
        HAS_ENVIRONMENT "hasEnvironment", IDENTICAL "identical", PRINT "print",
        WHERE_TYPE "whereType",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_one_number() {
        assert_eq!(Symbol::intern("toString"), sym::TO_STRING);
        assert_eq!(sym::HASH_CODE.as_str(), "hashCode");
        assert_eq!(Symbol::intern("someName"), Symbol::intern("someName"));
        assert_ne!(Symbol::intern("someName"), Symbol::intern("someOtherName"));
        assert!(sym::TYPE.is_keyword() && sym::WHEN.is_keyword() && !sym::PLUS.is_keyword());
    }

    #[test]
    fn many_symbols_from_many_threads() {
        let texts: Vec<String> = (0..20_000).map(|n| format!("many{n}")).collect();
        let tables: Vec<Vec<Symbol>> = std::thread::scope(|scope| {
            let intern_all = || texts.iter().map(|text| Symbol::intern(text)).collect();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(intern_all)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        for (index, text) in texts.iter().enumerate() {
            assert!(tables.iter().all(|table| table[index] == tables[0][index]));
            assert_eq!(tables[0][index].as_str(), text);
        }
    }

    #[test]
    fn chunks_join_without_gaps() {
        assert_eq!(locate(0), (0, 0));
        assert_eq!(locate(1023), (0, 1023));
        assert_eq!(locate(1024), (1, 0));
        assert_eq!(locate(1024 + 2048), (2, 0));
    }
}
