use super::check;

#[test]
fn frames_are_saved_and_resumed() {
    // `body` suspends twice and hands its suspension out through a static; each resume passes a value in.
    check(
        "
static saved = null
static total = 0
func _resume(s: Object, v: Object?) -> dynamic native \"async/_resume\"
func body(n: int) -> dynamic suspendable {
  new r0, _Suspension
  ldi i1, 100
  sts r0, saved
  suspend r0, one, 0
  ret.null
one:
  resumed r1
  unbox.i i2, r1
  add.i i1, i1, i2
  suspend r0, two, 0
  ret.null
two:
  resumed r1
  unbox.i i2, r1
  add.i i1, i1, i2
  add.i i1, i1, i0
  box.i r1, i1
  sts r1, total
  ret.null
}
func main(n: int) -> dynamic {
  call.s _ = @body(i0)
  lds r0, saved
  ldsmi r1, 20
  call.s _ = @_resume(r0, r1)
  ldsmi r1, 3
  call.s _ = @_resume(r0, r1)
  lds r1, total
  ret.r r1
}
entry @main
",
        &[1000],
        "1123",
    );
}
