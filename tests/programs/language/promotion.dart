// What a variable is known to be, at the edges: where it begins, around loops that assign it, after a kept test of itself.
class Animal {
  final String name;
  Animal(this.name);
}

class Dog extends Animal {
  Dog(super.name);
  String bark() => '$name barks';
}

// A final variable keeps its declared type: nothing can be tested about it but its value.
String initial() {
  num? open = 1;
  final num? closed = 2;
  return '${open.isNegative} ${closed?.isNegative}';
}

// A loop gives its elements to a variable from outside, which stays promoted where all elements fit.
int last(int? found) {
  if (found == null) return -1;
  for (found in [1, 2, 3]) {
    if (found.isEven) continue;
  }
  return found + 1;
}

// The body assigns what the head needs to know.
Object? walk(Object? at, List<String> path) {
  for (final part in path) {
    if (at is! Map) throw FormatException(part);
    at = at[part];
  }
  if (at is! String?) throw FormatException('text wanted');
  return at?.length;
}

// The test kept in `found` reads what `found` was before.
bool any(List<Object> all) {
  bool found = false;
  for (var each in all) {
    found = found || each is String;
    if (found) return true;
  }
  return found;
}

void main() {
  print(initial()); // expect: false false
  print(last(7)); // expect: 4
  print(last(null)); // expect: -1
  print(walk({'a': {'b': 'text'}}, ['a', 'b'])); // expect: 4
  print(any([1, 'a'])); // expect: true
  if (<Dog?>[Dog('Rex'), null] case [Dog? first?, ...]) {
    print(first.bark()); // expect: Rex barks
  }
}
