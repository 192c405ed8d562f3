//! What the events of one step tell, put together.

mod merge;
mod step;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::line::Line;
use super::model::{Attempt, Preview, RecordedError, Status, ToolRequest, Usage};
use super::slot::{Rank, Slot, Stage};
use super::{conversation, details, moment, preview};
use crate::clock::Timestamp;

/// What is known of a step, or of a trace.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// The earliest of its events.
    first: Option<Order>,
    /// The latest moment that any of them tells of.
    pub(super) last: Option<Timestamp>,
    /// The types of its events, as far as they make a difference.
    pub(super) seen: Seen,
    /// The program is gone, so that no end will come.
    pub(super) is_stopped: bool,
    pub(super) parent: Slot<String>,
    label: Slot<String>,
    name: Slot<String>,
    status: Slot<Status>,
    started: Slot<Timestamp>,
    ended: Slot<Timestamp>,
    took: Slot<Duration>,
    provider: Slot<String>,
    model: Slot<String>,
    response_model: Slot<String>,
    usage: Slot<Usage>,
    first_token: Slot<Duration>,
    chunks: Slot<u64>,
    lost_chunks: Slot<u64>,
    complete: Slot<bool>,
    finish_reasons: Slot<Vec<String>>,
    /// As attributes list them, and as the answer has them: with arguments, but it may be cut.
    tool_calls: [Slot<Vec<ToolRequest>>; 2],
    server_tools: Slot<Vec<String>>,
    tool_call_id: Slot<String>,
    attempts: Slot<Vec<Attempt>>,
    attempt_count: Slot<u64>,
    input: Slot<Preview>,
    output: Slot<Preview>,
    streamed: Slot<Preview>,
    truncated: BTreeSet<String>,
    error: Slot<RecordedError>,
    attributes: BTreeMap<String, Slot<Value>>,
}

/// Where a step stands among others: by time, as the sequences of two processes say nothing about
/// each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Order {
    at: Option<Timestamp>,
    sequence: u64,
    tie: u64,
}

impl Order {
    pub(super) fn at(self) -> Option<Timestamp> {
        self.at
    }
}

/// Which types of events a step has.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a set, each of which may be there or not"
)]
pub(super) struct Seen {
    /// It began or ended as a span, or more than a tool's input became known of it.
    pub(super) span: bool,
    /// A model was asked.
    pub(super) call: bool,
    pub(super) beginning: bool,
    pub(super) end: bool,
}

impl Draft {
    /// Takes what an event of the step tells.
    pub(super) fn apply(&mut self, kind: &str, line: Line<'_>) {
        let at = line.time("occurred_at");
        let rank = rank(kind, line);
        let order = Order {
            at,
            sequence: line.count("sequence").unwrap_or(u64::MAX),
            tie: rank.tie,
        };
        self.first = Some(self.first.map_or(order, |first| first.min(order)));
        self.last = self.last.max(at).max(line.time("ended_at"));

        self.note_kind(kind, line);
        self.parent.set(rank, line.string("parent_span_id"));
        self.label.set(rank, line.string("span_type"));
        let name = line
            .object("tool")
            .string("name")
            .or_else(|| line.string("name"));
        self.name.set(rank, name);
        self.started.set(rank, line.time("started_at"));
        self.ended.set(rank, line.time("ended_at"));
        self.took.set(rank, line.millis("duration_ms"));
        self.tool_call_id
            .set(rank, line.object("tool").string("tool_call_id"));
        let retries = line
            .object("tool")
            .count("retry_count")
            .filter(|count| *count > 0);
        self.attempt_count
            .set(rank, retries.map(|count| count.saturating_add(1)));
        if rank.stage == Stage::End {
            self.status.set(rank, Some(details::status(line)));
        }
        self.error.set(rank, details::error(line));
        self.apply_call(rank, line);
        self.apply_stream(rank, line.object("attributes"));
        self.apply_payloads(rank, line);
        self.apply_attributes(rank, line);
    }

    fn note_kind(&mut self, kind: &str, line: Line<'_>) {
        let seen = &mut self.seen;
        match kind {
            "span.start" | "trace.start" | "tool.call" => seen.beginning = true,
            "span.end" | "trace.end" | "tool.result" => seen.end = true,
            "llm.request" | "llm.response" | "llm.stream_start" | "llm.stream_end" => {
                seen.call = true;
            }
            _ => {}
        }
        let of_tool = kind.starts_with("tool.") || line.text("span_type") == Some("tool");
        seen.span |= matches!(kind, "span.start" | "span.end") || !of_tool;
        seen.call |= line.text("span_type") == Some("llm");
    }

