//! Constants of programs against the real core libraries, which pass through their bytes first as they do in the image.

use std::fmt::Write;
use std::sync::OnceLock;

use crate::analysis::{ProgramOptions, analyze_core, analyze_program};
use crate::load::{CoreSources, SourceProvider};
use crate::model::{Options, World};
use crate::program::{ConstId, ConstValue};

/// The core libraries of the tree, and one program.
struct Files(&'static str);

impl SourceProvider for Files {
    fn read(&self, uri: &str) -> Result<Vec<u8>, String> {
        if uri.starts_with("dart:") {
            return CoreSources::of_tree().read(uri);
        }
        Ok(self.0.as_bytes().to_vec())
    }
}

fn core_bytes() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| analyze_core(&Files(""), &["dart:core"]).world.to_bytes())
}

/// Compares the program's const variables and the problems with the text expected.
#[track_caller]
fn check(source: &'static str, expected: &str) {
    let core = World::core(core_bytes()).unwrap();
    let first = core.members.len();
    let options = Options {
        defines: [("n", "7"), ("b", "true"), ("s", "text"), ("bad", "x")]
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .into_iter()
            .collect(),
        enable_asserts: false,
        ..Options::default()
    };
    let options = ProgramOptions {
        options,
        ..ProgramOptions::default()
    };
    let analysis = analyze_program(core, "file:///main.dart", &Files(source), options);
    let world = &analysis.world;
    let mut found = String::new();
    for member in world.members.iter().skip(first) {
        if let Some(Some(value)) = member.constant.get() {
            let _ = writeln!(found, "{} = {}", member.name, show(world, *value));
        }
    }
    for problem in &analysis.problems {
        let file = world.file(problem.file).source.clone().unwrap();
        let place = file.line_column(problem.diagnostic.span.start);
        let _ = writeln!(found, "{place} {}", problem.diagnostic.message);
    }
    let clean = |text: &str| -> String {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("\n")
    };
    assert!(
        clean(&found) == clean(expected),
        "found:\n{found}\nexpected:\n{expected}"
    );
}

fn show(world: &World, id: ConstId) -> String {
    let all = |ids: &[ConstId]| -> String {
        let shown: Vec<String> = ids.iter().map(|&id| show(world, id)).collect();
        shown.join(", ")
    };
    let name = |member| world.member(member).name;
    match world.consts.value(id) {
        ConstValue::Null => "null".to_string(),
        ConstValue::Bool(value) => value.to_string(),
        ConstValue::Int(value) => value.to_string(),
        ConstValue::Double(bits) => super::values::double_text(f64::from_bits(*bits)),
        ConstValue::String(text) => format!("{:?}", text.to_string_lossy()),
        ConstValue::Symbol(name) => format!("#{name}"),
        ConstValue::Type(ty) => world.show(*ty),
        ConstValue::List(ty, ids) => format!("<{}>[{}]", world.show(*ty), all(ids)),
        ConstValue::Set(ty, ids) => format!("<{}>{{{}}}", world.show(*ty), all(ids)),
        ConstValue::Map(key, value, entries) => {
            let shown: Vec<String> = entries
                .iter()
                .map(|&(key, value)| format!("{}: {}", show(world, key), show(world, value)))
                .collect();
            let (key, value) = (world.show(*key), world.show(*value));
            format!("<{key}, {value}>{{{}}}", shown.join(", "))
        }
        ConstValue::Object(class, types, fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|&(field, value)| format!("{}: {}", name(field), show(world, value)))
                .collect();
            let ty = world.types.interface(*class, types);
            format!("{}({})", world.show(ty), fields.join(", "))
        }
        ConstValue::Function(member, types) | ConstValue::Constructor(member, types) => {
            let types: Vec<String> = types.iter().map(|&ty| world.show(ty)).collect();
            format!("{}<{}>", name(*member), types.join(", "))
        }
        ConstValue::Record(positional, named) => {
            let mut shown = all(positional);
            for &(name, value) in named {
                let _ = write!(shown, ", {name}: {}", show(world, value));
            }
            format!("({shown})")
        }
    }
}

#[test]
fn operators_have_values() {
    check(
        "const a = 1 + 2 * 3, b = 7 ~/ 2, c = -7 % 3, d = 1 / 4, e = 1 << 63, f = -1 >>> 60, g = ~5;
         const h = 'x' 'y' + 'z', i = '$a ${1.0} ${null} $h', j = h.length;
         const k = a > 3 && !(b == 3), l = a == 7.0, m = identical(h, 'xyz'), n = null ?? 5, o = k ? 1 : 2;
         const double p = 3; const q = 2.5 ~/ 1, r = 5.0 % -3, s = true ^ false, t = a is num, u = (a as num);
         const z = double.nan == double.nan, y = 0.0 == -0.0, x = identical(0.0, -0.0);
         main() {}",
        "a = 7
         b = 3
         c = 2
         d = 0.25
         e = -9223372036854775808
         f = 15
         g = -6
         h = \"xyz\"
         i = \"7 1.0 null xyz\"
         j = 3
         k = false
         l = true
         m = true
         n = 5
         o = 2
         p = 3.0
         q = 2
         r = 2.0
         s = true
         t = true
         u = 7
         z = false
         y = true
         x = false",
    );
}

