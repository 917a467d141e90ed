//! The tables of the module being made: strings, types, shapes, constants, statics, and which function is whose.
//!
//! Numbering is fixed by the world, so that a program can name the core's items without asking for them:
//!
//! | id | is |
//! | --- | --- |
//! | class | the world's `ClassId` |
//! | constant of the core | the world's `ConstId` |
//! | constant of a program | its place among those that the code mentions |
//! | function below the number of members | the main function of that member: body, accessor, constructor, or the initialiser of a field |
//! | function behind the members | closures, wrappers and accessors made by the compiler, in the order they were made |
//!
//! What a program needs to know of the core beyond the world is in [`CoreLinks`](crate::CoreLinks).

use std::sync::Arc;

use eyot_bytecode::module as bc;
use eyot_semantics::hierarchy::distinct_name;
use eyot_semantics::model::{
    self, ClassId, LibraryId, MemberFlags, MemberId, MemberKind, Owner, TypeParamId, World,
};
use eyot_semantics::program::{ConstId, ConstValue};
use eyot_semantics::types::{FunctionTy, Ty, TyKind};
use eyot_syntax::Symbol;
use eyot_syntax::ast::StringText;
use rustc_hash::FxHashMap;

use crate::CoreLinks;

/// A second function of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Reads a late field: initialises or throws.
    LateGetter,
    /// Writes a field that needs a check, or a late final one.
    FieldSetter,
    /// The closure a static function or constructor is torn off as.
    TearOff,
    /// The closure of `super.method`, with the receiver captured.
    BoundTearOff,
}

/// What stands in a class with a `noSuchMethod` of its own for a member of its interface that it does not implement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Forwarder {
    /// The class.
    pub class: ClassId,
    /// The interface's member.
    pub member: MemberId,
    /// Of a variable: the setter.
    pub is_setter: bool,
}

/// Which type parameters stand at which place of the class vector and the function vector.
#[derive(Clone, Debug, Default)]
pub struct TypeEnv {
    class: FxHashMap<TypeParamId, u16>,
    function: Vec<TypeParamId>,
}

impl TypeEnv {
    /// Inside instance members of a class: its parameters stand behind the superclass's in the class vector. In a mixin they are the
    /// vector (see `targs.as`).
    pub fn of_class(world: &World, class: ClassId) -> TypeEnv {
        let offset = if is_mixin(world, class) {
            0
        } else {
            crate::layout::inherited_len(world, class)
        };
        let params = &world.class(class).type_params;
        TypeEnv {
            class: params
                .iter()
                .enumerate()
                .map(|(i, &p)| (p, offset + i as u16))
                .collect(),
            function: Vec::new(),
        }
    }

    /// Inside a member: its class's environment and its own type parameters.
    pub fn of_member(world: &World, member: MemberId) -> TypeEnv {
        let data = world.member(member);
        let is_factory = matches!(
            data.kind,
            MemberKind::Factory | MemberKind::RedirectingFactory
        );
        let mut env = match data.owner {
            Owner::Class(class)
                if is_factory
                    || !data.flags.contains(MemberFlags::STATIC)
                    || is_generative(data) =>
            {
                if is_factory {
                    TypeEnv::default()
                } else {
                    TypeEnv::of_class(world, class)
                }
            }
            _ => TypeEnv::default(),
        };
        env.push(&function_params(world, member));
        env
    }

    /// Adds the type parameters of a function inside the ones there are.
    pub fn push(&mut self, params: &[TypeParamId]) {
        self.function.extend_from_slice(params);
    }

    /// Length of the function vector.
    pub fn function_len(&self) -> u16 {
        self.function.len() as u16
    }

    /// Whether types here may refer to the class vector.
    pub fn has_class_params(&self) -> bool {
        !self.class.is_empty()
    }

    fn find(&self, param: TypeParamId) -> Option<bc::Type> {
        if let Some(index) = self.function.iter().rposition(|&p| p == param) {
            return Some(bc::Type::FunctionParam(index as u16));
        }
        self.class
            .get(&param)
            .map(|&index| bc::Type::ClassParam(index))
    }
}

fn is_generative(data: &model::Member) -> bool {
    data.kind == MemberKind::Constructor
}

