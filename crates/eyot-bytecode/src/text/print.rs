//! Modules and functions as text.

use std::fmt::Write as _;

use rustc_hash::FxHashMap;

use super::names::{Names, double_text, quote_unless_bare, rep_text};
use super::{implied_rep, raw_letter, slow_shape};
use crate::{
    Class, ClassFlags, ClassId, ConstId, Ext, ExtData, Function, FunctionFlags, FunctionId, Insn,
    MathFn, Module, NO_REG, Op, Operand, Param, ParamKind, RawKind, RecordShape, RecordShapeId,
    Rep, Selector, SelectorKind, Shape, ShapeId, StaticId, StrId, Target, TargsId, TypeId,
};

/// How a module is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// Everything, so that reading it gives the same module.
    Exact,
    /// What a person wants to see.
    Readable,
}

/// Prints `module` so that [`parse`](super::parse) gives it back.
pub fn print(module: &Module) -> String {
    let mut printer = Printer::new(module, None, Style::Exact);
    printer.header();
    printer.tables();
    for index in 0..module.classes.len() {
        printer.class(index);
    }
    for index in 0..module.functions.len() {
        printer.function(index);
    }
    printer.out
}

/// Prints classes and functions of `module` for a person: no tables, no cache numbers, core names where `core` is given.
pub fn disassemble(module: &Module, core: Option<&Module>) -> String {
    let mut printer = Printer::new(module, core, Style::Readable);
    for index in 0..module.classes.len() {
        printer.class(index);
    }
    for index in 0..module.functions.len() {
        printer.function(index);
    }
    printer.out
}

/// Prints one function of `module` for a person.
pub fn disassemble_function(module: &Module, core: Option<&Module>, id: FunctionId) -> String {
    let mut printer = Printer::new(module, core, Style::Readable);
    if let Some(index) = id.0.checked_sub(module.base.functions) {
        printer.function(index as usize);
    }
    printer.out
}

struct Printer<'a> {
    module: &'a Module,
    core: Option<&'a Module>,
    names: Names,
    style: Style,
    out: String,
}

/// `$out` gets a formatted line; writing to a string cannot fail.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => {{ let _ = writeln!($out, $($arg)*); }};
}

