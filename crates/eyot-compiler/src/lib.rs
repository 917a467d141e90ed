//! From the typed program to bytecode.
//!
//! | module | what |
//! | --- | --- |
//! | [`tables`] | strings, types, shapes, constants, statics, the numbering of functions |
//! | [`layout`] | classes: vectors, fields, supertypes, member tables |
//! | [`links`] | what a program must know of the core, as bytes |
//! | `captures` | what closures capture, and which variables need a cell |
//! | `visit` | walking the typed program |
//!
//! Not known here: source text, names and inference (all of that is done), the heap, how instructions run.
#![forbid(unsafe_code)]

mod captures;
pub mod layout;
pub mod links;
pub mod tables;
mod visit;
