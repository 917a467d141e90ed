//! `RegExp` over the matcher of `eyot-regexp`.
//!
//! A program is a number in the process's table of patterns; equal patterns share one. So a RegExp is plain data for the heap and for
//! messages. Patterns are never taken out of the table: a program makes as many as it has different ones.
//!
//! A native searches for [`STEPS`] at most. A search that takes longer becomes the isolate's suspended search, and the Dart code calls
//! `_continue` until it ends: between two calls the isolate can be killed, paused or moved to the end of its slice like in any other loop.
//! An isolate has one suspended search at most, because nothing else runs in it until that has ended. Searches hold no address of the
//! text, which is the argument of each call.

use std::cell::Cell;
use std::sync::{Arc, OnceLock, RwLock};

use eyot_regexp::{Flags, Progress, Regex, Search, Units};
use eyot_runtime::isolate::Context;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult, Raised};
use eyot_runtime::object::StringView;
use eyot_runtime::program::types::TypeArguments;
use eyot_runtime::value::Value;
use rustc_hash::FxHashMap;

use super::support::text;

/// Steps of a search in one call: about a fifth of a millisecond.
const STEPS: i64 = 50_000;

/// What a search grows by in so many steps, at most.
const GROWTH_BYTES: usize = 2 << 20;

/// Steps of a search that cost as much as a call or a jump backwards, roughly.
const STEPS_PER_FUEL: i64 = 8;

#[derive(Default)]
struct Patterns {
    programs: Vec<Arc<Regex>>,
    by_source: FxHashMap<(Vec<u16>, i64), usize>,
}

fn patterns() -> &'static RwLock<Patterns> {
    static PATTERNS: OnceLock<RwLock<Patterns>> = OnceLock::new();
    PATTERNS.get_or_init(RwLock::default)
}

