use std::sync::atomic::AtomicU32;

use super::{check_with, outcome, program};
use crate::heap::{GcStress, HeapConfig};
use crate::interp::machine::{Environment, Machine, Status, Unlimited};
use crate::interp::state::IsolateState;
use crate::native::{NativeCall, NativeFn, NativeResult};
use crate::program::types::TypeArguments;
use crate::value::Value;

fn join_twice(cx: &mut NativeCall) -> NativeResult {
    let Some(units) = cx
        .text(cx.arg(0))
        .map(|text| text.units().collect::<Vec<_>>())
    else {
        return cx.throw_argument(cx.arg(0), "text", "not a string");
    };
    let list = cx.new_growable(TypeArguments::EMPTY, 0)?;
    let list = cx.root(list);
    for _ in 0..cx.int(0) {
        let part = cx.new_string_units(&units)?;
        let part = cx.root(part);
        cx.list_add(list, part)?;
    }
    let elements = cx.elements(cx.get(list)).unwrap_or_default().to_vec();
    let texts: Vec<String> = elements
        .iter()
        .map(|&part| cx.string(part).unwrap_or_default())
        .collect();
    let result = cx.new_string(&texts.join("+"))?;
    cx.ret(result)
}

fn call_with_seven(cx: &mut NativeCall) -> NativeResult {
    let callee = cx.arg(0);
    cx.tail_call(callee, &[Value::smi(7).unwrap()])
}

fn ask(cx: &mut NativeCall) -> NativeResult {
    cx.pending(Box::new("question"))
}

const NATIVES: &[(&str, NativeFn)] = &[
    ("test/join", join_twice),
    ("test/seven", call_with_seven),
    ("test/ask", ask),
];

#[test]
fn values_survive_allocations_in_natives() {
    check_with(
        "
func join(text: dynamic, times: int) -> String native \"test/join\"
func main() -> dynamic {
  ldk r0, \"ab\"
  ldi i0, 5
  call.s r1 = @join(r0, i0)
  ret.r r1
}
entry @main
",
        NATIVES,
        &[],
        "\"ab+ab+ab+ab+ab\"",
    );
}

#[test]
fn natives_raise_errors() {
    check_with(
        "
func join(text: dynamic, times: int) -> String native \"test/join\"
func main() -> dynamic {
  ldnull r0
  ldi i0, 5
start:
  call.s r1 = @join(r0, i0)
  ret.null
caught:
  ret.r r1
  try start to caught catch caught (r1, r2)
}
entry @main
",
        NATIVES,
        &[],
        "\"_throwArgument: null, text, not a string\"",
    );
}

#[test]
fn missing_natives_are_reported() {
    check_with(
        "
func gone() -> dynamic native \"test/gone\"
func main() -> dynamic {
  call.s r0 = @gone()
  ret.r r0
}
entry @main
",
        NATIVES,
        &[],
        "threw \"_throwUnsupported: not supported yet: native test/gone\"",
    );
}

#[test]
fn natives_go_on_with_a_call() {
    check_with(
        "
func seven(f: dynamic) -> dynamic native \"test/seven\"
func seven_int(f: dynamic) -> int native \"test/seven\"
func twice(x: int) -> int closure {
  add.i i0, i0, i0
  ret.i i0
}
func main() -> int {
  closure r0, _, _, @twice()
  call.s r1 = @seven(r0)
  unbox.i i0, r1
  call.s i1 = @seven_int(r0)
  add.i i0, i0, i1
  ret.i i0
}
entry @main
",
        NATIVES,
        &[],
        "28",
    );
}

#[test]
fn pending_natives_are_completed_later() {
    let source = "
func ask(text: dynamic) -> dynamic native \"test/ask\"
func main() -> dynamic {
  ldk r0, \"x\"
  call.s r1 = @ask(r0)
  strcat r1, (r0, r1)
  ret.r r1
}
entry @main
";
    let program = program(source, NATIVES);
    let main = program.modules().entry("main").unwrap();
    let config = HeapConfig {
        stress: Some(GcStress { every: 1 }),
        ..HeapConfig::default()
    };
    let mut isolate = IsolateState::new(program, config);
    let mut machine = Machine::new(1 << 20);
    let interrupt = AtomicU32::new(0);
    let mut environment = Environment {
        host: &mut (),
        clock: &mut Unlimited(1),
        interrupt: &interrupt,
    };
    let status = machine.call(&mut isolate, &mut environment, main, &[]);
    let Status::Pending(job) = status else {
        panic!("{status:?}");
    };
    assert_eq!(job.downcast_ref::<&str>(), Some(&"question"));
    machine.park(&mut isolate);
    let status = machine.complete(&mut isolate, &mut environment, |cx| {
        let text = cx.string(cx.arg(0)).unwrap();
        let answer = cx.new_string(&format!("{text} is the answer"))?;
        cx.ret(answer)
    });
    assert_eq!(outcome(&status), "\"xx is the answer\"");
}
