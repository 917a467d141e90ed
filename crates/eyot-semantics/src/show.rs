//! Types as text, for messages and dumps.

use std::fmt::Write;

use crate::model::{TypeParamId, World};
use crate::types::{FunctionTy, Ty, TyKind};

impl World {
    /// A type as a Dart programmer writes it.
    pub fn show(&self, ty: Ty) -> String {
        let mut out = String::new();
        self.show_into(ty, &mut out, 0);
        out
    }

    fn show_into(&self, ty: Ty, out: &mut String, depth: u32) {
        if depth > 20 {
            out.push('…');
            return;
        }
        match self.types.kind(ty) {
            TyKind::Dynamic => out.push_str("dynamic"),
            TyKind::Void => out.push_str("void"),
            TyKind::Never => out.push_str("Never"),
            TyKind::Null => out.push_str("Null"),
            TyKind::Unknown => out.push('_'),
            TyKind::Error => out.push_str("<error>"),
            TyKind::Interface { class, args, .. } => {
                out.push_str(
                    self.classes
                        .get(class.index())
                        .map_or("<class>", |c| c.name.as_str()),
                );
                self.show_args(args, out, depth);
            }
            TyKind::Function { function, .. } => self.show_function(function, out, depth),
            TyKind::Record {
                positional, named, ..
            } => self.show_record(positional, named, out, depth),
            TyKind::FutureOr { arg, .. } => {
                out.push_str("FutureOr");
                self.show_args(&[*arg], out, depth);
            }
            TyKind::Param {
                param, promoted, ..
            } => {
                out.push_str(self.type_param(*param).name.as_str());
                if let Some(bound) = promoted {
                    out.push_str(" & ");
                    self.show_into(*bound, out, depth + 1);
                }
            }
        }
        if self.types.has_question(ty) {
            out.push('?');
        }
    }

    fn show_args(&self, args: &[Ty], out: &mut String, depth: u32) {
        if args.is_empty() {
            return;
        }
        out.push('<');
        self.show_list(args, out, depth);
        out.push('>');
    }

    fn show_list(&self, types: &[Ty], out: &mut String, depth: u32) {
        for (i, &ty) in types.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            self.show_into(ty, out, depth + 1);
        }
    }

    fn show_type_params(&self, params: &[TypeParamId], out: &mut String, depth: u32) {
        if params.is_empty() {
            return;
        }
        out.push('<');
        for (i, &param) in params.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            out.push_str(self.type_param(param).name.as_str());
            let bound = self.bound(param);
            if bound != Ty::OBJECT_N && depth < 5 {
                out.push_str(" extends ");
                self.show_into(bound, out, depth + 5);
            }
        }
        out.push('>');
    }

    fn show_function(&self, function: &FunctionTy, out: &mut String, depth: u32) {
        self.show_into(function.result, out, depth + 1);
        out.push_str(" Function");
        self.show_type_params(&function.type_params, out, depth);
        out.push('(');
        let required = (function.required as usize).min(function.positional.len());
        let (needed, optional) = function.positional.split_at(required);
        self.show_list(needed, out, depth);
        if !optional.is_empty() {
            out.push_str(if needed.is_empty() { "[" } else { ", [" });
            self.show_list(optional, out, depth);
            out.push(']');
        }
        if !function.named.is_empty() {
            out.push_str(if needed.is_empty() { "{" } else { ", {" });
            for (i, param) in function.named.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                if param.required {
                    out.push_str("required ");
                }
                self.show_into(param.ty, out, depth + 1);
                let _ = write!(out, " {}", param.name);
            }
            out.push('}');
        }
        out.push(')');
    }

    fn show_record(
        &self,
        positional: &[Ty],
        named: &[(eyot_syntax::Symbol, Ty)],
        out: &mut String,
        depth: u32,
    ) {
        out.push('(');
        self.show_list(positional, out, depth);
        if positional.len() == 1 && named.is_empty() {
            out.push(',');
        }
        if !named.is_empty() {
            out.push_str(if positional.is_empty() { "{" } else { ", {" });
            for (i, &(name, ty)) in named.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                self.show_into(ty, out, depth + 1);
                let _ = write!(out, " {name}");
            }
            out.push('}');
        }
        out.push(')');
    }
}