impl<'a> Printer<'a> {
    fn new(module: &'a Module, core: Option<&'a Module>, style: Style) -> Printer<'a> {
        Printer {
            module,
            core,
            names: Names::new(module, core),
            style,
            out: String::new(),
        }
    }

    fn exact(&self) -> bool {
        self.style == Style::Exact
    }

    fn header(&mut self) {
        let base = self.module.base;
        let _ = write!(
            self.out,
            "module core {:#x} caches {}",
            self.module.core_hash, self.module.caches
        );
        if base != crate::Base::default() {
            let _ = write!(
                self.out,
                " base ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
                base.strings,
                base.types,
                base.targs,
                base.classes,
                base.functions,
                base.consts,
                base.statics,
                base.shapes,
                base.record_shapes,
                base.sources,
                base.caches
            );
        }
        self.out.push('\n');
    }

    fn tables(&mut self) {
        let module = self.module;
        let base = module.base;
        for (i, text) in module.strings.iter().enumerate() {
            let text = super::lexer::quote_str(text);
            line!(self.out, "string %s{} = {text}", base.strings + i as u32);
        }
        let tables = [
            (
                "record",
                'q',
                base.record_shapes,
                module.record_shapes.len(),
            ),
            ("type", 't', base.types, module.types.len()),
            ("targs", 'a', base.targs, module.targs.len()),
            ("shape", 'h', base.shapes, module.shapes.len()),
            ("const", 'k', base.consts, module.consts.len()),
        ];
        for (word, letter, base, len) in tables {
            for id in base..base + len as u32 {
                let body = self.names.body(letter, id);
                line!(self.out, "{word} %{letter}{id} = {body}");
            }
        }
        for (i, item) in module.statics.iter().enumerate() {
            let id = base.statics + i as u32;
            let name = self.names.name(item.name);
            let initial = item.initial.map_or(String::new(), |id| {
                format!(" = {}", self.names.constant(id))
            });
            line!(self.out, "static {name}#{id}{initial}");
        }
        for (i, source) in module.sources.iter().enumerate() {
            let id = base.sources + i as u32;
            let lines: Vec<String> = source.line_starts.iter().map(u32::to_string).collect();
            let uri = self.names.name(source.uri);
            line!(self.out, "source %z{id} = {uri} [{}]", lines.join(", "));
        }
        for &(name, function) in &module.entries {
            let (name, function) = (self.names.name(name), self.names.function(function));
            line!(self.out, "entry {name} = {function}");
        }
        for chunk in module.outline.chunks(64) {
            let hex: String = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
            line!(self.out, "outline \"{hex}\"");
        }
    }

    fn class(&mut self, index: usize) {
        let Some(class) = self.module.classes.get(index) else {
            return;
        };
        let id = self.module.base.classes + index as u32;
        let name = self.names.name(class.name);
        let _ = write!(self.out, "\nclass {name}#{id}");
        if let Some(superclass) = class.superclass {
            let _ = write!(self.out, " extends {}", self.names.class(superclass));
        }
        if let Some(targs) = class.super_targs {
            let _ = write!(self.out, " with {}", self.names.targs(targs));
        }
        if let Some(mixin) = class.mixin {
            let _ = write!(self.out, " mixin {}", self.names.class(mixin));
        }
        let _ = write!(self.out, " of {}", self.names.name(class.library));
        for (flag, word) in CLASS_FLAGS {
            if class.flags.contains(*flag) {
                let _ = write!(self.out, " {word}");
            }
        }
        if self.exact() || class.targs_len > 0 {
            let (params, len) = (class.type_params, class.targs_len);
            let _ = write!(self.out, " params {params} targs {len}");
        }
        if self.exact() {
            let _ = write!(
                self.out,
                " at {} words {} refs [",
                class.targs_word, class.words
            );
            for word in &class.ref_map {
                let _ = write!(self.out, "{word:#x} ");
            }
            self.out.push(']');
        }
        self.out.push_str(" {\n");
        self.class_body(class);
        self.out.push_str("}\n");
    }

    fn class_body(&mut self, class: &Class) {
        for (supertype, args) in &class.supertypes {
            let mut text = self.names.class(*supertype);
            if !args.is_empty() {
                let args: Vec<String> = args.iter().map(|&ty| self.names.ty(ty)).collect();
                text.push_str(&format!("<{}>", args.join(", ")));
            }
            line!(self.out, "  implements {text}");
        }
        for field in &class.fields {
            let name = self.names.name(field.name);
            line!(self.out, "  field {name}: {}", rep_text(field.rep));
        }
        for (selector, target) in &class.members {
            let word = match selector.kind {
                SelectorKind::Method => "method",
                SelectorKind::Getter => "get",
                SelectorKind::Setter => "set",
            };
            let target = match target {
                Target::Function(function) => self.names.function(*function),
                Target::FieldGet(slot, rep) => format!("load {slot} {}", rep_text(*rep)),
                Target::FieldSet(slot, rep) => format!("store {slot} {}", rep_text(*rep)),
            };
            line!(
                self.out,
                "  {word} {} = {target}",
                self.names.name(selector.name)
            );
        }
    }

    fn param(&self, param: &Param) -> String {
        let name = self.names.name(param.name);
        let mut text = format!("{name}: {}", self.names.ty(param.ty));
        text.push_str(&self.rep_suffix(param.rep, param.ty));
        if let Some(default) = param.default {
            let _ = write!(text, " = {}", self.names.constant(default));
        }
        match param.kind {
            ParamKind::Required => text,
            ParamKind::OptionalPositional => format!("[{text}]"),
            ParamKind::Named => format!("{{{text}}}"),
            ParamKind::RequiredNamed => format!("{{required {text}}}"),
        }
    }

    /// ` as i` where the representation is not the one the type would have by itself.
    fn rep_suffix(&self, rep: Rep, ty: TypeId) -> String {
        let found = match ty.0.checked_sub(self.module.base.types) {
            Some(index) => self.module.types.get(index as usize),
            None => self.core.and_then(|core| core.types.get(ty.index())),
        };
        if implied_rep(found) == rep {
            String::new()
        } else {
            format!(" as {}", rep_text(rep))
        }
    }

    fn function(&mut self, index: usize) {
        let Some(function) = self.module.functions.get(index) else {
            return;
        };
        let id = self.module.base.functions + index as u32;
        let params: Vec<String> = function.params.iter().map(|p| self.param(p)).collect();
        let _ = write!(
            self.out,
            "\nfunc {}#{id}({}) -> {}{}",
            self.names.name(function.name),
            params.join(", "),
            self.names.ty(function.result_type),
            self.rep_suffix(function.result, function.result_type),
        );
        if let Some(owner) = function.owner {
            let _ = write!(self.out, " of {}", self.names.class(owner));
        }
        for (flag, word) in FUNCTION_FLAGS {
            if function.flags.contains(*flag) {
                let _ = write!(self.out, " {word}");
            }
        }
        if !function.type_params.is_empty() {
            let bounds = function.type_params.iter().map(|&ty| self.names.ty(ty));
            let bounds: Vec<String> = bounds.collect();
            let _ = write!(self.out, " generic <{}>", bounds.join(", "));
        }
        if function.outer_type_params > 0 {
            let _ = write!(self.out, " outer {}", function.outer_type_params);
        }
        let (tagged, raw) = &function.captures;
        if *tagged > 0 || !raw.is_empty() {
            let _ = write!(self.out, " captures {tagged} [{}]", kinds(raw));
        }
        if let Some(native) = function.native {
            let _ = write!(self.out, " native {}", self.names.name(native));
        }
        if let (Some(source), true) = (function.source, self.exact()) {
            let _ = write!(self.out, " from %z{}", source.0);
        }
        let _ = write!(
            self.out,
            " regs {} [{}]",
            function.refs,
            kinds(&function.raws)
        );
        if !function.code.is_empty() {
            self.out.push_str(" {\n");
            Body::new(self, function).print();
            self.out.push('}');
        }
        self.out.push('\n');
    }
}

