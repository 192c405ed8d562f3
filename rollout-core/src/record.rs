//! What happened, as the program's threads note it for the worker: the only currency between them.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::capture::Payload;
use crate::clock::Tick;
use crate::failure::Failure;
use crate::protocol::Event;
use crate::span::SpanState;
use crate::trace::TraceState;
use crate::user::UserScope;

/// Something that happened. About the program, not about a wire format: one record becomes one
/// event or several.
#[derive(Debug)]
pub(crate) enum Record {
    TraceStarted {
        trace: Arc<TraceState>,
        input: Payload,
    },
    TraceEnded {
        trace: Arc<TraceState>,
        end: End,
    },
    SpanStarted {
        span: Arc<SpanState>,
        input: Payload,
    },
    SpanUpdated {
        span: Arc<SpanState>,
        at: Tick,
        update: Update,
    },
    SpanEnded {
        span: Arc<SpanState>,
        end: End,
    },
    /// An event that somebody made by hand; what it leaves open is filled in.
    Event {
        trace: Option<Arc<TraceState>>,
        span: Option<Arc<SpanState>>,
        /// The user's scope it was made in.
        user: Option<Arc<UserScope>>,
        event: Box<Event>,
        /// The content of a message.
        content: Payload,
    },
}

/// How something ended.
#[derive(Debug, Default)]
pub(crate) struct End {
    pub(crate) at: Tick,
    pub(crate) outcome: Outcome,
    pub(crate) output: Payload,
    /// What became known while it ran.
    pub(crate) known: Option<Box<Known>>,
}

/// How something went, as far as the caller's side knows.
#[derive(Debug, Default)]
pub(crate) enum Outcome {
    #[default]
    Ok,
    Failed(Box<Failure>),
    /// It was dropped before it was done.
    Cancelled,
}

/// More about a span than was known when it started.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) attributes: Map<String, Value>,
    pub(crate) usage: Option<crate::provider::Usage>,
    pub(crate) model: Option<String>,
    pub(crate) provider: Option<String>,
}

impl Known {
    /// Takes what became known later, which wins.
    pub(crate) fn update(&mut self, later: Self) {
        self.attributes.extend(later.attributes);
        if let Some(usage) = later.usage {
            self.usage.get_or_insert_default().update(usage);
        }
        self.model = later.model.or(self.model.take());
        self.provider = later.provider.or(self.provider.take());
    }
}

#[derive(Debug)]
pub(crate) enum Update {
    Input(Payload),
    Chunk { index: u64, text: String },
}

/// What must not be lost before what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Beginning,
    Middle,
    End,
}

impl Record {
    pub(crate) fn role(&self) -> Role {
        match self {
            Self::TraceStarted { .. } | Self::SpanStarted { .. } => Role::Beginning,
            Self::TraceEnded { .. } | Self::SpanEnded { .. } => Role::End,
            // Feedback and signals are rare, small and made by people.
            Self::Event { event, .. } if event.event_type().is_protected() => Role::End,
            Self::SpanUpdated { .. } | Self::Event { .. } => Role::Middle,
        }
    }

    /// Returns how many events this will become, as far as one can tell.
    pub(crate) fn events(&self) -> usize {
        match self {
            Self::TraceStarted { .. }
            | Self::TraceEnded { .. }
            | Self::SpanUpdated { .. }
            | Self::Event { .. } => 1,
            Self::SpanStarted { span, input } => {
                let has_input = !input.is_none() && !span.is_tool();
                1 + usize::from(span.implicit_trace)
                    + usize::from(span.is_streaming())
                    + usize::from(has_input)
            }
            Self::SpanEnded { span, .. } => {
                1 + usize::from(span.implicit_trace) + usize::from(span.is_streaming())
            }
        }
    }

    /// Returns about how many bytes it takes while it waits.
    pub(crate) fn size(&self) -> usize {
        const RECORD: usize = 256;
        RECORD
            + match self {
                Self::TraceStarted { input, .. } | Self::SpanStarted { input, .. } => input.size(),
                Self::TraceEnded { end, .. } | Self::SpanEnded { end, .. } => end.output.size(),
                Self::SpanUpdated { update, .. } => match update {
                    Update::Input(payload) => payload.size(),
                    Update::Chunk { text, .. } => text.len(),
                },
                Self::Event { content, .. } => RECORD + content.size(),
            }
    }

    /// Takes the payload out, and returns it to be dropped by the caller. The record says so.
    pub(crate) fn leave_out_payload(&mut self) -> Option<Payload> {
        let payload = match self {
            Self::TraceStarted { input, .. } | Self::SpanStarted { input, .. } => input,
            Self::TraceEnded { end, .. } | Self::SpanEnded { end, .. } => &mut end.output,
            Self::SpanUpdated {
                update: Update::Input(payload),
                ..
            } => payload,
            Self::Event { content, .. } => content,
            Self::SpanUpdated { .. } => return None,
        };
        if payload.is_none() {
            return None;
        }
        Some(std::mem::replace(payload, Payload::left_out()))
    }
}
