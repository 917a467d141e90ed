//! The form of patterns: which variables they declare, rest elements, type arguments.
//!
//! A pattern declares each of its variables once; the two sides of `||` declare the same ones.

use eyot_syntax::ast::{Identifier, ListPatternElement, PatternId, PatternKind, TypeNodeId};
use eyot_syntax::{Span, SyntaxTree};
use rustc_hash::FxHashSet;

use super::error;
use crate::model::{FileId, World};

pub(super) fn check(world: &World, file: FileId) {
    let Some(tree) = world.file(file).tree.as_deref() else {
        return;
    };
    let check = Check { world, file, tree };
    let mut inner: FxHashSet<PatternId> = FxHashSet::default();
    for pattern in &tree.patterns {
        children(&pattern.kind, &mut |child| {
            inner.insert(child);
        });
    }
    for index in 0..tree.patterns.len() {
        let id = PatternId::from_index(index);
        check.form(id);
        // What is inside of another one was looked at there.
        if !inner.contains(&id) {
            check.variables(id);
        }
    }
}

/// The variables that a pattern declares or assigns; of alternatives those of the first.
pub(crate) fn variables(tree: &SyntaxTree, pattern: PatternId) -> Vec<Identifier> {
    let mut found = Vec::new();
    match &tree[pattern].kind {
        PatternKind::Variable(variable) => found.push(variable.name),
        PatternKind::AssignedVariable(name) => found.push(*name),
        PatternKind::LogicalOr(left, _) => found = variables(tree, *left),
        kind => children(kind, &mut |child| found.extend(variables(tree, child))),
    }
    found
}

fn children(kind: &PatternKind, each: &mut dyn FnMut(PatternId)) {
    match kind {
        PatternKind::LogicalOr(left, right) | PatternKind::LogicalAnd(left, right) => {
            each(*left);
            each(*right);
        }
        PatternKind::Cast { pattern: inner, .. }
        | PatternKind::NullCheck(inner)
        | PatternKind::NullAssert(inner)
        | PatternKind::Parenthesized(inner) => each(*inner),
        PatternKind::List { elements, .. } => {
            for element in elements {
                match element {
                    ListPatternElement::Pattern(inner) => each(*inner),
                    ListPatternElement::Rest { pattern, .. } => {
                        if let Some(inner) = pattern {
                            each(*inner);
                        }
                    }
                }
            }
        }
        PatternKind::Map { entries, .. } => {
            for entry in entries {
                each(entry.value);
            }
        }
        PatternKind::Record(fields) | PatternKind::Object { fields, .. } => {
            for field in fields {
                each(field.pattern);
            }
        }
        PatternKind::Error
        | PatternKind::Relational { .. }
        | PatternKind::Constant(_)
        | PatternKind::Variable(_)
        | PatternKind::Wildcard { .. }
        | PatternKind::AssignedVariable(_) => {}
    }
}

struct Check<'w> {
    world: &'w World,
    file: FileId,
    tree: &'w SyntaxTree,
}

impl Check<'_> {
    fn report(&self, code: &'static str, span: Span, message: impl Into<String>) {
        error(self.world, self.file, code, span, message);
    }

    /// Rest elements and type arguments.
    fn form(&self, id: PatternId) {
        match &self.tree[id].kind {
            PatternKind::List {
                type_args,
                elements,
            } => {
                self.type_args(type_args, &[1], "a list pattern has one type argument");
                let rests = elements.iter().filter_map(|element| match element {
                    ListPatternElement::Rest { span, .. } => Some(*span),
                    ListPatternElement::Pattern(_) => None,
                });
                for span in rests.skip(1) {
                    let message = "a list pattern has one `...`, not two: which elements would go where? Remove one";
                    self.report("pattern-rest-twice", span, message);
                }
            }
            PatternKind::Map { type_args, .. } => {
                self.type_args(type_args, &[2], "a map pattern has two type arguments");
            }
            _ => {}
        }
    }

    fn type_args(&self, written: &[TypeNodeId], counts: &[usize], rule: &str) {
        if let Some(&first) = written.first()
            && !counts.contains(&written.len())
        {
            let message = format!("{rule}, or none; write that many");
            self.report("pattern-type-arguments", self.tree[first].span, message);
        }
    }

    /// The variables of a pattern, each of which must be another one.
    fn variables(&self, id: PatternId) -> Vec<Identifier> {
        let mut found: Vec<Identifier> = Vec::new();
        match &self.tree[id].kind {
            PatternKind::Variable(variable) => found.push(variable.name),
            PatternKind::AssignedVariable(name) => found.push(*name),
            PatternKind::LogicalOr(left, right) => {
                let (left, right) = (self.variables(*left), self.variables(*right));
                self.same_variables(&left, &right);
                self.same_variables(&right, &left);
                found = left;
            }
            kind => children(kind, &mut |child| {
                for name in self.variables(child) {
                    let is_again = found.iter().any(|other| other.symbol == name.symbol);
                    if is_again && name.symbol != eyot_syntax::sym::UNDERSCORE {
                        let message = format!(
                            "`{}` stands twice in this pattern; give one of the two another name",
                            name.symbol
                        );
                        self.report("pattern-variable-twice", name.span, message);
                    } else {
                        found.push(name);
                    }
                }
            }),
        }
        found
    }

    fn same_variables(&self, one: &[Identifier], other: &[Identifier]) {
        for name in one {
            if !other.iter().any(|known| known.symbol == name.symbol) {
                let message = format!(
                    "`{}` is in one alternative and not in the other, and might have no value; use it in both, or in none",
                    name.symbol
                );
                self.report("pattern-variable-missing", name.span, message);
            }
        }
    }
}
