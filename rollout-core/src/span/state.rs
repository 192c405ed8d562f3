use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use serde::Serialize;

use crate::capture::Payload;
use crate::client::Core;
use crate::clock::Tick;
use crate::context::{Active, Context};
use crate::id::SpanId;
use crate::llm::CallState;
use crate::noted::Noted;
use crate::pipeline::{ToldStream, redact};
use crate::protocol::Model;
use crate::record::{End, Record, Update};
use crate::trace::{Attributes, Plan, TraceState};
use crate::user::UserScope;

/// A span that is recorded.
pub(crate) struct SpanState {
    pub(crate) trace: Arc<TraceState>,
    pub(crate) id: SpanId,
    pub(crate) parent: Option<SpanId>,
    pub(crate) kind: Cow<'static, str>,
    pub(crate) name: Cow<'static, str>,
    pub(crate) started: Tick,
    pub(crate) attributes: Attributes,
    /// The user's scope it began in.
    pub(crate) user: Option<Arc<UserScope>>,
    /// Whether its trace exists for its sake, and begins and ends with it.
    pub(crate) implicit_trace: bool,
    pub(crate) detail: Detail,
    pub(crate) noted: Noted,
    /// How many pieces of its output were told.
    chunks: AtomicU64,
    /// The pieces of its output, where it is no stream of a model's: the worker's own.
    pub(crate) pieces: OnceLock<Box<Mutex<ToldStream>>>,
    /// Its twin among the spans of `tracing`.
    #[cfg(feature = "tracing")]
    pub(crate) twin: OnceLock<crate::tracing::Twin>,
    refused: AtomicBool,
    ended: AtomicBool,
}

/// What is special about a span.
#[derive(Debug, Default)]
pub(crate) enum Detail {
    #[default]
    Plain,
    Tool(ToolState),
    Call(CallState),
    /// A call to a model that is told by hand.
    Told(Box<ToldCall>),
}

#[derive(Debug)]
pub(crate) struct ToolState {
    pub(crate) call_id: Option<String>,
    pub(crate) retry_count: Option<u64>,
    /// The hash of the shape of its arguments, once the worker knows it.
    pub(crate) shape: OnceLock<String>,
}

/// A call to a model that the program tells of itself.
#[derive(Debug, Default)]
pub(crate) struct ToldCall {
    pub(crate) model: Model,
    pub(crate) streaming: bool,
    /// What was streamed so far: the worker's own.
    pub(crate) told: Mutex<ToldStream>,
}

/// Where a span is to be: what is around it, and the trace it belongs to.
pub(crate) struct Place {
    pub(crate) trace: Arc<TraceState>,
    pub(crate) parent: Option<SpanId>,
    pub(crate) user: Option<Arc<UserScope>>,
    pub(crate) implicit_trace: bool,
}

impl Place {
    /// Finds the place of a span that begins in this context. Outside a trace it opens one that is
    /// named like the span.
    ///
    /// `None` where nothing is recorded: no client, a disabled one, a trace that is sampled out or
    /// that there was no room for.
    #[expect(clippy::ptr_arg, reason = "a static name is to stay one")]
    pub(crate) fn find(
        around: &Context,
        core: Option<&Arc<Core>>,
        name: &Cow<'static, str>,
        started: Tick,
    ) -> Option<Self> {
        let user = around.user.clone();
        let (trace, parent) = match &around.active {
            Active::SampledOut(..) | Active::Suppressed => return None,
            Active::Trace(trace) => (Arc::clone(trace), trace.parent_of_spans()),
            Active::Span(span) => {
                // What hangs below a span that there was no room for hangs below its parent.
                let parent = if span.is_refused() {
                    span.parent
                } else {
                    Some(span.id)
                };
                (Arc::clone(&span.trace), parent)
            }
            Active::Nothing | Active::Client(_) | Active::Remote(..) => {
                let plan = Plan {
                    name: name.clone(),
                    ..Plan::default()
                };
                let trace = TraceState::begin(core?, plan, around, started).ok()?;
                let parent = trace.parent_of_spans();
                return Some(Self {
                    user: user.filter(|_| parent.is_some()),
                    // Part of another process' trace, it needs none of its own.
                    implicit_trace: parent.is_none(),
                    trace,
                    parent,
                });
            }
        };
        if trace.is_refused() {
            // Its beginning and its end: nothing will be left of it to count the end by.
            trace.core.queue.count_refused(2);
            return None;
        }
        Some(Self {
            trace,
            parent,
            user,
            implicit_trace: false,
        })
    }
}

