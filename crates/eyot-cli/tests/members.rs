//! Touches every member that `docs/members/` lists: a program for each library reads the getters, tears off the methods and
//! constructors, applies the operators and writes what it has read. Where there is no sample of a class, what touches its members
//! is compiled and not run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// Expressions whose members are touched, by class.
const SAMPLES: &str = include_str!("members/samples.txt");

/// What every program begins with. A member that is missing says so itself.
const PRELUDE: &str = r"
import 'dart:async';
import 'dart:collection';
import 'dart:convert';
import 'dart:developer';
import 'dart:io';
import 'dart:isolate';
import 'dart:math';
import 'dart:typed_data';

enum Kind { a, b }

int touched = 0;

void touch(String name, dynamic Function() how) {
  touched++;
  try {
    final result = how();
    if (result is Future) result.ignore();
  } catch (error) {
    if (error is NoSuchMethodError || '$error'.contains('not supported yet')) print('$name: $error');
  }
}

void sample<T>(T Function() make, void Function(T) use) {
  final T x;
  try {
    x = make();
  } catch (error) {
    return print('$T has no sample: $error');
  }
  runZonedGuarded(() => use(x), (error, trace) {});
}
";

/// A line of a list.
struct Member<'a> {
    class: Option<&'a str>,
    name: &'a str,
    kind: &'a str,
}

fn members(list: &str) -> impl Iterator<Item = Member<'_>> {
    list.lines().skip(1).filter_map(|line| {
        let (path, kind) = line.split_once(' ')?;
        let kind = kind.split(';').next()?;
        let is_type = [
            "class",
            "mixin",
            "enum",
            "typedef",
            "extension",
            "extension type",
        ]
        .contains(&kind);
        if is_type || kind.starts_with("top-level") {
            return (!is_type).then_some(Member {
                class: None,
                name: path,
                kind,
            });
        }
        let (class, name) = path.split_once('.')?;
        Some(Member {
            class: Some(class),
            name,
            kind,
        })
    })
}

/// An expression or statement that touches a member, of `x` if it is one of an instance.
fn touch(member: &Member<'_>, is_read: bool) -> String {
    let name = member.name;
    let of = member
        .class
        .map_or(String::new(), |class| format!("{class}."));
    match member.kind {
        "constructor" | "constant" | "static method" | "static getter" | "static constant" => {
            format!("{of}{name}")
        }
        "top-level method" | "top-level getter" | "top-level constant" => name.to_owned(),
        "static setter" | "top-level setter" if is_read => format!("{of}{name} = {of}{name}"),
        "setter" | "extension setter" if is_read => format!("x.{name} = x.{name}"),
        // What it would be set to is not known: the closure is made and not called.
        "static setter" => format!("(dynamic v) {{ {of}{name} = v; }}"),
        "setter" => format!("(dynamic v) {{ x.{name} = v; }}"),
        "operator" => match name {
            "[]" => "x[0 as dynamic]".to_owned(),
            "[]=" => "x[0 as dynamic] = x[0 as dynamic]".to_owned(),
            "unary-" => "-x".to_owned(),
            "~" => "~x".to_owned(),
            _ => format!("x {name} (x as dynamic)"),
        },
        _ => format!("x.{name}"),
    }
}

fn program(list: &str, samples: &BTreeMap<&str, Vec<&str>>) -> (String, usize) {
    // Two libraries have a `log`.
    let hidden = if list.starts_with("# dart:math") {
        "dart:developer"
    } else {
        "dart:math"
    };
    let import = format!("import '{hidden}'");
    let mut source = PRELUDE.replace(&import, &format!("{import} hide log"));
    let mut main = String::new();
    let mut classes: BTreeMap<&str, String> = BTreeMap::new();
    let all: Vec<Member<'_>> = members(list).collect();
    let read: BTreeSet<(Option<&str>, &str)> = all
        .iter()
        .filter(|member| member.kind.ends_with("getter"))
        .map(|member| (member.class, member.name))
        .collect();
    let mut count = 0;
    for member in &all {
        let is_read = read.contains(&(member.class, member.name));
        let how = touch(member, is_read);
        let label = member
            .class
            .map_or(String::new(), |class| format!("{class}."));
        let line = format!("  touch(r'{label}{}', () => {how});\n", member.name);
        let is_of_instance = !["static", "top-level", "constructor", "constant"]
            .iter()
            .any(|start| member.kind.starts_with(start));
        match member.class.filter(|_| is_of_instance) {
            Some(class) => *classes.entry(class).or_default() += &line,
            None => {
                main += &line;
                count += 1;
            }
        }
    }
    for (class, lines) in &classes {
        // The members of an extension are those of what it is on.
        let of = samples.get(class).and_then(|samples| samples.first());
        let on = of.and_then(|sample| sample.strip_prefix("on "));
        let ty = on
            .and_then(|on| on.split_once(": "))
            .map_or(*class, |(on, _)| on);
        let _ = write!(source, "\nvoid touch_{class}({ty} x) {{\n{lines}}}\n");
        for sample in samples.get(class).into_iter().flatten() {
            let expression = sample
                .split_once(": ")
                .filter(|_| on.is_some())
                .map_or(*sample, |(_, sample)| sample);
            let _ = writeln!(main, "  sample(() => {expression}, touch_{class});");
            count += lines.lines().count();
        }
        if !samples.contains_key(class) {
            let _ = writeln!(main, "  touch_{class};");
        }
    }
    let _ = write!(
        source,
        "\nvoid main() {{\n{main}  print(touched);\n  exit(0);\n}}\n"
    );
    (source, count)
}

#[test]
fn every_listed_member_can_be_touched() {
    let mut samples: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in SAMPLES
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (class, sample) = line.split_once(' ').expect("a class and an expression");
        samples.entry(class).or_default().push(sample.trim());
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    let folder = folder.path();
    let lists = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/members");
    for entry in std::fs::read_dir(lists).expect("the lists are there") {
        let path = entry.expect("an entry").path();
        // Nearly all of `dart:ffi` are extensions that are called with static types: tests/programs/ffi does that.
        if path.ends_with("dart-ffi.txt") {
            continue;
        }
        let list = std::fs::read_to_string(&path).expect("a list");
        let (source, count) = program(&list, &samples);
        let file = folder.join(path.with_extension("dart").file_name().expect("a name"));
        std::fs::write(&file, source).expect("a file can be written");
        let output = Command::new(env!("CARGO_BIN_EXE_eyot"))
            .env("EYOT_CACHE_DIR", "")
            .arg("run")
            .arg(&file)
            .current_dir(folder)
            .stdin(std::process::Stdio::null())
            .output()
            .expect("eyot starts");
        let said = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        let missing = list
            .lines()
            .filter(|line| line.ends_with("; not supported yet"));
        let expected: BTreeSet<&str> = missing.filter_map(|line| line.split(' ').next()).collect();
        let mut lines: Vec<&str> = said.lines().collect();
        assert_eq!(
            lines.pop(),
            Some(&*count.to_string()),
            "{}: {said}{errors}",
            file.display()
        );
        let unexpected: Vec<&&str> = lines
            .iter()
            .filter(|line| !expected.contains(line.split(':').next().unwrap_or_default()))
            .collect();
        assert!(unexpected.is_empty(), "{}: {unexpected:#?}", file.display());
    }
}
