//! Subtyping at run time: the language's algorithmic rules without promoted variables and legacy types, which do not
//! exist at run time.
//!
//! Type parameters that remain are those of function types. Two generic function types are compared with the same fresh
//! parameters on both sides, whose bounds lie on a stack; answers that depend on it are not cached.

use eyot_bytecode::module::RecordShapeId;
use eyot_bytecode::well_known::class;

use super::Program;
use super::types::{FunctionType, NamedParam, RecordType, Type, TypeArguments, TypeLimit, TypeRef};
use crate::object::{self, ObjRef, slot};
use crate::value::Value;

/// Bounds of the parameters of the generic function types around, innermost last.
type Bounds = Vec<Box<[TypeRef]>>;

type Answer = Result<bool, TypeLimit>;

impl Program {
    /// Whether every value of `sub` is one of `sup`.
    pub fn is_subtype(&self, sub: TypeRef, sup: TypeRef) -> Answer {
        if sub == sup || sup.is_top() {
            return Ok(true);
        }
        if let Some(answer) = self.known_subtype(sub, sup) {
            return Ok(answer);
        }
        let answer = self.subtype(sub, sup, &mut Bounds::new())?;
        self.remember_subtype(sub, sup, answer);
        Ok(answer)
    }

    /// Whether a value is of a type.
    pub fn is_instance(&self, value: Value, ty: TypeRef) -> Answer {
        if ty.is_top() {
            return Ok(true);
        }
        let of = object::class_of(value);
        match self.types.get(ty) {
            Type::Dynamic | Type::Void => Ok(true),
            Type::Never | Type::Bound { .. } => Ok(false),
            Type::Null => Ok(value.is_null()),
            &Type::Nullable(inner) => Ok(value.is_null() || self.is_instance(value, inner)?),
            &Type::FutureOr(inner) => {
                if self.is_instance(value, inner)? {
                    return Ok(true);
                }
                let future = self.types.interface(class::FUTURE, &[inner])?;
                self.is_instance(value, future)
            }
            Type::Interface(sup, args) => {
                if value.is_null() || !self.is_subclass(of, *sup) {
                    return Ok(false);
                }
                if *args == TypeArguments::EMPTY {
                    return Ok(true);
                }
                // SAFETY: the value's own class; what is generic is no immediate.
                let vector = unsafe {
                    ObjRef::of(value).map_or(TypeArguments::EMPTY, |object| {
                        self.instance_vector(of, object)
                    })
                };
                match self.arguments_as(of, vector, *sup)? {
                    Some(given) => self.all_subtypes(&given, self.types.elements(*args)),
                    None => Ok(false),
                }
            }
            Type::Function(_) => {
                Ok(of == class::CLOSURE && self.is_subtype(self.type_of(value)?, ty)?)
            }
            Type::Record(record) => self.is_record_instance(value, record),
        }
    }

