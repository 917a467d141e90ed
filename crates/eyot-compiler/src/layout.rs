//! How classes are laid out: type argument vectors, fields, supertypes, member tables.
//!
//! A class's *full vector* is its superclass's full vector followed by its own type parameters, so a member finds its class's
//! arguments at the same place in instances of every subclass. Parameters that the class passes on to its superclass as they are,
//! so that they stand at the end of that vector already, are not repeated: `class MyList<E> extends ListBase<E>` has a vector of
//! one. So a class's own arguments are always the end of its vector.

use eyot_bytecode::module as bc;
use eyot_semantics::model::{
    ClassId, ClassKind, Member, MemberFlags, MemberId, MemberKind, Owner, World, known,
};
use eyot_semantics::types::{Ty, TyKind};
use eyot_syntax::sym;

use crate::tables::{Forwarder, Role, Tables, TypeEnv, is_mixin, rep_of};

/// Where a class's own type arguments start in its full vector.
pub fn inherited_len(world: &World, class: ClassId) -> u16 {
    vector_len(world, class) - world.class(class).type_params.len() as u16
}

/// Length of a class's full vector.
pub fn vector_len(world: &World, class: ClassId) -> u16 {
    // From the top down: a chain of classes may be long.
    let mut unknown = Vec::new();
    let mut next = Some(class);
    while let Some(class) = next.filter(|&class| world.class(class).vector_len.get().is_none()) {
        unknown.push(class);
        next = superclass(world, class);
    }
    for class in unknown.into_iter().rev() {
        let known = |sup| world.class(sup).vector_len.get().copied();
        let inherited = superclass(world, class).and_then(known).unwrap_or(0);
        let own = world.class(class).type_params.len();
        let len = inherited + (own - overlap(world, class)) as u16;
        let _ = world.class(class).vector_len.set(len);
    }
    world.class(class).vector_len.get().copied().unwrap_or(0)
}

/// How many of the class's own parameters stand at the end of the superclass's vector already.
fn overlap(world: &World, class: ClassId) -> usize {
    let params = &world.class(class).type_params;
    if params.is_empty() {
        return 0;
    }
    let own: Vec<Ty> = params.iter().map(|&p| world.types.param(p)).collect();
    let inherited = super_vector(world, class, &own);
    let most = own.len().min(inherited.len());
    (0..=most)
        .rev()
        .find(|&count| inherited[inherited.len() - count..] == own[..count])
        .unwrap_or(0)
}

/// The full vector of the superclass of a class with these arguments.
fn super_vector(world: &World, class: ClassId, args: &[Ty]) -> Vec<Ty> {
    let data = world.class(class);
    match data.supertype.map(|ty| world.types.kind(ty)) {
        Some(TyKind::Interface {
            class: sup,
            args: sup_args,
            ..
        }) => {
            let sup_args: Vec<Ty> = sup_args
                .iter()
                .map(|&arg| world.subst(arg, &data.type_params, args))
                .collect();
            full_vector(world, *sup, &sup_args)
        }
        _ => Vec::new(),
    }
}

/// The superclass of a class.
pub fn superclass(world: &World, class: ClassId) -> Option<ClassId> {
    world
        .class(class)
        .supertype
        .and_then(|ty| world.class_of(ty))
}

/// The full vector of a class with these arguments of its own.
pub fn full_vector(world: &World, class: ClassId, args: &[Ty]) -> Vec<Ty> {
    let mut vector = super_vector(world, class, args);
    let own = world.class(class).type_params.len();
    let rest = overlap(world, class)..own;
    vector.extend(rest.map(|i| args.get(i).copied().unwrap_or(Ty::DYNAMIC)));
    vector
}

/// Whether nothing ever writes to an instance once it is made: all its fields are final, and none is late. The runtime shares such
/// instances between isolates if their class is marked, so the mark alone does not do.
fn never_changes(world: &World, class: ClassId) -> bool {
    let mut chain = std::iter::successors(Some(class), |&class| superclass(world, class));
    chain.all(|class| {
        own_fields(world, class).into_iter().all(|field| {
            let flags = world.member(field).flags;
            flags.contains(MemberFlags::FINAL) && !flags.contains(MemberFlags::LATE)
        })
    })
}