fn kinds(raws: &[RawKind]) -> String {
    raws.iter().map(|&kind| raw_letter(kind)).collect()
}

/// Words for the flags of classes.
pub(super) const CLASS_FLAGS: &[(ClassFlags, &str)] = &[
    (ClassFlags::ABSTRACT, "abstract"),
    (ClassFlags::MIXIN, "mixinclass"),
    (ClassFlags::APPLICATION, "application"),
    (ClassFlags::ENUM, "enum"),
    (ClassFlags::DEEPLY_IMMUTABLE, "immutable"),
    (ClassFlags::UNSENDABLE, "unsendable"),
    (ClassFlags::CUSTOM_EQUALITY, "equality"),
    (ClassFlags::HAS_NSM, "nsm"),
];

/// Words for the flags of functions; `native` is said by the native's name.
pub(super) const FUNCTION_FLAGS: &[(FunctionFlags, &str)] = &[
    (FunctionFlags::INSTANCE, "instance"),
    (FunctionFlags::CLOSURE, "closure"),
    (FunctionFlags::ABSTRACT, "abstract"),
    (FunctionFlags::HIDDEN, "hidden"),
    (FunctionFlags::GETTER, "getter"),
    (FunctionFlags::SETTER, "setter"),
    (FunctionFlags::SUSPENDABLE, "suspendable"),
    (FunctionFlags::NSM_FORWARDER, "forwarder"),
];

/// The code of one function.
struct Body<'p, 'a> {
    printer: &'p mut Printer<'a>,
    function: &'a Function,
    insns: Vec<(usize, Result<Insn, u64>)>,
    labels: FxHashMap<usize, String>,
}

