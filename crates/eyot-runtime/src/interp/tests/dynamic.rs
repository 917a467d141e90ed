use super::check;

/// A core in little: what dynamic calls need of it.
const CORE: &str = "
class Point {
  field x: i
  get x = load Point.x
  set x = store Point.x
  method shift = @Point.shift
  method id = @Point.id
  method num = @Point.num
  method call = @Point.call
}
func Point.shift(by: int, [times: int = 2]) -> int of Point instance {
  ldf.w i2, r0, Point.x
  mul.i i0, i0, i1
  add.i i2, i2, i0
  ret.i i2
}
func Point.id(value: %f0) -> dynamic of Point instance generic <Object?> {
  is b1, r1, t0
  box.b r2, b1
  ret.r r2
}
func Point.num(value: %f0) -> dynamic of Point instance generic <num> {
  ret.r r1
}
func Point.call(a: int) -> int of Point instance {
  add.ik i0, i0, 1
  ret.i i0
}
func _callNoSuchMethod(receiver: dynamic, name: String, kind: int, targs: dynamic, positional: dynamic, named: dynamic) -> dynamic {
  ldk r5, \"no \"
  strcat r5, (r5, r1)
  throw r5
}
func _callMismatched(receiver: dynamic, name: String, kind: int, targs: dynamic, positional: dynamic, named: dynamic, found: dynamic) -> dynamic {
  ldk r6, \"no fitting \"
  strcat r6, (r6, r1)
  throw r6
}
func _throwArgumentMismatch(receiver: dynamic, name: String, kind: int, targs: dynamic, positional: dynamic, named: dynamic) -> dynamic {
  ldk r5, \"mismatch\"
  throw r5
}
shape %h0 = dynamic .shift(r) -> r
shape %h1 = dynamic .shift(r, r) -> r
shape %h2 = dynamic .gone(r, a: r) -> r
shape %h3 = dynamic call(r) -> r
shape %h4 = dynamic .id(r) -> r
shape %h8 = dynamic .num <1>(r) -> r
shape %h5 = dynamic .get shift() -> r
shape %h6 = dynamic .set x(r) -> r
shape %h7 = dynamic .get x() -> r
entry _callNoSuchMethod = @_callNoSuchMethod
entry _callMismatched = @_callMismatched
entry _throwArgumentMismatch = @_throwArgumentMismatch
entry @main
";

fn check_core(body: &str, expected: &str) {
    let source = format!(
        "{CORE}\nfunc main() -> dynamic {{\n  new r0, Point\n  ldi i0, 10\n  stf.w r0, Point.x, i0\n  ldsmi r1, 3\n{body}\n  ret.r r2\n}}\n"
    );
    check(&source, &[], expected);
}

#[test]
fn arguments_are_checked_and_filled_in() {
    check_core("  call.v r2 = %h0(r0, r1)", "16");
    check_core("  call.v r2 = %h1(r0, r1, r1)", "19");
    check_core(
        "  ldk r1, \"no\"\n  call.v r2 = %h0(r0, r1)",
        "threw \"_throwTypeError: type 'String' is not a subtype of type 'int' of 'by'\"",
    );
}

#[test]
fn missing_members_ask_no_such_method() {
    check_core("  call.v r2 = %h2(r0, r1, r1)", "threw \"no gone\"");
    check_core(
        "  ldnull r0\n  call.v r2 = %h0(r0, r1)",
        "threw \"no shift\"",
    );
}

#[test]
fn objects_with_call_are_called() {
    check_core("  call.c r2 = %h3(r0, r1)", "4");
}

#[test]
fn accessors() {
    check_core("  call.v _ = %h6(r0, r1)\n  call.v r2 = %h7(r0)", "3");
    check_core("  call.v r3 = %h5(r0)\n  call.c r2 = %h3(r3, r1)", "16");
}

#[test]
fn generic_methods_get_their_bounds() {
    check_core("  call.v r2 = %h4(r0, r1)", "true");
}

#[test]
fn type_arguments_are_checked_against_bounds() {
    check_core("  ldtargs t1, <int>\n  call.v r2 = %h8(r0, r1, t1)", "3");
    check_core(
        "  ldtargs t1, <Object>\n  call.v r2 = %h8(r0, r1, t1)",
        "threw \"_throwTypeError: type 'Object' is not a subtype of type 'num' of type parameter 0\"",
    );
}
