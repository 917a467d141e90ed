//! Constants: from a typed expression in a const context to its canonical value.
//!
//! | file | what |
//! | --- | --- |
//! | here | expressions by form |
//! | `values` | operators on numbers, strings and booleans; a value's type and text |
//! | `potential` | what a const constructor may compute |
//! | `objects` | constructors: parameters, initialisers, fields; the environment |
//!
//! What this needs of the body phase:
//! - in a const context collections come as [`ExprKind::List`], `Set` and `Map` of plain elements: spreads and `if` elements
//!   are worked out there with [`evaluate`], and what they give is put in as [`ExprKind::Const`];
//! - a creation in a const context is an ordinary [`ExprKind::New`] or `NewFactory`;
//! - an enum constant's initialiser is a `New` of the enum with the written arguments only: index and name are added here;
//! - the body of a const constructor has its field initialisers, those at the declarations first, and its super call.
//!
//! A problem inside a constructor is reported where the constant is made, since that is where the arguments came from.

mod objects;
pub(crate) mod potential;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use objects::const_body;

use eyot_syntax::{Diagnostic, Span, Symbol, sym};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::{FileId, MemberFlags, MemberId, MemberKind, Owner, TypeParamId, World, known};
use crate::program::{CastKind, ConstId, ConstValue, Expr, ExprKind, LocalId};
use crate::types::Ty;

/// The value of an expression in a const context, at a place in `file`. Why it has none was reported.
pub fn evaluate(world: &World, file: FileId, expr: &Expr) -> Option<ConstId> {
    let evaluator = Evaluator {
        world,
        file,
        site: None,
        depth: 0,
    };
    evaluator.run(expr)
}

/// The value of a const variable or an enum constant.
pub(crate) fn variable(world: &World, member: MemberId) -> Option<ConstId> {
    let data = world.member(member);
    if data.flags.contains(MemberFlags::SYNTHETIC) && data.name == sym::VALUES {
        return objects::enum_values(world, member);
    }
    let expr = crate::body::initializer_expr(world, member)?;
    let evaluator = Evaluator {
        world,
        file: data.file,
        site: None,
        depth: 0,
    };
    if data.flags.contains(MemberFlags::ENUM_VALUE) {
        return evaluator.enum_constant(member, &expr).ok();
    }
    evaluator.run(&expr)
}

/// The value of a parameter's default, also of the one a super parameter inherits.
pub(crate) fn param_default(world: &World, member: MemberId, index: usize) -> Option<ConstId> {
    let data = world.member(member);
    let inherits =
        data.flags.contains(MemberFlags::FORWARDING) || !data.params.get(index)?.has_default;
    if inherits {
        let (target, position) = crate::outline::super_param_source(world, member, index)?;
        return world.param_default(target, position);
    }
    let expr = crate::body::default_expr(world, member, index)?;
    evaluate(world, data.file, &expr)
}

/// Evaluation stopped; the reason was reported.
struct Stop;

type Value = Result<ConstId, Stop>;

/// What names mean inside a constructor.
#[derive(Default)]
struct Env {
    locals: FxHashMap<LocalId, ConstId>,
    type_params: Vec<TypeParamId>,
    type_args: Vec<Ty>,
}

#[derive(Clone, Copy)]
struct Evaluator<'w> {
    world: &'w World,
    file: FileId,
    /// Where to report: the creation around, once inside a constructor.
    site: Option<Span>,
    depth: u32,
}

/// Constructors may call each other this deep.
const DEPTH_MAX: u32 = 500;

