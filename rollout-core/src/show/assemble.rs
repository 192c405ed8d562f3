//! Events become runs.

use std::collections::BTreeMap;

use serde_json::Value;

use super::draft::Draft;
use super::forest::Forest;
use super::line::Line;
use super::model::{Origin, Run, StepKind};
use super::slot::{Rank, Slot, Stage};

/// Returns the runs that events tell of, the oldest first. The order of the events does not matter.
///
/// What has no end is taken for unfinished, as nothing is known of the program.
///
/// ```
/// use rollout_core::show;
/// use serde_json::json;
///
/// let events = [
///     json!({"event_type": "trace.start", "trace_id": "t1", "name": "support"}),
///     json!({"event_type": "trace.end", "trace_id": "t1", "status": "ok"}),
/// ];
/// let runs = show::runs(&events);
/// assert_eq!(runs[0].to_string(), "✓ support · t1");
/// ```
pub fn runs<'a>(events: impl IntoIterator<Item = &'a Value>) -> Vec<Run> {
    let mut assembly = Assembly::default();
    for event in events {
        assembly.take(event, true);
    }
    assembly.finish()
}

/// Events on their way to becoming runs, one after the other: for those who read them themselves, and
/// know which programs still run.
///
/// ```
/// use rollout_core::show::{Assembly, Status};
/// use serde_json::json;
///
/// let mut assembly = Assembly::default();
/// // Of a program that was killed:
/// assembly.take(&json!({"event_type": "trace.start", "trace_id": "t1", "name": "support"}), false);
/// assert_eq!(assembly.finish()[0].status, Status::Interrupted);
/// ```
#[derive(Debug, Default)]
pub struct Assembly {
    traces: BTreeMap<String, TraceDraft>,
    /// The traces' ids, by the program's own.
    external: BTreeMap<String, String>,
}

/// What is known of one trace.
#[derive(Debug, Default)]
struct TraceDraft {
    own: Draft,
    /// Whether a program that tells of it may still run.
    goes_on: bool,
    origin: Slot<Origin>,
    external_id: Slot<String>,
    /// The user, the session and the conversation.
    context: [Slot<String>; 3],
    spans: BTreeMap<String, Draft>,
    /// By the span that they name, and the id of the call.
    tools: BTreeMap<(String, String), Draft>,
    /// By their fingerprint, as a file may be there twice.
    moments: BTreeMap<u64, SingleEvent>,
}

/// An event that is a step by itself.
#[derive(Debug)]
struct SingleEvent {
    id: Option<String>,
    /// The span around it.
    span: Option<String>,
    draft: Draft,
}

impl Assembly {
    /// Takes an event, and whether the program that tells of it may still run; what belongs to no
    /// trace is passed over.
    pub fn take(&mut self, event: &Value, goes_on: bool) {
        let line = Line::new(event);
        let (Some(trace), Some(kind)) = (line.trace(), line.text("event_type")) else {
            return;
        };
        if let (Some(id), Some(external)) = (line.text("trace_id"), line.text("external_trace_id"))
            && id != external
        {
            let known = self.external.entry(external.to_owned());
            let known = known.or_insert_with(|| id.to_owned());
            // Of several traces always the same one, in whichever order they are read.
            if id < known.as_str() {
                id.clone_into(known);
            }
        }
        let trace = self.traces.entry(trace.to_owned()).or_default();
        trace.goes_on |= goes_on;
        trace.take(kind, line);
    }

    /// Returns the runs that the events told of, the oldest first.
    pub fn finish(mut self) -> Vec<Run> {
        // What was said of a trace by the program's own id for it.
        for (external, id) in &self.external {
            if self.traces.contains_key(id)
                && let Some(said) = self.traces.remove(external)
                && let Some(trace) = self.traces.get_mut(id)
            {
                trace.merge(said);
            }
        }
        // A user is known apart from all runs.
        let traces = self
            .traces
            .into_iter()
            .filter(|(_, trace)| !trace.is_empty());
        let mut forest = Forest::default();
        for (id, trace) in traces {
            trace.plant(id, &mut forest);
        }
        forest.grow()
    }
}