impl<'p, 'a> Body<'p, 'a> {
    fn new(printer: &'p mut Printer<'a>, function: &'a Function) -> Self {
        let mut insns = Vec::new();
        let mut at = 0;
        while let Some(&word) = function.code.get(at) {
            match Insn::decode(&function.code, at) {
                Ok((insn, len)) => {
                    insns.push((at, Ok(insn)));
                    at += len;
                }
                Err(_) => {
                    insns.push((at, Err(word)));
                    at += 1;
                }
            }
        }
        let mut body = Body {
            printer,
            function,
            insns,
            labels: FxHashMap::default(),
        };
        body.find_labels();
        body
    }

    /// Every place jumped to or named by a handler, if an instruction starts there, is called `L` and a number.
    fn find_labels(&mut self) {
        let mut targets: Vec<usize> = Vec::new();
        for (at, insn) in &self.insns {
            if let Ok(insn) = insn {
                let jumps = insn.jumps().into_iter();
                targets.extend(jumps.filter_map(|jump| at.checked_add_signed(jump as isize)));
            }
        }
        for handler in &self.function.handlers {
            targets.extend([handler.start, handler.end, handler.target].map(|at| at as usize));
        }
        targets.sort_unstable();
        targets.dedup();
        targets.retain(|&at| self.starts_insn(at));
        for (number, at) in targets.into_iter().enumerate() {
            self.labels.insert(at, format!("L{number}"));
        }
    }

    fn starts_insn(&self, at: usize) -> bool {
        at == self.function.code.len()
            || self.insns.binary_search_by_key(&at, |(at, _)| *at).is_ok()
    }

    fn print(mut self) {
        let insns = std::mem::take(&mut self.insns);
        let mut positions = self.function.positions.iter().peekable();
        let mut stray = Vec::new();
        for (at, insn) in &insns {
            if let Some(label) = self.labels.get(at) {
                line!(self.printer.out, "{label}:");
            }
            while let Some(position) = positions.next_if(|position| (position.0 as usize) < *at) {
                stray.push(*position);
            }
            let mut text = match insn {
                Ok(insn) => self
                    .insn(*at, insn)
                    .unwrap_or_else(|| self.words(*at, insn)),
                Err(word) => format!("word {word:#x}"),
            };
            if let Some((_, offset)) = positions.next_if(|position| position.0 as usize == *at) {
                text.push_str(&self.position(*offset, text.len()));
            }
            line!(self.printer.out, "  {text}");
        }
        if let Some(label) = self.labels.get(&self.function.code.len()) {
            line!(self.printer.out, "{label}:");
        }
        stray.extend(positions);
        for (at, offset) in stray {
            line!(self.printer.out, "  position {at} {offset}");
        }
        self.handlers();
    }

    fn handlers(&mut self) {
        for handler in &self.function.handlers {
            let label = |at: u32| self.labels.get(&(at as usize)).cloned();
            let [start, end, target] = [handler.start, handler.end, handler.target]
                .map(|at| label(at).unwrap_or_else(|| at.to_string()));
            let reg = |reg: u16| self.any_reg(reg).unwrap_or_else(|| format!("r{reg}"));
            let (error, trace) = (reg(handler.error), reg(handler.trace));
            line!(
                self.printer.out,
                "  try {start} to {end} catch {target} ({error}, {trace})"
            );
        }
    }

    /// ` at 120`, or for a person the line and column.
    fn position(&self, offset: u32, width: usize) -> String {
        if self.printer.exact() {
            return format!(" at {offset}");
        }
        let module = self.printer.module;
        let starts = self
            .function
            .source
            .and_then(|id| id.0.checked_sub(module.base.sources))
            .and_then(|index| module.sources.get(index as usize))
            .map_or(&[] as &[u32], |source| &source.line_starts);
        let line = starts.partition_point(|&start| start <= offset);
        let start = starts.get(line.wrapping_sub(1)).copied().unwrap_or(0);
        let pad = 40_usize.saturating_sub(width);
        format!("{:pad$} // {line}:{}", "", offset - start + 1)
    }

