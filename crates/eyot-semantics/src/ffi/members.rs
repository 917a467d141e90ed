//! External functions and variables with `@Native`.

use std::sync::OnceLock;

use eyot_syntax::Span;

use super::calls::native_closure;
use super::native::Native;
use super::signatures::Signature;
use super::structs::{Accessed, FieldType, field_type};
use super::{Ffi, const_text};
use crate::made::{Change, Made, null, returning, text};
use crate::model::{AsyncMarker, Member, MemberFlags, MemberId, MemberKind, Owner, ParamKind};
use crate::program::{Args, Body, ConstValue, Expr, ExprKind, Local, LocalId, ParamNode};
use crate::types::{FunctionTy, Ty, TyKind};

/// What a `@Native` names.
pub(super) struct NativeSymbol {
    pub(super) name: String,
    pub(super) asset: Option<String>,
    pub(super) is_leaf: bool,
    /// The native type, if one is written.
    ty: Option<Ty>,
}

/// The native symbol that an external member stands for, if it stands for one.
pub(super) fn symbol(ffi: &Ffi<'_>, member: MemberId) -> Option<NativeSymbol> {
    let data = ffi.world.member(member);
    let annotations = ffi.member_annotations(data);
    let native = annotations
        .iter()
        .find(|found| ffi.is(found.class, "Native"))?;
    let value = native.value;
    let ConstValue::Object(_, types, _) = ffi.world.consts.value(value) else {
        return None;
    };
    let fields = ffi.object_fields(value)?;
    let named = |wanted: &str| {
        let found = fields.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| ffi.world.consts.value(*value))
    };
    let written = named("symbol").and_then(const_text);
    let asset = named("assetId").and_then(const_text).map(str::to_owned);
    Some(NativeSymbol {
        name: written.unwrap_or(data.name.as_str()).to_owned(),
        asset: asset.or_else(|| default_asset(ffi, data)),
        is_leaf: named("isLeaf") == Some(&ConstValue::Bool(true)),
        ty: types.first().copied().filter(|&ty| ty != Ty::DYNAMIC),
    })
}

impl NativeSymbol {
    /// Name and asset, as arguments.
    pub(super) fn texts(&self, span: Span) -> Vec<Expr> {
        let asset = self.asset.as_ref();
        vec![
            text(&self.name, span),
            asset.map_or(null(span), |asset| text(asset, span)),
        ]
    }
}

/// What a `@DefaultAsset` in front of the library says.
fn default_asset(ffi: &Ffi<'_>, member: &Member) -> Option<String> {
    let library = ffi.world.library(member.library);
    let file = *library.files.first()?;
    let tree = ffi.world.file(file).tree.as_deref()?;
    let metadata = tree
        .directives
        .iter()
        .flat_map(|directive| &directive.metadata);
    let metadata: Vec<_> = metadata.cloned().collect();
    let annotations = crate::body::annotation_objects(ffi.world, file, &metadata);
    let found = annotations
        .iter()
        .find(|found| ffi.is(found.class, "DefaultAsset"))?;
    let fields = ffi.object_fields(found.value)?;
    let (_, id) = fields.iter().find(|(name, _)| name == "id")?;
    const_text(ffi.world.consts.value(*id)).map(str::to_owned)
}

/// Gives an external function with `@Native` its code.
pub(super) fn lower(ffi: &Ffi<'_>, member: MemberId, made: &mut Made) {
    let data = ffi.world.member(member);
    if !data.flags.contains(MemberFlags::EXTERNAL) || data.node.is_none() {
        return;
    }
    let Some(symbol) = symbol(ffi, member) else {
        return;
    };
    if !data.flags.contains(MemberFlags::STATIC) {
        let message = "an instance member cannot be '@Native': make it static";
        return ffi.error(data.file, "ffi-native", data.span, message);
    }
    if data.kind != MemberKind::Method {
        // What is wrong has been told.
        let _ = variable_accessors(ffi, member, &symbol, made);
        return;
    }
    if let Some(body) = function(ffi, member, &symbol, made) {
        made.bodies.push((member, body));
        made.members.push((member, Change::Code));
    }
}

/// Accessors of a variable of C: an external variable becomes a getter and a setter, external accessors get their code.
fn variable_accessors(
    ffi: &Ffi<'_>,
    member: MemberId,
    symbol: &NativeSymbol,
    made: &mut Made,
) -> Option<()> {
    let data = ffi.world.member(member);
    let is_setter = data.kind == MemberKind::Setter;
    let value_type = match is_setter {
        true => data.params.first()?.ty,
        false => ffi.world.ty(member),
    };
    let ty = match symbol
        .ty
        .or_else(|| ffi.native(value_type).map(|_| value_type))
    {
        Some(native) => of_native(ffi, native, value_type),
        None => field_type(ffi, member),
    };
    if let FieldType::Wrong(..) = ty {
        let message = "a '@Native' variable needs its native type, which fits its own: '@Native<Int32>() external int x'";
        ffi.error(data.file, "ffi-native", data.span, message);
        return None;
    }
    let place = ffi
        .world
        .types
        .interface(ffi.class("_NativeVariable")?, &[]);
    let span = data.span;
    let address = made.add(ffi.world, variable(data, place));
    let find = ffi.call(
        "_nativeVariable",
        Vec::new(),
        symbol.texts(span),
        place,
        span,
    );
    let initializer = Body {
        locals: Vec::new(),
        function: returning(Vec::new(), find, place),
        initializers: Vec::new(),
    };
    made.bodies.push((address, initializer));
    let this = Expr {
        kind: ExprKind::StaticGet(address),
        ty: place,
        span,
    };
    let accessed = Accessed {
        this,
        offset: 0,
        ty: &ty,
    };
    if is_setter {
        made.bodies.push((member, accessed.setter(ffi, value_type)));
        made.members.push((member, Change::Code));
        return Some(());
    }
    made.bodies.push((member, accessed.getter(ffi, member)));
    made.members.push((member, Change::Getter));
    if data.kind == MemberKind::Field && !data.flags.contains(MemberFlags::FINAL) {
        let flags = MemberFlags::SYNTHETIC | MemberFlags::STATIC;
        accessed.add_setter(ffi, member, flags, made);
    }
    Some(())
}

