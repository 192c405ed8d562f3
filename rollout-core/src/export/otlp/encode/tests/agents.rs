//! Programs of agents that call others, and of steps that are no calls to chat models.

use serde_json::json;

use super::fixtures::record;
use crate::protocol::Event;

pub(super) fn agent_in_agent() -> Vec<Event> {
    record(|_| {
        let outer = crate::trace("planner").start();
        outer.in_scope(|| {
            crate::tool("ask").start().in_scope(|| {
                crate::trace("worker")
                    .start()
                    .in_scope(|| crate::tool("work").start().end());
            });
        });
        outer.end();
    })
}

/// A supervisor calls nothing itself.
pub(super) fn supervisor() -> Vec<Event> {
    record(|_| {
        let worker = || crate::trace("worker").start();
        crate::trace("supervisor").start().in_scope(|| {
            worker().in_scope(|| crate::tool("work").start().end());
        });
    })
}

pub(super) fn search() -> Vec<Event> {
    record(|_| {
        let trace = crate::trace("search").start();
        let step = trace.span("embedding").name("embed");
        let mut step = step.input(&json!(["returns", "refunds"])).start();
        step.set_model("openai", "text-embedding-3-small");
        step.set_usage(crate::Usage::default().with_input_tokens(4));
        step.end();
        let mut step = trace.span("retrieval").name("manual").start();
        step.record_input("returns");
        step.record_output(&json!([
            {"id": "p7", "score": 0.75, "text": "page 7", "metadata": {"page": 7}},
            {"id": "p9", "score": 0.5, "text": "page 9"},
        ]));
        step.end();
        trace.end();
    })
}
