//! 64-bit integers.

use crate::interp::dispatch::handlers;

macro_rules! binary {
    ($($name:ident = |$x:ident, $y:ident| $value:expr;)*) => { handlers! { $(
        fn $name(s) {
            let ($x, $y) = (s.int(s.b()), s.int(s.c()));
            s.set(s.a(), ($value) as u64);
            s.next(1)
        }
    )* } };
}

macro_rules! immediate {
    ($($name:ident = |$x:ident, $y:ident| $value:expr;)*) => { handlers! { $(
        fn $name(s) {
            let ($x, $y) = (s.int(s.b()), s.c_imm());
            s.set(s.a(), ($value) as u64);
            s.next(1)
        }
    )* } };
}

binary! {
    AddI = |x, y| x.wrapping_add(y);
    SubI = |x, y| x.wrapping_sub(y);
    MulI = |x, y| x.wrapping_mul(y);
    AndI = |x, y| x & y;
    OrI = |x, y| x | y;
    XorI = |x, y| x ^ y;
    EqI = |x, y| x == y;
    NeI = |x, y| x != y;
    LtI = |x, y| x < y;
    LeI = |x, y| x <= y;
}

immediate! {
    AddIK = |x, y| x.wrapping_add(y);
    MulIK = |x, y| x.wrapping_mul(y);
    AndIK = |x, y| x & y;
    OrIK = |x, y| x | y;
    XorIK = |x, y| x ^ y;
    ShlIK = |x, y| x << (y & 63);
    ShrIK = |x, y| x >> (y & 63);
    UshrIK = |x, y| (x as u64) >> (y & 63);
}

/// The non-negative remainder.
#[inline(always)]
fn modulo(x: i64, y: i64) -> i64 {
    let rest = x.wrapping_rem(y);
    // With -1 for MIN the absolute value wraps, and the rest is not below it either way.
    if rest < 0 {
        rest.wrapping_add(y.wrapping_abs())
    } else {
        rest
    }
}

/// Division of numbers that fit in 32 bits is several times faster on most machines.
#[inline(always)]
fn quotient(x: i64, y: i64) -> i64 {
    if (x | y) as u64 >> 32 == 0 && y != 0 {
        return i64::from(x as u32 / y as u32);
    }
    x.wrapping_div(y)
}

#[inline(always)]
fn remainder(x: i64, y: i64) -> i64 {
    if (x | y) as u64 >> 32 == 0 && y != 0 {
        return i64::from(x as u32 % y as u32);
    }
    x.wrapping_rem(y)
}

handlers! {
    fn CmpI(s) {
        let (b, c) = (s.int(s.b()), s.int(s.c()));
        s.set(s.a(), (i64::from(b > c) - i64::from(b < c)) as u64);
        s.next(1)
    }

    fn DivI(s) {
        let (x, y) = (s.int(s.b()), s.int(s.c()));
        if y == 0 {
            return s.go(super::control::division_by_zero);
        }
        s.set(s.a(), quotient(x, y) as u64);
        s.next(1)
    }

    fn ModI(s) {
        let (x, y) = (s.int(s.b()), s.int(s.c()));
        if y == 0 {
            return s.go(super::control::division_by_zero);
        }
        let value = if x >= 0 && y > 0 { remainder(x, y) } else { modulo(x, y) };
        s.set(s.a(), value as u64);
        s.next(1)
    }

    fn RemI(s) {
        let (x, y) = (s.int(s.b()), s.int(s.c()));
        if y == 0 {
            return s.go(super::control::division_by_zero);
        }
        s.set(s.a(), remainder(x, y) as u64);
        s.next(1)
    }

    fn DivIK(s) {
        let (x, y) = (s.int(s.b()), s.c_imm());
        if y == 0 {
            return s.go(super::control::division_by_zero);
        }
        s.set(s.a(), quotient(x, y) as u64);
        s.next(1)
    }

    fn ModIK(s) {
        let (x, y) = (s.int(s.b()), s.c_imm());
        if y == 0 {
            return s.go(super::control::division_by_zero);
        }
        let value = if x >= 0 && y > 0 { remainder(x, y) } else { modulo(x, y) };
        s.set(s.a(), value as u64);
        s.next(1)
    }

    fn NegI(s) {
        s.set(s.a(), s.int(s.b()).wrapping_neg() as u64);
        s.next(1)
    }

    fn NotI(s) {
        s.set(s.a(), !s.get(s.b()));
        s.next(1)
    }

    fn ShlI(s) {
        let (x, y) = (s.int(s.b()), s.int(s.c()));
        if y < 0 {
            return s.go(super::control::negative_shift);
        }
        s.set(s.a(), if y < 64 { x << y } else { 0 } as u64);
        s.next(1)
    }

    fn ShrI(s) {
        let (x, y) = (s.int(s.b()), s.int(s.c()));
        if y < 0 {
            return s.go(super::control::negative_shift);
        }
        s.set(s.a(), (x >> y.min(63)) as u64);
        s.next(1)
    }

    fn UshrI(s) {
        let (x, y) = (s.get(s.b()), s.int(s.c()));
        if y < 0 {
            return s.go(super::control::negative_shift);
        }
        s.set(s.a(), if y < 64 { x >> y } else { 0 });
        s.next(1)
    }

    fn I2D(s) {
        s.set_double(s.a(), s.int(s.b()) as f64);
        s.next(1)
    }

    fn NotB(s) {
        s.set(s.a(), s.get(s.b()) ^ 1);
        s.next(1)
    }

    fn EqB(s) {
        s.set_bool(s.a(), s.get(s.b()) == s.get(s.c()));
        s.next(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modulo_is_never_negative() {
        assert_eq!(modulo(-7, 3), 2);
        assert_eq!(modulo(-7, -3), 2);
        assert_eq!(modulo(7, -3), 1);
        assert_eq!(modulo(i64::MIN, -1), 0);
        assert_eq!(modulo(-1, i64::MIN), i64::MAX);
        assert_eq!(quotient(i64::MIN, -1), i64::MIN);
        assert_eq!(quotient(7, 2), 3);
    }
}