    fn all_subtypes(&self, subs: &[TypeRef], sups: &[TypeRef]) -> Answer {
        for (&sub, &sup) in subs.iter().zip(sups) {
            if !self.is_subtype(sub, sup)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Field by field, so that no type has to be made for the record.
    fn is_record_instance(&self, value: Value, ty: &RecordType) -> Answer {
        let Some(record) = ObjRef::of(value) else {
            return Ok(false);
        };
        // SAFETY: the invariant of Value; the layout of records.
        let (shape, fields) = unsafe {
            if record.class() != class::RECORD {
                return Ok(false);
            }
            let word = record.word(slot::RECORD_SHAPE);
            let fields = record.fields(slot::RECORD_FIELDS, (word >> 32) as usize);
            (RecordShapeId(word as u32), fields)
        };
        let same_shape = self.has_shape(fields.len(), shape, ty);
        if !same_shape {
            return Ok(false);
        }
        let types = ty
            .positional
            .iter()
            .chain(ty.named.iter().map(|(_, ty)| ty));
        for (&field, &ty) in fields.iter().zip(types) {
            if !self.is_instance(field, ty)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether records of this shape with so many fields have the fields of a record type.
    pub(crate) fn has_shape(&self, fields: usize, shape: RecordShapeId, ty: &RecordType) -> bool {
        let shape = self.modules.record_shape(shape);
        let names = shape.map_or(&[][..], |shape| &shape.named);
        let mut pairs = names.iter().zip(&ty.named);
        fields == ty.positional.len() + ty.named.len()
            && names.len() == ty.named.len()
            && pairs.all(|(&name, &(wanted, _))| self.modules.name(name) == wanted)
    }

    fn subtype(&self, sub: TypeRef, sup: TypeRef, bounds: &mut Bounds) -> Answer {
        if sub == sup || sup.is_top() {
            return Ok(true);
        }
        let types = &self.types;
        let (left, right) = (types.get(sub), types.get(sup));
        match (left, right) {
            (Type::Dynamic | Type::Void, _) => self.subtype(TypeRef::NULLABLE_OBJECT, sup, bounds),
            (Type::Never, _) => Ok(true),
            (_, _) if sup == TypeRef::OBJECT => self.is_non_nullable(sub, bounds),
            (Type::Null, &Type::FutureOr(inner)) => self.subtype(TypeRef::NULL, inner, bounds),
            (Type::Null, _) => Ok(matches!(right, Type::Null | Type::Nullable(_))),
            (&Type::FutureOr(inner), _) => {
                let future = types.interface(class::FUTURE, &[inner])?;
                Ok(self.subtype(future, sup, bounds)? && self.subtype(inner, sup, bounds)?)
            }
            (&Type::Nullable(inner), _) => Ok(
                self.subtype(inner, sup, bounds)? && self.subtype(TypeRef::NULL, sup, bounds)?
            ),
            (_, &Type::FutureOr(inner)) => {
                let future = types.interface(class::FUTURE, &[inner])?;
                Ok(self.subtype(sub, future, bounds)?
                    || self.subtype(sub, inner, bounds)?
                    || self.bound_is_subtype(left, sup, bounds)?)
            }
            (_, &Type::Nullable(inner)) => Ok(
                self.subtype(sub, inner, bounds)? || self.bound_is_subtype(left, sup, bounds)?
            ),
            (Type::Bound { .. }, _) => self.bound_is_subtype(left, sup, bounds),
            (Type::Function(_), _) if sup == TypeRef::FUNCTION => Ok(true),
            (Type::Record(_), _) if sup == TypeRef::RECORD => Ok(true),
            (&Type::Interface(of, args), &Type::Interface(wanted, wanted_args)) => {
                let given = if of == wanted {
                    Some(types.elements(args).into())
                } else {
                    let vector = self.full_vector(of, types.elements(args))?;
                    self.arguments_as(of, vector, wanted)?
                };
                let Some(given) = given else {
                    return Ok(false);
                };
                for (&sub, &sup) in given.iter().zip(types.elements(wanted_args)) {
                    if !self.subtype(sub, sup, bounds)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Type::Function(sub), Type::Function(sup)) => self.function_subtype(sub, sup, bounds),
            (Type::Record(sub), Type::Record(sup)) => self.record_subtype(sub, sup, bounds),
            _ => Ok(false),
        }
    }

    /// The rules with `Object` on the right.
    fn is_non_nullable(&self, ty: TypeRef, bounds: &mut Bounds) -> Answer {
        match self.types.get(ty) {
            Type::Null | Type::Dynamic | Type::Void | Type::Nullable(_) => Ok(false),
            &Type::FutureOr(inner) => self.subtype(inner, TypeRef::OBJECT, bounds),
            bound @ Type::Bound { .. } => self.bound_is_subtype(bound, TypeRef::OBJECT, bounds),
            _ => Ok(true),
        }
    }

    fn bound_is_subtype(&self, param: &Type, sup: TypeRef, bounds: &mut Bounds) -> Answer {
        let &Type::Bound { depth, index } = param else {
            return Ok(false);
        };
        let binder = bounds.len().checked_sub(1 + usize::from(depth));
        let bound = binder
            .and_then(|binder| bounds[binder].get(usize::from(index)))
            .copied();
        match bound {
            Some(bound) => {
                let bound = self.shift(bound, depth, 0)?;
                self.subtype(bound, sup, bounds)
            }
            None => Ok(false),
        }
    }

    fn function_subtype(
        &self,
        sub: &FunctionType,
        sup: &FunctionType,
        bounds: &mut Bounds,
    ) -> Answer {
        if sub.type_params.len() != sup.type_params.len()
            || sub.required > sup.required
            || sub.positional.len() < sup.positional.len()
        {
            return Ok(false);
        }
        if sub.type_params.is_empty() {
            return self.parts_subtype(sub, sup, bounds);
        }
        bounds.push(sub.type_params.clone());
        let answer = self
            .equal_bounds(sub, sup, bounds)
            .and_then(|equal| Ok(equal && self.parts_subtype(sub, sup, bounds)?));
        bounds.pop();
        answer
    }

    fn equal_bounds(&self, sub: &FunctionType, sup: &FunctionType, bounds: &mut Bounds) -> Answer {
        for (&one, &other) in sub.type_params.iter().zip(&sup.type_params) {
            if !(self.subtype(one, other, bounds)? && self.subtype(other, one, bounds)?) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn parts_subtype(&self, sub: &FunctionType, sup: &FunctionType, bounds: &mut Bounds) -> Answer {
        for (&wanted, &given) in sub.positional.iter().zip(&sup.positional) {
            if !self.subtype(given, wanted, bounds)? {
                return Ok(false);
            }
        }
        let find = |params: &[NamedParam], name| params.iter().copied().find(|p| p.name == name);
        for given in &sup.named {
            match find(&sub.named, given.name) {
                Some(wanted) if self.subtype(given.ty, wanted.ty, bounds)? => {}
                _ => return Ok(false),
            }
        }
        let covered = sub
            .named
            .iter()
            .filter(|param| param.required)
            .all(|param| find(&sup.named, param.name).is_some_and(|given| given.required));
        Ok(covered && self.subtype(sub.result, sup.result, bounds)?)
    }

    fn record_subtype(&self, sub: &RecordType, sup: &RecordType, bounds: &mut Bounds) -> Answer {
        let names = |ty: &RecordType| ty.named.iter().map(|&(name, _)| name).collect::<Vec<_>>();
        if sub.positional.len() != sup.positional.len() || names(sub) != names(sup) {
            return Ok(false);
        }
        let fields = |ty: &RecordType| {
            let named = ty.named.iter().map(|&(_, ty)| ty);
            ty.positional
                .iter()
                .copied()
                .chain(named)
                .collect::<Vec<_>>()
        };
        for (sub, sup) in fields(sub).into_iter().zip(fields(sup)) {
            if !self.subtype(sub, sup, bounds)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A type moved under `by` more generic function types: parameters free in it count from further out.
    fn shift(&self, ty: TypeRef, by: u16, under: u16) -> Result<TypeRef, TypeLimit> {
        if by == 0 {
            return Ok(ty);
        }
        let types = &self.types;
        let each = |list: &[TypeRef], under: u16| {
            list.iter()
                .map(|&ty| self.shift(ty, by, under))
                .collect::<Result<Box<[_]>, TypeLimit>>()
        };
        match types.get(ty) {
            &Type::Bound { depth, index } if depth >= under => types.intern(Type::Bound {
                depth: depth + by,
                index,
            }),
            &Type::Interface(class, args) if args != TypeArguments::EMPTY => {
                types.interface(class, &each(types.elements(args), under)?)
            }
            &Type::FutureOr(inner) => types.future_or(self.shift(inner, by, under)?),
            &Type::Nullable(inner) => types.nullable(self.shift(inner, by, under)?),
            Type::Function(function) => {
                let under = under + u16::from(!function.type_params.is_empty());
                let named = function.named.iter().map(|param| {
                    Ok(NamedParam {
                        ty: self.shift(param.ty, by, under)?,
                        ..*param
                    })
                });
                types.intern(Type::Function(FunctionType {
                    type_params: each(&function.type_params, under)?,
                    positional: each(&function.positional, under)?,
                    required: function.required,
                    named: named.collect::<Result<_, TypeLimit>>()?,
                    result: self.shift(function.result, by, under)?,
                }))
            }
            Type::Record(record) => {
                let named = record
                    .named
                    .iter()
                    .map(|&(name, ty)| Ok((name, self.shift(ty, by, under)?)));
                types.intern(Type::Record(RecordType {
                    positional: each(&record.positional, under)?,
                    named: named.collect::<Result<_, TypeLimit>>()?,
                }))
            }
            _ => Ok(ty),
        }
    }
}
