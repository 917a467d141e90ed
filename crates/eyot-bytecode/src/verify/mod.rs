//! Refuses what no compiler writes, so that the interpreter need not look twice.
//!
//! Everything is checked item by item and on demand: [`function`] before a function first runs, [`class`] when a class is
//! linked. What an item may refer to comes through [`Program`], which an image reader can answer lazily. After a function has passed:
//!
//! - its words are whole instructions of one encoding, jumps and handlers go to instructions inside the code, and the code cannot run off its end;
//! - every register operand is inside the frame, in the tagged or raw part and of the kind that its opcode asks for;
//! - every id exists, and calls pass arguments as the target (or shape) takes them.
//!
//! What objects tagged registers hold is *not* checked: `unbox.i` and field accesses trust the compiler, as the text of their opcodes
//! says. An image is therefore as trusted as the compiler that made it; damage is found, malice is not.

mod body;

use std::fmt;

use crate::{
    Base, Class, Const, Function, FunctionFlags, FunctionId, Module, RawKind, RecordShape, Rep,
    SelectorKind, Shape, Target, Type, TypeId,
};

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// The item: `function 12`.
    pub item: String,
    /// For functions: the word of the instruction.
    pub at: Option<usize>,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.item)?;
        if let Some(at) = self.at {
            write!(f, ", word {at}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for VerifyError {}

/// How a function is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Number of tagged arguments, receiver or closure included.
    pub tagged: usize,
    /// Kinds of raw arguments, type arguments first.
    pub raw: Vec<RawKind>,
    /// Result.
    pub result: Rep,
    /// Captures, if it is a closure's function.
    pub captures: Option<(u16, Vec<RawKind>)>,
}

impl From<&Function> for Signature {
    fn from(function: &Function) -> Signature {
        let closure = function.flags.contains(FunctionFlags::CLOSURE);
        Signature {
            tagged: function.tagged_params(),
            raw: function.raw_params(),
            result: function.result,
            captures: closure.then(|| function.captures.clone()),
        }
    }
}

/// What a class tells about itself to those that refer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassFacts {
    /// Superclass.
    pub superclass: Option<u32>,
    /// Number of own type parameters.
    pub type_params: u16,
    /// Length of the full vector.
    pub targs_len: u16,
    /// Instance words.
    pub words: u16,
    /// Word of the vector.
    pub targs_word: u16,
}

impl From<&Class> for ClassFacts {
    fn from(class: &Class) -> ClassFacts {
        ClassFacts {
            superclass: class.superclass.map(|id| id.0),
            type_params: class.type_params,
            targs_len: class.targs_len,
            words: class.words,
            targs_word: class.targs_word,
        }
    }
}

/// Everything that ids can refer to: a core, or a program with its core.
pub trait Program {
    /// The first id behind each table, and behind the inline caches.
    fn ends(&self) -> Base;
    /// How a function is called.
    fn signature(&self, function: u32) -> Option<Signature>;
    /// A shape.
    fn shape(&self, shape: u32) -> Option<Shape>;
    /// A record shape.
    fn record_shape(&self, shape: u32) -> Option<RecordShape>;
    /// Facts of a class.
    fn class(&self, class: u32) -> Option<ClassFacts>;
}

/// A module with the core it was compiled against.
#[derive(Clone, Copy, Debug)]
pub struct Modules<'a> {
    /// The core; none if the module is one, or stands alone.
    pub core: Option<&'a Module>,
    /// The module.
    pub module: &'a Module,
}

/// The item with this id: the module's own, or the core's.
fn find<'a, T>(
    modules: &Modules<'a>,
    id: u32,
    base: fn(&Base) -> u32,
    table: fn(&'a Module) -> &'a [T],
) -> Option<&'a T> {
    match id.checked_sub(base(&modules.module.base)) {
        Some(index) => table(modules.module).get(index as usize),
        None => table(modules.core?).get(id as usize),
    }
}

impl Program for Modules<'_> {
    fn ends(&self) -> Base {
        let module = self.module;
        let base = module.base;
        let end = |base: u32, len: usize| base.saturating_add(len as u32);
        Base {
            strings: end(base.strings, module.strings.len()),
            types: end(base.types, module.types.len()),
            targs: end(base.targs, module.targs.len()),
            classes: end(base.classes, module.classes.len()),
            functions: end(base.functions, module.functions.len()),
            consts: end(base.consts, module.consts.len()),
            statics: end(base.statics, module.statics.len()),
            shapes: end(base.shapes, module.shapes.len()),
            record_shapes: end(base.record_shapes, module.record_shapes.len()),
            sources: end(base.sources, module.sources.len()),
            caches: base.caches.saturating_add(module.caches),
        }
    }

    fn signature(&self, function: u32) -> Option<Signature> {
        find(self, function, |b| b.functions, |m| &m.functions).map(Signature::from)
    }

    fn shape(&self, shape: u32) -> Option<Shape> {
        find(self, shape, |b| b.shapes, |m| &m.shapes).cloned()
    }

    fn record_shape(&self, shape: u32) -> Option<RecordShape> {
        find(self, shape, |b| b.record_shapes, |m| &m.record_shapes).cloned()
    }

    fn class(&self, class: u32) -> Option<ClassFacts> {
        find(self, class, |b| b.classes, |m| &m.classes).map(ClassFacts::from)
    }
}

