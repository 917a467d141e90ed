//! The outline, on sources in Dart: what is declared, and what is reported.

use std::fmt::Write;

use rustc_hash::FxHashMap;

use crate::analysis::{Analysis, ProgramOptions, analyze_core, analyze_program};
use crate::load::SourceProvider;
use crate::model::{
    Class, ClassKind, FormalKind, LibraryId, Member, MemberFlags, MemberId, MemberKind, Owner,
    ParamKind, Problem, World,
};

/// Files by URI; a miniature core unless the test has its own.
struct Sources(FxHashMap<String, String>);

impl SourceProvider for Sources {
    fn read(&self, uri: &str) -> Result<Vec<u8>, String> {
        let text = self.0.get(uri).ok_or("there is no such file")?;
        Ok(text.clone().into_bytes())
    }
}

const CORE: &str = "
import 'dart:async';
export 'dart:async' show Future;
class Object { const Object(); external bool operator ==(Object other); external int get hashCode;
  external String toString(); external dynamic noSuchMethod(Invocation invocation); external Type get runtimeType; }
class Null {} class Invocation {} class Type {} class bool {} abstract class num {} abstract class int extends num {}
abstract class double extends num {} abstract class String {} abstract class Function {} abstract class Record {}
abstract class Iterable<E> {} abstract class List<E> extends Iterable<E> {} abstract class Symbol {} abstract class StackTrace {}
abstract class Enum { int get index; }
abstract class _Enum implements Enum { final int index; final String _name; const _Enum(this.index, this._name); }
abstract class Comparable<T> { int compareTo(T other); }
void print(Object? object) {}
";

fn core_world() -> World {
    let mut files = FxHashMap::default();
    files.insert("dart:core".to_string(), CORE.to_string());
    let async_text = "class FutureOr<T> {} abstract class Future<T> {}";
    files.insert("dart:async".to_string(), async_text.to_string());
    let core = analyze_core(&Sources(files), &["dart:core"]);
    assert_eq!(problems(&core.world, &core.problems), "");
    core.world
}

fn analyze(sources: &[(&str, &str)]) -> Analysis {
    let files = sources
        .iter()
        .map(|&(name, text)| (format!("file:///{name}"), text.to_string()))
        .collect();
    let entry = format!("file:///{}", sources[0].0);
    analyze_program(
        core_world(),
        &entry,
        &Sources(files),
        ProgramOptions::default(),
    )
}

/// Compares the declarations and problems of a program of one file with the text expected.
#[track_caller]
fn check(source: &str, expected: &str) {
    check_files(&[("main.dart", source)], expected);
}

