//! Doubles.

use eyot_bytecode::MathFn;

use crate::interp::dispatch::handlers;

macro_rules! binary {
    ($($name:ident = |$x:ident, $y:ident| $value:expr;)*) => { handlers! { $(
        fn $name(s) {
            let ($x, $y) = (s.double(s.b()), s.double(s.c()));
            s.set_double(s.a(), $value);
            s.next(1)
        }
    )* } };
}

binary! {
    AddD = |x, y| x + y;
    SubD = |x, y| x - y;
    MulD = |x, y| x * y;
    DivD = |x, y| x / y;
}

/// Never negative, as Dart's `%`.
fn modulo(x: f64, y: f64) -> f64 {
    let rest = x % y;
    if rest < 0.0 {
        rest + y.abs()
    } else if rest == 0.0 {
        // The zero has no sign of its own.
        0.0
    } else {
        rest
    }
}

fn math(function: usize, x: f64) -> f64 {
    match MathFn::ALL.get(function) {
        Some(MathFn::Sqrt) => x.sqrt(),
        Some(MathFn::Abs) => x.abs(),
        Some(MathFn::Floor) => x.floor(),
        Some(MathFn::Ceil) => x.ceil(),
        Some(MathFn::Round) => x.round(),
        Some(MathFn::Truncate) => x.trunc(),
        Some(MathFn::Sin) => x.sin(),
        Some(MathFn::Cos) => x.cos(),
        Some(MathFn::Tan) => x.tan(),
        Some(MathFn::Asin) => x.asin(),
        Some(MathFn::Acos) => x.acos(),
        Some(MathFn::Atan) => x.atan(),
        Some(MathFn::Exp) => x.exp(),
        Some(MathFn::Log) => x.ln(),
        None => x,
    }
}

handlers! {
    fn ModD(s) {
        s.go(mod_slow)
    }

    fn mod_slow(s) {
        let (x, y) = (s.double(s.b()), s.double(s.c()));
        s.set_double(s.a(), modulo(x, y));
        s.next(1)
    }

    fn RemD(s) {
        let (x, y) = (s.double(s.b()), s.double(s.c()));
        s.set_double(s.a(), x % y);
        s.next(1)
    }

    fn NegD(s) {
        s.set_double(s.a(), -s.double(s.b()));
        s.next(1)
    }

    fn MathD(s) {
        if s.c() == MathFn::Sqrt as usize {
            s.set_double(s.a(), s.double(s.b()).sqrt());
            return s.next(1);
        }
        s.go(math_slow)
    }

    fn math_slow(s) {
        s.set_double(s.a(), math(s.c(), s.double(s.b())));
        s.next(1)
    }

    fn EqD(s) {
        s.set_bool(s.a(), s.double(s.b()) == s.double(s.c()));
        s.next(1)
    }

    fn LtD(s) {
        s.set_bool(s.a(), s.double(s.b()) < s.double(s.c()));
        s.next(1)
    }

    fn LeD(s) {
        s.set_bool(s.a(), s.double(s.b()) <= s.double(s.c()));
        s.next(1)
    }

    fn D2I(s) {
        let x = s.double(s.b());
        if !x.is_finite() {
            return s.go(super::control::not_an_integer);
        }
        // Rust's cast saturates.
        s.set(s.a(), x as i64 as u64);
        s.next(1)
    }
}
