//! Declarations, types and constants as bytes.

use std::sync::OnceLock;

use eyot_syntax::ast::StringText;
use rustc_hash::FxHashMap;

use super::wire::{Corrupt, Reader, Wire, Writer, wire_enum, wire_ids, wire_struct};
use crate::model::{
    Access, AsyncMarker, Class, ClassId, ClassKind, Decl, Extension, ExtensionId, File, FileId,
    FormalKind, Library, LibraryId, Member, MemberFlags, MemberId, MemberKind, Modifiers, Owner,
    Param, ParamKind, TypeParam, TypeParamId, TypeParamOwner, Typedef, TypedefId,
};
use crate::program::{ConstId, ConstValue};
use crate::types::{FunctionTy, NamedParamTy, Ty, TyKind};

wire_ids!(
    LibraryId,
    FileId,
    ClassId,
    MemberId,
    TypeParamId,
    ExtensionId,
    TypedefId,
    ConstId,
    Ty,
);

/// Diagnostics name a file of the core by its URI: where it was at build time is nobody's business.
impl Wire for File {
    fn put(&self, w: &mut Writer) {
        self.uri.put(w);
        self.library.put(w);
    }
    fn get(r: &mut Reader<'_>) -> Result<File, Corrupt> {
        let uri: std::sync::Arc<str> = Wire::get(r)?;
        Ok(File {
            display: uri.clone(),
            uri,
            source: None,
            tree: None,
            library: Wire::get(r)?,
        })
    }
}

wire_struct!(Library {
    uri, files, version, declared, exported, members, classes;
    imported: FxHashMap::default(),
    prefixes: FxHashMap::default(),
    extensions: Vec::new(),
    conflicting: OnceLock::new(),
});
wire_struct!(Class {
    name, library, file, span, kind, is_abstract, modifiers, type_params, supertype, mixin, interfaces, on, members,
    instance, statics, constructors, enum_values, sealed_subclasses, pragmas;
    decl: None,
    supers: OnceLock::new(),
    vector_len: OnceLock::new(),
});
wire_struct!(Modifiers {
    sealed,
    base,
    interface,
    final_
});
wire_struct!(Access { get, set });
wire_struct!(Member {
    name, owner, kind, library, file, span, flags, type_params, params, ty, marker, redirect, constant;
    node: None,
});
wire_struct!(Param {
    name,
    variable,
    span,
    ty,
    kind,
    covariant,
    by_class,
    formal,
    has_default,
    default
});
wire_struct!(TypeParam {
    name,
    owner,
    index,
    bound
});
wire_struct!(Extension {
    name, library, file, span, type_params, on, members, instance, statics;
    decl: None,
});
wire_struct!(Typedef {
    name, library, file, span, type_params, ty;
    decl: None,
});
wire_struct!(FunctionTy {
    type_params,
    positional,
    required,
    named,
    result
});
wire_struct!(NamedParamTy { name, ty, required });

wire_enum!(Decl {
    0 => Class(id),
    1 => Typedef(id),
    2 => Extension(id),
    3 => Member { get, set },
    4 => Dynamic,
    5 => Never,
    6 => Ambiguous,
});
wire_enum!(ClassKind {
    0 => Class,
    1 => Mixin,
    2 => MixinClass,
    3 => Enum,
    4 => Application,
    5 => ExtensionType,
});
wire_enum!(Owner {
    0 => Library(id),
    1 => Class(id),
    2 => Extension(id),
});
wire_enum!(MemberKind {
    0 => Method,
    1 => Getter,
    2 => Setter,
    3 => Field,
    4 => Constructor,
    5 => Factory,
    6 => RedirectingFactory,
});
wire_enum!(AsyncMarker {
    0 => Sync,
    1 => Async,
    2 => AsyncStar,
    3 => SyncStar,
});
wire_enum!(ParamKind {
    0 => Required,
    1 => OptionalPositional,
    2 => Named,
    3 => RequiredNamed,
});
wire_enum!(FormalKind {
    0 => Plain,
    1 => Field,
    2 => Super,
});
wire_enum!(TypeParamOwner {
    0 => Class(id),
    1 => Member(id),
    2 => Extension(id),
    3 => Typedef(id),
    4 => Local,
});
wire_enum!(TyKind {
    0 => Dynamic,
    1 => Void,
    2 => Never,
    3 => Null,
    4 => Unknown,
    5 => Error,
    6 => Interface { class, args, nullable },
    7 => Function { function, nullable },
    8 => Record { positional, named, nullable },
    9 => FutureOr { arg, nullable },
    10 => Param { param, promoted, nullable },
});
wire_enum!(ConstValue {
    0 => Null,
    1 => Bool(value),
    2 => Int(value),
    3 => Double(bits),
    4 => String(text),
    5 => Symbol(name),
    6 => Type(ty),
    7 => List(ty, elements),
    8 => Set(ty, elements),
    9 => Map(key, value, entries),
    10 => Object(class, types, fields),
    11 => Function(member, types),
    12 => Constructor(member, types),
    13 => Record(positional, named),
});
wire_enum!(StringText {
    0 => Utf8(text),
    1 => Utf16(units),
});

impl Wire for MemberFlags {
    fn put(&self, w: &mut Writer) {
        self.bits().put(w);
    }
    fn get(r: &mut Reader<'_>) -> Result<MemberFlags, Corrupt> {
        MemberFlags::from_bits(u32::get(r)?).ok_or(r.corrupt())
    }
}
