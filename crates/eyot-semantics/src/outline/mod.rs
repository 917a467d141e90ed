//! From syntax trees to the declarations of a [`World`](crate::model::World).
//!
//! - [`scope`]: names and written types.
//! - [`lazy`]: what is found out about members on first use: inferred types, constants.
mod lazy;
mod pending;
pub mod scope;
