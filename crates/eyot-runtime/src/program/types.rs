//! The types of a group at run time: every type and every vector of type arguments exists once and is named by a small
//! number, so that equal types are equal numbers. Tables only grow, and reading takes no lock.
//!
//! Types are normal: `T??` is `T?`, `Never?` is `Null`, `FutureOr<Object>` is `Object`, and so on, as the language's
//! normalisation says for the forms that occur at run time. Type parameters occur only as parameters of an enclosing
//! function *type*.

use std::sync::Mutex;

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;
use rustc_hash::FxHashMap;

use super::append::AppendVec;

/// A type of the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeRef(pub u32);

/// A vector of type arguments of the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeArguments(pub u32);

impl TypeArguments {
    /// The vector without elements.
    pub const EMPTY: TypeArguments = TypeArguments(0);
}

impl TypeRef {
    /// `dynamic`.
    pub const DYNAMIC: TypeRef = TypeRef(0);
    /// `void`.
    pub const VOID: TypeRef = TypeRef(1);
    /// `Never`.
    pub const NEVER: TypeRef = TypeRef(2);
    /// `Null`.
    pub const NULL: TypeRef = TypeRef(3);
    /// `Object`.
    pub const OBJECT: TypeRef = TypeRef(4);
    /// `Object?`.
    pub const NULLABLE_OBJECT: TypeRef = TypeRef(5);
    /// `int`.
    pub const INT: TypeRef = TypeRef(6);
    /// `double`.
    pub const DOUBLE: TypeRef = TypeRef(7);
    /// `bool`.
    pub const BOOL: TypeRef = TypeRef(8);
    /// `String`.
    pub const STRING: TypeRef = TypeRef(9);
    /// `num`.
    pub const NUM: TypeRef = TypeRef(10);
    /// `Function`.
    pub const FUNCTION: TypeRef = TypeRef(11);
    /// `Record`.
    pub const RECORD: TypeRef = TypeRef(12);
    /// `Type`.
    pub const TYPE: TypeRef = TypeRef(13);

    /// Whether every value is of this type: `dynamic`, `void`, `Object?`.
    #[inline]
    pub fn is_top(self) -> bool {
        matches!(
            self,
            TypeRef::DYNAMIC | TypeRef::VOID | TypeRef::NULLABLE_OBJECT
        )
    }
}

/// What a type is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `dynamic`.
    Dynamic,
    /// `void`.
    Void,
    /// `Never`.
    Never,
    /// `Null`.
    Null,
    /// A class with its own type arguments.
    Interface(ClassId, TypeArguments),
    /// `FutureOr<T>`.
    FutureOr(TypeRef),
    /// `T?`.
    Nullable(TypeRef),
    /// A function type.
    Function(FunctionType),
    /// A record type.
    Record(RecordType),
    /// A parameter of an enclosing function type; see [`eyot_bytecode::module::Type::BoundParam`].
    Bound {
        /// Function types between.
        depth: u16,
        /// Which parameter.
        index: u16,
    },
}

/// A function type; see [`eyot_bytecode::module::FunctionType`]. Names are canonical ids of strings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub struct FunctionType {
    pub type_params: Box<[TypeRef]>,
    pub positional: Box<[TypeRef]>,
    pub required: u16,
    pub named: Box<[NamedParam]>,
    pub result: TypeRef,
}

/// A named parameter of a function type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub struct NamedParam {
    pub name: Name,
    pub ty: TypeRef,
    pub required: bool,
}

/// A record type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub struct RecordType {
    pub positional: Box<[TypeRef]>,
    pub named: Box<[(Name, TypeRef)]>,
}

/// A name of the program: equal names are equal numbers, whichever module they stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(pub u32);

/// Types nest at most this deep; a program that builds deeper ones at run time gets an error.
pub const MAX_TYPE_DEPTH: u16 = 100;

/// A type would nest deeper than [`MAX_TYPE_DEPTH`], or the group has no room for more types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeLimit;

struct Entry<T> {
    data: T,
    depth: u16,
}

