//! Numbers as people read them: the same in the tree, in the program `rollout` and wherever else runs are
//! shown.

use std::time::Duration;

use crate::clock::Timestamp;

/// Returns a duration with as many digits as say something.
///
/// ```
/// use std::time::Duration;
///
/// let words = rollout_core::show::words::duration(Duration::from_millis(2_350));
/// assert_eq!(words, "2.35 s");
/// ```
pub fn duration(duration: Duration) -> String {
    let micros = duration.as_micros();
    let in_seconds = duration.as_secs_f64();
    let seconds = micros.saturating_add(500_000) / 1_000_000;
    // The bounds are where rounding carries into the next unit: 999.7 ms are 1.00 s.
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..9_950 => format!("{:.1} ms", in_seconds * 1e3),
        9_950..999_500 => format!("{} ms", (micros + 500) / 1_000),
        999_500..9_995_000 => format!("{in_seconds:.2} s"),
        9_995_000..59_950_000 => format!("{in_seconds:.1} s"),
        _ if seconds < 3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// Returns a moment in UTC, to the second.
///
/// ```
/// use rollout_core::{Timestamp, show::words};
///
/// assert_eq!(words::moment(Timestamp::from_unix_nanos(0)), "1970-01-01 00:00:00Z");
/// ```
pub fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    let to_the_second = text.get(..19).unwrap_or(&text);
    format!("{}Z", to_the_second.replacen('T', " ", 1))
}

/// Returns a number in groups of three digits.
///
/// ```
/// assert_eq!(rollout_core::show::words::count(1_234_567), "1,234,567");
/// ```
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns so many of something.
///
/// ```
/// use rollout_core::show::words;
///
/// assert_eq!([1, 2_000].map(|n| words::times(n, "call")), ["1 call", "2,000 calls"]);
/// ```
pub fn times(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", count(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_as_many_digits_as_say_something() {
        for (micros, text) in [
            (7, "7 µs"),
            (1_500, "1.5 ms"),
            (9_960, "10 ms"),
            (42_900, "43 ms"),
            (999_700, "1.00 s"),
            (1_840_000, "1.84 s"),
            (27_040_000, "27.0 s"),
            (59_970_000, "1 min 0 s"),
            (61_000_000, "1 min 1 s"),
            (7_260_000_000, "2 h 1 min"),
        ] {
            assert_eq!(duration(Duration::from_micros(micros)), text);
        }
    }

    #[test]
    fn digits_are_in_groups_of_three() {
        let counts = [0, 999, 1_000, 1_234_567].map(count);
        assert_eq!(counts, ["0", "999", "1,000", "1,234,567"]);
    }
}
