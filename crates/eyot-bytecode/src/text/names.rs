//! How table entries are referred to in text.
//!
//! A reference is written structurally (`List<int>`, `"text"`) exactly when reading that text leads back to the same id: the entry
//! is the first with its text, its parts have smaller ids (so that the text is finite) and it is not long. All other
//! references are numeric (`%t5`). Names of classes, functions and statics get `#id` behind them when they are not unique.

use rustc_hash::{FxHashMap, FxHashSet};

use super::lexer::{is_bare, quote, quote_str};
use crate::{
    ClassId, Const, ConstId, DartString, FunctionId, FunctionType, Module, RecordShape,
    RecordShapeId, Rep, Selector, SelectorKind, Shape, ShapeId, StaticId, StrId, TargsId, Type,
    TypeId, well_known,
};

/// Structural references longer than this are written as numbers.
const LONG: usize = 100;

/// Texts of one table: what each entry says, and how it is referred to.
#[derive(Default)]
struct Table {
    base: u32,
    bodies: Vec<String>,
    refs: Vec<String>,
    seen: FxHashSet<String>,
}

impl Table {
    fn push(&mut self, letter: char, body: String, numeric: bool) {
        let id = self.base + self.refs.len() as u32;
        let first = self.seen.insert(body.clone());
        self.refs.push(if numeric || !first || body.len() > LONG {
            format!("%{letter}{id}")
        } else {
            body.clone()
        });
        self.bodies.push(body);
    }

    fn reference(&self, letter: char, id: u32) -> String {
        id.checked_sub(self.base)
            .and_then(|index| self.refs.get(index as usize))
            .cloned()
            .unwrap_or_else(|| format!("%{letter}{id}"))
    }

    fn body(&self, id: u32) -> &str {
        id.checked_sub(self.base)
            .and_then(|index| self.bodies.get(index as usize))
            .map_or("", String::as_str)
    }
}

/// Named entries of one table, the core's first if it is known.
#[derive(Default)]
struct NamedTable(Vec<Option<String>>);

impl NamedTable {
    fn fill(&mut self, base: u32, names: Vec<String>) {
        self.0.resize(base as usize, None);
        self.0.extend(names.into_iter().map(Some));
    }

    /// Every name with `#id` behind it if it is no unique name of the module itself.
    fn finish(&mut self, base: u32, reserved: &[&str]) {
        let mut count: FxHashMap<String, u32> = FxHashMap::default();
        for name in self.0.iter().flatten() {
            *count.entry(name.clone()).or_default() += 1;
        }
        for (id, slot) in self.0.iter_mut().enumerate() {
            if let Some(name) = slot {
                let unique = count.get(name.as_str()) == Some(&1);
                let plain = unique && id as u32 >= base && !reserved.contains(&name.as_str());
                let text = quote_unless_bare(name);
                *name = if plain { text } else { format!("{text}#{id}") };
            }
        }
    }

    fn reference(&self, id: u32) -> String {
        match self.0.get(id as usize) {
            Some(Some(name)) => name.clone(),
            _ => format!("#{id}"),
        }
    }
}

/// Class names that mean something else in a type.
pub(super) const TYPE_WORDS: &[&str] =
    &["dynamic", "void", "Never", "Null", "FutureOr", "Function"];

/// All references into one module.
pub(super) struct Names {
    strings: Vec<(String, String)>,
    strings_base: u32,
    types: Table,
    targs: Table,
    consts: Table,
    shapes: Table,
    record_shapes: Table,
    classes: NamedTable,
    functions: NamedTable,
    statics: NamedTable,
    first_shape: FxHashMap<Shape, u32>,
    first_record: FxHashMap<RecordShape, u32>,
}

pub(super) fn quote_unless_bare(text: &str) -> String {
    if is_bare(text) {
        text.to_string()
    } else {
        quote_str(text)
    }
}

