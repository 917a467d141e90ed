//! Signatures of C functions: from a native function type to Dart's and to text.

use eyot_syntax::Span;

use super::Ffi;
use super::native::Native;
use crate::types::{FunctionTy, Ty, TyKind};

/// A C function's signature.
pub(super) struct Signature {
    pub(super) params: Vec<Native>,
    /// How many are not variable arguments, if there are any.
    fixed: Option<usize>,
    pub(super) result: Native,
}

impl Signature {
    /// What a native function type says; why it says nothing otherwise.
    pub(super) fn of(ffi: &Ffi<'_>, ty: Ty) -> Result<Signature, String> {
        let shown = || ffi.world.show(ty);
        if ffi.is_open(ty) {
            return Err(format!(
                "'{}' is not known before the program runs; name a native function type",
                shown()
            ));
        }
        let TyKind::Function { function, .. } = ffi.world.types.kind(ty) else {
            return Err(format!("'{}' is no native function type", shown()));
        };
        let is_plain = function.type_params.is_empty()
            && function.named.is_empty()
            && function.required as usize == function.positional.len();
        if !is_plain {
            return Err(format!(
                "'{}' is no native function type: C knows positional parameters only",
                shown()
            ));
        }
        let (mut params, mut fixed) = (Vec::new(), None);
        for (index, &param) in function.positional.iter().enumerate() {
            match variable_arguments(ffi, param) {
                Some(arguments) if index + 1 == function.positional.len() => {
                    fixed = Some(params.len());
                    for &argument in arguments {
                        params.push(param_type(ffi, argument)?);
                    }
                }
                _ => params.push(param_type(ffi, param)?),
            }
        }
        let result = ffi.native(function.result);
        let result = result.filter(|result| *result == Native::Void || result.size(ffi).is_some());
        Ok(Signature {
            params,
            fixed,
            result: result.ok_or_else(|| no_native(ffi, function.result))?,
        })
    }

    /// The Dart function type that calls it.
    pub(super) fn dart_type(&self, ffi: &Ffi<'_>) -> Ty {
        let params = self.params.iter().map(|param| param.dart_type(ffi));
        ffi.world.types.function(FunctionTy {
            type_params: Box::default(),
            positional: params.collect(),
            required: self.params.len() as u32,
            named: Box::default(),
            result: self.result.dart_type(ffi),
        })
    }

    /// The text that natives read.
    pub(super) fn text(&self, ffi: &Ffi<'_>) -> String {
        let mut text = String::new();
        self.result.describe(ffi, &mut text);
        text.push('(');
        for (index, param) in self.params.iter().enumerate() {
            if self.fixed == Some(index) {
                text.push(';');
            }
            param.describe(ffi, &mut text);
        }
        text.push(')');
        text
    }

    /// Whether a Dart function type has values in the places where this has the same.
    pub(super) fn fits(&self, ffi: &Ffi<'_>, dart: &FunctionTy) -> bool {
        let is_plain = dart.type_params.is_empty()
            && dart.named.is_empty()
            && dart.required as usize == dart.positional.len()
            && dart.positional.len() == self.params.len();
        let mut params = self.params.iter().zip(dart.positional.iter());
        is_plain
            && params.all(|(native, &ty)| same_place(ffi, *native, ty))
            && same_place(ffi, self.result, dart.result)
    }
}

/// Whether values of a Dart type are those of a native one. The types that pointers point to need not be the same, only related.
fn same_place(ffi: &Ffi<'_>, native: Native, ty: Ty) -> bool {
    let own = native.dart_type(ffi);
    match native {
        Native::Pointer(_) => {
            let is_pointer = ffi
                .class_of(ty)
                .is_some_and(|(class, _)| ffi.is(class, "Pointer"));
            is_pointer && (ffi.world.is_subtype(own, ty) || ffi.world.is_subtype(ty, own))
        }
        _ => own == ty,
    }
}

fn variable_arguments(ffi: &Ffi<'_>, param: Ty) -> Option<&'static [Ty]> {
    let (class, args) = ffi.class_of(param)?;
    if !ffi.is(class, "VarArgs") {
        return None;
    }
    match ffi.world.types.kind(*args.first()?) {
        TyKind::Record {
            positional, named, ..
        } if named.is_empty() => Some(positional),
        _ => None,
    }
}

fn param_type(ffi: &Ffi<'_>, ty: Ty) -> Result<Native, String> {
    let native = ffi.native(ty).filter(|native| native.size(ffi).is_some());
    native.ok_or_else(|| no_native(ffi, ty))
}

fn no_native(ffi: &Ffi<'_>, ty: Ty) -> String {
    let shown = ffi.world.show(ty);
    match ffi.class_of(ty) {
        Some((class, _)) if ffi.is(class, "Handle") => {
            "not supported yet: a Handle in a native function type: objects have no handles outside their isolate; pass numbers, pointers or structs, or post to 'SendPort.nativePort'".to_string()
        }
        _ => format!("'{shown}' is no native type that a function can take or give"),
    }
}

impl Ffi<'_> {
    pub(super) fn signature_error(&self, file: crate::model::FileId, span: Span, message: String) {
        let code = match message.starts_with("not supported yet") {
            true => "not-supported",
            false => "ffi-signature",
        };
        self.error(file, code, span, message);
    }

    /// The signature of a native function type and of the Dart one that it is used as, checked.
    pub(super) fn signature(
        &self,
        file: crate::model::FileId,
        native: Ty,
        dart: Ty,
        span: Span,
    ) -> Option<Signature> {
        let report = |message: String| {
            self.signature_error(file, span, message);
            None
        };
        let signature = match Signature::of(self, native) {
            Ok(signature) => signature,
            Err(message) => return report(message),
        };
        match self.world.types.kind(dart) {
            TyKind::Function {
                function,
                nullable: false,
            } if signature.fits(self, function) => Some(signature),
            _ => report(format!(
                "the Dart function type '{}' does not fit the native one '{}'",
                self.world.show(dart),
                self.world.show(native)
            )),
        }
    }
}