/// The instance fields a class adds, in slot order: for a mixin application the mixin's.
pub fn own_fields(world: &World, class: ClassId) -> Vec<MemberId> {
    let data = world.class(class);
    let holder = match data.mixin.and_then(|ty| world.class_of(ty)) {
        Some(mixin) => mixin,
        None => class,
    };
    let is_field = |&member: &MemberId| is_instance_field(world.member(member));
    world
        .class(holder)
        .members
        .iter()
        .copied()
        .filter(is_field)
        .collect()
}

/// Whether a member is a variable with a slot in instances.
pub fn is_instance_field(member: &Member) -> bool {
    member.kind == MemberKind::Field
        && !member
            .flags
            .intersects(MemberFlags::STATIC | MemberFlags::ABSTRACT | MemberFlags::EXTERNAL)
}

/// How a field is stored: late ones are tagged, since they need a mark.
pub fn field_rep(world: &World, field: MemberId) -> bc::Rep {
    let data = world.member(field);
    if data.flags.contains(MemberFlags::LATE) {
        bc::Rep::Tagged
    } else {
        rep_of(world.ty(field))
    }
}

/// Where instances of a class keep things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Word of the type argument vector, or 0.
    pub targs_word: u16,
    /// All words, header included.
    pub words: u16,
    /// Words of the fields this class adds, by member (for an application: the mixin's members).
    pub fields: Vec<(MemberId, u16)>,
    /// One bit a word.
    pub ref_map: Vec<u64>,
}

/// The layout of a class's instances.
pub fn layout(world: &World, class: ClassId) -> Layout {
    let mut layout = match superclass(world, class) {
        Some(sup) => self::layout(world, sup),
        None => Layout {
            targs_word: 0,
            words: 1,
            fields: Vec::new(),
            ref_map: vec![0],
        },
    };
    layout.fields.clear();
    if layout.targs_word == 0 && vector_len(world, class) > 0 {
        layout.targs_word = layout.words;
        layout.words += 1;
    }
    for field in own_fields(world, class) {
        let word = layout.words;
        layout.words += 1;
        layout.fields.push((field, word));
        if field_rep(world, field) == bc::Rep::Tagged {
            let index = usize::from(word / 64);
            if layout.ref_map.len() <= index {
                layout.ref_map.resize(index + 1, 0);
            }
            layout.ref_map[index] |= 1 << (word % 64);
        }
    }
    layout
        .ref_map
        .resize(usize::from(layout.words).div_ceil(64), 0);
    layout
}

/// The word of a field in instances of the class that declares it. None for fields of mixins, which have no fixed place.
pub fn field_word(world: &World, field: MemberId) -> Option<u16> {
    let Owner::Class(class) = world.member(field).owner else {
        return None;
    };
    if is_mixin(world, class) {
        return None;
    }
    layout(world, class)
        .fields
        .iter()
        .find(|(member, _)| *member == field)
        .map(|&(_, word)| word)
}

/// Whether writing the field from outside needs a check: its type depends on the class's parameters, or it is `covariant`.
pub fn write_needs_check(world: &World, field: MemberId) -> bool {
    let data = world.member(field);
    let Owner::Class(class) = data.owner else {
        return false;
    };
    data.flags
        .intersects(MemberFlags::COVARIANT | MemberFlags::CHECKED)
        || world.mentions_at(world.ty(field), &world.class(class).type_params, true)
}

/// Whether the field can be written through its setter.
pub fn has_setter(member: &Member) -> bool {
    let is_final = member
        .flags
        .intersects(MemberFlags::FINAL | MemberFlags::CONST);
    let late_final = member.flags.contains(MemberFlags::LATE)
        && !member.flags.contains(MemberFlags::HAS_INITIALIZER);
    !is_final || late_final
}

fn forwarder_of(class: ClassId, member: MemberId, is_setter: bool) -> Forwarder {
    Forwarder {
        class,
        member,
        is_setter,
    }
}

/// The name of the hidden accessors with which a mixin's members reach the storage of a late or checked field of the mixin.
pub const STORAGE_PREFIX: &str = ":storage:";

