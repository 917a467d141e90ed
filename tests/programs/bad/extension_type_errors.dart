// What the declaration of an extension type must not say.
import 'dart:async';

extension type Variable(var int i) {} // expect error: leave out `var`
extension type Two(int i, int j) {} // expect error: exactly one representation
extension type Nothing(Never n) {} // expect error: no value has this representation type
extension type Takes<T>(void Function(T) f) {} // expect error: stands where a function takes it
extension type CircleA(List<CircleB> b) {} // expect error: represented by itself
extension type CircleB(CircleA? a) {} // expect error: represented by itself
extension type Own<T extends Own<T>>(T id) {} // expect error: represented by `T` itself

extension type Members(int i) {
  int j = 0; // expect error: has no variables besides
  int get hashCode => 1; // expect error: every value has its own
  int noBody(); // expect error: needs a body
  void set covariantly(covariant int x) {} // expect error: leave out `covariant`
  int up() => super.hashCode; // expect error: there is no 'super' here
}

extension type Int(int i) implements int {
  String get first => '';
}
extension type Other(int i) {
  int get first => 1;
  int abs() => 1;
}
extension type Both(int i) implements Int, Other {} // expect error: gets different members
extension type Redeclares(int i) implements Int, Other {
  int get first => 2;
  int abs() => 3;
}
extension type NoString(String s) implements int {} // expect error: is no `int`
extension type NullOk(int? i) implements Object {} // expect error: is no `Object`
extension type Twice(int i) implements Other, Other {} // expect error: named twice
extension type TwoLists(List<int> l) implements Iterable<num>, List<int> {} // expect error: different type arguments
extension type Fun(Function f) implements Function {} // expect error: cannot be implemented
class Sub implements Other {} // expect error: is an extension type

Future<void> main() async {
  Other other = Other(1);
  int i = other; // expect error: 'int'
  other = 2; // expect error: 'Other'
  other.isEven; // expect error: isEven
  await other; // expect error: cannot be awaited
  Object object = other; // expect error: 'Object'
}
