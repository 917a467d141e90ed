//! Members against those they override: kinds, signatures, covariant parameters.

use eyot_syntax::Symbol;
use rustc_hash::{FxHashMap, FxHashSet};

use super::error;
use crate::model::{
    Access, ClassId, ClassKind, LibraryId, Member, MemberFlags, MemberId, MemberKind, Owner,
    ParamKind, World,
};
use crate::outline::scope::member_function_type;
use crate::types::{FunctionTy, Ty, TyKind};

/// A declaration of a name in a supertype: the class that has it and the member. A mixin application has the members of its
/// mixin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Inherited {
    pub(super) holder: ClassId,
    pub(super) member: MemberId,
}

/// What is inherited under one name.
#[derive(Clone, Default, Debug)]
pub(super) struct Sides {
    /// Methods, getters and variables.
    pub(super) get: Vec<Inherited>,
    /// Setters and variables that can be assigned.
    pub(super) set: Vec<Inherited>,
}

pub(super) fn check(world: &World, class: ClassId) {
    for &id in own_members(world, class) {
        let member = world.member(id);
        if member.flags.contains(MemberFlags::STATIC) {
            continue;
        }
        let inherited = inherited(world, class, member.name, member.library);
        check_member(world, class, id, &inherited);
    }
}

/// The members that a class declares; a mixin application those of its mixin.
pub(super) fn own_members(world: &World, class: ClassId) -> &[MemberId] {
    let data = world.class(class);
    match data.mixin.and_then(|mixin| world.class_of(mixin)) {
        Some(mixin) => &world.class(mixin).members,
        None => &data.members,
    }
}

/// What `class` inherits under a name: the declarations in its supertypes that no other one in between overrides.
pub(super) fn inherited(world: &World, class: ClassId, name: Symbol, library: LibraryId) -> Sides {
    let mut sides = Sides {
        get: declarations(world, class, |holder| {
            declared_in(world, holder, name, library).0
        }),
        set: declarations(world, class, |holder| {
            declared_in(world, holder, name, library).1
        }),
    };
    // A mixin is checked where it is declared; the class that applies it only has to fit the other supertypes.
    if let Some(mixin) = world.class(class).mixin.and_then(|ty| world.class_of(ty)) {
        let is_apart = |one: &Inherited| !world.is_subclass(mixin, one.holder);
        sides.get.retain(is_apart);
        sides.set.retain(is_apart);
    }
    keep_nearest(world, &mut sides.get);
    keep_nearest(world, &mut sides.set);
    sides
}

/// The declarations that are found going up from a class, on each way the first.
fn declarations(
    world: &World,
    class: ClassId,
    declared: impl Fn(ClassId) -> Option<MemberId>,
) -> Vec<Inherited> {
    let mut found = Vec::new();
    let mut seen = FxHashSet::default();
    let mut open = vec![class];
    while let Some(below) = open.pop() {
        for holder in world
            .direct_supertypes(below)
            .filter_map(|ty| world.class_of(ty))
        {
            if holder == class || !seen.insert(holder) {
                continue;
            }
            match declared(holder) {
                Some(member) => found.push(Inherited { holder, member }),
                None => open.push(holder),
            }
        }
    }
    found
}

/// Drops what a subtype declares anew, and brings the rest in an order.
pub(super) fn keep_nearest(world: &World, found: &mut Vec<Inherited>) {
    if found.len() > 1 {
        let all = found.clone();
        found.retain(|inherited| {
            !all.iter().any(|other| {
                other.holder != inherited.holder
                    && world.is_subclass(other.holder, inherited.holder)
            })
        });
        found.sort_unstable_by_key(|inherited| inherited.holder);
        found.dedup_by_key(|inherited| inherited.member);
    }
}

/// The instance members of a name that a class declares (a mixin application: its mixin), as far as `library` sees them.
pub(super) fn declared_in(
    world: &World,
    holder: ClassId,
    name: Symbol,
    library: LibraryId,
) -> (Option<MemberId>, Option<MemberId>) {
    let access = instance_table(world, holder)
        .get(&name)
        .copied()
        .unwrap_or_default();
    let visible =
        |member: &MemberId| !name.is_private() || world.member(*member).library == library;
    (access.get.filter(visible), access.set.filter(visible))
}

