//! External functions with `@Native`.

use std::sync::OnceLock;

use super::calls::native_closure;
use super::signatures::Signature;
use super::{Change, Ffi, Made, const_text, returning};
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
    let body = match data.kind {
        MemberKind::Method => function(ffi, member, &symbol, made),
        _ => Some(unsupported(data, ffi.world.ty(member))),
    };
    if let Some(body) = body {
        made.bodies.push((member, body));
        made.members.push((member, Change::Code));
    }
}

fn unsupported(data: &Member, ty: Ty) -> Body {
    let span = data.span;
    let what = "a variable or accessor with '@Native'";
    let kind = ExprKind::Unsupported(what.into());
    Body {
        locals: Vec::new(),
        function: returning(Vec::new(), Expr { kind, ty, span }, ty),
        initializers: Vec::new(),
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

/// The variable that has the closure.
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