type Checked = Result<(), String>;

/// Verifies every item of `module`.
pub fn module(core: Option<&Module>, module: &Module) -> Result<(), VerifyError> {
    let program = Modules { core, module };
    let base = module.base;
    for (i, item) in module.types.iter().enumerate() {
        let id = base.types + i as u32;
        named("type", id, check_type(&program, id, item))?;
    }
    for (i, item) in module.targs.iter().enumerate() {
        let checked = item.iter().try_for_each(|ty| check_ty(&program, *ty));
        named("vector", base.targs + i as u32, checked)?;
    }
    for (i, item) in module.shapes.iter().enumerate() {
        named("shape", base.shapes + i as u32, check_shape(&program, item))?;
    }
    for (i, item) in module.record_shapes.iter().enumerate() {
        let names = item.named.iter();
        let checked = names
            .copied()
            .try_for_each(|name| check_str(&program, name.0));
        named("record shape", base.record_shapes + i as u32, checked)?;
    }
    for (i, item) in module.consts.iter().enumerate() {
        let id = base.consts + i as u32;
        constant(&program, id, item)?;
    }
    for (i, item) in module.statics.iter().enumerate() {
        let checked = check_str(&program, item.name.0).and_then(|()| {
            item.initial
                .map_or(Ok(()), |id| below(id.0, program.ends().consts, "constant"))
        });
        named("static", base.statics + i as u32, checked)?;
    }
    for (i, item) in module.sources.iter().enumerate() {
        named(
            "source",
            base.sources + i as u32,
            check_str(&program, item.uri.0),
        )?;
    }
    for (i, &(name, function)) in module.entries.iter().enumerate() {
        let checked = check_str(&program, name.0)
            .and_then(|()| below(function.0, program.ends().functions, "function"));
        named("entry", i as u32, checked)?;
    }
    for (i, item) in module.classes.iter().enumerate() {
        class(&program, base.classes + i as u32, item)?;
    }
    for (i, item) in module.functions.iter().enumerate() {
        function(&program, FunctionId(base.functions + i as u32), item)?;
    }
    Ok(())
}

fn named(what: &str, id: u32, checked: Checked) -> Result<(), VerifyError> {
    checked.map_err(|message| VerifyError {
        item: format!("{what} {id}"),
        at: None,
        message,
    })
}

fn below(id: u32, end: u32, what: &str) -> Checked {
    if id < end {
        Ok(())
    } else {
        Err(format!("there is no {what} {id}"))
    }
}

fn ensure(holds: bool, message: &str) -> Checked {
    if holds {
        Ok(())
    } else {
        Err(message.to_string())
    }
}

fn check_str(program: &impl Program, id: u32) -> Checked {
    below(id, program.ends().strings, "string")
}

fn check_ty(program: &impl Program, ty: TypeId) -> Checked {
    below(ty.0, program.ends().types, "type")
}

/// Parts of a type have smaller ids, so types are finite.
fn check_type(program: &impl Program, id: u32, ty: &Type) -> Checked {
    let part = |part: &TypeId| ensure(part.0 < id, "a part does not come before the whole");
    match ty {
        Type::Dynamic | Type::Void | Type::Never | Type::Null => Ok(()),
        Type::ClassParam(_) | Type::FunctionParam(_) | Type::BoundParam { .. } => Ok(()),
        Type::FutureOr(of) | Type::Nullable(of) => part(of),
        Type::Interface { class, args } => {
            let facts = program.class(class.0);
            let params = facts.ok_or_else(|| format!("there is no class {}", class.0))?;
            let count = usize::from(params.type_params);
            ensure(
                args.len() == count,
                "a class has other type arguments than parameters",
            )?;
            args.iter().try_for_each(part)
        }
        Type::Record { positional, named } => {
            positional.iter().try_for_each(part)?;
            named.iter().try_for_each(|(name, ty)| {
                check_str(program, name.0)?;
                part(ty)
            })
        }
        Type::Function(function) => {
            let required = usize::from(function.required);
            ensure(
                required <= function.positional.len(),
                "more are required than there are",
            )?;
            let types = function.type_params.iter().chain(&function.positional);
            types.chain([&function.result]).try_for_each(part)?;
            function.named.iter().try_for_each(|(name, ty, _)| {
                check_str(program, name.0)?;
                part(ty)
            })
        }
    }
}

