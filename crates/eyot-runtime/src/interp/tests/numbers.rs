use super::check;

const FIB: &str = "
func fib(n: int) -> int {
  jge.ik i0, 2, big
  ret.i i0
big:
  add.ik i1, i0, -1
  call.s i1 = @fib(i1)
  add.ik i2, i0, -2
  call.s i2 = @fib(i2)
  add.i i1, i1, i2
  ret.i i1
}
entry main = @fib
";

#[test]
fn fib() {
    check(FIB, &[15], "610");
}

#[test]
fn loops_and_doubles() {
    check(
        "
func main(n: int) -> double {
  ldi i1, 0
  ldd d2, 0.5
loop:
  i2d d3, i1
  add.d d2, d2, d3
  add.ik i1, i1, 1
  jlt.i i1, i0, loop
  math.d d2, d2, sqrt
  ret.d d2
}
entry @main
",
        &[100],
        "70.35978965289763",
    );
}

#[test]
fn division() {
    let source = "
func main(x: int) -> dynamic {
  ldi i1, 0
start:
  div.i i2, i0, i1
  box.i r0, i2
  ret.r r0
caught:
  ret.r r0
  try start to caught catch caught (r0, _)
}
entry @main
";
    check(source, &[3], "\"_throwIntegerDivisionByZero\"");
}

#[test]
fn large_integers_are_boxed() {
    check(
        "
func main() -> dynamic {
  ldi.w i0, 9223372036854775807
  box.i r0, i0
  unbox.i i1, r0
  add.ik i1, i1, 1
  box.i r1, i1
  eq.r b2, r0, r1
  box.b r2, b2
  ret.r r1
}
entry @main
",
        &[],
        "-9223372036854775808",
    );
}

#[test]
fn switches() {
    let source = "
func main(x: int) -> int {
  switch.i i0, 3, [three, four, five]
  ldi i0, -1
  ret.i i0
three:
  ldi i0, 30
  ret.i i0
four:
  ldi i0, 40
  ret.i i0
five:
  ldi i0, 50
  ret.i i0
}
entry @main
";
    for (given, expected) in [(2, "-1"), (3, "30"), (4, "40"), (5, "50"), (6, "-1")] {
        check(source, &[given], expected);
    }
}
