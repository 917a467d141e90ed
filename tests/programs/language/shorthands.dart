// `.name` is looked up in the class of the context type, and counts as written behind the bare class.

enum Size { small, big }

class Box<T> {
  final T value;
  const Box(this.value);
  Box.twice(T v) : value = v;
  static const Box<int> one = Box(1);
  static Type typeOf<X>() => X;
  Box<String> text() => Box('$value');
  bool operator >(Object other) => other is Box && '$value'.compareTo('${other.value}') > 0;
}

extension type Cents(int value) implements int {
  static const Cents two = 2 as Cents;
  Cents operator *(Cents other) => Cents(value * other.value);
}

Size choose(bool big) => big ? .big : .small;

Future<Size> later() async => .big;

void main() async {
  Size? size = .small;
  print('$size ${choose(true)} ${await later()}'); // expect: Size.small Size.big Size.big
  // Behind the first selector the context says nothing about type arguments.
  Box<String> text = .twice(3).text();
  print(text.value.length); // expect: 1
  Box<num> box = .new(2);
  print(box.runtimeType); // expect: Box<num>
  print(Box.one == .one); // expect: true
  print(box == .typeOf<int>); // expect: false
  print(switch (Box(5)) { > .one => 'more', _ => 'less' }); // expect: more
  Cents c = Cents(3) * .two;
  print(c); // expect: 6
  int number = .tryParse('7') ?? 0;
  print(number); // expect: 7
  print(switch (size) { .small => 'S', .big => 'B' }); // expect: S
}
