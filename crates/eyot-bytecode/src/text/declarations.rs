//! Declarations of classes and functions.

use super::implied_rep;
use super::lexer::Tok;
use super::parse::{DECLARATIONS, Parsed, Parser, put};
use super::print::{CLASS_FLAGS, FUNCTION_FLAGS};
use crate::well_known::class;
use crate::{
    Class, ClassFlags, ClassId, Field, Function, FunctionFlags, Param, ParamKind, Rep, Selector,
    SelectorKind, SourceId, StrId, Target, TypeId,
};

impl Parser<'_> {
    pub(super) fn class_declaration(&mut self) -> Parsed<()> {
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
    pub(super) fn class_word(&mut self, class: &mut Class) -> Parsed<bool> {
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

    pub(super) fn class_item(&mut self, id: ClassId, class: &mut Class) -> Parsed<()> {
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

    pub(super) fn put_class(&mut self, id: ClassId, class: Class, lay_out: bool) {
        let index = id.0.wrapping_sub(self.module.base.classes);
        put(&mut self.class_slots, index, class);
        if self.class_slots.len() > self.laid_out.len() {
            self.laid_out.resize(self.class_slots.len(), true);
        }
        if let Some(slot) = self.laid_out.get_mut(index as usize) {
            *slot = !lay_out;
        }
    }

    pub(super) fn find_class(&self, id: ClassId) -> Option<&Class> {
        match id.0.checked_sub(self.module.base.classes) {
            Some(index) => self.class_slots.get(index as usize)?.as_ref(),
            None => self.core?.classes.get(id.index()),
        }
    }

    /// Words, reference maps and (in a stand-alone module) supertypes of the classes that do not spell them out.
    pub(super) fn lay_out_classes(&mut self) {
        // Superclasses may be declared later, so go on until nothing changes; a cycle is left alone.
        let mut again = true;
        while again {
            again = false;
            for index in 0..self.class_slots.len() {
                again |= self.lay_out(index).is_some();
            }
        }
    }

    pub(super) fn lay_out(&mut self, index: usize) -> Option<()> {
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

    pub(super) fn settle_field_members(&mut self) -> Parsed<()> {
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

    pub(super) fn function_declaration(&mut self) -> Parsed<()> {
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
            captured: Vec::new(),
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

    pub(super) fn function_word(&mut self, function: &mut Function) -> Parsed<()> {
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

    pub(super) fn type_and_rep(&mut self) -> Parsed<(TypeId, Rep)> {
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

    pub(super) fn params(&mut self) -> Parsed<Vec<Param>> {
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

    pub(super) fn param(&mut self, kind: ParamKind) -> Parsed<Param> {
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
}
