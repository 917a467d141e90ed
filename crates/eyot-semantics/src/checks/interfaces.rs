//! The interface of a class: whether inherited members agree, and whether a class of which there are instances has a body for
//! each of them.

use eyot_syntax::{Symbol, sym};
use rustc_hash::FxHashMap;

use super::error;
use super::overrides::{
    Inherited, Sides, declared_in, described, inherited, instance_table, is_concrete, is_override,
    is_setter_override, keep_nearest, sort,
};
use crate::model::{ClassId, LibraryId, MemberFlags, MemberId, MemberKind, Owner, World, known};

/// Names of instance members; private ones belong to a library.
type Name = (Symbol, Option<LibraryId>);

pub(super) fn check(world: &World, class: ClassId) {
    let names = match adds_to_checked(world, class) {
        true => declared_names(world, class),
        false => inherited_names(world, class),
    };
    let mut sorted: Vec<(&Name, &Sides)> = names.iter().collect();
    sorted.sort_unstable_by_key(|((name, library), _)| (name.as_str(), *library));
    let concrete = is_concrete(world, class);
    let forwards = concrete && has_no_such_method(world, class);
    let mut missing = Vec::new();
    for (&(name, library), sides) in sorted {
        let library = library.unwrap_or(world.class(class).library);
        if !check_agreement(world, class, name, library, sides) || !concrete {
            continue;
        }
        let implemented = Implemented::find(world, class, name, library);
        if let Some(holder) = implemented.missing(sides) {
            // Nobody can implement what is private to another library; calls of it throw.
            if !forwards && library_sees(world, class, name, library) {
                missing.push((name, holder));
            }
        } else {
            implemented.check(world, class, sides);
        }
    }
    if concrete && !forwards {
        report_missing(world, class, &missing);
    }
}

fn library_sees(world: &World, class: ClassId, name: Symbol, library: LibraryId) -> bool {
    !name.is_private() || library == world.class(class).library
}

/// Whether all that a class does not declare itself was checked at its superclass: it has no other supertype.
fn adds_to_checked(world: &World, class: ClassId) -> bool {
    let data = world.class(class);
    let is_alone = data.mixin.is_none() && data.interfaces.is_empty() && data.on.is_empty();
    let superclass = data.supertype.and_then(|ty| world.class_of(ty));
    is_alone
        && superclass
            .is_some_and(|sup| world.class(sup).library == data.library && is_concrete(world, sup))
}

/// What a class declares, by name, and what it inherits of the same names.
fn declared_names(world: &World, class: ClassId) -> FxHashMap<Name, Sides> {
    let mut names: FxHashMap<Name, Sides> = FxHashMap::default();
    for (&name, access) in instance_table(world, class) {
        let Some(member) = access.get.or(access.set) else {
            continue;
        };
        let library = world.member(member).library;
        let mut sides = inherited(world, class, name, library);
        let own = |member: MemberId| {
            vec![Inherited {
                holder: class,
                member,
            }]
        };
        if let Some(get) = access.get {
            sides.get = own(get);
        }
        if let Some(set) = access.set {
            sides.set = own(set);
        }
        names.insert((name, name.is_private().then_some(library)), sides);
    }
    names
}

/// Everything that the supertypes of a class (and, for what it declares itself, the class) have, by name.
fn inherited_names(world: &World, class: ClassId) -> FxHashMap<Name, Sides> {
    let mut names: FxHashMap<Name, Sides> = FxHashMap::default();
    for holder in world.supers(class).keys().copied().chain([class]) {
        for (&name, access) in instance_table(world, holder) {
            for (member, is_setter) in [(access.get, false), (access.set, true)] {
                let Some(member) = member else { continue };
                let library = name.is_private().then(|| world.member(member).library);
                let sides = names.entry((name, library)).or_default();
                let side = if is_setter {
                    &mut sides.set
                } else {
                    &mut sides.get
                };
                side.push(Inherited { holder, member });
            }
        }
    }
    for sides in names.values_mut() {
        keep_nearest(world, &mut sides.get);
        keep_nearest(world, &mut sides.set);
    }
    names
}

/// Whether what is inherited under a name fits together; else it is reported.
fn check_agreement(
    world: &World,
    class: ClassId,
    name: Symbol,
    library: LibraryId,
    sides: &Sides,
) -> bool {
    let (own_get, own_set) = declared_in(world, class, name, library);
    let mut all = sides.get.iter().chain(&sides.set).map(|one| one.member);
    // What the class declares itself is checked as an override.
    if own_get.is_some() || own_set.is_some() {
        return true;
    }
    let Some(first) = all.next() else { return true };
    if all.next().is_none() {
        return true;
    }
    if comes_through_one(world, class, sides) {
        return true;
    }
    let mut all = sides.get.iter().chain(&sides.set).map(|one| one.member);
    let is_method = |id: MemberId| world.member(id).kind == MemberKind::Method;
    if let Some(other) = all.find(|&other| is_method(other) != is_method(first)) {
        report_clash(world, class, first, other);
        return false;
    }
    if let [first, rest @ ..] = &sides.get[..]
        && let Some(last) = rest.first()
        && !has_best(world, class, &sides.get, is_override)
    {
        report_no_best(world, class, first.member, last.member);
        return false;
    }
    if let [first, rest @ ..] = &sides.set[..]
        && let Some(last) = rest.first()
        && !has_best(world, class, &sides.set, is_setter_override)
    {
        report_no_best(world, class, first.member, last.member);
        return false;
    }
    true
}

