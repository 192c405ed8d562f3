//! What every span says: how it went, on whose behalf, and what the program says of it.

use serde_json::Value;

use super::{Attributes, Seen};
use crate::export::otlp::fold::{Folded, Role};

/// How a span went.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Ok,
    Failed {
        kind: String,
        message: String,
    },
    /// Nobody wanted it any more.
    Cancelled,
    /// Its end is not known.
    Unfinished,
}

impl Outcome {
    pub(crate) fn of(span: &Folded) -> Self {
        let event = &span.event;
        if !span.finished {
            return Self::Unfinished;
        }
        let status = event.status.as_deref().or(event.tool.status.as_deref());
        match status {
            Some("cancelled") => return Self::Cancelled,
            Some("error" | "interrupted") => {}
            _ => return Self::Ok,
        }
        let kind = span
            .text("error.type")
            .or(event.error.r#type.as_deref())
            .or(status.filter(|status| *status == "interrupted"));
        let told = event.error.message_preview.as_deref();
        let message = told.filter(|told| !told.is_empty());
        Self::Failed {
            kind: kind.unwrap_or("_OTHER").to_owned(),
            message: message
                .or_else(|| span.text("rollout.error.message"))
                .or(kind)
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// Returns what kind of error it was.
    pub(crate) fn error_type(&self) -> Option<&str> {
        match self {
            Self::Failed { kind, .. } => Some(kind),
            Self::Ok | Self::Cancelled | Self::Unfinished => None,
        }
    }

    pub(crate) fn is_ok(&self) -> bool {
        matches!(self, Self::Ok)
    }
}

/// Attributes of events that are something else in OTLP: the span's kind, its resource, its links; or
/// that count what is sent to those who watch a stream.
const ELSEWHERE: [&str; 8] = [
    "span_type",
    "service_name",
    "release",
    "chunk_count",
    "preview_chars",
    "streaming",
    "chunk_index",
    "gen_ai.operation.name",
];

pub(super) fn set(attributes: &mut Attributes, seen: &Seen) {
    let span = &seen.span;
    let event = &span.event;
    for (name, value) in &event.attributes {
        // Of a note it is told with the note.
        let is_elsewhere = ELSEWHERE.contains(&name.as_str()) || span.role == Role::Note;
        if !is_elsewhere && !name.starts_with("rollout.parent.") {
            attributes.set_json(name.clone(), value.clone());
        }
    }
    let status = match &seen.outcome {
        Outcome::Unfinished => Some("unfinished"),
        _ => event.status.as_deref(),
    };
    attributes.set("rollout.status", status);
    if let Outcome::Failed { kind, .. } = &seen.outcome {
        attributes.set("error.type", kind.as_str());
    } else {
        attributes.remove("error.type");
    }

    let context = &event.context;
    attributes.set("user.id", context.user_id.as_deref());
    attributes.set("session.id", context.session_id.as_deref());
    if !attributes.has("gen_ai.conversation.id") {
        attributes.set("gen_ai.conversation.id", context.conversation_id.as_deref());
    }
    attributes.set("rollout.account.id", context.account_id.as_deref());
    if matches!(span.role, Role::Agent | Role::Note) {
        for (name, traits) in [
            ("rollout.user.traits", &context.user_traits),
            ("rollout.account.traits", &context.account_traits),
        ] {
            let traits = traits.as_ref().filter(|traits| !traits.is_empty());
            attributes.set(name, traits.cloned());
        }
    }
    attributes.set(
        "rollout.external_trace_id",
        event.external_trace_id.as_deref(),
    );
    set_members(attributes, "rollout.link.", &event.links);
    set_members(attributes, "rollout.integration.", &event.integration);
    set_members(attributes, "rollout.outcome.", &event.outcome);
    attributes.remove("rollout.outcome.status");
    attributes.remove("rollout.outcome.success");
    attributes.set(
        "rollout.agent.deployment",
        event.agent.deployment.as_deref(),
    );

    if span.role == Role::Other {
        let kind = event.span_type.as_deref().filter(|kind| *kind != "span");
        attributes.set("rollout.span.type", kind);
    } else if matches!(span.role, Role::Model) {
        attributes.set("rollout.span.name", event.name.as_deref());
    }
    if matches!(
        span.role,
        Role::Other | Role::Retrieval | Role::Embeddings | Role::Note
    ) {
        attributes.set("rollout.input", seen.input.as_ref().map(text));
        attributes.set("rollout.output", seen.output.as_ref().map(text));
    }
    attributes.set(
        "rollout.data",
        event.raw.data.as_ref().map(|data| text(&data.to_value())),
    );
    for (name, value) in &event.raw.more {
        attributes.set_json(format!("rollout.data.{name}"), value.clone());
    }
}

/// Returns a text as it is, anything else as JSON.
pub(super) fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Sets the members of an object of the protocol, each under its own name.
fn set_members(attributes: &mut Attributes, prefix: &str, object: &impl serde::Serialize) {
    let Ok(Value::Object(members)) = serde_json::to_value(object) else {
        return;
    };
    for (name, value) in members {
        attributes.set_json(format!("{prefix}{name}"), value);
    }
}
