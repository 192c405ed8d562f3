//! Steps are put inside each other, and runs inside those that they were begun in.

use std::collections::HashMap;
use std::time::Duration;

use super::draft::{Draft, Order};
use super::model::{Run, Status, Step, StepKind};
use crate::clock::Timestamp;

/// How deep steps may be inside each other, runs inside runs included; what is deeper, or goes in
/// circles, starts anew. Whoever walks over a run may so do it by recursion.
const DEEPEST: usize = 100;

/// Steps and runs, which do not know yet what is inside them.
#[derive(Debug, Default)]
pub(super) struct Forest {
    nodes: Vec<Node>,
    /// What is known of runs but of no step, by the trace's id.
    runs: HashMap<String, Run>,
}

/// A step, and where it belongs.
#[derive(Debug)]
struct Node {
    order: Order,
    place: Option<Place>,
    /// Where it belongs, and where else if nothing is there.
    parents: [Option<Place>; 2],
    step: Step,
}

/// A trace and a span of it. The run itself is where the span has no name.
type Place = (String, String);

/// A run whose steps are being added.
#[derive(Debug)]
pub(super) struct Trace<'a> {
    forest: &'a mut Forest,
    id: String,
}

impl Forest {
    /// Adds a run, of which a draft tells what is told of steps as well.
    pub(super) fn run(&mut self, run: Run, own: &Draft) -> Trace<'_> {
        let id = run.trace_id.clone();
        let parents = match &run.origin {
            Some(origin) => {
                let span = origin.span_id.clone().unwrap_or_default();
                [span, String::new()].map(|span| Some((origin.trace_id.clone(), span)))
            }
            None => [None, None],
        };
        let mut step = own.to_step(StepKind::Run, Some(&id));
        step.label = String::from("trace");
        if !own.seen.beginning && !own.seen.end {
            // Nothing but its steps tells of it.
            step.name.clear();
        }
        self.nodes.push(Node {
            order: own.order(),
            place: Some((id.clone(), String::new())),
            parents,
            step,
        });
        self.runs.insert(id.clone(), run);
        Trace { forest: self, id }
    }

    /// Returns the runs with their steps inside them, the oldest first.
    pub(super) fn grow(mut self) -> Vec<Run> {
        self.date_runs();
        self.nodes.sort_by_key(|node| node.order);
        let parents = self.parents();
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        let mut tops = Vec::new();
        for (index, parent) in parents.iter().enumerate() {
            match parent.and_then(|parent| children.get_mut(parent)) {
                Some(siblings) => siblings.push(index),
                None => tops.push(index),
            }
        }
        let steps = self.nodes.into_iter().map(|node| Some(node.step));
        let mut steps: Vec<Option<Step>> = steps.collect();
        tops.into_iter()
            .filter_map(|top| {
                let step = gather(top, &children, &mut steps)?;
                let run = self.runs.remove(step.id.as_deref()?)?;
                Some(run.with(step))
            })
            .collect()
    }

    /// Takes the beginning of the first step for that of a run whose own is not known.
    fn date_runs(&mut self) {
        let mut first: HashMap<String, Order> = HashMap::new();
        for node in &self.nodes {
            if let [_, Some((trace, _))] = &node.parents
                && node.step.kind != StepKind::Run
            {
                let order = first.entry(trace.clone()).or_insert(node.order);
                *order = node.order.min(*order);
            }
        }
        for node in &mut self.nodes {
            if node.step.kind == StepKind::Run
                && node.step.started.is_none()
                && let Some(order) = node.step.id.as_ref().and_then(|id| first.get(id))
            {
                node.order = *order;
                node.step.started = order.at();
            }
        }
    }

    /// Returns the index of what each node is inside of.
    fn parents(&self) -> Vec<Option<usize>> {
        let places: HashMap<&Place, usize> = self
            .nodes
            .iter()
            .enumerate()
            .filter_map(|(index, node)| Some((node.place.as_ref()?, index)))
            .collect();
        let find = |place: &Option<Place>, child: usize| {
            let found = places.get(place.as_ref()?).copied();
            found.filter(|parent| *parent != child)
        };
        let mut parents: Vec<Option<usize>> = self
            .nodes
            .iter()
            .enumerate()
            .map(|(index, node)| node.parents.iter().find_map(|place| find(place, index)))
            .collect();
        for (index, node) in self.nodes.iter().enumerate() {
            if is_too_deep(&parents, index)
                && let Some(parent) = parents.get_mut(index)
            {
                let [_, run] = &node.parents;
                let is_run = node.step.kind == StepKind::Run;
                *parent = if is_run { None } else { find(run, index) };
            }
        }
        parents
    }
}

impl Trace<'_> {
    /// Adds a step, by the ids of its span and of the one around it.
    pub(super) fn add(
        &mut self,
        draft: &Draft,
        kind: StepKind,
        id: Option<&str>,
        parent: Option<&str>,
    ) {
        let place = |span: &str| (self.id.clone(), span.to_owned());
        self.forest.nodes.push(Node {
            order: draft.order(),
            place: id.filter(|id| !id.is_empty()).map(place),
            parents: [parent.map(place), Some(place(""))],
            step: draft.to_step(kind, id),
        });
    }
}

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
fn gather(top: usize, children: &[Vec<usize>], steps: &mut [Option<Step>]) -> Option<Step> {
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
            complete(step);
        }
    }
    steps.get_mut(top)?.take()
}

/// Fills in what the steps inside tell of a step.
fn complete(step: &mut Step) {
    if step.name.is_empty()
        && step.kind == StepKind::Run
        && let Some(first) = step.steps.first()
    {
        step.name.clone_from(&first.name);
    }
    if matches!(step.status, Status::Unfinished | Status::Interrupted) {
        step.duration = step.duration.max(until_last(step.started, &step.steps));
    }
}

/// Returns how long after a moment the last of the steps ended, as far as is known.
fn until_last(since: Option<Timestamp>, steps: &[Step]) -> Option<Duration> {
    let since = since?;
    let ends = steps.iter().filter_map(|step| {
        let end = after(since, step.started?).saturating_add(step.duration.unwrap_or_default());
        (!end.is_zero()).then_some(end)
    });
    ends.max()
}

fn after(since: Timestamp, at: Timestamp) -> Duration {
    Duration::from_nanos(at.unix_nanos().saturating_sub(since.unix_nanos()))
}

fn set_offset(step: &mut Step, run: Option<Timestamp>) {
    step.offset = step.started.zip(run).map(|(step, run)| after(run, step));
    for inner in &mut step.steps {
        set_offset(inner, run);
    }
}

impl Run {
    /// Returns the run with what is told of it as of a step.
    fn with(self, mut step: Step) -> Self {
        let started = step.started;
        set_offset(&mut step, started);
        Self {
            name: step.name,
            status: step.status,
            started: step.started,
            duration: step.duration,
            truncated: step.truncated,
            attributes: step.attributes,
            input: step.input,
            output: step.output,
            error: step.error,
            steps: step.steps,
            ..self
        }
    }
}
