//! What programs tell beside traces and spans: messages, judgements, what is known of a user, and
//! events of their own making.

mod feedback;
mod identity;
mod message;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

pub use feedback::{FeedbackBuilder, feedback, signal};
pub use identity::{IdentityBuilder, identify_user};
pub use message::{MessageBuilder, message};

use crate::capture::Payload;
use crate::client::{Core, global_core};
use crate::clock::Timestamp;
use crate::context::{Active, Context};
use crate::id::TraceId;
use crate::pipeline::sampler;
use crate::protocol::{Event, EventType};
use crate::record::Record;

/// Records an event that the program made itself.
///
/// What it leaves open is filled in: the active trace and span, its place in the trace, the user, the
/// agent. It needs a trace: an active one, or one that its `trace_id` or `external_trace_id` names.
///
/// ```
/// # use rollout_core as rollout;
/// use rollout::protocol::{Event, EventType};
///
/// let mut event = Event::now(EventType::EvalResult);
/// event.name = Some("faithfulness".into());
/// event.outcome.eval_score = Some(0.92);
/// rollout::capture_event(event);
/// ```
pub fn capture_event(event: Event) {
    let context = Context::current();
    if let Some(core) = recorder(&context) {
        record(&core, &context, event, Payload::none());
    }
}

/// Something to be told, by whoever records here.
struct Note {
    context: Context,
    core: Option<Arc<Core>>,
    event: Event,
    content: Payload,
}

/// What it is. What it says is the program's, and no affair of logs.
impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Note")
            .field("event_type", &self.event.event_type())
            .finish_non_exhaustive()
    }
}

impl Note {
    fn new(context: Context, kind: EventType) -> Self {
        let core = recorder(&context);
        // The time is that of the client's clock, once it is recorded.
        let event = Event::new(kind, Timestamp::from_unix_nanos(0));
        Self {
            context,
            core,
            event,
            content: Payload::none(),
        }
    }

    fn attribute(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.event.attributes.insert(key.into(), value.into());
    }

    fn record(self) {
        let Self {
            context,
            core,
            mut event,
            content,
        } = self;
        if let Some(core) = core {
            event.occurred_at = core.clock.wall(core.clock.now());
            record(&core, &context, event, content);
        }
    }
}

/// Returns who records here, also inside a trace that is not kept: what is told may be about another.
fn recorder(context: &Context) -> Option<Arc<Core>> {
    context.active.core().unwrap_or_else(global_core)
}

fn record(core: &Arc<Core>, around: &Context, event: Event, content: Payload) {
    let is_elsewhere = event.trace_id.is_some() || event.external_trace_id.is_some();
    let is_kept = if is_elsewhere {
        is_kept(core.config.sample_rate, &event)
    } else {
        match &around.active {
            Active::SampledOut(..) => false,
            Active::Remote(_, remote) => remote.sampled,
            _ => true,
        }
    };
    if !is_kept {
        return;
    }
    let mut event = event;
    if let (false, Some(remote)) = (is_elsewhere, around.remote()) {
        event.trace_id = Some(remote.trace.to_string());
        event.span_id = Some(remote.span.to_string());
    }
    core.push(Record::Event {
        trace: around.trace().map(Arc::clone),
        span: around.span().map(Arc::clone),
        user: around.user.clone(),
        event: Box::new(event),
        content,
    });
}

/// Returns whether the trace that an event names is kept, as the trace itself decided.
fn is_kept(rate: f64, event: &Event) -> bool {
    if let Some(id) = &event.external_trace_id {
        return sampler::keeps_external(rate, id);
    }
    let id = event.trace_id.as_deref().unwrap_or_default();
    match id.parse::<TraceId>() {
        Ok(id) => sampler::keeps(rate, id),
        Err(_) => sampler::keeps_external(rate, id),
    }
}

#[cfg(test)]
mod tests;
