//! Programs of any size, for measuring the front end: one realistic, and others that have much of one thing.
//!
//! A shape that takes more than twice as long at twice the size shows something quadratic.

use std::fmt::Write;

/// A file and its text. The first one is the program.
pub type File = (String, String);

/// A kind of program.
pub struct Shape {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it has much of.
    pub about: &'static str,
    /// The size it is measured at, and at twice of.
    pub size: usize,
    make: fn(usize) -> Vec<File>,
}

impl Shape {
    /// The program of a size.
    pub fn files(&self, size: usize) -> Vec<File> {
        (self.make)(size)
    }
}

/// All shapes.
pub const SHAPES: &[Shape] = &[
    Shape {
        name: "lines",
        about: "lines of ordinary code in one file",
        size: 100_000,
        make: |lines| one_file(ordinary(lines)),
    },
    Shape {
        name: "files",
        about: "files of 200 lines of ordinary code",
        size: 500,
        make: many_files,
    },
    Shape {
        name: "function",
        about: "statements in one function",
        size: 20_000,
        make: |size| one_file(function(size)),
    },
    Shape {
        name: "tree",
        about: "classes in a binary tree, each with members of its own and overridden ones",
        size: 10_000,
        make: |size| one_file(class_tree(size)),
    },
    Shape {
        name: "fan",
        about: "classes that implement one sealed class, and a switch over them",
        size: 2_000,
        make: |size| one_file(sealed_fan(size)),
    },
    Shape {
        name: "line",
        about: "classes, each below the one before",
        size: 250,
        make: |size| one_file(class_line(size)),
    },
    Shape {
        name: "members",
        about: "members of a class, all overridden in another",
        size: 10_000,
        make: |size| one_file(members(size)),
    },
    Shape {
        name: "getters",
        about: "getters one after the other: a.b.b.b",
        size: 1_500,
        make: |size| one_file(getters(size)),
    },
    Shape {
        name: "calls",
        about: "generic calls one after the other: a.map(…).map(…)",
        size: 900,
        make: |size| one_file(calls(size)),
    },
    Shape {
        name: "sum",
        about: "operands of one sum",
        size: 1_500,
        make: |size| {
            one_file(format!(
                "void main() {{ var x = 1; x = x{}; print(x); }}\n",
                " + x".repeat(size)
            ))
        },
    },
    Shape {
        name: "list",
        about: "elements of a list literal",
        size: 100_000,
        make: |size| one_file(list(size, "final")),
    },
    Shape {
        name: "const-list",
        about: "elements of a constant list",
        size: 100_000,
        make: |size| one_file(list(size, "const")),
    },
    Shape {
        name: "map",
        about: "entries of a map literal",
        size: 50_000,
        make: |size| one_file(map(size, "final")),
    },
    Shape {
        name: "const-map",
        about: "entries of a constant map",
        size: 50_000,
        make: |size| one_file(map(size, "const")),
    },
    Shape {
        name: "closures",
        about: "closures inside one another",
        size: 100,
        make: |size| one_file(closures(size)),
    },
    Shape {
        name: "blocks",
        about: "ifs and loops inside one another",
        size: 100,
        make: |size| one_file(blocks(size)),
    },
    Shape {
        name: "else-ifs",
        about: "branches of one if, each of which promotes",
        size: 450,
        make: |size| one_file(else_ifs(size)),
    },
    Shape {
        name: "cases",
        about: "cases of switches over an enum and an integer",
        size: 2_000,
        make: |size| one_file(cases(size)),
    },
    Shape {
        name: "locals",
        about: "local variables, tested for null and assigned in loops",
        size: 4_000,
        make: |size| one_file(locals(size)),
    },
    Shape {
        name: "strings",
        about: "interpolations and adjacent strings",
        size: 10_000,
        make: |size| one_file(strings(size)),
    },
];

fn one_file(text: String) -> Vec<File> {
    vec![("main.dart".to_owned(), text)]
}

