//! Typed trees as text.
