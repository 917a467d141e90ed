//! Whether the cases of a switch cover all values: the language's `exhaustiveness.md`.
//!
//! Types and patterns become *spaces*: a type, perhaps restricted to one constant or to lists of some lengths, with spaces for
//! what is read from the value. A value is covered if, for each of the finer spaces it is made of (the classes below a sealed
//! one, the values of an enum, the lengths of a list), some case takes all of it; what the cases read is then looked at in
//! the same way, one property after the other.
//!
//! Extension types are erased here: nothing hides what represents a value. A pattern that asks nothing of its value is a
//! space of everything, whatever its static type. Patterns are turned into spaces in `body`.

use eyot_syntax::Symbol;
use rustc_hash::FxHashMap;

use crate::model::{ClassId, ClassKind, LibraryId, MemberId, MemberKind, World, known};
use crate::program::{ConstId, ConstValue};
use crate::types::{Ty, TyKind};

/// What a property is read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// A getter of the value, or a field of a record.
    Getter(Symbol),
    /// A member that is found statically, whose name may mean something else on the value itself.
    Static(MemberId),
    /// An element of a list, counted from 0.
    Head(usize),
    /// An element of a list, counted from its end, where the last is 1.
    Tail(usize),
    /// The elements of a list but for so many at the start and so many at the end.
    Rest(usize, usize),
}

/// What the values of a space have in common besides their type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restriction {
    /// Nothing.
    Open,
    /// They are one constant.
    Constant(ConstId),
    /// They are lists of this length, or with a rest of at least this length.
    Arity(usize, bool),
}

/// A set of values.
#[derive(Clone, Debug)]
pub(crate) struct Space {
    pub(crate) ty: Ty,
    pub(crate) restriction: Restriction,
    pub(crate) properties: Vec<Property>,
}

/// What must hold for something read from the value.
#[derive(Clone, Debug)]
pub(crate) struct Property {
    pub(crate) key: Key,
    /// The type it has where the pattern stands.
    pub(crate) declared: Ty,
    pub(crate) space: Union,
}

/// Values that are in one of several spaces.
pub(crate) type Union = Vec<Space>;

impl Space {
    /// All values of a type.
    pub(crate) fn of_type(ty: Ty) -> Space {
        Space {
            ty,
            restriction: Restriction::Open,
            properties: Vec::new(),
        }
    }

    /// All values there are.
    pub(crate) fn everything() -> Space {
        Space::of_type(Ty::OBJECT_N)
    }

    fn property(&self, key: Key) -> Option<&Property> {
        self.properties.iter().find(|property| property.key == key)
    }
}

impl Restriction {
    fn is_subset(self, other: Restriction) -> bool {
        match (self, other) {
            (_, Restriction::Open) => true,
            (Restriction::Constant(a), Restriction::Constant(b)) => a == b,
            (Restriction::Arity(a, _), Restriction::Arity(b, true)) => a >= b,
            (Restriction::Arity(a, false), Restriction::Arity(b, false)) => a == b,
            _ => false,
        }
    }
}

/// A value that no case takes, as far as it is known at the outermost level.
pub(crate) type Uncovered = Option<Space>;

/// Questions about spaces, asked from a library.
pub(crate) struct Spaces<'w> {
    world: &'w World,
    library: LibraryId,
    /// Steps left. Deep products of patterns may take more than anybody wants to wait for; they count as covered.
    steps: u32,
}

const STEPS_MAX: u32 = 200_000;

