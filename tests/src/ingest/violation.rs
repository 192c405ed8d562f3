//! What can be wrong with what a client sends.

use std::fmt;

/// A rule of the protocol that a request, an envelope or an event broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// It is no `POST`, or not to `/v1/events:batch`.
    Target,
    /// A header is missing, or has another value.
    Header,
    /// The body is not one gzip member.
    Gzip,
    /// It is no JSON in UTF-8 that every parser reads.
    Json,
    /// An object has a key twice.
    DuplicateKey,
    /// There is no such key.
    UnknownKey,
    /// A key that has to be there is not.
    Missing,
    /// `null` instead of nothing at all.
    Null,
    /// Another type of JSON than the one that is wanted.
    Type,
    /// A text that is empty or too long.
    Length,
    /// A number out of range.
    Range,
    /// A text that is none of those that may stand here.
    Choice,
    /// A moment that is not UTC with `Z`, with microseconds or without fractions.
    Timestamp,
    /// An id that looks like the SDK's own, and is not.
    IdForm,
    /// More events, or more bytes, than may travel together.
    BatchSize,
    /// An event of no trace.
    NoTrace,
    /// A key that does not belong in events of this type.
    Misplaced,
    /// What an event says here is not what it says there.
    Contradiction,
    /// Something ends before it begins, or is sent before it happens.
    Backwards,
    /// An event that was stored is sent again.
    Repeated,
    /// Something is sent again, and is not the same.
    Changed,
    /// Two events of a trace have the same number, or a later one travels first.
    Sequence,
    /// A start of what has begun already.
    StartedTwice,
    /// News of what never began.
    NotStarted,
    /// An end of what has ended already.
    EndedTwice,
    /// News of what has ended.
    AfterEnd,
    /// The span around a span is not one of its trace.
    Parent,
    /// Something began and never ended.
    LeftOpen,
    /// A number is missing in a trace: an event was lost.
    Gap,
}

/// Something that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which rule.
    pub rule: Rule,
    /// Where, as a path into the envelope: `events[3].model.temperature`. In the words of HTTP where it
    /// is not about the body.
    pub path: String,
    /// The event that it is about, as JSON, if it is about one.
    pub event: Option<String>,
    /// What was found, and what was expected.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            path,
            event,
            detail,
        } = self;
        write!(f, "{rule:?} at {path}: {detail}")?;
        match event {
            Some(event) => write!(f, "\n    in {event}"),
            None => Ok(()),
        }
    }
}

/// Collects what is wrong with one thing.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) violations: Vec<Violation>,
    event: Option<String>,
}

impl Findings {
    /// Says which event the next ones are about.
    pub(super) fn about(&mut self, event: Option<&str>) {
        self.event = event.map(shorten);
    }

    pub(super) fn add(&mut self, rule: Rule, path: impl Into<String>, detail: impl Into<String>) {
        self.violations.push(Violation {
            rule,
            path: path.into(),
            event: self.event.clone(),
            detail: detail.into(),
        });
    }
}

/// Returns the beginning of an event, for a message.
fn shorten(event: &str) -> String {
    match event.char_indices().nth(600) {
        Some((end, _)) => format!("{}…", &event[..end]),
        None => event.to_owned(),
    }
}
