//! The body phase, on sources in Dart: the typed tree of `main` (and what it names) beside the source.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::dump;
use crate::analysis::{Analysis, ProgramOptions, analyze_core, analyze_program};
use crate::load::SourceProvider;
use crate::model::World;

/// The core libraries as they lie in the tree, and one program.
struct Sources(FxHashMap<String, String>);

impl SourceProvider for Sources {
    fn read(&self, uri: &str) -> Result<Vec<u8>, String> {
        if let Some(text) = self.0.get(uri) {
            return Ok(text.clone().into_bytes());
        }
        let name = uri.strip_prefix("dart:").ok_or("there is no such file")?;
        let lib = concat!(env!("CARGO_MANIFEST_DIR"), "/../eyot-corelib/lib");
        let path = if name.contains('/') {
            format!("{lib}/{name}")
        } else {
            format!("{lib}/{name}/{name}.dart")
        };
        std::fs::read(path).map_err(|error| error.to_string())
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
    for problem in &analysis.problems {
        let file = analysis.world.file(problem.file);
        let line = match &file.source {
            Some(source) => source.line_column(problem.diagnostic.span.start).line,
            None => 0,
        };
        found += &format!("{line}: {}\n", problem.diagnostic.message);
    }
    let clean = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| line.trim().to_string())
            .filter(|line| !line.is_empty())
            .collect()
    };
    assert_eq!(clean(&found), clean(expected), "found:\n{found}");
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