#[track_caller]
fn check_files(sources: &[(&str, &str)], expected: &str) {
    let analysis = analyze(sources);
    let world = &analysis.world;
    let mut found = String::new();
    for library in (0..world.libraries.len()).map(|index| LibraryId(index as u32)) {
        if world.library(library).uri.starts_with("file:") {
            dump_library(world, library, &mut found);
        }
    }
    found += &problems(world, &analysis.problems);
    let clean = |text: &str| -> String {
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert!(
        clean(&found) == clean(expected),
        "found:\n{found}\nexpected:\n{expected}"
    );
}

fn problems(world: &World, problems: &[Problem]) -> String {
    let mut out = String::new();
    for problem in problems {
        let file = world.file(problem.file);
        let place = file.source.as_ref().map_or_else(
            || "?".to_string(),
            |source| {
                source
                    .line_column(problem.diagnostic.span.start)
                    .to_string()
            },
        );
        let name = file.display.rsplit('/').next().unwrap_or_default();
        let diagnostic = &problem.diagnostic;
        let _ = writeln!(
            out,
            "{name}:{place} {}: {}",
            diagnostic.code, diagnostic.message
        );
    }
    out
}

fn dump_library(world: &World, library: LibraryId, out: &mut String) {
    let data = world.library(library);
    for &class in &data.classes {
        let class = world.class(class);
        dump_class(world, class, out);
    }
    for extension in world.extensions.iter().filter(|e| e.library == library) {
        let name = extension.name.map_or("", |name| name.as_str());
        let _ = writeln!(out, "extension {name} on {}", world.show(extension.on));
        for &member in &extension.members {
            dump_member(world, member, out);
        }
    }
    for typedef in world.typedefs.iter().filter(|t| t.library == library) {
        let ty = typedef
            .ty
            .get()
            .map_or_else(String::new, |&ty| world.show(ty));
        let _ = writeln!(out, "typedef {} = {ty}", typedef.name);
    }
    for &member in &data.members {
        dump_member(world, member, out);
    }
}

fn dump_class(world: &World, class: &Class, out: &mut String) {
    let kind = match class.kind {
        ClassKind::Class | ClassKind::MixinClass => "class",
        ClassKind::Mixin => "mixin",
        ClassKind::Enum => "enum",
        ClassKind::Application => "application",
        ClassKind::ExtensionType => "extension type",
    };
    let params: Vec<String> = class
        .type_params
        .iter()
        .map(|&param| {
            let bound = world.bound(param);
            let name = world.type_param(param).name;
            if bound == crate::types::Ty::OBJECT_N {
                name.to_string()
            } else {
                format!("{name} extends {}", world.show(bound))
            }
        })
        .collect();
    let params = if params.is_empty() {
        String::new()
    } else {
        format!("<{}>", params.join(", "))
    };
    let _ = write!(out, "{kind} {}{params}", class.name);
    for (word, types) in [
        ("extends", class.supertype.as_slice()),
        ("with", class.mixin.as_slice()),
        ("implements", &class.interfaces),
        ("on", &class.on),
    ] {
        let shown: Vec<String> = types
            .iter()
            .filter(|&&ty| ty != crate::types::Ty::OBJECT)
            .map(|&ty| world.show(ty))
            .collect();
        if !shown.is_empty() {
            let _ = write!(out, " {word} {}", shown.join(", "));
        }
    }
    if !class.sealed_subclasses.is_empty() {
        let names: Vec<&str> = class
            .sealed_subclasses
            .iter()
            .map(|&c| world.class(c).name.as_str())
            .collect();
        let _ = write!(out, " [{}]", names.join(", "));
    }
    let _ = writeln!(out);
    for &member in &class.members {
        dump_member(world, member, out);
    }
}

fn dump_member(world: &World, id: MemberId, out: &mut String) {
    let member: &Member = world.member(id);
    let flags = member.flags;
    let mut words = String::new();
    for (flag, word) in [
        (MemberFlags::SYNTHETIC, "synthetic "),
        (MemberFlags::EXTERNAL, "external "),
        (MemberFlags::ABSTRACT, "abstract "),
        (MemberFlags::COVARIANT, "covariant "),
        (MemberFlags::LATE, "late "),
        (MemberFlags::CONST, "const "),
    ] {
        if flags.contains(flag) {
            words += word;
        }
    }
    if flags.contains(MemberFlags::STATIC) && matches!(member.owner, Owner::Class(_)) {
        let is_constructor = matches!(
            member.kind,
            MemberKind::Constructor | MemberKind::Factory | MemberKind::RedirectingFactory
        );
        if !is_constructor {
            words += "static ";
        }
    }
    let kind = match member.kind {
        MemberKind::Method => "method",
        MemberKind::Getter => "get",
        MemberKind::Setter => "set",
        MemberKind::Field if flags.contains(MemberFlags::FINAL) => "final",
        MemberKind::Field => "var",
        MemberKind::Constructor => "constructor",
        MemberKind::Factory => "factory",
        MemberKind::RedirectingFactory => "redirecting factory",
    };
    let params: Vec<String> = member
        .params
        .iter()
        .map(|param| {
            let mut text = String::new();
            match param.kind {
                ParamKind::Required => {}
                ParamKind::OptionalPositional => text += "[]",
                ParamKind::Named => text += "{}",
                ParamKind::RequiredNamed => text += "{required}",
            }
            if param.covariant {
                text += "covariant ";
            }
            text += &world.show(param.ty);
            text += match param.formal {
                FormalKind::Plain => " ",
                FormalKind::Field => " this.",
                FormalKind::Super => " super.",
            };
            text + param.name.as_str()
        })
        .collect();
    let params = match member.kind {
        MemberKind::Field | MemberKind::Getter => String::new(),
        _ => format!("({})", params.join(", ")),
    };
    let redirect = match &member.redirect {
        Some((target, types)) => {
            let target = world.member(*target);
            let class = match target.owner {
                Owner::Class(class) => world.class(class).name.as_str(),
                _ => "",
            };
            let types: Vec<String> = types.iter().map(|&ty| world.show(ty)).collect();
            format!(" = {class}<{}>.{}", types.join(", "), target.name)
        }
        None => String::new(),
    };
    let ty = world.show(world.ty(id));
    let _ = writeln!(
        out,
        "  {words}{kind} {}{params}: {ty}{redirect}",
        member.name
    );
}

#[test]
fn members_have_their_written_types() {
    check(
        "class A<T extends num> {
           final T x; int? y = 1; static late List<A> all;
           A(this.x, {required this.y});
           A.named(T v, [int w = 1]) : x = v;
           factory A.make() = B<T>;
           T get z => x; set z(value) {} R m<R>(R f(T t)) => f(x);
           int operator [](int i) => i; operator []=(int i, v) {}
         }
         class B<T extends num> extends A<T> { B() : super.named(throw 1); }
         main() {} late final int top; const c = 1;",
        "class A<T extends num>
           final x: T
           var y: int?
           late static var all: List<A<num>>
           constructor new(T this.x, {required}int? this.y): A<T>
           constructor named(T v, []int w): A<T>
           redirecting factory make(): A<T> = B<T>.new
           get z: T
           set z(dynamic value): void
           method m(R Function(T) f): R
           method [](int i): int
           method []=(int i, dynamic v): void
         class B<T extends num> extends A<T>
           constructor new(): B<T>
         method main(): dynamic
         late final top: int
         const final c: int",
    );
}

