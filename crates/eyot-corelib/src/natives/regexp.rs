//! `RegExp` over the regress engine, which has ECMAScript's syntax and meaning.
//!
//! A program is a number in the process's table of patterns; equal patterns share one. So a RegExp is plain data for the heap and for
//! messages. Patterns are never taken out of the table: a program makes as many as it has different ones.

use std::sync::{Arc, OnceLock, RwLock};

use eyot_runtime::heap::blob::Latin1Text;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use eyot_runtime::object::StringView;
use eyot_runtime::program::types::TypeArguments;
use eyot_runtime::value::Value;
use regress::{Flags, Match, Regex};
use rustc_hash::FxHashMap;

use super::support::text;

/// A compiled pattern.
struct Program {
    regex: Regex,
    /// Surrogate pairs are one character.
    is_unicode: bool,
    groups: Groups,
}

/// The groups of a pattern, without the whole match.
#[derive(Debug, Default, PartialEq, Eq)]
struct Groups {
    count: usize,
    /// Names with the numbers of their groups.
    names: Vec<(String, usize)>,
}

#[derive(Default)]
struct Patterns {
    programs: Vec<Arc<Program>>,
    by_source: FxHashMap<(Vec<u16>, i64), usize>,
}

fn patterns() -> &'static RwLock<Patterns> {
    static PATTERNS: OnceLock<RwLock<Patterns>> = OnceLock::new();
    PATTERNS.get_or_init(RwLock::default)
}

/// Counts the groups of a pattern that compiles.
fn groups_of(source: &[u16]) -> Groups {
    let text = String::from_utf16_lossy(source);
    let mut groups = Groups::default();
    let mut in_class = false;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => {
                rest.next();
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => {
                let behind = rest.as_str();
                let Some(special) = behind.strip_prefix('?') else {
                    groups.count += 1;
                    continue;
                };
                let name = special
                    .strip_prefix('<')
                    .and_then(|name| name.split_once('>'));
                if let Some((name, _)) = name
                    && !special.starts_with("<=")
                    && !special.starts_with("<!")
                {
                    groups.count += 1;
                    groups.names.push((name.to_owned(), groups.count));
                }
            }
            _ => {}
        }
    }
    groups
}

fn flags(bits: i64) -> Flags {
    Flags {
        multiline: bits & 1 != 0,
        icase: bits & 2 != 0,
        unicode: bits & 4 != 0,
        dot_all: bits & 8 != 0,
        ..Flags::default()
    }
}

/// The number of a pattern's program, or what is wrong with it.
fn intern(source: Vec<u16>, bits: i64) -> Result<usize, String> {
    let key = (source, bits);
    let known = |table: &Patterns| table.by_source.get(&key).copied();
    if let Some(number) = known(
        &patterns()
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner()),
    ) {
        return Ok(number);
    }
    let code_points = char::decode_utf16(key.0.iter().copied())
        .map(|unit| unit.map_or_else(|lone| lone.unpaired_surrogate().into(), u32::from));
    let program = Program {
        regex: Regex::from_unicode(code_points, flags(bits)).map_err(|error| error.text)?,
        is_unicode: bits & 4 != 0,
        groups: groups_of(&key.0),
    };
    let mut table = patterns()
        .write()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(number) = known(&table) {
        return Ok(number);
    }
    let number = table.programs.len();
    table.programs.push(Arc::new(program));
    table.by_source.insert(key, number);
    Ok(number)
}

fn program(number: i64) -> Option<Arc<Program>> {
    let table = patterns()
        .read()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    table.programs.get(usize::try_from(number).ok()?).cloned()
}

fn compile(cx: &mut NativeCall<'_>) -> NativeResult {
    let source = text(cx, cx.arg(0)).units().collect();
    match intern(source, cx.int(0)) {
        Ok(number) => cx.ret_int(number as i64),
        Err(message) => {
            let message = cx.new_string(&message)?;
            cx.ret(message)
        }
    }
}

