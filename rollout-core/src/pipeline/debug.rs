//! What `debug` shows of what is recorded: one line for each event.

use std::fmt;

use super::accounting::DropReason;
use crate::diagnostics::Diagnostics;
use crate::protocol::{Event, EventType};

/// Says what was recorded.
pub(super) fn recorded(diagnostics: &Diagnostics, event: &Event) {
    if diagnostics.is_debug() {
        diagnostics.debug(Line(event));
    }
}

/// What is dropped, which is known before, and why, which is known after the hooks.
pub(super) struct Dropped(EventType, Option<u64>);

impl Dropped {
    pub(super) fn maybe(event: &Event) -> Self {
        Self(event.event_type(), event.sequence)
    }

    /// Says so, without a name: a hook may have dropped it for that.
    pub(super) fn say(self, diagnostics: &Diagnostics, reason: DropReason) {
        let (Self(kind, sequence), reason) = (self, reason.name());
        match sequence {
            Some(sequence) => {
                diagnostics.debug(format_args!("{kind} #{sequence} is dropped: {reason}"));
            }
            None => diagnostics.debug(format_args!("{kind} is dropped: {reason}")),
        }
    }
}

/// What an event is, and nothing of what is in it.
struct Line<'a>(&'a Event);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(event) = self;
        write!(f, "{}", event.event_type())?;
        if let Some(sequence) = event.sequence {
            write!(f, " #{sequence}")?;
        }
        if let Some(name) = &event.name {
            write!(f, " {name:?}")?;
        }
        if let Some(status) = &event.status {
            write!(f, " {status}")?;
        }
        if let Some(trace) = &event.trace_id {
            write!(f, " of {trace}")?;
        }
        if let Some(span) = &event.span_id {
            write!(f, " in {span}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use crate::export::testing::Folder;
    use crate::{Rollout, span};

    const TRACE: &str = "trace_01234567-89ab-4def-8123-456789abcdef";

    fn said(configure: impl FnOnce(crate::Builder) -> crate::Builder) -> Vec<String> {
        let said = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&said);
        let builder = Rollout::builder()
            .without_environment()
            .debug(true)
            .on_diagnostic(move |diagnostic| sink.lock().unwrap().push(diagnostic.to_string()));
        let rollout = configure(builder).build().unwrap();
        let trace = rollout
            .trace("secret\nplans")
            .trace_id(TRACE.parse().unwrap())
            .start();
        trace.in_scope(|| span("step").input("not shown").start().end());
        trace.end();
        rollout.shutdown();
        said.lock().unwrap().clone()
    }

    #[test]
    fn each_event_and_where_it_goes() {
        let folder = Folder::new("debug");
        let said = said(|builder| builder.local_dir(&*folder));
        let start = format!("events go into `{}`", folder.display());
        assert_eq!(said[0], start);
        let lines = [
            format!("trace.start #1 \"secret\\nplans\" of {TRACE}"),
            format!("span.start #2 \"step\" of {TRACE} in span_"),
            // Its input.
            format!("span.update #3 \"step\" of {TRACE} in span_"),
            format!("span.end #4 \"step\" ok of {TRACE} in span_"),
            format!("trace.end #5 \"secret\\nplans\" ok of {TRACE}"),
            "5 events: 5 exported".to_owned(),
        ];
        assert_eq!(said.len(), 1 + lines.len(), "{said:#?}");
        for (said, line) in said[1..].iter().zip(lines) {
            assert!(said.starts_with(&line), "{said}, not {line}");
        }
        assert!(!said.concat().contains("not shown"));
    }

    #[test]
    fn what_is_held_back_and_why() {
        let folder = Folder::new("debug");
        let said = said(|builder| builder.before_send(|_| None).local_dir(&*folder));
        assert_eq!(said[1], "trace.start #1 is dropped: filtered");
    }

    #[test]
    fn nothing_is_recorded_where_it_is_switched_off() {
        let said = said(|builder| builder.disabled(true));
        assert_eq!(said[0], "nothing is recorded: it is disabled");
    }
}
