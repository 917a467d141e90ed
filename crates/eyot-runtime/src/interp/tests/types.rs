use super::{check, program};
use crate::program::types::{TypeArguments, TypeRef};

const CLASSES: &str = "
class A params 1 { }
class B extends A with <%c0> params 1 { }
class C extends B with <int, int> { }
class I abstract { }
class D implements_holder { implements I }
";

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
  jt b0, more
  jmp bad
more:
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
  ldtrue r1
  ret.r r1
bad:
  ldfalse r1
  ret.r r1
}
entry @main
",
        &[],
        "true",
    );
}

#[test]
fn names_are_darts() {
    let text = "
func main() -> dynamic { ret.null }
type %t0 = List<int>
type %t1 = (int, {String a})
type %t2 = int Function(int, {required String b})?
type %t3 = void Function<Object?>(%b0_0, [List<%b0_0>])
type %t4 = FutureOr<int?>
type %t5 = (int,)
entry @main
";
    let program = program(text, &[]);
    let none = TypeArguments::EMPTY;
    let name = |id| {
        let ty = program.instantiate(eyot_bytecode::module::TypeId(id), none, none);
        program.type_name(ty.unwrap())
    };
    assert_eq!(name(0), "List<int>");
    assert_eq!(name(1), "(int, {String a})");
    assert_eq!(name(2), "int Function(int, {required String b})?");
    assert_eq!(name(3), "void Function<X0>(X0, [List<X0>])");
    assert_eq!(name(4), "FutureOr<int?>");
    let _ = (TypeRef::DYNAMIC, CLASSES);
}
