// What errors of dart:core and its collections say: programs and their tests compare these texts.
import 'dart:collection';
import 'dart:math';
import 'dart:typed_data';

import '_error_texts.dart';
enum Kind { a, b }

class Asked {
  void m() {}
  dynamic noSuchMethod(Invocation invocation) => throw 'asked for ${invocation.memberName}';
}

void main() {
  final dynamic d = A();
  // Range and argument errors.
  t("RangeError (length): Invalid value: Not in inclusive range 0..2: 3", () => [1, 2, 3][3]);
  t("RangeError (length): Invalid value: Valid value range is empty: 0", () => [][0]);
  t("RangeError (length): Invalid value: Valid value range is empty: -1", () => [][-1]);
  t("RangeError: v", () => throw RangeError('v'));
  t("RangeError: Value not in range: 3", () => throw RangeError.value(3));
  t("RangeError (n): Value not in range: 3", () => throw RangeError.value(3, 'n'));
  t("RangeError (n): m: 3", () => throw RangeError.value(3, 'n', 'm'));
  t("RangeError: Invalid value: Not in inclusive range 1..2: 3", () => throw RangeError.range(3, 1, 2));
  t("RangeError (n): Invalid value: Only valid value is 1: 3", () => throw RangeError.range(3, 1, 1, 'n'));
  t("RangeError (n): Invalid value: Valid value range is empty: 3", () => throw RangeError.range(3, 1, 0, 'n'));
  t("RangeError (n): Invalid value: Not less than or equal to 1: 3", () => throw RangeError.range(3, null, 1, 'n'));
  t("RangeError (n): Invalid value: Not greater than or equal to 5: 3", () => throw RangeError.range(3, 5, null, 'n'));
  t("RangeError (n): m: Not in inclusive range 1..2: 3", () => throw RangeError.range(3, 1, 2, 'n', 'm'));
  t("RangeError (end): Invalid value: Not in inclusive range 0..3: 4", () => [1, 2, 3].sublist(0, 4));
  t("RangeError (start): Invalid value: Not in inclusive range 0..3: 4", () => [1, 2, 3].sublist(4));
  t("RangeError (end): Invalid value: Not in inclusive range 2..3: 1", () => [1, 2, 3].sublist(2, 1));
  t("RangeError (start): Invalid value: Not in inclusive range 0..3: 5", () => [1, 2, 3].getRange(5, 6));
  t("RangeError (index): Invalid value: Not in inclusive range 0..2: 3", () => 'abc'.codeUnitAt(3));
  t("RangeError (index): Invalid value: Not in inclusive range 0..2: 3", () => 'abc'[3]);
  t("RangeError (end): Invalid value: Not in inclusive range 0..3: 4", () => 'abc'.substring(0, 4));
  t("RangeError (start): Invalid value: Not in inclusive range 0..3: 4", () => 'abc'.substring(4));
  t("RangeError (radix): Invalid value: Not in inclusive range 2..36: 99", () => 5.toRadixString(99));
  t("RangeError (radix): Invalid value: Not in inclusive range 2..36: 99", () => int.parse('5', radix: 99));
  t("RangeError (fractionDigits): Invalid value: Not in inclusive range 0..20: 99", () => 5.0.toStringAsFixed(99));
  t("RangeError (precision): Invalid value: Not in inclusive range 1..21: 99", () => 5.0.toStringAsPrecision(99));
  t("RangeError (fractionDigits): Invalid value: Not in inclusive range 0..20: 99", () => 5.0.toStringAsExponential(99));
  t("Invalid argument(s)", () => throw ArgumentError());
  t("Invalid argument(s): m", () => throw ArgumentError('m'));
  t("Invalid argument(s) (n): m", () => throw ArgumentError('m', 'n'));
  t("Invalid argument (n): m: 1", () => throw ArgumentError.value(1, 'n', 'm'));
  t("Invalid argument: 1", () => throw ArgumentError.value(1));
  t("Invalid argument (n): 1", () => throw ArgumentError.value(1, 'n'));
  t('Invalid argument (n): m: "s"', () => throw ArgumentError.value('s', 'n', 'm'));
  t("Invalid argument (n): m: null", () => throw ArgumentError.value(null, 'n', 'm'));
  t("Invalid argument(s): Must not be null", () => throw ArgumentError.notNull());
  t("Invalid argument(s) (n): Must not be null", () => throw ArgumentError.notNull('n'));
  t("Invalid argument(s) (n): Must not be null", () => ArgumentError.checkNotNull(null, 'n'));
  t("Invalid argument (index): is not an integer: null", () => throw ArgumentError.value(null, 'index', 'is not an integer'));
  // State errors.
  for (final Iterable<int> i in [<int>[], <int>{}, Iterable<int>.empty(), <int>[].map((x) => x), ListQueue<int>(), Uint8List(0), <int, int>{}.keys, DoubleLinkedQueue<int>(), SplayTreeSet<int>(), HashSet<int>(), const <int>[], UnmodifiableListView<int>([]), Iterable<int>.generate(0)]) {
    t("Bad state: No element", () => i.first);
    t("Bad state: No element", () => i.last);
    t("Bad state: No element", () => i.single);
    t("Bad state: No element", () => i.reduce((a, b) => a));
    t("Bad state: No element", () => i.firstWhere((a) => true));
    t("Bad state: No element", () => i.lastWhere((a) => true));
    t("Bad state: No element", () => i.singleWhere((a) => true));
  }
  for (final Iterable<int> i in [<int>[1, 2], <int>{1, 2}, <int>[1, 2].map((x) => x), ListQueue<int>.of([1, 2]), Uint8List(2), <int, int>{1: 1, 2: 2}.keys]) {
    t("Bad state: Too many elements", () => i.single);
    t("Bad state: Too many elements", () => i.singleWhere((a) => true));
  }
  t("RangeError (length): Invalid value: Valid value range is empty: -1", () => <int>[].removeLast());
  t("Bad state: No element", () => Queue().removeFirst());
  t("Bad state: No element", () => Queue().removeLast());
  t("RangeError (index): Index out of range: index should be less than 2: 2", () => {1, 2}.elementAt(2));
  t("RangeError (index): Index out of range: index should be less than 2: 2", () => [1, 2].map((x) => x).where((x) => true).elementAt(2));
  t("RangeError (length): Invalid value: Not in inclusive range 0..1: 2", () => [1, 2].elementAt(2));
  t("RangeError (length): Invalid value: Not in inclusive range 0..1: 2", () => [1, 2].map((x) => x).elementAt(2));
  t("RangeError (index): Index out of range: index should be less than 2: 2", () => Iterable.generate(2).elementAt(2));
  // Unsupported.
  t("Unsupported operation: Cannot modify an unmodifiable list", () => (const [1] as List)[0] = 2);
  t("Unsupported operation: Cannot add to an unmodifiable list", () => (const [1] as List).add(2));
  t("Unsupported operation: Cannot add to an unmodifiable list", () => (const [1] as List).insert(0, 2));
  t("Unsupported operation: Cannot remove from an unmodifiable list", () => (const [1] as List).remove(1));
  t("Unsupported operation: Cannot remove from an unmodifiable list", () => (const [1] as List).removeLast());
  t("Unsupported operation: Cannot clear an unmodifiable list", () => (const [1] as List).clear());
  t("Unsupported operation: Cannot modify an unmodifiable list", () => (const [1] as List).sort());
  t("Unsupported operation: Cannot change the length of an unmodifiable list", () => (const [1] as List).length = 0);
  t("Unsupported operation: Cannot add to a fixed-length list", () => List.filled(1, 1).add(2));
  t("Unsupported operation: Cannot remove from a fixed-length list", () => List.filled(1, 1).removeAt(0));
  t("Unsupported operation: Cannot clear a fixed-length list", () => List.filled(1, 1).clear());
  t("Unsupported operation: Cannot change the length of a fixed-length list", () => List.filled(1, 1).length = 3);
  t("Unsupported operation: Cannot add to a fixed-length list", () => Uint8List(1).add(2));
  t("Unsupported operation: Cannot modify unmodifiable map", () => (const {1: 2} as Map)[1] = 2);
  t("Unsupported operation: Cannot modify unmodifiable map", () => Map.unmodifiable({1: 2}).clear());
  t("Unsupported operation: Cannot modify unmodifiable map", () => Map.unmodifiable({1: 2}).remove(1));
  t("Unsupported operation: Cannot change an unmodifiable set", () => (const {1} as Set).add(2));
  t("Unsupported operation: Cannot change an unmodifiable set", () => Set.unmodifiable({1}).clear());
  t("Unsupported operation: Cannot modify an unmodifiable list", () => UnmodifiableListView([1])[0] = 2);
  t("Unsupported operation: Cannot add to an unmodifiable list", () => UnmodifiableListView([1]).add(2));
  t("Unsupported operation: Cannot modify an unmodifiable list", () => Uint8List(1).asUnmodifiableView()[0] = 2);
  // Concurrent modification.
  t("Concurrent modification during iteration: Instance(length:2) of '_GrowableList'.", () { final l = [1]; for (final _ in l) l.add(2); });
  t("Concurrent modification during iteration: _Set len:2.", () { final l = {1}; for (final _ in l) l.add(2); });
  t("Concurrent modification during iteration.", () => throw ConcurrentModificationError());
  // Types.
  t("type 'String' is not a subtype of type 'int' in type cast", () => ('a' as dynamic) as int);
  t("type 'Null' is not a subtype of type 'int' in type cast", () => (null as dynamic) as int);
  t("type 'List<dynamic>' is not a subtype of type 'List<int>' in type cast", () => (<dynamic>[] as dynamic) as List<int>);
  t("type 'String' is not a subtype of type 'int'", () { int x = 'a' as dynamic; return x; });
  t("type 'String' is not a subtype of type 'int' of 'a'", () => d.m('x'));
  t("type 'String' is not a subtype of type 'int' of 'value'", () => (<int>[] as List<Object>).add('x'));
  t("type 'A' is not a subtype of type 'B' in type cast", () => (d as dynamic) as B);
  t("type 'Null' is not a subtype of type 'String' in type cast", () => <String, dynamic>{}['x'] as String);
  t("Null check operator used on a null value", () => (null as dynamic)!);
  t("type '(int, String)' is not a subtype of type '(int, int)' in type cast", () => ((1, 'a') as dynamic) as (int, int));
  t("type 'String' is not a subtype of type 'bool'", () { if ('x' as dynamic) {} });
  // NoSuchMethod
  t("NoSuchMethodError: Class 'A' has no instance method 'foo'.\nReceiver: Instance of 'A'\nTried calling: foo()", () => d.foo());
  t("NoSuchMethodError: Class 'A' has no instance getter 'foo'.\nReceiver: Instance of 'A'\nTried calling: foo", () => d.foo);
  t("NoSuchMethodError: Class 'A' has no instance setter 'foo='.\nReceiver: Instance of 'A'\nTried calling: foo=1", () => d.foo = 1);
  t("NoSuchMethodError: The method 'foo' was called on null.\nReceiver: null\nTried calling: foo()", () => (null as dynamic).foo());
  t("NoSuchMethodError: The getter 'foo' was called on null.\nReceiver: null\nTried calling: foo", () => (null as dynamic).foo);
  t("NoSuchMethodError: The method '[]' was called on null.\nReceiver: null\nTried calling: [](0)", () => (null as dynamic)[0]);
  t("NoSuchMethodError: Class 'int' has no instance method 'foo'.\nReceiver: 5\nTried calling: foo(\"x\", y: 2)", () => (5 as dynamic).foo('x', y: 2));
  t("NoSuchMethodError: Class 'A' has no instance method 'call'.\nReceiver: Instance of 'A'\nTried calling: call(1)", () => d(1));
  // numbers
  t("IntegerDivisionByZeroException", () => 1 ~/ (0 as dynamic));
  t("IntegerDivisionByZeroException", () => 1 % (0 as dynamic));
  t("Unsupported operation: Infinity or NaN toInt", () => double.nan.toInt());
  t("Unsupported operation: Infinity or NaN toInt", () => double.infinity.round());
  t("Invalid argument(s): -1", () => 1 << (-1 as dynamic));
  t("IntegerDivisionByZeroException", () => BigInt.one ~/ BigInt.zero);
  // formats
  t("FormatException: Invalid radix-10 number (at character 1)\nabc\n^\n", () => int.parse('abc'));
  t("FormatException: Invalid number (at character 1)\n\n^\n", () => int.parse(''));
  t("FormatException: Invalid radix-16 number (at character 1)\nxyz\n^\n", () => int.parse('xyz', radix: 16));
  t("FormatException: Invalid double\nabc", () => double.parse('abc'));
  t("FormatException: abc", () => num.parse('abc'));
  t("FormatException: Could not parse BigInt\nabc", () => BigInt.parse('abc'));
  t("FormatException: Invalid date format\nabc", () => DateTime.parse('abc'));
  t("FormatException: m", () => throw FormatException('m'));
  t("FormatException", () => throw FormatException());
  t("FormatException: m\nsource", () => throw FormatException('m', 'source'));
  t("FormatException: m (at character 3)\nsource\n  ^\n", () => throw FormatException('m', 'source', 2));
  t("FormatException: m (at line 2, character 3)\nsecond\n  ^\n", () => throw FormatException('m', 'first\nsecond\nthird', 8));
  t("FormatException: m (at offset 3)", () => throw FormatException('m', [1, 2], 3));
  t("FormatException: Invalid port (at character 10)\nhttp://a:b/\n         ^\n", () => Uri.parse('http://a:b/'));
  t("FormatException: Scheme not starting with alphabetic character (at character 1)\n1a:b\n^\n", () => Uri.parse('1a:b'));
  t("FormatException: Missing end `]` to match `[` in host (at character 8)\nhttp://[::1/\n       ^\n", () => Uri.parse('http://[::1/'));
  t("Invalid argument(s): Truncated URI", () => Uri.decodeComponent('%z'));
  t("Bad state: Origin is only applicable schemes http and https: file:///", () => Uri.parse('file:///').origin);
  t("Unsupported operation: Cannot extract a file path from a http URI", () => Uri.parse('http://a/').toFilePath());
  // enum, symbol, misc
  t('Invalid argument (name): No enum value with that name: "zz"', () => Kind.values.byName('zz'));
  t("Assertion failed", () => throw AssertionError());
  t('Assertion failed: "m"', () => throw AssertionError('m'));
  t("UnimplementedError", () => throw UnimplementedError());
  t("UnimplementedError: m", () => throw UnimplementedError('m'));
  t("Unsupported operation: m", () => throw UnsupportedError('m'));
  t("Bad state: m", () => throw StateError('m'));
  t("Exception", () => throw Exception());
  t("Exception: m", () => throw Exception('m'));
  t("Out of Memory", () => throw const OutOfMemoryError());
  t("Stack Overflow", () => throw const StackOverflowError());
  t("LateInitializationError: Local 'x' has not been initialized.", () { late int x; if (1 as dynamic == 2) x = 1; return (() => x)(); });
  t("RangeError: Index out of range: index should be less than 3: 3", () => throw IndexError.withLength(3, 3));
  t("RangeError: Index out of range: no indices are valid: 0", () => throw IndexError.withLength(0, 0));
  t("RangeError (i): m: index should be less than 3: 3", () => throw IndexError.withLength(3, 3, name: 'i', message: 'm'));
  t("RangeError (index): Invalid value: Not greater than or equal to 0: -1", () => RangeError.checkNotNegative(-1));
  t("RangeError (max): Must be positive and <= 2^32: Not in inclusive range 1..4294967296: 0", () => Random().nextInt(0));
  t("Unsupported operation: Cannot resize a fixed-length list", () => Uint8List(1).length = 2);
  t("Concurrent modification during iteration: Instance of 'A'.", () => throw ConcurrentModificationError(A()));
  t("Concurrent modification during iteration: _Map len:2.", () { final m = {1: 1}; for (final _ in m.keys) m[2] = 2; });
  t("type 'String' is not a subtype of type 'int' of 'value'", () => (<int>[] as List<Object>).add('x'));
  t("NoSuchMethodError: Class 'A' has no instance method 'm' with matching arguments.\nReceiver: Instance of 'A'\nTried calling: m()\nFound: m(int, {int? b}) => void", () => d.m());
  t("NoSuchMethodError: Class 'A' has no instance method 'm' with matching arguments.\nReceiver: Instance of 'A'\nTried calling: m(1, c: Instance(length:1) of '_GrowableList')\nFound: m(int, {int? b}) => void", () => d.m(1, c: [1]));
  t("NoSuchMethodError: Class 'A' has no instance method 'g' with matching arguments.\nReceiver: Instance of 'A'\nTried calling: g<int>()\nFound: g<X0 extends num>(X0) => X0", () => d.g<int>());
  final dynamic closure = (int x) => x;
  t("NoSuchMethodError: Closure call with mismatched arguments: function 'main.<anonymous closure>'\nReceiver: Closure: (int) => int\nTried calling: main.<anonymous closure>()\nFound: main.<anonymous closure>(int) => int", () => closure());
  final dynamic tornOff = A().m;
  t("NoSuchMethodError: Closure call with mismatched arguments: function 'A.m'\nReceiver: Closure: (int, {int? b}) => void from Function 'm':.\nTried calling: A.m(1, 2)\nFound: A.m(int, {int? b}) => void", () => tornOff(1, 2));
  // A class's own noSuchMethod is asked, whatever there is.
  t("asked for Symbol(\"m\")", () => (Asked() as dynamic).m(1));
  t("RangeError (exponent): Invalid value: Not greater than or equal to 0: -1", () => 4.modPow(-1, 3));
  t("FormatException: Positive input exceeds the limit of integer\n99999999999999999999", () => int.parse('99999999999999999999'));
  t("FormatException: Negative input exceeds the limit of integer\n -fffffffffffffffff ", () => int.parse(' -fffffffffffffffff ', radix: 16));
  t("FormatException: Invalid radix-16 number (at character 1)\nfffffffffffffffff-\n^\n", () => int.parse('fffffffffffffffff-', radix: 16));
  t("FormatException: Invalid boolean\nabc", () => bool.parse('abc'));
  t("Invalid argument(s): Invalid URL encoding", () => Uri.decodeComponent('%zz'));
  t("FormatException: Illegal IPv4 address, IPv4 address should contain exactly 4 parts (at character 4)\n1.2\n   ^\n", () => Uri.parseIPv4Address('1.2'));
  t("FormatException: Unterminated group(", () => RegExp('('));
  t("FormatException: Nothing to repeata**", () => RegExp('a**'));
  t("RangeError: Offset (1) must be a multiple of bytesPerElement (4)", () => Uint8List(8).buffer.asInt32List(1));
  t("RangeError: Invalid value: Not in inclusive range 0..1: 5", () => [1].insert(5, 0));
  t("RangeError (length): Invalid value: Only valid value is 0: 5", () => [1].removeAt(5));
  t("Invalid argument(s): 5", () => 4.clamp(5, 1));
  t("type 'Object' is not a subtype of type 'Comparable<dynamic>' in type cast", () => SplayTreeMap<dynamic, int>().containsKey(Object()));
  t("Bad state: Too few elements", () => [1, 2].setRange(0, 2, [1]));
  t("Invalid argument (key): Key not in map.: 3", () => {1: 2}.update(3, (v) => v));
  t("Deprecated feature: soon", () => throw const Deprecated('soon'));
  print('$count texts'); // expect: 261 texts
}
