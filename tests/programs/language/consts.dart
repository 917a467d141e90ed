// Constants: canonical, evaluated, in every position they may stand.
// stress

class Version {
  const Version(this.major, [this.minor = 0]) : assert(major >= 0);
  const Version.next(int major) : this(major + 1);
  final int major, minor;
  static const first = Version(1);
  @override
  String toString() => '$major.$minor';
}

class Tagged<T> {
  const Tagged(this.values);
  final List<T> values;
}

const limit = 1 << 4;
const name = 'v$limit${limit > 10 ? '+' : '-'}';
const versions = [Version.first, Version(1), Version.next(1)];
const table = {'a': 1, ...{'b': 2}, if (limit == 16) 'c': 3};
const set = {1, 2};
const nested = Tagged<Object?>([Tagged<int>([]), #sym, int, (1, x: 2), null, 1.5]);
const function = int.parse;
const bool debug = bool.fromEnvironment('debug', defaultValue: true);

int f([Version v = const Version(3, 4)]) => v.major * 10 + v.minor;

void main() {
  print(identical((), ())); // expect: true
  print(name); // expect: v16+
  print(versions); // expect: [1.0, 1.0, 2.0]
  print(identical(versions[0], versions[1])); // expect: true
  print(identical(const Version(5), const Version(5))); // expect: true
  print(identical(const Version(5), Version(5))); // expect: false
  print(table); // expect: {a: 1, b: 2, c: 3}
  print(set.contains(2)); // expect: true
  print(identical(const Tagged<int>([]), nested.values[0])); // expect: true
  print(identical(const Tagged<num>([]), nested.values[0])); // expect: false
  print(function('12')); // expect: 12
  print(debug); // expect: true
  print(f()); // expect: 34
  print(f(const Version(1))); // expect: 10
  const local = limit * 2;
  print(switch (32) { local => 'local', _ => 'no' }); // expect: local
  print(identical(1.0, 1)); // expect: false
  print(const [1, 2] == const [1, 2]); // expect: true
  print([1, 2] == [1, 2]); // expect: false
}
