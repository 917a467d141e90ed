use super::check;

#[test]
fn exceptions_unwind_frames() {
    check(
        "
func thrower(n: int) -> int {
  jgt.ik i0, 0, deeper
  ldk r0, \"bottom\"
  throw r0
deeper:
  add.ik i0, i0, -1
  call.s i0 = @thrower(i0)
  ret.i i0
}
func main(n: int) -> dynamic {
start:
  call.s i1 = @thrower(i0)
  ret.null
caught:
  ret.r r0
  try start to caught catch caught (r0, r1)
}
entry @main
",
        &[10],
        "\"bottom\"",
    );
}

#[test]
fn uncaught_errors_end_the_run() {
    check(
        "
func main() -> dynamic {
  ldsmi r0, 7
  throw r0
}
entry @main
",
        &[],
        "threw 7",
    );
}

#[test]
fn stack_overflow_is_caught() {
    check(
        "
func forever(n: int) -> int {
  add.ik i0, i0, 1
  call.s i0 = @forever(i0)
  ret.i i0
}
func main(n: int) -> dynamic {
start:
  call.s i0 = @forever(i0)
  ret.null
caught:
  ret.r r0
  try start to caught catch caught (r0, r1)
}
entry @main
",
        &[0],
        "\"_throwStackOverflow\"",
    );
}

#[test]
fn null_checks_and_casts() {
    check(
        "
func main() -> dynamic {
  ldnull r0
start:
  nullchk r0
caught:
  ldsmi r2, 5
again:
  as.k r2, 0, String
end:
  ret.r r1
  try start to caught catch caught (r1, _)
  try again to end catch end (r1, _)
}
entry @main
",
        &[],
        "\"_throwCastError: type 'int' is not a subtype of type 'String' in type cast\"",
    );
}

#[test]
fn core_functions_make_the_error_objects() {
    check(
        "
class Oops { field code: i }
func _throwIntegerDivisionByZero() -> Never {
  new r0, Oops
  ldi i0, 77
  stf.w r0, Oops.code, i0
  throw r0
}
func main(x: int) -> int {
  ldi i1, 0
start:
  mod.i i1, i0, i1
  ret.i i1
caught:
  ldf.w i1, r0, Oops.code
  ret.i i1
  try start to caught catch caught (r0, r1)
}
entry @main
entry _throwIntegerDivisionByZero = @_throwIntegerDivisionByZero
",
        &[1],
        "77",
    );
}

#[test]
fn stack_traces_name_function_and_place() {
    // Offsets 10 and 25 begin lines 2 and 3.
    check(
        "
source %z0 = \"file:///main.dart\" [0, 10, 25]
func _StackTrace_text(trace: dynamic) -> dynamic native \"core/_StackTrace.toString\"
func inner() -> dynamic from %z0 {
  ldk r0, \"error\"
  throw r0 at 12
}
func outer() -> dynamic from %z0 {
  call.s r0 = @inner() at 27
  ret.r r0
}
func main() -> dynamic from %z0 {
start:
  call.s r0 = @outer() at 4
caught:
  call.s r2 = @_StackTrace_text(r1)
  ret.r r2
  try start to caught catch caught (r0, r1)
}
entry @main
",
        &[],
        "\"#0      inner (file:///main.dart:2:3)\\n#1      outer (file:///main.dart:3:3)\\n#2      main (file:///main.dart:1:5)\\n\"",
    );
}
