//! Types: hash-consed, addressed by small ids.
//!
//! [`Types`] interns [`TyKind`]s behind a shared reference, so bodies can be analysed in parallel later. Two types are the same
//! type iff their ids are equal, up to the names of type parameters of generic function types.
//!
//! Nullability is part of the kind: `int?` is an interface type with `nullable` set. `dynamic`, `void`, `Null` and `Never?`
//! have no nullable form of their own: making them nullable gives themselves (`Never?` is `Null`).

use std::hash::{Hash, Hasher};
use std::sync::{Mutex, MutexGuard, OnceLock};

use eyot_syntax::Symbol;
use rustc_hash::FxHashMap;

use crate::arena::CoreItems;
use crate::interned::Interned;
use crate::model::{ClassId, TypeParam, TypeParamId, TypeParamOwner};
use crate::raw_types::Variance;
use crate::sharded::Sharded;
use crate::stable_hash::StableHasher;

/// A type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ty(pub u32);

impl Ty {
    /// `dynamic`.
    pub const DYNAMIC: Ty = Ty(0);
    /// `void`.
    pub const VOID: Ty = Ty(1);
    /// `Never`.
    pub const NEVER: Ty = Ty(2);
    /// `Null`.
    pub const NULL: Ty = Ty(3);
    /// The unknown type `_` of inference: a hole in a context type. Never the type of an expression.
    pub const UNKNOWN: Ty = Ty(4);
    /// The type of what an error was reported for: everything is allowed on it, so that errors do not cascade.
    pub const ERROR: Ty = Ty(5);
    /// `Object`.
    pub const OBJECT: Ty = Ty(6);
    /// `Object?`.
    pub const OBJECT_N: Ty = Ty(7);
    /// `bool`.
    pub const BOOL: Ty = Ty(8);
    /// `num`.
    pub const NUM: Ty = Ty(9);
    /// `int`.
    pub const INT: Ty = Ty(10);
    /// `double`.
    pub const DOUBLE: Ty = Ty(11);
    /// `String`.
    pub const STRING: Ty = Ty(12);
    /// `Function`.
    pub const FUNCTION: Ty = Ty(13);
    /// `Record`.
    pub const RECORD: Ty = Ty(14);
    /// `Type`.
    pub const TYPE: Ty = Ty(15);
    /// `Symbol`.
    pub const SYMBOL: Ty = Ty(16);
    /// `StackTrace`.
    pub const STACK_TRACE: Ty = Ty(17);
}

/// What a type is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TyKind {
    /// `dynamic`.
    Dynamic,
    /// `void`.
    Void,
    /// `Never`.
    Never,
    /// `Null`.
    Null,
    /// A hole in a context type.
    Unknown,
    /// After an error.
    Error,
    /// An instance of a class, mixin or enum.
    Interface {
        /// The class.
        class: ClassId,
        /// Its type arguments, all of them.
        args: Box<[Ty]>,
        /// `?`.
        nullable: bool,
    },
    /// A function type.
    Function {
        /// The signature.
        function: FunctionTy,
        /// `?`.
        nullable: bool,
    },
    /// A record type.
    Record {
        /// Positional fields.
        positional: Box<[Ty]>,
        /// Named fields, in the order of their names.
        named: Box<[(Symbol, Ty)]>,
        /// `?`.
        nullable: bool,
    },
    /// `FutureOr<T>`.
    FutureOr {
        /// `T`.
        arg: Ty,
        /// `?`.
        nullable: bool,
    },
    /// A type parameter `X`, or promoted: `X & bound`.
    Param {
        /// The parameter.
        param: TypeParamId,
        /// The promoted bound of an intersection type, if any.
        promoted: Option<Ty>,
        /// `?`.
        nullable: bool,
    },
}

/// The signature of a function type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FunctionTy {
    /// Its own type parameters; their bounds are in the world's table.
    pub type_params: Box<[TypeParamId]>,
    /// Positional parameters, required ones first.
    pub positional: Box<[Ty]>,
    /// Number of required positional parameters.
    pub required: u32,
    /// Named parameters, in the order of their names.
    pub named: Box<[NamedParamTy]>,
    /// Result.
    pub result: Ty,
}

