//! Tests from Dart source: everything compiled is verified; a few functions are looked at as text.

use std::sync::OnceLock;

use eyot_bytecode::text::disassemble_function;
use eyot_bytecode::verify::{self, Modules};
use eyot_semantics::analysis::{Analysis, ProgramOptions, analyze_core, analyze_program};
use eyot_semantics::load::{CORE_LIBRARIES, CoreSources, SourceProvider};
use eyot_semantics::model::World;
use rustc_hash::FxHashMap;

use crate::{Compiled, CoreLinks, Options, compile};

/// The core's sources, and a program.
struct Sources {
    program: String,
}

impl SourceProvider for Sources {
    fn read(&self, uri: &str) -> Result<Vec<u8>, String> {
        match uri.strip_prefix("file:///") {
            Some("main.dart") => Ok(self.program.clone().into_bytes()),
            Some(path) => std::fs::read(format!("/{path}")).map_err(|error| error.to_string()),
            None => CoreSources::of_tree().read(uri),
        }
    }

    fn display(&self, uri: &str) -> String {
        uri.to_owned()
    }
}

#[test]
fn both_sides_number_the_classes_of_the_core_alike() {
    assert_eq!(
        eyot_semantics::model::known::NAMES,
        eyot_bytecode::well_known::CLASSES
    );
}

fn compiled(analysis: &mut Analysis, core: Option<&CoreLinks>) -> Compiled {
    let mut bodies: FxHashMap<_, _> = std::mem::take(&mut analysis.bodies).into_iter().collect();
    let mut give = |member| bodies.remove(&member);
    let options = Options {
        enable_asserts: true,
    };
    compile(&analysis.world, core, &mut give, analysis.main, options)
}

fn problems(analysis: &Analysis) -> Vec<String> {
    analysis
        .problems
        .iter()
        .filter(|problem| problem.diagnostic.is_error())
        .map(|problem| {
            let file = analysis.world.file(problem.file);
            let start = problem.diagnostic.span.start;
            let place = file.source.as_ref().map(|source| source.line_column(start));
            let place = place.map_or_else(String::new, |place| place.to_string());
            format!("{}:{place}: {}", file.uri, problem.diagnostic.message)
        })
        .collect()
}

struct Core {
    world: Vec<u8>,
    compiled: Compiled,
}

fn core() -> &'static Core {
    static CORE: OnceLock<Core> = OnceLock::new();
    CORE.get_or_init(|| {
        let sources = Sources {
            program: String::new(),
        };
        let mut analysis = analyze_core(&sources, CORE_LIBRARIES);
        assert_eq!(problems(&analysis), Vec::<String>::new());
        let compiled = compiled(&mut analysis, None);
        Core {
            world: analysis.world.to_bytes(),
            compiled,
        }
    })
}

/// Compiles and verifies a program; the text of one of its functions.
fn check(program: &str, function: &str) -> String {
    let compiled = check_file("file:///main.dart", program);
    let module = &compiled.module;
    let index = module
        .functions
        .iter()
        .position(|candidate| {
            let name = module.base.strings;
            let id = candidate.name.0;
            let text = match id.checked_sub(name) {
                Some(index) => &module.strings[index as usize],
                None => &core().compiled.module.strings[id as usize],
            };
            &**text == function
        })
        .expect("the function");
    let id = eyot_bytecode::FunctionId(module.base.functions + index as u32);
    let text = disassemble_function(module, Some(&core().compiled.module), id);
    code_of(&text)
}

/// The lines of the code, without positions in the source, shapes of fast paths and numbers of functions.
fn code_of(text: &str) -> String {
    let mut code = String::from("\n");
    let lines = text.lines().filter(|line| !line.is_empty());
    for line in lines.filter(|line| !line.starts_with("func") && *line != "}") {
        let line = line.split(" //").next().unwrap_or_default().trim_end();
        let is_fast = line.contains("idx.") || line.contains("len.v") || line.contains("iter.");
        let line = match line.rsplit_once(", %h") {
            Some((start, _)) if is_fast => start,
            _ => line,
        };
        code.push_str(line);
        code.push('\n');
    }
    code
}

fn check_file(uri: &str, program: &str) -> Compiled {
    let world = World::core(&core().world).expect("the core's outline");
    let sources = Sources {
        program: program.to_string(),
    };
    let mut analysis = analyze_program(world, uri, &sources, ProgramOptions::default());
    assert_eq!(problems(&analysis), Vec::<String>::new());
    let compiled = compiled(&mut analysis, core().compiled.links.as_ref());
    let modules = Modules {
        core: Some(&core().compiled.module),
        module: &compiled.module,
    };
    verified(&modules);
    assert_eq!(compiled.unsupported, Vec::new());
    compiled
}

