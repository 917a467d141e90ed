//! What a class is a subtype of, and which members its instances answer to.
//!
//! Look-ups are cached in the world. They may be made as soon as supertypes are resolved and members declared; member
//! *types* may still be missing then.

use eyot_syntax::Symbol;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::{
    Access, ClassId, LibraryId, MemberFlags, MemberId, MemberKind, Owner, TypeParamId, World, known,
};
use crate::outline::scope::member_function_type;
use crate::sharded::SharedMap;
use crate::types::{Ty, TyKind};

/// Cache of instance member look-ups.
pub type MemberCache = SharedMap<(ClassId, Symbol, LibraryId), Access>;

impl World {
    /// Every proper superclass and superinterface of `class` with its arguments over `class`'s parameters.
    pub fn supers(&self, class: ClassId) -> &FxHashMap<ClassId, Box<[Ty]>> {
        if let Some(supers) = self.class(class).supers.get() {
            return supers;
        }
        let mut all = FxHashMap::default();
        let mut open = vec![class];
        self.collect_supers(class, &mut all, &mut open);
        self.class(class).supers.get_or_init(|| all)
    }

    fn collect_supers(
        &self,
        class: ClassId,
        all: &mut FxHashMap<ClassId, Box<[Ty]>>,
        open: &mut Vec<ClassId>,
    ) {
        for ty in self.direct_supertypes(class) {
            let TyKind::Interface {
                class: sup, args, ..
            } = self.types.kind(ty)
            else {
                continue;
            };
            // A cyclic hierarchy is reported elsewhere; here it must only end.
            if open.contains(sup) || *sup == class {
                continue;
            }
            all.entry(*sup).or_insert_with(|| args.clone());
            let params = self.class(*sup).type_params.clone();
            let deeper = match self.class(*sup).supers.get() {
                Some(deeper) => deeper.clone(),
                None => {
                    open.push(*sup);
                    let mut deeper = FxHashMap::default();
                    stacker::maybe_grow(32 * 1024, 512 * 1024, || {
                        self.collect_supers(*sup, &mut deeper, open);
                    });
                    open.pop();
                    deeper
                }
            };
            for (&farther, farther_args) in &deeper {
                if farther == class || all.contains_key(&farther) {
                    continue;
                }
                let mapped = farther_args
                    .iter()
                    .map(|&arg| self.subst(arg, &params, args))
                    .collect();
                all.insert(farther, mapped);
            }
        }
    }

    /// Substitution that tolerates a wrong number of arguments (after an error): missing ones are `dynamic`.
    pub fn subst(&self, ty: Ty, params: &[TypeParamId], args: &[Ty]) -> Ty {
        if params.len() == args.len() {
            return self.types.substitute(ty, params, args);
        }
        let padded: Vec<Ty> = (0..params.len())
            .map(|i| args.get(i).copied().unwrap_or(Ty::DYNAMIC))
            .collect();
        self.types.substitute(ty, params, &padded)
    }