/// A module of about 50 lines: what number `n` of them declares ends in that number.
fn module(text: &mut String, n: usize) {
    let before = n.saturating_sub(1);
    let written = write!(
        text,
        "
/// Number {n} of many.
sealed class Shape{n} {{
  const Shape{n}(this.name, {{this.tags = const []}});
  final String name;
  final List<String> tags;
  double get area;
  int compareTo(Shape{n} other) => area.compareTo(other.area);
}}

class Square{n} extends Shape{n} {{
  const Square{n}(super.name, this.side);
  final double side;
  @override
  double get area => side * side;
}}

class Ring{n} extends Shape{n} {{
  Ring{n}(super.name, {{required this.inner, double? outer}}) : outer = outer ?? inner * 2;
  final double inner, outer;
  @override
  double get area => 3.14 * (outer * outer - inner * inner);
}}

class Box{n}<T extends Object> {{
  Box{n}(this._items);
  final List<T> _items;
  Iterable<R> each<R>(R Function(T item) change) => _items.map(change);
  T? find(bool Function(T) test) {{
    for (final item in _items) {{
      if (test(item)) return item;
    }}
    return null;
  }}
}}

String describe{n}(Object? value) => switch (value) {{
  Square{n}(:final side) when side > 10 => 'large ${{side.toStringAsFixed(1)}}',
  Shape{n}(:var name, area: > 2) => 'shape $name',
  [int first, ...] => 'list from $first',
  (final a, b: final b) => '$a and $b',
  null => 'nothing',
  _ => value.toString(),
}};

Future<int> total{n}(List<Shape{n}> shapes, {{int limit = {n}}}) async {{
  var sum = 0.0;
  final counts = <String, int>{{for (final shape in shapes) shape.name: shape.tags.length}};
  for (var i = 0; i < shapes.length && i < limit; i++) {{
    final shape = shapes[i];
    if (shape is Ring{n}) {{
      sum += shape.inner + shape.outer;
    }} else {{
      sum += await Future.value(shape.area);
    }}
    counts.update(shape.name, (count) => count + 1, ifAbsent: () => 1);
  }}
  try {{
    final sorted = [...shapes]..sort((a, b) => a.compareTo(b));
    final names = Box{n}(sorted).each((shape) => shape.name.length).where((length) => length.isEven);
    return sum.toInt() + names.fold<int>(0, (a, b) => a + b) + (counts['x'] ?? {before});
  }} on StateError catch (error) {{
    print('failed: $error');
    return -1;
  }}
}}
"
    );
    debug_assert!(written.is_ok());
}

const MODULE_LINES: usize = 69;

fn ordinary(lines: usize) -> String {
    let count = (lines / MODULE_LINES).max(1);
    let mut text = String::new();
    for n in 0..count {
        module(&mut text, n);
    }
    text.push_str("\nvoid main() async {\n  print(await total0([const Square0('a', 2)]));\n}\n");
    text
}

fn many_files(count: usize) -> Vec<File> {
    let mut main = String::new();
    let mut files = Vec::new();
    for file in 0..count {
        let mut text = String::new();
        if file > 0 {
            text.push_str(&format!("import 'file{}.dart';\n", file - 1));
        }
        (0..3).for_each(|n| module(&mut text, file * 3 + n));
        main.push_str(&format!("import 'file{file}.dart';\n"));
        files.push((format!("file{file}.dart"), text));
    }
    main.push_str("void main() { print(describe0(null)); }\n");
    files.insert(0, ("main.dart".to_owned(), main));
    files
}

fn function(size: usize) -> String {
    let mut text = String::from(
        "void main() {\n  var a = 1, b = 2.5;\n  String? c;\n  final list = <int>[];\n",
    );
    for n in 0..size {
        text.push_str(&match n % 5 {
            0 => format!("  a = a * {n} + list.length;\n"),
            1 => format!(
                "  if (c != null && c.length > {n}) {{ b += c.length; }} else {{ c = 'x$a'; }}\n"
            ),
            2 => "  for (final item in list) { a ^= item; }\n".to_owned(),
            3 => format!("  final v{n} = [a, ...list].map((x) => x + {n}).toList();\n"),
            _ => format!("  list.add(v{}.first.clamp(0, {n}));\n", n - 1),
        });
    }
    text + "  print('$a $b $c');\n}\n"
}

fn class_tree(size: usize) -> String {
    let mut text = String::from(
        "class C0<T> { T? value; int number(int x) => x; String get name => 'C0'; }\n",
    );
    for n in 1..size {
        let parent = (n - 1) / 2;
        text.push_str(&format!(
            "class C{n}<T> extends C{parent}<T> {{ @override int number(int x) => super.number(x) + {n}; T? other{n}(T? v) => v ?? value; }}\n"
        ));
    }
    text + &format!("void main() {{ print(C{}<int>().number(1)); }}\n", size - 1)
}

fn sealed_fan(size: usize) -> String {
    let mut text = String::from("sealed class S { const S(); }\n");
    let mut cases = String::new();
    for n in 0..size {
        text.push_str(&format!(
            "class A{n} extends S {{ const A{n}(this.v); final int v; }}\n"
        ));
        cases.push_str(&format!("  A{n}(:final v) => v + {n},\n"));
    }
    text + &format!(
        "int of(S s) => switch (s) {{\n{cases}}};\nvoid main() {{ print(of(const A1(3))); }}\n"
    )
}

fn class_line(size: usize) -> String {
    let mut text = String::from("class C0 { int f0() => 0; int g() => 0; }\n");
    for n in 1..size {
        let before = n - 1;
        text.push_str(&format!(
            "class C{n} extends C{before} {{ int f{n}() => f{before}() + 1; @override int g() => {n}; }}\n"
        ));
    }
    text + &format!("void main() {{ print(C{}().f0()); }}\n", size - 1)
}

