//! Differences that are there in many programs.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{Difference, at};

/// Every program's: both SDKs' events may be compared only without them.
pub(crate) const EMPTY_OBJECTS: Difference =
    Difference::rule("objects that are empty are left out (defect 63)", |both| {
        both.change(|event| {
            let objects = [
                "attributes",
                "agent",
                "model",
                "tool",
                "usage",
                "outcome",
                "error",
                "context",
                "message",
                "integration",
                "links",
                "raw",
            ];
            let empty = json!({});
            if let Some(Value::Object(context)) = event.get_mut("context") {
                let is_traits = |key: &str| key.ends_with("_traits");
                context.retain(|key, traits| !(is_traits(key) && *traits == empty));
            }
            let is_message = event["event_type"] == "message";
            for key in objects {
                let is_empty = event.get(key) == Some(&empty);
                let says_nothing = key == "message"
                    && !is_message
                    && event.get(key) == Some(&json!({"is_internal": false}));
                if is_empty || says_nothing {
                    event.remove(key);
                }
            }
        })
    });

/// Where a step's output is recorded.
pub(crate) const OUTPUT_ONCE: Difference = Difference::rule(
    "an output is sent once, with the end of its step, and not in an update as well (defect 63)",
    |both| both.leave_out(|event, all| is_repeated(event, all, "raw", "output")),
);

/// Returns whether an update says nothing but what the end of its span repeats.
fn is_repeated(event: &Value, all: &[Value], object: &str, member: &str) -> bool {
    let of = |event: &Value| match member {
        "" => event[object].clone(),
        member => event[object][member].clone(),
    };
    let (said, empty) = (of(event), json!({}));
    let only_this = ["attributes", "raw", "usage", "model"]
        .into_iter()
        .filter(|key| *key != object)
        .all(|key| event[key].is_null() || event[key] == empty);
    event["event_type"] == "span.update"
        && !said.is_null()
        && said != empty
        && only_this
        && (member.is_empty() || event[object].as_object().is_some_and(|raw| raw.len() == 1))
        && all.iter().any(|end| {
            end["event_type"] == "span.end" && end["span_id"] == event["span_id"] && of(end) == said
        })
}

/// Where tools are called, one after the other.
pub(crate) const TOOL_SPANS: Difference = Difference::rule(
    "a tool has a span of its own, which is around what happens in it (defect 48)",
    |both| {
        let mut changed = false;
        // The tools that are open: the span around each, and its own.
        let mut open: Vec<(Value, String)> = Vec::new();
        let mut parents: HashMap<String, Value> = HashMap::new();
        for event in both.reference.iter_mut().filter_map(Value::as_object_mut) {
            let kind = event["event_type"].as_str().unwrap_or_default().to_owned();
            let span = event.get("span_id").cloned().unwrap_or_default();
            let inside = |around: &Value| {
                let innermost = open.last().filter(|(place, _)| place == around);
                innermost.map_or_else(|| around.clone(), |(_, tool)| json!(tool))
            };
            match kind.as_str() {
                "tool.call" => {
                    let own = own_span(event);
                    let parent = inside(&span);
                    parents.insert(own.clone(), parent.clone());
                    set_place(event, json!(own), parent);
                    open.push((span, own));
                    changed = true;
                }
                "tool.result" => {
                    let own = own_span(event);
                    set_place(event, json!(own), parents[&own].clone());
                    open.retain(|(_, tool)| *tool != own);
                }
                "span.start" => {
                    let parent = event.get("parent_span_id").cloned().unwrap_or_default();
                    let parent = inside(&parent);
                    parents.insert(span.as_str().unwrap_or_default().to_owned(), parent.clone());
                    set_place(event, span, parent);
                }
                _ => {
                    if let Some(parent) = span.as_str().and_then(|span| parents.get(span)) {
                        set_place(event, span.clone(), parent.clone());
                    }
                }
            }
        }
        changed
    },
);