    fn apply_call(&mut self, rank: Rank, line: Line<'_>) {
        let (model, attributes) = (line.object("model"), line.object("attributes"));
        self.provider.set(rank, model.string("provider"));
        self.model.set(rank, model.string("model"));
        self.response_model
            .set(rank, attributes.string("gen_ai.response.model"));
        self.usage.set(rank, details::usage(line));
        let reasons = attributes.texts("gen_ai.response.finish_reasons");
        self.finish_reasons.set(rank, unless_empty(reasons));
        let [listed, _] = &mut self.tool_calls;
        listed.set(rank, unless_empty(details::tool_requests(attributes)));
        self.server_tools
            .set(rank, unless_empty(details::server_tools(attributes)));
        self.attempts
            .set(rank, unless_empty(details::attempts(attributes)));
        self.attempt_count
            .set(rank, attributes.count("rollout.attempt_count"));
    }

    fn apply_stream(&mut self, rank: Rank, attributes: Line<'_>) {
        let first = attributes.seconds("gen_ai.response.time_to_first_chunk");
        self.first_token.set(rank, first);
        let counted = ["rollout.stream.chunks", "chunk_count"];
        let counted = counted.iter().find_map(|key| attributes.count(key));
        let last = || {
            attributes
                .count("chunk_index")
                .map(|index| index.saturating_add(1))
        };
        self.chunks.set(rank, counted.or_else(last));
        self.lost_chunks
            .set(rank, attributes.count("rollout.stream.lost_chunks"));
        let complete = attributes.get("rollout.stream.complete");
        self.complete.set(rank, complete.and_then(Value::as_bool));
    }

    fn apply_payloads(&mut self, rank: Rank, line: Line<'_>) {
        let raw = line.object("raw");
        if let Some(input) = raw.get("arguments").filter(|_| self.input.is_open_to(rank)) {
            let text = preview::arguments(input);
            self.input.set(rank, Some(Preview { role: None, text }));
        } else if let Some(input) = raw.get("input").filter(|_| self.input.is_open_to(rank)) {
            let message = conversation::last_message(input);
            let text = || preview::arguments(input);
            self.input.set(
                rank,
                message.or_else(|| {
                    Some(Preview {
                        role: None,
                        text: text(),
                    })
                }),
            );
        }
        let output = raw.get("output").or_else(|| raw.get("result"));
        if let Some(output) = output.filter(|_| self.output.is_open_to(rank)) {
            self.apply_output(rank, output);
        }
        if let Some(streamed) = raw.get("stream_preview") {
            self.streamed.set(rank, Some(plain(streamed)));
        }
    }

    fn apply_output(&mut self, rank: Rank, output: &Value) {
        let Some(facts) = conversation::response(output) else {
            self.output.set(rank, Some(plain(output)));
            return;
        };
        self.output.set(rank, conversation::answer(&facts));
        // Not every SDK says so in attributes; where ours does, its event is as good as this one.
        let reasons: Vec<_> = facts.finish_reasons.iter().flatten().cloned().collect();
        self.finish_reasons.set(rank, unless_empty(reasons));
        self.response_model.set(rank, facts.model.clone());
        let [_, answered] = &mut self.tool_calls;
        answered.set(rank, unless_empty(conversation::tool_requests(facts)));
    }

    fn apply_attributes(&mut self, rank: Rank, line: Line<'_>) {
        let truncated = line.object("attributes").texts("rollout.truncated");
        self.truncated.extend(truncated);
        for (key, value) in line.map("attributes").into_iter().flatten() {
            if details::is_own_attribute(key) {
                let slot = self.attributes.entry(key.clone()).or_default();
                if slot.is_open_to(rank) {
                    slot.set(rank, Some(details::shortened(value)));
                }
            }
        }
    }

    /// Describes an event that is a step by itself.
    pub(super) fn describe(&mut self, kind: &str, line: Line<'_>) {
        let described = moment::describe(kind, line);
        let rank = Rank {
            stage: Stage::End,
            ..Rank::default()
        };
        self.label.set(rank, Some(kind.to_owned()));
        self.name.set(rank, described.name);
        self.input.set(rank, described.input);
        self.output.set(rank, described.output);
        self.status = Slot::default();
        let failed = kind == "error" || self.error.get().is_some();
        self.status
            .set(rank, Some(if failed { Status::Failed } else { Status::Ok }));
        for key in ["value", "metric_name"] {
            self.attributes.remove(key);
        }
    }

    /// Returns whether this only tells of a user.
    pub(super) fn is_identity(&self) -> bool {
        self.label
            .get()
            .is_some_and(|label| label == "identity.update")
    }
}

fn unless_empty<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn plain(value: &Value) -> Preview {
    Preview {
        role: None,
        text: preview::of(value),
    }
}

/// Returns how much the word of an event counts.
fn rank(kind: &str, line: Line<'_>) -> Rank {
    Rank {
        stage: stage(kind),
        sequence: line.count("sequence").unwrap_or_default(),
        at: line.time("occurred_at"),
        tie: line.fingerprint(),
    }
}

fn stage(kind: &str) -> Stage {
    match kind {
        "span.end" | "trace.end" | "tool.result" => Stage::End,
        "llm.stream_end" | "llm.response" => Stage::Answer,
        "span.start" | "trace.start" | "tool.call" | "llm.request" | "llm.stream_start" => {
            Stage::Beginning
        }
        _ => Stage::Middle,
    }
}
