//! The natives of `dart:typed_data` and `dart:convert`, and of transferables.
//!
//! What each does and throws is said where it is declared, in the Dart sources under `lib/`.

mod base64;
mod byte_data;
mod data;
mod json;
mod json_parse;
mod json_text;
mod json_write;
mod latin1;
mod lists;
mod utf8;
mod views;

pub use base64::NATIVES as BASE64;
pub use byte_data::NATIVES as BYTE_DATA;
pub use data::{Data, DataMut, bytes_of, elements_of, new_bytes};
pub use json::NATIVES as JSON;
pub use json_parse::NATIVES as JSON_PARSE;
pub use json_write::NATIVES as JSON_WRITE;
pub use latin1::NATIVES as LATIN1;
pub use lists::NATIVES as LISTS;
pub use utf8::NATIVES as UTF8;
pub(super) use views::KINDS;
pub use views::NATIVES as VIEWS;
