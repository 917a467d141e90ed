//! Structs and unions: what may be declared in them, and the accessors of their fields.

use eyot_syntax::Span;
use eyot_syntax::ast::{self, DeclarationKind};

use super::Ffi;
use super::native::Native;
use crate::body::{AnnotationObject, annotation_objects};
use crate::made::{Change, Made, getter_body, int, setter_body, setter_of};
use crate::model::{ClassId, Member, MemberFlags, MemberId, MemberKind, World};
use crate::outline::nodes::{MemberNode, member_node};
use crate::program::{Body, ConstId, ConstValue, Expr, ExprKind};
use crate::types::Ty;

/// What a field is in memory.
#[derive(Clone, Debug)]
pub(super) enum FieldType {
    One(Native),
    /// So many of what is in the innermost arrays, and its type.
    Array(Native, Ty, Vec<i64>),
    /// Nothing that memory can hold.
    Wrong(String, Span),
}

impl FieldType {
    pub(super) fn size(&self, ffi: &Ffi<'_>) -> Option<(i64, i64)> {
        match self {
            FieldType::One(native) => native.size(ffi),
            FieldType::Array(native, _, dimensions) => {
                let (bytes, alignment) = native.size(ffi)?;
                Some((bytes.saturating_mul(element_count(dimensions)), alignment))
            }
            FieldType::Wrong(..) => None,
        }
    }

    /// Adds the numbers in a field at `offset`, as far as a call needs them: more than those of 16 bytes it does not.
    pub(super) fn numbers(&self, ffi: &Ffi<'_>, offset: i64, to: &mut Vec<(i64, i64, bool)>) {
        const ENOUGH: i64 = 64;
        match self {
            FieldType::One(native) => numbers(ffi, *native, offset, to),
            FieldType::Array(native, _, dimensions) => {
                let size = native.size(ffi).map_or(0, |(bytes, _)| bytes);
                for index in 0..element_count(dimensions).min(ENOUGH) {
                    let at = offset.saturating_add(index.saturating_mul(size));
                    numbers(ffi, *native, at, to);
                }
            }
            FieldType::Wrong(..) => {}
        }
    }
}

/// More than any memory has room for, and few enough for their bytes to be counted.
const ELEMENTS_MAX: i64 = 1 << 47;

/// How many elements an array of arrays has.
fn element_count(dimensions: &[i64]) -> i64 {
    let dimensions = dimensions.iter().copied();
    dimensions.reduce(i64::saturating_mul).unwrap_or(0)
}

fn numbers(ffi: &Ffi<'_>, native: Native, offset: i64, to: &mut Vec<(i64, i64, bool)>) {
    match native {
        Native::Compound(class) => {
            let layout = ffi.layout(class).unwrap_or_default();
            let inner = layout.numbers.iter();
            to.extend(
                inner.map(|&(at, bytes, is_float)| (offset.saturating_add(at), bytes, is_float)),
            );
        }
        Native::Float { bytes } => to.push((offset, bytes.into(), true)),
        _ => {
            let bytes = native.size(ffi).map_or(0, |(bytes, _)| bytes);
            to.push((offset, bytes, false));
        }
    }
}

// ---- what is written

