//! The contract between compiler and runtime: instruction set, image format, text form, verifier.
