//! From the image's type templates to types of the group, and from values to their types.

use eyot_bytecode::module::{self, ClassId, FunctionFlags, FunctionId, TargsId, TypeId};
use eyot_bytecode::well_known::class;

use super::Program;
use super::types::{FunctionType, NamedParam, RecordType, Type, TypeArguments, TypeLimit, TypeRef};
use crate::object::{self, ObjRef, slot};
use crate::value::Value;

/// What the parameters in a template stand for.
#[derive(Clone, Copy, Default)]
struct Scope<'a> {
    class: &'a [TypeRef],
    function: &'a [TypeRef],
    /// Function parameters from this number on belong to the function type being built.
    own_from: Option<usize>,
    /// Generic function types between here and the one being built.
    depth: u16,
}

impl Program {
    /// The type that a template is with these vectors.
    pub fn instantiate(
        &self,
        template: TypeId,
        class_vector: TypeArguments,
        function_vector: TypeArguments,
    ) -> Result<TypeRef, TypeLimit> {
        let scope = Scope {
            class: self.types.elements(class_vector),
            function: self.types.elements(function_vector),
            ..Scope::default()
        };
        self.build(template, scope)
    }

    /// The vector that a template is with these vectors.
    pub fn instantiate_vector(
        &self,
        template: TargsId,
        class_vector: TypeArguments,
        function_vector: TypeArguments,
    ) -> Result<TypeArguments, TypeLimit> {
        let scope = Scope {
            class: self.types.elements(class_vector),
            function: self.types.elements(function_vector),
            ..Scope::default()
        };
        let Some(elements) = self.modules.targs(template) else {
            return Ok(TypeArguments::EMPTY);
        };
        let elements = self.build_all(elements, scope)?;
        self.types.vector(&elements)
    }

    fn build_all(&self, templates: &[TypeId], scope: Scope) -> Result<Box<[TypeRef]>, TypeLimit> {
        templates.iter().map(|&ty| self.build(ty, scope)).collect()
    }

    fn build(&self, template: TypeId, scope: Scope) -> Result<TypeRef, TypeLimit> {
        use module::Type as T;
        let types = &self.types;
        let at = |vector: &[TypeRef], index: usize| {
            vector.get(index).copied().unwrap_or(TypeRef::DYNAMIC)
        };
        match self.modules.ty(template) {
            None | Some(T::Dynamic) => Ok(TypeRef::DYNAMIC),
            Some(T::Void) => Ok(TypeRef::VOID),
            Some(T::Never) => Ok(TypeRef::NEVER),
            Some(T::Null) => Ok(TypeRef::NULL),
            Some(T::Interface { class, args }) => {
                let args = self.build_all(args, scope)?;
                types.interface(*class, &args)
            }
            Some(T::FutureOr(inner)) => types.future_or(self.build(*inner, scope)?),
            Some(T::Nullable(inner)) => types.nullable(self.build(*inner, scope)?),
            Some(T::ClassParam(index)) => Ok(at(scope.class, usize::from(*index))),
            Some(T::FunctionParam(index)) => {
                let index = usize::from(*index);
                match scope.own_from {
                    Some(from) if index >= from => types.intern(Type::Bound {
                        depth: scope.depth,
                        index: (index - from) as u16,
                    }),
                    _ => Ok(at(scope.function, index)),
                }
            }
            Some(&T::BoundParam { depth, index }) => types.intern(Type::Bound { depth, index }),
            Some(T::Function(function)) => self.build_function(function, scope),
            Some(T::Record { positional, named }) => {
                let mut fields = named
                    .iter()
                    .map(|&(name, ty)| Ok((self.modules.name(name), self.build(ty, scope)?)))
                    .collect::<Result<Box<[_]>, TypeLimit>>()?;
                fields.sort_by_key(|&(name, _)| self.modules.name_text(name));
                types.intern(Type::Record(RecordType {
                    positional: self.build_all(positional, scope)?,
                    named: fields,
                }))
            }
        }
    }

