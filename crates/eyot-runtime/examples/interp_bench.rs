//! Times hand-written bytecode: `cargo run --release -p eyot-runtime --example interp_bench [NAME]`.
//!
//! `interp_bench.js` beside it has the same programs for `node --jitless`.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use eyot_bytecode::text;
use eyot_runtime::heap::HeapConfig;
use eyot_runtime::interp::machine::{STACK_BYTES, Unlimited};
use eyot_runtime::interp::{Environment, IsolateState, Machine, Status};
use eyot_runtime::native::NativeTable;
use eyot_runtime::object;
use eyot_runtime::program::Program;
use eyot_runtime::value::Value;

const PROGRAMS: &[(&str, &str, i64)] = &[
    (
        "fib",
        "
func main(n: int) -> int {
  jge.ik i0, 2, big
  ret.i i0
big:
  add.ik i1, i0, -1
  call.s i1 = @main(i1)
  add.ik i2, i0, -2
  call.s i2 = @main(i2)
  add.i i1, i1, i2
  ret.i i1
}
entry @main
",
        35,
    ),
    (
        "loop",
        "
func main(n: int) -> int {
  ldi i1, 0
  ldi i2, 0
loop:
  mul.ik i3, i1, 3
  xor.i i2, i2, i3
  add.ik i1, i1, 1
  jlt.i i1, i0, loop
  ret.i i2
}
entry @main
",
        50_000_000,
    ),
    (
        "sieve",
        "
func main(n: int) -> int {
  ldtargs t4, <bool>
  list.new r0, t4, 0
  ldtrue r1
  ldfalse r2
  ldi i1, 0
fill:
  list.add r0, r1
  add.ik i1, i1, 1
  jle.i i1, i0, fill
  ldi i1, 2
  ldi i2, 0
outer:
  idx.get r3, r0, i1
  jt.r r3, prime
  jmp next
prime:
  add.ik i2, i2, 1
  mul.i i3, i1, i1
  jlt.i i0, i3, next
inner:
  idx.set r0, i3, r2
  add.i i3, i3, i1
  jle.i i3, i0, inner
next:
  add.ik i1, i1, 1
  jle.i i1, i0, outer
  ret.i i2
}
entry @main
",
        5_000_000,
    ),
    (
        "doubles",
        "
class Body { field x: d field v: d field m: d }
func main(n: int) -> double {
  new r0, Body
  new r1, Body
  ldd d1, 1.0
  stf.w r0, Body.x, d1
  ldd d1, 3.5
  stf.w r1, Body.x, d1
  ldd d1, 0.125
  stf.w r0, Body.m, d1
  stf.w r1, Body.m, d1
  ldi i0, 0
  ldi i2, 10000000
  ldd d8, 0.0001
loop:
  ldf.w d3, r0, Body.x
  ldf.w d4, r1, Body.x
  sub.d d5, d3, d4
  mul.d d6, d5, d5
  math.d d7, d6, sqrt
  mul.d d6, d6, d7
  div.d d6, d8, d6
  ldf.w d7, r1, Body.m
  mul.d d7, d7, d5
  mul.d d7, d7, d6
  ldf.w d9, r0, Body.v
  sub.d d9, d9, d7
  stf.w r0, Body.v, d9
  mul.d d9, d9, d8
  add.d d3, d3, d9
  stf.w r0, Body.x, d3
  add.ik i0, i0, 1
  jlt.i i0, i2, loop
  ret.d d3
}
entry @main
",
        10_000_000,
    ),
    (
        "virtual",
        "
class Shape abstract { }
class Square extends Shape { field side: i method area = @Square.area }
class Unit extends Shape { method area = @Unit.area }
func Square.area(k: int) -> int of Square instance {
  ldf.w i1, r0, Square.side
  mul.i i0, i1, i0
  ret.i i0
}
func Unit.area(k: int) -> int of Unit instance { ret.i i0 }
func main(n: int) -> int {
  new r0, Square
  ldi i1, 3
  stf.w r0, Square.side, i1
  ldi i2, 0
  ldi i3, 0
loop:
  call.v i4 = .area(r0, i2)
  add.i i3, i3, i4
  add.ik i2, i2, 1
  jlt.i i2, i0, loop
  ret.i i3
}
entry @main
",
        20_000_000,
    ),
    (
        "polymorphic",
        "
class Shape abstract { }
class Square extends Shape { field side: i method area = @Square.area }
class Unit extends Shape { method area = @Unit.area }
func Square.area(k: int) -> int of Square instance {
  ldf.w i1, r0, Square.side
  mul.i i0, i1, i0
  ret.i i0
}
func Unit.area(k: int) -> int of Unit instance { ret.i i0 }
func main(n: int) -> int {
  new r0, Square
  new r1, Unit
  ldi i1, 3
  stf.w r0, Square.side, i1
  ldi i2, 0
  ldi i3, 0
loop:
  call.v i4 = .area(r0, i2)
  add.i i3, i3, i4
  mov.r r2, r0
  mov.r r0, r1
  mov.r r1, r2
  add.ik i2, i2, 1
  jlt.i i2, i0, loop
  ret.i i3
}
entry @main
",
        20_000_000,
    ),
    (
        "closures",
        "
func add(x: int) -> int closure captures 0 [i] {
  ldcap.w i1, r0, 0
  add.i i0, i0, i1
  ret.i i0
}
func main(n: int) -> int {
  ldi i1, 3
  closure r0, _, _, @add(i1)
  ldi i2, 0
  ldi i3, 0
loop:
  call.c i3 = call(r0, i3)
  add.ik i2, i2, 1
  jlt.i i2, i0, loop
  ret.i i3
}
entry @main
",
        20_000_000,
    ),
    (
        "trees",
        "
class Node { field left: r field right: r }
func make(depth: int) -> dynamic {
  new r0, Node
  jle.ik i0, 0, leaf
  add.ik i0, i0, -1
  call.s r1 = @make(i0)
  stf.r r0, Node.left, r1
  call.s r1 = @make(i0)
  stf.r r0, Node.right, r1
leaf:
  ret.r r0
}
func count(node: dynamic) -> int {
  ldf.r r1, r0, Node.left
  jnnull r1, inner
  ldi i0, 1
  ret.i i0
inner:
  call.s i0 = @count(r1)
  ldf.r r1, r0, Node.right
  call.s i1 = @count(r1)
  add.i i0, i0, i1
  add.ik i0, i0, 1
  ret.i i0
}
func main(n: int) -> int {
  ldi i1, 0
  ldi i3, 14
loop:
  call.s r0 = @make(i3)
  call.s i2 = @count(r0)
  add.i i1, i1, i2
  add.ik i0, i0, -1
  jgt.ik i0, 0, loop
  ret.i i1
}
entry @main
",
        100,
    ),
];

