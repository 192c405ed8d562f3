//! Numbers that servers write in more than one way.

use serde_json::Value;

/// More than any call can consume: such a number is a mistake, not a count.
const ABSURD: f64 = 1e12;

/// Returns a count of tokens; a number that can't be one is none.
pub(super) fn count(value: &Value) -> Option<u64> {
    if let Some(count) = value.as_u64() {
        #[expect(
            clippy::cast_precision_loss,
            reason = "compared with a limit far below 2^53"
        )]
        return ((count as f64) < ABSURD).then_some(count);
    }
    let number = number(value)?;
    let is_count = number.fract() == 0.0 && (0.0..ABSURD).contains(&number);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked"
    )]
    is_count.then_some(number as u64)
}

/// Returns a number, also one that is written as text.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn counts_are_read_leniently_and_zero_is_a_count() {
        for (wire, read) in [
            (json!(0), Some(0)),
            (json!(12), Some(12)),
            (json!(3.0), Some(3)),
            (json!("17"), Some(17)),
            (json!(" 4.0 "), Some(4)),
            (json!(-1), None),
            (json!(1.5), None),
            (json!(1e30), None),
            (json!(u64::MAX), None),
            (json!("NaN"), None),
            (json!("many"), None),
            (json!(null), None),
            (json!([1]), None),
        ] {
            assert_eq!(count(&wire), read, "{wire}");
        }
    }
}