impl Names {
    /// References into `module`; those below its base get names if `core` is given.
    pub(super) fn new(module: &Module, core: Option<&Module>) -> Names {
        let base = module.base;
        let mut names = Names {
            strings: Vec::new(),
            strings_base: base.strings,
            types: Table::default(),
            targs: Table::default(),
            consts: Table::default(),
            shapes: Table::default(),
            record_shapes: Table::default(),
            classes: NamedTable::default(),
            functions: NamedTable::default(),
            statics: NamedTable::default(),
            first_shape: FxHashMap::default(),
            first_record: FxHashMap::default(),
        };
        match core {
            Some(core) => {
                names.strings_base = core.base.strings;
                names.start(core);
                names.add(core);
            }
            None => {
                names.start(module);
                let stubs = well_known::CLASSES.iter().take(base.classes as usize);
                names.classes.0 = stubs.map(|(_, name)| Some(name.to_string())).collect();
            }
        }
        names.add(module);
        names.classes.finish(base.classes, TYPE_WORDS);
        names.functions.finish(base.functions, &[]);
        names.statics.finish(base.statics, &[]);
        names.add_tables(core, module);
        names
    }

    fn start(&mut self, module: &Module) {
        self.types.base = module.base.types;
        self.targs.base = module.base.targs;
        self.consts.base = module.base.consts;
        self.shapes.base = module.base.shapes;
        self.record_shapes.base = module.base.record_shapes;
    }

    /// Strings and named tables of one module.
    fn add(&mut self, module: &Module) {
        let mut seen: FxHashSet<String> =
            self.strings.iter().map(|(text, _)| text.clone()).collect();
        for text in &module.strings {
            let id = self.strings_base + self.strings.len() as u32;
            let reference = if seen.insert(text.to_string()) {
                quote_unless_bare(text)
            } else {
                format!("%s{id}")
            };
            self.strings.push((text.to_string(), reference));
        }
        let raw = |id: StrId| self.raw_string(id);
        let classes = module.classes.iter().map(|class| raw(class.name)).collect();
        let functions = module.functions.iter().map(|f| raw(f.name)).collect();
        let statics = module.statics.iter().map(|s| raw(s.name)).collect();
        self.classes.fill(module.base.classes, classes);
        self.functions.fill(module.base.functions, functions);
        self.statics.fill(module.base.statics, statics);
    }

    /// Tables whose texts are built from other references, in order of id.
    fn add_tables(&mut self, core: Option<&Module>, module: &Module) {
        for module in core.into_iter().chain([module]) {
            for (i, shape) in module.record_shapes.iter().enumerate() {
                let body = self.record_shape_body(shape);
                self.record_shapes.push('q', body, false);
                let id = module.base.record_shapes + i as u32;
                self.first_record.entry(shape.clone()).or_insert(id);
            }
            // Types mention no vectors, vectors no constants: table by table is bottom-up.
            for ty in &module.types {
                let id = self.types.base + self.types.refs.len() as u32;
                let body = self.type_body(ty, id);
                self.types.push('t', body, false);
            }
            for targs in &module.targs {
                let body = self.targs_body(targs);
                self.targs.push('a', body, false);
            }
            for (i, shape) in module.shapes.iter().enumerate() {
                let body = self.shape_body(shape);
                self.shapes.push('h', body, true);
                let id = module.base.shapes + i as u32;
                self.first_shape.entry(shape.clone()).or_insert(id);
            }
            for value in &module.consts {
                let id = self.consts.base + self.consts.refs.len() as u32;
                let body = self.const_body(value, id);
                self.consts.push('k', body, false);
            }
        }
    }

    fn raw_string(&self, id: StrId) -> String {
        id.0.checked_sub(self.strings_base)
            .and_then(|index| self.strings.get(index as usize))
            .map_or_else(|| format!("%s{}", id.0), |(text, _)| text.clone())
    }

    /// The string as a name.
    pub(super) fn name(&self, id: StrId) -> String {
        id.0.checked_sub(self.strings_base)
            .and_then(|index| self.strings.get(index as usize))
            .map_or_else(|| format!("%s{}", id.0), |(_, text)| text.clone())
    }

    pub(super) fn class(&self, id: ClassId) -> String {
        self.classes.reference(id.0)
    }

    pub(super) fn function(&self, id: FunctionId) -> String {
        format!("@{}", self.functions.reference(id.0))
    }