/// Whether one direct supertype has all of it, so that it was checked there.
fn comes_through_one(world: &World, class: ClassId, sides: &Sides) -> bool {
    world
        .direct_supertypes(class)
        .filter_map(|ty| world.class_of(ty))
        .any(|sup| {
            let mut all = sides.get.iter().chain(&sides.set);
            all.all(|one| world.is_subclass(sup, one.holder))
        })
}

fn has_best(
    world: &World,
    class: ClassId,
    found: &[Inherited],
    overrides: fn(&World, ClassId, MemberId, MemberId) -> bool,
) -> bool {
    found.iter().any(|one| {
        found
            .iter()
            .all(|other| overrides(world, class, one.member, other.member))
    })
}

fn report_clash(world: &World, class: ClassId, first: MemberId, second: MemberId) {
    let data = world.class(class);
    let message = format!(
        "`{}` inherits {} and {}, which cannot be together; rename one, or drop one of the supertypes",
        data.name,
        described(world, first),
        described(world, second)
    );
    error(
        world,
        data.file,
        "inconsistent-inheritance",
        data.span,
        message,
    );
}

fn report_no_best(world: &World, class: ClassId, first: MemberId, second: MemberId) {
    let data = world.class(class);
    let message = format!(
        "`{}` inherits {} and {}, and no signature of them satisfies all; declare {} `{}` here with one that does",
        data.name,
        described(world, first),
        described(world, second),
        sort(world.member(first)),
        world.member(first).name
    );
    error(
        world,
        data.file,
        "inconsistent-inheritance",
        data.span,
        message,
    );
}

/// The bodies that run when a member of an instance is called.
struct Implemented {
    get: Option<Inherited>,
    set: Option<Inherited>,
}

impl Implemented {
    fn find(world: &World, class: ClassId, name: Symbol, library: LibraryId) -> Implemented {
        let mut found = Implemented {
            get: None,
            set: None,
        };
        let mut next = Some(class);
        while let Some(holder) = next {
            let (get, set) = declared_in(world, holder, name, library);
            let with_body = |id: Option<MemberId>| {
                id.filter(|&id| !world.member(id).flags.contains(MemberFlags::ABSTRACT))
                    .map(|member| Inherited { holder, member })
            };
            found.get = found.get.or(with_body(get));
            found.set = found.set.or(with_body(set));
            next = world
                .class(holder)
                .supertype
                .and_then(|ty| world.class_of(ty));
        }
        found
    }

    /// A class that declares what has no body.
    fn missing(&self, sides: &Sides) -> Option<ClassId> {
        let getter = sides.get.first().filter(|_| self.get.is_none());
        let setter = sides.set.first().filter(|_| self.set.is_none());
        getter.or(setter).map(|one| one.holder)
    }

    /// Whether the bodies inherited fit the interface.
    fn check(&self, world: &World, class: ClassId, sides: &Sides) {
        let bad_get = self.get.and_then(|body| {
            unfulfilled(world, class, body, &sides.get, is_override).map(|other| (body, other))
        });
        let bad = bad_get.or_else(|| {
            self.set.and_then(|body| {
                unfulfilled(world, class, body, &sides.set, is_setter_override)
                    .map(|other| (body, other))
            })
        });
        let Some((body, other)) = bad else { return };
        let data = world.class(class);
        let message = format!(
            "`{}` inherits {}, whose signature does not satisfy {}; override `{}` here",
            data.name,
            described(world, body.member),
            described(world, other),
            world.member(other).name
        );
        error(
            world,
            data.file,
            "invalid-implementation",
            data.span,
            message,
        );
    }
}

/// A declaration in the interface that an inherited body is no correct override of. What the class with the body, or a
/// superclass that has both, had to satisfy already is checked there.
fn unfulfilled(
    world: &World,
    class: ClassId,
    body: Inherited,
    wanted: &[Inherited],
    overrides: fn(&World, ClassId, MemberId, MemberId) -> bool,
) -> Option<MemberId> {
    let checked_above = |holder: ClassId| {
        world.is_subclass(body.holder, holder)
            || concrete_superclass(world, class).is_some_and(|sup| {
                world.is_subclass(sup, holder) && world.is_subclass(sup, body.holder)
            })
    };
    wanted
        .iter()
        .filter(|other| other.member != body.member && !checked_above(other.holder))
        .map(|other| other.member)
        .find(|&other| !overrides(world, class, body.member, other))
}

fn concrete_superclass(world: &World, class: ClassId) -> Option<ClassId> {
    let mut next = world
        .class(class)
        .supertype
        .and_then(|ty| world.class_of(ty));
    while let Some(sup) = next {
        if is_concrete(world, sup) {
            return Some(sup);
        }
        next = world.class(sup).supertype.and_then(|ty| world.class_of(ty));
    }
    None
}

fn report_missing(world: &World, class: ClassId, missing: &[(Symbol, ClassId)]) {
    if missing.is_empty() {
        return;
    }
    let list: Vec<String> = missing
        .iter()
        .map(|(name, holder)| format!("`{name}` of `{}`", world.class(*holder).name))
        .collect();
    let data = world.class(class);
    let message = format!(
        "`{}` has no body for {}; implement what is missing, or make the class abstract",
        data.name,
        list.join(", ")
    );
    error(
        world,
        data.file,
        "missing-implementation",
        data.span,
        message,
    );
}

/// Whether the class has a `noSuchMethod` other than Object's, which then takes the calls of members without a body.
fn has_no_such_method(world: &World, class: ClassId) -> bool {
    let found: Option<MemberId> = world
        .concrete_members(class, sym::NO_SUCH_METHOD, LibraryId(0))
        .get;
    found.is_some_and(|id| {
        let member = world.member(id);
        member.owner != Owner::Class(known::OBJECT) && !member.flags.contains(MemberFlags::ABSTRACT)
    })
}