    fn build_function(
        &self,
        function: &module::FunctionType,
        scope: Scope,
    ) -> Result<TypeRef, TypeLimit> {
        let generic = !function.type_params.is_empty();
        let scope = Scope {
            depth: scope.depth + u16::from(generic),
            ..scope
        };
        let named = function
            .named
            .iter()
            .map(|&(name, ty, required)| {
                Ok(NamedParam {
                    name: self.modules.name(name),
                    ty: self.build(ty, scope)?,
                    required,
                })
            })
            .collect::<Result<Box<[_]>, TypeLimit>>()?;
        self.types.intern(Type::Function(FunctionType {
            type_params: self.build_all(&function.type_params, scope)?,
            positional: self.build_all(&function.positional, scope)?,
            required: function.required,
            named,
            result: self.build(function.result, scope)?,
        }))
    }

    /// The run-time type of a function made with these vectors; `instantiation` fills its own type parameters if it is not empty.
    pub fn function_type(
        &self,
        id: FunctionId,
        class_vector: TypeArguments,
        function_vector: TypeArguments,
        instantiation: TypeArguments,
    ) -> Result<TypeRef, TypeLimit> {
        let Some(function) = self.function(id) else {
            return Ok(TypeRef::FUNCTION);
        };
        let outer = usize::from(function.outer_type_params);
        let instantiated = instantiation != TypeArguments::EMPTY;
        let mut vector = self.types.elements(function_vector).to_vec();
        vector.resize(outer, TypeRef::DYNAMIC);
        vector.extend_from_slice(self.types.elements(instantiation));
        let scope = Scope {
            class: self.types.elements(class_vector),
            function: &vector,
            own_from: (!instantiated).then_some(outer),
            depth: 0,
        };
        let positional = function.params.iter().filter(|p| !p.kind.is_named());
        let named = function.params.iter().filter(|p| p.kind.is_named());
        let ty = FunctionType {
            type_params: match instantiated {
                true => Box::default(),
                false => self.build_all(&function.type_params, scope)?,
            },
            positional: positional
                .clone()
                .map(|p| self.build(p.ty, scope))
                .collect::<Result<_, _>>()?,
            required: positional
                .filter(|p| p.kind == module::ParamKind::Required)
                .count() as u16,
            named: named
                .map(|p| {
                    Ok(NamedParam {
                        name: self.modules.name(p.name),
                        ty: self.build(p.ty, scope)?,
                        required: p.kind == module::ParamKind::RequiredNamed,
                    })
                })
                .collect::<Result<_, TypeLimit>>()?,
            result: self.build(function.result_type, scope)?,
        };
        self.types.intern(Type::Function(ty))
    }

    /// The run-time type of a value: what `is` compares, before implementation classes are hidden.
    pub fn type_of(&self, value: Value) -> Result<TypeRef, TypeLimit> {
        let of = object::class_of(value);
        let Some(object) = ObjRef::of(value) else {
            return Ok(match of {
                class::INT => TypeRef::INT,
                class::BOOL => TypeRef::BOOL,
                _ => TypeRef::NULL,
            });
        };
        // SAFETY: the invariant of Value, and the layouts of the classes named.
        unsafe {
            match of {
                class::CLOSURE => {
                    let vectors = object.word(slot::CLOSURE_VECTORS);
                    self.function_type(
                        FunctionId(object.word(slot::CLOSURE_FUNCTION) as u32),
                        TypeArguments(vectors as u32),
                        TypeArguments((vectors >> 32) as u32),
                        TypeArguments(object.word(slot::CLOSURE_INSTANTIATION) as u32),
                    )
                }
                class::RECORD => self.record_type(object),
                _ => {
                    let vector = self.instance_vector(of, object);
                    self.types.interface(of, self.own_arguments(of, vector))
                }
            }
        }
    }

    /// # Safety
    /// A live record.
    unsafe fn record_type(&self, record: ObjRef) -> Result<TypeRef, TypeLimit> {
        // SAFETY: the layout of records.
        let (shape, count) = unsafe {
            let word = record.word(slot::RECORD_SHAPE);
            (word as u32, (word >> 32) as usize)
        };
        let shape = self.modules.record_shape(module::RecordShapeId(shape));
        // SAFETY: as above.
        let fields = unsafe { record.fields(slot::RECORD_FIELDS, count) };
        let names = shape.map_or(&[][..], |shape| &shape.named);
        let positional = count.saturating_sub(names.len());
        let types = fields
            .iter()
            .map(|&field| self.type_of(field))
            .collect::<Result<Vec<_>, _>>()?;
        let (positional, named) = types.split_at(positional);
        let names = names.iter().map(|&name| self.modules.name(name));
        self.types.intern(Type::Record(RecordType {
            positional: positional.into(),
            named: names.zip(named.iter().copied()).collect(),
        }))
    }