/// Which one it is. What it says is the program's, and no affair of logs.
impl fmt::Debug for SpanState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanState")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("name", &redact::text(&self.name))
            .finish_non_exhaustive()
    }
}

impl SpanState {
    pub(crate) fn new(
        place: Place,
        kind: Cow<'static, str>,
        name: Cow<'static, str>,
        started: Tick,
        attributes: Attributes,
        detail: Detail,
    ) -> Arc<Self> {
        let Place {
            trace,
            parent,
            user,
            implicit_trace,
        } = place;
        let id = trace.core.ids.span();
        Arc::new(Self {
            trace,
            id,
            parent,
            kind,
            name,
            started,
            attributes,
            user,
            implicit_trace,
            detail,
            noted: Noted::default(),
            chunks: AtomicU64::new(0),
            pieces: OnceLock::new(),
            #[cfg(feature = "tracing")]
            twin: OnceLock::new(),
            refused: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        })
    }

    /// Opens its twin among the spans of `tracing`, if the program wants one.
    #[cfg(feature = "tracing")]
    pub(crate) fn show(&self, around: &Context) {
        if let Some(twin) = crate::tracing::Twin::of_span(self, around) {
            let _ = self.twin.set(twin);
        }
    }

    /// Records that the span began.
    pub(crate) fn begin(self: &Arc<Self>, input: Payload) {
        let record = Record::SpanStarted {
            span: Arc::clone(self),
            input,
        };
        if !self.core().push(record) {
            self.refused.store(true, Ordering::Relaxed);
            if self.implicit_trace {
                self.trace.refuse();
            }
        }
    }

    pub(crate) fn update(self: &Arc<Self>, update: Update) {
        if self.is_refused() {
            self.core().queue.count_refused(1);
            return;
        }
        let at = self.core().clock.now();
        self.core().push(Record::SpanUpdated {
            span: Arc::clone(self),
            at,
            update,
        });
    }

    /// Takes what came out, as it is to be recorded; nothing where that is not to be.
    pub(crate) fn output<T: Serialize + ?Sized>(&self, value: &T) -> Option<Payload> {
        let config = &self.core().config;
        (config.capture_output).then(|| Payload::serialize(value, config.max_value_bytes))
    }

    /// Records a piece of the output. What a call to a provider says is read off its answer.
    pub(crate) fn record_chunk(self: &Arc<Self>, text: String) {
        if self.core().config.capture_output && self.call().is_none() {
            let index = self.chunks.fetch_add(1, Ordering::Relaxed);
            self.update(Update::Chunk { index, text });
        }
    }

    /// Ends the span; only the first call counts.
    pub(crate) fn end(self: &Arc<Self>, end: impl FnOnce(Tick) -> End) {
        if self.ended.swap(true, Ordering::Relaxed) {
            return;
        }
        let core = self.core();
        let mut end = end(core.clock.now());
        self.noted.add_to(&mut end);
        #[cfg(feature = "tracing")]
        if let Some(twin) = self.twin.get() {
            twin.close(&end.outcome);
        }
        if self.is_refused() {
            core.queue
                .count_refused(1 + usize::from(self.implicit_trace));
            return;
        }
        core.push(Record::SpanEnded {
            span: Arc::clone(self),
            end,
        });
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.trace.core
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    pub(crate) fn call(&self) -> Option<&CallState> {
        match &self.detail {
            Detail::Call(call) => Some(call),
            _ => None,
        }
    }

    pub(crate) fn tool(&self) -> Option<&ToolState> {
        match &self.detail {
            Detail::Tool(tool) => Some(tool),
            _ => None,
        }
    }

    pub(crate) fn is_tool(&self) -> bool {
        self.tool().is_some()
    }

    pub(crate) fn told_call(&self) -> Option<&ToldCall> {
        match &self.detail {
            Detail::Told(call) => Some(call),
            _ => None,
        }
    }

    /// Returns whether this is a call to a model whose answer is streamed.
    pub(crate) fn is_streaming(&self) -> bool {
        match &self.detail {
            Detail::Call(call) => call.streaming,
            Detail::Told(call) => call.streaming,
            Detail::Plain | Detail::Tool(_) => false,
        }
    }
}
