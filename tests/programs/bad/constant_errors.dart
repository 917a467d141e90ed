// What constants and annotations may be made of.
import 'dart:math' deferred as math;

const open = 1;
var changing = 2;

class Marker {
  const Marker(this.value);
  Marker.plain() : value = 0;
  final int value;
}

class OwnEquality {
  const OwnEquality();
  @override
  bool operator ==(Object other) => true;
  @override
  int get hashCode => 0;
}

enum Level { low, high }

@open
@Level.low
@Marker(1)
@changing // expect error: an annotation is a constant variable, or a constant constructor
class A {}

@Marker // expect error: an annotation is a constant variable, or a constant constructor
@Marker.plain() // expect error: a constant can only be made by a 'const' constructor
class B<T> {
  Object list() => const <T>[]; // expect error: cannot mention a type parameter
}

const int? number = 1;
const surely = number!; // expect error: '!' is no part of a constant expression
const fresh = new Marker(1); // expect error: 'new' makes another object each time
const late = math.pi; // expect error: a constant cannot use the deferred import 'math'
const set = {OwnEquality()}; // expect error: an object whose class has its own `==`
const map = {1.5: 1}; // expect error: a key of a constant map cannot be a double

double exact = 9007199254740992;
double between = 9007199254740993; // expect error: no double has exactly this value

void main(List<String> args, Object? message, int third) {} // expect error: it can require no more than two parameters
math.Random? random; // expect error: comes from a deferred import

void spreads(List<int> list, Map<int, int> map, dynamic any) {
  print({...list, ...map}); // expect error: this would be a set and a map at once
  print({...any}); // expect error: nothing says whether this is a set or a map
  print(<int>{...any});
}
