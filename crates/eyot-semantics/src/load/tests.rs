//! Which libraries a program consists of, and what is said about those that are missing.

use rustc_hash::FxHashMap;

use super::{Loader, Package, Packages, SourceProvider};
use crate::model::World;
use eyot_syntax::LanguageVersion;

struct Sources(FxHashMap<String, Vec<u8>>);

impl SourceProvider for Sources {
    fn read(&self, uri: &str) -> Result<Vec<u8>, String> {
        match self.0.get(uri) {
            Some(bytes) => Ok(bytes.clone()),
            None => Err("the file does not exist".to_string()),
        }
    }

    fn display(&self, uri: &str) -> String {
        uri.rsplit('/').next().unwrap_or(uri).to_string()
    }
}

/// Loads the first file; compares the libraries with their imports, and the problems, with the text expected.
#[track_caller]
fn check(sources: &[(&str, &str)], expected: &str) {
    let mut files: FxHashMap<String, Vec<u8>> = sources
        .iter()
        .map(|&(uri, text)| (uri.to_string(), text.as_bytes().to_vec()))
        .collect();
    files.insert(
        "file:///bytes.dart".to_string(),
        b"main() {}\n\xFF".to_vec(),
    );
    for core in ["dart:core", "dart:io", "dart:_internal"] {
        files.insert(core.to_string(), Vec::new());
    }
    let provider = Sources(files);
    let packages = Packages {
        list: vec![Package {
            name: "p".to_string(),
            root: "file:///p/".to_string(),
            lib: "file:///p/lib/".to_string(),
            version: Some(LanguageVersion::new(2, 19)),
        }],
    };
    let mut world = World::new();
    world
        .options
        .defines
        .insert("mode".to_string(), "fast".to_string());
    let mut core = Loader::new(&mut world, &provider, &packages, None);
    for library in ["dart:core", "dart:io", "dart:_internal"] {
        core.load(library);
    }
    let mut loader = Loader::new(&mut world, &provider, &packages, None);
    loader.load(sources[0].0);
    let loaded = loader.finish();
    let mut found = Vec::new();
    for library in &loaded {
        let data = world.library(library.id);
        let uri_of = |id| world.library(id).uri.to_string();
        let imports: Vec<String> = library.imports.iter().map(|i| uri_of(i.target)).collect();
        let files: Vec<&str> = data
            .files
            .iter()
            .map(|&f| &*world.file(f).display)
            .collect();
        let (major, minor) = data.version;
        found.push(format!(
            "{} {major}.{minor} [{}] imports {}",
            data.uri,
            files.join(" "),
            imports.join(" ")
        ));
    }
    let problems = world.problems.lock().unwrap();
    for problem in &*problems {
        let file = world.file(problem.file);
        let start = problem.diagnostic.span.start;
        let place = file.source.as_ref().unwrap().line_column(start);
        found.push(format!(
            "{}:{place} {}",
            file.display, problem.diagnostic.message
        ));
    }
    let wanted: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect();
    assert!(found == wanted, "found:\n{}", found.join("\n"));
}

#[test]
fn imports_are_followed_once() {
    check(
        &[
            (
                "file:///a/main.dart",
                "import '../b.dart'; import 'c.dart'; import 'package:p/p.dart'; main() {}",
            ),
            (
                "file:///b.dart",
                "import 'a/c.dart'; import 'a/main.dart'; import 'dart:core' as core;",
            ),
            (
                "file:///a/c.dart",
                "// @dart=3.0\nexport 'data:,int%20x%20=%201;'; part 'd.dart';",
            ),
            ("file:///a/d.dart", "part of 'c.dart';"),
            (
                "file:///p/lib/p.dart",
                "import 'src/q.dart'; import 'dart:_internal';",
            ),
            ("file:///p/lib/src/q.dart", "library q; part 'r.dart';"),
            ("file:///p/lib/src/r.dart", "part of q;"),
        ],
        "file:///a/main.dart 3.13 [main.dart] imports file:///b.dart file:///a/c.dart package:p/p.dart dart:core
         file:///b.dart 3.13 [b.dart] imports file:///a/c.dart file:///a/main.dart dart:core
         file:///a/c.dart 3.0 [c.dart d.dart] imports dart:core
         package:p/p.dart 2.19 [p.dart] imports package:p/src/q.dart dart:core
         data:,int%20x%20=%201; 3.13 [data:,int%20x%20=%201;] imports dart:core
         package:p/src/q.dart 2.19 [q.dart r.dart] imports dart:core
         p.dart:1:29 `dart:_internal` is for the core libraries only",
    );
}

