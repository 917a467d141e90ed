use super::check;

const SHAPES: &str = "
class Shape abstract { }
class Square extends Shape {
  field side: i
  get side = load Square.side
  set side = store Square.side
  method area = @Square.area
  method scale = @Square.scale
}
class Named extends Shape {
  field name: r
  method area = @Named.area
  get side = @Named.side
}
func Square.area() -> int of Square instance {
  ldf.w i0, r0, Square.side
  mul.i i0, i0, i0
  ret.i i0
}
func Square.scale(by: int, [extra: int = 1], {plus: int = 0}) -> int of Square instance {
  ldf.w i3, r0, Square.side
  mul.i i3, i3, i0
  mul.i i3, i3, i1
  add.i i3, i3, i2
  ret.i i3
}
func Named.area() -> int of Named instance {
  ldi i0, 1000
  ret.i i0
}
func Named.side() -> int of Named instance getter {
  ldi i0, 7
  ret.i i0
}
";

fn shapes(main: &str) -> String {
    format!("{SHAPES}\n{main}\nentry @main")
}

#[test]
fn virtual_calls_are_polymorphic() {
    let main = "
func main(n: int) -> int {
  new r0, Square
  ldi i1, 3
  stf.w r0, Square.side, i1
  new r1, Named
  ldi i2, 0
loop:
  mov.r r2, r0
  and.ik i3, i0, 1
  jeq.ik i3, 0, call
  mov.r r2, r1
call:
  call.v i4 = .area(r2)
  add.i i2, i2, i4
  call.v i4 = .get side(r2)
  add.i i2, i2, i4
  add.ik i0, i0, -1
  jgt.ik i0, 0, loop
  ret.i i2
}";
    check(&shapes(main), &[20], "10190");
}

#[test]
fn other_representations_go_through_adapters() {
    // The call passes and wants tagged values.
    let main = "
func main() -> dynamic {
  new r0, Square
  ldi i0, 5
  stf.w r0, Square.side, i0
  ldsmi r1, 6
  call.v r2 = .scale(r0, r1)
  call.v r3 = .get side(r0)
  eq.r b1, r2, r3
  jt b1, bad
  ret.r r2
bad:
  ret.r r3
}";
    check(&shapes(main), &[], "30");
}

#[test]
fn optional_and_named_arguments() {
    let main = "
func main() -> int {
  new r0, Square
  ldi i0, 5
  stf.w r0, Square.side, i0
  ldi i1, 2
  ldi i2, 100
  call.v i3 = .scale(r0, i1, plus: i2)
  call.v i4 = .scale(r0, i1, i1)
  mul.i i3, i3, i4
  ret.i i3
}";
    check(&shapes(main), &[], "2200");
}

#[test]
fn tear_offs() {
    let main = "
func main() -> int {
  new r0, Square
  ldi i0, 5
  stf.w r0, Square.side, i0
  call.v r1 = .get scale(r0)
  ldi i1, 3
  call.c i2 = call(r1, i1)
  ret.i i2
}";
    check(&shapes(main), &[], "15");
}

#[test]
fn closures_with_other_signatures() {
    check(
        "
func twice(x: int) -> int closure {
  add.i i0, i0, i0
  ret.i i0
}
func main() -> dynamic {
  closure r0, _, _, @twice()
  ldsmi r1, 21
  call.c r2 = call(r0, r1)
  call.c r2 = call(r0, r2)
  ret.r r2
}
entry @main
",
        &[],
        "84",
    );
}

#[test]
fn getters_whose_result_is_called() {
    check(
        "
class Holder {
  field f: r
  get f = load Holder.f
}
func twice(x: int) -> int closure {
  add.i i0, i0, i0
  ret.i i0
}
func main() -> int {
  new r0, Holder
  closure r1, _, _, @twice()
  stf.r r0, Holder.f, r1
  ldi i0, 4
  call.v i0 = .f(r0, i0)
  ret.i i0
}
entry @main
",
        &[],
        "8",
    );
}

#[test]
fn super_calls_of_mixins_start_above_the_application() {
    // `class Both = Base with M; class Twice = Both with M`: the one body of M sees both superclasses.
    let source = "
class Base { method value = @Base.value }
class M mixinclass { method value = @M.value }
class Both extends Base mixin M application { method value = @M.value }
class Other { method value = @Other.value }
class Apart extends Other mixin M application { method value = @M.value }
func Base.value() -> int of Base instance {
  ldi i0, 1
  ret.i i0
}
func Other.value() -> int of Other instance {
  ldi i0, 5
  ret.i i0
}
func M.value() -> int of M instance {
  call.super i0 = .value(r0)
  mul.ik i0, i0, 10
  ret.i i0
}
func main(n: int) -> int {
  new r0, Both
  new r1, Apart
  ldi i1, 0
loop:
  call.v i2 = .value(r0)
  add.i i1, i1, i2
  call.v i2 = .value(r1)
  add.i i1, i1, i2
  add.ik i0, i0, -1
  jgt.ik i0, 0, loop
  ret.i i1
}
entry @main
";
    check(source, &[3], "180");
}
