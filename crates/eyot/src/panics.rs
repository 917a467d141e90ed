//! Mistakes of Eyot itself: where they happened, without the default noise on standard error.
//!
//! Isolates and the front end run under `catch_unwind`; what is caught there knows the message of a panic but not its place. So a
//! hook notes the place in a variable of the thread, for whoever catches; with `RUST_BACKTRACE=1` the stack as well. Threads that nobody watches keep their former hook.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
    static IS_WATCHED: Cell<bool> = const { Cell::new(false) };
}

/// Installs the hook, once.
pub fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let former = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if IS_WATCHED.get() || is_worker() {
                note(info);
            } else {
                former(info);
            }
        }));
    });
}

fn is_worker() -> bool {
    std::thread::current()
        .name()
        .is_some_and(|name| name.starts_with("eyot-"))
}

fn note(info: &PanicHookInfo<'_>) {
    if let Some(place) = info.location() {
        let mut text = format!("{}:{}", place.file(), place.line());
        let backtrace = std::backtrace::Backtrace::capture();
        if backtrace.status() == std::backtrace::BacktraceStatus::Captured {
            text.push_str(&format!("\n{backtrace}"));
        }
        PLACE.set(Some(text));
    }
}

/// Where this thread panicked last; the answer is forgotten.
pub fn place() -> Option<String> {
    PLACE.take()
}

/// Runs `work`; a panic becomes a text with its place.
///
/// # Errors
///
/// The message and place of the panic.
pub fn catch<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    watch();
    let before = IS_WATCHED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    IS_WATCHED.set(before);
    result.map_err(|payload| {
        let text = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        match place() {
            Some(place) => format!("{place}: {text}"),
            None => text.to_owned(),
        }
    })
}