    /// Superclass, mixin, `implements` and `on` types of a class.
    pub fn direct_supertypes(&self, class: ClassId) -> impl Iterator<Item = Ty> + '_ {
        let class = self.class(class);
        class
            .supertype
            .iter()
            .chain(class.mixin.iter())
            .chain(class.on.iter())
            .chain(class.interfaces.iter())
            .copied()
    }

    /// Whether `class` is `ancestor` or a subtype of it.
    pub fn is_subclass(&self, class: ClassId, ancestor: ClassId) -> bool {
        class == ancestor || self.supers(class).contains_key(&ancestor)
    }

    /// The arguments of `ty` seen as an instance of `class`: of its bound for a type parameter, ignoring `?`.
    pub fn as_instance_of(&self, ty: Ty, class: ClassId) -> Option<Box<[Ty]>> {
        match self.types.kind(self.resolve_bound(ty)) {
            TyKind::Interface {
                class: own, args, ..
            } => {
                if *own == class {
                    return Some(args.clone());
                }
                let sup = self.supers(*own).get(&class)?;
                let params = &self.class(*own).type_params;
                Some(
                    sup.iter()
                        .map(|&arg| self.subst(arg, params, args))
                        .collect(),
                )
            }
            _ => None,
        }
    }

    /// The type behind type parameters: the promoted or declared bound, transitively.
    pub fn resolve_bound(&self, ty: Ty) -> Ty {
        let mut ty = ty;
        // Bounds may be cyclic after an error.
        for _ in 0..100 {
            match self.types.kind(ty) {
                TyKind::Param {
                    param,
                    promoted,
                    nullable,
                } => {
                    let bound = promoted.unwrap_or_else(|| self.bound(*param));
                    ty = if *nullable {
                        self.types.nullable(bound)
                    } else {
                        bound
                    };
                }
                _ => return ty,
            }
        }
        Ty::OBJECT_N
    }

    /// The members with this name in the interface of `class`, as seen from `library` (private names are its own).
    /// Where several superinterfaces have one, the one of the most derived class that was found first wins unless another's
    /// declaring class is a subtype of its class.
    pub fn instance_members(&self, class: ClassId, name: Symbol, library: LibraryId) -> Access {
        let library = if is_private(name) {
            library
        } else {
            LibraryId(u32::MAX)
        };
        let key = (class, name, library);
        if let Some(found) = self.member_cache.get(&key) {
            return found;
        }
        // Chains of a thousand classes are legal, and the question goes up the whole chain.
        let found = stacker::maybe_grow(32 * 1024, 512 * 1024, || {
            self.find_instance(class, name, library)
        });
        self.member_cache.insert(key, found);
        found
    }

    fn find_instance(&self, class: ClassId, name: Symbol, library: LibraryId) -> Access {
        let mut found = self.own_instance(class, name, library);
        if self.is_extension_type(class) {
            return self.find_in_extension_type(class, found, name, library);
        }
        if found.get.is_some() && found.set.is_some() {
            return found;
        }
        let (own_get, own_set) = (found.get.is_some(), found.set.is_some());
        let mut rest: Vec<ClassId> = Vec::new();
        let data = self.class(class);
        // A mixin's members come before those of the superclass it is applied to.
        for ty in data
            .mixin
            .iter()
            .chain(&data.supertype)
            .chain(&data.on)
            .chain(&data.interfaces)
        {
            if let TyKind::Interface { class: sup, .. } = self.types.kind(*ty)
                && !rest.contains(sup)
            {
                rest.push(*sup);
            }
        }
        for sup in rest {
            // Through the cache: in a lattice of interfaces a class is reached on many ways. The outline has cut circles.
            let inherited = self.instance_members(sup, name, library);
            if !own_get {
                found.get = self.more_specific(class, found.get, inherited.get, false);
            }
            if !own_set {
                found.set = self.more_specific(class, found.set, inherited.set, true);
            }
        }
        found
    }

    /// The members of an extension type. What it declares hides what its superinterfaces have under the name: a method hides
    /// setters too, and a setter methods. It has the members of Object in any case.
    fn find_in_extension_type(
        &self,
        class: ClassId,
        own: Access,
        name: Symbol,
        library: LibraryId,
    ) -> Access {
        let mut inherited = Access::default();
        for ty in self.direct_supertypes(class) {
            let Some(sup) = self.class_of(ty) else {
                continue;
            };
            let found = self.instance_members(sup, name, library);
            inherited.get = self.more_specific(class, inherited.get, found.get, false);
            inherited.set = self.more_specific(class, inherited.set, found.set, true);
        }
        if own == Access::default() && inherited == Access::default() {
            return self.instance_members(known::OBJECT, name, library);
        }
        let is_method = |id: MemberId| self.member(id).kind == MemberKind::Method;
        let hides_setters = own.get.is_some_and(is_method);
        let hides_methods = own.set.is_some();
        Access {
            get: own
                .get
                .or(inherited.get.filter(|&id| !hides_methods || !is_method(id))),
            set: own.set.or(inherited.set.filter(|_| !hides_setters)),
        }
    }

    /// Of two inherited members the one that overrides the other or, where none does, whose signature satisfies the other's.
    fn more_specific(
        &self,
        class: ClassId,
        first: Option<MemberId>,
        second: Option<MemberId>,
        is_setter: bool,
    ) -> Option<MemberId> {
        let (Some(a), Some(b)) = (first, second) else {
            return first.or(second);
        };
        if a == b {
            return first;
        }
        match (self.member(a).owner, self.member(b).owner) {
            (Owner::Class(owner_a), Owner::Class(owner_b))
                if owner_a != owner_b && self.is_subclass(owner_b, owner_a) =>
            {
                second
            }
            (Owner::Class(owner_a), Owner::Class(owner_b))
                if self.signatures_known && !self.is_subclass(owner_a, owner_b) =>
            {
                let this = self.this_type(class);
                let seen = |id: MemberId, owner: ClassId| {
                    let is_open = self.member(id).kind == MemberKind::Field
                        && self.member(id).ty.get().is_none();
                    // Asking for a type that is being inferred would be a circle.
                    let ty = if is_open {
                        Ty::ERROR
                    } else {
                        member_function_type(self, id)
                    };
                    self.as_seen_from(ty, owner, this)
                };
                let (one, other) = (seen(a, owner_a), seen(b, owner_b));
                let (one, other) = if is_setter {
                    (other, one)
                } else {
                    (one, other)
                };
                if !self.is_subtype(one, other) && self.is_subtype(other, one) {
                    second
                } else {
                    first
                }
            }
            _ => first,
        }
    }

    fn own_instance(&self, class: ClassId, name: Symbol, library: LibraryId) -> Access {
        let access = self
            .class(class)
            .instance
            .get(&name)
            .copied()
            .unwrap_or_default();
        if library == LibraryId(u32::MAX) {
            return access;
        }
        let visible = |member: &MemberId| self.member(*member).library == library;
        Access {
            get: access.get.filter(visible),
            set: access.set.filter(visible),
        }
    }

    /// The concrete members with this name that an instance of `class` runs: superclass chain and mixins only,
    /// abstract ones skipped. For `super.x` ask on the superclass.
    pub fn concrete_members(&self, class: ClassId, name: Symbol, library: LibraryId) -> Access {
        let library = if is_private(name) {
            library
        } else {
            LibraryId(u32::MAX)
        };
        let mut found = Access::default();
        let mut next = Some(class);
        let mut steps = 0;
        while let Some(class) = next {
            let data = self.class(class);
            for holder in [Some(class), data.mixin.and_then(|ty| self.class_of(ty))]
                .into_iter()
                .flatten()
            {
                let own = self.own_instance(holder, name, library);
                let concrete = |member: &MemberId| {
                    !self
                        .member(*member)
                        .flags
                        .contains(crate::model::MemberFlags::ABSTRACT)
                };
                found.get = found.get.or(own.get.filter(concrete));
                found.set = found.set.or(own.set.filter(concrete));
            }
            steps += 1;
            if (found.get.is_some() && found.set.is_some()) || steps > 100_000 {
                break;
            }
            next = data.supertype.and_then(|ty| self.class_of(ty));
        }
        found
    }

    /// The private names under which some class of a library has anything but final fields: no field of such a name keeps what
    /// was learnt about it.
    pub(crate) fn conflicting_fields(&self, library: LibraryId) -> &FxHashSet<Symbol> {
        let library = self.library(library);
        library.conflicting.get_or_init(|| {
            let classes = library.classes.iter().copied();
            let classes = classes.filter(|&class| !self.is_extension_type(class));
            let members = classes.flat_map(|class| &self.class(class).instance);
            members
                .filter(|(name, access)| {
                    is_private(**name) && access.get.is_some_and(|get| self.is_no_final_field(get))
                })
                .map(|(&name, _)| name)
                .collect()
        })
    }

    fn is_no_final_field(&self, member: MemberId) -> bool {
        let member = self.member(member);
        match member.kind {
            MemberKind::Field => {
                !member.flags.contains(MemberFlags::FINAL)
                    || member.flags.contains(MemberFlags::EXTERNAL)
            }
            MemberKind::Getter => !member.flags.contains(MemberFlags::ABSTRACT),
            _ => false,
        }
    }

    /// The class of an interface type.
    pub fn class_of(&self, ty: Ty) -> Option<ClassId> {
        match self.types.kind(ty) {
            TyKind::Interface { class, .. } => Some(*class),
            _ => None,
        }
    }

    /// `ty`, a type in the declaration of a member of class `owner`, as seen on a receiver of type `receiver`.
    pub fn as_seen_from(&self, ty: Ty, owner: ClassId, receiver: Ty) -> Ty {
        let params = &self.class(owner).type_params;
        if params.is_empty() {
            return ty;
        }
        match self.as_instance_of(receiver, owner) {
            Some(args) => self.subst(ty, params, &args),
            None => self.subst(ty, params, &vec![Ty::DYNAMIC; params.len()]),
        }
    }
}

/// Whether a name is private to its library.
pub fn is_private(name: Symbol) -> bool {
    name.as_str().starts_with('_')
}

/// A member's name as it is told apart at run time: private names carry their library.
pub fn distinct_name(name: Symbol, library: LibraryId) -> Symbol {
    match is_private(name) {
        true => Symbol::intern(&format!("{name}@{}", library.0)),
        false => name,
    }
}