impl Ffi<'_> {
    /// The annotations of a class that are the library's.
    pub(super) fn class_annotations(&self, class: ClassId) -> Vec<AnnotationObject> {
        let data = self.world.class(class);
        let file = self.world.file(data.file);
        let declaration = match (&file.tree, data.decl) {
            (Some(tree), Some(index)) => tree.declarations.get(index as usize),
            _ => None,
        };
        let metadata = declaration.map_or(&[][..], |declaration| &declaration.metadata);
        self.annotations(data.file, metadata)
    }

    /// The annotations of a member that are the library's, or native types.
    pub(super) fn member_annotations(&self, member: &Member) -> Vec<AnnotationObject> {
        let file = self.world.file(member.file);
        match file.tree.as_deref() {
            Some(tree) => self.annotations(member.file, metadata_of(tree, member)),
            None => Vec::new(),
        }
    }

    fn annotations(
        &self,
        file: crate::model::FileId,
        metadata: &[ast::Annotation],
    ) -> Vec<AnnotationObject> {
        let mut found = annotation_objects(self.world, file, metadata);
        found.retain(|found| {
            let library = self.world.class(found.class).library;
            library == self.library || self.is_abi_specific(found.class)
        });
        found
    }

    /// What `@Packed` says.
    pub(super) fn packed(&self, class: ClassId) -> Option<i64> {
        let annotations = self.class_annotations(class);
        let packed = annotations
            .iter()
            .find(|found| self.is(found.class, "Packed"))?;
        let fields = self.object_fields(packed.value)?;
        self.int_of(fields.first()?.1)
    }

    fn int_of(&self, id: ConstId) -> Option<i64> {
        match self.world.consts.value(id) {
            ConstValue::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The dimensions that an `@Array` says.
    fn dimensions(&self, annotation: &AnnotationObject) -> Option<Vec<i64>> {
        let fields = self.object_fields(annotation.value)?;
        let named = |wanted: &str| {
            let found = fields.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| *value)
        };
        if let Some(list) = named("dimensions")
            && let ConstValue::List(_, elements) = self.world.consts.value(list)
        {
            return elements.iter().map(|&id| self.int_of(id)).collect();
        }
        let numbered = (1..=5).map(|index| named(&format!("dimension{index}")));
        Some(numbered.map_while(|id| self.int_of(id?)).collect())
    }

    /// Whether the first dimension of an `@Array` is for the program to know.
    fn is_variable(&self, annotation: &AnnotationObject) -> bool {
        let fields = self.object_fields(annotation.value).unwrap_or_default();
        let found = fields.iter().find(|(name, _)| name == "isVariable");
        found.is_some_and(|(_, value)| *self.world.consts.value(*value) == ConstValue::Bool(true))
    }
}

/// The annotations before a member.
fn metadata_of<'t>(tree: &'t eyot_syntax::SyntaxTree, member: &Member) -> &'t [ast::Annotation] {
    let Some(node) = member.node else {
        return &[];
    };
    let Some(declaration) = tree.declarations.get(node.decl as usize) else {
        return &[];
    };
    let members = match &declaration.kind {
        DeclarationKind::Class(class) => &class.members,
        DeclarationKind::Mixin(mixin) => &mixin.members,
        DeclarationKind::Enum(node) => &node.members,
        DeclarationKind::Extension(extension) => &extension.members,
        DeclarationKind::ExtensionType(node) => &node.members,
        _ => return &declaration.metadata,
    };
    members
        .get(node.member as usize)
        .map_or(&[], |member| &member.metadata)
}

/// What a field is, by its type and annotation.
pub(super) fn field_type(ffi: &Ffi<'_>, field: MemberId) -> FieldType {
    let data = ffi.world.member(field);
    let ty = ffi.world.ty(field);
    let wrong = |message: &str| FieldType::Wrong(message.to_string(), data.span);
    if ty == Ty::ERROR {
        return wrong("");
    }
    let annotations = ffi.member_annotations(data);
    let natives: Vec<&AnnotationObject> = annotations
        .iter()
        .filter(|found| ffi.number(found.class).is_some() || is_array_size(ffi, found))
        .collect();
    let number = match ty {
        Ty::INT | Ty::DOUBLE | Ty::BOOL => true,
        _ => {
            let class = ffi.class_of(ty);
            let is_array = class.is_some_and(|(class, _)| ffi.is(class, "Array"));
            if is_array {
                return array_type(ffi, ty, &natives, data.span);
            }
            false
        }
    };
    if !number {
        return match ffi.native(ty) {
            Some(native @ (Native::Pointer(_) | Native::Compound(_))) if natives.is_empty() => {
                FieldType::One(native)
            }
            Some(Native::Pointer(_) | Native::Compound(_)) => {
                wrong("a field of this type has no native type as an annotation; remove it")
            }
            _ => wrong(
                "a field of a struct or union is an int, double or bool with its native type, or an Array, Pointer, struct or union",
            ),
        };
    }
    let [annotation] = natives[..] else {
        return match natives.is_empty() {
            true => wrong("this field needs its native type as an annotation, like '@Int32()'"),
            false => wrong("a field has one native type as an annotation"),
        };
    };
    match ffi.number(annotation.class) {
        Some(native) if native != Native::Void && native.dart_type(ffi) == ty => {
            FieldType::One(native)
        }
        _ => FieldType::Wrong(
            "the native type in the annotation does not fit the field's type".to_string(),
            data.span,
        ),
    }
}

