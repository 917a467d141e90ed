//! Text to module.
//!
//! The text is read twice: the first pass gives every declaration its id and collects the texts of table entries, so that in the
//! second pass every name and every structural reference is found at once, in whatever order things are declared. Table
//! entries that nobody declared are appended behind the declared ones.

use std::hash::Hash;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::body::BodyParser;
use super::lexer::{Tok, Token, lex};
use super::names::TYPE_WORDS;
use super::print::{CLASS_FLAGS, FUNCTION_FLAGS};
use super::{TextError, implied_rep};
use crate::well_known::{self, class};
use crate::{
    Base, Class, ClassFlags, ClassId, Const, ConstId, DartString, Field, Function, FunctionFlags,
    FunctionId, FunctionType, Module, Param, ParamKind, RawKind, RecordShape, RecordShapeId, Rep,
    Selector, SelectorKind, Shape, ShapeId, Source, SourceId, Static, StaticId, StrId, Target,
    TargsId, Type, TypeId,
};

pub(super) type Parsed<T> = Result<T, TextError>;

/// Reads a module.
pub fn parse(text: &str) -> Parsed<Module> {
    parse_with_core(text, None)
}

/// Reads a module; if `core` is given, it is a program over that core and may use its names.
pub fn parse_with_core(text: &str, core: Option<&Module>) -> Parsed<Module> {
    let mut parser = Parser::new(lex(text)?, core);
    parser.scan()?;
    parser.prepare();
    parser.declarations()?;
    parser.finish()
}

/// A table whose entries are found by value, with ids fixed by declarations or given out behind those.
pub(super) struct Interned<T> {
    pub base: u32,
    entries: Vec<Option<T>>,
    ids: FxHashMap<T, u32>,
    /// Ids of declared entries by the text that declares them.
    declared: FxHashMap<String, u32>,
}

impl<T: Clone + Eq + Hash> Interned<T> {
    fn new() -> Self {
        Interned {
            base: 0,
            entries: Vec::new(),
            ids: FxHashMap::default(),
            declared: FxHashMap::default(),
        }
    }

    fn seed(&mut self, items: &[T]) {
        for (id, item) in items.iter().enumerate() {
            self.ids.entry(item.clone()).or_insert(id as u32);
        }
        self.base = items.len() as u32;
    }

    /// Makes room for a declared id.
    fn reserve(&mut self, id: u32, key: String) -> bool {
        let Some(index) = id.checked_sub(self.base).map(|index| index as usize) else {
            return false;
        };
        if index > 1 << 22 {
            return false;
        }
        if self.entries.len() <= index {
            self.entries.resize(index + 1, None);
        }
        self.declared.entry(key).or_insert(id);
        true
    }

    fn set(&mut self, id: u32, value: T) {
        self.ids.entry(value.clone()).or_insert(id);
        let index = id.wrapping_sub(self.base) as usize;
        if let Some(slot) = self.entries.get_mut(index) {
            *slot = Some(value);
        }
    }

    /// The id of `value`, which was written as `key`.
    fn intern(&mut self, key: &str, value: T) -> u32 {
        if let Some(&id) = self.declared.get(key) {
            return id;
        }
        self.intern_value(value)
    }

    pub(super) fn intern_value(&mut self, value: T) -> u32 {
        if let Some(&id) = self.ids.get(&value) {
            return id;
        }
        let id = self.base + self.entries.len() as u32;
        self.entries.push(Some(value.clone()));
        self.ids.insert(value, id);
        id
    }

    fn get(&self, id: u32) -> Option<&T> {
        let index = id.checked_sub(self.base)?;
        self.entries.get(index as usize)?.as_ref()
    }

    fn finish(self, what: &str) -> Result<Vec<T>, String> {
        let base = self.base as usize;
        self.entries
            .into_iter()
            .enumerate()
            .map(|(i, entry)| entry.ok_or_else(|| format!("{what} {} is not declared", base + i)))
            .collect()
    }
}

/// Declarations found by name.
#[derive(Default)]
pub(super) struct Named {
    base: u32,
    by_name: FxHashMap<String, Option<u32>>,
    taken: FxHashMap<u32, ()>,
    waiting: Vec<String>,
    order: Vec<u32>,
}

impl Named {
    fn seed(&mut self, names: impl Iterator<Item = String>) {
        for (id, name) in names.enumerate() {
            self.name(name, id as u32);
            self.base = id as u32 + 1;
        }
    }

    fn name(&mut self, name: String, id: u32) {
        self.by_name
            .entry(name)
            .and_modify(|known| *known = None)
            .or_insert(Some(id));
    }

    fn declare(&mut self, name: String, id: Option<u32>) {
        match id {
            Some(id) => {
                self.taken.insert(id, ());
                self.name(name, id);
                self.order.push(id);
            }
            None => {
                self.waiting.push(name);
                self.order.push(u32::MAX);
            }
        }
    }

    /// Gives ids to the declarations that have none, from `first` on.
    fn settle(&mut self, first: u32) {
        let mut next = first;
        let mut waiting = std::mem::take(&mut self.waiting).into_iter();
        let mut given = Vec::new();
        for slot in self.order.iter_mut().filter(|slot| **slot == u32::MAX) {
            while self.taken.contains_key(&next) {
                next += 1;
            }
            *slot = next;
            self.taken.insert(next, ());
            given.push(next);
            next += 1;
        }
        for id in given {
            if let Some(name) = waiting.next() {
                self.name(name, id);
            }
        }
        self.order.reverse();
    }
}

/// Words that begin a declaration.
const DECLARATIONS: &[&str] = &[
    "module", "string", "record", "type", "targs", "shape", "const", "static", "source", "entry",
    "outline", "class", "func",
];

/// A reader of tokens with everything known so far.
pub(super) struct Parser<'c> {
    tokens: Vec<Token>,
    pub at: usize,
    core: Option<&'c Module>,
    stand_alone: bool,
    pub module: Module,
    pub strings: Interned<Arc<str>>,
    types: Interned<Type>,
    targs: Interned<Vec<TypeId>>,
    consts: Interned<Const>,
    pub shapes: Interned<Shape>,
    pub record_shapes: Interned<RecordShape>,
    classes: Named,
    functions: Named,
    statics: Named,
    class_slots: Vec<Option<Class>>,
    /// Classes whose layout follows from their fields.
    laid_out: Vec<bool>,
    function_slots: Vec<Option<Function>>,
    static_slots: Vec<Option<Static>>,
    source_slots: Vec<Option<Source>>,
    /// Members `load Class.field` whose slot is settled with the class's layout.
    bodies: Vec<(usize, usize)>,
    field_members: Vec<(ClassId, Selector, String, bool)>,
    /// The next inline cache to give out.
    pub next_cache: u32,
    /// The first inline cache behind those named in the text.
    pub caches_end: u32,
}

