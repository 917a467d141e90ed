//! Sixth pass: where arguments have to be checked on entry, because a caller that knows the object by a supertype may pass what does
//! not fit.
//!
//! Generic classes are covariant: a `Box<int>` is a `Box<num>`, and who sees the latter may call `put(1.5)`. A parameter whose type
//! mentions its class's type parameters is therefore *covariant by class* (specification, "Covariant Parameters") and checked where
//! the function begins. The same caller may reach a member that is not generic at all: `class IntBox implements Box<int>` with a
//! `put(int value)`, or one that a class without type parameters declares and a subclass brings below `Box<int>`. So the mark goes to
//! every member that runs in some class for a marked one of any of its supertypes.

use super::Outline;
use super::inherit::corresponding;
use crate::model::{ClassId, MemberFlags, MemberId, MemberKind, TypeParamId, World};

impl Outline<'_> {
    /// Marks parameters, variables and bounds.
    pub(super) fn mark_covariant_by_class(&mut self) {
        for class in self.classes.clone() {
            for id in self.world.class(class).members.clone() {
                self.mark_own(class, id);
            }
        }
        for class in self.classes.clone() {
            if self.world.is_extension_type(class) {
                continue;
            }
            let supers: Vec<ClassId> = self.world.supers(class).keys().copied().collect();
            for sup in supers {
                for id in self.world.class(sup).members.clone() {
                    if is_marked(self.world, sup, id) {
                        self.mark_implementation(class, id);
                    }
                }
            }
        }
    }

    /// Marks what a member's own declaration makes covariant by class.
    fn mark_own(&mut self, class: ClassId, id: MemberId) {
        let params = self.world.class(class).type_params.clone();
        let member = self.world.member(id);
        let is_static = member.flags.contains(MemberFlags::STATIC);
        if params.is_empty() || is_static || member.kind == MemberKind::Constructor {
            return;
        }
        for index in 0..member.params.len() {
            let ty = self.world.member(id).params[index].ty;
            if self.world.mentions_at(ty, &params, true) {
                self.world.members[id.index()].params[index].by_class = true;
            }
        }
        let own = self.world.member(id).type_params.clone();
        if mentions_in_bound(self.world, &own, &params) {
            self.world.members[id.index()].flags |= MemberFlags::CHECKS_BOUNDS;
        }
    }

    /// Marks what runs in `class` where the marked `id` of one of its supertypes is called.
    fn mark_implementation(&mut self, class: ClassId, id: MemberId) {
        let marked = self.world.member(id);
        let access = self
            .world
            .concrete_members(class, marked.name, marked.library);
        let target = match marked.kind {
            MemberKind::Method => access.get,
            _ => access.set,
        };
        let Some(target) = target.filter(|&target| target != id) else {
            return;
        };
        let is_method = |id| self.world.member(id).kind == MemberKind::Method;
        if is_method(id) != is_method(target) {
            return;
        }
        if self.world.member(target).kind == MemberKind::Field {
            if !self
                .world
                .member(target)
                .flags
                .contains(MemberFlags::CHECKED)
            {
                self.mark(class, target, |world| {
                    world.members[target.index()].flags |= MemberFlags::CHECKED;
                });
            }
            return;
        }
        let checks_bounds = |id| {
            let flags = self.world.member(id).flags;
            flags.contains(MemberFlags::CHECKS_BOUNDS)
        };
        if checks_bounds(id) && !checks_bounds(target) {
            self.mark(class, target, |world| {
                world.members[target.index()].flags |= MemberFlags::CHECKS_BOUNDS;
            });
        }
        for index in 0..self.world.member(target).params.len() {
            let is_marked = match corresponding(self.world, target, index, id) {
                // A variable's write is its setter's parameter.
                Some(position) => {
                    let params = &self.world.member(id).params;
                    params.get(position).is_none_or(|param| param.by_class)
                }
                None => false,
            };
            let param = &self.world.member(target).params[index];
            if is_marked && !param.by_class && !param.covariant && !self.world.is_top(param.ty) {
                self.mark(class, target, |world| {
                    world.members[target.index()].params[index].by_class = true;
                });
            }
        }
    }

    /// Changes a member, if its code is still to be made.
    fn mark(&mut self, class: ClassId, target: MemberId, change: impl FnOnce(&mut World)) {
        let owner = self.world.class_of_member(target);
        if owner.is_some_and(|owner| self.classes.contains(&owner)) {
            change(self.world);
            return;
        }
        if self
            .world
            .member(target)
            .flags
            .contains(MemberFlags::EXTERNAL)
        {
            // Natives look at what they are given.
            return;
        }
        let data = self.world.class(class);
        let (name, file, span) = (self.world.member(target).name, data.file, data.span);
        let message = format!(
            "not supported yet: '{name}' of a core class below a generic class that has one with a type parameter; override it here"
        );
        self.error(file, "not-supported", span, message);
    }
}

/// Whether callers of this member, declared in `class`, may pass what does not fit.
fn is_marked(world: &World, class: ClassId, id: MemberId) -> bool {
    let member = world.member(id);
    if member.flags.contains(MemberFlags::STATIC) {
        return false;
    }
    match member.kind {
        // Its type may still have to be inferred, so any variable that could mention a type parameter counts.
        MemberKind::Field => {
            !world.class(class).type_params.is_empty()
                || member.flags.contains(MemberFlags::CHECKED)
        }
        MemberKind::Method | MemberKind::Setter => {
            member.params.iter().any(|param| param.by_class)
                || member.flags.contains(MemberFlags::CHECKS_BOUNDS)
        }
        _ => false,
    }
}

/// Whether a bound of `own` mentions one of `params`.
fn mentions_in_bound(world: &World, own: &[TypeParamId], params: &[TypeParamId]) -> bool {
    own.iter()
        .any(|&param| world.mentions(world.bound(param), params))
}

impl World {
    fn class_of_member(&self, member: MemberId) -> Option<ClassId> {
        match self.member(member).owner {
            crate::model::Owner::Class(class) => Some(class),
            _ => None,
        }
    }
}
