//! The body phase, on sources in Dart: the typed tree of `main` (and what it names) beside the source.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::dump;
use crate::analysis::{Analysis, ProgramOptions, analyze_core, analyze_program};
use crate::load::{CoreSources, SourceProvider};
use crate::model::World;

/// The core libraries as they lie in the tree, and one program.
struct Sources(FxHashMap<String, String>);

impl SourceProvider for Sources {
    fn read(&self, uri: &str) -> Result<Vec<u8>, String> {
        if let Some(text) = self.0.get(uri) {
            return Ok(text.clone().into_bytes());
        }
        CoreSources::of_tree().read(uri)
    }
}

/// The declarations of the core, analysed once.
fn core() -> World {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    let bytes = BYTES.get_or_init(|| {
        let provider = Sources(FxHashMap::default());
        let core = analyze_core(&provider, &["dart:core", "dart:async", "dart:collection"]);
        core.world.to_bytes()
    });
    World::core(bytes).expect("the core was just written")
}

fn analyze(source: &str) -> Analysis {
    let mut files = FxHashMap::default();
    files.insert("file:///main.dart".to_string(), source.to_string());
    analyze_program(
        core(),
        "file:///main.dart",
        &Sources(files),
        ProgramOptions::default(),
    )
}

/// Compares the bodies of a program, and its problems, with the text expected (indentation aside).
#[track_caller]
fn check(source: &str, expected: &str) {
    let analysis = analyze(source);
    let mut found = String::new();
    for (member, body) in &analysis.bodies {
        found += &dump::body(&analysis.world, *member, body);
        found.push('\n');
    }
    found += &problems(&analysis);
    same(&found, expected);
}

/// Checks only what is reported, as `line: message`.
#[track_caller]
fn check_problems(source: &str, expected: &str) {
    same(&problems(&analyze(source)), expected);
}

fn problems(analysis: &Analysis) -> String {
    let mut found = String::new();
    for problem in &analysis.problems {
        let file = analysis.world.file(problem.file);
        let line = match &file.source {
            Some(source) => source.line_column(problem.diagnostic.span.start).line,
            None => 0,
        };
        found += &format!("{line}: {}\n", problem.diagnostic.message);
    }
    found
}

#[track_caller]
fn same(found: &str, expected: &str) {
    let clean = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| line.trim().to_string())
            .filter(|line| !line.is_empty())
            .collect()
    };
    assert_eq!(clean(found), clean(expected), "found:\n{found}");
}

#[test]
fn a_name_that_is_not_there_is_reported_once() {
    let analysis = analyze("void main() {\n  final count = 1;\n  cuont.foo(cuont);\n}");
    let messages: Vec<&str> = analysis
        .problems
        .iter()
        .map(|p| &*p.diagnostic.message)
        .collect();
    assert!(!messages.is_empty());
    assert!(
        messages.iter().all(|message| message.contains("cuont")),
        "{messages:?}"
    );
}

#[test]
fn numbers_have_their_special_types() {
    check(
        "void main() { int i = 1; double d = 2; num n = i + d; d += 1; d = i * 2.0; var r = 7.clamp(1, 9) + -i; }",
        "main(): void
           var int i0 = 1
           var double d1 = 2.0
           var num n2 = i0.+(d1):double
           (d1 = d1.+(1.0):double)
           (d1 = i0.*(2.0):double)
           var int r3 = 7.clamp(1, 9):int.+(i0.unary-():int):int",
    );
}

#[test]
fn locals_are_promoted() {
    check(
        "int f(Object? o, int? n) { if (o is String && n != null) return o.length + n; n ??= 1; return n; }
         void main() {}",
        "f(Object? o0, int? n1): int
           if ((o0 is String) && !(n1 == null))
             return (o0 : String).length:int.+((n1 : int)):int
           ((n1 == null) ? (n1 = 1) : null):int?
           return (n1 : int)
         main(): void",
    );
}

