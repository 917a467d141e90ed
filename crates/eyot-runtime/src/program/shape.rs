//! Shapes and signatures: how a call site passes its arguments, and how a function wants them.
//!
//! A signature is the form without the name. Equal signatures are equal numbers: a target whose number is the call
//! site's is entered directly, any other through an adapter.

use eyot_bytecode::module::{Function, Param, Rep, SelectorKind, Shape};

use super::instantiate::ParamKindExt;
use super::modules::Modules;
use super::types::Name;

/// The form of arguments and result.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signature {
    /// Number of type arguments.
    pub type_args: u16,
    /// Positional ones, without receiver or closure.
    pub positional: Box<[Rep]>,
    /// Named ones in the order of their names.
    pub named: Box<[(Name, Rep)]>,
    /// Result.
    pub result: Rep,
}

impl Signature {
    /// That of a function when every parameter is given.
    pub fn of_function(modules: &Modules, function: &Function) -> Signature {
        let named = |param: &&Param| param.kind.is_named();
        let params = &function.params;
        let mut positional = Vec::with_capacity(params.len());
        positional.extend(
            params
                .iter()
                .filter(|param| !named(param))
                .map(|param| param.rep),
        );
        Signature {
            type_args: function.type_params.len() as u16,
            positional: positional.into(),
            named: params
                .iter()
                .filter(named)
                .map(|param| (modules.name(param.name), param.rep))
                .collect(),
            result: function.result,
        }
    }

    /// That of a call site.
    pub fn of_shape(modules: &Modules, shape: &Shape) -> Signature {
        Signature {
            type_args: shape.type_args,
            positional: shape.positional.as_slice().into(),
            named: shape
                .named
                .iter()
                .map(|&(name, rep)| (modules.name(name), rep))
                .collect(),
            result: shape.result,
        }
    }

    /// Representations of the arguments in the order they are passed, without receiver and type arguments.
    pub fn reps(&self) -> impl Iterator<Item = Rep> + '_ {
        let named = self.named.iter().map(|&(_, rep)| rep);
        self.positional.iter().copied().chain(named)
    }

    /// Number of tagged and raw arguments, the receiver or closure included.
    pub fn counts(&self) -> (usize, usize) {
        let tagged = self.reps().filter(|&rep| rep == Rep::Tagged).count();
        let raw = self.reps().count() - tagged;
        (tagged + 1, raw + usize::from(self.type_args > 0))
    }
}

/// A member's name and kind, names canonical.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    /// Its name.
    pub name: Name,
    /// Method, getter or setter.
    pub kind: SelectorKind,
}

/// A shape as the program uses it.
#[derive(Clone, Debug)]
pub struct ShapeInfo {
    /// The member asked for; none for closure calls.
    pub member: Option<Member>,
    /// The form.
    pub signature: Signature,
    /// Number of the form.
    pub signature_id: u32,
    /// Arguments were not checked statically.
    pub dynamic: bool,
}
