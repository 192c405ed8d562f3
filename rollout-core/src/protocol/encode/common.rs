//! What many events have in common.

use serde_json::json;

use super::{Encoder, facts, failure};
use crate::clock::Tick;
use crate::protocol::{Event, EventType, Outcome as EventOutcome};
use crate::provider::WireFormat;
use crate::record::{Known, Outcome};
use crate::span::SpanState;
use crate::trace::TraceState;
use crate::user::{UserScope, overlay};

impl Encoder<'_> {
    pub(super) fn of_trace(&self, kind: EventType, trace: &TraceState, at: Tick) -> Event {
        let kind = match kind {
            // In another process' trace it is a span.
            EventType::TraceStart if trace.entry.is_some() => EventType::SpanStart,
            EventType::TraceEnd if trace.entry.is_some() => EventType::SpanEnd,
            kind => kind,
        };
        let mut event = Event::new(kind, self.core.clock.wall(at));
        set_trace(&mut event, trace, None);
        if let (Some(span), Some(remote)) = (trace.entry, &trace.remote) {
            event.span_id = Some(span.to_string());
            event.parent_span_id = Some(remote.span.to_string());
            event.span_type = Some("agent".to_owned());
            event.attributes.insert("span_type".into(), json!("agent"));
        }
        event.sequence = Some(trace.next_sequence());
        event.name = Some(trace.name.clone().into_owned());
        if let Some(links) = &trace.links {
            event.links = (**links).clone();
        }
        for (key, value) in &trace.attributes {
            event
                .attributes
                .insert(key.clone().into_owned(), value.clone());
        }
        if let Some(origin) = trace.origin {
            let attributes = &mut event.attributes;
            attributes.insert(
                "rollout.parent.trace_id".into(),
                json!(origin.trace.to_string()),
            );
            if let Some(span) = origin.span {
                attributes.insert("rollout.parent.span_id".into(), json!(span.to_string()));
            }
        }
        self.set_identity(&mut event);
        event
    }

    /// Returns an event of a span, next in line in its trace.
    pub(super) fn of_span(&self, kind: EventType, span: &SpanState, at: Tick) -> Event {
        let mut event = self.of_span_unnumbered(kind, span, at);
        event.sequence = Some(span.trace.next_sequence());
        event
    }

    /// Returns an event of a span whose place in the trace is decided later.
    pub(super) fn of_span_unnumbered(&self, kind: EventType, span: &SpanState, at: Tick) -> Event {
        let mut event = Event::new(kind, self.core.clock.wall(at));
        set_trace(&mut event, &span.trace, Some(span));
        event.span_id = Some(span.id.to_string());
        event.parent_span_id = span.parent.map(|id| id.to_string());
        event.span_type = Some(span.kind.clone().into_owned());
        event.name = Some(span.name.clone().into_owned());
        self.set_identity(&mut event);
        event
    }

    pub(super) fn set_identity(&self, event: &mut Event) {
        let identity = &self.core.config.identity;
        let agent = &mut event.agent;
        for (known, configured) in [
            (&mut agent.id, &identity.agent_id),
            (&mut agent.name, &identity.agent_name),
            (&mut agent.version, &identity.agent_version),
            (&mut agent.deployment, &identity.deployment),
            (&mut agent.environment, &identity.environment),
        ] {
            if known.is_none() {
                known.clone_from(configured);
            }
        }
        let attributes = [
            ("service_name", &identity.service_name),
            ("release", &identity.release),
        ];
        for (key, value) in attributes {
            if let Some(value) = value
                && !event.attributes.contains_key(key)
            {
                event.attributes.insert(key.into(), json!(value));
            }
        }
    }

    pub(super) fn set_times(&self, event: &mut Event, started: Tick, ended: Tick) {
        event.started_at = Some(self.core.clock.wall(started));
        event.ended_at = Some(self.core.clock.wall(ended));
        event.duration_ms = Some(ended.since(started).as_secs_f64() * 1e3);
    }

    /// Fills in what an event that was made by hand leaves open.
    pub(super) fn complete(
        &self,
        event: &mut Event,
        trace: Option<&TraceState>,
        span: Option<&SpanState>,
        user: Option<&UserScope>,
    ) {
        let own = (event.event_type() == EventType::IdentityUpdate).then(|| event.context.clone());
        // Another trace's event never borrows this one's spans.
        let is_elsewhere = event.trace_id.is_some() || event.external_trace_id.is_some();
        match trace.filter(|_| !is_elsewhere) {
            Some(trace) => {
                let active = user.or(span.and_then(|span| span.user.as_deref()));
                set_trace_of(event, trace, active);
                event.sequence = Some(trace.next_sequence());
                if let Some(span) = span
                    && event.span_id.is_none()
                {
                    event.span_id = Some(span.id.to_string());
                    event.parent_span_id = span.parent.map(|id| id.to_string());
                }
            }
            None => {
                if let Some(user) = user {
                    let by_hand = std::mem::take(&mut event.context);
                    event.context = user.context.clone();
                    overlay(&mut event.context, &by_hand);
                }
            }
        }
        if let Some(own) = own {
            // Who somebody is is not taken from whoever is active.
            let around = std::mem::replace(&mut event.context, own);
            let context = &mut event.context;
            context.session_id = context.session_id.take().or(around.session_id);
            context.conversation_id = context.conversation_id.take().or(around.conversation_id);
        }
        self.set_identity(event);
    }
}

