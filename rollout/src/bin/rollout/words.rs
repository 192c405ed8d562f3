//! Numbers as people read them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rollout_core::Timestamp;

use crate::prices::Sum;
use crate::store::Tokens;

/// Returns microseconds with as many digits as say something.
pub(crate) fn duration(micros: u64) -> String {
    let in_seconds = Duration::from_micros(micros).as_secs_f64();
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
pub(crate) fn moment(micros: i64) -> String {
    let text = rfc3339(micros);
    let to_the_second = text.get(..19).unwrap_or(&text);
    format!("{}Z", to_the_second.replacen('T', " ", 1))
}

/// Returns how long ago it is, in one unit.
pub(crate) fn age(micros: i64) -> String {
    match micros.max(0) / 1_000_000 {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min", seconds / 60),
        seconds @ 3_600..86_400 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// Returns a moment as JSON has it.
pub(crate) fn rfc3339(micros: i64) -> String {
    let nanos = u64::try_from(micros).unwrap_or(0).saturating_mul(1_000);
    Timestamp::from_unix_nanos(nanos).to_string()
}

/// Returns the moment in microseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(0))
}

/// Returns a number in groups of three digits.
pub(crate) fn count(number: u64) -> String {
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

/// Returns tokens as `in (cached) → out`; `?` for what is not known.
pub(crate) fn tokens(tokens: &Tokens) -> String {
    if tokens.input.is_none() && tokens.output.is_none() {
        return String::new();
    }
    let known = |number: Option<u64>| number.map_or("?".to_owned(), count);
    let cached = match tokens.cached {
        Some(cached) if cached > 0 => format!(" ({} cached)", count(cached)),
        _ => String::new(),
    };
    format!("{}{cached} → {}", known(tokens.input), known(tokens.output))
}

/// Returns US dollars; `≈` where the price is from a list, `+ ?` where a part is not known.
pub(crate) fn cost(sum: &Sum) -> String {
    let lacks = sum.unknown > 0;
    match sum.usd {
        None if lacks => "?".to_owned(),
        None => String::new(),
        Some(usd) => format!(
            "{}{}{}",
            if sum.estimated { "≈" } else { "" },
            dollars(usd),
            if lacks { " + ?" } else { "" }
        ),
    }
}

/// Returns US dollars: cents, and of small amounts the first three digits that are not zero. The page of
/// `rollout view` writes them likewise.
fn dollars(usd: f64) -> String {
    if usd == 0.0 {
        return "$0".to_owned();
    }
    if usd < 1e-7 {
        return "<$0.0000001".to_owned();
    }
    let mut digits = 2;
    let mut bound = 1.0;
    while usd < bound {
        digits += 1;
        bound /= 10.0;
    }
    let text = format!("{usd:.digits$}");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole
        .parse()
        .map_or_else(|_| whole.to_owned(), |whole: u64| count(whole));
    let zeros = part.len() - part.trim_end_matches('0').len();
    let part = part.get(..(part.len() - zeros).max(2)).unwrap_or(part);
    format!("${whole}.{part}")
}

/// Returns bytes in the unit that fits.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(crate) fn bytes(number: u64) -> String {
    match number {
        0..1_024 => format!("{number} B"),
        1_024..1_048_576 => format!("{:.1} KiB", number as f64 / 1_024.0),
        1_048_576..1_073_741_824 => format!("{:.1} MiB", number as f64 / 1_048_576.0),
        _ => format!("{:.1} GiB", number as f64 / 1_073_741_824.0),
    }
}

/// Returns so many of something.
pub(crate) fn times(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", count(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_say_something() {
        for (micros, text) in [
            (42, "42 µs"),
            (1_500, "1.5 ms"),
            (9_960, "10 ms"),
            (157_600, "158 ms"),
            (999_700, "1.00 s"),
            (2_350_000, "2.35 s"),
            (27_040_000, "27.0 s"),
            (59_970_000, "1 min 0 s"),
            (185_000_000, "3 min 5 s"),
            (7_260_000_000, "2 h 1 min"),
        ] {
            assert_eq!(duration(micros), text);
        }
        for (usd, text) in [
            (0.0, "$0"),
            (1e-9, "<$0.0000001"),
            (0.000_003_9, "$0.0000039"),
            (0.001_832_8, "$0.00183"),
            (0.04, "$0.04"),
            (0.216, "$0.216"),
            (0.5, "$0.50"),
            (1.7, "$1.70"),
            (12_345.678, "$12,345.68"),
        ] {
            assert_eq!(dollars(usd), text);
        }
        assert_eq!([999, 1_234_567].map(count), ["999", "1,234,567"]);
    }

    #[test]
    fn an_age_has_one_unit() {
        let ages = [-1, 59, 60, 7_199, 90_000].map(|seconds| age(seconds * 1_000_000));
        assert_eq!(ages, ["0 s", "59 s", "1 min", "1 h", "1 d"]);
    }

    #[test]
    fn what_is_not_known_is_a_question_mark() {
        let sum = |usd, estimated, unknown| {
            cost(&Sum {
                usd,
                estimated,
                unknown,
            })
        };
        assert_eq!(sum(None, false, 0), "");
        assert_eq!(sum(None, false, 2), "?");
        assert_eq!(sum(Some(0.5), true, 1), "≈$0.50 + ?");
        assert_eq!(sum(Some(0.5), false, 0), "$0.50");
        let half = Tokens {
            input: Some(12),
            ..Tokens::default()
        };
        assert_eq!(tokens(&half), "12 → ?");
    }
}
