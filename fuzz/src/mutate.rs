//! Programs that are nearly right: the words of a program, with a few of them dropped, doubled, exchanged or taken from another program.
//!
//! Words that stay words get past the lexer and mostly past the parser, so that what is behind them is tried as well. The most telling
//! change puts one name in the place of another: the program parses, and means something that nobody meant.

use arbitrary::{Result, Unstructured};

/// A text cut into words: names, numbers, strings without interpolation, single marks, and the space between them.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            c if is_name(c) => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
            c if c.is_whitespace() => rest
                .find(|c: char| !c.is_whitespace())
                .unwrap_or(rest.len()),
            '\'' | '"' => quoted(rest, first),
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after;
    }
    words
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of a string on one line; of its quote alone if it does not end there.
fn quoted(text: &str, quote: char) -> usize {
    let inside = &text[1..];
    match inside.find([quote, '\n', '$', '\\']) {
        Some(at) if inside[at..].starts_with(quote) => at + 2,
        _ => 1,
    }
}

/// The positions of the words that are not space.
fn solid(words: &[&str]) -> Vec<usize> {
    (0..words.len())
        .filter(|&at| !words[at].trim().is_empty() && !words[at].starts_with("//"))
        .collect()
}

/// A changed `program`, perhaps with words of `other`.
///
/// # Errors
///
/// If the bytes run out: then there is nothing more to try with them.
pub fn program(program: &str, other: &str, bytes: &mut Unstructured<'_>) -> Result<String> {
    let mut words = words(program);
    let others = self::words(other);
    let structural = bytes.int_in_range(0..=2)?;
    for _ in 0..structural {
        change(&mut words, &others, bytes)?;
    }
    // Without these the program would be the one it was.
    let least = u32::from(structural == 0);
    for _ in 0..bytes.int_in_range(least..=4)? {
        change_value(&mut words, bytes)?;
    }
    Ok(words.concat())
}

/// Numbers at the borders of what registers, lists and shifts can hold.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "63",
    "64",
    "255",
    "256",
    "65536",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "(-1)",
    "(-9223372036854775807 - 1)",
];

/// Marks that can stand in each other's place.
const MARKS: &[&[&str]] = &[
    &["+", "-", "*", "%"],
    &["<", ">"],
    &["&", "|", "^"],
    &["true", "false"],
    &["null", "this"],
    &["int", "num", "double", "Object", "String", "dynamic"],
    &["first", "last", "length", "isEmpty", "hashCode"],
    &["add", "remove", "contains", "removeLast", "clear"],
];

/// Changes what a program computes, but hardly ever whether it is one.
fn change_value(words: &mut [&str], bytes: &mut Unstructured<'_>) -> Result<()> {
    let group = |word: &str| MARKS.iter().find(|group| group.contains(&word));
    let is_number = |word: &str| word.parse::<i64>().is_ok();
    let places: Vec<usize> = (0..words.len())
        .filter(|&at| is_number(words[at]) || group(words[at]).is_some())
        .collect();
    if places.is_empty() {
        return Ok(());
    }
    let at = *bytes.choose(&places)?;
    let choices = group(words[at]).copied().unwrap_or(NUMBERS);
    words[at] = bytes.choose(choices)?;
    Ok(())
}

fn change<'a>(
    words: &mut Vec<&'a str>,
    others: &[&'a str],
    bytes: &mut Unstructured<'_>,
) -> Result<()> {
    let solid = solid(words);
    if solid.is_empty() {
        return Ok(());
    }
    let at = *bytes.choose(&solid)?;
    match bytes.int_in_range(0..=9)? {
        0 => {
            words.remove(at);
        }
        1 => {
            let end = (at + bytes.int_in_range(1..=12)?).min(words.len());
            words.drain(at..end);
        }
        2 => {
            let end = (at + bytes.int_in_range(1..=12)?).min(words.len());
            let copy = words[at..end].to_vec();
            words.splice(end..end, copy);
        }
        3 => {
            let with = *bytes.choose(&solid)?;
            words.swap(at, with);
        }
        4 => words[at] = taken(others, bytes)?,
        5 => words.insert(at, taken(others, bytes)?),
        // One name for another of the same program.
        _ => {
            let names: Vec<usize> = solid
                .into_iter()
                .filter(|&at| words[at].starts_with(|c: char| c.is_alphabetic()))
                .collect();
            if !names.is_empty() {
                let at = *bytes.choose(&names)?;
                words[at] = words[*bytes.choose(&names)?];
            }
        }
    }
    Ok(())
}

fn taken<'a>(others: &[&'a str], bytes: &mut Unstructured<'_>) -> Result<&'a str> {
    let solid = solid(others);
    match solid.is_empty() {
        true => Ok(""),
        false => Ok(others[*bytes.choose(&solid)?]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_whole_text() {
        let text = "var a = 'x y'; // é\nprint(\"$a\\n\");\n'''open";
        assert_eq!(words(text).concat(), text);
        assert!(words(text).contains(&"'x y'"));
    }

    #[test]
    fn the_same_bytes_make_the_same_program() {
        let text = "main() { var one = 1; var two = one + 2; print(two); }";
        let bytes: Vec<u8> = (0..200).map(|n| (n * 37) as u8).collect();
        let first = program(text, text, &mut Unstructured::new(&bytes)).unwrap();
        let again = program(text, text, &mut Unstructured::new(&bytes)).unwrap();
        assert_eq!(first, again);
        assert_ne!(first, text);
    }
}