/// The types of a group.
pub struct Types {
    types: AppendVec<Entry<Type>>,
    vectors: AppendVec<Entry<Box<[TypeRef]>>>,
    index: Mutex<Index>,
}

#[derive(Default)]
struct Index {
    types: FxHashMap<Type, TypeRef>,
    vectors: FxHashMap<Box<[TypeRef]>, TypeArguments>,
}

impl Types {
    /// The types with fixed numbers.
    pub fn new() -> Types {
        let types = Types {
            types: AppendVec::new(),
            vectors: AppendVec::new(),
            index: Mutex::default(),
        };
        let plain = |class| Type::Interface(class, TypeArguments::EMPTY);
        // A fresh table has room for these.
        let _ = types.vector(&[]);
        for (ty, fixed) in [
            (Type::Dynamic, TypeRef::DYNAMIC),
            (Type::Void, TypeRef::VOID),
            (Type::Never, TypeRef::NEVER),
            (Type::Null, TypeRef::NULL),
            (plain(class::OBJECT), TypeRef::OBJECT),
            (Type::Nullable(TypeRef::OBJECT), TypeRef::NULLABLE_OBJECT),
            (plain(class::INT), TypeRef::INT),
            (plain(class::DOUBLE), TypeRef::DOUBLE),
            (plain(class::BOOL), TypeRef::BOOL),
            (plain(class::STRING), TypeRef::STRING),
            (plain(class::NUM), TypeRef::NUM),
            (plain(class::FUNCTION), TypeRef::FUNCTION),
            (plain(class::RECORD_INTERFACE), TypeRef::RECORD),
            (plain(class::TYPE), TypeRef::TYPE),
        ] {
            let made = types.intern(ty);
            debug_assert_eq!(made, Ok(fixed));
        }
        types
    }

    /// What a type is; a number that names none (from an uninitialised register) reads as `dynamic`.
    #[inline]
    pub fn get(&self, ty: TypeRef) -> &Type {
        match self.types.get(ty.0 as usize) {
            Some(entry) => &entry.data,
            None => &Type::Dynamic,
        }
    }

    /// The elements of a vector.
    #[inline]
    pub fn elements(&self, vector: TypeArguments) -> &[TypeRef] {
        match self.vectors.get(vector.0 as usize) {
            Some(entry) => &entry.data,
            None => &[],
        }
    }

    /// Element of a vector; beyond its end `dynamic`.
    #[inline]
    pub fn element(&self, vector: TypeArguments, index: usize) -> TypeRef {
        self.elements(vector)
            .get(index)
            .copied()
            .unwrap_or(TypeRef::DYNAMIC)
    }

    /// Number of types and vectors, which the group is charged for.
    pub fn len(&self) -> usize {
        self.types.len() + self.vectors.len()
    }

    /// Never: some types are always there.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The vector with these elements.
    pub fn vector(&self, elements: &[TypeRef]) -> Result<TypeArguments, TypeLimit> {
        let mut index = self.index.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(&known) = index.vectors.get(elements) {
            return Ok(known);
        }
        let depth = self.depth_over(elements.iter().copied());
        let entry = Entry {
            data: elements.into(),
            depth,
        };
        let made = self.vectors.push(entry).ok_or(TypeLimit)?;
        let made = TypeArguments(u32::try_from(made).map_err(|_| TypeLimit)?);
        index.vectors.insert(elements.into(), made);
        Ok(made)
    }

    /// A class applied to its own type arguments.
    pub fn interface(&self, class: ClassId, args: &[TypeRef]) -> Result<TypeRef, TypeLimit> {
        if class == class::NULL {
            return Ok(TypeRef::NULL);
        }
        let args = self.vector(args)?;
        self.intern(Type::Interface(class, args))
    }

    /// `T?`.
    pub fn nullable(&self, ty: TypeRef) -> Result<TypeRef, TypeLimit> {
        match *self.get(ty) {
            Type::Dynamic | Type::Void | Type::Null | Type::Nullable(_) => Ok(ty),
            Type::Never => Ok(TypeRef::NULL),
            Type::FutureOr(inner) if self.is_nullable(inner) => Ok(ty),
            _ => self.intern(Type::Nullable(ty)),
        }
    }

