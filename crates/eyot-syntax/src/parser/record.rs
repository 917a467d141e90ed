//! What record types and record literals may call their fields.

use super::Parser;
use crate::ast::{Argument, Identifier, LanguageVersion, RecordType};
use crate::span::Span;
use crate::symbol::sym;

/// The language version that brought records.
const RECORDS: LanguageVersion = LanguageVersion::new(3, 0);
/// The language version from which on `_` names nothing.
const WILDCARDS: LanguageVersion = LanguageVersion::new(3, 7);

impl Parser<'_> {
    pub(super) fn check_record_type(&mut self, span: Span, record: &RecordType) {
        self.check_records_known(span);
        let count = record.positional.len();
        let mut seen = Vec::new();
        for (index, field) in record.positional.iter().enumerate() {
            let Some(name) = field.name else { continue };
            if name.symbol == sym::UNDERSCORE && self.version >= WILDCARDS {
                continue;
            }
            self.check_field_name(name, Some(index), count, &mut seen);
        }
        for field in &record.named {
            if let Some(name) = field.name {
                self.check_field_name(name, None, count, &mut seen);
            }
        }
    }

    pub(super) fn check_record_literal(&mut self, span: Span, fields: &[Argument]) {
        self.check_records_known(span);
        let count = fields.iter().filter(|field| field.name.is_none()).count();
        let mut seen = Vec::new();
        for name in fields.iter().filter_map(|field| field.name) {
            self.check_field_name(name, None, count, &mut seen);
        }
    }

    fn check_records_known(&mut self, span: Span) {
        if self.version < RECORDS {
            let message = "records need language version 3.0; raise the version of the library";
            self.report("language-version", span, message);
        }
    }

    /// `position` is that of a positional field, of which there are `count`.
    fn check_field_name(
        &mut self,
        name: Identifier,
        position: Option<usize>,
        count: usize,
        seen: &mut Vec<Identifier>,
    ) {
        let text = name.symbol.as_str();
        let number = text
            .strip_prefix('$')
            .filter(|digits| !digits.starts_with(['0', '+']));
        let getter = number.and_then(|digits| digits.parse::<usize>().ok());
        let is_taken = getter.is_some_and(|n| {
            (1..=count).contains(&n) && position.is_none_or(|position| position + 1 != n)
        });
        let message = if seen.iter().any(|other| other.symbol == name.symbol) {
            format!("the record has two fields '{text}'; rename one")
        } else if name.symbol.is_private() {
            format!("the name of a record's field cannot be private; drop the '_' of '{text}'")
        } else if is_taken {
            format!("'{text}' is the name of a field without name; choose another one")
        } else if matches!(
            text,
            "hashCode" | "runtimeType" | "noSuchMethod" | "toString"
        ) {
            format!("every record has its own '{text}'; choose another name for the field")
        } else {
            seen.push(name);
            return;
        };
        self.report("record-field-name", name.span, message);
    }
}
