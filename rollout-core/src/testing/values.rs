//! Inputs and outputs in full, of which a tree shows the beginning only.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use crate::protocol::{Event, EventType, Json};

/// What went in and came out, by the id of the span; of a trace or a message by its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Values(Arc<HashMap<String, Pair>>);

#[derive(Debug, Default)]
struct Pair {
    input: Option<Value>,
    output: Option<Value>,
}

impl Values {
    pub(super) fn of(events: &[Event]) -> Self {
        let mut pairs: HashMap<String, Pair> = HashMap::new();
        for event in events {
            let is_trace = matches!(
                event.event_type(),
                EventType::TraceStart | EventType::TraceEnd
            );
            let id = if is_trace {
                &event.trace_id
            } else {
                &event.span_id
            };
            if let Some(content) = &event.message.content {
                let own = pairs.entry(event.event_id().to_owned()).or_default();
                own.output = Some(content.to_value());
            }
            let Some(id) = id else { continue };
            let pair = pairs.entry(id.clone()).or_default();
            let raw = &event.raw;
            let value = |json: Option<&Json>| json.map(Json::to_value);
            for (known, told) in [
                (
                    &mut pair.input,
                    raw.input.as_ref().or(raw.arguments.as_ref()),
                ),
                (
                    &mut pair.output,
                    raw.output.as_ref().or(raw.result.as_ref()),
                ),
            ] {
                if let Some(told) = value(told) {
                    *known = Some(told);
                }
            }
        }
        Self(Arc::new(pairs))
    }

    /// Returns what went in; null where that is not known.
    pub(super) fn input(&self, id: Option<&str>) -> Value {
        self.pair(id)
            .and_then(|pair| pair.input.clone())
            .unwrap_or_default()
    }

    /// Returns what came out; null where that is not known.
    pub(super) fn output(&self, id: Option<&str>) -> Value {
        self.pair(id)
            .and_then(|pair| pair.output.clone())
            .unwrap_or_default()
    }

    fn pair(&self, id: Option<&str>) -> Option<&Pair> {
        self.0.get(id?)
    }
}
