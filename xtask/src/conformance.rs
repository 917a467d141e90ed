//! The record of a run of the public conformance suite: a table for readers, and the passing ids for later runs to be compared with.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

const TABLE: &str = "docs/conformance.md";
const BASELINE: &str = "docs/conformance-baseline.json";
const BEGIN: &str = "<!-- table: cargo xtask conformance -->\n";
const END: &str = "<!-- end of table -->\n";

/// Writes the table into `docs/conformance.md` and the passing ids to `docs/conformance-baseline.json`.
///
/// # Errors
///
/// If a file cannot be read or written, is not of the runner's format, or ids that passed before do not now and that is not said to be
/// `accepted`: then nothing is written.
pub fn record(root: &Path, result: &Path, accepted: bool) -> Result<(), String> {
    let result = read_json(result)?;
    let document = read(&root.join(TABLE))?;
    let baseline = read_json(&root.join(BASELINE))?;
    let lost = lost(&baseline, &result);
    if !lost.is_empty() && !accepted {
        return Err(format!(
            "these passed before and do not now; nothing was written (name the reasons in the document and add --accept-losses):\n{}",
            lost.join("\n")
        ));
    }
    let document = with_table(&document, &table(&result)?)?;
    write(&root.join(TABLE), &document)?;
    write(&root.join(BASELINE), &baseline_text(&result)?)
}

/// The ids that passed in `before` and do not in `after`.
fn lost(before: &Value, after: &Value) -> Vec<String> {
    let now = passing(after);
    let mut lost = passing(before);
    lost.retain(|id| now.binary_search(id).is_err());
    lost
}

/// The ids that passed, sorted.
pub fn passing(result: &Value) -> Vec<String> {
    let mut ids: Vec<String> = objects(&result["passed"])
        .flat_map(|(directory, names)| {
            let names = names.as_array().into_iter().flatten();
            names
                .filter_map(Value::as_str)
                .map(move |name| format!("{directory}/{name}"))
        })
        .collect();
    ids.sort();
    ids
}

fn objects(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// What later runs are compared with: a directory a line, so that a change of it can be read.
fn baseline_text(result: &Value) -> Result<String, String> {
    // The runner wants failures to be named in a result, and compares only what passed.
    let mut text = String::from("{\"format\": 1, \"failures\": [], \"passed\": {\n");
    let directories: Vec<String> = objects(&result["passed"])
        .map(|(directory, names)| {
            let lines = serde_json::to_string(names).map_err(|e| e.to_string())?;
            Ok(format!(
                "{}: {}",
                json!(directory),
                lines.replace(',', ",\n")
            ))
        })
        .collect::<Result<_, String>>()?;
    text.push_str(&directories.join(",\n"));
    text.push_str("}}\n");
    Ok(text)
}

/// A row for each directory and one for all of them.
fn table(result: &Value) -> Result<String, String> {
    let mut rows = String::from(
        "| directory | run | of | rejected | of | on the marked lines |\n| --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for (directory, counts) in objects(&result["directories"]) {
        rows.push_str(&row(&format!("`{directory}`"), counts)?);
    }
    rows.push_str(&row("all", &result["totals"])?);
    Ok(rows)
}

fn row(name: &str, counts: &Value) -> Result<String, String> {
    let count = |key: &str| {
        counts[key]
            .as_u64()
            .ok_or_else(|| format!("{name}: no count `{key}` in the result"))
    };
    let mut row = format!("| {name} ");
    for pair in [["runs_passed", "runs"], ["rejects_passed", "rejects"]] {
        match count(pair[1])? {
            0 => row.push_str("| – | – "),
            of => {
                let _ = write!(row, "| {} | {of} ", count(pair[0])?);
            }
        }
    }
    match count("rejects")? {
        0 => row.push_str("| – |\n"),
        _ => {
            let _ = writeln!(row, "| {} |", count("lines_exact")?);
        }
    }
    Ok(row)
}

/// The document with another table between its marks.
fn with_table(document: &str, table: &str) -> Result<String, String> {
    let missing = || format!("{TABLE} has no lines `{BEGIN}` and `{END}` around its table");
    let (before, rest) = document.split_once(BEGIN).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    Ok(format!("{before}{BEGIN}\n{table}\n{END}{after}"))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

pub fn read_json(path: &Path) -> Result<Value, String> {
    let text = read(path)?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(passed: &[&str]) -> Value {
        json!({
            "directories": {"A/b": {"runs": 3, "runs_passed": passed.len(), "rejects": 0, "rejects_passed": 0, "lines_exact": 0}},
            "totals": {"runs": 3, "runs_passed": passed.len(), "rejects": 0, "rejects_passed": 0, "lines_exact": 0},
            "passed": {"A/b": passed},
        })
    }

    #[test]
    fn what_no_longer_passes_is_named() {
        let lost = lost(&result(&["one", "two"]), &result(&["two", "three"]));
        assert_eq!(lost, ["A/b/one"]);
    }

    #[test]
    fn the_table_replaces_the_one_before() {
        let document = format!("head\n{BEGIN}old\n{END}tail\n");
        let table = table(&result(&["one"])).unwrap();
        let new = with_table(&document, &table).unwrap();
        assert!(new.starts_with("head\n") && new.ends_with("tail\n"));
        assert!(new.contains("| `A/b` | 1 | 3 | – | – | – |"));
        assert!(!new.contains("old"));
    }

    #[test]
    fn the_baseline_reads_back() {
        let before = result(&["one", "two"]);
        let text = baseline_text(&before).unwrap();
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(passing(&read), passing(&before));
    }
}
