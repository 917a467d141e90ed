// A JSON model with sealed classes, decoding by patterns, schema validation, diff and pretty printing.
import 'dart:collection';
import 'dart:convert';

sealed class Json {
  const Json();
  factory Json.of(Object? value) => switch (value) {
        null => const JsonNull(),
        bool b => JsonBool(b),
        num n => JsonNumber(n),
        String s => JsonString(s),
        List<Object?> l => JsonArray([for (final e in l) Json.of(e)]),
        Map<String, Object?> m => JsonObject({for (final MapEntry(:key, :value) in m.entries) key: Json.of(value)}),
        _ => throw ArgumentError.value(value, 'value', 'not JSON'),
      };
  factory Json.parse(String text) = _Parsed.parse;

  Object? get plain;
  R accept<R>(JsonVisitor<R> visitor);

  Json? operator [](Object key) => switch ((this, key)) {
        (JsonObject(:final fields), String name) => fields[name],
        (JsonArray(:final items), int index) when index >= 0 && index < items.length => items[index],
        _ => null,
      };

  Json? at(String path) => path.split('.').where((p) => p.isNotEmpty).fold<Json?>(
      this, (json, part) => json?[int.tryParse(part) ?? part]);
}

abstract interface class JsonVisitor<R> {
  R visitNull();
  R visitBool(bool value);
  R visitNumber(num value);
  R visitString(String value);
  R visitArray(List<Json> items);
  R visitObject(Map<String, Json> fields);
}

class JsonNull extends Json {
  const JsonNull();
  @override
  Null get plain => null;
  @override
  R accept<R>(JsonVisitor<R> visitor) => visitor.visitNull();
}

abstract class JsonScalar<T extends Object> extends Json {
  const JsonScalar(this.value);
  final T value;
  @override
  T get plain => value;
  @override
  bool operator ==(Object other) => other is JsonScalar<T> && other.value == value;
  @override
  int get hashCode => Object.hash(T, value);
}

class JsonBool extends JsonScalar<bool> {
  const JsonBool(super.value);
  @override
  R accept<R>(JsonVisitor<R> visitor) => visitor.visitBool(value);
}

class JsonNumber extends JsonScalar<num> {
  const JsonNumber(super.value);
  @override
  R accept<R>(JsonVisitor<R> visitor) => visitor.visitNumber(value);
}

class JsonString extends JsonScalar<String> {
  const JsonString(super.value);
  @override
  R accept<R>(JsonVisitor<R> visitor) => visitor.visitString(value);
}

class JsonArray extends Json {
  JsonArray(Iterable<Json> items) : items = List.unmodifiable(items);
  final List<Json> items;
  @override
  List<Object?> get plain => [for (final i in items) i.plain];
  @override
  R accept<R>(JsonVisitor<R> visitor) => visitor.visitArray(items);
}

class JsonObject extends Json {
  JsonObject(Map<String, Json> fields) : fields = UnmodifiableMapView(fields);
  final Map<String, Json> fields;
  @override
  Map<String, Object?> get plain => fields.map((k, v) => MapEntry(k, v.plain));
  @override
  R accept<R>(JsonVisitor<R> visitor) => visitor.visitObject(fields);
}

class _Parsed extends JsonArray {
  _Parsed._(super.items);
  factory _Parsed.parse(String text) {
    final json = Json.of(jsonDecode(text));
    return _Parsed._(json is JsonArray ? json.items : [json]);
  }
}

class Printer implements JsonVisitor<void> {
  Printer({this.indent = '  '});
  final String indent;
  final _out = StringBuffer();
  int _depth = 0;

  static String print_(Json json) => (Printer()..visit(json)).toString();

  void visit(Json json) => json.accept(this);
  void _line() => _out
    ..writeln()
    ..write(indent * _depth);

  void _block<T>(String open, String close, Iterable<T> items, void Function(T) each) {
    if (items.isEmpty) {
      _out.write('$open$close');
      return;
    }
    _out.write(open);
    _depth++;
    for (final (i, item) in items.indexed) {
      if (i > 0) _out.write(',');
      _line();
      each(item);
    }
    _depth--;
    _line();
    _out.write(close);
  }

  @override
  void visitNull() => _out.write('null');
  @override
  void visitBool(bool value) => _out.write(value);
  @override
  void visitNumber(num value) => _out.write(value);
  @override
  void visitString(String value) => _out.write(jsonEncode(value));
  @override
  void visitArray(List<Json> items) => _block('[', ']', items, visit);
  @override
  void visitObject(Map<String, Json> fields) => _block('{', '}', fields.entries, (MapEntry<String, Json> e) {
        _out.write('${jsonEncode(e.key)}: ');
        visit(e.value);
      });
  @override
  String toString() => '$_out';
}

enum Level implements Comparable<Level> {
  info(0, 'INFO'),
  warning(10, 'WARN'),
  error(20, 'FAIL');

  const Level(this.weight, this.label);
  factory Level.parse(String text) => values.firstWhere((l) => l.label == text, orElse: () => info);
  final int weight;
  final String label;
  bool operator >=(Level other) => compareTo(other) >= 0;
  @override
  int compareTo(Level other) => weight - other.weight;
}