/// The instance members that a class declares, or a mixin application takes over.
pub(super) fn instance_table(world: &World, class: ClassId) -> &FxHashMap<Symbol, Access> {
    let data = world.class(class);
    match data.mixin.and_then(|mixin| world.class_of(mixin)) {
        Some(mixin) => &world.class(mixin).instance,
        None => &data.instance,
    }
}

fn check_member(world: &World, class: ClassId, id: MemberId, inherited: &Sides) {
    if let Some(other) = clash(world, id, inherited) {
        return report_clash(world, class, id, other);
    }
    let member = world.member(id);
    let reads = member.kind != MemberKind::Setter;
    let writes = match member.kind {
        MemberKind::Setter => true,
        MemberKind::Field => is_settable(member),
        _ => false,
    };
    let get = inherited.get.iter().filter(|_| reads);
    let set = inherited.set.iter().filter(|_| writes);
    let bad = get
        .filter(|other| !is_override(world, class, id, other.member))
        .chain(set.filter(|other| !is_setter_override(world, class, id, other.member)))
        .next();
    if let Some(bad) = bad {
        report_bad_override(world, class, id, bad.member);
    }
}

/// A method that overrides an accessor, or the other way round.
fn clash(world: &World, id: MemberId, inherited: &Sides) -> Option<MemberId> {
    let is_method = world.member(id).kind == MemberKind::Method;
    let all = inherited.get.iter().chain(&inherited.set);
    all.map(|other| other.member)
        .find(|&other| (world.member(other).kind == MemberKind::Method) != is_method)
}

/// Where errors about an own member of a class stand: at the member, or at the class that mixes it in.
fn report(world: &World, class: ClassId, id: MemberId, code: &'static str, message: String) {
    let member = world.member(id);
    let data = world.class(class);
    if member.owner == Owner::Class(class) {
        error(world, member.file, code, member.span, message);
    } else {
        error(world, data.file, code, data.span, message);
    }
}

fn report_clash(world: &World, class: ClassId, id: MemberId, other: MemberId) {
    let member = world.member(id);
    let message = format!(
        "{} `{}` cannot override {}; rename one of the two",
        sort(member),
        member.name,
        described(world, other)
    );
    report(world, class, id, "override-of-another-sort", message);
}

fn report_bad_override(world: &World, class: ClassId, id: MemberId, other: MemberId) {
    let member = world.member(id);
    let wanted = seen_from(world, class, other, member_function_type(world, other));
    let message = format!(
        "`{}` with the type `{}` is no valid override of {}, which has the type `{}`; make its signature accept and return what that one does",
        member.name,
        world.show(seen_from(world, class, id, member_function_type(world, id))),
        described(world, other),
        world.show(wanted)
    );
    report(world, class, id, "invalid-override", message);
}

/// What a member is, with an article.
pub(super) fn sort(member: &Member) -> &'static str {
    match member.kind {
        MemberKind::Method => "the method",
        MemberKind::Getter => "the getter",
        MemberKind::Setter => "the setter",
        MemberKind::Field => "the field",
        _ => "the constructor",
    }
}

/// `the getter `x` of `C``.
pub(super) fn described(world: &World, id: MemberId) -> String {
    let member = world.member(id);
    let owner = match member.owner {
        Owner::Class(class) => world.class(class).name.as_str(),
        _ => "",
    };
    format!("{} `{}` of `{owner}`", sort(member), member.name)
}

/// Whether a variable has a setter.
pub(super) fn is_settable(member: &Member) -> bool {
    !member.flags.contains(MemberFlags::FINAL)
        || (member.flags.contains(MemberFlags::LATE)
            && !member.flags.contains(MemberFlags::HAS_INITIALIZER))
}

/// A type in the declaration of a member, as it reads in `class`.
pub(super) fn seen_from(world: &World, class: ClassId, member: MemberId, ty: Ty) -> Ty {
    match world.member(member).owner {
        Owner::Class(owner) if owner != class => {
            world.as_seen_from(ty, owner, world.this_type(class))
        }
        _ => ty,
    }
}