/// The type parameters that arrive as a member's function vector: a factory's are its class's, an extension member's are the
/// extension's and then its own.
pub fn function_params(world: &World, member: MemberId) -> Vec<TypeParamId> {
    let data = world.member(member);
    match (data.kind, data.owner) {
        (MemberKind::Factory | MemberKind::RedirectingFactory, Owner::Class(class)) => {
            world.class(class).type_params.clone()
        }
        (_, Owner::Extension(extension)) if !data.flags.contains(MemberFlags::STATIC) => {
            let mut params = world.extension(extension).type_params.clone();
            params.extend_from_slice(&data.type_params);
            params
        }
        _ => data.type_params.clone(),
    }
}

/// Whether members of the class are compiled for any class they may be mixed into.
pub fn is_mixin(world: &World, class: ClassId) -> bool {
    matches!(
        world.class(class).kind,
        model::ClassKind::Mixin | model::ClassKind::MixinClass
    )
}

/// How values of a static type travel.
pub fn rep_of(ty: Ty) -> bc::Rep {
    match ty {
        Ty::INT => bc::Rep::Int,
        Ty::DOUBLE => bc::Rep::Double,
        Ty::BOOL => bc::Rep::Bool,
        _ => bc::Rep::Tagged,
    }
}

/// The tables under construction.
pub struct Tables<'w> {
    /// The program.
    pub world: &'w World,
    /// What is made.
    pub module: bc::Module,
    core: Option<&'w CoreLinks>,
    // What is not of the core, each:
    strings: FxHashMap<Arc<str>, bc::StrId>,
    types: FxHashMap<bc::Type, bc::TypeId>,
    targs: FxHashMap<Vec<bc::TypeId>, bc::TargsId>,
    shapes: FxHashMap<bc::Shape, bc::ShapeId>,
    record_shapes: FxHashMap<bc::RecordShape, bc::RecordShapeId>,
    roles: FxHashMap<(MemberId, Role), bc::FunctionId>,
    forwarders: Vec<(Forwarder, bc::FunctionId)>,
    statics: FxHashMap<MemberId, (bc::StaticId, bool)>,
    const_ids: FxHashMap<ConstId, bc::ConstId>,
    /// The constants of this module by number, if it is no core: those of a core have the world's numbers.
    const_order: Vec<ConstId>,
    sources: FxHashMap<model::FileId, bc::SourceId>,
    /// Functions behind the members, in order.
    made: Vec<Option<bc::Function>>,
    /// First member of this module.
    first_member: u32,
}