#[test]
fn objects_are_made() {
    check(
        "class A<T> { final T x; final int y; final List<T> l; const A(this.x, {int k = 3}) : y = k + 1, l = const [];
           const A.twice(T x) : this(x, k: 10); const factory A.red(T x) = B<T>; }
         class B<T> extends A<T> { final z = 'z'; final w; const B(super.x, [this.w]) : assert(w != 1, 'no one'), super(k: 5); }
         enum E { a(1), b.other(); const E(this.v); const E.other() : v = 9; final int v; static const E last = E.b; }
         const a = A(1), b = A<num>.twice(2), c = A<int>.red(3), d = B('s', #sym), e = Duration(seconds: 2);
         const same = identical(A(1), a), differs = identical(A<num>(1), a), v = E.values, dur = Duration.zero;
         const bad = B(1, 1); const sym = Symbol('foo='), s2 = identical(sym, const Symbol('foo='));
         main() {}",
        "a = E(index: 0, _name: \"a\", v: 1)
         b = E(index: 1, _name: \"b\", v: 9)
         values = <E>[E(index: 0, _name: \"a\", v: 1), E(index: 1, _name: \"b\", v: 9)]
         last = E(index: 1, _name: \"b\", v: 9)
         a = A<int>(x: 1, y: 4, l: <Never>[])
         b = A<num>(x: 2, y: 11, l: <Never>[])
         c = B<int>(x: 3, y: 6, l: <Never>[], z: \"z\", w: null)
         d = B<String>(x: \"s\", y: 6, l: <Never>[], z: \"z\", w: #sym)
         e = Duration(_microseconds: 2000000)
         same = true
         differs = false
         v = <E>[E(index: 0, _name: \"a\", v: 1), E(index: 1, _name: \"b\", v: 9)]
         dur = Duration(_microseconds: 0)
         sym = #foo=
         s2 = true
         7:22 an assertion of this constant's constructor fails: no one",
    );
}

#[test]
fn collections_functions_and_types() {
    check(
        "T id<T>(T x) => x; class C<X> { C(); C.n(X x); static int s(int a) => a; }
         const l = [1, 2.0, ...[3], if (1 > 0) 4 else 5, ...?null], s = {1, 'a'}, m = {'k': [1], ...{2: null}};
         const f = id, h = C.s, k = C<int>.n, t = List<int>, u = C, r = (1, b: 2, a: 'x');
         const int Function(int) g = id; const n = int.fromEnvironment('n'), b = bool.fromEnvironment('b'), st = String.fromEnvironment('s', defaultValue: 'd');
         const no = int.fromEnvironment('bad', defaultValue: 4), has = bool.hasEnvironment('s'), none = String.fromEnvironment('q');
         main() {}",
        "l = <num>[1, 2.0, 3, 4]
         s = <Object>{1, \"a\"}
         m = <Object, List<int>?>{\"k\": <int>[1], 2: null}
         f = id<>
         h = s<>
         k = n<int>
         t = List<int>
         u = C<dynamic>
         r = (1, a: \"x\", b: 2)
         g = id<int>
         n = 7
         b = true
         st = \"text\"
         no = 4
         has = true
         none = \"\"",
    );
}

#[test]
fn what_is_no_constant_is_told() {
    check(
        "var v = 1; int f() => 1; const a = v, b = f(), c = 1 ~/ 0, d = {1, 1}, e = {1: 2, 1: 3}, g = g2, g2 = g;
         const h = 'a${[]}', i = 1 << -1, j = null as int; class C { final x; const C(this.x) : assert(x > 0); C.n() : x = 1; }
         const k = C(0), l = C.n(); const List<int> m = [null as dynamic]; void p({int q = v, List r = const [], C s = const C(-1)}) {}
         main() {}",
        "1:36 `v` is no constant; declare it `const`
         1:43 this is no constant expression; a constant is made of literals, const variables, operators on them and const constructors
         1:52 the divisor of this constant is zero
         1:68 the elements of a constant set must differ; leave this one out
         1:83 the keys of a constant map must differ; leave this one out
         1:90 the constant `g` depends on its own value
         1:90 the type of `g` depends on itself; write its type
         1:98 the type of `g2` depends on itself; write its type
         2:24 only null, numbers, booleans and strings can stand in a constant string
         2:34 the shift count of this constant is negative
         2:47 this constant is of type `Null`, but `int` is wanted
         3:20 an assertion of this constant's constructor fails
         3:32 a constant can only be made by a 'const' constructor
         3:58 this constant is of type `Null`, but `int` is wanted
         3:92 `v` is no constant; declare it `const`
         3:120 an assertion of this constant's constructor fails",
    );
}