/// Whether an annotation is an `@Array(…)`, whose constructors redirect.
fn is_array_size(ffi: &Ffi<'_>, annotation: &AnnotationObject) -> bool {
    ffi.is(annotation.class, "_ArraySize")
}

fn array_type(ffi: &Ffi<'_>, ty: Ty, natives: &[&AnnotationObject], span: Span) -> FieldType {
    let wrong = |message: &str| FieldType::Wrong(message.to_string(), span);
    let (mut element, mut depth) = (ty, 0);
    while let Some((class, args)) = ffi.class_of(element)
        && ffi.is(class, "Array")
        && let Some(&inner) = args.first()
    {
        element = inner;
        depth += 1;
    }
    let [annotation] = natives[..] else {
        return wrong("an Array needs its dimensions as one annotation, like '@Array(8)'");
    };
    let dimensions = match is_array_size(ffi, annotation) {
        true => ffi.dimensions(annotation),
        false => None,
    };
    let Some(dimensions) = dimensions else {
        return wrong("an Array needs its dimensions as an annotation, like '@Array(8)'");
    };
    if dimensions.len() != depth {
        return wrong("the annotation has not as many dimensions as the type");
    }
    let known = usize::from(ffi.is_variable(annotation));
    let is_wrong = |&dimension: &i64| dimension <= 0;
    if dimensions[known.min(dimensions.len())..]
        .iter()
        .any(is_wrong)
    {
        return wrong("dimensions of an Array are greater than 0");
    }
    if element_count(&dimensions) > ELEMENTS_MAX {
        return wrong("this Array has more elements than memory can hold");
    }
    match ffi.native(element) {
        Some(native @ Native::Compound(_)) => FieldType::Array(native, element, dimensions),
        Some(native) if native != Native::Void => FieldType::Array(native, element, dimensions),
        _ if element == Ty::ERROR => wrong(""),
        _ => wrong("the elements of an Array are of a native type that has a size"),
    }
}

// ---- rules

/// Checks a class, and makes the accessors of its fields if it is a struct or union.
pub(super) fn check(ffi: &Ffi<'_>, class: ClassId, made: &mut Made) {
    check_supertypes(ffi, class);
    if ffi.is_abi_specific(class) && ffi.number(class).is_none() {
        let data = ffi.world.class(class);
        let message =
            "an AbiSpecificInteger needs an AbiSpecificIntegerMapping that has this machine";
        ffi.error(data.file, "ffi-abi-mapping", data.span, message);
    }
    let Some(base) = ffi.compound_base(class) else {
        return;
    };
    let data = ffi.world.class(class);
    let error = |span, message: String| ffi.error(data.file, "ffi-struct", span, message);
    if !data.type_params.is_empty() {
        error(data.span, format!("a {base} cannot be generic"));
    }
    check_packed(ffi, class);
    let fields: Vec<MemberId> = data
        .members
        .iter()
        .copied()
        .filter(|&member| {
            let member = ffi.world.member(member);
            member.kind == MemberKind::Field && !member.flags.contains(MemberFlags::STATIC)
        })
        .collect();
    if fields.is_empty() {
        let message = format!("a {base} needs fields; what has none that are known is an Opaque");
        return error(data.span, message);
    }
    let offsets = ffi.offsets(class);
    for (&field, &offset) in fields.iter().zip(&offsets) {
        check_field(ffi, class, field, offset, base, made);
    }
}

