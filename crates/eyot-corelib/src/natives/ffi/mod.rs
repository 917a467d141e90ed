//! The natives of `dart:ffi`: native memory, libraries, calls of C and calls by C.
//!
//! | file | what |
//! | --- | --- |
//! | `memory` | loads, stores, lists over native memory, objects for structs |
//! | `library` | libraries and their symbols |
//! | `signature` | what analysis writes about a C function, read |
//! | `call` | calls of C functions |
//! | `callback` | C functions that call Dart |
//! | `api`, `cobject` | what C may call by itself: messages to isolates |
//! | `finalizer` | C functions that are called when an object is gone |
//!
//! # What is safe here, and what is not
//!
//! A program that uses `dart:ffi` promises what no runtime can check: that addresses are those of memory it may use, that signatures
//! are those of the functions, that libraries keep the rules. Blocks that rely on it say *the program's promise*. Who
//! does not trust a program forbids it the library; see `Options::allow_ffi` of the embedding interface, which both keeps
//! programs from importing it and takes these natives away.

mod api;
mod call;
mod callback;
mod cobject;
mod finalizer;
mod library;
mod memory;
mod signature;

use std::sync::OnceLock;

use eyot_runtime::native::NativeCall;
use eyot_runtime::value::Value;

use super::bytes::Data;

use super::Table;

/// All of the library's natives.
pub const TABLES: &[Table] = &[
    api::NATIVES,
    call::NATIVES,
    callback::NATIVES,
    finalizer::NATIVES,
    library::NATIVES,
    memory::NATIVES,
];

/// Words of the fields in which objects keep addresses. The core's classes have the same layout in every group.
struct Words {
    pointer: OnceLock<usize>,
    compound: OnceLock<usize>,
    owner: OnceLock<usize>,
}

static WORDS: Words = Words {
    pointer: OnceLock::new(),
    compound: OnceLock::new(),
    owner: OnceLock::new(),
};

fn word(cx: &NativeCall<'_>, known: &OnceLock<usize>, of: Value, name: &str) -> usize {
    *known.get_or_init(|| cx.field_word(cx.class_of(of), name).unwrap_or(0))
}

/// The address in a `Pointer`; 0 for null.
fn address_of_pointer(cx: &NativeCall<'_>, pointer: Value) -> u64 {
    if pointer.is_null() {
        return 0;
    }
    cx.field_raw(pointer, word(cx, &WORDS.pointer, pointer, "_address"))
}

/// The address in a `Struct` or `Union`.
fn address_of_compound(cx: &NativeCall<'_>, compound: Value) -> u64 {
    cx.field_raw(compound, word(cx, &WORDS.compound, compound, "_address"))
}

/// Gives a fresh `Pointer` its address.
fn set_pointer(cx: &mut NativeCall<'_>, pointer: Value, address: u64) {
    let at = word(cx, &WORDS.pointer, pointer, "_address");
    cx.set_field_raw(pointer, at, address);
}

/// Gives a fresh `Struct` or `Union` its address and what keeps the memory alive.
fn set_compound(cx: &mut NativeCall<'_>, compound: Value, address: u64, owner: Value) {
    if let Some(data) = Data::of(owner) {
        data.pin();
    }
    let at = word(cx, &WORDS.compound, compound, "_address");
    cx.set_field_raw(compound, at, address);
    let at = word(cx, &WORDS.owner, compound, "_owner");
    cx.set_field(compound, at, owner);
}
