//! Types, vectors, constants and shapes, wherever they are written out.

use super::lexer::Tok;
use super::names::TYPE_WORDS;
use super::parse::{Parsed, Parser};
use crate::{
    Const, ConstId, DartString, FunctionType, RecordShape, RecordShapeId, Rep, Selector,
    SelectorKind, Shape, ShapeId, TargsId, Type, TypeId,
};

/// A type that was read: an id, or a value still to be interned.
pub(super) enum TypeValue {
    Id(TypeId),
    New(Type),
}

impl Parser<'_> {
    pub(super) fn ty(&mut self) -> Parsed<TypeId> {
        let (ty, key) = self.type_value()?;
        Ok(self.intern_type(ty, &key))
    }

    /// `%t5` stands for itself.
    pub(super) fn intern_type(&mut self, ty: TypeValue, key: &str) -> TypeId {
        match ty {
            TypeValue::Id(id) => id,
            TypeValue::New(ty) => TypeId(self.types.intern(key, ty)),
        }
    }

    pub(super) fn type_value(&mut self) -> Parsed<(TypeValue, String)> {
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

    pub(super) fn type_primary(&mut self) -> Parsed<TypeValue> {
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

    pub(super) fn record_type(&mut self) -> Parsed<TypeValue> {
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

    pub(super) fn function_type(&mut self, result: TypeId) -> Parsed<FunctionType> {
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

    pub(super) fn optional_targs(&mut self) -> Parsed<Option<TargsId>> {
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

    pub(super) fn const_value(&mut self) -> Parsed<Const> {
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

    pub(super) fn const_word(&mut self, word: &str) -> Parsed<Const> {
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

    pub(super) fn record_shape_value(&mut self) -> Parsed<RecordShape> {
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

    pub(super) fn shape_value(&mut self) -> Parsed<Shape> {
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
}
