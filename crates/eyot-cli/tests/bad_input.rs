//! Input that no program is: clear errors and the right exit status, never a crash.
//!
//! What a file in the tree can hold is in `tests/programs/bad/`; here is what has to be made.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder of this test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path =
            std::env::temp_dir().join(format!("eyot-bad-input-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder can be made");
        Folder(path)
    }

    fn file(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, contents).expect("a file can be written");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn eyot(arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eyot"));
    command
        .env("EYOT_CACHE_DIR", "")
        .stdin(Stdio::null())
        .args(arguments.iter().map(|argument| argument.as_ref()));
    command.output().expect("eyot starts")
}

/// The program is refused with status 254; what is said.
fn refused(path: &Path) -> String {
    let output = eyot(&[&"run", &path]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let shown: String = stderr.chars().take(2000).collect();
    assert_eq!(output.status.code(), Some(254), "{shown}");
    assert!(output.stdout.is_empty());
    assert!(
        stderr
            .lines()
            .next()
            .is_some_and(|line| line.contains(": error: ")),
        "{shown}"
    );
    assert!(!stderr.contains("panicked"), "{shown}");
    stderr
}

#[test]
fn a_missing_file() {
    let said = refused(Path::new("/no/such/file.dart"));
    assert!(said.contains("does not exist"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_directory() {
    let folder = Folder::new("directory");
    assert!(refused(&folder.0).contains("directory"));
}

#[test]
fn bytes_that_are_not_utf_8() {
    let folder = Folder::new("utf8");
    let file = folder.file(
        "latin1.dart",
        b"void main() {\n  print('gr\xfc\xdfe');\n}\n",
    );
    let said = refused(&file);
    assert!(
        said.contains("not UTF-8 text (line 2, column 12)"),
        "{said}"
    );
}

#[test]
fn a_megabyte_of_random_bytes() {
    let folder = Folder::new("random");
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let bytes: Vec<u8> = (0..1 << 17).flat_map(|_| next().to_le_bytes()).collect();
    refused(&folder.file("bytes.dart", bytes));
    // The same as characters, so that the parser sees them.
    let text: String = (0..1 << 20)
        .map(|_| char::from((next() % 95 + 32) as u8))
        .collect();
    refused(&folder.file("text.dart", text));
}

#[test]
fn a_hundred_thousand_nested_parentheses() {
    let folder = Folder::new("nested");
    let (open, close) = ("(".repeat(100_000), ")".repeat(100_000));
    refused(&folder.file("open.dart", format!("void main() {{ print({open}; }}")));
    let closed = folder.file(
        "closed.dart",
        format!("void main() {{ print({open}1{close}); }}"),
    );
    let output = eyot(&[&"run", &closed]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    // Running it would be right, too.
    assert!(
        matches!(output.status.code(), Some(0 | 69 | 254)),
        "{:?} {stderr}",
        output.status
    );
}

#[test]
fn other_deep_nesting() {
    let folder = Folder::new("deep");
    for (name, open, close) in [
        ("lists", "[", "]"),
        ("blocks", "{", "}"),
        ("calls", "f(", ")"),
        ("minus", "- ", ""),
        ("nots", "!", ""),
    ] {
        let text = format!(
            "f(x) => x; void main() {{ var x = {}1{}; }}",
            open.repeat(30_000),
            close.repeat(30_000)
        );
        let output = eyot(&[&"run", &folder.file(&format!("{name}.dart"), text)]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let shown: String = stderr.chars().take(500).collect();
        assert!(
            matches!(output.status.code(), Some(0 | 69 | 254 | 255)),
            "{name}: {:?} {shown}",
            output.status
        );
    }
}

#[test]
fn packages_that_are_not_there() {
    let folder = Folder::new("packages");
    let file = folder.file(
        "main.dart",
        "import 'package:nothing/a.dart'; void main() {}",
    );
    assert!(refused(&file).contains("package `nothing`"));
    let config = folder.file("config.json", "{\"configVersion\": 2");
    let output = eyot(&[&"run", &"--packages", &config, &file]);
    assert_eq!(output.status.code(), Some(254));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no JSON"));
}

#[test]
fn wrong_usage_is_status_64() {
    assert_eq!(
        eyot(&[&"run", &"--no-such-flag", &"x.dart"]).status.code(),
        Some(64)
    );
    assert_eq!(eyot(&[]).status.code(), Some(64));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let folder = Folder::new("pipe");
    let file = folder.file(
        "loud.dart",
        "void main() { for (int i = 0; i < 20000; i++) print('line $i'); }",
    );
    let mut child = Command::new(env!("CARGO_BIN_EXE_eyot"))
        .env("EYOT_CACHE_DIR", "")
        .arg("run")
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("eyot starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("eyot ends");
    assert_eq!(output.status.code(), Some(0));
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
