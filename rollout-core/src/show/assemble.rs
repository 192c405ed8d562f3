//! Events become runs.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::draft::Draft;
use super::forest::Forest;
use super::line::Line;
use super::model::{Origin, Run, StepKind};

/// Returns the runs that events tell of, the oldest first. The order of the events does not matter.
pub fn runs<'a>(events: impl IntoIterator<Item = &'a Value>) -> Vec<Run> {
    let mut assembly = Assembly::default();
    for event in events {
        assembly.take(event);
    }
    assembly.finish()
}

/// Events on their way to becoming runs.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    traces: BTreeMap<String, TraceDraft>,
    /// The traces' ids, by the program's own.
    external: HashMap<String, String>,
}

/// What is known of one trace.
#[derive(Debug, Default)]
struct TraceDraft {
    own: Draft,
    external_id: Option<String>,
    user: [Option<String>; 3],
    origin: Option<Origin>,
    spans: BTreeMap<String, Draft>,
    /// By the span that they name, and the id of the call.
    tools: BTreeMap<(String, String), Draft>,
    moments: Vec<(Option<String>, Draft)>,
}

impl Assembly {
    /// Takes an event; what belongs to no trace is passed over.
    pub(super) fn take(&mut self, event: &Value) {
        let line = Line::new(event);
        let (Some(trace), Some(kind)) = (line.trace(), line.text("event_type")) else {
            return;
        };
        if let (Some(id), Some(external)) = (line.text("trace_id"), line.text("external_trace_id"))
        {
            self.external.insert(external.to_owned(), id.to_owned());
        }
        self.traces
            .entry(trace.to_owned())
            .or_default()
            .take(kind, line);
    }

    pub(super) fn finish(mut self) -> Vec<Run> {
        // What was said of a trace by the program's own id for it.
        for (external, id) in &self.external {
            if let Some(said) = self.traces.remove(external)
                && let Some(trace) = self.traces.get_mut(id)
            {
                trace.moments.extend(said.moments);
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
        self.take_context(line);
        let span = line.text("span_id");
        match kind {
            "trace.start" | "trace.end" => {
                self.own.apply(kind, line);
                let attributes = line.object("attributes");
                if let Some(trace_id) = attributes.string("rollout.parent.trace_id") {
                    let span_id = attributes.string("rollout.parent.span_id");
                    self.origin = Some(Origin { trace_id, span_id });
                }
            }
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

    fn take_context(&mut self, line: Line<'_>) {
        if self.external_id.is_none() {
            self.external_id = line.string("external_trace_id");
        }
        let context = line.object("context");
        for (known, key) in self
            .user
            .iter_mut()
            .zip(["user_id", "session_id", "conversation_id"])
        {
            if known.is_none() {
                *known = context.string(key);
            }
        }
    }

    fn take_moment(&mut self, kind: &str, line: Line<'_>, span: Option<&str>) {
        let mut draft = Draft::default();
        draft.apply(kind, line);
        draft.describe(kind, line);
        self.moments.push((span.map(str::to_owned), draft));
    }

    /// Returns whether nothing happened in it but that more of a user became known.
    fn is_empty(&self) -> bool {
        !self.own.seen.beginning
            && !self.own.seen.end
            && self.spans.is_empty()
            && self.tools.is_empty()
            && self.moments.iter().all(|(_, draft)| draft.is_identity())
    }

    /// Adds the run and its steps.
    fn plant(self, trace_id: String, forest: &mut Forest) {
        let [user_id, session_id, conversation_id] = self.user;
        let run = Run {
            external_trace_id: self.external_id.filter(|id| *id != trace_id),
            trace_id,
            origin: self.origin,
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
                    trace.add(&draft, StepKind::Tool, Some(&call), Some(&span));
                }
                _ => {
                    if let Some(more) = spans.remove(&span) {
                        draft.merge(more);
                    }
                    let id = (!span.is_empty()).then_some(span.as_str());
                    let parent = draft.parent.cloned();
                    trace.add(&draft, StepKind::Tool, id, parent.as_deref());
                }
            }
        }
        for (id, draft) in &spans {
            let parent = draft.parent.cloned();
            trace.add(draft, StepKind::Span, Some(id), parent.as_deref());
        }
        for (span, draft) in &self.moments {
            trace.add(draft, StepKind::Event, None, span.as_deref());
        }
    }
}
