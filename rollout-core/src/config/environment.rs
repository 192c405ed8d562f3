//! Reading the environment: leniently, and with a warning that names the culprit and the cure.

use std::fmt::Display;

use crate::diagnostics::Diagnostics;

/// Where variables come from; injectable, as the real environment is shared by all tests.
pub(crate) type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Reads the environment of the process. A value that is no Unicode counts as not set.
pub(crate) fn process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Returns what the program set, else the variable; blank text counts as not set, but an explicit
/// blank hides the variable.
pub(crate) fn text(explicit: Option<String>, lookup: &Lookup<'_>, name: &str) -> Option<String> {
    explicit
        .or_else(|| lookup(name))
        .map(|text| text.trim().to_owned())
        .filter(|t| !t.is_empty())
}

/// Returns what the program set, else what the variable says, else the default.
pub(crate) fn flag(
    explicit: Option<bool>,
    lookup: &Lookup<'_>,
    name: &str,
    default: bool,
    diagnostics: &Diagnostics,
) -> bool {
    if let Some(flag) = explicit {
        return flag;
    }
    let Some(text) = text(None, lookup, name) else {
        return default;
    };
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => true,
        "0" | "false" | "no" | "off" => false,
        _ => {
            warn(
                diagnostics,
                name,
                &text,
                "one of `1`, `true`, `yes`, `on`, `0`, `false`, `no`, `off`",
                default,
            );
            default
        }
    }
}

/// Returns what the program set, else what the variable says, else the default.
pub(crate) fn bytes(
    explicit: Option<u64>,
    lookup: &Lookup<'_>,
    name: &str,
    default: u64,
    diagnostics: &Diagnostics,
) -> u64 {
    if let Some(bytes) = explicit {
        return bytes;
    }
    let Some(text) = text(None, lookup, name) else {
        return default;
    };
    text.parse().unwrap_or_else(|_| {
        warn(diagnostics, name, &text, "a number of bytes", default);
        default
    })
}

/// Returns the share of traces to keep, from 0 to 1.
pub(crate) fn sample_rate(
    explicit: Option<f64>,
    lookup: &Lookup<'_>,
    diagnostics: &Diagnostics,
) -> f64 {
    const NAME: &str = "ROLLOUT_SAMPLE_RATE";
    const DEFAULT: f64 = 1.0;
    let (name, given, rate) = match explicit {
        Some(rate) => ("sample_rate", rate.to_string(), Some(rate)),
        None => match text(None, lookup, NAME) {
            Some(text) => (NAME, text.clone(), text.parse().ok()),
            None => return DEFAULT,
        },
    };
    match rate {
        Some(rate) if (0.0..=1.0).contains(&rate) => rate,
        _ => {
            warn(
                diagnostics,
                name,
                &given,
                "a number from 0 to 1, such as `0.5`",
                DEFAULT,
            );
            DEFAULT
        }
    }
}

/// Says that a value is not used, what would be, and what is used instead.
pub(crate) fn warn(
    diagnostics: &Diagnostics,
    name: &str,
    given: &str,
    expected: &str,
    default: impl Display,
) {
    diagnostics.warn(format_args!(
        "{name} is `{given}`, expected {expected}; going on with `{default}`"
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    fn collecting() -> (Diagnostics, Arc<Mutex<Vec<String>>>) {
        let said = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&said);
        let handler =
            Arc::new(move |d: &crate::Diagnostic| sink.lock().unwrap().push(d.to_string()));
        (Diagnostics::new(Some(handler), false), said)
    }

    #[test]
    fn an_explicit_blank_hides_the_variable() {
        let lookup = |_: &str| Some("from the environment".to_owned());
        assert_eq!(
            text(None, &lookup, "X").as_deref(),
            Some("from the environment")
        );
        assert_eq!(text(Some("  ".into()), &lookup, "X"), None);
        assert_eq!(text(None, &|_| Some(" \t".into()), "X"), None);
    }

    #[test]
    fn flags_are_read_in_any_case() {
        let (diagnostics, said) = collecting();
        for (given, expected) in [(" TRUE ", true), ("on", true), ("0", false), ("No", false)] {
            let lookup = |_: &str| Some(given.to_owned());
            assert_eq!(
                flag(None, &lookup, "X", !expected, &diagnostics),
                expected,
                "{given}"
            );
        }
        assert!(said.lock().unwrap().is_empty());
    }

    #[test]
    fn defect_13_a_bad_value_is_a_warning_and_the_default() {
        let (diagnostics, said) = collecting();
        for given in ["50%", "1.5", "-1", "nan"] {
            let lookup = |_: &str| Some(given.to_owned());
            assert!((sample_rate(None, &lookup, &diagnostics) - 1.0).abs() < f64::EPSILON);
        }
        assert!(flag(
            None,
            &|_| Some("ja".into()),
            "ROLLOUT_DEBUG",
            true,
            &diagnostics
        ));
        let said = said.lock().unwrap();
        assert_eq!(said.len(), 5);
        assert_eq!(
            said[0],
            "ROLLOUT_SAMPLE_RATE is `50%`, expected a number from 0 to 1, such as `0.5`; going on \
             with `1`"
        );
        assert!(said[4].starts_with("ROLLOUT_DEBUG is `ja`, expected one of `1`, `true`"));
    }
}
