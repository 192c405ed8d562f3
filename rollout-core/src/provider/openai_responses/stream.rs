//! Rebuilds a response from its events.

use serde_json::{Map, Value, json};

use super::items::{Items, MESSAGE_CONTENT, REASONING_CONTENT, REASONING_SUMMARY, is_empty};
use super::response::{is_final, response as response_facts};
use super::texts;
use crate::provider::budget::Budget;
use crate::provider::json::text;
use crate::provider::{CallError, Delta, ResponseFacts};

/// What has come of a response so far.
#[derive(Debug, Default)]
pub(in crate::provider) struct ResponsesStream {
    response: Map<String, Value>,
    items: Items,
    /// The event has come after which nothing comes.
    ended: bool,
    budget: Budget,
}

impl ResponsesStream {
    pub(in crate::provider) fn push(&mut self, name: Option<&str>, event: &Value) -> Delta {
        let kind = text(event, "type").or(name).unwrap_or_default();
        let whole = Some(event).filter(|event| text(event, "object") == Some("response"));
        if let Some(Value::Object(response)) = event.get("response").or(whole) {
            return self.add_response(kind, response);
        }
        match kind {
            "response.output_item.added" => self.items.add(event, &mut self.budget),
            "response.output_item.done" => self.items.complete(event, &mut self.budget),
            "response.content_part.added"
            | "response.content_part.done"
            | "response.reasoning_summary_part.added"
            | "response.reasoning_summary_part.done" => self.add_part(event),
            "response.output_text.annotation.added" => self.add_annotation(event),
            _ => texts::add(&mut self.items, kind, event, &mut self.budget),
        }
        texts::brought(kind, event)
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
            ended: complete,
            budget,
        } = self;
        let items = items.finish();
        if response.is_empty() && items.is_empty() {
            return (
                Value::Null,
                ResponseFacts {
                    complete,
                    ..ResponseFacts::default()
                },
            );
        }
        // ChatGPT's Codex ends with a response whose output is empty.
        if response.get("output").is_none_or(is_empty) {
            response.insert("output".to_owned(), items.into());
        }
        response
            .entry("object")
            .or_insert_with(|| "response".into());
        let response = Value::Object(response);
        let mut facts = ResponseFacts {
            complete,
            ..response_facts(&response)
        };
        facts.error = CallError::of(None, &response).or(facts.error);
        budget.note(&mut facts.attributes);
        (response, facts)
    }

    /// Takes the response that an event of its life cycle brings.
    fn add_response(&mut self, kind: &str, response: &Map<String, Value>) -> Delta {
        let stated = response.get("status").and_then(Value::as_str);
        let status = match kind {
            "response.created" | "response.queued" | "response.in_progress" => None,
            kind => [kind.strip_prefix("response."), stated]
                .into_iter()
                .flatten()
                .find(|s| is_final(s)),
        };
        let is_whole = response
            .get("output")
            .is_some_and(|output| !is_empty(output));
        if status.is_some() && is_whole {
            // It repeats all that came before, so that nothing of that needs to be kept.
            self.items = Items::default();
            self.budget = Budget::default();
        }
        for (key, value) in response {
            if status.is_none() || self.ended {
                self.budget.overlay(&mut self.response, key, value);
            } else if !is_empty(value) || !self.response.contains_key(key) {
                // The last word is not weighed.
                self.response.insert(key.clone(), value.clone());
            }
        }
        if let (Some(status), None) = (status, stated) {
            self.response.insert("status".to_owned(), status.into());
        }
        self.ended |= status.is_some();
        let error = response.get("error").is_some_and(|error| !error.is_null());
        Delta {
            error,
            ..Delta::default()
        }
    }

    fn add_part(&mut self, event: &Value) {
        let Some(Value::Object(said)) = event.get("part") else {
            return;
        };
        let kind = said.get("type").and_then(Value::as_str).unwrap_or_default();
        let of = match kind {
            "summary_text" => REASONING_SUMMARY,
            "reasoning_text" => REASONING_CONTENT,
            _ => MESSAGE_CONTENT,
        };
        let Some(part) = self.items.part(event, of, kind, &mut self.budget) else {
            return;
        };
        for (key, value) in said {
            // A part begins empty, and careless servers end it so.
            if !is_empty(value) || !part.contains_key(key) {
                self.budget.overlay(part, key, value);
            }
        }
    }

    fn add_annotation(&mut self, event: &Value) {
        let Some(annotation) = event.get("annotation") else {
            return;
        };
        let part = self
            .items
            .part(event, MESSAGE_CONTENT, "output_text", &mut self.budget);
        let Some(part) = part else { return };
        self.budget.merge(part, "annotations", &json!([annotation]));
    }
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
