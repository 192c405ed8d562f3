//! All that is recorded of one step: its values whole, and the events as they are.

use rollout_core::show::{Run, Step};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What the page shows of a step when one looks at it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Detail {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Value>,
    /// What a stream has brought so far, or its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    streamed: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Value>,
    /// The program's own.
    attributes: Map<String, Value>,
    /// Those that the SDK notes.
    options: Map<String, Value>,
    /// Users, agents, links.
    context: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
    truncated: Vec<Value>,
}

/// What is shown in a place of its own, or is about the machinery.
const ELSEWHERE: [&str; 12] = [
    "chunk_count",
    "chunk_index",
    "preview_chars",
    "rollout.attempt_count",
    "rollout.attempts",
    "rollout.error.sources",
    "rollout.parent.span_id",
    "rollout.parent.trace_id",
    "rollout.tool_calls",
    "rollout.truncated",
    "span_type",
    "streaming",
];

/// Returns the events of a step, in the order in which they were noted.
pub(super) fn events_of<'a>(key: &str, traces: &[String], events: &'a [Value]) -> Vec<&'a Value> {
    let is_trace = traces.iter().any(|trace| trace == key);
    let is_of = |event: &&Value| {
        let kind = text(event, "event_type").unwrap_or_default();
        if is_trace {
            let trace = text(event, "trace_id").or_else(|| text(event, "external_trace_id"));
            return kind.starts_with("trace.") && trace == Some(key);
        }
        let is_step = ["span.", "llm.", "tool."]
            .iter()
            .any(|start| kind.starts_with(start));
        text(event, "event_id") == Some(key) || (is_step && text(event, "span_id") == Some(key))
    };
    let mut found: Vec<&Value> = events.iter().filter(is_of).collect();
    if found.is_empty() {
        // Some SDKs give tools no span of their own: the call's id is all they have.
        let call = |event: &&Value| {
            event.pointer("/tool/tool_call_id").and_then(Value::as_str) == Some(key)
        };
        found = events.iter().filter(call).collect();
    }
    found.sort_by_key(|event| {
        let sequence = event.get("sequence").and_then(Value::as_u64);
        (sequence.unwrap_or(u64::MAX), text(event, "occurred_at"))
    });
    found
}

fn text<'a>(event: &'a Value, name: &str) -> Option<&'a str> {
    event.get(name).and_then(Value::as_str)
}

impl Detail {
    /// Puts together what events tell of a step. What comes later counts, and an end the most.
    pub(super) fn of(key: &str, run: &Run, events: &[&Value]) -> Self {
        let own = own_attributes(key, run);
        let mut detail = Self {
            key: key.to_owned(),
            ..Self::default()
        };
        for event in events {
            detail.take(event, own);
        }
        detail
    }

    fn take(&mut self, event: &Value, own: Option<&Map<String, Value>>) {
        let known = |path: &str| {
            event
                .pointer(path)
                .filter(|value| !value.is_null())
                .cloned()
        };
        for (place, paths) in [
            (
                &mut self.input,
                &["/raw/input", "/raw/arguments", "/raw/query"][..],
            ),
            (
                &mut self.output,
                &["/raw/output", "/raw/result", "/raw/documents", "/raw/data"],
            ),
            (&mut self.streamed, &["/raw/stream_preview"]),
            (&mut self.message, &["/message"]),
        ] {
            if let Some(value) = paths.iter().find_map(|path| known(path)) {
                *place = Some(value);
            }
        }
        for (key, value) in objects(event, "attributes") {
            if key == "rollout.truncated" {
                let more = value.as_array().into_iter().flatten();
                let more: Vec<_> = more
                    .filter(|what| !self.truncated.contains(what))
                    .cloned()
                    .collect();
                self.truncated.extend(more);
            }
            if ELSEWHERE.contains(&&**key) {
                continue;
            }
            let is_own = own.is_some_and(|own| own.contains_key(key));
            let map = if is_own {
                &mut self.attributes
            } else {
                &mut self.options
            };
            map.insert(key.clone(), value.clone());
        }
        for group in ["agent", "context", "integration", "links", "outcome"] {
            for (key, value) in objects(event, group) {
                self.context.insert(format!("{group}.{key}"), value.clone());
            }
        }
        for (key, value) in
            objects(event, "model").filter(|(key, _)| !["model", "provider"].contains(&&***key))
        {
            self.options.insert(format!("model.{key}"), value.clone());
        }
        self.error = error(event).or(self.error.take());
    }
}

