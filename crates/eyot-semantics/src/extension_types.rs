//! Extension types: what the declarations mean and what of them is left at run time.
//!
//! An extension type is a [`Class`](crate::model::Class) of kind [`ClassKind::ExtensionType`], and its types are interface
//! types of that class, so generics, subtyping and member look-up treat both alike. What differs is kept here and in
//! `hierarchy`:
//!
//! - The *representation* is the first instance field, the one that the header declares. There is no object around it:
//!   `this` is the value itself.
//! - There is no superclass. Without an `implements` clause that leads to a class, values may be null.
//! - Instance members are functions whose first argument is the receiver, like those of an extension; their type parameters
//!   are those of the extension type and then their own. Generative constructors are functions that give the value.
//! - At run time an extension type is its [erasure](World::erase).

use crate::model::{
    ClassId, ClassKind, MemberFlags, MemberId, MemberKind, Owner, TypeParamId, World, known,
};
use crate::types::{Ty, TyKind};

/// Erasing a type takes fewer steps than this, unless representations make a circle, which is reported where they are declared.
const STEPS_MAX: u32 = 2000;

impl World {
    /// Whether the class is an extension type.
    pub fn is_extension_type(&self, class: ClassId) -> bool {
        self.class(class).kind == ClassKind::ExtensionType
    }

    /// The extension type that a type is an instance of, `?` or not.
    pub fn extension_type_of(&self, ty: Ty) -> Option<ClassId> {
        self.class_of(ty)
            .filter(|&class| self.is_extension_type(class))
    }

    /// Whether null may be a value of an extension type that is written without `?`: it implements no class.
    pub fn may_represent_null(&self, class: ClassId) -> bool {
        self.is_extension_type(class) && !self.supers(class).contains_key(&known::OBJECT)
    }

    /// The field that stands for the value of an extension type.
    pub fn representation_field(&self, class: ClassId) -> Option<MemberId> {
        if !self.is_extension_type(class) {
            return None;
        }
        let members = self.class(class).members.iter().copied();
        members.into_iter().find(|&id| {
            let member = self.member(id);
            member.kind == MemberKind::Field && !member.flags.contains(MemberFlags::STATIC)
        })
    }

    /// Whether a member is the field that stands for the value of an extension type.
    pub fn is_representation(&self, member: MemberId) -> bool {
        match self.member(member).owner {
            Owner::Class(class) => self.representation_field(class) == Some(member),
            _ => false,
        }
    }

    /// The declared representation type, over the type parameters of the extension type.
    pub fn representation(&self, class: ClassId) -> Ty {
        match self.representation_field(class) {
            Some(field) => self.ty(field),
            None => Ty::ERROR,
        }
    }

    /// What represents the values of a type that is an extension type.
    pub fn instantiated_representation(&self, ty: Ty) -> Option<Ty> {
        let TyKind::Interface { class, args, .. } = self.types.kind(ty) else {
            return None;
        };
        let params = &self.class(*class).type_params;
        self.is_extension_type(*class)
            .then(|| self.subst(self.representation(*class), params, args))
    }

    /// Whether a type parameter stands only where `ty` gives values of it, never where a function takes them.
    pub fn is_covariant_use(&self, ty: Ty, params: &[TypeParamId]) -> bool {
        match self.types.kind(ty) {
            TyKind::Function { function, .. } => {
                let mut takes = function
                    .positional
                    .iter()
                    .copied()
                    .chain(function.named.iter().map(|param| param.ty));
                let mut bounds = function.type_params.iter().map(|&param| self.bound(param));
                self.is_covariant_use(function.result, params)
                    && takes.all(|ty| self.is_contravariant_use(ty, params))
                    && bounds.all(|bound| !self.mentions(bound, params))
            }
            _ => self.parts_all(ty, &mut |part| self.is_covariant_use(part, params)),
        }
    }

    fn is_contravariant_use(&self, ty: Ty, params: &[TypeParamId]) -> bool {
        match self.types.kind(ty) {
            TyKind::Param { param, .. } => !params.contains(param),
            TyKind::Function { function, .. } => {
                let mut takes = function
                    .positional
                    .iter()
                    .copied()
                    .chain(function.named.iter().map(|param| param.ty));
                self.is_contravariant_use(function.result, params)
                    && takes.all(|ty| self.is_covariant_use(ty, params))
            }
            _ => self.parts_all(ty, &mut |part| self.is_contravariant_use(part, params)),
        }
    }

    fn parts_all(&self, ty: Ty, holds: &mut dyn FnMut(Ty) -> bool) -> bool {
        let mut all = true;
        self.types.map_parts(ty, &mut |part| {
            all = all && holds(part);
            part
        });
        all
    }

    /// Whether `await` may not be used on the type: an extension type that is no future.
    pub fn is_incompatible_with_await(&self, ty: Ty) -> bool {
        match self.types.kind(ty) {
            TyKind::Interface { class, .. } => {
                self.is_extension_type(*class) && !self.supers(*class).contains_key(&known::FUTURE)
            }
            TyKind::Param {
                param, promoted, ..
            } => {
                let bound = promoted.unwrap_or_else(|| self.bound(*param));
                self.is_incompatible_with_await(bound)
            }
            _ => false,
        }
    }

    /// The type parameters that a member has before its own because it is called with the receiver as an argument: those
    /// of its extension or extension type. None for members that are called in another way.
    pub fn receiver_type_params(&self, member: MemberId) -> Option<&[TypeParamId]> {
        let data = self.member(member);
        if data.flags.contains(MemberFlags::STATIC) {
            return None;
        }
        match data.owner {
            Owner::Extension(extension) => Some(&self.extension(extension).type_params),
            Owner::Class(class) if self.is_extension_type(class) => {
                (self.representation_field(class) != Some(member))
                    .then(|| self.class(class).type_params.as_slice())
            }
            _ => None,
        }
    }

    /// Whether a constructor makes an object of its class, rather than a value of an extension type or whatever a factory
    /// gives.
    pub fn makes_object(&self, constructor: MemberId) -> bool {
        let data = self.member(constructor);
        data.kind == MemberKind::Constructor
            && !matches!(data.owner, Owner::Class(class) if self.is_extension_type(class))
    }

    /// The type with every extension type in it replaced by what represents it, to the ground.
    pub fn erase(&self, ty: Ty) -> Ty {
        self.erase_with(ty, &mut STEPS_MAX.clone())
    }

    fn erase_with(&self, ty: Ty, steps: &mut u32) -> Ty {
        if *steps == 0 {
            return Ty::DYNAMIC;
        }
        *steps -= 1;
        if let TyKind::Interface {
            class,
            args,
            nullable,
        } = self.types.kind(ty)
            && self.is_extension_type(*class)
        {
            let declared = self.representation(*class);
            let represented = self.subst(declared, &self.class(*class).type_params, args);
            let erased = self.erase_with(represented, steps);
            return if *nullable {
                self.types.nullable(erased)
            } else {
                erased
            };
        }
        self.types
            .map_parts(ty, &mut |part| self.erase_with(part, steps))
    }
}