/// Fails with the first few mistakes and the code they are in.
fn verified(modules: &Modules<'_>) {
    let mut errors = Vec::new();
    let module = modules.module;
    for index in 0..module.functions.len() as u32 {
        let id = eyot_bytecode::FunctionId(module.base.functions + index);
        if let Err(error) = verify::function(modules, id, &module.functions[index as usize]) {
            let text = disassemble_function(module, modules.core, id);
            errors.push(format!("{error}\n{}", text));
        }
    }
    if let Err(error) = verify::module(modules.core, module) {
        errors.push(error.to_string());
    }
    errors.truncate(6);
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn the_core_compiles_and_verifies() {
    let core = core();
    let modules = Modules {
        core: None,
        module: &core.compiled.module,
    };
    assert_eq!(core.compiled.unsupported, Vec::new());
    verified(&modules);
}

#[test]
fn a_loop_over_numbers_boxes_nothing() {
    let source = "double work(List<double> v, int n) {
        var sum = 0.0;
        for (var i = 0; i < n; i++) {
          sum += v[i] * i;
        }
        return sum;
      }
      void main() => work([1.5], 1);";
    let text = check(source, "work");
    assert!(text.contains("idx.get.d"), "{text}");
    assert!(text.contains("mul.d"), "{text}");
    assert!(!text.contains("box."), "{text}");
}

/// The runtime makes instances of these with their own arguments as the vector.
#[test]
fn collections_of_the_runtime_have_short_vectors() {
    use eyot_bytecode::well_known::class;
    let module = &core().compiled.module;
    for id in [
        class::FIXED_LIST,
        class::IMMUTABLE_LIST,
        class::GROWABLE_LIST,
        class::CONST_MAP,
        class::CONST_SET,
        class::WEAK_REFERENCE,
    ] {
        let class = &module.classes[id.index()];
        assert_eq!(class.targs_len, class.type_params, "{id:?}");
    }
}

// ---- code, where the choice of instructions matters

#[test]
fn numeric_loops_box_nothing() {
    let program = "
int sum(List<int> xs) {
  var total = 0;
  for (var i = 0; i < xs.length; i++) {
    if (xs[i] < 0) break;
    total += xs[i] * 2;
  }
  return total;
}
void main() => print(sum([1, 2]));";
    let expected = "
  ldi i0, 0
  ldi i1, 0
  jmp L1
L0:
  idx.get.i i2, r0, i1
  jlt.ik i2, 0, L2
  idx.get.i i2, r0, i1
  mul.ik i2, i2, 2
  add.i i0, i0, i2
  add.ik i1, i1, 1
L1:
  len.v i2, r0
  jlt.i i1, i2, L0
L2:
  ret.i i0
";
    assert_eq!(check(program, "sum"), expected);
}

#[test]
fn doubles_and_fields_are_raw() {
    let program = "
class P { double x; P(this.x); }
double move(P p, double by) { p.x += by; return by > 1 ? p.x : -p.x; }
void main() => print(move(P(1), 2));";
    let expected = "
  ldf.w d1, r0, 1
  add.d d1, d1, d0
  stf.w r0, 1, d1
  ldd d2, 1.0
  jnlt.d d2, d0, L0
  ldf.w d1, r0, 1
  jmp L1
L0:
  ldf.w d2, r0, 1
  neg.d d1, d2
L1:
  ret.d d1
";
    assert_eq!(check(program, "move"), expected);
}

#[test]
fn closures_share_only_what_is_assigned() {
    let program = "
int Function() counter(int step) {
  var count = 0;
  return () => count += step;
}
void main() => print(counter(2)());";
    let outer = "
  ldi i1, 0
  cell.new.w r0, i1
  closure r1, _, _, @\"counter.<anonymous closure>\"(r0, i0)
  ret.r r1
";
    assert_eq!(check(program, "counter"), outer);
    let inner = "
  ldcap r1, r0, 0
  ldcap.w i0, r0, 0
  ld.cell.w i1, r1
  add.i i1, i1, i0
  st.cell.w r1, i1
  ret.i i1
";
    assert_eq!(check(program, "counter.<anonymous closure>"), inner);
}

#[test]
fn a_finally_is_compiled_once() {
    let program = "
int find(List<String> xs) {
  for (final x in xs) {
    try {
      if (x == '') return 1;
      if (x == 'b') continue;
    } finally {
      print('after');
    }
  }
  return 0;
}
void main() => print(find(['']));";
    let text = check(program, "find");
    assert_eq!(text.matches("@print").count(), 1, "{text}");
    assert!(
        text.contains("iter.next") && text.contains("rethrow"),
        "{text}"
    );
}

#[test]
fn calls_of_one_target_are_direct() {
    let program = "
class A { int f() => 1; }
class B extends A {}
class C { int f() => 1; }
class D extends C { int f() => 2; }
int one(A a) => a.f();
int two(C c) => c.f();
void main() => print(one(B()) + two(D()));";
    assert!(check(program, "one").contains("call.s i0 = @A.f"));
    assert!(check(program, "two").contains("call.v i0 = "));
}

#[test]
fn the_forms_of_the_language_verify() {
    let program = include_str!("../../../examples/squares.dart");
    check_file("file:///main.dart", program);
    check_file("file:///main.dart", FORMS);
}