#[test]
fn mixins_make_applications() {
    check(
        "class S<T> { final T a; const S(this.a, {int b = 1}); S._p(this.a); factory S.f() => throw 1; }
         mixin M<T> on S<T> { T get m => a; }
         mixin N {}
         class C<X extends num, Y> extends S<List<X>> with M, N { C() : super(throw 1); }
         class D = S<int> with N;
         sealed class P {} class Q extends P with N {} class R implements P {} mixin O on P {} ",
        "class S<T>
           final a: T
           const constructor new(T this.a, {}int b): S<T>
           constructor _p(T this.a): S<T>
           factory f(): S<T>
         mixin M<T> on S<T>
           get m: T
         mixin N
         class C<X extends num, Y> extends S&M&N<X>
           constructor new(): C<X, Y>
         class D extends S<int> with N
           synthetic const constructor new(int a, {}int b): D
           synthetic constructor _p(int a): D
         class P [Q, R, O]
           synthetic constructor new(): P
         class Q extends P&N
           synthetic constructor new(): Q
         class R implements P
           synthetic constructor new(): R
         mixin O on P
         application S&M<X extends num> extends S<List<X>> with M<List<X>>
           synthetic const constructor new(List<X> a, {}int b): S&M<X>
           synthetic constructor _p(List<X> a): S&M<X>
         application S&M&N<X extends num> extends S&M<X> with N
           synthetic const constructor new(List<X> a, {}int b): S&M&N<X>
           synthetic constructor _p(List<X> a): S&M&N<X>
         application P&N extends P with N
           synthetic constructor new(): P&N
         main.dart:1:1 no-main: the program has no `main`; add `void main() { … }`",
    );
}

#[test]
fn enums_have_values() {
    check(
        "enum E { a, b; static E? last; int get twice => 2; }
         enum G<T> implements Comparable<G> { x<int>(1), y.other('s'); final T v; const G(this.v); const G.other(this.v);
           int compareTo(G other) => 0; }
         main() {}",
        "enum E extends _Enum
           const static final a: E
           const static final b: E
           synthetic const static final values: List<E>
           static var last: E?
           get twice: int
           synthetic const constructor new(): E
         enum G<T> extends _Enum implements Comparable<G<dynamic>>
           const static final x: G<int>
           const static final y: G<String>
           synthetic const static final values: List<G<dynamic>>
           final v: T
           const constructor new(T this.v): G<T>
           const constructor other(T this.v): G<T>
           method compareTo(G<dynamic> other): int
         method main(): dynamic",
    );
}