/// Structs and unions have no subclasses, and nobody implements them.
fn check_supertypes(ffi: &Ffi<'_>, class: ClassId) {
    let data = ffi.world.class(class);
    let all = ffi.world.direct_supertypes(class);
    let supertypes: Vec<ClassId> = all.filter_map(|ty| ffi.world.class_of(ty)).collect();
    if supertypes
        .iter()
        .any(|&supertype| ffi.is_compound(supertype))
    {
        let message = "a struct or union cannot be extended, implemented or mixed in";
        ffi.error(data.file, "ffi-struct", data.span, message);
    }
}

fn check_packed(ffi: &Ffi<'_>, class: ClassId) {
    let data = ffi.world.class(class);
    let annotations = ffi.class_annotations(class);
    let mut packed = annotations
        .iter()
        .filter(|found| ffi.is(found.class, "Packed"));
    let Some(first) = packed.next() else {
        return;
    };
    if let Some(second) = packed.next() {
        let message = "a struct is packed once";
        ffi.error(data.file, "ffi-packed", second.span, message);
    }
    if !matches!(ffi.packed(class), None | Some(1 | 2 | 4 | 8 | 16)) {
        let message = "a struct is packed to 1, 2, 4, 8 or 16 bytes";
        ffi.error(data.file, "ffi-packed", first.span, message);
    }
}

fn check_field(
    ffi: &Ffi<'_>,
    class: ClassId,
    field: MemberId,
    offset: i64,
    base: &str,
    made: &mut Made,
) {
    let data = ffi.world.member(field);
    let error = |message: &str| ffi.error(data.file, "ffi-field", data.span, message);
    if !data.flags.contains(MemberFlags::EXTERNAL) {
        return error(&format!(
            "a field of a {base} lies in native memory: mark it 'external'"
        ));
    }
    if data.flags.contains(MemberFlags::LATE) {
        return error("a field of a struct or union cannot be late");
    }
    match field_type(ffi, field) {
        FieldType::Wrong(message, span) => {
            if !message.is_empty() {
                let at = type_span(ffi.world, data).unwrap_or(span);
                ffi.error(data.file, "ffi-field", at, message);
            }
        }
        ty if contains(ffi, &ty, class, &mut Vec::new()) => {
            error("a struct or union cannot contain itself");
        }
        ty => accessors(ffi, class, field, &ty, offset, made),
    }
}

/// Whether a struct is in a field, by value.
fn contains(ffi: &Ffi<'_>, ty: &FieldType, wanted: ClassId, seen: &mut Vec<ClassId>) -> bool {
    let (FieldType::One(Native::Compound(class)) | FieldType::Array(Native::Compound(class), ..)) =
        ty
    else {
        return false;
    };
    if *class == wanted {
        return true;
    }
    if seen.contains(class) {
        return false;
    }
    seen.push(*class);
    let mut fields = ffi.fields(*class).into_iter();
    fields.any(|field| contains(ffi, &field, wanted, seen))
}

/// Where the type of a field is written.
fn type_span(world: &World, member: &Member) -> Option<Span> {
    let tree = world.file(member.file).tree.as_deref()?;
    match member_node(tree, member)? {
        MemberNode::Variable(declaration) => Some(tree[declaration.ty?].span),
        _ => None,
    }
}

// ---- accessors