fn main() {
    let only = std::env::args().nth(1);
    for &(name, source, size) in PROGRAMS {
        if only.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        let module = match text::parse(source) {
            Ok(module) => module,
            Err(error) => {
                println!("{name}: {error:?}");
                continue;
            }
        };
        match run(module, size) {
            Ok((result, seconds)) => println!("{name:12} {seconds:8.3} s   {result}"),
            Err(message) => println!("{name}: {message}"),
        }
    }
}

/// Time this process has run: other work on the machine counts less than with a clock on the wall.
fn cpu_seconds() -> f64 {
    // SAFETY: the call writes the structure.
    let time = unsafe {
        let mut time = std::mem::zeroed::<libc::timespec>();
        libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time);
        time
    };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn run(module: eyot_bytecode::module::Module, size: i64) -> Result<(String, f64), String> {
    let natives = Arc::new(NativeTable::new(&[]));
    let program = Program::of_module(module, natives).map_err(|error| error.to_string())?;
    let main = program.modules().entry("main").ok_or("no main")?;
    let mut isolate = IsolateState::new(program, HeapConfig::default());
    let mut machine = Machine::new(STACK_BYTES);
    let interrupt = AtomicU32::new(0);
    let mut environment = Environment {
        host: &mut (),
        clock: &mut Unlimited(10_000),
        interrupt: &interrupt,
    };
    let argument = Value::smi(size).ok_or("too large")?;
    let start = cpu_seconds();
    let status = machine.call(&mut isolate, &mut environment, main, &[argument]);
    let seconds = cpu_seconds() - start;
    match status {
        Status::Finished(value) => {
            let int = object::as_int(value).map(|int| int.to_string());
            let double = object::as_double(value).map(|double| double.to_string());
            Ok((int.or(double).unwrap_or_default(), seconds))
        }
        other => Err(format!("{other:?}")),
    }
}
