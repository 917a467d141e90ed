//! Constant objects: what a const constructor makes of its arguments.

use std::sync::Arc;

use eyot_syntax::{Span, Symbol, sym};
use rustc_hash::FxHashMap;

use super::{DEPTH_MAX, Env, Evaluator, Stop, Value, values};
use crate::model::{ClassId, MemberFlags, MemberId, MemberKind, Owner, ParamKind, World, known};
use crate::outline::{Question, ask};
use crate::program::{Args, Body, ConstId, ConstValue, Expr, ExprKind, Initializer};
use crate::types::Ty;

/// Arguments, evaluated.
pub(super) struct Arguments {
    positional: Vec<ConstId>,
    named: Vec<(Symbol, ConstId)>,
}

type Fields = FxHashMap<MemberId, ConstId>;

/// The value of an enum's `values`.
pub(super) fn enum_values(world: &World, member: MemberId) -> Option<ConstId> {
    let Owner::Class(class) = world.member(member).owner else {
        return None;
    };
    let element = world.types.interface(class, &world.raw_class_args(class));
    let values: Option<Vec<ConstId>> = world
        .class(class)
        .enum_values
        .iter()
        .map(|&value| world.constant(value))
        .collect();
    Some(world.consts.intern(ConstValue::List(element, values?)))
}

/// The body of a const constructor, made on first use; none where it is being made already: a constant of its own class
/// that it needs has no value.
pub(crate) fn const_body(world: &World, constructor: MemberId) -> Option<Arc<Body>> {
    let known = |world: &World| {
        let bodies = world
            .const_bodies
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        bodies.get(&constructor).cloned()
    };
    if let Some(body) = known(world) {
        return body;
    }
    // Not under the lock: making a body may evaluate constants.
    let question = Question::Body(constructor);
    let body = match world.const_body_of_core(constructor) {
        Some(body) => Some(body),
        None => ask(question, || crate::body::body_of(world, constructor))?.map(Arc::new),
    };
    let mut bodies = world
        .const_bodies
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    bodies.entry(constructor).or_insert(body).clone()
}