impl Tables<'_> {
    /// The image's description of a class.
    pub fn class(&mut self, id: ClassId) -> bc::Class {
        let world = self.world;
        let data = world.class(id);
        let env = TypeEnv::of_class(world, id);
        let name = self.string(data.name.as_str());
        let library = self.string(&world.library(data.library).uri.clone());
        let layout = layout(world, id);
        let sup_vector = superclass(world, id).map(|_| {
            let own: Vec<Ty> = data
                .type_params
                .iter()
                .map(|&p| world.types.param(p))
                .collect();
            super_vector(world, id, &own)
        });
        let super_targs = sup_vector
            .filter(|vector| !vector.is_empty())
            .map(|vector| self.targs(&vector, &env));
        let fields = layout
            .fields
            .iter()
            .map(|&(field, _)| bc::Field {
                name: self.string(world.member(field).name.as_str()),
                rep: field_rep(world, field),
            })
            .collect();
        bc::Class {
            name,
            library,
            flags: self.class_flags(id),
            superclass: superclass(world, id).map(|sup| bc::ClassId(sup.0)),
            mixin: data
                .mixin
                .and_then(|ty| world.class_of(ty))
                .map(|mixin| bc::ClassId(mixin.0)),
            type_params: data.type_params.len() as u16,
            targs_len: vector_len(world, id),
            super_targs,
            supertypes: self.supertypes(id, &env),
            fields,
            targs_word: layout.targs_word,
            words: layout.words,
            ref_map: layout.ref_map.clone(),
            members: self.members(id, &layout),
        }
    }

    fn supertypes(&mut self, id: ClassId, env: &TypeEnv) -> Vec<(bc::ClassId, Vec<bc::TypeId>)> {
        let mut supers: Vec<_> = self.world.supers(id).iter().collect();
        supers.sort_by_key(|(class, _)| **class);
        supers
            .into_iter()
            .map(|(class, args)| {
                let args = args.iter().map(|&arg| self.ty(arg, env)).collect();
                (bc::ClassId(class.0), args)
            })
            .collect()
    }

    fn class_flags(&self, id: ClassId) -> bc::ClassFlags {
        let world = self.world;
        let data = world.class(id);
        let mut flags = bc::ClassFlags::empty();
        flags.set(bc::ClassFlags::ABSTRACT, data.is_abstract);
        flags.set(bc::ClassFlags::MIXIN, is_mixin(world, id));
        flags.set(bc::ClassFlags::APPLICATION, data.mixin.is_some());
        flags.set(bc::ClassFlags::ENUM, data.kind == ClassKind::Enum);
        let has = |text: &str| data.pragmas.iter().any(|pragma| pragma.as_str() == text);
        flags.set(
            bc::ClassFlags::DEEPLY_IMMUTABLE,
            has("vm:deeply-immutable") && never_changes(world, id),
        );
        flags.set(bc::ClassFlags::UNSENDABLE, has("vm:isolate-unsendable"));
        let overrides = |name| {
            let found = world.concrete_members(id, name, data.library).get;
            found.is_some_and(|member| world.member(member).owner != Owner::Class(known::OBJECT))
        };
        flags.set(
            bc::ClassFlags::CUSTOM_EQUALITY,
            overrides(sym::EQUALS) || overrides(sym::HASH_CODE),
        );
        flags.set(bc::ClassFlags::HAS_NSM, overrides(sym::NO_SUCH_METHOD));
        flags
    }

    /// What instances answer to, as far as this class declares it: ascending by selector.
    fn members(&mut self, id: ClassId, layout: &Layout) -> Vec<(bc::Selector, bc::Target)> {
        let world = self.world;
        let data = world.class(id);
        let holder = data.mixin.and_then(|ty| world.class_of(ty)).unwrap_or(id);
        let mut members = Vec::new();
        for &member in &world.class(holder).members {
            let declared = world.member(member);
            let is_instance = !declared
                .flags
                .intersects(MemberFlags::STATIC | MemberFlags::ABSTRACT);
            let kind = match declared.kind {
                MemberKind::Method => bc::SelectorKind::Method,
                MemberKind::Getter => bc::SelectorKind::Getter,
                MemberKind::Setter => bc::SelectorKind::Setter,
                MemberKind::Field if is_instance => {
                    self.field_members(member, layout, &mut members);
                    continue;
                }
                _ => continue,
            };
            if is_instance {
                let selector = self.selector(declared.name, declared.library, kind);
                members.push((selector, bc::Target::Function(self.function(member))));
            }
        }
        for (selector, forwarder) in self.missing_members(id) {
            let function = self.forwarder(forwarder);
            members.push((selector, bc::Target::Function(function)));
        }
        members.sort_by_key(|(selector, _)| *selector);
        members
    }

    /// What the class's `noSuchMethod` must answer for.
    fn missing_members(&mut self, class: ClassId) -> Vec<(bc::Selector, Forwarder)> {
        let world = self.world;
        if world.class(class).is_abstract || !self.has_no_such_method(class) {
            return Vec::new();
        }
        let mut names: Vec<_> = world
            .supers(class)
            .keys()
            .chain([&class])
            .flat_map(|&sup| world.class(sup).instance.values())
            .flat_map(|access| [access.get, access.set])
            .flatten()
            .map(|member| (world.member(member).name, world.member(member).library))
            .collect();
        names.sort_by_key(|&(name, library)| (name.as_str(), library));
        names.dedup();
        let mut missing = Vec::new();
        for (name, library) in names {
            let wanted = world.instance_members(class, name, library);
            let found = world.concrete_members(class, name, library);
            if let (Some(member), None) = (wanted.get, found.get) {
                let kind = match world.member(member).kind {
                    MemberKind::Method => bc::SelectorKind::Method,
                    _ => bc::SelectorKind::Getter,
                };
                let selector = self.selector(name, library, kind);
                missing.push((selector, forwarder_of(class, member, false)));
            }
            if let (Some(member), None) = (wanted.set, found.set) {
                let selector = self.selector(name, library, bc::SelectorKind::Setter);
                missing.push((selector, forwarder_of(class, member, true)));
            }
        }
        missing.sort();
        missing.dedup_by_key(|(selector, _)| *selector);
        missing
    }

    fn has_no_such_method(&self, class: ClassId) -> bool {
        let library = self.world.class(class).library;
        let found = self
            .world
            .concrete_members(class, sym::NO_SUCH_METHOD, library);
        found
            .get
            .is_some_and(|member| self.world.member(member).owner != Owner::Class(known::OBJECT))
    }

    /// The implicit accessors of a field.
    fn field_members(
        &mut self,
        field: MemberId,
        layout: &Layout,
        members: &mut Vec<(bc::Selector, bc::Target)>,
    ) {
        let world = self.world;
        let declared = world.member(field);
        let Some(&(_, word)) = layout.fields.iter().find(|(member, _)| *member == field) else {
            // A mixin itself has no instances; its application lists the field.
            return;
        };
        let rep = field_rep(world, field);
        let is_late = declared.flags.contains(MemberFlags::LATE);
        let get = if is_late {
            bc::Target::Function(self.role(field, Role::LateGetter).0)
        } else {
            bc::Target::FieldGet(word, rep)
        };
        members.push((
            self.selector(declared.name, declared.library, bc::SelectorKind::Getter),
            get,
        ));
        if has_setter(declared) {
            let late_final = is_late && declared.flags.contains(MemberFlags::FINAL);
            let set = if late_final
                || write_needs_check(world, field)
                || (is_late && rep_of(world.ty(field)) != rep)
            {
                bc::Target::Function(self.role(field, Role::FieldSetter).0)
            } else {
                bc::Target::FieldSet(word, rep)
            };
            members.push((
                self.selector(declared.name, declared.library, bc::SelectorKind::Setter),
                set,
            ));
        }
        let Owner::Class(owner) = declared.owner else {
            return;
        };
        if is_mixin(world, owner) {
            let storage = self.storage_name(field);
            let get = bc::Selector {
                name: storage,
                kind: bc::SelectorKind::Getter,
            };
            let set = bc::Selector {
                name: storage,
                kind: bc::SelectorKind::Setter,
            };
            members.push((get, bc::Target::FieldGet(word, rep)));
            members.push((set, bc::Target::FieldSet(word, rep)));
        }
    }

    /// The hidden name of a mixin field's storage.
    pub fn storage_name(&mut self, field: MemberId) -> bc::StrId {
        let declared = self.world.member(field);
        let class = match declared.owner {
            Owner::Class(class) => class.0,
            _ => u32::MAX,
        };
        self.string(&format!("{STORAGE_PREFIX}{class}:{}", declared.name))
    }
}