#[test]
fn overriding_members_take_over_types() {
    check(
        "abstract class A<T> { T m(T a, {int? n}); set s(covariant T v); num get g; R h<R extends T>(R r); }
         abstract class B { num m(int a, {int? n}); }
         class C extends A<int> implements B {
           m(a, {n}) => 1; set s(v) {} get g => 1; h<S extends int>(r) => r; operator ==(o) => true; toString() => throw 1; }
         class F extends A<int> { var g = 2; late var s; m(a, {n, x}) => 1; h<S extends int>(r) => r; var own; }
         main() {}",
        "class A<T>
           abstract method m(T a, {}int? n): T
           abstract set s(covariant T v): void
           abstract get g: num
           abstract method h(R r): R
           synthetic constructor new(): A<T>
         class B
           abstract method m(int a, {}int? n): num
           synthetic constructor new(): B
         class C extends A<int> implements B
           method m(int a, {}int? n): int
           set s(covariant int v): void
           get g: num
           method h(S r): S
           method ==(Object o): bool
           method toString(): String
           synthetic constructor new(): C
         class F extends A<int>
           var g: num
           covariant late var s: int
           method m(int a, {}int? n, {}dynamic x): int
           method h(S r): S
           var own: dynamic
           synthetic constructor new(): F
         method main(): dynamic",
    );
}

#[test]
fn super_parameters_take_over_types() {
    check(
        "class A<T> { A(T x, [int? y]); A.n({required T k, String? l}); }
         class B extends A<num> { B(int a, super.x, [super.y]); B.m({required super.k, super.l}) : super.n(); B.e(super.x, super.q); }
         class P(final int x, {var String? y, int z = 1}) {}
         main() {}",
        "class A<T>
           constructor new(T x, []int? y): A<T>
           constructor n({required}T k, {}String? l): A<T>
         class B extends A<num>
           constructor new(int a, num super.x, []int? super.y): B
           constructor m({required}num super.k, {}String? super.l): B
           constructor e(num super.x, int? super.q): B
         class P
           final x: int
           var y: String?
           constructor new(int this.x, {}String? this.y, {}int z): P
         method main(): dynamic",
    );
}

#[test]
fn types_are_resolved() {
    check(
        "typedef F<T extends num> = T Function<X>(X, {required T name}); typedef int Old(String s);
         typedef R = (int, {String? b, int a}); typedef L<X> = List<X>;
         class A<T extends A<T>> {} class B<X extends List<Y>, Y extends int> {}
         A? a; B? b; F<int>? f; F? raw; late R r; L? l; L<int>? li; Future<void>? fu; dynamic d; Never? n;
         Object? Function(int)? fn; void g(int cb(String s)?) {}
         main() {}",
        "class A<T extends A<T>>
           synthetic constructor new(): A<T>
         class B<X extends List<Y>, Y extends int>
           synthetic constructor new(): B<X, Y>
         typedef F = T Function<X>(X, {required T name})
         typedef Old = int Function(String)
         typedef R = (int, {int a, String? b})
         typedef L = List<X>
           var a: A<A<dynamic>>?
           var b: B<List<int>, int>?
           var f: int Function<X>(X, {required int name})?
           var raw: num Function<X>(X, {required num name})?
           late var r: (int, {int a, String? b})
           var l: List<dynamic>?
           var li: List<int>?
           var fu: Future<void>?
           var d: dynamic
           var n: Null
           var fn: Object? Function(int)?
           method g(int Function(String)? cb): void
           method main(): dynamic",
    );
}

#[test]
fn imports_bring_names() {
    check_files(
        &[
            (
                "main.dart",
                "import 'a.dart'; import 'b.dart' as b show B, X; import 'dart:core'; import 'dart:core' as core; export 'b.dart' hide X; part 'p.dart';
                 A? a; b.B? x; core.int? i; List? shadowed; X? both; b.Hidden? h; q.Q? q;
                 main() {}",
            ),
            ("a.dart", "class A {} class X {} class List {} int get _hidden => 1;"),
            ("b.dart", "export 'a.dart' show A; class B {} class X {} class Hidden {}"),
            ("p.dart", "part of 'main.dart'; A? fromPart;"),
        ],
        "  var a: A?
           var x: B?
           var i: int?
           var shadowed: List?
           var both: X?
           var h: <error>
           var q: <error>
           method main(): dynamic
           var fromPart: A?
         class A
           synthetic constructor new(): A
         class X
           synthetic constructor new(): X
         class List
           synthetic constructor new(): List
           get _hidden: int
         class B
           synthetic constructor new(): B
         class X
           synthetic constructor new(): X
         class Hidden
           synthetic constructor new(): Hidden
         main.dart:2:72 unknown-type: there is no type `Hidden` here; declare it, import its library, or correct the name
         main.dart:2:83 unknown-prefix: `q` is no import prefix; import a library `as q` or write the type without it",
    );
}