    /// An instruction that has no readable form, word by word.
    fn words(&self, at: usize, insn: &Insn) -> String {
        let mut words = Vec::new();
        insn.encode(&mut words);
        let words: Vec<String> = (0..words.len())
            .filter_map(|i| self.function.code.get(at + i))
            .map(|word| format!("{word:#x}"))
            .collect();
        format!("word {} // {}", words.join(" "), insn.op.text())
    }

    /// The register in this slot by what the function says of it.
    fn any_reg(&self, slot: u16) -> Option<String> {
        if slot == NO_REG {
            return Some("_".to_string());
        }
        if slot < self.function.refs {
            return Some(format!("r{slot}"));
        }
        let index = slot - self.function.refs;
        let kind = self.function.raws.get(usize::from(index))?;
        Some(format!("{}{index}", raw_letter(*kind)))
    }

    fn tagged(&self, slot: u16) -> Option<String> {
        (slot < crate::encode::MAX_REGS).then(|| format!("r{slot}"))
    }

    fn raw(&self, kind: RawKind, slot: u16) -> Option<String> {
        let index = slot.checked_sub(self.function.refs)?;
        (slot < crate::encode::MAX_REGS).then(|| format!("{}{index}", raw_letter(kind)))
    }

    fn target(&self, at: usize, jump: i32) -> String {
        at.checked_add_signed(jump as isize)
            .and_then(|target| self.labels.get(&target))
            .cloned()
            .unwrap_or_else(|| jump.to_string())
    }

    /// The instruction as text, or `None` if only its words say what it is.
    fn insn(&self, at: usize, insn: &Insn) -> Option<String> {
        if insn.op.is_call() {
            return self.call(insn);
        }
        let mut parts = Vec::new();
        for (index, operand) in insn.op.operands().into_iter().enumerate() {
            let counted = matches!(insn.op.ext(), Ext::Regs | Ext::Record | Ext::Switch);
            if operand == Operand::None || counted && index > 0 {
                continue;
            }
            parts.push(self.operand(at, insn, index, operand)?);
        }
        let suffix = self.extension(at, insn, &mut parts)?;
        let op = insn.op.text();
        Some(if parts.is_empty() {
            format!("{op}{suffix}")
        } else {
            format!("{op} {}{suffix}", parts.join(", "))
        })
    }

    fn operand(&self, at: usize, insn: &Insn, index: usize, operand: Operand) -> Option<String> {
        use Operand::*;
        let value = insn.field(index);
        let names = &self.printer.names;
        match operand {
            None => Some(String::new()),
            DefR | UseR => self.tagged(value),
            DefI | UseI => self.raw(RawKind::Int, value),
            DefD | UseD => self.raw(RawKind::Double, value),
            DefB | UseB => self.raw(RawKind::Bool, value),
            DefT | UseT => self.raw(RawKind::Type, value),
            UseTOpt if value == NO_REG => Some("_".to_string()),
            UseTOpt => self.raw(RawKind::Type, value),
            DefW | UseW => {
                let text = self.any_reg(value)?;
                (!text.starts_with(['r', '_'])).then_some(text)
            }
            Imm16 => Some((value as i16).to_string()),
            Imm32 => Some(insn.imm32().to_string()),
            Jump16 => Some(self.target(at, i32::from(value as i16))),
            Jump32 => Some(self.target(at, insn.imm32())),
            SlotR | SlotW => Some(value.to_string()),
            Class32 => Some(names.class(ClassId(insn.wide()))),
            Const32 => Some(self.constant(ConstId(insn.wide()))),
            Static32 => Some(names.static_(StaticId(insn.wide()))),
            Type32 => Some(names.ty(TypeId(insn.wide()))),
            Targs32 => Some(names.targs(TargsId(insn.wide()))),
            Func32 => Some(names.function(FunctionId(insn.wide()))),
            MathFn => Some(match self::MathFn::from_u16(value) {
                Some(function) => function.text().to_string(),
                Option::None => value.to_string(),
            }),
        }
    }

