//! Libraries, names, types, inference, flow analysis, constants: from syntax trees to the typed program.
#![forbid(unsafe_code)]