impl<'w> Tables<'w> {
    /// Empty tables: of the core, or of a program on it.
    pub fn new(world: &'w World, core: Option<&'w CoreLinks>) -> Tables<'w> {
        let base = core.map(|core| core.base).unwrap_or_default();
        let first_member = core.map_or(0, |core| core.members);
        Tables {
            world,
            module: bc::Module {
                base,
                ..bc::Module::default()
            },
            core,
            strings: FxHashMap::default(),
            types: FxHashMap::default(),
            targs: FxHashMap::default(),
            shapes: FxHashMap::default(),
            record_shapes: FxHashMap::default(),
            roles: FxHashMap::default(),
            forwarders: Vec::new(),
            statics: FxHashMap::default(),
            const_ids: FxHashMap::default(),
            const_order: Vec::new(),
            sources: FxHashMap::default(),
            made: Vec::new(),
            first_member,
        }
    }

    // ---- strings and names

    /// A string's id.
    pub fn string(&mut self, text: &str) -> bc::StrId {
        if let Some(&id) = self.strings.get(text) {
            return id;
        }
        if let Some(id) = self.core.and_then(|core| core.string(text)) {
            return id;
        }
        let text: Arc<str> = text.into();
        let id = bc::StrId(self.module.base.strings + self.module.strings.len() as u32);
        self.module.strings.push(text.clone());
        self.strings.insert(text, id);
        id
    }

    /// The string of a member name as selectors have it: private names carry their library.
    pub fn name(&mut self, name: Symbol, library: LibraryId) -> bc::StrId {
        self.string(distinct_name(name, library).as_str())
    }

    /// A selector of a member.
    pub fn selector(
        &mut self,
        name: Symbol,
        library: LibraryId,
        kind: bc::SelectorKind,
    ) -> bc::Selector {
        bc::Selector {
            name: self.name(name, library),
            kind,
        }
    }

    // ---- types

    /// The template of a type.
    pub fn ty(&mut self, ty: Ty, env: &TypeEnv) -> bc::TypeId {
        self.ty_in(ty, env, &mut Vec::new())
    }

    /// The template of a type argument vector.
    pub fn targs(&mut self, types: &[Ty], env: &TypeEnv) -> bc::TargsId {
        let types: Vec<bc::TypeId> = types.iter().map(|&ty| self.ty(ty, env)).collect();
        self.targs_of(types)
    }

    /// The id of a vector of templates.
    pub fn targs_of(&mut self, types: Vec<bc::TypeId>) -> bc::TargsId {
        if let Some(&id) = self.targs.get(&types) {
            return id;
        }
        let id = bc::TargsId(self.module.base.targs + self.module.targs.len() as u32);
        self.module.targs.push(types.clone());
        self.targs.insert(types, id);
        id
    }

    /// Whether a type mentions a parameter of the environment (its template must be instantiated at run time).
    pub fn is_open(&self, ty: Ty, env: &TypeEnv) -> bool {
        let mut open = false;
        self.world.types.map_params(ty, &mut |param| {
            open |= env.find(param).is_some();
            None
        });
        open
    }

    fn intern_type(&mut self, ty: bc::Type) -> bc::TypeId {
        if let Some(&id) = self.types.get(&ty) {
            return id;
        }
        let id = bc::TypeId(self.module.base.types + self.module.types.len() as u32);
        self.module.types.push(ty.clone());
        self.types.insert(ty, id);
        id
    }

    /// `bound` are the parameters of the generic function types around, innermost last.
    fn ty_in(&mut self, ty: Ty, env: &TypeEnv, bound: &mut Vec<Box<[TypeParamId]>>) -> bc::TypeId {
        let kind = self.world.types.kind(ty);
        let is_nullable = self.world.types.has_question(ty);
        let plain = match kind {
            TyKind::Dynamic | TyKind::Unknown | TyKind::Error => bc::Type::Dynamic,
            TyKind::Void => bc::Type::Void,
            TyKind::Never => bc::Type::Never,
            TyKind::Null => bc::Type::Null,
            TyKind::Interface { class, args, .. } => bc::Type::Interface {
                class: bc::ClassId(class.0),
                args: args
                    .iter()
                    .map(|&arg| self.ty_in(arg, env, bound))
                    .collect(),
            },
            TyKind::FutureOr { arg, .. } => bc::Type::FutureOr(self.ty_in(*arg, env, bound)),
            TyKind::Function { function, .. } => {
                bc::Type::Function(self.function_type(function, env, bound))
            }
            TyKind::Record {
                positional, named, ..
            } => bc::Type::Record {
                positional: positional
                    .iter()
                    .map(|&field| self.ty_in(field, env, bound))
                    .collect(),
                named: named
                    .iter()
                    .map(|&(name, field)| {
                        (self.string(name.as_str()), self.ty_in(field, env, bound))
                    })
                    .collect(),
            },
            TyKind::Param { param, .. } => self.param(*param, env, bound),
        };
        let id = self.intern_type(plain);
        if is_nullable {
            self.intern_type(bc::Type::Nullable(id))
        } else {
            id
        }
    }

    fn param(&self, param: TypeParamId, env: &TypeEnv, bound: &[Box<[TypeParamId]>]) -> bc::Type {
        for (depth, params) in bound.iter().rev().enumerate() {
            if let Some(index) = params.iter().position(|&p| p == param) {
                return bc::Type::BoundParam {
                    depth: depth as u16,
                    index: index as u16,
                };
            }
        }
        // A parameter that is not in scope is one whose value nobody can ask for.
        env.find(param).unwrap_or(bc::Type::Dynamic)
    }

    fn function_type(
        &mut self,
        function: &FunctionTy,
        env: &TypeEnv,
        bound: &mut Vec<Box<[TypeParamId]>>,
    ) -> bc::FunctionType {
        let is_generic = !function.type_params.is_empty();
        if is_generic {
            bound.push(function.type_params.clone());
        }
        let type_params = function
            .type_params
            .iter()
            .map(|&p| {
                let ty = self.world.bound(p);
                self.ty_in(ty, env, bound)
            })
            .collect();
        let positional = function
            .positional
            .iter()
            .map(|&p| self.ty_in(p, env, bound))
            .collect();
        let mut named: Vec<_> = function
            .named
            .iter()
            .map(|p| (p.name, p.ty, p.required))
            .collect();
        named.sort_by_key(|&(name, ..)| name.as_str());
        let named = named
            .into_iter()
            .map(|(name, ty, required)| {
                (
                    self.string(name.as_str()),
                    self.ty_in(ty, env, bound),
                    required,
                )
            })
            .collect();
        let result = self.ty_in(function.result, env, bound);
        if is_generic {
            bound.pop();
        }
        bc::FunctionType {
            type_params,
            positional,
            required: function.required as u16,
            named,
            result,
        }
    }

    // ---- shapes and caches

    /// A call form's id.
    pub fn shape(&mut self, shape: bc::Shape) -> bc::ShapeId {
        if let Some(&id) = self.shapes.get(&shape) {
            return id;
        }
        let id = bc::ShapeId(self.module.base.shapes + self.module.shapes.len() as u32);
        self.module.shapes.push(shape.clone());
        self.shapes.insert(shape, id);
        id
    }

    /// A record shape's id; `named` in any order.
    pub fn record_shape(&mut self, positional: usize, named: &[Symbol]) -> bc::RecordShapeId {
        let mut names: Vec<Symbol> = named.to_vec();
        names.sort_by_key(|name| name.as_str());
        let named = names
            .iter()
            .map(|name| self.string(name.as_str()))
            .collect();
        let shape = bc::RecordShape {
            positional: positional as u16,
            named,
        };
        if let Some(&id) = self.record_shapes.get(&shape) {
            return id;
        }
        let id = bc::RecordShapeId(
            self.module.base.record_shapes + self.module.record_shapes.len() as u32,
        );
        self.module.record_shapes.push(shape.clone());
        self.record_shapes.insert(shape, id);
        id
    }

    /// A fresh inline cache.
    pub fn cache(&mut self) -> u32 {
        let id = self.module.base.caches + self.module.caches;
        self.module.caches += 1;
        id
    }

    // ---- functions

    /// The main function of a member.
    pub fn function(&self, member: MemberId) -> bc::FunctionId {
        if member.0 < self.first_member {
            return bc::FunctionId(member.0);
        }
        bc::FunctionId(self.module.base.functions + (member.0 - self.first_member))
    }

    /// The member whose main functions come first in this module.
    pub fn first_member(&self) -> MemberId {
        MemberId(self.first_member)
    }

    /// Members of this module.
    pub fn own_members(&self) -> impl Iterator<Item = MemberId> + use<> {
        (self.first_member..self.world.members.len() as u32).map(MemberId)
    }

    /// Room for a function behind the members; [`Tables::define_made`] fills it.
    pub fn reserve_function(&mut self) -> bc::FunctionId {
        let own_members = self.world.members.len() as u32 - self.first_member;
        let id = bc::FunctionId(self.module.base.functions + own_members + self.made.len() as u32);
        self.made.push(None);
        id
    }

    /// Fills a reserved function.
    pub fn define_made(&mut self, id: bc::FunctionId, function: bc::Function) {
        let own_members = self.world.members.len() as u32 - self.first_member;
        let index = (id.0 - self.module.base.functions - own_members) as usize;
        self.made[index] = Some(function);
    }

    /// A member's second function: its id, and whether the caller must make it now.
    pub fn role(&mut self, member: MemberId, role: Role) -> (bc::FunctionId, bool) {
        let known = self.roles.get(&(member, role)).copied();
        if let Some(id) = known.or_else(|| self.core?.role(member, role)) {
            return (id, false);
        }
        let id = self.reserve_function();
        self.roles.insert((member, role), id);
        (id, true)
    }

    /// Reserves the function of a forwarder, for the table of its class.
    pub fn forwarder(&mut self, forwarder: Forwarder) -> bc::FunctionId {
        let id = self.reserve_function();
        self.forwarders.push((forwarder, id));
        id
    }

    /// The forwarders reserved so far, which the caller must make.
    pub fn take_forwarders(&mut self) -> Vec<(Forwarder, bc::FunctionId)> {
        std::mem::take(&mut self.forwarders)
    }

    /// Second functions of members that were asked for and are not made yet.
    pub fn undefined_roles(&self) -> Vec<(MemberId, Role, bc::FunctionId)> {
        let own_members = self.world.members.len() as u32 - self.first_member;
        let first = self.module.base.functions + own_members;
        let mut undefined: Vec<_> = self
            .roles
            .iter()
            .filter(|(_, id)| {
                let index = id.0.checked_sub(first);
                let made = index.and_then(|index| self.made.get(index as usize));
                matches!(made, Some(None))
            })
            .map(|(&(member, role), &id)| (member, role, id))
            .collect();
        undefined.sort_by_key(|&(.., id)| id);
        undefined
    }

    /// Reserves the functions that this module's constants refer to, from the one at `from`; answers how many there are.
    pub fn reserve_const_roles(&mut self, from: usize) -> usize {
        let end = self.const_count();
        for index in from..end {
            let value = self.world.consts.value(self.const_at(index));
            if let ConstValue::Function(member, _) | ConstValue::Constructor(member, _) = value {
                self.role(*member, Role::TearOff);
            }
        }
        end
    }

    /// Puts the functions together: those of members, which the caller gives in order, then the made ones.
    pub fn finish_functions(&mut self, members: Vec<bc::Function>) {
        let mut functions = members;
        for (index, made) in std::mem::take(&mut self.made).into_iter().enumerate() {
            debug_assert!(
                made.is_some(),
                "made function {index} was reserved and not defined"
            );
            functions.extend(made);
        }
        self.module.functions = functions;
    }

    // ---- statics

    /// A static or top-level variable that is not a constant, and whether it starts with its value. `initial` says with which,
    /// for a variable of this module that is asked for the first time.
    pub fn static_field(
        &mut self,
        member: MemberId,
        initial: impl FnOnce(&World) -> Option<ConstId>,
    ) -> (bc::StaticId, bool) {
        let known = self.statics.get(&member).copied();
        if let Some(known) = known.or_else(|| self.core?.static_field(member)) {
            return known;
        }
        let id = bc::StaticId(self.module.base.statics + self.module.statics.len() as u32);
        let data = self.world.member(member);
        let name = match data.owner {
            Owner::Class(class) => format!("{}.{}", self.world.class(class).name, data.name),
            _ => data.name.to_string(),
        };
        let name = self.string(&name);
        let initial = initial(self.world).map(|id| self.const_id(id));
        self.module.statics.push(bc::Static { name, initial });
        self.statics.insert(member, (id, initial.is_some()));
        (id, initial.is_some())
    }

    /// Lets the statics of the core end with a chunk: some isolates have none of the program's.
    pub fn fill_chunk_of_statics(&mut self) {
        let name = self.string("");
        while !self
            .module
            .statics
            .len()
            .is_multiple_of(bc::STATICS_IN_CHUNK)
        {
            let initial = None;
            self.module.statics.push(bc::Static { name, initial });
        }
    }

    // ---- constants

    /// The number of a constant. A program's are numbered as they are met, parts before what they are part of: so numbers do not
    /// depend on the order in which analysis came across them.
    pub fn const_id(&mut self, id: ConstId) -> bc::ConstId {
        if self.core.is_none() || id.0 < self.module.base.consts {
            return bc::ConstId(id.0);
        }
        if let Some(&known) = self.const_ids.get(&id) {
            return known;
        }
        for part in parts_of(self.world.consts.value(id)) {
            self.const_id(part);
        }
        let number = bc::ConstId(self.module.base.consts + self.const_order.len() as u32);
        self.const_order.push(id);
        self.const_ids.insert(id, number);
        number
    }

    /// How many constants this module has so far.
    fn const_count(&self) -> usize {
        match self.core {
            Some(_) => self.const_order.len(),
            None => self.world.consts.len(),
        }
    }

    fn const_at(&self, index: usize) -> ConstId {
        match self.core {
            Some(_) => self.const_order[index],
            None => ConstId(index as u32),
        }
    }

    /// Fills the table of constants.
    pub fn finish_consts(&mut self) {
        let mut index = 0;
        // Making one constant may not make others: all have their numbers already.
        while index < self.const_count() {
            let value = self.world.consts.value(self.const_at(index));
            let made = self.constant(value);
            self.module.consts.push(made);
            index += 1;
        }
    }

    fn const_list(&mut self, list: &[ConstId]) -> Vec<bc::ConstId> {
        list.iter().map(|&id| self.const_id(id)).collect()
    }

    fn constant(&mut self, value: &ConstValue) -> bc::Const {
        let env = TypeEnv::default();
        match value {
            ConstValue::Null => bc::Const::Null,
            ConstValue::Bool(v) => bc::Const::Bool(*v),
            ConstValue::Int(v) => bc::Const::Int(*v),
            ConstValue::Double(bits) => bc::Const::Double(*bits),
            ConstValue::String(text) => bc::Const::String(dart_string(text)),
            ConstValue::Symbol(name) => bc::Const::Symbol(self.string(name.as_str())),
            ConstValue::Type(ty) => bc::Const::Type(self.ty(*ty, &env)),
            ConstValue::List(element, elements) => bc::Const::List {
                targs: self.targs(&[*element], &env),
                elements: self.const_list(elements),
            },
            ConstValue::Set(element, elements) => bc::Const::Set {
                targs: self.targs(&[*element], &env),
                elements: self.const_list(elements),
            },
            ConstValue::Map(key, value, entries) => bc::Const::Map {
                targs: self.targs(&[*key, *value], &env),
                entries: entries
                    .iter()
                    .map(|&(k, v)| (self.const_id(k), self.const_id(v)))
                    .collect(),
            },
            ConstValue::Object(class, args, fields) => {
                let vector = crate::layout::full_vector(self.world, *class, args);
                let targs = (!vector.is_empty()).then(|| self.targs(&vector, &env));
                bc::Const::Object {
                    class: bc::ClassId(class.0),
                    targs,
                    fields: fields.iter().map(|&(_, id)| self.const_id(id)).collect(),
                }
            }
            ConstValue::Function(member, args) | ConstValue::Constructor(member, args) => {
                let (function, _) = self.role(*member, Role::TearOff);
                let targs = (!args.is_empty()).then(|| self.targs(args, &env));
                bc::Const::Closure { function, targs }
            }
            ConstValue::Record(positional, named) => {
                let names: Vec<Symbol> = named.iter().map(|&(name, _)| name).collect();
                let shape = self.record_shape(positional.len(), &names);
                let mut sorted: Vec<_> = named.clone();
                sorted.sort_by_key(|&(name, _)| name.as_str());
                let mut fields = self.const_list(positional);
                fields.extend(sorted.iter().map(|&(_, id)| self.const_id(id)));
                bc::Const::Record { shape, fields }
            }
        }
    }

    // ---- sources

    /// The source of a file; none if its text is not at hand.
    pub fn source(&mut self, file: model::FileId) -> Option<bc::SourceId> {
        if let Some(&id) = self.sources.get(&file) {
            return Some(id);
        }
        let data = self.world.file(file);
        let text = data.source.as_ref()?.text();
        let mut line_starts = vec![0];
        line_starts.extend(
            text.bytes()
                .enumerate()
                .filter(|&(_, b)| b == b'\n')
                .map(|(i, _)| i as u32 + 1),
        );
        let uri = self.string(&data.uri.clone());
        let id = bc::SourceId(self.module.base.sources + self.module.sources.len() as u32);
        self.module.sources.push(bc::Source { uri, line_starts });
        self.sources.insert(file, id);
        Some(id)
    }

    /// What a program on this module, a core, must know. Call it when everything is in place.
    pub fn links(&self) -> CoreLinks {
        let module = &self.module;
        let length = |base: u32, len: usize| base + len as u32;
        let base = bc::Base {
            strings: length(module.base.strings, module.strings.len()),
            types: length(module.base.types, module.types.len()),
            targs: length(module.base.targs, module.targs.len()),
            classes: length(module.base.classes, module.classes.len()),
            functions: length(module.base.functions, module.functions.len()),
            consts: length(module.base.consts, module.consts.len()),
            statics: length(module.base.statics, module.statics.len()),
            shapes: length(module.base.shapes, module.shapes.len()),
            record_shapes: length(module.base.record_shapes, module.record_shapes.len()),
            sources: length(module.base.sources, module.sources.len()),
            caches: module.base.caches + module.caches,
        };
        CoreLinks::of(
            self.world,
            base,
            &module.strings,
            self.roles.iter(),
            self.statics.iter(),
        )
    }
}

/// The constants that a constant is made of.
fn parts_of(value: &ConstValue) -> Vec<ConstId> {
    match value {
        ConstValue::List(_, elements) | ConstValue::Set(_, elements) => elements.clone(),
        ConstValue::Map(_, _, entries) => entries.iter().flat_map(|&(k, v)| [k, v]).collect(),
        ConstValue::Object(_, _, fields) => fields.iter().map(|&(_, id)| id).collect(),
        ConstValue::Record(positional, named) => {
            let named = named.iter().map(|&(_, id)| id);
            positional.iter().copied().chain(named).collect()
        }
        _ => Vec::new(),
    }
}

/// A string constant in the image's form.
pub fn dart_string(text: &StringText) -> bc::DartString {
    let units = text.to_utf16();
    if units.iter().all(|&unit| unit <= 0xff) {
        bc::DartString::Latin1(units.iter().map(|&unit| unit as u8).collect())
    } else {
        bc::DartString::Utf16(units.into())
    }
}