#[test]
fn conditions_choose_the_library() {
    check(
        &[
            (
                "file:///main.dart",
                "import 'no.dart' if (dart.library.html) 'html.dart' if (dart.library.io) 'io.dart';
                 import 'no.dart' if (mode == 'slow') 'slow.dart' if (mode == 'fast') 'fast.dart';
                 import 'no.dart' if (dart.library._internal) 'io.dart';
                 part 'no.dart' if (dart.library.io) 'part.dart';",
            ),
            ("file:///io.dart", ""),
            ("file:///fast.dart", ""),
            ("file:///no.dart", ""),
            ("file:///part.dart", "part of 'main.dart';"),
        ],
        "file:///main.dart 3.13 [main.dart part.dart] imports file:///io.dart file:///fast.dart file:///no.dart dart:core
         file:///io.dart 3.13 [io.dart] imports dart:core
         file:///fast.dart 3.13 [fast.dart] imports dart:core
         file:///no.dart 3.13 [no.dart] imports dart:core",
    );
}

#[test]
fn what_is_missing_is_told() {
    check(
        &[
            (
                "file:///main.dart",
                "// @dart=9.9
                 import 'missing.dart'; import 'bytes.dart'; import 'dart:missing'; import 'dart:_internal'; import 'ftp://x/y';
                 import 'package:p'; import 'package:q/q.dart'; import 'part.dart';
                 part 'part.dart'; part 'part.dart'; part 'other.dart'; part 'bare.dart'; part 'named.dart'; part 'missing.dart';",
            ),
            ("file:///part.dart", "part of 'main.dart'; import 'dart:io';"),
            ("file:///other.dart", "part of 'another.dart';"),
            ("file:///named.dart", "part of some.name;"),
            ("file:///bare.dart", ""),
        ],
        "file:///main.dart 3.13 [main.dart part.dart other.dart bare.dart named.dart] imports file:///part.dart dart:core
         file:///part.dart 3.13 [part.dart] imports dart:io dart:core
         main.dart:1:1 language version 9.9 is not known here; the highest is 3.13
         main.dart:2:25 cannot read `missing.dart`: the file does not exist
         main.dart:2:48 cannot read `bytes.dart`: it is not UTF-8 text (line 2, column 1); save it as UTF-8
         main.dart:2:69 there is no library `dart:missing` here (the file does not exist)
         main.dart:2:92 `dart:_internal` is for the core libraries only
         main.dart:2:117 cannot read `ftp://x/y`: only file:, package:, dart: and data: URIs can be imported
         main.dart:3:25 cannot read `package:p`: `package:p` names no file; write package:p/FILE.dart
         main.dart:3:45 cannot read `package:q/q.dart`: there is no package `q`; add it to pubspec.yaml and run `dart pub get`, or give --packages=FILE
         part.dart:1:22 a part has no directives of its own; move this to the library
         main.dart:4:41 `part.dart` is a part already; leave one out
         main.dart:4:59 `file:///other.dart` is a part of `file:///another.dart`, not of `file:///main.dart`
         main.dart:4:78 `file:///bare.dart` does not say which library it is a part of; begin it with `part of '…';`
         main.dart:4:96 `file:///named.dart` is a part of library `some.name`; name this library so, or write `part of` with its URI
         main.dart:4:115 cannot read the part `missing.dart`: the file does not exist
         part.dart:1:1 `file:///part.dart` is a part and cannot be imported or run; name the library it is a part of",
    );
    check(&[("file:///bytes.dart", "")], "file:///bytes.dart 3.13 [bytes.dart] imports dart:core
         bytes.dart:1:1 cannot read `file:///bytes.dart`: it is not UTF-8 text (line 2, column 1); save it as UTF-8");
    check(&[("data:nothing", "")], "data:nothing 3.13 [data:nothing] imports dart:core
         data:nothing:1:1 cannot read `data:nothing`: a data: URI needs a comma before its contents");
}