impl Evaluator<'_> {
    fn run(&self, expr: &Expr) -> Option<ConstId> {
        self.eval(expr, &mut Env::default()).ok()
    }

    fn stop(&self, span: Span, message: impl Into<String>) -> Stop {
        let span = self.site.unwrap_or(span);
        self.world
            .report(self.file, Diagnostic::error("not-constant", span, message));
        Stop
    }

    fn make(&self, value: ConstValue) -> ConstId {
        self.world.consts.intern(value)
    }

    fn value(&self, id: ConstId) -> &'static ConstValue {
        self.world.consts.value(id)
    }

    /// A type as it is here. A constant cannot depend on a type parameter: `const []` where a `List<T>` is wanted is a
    /// `List<Never>`.
    fn ty(&self, ty: Ty, env: &Env) -> Ty {
        let ty = self.world.types.map_params(ty, &mut |param| {
            let index = env.type_params.iter().position(|&p| p == param);
            let known = index.and_then(|index| env.type_args.get(index).copied());
            Some(known.unwrap_or(Ty::NEVER))
        });
        // Values have no extension types: they are gone at run time.
        self.world.erase(ty)
    }

    fn has_unbound_param(&self, ty: Ty, env: &Env) -> bool {
        let mut found = false;
        self.world.types.map_params(ty, &mut |param| {
            found |= !env.type_params.contains(&param);
            None
        });
        found
    }

    fn types(&self, types: &[Ty], env: &Env) -> Vec<Ty> {
        types.iter().map(|&ty| self.ty(ty, env)).collect()
    }

    fn all(&self, exprs: &[Expr], env: &mut Env) -> Result<Vec<ConstId>, Stop> {
        exprs.iter().map(|expr| self.eval(expr, env)).collect()
    }

    fn eval(&self, expr: &Expr, env: &mut Env) -> Value {
        // An expression after an error has no value, and the error was reported.
        if expr.ty == Ty::ERROR {
            return Err(Stop);
        }
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.eval_inner(expr, env))
    }

    fn eval_inner(&self, expr: &Expr, env: &mut Env) -> Value {
        let span = expr.span;
        Ok(match &expr.kind {
            ExprKind::Null => self.make(ConstValue::Null),
            ExprKind::Bool(value) => self.make(ConstValue::Bool(*value)),
            ExprKind::Int(value) => self.make(ConstValue::Int(*value)),
            ExprKind::Double(value) => self.make(ConstValue::Double(value.to_bits())),
            ExprKind::String(text) => self.make(ConstValue::String(text.clone())),
            ExprKind::Const(id) => *id,
            ExprKind::TypeLiteral(ty) => {
                if self.has_unbound_param(*ty, env) {
                    let message = "a type parameter is no constant; name a type";
                    return Err(self.stop(span, message));
                }
                self.make(ConstValue::Type(self.ty(*ty, env)))
            }
            ExprKind::Local(local) => match env.locals.get(local) {
                Some(&value) => value,
                None => {
                    return Err(self.stop(span, "a variable is no constant; declare it `const`"));
                }
            },
            ExprKind::StaticGet(member) => return self.static_get(*member, span),
            ExprKind::StaticTearOff(member) => self.make(ConstValue::Function(*member, Vec::new())),
            ExprKind::ConstructorTearOff { constructor, types } => {
                let types = self.types(types, env);
                self.make(ConstValue::Constructor(*constructor, types))
            }
            ExprKind::Instantiate { function, types } => {
                let function = self.eval(function, env)?;
                let types = self.types(types, env);
                match self.value(function) {
                    ConstValue::Function(member, _) => {
                        self.make(ConstValue::Function(*member, types))
                    }
                    ConstValue::Constructor(member, _) => {
                        self.make(ConstValue::Constructor(*member, types))
                    }
                    _ => return Err(self.no_constant(span)),
                }
            }
            ExprKind::InstanceGet { receiver, member } if self.world.is_representation(*member) => {
                return self.eval(receiver, env);
            }
            ExprKind::InstanceGet { receiver, member } => {
                let name = self.world.member(*member).name;
                return self.property(receiver, name, env, span);
            }
            ExprKind::DynamicGet { receiver, name } => {
                return self.property(receiver, *name, env, span);
            }
            ExprKind::InstanceCall {
                receiver,
                member,
                args,
            } => {
                let name = self.world.member(*member).name;
                return self.operator(receiver, name, &args.positional, env, span);
            }
            // A const constructor's parameter may have no type.
            ExprKind::DynamicCall {
                receiver,
                name,
                args,
            } => return self.operator(receiver, *name, &args.positional, env, span),
            ExprKind::Equals { left, right, .. } => {
                let left = self.eval(left, env)?;
                let right = self.eval(right, env)?;
                let equal = values::equal(left, self.value(left), right, self.value(right));
                self.make(ConstValue::Bool(equal))
            }
            ExprKind::Identical(left, right) => {
                let same = self.eval(left, env)? == self.eval(right, env)?;
                self.make(ConstValue::Bool(same))
            }
            ExprKind::StaticCall { target, args } if self.is_identical(*target) => {
                let operands = self.all(&args.positional, env)?;
                let same = matches!(operands.as_slice(), [a, b] if a == b);
                self.make(ConstValue::Bool(same))
            }
            ExprKind::New {
                class,
                constructor,
                types,
                args,
            } => {
                let args = self.args(args, env)?;
                let types = self.types(types, env);
                return self.creation(*class, *constructor, types, args, span);
            }
            ExprKind::NewFactory {
                constructor,
                types,
                args,
            } => {
                let args = self.args(args, env)?;
                let types = self.types(types, env);
                return self.factory(*constructor, types, args, span);
            }
            ExprKind::Is { value, ty } => {
                let value = self.eval(value, env)?;
                let ty = self.ty(*ty, env);
                let is = self.world.is_subtype(self.type_of(value), ty);
                self.make(ConstValue::Bool(is))
            }
            ExprKind::As { value, ty, kind } => {
                let value = self.eval(value, env)?;
                let ty = self.ty(*ty, env);
                if *kind != CastKind::Unchecked && !self.world.is_subtype(self.type_of(value), ty) {
                    let message = format!(
                        "this constant is of type `{}`, but `{}` is wanted",
                        self.world.show(self.type_of(value)),
                        self.world.show(ty)
                    );
                    return Err(self.stop(span, message));
                }
                value
            }
            ExprKind::NullCheck(value) => {
                let value = self.eval(value, env)?;
                if *self.value(value) == ConstValue::Null {
                    return Err(self.stop(span, "this constant is null"));
                }
                value
            }
            ExprKind::Not(value) => {
                let value = self.boolean(value, env)?;
                self.make(ConstValue::Bool(!value))
            }
            ExprKind::And(left, right) => {
                let both = self.boolean(left, env)? && self.boolean(right, env)?;
                self.make(ConstValue::Bool(both))
            }
            ExprKind::Or(left, right) => {
                let either = self.boolean(left, env)? || self.boolean(right, env)?;
                self.make(ConstValue::Bool(either))
            }
            ExprKind::Conditional(condition, then, otherwise) => {
                let chosen = if self.boolean(condition, env)? {
                    then
                } else {
                    otherwise
                };
                return self.eval(chosen, env);
            }
            ExprKind::Let { local, value, body } => {
                let value = self.eval(value, env)?;
                env.locals.insert(*local, value);
                return self.eval(body, env);
            }
            ExprKind::Interpolation(parts) => {
                let mut text = Vec::new();
                for part in parts {
                    let value = self.eval(part, env)?;
                    match values::text(self.value(value)) {
                        Some(units) => text.extend(units),
                        None => {
                            let message = "only null, numbers, booleans and strings can stand in a constant string";
                            return Err(self.stop(part.span, message));
                        }
                    }
                }
                self.make(ConstValue::String(values::string(&text)))
            }
            ExprKind::List { element, elements } => {
                let elements = self.all(elements, env)?;
                self.make(ConstValue::List(self.ty(*element, env), elements))
            }
            ExprKind::Set { element, elements } => {
                let values = self.all(elements, env)?;
                self.check_distinct(elements, &values, "elements of a constant set")?;
                self.make(ConstValue::Set(self.ty(*element, env), values))
            }
            ExprKind::Map {
                key,
                value,
                entries,
            } => {
                let mut evaluated = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    evaluated.push((self.eval(key, env)?, self.eval(value, env)?));
                }
                let mut seen = FxHashSet::default();
                for ((key, _), (expr, _)) in evaluated.iter().zip(entries) {
                    self.check_primitive(*key, expr.span, "a key of a constant map")?;
                    if !seen.insert(*key) {
                        let message = "the keys of a constant map must differ; leave this one out";
                        return Err(self.stop(expr.span, message));
                    }
                }
                let (key, value) = (self.ty(*key, env), self.ty(*value, env));
                self.make(ConstValue::Map(key, value, evaluated))
            }
            ExprKind::Record { positional, named } => {
                let positional = self.all(positional, env)?;
                let mut fields: Vec<(Symbol, ConstId)> = Vec::with_capacity(named.len());
                for (name, value) in named {
                    fields.push((*name, self.eval(value, env)?));
                }
                fields.sort_unstable_by_key(|(name, _)| name.as_str());
                self.make(ConstValue::Record(positional, fields))
            }
            ExprKind::RecordIndex(record, index) => {
                let record = self.eval(record, env)?;
                match self.value(record) {
                    ConstValue::Record(positional, _) => match positional.get(*index as usize) {
                        Some(&value) => value,
                        None => return Err(self.no_constant(span)),
                    },
                    _ => return Err(self.no_constant(span)),
                }
            }
            _ => return Err(self.no_constant(span)),
        })
    }

    /// The one property that constants have: the length of a string.
    fn property(&self, receiver: &Expr, name: Symbol, env: &mut Env, span: Span) -> Value {
        let receiver = self.eval(receiver, env)?;
        match self.value(receiver) {
            ConstValue::String(text) if name == sym::LENGTH => {
                Ok(self.make(ConstValue::Int(text.to_utf16().len() as i64)))
            }
            _ => Err(self.no_constant(span)),
        }
    }

    fn operator(
        &self,
        left: &Expr,
        name: Symbol,
        operands: &[Expr],
        env: &mut Env,
        span: Span,
    ) -> Value {
        let left = self.eval(left, env)?;
        let rights = self.all(operands, env)?;
        let result = match rights.as_slice() {
            [] => values::unary(self.value(left), name),
            [right] => values::binary(self.value(left), name, self.value(*right)),
            _ => Err(None),
        };
        match result {
            Ok(value) => Ok(self.make(value)),
            Err(Some(message)) => Err(self.stop(span, message)),
            Err(None) => Err(self.no_constant(span)),
        }
    }

    fn no_constant(&self, span: Span) -> Stop {
        self.stop(
            span,
            "this is no constant expression; a constant is made of literals, const variables, operators on them and const constructors",
        )
    }

    fn is_identical(&self, member: MemberId) -> bool {
        let member = self.world.member(member);
        member.name == sym::IDENTICAL && &*self.world.library(member.library).uri == "dart:core"
    }

    fn static_get(&self, member: MemberId, span: Span) -> Value {
        let data = self.world.member(member);
        if data.kind == MemberKind::Field && data.flags.contains(MemberFlags::CONST) {
            return self.world.constant(member).ok_or(Stop);
        }
        let message = format!("`{}` is no constant; declare it `const`", data.name);
        Err(self.stop(span, message))
    }

    fn boolean(&self, expr: &Expr, env: &mut Env) -> Result<bool, Stop> {
        let value = self.eval(expr, env)?;
        match self.value(value) {
            ConstValue::Bool(value) => Ok(*value),
            _ => Err(self.stop(expr.span, "a constant condition must be true or false")),
        }
    }

    /// Constants are found in sets and maps without running code, so their equality must be Object's own.
    fn check_primitive(&self, value: ConstId, span: Span, what: &str) -> Result<(), Stop> {
        if self.has_primitive_equality(value) {
            return Ok(());
        }
        let message = format!(
            "{what} cannot be a double or an object whose class has its own `==` or `hashCode`; leave `const` out"
        );
        Err(self.stop(span, message))
    }

    fn has_primitive_equality(&self, value: ConstId) -> bool {
        match self.value(value) {
            ConstValue::Double(_) => false,
            ConstValue::Object(class, ..) => [sym::EQUALS, sym::HASH_CODE].iter().all(|&name| {
                let library = self.world.class(*class).library;
                let found = self.world.instance_members(*class, name, library);
                found.get.is_none_or(|member| {
                    self.world.member(member).owner == Owner::Class(known::OBJECT)
                })
            }),
            ConstValue::Record(positional, named) => {
                let named = named.iter().map(|field| field.1);
                let mut fields = positional.iter().copied().chain(named);
                fields.all(|field| self.has_primitive_equality(field))
            }
            _ => true,
        }
    }

    fn check_distinct(&self, exprs: &[Expr], values: &[ConstId], what: &str) -> Result<(), Stop> {
        let mut seen = FxHashSet::default();
        for (value, expr) in values.iter().zip(exprs) {
            self.check_primitive(*value, expr.span, "an element of a constant set")?;
            if !seen.insert(*value) {
                let message = format!("the {what} must differ; leave this one out");
                return Err(self.stop(expr.span, message));
            }
        }
        Ok(())
    }
}
