//! Operators on constant numbers, strings and booleans; the text of a value; its type.

use std::sync::Arc;

use eyot_syntax::ast::StringText;
use eyot_syntax::{Symbol, sym};

use super::Evaluator;
use crate::model::{Decl, MemberKind, Owner, known};
use crate::outline::scope::member_function_type;
use crate::program::{ConstId, ConstValue};
use crate::types::{Ty, TyKind};

/// An error has words for the user, or none where the operator is not for constants.
type Outcome = Result<ConstValue, Option<&'static str>>;

const DIVISION_BY_ZERO: &str = "the divisor of this constant is zero";
const NEGATIVE_SHIFT: &str = "the shift count of this constant is negative";
const NO_INTEGER: &str = "the quotient is no finite number";

/// `-x`, `~x`.
pub(super) fn unary(operand: &ConstValue, name: Symbol) -> Outcome {
    match (operand, name) {
        (ConstValue::Int(value), sym::UNARY_MINUS) => Ok(ConstValue::Int(value.wrapping_neg())),
        (ConstValue::Int(value), sym::TILDE) => Ok(ConstValue::Int(!value)),
        (ConstValue::Double(bits), sym::UNARY_MINUS) => Ok(double(-f64::from_bits(*bits))),
        _ => Err(None),
    }
}

/// A binary operator that is a member of its left operand.
pub(super) fn binary(left: &ConstValue, name: Symbol, right: &ConstValue) -> Outcome {
    match (left, right) {
        (ConstValue::Int(a), ConstValue::Int(b)) => int_binary(*a, name, *b),
        (ConstValue::Int(a), ConstValue::Double(b)) => {
            double_binary(*a as f64, name, f64::from_bits(*b))
        }
        (ConstValue::Double(a), ConstValue::Int(b)) => {
            double_binary(f64::from_bits(*a), name, *b as f64)
        }
        (ConstValue::Double(a), ConstValue::Double(b)) => {
            double_binary(f64::from_bits(*a), name, f64::from_bits(*b))
        }
        (ConstValue::Bool(a), ConstValue::Bool(b)) => match name {
            sym::AMPERSAND => Ok(ConstValue::Bool(a & b)),
            sym::PIPE => Ok(ConstValue::Bool(a | b)),
            sym::CARET => Ok(ConstValue::Bool(a ^ b)),
            _ => Err(None),
        },
        (ConstValue::String(a), ConstValue::String(b)) if name == sym::PLUS => {
            let mut units = a.to_utf16();
            units.extend(b.to_utf16());
            Ok(ConstValue::String(string(&units)))
        }
        _ => Err(None),
    }
}

fn int_binary(a: i64, name: Symbol, b: i64) -> Outcome {
    let shift = |apply: &dyn Fn(u32) -> i64, far: i64| match u32::try_from(b) {
        Ok(count) if count < 64 => Ok(ConstValue::Int(apply(count))),
        _ if b < 0 => Err(Some(NEGATIVE_SHIFT)),
        _ => Ok(ConstValue::Int(far)),
    };
    Ok(match name {
        sym::PLUS => ConstValue::Int(a.wrapping_add(b)),
        sym::MINUS => ConstValue::Int(a.wrapping_sub(b)),
        sym::STAR => ConstValue::Int(a.wrapping_mul(b)),
        sym::SLASH => double(a as f64 / b as f64),
        sym::TILDE_SLASH if b == 0 => return Err(Some(DIVISION_BY_ZERO)),
        sym::PERCENT if b == 0 => return Err(Some(DIVISION_BY_ZERO)),
        sym::TILDE_SLASH => ConstValue::Int(a.wrapping_div(b)),
        sym::PERCENT => ConstValue::Int(a.wrapping_rem_euclid(b)),
        sym::AMPERSAND => ConstValue::Int(a & b),
        sym::PIPE => ConstValue::Int(a | b),
        sym::CARET => ConstValue::Int(a ^ b),
        sym::SHIFT_LEFT => return shift(&|n| a << n, 0),
        sym::SHIFT_RIGHT => return shift(&|n| a >> n, if a < 0 { -1 } else { 0 }),
        sym::SHIFT_RIGHT_UNSIGNED => return shift(&|n| ((a as u64) >> n) as i64, 0),
        sym::LESS => ConstValue::Bool(a < b),
        sym::LESS_EQUALS => ConstValue::Bool(a <= b),
        sym::GREATER => ConstValue::Bool(a > b),
        sym::GREATER_EQUALS => ConstValue::Bool(a >= b),
        _ => return Err(None),
    })
}

