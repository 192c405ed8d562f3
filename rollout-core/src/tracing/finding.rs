//! A span of `tracing` that tells of a model's work, and what we make of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::detached;
use super::fields::Fields;
use super::messages::Messages;
use super::operation::Operation;
use super::story;
use crate::client::Core;
use crate::clock::Tick;
use crate::context::{Active, Context};
use crate::failure::Failure;
use crate::span::{Span, SpanBuilder};
use crate::tool::ToolBuilder;
use crate::trace::{Trace, TraceBuilder};

/// A call to a model of which somebody else's span tells. If we see the call ourselves, by a wrapped
/// client inside of it, ours is the record.
#[derive(Debug, Default)]
pub struct ForeignCall {
    seen: AtomicBool,
}

impl ForeignCall {
    pub(crate) fn is_seen(&self) {
        self.seen.store(true, Ordering::Relaxed);
    }

    fn was_seen(&self) -> bool {
        self.seen.load(Ordering::Relaxed)
    }
}

/// What is known of such a span.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) fields: Fields,
    pub(super) failure: Option<Failure>,
    pub(super) messages: Messages,
    core: Arc<Core>,
    around: Context,
    started: Tick,
    operation: Option<Operation>,
    call: Option<Arc<ForeignCall>>,
    is_follower: bool,
    record: Record,
}

/// What it is recorded as.
#[derive(Debug)]
enum Record {
    /// Nothing so far. Much is told between the opening of a span and its being entered, and of a call
    /// to a model we may see more ourselves.
    NotYet,
    Span(Span),
    Trace(Trace),
    /// Nothing at all: rollout has the call itself.
    Nowhere,
}

impl Finding {
    /// Notes a span that was opened in this context.
    pub(super) fn new(core: Arc<Core>, around: Context, fields: Fields) -> Self {
        let started = core.clock.now();
        let mut finding = Self {
            fields,
            failure: None,
            messages: Messages::default(),
            core,
            around,
            started,
            operation: None,
            call: None,
            is_follower: false,
            record: Record::NotYet,
        };
        finding.recognise();
        finding
    }

    /// Finds out what the span tells of, which may be said after it was opened.
    fn recognise(&mut self) {
        if self.operation.is_some() {
            return;
        }
        let Some(name) = self.fields.take_text(&["gen_ai.operation.name"]) else {
            return;
        };
        let operation = Operation::named(&name);
        if operation == Operation::Inference {
            let ours = self.around.span().is_some_and(|span| span.call().is_some());
            if ours {
                self.record = Record::Nowhere;
            } else {
                self.call = Some(Arc::default());
            }
        }
        self.operation = Some(operation);
    }

    pub(super) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    pub(super) fn around(&self) -> &Context {
        &self.around
    }

    /// Returns the name of an agent around which nothing is recorded. It may be one that is never
    /// entered.
    pub(super) fn waits_as_an_agent(&self) -> Option<String> {
        let waits = self.operation == Some(Operation::Agent) && self.is_alone();
        waits.then(|| story::agent_name(&self.fields).into_owned())
    }

    /// Finds the agent that this is the first step of, where nothing is around it.
    pub(super) fn join_agent(&mut self) {
        if !self.is_alone() || self.operation == Some(Operation::Agent) {
            return;
        }
        if let Some(Value::String(agent)) = self.fields.get("gen_ai.agent.name")
            && let Some(around) = detached::begin_work(agent, &self.core)
        {
            self.around = around;
            self.is_follower = true;
        }
    }

    /// Joins what it follows, where nothing is around it.
    pub(super) fn follow(&mut self, around: Context) {
        if self.is_alone() && matches!(self.record, Record::NotYet) {
            self.around = around;
            self.is_follower = true;
        }
    }

    /// Returns whether no trace is around it.
    fn is_alone(&self) -> bool {
        matches!(self.around.active, Active::Nothing | Active::Client(_))
    }

    /// Returns the context of what happens inside the span.
    pub(super) fn enter(&mut self) -> Context {
        if self.is_told() {
            self.open();
        }
        self.context()
    }

