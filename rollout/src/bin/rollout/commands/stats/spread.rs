//! How long most calls take.

use serde::Serialize;

use super::super::json::millis;

/// The smallest values that so many of a hundred are not above, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Spread {
    pub(super) p50: f64,
    pub(super) p90: f64,
    pub(super) p99: f64,
}

impl Spread {
    pub(super) fn of(micros: impl Iterator<Item = u64>) -> Option<Self> {
        let mut values: Vec<u64> = micros.collect();
        values.sort_unstable();
        let percentile = |percent: usize| {
            let rank = (values.len() * percent).div_ceil(100);
            values.get(rank.saturating_sub(1)).copied().map(millis)
        };
        Some(Self {
            p50: percentile(50)?,
            p90: percentile(90)?,
            p99: percentile(99)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let spread = |values: &[u64]| Spread::of(values.iter().map(|value| value * 1000));
        let hundred: Vec<u64> = (1..=100).rev().collect();
        let all = |p50, p90, p99| Some(Spread { p50, p90, p99 });
        assert_eq!(spread(&hundred), all(50.0, 90.0, 99.0));
        assert_eq!(spread(&[7]), all(7.0, 7.0, 7.0));
        assert_eq!(spread(&[1, 2]), all(1.0, 2.0, 2.0));
        assert_eq!(spread(&[]), None);
    }
}