fn double_binary(a: f64, name: Symbol, b: f64) -> Outcome {
    Ok(match name {
        sym::PLUS => double(a + b),
        sym::MINUS => double(a - b),
        sym::STAR => double(a * b),
        sym::SLASH => double(a / b),
        sym::PERCENT => double(modulo(a, b)),
        sym::TILDE_SLASH => {
            let quotient = (a / b).trunc();
            if !quotient.is_finite() {
                return Err(Some(NO_INTEGER));
            }
            // The cast clamps to the range of 64 bits, as Dart's truncation does.
            ConstValue::Int(quotient as i64)
        }
        sym::LESS => ConstValue::Bool(a < b),
        sym::LESS_EQUALS => ConstValue::Bool(a <= b),
        sym::GREATER => ConstValue::Bool(a > b),
        sym::GREATER_EQUALS => ConstValue::Bool(a >= b),
        _ => return Err(None),
    })
}

/// Dart's `%`: never negative.
fn modulo(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest == 0.0 {
        0.0
    } else if rest < 0.0 {
        rest + b.abs()
    } else {
        rest
    }
}

fn double(value: f64) -> ConstValue {
    ConstValue::Double(value.to_bits())
}

/// `==` of constants: identity, but by value for numbers.
pub(super) fn equal(
    left_id: ConstId,
    left: &ConstValue,
    right_id: ConstId,
    right: &ConstValue,
) -> bool {
    let number = |value: &ConstValue| match value {
        ConstValue::Double(bits) => Some(f64::from_bits(*bits)),
        _ => None,
    };
    match (left, right) {
        (ConstValue::Int(a), ConstValue::Double(b))
        | (ConstValue::Double(b), ConstValue::Int(a)) => {
            let b = f64::from_bits(*b);
            // Exact: the cast back tells whether the integer survived the way to a double.
            *a as f64 == b && (b as i128) == i128::from(*a)
        }
        _ => match (number(left), number(right)) {
            (Some(a), Some(b)) => a == b,
            _ => left_id == right_id,
        },
    }
}

/// UTF-16 units as the text of a string.
pub(super) fn string(units: &[u16]) -> Arc<StringText> {
    Arc::new(match String::from_utf16(units) {
        Ok(text) => StringText::Utf8(text.into()),
        Err(_) => StringText::Utf16(units.into()),
    })
}

/// What a value is in an interpolation, in UTF-16 units.
pub(super) fn text(value: &ConstValue) -> Option<Vec<u16>> {
    let text = match value {
        ConstValue::Null => "null".to_string(),
        ConstValue::Bool(value) => value.to_string(),
        ConstValue::Int(value) => value.to_string(),
        ConstValue::Double(bits) => double_text(f64::from_bits(*bits)),
        ConstValue::String(text) => return Some(text.to_utf16()),
        _ => return None,
    };
    Some(text.encode_utf16().collect())
}

/// A double as Dart's `toString` writes it: the shortest digits that read back as the same number, with an exponent from
/// 1e21 up and below 1e-6.
pub fn double_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_string();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_string();
    }
    let size = value.abs();
    if value != 0.0 && !(1e-6..1e21).contains(&size) {
        // Rust writes 1e21 where Dart writes 1e+21.
        let text = format!("{value:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => {
                format!("{digits}e+{exponent}")
            }
            _ => text,
        };
    }
    // The debug form has the shortest digits and `.0` for whole numbers, but turns to exponents too early.
    let text = format!("{value}");
    if text.contains('.') {
        text
    } else {
        format!("{text}.0")
    }
}

