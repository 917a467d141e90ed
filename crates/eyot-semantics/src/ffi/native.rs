//! Native types: which one a class stands for, and how values of it lie in memory.

use std::cell::RefCell;
use std::fmt::Write;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::Ffi;
use crate::model::{ClassId, MemberFlags, MemberKind};
use crate::program::ConstValue;
use crate::types::{Ty, TyKind};

/// What a native type is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Native {
    Void,
    Bool,
    Int {
        bytes: u8,
        signed: bool,
    },
    Float {
        bytes: u8,
    },
    /// To values of this type.
    Pointer(Ty),
    /// A struct or union.
    Compound(ClassId),
}

/// How a struct or union lies in memory.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) bytes: i64,
    pub(super) alignment: i64,
    /// Offset and size of each number in it, and whether it is a float.
    pub(super) numbers: Vec<(i64, i64, bool)>,
}

/// Layouts by class; none while one is worked out, and for what has none.
pub(super) type Layouts = RefCell<FxHashMap<ClassId, Option<Rc<Layout>>>>;

/// Integers that are the same everywhere: name, bytes, sign.
const FIXED: [(&str, u8, bool); 8] = [
    ("Int8", 1, true),
    ("Int16", 2, true),
    ("Int32", 4, true),
    ("Int64", 8, true),
    ("Uint8", 1, false),
    ("Uint16", 2, false),
    ("Uint32", 4, false),
    ("Uint64", 8, false),
];

/// Integers that depend on the machine that this runs on, which is the one that the program will run on.
fn machine_integer(name: &str) -> Option<(u8, bool)> {
    use std::ffi::{c_char, c_int, c_long, c_longlong, c_short};
    let bytes = |size: usize| size as u8;
    let wide_char = (
        4,
        cfg!(not(all(target_arch = "aarch64", not(target_os = "macos")))),
    );
    Some(match name {
        "Char" => (1, c_char::MIN != 0),
        "SignedChar" => (1, true),
        "UnsignedChar" => (1, false),
        "Short" => (bytes(size_of::<c_short>()), true),
        "UnsignedShort" => (bytes(size_of::<c_short>()), false),
        "Int" => (bytes(size_of::<c_int>()), true),
        "UnsignedInt" => (bytes(size_of::<c_int>()), false),
        "Long" => (bytes(size_of::<c_long>()), true),
        "UnsignedLong" => (bytes(size_of::<c_long>()), false),
        "LongLong" => (bytes(size_of::<c_longlong>()), true),
        "UnsignedLongLong" => (bytes(size_of::<c_longlong>()), false),
        "IntPtr" => (bytes(size_of::<isize>()), true),
        "UintPtr" | "Size" => (bytes(size_of::<usize>()), false),
        "WChar" => wide_char,
        _ => return None,
    })
}

/// The machine's name among those of `Abi`.
fn machine_abi() -> String {
    let machine = match std::env::consts::ARCH {
        "x86_64" => "X64",
        "aarch64" => "Arm64",
        "x86" => "IA32",
        other => other,
    };
    format!("{}{machine}", std::env::consts::OS)
}

impl Native {
    /// Size and alignment; none for what has none.
    pub(super) fn size(self, ffi: &Ffi<'_>) -> Option<(i64, i64)> {
        Some(match self {
            Native::Void => return None,
            Native::Bool => (1, 1),
            Native::Int { bytes, .. } | Native::Float { bytes } => (bytes.into(), bytes.into()),
            Native::Pointer(_) => (8, 8),
            Native::Compound(class) => {
                let layout = ffi.layout(class)?;
                (layout.bytes, layout.alignment)
            }
        })
    }

    /// The kind of number, as the natives that load and store count them.
    pub(super) fn kind(self) -> Option<i64> {
        Some(match self {
            Native::Int { bytes, signed } => {
                i64::from(bytes.trailing_zeros()) * 2 + i64::from(!signed)
            }
            Native::Bool => 1,
            Native::Float { bytes: 4 } => 8,
            Native::Float { .. } => 9,
            Native::Pointer(_) => 7,
            Native::Void | Native::Compound(_) => return None,
        })
    }