/// A named parameter of a function type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NamedParamTy {
    /// Its name.
    pub name: Symbol,
    /// Its type.
    pub ty: Ty,
    /// `required`.
    pub required: bool,
}

/// The kinds of all programs of the process.
static KEPT: Interned<TyKind> = Interned::new();

/// The one copy of a kind.
pub(crate) fn keep(kind: TyKind) -> &'static TyKind {
    KEPT.keep(hash_of(&kind), kind)
}

/// The interner.
#[derive(Debug, Default)]
pub struct Types {
    core: Option<CoreItems<&'static TyKind>>,
    /// The kinds behind those of the core.
    kinds: boxcar::Vec<&'static TyKind>,
    /// Kinds that are not of the core.
    index: Sharded<FxHashMap<u64, Vec<Ty>>>,
    /// All type parameters by id: substitution goes into the bounds of those of generic function types.
    pub params: TypeParams,
    renewed: Mutex<FxHashMap<Renewal, Box<[TypeParamId]>>>,
}

/// Type parameters by number.
#[derive(Debug, Default)]
pub struct TypeParams {
    core: Option<CoreItems<TypeParam>>,
    own: boxcar::Vec<TypeParam>,
}

impl TypeParams {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.first_own() + self.own.count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of the first that does not come from a core image.
    pub fn first_own(&self) -> usize {
        self.core.as_ref().map_or(0, CoreItems::len)
    }

    /// The one with this number.
    pub fn get(&self, index: usize) -> Option<&TypeParam> {
        match index.checked_sub(self.first_own()) {
            Some(own) => self.own.get(own),
            None => Some(self.core.as_ref()?.get(index)),
        }
    }

    /// The one with this number, to change; none if it comes from a core image.
    pub fn get_own_mut(&mut self, index: usize) -> Option<&mut TypeParam> {
        let own = index.checked_sub(self.first_own())?;
        self.own.get_mut(own)
    }

    fn push(&self, param: TypeParam) -> usize {
        self.first_own() + self.own.push(param)
    }
}

impl std::ops::Index<usize> for TypeParams {
    type Output = TypeParam;

    fn index(&self, index: usize) -> &TypeParam {
        match self.get(index) {
            Some(param) => param,
            None => panic!("no type parameter {index} among {}", self.len()),
        }
    }
}

/// The hash of a kind, the same in every process.
pub(crate) fn hash_of(kind: &TyKind) -> u64 {
    let mut hasher = StableHasher::default();
    std::mem::discriminant(kind).hash(&mut hasher);
    match kind {
        TyKind::Dynamic
        | TyKind::Void
        | TyKind::Never
        | TyKind::Null
        | TyKind::Unknown
        | TyKind::Error => {}
        TyKind::Interface {
            class,
            args,
            nullable,
        } => (class, args, nullable).hash(&mut hasher),
        TyKind::Function { function, nullable } => {
            (&function.type_params, &function.positional).hash(&mut hasher);
            (function.required, function.result, nullable).hash(&mut hasher);
            let named = function.named.iter();
            named.for_each(|param| (param.ty, param.required).hash(&mut hasher));
        }
        TyKind::Record {
            positional,
            named,
            nullable,
        } => {
            (positional, nullable).hash(&mut hasher);
            named.iter().for_each(|(_, ty)| ty.hash(&mut hasher));
        }
        TyKind::FutureOr { arg, nullable } => (arg, nullable).hash(&mut hasher),
        TyKind::Param {
            param,
            promoted,
            nullable,
        } => (param, promoted, nullable).hash(&mut hasher),
    }
    hasher.finish()
}

/// Parameters of a generic function type and the bounds that a substitution makes of theirs.
type Renewal = (Box<[TypeParamId]>, Box<[Ty]>);

impl Types {
    pub(crate) fn of_core(core: CoreItems<&'static TyKind>, params: CoreItems<TypeParam>) -> Types {
        Types {
            core: Some(core),
            params: TypeParams {
                core: Some(params),
                ..TypeParams::default()
            },
            ..Types::default()
        }
    }

