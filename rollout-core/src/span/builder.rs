use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use serde_json::Value;

use super::{Detail, Place, Span, SpanState, ToldCall, ToolState};
use crate::capture::Payload;
use crate::client::Core;
use crate::clock::Tick;
use crate::context::Context;
use crate::trace::Attributes;

/// A span that is about to begin.
///
/// ```
/// # use rollout_core as rollout;
/// let mut span = rollout::span("retrieval").name("search the manual").start();
/// let hits = span.in_scope(|| vec!["page 7"]);
/// span.record_output(&hits);
/// ```
#[must_use = "a span begins with `start`"]
pub struct SpanBuilder {
    around: Context,
    core: Option<Arc<Core>>,
    kind: Cow<'static, str>,
    name: Option<Cow<'static, str>>,
    attributes: Attributes,
    input: Payload,
    detail: Detail,
    started: Option<Tick>,
}

impl SpanBuilder {
    pub(crate) fn new(around: Context, kind: Cow<'static, str>) -> Self {
        let core = Core::of(&around);
        Self {
            around,
            core,
            kind,
            name: None,
            attributes: Vec::new(),
            input: Payload::none(),
            detail: Detail::Plain,
            started: None,
        }
    }

    /// Makes this a tool's span: a `tool.call` and a `tool.result` on the wire.
    pub(crate) fn tool(mut self, call_id: Option<String>, retry_count: Option<u64>) -> Self {
        self.detail = Detail::Tool(ToolState {
            call_id,
            retry_count,
            shape: OnceLock::new(),
        });
        self
    }

    /// Makes this the span of a call to a model.
    pub(crate) fn told_call(mut self, call: ToldCall) -> Self {
        self.detail = Detail::Told(Box::new(call));
        self
    }

    /// Sets the name. Defaults to the type.
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Adds an attribute.
    pub fn attribute(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.attributes.push((key.into(), value.into()));
        self
    }

    /// Records what the step starts from.
    pub fn input<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        if let Some(core) = &self.core
            && core.config.capture_input
        {
            self.input = Payload::serialize(value, core.config.max_value_bytes);
        }
        self
    }

    /// Says when it began, where that was before now.
    #[cfg(feature = "tracing")]
    pub(crate) fn started(mut self, at: Tick) -> Self {
        self.started = Some(at);
        self
    }

    pub(crate) fn input_payload(mut self, payload: Payload) -> Self {
        self.input = payload;
        self
    }

    /// Opens the span. It ends with [`Span::end`], or when it is dropped.
    pub fn start(self) -> Span {
        #[cfg(feature = "tracing")]
        let is_ours = self.started.is_none();
        let Self {
            around,
            core,
            kind,
            name,
            attributes,
            input,
            detail,
            started,
        } = self;
        let Some(core) = core else {
            return Span::off(around);
        };
        let started = started.unwrap_or_else(|| core.clock.now());
        let name = name.unwrap_or_else(|| kind.clone());
        let Some(place) = Place::find(&around, Some(&core), &name, started) else {
            return Span::off(around);
        };
        let state = SpanState::new(place, kind, name, started, attributes, detail);
        // One that tells of a span of `tracing` is among those already.
        #[cfg(feature = "tracing")]
        if is_ours {
            state.show(&around);
        }
        state.begin(input);
        Span::new(state, around)
    }
}

impl fmt::Debug for SpanBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanBuilder")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
