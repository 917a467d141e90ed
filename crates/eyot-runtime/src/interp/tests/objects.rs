use super::check;

#[test]
fn list_churn() {
    check(
        "
func main(n: int) -> int {
  ldtargs t4, <int>
  list.new r0, t4, 0
  ldi i1, 0
fill:
  box.i r1, i1
  list.add r0, r1
  add.ik i1, i1, 1
  jlt.i i1, i0, fill
  ldi i1, 0
  ldi i2, 0
sum:
  idx.get.i i3, r0, i1
  add.i i2, i2, i3
  add.ik i1, i1, 1
  jlt.i i1, i0, sum
  len.v i3, r0
  add.i i2, i2, i3
  ret.i i2
}
entry @main
",
        &[60],
        "1830",
    );
}

#[test]
fn fields_and_barrier() {
    // A chain of nodes, each pointing to the one before: old objects get young ones.
    check(
        "
class Node {
  field next: r
  field value: i
}
func main(n: int) -> int {
  new r0, Node
  ldi i1, 0
  mov.r r2, r0
grow:
  new r1, Node
  stf.w r1, Node.value, i1
  stf.r r2, Node.next, r1
  mov.r r2, r1
  add.ik i1, i1, 1
  jlt.i i1, i0, grow
  ldi i2, 0
walk:
  ldf.r r0, r0, Node.next
  jnull r0, done
  ldf.w i3, r0, Node.value
  add.i i2, i2, i3
  jmp walk
done:
  ret.i i2
}
entry @main
",
        &[50],
        "1225",
    );
}

#[test]
fn cells_closures_statics() {
    check(
        "
static counter = 40
func inc(x: int) -> int closure captures 1 [i] {
  ldcap r1, r0, 0
  ldcap.w i1, r0, 0
  ld.cell.w i2, r1
  add.i i2, i2, i0
  add.i i2, i2, i1
  st.cell.w r1, i2
  ret.i i2
}
func main() -> int {
  ldi i0, 1
  cell.new.w r0, i0
  ldi i1, 10
  closure r1, _, _, @inc(r0, i1)
  ldi i2, 5
  call.c i3 = call(r1, i2)
  call.c i3 = call(r1, i2)
  lds r2, counter
  unbox.i i1, r2
  add.i i3, i3, i1
  box.i r2, i3
  sts r2, counter
  lds r2, counter
  unbox.i i1, r2
  ret.i i1
}
entry @main
",
        &[],
        "71",
    );
}

#[test]
fn strings() {
    check(
        "
func main() -> dynamic {
  ldk r0, \"abc\"
  ldk r1, \"d\\u{20ac}\"
  strcat r2, (r0, r1, r0)
  len i0, r2
  ldi i1, 4
  char.at i1, r2, i1
  eq.r b2, r2, r0
  jt b2, bad
  jne.ik i0, 8, bad
  jne.ik i1, 8364, bad
  ret.r r2
bad:
  ret.null
}
entry @main
",
        &[],
        "\"abcd€abc\"",
    );
}

#[test]
fn records() {
    check(
        "
func main() -> dynamic {
  ldsmi r0, 1
  ldk r1, \"x\"
  record r2, (r0, a: r1)
  is.k b0, r2, (int, {String a})
  jf b0, bad
  is.k b0, r2, (int, {int a})
  jt b0, bad
  ldrec r3, r2, 1
  ret.r r3
bad:
  ret.null
}
entry @main
",
        &[],
        "\"x\"",
    );
}

#[test]
fn list_iterators() {
    // Fields of the stub: list, length, index, current.
    check(
        "
func main(n: int) -> int {
  ldtargs t4, <int>
  list.new r0, t4, 2
  ldi i1, 0
fill:
  box.i r1, i1
  list.add r0, r1
  add.ik i1, i1, 1
  jlt.i i1, i0, fill
  new r2, _ListIterator
  stf.r r2, 1, r0
  stf.w r2, 2, i0
  ldi i2, 0
next:
  iter.next b3, r2
  jf b3, done
  ldf.r r3, r2, 4
  unbox.i i5, r3
  add.i i2, i2, i5
  jmp next
done:
  ret.i i2
}
entry @main
",
        &[30],
        "435",
    );
}

#[test]
fn lists_of_numbers() {
    check(
        "
func main() -> double {
  ldtargs t0, <double>
  list.new r0, t0, 0
  ldnull r1
  list.add r0, r1
  list.add r0, r1
  ldi i1, 1
  ldd d2, 2.5
  idx.set.d r0, i1, d2
  idx.get.d d3, r0, i1
  ldi i1, 0
  ldi.w i4, 9223372036854775807
  idx.set.i r0, i1, i4
  idx.get.i i5, r0, i1
  jne.i i4, i5, bad
  add.d d3, d3, d3
  ret.d d3
bad:
  ret.d d2
}
entry @main
",
        &[],
        "5.0",
    );
}
