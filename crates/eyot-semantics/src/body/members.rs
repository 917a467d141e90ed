//! Members of a type: what `receiver.name` finds, and the type it has there.

use eyot_syntax::{Symbol, sym};

use super::Walk;
use crate::model::{ClassId, MemberId, MemberKind, Owner, ParamKind, TypeParamOwner, known};
use crate::types::{FunctionTy, NamedParamTy, Ty, TyKind};

/// What a member look-up found.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// An instance member, on a receiver seen as this type.
    Instance(MemberId, Ty),
    /// An extension member with the type arguments of the extension.
    Extension(MemberId, Vec<Ty>),
    /// A positional field of a record.
    RecordIndex(u32, Ty),
    /// A named field of a record.
    RecordName(Symbol, Ty),
    /// `call` on a function.
    FunctionCall,
    /// Anything goes: the receiver is dynamic.
    Dynamic,
    /// The receiver never has a value, or is the result of an error.
    Never,
    /// Nothing; `nullable` if the member is there on the non-nullable type.
    Missing { nullable: bool },
}

impl<'w> Walk<'w> {
    /// Finds what reads (or writes, for `write`) `name` on a receiver of type `receiver`.
    pub(super) fn find(&self, receiver: Ty, name: Symbol, write: bool) -> Found {
        let found = self.find_instance(receiver, name, write);
        let Found::Missing { .. } = found else {
            return found;
        };
        if let Some((member, args)) = self.find_extension_member(receiver, name, write) {
            return Found::Extension(member, args);
        }
        found
    }

    /// The instance member alone, without extensions.
    pub(super) fn find_instance(&self, receiver: Ty, name: Symbol, write: bool) -> Found {
        let world = self.world;
        let bound = world.resolve_bound(receiver);
        match world.types.kind(bound) {
            TyKind::Dynamic => return self.find_on_dynamic(name, write),
            TyKind::Never => return self.find_on_never(name, write),
            TyKind::Error | TyKind::Unknown => return Found::Never,
            TyKind::Void => return Found::Missing { nullable: false },
            _ => {}
        }
        // The members of an extension type are there whatever represents it.
        let is_view = world.extension_type_of(bound).is_some() && !world.types.has_question(bound);
        if bound != Ty::NULL && !is_view && world.is_potentially_nullable(receiver) {
            return self.find_on_nullable(receiver, bound, name, write);
        }
        match world.types.kind(bound) {
            TyKind::Interface { class, .. } => self.find_in_class(*class, receiver, name, write),
            TyKind::Null => self.find_in_class(known::NULL, Ty::NULL, name, write),
            TyKind::Function { .. } => {
                if name == sym::CALL && !write {
                    return Found::FunctionCall;
                }
                self.find_in_class(known::FUNCTION, Ty::FUNCTION, name, write)
            }
            TyKind::Record {
                positional, named, ..
            } => {
                if !write && let Some(field) = record_field(positional, named, name) {
                    return field;
                }
                self.find_in_class(known::RECORD_INTERFACE, Ty::RECORD, name, write)
            }
            _ => self.find_in_class(known::OBJECT, Ty::OBJECT, name, write),
        }
    }

    /// A dynamic receiver has at least the members of Object, with their types.
    fn find_on_dynamic(&self, name: Symbol, write: bool) -> Found {
        match self.find_in_class(known::OBJECT, Ty::OBJECT, name, write) {
            Found::Missing { .. } => Found::Dynamic,
            found => found,
        }
    }

    fn find_on_nullable(&self, receiver: Ty, bound: Ty, name: Symbol, write: bool) -> Found {
        if let found @ Found::Instance(..) =
            self.find_in_class(known::OBJECT, Ty::OBJECT, name, write)
        {
            return found;
        }
        let plain = self.world.non_null(receiver);
        let plain_bound = self.world.non_null(bound);
        let there = plain != receiver
            && plain_bound != bound
            && !matches!(
                self.find_instance(plain, name, write),
                Found::Missing { .. }
            );
        Found::Missing { nullable: there }
    }

    /// What every object has, `Never` has with its types; of everything else nothing is known but that it is not reached.
    fn find_on_never(&self, name: Symbol, write: bool) -> Found {
        match self.find_in_class(known::OBJECT, Ty::OBJECT, name, write) {
            Found::Missing { .. } => Found::Never,
            found => found,
        }
    }

