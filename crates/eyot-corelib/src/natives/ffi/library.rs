//! Libraries of native code. The system maps each once for the process, and counts who has opened it.

use std::ffi::c_void;
use std::mem::ManuallyDrop;

use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use libloading::os::unix::Library;

use super::super::host::abi;

/// `int _openLibrary(String path)`
fn open(cx: &mut NativeCall<'_>) -> NativeResult {
    let path = cx.string(cx.arg(0)).unwrap_or_default();
    // SAFETY: the program's promise: what the library does when it is loaded is its own affair.
    match unsafe { Library::new(&path) } {
        Ok(library) => cx.ret_int(library.into_raw() as usize as i64),
        Err(error) => cx.throw_argument_message(&format!(
            "Failed to load dynamic library '{path}': {}",
            reason(&error)
        )),
    }
}

/// What the system said.
fn reason(error: &libloading::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => source.to_string(),
        None => error.to_string(),
    }
}

/// `int _processLibrary()`
fn process(cx: &mut NativeCall<'_>) -> NativeResult {
    cx.ret_int(Library::this().into_raw() as usize as i64)
}

/// `void _closeLibrary(int handle)`
fn close(cx: &mut NativeCall<'_>) -> NativeResult {
    let handle = cx.int(0) as usize as *mut c_void;
    // SAFETY: a handle of `open`. Closing it twice, or using what was in it, is for the program not to do.
    let closed = unsafe { Library::from_raw(handle) }.close();
    match closed {
        Ok(()) => cx.ret_null(),
        Err(error) => cx.throw_argument_message(&format!(
            "Failed to close dynamic library: {}",
            reason(&error)
        )),
    }
}

/// `int _lookupSymbol(int handle, String name)`
fn lookup(cx: &mut NativeCall<'_>) -> NativeResult {
    let handle = cx.int(0) as usize as *mut c_void;
    let name = cx.string(cx.arg(0)).unwrap_or_default();
    // SAFETY: a handle of `open` or `process`, which is not closed here. What is found is only an address.
    let found = unsafe {
        let library = ManuallyDrop::new(Library::from_raw(handle));
        let symbol = library.get::<*mut c_void>(name.as_bytes());
        symbol.map(|symbol| symbol.into_raw())
    };
    cx.ret_int(found.map_or(0, |address| address as usize as i64))
}

/// `String _currentAbi()`
fn current_abi(cx: &mut NativeCall<'_>) -> NativeResult {
    let name = cx.new_string(&abi())?;
    cx.ret(name)
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("ffi/_openLibrary", open),
    ("ffi/_processLibrary", process),
    ("ffi/_closeLibrary", close),
    ("ffi/_lookupSymbol", lookup),
    ("ffi/_currentAbi", current_abi),
];