impl<'w> Spaces<'w> {
    pub(crate) fn new(world: &'w World, library: LibraryId) -> Spaces<'w> {
        Spaces {
            world,
            library,
            steps: STEPS_MAX,
        }
    }

    /// Some value of the type that no case takes.
    pub(crate) fn uncovered(&mut self, ty: Ty, cases: &[Union]) -> Uncovered {
        let value = Space::of_type(self.world.erase(ty));
        let (heads, tails) = longest(cases);
        let cases: Vec<Vec<Union>> = cases.iter().map(|case| vec![case.clone()]).collect();
        let index = CaseIndex::of(self.world, &cases);
        self.expand(&value, heads, tails)
            .into_iter()
            .find(|space| !self.covers_space(space, &[], index.fitting(self.world, space, &cases)))
    }

    /// The values that are in both.
    pub(crate) fn intersect(&self, left: &Union, right: &Union) -> Union {
        let pairs = left.iter().flat_map(|a| right.iter().map(move |b| (a, b)));
        pairs
            .filter_map(|(a, b)| self.intersect_two(a, b))
            .collect()
    }

    fn intersect_two(&self, a: &Space, b: &Space) -> Option<Space> {
        let ty = if self.world.is_subtype(a.ty, b.ty) {
            a.ty
        } else if self.world.is_subtype(b.ty, a.ty) {
            b.ty
        } else {
            return None;
        };
        let restriction = if a.restriction.is_subset(b.restriction) {
            a.restriction
        } else if b.restriction.is_subset(a.restriction) {
            b.restriction
        } else {
            return None;
        };
        let mut properties = a.properties.clone();
        for property in &b.properties {
            match properties.iter_mut().find(|own| own.key == property.key) {
                Some(own) => own.space = self.intersect(&own.space, &property.space),
                None => properties.push(property.clone()),
            }
        }
        Some(Space {
            ty,
            restriction,
            properties,
        })
    }

    // ---- covering

    /// `value` and each of `cases` are lists of the same length: what is still to be looked at, in the same order.
    fn covers(&mut self, value: &[Union], cases: &[Vec<Union>]) -> bool {
        if self.steps == 0 {
            return true;
        }
        self.steps -= 1;
        let Some((first, rest)) = value.split_first() else {
            return !cases.is_empty();
        };
        if cases.is_empty() {
            // Nothing is covered, unless there are no values.
            return self.has_no_values(value);
        }
        let firsts: Vec<Union> = cases
            .iter()
            .filter_map(|case| case.first().cloned())
            .collect();
        let (heads, tails) = longest(&firsts);
        let spaces: Vec<Space> = first
            .iter()
            .flat_map(|space| self.expand(space, heads, tails))
            .collect();
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
            spaces
                .iter()
                .all(|space| self.covers_space(space, rest, cases.iter().collect()))
        })
    }

    fn has_no_values(&self, value: &[Union]) -> bool {
        value.iter().any(|union| {
            union
                .iter()
                .all(|space| self.expand(space, 0, 0).is_empty())
        })
    }

    /// Whether the cases cover the values of `space` (which is not to be split further) followed by `rest`.
    fn covers_space(&mut self, space: &Space, rest: &[Union], cases: Vec<&Vec<Union>>) -> bool {
        let mut kept: Vec<(Space, &[Union])> = Vec::new();
        for case in cases {
            let Some((first, others)) = case.split_first() else {
                continue;
            };
            for candidate in first {
                if self.is_subset(space, candidate) {
                    kept.push((aligned(candidate, space), others));
                }
            }
        }
        let mut keys: Vec<Key> = Vec::new();
        for property in kept.iter().flat_map(|(case, _)| &case.properties) {
            if !keys.contains(&property.key) {
                keys.push(property.key);
            }
        }
        let mut value: Vec<Union> = Vec::with_capacity(keys.len() + rest.len());
        for &key in &keys {
            let declared = kept.iter().find_map(|(case, _)| case.property(key));
            let declared = declared.map_or(Ty::OBJECT_N, |property| property.declared);
            value.push(vec![Space::of_type(self.type_of(space.ty, key, declared))]);
        }
        value.extend_from_slice(rest);
        let cases: Vec<Vec<Union>> = kept
            .iter()
            .map(|(case, others)| {
                let unpacked = keys.iter().map(|&key| match case.property(key) {
                    Some(property) => property.space.clone(),
                    None => vec![Space::everything()],
                });
                unpacked.chain(others.iter().cloned()).collect()
            })
            .collect();
        self.covers(&value, &cases)
    }

    fn is_subset(&self, value: &Space, case: &Space) -> bool {
        value.restriction.is_subset(case.restriction) && self.world.is_subtype(value.ty, case.ty)
    }

    /// The type of what a key reads from a value of the type.
    fn type_of(&self, ty: Ty, key: Key, declared: Ty) -> Ty {
        let world = self.world;
        let found = match key {
            Key::Getter(name) => self.getter_type(ty, name),
            Key::Static(_) => None,
            Key::Head(_) | Key::Tail(_) => world
                .as_instance_of(ty, known::LIST)
                .and_then(|args| args.first().copied()),
            Key::Rest(..) => world
                .as_instance_of(ty, known::LIST)
                .map(|args| world.types.interface(known::LIST, &args)),
        };
        world.erase(found.unwrap_or(declared))
    }

    fn getter_type(&self, ty: Ty, name: Symbol) -> Option<Ty> {
        let world = self.world;
        if let TyKind::Record {
            positional, named, ..
        } = world.types.kind(ty)
        {
            if let Some(field) = named.iter().find(|field| field.0 == name) {
                return Some(field.1);
            }
            let number: usize = name.as_str().strip_prefix('$')?.parse().ok()?;
            return positional.get(number.checked_sub(1)?).copied();
        }
        let class = world.class_of(ty)?;
        let member = world.instance_members(class, name, self.library).get?;
        let data = world.member(member);
        if data.kind == MemberKind::Method {
            return None;
        }
        match data.owner {
            crate::model::Owner::Class(owner) => {
                Some(world.as_seen_from(world.ty(member), owner, ty))
            }
            _ => None,
        }
    }

    // ---- expansion

    /// The finer spaces that a space consists of. Lists are told apart by length as far as patterns with `heads` elements
    /// at the start and `tails` at the end can.
    fn expand(&self, space: &Space, heads: usize, tails: usize) -> Vec<Space> {
        let mut done = Vec::new();
        let mut open = vec![space.clone()];
        while let Some(space) = open.pop() {
            match self.parts(&space, heads + tails) {
                Some(parts) => open.extend(parts.into_iter().rev()),
                None => done.push(space),
            }
        }
        done
    }

    fn parts(&self, space: &Space, longest: usize) -> Option<Vec<Space>> {
        let world = self.world;
        let types = &world.types;
        let with = |ty: Ty| Space {
            ty,
            ..space.clone()
        };
        if space.restriction != Restriction::Open {
            return None;
        }
        if types.has_question(space.ty) {
            let plain = types.with_nullable(space.ty, false);
            return Some(vec![with(plain), Space::of_type(Ty::NULL)]);
        }
        match types.kind(space.ty) {
            TyKind::Dynamic | TyKind::Void | TyKind::Error | TyKind::Unknown => {
                Some(vec![with(Ty::OBJECT), Space::of_type(Ty::NULL)])
            }
            TyKind::Never => Some(Vec::new()),
            TyKind::FutureOr { arg, .. } => Some(vec![with(world.future_of(*arg)), with(*arg)]),
            TyKind::Param {
                param, promoted, ..
            } => Some(vec![with(promoted.unwrap_or_else(|| world.bound(*param)))]),
            TyKind::Interface { class, .. } => {
                if *class == known::BOOL {
                    let values = [true, false].map(|value| {
                        constant(Ty::BOOL, world.consts.intern(ConstValue::Bool(value)))
                    });
                    return Some(values.to_vec());
                }
                let data = world.class(*class);
                if data.kind == ClassKind::Enum {
                    return Some(self.enum_values(*class, space.ty));
                }
                if data.modifiers.sealed {
                    let below = data.sealed_subclasses.iter();
                    let parts = below.filter_map(|&sub| self.below_sealed(sub, *class, space.ty));
                    return Some(parts.map(with).collect());
                }
                (longest > 0 && world.is_subclass(*class, known::LIST))
                    .then(|| lengths(space, longest))
            }
            _ => None,
        }
    }

    fn enum_values(&self, class: ClassId, ty: Ty) -> Vec<Space> {
        let world = self.world;
        let wide = self.overapproximated(ty);
        let values = world.class(class).enum_values.iter();
        values
            .filter(|&&value| world.is_subtype(world.ty(value), wide))
            .filter_map(|&value| Some(constant(world.ty(value), world.constant(value)?)))
            .collect()
    }

    /// A class declared below a sealed one, with the type arguments that make it a `ty`; none if none do.
    fn below_sealed(&self, class: ClassId, sealed: ClassId, ty: Ty) -> Option<Ty> {
        let world = self.world;
        let TyKind::Interface { args: wanted, .. } = world.types.kind(ty) else {
            return None;
        };
        let above = world.supers(class).get(&sealed)?;
        let params = &world.class(class).type_params;
        let args: Vec<Ty> = params
            .iter()
            .map(|&param| {
                let own = world.types.param(param);
                let position = above.iter().position(|&arg| arg == own);
                let passed = position.and_then(|position| wanted.get(position).copied());
                passed.unwrap_or_else(|| self.overapproximated(world.bound(param)))
            })
            .collect();
        let instance = world.types.interface(class, &args);
        let wide = self.overapproximated(ty);
        world
            .is_subtype(self.overapproximated(instance), wide)
            .then_some(instance)
    }

    /// The type with bounds for its type parameters: it has the values of all instances.
    fn overapproximated(&self, ty: Ty) -> Ty {
        let mut ty = ty;
        // A bound may mention other parameters, or the same one.
        for _ in 0..3 {
            ty = self
                .world
                .types
                .map_params(ty, &mut |param| Some(self.world.bound(param)));
        }
        self.world.types.map_params(ty, &mut |_| Some(Ty::OBJECT_N))
    }
}