    /// `FutureOr<T>`.
    pub fn future_or(&self, ty: TypeRef) -> Result<TypeRef, TypeLimit> {
        match ty {
            _ if ty.is_top() || ty == TypeRef::OBJECT => Ok(ty),
            TypeRef::NEVER => self.interface(class::FUTURE, &[ty]),
            TypeRef::NULL => {
                let future = self.interface(class::FUTURE, &[ty])?;
                self.nullable(future)
            }
            _ => self.intern(Type::FutureOr(ty)),
        }
    }

    /// The type with these parts, which the caller has made normal.
    pub fn intern(&self, ty: Type) -> Result<TypeRef, TypeLimit> {
        let mut index = self.index.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(&known) = index.types.get(&ty) {
            return Ok(known);
        }
        let depth = self.depth_of(&ty);
        if depth > MAX_TYPE_DEPTH {
            return Err(TypeLimit);
        }
        let entry = Entry {
            data: ty.clone(),
            depth,
        };
        let made = self.types.push(entry).ok_or(TypeLimit)?;
        let made = TypeRef(u32::try_from(made).map_err(|_| TypeLimit)?);
        index.types.insert(ty, made);
        Ok(made)
    }

    /// Whether null is of this type.
    pub fn is_nullable(&self, ty: TypeRef) -> bool {
        match *self.get(ty) {
            Type::Dynamic | Type::Void | Type::Null | Type::Nullable(_) => true,
            Type::FutureOr(inner) => self.is_nullable(inner),
            _ => false,
        }
    }

    fn depth_of(&self, ty: &Type) -> u16 {
        let inner = match ty {
            Type::Dynamic | Type::Void | Type::Never | Type::Null | Type::Bound { .. } => 0,
            Type::Interface(_, args) => self.vectors.get(args.0 as usize).map_or(0, |e| e.depth),
            Type::FutureOr(inner) | Type::Nullable(inner) => self.depth_over([*inner]),
            Type::Function(function) => self.depth_over(
                function
                    .type_params
                    .iter()
                    .chain(&function.positional)
                    .copied()
                    .chain(function.named.iter().map(|param| param.ty))
                    .chain([function.result]),
            ),
            Type::Record(record) => self.depth_over(
                record
                    .positional
                    .iter()
                    .copied()
                    .chain(record.named.iter().map(|&(_, ty)| ty)),
            ),
        };
        inner + 1
    }

    fn depth_over(&self, types: impl IntoIterator<Item = TypeRef>) -> u16 {
        types
            .into_iter()
            .filter_map(|ty| self.types.get(ty.0 as usize))
            .map(|entry| entry.depth)
            .max()
            .unwrap_or(0)
    }
}

impl Default for Types {
    fn default() -> Self {
        Types::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_types_are_equal_numbers_and_normal() {
        let types = Types::new();
        let int_q = types.nullable(TypeRef::INT).unwrap();
        assert_eq!(types.nullable(TypeRef::INT), Ok(int_q));
        assert_eq!(types.nullable(int_q), Ok(int_q));
        assert_eq!(types.nullable(TypeRef::NEVER), Ok(TypeRef::NULL));
        assert_eq!(types.future_or(TypeRef::OBJECT), Ok(TypeRef::OBJECT));
        assert_eq!(
            types.nullable(TypeRef::OBJECT),
            Ok(TypeRef::NULLABLE_OBJECT)
        );
        assert_eq!(types.vector(&[]), Ok(TypeArguments::EMPTY));
    }

    #[test]
    fn depth_is_capped() {
        let types = Types::new();
        let mut ty = TypeRef::INT;
        let end = (0..1000).find_map(|_| match types.interface(class::LIST, &[ty]) {
            Ok(deeper) => {
                ty = deeper;
                None
            }
            Err(limit) => Some(limit),
        });
        assert_eq!(end, Some(TypeLimit));
    }
}