class Person {
  const Person({required this.name, this.age, this.tags = const {}, this.boss});
  final String name;
  final int? age;
  final Set<String> tags;
  final Person? boss;

  static Person fromJson(Map<String, dynamic> json) {
    if (json case {'name': String name, 'age': int? age}) {
      return Person(
        name: name,
        age: age,
        tags: {...?(json['tags'] as List?)?.cast<String>()},
        boss: switch (json['boss']) {
          Map<String, dynamic> boss => fromJson(boss),
          _ => null,
        },
      );
    }
    throw FormatException('no person', json);
  }

  Map<String, dynamic> toJson() => {
        'name': name,
        'age': ?age,
        if (tags.isNotEmpty) 'tags': tags.toList(),
        'boss': ?boss,
      };

  @override
  String toString() => 'Person($name${age == null ? '' : ', $age'}${tags.isEmpty ? '' : ', $tags'}${boss == null ? '' : ', boss: $boss'})';
}

sealed class Change {
  const Change(this.path);
  final String path;
}

class Added extends Change {
  const Added(super.path, this.value);
  final Json value;
}

class Removed extends Change {
  const Removed(super.path);
}

class Edited extends Change {
  const Edited(super.path, this.from, this.to);
  final Json from, to;
}

Iterable<Change> diff(Json a, Json b, [String path = '']) sync* {
  switch ((a, b)) {
    case (JsonObject(fields: final x), JsonObject(fields: final y)):
      for (final key in SplayTreeSet<String>.of(x.keys.followedBy(y.keys))) {
        final at = '$path.$key';
        yield* switch ((x[key], y[key])) {
          (null, final Json added) => [Added(at, added)],
          (_, null) => [Removed(at)],
          (final Json left, final Json right) => diff(left, right, at),
        };
      }
    case (JsonArray(items: [...final x]), JsonArray(items: [...final y])) when x.length == y.length:
      for (var i = 0; i < x.length; i++) {
        yield* diff(x[i], y[i], '$path[$i]');
      }
    case (JsonScalar<Object> x, JsonScalar<Object> y) when x == y:
    case (JsonNull _, JsonNull _):
      break;
    default:
      yield Edited(path, a, b);
  }
}

void main() {
  const text = '''
{"name": "svc", "version": 1.5, "on": true, "none": null,
 "list": [1, 2.0, -3e2, "x\\n\\u00e9\\"", {}, []], "deep": {"a": {"b": [10, {"c": "found"}]}}}''';
  final json = (Json.parse(text) as JsonArray).items.single;
  print(Printer.print_(json));
  print(json.at('deep.a.b.1.c')?.plain);
  print(json.at('deep.x.b'));
  print(json['list']?[1]?.plain);
  print(jsonEncode(json.plain));
  print(const JsonNumber(1) == JsonNumber(1.0));
  print({const JsonString('a'), JsonString('a'), JsonBool(true)}.length);
  try {
    Json.of({1: 2});
  } on ArgumentError catch (e) {
    print('${e.name}: ${e.message} ${e.invalidValue}');
  }

  final ann = Person.fromJson(jsonDecode('{"name":"ann","age":41,"tags":["a","b","a"],"boss":{"name":"bob","age":null}}'));
  print(ann);
  print(jsonEncode(ann));
  print(const JsonEncoder.withIndent(' ').convert({'p': Person(name: 'zed', age: 3), 'l': [1, [], {}]}));
  for (final bad in ['{"age": 3}', '{"name": 3, "age": 1}', '[1', '{"a":1,}', 'nul']) {
    try {
      print(Person.fromJson(jsonDecode(bad)));
    } on FormatException catch (e) {
      print('${e.message.split(' ').take(2).join(' ')} ${e.offset}');
    }
  }
  try {
    jsonEncode({'f': () => 1});
  } on JsonUnsupportedObjectError catch (e) {
    print('unsupported ${e.unsupportedObject is Function}');
  }
  final cyclic = <Object?>[1];
  cyclic.add(cyclic);
  try {
    jsonEncode(cyclic);
  } on JsonCyclicError catch (e) {
    print(e.runtimeType);
  }
  final revived = jsonDecode('{"d":"2024-02-29","n":[1,2]}', reviver: (key, value) => switch ((key, value)) {
        ('d', String s) => DateTime.parse(s),
        (int _, num n) => n * 10,
        _ => value,
      });
  print(revived);

  final other = Json.of({
    'name': 'svc2', 'on': true, 'none': null, 'version': 1.5,
    'list': [1, 2, -300.0, 'x', {'new': 1}, <int>[]],
    'deep': {'a': {'b': [10, {'c': 'found', 'd': 1}]}}, 'extra': [],
  });
  for (final change in diff(json, other)) {
    print(switch (change) {
      Added(:final path, value: JsonScalar(:final value)) => '+ $path = $value',
      Added(:final path) => '+ $path',
      Removed(:final path) => '- $path',
      Edited(:final path, :final from, :final to) => '~ $path ${from.plain} -> ${to.plain}',
    });
  }
  print(Level.parse('WARN') >= Level.info);
  print(([Level.error, Level.info, Level.warning]..sort()).map((l) => l.name));
  print(Level.values.asNameMap()['error']?.label);
  print(utf8.decode(JsonUtf8Encoder().convert({'é': '€'})));
}
