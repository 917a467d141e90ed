int counter = 0;

int bump() => ++counter;

class Thing {
  Thing(this.name);
  final String name;
  static Thing make() => Thing('made');
}
