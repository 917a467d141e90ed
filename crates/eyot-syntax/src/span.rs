//! Places in source text: byte spans, and the file that turns them into lines and columns.
//!
//! A [`Span`] names a range of bytes of *one* file and does not say which one: a tree,
//! and every diagnostic about it, belongs to exactly one [`SourceFile`], and whoever holds
//! several files keeps them apart. Offsets are `u32`, so a file is at most 4 GB long.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A range of bytes in one source file, `start` included and `end` excluded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset just past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` up to but not including `end`.
    pub const fn new(start: u32, end: u32) -> Span {
        Span { start, end }
    }

    /// The empty span at `offset`.
    pub const fn at(offset: u32) -> Span {
        Span::new(offset, offset)
    }

    /// The smallest span that covers both `self` and `other`.
    pub fn to(self, other: Span) -> Span {
        Span::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The number of bytes covered.
    pub const fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether the span covers no bytes.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The span as a range of byte indices.
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// A place as people say it: line and column, both counted from 1, columns in characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, counted in characters (Unicode scalar values).
    pub column: u32,
}

impl fmt::Display for LineColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Bytes that are not Dart source text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SourceError {
    /// The bytes are not UTF-8; the place is where the first bad byte stands.
    NotUtf8 {
        /// Offset of the first byte that is not part of valid UTF-8.
        offset: usize,
        /// Line and column of that byte.
        place: LineColumn,
    },
    /// The file is too large for 32-bit offsets.
    TooLarge {
        /// The size of the file.
        size_bytes: usize,
    },
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SourceError::NotUtf8 { offset, place } => write!(
                f,
                "{place}: the file is not UTF-8 text: byte {offset} starts no character; \
                 save the file as UTF-8"
            ),
            SourceError::TooLarge { size_bytes } => write!(
                f,
                "the file has {size_bytes} bytes; a source file can have at most {} bytes",
                SourceFile::SIZE_BYTES_MAX
            ),
        }
    }
}

impl std::error::Error for SourceError {}

/// The text of one source file, with its display name. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SourceFile {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: String,
    text: String,
    /// Offsets of the first byte of each line; made when first asked for, since a file
    /// without diagnostics never needs them.
    line_starts: OnceLock<Vec<u32>>,
}

impl SourceFile {
    /// The largest size of a source file.
    pub const SIZE_BYTES_MAX: usize = u32::MAX as usize - 1;

    /// A file from text already known to be UTF-8. Text beyond
    /// [`Self::SIZE_BYTES_MAX`] is an error.
    pub fn new(
        name: impl Into<String>,
        text: impl Into<String>,
    ) -> Result<SourceFile, SourceError> {
        let text = text.into();
        if text.len() > Self::SIZE_BYTES_MAX {
            return Err(SourceError::TooLarge {
                size_bytes: text.len(),
            });
        }
        let inner = Inner {
            name: name.into(),
            text,
            line_starts: OnceLock::new(),
        };
        Ok(SourceFile {
            inner: Arc::new(inner),
        })
    }

    /// A file from bytes; an error names the first place that is not UTF-8.
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Result<SourceFile, SourceError> {
        match String::from_utf8(bytes) {
            Ok(text) => SourceFile::new(name, text),
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                let valid = error.as_bytes().get(..offset).unwrap_or_default();
                let valid = std::str::from_utf8(valid).unwrap_or_default();
                Err(SourceError::NotUtf8 {
                    offset,
                    place: place_after(valid),
                })
            }
        }
    }

    /// The name the file was given: a path or URI, as diagnostics show it.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// The text of `span`; empty where the span is not one of this file.
    pub fn slice(&self, span: Span) -> &str {
        self.text().get(span.range()).unwrap_or_default()
    }

    /// Line and column of a byte offset. Offsets past the end count as the end.
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let starts = self.line_starts();
        let line_index = starts
            .partition_point(|&start| start <= offset)
            .saturating_sub(1);
        let line_start = starts.get(line_index).copied().unwrap_or(0) as usize;
        let end = (offset as usize).min(self.text().len());
        let before = self
            .text()
            .as_bytes()
            .get(line_start..end)
            .unwrap_or_default();
        // Every byte that does not continue a character starts one.
        let characters = before.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        LineColumn {
            line: line_index as u32 + 1,
            column: characters as u32 + 1,
        }
    }

    /// The number of lines; an empty file has one.
    pub fn line_count(&self) -> u32 {
        self.line_starts().len() as u32
    }

    /// The text of a line (counted from 1) without its line terminator.
    pub fn line_text(&self, line: u32) -> &str {
        let starts = self.line_starts();
        let Some(&start) = line
            .checked_sub(1)
            .and_then(|index| starts.get(index as usize))
        else {
            return "";
        };
        let end = starts
            .get(line as usize)
            .map_or(self.text().len(), |&next| next as usize);
        self.text()
            .get(start as usize..end)
            .unwrap_or_default()
            .trim_end_matches(['\n', '\r'])
    }

    fn line_starts(&self) -> &[u32] {
        self.inner
            .line_starts
            .get_or_init(|| line_starts(&self.inner.text))
    }
}

/// Dart ends lines with LF, CR, or CR LF.
fn line_starts(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    for (index, &byte) in bytes.iter().enumerate() {
        let ends_line = byte == b'\n' || (byte == b'\r' && bytes.get(index + 1) != Some(&b'\n'));
        if ends_line {
            starts.push(index as u32 + 1);
        }
    }
    starts
}

/// The place just after `text`.
fn place_after(text: &str) -> LineColumn {
    let starts = line_starts(text);
    let last = starts.last().copied().unwrap_or(0) as usize;
    let column = text.get(last..).unwrap_or_default().chars().count() as u32 + 1;
    LineColumn {
        line: starts.len() as u32,
        column,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters() {
        let file = SourceFile::new("a.dart", "a\nbé\u{1F600}c\r\nd\re").unwrap();
        assert_eq!(file.line_column(0), LineColumn { line: 1, column: 1 });
        let c = file.text().find('c').unwrap() as u32;
        assert_eq!(file.line_column(c), LineColumn { line: 2, column: 4 });
        let e = file.text().find('e').unwrap() as u32;
        assert_eq!(file.line_column(e), LineColumn { line: 4, column: 1 });
        assert_eq!(file.line_text(2), "bé\u{1F600}c");
        assert_eq!(file.line_count(), 4);
        assert_eq!(file.line_column(9999), LineColumn { line: 4, column: 2 });
    }

    #[test]
    fn bytes_that_are_not_text_name_the_place() {
        let error = SourceFile::from_bytes("x", b"ab\nc\xFFd".to_vec()).unwrap_err();
        let place = LineColumn { line: 2, column: 2 };
        assert_eq!(error, SourceError::NotUtf8 { offset: 4, place });
    }
}
