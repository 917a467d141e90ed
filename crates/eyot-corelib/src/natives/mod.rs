//! The natives of dart:core, dart:collection, dart:math, dart:_internal, dart:typed_data, dart:convert and
//! dart:io.
//!
//! One module for each part of the libraries; each ends with a table of its natives by name, and [`TABLES`] lists the
//! tables. What a native does and throws is said where it is declared, in the Dart sources under `lib/`. Natives that need
//! the inside of the runtime (types, closures, stack traces) are the runtime's own.

use eyot_runtime::native::NativeFn;

mod bigint;
mod buffer;
mod bytes;
mod developer;
pub mod ffi;
mod hash_table;
mod host;
pub mod io;
mod list;
mod math;
pub mod native_port;
mod number;
pub mod parcel;
mod regexp;
mod string;
mod string_build;
mod support;
mod weak;

/// Natives by name.
pub type Table = &'static [(&'static str, NativeFn)];

/// All tables.
pub const TABLES: &[Table] = &[
    bigint::NATIVES,
    buffer::NATIVES,
    bytes::BASE64,
    bytes::BYTE_DATA,
    bytes::JSON,
    bytes::JSON_PARSE,
    bytes::JSON_WRITE,
    bytes::LATIN1,
    bytes::LISTS,
    bytes::UTF8,
    bytes::VIEWS,
    developer::NATIVES,
    developer::TIMELINE,
    hash_table::NATIVES,
    host::NATIVES,
    io::ENDPOINTS,
    io::HANDLES,
    io::HTTP,
    io::HTTP_FIELDS,
    io::PLATFORM,
    io::PROCESS,
    io::REQUEST,
    io::STANDARD,
    io::ZLIB,
    list::NATIVES,
    math::NATIVES,
    native_port::NATIVES,
    number::NATIVES,
    regexp::NATIVES,
    string::NATIVES,
    string_build::NATIVES,
    weak::NATIVES,
];