    /// The Dart type of its values.
    pub(super) fn dart_type(self, ffi: &Ffi<'_>) -> Ty {
        match self {
            Native::Void => Ty::VOID,
            Native::Bool => Ty::BOOL,
            Native::Int { .. } => Ty::INT,
            Native::Float { .. } => Ty::DOUBLE,
            Native::Pointer(to) => match ffi.class("Pointer") {
                Some(pointer) => ffi.world.types.interface(pointer, &[to]),
                None => Ty::ERROR,
            },
            Native::Compound(class) => ffi.world.types.interface(class, &[]),
        }
    }

    /// As it stands in the text of a signature.
    pub(super) fn describe(self, ffi: &Ffi<'_>, to: &mut String) {
        let _ = match self {
            Native::Void => write!(to, "v"),
            Native::Bool => write!(to, "b"),
            Native::Pointer(_) => write!(to, "p"),
            Native::Float { bytes } => write!(to, "f{bytes}"),
            Native::Int { bytes, signed } => {
                write!(to, "{}{bytes}", if signed { 'i' } else { 'u' })
            }
            Native::Compound(class) => {
                let layout = ffi.layout(class).unwrap_or_default();
                let _ = write!(to, "{{{}:{}", layout.bytes, layout.alignment);
                for &(offset, bytes, is_float) in &layout.numbers {
                    let letter = if is_float { 'f' } else { 'i' };
                    let _ = write!(to, ":{offset}{letter}{bytes}");
                }
                write!(to, "}}")
            }
        };
    }
}

