//! Numbers as people read them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rollout_core::Timestamp;
use rollout_core::show::words;
pub(crate) use rollout_core::show::words::{count, times};

use crate::prices::Sum;
use crate::store::Tokens;

/// Returns microseconds with as many digits as say something.
pub(crate) fn duration(micros: u64) -> String {
    words::duration(Duration::from_micros(micros))
}

/// Returns a moment in UTC, to the second.
pub(crate) fn moment(micros: i64) -> String {
    words::moment(timestamp(micros))
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
    timestamp(micros).to_string()
}

fn timestamp(micros: i64) -> Timestamp {
    let nanos = u64::try_from(micros).unwrap_or(0).saturating_mul(1_000);
    Timestamp::from_unix_nanos(nanos)
}

/// Returns the moment in microseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(0))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_say_something() {
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