    /// The full type argument vector of an instance, empty if its class is not generic.
    ///
    /// # Safety
    /// A live object of that class.
    #[inline]
    pub unsafe fn instance_vector(&self, of: ClassId, object: ObjRef) -> TypeArguments {
        match self.targs_word(of) {
            0 => TypeArguments::EMPTY,
            // SAFETY: instances of generic classes carry the vector in this word.
            word => unsafe { TypeArguments(object.word(word) as u32) },
        }
    }

    /// The word of the type argument vector in instances of a class, 0 if it has none.
    #[inline]
    pub(crate) fn targs_word(&self, of: ClassId) -> usize {
        self.instances
            .get(of.index())
            .map_or(0, |&instance| (instance >> 16) as usize)
    }

    /// A class's own arguments: the tail of its full vector.
    pub fn own_arguments(&self, of: ClassId, vector: TypeArguments) -> &[TypeRef] {
        let own = self.modules.class(of).map_or(0, |c| c.type_params);
        let elements = self.types.elements(vector);
        &elements[elements.len().saturating_sub(usize::from(own))..]
    }

    /// The full vector of a class from its own arguments: its superclass's part is computed from them.
    pub fn full_vector(&self, of: ClassId, own: &[TypeRef]) -> Result<TypeArguments, TypeLimit> {
        let Some(class) = self.modules.class(of) else {
            return Ok(TypeArguments::EMPTY);
        };
        let inherited = usize::from(class.targs_len.saturating_sub(class.type_params));
        // The templates mention own parameters only, so what stands for the inherited part does not matter.
        let mut vector = vec![TypeRef::DYNAMIC; inherited];
        vector.extend_from_slice(own);
        vector.resize(usize::from(class.targs_len), TypeRef::DYNAMIC);
        if let Some(template) = class.super_targs {
            let params = self.types.vector(&vector)?;
            let part = self.instantiate_vector(template, params, TypeArguments::EMPTY)?;
            for (place, &ty) in vector[..inherited]
                .iter_mut()
                .zip(self.types.elements(part))
            {
                *place = ty;
            }
        }
        self.types.vector(&vector)
    }

    /// The arguments of class `sup` in an instance of `of` with this full vector, if `of` is a subclass or implementer.
    pub fn arguments_as(
        &self,
        of: ClassId,
        vector: TypeArguments,
        sup: ClassId,
    ) -> Result<Option<Box<[TypeRef]>>, TypeLimit> {
        if of == sup {
            return Ok(Some(self.own_arguments(of, vector).into()));
        }
        let Some(class) = self.modules.class(of) else {
            return Ok(None);
        };
        let Ok(found) = class.supertypes.binary_search_by_key(&sup, |&(id, _)| id) else {
            return Ok(None);
        };
        let scope = Scope {
            class: self.types.elements(vector),
            ..Scope::default()
        };
        self.build_all(&class.supertypes[found].1, scope).map(Some)
    }

    /// Whether every instance of `of` is one of `sup`.
    pub fn is_subclass(&self, of: ClassId, sup: ClassId) -> bool {
        if of == sup {
            return true;
        }
        if sup == class::OBJECT {
            return of != class::NULL;
        }
        self.modules.class(of).is_some_and(|class| {
            class
                .supertypes
                .binary_search_by_key(&sup, |&(id, _)| id)
                .is_ok()
        })
    }

    /// Whether the function is a closure's or a tear-off's.
    pub fn is_closure(&self, id: FunctionId) -> bool {
        self.function(id)
            .is_some_and(|f| f.flags.contains(FunctionFlags::CLOSURE))
    }
}

/// Questions about parameters that come up in several places.
pub(crate) trait ParamKindExt {
    /// Whether arguments are given by name.
    fn is_named(&self) -> bool;
    /// Whether it may be left out.
    fn is_optional(&self) -> bool;
}

impl ParamKindExt for module::ParamKind {
    fn is_named(&self) -> bool {
        matches!(
            self,
            module::ParamKind::Named | module::ParamKind::RequiredNamed
        )
    }

    fn is_optional(&self) -> bool {
        matches!(
            self,
            module::ParamKind::Named | module::ParamKind::OptionalPositional
        )
    }
}