fn error(event: &Value) -> Option<Value> {
    let mut error = Map::new();
    for (key, path) in [
        ("type", "/error/type"),
        ("message", "/error/message_preview"),
        ("signature", "/error/signature"),
    ] {
        if let Some(value) = event.pointer(path).filter(|value| !value.is_null()) {
            error.insert(key.to_owned(), value.clone());
        }
    }
    if error.is_empty() {
        return None;
    }
    let attributes = event.get("attributes");
    for (key, name) in [
        ("sources", "rollout.error.sources"),
        ("provider_message", "rollout.error.message"),
        ("code", "rollout.error.code"),
        ("param", "rollout.error.param"),
        ("status", "http.response.status_code"),
        ("request_id", "rollout.request_id"),
        ("mid_stream", "rollout.error.mid_stream"),
    ] {
        if let Some(value) = attributes.and_then(|attributes| attributes.get(name)) {
            error.insert(key.to_owned(), value.clone());
        }
    }
    Some(json!(error))
}

fn objects<'a>(event: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let map = event.get(key).and_then(Value::as_object);
    map.into_iter()
        .flatten()
        .filter(|(_, value)| !value.is_null())
}

/// Returns the attributes that the program gave a step itself.
fn own_attributes<'a>(key: &str, run: &'a Run) -> Option<&'a Map<String, Value>> {
    fn find<'a>(key: &str, steps: &'a [Step]) -> Option<&'a Map<String, Value>> {
        steps.iter().find_map(|step| {
            if step.id.as_deref() == Some(key) {
                Some(&step.attributes)
            } else {
                find(key, &step.steps)
            }
        })
    }
    if run.trace_id == key {
        return Some(&run.attributes);
    }
    find(key, &run.steps)
}

#[cfg(test)]
mod tests {
    use rollout_core::show;

    use super::*;

    fn events() -> Vec<Value> {
        vec![
            json!({"event_type": "span.end", "event_id": "3", "trace_id": "t", "span_id": "s", "sequence": 3,
                "status": "error", "raw": {"output": {"text": "whole"}},
                "error": {"type": "Timeout", "message_preview": "too slow"},
                "attributes": {"tenant": "acme", "gen_ai.response.id": "r1", "rollout.truncated": ["input"],
                    "rollout.error.sources": ["inner"], "http.response.status_code": 504, "rollout.request_id": "req_1"}}),
            json!({"event_type": "span.update", "event_id": "2", "trace_id": "t", "span_id": "s", "sequence": 2,
                "raw": {"input": "question", "stream_preview": "who"}}),
            json!({"event_type": "span.start", "event_id": "1", "trace_id": "t", "span_id": "s", "sequence": 1,
                "attributes": {"tenant": "before"}, "context": {"user_id": "u"}}),
            json!({"event_type": "span.start", "event_id": "9", "trace_id": "t", "span_id": "other", "sequence": 4}),
            json!({"event_type": "message", "event_id": "m", "trace_id": "t", "span_id": "s", "sequence": 5,
                "message": {"role": "user", "content": "hi"}}),
            json!({"event_type": "trace.start", "event_id": "0", "trace_id": "t", "raw": {"input": 1}}),
        ]
    }

    fn detail(key: &str) -> Detail {
        let events = events();
        let run = &show::runs(&events)[0];
        Detail::of(key, run, &events_of(key, &["t".to_owned()], &events))
    }

    #[test]
    fn what_the_events_of_a_step_tell_is_put_together() {
        let detail = detail("s");
        assert_eq!(detail.input, Some(json!("question")));
        assert_eq!(detail.output, Some(json!({"text": "whole"})));
        assert_eq!(detail.streamed, Some(json!("who")));
        assert_eq!(
            detail.attributes,
            *json!({"tenant": "acme"}).as_object().unwrap()
        );
        assert_eq!(detail.options["gen_ai.response.id"], "r1");
        assert!(!detail.options.contains_key("rollout.truncated"));
        assert_eq!(detail.context["context.user_id"], "u");
        assert_eq!(detail.truncated, [json!("input")]);
        assert_eq!(
            detail.error,
            Some(
                json!({"type": "Timeout", "message": "too slow", "sources": ["inner"], "status": 504, "request_id": "req_1"})
            )
        );
        assert_eq!(
            detail.message, None,
            "what was said inside the span is a step of its own"
        );
    }

    #[test]
    fn a_tool_without_a_span_of_its_own_is_found_by_its_call() {
        let call = |span: &str, call: &str| json!({"event_type": "tool.call", "span_id": span, "tool": {"tool_call_id": call}});
        let events = [call("around", "c1"), call("around", "c2"), call("c2", "c3")];
        assert_eq!(events_of("c1", &[], &events), [&events[0]]);
        assert_eq!(
            events_of("c2", &[], &events),
            [&events[2]],
            "a span of that name comes first"
        );
    }

    #[test]
    fn a_trace_and_a_single_event_are_steps_as_well() {
        assert_eq!(detail("t").input, Some(json!(1)));
        assert_eq!(
            detail("m").message,
            Some(json!({"role": "user", "content": "hi"}))
        );
        assert_eq!(detail("nothing").input, None);
    }
}
