//! Types as Dart prints them: `List<int>`, `(int, {String a})`, `((int, {required String b}) => int)?`.

use std::fmt::Write;

use eyot_bytecode::module::{ClassId, FunctionId};
use eyot_bytecode::well_known::class;

use super::Program;
use super::types::{FunctionType, RecordType, Type, TypeArguments, TypeRef};
use crate::object::slot;

impl Program {
    /// The type as `Type.toString` shows it.
    pub fn type_name(&self, ty: TypeRef) -> String {
        let mut text = String::new();
        self.write_type(&mut text, ty, 0);
        text
    }

    /// The class's name as it is printed; implementation classes of the core show their interface.
    pub fn class_name(&self, id: ClassId) -> &str {
        if let Some(name) = shown_as(id) {
            return name;
        }
        let name = match self.modules.class(id) {
            Some(class) => plain(self.modules.string(class.name)),
            None => "?",
        };
        let is_typed_data = (class::BYTE_BUFFER..=class::FLOAT64_LIST).contains(&id);
        match name.strip_prefix('_') {
            Some(public) if is_typed_data => public,
            _ => name,
        }
    }

    /// `level` counts the generic function types around, which names their parameters apart.
    fn write_type(&self, out: &mut String, ty: TypeRef, level: usize) {
        match self.types.get(ty) {
            Type::Dynamic => out.push_str("dynamic"),
            Type::Void => out.push_str("void"),
            Type::Never => out.push_str("Never"),
            Type::Null => out.push_str("Null"),
            &Type::Interface(class, args) => {
                out.push_str(self.class_name(class));
                self.write_arguments(out, args, level);
            }
            &Type::FutureOr(inner) => {
                out.push_str("FutureOr<");
                self.write_type(out, inner, level);
                out.push('>');
            }
            &Type::Nullable(inner) => {
                let is_function = matches!(self.types.get(inner), Type::Function(_));
                let (open, close) = if is_function { ("(", ")?") } else { ("", "?") };
                out.push_str(open);
                self.write_type(out, inner, level);
                out.push_str(close);
            }
            Type::Function(function) => self.write_function(out, function, level),
            Type::Record(record) => self.write_record(out, record, level),
            &Type::Bound { depth, index } => {
                let binder = level.saturating_sub(1 + usize::from(depth));
                // Writing into a String does not fail.
                let _ = write!(out, "{}", Parameter(binder, index.into()));
            }
        }
    }

    fn write_arguments(&self, out: &mut String, args: TypeArguments, level: usize) {
        let elements = self.types.elements(args);
        if elements.is_empty() {
            return;
        }
        out.push('<');
        self.write_list(out, elements, level);
        out.push('>');
    }

