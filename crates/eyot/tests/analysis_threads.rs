//! However many threads analyse a program, it comes out the same: bytecode and problems.

use std::path::{Path, PathBuf};

use eyot::{Options, Script};

/// The programs below a folder.
fn programs(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            programs(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "dart")
        {
            found.push(path);
        }
    }
}

/// The program as text, or what is wrong with it.
fn outcome(program: &Path, threads: usize) -> String {
    let options = Options {
        analysis_threads: Some(threads),
        ..Options::default()
    };
    match eyot::disassemble(&Script::new(program), &options) {
        Ok(text) => text,
        Err(error) => error.to_string(),
    }
}

#[test]
fn programs_come_out_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/programs");
    let mut all = Vec::new();
    programs(&folder, &mut all);
    assert!(all.len() > 50, "the programs are in {}", folder.display());
    for program in all {
        let alone = outcome(&program, 1);
        for threads in [2, 4] {
            let together = outcome(&program, threads);
            assert!(
                alone == together,
                "{} with {threads} threads",
                program.display()
            );
        }
    }
}
