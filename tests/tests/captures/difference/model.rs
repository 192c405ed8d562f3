//! Differences that are there in calls to a model.

use serde_json::{Value, json};

use super::{Difference, at, remove};

pub(super) const MORE: &str = "what the protocol has no field for is an attribute, named by the GenAI conventions, \
     or `rollout.` where they have no name (defects 39, 53)";

pub(super) const CHAT_NAME: &str = "openai.chat.completions";
pub(super) const RESPONSES_NAME: &str = "openai.responses";
pub(super) const MESSAGES_NAME: &str = "anthropic.messages";

/// Where a chat completion is answered.
pub(crate) const CHAT: Difference = Difference::attributes(
    MORE,
    CHAT_NAME,
    &[
        "gen_ai.operation.name",
        "gen_ai.response.finish_reasons",
        "gen_ai.response.id",
        "gen_ai.response.model",
        // What was read from a cache, apart (defect 54).
        "gen_ai.usage.cache_read.input_tokens",
        "openai.api.type",
        "openai.response.service_tier",
        "openai.response.system_fingerprint",
    ],
);

/// Where the provider says nothing of its usage.
pub(crate) const CHAT_WITHOUT_USAGE: Difference = Difference::attributes(
    MORE,
    CHAT_NAME,
    &[
        "gen_ai.operation.name",
        "gen_ai.response.finish_reasons",
        "gen_ai.response.id",
        "gen_ai.response.model",
        "openai.api.type",
        "openai.response.service_tier",
        "openai.response.system_fingerprint",
    ],
);

/// Where a response is made.
pub(crate) const RESPONSES: Difference = Difference::attributes(
    MORE,
    RESPONSES_NAME,
    &[
        "gen_ai.operation.name",
        "gen_ai.response.finish_reasons",
        "gen_ai.response.id",
        "gen_ai.response.model",
        // What was read from a cache, and written to it, apart (defect 54).
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_write.input_tokens",
        "openai.api.type",
    ],
);

/// Where a message is answered.
pub(crate) const MESSAGES: Difference = Difference::attributes(
    MORE,
    MESSAGES_NAME,
    &[
        "gen_ai.operation.name",
        "gen_ai.request.max_tokens",
        "gen_ai.response.finish_reasons",
        "gen_ai.response.id",
        "gen_ai.response.model",
        // What was read from a cache, and written to it, apart (defect 54).
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_write.input_tokens",
        "rollout.response.service_tier",
    ],
);

/// Where the provider says nothing of its usage.
pub(crate) const MESSAGES_WITHOUT_USAGE: Difference = Difference::attributes(
    MORE,
    MESSAGES_NAME,
    &[
        "gen_ai.operation.name",
        "gen_ai.request.max_tokens",
        "gen_ai.response.finish_reasons",
        "gen_ai.response.id",
        "gen_ai.response.model",
    ],
);

/// Where a chat completion is asked for.
pub(crate) const CHAT_REQUEST: Difference = Difference::attributes(
    MORE,
    CHAT_NAME,
    &["gen_ai.operation.name", "openai.api.type"],
);

/// Where a response is asked for.
pub(crate) const RESPONSE_REQUEST: Difference = Difference::attributes(
    MORE,
    RESPONSES_NAME,
    &["gen_ai.operation.name", "openai.api.type"],
);

/// Where a message is asked for.
pub(crate) const MESSAGE_REQUEST: Difference = Difference::attributes(
    MORE,
    MESSAGES_NAME,
    &["gen_ai.operation.name", "gen_ai.request.max_tokens"],
);

/// Where the model wants tools called.
pub(crate) const TOOL_CALLS: Difference = Difference::attributes(
    "which tools the model asked for is told, by which calls and results are linked (defect 49)",
    "",
    &["rollout.tool_calls"],
);

/// Where the request says how much to think.
pub(crate) const REASONING: Difference = Difference::attributes(
    "how much the model was to think has a name in the GenAI conventions, beside `reasoning_mode`",
    "",
    &["gen_ai.request.reasoning.level"],
);

/// Where the request offers tools.
pub(crate) const TOOLS_OFFERED: Difference = Difference::attributes(
    "which tools the model could choose from is told by their names",
    "",
    &["gen_ai.tool.definitions"],
);

/// Where a model answers.
pub(crate) const MODEL_VERSION: Difference = Difference::rule(
    "the model that answered is told in the field that the protocol has for it",
    |both| {
        both.change_ours(|event| {
            let answered = ["attributes", "gen_ai.response.model"];
            let version = ["model", "model_version"];
            let is_known =
                at(event, &answered).is_none_or(|model| Some(model) == at(event, &version));
            if event["event_type"] == "span.end" && is_known {
                remove(event, &version);
            }
        })
    },
);

/// Where a response is made.
pub(crate) const RESPONSE_TYPES: Difference = Difference::rule(
    "an answer is as the client's types have it: Python's have a fraction of a second, Rust's no `store`",
    |both| {
        both.change(|event| {
            let Some(output) = event.get_mut("raw").and_then(|raw| raw.get_mut("output")) else {
                return;
            };
            if output["object"] == "response" {
                let created = output["created_at"].as_f64().unwrap_or_default();
                output["created_at"] = json!(created as u64);
                output.as_object_mut().map(|output| output.remove("store"));
            }
        })
    },
);

#[test]
fn a_version_is_that_of_the_answer() {
    let event = |version: &str| {
        json!({"event_type": "span.end", "model": {"model_version": version},
            "attributes": {"gen_ai.response.model": "m"}})
    };
    let allowed = |version: &str| {
        let mut both = super::Both {
            reference: Vec::new(),
            ours: vec![event(version)],
        };
        let problems = MODEL_VERSION.allow(&mut both);
        problems.is_empty() && both.ours[0]["model"] == Value::Null
    };
    assert!(allowed("m"));
    assert!(!allowed("n"));
}
