//! Functions of dart:math.

use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};

macro_rules! functions {
    ($($name:ident = $function:expr),* $(,)?) => {
        $(fn $name(cx: &mut NativeCall<'_>) -> NativeResult {
            let value = cx.double(0);
            cx.ret_double($function(value))
        })*
    };
}

functions! {
    sin = f64::sin,
    cos = f64::cos,
    tan = f64::tan,
    acos = f64::acos,
    asin = f64::asin,
    atan = f64::atan,
    sqrt = f64::sqrt,
    exp = f64::exp,
    log = f64::ln,
}

fn atan2(cx: &mut NativeCall<'_>) -> NativeResult {
    let angle = cx.double(0).atan2(cx.double(1));
    cx.ret_double(angle)
}

fn pow(cx: &mut NativeCall<'_>) -> NativeResult {
    // IEEE's pow has the special cases that Dart asks for.
    let power = cx.double(0).powf(cx.double(1));
    cx.ret_double(power)
}

fn system_random(cx: &mut NativeCall<'_>) -> NativeResult {
    let mut bytes = [0; 8];
    match getrandom::fill(&mut bytes) {
        Ok(()) => cx.ret_int(i64::from_ne_bytes(bytes)),
        Err(_) => cx.throw_unsupported("No source of randomness is available."),
    }
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("math/_sin", sin),
    ("math/_cos", cos),
    ("math/_tan", tan),
    ("math/_acos", acos),
    ("math/_asin", asin),
    ("math/_atan", atan),
    ("math/_sqrt", sqrt),
    ("math/_exp", exp),
    ("math/_log", log),
    ("math/_atan2", atan2),
    ("math/_pow", pow),
    ("math/_systemRandom", system_random),
];