/// One of nearly everything that has code of its own.
const FORMS: &str = r#"
import 'dart:async';
import 'dart:math' as math;

enum Color { red, green, blue, black; int get twice => index * 2; }
mixin M<T> on Base { late T value; late final int lazy = count + 1; int get count => super.size + 1; void store(T v) { value = v; } }
class Base { int get size => 3; covariant num n = 1; static int calls = 0; static final table = <String, int>{'a': 1}; }
class Mixed extends Base with M<String> { Mixed.named({int start = 2}) : assert(start > 0) { n = start; } factory Mixed() = Mixed.named; }
class Box<T> { final T content; const Box(this.content); Box<R> map<R>(R Function(T) f) => Box<R>(f(content)); bool fits(Object? o) => o is T && o is List<T>; bool operator ==(Object other) => other is Box<T> && other.content == content; int get hashCode => content.hashCode; }
extension Twice<T extends num> on T { num get twice => this * 2; }
external int outside(int x);

Iterable<int> numbers(int n) sync* { for (var i = 0; i < n; i++) { yield i; } yield* [1, 2]; }
Stream<int> ticks() async* { try { yield 1; yield* Stream.fromIterable([2, 3]); } finally { Base.calls++; } }
Future<int> total() async { var sum = 0; await for (final t in ticks()) { if (t == 2) continue; sum += t; } try { return await Future.value(sum); } catch (e, s) { print('$e $s'); rethrow; } finally { sum = 0; } }

int classify(Object? o) => switch (o) { null => 0, int i when i > 3 => i, [int a, ...] => a, {'k': String s} => s.length, (num x, name: var y) => x.toInt(), Box(content: final c) => c.hashCode, _ => -1 };
int word(String s) { switch (s) { case 'a': case 'b': return 1; case 'c': continue d; d: case 'd': return 2; default: return 3; } }
int number(int n) { switch (n) { case 1: return 10; case 2: return 20; case 3: return 30; case 4: return 40; case 900: return 5; default: return 0; } }
String color(Color? c) { switch (c) { case Color.red: return 'r'; case Color.green: return 'g'; case Color.blue: return 'b'; case Color.black: return 'k'; case null: return '-'; } }

void main(List<String> args) async {
  late int once; once = 3; late final String text = '$once';
  int fact(int n) => n < 2 ? 1 : n * fact(n - 1);
  T pick<T>(T a, [T? b]) { List<T> both() => [a, if (b != null) b]; return both().last; }
  dynamic d = args; d.foo = d.bar(1, x: 2)?[0]; d?..clear()..add(3);
  final mixed = Mixed()..store('x')..n = 4; print(mixed.lazy + mixed.count + mixed.size);
  final box = const Box<int>(1).map((x) => x.toString()); print(box == Box('1') || box.fits(1));
  final tear = box.map; final make = Box<String>.new; final generic = pick; int Function(int, [int?]) fixed = pick;
  print([tear, make('x'), generic<int>(1), fixed(2), fact(5), text, math.sqrt(2), -7 ~/ 2, 7 % 3, 1 << 3, ~5, 5.5 % 2, 3 / 2, 2.5.floor()]);
  outer: for (var i = 0; ; i++) { do { if (i > 3) break outer; if (i.isOdd) continue outer; } while (i < 2); }
  var (a, b: c) = (1, b: 'x'); (a, c) = (2, 'y'); var {'k': k} = {'k': a}; final [first, ...rest] = [1, 2, 3];
  print({for (final n in numbers(3)) n: n.twice, ...Base.table, 'l': k, if (first case > 0) 'r': rest});
  print(<int>{1, ...?(null as List<int>?)}); print((1, c: c).c + '${Color.blue.twice}');
  try { throw StateError('s'); } on ArgumentError catch (e) { print(e); } on StateError { print('state'); } finally { print('done'); }
  print(await total()); print(identical(a, k) && a != k || !(c is! String)); assert(a > 1, 'message');
  print(classify(null) + word('a') + number(3)); print(color(null)); runZoned(() => print(outside)); print(int); print(List<Color>);
  Object o = 3; if (o is int && o > 2 && o.isEven) { o++; } print(o as int); num m = 1; m += 2.5; m ??= 3; print(m < 3 || m >= 2 && -m == 2);
  final Function f = print; f('x'); Function.apply(f, ['y']); final s = StringBuffer(); s.write(args.length); print('${s}${s.length}'.codeUnitAt(0));
}
"#;

/// Prints the functions of the core whose name is in the environment: for looking at them by hand.
#[test]
#[ignore = "for looking at code"]
fn show() {
    let name = std::env::var("SHOW").unwrap_or_default();
    let module = &core().compiled.module;
    for (index, function) in module.functions.iter().enumerate() {
        if *module.strings[function.name.index()] == *name {
            let id = eyot_bytecode::FunctionId(index as u32);
            println!("{}", disassemble_function(module, None, id));
        }
    }
}
