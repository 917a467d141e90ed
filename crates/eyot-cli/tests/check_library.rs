//! `eyot check` takes libraries, which need no `main`; `eyot run` does not.

use std::process::Command;

#[test]
fn a_library_can_be_checked_but_not_run() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("library.dart");
    std::fs::write(&file, "int twice(int n) => 2 * n;\n").expect("a file can be written");
    let status = |command: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_eyot"))
            .env("EYOT_CACHE_DIR", "")
            .arg(command)
            .arg(&file)
            .output()
            .expect("eyot starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), said)
    };
    assert_eq!(status("check"), (Some(0), String::new()));
    let (code, said) = status("run");
    assert_eq!(code, Some(254));
    assert!(said.contains("has no `main`"), "{said}");
}