    fn find_in_class(&self, class: ClassId, receiver: Ty, name: Symbol, write: bool) -> Found {
        let access = self.world.instance_members(class, name, self.library);
        match if write { access.set } else { access.get } {
            Some(member) if self.world.receiver_type_params(member).is_some() => {
                Found::Extension(member, self.receiver_types(member, receiver))
            }
            Some(member) => Found::Instance(member, receiver),
            // `Function` values answer to `call` with whatever arguments fit at run time.
            None if class == known::FUNCTION && name == sym::CALL && !write => Found::FunctionCall,
            None => Found::Missing { nullable: false },
        }
    }

    /// The type arguments that a member of an extension type gets from the receiver.
    fn receiver_types(&self, member: MemberId, receiver: Ty) -> Vec<Ty> {
        match self.member(member).owner {
            Owner::Class(owner) => match self.world.as_instance_of(receiver, owner) {
                Some(args) => args.to_vec(),
                None => vec![Ty::DYNAMIC; self.world.class(owner).type_params.len()],
            },
            _ => Vec::new(),
        }
    }

    /// Whether `receiver.name` or `receiver.name =` means something.
    pub(super) fn has_member(&self, receiver: Ty, name: Symbol) -> bool {
        [false, true]
            .into_iter()
            .any(|write| !matches!(self.find(receiver, name, write), Found::Missing { .. }))
    }

    // ---- types of members

    /// The type of a variable or getter, or the type a setter takes, as declared.
    pub(super) fn variable_type(&self, member: MemberId) -> Ty {
        let data = self.member(member);
        if data.kind == MemberKind::Setter {
            return data.params.first().map_or(Ty::DYNAMIC, |param| param.ty);
        }
        self.world.ty(member)
    }

    /// The signature of a function, method or constructor, as declared. A constructor's type parameters are its class's.
    pub(super) fn signature(&self, member: MemberId) -> FunctionTy {
        let data = self.member(member);
        let mut positional = Vec::new();
        let mut required = 0;
        let mut named = Vec::new();
        for param in &data.params {
            match param.kind {
                ParamKind::Required => {
                    required += 1;
                    positional.push(param.ty);
                }
                ParamKind::OptionalPositional => positional.push(param.ty),
                ParamKind::Named | ParamKind::RequiredNamed => named.push(NamedParamTy {
                    name: param.name,
                    ty: param.ty,
                    required: param.kind == ParamKind::RequiredNamed,
                }),
            }
        }
        named.sort_by_key(|param| param.name.as_str());
        let is_constructor = matches!(
            data.kind,
            MemberKind::Constructor | MemberKind::Factory | MemberKind::RedirectingFactory
        );
        let (type_params, result) = match data.owner {
            Owner::Class(class) if is_constructor => (
                self.world.class(class).type_params.clone(),
                self.world.this_type(class),
            ),
            _ if data.kind == MemberKind::Setter => (Vec::new(), Ty::VOID),
            _ => (data.type_params.clone(), self.world.ty(member)),
        };
        FunctionTy {
            type_params: type_params.into(),
            positional: positional.into(),
            required,
            named: named.into(),
            result,
        }
    }

    /// The signature of an instance method on a receiver of type `receiver`.
    pub(super) fn signature_on(&self, member: MemberId, receiver: Ty) -> FunctionTy {
        let signature = self.signature(member);
        let Owner::Class(owner) = self.member(member).owner else {
            return signature;
        };
        let params = &self.world.class(owner).type_params;
        if params.is_empty() {
            return signature;
        }
        let args = match self.world.as_instance_of(receiver, owner) {
            Some(args) => args.to_vec(),
            None => vec![Ty::DYNAMIC; params.len()],
        };
        self.substitute_signature(&signature, params, &args)
    }

    /// The type of a variable member on a receiver.
    pub(super) fn variable_type_on(&self, member: MemberId, receiver: Ty) -> Ty {
        let ty = self.variable_type(member);
        match self.member(member).owner {
            Owner::Class(owner) => self.world.as_seen_from(ty, owner, receiver),
            _ => ty,
        }
    }

