//! Libraries, names, types, inference, flow analysis, constants: from syntax trees to the typed program.
//!
//! - [`model`]: the declarations of a program (the [`World`](model::World)).
//! - [`types`], [`subtype`], [`bounds`], [`infer`]: types, subtyping, least upper bounds, inference of type arguments.
//! - `polarity`: rebuilding types with an eye to what functions take and give.
//! - [`normal`]: the normal form of types.
//! - [`hierarchy`]: what a class is a subtype of and which members its instances answer to.
//! - [`extension_types`]: what extension types mean; [`erase`]: the typed program without them.
//! - [`analysis`]: the driver: core libraries or a program in, a world with bodies and problems out.
//! - `ffi`: what `dart:ffi` needs of analysis.
//! - [`load`]: files to libraries; [`outline`]: libraries to a world (imports, exports, scopes, declarations, member types).
//! - [`flow`]: promotion, definite assignment, reachability.
//! - [`body`]: expressions and statements, with inference, lowered to [`program`].
//! - `checks`: compile-time errors of declarations.
//! - [`const_eval`]: constants; [`consts`]: their canonical table.
//! - [`serial`]: the world of the core libraries as bytes and back; [`arena`]: declarations that are decoded when asked for.
//!
//! Analysis never fails: it answers with a result and diagnostics. There is no input or output here: files come through a trait.
#![forbid(unsafe_code)]

pub mod analysis;
pub mod arena;
pub mod body;
pub mod bounds;
mod checks;
pub mod const_eval;
pub mod consts;
pub mod erase;
mod exhaustive;
pub mod extension_types;
mod ffi;
pub mod flow;
pub mod hierarchy;
pub mod infer;
mod interned;
pub mod load;
mod made;
pub mod model;
pub mod normal;
pub mod outline;
mod parallel;
mod polarity;
pub mod program;
mod raw_types;
pub mod serial;
mod sharded;
mod shared;
pub mod show;
mod stable_hash;
pub mod subtype;
pub mod types;