impl Ffi<'_> {
    /// The native type that a type stands for; none if it stands for none, or one that nobody can pass or store.
    pub(super) fn native(&self, ty: Ty) -> Option<Native> {
        let (class, args) = self.class_of(ty)?;
        if self.is_compound(class) {
            return Some(Native::Compound(class));
        }
        if self.is(class, "Pointer") {
            return Some(Native::Pointer(*args.first()?));
        }
        self.number(class)
    }

    /// The native type that a class stands for, which is no pointer, struct or union.
    pub(super) fn number(&self, class: ClassId) -> Option<Native> {
        let data = self.world.class(class);
        if data.library != self.library {
            return self.abi_specific(class);
        }
        let text = data.name.as_str();
        if let Some(&(_, bytes, signed)) = FIXED.iter().find(|(name, ..)| *name == text) {
            return Some(Native::Int { bytes, signed });
        }
        Some(match text {
            "Void" => Native::Void,
            "Bool" => Native::Bool,
            "Float" => Native::Float { bytes: 4 },
            "Double" => Native::Float { bytes: 8 },
            _ => {
                let (bytes, signed) = machine_integer(text)?;
                Native::Int { bytes, signed }
            }
        })
    }

    /// Whether a class is an `AbiSpecificInteger` of the library or of a program.
    pub(super) fn is_abi_specific(&self, class: ClassId) -> bool {
        let base = self.class("AbiSpecificInteger");
        base.is_some_and(|base| self.world.is_subclass(class, base))
    }

    /// What a program's own `AbiSpecificInteger` is on this machine.
    fn abi_specific(&self, class: ClassId) -> Option<Native> {
        if !self.is_abi_specific(class) {
            return None;
        }
        let annotations = self.class_annotations(class);
        let mapping = annotations
            .iter()
            .find(|found| self.is(found.class, "AbiSpecificIntegerMapping"))?;
        let fields = self.object_fields(mapping.value)?;
        let (_, mapping) = fields.iter().find(|(name, _)| name == "mapping")?;
        let ConstValue::Map(_, _, entries) = self.world.consts.value(*mapping) else {
            return None;
        };
        let machine = machine_abi();
        let (_, value) = entries.iter().find(|(abi, _)| {
            let fields = self.object_fields(*abi).unwrap_or_default();
            let part = |name: &str| {
                let found = fields.iter().find(|(field, _)| field == name);
                let value = found.map(|(_, value)| self.world.consts.value(*value));
                value.and_then(super::const_text).unwrap_or_default()
            };
            let name = format!("{}{}", part("_os"), part("_machine"));
            name.eq_ignore_ascii_case(&machine)
        })?;
        match self.world.consts.value(*value) {
            ConstValue::Object(class, ..) => self.number(*class),
            _ => None,
        }
    }

    /// Names and values of a constant object's fields.
    pub(super) fn object_fields(
        &self,
        id: crate::program::ConstId,
    ) -> Option<Vec<(String, crate::program::ConstId)>> {
        let ConstValue::Object(_, _, fields) = self.world.consts.value(id) else {
            return None;
        };
        let named = fields.iter().map(|&(member, value)| {
            let name = self.world.member(member).name;
            (name.to_string(), value)
        });
        Some(named.collect())
    }

    /// Whether a class is a struct or union that a program declares.
    pub(super) fn is_compound(&self, class: ClassId) -> bool {
        self.compound_base(class).is_some()
    }

    /// `Struct` or `Union`, if that is the superclass.
    pub(super) fn compound_base(&self, class: ClassId) -> Option<&'static str> {
        let data = self.world.class(class);
        if data.library == self.library {
            return None;
        }
        let superclass = self.world.class_of(data.supertype?)?;
        ["Struct", "Union"]
            .into_iter()
            .find(|base| self.is(superclass, base))
    }

    /// Size of a native type, for where a value or an element of it is meant; none if it has none.
    pub(super) fn size_of(&self, ty: Ty) -> Option<i64> {
        Some(self.native(ty)?.size(self)?.0)
    }

    /// The layout of a struct or union; none if it has no size, which was reported.
    pub(super) fn layout(&self, class: ClassId) -> Option<Rc<Layout>> {
        if let Some(known) = self.layouts.borrow().get(&class) {
            return known.clone();
        }
        // One that contains itself has none.
        self.layouts.borrow_mut().insert(class, None);
        let base = self.compound_base(class)?;
        let most = self.packed(class).unwrap_or(i64::MAX);
        let mut layout = Layout {
            alignment: 1,
            ..Layout::default()
        };
        for field in self.fields(class) {
            let Some((bytes, alignment)) = field.size(self) else {
                continue;
            };
            let alignment = alignment.min(most);
            let offset = match base {
                "Struct" => next_multiple(layout.bytes, alignment),
                _ => 0,
            };
            field.numbers(self, offset, &mut layout.numbers);
            layout.bytes = layout.bytes.max(offset.saturating_add(bytes));
            layout.alignment = layout.alignment.max(alignment);
        }
        layout.bytes = next_multiple(layout.bytes, layout.alignment);
        let layout = Rc::new(layout);
        self.layouts
            .borrow_mut()
            .insert(class, Some(layout.clone()));
        Some(layout)
    }

    /// Offsets of the fields of a struct or union, in their order.
    pub(super) fn offsets(&self, class: ClassId) -> Vec<i64> {
        let is_union = self.compound_base(class) == Some("Union");
        let most = self.packed(class).unwrap_or(i64::MAX);
        let mut end = 0;
        let fields = self.fields(class);
        let offsets = fields.iter().map(|field| {
            let (bytes, alignment) = field.size(self).unwrap_or((0, 1));
            if is_union {
                return 0;
            }
            let offset = next_multiple(end, alignment.min(most));
            end = offset.saturating_add(bytes);
            offset
        });
        offsets.collect()
    }

    /// The types of a struct's fields that are types of native memory.
    pub(super) fn fields(&self, class: ClassId) -> Vec<super::structs::FieldType> {
        let members = self.world.class(class).members.iter();
        let fields = members.filter(|&&member| {
            let data = self.world.member(member);
            data.kind == MemberKind::Field && !data.flags.contains(MemberFlags::STATIC)
        });
        fields
            .map(|&field| super::structs::field_type(self, field))
            .collect()
    }

    /// Whether types stand in a type that are not known before the program runs.
    pub(super) fn is_open(&self, ty: Ty) -> bool {
        let mut open = false;
        self.world.types.map_params(ty, &mut |_| {
            open = true;
            None
        });
        open || matches!(self.world.types.kind(ty), TyKind::Param { .. })
    }
}

/// The least multiple of `of` that is not less.
fn next_multiple(value: i64, of: i64) -> i64 {
    let of = of.max(1);
    value.saturating_add(of - 1) / of * of
}