fn flags(bits: i64) -> Flags {
    Flags {
        multi_line: bits & 1 != 0,
        ignore_case: bits & 2 != 0,
        unicode: bits & 4 != 0,
        dot_all: bits & 8 != 0,
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
    let regex = Regex::new(&key.0, flags(bits)).map_err(|error| error.to_string())?;
    let mut table = patterns()
        .write()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(number) = known(&table) {
        return Ok(number);
    }
    let number = table.programs.len();
    table.programs.push(Arc::new(regex));
    table.by_source.insert(key, number);
    Ok(number)
}

fn program(number: i64) -> Option<Arc<Regex>> {
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

// ---- searching

thread_local! {
    /// A search for whoever needs one next: its buffers are used again.
    static SPARE: Cell<Option<Box<Search>>> = const { Cell::new(None) };
}

/// The search that an isolate goes on with in its next call.
#[derive(Default)]
struct Suspended {
    search: Option<Box<Search>>,
}

fn spare_search() -> Box<Search> {
    SPARE.take().unwrap_or_default()
}

fn keep_spare(mut search: Box<Search>) {
    search.shrink();
    SPARE.set(Some(search));
}

fn suspended<'c>(cx: &'c mut NativeCall<'_>) -> Option<&'c mut Suspended> {
    cx.host::<Context>().map(Context::resource)
}

/// The units of the text, the first argument.
fn units<'a>(cx: &'a NativeCall<'_>) -> Units<'a> {
    match text(cx, cx.arg(0)) {
        StringView::OneByte(units) => Units::OneByte(units),
        StringView::TwoByte(units) => Units::TwoByte(units),
    }
}

/// Goes on with a search in the text. The steps are the isolate's time, like calls of Dart.
fn run(cx: &mut NativeCall<'_>, regex: &Regex, search: &mut Search, steps: &mut i64) -> Progress {
    let before = *steps;
    let progress = search.run(regex, units(cx), steps);
    cx.spend((before - *steps) / STEPS_PER_FUEL);
    progress
}

/// Ends a call whose search has not ended: answers `false`, and `_continue` goes on.
fn suspend(cx: &mut NativeCall<'_>, search: Box<Search>) -> NativeResult {
    cx.heap().set_native_bytes(search.bytes());
    match suspended(cx) {
        Some(place) => place.search = Some(search),
        None => return cx.throw_unsupported("a search this long needs an isolate"),
    }
    cx.look_around();
    cx.ret_bool(false)
}

/// Takes the suspended search, and its bytes off the heap's account.
fn resume(cx: &mut NativeCall<'_>) -> Result<Option<Box<Search>>, Raised> {
    let search = suspended(cx).and_then(|place| place.search.take());
    let Some(mut search) = search else {
        return Ok(None);
    };
    // The heap makes room now: a search does not ask while it runs.
    let room = cx.allocate(|heap, roots| heap.before_external(GROWTH_BYTES, roots));
    cx.heap().set_native_bytes(0);
    room?;
    search.set_most_bytes(cx.heap().room_bytes());
    Ok(Some(search))
}

/// Offsets of a match or several.
type Offsets = Vec<i64>;

fn push_offsets(offsets: &mut Offsets, search: &Search) {
    for group in search.offsets() {
        match group {
            Some((from, to)) => offsets.extend([from as i64, to as i64]),
            None => offsets.extend([-1, -1]),
        }
    }
}

fn return_offsets(cx: &mut NativeCall<'_>, offsets: &[i64]) -> NativeResult {
    let list = cx.new_list(TypeArguments::EMPTY, offsets.len())?;
    for (index, &offset) in offsets.iter().enumerate() {
        // Offsets in a string are small integers.
        cx.list_set(list, index, Value::smi(offset).unwrap_or(Value::NULL));
    }
    cx.ret(list)
}

/// Where the search for the next match begins: behind the last, but not where that was empty.
fn after_match(cx: &NativeCall<'_>, regex: &Regex, search: &Search) -> usize {
    let Some((from, to)) = search.offsets().next().flatten() else {
        return usize::MAX;
    };
    if from < to {
        return to;
    }
    match units(cx) {
        Units::TwoByte(units) if regex.flags().unicode => {
            let is_pair = matches!(
                units.get(to..),
                Some(&[0xD800..=0xDBFF, 0xDC00..=0xDFFF, ..])
            );
            if is_pair { to + 2 } else { to + 1 }
        }
        _ => to + 1,
    }
}

/// The answer where a search has ended; with the place of the next one if there are to be `many`.
fn end(
    cx: &mut NativeCall<'_>,
    regex: &Regex,
    search: Box<Search>,
    progress: Progress,
    many: bool,
) -> NativeResult {
    match progress {
        Progress::Suspended => suspend(cx, search),
        Progress::NoMatch => {
            keep_spare(search);
            cx.ret_null()
        }
        Progress::TooDeep => {
            keep_spare(search);
            cx.throw_out_of_memory()
        }
        Progress::Match => {
            let mut offsets = Offsets::new();
            push_offsets(&mut offsets, &search);
            if many {
                offsets.push(after_match(cx, regex, &search) as i64);
            }
            keep_spare(search);
            return_offsets(cx, &offsets)
        }
    }
}

fn execute(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(regex) = program(cx.int(0)) else {
        return cx.ret_null();
    };
    let start = usize::try_from(cx.int(1)).unwrap_or(0);
    let mut search = spare_search();
    search.begin(&regex, start, cx.bool(2));
    let progress = run(cx, &regex, &mut search, &mut { STEPS });
    end(cx, &regex, search, progress, false)
}

fn execute_many(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(regex) = program(cx.int(0)) else {
        return cx.ret_null();
    };
    let mut next = usize::try_from(cx.int(1)).unwrap_or(0);
    let limit = usize::try_from(cx.int(2)).unwrap_or(0);
    let mut search = spare_search();
    let mut offsets = Offsets::new();
    let mut steps = STEPS;
    for _ in 0..limit {
        search.begin(&regex, next, false);
        match run(cx, &regex, &mut search, &mut steps) {
            Progress::Match => {
                push_offsets(&mut offsets, &search);
                next = after_match(cx, &regex, &search);
            }
            progress if offsets.is_empty() => return end(cx, &regex, search, progress, true),
            // The next call begins this one anew, with all its steps.
            Progress::Suspended | Progress::TooDeep => break,
            Progress::NoMatch => {
                offsets.push(-1);
                keep_spare(search);
                return return_offsets(cx, &offsets);
            }
        }
    }
    offsets.push(next as i64);
    keep_spare(search);
    return_offsets(cx, &offsets)
}

fn go_on(cx: &mut NativeCall<'_>) -> NativeResult {
    let many = cx.bool(1);
    let (Some(regex), Some(mut search)) = (program(cx.int(0)), resume(cx)?) else {
        return cx.ret_null();
    };
    let progress = run(cx, &regex, &mut search, &mut { STEPS });
    end(cx, &regex, search, progress, many)
}

fn groups(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(program) = program(cx.int(0)) else {
        return cx.ret_null();
    };
    let names = program.names();
    let list = cx.new_list(TypeArguments::EMPTY, 1 + names.len() * 2)?;
    let list = cx.root(list);
    let count = Value::smi(program.group_count() as i64).unwrap_or(Value::NULL);
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
    ("core/_RegExp._continue", go_on),
    ("core/_RegExp._groups", groups),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_patterns_share_a_program() {
        let source: Vec<u16> = "ab+c".encode_utf16().collect();
        let first = intern(source.clone(), 0).expect("the pattern is right");
        assert_eq!(intern(source.clone(), 0), Ok(first));
        assert_ne!(intern(source, 2), Ok(first));
        assert!(intern("(".encode_utf16().collect(), 0).is_err());
    }
}
