//! What a server makes of an envelope.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

/// The outcome of an attempt.
#[derive(Debug)]
pub(super) enum Answer {
    /// The server has the events, but for those that it refused.
    Stored(Refusals),
    /// The envelope is too large.
    TooLarge(Trouble),
    /// It did not work this time, but may another; the server may have said when.
    Unavailable(Trouble, Option<Duration>),
    /// The key or the address is not right. That says nothing of the events, and may be corrected.
    Misdirected(Trouble),
    /// It will never work.
    Refused(Trouble),
}

/// Why an envelope was not taken.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) kind: Kind,
    pub(super) text: String,
}

/// Troubles of one kind are one trouble for the user, whatever the server says in detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Status(StatusCode),
    /// Nobody answered.
    Connection,
    /// Nobody answered in time.
    Timeout,
    /// The fault is on our side.
    Internal,
}

impl Kind {
    /// Returns whether the server does not take the key.
    pub(super) fn is_about_the_key(self) -> bool {
        matches!(self, Self::Status(status) if matches!(status.as_u16(), 401 | 403))
    }

    /// Returns whether it says nothing about how the next envelope will fare.
    pub(super) fn is_about_the_envelope(self) -> bool {
        matches!(self, Self::Status(status) if matches!(status.as_u16(), 200 | 400 | 413 | 422))
    }
}

impl Trouble {
    /// Returns what an answer that is no success says.
    pub(super) fn of(status: StatusCode, body: &[u8]) -> Self {
        let text = match first_line(body) {
            Some(line) => format!("{status}: {line}"),
            None => status.to_string(),
        };
        Self {
            kind: Kind::Status(status),
            text,
        }
    }
}

impl Answer {
    /// Reads an answer to so many events. Its body is only looked at where it matters.
    pub(super) fn new(
        status: StatusCode,
        retry_after: Option<Duration>,
        body: &[u8],
        events: usize,
    ) -> Self {
        if status.is_success() {
            return Self::Stored(Refusals::read(body, events));
        }
        let trouble = Trouble::of(status, body);
        match status.as_u16() {
            413 => Self::TooLarge(trouble),
            408 | 425 | 429 | 500 | 502 | 503 | 504 => Self::Unavailable(trouble, retry_after),
            300..=399 | 401 | 403 | 404 => Self::Misdirected(trouble),
            _ => Self::Refused(trouble),
        }
    }
}

/// Returns the first line that says something, fit to be shown in a terminal.
fn first_line(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.chars().filter(|c| !c.is_control()).take(200).collect())
}

/// The events of an envelope that the server did not store.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Refusals {
    /// Their places in the envelope, in order and each once.
    pub(super) places: Vec<usize>,
    /// Whether they may be sent again.
    pub(super) retryable: bool,
    codes: BTreeMap<String, usize>,
    example: Option<String>,
}