/// Up to `limit` matches one after the other, as offsets; only at `start` if `sticky`.
fn offsets(cx: &NativeCall<'_>, start: usize, limit: usize, sticky: bool) -> Vec<i64> {
    let mut offsets = Vec::new();
    let Some(program) = program(cx.int(0)) else {
        return offsets;
    };
    let mut take = |matches: &mut dyn Iterator<Item = Match>| {
        for found in matches.take(limit) {
            if sticky && found.start() != start {
                break;
            }
            push_offsets(&mut offsets, &found);
        }
    };
    match text(cx, cx.arg(0)) {
        StringView::OneByte(units) => {
            let own;
            let kind = match cx.latin1_text(cx.arg(0)) {
                Some(known) => known,
                None => {
                    own = Latin1Text::of(units);
                    &own
                }
            };
            match kind {
                Latin1Text::Wide(units) => take(&mut program.regex.find_from_ucs2(units, start)),
                Latin1Text::Ascii => {
                    // SAFETY: ASCII is UTF-8.
                    let ascii = unsafe { std::str::from_utf8_unchecked(units) };
                    take(&mut program.regex.find_from_ascii(ascii, start));
                }
            }
        }
        StringView::TwoByte(units) if program.is_unicode => {
            take(&mut program.regex.find_from_utf16(units, start));
        }
        StringView::TwoByte(units) => take(&mut program.regex.find_from_ucs2(units, start)),
    }
    offsets
}

fn push_offsets(offsets: &mut Vec<i64>, found: &Match) {
    for group in found.groups() {
        match group {
            Some(range) => offsets.extend([range.start as i64, range.end as i64]),
            None => offsets.extend([-1, -1]),
        }
    }
}

/// A list of offsets, or null for none.
fn return_offsets(cx: &mut NativeCall<'_>, offsets: &[i64]) -> NativeResult {
    if offsets.is_empty() {
        return cx.ret_null();
    }
    let list = cx.new_list(TypeArguments::EMPTY, offsets.len())?;
    for (index, &offset) in offsets.iter().enumerate() {
        // Offsets in a string are small integers.
        cx.list_set(list, index, Value::smi(offset).unwrap_or(Value::NULL));
    }
    cx.ret(list)
}

fn execute(cx: &mut NativeCall<'_>) -> NativeResult {
    let start = usize::try_from(cx.int(1)).unwrap_or(0);
    let offsets = offsets(cx, start, 1, cx.bool(2));
    return_offsets(cx, &offsets)
}

fn execute_many(cx: &mut NativeCall<'_>) -> NativeResult {
    let start = usize::try_from(cx.int(1)).unwrap_or(0);
    let limit = usize::try_from(cx.int(2)).unwrap_or(0);
    let offsets = offsets(cx, start, limit, false);
    return_offsets(cx, &offsets)
}

fn groups(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(program) = program(cx.int(0)) else {
        return cx.ret_null();
    };
    let Groups { count, names } = &program.groups;
    let list = cx.new_list(TypeArguments::EMPTY, 1 + names.len() * 2)?;
    let list = cx.root(list);
    let count = Value::smi(*count as i64).unwrap_or(Value::NULL);
    let target = cx.get(list);
    cx.list_set(target, 0, count);
    for (index, (name, number)) in names.iter().enumerate() {
        let name = cx.new_string(name)?;
        let target = cx.get(list);
        cx.list_set(target, 1 + index * 2, name);
        let number = Value::smi(*number as i64).unwrap_or(Value::NULL);
        cx.list_set(target, 2 + index * 2, number);
    }
    let list = cx.get(list);
    cx.ret(list)
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("core/_RegExp._compile", compile),
    ("core/_RegExp._execute", execute),
    ("core/_RegExp._executeMany", execute_many),
    ("core/_RegExp._groups", groups),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_counted() {
        let groups = |source: &str| groups_of(&source.encode_utf16().collect::<Vec<u16>>());
        assert_eq!(groups("a(b)(?:c)(?=d)(?<=e)[(]\\(").count, 1);
        let named = groups("(x)(?<year>\\d+)-(?<month>\\d+)");
        assert_eq!(named.count, 3);
        assert_eq!(
            named.names,
            [("year".to_owned(), 2), ("month".to_owned(), 3)]
        );
    }

    #[test]
    fn equal_patterns_share_a_program() {
        let source: Vec<u16> = "ab+c".encode_utf16().collect();
        let first = intern(source.clone(), 0).expect("the pattern is right");
        assert_eq!(intern(source.clone(), 0), Ok(first));
        assert_ne!(intern(source, 2), Ok(first));
        assert!(intern("(".encode_utf16().collect(), 0).is_err());
    }
}