impl Evaluator<'_> {
    pub(super) fn args(&self, args: &Args, env: &mut Env) -> Result<Arguments, Stop> {
        let positional = self.all(&args.positional, env)?;
        let mut named = Vec::with_capacity(args.named.len());
        for (name, value) in &args.named {
            named.push((*name, self.eval(value, env)?));
        }
        Ok(Arguments { positional, named })
    }

    /// An enum constant: what its constructor makes, with index and name.
    pub(super) fn enum_constant(&self, member: MemberId, expr: &Expr) -> Value {
        let ExprKind::New {
            class,
            constructor,
            types,
            args,
        } = &expr.kind
        else {
            return self.eval(expr, &mut Env::default());
        };
        let args = self.args(args, &mut Env::default())?;
        let mut fields = Fields::default();
        let inside = self.inside(expr.span)?;
        inside.construct(*constructor, types, args, &mut fields, expr.span)?;
        let data = self.world.class(*class);
        let index = data.enum_values.iter().position(|&value| value == member);
        let index = ConstValue::Int(index.unwrap_or_default() as i64);
        let name: Vec<u16> = self
            .world
            .member(member)
            .name
            .as_str()
            .encode_utf16()
            .collect();
        for &field in self.field_chain(*class).iter() {
            let field_data = self.world.member(field);
            if !self.is_enum_base(field_data.owner) {
                continue;
            }
            let value = if field_data.name == sym::INDEX {
                index.clone()
            } else {
                ConstValue::String(values::string(&name))
            };
            fields.insert(field, self.make(value));
        }
        Ok(self.object(*class, types.clone(), &fields))
    }

    /// Whether the owner is the class every enum extends, whose two fields are set here and not by a constructor.
    fn is_enum_base(&self, owner: Owner) -> bool {
        let Owner::Class(class) = owner else {
            return false;
        };
        let data = self.world.class(class);
        data.name.as_str() == "_Enum" && &*self.world.library(data.library).uri == "dart:core"
    }

    /// A creation in a constant.
    pub(super) fn creation(
        &self,
        class: ClassId,
        constructor: MemberId,
        types: Vec<Ty>,
        args: Arguments,
        span: Span,
    ) -> Value {
        if !self
            .world
            .member(constructor)
            .flags
            .contains(MemberFlags::CONST)
        {
            let message = format!(
                "this constructor of `{}` is not const; declare it `const`",
                self.world.class(class).name
            );
            return Err(self.stop(span, message));
        }
        if class == known::SYMBOL {
            return self.symbol(&args, span);
        }
        let mut fields = Fields::default();
        let inside = self.inside(span)?;
        inside.construct(constructor, &types, args, &mut fields, span)?;
        if let Some(field) = self.world.representation_field(class) {
            // Without the field there was a problem, which was reported.
            return fields.get(&field).copied().ok_or(Stop);
        }
        Ok(self.object(class, types, &fields))
    }

    fn symbol(&self, args: &Arguments, span: Span) -> Value {
        match args.positional.first().map(|&name| self.value(name)) {
            Some(ConstValue::String(text)) => {
                let name = Symbol::intern(&text.to_string_lossy());
                Ok(self.make(ConstValue::Symbol(name)))
            }
            _ => Err(self.stop(span, "the name of a symbol must be a string")),
        }
    }

    /// The evaluator inside a constructor that is called at `span`.
    fn inside(&self, span: Span) -> Result<Self, Stop> {
        if self.depth > DEPTH_MAX {
            return Err(self.stop(span, "this constant is made by constructors without end"));
        }
        Ok(Evaluator {
            site: Some(self.site.unwrap_or(span)),
            depth: self.depth + 1,
            ..*self
        })
    }

    /// The object with these fields, in the order of the superclass chain, root first.
    fn object(&self, class: ClassId, types: Vec<Ty>, fields: &Fields) -> ConstId {
        let null = self.make(ConstValue::Null);
        let in_order = self
            .field_chain(class)
            .iter()
            .map(|&field| (field, fields.get(&field).copied().unwrap_or(null)))
            .collect();
        self.make(ConstValue::Object(class, types, in_order))
    }

    /// The instance fields of a class and its superclasses, root first. Found once for a class: an enum asks for each constant.
    fn field_chain(&self, class: ClassId) -> Arc<[MemberId]> {
        let chains = &self.world.field_chains;
        let lock = || {
            chains
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner())
        };
        if let Some(known) = lock().get(&class) {
            return known.clone();
        }
        let found = self.find_field_chain(class);
        lock().insert(class, found.clone());
        found
    }

    fn find_field_chain(&self, class: ClassId) -> Arc<[MemberId]> {
        let superclass = |&class: &ClassId| {
            let sup = self.world.class(class).supertype?;
            self.world.class_of(sup)
        };
        let mut chain: Vec<ClassId> = std::iter::successors(Some(class), superclass).collect();
        chain.reverse();
        let marks = MemberFlags::STATIC | MemberFlags::ABSTRACT | MemberFlags::EXTERNAL;
        let is_stored = |id: &MemberId| {
            let member = self.world.member(*id);
            member.kind == MemberKind::Field && !member.flags.intersects(marks)
        };
        let members = chain
            .iter()
            .flat_map(|&class| &self.world.class(class).members);
        members.copied().filter(is_stored).collect()
    }

    /// Runs a generative const constructor: fills `fields`.
    fn construct(
        &self,
        constructor: MemberId,
        types: &[Ty],
        args: Arguments,
        fields: &mut Fields,
        span: Span,
    ) -> Result<(), Stop> {
        let data = self.world.member(constructor);
        let Owner::Class(class) = data.owner else {
            return Err(Stop);
        };
        // The root has nothing to do; the fields of an enum's base are set with the constant.
        if class == known::OBJECT || self.is_enum_base(data.owner) {
            return Ok(());
        }
        let Some(body) = const_body(self.world, constructor) else {
            return Err(self.stop(span, "this constant depends on its own value"));
        };
        let mut env = Env {
            type_params: self.world.class(class).type_params.clone(),
            type_args: types.to_vec(),
            ..Env::default()
        };
        self.bind_params(constructor, &body, args, &mut env, span)?;
        for step in &body.initializers {
            match step {
                Initializer::Field(field, value) => {
                    let value = self.eval(value, &mut env)?;
                    fields.insert(*field, value);
                }
                Initializer::Local(local, value) => {
                    let value = self.eval(value, &mut env)?;
                    env.locals.insert(*local, value);
                }
                Initializer::Assert(condition, message) => {
                    self.assertion(condition, message.as_ref(), &mut env)?;
                }
                Initializer::This { target, args } => {
                    let args = self.args(args, &mut env)?;
                    self.inside(span)?
                        .construct(*target, types, args, fields, span)?;
                }
                Initializer::Super { target, args } => {
                    let args = self.args(args, &mut env)?;
                    let types = self.super_types(class, *target, &env);
                    self.inside(span)?
                        .construct(*target, &types, args, fields, span)?;
                }
            }
        }
        Ok(())
    }

    /// The type arguments of the class whose constructor is called with `super`.
    fn super_types(&self, class: ClassId, target: MemberId, env: &Env) -> Vec<Ty> {
        let Owner::Class(owner) = self.world.member(target).owner else {
            return Vec::new();
        };
        match self.world.supers(class).get(&owner) {
            Some(args) => self.types(args, env),
            None => Vec::new(),
        }
    }

    fn bind_params(
        &self,
        constructor: MemberId,
        body: &Body,
        args: Arguments,
        env: &mut Env,
        span: Span,
    ) -> Result<(), Stop> {
        let params = &self.world.member(constructor).params;
        let null = self.make(ConstValue::Null);
        let mut positional = args.positional.into_iter();
        for (index, (param, node)) in params.iter().zip(&body.function.params).enumerate() {
            let given = match param.kind {
                ParamKind::Required | ParamKind::OptionalPositional => positional.next(),
                ParamKind::Named | ParamKind::RequiredNamed => {
                    let mut named = args.named.iter();
                    named
                        .find(|(name, _)| *name == param.name)
                        .map(|&(_, value)| value)
                }
            };
            let value = match given {
                Some(value) => value,
                None => self.world.param_default(constructor, index).unwrap_or(null),
            };
            let wanted = self.ty(param.ty, env);
            let found = self.type_of(value);
            if given.is_some() && !self.world.is_subtype(found, wanted) {
                let message = format!(
                    "`{}` is of type `{}`, but this constant gives it a value of type `{}`",
                    param.name,
                    self.world.show(wanted),
                    self.world.show(found)
                );
                return Err(self.stop(span, message));
            }
            env.locals.insert(node.local, value);
        }
        Ok(())
    }

    fn assertion(
        &self,
        condition: &Expr,
        message: Option<&Expr>,
        env: &mut Env,
    ) -> Result<(), Stop> {
        if self.boolean(condition, env)? {
            return Ok(());
        }
        let words = match message {
            Some(message) => {
                let value = self.eval(message, env)?;
                values::text(self.value(value)).map(|units| String::from_utf16_lossy(&units))
            }
            None => None,
        };
        let message = match words {
            Some(words) => format!("an assertion of this constant's constructor fails: {words}"),
            None => "an assertion of this constant's constructor fails".to_string(),
        };
        Err(self.stop(condition.span, message))
    }

    /// A factory in a constant: one that redirects, or one that asks the environment.
    pub(super) fn factory(
        &self,
        constructor: MemberId,
        types: Vec<Ty>,
        args: Arguments,
        span: Span,
    ) -> Value {
        if self.is_environment(constructor) {
            return self.environment(constructor, args, span);
        }
        let data = self.world.member(constructor);
        // That of an extension type runs like one of a class, but is called like a factory.
        if let (MemberKind::Constructor, Owner::Class(class)) = (data.kind, data.owner) {
            return self.creation(class, constructor, types, args, span);
        }
        let (Some((target, target_types)), Owner::Class(class)) = (&data.redirect, data.owner)
        else {
            return Err(self.stop(span, "this factory is no constant constructor"));
        };
        let params = &self.world.class(class).type_params;
        let types: Vec<Ty> = target_types
            .iter()
            .map(|&ty| self.world.subst(ty, params, &types))
            .collect();
        let target_data = self.world.member(*target);
        match (target_data.kind, target_data.owner) {
            (MemberKind::Constructor, Owner::Class(class)) => {
                self.creation(class, *target, types, args, span)
            }
            _ => self.inside(span)?.factory(*target, types, args, span),
        }
    }

    /// `fromEnvironment` and `hasEnvironment`: the `-D` defines.
    fn environment(&self, constructor: MemberId, args: Arguments, span: Span) -> Value {
        let data = self.world.member(constructor);
        let name = match args.positional.first().map(|&name| self.value(name)) {
            Some(ConstValue::String(text)) => text.to_string_lossy(),
            _ => return Err(self.stop(span, "the name asked for must be a string")),
        };
        let defined = self.world.options.defines.get(&name).map(String::as_str);
        if data.name == sym::HAS_ENVIRONMENT {
            return Ok(self.make(ConstValue::Bool(defined.is_some())));
        }
        let default = || match args.named.first() {
            Some(&(_, value)) => value,
            None => {
                let index = data.params.iter().position(|p| p.kind == ParamKind::Named);
                index
                    .and_then(|index| self.world.param_default(constructor, index))
                    .unwrap_or_else(|| self.make(ConstValue::Null))
            }
        };
        let parsed = match (data.owner, defined) {
            (Owner::Class(known::BOOL), Some("true")) => Some(ConstValue::Bool(true)),
            (Owner::Class(known::BOOL), Some("false")) => Some(ConstValue::Bool(false)),
            (Owner::Class(known::INT), Some(text)) => parse_int(text).map(ConstValue::Int),
            (Owner::Class(known::STRING), Some(text)) => {
                let units: Vec<u16> = text.encode_utf16().collect();
                Some(ConstValue::String(values::string(&units)))
            }
            _ => None,
        };
        Ok(match parsed {
            Some(value) => self.make(value),
            None => default(),
        })
    }
}

/// An integer as `int.parse` reads it: a sign, then decimal digits or `0x` and hexadecimal ones.
fn parse_int(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let hex = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"));
    let value = match hex {
        Some(hex) => i128::from(u64::from_str_radix(hex, 16).ok()?),
        None => i128::from(digits.parse::<u64>().ok()?),
    };
    let value = if negative { -value } else { value };
    match hex {
        Some(_) => Some(value as i64),
        None => i64::try_from(value).ok(),
    }
}
