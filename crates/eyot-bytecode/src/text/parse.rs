//! Text to module.
//!
//! The text is read twice: the first pass gives every declaration its id and collects the texts of table entries, so that in the
//! second pass every name and every structural reference is found at once, in whatever order things are declared. Table
//! entries that nobody declared are appended behind the declared ones.

use std::hash::Hash;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::TextError;
use super::body::BodyParser;
use super::lexer::{Tok, Token, lex};
use super::values::TypeValue;
use crate::well_known::{self, class};
use crate::{
    Base, Class, ClassFlags, ClassId, Const, Function, FunctionId, Module, RawKind, RecordShape,
    Rep, Selector, Shape, Source, Static, StaticId, StrId, Type, TypeId,
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
    pub(super) fn new() -> Self {
        Interned {
            base: 0,
            entries: Vec::new(),
            ids: FxHashMap::default(),
            declared: FxHashMap::default(),
        }
    }

    pub(super) fn seed(&mut self, items: &[T]) {
        for (id, item) in items.iter().enumerate() {
            self.ids.entry(item.clone()).or_insert(id as u32);
        }
        self.base = items.len() as u32;
    }

    /// Makes room for a declared id.
    pub(super) fn reserve(&mut self, id: u32, key: String) -> bool {
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

    pub(super) fn set(&mut self, id: u32, value: T) {
        self.ids.entry(value.clone()).or_insert(id);
        let index = id.wrapping_sub(self.base) as usize;
        if let Some(slot) = self.entries.get_mut(index) {
            *slot = Some(value);
        }
    }

    /// The id of `value`, which was written as `key`.
    pub(super) fn intern(&mut self, key: &str, value: T) -> u32 {
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

    pub(super) fn get(&self, id: u32) -> Option<&T> {
        let index = id.checked_sub(self.base)?;
        self.entries.get(index as usize)?.as_ref()
    }

    pub(super) fn finish(self, what: &str) -> Result<Vec<T>, String> {
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
    pub(super) by_name: FxHashMap<String, Option<u32>>,
    taken: FxHashMap<u32, ()>,
    waiting: Vec<String>,
    pub(super) order: Vec<u32>,
}

impl Named {
    pub(super) fn seed(&mut self, names: impl Iterator<Item = String>) {
        for (id, name) in names.enumerate() {
            self.name(name, id as u32);
            self.base = id as u32 + 1;
        }
    }

    pub(super) fn name(&mut self, name: String, id: u32) {
        self.by_name
            .entry(name)
            .and_modify(|known| *known = None)
            .or_insert(Some(id));
    }

    pub(super) fn declare(&mut self, name: String, id: Option<u32>) {
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
    pub(super) fn settle(&mut self, first: u32) {
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
pub(super) const DECLARATIONS: &[&str] = &[
    "module", "string", "record", "type", "targs", "shape", "const", "static", "source", "entry",
    "outline", "class", "func",
];

/// A reader of tokens with everything known so far.
pub(super) struct Parser<'c> {
    pub(super) tokens: Vec<Token>,
    pub at: usize,
    pub(super) core: Option<&'c Module>,
    pub(super) stand_alone: bool,
    pub module: Module,
    pub strings: Interned<Arc<str>>,
    pub(super) types: Interned<Type>,
    pub(super) targs: Interned<Vec<TypeId>>,
    pub(super) consts: Interned<Const>,
    pub shapes: Interned<Shape>,
    pub record_shapes: Interned<RecordShape>,
    pub(super) classes: Named,
    pub(super) functions: Named,
    pub(super) statics: Named,
    pub(super) class_slots: Vec<Option<Class>>,
    /// Classes whose layout follows from their fields.
    pub(super) laid_out: Vec<bool>,
    pub(super) function_slots: Vec<Option<Function>>,
    pub(super) static_slots: Vec<Option<Static>>,
    pub(super) source_slots: Vec<Option<Source>>,
    /// Members `load Class.field` whose slot is settled with the class's layout.
    pub(super) bodies: Vec<(usize, usize)>,
    pub(super) field_members: Vec<(ClassId, Selector, String, bool)>,
    /// The next inline cache to give out.
    pub next_cache: u32,
    /// The first inline cache behind those named in the text.
    pub caches_end: u32,
}

impl<'c> Parser<'c> {
    pub(super) fn new(tokens: Vec<Token>, core: Option<&'c Module>) -> Parser<'c> {
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

    pub(super) fn peek_at(&self, ahead: usize) -> &Tok {
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
    pub(super) fn hash_id(&mut self) -> Parsed<Option<u32>> {
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
    pub(super) fn key(&self, start: usize) -> String {
        let tokens = self.tokens.get(start..self.at).unwrap_or_default();
        let texts: Vec<String> = tokens.iter().map(|token| token.tok.text()).collect();
        texts.join(" ")
    }

    // ---- first pass

    /// Finds every declaration and gives it its id.
    pub(super) fn scan(&mut self) -> Parsed<()> {
        if let Some(core) = self.core {
            self.seed(core);
        }
        while *self.peek() != Tok::End {
            self.scan_declaration()?;
        }
        self.at = 0;
        Ok(())
    }

    pub(super) fn seed(&mut self, core: &Module) {
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

    pub(super) fn scan_declaration(&mut self) -> Parsed<()> {
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

    pub(super) fn scan_entry(
        &mut self,
        reserve: impl FnOnce(&mut Self, u32, String) -> bool,
    ) -> Parsed<()> {
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
    pub(super) fn skip_declaration(&mut self) {
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

    pub(super) fn header(&mut self) -> Parsed<()> {
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
    pub(super) fn prepare(&mut self) {
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
    pub(super) fn add_stubs(&mut self) {
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

    pub(super) fn stub_supertypes(&mut self, id: ClassId) -> Vec<(ClassId, Vec<TypeId>)> {
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
    pub(super) fn raw_name(&mut self) -> Parsed<String> {
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
    pub(super) fn reference(&mut self, what: &str, table: fn(&Self) -> &Named) -> Parsed<u32> {
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

    pub(super) fn declarations(&mut self) -> Parsed<()> {
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

    pub(super) fn table_declaration(&mut self, word: &str) -> Parsed<()> {
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

    pub(super) fn static_declaration(&mut self) -> Parsed<()> {
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

    pub(super) fn source_declaration(&mut self) -> Parsed<()> {
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

    pub(super) fn entry_declaration(&mut self) -> Parsed<()> {
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

    pub(super) fn outline_declaration(&mut self) -> Parsed<()> {
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
    pub(super) fn kinds(&mut self) -> Parsed<Vec<RawKind>> {
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

    // ---- the end

    pub(super) fn finish(mut self) -> Parsed<Module> {
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

pub(super) fn put<T>(slots: &mut Vec<Option<T>>, index: u32, value: T) {
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