/// What a variable is, by the native type that is written for it.
fn of_native(ffi: &Ffi<'_>, native: Ty, dart: Ty) -> FieldType {
    match ffi.native(native) {
        Some(found) if found != Native::Void && found.dart_type(ffi) == dart => {
            FieldType::One(found)
        }
        _ => FieldType::Wrong(String::new(), Span::default()),
    }
}

/// The function's code: a call of the closure in a variable of its own, which is found when it is first called.
fn function(
    ffi: &Ffi<'_>,
    member: MemberId,
    symbol: &NativeSymbol,
    made: &mut Made,
) -> Option<Body> {
    let data = ffi.world.member(member);
    let span = data.span;
    let dart = dart_type(ffi, member);
    let native = symbol.ty.or_else(|| natural(ffi, dart));
    let Some(native) = native else {
        let message = "a '@Native' needs the native function type: '@Native<Int32 Function()>()'";
        ffi.error(data.file, "ffi-native", span, message);
        return None;
    };
    let signature = ffi.signature(data.file, native, dart, span)?;
    let (locals, closure) = native_closure(ffi, dart, &signature, symbol, span)?;
    let variable = made.add(ffi.world, variable(data, dart));
    let initializer = Body {
        locals,
        function: returning(Vec::new(), closure, dart),
        initializers: Vec::new(),
    };
    made.bodies.push((variable, initializer));
    Some(caller(ffi, member, variable, dart, &signature))
}

fn caller(
    ffi: &Ffi<'_>,
    member: MemberId,
    variable: MemberId,
    dart: Ty,
    _signature: &Signature,
) -> Body {
    let data = ffi.world.member(member);
    let span = data.span;
    let params = data.params.iter();
    let locals: Vec<Local> = params
        .map(|param| Local {
            name: param.variable,
            ty: param.ty,
            late: false,
            is_final: true,
            span,
        })
        .collect();
    let numbered = || (0..).map(LocalId).zip(&locals);
    let params = numbered().map(|(local, _)| ParamNode {
        local,
        kind: ParamKind::Required,
        default: None,
        check: false,
    });
    let arguments = numbered().map(|(local, data)| Expr {
        kind: ExprKind::Local(local),
        ty: data.ty,
        span,
    });
    let kind = ExprKind::ClosureCall {
        callee: Box::new(Expr {
            kind: ExprKind::StaticGet(variable),
            ty: dart,
            span,
        }),
        args: Args {
            types: Vec::new(),
            positional: arguments.collect(),
            named: Vec::new(),
        },
    };
    let ty = ffi.world.ty(member);
    let call = Expr { kind, ty, span };
    let function = returning(params.collect(), call, ty);
    Body {
        locals,
        function,
        initializers: Vec::new(),
    }
}

/// The function's Dart type.
fn dart_type(ffi: &Ffi<'_>, member: MemberId) -> Ty {
    let data = ffi.world.member(member);
    let required = data
        .params
        .iter()
        .filter(|param| param.kind == ParamKind::Required);
    ffi.world.types.function(FunctionTy {
        type_params: data.type_params.clone().into(),
        positional: data.params.iter().map(|param| param.ty).collect(),
        required: required.count() as u32,
        named: Box::default(),
        result: ffi.world.ty(member),
    })
}

/// The native function type that needs no writing: of pointers, structs and nothing.
fn natural(ffi: &Ffi<'_>, dart: Ty) -> Option<Ty> {
    let TyKind::Function { function, .. } = ffi.world.types.kind(dart) else {
        return None;
    };
    let void = ffi.class("Void")?;
    let native = |ty: Ty| match ty {
        Ty::VOID => Some(ffi.world.types.interface(void, &[])),
        ty => ffi.native(ty).map(|_| ty),
    };
    let positional: Option<Box<[Ty]>> = function.positional.iter().map(|&ty| native(ty)).collect();
    Some(ffi.world.types.function(FunctionTy {
        positional: positional?,
        result: native(function.result)?,
        ..function.clone()
    }))
}

/// The variable that has the closure, or the address.
fn variable(function: &Member, ty: Ty) -> Member {
    let owner = match function.owner {
        Owner::Class(class) => Owner::Class(class),
        _ => Owner::Library(function.library),
    };
    let flags = MemberFlags::STATIC
        | MemberFlags::FINAL
        | MemberFlags::HAS_INITIALIZER
        | MemberFlags::SYNTHETIC;
    Member {
        name: super::name(&format!(":native {}", function.name)),
        owner,
        kind: MemberKind::Field,
        flags,
        type_params: Vec::new(),
        params: Vec::new(),
        ty: OnceLock::from(ty),
        marker: AsyncMarker::Sync,
        constant: OnceLock::new(),
        node: None,
        ..function.clone()
    }
}
