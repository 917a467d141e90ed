//! The cache of compiled programs, seen from outside: when it is used, and that nobody can tell otherwise.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder with a program of two files, large enough to be kept, and a cache of its own.
struct Fixture {
    folder: PathBuf,
}

const MAIN: &str = "
import 'greeting.dart';
void fail() => throw StateError('on purpose');
void main(List<String> arguments) {
  print(greeting());
  assert(arguments.isEmpty, 'asserts are on');
  print(const String.fromEnvironment('mode', defaultValue: 'none'));
  if (arguments.contains('fail')) fail();
}
";

/// Runs for so long that it is worth knowing what it uses.
const SLOW: &str = "
import 'dart:io';
import 'dart:isolate';
Future<void> main() async {
  sleep(const Duration(milliseconds: 30));
  final list = [3, 1, 2]..sort();
  print('start, $list, ${await Isolate.run(() => 'two isolates')}');
}
";

impl Fixture {
    fn new(name: &str) -> Fixture {
        let folder = std::env::temp_dir().join(format!("eyot-cache-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let fixture = Fixture { folder };
        fixture.put("main.dart", MAIN);
        fixture.put("greeting.dart", "export 'deep.dart';");
        fixture.put_greeting("hello");
        fixture
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.folder.join(name), text).unwrap();
    }

    fn put_greeting(&self, text: &str) {
        let filler = "// What is too small is not kept.\n".repeat(400);
        self.put(
            "deep.dart",
            &format!("{filler}String greeting() => '{text}';\n"),
        );
    }

    fn cache(&self) -> PathBuf {
        self.folder.join("cache")
    }

    fn entries(&self) -> Vec<PathBuf> {
        let Ok(files) = fs::read_dir(self.cache().join("programs")) else {
            return Vec::new();
        };
        files.map(|file| file.unwrap().path()).collect()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eyot"));
        command
            .env("EYOT_CACHE_DIR", self.cache())
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .args(arguments);
        command
    }

    /// Runs the program; what the cache said, in a word, and what the program said.
    fn run(&self, arguments: &[&str]) -> (String, String) {
        let output = self
            .command(&["run", "--trace-cache"])
            .args(arguments)
            .output()
            .unwrap();
        let errors = text(&output.stderr);
        let words: Vec<&str> = errors
            .lines()
            .filter_map(|line| line.strip_prefix("cache: "))
            .map(|line| line.split(" (").next().unwrap_or(line))
            .collect();
        let others: Vec<&str> = errors
            .lines()
            .filter(|line| !line.starts_with("cache: "))
            .collect();
        let said = format!("{}{}", text(&output.stdout), others.join("\n"));
        (words.join(", "), said)
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn expect(actual: (String, String), cache: &str, program: &str) {
    assert_eq!((actual.0.as_str(), actual.1.as_str()), (cache, program));
}

#[test]
fn an_unchanged_program_is_found_and_a_changed_one_is_not() {
    let fixture = Fixture::new("unchanged");
    let main = ["main.dart"];
    expect(fixture.run(&main), "miss, kept", "hello\nnone\n");
    expect(fixture.run(&main), "hit", "hello\nnone\n");
    fixture.put_greeting("other");
    expect(fixture.run(&main), "miss, kept", "other\nnone\n");
    expect(fixture.run(&main), "hit", "other\nnone\n");
    assert_eq!(fixture.entries().len(), 1);
    expect(
        fixture.run(&["--no-cache", "main.dart"]),
        "",
        "other\nnone\n",
    );
    // Contents count, not times.
    fixture.put_greeting("other");
    expect(fixture.run(&main), "hit", "other\nnone\n");
    fs::remove_file(fixture.folder.join("deep.dart")).unwrap();
    let (cache, said) = fixture.run(&main);
    assert_eq!(cache, "miss");
    assert!(said.contains("deep.dart"), "{said}");
}

#[test]
fn what_a_program_is_compiled_with_counts() {
    let fixture = Fixture::new("options");
    expect(fixture.run(&["main.dart"]), "miss, kept", "hello\nnone\n");
    let defined = ["-Dmode=fast", "main.dart"];
    expect(fixture.run(&defined), "miss, kept", "hello\nfast\n");
    expect(fixture.run(&defined), "hit", "hello\nfast\n");
    let (cache, said) = fixture.run(&["--enable-asserts", "main.dart", "x"]);
    assert_eq!(cache, "miss, kept");
    assert!(said.contains("asserts are on"), "{said}");
    expect(fixture.run(&["main.dart", "x"]), "hit", "hello\nnone\n");
    let config = r#"{"configVersion": 2, "packages": []}"#;
    fs::create_dir(fixture.folder.join(".dart_tool")).unwrap();
    fixture.put(".dart_tool/package_config.json", config);
    expect(fixture.run(&["main.dart"]), "miss, kept", "hello\nnone\n");
    expect(fixture.run(&["main.dart"]), "hit", "hello\nnone\n");
    fixture.put(".dart_tool/package_config.json", &format!("{config}\n"));
    expect(fixture.run(&["main.dart"]), "miss, kept", "hello\nnone\n");
}

#[test]
fn stack_traces_name_the_same_lines() {
    let fixture = Fixture::new("traces");
    let (_, fresh) = fixture.run(&["main.dart", "fail"]);
    let (cache, kept) = fixture.run(&["main.dart", "fail"]);
    assert_eq!(cache, "hit");
    assert_eq!(kept, fresh);
    assert!(kept.contains("main.dart:3"), "{kept}");
}

#[test]
fn damaged_entries_are_replaced() {
    let fixture = Fixture::new("damaged");
    let main = ["main.dart"];
    fixture.run(&main);
    let entry = fixture.entries().pop().unwrap();
    let good = fs::read(&entry).unwrap();
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 0x10;
    let mut wrong_core = good.clone();
    wrong_core[16] ^= 1;
    let damages: [&[u8]; 6] = [
        b"",
        b"no image at all",
        &good[..good.len() / 2],
        &flipped,
        &wrong_core,
        &vec![0; good.len()],
    ];
    for damage in damages {
        fs::write(&entry, damage).unwrap();
        expect(fixture.run(&main), "miss, kept", "hello\nnone\n");
        assert_eq!(fs::read(&entry).unwrap(), good);
    }
}

#[test]
fn many_processes_at_once_agree() {
    let fixture = Fixture::new("concurrent");
    let start = || {
        let mut command = fixture.command(&["run", "main.dart"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    for round in 0..4 {
        fixture.put_greeting(&format!("round {round}"));
        let processes: Vec<_> = (0..6).map(|_| start()).collect();
        for process in processes {
            let Output { stdout, stderr, .. } = process.wait_with_output().unwrap();
            assert_eq!(text(&stderr), "");
            assert_eq!(text(&stdout), format!("round {round}\nnone\n"));
        }
    }
    assert_eq!(fixture.entries().len(), 1);
}

#[test]
fn a_directory_that_cannot_be_written_is_no_trouble() {
    let fixture = Fixture::new("read-only");
    let output = |directory: &Path| {
        let mut command = fixture.command(&["run", "main.dart"]);
        let output = command.env("EYOT_CACHE_DIR", directory).output().unwrap();
        (text(&output.stdout), text(&output.stderr))
    };
    let expected = ("hello\nnone\n".to_owned(), String::new());
    // A file where the directory should be stops even root.
    assert_eq!(output(&fixture.folder.join("main.dart")), expected);
    let locked = fixture.folder.join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o500)).unwrap();
    assert_eq!(output(&locked), expected);
    assert_eq!(output(Path::new("")), expected);
}

#[test]
fn programs_started_by_uri_are_kept_too() {
    let fixture = Fixture::new("spawn");
    fixture.put(
        "spawner.dart",
        "import 'dart:isolate';
        void main() async {
          final done = ReceivePort();
          await Isolate.spawnUri(Uri.parse('main.dart'), [], null, onExit: done.sendPort);
          await done.first;
        }",
    );
    let spawner = ["spawner.dart"];
    let first = "miss, not kept, miss, kept";
    expect(fixture.run(&spawner), first, "hello\nnone\n");
    expect(
        fixture.run(&spawner),
        "miss, not kept, hit",
        "hello\nnone\n",
    );
}

#[test]
fn what_a_run_has_used_is_ready_in_the_next() {
    let fixture = Fixture::new("profile");
    fixture.put("main.dart", SLOW);
    let said = "start, [1, 2, 3], two isolates\n";
    let profile = || {
        let folder = fixture.cache().join("profiles");
        let files: Vec<_> = fs::read_dir(folder).unwrap().flatten().collect();
        assert_eq!(files.len(), 1);
        files[0].path()
    };
    expect(fixture.run(&["main.dart"]), "miss, not kept", said);
    let written = fs::read(profile()).unwrap();
    expect(fixture.run(&["main.dart"]), "miss, not kept", said);
    assert_eq!(fs::read(profile()).unwrap(), written);
    // A damaged one is none, and replaced.
    let damaged = &written[..written.len() / 2];
    fs::write(profile(), damaged).unwrap();
    expect(fixture.run(&["main.dart"]), "miss, not kept", said);
    assert_ne!(fs::read(profile()).unwrap(), damaged);
    // What it says of another program is of no use.
    fixture.put("main.dart", &SLOW.replace("start", "begin"));
    let said = said.replace("start", "begin");
    expect(fixture.run(&["main.dart"]), "miss, not kept", &said);
    expect(fixture.run(&["main.dart"]), "miss, not kept", &said);
    fixture
        .command(&["cache", "clean"])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(!fixture.cache().join("profiles").exists());
}

#[test]
fn the_command_says_what_there_is_and_removes_it() {
    let fixture = Fixture::new("clean");
    fixture.run(&["main.dart"]);
    let said = |arguments: &[&str]| text(&fixture.command(arguments).output().unwrap().stdout);
    let info = said(&["cache"]);
    assert!(info.contains("1 compiled programs"), "{info}");
    assert_eq!(said(&["cache", "clean"]), "removed 1 compiled programs\n");
    assert_eq!(fixture.entries(), Vec::<PathBuf>::new());
    expect(fixture.run(&["main.dart"]), "miss, kept", "hello\nnone\n");
}
