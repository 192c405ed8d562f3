//! Spans in OTLP's messages, by the names of a profile.

mod attributes;
mod backends;
mod common;
mod dated;
mod events;
mod genai;
pub(crate) mod names;
mod openinference;
mod request;
mod retrieval;
#[cfg(test)]
pub(super) mod tests;
pub(crate) mod tokens;

use opentelemetry_proto::tonic::trace::v1::span::{Link, SpanKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span, Status};
use serde_json::Value;

pub(crate) use self::attributes::Attributes;
pub(crate) use self::common::Outcome;
pub(crate) use self::genai::provider as genai_provider;
pub(crate) use self::request::{Resource, request, scope, to_json};
use self::tokens::Tokens;
use super::OtlpProfile;
use super::content::{self, Conversation, Message};
use super::fold::{Folded, Role};

/// A span and what it says, read once for all who write something of it.
pub(crate) struct Seen {
    pub(crate) span: Folded,
    pub(crate) profile: OtlpProfile,
    pub(crate) tokens: Tokens,
    pub(crate) outcome: Outcome,
    /// What went in: a request, arguments, whatever.
    pub(crate) input: Option<Value>,
    pub(crate) output: Option<Value>,
    pub(crate) conversation: Conversation,
    pub(crate) answers: Vec<Message>,
}

/// Bits of a span's flags: that it is known whether the parent is in another process, and that it is.
const KNOWS_IF_REMOTE: u32 = 0x100;
const IS_REMOTE: u32 = 0x200;
/// What W3C calls sampled.
const SAMPLED: u32 = 1;

/// Returns a span in OTLP.
pub(crate) fn encode(span: Folded, profile: OtlpProfile) -> Span {
    let seen = Seen::of(span, profile);
    let mut attributes = Attributes::default();
    common::set(&mut attributes, &seen);
    genai::set(&mut attributes, &seen);
    if seen.span.role == Role::Note {
        attributes.extend(events::note(&seen.span.event, profile).1);
    }
    match profile {
        OtlpProfile::OpenInference => openinference::set(&mut attributes, &seen),
        OtlpProfile::Langfuse => backends::langfuse(&mut attributes, &seen),
        OtlpProfile::Braintrust => backends::braintrust(&mut attributes, &seen),
        OtlpProfile::MlFlow => backends::mlflow(&mut attributes, &seen),
        OtlpProfile::Logfire => backends::logfire(&mut attributes, &seen),
        OtlpProfile::Otel | OtlpProfile::Otel141 | OtlpProfile::Otel136 | OtlpProfile::Datadog => {}
    }
    dated::translate(&mut attributes, profile);
    let events = events::of(&seen);
    let (name, status) = (seen.name(), seen.status());
    let span = seen.span;
    let mut flags = SAMPLED | KNOWS_IF_REMOTE;
    if span.has_remote_parent {
        flags |= IS_REMOTE;
    }
    Span {
        trace_id: span.trace.to_vec(),
        span_id: span.id.to_vec(),
        parent_span_id: span.parent.map(|id| id.to_vec()).unwrap_or_default(),
        flags,
        name,
        kind: kind(span.role).into(),
        start_time_unix_nano: span.started(),
        end_time_unix_nano: span.ended(),
        attributes: attributes.into_list(),
        events,
        dropped_events_count: span.lost_notes,
        links: link(&span).into_iter().collect(),
        status: Some(status),
        ..Span::default()
    }
}

/// Returns what a span is to those who only know OpenTelemetry: a call of something outside, or work
/// inside of the process.
fn kind(role: Role) -> SpanKind {
    match role {
        Role::Model | Role::Embeddings | Role::Retrieval => SpanKind::Client,
        Role::Agent | Role::Tool | Role::Note | Role::Other => SpanKind::Internal,
    }
}

/// Returns the link to where a trace was begun that is one of its own.
fn link(span: &Folded) -> Option<Link> {
    let (trace, origin) = span.origin?;
    let within = origin.unwrap_or_else(|| super::fold::ids::root(trace, None, 0));
    Some(Link {
        trace_id: trace.to_vec(),
        span_id: within.to_vec(),
        flags: SAMPLED,
        ..Link::default()
    })
}

