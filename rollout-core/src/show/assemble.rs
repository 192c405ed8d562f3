//! Events become runs.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde_json::Value;

use super::draft::{Draft, Order};
use super::line::Line;
use super::model::{Origin, Run, Step, StepKind};
use crate::clock::Timestamp;

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
        let mut runs: Vec<(Order, Run)> = traces
            .map(|(id, trace)| (trace.own.order(), trace.into_run(id)))
            .collect();
        runs.sort_by_key(|(order, run)| (run.started, *order));
        nest(runs.into_iter().map(|(_, run)| run).collect())
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

    fn into_run(mut self, trace_id: String) -> Run {
        let steps = self.take_steps();
        let own = self.own.to_step(StepKind::Run, None);
        let first = steps.first();
        let started = own.started.or(first.and_then(|step| step.started));
        let [user_id, session_id, conversation_id] = self.user;
        let mut run = Run {
            name: match (own.name.is_empty(), first) {
                (true, Some(step)) => step.name.clone(),
                _ => own.name,
            },
            external_trace_id: self.external_id.filter(|id| *id != trace_id),
            trace_id,
            origin: self.origin,
            status: own.status,
            started,
            duration: if self.own.seen.end {
                own.duration
            } else {
                own.duration.max(until_last(started, &steps))
            },
            user_id,
            session_id,
            conversation_id,
            attributes: own.attributes,
            input: own.input,
            output: own.output,
            error: own.error,
            steps,
        };
        let started = run.started;
        run.steps
            .iter_mut()
            .for_each(|step| set_offset(step, started));
        run
    }

    /// Returns the steps directly below the trace, with all the others inside them.
    fn take_steps(&mut self) -> Vec<Step> {
        let mut spans = std::mem::take(&mut self.spans);
        let mut nodes = Vec::new();
        for ((span, call), mut draft) in std::mem::take(&mut self.tools) {
            match spans.get(&span) {
                // Some SDKs give tools no span of their own: theirs is the one around.
                Some(around) if around.seen.span => {
                    nodes.push(Node::new(&draft, StepKind::Tool, Some(&call), Some(span)));
                }
                _ => {
                    let parent = draft.parent.cloned();
                    if let Some(more) = spans.remove(&span) {
                        draft.merge(more);
                    }
                    let id = (!span.is_empty()).then_some(span.as_str());
                    nodes.push(Node::new(&draft, StepKind::Tool, id, parent));
                }
            }
        }
        for (id, draft) in &spans {
            let parent = draft.parent.cloned();
            nodes.push(Node::new(draft, StepKind::Span, Some(id), parent));
        }
        for (span, draft) in std::mem::take(&mut self.moments) {
            nodes.push(Node::new(&draft, StepKind::Event, None, span));
        }
        tree(nodes)
    }
}

/// A step, and where it belongs.
#[derive(Debug)]
struct Node {
    order: Order,
    parent: Option<String>,
    step: Step,
}

impl Node {
    fn new(draft: &Draft, kind: StepKind, id: Option<&str>, parent: Option<String>) -> Self {
        Self {
            order: draft.order(),
            parent,
            step: draft.to_step(kind, id),
        }
    }
}

/// Puts steps inside those that they name. Whose parent is not known hangs at the top.
fn tree(mut nodes: Vec<Node>) -> Vec<Step> {
    nodes.sort_by_key(|node| node.order);
    let ids: HashMap<String, usize> = nodes
        .iter()
        .enumerate()
        .filter_map(|(index, node)| Some((node.step.id.clone()?, index)))
        .collect();
    let mut parents: Vec<Option<usize>> = nodes
        .iter()
        .enumerate()
        .map(|(index, node)| {
            let parent = *ids.get(node.parent.as_deref()?)?;
            (parent != index).then_some(parent)
        })
        .collect();
    for index in 0..parents.len() {
        if is_too_deep(&parents, index)
            && let Some(parent) = parents.get_mut(index)
        {
            *parent = None;
        }
    }
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut tops = Vec::new();
    for (index, parent) in parents.iter().enumerate() {
        match parent.and_then(|parent| children.get_mut(parent)) {
            Some(siblings) => siblings.push(index),
            None => tops.push(index),
        }
    }
    let mut steps: Vec<Option<Step>> = nodes.into_iter().map(|node| Some(node.step)).collect();
    tops.into_iter()
        .filter_map(|top| grow(top, &children, &mut steps))
        .collect()
}