    fn write_list(&self, out: &mut String, types: &[TypeRef], level: usize) {
        for (index, &ty) in types.iter().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            self.write_type(out, ty, level);
        }
    }

    fn write_function(&self, out: &mut String, function: &FunctionType, level: usize) {
        let generic = !function.type_params.is_empty();
        let level = level + usize::from(generic);
        if generic {
            out.push('<');
            for (index, &bound) in function.type_params.iter().enumerate() {
                let comma = if index > 0 { ", " } else { "" };
                let _ = write!(out, "{comma}{}", Parameter(level - 1, index));
                if !bound.is_top() {
                    out.push_str(" extends ");
                    self.write_type(out, bound, level);
                }
            }
            out.push('>');
        }
        out.push('(');
        let required = usize::from(function.required).min(function.positional.len());
        let (first, optional) = function.positional.split_at(required);
        self.write_list(out, first, level);
        let comma = |out: &mut String| {
            if required > 0 {
                out.push_str(", ");
            }
        };
        if !optional.is_empty() {
            comma(out);
            out.push('[');
            self.write_list(out, optional, level);
            out.push(']');
        }
        if !function.named.is_empty() {
            comma(out);
            out.push('{');
            for (index, param) in function.named.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                if param.required {
                    out.push_str("required ");
                }
                self.write_type(out, param.ty, level);
                out.push(' ');
                out.push_str(plain(self.modules.name_text(param.name)));
            }
            out.push('}');
        }
        out.push_str(") => ");
        self.write_type(out, function.result, level);
    }

    fn write_record(&self, out: &mut String, record: &RecordType, level: usize) {
        out.push('(');
        self.write_list(out, &record.positional, level);
        if !record.named.is_empty() {
            if !record.positional.is_empty() {
                out.push_str(", ");
            }
            out.push('{');
            for (index, &(name, ty)) in record.named.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                self.write_type(out, ty, level);
                out.push(' ');
                out.push_str(plain(self.modules.name_text(name)));
            }
            out.push('}');
        }
        out.push(')');
    }

    /// The type that `runtimeType` answers: implementation classes of the core give way to what they implement.
    pub fn shown_type(&self, ty: TypeRef) -> TypeRef {
        let &Type::Interface(of, args) = self.types.get(ty) else {
            return ty;
        };
        let interface = match of {
            class::ONE_BYTE_STRING | class::TWO_BYTE_STRING => class::STRING,
            class::FIXED_LIST | class::IMMUTABLE_LIST | class::GROWABLE_LIST => class::LIST,
            _ => return ty,
        };
        self.types
            .intern(Type::Interface(interface, args))
            .unwrap_or(ty)
    }
}

/// What private implementation classes are called to users.
fn shown_as(id: ClassId) -> Option<&'static str> {
    Some(match id {
        class::ONE_BYTE_STRING | class::TWO_BYTE_STRING => "String",
        class::FIXED_LIST | class::IMMUTABLE_LIST | class::GROWABLE_LIST => "List",
        _ => return None,
    })
}

/// A private name without the suffix that tells libraries apart.
pub fn plain(name: &str) -> &str {
    match name.split_once('@') {
        Some((plain, _)) => plain,
        None => name,
    }
}

/// A parameter of a function type: `X0`, `X1`, … for the outermost, numbered on inside.
struct Parameter(usize, usize);

impl std::fmt::Display for Parameter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            0 => write!(f, "X{}", self.1),
            level => write!(f, "X{}_{}", level, self.1),
        }
    }
}

impl Program {
    /// A reference that keeps something alive, in words: `field 'x' of an instance of 'Point'`, `variable 'x' (uri:line:column) captured
    /// by main.<anonymous closure>`.
    pub fn describe_step(&self, step: &crate::heap::message::Step) -> String {
        if let Some(function) = step.function.and_then(|id| self.function(FunctionId(id))) {
            let by = plain(self.modules().string(function.name));
            let index = (step.word as usize).checked_sub(slot::CLOSURE_CAPTURES);
            let captured = index.and_then(|index| function.captured.get(index));
            let Some(&(name, offset)) = captured else {
                return format!("captured by {by}");
            };
            let name = plain(self.modules().string(name));
            let source = function.source.and_then(|id| self.modules().source(id));
            return match source.filter(|_| name != "this") {
                Some(source) => {
                    let place = self.place(source, offset);
                    format!("variable '{name}' ({place}) captured by {by}")
                }
                None => format!("'{name}' captured by {by}"),
            };
        }
        let class = self.class_name(step.class);
        match self.field_at(step.class, step.word) {
            Some(field) => format!("field '{}' of an instance of '{class}'", plain(field)),
            None => format!("held by an instance of '{class}'"),
        }
    }

    /// The name of the field at a word of instances of a class.
    fn field_at(&self, class: ClassId, word: u32) -> Option<&str> {
        let mut class = self.modules().class(class)?;
        loop {
            let first = u32::from(class.words).checked_sub(class.fields.len() as u32)?;
            if let Some(index) = word.checked_sub(first) {
                return Some(
                    self.modules()
                        .string(class.fields.get(index as usize)?.name),
                );
            }
            class = self.modules().class(class.superclass?)?;
        }
    }
}