pub(super) fn set_trace(event: &mut Event, trace: &TraceState, span: Option<&SpanState>) {
    set_trace_of(event, trace, span.and_then(|span| span.user.as_deref()));
}

/// Names the trace that an event is part of, and the user: that of the scope it was made in, else that
/// of the scope in which the trace began.
fn set_trace_of(event: &mut Event, trace: &TraceState, user: Option<&UserScope>) {
    event.trace_id = Some(trace.id.to_string());
    event.external_trace_id.clone_from(&trace.external_id);
    let user = user.or(trace.user.as_deref());
    let mut context = user.map(|user| user.context.clone()).unwrap_or_default();
    if let Some(own) = &trace.context {
        overlay(&mut context, own);
    }
    let by_hand = std::mem::take(&mut event.context);
    overlay(&mut context, &by_hand);
    event.context = context;
}

pub(super) fn set_span_attributes(event: &mut Event, span: &SpanState) {
    let attributes = &mut event.attributes;
    attributes.insert("span_type".into(), json!(span.kind));
    let options = span.call().map(|call| call.options.attributes.as_slice());
    for (key, value) in options.unwrap_or_default().iter().chain(&span.attributes) {
        attributes.insert(key.clone().into_owned(), value.clone());
    }
}

pub(super) fn set_outcome(event: &mut Event, outcome: &Outcome) {
    set_status(event, status(outcome));
    if let Outcome::Failed(failure) = outcome {
        failure::set(event, failure);
    }
}

pub(super) fn set_status(event: &mut Event, status: &str) {
    event.status = Some(status.to_owned());
    event.outcome = EventOutcome {
        success: Some(status == "ok"),
        status: Some(status.to_owned()),
        ..EventOutcome::default()
    };
}

pub(super) fn status(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Failed(_) => "error",
        Outcome::Cancelled => "cancelled",
    }
}

pub(super) fn set_known(event: &mut Event, known: Known) {
    event.attributes.extend(known.attributes);
    event.model.provider = known.provider.or(event.model.provider.take());
    event.model.model = known.model.or(event.model.model.take());
    if let Some(usage) = &known.usage {
        facts::set_usage(event, usage, None);
        // Anthropic counts the tokens of the cache apart from the others.
        let is_anthropic = ["cache_read_input_tokens", "cache_creation_input_tokens"]
            .iter()
            .any(|key| usage.raw.get(key).is_some());
        if is_anthropic {
            event.format = Some(WireFormat::AnthropicMessages);
        }
    }
}
