use std::borrow::Cow;
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
    /// The name of what has one at run time only.
    name: Option<String>,
    context: protocol::Context,
    external_trace_id: Option<String>,
    tool_call_id: Option<String>,
    retry_count: Option<u64>,
    attributes: Vec<(&'static str, Value)>,
    arguments: Arguments,
}

/// The arguments of a call.
#[derive(Debug)]
enum Arguments {
    Named(Vec<(&'static str, Payload)>),
    /// All of them in one value, as tools take them.
    Whole(Payload),
}

/// A tool whose name is known at run time only.
static TOOL: Site = Site::new(Kind::Tool, "tool").input(true).output(true);

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
        let recording = Context::with(|context| {
            let core = Core::of_function(context, site.kind)?;
            Some((core, context.tool_call_id.clone()))
        });
        Self(recording.flatten().map(|(core, tool_call_id)| {
            let mut opening = Opening {
                site,
                core,
                name: None,
                context: protocol::Context::default(),
                external_trace_id: None,
                tool_call_id: tool_call_id.map(|id| id.to_string()),
                retry_count: None,
                attributes: Vec::new(),
                arguments: Arguments::Named(Vec::new()),
            };
            fill(&mut opening);
            opening
        }))
    }

    /// Prepares the call of a tool that has its name at run time only.
    pub(crate) fn tool(name: &str, fill: impl FnOnce(&mut Opening)) -> Self {
        Self::new(&TOOL, |opening| {
            opening.name = Some(name.to_owned());
            fill(opening);
        })
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
        self.tool_call_id = id.or(self.tool_call_id.take());
    }

    /// Sets how many times this call of a tool was tried before.
    pub fn retry_count(&mut self, count: u64) {
        self.retry_count = Some(count);
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
        if self.captures() {
            let payload = value(self.core.config.max_value_bytes);
            if let Arguments::Named(arguments) = &mut self.arguments {
                arguments.push((name, payload));
            }
        }
    }

    /// Sets the one value that has all arguments in it, where arguments are captured.
    pub fn arguments(&mut self, value: impl FnOnce(usize) -> Payload) {
        if self.captures() {
            self.arguments = Arguments::Whole(value(self.core.config.max_value_bytes));
        }
    }

    fn captures(&self) -> bool {
        self.site.capture_input && self.core.config.capture_input
    }

    fn open(self) -> Call {
        let captures = self.captures();
        let Self {
            site,
            core,
            name,
            context,
            attributes,
            arguments,
            ..
        } = self;
        let input = match arguments {
            Arguments::Named(arguments) if captures => Payload::object(arguments),
            Arguments::Named(_) => Payload::none(),
            Arguments::Whole(payload) => payload,
        };
        let name = name.map_or(site.name.into(), Cow::Owned);
        if site.kind == Kind::Trace {
            let mut trace = TraceBuilder::new(Some(core), name);
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
            _ => SpanBuilder::new(around, "tool".into()).tool(self.tool_call_id, self.retry_count),
        };
        for (key, value) in attributes {
            span = span.attribute(key, value);
        }
        Call::span(site, span.name(name).input_payload(input).start())
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
