//! Native finalizers: calls that an isolate owes, by number. What is left when it ends is called then, without any Dart code.

use std::ffi::c_void;

use eyot_runtime::isolate::Context;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use rustc_hash::FxHashMap;

/// A call that is made when this is dropped.
#[derive(Debug)]
pub struct NativeCallOnDrop {
    function: usize,
    token: usize,
}

impl NativeCallOnDrop {
    /// A call of `function`, none if that is 0, with `token`.
    pub fn new(function: i64, token: i64) -> NativeCallOnDrop {
        NativeCallOnDrop {
            function: function as usize,
            token: token as usize,
        }
    }

    fn forget(mut self) {
        self.function = 0;
    }
}

impl Drop for NativeCallOnDrop {
    fn drop(&mut self) {
        if self.function == 0 {
            return;
        }
        // SAFETY: the program's promise: the function has this signature, and may be called on any thread.
        unsafe {
            let function: extern "C" fn(*mut c_void) = std::mem::transmute(self.function);
            function(self.token as *mut c_void);
        }
    }
}

/// What an isolate owes.
#[derive(Default)]
struct Owed {
    last: i64,
    calls: FxHashMap<i64, NativeCallOnDrop>,
}

fn owed<'c>(cx: &'c mut NativeCall<'_>) -> Option<&'c mut Owed> {
    cx.host::<Context>().map(Context::resource)
}

/// `int _registerFinalizer(int callback, int token)`
fn register(cx: &mut NativeCall<'_>) -> NativeResult {
    let call = NativeCallOnDrop::new(cx.int(0), cx.int(1));
    let number = owed(cx).map_or(0, |owed| {
        owed.last += 1;
        owed.calls.insert(owed.last, call);
        owed.last
    });
    cx.ret_int(number)
}

/// `void _runFinalizer(int number)`
fn run(cx: &mut NativeCall<'_>) -> NativeResult {
    let number = cx.int(0);
    let call = owed(cx).and_then(|owed| owed.calls.remove(&number));
    drop(call);
    cx.ret_null()
}

/// `void _forgetFinalizer(int number)`
fn forget(cx: &mut NativeCall<'_>) -> NativeResult {
    let number = cx.int(0);
    if let Some(call) = owed(cx).and_then(|owed| owed.calls.remove(&number)) {
        call.forget();
    }
    cx.ret_null()
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("ffi/_registerFinalizer", register),
    ("ffi/_runFinalizer", run),
    ("ffi/_forgetFinalizer", forget),
];
