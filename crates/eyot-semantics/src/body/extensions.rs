//! Extension members: which extension applies, and with which type arguments.

use eyot_syntax::Symbol;
use eyot_syntax::ast::ExprId;

use super::Walk;
use super::members::Found;
use crate::infer::Inference;
use crate::model::{Access, ExtensionId, MemberId, Owner};
use crate::program::Expr;
use crate::types::{FunctionTy, Ty};

impl Walk<'_> {
    /// The member of the most specific applicable extension that has one of this name.
    pub(super) fn find_extension_member(
        &self,
        receiver: Ty,
        name: Symbol,
        write: bool,
    ) -> Option<(MemberId, Vec<Ty>)> {
        let candidates = self.applicable_extensions(receiver, name, write);
        let best = candidates.iter().find(|candidate| {
            let mut others = candidates.iter().filter(|other| other.0 != candidate.0);
            others.all(|other| self.is_more_specific(candidate.0, candidate.2, other))
        });
        let (extension, args, _) = best?;
        let access = self.world.extension(*extension).instance.get(&name)?;
        Some((self.visible(*access, name, write)?, args.clone()))
    }

    /// The extension around this code, with its own parameters as arguments, if it has a member of this name to read or write: an unqualified
    /// name means that one, whatever else the object has (feature specification of extension methods, "Semantics of extension
    /// members").
    pub(super) fn own_extension(
        &self,
        name: Symbol,
        write: bool,
    ) -> Option<(ExtensionId, Vec<Ty>)> {
        let Owner::Extension(extension) = self.owner else {
            return None;
        };
        let data = self.world.extension(extension);
        self.visible(*data.instance.get(&name)?, name, write)?;
        let params = data.type_params.iter();
        let types = params.map(|&param| self.world.types.param(param));
        Some((extension, types.collect()))
    }

    /// Two extensions that could give the member, neither of which is more specific.
    pub(super) fn ambiguous_extensions(
        &self,
        receiver: Ty,
        name: Symbol,
        write: bool,
    ) -> Option<(ExtensionId, ExtensionId)> {
        match self.applicable_extensions(receiver, name, write)[..] {
            [ref one, ref two, ..] => Some((one.0, two.0)),
            _ => None,
        }
    }

    /// The extensions with the member that apply to the receiver, with their type arguments and `on` types.
    fn applicable_extensions(
        &self,
        receiver: Ty,
        name: Symbol,
        write: bool,
    ) -> Vec<(ExtensionId, Vec<Ty>, Ty)> {
        let library = self.world.library(self.library);
        let mut found = Vec::new();
        for &extension in &library.extensions {
            let data = self.world.extension(extension);
            let Some(access) = data.instance.get(&name) else {
                continue;
            };
            // An extension with only the other accessor still hides less specific ones, but not for us: programs that run
            // do not depend on it.
            if self.visible(*access, name, write).is_none() {
                continue;
            }
            let Some((args, on)) = self.apply_extension(extension, receiver) else {
                continue;
            };
            found.push((extension, args, on));
        }
        found
    }

    /// Finds an operator on an object, or in the extension applied to it by hand.
    pub(super) fn find_operator(
        &self,
        receiver: Ty,
        applied: &Option<(ExtensionId, Vec<Ty>)>,
        name: Symbol,
        write: bool,
    ) -> Found {
        let Some((extension, types)) = applied else {
            return self.find(receiver, name, write);
        };
        if receiver == Ty::ERROR {
            return Found::Never;
        }
        let access = self.world.extension(*extension).instance.get(&name);
        match access.and_then(|access| self.visible(*access, name, write)) {
            Some(member) => Found::Extension(member, types.clone()),
            None => Found::Missing { nullable: false },
        }
    }

    /// An operand on the left of an operator: an object, perhaps with an extension applied by hand.
    pub(super) fn left_operand(&mut self, id: ExprId) -> (Expr, Option<(ExtensionId, Vec<Ty>)>) {
        match self.extension_application(id) {
            Some((extension, types, object)) => (object, Some((extension, types))),
            None => (self.free(id), None),
        }
    }

    fn visible(&self, access: Access, name: Symbol, write: bool) -> Option<MemberId> {
        let member = if write { access.set } else { access.get }?;
        let is_ours = self.member(member).library == self.library;
        (is_ours || !name.is_private()).then_some(member)
    }

    /// The `on` type with its parameters instantiated to their bounds.
    fn raw_on(&self, extension: ExtensionId) -> Ty {
        let data = self.world.extension(extension);
        let args = self.world.instantiate_to_bounds(&data.type_params);
        self.world.subst(data.on, &data.type_params, &args)
    }

    fn is_more_specific(
        &self,
        extension: ExtensionId,
        on: Ty,
        other: &(ExtensionId, Vec<Ty>, Ty),
    ) -> bool {
        let world = self.world;
        let is_core = |extension: ExtensionId| {
            let library = world.extension(extension).library;
            world.library(library).uri.starts_with("dart:")
        };
        if is_core(extension) != is_core(other.0) {
            return !is_core(extension);
        }
        match (world.is_subtype(on, other.2), world.is_subtype(other.2, on)) {
            (true, false) => true,
            (true, true) => {
                // The same type on this receiver: the one written more precisely wins.
                let (own, other) = (self.raw_on(extension), self.raw_on(other.0));
                world.is_subtype(own, other) && !world.is_subtype(other, own)
            }
            _ => false,
        }
    }

    /// The type arguments an extension gets on a receiver, and its `on` type with them; none if it does not apply.
    pub(super) fn apply_extension(
        &self,
        extension: ExtensionId,
        receiver: Ty,
    ) -> Option<(Vec<Ty>, Ty)> {
        let data = self.world.extension(extension);
        if data.type_params.is_empty() {
            let fits = receiver != Ty::DYNAMIC && self.world.is_subtype(receiver, data.on);
            return fits.then(|| (Vec::new(), data.on));
        }
        if receiver == Ty::DYNAMIC || receiver == Ty::ERROR {
            return None;
        }
        // Inside the extension itself its parameters are in scope: infer over copies.
        let carrier = FunctionTy {
            type_params: data.type_params.clone().into(),
            positional: Box::new([]),
            required: 0,
            named: Box::new([]),
            result: data.on,
        };
        let fresh = self.freshen(&carrier, None);
        let mut inference = Inference::new(self.world, &fresh.type_params);
        inference.constrain_argument(receiver, fresh.result);
        let args = inference.solve();
        let on = self.world.subst(fresh.result, &fresh.type_params, &args);
        let in_bounds = fresh.type_params.iter().zip(&args).all(|(&param, &arg)| {
            let bound = self
                .world
                .subst(self.world.bound(param), &fresh.type_params, &args);
            self.world.is_subtype(arg, bound)
        });
        (in_bounds && self.world.is_subtype(receiver, on)).then_some((args, on))
    }

    /// The signature of a member of an extension or extension type with these type arguments of the latter.
    pub(super) fn extension_signature(&self, member: MemberId, args: &[Ty]) -> FunctionTy {
        let signature = self.signature(member);
        match self.world.receiver_type_params(member) {
            Some(params) => self.substitute_signature(&signature, params, args),
            None => signature,
        }
    }
}