    /// For a person, a long constant is shown all the same.
    fn constant(&self, id: ConstId) -> String {
        let names = &self.printer.names;
        let text = names.constant(id);
        let body = names.body('k', id.0);
        if self.printer.exact() || !text.starts_with('%') || body.is_empty() {
            return text;
        }
        body.chars().take(100).collect()
    }

    /// Adds the parts that the extension words hold; answers what follows them without a comma.
    fn extension(&self, at: usize, insn: &Insn, parts: &mut Vec<String>) -> Option<String> {
        let names = &self.printer.names;
        let regs = |regs: &[u16]| {
            let regs: Option<Vec<String>> = regs.iter().map(|&reg| self.tagged(reg)).collect();
            regs
        };
        match &insn.ext {
            ExtData::None | ExtData::Call { .. } => {}
            ExtData::Word(word) if insn.op == Op::LdD => parts.push(double_text(*word)),
            ExtData::Word(word) => parts.push((*word as i64).to_string()),
            ExtData::Id(id) => parts.push(match insn.op.ext() {
                Ext::Type => names.ty(TypeId(*id)),
                Ext::Targs => names.targs(TargsId(*id)),
                _ => names.class(ClassId(*id)),
            }),
            ExtData::ClassJump { class, jump } => {
                parts.push(names.class(ClassId(*class)));
                parts.push(self.target(at, *jump));
            }
            ExtData::Slow { shape, cache } => {
                let implied = slow_shape(insn.op, |name| self.string_id(name))
                    .and_then(|implied| names.shape_id(&implied));
                if implied != Some(ShapeId(*shape)) {
                    parts.push(format!("%h{shape}"));
                }
                return Some(self.cache(*cache));
            }
            ExtData::Closure {
                function,
                nref,
                captures,
            } => {
                let captures = self.arguments(*nref, captures)?;
                let function = names.function(FunctionId(*function));
                parts.push(format!("{function}({})", captures.join(", ")));
            }
            ExtData::Record { shape, fields } => {
                let fields = regs(fields)?;
                parts.push(self.record(RecordShapeId(*shape), fields));
            }
            ExtData::Regs(list) => parts.push(format!("({})", regs(list)?.join(", "))),
            ExtData::Switch { min, jumps } => {
                parts.push(min.to_string());
                let jumps: Vec<String> = jumps.iter().map(|&jump| self.target(at, jump)).collect();
                parts.push(format!("[{}]", jumps.join(", ")));
            }
        }
        Some(String::new())
    }

    fn string_id(&self, name: &str) -> Option<StrId> {
        let find = |module: &Module| {
            let index = module.strings.iter().position(|text| &**text == name)?;
            Some(StrId(module.base.strings + index as u32))
        };
        self.printer
            .core
            .and_then(find)
            .or_else(|| find(self.printer.module))
    }

    fn cache(&self, cache: u32) -> String {
        if self.printer.exact() {
            format!(" !{cache}")
        } else {
            String::new()
        }
    }

    fn record(&self, id: RecordShapeId, mut fields: Vec<String>) -> String {
        let shape = self.record_shape(id);
        let names = &self.printer.names;
        if let Some(shape) = shape.filter(|shape| names.record_shape_id(shape) == Some(id)) {
            let positional = usize::from(shape.positional);
            if fields.len() == positional + shape.named.len() {
                let named = fields.iter_mut().skip(positional).zip(&shape.named);
                for (field, &name) in named {
                    *field = format!("{}: {field}", names.name(name));
                }
                return format!("({})", fields.join(", "));
            }
        }
        format!("%q{}({})", id.0, fields.join(", "))
    }

    /// Tagged registers, then raw ones by what the function says of them.
    fn arguments(&self, nref: u16, args: &[u16]) -> Option<Vec<String>> {
        args.iter()
            .enumerate()
            .map(|(i, &slot)| {
                if i < usize::from(nref) {
                    self.tagged(slot)
                } else {
                    self.any_reg(slot)
                        .filter(|text| !text.starts_with(['r', '_']))
                }
            })
            .collect()
    }