/// Cases by the class that they want, so that a switch over many classes looks at few cases for each of them.
struct CaseIndex {
    by_class: FxHashMap<ClassId, Vec<usize>>,
    /// Cases that may take something else than instances of one class.
    others: Vec<usize>,
}

impl CaseIndex {
    fn of(world: &World, cases: &[Vec<Union>]) -> CaseIndex {
        let mut index = CaseIndex {
            by_class: FxHashMap::default(),
            others: Vec::new(),
        };
        for (number, case) in cases.iter().enumerate() {
            for space in case.first().into_iter().flatten() {
                let numbers = match plain_class(world, space.ty) {
                    // Not everything that is an `Object` has it for a superclass.
                    Some(class) if class != known::OBJECT => {
                        index.by_class.entry(class).or_default()
                    }
                    _ => &mut index.others,
                };
                numbers.push(number);
            }
        }
        index
    }

    /// The cases that may take values of the space, in their order.
    fn fitting<'c>(
        &self,
        world: &World,
        space: &Space,
        cases: &'c [Vec<Union>],
    ) -> Vec<&'c Vec<Union>> {
        let Some(class) = plain_class(world, space.ty) else {
            return cases.iter().collect();
        };
        let supers = world.supers(class);
        let classes = supers.keys().copied().filter(|&above| above != class);
        let mut numbers = self.others.clone();
        for class in classes.chain([class]) {
            numbers.extend(self.by_class.get(&class).into_iter().flatten());
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().map(|number| &cases[number]).collect()
    }
}