    /// An interner holding the types named by the constants of [`Ty`]; the classes of the core have their fixed ids.
    pub fn new() -> Types {
        use crate::model::known;
        let types = Types::default();
        let class = |class: ClassId, nullable: bool| TyKind::Interface {
            class,
            args: Box::new([]),
            nullable,
        };
        let fixed = [
            (Ty::DYNAMIC, TyKind::Dynamic),
            (Ty::VOID, TyKind::Void),
            (Ty::NEVER, TyKind::Never),
            (Ty::NULL, TyKind::Null),
            (Ty::UNKNOWN, TyKind::Unknown),
            (Ty::ERROR, TyKind::Error),
            (Ty::OBJECT, class(known::OBJECT, false)),
            (Ty::OBJECT_N, class(known::OBJECT, true)),
            (Ty::BOOL, class(known::BOOL, false)),
            (Ty::NUM, class(known::NUM, false)),
            (Ty::INT, class(known::INT, false)),
            (Ty::DOUBLE, class(known::DOUBLE, false)),
            (Ty::STRING, class(known::STRING, false)),
            (Ty::FUNCTION, class(known::FUNCTION, false)),
            (Ty::RECORD, class(known::RECORD_INTERFACE, false)),
            (Ty::TYPE, class(known::TYPE_INTERFACE, false)),
            (Ty::SYMBOL, class(known::SYMBOL, false)),
            (Ty::STACK_TRACE, class(known::STACK_TRACE_INTERFACE, false)),
        ];
        for (ty, kind) in fixed {
            let made = types.intern(kind);
            debug_assert_eq!(made, ty);
        }
        types
    }

    /// How many types there are; ids count from 0.
    pub fn len(&self) -> usize {
        self.first_own() + self.kinds.count()
    }

