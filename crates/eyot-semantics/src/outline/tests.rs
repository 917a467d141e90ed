//! The outline, on sources in Dart: what is declared, and what is reported.

use std::fmt::Write;
use std::path::Path;

use rustc_hash::FxHashMap;

use crate::analysis::{Analysis, ProgramOptions, analyze_core, analyze_program};
use crate::load::SourceProvider;
use crate::model::{
    Class, ClassKind, FormalKind, LibraryId, Member, MemberFlags, MemberId, MemberKind, Owner,
    ParamKind, Problem, World,
};

/// The core libraries as they are in the tree.
struct CoreFiles;

impl SourceProvider for CoreFiles {
    fn read(&self, uri: &str) -> Result<Vec<u8>, String> {
        let rest = uri.strip_prefix("dart:").ok_or("not a core library")?;
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../eyot-corelib/lib");
        let path = match rest.split_once('/') {
            Some(_) => root.join(rest),
            None => root.join(rest).join(format!("{rest}.dart")),
        };
        std::fs::read(&path).map_err(|error| error.to_string())
    }
}

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
           final T x; int? y = 1; static List<A> all;
           A(this.x, {required this.y});
           A.named(T v, [int w = 1]) : x = v;
           factory A.make() = B<T>;
           T get z => x; set z(value) {} R m<R>(R f(T t)) => f(x);
           int operator [](int i) => i; operator []=(int i, v) {}
         }
         class B<T extends num> extends A<T> { B() : super.named(1); }
         main() {} late final int top; const c = 1;",
        "class A<T extends num>
           final x: T
           var y: int?
           static var all: List<A<num>>
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
         const final c: dynamic",
    );
}

/// The libraries in `eyot-corelib` resolve without a problem.
#[test]
fn the_core_libraries_are_clean() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../eyot-corelib/lib");
    let mut names: Vec<String> = std::fs::read_dir(root)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(format!("dart:{}", entry.ok()?.file_name().to_str()?)))
        .collect();
    names.sort();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let core = analyze_core(&CoreFiles, &names);
    let found = problems(&core.world, &core.problems);
    assert!(found.is_empty(), "{found}");
}