#[test]
fn problems_are_told() {
    check(
        "class A extends A {} class B implements C {} class C extends B {} class D extends int? {} class E with B {}
         class F { int? x; int x() => 1; F.n(); F.n(this.y); static int x = 2; G() {} set s(v) {} get s => 1; }
         typedef T = List<T>; class H<X extends Y, Y extends X> {} List<int, int>? l; Unknown? u; main? m;
         void noBody(); abstract class I { void m(); int get g; } class J extends I {} class K extends I { noSuchMethod(i) => 1; }
         extension type W(int i) {} W? w; int twice = 1; int twice() => 2;
         main() {}",
        "class A
           synthetic constructor new(): A
         class B implements C
           synthetic constructor new(): B
         class C
           synthetic constructor new(): C
         class D
           synthetic constructor new(): D
         class E extends Object&B
           synthetic constructor new(): E
         class F
           var x: int?
           method x(): int
           constructor n(): F
           constructor n(dynamic this.y): F
           static var x: int
           method G(): dynamic
           set s(dynamic v): void
           get s: dynamic
         class H<X extends Y, Y>
           synthetic constructor new(): H<X, Y>
         class I
           abstract method m(): void
           abstract get g: int
           synthetic constructor new(): I
         class J extends I
           synthetic constructor new(): J
         class K extends I
           method noSuchMethod(Invocation i): dynamic
           synthetic constructor new(): K
         extension type W
         application Object&B with B
           synthetic const constructor new(): Object&B
         typedef T = <error>
           var l: List<int>?
           var u: <error>
           var m: <error>
           method noBody(): void
           var w: int?
           var twice: int
           method twice(): int
           method main(): dynamic
         main.dart:1:17 cyclic-supertypes: `A` is its own supertype; remove one `extends`, `implements`, `with` or `on` from the circle
         main.dart:1:62 cyclic-supertypes: `C` is its own supertype; remove one `extends`, `implements`, `with` or `on` from the circle
         main.dart:1:83 supertype-not-a-class: only a class, mixin or enum can be a supertype; name one without `?`
         main.dart:1:104 not-a-mixin: `B` cannot be mixed in; declare it as `mixin B` or `mixin class B`
         main.dart:2:32 duplicate-declaration: `x` is declared twice in this class; rename or remove one of the two
         main.dart:2:49 duplicate-declaration: `n` is declared twice in this class; rename or remove one of the two
         main.dart:2:58 unknown-field-formal: `F` has no field `y`; declare it, or drop the `this.`
         main.dart:2:73 static-and-instance: the static member `x` has the name of the field `x` of `F`, an instance member; rename one of the two
         main.dart:3:18 cyclic-typedef: the type alias `T` refers to itself; write out one of the types in the circle
         main.dart:3:52 cyclic-bound: the bound of `Y` leads back to `Y`; give it a bound that is no type parameter of this list
         main.dart:3:68 wrong-type-argument-count: `List` takes 1 type argument, but 2 are given
         main.dart:3:87 unknown-type: there is no type `Unknown` here; declare it, import its library, or correct the name
         main.dart:3:99 not-a-type: `main` is a function or variable, not a type
         main.dart:4:23 expected-token: expected a function body, found ';'
         main.dart:4:73 missing-implementation: `J` has no body for `g` of `I`, `m` of `I`; implement what is missing, or make the class abstract
         main.dart:5:62 duplicate-declaration: `twice` is declared twice in this library; rename or remove one of the two",
    );
}

#[test]
fn missing_files_are_told_once() {
    check(
        "import 'missing.dart'; import 'dart:html'; import 'dart:_x'; import 'package:p/p.dart';
         class A extends Missing {} Unknown? u;",
        "class A
           synthetic constructor new(): A
           var u: <error>
         main.dart:1:8 uri-not-found: cannot read `missing.dart`: there is no such file
         main.dart:1:31 uri-not-found: there is no library `dart:html` here (there is no such file)
         main.dart:1:51 uri-not-found: `dart:_x` is for the core libraries only
         main.dart:1:69 uri-not-found: cannot read `package:p/p.dart`: there is no package `p`; add it to pubspec.yaml and run `dart pub get`, or give --packages=FILE",
    );
}
