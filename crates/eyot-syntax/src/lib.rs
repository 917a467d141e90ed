//! Source text, spans, tokens, syntax tree, parser with recovery, diagnostics as data.
#![forbid(unsafe_code)]