    fn call(&self, insn: &Insn) -> Option<String> {
        let ExtData::Call {
            target,
            cache,
            nref,
            args,
        } = &insn.ext
        else {
            return None;
        };
        let op = insn.op.text();
        let dst = match insn.a {
            NO_REG => String::new(),
            slot => format!("{} = ", self.any_reg(slot)?),
        };
        let args = self.arguments(u16::from(*nref), args)?;
        if insn.op == Op::CallS {
            let function = self.printer.names.function(FunctionId(*target));
            return Some(format!("{op} {dst}{function}({})", args.join(", ")));
        }
        let call = self
            .shaped_call(ShapeId(*target), insn.a, usize::from(*nref), &args)
            .unwrap_or_else(|| self.shape_call(*target, &args));
        Some(format!("{op} {dst}{call}{}", self.cache(*cache)))
    }

    /// A call with its shape's id; a person is told what the shape says.
    fn shape_call(&self, shape: u32, args: &[String]) -> String {
        let note = if self.printer.exact() {
            String::new()
        } else {
            format!(" // {}", self.printer.names.body('h', shape))
        };
        format!("%h{shape}({}){note}", args.join(", "))
    }

    /// A call whose shape can be read off it: `.area(r1)`.
    fn shaped_call(&self, id: ShapeId, dst: u16, nref: usize, args: &[String]) -> Option<String> {
        let shape = self.shape(id)?;
        let names = &self.printer.names;
        if names.shape_id(shape) != Some(id) {
            return None;
        }
        let (tagged, raw) = args.split_at_checked(nref)?;
        let (mut tagged, mut raw) = (tagged.iter(), raw.iter());
        let mut next = |letter: char| {
            let arg = if letter == 'r' {
                tagged.next()
            } else {
                raw.next()
            }?;
            arg.starts_with(letter).then(|| arg.clone())
        };
        let mut parts = vec![next('r')?];
        if shape.type_args > 0 {
            parts.push(next('t')?);
        }
        for &rep in &shape.positional {
            parts.push(next(rep_text(rep))?);
        }
        for &(name, rep) in &shape.named {
            parts.push(format!("{}: {}", names.name(name), next(rep_text(rep))?));
        }
        if tagged.next().is_some() || raw.next().is_some() {
            return None;
        }
        let mut text = format!("{}({})", names.shape_head(shape), parts.join(", "));
        if dst == NO_REG {
            if shape.result != Rep::Tagged {
                let _ = write!(text, " -> {}", rep_text(shape.result));
            }
        } else if !self.any_reg(dst)?.starts_with(rep_text(shape.result)) {
            return None;
        }
        Some(text)
    }

    fn shape(&self, id: ShapeId) -> Option<&'a Shape> {
        let module = self.printer.module;
        match id.0.checked_sub(module.base.shapes) {
            Some(index) => module.shapes.get(index as usize),
            None => self.printer.core?.shapes.get(id.index()),
        }
    }

    fn record_shape(&self, id: RecordShapeId) -> Option<&'a RecordShape> {
        let module = self.printer.module;
        match id.0.checked_sub(module.base.record_shapes) {
            Some(index) => module.record_shapes.get(index as usize),
            None => self.printer.core?.record_shapes.get(id.index()),
        }
    }
}

/// A name as the text form would write it; for other printers of ids.
pub fn name_text(text: &str) -> String {
    quote_unless_bare(text)
}

/// A selector in words, for messages.
pub fn selector_text(module: &Module, selector: &Selector) -> String {
    let name = selector
        .name
        .0
        .checked_sub(module.base.strings)
        .and_then(|index| module.strings.get(index as usize));
    let name = name.map_or_else(|| format!("%s{}", selector.name.0), |text| text.to_string());
    match selector.kind {
        SelectorKind::Method => name,
        SelectorKind::Getter => format!("get {name}"),
        SelectorKind::Setter => format!("set {name}"),
    }
}