/// Returns an id for a tool's span, made of its call's.
fn own_span(event: &Map<String, Value>) -> String {
    let call = at(event, &["tool", "tool_call_id"]).and_then(Value::as_str);
    let call = call.expect("a tool call has an id");
    let digits = call.bytes().fold(0u64, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    format!("span_{digits:016x}")
}

fn set_place(event: &mut Map<String, Value>, span: Value, parent: Value) {
    for (key, id) in [("span_id", span), ("parent_span_id", parent)] {
        if id.is_null() {
            event.remove(key);
        } else {
            event.insert(key.into(), id);
        }
    }
}

/// Where something fails.
pub(crate) const ERROR_SIGNATURE: Difference = Difference::rule(
    "errors of the same cause can be told by a signature, which the protocol has a field for (defect 53)",
    |both| {
        both.change_ours(|event| {
            if let Some(Value::Object(error)) = event.get_mut("error") {
                error.remove("signature");
            }
        })
    },
);

/// Where something fails.
pub(crate) const ERROR_TYPE: Difference = Difference::attributes(
    "the type of an error is an attribute as well, by the name of the GenAI conventions",
    "",
    &["error.type"],
);

/// Where the program stops waiting for an agent.
pub(crate) const CANCELLED: Difference = Difference::rule(
    "what was cancelled says so: a future that is dropped is no error of the program's",
    |both| {
        both.change(|event| {
            if at(event, &["error", "type"]) == Some(&json!("CancelledError")) {
                event.remove("error");
                event.insert("status".into(), json!("cancelled"));
                event["outcome"]["status"] = json!("cancelled");
            }
        })
    },
);

/// Where the program gives a trace its id.
pub(crate) const GIVEN_IDS: Difference = Difference::rule(
    "a trace's id is a UUID, and a name of the program's own is an external one",
    |both| {
        both.change(|event| {
            let given = event.get("trace_id").and_then(Value::as_str);
            if let Some("trace_given" | "trace_other") = given {
                let uuid = "trace_00000000-0000-4000-8000-000000000000";
                event.insert("trace_id".into(), json!(uuid));
            }
        })
    },
);

/// Where something is told outside of a trace.
pub(crate) const NO_NUMBER: Difference = Difference::rule(
    "outside of a trace nobody knows the place in it, and a number of the client's would take \
     another event's (defect 44)",
    |both| {
        let mut started = Vec::new();
        both.change(|event| {
            let trace = event.get("trace_id").cloned();
            if event["event_type"] == "trace.start" {
                started.push(trace);
            } else if !started.contains(&trace) {
                event.remove("sequence");
            }
        })
    },
);

/// Where something is told by the handle of a trace that has an external id.
pub(crate) const EXTERNAL_ID: Difference = Difference::rule(
    "every event of a trace has its external id, however it is made",
    |both| {
        let mut known: HashMap<String, Value> = HashMap::new();
        both.change(|event| {
            let Some(trace) = at(event, &["trace_id"]).and_then(Value::as_str) else {
                return;
            };
            let external = known.get(trace).cloned();
            match event.get("external_trace_id") {
                Some(id) => drop(known.insert(trace.to_owned(), id.clone())),
                None => event.extend(external.map(|id| ("external_trace_id".to_owned(), id))),
            }
        })
    },
);

/// Where a step's usage is recorded.
pub(crate) const USAGE_ONCE: Difference = Difference::rule(
    "usage is sent once, with the end of its step, and not in an update as well (defect 63)",
    |both| both.leave_out(|event, all| is_repeated(event, all, "usage", "")),
);

/// Where streams are read outside of a trace.
pub(crate) const OWN_NUMBERS: Difference = Difference::rule(
    "numbers run from 1 in each trace, whoever is active (defects 44, 45)",
    |both| {
        let mut numbers: HashMap<String, u64> = HashMap::new();
        both.change(|event| {
            if let Some(trace) = event.get("trace_id").and_then(Value::as_str) {
                let number = numbers.entry(trace.to_owned()).or_default();
                *number += 1;
                event.insert("sequence".into(), json!(*number));
            }
        })
    },
);

/// Where a client fails.
pub(crate) const ERROR_OF_CLIENT: Difference = Difference::rule(
    "an error has the type, and the words, of the client that the program uses",
    |both| {
        let told = |events: &[Value]| {
            let mut errors = Vec::new();
            for event in events.iter().filter_map(Value::as_object) {
                if let Some(error) = event.get("error").filter(|error| error["type"].is_string()) {
                    errors.push(error.clone());
                }
            }
            errors
        };
        let mut errors = told(&both.ours).into_iter();
        if errors.len() != told(&both.reference).len() {
            return false;
        }
        both.change(|event| {
            if let Some(error) = event.get_mut("error")
                && let Some(ours) = errors.next()
            {
                for key in ["type", "message_preview"] {
                    let is_told = ours[key].as_str().is_some_and(|text| !text.is_empty());
                    assert!(is_told, "{key} of {ours}");
                    error[key] = ours[key].clone();
                }
            }
        })
    },
);

/// Where tokens of a cache are told by hand.
pub(crate) const CACHED: Difference = Difference::attributes(
    "tokens of a cache have a name in the GenAI conventions, beside `cached_tokens`",
    "",
    &["gen_ai.usage.cache_read.input_tokens"],
);

/// Where a stream is told by hand.
pub(crate) const FIRST_CHUNK: Difference = Difference::attributes(
    "when the first piece came is told (defect 41)",
    "",
    &["gen_ai.response.time_to_first_chunk"],
);
