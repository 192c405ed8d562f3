//! A recorder in memory, and traces as indented trees.

use std::fmt::Write as _;

use rollout::Instrument as _;
use rollout::protocol::{Event, EventType, Json};

/// What a program under test recorded.
pub(crate) struct Recorded {
    pub(crate) events: Vec<Event>,
}

/// Runs a program, and returns what it returned and what it recorded.
pub(crate) fn record_with<R>(program: impl FnOnce() -> R) -> (R, Recorded) {
    let recording = rollout::testing::record();
    let result = recording.in_scope(program);
    let events = recording.events();
    (result, Recorded { events })
}

/// Runs a program, and returns what it recorded.
pub(crate) fn record<R>(program: impl FnOnce() -> R) -> Recorded {
    record_with(program).1
}

/// Runs a future to its end, polled in the context it was handed over in.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    futures::executor::block_on(future.in_current_trace())
}

impl Recorded {
    /// Returns the only event of this type.
    pub(crate) fn only(&self, kind: EventType) -> &Event {
        let mut found = self.events.iter().filter(|e| e.event_type() == kind);
        let event = found.next().unwrap_or_else(|| panic!("no {kind:?}"));
        assert!(found.next().is_none(), "more than one {kind:?}");
        event
    }

    /// Returns the recorded traces: a line each trace, span and tool, with what went in and came out.
    pub(crate) fn tree(&self) -> String {
        let mut tree = String::new();
        for event in &self.events {
            if event.event_type() == EventType::TraceStart {
                self.line(&mut tree, 0, "trace", event, EventType::TraceEnd);
                self.below(&mut tree, 1, event, None);
            }
        }
        tree
    }

    fn below(&self, tree: &mut String, depth: usize, trace: &Event, parent: Option<&str>) {
        for event in &self.events {
            let end = match event.event_type() {
                EventType::SpanStart => EventType::SpanEnd,
                EventType::ToolCall => EventType::ToolResult,
                _ => continue,
            };
            if event.trace_id == trace.trace_id && event.parent_span_id.as_deref() == parent {
                let kind = event.span_type.as_deref().unwrap();
                self.line(tree, depth, kind, event, end);
                self.below(tree, depth + 1, trace, event.span_id.as_deref());
            }
        }
    }

    fn line(&self, tree: &mut String, depth: usize, kind: &str, start: &Event, end: EventType) {
        let same =
            |event: &&Event| event.trace_id == start.trace_id && event.span_id == start.span_id;
        let all = || self.events.iter().filter(same);
        let ends: Vec<_> = all().filter(|event| event.event_type() == end).collect();
        let [end] = ends.as_slice() else {
            panic!("{} ends of {:?}", ends.len(), start.name);
        };
        let name = start.name.as_deref().unwrap();
        let status = end.status.as_deref().unwrap();
        write!(tree, "{}{kind} {name} {status}", "  ".repeat(depth)).unwrap();
        let text = |json: &Json| json.to_value().to_string();
        let input = all().find_map(|e| e.raw.arguments.as_ref().or(e.raw.input.as_ref()));
        let output = end.raw.result.as_ref().or(end.raw.output.as_ref());
        if let Some(input) = input {
            write!(tree, " {}", text(input)).unwrap();
        }
        if let Some(output) = output {
            write!(tree, " -> {}", text(output)).unwrap();
        }
        if let (Some(kind), Some(message)) = (&end.error.r#type, &end.error.message_preview) {
            write!(tree, " !! {kind}: {message}").unwrap();
        }
        tree.push('\n');
    }
}

/// Compares a tree with lines.
#[track_caller]
pub(crate) fn assert_tree(recorded: &Recorded, expected: &[&str]) {
    let tree = recorded.tree();
    let lines: Vec<&str> = tree.lines().collect();
    assert_eq!(lines, expected, "\n{tree}");
}
