//! How long the front end takes for programs of every shape, and for the same shape at twice the size.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::shapes::{SHAPES, Shape};

const RUNS: usize = 3;

/// Measures `eyot check` for the shapes named, or for all, and prints a table.
pub fn measure(eyot: &Path, names: &[String]) -> Result<(), String> {
    let folder = std::env::temp_dir().join(format!("eyot-front-end-{}", std::process::id()));
    println!("| program | size | lines | s | s at twice the size | ratio |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let wanted = |shape: &&Shape| names.is_empty() || names.iter().any(|name| name == shape.name);
    for shape in SHAPES.iter().filter(wanted) {
        let (lines, once) = time(eyot, shape, shape.size, &folder)?;
        let (_, twice) = time(eyot, shape, shape.size * 2, &folder)?;
        let (once, twice) = (once.as_secs_f64(), twice.as_secs_f64());
        println!(
            "| {}: {} | {} | {lines} | {once:.3} | {twice:.3} | {:.2} |",
            shape.name,
            shape.about,
            shape.size,
            twice / once
        );
    }
    std::fs::remove_dir_all(&folder).map_err(|error| error.to_string())
}

/// Writes the program of a shape; the path of its first file, and how many lines there are.
pub fn write(shape: &Shape, size: usize, folder: &Path) -> Result<(PathBuf, usize), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(failed)?;
    let files = shape.files(size);
    for (name, text) in &files {
        std::fs::write(folder.join(name), text).map_err(failed)?;
    }
    let lines = files.iter().map(|(_, text)| text.lines().count()).sum();
    let first = files.first().map_or("", |(name, _)| name);
    Ok((folder.join(first), lines))
}

/// Lines of the program, and the shortest time that checking it took.
fn time(
    eyot: &Path,
    shape: &Shape,
    size: usize,
    folder: &Path,
) -> Result<(usize, Duration), String> {
    let (program, lines) = write(shape, size, folder)?;
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        let output = Command::new(eyot)
            .arg("check")
            .arg(&program)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{}: {error}", eyot.display()))?;
        best = best.min(start.elapsed());
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            let first: Vec<&str> = text.lines().take(3).collect();
            return Err(format!("{} of {size}: {}", shape.name, first.join("\n")));
        }
    }
    Ok((lines, best))
}
