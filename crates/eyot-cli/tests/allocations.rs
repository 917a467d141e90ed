//! What loops over numbers allocate: nothing. Counted by the heap, and visible in the bytecode.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

const LOOPS: [&str; 3] = ["gravity", "escape", "product"];

fn program() -> PathBuf {
    [
        env!("CARGO_MANIFEST_DIR"),
        "tests/allocations/inner_loops.dart",
    ]
    .iter()
    .collect()
}

fn eyot(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_eyot"))
        .env("EYOT_CACHE_DIR", "")
        .stdin(Stdio::null())
        .args(arguments)
        .output()
        .expect("eyot starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {stderr}");
    output
}

/// The last line that `--count-allocations` prints for a loop of so many rounds.
fn allocations(name: &str, rounds: &str) -> String {
    let program = program();
    let path = program.to_str().expect("the path is text");
    let output = eyot(&["run", "--count-allocations", path, name, rounds]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let last = stderr.lines().last().unwrap_or_default();
    assert!(last.starts_with("allocations: "), "{stderr}");
    last.to_owned()
}

/// The instructions of a function, without its head.
fn bytecode<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let head = format!("func {name}#");
    let mut lines = text.lines().skip_while(|line| !line.starts_with(&head));
    assert!(lines.next().is_some(), "{name} is in the listing");
    lines
        .take_while(|line| *line != "}")
        .map(str::trim)
        .collect()
}

/// The instructions between the first and the last jump target.
fn inner_loops<'a>(code: &[&'a str]) -> Vec<&'a str> {
    let is_target = |line: &&str| line.starts_with('L') && line.ends_with(':');
    let first = code.iter().position(&is_target);
    let last = code.iter().rposition(is_target);
    let (Some(first), Some(last)) = (first, last) else {
        panic!("there is a loop");
    };
    code[first..last].to_vec()
}

#[test]
fn loops_over_numbers_allocate_nothing_in_any_round() {
    for name in ["escape", "product"] {
        assert_eq!(allocations(name, "10"), allocations(name, "5000"), "{name}");
    }
}

#[test]
fn a_loop_over_objects_allocates_one_iterator_and_no_number() {
    let count = |rounds: u64| {
        let line = allocations("gravity", &rounds.to_string());
        let (objects, numbers) = line
            .trim_start_matches("allocations: ")
            .split_once(" objects, ")
            .expect("objects come first");
        let objects: u64 = objects.parse().expect("a number");
        (objects - rounds, numbers.to_owned())
    };
    assert_eq!(count(10), count(5000));
}

#[test]
fn the_bytecode_of_the_loops_has_no_instruction_that_boxes() {
    let program = program();
    let listing = eyot(&["disasm", program.to_str().expect("the path is text")]);
    let listing = String::from_utf8_lossy(&listing.stdout).into_owned();
    for name in LOOPS {
        let code = bytecode(&listing, name);
        for line in inner_loops(&code) {
            let opcode = line.split_whitespace().next().unwrap_or_default();
            assert!(
                !["box.d", "box.i", "new", "record", "closure", "cell.new.w"].contains(&opcode),
                "{name}: {line}"
            );
        }
    }
    // Doubles travel raw in calls, too.
    let product = bytecode(&listing, "product");
    assert!(
        product.iter().any(|line| line.starts_with("call.s d")),
        "{product:#?}"
    );
}
