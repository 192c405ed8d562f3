//! The step that it amounts to.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{Draft, Order};
use crate::clock::Timestamp;
use crate::show::model::{Status, Step, StepKind, ToolRequest};

impl Draft {
    /// Returns when it began, as far as one can tell.
    pub(in crate::show) fn started(&self) -> Option<Timestamp> {
        let from_end = || {
            let took = u64::try_from(self.took.get()?.as_nanos()).ok()?;
            let nanos = self.ended.get()?.unix_nanos().saturating_sub(took);
            Some(Timestamp::from_unix_nanos(nanos))
        };
        self.started.cloned().or_else(from_end).or(self.first?.at)
    }

    pub(in crate::show) fn order(&self) -> Order {
        let first = self.first.unwrap_or_default();
        Order {
            at: self.started().or(first.at),
            ..first
        }
    }

    /// Returns how long it took; of what has not ended: up to the last that is known of it.
    fn duration(&self) -> Option<Duration> {
        let until = |end: Option<Timestamp>| {
            let nanos = end?
                .unix_nanos()
                .checked_sub(self.started()?.unix_nanos())?;
            Some(Duration::from_nanos(nanos))
        };
        let took = self.took.cloned().or_else(|| until(self.ended.cloned()));
        // A single moment tells of no time that went by.
        took.or_else(|| until(self.last).filter(|duration| !duration.is_zero()))
    }

    /// Returns the program's own attributes. That of the provider's name is shown in its own place.
    fn attributes(&self) -> Map<String, Value> {
        let provider = self.provider.get();
        let known = self.attributes.iter();
        known
            .filter_map(|(key, slot)| Some((key.clone(), slot.cloned()?)))
            .filter(|(key, value)| {
                key != "provider" || value.as_str() != provider.map(String::as_str)
            })
            .collect()
    }

    fn tool_calls(&self) -> Vec<ToolRequest> {
        let [listed, answered] = &self.tool_calls;
        let (listed, answered) = (listed.cloned(), answered.cloned());
        let (listed, answered) = (listed.unwrap_or_default(), answered.unwrap_or_default());
        if answered.len() < listed.len() {
            listed
        } else {
            answered
        }
    }

    /// Returns the step, with nothing inside it yet.
    pub(in crate::show) fn to_step(&self, kind: StepKind, id: Option<&str>) -> Step {
        let label = self.label.cloned().unwrap_or_default();
        let is_call = self.seen.call || self.model.get().is_some();
        let kind = if kind == StepKind::Span && is_call {
            StepKind::Model
        } else {
            kind
        };
        let is_event = kind == StepKind::Event;
        let unnamed = || {
            (!label.is_empty())
                .then(|| label.clone())
                .or_else(|| id.map(str::to_owned))
        };
        let name = self
            .name
            .cloned()
            .or_else(|| if is_event { None } else { unnamed() });
        Step {
            kind,
            id: id.map(str::to_owned),
            name: name.unwrap_or_default(),
            label,
            status: self.status.cloned().unwrap_or(if self.is_stopped {
                Status::Interrupted
            } else {
                Status::Unfinished
            }),
            started: self.started(),
            offset: None,
            duration: if is_event { None } else { self.duration() },
            provider: self.provider.cloned(),
            model: self.model.cloned(),
            response_model: self.response_model.cloned(),
            usage: self.usage.cloned().unwrap_or_default(),
            first_token: self.first_token.cloned(),
            chunks: self.chunks.cloned(),
            lost_chunks: self.lost_chunks.cloned(),
            incomplete: self.complete.cloned() == Some(false),
            finish_reasons: self.finish_reasons.cloned().unwrap_or_default(),
            tool_calls: self.tool_calls(),
            server_tools: self.server_tools.cloned().unwrap_or_default(),
            tool_call_id: self.tool_call_id.cloned(),
            attempts: self.attempts.cloned().unwrap_or_default(),
            attempt_count: self.attempt_count.cloned(),
            input: self.input.cloned(),
            output: self.output.cloned().or_else(|| {
                // A model that only asked for tools streamed no text that would be worth showing.
                self.streamed.cloned()
            }),
            truncated: self.truncated.iter().cloned().collect(),
            error: self.error.cloned(),
            attributes: self.attributes(),
            steps: Vec::new(),
        }
    }
}