    /// Records what was told since it was opened and is worth knowing before it ends. Returns the
    /// context of what happens inside the span from here on, where it is another one now.
    pub(super) fn told(&mut self) -> Option<Context> {
        self.recognise();
        if let (Record::Span(span), Some(operation)) = (&self.record, &self.operation) {
            story::tell_input(span, operation, &mut self.fields);
            return None;
        }
        let opens = matches!(self.record, Record::NotYet) && self.is_told();
        opens.then(|| self.enter())
    }

    /// Returns whether enough was told to begin with.
    fn is_told(&self) -> bool {
        match &self.operation {
            // It shows while the span is entered whether we see the call ourselves.
            None | Some(Operation::Inference) => false,
            Some(Operation::Tool) => self.fields.get("gen_ai.tool.name").is_some(),
            Some(Operation::Agent | Operation::Step(_)) => true,
        }
    }

    /// Called when the span is left for the first time, or for another.
    pub(super) fn leave(&mut self) {
        if self.operation.is_some() {
            self.open();
        }
    }

    /// Returns the context of what belongs to the span without being inside of it.
    pub(super) fn context_of_children(&mut self) -> Context {
        self.enter()
    }

    /// Returns whether it hangs where it does for what it follows, and not for where it was opened.
    pub(super) fn is_follower(&self) -> bool {
        self.is_follower
    }

    /// Ends what was recorded of it.
    pub(super) fn close(&mut self) {
        if let Some(call) = &self.call
            && call.was_seen()
        {
            // Where ours came late there are two spans, but what was consumed is counted once.
            self.fields.forget_usage();
            if matches!(self.record, Record::NotYet) {
                return;
            }
        }
        self.open();
        if self.operation != Some(Operation::Tool) {
            self.messages.tell(&mut self.fields);
        }
        let record = std::mem::replace(&mut self.record, Record::Nowhere);
        let fields = std::mem::take(&mut self.fields);
        let failure = self.failure.take();
        match (record, &self.operation) {
            (Record::Span(span), Some(operation)) => {
                story::end_span(span, operation, fields, failure);
            }
            (Record::Trace(trace), _) => story::end_trace(trace, fields, failure),
            _ => {}
        }
    }

    fn context(&self) -> Context {
        let mut context = match &self.record {
            Record::Span(span) => span.context(),
            Record::Trace(trace) => trace.context(),
            Record::NotYet | Record::Nowhere => self.around.clone(),
        };
        context.foreign_call.clone_from(&self.call);
        context
    }

    fn open(&mut self) {
        let (Record::NotYet, Some(operation)) = (&self.record, &self.operation) else {
            return;
        };
        if self.call.as_ref().is_some_and(|call| call.was_seen()) {
            return;
        }
        if *operation != Operation::Tool {
            self.messages.tell_asked(&mut self.fields);
        }
        let around = self.around.clone();
        let is_alone = self.is_alone();
        let capture = self.core.config.capture_input;
        self.record = match operation {
            Operation::Agent if is_alone => {
                let name = story::agent_name(&self.fields);
                let trace = TraceBuilder::new(Some(Arc::clone(&self.core)), name)
                    .foreign()
                    .input_payload(story::input(operation, &mut self.fields, capture));
                Record::Trace(around.in_scope(|| trace.start()))
            }
            Operation::Tool => {
                let name = story::tool_name(&mut self.fields);
                let mut tool = ToolBuilder::new(around, name)
                    .started(self.started)
                    .input_payload(story::input(operation, &mut self.fields, capture));
                if let Some(id) = self.fields.take_text(&["gen_ai.tool.call.id"]) {
                    tool = tool.tool_call_id(id);
                }
                Record::Span(tool.start())
            }
            _ => {
                let kind = story::kind(operation);
                let name = story::name(operation, &self.fields);
                let span = SpanBuilder::new(around, kind)
                    .name(name)
                    .started(self.started)
                    .input_payload(story::input(operation, &mut self.fields, capture));
                Record::Span(story::with_request(span, operation, &self.fields).start())
            }
        };
    }
}
