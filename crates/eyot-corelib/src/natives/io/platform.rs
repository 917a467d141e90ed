//! What `Platform` and `Directory.current` tell.

use std::sync::OnceLock;

use eyot_runtime::heap::message::Plain;
use eyot_runtime::isolate::Context;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};

use super::operation::packed;

/// The flags between the executable and the program.
static EXECUTABLE_ARGUMENTS: OnceLock<Vec<String>> = OnceLock::new();

/// Says, once, what `Platform.executableArguments` answers.
pub fn set_executable_arguments(arguments: Vec<String>) {
    let _ = EXECUTABLE_ARGUMENTS.set(arguments);
}

fn file_text(path: &str) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.trim_end().to_owned()
}

/// `LANG` without its character set.
fn locale() -> String {
    let name = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "en_US".to_owned());
    let name = name.split('.').next().unwrap_or_default();
    if matches!(name, "C" | "POSIX") {
        "en_US".to_owned()
    } else {
        name.to_owned()
    }
}

/// `String _platformText(int which)`
fn platform_text(cx: &mut NativeCall<'_>) -> NativeResult {
    let text = match cx.int(0) {
        0 => std::env::consts::OS.to_owned(),
        1 => file_text("/proc/version"),
        2 => file_text("/proc/sys/kernel/hostname"),
        3 => locale(),
        4 => format!(
            "{} (Dart 3.13) on \"{}\"",
            env!("CARGO_PKG_VERSION"),
            super::super::host::abi()
        ),
        5 => std::env::args().next().unwrap_or_default(),
        6 => std::env::current_exe()
            .map(|path| path.to_string_lossy().into_owned())
            .unwrap_or_default(),
        7 => match cx.host::<Context>() {
            Some(context) => context.group.script.clone(),
            None => String::new(),
        },
        8 => match cx.host::<Context>() {
            Some(context) => context.group.package_config.clone().unwrap_or_default(),
            None => String::new(),
        },
        _ => String::new(),
    };
    let text = cx.new_string(&text)?;
    cx.ret(text)
}

/// `int _processors()`
fn processors(cx: &mut NativeCall<'_>) -> NativeResult {
    let count = std::thread::available_parallelism().map_or(1, |count| count.get());
    cx.ret_int(count as i64)
}

fn return_texts(cx: &mut NativeCall<'_>, texts: Vec<String>) -> NativeResult {
    let texts = texts.into_iter().map(|text| Plain::Text(text.into()));
    let plain = Plain::List(texts.collect());
    let list = cx.allocate(|heap, roots| heap.new_plain(&plain, roots))?;
    cx.ret(list)
}

/// `List<Object?> _executableArguments()`
fn executable_arguments(cx: &mut NativeCall<'_>) -> NativeResult {
    return_texts(cx, EXECUTABLE_ARGUMENTS.get().cloned().unwrap_or_default())
}

/// `List<Object?> _environmentPairs()`
fn environment_pairs(cx: &mut NativeCall<'_>) -> NativeResult {
    let pairs = std::env::vars_os().flat_map(|(name, value)| [name, value]);
    let texts = pairs.map(|text| text.to_string_lossy().into_owned());
    return_texts(cx, texts.collect())
}

/// `String _currentDirectory()`
fn current_directory(cx: &mut NativeCall<'_>) -> NativeResult {
    let directory = std::env::current_dir().unwrap_or_default();
    let text = cx.new_string(&directory.to_string_lossy())?;
    cx.ret(text)
}

/// `List<Object?> _setCurrentDirectory(String path)`
fn set_current_directory(cx: &mut NativeCall<'_>) -> NativeResult {
    let path = cx.string(cx.arg(0)).unwrap_or_default();
    let answer = packed(std::env::set_current_dir(path).map(|()| Plain::Null));
    let answer = cx.allocate(|heap, roots| heap.new_plain(&answer, roots))?;
    cx.ret(answer)
}

/// `String _temporaryDirectory()`
fn temporary_directory(cx: &mut NativeCall<'_>) -> NativeResult {
    let directory = std::env::temp_dir();
    let text = directory.to_string_lossy();
    let text = text
        .strip_suffix('/')
        .filter(|text| !text.is_empty())
        .unwrap_or(&text);
    let text = cx.new_string(text)?;
    cx.ret(text)
}

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[
    ("io/_platformText", platform_text),
    ("io/_processors", processors),
    ("io/_executableArguments", executable_arguments),
    ("io/_environmentPairs", environment_pairs),
    ("io/_currentDirectory", current_directory),
    ("io/_setCurrentDirectory", set_current_directory),
    ("io/_temporaryDirectory", temporary_directory),
];