/// The class of a type that has its instances and nothing else.
fn plain_class(world: &World, ty: Ty) -> Option<ClassId> {
    match world.types.kind(ty) {
        TyKind::Interface { class, .. } if !world.types.has_question(ty) => Some(*class),
        _ => None,
    }
}

/// The space of one constant.
pub(crate) fn constant(ty: Ty, value: ConstId) -> Space {
    Space {
        ty,
        restriction: Restriction::Constant(value),
        properties: Vec::new(),
    }
}

/// Lists of each length that matters, and all longer ones.
fn lengths(space: &Space, longest: usize) -> Vec<Space> {
    let with = |restriction| Space {
        restriction,
        ..space.clone()
    };
    (0..longest)
        .map(|length| with(Restriction::Arity(length, false)))
        .chain([with(Restriction::Arity(longest, true))])
        .collect()
}

/// The most elements that a list pattern among the cases names at the start, and at the end. A pattern that fixes the length
/// needs one more, so that longer lists are told apart from its own.
fn longest(cases: &[Union]) -> (usize, usize) {
    let (mut heads, mut tails) = (0, 0);
    for space in cases.iter().flatten() {
        let Restriction::Arity(length, has_rest) = space.restriction else {
            continue;
        };
        let tail = space
            .properties
            .iter()
            .filter_map(|property| match property.key {
                Key::Tail(index) => Some(index),
                _ => None,
            });
        let tail = tail.max().unwrap_or(0);
        tails = tails.max(tail);
        heads = heads.max(length.saturating_sub(tail) + usize::from(!has_rest));
    }
    (heads, tails)
}

/// A list pattern seen from lists of one length: elements counted from the end are elements counted from the start.
fn aligned(case: &Space, value: &Space) -> Space {
    let mut case = case.clone();
    if let Restriction::Arity(length, false) = value.restriction {
        for property in &mut case.properties {
            if let Key::Tail(index) = property.key {
                property.key = Key::Head(length.saturating_sub(index));
            }
        }
    }
    case
}
