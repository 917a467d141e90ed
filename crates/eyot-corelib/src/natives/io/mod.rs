//! The natives of `dart:io`.
//!
//! What may block is an *operation*: a function from plain data to plain data that touches no heap and runs on a thread that
//! may block. The numbers and arguments of operations are said in `lib/io/operations.dart`.
//!
//! | file | what |
//! | --- | --- |
//! | [`request`] | arguments in, answers out, for waiting and not waiting callers |
//! | [`operation`] | which operation a number names |
//! | [`files`], [`directories`], [`open_files`] | the file system |
//! | [`driver`] | the thread that waits for descriptors |
//! | [`endpoints`] | the descriptors an isolate waits for, by handle |
//! | [`handles`] | descriptors that are sent from process to process |
//! | [`sockets`], [`names`] | sockets, addresses, names of hosts |
//! | [`tls`], [`certificates`], [`private_keys`] | encryption of sockets |
//! | [`watches`] | changes of the file system |
//! | [`processes`] | processes to talk with, signals |
//! | [`zlib`] | compression |
//! | [`http`] | heads of HTTP messages that come, masks of WebSocket frames |
//! | [`http_fields`] | the table of fields, and heads that go |
//! | [`process`] | other processes, and the end of this one |
//! | [`synchronous`] | sockets that block |
//! | [`standard`] | standard input, output and error |
//! | [`platform`] | what `Platform` tells |

mod certificates;
mod directories;
mod driver;
mod endpoints;
mod files;
mod handles;
mod http;
mod http_fields;
mod names;
mod open_files;
mod operation;
mod platform;
mod private_keys;
mod process;
mod processes;
mod request;
mod sockets;
mod standard;
mod synchronous;
mod tls;
mod watches;
mod zlib;

pub use endpoints::NATIVES as ENDPOINTS;
pub use handles::NATIVES as HANDLES;
pub use http::NATIVES as HTTP;
pub use http_fields::NATIVES as HTTP_FIELDS;
pub use platform::{NATIVES as PLATFORM, set_executable_arguments};
pub use process::{NATIVES as PROCESS, end_process, exit_code, set_exit_code};
pub use request::NATIVES as REQUEST;
pub use standard::NATIVES as STANDARD;
pub use zlib::NATIVES as ZLIB;