    pub(super) fn static_(&self, id: StaticId) -> String {
        self.statics.reference(id.0)
    }

    pub(super) fn ty(&self, id: TypeId) -> String {
        self.types.reference('t', id.0)
    }

    pub(super) fn targs(&self, id: TargsId) -> String {
        self.targs.reference('a', id.0)
    }

    pub(super) fn constant(&self, id: ConstId) -> String {
        self.consts.reference('k', id.0)
    }

    pub(super) fn record_shape(&self, id: RecordShapeId) -> String {
        self.record_shapes.reference('q', id.0)
    }

    /// What the entry with this id says, for its declaration or a comment.
    pub(super) fn body(&self, letter: char, id: u32) -> &str {
        match letter {
            't' => self.types.body(id),
            'a' => self.targs.body(id),
            'k' => self.consts.body(id),
            'h' => self.shapes.body(id),
            _ => self.record_shapes.body(id),
        }
    }

    /// The id that reading `shape` would give.
    pub(super) fn shape_id(&self, shape: &Shape) -> Option<ShapeId> {
        self.first_shape.get(shape).copied().map(ShapeId)
    }

    /// The id that reading `shape` would give.
    pub(super) fn record_shape_id(&self, shape: &RecordShape) -> Option<RecordShapeId> {
        self.first_record.get(shape).copied().map(RecordShapeId)
    }

    pub(super) fn selector(&self, selector: &Selector) -> String {
        let name = self.name(selector.name);
        match selector.kind {
            SelectorKind::Method => format!(".{name}"),
            SelectorKind::Getter => format!(".get {name}"),
            SelectorKind::Setter => format!(".set {name}"),
        }
    }

    /// `dynamic .get name<1>`: what stands before a shape's parameters.
    pub(super) fn shape_head(&self, shape: &Shape) -> String {
        let mut text = String::from(if shape.dynamic { "dynamic " } else { "" });
        match &shape.selector {
            Some(selector) => text.push_str(&self.selector(selector)),
            None => text.push_str("call"),
        }
        if shape.type_args > 0 {
            text.push_str(&format!("<{}>", shape.type_args));
        }
        text
    }

    fn shape_body(&self, shape: &Shape) -> String {
        let positional = shape
            .positional
            .iter()
            .map(|&rep| rep_text(rep).to_string());
        let named = shape
            .named
            .iter()
            .map(|&(name, rep)| format!("{}: {}", self.name(name), rep_text(rep)));
        let params: Vec<String> = positional.chain(named).collect();
        let head = self.shape_head(shape);
        format!(
            "{head}({}) -> {}",
            params.join(", "),
            rep_text(shape.result)
        )
    }

    fn record_shape_body(&self, shape: &RecordShape) -> String {
        let mut parts = vec![shape.positional.to_string()];
        parts.extend(shape.named.iter().map(|&name| self.name(name)));
        format!("({})", parts.join(", "))
    }

    /// A part of type `id`: structural only if its own text is already known.
    fn type_part(&self, part: TypeId, id: u32) -> String {
        if part.0 < id {
            self.ty(part)
        } else {
            format!("%t{}", part.0)
        }
    }

    fn type_body(&self, ty: &Type, id: u32) -> String {
        let part = |ty: &TypeId| self.type_part(*ty, id);
        let list = |types: &[TypeId]| types.iter().map(part).collect::<Vec<_>>();
        match ty {
            Type::Dynamic => "dynamic".to_string(),
            Type::Void => "void".to_string(),
            Type::Never => "Never".to_string(),
            Type::Null => "Null".to_string(),
            Type::Interface { class, args } if args.is_empty() => self.class(*class),
            Type::Interface { class, args } => {
                format!("{}<{}>", self.class(*class), list(args).join(", "))
            }
            Type::FutureOr(of) => format!("FutureOr<{}>", part(of)),
            Type::Nullable(of) => format!("{}?", part(of)),
            Type::Function(function) => self.function_type_body(function, id),
            Type::Record { positional, named } => {
                let mut parts = list(positional);
                if !named.is_empty() {
                    let named: Vec<String> = named
                        .iter()
                        .map(|(name, ty)| format!("{} {}", part(ty), self.name(*name)))
                        .collect();
                    parts.push(format!("{{{}}}", named.join(", ")));
                }
                format!("({})", parts.join(", "))
            }
            Type::ClassParam(index) => format!("%c{index}"),
            Type::FunctionParam(index) => format!("%f{index}"),
            Type::BoundParam { depth, index } => format!("%b{depth}_{index}"),
        }
    }

