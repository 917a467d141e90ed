//! Fifth pass: what a member takes over from those it overrides. Also the part of [`World::ty`] that does so for results and
//! variables, on first use: an overridden variable's own type may have to be inferred.

use eyot_syntax::Symbol;

use super::Outline;
use super::scope::member_function_type;
use crate::model::{ClassId, MemberFlags, MemberId, MemberKind, Owner, ParamKind, World};
use crate::types::Ty;

impl Outline<'_> {
    pub(super) fn inherit(&mut self) {
        for class in self.classes.clone() {
            for id in self.world.class(class).members.clone() {
                let member = self.world.member(id);
                let is_instance = !member.flags.contains(MemberFlags::STATIC);
                let is_field = member.kind == MemberKind::Field;
                if is_instance && (is_field || !member.params.is_empty()) {
                    self.inherit_into(class, id);
                }
            }
        }
    }

    fn inherit_into(&mut self, class: ClassId, id: MemberId) {
        let overridden = self.world.overridden(class, id);
        if overridden.is_empty() {
            return;
        }
        if self.world.member(id).kind == MemberKind::Field {
            if overridden.iter().any(|&o| is_covariant(self.world, o, 0)) {
                self.world.members[id.index()].flags |= MemberFlags::COVARIANT;
            }
            return;
        }
        let count = self.world.member(id).params.len();
        for index in 0..count {
            let covariant = overridden.iter().any(|&other| {
                corresponding(self.world, id, index, other)
                    .is_some_and(|position| is_covariant(self.world, other, position))
            });
            self.world.members[id.index()].params[index].covariant |= covariant;
        }
        let missing = self.missing_params.get(&id).cloned().unwrap_or_default();
        let Some(best) = self.world.best_overridden(class, id, &overridden) else {
            return;
        };
        for index in missing {
            let inherited = corresponding(self.world, id, index, best)
                .map(|position| param_type(self.world, best, position))
                .map(|ty| self.world.seen_by_override(ty, class, id, best));
            if let Some(ty) = inherited {
                self.world.members[id.index()].params[index].ty = ty;
            }
        }
    }
}

/// Whether the parameter at `index` (a variable has the one of its setter) is covariant.
fn is_covariant(world: &World, member: MemberId, index: usize) -> bool {
    let member = world.member(member);
    match member.kind {
        MemberKind::Field => member.flags.contains(MemberFlags::COVARIANT),
        _ => member
            .params
            .get(index)
            .is_some_and(|param| param.covariant),
    }
}

fn param_type(world: &World, member: MemberId, index: usize) -> Ty {
    match world.member(member).kind {
        MemberKind::Field | MemberKind::Getter => world.ty(member),
        _ => world
            .member(member)
            .params
            .get(index)
            .map_or(Ty::DYNAMIC, |param| param.ty),
    }
}

/// The parameter of `other` that corresponds to parameter `index` of `member`: same position, or same name.
pub(super) fn corresponding(
    world: &World,
    member: MemberId,
    index: usize,
    other: MemberId,
) -> Option<usize> {
    let param = world.member(member).params.get(index)?;
    let other = world.member(other);
    if matches!(other.kind, MemberKind::Field | MemberKind::Getter) {
        return (index == 0).then_some(0);
    }
    let is_named = |kind: ParamKind| matches!(kind, ParamKind::Named | ParamKind::RequiredNamed);
    if is_named(param.kind) {
        return other
            .params
            .iter()
            .position(|p| is_named(p.kind) && p.name == param.name);
    }
    let found = other.params.get(index)?;
    (!is_named(found.kind)).then_some(index)
}

impl World {
    /// The type that a member without a written one takes over from what it overrides.
    pub(super) fn inherited_type(&self, id: MemberId) -> Option<Ty> {
        let member = self.member(id);
        let Owner::Class(class) = member.owner else {
            return None;
        };
        if member.flags.contains(MemberFlags::STATIC) {
            return None;
        }
        let overridden = self.overridden(class, id);
        let best = self.best_overridden(class, id, &overridden)?;
        let ty = match self.member(best).kind {
            MemberKind::Setter => param_type(self, best, 0),
            _ => self.ty(best),
        };
        Some(self.seen_by_override(ty, class, id, best))
    }

    /// The members of the direct supertypes that a member of `class` overrides. For a getter or variable the setters of the
    /// name are among them only if there is no getter; for a setter the other way round.
    fn overridden(&self, class: ClassId, id: MemberId) -> Vec<MemberId> {
        // Members of an extension type redeclare, they do not override.
        if self.is_extension_type(class) {
            return Vec::new();
        }
        let member = self.member(id);
        let name: Symbol = member.name;
        let mut first = Vec::new();
        let mut second = Vec::new();
        for ty in self.direct_supertypes(class) {
            let Some(sup) = self.class_of(ty) else {
                continue;
            };
            let access = self.instance_members(sup, name, member.library);
            let (wanted, other) = match member.kind {
                MemberKind::Setter => (access.set, access.get),
                _ => (access.get, access.set),
            };
            first.extend(wanted.filter(|found| !first.contains(found)));
            second.extend(other.filter(|found| !second.contains(found)));
        }
        // What is overridden by another one of a different sort (a getter by a method) is an error elsewhere.
        let is_function = member.kind == MemberKind::Method;
        let fits =
            |found: &MemberId| (self.member(*found).kind == MemberKind::Method) == is_function;
        first.retain(fits);
        second.retain(fits);
        if first.is_empty() { second } else { first }
    }

    /// Of several overridden members the one whose signature is a subtype of all others', else the first. Of setters it is
    /// the one that takes most.
    fn best_overridden(
        &self,
        class: ClassId,
        id: MemberId,
        overridden: &[MemberId],
    ) -> Option<MemberId> {
        if overridden.len() < 2 {
            return overridden.first().copied();
        }
        let seen: Vec<Ty> = overridden
            .iter()
            .map(|&o| {
                let ty = member_function_type(self, o);
                self.seen_by_override(ty, class, id, o)
            })
            .collect();
        let takes = |&one: &MemberId| match self.member(one).kind {
            MemberKind::Setter => true,
            MemberKind::Field => self.member(id).kind == MemberKind::Setter,
            _ => false,
        };
        let sets = overridden.iter().all(takes);
        let best = seen
            .iter()
            .position(|&one| {
                seen.iter().all(|&other| {
                    if sets {
                        self.is_subtype(other, one)
                    } else {
                        self.is_subtype(one, other)
                    }
                })
            })
            .unwrap_or(0);
        overridden.get(best).copied()
    }

    /// A type in the declaration of `overridden` as it reads in `id`, a member of `class`: with the supertype's arguments
    /// and with `id`'s own type parameters.
    fn seen_by_override(&self, ty: Ty, class: ClassId, id: MemberId, overridden: MemberId) -> Ty {
        let other = self.member(overridden);
        let own = &self.member(id).type_params;
        let ty = if own.len() == other.type_params.len() {
            let types: Vec<Ty> = own.iter().map(|&param| self.types.param(param)).collect();
            self.subst(ty, &other.type_params, &types)
        } else {
            ty
        };
        match other.owner {
            Owner::Class(owner) => self.as_seen_from(ty, owner, self.this_type(class)),
            _ => ty,
        }
    }
}
