use std::sync::atomic::AtomicU32;

use super::{check, outcome, program};
use crate::heap::HeapConfig;
use crate::interp::machine::{Environment, Machine, Unlimited};
use crate::interp::state::IsolateState;
use crate::program::types::{TypeArguments, TypeRef};

/// A worker runs isolates of many groups. A program that takes the memory of one that has ended must not find that
/// one's answers.
#[test]
fn what_a_worker_remembers_is_of_one_program() {
    let mut machine = Machine::new(1 << 20);
    for round in 0..20 {
        let above = if round % 2 == 0 { "implements A" } else { "" };
        let source = format!(
            "
class A {{ }}
class B {{ {above} }}
func main() -> dynamic {{
  new r0, B
  is.k b1, r0, A
  box.b r1, b1
  ret.r r1
}}
entry @main
"
        );
        let program = program(&source, &[]);
        let main = program.modules().entry("main").unwrap();
        let mut isolate = IsolateState::new(program, HeapConfig::default());
        let mut environment = Environment {
            host: &mut (),
            clock: &mut Unlimited(1),
            interrupt: &AtomicU32::new(0),
        };
        let status = machine.call(&mut isolate, &mut environment, main, &[]);
        assert_eq!(
            outcome(&status),
            if round % 2 == 0 { "true" } else { "false" },
            "round {round}"
        );
    }
}

#[test]
fn tests_of_generic_classes() {
    check(
        "
class A params 1 { }
class B extends A with <List<%c0>> params 1 { implements A<List<%c1>> }
func main() -> dynamic {
  ldtargs t4, <List<int>, int>
  new.t r0, t4, B
  is.k b0, r0, A<List<int>>
  jf b0, bad
  is.k b0, r0, A<List<num>>
  jf b0, bad
  is.k b0, r0, A<List<String>>
  jt b0, bad
  is.k b0, r0, B<int>
  jf b0, bad
  is.k b0, r0, B<int>?
  jf b0, bad
  is.k b0, r0, FutureOr<B<num>>
  jf b0, bad
  is.k b0, r0, Object
  jf b0, bad
  targs.as t5, r0, A
  inst.type t5, t5, _, Map<%c0, %c0>
  type.obj r1, t5
  ret.r r1
bad:
  ldfalse r1
  ret.r r1
}
entry @main
class Map params 2 { }
",
        &[],
        "<object of class 23>",
    );
}

#[test]
fn vectors_reach_methods_and_closures() {
    check(
        "
class Box params 1 {
  field value: r
  method check = @Box.check
  method checker = @Box.checker
}
func Box.check(value: dynamic) -> bool of Box instance {
  targs.of t0, r0
  inst.type t0, t0, _, %c0
  is b1, r1, t0
  ret.b b1
}
func Box.checker() -> dynamic of Box instance {
  targs.of t0, r0
  closure r1, t0, _, @inner()
  ret.r r1
}
func inner(value: dynamic) -> bool closure {
  closure.tc t0, r0
  inst.type t0, t0, _, %c0
  is b1, r1, t0
  ret.b b1
}
func main() -> int {
  ldtargs t4, <String>
  new.t r0, t4, Box
  ldk r1, \"text\"
  ldsmi r2, 3
  ldi i0, 0
  call.v b1 = .check(r0, r1)
  jf b1, bad
  call.v b1 = .check(r0, r2)
  jt b1, bad
  call.v r3 = .checker(r0)
  call.c b1 = call(r3, r1)
  jf b1, bad
  call.c b1 = call(r3, r2)
  jt b1, bad
  ldi i0, 1
bad:
  ret.i i0
}
entry @main
",
        &[],
        "1",
    );
}

const TYPES: &str = "
func main() -> dynamic { ret.null }
type %t0 = List<int>
type %t1 = (int, {String a})
type %t2 = int Function(int, {required String b})?
type %t3 = void Function<Object?>(%b0_0, [List<%b0_0>])
type %t4 = FutureOr<int?>
type %t5 = int Function(num)
type %t6 = num Function(int)
type %t7 = num Function(int, [int])
type %t8 = num Function(int, {int a})
type %t9 = num Function(int, {required int a})
type %t10 = (num, {Object a})
type %t11 = void Function<Object?>(%b0_0)
type %t12 = void Function<int>(%b0_0)
type %t13 = Object
type %t14 = Function
type %t15 = int?
type %t16 = FutureOr<int>
type %t17 = Never
type %t18 = Null
type %t19 = Object?
type %t20 = Record
type %t21 = num Function<num>(%b0_0)
type %t22 = %b0_0 Function<num>(%b0_0)
entry @main
";

fn types() -> (
    std::sync::Arc<crate::program::Program>,
    impl Fn(u32) -> TypeRef,
) {
    let program = program(TYPES, &[]);
    let types = program.clone();
    let get = move |id| {
        let none = TypeArguments::EMPTY;
        types
            .instantiate(eyot_bytecode::module::TypeId(id), none, none)
            .unwrap()
    };
    // The text's ids follow those that its functions use first.
    let first = (0..)
        .find(|&id| program.type_name(get(id)) == "List<int>")
        .unwrap();
    (program, move |id| get(first + id))
}

#[test]
fn names_are_darts() {
    let (program, get) = types();
    let name = |id| program.type_name(get(id));
    assert_eq!(name(0), "List<int>");
    assert_eq!(name(1), "(int, {String a})");
    assert_eq!(name(2), "((int, {required String b}) => int)?");
    assert_eq!(name(3), "<X0>(X0, [List<X0>]) => void");
    assert_eq!(name(4), "FutureOr<int?>");
    assert_eq!(name(12), "<X0 extends int>(X0) => void");
}

#[test]
fn subtypes_follow_the_specification() {
    let (program, get) = types();
    let is = |sub, sup| program.is_subtype(get(sub), get(sup)).unwrap();
    // Functions: covariant results, contravariant parameters, optional and required ones.
    assert!(is(5, 6) && !is(6, 5));
    assert!(is(7, 6) && !is(6, 7));
    assert!(is(8, 6) && is(8, 9) && !is(9, 8) && !is(9, 6));
    assert!(is(3, 11) && !is(11, 12) && !is(12, 11));
    assert!(is(22, 21) && !is(21, 22));
    assert!(is(5, 14) && is(5, 13) && !is(14, 5));
    // Records by field.
    assert!(is(1, 10) && !is(10, 1) && is(1, 20));
    // Null, Never, FutureOr.
    assert!(is(17, 0) && is(18, 15) && !is(18, 13) && is(18, 19) && !is(15, 13));
    assert!(is(16, 13) && !is(4, 13) && is(16, 4) && is(15, 4) && is(18, 4) && !is(18, 16));
}