impl Seen {
    fn of(span: Folded, profile: OtlpProfile) -> Self {
        let raw = &span.event.raw;
        let value = |own: &Option<crate::protocol::Json>, tool: &Option<crate::protocol::Json>| {
            own.as_ref()
                .or(tool.as_ref())
                .map(crate::protocol::Json::to_value)
        };
        let input = value(&raw.input, &raw.arguments);
        let output = value(&raw.output, &raw.result);
        let outcome = Outcome::of(&span);
        let (mut conversation, mut answers) = (Conversation::default(), Vec::new());
        match span.role {
            Role::Model => {
                if let Some(input) = &input {
                    conversation = content::conversation(input).unwrap_or_else(|| Conversation {
                        messages: vec![content::plain("user", input)],
                        ..Conversation::default()
                    });
                }
                // What a failed call brings is the error, which is told elsewhere.
                let is_error = |output: &&Value| output.get("error").is_some_and(Value::is_object);
                let answer = output
                    .as_ref()
                    .filter(|output| outcome.is_ok() || !is_error(output));
                answers = answer.map(content::answers).unwrap_or_default();
            }
            Role::Agent => {
                conversation = input.as_ref().map(content::task).unwrap_or_default();
                answers = output.as_ref().map(content::result).unwrap_or_default();
            }
            _ => {}
        }
        // A stream may end in the midst of an answer without saying that anything is wrong.
        let complete = span.event.attributes.get("rollout.stream.complete");
        let is_whole = outcome.is_ok() && complete != Some(&Value::Bool(false));
        for answer in &mut answers {
            // Older versions require it, newer ones allow it.
            let reason = if is_whole { "stop" } else { "error" };
            answer
                .finish_reason
                .get_or_insert_with(|| reason.to_owned());
        }
        Self {
            tokens: Tokens::of(&span),
            span,
            profile,
            outcome,
            input,
            output,
            conversation,
            answers,
        }
    }

    /// Returns the operation, in the conventions' words.
    pub(crate) fn operation(&self) -> Option<&str> {
        let said = self.span.text("gen_ai.operation.name");
        match self.span.role {
            Role::Model => Some(said.unwrap_or("chat")),
            Role::Tool => Some("execute_tool"),
            Role::Agent => Some(said.unwrap_or("invoke_agent")),
            Role::Embeddings => Some("embeddings"),
            Role::Retrieval => Some("retrieval"),
            Role::Note | Role::Other => said,
        }
    }

    /// Returns what the operation is about.
    pub(crate) fn subject(&self) -> Option<&str> {
        let event = &self.span.event;
        match self.span.role {
            Role::Model | Role::Embeddings => {
                let asked = event.model.model.as_deref();
                asked.or_else(|| self.span.text("gen_ai.request.model"))
            }
            Role::Tool => event.tool.name.as_deref().or(event.name.as_deref()),
            Role::Agent => event.name.as_deref().or(event.agent.name.as_deref()),
            Role::Retrieval => self
                .span
                .text("gen_ai.data_source.id")
                .or(event.name.as_deref()),
            Role::Note | Role::Other => None,
        }
    }

    fn name(&self) -> String {
        let event = &self.span.event;
        match (self.operation(), self.subject()) {
            (Some(operation), Some(subject)) => format!("{operation} {subject}"),
            (Some(operation), None) => operation.to_owned(),
            _ if self.span.role == Role::Note => {
                let name = event.name.as_deref().unwrap_or_default();
                format!("{} {name}", event.event_type())
                    .trim_end()
                    .to_owned()
            }
            _ => {
                let name = event.name.as_deref().or(event.span_type.as_deref());
                name.unwrap_or("span").to_owned()
            }
        }
    }

    fn status(&self) -> Status {
        let says_ok = matches!(
            self.profile,
            OtlpProfile::OpenInference | OtlpProfile::MlFlow
        );
        let (code, message) = match &self.outcome {
            Outcome::Failed { message, .. } => (StatusCode::Error, message.clone()),
            // Instrumentation leaves open what only the program can call good; these two show it.
            Outcome::Ok if says_ok => (StatusCode::Ok, String::new()),
            Outcome::Ok | Outcome::Cancelled | Outcome::Unfinished => {
                (StatusCode::Unset, String::new())
            }
        };
        Status {
            code: code.into(),
            message,
        }
    }
}