    fn first_own(&self) -> usize {
        self.core.as_ref().map_or(0, CoreItems::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The kind of a type.
    pub fn kind(&self, ty: Ty) -> &'static TyKind {
        match &self.core {
            Some(core) => match (ty.0 as usize).checked_sub(core.len()) {
                Some(own) => self.kinds[own],
                None => core.get(ty.0 as usize),
            },
            None => self.kinds[ty.0 as usize],
        }
    }

    /// The id of a kind. `Null` as an interface type, `Never?` and nullable nullables are brought to their one form.
    pub fn intern(&self, kind: TyKind) -> Ty {
        if let TyKind::Interface { class, .. } = &kind
            && *class == crate::model::known::NULL
        {
            return Ty::NULL;
        }
        let hash = hash_of(&kind);
        if let Some(ty) = self.find_in_core(hash, &kind) {
            return ty;
        }
        let mut index = self.index.part(hash);
        let bucket = index.entry(hash).or_default();
        if let Some(&ty) = bucket.iter().find(|&&ty| *self.kind(ty) == kind) {
            return ty;
        }
        let number = self.first_own() + self.kinds.push(KEPT.keep(hash, kind));
        let ty = Ty(u32::try_from(number).expect("fewer than 2^32 types"));
        bucket.push(ty);
        ty
    }

    fn find_in_core(&self, hash: u64, kind: &TyKind) -> Option<Ty> {
        let core = self.core.as_ref()?;
        let is_it = |number: u32| **core.get(number as usize) == *kind;
        core.source().find_type(hash, is_it).map(Ty)
    }

    /// An instance type of a class.
    pub fn interface(&self, class: ClassId, args: &[Ty]) -> Ty {
        self.intern(TyKind::Interface {
            class,
            args: args.into(),
            nullable: false,
        })
    }

    /// A type parameter's type.
    pub fn param(&self, param: TypeParamId) -> Ty {
        self.intern(TyKind::Param {
            param,
            promoted: None,
            nullable: false,
        })
    }

    /// A function type.
    pub fn function(&self, function: FunctionTy) -> Ty {
        self.intern(TyKind::Function {
            function,
            nullable: false,
        })
    }

    /// A record type; `named` must be in the order of the names.
    pub fn record(&self, positional: &[Ty], named: &[(Symbol, Ty)]) -> Ty {
        self.intern(TyKind::Record {
            positional: positional.into(),
            named: named.into(),
            nullable: false,
        })
    }

    /// `FutureOr<arg>`.
    pub fn future_or(&self, arg: Ty) -> Ty {
        self.intern(TyKind::FutureOr {
            arg,
            nullable: false,
        })
    }

    /// Whether the type is written with `?` (not whether it is potentially nullable).
    pub fn has_question(&self, ty: Ty) -> bool {
        match self.kind(ty) {
            TyKind::Interface { nullable, .. }
            | TyKind::Function { nullable, .. }
            | TyKind::Record { nullable, .. }
            | TyKind::FutureOr { nullable, .. }
            | TyKind::Param { nullable, .. } => *nullable,
            _ => false,
        }
    }

    /// `ty?` (or without `?`): only the outermost mark changes. `Never?` is `Null`.
    pub fn with_nullable(&self, ty: Ty, on: bool) -> Ty {
        let mut kind = self.kind(ty).clone();
        match &mut kind {
            TyKind::Interface { nullable, .. }
            | TyKind::Function { nullable, .. }
            | TyKind::Record { nullable, .. }
            | TyKind::FutureOr { nullable, .. }
            | TyKind::Param { nullable, .. } => {
                if *nullable == on {
                    return ty;
                }
                *nullable = on;
            }
            TyKind::Never if on => return Ty::NULL,
            _ => return ty,
        }
        self.intern(kind)
    }

    /// `ty?`.
    pub fn nullable(&self, ty: Ty) -> Ty {
        self.with_nullable(ty, true)
    }

    /// Puts `args[i]` for `params[i]` in `ty`.
    pub fn substitute(&self, ty: Ty, params: &[TypeParamId], args: &[Ty]) -> Ty {
        debug_assert_eq!(params.len(), args.len());
        if params.is_empty() {
            return ty;
        }
        self.map_params(ty, &mut |param| {
            params
                .iter()
                .position(|&p| p == param)
                .map(|index| args[index])
        })
    }

    /// Rebuilds `ty` with each type parameter for which `map` gives a type replaced by it.
    pub fn map_params(&self, ty: Ty, map: &mut dyn FnMut(TypeParamId) -> Option<Ty>) -> Ty {
        self.map_params_at(ty, Variance::Covariant, &mut |param, _| map(param))
    }

    /// The same where what takes a parameter's place depends on the variance of where it stands, `ty` itself standing at `at`.
    pub fn map_params_at(
        &self,
        ty: Ty,
        at: Variance,
        map: &mut dyn FnMut(TypeParamId, Variance) -> Option<Ty>,
    ) -> Ty {
        match self.kind(ty) {
            TyKind::Interface {
                class,
                args,
                nullable,
            } => {
                if args.is_empty() {
                    return ty;
                }
                let args = args
                    .iter()
                    .map(|&arg| self.map_params_at(arg, at, map))
                    .collect();
                self.intern(TyKind::Interface {
                    class: *class,
                    args,
                    nullable: *nullable,
                })
            }
            TyKind::Function { function, nullable } => {
                let old = &function.type_params;
                let renewed = self.renew(old, map);
                let mut inside =
                    |param: TypeParamId, at: Variance| match old.iter().position(|&p| p == param) {
                        Some(index) => renewed.as_ref().map(|new| self.param(new[index])),
                        None => map(param, at),
                    };
                let map: &mut dyn FnMut(TypeParamId, Variance) -> Option<Ty> = &mut inside;
                let against = at.reversed();
                let function = FunctionTy {
                    type_params: renewed.as_ref().unwrap_or(old).clone(),
                    positional: function
                        .positional
                        .iter()
                        .map(|&p| self.map_params_at(p, against, map))
                        .collect(),
                    required: function.required,
                    named: function
                        .named
                        .iter()
                        .map(|p| NamedParamTy {
                            ty: self.map_params_at(p.ty, against, map),
                            ..*p
                        })
                        .collect(),
                    result: self.map_params_at(function.result, at, map),
                };
                self.intern(TyKind::Function {
                    function,
                    nullable: *nullable,
                })
            }
            TyKind::Record {
                positional,
                named,
                nullable,
            } => {
                let positional = positional
                    .iter()
                    .map(|&p| self.map_params_at(p, at, map))
                    .collect();
                let named = named
                    .iter()
                    .map(|&(name, t)| (name, self.map_params_at(t, at, map)))
                    .collect();
                self.intern(TyKind::Record {
                    positional,
                    named,
                    nullable: *nullable,
                })
            }
            TyKind::FutureOr { arg, nullable } => {
                let arg = self.map_params_at(*arg, at, map);
                self.intern(TyKind::FutureOr {
                    arg,
                    nullable: *nullable,
                })
            }
            TyKind::Param {
                param,
                promoted,
                nullable,
            } => match map(*param, at) {
                Some(replacement) if *nullable => self.nullable(replacement),
                Some(replacement) => replacement,
                None => match promoted {
                    Some(bound) => {
                        let bound = self.map_params_at(*bound, at, map);
                        self.intern(TyKind::Param {
                            param: *param,
                            promoted: Some(bound),
                            nullable: *nullable,
                        })
                    }
                    None => ty,
                },
            },
            _ => ty,
        }
    }

    /// Rebuilds `ty` with each type directly in it replaced; the bounds of a generic function type's own parameters stay.
    pub fn map_parts(&self, ty: Ty, map: &mut dyn FnMut(Ty) -> Ty) -> Ty {
        let kind = match self.kind(ty).clone() {
            TyKind::Interface {
                class,
                mut args,
                nullable,
            } => {
                args.iter_mut().for_each(|arg| *arg = map(*arg));
                TyKind::Interface {
                    class,
                    args,
                    nullable,
                }
            }
            TyKind::Function {
                mut function,
                nullable,
            } => {
                let positional = function.positional.iter_mut();
                let named = function.named.iter_mut().map(|param| &mut param.ty);
                for part in positional.chain(named).chain([&mut function.result]) {
                    *part = map(*part);
                }
                TyKind::Function { function, nullable }
            }
            TyKind::Record {
                mut positional,
                mut named,
                nullable,
            } => {
                let fields = named.iter_mut().map(|field| &mut field.1);
                for part in positional.iter_mut().chain(fields) {
                    *part = map(*part);
                }
                TyKind::Record {
                    positional,
                    named,
                    nullable,
                }
            }
            TyKind::FutureOr { arg, nullable } => TyKind::FutureOr {
                arg: map(arg),
                nullable,
            },
            TyKind::Param {
                param,
                promoted: Some(bound),
                nullable,
            } => TyKind::Param {
                param,
                promoted: Some(map(bound)),
                nullable,
            },
            _ => return ty,
        };
        self.intern(kind)
    }

    /// New type parameters for a generic function type where a substitution changes the bounds of its own. The same
    /// substitution gives the same ones again, so that its results stay few.
    fn renew(
        &self,
        params: &[TypeParamId],
        map: &mut dyn FnMut(TypeParamId, Variance) -> Option<Ty>,
    ) -> Option<Box<[TypeParamId]>> {
        let bound = |param: &TypeParamId| {
            let bound = self.params.get(param.index())?.bound.get();
            bound.copied()
        };
        let old: Vec<Ty> = params
            .iter()
            .map(|param| bound(param).unwrap_or(Ty::OBJECT_N))
            .collect();
        let new: Box<[Ty]> = old
            .iter()
            .map(|&ty| self.map_params_at(ty, Variance::Invariant, map))
            .collect();
        if *old == *new {
            return None;
        }
        let key: Renewal = (params.into(), new);
        if let Some(found) = self.lock_renewed().get(&key) {
            return Some(found.clone());
        }
        let fresh: Box<[TypeParamId]> = (0u32..)
            .zip(params)
            .map(|(index, param)| {
                let name = self.params[param.index()].name;
                self.new_param(name, TypeParamOwner::Local, index)
            })
            .collect();
        // Bounds may mention the parameters themselves.
        let types: Vec<Ty> = fresh.iter().map(|&param| self.param(param)).collect();
        for (param, &bound) in fresh.iter().zip(&key.1) {
            let bound = self.substitute(bound, params, &types);
            let _ = self.params[param.index()].bound.set(bound);
        }
        // Another thread may have been faster; then its parameters count.
        Some(self.lock_renewed().entry(key).or_insert(fresh).clone())
    }

    fn lock_renewed(&self) -> MutexGuard<'_, FxHashMap<Renewal, Box<[TypeParamId]>>> {
        self.renewed
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// A fresh type parameter.
    pub fn new_param(&self, name: Symbol, owner: TypeParamOwner, index: u32) -> TypeParamId {
        let number = self.params.push(TypeParam {
            name,
            bound: OnceLock::new(),
            owner,
            index,
        });
        TypeParamId(u32::try_from(number).expect("fewer than 2^32 type parameters"))
    }
}