impl Evaluator<'_> {
    /// The run-time type of a constant.
    pub(super) fn type_of(&self, id: ConstId) -> Ty {
        let world = self.world;
        let types = &world.types;
        match self.value(id) {
            ConstValue::Null => Ty::NULL,
            ConstValue::Bool(_) => Ty::BOOL,
            ConstValue::Int(_) => Ty::INT,
            ConstValue::Double(_) => Ty::DOUBLE,
            ConstValue::String(_) => Ty::STRING,
            ConstValue::Symbol(_) => Ty::SYMBOL,
            ConstValue::Type(_) => Ty::TYPE,
            ConstValue::List(element, _) => types.interface(known::LIST, &[*element]),
            ConstValue::Set(element, _) => self.core_type(sym::SET_CLASS, &[*element]),
            ConstValue::Map(key, value, _) => self.core_type(sym::MAP, &[*key, *value]),
            ConstValue::Object(class, args, _) => types.interface(*class, args),
            ConstValue::Function(member, args) => {
                let params = &world.member(*member).type_params;
                self.instantiated(member_function_type(world, *member), params, args)
            }
            ConstValue::Constructor(member, args) => {
                let params = match world.member(*member).owner {
                    Owner::Class(class) => world.class(class).type_params.clone(),
                    _ => Vec::new(),
                };
                self.instantiated(member_function_type(world, *member), &params, args)
            }
            ConstValue::Record(positional, named) => {
                let positional: Vec<Ty> = positional.iter().map(|&v| self.type_of(v)).collect();
                let named: Vec<_> = named.iter().map(|&(n, v)| (n, self.type_of(v))).collect();
                types.record(&positional, &named)
            }
        }
    }

    fn core_type(&self, name: Symbol, args: &[Ty]) -> Ty {
        let core = self.world.by_uri.get("dart:core");
        match core.and_then(|&core| self.world.library(core).declared.get(&name)) {
            Some(&Decl::Class(class)) => self.world.types.interface(class, args),
            _ => Ty::OBJECT,
        }
    }

    fn instantiated(&self, ty: Ty, params: &[crate::model::TypeParamId], args: &[Ty]) -> Ty {
        if args.is_empty() {
            return ty;
        }
        let TyKind::Function { function, .. } = self.world.types.kind(ty) else {
            return ty;
        };
        let mut function = function.clone();
        function.type_params = Box::new([]);
        let plain = self.world.types.function(function);
        self.world.subst(plain, params, args)
    }

    /// Whether a member is the external constructor of the environment, by its class.
    pub(super) fn is_environment(&self, constructor: crate::model::MemberId) -> bool {
        let data = self.world.member(constructor);
        let of_core = matches!(
            data.owner,
            Owner::Class(known::BOOL | known::INT | known::STRING)
        );
        let named = data.name == sym::FROM_ENVIRONMENT || data.name == sym::HAS_ENVIRONMENT;
        of_core && named && data.kind == MemberKind::Factory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_dart_writes_them() {
        let check = |value: f64, expected: &str| assert_eq!(double_text(value), expected);
        check(1.0, "1.0");
        check(-0.0, "-0.0");
        check(0.1, "0.1");
        check(1e20, "100000000000000000000.0");
        check(1e21, "1e+21");
        check(1.5e-7, "1.5e-7");
        check(0.000001, "0.000001");
        check(f64::NAN, "NaN");
        check(5e-324, "5e-324");
        check(1.7976931348623157e308, "1.7976931348623157e+308");
    }

    #[test]
    fn operators_of_integers_wrap() {
        let int = ConstValue::Int;
        assert_eq!(int_binary(i64::MAX, sym::PLUS, 1), Ok(int(i64::MIN)));
        assert_eq!(int_binary(-7, sym::PERCENT, 3), Ok(int(2)));
        assert_eq!(int_binary(-7, sym::TILDE_SLASH, 2), Ok(int(-3)));
        assert_eq!(int_binary(1, sym::SHIFT_LEFT, 64), Ok(int(0)));
        assert_eq!(int_binary(-1, sym::SHIFT_RIGHT, 70), Ok(int(-1)));
        assert!(int_binary(1, sym::TILDE_SLASH, 0).is_err());
    }
}
