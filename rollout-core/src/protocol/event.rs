mod texts;

use std::time::SystemTime;

use serde::Serialize;
use serde_json::{Map, Value};

use super::objects::clip;
use super::{
    Agent, Context, ErrorInfo, EventType, Integration, Json, Links, Message, Model, Outcome, Raw,
    SCHEMA_VERSION, Tool, UsageInfo,
};
use crate::clock::Timestamp;
use crate::id::EventId;
use crate::provider::WireFormat;

/// Something that happened, as it leaves the process: what hooks see and exporters take.
///
/// The fields and their limits are those of the ingest protocol. Texts that are too long are cut
/// after the hooks; objects that are empty are left out.
///
/// ```
/// # use rollout_core as rollout;
/// use rollout::protocol::{Event, EventType};
///
/// // One of one's own, with fields that no other call sets:
/// let mut event = Event::now(EventType::EvalResult);
/// event.name = Some("faithfulness".into());
/// event.outcome.eval_score = Some(0.92);
/// rollout::capture_event(event);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "otlp", derive(serde::Deserialize))]
#[non_exhaustive]
#[expect(clippy::struct_field_names, reason = "the names are the protocol's")]
pub struct Event {
    event_id: String,
    event_type: EventType,
    #[cfg_attr(
        feature = "otlp",
        serde(skip_deserializing, default = "schema_version")
    )]
    schema_version: &'static str,
    /// The trace it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The program's own id of the trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_trace_id: Option<String>,
    /// The span it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span_id: Option<String>,
    /// The span around that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_span_id: Option<String>,
    /// What kind of span it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span_type: Option<String>,
    /// Its place among the events of its trace, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When the trace, span or tool call began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
    /// The name of the trace, span, tool, signal …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `ok`, `error` or `cancelled`, where something ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Everything that has no field of its own.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "otlp", serde(default))]
    pub attributes: Map<String, Value>,
    /// Who acted.
    #[serde(skip_serializing_if = "Agent::is_empty")]
    #[cfg_attr(feature = "otlp", serde(default))]
    pub agent: Agent,
    /// Which model was asked.
    #[serde(skip_serializing_if = "Model::is_empty")]
    #[cfg_attr(feature = "otlp", serde(default))]
    pub model: Model,
    /// Which tool was called.
    #[serde(skip_serializing_if = "Tool::is_empty")]
    #[cfg_attr(feature = "otlp", serde(default))]
    pub tool: Tool,
    /// What was consumed.
    #[serde(skip_serializing_if = "UsageInfo::is_empty")]
    #[cfg_attr(feature = "otlp", serde(default))]
    pub usage: UsageInfo,
    /// How it went.
    #[serde(skip_serializing_if = "Outcome::is_empty")]
    #[cfg_attr(feature = "otlp", serde(default))]
    pub outcome: Outcome,
    /// What went wrong.
    #[serde(skip_serializing_if = "ErrorInfo::is_empty")]
    #[cfg_attr(feature = "otlp", serde(default))]
    pub error: ErrorInfo,
    /// On whose behalf.
    #[serde(skip_serializing_if = "Context::is_empty")]
    #[cfg_attr(feature = "otlp", serde(default))]
    pub context: Context,
    /// A message of a conversation.
    #[serde(skip_serializing_if = "Message::is_empty")]
    #[cfg_attr(feature = "otlp", serde(default))]
    pub message: Message,
    /// What recorded it.
    #[serde(skip_serializing_if = "Integration::is_empty")]
    #[cfg_attr(feature = "otlp", serde(default))]
    pub integration: Integration,
    /// What it belongs to in other systems.
    #[serde(skip_serializing_if = "Links::is_empty")]
    #[cfg_attr(feature = "otlp", serde(default))]
    pub links: Links,
    /// What went in and came out.
    #[serde(skip_serializing_if = "Raw::is_empty")]
    #[cfg_attr(feature = "otlp", serde(default))]
    pub raw: Raw,
    /// Whose JSON the request and the response are. Stays in the process.
    #[serde(skip)]
    pub(crate) format: Option<WireFormat>,
}

#[cfg(feature = "otlp")]
fn schema_version() -> &'static str {
    SCHEMA_VERSION
}

impl Event {
    /// Returns an event of this type, with a fresh id and nothing else known.
    pub fn new(event_type: EventType, occurred_at: Timestamp) -> Self {
        Self {
            event_id: EventId::random().to_string(),
            event_type,
            schema_version: SCHEMA_VERSION,
            trace_id: None,
            external_trace_id: None,
            span_id: None,
            parent_span_id: None,
            span_type: None,
            sequence: None,
            occurred_at,
            started_at: None,
            ended_at: None,
            duration_ms: None,
            name: None,
            status: None,
            attributes: Map::new(),
            agent: Agent::default(),
            model: Model::default(),
            tool: Tool::default(),
            usage: UsageInfo::default(),
            outcome: Outcome::default(),
            error: ErrorInfo::default(),
            context: Context::default(),
            message: Message::default(),
            integration: Integration::default(),
            links: Links::default(),
            raw: Raw::default(),
            format: None,
        }
    }

