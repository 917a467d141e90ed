//! How long the front end takes for programs of every shape, and for the same shape at twice the size.
//!
//! Ratios are of processor time, which other work on the machine changes least.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::shapes::{SHAPES, Shape};

const RUNS: usize = 3;

/// Measures `eyot check` for the shapes named, or for all, and prints a table.
pub fn measure(eyot: &Path, names: &[String]) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = folder.path();
    println!("| program | size | lines | wall s | processor s | at twice the size | ratio |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    let wanted = |shape: &&Shape| names.is_empty() || names.iter().any(|name| name == shape.name);
    for shape in SHAPES.iter().filter(wanted) {
        let (lines, once) = time(eyot, shape, shape.size, folder)?;
        let (_, twice) = time(eyot, shape, shape.size * 2, folder)?;
        println!(
            "| {}: {} | {} | {lines} | {:.2} | {:.2} | {:.2} | {} |",
            shape.name,
            shape.about,
            shape.size,
            once.wall,
            once.processor,
            twice.processor,
            ratio(twice.processor, once.processor)
        );
    }
    Ok(())
}

/// How many times as long; a dash where the clock has seen nothing.
fn ratio(twice: f64, once: f64) -> String {
    match once > 0.0 {
        true => format!("{:.1}", twice / once),
        false => "–".to_owned(),
    }
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

/// Seconds that a check took.
struct Seconds {
    wall: f64,
    processor: f64,
}

/// Lines of the program, and the least that checking it took.
fn time(
    eyot: &Path,
    shape: &Shape,
    size: usize,
    folder: &Path,
) -> Result<(usize, Seconds), String> {
    let (program, lines) = write(shape, size, folder)?;
    let mut best = Seconds {
        wall: f64::MAX,
        processor: f64::MAX,
    };
    for _ in 0..RUNS {
        let (start, used) = (Instant::now(), children_seconds());
        let output = Command::new(eyot)
            .arg("check")
            .arg(&program)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{}: {error}", eyot.display()))?;
        best.wall = best.wall.min(start.elapsed().as_secs_f64());
        best.processor = best.processor.min(children_seconds() - used);
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            let first: Vec<&str> = text.lines().take(3).collect();
            return Err(format!("{} of {size}: {}", shape.name, first.join("\n")));
        }
    }
    Ok((lines, best))
}

/// Processor time of all processes that this one has started and seen the end of; 0 where the system does not say.
fn children_seconds() -> f64 {
    /// Of the times in that file, on every Linux.
    const TICKS_PER_SECOND: f64 = 100.0;
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which may contain anything: state, then numbers; user and system time of children are the 14th and 15th.
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields);
    let times = fields.split_whitespace().skip(13).take(2);
    let ticks = times.filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS_PER_SECOND
}
