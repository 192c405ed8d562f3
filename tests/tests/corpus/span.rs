//! What the events of a span say of its call.

use std::collections::HashMap;

use rollout::protocol::{Event, EventType};
use rollout_core::provider::{CallError, ResponseFacts, Usage};
use rollout_tests::corpus::{Interaction, Observed, Operation};
use serde_json::{Value, json};

/// The events of one call that was recorded outside of any trace.
pub(super) struct Call<'a> {
    events: Vec<&'a Event>,
}

/// Returns the calls by the attribute that their clients were given.
pub(super) fn calls<'a>(events: &'a [Event], key: &str) -> HashMap<&'a str, Call<'a>> {
    let mut traces: HashMap<_, Vec<_>> = HashMap::new();
    for event in events {
        traces.entry(&event.trace_id).or_default().push(event);
    }
    let calls = traces.into_values().map(|events| Call { events });
    let mut marked = HashMap::new();
    for call in calls {
        let start = call.last(EventType::SpanStart).unwrap();
        let mark = start.attributes[key].as_str().unwrap();
        call.check_order(mark);
        call.check_ends(mark);
        assert!(marked.insert(mark, call).is_none(), "{mark}: two spans");
    }
    marked
}

impl<'a> Call<'a> {
    /// A call is told as the protocol demands, whatever came of it.
    fn check_order(&self, id: &str) {
        let types: Vec<_> = self.events.iter().map(|it| it.event_type()).collect();
        let streaming = types.contains(&EventType::LlmStreamStart);
        let steps: &[EventType] = if streaming {
            &[
                EventType::TraceStart,
                EventType::SpanStart,
                EventType::LlmStreamStart,
                EventType::LlmStreamEnd,
                EventType::SpanEnd,
                EventType::TraceEnd,
            ]
        } else {
            &[
                EventType::TraceStart,
                EventType::SpanStart,
                EventType::SpanEnd,
                EventType::TraceEnd,
            ]
        };
        let told: Vec<_> = types
            .into_iter()
            .filter(|it| *it != EventType::SpanUpdate)
            .collect();
        assert_eq!(told, steps, "{id}");
        let sequence: Vec<_> = self.events.iter().map(|it| it.sequence).collect();
        let counted: Vec<_> = (1..).map(Some).take(sequence.len()).collect();
        assert_eq!(sequence, counted, "{id}");
    }

    /// What is told more than once is told alike.
    fn check_ends(&self, id: &str) {
        let end = self.end();
        let trace = self.last(EventType::TraceEnd).unwrap();
        assert_eq!(trace.status, end.status, "{id}");
        assert_eq!(trace.error, end.error, "{id}");
        if let Some(stream) = self.last(EventType::LlmStreamEnd) {
            assert_eq!(stream.usage, end.usage, "{id}");
            assert_eq!(stream.span_id, end.span_id, "{id}");
        }
    }

    /// Returns the preview that a stream ended with.
    fn preview(&self) -> Option<String> {
        let event = self.last(EventType::LlmStreamEnd)?;
        let preview = event.raw.stream_preview.as_ref();
        preview.map(|json| json.to_value().as_str().unwrap_or_default().to_owned())
    }

    /// Checks that the preview is the end of the text that was streamed.
    pub(super) fn check_preview(&self, interaction: &Interaction, observed: &Observed) {
        const LONGEST: usize = 4096;
        let mut texts = observed.facts.texts.iter().map(Option::as_deref);
        let text: String = match interaction.operation {
            Operation::Chat => texts.next().flatten().unwrap_or_default().to_owned(),
            _ => texts.flatten().collect(),
        };
        let skipped = text.chars().count().saturating_sub(LONGEST);
        let end: String = text.chars().skip(skipped).collect();
        let preview = self.preview().unwrap_or_default();
        if self.last(EventType::LlmStreamEnd).is_some() {
            assert_eq!(preview, end, "{}", interaction.id);
        }
    }