    /// Puts arguments for parameters in a signature. Bounds of its own type parameters that mention them are replaced
    /// along with the parameters themselves.
    pub(super) fn substitute_signature(
        &self,
        signature: &FunctionTy,
        params: &[crate::model::TypeParamId],
        args: &[Ty],
    ) -> FunctionTy {
        let bounds_mention = signature
            .type_params
            .iter()
            .any(|&param| self.world.mentions(self.world.bound(param), params));
        let renamed;
        let signature = if bounds_mention {
            renamed = self.freshen(signature, Some((params, args)));
            &renamed
        } else {
            signature
        };
        self.map_signature(signature, &signature.type_params, &|ty| {
            self.world.subst(ty, params, args)
        })
    }

    fn map_signature(
        &self,
        signature: &FunctionTy,
        type_params: &[crate::model::TypeParamId],
        map: &dyn Fn(Ty) -> Ty,
    ) -> FunctionTy {
        FunctionTy {
            type_params: type_params.into(),
            positional: signature.positional.iter().map(|&ty| map(ty)).collect(),
            required: signature.required,
            named: signature
                .named
                .iter()
                .map(|param| NamedParamTy {
                    ty: map(param.ty),
                    ..*param
                })
                .collect(),
            result: map(signature.result),
        }
    }

    /// A copy of a generic signature with type parameters of its own, so that inference over it does not confuse them with
    /// those in scope. `also` is put into the new bounds.
    pub(super) fn freshen(
        &self,
        signature: &FunctionTy,
        also: Option<(&[crate::model::TypeParamId], &[Ty])>,
    ) -> FunctionTy {
        let world = self.world;
        let fresh: Vec<_> = signature
            .type_params
            .iter()
            .enumerate()
            .map(|(i, &param)| {
                let name = world.type_param(param).name;
                world.new_type_param(name, TypeParamOwner::Local, i as u32)
            })
            .collect();
        let types: Vec<Ty> = fresh
            .iter()
            .map(|&param| world.types.param(param))
            .collect();
        for (&old, &new) in signature.type_params.iter().zip(&fresh) {
            let mut bound = world.subst(world.bound(old), &signature.type_params, &types);
            if let Some((params, args)) = also {
                bound = world.subst(bound, params, args);
            }
            let _ = world.type_param(new).bound.set(bound);
        }
        self.map_signature(signature, &fresh, &|ty| {
            world.subst(ty, &signature.type_params, &types)
        })
    }

    /// A signature with its type parameters replaced by arguments.
    pub(super) fn instantiate(&self, signature: &FunctionTy, args: &[Ty]) -> FunctionTy {
        self.map_signature(signature, &[], &|ty| {
            self.world.subst(ty, &signature.type_params, args)
        })
    }

    /// The function type behind a type, if it is one.
    pub(super) fn function_of(&self, ty: Ty) -> Option<&'w FunctionTy> {
        let world: &'w crate::model::World = self.world;
        match world.types.kind(world.resolve_bound(ty)) {
            TyKind::Function {
                function,
                nullable: false,
            } => Some(function),
            _ => None,
        }
    }

    /// Whether reads through a covariant class type parameter may give a value that is not of the static type: the declared
    /// type mentions a type parameter of its class where only contravariant use is sound.
    pub(super) fn is_unsafe_read(&self, member: MemberId) -> bool {
        let Owner::Class(owner) = self.member(member).owner else {
            return false;
        };
        let params = &self.world.class(owner).type_params;
        if params.is_empty() {
            return false;
        }
        let ty = self.world.ty(member);
        self.world.mentions_at(ty, params, false)
    }
}

/// `$1` or a named field of a record type.
fn record_field(positional: &[Ty], named: &[(Symbol, Ty)], name: Symbol) -> Option<Found> {
    if let Some(&(name, ty)) = named.iter().find(|field| field.0 == name) {
        return Some(Found::RecordName(name, ty));
    }
    let number: usize = name.as_str().strip_prefix('$')?.parse().ok()?;
    if name.as_str().starts_with("$0") || name.as_str().starts_with("$+") {
        return None;
    }
    let index = number.checked_sub(1)?;
    let &ty = positional.get(index)?;
    Some(Found::RecordIndex(index as u32, ty))
}
