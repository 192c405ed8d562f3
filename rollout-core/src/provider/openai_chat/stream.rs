//! Rebuilds a chat completion from its chunks.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::choice::Choice;
use super::response;
use crate::provider::budget::Budget;
use crate::provider::json::{index, list};
use crate::provider::{Delta, ResponseFacts};

/// What a choice costs beside its content, so that their number is bounded.
const CHOICE: usize = 512;

/// What has come of a completion so far.
#[derive(Debug, Default)]
pub(in crate::provider) struct ChatStream {
    completion: Map<String, Value>,
    choices: BTreeMap<u64, Choice>,
    done: bool,
    budget: Budget,
}

impl ChatStream {
    pub(in crate::provider) fn push(&mut self, chunk: &Value) -> Delta {
        let mut brought = Delta::default();
        for (place, choice) in list(chunk, "choices").iter().enumerate() {
            let index = index(choice, "index").unwrap_or(place as u64);
            let delta = self.add_choice(index, choice);
            brought.reasoning |= delta.reasoning;
            brought.tool_call |= delta.tool_call;
            brought.other |= delta.other || (index > 0 && delta.text.is_some());
            if index == 0 {
                brought.text = delta.text.or(brought.text);
            }
        }
        if let Value::Object(chunk) = chunk {
            self.add_rest(chunk);
        }
        brought
    }

    pub(in crate::provider) fn done(&mut self) {
        self.done = true;
    }

    pub(in crate::provider) fn is_complete(&self) -> bool {
        self.done || (!self.choices.is_empty() && self.choices.values().all(Choice::is_finished))
    }

    pub(in crate::provider) fn finish(self) -> (Value, ResponseFacts) {
        let complete = self.is_complete();
        let Self {
            mut completion,
            choices,
            budget,
            ..
        } = self;
        if completion.is_empty() && choices.is_empty() {
            return (
                Value::Null,
                ResponseFacts {
                    complete,
                    ..ResponseFacts::default()
                },
            );
        }
        let choices: Vec<_> = choices
            .into_iter()
            .map(|(at, choice)| choice.finish(at))
            .collect();
        completion.insert("object".to_owned(), "chat.completion".into());
        completion.insert("choices".to_owned(), choices.into());
        let completion = Value::Object(completion);
        let mut facts = ResponseFacts {
            complete,
            ..response(&completion)
        };
        budget.note(&mut facts.attributes);
        (completion, facts)
    }

    fn add_choice(&mut self, index: u64, chunk: &Value) -> Delta {
        let Value::Object(chunk) = chunk else {
            return Delta::default();
        };
        if !self.choices.contains_key(&index) && !self.budget.take(CHOICE) {
            return Delta::default();
        }
        self.choices
            .entry(index)
            .or_default()
            .add(chunk, &mut self.budget)
    }

    fn add_rest(&mut self, chunk: &Map<String, Value>) {
        let Self {
            completion, budget, ..
        } = self;
        for (key, value) in chunk {
            match key.as_str() {
                // Padding that says nothing.
                "choices" | "object" | "obfuscation" => {}
                // Azure and Copilot begin with empty ones; gateways change theirs on the way.
                "id" | "model" => {
                    let known = completion.get(key).and_then(Value::as_str);
                    if known.is_none_or(str::is_empty) {
                        budget.put(completion, key, value);
                    }
                }
                // Each usage is of the whole stream up to there: they replace each other as a whole.
                "usage" => {
                    let says_something = value.as_object().is_some_and(|usage| !usage.is_empty());
                    if says_something || !completion.contains_key(key) {
                        budget.put(completion, key, value);
                    }
                }
                _ => budget.overlay(completion, key, value),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn stream(chunks: &[Value]) -> ChatStream {
        let mut stream = ChatStream::default();
        for chunk in chunks {
            stream.push(chunk);
        }
        stream
    }

    fn says(index: u64, text: &str) -> Value {
        json!({"id": "x", "model": "m", "choices": [{"index": index, "delta": {"content": text}}]})
    }

    fn ends(index: u64, reason: &str) -> Value {
        json!({"id": "x", "choices": [{"index": index, "delta": {}, "finish_reason": reason}]})
    }

    #[test]
    fn choices_are_kept_apart_and_ordered() {
        let chunks = [
            says(1, "b"),
            says(0, "a"),
            says(1, "d"),
            ends(0, "stop"),
            says(0, "c"),
        ];
        let (completion, facts) = stream(&chunks).finish();
        assert_eq!(facts.texts, [Some("ac".to_owned()), Some("bd".to_owned())]);
        assert_eq!(facts.finish_reasons, [Some("stop".to_owned()), None]);
        assert!(!facts.complete);
        assert_eq!(completion["object"], "chat.completion");
        assert_eq!(completion["choices"][1]["index"], 1);
    }

    #[test]
    fn all_choices_must_have_ended_or_the_stream_said_so() {
        let mut two = stream(&[says(0, "a"), says(1, "b"), ends(0, "stop")]);
        assert!(!two.is_complete());
        two.push(&ends(1, "length"));
        assert!(two.is_complete());
        let mut unfinished = stream(&[says(0, "a")]);
        assert!(!unfinished.is_complete());
        unfinished.done();
        assert!(unfinished.finish().1.complete);
    }

    #[test]
    fn the_last_usage_counts_and_a_null_is_none() {
        let (completion, facts) = stream(&[
            json!({"id": "", "model": "", "choices": [], "usage": null}),
            json!({"id": "x", "model": "m", "choices": [], "usage": {"prompt_tokens": 1}}),
            json!({"id": "y", "model": "n", "choices": [], "usage": {"prompt_tokens": 2}}),
            json!({"choices": [], "usage": null, "citations": ["a"], "x_groq": {"id": "r"}}),
            json!({"choices": [], "citations": ["a"], "x_groq": {"seed": 1}}),
        ])
        .finish();
        assert_eq!(facts.usage.unwrap().raw, json!({"prompt_tokens": 2}));
        assert_eq!(
            (facts.id.as_deref(), facts.model.as_deref()),
            (Some("x"), Some("m"))
        );
        assert_eq!(completion["citations"], json!(["a"]));
        assert_eq!(completion["x_groq"], json!({"id": "r", "seed": 1}));
    }

    #[test]
    fn deltas_say_what_they_brought() {
        let mut stream = ChatStream::default();
        let role =
            json!({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]});
        assert_eq!(stream.push(&role), Delta::default());
        assert_eq!(stream.push(&says(0, "a")).text.as_deref(), Some("a"));
        let second = stream.push(&says(1, "b"));
        assert_eq!(second.text, None);
        assert!(second.has_content());
        assert!(!stream.push(&json!({"usage": {}})).has_content());
    }

    #[test]
    fn what_is_too_long_is_cut_and_said() {
        let mut stream = ChatStream::default();
        let text = "x".repeat(1024 * 1024);
        for _ in 0..20 {
            stream.push(&says(0, &text));
        }
        let (_, facts) = stream.finish();
        assert_eq!(facts.attributes["rollout.truncated"], true);
        let kept = facts.texts[0].as_ref().unwrap().len();
        assert!((7_000_000..9_000_000).contains(&kept), "{kept}");
    }
}