    fn function_type_body(&self, function: &FunctionType, id: u32) -> String {
        let part = |ty: &TypeId| self.type_part(*ty, id);
        let mut text = format!("{} Function", part(&function.result));
        if !function.type_params.is_empty() {
            let bounds: Vec<String> = function.type_params.iter().map(part).collect();
            text.push_str(&format!("<{}>", bounds.join(", ")));
        }
        let required = usize::from(function.required).min(function.positional.len());
        let (required, optional) = function.positional.split_at(required);
        let mut parts: Vec<String> = required.iter().map(part).collect();
        if !optional.is_empty() {
            let optional: Vec<String> = optional.iter().map(part).collect();
            parts.push(format!("[{}]", optional.join(", ")));
        }
        if !function.named.is_empty() {
            let named: Vec<String> = function
                .named
                .iter()
                .map(|(name, ty, required)| {
                    let required = if *required { "required " } else { "" };
                    format!("{required}{} {}", part(ty), self.name(*name))
                })
                .collect();
            parts.push(format!("{{{}}}", named.join(", ")));
        }
        format!("{text}({})", parts.join(", "))
    }

    fn targs_body(&self, targs: &[TypeId]) -> String {
        let types: Vec<String> = targs.iter().map(|&ty| self.ty(ty)).collect();
        format!("<{}>", types.join(", "))
    }

    fn const_body(&self, value: &Const, id: u32) -> String {
        let part = |part: &ConstId| {
            if part.0 < id {
                self.constant(*part)
            } else {
                format!("%k{}", part.0)
            }
        };
        let list = |parts: &[ConstId]| parts.iter().map(part).collect::<Vec<_>>().join(", ");
        match value {
            Const::Null => "null".to_string(),
            Const::Bool(value) => value.to_string(),
            Const::Int(value) => value.to_string(),
            Const::Double(bits) => double_text(*bits),
            Const::String(text) => string_text(text),
            Const::Symbol(name) => format!("symbol({})", self.name(*name)),
            Const::Type(ty) => format!("type({})", self.ty(*ty)),
            Const::List { targs, elements } => {
                format!("list {} [{}]", self.targs(*targs), list(elements))
            }
            Const::Set { targs, elements } => {
                format!("set {} [{}]", self.targs(*targs), list(elements))
            }
            Const::Map { targs, entries } => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| format!("{}: {}", part(key), part(value)))
                    .collect();
                format!("map {} [{}]", self.targs(*targs), entries.join(", "))
            }
            Const::Object {
                class,
                targs,
                fields,
            } => {
                let targs = targs.map_or(String::new(), |targs| format!(" {}", self.targs(targs)));
                format!("object {}{targs} ({})", self.class(*class), list(fields))
            }
            Const::Closure { function, targs } => {
                let targs = targs.map_or(String::new(), |targs| format!(" {}", self.targs(targs)));
                format!("closure {}{targs}", self.function(*function))
            }
            Const::Record { shape, fields } => {
                format!("record {} ({})", self.record_shape(*shape), list(fields))
            }
        }
    }
}

/// A double so that reading it gives the same bits.
pub(super) fn double_text(bits: u64) -> String {
    let value = f64::from_bits(bits);
    if value.is_finite() {
        format!("{value:?}")
    } else {
        format!("double({bits:#x})")
    }
}

fn string_text(text: &DartString) -> String {
    let units = text.units();
    if &DartString::from_units(&units) == text {
        quote(&units)
    } else {
        format!("utf16({})", quote(&units))
    }
}

pub(super) fn rep_text(rep: Rep) -> char {
    match rep {
        Rep::Tagged => 'r',
        Rep::Int => 'i',
        Rep::Double => 'd',
        Rep::Bool => 'b',
    }
}