fn check_shape(program: &impl Program, shape: &Shape) -> Checked {
    if let Some(selector) = shape.selector {
        check_str(program, selector.name.0)?;
        let arity = shape.positional.len() + shape.named.len();
        match selector.kind {
            SelectorKind::Getter => ensure(arity == 0, "a getter takes no arguments")?,
            SelectorKind::Setter => ensure(arity == 1, "a setter takes one argument")?,
            SelectorKind::Method => {}
        }
    }
    let mut names = shape.named.iter();
    names.try_for_each(|(name, _)| check_str(program, name.0))
}

/// Verifies a constant; its parts have smaller ids.
pub fn constant(program: &impl Program, id: u32, value: &Const) -> Result<(), VerifyError> {
    named("constant", id, check_const(program, id, value))
}

fn check_const(program: &impl Program, id: u32, value: &Const) -> Checked {
    let ends = program.ends();
    let parts = |parts: &[crate::ConstId]| {
        let ordered = parts.iter().all(|part| part.0 < id);
        ensure(ordered, "a part does not come before the whole")
    };
    match value {
        Const::Null | Const::Bool(_) | Const::Int(_) | Const::Double(_) | Const::String(_) => {
            Ok(())
        }
        Const::Symbol(name) => check_str(program, name.0),
        Const::Type(ty) => check_ty(program, *ty),
        Const::List { targs, elements } | Const::Set { targs, elements } => {
            below(targs.0, ends.targs, "vector")?;
            parts(elements)
        }
        Const::Map { targs, entries } => {
            below(targs.0, ends.targs, "vector")?;
            entries
                .iter()
                .try_for_each(|&(key, value)| parts(&[key, value]))
        }
        Const::Object {
            class,
            targs,
            fields,
        } => {
            let facts = program.class(class.0);
            let facts = facts.ok_or_else(|| format!("there is no class {}", class.0))?;
            let count = facts.words - 1 - u16::from(facts.targs_word > 0).min(facts.words - 1);
            ensure(
                fields.len() == usize::from(count),
                "not one value for each field",
            )?;
            ensure(
                targs.is_some() == (facts.targs_len > 0),
                "type arguments exactly if the class is generic",
            )?;
            targs.map_or(Ok(()), |targs| below(targs.0, ends.targs, "vector"))?;
            parts(fields)
        }
        Const::Closure { function, targs } => {
            let signature = program.signature(function.0);
            let signature =
                signature.ok_or_else(|| format!("there is no function {}", function.0))?;
            ensure(
                signature.captures == Some((0, Vec::new())),
                "the function is no closure's, or captures something",
            )?;
            targs.map_or(Ok(()), |targs| below(targs.0, ends.targs, "vector"))
        }
        Const::Record { shape, fields } => {
            let shape = program
                .record_shape(shape.0)
                .ok_or("there is no such record shape")?;
            let count = usize::from(shape.positional) + shape.named.len();
            ensure(fields.len() == count, "not one value for each field")?;
            parts(fields)
        }
    }
}

/// Verifies a class.
pub fn class(program: &impl Program, id: u32, class: &Class) -> Result<(), VerifyError> {
    let checked = check_layout(program, id, class).and_then(|()| check_members(program, class));
    named("class", id, checked)
}

fn check_layout(program: &impl Program, id: u32, class: &Class) -> Checked {
    let ends = program.ends();
    check_str(program, class.name.0)?;
    check_str(program, class.library.0)?;
    let mut words = 1;
    let mut targs_len = 0;
    if let Some(superclass) = class.superclass {
        let facts = program
            .class(superclass.0)
            .ok_or("there is no such superclass")?;
        words = facts.words;
        targs_len = facts.targs_len;
        let mut next = Some(superclass.0);
        let mut left = ends.classes;
        while let Some(ancestor) = next {
            ensure(ancestor != id && left > 0, "it is its own superclass")?;
            left -= 1;
            next = program.class(ancestor).and_then(|facts| facts.superclass);
        }
    }
    ensure(
        class.targs_len >= targs_len,
        "it has fewer type arguments than its superclass",
    )?;
    ensure(
        class.targs_len >= class.type_params,
        "more type parameters than arguments",
    )?;
    ensure(
        (class.targs_word > 0) == (class.targs_len > 0) && class.targs_word < class.words.max(1),
        "the word of the type arguments is not in the instance",
    )?;
    let own = u16::from(targs_len == 0 && class.targs_len > 0);
    let end = usize::from(words) + usize::from(own) + class.fields.len();
    ensure(
        end == usize::from(class.words),
        "the words of an instance are not those of its fields",
    )?;
    ensure(
        class.ref_map.len() == usize::from(class.words).div_ceil(64),
        "the reference map has another length",
    )?;
    for (i, field) in class.fields.iter().enumerate() {
        check_str(program, field.name.0)?;
        let slot = end - class.fields.len() + i;
        let tagged = is_tagged(class, slot);
        ensure(
            tagged == (field.rep == Rep::Tagged),
            "the reference map differs from the fields",
        )?;
    }
    class
        .super_targs
        .map_or(Ok(()), |targs| below(targs.0, ends.targs, "vector"))?;
    class
        .mixin
        .map_or(Ok(()), |mixin| below(mixin.0, ends.classes, "class"))
}