impl TraceDraft {
    fn take(&mut self, kind: &str, line: Line<'_>) {
        self.take_context(kind, line);
        let span = line.text("span_id");
        match kind {
            "trace.start" | "trace.end" => self.own.apply(kind, line),
            "tool.call" | "tool.result" => {
                let call = line.object("tool").text("tool_call_id").unwrap_or_default();
                let key = (span.unwrap_or_default().to_owned(), call.to_owned());
                self.tools.entry(key).or_default().apply(kind, line);
            }
            _ if kind.starts_with("span.") || kind.starts_with("llm.") => match span {
                Some(span) => {
                    let draft = self.spans.entry(span.to_owned()).or_default();
                    draft.apply(kind, line);
                }
                None => self.take_moment(kind, line, None),
            },
            _ => self.take_moment(kind, line, span),
        }
    }

    fn take_context(&mut self, kind: &str, line: Line<'_>) {
        // What it began with counts the most, then the earliest of what its steps tell.
        let stage = match kind {
            "trace.start" => Stage::End,
            "trace.end" => Stage::Answer,
            _ => Stage::Beginning,
        };
        let rank = Rank {
            stage,
            sequence: u64::MAX - line.count("sequence").unwrap_or_default(),
            at: None,
            tie: line.fingerprint(),
        };
        self.external_id.set(rank, line.string("external_trace_id"));
        let context = line.object("context");
        let keys = ["user_id", "session_id", "conversation_id"];
        for (known, key) in self.context.iter_mut().zip(keys) {
            known.set(rank, context.string(key));
        }
        if stage > Stage::Beginning {
            let attributes = line.object("attributes");
            let trace_id = attributes.string("rollout.parent.trace_id");
            let origin = trace_id.map(|trace_id| Origin {
                trace_id,
                span_id: attributes.string("rollout.parent.span_id"),
            });
            self.origin.set(rank, origin);
        }
    }

    fn take_moment(&mut self, kind: &str, line: Line<'_>, span: Option<&str>) {
        let mut draft = Draft::default();
        draft.apply(kind, line);
        draft.describe(kind, line);
        let event = SingleEvent {
            id: line.string("event_id"),
            span: span.map(str::to_owned),
            draft,
        };
        self.moments.insert(line.fingerprint(), event);
    }

    /// Takes what was said of the same trace by another id.
    fn merge(&mut self, other: Self) {
        let Self {
            own,
            goes_on,
            origin,
            external_id,
            context,
            spans,
            tools,
            moments,
        } = other;
        self.own.merge(own);
        self.goes_on |= goes_on;
        self.origin.merge(origin);
        self.external_id.merge(external_id);
        for (known, other) in self.context.iter_mut().zip(context) {
            known.merge(other);
        }
        for (id, span) in spans {
            self.spans.entry(id).or_default().merge(span);
        }
        for (id, tool) in tools {
            self.tools.entry(id).or_default().merge(tool);
        }
        self.moments.extend(moments);
    }

    /// Returns whether nothing happened in it but that more of a user became known.
    fn is_empty(&self) -> bool {
        !self.own.seen.beginning
            && !self.own.seen.end
            && self.spans.is_empty()
            && self.tools.is_empty()
            && self.moments.values().all(|event| event.draft.is_identity())
    }

    /// Adds the run and its steps.
    fn plant(mut self, trace_id: String, forest: &mut Forest) {
        let is_stopped = !self.goes_on;
        self.own.is_stopped = is_stopped;
        let [user_id, session_id, conversation_id] = self.context.map(|known| known.cloned());
        let run = Run {
            external_trace_id: self.external_id.cloned().filter(|id| *id != trace_id),
            trace_id,
            origin: self.origin.cloned(),
            user_id,
            session_id,
            conversation_id,
            ..Run::default()
        };
        let mut trace = forest.run(run, &self.own);
        let mut spans = self.spans;
        for ((span, call), mut draft) in self.tools {
            match spans.get(&span) {
                // Some SDKs give tools no span of their own: theirs is the one around.
                Some(around) if around.seen.span => {
                    draft.is_stopped = is_stopped;
                    trace.add(&draft, StepKind::Tool, Some(&call), Some(&span));
                }
                _ => {
                    if let Some(more) = spans.remove(&span) {
                        draft.merge(more);
                    }
                    draft.is_stopped = is_stopped;
                    let id = (!span.is_empty()).then_some(span.as_str());
                    let parent = draft.parent.cloned();
                    trace.add(&draft, StepKind::Tool, id, parent.as_deref());
                }
            }
        }
        for (id, draft) in &mut spans {
            draft.is_stopped = is_stopped;
            let parent = draft.parent.cloned();
            trace.add(draft, StepKind::Span, Some(id), parent.as_deref());
        }
        for SingleEvent { id, span, draft } in self.moments.values() {
            trace.add(draft, StepKind::Event, id.as_deref(), span.as_deref());
        }
    }
}
