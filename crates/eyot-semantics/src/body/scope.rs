//! Local scopes: names declared in a body.

use eyot_syntax::Symbol;

use crate::model::TypeParamId;
use crate::program::LocalId;

/// What a local name stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum LocalName {
    /// A variable, parameter or local function.
    Variable(LocalId),
    /// A type parameter of a method or closure.
    TypeParam(TypeParamId),
}

/// The names in scope, innermost last.
#[derive(Debug, Default)]
pub(super) struct Names {
    entries: Vec<(Symbol, LocalName)>,
}

impl Names {
    /// Marks the start of a scope.
    pub(super) fn mark(&self) -> usize {
        self.entries.len()
    }

    /// Leaves every scope begun since `mark`.
    pub(super) fn leave(&mut self, mark: usize) {
        self.entries.truncate(mark);
    }

    /// Declares a name in the innermost scope. `_` binds nothing.
    pub(super) fn declare(&mut self, name: Symbol, meaning: LocalName) {
        if name != eyot_syntax::sym::UNDERSCORE {
            self.entries.push((name, meaning));
        }
    }

    /// What a name means.
    pub(super) fn look_up(&self, name: Symbol) -> Option<LocalName> {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.0 == name)
            .map(|entry| entry.1)
    }

    /// The type parameters in scope.
    pub(super) fn type_params(&self) -> impl Iterator<Item = (Symbol, TypeParamId)> + '_ {
        self.entries
            .iter()
            .filter_map(|&(name, meaning)| match meaning {
                LocalName::TypeParam(param) => Some((name, param)),
                LocalName::Variable(_) => None,
            })
    }

    /// Names of variables, for suggestions.
    pub(super) fn all(&self) -> impl Iterator<Item = Symbol> + '_ {
        self.entries.iter().map(|entry| entry.0)
    }
}