impl<'c> Parser<'c> {
    fn new(tokens: Vec<Token>, core: Option<&'c Module>) -> Parser<'c> {
        Parser {
            tokens,
            at: 0,
            core,
            stand_alone: true,
            module: Module::default(),
            strings: Interned::new(),
            types: Interned::new(),
            targs: Interned::new(),
            consts: Interned::new(),
            shapes: Interned::new(),
            record_shapes: Interned::new(),
            classes: Named::default(),
            functions: Named::default(),
            statics: Named::default(),
            class_slots: Vec::new(),
            laid_out: Vec::new(),
            function_slots: Vec::new(),
            static_slots: Vec::new(),
            source_slots: Vec::new(),
            bodies: Vec::new(),
            field_members: Vec::new(),
            next_cache: 0,
            caches_end: 0,
        }
    }

    // ---- tokens

    pub(super) fn peek(&self) -> &Tok {
        self.tokens
            .get(self.at)
            .map_or(&Tok::End, |token| &token.tok)
    }

    fn peek_at(&self, ahead: usize) -> &Tok {
        self.tokens
            .get(self.at + ahead)
            .map_or(&Tok::End, |token| &token.tok)
    }

    /// Whether the next token is the first on its line.
    pub(super) fn at_line_start(&self) -> bool {
        self.tokens.get(self.at).is_none_or(|token| token.first)
    }

    pub(super) fn next(&mut self) -> Tok {
        let tok = self.peek().clone();
        self.at += 1;
        tok
    }

    pub(super) fn error<T>(&self, message: impl Into<String>) -> Parsed<T> {
        let token = self.tokens.get(self.at).or(self.tokens.last());
        Err(TextError {
            line: token.map_or(1, |token| token.line),
            column: token.map_or(1, |token| token.column),
            message: message.into(),
        })
    }

    pub(super) fn expected<T>(&self, what: &str) -> Parsed<T> {
        self.error(format!("expected {what}, found {}", self.peek().describe()))
    }

    pub(super) fn is(&self, punct: char) -> bool {
        *self.peek() == Tok::Punct(punct)
    }

    pub(super) fn eat(&mut self, punct: char) -> bool {
        let found = self.is(punct);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, punct: char) -> Parsed<()> {
        if self.eat(punct) {
            Ok(())
        } else {
            self.expected(&format!("`{punct}`"))
        }
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Tok::Name(name) if name == word)
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Parsed<()> {
        if self.eat_word(word) {
            Ok(())
        } else {
            self.expected(&format!("`{word}`"))
        }
    }

    pub(super) fn int(&mut self) -> Parsed<i128> {
        match *self.peek() {
            Tok::Int(value) => {
                self.at += 1;
                Ok(value)
            }
            _ => self.expected("a number"),
        }
    }

    pub(super) fn number<T: TryFrom<i128>>(&mut self) -> Parsed<T> {
        let value = self.int()?;
        match T::try_from(value) {
            Ok(value) => Ok(value),
            Err(_) => {
                self.at -= 1;
                self.error(format!("{value} does not fit here"))
            }
        }
    }

    /// `#id` if it is there.
    fn hash_id(&mut self) -> Parsed<Option<u32>> {
        if self.eat('#') {
            self.number().map(Some)
        } else {
            Ok(None)
        }
    }

    pub(super) fn list<T>(
        &mut self,
        open: char,
        close: char,
        mut item: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.expect(open)?;
        let mut items = Vec::new();
        while !self.eat(close) {
            items.push(item(self)?);
            if !self.eat(',') && !self.is(close) {
                return self.expected(&format!("`,` or `{close}`"));
            }
        }
        Ok(items)
    }

    /// The text of the tokens from `start` to here, the same for the same tokens.
    fn key(&self, start: usize) -> String {
        let tokens = self.tokens.get(start..self.at).unwrap_or_default();
        let texts: Vec<String> = tokens.iter().map(|token| token.tok.text()).collect();
        texts.join(" ")
    }

    // ---- first pass

    /// Finds every declaration and gives it its id.
    fn scan(&mut self) -> Parsed<()> {
        if let Some(core) = self.core {
            self.seed(core);
        }
        while *self.peek() != Tok::End {
            self.scan_declaration()?;
        }
        self.at = 0;
        Ok(())
    }

    fn seed(&mut self, core: &Module) {
        self.strings.seed(&core.strings);
        self.types.seed(&core.types);
        self.targs.seed(&core.targs);
        self.consts.seed(&core.consts);
        self.shapes.seed(&core.shapes);
        self.record_shapes.seed(&core.record_shapes);
        let text = |id: StrId| {
            core.strings
                .get(id.index())
                .map_or(String::new(), |s| s.to_string())
        };
        self.classes.seed(core.classes.iter().map(|c| text(c.name)));
        self.functions
            .seed(core.functions.iter().map(|f| text(f.name)));
        self.statics.seed(core.statics.iter().map(|s| text(s.name)));
        self.module.base.sources = core.sources.len() as u32;
        self.module.base.caches = core.caches;
        self.stand_alone = false;
    }

    fn scan_declaration(&mut self) -> Parsed<()> {
        let word = match self.peek() {
            Tok::Name(word) => word.clone(),
            _ => return self.expected("a declaration"),
        };
        self.at += 1;
        match word.as_str() {
            "module" => self.header()?,
            "string" => self.scan_entry(|p, id, key| {
                // Names of declarations may refer to strings, so these are complete at once.
                let done = p.strings.reserve(id, key);
                p.at -= 1;
                if let Ok(text) = p.raw_name() {
                    p.strings.set(id, text.into());
                }
                done
            })?,
            "record" => self.scan_entry(|p, id, key| p.record_shapes.reserve(id, key))?,
            "type" => self.scan_entry(|p, id, key| p.types.reserve(id, key))?,
            "targs" => self.scan_entry(|p, id, key| p.targs.reserve(id, key))?,
            "shape" => self.scan_entry(|p, id, key| p.shapes.reserve(id, key))?,
            "const" => self.scan_entry(|p, id, key| p.consts.reserve(id, key))?,
            "class" | "func" | "static" => {
                let name = self.raw_name()?;
                let id = self.hash_id()?;
                match word.as_str() {
                    "class" => self.classes.declare(name, id),
                    "func" => self.functions.declare(name, id),
                    _ => self.statics.declare(name, id),
                }
            }
            "source" | "entry" | "outline" => {}
            _ => {
                self.at -= 1;
                return self.expected("a declaration");
            }
        }
        self.skip_declaration();
        Ok(())
    }

    fn scan_entry(&mut self, reserve: impl FnOnce(&mut Self, u32, String) -> bool) -> Parsed<()> {
        let Tok::Ref(_, id, _) = self.next() else {
            self.at -= 1;
            return self.expected("an id like `%t0`");
        };
        self.expect('=')?;
        let start = self.at;
        self.skip_declaration();
        let key = self.key(start);
        if reserve(self, id, key) {
            Ok(())
        } else {
            self.error(format!("{id} is below the base or far too large"))
        }
    }

    /// Goes on to the next declaration: a word of theirs that is first on its line and outside of braces.
    fn skip_declaration(&mut self) {
        let mut depth = 0_u32;
        loop {
            match self.peek() {
                Tok::End => return,
                Tok::Punct('{') => depth += 1,
                Tok::Punct('}') => depth = depth.saturating_sub(1),
                Tok::Name(word)
                    if depth == 0
                        && self.at_line_start()
                        && DECLARATIONS.contains(&word.as_str()) =>
                {
                    return;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    fn header(&mut self) -> Parsed<()> {
        self.stand_alone = false;
        self.expect_word("core")?;
        self.module.core_hash = self.number()?;
        self.expect_word("caches")?;
        self.module.caches = self.number()?;
        if self.eat_word("base") {
            let b = self.list('(', ')', |p| p.number::<u32>())?;
            let &[
                strings,
                types,
                targs,
                classes,
                functions,
                consts,
                statics,
                shapes,
                record_shapes,
                sources,
                caches,
            ] = b.as_slice()
            else {
                return self.error("expected eleven numbers");
            };
            self.module.base = Base {
                strings,
                types,
                targs,
                classes,
                functions,
                consts,
                statics,
                shapes,
                record_shapes,
                sources,
                caches,
            };
            self.strings.base = strings;
            self.types.base = types;
            self.targs.base = targs;
            self.consts.base = consts;
            self.shapes.base = shapes;
            self.record_shapes.base = record_shapes;
            self.classes.base = classes;
            self.functions.base = functions;
            self.statics.base = statics;
        }
        Ok(())
    }

    /// Gives out ids and makes room for everything declared.
    fn prepare(&mut self) {
        let base = &mut self.module.base;
        if self.core.is_some() {
            base.strings = self.strings.base;
            base.types = self.types.base;
            base.targs = self.targs.base;
            base.consts = self.consts.base;
            base.shapes = self.shapes.base;
            base.record_shapes = self.record_shapes.base;
            base.classes = self.classes.base;
            base.functions = self.functions.base;
            base.statics = self.statics.base;
        }
        let stubs = if self.stand_alone {
            well_known::CLASSES.len() as u32
        } else {
            0
        };
        self.classes.settle(self.classes.base + stubs);
        self.functions.settle(self.functions.base);
        self.statics.settle(self.statics.base);
        self.next_cache = self.module.base.caches;
        if self.stand_alone {
            self.add_stubs();
        }
    }

    /// The classes with fixed ids, with as much of them as code written by hand needs.
    fn add_stubs(&mut self) {
        for (id, (library, name)) in well_known::CLASSES.iter().enumerate() {
            let id = ClassId(id as u32);
            let type_params = stub_params(id);
            let supertypes = if id <= class::OBJECT {
                Vec::new()
            } else {
                self.stub_supertypes(id)
            };
            let class = Class {
                name: self.intern_str(name),
                library: self.intern_str(library),
                flags: ClassFlags::empty(),
                superclass: (id > class::OBJECT).then_some(class::OBJECT),
                mixin: None,
                type_params,
                targs_len: type_params,
                super_targs: None,
                supertypes,
                fields: Vec::new(),
                targs_word: u16::from(type_params > 0),
                words: 1 + u16::from(type_params > 0),
                ref_map: vec![0],
                members: Vec::new(),
            };
            self.put_class(id, class, false);
        }
    }

    fn stub_supertypes(&mut self, id: ClassId) -> Vec<(ClassId, Vec<TypeId>)> {
        let parent = match id {
            class::INT | class::DOUBLE => Some(class::NUM),
            class::ONE_BYTE_STRING | class::TWO_BYTE_STRING => Some(class::STRING),
            class::FIXED_LIST | class::IMMUTABLE_LIST | class::GROWABLE_LIST => Some(class::LIST),
            class::CLOSURE => Some(class::FUNCTION),
            class::RECORD => Some(class::RECORD_INTERFACE),
            class::FUTURE_IMPL => Some(class::FUTURE),
            _ => None,
        };
        let mut supertypes = vec![(class::OBJECT, Vec::new())];
        if let Some(parent) = parent {
            let args = (0..stub_params(parent))
                .map(|i| TypeId(self.types.intern_value(Type::ClassParam(i))))
                .collect();
            supertypes.push((parent, args));
        }
        supertypes
    }

    // ---- names and ids

    pub(super) fn intern_str(&mut self, text: &str) -> StrId {
        let key = super::lexer::quote_str(text);
        StrId(self.strings.intern(&key, text.into()))
    }

    /// A bare or quoted name as text.
    fn raw_name(&mut self) -> Parsed<String> {
        match self.next() {
            Tok::Name(name) => Ok(name),
            Tok::Quoted(units) => match String::from_utf16(&units) {
                Ok(name) => Ok(name),
                Err(_) => self.error("a name cannot have lone surrogates"),
            },
            Tok::Ref('s', id, _) => Ok(match self.strings.get(id) {
                Some(text) => text.to_string(),
                None => format!("%s{id}"),
            }),
            _ => {
                self.at -= 1;
                self.expected("a name")
            }
        }
    }

    pub(super) fn name(&mut self) -> Parsed<StrId> {
        if let Tok::Ref('s', id, _) = *self.peek() {
            self.at += 1;
            return Ok(StrId(id));
        }
        let name = self.raw_name()?;
        Ok(self.intern_str(&name))
    }

    /// A name with or without `#id`, or the id alone.
    fn reference(&mut self, what: &str, table: fn(&Self) -> &Named) -> Parsed<u32> {
        if let Some(id) = self.hash_id()? {
            return Ok(id);
        }
        let name = self.raw_name()?;
        if let Some(id) = self.hash_id()? {
            return Ok(id);
        }
        self.at -= 1;
        match table(self).by_name.get(&name) {
            Some(Some(id)) => {
                let id = *id;
                self.at += 1;
                Ok(id)
            }
            Some(None) => self.error(format!("there is more than one {what} `{name}`: add `#id`")),
            None => match well_known_class(&name).filter(|_| what == "class") {
                Some(id) => {
                    self.at += 1;
                    Ok(id.0)
                }
                None => self.error(format!("there is no {what} `{name}`")),
            },
        }
    }

    pub(super) fn class_ref(&mut self) -> Parsed<ClassId> {
        self.reference("class", |p| &p.classes).map(ClassId)
    }

    pub(super) fn function_ref(&mut self) -> Parsed<FunctionId> {
        self.expect('@')?;
        self.reference("function", |p| &p.functions).map(FunctionId)
    }

    pub(super) fn static_ref(&mut self) -> Parsed<StaticId> {
        self.reference("static", |p| &p.statics).map(StaticId)
    }

    // ---- second pass

    fn declarations(&mut self) -> Parsed<()> {
        // Bodies come last: they name slots of fields, for which every class must be laid out.
        while *self.peek() != Tok::End {
            let word = match self.next() {
                Tok::Name(word) => word,
                _ => return self.expected("a declaration"),
            };
            match word.as_str() {
                "module" => self.header()?,
                "static" => self.static_declaration()?,
                "source" => self.source_declaration()?,
                "entry" => self.entry_declaration()?,
                "outline" => self.outline_declaration()?,
                "class" => self.class_declaration()?,
                "func" => self.function_declaration()?,
                word => self.table_declaration(word)?,
            }
        }
        self.lay_out_classes();
        self.settle_field_members()?;
        for (function, at) in std::mem::take(&mut self.bodies) {
            self.at = at;
            let Some(mut slot) = self.function_slots.get_mut(function).and_then(Option::take)
            else {
                continue;
            };
            BodyParser::new(self, &mut slot).parse()?;
            if let Some(place) = self.function_slots.get_mut(function) {
                *place = Some(slot);
            }
        }
        Ok(())
    }

    fn table_declaration(&mut self, word: &str) -> Parsed<()> {
        let Tok::Ref(_, id, _) = self.next() else {
            return self.expected("an id like `%t0`");
        };
        self.expect('=')?;
        match word {
            "string" => {
                let text = self.raw_name()?;
                self.strings.set(id, text.into());
            }
            "record" => {
                let shape = self.record_shape_value()?;
                self.record_shapes.set(id, shape);
            }
            "type" => {
                let (TypeValue::New(ty), _) = self.type_value()? else {
                    return self.expected("a type that is no other's id");
                };
                self.types.set(id, ty);
            }
            "targs" => {
                let targs = self.list('<', '>', |p| p.ty())?;
                self.targs.set(id, targs);
            }
            "shape" => {
                let shape = self.shape_value()?;
                self.shapes.set(id, shape);
            }
            "const" => {
                let value = self.const_value()?;
                self.consts.set(id, value);
            }
            _ => return self.expected("a declaration"),
        }
        Ok(())
    }

    fn static_declaration(&mut self) -> Parsed<()> {
        let name = self.name()?;
        self.hash_id()?;
        let initial = if self.eat('=') {
            Some(self.constant()?)
        } else {
            None
        };
        let id = self.statics.order.pop().unwrap_or_default();
        let index = id.wrapping_sub(self.module.base.statics);
        put(&mut self.static_slots, index, Static { name, initial });
        Ok(())
    }

    fn source_declaration(&mut self) -> Parsed<()> {
        let Tok::Ref('z', id, _) = self.next() else {
            return self.expected("an id like `%z0`");
        };
        self.expect('=')?;
        let uri = self.name()?;
        let line_starts = self.list('[', ']', |p| p.number())?;
        let index = id.wrapping_sub(self.module.base.sources);
        put(&mut self.source_slots, index, Source { uri, line_starts });
        Ok(())
    }

    fn entry_declaration(&mut self) -> Parsed<()> {
        let name = if self.is('@') {
            self.intern_str("main")
        } else {
            let name = self.name()?;
            self.expect('=')?;
            name
        };
        let function = self.function_ref()?;
        self.module.entries.push((name, function));
        Ok(())
    }

    fn outline_declaration(&mut self) -> Parsed<()> {
        let hex = self.raw_name()?;
        for pair in hex.as_bytes().chunks(2) {
            let byte = std::str::from_utf8(pair).ok();
            match byte.and_then(|byte| u8::from_str_radix(byte, 16).ok()) {
                Some(byte) => self.module.outline.push(byte),
                None => return self.error("expected hexadecimal digits"),
            }
        }
        Ok(())
    }

    pub(super) fn rep(&mut self) -> Parsed<Rep> {
        let rep = match self.peek() {
            Tok::Name(name) => match name.as_str() {
                "r" => Rep::Tagged,
                "i" => Rep::Int,
                "d" => Rep::Double,
                "b" => Rep::Bool,
                _ => return self.expected("`r`, `i`, `d` or `b`"),
            },
            _ => return self.expected("`r`, `i`, `d` or `b`"),
        };
        self.at += 1;
        Ok(rep)
    }

    /// `[iidb]`
    fn kinds(&mut self) -> Parsed<Vec<RawKind>> {
        self.expect('[')?;
        let mut kinds = Vec::new();
        if let Tok::Name(letters) = self.peek().clone() {
            for letter in letters.chars() {
                kinds.push(match letter {
                    'i' => RawKind::Int,
                    'd' => RawKind::Double,
                    'b' => RawKind::Bool,
                    't' => RawKind::Type,
                    _ => return self.expected("letters out of `idbt`"),
                });
            }
            self.at += 1;
        }
        self.expect(']')?;
        Ok(kinds)
    }

    // ---- classes

    fn class_declaration(&mut self) -> Parsed<()> {
        let name = self.name()?;
        self.hash_id()?;
        let id = ClassId(self.classes.order.pop().unwrap_or_default());
        let mut class = Class {
            name,
            library: StrId(u32::MAX),
            flags: ClassFlags::empty(),
            superclass: None,
            mixin: None,
            type_params: 0,
            targs_len: 0,
            super_targs: None,
            supertypes: Vec::new(),
            fields: Vec::new(),
            targs_word: 0,
            words: 0,
            ref_map: Vec::new(),
            members: Vec::new(),
        };
        let mut lay_out = true;
        while !self.is('{') {
            lay_out &= !self.class_word(&mut class)?;
        }
        self.expect('{')?;
        while !self.eat('}') {
            self.class_item(id, &mut class)?;
        }
        if class.library.0 == u32::MAX {
            class.library = self.intern_str("main");
        }
        if self.stand_alone && class.superclass.is_none() && id != class::OBJECT {
            class.superclass = Some(class::OBJECT);
        }
        self.put_class(id, class, lay_out);
        Ok(())
    }

    /// A word in a class's head; answers whether it fixes the layout.
    fn class_word(&mut self, class: &mut Class) -> Parsed<bool> {
        let word = self.raw_name()?;
        match word.as_str() {
            "extends" => class.superclass = Some(self.class_ref()?),
            "with" => class.super_targs = Some(self.targs()?),
            "mixin" => class.mixin = Some(self.class_ref()?),
            "of" => class.library = self.name()?,
            "params" => class.type_params = self.number()?,
            "targs" => class.targs_len = self.number()?,
            "at" => class.targs_word = self.number()?,
            "words" => {
                class.words = self.number()?;
                return Ok(true);
            }
            "refs" => {
                self.expect('[')?;
                while !self.eat(']') {
                    let word = self.number()?;
                    class.ref_map.push(word);
                }
            }
            word => match CLASS_FLAGS.iter().find(|(_, text)| *text == word) {
                Some((flag, _)) => class.flags |= *flag,
                None => {
                    self.at -= 1;
                    return self.expected("a property of the class or `{`");
                }
            },
        }
        Ok(false)
    }

    fn class_item(&mut self, id: ClassId, class: &mut Class) -> Parsed<()> {
        let word = self.raw_name()?;
        let kind = match word.as_str() {
            "implements" => {
                let supertype = self.class_ref()?;
                let args = if self.is('<') {
                    self.list('<', '>', |p| p.ty())?
                } else {
                    Vec::new()
                };
                class.supertypes.push((supertype, args));
                return Ok(());
            }
            "field" => {
                let name = self.name()?;
                self.expect(':')?;
                let rep = self.rep()?;
                class.fields.push(Field { name, rep });
                return Ok(());
            }
            "method" => SelectorKind::Method,
            "get" => SelectorKind::Getter,
            "set" => SelectorKind::Setter,
            _ => {
                self.at -= 1;
                return self.expected("`implements`, `field`, `method`, `get` or `set`");
            }
        };
        let name = self.name()?;
        let selector = Selector { name, kind };
        self.expect('=')?;
        if self.is('@') {
            let target = Target::Function(self.function_ref()?);
            class.members.push((selector, target));
            return Ok(());
        }
        let load = self.eat_word("load");
        if !load {
            self.expect_word("store")?;
        }
        if let Tok::Name(path) = self.peek().clone() {
            self.at += 1;
            self.field_members.push((id, selector, path, load));
            return Ok(());
        }
        let slot = self.number()?;
        let rep = self.rep()?;
        let target = if load {
            Target::FieldGet(slot, rep)
        } else {
            Target::FieldSet(slot, rep)
        };
        class.members.push((selector, target));
        Ok(())
    }

    fn put_class(&mut self, id: ClassId, class: Class, lay_out: bool) {
        let index = id.0.wrapping_sub(self.module.base.classes);
        put(&mut self.class_slots, index, class);
        if self.class_slots.len() > self.laid_out.len() {
            self.laid_out.resize(self.class_slots.len(), true);
        }
        if let Some(slot) = self.laid_out.get_mut(index as usize) {
            *slot = !lay_out;
        }
    }

    fn find_class(&self, id: ClassId) -> Option<&Class> {
        match id.0.checked_sub(self.module.base.classes) {
            Some(index) => self.class_slots.get(index as usize)?.as_ref(),
            None => self.core?.classes.get(id.index()),
        }
    }

    /// Words, reference maps and (in a stand-alone module) supertypes of the classes that do not spell them out.
    fn lay_out_classes(&mut self) {
        // Superclasses may be declared later, so go on until nothing changes; a cycle is left alone.
        let mut again = true;
        while again {
            again = false;
            for index in 0..self.class_slots.len() {
                again |= self.lay_out(index).is_some();
            }
        }
    }

    fn lay_out(&mut self, index: usize) -> Option<()> {
        if self.laid_out.get(index).copied()? {
            return None;
        }
        let class = self.class_slots.get(index)?.as_ref()?;
        let (mut words, mut map, mut targs, mut supertypes) = (1, vec![0_u64], 0, Vec::new());
        let mut targs_word = 0;
        if let Some(id) = class.superclass {
            let ready =
                id.0.checked_sub(self.module.base.classes)
                    .and_then(|index| self.laid_out.get(index as usize));
            if ready == Some(&false) {
                return None;
            }
            if let Some(superclass) = self.find_class(id) {
                words = superclass.words;
                map.clone_from(&superclass.ref_map);
                targs = superclass.targs_len;
                targs_word = superclass.targs_word;
                supertypes.clone_from(&superclass.supertypes);
                supertypes.push((id, Vec::new()));
            }
        }
        let mut class = class.clone();
        if class.targs_len == 0 {
            class.targs_len = targs + class.type_params;
        }
        if targs == 0 && class.targs_len > 0 {
            targs_word = words;
            words += 1;
        }
        class.targs_word = targs_word;
        for field in &class.fields {
            let (word, bit) = (usize::from(words) / 64, words % 64);
            if map.len() <= word {
                map.resize(word + 1, 0);
            }
            if let (Rep::Tagged, Some(word)) = (field.rep, map.get_mut(word)) {
                *word |= 1 << bit;
            }
            words += 1;
        }
        class.words = words;
        class.ref_map = map;
        if self.stand_alone {
            supertypes.retain(|(id, _)| class.supertypes.iter().all(|(known, _)| known != id));
            class.supertypes.extend(supertypes);
        }
        class.supertypes.sort_by_key(|(id, _)| *id);
        *self.class_slots.get_mut(index)? = Some(class);
        *self.laid_out.get_mut(index)? = true;
        Some(())
    }

    /// The slot and representation of `Class.field`.
    pub(super) fn field_slot(&mut self, path: &str) -> Option<(u16, Rep)> {
        let (class, field) = path.rsplit_once('.')?;
        let id = ClassId((*self.classes.by_name.get(class)?)?);
        let field = self.intern_str(field);
        let mut class = self.find_class(id)?;
        loop {
            let first = class.words.checked_sub(class.fields.len() as u16)?;
            if let Some(index) = class.fields.iter().position(|f| f.name == field) {
                let rep = class.fields.get(index)?.rep;
                return Some((first + index as u16, rep));
            }
            class = self.find_class(class.superclass?)?;
        }
    }

    fn settle_field_members(&mut self) -> Parsed<()> {
        for (id, selector, path, load) in std::mem::take(&mut self.field_members) {
            let Some((slot, rep)) = self.field_slot(&path) else {
                return self.error(format!("there is no field `{path}`"));
            };
            let target = if load {
                Target::FieldGet(slot, rep)
            } else {
                Target::FieldSet(slot, rep)
            };
            let index = id.0.wrapping_sub(self.module.base.classes) as usize;
            if let Some(Some(class)) = self.class_slots.get_mut(index) {
                class.members.push((selector, target));
            }
        }
        Ok(())
    }

    // ---- functions

    fn function_declaration(&mut self) -> Parsed<()> {
        let name = self.name()?;
        self.hash_id()?;
        let id = self.functions.order.pop().unwrap_or_default();
        let params = self.params()?;
        if *self.peek() != Tok::Arrow {
            return self.expected("`->`");
        }
        self.at += 1;
        let (result_type, result) = self.type_and_rep()?;
        let mut function = Function {
            name,
            owner: None,
            flags: FunctionFlags::empty(),
            type_params: Vec::new(),
            outer_type_params: 0,
            params,
            result,
            result_type,
            refs: u16::MAX,
            raws: Vec::new(),
            captures: (0, Vec::new()),
            native: None,
            code: Vec::new(),
            handlers: Vec::new(),
            source: None,
            positions: Vec::new(),
        };
        while matches!(self.peek(), Tok::Name(word) if !(self.at_line_start() && DECLARATIONS.contains(&word.as_str())))
        {
            self.function_word(&mut function)?;
        }
        let index = id.wrapping_sub(self.module.base.functions);
        if self.is('{') {
            self.bodies.push((index as usize, self.at));
            self.skip_declaration();
        } else if function.refs == u16::MAX {
            function.refs = function.tagged_params() as u16;
            function.raws = function.raw_params();
        }
        put(&mut self.function_slots, index, function);
        Ok(())
    }

    fn function_word(&mut self, function: &mut Function) -> Parsed<()> {
        let word = self.raw_name()?;
        match word.as_str() {
            "of" => function.owner = Some(self.class_ref()?),
            "generic" => function.type_params = self.list('<', '>', |p| p.ty())?,
            "outer" => function.outer_type_params = self.number()?,
            "captures" => function.captures = (self.number()?, self.kinds()?),
            "regs" => {
                function.refs = self.number()?;
                function.raws = self.kinds()?;
            }
            "native" => {
                function.native = Some(self.name()?);
                function.flags |= FunctionFlags::NATIVE;
            }
            "from" => match self.next() {
                Tok::Ref('z', id, _) => function.source = Some(SourceId(id)),
                _ => {
                    self.at -= 1;
                    return self.expected("an id like `%z0`");
                }
            },
            word => match FUNCTION_FLAGS.iter().find(|(_, text)| *text == word) {
                Some((flag, _)) => function.flags |= *flag,
                None => {
                    self.at -= 1;
                    return self.expected("a property of the function or `{`");
                }
            },
        }
        Ok(())
    }

    fn type_and_rep(&mut self) -> Parsed<(TypeId, Rep)> {
        let ty = self.ty()?;
        let rep = if self.eat_word("as") {
            self.rep()?
        } else {
            let found = match ty.0.checked_sub(self.types.base) {
                Some(_) => self.types.get(ty.0),
                None => self.core.and_then(|core| core.types.get(ty.index())),
            };
            implied_rep(found)
        };
        Ok((ty, rep))
    }

    fn params(&mut self) -> Parsed<Vec<Param>> {
        self.expect('(')?;
        let mut params = Vec::new();
        while !self.eat(')') {
            if self.is('[') {
                let kind = ParamKind::OptionalPositional;
                params.extend(self.list('[', ']', |p| p.param(kind))?);
            } else if self.is('{') {
                params.extend(self.list('{', '}', |p| {
                    let required = p.eat_word("required");
                    p.param(if required {
                        ParamKind::RequiredNamed
                    } else {
                        ParamKind::Named
                    })
                })?);
            } else {
                params.push(self.param(ParamKind::Required)?);
            }
            if !self.eat(',') && !self.is(')') {
                return self.expected("`,` or `)`");
            }
        }
        Ok(params)
    }

    fn param(&mut self, kind: ParamKind) -> Parsed<Param> {
        let name = self.name()?;
        self.expect(':')?;
        let (ty, rep) = self.type_and_rep()?;
        let default = if self.eat('=') {
            Some(self.constant()?)
        } else {
            None
        };
        Ok(Param {
            name,
            rep,
            ty,
            kind,
            default,
        })
    }

    // ---- types, vectors, constants, shapes

    pub(super) fn ty(&mut self) -> Parsed<TypeId> {
        let (ty, key) = self.type_value()?;
        Ok(self.intern_type(ty, &key))
    }

    /// `%t5` stands for itself.
    fn intern_type(&mut self, ty: TypeValue, key: &str) -> TypeId {
        match ty {
            TypeValue::Id(id) => id,
            TypeValue::New(ty) => TypeId(self.types.intern(key, ty)),
        }
    }

    fn type_value(&mut self) -> Parsed<(TypeValue, String)> {
        let start = self.at;
        let mut ty = self.type_primary()?;
        loop {
            let key = self.key(start);
            let function = self.is_word("Function")
                && matches!(self.peek_at(1), Tok::Punct('(') | Tok::Punct('<'));
            if self.is('?') {
                let of = self.intern_type(ty, &key);
                self.at += 1;
                ty = TypeValue::New(Type::Nullable(of));
            } else if function {
                let result = self.intern_type(ty, &key);
                self.at += 1;
                ty = TypeValue::New(Type::Function(self.function_type(result)?));
            } else {
                return Ok((ty, key));
            }
        }
    }

    fn type_primary(&mut self) -> Parsed<TypeValue> {
        let new = |ty| Ok(TypeValue::New(ty));
        if let Tok::Ref(letter, first, second) = *self.peek() {
            self.at += 1;
            return match letter {
                't' => Ok(TypeValue::Id(TypeId(first))),
                'c' => new(Type::ClassParam(first as u16)),
                'f' => new(Type::FunctionParam(first as u16)),
                'b' => new(Type::BoundParam {
                    depth: first as u16,
                    index: second as u16,
                }),
                _ => {
                    self.at -= 1;
                    self.expected("a type")
                }
            };
        }
        if self.is('(') {
            return self.record_type();
        }
        if let Tok::Name(name) = self.peek()
            && TYPE_WORDS.contains(&name.as_str())
            && *self.peek_at(1) != Tok::Punct('#')
            && name != "Function"
        {
            let name = name.clone();
            self.at += 1;
            return match name.as_str() {
                "dynamic" => new(Type::Dynamic),
                "void" => new(Type::Void),
                "Never" => new(Type::Never),
                "Null" => new(Type::Null),
                _ => {
                    self.expect('<')?;
                    let of = self.ty()?;
                    self.expect('>')?;
                    new(Type::FutureOr(of))
                }
            };
        }
        let class = self.class_ref()?;
        let args = if self.is('<') {
            self.list('<', '>', |p| p.ty())?
        } else {
            Vec::new()
        };
        new(Type::Interface { class, args })
    }

    fn record_type(&mut self) -> Parsed<TypeValue> {
        self.expect('(')?;
        let (mut positional, mut named) = (Vec::new(), Vec::new());
        while !self.eat(')') {
            if self.is('{') {
                named = self.list('{', '}', |p| {
                    let ty = p.ty()?;
                    Ok((p.name()?, ty))
                })?;
            } else {
                positional.push(self.ty()?);
            }
            if !self.eat(',') && !self.is(')') {
                return self.expected("`,` or `)`");
            }
        }
        Ok(TypeValue::New(Type::Record { positional, named }))
    }

    fn function_type(&mut self, result: TypeId) -> Parsed<FunctionType> {
        let mut function = FunctionType {
            type_params: Vec::new(),
            positional: Vec::new(),
            required: 0,
            named: Vec::new(),
            result,
        };
        if self.is('<') {
            function.type_params = self.list('<', '>', |p| p.ty())?;
        }
        self.expect('(')?;
        while !self.eat(')') {
            if self.is('[') {
                let optional = self.list('[', ']', |p| p.ty())?;
                function.positional.extend(optional);
            } else if self.is('{') {
                function.named = self.list('{', '}', |p| {
                    let required = p.eat_word("required");
                    let ty = p.ty()?;
                    Ok((p.name()?, ty, required))
                })?;
            } else {
                function.positional.push(self.ty()?);
                function.required += 1;
            }
            if !self.eat(',') && !self.is(')') {
                return self.expected("`,` or `)`");
            }
        }
        Ok(function)
    }

    pub(super) fn targs(&mut self) -> Parsed<TargsId> {
        if let Tok::Ref('a', id, _) = *self.peek() {
            self.at += 1;
            return Ok(TargsId(id));
        }
        let start = self.at;
        let types = self.list('<', '>', |p| p.ty())?;
        let key = self.key(start);
        Ok(TargsId(self.targs.intern(&key, types)))
    }

    fn optional_targs(&mut self) -> Parsed<Option<TargsId>> {
        if self.is('<') || matches!(self.peek(), Tok::Ref('a', ..)) {
            self.targs().map(Some)
        } else {
            Ok(None)
        }
    }

    pub(super) fn constant(&mut self) -> Parsed<ConstId> {
        if let Tok::Ref('k', id, _) = *self.peek() {
            self.at += 1;
            return Ok(ConstId(id));
        }
        let start = self.at;
        let value = self.const_value()?;
        let key = self.key(start);
        Ok(ConstId(self.consts.intern(&key, value)))
    }

    fn const_value(&mut self) -> Parsed<Const> {
        match self.peek().clone() {
            Tok::Int(_) => self.number().map(Const::Int),
            Tok::Float(value) => {
                self.at += 1;
                Ok(Const::Double(value.to_bits()))
            }
            Tok::Quoted(units) => {
                self.at += 1;
                Ok(Const::String(DartString::from_units(&units)))
            }
            Tok::Name(word) => {
                self.at += 1;
                self.const_word(&word)
            }
            _ => self.expected("a constant"),
        }
    }

    fn const_word(&mut self, word: &str) -> Parsed<Const> {
        Ok(match word {
            "null" => Const::Null,
            "true" => Const::Bool(true),
            "false" => Const::Bool(false),
            "double" => {
                self.expect('(')?;
                let bits = self.number()?;
                self.expect(')')?;
                Const::Double(bits)
            }
            "utf16" => {
                self.expect('(')?;
                let Tok::Quoted(units) = self.next() else {
                    self.at -= 1;
                    return self.expected("a string");
                };
                self.expect(')')?;
                Const::String(DartString::Utf16(units.into()))
            }
            "symbol" => {
                self.expect('(')?;
                let name = self.name()?;
                self.expect(')')?;
                Const::Symbol(name)
            }
            "type" => {
                self.expect('(')?;
                let ty = self.ty()?;
                self.expect(')')?;
                Const::Type(ty)
            }
            "list" => Const::List {
                targs: self.targs()?,
                elements: self.list('[', ']', |p| p.constant())?,
            },
            "set" => Const::Set {
                targs: self.targs()?,
                elements: self.list('[', ']', |p| p.constant())?,
            },
            "map" => Const::Map {
                targs: self.targs()?,
                entries: self.list('[', ']', |p| {
                    let key = p.constant()?;
                    p.expect(':')?;
                    Ok((key, p.constant()?))
                })?,
            },
            "object" => Const::Object {
                class: self.class_ref()?,
                targs: self.optional_targs()?,
                fields: self.list('(', ')', |p| p.constant())?,
            },
            "closure" => Const::Closure {
                function: self.function_ref()?,
                targs: self.optional_targs()?,
            },
            "record" => Const::Record {
                shape: self.record_shape()?,
                fields: self.list('(', ')', |p| p.constant())?,
            },
            _ => {
                self.at -= 1;
                return self.expected("a constant");
            }
        })
    }

    fn record_shape_value(&mut self) -> Parsed<RecordShape> {
        self.expect('(')?;
        let positional = self.number()?;
        let mut named = Vec::new();
        while self.eat(',') {
            named.push(self.name()?);
        }
        self.expect(')')?;
        Ok(RecordShape { positional, named })
    }

    pub(super) fn record_shape(&mut self) -> Parsed<RecordShapeId> {
        if let Tok::Ref('q', id, _) = *self.peek() {
            self.at += 1;
            return Ok(RecordShapeId(id));
        }
        let start = self.at;
        let shape = self.record_shape_value()?;
        let key = self.key(start);
        Ok(RecordShapeId(self.record_shapes.intern(&key, shape)))
    }

    /// What stands before a shape's parameters; parameters and result are empty.
    pub(super) fn shape_head(&mut self) -> Parsed<Shape> {
        let dynamic = self.eat_word("dynamic");
        let selector = if self.eat_word("call") {
            None
        } else {
            if !self.eat('.') {
                return self.expected("`.` and a selector, or `call`");
            }
            // `get` and `set` may be names of methods.
            let name_follows = matches!(
                self.peek_at(1),
                Tok::Name(_) | Tok::Quoted(_) | Tok::Ref('s', ..)
            );
            let kind = if name_follows && self.eat_word("get") {
                SelectorKind::Getter
            } else if name_follows && self.eat_word("set") {
                SelectorKind::Setter
            } else {
                SelectorKind::Method
            };
            let name = self.name()?;
            Some(Selector { name, kind })
        };
        let mut type_args = 0;
        if self.eat('<') {
            type_args = self.number()?;
            self.expect('>')?;
        }
        Ok(Shape {
            selector,
            type_args,
            positional: Vec::new(),
            named: Vec::new(),
            result: Rep::Tagged,
            dynamic,
        })
    }

    fn shape_value(&mut self) -> Parsed<Shape> {
        let mut shape = self.shape_head()?;
        self.expect('(')?;
        while !self.eat(')') {
            if *self.peek_at(1) == Tok::Punct(':') {
                let name = self.name()?;
                self.expect(':')?;
                shape.named.push((name, self.rep()?));
            } else {
                shape.positional.push(self.rep()?);
            }
            if !self.eat(',') && !self.is(')') {
                return self.expected("`,` or `)`");
            }
        }
        if *self.peek() != Tok::Arrow {
            return self.expected("`->`");
        }
        self.at += 1;
        shape.result = self.rep()?;
        Ok(shape)
    }

    pub(super) fn shape_id(&mut self, shape: Shape) -> ShapeId {
        ShapeId(self.shapes.intern_value(shape))
    }

    // ---- the end

    fn finish(mut self) -> Parsed<Module> {
        self.at = self.tokens.len();
        let error = |message: String| TextError {
            line: self.tokens.last().map_or(1, |token| token.line),
            column: self.tokens.last().map_or(1, |token| token.column),
            message,
        };
        let mut module = self.module;
        module.strings = self.strings.finish("string").map_err(error)?;
        module.types = self.types.finish("type").map_err(error)?;
        module.targs = self.targs.finish("vector").map_err(error)?;
        module.consts = self.consts.finish("constant").map_err(error)?;
        module.shapes = self.shapes.finish("shape").map_err(error)?;
        module.record_shapes = self.record_shapes.finish("record shape").map_err(error)?;
        module.classes = complete(self.class_slots, "class").map_err(error)?;
        module.functions = complete(self.function_slots, "function").map_err(error)?;
        module.statics = complete(self.static_slots, "static").map_err(error)?;
        module.sources = complete(self.source_slots, "source").map_err(error)?;
        let used = self.next_cache.max(self.caches_end);
        module.caches = module.caches.max(used - module.base.caches.min(used));
        for class in &mut module.classes {
            class.members.sort_by_key(|(selector, _)| *selector);
            class.supertypes.sort_by_key(|(id, _)| *id);
        }
        Ok(module)
    }
}

/// A type that was read: an id, or a value still to be interned.
enum TypeValue {
    Id(TypeId),
    New(Type),
}

fn put<T>(slots: &mut Vec<Option<T>>, index: u32, value: T) {
    let index = index as usize;
    if index > 1 << 22 {
        return;
    }
    if slots.len() <= index {
        slots.resize_with(index + 1, || None);
    }
    if let Some(slot) = slots.get_mut(index) {
        *slot = Some(value);
    }
}

fn complete<T>(slots: Vec<Option<T>>, what: &str) -> Result<Vec<T>, String> {
    slots
        .into_iter()
        .enumerate()
        .map(|(i, slot)| slot.ok_or_else(|| format!("{what} number {i} is not declared")))
        .collect()
}

fn well_known_class(name: &str) -> Option<ClassId> {
    let index = well_known::CLASSES
        .iter()
        .position(|(_, known)| *known == name)?;
    Some(ClassId(index as u32))
}

/// How many type parameters the stub of a class with a fixed id has.
fn stub_params(id: ClassId) -> u16 {
    match id {
        class::MAP | class::CONST_MAP => 2,
        class::LIST
        | class::FIXED_LIST
        | class::IMMUTABLE_LIST
        | class::GROWABLE_LIST
        | class::SET
        | class::CONST_SET
        | class::FUTURE
        | class::FUTURE_IMPL => 1,
        _ => 0,
    }
}