impl Refusals {
    /// Reads the body of a successful answer to so many events.
    ///
    /// Whatever can't be made out is taken for good news: the status says that the events are
    /// stored, and the rest of the answer may be of a later version, or of a proxy.
    fn read(body: &[u8], events: usize) -> Self {
        let Ok(answer) = serde_json::from_slice::<Value>(body) else {
            return Self::default();
        };
        let count = answer.get("rejected").and_then(Value::as_u64);
        let count = count.map(|count| usize::try_from(count).unwrap_or(usize::MAX).min(events));
        let mut refusals = Self {
            retryable: answer
                .get("retryable")
                .and_then(Value::as_bool)
                .unwrap_or(false),
            ..Self::default()
        };
        // An explicit zero wins: then the errors, if any, are about events that are stored.
        if count == Some(0) {
            return refusals;
        }
        for error in answer
            .get("errors")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            refusals.add(error, events);
        }
        let unnamed = count.unwrap_or(0).saturating_sub(refusals.places.len());
        if unnamed > 0 {
            refusals.add_unnamed(unnamed, events);
        }
        refusals.places.sort_unstable();
        refusals
    }

    fn add(&mut self, error: &Value, events: usize) {
        let place = error
            .get("index")
            .and_then(Value::as_u64)
            .and_then(|i| usize::try_from(i).ok());
        let Some(place) = place.filter(|place| *place < events) else {
            return;
        };
        if self.places.contains(&place) {
            return;
        }
        self.places.push(place);
        let code = match error.get("code") {
            Some(Value::String(code)) => first_line(code.as_bytes()),
            Some(code) => Some(code.to_string()),
            None => None,
        };
        *self
            .codes
            .entry(code.unwrap_or_else(|| "no code".to_owned()))
            .or_default() += 1;
        if self.example.is_none() {
            let message = error.get("message").and_then(Value::as_str);
            self.example = message.and_then(|text| first_line(text.as_bytes()));
        }
    }

    /// Adds events of which the server only says how many they are. If they may be sent again all
    /// are, as it knows by their ids the ones it has; else it does not matter which are counted.
    fn add_unnamed(&mut self, count: usize, events: usize) {
        self.codes.insert("not named".to_owned(), count);
        let others: Vec<_> = (0..events)
            .filter(|place| !self.places.contains(place))
            .collect();
        let count = if self.retryable { events } else { count };
        self.places.extend(others.into_iter().take(count));
    }

    /// Returns the codes: where they are the same as before, nothing new is to be said.
    pub(super) fn codes(&self) -> Vec<&str> {
        self.codes.keys().map(String::as_str).collect()
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (code, count)) in self.codes.iter().enumerate().take(5) {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{count} with `{code}`")?;
        }
        match &self.example {
            Some(example) => write!(f, " ({example})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(answer: &Value) -> Refusals {
        Refusals::read(answer.to_string().as_bytes(), 4)
    }

    #[test]
    fn refused_events_are_the_ones_that_are_named() {
        let refusals = read(
            &json!({"accepted": 1, "rejected": 3, "retryable": true, "errors": [
                {"index": 3, "code": "bad_name", "message": "no such\nmodel"},
                {"index": 1, "code": "bad_name"},
                {"index": 1, "code": "twice"},
                {"index": 2, "code": 7, "hint": "a later version's"},
                {"index": 4}, {"index": -1}, {"index": "0"}, null,
            ]}),
        );
        assert_eq!(
            (refusals.places.as_slice(), refusals.retryable),
            ([1, 2, 3].as_slice(), true)
        );
        assert_eq!(refusals.codes(), ["7", "bad_name"]);
        assert_eq!(
            refusals.to_string(),
            "1 with `7`, 2 with `bad_name` (no such)"
        );
    }

    #[test]
    fn refused_events_that_are_not_named_are_counted_or_all_sent_again() {
        let named = json!([{"index": 2, "code": "x"}]);
        let answer = json!({"rejected": 3, "retryable": false, "errors": named});
        assert_eq!(read(&answer).places, [0, 1, 2]);
        let answer = json!({"rejected": 3, "retryable": true, "errors": named});
        assert_eq!(read(&answer).places, [0, 1, 2, 3]);
        assert_eq!(read(&json!({"rejected": u64::MAX})).places.len(), 4);
    }

    #[test]
    fn an_odd_answer_to_stored_events_is_good_news() {
        for answer in [
            json!({"accepted": 4, "rejected": 0, "retryable": false, "errors": [], "id": "req_1"}),
            json!({"rejected": 0, "errors": [{"index": 0, "code": "only a warning"}]}),
            json!({"rejected": -1, "retryable": null, "errors": {}}),
            json!([]),
            json!(null),
        ] {
            assert_eq!(read(&answer), Refusals::default(), "{answer}");
        }
        for body in ["", "<html>not json</html>", "{\"accepted\": 4"] {
            assert_eq!(
                Refusals::read(body.as_bytes(), 4),
                Refusals::default(),
                "{body}"
            );
        }
    }

    #[test]
    fn the_status_decides() {
        let answer = |status| Answer::new(StatusCode::from_u16(status).unwrap(), None, b"", 1);
        for status in [200, 201, 202, 204] {
            assert!(matches!(answer(status), Answer::Stored(_)), "{status}");
        }
        for status in [408, 425, 429, 500, 502, 503, 504] {
            assert!(
                matches!(answer(status), Answer::Unavailable(..)),
                "{status}"
            );
        }
        for status in [301, 302, 307, 401, 403, 404] {
            assert!(matches!(answer(status), Answer::Misdirected(_)), "{status}");
        }
        for status in [400, 409, 418, 422, 501, 505] {
            assert!(matches!(answer(status), Answer::Refused(_)), "{status}");
        }
        assert!(matches!(answer(413), Answer::TooLarge(_)));
    }

    #[test]
    fn the_first_line_of_a_body_is_fit_for_a_terminal() {
        let line = first_line(b"\r\n  \n \x1b[31mno such\x07 tenant \nmore").unwrap();
        assert_eq!(line, "[31mno such tenant");
        assert_eq!(first_line(&[b'x'; 1000]).map(|line| line.len()), Some(200));
        assert_eq!(first_line(b" \n"), None);
    }
}
