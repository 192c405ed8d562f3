//! Events that are steps by themselves: messages, judgements, measurements.

use serde_json::Value;

use super::line::Line;
use super::model::Preview;
use super::{conversation, preview};

/// What such an event says.
#[derive(Debug, Default)]
pub(super) struct Moment {
    pub(super) name: Option<String>,
    pub(super) input: Option<Preview>,
    pub(super) output: Option<Preview>,
}

pub(super) fn describe(kind: &str, line: Line<'_>) -> Moment {
    let attributes = line.object("attributes");
    let name = line.string("name");
    let value = attributes.get("value").map(plain);
    match kind {
        "message" => {
            let message = line.object("message");
            let role = message.string("role");
            let text = message.get("content").map(conversation::content_text);
            let output = text.map(|text| Preview {
                role: role.clone(),
                text,
            });
            Moment {
                name: role,
                output,
                ..Moment::default()
            }
        }
        "metric" => {
            let name = attributes.string("metric_name").or(name);
            Moment {
                name,
                output: value,
                ..Moment::default()
            }
        }
        "identity.update" => Moment {
            name: line.object("context").string("user_id"),
            ..Moment::default()
        },
        "eval.result" => Moment {
            name,
            output: verdict(line),
            ..Moment::default()
        },
        "retrieval" => {
            let raw = line.object("raw");
            let found = ["output", "documents", "hits", "results", "data"];
            Moment {
                name,
                input: ["query", "input"]
                    .iter()
                    .find_map(|key| raw.get(key))
                    .map(plain),
                output: found.iter().find_map(|key| raw.get(key)).map(plain),
            }
        }
        _ => Moment {
            name,
            output: value,
            ..Moment::default()
        },
    }
}

/// Returns what an evaluation found.
fn verdict(line: Line<'_>) -> Option<Preview> {
    let outcome = line.object("outcome");
    let passed = outcome.get("success").and_then(Value::as_bool);
    let passed = passed.map(|passed| if passed { "passed" } else { "failed" }.to_owned());
    let score = outcome
        .number("eval_score")
        .map(|score| format!("score {score}"));
    let said: Vec<_> = passed
        .into_iter()
        .chain(score)
        .chain(outcome.string("failure_reason"))
        .collect();
    let text = preview::text(&said.join(", "));
    (!text.is_empty()).then_some(Preview { role: None, text })
}

fn plain(value: &Value) -> Preview {
    Preview {
        role: None,
        text: preview::of(value),
    }
}
