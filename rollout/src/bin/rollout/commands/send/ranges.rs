//! Parts of a file, in order, without overlaps.

/// Parts of a file: from where to where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    /// Returns where the last part ends.
    pub(super) fn end(&self) -> u64 {
        self.0.last().map_or(0, |(_, end)| *end)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.iter().map(|(from, to)| to - from).sum()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().copied()
    }

    /// Returns what of these is not in those.
    pub(super) fn without(&self, others: &Self) -> Self {
        let mut left = Vec::new();
        let mut others = others.iter().peekable();
        for (mut from, to) in self.iter() {
            while let Some(&(other_from, other_to)) = others.peek() {
                if other_from >= to {
                    break;
                }
                if from < other_from {
                    left.push((from, other_from));
                }
                from = from.max(other_to).min(to);
                if other_to > to {
                    // It may reach into the next one.
                    break;
                }
                others.next();
            }
            if from < to {
                left.push((from, to));
            }
        }
        Self(left)
    }
}

impl Extend<(u64, u64)> for Ranges {
    fn extend<T: IntoIterator<Item = (u64, u64)>>(&mut self, more: T) {
        let mut all = std::mem::take(&mut self.0);
        all.extend(more.into_iter().filter(|(from, to)| from < to));
        all.sort_unstable();
        for (from, to) in all {
            match self.0.last_mut() {
                Some((_, end)) if from <= *end => *end = to.max(*end),
                _ => self.0.push((from, to)),
            }
        }
    }
}

impl FromIterator<(u64, u64)> for Ranges {
    fn from_iter<T: IntoIterator<Item = (u64, u64)>>(parts: T) -> Self {
        let mut ranges = Self::default();
        ranges.extend(parts);
        ranges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(parts: &[(u64, u64)]) -> Ranges {
        parts.iter().copied().collect()
    }

    #[test]
    fn what_touches_is_one() {
        let mut all = ranges(&[(10, 20), (0, 5)]);
        all.extend([(20, 30), (3, 4), (40, 40)]);
        assert_eq!(all, ranges(&[(0, 5), (10, 30)]));
        assert_eq!((all.end(), all.bytes()), (30, 25));
    }

    #[test]
    fn what_is_left_is_what_is_in_one_alone() {
        let wanted = ranges(&[(0, 10), (20, 30), (40, 50)]);
        for (done, left) in [
            (&[][..], &[(0, 10), (20, 30), (40, 50)][..]),
            (&[(0, 50)], &[]),
            (&[(5, 25)], &[(0, 5), (25, 30), (40, 50)]),
            (
                &[(2, 3), (5, 6), (45, 99)],
                &[(0, 2), (3, 5), (6, 10), (20, 30), (40, 45)],
            ),
            (&[(10, 20), (30, 40)], &[(0, 10), (20, 30), (40, 50)]),
        ] {
            assert_eq!(wanted.without(&ranges(done)), ranges(left), "{done:?}");
        }
    }
}