/// Whether `id`, a method, getter or variable of `class` (its own or inherited), is a correct override of `other`.
pub(super) fn is_override(world: &World, class: ClassId, id: MemberId, other: MemberId) -> bool {
    let (own, theirs) = (world.member(id), world.member(other));
    let is_method = own.kind == MemberKind::Method;
    if is_method != (theirs.kind == MemberKind::Method) {
        return false;
    }
    let own_type = seen_from(world, class, id, member_function_type(world, id));
    let their_type = seen_from(world, class, other, member_function_type(world, other));
    let own_type = if is_method {
        with_covariance(world, (id, own_type), (other, their_type))
    } else {
        own_type
    };
    world.is_subtype(own_type, their_type)
}

/// Whether `id`, a setter or variable of `class`, is a correct override of `other`'s setter.
pub(super) fn is_setter_override(
    world: &World,
    class: ClassId,
    id: MemberId,
    other: MemberId,
) -> bool {
    let own_type = seen_from(world, class, id, member_function_type(world, id));
    let their_type = seen_from(world, class, other, member_function_type(world, other));
    let covariant = is_covariant_setter(world, id) || is_covariant_setter(world, other);
    world.is_subtype(their_type, own_type) || (covariant && world.is_subtype(own_type, their_type))
}

fn is_covariant_setter(world: &World, id: MemberId) -> bool {
    let member = world.member(id);
    match member.kind {
        MemberKind::Field => member.flags.contains(MemberFlags::COVARIANT),
        _ => member.params.first().is_some_and(|param| param.covariant),
    }
}

/// The type of an overriding method as far as the rule asks: a covariant parameter may have a subtype of the parameter
/// overridden, so then it counts as having that one's type.
fn with_covariance(world: &World, own: (MemberId, Ty), other: (MemberId, Ty)) -> Ty {
    let (member, theirs) = (world.member(own.0), world.member(other.0));
    let is_covariant = |index: usize, name: Option<Symbol>| {
        let has = |member: &Member| {
            let param = match name {
                Some(name) => member
                    .params
                    .iter()
                    .find(|p| is_named(p.kind) && p.name == name),
                None => member.params.get(index),
            };
            param.is_some_and(|param| param.covariant)
        };
        has(member) || has(theirs)
    };
    let anything = member.params.iter().chain(&theirs.params);
    if !anything.into_iter().any(|param| param.covariant) {
        return own.1;
    }
    let (
        TyKind::Function {
            function: own_fn,
            nullable,
        },
        TyKind::Function {
            function: their_fn, ..
        },
    ) = (world.types.kind(own.1), world.types.kind(other.1))
    else {
        return own.1;
    };
    let own_params: Vec<Ty> = own_fn
        .type_params
        .iter()
        .map(|&p| world.types.param(p))
        .collect();
    let same_count = own_fn.type_params.len() == their_fn.type_params.len();
    let eased = |ty: Ty, theirs: Ty| {
        let theirs = if same_count {
            world.subst(theirs, &their_fn.type_params, &own_params)
        } else {
            theirs
        };
        if world.is_subtype(ty, theirs) {
            theirs
        } else {
            ty
        }
    };
    let mut changed: FunctionTy = own_fn.clone();
    for (index, ty) in changed.positional.iter_mut().enumerate() {
        if let Some(&wanted) = their_fn.positional.get(index)
            && is_covariant(index, None)
        {
            *ty = eased(*ty, wanted);
        }
    }
    for param in changed.named.iter_mut() {
        let wanted = their_fn.named.iter().find(|p| p.name == param.name);
        if let Some(wanted) = wanted
            && is_covariant(0, Some(param.name))
        {
            param.ty = eased(param.ty, wanted.ty);
        }
    }
    let ty = world.types.function(changed);
    if *nullable {
        world.types.nullable(ty)
    } else {
        ty
    }
}

fn is_named(kind: ParamKind) -> bool {
    matches!(kind, ParamKind::Named | ParamKind::RequiredNamed)
}

/// Whether the class is one of which instances are made from its own declaration.
pub(super) fn is_concrete(world: &World, class: ClassId) -> bool {
    let data = world.class(class);
    matches!(
        data.kind,
        ClassKind::Class | ClassKind::MixinClass | ClassKind::Enum
    ) && !data.is_abstract
}
