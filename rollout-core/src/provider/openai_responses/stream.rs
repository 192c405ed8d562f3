//! Rebuilds a response from its events.

use serde_json::{Map, Value, json};

use super::items::{Items, is_empty, part};
use super::response::{is_final, response as response_facts};
use crate::provider::budget::Budget;
use crate::provider::json::text;
use crate::provider::{CallError, Delta, ResponseFacts};

/// What has come of a response so far.
#[derive(Debug, Default)]
pub(in crate::provider) struct ResponsesStream {
    response: Map<String, Value>,
    items: Items,
    error: Option<CallError>,
    /// The event has come after which nothing comes.
    ended: bool,
    budget: Budget,
}

/// Where the pieces of a text go.
#[derive(Clone, Copy)]
enum Target {
    /// A member of the item.
    Member(&'static str),
    /// A member of a part in a list of the item; the event tells the place by this index.
    Part {
        list: &'static str,
        index: &'static str,
        kind: &'static str,
        member: &'static str,
    },
}

impl ResponsesStream {
    pub(in crate::provider) fn push(&mut self, name: Option<&str>, event: &Value) -> Delta {
        let kind = text(event, "type").or(name).unwrap_or_default();
        let has_failed = kind.is_empty() && CallError::of(None, event).is_some();
        if kind == "error" || has_failed {
            self.error.get_or_insert_with(|| CallError::of_event(event));
            return Delta {
                error: true,
                ..Delta::default()
            };
        }
        let whole = Some(event).filter(|event| text(event, "object") == Some("response"));
        if let Some(Value::Object(response)) = event.get("response").or(whole) {
            return self.add_response(kind, response);
        }
        match kind {
            "response.output_item.added" => self.items.add(event, &mut self.budget),
            "response.output_item.done" => self.items.complete(event, &mut self.budget),
            "response.content_part.added" | "response.content_part.done" => {
                self.add_part(event, "content", "content_index");
            }
            "response.reasoning_summary_part.added" | "response.reasoning_summary_part.done" => {
                self.add_part(event, "summary", "summary_index");
            }
            "response.output_text.annotation.added" => self.add_annotation(event),
            _ => self.add_text(kind, event),
        }
        brought(kind, event)
    }

    pub(in crate::provider) fn done(&mut self) {
        self.ended = true;
    }

    pub(in crate::provider) fn is_complete(&self) -> bool {
        self.ended
    }

    pub(in crate::provider) fn finish(self) -> (Value, ResponseFacts) {
        let Self {
            mut response,
            items,
            error,
            ended,
            budget,
        } = self;
        // ChatGPT's Codex ends with a response whose output is empty.
        if response.get("output").is_none_or(is_empty) {
            response.insert("output".to_owned(), items.finish().into());
        }
        response
            .entry("object")
            .or_insert_with(|| "response".into());
        let response = Value::Object(response);
        let mut facts = response_facts(&response);
        facts.error = error.or_else(|| CallError::of(None, &response));
        facts.complete = ended;
        budget.note(&mut facts.attributes);
        (response, facts)
    }

    /// Takes the response that an event of its life cycle brings.
    fn add_response(&mut self, kind: &str, response: &Map<String, Value>) -> Delta {
        let stated = response.get("status").and_then(Value::as_str);
        let status = kind
            .strip_prefix("response.")
            .or(stated)
            .filter(|status| is_final(status));
        self.ended |= status.is_some();
        let is_whole = response
            .get("output")
            .is_some_and(|output| !is_empty(output));
        if status.is_some() && is_whole {
            // It repeats all that came before, so that nothing of that needs to be kept.
            self.items = Items::default();
            self.budget = Budget::default();
        }
        for (key, value) in response {
            if status.is_none() {
                self.budget.overlay(&mut self.response, key, value);
            } else if !is_empty(value) || !self.response.contains_key(key) {
                // The last word is not weighed: there is but one.
                self.response.insert(key.clone(), value.clone());
            }
        }
        if let (Some(status), None) = (status, stated) {
            self.response.insert("status".to_owned(), status.into());
        }
        let error = response.get("error").is_some_and(|error| !error.is_null());
        Delta {
            error,
            ..Delta::default()
        }
    }

    fn add_part(&mut self, event: &Value, list: &str, index: &str) {
        let Some(Value::Object(said)) = event.get("part") else {
            return;
        };
        let kind = said.get("type").and_then(Value::as_str).unwrap_or_default();
        let item = match kind {
            "summary_text" | "reasoning_text" => "reasoning",
            _ => "message",
        };
        let place = event.get(index).and_then(Value::as_u64).unwrap_or(0);
        let budget = &mut self.budget;
        let Some(item) = self.items.of(event, item, budget) else {
            return;
        };
        let Some(part) = part(item, list, place, kind, budget) else {
            return;
        };
        for (key, value) in said {
            // A part begins empty, and careless servers end it so.
            if !is_empty(value) || !part.contains_key(key) {
                budget.overlay(part, key, value);
            }
        }
    }