#[test]
fn null_aware_chains_are_skipped_as_a_whole() {
    check(
        "class A { A? next; int v = 0; A self() => this; }
         void f(A? a) { a?.next?.self().v++; a?.next!.v = 2; } void main() {}",
        "A.v(): int
           return 0
         A.self(): A
           return this
         f(A? a0): void
           let :t1 = a0 in ((:t1 == null) ? null : let :t2 = (:t1 : A).next:A? in ((:t2 == null) ? null : let :t3 = (:t2 : A).self():A in (:t3.v = :t3.v:int.+(1):int)):int?):int?
           let :t4 = a0 in ((:t4 == null) ? null : ((:t4 : A).next:A?!.v = 2)):int?
         main(): void
         A.new(): A
           : v = 0
           : super Object.new() ;",
    );
}

#[test]
fn pattern_assignments_match_before_they_assign() {
    check(
        "void main() { var a = 1, b = 2; (a, b) = (b, a); }",
        "main(): void
           var int a0 = 1
           var int b1 = 2
           let :t2 = record(b1, a0) in do
           var int :t4
           var int :t6
           var int :t3 = :t2.$1
           (:t4 = :t3)
           var int :t5 = :t2.$2
           (:t6 = :t5)
           (a0 = :t4)
           (b1 = :t6)
           => :t2",
    );
}

#[test]
fn arguments_keep_their_order() {
    check(
        "int f(int a, {int b = 0}) => a; int g() => 1; void main() { f(b: g(), g()); f(g(), b: g()); }",
        "f(int a0, {}int b1 = 0): int
           return a0
         g(): int
           return 1
         main(): void
           let :t0 = g():int in let :t1 = g():int in f(:t1, b: :t0):int
           f(g():int, b: g():int):int",
    );
}

#[test]
fn closures_take_types_from_their_context() {
    check(
        "int f<T, U>(T a, U Function(T) b, int Function(U) c) => c(b(a));
         void main() { f(1, (x) => '$x', (y) => y.length); int Function(int) g = (x) { return x; }; }",
        "f<T, U>(T a0, U Function(T) b1, int Function(U) c2): int
           return call c2(call b1(a0):U):int
         main(): void
           f<int, String>(1, {(int x0): String
           return interpolate(x0) }, {(String y1): int
           return y1.length:int }):int
           var int Function(int) g3 = {(int x2): int
           return x2 }",
    );
}

#[test]
fn collections_with_control_flow_become_statements() {
    check(
        "void main() { List<int>? more; var l = [1, if (more == null) 2 else 3, ...?more, for (var i in l0) i * 2.0]; }
         const l0 = [1];",
        "main(): void
           var List<int>? more0 = null
           var List<num> l4 = let :t2 = <num>[1] in do
           if (more0 == null)
           :t2.add(2):void
           else
           :t2.add(3):void
           var List<int>? :t3 = more0
           if !(:t3 == null)
           :t2.addAll((:t3 : List<int>)):void
           block
           L0: for int i1 in #const <int>[1]
           :t2.add(i1.*(2.0):double):void
           => :t2",
    );
}

#[test]
fn problems_say_what_to_do() {
    check_problems(
        "class A { int value = 0; void run() {} static int s = 1; }
         int f(A? a, int n) {
           a.run();
           A().valeu = 1;
           int x;
           print(x);
           String t = n;
           n = null;
           A(1);
           unknown();
           A.s = 'text';
           final y = 1;
           y = 2;
           f(null);
         }
         void main() {}",
        "2: the end of this function can be reached without a 'return': a value of type 'int' is wanted
         3: 'run' cannot be used on a value of type 'A?', which may be null: check for null first, or use '?.' or '!'
         4: no setter 'valeu' in type 'A'; did you mean 'value'?
         6: 'x' may have no value yet here: assign it on every way that leads here
         7: this initial value must be of type 'String', but is of type 'int'
         8: this value must be of type 'int', but is of type 'Null'
         9: expected 0 positional argument(s), found 1
         10: nothing named 'unknown' is in scope here
         11: this value must be of type 'int', but is of type 'String'
         13: 'y' cannot be assigned again: it is final
         14: expected 2 positional argument(s), found 1",
    );
}