fn members(size: usize) -> String {
    let body = |n: usize| format!("int m{n}(int x, {{String? s}}) => x + {n};\n");
    let all: String = (0..size).map(body).collect();
    format!(
        "class A {{\n{all}}}\nclass B extends A {{\n{all}}}\nvoid main() {{ print(B().m1(2)); }}\n"
    )
}

fn getters(size: usize) -> String {
    format!(
        "class A {{ A get b => this; int n = 3; }}\nvoid main() {{ final a = A(); print(a{}.n); }}\n",
        ".b".repeat(size)
    )
}

fn calls(size: usize) -> String {
    let call = "\n    .map((x) => x + 1)";
    format!(
        "void main() {{ print([1, 2]{}.first); }}\n",
        call.repeat(size)
    )
}

fn list(size: usize, how: &str) -> String {
    let element = |n: usize| match n % 4 {
        0 => format!("  {n},\n"),
        1 => format!("  'text {n}',\n"),
        2 => format!("  ({n}, 'x'),\n"),
        _ => format!("  [{n}, null],\n"),
    };
    let elements: String = (0..size).map(element).collect();
    format!("{how} all = [\n{elements}];\nvoid main() {{ print(all.length); }}\n")
}

fn map(size: usize, how: &str) -> String {
    let entries: String = (0..size).map(|n| format!("  'key {n}': {n},\n")).collect();
    format!("{how} all = {{\n{entries}}};\nvoid main() {{ print(all.length); }}\n")
}

fn closures(depth: usize) -> String {
    let mut text = String::from("void main() {\n  var total = 0;\n");
    for n in 0..depth {
        text.push_str(&format!(
            "final f{n} = (int x{n}) {{ total += x{n}; var y{n} = x{n};\n"
        ));
    }
    text.push_str("total++;\n");
    for n in (0..depth).rev() {
        text.push_str(&format!("y{n}++; return y{n}; }};\nf{n}({n});\n"));
    }
    text + "  print(total);\n}\n"
}

fn blocks(depth: usize) -> String {
    let mut text = String::from("void main(List<String> args) {\n  Object? o = args; var n = 0;\n");
    for n in 0..depth {
        text.push_str(match n % 4 {
            0 => "if (o is List<String>) {\n",
            1 => "while (n++ < 3) {\n",
            2 => "for (final x in args) { o = x;\n",
            _ => "try { n = n + 1;\n",
        });
    }
    text.push_str("n++;\n");
    for n in (0..depth).rev() {
        text.push_str(if n % 4 == 3 {
            "} catch (e) { o = e; }\n"
        } else {
            "}\n"
        });
    }
    text + "  print('$n $o');\n}\n"
}

fn else_ifs(size: usize) -> String {
    let mut text =
        String::from("int f(Object? o, Object? p) {\n  if (o == null) {\n    return 0;\n");
    for n in 0..size {
        text.push_str(&format!(
            "  }} else if (o is int && p is String && o > {n}) {{\n    o = p.length + o;\n"
        ));
    }
    text + "  }\n  return 1;\n}\nvoid main() { print(f(1, 'x')); }\n"
}

fn cases(size: usize) -> String {
    let values: Vec<String> = (0..size).map(|n| format!("v{n}")).collect();
    let of_enum: String = (0..size).map(|n| format!("  E.v{n} => {n},\n")).collect();
    let of_int: String = (0..size)
        .map(|n| format!("    case {n}: print('{n}');\n"))
        .collect();
    format!(
        "enum E {{ {} }}\nint of(E e) => switch (e) {{\n{of_enum}}};\nvoid say(int n) {{\n  switch (n) {{\n{of_int}  }}\n}}\nvoid main() {{ say(of(E.v1)); }}\n",
        values.join(", ")
    )
}

fn locals(size: usize) -> String {
    let mut text = String::from("void main(List<String> args) {\n");
    for n in 0..size {
        text.push_str(&format!("  int? v{n} = args.length > {n} ? {n} : null;\n"));
    }
    for n in 0..size {
        text.push_str(&format!("  if (v{n} == null) return;\n"));
        if n % 4 == 0 {
            text.push_str(&format!(
                "  while (v{n} == 3) {{ v{n} = v0; }} v{n} = {n};\n"
            ));
        }
    }
    text + "  print(v0 + v1);\n}\n"
}

fn strings(size: usize) -> String {
    let parts: String = (0..size)
        .map(|n| format!("    'part {n} $x ${{x + {n}}}'\n"))
        .collect();
    format!("void main() {{ var x = 1;\n  print(\n{parts}  );\n}}\n")
}