    /// Returns an event of this type that happens now.
    pub fn now(event_type: EventType) -> Self {
        Self::new(event_type, SystemTime::now().into())
    }

    /// Returns its id, by which a server knows an event that is sent again.
    pub fn event_id(&self) -> &str {
        &self.event_id
    }

    /// Gives it another id, before anybody has seen the one it has.
    #[cfg(any(test, feature = "testing", feature = "http"))]
    pub(crate) fn set_event_id(&mut self, id: impl std::fmt::Display) {
        self.event_id = id.to_string();
    }

    /// Returns what it tells.
    pub fn event_type(&self) -> EventType {
        self.event_type
    }

    /// Notes that something of a value is missing.
    pub(crate) fn note_truncated(&mut self, what: &str) {
        let list = self
            .attributes
            .entry("rollout.truncated")
            .or_insert_with(|| Value::Array(Vec::new()));
        match list {
            Value::Array(list) if list.iter().any(|said| said == what) => {}
            Value::Array(list) => list.push(what.into()),
            other => *other = Value::Array(vec![what.into()]),
        }
    }

    /// Returns the raw members by name.
    pub(crate) fn raw_members(&mut self) -> [(&'static str, &mut Option<Json>); 7] {
        let raw = &mut self.raw;
        [
            ("input", &mut raw.input),
            ("output", &mut raw.output),
            ("arguments", &mut raw.arguments),
            ("result", &mut raw.result),
            ("chunk", &mut raw.chunk),
            ("stream_preview", &mut raw.stream_preview),
            ("data", &mut raw.data),
        ]
    }

    /// Cuts what is too long, and says whether a server would take the event.
    pub(crate) fn make_valid(&mut self) -> Result<(), &'static str> {
        for (text, limit) in [
            (&mut self.trace_id, 200),
            (&mut self.external_trace_id, 200),
            (&mut self.span_id, 200),
            (&mut self.parent_span_id, 200),
            (&mut self.span_type, 80),
            (&mut self.name, 300),
            (&mut self.status, 80),
        ] {
            clip(text, limit);
        }
        self.agent.clip();
        self.model.clip();
        self.tool.clip();
        self.usage.clip();
        self.raw.clip();
        self.outcome.clip();
        self.error.clip();
        self.context.clip();
        self.message.clip();
        self.integration.clip();
        self.links.clip();
        // Numbers that JSON can't hold, or that the server refuses, are not known.
        let not_negative = |number: &mut Option<f64>| {
            *number = number.filter(|n| n.is_finite() && *n >= 0.0);
        };
        not_negative(&mut self.duration_ms);
        not_negative(&mut self.usage.context_utilization);
        not_negative(&mut self.usage.cost_usd);
        self.model.temperature = self.model.temperature.filter(|t| t.is_finite());
        self.outcome.eval_score = self.outcome.eval_score.filter(|s| s.is_finite());
        self.sequence = self.sequence.filter(|sequence| *sequence > 0);

        let named = |id: &Option<String>| id.as_ref().is_some_and(|id| !id.is_empty());
        if named(&self.trace_id) || named(&self.external_trace_id) {
            Ok(())
        } else {
            Err(
                "it belongs to no trace: record it inside one, or name one by `trace_id` or \
                 `external_trace_id`",
            )
        }
    }

    /// Returns the event as a line of JSON.
    pub(crate) fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut line = Vec::with_capacity(512);
        serde_json::to_writer(&mut line, self)?;
        Ok(line)
    }
}

/// A short way to set a raw member.
impl From<String> for Json {
    fn from(text: String) -> Self {
        Value::String(text).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event() -> Event {
        let mut event = Event::new(EventType::SpanEnd, Timestamp::from_unix_nanos(0));
        event.trace_id = Some("trace_1".into());
        event
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let mut event = event();
        let id = event.event_id().to_owned();
        event.make_valid().unwrap();
        assert_eq!(
            serde_json::to_value(&event).unwrap(),
            json!({
                "event_id": id,
                "event_type": "span.end",
                "schema_version": "1.0",
                "trace_id": "trace_1",
                "occurred_at": "1970-01-01T00:00:00.000000Z",
            })
        );
    }

    #[test]
    fn an_event_of_no_trace_is_not_valid() {
        let mut event = event();
        event.trace_id = Some(String::new());
        assert!(event.make_valid().is_err());
    }

    #[test]
    fn numbers_that_a_server_refuses_are_not_known() {
        let mut event = event();
        event.usage.cost_usd = Some(-1.0);
        event.model.temperature = Some(f64::NAN);
        event.make_valid().unwrap();
        assert_eq!(
            (event.usage.cost_usd, event.model.temperature),
            (None, None)
        );
    }
}