/// How deep steps may be inside each other; what is deeper, or goes in circles, starts anew.
const DEEPEST: usize = 100;

fn is_too_deep(parents: &[Option<usize>], start: usize) -> bool {
    let mut at = start;
    for _ in 0..DEEPEST {
        match parents.get(at).copied().flatten() {
            None => return false,
            Some(parent) => at = parent,
        }
    }
    true
}

/// Takes a step out with everything inside it.
fn grow(top: usize, children: &[Vec<usize>], steps: &mut [Option<Step>]) -> Option<Step> {
    let mut order = vec![top];
    let mut next = 0;
    while let Some(index) = order.get(next).copied() {
        order.extend(children.get(index).into_iter().flatten());
        next += 1;
    }
    // The innermost first, so that each is whole when it is put into its parent.
    for index in order.iter().rev() {
        let inner: Vec<Step> = children
            .get(*index)
            .into_iter()
            .flatten()
            .filter_map(|child| steps.get_mut(*child)?.take())
            .collect();
        if let Some(Some(step)) = steps.get_mut(*index) {
            step.steps = inner;
        }
    }
    steps.get_mut(top)?.take()
}

fn set_offset(step: &mut Step, run: Option<Timestamp>) {
    step.offset = step.started.zip(run).map(|(step, run)| {
        Duration::from_nanos(step.unix_nanos().saturating_sub(run.unix_nanos()))
    });
    for inner in &mut step.steps {
        set_offset(inner, run);
    }
}

/// Returns how long after the beginning of a run the last of its steps ended, as far as is known.
fn until_last(run: Option<Timestamp>, steps: &[Step]) -> Option<Duration> {
    let run = run?.unix_nanos();
    let ends = steps.iter().filter_map(|step| {
        let started = step.started?.unix_nanos().saturating_sub(run);
        Some(Duration::from_nanos(started).saturating_add(step.duration.unwrap_or_default()))
    });
    ends.max()
}

/// Puts runs that were begun inside others where they were begun, if those are there.
fn nest(runs: Vec<Run>) -> Vec<Run> {
    let mut kept: Vec<Run> = Vec::new();
    let mut inner: Vec<Run> = Vec::new();
    let ids: Vec<String> = runs.iter().map(|run| run.trace_id.clone()).collect();
    for run in runs {
        let is_inside = run.origin.as_ref().is_some_and(|origin| {
            origin.trace_id != run.trace_id && ids.contains(&origin.trace_id)
        });
        if is_inside {
            inner.push(run);
        } else {
            kept.push(run);
        }
    }
    // The last first: a run inside a run inside a run began later.
    while let Some(run) = inner.pop() {
        let Some(origin) = run.origin.clone() else {
            continue;
        };
        let all = inner.iter_mut().chain(&mut kept);
        match { all }.find(|around| around.trace_id == origin.trace_id) {
            Some(around) => put(around, origin.span_id.as_deref(), run),
            None => kept.push(run),
        }
    }
    kept
}

fn put(around: &mut Run, span: Option<&str>, run: Run) {
    let mut step = run.into_step();
    set_offset(&mut step, around.started);
    let mut step = Some(step);
    if let Some(parent) = span.and_then(|span| find_step(&mut around.steps, span)) {
        insert(&mut parent.steps, step.take());
    }
    insert(&mut around.steps, step);
}

/// Inserts a step where it belongs by the time it began.
fn insert(steps: &mut Vec<Step>, step: Option<Step>) {
    if let Some(step) = step {
        let before = steps
            .iter()
            .take_while(|other| other.started <= step.started);
        steps.insert(before.count(), step);
    }
}

fn find_step<'a>(steps: &'a mut [Step], id: &str) -> Option<&'a mut Step> {
    for step in steps {
        if step.id.as_deref() == Some(id) {
            return Some(step);
        }
        if let Some(found) = find_step(&mut step.steps, id) {
            return Some(found);
        }
    }
    None
}

impl Run {
    /// Returns the run as a step of the one that it was begun in.
    fn into_step(self) -> Step {
        Step {
            kind: StepKind::Run,
            label: "trace".to_owned(),
            id: Some(self.trace_id),
            name: self.name,
            status: self.status,
            started: self.started,
            duration: self.duration,
            input: self.input,
            output: self.output,
            error: self.error,
            attributes: self.attributes,
            steps: self.steps,
            ..Step::default()
        }
    }
}