    fn last(&self, kind: EventType) -> Option<&'a Event> {
        let mut events = self.events.iter().rev();
        events.find(|event| event.event_type() == kind).copied()
    }

    pub(super) fn end(&self) -> &'a Event {
        self.last(EventType::SpanEnd).unwrap()
    }

    pub(super) fn input(&self) -> Value {
        let mut inputs = self.events.iter().filter_map(|it| it.raw.input.as_ref());
        inputs
            .next()
            .map(|json| json.to_value())
            .unwrap_or_default()
    }

    fn output(&self) -> Value {
        let event = self.last(EventType::LlmStreamEnd).unwrap_or(self.end());
        let output = event.raw.output.as_ref();
        output.map(|json| json.to_value()).unwrap_or_default()
    }

    /// Returns what the events say: what has a field or an attribute there is read from it, the rest
    /// from the recorded answer.
    pub(super) fn observed(&self, interaction: &Interaction) -> Observed {
        let end = self.end();
        let output = self.output();
        let format = interaction.operation.wire_format();
        let whole = match &output {
            Value::String(text) => format.decode(None, None, text.as_bytes()).1,
            value => format.response(None, value),
        };
        let mut facts = ResponseFacts::default();
        facts.texts.clone_from(&whole.texts);
        facts.reasoning.clone_from(&whole.reasoning);
        facts.refusals.clone_from(&whole.refusals);
        facts.item_types.clone_from(&whole.item_types);
        facts.status.clone_from(&whole.status);
        facts.incomplete_reason.clone_from(&whole.incomplete_reason);
        facts.stop_sequence.clone_from(&whole.stop_sequence);
        facts.model.clone_from(&end.model.model_version);
        facts.id = text(end, "gen_ai.response.id");
        facts.finish_reasons = finish_reasons(end, &whole);
        facts.tool_calls.clone_from(&whole.tool_calls);
        facts.server_tool_calls.clone_from(&whole.server_tool_calls);
        drop_untold(end, &mut facts);
        facts.usage = usage(end, whole.usage.as_ref());
        facts.error = error(end, interaction);
        facts.complete = end.attributes.get("rollout.stream.complete") != Some(&json!(false))
            && matches!(end.status.as_deref(), Some("ok" | "error"));
        Observed {
            model_requested: end.model.model.clone(),
            facts,
            output,
        }
    }
}

fn text(event: &Event, key: &str) -> Option<String> {
    Some(event.attributes.get(key)?.as_str()?.to_owned())
}

fn count(event: &Event, key: &str) -> Option<u64> {
    event.attributes.get(key)?.as_u64()
}

/// The attribute lists the reasons that are known.
fn finish_reasons(end: &Event, whole: &ResponseFacts) -> Vec<Option<String>> {
    let told = end.attributes.get("gen_ai.response.finish_reasons");
    let told: Vec<Option<String>> = told
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|reason| reason.as_str().map(str::to_owned))
        .collect();
    let known: Vec<_> = whole
        .finish_reasons
        .iter()
        .flatten()
        .cloned()
        .map(Some)
        .collect();
    if told == known {
        whole.finish_reasons.clone()
    } else {
        told
    }
}

/// The attributes list ids and names of tool calls; what they do not list is as good as lost.
fn drop_untold(end: &Event, facts: &mut ResponseFacts) {
    let told = |key: &str| end.attributes.get(key).cloned().unwrap_or(json!([]));
    let calls: Vec<_> = facts
        .tool_calls
        .iter()
        .map(|call| json!({"id": call.id, "name": call.name}))
        .collect();
    if told("rollout.tool_calls") != json!(calls) {
        facts.tool_calls.clear();
    }
    let calls: Vec<_> = facts
        .server_tool_calls
        .iter()
        .map(|call| json!({"id": call.id, "type": call.kind, "name": call.name}))
        .collect();
    if told("rollout.server_tool_calls") != json!(calls) {
        facts.server_tool_calls.clear();
    }
}

fn usage(end: &Event, whole: Option<&Usage>) -> Option<Usage> {
    if end.usage.is_empty() && whole.is_none() {
        return None;
    }
    let mut usage = Usage::default();
    usage.input_tokens = end.usage.input_tokens;
    usage.output_tokens = end.usage.output_tokens;
    usage.total_tokens = end.usage.total_tokens;
    usage.reasoning_tokens = end.usage.reasoning_tokens;
    usage.cached_tokens = count(end, "gen_ai.usage.cache_read.input_tokens");
    usage.cache_write_tokens = count(end, "gen_ai.usage.cache_write.input_tokens");
    usage.raw = whole.map(|usage| usage.raw.clone()).unwrap_or_default();
    Some(usage)
}

/// The message is that of the client's error, which repeats the provider's or has it beside it.
fn error(end: &Event, interaction: &Interaction) -> Option<CallError> {
    if end.status.as_deref() != Some("error") {
        return None;
    }
    let mut error = CallError::default();
    error.status = count(end, "http.response.status_code").and_then(|it| it.try_into().ok());
    error.kind = text(end, "rollout.error.kind");
    error.code = text(end, "rollout.error.code");
    error.mid_stream = end.attributes.get("rollout.error.mid_stream") == Some(&json!(true));
    let preview = end.error.message_preview.as_deref().unwrap_or_default();
    let expected = interaction.expected.as_ref();
    let message = expected.and_then(|it| it["error"]["message"].as_str());
    let said = text(end, "rollout.error.message").unwrap_or_else(|| preview.to_owned());
    error.message = Some(match message {
        Some(message) if preview.contains(message) => message.to_owned(),
        _ => said,
    })
    .filter(|said| !said.is_empty());
    Some(error)
}
