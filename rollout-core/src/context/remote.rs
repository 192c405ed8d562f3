//! Traces that go on in another process, as the W3C Trace Context has it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Active, Context};
use crate::id::{SpanId, TraceId};

/// A `tracestate` that is longer is not passed on, and neither is a `baggage`: what W3C has to be taken.
const LONGEST_STATE: usize = 512;
const LONGEST_BAGGAGE: usize = 8192;

/// A span of another process that what happens here is part of.
#[derive(Debug)]
pub(crate) struct Remote {
    pub(crate) trace: TraceId,
    pub(crate) span: SpanId,
    pub(crate) sampled: bool,
    state: Option<String>,
    baggage: Option<String>,
    /// The events of this trace that were made in this context.
    sequence: AtomicU64,
}

impl Remote {
    /// Reads the header `traceparent`: a version, the trace, the span, and flags. `None` if it is none.
    fn parse(header: &str) -> Option<Self> {
        let header = header.trim();
        let (known, more) = header.split_at_checked(55)?;
        let mut parts = known.split('-');
        let (version, trace, span, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let lengths = [version.len(), trace.len(), span.len(), flags.len()];
        // Versions to come may say more, behind another hyphen.
        let is_whole = more.is_empty() || version != "00" && more.starts_with('-');
        let is_hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
        let is_plain = [version, trace, span, flags]
            .iter()
            .all(|part| part.bytes().all(is_hex));
        if lengths != [2, 32, 16, 2] || version == "ff" || !is_whole || !is_plain {
            return None;
        }
        let trace = u128::from_str_radix(trace, 16).ok().filter(|id| *id != 0)?;
        let span = u64::from_str_radix(span, 16).ok()?;
        Some(Self {
            trace: TraceId::from_bytes(trace.to_be_bytes()),
            span: SpanId::from_bytes(span.to_be_bytes())?,
            sampled: u8::from_str_radix(flags, 16).ok()? & 1 == 1,
            state: None,
            baggage: None,
            sequence: AtomicU64::new(0),
        })
    }

    pub(crate) fn next_sequence(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl Context {
    /// Returns the context of work that was asked for by another process, whose request has these
    /// headers: `traceparent`, and `tracestate` and `baggage` where there are such.
    ///
    /// What is opened in it is part of that process' trace, below the span that asked: an agent or
    /// trace as a span of the type `agent`, which has the same name, input and output. Whether the trace
    /// is kept was decided where it began. Where there is no such header, or a malformed one, this is the
    /// [current](Self::current) context.
    ///
    /// Takes any pairs of names and values: a `http::HeaderMap`, of `axum`, `hyper` or `reqwest`, as it
    /// is.
    ///
    /// ```
    /// use rollout_core::Context;
    ///
    /// let headers = [("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")];
    /// let context = Context::from_headers(headers);
    /// assert_eq!(context.trace_id().unwrap().to_hex(), "4bf92f3577b34da6a3ce929d0e0e4736");
    /// context.in_scope(|| { /* handle the request */ });
    /// ```
    pub fn from_headers<N: AsRef<str>, V: AsRef<[u8]>>(
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let (mut parents, mut states, mut baggage) = (Vec::new(), Vec::new(), Vec::new());
        for (name, value) in headers {
            let Ok(value) = std::str::from_utf8(value.as_ref()) else {
                continue;
            };
            if name.as_ref().eq_ignore_ascii_case("traceparent") {
                parents.push(value.to_owned());
            } else if name.as_ref().eq_ignore_ascii_case("tracestate") {
                states.push(value.trim().to_owned());
            } else if name.as_ref().eq_ignore_ascii_case("baggage") {
                baggage.push(value.trim().to_owned());
            }
        }
        // With two of them nobody knows which is meant.
        let [parent] = parents.as_slice() else {
            return Self::current();
        };
        Self::of_remote(parent, &states.join(","), &baggage.join(","))
    }

    /// Returns the context of work that is part of another process' trace, from the text of a
    /// `traceparent`: for queues and other ways that have no headers. Malformed, it changes nothing, as in
    /// [`from_headers`](Self::from_headers).
    ///
    /// ```
    /// use rollout_core::Context;
    ///
    /// // Where a job is put into a queue:
    /// let ticket = Context::current().traceparent();
    /// // Where it is taken out:
    /// let context = Context::from_traceparent(&ticket.unwrap_or_default());
    /// ```
    pub fn from_traceparent(traceparent: &str) -> Self {
        Self::of_remote(traceparent, "", "")
    }

    fn of_remote(parent: &str, state: &str, baggage: &str) -> Self {
        let current = Self::current();
        let Some(mut remote) = Remote::parse(parent) else {
            return current;
        };
        let passed_on = |text: &str, longest| {
            let is_fit = !text.is_empty() && text.len() <= longest;
            is_fit.then(|| text.to_owned())
        };
        remote.state = passed_on(state, LONGEST_STATE);
        remote.baggage = passed_on(baggage, LONGEST_BAGGAGE);
        let recorder = match &current.active {
            // Nothing is recorded on the recorder's own threads.
            Active::Suppressed => return current,
            active => active.recorder(),
        };
        Self::new(Active::Remote(recorder, Arc::new(remote)), current.user)
    }

    /// Returns the header `traceparent` by which another process goes on with the active trace; `None`
    /// where none is active.
    ///
    /// ```
    /// # let rollout = rollout_core::Rollout::builder().exporter(rollout_core::MemoryExporter::new()).build().unwrap();
    /// let trace = rollout.trace("support").start();
    /// let header = trace.context().traceparent().unwrap();
    /// assert!(header.starts_with(&format!("00-{}-", trace.id().unwrap().to_hex())));
    /// ```
    pub fn traceparent(&self) -> Option<String> {
        let (trace, span, flags) = match &self.active {
            Active::Nothing | Active::Suppressed | Active::Client(_) => return None,
            Active::SampledOut(_, trace) => (*trace, trace.root_span(), 0),
            Active::Remote(_, remote) => (remote.trace, remote.span, u8::from(remote.sampled)),
            Active::Trace(trace) => (trace.id, trace.root_span(), 1),
            Active::Span(span) => (span.trace.id, span.id, 1),
        };
        Some(format!(
            "00-{}-{}-{flags:02x}",
            trace.to_hex(),
            span.to_hex()
        ))
    }

    /// Hands over the headers by which another process goes on with the active trace: `traceparent`,
    /// and the `tracestate` and `baggage` that came with a trace from elsewhere.
    ///
    /// ```
    /// use rollout_core::Context;
    ///
    /// let mut headers = std::collections::HashMap::new();
    /// Context::current().inject(|name, value| {
    ///     headers.insert(name, value.to_owned());
    /// });
    /// ```
    pub fn inject(&self, mut set: impl FnMut(&'static str, &str)) {
        let Some(parent) = self.traceparent() else {
            return;
        };
        set("traceparent", &parent);
        let remote = match &self.active {
            Active::Remote(_, remote) => Some(remote),
            _ => self.trace().and_then(|trace| trace.remote.as_ref()),
        };
        let Some(remote) = remote else { return };
        if let Some(state) = &remote.state {
            set("tracestate", state);
        }
        if let Some(baggage) = &remote.baggage {
            set("baggage", baggage);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_is_malformed_is_none() {
        assert!(Remote::parse(PARENT).is_some_and(|remote| remote.sampled));
        assert!(Remote::parse(&PARENT.replace("-01", "-00")).is_some_and(|it| !it.sampled));
        assert!(Remote::parse(&format!("cc{}-more", &PARENT[2..])).is_some());
        for odd in [
            "",
            "00",
            &PARENT[..54],
            &format!("{PARENT}-more"),
            &format!("ff{}", &PARENT[2..]),
            &PARENT.to_uppercase(),
            &PARENT.replace('-', "_"),
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
            "é0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b-01",
        ] {
            assert!(Remote::parse(odd).is_none(), "{odd}");
        }
    }

    #[test]
    fn headers_are_found_whatever_their_case_and_passed_on() {
        let headers = [
            ("TraceParent", PARENT),
            ("TRACESTATE", "a=1"),
            ("Baggage", "user=7"),
            ("tracestate", "b=2"),
        ];
        let mut passed = Vec::new();
        Context::from_headers(headers).inject(|name, value| passed.push((name, value.to_owned())));
        let expected = [
            ("traceparent", PARENT),
            ("tracestate", "a=1,b=2"),
            ("baggage", "user=7"),
        ];
        assert_eq!(
            passed,
            expected.map(|(name, value)| (name, value.to_owned()))
        );
        let none = [("traceparent", PARENT), ("traceparent", PARENT)];
        assert_eq!(Context::from_headers(none).traceparent(), None);
        assert_eq!(
            Context::from_headers([("traceparent", [0xff])]).traceparent(),
            None
        );
    }
}