fn accessors(
    ffi: &Ffi<'_>,
    class: ClassId,
    field: MemberId,
    ty: &FieldType,
    offset: i64,
    made: &mut Made,
) {
    let data = ffi.world.member(field);
    let this = Expr {
        kind: ExprKind::This,
        ty: ffi.world.types.interface(class, &[]),
        span: data.span,
    };
    let access = Accessed { this, offset, ty };
    made.bodies.push((field, access.getter(ffi, field)));
    let setter = (!data.flags.contains(MemberFlags::FINAL))
        .then(|| access.add_setter(ffi, field, MemberFlags::SYNTHETIC, made));
    made.members.push((field, Change::Accessors(class, setter)));
}

/// What accessors read and write: a field of this type in an object.
pub(super) struct Accessed<'t> {
    pub(super) this: Expr,
    pub(super) offset: i64,
    pub(super) ty: &'t FieldType,
}

impl Accessed<'_> {
    /// The code of a getter.
    pub(super) fn getter(&self, ffi: &Ffi<'_>, member: MemberId) -> Body {
        let value_type = ffi.world.ty(member);
        let span = self.this.span;
        let (suffix, types, args) = helper(ffi, self);
        let read = ffi.call(&format!("_field{suffix}"), types, args, value_type, span);
        getter_body(read, value_type)
    }

    /// The code of a setter.
    pub(super) fn setter(&self, ffi: &Ffi<'_>, value_type: Ty) -> Body {
        let span = self.this.span;
        let (suffix, types, mut args) = helper(ffi, self);
        setter_body(value_type, span, |value| {
            args.push(value);
            ffi.call(&format!("_setField{suffix}"), types, args, Ty::VOID, span)
        })
    }

    /// A setter beside a field that becomes a getter.
    pub(super) fn add_setter(
        &self,
        ffi: &Ffi<'_>,
        field: MemberId,
        flags: MemberFlags,
        made: &mut Made,
    ) -> MemberId {
        let value_type = ffi.world.ty(field);
        let member = setter_of(ffi.world.member(field), value_type, flags);
        let setter = made.add(ffi.world, member);
        made.bodies.push((setter, self.setter(ffi, value_type)));
        made.setters.insert(field, setter);
        setter
    }
}

/// Which functions of the library read and write a field: the end of their names, type arguments, arguments.
fn helper(ffi: &Ffi<'_>, accessed: &Accessed<'_>) -> (&'static str, Vec<Ty>, Vec<Expr>) {
    let Accessed { this, offset, ty } = accessed;
    let span = this.span;
    let mut args = vec![this.clone(), int(*offset, span)];
    let size = |native: Native| native.size(ffi).map_or(0, |(bytes, _)| bytes);
    match *ty {
        FieldType::One(native) => {
            let last = native.kind().unwrap_or_else(|| size(*native));
            args.push(int(last, span));
            match native {
                Native::Bool => ("Bool", Vec::new(), args),
                Native::Float { .. } => ("Double", Vec::new(), args),
                Native::Pointer(to) => ("Pointer", vec![*to], args),
                Native::Compound(inner) => {
                    let ty = ffi.world.types.interface(*inner, &[]);
                    ("Compound", vec![ty], args)
                }
                Native::Int { .. } | Native::Void => ("Int", Vec::new(), args),
            }
        }
        FieldType::Array(native, element, dimensions) => {
            args.push(int(size(*native), span));
            let consts = &ffi.world.consts;
            let counts = dimensions.iter();
            let counts = counts.map(|&count| consts.intern(ConstValue::Int(count)));
            let list = consts.intern(ConstValue::List(Ty::INT, counts.collect()));
            args.push(Expr {
                kind: ExprKind::Const(list),
                ty: Ty::DYNAMIC,
                span,
            });
            // The type of the array's own elements: one array less for each dimension but the first.
            let array = ffi.class("Array");
            let element = dimensions.iter().skip(1).fold(*element, |element, _| {
                array.map_or(element, |array| {
                    ffi.world.types.interface(array, &[element])
                })
            });
            ("Array", vec![element], args)
        }
        FieldType::Wrong(..) => ("Int", Vec::new(), args),
    }
}
