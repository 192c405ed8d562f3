use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::Trace;
use super::state::{Plan, TraceState};
use crate::capture::Payload;
use crate::client::Core;
use crate::context::{Active, Context};
use crate::id::TraceId;
use crate::protocol;
use crate::record::Record;

/// A trace that is about to begin.
///
/// ```
/// # use rollout_core as rollout;
/// let trace = rollout::trace("support").user_id("u1").attribute("channel", "mail").start();
/// trace.in_scope(|| { /* spans that are opened here belong to it */ });
/// trace.end();
/// ```
#[must_use = "a trace begins with `start`"]
pub struct TraceBuilder {
    core: Option<Arc<Core>>,
    plan: Plan,
    input: Payload,
    /// Whether it tells of a span of `tracing`, and needs no twin among those.
    #[cfg(feature = "tracing")]
    is_foreign: bool,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(mut self, id: impl Into<String>) -> Self {
            self.context().$name = Some(id.into());
            self
        }
    )*};
}

impl TraceBuilder {
    pub(crate) fn new(core: Option<Arc<Core>>, name: Cow<'static, str>) -> Self {
        Self {
            core,
            plan: Plan {
                name,
                enters: true,
                ..Plan::default()
            },
            input: Payload::none(),
            #[cfg(feature = "tracing")]
            is_foreign: false,
        }
    }

    /// Says that it tells of a span of `tracing`.
    #[cfg(feature = "tracing")]
    pub(crate) fn foreign(mut self) -> Self {
        self.is_foreign = true;
        self
    }

    ids! {
        /// Sets the user on whose behalf it runs.
        user_id;
        /// Sets the account of that user.
        account_id;
        /// Sets the session that it is part of.
        session_id;
        /// Sets the conversation that it is part of.
        conversation_id;
    }

    /// Adds something that is known of the user.
    pub fn user_trait(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.context()
            .user_traits
            .get_or_insert_default()
            .insert(key.into(), value.into());
        self
    }

    /// Adds something that is known of the account.
    pub fn account_trait(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.context()
            .account_traits
            .get_or_insert_default()
            .insert(key.into(), value.into());
        self
    }

    /// Sets the program's own name for the trace, by which feedback can find it: the number of an order, the
    /// id of a request. A blank one counts as none.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let trace = rollout::trace("support").external_trace_id("order-1042").start();
    /// // … days later, in another process:
    /// rollout::feedback("thumbs_up", true).external_trace_id("order-1042").record();
    /// ```
    pub fn external_trace_id(mut self, id: impl Into<String>) -> Self {
        let id = id.into();
        self.plan.external_id = (!id.trim().is_empty()).then_some(id);
        self
    }

    /// Sets the id, for a trace that began elsewhere. Defaults to a fresh one.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// // Of a queue, whose messages say which run they belong to:
    /// let id = "trace_0af76519-16cd-43dd-8448-eb211c80319c".parse()?;
    /// let trace = rollout::trace("support").trace_id(id).start();
    /// # Ok::<(), rollout::ParseIdError>(())
    /// ```
    pub fn trace_id(mut self, id: TraceId) -> Self {
        self.plan.id = Some(id);
        self
    }

    /// Says what it belongs to in other systems: a run, a data set, an experiment.
    ///
    /// ```
    /// use rollout_core::protocol::Links;
    ///
    /// let mut links = Links::default();
    /// links.experiment_id = Some("exp_7".into());
    /// let trace = rollout_core::trace("nightly evaluation").links(links).start();
    /// ```
    pub fn links(mut self, links: protocol::Links) -> Self {
        self.plan.links = Some(Box::new(links));
        self
    }

    /// Adds an attribute.
    pub fn attribute(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.plan.attributes.push((key.into(), value.into()));
        self
    }

    /// Records what the run starts from.
    pub fn input<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        if let Some(core) = &self.core
            && core.config.capture_input
        {
            self.input = Payload::serialize(value, core.config.max_value_bytes);
        }
        self
    }

    pub(crate) fn context_of(mut self, context: protocol::Context) -> Self {
        self.plan.context = Some(Box::new(context));
        self
    }

    pub(crate) fn input_payload(mut self, payload: Payload) -> Self {
        self.input = payload;
        self
    }

    /// Opens the trace. It ends with [`Trace::end`], or when it is dropped.
    pub fn start(self) -> Trace {
        #[cfg(feature = "tracing")]
        let is_foreign = self.is_foreign;
        let Self {
            core, plan, input, ..
        } = self;
        let Some(core) = core else {
            return Trace::off();
        };
        let around = Context::current();
        let started = core.clock.now();
        let user = around.user.clone();
        match TraceState::begin(&core, plan, &around, started) {
            Err(id) => Trace::new(None, Context::new(Active::SampledOut(core, id), user)),
            Ok(trace) => {
                #[cfg(feature = "tracing")]
                if !is_foreign {
                    trace.show(&around);
                }
                let record = Record::TraceStarted {
                    trace: Arc::clone(&trace),
                    input,
                };
                if !core.push(record) {
                    trace.refuse();
                }
                let active = Active::Trace(Arc::clone(&trace));
                Trace::new(Some(trace), Context::new(active, user))
            }
        }
    }

    fn context(&mut self) -> &mut protocol::Context {
        self.plan.context.get_or_insert_default()
    }
}

impl fmt::Debug for TraceBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceBuilder")
            .field("name", &crate::pipeline::redact::text(&self.plan.name))
            .finish_non_exhaustive()
    }
}
