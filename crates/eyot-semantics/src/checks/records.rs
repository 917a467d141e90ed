//! Names of record fields, in literals and types.

use eyot_syntax::ast::{ExprKind, Identifier, TypeKind};
use eyot_syntax::{Span, sym};

use super::error;
use crate::model::{FileId, World};

pub(super) fn check(world: &World, file: FileId) {
    let Some(tree) = world.file(file).tree.as_deref() else {
        return;
    };
    let is_old = world.library(world.file(file).library).version < (3, 0);
    let check_one = |positional: &[Option<Identifier>], named: &[Identifier], span: Span| {
        if is_old {
            let message = "records need language version 3.0; raise the version of this library";
            error(world, file, "records-version", span, message);
        } else if let Some((name, message)) = wrong_name(positional, named) {
            error(world, file, "record-field-name", name.span, message);
        }
    };
    for expr in &tree.exprs {
        if let ExprKind::Record(record) = &expr.kind {
            let positional = record.fields.iter().filter(|field| field.name.is_none());
            let positional: Vec<_> = positional.map(|_| None).collect();
            let named: Vec<_> = record
                .fields
                .iter()
                .filter_map(|field| field.name)
                .collect();
            check_one(&positional, &named, expr.span);
        }
    }
    for ty in &tree.types {
        if let TypeKind::Record(record) = &ty.kind {
            let positional: Vec<_> = record.positional.iter().map(|field| field.name).collect();
            let named: Vec<_> = record.named.iter().filter_map(|field| field.name).collect();
            check_one(&positional, &named, ty.span);
        }
    }
}

/// The first field whose name cannot be, and why.
fn wrong_name(
    positional: &[Option<Identifier>],
    named: &[Identifier],
) -> Option<(Identifier, String)> {
    let mut seen = Vec::new();
    let all = positional.iter().flatten().chain(named);
    for (index, &name) in all.enumerate() {
        let text = name.symbol.as_str();
        let is_named = index >= positional.iter().flatten().count();
        if name.symbol == sym::UNDERSCORE && !is_named {
            continue;
        }
        let why = if text.starts_with('_') {
            "begins with `_`: fields of records are for everybody".to_string()
        } else if matches!(
            text,
            "hashCode" | "runtimeType" | "toString" | "noSuchMethod"
        ) {
            "is a member of every object".to_string()
        } else if seen.contains(&name.symbol) {
            "is there twice".to_string()
        } else if is_named && position(text).is_some_and(|index| index <= positional.len()) {
            "is the name of a positional field".to_string()
        } else {
            seen.push(name.symbol);
            continue;
        };
        return Some((name, format!("the record field `{text}` {why}; rename it")));
    }
    None
}

/// The number of the positional field that a name `$1`, `$2`, … reads.
fn position(name: &str) -> Option<usize> {
    let digits = name.strip_prefix('$')?;
    if digits.starts_with('0') {
        return None;
    }
    digits.parse().ok().filter(|&position| position > 0)
}