fn is_tagged(class: &Class, slot: usize) -> bool {
    class
        .ref_map
        .get(slot / 64)
        .is_some_and(|word| word >> (slot % 64) & 1 == 1)
}

fn check_members(program: &impl Program, class: &Class) -> Checked {
    let ends = program.ends();
    for &(supertype, ref args) in &class.supertypes {
        let facts = program
            .class(supertype.0)
            .ok_or("there is no such supertype")?;
        ensure(
            args.len() == usize::from(facts.type_params),
            "a supertype has other type arguments than parameters",
        )?;
        args.iter().try_for_each(|ty| check_ty(program, *ty))?;
    }
    let ascending = class.supertypes.is_sorted_by(|a, b| a.0 < b.0);
    ensure(ascending, "supertypes are not in order")?;
    let ascending = class.members.is_sorted_by(|a, b| a.0 < b.0);
    ensure(ascending, "members are not in order")?;
    for (selector, target) in &class.members {
        check_str(program, selector.name.0)?;
        match *target {
            Target::Function(function) => below(function.0, ends.functions, "function")?,
            Target::FieldGet(slot, rep) | Target::FieldSet(slot, rep) => {
                let inside = slot > 0 && slot < class.words && slot != class.targs_word;
                ensure(inside, "a member's field is not in the instance")?;
                ensure(
                    is_tagged(class, usize::from(slot)) == (rep == Rep::Tagged),
                    "a member's field is stored otherwise",
                )?;
            }
        }
    }
    Ok(())
}

/// Verifies a function.
pub fn function(
    program: &impl Program,
    id: FunctionId,
    function: &Function,
) -> Result<(), VerifyError> {
    let item = || format!("function {}", id.0);
    check_head(program, function).map_err(|message| VerifyError {
        item: item(),
        at: None,
        message,
    })?;
    body::check(program, function).map_err(|(at, message)| VerifyError {
        item: item(),
        at: Some(at),
        message,
    })
}

fn check_head(program: &impl Program, function: &Function) -> Checked {
    let ends = program.ends();
    check_str(program, function.name.0)?;
    function
        .owner
        .map_or(Ok(()), |owner| below(owner.0, ends.classes, "class"))?;
    let bounds = function.type_params.iter();
    bounds.copied().try_for_each(|ty| check_ty(program, ty))?;
    for param in &function.params {
        check_str(program, param.name.0)?;
        check_ty(program, param.ty)?;
        param
            .default
            .map_or(Ok(()), |default| below(default.0, ends.consts, "constant"))?;
    }
    check_ty(program, function.result_type)?;
    function
        .native
        .map_or(Ok(()), |native| check_str(program, native.0))?;
    for &(name, _) in &function.captured {
        check_str(program, name.0)?;
    }
    function
        .source
        .map_or(Ok(()), |source| below(source.0, ends.sources, "source"))?;
    let flags = function.flags;
    ensure(
        flags.contains(FunctionFlags::NATIVE) == function.native.is_some(),
        "a native has a name, and nothing else has",
    )?;
    ensure(
        !flags.contains(FunctionFlags::INSTANCE | FunctionFlags::CLOSURE),
        "slot 0 cannot be both `this` and the closure",
    )?;
    ensure(
        flags.contains(FunctionFlags::CLOSURE) || function.captures == (0, Vec::new()),
        "only closures capture",
    )?;
    let slots = usize::from(function.refs) + function.raws.len();
    ensure(
        slots < usize::from(crate::encode::MAX_REGS),
        "too many registers",
    )?;
    ensure(
        function.tagged_params() <= usize::from(function.refs)
            && function.raws.starts_with(&function.raw_params()),
        "parameters do not fit the registers",
    )?;
    let without = FunctionFlags::NATIVE | FunctionFlags::ABSTRACT;
    ensure(
        flags.intersects(without) == function.code.is_empty(),
        "natives and abstract functions have no code, all others have",
    )
}

#[cfg(test)]
mod tests;
