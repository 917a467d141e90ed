//! Searching code units, whatever their width.

use eyot_runtime::object::StringView;

/// The first place of `needle` in `text` at or after `from`.
pub fn find(text: StringView<'_>, needle: StringView<'_>, from: usize) -> Option<usize> {
    if needle.is_empty() {
        return (from <= text.len()).then_some(from);
    }
    match (text, needle) {
        (StringView::OneByte(text), StringView::OneByte(needle)) => {
            let found = memchr::memmem::find(text.get(from..)?, needle)?;
            Some(from + found)
        }
        (StringView::TwoByte(text), StringView::TwoByte(needle)) => find_units(text, needle, from),
        (StringView::TwoByte(text), StringView::OneByte(needle)) => find_units(text, needle, from),
        (StringView::OneByte(text), StringView::TwoByte(needle)) => find_units(text, needle, from),
    }
}

fn find_units<T, N>(text: &[T], needle: &[N], from: usize) -> Option<usize>
where
    T: Copy + Into<u16>,
    N: Copy + Into<u16>,
{
    let first: u16 = (*needle.first()?).into();
    let last = text.len().checked_sub(needle.len())?;
    (from..=last)
        .find(|&at| text[at].into() == first && same_units(&text[at..at + needle.len()], needle))
}

/// The last place of `needle` in `text` at or before `from`.
pub fn find_last(text: StringView<'_>, needle: StringView<'_>, from: usize) -> Option<usize> {
    let last = text.len().checked_sub(needle.len())?;
    (0..=from.min(last))
        .rev()
        .find(|&at| has_at(text, needle, at))
}

/// Whether `needle` stands at `at` in `text`.
pub fn has_at(text: StringView<'_>, needle: StringView<'_>, at: usize) -> bool {
    let end = at.saturating_add(needle.len());
    match (text, needle) {
        (StringView::OneByte(text), StringView::OneByte(needle)) => {
            text.get(at..end) == Some(needle)
        }
        (StringView::TwoByte(text), StringView::TwoByte(needle)) => {
            text.get(at..end) == Some(needle)
        }
        (StringView::OneByte(text), StringView::TwoByte(needle)) => text
            .get(at..end)
            .is_some_and(|text| same_units(text, needle)),
        (StringView::TwoByte(text), StringView::OneByte(needle)) => text
            .get(at..end)
            .is_some_and(|text| same_units(text, needle)),
    }
}

fn same_units<T, N>(text: &[T], needle: &[N]) -> bool
where
    T: Copy + Into<u16>,
    N: Copy + Into<u16>,
{
    let units = text.iter().zip(needle);
    units.into_iter().all(|(&a, &b)| a.into() == b.into())
}

/// Whether two strings have the same code units.
pub fn same(a: StringView<'_>, b: StringView<'_>) -> bool {
    a.len() == b.len() && has_at(a, b, 0)
}

/// Order by code units.
pub fn compare(a: StringView<'_>, b: StringView<'_>) -> std::cmp::Ordering {
    match (a, b) {
        (StringView::OneByte(a), StringView::OneByte(b)) => a.cmp(b),
        _ => a.units().cmp(b.units()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_mix() {
        let wide: Vec<u16> = "abcabd…".encode_utf16().collect();
        let text = StringView::TwoByte(&wide);
        assert_eq!(find(text, StringView::OneByte(b"abd"), 0), Some(3));
        assert_eq!(find(text, StringView::OneByte(b"abc"), 1), None);
        assert_eq!(find(text, StringView::OneByte(b""), 7), Some(7));
        assert_eq!(find_last(text, StringView::OneByte(b"ab"), 7), Some(3));
        assert_eq!(find_last(text, StringView::OneByte(b"ab"), 2), Some(0));
        assert_eq!(find_last(text, StringView::OneByte(b""), 7), Some(7));
        assert!(has_at(text, StringView::TwoByte(&[0x2026]), 6));
        assert!(!has_at(text, StringView::TwoByte(&[0x2026]), 7));
        assert!(same(StringView::TwoByte(&[97]), StringView::OneByte(b"a")));
        assert!(compare(StringView::OneByte(b"b"), text).is_gt());
    }
}
