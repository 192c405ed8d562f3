use std::sync::Arc;

use serde_json::Value;

use super::{Call, Kind, Site};
use crate::capture::Payload;
use crate::client::{Core, nobody_records};
use crate::context::Context;
use crate::protocol;
use crate::span::SpanBuilder;
use crate::trace::TraceBuilder;

/// What is known of a call before it is opened: the options, and the arguments.
#[derive(Debug)]
pub struct Opening {
    site: &'static Site,
    core: Arc<Core>,
    context: protocol::Context,
    external_trace_id: Option<String>,
    tool_call_id: Option<String>,
    attributes: Vec<(&'static str, Value)>,
    arguments: Vec<(&'static str, Payload)>,
}

/// A call whose arguments are captured and which is not open yet: a future opens it when it is first
/// polled, when its arguments are long gone.
#[derive(Debug)]
pub struct Prepared(Option<Opening>);

impl Prepared {
    /// Calls `fill` for the options and the arguments, where the call will be recorded.
    #[inline]
    pub fn new(site: &'static Site, fill: impl FnOnce(&mut Opening)) -> Self {
        if nobody_records() {
            return Self(None);
        }
        let recording = Context::with(|context| Core::of_function(context, site.kind)).flatten();
        Self(recording.map(|core| {
            let mut opening = Opening {
                site,
                core,
                context: protocol::Context::default(),
                external_trace_id: None,
                tool_call_id: None,
                attributes: Vec::new(),
                arguments: Vec::new(),
            };
            fill(&mut opening);
            opening
        }))
    }

    /// Opens the trace or the span.
    #[inline]
    pub fn open(self) -> Call {
        match self.0 {
            None => Call::off(),
            Some(opening) => opening.open(),
        }
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(&mut self, id: Option<String>) {
            self.context.$name = id;
        }
    )*};
}

impl Opening {
    ids! {
        /// Sets the user.
        user_id;
        /// Sets the session.
        session_id;
        /// Sets the conversation.
        conversation_id;
    }

    /// Sets the program's own name for the trace.
    pub fn external_trace_id(&mut self, id: Option<String>) {
        self.external_trace_id = id;
    }

    /// Sets the id by which the model knows this call of a tool.
    pub fn tool_call_id(&mut self, id: Option<String>) {
        self.tool_call_id = id;
    }

    /// Adds an attribute.
    pub fn attribute(&mut self, key: &'static str, value: impl FnOnce(usize) -> Payload) {
        let limit = self.core.config.max_value_bytes;
        if let Some(resolved) = value(limit).resolve(limit) {
            self.attributes.push((key, resolved.json.to_value()));
        }
    }

    /// Adds an argument, where arguments are captured.
    pub fn argument(&mut self, name: &'static str, value: impl FnOnce(usize) -> Payload) {
        if self.site.capture_input && self.core.config.capture_input {
            self.arguments
                .push((name, value(self.core.config.max_value_bytes)));
        }
    }

    fn open(self) -> Call {
        let Self {
            site,
            core,
            context,
            attributes,
            arguments,
            ..
        } = self;
        let captures = site.capture_input && core.config.capture_input;
        let input = if captures {
            Payload::object(arguments)
        } else {
            Payload::none()
        };
        if site.kind == Kind::Trace {
            let mut trace = TraceBuilder::new(Some(core), site.name.into());
            if context != protocol::Context::default() {
                trace = trace.context_of(context);
            }
            if let Some(id) = self.external_trace_id {
                trace = trace.external_trace_id(id);
            }
            for (key, value) in attributes {
                trace = trace.attribute(key, value);
            }
            return Call::trace(site, trace.input_payload(input).start());
        }
        let mut around = Context::current();
        if context != protocol::Context::default() {
            around = crate::user::UserScope { context }.context();
        }
        let mut span = match site.kind {
            Kind::Span(kind) => SpanBuilder::new(around, kind.into()),
            _ => SpanBuilder::new(around, "tool".into()).tool(self.tool_call_id, None),
        };
        for (key, value) in attributes {
            span = span.attribute(key, value);
        }
        Call::span(site, span.name(site.name).input_payload(input).start())
    }
}

impl Core {
    /// Returns the client that records a function of this kind here, if any does.
    fn of_function(context: &Context, kind: Kind) -> Option<Arc<Self>> {
        match kind {
            // A fresh trace is drawn afresh, also inside of one that is not recorded.
            Kind::Trace => context
                .active
                .core()
                .unwrap_or_else(crate::client::global_core),
            Kind::Span(_) | Kind::Tool => Self::of(context),
        }
    }
}