    fn add_annotation(&mut self, event: &Value) {
        let Some(annotation) = event.get("annotation") else {
            return;
        };
        let place = event
            .get("content_index")
            .and_then(Value::as_u64)
            .unwrap_or(0);
        let budget = &mut self.budget;
        let Some(item) = self.items.of(event, "message", budget) else {
            return;
        };
        let Some(part) = part(item, "content", place, "output_text", budget) else {
            return;
        };
        budget.merge(part, "annotations", &json!([annotation]));
    }

    /// Takes a piece of a text (`….delta`), or the whole of it (`….done`).
    fn add_text(&mut self, kind: &str, event: &Value) {
        let Some((subject, step)) = kind.rsplit_once('.') else {
            return;
        };
        let Some((kind, target)) = target(subject) else {
            return;
        };
        let budget = &mut self.budget;
        let Some(item) = self.items.of(event, kind, budget) else {
            return;
        };
        let (holder, member) = match target {
            Target::Member(member) => (item, member),
            Target::Part {
                list,
                index,
                kind,
                member,
            } => {
                let place = event.get(index).and_then(Value::as_u64).unwrap_or(0);
                let Some(part) = part(item, list, place, kind, budget) else {
                    return;
                };
                (part, member)
            }
        };
        match step {
            "delta" => {
                if let Some(piece) = text(event, "delta") {
                    budget.append_to(holder, member, piece);
                }
            }
            "done" => {
                if let Some(whole) = event.get(member).filter(|whole| whole.is_string()) {
                    budget.put(holder, member, whole);
                }
            }
            _ => {}
        }
    }
}

/// Returns the type of the item that events about a text belong to, and where in it the text goes.
fn target(subject: &str) -> Option<(&'static str, Target)> {
    let content = |kind, member| Target::Part {
        list: "content",
        index: "content_index",
        kind,
        member,
    };
    let summary = Target::Part {
        list: "summary",
        index: "summary_index",
        kind: "summary_text",
        member: "text",
    };
    Some(match subject.strip_prefix("response.")? {
        "output_text" => ("message", content("output_text", "text")),
        "refusal" => ("message", content("refusal", "refusal")),
        "reasoning_text" => ("reasoning", content("reasoning_text", "text")),
        "reasoning_summary_text" | "reasoning_summary" => ("reasoning", summary),
        "function_call_arguments" => ("function_call", Target::Member("arguments")),
        "mcp_call_arguments" | "mcp_call.arguments" => ("mcp_call", Target::Member("arguments")),
        "custom_tool_call_input" => ("custom_tool_call", Target::Member("input")),
        "code_interpreter_call_code" | "code_interpreter_call.code" => {
            ("code_interpreter_call", Target::Member("code"))
        }
        _ => return None,
    })
}

/// Says what kind of content an event brought.
fn brought(kind: &str, event: &Value) -> Delta {
    let mut delta = Delta::default();
    if kind == "response.output_item.added" {
        let item = event
            .get("item")
            .and_then(|item| text(item, "type"))
            .unwrap_or_default();
        delta.tool_call = matches!(item, "function_call" | "custom_tool_call");
    }
    let piece = text(event, "delta").filter(|piece| !piece.is_empty());
    let Some((subject, "delta")) = kind.rsplit_once('.') else {
        return delta;
    };
    let Some(piece) = piece else { return delta };
    match subject.strip_prefix("response.").unwrap_or(subject) {
        "output_text" => delta.text = Some(piece.to_owned()),
        subject if subject.starts_with("reasoning") => delta.reasoning = true,
        subject if subject.contains("_call") => delta.tool_call = true,
        _ => delta.other = true,
    }
    delta
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(events: &[Value]) -> ResponsesStream {
        let mut stream = ResponsesStream::default();
        for event in events {
            stream.push(None, event);
        }
        stream
    }

    fn created() -> Value {
        let response = json!({"id": "r", "model": "m", "status": "in_progress", "output": []});
        json!({"type": "response.created", "response": response})
    }

    fn says(text: &str) -> Value {
        json!({"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": text})
    }

    #[test]
    fn the_terminal_event_has_the_last_word() {
        let output =
            json!([{"type": "message", "content": [{"type": "output_text", "text": "whole"}]}]);
        let stream = stream(&[
            created(),
            says("who"),
            json!({"type": "response.completed", "response": {"id": "r2", "output": output}}),
        ]);
        assert!(stream.is_complete());
        let (response, facts) = stream.finish();
        assert_eq!(response["output"], output);
        assert_eq!(
            (facts.id.as_deref(), facts.model.as_deref()),
            (Some("r2"), Some("m"))
        );
        assert_eq!(facts.status.as_deref(), Some("completed"));
        assert_eq!(facts.texts, [Some("whole".to_owned())]);
    }

    #[test]
    fn a_stream_that_breaks_off_yields_what_it_brought() {
        let item = |index: u64, kind: &str| {
            let item =
                json!({"type": kind, "id": format!("i{index}"), "name": "f", "call_id": "c"});
            json!({"type": "response.output_item.added", "output_index": index, "item": item})
        };
        let (response, facts) = stream(&[
            created(),
            item(0, "message"),
            json!({"type": "response.content_part.added", "output_index": 0, "content_index": 0,
                "part": {"type": "output_text", "text": "", "annotations": []}}),
            says("a"),
            says("b"),
            json!({"type": "response.output_text.annotation.added", "output_index": 0,
                "content_index": 0, "annotation": {"type": "url_citation"}}),
            json!({"type": "response.reasoning_summary_text.delta", "output_index": 1,
                "summary_index": 0, "delta": "why"}),
            item(2, "function_call"),
            json!({"type": "response.function_call_arguments.delta", "item_id": "i2", "delta": "{\"x\""}),
            json!({"type": "response.code_interpreter_call_code.delta", "output_index": 3, "delta": "1+1"}),
            json!({"type": "response.refusal.done", "output_index": 4, "refusal": "no"}),
            json!({"type": "response.unheard_of", "delta": 5}),
        ])
        .finish();
        assert_eq!(facts.texts, [Some("ab".to_owned())]);
        assert_eq!(facts.reasoning, ["why"]);
        assert_eq!(facts.refusals, ["no"]);
        assert_eq!(facts.tool_calls[0].name, "f");
        assert_eq!(facts.tool_calls[0].arguments, "{\"x\"");
        assert_eq!(facts.server_tool_calls[0].kind, "code_interpreter_call");
        assert_eq!(facts.status.as_deref(), Some("in_progress"));
        assert!(facts.finish_reasons.is_empty());
        assert!(!facts.complete);
        assert_eq!(
            response["output"][0]["content"][0]["annotations"][0]["type"],
            "url_citation"
        );
    }

    #[test]
    fn items_stand_in_for_an_empty_terminal_output() {
        let item = json!({"type": "message", "content": [{"type": "output_text", "text": "ab"}]});
        let (_, facts) = stream(&[
            created(),
            says("ab"),
            json!({"type": "response.output_item.done", "output_index": 0, "item": item}),
            json!({"type": "response.completed", "response": {"status": "completed", "output": []}}),
        ])
        .finish();
        assert_eq!(facts.texts, [Some("ab".to_owned())]);
        assert_eq!(facts.item_types, ["message"]);
    }

    #[test]
    fn a_failure_says_why() {
        let error = json!({"code": "server_error", "message": "m"});
        let failed = json!({"status": "failed", "error": error, "output": []});
        let failed = json!({"type": "response.failed", "response": failed});
        let mut broken = stream(&[created(), says("a")]);
        assert!(broken.push(None, &failed).error);
        let (_, facts) = broken.finish();
        let error = facts.error.unwrap();
        assert_eq!(
            (error.code.as_deref(), error.message.as_deref()),
            (Some("server_error"), Some("m"))
        );
        assert!(!error.mid_stream);
        assert!(facts.complete);
        assert_eq!(facts.texts, [Some("a".to_owned())]);
    }

    #[test]
    fn an_error_event_comes_in_the_middle() {
        for event in [
            json!({"type": "error", "code": "c", "message": "m", "param": null}),
            json!({"type": "error", "error": {"code": "c", "message": "m"}}),
            json!({"error": {"code": "c", "message": "m"}}),
        ] {
            let mut stream = stream(&[created(), says("a")]);
            assert!(stream.push(None, &event).error);
            let error = stream.finish().1.error.unwrap();
            assert!(error.mid_stream);
            assert_eq!(
                (error.code.as_deref(), error.message.as_deref()),
                (Some("c"), Some("m"))
            );
            assert_eq!(error.kind, None);
        }
    }

    #[test]
    fn events_say_what_they_brought() {
        let mut stream = stream(&[created()]);
        assert_eq!(stream.push(None, &says("a")).text.as_deref(), Some("a"));
        let named = json!({"output_index": 1, "delta": "x"});
        assert!(
            stream
                .push(Some("response.function_call_arguments.delta"), &named)
                .tool_call
        );
        assert!(
            stream
                .push(Some("response.reasoning_text.delta"), &named)
                .reasoning
        );
        assert!(stream.push(Some("response.refusal.delta"), &named).other);
        assert!(
            !stream
                .push(Some("keepalive"), &json!({"sequence_number": 3}))
                .has_content()
        );
    }

    #[test]
    fn what_is_too_long_is_cut_unless_the_terminal_event_repeats_it() {
        let mut stream = stream(&[created()]);
        let text = "x".repeat(1024 * 1024);
        for _ in 0..20 {
            stream.push(None, &says(&text));
        }
        assert!(stream.budget.is_exceeded());
        let output = json!([{"type": "message", "content": []}]);
        stream.push(
            None,
            &json!({"type": "response.completed", "response": {"output": output}}),
        );
        assert!(
            !stream
                .finish()
                .1
                .attributes
                .contains_key("rollout.truncated")
        );
    }
}
