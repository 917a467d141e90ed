//! Sets of code points, as sorted ranges.

/// The last code point.
pub const MAX: u32 = 0x10FFFF;

/// A set of code points: ranges with both ends, sorted, neither overlapping nor touching.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CharSet {
    ranges: Vec<(u32, u32)>,
}

impl CharSet {
    /// The set without members.
    pub fn empty() -> CharSet {
        CharSet::default()
    }

    /// All code points.
    pub fn all() -> CharSet {
        CharSet::of(&[(0, MAX)])
    }

    /// The set with one member.
    pub fn one(character: u32) -> CharSet {
        CharSet::of(&[(character, character)])
    }

    /// A set of ranges in any order.
    pub fn of(ranges: &[(u32, u32)]) -> CharSet {
        CharSet::from_ranges(ranges.to_vec())
    }

    /// A set of ranges in any order.
    pub fn from_ranges(mut ranges: Vec<(u32, u32)>) -> CharSet {
        ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (low, high) in ranges {
            match merged.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => merged.push((low, high)),
            }
        }
        CharSet { ranges: merged }
    }

    /// The ranges, sorted.
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The member, if there is one only.
    pub fn only(&self) -> Option<u32> {
        match self.ranges[..] {
            [(low, high)] if low == high => Some(low),
            _ => None,
        }
    }

    /// Whether it is a member.
    pub fn contains(&self, character: u32) -> bool {
        let behind = self.ranges.partition_point(|range| range.1 < character);
        self.ranges
            .get(behind)
            .is_some_and(|range| range.0 <= character)
    }

    /// Adds the members of another set.
    pub fn add(&mut self, other: &CharSet) {
        if other.is_empty() {
            return;
        }
        let mut ranges = std::mem::take(&mut self.ranges);
        ranges.extend_from_slice(&other.ranges);
        *self = CharSet::from_ranges(ranges);
    }

    /// All that are no members.
    pub fn complement(&self) -> CharSet {
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        let mut next = 0;
        for &(low, high) in &self.ranges {
            if low > next {
                ranges.push((next, low - 1));
            }
            next = high + 1;
        }
        if next <= MAX {
            ranges.push((next, MAX));
        }
        CharSet { ranges }
    }

    /// Whether the sets have no common member.
    pub fn is_disjoint(&self, other: &CharSet) -> bool {
        let (mut left, mut right) = (
            self.ranges.iter().peekable(),
            other.ranges.iter().peekable(),
        );
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            if a.1 < b.0 {
                left.next();
            } else if b.1 < a.0 {
                right.next();
            } else {
                return false;
            }
        }
        true
    }

    /// The last member.
    pub fn last(&self) -> Option<u32> {
        self.ranges.last().map(|range| range.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_merged() {
        let set = CharSet::of(&[(20, 30), (5, 9), (10, 12), (25, 40)]);
        assert_eq!(set.ranges(), [(5, 12), (20, 40)]);
        assert_eq!(set.complement().ranges(), [(0, 4), (13, 19), (41, MAX)]);
        assert_eq!(set.complement().complement(), set);
        assert_eq!(CharSet::empty().complement(), CharSet::all());
    }

    #[test]
    fn members_are_found() {
        let set = CharSet::of(&[(5, 12), (20, 40)]);
        let members: Vec<u32> = (0..50).filter(|&c| set.contains(c)).collect();
        assert_eq!(members, (5..=12).chain(20..=40).collect::<Vec<u32>>());
        assert!(set.is_disjoint(&CharSet::of(&[(0, 4), (13, 19), (41, 50)])));
        assert!(!set.is_disjoint(&CharSet::of(&[(0, 5)])));
        assert!(!set.is_disjoint(&CharSet::one(40)));
    }
}
